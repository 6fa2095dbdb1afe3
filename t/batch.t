# A batch leaves within its window, and the upstream is never idle meanwhile.

use strict;
use warnings;

use FindBin;
use lib "$FindBin::Bin/lib";

use Pintag::Nginx;
use Pintag::Setup;
use Pintag::StandIn;
use Test::More;

my $events = 500;

for my $window (16, 4) {
    my $up = Pintag::StandIn->new(delay => 0.02);
    my $nginx = Pintag::Nginx->new(
        http => collector($up->port, collect => "pintag_window tag=$window;"));

    my $answer = $nginx->post('/collect', batch(1 .. $events));
    my @requests = $up->wait_for($events, 10);

    is $answer->{status}, 200, "window $window: the batch is accepted";
    is_deeply answer_of($answer),
        { success => JSON::PP::true, received => $events, delivered => $events },
        'every event is delivered';

    is scalar @requests, $events, 'as many requests as events';
    is_deeply [sort { $a <=> $b } events_of(@requests)], [1 .. $events],
        'each event once';

    cmp_ok $up->connections, '<=', $window + 1, 'over few connections';
    is $up->max_in_flight, $window, 'the window is used and kept';

    note sprintf 'the upstream had nothing to answer for at most %.1f ms',
        $up->max_idle * 1000;

    is join('', $nginx->errors), '', 'no error';
}


# ---- a place in the window is filled the moment it is free, one by one

{
    my $window = 16;
    my $up = Pintag::StandIn->new(act => 'hold');
    my $nginx = Pintag::Nginx->new(
        http => collector($up->port, collect => 'pintag_ack delivered timeout=60s;'));
    my $client = $nginx->client->post('/collect', batch(1 .. 100));

    $up->wait_for($window, 5, arrived => 1) or die 'the window is not filled';

    for my $answered (1 .. 100 - $window) {
        $up->release;
        $up->wait_for($window + $answered, 5, arrived => 1)
            or fail("answer $answered: the next request does not come"), last;
    }

    my @requests = $up->requests;

    is scalar @requests, 100, 'each answer brings the next request';
    is join(' ', map { $_->{in_flight} } @requests[$window .. 99]),
        join(' ', ($window) x (100 - $window)),
        "with $window in flight all the while: the upstream is never idle";

    $up->release($window);
    is $client->answer->{status}, 200, 'then the batch is delivered';
}


# ---- a large batch does not hold up everybody else's events

{
    my $up = Pintag::StandIn->new(act => 'hold');
    my $nginx = Pintag::Nginx->new(
        http => collector($up->port, collect => 'pintag_window tag=4;'));
    my $bulk = $nginx->client->post('/collect', batch(1 .. 200));

    $up->wait_for(4, 5, arrived => 1) or die 'the window is not filled';

    my @others = map { $nginx->client->post('/collect', batch($_)) } 1001 .. 1003;

    # all three are read once a fourth client has been answered
    is $nginx->client->post('/collect', '{"type":"identify"}')->answer->{status},
        200, 'three more events wait behind 196';

    for my $n (1 .. 6) {
        $up->release;
        $up->wait_for(4 + $n, 5, arrived => 1) or die 'nothing leaves';
    }

    is scalar(grep { $_ > 1000 } (events_of($up->requests))[4 .. 9]), 3,
        'and are among the next six that leave';
}

done_testing();
