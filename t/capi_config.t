# The Conversions API in the configuration: where it is reached, its limits, and
# its access token, which nothing shows.

use strict;
use warnings;

use FindBin;
use lib "$FindBin::Bin/lib";

use JSON::PP;
use Pintag::Nginx;
use Pintag::Setup;
use Pintag::StandIn;
use Test::More;

my $account = "adAccountId: '549755885175'";
my $secret = 'pina_SECRETsecretSECRET0123456789';


sub yaml { return "- name: pinterest\n  config:\n" . join '', map { "    $_\n" } @_ }

# nginx -t: (status, output)
sub check {
    my ($yaml, %args) = @_;
    my $pinterest = $args{pinterest}
                    // 'location /p/ { internal; proxy_pass http://127.0.0.1:1/; }';

    return Pintag::Nginx->new(no_start => 1,
        files => { 'api.yaml' => $yaml, %{ $args{files} // {} } }, http => <<"END")->test_config;
    pintag_integrations %%DIR%%/conf/api.yaml;
    server {
        listen 127.0.0.1:%%PORT%%;
        $pinterest
        location /c { pintag_pass /p; @{[ $args{collect} // '' ]} }
        @{[ $args{server} // '' ]}
    }
END
}


# ---- where it leads

for (
    [ 'both transports', "tagId: '1'", '/p/', '' ],
    [ 'the API alone needs no /v3/', '', '/p/v5/', '' ],
    [ 'no location for the API', '', '/p/v3/',
      qr{"pintag_pass /p" in \S+:\d+ finds no location for "/p/v5/ad_accounts/549755885175/events" in its server; define "location /p/v5/ \{ internal; proxy_pass https://api\.pinterest\.com/v5/; \}" there} ],
    [ 'no location for the Tag', "tagId: '1'", '/p/v5/',
      qr{finds no location for "/p/v3/" in its server; define "location /p/v3/ \{ internal; proxy_pass https://ct\.pinterest\.com/v3/; \}" there} ],
) {
    my ($what, $tag, $location, $message) = @$_;
    my ($status, $out) = check(yaml($account, "accessToken: $secret", $tag ? $tag : ()),
        pinterest => "location $location { internal; proxy_pass http://127.0.0.1:1; }");

    is $status, $message ? 1 : 0, $what or diag $out;
    like $out, $message, 'and says what to add' if $message;
    unlike $out, qr/SECRET/, 'the token is not shown';
}


# ---- directives

for (
    [ 'pintag_window api=0;', qr{invalid parameter "api=0", it must be "tag=number" or "api=number", each from 1 to 1024} ],
    [ 'pintag_window api=1025;', qr{invalid parameter "api=1025"} ],
    [ 'pintag_window api=1 api=2;', qr{"pintag_window" directive is duplicate} ],
    [ 'pintag_window tag=4; pintag_window api=4;', '' ],
    [ 'pintag_batch;', qr{invalid number of arguments in "pintag_batch" directive} ],
    [ 'pintag_batch 100;', qr{invalid parameter "100", it must be "events=number" from 1 to 1000, which is Pinterest's limit, or "size=size"} ],
    [ 'pintag_batch events=0;', qr{invalid parameter "events=0"} ],
    [ 'pintag_batch events=1001;', qr{invalid parameter "events=1001"} ],
    [ 'pintag_batch size=0;', qr{invalid parameter "size=0"} ],
    [ 'pintag_batch size=big;', qr{invalid parameter "size=big"} ],
    [ 'pintag_batch events=1 events=2;', qr{"pintag_batch" directive is duplicate} ],
    [ 'pintag_batch size=1m; pintag_batch size=2m;', qr{"pintag_batch" directive is duplicate} ],
    [ 'pintag_batch events=10 size=1m;', '' ],
    [ 'pintag_batch size=32k;', qr{"size" of "pintag_batch" is 32768 bytes and has no room for an event of "pintag_max_event", 32768 bytes, for the "pintag_pass" in \S+:\d+} ],
    [ 'pintag_batch size=32k; pintag_max_event 31k;', '' ],
    [ 'pintag_max_event 1023;', qr{invalid value "1023", it must be a size of at least 1k, such as "32k"} ],
    [ 'pintag_max_event big;', qr{invalid value "big"} ],
    [ 'pintag_max_event 1k; pintag_max_event 2k;', qr{"pintag_max_event" directive is duplicate} ],
    [ 'pintag_max_event 1k;', '' ],
) {
    my ($directive, $message) = @$_;
    my ($status, $out) = check(yaml($account, "accessToken: $secret"), collect => $directive);

    is $status, $message ? 1 : 0, $directive or diag $out;
    like $out, $message, 'and says why' if $message;
}


# ---- two locations that reach one destination must want the same of it

for (
    [ 'the same', 'pintag_batch events=10;', 'pintag_batch events=10;', '' ],
    [ 'another batch', 'pintag_batch events=10;', 'pintag_batch events=20;', qr/different "pintag_window", "pintag_batch" or "pintag_retry" values, or with different access tokens/ ],
    [ 'another size', 'pintag_batch size=1m;', '', qr/different/ ],
    [ 'another window', 'pintag_window api=4;', '', qr/different/ ],
    [ 'another window of the Tag, which it does not use', 'pintag_window tag=4;', '', '' ],
    [ 'another largest event is its own affair', 'pintag_max_event 4k;', '', '' ],
    [ 'another retry', 'pintag_retry max=1s;', '', qr/different/ ],
    [ 'another token', '', 'pintag_integrations %%DIR%%/conf/other.yaml;', qr/lead to the same destination, ad account 549755885175, with different/ ],
    [ 'tests are another destination', '', 'pintag_integrations %%DIR%%/conf/test.yaml; pintag_batch events=5;', '' ],
) {
    my ($what, $one, $two, $message) = @$_;
    my ($status, $out) = check(yaml($account, "accessToken: $secret"), collect => $one,
        server => "location /d { pintag_pass /p; $two }",
        files => { 'other.yaml' => yaml($account, "accessToken: other$secret"),
                   'test.yaml' => yaml($account, "accessToken: other$secret", 'testMode: true') });

    is $status, $message ? 1 : 0, "two locations: $what" or diag $out;
    like $out, $message, 'and says so' if $message;
    unlike $out, qr/SECRET/, 'the token is not shown';
}


{
    my ($status, $out) = check(yaml($account, "accessToken: $secret") . yaml($account, "accessToken: other$secret"));

    is $status, 1, 'two entries of one account with different tokens are refused';
    like $out, qr/two entries of the integrations of the "pintag_pass" in \S+:\d+ have one "adAccountId" and different access tokens: ad account 549755885175/,
        'and told';
    unlike $out, qr/SECRET/, 'without the tokens';
}


# ---- accessTokenFile

for (
    [ 'a line', "$secret\n", 0600, '' ],
    [ 'white space around', " \t$secret\r\n\n", 0600, '' ],
    [ 'no newline', $secret, 0640, '' ],
    [ 'everybody may read it', "$secret\n", 0644, '', qr{\[warn\].*token", an "accessTokenFile", can be read by everybody on this machine: chmod o-r it} ],
    [ 'empty', '', 0600, qr{api\.yaml:4:22: "\S+/token", the "accessTokenFile", holds no token: it must be a line of visible ASCII} ],
    [ 'blank', " \n\n", 0600, qr{holds no token} ],
    [ 'two lines', "$secret\n$secret\n", 0600, qr{holds no token} ],
    [ 'a space', "$secret x\n", 0600, qr{holds no token} ],
    [ 'a control byte', "$secret\x01\n", 0600, qr{holds no token} ],
    [ 'too long', 'x' x 5000, 0600, qr{holds no token} ],
    [ 'not there', undef, 0600, qr{open\(\) "\S+/token" failed \(2: .*\n?.*api\.yaml:4:22: the "accessTokenFile" cannot be read}s ],
) {
    my ($what, $text, $mode, $message, $warning) = @$_;
    my $nginx = Pintag::Nginx->new(no_start => 1, http => <<'END');
    server {
        listen 127.0.0.1:%%PORT%%;
        location /c { pintag_pass /p; pintag_integrations api.yaml; }
        location /p/ { internal; proxy_pass http://127.0.0.1:1/; }
    }
END
    # relative to nginx.conf's folder
    $nginx->write_file('conf/api.yaml', yaml($account, 'accessTokenFile: token'));

    if (defined $text) {
        chmod $mode, $nginx->write_file('conf/token', $text);
    }

    my ($status, $out) = $nginx->test_config;

    is $status, $message ? 1 : 0, "accessTokenFile: $what" or diag $out;
    like $out, $message, 'and says why' if $message;
    like $out, $warning, 'with a warning' if $warning;
    unlike $out, qr/\[warn\].*accessTokenFile/, 'no warning' if !$warning;
    unlike $out, qr/SECRET/, 'not a byte of it is shown';
}


{
    my ($status, $out) = check(yaml($account, "accessTokenFile: $secret"));

    is $status, 1, 'accessTokenFile: a token instead of a name is refused';
    like $out, qr/api\.yaml:4:22: "accessTokenFile" looks like a token and not like the name of a file: write the token into a file, or use "accessToken"/,
        'and told';
    unlike $out, qr/SECRET/, 'without it';
}


# ---- the token leaves as a header, and nowhere else

for my $how ('accessToken', 'accessTokenFile') {
    my $up = Pintag::StandIn->new({}, { status => 401, body => qq({"code":2,"message":"bad token $secret"}) },
                                  { status => 400, body => qq({"code":2,"message":"bad token $secret"}) },
                                  { failed => { 0 => "token $secret" } }, { status => 500, body => $secret },
                                  { act => 'cut' }, { body => $secret }, {});
    my $nginx = Pintag::Nginx->new(no_start => 1, level => 'debug',
        http => collector($up->port, integrations => 'api.yaml',
            collect => 'pintag_retry attempts=2 min=1ms max=1ms; add_header X-Auth "$http_authorization";',
            server => 'location /preview { pintag_integrations api.yaml; pintag_pass /pinterest; pintag_preview on;
                       pintag_retry attempts=2 min=1ms max=1ms; }'));

    chmod 0600, $nginx->write_file('conf/token', "$secret\n");
    $nginx->write_file('conf/api.yaml',
                       yaml($account, $how eq 'accessToken' ? "accessToken: $secret" : 'accessTokenFile: token'));
    $nginx->start;

    my @answers = map { $nginx->post('/collect', api_batch($_)) } 1 .. 8;
    my $preview = $nginx->post('/preview', api_batch(1));

    is $answers[0]{status}, 200, "$how: an event is delivered";
    is join(' ', map { $_->{headers}{authorization} } $up->requests),
        join(' ', ("Bearer $secret") x $up->requests), 'every request has the token';
    is join(' ', map { "$_->{headers}{'content-type'} $_->{method}" } ($up->requests)[0]),
        'application/json POST', 'and is a POST of JSON';

    is scalar(grep { join("\n", $_->{body}, %{ $_->{headers} }) =~ /SECRET/ } @answers, $preview), 0,
        'no answer has it, nor a preview';
    is answer_of($preview)->{requests}[0]{headers}{Authorization}, 'Bearer ***', 'which says that there is one';

    $nginx->quit;
    like $nginx->error_log, qr/\[debug\]/, 'nginx logs all that it can';
    unlike $nginx->error_log . $nginx->access_log, qr/SECRET/, 'and no log has it';
    unlike $nginx->error_log, qr/o-[1-8]\b|event_name/, 'nor anything of the events';
}


# ---- what a preview shows

{
    my $up = Pintag::StandIn->new;
    my $nginx = api_nginx($up->port, config => "tagId: '2612826764086'\ntestMode: false", collect => 'pintag_preview on;');
    my $got = answer_of($nginx->post('/collect', api_batch(1, 2)));

    is join(' ', map { "$_->{event} $_->{destination} $_->{method}" } @{ $got->{requests} }),
        '0 tag 2612826764086 GET 0 ad account 549755885175 POST 1 tag 2612826764086 GET 1 ad account 549755885175 POST',
        'a preview shows each event on each transport';
    is $got->{requests}[1]{uri}, '/pinterest/v5/ad_accounts/549755885175/events', 'where it would go';
    is_deeply [map { $_->{custom_data}{order_id} } @{ $got->{requests}[3]{body}{data} }], ['o-2'], 'and its body, as JSON';
    is scalar($up->requests), 0, 'nothing is sent';

    $nginx = api_nginx($up->port, config => 'testMode: true', collect => 'pintag_preview on;');
    $got = answer_of($nginx->post('/collect', api_batch(1)));
    is $got->{requests}[0]{uri}, '/pinterest/v5/ad_accounts/549755885175/events?test=true', 'tests are shown as tests';
    is $got->{requests}[0]{destination}, 'ad account 549755885175 (test)', 'by name, too';
}


# ---- limits of clients are not for what the worker sends

{
    my $up = Pintag::StandIn->new;
    my $nginx = api_nginx($up->port,
        http => 'limit_req_zone $server_name zone=r:1m rate=1r/m;',
        collect => 'client_max_body_size 8m; pintag_max_body 8m; pintag_ack delivered timeout=30s;',
        pinterest => 'client_max_body_size 1k; limit_req zone=r;');
    my @events = map { api_order($_, content_name => 'x' x 2000) } 1 .. 300;

    is answer_of($nginx->post('/collect', api_batch(@events)))->{delivered}, 300,
        'a request of 600 kB passes a client_max_body_size of 1k';
    is join(' ', api_sizes($up->requests)), '300', 'as one';
    is $nginx->post('/collect', api_batch(1))->{status}, 200, 'and limit_req';
    is join('', $nginx->errors), '', 'no error';
}


# ---- nor do they count, or the method change, where the internal location
#      leads on

{
    my $up = Pintag::StandIn->new;
    my $nginx = api_nginx($up->port,
        collect => 'client_max_body_size 8m; pintag_max_body 8m; pintag_ack delivered timeout=30s;',
        pinterest => 'try_files $uri /on$uri;',
        server => 'location /on/pinterest/ { internal; client_max_body_size 1k; proxy_method $request_method;
                   proxy_pass http://pinterest/; proxy_http_version 1.1; proxy_set_header Connection "";
                   proxy_set_header X-Protocol "$server_protocol $request_method $content_length"; }');
    my @events = map { api_order($_, content_name => 'x' x 2000) } 1 .. 300;

    is answer_of($nginx->post('/collect', api_batch(@events)))->{delivered}, 300, 'try_files leads on';
    my ($request) = $up->requests;
    is $request->{method}, 'POST', '$request_method is that of the request';
    like $request->{headers}{'x-protocol'}, qr{^HTTP/1\.1 POST}, 'and $server_protocol is one';
    is length $request->{body}, $request->{headers}{'content-length'}, 'with its whole body';
    is join('', $nginx->errors), '', 'no error';
}


# ---- another server of the upstream is tried with the whole body

for (
    [ 'refuses connections', undef ],
    [ 'closes after it has read the request', { act => 'close' } ],
    [ 'answers 503', { status => 503 } ],
) {
    my ($what, $behaviour) = @$_;
    my $up = Pintag::StandIn->new;
    my $bad = Pintag::StandIn->new(%{ $behaviour // {} });
    my ($port, $other) = ($up->port, $bad->port);
    my $nginx = Pintag::Nginx->new(
        files => { 'api.yaml' => yaml($account, "accessToken: $secret") },
        http => collector($port, integrations => '%%DIR%%/conf/api.yaml',
                pinterest => 'proxy_next_upstream error timeout http_503 non_idempotent;')
                =~ s/server 127\.0\.0\.1:$port;/server 127.0.0.1:$other max_fails=0; server 127.0.0.1:$port;/r);

    $bad->refuse if !$behaviour;

    is join(' ', map { $nginx->post('/collect', api_batch($_ .. $_ + 9))->{status} } map { 10 * $_ } 1 .. 6),
        '200 200 200 200 200 200', "one of two servers $what: every event is delivered";
    is_deeply [sort { $a <=> $b } api_events_of($up->requests)], [10 .. 69], 'whole, and once';
    cmp_ok scalar($bad->requests), '>', 0, 'that one was tried' if $behaviour;
}

done_testing();
