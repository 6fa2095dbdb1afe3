# The data that goes with an event of the Conversions API.

use strict;
use warnings;

use FindBin;
use lib "$FindBin::Bin/lib";

use Pintag::Cases qw(:DEFAULT :api);
use Test::More;

my $partner = 'handleCustomAsPartnerDefinedEvent: true';
my %browser = ('user-agent' => BROWSER);

sub rows { return "customEventsMapping:\n" . join '', map { "  - {$_}\n" } @_ }


# The custom_data of a standard event (and with "custom", of a custom one) for
# the members of its properties; {} is none.

sub data {
    my ($what, $properties, $data, %args) = @_;
    my $event = delete $args{event} // 'Order Completed';
    my $sent = delete $args{sent} // 'checkout';

    mapping $what, track($event, $properties, visitor()), %args,
        api_sends => api_event($sent, custom_data => %$data ? $data : undef);
}


sub custom {
    my ($what, $properties, $data, %args) = @_;

    data("custom: $what", $properties, { content_name => 'MyEvent', %$data }, event => 'My Event', sent => 'custom',
         %args);
    data("partner-defined: $what", $properties, $data, event => 'My Event', sent => 'MyEvent', %args,
         config => "$partner\n" . ($args{config} // ''));
}


sub all {
    my ($what, @args) = @_;

    data("standard: $what", @args);
    custom($what, @args);
}


sub on_page {
    my ($what, $properties, $data, %args) = @_;

    for my $type (qw(page screen)) {
        mapping "$type: $what", call($type, $properties, visitor()), %args,
            api_sends => api_event('page_visit', custom_data => %$data ? $data : undef);
    }
}


# ---- the value is a string, and the text of a number

for (
    # JSON's own
    [ '19', '19' ], [ '0', '0' ], [ '-5', '-5' ], [ '-0', '0' ], [ '-0.0', '0' ], [ '5.0', '5' ], [ '12.50', '12.5' ],
    [ '19.99', '19.99' ], [ '0.1', '0.1' ], [ '1.005', '1.005' ], [ '0.3333333333333333', '0.3333333333333333' ],
    [ '1e3', '1000' ], [ '1E+3', '1000' ], [ '1e-7', '0.0000001' ], [ '1e21', '1' . '0' x 21 ],
    [ '9223372036854775807', '9223372036854775807' ], [ '-9223372036854775808', '-9223372036854775808' ],
    [ '9223372036854775808', '9223372036854776000' ], [ '9007199254740993', '9007199254740993' ],

    # in a string
    [ '"19.99"', '19.99' ], [ '"12.50"', '12.50' ], [ '"$1,299.90"', '1299.90' ], [ '"1.299,00"', '1299.00' ],
    [ '"12,50"', '12.50' ], [ '"12,5"', '12.5' ], [ '"1,299"', '1299' ], [ '"1.299.000"', '1299000' ],
    [ "\"1'299.90 CHF\"", '1299.90' ], [ "\"19.99 \xe2\x82\xac\"", '19.99' ], [ '" 5 EUR "', '5' ], [ '"0"', '0' ],
    [ '"0.00"', '0.00' ], [ '"9007199254740993"', '9007199254740993' ],
) {
    my ($value, $text) = @$_;
    all("value of $value", "\"value\":$value", { value => $text });
}

for ('""', '"free"', '"1.2.3"', '"1e3"', '"12abc34"', '"2026-01-01"', '"$"', '"."', '"1/2"', 'true', 'null',
     '{"value":1}', '[1]')
{
    all("no value of $_", "\"value\":$_", {});
    all("no value of $_, but what counts instead", "\"value\":$_,\"revenue\":5", { value => '5' });
}

# what may be read either way leaves as a decimal, or not at all
for ('.5', '5.', '+5', '-5', '- 5', '5-', '--5', '-.5', ',5', '5,', "5'", '0x10', '1 000,5', '1,2,3', '1.2,3.4',
     '00012', '1_000', "\xe2\x88\x925", "\xd9\xa5", "\xef\xbc\x95", '(5)', '5%', '#5', '1e400', 'NaN', 'Infinity', '9' x 400)
{
    my $text = quoted($_);

    mapping "what leaves of $text is a decimal", to => 'api',
        track('Order Completed', "\"value\":$text,\"products\":[{\"sku\":\"s\",\"price\":$text,\"quantity\":$text}]",
              visitor()),
        holds => sub {
            my ($event) = api_events(@{ $_[0] }) or return "no event: $_[1]\n";
            my ($item) = @{ $event->{custom_data}{contents} // [] };
            my @wrong = grep { defined && !/^-?[0-9]+(?:\.[0-9]+)?\z/ } $event->{custom_data}{value}, $item->{item_price};

            push @wrong, grep { defined && !/^-?[0-9]+\z/ } $event->{custom_data}{num_items}, $item->{quantity};
            return @wrong ? "@wrong\n" : '';
        };
}

# and an integer is one that 64 bits hold
for ('1e19', '-1e30', '9223372036854775808', '18446744073709551616', '1e300', '"9223372036854775808"',
     '"' . '9' x 30 . '"')
{
    mapping "an integer of 64 bits, or none: $_", to => 'api',
        track('Order Completed', "\"order_quantity\":$_,\"products\":[{\"sku\":\"s\",\"quantity\":$_}]", visitor()),
        holds => sub {
            return @{ $_[0] } != 1 ? "no request: $_[1]\n"
                 : join '', map { "$_\n" } grep { !/^-?\d{1,18}\z/ && !/^-?922337203685477(?:[0-4]\d{3}|5[0-7]\d\d|580[0-7])\z/ }
                                           $_[0][0]{body} =~ /"(?:num_items|quantity)":([^,}]*)/g;
        };
}


# ---- which value

my $two = '"products":[{"sku":"a","price":9.95,"quantity":3},{"sku":"b","price":"10,00"}]';
my %two = (content_ids => ['a', 'b'],
           contents => [{ id => 'a', item_price => '9.95', quantity => 3 }, { id => 'b', item_price => '10.00' }]);

for (
    [ 'value is first', '"price":5,"total":3,"revenue":2,"value":1', { value => '1' } ],
    [ 'then revenue', '"price":5,"total":3,"revenue":2', { value => '2' } ],
    [ 'then total', '"price":5,"total":3', { value => '3' } ],
    [ 'then price', '"price":5', { value => '5' } ],
    [ 'a value of 0 is a value', '"value":0,"revenue":2', { value => '0' } ],
    [ 'what is no number is passed over', '"value":"n/a","revenue":"","total":3', { value => '3' } ],
    [ 'price times quantity', '"price":9.95,"quantity":3', { value => '29.85', num_items => 3 } ],
    [ 'prices times quantities of products', $two, { value => '39.85', num_items => 4, %two } ],
    [ "products go before the event's own price", "$two,\"price\":5", { value => '39.85', num_items => 4, %two } ],
    [ 'total goes before products', "$two,\"total\":5", { value => '5', num_items => 4, %two } ],
    [ 'a product without a price counts 0', '"products":[{"sku":"a","price":2},{"sku":"b","quantity":7}]',
      { value => '2', num_items => 8, content_ids => ['a', 'b'],
        contents => [{ id => 'a', item_price => '2' }, { id => 'b', quantity => 7 }] } ],
    [ 'no product has a price: price of the event', '"products":[{"sku":"a","quantity":7}],"price":3',
      { value => '3', num_items => 7, content_ids => ['a'], contents => [{ id => 'a', quantity => 7 }] } ],
    [ 'a sum is rounded to six decimals', '"products":[{"sku":"a","price":0.1},{"sku":"b","price":0.2}]',
      { value => '0.3', num_items => 2, content_ids => ['a', 'b'],
        contents => [{ id => 'a', item_price => '0.1' }, { id => 'b', item_price => '0.2' }] } ],
    [ 'a value that is there is not rounded', '"value":0.12345678', { value => '0.12345678' } ],
) {
    my ($what, $properties, $data) = @$_;
    all("value: $what", $properties, $data);
}

for ([ 'Products Searched', 'search' ], [ 'Product List Viewed', 'view_category' ]) {
    my ($event, $sent) = @$_;
    my @event = (event => $event, sent => $sent);

    data("$sent: value", '"value":1,"price":5', { value => '1' }, @event);
    data("$sent: revenue", '"revenue":2,"price":5', { value => '2' }, @event);
    data("$sent: total", '"total":3,"price":5', { value => '3' }, @event);
    data("$sent: not the price", '"price":5', {}, @event);
    data("$sent: neither prices nor quantities of products", $two, \%two, @event);
    data("$sent: quantity as it is told", '"num_of_items":12', { num_items => 12 }, @event);
}

for (
    [ 'the property that the destination names', '"cost":5,"value":7', { value => '5' } ],
    [ 'its name is compared as any name', '"COST":"5,50 EUR","value":7', { value => '5.50' } ],
    [ 'it is zero', '"cost":0,"value":7', { value => '0' } ],
    [ 'it is no number: the next', '"cost":"?","value":7', { value => '7' } ],
    [ 'it is absent: the next', '"revenue":7', { value => '7' } ],
) {
    my ($what, $properties, $data) = @$_;
    all("valueFieldIdentifier: $what", $properties, $data, config => 'valueFieldIdentifier: cost');
}

for my $mapped ([ 'Lead', 'lead' ], [ 'Mine', 'Mine' ], [ 'custom', 'custom', { content_name => 'x' } ]) {
    my ($name, $sent, $more) = @$mapped;

    for (
        [ 'the property that it names', 'valueFieldIdentifier: cost', '"cost":5,"value":7', { value => '5' } ],
        [ 'the property that it names is no number: none', 'valueFieldIdentifier: cost', '"cost":"?","value":7', {} ],
        [ 'the property that it names is absent: none', 'valueFieldIdentifier: cost', '"value":7,"revenue":8', {} ],
        [ 'none', 'valueFieldIdentifier: ""', '"cost":5,"value":7', {} ],
        [ 'nothing: as any', undef, '"cost":5,"value":7', { value => '7' } ],
    ) {
        my ($what, $key, $properties, $data) = @$_;
        my $row = join ', ', "event: x, mapping: $name", $key // ();

        data("value of a row to $name: $what", $properties, { %{ $more // {} }, %$data }, event => 'x', sent => $sent,
             config => rows($row));
        data("value of a row to $name, the destination names another: $what", $properties =~ s/^/"price":9,/r,
             { %{ $more // {} }, %$data, defined $key ? () : (value => '9') }, event => 'x', sent => $sent,
             config => "valueFieldIdentifier: price\n" . rows($row));
    }
}

mapping 'value: rows that match may differ in it', track('x', '"price":5,"cost":6,"value":7', visitor()),
    config => rows('event: x, mapping: Lead, valueFieldIdentifier: price',
                   'event: x, mapping: Search, valueFieldIdentifier: cost',
                   'event: x, mapping: Signup, valueFieldIdentifier: ""', 'event: x, mapping: Checkout'),
    api_sends => [api_event('lead', custom_data => { value => '5' }),
                  api_event('search', custom_data => { value => '6' }), api_event('signup'),
                  api_event('checkout', custom_data => { value => '7' })];

on_page('value', '"value":"5,50 EUR"', { value => '5.50' });
on_page('value alone: neither revenue, total nor price', '"revenue":1,"total":2,"price":3', {});
on_page('value: valueFieldIdentifier', '"cost":5', { value => '5' }, config => 'valueFieldIdentifier: cost');
on_page('value: valueFieldIdentifier goes before value', '"cost":5,"value":7', { value => '5' },
    config => 'valueFieldIdentifier: cost');
on_page('value: valueFieldIdentifier is absent', '"value":7', { value => '7' }, config => 'valueFieldIdentifier: cost');
on_page('value is not that of its products', $two, { num_items => 4, %two });


# ---- the number of items

for (
    [ 'order_quantity is first', '"quantity":5,"num_of_items":4,"num_items":3,"order_quantity":2', 2 ],
    [ 'then num_items', '"quantity":5,"num_of_items":4,"num_items":3', 3 ],
    [ 'then num_of_items', '"quantity":5,"num_of_items":4', 4 ],
    [ 'then quantity', '"quantity":5', 5 ],
    [ 'a string is read as a number, and is an integer', '"order_quantity":"3 pcs"', 3 ],
    [ '2.0 is an integer', '"order_quantity":2.0', 2 ],
    [ '"2.00" is an integer', '"order_quantity":"2.00"', 2 ],
    [ 'what is none is rounded', '"order_quantity":2.6', 3 ],
    [ 'what is none in a string, too', '"order_quantity":"2,4"', 2 ],
    [ '0 stays', '"order_quantity":0,"num_items":3', 0 ],
    [ 'a long one', '"order_quantity":9007199254740993', 9007199254740993 ],
    [ 'what is no number is passed over', '"order_quantity":"some","num_items":3', 3 ],
) {
    my ($what, $properties, $count) = @$_;

    all("num_items: $what", $properties, { num_items => $count });
    on_page("num_items: $what", $properties, { num_items => $count });
}

all('num_items: quantities of products, 1 for a missing one',
    '"products":[{"sku":"a","quantity":2},{"sku":"b"}],"quantity":9',
    { num_items => 3, content_ids => ['a', 'b'], contents => [{ id => 'a', quantity => 2 }, { id => 'b' }] });
all('num_items goes before products', '"num_items":5,"products":[{"sku":"a"}]',
    { num_items => 5, content_ids => ['a'], contents => [{ id => 'a' }] });


# ---- currency, order, search

for ([ '"EUR"', 'EUR' ], [ '"eur"', 'EUR' ], [ '" eUr\t"', 'EUR' ], [ '"EURO"' ], [ '"EU"' ], [ '"E1R"' ], [ '"$"' ],
     [ '""' ], [ '978' ], [ 'null' ], [ '["EUR"]' ], [ "\"\xe2\x82\xac\"" ], [ '"true"' ], [ "\"\xc3\x84EU\"" ])
{
    my ($currency, $sent) = @$_;

    all("currency of $currency", "\"currency\":$currency", { defined $sent ? (currency => $sent) : () });
    on_page("currency of $currency", "\"currency\":$currency", { defined $sent ? (currency => $sent) : () });
}

for (
    [ 'order_id', '"order_id":"o-1"', { order_id => 'o-1' } ],
    [ 'order_id: its name is compared as any name', '"Order ID":"o-1"', { order_id => 'o-1' } ],
    [ 'order_id: a number is its text', '"order_id":1001', { order_id => '1001' } ],
    [ 'order_id: so is a boolean', '"order_id":true', { order_id => 'true' } ],
    [ 'order_id: an object is none', '"order_id":{"a":1}', {} ],
    [ 'order_id: a blank text is none', '"order_id":" "', {} ],
    [ 'order_id: what JSON escapes', '"order_id":"a\"b\\\\c/d\u001f\u007f\u2028\ud83d\ude00\u00e4"',
      { order_id => "a\"b\\c/d\x1f\x7f\xe2\x80\xa8\xf0\x9f\x98\x80\xc3\xa4" } ],
    [ 'order_id: with a zero byte in it', '"order_id":"a\u0000b"', { order_id => "a\0b" } ],
    [ 'search_string is search_query', '"query":"b","search_query":"a"', { search_string => 'a' } ],
    [ 'search_string is else query', '"query":"b c & d"', { search_string => 'b c & d' } ],
    [ 'content_category', '"content_category":"c","category":"d"', { content_category => 'c' } ],
    [ 'content_brand', '"contentBrand":"b","brand":"d"', { content_brand => 'b' } ],
    [ 'content_name', '"content_name":"n","name":"d"', { content_name => 'n' } ],
    [ 'content_name, of which nothing is left', '"content_name":"?email=jane@shop.example"', {} ],
    [ 'content_name, of which white space is', '"content_name":"\\r\\n?phone=1"', {} ],
    [ 'content_category: a number is its text', '"content_category":5', { content_category => '5' } ],
    [ 'content_brand: what is absent is not sent', '"content_brand":"","content_category":null', {} ],
) {
    my ($what, $properties, $data) = @$_;

    all($what, $properties, $data);
    on_page($what, $properties, $data);
}


# ---- items

for (
    [ 'all of an item, and nothing else',
      '"products":[{"variant_id":"vi","variant":"v","brand":"b","category":"c","quantity":2,"price":3,"name":"n","product_id":"p",'
      . '"sku":"s","id":"i","url":"u","position":1,"coupon":"x"}],"num_items":1,"value":1',
      [{ id => 'p', item_price => '3', quantity => 2, item_name => 'n', item_category => 'c', item_brand => 'b' }] ],
    [ 'the id: else sku', '"products":[{"id":"i","sku":"s"}],"num_items":1', [{ id => 's' }] ],
    [ 'the id: else id', '"products":[{"id":"i"}],"num_items":1', [{ id => 'i' }] ],
    [ 'the id may be a number', '"products":[{"id":12}],"num_items":1', [{ id => '12' }] ],
    [ 'a price is read as any number, and is a string',
      '"products":[{"id":"i","price":"$1,299.90"}],"num_items":1,"value":1',
      [{ id => 'i', item_price => '1299.90' }] ],
    [ 'a price that is no number is left out', '"products":[{"id":"i","price":"free"}],"num_items":1',
      [{ id => 'i' }] ],
    [ 'a quantity is an integer',
      '"products":[{"id":"i","quantity":2.6},{"id":"j","quantity":"1.2"},{"id":"k","quantity":3.0}],"num_items":1',
      [{ id => 'i', quantity => 3 }, { id => 'j', quantity => 1 }, { id => 'k', quantity => 3 }] ],
    [ 'a quantity that is no number is left out', '"products":[{"id":"i","quantity":"few"}],"num_items":1',
      [{ id => 'i' }] ],
    [ 'zero stays', '"products":[{"id":"i","price":0,"quantity":0}],"num_items":1,"value":1',
      [{ id => 'i', item_price => '0', quantity => 0 }] ],
    [ 'names are compared as any name', '"Products":[{"Product ID":"p","NAME":"n","Brand":"b"}],"num_items":1',
      [{ id => 'p', item_name => 'n', item_brand => 'b' }] ],
    [ 'entries that are no objects are passed over',
      '"products":[1,{"id":"i"},"x",null,[{"id":"k"}],{"id":"j"}],"num_items":1',
      [{ id => 'i' }, { id => 'j' }] ],
    [ 'one without an id is an item, and gives no id',
      '"products":[{"id":"i"},{"name":"n"},{"id":" ","brand":"b"},{"id":"j"}],"num_items":1',
      [{ id => 'i' }, { item_name => 'n' }, { item_brand => 'b' }, { id => 'j' }] ],
    [ 'none has an id: there are no ids', '"products":[{"name":"n"}],"num_items":1', [{ item_name => 'n' }] ],
    [ 'the event itself, when it has a product_id and no products',
      '"variant":"v","brand":"b","category":"c","quantity":2,"price":3,"name":"n","product_id":"p","num_items":1,"value":1',
      [{ id => 'p', item_price => '3', quantity => 2, item_name => 'n', item_category => 'c', item_brand => 'b' }] ],
    [ 'the event itself, when it has a sku', '"sku":"s","num_items":1', [{ id => 's' }] ],
    [ 'not the event itself for an id alone', '"id":"i","brand":"n","num_items":1', [] ],
    [ 'not the event itself when there are products', '"sku":"s","products":[{"id":"i"}],"num_items":1',
      [{ id => 'i' }] ],
    [ 'the event itself when no entry of products is an object', '"sku":"s","products":[1,null,"x"],"num_items":1',
      [{ id => 's' }] ],
    [ 'the event itself when products is empty', '"sku":"s","products":[],"num_items":1', [{ id => 's' }] ],
    [ 'none, when products is empty', '"products":[],"num_items":1', [] ],
    [ 'none, when products is no array', '"products":{"id":"i"},"num_items":1', [] ],
) {
    my ($what, $properties, $items) = @$_;
    my @ids = map { $_->{id} // () } @$items;
    my %data = (num_items => 1, $properties =~ /"value":1/ ? (value => '1') : (),
                @ids ? (content_ids => \@ids) : (), @$items ? (contents => $items) : ());

    all("items: $what", $properties, \%data);
    on_page("items: $what", $properties, { %data, $properties =~ /^[^\[]*"name":"n"/ ? (content_name => 'n') : () });
}

for my $product ('{}', '{"variant":"v"}', '{"price":"free"}', '{"name":"jo@example.com"}') {
    mapping "items: no empty object is sent: $product", to => 'api',
        track('Order Completed', "\"products\":[{\"id\":\"i\"},$product]", visitor()),
        holds => sub { $_[0][0]{body} =~ /\{\}/ ? "$_[0][0]{body}\n" : '' };
}

my $hundred = join ',', map { "{\"sku\":\"s-$_\",\"name\":\"" . 'n' x 90 . '"}' } 1 .. 100;

data('items: there is no limit of 8,000 bytes', "\"products\":[$hundred]",
     { num_items => 100, content_ids => [map { "s-$_" } 1 .. 100],
       contents => [map { { id => "s-$_", item_name => 'n' x 90 } } 1 .. 100] });


# ---- what the destination sets

my %ldp = (headers => { 'Sec-GPC' => '1' });

all('np, when the destination sets it', '"order_id":"o"', { order_id => 'o', np => 'ss-shop' },
    config => 'np: ss-shop');
all('np is no property', '"np":"x"', {});
all('opt_out_type is LDP', '"order_id":"o","opt_out_type":"ldp,x"', { order_id => 'o', opt_out_type => 'LDP' });
all('opt_out_type by a signal', undef, { opt_out_type => 'LDP' }, %ldp);
all('opt_out_type and np', undef, { opt_out_type => 'LDP', np => 'ss-shop' }, %ldp, config => 'np: ss-shop');
all('opt_out_type that is none', '"opt_out_type":"other"', {});
on_page('np', undef, { np => 'ss-shop' }, config => 'np: ss-shop');
on_page('opt_out_type', '"opt_out_type":"LDP"', { opt_out_type => 'LDP' });


# ---- nothing else is sent

all('no property that the API does not know',
    '"promo_code":"p","coupon":"c","property":"p","video_title":"v","lead_type":"l",'
    . '"url":"https://shop.example/","title":"t","nested":{"value":1},"a":1,"external_measurement_id":"x","predicted_ltv":"5",'
    . '"variant":"v","category":"c","affiliation":"a","custom_data":{"value":"1"},"user_data":{"em":["x"]}', {});
all('no property that is listed for the Tag', '"prop1":"x","order_id":"o"', { order_id => 'o' },
    config => 'customPropertiesForStandardEvents: [prop1]');
on_page('no other property', '"title":"t","path":"/","referrer":"https://a.example/","promo_code":"p","revenue":1', {});
all('properties that are no object are none', undef, {});
all('custom_data that is empty is left out', '"order_id":"","value":"none","currency":"?"', {});

mapping 'the same event to both: each has what it knows', with => { %browser },
    config => 'customPropertiesForStandardEvents: [prop1]',
    track('Order Completed', '"order_id":"o","revenue":"12,50 EUR","currency":"eur","coupon":"c","prop1":"x",'
          . '"products":[{"sku":"s","price":12.5,"variant":"v"}]', visitor()),
    sends => 'ed[value]=12.50&ed[order_quantity]=1&ed[currency]=EUR&ed[order_id]=o&ed[promo_code]=c'
             . '&ed[line_items][0][product_id]=s&ed[line_items][0][product_price]=12.5&ed[line_items][0][product_variant]=v'
             . '&ed[prop1]=x&ed[event_id]=m-1&event=checkout',
    api_sends => api_event('checkout', custom_data => { value => '12.50', num_items => 1, currency => 'EUR',
                                                      order_id => 'o',
                           content_ids => ['s'], contents => [{ id => 's', item_price => '12.5' }] });
mapping 'the same custom event to both: each has what it knows', with => { %browser },
    track('My Event', '"a":1,"value":"12,50 EUR","currency":"eur"', visitor()),
    sends => 'ed[a]=1&ed[value]=12%2C50%20EUR&ed[currency]=eur&ed[custom_event_name]=MyEvent&ed[event_id]=m-1&event=custom',
    api_sends => api_event('custom', custom_data => { content_name => 'MyEvent', value => '12.50', currency => 'EUR' });


# ---- nothing personal leaves in clear

for my $text ('jo@example.com', 'FOR jo@example.com', 'jo%2540example.com', "j\xc3\xb6\@example.com",
              '<JO@EXAMPLE.COM>')
{
    my $value = quoted($text);

    all("no field holds $text",
        "\"order_id\":$value,\"search_query\":$value,\"content_category\":$value,\"content_brand\":$value,"
        . "\"value\":5", { value => '5' });
    data("no item holds $text", "\"products\":[{\"sku\":\"s\",\"name\":$value,\"category\":$value,\"brand\":$value},"
         . "{\"product_id\":$value,\"name\":\"n\"}]",
         { num_items => 2, content_ids => ['s'], contents => [{ id => 's' }, { item_name => 'n' }] });
    data("no name of a content is $text", "\"content_name\":$value", {}, event => 'Lead', sent => 'lead');
}

all('a URL keeps what is not personal',
    '"search_query":"/search?q=shirt&email=x&city=Bonn","content_category":"https://jo:pw@shop.example/?a=1"',
    { search_string => '/search?q=shirt', content_category => 'https://shop.example/?a=1' });
all('what is a=b&c=d throughout keeps what is not personal', '"query":"q=shirt&first_name=x"',
    { search_string => 'q=shirt' });
all('piiProperties: what it lists is not sent', '"order_id":"o","Content-Brand":"b","content_category":"c"',
    { content_category => 'c' }, config => 'piiProperties: [order_id, contentBrand]');
data('piiProperties: what it lists is not sent of items', '"products":[{"sku":"s","brand":"b"}]',
     { num_items => 1, content_ids => ['s'], contents => [{ id => 's' }] }, config => 'piiProperties: [brand]');
all('listed names go to no field in clear',
    '"email":"x","phone":"1","first_name":"Ann","password":"p","address":{"street":"s"},"token":"t"',
    {}, config => 'enhancedMatch: false');

run_cases();
done_testing();
