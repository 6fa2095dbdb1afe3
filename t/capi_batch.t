# Events for the Conversions API leave at once while nothing is in flight, and
# together while something is.

use strict;
use warnings;

use FindBin;
use lib "$FindBin::Bin/lib";

use IO::Select;
use JSON::PP;
use Pintag::Nginx;
use Pintag::Setup;
use Pintag::StandIn;
use Test::More;
use Time::HiRes qw(time);

my $json = JSON::PP->new->canonical;


# ---- idle: what comes leaves at once

{
    my $up = Pintag::StandIn->new(act => 'hold');
    my $nginx = api_nginx($up->port);

    # a timer would hold the first back: it is seen before any answer, and the
    # second, too, while the window has room
    for my $n (1, 2) {
        my $client = $nginx->client->post('/collect', api_batch($n));
        my @requests = $up->wait_for($n, 5, arrived => 1);

        is scalar @requests, $n, "event $n leaves while " . ($n - 1) . ' are in flight';
        is join(' ', api_sizes(@requests)), join(' ', (1) x $n), 'alone';

        push @{ $nginx->{kept} }, $client;
    }

    $up->release(2);
    is join(' ', map { $_->answer->{status} } @{ $nginx->{kept} }), '200 200',
        'both are answered';
}


# ---- what comes meanwhile waits, and leaves together when there is room

for my $window (2, 1, 3) {
    my $up = Pintag::StandIn->new(act => 'hold');
    my $nginx = api_nginx($up->port, collect => "pintag_window api=$window;");
    my @clients;

    for my $n (1 .. $window) {
        push @clients, $nginx->client->post('/collect', api_batch($n));
        $up->wait_for($n, 5, arrived => 1) or die 'the window is not filled';
    }

    push @clients, map { $nginx->client->post('/collect', api_batch($_)) } $window + 1 .. 40;

    # all of them are read once another client has been answered
    is $nginx->client->post('/collect', '{"type":"identify"}')->answer->{status},
        200, "window $window: 40 clients";
    is scalar($up->requests), $window, "$window requests and no more";

    $up->release;
    my @requests = $up->wait_for($window + 1, 5, arrived => 1);

    is join(' ', api_sizes(@requests)), join(' ', (1) x $window, 40 - $window),
        'an answer comes, and all that waits leaves in one request';

    $up->release($window);
    is join(' ', map { $_->answer->{status} } @clients), join(' ', (200) x 40),
        'each client is answered';
    is_deeply [sort { $a <=> $b } api_events_of($up->requests)], [1 .. 40], 'each event once';
    is $up->max_in_flight, $window, "never more than $window in flight";
    is join('', $nginx->errors), '', 'no error';
}


# ---- busy: few requests carry many clients' events, each hears its own outcome

{
    my $up = Pintag::StandIn->new(delay => 0.05, fails => 'order_id":"(o-\d*[27])"');
    my $nginx = api_nginx($up->port);
    my $select = IO::Select->new;
    my (%clients, %answers);
    my $next = 0;

    my $post = sub {
        my $client = shift;
        $client->{order} = ++$next;
        $client->post('/collect', $json->encode(api_order($next)));
    };

    for (1 .. 64) {
        my $client = $nginx->client;
        $clients{$client->sock} = $client;
        $select->add($client->sock);
        $post->($client);
    }

    while ($select->count) {
        my @ready = $select->can_read(10) or last;

        for my $sock (@ready) {
            my $client = $clients{$sock};
            $answers{$client->{order}} = $client->answer;

            if ($next < 2000) {
                $post->($client);
            } else {
                $select->remove($sock);
            }
        }
    }

    my @requests = $up->wait_for(1, 5);

    is scalar keys %answers, 2000, '2,000 clients of one event each, 64 at a time, are answered';
    is scalar(grep { $_->{status} == 200 } values %answers), 2000, 'all of them 200';

    my @wrong = grep {
        my $got = answer_of($answers{$_});
        my $event = $got->{events}[0] // {};

        /[27]$/ ? ($event->{status} // '') ne 'refused' || ($event->{message} // '') ne "o-$_"
                : $got->{delivered} != 1
    } keys %answers;

    is join(' ', @wrong), '', 'each with what became of its own event';
    is_deeply [sort { $a <=> $b } api_events_of(@requests)], [1 .. 2000], 'each event is sent once';
    # fewer the quicker the clients are: more on a busy machine
    cmp_ok scalar @requests, '<=', 200, scalar(@requests) . ' requests carry them';
    is $up->max_in_flight, 2, 'two at a time';
    is join('', $nginx->errors), '', 'no error';
}


# ---- a client's batch, and the limits of one request

for (
    [ 'a batch of 1,000', [1 .. 1000], '', '', [1000] ],
    [ 'a batch of 2,500', [1 .. 2500], 'pintag_max_events 2500; pintag_max_body 2m;', '', [1000, 1000, 500] ],
    [ 'a batch of 25, by tens', [1 .. 25], 'pintag_batch events=10;', '', [10, 10, 5] ],
    [ 'tests take 20 at a time', [1 .. 45], '', 'testMode: true', [20, 20, 5] ],
    [ 'or fewer', [1 .. 25], 'pintag_batch events=10;', 'testMode: true', [10, 10, 5] ],
) {
    my ($what, $events, $collect, $config, $sizes) = @$_;
    my $up = Pintag::StandIn->new;
    my $nginx = api_nginx($up->port, config => $config, collect => $collect,
                          server => 'client_max_body_size 8m;');
    my $answer = $nginx->post('/collect', api_batch(@$events));
    my @requests = $up->requests;

    is_deeply answer_of($answer), { success => JSON::PP::true, received => scalar @$events,
                                    delivered => scalar @$events }, "$what: delivered";
    is join(' ', sort { $b <=> $a } api_sizes(@requests)), "@$sizes",
        scalar(@$sizes) . ' requests';
    is_deeply [sort { $a <=> $b } api_events_of(@requests)], $events, 'each event once';
    is join(' ', map { $_->{uri} } @requests),
        join(' ', ('/v5/ad_accounts/' . ACCOUNT . '/events' . ($config && '?test=true')) x @$sizes),
        'to the ad account';
}


# ---- size: no body is larger

for my $size ('', '100k', '1m') {
    my $max = !$size ? 2 << 20 : $size eq '1m' ? 1 << 20 : 100 << 10;
    my $up = Pintag::StandIn->new;
    my $nginx = api_nginx($up->port,
        collect => 'pintag_max_body 8m; pintag_ack delivered timeout=30s;' . ($size && "pintag_batch size=$size;"),
        server => 'client_max_body_size 8m;');

    # 3 MB of what is sent
    my @events = map { api_order($_, content_name => 'x' x 3500) } 1 .. 800;
    my $answer = $nginx->post('/collect', api_batch(@events));
    my @requests = $up->requests;
    my @sizes = map { length $_->{body} } @requests;
    my $sum = 0;

    $sum += $_ for @sizes;

    is answer_of($answer)->{delivered}, 800, "3 MB of events, size=$size: delivered";
    cmp_ok $sum, '>', 3_000_000, "$sum bytes";
    is scalar(grep { $_ > $max } @sizes), 0, "none of @{[scalar @sizes]} requests is over $max bytes";

    # each but the last is as full as it can be
    cmp_ok scalar(grep { $_ <= $max - 5000 } @sizes), '<=', 1, 'and they are full';
    is_deeply [sort { $a <=> $b } api_events_of(@requests)], [1 .. 800], 'each event once';
}


# ---- clients take turns: a large batch does not hold up everybody else's events

{
    my $up = Pintag::StandIn->new(act => 'hold');
    my $nginx = api_nginx($up->port, collect => 'pintag_window api=1; pintag_batch events=10;');
    my $bulk = $nginx->client->post('/collect', api_batch(1 .. 200));

    $up->wait_for(1, 5, arrived => 1) or die 'the window is not filled';

    my @others = map { $nginx->client->post('/collect', api_batch($_)) } 1001 .. 1003;

    $nginx->client->post('/collect', '{"type":"identify"}')->answer;
    $up->release;

    my @requests = $up->wait_for(2, 5, arrived => 1);

    is scalar(grep { $_ > 1000 } api_events_of($requests[1])), 3,
        "three clients' events are in the next request, beside those of a batch of 200";
}

done_testing();
