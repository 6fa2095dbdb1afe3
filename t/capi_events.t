# Which event of the Conversions API each event becomes, beside the Tag's, and
# the id that both have.

use strict;
use warnings;

use Digest::SHA qw(sha256_hex);
use FindBin;
use lib "$FindBin::Bin/lib";

use JSON::PP;
use MIME::Base64 qw(encode_base64);
use Pintag::Cases qw(:DEFAULT :api);
use Test::More;

my $partner = 'handleCustomAsPartnerDefinedEvent: true';
my $extended = 'standardEvents: extended';
my %browser = ('user-agent' => BROWSER);

sub rows { return "customEventsMapping:\n" . join '', map { "  - {$_}\n" } @_ }


# A track on both transports: what the Tag gets, what the API gets.

sub becomes {
    my ($what, $name, $tag, $api, %args) = @_;
    my $named = delete $args{named};
    my %data = defined $named ? (custom_data => { content_name => $named }) : ();
    my $query = join '&', defined $named ? 'ed[custom_event_name]=' . enc($named) : (), 'ed[event_id]=m-1',
                          "event=$tag";

    mapping "$what: \"$name\" is $api", track($name, undef, visitor()), sends => $query, with => { %browser },
        api_sends => api_event($api, %data), %args;
}


# ---- the table of analytics.js

for (
    [ 'Products Searched',   'Searched Products',   'search',       'search' ],
    [ 'Product List Viewed', 'Viewed Product List', 'viewcategory', 'view_category' ],
    [ 'Promotion Viewed',    'Viewed Promotion',    'pagevisit',    'page_visit' ],
    [ 'Product Viewed',      'Viewed Product',      'pagevisit',    'page_visit' ],
    [ 'Product Added',       'Added Product',       'addtocart',    'add_to_cart' ],
    [ 'Cart Viewed',         'Viewed Cart',         'pagevisit',    'page_visit' ],
    [ 'Order Completed',     'Completed Order',     'checkout',     'checkout' ],
) {
    my ($name, $reversed, $tag, $api) = @$_;

    becomes('analytics.js', $name, $tag, $api);
    becomes('analytics.js, older', $reversed, $tag, $api);
    becomes('analytics.js, standardEvents: extended', $name, $tag, $api, config => $extended);
}

for my $name ('order_completed', 'ORDER COMPLETED', 'orderCompleted', 'order-completed', ' Order Completed ') {
    becomes('analytics.js, names are compared as any name', $name, 'checkout', 'checkout');
}

for my $name ('Order Complete', 'Orders Completed', 'Product Search') {
    becomes('nothing looser', $name, 'custom', 'custom', named => $name =~ s/ //gr);
}

for (
    [ 'Product List Filtered',     'search',           'search' ],
    [ 'Product Category Viewed',   'viewcategory',     'view_category' ],
    [ 'Checkout Started',          'initiatecheckout', 'initiate_checkout' ],
    [ 'Payment Info Entered',      'addpaymentinfo',   'add_payment_info' ],
    [ 'Product Added to Wishlist', 'addtowishlist',    'add_to_wishlist' ],
    [ 'Signed Up',                 'signup',           'signup' ],
    [ 'Lead Generated',            'lead',             'lead' ],
    [ 'Generate Lead',             'lead',             'lead' ],
    [ 'Video Playback Started',    'watchvideo',       'watch_video' ],
    [ 'Trial Started',             'starttrial',       'start_trial' ],
    [ 'Subscription Created',      'subscribe',        'subscribe' ],
) {
    my ($name, $tag, $api) = @$_;

    becomes('standardEvents: extended', $name, $tag, $api, config => $extended);
    becomes('standardEvents: seed', $name, 'custom', 'custom', named => $name =~ s/ //gr,
            config => 'standardEvents: seed');
}


# ---- Pinterest's own names, and those that are the API's alone

my @first = (
    [ 'pagevisit',    'page_visit',    'PageVisit' ],
    [ 'viewcategory', 'view_category', 'ViewCategory' ],
    [ 'search',       'search',        'Search' ],
    [ 'addtocart',    'add_to_cart',   'AddToCart' ],
    [ 'checkout',     'checkout',      'Checkout' ],
    [ 'watchvideo',   'watch_video',   'WatchVideo' ],
    [ 'signup',       'signup',        'SignUp' ],
    [ 'lead',         'lead',          'Lead' ],
);
my @others = (
    [ 'addpaymentinfo',    'add_payment_info',   'AddPaymentInfo' ],
    [ 'addtowishlist',     'add_to_wishlist',    'AddToWishlist' ],
    [ 'initiatecheckout',  'initiate_checkout',  'InitiateCheckout' ],
    [ 'subscribe',         'subscribe',          'Subscribe' ],
    [ 'viewcontent',       'view_content',       'ViewContent' ],
    [ 'contact',           'contact',            'Contact' ],
    [ 'customizeproduct',  'customize_product',  'CustomizeProduct' ],
    [ 'findlocation',      'find_location',      'FindLocation' ],
    [ 'schedule',          'schedule',           'Schedule' ],
    [ 'starttrial',        'start_trial',        'StartTrial' ],
    [ 'submitapplication', 'submit_application', 'SubmitApplication' ],
);

sub spellings { my %seen; return grep { !$seen{$_}++ } @_, map { s/(?<=.)([A-Z])/ $1/gr } $_[2] }

for my $row (@first, @others) {
    my ($tag, $api) = @$row;
    my $first = grep { $_ == $row } @first;

    for my $name (spellings(@$row)) {
        becomes("Pinterest's own, standardEvents: extended", $name, $tag, $api, config => $extended);
        $first ? becomes("Pinterest's own", $name, $tag, $api)
               : becomes("Pinterest's own, not with standardEvents: seed", $name, 'custom', 'custom',
                         named => $name =~ s/ //gr);
    }
}

for my $config ('', $extended) {
    becomes("an event of the name \"custom\" is custom as any other ($config)", 'custom', 'custom', 'custom',
            named => 'custom', config => $config);
}

for (
    [ 'Application Installed', 'app_install' ], [ 'application_installed', 'app_install' ],
    [ 'Application Opened', 'app_open' ],
) {
    my ($name, $api) = @$_;

    mapping "$name is the API's alone: the Tag skips it, and the event is delivered", config => $extended,
        track($name, undef, visitor()), sends => [], api_sends => api_event($api);
    mapping "$name to the API alone", config => $extended,
        track($name, undef, visitor()), api_sends => api_event($api);
    becomes('standardEvents: seed', $name, 'custom', 'custom', named => $name =~ s/ //gr);
}

mapping "$_->[0], which neither transport takes", config => $extended, to => 'both',
    track($_->[0]), verdict => qr/^200 skipped (?:no_tag_event|no_identity)$/
    for [ 'Application Installed' ], [ 'Application Opened' ];


# ---- any other event

becomes('any other', 'Payment Info Entered', 'custom', 'custom', named => 'PaymentInfoEntered');
becomes('any other, handleCustomAsPartnerDefinedEvent: false', 'Payment Info Entered', 'custom', 'custom',
        named => 'PaymentInfoEntered', config => 'handleCustomAsPartnerDefinedEvent: false');
becomes('partner-defined', 'Payment Info Entered', 'PaymentInfoEntered', 'PaymentInfoEntered', config => $partner);

for (
    [ "a \t b\n c",       'abc' ],
    [ '  padded  ',       'padded' ],
    [ 'Under_score-dash', 'Under_score-dash' ],
    [ "Gr\xc3\xb6\xc3\x9fe", "Gr\xc3\xb6\xc3\x9fe" ],
    [ 'a&b=c#d%e[f]"g\\h', 'a&b=c#d%e[f]"g\\h' ],
    [ "\xf0\x9f\x9b\x92 cart", "\xf0\x9f\x9b\x92cart" ],
) {
    my ($name, $out) = @$_;

    becomes('the concatenated name', $name, 'custom', 'custom', named => $out);
    becomes('the concatenated name, partner-defined', $name, enc($out), $out, config => $partner);
}

becomes('partner-defined, with the name of a standard event', 'Add Payment Info', 'AddPaymentInfo',
        'AddPaymentInfo', config => $partner);
mapping 'a name that holds an e-mail address goes to neither', to => 'both',
    track('Mail to jo@example.com', undef, visitor()), rejected => 'pii_in_name';
mapping 'a name that holds an e-mail address does not go to the API', to => 'api',
    track('Mail to jo%2540example.com', undef, visitor()), rejected => 'pii_in_name';


# ---- customEventsMapping

for my $row (@first, @others) {
    my ($tag, $api) = @$row;

    for my $written (spellings(@$row)) {
        becomes("a mapping of \"$written\"", 'x', $written =~ s/ //gr, $api,
                config => rows("event: x, mapping: \"$written\""));
    }
}

becomes('a mapping goes before the standard table', 'Order Completed', 'Lead', 'lead',
        config => rows('event: order completed, mapping: Lead'));
becomes("a mapping goes before Pinterest's own names", 'ViewCategory', 'ViewContent', 'view_content',
        config => rows('event: "ViewCategory", mapping: "ViewContent"'));
becomes('a mapping to any other name', 'x', 'vIeW_ContentS-2.0', 'vIeW_ContentS-2.0',
        config => rows('event: x, mapping: " vIeW_ContentS - 2.0 "'));
becomes("a row's event is compared but for its case and the white space at its ends", ' CUSTOM event 1 ', 'Lead',
        'lead', config => rows('event: "Custom Event 1", mapping: Lead'));
becomes('and not as names are', 'Custom_Event_1', 'custom', 'custom', named => 'Custom_Event_1',
        config => rows('event: "Custom Event 1", mapping: Lead'));

for my $written ('custom', 'Custom', 'CUSTOM') {
    becomes("a mapping of \"$written\"", 'My Event', $written, 'custom', named => 'MyEvent',
            config => "$partner\n" . rows("event: My Event, mapping: $written"));
}

for my $written ('app_install', 'AppInstall', 'App Install') {
    mapping "a mapping of \"$written\"", config => rows("event: x, mapping: \"$written\""),
        track('x', undef, visitor()), sends => [], api_sends => api_event('app_install');
}

mapping 'each row that matches gives a conversion, on each transport',
    config => rows('event: x, mapping: Lead', 'event: y, mapping: Search', 'event: X, mapping: Another Thing'),
    track('x', undef, visitor()), with => { %browser },
    sends => ['ed[event_id]=m-1&event=Lead', 'ed[event_id]=m-1&event=AnotherThing'],
    api_sends => [api_event('lead'), api_event('AnotherThing')];
mapping 'rows that give the same name count once',
    config => rows('event: x, mapping: ViewContent', 'event: X, mapping: View Content'),
    track('x', undef, visitor()), with => { %browser },
    sends => 'ed[event_id]=m-1&event=ViewContent', api_sends => api_event('view_content');
mapping 'rows that give the same name on the API count once there',
    config => rows('event: x, mapping: ViewContent', 'event: x, mapping: view_content'),
    track('x', undef, visitor()), api_sends => api_event('view_content');
mapping 'one row that the Tag has no event for, and one that it has',
    config => rows('event: x, mapping: app_open', 'event: x, mapping: Lead'),
    track('x', undef, visitor()), with => { %browser }, sends => 'ed[event_id]=m-1&event=Lead',
    api_sends => [api_event('app_open'), api_event('lead')];


# ---- page and screen

for my $type (qw(page screen)) {
    mapping "$type is page_visit", call($type, '"a":1', visitor()), with => { %browser },
        sends => 'ed[a]=1&ed[event_id]=m-1&event=pagevisit', api_sends => api_event('page_visit');
    mapping "$type is page_visit whatever its name, category and event, and the configuration",
        config => "$partner\n$extended\n" . rows('event: Home, mapping: Lead', "event: $type, mapping: Lead"),
        call($type, '"category":"Shoes"', '"name":"Home"', '"category":"Order Completed"', '"event":"Home"', visitor()),
        api_sends => api_event('page_visit', custom_data => { content_name => 'Home' });
}

for my $type (qw(identify group alias anything)) {
    mapping "$type goes to neither", to => 'both', call($type, '"a":1', '"event":"Order Completed"', visitor()),
        skipped => 'unsupported_type';
}


# ---- what content_name is, when there is none

sub content {
    my ($what, $name, %call) = @_;
    my $event = delete $call{sent} // 'custom';

    mapping "content_name: $what", %call,
        api_sends => api_event($event, custom_data => defined $name ? { content_name => $name } : undef);
}

content('on custom it is the concatenated name', 'MyEvent', track('My Event', undef, visitor()));
content('on custom a property of that name goes before', 'Own', track('My Event', '"contentName":"Own"', visitor()));
content('on custom a blank property counts as none', 'MyEvent', track('My Event', '"content_name":" "', visitor()));
content('on custom the property name is another', 'MyEvent', track('My Event', '"name":"Shirt"', visitor()));
content('on a partner-defined event there is none', undef, track('My Event', '"name":"Shirt"', visitor()),
        config => $partner, sent => 'MyEvent');
content('on a standard event there is none', undef, track('Lead', '"name":"Shirt"', visitor()), sent => 'lead');
content('on a standard event it is the property', 'Own', track('Lead', '"content_name":"Own"', visitor()),
        sent => 'lead');

for my $type (qw(page screen)) {
    for (
        [ 'is the property name', 'Home', '"name":"Home"', '"name":"Call"' ],
        [ "is else the call's name", 'Call', '"title":"T"', '"name":"Call"' ],
        [ "is else the call's name, a blank property counts as none", 'Call', '"name":""', '"name":"Call"' ],
        [ 'is the property content_name before both', 'Own', '"content_name":"Own","name":"Home"', '"name":"Call"' ],
        [ 'is none when there is no name', undef, '"title":"T"' ],
        [ 'is none when the name is blank', undef, undef, '"name":" "' ],
        [ 'is not the category', undef, '"category":"c"', '"category":"d"' ],
        [ 'holds no e-mail address', undef, undef, '"name":"Mail of jo@example.com"' ],
    ) {
        my ($what, $name, $properties, @more) = @$_;

        content("on $type it $what", $name, call($type, $properties, @more, visitor()), sent => 'page_visit');
    }
}


# ---- the event's id, the same on both transports

sub id {
    my ($what, $properties, $members, $id, $config) = @_;
    my @visitor = grep { !/^"messageId"/ } visitor();

    mapping "event id: $what", config => $config // '',
        track('Lead', $properties, $members eq '' ? () : $members, @visitor), with => { %browser },
        sends => 'ed[event_id]=' . enc($id) . '&event=lead', api_sends => api_event('lead', event_id => $id);
}

id('property event_id', '"event_id":"e-1"', '"messageId":"m-1"', 'e-1');
id('property eid', '"eid":"e-2"', '"messageId":"m-1"', 'e-2');
id('else messageId', '"event_id":" "', '"messageId":"m-1"', 'm-1');
id('a number is its text', '"event_id":12345', '', '12345');
id('deduplicationKey goes before', '"event_id":"e-1"', '"traits":{"ref":"r-1"}', 'r-1', 'deduplicationKey: traits.ref');
id('deduplicationKey is absent: event_id', '"event_id":"e-1"', '', 'e-1', 'deduplicationKey: traits.ref');
id('what JSON escapes', '', '"messageId":"a\"b\\\\c/d\u0001\ue000"', "a\"b\\c/d\x01\xee\x80\x80");
id('an e-mail address is replaced by half of its hash', '"event_id":"jo@example.com"', '',
   substr sha256_hex('jo@example.com'), 0, 32);
id('so is one in another text, however encoded', '', '"messageId":"order-7-of-jo%2540example.com"',
   substr sha256_hex('order-7-of-jo%2540example.com'), 0, 32);

mapping 'event id: deduplicationKey properties.order_id, and order_id goes out as well',
    config => 'deduplicationKey: properties.order_id', track('Order Completed', '"order_id":"o-1"', visitor()),
    api_sends => api_event('checkout', event_id => 'o-1', custom_data => { order_id => 'o-1' });


# ---- the id of an event that has none

my @visit = grep { !/^"messageId"/ } visitor();

sub event_of { my %call = @_; return $call{body} }

sub track_of { return event_of(track('Lead', @_)) }

sub context {
    my ($ip, $agent) = @_;
    return '"context":{"ip":' . quoted($ip) . ',"userAgent":' . quoted($agent) . '}';
}

mapping 'derived id: 32 hex digits', track('Lead', undef, @visit),
    api_sends => api_event('lead', event_id => 'derived');
mapping 'derived id: of a page', page('"a":1', @visit), api_sends => api_event('page_visit', event_id => 'derived');
mapping 'derived id: the same on both transports', to => 'both', track('Lead', '"lead_type":"x"', @visit),
    holds => sub {
        my @requests = @{ $_[0] };
        my ($query) = map { /\bed\[event_id\]=([0-9a-f]{32})&event=lead / ? $1 : () } map { $_->{request} } @requests;
        my @events = api_events(@requests);

        return @requests != 2 ? 'not two requests: ' . @requests . "\n"
             : !defined $query ? "no id on the Tag: $requests[0]{request}\n"
             : $events[0]{event_id} ne $query ? "$events[0]{event_id} is not $query\n" : '';
    };

# the events of one request: how many ids they have
sub ids {
    my ($what, $count, @events) = @_;

    mapping "derived id: $what", to => 'api', body => '[' . join(',', @events) . ']',
        holds => sub {
            my @ids = map { $_->{event_id} } api_events(@{ $_[0] });
            my %ids = map { $_ => 1 } @ids;

            return @ids != @events ? @ids . ' events of ' . @events . ": $_[1]\n"
                 : keys %ids != $count ? "ids: @ids\n"
                 : grep({ !/^[0-9a-f]{32}\z/ } @ids) ? "not 32 hex digits: @ids\n" : '';
        };
}

my $event = track_of('"lead_type":"x"', @visit);

ids('a repeat has the same', 1, $event, $event);
ids('white space between tokens makes no difference', 1, $event,
    $event =~ s/("(?:[^"\\]|\\.)*"|[{}:,\[\]])/$1 \n\t/gr);
ids("a repeat's sentAt, receivedAt and writeKey make none", 1, $event,
    map { $event =~ s/\}\z/,$_}/r } '"sentAt":' . quoted(ago(30)), '"receivedAt":' . quoted(ago(20)), '"writeKey":"K"',
                                    '"sentAt":' . quoted(ago(40)) . ',"receivedAt":null,"writeKey":"L"');
ids('every other member makes one', 7, $event,
    map { $event =~ s/\}\z/,$_}/r } '"userId":"u-1"', '"userId":"u-2"', '"anonymousId":"a-1"', '"traits":{"plan":"x"}',
                                    '"version":1', '"originalTimestamp":' . quoted(ago(90)));
ids('so do the name, the properties and the time', 4, $event, $event =~ s/Lead/Signup/r, $event =~ s/"x"/"y"/r,
    $event =~ s/"timestamp":"[^"]*"/'"timestamp":' . quoted(ago(61))/er);
ids('two addresses of visitors have two', 2,
    map { track_of('"a":1', context($_, BROWSER)) } qw(203.0.113.5 203.0.113.6));
ids('two browsers have two', 2, map { track_of('"a":1', context('203.0.113.5', $_)) } BROWSER, 'Mozilla/5.0 Other');

# by what is in the request alone, one event a request
my %derived;

for (
    [ 'one browser',                        'Mozilla/5.0 One' ],
    [ 'the same again',                     'Mozilla/5.0 One' ],
    [ 'another browser',                    'Mozilla/5.0 Two' ],
) {
    my ($visitor, $agent) = @$_;

    mapping "derived id: a visitor that the request tells: $visitor", to => 'api', track('Lead', '"a":1'),
        headers => { Origin => 'http://localhost', 'User-Agent' => $agent },
        holds => sub {
            ($derived{$visitor}) = map { $_->{event_id} } api_events(@{ $_[0] });
            return defined $derived{$visitor} ? '' : "no event: $_[1]\n";
        };
}

mapping 'derived id: the same in every conversion of an event, and at every destination', to => 'api',
    config => <<'END', track('x', '"a":1', @visit),
- name: "pinterest"
  config:
    adAccountId: "1"
    accessToken: "pina_1"
    customEventsMapping:
      - {event: x, mapping: Lead}
      - {event: x, mapping: Signup}
- name: "pinterest"
  config:
    adAccountId: "2"
    accessToken: "pina_2"
END
    holds => sub {
        my @ids = map { $_->{event_id} } api_events(@{ $_[0] });
        return @ids == 3 && $ids[0] eq $ids[1] && $ids[0] eq $ids[2] ? '' : "ids: @ids\n";
    };


# ---- shapes

my @orders = map { track_of("\"order_id\":\"$_\"", "\"messageId\":\"m-$_\"", '"timestamp":' . quoted(ago(60))) } 1 .. 3;
my @calls = map { event_of(track($_, undef, visitor())) } 'Lead', 'Signup';

mapping 'a batch is its events', verdict => '200 delivered; delivered; delivered',
    body => '{"batch":[' . join(',', @orders) . '],' . context('203.0.113.5', BROWSER) . '}',
    api_sends => [map { api_event('lead', event_id => "m-$_", custom_data => { order_id => "$_" }) } 1 .. 3];
mapping 'one bad event never harms its neighbours', body => "[$calls[0],7,{\"type\":\"track\"},$calls[1]]",
    verdict => '200 delivered; rejected invalid_event; rejected missing_event_name; delivered',
    api_sends => [api_event('lead'), api_event('signup')];
mapping 'an event without identity never harms its neighbours', body => '['
    . join(',', event_of(track('Lead')), $calls[1]) . ']',
    verdict => '200 skipped no_identity; delivered', api_sends => api_event('signup');
mapping 'NDJSON: a line is an event', headers => { 'Content-Type' => 'application/x-ndjson' },
    body => join('', map { "$_\n" } @calls),
    verdict => '200 delivered; delivered', api_sends => [api_event('lead'), api_event('signup')];
mapping 'a pixel is an event', method => 'GET', verdict => undef, api_sends => api_event('lead'),
    path => 'v1/pixel/track?data=' . enc(encode_base64($calls[0], ''));

# a request has 1000 events at most, 20 in test mode; faults of a request tell
sub many {
    my ($what, $events, $sent, $config) = @_;

    mapping $what, to => 'api', config => $config,
        body => '{"batch":['
                . join(',', map { "{\"type\":\"track\",\"event\":\"x\",\"messageId\":\"m-$_\"}" } 1 .. $events)
                . '],' . context('203.0.113.5', BROWSER) . '}',
        holds => sub {
            my @events = api_events(@{ $_[0] });
            my %seen = map { ("$_->{event_name} $_->{event_id}" => 1) } @events;

            return @events == $sent && keys %seen == $sent ? '' : @events . " events, $_[1]\n" =~ s/(.{200}).*/$1/r;
        };
}

my $twice = rows('event: x, mapping: Lead', 'event: x, mapping: Signup');

many('a thousand events', 1000, 1000, '');
many('more than a thousand conversions', 600, 1200, $twice);
many('more than twenty conversions in test mode', 30, 60, "testMode: true\n$twice");


# ---- several destinations

mapping 'each event goes to each entry, with its own token, as that entry says', with => { %browser },
    config => <<'END',
- name: "pinterest"
  config:
    tagId: "2612826764086"
- name: "pinterest"
  config:
    adAccountId: 549755885175
    accessToken: "pina_test"
    handleCustomAsPartnerDefinedEvent: true
- name: "pinterest"
  config:
    tagId: "2612826764087"
    adAccountId: "123456789012345678"
    accessToken: "pina_other-1./+~="
    customEventsMapping:
      - {event: My Event, mapping: Lead}
END
    track('My Event', undef, visitor()),
    sends => ['ed[custom_event_name]=MyEvent&ed[event_id]=m-1&event=custom',
              'tid=2612826764087&noscript=1&ed[event_id]=m-1&event=Lead'],
    api_sends => [api_event('MyEvent'), ['/v5/ad_accounts/123456789012345678/events', api_event('lead')]];
mapping 'to the Tag alone nothing is derived', track('Lead', undef, @visit), with => { %browser },
    sends => 'event=lead';

run_cases();

is $derived{'the same again'}, $derived{'one browser'}, 'derived id: the same browser again has the same';
isnt $derived{'another browser'}, $derived{'one browser'}, 'derived id: another browser has another';

done_testing();
