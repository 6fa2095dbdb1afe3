# The event's id, and what a request tells of the visitor: page, browser,
# address, click.  Every header that leaves is compared, in every case.

use strict;
use warnings;

use Digest::SHA qw(sha256_hex);
use FindBin;
use lib "$FindBin::Bin/lib";

use Pintag::Cases;
use Test::More;

my $partner = 'handleCustomAsPartnerDefinedEvent: true';


# ---- the event's id

sub id {
    my ($what, $properties, $more, $id, $config) = @_;

    mapping "event id: $what", config => "$partner\n" . ($config // ''),
        call('track', $properties, '"event":"My Event"', $more eq '' ? () : $more),
        sends => (defined $id ? 'ed[event_id]=' . enc($id) . '&' : '') . 'event=MyEvent';
}

id('property event_id', '"event_id":"e-1"', '"messageId":"m-1"', 'e-1');
id('property eid', '"eid":"e-2"', '"messageId":"m-1"', 'e-2');
id('else messageId', '', '"messageId":"m-1"', 'm-1');
id('none: nothing is invented', '', '"userId":"u-1"', undef);
id('a number is its text', '"event_id":12345', '', '12345');
id('what is empty is absent', '"event_id":"","eid":" "', '"messageId":"m-1"', 'm-1');
id('what is no text is absent', '"event_id":{"a":1},"eid":[1]', '"messageId":"m-1"', 'm-1');
id('a blank messageId is none', '', '"messageId":" "', undef);
id('percent-encoded', '', '"messageId":"a/b c&d=e"', 'a/b c&d=e');

id('deduplicationKey: the value at its path', '', '"context":{"order":{"ref":"r-1"}},"messageId":"m-1"', 'r-1',
   'deduplicationKey: context.order.ref');
id('deduplicationKey goes before event_id', '"event_id":"e-1"', '"anonymousId":"a-1"', 'a-1',
   'deduplicationKey: anonymousId');
id('deduplicationKey: its names are compared as any name', '', '"context":{"Order":{"REF":"r-1"}}', 'r-1',
   'deduplicationKey: context.order.ref');
id('deduplicationKey: of two equal names the one spelled as configured wins', '', '"context":{"Ref":"r-1","ref":"r-2"}', 'r-2',
   'deduplicationKey: context.ref');
id('deduplicationKey: of two equal names, neither spelled so, the first wins', '', '"context":{"Ref":"r-1","REF":"r-2"}', 'r-1',
   'deduplicationKey: context.ref');
id('deduplicationKey: absent, then event_id', '"event_id":"e-1"', '"messageId":"m-1"', 'e-1',
   'deduplicationKey: properties.order_id');
id('deduplicationKey: absent, then messageId', '', '"messageId":"m-1"', 'm-1',
   'deduplicationKey: properties.order_id');
id('deduplicationKey: empty is absent', '"event_id":"e-1"', '"context":{"ref":" "}', 'e-1',
   'deduplicationKey: context.ref');
id('deduplicationKey: an object is absent', '"event_id":"e-1"', '"context":{"ref":{"a":1}}', 'e-1',
   'deduplicationKey: context.ref');
id('deduplicationKey: a path through what is no object', '"event_id":"e-1"', '"context":{"ref":"x"}', 'e-1',
   'deduplicationKey: context.ref.a');
id('deduplicationKey: an e-mail address is replaced by half of its hash', '', '"context":{"ref":"jo@example.com"}',
   substr(sha256_hex('jo@example.com'), 0, 32), 'deduplicationKey: context.ref');

mapping 'deduplicationKey: a property that is the id goes out as a property, too',
    config => "$partner\ndeduplicationKey: properties.order_id", track('My Event', '"order_id":"o-1","a":1'),
    sends => 'ed[order_id]=o-1&ed[a]=1&ed[event_id]=o-1&event=MyEvent';
mapping 'deduplicationKey: of a standard event', config => 'deduplicationKey: properties.order_id',
    track('Order Completed', '"order_id":7', '"messageId":"m-1"'),
    sends => 'ed[order_id]=7&ed[event_id]=7&event=checkout';

mapping 'the event id is last of the data, of a standard event',
    config => 'customPropertiesForStandardEvents: [prop1]',
    track('Order Completed', '"event_id":"e","prop1":"x","sku":"s","value":1'),
    sends => 'ed[value]=1&ed[line_items][0][product_id]=s&ed[prop1]=x&ed[event_id]=e&event=checkout';
mapping 'the event id is last of the data, after custom_event_name',
    track('My Event', '"event_id":"e","a":1'),
    sends => 'ed[a]=1&ed[custom_event_name]=MyEvent&ed[event_id]=e&event=custom';
mapping 'the event id is last of the data, of a page', page('"a":1', '"messageId":"m-1"'),
    sends => 'ed[a]=1&ed[event_id]=m-1&event=pagevisit';
mapping 'the event id is the same in every conversion of an event', track('x', undef, '"messageId":"m-1"'),
    config => "customEventsMapping:\n  - {event: x, mapping: Lead}\n  - {event: x, mapping: Signup}",
    sends => ['ed[event_id]=m-1&event=Lead', 'ed[event_id]=m-1&event=Signup'];


# ---- the page's URL

sub visit {
    my ($what, $more, $with, %args) = @_;
    my $pd = delete $args{pd};

    mapping $what, call('track', delete $args{properties}, '"event":"Order Completed"', $more eq '' ? () : $more),
        sends => (defined $pd ? "$pd&" : '') . 'event=checkout', with => $with, %args;
}

sub page_url { return '"context":{"page":{"url":' . quoted($_[0]) . '}}' }

my $long = 'https://shop.example/' . 'a' x 1979;      # 2,000 bytes

is length $long, 2000, 'a URL of 2,000 bytes';

for (
    [ 'it is the Referer', 'https://shop.example/a?b=1#c', 'https://shop.example/a?b=1#c' ],
    [ 'http, too', 'http://shop.example/', 'http://shop.example/' ],
    [ 'with a port', 'http://shop.example:8080/a', 'http://shop.example:8080/a' ],
    [ 'another scheme is none: ftp', 'ftp://shop.example/a', undef ],
    [ 'another scheme is none: file', 'file:///home/jo/index.html', undef ],
    [ 'another scheme is none: javascript', 'javascript:alert(1)', undef ],
    [ 'a path is none', '/a/b', undef ],
    [ 'about:blank is none', 'about:blank', undef ],
    [ 'empty is none', '', undef ],
    [ 'bytes over 0x7f are encoded', "https://shop.example/gr\xc3\xb6\xc3\x9fe?q=\xe2\x82\xac",
      'https://shop.example/gr%C3%B6%C3%9Fe?q=%E2%82%AC' ],
    [ 'control bytes are encoded', "https://shop.example/a\r\nX-Injected: 1\t\x01\x7fb",
      qr{^https://shop\.example/a%0D%0AX-Injected:(?: |%20)1%09%01%7Fb$} ],
    [ 'what is encoded already stays', 'https://shop.example/%7Ea%2Fb?c=%c3%a4', 'https://shop.example/%7Ea%2Fb?c=%c3%a4' ],
    [ '2,000 bytes stay', $long, $long ],
    [ '2,001 bytes: cut to scheme and host', "${long}a", 'https://shop.example/' ],
    [ 'too long for its query: cut there', 'https://shop.example/a/b?' . 'q' x 2000, 'https://shop.example/a/b' ],
    [ 'too long for its fragment: cut there', 'https://shop.example/a/b#' . 'f' x 2000, 'https://shop.example/a/b' ],
    [ 'too long for its path, too: scheme and host', 'https://shop.example:8443/' . 'p' x 2000 . '?q=1',
      'https://shop.example:8443/' ],
) {
    my ($what, $url, $referer) = @$_;

    visit("the page's URL: $what", page_url($url), { referer => $referer });
}

visit("the page's URL: not a property of a track", '"userId":"1"', {},
      properties => '"url":"https://shop.example/a"');
visit("the page's URL: not the Referer of the request itself", '"userId":"1"', {},
      headers => { Referer => 'https://shop.example/secret' });

mapping "a page's own url is its URL", page('"url":"https://shop.example/a"'),
    sends => 'ed[url]=' . enc('https://shop.example/a') . '&event=pagevisit',
    with => { referer => 'https://shop.example/a' };
mapping "a page's context goes before its own url", page('"url":"https://shop.example/a"', page_url('https://shop.example/b')),
    sends => 'ed[url]=' . enc('https://shop.example/a') . '&event=pagevisit',
    with => { referer => 'https://shop.example/b' };


# ---- the browser

my $browser = 'Mozilla/5.0 (X11; Linux x86_64) Gecko/20100101 Firefox/128.0';
my $server = 'analytics-node/2.1';

visit('the user agent is that of the context', "\"context\":{\"userAgent\":\"$browser\"}", { 'user-agent' => $browser });
visit("the user agent: the context's goes before a browser's header", "\"context\":{\"userAgent\":\"$browser\"}",
      { 'user-agent' => $browser }, headers => { Origin => 'http://localhost', 'User-Agent' => 'Other/1.0' });
visit('the user agent of a server is not the visitor\'s', '', {}, headers => { 'User-Agent' => $server });
visit('the user agent: an empty one in the context is none', '"context":{"userAgent":""}', { 'user-agent' => $browser },
      headers => { Origin => 'http://localhost', 'User-Agent' => $browser });
visit('without a user agent the pixel has none', '', {}, headers => { Origin => 'http://localhost' });

for (
    [ Origin => 'http://localhost' ], [ Referer => 'http://localhost/a' ], [ 'Sec-Fetch-Mode' => 'cors' ],
    [ 'Sec-Fetch-Site' => 'same-origin' ], [ 'Sec-Fetch-Dest' => 'empty' ],
) {
    my ($name, $value) = @$_;

    visit("a request with $name came from a browser: its user agent counts", '', { 'user-agent' => $browser },
          headers => { $name => $value, 'User-Agent' => $browser });
}

visit('a user agent cannot bring another header', '"context":{"userAgent":"a\r\nX-Injected: 1"}', {},
      holds => sub {
          my $requests = shift;
          return @$requests != 1 ? "no request\n" : $requests->[0]{raw} =~ /^X-Injected/mi ? "a header came in\n" : '';
      }, sends => undef);


# ---- the address

my $forward = 'forwardClientAddress: true';

sub address {
    my ($what, $more, $address, %args) = @_;

    visit("forwardClientAddress: $what", $more, { 'x-forwarded-for' => $address }, config => $forward, %args);
}

visit('the address does not leave by default', '"context":{"ip":"203.0.113.5"},"request_ip":"203.0.113.6"', {});
visit("a browser's own address does not leave by default", '', {}, headers => { Origin => 'http://localhost' });
visit('forwardClientAddress: false', '"context":{"ip":"203.0.113.5"}', {}, config => 'forwardClientAddress: false');

address('the one in the context', '"context":{"ip":"203.0.113.5"},"request_ip":"203.0.113.6"', '203.0.113.5',
        headers => { Origin => 'http://localhost' });
address("else the event's request_ip", '"request_ip":"203.0.113.6"', '203.0.113.6',
        headers => { Origin => 'http://localhost' });
address("else a browser's own", '', '127.0.0.1', headers => { Origin => 'http://localhost' });
address("not a server's own", '', undef);
address("not what a client says in X-Forwarded-For", '', undef, headers => { 'X-Forwarded-For' => '203.0.113.9' });
address('IPv6', '"context":{"ip":"2001:db8::5"}', '2001:db8::5');

for my $none ('0.0.0.0', '::', 'unknown', '', '203.0.113', '203.0.113.256', '203.0.113.5, 198.51.100.1') {
    address("no address: \"$none\"", "\"context\":{\"ip\":\"$none\"},\"request_ip\":\"203.0.113.6\"", '203.0.113.6');
}


# ---- the click

my $cookie = '_ga=GA1; _epik=dj0y-cookie; _pin_unauth=dWlk-un; _derived_epik=dj0y-derived; theme=dark';
my $cookies = 'pd[epik]=dj0y-cookie&pd[pin_unauth]=dWlk-un&pd[derived_epik]=dj0y-derived';

visit("the click id is epik of the page's URL", page_url('https://shop.example/?a=1&epik=dj0y-url&b=2'),
      { referer => 'https://shop.example/?a=1&epik=dj0y-url&b=2' }, pd => 'pd[epik]=dj0y-url');
visit("the click id: the page's URL goes before the cookie", page_url('https://shop.example/?epik=dj0y-url'),
      { referer => 'https://shop.example/?epik=dj0y-url' }, pd => 'pd[epik]=dj0y-url', headers => { Cookie => '_epik=x' });
visit('the click id: else the cookie _epik', '', {}, pd => 'pd[epik]=dj0y-cookie', properties => '"epik":"x"',
      headers => { Cookie => '_epik=dj0y-cookie' });

for my $name (qw(epik click_id clickId)) {
    visit("the click id: else property $name", '', {}, pd => 'pd[epik]=dj0y', properties => "\"$name\":\"dj0y\"");
    visit("the click id: else context.$name", "\"context\":{\"$name\":\"dj0y\"}", {}, pd => 'pd[epik]=dj0y');
}

visit('the click id: none', '', {}, properties => '"epik":""');
visit("cookies of Pinterest's", '', {}, pd => $cookies, headers => { Cookie => $cookie });
visit('the cookie _pin_unauth alone', '', {}, pd => 'pd[pin_unauth]=x', headers => { Cookie => '_pin_unauth=x' });
visit('the cookie _derived_epik alone', '', {}, pd => 'pd[derived_epik]=x', headers => { Cookie => '_derived_epik=x' });
visit('other cookies are not for Pinterest', '', {},
      headers => { Cookie => 'epik=a; x_epik=b; _epikx=c; pin_unauth=e; s="_epik=f"' });
visit('a click id is percent-encoded', '', {}, pd => 'pd[epik]=' . enc('a&b=c[d]'), properties => '"epik":"a&b=c[d]"');

mapping "a page's own url tells the click id, too", page('"url":"https://shop.example/?epik=dj0y-url"'),
    sends => 'ed[url]=' . enc('https://shop.example/?epik=dj0y-url') . '&pd[epik]=dj0y-url&event=pagevisit',
    with => { referer => 'https://shop.example/?epik=dj0y-url' };


# ---- nothing else leaves

mapping 'nothing else of a request leaves',
    track('Order Completed', '"order_id":"1"'), path => 'collect?secret=1',
    headers => {
        'Authorization' => 'Basic c2VjcmV0Og==', 'Cookie' => 'session=secret', 'Accept' => 'image/avif',
        'Accept-Language' => 'de-DE', 'Accept-Encoding' => 'gzip', 'X-Secret' => '1', 'DNT' => '1',
        'X-Forwarded-For' => '203.0.113.9', 'X-Real-IP' => '203.0.113.9', 'Forwarded' => 'for=203.0.113.9',
        'Origin' => 'http://localhost', 'Referer' => 'http://localhost/secret', 'Sec-Fetch-Site' => 'same-origin',
        'Sec-CH-UA' => 'x', 'Content-Type' => 'text/plain', 'If-None-Match' => '"x"', 'Range' => 'bytes=0-1',
        'User-Agent' => $browser, 'Via' => '1.1 x', 'Cache-Control' => 'no-cache', 'Pragma' => 'no-cache',
    },
    sends => 'ed[order_id]=1&event=checkout', with => { 'user-agent' => $browser };
mapping 'nothing else of an event leaves',
    track('Order Completed', '"order_id":"1"', '"userId":"u"', '"anonymousId":"a"', '"channel":"server"',
          '"traits":{"plan":"x"}', '"timestamp":"2026-01-01T00:00:00Z"', '"version":2',
          '"context":{"ip":"203.0.113.5","locale":"de-DE","library":{"name":"x"},"app":{"name":"y"},'
          . '"device":{"advertisingId":"ABC","id":"d"},"page":{"title":"T","path":"/a","search":"?x=1"}}'),
    sends => 'ed[order_id]=1&event=checkout';

run_cases();
done_testing();
