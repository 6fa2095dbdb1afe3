# What users copy works: the README's configuration and those in conf-examples,
# against a stand-in for Pinterest with TLS.

use strict;
use warnings;

use FindBin;
use lib "$FindBin::Bin/lib";

use Pintag::Nginx;
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
    my $end = time() + 5;
    my $log;

    do {
        sleep 0.02;
        $log = substr $pinterest->file('logs/pinterest.log'), $seen;
    } until $log =~ $re || time() > $end;

    $seen += length $log;
    return $log;
}


# the integrations that an example is for, when they are not the usual ones
my %integrations = ('conversions-api.conf' => 'integrations-api.yaml');

# and the answers, when they are not the README's
my %answers = ('durable.conf' => '{"success":true,"received":1,"stored":1}');

# an identity, for the Conversions API
(my $whose = $event) =~ s/\}\z/,"context":{"ip":"192.0.2.1","userAgent":"Mozilla"\}}/;

for my $file (glob "$root/conf-examples/*.conf") {
    my ($name) = $file =~ m{([^/]+)$};
    my $text = slurp("conf-examples/$name");
    my $port = $pinterest->port;
    my $api = $text =~ /\bapi\.pinterest\.com/;

    # only what a machine without Pinterest and without root must change
    my ($main) = $text =~ s/\A((?:.*\n)*?)^http \{\n(.*)^\}\n\z/$2/ms ? $1 : fail("$name: no http");

    $main =~ s/^(?:load_module|events) .*\n//mg;
    $text =~ s{/var/lib/nginx/pintag}{%%DIR%%/spool};
    $text =~ s{/var/log/nginx/}{%%DIR%%/logs/} or fail("$name: no access log");
    $text =~ s/^ *log_format pintag .*\n//m or fail("$name: no log_format");
    $text =~ s/\b(?:ct|api)\.pinterest\.com:443/127.0.0.1:$port/g
        or fail("$name: no server of Pinterest");
    $text =~ s{/etc/ssl/certs/ca-certificates\.crt}{$conf/cert.pem}g;
    $text =~ s/listen 80;/listen 127.0.0.1:%%PORT%%;/ or fail("$name: no listen");

    my $nginx = Pintag::Nginx->new(main => $main, http => $text, no_start => 1);

    $nginx->write_file('conf/integrations.yaml',
                       slurp('conf-examples/' . ($integrations{$name} // 'integrations.yaml')));
    chmod 0600, $nginx->write_file('conf/pinterest.token', "pina_0123456789\n");
    $nginx->start;

    my $got = $nginx->post('/pintag', $api ? $whose : $event);
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
        my $end = time() + 5;
        my @left;

        while (@left = glob($nginx->dir . '/spool/*')) {
            last if time() > $end;
            sleep 0.1;
        }

        ok -d $nginx->dir . '/spool', 'the spool is where the example says';
        is "@left", '', 'and nothing is left in it';
    }

    like $nginx->file('logs/pintag.log'), qr{^127\.0\.0\.1 \[[^]]+\] "POST /pintag" 20\d \d+$}m,
        'and it is in the access log';
    is join('', $nginx->errors), '', 'no error';
}

done_testing();
