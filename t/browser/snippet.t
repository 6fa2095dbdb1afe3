# conf-examples/browser-snippet.html in a browser: what its queue does with events
# that are many, large or refused, of several tabs, and when the page is left.
# That pages of another origin may send at all is origins.t's affair.

use strict;
use warnings;

use FindBin;
use lib "$FindBin::Bin/../lib";

use Pintag::Deadline;
use Pintag::Nginx;
use Pintag::Node;
use Pintag::Setup;
use Pintag::StandIn;
use Test::More;
use Time::HiRes qw(sleep time);

my $dir = $FindBin::Bin;

need_programs(node => 'nodejs', npm => 'npm', chromium => 'chromium');
install_modules($dir);

my $up = Pintag::StandIn->new;
my $nginx = Pintag::Nginx->new(no_start => 1, ports => 2, http => collector($up->port,
    at => '/pintag',
    collect => 'pintag_write_keys shop-web-1; pintag_allow_origin http://localhost:%%PORT2%%;
                pintag_max_body 100k; client_body_buffer_size 100k;
                pintag_retry attempts=1 min=10ms max=20ms; access_log logs/posts.log posts;',
    http => 'log_format posts "$request_method $http_sec_fetch_mode $status";
             server { listen 127.0.0.1:%%PORT2%%; root %%DIR%%/html; }'));

my $page = text_of(Pintag::Nginx->root . '/conf-examples/browser-snippet.html');
my $endpoint = 'http://127.0.0.1:' . $nginx->port . '/pintag';

$page =~ s{https://events\.shop\.example/pintag}{$endpoint} or die 'no endpoint';
mkdir $nginx->dir . '/html';
$nginx->write_file('html/index.html', $page);
$nginx->write_file('html/left.html', "<!DOCTYPE html>\n<link rel=icon href=data:,>\n");
$page =~ s/^pintag\.page\(\);\n//m or die 'no event';
$nginx->write_file('html/quiet.html', $page);
$nginx->start;

my ($seen, $posted) = (0, 0);


# Runs a part of the script, in which so many conversions come: their queries.
sub run_part {
    my ($name, $count) = @_;

    run_script("$dir/snippet.mjs", 'http://localhost:' . $nginx->port(2), $name);

    $up->wait_for($seen + $count, 10);
    my @uris = map { $_->{uri} } ($up->requests)[$seen .. $up->requests - 1];
    $seen += @uris;
    return @uris;
}


# the orders among them, each by its name, once
sub orders {
    my %orders = map { /ed\[order_id\]=([^&]+)/ ? ($1 => 1) : () } @_;
    return join ' ', sort keys %orders;
}


# the POSTs since the last look, so many at least: their modes of fetch and their
# statuses; their lines are written after the answers
sub posts {
    my $least = shift // 1;
    my $end = deadline(5);
    my @posts;

    for (;;) {
        @posts = $nginx->file('logs/posts.log') =~ /^POST (\S+ \d+)$/mg;
        last if @posts >= $posted + $least || time() > $end;
        sleep 0.02;
    }

    my @new = @posts[$posted .. $#posts];

    $posted = @posts;
    return @new;
}


{
    # each leaves by a courier of its own: they come in any order
    my @uris = sort { $b =~ /pagevisit/ <=> $a =~ /pagevisit/ } run_part('sends', 2);

    is scalar @uris, 2, 'a page and an order';
    like $uris[0], qr/&event=pagevisit$/, 'the page';
    like $uris[1], qr/ed\[value\]=18\.99&ed\[currency\]=EUR&ed\[order_id\]=o-1\b.*&event=checkout$/, 'the order';
    like $uris[1], qr/pd\[em\]=[0-9a-f]{64}/, 'with a hashed address';
    is scalar(grep { /ada/i } @uris), 0, 'and not in clear';
    is_deeply [grep { $_ ne 'cors 200' } posts()], [], 'by fetch';
}

{
    my @uris = run_part('leaves', 2);

    is scalar(grep { /ed\[order_id\]=leaves\b.*&event=lead$/ } @uris), 1, 'what the page left by has arrived, once';
    is join(', ', sort(posts(2))), 'cors 200, no-cors 200', 'by sendBeacon, and the page by the next page';
}

{
    $up->behave({ status => 503 }, { status => 503 }, {});

    my @uris = run_part('retries', 4);
    my %ids = map { /ed\[event_id\]=([^&]+)/ ? ($1 => 1) : () } @uris;

    is orders(@uris), 'retries', 'it arrives';
    is scalar keys %ids, 2, 'the same two events, by their ids';
}

is orders(run_part('stays', 2)), 'stays', 'the next page sends what an outage has kept';
is orders(run_part('hangs', 2)), 'hangs', 'a request without an answer ends';
posts();

{
    is orders(run_part('large', 23)), join(' ', sort map({ "large-$_" } 1 .. 20), 'huge', 'after'),
        'each of them arrives';
    is_deeply [grep { $_ ne 'cors 200' } posts()], [], 'none was refused';
}

{
    is orders(run_part('refused', 8)), join(' ', map { "good-$_" } 1 .. 6), 'the good ones arrive';

    my @posts = posts(5);

    is scalar(grep { $_ eq 'cors 413' } @posts), 4, '413 for 7, 4, 2 and 1 of them';
    is scalar(grep { $_ eq 'cors 400' } @posts), 1, '400 for one alone';
}

is orders(run_part('full', 100)), join(' ', sort map { "full-$_" } 6 .. 105), 'the newest arrive';
is orders(run_part('tabs', 42)), join(' ', sort map { ("a-$_", "b-$_") } 1 .. 20), 'of both tabs all arrive';
is orders(run_part('turns', 4)), 'first second', 'of both tabs';
is orders(run_part('crowded', 2)), 'crowded', 'it arrives';
is orders(run_part('unstored', 2)), 'unstored', 'it arrives';

is join('', grep { !/upstream/ && !/pintag/ } $nginx->errors), '', 'no error';

done_testing();
