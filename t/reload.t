# A worker that leaves finishes what it has, then goes.

use strict;
use warnings;

use FindBin;
use lib "$FindBin::Bin/lib";

use JSON::PP;
use Pintag::Nginx;
use Pintag::Setup;
use Pintag::StandIn;
use Test::More;
use Time::HiRes qw(sleep time);

my $up = Pintag::StandIn->new(delay => 0.3);

sub waiting {
    my ($nginx, $window, @numbers) = @_;
    my $from = $up->requests;
    my @clients = map { $nginx->client->post('/collect', encode_json(order($_))) }
                  @numbers;

    # the window is full, the rest waits behind it
    $up->wait_for($from + $window, 5, arrived => 1) or die 'nothing in flight';
    return @clients;
}

# ---- reload and quit, with 100 events in flight or waiting

for (['reload', 100], ['reload', 16], ['quit', 100], ['quit', 16]) {
    my ($how, $window) = @$_;
    my $nginx = Pintag::Nginx->new(
        http => collector($up->port, collect => "pintag_window tag=$window;"));
    my $from = $up->requests;
    my @clients = waiting($nginx, $window, 1 .. 100);
    my $old = ($nginx->worker_pids)[0];

    $how eq 'reload' ? $nginx->reload : $nginx->signal('quit');

    # nginx waits for clients to close what it has told them to
    my @answers = map { my $answer = $_->answer(10); $_->close; $answer } @clients;
    my $took = $nginx->wait_gone($old, 4);

    is scalar(grep { $_ && $_->{status} == 200 } @answers), 100,
        "$how, $window in flight: 100 clients are answered 200";

    my @requests = $up->wait_for($from + 100, 5);
    is_deeply [sort { $a <=> $b } events_of(@requests[$from .. $#requests])],
        [1 .. 100], 'each event arrives once';

    ok defined $took, 'the old worker leaves';
    note sprintf '%.2f s after its last answer', $took // -1;
    unlike $nginx->error_log, qr/open socket/, 'no socket is left open';
    is join('', $nginx->errors), '', 'no error';

    if ($how eq 'reload') {
        is $nginx->post('/collect', encode_json(order(101)))->{status}, 200,
            'the new worker delivers';
    }
}


# ---- parked couriers do not hold a worker, nor alarm it

{
    my $nginx = Pintag::Nginx->new(http => collector($up->port));

    is $nginx->post('/collect', batch(1 .. 40))->{status}, 200, 'couriers are parked';

    for (1 .. 3) {
        my ($old) = $nginx->reload;
        ok defined $nginx->wait_gone($old, 4), 'an idle worker leaves';
    }

    ok defined $nginx->quit(5), 'quit ends it';
    is join('', $nginx->errors), '', 'no error';
}


# ---- a worker that has stopped sending does not stay for it

{
    my $nginx = Pintag::Nginx->new(
        http => collector($up->port,
            collect => 'pintag_retry attempts=1 min=20s max=60s;'));

    $up->behave(status => 503);
    is $nginx->post('/collect', encode_json(order(1)))->{status}, 503, 'sending stops';
    $up->behave(delay => 0.3);

    my ($old) = $nginx->reload;
    ok defined $nginx->wait_gone($old, 4), 'the worker leaves nevertheless';
}


# ---- nor does one whose events nobody but itself has, which no probe will deliver

{
    my $nginx = api_nginx($up->port,
        collect => 'pintag_ack received; pintag_retry attempts=3 min=1ms max=100ms;');

    $up->behave(status => 401);

    is $nginx->post('/collect', api_batch(1 .. 20))->{status}, 202, 'a wrong token: 202, received';

    my ($old) = $nginx->reload;
    ok defined $nginx->wait_gone($old, 10), 'the worker leaves in the end';

    my @lost = $nginx->error_log =~ /pintag lost an event for .*, id "\S+", of a client that was told .*: misconfigured/g;
    is scalar @lost, 20, 'and names what is lost with it';

    $up->behave(delay => 0.3);
}


# ---- worker_shutdown_timeout ends what hangs, cleanly

{
    my $nginx = Pintag::Nginx->new(
        main => 'worker_shutdown_timeout 500ms;',
        http => collector($up->port));

    $up->behave(act => 'hang');

    my $from = $up->requests;
    my @clients = map { $nginx->client->post('/collect', encode_json(order($_))) }
                  1 .. 20;
    $up->wait_for($from + 16, 5, arrived => 1) or die 'nothing in flight';

    my ($old) = $nginx->reload;
    ok defined $nginx->wait_gone($old, 4), 'the worker leaves when its time is over';
    is scalar(grep { !defined || $_->{status} == 503 } map { $_->answer(2) } @clients),
        20, 'no client is told of a delivery that was not made';
    is join('', $nginx->errors('alert', 'crit', 'emerg')), '', 'no alert';
    unlike $nginx->error_log, qr/exited on signal/, 'no crash';
}

done_testing();
