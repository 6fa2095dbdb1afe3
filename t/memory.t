# No memory stays: 100,000 events leave the worker as large as 10,000 did.

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

my $nginx = Pintag::Nginx->new(
    level => 'emerg',
    http => "access_log off; keepalive_requests 1000000;\n"
            . collector($pinterest->port,
                collect => 'pintag_retry attempts=2 min=1ms max=1ms;'));

my $body = batch(1 .. 100);
my ($worker) = $nginx->worker_pids;

sub events {
    my $requests = shift;
    my ($client, $good) = ($nginx->client, 0);

    for (1 .. $requests) {
        my $answer = $client->post('/collect', $body)->answer // last;
        $good++ if $answer->{status} == 200;
    }

    return $good;
}

is events(100), 100, '10,000 events are delivered';
my $before = $nginx->rss($worker);

is events(900), 900, '90,000 more are delivered';
my $after = $nginx->rss($worker);

is_deeply [$nginx->worker_pids], [$worker], 'the worker is the same';
cmp_ok $after - $before, '<=', 1024,
    "resident size in KiB: $before after 10,000, $after after 100,000";

done_testing();
