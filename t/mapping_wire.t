# How a conversion is written as a request, and what the answers mean.

use strict;
use warnings;

use Digest::SHA qw(sha256_hex);
use FindBin;
use lib "$FindBin::Bin/lib";

use Pintag::Cases;
use Pintag::Nginx;
use Pintag::Setup;
use Pintag::StandIn;
use Test::More;

my $partner = 'handleCustomAsPartnerDefinedEvent: true';


# ---- the seed's own request with the seed's own configuration

my $request = Pintag::Nginx->data('request.json');
my $file = Pintag::Nginx->data('integrations.yaml');
my $seed = 'ed[checkout_id]=39f39fj39f3jf93fj9fj39fj3f&ed[order_id]=dkfsjidfjsdifsdfksdjfkdsfjsdfkdsf';

mapping "the user's own request, handleCustomAsPartnerDefinedEvent: true",
    config => $file, body => $request, sends => "$seed&event=PaymentInfoEntered";
mapping "the user's own request, handleCustomAsPartnerDefinedEvent: false",
    config => $file =~ s/(handleCustomAsPartnerDefinedEvent:) true/$1 false/r, body => $request,
    sends => "$seed&ed[custom_event_name]=PaymentInfoEntered&event=custom";

for (
    [ 'Custom Event 1', '"price":5', 'event=ViewContent' ],
    [ 'Custom Event 2', '"price":5', 'ed[value]=5&event=Subscribe' ],
    [ 'ViewCategory', '"price":5', 'ed[value]=5&event=ViewContent' ],
    [ 'Order Updated', '"price":5,"revenueFORtest":6', 'ed[value]=6&event=ViewContent' ],
    [ 'Product Added', '"price":5,"prop1":"x","prop2":"y","prop3":"z"', 'ed[value]=5&ed[prop1]=x&ed[prop2]=y&event=addtocart' ],
) {
    my ($event, $properties, $sends) = @$_;
    mapping "the user's own configuration: $event", config => $file, track($event, $properties), sends => $sends;
}


# ---- the order of a query

mapping 'tid, noscript, data, partner data, event: in this order',
    config => "$partner\nlimitedDataProcessing: {state: CA, country: US}\nvalueFieldIdentifier: price",
    headers => { Cookie => '_derived_epik=d; _pin_unauth=p; _epik=e' },
    track('My Event', '"b":1,"price":2,"email":"user@example.com","a":3', '"messageId":"m"'),
    sends => 'ed[value]=2&ed[b]=1&ed[price]=2&ed[a]=3&ed[event_id]=m&pd[em]=' . sha256_hex('user@example.com')
             . '&pd[epik]=e&pd[pin_unauth]=p&pd[derived_epik]=d&pd[opt_out_type]=LDP&pd[st]='
             . sha256_hex('ca') . '&pd[country]=' . sha256_hex('us') . '&event=MyEvent';
mapping 'the name of a custom event and then its id are last of the data', track('My Event', '"a":1', '"messageId":"m"'),
    sends => 'ed[a]=1&ed[custom_event_name]=MyEvent&ed[event_id]=m&event=custom';
mapping 'the least there is', track('Lead'), sends => 'event=lead';


# ---- flattening

for (
    [ 'an object', '"a":{"b":1,"c":{"d":2}}', 'ed[a][b]=1&ed[a][c][d]=2' ],
    [ 'an array', '"a":["x","y"]', 'ed[a][0]=x&ed[a][1]=y' ],
    [ 'arrays in arrays', '"a":[["x"],[["y"]]]', 'ed[a][0][0]=x&ed[a][1][0][0]=y' ],
    [ 'objects in arrays', '"a":[{"b":1},{"b":2,"c":[3]}]', 'ed[a][0][b]=1&ed[a][1][b]=2&ed[a][1][c][0]=3' ],
    [ 'null is left out', '"a":null,"b":{"c":null,"d":1}', 'ed[b][d]=1' ],
    [ 'nothing but null gives nothing', '"a":{"b":null},"c":[null],"d":1', 'ed[d]=1' ],
    [ 'true and false', '"a":true,"b":{"c":false}', 'ed[a]=true&ed[b][c]=false' ],
    [ 'the empty string stays', '"a":"","b":{"c":""},"d":[""]', 'ed[a]=&ed[b][c]=&ed[d][0]=' ],
    [ 'an empty object gives nothing', '"a":{},"b":{"c":{}},"d":1', 'ed[d]=1' ],
    [ 'an empty array gives nothing', '"a":[],"b":[[],{}],"d":1', 'ed[d]=1' ],
    [ 'numbers', '"a":1.50,"b":[1e2,-0]', 'ed[a]=1.5&ed[b][0]=100&ed[b][1]=0' ],
    [ 'the empty name', '"":1,"a":{"":2}', 'ed[]=1&ed[a][]=2' ],
    [ 'a name that is a number', '"0":1,"a":{"1":2}', 'ed[0]=1&ed[a][1]=2' ],
) {
    my ($what, $properties, $sends) = @$_;
    mapping "flattened: $what", config => $partner, track('x', $properties), sends => "$sends&event=x";
    mapping "flattened on a page: $what", page($properties), sends => "$sends&event=pagevisit";
}


# ---- every text arrives as it was, as a name and as a value

my %texts = (
    'unreserved' => 'AZaz09-._~',
    'spaces' => '  a  b ',
    'every other character of ASCII' => q( !"#$%&'()*+,/:;<=>?[\]^`{|}) =~ s/@//r,
    'every control character' => join('', map { chr } 1 .. 31) . "\x7f",
    '&' => 'a&b', '=' => 'a=b', '#' => 'a#b', '?' => 'a?b', '+' => 'a+b', '/' => 'a/b', '%' => '100%',
    '%00' => 'a%00b', '%zz' => '%zz%', '%26' => '%26event%3Dx',
    '[' => 'a[b', ']' => 'a]b', '[]' => 'a[]', '[b]' => 'a[b]', '][' => '][',
    'CR LF' => "a\r\nX-Injected: 1\r\n\r\nGET / HTTP/1.1",
    'a space and HTTP/1.1' => 'a HTTP/1.1',
    'quotes' => q("a'b`c"), 'a backslash' => 'a\\b\\', 'markup' => '<script>alert(1)</script>',
    'two bytes' => "gr\xc3\xb6\xc3\x9fer", 'three bytes' => "\xe2\x82\xac\xe4\xb8\xad\xe6\x96\x87",
    'emoji' => "\xf0\x9f\x9b\x92\xf0\x9f\x91\xa9\xe2\x80\x8d\xf0\x9f\x92\xbb",
    'right-to-left' => "\xd7\xa9\xd7\x9c\xd7\x95\xd7\x9d \xd8\xb3\xd9\x84\xd8\xa7\xd9\x85 \xe2\x80\xae",
    'a byte order mark' => "\xef\xbb\xbfa", 'U+FFFD and U+10FFFF' => "\xef\xbf\xbd\xf4\x8f\xbf\xbf",
    'U+0080 and U+07FF' => "\xc2\x80\xdf\xbf", 'U+2028' => "\xe2\x80\xa8",
    'a script' => '${jndi:ldap://x}', 'a template' => '$pintag_result $arg_x {{x}}',
);

for my $what (sort keys %texts) {
    my $text = $texts{$what};

    mapping "a value arrives as it was: $what", config => $partner, track('x', '"a":' . quoted($text)),
        sends => 'ed[a]=' . enc($text) . '&event=x';
    mapping "a name arrives as it was: $what", config => $partner, track('x', quoted($text) . ':"a"'),
        sends => 'ed[' . enc($text) . ']=a&event=x';
    mapping "a name inside arrives as it was: $what", page('"o":[{' . quoted($text) . ':"a"}]'),
        sends => 'ed[o][0][' . enc($text) . ']=a&event=pagevisit';
    mapping "a standard event's text arrives as it was: $what",
        track('Order Completed', '"order_id":' . quoted("<$text>")), sends => 'ed[order_id]=' . enc("<$text>") . '&event=checkout';
}

mapping 'an escape in JSON is the character it stands for', config => $partner,
    track('x', '"\u0061\u00e4\u20ac\ud83d\uded2":"\u0041\/\t"'),
    sends => 'ed[' . enc("a\xc3\xa4\xe2\x82\xac\xf0\x9f\x9b\x92") . ']=' . enc("A/\t") . '&event=x';
mapping 'U+0000 may stand in a value', config => $partner, track('x', '"a":"x\u0000y"'), sends => 'ed[a]=x%00y&event=x';
mapping "U+0000 may stand in a standard event's value", track('Order Completed', '"order_id":"x\u0000y"'),
    sends => 'ed[order_id]=x%00y&event=checkout';

for (
    [ 'U+0000 in a name', '"a\u0000b":1' ],
    [ 'a lone high surrogate', '"a":"\ud83d"' ],
    [ 'a lone low surrogate', '"a":"\uded2"' ],
    [ 'surrogates the wrong way round', '"a":"\uded2\ud83d"' ],
    [ 'a lone surrogate in a name', '"\ud83dx":1' ],
    [ 'a byte that is no UTF-8', "\"a\":\"\xff\"" ],
    [ 'a character cut off', "\"a\":\"\xe2\x82\"" ],
    [ 'an overlong character', "\"a\":\"\xc0\xaf\"" ],
    [ 'a surrogate in UTF-8', "\"a\":\"\xed\xa0\x80\"" ],
    [ 'past U+10FFFF', "\"a\":\"\xf4\x90\x80\x80\"" ],
    [ 'a byte that is no UTF-8 in a name', "\"\x80\":1" ],
    [ 'a raw newline in a string', "\"a\":\"x\ny\"" ],
    [ 'a raw U+0000', "\"a\":\"x\0y\"" ],
) {
    my ($what, $properties) = @$_;

    mapping "the body is unreadable, and the answer tells where: $what",
        body => "{\"batch\":[{\"type\":\"track\",\"event\":\"Lead\"},\n{\"type\":\"track\",\"event\":\"x\",\"properties\":{$properties}}]}",
        verdict => qr/^400 invalid_json [23]:\d+$/;
}

mapping 'the event name arrives as it was, less white space', config => $partner,
    track("\xf0\x9f\x9b\x92 a&b=c#d[e]%00\r\nf"), sends => 'event=' . enc("\xf0\x9f\x9b\x92a&b=c#d[e]%00f");


# ---- 8,000 bytes

my $limit = 8000;
my $begin = length 'tid=' . TAG . '&noscript=1&';

# Properties p0, p1 ... of a size each, so many of them.
sub sized {
    my ($n, $size) = @_;
    return map { "\"p$_\":\"" . 'x' x $size . '"' } 0 .. $n - 1;
}

sub sized_query {
    my ($n, $size) = @_;
    return join '', map { "ed[p$_]=" . 'x' x $size . '&' } 0 .. $n - 1;
}

{
    # exactly as many bytes as may be
    my $fits = $limit - $begin - length 'ed[a]=&event=x';

    mapping 'a query of exactly 8,000 bytes goes whole', config => $partner,
        track('x', '"a":"' . 'x' x $fits . '"'), sends => 'ed[a]=' . 'x' x $fits . '&event=x';
    mapping 'a byte more, and the value is left out whole', config => $partner,
        track('x', '"a":"' . 'x' x ($fits + 1) . '"'), sends => 'event=x', verdict => '200 delivered truncated';
}

mapping 'values are left out from the last', config => $partner,
    track('x', join ',', sized(20, 1000)), sends => sized_query(7, 1000) . 'event=x',
    verdict => '200 delivered truncated';
mapping 'a value over the limit by itself is left out, those before it stay', config => $partner,
    track('x', join ',', '"a":1', '"long":"' . 'x' x 100_000 . '"'), sends => 'ed[a]=1&event=x',
    verdict => '200 delivered truncated';
mapping 'what is encoded counts as encoded', config => $partner,
    track('x', '"a":1,"long":"' . "\xe2\x82\xac" x 900 . '"'), sends => 'ed[a]=1&event=x',
    verdict => '200 delivered truncated';
mapping 'a long name counts, too', config => $partner,
    track('x', '"a":1,"' . 'n' x 9000 . '":2'), sends => 'ed[a]=1&event=x', verdict => '200 delivered truncated';
mapping 'the name and the id of the event stay',
    track('My Event', join(',', sized(9, 1000)), '"messageId":"m-1"'),
    sends => sized_query(7, 1000) . 'ed[custom_event_name]=MyEvent&ed[event_id]=m-1&event=custom',
    verdict => '200 delivered truncated';
mapping 'partner data stays', config => $partner,
    track('x', join(',', sized(9, 1000), '"email":"user@example.com"')),
    sends => sized_query(7, 1000) . 'pd[em]=' . sha256_hex('user@example.com') . '&event=x',
    verdict => '200 delivered truncated';
mapping 'order_id, value and currency of a custom event stay', config => "$partner\nvalueFieldIdentifier: price",
    track('x', join ',', sized(9, 1000), '"order_id":"o","currency":"EUR","price":5'),
    sends => 'ed[value]=5&' . sized_query(7, 1000) . 'ed[order_id]=o&ed[currency]=EUR&event=x',
    verdict => '200 delivered truncated';
mapping 'on a page, too', page(join ',', sized(9, 1000)), sends => sized_query(7, 1000) . 'event=pagevisit',
    verdict => '200 delivered truncated';

{
    my @products = map { "{\"product_id\":\"p$_\",\"name\":\"" . 'n' x 50 . "\",\"price\":1.5,\"quantity\":2}" } 0 .. 199;
    my @items = map { "ed[line_items][$_][product_id]=p$_&ed[line_items][$_][product_name]=" . 'n' x 50
                      . "&ed[line_items][$_][product_price]=1.5&ed[line_items][$_][product_quantity]=2&" } 0 .. 199;

    my $fitting = sub {
        my ($head, $tail) = @_;
        my $query = $head;

        for (@items) {
            last if $begin + length("$query$_$tail") > $limit;
            $query .= $_;
        }

        return "$query$tail";
    };

    mapping 'line items are left out from the last, whole; value and order_quantity are of the whole order',
        track('Order Completed', '"order_id":"o","currency":"EUR","products":[' . join(',', @products) . ']'),
        sends => $fitting->('ed[value]=600&ed[order_quantity]=400&ed[currency]=EUR&ed[order_id]=o&', 'event=checkout'),
        verdict => '200 delivered truncated';
    mapping 'line items are left out before any other value', config => 'customPropertiesForStandardEvents: [prop1]',
        track('Order Completed', '"prop1":"' . 'x' x 5000 . '","products":[' . join(',', @products) . ']'),
        sends => $fitting->('ed[value]=600&ed[order_quantity]=400&', 'ed[prop1]=' . 'x' x 5000 . '&event=checkout'),
        verdict => '200 delivered truncated';
    mapping 'then the other values', config => 'customPropertiesForStandardEvents: [prop1, prop2]',
        track('Order Completed', '"promo_code":"c","prop1":"' . 'x' x 4000 . '","prop2":"' . 'y' x 7000
              . '","products":[' . join(',', @products) . ']'),
        sends => 'ed[value]=600&ed[order_quantity]=400&ed[promo_code]=c&ed[prop1]=' . 'x' x 4000 . '&event=checkout',
        verdict => '200 delivered truncated';
}

for (
    [ 'order_id', track('Order Completed', '"order_id":"' . 'x' x 9000 . '"') ],
    [ 'custom_event_name', track('x' x 9000, '"a":1') ],
    [ 'an event name of 100 kB', track('x' x 100_000, '"a":1') ],
    [ 'event_id', track('Order Completed', '"event_id":"' . 'x' x 9000 . '"') ],
) {
    my ($what, @event) = @$_;
    mapping "what may not be left out and does not fit: rejected: $what", @event, rejected => 'too_long';
}

mapping 'the event: rejected when it does not fit', config => $partner, track('x' x 9000), rejected => 'too_long';
mapping 'one that is too long does not harm its neighbours',
    body => '{"batch":[{"type":"track","event":"Lead"},{"type":"track","event":"Order Completed","properties":{"order_id":"'
            . 'x' x 9000 . '"}},{"type":"track","event":"Signup"}]}',
    sends => ['event=lead', 'event=signup'], verdict => '200 delivered; rejected too_long; delivered';

run_cases();


# ---- what Pinterest's answers mean

my $up = Pintag::StandIn->new;
my $nginx = Pintag::Nginx->new(
    http => collector($up->port, collect => 'pintag_retry attempts=3 min=10ms max=20ms;',
                      pinterest => 'proxy_read_timeout 200ms; proxy_next_upstream off;'));

my $seen = 0;

# [verdict, number of requests, whether they were the same bytes]
sub answered {
    my @behaviour = @_;
    my ($answer, @requests, %raw);

    $up->behave(@behaviour);
    $answer = $nginx->post('/collect', '{"type":"track","event":"Lead","messageId":"m-1"}');
    @requests = ($up->requests)[$seen .. scalar($up->requests) - 1];
    $seen += @requests;
    $raw{$_->{raw}}++ for @requests;

    return Pintag::Cases::verdict_of($answer) . ' after ' . @requests . (keys %raw == 1 ? '' : ' different');
}

for my $status (200, 201, 204, 206) {
    is answered({ status => $status }), '200 delivered after 1', "an answer of $status: delivered";
}

for my $status (408, 429, 500, 502, 503, 504, 599) {
    is answered({ status => $status }, {}), '200 delivered after 2', "an answer of $status: sent again";
    is answered({ status => $status }), '503 failed upstream_error after 3',
        "an answer of $status, again and again: failed";
}

for my $how ('hang', 'reset', 'close', 'cut') {
    is answered({ act => $how }, {}), '200 delivered after 2', "no whole answer ($how): sent again";
}

for my $status (301, 302, 303, 307, 308) {
    my $errors = $nginx->errors;

    is answered({ status => $status, headers => { Location => '/elsewhere' } }, {}), '200 delivered after 2',
        "an answer of $status: not followed, sent again";
    cmp_ok scalar($nginx->errors), '>', $errors, 'with an alarm in the log';
}

for my $status (400, 401, 403, 404, 405, 410, 413, 414, 422, 451) {
    is answered({ status => $status }), '200 refused refused after 1', "an answer of $status: refused, for good";
}

done_testing();
