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

    # Idle is the time in which the upstream had nothing to answer while events
    # waited; 20 ms is one answer of its.
    cmp_ok $up->max_idle, '<', 0.02, 'the upstream is never idle';

    is join('', $nginx->errors), '', 'no error';
}

done_testing();
