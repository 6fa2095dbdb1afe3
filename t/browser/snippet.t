# conf-examples/browser-snippet.html in a browser: a page of another origin than the
# endpoint, which takes its events by pintag_allow_origin and their write key.

use strict;
use warnings;

use FindBin;
use lib "$FindBin::Bin/../lib";

use Pintag::Nginx;
use Pintag::Node;
use Pintag::Setup;
use Pintag::StandIn;
use Test::More;

my $dir = $FindBin::Bin;

need_programs(node => 'nodejs', npm => 'npm', chromium => 'chromium');
install_modules($dir);

my $up = Pintag::StandIn->new;
my $nginx = Pintag::Nginx->new(no_start => 1, ports => 2, http => collector($up->port,
    at => '/pintag',
    collect => 'pintag_write_keys shop-web-1; pintag_allow_origin http://127.0.0.1:%%PORT2%%;
                pintag_retry attempts=1 min=10ms max=20ms;',
    http => 'server { listen 127.0.0.1:%%PORT2%%; root %%DIR%%/html; }'));

my $page = text_of(Pintag::Nginx->root . '/conf-examples/browser-snippet.html');
my $endpoint = 'http://127.0.0.1:' . $nginx->port . '/pintag';

$page =~ s{https://events\.shop\.example/pintag}{$endpoint} or die 'no endpoint';
mkdir $nginx->dir . '/html';
$nginx->write_file('html/index.html', $page);
$nginx->start;

my $url = 'http://127.0.0.1:' . $nginx->port(2);

# the queries that came since the last look
my $seen = 0;

sub came {
    my $count = shift;

    $up->wait_for($seen + $count, 10);
    my @uris = map { $_->{uri} } ($up->requests)[$seen .. $up->requests - 1];
    $seen += @uris;
    return @uris;
}

run_script("$dir/snippet.mjs", $url, 'sends');

my @uris = came(2);

is scalar @uris, 2, 'a page and an order';
like $uris[0], qr/&event=pagevisit$/, 'the page';
like $uris[1], qr/ed\[value\]=18\.99&ed\[currency\]=EUR&ed\[order_id\]=o-1\b.*&event=checkout$/, 'the order';
like $uris[1], qr/pd\[em\]=[0-9a-f]{64}/, 'with a hashed address';
is scalar(grep { /ada/i } @uris), 0, 'and not in clear';

run_script("$dir/snippet.mjs", $url, 'leaves');
@uris = came(2);
is scalar(grep { /ed\[order_id\]=o-2\b.*&event=lead$/ } @uris), 1, 'what the page left by has arrived, once';

$up->behave({ status => 503 }, { status => 503 }, {});
run_script("$dir/snippet.mjs", $url, 'retries');
@uris = came(4);
cmp_ok scalar(grep { /o-3\b/ } @uris), '>=', 1, 'it arrives';
my %ids = map { /ed\[event_id\]=([^&]+)/ ? ($1 => 1) : () } @uris;
is scalar keys %ids, 2, 'the same two events, by their ids';

is join('', grep { !/upstream/ && !/pintag/ } $nginx->errors), '', 'no error';

done_testing();
