# What bodies are answered; the connection serves the next request whatever it
# was.

use strict;
use warnings;

use FindBin;
use lib "$FindBin::Bin/lib";

use JSON::PP;
use Pintag::Nginx;
use Pintag::Setup;
use Pintag::StandIn;
use Test::More;

my $up = Pintag::StandIn->new;
my $nginx = Pintag::Nginx->new(
    ports => 2,
    http => collector($up->port,
                      server => 'client_max_body_size 1m;'
                                . listen_http2('127.0.0.1:%%PORT2%%'),
                      collect => 'client_body_buffer_size 1k;'));
my $client = $nginx->client;


sub check {
    my ($what, $answer, $status, %wanted) = @_;
    my $got = answer_of($answer);

    is $answer->{status}, $status, "$what: $status";
    is $answer->{headers}{'content-type'}, 'application/json', 'in JSON';

    for (sort keys %wanted) {
        ref $wanted{$_} eq 'Regexp' ? like $got->{$_}, $wanted{$_}, $_
                                    : is $got->{$_}, $wanted{$_}, $_;
    }

    # the same connection again

    my $next = $client->post('/collect', encode_json(order(1)))->answer;
    is $next->{body}, '{"success":true,"received":1,"delivered":1}',
        'the connection is usable' or $client = $nginx->client;
}


for (
    [ 'cut off', "{\"batch\":[\n  {\"type\":\"track\",", 2, 19 ],
    [ 'no JSON', 'event=Lead', 1, 1 ],
    [ 'text after the end', "{}\n{}", 2, 1 ],
    [ 'a single quote', "{\"a\":\n'b'}", 2, 1 ],
    [ 'invalid UTF-8', "{\"event\":\"\xff\"}", 1, undef ],
    [ 'a number out of range', "{\"a\":1e999}", 1, undef ],
) {
    my ($what, $body, $line, $column) = @$_;

    check($what, $client->post('/collect', $body)->answer, 400,
          success => 0, error => 'invalid_json', message => qr/^[a-z]/,
          line => $line, defined $column ? (column => $column) : ());
}

check('an empty body', $client->post('/collect', '')->answer, 400,
      error => 'empty_body');
check('white space', $client->post('/collect', " \r\n")->answer, 400,
      error => 'empty_body');
check('no body', $client->request('POST', '/collect', undef)->answer, 400,
      error => 'empty_body');
check('a batch that is none', $client->post('/collect', '{"batch":1}')->answer,
      400, error => 'invalid_body');


for my $method (qw(GET PUT DELETE PATCH OPTIONS)) {
    my $answer = $client->request($method, '/collect',
                                  $method eq 'GET' ? undef : '{}')->answer;

    is $answer->{headers}{allow}, 'POST', "$method: Allow";
    check($method, $answer, 405, error => 'method_not_allowed');
}

{
    my $answer = $client->request('HEAD', '/collect', undef)->answer(5, head => 1);
    is $answer->{status}, 405, 'HEAD: 405';
    is $client->post('/collect', encode_json(order(1)))->answer->{status}, 200,
        'the connection is usable';
}


# ---- each event has its own verdict

my $answer = $client->post('/collect', encode_json({ batch => [
    order(1),
    { type => 'identify', messageId => 'm-2' },
    { type => 'track', messageId => "m-\"3\"\n" },
    { type => 'track', event => ' ' },
    7,
    order(6),
] }))->answer;

check('a batch of good and bad', $answer, 200, success => 1, received => 6,
      delivered => 2, skipped => 1, rejected => 3);
is_deeply answer_of($answer)->{events}, [
    { index => 1, message_id => 'm-2', status => 'skipped', reason => 'unsupported_type' },
    { index => 2, message_id => "m-\"3\"\n", status => 'rejected', reason => 'missing_event_name' },
    { index => 3, status => 'rejected', reason => 'missing_event_name' },
    { index => 4, status => 'rejected', reason => 'invalid_event' },
], 'each that was not delivered is named, with its reason';

check('nothing but bad', $client->post('/collect', '{"type":"track"}')->answer, 400,
      success => 0, error => 'events_rejected', received => 1, rejected => 1);
check('nothing to send', $client->post('/collect', '{"type":"identify"}')->answer,
      200, success => 1, received => 1, skipped => 1, delivered => 0);
check('an empty array', $client->post('/collect', '[]')->answer, 200,
      success => 1, received => 0, delivered => 0);
check('an empty batch', $client->post('/collect', '{"batch":[]}')->answer, 200,
      success => 1, received => 0, delivered => 0);


# ---- what does not fit is left out, and said

{
    my $long = { type => 'track', event => 'Long', properties => {
        text => 'x' x 9_000, order_id => 'o-1' } };
    my $from = $up->requests;

    is $client->post('/collect', encode_json($long))->answer->{body},
        '{"success":true,"received":1,"delivered":1,"truncated":1}',
        'a value that is too long for a query';
    like +($up->wait_for($from + 1, 5))[$from]{uri}, qr/^(?!.*xxx).*\[order_id\]=o-1/,
        'is left out';
    like $nginx->error_log, qr/\[warn\].* pintag_pass "\/pinterest" in .*:\d+ left out 1 values of event 0/,
        'with a warning';

    $long->{properties} = { order_id => 'x' x 9_000 };
    is answer_of($client->post('/collect', encode_json($long))->answer)->{events}[0]{reason},
        'too_long', 'one that may not be left out: the event is rejected';
}


# ---- however the body comes

my $batch = batch(1 .. 200);
my $whole = '{"success":true,"received":200,"delivered":200}';

cmp_ok length $batch, '>', 10_000, 'a body larger than its buffer';
is $client->post('/collect', $batch)->answer->{body}, $whole,
    'in a temporary file';
is $client->post_chunked('/collect', $batch, 700)->answer->{body}, $whole,
    'in chunks, in a temporary file';
is $client->post_chunked('/collect', encode_json(order(1)), 5)->answer->{body},
    '{"success":true,"received":1,"delivered":1}', 'in chunks, in memory';
is $client->post('/collect', $batch, Expect => '100-continue')->answer->{body},
    $whole, 'after 100 Continue';

$client->send("POST /collect HTTP/1.1\r\nHost: x\r\nContent-Length: "
              . length($batch) . "\r\n\r\n");
for (unpack '(a3000)*', $batch) {
    $client->send($_);
    select undef, undef, undef, 0.01;
}
is $client->answer->{body}, $whole, 'in pieces';

is $client->post('/collect', 'x' x 2_000_000)->answer->{status}, 413,
    'more than client_max_body_size: 413';

# over HTTP/2, where a body need not say how long it is
SKIP: {
    skip 'no curl with HTTP/2', 1 if `curl -V 2>/dev/null` !~ /\bHTTP2\b/;

    my $curl = 'curl -s --http2-prior-knowledge --max-time 10 http://127.0.0.1:'
               . $nginx->port(2) . '/collect';

    for ([encode_json(order(1)), 'in memory', '{"success":true,"received":1,"delivered":1}'],
         [$batch, 'in a temporary file', $whole],
         ['', 'which is empty', qr/"empty_body"/],
         ['x' x 600_000, 'larger than pintag_max_body', qr/"body_too_large"/])
    {
        my ($body, $what, $wanted) = @$_;
        my $file = $nginx->write_file('body', $body);
        my @ways = (['without a length', "cat $file | $curl -X POST -T -"],
                    ['in pieces', "(head -c 50 $file; sleep 0.1; tail -c +51 $file) | $curl -X POST -T -"]);

        # a client may not read the answer to what it has not sent all of
        push @ways, ['with its length', "$curl --data-binary \@$file"]
            if length $body < 500_000;

        for (@ways) {
            my $got = `$_->[1]`;

            ref $wanted ? like $got, $wanted, "HTTP/2, a body $what, $_->[0]"
                        : is $got, $wanted, "HTTP/2, a body $what, $_->[0]";
        }
    }
}

# two requests at once on one connection
$client = $nginx->client;
$client->post('/collect', encode_json(order(1)))->post('/collect', encode_json(order(2)));
is $client->answer->{status}, 200, 'pipelined: the first';
is $client->answer->{status}, 200, 'and the second';

# an answer that does not leave at once
{
    my $slow = Pintag::Nginx->new(
        http => collector($up->port, collect => 'limit_rate 100;'));
    my $client = $slow->client;

    for (['{"type":"identify"}', 200], [encode_json(order(1)), 200], ['{', 400]) {
        my ($body, $status) = @$_;
        my $answer = $client->post('/collect', $body)->answer;

        is $answer->{status}, $status, 'a slow answer';
        ok exists answer_of($answer)->{success}, 'comes whole';
    }

    my ($worker) = $slow->worker_pids;
    my $open = () = glob "/proc/$worker/fd/*";

    $slow->client->post('/collect', '{"type":"identify"}')->close for 1 .. 10;
    is $client->post('/collect', '{"type":"identify"}')->answer->{status}, 200,
        'nor does one that nobody waits for hold anything';

    for (1 .. 100) {
        last if $open >= (() = glob "/proc/$worker/fd/*");
        select undef, undef, undef, 0.1;
    }

    cmp_ok scalar(() = glob "/proc/$worker/fd/*"), '<=', $open, 'no connection is left';
}

# bodies that another request has read already: a mirror's copy
{
    my $mirror = Pintag::Nginx->new(
        http => collector($up->port, server =>
            'location = /tee { mirror /collect; proxy_pass http://pinterest/v3/tee; }'));

    my $before = $up->requests;

    is $mirror->post('/tee', encode_json(order(77)))->{status}, 200,
        'a mirrored request';
    my @requests = $up->wait_for($before + 2, 5);
    is_deeply [sort +events_of(@requests[$before .. $#requests])], [77],
        'is collected';
    is join('', $mirror->errors), '', 'no error';
}

# two mirrors of one body in a file: neither takes it from the other
{
    my $mirror = Pintag::Nginx->new(
        http => collector($up->port, server => <<'END'));
            client_body_buffer_size 1k;
            location = /both { mirror /one; mirror /two; proxy_pass http://pinterest/v3/tee; }
            location = /one { pintag_integrations %%DATA%%/integrations.yaml; pintag_pass /pinterest; }
            location = /two { pintag_integrations %%DATA%%/integrations.yaml; pintag_pass /pinterest; }
END

    my $before = $up->requests;

    is $mirror->post('/both', batch(1 .. 50))->{status}, 200, 'a body mirrored twice';
    my @requests = $up->wait_for($before + 101, 5);
    is_deeply [sort { $a <=> $b } events_of(@requests[$before .. $#requests])],
        [map { ($_, $_) } 1 .. 50], 'is collected twice';
}

is join('', grep { !/intended to send too large body|"messageId"/ } $nginx->errors), '',
    'no error';

done_testing();
