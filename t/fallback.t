# pintag_fallback: what cannot be delivered goes to another upstream, as NDJSON.

use strict;
use warnings;

use FindBin;
use lib "$FindBin::Bin/lib";

use JSON::PP;
use MIME::Base64 qw(decode_base64 encode_base64);
use Pintag::Deadline;
use Pintag::Nginx;
use Pintag::Setup;
use Pintag::StandIn;
use Test::More;
use Time::HiRes qw(sleep time);

use constant TAG => '2612826764086';
use constant RETRY => 'pintag_retry attempts=2 min=10ms max=20ms;';

my $utf8 = JSON::PP->new->utf8;
my $pinterest = Pintag::StandIn->new;
my $store = Pintag::StandIn->new;


# ---- an nginx whose /fallback leads to the store

# collect, server, pinterest ...: see Pintag::Setup; expect; fallback: lines of
# the location; read: how long it waits for an answer; retry: the directive
sub setup {
    my %args = @_;
    my $expect = defined $args{expect} ? "'expect=$args{expect}'" : '';
    my $fallback = $args{fallback} // '';
    my $read = $args{read} // '300ms';
    my $retry = $args{retry} // RETRY;
    my $port = $store->port;

    $args{collect} = "$retry pintag_fallback /fallback $expect;" . ($args{collect} // '');
    $args{server} = ($args{server} // '') . <<"END";
        location = /fallback {
            internal;
            proxy_pass http://127.0.0.1:$port/store;
            proxy_read_timeout $read;
            $fallback
        }
END
    delete @args{qw(expect fallback read retry)};
    return %args;
}


sub nginx {
    my %args = setup(@_);
    my %nginx = map { exists $args{$_} ? ($_ => delete $args{$_}) : () }
                qw(workers level main files ports);

    return Pintag::Nginx->new(%nginx, http => collector($pinterest->port, %args));
}


sub api { return api_nginx($pinterest->port, setup(@_)) }


# ---- what came since

my %seen;

sub fresh {
    my $up = shift;
    my @requests = $up->requests;
    my $from = $seen{$up->port} // 0;

    $seen{$up->port} = @requests;
    return splice @requests, $from;
}


# so many lines in the store, decoded; each body must be whole lines
sub stored {
    my ($count, $timeout) = @_;
    my $from = $seen{$store->port} // 0;
    my $end = deadline($timeout // 20);
    my $lines;

    do {
        sleep 0.05;
        my @requests = $store->requests;
        $lines = join '', map { $_->{body} } @requests[$from .. $#requests];
    } until ($lines =~ tr/\n//) >= $count || time() > $end;

    my @requests = fresh($store);
    my @broken = grep { $_->{body} !~ /\A(?:\{[^\n]*\}\n)+\z/ } @requests;

    is scalar @broken, 0, 'NDJSON: a line an object' or diag $broken[0]{body};

    return map { eval { $utf8->decode($_) } // diag("no JSON: $_") && () } split /\n/, $lines;
}


sub kept { return scalar(my @fresh = fresh($store)) }

sub reset_both {
    $pinterest->accept;
    $pinterest->behave(@_);
    $store->accept;
    $store->behave();
    fresh($_) for $pinterest, $store;
}


sub body { return encode_json(order(@_)) }

sub quiet {
    my $nginx = shift;
    is join('', $nginx->errors('alert', 'crit', 'emerg')), '', 'no alert';
}


# ---- "received", and Pinterest is silent: for 10 s; looked at again at the end

my $silent = Pintag::StandIn->new(act => 'hang');
my $late_store = Pintag::StandIn->new;
my $late_start = time();
my $late_nginx = Pintag::Nginx->new(http => collector($silent->port,
    collect => 'pintag_ack received; pintag_window tag=1; pintag_fallback /fallback;',
    pinterest => 'proxy_read_timeout 10m;',
    server => 'location = /fallback { internal; proxy_pass http://127.0.0.1:' . $late_store->port . '; }'));

is $late_nginx->post('/collect', batch(1 .. 3))->{status}, 202, 'received while Pinterest is silent';


# ---- a delivery that is given up: the line, and the answer

{
    my $nginx = nginx(server => 'server_name edge.example other.example;');

    reset_both(status => 503);

    my $answer = $nginx->post('/collect', body(1), Cookie => 'session=C00KIE',
                              Authorization => 'Basic ' . encode_base64('s3cret:', ''));

    is $answer->{status}, 202, 'attempts used up: 202';
    is $answer->{body}, '{"success":true,"received":1,"delivered":0,"stored":1}', 'it is stored';
    is $answer->{headers}{'retry-after'}, undef, 'nothing to come back for';

    my ($request) = $store->requests;
    my @lines = stored(1);
    my @tried = fresh($pinterest);
    (my $query = $tried[0]{uri}) =~ s{^/v3/\?}{};

    is scalar @tried, 2, 'after its two attempts';
    is scalar @lines, 1, 'one line';

    my $time = delete $lines[0]{time};

    cmp_ok abs($time - time()), '<', 5, 'with the time';
    is_deeply $lines[0], {
        destination => 'tag:' . TAG . ':edge.example/pinterest', event_id => 'm-1',
        reason => 'upstream_error', payload => $query,
    }, 'the destination, the event id, the reason and the query; what is empty is left out';

    like $request->{request}, qr{\APOST /store HTTP/1\.[01]\z}, 'it is a POST, as the location makes it';
    is $request->{headers}{'content-type'}, 'application/x-ndjson', 'of NDJSON';
    is $request->{headers}{'content-length'}, length $request->{body}, 'with its length';
    unlike "$request->{raw}$request->{body}", qr/C00KIE|s3cret|czNjcmV0|cookie|authorization/i,
        'without anything of the client';

    # a subrequest that went well: the next one goes to Pinterest
    reset_both();
    is $nginx->post('/collect', body(2))->{body}, '{"success":true,"received":1,"delivered":1}',
        'when Pinterest answers nothing is stored';
    is kept(), 0, 'nor sent there';
    is join('', $nginx->errors), '', 'no error';
}


# ---- every reason

for (
    [ 'answers 502', sub { $pinterest->behave(status => 502) }, 'upstream_error' ],
    [ 'answers 302', sub { $pinterest->behave(status => 302) }, 'redirect' ],
    [ 'resets', sub { $pinterest->behave(act => 'reset') }, 'no_answer' ],
    [ 'refuses connections', sub { $pinterest->refuse }, 'no_answer' ],
) {
    my ($what, $how, $reason) = @$_;
    my $nginx = nginx();

    reset_both();
    $how->();

    is $nginx->post('/collect', body(1))->{status}, 202, "Pinterest $what: stored";
    is join(' ', map { $_->{reason} } stored(1)), $reason, 'with the reason';
    quiet($nginx);
}


# ---- a line that has all members, and odd ones

{
    my $nginx = nginx(
        integrations => 'i.yaml',
        files => { 'i.yaml' => <<"END" });
- name: pinterest
  config:
      tagId: "@{[TAG]}"
      forwardClientAddress: true
END
    my $agent = "Mozilla/5.0 \"q\" \\b\\ \xc3\xa4 \xff\xfe";
    my $event = order(1);

    $event->{messageId} = "m \"1\"\t\\n \x{e4}\x{1f600}";
    $event->{context} = { ip => '203.0.113.5', page => { url => 'https://shop.example/a?b="c"' } };

    reset_both(status => 503);
    is $nginx->post('/collect', encode_json($event), 'User-Agent' => $agent,
                    Origin => 'http://localhost')->{status}, 202, 'odd characters: stored';

    my ($line) = stored(1);
    my ($tried) = fresh($pinterest);

    is $line->{event_id}, $event->{messageId}, 'the event id is the one that came';
    is $line->{address}, $tried->{headers}{'x-forwarded-for'}, 'the address is the one that Pinterest gets';
    is $line->{page_url}, $tried->{headers}{referer}, 'and the page';
    is $line->{address}, '203.0.113.5', 'both are there';
    like $line->{page_url}, qr{^https://shop\.example/a}, 'as they came';
    like $line->{user_agent}, qr{^Mozilla/5\.0 "q" \\b\\ }, 'and the user agent, as JSON';
    is "/v3/?$line->{payload}", $tried->{uri}, 'and the query';
    quiet($nginx);
}


# ---- the Conversions API: the event itself, without the token

{
    my $nginx = api();

    reset_both(status => 503);

    my $answer = $nginx->post('/collect', encode_json(api_order(1, note => "\x{e4} \"q\" \\")));

    is $answer->{body}, '{"success":true,"received":1,"delivered":0,"stored":1}',
        'an event of the Conversions API is stored';

    my ($request) = ($store->requests)[$seen{$store->port}];
    my ($line) = stored(1);
    my ($tried) = fresh($pinterest);
    my ($payload) = $request->{body} =~ /"payload":(\{.*\})\}\n\z/;

    is "{\"data\":[$payload]}", $tried->{body}, 'its JSON is what Pinterest gets, to the byte';
    is ref $line->{payload}, 'HASH', 'as an object';
    is $line->{payload}{event_id}, 'm-1', 'with its id';
    is $line->{destination}, 'api:' . ACCOUNT . ':/pinterest', 'the destination';
    unlike "$request->{raw}$request->{body}", qr/\Q@{[TOKEN]}\E|bearer|authorization/i, 'no token';
    quiet($nginx);
}

{
    my $nginx = api(config => 'testMode: true');

    reset_both(status => 503);
    is $nginx->post('/collect', api_batch(1))->{status}, 202, 'in test mode, too';
    is((stored(1))[0]{destination}, 'api-test:' . ACCOUNT . ':/pinterest', 'with a destination of its own');
}

{
    my $nginx = api(collect => 'pintag_ack delivered timeout=500ms;');

    reset_both(status => 401);
    is $nginx->post('/collect', api_batch(1, 2))->{status}, 202, 'a refused token: stored when the time is over';
    is join(' ', sort map { $_->{event_id} } stored(2)), 'm-1 m-2', 'both of them';
    is join('', grep { !/401/ } $nginx->errors), '', 'no other error';
}


# ---- several: each its own way

{
    my $poison = Pintag::Nginx->new(http => <<'END');
    server {
        listen 127.0.0.1:%%PORT%%;
        location / {
            if ($args ~ "=o-[1-7]&") { return 500; }
            if ($args ~ "=o-8&") { return 400; }
            empty_gif;
        }
    }
END
    my %args = setup();
    my $nginx = Pintag::Nginx->new(http => collector($poison->port, %args));

    reset_both();

    my $answer = $nginx->post('/collect', batch(1 .. 12));

    is $answer->{status}, 202, 'of 12 events 7 fail and one is refused: 202';
    is_deeply answer_of($answer), {
        success => JSON::PP::true, received => 12, delivered => 4, refused => 1, stored => 7,
        events => [{ index => 7, message_id => 'm-8', status => 'refused', reason => 'refused' }],
    }, 'those that are stored are not listed';

    my %lines = map { $_->{event_id} => $_->{reason} } stored(8);

    is_deeply \%lines, { 'm-8' => 'refused', map { ("m-$_" => 'upstream_error') } 1 .. 7 },
        'they are at the fallback, and so is what was refused, with their reasons';
    quiet($nginx);
}


# ---- timeout while it waits

{
    my $nginx = nginx(collect => 'pintag_window tag=1; pintag_ack delivered timeout=400ms;');

    reset_both(act => 'hold');

    my $first = $nginx->client->post('/collect', body(1));

    $pinterest->wait_for($seen{$pinterest->port} + 1, 10, arrived => 1) or die 'nothing in flight';

    my @late = map { $nginx->client->post('/collect', body($_)) } 2 .. 5;

    is join(' ', map { $_->answer(20)->{status} } @late), '202 202 202 202', 'four that wait are stored in time';

    my %lines = map { $_->{event_id} => $_->{reason} } stored(4);

    is_deeply { map { $_ => $lines{$_} } map { "m-$_" } 2 .. 5 }, { map { ("m-$_" => 'timeout') } 2 .. 5 },
        'as not sent in time';
    ok defined $first->answer(5), 'the one in flight has an answer, too';

    $pinterest->behave();
    $pinterest->release;
    sleep 0.2;
    is join(' ', events_of(fresh($pinterest))), '1', 'what is stored is not sent as well';
    quiet($nginx);
}


# ---- pintag_batch and pintag_window are kept

{
    my $nginx = nginx(collect => 'pintag_ack delivered timeout=' . ms(300) . '; pintag_batch events=7 size=64k; pintag_window api=3;');

    reset_both(status => 503);
    $store->behave(delay => 0.05);

    is $nginx->post('/collect', batch(1 .. 50))->{status}, 202, '50 events are stored';

    my @requests = $store->requests;
    @requests = splice @requests, $seen{$store->port};

    is scalar(stored(50)), 50, 'all of them';
    is scalar(grep { $_->{body} =~ tr/\n// > 7 } @requests), 0, 'seven in a request at most';
    is scalar(grep { $_->{in_flight} > 3 } @requests), 0, 'and three requests at a time';
    cmp_ok scalar @requests, '<', slow(20), 'together where they can: ' . @requests . ' requests';
    quiet($nginx);
}


# ---- what is in flight when the time is over is not sent twice: the client waits
#      for its answer, or for the fallback, as long again

for (
    [ 'is delivered', [], 200, '' ],
    [ 'fails', [status => 503], 202, 'timeout' ],
    [ 'is refused', [status => 400], 200, 'refused' ],
) {
    my ($what, $behaviour, $status, $reason) = @$_;
    my $nginx = nginx(collect => 'pintag_ack delivered timeout=' . ms(400) . ';', retry => 'pintag_retry attempts=9 min=1s;');

    reset_both(@$behaviour, delay => slow(0.6));
    is $nginx->post('/collect', body(1))->{status}, $status, "in flight at the timeout, then it $what: $status";
    is join(' ', map { $_->{reason} } stored($reason ? 1 : 0)), $reason,
        $reason ? 'the fallback has it' : 'nothing goes to the fallback';
    is scalar(my @sent = fresh($pinterest)), 1, 'it was sent once';
    quiet($nginx);
}

for (
    [ 'Pinterest does not answer', { act => 'hang' }, {} ],
    [ 'nor does the fallback', { status => 503 }, { act => 'hang' } ],
) {
    my ($what, $at_pinterest, $at_store) = @$_;
    my $nginx = nginx(collect => 'pintag_ack delivered timeout=600ms;', read => '20s',
                      retry => 'pintag_retry attempts=9 min=10s;');

    reset_both(%$at_pinterest);
    $store->behave(%$at_store);

    my $start = time();

    is $nginx->post('/collect', body(1))->{status}, 503, "$what: 503";
    my $took = time() - $start;

    cmp_ok $took, '>', 1.1, 'after twice the time';
    cmp_ok $took, '<', 8, 'not much later';
    quiet($nginx);
}


# ---- what counts as stored

for (
    [ '200', {}, undef, 202 ],
    [ '201 without a body', { status => 201, body => '' }, undef, 202 ],
    [ '204', { status => 204, body => '' }, undef, 202 ],
    [ '200 in chunks', { chunked => 1, body => 'x' x 5000 }, undef, 202 ],
    [ '200 with the string', { body => '{"routed":true}' }, '"routed":true', 202 ],
    [ '200 with the string late in the body', { body => 'x' x 20_000 . 'ok' }, 'ok', 202 ],
    [ '200 with the string at the end of 64 KB', { body => 'x' x 65_534 . 'ok' }, 'ok', 202 ],
    [ '200 with 200 KB', { size => 200_000 }, undef, 202 ],
    [ '200 with the string, in pieces', { body => '{"routed":true}', act => 'drip', every => 0.002 }, '"routed":true', 202 ],
    [ '200 without the string', { body => '{"routed":false}' }, '"routed":true', 503 ],
    [ '200 without a body', { body => '' }, '"routed":true', 503 ],
    [ '204 and a string is wanted', { status => 204, body => '' }, 'x', 503 ],
    [ '500 with the string', { status => 500, body => '{"routed":true}' }, '"routed":true', 503 ],
    [ '302', { status => 302, headers => { Location => '/' } }, undef, 503 ],
    [ '400', { status => 400 }, undef, 503 ],
    [ '404', { status => 404 }, undef, 503 ],
    [ '429', { status => 429 }, undef, 503 ],
    [ '503', { status => 503 }, undef, 503 ],
    [ 'half an answer', { act => 'cut', body => '{"routed":true}' . ' ' x 100 }, '"routed":true', 503 ],
    [ 'no answer', { act => 'hang' }, undef, 503 ],
    [ 'a reset', { act => 'reset' }, undef, 503 ],
) {
    my ($what, $behaviour, $expect, $status) = @$_;
    my $nginx = nginx(expect => $expect);

    reset_both(status => 503);
    $store->behave(%$behaviour);

    my $answer = $nginx->post('/collect', body(1));
    my @tried = fresh($store);

    is $answer->{status}, $status, "the fallback answers $what: $status";

    if ($status == 202) {
        is scalar @tried, 1, 'at once';

    } else {
        is scalar @tried, 2, 'after as many attempts as pintag_retry allows';
        is $tried[0]{body} =~ s/"time":\d+//r, $tried[1]{body} =~ s/"time":\d+//r,
            'with the same body but for the time';
        like $answer->{headers}{'retry-after'}, qr/^[1-9]\d*$/, 'with Retry-After';

        my $got = answer_of($answer);

        is $got->{error}, 'not_delivered', 'as not delivered';
        is "$got->{failed} $got->{events}[0]{message_id} $got->{events}[0]{status}", '1 m-1 failed',
            'the event is named';
    }

    quiet($nginx);
}


# ---- it is retried: a fallback that comes back has it

for (
    [ 'answers 503 once', [{ status => 503 }, {}], undef ],
    [ 'resets once', [{ act => 'reset' }, {}], undef ],
    [ 'has not the string once', [{ body => '{"routed":false}' }, { body => '{"routed":true}' }], '"routed":true' ],
) {
    my ($what, $behaviour, $expect) = @$_;
    my $nginx = nginx(expect => $expect);

    reset_both(status => 503);
    $store->behave(@$behaviour);

    is $nginx->post('/collect', body(1))->{status}, 202, "a fallback that $what";
    is kept(), 2, 'gets it again';
    quiet($nginx);
}


# ---- $pintag_payload and $pintag_payload_base64

{
    my $nginx = nginx(
        collect => 'add_header X-Payload "$pintag_payload$pintag_payload_base64-" always;',
        fallback => q(proxy_set_body '{"base64":"$pintag_payload_base64"} $pintag_payload';
                      proxy_set_header X-Base64 $pintag_payload_base64;));

    reset_both(status => 503);

    my $answer = $nginx->post('/collect', batch(1 .. 3));

    is $answer->{status}, 202, 'a body of the location\'s own';
    is $answer->{headers}{'x-payload'}, '-', 'both variables are empty in the request of a client';

    my @requests = fresh($store);
    my @ids;

    for (@requests) {
        my ($base64, $payload) = $_->{body} =~ /\A\{"base64":"([A-Za-z0-9+\/=]*)"\} (.*)\z/s;

        is $base64, encode_base64($payload, ''), 'the one is the other in base64';
        is $_->{headers}{'x-base64'}, $base64, 'in headers, too';
        like $payload, qr/\A(?:\{"time":\d+,.*\}\n)+\z/, 'NDJSON';
        push @ids, map { $utf8->decode($_)->{event_id} } split /\n/, $payload;
    }

    is join(' ', sort @ids), 'm-1 m-2 m-3', 'all events are in it';
    quiet($nginx);
}


# ---- received: nobody waits

for (
    [ 'Pinterest refuses it', { status => 400 }, 'refused' ],
    [ 'attempts are used up', { status => 503 }, 'upstream_error' ],
) {
    my ($what, $behaviour, $reason) = @$_;
    my $nginx = nginx(collect => 'pintag_ack received;');

    reset_both(%$behaviour);
    is $nginx->post('/collect', batch(1 .. 5))->{body}, '{"success":true,"received":5}', "received, and $what";

    my @lines = stored(5);

    is join(' ', sort map { $_->{event_id} } @lines), 'm-1 m-2 m-3 m-4 m-5', 'all are at the fallback';
    is join(' ', sort keys %{{ map { $_->{reason} => 1 } @lines }}), $reason, 'with the reason';
    quiet($nginx);
}

{
    my $nginx = nginx(collect => 'pintag_ack received;');

    reset_both(status => 503);
    $store->behave(status => 503);
    is $nginx->post('/collect', body('77'))->{status}, 202, 'received, and the fallback fails, too';
    ok $nginx->wait_log(qr/\[error\].*m-77/), 'an error in the log has the event id';
    sleep 0.2;
    is kept(), 2, 'after as many attempts';
    unlike $nginx->error_log, qr/o-77|noscript/, 'and nothing of the query';
    quiet($nginx);
}

# a client that has left hears nothing either

for (
    [ 'and Pinterest refuses it', { status => 400 }, 'refused' ],
    [ 'and it is given up', { status => 503 }, 'upstream_error' ],
) {
    my ($what, $behaviour, $reason) = @$_;
    my $nginx = nginx();

    reset_both(%$behaviour, delay => 0.3);

    my $client = $nginx->client->post('/collect', body(1));

    $pinterest->wait_for($seen{$pinterest->port} + 1, 10, arrived => 1) or die 'nothing in flight';
    $client->reset;
    is join(' ', map { "$_->{event_id} $_->{reason}" } stored(1)), "m-1 $reason", "the client has left $what";
    quiet($nginx);
}

# a client that hears of a refusal hears of it at once

{
    my $nginx = nginx();

    reset_both(status => 400);
    $store->behave(act => 'hang');

    my $answer = $nginx->post('/collect', body(1));

    is $answer->{status}, 200, 'a refusal: 200';
    is_deeply answer_of($answer), {
        success => JSON::PP::true, received => 1, delivered => 0, refused => 1,
        events => [{ index => 0, message_id => 'm-1', status => 'refused', reason => 'refused' }],
    }, 'as without a fallback, and without waiting for it';

    # which does not answer, so it may have got it twice by now
    my ($line) = stored(1);

    is "$line->{event_id} $line->{reason}", 'm-1 refused', 'the fallback gets it';
    quiet($nginx);
}


# ---- a worker that leaves

for my $how (qw(reload quit)) {
    for my $well (0, 1) {
        my $nginx = nginx(collect => 'pintag_ack received; pintag_window tag=4;');

        reset_both(delay => 0.1, $well ? () : (status => 503));
        is $nginx->post('/collect', batch(1 .. 20))->{status}, 202, "$how with 20 that were received";

        my ($old) = $nginx->worker_pids;

        $how eq 'reload' ? $nginx->reload : $nginx->signal('quit');

        is join(' ', sort { $a <=> $b } map { $_->{event_id} =~ /(\d+)/ } stored($well ? 0 : 20)),
            $well ? '' : join(' ', 1 .. 20), $well ? 'Pinterest answers: the fallback gets nothing'
                                                    : 'Pinterest does not: all get to the fallback';
        ok defined $nginx->wait_gone($old, 20), 'then the worker leaves';
        is join(' ', sort { $a <=> $b } events_of(fresh($pinterest))), join(' ', 1 .. 20), 'all were sent before that'
            if $well;
        is kept(), 0, 'and nothing is sent twice';
        quiet($nginx);
    }
}


# ---- received, and there is neither spool nor fallback

{
    my $nginx = Pintag::Nginx->new(http => collector($pinterest->port, collect => RETRY . 'pintag_ack received;'));

    reset_both(status => 503);
    is $nginx->post('/collect', body('77'))->{status}, 202, 'received, and there is no fallback';
    ok $nginx->wait_log(qr/\[error\].*m-77/), 'an error in the log has the event id';
    quiet($nginx);
}


# ---- where it is given, and off

{
    my $port = $store->port;
    my $nginx = Pintag::Nginx->new(http => collector($pinterest->port, at => '/', server => <<"END"));
        pintag_fallback /fallback;
        @{[RETRY]}
        location = /off {
            pintag_integrations %%DATA%%/integrations.yaml;
            pintag_pass /pinterest;
            pintag_fallback off;
        }
        location = /fallback { internal; proxy_pass http://127.0.0.1:$port/store; }
END

    reset_both(status => 503);
    is $nginx->post('/collect', body(1))->{status}, 202, 'given for the server, it counts in a location';
    is kept(), 1, 'and gets it';
    is $nginx->post('/off', body(2))->{status}, 503, 'off is off';
    is kept(), 0, 'nothing goes there';
}


# ---- what nginx answers itself stores nothing

for (
    [ 'an error of the location', 'return 403;' ],
    [ 'a return', 'return 200 fine;' ],
    [ 'a rewrite away from it', 'rewrite ^ /x.gif last;' ],
) {
    my ($what, $lines) = @$_;
    my $nginx = nginx(fallback => $lines, server => 'location / { empty_gif; }');

    reset_both(status => 503);
    is $nginx->post('/collect', body(1))->{status}, 503, "$what stores nothing";
    is kept(), 0, 'and sends nothing';
    like $nginx->error_log, qr{\[error\].*"/fallback"}, 'the log names the location';
    quiet($nginx);
}


# ---- nothing of it is in the log, at debug level neither

{
    my $nginx = nginx(level => 'debug', expect => 'yes');

    reset_both(status => 503);
    $store->behave({ status => 500 }, { body => 'yes' });
    is $nginx->post('/collect', body('secret'))->{status}, 202, 'with a debug log';
    $nginx->quit;
    like $nginx->error_log, qr/\[debug\].*"POST \/collect/, "nginx's debug lines are there";
    unlike $nginx->error_log, qr/o-secret|noscript/, 'no payload is among them';
}


# ---- nginx -t

{
    my $nginx = Pintag::Nginx->new(no_start => 1, ports => 2,
        files => { 'i.yaml' => qq(- name: pinterest\n  config:\n    tagId: "7"\n) });
    my $collect = 'pintag_privacy_signal gpc=ignore; pintag_integrations i.yaml; pintag_pass /p;';
    my $pass = 'location /p/ { internal; proxy_pass http://127.0.0.1:1; }';
    my $internal = 'internal; proxy_pass http://127.0.0.1:1;';

    for (
        [ 'no such location', 'pintag_fallback /f;', '',
          qr{"pintag_fallback /f" finds no location .* in \S+nginx\.conf:\d+; define "location /f \{ internal; proxy_pass} ],
        [ 'a location that is not internal', 'pintag_fallback /f;', 'location = /f { proxy_pass http://127.0.0.1:1; }',
          qr{"pintag_fallback /f" finds a location that is not "internal"} ],
        [ 'a location without a content handler', 'pintag_fallback /f;', 'location = /f { internal; return 200; }',
          qr{"pintag_fallback /f" finds a location without "proxy_pass"} ],
        [ 'a location that collects itself', 'pintag_fallback /f;', "location /f { internal; $collect }",
          qr{"pintag_fallback /f" finds a location with "pintag_pass"} ],
        [ 'an address', 'pintag_fallback http://broker.example/;', "location /f { $internal }",
          qr{"pintag_fallback" directive takes the URI of an internal location, not an address} ],
        [ 'a variable', 'pintag_fallback /f$arg_x;', "location /f { $internal }",
          qr{"pintag_fallback" directive takes a plain URI} ],
        [ 'another parameter', 'pintag_fallback /f want=1;', "location /f { $internal }",
          qr{invalid parameter "want=1"} ],
        [ 'an empty string', 'pintag_fallback /f expect=;', "location /f { $internal }",
          qr{invalid parameter "expect="} ],
        [ 'two of them', 'pintag_fallback /f; pintag_fallback off;', "location /f { $internal }",
          qr{"pintag_fallback" directive is duplicate} ],
        [ 'none', 'pintag_fallback;', '',
          qr{invalid number of arguments in "pintag_fallback" directive} ],
    ) {
        my ($what, $directive, $server, $message) = @$_;
        my ($status, $out) = $nginx->test_config(
            "server { listen 127.0.0.1:%%PORT%%; location /c { $collect $directive } $pass $server }");

        isnt $status, 0, "nginx -t fails on $what";
        like $out, qr{\[emerg\].*$message}, 'and says why';
    }

    for (
        [ 'an exact location', "pintag_fallback /f;", "location = /f { $internal }" ],
        [ 'a prefix', "pintag_fallback /f/x;", "location /f { $internal }" ],
        [ 'a string with quotes', q(pintag_fallback /f 'expect="routed":true';), "location /f { $internal }" ],
        [ 'off', 'pintag_fallback off;', '' ],
        [ 'received with a fallback', 'pintag_ack received; pintag_fallback /f;', "location /f { $internal }" ],
    ) {
        my ($what, $directive, $server) = @$_;
        my ($status, $out) = $nginx->test_config(
            "server { listen 127.0.0.1:%%PORT%%; location /c { $collect $directive } $pass $server }");

        is $status, 0, "nginx -t takes $what" or diag $out;
        unlike $out, qr/\[warn\]/, 'without a warning';
    }

    my ($status) = $nginx->test_config(<<"END");
    server { listen 127.0.0.1:%%PORT%%; location /c { $collect pintag_fallback /f; } $pass }
    server { listen 127.0.0.1:%%PORT2%%; location /f { $internal } }
END
    isnt $status, 0, 'a location of another server is none';

    ($status, my $out) = $nginx->test_config(
        "server { listen 127.0.0.1:%%PORT%%; location /c { $collect pintag_ack received; } $pass }");
    is $status, 0, 'nginx -t takes received with neither spool nor fallback';
    like $out, qr/\[warn\].*"pintag_ack received"/, 'with a warning';
}


# ---- the spool refuses: the fallback has it

{
    my $nginx = nginx(http => 'pintag_spool %%DIR%%/spool max_size=64k file_size=64k;',
                      collect => 'pintag_ack stored;');
    my ($status, $n, $before) = (202, 0);

    reset_both(act => 'hang');
    $before = $store->requests;

    # until it is full
    while ($store->requests == $before && $status == 202 && $n < 5000) {
        $status = $nginx->post('/collect', batch($n + 1 .. $n + 50))->{status};
        $n += 50;
    }

    is $status, 202, "the spool is full after $n events: 202 as before";

    my @lines = stored(50);

    is join(' ', sort map { $_->{event_id} } @lines), join(' ', sort map { "m-$_" } $n - 49 .. $n),
        'the fallback has what came last, all of a request';
    is join(' ', sort keys %{{ map { $_->{reason} => 1 } @lines }}), 'spool_full', 'with the reason';

    my $got = $nginx->post('/collect', batch(10_001 .. 10_050));

    is $got->{body}, '{"success":true,"received":50,"stored":50}', 'the answer is that of the spool';
    is scalar(@lines = stored(50)), 50, 'the fallback has all of these, too';

    $store->behave(status => 503);
    $got = $nginx->post('/collect', batch(20_001 .. 20_050));
    is $got->{status}, 503, 'neither takes it: 503';
    like $got->{headers}{'retry-after'}, qr/^[1-9]\d*$/, 'with Retry-After';
    is_deeply answer_of($got), {
        success => JSON::PP::false, error => 'not_stored', message => answer_of($got)->{message},
        received => 50, failed => 50,
        events => [map { { index => $_, message_id => 'm-' . (20_001 + $_), status => 'failed',
                           reason => 'spool_full' } } 0 .. 49],
    }, 'the events are named';
    quiet($nginx);
}


# ---- with a spool, what Pinterest refuses is there, not at the fallback

{
    my $nginx = nginx(http => 'pintag_spool %%DIR%%/spool;', collect => 'pintag_ack stored;');

    reset_both(status => 400);
    is $nginx->post('/collect', body(1))->{status}, 202, 'a spool and a fallback';
    $pinterest->wait_for($seen{$pinterest->port} + 1, 10);

    my $end = deadline(10);
    sleep 0.1 until $nginx->file('spool/undelivered') ne '' || time() > $end;

    like $nginx->file('spool/undelivered'), qr/^U\t[^\n]*\trefused\t/m, 'what Pinterest refuses is in undelivered';
    is kept(), 0, 'and not sent to the fallback';
}


# ---- "received", 10 s later

{
    my @requests = $late_store->requests;

    is scalar(grep { $_->{t_in} < $late_start + 9 } @requests), 0, 'what waits is not at the fallback before 10 s';

    my $end = deadline(30);
    my $bodies;

    do {
        sleep 0.1;
        $bodies = join '', map { $_->{body} } $late_store->requests;
    } until ($bodies =~ tr/\n//) >= 2 || time() > $end;

    is join(' ', sort map { "$_->{event_id} $_->{reason}" } map { $utf8->decode($_) } split /\n/, $bodies),
        'm-2 timeout m-3 timeout', 'then it is, but for what is in flight';
}

done_testing();
