# pintag_allow_origin: whose pages may send events, and what tells their browsers.

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
my $event = encode_json(order(1));

my $http2 = listen_http2('127.0.0.1:%%PORT2%%');

# a location for each list
my @lists = ('', 'off', '*', 'https://shop.example',
             'https://shop.example https://*.other.example:8443',
             'http://shop.example:80 HTTPS://Big.Example:443 capacitor://localhost');

my $shop = 'pintag_allow_origin https://shop.example;';
my $locations = join '',
    map({ location("/l$_/", $lists[$_] eq '' ? '' : "pintag_allow_origin $lists[$_];") } 0 .. $#lists),
    location('/limited', $shop, 'limit_req zone=req;'),
    location('/keys', $shop, 'pintag_write_keys key-1;'),
    location('/if', $shop, 'if ($args) { set $a b; }');

my $nginx = Pintag::Nginx->new(ports => 2, http => collector($up->port,
    http => 'limit_req_zone $binary_remote_addr zone=req:1m rate=1r/m;',
    server => <<"END"));
        $http2
        client_max_body_size 8k;
        pintag_retry attempts=1;
        pintag_max_body 4k;

$locations
        location /outer/ {
            pintag_integrations %%DATA%%/integrations.yaml;
            pintag_allow_origin https://outer.example;

            location /outer/inherits { pintag_pass /pinterest; }
            location /outer/replaces { pintag_pass /pinterest; pintag_allow_origin https://inner.example; }
            location /outer/off { pintag_pass /pinterest; pintag_allow_origin off; }
        }

        location /down {
            pintag_integrations %%DATA%%/integrations.yaml;
            $shop
            pintag_pass /down_pinterest;
        }

        location /down_pinterest/ { internal; proxy_pass http://127.0.0.1:1/; }
        location /elsewhere { return 200 'fine'; }
END
my $client = $nginx->client;

# What the answer tells a browser, "-" for no header.
sub cors {
    my $headers = shift->{headers};
    return join ' ', map { $headers->{$_} // '-' }
           qw(access-control-allow-origin access-control-allow-credentials vary);
}


# ---- which origins are taken, of pages and of their preflights

for (
    # list, host, origin; what the answer tells, none when it is foreign
    [ 0, 'localhost', 'http://localhost', 'http://localhost - Origin' ],
    [ 0, 'localhost:8080', 'https://localhost', 'https://localhost - Origin' ],
    [ 0, 'localhost', 'http://localhost:8080', 'http://localhost:8080 - Origin' ],
    [ 0, 'Shop.Example', 'https://shop.example', 'https://shop.example - Origin' ],
    [ 0, 'shop.example.', 'https://shop.example', 'https://shop.example - Origin' ],
    [ 0, 'shop.example', 'https://shop.example.', 'https://shop.example. - Origin' ],
    [ 0, '[::1]:80', 'http://[::1]', 'http://[::1] - Origin' ],
    [ 0, 'shop.example', 'https://www.shop.example' ],
    [ 0, 'www.shop.example', 'https://shop.example' ],
    [ 0, 'shop.example', 'https://shop.example.evil.example' ],
    [ 0, 'shop.example', 'https://evil.example' ],
    [ 0, 'shop.example', 'null' ],
    [ 0, 'shop.example', '' ],
    [ 0, 'shop.example', 'shop.example' ],
    [ 0, 'shop.example', 'https://shop.example/' ],
    [ 0, 'shop.example', 'https://shop.example:x' ],
    [ 0, 'shop.example', 'https://evil.example@shop.example' ],
    [ 0, 'shop.example', 'ftp://shop.example' ],
    [ 0, 'null', 'null' ],
    [ 1, 'localhost', 'http://localhost', 'http://localhost - Origin' ],
    [ 1, 'localhost', 'https://evil.example' ],

    [ 2, 'localhost', 'http://localhost', '* - -' ],
    [ 2, 'localhost', 'https://evil.example', '* - -' ],
    [ 2, 'localhost', 'null', '* - -' ],

    [ 3, 'localhost', 'https://shop.example', 'https://shop.example true Origin' ],
    [ 3, 'localhost', 'HTTPS://SHOP.example:443', 'HTTPS://SHOP.example:443 true Origin' ],
    [ 3, 'shop.example', 'https://shop.example', 'https://shop.example true Origin' ],
    [ 3, 'localhost', 'http://localhost', 'http://localhost - Origin' ],
    [ 3, 'localhost', 'http://shop.example' ],
    [ 3, 'localhost', 'https://shop.example:8443' ],
    [ 3, 'localhost', 'https://www.shop.example' ],
    [ 3, 'localhost', 'https://shop.exampl' ],
    [ 3, 'localhost', 'https://shop.examplee' ],
    [ 3, 'localhost', 'null' ],

    [ 4, 'localhost', 'https://shop.example', 'https://shop.example true Origin' ],
    [ 4, 'localhost', 'https://a.other.example:8443', 'https://a.other.example:8443 true Origin' ],
    [ 4, 'localhost', 'https://a.b.other.example:8443', 'https://a.b.other.example:8443 true Origin' ],
    [ 4, 'localhost', 'https://other.example:8443' ],
    [ 4, 'localhost', 'https://.other.example:8443' ],
    [ 4, 'localhost', 'https://evilother.example:8443' ],
    [ 4, 'localhost', 'https://a.other.example' ],
    [ 4, 'localhost', 'https://evil.example/.other.example:8443' ],

    [ 5, 'localhost', 'http://shop.example', 'http://shop.example true Origin' ],
    [ 5, 'localhost', 'https://big.example', 'https://big.example true Origin' ],
    [ 5, 'localhost', 'capacitor://localhost', 'capacitor://localhost true Origin' ],
) {
    my ($n, $host, $origin, $wanted) = @$_;
    my $uri = "/l$n/collect";
    my @headers = (Host => $host, Origin => $origin);
    my $what = "\"$lists[$n]\", of $host, page of $origin";
    my $from = $up->requests;
    my $post = $client->post($uri, $event, @headers)->answer;
    my $sent = $up->requests - $from;
    my $asked = $client->request('OPTIONS', $uri, undef, @headers,
                                 'Access-Control-Request-Method' => 'POST')->answer;

    if (defined $wanted) {
        is "$post->{status} $sent", '200 1', "$what: taken";
        is cors($post), $wanted, 'with headers';
        is $post->{headers}{'access-control-expose-headers'}, 'Retry-After', 'Retry-After can be read';
        is $asked->{status}, 204, 'preflight: 204';
        is cors($asked), $wanted, 'with headers';
        is $asked->{headers}{'access-control-allow-methods'}, 'GET, POST, OPTIONS', 'methods';
        is $asked->{headers}{'access-control-allow-headers'},
            'Authorization, Content-Type, X-Retry-Count, AnonymousId, SentAt, X-Write-Key', 'headers';
        is $asked->{headers}{'access-control-max-age'}, '86400', 'and for how long';
        next;
    }

    is "$post->{status} $sent", '403 0', "$what: refused";
    is cors($post), '- - Origin', 'without headers of CORS';
    is answer_of($post)->{error}, 'origin_not_allowed', 'error';
    like answer_of($post)->{message}, qr/"pintag_allow_origin" lists/, 'that tells the remedy';
    is $asked->{status}, 403, 'preflight: 403';
    unlike $asked->{raw}, qr/^Access-Control/mi, 'without headers of CORS';
}


# ---- what is no preflight, and who is no browser

for my $n (0 .. $#lists) {
    my $wanted = $lists[$n] eq '*' ? '* - -' : '- - Origin';
    my $answer = $client->post("/l$n/collect", $event)->answer;

    is $answer->{status}, 200, "\"$lists[$n]\": without an Origin taken";
    is cors($answer), $wanted, 'Vary where another origin has another answer';

    $answer = $client->request('OPTIONS', "/l$n/collect", undef,
                               'Access-Control-Request-Method' => 'POST')->answer;
    is $answer->{status}, 405, 'OPTIONS without an Origin: 405';
    is $answer->{headers}{allow}, 'POST', 'Allow';
    is cors($answer), $wanted, 'Vary';
}

is $client->request('OPTIONS', '/l3/collect', undef, Origin => 'https://shop.example')->answer->{status},
    405, 'OPTIONS that does not ask for a method: 405';

{
    my $two = "POST /l3/collect HTTP/1.1\r\nHost: localhost\r\nOrigin: https://shop.example\r\n"
              . "Origin: https://shop.example\r\nContent-Length: " . length($event) . "\r\n\r\n$event";
    my $answer = $client->send($two)->answer;

    is $answer->{status}, 403, 'two origins are foreign';
    is cors($answer), '- - Origin', 'without headers of CORS';
}


# ---- the nearer list takes the place of the outer one

for (
    [ 'inherits', 'outer', 200 ], [ 'inherits', 'inner', 403 ],
    [ 'replaces', 'outer', 403 ], [ 'replaces', 'inner', 200 ],
    [ 'off', 'outer', 403 ], [ 'off', 'inner', 403 ],
) {
    my ($location, $origin, $status) = @$_;

    is $client->post("/outer/$location", $event, Origin => "https://$origin.example")->answer->{status},
        $status, "/outer/$location, $origin: $status";
}


# ---- whatever is answered, an allowed page can read it

my @shop = (Origin => 'https://shop.example');
my $allowed = 'https://shop.example true Origin';

for (
    # nginx's own answers have them, too
    [ 'a body that is no JSON', 400, [POST => '/l3/collect', '{'] ],
    [ 'another method', 405, [PUT => '/l3/collect', $event] ],
    [ 'our own limit of a body', 413, [POST => '/l3/collect', ' ' x 5000] ],
    [ "nginx's limit of a body", 413, [POST => '/l3/collect', ' ' x 9000], 1 ],
    [ 'an unknown encoding', 415, [POST => '/l3/collect', $event, 'Content-Encoding' => 'br'] ],
    [ 'no write key', 401, [POST => '/keys', $event] ],
    [ 'a wrong one', 401, [POST => '/keys', $event, 'X-Write-Key' => 'x'] ],
    [ 'a right one', 200, [POST => '/keys', $event, 'X-Write-Key' => 'key-1'] ],
    [ 'Pinterest is down', 503, [POST => '/down', $event] ],
    [ 'not limited yet', 200, [POST => '/limited', $event], 0, 503 ],
    [ 'limit_req', 503, [POST => '/limited', $event], 1 ],
    [ 'in an "if"', 200, [POST => '/if?a', $event] ],
) {
    my ($what, $status, $request, $own, $foreign) = @$_;
    my $answer = $nginx->client->request(@$request, @shop)->answer;

    is $answer->{status}, $status, "$what: $status";
    is cors($answer), $allowed, 'with headers of CORS';
    is $answer->{headers}{'content-type'}, 'application/json', 'type';

    $answer = $nginx->client->request(@$request, Origin => 'https://evil.example')->answer;

    is $answer->{status}, $foreign // ($own ? $status : 403), 'foreign';
    is cors($answer), '- - Origin', 'without';
}

is cors($client->get('/elsewhere', @shop)->answer), '- - -', 'other locations are as ever';


# ---- pixels

{
    my $pixel = '/l3/v1/pixel/track?data=' . encode_base64($event, '');

    for (
        [ [], 1 ], [ [@shop], 1 ], [ [Origin => 'https://evil.example'], 0 ],
    ) {
        my ($headers, $wanted) = @$_;
        my $from = $up->requests;
        my $answer = $client->get($pixel, @$headers)->answer;

        is $answer->{status}, 200, "@$headers: a pixel is answered 200";
        is $answer->{headers}{'content-type'}, 'image/gif', 'with an image';
        is length $answer->{body}, 43, 'of 43 bytes';
        is $up->requests - $from, $wanted, $wanted ? 'and sent' : 'and not sent';
        is cors($answer), "@$headers" =~ /shop/ ? $allowed : '- - Origin', 'headers';
    }

    is $client->get($pixel, Accept => 'application/json', Origin => 'https://evil.example')->answer->{status}, 403,
        'who asks is told';
    is $client->request('OPTIONS', $pixel)->answer->{headers}{allow}, 'GET, POST', 'Allow of a pixel';
}


# ---- what is refused by its head is not waited for

for ([ 'l3/collect', 403, Origin => 'https://evil.example' ], [ 'keys', 401, 'X-Write-Key' => 'x' ]) {
    my ($uri, $status, @headers) = @$_;
    my $client = $nginx->client;

    $client->request('POST', "/$uri", undef, 'Content-Length' => 1000, @headers);
    is $client->answer(2)->{status}, $status, "$status before the body";
    $client->send(' ' x 1000);
    is $client->post("/$uri", $event, @shop, 'X-Write-Key' => 'key-1')->answer->{status}, 200,
        'and the connection goes on after it';

    $client = $nginx->client;
    $client->request('POST', "/$uri", undef, 'Content-Length' => 1000, Expect => '100-continue', @headers);

    my $answer = $client->answer(2);

    is $answer->{status}, $status, "who asks first is answered $status";
    is $answer->{headers}{connection}, 'close', 'and the connection ends';
}


# ---- HTTP/2, whose host is :authority

SKIP: {
    skip 'no curl with HTTP/2', 1 if `curl -V 2>/dev/null` !~ /\bHTTP2\b/;

    my $port = $nginx->port(2);
    my $curl = "curl -s -i --http2-prior-knowledge --resolve localhost:$port:127.0.0.1 --max-time 10";

    for (
        [ '/l0/collect', 'http://localhost', 200, 'http://localhost - Origin' ],
        [ '/l3/collect', 'https://shop.example', 200, $allowed ],
        [ '/l3/collect', 'https://evil.example', 403, '- - Origin' ],
    ) {
        my ($uri, $origin, $status, $wanted) = @$_;

        for my $preflight (0, 1) {
            my $what = $preflight ? "-X OPTIONS -H 'Access-Control-Request-Method: POST'" : "-d '$event'";
            my $raw = `$curl $what -H 'Origin: $origin' http://localhost:$port$uri`;
            my %headers = map { /^([^:\s]+): (.*?)\r?$/ ? (lc $1, $2) : () } split /\n/, $raw;

            like $raw, $preflight && $status == 200 ? qr{^HTTP/2 204} : qr{^HTTP/2 $status},
                "HTTP/2, $uri, $origin" . ($preflight ? ', preflight' : '');
            is cors({ headers => \%headers }), $wanted, 'headers';
        }
    }
}


is join('', grep { !/connect\(\) failed|limiting requests|too large body/ } $nginx->errors), '', 'no error';

done_testing();
