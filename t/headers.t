# What the internal location and Pinterest see of a client's own request: the
# user agent of a browser, nothing else.

use strict;
use warnings;

use FindBin;
use lib "$FindBin::Bin/lib";
use Pintag::Test;

run_tests();

__DATA__

=== TEST 1: no other header of the client's reaches Pinterest
--- request eval
"POST /collect\n" . data('request.json')
--- more_headers
Cookie: session=s3cr3tly
Authorization: Basic c2VjcmV0Og==
Content-Type: application/json
User-Agent: curl/8
Referer: http://shop.example/checkout?email=ada@shop.example
X-Forwarded-For: 203.0.113.7
X-Request-Id: 7
Accept: */*
Accept-Language: de
Range: bytes=0-1
If-None-Match: "x"
--- pinterest
GET /v3/?tid=2612826764086&noscript=1&ed[checkout_id]=39f39fj39f3jf93fj9fj39fj3f&ed[order_id]=dkfsjidfjsdifsdfksdjfkdsfjsdfkdsf&event=PaymentInfoEntered HTTP/1.1
--- pinterest_like
^\{"headers":\{"host":"pinterest","user-agent":"curl/8"\},
--- error_code: 200



=== TEST 2: of what is no browser not even that one
--- request eval
"POST /collect\n" . data('request.json')
--- more_headers
Cookie: session=s3cr3tly
Authorization: Basic c2VjcmV0Og==
User-Agent: curl/8
X-Forwarded-For: 203.0.113.7
Accept: */*
--- pinterest_like
^\{"headers":\{"host":"pinterest"\},
--- error_code: 200



=== TEST 3: nor do its variables, whatever the location reads
--- config
location = /collect {
    set $leak s3cr3tly;
    pintag_integrations $TEST_NGINX_HTML_DIR/integrations.yaml;
    pintag_pass /pinterest;
}

location /pinterest/ {
    internal;
    proxy_pass http://pinterest/;
    proxy_set_header X-Real-IP $remote_addr;
    proxy_set_header X-Request-Id "$http_cookie$cookie_session$arg_who$leak";
    proxy_set_header X-Forwarded-Host $request_method;
}
--- request eval
"POST /collect?who=ada\n" . data('request.json')
--- more_headers
Cookie: session=s3cr3tly
--- pinterest_unlike
s3cr3tly
ada
"x-request-id"
--- pinterest_like
"x-real-ip":"127.0.0.1"
"x-forwarded-host":"GET"



=== TEST 4: a variable of one delivery is not the next one's
--- http_config
map $args $order {
    ~=o-1& one;
    ~=o-2& two;
}
--- config
location = /collect {
    pintag_integrations $TEST_NGINX_HTML_DIR/integrations.yaml;
    pintag_pass /pinterest;
}

location /pinterest/ {
    internal;
    proxy_pass http://pinterest/;
    proxy_set_header X-Request-Id $order;
}
--- request
POST /collect
{"batch":[{"type":"track","event":"Lead","properties":{"order_id":"o-1"}},{"type":"track","event":"Lead","properties":{"order_id":"o-2"}},{"type":"track","event":"Lead","properties":{"order_id":"o-3"}}]}
--- pinterest_like
"x-request-id":"one"\}.*o-1&
"x-request-id":"two"\}.*o-2&
"host":"[a-z]+"\}.*o-3&



=== TEST 5: limits of clients are not limits of what the worker sends
--- http_config
limit_req_zone $server_name zone=req:1m rate=1r/m;
limit_conn_zone $server_name zone=conn:1m;
--- config
location = /collect {
    pintag_integrations $TEST_NGINX_HTML_DIR/integrations.yaml;
    pintag_pass /pinterest;
}

location /pinterest/ {
    internal;
    limit_req zone=req;
    limit_conn conn 1;
    proxy_pass http://pinterest/;
}
--- request eval
require Pintag::Setup;
"POST /collect\n" . Pintag::Setup::batch(1 .. 20)
--- response_body chomp
{"success":true,"received":20,"delivered":20}



=== TEST 6: nginx's log of what fails names the destination, never the query
--- config
location = /collect {
    pintag_integrations $TEST_NGINX_HTML_DIR/integrations.yaml;
    pintag_pass /pinterest;
    pintag_retry attempts=1;
}

location /pinterest/ {
    internal;
    proxy_pass http://127.0.0.1:1/;
}
--- request
POST /collect
{"type":"track","event":"Lead","messageId":"m-s3cr3tly","properties":{"order_id":"o-s3cr3tly"}}
--- error_code: 503
--- error_log
pintag destination: tag 2612826764086, upstream: "127.0.0.1:1"
--- no_error_log
s3cr3tly
[alert]

