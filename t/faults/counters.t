# What is counted is exact: through reloads to the event, and through the death
# of workers nothing that came is left out of the sum.  PINTAG_FAULTS=long:
# 100,000 events.

use strict;
use warnings;

use FindBin;
use lib "$FindBin::Bin/../lib";

use JSON::PP;
use Pintag::Deadline;
use Pintag::Oracle;
use Pintag::Recorder;
use Test::More;
use Time::HiRes qw(sleep time);

my $long = ($ENV{PINTAG_FAULTS} // '') eq 'long';
my @outcomes = qw(delivered refused failed skipped rejected fallback lost);

sub status { return decode_json($_[0]->client->get('/status')->answer->{body}) }

# by transport, once nothing waits
sub at_rest {
    my $nginx = shift;
    my $end = time() + 30;
    my @destinations;

    do {
        sleep 0.2;
        @destinations = @{ status($nginx)->{destinations} };
    } until time() > $end || !grep { $_->{pending} || $_->{spooled} } @destinations;

    return { map { $_->{transport} => $_ } @destinations };
}

for (
    # events; kills, reloads; whether figures are exact
    [ 'reloads', $long ? 50_000 : 2000, 0, $long ? 20 : 4 ],
    [ 'kills', $long ? 50_000 : 2000, $long ? 50 : 6, $long ? 10 : 2 ],
) {
    my ($what, $events, $kills, $reloads) = @$_;
    my $recorder = Pintag::Recorder->new;
    my $oracle = Pintag::Oracle->new(recorder => $recorder);
    my $nginx = $oracle->nginx(spool => 'file_size=256k', http => 'pintag_zone zone=pintag:2m;',
                               server => 'location = /status { pintag_status; }');

    $oracle->learn($nginx->port, '/delivered');

    my $before = at_rest($nginx);
    my $load = $oracle->load(port => $nginx->port, events => $events, seconds => slow($long ? 40 : 3),
                             uris => [('/stored') x 4, '/received', '/delivered']);
    my $faults = $kills + $reloads;

    for my $n (1 .. $faults) {
        $load->wait_for($events * 0.9 * $n / ($faults + 1)) or last;

        if ($n % ($faults / $reloads) < 1) {
            $nginx->reload;

        } else {
            my @workers = $nginx->worker_pids;
            kill 'KILL', $workers[rand @workers] if @workers;
        }
    }

    is $load->finish->{acked}, $events, "$what: all $events events are acknowledged";
    ok defined $oracle->drain($kills ? 20 : 120) || $kills, 'and nothing waits any more';

    my $after = at_rest($nginx);
    my $verdict = $oracle->judge;
    my $types = status($nginx)->{events};
    my ($copies, $delivered, $lost) = (0, 0, 0);

    for my $transport (qw(tag api)) {
        my %of = map { $_ => $after->{$transport}{$_} - $before->{$transport}{$_} } 'received', @outcomes;
        my $sum = 0;

        $sum += $of{$_} for @outcomes;
        $delivered += $of{delivered};
        $lost += $of{lost};

        is $after->{$transport}{pending}, 0, "$transport: nothing is pending";
        is $after->{$transport}{spooled}, 0, 'nor spooled';
        is $sum, $of{received}, 'what was received has ended'
            or diag encode_json($after->{$transport});
        cmp_ok $of{received}, '>=', $events, 'and is all that was acknowledged';

        next if $kills;

        is $of{received}, $events, 'to the event';
        is $of{delivered}, $events, 'delivered';
    }

    # the recorder forgets what was learnt from
    $copies = $verdict->{copies};

    if ($kills) {
        # Pinterest got it, and nobody lived to count it
        cmp_ok $delivered, '<=', $copies, "delivered: $delivered, arrived: $copies, lost: $lost";
        cmp_ok $types->{track}, '>=', $events, 'events';

    } else {
        is $delivered, $copies, 'as many as have arrived';
        is $types->{track}, $events + 1, 'events';
        is $lost, 0, 'none is lost';
    }
}

done_testing();
