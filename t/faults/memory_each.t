# Each allocation of a request fails, in one request after the other; then that
# one and the nine after it.  Of each kind of request: it is answered as usual,
# 500 or 503, or its connection is closed; what was acknowledged arrives; and the
# next one finds nginx as it was.  PINTAG_FAULTS=long: of each kind the latter, too.

use strict;
use warnings;

use FindBin;
use lib "$FindBin::Bin/../lib";

use Compress::Zlib ();
use JSON::PP;
use MIME::Base64 qw(encode_base64);
use Pintag::Client;
use Pintag::Malloc;
use Pintag::Nginx;
use Pintag::Recorder;
use Pintag::Sections;
use Pintag::Setup;
use Pintag::StandIn;
use POSIX ();
use Test::More;
use Time::HiRes qw(sleep time);

plan skip_all => 'valgrind has an allocator of its own' if $ENV{PINTAG_VALGRIND};

my $long = ($ENV{PINTAG_FAULTS} // '') eq 'long';
my $json = JSON::PP->new->canonical->utf8;

# else it is when they came, which is not twice the same
my $when = POSIX::strftime('%Y-%m-%dT%H:%M:%SZ', gmtime);

# a sanitized nginx makes each allocation from a pool one of its own, and is slow
my $step = $ENV{PINTAG_REPORTS} && !$long ? 7 : 1;

# PINTAG_KIND='^an event$': these kinds of requests only
my $only = $ENV{PINTAG_KIND} // '';

# of an event, ten digits each
my $number = 1_000_000_000;

my ($requests, $failed) = (0, 0);


# ---- events

sub event {
    my $n = shift;
    my $event = api_order($n, query => "tab\t\"\\ 25 %&=+#\x{e9}", currency => 'EUR', value => 19.99,
                          email => 'jane@shop.example');

    @{ $event }{qw(timestamp anonymousId userId)} = ($when, 'visitor', 'jane');
    $event->{context}{page} = { url => 'https://shop.example/?a=1&b=%09', referrer => 'https://search.example/' };
    $event->{context}{traits} = { email => 'jane@shop.example', phone => '+1 555 0100' };
    $event->{properties}{products} = [map { { product_id => "p-$_", price => 9.5, quantity => $_ } } 1 .. 3];

    return $event;
}

sub one { return $json->encode(event($_[0])) }

sub some { return $json->encode({ batch => [map { event($_) } @_] }) }

sub one_bad {
    my @events = map { event($_) } @_;

    $events[1]{properties}{query} = 'bad';
    return $json->encode({ batch => \@events });
}


# ---- nginx

my %integration = (
    tag => "- name: pinterest\n  config:\n    tagId: '2612826764086'\n",
    api => "- name: pinterest\n  config:\n    adAccountId: '" . ACCOUNT
           . "'\n    accessToken: '" . TOKEN . "'\n",
);

$integration{both} = $integration{tag} . $integration{api};
$integration{keyed} = $integration{both} =~ s/^  config:\n/$&    writeKeys: [key-1]\n/mgr;


# Small pools, so that much of what nginx and the module allocate is an
# allocation of its own, and windows of one: a place that is not given back
# would be the last.
sub start {
    my ($malloc, %args) = @_;
    my $pinterest = $args{pinterest}->port;

    $args{$_} //= '' for qw(http server);

    my $locations = join '', map { <<"END" } sort keys %{ $args{locations} };
        location $_ {
            @{[$args{locations}{$_} =~ /pintag_pass/ ? '' : 'pintag_pass /pinterest;']}
            $args{locations}{$_}
        }
END
    my $nginx = Pintag::Nginx->new(no_start => 1, level => 'notice',
        files => { map { ("$_.yaml" => $integration{$_}) } keys %integration },
        http => <<"END");
    $args{http}
    upstream pinterest { server 127.0.0.1:$pinterest; keepalive 4; }

    server {
        listen 127.0.0.1:%%PORT%%;
        request_pool_size 256;
        connection_pool_size 256;
        client_header_buffer_size 256;

        pintag_integrations both.yaml;
        pintag_window tag=1 api=1;
        pintag_retry attempts=100 min=5ms max=10ms;
        $args{server}

$locations
        location /pinterest/ {
            internal;
            proxy_pass http://pinterest/;
            proxy_http_version 1.1;
            proxy_set_header Connection "";
        }
    }
END

    $malloc->start($nginx);
    return $nginx;
}


# ---- what arrives

sub plain { return $_[0] =~ s/(?<=[mo]-)\d{10}/N/gr }


# The kinds of lines that a recorder has of an event, without numbers.
sub lines_of {
    my ($recorder, $n) = @_;

    open my $in, '<:raw', $recorder->log or die;
    seek $in, $recorder->{at} // 0, 0;

    while (my $line = <$in>) {
        $line =~ /\n\z/ or last;
        $recorder->{at} += length $line;
        chomp $line;

        my %numbers = map { $_ => 1 } $line =~ /m-(\d{10})/g;

        # the fallback is told when, and why, and may get several at a time
        for my $one (split /\\n/, $line =~ s/"time":\d+/"time":T/gr =~ s/"reason":"\w+"/"reason":R/gr) {
            $one =~ s{\Aapi\t/\t}{};
            $recorder->{seen}{$_}{plain($one)} = 1 for keys %numbers;
        }
    }

    return join "\n", sort keys %{ $recorder->{seen}{$n} // {} };
}


# ---- a request

sub request {
    my ($nginx, $kind, @n) = @_;
    my $client = Pintag::Client->new($nginx->port);
    my ($method, $uri, $body, %headers) = $kind->{request}->(@n);

    $headers{Connection} = 'close';
    $requests++;

    $kind->{chunked} ? $client->post_chunked($uri, $body, 300, %headers)
                     : $client->request($method, $uri, $body, %headers);

    my $answer = $client->answer(20);

    die "no answer\n" if !$answer && $client->{timed_out};

    return $answer ? ($answer->{status}, plain($answer->{body})) : (0, '');
}


# What is wrong with the answer to a request of which allocations failed; an
# empty string when nothing is.
sub wrong {
    my ($nginx, $kind, $status, $body, @n) = @_;

    return '' if $status == 0;
    return '' if $status == 500 && $body =~ /"error":"internal_error"|500 Internal Server Error|\AGIF89a/;
    return '' if $status == 503 && $body =~ /^\{"success":false,/;

    return "$status $body" if !($status == $kind->{status} && $body eq $kind->{body})
                              && !($kind->{or} && "$status $body" =~ $kind->{or});

    # acknowledged: it arrives as it does in the calm, or is told of
    for my $n ($kind->{arrives} ? @n : ()) {
        eventually(sub {
            lines_of($kind->{arrives}, $n) eq $kind->{lines}
            || $kind->{told} && $nginx->error_log =~ /\[error\].* lost an event .*m-$n/
        }, 20) or return "answered $status, and m-$n: " . lines_of($kind->{arrives}, $n);
    }

    return '';
}


# Walks through the allocations of a kind of request.
sub walk {
    my ($malloc, $nginx, $kind, $row) = @_;
    my $what = $kind->{name} . ($row > 1 ? ", $row in a row" : '');
    my $count = $kind->{events} // 1;
    my ($worker) = $nginx->worker_pids;
    my @wrong;
    my $k = int rand $step;

    for (; @wrong < 5; $k += $step) {
        my @n = map { $number++ } 1 .. $count;

        forget($nginx) if $kind->{forget};
        $malloc->by_number($k + 1, $k + $row);

        my ($status, $body) = eval { request($nginx, $kind, @n) };
        my $wrong = $@;

        $wrong = wrong($nginx, $kind, $status, $body, @n) if !$wrong;
        $malloc->off;
        push @wrong, join "\n", "$k: $wrong", $malloc->stack if $wrong;

        # the next one finds all as it was
        @n = map { $number++ } 1 .. $count;
        ($status, $body) = eval { request($nginx, $kind, @n) };

        if ($@ || $status != $kind->{status} || $body ne $kind->{body}) {
            push @wrong, join "\n", "$k, the next one: " . ($@ || "$status $body"), $malloc->stack;
        }

        my $hit = $malloc->failed or last;

        $failed += $hit;
    }

    is join("\n", @wrong), '', "$what: $k allocations";
    is join(' ', $nginx->worker_pids), $worker, 'the worker is the same';

    # it would be a walk through nothing
    cmp_ok $k, '>', $kind->{least} // 10, 'there were some';
}


# The worker keeps memory from one request to the next, but not after one that
# needed more than so much.
sub forget {
    my $nginx = shift;
    my $client = Pintag::Client->new($nginx->port);
    my $numbers = join ',', ('1.2345678901234e-310') x 24;
    my $event = qq({"event":"x","properties":{"a":[$numbers]}});

    $client->post('/preview', '[' . join(',', ($event) x 900) . ']', Connection => 'close');

    my $answer = $client->answer(20) // die "no answer\n";

    die "$answer->{status}\n" if $answer->{status} != 200;
}


# How it is in the calm.
sub learn {
    my ($nginx, $kind) = @_;
    my @n = map { $number++ } 1 .. ($kind->{events} // 1);
    my $lines = $kind->{lines} // 2;

    (my $status, $kind->{body}) = request($nginx, $kind, @n);

    is $status, $kind->{status}, "$kind->{name}, in the calm: $status" or diag $kind->{body};
    $kind->{arrives} or return;

    ok eventually(sub { (() = split /\n/, lines_of($kind->{arrives}, $n[0]), -1) == $lines }), 'it arrives';
    $kind->{lines} = lines_of($kind->{arrives}, $n[0]);
}


# What holds when nothing fails any more: nothing of what has failed is left.
sub calm {
    my ($malloc, $nginx, $kind) = @_;
    my @wrong;

    for (1 .. 20) {
        my ($status, $body) = request($nginx, $kind, map { $number++ } 1 .. ($kind->{events} // 1));

        push @wrong, "$status $body" if $status != $kind->{status} || $body ne $kind->{body};
    }

    is join("\n", @wrong), '', "in the calm after it, $kind->{name} is as it was";

    if (-d $nginx->dir . '/spool') {
        ok eventually(sub { !glob $nginx->dir . '/spool/*.spool' }), 'the spool is empty';
    }

    my $took = $nginx->quit(10);

    ok defined $took, 'nginx leaves';
    is join('', $nginx->errors('alert')), '', 'nothing is left open';
    is join('', map { $_->{text} } $malloc->crashes), '', 'nothing has crashed';
}


sub walks {
    my ($malloc, $nginx, @kinds) = @_;

    @kinds = grep { $_->{name} =~ /(?:$only)/ } @kinds or return;

    learn($nginx, $_) for @kinds;
    walk($malloc, $nginx, $_, 1) for @kinds;
    walk($malloc, $nginx, $_, 10) for grep { $long || $_->{row} } @kinds;
    calm($malloc, $nginx, $kinds[0]);
}


# ---- kinds of requests

sub post {
    my ($uri, $make, %headers) = @_;
    return sub { return ('POST', $uri, $make->(@_), %headers) };
}

sub basic { return (Authorization => 'Basic ' . encode_base64("$_[0]:", '')) }


my $malloc = Pintag::Malloc->new;
my $pinterest = Pintag::Recorder->new;

{
    my $nginx = start($malloc, pinterest => $pinterest, http => 'pintag_spool spool;',
        locations => {
            '= /delivered' => '',
            '= /tag' => 'pintag_integrations tag.yaml;',
            '= /api' => 'pintag_integrations api.yaml;',
            '= /stored' => 'pintag_ack stored;',
            '= /file' => 'pintag_ack stored; client_body_in_file_only clean;',
            '= /received' => 'pintag_ack received;',
            '/pixel/' => '',
            '= /preview' => 'pintag_preview on;',
            '= /keys' => 'pintag_write_keys key-1;',
            '= /keyed' => 'pintag_integrations keyed.yaml;',
            '= /page' => 'pintag_allow_origin https://shop.example;',
            '= /skip' => 'pintag_skip $arg_skip;',
            '= /small' => 'pintag_max_body 100;',
        });
    my @arrives = (arrives => $pinterest, or => qr/^202 \{"success":true,"received":\d,"stored":\d\}/);
    my @page = (Origin => 'https://shop.example');
    my $gzip = sub { Compress::Zlib::memGzip(some(@_)) };

    my @kinds = (
        { name => 'a batch', status => 200, @arrives, events => 3, request => post('/delivered', \&some) },
        { name => 'an event', row => 1, status => 200, @arrives, request => post('/delivered', \&one) },
        { name => 'an event, when no memory is kept', forget => 1, status => 200, @arrives,
          request => post('/delivered', \&one) },
        { name => 'an event to the Tag', status => 200, @arrives, lines => 1,
          request => post('/tag', \&one) },
        { name => 'an event to the Conversions API', status => 200, @arrives, lines => 1,
          request => post('/api', \&one) },
        { name => 'a compressed batch', status => 200, @arrives, events => 3,
          request => post('/delivered', $gzip, 'Content-Encoding' => 'gzip') },
        { name => 'an event to be stored', row => 1, status => 202, @arrives,
          request => post('/stored', \&one) },
        { name => 'a batch to be stored', status => 202, @arrives, events => 3,
          request => post('/stored', \&some) },
        { name => 'a body in a file', status => 202, @arrives, events => 3, request => post('/file', \&some) },
        { name => 'a body in chunks', status => 202, @arrives, events => 3, chunked => 1,
          request => post('/file', \&some) },
        { name => 'an event to be received', status => 202, @arrives, request => post('/received', \&one) },
        { name => 'a pixel that asks for JSON', status => 200, @arrives,
          request => sub { return ('GET', '/pixel/track?data=' . encode_base64(one(@_), ''), undef,
                                   Accept => 'application/json') } },
        { name => 'a pixel that is answered an image, always', status => 200,
          request => sub { return ('GET', '/pixel/track?data=' . encode_base64(one(@_), '')) } },
        { name => 'an event of a page', status => 200, @arrives,
          request => post('/page', \&one, @page, Cookie => '_epik=abc; _pin_unauth=def') },
        { name => 'an event with a write key', status => 200, @arrives,
          request => post('/keys', \&one, basic('key-1')) },
        { name => 'an event with a write key for the entries', status => 200, @arrives,
          request => post('/keyed', \&one, 'X-Write-Key' => 'key-1') },
        { name => 'a preview', status => 200, request => post('/preview', \&one) },
        { name => 'a preflight', status => 204,
          request => sub { return ('OPTIONS', '/page', undef, @page, 'Access-Control-Request-Method' => 'POST',
                                   'Access-Control-Request-Headers' => 'authorization') } },
        { name => 'a foreign page', status => 403, least => 3,
          request => post('/page', \&one, Origin => 'https://other.example') },
        { name => 'a wrong write key', status => 401, request => post('/keys', \&one, basic('key-2')) },
        { name => 'no write key', status => 401, request => post('/keys', \&one) },
        { name => 'another method', status => 405, request => sub { return ('PUT', '/delivered', 'x') } },
        { name => 'an unknown encoding', status => 415,
          request => post('/delivered', \&one, 'Content-Encoding' => 'br') },
        { name => 'a body too large', status => 413, request => post('/small', \&one) },
        { name => 'no JSON', status => 400, request => post('/delivered', sub { '{"type":' }) },
        { name => 'no event', status => 400, request => post('/delivered', sub { '{"type":"track"}' }) },
        { name => 'an event to be skipped', status => 200, request => post('/skip?skip=1', \&one) },
    );

    walks($malloc, $nginx, @kinds);

    # whoever asks for memory, the log tells of a 500
    like $nginx->error_log, qr/\[emerg\].*: realloc\(\) of more than \d+ bytes failed/, 'the core\'s own is told of, too'
        if !$only && $step == 1;
}


# ---- without a spool

{
    my $away = Pintag::Recorder->new(fail => 1);
    my $store = Pintag::Recorder->new;
    my $refusing = Pintag::StandIn->new(fails => '"search_string":"bad"()', lengthless => 1);
    my $dividing = Pintag::StandIn->new(reject => '"search_string":"bad"', lengthless => 1);
    my $internal = join '', map { my ($name, $up) = @$_; <<"END" }
        location /$name/ { internal; proxy_pass http://127.0.0.1:@{[$up->port]}/; }
END
        [ away => $away ], [ store => $store ], [ refusing => $refusing ], [ dividing => $dividing ];
    # without memory nginx itself sends a body and not how long it is
    $internal .= 'location /alone/ { proxy_pass http://pinterest/; proxy_http_version 1.1; }';

    my $nginx = start($malloc, pinterest => $pinterest, server => $internal,
        locations => {
            '= /delivered' => '',
            '= /received' => 'pintag_ack received;',
            '= /away' => 'pintag_pass /away; pintag_fallback /store/; pintag_retry attempts=1 min=5ms max=10ms;',
            '= /gone' => 'pintag_pass /away; pintag_integrations tag.yaml; pintag_ack delivered timeout=30ms;'
                         . ' pintag_retry attempts=1 min=5ms max=10ms;',
            '= /refusing' => 'pintag_pass /refusing; pintag_integrations api.yaml;',
            '= /dividing' => 'pintag_pass /dividing; pintag_integrations api.yaml;',
        });

    walks($malloc, $nginx,
        { name => 'an event without a spool', status => 200, arrives => $pinterest,
          request => post('/delivered', \&one) },
        { name => 'an event to be received, without a spool', status => 202, arrives => $pinterest, told => 1,
          request => post('/received', \&one) },
        { name => 'an event for the fallback', status => 202, arrives => $store, row => 1,
          request => post('/away', \&one) },
        { name => 'an event for nobody', status => 503, request => post('/gone', \&one) },
        { name => 'events of which some are refused', status => 200, events => 5,
          request => post('/refusing', \&one_bad) },
        { name => 'a batch that is taken apart', status => 200, events => 5,
          request => post('/dividing', \&one_bad) },
        { name => 'a request that is no event, of nginx alone', status => 200,
          or => qr/^(?:400 .*a body of no length|50[02] )/,
          request => post('/alone/v5/ad_accounts/1/events', sub { '{"data":[{"event_name":"lead"}]}' }) });
}


note "$requests requests, $failed allocations failed, in " . $malloc->places . ' places';
done_testing();
