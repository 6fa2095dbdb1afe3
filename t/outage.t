# Pinterest does not answer: what clients hear, what the upstream sees, and how
# it ends.

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

my $up = Pintag::StandIn->new;

sub nginx {
    my ($retry, $timeout) = @_;
    return Pintag::Nginx->new(
        http => collector($up->port,
            collect => "pintag_retry $retry; pintag_ack delivered timeout=$timeout;",
            pinterest => 'proxy_read_timeout 300ms;'));
}

sub body { return encode_json(order(shift)) }


# how many requests came since; attempts that find no listener are not seen

my $seen = 0;

sub fresh {
    my @requests = $up->requests;
    my $fresh = @requests - $seen;

    $seen = @requests;
    return $fresh;
}


# ---- one event is tried "attempts" times, then it has failed

for (
    [ 'answers 502', sub { $up->behave(status => 502) }, 'upstream_error', 3 ],
    [ 'answers 429', sub { $up->behave(status => 429) }, 'upstream_error', 3 ],
    [ 'answers 302', sub { $up->behave(status => 302) }, 'redirect', 3 ],
    [ 'resets', sub { $up->behave(act => 'reset') }, 'no_answer', 3 ],
    [ 'cuts its answer off', sub { $up->behave(act => 'cut') }, 'no_answer', 3 ],
    [ 'hangs', sub { $up->behave(act => 'hang') }, 'no_answer', 3 ],
    [ 'refuses connections', sub { $up->refuse }, 'no_answer', 0 ],
) {
    my ($what, $how, $reason, $requests) = @$_;
    my $nginx = nginx('attempts=3 min=20ms max=40ms', '10s');

    $how->();
    fresh();

    my $answer = $nginx->post('/collect', body(1));

    is $answer->{status}, 503, "upstream $what: 503";
    like $answer->{headers}{'retry-after'}, qr/^[1-9]\d*$/, 'with Retry-After';
    is_deeply answer_of($answer), {
        success => JSON::PP::false, error => 'not_delivered',
        message => answer_of($answer)->{message},
        received => 1, delivered => 0, failed => 1,
        events => [{ index => 0, message_id => 'm-1', status => 'failed',
                     reason => $reason }],
    }, 'the event is named';
    is fresh(), $requests, "tried 3 times ($requests seen)";

    $up->accept;
    $up->behave();

    $answer = $nginx->post('/collect', body(2));
    is $answer->{status}, 200, 'it answers again: the next event goes through';
    fresh();
}


# ---- while it does not answer it gets probes, not the load

for (
    [ 'answers 503', sub { $up->behave(status => 503) } ],
    [ 'hangs', sub { $up->behave(act => 'hang') } ],
) {
    my ($what, $how) = @$_;
    my $nginx = nginx('attempts=100 min=100ms max=200ms', '2s');

    $how->();
    fresh();

    my @clients = map { $nginx->client->post('/collect', batch($_ * 10 .. $_ * 10 + 9)) }
                  1 .. 20;
    my @answers = map { $_->answer(5) } @clients;

    is scalar(grep { $_->{status} == 503 } @answers), 20,
        "upstream $what: each of 20 clients hears 503 after the ack timeout";
    is scalar(grep { @{ answer_of($_)->{events} } == 10 } @answers), 20,
        'with all of its 10 events';
    is join(' ', sort keys %{{ map { $_->{reason} => 1 }
                               map { @{ answer_of($_)->{events} } } @answers }}),
        'timeout', 'as not sent in time';

    # 16 of the window at once, then a probe every 1 to 200 ms for 2 s
    my $requests = fresh();
    cmp_ok $requests, '<=', 100, "200 events, $requests requests";
    cmp_ok $requests, '>', 16, 'probes among them';

    $up->behave();
    sleep 0.3;

    is $nginx->post('/collect', body(1))->{status}, 200, 'and it resumes';
    $up->wait_for($seen + 1, 5);
    sleep 0.1;
    is fresh(), 1, 'nothing that was given up is sent after all';
}


# ---- what waits uses up no attempt, and leaves when a probe succeeds

{
    my $nginx = nginx('attempts=3 min=100ms max=100ms', '10s');

    $up->behave({ status => 503 }, { status => 503 }, {});
    fresh();

    my $client = $nginx->client->post('/collect', body(1));
    $up->wait_for($seen + 1, 5) or die 'no request';
    my @late = map { $nginx->client->post('/collect', body($_)) } 2 .. 50;

    is join(' ', map { $_->answer(5)->{status} } $client, @late),
        join(' ', (200) x 50), '50 events wait for a probe and all are delivered';
    is fresh(), 52, 'each was sent once but for the two that failed';
    is scalar($nginx->errors('alert', 'crit', 'emerg')), 0, 'no alert';
}


# ---- refused is for ever

{
    my $nginx = nginx('attempts=3 min=20ms max=40ms', '10s');

    $up->behave({ status => 400 }, {});
    fresh();

    my $answer = $nginx->post('/collect', batch(1, 2));
    my ($refused) = events_of(($up->wait_for($seen + 2, 5))[$seen]);

    is $answer->{status}, 200, 'a refusal: 200, sending again would not help';
    is_deeply answer_of($answer), {
        success => JSON::PP::true, received => 2, delivered => 1, refused => 1,
        events => [{ index => $refused - 1, message_id => "m-$refused",
                     status => 'refused', reason => 'refused' }],
    }, 'and the event is named';
    is fresh(), 2, 'it is not tried again';
}


# ---- an event that never succeeds does not hold up the rest

{
    my $poison = Pintag::Nginx->new(http => <<'END');
    server {
        listen 127.0.0.1:%%PORT%%;
        location / {
            if ($args ~ "=o-7&") { return 500; }
            empty_gif;
        }
    }
END
    my $nginx = Pintag::Nginx->new(
        http => collector($poison->port,
            collect => 'pintag_retry attempts=3 min=10ms max=20ms;'));

    my $answer = $nginx->post('/collect', batch(1 .. 50));

    is $answer->{status}, 503, 'one of 50 fails';
    is_deeply answer_of($answer)->{events},
        [{ index => 6, message_id => 'm-7', status => 'failed',
           reason => 'upstream_error' }], 'and it alone';
}

done_testing();
