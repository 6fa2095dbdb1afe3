# An event cannot choose where it goes.  Events and heads of requests made by
# chance, full of what would end a line, leave a path, or be a host, a header or
# a request of its own: Pinterest's stand-in gets the configured paths, hosts and
# names of headers and nothing else, and no request that is not a delivery's.
#
# PINTAG_SEED=n repeats a run, PINTAG_EVENTS=n makes it another length.

use strict;
use warnings;
use utf8;

use FindBin;
use lib "$FindBin::Bin/lib";

use JSON::PP;
use Pintag::Nginx;
use Pintag::Secrets;
use Pintag::Setup;
use Pintag::StandIn;
use Test::More;

my $seed = $ENV{PINTAG_SEED} // 20261126;
my $total = $ENV{PINTAG_EVENTS} // 2_000;
my $size = 50;

note "PINTAG_SEED=$seed";
srand $seed;

my $json = JSON::PP->new->utf8->canonical;

# what is called personal here are words like "Host"
$Pintag::Secrets::off = 1;


# ---- what is hostile

sub pick { return $_[rand @_] }

sub chance { return rand() < $_[0] }

my @pieces = (
    "\r\n", "\n", "\r", "\x{0}", "\t", "\x0b", "\x7f", "\x{85}", "\x{2028}", "\x{2029}", "\x{feff}", "\x{560d}", "\x{010a}",
    '%0d%0a', '%0D%0A%0D%0A', '%00', '%2f', '%2e%2e%2f', '%252f', '%23', '%3f', '%', '%zz', '%u000a',
    '/../', '/..', '../../', '..\\..\\', '/v3/', '/v5/ad_accounts/1/events', '//', '\\', '/', '#', '?', '&', '=', ';', '+',
    '&tid=1', '&event=x', '[tid]', ']', '[', '&ed[', 'ed]=1&tid=9', '?test=true', '$uri', '$host', '${args}',
    'http://', 'https://evil.example/', '//evil.example', '@evil.example', 'user:pw@evil.example:8080', ':80', 'evil.example',
    ' HTTP/1.1', " HTTP/1.1\r\nHost: evil.example\r\n\r\n", "\r\nHost: evil.example", "\r\nX-Evil: 1", "\nTransfer-Encoding: chunked",
    "\r\nContent-Length: 0\r\n\r\nGET /evil HTTP/1.1\r\nHost: evil.example\r\n\r\n", "0\r\n\r\nPOST /evil HTTP/1.1\r\n\r\n",
    '","event_name":"evil"', '"}]}', '}]}{"data":[', '\\u000d\\u000a', "\\\r", '"', '\'', '<', '>', ' ', 'ü', '😀', "\x{10ffff}", '٠',
    'Host', 'Authorization', 'Bearer evil', 'Content-Length', 'Connection', 'X-Forwarded-Host', 'a', 'shop', '1', '12345', 'x' x 300,
);

sub hostile {
    my $text = join '', map { pick(@pieces) } 1 .. 1 + rand 5;

    return chance(0.02) ? $text x 40 : $text;
}

# JSON with U+0000 in a name is not read at all
sub name { return hostile() =~ tr/\0//dr }

# a URL, an address, an id: what is looked at more closely
sub spoiled {
    my $text = shift;
    my $at = rand 1 + length $text;

    return chance(0.3) ? hostile() : substr($text, 0, $at) . hostile() . substr $text, $at;
}

sub value {
    my $depth = shift // 0;

    return pick(hostile(), hostile(), hostile(), 1, JSON::PP::true, undef) if $depth > 2 || chance(0.7);
    return [ map { value($depth + 1) } 0 .. rand 3 ] if chance(0.5);
    return { map { name() => value($depth + 1) } 0 .. rand 3 };
}

my $number = 0;

sub event {
    my $n = ++$number;
    my %p = (map { name() => value() } 0 .. rand 4);
    my %c = (ip => spoiled('203.0.113.5'), userAgent => spoiled('Mozilla/5.0 (X11)'), locale => spoiled('de-DE'),
             epik => spoiled('dj0yJnU9'), timezone => hostile(), name() => value(),
             page => { url => spoiled('https://shop.example/a?epik=dj0y#top'), referrer => spoiled('https://search.example/'),
                       path => hostile(), search => hostile(), title => hostile() },
             device => { map { $_ => hostile() } qw(id advertisingId model manufacturer type token) },
             app => { map { $_ => hostile() } qw(name version build namespace) },
             os => { name => hostile(), version => hostile() }, network => { carrier => hostile() },
             traits => { map { $_ => hostile() } qw(email phone firstName city country birthday gender) });
    my %event = (
        type => pick('track', 'track', 'track', 'page', 'screen', hostile()),
        event => pick('Order Completed', 'Lead', 'Products Searched', hostile(), hostile(), hostile()),
        messageId => chance(0.5) ? spoiled("m-$n") : "m-$n", userId => hostile(), anonymousId => hostile(), name => hostile(),
        category => hostile(), channel => hostile(), timestamp => spoiled('2026-11-25T10:00:00Z'), writeKey => hostile(),
        integrations => { Pinterest => pick(JSON::PP::true, {
            (map { $_ => hostile() } qw(tagId adAccountId accessToken host endpoint path url)), name() => value() }) },
        properties => \%p, context => \%c, name() => value(),
    );

    $p{$_} = chance(0.5) ? spoiled('A-1') : value()
        for grep { chance(0.5) } qw(order_id value currency coupon query event_id url product_id sku name epik partner_id tid
                                    tagId adAccountId host Host accessToken test opt_out_type action_source content_name);
    $p{products} = [ map { { map { $_ => hostile() } qw(product_id name price quantity brand category variant) } } 0 .. rand 2 ];
    $event{traits} = { email => hostile() . '@mail.example', name() => value() };

    delete @c{grep { chance(0.3) } sort keys %c};
    delete @event{grep { chance(0.2) } qw(messageId timestamp traits context integrations)};

    return \%event;
}

# what a client can put into a header
sub header {
    my $text = spoiled(shift);

    utf8::encode($text);
    return $text =~ tr/\x00-\x1f\x7f//dr =~ s/^\s+//r;
}

sub headers {
    return ('User-Agent' => header('Mozilla/5.0'), Referer => header('https://shop.example/'), Cookie => header('_epik=dj0yJn; a=1'),
            'X-Forwarded-For' => header('203.0.113.7'), 'X-Forwarded-Host' => header('evil.example'), DNT => '0',
            Authorization => header('Basic eDo='), 'Accept-Language' => header('de'), 'X-Evil' => header('1'),
            'Content-Type' => 'text/plain', Connection => 'close');
}


# ---- what is got

my %allowed = (GET => { map { $_ => 1 } qw(host user-agent referer x-forwarded-for) },
               POST => { map { $_ => 1 } qw(host content-type content-length authorization) });

# what is wrong with a request that the stand-in got
sub faults {
    my ($request, $query) = @_;
    my ($head, $method) = @$request{qw(raw method)};
    my $api = '/v5/ad_accounts/' . ACCOUNT . "/events$query";
    my ($line, @lines) = split /\r\n/, $head;
    my @faults;
    my %headers;

    push @faults, 'a line of the head that is not ended as one'
        if $head !~ /\A(?:[^\x00\r\n]+\r\n)+\r\n\z/;
    push @faults, 'the request line'
        if $line !~ m{\AGET /v3/\?tid=2612826764086&noscript=1(?:&[\x21\x24-\x7e]*)? HTTP/1\.1\z}
           && $line ne "POST $api HTTP/1.1";
    push @faults, 'another tag' if ($line =~ tr/ //) != 2 || $line =~ /[?&]tid=.*[?&]tid=/;

    for (@lines) {
        my ($name, $value) = /\A([A-Za-z-]+): ([^\x00\r\n]*)\z/ or push(@faults, "the header $_"), next;

        push @faults, "a header $name" if !$allowed{$method}{lc $name} || $headers{lc $name}++;
        push @faults, "the host $value" if lc $name eq 'host' && $value ne 'pinterest.example';
        push @faults, "the token $value" if lc $name eq 'authorization' && $value ne 'Bearer ' . TOKEN;
        push @faults, "the type $value" if lc $name eq 'content-type' && $value ne 'application/json';
        push @faults, "the length $value" if lc $name eq 'content-length' && $value ne length $request->{body};
    }

    push @faults, 'no host' if !$headers{host};

    if ($method eq 'POST') {
        push @faults, 'a header is missing' if keys %headers != 4;

        my $sent = eval { $json->decode($request->{body}) } // {};
        push @faults, 'no JSON of "data" alone' if join(',', keys %$sent) ne 'data';

    } else {
        push @faults, 'a body' if length $request->{body};
    }

    return @faults;
}

sub run {
    my ($what, $query, $events, %entry) = @_;
    my $up = Pintag::StandIn->new;
    my $common = 'pintag_max_body 8m; pintag_max_events 1000;';
    my $nginx = api_nginx($up->port, %entry, level => 'info',
        collect => "$common pintag_allow_origin *;",
        pinterest => 'proxy_set_header Host pinterest.example;'
                     . ' proxy_set_header Connection "";',
        server => "client_max_body_size 8m; client_body_buffer_size 8m; large_client_header_buffers 4 64k;
                   location = /preview { pintag_integrations %%DIR%%/conf/api.yaml; pintag_pass /pinterest;
                                         pintag_preview on; $common }");
    my ($gets, $posts, $wrong, $read) = (0, 0, 0, 0);
    my $from = $number;

    while ($number < $from + $events) {
        my $body = $json->encode({ batch => [ map { event() } 1 .. $size ], name() => value(),
                                   context => { name() => value() }, writeKey => hostile() });
        my %headers = headers();
        my $shown = answer_of($nginx->post('/preview', $body, %headers));
        my $answer = $nginx->post('/collect', $body, %headers);

        $read += answer_of($answer)->{received} // 0;
        $gets += grep { $_->{method} eq 'GET' } @{ $shown->{requests} };
        $posts += grep { $_->{method} eq 'POST' } @{ $shown->{requests} };
        $wrong++, diag $answer->{body} if $answer->{status} != 200;
    }

    is $wrong, 0, "$what: all is answered";
    is $read, $number - $from, "$what: and was read, $read events";

    my @requests = $up->requests;
    my (@faults, %methods);

    for my $request (@requests) {
        my @of = faults($request, $query);

        $methods{$request->{method}}++;
        push @faults, join(', ', @of) . ":\n$request->{raw}" if @of;
    }

    is scalar @faults, 0, "$what: no request goes elsewhere or says more than it should"
        or diag map { substr($_, 0, 2000) . "\n" } @faults[0 .. ($#faults > 4 ? 4 : $#faults)];

    is $methods{GET} // 0, $gets, "$what: a pixel for each that is shown, $gets";
    is scalar(map { Pintag::StandIn::events_in($_->{body}) } @requests), $posts,
        "$what: an event of the API for each that is shown, $posts";
    is join(' ', sort keys %methods), $gets ? 'GET POST' : 'POST', "$what: and nothing else";
    is scalar(grep { !defined $_->{t_out} } $up->wait_for(scalar @requests, 5)), 0, "$what: each of them whole";
    is join('', $nginx->errors), '', "$what: no error";

    # that is what the requests are to be told from
    like $json->encode([ map { $_->{raw} . $_->{body} } @requests ]), qr/evil/, "$what: what is hostile is among them";
}

run('both transports', '', $total, config => "tagId: \"2612826764086\"\nenhancedMatchOnPage: true\nforwardClientAddress: true\n"
    . "handleCustomAsPartnerDefinedEvent: true\ndeduplicationKey: \"properties.event_id\"\n");
run('custom events', '', $total / 10, config => "tagId: \"2612826764086\"\n");
run('tests', '?test=true', $total / 10, config => "testMode: true\n");

done_testing();
