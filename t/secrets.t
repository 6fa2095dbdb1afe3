# Nothing secret and nothing personal is in what nginx writes: a mark of its own
# in every field of an event and of its request, in readable and unreadable
# bodies, in every way of being answered, with a Pinterest that fails or quotes
# what it got; and every byte of the logs, the answers and the spool searched.

use strict;
use warnings;

use FindBin;
use lib "$FindBin::Bin/lib";

use Compress::Zlib qw(memGzip);
use JSON::PP;
use MIME::Base64 qw(encode_base64);
use Pintag::Nginx;
use Pintag::Secrets;
use Pintag::Setup;
use Pintag::StandIn;
use Test::More;
use Time::HiRes qw(sleep time);

my $json = JSON::PP->new->utf8->canonical;
my ($number, %secret) = (0);


# ---- marks

# nowhere; %secret has those that are no such word
sub secret { return sprintf '%szqs%05dqz%s', $_[0] // '', ++$number, $_[1] // '' }

sub phone { return '+49173777' . (10000 + ++$number) }

sub address { return secret('', '@mail.example') }

# in the spool and in a preview, since it is what Pinterest is sent
sub quiet { return sprintf '%szqc%05dqz%s', $_[0] // '', ++$number, $_[1] // '' }

sub ip { my $n = ++$number; return '203.0.' . (113 + $n / 200 % 100) . '.' . $n % 200 }

# what finds the one and both
sub patterns {
    my $words = join '|', 'zqs\d+qz', '173777\d', map { quotemeta lc } keys %secret;

    return (qr/($words)/, qr/($words|zqc\d+qz|\b203\.0\.\d+\.\d+)/);
}


# the search finds what there is to find, or nothing of this is worth a thing

{
    my $up = Pintag::StandIn->new;
    my $nginx = Pintag::Nginx->new(http => collector($up->port));
    my $mark = 'ada.lovelace@mail.example';

    $nginx->post('/collect', $json->encode({ type => 'page', traits => { email => $mark } }));

    is(Pintag::Secrets->search($nginx->dir, [$nginx->ports]), 0, 'nothing found where nothing is');

    my $shown = do { open my $old, '>&', \*STDERR; $old };
    open STDERR, '>', '/dev/null';

    for my $place (
        [ 'logs/error.log', "2026/01/01 00:00:00 [info] 1#1: *1 $mark\n" ],
        [ 'logs/error.log', "2026/01/01 00:00:00 [debug] 1#1: *1 $mark\n" ],
        [ 'logs/error.log', "2026/01/01 00:00:00 [debug] 1#1: $mark\n" ],
        [ 'logs/access.log', "GET /?who=ada.lovelace%40mail.example\n" ],
        [ 'spool/1.spool', "P\t\U$mark\n" ],
        [ 'spool/undelivered', "U\t$mark\n" ],
    ) {
        my ($name, $text) = @$place;

        mkdir $nginx->dir . '/spool';
        my $old = $nginx->file($name);
        $nginx->write_file($name, $old . $text);
        Pintag::Secrets::sent($nginx->port, "\r\n\r\n{\"email\":\"$mark\"}");
        is(Pintag::Secrets->search($nginx->dir, [$nginx->ports]), 1, "one in $name is found: $text");
        $nginx->write_file($name, $old);
    }

    $nginx->write_file('logs/error.log', "2026/01/01 00:00:00 [debug] 1#1: *1 accept: 127.0.0.1:9\n"
                                         . "2026/01/01 00:00:00 [debug] 1#1: *1 $mark\n");
    Pintag::Secrets::sent($nginx->port, "\r\n\r\n{\"email\":\"$mark\"}");
    is(Pintag::Secrets->search($nginx->dir, [$nginx->ports]), 0, 'but for nginx\'s debug lines about a client');

    Pintag::Secrets::sent($nginx->port, "\r\n\r\n{\"email\":\"$mark\"}");
    Pintag::Secrets::got($nginx->port, "HTTP/1.1 200 OK\r\n\r\n$mark");
    is(Pintag::Secrets->search($nginx->dir, [$nginx->ports]), 1, 'one in an answer is');

    open STDERR, '>&', $shown;
    Pintag::Secrets::forget();
    $nginx->write_file('logs/error.log', '');
    $Pintag::Secrets::off = 1;
}


# ---- what is sent

sub traits {
    return {
        email => address(), phone => phone(), firstName => secret(), lastName => secret(), name => secret(),
        birthday => '1990-05-' . secret(), gender => secret(), username => secret(), avatar => quiet('https://img.example/'),
        address => { street => secret(), city => secret(), state => secret(), postalCode => secret(), country => secret() },
        company => { name => secret() }, plan => quiet(), password => secret(), quiet() => quiet(),
        id => secret(),
    };
}

sub event {
    my %more = @_;

    return {
        type => 'track', event => 'Order Completed', messageId => 'm-' . ++$number,
        userId => secret(), anonymousId => secret(), groupId => secret(), previousId => secret(),
        channel => quiet(), category => quiet(), name => quiet(), version => quiet(), sentAt => quiet(),
        originalTimestamp => quiet(), request_ip => ip(), traits => traits(), quiet() => { quiet() => [ quiet() ] },
        integrations => { All => JSON::PP::true, Pinterest => { quiet() => quiet() }, quiet() => JSON::PP::true },
        context => {
            ip => ip(), userAgent => quiet('Mozilla/5.0 (', ')'), locale => quiet(), timezone => quiet(),
            groupId => secret(), traits => traits(), quiet() => { quiet() => quiet() },
            page => { url => quiet('https://shop.example/', '?q=') . quiet() . '&epik=' . quiet() . secret('&email=') . '&to='
                             . address(),
                      referrer => quiet('https://search.example/'), search => secret('?email='), title => quiet(),
                      path => quiet('/') },
            device => { id => secret(), advertisingId => secret(), adTrackingEnabled => JSON::PP::true, model => quiet(),
                        manufacturer => quiet(), type => 'ios', name => secret(), token => secret() },
            app => { name => quiet(), version => quiet(), build => quiet(), namespace => quiet() },
            os => { name => quiet(), version => quiet() },
            network => { carrier => quiet(), wifi => JSON::PP::true },
            campaign => { name => quiet(), source => quiet() }, referrer => { id => quiet(), url => quiet() },
            library => { name => quiet(), version => quiet() }, consent => { quiet() => quiet() },
        },
        properties => {
            order_id => quiet(), value => 19.99, currency => quiet(), coupon => quiet(), query => quiet(), quiet() => quiet(),
            email => address(), phone => phone(), first_name => secret(), customer => { name => secret() },
            note => 'for ' . address() . ' only', credit_card => secret(), epik => quiet(), partner_id => quiet(),
            url => secret('https://shop.example/?email='), deep => { quiet() => [ { email => address(), quiet() => 1 } ] },
            products => [ { product_id => quiet(), name => quiet(), brand => quiet(), category => quiet(), price => 1,
                            email => address(), recipient_address => secret(), quiet() => quiet() } ],
        },
        %more,
    };
}

sub text { return $json->encode($_[0] // event()) }

sub headers {
    return (
        Authorization => 'Basic ' . encode_base64(secret() . ':' . secret(), ''), 'X-Write-Key' => secret(),
        Cookie => '_epik=' . quiet() . '; session=' . secret() . '; ' . quiet() . '=' . secret(),
        Referer => 'https://shop.example/' . quiet() . '?email=' . secret() . '&to=' . address(),
        'User-Agent' => quiet('Mozilla/5.0 '), 'X-Forwarded-For' => ip(), AnonymousId => secret(),
        'Accept-Language' => quiet(), 'X-' . quiet() => secret(), Connection => 'close',
    );
}

sub query {
    return '?writeKey=' . secret() . '&email=' . address() . '&' . quiet() . '=' . quiet();
}

my $long = 'x' x 40_000;

# name => what it is sent with
my @bodies = (
    [ 'an event', sub { text() } ],
    [ 'a batch', sub { text({ batch => [ event(), event(type => 'page'), event(type => 'identify') ],
                              context => event()->{context}, writeKey => secret(), sentAt => quiet(), quiet() => quiet() }) } ],
    [ 'an array', sub { text([ event(), event(type => 'screen') ]) } ],
    [ 'a wrapped event', sub { text({ obj => event(), opts => { quiet() => quiet() }, raw => event() }) } ],
    [ 'NDJSON', sub { join "\n", text(), '{"email":"' . address() . '",', text() },
      'Content-Type' => 'application/x-ndjson' ],
    [ 'a custom event', sub { text(event(event => 'Thing Seen')) } ],
    [ 'an event that is rejected for its name', sub { text(event(event => address())) } ],
    [ 'an event of an unknown type', sub { text(event(type => quiet())) } ],
    [ 'an event whose id is an address', sub { text(event(messageId => address())) } ],
    [ 'an event of an unknown type whose id is an address', sub { text(event(type => 'alias', messageId => 'm ' . address())) } ],
    [ 'gzip', sub { memGzip(text()) }, 'Content-Encoding' => 'gzip' ],
    [ 'damaged gzip', sub { my $z = memGzip(text()); substr $z, 0, length($z) - 9 }, 'Content-Encoding' => 'gzip' ],
    [ 'no gzip', sub { text() }, 'Content-Encoding' => 'gzip' ],
    [ 'no deflate', sub { text() }, 'Content-Encoding' => 'deflate' ],
    [ 'an unknown encoding', sub { text() }, 'Content-Encoding' => sub { quiet() } ],
    [ 'an unknown type of body', sub { text() }, 'Content-Type' => sub { 'text/' . quiet() } ],
    [ 'JSON that is cut off', sub { my $t = text(); substr $t, 0, length($t) / 2 } ],
    [ 'JSON with a comma too many', sub { text() =~ s/,/,,/r } ],
    [ 'JSON with an unquoted name', sub { '{' . secret() . ':1}' } ],
    [ 'JSON with a control byte', sub { '{"email":"' . address() . "\x01\"}" } ],
    [ 'JSON with an unknown escape', sub { '{"email":"' . address() . '\\q"}' } ],
    [ 'JSON with a surrogate alone', sub { '{"email":"' . address() . '\\ud800"}' } ],
    [ 'JSON with bytes that are no UTF-8', sub { '{"email":"' . address() . "\xff\xfe\"}" } ],
    [ 'JSON with a number too large', sub { '{"a":1e99999,"email":"' . address() . '"}' } ],
    [ 'JSON and more', sub { text() . address() } ],
    [ 'a name twice', sub { '{"email":"' . address() . '","email":"' . address() . '"}' } ],
    [ 'deep nesting', sub { '{"a":' x 3000 . '"' . secret() . '"' . '}' x 3000 } ],
    [ 'a string', sub { '"' . secret() . '"' } ],
    [ 'no JSON', sub { secret() . ' ' . address() } ],
    [ 'wrong types', sub { text(event(context => secret(), properties => [ secret() ], traits => address(), userId => [ secret() ],
                                      event => [ secret() ], messageId => { secret() => secret() })) } ],
    [ 'a batch that is none', sub { text({ batch => secret(), writeKey => secret() }) } ],
    [ 'a batch of no events', sub { text({ batch => [ secret(), 1, undef, [ address() ] ] }) } ],
    [ 'values that are too long', sub { text(event(event => 'Thing', properties => { note => "$long " . quiet(),
                                                                                      email => "$long" . address() })) } ],
    [ 'an order id that is too long', sub { text(event(properties => { order_id => $long . quiet() })) } ],
    [ 'too many events', sub { text({ batch => [ map { event() } 1 .. 12 ] }) } ],
    [ 'too large a body', sub { text(event(properties => { note => $long x 6, email => address() })) } ],
    [ 'no body', sub { '' } ],
);

sub settings {
    my %args = @_;
    return map { ref $args{$_} ? ($_ => $args{$_}->()) : ($_ => $args{$_}) } keys %args;
}

# The answers of a location to all of that, however they end.
sub send_all {
    my ($nginx, $uri, @bodies) = @_;
    my @answers;

    for (@bodies) {
        my ($what, $body, %more) = @$_;
        my %headers = (headers(), settings(%more));

        push @answers, [ "$what at $uri", $nginx->client->post($uri . query(), $body->(), %headers)->answer(15) ];
    }

    return @answers;
}

# other ways to ask
sub send_others {
    my ($nginx, $uri) = @_;
    my @answers;
    my $data = sub { encode_base64(text($_[0]), '') =~ tr{+/}{-_}r =~ s/=+$//r };

    for my $method (qw(PUT DELETE HEAD OPTIONS PATCH)) {
        push @answers, [ "$method $uri", $nginx->client->request($method, $uri . query(), text(), headers())
                                               ->answer(15, head => $method eq 'HEAD') ];
    }

    for my $page (quiet('https://', '.example'), 'null', quiet()) {
        push @answers, [ "a page of another origin at $uri",
                         $nginx->client->post($uri . query(), text(), headers(), Origin => $page)->answer(15) ];
    }

    for my $pixel ($data->(), $data->(event(type => 'identify')), substr($data->(), 0, 300), secret() . '!') {
        $secret{substr $pixel, 40, 60} = 1 if length $pixel > 100;
        push @answers, [ "a pixel at $uri", $nginx->client->get("$uri/v1/pixel/track" . query() . "&data=$pixel", headers(), Accept => 'application/json')
                                                  ->answer(15) ];
    }

    push @answers, [ "chunks at $uri", $nginx->client->post_chunked($uri . query(), text(), 100, headers())->answer(15) ];
    push @answers, [ "a broken chunk at $uri", $nginx->client->post($uri . query(), secret() . "\r\n", headers(),
                     'Content-Length' => undef, 'Transfer-Encoding' => 'chunked')->answer(15) ];

    # those that leave
    my $half = text();

    $nginx->client->post($uri . query(), substr($half, 0, 500), headers(), 'Content-Length' => length $half)->close;
    $nginx->client->post($uri . query(), substr($half, 0, 500), headers(), 'Content-Length' => length $half)->reset;
    $nginx->client->post($uri . query(), text(), headers())->reset;

    return @answers;
}


# ---- what is searched

sub leaks_of {
    my ($nginx, $what, @answers) = @_;
    my ($nowhere, $unspoken) = patterns();
    my $log = $nginx->error_log;
    my @leaks = Pintag::Secrets::log_leaks($log, $unspoken);

    is scalar @leaks, 0, "$what: no line of the log, at any level, but nginx's debug lines about a client"
        or diag map { "$_->[0]    $_->[1]\n" } @leaks[0 .. ($#leaks > 9 ? 9 : $#leaks)];

    is join('', Pintag::Secrets::found($nginx->access_log . $nginx->file('logs/access-observed.log'), $unspoken)), '',
        "$what: nor the access logs";

    @leaks = grep {
        my @found = !defined $_->[1] ? ()
                    : Pintag::Secrets::found($_->[1]{raw}, $_->[1]{body} =~ /"preview":true/ ? $nowhere : $unspoken);
        @found;
    } @answers;

    is scalar @leaks, 0, "$what: nor an answer of " . scalar @answers
        or diag map { "$_->[0]: $_->[1]{raw}\n" } @leaks[0 .. ($#leaks > 9 ? 9 : $#leaks)];

    my $spool = join '', map { my $f = $_; open my $in, '<:raw', $f; local $/; <$in> } glob $nginx->dir . '/spool/*';

    is join('', Pintag::Secrets::found($spool, $nowhere)), '', "$what: nor the spool";
    is join('', grep { !/ \*\d+ .* pintag location: | lost an / } $nginx->errors('alert', 'emerg')), '', "$what: no alert";

    return ($log, $spool);
}


# the format of conf-examples/observability.conf, beside that of the others
sub observed {
    open my $in, '<:raw', Pintag::Nginx->root . '/conf-examples/observability.conf' or die "observability.conf: $!";
    local $/;
    my ($map, $format) = <$in> =~ /^ *(map .*?^    \}).*?^ *log_format pintag ([^;]*;)/ms
        or die "observability.conf has no log_format\n";

    return "$map log_format observed $format access_log %%DIR%%/logs/access.log shipped;"
           . ' access_log %%DIR%%/logs/access-observed.log observed;';
}

my %config = (config => "tagId: \"2612826764086\"\nenhancedMatchOnPage: true\nforwardClientAddress: true\n");

sub locations {
    my ($how) = @_;

    return <<"END";
        client_max_body_size 200k;
        client_body_buffer_size 8k;
        location = /status { pintag_status; }
        location = /metrics { pintag_status prometheus; }
        location /preview { pintag_integrations %%DIR%%/conf/api.yaml; pintag_pass /pinterest; pintag_preview on; $how }
        location /keys { pintag_integrations %%DIR%%/conf/api.yaml; pintag_pass /pinterest; pintag_write_keys the-right-key; $how }
        location /limited { pintag_integrations %%DIR%%/conf/api.yaml; pintag_pass /pinterest; limit_req zone=all; $how }
        location /forbidden { pintag_integrations %%DIR%%/conf/api.yaml; pintag_pass /pinterest; deny all; $how }
END
}

my $zone = 'limit_req_zone $server_port zone=all:1m rate=1r/m;';
my $collect = 'pintag_max_events 10; pintag_max_body 150k; pintag_max_event 16k; pintag_retry attempts=2 min=1ms max=5s;';
my @others = qw(/preview /keys /limited /forbidden);


# ---- with a Pinterest that takes everything, and one that takes nothing

for (
    [ 'Pinterest takes all', {} ],
    [ 'it refuses', { status => 400 } ],
    [ 'it fails', { status => 500 } ],
    [ 'it resets', { act => 'reset' } ],
    [ 'it cuts off', { act => 'cut' } ],
) {
    my ($what, $behaviour) = @$_;
    my $all = !%$behaviour;

    for my $ack ('delivered timeout=500ms', 'received', 'stored') {
        my $up = Pintag::StandIn->new(%$behaviour);
        my $nginx = api_nginx($up->port, %config, at => '/collect', server => locations($collect),
            level => $ack eq 'received' ? 'info' : 'debug',
            collect => "$collect pintag_ack $ack;", http => "pintag_spool %%DIR%%/spool; pintag_zone zone=pintag:2m recent=1000; $zone " . observed());
        my @answers = send_all($nginx, '/collect', $all && $ack =~ /delivered/ ? @bodies : @bodies[0 .. 9]);

        push @answers, map { (send_all($nginx, $_, $_ eq '/limited' ? @bodies[0 .. 3] : @bodies), send_others($nginx, $_)) } @others
            if $all && $ack =~ /delivered/;
        push @answers, send_others($nginx, '/collect') if $all;

        sleep 0.2;

        for my $uri ('/status', '/metrics') {
            push @answers, [ $uri, $nginx->client->get($uri)->answer(15) ];
            like $answers[-1][1]{body}, qr/Thing ?Seen|pintag_\w+\{/, "$what, $ack: $uri tells of the events" if $all;
        }

        my ($log, $spool) = leaks_of($nginx, "$what, $ack", @answers);

        if ($ack eq 'stored' && !$all) {
            like $spool, qr/^[PU]\t/m, "$what, $ack: there is something in the spool";
            like $spool, qr/zqc\d+qz/, "$what, $ack: that Pinterest is sent in clear";
        }

        if ($all && $ack =~ /delivered/) {
            like $log, qr/\[debug\][^\n]*zqs\d+qz/, "nginx's debug lines do show the request";
            like $nginx->file('logs/access-observed.log'), qr/"result":"delivered"/, 'the access log tells of results';
            like $log, qr/pintag location: "\/collect"/, 'its other lines name the location';
            my %seen = map { ($_->[1] ? $_->[1]{status} : 'none') => 1 } @answers;
            is join(' ', sort grep { $_ ne 'none' } keys %seen), '200 400 401 403 405 413 415 503',
                'all kinds of answers are among them';
        }

        # what is left in the spool is settled when nginx is gone
        $nginx->stop;
        leaks_of($nginx, "$what, $ack, after the end");
    }
}


# ---- without a spool, with a fallback, and with neither

for my $fallback ('takes all', 'fails', 'is not there') {
    my $up = Pintag::StandIn->new(status => 500);
    my $queue = Pintag::StandIn->new($fallback eq 'fails' ? (status => 500) : ());
    my $there = $fallback ne 'is not there';

    for my $ack ('delivered timeout=500ms', 'received') {
        my $nginx = api_nginx($up->port, %config, level => $ack eq 'received' ? 'info' : 'debug', at => '/collect',
            server => ($there ? 'location = /fallback { internal; proxy_pass http://127.0.0.1:' . $queue->port . '; }' : ''),
            collect => "$collect pintag_ack $ack; " . ($there ? 'pintag_fallback /fallback;' : ''));
        my @answers = send_all($nginx, '/collect', @bodies[0 .. 10]);

        $nginx->wait_log(qr/lost an event|did not take/, 5) if $fallback ne 'takes all' && $ack eq 'received';
        my ($log) = leaks_of($nginx, "a fallback that $fallback, $ack", @answers);

        like $log, qr/ lost an event for /, 'what is lost is named' if $fallback eq 'is not there' && $ack eq 'received';
        $nginx->quit;
        leaks_of($nginx, "a fallback that $fallback, $ack, after the end");
    }

    if ($fallback eq 'takes all') {
        my ($nowhere) = patterns();
        my $bytes = join '', map { $_->{raw} . $_->{body} } $queue->requests;

        like $bytes, qr/zqc\d+qz/, 'the fallback gets what Pinterest would';
        is join('', Pintag::Secrets::found($bytes, $nowhere)), '', 'and nothing secret';
    }
}


# ---- a Pinterest that quotes what it got

for (
    [ 'the token', 'Bearer (\S+)' ],
    [ 'hashes', '"(?:em|ph|external_id|fn)":\["([0-9a-f]{64})' ],
    [ 'an address', '"client_ip_address":"([^"]*)"' ],
    [ 'a user agent', '"client_user_agent":"([^"]*)"' ],
    [ 'a click id', '"click_id":"([^"]*)"' ],
    [ 'a page', '"event_source_url":"([^"]*)"' ],
) {
    my ($what, $quote) = @$_;

    for my $status (200, 400, 401) {
        my $up = Pintag::StandIn->new(status => $status, body => 'api', quote => $quote);
        my $nginx = api_nginx($up->port, at => '/collect',
            collect => "$collect pintag_ack delivered timeout=300ms;", http => 'pintag_spool %%DIR%%/spool;');
        my @answers = send_all($nginx, '/collect', @bodies[0 .. 2]);
        my ($log, $spool) = leaks_of($nginx, "$what quoted with $status", @answers);

        my @quoted = map { $_->{raw} . $_->{body} } $up->requests;
        ok join('', @quoted) =~ /$quote/, 'there is something to quote';
        like $log, qr/\[(?:warn|error)\][^\n]*quoted/, 'and the log has the message';
        unlike $log, qr/[0-9a-f]{64}|@{[TOKEN]}/, 'but neither hash nor token';
        unlike join('', map { $_->[1]{raw} // '' } @answers), qr/[0-9a-f]{64}|@{[TOKEN]}/, 'nor has an answer';
        unlike $spool, qr/@{[TOKEN]}/, 'nor has the spool the token';
    }
}

done_testing();
