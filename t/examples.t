# What users copy works: the README's configuration and those in conf-examples,
# against a stand-in for Pinterest with TLS.

use strict;
use warnings;

use FindBin;
use lib "$FindBin::Bin/lib";

use Encode qw(decode FB_CROAK LEAVE_SRC);
use JSON::PP;
use Pintag::Deadline;
use Pintag::Nginx;
use Pintag::Setup qw(nginx_version);
use Test::More;
use Time::HiRes qw(sleep time);

my $root = Pintag::Nginx->root;

sub slurp {
    my $name = shift;
    open my $in, '<:raw', "$root/$name" or die "$name: $!";
    local $/;
    return scalar <$in>;
}


# ---- the README tells what is in the file, and what really happens

my $readme = slurp('README.md');
my $minimal = slurp('conf-examples/minimal.conf');

(my $indented = $minimal) =~ s/\A(?:#.*\n)+\n//;
$indented =~ s/^(?=.)/    /mg;

ok index($readme, $indented) >= 0,
    'the README shows conf-examples/minimal.conf as it is';

(my $yaml = slurp('conf-examples/integrations.yaml')) =~ s/^(?=.)/    /mg;

ok index($readme, $yaml) >= 0, 'and conf-examples/integrations.yaml';

my ($request) = $readme =~ m{^    (GET /v3/\S* HTTP/1\.1)$}m;
my ($answer) = $readme =~ m{^    (\{"success".*\})$}m;
my ($event) = $readme =~ m{-d '(\{.*?\})'$}ms;


# ---- each example delivers an event

# bodies of the Conversions API go where Pintag::StandIn writes them, too
my $bodies = $ENV{PINTAG_BODIES} // '%%DIR%%/logs/bodies.log';

my $pinterest = Pintag::Nginx->new(no_start => 1, ports => 2, http => <<'END' =~ s/%%BODIES%%/$bodies/r);
    log_format line '$ssl_server_name $host $request';
    log_format body escape=json '{"test":"t/examples.t","uri":"$request_uri","body":"$request_body"}';
    server {
        listen 127.0.0.1:%%PORT%% ssl;
        server_name ct.pinterest.com;
        ssl_certificate %%DIR%%/conf/cert.pem;
        ssl_certificate_key %%DIR%%/conf/key.pem;
        access_log %%DIR%%/logs/pinterest.log line;
        location /v3/ { empty_gif; }
        location / { return 404; }
    }
    server {
        listen 127.0.0.1:%%PORT%% ssl;
        server_name api.pinterest.com;
        ssl_certificate %%DIR%%/conf/cert.pem;
        ssl_certificate_key %%DIR%%/conf/key.pem;
        access_log %%DIR%%/logs/pinterest.log line;
        default_type application/json;
        location = /v5/ad_accounts/549755885175/events {
            if ($http_authorization != "Bearer pina_0123456789") { return 401; }
            access_log %%DIR%%/logs/pinterest.log line;
            access_log %%BODIES%% body;
            proxy_pass http://127.0.0.1:%%PORT2%%;
        }
        location / { return 404; }
    }
    server {
        listen 127.0.0.1:%%PORT2%%;
        access_log off;
        default_type application/json;
        return 200 '{"num_events_received":1,"num_events_processed":1,"events":[{"status":"processed"}]}';
    }
END

my $conf = $pinterest->dir . '/conf';

system("openssl req -x509 -newkey rsa:2048 -nodes -days 2 -subj /CN=ct.pinterest.com"
       . " -addext subjectAltName=DNS:ct.pinterest.com,DNS:api.pinterest.com"
       . " -keyout $conf/key.pem -out $conf/cert.pem 2> $conf/openssl.log") == 0
    or die slurp("$conf/openssl.log");

$pinterest->start;

# what is new in the stand-in's log, once a request that matches is in it: that
# is written after it was answered
my $seen = 0;

sub logged {
    my $re = shift;
    my $end = deadline(5);
    my $log;

    do {
        sleep 0.02;
        $log = substr $pinterest->file('logs/pinterest.log'), $seen;
    } until $log =~ $re || time() > $end;

    $seen += length $log;
    return $log;
}


# the integrations that an example is for, when they are not the usual ones
my %integrations = (
    'conversions-api.conf' => 'integrations-api.yaml',
    'production.conf'      => 'integrations-api.yaml',
    'production-resolve.conf' => 'integrations-api.yaml',
);

# and the answers, when they are not the README's
my $stored = '{"success":true,"received":1,"stored":1}';
my %answers = map { $_ => $stored } qw(durable.conf fleet.conf production.conf production-resolve.conf);

# what a client must show, where not everybody may send
my %headers = (
    map { $_ => ['X-Write-Key' => 'shop-web-1', Origin => 'https://www.shop.example'] }
        qw(production.conf production-resolve.conf),
);

# an identity, for the Conversions API
(my $whose = $event) =~ s/\}\z/,"context":{"ip":"192.0.2.1","userAgent":"Mozilla"\}}/;

# what no configuration may lack that somebody copies
sub safe {
    my ($name, $text) = @_;
    my @locations = $text =~ /^        location ((?:= )?\/.*?^        \})/msg;

    (my $rest = $text) =~ s/^        location .*?^        \}//msg;
    $rest =~ s/^\s*#.*//mg;

    for (@locations) {
        my ($where) = /^(.*?) \{/;
        my $has = $rest . $_;

        if (/\bpintag_pass\b/) {
            like $_, qr/client_body_buffer_size 512k;/, "$name, $where: no body in a file";
            like $has, qr/client_body_timeout +\d+s;/, 'a slow one ends';
            like $has, qr/access_log +\S+ pintag;/, 'has a log';

            if (/\bpintag_preview +on;/) {
                like $_, qr/allow +127\.0\.0\.1;\s+deny +all;/, 'is for this machine';

            } else {
                like $_, qr/limit_req  .*limit_req_status +429;/s, 'limits requests';
                like $_, qr/limit_conn  .*limit_conn_status +429;/s, 'and connections';
            }

        } elsif (/\bpintag_status\b/) {
            like $_, qr/allow +127\.0\.0\.1;\s+(?:allow +10\.0\.0\.0\/8;\s+)?deny +all;/, "$name, $where: is not for all";

        } elsif (/\balias\b/) {
            like $_, qr/allow +127\.0\.0\.1;\s+(?:allow +10\.0\.0\.0\/8;\s+)?deny +all;/, "$name, $where: is not for all";
            like $_, qr/add_header Content-Security-Policy "default-src 'self'; [^"]*frame-ancestors 'none'" always;/, 'loads nothing from elsewhere';
            like $_, qr/add_header X-Content-Type-Options +nosniff always;/, 'of the types that it says';

        } elsif (/proxy_pass +https:/) {
            like $has, qr/proxy_ssl_verify +on;/, "$name, $where: verifies";
            like $has, qr/proxy_ssl_server_name +on;/, 'sends a name';
            like $_, qr/proxy_ssl_name +(?:ct|api)\.pinterest\.com;/, "Pinterest's";
            like $has, qr/proxy_ssl_trusted_certificate +\S+;/, 'by certificates of its own';
            like $has, qr/proxy_cache +off;/, 'caches nothing';
            like $_, qr/\binternal;/, 'is internal';

        } else {
            like $_, qr/\binternal;.*proxy_pass +http:/s, "$name, $where: of this machine";
        }
    }

    unlike $text, qr/proxy_pass_request_headers/, "$name: our headers go out";
    unlike $text, qr/\$(?:request|args|http_referer|request_uri|query_string|arg_\w+)\b/,
        'no log has arguments';
}


# The access log once it has so many lines: each is written after the answer.
sub lines {
    my ($nginx, $n) = @_;
    my $end = deadline(5);
    my $log;

    until (($log = $nginx->file('logs/pintag.log')) =~ tr/\n// >= $n) {
        last if time() > $end;
        sleep 0.02;
    }

    return $log;
}


for my $file (glob "$root/conf-examples/*.conf") {
    my ($name) = $file =~ m{([^/]+)$};
    my $text = slurp("conf-examples/$name");
    my $port = $pinterest->port;
    my $api = $text =~ /\bapi\.pinterest\.com/;

    # only what a machine without Pinterest and without root must change
    my ($main) = $text =~ s/\A((?:.*\n)*?)^http \{\n(.*)^\}\n\z/$2/ms ? $1 : fail("$name: no http");

    safe($name, $text);

    # upstreams that look names up are known since nginx 1.27.3
    next if $text =~ /\bresolve;/ && nginx_version() < 1.027003;

    $main =~ s/^load_module .*\n//mg;
    my ($workers) = $main =~ s/^worker_processes +(\S+);\n//m ? $1 : 1;
    $main =~ s/^events \{.*?\}\n//sm;
    $text =~ s{/var/lib/nginx/pintag}{%%DIR%%/spool};
    $text =~ s{/var/log/nginx}{%%DIR%%/logs};
    $text =~ s/\b(?:ct|api)\.pinterest\.com:443(?: resolve)?/127.0.0.1:$port/g
        or fail("$name: no server of Pinterest");
    $text =~ s{/etc/ssl/certs/ca-certificates\.crt}{$conf/cert.pem}g;
    $text =~ s/listen +(?:80|8080|443 ssl);/listen 127.0.0.1:%%PORT%%;/ or fail("$name: no listen");
    $text =~ s{/etc/nginx/ssl/shop\.(?:pem|key)}{"$conf/" . ($& =~ /pem/ ? 'cert' : 'key') . '.pem'}ge;

    # TLS is slow under valgrind
    $text =~ s/(proxy_connect_timeout +)3s;/$1 . slow(3) . 's;'/ge;

    $text =~ s/listen 8081;/listen 127.0.0.1:%%PORT2%%;/;

    my $nginx = Pintag::Nginx->new(main => $main, http => $text, workers => $workers, ports => 2, no_start => 1);

    $nginx->write_file('conf/integrations.yaml',
                       slurp('conf-examples/' . ($integrations{$name} // 'integrations.yaml')));
    chmod 0600, $nginx->write_file('conf/pinterest.token', "pina_0123456789\n");
    $nginx->start;

    my @headers = @{ $headers{$name} // [] };
    my $got = $nginx->client->post('/pintag', $api ? $whose : $event, @headers)->answer;
    my $log = logged($api ? qr/GET .*POST |POST .*GET /s : qr/GET /);

    is $got->{body}, $answers{$name} // $answer,
        "$name answers " . ($answers{$name} ? 'that it is stored' : 'what the README says');

    if ($api) {
        like $log, qr{^api\.pinterest\.com api\.pinterest\.com POST /v5/ad_accounts/549755885175/events HTTP/1\.1$}m,
            'the Conversions API gets it, by its name, over TLS';
        like $log, qr{^ct\.pinterest\.com ct\.pinterest\.com GET /v3/\?\S+ed\[event_id\]=\S+ HTTP/1\.1$}m,
            'and the Tag, with an event id';

    } else {
        like $log, qr{^ct\.pinterest\.com ct\.pinterest\.com \Q$request\E$}m,
            'Pinterest gets what the README says, by its name, over TLS';
    }

    if ($text =~ /\bpintag_spool\b/) {
        my $end = deadline(5);
        my @left;

        while (@left = glob($nginx->dir . '/spool/*')) {
            last if time() > $end;
            sleep 0.1;
        }

        ok -d $nginx->dir . '/spool', 'the spool is where the example says';
        is "@left", '', 'and nothing is left in it';
    }

    like lines($nginx, 1),
        qr/^127\.0\.0\.1 \[[^]]+\] POST \/pintag 20\d \d+ [\d.]+$|^\{.*"uri":"\/pintag".*"result":"delivered".*\}$/m,
        'and it is in the access log';

    if ($text =~ /escape=json/) {
        $nginx->client->post("/pintag/$_", $event)->answer for '%FF', 'a%22%0A%5C', '%C3%BC', '%F4%90%80%80';

        my @lines = split /\n/, lines($nginx, 5);

        is scalar @lines, 5, 'a line a request';
        is scalar(grep { eval { JSON::PP->new->utf8->decode($_) } && eval { decode('UTF-8', $_, FB_CROAK | LEAVE_SRC) } }
                  @lines), 5, 'which is JSON whatever the path is';
    }

    # valgrind keeps some descriptors, and lets nobody have more of them
    my @errors = grep { !$ENV{PINTAG_VALGRIND} || !/setrlimit\(RLIMIT_NOFILE/ } $nginx->errors;

    is join('', @errors), '', 'no error';
}

done_testing();
