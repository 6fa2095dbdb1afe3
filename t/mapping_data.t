# Which data an event's conversion carries.

use strict;
use warnings;

use FindBin;
use lib "$FindBin::Bin/lib";

use Pintag::Cases;
use Test::More;

my $partner = 'handleCustomAsPartnerDefinedEvent: true';

sub rows { return "customEventsMapping:\n" . join '', map { "  - {$_}\n" } @_ }


# what a standard event sends for the members of its properties

sub standard {
    my ($what, $properties, $sends, %more) = @_;

    mapping $what, track($more{event} // 'Order Completed', $properties),
        sends => ($sends eq '' ? '' : "$sends&") . 'event=' . ($more{sent} // 'checkout'),
        config => $more{config} // '';
}


sub custom {
    my ($what, $properties, $sends, %more) = @_;

    mapping $what, track('My Event', $properties),
        sends => ($sends eq '' ? '' : "$sends&") . 'event=MyEvent',
        config => "$partner\n" . ($more{config} // '');
}


# ---- numbers

for (
    # JSON's own
    [ 'an integer',                        '19',                   '19' ],
    [ 'zero',                              '0',                    '0' ],
    [ 'a negative number',                 '-5',                   '-5' ],
    [ 'minus zero',                        '-0',                   '0' ],
    [ 'minus zero with a point',           '-0.0',                 '0' ],
    [ 'the largest int64',                 '9223372036854775807',  '9223372036854775807' ],
    [ 'the smallest int64',                '-9223372036854775808', '-9223372036854775808' ],
    [ 'an integer that no double holds',   '9007199254740993',     '9007199254740993' ],
    [ 'one more than int64, as a double',  '9223372036854775808',  '9223372036854776000' ],
    [ 'a long integer, as a double',       '1' . '0' x 25,         '1' . '0' x 25 ],
    [ 'no exponent: 1e3',                  '1e3',                  '1000' ],
    [ 'no exponent: 1E+3',                 '1E+3',                 '1000' ],
    [ 'no exponent: 1e21',                 '1e21',                 '1' . '0' x 21 ],
    [ 'no exponent: 1e-7',                 '1e-7',                 '0.0000001' ],
    [ 'no .0',                             '5.0',                  '5' ],
    [ 'no zeros at the end',               '12.50',                '12.5' ],
    [ 'the shortest decimal: 19.99',       '19.99',                '19.99' ],
    [ 'the shortest decimal: 0.1',         '0.1',                  '0.1' ],
    [ 'the shortest decimal: a third',     '0.3333333333333333',   '0.3333333333333333' ],
    [ 'the shortest decimal: 1.005',       '1.005',                '1.005' ],
) {
    my ($what, $number, $text) = @$_;

    standard "a JSON number: $what", "\"value\":$number", "ed[value]=$text";
    custom "a JSON number under its own name: $what", "\"n\":$number", "ed[n]=$text";
}

for (
    [ 'a number',                             '19.99',      '19.99' ],
    [ 'its digits stay as they are written',  '12.50',      '12.50' ],
    [ 'white space goes',                     " 1\xc2\xa0299.50\t", '1299.50' ],
    [ 'a currency sign goes: $',              '$19.99',     '19.99' ],
    [ "a currency sign goes: \xe2\x82\xac",   "19.99 \xe2\x82\xac", '19.99' ],
    [ "a currency sign goes: \xc2\xa3",       "\xc2\xa319.99", '19.99' ],
    [ 'letters at the front go',              'USD 19.99',  '19.99' ],
    [ 'letters at the end go',                '19.99EUR',   '19.99' ],
    [ "an apostrophe between digits goes",    "1'299.90",   '1299.90' ],
    [ 'both , and .: the last is the decimal point, .', '$1,299.90', '1299.90' ],
    [ 'both , and .: the last is the decimal point, ,', '1.299,00', '1299.00' ],
    [ 'both, in the millions',                '1,234,567.89', '1234567.89' ],
    [ 'both, in the millions, the other way', '1.234.567,89', '1234567.89' ],
    [ 'one , with one digit after it',        '12,5',       '12.5' ],
    [ 'one , with two digits after it',       '12,50',      '12.50' ],
    [ 'one , with three digits after it',     '1,299',      '1299' ],
    [ 'several ,',                            '1,299,000',  '1299000' ],
    [ 'one . is decimal',                     '1.299',      '1.299' ],
    [ 'several . in groups of three',         '1.299.000',  '1299000' ],
    [ 'zero',                                 '0',          '0' ],
    [ 'zero with decimals',                   '0.00',       '0.00' ],
    [ 'more digits than a double holds',      '9007199254740993', '9007199254740993' ],
) {
    my ($what, $string, $text) = @$_;

    standard "a string as a number: $what", '"value":' . quoted($string), "ed[value]=$text";
}

for ('', ' ', 'free', '1.2.3', '12.34.567', '1e3', '12abc34', '12-34', '2026-01-01', '$', '.', ',', '1/2') {
    standard 'a string that is no number: ' . quoted($_), '"value":' . quoted($_), '';
    standard 'a string that is no number, and what counts instead: ' . quoted($_),
        '"value":' . quoted($_) . ',"revenue":5', 'ed[value]=5';
}

for (
    [ 'true', 'true' ], [ 'false', 'false' ], [ 'null', 'null' ], [ 'an object', '{"value":1}' ],
    [ 'an array', '[1]' ],
) {
    standard "no number: $_->[0]", "\"value\":$_->[1],\"revenue\":5", 'ed[value]=5';
}

for ('1e400', '-1e400', '1' . '0' x 400) {
    mapping 'a number outside double makes the body unreadable: ' . substr($_, 0, 6),
        body => "{\"type\":\"track\",\n\"event\":\"Order Completed\",\"properties\":{\"value\":$_}}",
        verdict => qr/^400 invalid_json 2:\d+$/;
    mapping 'a number outside double anywhere makes the whole body unreadable: ' . substr($_, 0, 6),
        body => "{\"batch\":[{\"type\":\"track\",\"event\":\"Lead\"},\n\n{\"anything\":$_}]}",
        verdict => qr/^400 invalid_json 3:\d+$/;
}


# ---- the value

my $price = 'valueFieldIdentifier: price';

for (
    [ 'the property that a row names', rows('event: x, mapping: Lead, valueFieldIdentifier: price'),
      '"price":5,"value":7', 'ed[value]=5' ],
    [ 'a row names a property that is no number: none, though there is a value',
      rows('event: x, mapping: Lead, valueFieldIdentifier: price'), '"price":"?","value":7', '' ],
    [ 'a row names a property that is absent: none',
      rows('event: x, mapping: Lead, valueFieldIdentifier: price'), '"value":7,"revenue":8', '' ],
    [ "a row's property goes before the destination's",
      "$price\n" . rows('event: x, mapping: Lead, valueFieldIdentifier: cost'),
      '"price":5,"cost":6', 'ed[value]=6' ],
    [ "a row's property is absent: not the destination's either",
      "$price\n" . rows('event: x, mapping: Lead, valueFieldIdentifier: cost'), '"price":5', '' ],
    [ 'a row says none', rows('event: x, mapping: Lead, valueFieldIdentifier: ""'), '"value":7', '' ],
    [ 'a row says none, though the destination names a property',
      "$price\n" . rows('event: x, mapping: Lead, valueFieldIdentifier: ""'), '"price":5,"value":7', '' ],
    [ 'a row says nothing: the property that the destination names',
      "$price\n" . rows('event: x, mapping: Lead'), '"price":5,"value":7', 'ed[value]=5' ],
    [ "a row says nothing, and the destination's property is absent: as for any standard event",
      "$price\n" . rows('event: x, mapping: Lead'), '"value":7', 'ed[value]=7' ],
    [ 'a row and the destination say nothing: as for any standard event',
      rows('event: x, mapping: Lead'), '"value":7', 'ed[value]=7' ],
) {
    my ($what, $config, $properties, $sends) = @$_;

    mapping "value: $what", config => $config, track('x', $properties),
        sends => ($sends eq '' ? '' : "$sends&") . 'event=Lead';
}

for (
    [ 'rows that match may differ in it', '"price":5,"cost":6,"value":7',
      ['ed[value]=5&event=Lead', 'ed[value]=6&event=Search', 'event=Signup', 'ed[value]=7&event=Checkout'] ],
) {
    my ($what, $properties, $sends) = @$_;

    mapping "value: $what", track('x', $properties), sends => $sends,
        config => rows('event: x, mapping: Lead, valueFieldIdentifier: price',
                       'event: x, mapping: Search, valueFieldIdentifier: cost',
                       'event: x, mapping: Signup, valueFieldIdentifier: ""',
                       'event: x, mapping: Checkout');
}

for (
    [ 'the property that the destination names', '"cost":5,"value":7', 'ed[value]=5' ],
    [ 'its name is compared as any name', '"COST":5,"value":7', 'ed[value]=5' ],
    [ 'it may be a string', '"cost":"5,50 EUR","value":7', 'ed[value]=5.50' ],
    [ 'it is zero', '"cost":0,"value":7', 'ed[value]=0' ],
    [ 'it is no number: the next', '"cost":"?","value":7', 'ed[value]=7' ],
    [ 'it is absent: the next', '"revenue":7', 'ed[value]=7' ],
    [ 'it is absent, nothing else is there either', '"order_id":"1"', 'ed[order_id]=1' ],
) {
    my ($what, $properties, $sends) = @$_;

    standard "value: valueFieldIdentifier: $what", $properties, $sends,
        config => 'valueFieldIdentifier: cost';
}

my $two = '"products":[{"sku":"a","price":9.95,"quantity":3},{"sku":"b","price":"10,00"}]';
my $two_items = 'ed[line_items][0][product_id]=a&ed[line_items][0][product_price]=9.95'
                . '&ed[line_items][0][product_quantity]=3&ed[line_items][1][product_id]=b'
                . '&ed[line_items][1][product_price]=10.00';

for (
    [ 'value is first', '"price":5,"total":3,"revenue":2,"value":1', 'ed[value]=1' ],
    [ 'then revenue', '"price":5,"total":3,"revenue":2', 'ed[value]=2' ],
    [ 'then total', '"price":5,"total":3', 'ed[value]=3' ],
    [ 'then price', '"price":5', 'ed[value]=5' ],
    [ 'a value of 0 is a value', '"value":0,"revenue":2', 'ed[value]=0' ],
    [ 'a revenue of "0.00" is one, too', '"revenue":"0.00","total":2', 'ed[value]=0.00' ],
    [ 'what is no number is passed over', '"value":"n/a","revenue":"","total":3', 'ed[value]=3' ],
    [ 'price times quantity', '"price":9.95,"quantity":3', 'ed[value]=29.85&ed[order_quantity]=3' ],
    [ 'price times quantity, as strings', '"price":"9,95","quantity":"3"',
      'ed[value]=29.85&ed[order_quantity]=3' ],
    [ 'nothing at all', '"order_id":"1"', 'ed[order_id]=1' ],
    [ 'prices times quantities of products', $two,
      "ed[value]=39.85&ed[order_quantity]=4&$two_items" ],
    [ "products go before the event's own price", "$two,\"price\":5",
      "ed[value]=39.85&ed[order_quantity]=4&$two_items" ],
    [ 'total goes before products', "$two,\"total\":5",
      "ed[value]=5&ed[order_quantity]=4&$two_items" ],
    [ 'a product without a price counts 0',
      '"products":[{"sku":"a","price":2},{"sku":"b","quantity":7}]',
      'ed[value]=2&ed[order_quantity]=8&ed[line_items][0][product_id]=a'
      . '&ed[line_items][0][product_price]=2&ed[line_items][1][product_id]=b'
      . '&ed[line_items][1][product_quantity]=7' ],
    [ 'no product has a price: price times quantity of the event',
      '"products":[{"sku":"a","quantity":7}],"price":3,"quantity":2',
      'ed[value]=6&ed[order_quantity]=7&ed[line_items][0][product_id]=a'
      . '&ed[line_items][0][product_quantity]=7' ],
    [ 'products whose price is 0', '"products":[{"sku":"a","price":0}],"price":3',
      'ed[value]=0&ed[order_quantity]=1&ed[line_items][0][product_id]=a'
      . '&ed[line_items][0][product_price]=0' ],
    [ 'a sum is rounded to six decimals',
      '"products":[{"sku":"a","price":0.1},{"sku":"b","price":0.2}]',
      'ed[value]=0.3&ed[order_quantity]=2&ed[line_items][0][product_id]=a'
      . '&ed[line_items][0][product_price]=0.1&ed[line_items][1][product_id]=b'
      . '&ed[line_items][1][product_price]=0.2' ],
    [ 'a product of numbers is rounded to six decimals', '"price":0.0000014,"quantity":3',
      'ed[value]=0.000004&ed[order_quantity]=3' ],
    [ 'a value that is there is not rounded', '"value":0.12345678', 'ed[value]=0.12345678' ],
) {
    my ($what, $properties, $sends) = @$_;
    standard "value: $what", $properties, $sends;
}

for (
    [ 'Products Searched', 'search' ], [ 'Product List Viewed', 'viewcategory' ],
) {
    my ($event, $sent) = @$_;

    for (
        [ 'value', '"value":1,"price":5', 'ed[value]=1' ],
        [ 'revenue', '"revenue":2,"price":5', 'ed[value]=2' ],
        [ 'total', '"total":3,"price":5', 'ed[value]=3' ],
        [ 'not the price', '"price":5', '' ],
        [ 'not the prices of products', $two, $two_items ],
    ) {
        my ($what, $properties, $sends) = @$_;
        standard "value of $sent: $what", $properties, $sends, event => $event, sent => $sent;
    }
}

for (
    [ 'none: a property value goes out as any other', '"a":1,"value":"12,50 EUR","b":2', '',
      'ed[a]=1&ed[value]=12%2C50%20EUR&ed[b]=2' ],
    [ 'none: not from revenue either', '"revenue":5', '', 'ed[revenue]=5' ],
    [ 'the property that the destination names, first', '"a":1,"cost":"12,50"', 'valueFieldIdentifier: cost',
      'ed[value]=12.50&ed[a]=1&ed[cost]=12%2C50' ],
    [ 'then a property value does not go again', '"a":1,"value":7,"cost":5', 'valueFieldIdentifier: cost',
      'ed[value]=5&ed[a]=1&ed[cost]=5' ],
    [ 'however that is spelled', '"a":1,"VALUE":7,"cost":5', 'valueFieldIdentifier: cost',
      'ed[value]=5&ed[a]=1&ed[cost]=5' ],
    [ 'value itself may be named', '"a":1,"value":"7 EUR"', 'valueFieldIdentifier: value',
      'ed[value]=7&ed[a]=1' ],
    [ 'the property named is no number: none, and a property value is as any other',
      '"value":7,"cost":"?"', 'valueFieldIdentifier: cost', 'ed[value]=7&ed[cost]=%3F' ],
    [ 'the property named is absent: none', '"revenue":7', 'valueFieldIdentifier: cost', 'ed[revenue]=7' ],
) {
    my ($what, $properties, $config, $sends) = @$_;
    custom "value of a custom event: $what", $properties, $sends, config => $config;
}

for (
    [ 'the property that a row names', 'price', '"a":1,"price":5', 'ed[value]=5&ed[a]=1&ed[price]=5' ],
    [ 'a row says none', '""', '"a":1,"price":5', 'ed[a]=1&ed[price]=5' ],
    [ 'a row names one that is absent', 'cost', '"a":1,"price":5', 'ed[a]=1&ed[price]=5' ],
) {
    my ($what, $value, $properties, $sends) = @$_;

    mapping "value of a custom event: $what, whatever the destination says",
        config => "$price\n" . rows("event: x, mapping: Mine, valueFieldIdentifier: $value"),
        track('x', $properties), sends => "$sends&event=Mine";
}


# ---- standard conversions: these, in this order, and nothing else

standard 'a standard event sends what Pinterest knows, in this order, and nothing else',
    '"other":"x","lead_type":"l","video_title":"v","search_query":"s","property":"p",'
    . '"promo_code":"c","order_id":"o","currency":"EUR","order_quantity":2,"value":1,'
    . '"products":[{"sku":"a"}],"name":"n","url":"u","nested":{"value":1}',
    'ed[value]=1&ed[order_quantity]=2&ed[currency]=EUR&ed[order_id]=o&ed[promo_code]=c&ed[property]=p'
    . '&ed[search_query]=s&ed[video_title]=v&ed[lead_type]=l&ed[line_items][0][product_id]=a';

for (
    [ 'order_quantity is first', '"quantity":5,"num_of_items":4,"num_items":3,"order_quantity":2',
      'ed[order_quantity]=2' ],
    [ 'then num_items', '"quantity":5,"num_of_items":4,"num_items":3', 'ed[order_quantity]=3' ],
    [ 'then num_of_items', '"quantity":5,"num_of_items":4', 'ed[order_quantity]=4' ],
    [ 'then quantity', '"quantity":5', 'ed[order_quantity]=5' ],
    [ 'a string is read as a number', '"order_quantity":"3 pcs"', 'ed[order_quantity]=3' ],
    [ '0 stays', '"order_quantity":0,"num_items":3', 'ed[order_quantity]=0' ],
    [ 'what is no number is passed over', '"order_quantity":"some","num_items":3', 'ed[order_quantity]=3' ],
    [ 'quantities of products, 1 for a missing one',
      '"products":[{"sku":"a","quantity":2},{"sku":"b"}]',
      'ed[order_quantity]=3&ed[line_items][0][product_id]=a&ed[line_items][0][product_quantity]=2'
      . '&ed[line_items][1][product_id]=b' ],
    [ "products go before the event's own quantity", '"quantity":5,"products":[{"sku":"a"}]',
      'ed[order_quantity]=1&ed[line_items][0][product_id]=a' ],
    [ 'num_items goes before products', '"num_items":5,"products":[{"sku":"a"}]',
      'ed[order_quantity]=5&ed[line_items][0][product_id]=a' ],
    [ 'no product: quantity', '"quantity":5,"products":[]', 'ed[order_quantity]=5' ],
) {
    my ($what, $properties, $sends) = @$_;
    standard "order_quantity: $what", $properties, $sends;
}

for ([ 'Products Searched', 'search' ], [ 'Product List Viewed', 'viewcategory' ]) {
    my ($event, $sent) = @$_;

    standard "order_quantity of $sent: not from products", '"products":[{"sku":"a","quantity":2}]',
        'ed[line_items][0][product_id]=a&ed[line_items][0][product_quantity]=2',
        event => $event, sent => $sent;
    standard "order_quantity of $sent: its own", '"order_quantity":2', 'ed[order_quantity]=2',
        event => $event, sent => $sent;
    standard "order_quantity of $sent: num_items", '"num_items":2', 'ed[order_quantity]=2',
        event => $event, sent => $sent;
}

for (
    [ '"EUR"', 'EUR' ], [ '"eur"', 'EUR' ], [ '" eUr\t"', 'EUR' ], [ '"EURO"' ], [ '"EU"' ],
    [ '"E1R"' ], [ '"$"' ], [ '""' ], [ '978' ], [ 'null' ], [ '["EUR"]' ], [ "\"\xe2\x82\xac\"" ],
) {
    my ($currency, $sends) = @$_;

    standard 'currency: three letters, upper-cased, else left out: ' . $currency,
        "\"currency\":$currency", defined $sends ? "ed[currency]=$sends" : '';
}

standard 'currency is never invented', '"value":5', 'ed[value]=5';

for (
    [ 'promo_code goes before coupon', '"coupon":"b","promo_code":"a"', 'ed[promo_code]=a' ],
    [ 'promo_code: else coupon', '"coupon":"b"', 'ed[promo_code]=b' ],
    [ 'search_query goes before query', '"query":"b","search_query":"a"', 'ed[search_query]=a' ],
    [ 'search_query: else query', '"query":"b"', 'ed[search_query]=b' ],
    [ 'order_id', '"order_id":"o"', 'ed[order_id]=o' ],
    [ 'property', '"property":"p"', 'ed[property]=p' ],
    [ 'lead_type', '"lead_type":"l"', 'ed[lead_type]=l' ],
    [ 'video_title', '"video_title":"v"', 'ed[video_title]=v' ],
    [ 'title is no video_title on any other event', '"title":"t"', '' ],
) {
    my ($what, $properties, $sends) = @$_;
    standard $what, $properties, $sends;
}

standard 'video_title: else title on watchvideo', '"title":"t"', 'ed[video_title]=t',
    event => 'WatchVideo', sent => 'watchvideo';
standard 'video_title goes before title on watchvideo', '"title":"t","video_title":"v"',
    'ed[video_title]=v', event => 'WatchVideo', sent => 'watchvideo';
mapping 'video_title: else title on what is mapped to watch_video',
    config => rows('event: Video Started, mapping: watch_video'),
    track('Video Started', '"title":"t"'), sends => 'ed[video_title]=t&event=watch_video';


# ---- line items

my $q = 'ed[order_quantity]';
my $i = 'ed[line_items]';

for (
    [ 'all of an item, in this order',
      '"products":[{"variant_id":"vi","variant":"v","brand":"b","category":"c","quantity":2,"price":3,'
      . '"name":"n","product_id":"p","sku":"s","id":"i","url":"u","position":1}]',
      "ed[value]=6&$q=2&$i\[0][product_id]=p&$i\[0][product_name]=n&$i\[0][product_price]=3"
      . "&$i\[0][product_quantity]=2&$i\[0][product_category]=c&$i\[0][product_brand]=b"
      . "&$i\[0][product_variant]=v&$i\[0][product_variant_id]=vi" ],
    [ 'product_id: else sku', '"products":[{"id":"i","sku":"s"}]', "$q=1&$i\[0][product_id]=s" ],
    [ 'product_id: else id', '"products":[{"id":"i"}]', "$q=1&$i\[0][product_id]=i" ],
    [ 'product_id may be a number', '"products":[{"id":12}]', "$q=1&$i\[0][product_id]=12" ],
    [ 'a price is read as any number', '"products":[{"id":"i","price":"$1,299.90"}]',
      "ed[value]=1299.9&$q=1&$i\[0][product_id]=i&$i\[0][product_price]=1299.90" ],
    [ 'a price that is no number is left out', '"products":[{"id":"i","price":"free"}]',
      "$q=1&$i\[0][product_id]=i" ],
    [ 'a quantity is rounded to an integer',
      '"products":[{"id":"i","quantity":2.6},{"id":"j","quantity":"1.2"}],"order_quantity":4',
      "$q=4&$i\[0][product_id]=i&$i\[0][product_quantity]=3&$i\[1][product_id]=j"
      . "&$i\[1][product_quantity]=1" ],
    [ 'a quantity that is no number is left out', '"products":[{"id":"i","quantity":"few"}]',
      "$q=1&$i\[0][product_id]=i" ],
    [ 'zero stays', '"products":[{"id":"i","price":0,"quantity":0}],"order_quantity":1',
      "ed[value]=0&$q=1&$i\[0][product_id]=i&$i\[0][product_price]=0&$i\[0][product_quantity]=0" ],
    [ 'entries that are no objects are passed over, items have no gaps',
      '"products":[1,{"id":"i"},"x",null,[{"id":"k"}],{"id":"j"}]',
      "$q=2&$i\[0][product_id]=i&$i\[1][product_id]=j" ],
    [ 'the event itself, when it has a product_id and no products',
      '"variant_id":"vi","variant":"v","brand":"b","category":"c","quantity":2,"price":3,"name":"n","product_id":"p"',
      "ed[value]=6&$q=2&$i\[0][product_id]=p&$i\[0][product_name]=n&$i\[0][product_price]=3"
      . "&$i\[0][product_quantity]=2&$i\[0][product_category]=c&$i\[0][product_brand]=b"
      . "&$i\[0][product_variant]=v&$i\[0][product_variant_id]=vi" ],
    [ 'the event itself, when it has a sku', '"sku":"s","name":"n"',
      "$i\[0][product_id]=s&$i\[0][product_name]=n" ],
    [ 'not the event itself for an id alone', '"id":"i","name":"n"', '' ],
    [ 'not the event itself when there are products', '"sku":"s","products":[{"id":"i"}]',
      "$q=1&$i\[0][product_id]=i" ],
    [ 'the event itself when no entry of products is an object', '"sku":"s","products":[1,null,"x"]',
      "$i\[0][product_id]=s" ],
    [ 'the event itself when products is empty', '"sku":"s","products":[]', "$i\[0][product_id]=s" ],
    [ 'none', '"name":"n","price":"none"', '' ],
) {
    my ($what, $properties, $sends) = @$_;
    standard "line items: $what", $properties, $sends;
}


# ---- customPropertiesForStandardEvents

my $listed = 'customPropertiesForStandardEvents: [prop1, propTwo, currency, "a b"]';

for (
    [ 'those that the event has, after line_items',
      '"prop1":"x","sku":"s","propTwo":true,"other":1',
      "$i\[0][product_id]=s&ed[prop1]=x&ed[propTwo]=true" ],
    [ 'under the name that is listed', '"Prop-1":"x","prop_two":"y"', 'ed[prop1]=x&ed[propTwo]=y' ],
    [ 'that name percent-encoded', '"aB":1', 'ed[a%20b]=1' ],
    [ 'flattened', '"prop1":{"a":[1,{"b":2}],"c":null}', 'ed[prop1][a][0]=1&ed[prop1][a][1][b]=2' ],
    [ 'null is not sent', '"prop1":null', '' ],
    [ 'an empty string is', '"prop1":""', 'ed[prop1]=' ],
    [ 'a name that is sent already is not sent twice', '"currency":"EUR"', 'ed[currency]=EUR' ],
    [ 'none of them is there', '"prop2":1', '' ],
) {
    my ($what, $properties, $sends) = @$_;
    standard "customPropertiesForStandardEvents: $what", $properties, $sends, config => $listed;
}

for (
    [ 'Products Searched', 'search' ], [ 'Product Added', 'addtocart' ], [ 'Lead', 'lead' ],
    [ 'Product Viewed', 'pagevisit' ],
) {
    standard "customPropertiesForStandardEvents: on $_->[1], too", '"prop1":"x"', 'ed[prop1]=x',
        config => $listed, event => $_->[0], sent => $_->[1];
}

mapping 'customPropertiesForStandardEvents: on a row of customEventsMapping that is standard',
    config => "$listed\n" . rows('event: x, mapping: ViewContent'),
    track('x', '"prop1":1,"other":2'), sends => 'ed[prop1]=1&event=ViewContent';
custom 'customPropertiesForStandardEvents: custom events send all they have anyway',
    '"Prop_1":1,"other":2', 'ed[Prop_1]=1&ed[other]=2', config => $listed;


# ---- custom conversions

custom 'a custom event sends every property, in its own order',
    '"z":1,"order_id":"o","a":"x","value":3,"currency":"eur","m":true', 'ed[z]=1&ed[order_id]=o&ed[a]=x&ed[value]=3&ed[currency]=eur&ed[m]=true';
custom 'a custom event sends its products as any other property',
    '"products":[{"sku":"s","price":3}]', 'ed[products][0][sku]=s&ed[products][0][price]=3';
custom 'a custom event without properties', '', '';
mapping 'a custom event with no properties at all', config => $partner, track('My Event'),
    sends => 'event=MyEvent';
mapping 'properties that are no object are none', config => $partner,
    track('My Event', undef, '"properties":[1,2]'), sends => 'event=MyEvent';
mapping 'the custom event is followed by its name',
    track('My Event', '"a":1,"b":2'), sends => 'ed[a]=1&ed[b]=2&ed[custom_event_name]=MyEvent&event=custom';
mapping 'the value of the custom event is first, its name last',
    config => 'valueFieldIdentifier: price', track('My Event', '"a":1,"price":2'),
    sends => 'ed[value]=2&ed[a]=1&ed[price]=2&ed[custom_event_name]=MyEvent&event=custom';

for my $control (qw(opt_out_type click_id action_source epik event_id eid)) {
    my $camel = $control =~ s/_(\w)/\u$1/gr;
    my %also = ($control eq 'epik' || $control eq 'click_id' ? ('pd[epik]' => 1)
                : $control =~ /^e/ ? ('ed[event_id]' => 1) : ());

    for my $name ($control, $camel ne $control ? $camel : (), uc $control) {
        my $query = 'ed[a]=1&ed[b]=2' . join '', map { "&$_=x" } keys %also;

        custom "the control property $name steers and is no data", "\"a\":1,\"$name\":\"x\",\"b\":2", $query;
        mapping "the control property $name is no data of a page either",
            page("\"a\":1,\"$name\":\"x\",\"b\":2"), sends => "$query&event=pagevisit";
    }
}


# ---- keys without a value, and those that are not for the Tag

for (
    [ 'a key without a value', 'valueFieldIdentifier:' ], [ 'null', 'handleCustomAsPartnerDefinedEvent: null' ],
    [ '~', 'customEventsMapping: ~' ],
) {
    mapping "configuration: $_->[0] is as if the key were absent", config => $_->[1],
        track('My Event', '"a":1'), sends => 'ed[a]=1&ed[custom_event_name]=MyEvent&event=custom';
}

mapping 'configuration: what is for the Conversions API makes no difference to the Tag',
    config => "sendExternalId: true\nactionSource: app_ios\npartnerName: ss-x\nnp: ss-y",
    track('My Event', '"a":1', '"userId":"u-1"'), sends => 'ed[a]=1&ed[custom_event_name]=MyEvent&event=custom';


# ---- page and screen

for my $type (qw(page screen)) {
    mapping "$type: every property in its own order, flattened",
        call($type, '"z":"1","title":"T","a":{"b":[true,null,2]},"name":"Home","category":"c","value":5'),
        sends => 'ed[z]=1&ed[title]=T&ed[a][b][0]=true&ed[a][b][2]=2&ed[name]=Home&ed[category]=c'
                 . '&ed[value]=5&event=pagevisit';
    mapping "$type: the call's own name and category are not sent",
        call($type, '"a":1', '"name":"Home"', '"category":"c"'), sends => 'ed[a]=1&event=pagevisit';
    mapping "$type: no property is read as something else",
        config => 'valueFieldIdentifier: price',
        call($type, '"price":"5 EUR","revenue":3,"currency":"eur","coupon":"c","products":[{"id":"i"}]'),
        sends => 'ed[price]=5%20EUR&ed[revenue]=3&ed[currency]=eur&ed[coupon]=c'
                 . '&ed[products][0][id]=i&event=pagevisit';
    mapping "$type: no properties", call($type), sends => 'event=pagevisit';
    mapping "$type: personal data is removed",
        call($type, '"a":1,"email":"user@example.com","first_name":"Jo"'),
        sends => 'ed[a]=1&event=pagevisit';
}

run_cases();
done_testing();
