# Workers leave under load, in every way that nginx has: reload, upgrade, fewer
# workers, QUIT and a kill, TERM.  PINTAG_FAULTS=long: 50 reloads, and more of
# the rest.

use strict;
use warnings;

use FindBin;
use lib "$FindBin::Bin/../lib";

use Pintag::Deadline;
use Pintag::Nginx;
use Pintag::Oracle;
use Pintag::Recorder;
use Test::More;
use Time::HiRes qw(sleep time);

my $long = ($ENV{PINTAG_FAULTS} // '') eq 'long';

# nginx starts its successor by the path that it was started with
$ENV{TEST_NGINX_BINARY} ||= (grep { -x } map { "$_/nginx" } split /:/, $ENV{PATH})[0];


sub wait_until {
    my ($timeout, $what) = @_;
    my $end = deadline($timeout);

    until ($what->()) {
        return 0 if time() > $end;
        sleep 0.02;
    }

    return 1;
}


# The new master is the one that $nginx knows from now on.
sub upgrade {
    my $nginx = shift;
    my $old = $nginx->pid;
    my ($new) = 0;

    $nginx->signal('upgrade');

    wait_until(10, sub {
        ($new) = $nginx->file('nginx.pid') =~ /^(\d+)\n/ or return 0;
        return $new != $old && $nginx->file('nginx.pid.oldbin') eq "$old\n";
    }) or return 0;

    $nginx->{pid} = $new;
    wait_until(10, sub { $nginx->worker_pids }) or return 0;

    kill 'QUIT', $old;
    return defined $nginx->wait_gone($old, 30);
}


# What nginx cannot help: a connection that it closes before it has read the
# next request from it.  All else is told, as is a request that it has read.
sub failures {
    my ($nginx, $saw) = @_;
    my %logged = map { split ' ', $_, 2 } split /\n/, $nginx->file('logs/attempts.log');
    my @failures = map { "$_ ($saw->{failures}{$_} times)" } sort keys %{ $saw->{failures} };

    for (@{ $saw->{closed} }) {
        my ($attempt, $request) = @$_;

        push @failures, "closed without an answer to $attempt, request $request of "
                        . 'its connection, logged ' . ($logged{$attempt} // 'nowhere')
            if $request == 1 || defined $logged{$attempt};
    }

    return @failures > 10 ? (@failures[0 .. 9], 'and ' . (@failures - 10) . ' more') : @failures;
}


sub settle {
    my ($what, $oracle, $nginx) = @_;
    my $took = $oracle->drain(180);

    ok defined $took, "$what: everything drains";
    note sprintf '%.1f s to drain', $took // -1;
    $oracle->ok($what);
    $oracle->is_empty;
}


sub describe {
    my $saw = shift;

    note sprintf 'load of %.1f s; answers: %s; closed: %d; failures: %s', $saw->{seconds},
        join(' ', %{ $saw->{answers} }), scalar @{ $saw->{closed} },
        join(' ', %{ $saw->{failures} }) || 'none';
}


# Lines that nobody expects; a kill by the test is expected.
sub alarming {
    my ($nginx, $kills) = @_;
    return join '', grep { !$kills || !/worker process \d+ exited on signal 9/ }
                    $nginx->errors('alert', 'emerg', 'crit');
}


# ---- reloads, an upgrade, fewer workers

{
    my $recorder = Pintag::Recorder->new(delay => 0.04);
    my $oracle = Pintag::Oracle->new(recorder => $recorder);
    my $nginx = $oracle->nginx(spool => 'file_size=256k');
    my ($reloads, $events, $seconds) = $long ? (50, 40_000, 60) : (6, 3000, 5);
    my $done = 0;

    $oracle->learn($nginx->port, '/delivered');

    my $load = $oracle->load(port => $nginx->port, events => $events, seconds => $seconds,
                             uris => ['/stored', '/received', '/stored', '/delivered']);

    for my $i (1 .. $reloads) {
        $load->wait_for($events * 0.9 * ($i - rand) / ($reloads + 1)) or last;
        $nginx->reload;
        $done++;
        next if $i != int $reloads / 2;

        # in the middle of them
        ok upgrade($nginx), 'USR2: the successor takes over, the old master leaves';
    }

    is $done, $reloads, "$reloads reloads under load";

    my @old = $nginx->reload(workers => 2);

    ok $load->running, 'worker_processes goes from 4 to 2 under load';
    ok wait_until(30, sub { !grep { !$nginx->is_gone($_) } @old }), 'the 4 leave';
    is scalar(my @new = $nginx->worker_pids), 2, '2 are there';

    my $saw = $load->finish;

    is $saw->{acked}, $events, "all of $events events were acknowledged";
    is join("\n", failures($nginx, $saw)), '', 'no client has noticed';
    settle('reloads', $oracle, $nginx);
    is alarming($nginx), '', 'nothing is alarming';
    describe($saw);
}


# ---- nginx is stopped while Pinterest does not answer, and started again

{
    my $recorder = Pintag::Recorder->new(delay => 0.005);
    my $oracle = Pintag::Oracle->new(recorder => $recorder);
    my $nginx = $oracle->nginx(spool => 'file_size=256k');
    my @ways = ('QUIT, killed 5 s later', 'TERM');
    my $kills = 0;

    $oracle->learn($nginx->port, '/delivered');

    for my $way ($long ? (@ways) x 5 : @ways) {
        my $events = $long ? 4000 : 800;
        my $load = $oracle->load(port => $nginx->port, events => $events,
                                 seconds => $long ? 4 : 1.5,
                                 uris => ['/stored', '/received']);

        # some arrives, some is in flight, the rest waits
        $load->wait_for($events * (0.1 + rand 0.2));
        $recorder->tell('hang');
        $load->wait_for($events * (0.4 + rand 0.3));
        ok $load->running, "$way, under load";

        my @all = ($nginx->pid, $nginx->children);

        if ($way =~ /^QUIT/) {
            $nginx->signal('quit');
            sleep 5;

            my @left = grep { !$nginx->is_gone($_) } @all;
            ok @left > 1, 'what is in flight keeps workers';
            $kills += kill 'KILL', @left;

        } else {
            $nginx->signal('stop');
        }

        ok wait_until(10, sub { !grep { !$nginx->is_gone($_) } @all }), 'nginx is gone';

        ok $oracle->pending, 'what did not arrive is in the spool';

        $recorder->tell('resume');
        $nginx->start;

        my $saw = $load->finish;

        is $saw->{acked}, $events, "in the end, all of $events events were acknowledged";
        settle($way, $oracle, $nginx);
        describe($saw);
    }

    is alarming($nginx, $kills), '', 'nothing is alarming';
}


# ---- worker_shutdown_timeout ends what does not answer

{
    my $recorder = Pintag::Recorder->new;
    my $oracle = Pintag::Oracle->new(recorder => $recorder);
    my $nginx = $oracle->nginx(main => 'worker_shutdown_timeout 1s;', workers => 2);

    $oracle->learn($nginx->port, '/delivered');

    for (1 .. ($long ? 5 : 1)) {
        $recorder->tell('hang');

        my $saw = $oracle->load(port => $nginx->port, events => 400,
                                uris => ['/stored', '/received'])->finish;
        my @old = $nginx->reload;

        is $saw->{acked}, 400, 'all events are acknowledged, and hang';
        ok wait_until(8, sub { !grep { !$nginx->is_gone($_) } @old }),
            'worker_shutdown_timeout: the old workers leave';
        $recorder->tell('resume');
        settle('worker_shutdown_timeout', $oracle, $nginx);
    }

    is alarming($nginx), '', 'nothing is alarming';
}

done_testing();
