# Nothing personal leaves in clear for the Conversions API, wherever it stands in
# an event, and whatever leaves is what Pinterest takes: generated events with
# e-mail addresses, listed names and odd values in all that a request tells.
#
# PINTAG_SEED=n repeats a run, PINTAG_EVENTS=n makes it another length.

use strict;
use warnings;
use utf8;

use FindBin;
use lib "$FindBin::Bin/lib";

use JSON::PP;
use Pintag::Nginx;
use Pintag::Setup;
use Pintag::StandIn;
use Test::More;

my $seed = $ENV{PINTAG_SEED} // 20261125;
my $total = $ENV{PINTAG_EVENTS} // 2_000;
my $size = 200;

note "PINTAG_SEED=$seed";
srand $seed;

my $json = JSON::PP->new->utf8->canonical;

# whatever is personal holds this; 777000 where it is a number
my $token = 'sEcReT';
my $digits = '777000';


sub pick { return $_[rand @_] }

sub chance { return rand() < $_[0] }

sub spelled {
    my $name = shift;
    return pick($name, $name, $name =~ s/_(\w)/\u$1/gr, uc $name, $name =~ tr/_/-/r, $name =~ tr/_/ /r);
}

sub encoded {
    my ($text, $times) = @_;

    utf8::encode($text);
    $text =~ s/([^A-Za-z0-9.])/sprintf '%%%02X', ord $1/ge for 1 .. $times;
    utf8::decode($text);
    return $text;
}

sub address {
    my $address = pick("$token.a\@mail.example", "$token+tag\@a.b.example", "größe.$token\@bücher.example",
                       "\U$token\E\@MAIL.EXAMPLE", "o'$token\@x1.example");
    return encoded($address, pick(0, 0, 0, 1, 2, 3));
}

sub with_address {
    my $address = address();

    return pick($address, "of $address", "<$address>", "a\t$address\n", "/path/$address/x", "a=1&b=$address",
                "https://shop.example/?q=1&who=$address#top", "{\"to\":\"$address\"}", "„$address“");
}

# personal by its name
sub personal {
    return pick("$token value", "+49 $digits", $digits + 0, "$token\@x", [ $token, "$token 2" ], { a => $token },
                address());
}

sub odd {
    return pick(undef, '', ' ', 'x', "ä\"\\\x01\x{2028}😀", 0, -1.5, 1e300, 12345678901234567890, JSON::PP::true, [], {},
                [ 'x' ], [ [ 1 ] ], '1.299,00', '9' x 40, "\x{0}x");
}

sub members {
    my ($object, $value, @names) = @_;

    for (@names) {
        $object->{ spelled($_) } = chance(0.5) ? $value->() : odd() if chance(0.4);
    }
}


# ---- events

my $number = 0;

sub event {
    my $n = ++$number;
    my $type = pick(qw(track track track page screen));
    my (%p, %t, %c);
    my %event = (type => $type, messageId => "keep-$n", properties => \%p);

    $event{event} = pick('Order Completed', 'Products Searched', 'Lead', 'A Thing', 'Mapped Thing') if $type eq 'track';

    # what is hashed, if anything; "ge" and "db" are names of the API's, and no listed ones
    for my $object (\%p, \%t, $c{traits} = {}, $t{address} = {}) {
        members($object, \&personal, qw(phone phone_number mobile gender birthday dob first_name given_name last_name
                                        surname city state zip postal_code password token iban));
        members($object, \&personal, qw(ge db)) if $object != \%p;
        $object->{email} = chance(0.3) ? [ map { address() } 0 .. rand 3 ] : with_address() if chance(0.3);
    }

    @t{qw(gender birthday country)} = ('female', '1990-05-17', 'DE') if chance(0.1);

    $event{userId} = chance(0.5) ? with_address() : odd() if chance(0.5);
    $event{anonymousId} = odd() if chance(0.5);
    @{ $c{device} }{qw(advertisingId adTrackingEnabled)} = (odd(), pick(JSON::PP::true, JSON::PP::false, 1))
        if chance(0.3);

    # what is in clear
    members(\%p, \&with_address, qw(order_id search_query query currency value revenue total price quantity num_items
                                    content_name content_category content_brand epik click_id action_source
                                    opt_out_type url name np product_id sku brand category note event_name user_data
                                    custom_data));
    members(\%t, \&with_address, qw(partner_id));
    members(\%event, \&with_address, qw(name category channel request_ip timestamp sentAt)) if chance(0.5);
    $p{products} = [ map { my %product;
                           members(\%product, \&with_address, qw(product_id sku id name category brand price quantity));
                           members(\%product, \&personal, qw(email customer_phone recipient_address));
                           chance(0.9) ? \%product : odd() } 0 .. rand 4 ] if chance(0.4);

    $p{currency} = 'EUR' if chance(0.2);

    # the visitor, and what he uses
    members(\%c, \&with_address, qw(ip user_agent locale epik action_source));
    $c{page}{url} = with_address() if chance(0.5);
    members($c{app} //= {}, \&with_address, qw(namespace name version));
    members($c{device} //= {}, \&with_address, qw(manufacturer model type));
    members($c{network} //= {}, \&with_address, qw(carrier wifi));
    members($c{os} //= {}, \&with_address, qw(name version));
    @c{qw(ip userAgent)} = ('203.0.113.7', 'Mozilla/5.0') if chance(0.5);
    $event{context} = \%c;
    $event{traits} = \%t;

    return \%event;
}


# ---- the run

my $up = Pintag::StandIn->new;
my $nginx = Pintag::Nginx->new(
    http => collector($up->port, server => 'client_max_body_size 8m; client_body_buffer_size 8m;',
                      collect => 'pintag_max_body 8m;')
            =~ s/(pintag_integrations) [^;]+/$1 i.yaml/r,
    files => { 'i.yaml' => <<'END' });
- name: pinterest
  config:
    tagId: "2612826764086"
    adAccountId: "549755885175"
    accessToken: "pina_test"
    enhancedMatchOnPage: true
    valueFieldIdentifier: "phone"
    customEventsMapping:
      - event: "Mapped Thing"
        mapping: "Contact"
        valueFieldIdentifier: "mobile"
END

my ($answered, $skipped) = (0, 0);

while ($number < $total) {
    my $answer = $nginx->post('/collect', $json->encode({ batch => [map { event() } 1 .. $size] }),
        'User-Agent' => 'Mozilla/5.0 (X11)', Referer => "https://shop.example/?email=$token",
        Origin => 'http://localhost', Cookie => "_epik=$token\@mail.example; session=$token",
        'X-Forwarded-For' => $token, Authorization => 'Basic c0VjUmVUOg==');

    is $answer->{status}, 200, "events up to $number are answered" or diag $answer->{body};
    $answered += answer_of($answer)->{received} // 0;
}

my @requests = $up->requests;
my (%seen, @leaks, @wrong);

is $answered, $number, 'every event was read';

# what may be in an event, and in which form
my $text = qr/[^ \t\r\n\f]/;
my $hash = qr/^[0-9a-f]{64}\z/;
my $decimal = qr/^-?[0-9]+(?:\.[0-9]+)?\z/;
my $integer = qr/^-?[0-9]{1,19}\z/;
my %user = ((map { $_ => [$hash] } qw(em ph ge db fn ln ct st zp country external_id hashed_maids)),
            client_ip_address => qr/^203\.0\.113\.7\z|^127\.0\.0\.1\z/,
            map { $_ => $text } qw(client_user_agent click_id partner_id));
my %item = (item_price => $decimal, quantity => $integer,
            map { $_ => $text } qw(id item_name item_category item_brand));
my %data = (value => $decimal, num_items => $integer, currency => qr/^[A-Z]{3}\z/, opt_out_type => qr/^LDP\z/,
            content_ids => [$text], contents => [\%item],
            map { $_ => $text } qw(order_id search_string content_name content_category content_brand));
my %event = (event_name => qr/^(?:checkout|search|lead|custom|contact|page_visit)\z/, event_time => qr/^[0-9]{10}\z/,
             action_source => qr/^(?:web|app_ios|app_android|offline)\z/, event_id => qr/^keep-\d+\z/,
             event_source_url => qr{^https?://[\x20-\x7e]+\z}, language => qr/^[a-z]{2}\z/,
             wifi => qr/^[01]\z/, opt_out => qr/^[01]\z/,
             user_data => \%user, custom_data => \%data,
             map { $_ => $text } qw(app_id app_name app_version device_brand device_model device_type device_carrier
                                    os_version));

sub check {
    my ($value, $form, $at) = @_;

    if (ref $form eq 'HASH') {
        return "$at is no object, or empty" if ref $value ne 'HASH' || !%$value;
        return map { $form->{$_} ? check($value->{$_}, $form->{$_}, "$at.$_") : "$at.$_ is not known" } sort keys %$value;
    }

    if (ref $form eq 'ARRAY') {
        return "$at is no array, or empty" if ref $value ne 'ARRAY' || !@$value;
        return map { check($_, $form->[0], "$at\[]") } @$value;
    }

    return if defined $value && (!ref $value || JSON::PP::is_bool($value)) && $value =~ $form;
    return "$at: " . ($value // 'null');
}

for my $request (@requests) {
    my $bytes = $request->{raw} . $request->{body};

    if ($request->{uri} =~ m{^/v5/}) {
        my $events = eval { $json->decode($request->{body})->{data} } // [];

        push @wrong, 'no JSON: ' . substr $request->{body}, 0, 200 if !@$events;
        $bytes .= $json->encode($events);       # escapes gone

        for (@$events) {
            my @faults = check($_, \%event, $_->{event_id} // '?');

            push @wrong, @faults;
            $seen{$_->{event_id} // '?'}++;
        }
    }

    for (0 .. 8) {
        push @leaks, $bytes if $bytes =~ /$token|$digits|[^\s&=\[\]"]\@[^\s&=."]+\.[A-Za-z]{2}/i;

        my $decoded = $bytes =~ s/%([0-9A-Fa-f]{2})/chr hex $1/ger;

        last if $decoded eq $bytes;
        $bytes = $decoded;
    }
}

is scalar @leaks, 0, 'nothing personal in any byte that left'
    or diag map { substr($_, 0, 2000) . "\n" } @leaks[0 .. ($#leaks > 4 ? 4 : $#leaks)];
is scalar @wrong, 0, 'and nothing that is not of the form that Pinterest takes'
    or diag map { "$_\n" } @wrong[0 .. ($#wrong > 19 ? 19 : $#wrong)];
cmp_ok scalar keys %seen, '>', 0.9 * $total, scalar(keys %seen) . ' events arrived';
is scalar(grep { $seen{$_} > 1 } keys %seen), 0, 'each once';

my $bodies = join '', map { $_->{body} } @requests;

like $bodies, qr/"$_":/, "$_ is among them"
    for sort keys %event, keys %user, grep({ $_ ne 'value' && $_ ne 'opt_out_type' } keys %data), keys %item;

is join('', $nginx->errors), '', 'no error';
unlike $nginx->error_log, qr/$token|$digits|pina_test/i, 'nor anything personal in the log';

done_testing();
