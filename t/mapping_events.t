# Which events come in, and which Pinterest event each becomes.

use strict;
use warnings;

use FindBin;
use lib "$FindBin::Bin/lib";

use Compress::Zlib ();
use IO::Compress::RawDeflate ();
use MIME::Base64 qw(encode_base64);
use Pintag::Cases;
use Test::More;

my $partner = 'handleCustomAsPartnerDefinedEvent: true';
my $extended = 'standardEvents: extended';

my $order = '{"type":"track","event":"Order Completed","properties":{"order_id":"1"}}';
my $ordered = 'ed[order_id]=1&event=checkout';

sub order { return $order =~ s/"1"/"$_[0]"/r }
sub ordered { return $ordered =~ s/=1&/=$_[0]&/r }


# ---- shapes of a body

mapping 'a body is one event',
    body => $order, sends => $ordered;

mapping 'the wrapper of a serialised facade: obj is the event',
    body => qq({"opts":{"clone":true},"obj":$order}), sends => $ordered;

mapping 'the wrapper: opts and raw are ignored, whatever they say',
    body => qq({"opts":{"type":"page","event":"Lead"},"raw":{"type":"page","properties":{"x":1}},"obj":$order}),
    sends => $ordered;

mapping 'a batch is its events',
    body => '{"batch":[' . order(1) . ',' . order(2) . '],"sentAt":"2026-01-01T00:00:00Z"}',
    sends => [ordered(1), ordered(2)], verdict => '200 delivered; delivered';

mapping 'an array is its events',
    body => '[' . order(1) . ',' . order(2) . ']',
    sends => [ordered(1), ordered(2)], verdict => '200 delivered; delivered';

mapping 'an array: each may be wrapped',
    body => '[' . order(1) . ',{"opts":{},"obj":' . order(2) . '}]',
    sends => [ordered(1), ordered(2)], verdict => '200 delivered; delivered';

for (
    [ 'the context of a batch counts for its events',
      '', '"context":{"page":{"url":"https://shop.example/b"}}',
      { referer => 'https://shop.example/b' } ],
    [ 'it is merged member by member: what the event does not have is there',
      '"context":{"userAgent":"own"}',
      '"context":{"page":{"url":"https://shop.example/b"},"userAgent":"batch"}',
      { referer => 'https://shop.example/b', 'user-agent' => 'own' } ],
    [ "it is merged member by member: the event's own member wins",
      '"context":{"page":{"url":"https://shop.example/own"}}',
      '"context":{"page":{"url":"https://shop.example/b"},"userAgent":"batch"}',
      { referer => 'https://shop.example/own', 'user-agent' => 'batch' } ],
) {
    my ($what, $own, $batch, $with) = @$_;
    my $event = $own eq '' ? $order : $order =~ s/^\{/{$own,/r;

    mapping $what, body => "{\"batch\":[$event],$batch}",
        sends => $ordered, with => $with;
}

mapping 'integrations of a batch count for an event that has none',
    body => qq({"batch":[$order],"integrations":{"Pinterest":false}}),
    skipped => 'integration_disabled';

mapping 'integrations of a batch do not count for an event that has its own',
    body => '{"batch":[' . ($order =~ s/^\{/{"integrations":{"Other":false},/r)
            . '],"integrations":{"Pinterest":false}}',
    sends => $ordered;

mapping 'the writeKey of a batch counts for an event that has none',
    config => 'writeKeys: [K1]',
    body => qq({"batch":[$order],"writeKey":"K1"}), sends => $ordered;

mapping 'the writeKey of a batch does not count for an event that has its own',
    config => 'writeKeys: [K1]',
    body => '{"batch":[' . ($order =~ s/^\{/{"writeKey":"K2",/r) . '],"writeKey":"K1"}',
    skipped => 'write_key';

mapping 'NDJSON: a line is an event',
    headers => { 'Content-Type' => 'application/x-ndjson' },
    body => order(1) . "\n" . order(2) . "\n",
    sends => [ordered(1), ordered(2)], verdict => '200 delivered; delivered';

mapping 'NDJSON: a line that is no JSON is rejected, its neighbours go on',
    headers => { 'Content-Type' => 'application/x-ndjson' },
    body => order(1) . "\n{\"type\":\n" . order(3) . "\n",
    sends => [ordered(1), ordered(3)],
    verdict => '200 delivered; rejected invalid_json; delivered';

mapping 'NDJSON is known by its Content-Type alone',
    headers => { 'Content-Type' => 'application/json' },
    body => order(1) . "\n" . order(2) . "\n", verdict => '400 invalid_json 2:1';

for my $type ('application/json', 'text/plain', 'text/plain;charset=UTF-8',
              'application/x-www-form-urlencoded', 'nonsense', undef)
{
    mapping 'Content-Type is not required: ' . ($type // 'none'),
        headers => { 'Content-Type' => $type }, body => $order, sends => $ordered;
}


# ---- the pixel

# bytes whose base64 has what the two alphabets differ in, and padding
my $search = '{"event":"Products Searched","properties":{"search_query":"~~~???>>>"}}';
my $padded;

for (0 .. 2) {
    $padded = $search . ' ' x $_;
    last if encode_base64($padded, '') =~ m{^(?=.*\+)(?=.*/).*=$};
}

my $base64 = encode_base64($padded, '');
my $searched = 'ed[search_query]=~~~%3F%3F%3F%3E%3E%3E&event=search';

like $base64, qr{^(?=.*\+)(?=.*/).*=$}, 'the data of the pixels below has +, / and =';

for (
    [ 'the standard alphabet, percent-encoded', enc($base64) ],
    [ 'the standard alphabet as it is',         $base64 ],
    [ 'no padding',                             $base64 =~ s/=//gr ],
    [ "the URL's alphabet",                     $base64 =~ tr{+/}{-_}r ],
    [ "the URL's alphabet without padding",     $base64 =~ tr{+/}{-_}r =~ s/=//gr ],
    [ 'a space reads as +',                     $base64 =~ s/\+/%20/gr ],
) {
    my ($what, $data) = @$_;

    mapping "a pixel's data: $what", method => 'GET',
        path => "v1/pixel/track?data=$data", sends => $searched, verdict => undef;
}

mapping 'a pixel: the path tells its type', method => 'GET',
    path => 'v1/pixel/page?data=' . enc(encode_base64('{"properties":{"title":"x"}}', '')),
    sends => 'ed[title]=x&event=pagevisit', verdict => undef;

mapping 'a pixel: other parameters beside data do no harm', method => 'GET',
    path => 'v1/pixel/track?writeKey=x&data=' . enc($base64) . '&t=1',
    sends => $searched, verdict => undef;


# ---- compression

my $deflated = Compress::Zlib::compress($order);
my $raw_deflated;

IO::Compress::RawDeflate::rawdeflate(\$order => \$raw_deflated);

for (
    [ 'gzip',    Compress::Zlib::memGzip($order), 'gzip is inflated' ],
    [ 'deflate', $deflated,                       'deflate is inflated' ],
    [ 'deflate', $raw_deflated,                   'deflate without its wrapper, too' ],
) {
    my ($encoding, $body, $what) = @$_;

    mapping "Content-Encoding: $what",
        headers => { 'Content-Encoding' => $encoding, 'Content-Type' => 'application/json' },
        body => $body, sends => $ordered;
}

mapping 'gzip as application/x-www-form-urlencoded, as rudder-sdk-node sends it',
    headers => { 'Content-Encoding' => 'gzip',
                 'Content-Type' => 'application/x-www-form-urlencoded' },
    body => Compress::Zlib::memGzip($order), sends => $ordered;

mapping 'NDJSON may be compressed',
    headers => { 'Content-Encoding' => 'gzip', 'Content-Type' => 'application/x-ndjson' },
    body => Compress::Zlib::memGzip(order(1) . "\n" . order(2) . "\n"),
    sends => [ordered(1), ordered(2)], verdict => '200 delivered; delivered';

mapping 'the inflated size has a cap',
    headers => { 'Content-Encoding' => 'gzip' },
    body => Compress::Zlib::memGzip($order . ' ' x 2_000_000), verdict => qr/^413 /;

mapping 'what is no gzip is refused', headers => { 'Content-Encoding' => 'gzip' },
    body => $order, verdict => qr/^400 /;

mapping 'an encoding that is not known is refused',
    headers => { 'Content-Encoding' => 'br' }, body => $order, verdict => qr/^415 /;


# ---- type

for my $segment (qw(t track)) {
    mapping "without a type the path tells it: $segment", path => "v1/$segment",
        body => '{"event":"Order Completed","properties":{"order_id":"1"}}',
        sends => $ordered;
}

for my $segment (qw(p page s screen)) {
    mapping "without a type the path tells it: $segment", path => "v1/$segment",
        body => '{"event":"Order Completed","properties":{"a":"1"}}',
        sends => 'ed[a]=1&event=pagevisit';
}

for my $segment (qw(i identify g group a alias)) {
    mapping "without a type the path tells it: $segment", path => "v1/$segment",
        body => '{"event":"Order Completed","properties":{"a":"1"}}',
        skipped => 'unsupported_type';
}

for my $segment (qw(b batch)) {
    mapping "the path of a batch: $segment", path => "v1/$segment",
        body => '{"batch":[' . order(1) . ',{"event":"Order Completed","properties":{"order_id":"2"}}]}',
        sends => [ordered(1), ordered(2)], verdict => '200 delivered; delivered';
}

mapping "an event's own type goes before the path's", path => 'v1/page',
    body => $order, sends => $ordered;
mapping 'a type that is null is none', path => 'v1/page',
    body => '{"type":null,"properties":{"a":"1"}}', sends => 'ed[a]=1&event=pagevisit';
mapping 'a type that is empty is none', path => 'v1/page',
    body => '{"type":"","properties":{"a":"1"}}', sends => 'ed[a]=1&event=pagevisit';
mapping 'no type anywhere but an event: track',
    body => '{"event":"Order Completed","properties":{"order_id":"1"}}', sends => $ordered;
mapping 'no type anywhere but an event, in a batch: track',
    body => '{"batch":[{"event":"Order Completed","properties":{"order_id":"1"}}]}',
    sends => $ordered;

mapping 'track is mapped', track('Order Completed', '"order_id":"1"'), sends => $ordered;
mapping 'page is mapped', page('"a":"1"'), sends => 'ed[a]=1&event=pagevisit';
mapping 'screen is mapped like page', call('screen', '"a":"1"'),
    sends => 'ed[a]=1&event=pagevisit';

for my $type (qw(identify group alias delete anything)) {
    mapping "$type is skipped, no error",
        call($type, '"order_id":"1"', '"event":"Order Completed"'),
        skipped => 'unsupported_type';
}

mapping 'an unknown type is skipped, whatever the path', path => 'v1/track',
    call('anything', '"order_id":"1"', '"event":"Order Completed"'),
    skipped => 'unsupported_type';


# ---- names

for my $name ('order_id', 'orderId', 'ORDER_ID', 'Order ID', 'order-id', 'orderid', '_order__id_') {
    mapping "a property's name: $name is order_id",
        track('Order Completed', quoted($name) . ':"1"'), sends => $ordered;
}

mapping 'another letter is another name',
    track('Order Completed', '"order.id":"1","orders_id":"2"'), sends => 'event=checkout';
mapping 'only the case of ASCII is ignored',
    track('Order Completed', qq("coup\xc3\x96n":"1","\xc3\xb6rder_id":"2")), sends => 'event=checkout';

mapping 'names in products are compared alike',
    track('Order Completed', '"Products":[{"Product ID":"p","Product-Name":"x","NAME":"n"}]'),
    sends => 'ed[order_quantity]=1&ed[line_items][0][product_id]=p'
             . '&ed[line_items][0][product_name]=n&event=checkout';
mapping 'names in the context are compared alike',
    track('Order Completed', '"order_id":"1"',
          '"context":{"Page":{"URL":"https://shop.example/"},"user_agent":"x"}'),
    sends => $ordered, with => { referer => 'https://shop.example/', 'user-agent' => 'x' };
mapping 'names in traits are compared alike',
    track('Order Completed', '"order_id":"1"', '"traits":{"E-Mail":"user@example.com"}'),
    sends => 'ed[order_id]=1&pd[em]=b4c9a289323b21a01c3e940f150eb9b8c542587f1abfd8f0e1cc1ffc5e475514&event=checkout';
mapping 'names in integrations are compared alike',
    track('Order Completed', '"order_id":"1"', '"integrations":{"pinterest_TAG":false}'),
    skipped => 'integration_disabled';

mapping 'the name of a custom property goes out as it came',
    track('My Event', '"Order ID":"1","fooBar-baz":"2"'),
    sends => 'ed[Order%20ID]=1&ed[fooBar-baz]=2&ed[custom_event_name]=MyEvent&event=custom';

mapping 'of two equal names the one spelled as documented wins, though it is last',
    track('Order Completed', '"orderId":"a","order_id":"b"'), sends => ordered('b');
mapping 'of two equal names the one spelled as documented wins, though it is first',
    track('Order Completed', '"order_id":"b","orderId":"a"'), sends => ordered('b');
mapping 'of two equal names, neither spelled as documented, the first wins',
    track('Order Completed', '"orderId":"a","OrderID":"b"'), sends => ordered('a');
mapping 'of two equal names the one spelled as the configuration spells it wins',
    config => 'valueFieldIdentifier: myPrice',
    track('Order Completed', '"my_price":1,"myPrice":2'), sends => 'ed[value]=2&event=checkout';
mapping 'of two equal names, neither spelled as configured, the first wins',
    config => 'valueFieldIdentifier: myPrice',
    track('Order Completed', '"my_price":1,"MY PRICE":2'), sends => 'ed[value]=1&event=checkout';

mapping 'a repeated key has its last value at its first place',
    track('My Event', '"a":1,"b":2,"a":3'),
    sends => 'ed[a]=3&ed[b]=2&ed[custom_event_name]=MyEvent&event=custom';


# ---- a bad event and its neighbours

for (
    [ 'not an object: a number',    '7',                            'invalid_event' ],
    [ 'not an object: a text',      '"track"',                      'invalid_event' ],
    [ 'not an object: null',        'null',                         'invalid_event' ],
    [ 'not an object: an array',    '[[]]',                         'invalid_event' ],
    [ 'the name is absent',         '{"type":"track"}',             'missing_event_name' ],
    [ 'the name is null',           '{"type":"track","event":null}', 'missing_event_name' ],
    [ 'the name is empty',          '{"type":"track","event":""}',  'missing_event_name' ],
    [ 'the name is blank',          '{"type":"track","event":" \t\n"}' =~ s/\t/\\t/r =~ s/\n/\\n/r,
      'missing_event_name' ],
    [ 'the name is a number',       '{"type":"track","event":5}',   'missing_event_name' ],
    [ 'the name is true',           '{"type":"track","event":true}', 'missing_event_name' ],
    [ 'the name is an object',      '{"type":"track","event":{}}',  'missing_event_name' ],
    [ 'the name is an array',       '{"type":"track","event":["Lead"]}', 'missing_event_name' ],
    [ 'it is nested too deep',      '{"type":"track","event":"x","properties":' . '{"a":' x 40 . '1' . '}' x 41,
      'too_deep' ],
    [ 'it is nested too deep in arrays',
      '{"type":"track","event":"x","properties":{"a":' . '[' x 40 . ']' x 40 . '}}', 'too_deep' ],
    [ 'its name holds an e-mail address', '{"type":"track","event":"Mail to jo@example.com"}', 'pii_in_name' ],
) {
    my ($what, $event, $reason) = @$_;

    mapping "a bad event never harms its neighbours: $what",
        body => '{"batch":[' . order(1) . ",$event," . order(3) . ']}',
        sends => [ordered(1), ordered(3)],
        verdict => "200 delivered; rejected $reason; delivered";
}

mapping 'when every event is bad, the whole is',
    body => '{"batch":[7,{"type":"track"}]}',
    verdict => '400 rejected invalid_event; rejected missing_event_name';
mapping 'an event alone is rejected, too', body => '{"type":"track"}',
    rejected => 'missing_event_name';
mapping 'thirty levels are not too deep',
    track('My Event', '"a":' . '{"b":' x 27 . '1' . '}' x 27),
    sends => 'ed[a]' . '[b]' x 27 . '=1&ed[custom_event_name]=MyEvent&event=custom';
mapping 'an event that is skipped is no harm either',
    body => '{"batch":[{"type":"identify"},' . order(2) . ']}',
    sends => ordered(2), verdict => '200 skipped unsupported_type; delivered';


# ---- text, and what counts as absent

for (
    [ 'a number is its text',             '12345',     '12345' ],
    [ 'a number that is no integer, too', '1.50',      '1.5' ],
    [ 'true is its text',                 'true',      'true' ],
    [ 'false is its text',                'false',     'false' ],
    [ 'an object is absent',              '{"a":"b"}', undef ],
    [ 'an array is absent',               '["b"]',     undef ],
    [ 'null is absent',                   'null',      undef ],
    [ 'an empty string is absent',        '""',        undef ],
    [ 'a blank string is absent',         '" \t "',    undef ],
) {
    my ($what, $value, $text) = @$_;

    mapping "where text is wanted, $what",
        track('Order Completed', "\"promo_code\":$value"),
        sends => (defined $text ? "ed[promo_code]=$text&" : '') . 'event=checkout';

    mapping "where text is wanted, $what, and what counts instead comes in",
        track('Order Completed', "\"promo_code\":$value,\"coupon\":\"C\""),
        sends => 'ed[promo_code]=' . ($text // 'C') . '&event=checkout';
}

mapping 'the empty string stays where a property goes out under its own name',
    track('My Event', '"a":"","b":" ","order_id":""'),
    sends => 'ed[a]=&ed[b]=%20&ed[order_id]=&ed[custom_event_name]=MyEvent&event=custom';
mapping 'the empty string stays on a page',
    page('"a":"","order_id":""'), sends => 'ed[a]=&ed[order_id]=&event=pagevisit';
mapping 'the empty string stays in customPropertiesForStandardEvents',
    config => 'customPropertiesForStandardEvents: [color]',
    track('Order Completed', '"color":"","order_id":""'), sends => 'ed[color]=&event=checkout';
mapping 'an array of user data is several values: the first that fits counts',
    track('Order Completed', '"email":["no address","user@example.com","other@example.com"]'),
    sends => 'pd[em]=b4c9a289323b21a01c3e940f150eb9b8c542587f1abfd8f0e1cc1ffc5e475514&event=checkout';


# ---- which Pinterest event: customEventsMapping

sub rows { return "customEventsMapping:\n" . join '', map { "  - {$_}\n" } @_ }

my $row = rows('event: "Custom Event 1", mapping: "Lead"');

for my $name ('Custom Event 1', 'custom event 1', 'CUSTOM EVENT 1', "  Custom Event 1\t") {
    mapping "customEventsMapping: \"$name\" is the row's event", config => $row,
        track($name, '"lead_type":"x"'), sends => 'ed[lead_type]=x&event=Lead';
}

for my $name ('Custom_Event_1', 'CustomEvent1', 'Custom  Event 1', 'Custom Event 11') {
    mapping "customEventsMapping: \"$name\" is not the row's event", config => $row,
        track($name), sends => 'ed[custom_event_name]=' . ($name =~ s/\s//gr) . '&event=custom';
}

mapping "customEventsMapping: the row's event is trimmed, too",
    config => rows('event: "  Custom Event 1 ", mapping: "Lead"'),
    track('Custom Event 1'), sends => 'event=Lead';
mapping 'customEventsMapping goes before the standard table',
    config => rows('event: "Order Completed", mapping: "Lead"'),
    track('Order Completed', '"order_id":"1"'), sends => 'ed[order_id]=1&event=Lead';
mapping "customEventsMapping goes before Pinterest's own names",
    config => rows('event: "ViewCategory", mapping: "ViewContent"'),
    track('ViewCategory'), sends => 'event=ViewContent';
mapping 'customEventsMapping is for track alone',
    config => rows('event: "Page", mapping: "Lead"', 'event: "Home", mapping: "Lead"'),
    page('"a":1', '"name":"Home"', '"event":"Home"'), sends => 'ed[a]=1&event=pagevisit';
mapping 'every row that matches gives a conversion',
    config => rows('event: "Signed", mapping: "Signup"', 'event: "Other", mapping: "Search"',
                   'event: "signed", mapping: "Lead"'),
    track('Signed', '"order_id":"1"'),
    sends => ['ed[order_id]=1&event=Signup', 'ed[order_id]=1&event=Lead'];
mapping 'rows that give the same name count once',
    config => rows('event: "Signed", mapping: "ViewContent"', 'event: "SIGNED", mapping: "ViewContent"',
                   'event: "Signed", mapping: "View Content"'),
    track('Signed'), sends => 'event=ViewContent';
mapping 'mapping goes out as it is written',
    config => rows('event: "x", mapping: "vIeW_Content-2.0"'), track('x'),
    sends => 'event=vIeW_Content-2.0';
mapping 'mapping goes out without its white space',
    config => rows('event: "x", mapping: " View  Content "'), track('x'), sends => 'event=ViewContent';
mapping 'mapping goes out percent-encoded where it must be',
    config => rows("event: \"x\", mapping: \"Gr\xc3\xb6\xc3\x9fe&1\""), track('x'),
    sends => 'event=Gr%C3%B6%C3%9Fe%261';

for my $custom ('custom', 'Custom', 'CUSTOM') {
    mapping "a mapping to $custom sends custom_event_name, too",
        config => rows("event: \"My Event\", mapping: \"$custom\""),
        track('My Event', '"a":1'),
        sends => "ed[a]=1&ed[custom_event_name]=MyEvent&event=$custom";
}

mapping 'a mapping to custom, whatever handleCustomAsPartnerDefinedEvent says',
    config => "$partner\n" . rows('event: "My Event", mapping: "custom"'), track('My Event'),
    sends => 'ed[custom_event_name]=MyEvent&event=custom';
mapping 'a mapping to anything else sends no custom_event_name',
    config => rows('event: "My Event", mapping: "Another Thing"'), track('My Event', '"a":1'),
    sends => 'ed[a]=1&event=AnotherThing';


# ---- the standard table

my @standard = (
    [ 'Products Searched',   'Searched Products',   'search' ],
    [ 'Product List Viewed', 'Viewed Product List', 'viewcategory' ],
    [ 'Promotion Viewed',    'Viewed Promotion',    'pagevisit' ],
    [ 'Product Viewed',      'Viewed Product',      'pagevisit' ],
    [ 'Product Added',       'Added Product',       'addtocart' ],
    [ 'Cart Viewed',         'Viewed Cart',         'pagevisit' ],
    [ 'Order Completed',     'Completed Order',     'checkout' ],
);

for (@standard) {
    my ($name, $reversed, $event) = @$_;

    mapping "$name is $event", track($name, '"a":1'), sends => "event=$event";
    mapping "$reversed, the older spelling, is $event", track($reversed, '"a":1'),
        sends => "event=$event";
    mapping "$name is $event with standardEvents: extended, too", config => $extended,
        track($name, '"a":1'), sends => "event=$event";
}

for my $name ('order_completed', 'ORDER COMPLETED', 'OrderCompleted', 'order-completed', ' Order Completed ') {
    mapping "\"$name\" is the standard event", track($name, '"a":1'), sends => 'event=checkout';
}

for my $name ('Order Complete', 'Orders Completed', 'Product Search', 'Viewed Product Page', 'List Product Viewed') {
    mapping "\"$name\" is no standard event, nothing looser is", track($name, '"a":1'),
        sends => 'ed[a]=1&ed[custom_event_name]=' . ($name =~ s/ //gr) . '&event=custom';
}

my @extended = (
    [ 'Product List Filtered',     'search' ],
    [ 'Product Category Viewed',   'viewcategory' ],
    [ 'Checkout Started',          'initiatecheckout' ],
    [ 'Payment Info Entered',      'addpaymentinfo' ],
    [ 'Product Added to Wishlist', 'addtowishlist' ],
    [ 'Signed Up',                 'signup' ],
    [ 'Lead Generated',            'lead' ],
    [ 'Generate Lead',             'lead' ],
    [ 'Video Playback Started',    'watchvideo' ],
    [ 'Trial Started',             'starttrial' ],
    [ 'Subscription Created',      'subscribe' ],
);

for (@extended) {
    my ($name, $event) = @$_;

    mapping "standardEvents: extended: $name is $event", config => $extended,
        track($name, '"a":1'), sends => "event=$event";
    mapping "standardEvents: seed: $name is custom", config => 'standardEvents: seed',
        track($name, '"a":1'),
        sends => 'ed[a]=1&ed[custom_event_name]=' . ($name =~ s/ //gr) . '&event=custom';
}

mapping 'standardEvents is seed by default', track('Checkout Started'),
    sends => 'ed[custom_event_name]=CheckoutStarted&event=custom';

for my $name ('Application Installed', 'Application Opened') {
    mapping "standardEvents: extended: the Tag has no event for $name", config => $extended,
        track($name), skipped => 'no_tag_event';
    mapping "standardEvents: seed: $name is custom", track($name),
        sends => 'ed[custom_event_name]=' . ($name =~ s/ //gr) . '&event=custom';
}


# ---- a name that is Pinterest's own

my @first = (
    [ 'pagevisit',    'page_visit',    'PageVisit',    'Page Visit' ],
    [ 'viewcategory', 'view_category', 'ViewCategory', 'view-category' ],
    [ 'search',       'Search' ],
    [ 'addtocart',    'add_to_cart',   'AddToCart',    'ADD TO CART' ],
    [ 'checkout',     'Checkout' ],
    [ 'watchvideo',   'watch_video',   'WatchVideo' ],
    [ 'signup',       'Sign Up',       'SignUp' ],
    [ 'lead',         'Lead' ],
);

for (@first) {
    for my $name (@$_) {
        mapping "Pinterest's own name: \"$name\" is $_->[0]", track($name, '"a":1'),
            sends => "event=$_->[0]";
    }

    mapping "Pinterest's own name with standardEvents: extended: $_->[0]", config => $extended,
        track($_->[0], '"a":1'), sends => "event=$_->[0]";
}

my @others = (
    [ 'addpaymentinfo',    'add_payment_info' ],
    [ 'addtowishlist',     'AddToWishlist' ],
    [ 'initiatecheckout',  'Initiate Checkout' ],
    [ 'subscribe',         'Subscribe' ],
    [ 'viewcontent',       'ViewContent' ],
    [ 'contact',           'Contact' ],
    [ 'customizeproduct',  'customize-product' ],
    [ 'findlocation',      'FindLocation' ],
    [ 'schedule',          'SCHEDULE' ],
    [ 'starttrial',        'start_trial' ],
    [ 'submitapplication', 'SubmitApplication' ],
);

for (@others) {
    my ($event, $name) = @$_;

    mapping "standardEvents: extended: Pinterest's own name \"$name\" is $event",
        config => $extended, track($name, '"a":1'), sends => "event=$event";
    mapping "standardEvents: seed: \"$name\" is custom", track($name, '"a":1'),
        sends => 'ed[a]=1&ed[custom_event_name]=' . ($name =~ s/ //gr) . '&event=custom';
}

for my $config ('', $extended) {
    mapping 'an event of the name "custom" is custom as any other',
        config => $config, track('custom', '"a":1'),
        sends => 'ed[a]=1&ed[custom_event_name]=custom&event=custom';
}


# ---- anything else

for my $config ('', 'handleCustomAsPartnerDefinedEvent: false') {
    mapping 'another event is custom, its name without white space beside it: '
            . ($config || 'by default'),
        config => $config, track('Payment Info Entered', '"a":1'),
        sends => 'ed[a]=1&ed[custom_event_name]=PaymentInfoEntered&event=custom';
}

mapping 'handleCustomAsPartnerDefinedEvent: the name without white space is the event',
    config => $partner, track('Payment Info Entered', '"a":1'),
    sends => 'ed[a]=1&event=PaymentInfoEntered';

for (
    [ "a \t b\n c",       'abc' ],
    [ '  padded  ',       'padded' ],
    [ 'Under_score-dash', 'Under_score-dash' ],
    [ "Gr\xc3\xb6\xc3\x9fe", 'Gr%C3%B6%C3%9Fe' ],
    [ 'a&b=c#d%e[f]',     'a%26b%3Dc%23d%25e%5Bf%5D' ],
    [ "\xf0\x9f\x9b\x92 cart", '%F0%9F%9B%92cart' ],
) {
    my ($name, $out) = @$_;

    mapping "the concatenated name of " . quoted($name), track($name),
        sends => "ed[custom_event_name]=$out&event=custom";
    mapping "the concatenated name as the event of " . quoted($name), config => $partner,
        track($name), sends => "event=$out";
}


# ---- page and screen

mapping 'a page is pagevisit whatever its name and category',
    page('"a":1,"category":"Shoes"', '"name":"Cart Viewed"', '"category":"Shoes"'),
    sends => 'ed[a]=1&ed[category]=Shoes&event=pagevisit';
mapping 'a page with an event of its own is pagevisit',
    page('"a":1', '"event":"Order Completed"'), sends => 'ed[a]=1&event=pagevisit';
mapping 'a screen is pagevisit whatever its name',
    call('screen', '"a":1', '"name":"Order Completed"', '"category":"x"'),
    sends => 'ed[a]=1&event=pagevisit';
mapping 'a page is pagevisit whatever the configuration',
    config => "$partner\n$extended", page('"a":1', '"name":"Lead"'),
    sends => 'ed[a]=1&event=pagevisit';


# ---- standard or custom: what is sent tells which

for my $config ('', $extended) {
    my $how = $config || 'standardEvents: seed';

    for my $name (map { $_->[0] } @first, @others) {
        mapping "$how: a mapping to $name is standard",
            config => "$config\n" . rows("event: x, mapping: $name"), track('x', '"a":1'),
            sends => "event=$name";
    }

    for my $name ('page_visit', 'view_category', 'add_to_cart', 'watch_video', 'AddPaymentInfo',
                  'Add-To-Wishlist', 'initiate_checkout', 'ViewContent', 'customize_product',
                  'find_location', 'start_trial', 'submit_application')
    {
        mapping "$how: a mapping to $name is standard",
            config => "$config\n" . rows("event: x, mapping: $name"), track('x', '"a":1'),
            sends => "event=$name";
    }
}

mapping 'a partner-defined event with the name of a standard one is standard',
    config => $partner, track('Add Payment Info', '"a":1,"order_id":"1"'),
    sends => 'ed[order_id]=1&event=AddPaymentInfo';
mapping 'the same event as custom is custom',
    track('Add Payment Info', '"a":1,"order_id":"1"'),
    sends => 'ed[a]=1&ed[order_id]=1&ed[custom_event_name]=AddPaymentInfo&event=custom';
mapping 'a mapping to any other name is custom',
    config => rows('event: x, mapping: ViewContents'), track('x', '"a":1'),
    sends => 'ed[a]=1&event=ViewContents';


# ---- more than one destination

mapping 'each event goes to each entry, as that entry says',
    config => <<'END',
- name: "pinterest"
  config:
    tagId: "2612826764086"
- name: "another"
  config:
    anything: [1, 2]
- name: "pinterest"
  config:
    tagId: 2612826764087
    handleCustomAsPartnerDefinedEvent: true
END
    track('My Event', '"a":1'),
    sends => ['ed[a]=1&ed[custom_event_name]=MyEvent&event=custom',
              'tid=2612826764087&noscript=1&ed[a]=1&event=MyEvent'];

run_cases();
done_testing();
