# Clients share requests to the Conversions API, and leave as they like; so do
# workers.

use strict;
use warnings;

use FindBin;
use lib "$FindBin::Bin/lib";

use Pintag::Deadline;
use Pintag::Nginx;
use Pintag::Setup;
use Pintag::StandIn;
use Test::More;
use Time::HiRes qw(sleep time);


# ---- one client of a shared request resets, while it waits or is in flight

for my $when ('waits', 'is in flight') {
    my $up = Pintag::StandIn->new(act => 'hold');
    my $nginx = api_nginx($up->port, collect => 'pintag_window api=1;');
    my ($worker) = $nginx->worker_pids;
    my $first = $nginx->client->post('/collect', api_batch(1));

    $up->wait_for(1, 5, arrived => 1) or die 'nothing in flight';

    my @clients = map { $nginx->client->post('/collect', api_batch($_)) } 2 .. 20;

    $nginx->client->post('/collect', '{"type":"identify"}')->answer;

    if ($when eq 'waits') {
        $_->reset for @clients[3, 7, 18];
        sleep 0.1;
        $up->release;

    } else {
        $up->release;
        $up->wait_for(2, 5, arrived => 1) or die 'nothing leaves';
        $_->reset for @clients[3, 7, 18];
        sleep 0.1;
    }

    my @requests = $up->wait_for(2, 5, arrived => 1);

    is join(' ', sort { $a <=> $b } api_events_of($requests[1])), join(' ', 2 .. 20),
        "three of 19 clients reset while their event $when: all 19 leave in one request";

    $up->release(2);
    delete @clients[3, 7, 18];

    is join(' ', map { $_->answer->{status} } $first, grep { defined } @clients), join(' ', (200) x 17),
        'the others are answered';
    is scalar($up->requests), 2, 'nothing is sent twice';
    is join(' ', $nginx->worker_pids), $worker, 'the worker is the same';
    is join('', $nginx->errors), '', 'no error';
}


# ---- all of them reset: what is refused is told in the log

for (
    [ 'are delivered', [{}], '' ],
    [ 'are refused', [{ reject => '.' }], qr/\[warn\].*refused/ ],
    [ 'fail', [{ status => 503 }], '' ],
) {
    my ($what, $behaviour, $log) = @$_;
    my $up = Pintag::StandIn->new(map { +{ %$_, delay => 0.02 } } @$behaviour);
    my $nginx = api_nginx($up->port,
        collect => 'pintag_retry attempts=2 min=1ms max=1ms; pintag_ack delivered timeout=2s;');
    my ($worker) = $nginx->worker_pids;

    for my $n (1 .. 50) {
        $nginx->client->post('/collect', api_batch($n, $n + 100))->reset;
    }

    ok $log ? $nginx->wait_log($log) : 1, "100 events of 50 clients that have left $what";

    my $end = deadline(5);
    my %times;

    do {
        sleep 0.05;
        %times = map { $_ => 1 } api_events_of($up->requests);
    } until keys %times == 100 || time() > $end;

    is scalar keys %times, 100, 'all of them are sent' if !grep { $_->{status} } @$behaviour;

    # whatever still is tried ends
    sleep 2 if grep { $_->{status} } @$behaviour;
    $up->behave();
    is $nginx->post('/collect', api_batch(999))->{status}, 200, 'it goes on';
    is join(' ', $nginx->worker_pids), $worker, 'the worker is the same';
    is join('', $nginx->errors(qw(alert crit emerg))), '', 'no alert';
}


# ---- a client's time is over while its events are in flight or wait

{
    my $up = Pintag::StandIn->new(act => 'hold');
    my $nginx = api_nginx($up->port, collect => 'pintag_window api=1; pintag_ack delivered timeout=300ms;');
    my $client = $nginx->client->post('/collect', api_batch(1));

    $up->wait_for(1, 5, arrived => 1) or die 'nothing in flight';

    my @late = map { $nginx->client->post('/collect', api_batch($_)) } 2 .. 5;

    is join(' ', map { $_->answer->{status} } $client, @late), join(' ', (503) x 5), 'five clients hear 503 in time';

    $up->behave();
    $up->release;
    sleep 0.2;
    is join(' ', api_events_of($up->requests)), '1', 'what waited is withdrawn';
    is $nginx->post('/collect', api_batch(6))->{status}, 200, 'the next event is delivered';
    is join(' ', api_events_of($up->requests)), '1 6', 'alone';
}


# ---- time is over while a request is taken apart to find the culprit

{
    my $up = Pintag::StandIn->new({ reject => '"o-7"' }, { act => 'hold' });
    my $nginx = api_nginx($up->port, collect => 'pintag_window api=1; pintag_ack delivered timeout=' . ms(300) . ';');
    my $client = $nginx->client->post('/collect', api_batch(1 .. 20));

    is $client->answer->{status}, 503, 'halves that wait are withdrawn, too';
    $up->release;
    sleep 0.1;
    $up->behave();

    is $nginx->post('/collect', api_batch(30))->{status}, 200, 'the next event is delivered';
    is join(' ', api_sizes($up->requests)), '20 10 1', 'and nothing else is sent';
    is join('', $nginx->errors), '', 'no error';
}


# ---- reload and quit with events in flight and waiting

for my $how (qw(reload quit)) {
    my $up = Pintag::StandIn->new(delay => 0.3);
    my $nginx = api_nginx($up->port);
    my @clients = map { $nginx->client->post('/collect', api_batch($_)) } 1 .. 100;

    $up->wait_for(2, 5, arrived => 1) or die 'nothing in flight';
    $nginx->client->post('/collect', '{"type":"identify"}')->answer;

    my ($old) = $nginx->worker_pids;

    $how eq 'reload' ? $nginx->reload : $nginx->signal('quit');

    my @answers = map { my $answer = $_->answer(10); $_->close; $answer } @clients;

    is scalar(grep { $_ && $_->{status} == 200 } @answers), 100, "$how: 100 clients are answered 200";
    is_deeply [sort { $a <=> $b } api_events_of($up->requests)], [1 .. 100], 'each event arrives once';
    ok defined $nginx->wait_gone($old, 4), 'the old worker leaves';
    unlike $nginx->error_log, qr/open socket/, 'no socket is left open';
    is join('', $nginx->errors), '', 'no error';
}


# ---- worker_shutdown_timeout ends while Pinterest is silent, and while a
#      request is being taken apart

for my $behaviour ([{ act => 'hang' }], [{ reject => '"o-7"' }, { act => 'hang' }]) {
    my $up = Pintag::StandIn->new(@$behaviour);
    my $nginx = api_nginx($up->port, main => 'worker_shutdown_timeout 300ms;');
    my @clients = $nginx->client->post('/collect', api_batch(1 .. 20));

    $up->wait_for(scalar @$behaviour, 5, arrived => 1) or die 'nothing in flight';
    push @clients, map { $nginx->client->post('/collect', api_batch($_)) } 30 .. 39;
    $nginx->client->post('/collect', '{"type":"identify"}')->answer;

    my ($old) = $nginx->worker_pids;

    $nginx->signal('quit');
    ok defined $nginx->wait_gone($old, 5), 'a worker whose time is over leaves';
    is scalar(grep { my $answer = $_->answer(1); $answer && $answer->{status} == 200 } @clients), 0,
        'and has told nobody that it delivered';
    unlike $nginx->error_log, qr/open socket|exited on signal/, 'in order';
}

done_testing();
