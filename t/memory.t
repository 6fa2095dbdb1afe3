# No memory stays: 100,000 events leave the worker as large as 10,000 did,
# delivered or given up.

use strict;
use warnings;

use FindBin;
use lib "$FindBin::Bin/lib";

use Pintag::Nginx;
use Pintag::Setup;
use Test::More;

my $nginx_bin = $ENV{TEST_NGINX_BINARY} || 'nginx';

plan skip_all => 'a sanitizer keeps freed memory'
    if `'$nginx_bin' -V 2>&1` =~ /-fsanitize/;

my $pinterest = Pintag::Nginx->new(http => <<'END');
    keepalive_requests 1000000;
    server {
        listen 127.0.0.1:%%PORT%%;
        access_log off;
        location /v3/ { empty_gif; }
        location / { return 503; }
    }
END

# deliveries that succeed, and such that are tried, stopped and given up

for (
    [ 'delivered', 200, '', '' ],
    [ 'given up', 503, 'pintag_ack delivered timeout=5ms;
                        pintag_retry attempts=2 min=1ms max=1ms;',
      'rewrite ^ /none break;' ],
) {
    my ($what, $status, $collect, $location) = @$_;
    my $nginx = Pintag::Nginx->new(
        level => 'emerg',
        http => "access_log off; keepalive_requests 1000000;\n"
                . collector($pinterest->port, collect => $collect,
                            pinterest => $location));
    my ($worker) = $nginx->worker_pids;

    is events($nginx, 100, $status), 100, "10,000 events are $what";
    my $before = $nginx->rss($worker);

    is events($nginx, 900, $status), 900, "90,000 more are $what";
    my $after = $nginx->rss($worker);

    is_deeply [$nginx->worker_pids], [$worker], 'the worker is the same';
    cmp_ok $after - $before, '<=', 1024,
        "resident size in KiB: $before after 10,000, $after after 100,000";
}


# how many of so many batches of 100 were answered with the status
sub events {
    my ($nginx, $requests, $status) = @_;
    my ($client, $good) = ($nginx->client, 0);
    my $body = batch(1 .. 100);

    for (1 .. $requests) {
        my $answer = $client->post('/collect', $body)->answer // last;
        $good++ if $answer->{status} == $status;
    }

    return $good;
}

done_testing();
