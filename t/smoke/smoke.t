# That the module works with the nginx that is here at all: it is loaded, an
# event reaches the Tag and one the Conversions API, a batch, the spool, a reload,
# what clients are answered.  Quick, with nothing but Perl's own modules, so that
# it can run with every nginx there is.

use strict;
use warnings;

use FindBin;
use lib "$FindBin::Bin/../lib";

use JSON::PP;
use Pintag::Deadline;
use Pintag::Nginx;
use Pintag::Setup;
use Pintag::StandIn;
use Test::More;
use Time::HiRes qw(sleep time);

sub eventually {
    my ($what, $timeout) = @_;
    my $end = deadline($timeout // 10);

    until ($what->()) {
        return 0 if time() > $end;
        sleep 0.02;
    }

    return 1;
}


# ---- the Tag: one event, a batch, a reload; what clients are answered

{
    my $up = Pintag::StandIn->new;
    my $nginx = Pintag::Nginx->new(http => collector($up->port));
    my $answer = $nginx->post('/collect', Pintag::Nginx->data('request.json'));
    my ($request) = $up->wait_for(1, 5);

    is $answer->{status}, 200, 'an event is taken';
    is_deeply answer_of($answer), { success => JSON::PP::true, received => 1, delivered => 1 },
        'and delivered';
    is $request->{uri}, '/v3/?tid=2612826764086&noscript=1'
        . '&ed[checkout_id]=39f39fj39f3jf93fj9fj39fj3f&ed[order_id]=dkfsjidfjsdifsdfksdjfkdsfjsdfkdsf'
        . '&event=PaymentInfoEntered', 'right to the byte';

    is $nginx->post('/collect', batch(1 .. 50))->{status}, 200, 'a batch is delivered';
    is_deeply [sort { $a <=> $b } events_of($up->wait_for(51, 5))], [1 .. 50], 'each event once';

    my ($old) = $nginx->reload;
    ok defined $nginx->wait_gone($old, 10), 'a worker leaves at a reload';
    is $nginx->post('/collect', batch(51))->{status}, 200, 'and the next delivers';

    is $nginx->post('/collect', '{"type":')->{status}, 400, 'what is no JSON is refused';
    is $nginx->client->get('/collect')->answer->{status}, 405, 'as is another method';

    is answer_of($nginx->post('/collect', '{"type":"identify","userId":"u-1"}'))->{skipped}, 1,
        'an identify call is skipped';

    $up->behave(status => 400);
    is answer_of($nginx->post('/collect', batch(52)))->{refused}, 1, 'what Pinterest refuses is told';

    is join('', $nginx->errors('crit', 'alert', 'emerg')), '', 'nothing is wrong';
    ok defined $nginx->quit(10), 'nginx quits';
    unlike $nginx->error_log, qr/exited on signal|open socket/, 'in order';
}


# ---- the Conversions API

{
    my $up = Pintag::StandIn->new;
    my $nginx = api_nginx($up->port);
    my $answer = $nginx->post('/collect', api_batch(1, 2, 3));
    my ($request) = $up->wait_for(1, 5);

    is $answer->{status}, 200, 'a batch for the Conversions API is taken';
    is answer_of($answer)->{delivered}, 3, 'and delivered';
    is join(' ', api_events_of($request)), '1 2 3', 'in one request';
    is $request->{uri}, '/v5/ad_accounts/' . ACCOUNT . '/events', 'to its place';
    is $request->{headers}{authorization}, 'Bearer ' . TOKEN, 'with the token';
    is join('', $nginx->errors), '', 'no error';
}


# ---- the spool: what is stored outlives nginx

{
    my $up = Pintag::StandIn->new;
    my $nginx = Pintag::Nginx->new(http => collector($up->port,
        http => 'pintag_spool spool;',
        collect => 'pintag_ack stored; pintag_retry min=20ms max=100ms;'));

    $up->behave(status => 503);
    is $nginx->post('/collect', batch(1 .. 20))->{status}, 202, 'events are stored while Pinterest is down';

    # what was promised is on the disk, whatever becomes of the process
    kill 'KILL', $nginx->worker_pids;

    my $from = $up->requests;

    $up->behave;
    ok eventually(sub {
        my @requests = $up->requests;
        my %seen = map { $_ => 1 } events_of(@requests[$from .. $#requests]);
        return keys %seen == 20;
    }), 'and delivered when it is up, though the worker was killed';

    ok defined $nginx->quit(10), 'nginx quits';
    ok eventually(sub { !grep { -s } glob $nginx->dir . '/spool/*.spool' }), 'nothing is left in the spool';
}

done_testing();
