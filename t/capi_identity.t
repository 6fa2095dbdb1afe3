# What the Conversions API is told of a person: where it is looked for, how it
# is written before it is hashed, and what is not sent.

use strict;
use warnings;

use Digest::SHA qw(sha256_hex);
use FindBin;
use lib "$FindBin::Bin/lib";

use JSON::PP;
use Pintag::Cases qw(:DEFAULT :api);
use Test::More;

my $on_page = 'enhancedMatchOnPage: true';
my %browser = ('user-agent' => BROWSER);
my $address = 'user@example.com';
my $em = 'b4c9a289323b21a01c3e940f150eb9b8c542587f1abfd8f0e1cc1ffc5e475514';

# what is hashed of the values, as a field has it
sub hashed { return [map { sha256_hex($_) } @_] }


# A track with what is given at the places "properties", "traits" and
# "context.traits", as members of an object, and more members of the event; the
# fields of user_data that it has beside its address and browser.

sub call_with {
    my ($type, $at, @members) = @_;
    my @context = defined $at->{'context.traits'} ? "\"traits\":{$at->{'context.traits'}}" : ();

    push @members, "\"traits\":{$at->{traits}}" if defined $at->{traits};
    push @members, '"event":"Lead"' if $type eq 'track';

    return call($type, $at->{properties}, @members, visitor(@context, $at->{context} // ()));
}


sub user {
    my ($what, $at, $user, %args) = @_;
    my $type = delete $args{type} // 'track';
    my %event = %{ delete $args{event} // {} };

    mapping $what, call_with($type, $at, $at->{event} // ()), %args,
        api_sends => api_event($type eq 'track' ? 'lead' : 'page_visit', user_data => $user, %event);
}


# ---- a vector a field, hashed by "openssl dgst -sha256"

for (
    [ em => 'email', ' User@Example.com',
      'b4c9a289323b21a01c3e940f150eb9b8c542587f1abfd8f0e1cc1ffc5e475514' ],      # user@example.com
    [ em => 'email', "J\xc3\x96RG\@example.com",
      '96949592d14b07f436cc55b814d947b0f00c805ee8c4c80fb8e1a1eff9a0fd12' ],      # jörg@example.com
    [ ph => 'phone', '+1 (555) 010-9999',
      '91a02cd9e0fdea8309e2361e0c1d2eb133b283c1cc08d5562185d25a613783af' ],      # 15550109999
    [ ph => 'phone', '0049 228 1234',
      '961f6b2a1cfda5e51ea5db7aa3819f5b9a385ec019dc2457af511dd9b9da1b54' ],      # 492281234
    [ ge => 'gender', 'Female', '252f10c83610ebca1a059c0bae8255eba2f95be4d1d7bcfa89d7248a82d9f111' ],      # f
    [ ge => 'gender', 'male', '62c66a7a5dd70c3146618063c344e531e6d4b59e379808443ce962b3abd63c5a' ],        # m
    [ ge => 'gender', 'non-binary', '1b16b1df538ba12dc3f97edbb85caa7050d46c148134290feba80f8236c83db9' ],  # n
    [ db => 'birthday', '1990-05-17', '7eaa6e2f3dca12acc11ad21625299f660e38a7510de1e12cf2013dd5274d2926' ], # 19900517
    [ db => 'birthday', '20000229', '78958c155b420adeffb55186f1ff24a0cd544a1d9577e114e7793cc45f90ae01' ],
    [ fn => 'first_name', " JOS\xc3\x89\t",
      'd994e1d001886fe5b45b1267bd1fa2b752ac50742579bd3dad7b2a2aa0ed6866' ],      # josé
    [ fn => 'first_name', 'Mary Ann',
      '343b97011010c3549fe7fcd6c226ed9431ea37b0b77ed78f6300a0098925faf1' ],      # mary ann
    [ ln => 'last_name', "O'NEIL-Smith",
      '03a6e0bd58e6195e25e2f15f5831864e152a4e100961c438edab4e8812815bd9' ],      # o'neil-smith
    [ ln => 'last_name', "STRA\xe1\xba\x9eE",
      '787f4770613d3824cbc89b6d5da90a123e41b07b90b45ea3738c216b14616140' ],      # straße
    [ ln => 'last_name', "\xce\xa3\xce\x8a\xce\xa3\xce\xa5\xce\xa6\xce\x9f\xce\xa3",
      '1c741e06bb2cd1fc019fdc480c5c1adcbcff5e58336d1cdd0cbd0aa710f9182f' ],      # σίσυφοσ
    [ ct => 'city', "S\xc3\xa3o Paulo",
      '3eda1428ae1aece064071f8d40f08fe2bc59ffa66c171a163caf15122ec4d7f0' ],      # sãopaulo
    [ ct => 'city', "St. John's", '2019e98e51ffecdc3bfa8879524f5c7b8553b94a8bbb0d5fad3649f627dc0dba' ],    # stjohns
    [ ct => 'city', "\xe6\x9d\xb1\xe4\xba\xac",
      '130016b2599bf7e5978cae78e528c67f29aa47eaa2490ffedd729df334a2790c' ],      # 東京
    [ st => 'state', ' CA ', '6959097001d10501ac7d54c0bdb8db61420f658f2922cc26e46d536119a31126' ],         # ca
    [ country => 'country', 'US', '79adb2a2fce5c6ba215fe5f27f532d4e7edbac4b6a5e09e1ef3a08084a904621' ],    # us
    [ zp => 'zip', 'SW1A 1AA', '830e1d4b9838bab1f5c2acdb23e0b502ff13a9832c4632e8d67a1d43d3b7f614' ],       # sw1a1aa
    [ zp => 'zip', '94107-1234', 'c711389868997b7f3f747e95fbce358e2ac994a8b4e838142a4e968c2cfc8b22' ],     # 941071234
) {
    my ($field, $name, $value, $hash) = @$_;
    user("a vector: $field of " . quoted($value), { traits => quoted($name) . ':' . quoted($value) },
         { $field => [$hash] });
}

user('a vector: external_id of "U-1", as it is', { event => '"userId":"U-1"' },
     { external_id => ['12a21260b8789038eba141690c185962ed578362042e86779a039565b66017b1'] });
user('a vector: hashed_maids, lower-cased',
     { context => '"device":{"advertisingId":"AEBE52E7-03EE-455A-B3C4-E57283966239"}' },
     { hashed_maids => ['aab766791ab90f208a8bcb342fd935b3012e81ca20b1f7cf707caf804bbd813c'] });


# ---- the fields: their names in the order in which they count, two values and
# what of them is hashed

my %fields = (
    ph      => [ [qw(phone phone_number mobile)], '+49 228 11', '4922811', '+49 228 22', '4922822' ],
    ge      => [ [qw(gender ge)], 'female', 'f', 'male', 'm' ],
    db      => [ [qw(birthday birth_date date_of_birth dob db)], '1990-05-17', '19900517', '1991-06-18', '19910618' ],
    fn      => [ [qw(first_name given_name)], 'Ann', 'ann', 'Bea', 'bea' ],
    ln      => [ [qw(last_name family_name surname)], 'Ash', 'ash', 'Bay', 'bay' ],
    ct      => [ [qw(city)], 'Bonn', 'bonn', 'Ulm', 'ulm' ],
    st      => [ [qw(state)], 'NW', 'nw', 'BW', 'bw' ],
    country => [ [qw(country)], 'DE', 'de', 'AT', 'at' ],
    zp      => [ [qw(zip zip_code postal_code postcode)], '53111', '53111', '89073', '89073' ],
);

# those that tell of a place, a birth or a gender are looked for in traits first
my @places = ('properties', 'traits', 'context.traits');
my %first = map { $_ => ['traits', 'context.traits', 'properties'] } qw(ct st zp country ge db);

sub in_place {
    my ($place, @members) = @_;
    my ($object, $in_address) = $place =~ /^(.*?)(\.address)?$/;
    my $members = join ',', @members;

    return ($object => defined $in_address ? "\"address\":{$members}" : $members);
}

for my $field (sort keys %fields) {
    my ($names, $value, $hashes, $other, $other_hashes) = @{ $fields{$field} };
    my @order = map { ($_, "$_.address") } @{ $first{$field} // \@places };

    for my $name (@$names) {
        for my $spelled ($name, $name =~ s/_(\w)/\u$1/gr, uc $name =~ s/_/ /gr) {
            user("$field: $spelled in traits", { traits => "\"$spelled\":\"$value\"" }, { $field => hashed($hashes) });
        }

        for my $place (@order) {
            user("$field: $name in $place", { in_place($place, "\"$name\":\"$value\"") },
                 { $field => hashed($hashes) });
        }
    }

    # each place with what comes after it in the order
    for my $i (0 .. $#order) {
        my %at;

        for my $j (reverse $i .. $#order) {
            my $what = $j == $i ? $value : $other;
            my ($object, $members) = in_place($order[$j], "\"$names->[0]\":\"$what\"");

            $at{$object} = join ',', $members, $at{$object} // ();
        }

        user("$field: $order[$i] goes before all places after it", { %at }, { $field => hashed($hashes) });
    }

    for my $i (0 .. $#$names - 1) {
        user("$field: $names->[$i] goes before $names->[$i + 1]",
             { traits => "\"$names->[$i + 1]\":\"$other\",\"$names->[$i]\":\"$value\"" },
             { $field => hashed($hashes) });
    }

    for my $absent ('null', '""', '" \t"', '{"a":"b"}', '[]', '[null,"",{}]') {
        user("$field: what is absent is passed over: $absent",
             { in_place($order[0], "\"$names->[0]\":$absent"), in_place($order[2], "\"$names->[0]\":\"$value\"") },
             { $field => hashed($hashes) });
        user("$field: what is absent is not sent: $absent", { traits => "\"$names->[0]\":$absent" }, {});
    }

    my $hash = sha256_hex($value);
    my $name = $names->[0];

    user("$field: an array is several values, in order", { traits => "\"$name\":[\"$other\",\"$value\"]" },
         { $field => hashed($other_hashes, $hashes) });
    user("$field: an array passes over what is absent",
         { traits => "\"$name\":[null,\"\",\"$value\",[\"$other\"],{}]" },
         { $field => hashed($hashes) });
    user("$field: 64 hex digits are a hash already", { traits => "\"$name\":\"$hash\"" }, { $field => [$hash] });
    user("$field: so they are in capitals, and leave in small letters", { traits => "\"$name\":\"\U$hash\"" },
         { $field => [$hash] });
    user("$field: so they are in an array", { traits => "\"$name\":[\"$value\",\"$hash\"]" },
         { $field => [sha256_hex($hashes), $hash] });
    user("$field: none of it is sent with enhancedMatch: false",
         { map { in_place($_, "\"$name\":\"$value\"") } @places }, {}, config => 'enhancedMatch: false');

    for my $type (qw(page screen)) {
        user("$field: not on $type", { map { in_place($_, "\"$name\":\"$value\"") } @places }, {}, type => $type);
        user("$field: on $type with enhancedMatchOnPage", { traits => "\"$name\":\"$value\"" },
             { $field => hashed($hashes) }, type => $type, config => $on_page);
        user("$field: not on $type with enhancedMatch: false", { traits => "\"$name\":\"$value\"" }, {}, type => $type,
             config => "$on_page\nenhancedMatch: false");
    }
}

for my $traits ('"firstName":"Bea","first_name":"Ann"', '"first_name":"Ann","firstName":"Bea"', '"firstName":"Ann","FIRSTNAME":"Bea"',
                '"firstName":"Bea","given_name":"Cleo","firstName":"Ann"')
{
    user("of two equal names the one spelled as documented wins, else the first: $traits", { traits => $traits },
         { fn => hashed('ann') });
}

user('an address that is a text is no address', { traits => '"address":"Main Street 1, Bonn"' }, {});


# ---- how each is written

for (
    [ ph => 'phone', '+49 (0) 228-12.34/5', '490228' . '12345' ], [ ph => 'phone', '1-800-FLOWERS', '1800' ],
    [ ph => 'phone', '00049228', '49228' ], [ ph => 'phone', 'tel:+1 555', '1555' ], [ ph => 'phone', '000', undef ],
    [ ph => 'phone', 'unknown', undef ], [ ph => 'phone', '+', undef ],

    map({ [ ge => 'gender', @$_ ] }
        [ 'f', 'f' ], [ 'F', 'f' ], [ 'female', 'f' ], [ 'FEMALE', 'f' ], [ 'm', 'm' ], [ 'M', 'm' ],
        [ 'male', 'm' ], [ 'Male', 'm' ], [ 'n', 'n' ], [ 'N', 'n' ], [ 'non-binary', 'n' ], [ 'Non-Binary', 'n' ],
        [ 'x' ], [ 'unknown' ], [ 'fm' ], [ 'femal' ], [ 'mal' ], [ '1' ], [ 'w' ]),

    map({ [ db => 'birthday', @$_ ] }
        [ '19900517', '19900517' ], [ '1990-05-17', '19900517' ],
        [ '1990-05-17T00:00:00.000Z', '19900517' ], [ '1990-05-17 12:00', '19900517' ], [ '2000-02-29', '20000229' ],
        [ '2004-02-29', '20040229' ], [ '1900-02-29' ], [ '2001-02-29' ], [ '1990-02-30' ], [ '1990-04-31' ],
        [ '1990-13-01' ], [ '1990-00-10' ], [ '1990-05-00' ], [ '1990-05-32' ], [ '19901301' ], [ '19900532' ],
        [ 'unknown' ], [ '1990' ], [ '1990-05' ], [ '199005' ], [ '1990051' ], [ '199005170' ], [ '-' ],
        [ '0000-00-00' ], [ '00000000' ]),

    map({ my $name = $_; map { [ @$name, @$_ ] }
          [ 'Ann', 'ann' ], [ " \t Ann\n", 'ann' ], [ 'ANN-MARIE', 'ann-marie' ], [ 'Mary  Ann', 'mary  ann' ],
          [ "D'Arcy Jr.", "d'arcy jr." ], [ "\xc3\x84\xc3\x96\xc3\x9c", "\xc3\xa4\xc3\xb6\xc3\xbc" ],
          [ "\xc4\xb0", 'i' ],                                          # İ: simple mapping
          [ "\xce\x9f\xce\xa3", "\xce\xbf\xcf\x83" ],                   # ΟΣ: no final sigma
          [ "\xd0\x90\xd0\xaf", "\xd0\xb0\xd1\x8f" ],                   # АЯ
          [ "\xe1\xb2\x90", "\xe1\x83\x90" ],                           # Georgian
          [ "\xe1\x8e\xa0", "\xea\xad\xb0" ],                           # Cherokee
          [ "\xf0\x90\x90\x80", "\xf0\x90\x90\xa8" ],                   # Deseret
          [ "\xc7\x84\xc7\x85", "\xc7\x86\xc7\x86" ],                   # DŽ, Dž
          [ "\xef\xbc\xa1", "\xef\xbd\x81" ],                           # full width
          [ "\xe6\x9d\x8e", "\xe6\x9d\x8e" ], [ '5', '5' ],
          [ 'a' x 63, 'a' x 63 ], [ 'a' x 65, 'a' x 65 ], [ 'A' x 40, 'a' x 40 ], [ 'g' x 64, 'g' x 64 ]
        } [ fn => 'first_name' ], [ ln => 'last_name' ]),

    [ ct => 'city', 'New York', 'newyork' ], [ ct => 'city', "Winston-Salem", 'winstonsalem' ],
    [ ct => 'city', "K\xc3\x96LN 2", "k\xc3\xb6ln2" ], [ ct => 'city', 'Frankfurt (Main)', 'frankfurtmain' ],
    [ ct => 'city', " \xe2\x80\x9cUlm\xe2\x80\x9d\xe2\x80\x94", 'ulm' ], [ ct => 'city', '...', undef ],
    [ ct => 'city', "-\xe2\x80\x93-", undef ],

    [ st => 'state', 'New York', 'new york' ], [ st => 'state', "\tnw\n", 'nw' ], 
    [ st => 'state', "\xc3\x8eDF", "\xc3\xaedf" ],
    [ country => 'country', 'us', 'us' ], [ country => 'country', " \xc3\x96sterreich", "\xc3\xb6sterreich" ],

    [ zp => 'zip', 'K1A 0B1', 'k1a0b1' ], [ zp => 'zip', ' 53111 ', '53111' ], [ zp => 'zip', '00501', '00501' ],
    [ zp => 'zip', '123-4567', '1234567' ], [ zp => 'zip', '- -', undef ],
) {
    my ($field, $name, $value, $hashes) = @$_;

    user("$field of " . quoted($value) . ': ' . ($hashes // 'none'), { traits => "\"$name\":" . quoted($value) },
         defined $hashes ? { $field => hashed($hashes) } : {});
}

for (
    [ ph => 'phone', '4922812345', '4922812345' ], [ zp => 'zip', '53111', '53111' ], 
    [ db => 'birthday', '19900517', '19900517' ],
    [ fn => 'first_name', '5', '5' ], [ ph => 'phone', '[4922812345,"+1 555"]', '4922812345', '1555' ],
    [ ge => 'gender', 'true' ], [ db => 'birthday', 'false' ], [ ge => 'gender', '["x","male","?"]', 'm' ],
    [ db => 'birthday', '["1990-02-30","1990-05-17"]', '19900517' ], [ ct => 'city', '["...","Bonn"]', 'bonn' ],
) {
    my ($field, $name, $value, @hashes) = @$_;

    user("$field of a JSON value: $value", { traits => "\"$name\":$value" },
         @hashes ? { $field => hashed(@hashes) } : {});
}


# ---- e-mail addresses

sub addresses { return { em => hashed(@_) } }

user('em: properties.email goes first, alone',
     { properties => '"email":"a@example.com"', traits => '"email":"b@example.com"',
       'context.traits' => '"email":"c@example.com"', event => '"userId":"d@example.com"' }, addresses('a@example.com'));
user('em: then traits.email', { 'context.traits' => '"email":"c@example.com"', event => '"userId":"d@example.com"',
     traits => '"email":"b@example.com"' }, addresses('b@example.com'));
user('em: then context.traits.email',
     { 'context.traits' => '"email":"c@example.com"', event => '"userId":"d@example.com"' }, addresses('c@example.com'));
user('em: then a userId that is one', { event => '"userId":"D@example.com"' }, addresses('d@example.com'));
user('em: every address of the first source that holds one, in order',
     { properties => '"email":["x","b@example.com"," ",null,"A@example.com",5]', traits => '"email":"c@example.com"' },
     addresses('b@example.com', 'a@example.com'));
user('em: a source without an address is passed over', { properties => '"email":["x","",{}]',
     traits => '"email":["c@example.com","d@example.com"]' }, addresses('c@example.com', 'd@example.com'));
user('em: the name is compared as any name', { traits => "\"E-Mail\":\"$address\"" }, { em => [$em] });
user('em: lower-cased, all white space removed', { traits => '"email":' . quoted(" US er\t\@Exam ple.com\n") },
    { em => [$em] });
user('em: 64 hex digits are a hash already', { traits => "\"email\":\"\U$em\"" }, { em => [$em] });
user('em: a hash beside an address', { traits => "\"email\":[\"a\@example.com\",\"$em\"]" },
     { em => [sha256_hex('a@example.com'), $em] });
user('em: not with enhancedMatch: false',
     { properties => "\"email\":\"$address\"", traits => "\"email\":\"$address\"" }, {}, config => 'enhancedMatch: false');

for my $none ('no address', 'a@b', '@example.com', 'a' x 63, 'g' x 64, 'a' x 65, 'a' x 128, '5', '') {
    user("em: nothing for \"$none\"", { traits => '"email":' . quoted($none) }, {});
}

for (
    [ 'MD5', 'B2' x 16, 'b2' x 16 ], [ 'SHA-1', 'A1' x 20, 'a1' x 20 ],
) {
    my ($what, $value, $sent) = @$_;

    mapping "em: $what goes to the Tag, not to the API", call_with('track', { traits => "\"email\":\"$value\"" }),
        with => { %browser }, sends => "ed[event_id]=m-1&pd[em]=$sent&event=lead", api_sends => api_event('lead');
    mapping "em: nor does an API with $what alone know the visitor",
        track('Lead', "\"email\":\"$value\"", '"messageId":"m-1"'),
        sends => "ed[event_id]=m-1&pd[em]=$sent&event=lead", api_sends => [];
    user("em: an address beside $what", { traits => "\"email\":[\"$value\",\"$address\"]" }, { em => [$em] });
}

mapping 'em: the first to the Tag, all to the API', with => { %browser },
    call_with('track', { properties => "\"email\":[\"$address\",\"b\@example.com\"]" }),
    sends => "ed[event_id]=m-1&pd[em]=$em&event=lead",
    api_sends => api_event('lead', user_data => { em => [$em, sha256_hex('b@example.com')] });

for my $type (qw(page screen)) {
    my %at = (properties => "\"email\":\"$address\"", traits => '"email":"b@example.com"');

    user("em: not on $type", { %at }, {}, type => $type);
    user("em: on $type with enhancedMatchOnPage", { %at }, { em => [$em] }, type => $type, config => $on_page);
    user("em: not on $type with enhancedMatch: false", { %at }, {}, type => $type,
        config => "$on_page\nenhancedMatch: false");
    user("em: a userId that is one, not on $type", { event => "\"userId\":\"$address\"" }, {}, type => $type);
    user("em: a userId that is one, on $type with enhancedMatchOnPage", { event => "\"userId\":\"$address\"" },
         { em => [$em] }, type => $type, config => $on_page);
}


# ---- the id that the site has for a visitor

sub external { return { external_id => hashed(@_) } }

for (
    [ 'userId',                              '"userId":"U-1","anonymousId":"A-1"', 'U-1' ],
    [ 'else anonymousId',                    '"anonymousId":"A-1"', 'A-1' ],
    [ 'userId is absent',                    '"userId":null,"anonymousId":"A-1"', 'A-1' ],
    [ 'userId is blank',                     '"userId":" ","anonymousId":"A-1"', 'A-1' ],
    [ 'userId is an object',                 '"userId":{"a":1},"anonymousId":"A-1"', 'A-1' ],
    [ 'userId is a number',                  '"userId":12345', '12345' ],
    [ 'as it is: neither lower-cased',       '"userId":"ABC d-E"', 'ABC d-E' ],
    [ 'as it is: nor are letters replaced',  "\"userId\":\"\xc3\x84\xc3\x9f\"", "\xc3\x84\xc3\x9f" ],
    [ 'userId holds an e-mail address',      '"userId":"of jo@example.com","anonymousId":"A-1"', 'A-1' ],
    [ 'userId holds an encoded one',         '"userId":"jo%2540example.com","anonymousId":"A-1"', 'A-1' ],
    [ 'neither is there',                    '"userId":""' ],
    [ 'userId holds one, nothing else',      '"userId":"of jo@example.com"' ],
) {
    my ($what, $members, @ids) = @$_;
    user("external_id: $what", { event => $members }, @ids ? external(@ids) : {});
}

user('external_id: userId is an e-mail address: that is em, and anonymousId the id',
     { event => "\"userId\":\"$address\",\"anonymousId\":\"A-1\"" }, { em => [$em], %{ external('A-1') } });
user('external_id: 64 hex digits are a hash already', { event => "\"userId\":\"\U$em\"" }, { external_id => [$em] });
user('external_id: an array is several values', { event => '"userId":["U-1","U-2"]' }, external('U-1', 'U-2'));
user('external_id: sendExternalId: false', { event => '"userId":"U-1","anonymousId":"A-1"' }, {},
    config => 'sendExternalId: false');
user('external_id: sendExternalId: true is the default', { event => '"userId":"U-1"' }, external('U-1'),
    config => 'sendExternalId: true');
user('external_id: enhancedMatch: false makes no difference', { event => '"userId":"U-1"' }, external('U-1'),
    config => 'enhancedMatch: false');
user("external_id: on $_, too", { event => '"userId":"U-1"' }, external('U-1'), type => $_) for qw(page screen);


# ---- the device's advertising id, and whether it may be used

sub device { return { context => "\"device\":{$_[0]}" } }

my $maid = 'AEBE52E7-03EE-455A-B3C4-E57283966239';
my %maid = (hashed_maids => hashed(lc $maid));

for my $none ('00000000-0000-0000-0000-000000000000', '0', '-', '0000', '', ' ') {
    user("hashed_maids: not of \"$none\"", device("\"advertisingId\":\"$none\""), {});
}

user('hashed_maids: an array', device("\"advertisingId\":[\"00000000-0000\",\"$maid\",\"x-1\"]"),
     { hashed_maids => hashed(lc $maid, 'x-1') });
user('hashed_maids: 64 hex digits are a hash already', device("\"advertisingId\":\"\U$em\""),
    { hashed_maids => [$em] });
user('hashed_maids: the name is compared as any name', device("\"advertising_id\":\"$maid\""), \%maid);
user("hashed_maids: on $_, too", device("\"advertisingId\":\"$maid\""), \%maid, type => $_) for qw(page screen);
user('hashed_maids: enhancedMatch: false makes no difference', device("\"advertisingId\":\"$maid\""), \%maid,
     config => 'enhancedMatch: false');
user('ad tracking is off: opt_out, and no hashed_maids',
     device("\"advertisingId\":\"$maid\",\"adTrackingEnabled\":false"), {},
     event => { opt_out => JSON::PP::true });
user('ad tracking is on: no opt_out', device("\"advertisingId\":\"$maid\",\"adTrackingEnabled\":true"), \%maid,
     event => { opt_out => JSON::PP::false });
user('ad tracking is on, without an id', device('"adTrackingEnabled":true'), {},
    event => { opt_out => JSON::PP::false });
user("ad tracking is off, on $_", device('"adTrackingEnabled":false'), {}, event => { opt_out => JSON::PP::true },
     type => $_) for qw(page screen);
user('ad tracking is null: nothing is known', device("\"advertisingId\":\"$maid\",\"adTrackingEnabled\":null"), \%maid);


# ---- an id of a partner's

user('partner_id: in clear', { traits => '"partnerId":"XY-1"' }, { partner_id => 'XY-1' });
user('partner_id: the name is compared as any name', { traits => '"partner_id":"XY-1"' }, { partner_id => 'XY-1' });
user('partner_id: a number is its text', { traits => '"partnerId":12' }, { partner_id => '12' });
user('partner_id: what is absent is not sent', { traits => '"partnerId":" "' }, {});
user('partner_id: no e-mail address', { traits => '"partnerId":"of jo@example.com"' }, {});
user('partner_id: not from properties', { properties => '"partnerId":"XY-1"' }, {});
user('partner_id: on a page, too', { traits => '"partnerId":"XY-1"' }, { partner_id => 'XY-1' }, type => 'page');


# ---- all of it at once

my %everything = (
    properties => '"email":"' . $address . '","phone":"+49 1","city":"Ulm","note":"x"',
    traits => '"firstName":"Ann","lastName":"Ash","gender":"female","birthday":"1990-05-17","partnerId":"P",'
              . '"address":{"city":"Bonn","state":"NW","country":"DE","postalCode":"53111","street":"Main Street 1"}',
    event => '"userId":"U-1"', context => "\"device\":{\"advertisingId\":\"$maid\"}",
);
my %matched = (em => [$em], ph => hashed('491'), fn => hashed('ann'), ln => hashed('ash'), ge => hashed('f'),
               db => hashed('19900517'), ct => hashed('bonn'), st => hashed('nw'), country => hashed('de'),
               zp => hashed('53111'));
my %known = (external_id => hashed('U-1'), partner_id => 'P', %maid);

user('a person whom an event tells all of', \%everything, { %matched, %known });
user('a person, with enhancedMatch: false', \%everything, \%known, config => 'enhancedMatch: false');
user("a person, on $_", \%everything, \%known, type => $_) for qw(page screen);
user("a person, on $_ with enhancedMatchOnPage", \%everything, { %matched, %known }, type => $_, config => $on_page)
    for qw(page screen);


# ---- an event that tells of no one

sub unknown {
    my ($what, $members, %args) = @_;
    my $type = delete $args{type} // 'track';
    my $properties = delete $args{properties};

    mapping "no_identity: $what", to => 'api', skipped => 'no_identity', %args,
        call($type, $properties, '"messageId":"m-1"', $type eq 'track' ? '"event":"Lead"' : (),
             $members eq '' ? () : $members);
}

unknown('nothing is known', '');
unknown('an address alone', '"context":{"ip":"203.0.113.5"}');
unknown('a browser alone', '"context":{"userAgent":"x"}');
unknown('a browser and what is no address', '"context":{"userAgent":"x","ip":"0.0.0.0"}');
unknown('an id of the site alone', '"userId":"U-1","anonymousId":"A-1"');
unknown('a name, a phone, a place', '"traits":{"phone":"+49 1","firstName":"Ann","city":"Bonn"}');
unknown('a click alone', '"context":{"epik":"dj0y"}');
unknown('ad tracking is off', "\"context\":{\"device\":{\"advertisingId\":\"$maid\",\"adTrackingEnabled\":false}}");
unknown('an advertising id of zeros', '"context":{"device":{"advertisingId":"00000000-0000-0000-0000-000000000000"}}');
unknown('an e-mail address, with enhancedMatch: false', "\"traits\":{\"email\":\"$address\"}",
    config => 'enhancedMatch: false');
unknown('an e-mail address on a page', "\"traits\":{\"email\":\"$address\"}", type => 'page');
unknown('what is no e-mail address', '"traits":{"email":"unknown"}');
unknown('limited data processing', '', config => 'limitedDataProcessing: {state: "CA", country: "US"}');
unknown('a server of its own, which is not the visitor', '', headers => { 'User-Agent' => 'analytics-node/2.1' });

for (
    [ 'an e-mail address', "\"traits\":{\"email\":\"$address\"}", { em => [$em] } ],
    [ 'a hashed one', "\"traits\":{\"email\":\"$em\"}", { em => [$em] } ],
    [ 'a userId that is one', "\"userId\":\"$address\"", { em => [$em] } ],
    [ 'an advertising id', "\"context\":{\"device\":{\"advertisingId\":\"$maid\"}}", { %maid } ],
    [ 'an e-mail address, and an address without a browser',
      "\"traits\":{\"email\":\"$address\"},\"context\":{\"ip\":\"203.0.113.5\"}",
      { em => [$em], client_ip_address => '203.0.113.5' } ],
    [ 'an e-mail address, and a browser without an address',
      "\"traits\":{\"email\":\"$address\"},\"context\":{\"userAgent\":\"x\"}",
      { em => [$em], client_user_agent => 'x' } ],
) {
    my ($what, $members, $user) = @$_;

    mapping "enough to know a visitor: $what",
        call('track', undef, '"event":"Lead"', '"messageId":"m-1"', '"timestamp":' . quoted(ago(60)), $members),
        api_sends => api_event('lead', user_data => { client_ip_address => undef, client_user_agent => undef, %$user });
}

mapping 'an event that tells of no one: the Tag still gets it', track('Lead', '"lead_type":"x"', '"messageId":"m-1"'),
    sends => 'ed[lead_type]=x&ed[event_id]=m-1&event=lead', api_sends => [];
mapping 'an event that tells of no one: the Tag still gets it, with an id that is derived', to => 'both', track('Lead'),
    holds => sub {
        my @lines = map { $_->{request} } @{ $_[0] };
        return @lines == 1 && $lines[0] =~ /noscript=1&ed\[event_id\]=[0-9a-f]{32}&event=lead / ? '' : "@lines\n";
    };


# ---- limited data processing

my $ldp = 'limitedDataProcessing: {state: "CA", country: " US "}';
my %ldp = (event => { custom_data => { opt_out_type => 'LDP' } });
my %california = (st => hashed('ca'), country => hashed('us'));
my %gpc = (headers => { 'Sec-GPC' => '1' });

user('limited: the destination is configured so', {}, \%california, config => $ldp, %ldp);
user("limited: the destination's state and country go before the event's",
     { traits => '"state":"NY","country":"MX","city":"Bonn"' }, { %california, ct => hashed('bonn') }, config => $ldp, %ldp);
user('limited: on a page, without enhancedMatchOnPage', { traits => '"state":"NY","city":"Bonn"' }, \%california,
     config => $ldp, %ldp, type => 'page');
user('limited: with enhancedMatch: false', { traits => '"state":"NY","city":"Bonn"' }, \%california,
     config => "$ldp\nenhancedMatch: false", %ldp);

for my $value ('LDP', 'ldp', 'OTHER, LDP', 'Ldp,OTHER') {
    user("limited: property opt_out_type $value", { properties => "\"opt_out_type\":\"$value\"" }, {}, %ldp);
    user("limited: context.opt_out_type $value", { context => "\"optOutType\":\"$value\"" }, {}, %ldp);
}

user("limited: not for opt_out_type \"$_\"", { properties => "\"opt_out_type\":\"$_\"" }, {})
    for '', 'OTHER', 'NOLDP', 'LDPX';
user('limited: Sec-GPC: 1', {}, {}, %gpc, %ldp);
user('limited: not with Sec-GPC: 0', {}, {}, headers => { 'Sec-GPC' => '0' });
user('limited: not with pintag_privacy_signal gpc=ignore', {}, {}, %gpc, http => 'pintag_privacy_signal gpc=ignore;');
user('limited: DNT: 1 with pintag_privacy_signal dnt=ldp', {}, {}, headers => { DNT => '1' },
     http => 'pintag_privacy_signal dnt=ldp;', %ldp);

for (
    [ 'the traits', { traits => '"state":"NY","country":"US"', 'context.traits' => '"state":"TX","country":"MX"',
                      properties => '"state":"TX","country":"MX"' } ],
    [ "the traits' address", { traits => '"address":{"state":"NY","country":"US"}',
                               properties => '"state":"TX","country":"MX"' } ],
    [ "the context's traits", { 'context.traits' => '"state":"NY","country":"US"',
                                properties => '"state":"TX","country":"MX"' } ],
    [ 'the properties', { properties => '"state":" ny ","country":"us"' } ],
) {
    my ($what, $at) = @$_;
    my %new_york = (st => hashed('ny'), country => hashed('us'));

    user("limited: state and country of $what", $at, \%new_york, %gpc, %ldp);
    user("limited: state and country of $what, on a page", $at, \%new_york, %gpc, %ldp, type => 'page');
    user("limited: state and country of $what, with enhancedMatch: false", { %$at }, \%new_york, %gpc, %ldp,
         config => 'enhancedMatch: false');
}

mapping 'limited: alike on both transports', config => $ldp, with => { %browser }, call_with('track', {}),
    sends => 'ed[event_id]=m-1&pd[opt_out_type]=LDP&pd[st]=' . sha256_hex('ca') . '&pd[country]=' . sha256_hex('us')
             . '&event=lead',
    api_sends => api_event('lead', user_data => { %california }, custom_data => { opt_out_type => 'LDP' });
mapping 'a signal that drops: nothing goes to the API', to => 'api', %gpc, http => 'pintag_privacy_signal gpc=drop;',
    track('Lead', undef, visitor()), skipped => 'privacy_signal';

run_cases();
done_testing();
