# No memory stays: 100,000 events leave the worker as large as 10,000 did,
# delivered or given up; and of the largest requests no more than 24 MB stay.

use strict;
use warnings;

use FindBin;
use lib "$FindBin::Bin/lib";

use Pintag::Nginx;
use Pintag::Setup;
use Test::More;

my $keeper = Pintag::Nginx->keeps_memory;

plan skip_all => "$keeper keeps freed memory" if $keeper;

# the answer to a hundred events
my $statuses = join ',', ('{"status":"processed"}') x 100;

my $pinterest = Pintag::Nginx->new(http => <<"END");
    keepalive_requests 1000000;
    server {
        listen 127.0.0.1:%%PORT%%;
        access_log off;
        set \$answer '{"events":[$statuses]}';
        location /refuse { return 400 '{"code":1,"message":"no"}'; }
        location /v3/ { empty_gif; }
        location /v5/ { return 200 \$answer; }
        location / { return 503; }
    }
END

# deliveries that succeed, and such that are tried, stopped and given up

my $impatient = 'pintag_ack delivered timeout=5ms; pintag_retry attempts=2 min=1ms max=1ms;';

for (
    [ 'delivered', 200, 'tag', '', '' ],
    [ 'given up', 503, 'tag', $impatient, 'rewrite ^ /none break;' ],
    [ 'delivered to the Conversions API', 200, 'api', '', '' ],
    [ 'given up, 50 of them unanswered, by the Conversions API', 503, 'api', $impatient . 'pintag_batch events=50;', '' ],
    [ 'refused by the Conversions API, taken apart', 200, 'api', '', 'rewrite ^ /refuse break;' ],
) {
    my ($what, $status, $transport, $collect, $location) = @$_;
    my %args = (level => 'emerg', collect => $collect, pinterest => $location,
                http => 'access_log off; keepalive_requests 1000000;');
    my $nginx = $transport eq 'api' ? api_nginx($pinterest->port, %args)
                : Pintag::Nginx->new(level => 'emerg', http => collector($pinterest->port, %args));
    my ($worker) = $nginx->worker_pids;

    my $events = $transport eq 'api' ? \&api_batch : \&batch;

    is events($nginx, 100, $status, $events), 100, "10,000 events are $what";
    my $before = $nginx->rss($worker);

    is events($nginx, 900, $status, $events), 900, "90,000 more are $what";
    my $after = $nginx->rss($worker);

    is_deeply [$nginx->worker_pids], [$worker], 'the worker is the same';
    cmp_ok $after - $before, '<=', 1024,
        "resident size in KiB: $before after 10,000, $after after 100,000";
}


# ---- what one request needed is kept for the next, up to so much

for ([ 300, 2_300_000 ], [ 3600, 28_000_000 ]) {
    my ($events, $size) = @$_;
    my $nginx = Pintag::Nginx->new(level => 'emerg', http => collector($pinterest->port,
        collect => 'pintag_preview on; pintag_max_body 2m; pintag_max_events 4000; client_max_body_size 2m;',
        http => 'access_log off; keepalive_requests 1000;'));
    my ($client, $least) = ($nginx->client, $nginx->rss);

    # a number of 20 bytes is sent as 327
    my $numbers = join ',', ('1.2345678901234e-310') x 24;
    my $body = '[' . join(',', (qq({"event":"x","properties":{"a":[$numbers]}})) x $events) . ']';

    my $previews = sub {
        return scalar grep { length $client->post('/collect', $body)->answer->{body} > $size } 1 .. $_[0];
    };

    is $previews->(3), 3, "$events events of half a KiB that become eight";
    my $before = $nginx->rss;

    is $previews->(20), 20, 'and again';
    my $after = $nginx->rss;

    cmp_ok $after - $before, '<=', 1024, "resident size in KiB: $before after 3, $after after 23";
    cmp_ok $after - $least, '<=', 24 * 1024, "$least before";
}


# how many of so many batches of 100 were answered with the status
sub events {
    my ($nginx, $requests, $status, $events) = @_;
    my ($client, $good) = ($nginx->client, 0);
    my $body = $events->(1 .. 100);

    for (1 .. $requests) {
        my $answer = $client->post('/collect', $body)->answer // last;
        $good++ if $answer->{status} == $status;
    }

    return $good;
}

done_testing();
