# pintag_max_body, pintag_max_events, and the values of a body: the last that is
# taken, the first that is not, and the connection afterwards.

use strict;
use warnings;

use FindBin;
use lib "$FindBin::Bin/lib";

use IO::Compress::Gzip;
use JSON::PP;
use Pintag::Nginx;
use Pintag::Setup;
use Pintag::StandIn;
use Test::More;

my $up = Pintag::StandIn->new;

sub gzip {
    my $text = shift;
    IO::Compress::Gzip::gzip(\$text => \my $out) or die;
    return $out;
}

# with a property
sub event_of {
    my $text = shift;
    return encode_json({ event => 'Lead', messageId => 'm-1', properties => { a => $text } });
}


# ---- pintag_max_body

my $event = encode_json(order(1));
my $size = length $event;
my $nginx = Pintag::Nginx->new(
    http => collector($up->port, collect => "pintag_max_body $size;",
                      server => 'client_max_body_size 8m;'));
my $client = $nginx->client;

sub refused {
    my ($answer, $what) = @_;
    my $got = answer_of($answer);

    is $answer->{status}, 413, "$what: 413";
    is $answer->{headers}{'content-type'}, 'application/json', 'in JSON';
    is $got->{success}, 0, 'success';
    is $got->{error}, 'body_too_large', 'error';
    like $got->{message}, qr/larger than "pintag_max_body" allows, $size bytes/,
        'the message names the directive and the limit';
}

is $client->post('/collect', $event)->answer->{status}, 200, 'exactly pintag_max_body';
is $client->post_chunked('/collect', $event, 10)->answer->{status}, 200, 'in chunks';

# the length is not known beforehand: the body is read, the connection stays
refused($client->post_chunked('/collect', "$event ", 10)->answer, 'a byte more, in chunks');
is $client->post('/collect', $event)->answer->{status}, 200, 'the connection is usable';
refused($client->post_chunked('/collect', ' ' x 300_000, 10_000)->answer,
        'more, in a temporary file');
is $client->post('/collect', $event)->answer->{status}, 200, 'the connection is usable';

# the length is told: as nginx itself does, what comes is not waited for
{
    my $client = $nginx->client;

    $client->send("POST /collect HTTP/1.1\r\nHost: x\r\nContent-Length: "
                  . ($size + 1) . "\r\n\r\n");
    my $answer = $client->answer(2);

    refused($answer, 'a byte more, told beforehand');
    is $answer->{headers}{connection}, 'close', 'the connection ends';
    ok $client->closed(2) || $client->send("$event ")->closed(8), 'and is closed';
}

{
    my $client = $nginx->client;

    refused($client->post('/collect', 'x' x 4_000_000)->answer,
            'who sends all of it first hears of it, too');
}

{
    my $client = $nginx->client;

    $client->send("POST /collect HTTP/1.1\r\nHost: x\r\nExpect: 100-continue\r\n"
                  . "Content-Length: 1000\r\n\r\n");
    my $answer = $client->answer(2);

    refused($answer, 'who asks before');
    unlike $answer->{raw}, qr/100 Continue/, 'is not told to go on';
}

# a pixel's data is a body, too
{
    my $pixels = Pintag::Nginx->new(
        http => collector($up->port, at => '/', collect => 'pintag_max_body 100;'));
    my $client = $pixels->client;

    my @json = (Accept => 'application/json');

    is $client->get('/pixel/track?data=' . 'e' x 100, @json)->answer->{status}, 400,
        'a pixel of pintag_max_body';
    is $client->get('/pixel/track?data=' . 'e' x 101, @json)->answer->{status}, 413,
        'and one of a byte more';
    is $client->get('/pixel/track?data=e30', @json, 'Accept-Language' => 'x' x 200)
           ->answer->{status}, 400, 'the rest of the request does not count';
}


# ---- pintag_max_events

my $n = 20;
my $few = Pintag::Nginx->new(
    http => collector($up->port, collect => "pintag_max_events $n;"));

$client = $few->client;

for (
    [ 'a batch', sub { batch(@_) } ],
    [ 'an array', sub { encode_json([map { order($_) } @_]) } ],
    [ 'lines', sub { join '', map { encode_json(order($_)) . "\n" } @_ },
      'Content-Type' => 'application/x-ndjson' ],
) {
    my ($what, $body, @headers) = @$_;

    is answer_of($client->post('/collect', $body->(1 .. $n), @headers)->answer)->{delivered},
        $n, "$what of pintag_max_events";

    my $from = $up->requests;
    my $answer = $client->post('/collect', $body->(1 .. $n + 1), @headers)->answer;
    my $got = answer_of($answer);

    is $answer->{status}, 413, 'one more: 413';
    is $got->{error}, 'too_many_events', 'error';
    like $got->{message}, qr/"pintag_max_events" allows, $n\b/,
        'the message names the directive and the limit';
    is $client->post('/collect', $event)->answer->{status}, 200,
        'the connection is usable';
    is scalar($up->requests), $from + 1, 'none of them was sent';
}


# ---- values and separators, together one for every twelve bytes of pintag_max_body

# of so many values: objects, arrays and what is in them
sub of_values {
    my ($n, $value) = @_;
    $value //= 1234;

    return '{"event":"Lead","messageId":"m-1","properties":{"a":['
           . join(',', ($value) x ($n - 4)) . ']}}';
}

# of what divides URLs and their parameters, beside four values
sub of_parameters {
    my ($n, $parameter) = @_;
    $parameter //= 'e=%25&';    # three

    my $separators = int($n) - 4;
    my $query = '?' . $parameter x int(($separators - 1) / 3) . '=' x (($separators - 1) % 3);

    return qq({"event":"Lead","messageId":"m-1","properties":{"a":"/$query"}});
}

{
    my $default = Pintag::Nginx->new(http => collector($up->port));
    my $client = $default->client;
    my $n = 43_690;
    my @gzip = ('Content-Encoding' => 'gzip');

    is $client->post('/collect', of_values($n))->answer->{status}, 200, "$n values by default";
    is $client->post('/collect', of_values($n, 1))->answer->{status}, 200, 'short ones, too';
    is $client->post('/collect', of_parameters($n))->answer->{status}, 200, 'or separators';

    my $from = $up->requests;

    for (
        [ 'one value more', of_values($n + 1) ],
        [ 'in as few bytes as can be', of_values($n + 1, 1) ],
        [ 'in no JSON', of_values($n + 1) . ']' ],
        [ 'behind a string that is not closed', qq{["\n} . of_values($n + 1) ],
        [ 'one separator more', of_parameters($n + 1) ],
        [ 'encoded ones', of_parameters($n + 1, 'e%3D%3b%26') ],
        [ 'both, compressed', gzip('[' . of_values($n / 2) . ',' . of_parameters($n / 2) . ']'),
          @gzip ],
        [ 'both, in lines', join("\n", map { (of_values($n / 4), of_parameters($n / 4 + 3)) } 1 .. 2),
          'Content-Type' => 'application/x-ndjson' ],
    ) {
        my ($what, $body, @headers) = @$_;
        my $answer = $client->post('/collect', $body, @headers)->answer;
        my $got = answer_of($answer);

        is $answer->{status}, 413, "$what: 413";
        is $got->{error}, 'too_complex', 'error';
        like $got->{message}, qr/separators of URLs than "pintag_max_body" allows, $n: send fewer or smaller events/,
            'the message names what they are, the directive, the limit and the remedy';
    }

    is $client->post('/collect', $event)->answer->{status}, 200, 'the connection is usable';
    is scalar($up->requests), $from + 1, 'none of them was sent';

    is $client->post('/collect', event_of('[{,' x 100_000))->answer->{status}, 200,
        'what is in a string is no value';
    is $client->post('/collect', event_of('%20%40%2F' x 50_000))->answer->{status}, 200,
        'what is encoded besides does not count';
    is $client->post('/collect', batch(1 .. 1000))->answer->{status}, 200, 'nor is a batch near it';
}

{
    my $small = Pintag::Nginx->new(http => collector($up->port,
        collect => 'pintag_max_body 20000;'));

    for (\&of_values, \&of_parameters) {
        is $small->post('/collect', $_->(4096, $_ == \&of_values ? 1 : ()))->{status}, 200,
            '4096, however small pintag_max_body is';
        is $small->post('/collect', $_->(4097, $_ == \&of_values ? 1 : ()))->{status}, 413,
            'and not one more';
    }
}


# ---- the defaults, and what is nearer

{
    my $default = Pintag::Nginx->new(http => collector($up->port));
    my $client = $default->client;
    my $pad = 512 * 1024 - $size;

    is $client->post('/collect', $event . ' ' x $pad)->answer->{status}, 200,
        '512k by default';
    is $client->post_chunked('/collect', $event . ' ' x ($pad + 1), 10_000)->answer->{status},
        413, 'and not a byte more';
    is $client->post('/collect', batch(1 .. 1000))->answer->{status}, 200,
        '1000 events by default';
    is $client->post('/collect', batch(1 .. 1001))->answer->{status}, 413,
        'and not one more';
}

for (
    [ 'http', 'pintag_max_body 10; pintag_max_events 1;', '', '', 413, 413 ],
    [ 'server', 'pintag_max_body 10;', 'pintag_max_body 1m; pintag_max_events 1;', '', 200, 413 ],
    [ 'location', 'pintag_max_body 10; pintag_max_events 1;', '',
      'pintag_max_body 1m; pintag_max_events 2;', 200, 200 ],
) {
    my ($what, $http, $server, $location, $one, $two) = @$_;
    my $nginx = Pintag::Nginx->new(http => collector($up->port, http => $http,
        server => $server, collect => $location));

    is $nginx->post('/collect', $event)->{status}, $one, "$what: a body";
    is $nginx->post('/collect', batch(1, 2))->{status}, $two, 'two events';
}

is join('', map { $_->errors } $nginx, $few), '', 'no error';

done_testing();
