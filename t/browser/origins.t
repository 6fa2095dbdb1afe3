# Pages of another origin than the endpoint, in a browser: conf-examples/browser-snippet.html,
# and one with @segment/analytics-next.  The page is on localhost, the endpoint on 127.0.0.1,
# which are two hosts: what pintag_allow_origin lists is taken, by a preflight where the page's
# request needs one, and of what it does not list the browser lets nothing through.

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
my $clients = "$dir/../clients";
my $umd = "$clients/node_modules/\@segment/analytics-next/dist/umd";

need_programs(node => 'nodejs', npm => 'npm', chromium => 'chromium');
install_modules($_) for $dir, $clients;

my $up = Pintag::StandIn->new;
my $nginx = Pintag::Nginx->new(no_start => 1, ports => 2, http => collector($up->port,
    at => '/listed',
    collect => 'pintag_write_keys shop-web-1 wk; pintag_allow_origin http://localhost:%%PORT2%%;
                access_log logs/seen.log seen;',
    server => location('/foreign', 'pintag_write_keys shop-web-1 wk; pintag_allow_origin http://shop.example;',
                                   'access_log logs/seen.log seen;')
              . location('/silent', 'pintag_write_keys shop-web-1 wk; access_log logs/seen.log seen;'),
    http => <<"END"));
    log_format seen '\$uri \$request_method \$http_sec_fetch_mode \$http_origin \$status';

    server {
        listen 127.0.0.1:%%PORT2%%;
        root %%DIR%%/html;

        # what the page of analytics-next loads where Segment's host has it

        location = /shop.html {
            root $clients;
        }

        location = /analytics.js/v1/wk/analytics.min.js {
            alias $umd/standalone.js;
        }

        location /analytics-next/bundles/ {
            alias $umd/;
        }

        location = /v1/projects/wk/settings {
            default_type application/json;
            return 200 '{"integrations":{"Segment.io":{"apiKey":"wk"}}}';
        }

        location = /seen.log {
            alias %%DIR%%/logs/seen.log;
        }

        include mime.types;
    }
END

my $origin = 'http://localhost:' . $nginx->port(2);
my $endpoint = 'http://127.0.0.1:' . $nginx->port;
my $snippet = text_of(Pintag::Nginx->root . '/conf-examples/browser-snippet.html');

mkdir $nginx->dir . '/html';
$nginx->write_file('conf/mime.types', 'types { text/html html; text/javascript js; }');

for my $list (qw(listed foreign silent)) {
    my $page = $snippet =~ s{https://events\.shop\.example/pintag}{$endpoint/$list}r;

    $page ne $snippet or die 'no endpoint';
    $nginx->write_file("html/$list.html", $page);
}

$nginx->write_file('html/left.html', "<!DOCTYPE html>\n<link rel=icon href=data:,>\n");
$nginx->start;

my ($came, $seen) = (0, 0);

for (
    # client, events, what nginx sees where its origin is listed, where it is not
    [ 'snippet', 3, [ "POST cors $origin 200", "POST no-cors $origin 200" ],
                    [ "POST cors $origin 403", "POST no-cors $origin 403" ] ],
    [ 'json', 1, [ "OPTIONS cors $origin 204", "POST cors $origin 200" ], [ "OPTIONS cors $origin 403" ] ],
    [ 'single', 2, [ "OPTIONS cors $origin 204", "POST cors $origin 200" ], [ "OPTIONS cors $origin 403" ] ],
    [ 'batching', 2, [ "OPTIONS cors $origin 204", "POST cors $origin 200" ], [ "OPTIONS cors $origin 403" ] ],
) {
    my ($client, $count, $taken, $refused) = @$_;

    # those that refuse come first: what they let through would be one too many
    run_script("$dir/origins.mjs", $origin, $endpoint, $client, qw(foreign silent listed));
    $up->wait_for($came + $count, 10);

    my @requests = $up->requests;
    my @lines = split /\n/, $nginx->file('logs/seen.log');
    my %lines;

    for (@lines[$seen .. $#lines]) {
        my ($list, $line) = m{^/(\w+)\S* (.*)};
        $lines{$list}{$line} = 1;
    }

    is @requests - $came, $count, "$client: the events of the page that is listed reach Pinterest";
    is_deeply [sort keys %{ $lines{listed} }], $taken, 'they came so';
    is_deeply [sort keys %{ $lines{$_} }], $refused, "the others so, $_" for qw(foreign silent);

    ($came, $seen) = (scalar @requests, scalar @lines);
}

is join('', $nginx->errors), '', 'no error';

done_testing();
