# pintag_write_keys: whose events are taken, and that a key stays here.

use strict;
use warnings;

use FindBin;
use lib "$FindBin::Bin/lib";

use JSON::PP;
use MIME::Base64 qw(encode_base64);
use Pintag::Nginx;
use Pintag::Setup;
use Pintag::StandIn;
use Test::More;

my $up = Pintag::StandIn->new;

# one whose integrations are those of this test
sub keyed { return location(@_) =~ s{%%DATA%%/integrations\.yaml}{i.yaml}r }

my $http2 = listen_http2('127.0.0.1:%%PORT2%%');

my $nginx = Pintag::Nginx->new(
    ports => 2,
    files => { 'i.yaml' => <<'END', 'entries.yaml' => <<'END' },
- name: pinterest
  config:
      tagId: "1"
END
- name: pinterest
  config:
      tagId: "1"
      writeKeys: [key-1]
- name: pinterest
  config:
      tagId: "2"
      writeKeys: [key-2]
END
    http => collector($up->port, integrations => 'i.yaml', at => '/collect',
        http => 'pintag_write_keys key-1 "a key: ü" 7;',
        server => $http2 . join '',
            keyed('/off', 'pintag_write_keys off;'),
            keyed('/other', 'pintag_write_keys key-2;'),
            keyed('/preview', 'pintag_preview on;'),
            keyed('/stored', 'pintag_ack received;'),
            keyed('/entries', 'pintag_write_keys key-1 key-2 key-3;') =~ s/i\.yaml/entries.yaml/r));
my $client = $nginx->client;

sub basic { return (Authorization => 'Basic ' . encode_base64($_[0], '')) }

sub event {
    my ($n, $key) = @_;
    return { %{ order($n) }, defined $key ? (writeKey => $key) : () };
}


# ---- where a key may be, and which counts

for (
    # arguments, headers, body; status
    [ '', [], event(1), 401 ],
    [ '', [basic('key-1:')], event(1), 200 ],
    [ '', [basic('key-1:secret')], event(1), 200 ],
    [ '', [basic('key-2:')], event(1), 401 ],
    [ '', [basic('KEY-1:')], event(1), 401 ],
    [ '', [basic('key-1')], event(1), 401 ],
    [ '', [basic('key-:')], event(1), 401 ],
    [ '', [basic('key-11:')], event(1), 401 ],
    [ '', [basic(':key-1')], event(1), 401 ],
    [ '', [Authorization => 'Bearer key-1'], event(1), 401 ],
    [ '?writeKey=key-1', [], event(1), 200 ],
    [ '?writeKey=a%20key%3A%20%C3%BC', [], event(1), 200 ],
    [ '?writeKey=key-2', [], event(1), 401 ],
    [ '?writeKey=', [], event(1), 401 ],
    [ '', ['X-Write-Key' => 'key-1'], event(1), 200 ],
    [ '', ['X-Write-Key' => 'key-2'], event(1), 401 ],
    [ '', [], event(1, 'key-1'), 200 ],
    [ '', [], event(1, 7), 200 ],
    [ '', [], event(1, 'key-2'), 401 ],
    [ '', [], event(1, ''), 401 ],
    [ '', [], { %{ event(1) }, write_key => 'key-1' }, 200 ],
    [ '', [], { batch => [event(1)], writeKey => 'key-1' }, 200 ],
    [ '', [], { batch => [event(1)], writeKey => 'key-2' }, 401 ],
    [ '', [], { batch => [event(1, 'key-1')], writeKey => 'key-2' }, 200 ],
    [ '', [], { batch => [], writeKey => 'key-1' }, 200 ],
    [ '', [], { batch => [], writeKey => 'key-2' }, 401 ],
    [ '', [], { batch => [] }, 401 ],
    [ '', [], [event(1, 'key-1')], 200 ],
    [ '', [], [event(1)], 401 ],
    [ '', [], { opts => {}, obj => event(1, 'key-1') }, 200 ],
    [ '', [], [7], 401 ],

    # of the head's the first that is there
    [ '?writeKey=key-2', [basic('key-1:')], event(1), 200 ],
    [ '?writeKey=key-1', [basic('key-2:')], event(1), 401 ],
    [ '?writeKey=key-1', ['X-Write-Key' => 'key-2'], event(1), 200 ],
    [ '?writeKey=key-2', ['X-Write-Key' => 'key-1'], event(1), 401 ],
    [ '?writeKey=key-1', [Authorization => 'Bearer x'], event(1), 200 ],

    # a wrong one in the head is not mended by the body
    [ '', [basic('key-2:')], event(1, 'key-1'), 401 ],
    [ '?writeKey=key-2', [], event(1, 'key-1'), 401 ],
    [ '', ['X-Write-Key' => 'key-2'], event(1, 'key-1'), 401 ],

    # an event's own counts before the head's
    [ '', [basic('key-1:')], event(1, 'key-2'), 400 ],
    [ '', [basic('key-1:')], event(1, 'key-1'), 200 ],
) {
    my ($args, $headers, $body, $status) = @$_;
    my $json = encode_json($body);
    my $from = $up->requests;
    my $answer = $client->post("/collect$args", $json, @$headers)->answer;
    my $got = answer_of($answer);
    my @sent = ($up->requests)[$from .. $up->requests - 1];

    is $answer->{status}, $status, "$args @$headers $json: $status";
    is scalar @sent, $status == 200 && $json !~ /"batch":\[\]/ ? 1 : 0, 'as many are sent';
    unlike join('', map { $_->{raw} } @sent), qr/key|authorization/i, 'without a key';

    if ($status == 401) {
        is $got->{error}, 'invalid_write_key', 'error';
        like $got->{message}, qr/"pintag_write_keys" lists is missing; send one as/, 'that tells the remedy';
        is_deeply [sort keys %$got], [qw(error message success)], 'and nothing else';
        is $answer->{headers}{'www-authenticate'}, undef, 'no browser is to ask for a password';

    } elsif ($status == 400) {
        is $got->{events}[0]{reason}, 'invalid_write_key', 'the event is rejected';
    }
}


# ---- a batch of several keys

{
    my @events = (event(1, 'key-1'), event(2, 'key-2'), event(3), event(4, 'a key: ü' =~ s/ü/\x{fc}/r),
                  { %{ event(5, 'key-2') }, type => 'identify' }, { %{ event(6) }, type => 'identify' });
    my @rejected = map { { index => $_ - 1, message_id => "m-$_", status => 'rejected',
                           reason => 'invalid_write_key' } } 2, 5;
    my $skipped = { index => 5, message_id => 'm-6', status => 'skipped', reason => 'unsupported_type' };
    my $from = $up->requests;
    my $answer = $client->post('/collect', encode_json({ batch => \@events }), basic('key-1:'))->answer;

    is $answer->{status}, 200, 'with a right key in the head: 200';
    is_deeply answer_of($answer)->{events}, [@rejected, $skipped], 'those of a wrong one are rejected';
    is_deeply [sort(events_of(($up->requests)[$from .. $up->requests - 1]))], [1, 3, 4], 'the others are sent';

    $answer = $client->post('/collect', encode_json({ batch => \@events }))->answer;
    is $answer->{status}, 200, 'with none: 200';
    is_deeply [map { $_->{reason} } @{ answer_of($answer)->{events} }], [('invalid_write_key') x 4],
        'those without one are rejected, too';

    $answer = $client->post('/collect', encode_json(\@events), 'X-Write-Key' => 'x')->answer;
    is $answer->{status}, 401, 'with a wrong one: 401';

    $answer = $client->post('/collect', encode_json([@events[1, 2]]))->answer;
    is $answer->{status}, 401, 'and where none is right';

    # NDJSON
    $answer = $client->post('/collect', join("\n", encode_json($events[0]), encode_json($events[1]), '{'),
                            'Content-Type' => 'application/x-ndjson')->answer;
    is $answer->{status}, 200, 'lines: 200';
    is_deeply [map { $_->{reason} } @{ answer_of($answer)->{events} }], ['invalid_write_key', 'invalid_json'],
        'and each that is not taken has its reason';
    is $client->post('/collect', encode_json($events[1]) . "\n{",
                     'Content-Type' => 'application/x-ndjson')->answer->{status}, 401, 'lines without a right one';

    # what cannot be read has no key: what is wrong with it can be mended first
    is $client->post('/collect', '{')->answer->{status}, 400, 'a body that is no JSON: 400';
    is $client->post('/collect', '{', basic('x:'))->answer->{status}, 401, 'but 401 with a wrong key in the head';
}


# ---- other answers, inheritance, destinations with keys

for (
    [ '/off', undef, 200 ], [ '/off', 'key-2', 200 ],
    [ '/other', 'key-1', 401 ], [ '/other', 'key-2', 200 ],
    [ '/preview', undef, 401 ], [ '/preview', 'key-1', 200 ],
    [ '/stored', undef, 401 ], [ '/stored', 'key-1', 202 ],
) {
    my ($uri, $key, $status) = @$_;

    is $client->post($uri, encode_json(event(1, $key)))->answer->{status}, $status,
        "$uri, " . ($key // 'no key') . ": $status";
}

{
    my $answer = $client->post('/preview', encode_json([event(1, 'key-1'), event(2, 'key-2')]))->answer;
    is scalar @{ answer_of($answer)->{requests} }, 1, 'a preview shows those of a right key only';
}

for (
    [ [], 'key-1', '1' ], [ [], 'key-2', '2' ], [ [], 'key-3', '' ], [ ['X-Write-Key' => 'key-1'], 'key-2', '2' ],
    [ ['X-Write-Key' => 'key-1'], undef, '1' ],
) {
    my ($headers, $key, $tags) = @$_;
    my $from = $up->requests;

    is $client->post('/entries', encode_json(event(1, $key)), @$headers)->answer->{status}, 200, 'answered 200';
    is join(' ', map { $_->{uri} =~ /tid=(\d+)/ } ($up->requests)[$from .. $up->requests - 1]), $tags,
        "@$headers, " . ($key // 'no key') . ": goes to \"$tags\"";
}


# ---- pixels

{
    my $pixel = sub { '/collect/v1/pixel/track?data=' . encode_base64(encode_json(event(1, @_)), '') };

    for (
        [ $pixel->('key-1'), [], 1 ], [ $pixel->(), [], 0 ], [ $pixel->('x'), [], 0 ],
        [ $pixel->() . '&writeKey=key-1', [], 1 ], [ $pixel->('key-1') . '&writeKey=x', [], 0 ],
        [ $pixel->(), [basic('key-1:')], 1 ],
    ) {
        my ($uri, $headers, $wanted) = @$_;
        my $from = $up->requests;
        my $image = $client->get($uri, @$headers)->answer;

        is $image->{status}, 200, "pixel @$headers: 200";
        is length $image->{body}, 43, 'an image';
        is $up->requests - $from, $wanted, $wanted ? 'and sent' : 'and not sent';
        is $client->get($uri, Accept => 'application/json', @$headers)->answer->{status}, $wanted ? 200 : 401,
            'who asks is told';
    }
}


# ---- HTTP/2

SKIP: {
    skip 'no curl with HTTP/2', 1 if `curl -V 2>/dev/null` !~ /\bHTTP2\b/;

    my $at = 'http://127.0.0.1:' . $nginx->port(2) . '/collect';
    my $curl = q{curl -s -o /dev/null -w '%{http_code}' --http2-prior-knowledge --max-time 10};
    my $plain = encode_json(event(1));

    is `$curl -d '$plain' -u key-1: $at`, 200, 'HTTP/2: a right key';
    is `$curl -d '$plain' -u key-2: $at`, 401, 'a wrong one';
    is `$curl -d '$plain' $at`, 401, 'none';
}


# ---- a key is in no log but nginx's own access log

is join('', $nginx->errors), '', 'no error';
unlike $nginx->error_log, qr/key-\d/, 'no key in the error log';

done_testing();
