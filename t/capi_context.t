# When, where and on what an event of the Conversions API happened: its time,
# source, page, browser, click, app and device, and whether it goes at all.

use strict;
use warnings;

use Digest::SHA qw(sha256_hex);
use FindBin;
use lib "$FindBin::Bin/lib";

use JSON::PP;
use Pintag::Cases qw(:DEFAULT :api);
use Pintag::Nginx;
use Test::More;

my $partner = 'handleCustomAsPartnerDefinedEvent: true';
my %browser = ('user-agent' => BROWSER);
my $em = sha256_hex('user@example.com');
my $email = '"traits":{"email":"user@example.com"}';


# A track with more members of its context, and what the API gets beside what
# it always gets.

sub context {
    my ($what, $members, $fields, %args) = @_;

    mapping $what,
        track('Lead', delete $args{properties}, delete $args{members} // (), visitor($members eq '' ? () : $members)),
        api_sends => api_event('lead', %$fields), %args;
}


# ---- the time

sub timed {
    my ($what, $members, $time, %args) = @_;
    my @visitor = grep { !/^"timestamp"/ } visitor();

    mapping "event_time: $what", track('Lead', undef, $members eq '' ? () : $members, @visitor),
        api_sends => api_event('lead', event_time => $time), %args;
}

my $hour = 3600;
my $day = 24 * $hour;
my $iso = '%Y-%m-%dT%H:%M:%S';

for (
    [ 'UTC', ago(5000, "${iso}Z"), at(5000) ],
    [ 'fractions are floored', ago(5000, "$iso.999Z"), at(5000) ],
    [ 'six digits of them, too', ago(5000, "$iso.999999Z"), at(5000) ],
    [ 'no zone: UTC', ago(5000, $iso), at(5000) ],
    [ 'no zone, fractions', ago(5000, "$iso.5"), at(5000) ],
    [ 'a zone ahead', ago(5000 - 2 * $hour, "$iso+02:00"), at(5000) ],
    [ 'a zone behind', ago(5000 + 5.5 * $hour, "$iso.000-05:30"), at(5000) ],
    [ 'a zone of zero', ago(5000, "$iso+00:00"), at(5000) ],
    [ 'a zone without a colon', ago(5000 - 2 * $hour, "$iso+0200"), at(5000) ],
    [ 'fractions after a comma', ago(5000, "$iso,5Z"), at(5000) ],
    [ 'the basic format', ago(5000, '%Y%m%dT%H%M%SZ'), at(5000) ],
    [ 'no seconds', ago(5000, '%Y-%m-%dT%H:%MZ'), at(5000) - at(5000) % 60 ],
    [ 'a date', ago(2 * $day, '%Y-%m-%d'), at(2 * $day) - at(2 * $day) % $day ],
) {
    my ($what, $text, $time) = @$_;
    timed("$what: $text", '"timestamp":' . quoted($text), $time);
}

for (
    [ 'a number is seconds', at(5000), at(5000) ],
    [ 'seconds are floored', at(5000) . '.9', at(5000) ],
    [ 'a number from 100,000,000,000 is milliseconds', at(5000) . '000', at(5000) ],
    [ 'milliseconds are floored', at(5000) . '999', at(5000) ],
    [ 'milliseconds with a fraction', at(5000) . '999.9', at(5000) ],
) {
    my ($what, $number, $time) = @$_;
    timed($what, "\"timestamp\":$number", $time);
}

my @times = qw(timestamp originalTimestamp sentAt receivedAt);

for my $i (0 .. $#times) {
    my $after = join ',', map { "\"$times[$_]\":" . quoted(ago(1000 * ($_ + 1))) } reverse $i .. $#times;

    timed("$times[$i] goes before those after it", $after, at(1000 * ($i + 1)));
    timed("$times[$i] alone", "\"$times[$i]\":" . quoted(ago(5000)), at(5000));
}

timed('names are compared as any name', '"original_timestamp":' . quoted(ago(5000)), at(5000));

for my $none ('null', '""', '" "', '"yesterday"', '"2026-13-45T00:00:00Z"', '"0293-04-11T23:47:16.000Z"',
              '"1901-01-01T00:00:00.000Z"', '"9999-12-31T23:59:59Z"', 'true', '{}', '[1]', '0', '-1', '1e30', '-1e300',
              quoted(ago(9000, "${iso}Zx")), quoted(ago(9000, "$iso+25:00")), '5', '99999999999', '1' . '0' x 18)
{
    timed("not of $none: the next", "\"timestamp\":$none,\"originalTimestamp\":" . quoted(ago(5000)), at(5000));
    timed("not of $none, nothing else: now", "\"timestamp\":$none", 'now');
}

timed('none: now', '', 'now');

for (
    [ 'seven days are sane', 7 * $day - 600, 1 ], [ 'more than seven days are not', 7 * $day + 1, 0 ],
    [ 'two years are not', 730 * $day, 0 ], [ 'an hour ahead is sane', 600 - $hour, 1 ],
    [ 'more than an hour ahead is not', -2 * $hour, 0 ], [ 'a year ahead is not', -365 * $day, 0 ],
) {
    my ($what, $seconds, $sane) = @$_;

    timed($what, '"timestamp":' . quoted(ago($seconds)), $sane ? at($seconds) : 'now');
    timed("$what, in milliseconds", '"timestamp":' . at($seconds) . '000', $sane ? at($seconds) : 'now');
    timed("$what, and what comes after it",
          '"timestamp":' . quoted(ago($seconds)) . ',"receivedAt":' . quoted(ago(5000)),
          $sane ? at($seconds) : at(5000));
}

my ($lead) = { track('Lead', undef, grep { !/^"timestamp"/ } visitor()) }->{body};

mapping 'event_time: sentAt of a batch counts for an event that has none',
    body => "{\"batch\":[$lead," . ($lead =~ s/^\{/'{"sentAt":' . quoted(ago(3000)) . ','/er)
            . ',' . ($lead =~ s/^\{/'{"timestamp":' . quoted(ago(4000)) . ','/er) . '],"sentAt":' . quoted(ago(5000)) . '}',
    verdict => '200 delivered; delivered; delivered',
    api_sends => [map { api_event('lead', event_time => at($_)) } 5000, 3000, 4000];


# ---- the seed's own request: its years are 293, 1901 and 2019

my $seed = Pintag::Nginx->data('request.json');
my %from_browser = (headers => { Origin => 'http://localhost', 'User-Agent' => BROWSER });
my %seed = (event_id => 'derived', event_time => 'now',
            user_data => { client_ip_address => '172.24.0.1',
                           external_id => [sha256_hex('41b70e4a-5ff4-4ff4-a34f-0f4c6cee231a')] });

mapping "the seed's own request, as custom event", body => $seed, %from_browser,
    api_sends => api_event('custom', %seed, custom_data => { content_name => 'PaymentInfoEntered',
                                                             order_id => 'dkfsjidfjsdifsdfksdjfkdsfjsdfkdsf' });
mapping "the seed's own request, as partner-defined event", body => $seed, %from_browser, config => $partner,
    api_sends => api_event('PaymentInfoEntered', %seed,
                           custom_data => { order_id => 'dkfsjidfjsdifsdfksdjfkdsfjsdfkdsf' });
mapping "the seed's own request, from a server that tells no browser", body => $seed, to => 'api',
    skipped => 'no_identity';


# ---- where it happened

# undef: nothing tells
for (
    [ 'nothing tells', '', undef ],
    (map { [ "property action_source $_", '', $_, properties => "\"action_source\":\"$_\"" ] }
         qw(web app_ios app_android offline)),
    (map { [ "context.action_source $_", "\"action_source\":\"$_\"", $_ ] } qw(web app_ios app_android offline)),
    (map { [ "channel $_", '', $_, members => "\"channel\":\"$_\"" ] } qw(web app_ios app_android offline)),
    (map { [ "channel $_ is passed over", '', undef, members => "\"channel\":\"$_\"" ] } qw(server browser mobile pos)),
    [ 'the name is compared as any name', '', 'offline', properties => '"actionSource":"offline"' ],
    [ 'the property goes before the context', '"action_source":"web"', 'offline',
      properties => '"action_source":"offline"' ],
    [ 'the context goes before the channel', '"action_source":"offline"', 'offline', members => '"channel":"app_ios"' ],
    [ 'the channel goes before the device', '"device":{"type":"ios"}', 'offline', members => '"channel":"offline"',
      { device_type => 'ios' } ],
    [ 'an unknown property is passed over', '"action_source":"offline"', 'offline',
      properties => '"action_source":"kiosk"' ],
    [ 'unknown ones are passed over', '"action_source":"kiosk"', 'app_ios', properties => '"action_source":"phone"',
      members => '"channel":"app_ios"' ],
    [ 'what is no text is passed over', '"action_source":["web"]', 'offline', properties => '"action_source":5',
      members => '"channel":"offline"' ],
    (map { [ "context.device.type $_", "\"device\":{\"type\":\"$_\"}", 'app_ios', { device_type => $_ } ] }
         qw(ios iOS)),
    (map { [ "context.device.type $_", "\"device\":{\"type\":\"$_\"}", 'app_android', { device_type => $_ } ] }
         qw(android Android)),
    [ 'another device.type is passed over', '"device":{"type":"desktop"}', undef, { device_type => 'desktop' } ],
    [ 'context.os.name iOS, when the channel is mobile', '"os":{"name":"iOS"}', 'app_ios',
      members => '"channel":"mobile"' ],
    [ 'context.os.name Android, when the channel is mobile', '"os":{"name":"Android"}', 'app_android',
      members => '"channel":"mobile"' ],
    [ 'context.os.name Windows, when the channel is mobile', '"os":{"name":"Windows"}', undef,
      members => '"channel":"mobile"' ],
    [ 'not context.os.name without a channel', '"os":{"name":"iOS"}', undef ],
    [ 'not context.os.name on another channel', '"os":{"name":"iOS"}', undef, members => '"channel":"browser"' ],
    [ 'the device goes before the system', '"os":{"name":"iOS"},"device":{"type":"android"}', 'app_android',
      members => '"channel":"mobile"', { device_type => 'android' } ],
) {
    my ($what, $members, $source, @rest) = @$_;
    my $fields = ref $rest[-1] ? pop @rest : {};

    context("action_source: $what", $members, { %$fields, action_source => $source // 'web' }, @rest);
    context("action_source: $what, and what the destination has", $members,
            { %$fields, action_source => $source // 'offline' }, @rest, config => 'actionSource: offline');
    context("action_source: $what, and what else the destination has", $members,
            { %$fields, action_source => $source // 'app_ios' }, @rest, config => 'actionSource: app_ios');
}

for my $source (qw(web app_ios app_android offline)) {
    context("action_source: the destination's, when nothing tells: $source", '', { action_source => $source },
            config => "actionSource: $source");
}

mapping 'action_source: of a page, too', page('"action_source":"offline"', visitor()),
    api_sends => api_event('page_visit', action_source => 'offline');


# ---- the page

sub page_url { return '"page":{"url":' . quoted($_[0]) . '}' }

my $long = 'https://shop.example/' . 'a' x 1979;      # 2,000 bytes

for (
    [ 'as it is', 'https://shop.example/a?b=1#c', 'https://shop.example/a?b=1#c' ],
    [ 'http, too', 'http://shop.example:8080/', 'http://shop.example:8080/' ],
    [ 'another scheme is none', 'ftp://shop.example/a', undef ],
    [ 'a path is none', '/a/b', undef ],
    [ 'about:blank is none', 'about:blank', undef ],
    [ 'empty is none', '', undef ],
    [ 'bytes over 0x7f are encoded', "https://shop.example/gr\xc3\xb6\xc3\x9fe?q=\xe2\x82\xac",
      'https://shop.example/gr%C3%B6%C3%9Fe?q=%E2%82%AC' ],
    [ 'control bytes are encoded', "https://shop.example/a\r\nb\t\x01\x7f", 'https://shop.example/a%0D%0Ab%09%01%7F' ],
    [ 'what JSON escapes', 'https://shop.example/a?b="c\\d"', qr/^https:\/\/shop\.example\/a\?b=(?:"|%22)c(?:\\|%5C)d(?:"|%22)\z/ ],
    [ 'what is encoded already stays', 'https://shop.example/%7Ea%2Fb?c=%c3%a4',
      'https://shop.example/%7Ea%2Fb?c=%c3%a4' ],
    [ '2,000 bytes stay', $long, $long ],
    [ '2,001 bytes: cut to scheme and host', "${long}a", 'https://shop.example/' ],
    [ 'too long for its query: cut there', 'https://shop.example/a/b?' . 'q' x 2000, 'https://shop.example/a/b' ],
    [ 'userinfo goes', 'https://jo:pw@shop.example/a', 'https://shop.example/a' ],
    [ 'parameters with listed names go', 'https://shop.example/a?email=x&b=1&firstName=y#zip=1',
      'https://shop.example/a?b=1' ],
    [ 'parameters with e-mail addresses go', 'https://shop.example/a?q=jo%2540example.com&b=1',
      'https://shop.example/a?b=1' ],
    [ 'an e-mail address in the path: scheme and host are left', 'https://shop.example/u/jo@example.com?b=1',
      'https://shop.example/' ],
) {
    my ($what, $url, $sent) = @$_;

    if (ref $sent) {
        mapping "event_source_url: $what", to => 'api', track('Lead', undef, visitor(page_url($url))),
            holds => sub {
                my ($event) = api_events(@{ $_[0] });
                return ($event->{event_source_url} // '') =~ $sent ? '' : "$_[1]: " . ($event->{event_source_url} // 'none') . "\n";
            };
        next;
    }

    context("event_source_url: $what", page_url($url), { event_source_url => $sent });
}

context('event_source_url: not a property of a track', '', {}, properties => '"url":"https://shop.example/a"');
context('event_source_url: not the Referer of the request', '', {},
    headers => { Referer => 'https://shop.example/secret' });
mapping "event_source_url: a page's own url", page('"url":"https://shop.example/a?email=x"', visitor()),
    api_sends => api_event('page_visit', event_source_url => 'https://shop.example/a');
mapping "event_source_url: a page's context goes before its own url",
    page('"url":"https://shop.example/a"', visitor(page_url('https://shop.example/b'))),
    api_sends => api_event('page_visit', event_source_url => 'https://shop.example/b');


# ---- the visitor: browser and address

sub visit {
    my ($what, $members, $user, %args) = @_;

    mapping $what, track('Lead', delete $args{properties}, '"messageId":"m-1"', '"timestamp":' . quoted(ago(60)),
                         $email, $members eq '' ? () : $members), %args,
        api_sends => api_event('lead', user_data => { client_ip_address => undef, client_user_agent => undef,
                                                    em => [$em], %$user });
}

my $other = 'Other/1.0';
my %agent = (client_user_agent => BROWSER);
my %own = (%agent, client_ip_address => '127.0.0.1');

visit('client_user_agent: of the context', '"context":{"userAgent":' . quoted(BROWSER) . '}', { %agent });
visit("client_user_agent: the context's goes before a browser's own", '"context":{"userAgent":' . quoted(BROWSER) . '}',
      { %own }, headers => { Origin => 'http://localhost', 'User-Agent' => $other });
visit('client_user_agent: not that of a server', '', {}, headers => { 'User-Agent' => 'analytics-node/2.1' });
visit('client_user_agent: an empty one in the context is none', '"context":{"userAgent":" "}', { %own }, %from_browser);
visit('client_user_agent: what JSON escapes', '"context":{"userAgent":"a \"b\" \\\\c"}',
    { client_user_agent => 'a "b" \\c' });
visit('client_user_agent: no e-mail address', '"context":{"userAgent":"Mozilla jo@example.com"}', {});

for ([ Origin => 'http://localhost' ], [ Referer => 'http://localhost/a' ], [ 'Sec-Fetch-Site' => 'same-origin' ]) {
    visit("a request with $_->[0] came from a browser: that and its address count", '', { %own },
          headers => { @$_, 'User-Agent' => BROWSER });
}

visit('client_ip_address: of the context', '"context":{"ip":"203.0.113.5"},"request_ip":"203.0.113.6"',
      { client_ip_address => '203.0.113.5', %agent }, %from_browser);
visit("client_ip_address: else the event's request_ip", '"request_ip":"203.0.113.6"',
    { client_ip_address => '203.0.113.6', %agent }, %from_browser);
visit("client_ip_address: else a browser's own", '', { %own }, %from_browser);
visit("client_ip_address: not a server's own, nor what it says in X-Forwarded-For", '', {},
    headers => { 'X-Forwarded-For' => '203.0.113.9' });
visit('client_ip_address: IPv6', '"context":{"ip":"2001:db8::5"}', { client_ip_address => '2001:db8::5' });

for my $none ('0.0.0.0', '::', 'unknown', '', '203.0.113', '203.0.113.256', '203.0.113.5, 198.51.100.1') {
    visit("client_ip_address: not \"$none\"", "\"context\":{\"ip\":\"$none\"},\"request_ip\":\"203.0.113.6\"",
        { client_ip_address => '203.0.113.6' });
    visit("client_ip_address: not \"$none\", nothing else", "\"context\":{\"ip\":\"$none\"}", {});
}

mapping 'forwardClientAddress is not for the API: it has the address anyway', config => 'forwardClientAddress: true',
    track('Lead', undef, visitor()), with => { %browser, 'x-forwarded-for' => '203.0.113.5' },
    sends => 'ed[event_id]=m-1&event=lead', api_sends => api_event('lead');


# ---- the click

my $cookie = '_ga=GA1; _epik=dj0y-cookie; _pin_unauth=dWlk-un; _derived_epik=dj0y-derived; theme=dark';

sub click {
    my ($what, $members, $id, %args) = @_;
    my $url = delete $args{url};

    context("click_id: $what", $members, { user_data => { click_id => $id }, event_source_url => $url }, %args);
}

click("epik of the page's URL", page_url('https://shop.example/?a=1&epik=dj0y-url'), 'dj0y-url',
      url => 'https://shop.example/?a=1&epik=dj0y-url', headers => { Cookie => $cookie });
click('else the cookie _epik, and no other cookie leaves', '', 'dj0y-cookie', headers => { Cookie => $cookie },
    properties => '"epik":"x"');

for my $name (qw(epik click_id clickId)) {
    click("else property $name", "\"$name\":\"y\"", 'dj0y', properties => "\"$name\":\"dj0y\"");
    click("else context.$name", "\"$name\":\"dj0y\"", 'dj0y');
}

click('none', '', undef, properties => '"epik":" "', headers => { Cookie => 'epik=a; x_epik=b; _pin_unauth=c' });
click('in clear, as it is', '', 'a&b=c[d]"e', properties => '"epik":' . quoted('a&b=c[d]"e'));
click('no e-mail address', '', undef, properties => '"epik":"jo@example.com"');

mapping 'click_id: alike on both transports', headers => { Cookie => '_epik=dj0y; _pin_unauth=u' },
    with => { %browser },
    track('Lead', undef, visitor()), sends => 'ed[event_id]=m-1&pd[epik]=dj0y&pd[pin_unauth]=u&event=lead',
    api_sends => api_event('lead', user_data => { click_id => 'dj0y' });
mapping "click_id: a page's own url", page('"url":"https://shop.example/?epik=dj0y"', visitor()),
    api_sends => api_event('page_visit', event_source_url => 'https://shop.example/?epik=dj0y',
                           user_data => { click_id => 'dj0y' });


# ---- language, app, device

for ([ '"de-DE"', 'de' ], [ '"EN_us"', 'en' ], [ '"fr"', 'fr' ], [ '"zh-Hant-TW"', 'zh' ], [ '"d"' ], [ '""' ],
     [ '"1e"' ], [ '"-de"' ], [ "\"\xc3\xa4\xc3\xb6\"" ], [ "\"d\xc3\xa9\"" ], [ 'null' ], [ '5' ], [ '["de"]' ], [ '"\u0130d"' ])
{
    my ($locale, $language) = @$_;
    context("language of the locale $locale", "\"locale\":$locale", { language => $language });
}

for (
    [ app_id => 'app', 'namespace' ], [ app_name => 'app', 'name' ], [ app_version => 'app', 'version' ],
    [ device_brand => 'device', 'manufacturer' ], [ device_model => 'device', 'model' ],
    [ device_type => 'device', 'type' ],
    [ device_carrier => 'network', 'carrier' ], [ os_version => 'os', 'version' ],
) {
    my ($field, $object, $name) = @$_;

    context("$field is context.$object.$name", "\"$object\":{\"$name\":\"X 1.0\"}", { $field => 'X 1.0' });
    context("$field: the name is compared as any name", "\"\u$object\":{\"\U$name\E\":\"X \\\"1\\\"\"}",
        { $field => 'X "1"' });
    context("$field: a number is its text", "\"$object\":{\"$name\":12.50}", { $field => '12.5' });
    context("$field: what is absent is not sent", "\"$object\":{\"$name\":$_}", {})
        for 'null', '""', '" "', '{"a":1}', '["x"]';
    context("$field: no e-mail address", "\"$object\":{\"$name\":\"of jo\@example.com\"}", {});
    context("$field: not from an $object that is no object", "\"$object\":\"x\"", {});
}

context('wifi is context.network.wifi', '"network":{"wifi":true}', { wifi => JSON::PP::true });
context('wifi: false', '"network":{"wifi":false}', { wifi => JSON::PP::false });
context("wifi: booleans only, not $_", "\"network\":{\"wifi\":$_}", {})
    for '"true"', '1', '0', 'null', '""', '[true]', '{}';

context('an app and its device, all of it',
        '"app":{"namespace":"com.example.shop","name":"Shop","version":"1.2","build":"3"},'
        . '"device":{"manufacturer":"Acme","model":"One","type":"android","name":"Jo\'s phone","id":"d-1","adTrackingEnabled":true,'
        . '"advertisingId":"AB-1"},"network":{"carrier":"Tel","wifi":true,"cellular":false},"os":{"name":"Android","version":"14"},'
        . '"locale":"de-AT","timezone":"Europe/Vienna","screen":{"width":1},"library":{"name":"x"},"location":{"city":"Wien"}',
        { app_id => 'com.example.shop', app_name => 'Shop', app_version => '1.2', device_brand => 'Acme',
          device_model => 'One', device_type => 'android', device_carrier => 'Tel', wifi => JSON::PP::true,
          os_version => '14', language => 'de', action_source => 'app_android', opt_out => JSON::PP::false,
          user_data => { hashed_maids => [sha256_hex('ab-1')] } });
mapping "a batch's context counts for its events",
    body => "{\"batch\":[$lead],\"context\":{\"app\":{\"name\":\"Shop\"},\"locale\":\"de\"}}",
    api_sends => api_event('lead', event_time => 'now', app_name => 'Shop', language => 'de');

context('of two equal names the one spelled as documented wins, though it is last',
        '"App":{"name":"A"},"app":{"NAME":"B","name":"C"},"user_agent":"x"', { app_name => 'C' });
context('partner_name, when the destination sets it', '', { partner_name => 'ss-shop' },
    config => 'partnerName: ss-shop');
context('partner_name is no property', '"partnerName":"x"', {}, properties => '"partner_name":"x"');


# ---- nothing else leaves

context('nothing else of a request leaves', '', {}, path => 'collect?secret=1', headers => {
    'Authorization' => 'Basic c2VjcmV0Og==', 'Cookie' => 'session=secret', 'Accept' => 'image/avif',
    'Accept-Language' => 'de-DE', 'Accept-Encoding' => 'gzip', 'X-Secret' => '1', 'DNT' => '1',
    'X-Forwarded-For' => '203.0.113.9', 'X-Real-IP' => '203.0.113.9', 'Forwarded' => 'for=203.0.113.9',
    'Origin' => 'http://localhost', 'Referer' => 'http://localhost/secret', 'Via' => '1.1 x',
    'Sec-CH-UA' => 'x', 'Content-Type' => 'text/plain', 'If-None-Match' => '"x"', 'Range' => 'bytes=0-1',
    'User-Agent' => $other,
    'Cache-Control' => 'no-cache', 'Pragma' => 'no-cache', 'Expect' => '100-continue', 'TE' => 'trailers',
});
context('nothing else of an event leaves', '"library":{"name":"x"},"campaign":{"source":"y"},"groupId":"g"', {},
        members => '"version":2,"writeKey":"K","integrations":{"Pinterest":{"a":1}},"traits":{"plan":"x","company":{"name":"y"}},"raw":{"a":1}',
        properties => '"lead_type":"l"');


# ---- test mode

my $test = '/v5/ad_accounts/549755885175/events?test=true';

mapping 'testMode: the API is told so', config => 'testMode: true', track('Lead', undef, visitor()),
    api_sends => [[$test, api_event('lead')]];
mapping "testMode: the entry's Tag is off", config => 'testMode: true', track('Lead', undef, visitor()), sends => [],
    api_sends => [[$test, api_event('lead')]];
mapping 'testMode: false', config => 'testMode: false', track('Lead', undef, visitor()), with => { %browser },
    sends => 'ed[event_id]=m-1&event=lead', api_sends => api_event('lead');
mapping "testMode: another entry's Tag is not", with => { %browser }, config => <<'END',
- name: "pinterest"
  config:
    tagId: "2612826764086"
    adAccountId: "549755885175"
    accessToken: "pina_test"
    testMode: true
- name: "pinterest"
  config:
    tagId: "2612826764087"
END
    track('Lead', undef, visitor()), sends => 'tid=2612826764087&noscript=1&ed[event_id]=m-1&event=lead',
    api_sends => [[$test, api_event('lead')]];


# ---- who is left out

sub left_out {
    my ($what, $reason, $members, %args) = @_;

    mapping "$what: not to the API", to => 'api', track('Lead', undef, $members, visitor($args{context} // ())),
        map({ ($_ => $args{$_}) } grep { $_ ne 'context' } keys %args), skipped => $reason;
    mapping "$what: to neither", to => 'both', track('Lead', undef, $members, visitor($args{context} // ())),
        map({ ($_ => $args{$_}) } grep { $_ ne 'context' } keys %args), skipped => $reason;
}

for my $name ('Pinterest', 'Pinterest Tag', 'Pinterest Conversions', 'Pinterest Conversions API',
              'Pinterest Conversions (Actions)')
{
    left_out("integrations: $name is false", 'integration_disabled', "\"integrations\":{\"$name\":false}");
    context("integrations: $name is true", '', {}, members => "\"integrations\":{\"All\":false,\"$name\":true}");
}

my $ads = 'consentCategories: [Ads]';

left_out('integrations: All is false', 'integration_disabled', '"integrations":{"All":false}');
left_out('consent: it is not given', 'no_consent', '"userId":"1"', config => $ads,
    context => '"consent":{"categoryPreferences":{"Ads":false}}');
left_out('consent: it is denied', 'no_consent', '"userId":"1"', config => $ads,
    context => '"consentManagement":{"deniedConsentIds":["Ads"]}');
left_out('denyEvents', 'event_denied', '"userId":"1"', config => 'denyEvents: [lead]');
left_out('allowEvents', 'event_denied', '"userId":"1"', config => 'allowEvents: [Page]');
left_out('writeKeys', 'write_key', '"writeKey":"K2"', config => 'writeKeys: [K1]');
left_out('a signal that drops', 'privacy_signal', '"userId":"1"', headers => { 'Sec-GPC' => '1' },
    http => 'pintag_privacy_signal gpc=drop;');

context('consent: it is given', '"consent":{"categoryPreferences":{"Ads":true}}', {}, config => $ads);
context('consent: the event says nothing', '', {}, config => $ads);
context('writeKeys: an event with one of them goes', '', {}, config => 'writeKeys: [K1]', members => '"writeKey":"K1"');

run_cases();
done_testing();
