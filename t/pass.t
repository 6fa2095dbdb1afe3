# Where deliveries leave: what "pintag_pass" takes, and what is an answer.

use strict;
use warnings;

use FindBin;
use lib "$FindBin::Bin/lib";

use JSON::PP;
use Pintag::Nginx;
use Pintag::Setup;
use Pintag::StandIn;
use Test::More;

my $collect = 'pintag_integrations %%DATA%%/integrations.yaml;';
my $internal = 'internal; proxy_pass http://127.0.0.1:1/;';


# ---- configurations that nginx -t refuses

my $nginx = Pintag::Nginx->new(no_start => 1, ports => 2);

for (
    [ 'no such location',
      "location /c { $collect pintag_pass /p; }",
      qr{"pintag_pass /p" in \S+nginx\.conf:\d+ finds no location for "/p/v3/" in its server; define "location /p/v3/ \{ internal; proxy_pass https://ct\.pinterest\.com/v3/; \}"} ],
    [ 'a location that is not internal',
      "location /c { $collect pintag_pass /p; } location /p/ { proxy_pass http://127.0.0.1:1; }",
      qr{finds a location that is not "internal" for "/p/v3/"} ],
    [ 'a location without a content handler',
      "location /c { $collect pintag_pass /p; } location /p/ { internal; return 200; }",
      qr{finds a location without "proxy_pass" for "/p/v3/"} ],
    [ 'an exact location beside the way',
      "location /c { $collect pintag_pass /p; } location = /p { $internal }",
      qr{finds no location for "/p/v3/"} ],
    [ 'a regular location that takes precedence',
      "location /c { $collect pintag_pass /p; } location /p/ { $internal } location ~ v3 { return 200; }",
      qr{finds a location that is not "internal"} ],
    [ 'a location that collects itself',
      "location /c { $collect pintag_pass /p; } location /p/ { internal; $collect pintag_pass /q; } location /q/ { $internal }",
      qr{finds a location with "pintag_pass" for "/p/v3/"} ],
    [ 'an address',
      "location /c { $collect pintag_pass http://ct.pinterest.com/; }",
      qr{"pintag_pass" directive takes the URI of an internal location, not an address} ],
    [ 'all locations',
      "location /c { $collect pintag_pass /; }",
      qr{"pintag_pass" directive takes the URI of an internal location} ],
    [ 'a variable',
      "location /c { $collect pintag_pass /p/\$arg_x; }",
      qr{"pintag_pass" directive takes a plain URI} ],
    [ 'two of them',
      "location /c { $collect pintag_pass /p; pintag_pass /q; }",
      qr{"pintag_pass" directive is duplicate} ],
    [ 'no integrations',
      "location /c { pintag_pass /p; } location /p/ { $internal }",
      qr{no "pintag_integrations" is defined for the "pintag_pass" in \S+:\d+} ],
    [ 'integrations that are off',
      "$collect location /c { pintag_integrations off; pintag_pass /p; } location /p/ { $internal }",
      qr{no "pintag_integrations" is defined} ],
    [ 'one destination with two windows',
      "$collect location /c { pintag_pass /p; }\n location /d { pintag_pass /p/; pintag_window tag=2; } location /p/ { $internal }",
      qr{the "pintag_pass" in \S+nginx\.conf:(\d+) and the one in \S+nginx\.conf:(?!\1)\d+ lead to the same destination, tag 2612826764086,} ],
    [ 'one destination with two ways to try again',
      "$collect location /c { pintag_pass /p; }\n location /d { pintag_pass /p; pintag_retry attempts=2; } location /p/ { $internal }",
      qr{lead to the same destination} ],
) {
    my ($what, $server, $message) = @$_;
    my ($status, $out) = $nginx->test_config(
        "server { listen 127.0.0.1:%%PORT%%;\n $server\n }");

    isnt $status, 0, "nginx -t fails on $what";
    like $out, $message, 'and says why';
}


# ---- configurations that it takes

for (
    [ 'a prefix', "location /p { $internal }" ],
    [ 'a longer prefix', "location /p/v3/ { $internal }" ],
    [ 'an exact location', "location = /p/v3/ { $internal } location /p/ { return 200; }" ],
    [ 'a regular location', "location ~ ^/p/v[35]/ { internal; proxy_pass http://127.0.0.1:1; }" ],
    [ '^~ before a regular location', "location ^~ /p/ { $internal } location ~ v3 { return 200; }" ],
    [ 'a nested location', "location /p/ { location /p/v3/ { $internal } }" ],
    [ 'the same window twice', "location /p/ { $internal } location /d { $collect pintag_pass /p; pintag_window tag=16; }" ],
    [ 'limit_except and if', "location /p/ { $internal } location /d { $collect pintag_pass /p; limit_except POST { deny all; } if (\$arg_x) { set \$y 1; } }" ],
) {
    my ($what, $server) = @$_;
    my ($status, $out) = $nginx->test_config(
        "server { listen 127.0.0.1:%%PORT%%; location /c { $collect pintag_pass /p; } $server }");

    is $status, 0, "nginx -t takes $what" or diag $out;
}


# ---- Pinterest without TLS, or whoever says to be Pinterest

my $verify = 'proxy_ssl_verify on; proxy_ssl_trusted_certificate /etc/ssl/certs/ca-certificates.crt;';
my $two = Pintag::Nginx->new(no_start => 1, files => { 'two.yaml' => <<'END' });
- name: pinterest
  config:
    tagId: "1"
    limitedDataProcessing: {state: CA, country: US}
- name: pinterest
  config:
    tagId: "2"
    limitedDataProcessing: {state: CA, country: US}
END

my $api = Pintag::Nginx->new(no_start => 1, files => { 'api.yaml' => <<'END' });
- name: pinterest
  config:
    tagId: "1"
    adAccountId: "549755885175"
    accessToken: "token"
    limitedDataProcessing: {state: CA, country: US}
END

for (
    # lines of the location, of the server; whether it warns
    [ 'proxy_pass http://ct.pinterest.com/v3/;', '', 1 ],
    [ 'proxy_pass https://ct.pinterest.com/v3/;', '', 1 ],
    [ 'proxy_pass https://ct.pinterest.com/v3/; proxy_ssl_verify off;', $verify, 1 ],
    [ "proxy_pass http://ct.pinterest.com/v3/; $verify", '', 1 ],
    [ "proxy_pass https://ct.pinterest.com/v3/; $verify", '', 0 ],
    [ 'proxy_pass https://ct.pinterest.com/v3/;', $verify, 0 ],
    [ 'proxy_pass http://tls.example/v3/;', '', 0 ],
    [ 'proxy_pass https://tls.example/v3/;', '', 0 ],
    [ 'proxy_pass http://$host/v3/;', '', 0 ],
    [ 'fastcgi_pass ct.pinterest.com;', '', 0 ],
) {
    my ($location, $server, $wanted) = @$_;
    my ($status, $out) = $two->test_config(<<"END");
    upstream ct.pinterest.com { server 127.0.0.1; }
    upstream tls.example { server 127.0.0.1; }
    server {
        listen 127.0.0.1:%%PORT%%;
        $server
        location /c { pintag_integrations two.yaml; pintag_pass /p; }
        location /p/ { internal; $location }
    }
END
    my @warnings = $out =~ /\[warn\] (.*)/g;

    is $status, 0, "$location $server: taken" or diag $out;
    is scalar @warnings, $wanted, $wanted ? 'with one warning' : 'without a warning' or diag $out;
    like $warnings[0], qr{"location /p/", to which the "pintag_pass" in \S+:\d+ leads, sends to "ct\.pinterest\.com" without making sure that it is Pinterest; use "proxy_pass https://\.\.\.", "proxy_ssl_verify on" and "proxy_ssl_trusted_certificate" there}, 'that says what to do'
        if $wanted;
}


# ---- what "proxy_pass" would keep back

for (
    # lines of the location that pixels and batches leave through, what is kept back
    [ 'proxy_pass_request_headers off;', 'proxy_pass_request_headers off', 'the headers of what is delivered', 2 ],
    [ 'proxy_pass_request_body off;', 'proxy_pass_request_body off', 'the events themselves', 1 ],
    [ 'proxy_pass_request_body on; proxy_pass_request_headers on;', '', '', 0 ],
) {
    my ($location, $directive, $what, $wanted) = @$_;
    my ($status, $out) = $api->test_config(<<"END");
    server {
        listen 127.0.0.1:%%PORT%%;
        location /c { pintag_integrations api.yaml; pintag_pass /p; }
        location /p/ { internal; proxy_pass http://127.0.0.1:1; $location }
    }
END
    my @warnings = $out =~ /\[warn\] (.*)/g;

    is $status, 0, "$location taken" or diag $out;
    is scalar @warnings, $wanted, "$wanted warnings" or diag $out;

    for (@warnings) {
        like $_, qr{"location /p/", to which the "pintag_pass" in \S+:\d+ leads, has "$directive", which keeps back $what; remove it}, 'that says what to do';
    }
}


# ---- the location must be in the same server

{
    my ($status, $out) = $nginx->test_config(<<"END");
    server { listen 127.0.0.1:%%PORT%%; location /c { $collect pintag_pass /p; } }
    server { listen 127.0.0.1:%%PORT2%%; location /p/ { $internal } }
END
    isnt $status, 0, 'a location of another server is none';
}


# ---- what nginx answers itself is no delivery

my $up = Pintag::StandIn->new;

for (
    [ 'a return in the server',
      { server => 'if ($uri ~ ^/pinterest) { return 200 "fine"; }' }, 200 ],
    [ 'a return in the location', { pinterest => 'return 204;' }, 204 ],
    [ 'an error of the location', { pinterest => 'return 403;' }, 403 ],
    [ 'a rewrite away from it',
      { server => 'location / { empty_gif; }', pinterest => 'rewrite ^ /x.gif last;' },
      200 ],
    [ 'a redirect that the upstream asks for',
      { server => 'location /local { empty_gif; }' }, 200,
      { headers => { 'X-Accel-Redirect' => '/local' } } ],
    [ 'a cached answer',
      { http => 'proxy_cache_path %%DIR%%/temp/cache keys_zone=c:1m;
                 proxy_cache_key x; proxy_cache_valid 200 1m;',
        server => 'location /warm { proxy_cache c; proxy_pass http://pinterest/v3/; }',
        pinterest => 'proxy_cache c;' },
      200, {}, 1 ],
    [ 'an error page',
      { server => 'location /local { empty_gif; }',
        pinterest => 'proxy_intercept_errors on; error_page 503 =200 /local;' },
      undef, { status => 503 } ],
) {
    my ($what, $config, $status, $behaviour, $warm) = @$_;
    my $nginx = Pintag::Nginx->new(
        http => collector($up->port, %$config,
            collect => 'pintag_retry attempts=2 min=10ms max=10ms;'));

    $up->behave(%{ $behaviour // {} });

    if ($warm) {
        is $nginx->client->get('/warm')->answer->{status}, 200,
            "$what: a client has warmed the cache";
    }

    my $answer = $nginx->post('/collect', encode_json(order(2)));

    is $answer->{status}, 503, "$what is no delivery";
    is answer_of($answer)->{events}[0]{reason},
        defined $status ? 'no_upstream' : 'upstream_error', 'and has its reason';

    if (defined $status) {
        like $nginx->error_log,
            qr{\[error\].* pintag_pass "/pinterest" in \S+nginx\.conf:\d+: "/pinterest/v3/" was answered $status by nginx itself, not by an upstream},
            'the log names the location';
    }

    is join('', $nginx->errors('alert', 'crit', 'emerg')), '', 'no alert';
}


# ---- what an upstream answers is one, whatever its size

for (
    [ 'an empty body', {} => { body => '', headers => { 'Content-Length' => 0 } } ],
    [ 'a chunked body', {} => { chunked => 1 } ],
    [ '300 KB', {} => { size => 300_000 } ],
    [ '300 KB without a temporary file', { pinterest => 'proxy_max_temp_file_size 0;' } => { size => 300_000 } ],
    [ '300 KB, unbuffered', { pinterest => 'proxy_buffering off;' } => { size => 300_000 } ],
    [ '300 KB a byte at a time', {} => { act => 'drip', every => 0.001 } ],
    [ '204', {} => { status => 204, headers => { 'Content-Length' => 0 } } ],
    [ 'without keep-alive', {} => { keepalive => 0 } ],
) {
    my ($what, $config, $behaviour) = @$_;
    my $nginx = Pintag::Nginx->new(http => collector($up->port, %$config));

    $up->behave(%$behaviour);

    for (1 .. 3) {
        my $answer = $nginx->post('/collect', batch(1 .. 3));
        is $answer->{body}, '{"success":true,"received":3,"delivered":3}',
            "$what is an answer";
    }

    is join('', $nginx->errors), '', 'no error';
}


# ---- an intercepted refusal is a refusal

{
    my $nginx = Pintag::Nginx->new(
        http => collector($up->port,
            pinterest => 'proxy_intercept_errors on; error_page 400 /local;'));

    $up->behave(status => 400, body => 'no');
    is answer_of($nginx->post('/collect', encode_json(order(1))))->{refused}, 1,
        'an intercepted refusal is a refusal';
}

done_testing();
