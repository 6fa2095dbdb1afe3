# The shapes in which events come in, and where their type is told.

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
use Time::HiRes qw(sleep time);

my $json = JSON::PP->new->canonical;
my $up = Pintag::StandIn->new;
my $nginx = Pintag::Nginx->new(http => collector($up->port, at => '/', collect =>
    'pintag_retry attempts=1 min=1ms max=1ms;'));
my $client = $nginx->client;


# the answer, and what reached Pinterest of it: event names and orders
sub arrived {
    my ($send, $wanted) = @_;
    my $from = $up->requests;
    my $answer = $send->()->answer;
    my @requests = $up->wait_for($from + $wanted, 5);

    return ($answer, map {
        my ($event) = $_->{uri} =~ /&event=([^&]*)/;
        my ($order) = $_->{uri} =~ /ed\[order_id\]=([^&]*)/;
        "$event " . ($order // '-');
    } @requests[$from .. $#requests]);
}

sub shape {
    my ($what, $path, $body, $headers, @wanted) = @_;
    my ($answer, @got) = arrived(sub { $client->post($path, $body, @$headers) },
                                 scalar @wanted);

    is $answer->{status}, 200, "$what: 200" or diag $answer->{body};
    is_deeply [sort @got], [sort @wanted], 'what arrives';

    return answer_of($answer);
}


# ---- shapes

my $wrapped = { opts => { clone => JSON::PP::true }, obj => order(2) };

shape('an event', '/collect', encode_json(order(1)), [], 'checkout o-1');
shape('a wrapped event', '/collect', encode_json($wrapped), [], 'checkout o-2');
shape('a batch', '/collect', batch(1, 2), [], 'checkout o-1', 'checkout o-2');
shape('an array', '/collect', encode_json([order(1), $wrapped, order(3)]), [],
      map { "checkout o-$_" } 1 .. 3);
shape('an array of none', '/collect', '[]', []);
shape('text/plain, as beacons send it', '/collect', encode_json(order(1)),
      ['Content-Type' => 'text/plain;charset=UTF-8'], 'checkout o-1');

# what a batch says for its events
{
    my $got = shape('a batch with integrations', '/collect', encode_json({
        integrations => { Pinterest => JSON::PP::false },
        batch => [order(1), { %{ order(2) }, integrations => { All => JSON::PP::true } }] }),
        [], 'checkout o-2');

    is_deeply $got->{events}, [{ index => 0, message_id => 'm-1', status => 'skipped',
        reason => 'integration_disabled' }], 'it counts where an event has none';
}


# ---- NDJSON

my @lines = ('Content-Type' => 'application/x-ndjson');
my $lines = join "\n", map { encode_json(order($_)) } 1 .. 3;

for ('application/x-ndjson', 'Application/X-NDJSON; charset=utf-8',
     'application/x-ndjson;charset=utf-8', 'application/x-ndjson ;x')
{
    shape($_, '/collect', $lines, ['Content-Type' => $_], map { "checkout o-$_" } 1 .. 3);
}

shape('empty lines, CRLF, an end', '/collect',
      "\r\n" . encode_json(order(1)) . "\r\n\n" . encode_json($wrapped) . "\r\n", \@lines,
      'checkout o-1', 'checkout o-2');

is $client->post('/collect', $lines, 'Content-Type' => $_)->answer->{status}, 400,
    "no lines: $_" for 'application/json', 'application/x-ndjsonx', 'application/x-ndjso';

{
    my $got = shape('a line that is no JSON', '/collect',
        encode_json(order(1)) . "\n{\"a\":!}\n\n" . encode_json(order(2)) . "\n7\n"
        . '{"type":"identify","messageId":"m-i"}', \@lines,
        'checkout o-1', 'checkout o-2');

    my ($bad) = @{ $got->{events} };

    is $got->{received}, 5, 'received';
    is $got->{rejected}, 2, 'rejected';
    like delete $bad->{message}, qr/^[a-z]/, 'it is told what is wrong';
    is_deeply $bad, { index => 1, status => 'rejected', reason => 'invalid_json',
                      line => 2, column => 6 }, 'and where';
    is $got->{events}[1]{reason}, 'invalid_json', 'a number is no document';
    is_deeply $got->{events}[2], { index => 4, message_id => 'm-i', status => 'skipped',
        reason => 'unsupported_type' }, 'its neighbours have their own verdicts';
}

{
    my $answer = $client->post('/collect', "{\n!\n", @lines)->answer;
    my $got = answer_of($answer);

    is $answer->{status}, 400, 'nothing but bad lines: 400';
    is $got->{error}, 'events_rejected', 'error';
    is_deeply [map { "$_->{line}:$_->{reason}" } @{ $got->{events} }],
        ['1:invalid_json', '2:invalid_json'], 'each is named';
}


# ---- the type that the path tells

my %untyped = (properties => { order_id => 'o-9' });

for (
    [ 'page', 'pagevisit o-9' ], [ 'p', 'pagevisit o-9' ],
    [ 'screen', 'pagevisit o-9' ], [ 's', 'pagevisit o-9' ],
) {
    my ($segment, @wanted) = @$_;

    shape("/v1/$segment", "/v1/$segment", encode_json({ %untyped }), [], @wanted);
    shape("/v1/$segment, a batch", "/v1/$segment",
          encode_json({ batch => [{ %untyped }, { %untyped, type => 'track',
              event => 'Order Completed' }] }), [], @wanted, 'checkout o-9');
}

for (qw(t track)) {
    shape("/v1/$_", "/v1/$_", encode_json({ %untyped, event => 'Order Completed' }), [],
          'checkout o-9');
    is answer_of($client->post("/v1/$_", encode_json({ %untyped }))->answer)->{events}[0]{reason},
        'missing_event_name', 'a track needs an event';
}

for (qw(i identify g group a alias)) {
    is answer_of($client->post("/v1/$_", encode_json({ %untyped }))->answer)->{events}[0]{reason},
        'unsupported_type', "/v1/$_ is skipped";
}

shape('the event\'s own type wins', '/v1/page', encode_json(order(1)), [], 'checkout o-1');
shape('arguments are no segment', '/v1/page?a=/identify', encode_json({ %untyped }), [],
      'pagevisit o-9');
shape('/v1/b tells none', '/v1/b', encode_json({ %untyped, event => 'Order Completed' }), [],
      'checkout o-9');


# ---- pixels

sub pixel {
    my ($what, $data, $headers, @wanted) = @_;
    my ($answer, @got) = arrived(sub { $client->get("/v1/pixel/track?data=$data", @$headers) },
                                 scalar @wanted);

    is $answer->{status}, 200, "$what: 200" or diag $answer->{body};
    is_deeply \@got, \@wanted, 'what arrives';
    is $answer->{headers}{'cache-control'}, 'no-store', 'no cache keeps it';

    return $answer;
}

# bytes whose base64 holds "+" and "/", and some that ask for padding
my %odd = (type => 'track', event => 'Order Completed',
           properties => { order_id => 'o~5' }, context => { x => '~~~>>>???~~>' });
my $base64 = encode_base64($json->encode(\%odd), '');

$base64 = encode_base64($json->encode(\%odd) . ' ', '') if $base64 !~ /=/;
like $base64, qr{^(?=.*\+)(?=.*/).*=}, 'an event with all that base64 has';

(my $percent = $base64) =~ s/([+\/=])/sprintf '%%%02X', ord $1/ge;
(my $spaces = $base64) =~ s/\+/%20/g;
(my $url = $base64) =~ tr{+/=}{-_}d;
(my $bare = $base64) =~ tr{=}{}d;

pixel('standard alphabet', $base64, [], 'checkout o~5');
pixel('percent-encoded', $percent, [], 'checkout o~5');
pixel('in lower case, too', $percent =~ s/(%..)/lc $1/ger, [], 'checkout o~5');
pixel('spaces for +', $spaces, [], 'checkout o~5');
pixel('URL-safe alphabet, no padding', $url, [], 'checkout o~5');
pixel('no padding', $bare, [], 'checkout o~5');
pixel('other arguments', "$url&x=1", [], 'checkout o~5');

# the type of the path
{
    my ($answer, @got) = arrived(sub {
        $client->get('/v1/pixel/page?writeKey=x&data='
                     . encode_base64(encode_json({ %untyped }), '')) }, 1);
    is_deeply \@got, ['pagevisit o-9'], '/v1/pixel/page';
}

# an image, or JSON for those that ask for it
{
    my $gif = qr/^GIF89a.{36};\z/s;

    for my $accept ('image/avif,image/webp,image/*,*/*;q=0.8', '*/*', 'text/html', '') {
        my $answer = pixel("Accept: $accept", $url, [$accept ? (Accept => $accept) : ()], 'checkout o~5');

        is $answer->{headers}{'content-type'}, 'image/gif', 'a GIF';
        is $answer->{headers}{'content-length'}, 43, 'of 43 bytes';
        like $answer->{body}, $gif, 'as it should be';
    }

    for my $accept ('application/json', 'text/plain, Application/JSON;q=0.9') {
        my $answer = pixel("Accept: $accept", $url, [Accept => $accept], 'checkout o~5');

        is $answer->{body}, '{"success":true,"received":1,"delivered":1}', 'JSON';
    }

    my @json = (Accept => 'application/json');

    for (
        [ 'no data', '/v1/pixel/track', 400, 'empty_body' ],
        [ 'empty data', '/v1/pixel/track?data=', 400, 'empty_body' ],
        [ 'no base64', '/v1/pixel/track?data=a.b', 400, 'invalid_body' ],
        [ 'no JSON', '/v1/pixel/track?data=YWJj', 400, 'invalid_json' ],
        [ 'a bad event', '/v1/pixel/track?data=e30', 400, 'events_rejected' ],
    ) {
        my ($what, $uri, $status, $error) = @$_;
        my $answer = $client->get($uri, @json)->answer;

        is $answer->{status}, $status, "$what: $status";
        is answer_of($answer)->{error}, $error, $error;

        $answer = $client->get($uri)->answer;
        is $answer->{status}, 200, 'an image in any case';
        like $answer->{body}, $gif, 'the same GIF';
        is $answer->{headers}{'cache-control'}, 'no-store', 'no cache keeps it';
    }

    $up->behave(status => 503, delay => 0.3);

    my $start = time();
    my $answer = $client->get("/v1/pixel/track?data=$url")->answer;
    is $answer->{status}, 200, 'Pinterest is down: an image';
    is $answer->{headers}{'retry-after'}, undef, 'without Retry-After';
    cmp_ok time() - $start, '>=', 0.3, 'once the outcome is known';

    sleep 0.05;
    is $client->get("/v1/pixel/track?data=$url", @json)->answer->{status}, 503,
        'others are told to come again';

    $up->behave;
    sleep 0.05;
    is $client->get("/v1/pixel/track?data=$url", @json)->answer->{status}, 200, 'and can';
}

# methods
for my $uri ('/v1/pixel/track', '/pixel/x') {
    for my $method (qw(PUT DELETE OPTIONS)) {
        my $answer = $client->request($method, $uri, '{}')->answer;

        is $answer->{status}, 405, "$method $uri: 405";
        is $answer->{headers}{allow}, 'GET, POST', 'Allow';
    }

    is $client->request('HEAD', $uri, undef)->answer(5, head => 1)->{status}, 405,
        "HEAD $uri: 405";
}

for my $uri ('/pixel', '/v1/pixel/', '/v1/xpixel/track', '/v1/pixel/a/b', '/track', '/') {
    my $answer = $client->get("$uri?data=$url")->answer;

    is $answer->{status}, 405, "GET $uri: 405";
    is $answer->{headers}{allow}, 'POST', 'Allow';
}

shape('POST to a pixel\'s path', '/v1/pixel/track?data=x', encode_json(order(1)), [],
      'checkout o-1');

is join('', $nginx->errors), '', 'no error';

done_testing();
