# What the Conversions API answers, and what becomes of each event.

use strict;
use warnings;

use FindBin;
use lib "$FindBin::Bin/lib";

use JSON::PP;
use Pintag::Deadline;
use Pintag::Nginx;
use Pintag::Setup;
use Pintag::StandIn;
use POSIX qw(strftime);
use Test::More;
use Time::HiRes qw(sleep time);

my $json = JSON::PP->new->canonical;
my $up = Pintag::StandIn->new;
my $seen = 0;

# nginx is lazy about timers: less than 300 ms more or less is the same to it
sub nginx {
    my ($retry, $timeout, %args) = @_;
    return api_nginx($up->port,
        collect => "pintag_retry $retry; pintag_ack delivered timeout=$timeout;",
        pinterest => 'proxy_read_timeout 700ms;', %args);
}


sub fresh {
    my @requests = $up->requests;
    my @fresh = @requests[$seen .. $#requests];

    $seen = @requests;
    return @fresh;
}


# "3 refused Invalid; 4 failed timeout" of what was not delivered
sub outcomes {
    my $got = answer_of(shift);
    return join '; ', map {
        join ' ', $_->{index}, $_->{status},
            $_->{status} eq 'refused' ? $_->{message} // '(no message)' : $_->{reason}
    } @{ $got->{events} // [] };
}


sub error { return $json->encode({ code => $_[0], message => $_[1], @_ > 2 ? (details => $_[2]) : () }) }


# ---- the outcome of each event of a batch

my @all = (1 .. 20);
my @statuses = map { { status => 'processed', warning_message => "external_id is missing $_" } } 1 .. 20;

for (
    # what the stand-in does, status, what was not delivered, the sizes of the requests
    [ 'event 7 of 20 has failed', [{ failed => { 6 => 'Invalid event_name' } }], 200,
      '6 refused Invalid event_name', '20' ],
    [ 'all have failed', [{ failed => { map { $_ => 'no' } 0 .. 19 } }], 200,
      join('; ', map { "$_ refused no" } 0 .. 19), '20' ],
    [ 'a warning is no failure', [{ body => $json->encode({ num_events_received => 20,
      num_events_processed => 20, events => \@statuses }) }], 200, '', '20' ],

    [ '400 because of one event', [{ reject => '"o-7"' }], 200,
      '6 refused Invalid request', '20 10 10 5 5 3 2 2 1 1 1' ],
    [ '422 without details', [{ reject => '"o-20"', status => 422 }], 200,
      '19 refused Invalid request', '20 10 10 5 5 3 2 1 1' ],
    [ '413 because of one event', [{ reject => '"o-1"', status => 413 }], 200,
      '0 refused Invalid request', '20 10 10 5 5 3 2 2 1 1 1' ],
    [ '400 because of two events', [{ reject => '"o-(3|18)"' }], 200,
      '2 refused Invalid request; 17 refused Invalid request', undef ],
    [ '400 to whatever there is', [{ reject => '.' }], 200,
      join('; ', map { "$_ refused Invalid request" } 0 .. 19), undef ],

    [ '422 with details that name an index', [{ status => 422, body => error(7, 'Not all', {
      events => [{ index => 3, message => 'bad em' }] }) }, {}], 200, '3 refused bad em', '20 19' ],
    [ '422 with details that name an id', [{ status => 422, body => error(7, 'Not all', {
      'm-5' => 'too old' }) }, {}], 200, '4 refused too old', '20 19' ],
    [ '400 with a path in details', [{ status => 400, body => error(7, 'Invalid', {
      'data[19].event_time' => ['not an integer'] }) }, {}], 200, undef, '20 19' ],
    [ '422 with the statuses in details', [{ status => 422, body => error(7, 'Not all', {
      num_events_received => 20, events => [map { { status => $_ == 9 ? 'failed' : 'processed',
      error_message => $_ == 9 ? 'nine' : '' } } 0 .. 19] }) }, {}], 200, '9 refused nine', '20 19' ],
    [ '422 with all in details', [{ status => 422, body => error(7, 'None', {
      events => [map { { status => 'failed', error_message => "e$_" } } 0 .. 19] }) }], 200,
      join('; ', map { "$_ refused e$_" } 0 .. 19), '20' ],

    [ 'details that name another each time', [{ status => 422, body => error(7, 'Not all', { index => 3 }) },
      { status => 422, body => error(7, 'Not all', { index => 3 }) }, {}], 200, '3 refused Not all', '20 19 10 9' ],
    [ 'details of a field in an event', [{ status => 422, body => error(7, 'Not all', {
      errors => [{ field => 'contents', index => 2, message => 'bad' }] }) }, {}], 200, '', '20 10 10' ],
    [ '200 with one unknown status', [{ body => $json->encode({ events => [map { { status => $_ == 7 ? 'skipped' : 'processed' } }
      1 .. 20] }) }, {}], 200, '', '20 1', 1 ],
    [ '200 with one without a status, for ever', [{ body => $json->encode({ events => [{}, map { { status => 'PROCESSED' } } 2 .. 20] }) },
      { body => '{"events":[{"status":null}]}' }], 503, '0 failed unreadable_answer', '20 1', 1 ],

    [ 'another 4xx refuses all', [{ status => 451, body => error(9, 'Unavailable') }], 200,
      join('; ', map { "$_ refused Unavailable" } 0 .. 19), '20' ],
    [ '405 without a body', [{ status => 405 }], 200,
      join('; ', map { "$_ refused (no message)" } 0 .. 19), '20' ],

    [ '503, then well', [{ status => 503 }, {}], 200, '', undef ],
    [ '500, then well', [{ status => 500, body => error(1, 'oops') }, {}], 200, '', undef ],
    [ '408, then well', [{ status => 408 }, {}], 200, '', undef ],
    [ '425, then well', [{ status => 425 }, {}], 200, '', undef ],
    [ '429, then well', [{ status => 429 }, {}], 200, '', undef ],
    [ '302, then well', [{ status => 302, headers => { Location => '/' } }, {}], 200, '', undef, 1 ],
    [ 'a cut answer, then well', [{ act => 'cut' }, {}], 200, '', undef ],
    [ 'closed after the headers, then well', [{ act => 'headers' }, {}], 200, '', undef ],
    [ 'closed, then well', [{ act => 'close' }, {}], 200, '', undef ],
    [ 'reset, then well', [{ act => 'reset' }, {}], 200, '', undef ],
    [ 'silence, then well', [{ act => 'hang' }, {}], 200, '', undef ],
    [ 'no JSON, then well', [{ body => 'it works!' }, {}], 200, '', undef, 1 ],
    [ 'half of JSON, then well', [{ body => '{"events":[{"status":"proc' }, {}], 200, '', undef, 1 ],
    [ 'an empty 200, then well', [{ body => '' }, {}], 200, '', undef, 1 ],
    [ 'a 204, then well', [{ status => 204, body => '' }, {}], 200, '', undef, 1 ],
    [ 'too few statuses, then well', [{ body => '{"events":[{"status":"processed"}]}' }, {}], 200, '', undef, 1 ],
    [ '1 MB of no JSON, then well', [{ size => 1 << 20 }, {}], 200, '', undef, 1 ],
    [ '1 MB of it in chunks, then well', [{ size => 1 << 20, chunked => 1 }, {}], 200, '', undef, 1 ],
    [ '5 MB, then well', [{ size => 5 << 20 }, {}], 200, '', undef, 1 ],
    [ '1 MB of statuses', [{ body => $json->encode({ events => [map { { status => 'processed',
      warning_message => 'w' x 52000 } } 1 .. 20] }) }], 200, '', '20' ],
    [ '1 MB of statuses in chunks', [{ chunked => 1, body => $json->encode({ events => [map { { status =>
      $_ == 20 ? 'failed' : 'processed', error_message => 'w' x 52000 } } 1 .. 20] }) }], 200, qr/^19 refused /, '20' ],
    [ 'a byte at a time', [{ act => 'drip', every => 0.0005 }], 200, '', '20' ],

    [ '503 for ever', [{ status => 503 }], 503, join('; ', map { "$_ failed upstream_error" } 0 .. 19), undef ],
    [ 'no JSON for ever', [{ body => '{}' }], 503, join('; ', map { "$_ failed unreadable_answer" } 0 .. 19), undef, 1 ],
    [ 'cut off for ever', [{ act => 'cut' }], 503, join('; ', map { "$_ failed no_answer" } 0 .. 19), undef ],
) {
    my ($what, $behaviour, $status, $outcomes, $sizes, $alarm) = @$_;

    # its log is read often
    ($up, $seen) = (Pintag::StandIn->new, 0);

    my $nginx = nginx('attempts=2 min=5ms max=5ms', '10s');

    # one event a probe: all must have had their two attempts
    $up->behave(@$behaviour);
    fresh();

    my $answer = $nginx->post('/collect', api_batch(@all));
    my @requests = fresh();

    is $answer->{status}, $status, "$what: $status";

    if (ref $outcomes) {
        like outcomes($answer), $outcomes, 'the outcome of each event';
    } elsif (defined $outcomes) {
        is outcomes($answer), $outcomes, 'the outcome of each event';
    } else {
        is join(' ', map { $_->{index} } @{ answer_of($answer)->{events} }), '19', 'the event is named';
    }

    is answer_of($answer)->{received}, 20, 'of 20';
    is join(' ', sort { $b <=> $a } api_sizes(@requests)), $sizes, 'the sizes of the requests' if defined $sizes;

    # who is delivered or refused is not sent again
    $up->behave();
    is $nginx->post('/collect', api_batch(99))->{status}, 200, 'and the next event goes through';
    is join(' ', api_events_of(fresh())), '99', 'alone';

    my @errors = grep { !/upstream (?:prematurely|timed out|sent)|recv\(\) failed/ } $nginx->errors;

    is !!@errors, !!$alarm, $alarm ? 'with an alarm' : 'no alarm' or diag @errors;
    is join('', $nginx->errors(qw(alert crit emerg))), '', 'nothing worse in the log';
}


# ---- 429: nothing is sent until the time that it names

for (
    [ 'Retry-After in seconds', sub { { 'Retry-After' => 2 } } ],
    [ 'Retry-After as a date', sub { { 'Retry-After' => strftime('%a, %d %b %Y %H:%M:%S GMT', gmtime(time() + 3)) } } ],
    [ 'X-RateLimit-Reset', sub { { 'X-RateLimit-Reset' => 2 } } ],
    [ 'the longer of the two', sub { { 'Retry-After' => 1, 'X-RateLimit-Reset' => 2 } } ],
) {
    my ($what, $headers) = @$_;
    my $nginx = nginx('attempts=5 min=1ms max=1ms', '10s');

    $up->behave({ status => 429, headers => $headers->() }, {});
    fresh();

    my $client = $nginx->client->post('/collect', api_batch(1));
    $up->wait_for($seen + 1, 5) or die 'no request';
    my @late = map { $nginx->client->post('/collect', api_batch($_)) } 2 .. 10;

    is join(' ', map { $_->answer(8)->{status} } $client, @late), join(' ', (200) x 10),
        "429 with $what: all are delivered in the end";

    my @requests = fresh();
    my $waited = $requests[1]{t_in} - $requests[0]{t_out};

    cmp_ok $waited, '>=', 1.9, 'nothing is sent meanwhile';
    is join(' ', sort { $a <=> $b } api_events_of(@requests)), '1 1 2 3 4 5 6 7 8 9 10',
        'then all that waits, once';
}

{
    my $nginx = nginx('attempts=5 min=1ms max=1ms', ms(300));

    $up->behave({ status => 429, headers => { 'Retry-After' => 60 } });
    fresh();

    my $answer = $nginx->post('/collect', api_batch(1));

    is $answer->{status}, 503, '429 for a minute: 503 after the ack timeout';
    cmp_ok $answer->{headers}{'retry-after'}, '>=', 60 - slow(1), 'the client is told to wait as long';
    is $nginx->post('/collect', api_batch(2))->{status}, 503, 'and so is the next one';
    is scalar fresh(), 1, 'Pinterest sees nothing of it';
}


{
    my $nginx = nginx('attempts=5 min=1ms max=1ms', '10s');

    $up->behave({ status => 503, headers => { 'X-RateLimit-Reset' => 60 } }, {});
    fresh();
    is $nginx->post('/collect', api_batch(1))->{status}, 200,
        'X-RateLimit-Reset, which every answer has, is not waited for without a limit';

    $up->behave({ status => 503, headers => { 'Retry-After' => 1 } }, {});
    my $start = time();
    is $nginx->post('/collect', api_batch(2))->{status}, 200, 'Retry-After is, whatever the failure';
    cmp_ok time() - $start, '>=', 0.9, 'for as long as it says';
}


# two are in flight when the first fails; the second tells how long to wait

{
    my $nginx = nginx('attempts=5 min=1ms max=1ms', '10s');

    $up->behave({ act => 'hold', status => 500 }, { act => 'hold', status => 429, headers => { 'Retry-After' => 2 } }, {});
    fresh();

    my @clients;

    for my $n (1, 2) {
        push @clients, $nginx->client->post('/collect', api_batch($n));
        $up->wait_for($seen + $n, 5, arrived => 1) or die 'no request';
    }

    my $start = time();
    $up->release(2);

    is join(' ', map { $_->answer(8)->{status} } @clients), '200 200', 'a failure, and a 429 behind it';
    cmp_ok time() - $start, '>=', 1.9, 'that is kept, too';
}


# ---- a request that is taken apart does not hold up others

{
    my $nginx = nginx('attempts=2 min=5ms max=5ms', '3s');

    $up->behave({ reject => '"o-(\d\d?|[1-4]\d\d)"', delay => 0.02 });
    fresh();

    my $bad = $nginx->client->post('/collect', api_batch(1 .. 499));

    $up->wait_for($seen + 3, 5) or die 'nothing is taken apart';

    my $start = time();
    my @good = map { $nginx->client->post('/collect', api_batch($_)) } 1001 .. 1003;

    is join(' ', map { $_->answer(5)->{status} } @good), '200 200 200', 'good events of others';
    cmp_ok time() - $start, '<', 1, 'are delivered between the parts of 499 bad ones';
    $bad->answer(5);

    my @lines = grep { /pintag: / } $nginx->errors('warn');
    cmp_ok scalar @lines, '<=', 6, scalar(@lines) . ' lines tell of them in the log';
    like $lines[0], qr/ad account \d+ refused \d+ events, the last with 400 "Invalid request"/, 'with what Pinterest said';
}


# ---- 401, 403, 404 stop the destination, not the events

for (
    [ 401, 'access token is not valid' ],
    [ 403, 'access token does not permit it' ],
    [ 404, 'no such ad account' ],
) {
    my ($status, $what) = @$_;
    my $nginx = nginx('attempts=2 min=10ms max=' . ms(400), ms(300));

    $up->behave({ status => $status, body => error(2, "You are not allowed\nto do jo\@example.com " . TOKEN) });
    fresh();

    my $answer = $nginx->post('/collect', api_batch(1, 2, 3));

    is $answer->{status}, 503, "$status: 503 after the ack timeout";
    is outcomes($answer), join('; ', map { "$_ failed misconfigured" } 0 .. 2), 'each event is kept by the client';

    my @clients = map { $nginx->client->post('/collect', api_batch($_)) } 10 .. 19;
    is join(' ', map { $_->answer(5)->{status} } @clients), join(' ', (503) x 10), 'and those of others';

    my @requests = fresh();
    cmp_ok scalar @requests, '<=', 3, scalar(@requests) . ' requests: a probe every max';
    is join(' ', (api_sizes(@requests))[1 .. $#requests]), join(' ', (1) x $#requests), 'of one event';

    my @errors = $nginx->errors;
    is scalar @errors, 1, 'one line in the error log';
    like $errors[0], qr/ad account \d+ was answered $status, "You are not allowed to do .*": .*$what/, 'says why';
    unlike $errors[0], qr/example\.com|pina_/, 'and nothing else';

    # it is mended: what waits leaves, and nobody was refused
    $up->behave();
    sleep 0.4;
    is $nginx->post('/collect', api_batch(20))->{status}, 200, 'mended: the next event is delivered';
}

{
    my $nginx = nginx('attempts=1 min=10ms max=300ms', '5s');

    $up->behave({ status => 401, body => error(2, 'x') }, { status => 401, body => error(2, 'x') }, {});
    fresh();

    is outcomes($nginx->post('/collect', api_batch(1 .. 5))), '',
        'what waits while it is mended is delivered, and uses up no attempt';
    is join(' ', api_sizes(fresh())), '5 1 1 4', 'after two probes of one event';
}


# ---- an outage: probes of one event, not the load

{
    my $nginx = nginx('attempts=100 min=50ms max=100ms', '1s');

    $up->behave(status => 503);
    fresh();

    my @clients = map { $nginx->client->post('/collect', api_batch(10 * $_ .. 10 * $_ + 9)) } 1 .. 20;
    my @answers = map { $_->answer(5) } @clients;

    is join(' ', map { $_->{status} } @answers), join(' ', (503) x 20), 'an outage: 20 clients hear 503';
    is scalar(grep { @{ answer_of($_)->{events} } == 10 } @answers), 20, 'with all of their events';

    my @requests = fresh();
    cmp_ok scalar @requests, '<=', 60, scalar(@requests) . ' requests for 200 events';

    # one of the two in flight may arrive after a probe
    my @sizes = sort { $b <=> $a } api_sizes(@requests);
    is join(' ', @sizes[2 .. $#sizes]), join(' ', (1) x ($#sizes - 1)), 'but for two probes of one event each';

    $up->behave();
    sleep 0.2;
    is $nginx->post('/collect', api_batch(1))->{status}, 200, 'and it resumes';
    is join(' ', api_events_of(fresh())), '1', 'nothing that was given up is sent after all';
}


# ---- one transport never holds the other

{
    my $up = Pintag::StandIn->new;
    my $tag = Pintag::StandIn->new;

    for my $fails ('api', 'tag') {
        my $nginx = api_nginx($up->port, config => 'tagId: "2612826764086"',
            http => 'upstream tag { server 127.0.0.1:' . $tag->port . '; keepalive 16; }',
            collect => 'pintag_retry attempts=2 min=10ms max=20ms; pintag_ack delivered timeout=' . ms(500) . ';',
            server => 'location /pinterest/v3/ { internal; proxy_pass http://tag/v3/; proxy_http_version 1.1;
                       proxy_set_header Connection ""; }');
        my ($bad, $good) = $fails eq 'api' ? ($up, $tag) : ($tag, $up);
        my ($before) = scalar($good->requests);

        $bad->behave(status => 503);
        $good->behave();

        my $answer = $nginx->post('/collect', api_batch(1 .. 30));

        is $answer->{status}, 503, "the $fails transport does not answer: 503";
        is scalar(@{ answer_of($answer)->{events} }), 30, 'for each event';

        my @requests = $good->requests;
        my @good = map { $fails eq 'api' ? $_->{uri} =~ /order_id\]=o-(\d+)/ : api_events_of($_) }
                   @requests[$before .. $#requests];

        is join(' ', sort { $a <=> $b } @good), join(' ', 1 .. 30), 'the other one has each event once';
    }
}

done_testing();
