# Nothing personal leaves in clear, wherever it stands in an event: generated
# events with e-mail addresses and listed names at every place, and every byte
# that reaches the upstream searched for them.
#
# PINTAG_SEED=n repeats a run, PINTAG_EVENTS=n makes it another length.

use strict;
use warnings;
use utf8;

use FindBin;
use lib "$FindBin::Bin/lib";

use Encode ();
use JSON::PP;
use Pintag::Nginx;
use Pintag::Setup;
use Pintag::StandIn;
use Test::More;

my $seed = $ENV{PINTAG_SEED} // 20261123;
my $total = $ENV{PINTAG_EVENTS} // 10_000;
my $size = 250;

note "PINTAG_SEED=$seed";
srand $seed;

my $json = JSON::PP->new->utf8->canonical;

# whatever is personal holds this; 777000 where it is a number
my $token = 'sEcReT';
my $digits = '777000';


sub pick { return $_[rand @_] }

sub chance { return rand() < $_[0] }


# ---- spellings

my @listed = qw(
    email email_address mail phone phone_number mobile telephone first_name
    last_name full_name given_name family_name surname username user_name login
    password passwd pwd secret token birthday birth_date date_of_birth dob
    gender age address street street_address city state zip zip_code zipcode
    postal_code postcode ssn social_security_number national_id passport tax_id
    iban credit_card card_number cvv ip ip_address latitude longitude em hem
    hashed_email email_hash email_sha256 email_md5
);
my @endings = qw(
    email mail phone mobile telephone first_name last_name full_name given_name
    family_name surname address street zip postcode postal_code password secret
    birthday birth_date card_number ssn iban passport
);
my @persons = qw(user customer contact person profile billing shipping recipient);

sub camel { my @w = split /_/, shift; return join '', shift @w, map { ucfirst } @w }

# a name as somebody may spell it
sub spelled {
    my $name = shift;

    return pick($name, $name, camel($name), ucfirst camel($name), uc $name,
                $name =~ tr/_/-/r, $name =~ tr/_/ /r, join ' ', map { ucfirst } split /_/, $name);
}

sub listed_name {
    return spelled(pick(@listed)) if chance(0.6);

    my $ending = pick(@endings);
    my $first = pick(qw(billing customer shipTo their new work));

    return pick("${first}_$ending", "$first-$ending", "$first $ending",
                $first . ucfirst camel($ending));
}


sub percent {
    my ($text, $levels, $all) = @_;
    my $bytes = Encode::encode('UTF-8', $text);

    for (1 .. $levels) {
        $bytes =~ s/([^A-Za-z0-9.])/sprintf pick('%%%02X', '%%%02x'), ord $1/ge;
        $bytes =~ s/([a-z])(?![0-9A-Fa-f])/chance(0.1) ? sprintf '%%%02x', ord $1 : $1/ge
            if $all && $_ == 1;
    }

    return Encode::decode('UTF-8', $bytes);
}

sub address {
    my $n = int rand 1e6;
    my $address = pick(
        "ada.$token$n\@mail.example", "$token+tag$n\@a.b.example",
        "o'$token-$n\@x1.example", "\U$token$n\@MAIL.EXAMPLE", "$token%$n\@mail.example",
        "größe.$token$n\@bücher.example", "$token$n\@sub-domain.mail.example.co",
    );

    my $levels = pick(0, 0, 0, 1, 2, 3);

    return $levels ? percent($address, $levels, chance(0.5)) : $address;
}

sub with_address {
    my $address = address();

    return pick($address, $address, " $address ", "mailto:$address", "<$address>",
                "write to $address today", "{\"contact\":\"$address\"}",
                "a=1&b=$address", "/path/$address/x", "x\t$address\n",
                "https://shop.example/$address", "#$address", "„$address“",
                "https://shop.example/?q=1&who=$address#top",
                "https://shop.example/#/a?who=$address");
}

# personal by the name it stands under
sub personal {
    return pick("$token value", "$digits" . int(rand 1e6), $digits + 0,
                "$digits.5" + 0, address(), [ "$token", 1 ],
                { a => { b => "$token" } }, [ { x => $token } ], "$token\@x");
}

sub listed_url {
    my $name = spelled(pick(@listed));
    my $value = pick($token, $digits, address());
    my $parameter = pick($name, percent($name, 1, 1)) . '=' . percent($value, pick(1, 1, 2), 0);

    $parameter =~ tr/ /+/;

    return pick(
        "https://shop.example/p?a=1&$parameter&b=2", "/p?$parameter", "?$parameter&a=1",
        "//shop.example/?$parameter#top", "https://shop.example/#$parameter",
        "https://user:$token\@shop.example/p?a=1", "a=1&$parameter",
        "//$token\@shop.example/", "app://open?$parameter&$parameter",
        "https://shop.example/?a=1#/route?$parameter",
    );
}


# ---- events

# adds something personal somewhere under an object
sub poison {
    my ($object, $depth) = @_;
    my $at = $object;

    for (1 .. $depth) {
        my $next = chance(0.3) ? [ 1, {} ] : {};
        my $key = pick(qw(data item Details list deep)) . int rand 100;

        if (ref $at eq 'ARRAY') { push @$at, $next } else { $at->{$key} = $next }
        $at = ref $next eq 'ARRAY' ? $next->[1] : $next;
    }

    for (1 .. 1 + rand 2) {
        my $n = int rand 1000;

        pick(
            sub { $at->{listed_name()} = personal() },
            sub { $at->{listed_name()} = personal() },
            sub { $at->{"note$n"} = with_address() },
            sub { $at->{"notes$n"} = [ 'ok', with_address() ] },
            sub { $at->{with_address()} = "value of a name $n" },
            sub { $at->{pick(qw(url referrer search path href page_url nextURL))} = listed_url() },
            sub { $at->{"link$n"} = listed_url() =~ s/^(?=a=1&)/?/r },
            sub { $at->{spelled(pick(@persons))} = { id => $n, pick(qw(name Name NAME)) => $token } },
        )->();
    }
}

my $number = 0;

sub event {
    my $n = ++$number;
    my %event = (messageId => "m-$n", properties => {});
    my $p = $event{properties};
    my $kind = pick(qw(custom custom standard standard page screen));

    # what must arrive

    if ($kind eq 'standard') {
        @event{qw(type event)} = ('track', pick('Order Completed', 'Product Added', 'Products Searched', 'Lead'));
        $p->{order_id} = "keep-$n";
        $p->{pick(qw(promo_code coupon property search_query query video_title lead_type))} = with_address();
        $p->{products} = [ map { { pick(qw(product_id sku id)) => 'p',
                                   pick(qw(name category brand variant variant_id)) => with_address(),
                                   listed_name() => personal() } } 1 .. rand 3 ];
        $p->{currency} = with_address();
        $p->{color} = with_address() if chance(0.3);

    } else {
        @event{qw(type event)} = ('track', "Thing $kind") if $kind eq 'custom';
        $event{type} //= $kind;
        $p->{plan} = "keep-$n";
    }

    poison($p, int rand 4) for 1 .. 1 + rand 3;

    # beside the properties

    $event{userId} = address() if chance(0.3);
    $event{messageId} = "m-$n-" . with_address() if chance(0.1);
    $p->{pick(qw(event_id eid))} = with_address() if chance(0.1);
    $event{traits} = { pick('email', 'note') => with_address(), listed_name() => personal() } if chance(0.3);
    $event{name} = with_address() if chance(0.1);

    if (chance(0.4)) {
        my $c = $event{context} = {};

        $c->{traits} = { email => address(), phone => $digits } if chance(0.5);
        $c->{page}{url} = chance(0.5) ? listed_url() : with_address() if chance(0.7);
        $c->{userAgent} = 'Mozilla/5.0 ' . with_address() if chance(0.3);
        $c->{ip} = pick(address(), "$digits", '203.0.113.7') if chance(0.3);
        $c->{epik} = address() if chance(0.2);
        $c->{listed_name()} = personal();
        poison($c, 1);
    }

    # an event's name is rejected for it

    if ($event{type} eq 'track' && chance(0.02)) {
        $event{event} = with_address();
        $event{rejected} = 1;
    }

    return \%event;
}


# ---- the run

my $up = Pintag::StandIn->new;
my $nginx = Pintag::Nginx->new(
    http => collector($up->port, server => 'client_max_body_size 8m; client_body_buffer_size 8m;',
                      collect => 'pintag_max_body 8m; pintag_allow_origin *;')
            =~ s/(pintag_integrations) [^;]+/$1 i.yaml/r,
    files => { 'i.yaml' => <<'END' });
- name: pinterest
  config:
    tagId: "2612826764086"
    customPropertiesForStandardEvents: [color, note, link, data]
    customEventsMapping:
      - event: "Thing custom"
        mapping: "Something Else"
        valueFieldIdentifier: "phone"
END

my (@expected, @rejected);
my $answered = 0;

while ($number < $total) {
    my @events = map { event() } 1 .. $size;

    my @names = map { $_->{properties}{order_id} // $_->{properties}{plan} } @events;

    for my $i (0 .. $#events) {
        delete $events[$i]{rejected} ? push @rejected, $names[$i] : push @expected, $names[$i];
    }

    my $answer = $nginx->post('/collect', $json->encode({ batch => \@events }),
        'User-Agent' => 'Mozilla/5.0 (X11)', Referer => "https://shop.example/?email=$token",
        Origin => "https://$token.example", Cookie => "_epik=$token\@mail.example; session=$token",
        'X-Forwarded-For' => "$token", Authorization => 'Basic c0VjUmVUOg==');

    my $got = answer_of($answer);

    $answered += $got->{received} // 0;
    is $answer->{status}, 200, "events up to $number are answered" or diag $answer->{body};
}

my @requests = $up->wait_for(scalar @expected, 30);

is $answered, $number, 'every event was read';
is scalar @requests, scalar @expected, scalar(@expected) . ' events are delivered, '
    . scalar(@rejected) . ' rejected for their name';


# decoded until nothing changes

my (%seen, @leaks);

for my $request (@requests) {
    my $bytes = $request->{raw} // join "\n", $request->{request}, %{ $request->{headers} };

    for (0 .. 8) {
        push @leaks, $bytes if $bytes =~ /$token|$digits|[^\s&=\[\]]\@[^\s&=.]+\.[A-Za-z]{2}/i;

        my $decoded = $bytes =~ s/%([0-9A-Fa-f]{2})/chr hex $1/ger;

        last if $decoded eq $bytes;
        $bytes = $decoded;
    }

    $seen{$1}++ while $request->{request} =~ /\bkeep-(\d+)/g;
}

is scalar @leaks, 0, 'nothing personal in any byte that left'
    or diag map { substr($_, 0, 2000) . "\n" } @leaks[0 .. ($#leaks > 4 ? 4 : $#leaks)];

is scalar(grep { $seen{ s/keep-//r } } @expected), scalar @expected,
    'each event arrived with what is not personal';
is scalar(grep { $seen{ s/keep-//r } } @rejected), 0, 'and no other';
like join("\n", map { $_->{request} } @requests), qr/&pd\[em\]=[0-9a-f]{64}&/,
    'addresses go hashed';

is join('', $nginx->errors), '', 'no error';
unlike $nginx->error_log, qr/$token|$digits/i, 'nor anything personal in the log';

done_testing();
