# The spool fails, the fallback is to take what it does not, and either of them
# recovers first.

use strict;
use warnings;

use FindBin;
use lib "$FindBin::Bin/../lib";

use Pintag::Deadline;
use Pintag::Nginx;
use Pintag::Sections;
use Pintag::Setup;
use Pintag::StandIn;
use Test::More;
use Time::HiRes qw(sleep time);


for (
    [ 'delivered timeout=1200ms', 'the spool' ],
    [ 'delivered timeout=1200ms', 'the fallback' ],
    [ 'delivered timeout=1200ms', 'Pinterest' ],
) {
    my ($mode, $first) = @$_;
    my $up = Pintag::StandIn->new(status => 503);
    my $store = Pintag::StandIn->new(status => 503);
    my $fallback = $store->port;
    my $nginx = Pintag::Nginx->new(http => collector($up->port,
        http => 'pintag_spool %%DIR%%/spool;',
        server => "location = /store { internal; proxy_pass http://127.0.0.1:$fallback/; }",
        collect => "pintag_ack $mode; pintag_fallback /store;"
                   . ' pintag_retry attempts=100 min=20ms max=40ms;'));
    my $dir = $nginx->dir;
    my ($worker) = $nginx->worker_pids;

    sleep slow(0.2);
    rename "$dir/spool", "$dir/away" or die "rename: $!";

    my @clients = map { $nginx->client->post('/collect', batch(5 * $_ - 4 .. 5 * $_)) } 1 .. 4;

    # after the first time-out, which sends them to the fallback
    ok eventually(sub { $store->requests > 0 }), "$mode, the spool fails: the fallback is asked";

    if ($first eq 'the spool') {
        rename "$dir/away", "$dir/spool" or die "rename: $!";

    } elsif ($first eq 'the fallback') {
        $store->behave();

    } else {
        # the time of all clients is over by now
        sleep slow(0.3);
        $up->behave();
    }

    my @answers = map { $_->answer(5) // {} } @clients;
    my $statuses = join ' ', map { $_->{status} // 'none' } @answers;

    if ($first eq 'Pinterest') {
        is $statuses, '503 503 503 503', 'neither takes them: the clients keep them';
        rename "$dir/away", "$dir/spool" or die "rename: $!";

    } else {
        is $statuses, '202 202 202 202', "$first recovers first: it has them";
    }

    if ($first eq 'the fallback') {
        my %stored = map { $_ => 1 } map { $_->{body} =~ /"event_id":"m-(\d+)"/g }
                     grep { ($_->{end} // '') eq 'answered' } $store->requests;

        is scalar keys %stored, 20, 'all of them';
        rename "$dir/away", "$dir/spool" or die "rename: $!";

    } elsif ($first eq 'the spool') {
        my @lines = map { split /^/m, $nginx->file("spool/$_") }
                    map { m{([^/]+)\z} } glob "$dir/spool/*.spool";

        is scalar(grep { (split /\t/)[4] // '' eq 'tag:2612826764086:/pinterest' } grep { /^P/ } @lines),
            20, 'for their destination';

        $up->behave();
        ok eventually(sub { my %n = map { $_ => 1 } events_of(grep { $_->{act} eq 'answer' } $up->requests);
                            keys %n == 20 && !glob "$dir/spool/*.spool" }),
            'which gets them when it answers';
    }

    $up->behave();
    is $nginx->post('/collect', batch(99))->{status}, 200, 'it goes on';
    is join(' ', $nginx->worker_pids), $worker, 'the worker is the same';
    is join('', $nginx->errors(qw(alert crit emerg))), '', 'no alert';
}

done_testing();
