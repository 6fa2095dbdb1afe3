# What must not leave: personal data, and events of those who opted out.  Any
# request that holds an e-mail address, however encoded, fails its case.

use strict;
use warnings;

use Digest::SHA qw(sha256_hex);
use FindBin;
use lib "$FindBin::Bin/lib";

use Pintag::Cases;
use Test::More;

my $partner = 'handleCustomAsPartnerDefinedEvent: true';


# A custom event with these properties, and a page with them: what of it leaves.
# The first and the last property tell that the rest went on.  Of a page, "with"
# are the headers that go with it.

sub leaves {
    my ($what, $properties, $sends, %more) = @_;
    my $query = join '&', 'ed[first]=1', $sends eq '' ? () : $sends, 'ed[last]=2';

    $properties = join ',', '"first":1', $properties eq '' ? () : $properties, '"last":2';

    mapping "track: $what", config => "$partner\n" . ($more{config} // ''),
        track('My Event', $properties), sends => "$query&event=MyEvent";
    mapping "page: $what", config => "$partner\n" . ($more{config} // ''), with => $more{with} // {},
        page($properties), sends => ($more{page} // $query) . '&event=pagevisit';
}


# ---- by name

my @strict = qw(
    email email_address mail hashed_email email_hash email_sha256 email_md5
    phone phone_number mobile telephone
    password passwd pwd
    credit_card card_number
    ssn social_security_number national_id passport tax_id
);
my @lifted = qw(
    first_name last_name full_name given_name family_name surname
    username user_name birthday birth_date date_of_birth dob gender age
    address street street_address city state zip zip_code zipcode postal_code postcode
    ip ip_address latitude longitude
);
my @neither = qw(login secret token iban cvv em hem);

# those in @neither may be seen either way where removePii: page lifts the list

for my $name (@strict, @lifted, @neither) {
    leaves "a listed name is removed: $name", "\"$name\":\"x1\"", '';
}

leaves 'listed names are compared as any name',
    '"E-Mail":"a","firstName":"b","Date Of Birth":"c","ZIP":"d","STREET_ADDRESS":"e","IP-Address":"f"', '';

for my $value ('5', 'true', '""', '{"a":"b","c":{"d":1}}', '["a",{"b":1}]') {
    leaves "a listed name is removed with all it holds: $value", "\"address\":$value", '';
}

leaves 'at any depth', '"a":{"b":{"phone":"1","c":1,"d":{"city":"x","e":2}}}', 'ed[a][b][c]=1&ed[a][b][d][e]=2';
leaves 'in arrays', '"a":[{"phone":"1","c":1},{"c":2,"token":"t"}],"b":[[{"zip":"1","d":3}]]',
    'ed[a][0][c]=1&ed[a][1][c]=2&ed[b][0][0][d]=3';
leaves 'in products of a custom event', '"products":[{"sku":"s","name":"n","recipient_email":"x"}]',
    'ed[products][0][sku]=s&ed[products][0][name]=n';

for my $name (
    qw(work_email customerMail home-phone contactMobile shop_telephone billing_first_name
       customerLastName user_full_name shipping-given-name motherFamilyName maiden_surname
       billing_address homeStreet shipping_zip officePostcode shippingPostalCode
       new_password clientSecret childBirthday customer_birth_date paymentCardNumber
       customer_ssn vat_iban travelPassport),
    'Billing Address', 'delivery postal code', 'Home  Phone',
) {
    leaves "a name is removed for its last words: \"$name\"", quoted($name) . ':"x1"', '';
}

for my $name (
    qw(mailing_list email_opt_in phone_model phonecase address_book streetwear
       zipper hotel_name productName name_of_thing surnames first_name_count
       capacity passportless birthday_offer estate agenda tokens cityscape)
) {
    leaves "a name that only looks like one stays: $name", quoted($name) . ':"x1"', "ed[$name]=x1";
}

for my $person (qw(user customer contact person profile billing shipping recipient)) {
    leaves "name inside $person is a person's", "\"$person\":{\"name\":\"Jo Doe\",\"tier\":\"gold\"}",
        "ed[$person][tier]=gold";
}

leaves 'such a person may be spelled otherwise', '"Customer":{"Name":"Jo Doe","tier":"gold"}', 'ed[Customer][tier]=gold';
leaves "plain name is not listed: a page's, a product's",
    '"name":"Home","product":{"name":"Shirt"}', 'ed[name]=Home&ed[product][name]=Shirt';
leaves 'a country is not listed', '"country":"DE"', 'ed[country]=DE';

mapping "a product's name is sent as line item",
    track('Product Added', '"product_id":"p","name":"Shirt","email":"x","city":"y"'),
    sends => 'ed[line_items][0][product_id]=p&ed[line_items][0][product_name]=Shirt&event=addtocart';
mapping 'customPropertiesForStandardEvents sends no listed name',
    config => 'customPropertiesForStandardEvents: [city, color, customer]',
    track('Order Completed', '"city":"x","color":"red","customer":{"name":"Jo","phone":"1","tier":"gold"}'),
    sends => 'ed[color]=red&ed[customer][tier]=gold&event=checkout';


# ---- by name: configured

leaves 'piiProperties adds names', '"nickname":"x","loyalty":{"cardHolder":"y","level":3},"color":"red"',
    'ed[loyalty][level]=3&ed[color]=red', config => 'piiProperties: [nickname, card_holder]';
leaves 'piiProperties: they are compared as any name', '"Nick-Name":"x"', '',
    config => 'piiProperties: [nickname]';
leaves 'piiAllow takes names off', '"city":"Bonn","State":"NW","zip":"1"', 'ed[city]=Bonn&ed[State]=NW',
    config => 'piiAllow: [city, state]';

for my $name (@lifted) {
    leaves "removePii: page lifts it on track: $name", "\"$name\":\"x1\"", "ed[$name]=x1",
        config => 'removePii: page', page => 'ed[first]=1&ed[last]=2';
}

for my $name (@strict) {
    leaves "removePii: page does not lift it: $name", "\"$name\":\"x1\"", '', config => 'removePii: page';
}

leaves "removePii: page lifts a person's name on track", '"customer":{"name":"Jo"}', 'ed[customer][name]=Jo',
    config => 'removePii: page', page => 'ed[first]=1&ed[last]=2';
leaves 'removePii: page does not lift what the last words tell of phone and password',
    '"homePhone":"x1","new_password":"x2","work_email":"x3"', '', config => 'removePii: page';
leaves 'removePii: page does not lift the search for e-mail addresses', '"note":"jo@example.com"', '',
    config => 'removePii: page';
leaves 'removePii: all is the default', '"city":"x1"', '', config => 'removePii: all';

mapping 'removePii: page: screen is a page', config => 'removePii: page',
    call('screen', '"a":1,"city":"x"'), sends => 'ed[a]=1&event=pagevisit';


# ---- by value

for my $value (
    'jo@example.com', 'JO@EXAMPLE.COM', 'write to jo@example.com please', '<jo@example.com>',
    'mailto:jo@example.com', q(o'neil+news@ex-ample.co.uk), 'a.b_c%d-e@mail.example.museum',
    "j\xc3\xb6\@example.com", "jo\@ex\xc3\xa4mple.de", "jo\@example.\xe4\xb8\xad\xe5\x9b\xbd",
    "jo\@example.com\n", '1@2.de', 'jo%40example.com', 'jo%2540example.com',
    'jo%252540example.com', 'j%6F%40ex%61mple%2Ecom', 'a jo%40example.com b', '{"to":"jo@example.com"}',
) {
    leaves 'a value with an e-mail address is left out whole: ' . quoted($value),
        '"note":' . quoted($value), '';
}

for my $value (
    'logo@2x.png', 'icon@3x.webp', 'a@b', 'jo@example', 'jo@example.c', '@example.com', 'jo @ example.com',
    'jo@.example', 'example.com', '@', 'jo@', 'shirt@home', '5 @ 3.50', '50%40discount',
) {
    leaves 'a value that is no e-mail address stays: ' . quoted($value),
        '"note":' . quoted($value), 'ed[note]=' . enc($value);
}

leaves 'at any depth and in arrays', '"a":{"b":["x","jo@example.com",{"c":"jo@example.com","d":1}]}',
    'ed[a][b][0]=x&ed[a][b][2][d]=1';
leaves 'a property whose name holds one is removed',
    '"jo@example.com":"x","to:jo@example.com":{"a":1},"jo%40example.com":2', '';

mapping "an event's name that holds one is rejected", track('Welcome jo@example.com', '"a":1'),
    rejected => 'pii_in_name';
mapping "an event's name that does without its white space is rejected", track('Welcome jo @example.com', '"a":1'),
    rejected => 'pii_in_name';
mapping "an event's name that holds one, encoded, is rejected", config => $partner,
    track('Welcome jo%2540example.com', '"a":1'), rejected => 'pii_in_name';

for my $id ('jo@example.com', 'order-7-of-jo%40example.com') {
    my $hash = substr sha256_hex($id), 0, 32;

    mapping "an event id that holds one is replaced by half of its hash: $id",
        track('Order Completed', '"event_id":' . quoted($id)),
        sends => "ed[event_id]=$hash&event=checkout";
    mapping "a messageId that holds one is replaced by half of its hash: $id",
        track('Order Completed', undef, '"messageId":' . quoted($id)),
        sends => "ed[event_id]=$hash&event=checkout";
}

for (
    [ 'order_id', '"order_id":"jo@example.com"', 'event=checkout' ],
    [ 'promo_code', '"promo_code":"FOR jo@example.com"', 'event=checkout' ],
    [ 'property', '"property":"jo@example.com"', 'event=checkout' ],
    [ 'search_query', '"search_query":"jo@example.com","value":1', 'ed[value]=1&event=checkout' ],
    [ 'video_title', '"video_title":"jo%40example.com"', 'event=checkout' ],
    [ 'lead_type', '"lead_type":"jo@example.com"', 'event=checkout' ],
    [ 'a line item', '"sku":"s","name":"jo@example.com","brand":"b@b.example","variant":"v"',
      'ed[line_items][0][product_id]=s&ed[line_items][0][product_variant]=v&event=checkout' ],
) {
    my ($what, $properties, $sends) = @$_;
    mapping "nor does a standard event send one: $what", track('Order Completed', $properties), sends => $sends;
}

mapping 'nor does a standard event send one: a listed property',
    config => 'customPropertiesForStandardEvents: [note, color]',
    track('Order Completed', '"note":"jo@example.com","color":"red"'), sends => 'ed[color]=red&event=checkout';
mapping 'no header holds one',
    track('Order Completed', '"order_id":"1"', '"context":{"userAgent":"Mozilla jo@example.com"}'),
    sends => 'ed[order_id]=1&event=checkout';
mapping 'no click id holds one', holds => sub { $_[1] eq '200 delivered' ? '' : "answer: $_[1]\n" },
    track('Order Completed', '"epik":"jo@example.com"', '"context":{"page":{"url":"https://shop.example/?epik=jo@example.com"}}');


# ---- in URLs

for (
    [ 'a scheme', 'x', 'https://shop.example/a?email=x&b=1', 'https://shop.example/a?b=1' ],
    [ 'another scheme', 'x', 'app-1+x.y://open?email=x&b=1', 'app-1+x.y://open?b=1' ],
    [ '//', 'x', '//shop.example/a?phone=1&b=1', '//shop.example/a?b=1' ],
    [ '/', 'x', '/a?zip=1&b=1', '/a?b=1' ],
    [ '?', 'x', '?city=x&b=1', '?b=1' ],
    [ 'it stands under url', 'url', 'shop.example/a?email=x&b=1', 'shop.example/a?b=1' ],
    [ 'it stands under referrer', 'referrer', 'shop.example/a?email=x&b=1', 'shop.example/a?b=1' ],
    [ 'it stands under search', 'search', 'x?email=x&b=1', 'x?b=1' ],
    [ 'it stands under path', 'path', 'a/b?email=x&b=1', 'a/b?b=1' ],
    [ 'it stands under href', 'href', 'a/b?email=x&b=1', 'a/b?b=1' ],
    [ 'it stands under landing_url', 'landing_url', 'a/b?email=x&b=1', 'a/b?b=1' ],
    [ 'it is a=b&c=d throughout', 'x', 'a=1&email=x&b=1', 'a=1&b=1' ],
    [ 'it is a=b&c=d throughout, the address is the last', 'x', 'a=1&b=1&mail=x', 'a=1&b=1' ],
) {
    my ($what, $key, $url, $left) = @$_;
    leaves "a URL, for $what: $url", quoted($key) . ':' . quoted($url), "ed[$key]=" . enc($left);
}

for (
    [ 'userinfo goes', 'https://user:pw@shop.example/a?b=1', 'https://shop.example/a?b=1' ],
    [ 'userinfo that looks like an e-mail address with the host', 'https://jo@example.com/a', 'https://example.com/a' ],
    [ 'a parameter with a listed name goes, the first', 'https://shop.example/?email=x&a=1&b=2', 'https://shop.example/?a=1&b=2' ],
    [ 'a parameter with a listed name goes, in the middle', 'https://shop.example/?a=1&email=x&b=2', 'https://shop.example/?a=1&b=2' ],
    [ 'a parameter with a listed name goes, the last', 'https://shop.example/?a=1&b=2&email=x', 'https://shop.example/?a=1&b=2' ],
    [ 'a parameter with a listed name goes, none left: no ?', 'https://shop.example/a?email=x', 'https://shop.example/a' ],
    [ 'several go, none left: no ?', '/a?email=x&firstName=y', '/a' ],
    [ 'none left, but a fragment', '/a?email=x#top', '/a#top' ],
    [ 'names are compared as any name', '/a?E-Mail=x&firstName=y&b=1', '/a?b=1' ],
    [ 'names are decoded', '/a?e%6Dail=x&first%5Fname=y&b=1', '/a?b=1' ],
    [ 'a parameter whose value holds an e-mail address goes', '/a?q=jo@example.com&b=1', '/a?b=1' ],
    [ 'its value is decoded', '/a?q=jo%40example.com&b=1', '/a?b=1' ],
    [ 'its value is decoded more than once', '/a?q=jo%252540example.com&b=1', '/a?b=1' ],
    [ 'in a fragment, too', 'https://shop.example/#email=x&b=1', 'https://shop.example/#b=1' ],
    [ 'in a fragment, by value', 'https://shop.example/a?c=1#b=1&q=jo%40example.com', 'https://shop.example/a?c=1#b=1' ],
    [ 'the rest stays byte for byte', '/%7Ea//b/../c;d?x=%c3%A4+b&email=y&&z&=1&t=%zz#f%20',
      '/%7Ea//b/../c;d?x=%c3%A4+b&&z&=1&t=%zz#f%20' ],
    [ 'nothing to remove: byte for byte', 'https://shop.example/?a=b=c&&d', 'https://shop.example/?a=b=c&&d' ],
    [ 'only a whole name is listed', '/a?emails=1&phonecase=2', '/a?emails=1&phonecase=2' ],
) {
    my ($what, $url, $left) = @$_;
    leaves "a URL: $what", '"url":' . quoted($url), 'ed[url]=' . enc($left),
        with => $left =~ m{^https?://} ? { referer => $left } : {};
}

for my $url ('https://shop.example/u/jo@example.com', '/unsubscribe/jo%40example.com?b=1') {
    leaves "a URL with an e-mail address that still stands in it is left out: $url",
        '"link":' . quoted($url), '';
}

leaves 'a text with a question mark is no URL', '"note":"really? email=x"', 'ed[note]=' . enc('really? email=x');

mapping 'piiProperties and piiAllow count for parameters, too',
    config => "piiProperties: [coupon]\npiiAllow: [city]", page('"url":"/a?coupon=x&city=y&zip=1"'),
    sends => 'ed[url]=' . enc('/a?city=y') . '&event=pagevisit';

for (
    [ 'as any URL', 'https://user:pw@shop.example/a?email=x&b=1', 'https://shop.example/a?b=1' ],
    [ 'an e-mail address in the query', 'https://shop.example/a?q=jo%40example.com', 'https://shop.example/a' ],
    [ 'where an e-mail address still stands in it, scheme and host are left',
      'https://shop.example/u/jo@example.com?b=1', qr{^https://shop\.example/?$} ],
    [ 'where one still stands in it, encoded, too',
      'https://shop.example:8443/u/jo%40example.com#top', qr{^https://shop\.example:8443/?$} ],
) {
    my ($what, $url, $referer) = @$_;

    mapping "the page's URL: $what",
        track('Order Completed', '"order_id":"1"', '"context":{"page":{"url":' . quoted($url) . '}}'),
        sends => 'ed[order_id]=1&event=checkout', with => { referer => $referer };
}

mapping 'a page as analytics.js sends it',
    page('"path":"/u","referrer":"https://other.example/?user=jo%40example.com",'
         . '"search":"?utm_source=a&email=jo%40example.com","title":"Your account",'
         . '"url":"https://shop.example/u?utm_source=a&email=jo%40example.com"', '"name":"Account"'),
    sends => 'ed[path]=' . enc('/u') . '&ed[referrer]=' . enc('https://other.example/')
             . '&ed[search]=' . enc('?utm_source=a') . '&ed[title]=Your%20account&ed[url]='
             . enc('https://shop.example/u?utm_source=a') . '&event=pagevisit',
    with => { referer => 'https://shop.example/u?utm_source=a' };


# ---- enhanced match

my $address = 'user@example.com';
my $em = sha256_hex($address);

is $em, 'b4c9a289323b21a01c3e940f150eb9b8c542587f1abfd8f0e1cc1ffc5e475514',
    "the hash of $address is the one that Pinterest documents";

# members of properties, more members of the event, and what is hashed
sub match {
    my ($what, $properties, $more, $hash, %args) = @_;

    mapping "enhanced match: $what", config => $args{config} // '',
        call($args{type} // 'track', $properties, '"event":"Order Completed"', $more eq '' ? () : $more),
        sends => (defined $hash ? "pd[em]=$hash&" : '') . 'event=' . ($args{event} // 'checkout');
}

match('properties.email', "\"email\":\"$address\"", '', $em);
match('traits.email', '', "\"traits\":{\"email\":\"$address\"}", $em);
match('context.traits.email', '', "\"context\":{\"traits\":{\"email\":\"$address\"}}", $em);
match('a userId that is one as a whole', '', "\"userId\":\"$address\"", $em);
match('a userId that only holds one is not', '', "\"userId\":\"id of $address\"", undef);
match('properties go first', '"email":"a@example.com"',
      '"traits":{"email":"b@example.com"},"context":{"traits":{"email":"c@example.com"}},"userId":"d@example.com"',
      sha256_hex('a@example.com'));
match('then traits', '', '"traits":{"email":"b@example.com"},"context":{"traits":{"email":"c@example.com"}},'
      . '"userId":"d@example.com"', sha256_hex('b@example.com'));
match("then the context's traits", '', '"context":{"traits":{"email":"c@example.com"}},"userId":"d@example.com"',
      sha256_hex('c@example.com'));
match('what is no address is passed over', '"email":"unknown"', '"traits":{"email":"b@example.com"}',
      sha256_hex('b@example.com'));
match('an empty one, too', '"email":""', '"traits":{"email":" "},"userId":"d@example.com"',
      sha256_hex('d@example.com'));
match('a number, too', '"email":5', '"traits":{"email":null},"userId":"d@example.com"',
      sha256_hex('d@example.com'));
match('none is there', '', '"userId":"41b70e4a"', undef);
match('lower-cased', '"email":"USER@Example.Com"', '', $em);
match('all white space is removed', quoted('email') . ':' . quoted(" us er\t\@exam ple.com\n"), '', $em);
match('the name is compared as any name', "\"E-Mail\":\"$address\"", '', $em);
match('an array: its first address', '"email":["","x","a@example.com","b@example.com"]', '',
      sha256_hex('a@example.com'));
match('SHA-256 already: sent as it is', "\"email\":\"$em\"", '', $em);
match('SHA-256 already, in capitals: lower-cased', '"email":"' . uc($em) . '"', '', $em);
match('SHA-1 already', '"email":"' . 'A1' x 20 . '"', '', 'a1' x 20);
match('MD5 already', '"email":"' . 'B2' x 16 . '"', '', 'b2' x 16);

for my $digits (31, 33, 39, 41, 63, 65, 128) {
    match("$digits hex digits are no hash", '"email":"' . 'a' x $digits . '"', '', undef);
}

match('64 digits that are not hex are no hash', '"email":"' . 'g' x 64 . '"', '', undef);
match('enhancedMatch: false turns it off', "\"email\":\"$address\"", "\"userId\":\"$address\"", undef,
      config => 'enhancedMatch: false');
match('enhancedMatch: true is the default', "\"email\":\"$address\"", '', $em, config => 'enhancedMatch: true');

for my $type (qw(page screen)) {
    match("not on $type", "\"email\":\"$address\"", "\"userId\":\"$address\"", undef,
          type => $type, event => 'pagevisit');
    match("on $type with enhancedMatchOnPage", "\"email\":\"$address\"", '', $em,
          type => $type, event => 'pagevisit', config => 'enhancedMatchOnPage: true');
    match("not on $type with enhancedMatch: false", "\"email\":\"$address\"", '', undef, type => $type,
          event => 'pagevisit', config => "enhancedMatchOnPage: true\nenhancedMatch: false");
}

mapping 'enhanced match on a custom event: the address itself is not sent', config => $partner,
    track('My Event', "\"a\":1,\"email\":\"$address\""), sends => "ed[a]=1&pd[em]=$em&event=MyEvent";


# ---- integrations of the event

sub flows { return mapping "$_[0]: it flows", track('Order Completed', undef, $_[1]), config => $_[2] // '',
                   sends => 'event=checkout' }
sub skipped { return mapping "$_[0]: it is skipped", track('Order Completed', undef, $_[1]),
                     config => $_[2] // '', skipped => $_[3] // 'integration_disabled' }

for my $name ('Pinterest', 'Pinterest Tag', 'Pinterest Conversions', 'Pinterest Conversions API',
              'pinterest', 'pinterestTag', 'PINTEREST_CONVERSIONS_API', 'Pinterest (Actions)',
              'Pinterest Conversions (Actions)', 'Pinterest Tag (Actions)')
{
    skipped("integrations: $name is false", "\"integrations\":{\"$name\":false}");
    flows("integrations: $name is true", "\"integrations\":{\"All\":false,\"$name\":true}");
    flows("integrations: $name is an object", "\"integrations\":{\"All\":false,\"$name\":{\"a\":1}}");
}

skipped('integrations: any of ours is false', '"integrations":{"Pinterest":true,"Pinterest Tag":false}');
skipped('integrations: All is false', '"integrations":{"All":false}');
skipped('integrations: all is false', '"integrations":{"all":false}');
skipped('integrations: All is false, another is true', '"integrations":{"All":false,"Facebook Pixel":true}');
skipped('integrations: All is false, ours is null', '"integrations":{"All":false,"Pinterest":null}');
flows('integrations: All is true', '"integrations":{"All":true}');
flows('integrations: another is false', '"integrations":{"Facebook Pixel":false,"Pinterest Ads":false}');
flows('integrations: empty', '"integrations":{}');
flows('no integrations', '"userId":"1"');


# ---- consent

my $consent = 'consentCategories: [Advertising, "C0004"]';

sub preferences { return "\"context\":{\"consent\":{\"categoryPreferences\":{$_[0]}}}" }
sub management { return "\"context\":{\"consentManagement\":{$_[0]}}" }

flows('consent: every category is true', preferences('"Advertising":true,"C0004":true,"Other":false'), $consent);
skipped('consent: one category is false', preferences('"Advertising":true,"C0004":false'), $consent, 'no_consent');
skipped('consent: one category is missing', preferences('"Advertising":true'), $consent, 'no_consent');
skipped('consent: one category is no true', preferences('"Advertising":true,"C0004":"yes"'), $consent, 'no_consent');
skipped('consent: no category at all', preferences(''), $consent, 'no_consent');
flows('consent: the event says nothing', '"context":{"ip":"203.0.113.1"}', $consent);
flows('consent: the event has no context', '"userId":"1"', $consent);
flows('consent: no categories are configured', preferences('"Advertising":false'));
flows('consent: every id is allowed', management('"allowedConsentIds":["C0004","Advertising","x"]'), $consent);
skipped('consent: one id is not allowed', management('"allowedConsentIds":["Advertising"]'), $consent, 'no_consent');
skipped('consent: none is allowed', management('"allowedConsentIds":[]'), $consent, 'no_consent');
skipped('consent: one id is denied', management('"deniedConsentIds":["x","C0004"]'), $consent, 'no_consent');
skipped('consent: one id is allowed and denied',
        management('"allowedConsentIds":["Advertising","C0004"],"deniedConsentIds":["C0004"]'), $consent, 'no_consent');
flows('consent: another id is denied', management('"deniedConsentIds":["x"]'), $consent);
flows('consent: no list is there', management('"provider":"oneTrust"'), $consent);
skipped('consent: both ways, one says no',
        '"context":{"consent":{"categoryPreferences":{"Advertising":true,"C0004":true}},'
        . '"consentManagement":{"deniedConsentIds":["C0004"]}}', $consent, 'no_consent');
mapping 'consent: a page is asked, too', config => $consent, page('"a":1', preferences('"Advertising":false')),
    skipped => 'no_consent';


# ---- limited data processing

my $state = 'limitedDataProcessing: {state: "CA", country: "US"}';
my $ldp = 'pd[opt_out_type]=LDP';
my $configured = "$ldp&pd[st]=" . sha256_hex('ca') . '&pd[country]=' . sha256_hex('us');
my %gpc = ('Sec-GPC' => '1');

sub limited {
    my ($what, $properties, $more, $sends, %args) = @_;

    mapping "limited data processing: $what", track('Order Completed', $properties, $more eq '' ? () : $more),
        sends => ($sends eq '' ? '' : "$sends&") . 'event=checkout', %args;
}

for my $value ('LDP', 'ldp', 'Ldp', 'LDP,OTHER', 'OTHER,LDP', 'OTHER,ldp,X') {
    limited("property opt_out_type $value", "\"opt_out_type\":\"$value\"", '', $ldp);
    limited("context.opt_out_type $value", '', "\"context\":{\"opt_out_type\":\"$value\"}", $ldp);
}

for my $value ('', 'OTHER', 'NOLDP', 'LDPX', 'L D P') {
    limited("not for opt_out_type \"$value\"", "\"opt_out_type\":\"$value\"", '', '');
}

limited('the destination is configured so, with state and country', '', '', $configured, config => $state);
limited("the destination's state and country go before the event's", '"state":"TX","country":"MX"', '', $configured,
        config => $state);
limited('Sec-GPC: 1', '', '', $ldp, headers => { %gpc });
limited('Sec-GPC: 1, state and country of the properties, hashed in lower case', '"state":" TX ","country":"US"', '',
        "$ldp&pd[st]=" . sha256_hex('tx') . '&pd[country]=' . sha256_hex('us'), headers => { %gpc });
limited('state and country of the traits', '', '"traits":{"state":"NY","country":"us"}',
        "$ldp&pd[st]=" . sha256_hex('ny') . '&pd[country]=' . sha256_hex('us'), headers => { %gpc });
limited("state and country of the traits' address", '', '"traits":{"address":{"state":"NY","country":"US"}}',
        "$ldp&pd[st]=" . sha256_hex('ny') . '&pd[country]=' . sha256_hex('us'), headers => { %gpc });
limited("state and country of the context's traits", '', '"context":{"traits":{"state":"NY","country":"US"}}',
        "$ldp&pd[st]=" . sha256_hex('ny') . '&pd[country]=' . sha256_hex('us'), headers => { %gpc });
limited('state and country only when limited', '"state":"NY","country":"US"', '', '');
limited('Sec-GPC: 0 is no signal', '', '', '', headers => { 'Sec-GPC' => '0' });
limited('DNT is no signal by default', '', '', '', headers => { DNT => '1' });
limited('pintag_privacy_signal gpc=ignore', '', '', '', headers => { %gpc }, http => 'pintag_privacy_signal gpc=ignore;');
limited('pintag_privacy_signal dnt=ldp', '', '', $ldp, headers => { DNT => '1' }, http => 'pintag_privacy_signal dnt=ldp;');
limited('pintag_privacy_signal dnt=ldp leaves gpc as it is', '', '', $ldp, headers => { %gpc },
        http => 'pintag_privacy_signal dnt=ldp;');
limited('pintag_privacy_signal gpc=drop without a signal', '', '', '', http => 'pintag_privacy_signal gpc=drop;');
limited('enhanced match turned off leaves state and country', '', '', $configured,
        config => "$state\nenhancedMatch: false");

mapping 'limited data processing on a page', headers => { %gpc }, config => $state, page('"a":1'),
    sends => "ed[a]=1&$configured&event=pagevisit";
mapping 'pintag_privacy_signal gpc=drop: events with the signal are skipped', headers => { %gpc },
    http => 'pintag_privacy_signal gpc=drop;', track('Order Completed'), skipped => 'privacy_signal';
mapping 'pintag_privacy_signal dnt=drop: events with the signal are skipped', headers => { DNT => '1' },
    http => 'pintag_privacy_signal dnt=drop;', page('"a":1'), skipped => 'privacy_signal';
mapping 'the state is personal data otherwise: it is hashed and not sent in clear', headers => { %gpc },
    config => $partner, track('My Event', '"state":"NY","country":"US","a":1'),
    sends => 'ed[country]=US&ed[a]=1&' . "$ldp&pd[st]=" . sha256_hex('ny') . '&pd[country]='
             . sha256_hex('us') . '&event=MyEvent';

for my $tracking ('false', 'true', 'null') {
    mapping "ad tracking on the device ($tracking) is not for the Tag",
        track('Order Completed', undef, "\"context\":{\"device\":{\"adTrackingEnabled\":$tracking}}"),
        sends => 'event=checkout';
}


# ---- allowEvents, denyEvents

for (
    [ 'denyEvents', 'denyEvents: [Order Completed, Page]', 0, 1, 0, 1 ],
    [ 'denyEvents: names are compared as any name', 'denyEvents: [order_completed, SCREEN]', 0, 1, 1, 0 ],
    [ 'allowEvents', 'allowEvents: [Order Completed, Screen]', 1, 0, 0, 1 ],
    [ 'allowEvents: names are compared as any name', 'allowEvents: ["ORDER-completed", page]', 1, 0, 1, 0 ],
) {
    my ($what, $config, @goes) = @$_;

    for (
        [ 'Order Completed', { track('Order Completed') }, 'event=checkout' ],
        [ 'Product Viewed', { track('Product Viewed') }, 'event=pagevisit' ],
        [ 'a page call', { page(undef, '"name":"Order Completed"') }, 'event=pagevisit' ],
        [ 'a screen call', { call('screen') }, 'event=pagevisit' ],
    ) {
        my ($event, $call, $sends) = @$_;
        my $goes = shift @goes;

        mapping "$what: $event " . ($goes ? 'goes' : 'does not'), config => $config, %$call,
            $goes ? (sends => $sends) : (skipped => 'event_denied');
    }
}


# ---- write keys, test mode

mapping 'writeKeys: an event with one of them goes', config => 'writeKeys: [K1, K2]',
    track('Order Completed', undef, '"writeKey":"K2"'), sends => 'event=checkout';
mapping 'writeKeys: an event with another does not', config => 'writeKeys: [K1, K2]',
    track('Order Completed', undef, '"writeKey":"K3"'), skipped => 'write_key';
mapping 'writeKeys: an event without one does not', config => 'writeKeys: [K1, K2]',
    track('Order Completed'), skipped => 'write_key';
mapping 'writeKeys: they are compared to the letter', config => 'writeKeys: [K1, K2]',
    track('Order Completed', undef, '"writeKey":"k1"'), skipped => 'write_key';
mapping 'no writeKeys: any event goes', track('Order Completed', undef, '"writeKey":"K3"'), sends => 'event=checkout';
mapping 'testMode: the Tag of the entry is off', config => 'testMode: true',
    track('Order Completed'), skipped => 'test_mode';
mapping 'testMode: false', config => 'testMode: false', track('Order Completed'), sends => 'event=checkout';


# ---- which reason, where there are several

my @against = (
    [ 'write_key', config => 'writeKeys: [K1]' ],
    [ 'privacy_signal', http => 'pintag_privacy_signal gpc=drop;', headers => { %gpc } ],
    [ 'integration_disabled', event => '"integrations":{"All":false}' ],
    [ 'event_denied', config => 'denyEvents: [Order Completed]' ],
    [ 'no_consent', config => 'consentCategories: [Ads]', event => preferences('"Ads":false') ],
);

for my $first (0 .. $#against - 1) {
    my (@config, @event, %case);

    for (@against[$first .. $#against]) {
        my (undef, %how) = @$_;

        push @config, $how{config} if $how{config};
        push @event, $how{event} if $how{event};
        $case{$_} = $how{$_} for grep { $how{$_} } qw(http headers);
    }

    mapping "$against[$first][0] goes before the reasons after it", config => join("\n", @config), %case,
        track('Order Completed', undef, @event), skipped => $against[$first][0];
}

my $nginx = run_cases();


# ---- what nginx -t has to say

sub output_of {
    my ($config, $location) = @_;

    $nginx->write_file('conf/warn.yaml', Pintag::Cases::entry($config));

    my ($status, $out) = $nginx->test_config(<<"END");
server {
    listen 127.0.0.1:%%PORT%%;
    location /collect { pintag_integrations %%DIR%%/conf/warn.yaml; pintag_pass /pinterest; $location }
    location /pinterest/ { internal; proxy_pass http://127.0.0.1:1/; }
}
END
    return join '', $status == 0 ? () : 'fails: ', grep { /\[(?:warn|emerg)\]/ } split /^/m, $out;
}

my $ignore = 'pintag_privacy_signal gpc=ignore;';
my $names = 'customPropertiesForStandardEvents: [color, first_name]';

for (
    [ 'a listed name in customPropertiesForStandardEvents is warned of', $names, $ignore, 'first_name' ],
    [ 'unless piiAllow has it', "$names\npiiAllow: [first_name]", $ignore ],
    [ 'a signal that means limited data processing is warned of when there is no state and country', '', '', '' ],
    [ 'one that the configuration tells', '', 'pintag_privacy_signal gpc=ldp;', '' ],
    [ 'a signal of dnt, too', '', 'pintag_privacy_signal gpc=ignore dnt=ldp;', '' ],
    [ 'unless there are state and country', $state, '' ],
    [ 'unless the signal is ignored', '', $ignore ],
    [ 'unless the signal means to drop', '', 'pintag_privacy_signal gpc=drop;' ],
) {
    my ($what, $config, $location, $warning) = @$_;
    my $got = output_of($config, $location);

    defined $warning ? like($got, qr/^nginx: \[warn\].*\Q$warning/, "nginx -t: $what")
                     : is($got, '', "nginx -t: $what");
}

done_testing();
