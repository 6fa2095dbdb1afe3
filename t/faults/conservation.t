# Workers are killed under load, and nothing that was acknowledged is lost.
# PINTAG_FAULTS=long: 100,000 events and more than 100 kills.

use strict;
use warnings;

use File::Basename qw(basename);
use FindBin;
use lib "$FindBin::Bin/../lib";

use Pintag::Oracle;
use Pintag::Recorder;
use Test::More;
use Time::HiRes qw(sleep time);

my $long = ($ENV{PINTAG_FAULTS} // '') eq 'long';


# ---- the oracle is not blind

{
    my $lose = sub {
        my $line = shift;
        my $n = Pintag::Oracle::number_of($line);

        return () if $n == 17 && $line =~ /^tag/;
        return ($line, $line =~ s/"order_id"/"order_ib"/r) if $n == 18 && $line =~ /^api/;
        return ($line, $line =~ s/m-19/m-1900/r) if $n == 19 && $line =~ /^tag/;
        return $line;
    };

    my $recorder = Pintag::Recorder->new(tamper => $lose);
    my $oracle = Pintag::Oracle->new(recorder => $recorder);
    my $nginx = $oracle->nginx(spool => 'sync=1s');

    $oracle->learn($nginx->port, '/delivered');
    $oracle->load(port => $nginx->port, events => 40, clients => 2, connections => 1,
                  uris => ['/delivered'])->finish;

    my $verdict = $oracle->judge;

    is_deeply [map { "@$_" } @{ $verdict->{lost} }], ['tag 17'],
        'an event that does not arrive is noticed';
    is scalar @{ $verdict->{altered} }, 2, 'so is a copy with other bytes';
    is_deeply $verdict->{foreign}, ['tag 1900'], 'and one that was not issued';
    is $verdict->{duplicates}, 1, 'a copy is counted';

    # what waits in the spool is not lost, unless a byte of it is wrong
    $recorder->tell('hang');
    $oracle->load(port => $nginx->port, events => 20, clients => 1)->finish;
    $verdict = $oracle->judge;
    is $verdict->{spooled}, 40, 'what waits in the spool is seen';
    is_deeply [map { "@$_" } @{ $verdict->{lost} }], ['tag 17'], 'and not lost';

    my ($path) = map { $_->[0] } sort { $b->[1] <=> $a->[1] } map { [$_, -s] } $oracle->files;
    my $text = $nginx->file("spool/" . basename($path));
    my ($line) = grep { $_->{n} } $oracle->lines_of($path);

    $text =~ s/(?<=\t)m-$line->{n}(?=\t)/m-9999/ or die;
    $nginx->write_file('damaged.spool', $text);
    $oracle->{spool} = $nginx->dir;
    $verdict = $oracle->judge;
    ok scalar(grep { "@$_" eq "$line->{transport} $line->{n}" } @{ $verdict->{lost} }),
        'a damaged line keeps nothing';
}


# ---- nobody is killed, and files fill up while nothing waits

{
    my $recorder = Pintag::Recorder->new;
    my $oracle = Pintag::Oracle->new(recorder => $recorder);
    my $nginx = $oracle->nginx(workers => 1, spool => 'file_size=64k');

    $oracle->learn($nginx->port, '/delivered');
    $oracle->load(port => $nginx->port, events => 800, seconds => 2)->finish;

    ok defined $oracle->drain(30), 'a calm load drains';
    is $oracle->ok('in the calm')->{duplicates}, 0, 'each event arrives once';
    $oracle->is_empty;
}


# ---- workers are killed

# Kills so many random workers, spread over the load by what was acknowledged;
# now and then all of them at once.
sub kill_under {
    my ($nginx, $load, $kills) = @_;
    my ($killed, $rounds) = (0, 0);

    while ($killed < $kills) {
        $load->wait_for($load->{events} * 0.95 * ($killed + rand) / $kills) or last;

        my @workers = $nginx->worker_pids;
        my @victims = ++$rounds % 10 == 5 ? @workers : $workers[rand @workers];

        $killed += kill 'KILL', @victims if @workers;
        sleep 0.02;
    }

    return $killed;
}


for (
    # what is special; events, kills, seconds of the load; spool, http, recorder
    [ 'sync=commit', $long ? (100_000, 110, 60) : (3500, 8, 5),
      'file_size=256k', '', delay => 0.003 ],

    # nothing fits into memory, so that it is read back from the spool; and
    # Pinterest is not well
    [ 'a small queue', $long ? (20_000, 30, 30) : (1500, 6, 3),
      'file_size=128k sync=1s', 'pintag_queue 100 size=1m;',
      delay => 0.01, fail => 0.02, reset => 0.01 ],
) {
    my ($what, $events, $kills, $seconds, $spool, $http, @recorder) = @$_;
    my $recorder = Pintag::Recorder->new(@recorder);
    my $oracle = Pintag::Oracle->new(recorder => $recorder);
    my $nginx = $oracle->nginx(spool => $spool, http => $http);

    $recorder->tell('fail=0 reset=0');
    $oracle->learn($nginx->port, '/delivered');
    $recorder->tell(join ' ', do { my %is = @recorder; map { "$_=$is{$_}" } keys %is });

    # one connection in eight waits for deliveries
    my $load = $oracle->load(port => $nginx->port, events => $events, seconds => $seconds,
                             uris => [('/stored') x 7, '/delivered']);
    my $killed = kill_under($nginx, $load, $kills);
    my $saw = $load->finish;
    my $took = $oracle->drain(180);

    cmp_ok $killed, '>=', $kills, "$what: $killed workers were killed under load";
    is $saw->{acked}, $events, "in the end, all of $events events were acknowledged";
    ok defined $took, 'everything drains after the last kill';
    $oracle->ok($what);

    $oracle->is_empty;

    my @damaged = $oracle->files('*.damaged');
    my @alerts = $nginx->errors('alert', 'emerg');
    my @kills = grep { /worker process \d+ exited on signal 9/ } @alerts;

    is scalar @kills, $killed, 'each of the killed is in the log';
    is join('', grep { !/exited on signal 9/ } @alerts), '', 'nothing else is alarming';

    note sprintf '%.1f s of load, %.1f s to drain', $saw->{seconds}, $took // -1;
    note "answers: @{[%{ $saw->{answers} }]}; closed: @{[scalar @{ $saw->{closed} }]}; "
         . "failures: @{[%{ $saw->{failures} }]}; damaged files: " . @damaged;

    my %errors;

    $errors{s/^\S+ \S+ (\[\w+\]) \S+ (?:\*\d+ )?/$1 /r =~ s/\d+/N/gr}++
        for $nginx->errors('error', 'crit');
    note "$errors{$_} times: $_" for grep { defined } (sort keys %errors)[0 .. 19];
}

done_testing();
