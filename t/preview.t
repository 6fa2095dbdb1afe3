# pintag_preview: what would be sent is shown, nothing is sent.

use strict;
use warnings;

use FindBin;
use lib "$FindBin::Bin/lib";

use Pintag::Test;

run_tests();

__DATA__

=== what would be sent
--- config
location = /collect {
    pintag_integrations $TEST_NGINX_HTML_DIR/integrations.yaml;
    pintag_pass /pinterest;
    pintag_preview on;
}
--- request
POST /collect
{"type":"track","event":"Lead","messageId":"m-\"1\"","properties":{"order_id":"ü 1"},"context":{"userAgent":"a \"browser\"","page":{"url":"https://shop.example/a?b=1"}}}
--- response_body chomp
{"success":true,"preview":true,"received":1,"requests":[{"event":0,"message_id":"m-\"1\"","destination":"tag 2612826764086","method":"GET","uri":"/pinterest/v3/?tid=2612826764086&noscript=1&ed[order_id]=%C3%BC%201&ed[event_id]=m-%221%22&event=lead","headers":{"User-Agent":"a \"browser\"","Referer":"https://shop.example/a?b=1"},"body":null}]}
--- pinterest



=== several events and destinations, with what is skipped and rejected
--- config
location = /collect {
    pintag_integrations $TEST_NGINX_HTML_DIR/integrations.yaml;
    pintag_pass /pinterest/;
    pintag_preview on;
}
--- integrations
- name: pinterest
  config:
      tagId: "1"
- name: pinterest
  config:
      tagId: "2"
      customEventsMapping:
        - event: Two
          mapping: Lead
        - event: Two
          mapping: Signup
--- request
POST /collect
{"batch":[{"type":"identify","messageId":"m-0"},{"type":"track","event":"Two"},{"type":"track"}]}
--- response_body chomp
{"success":true,"preview":true,"received":3,"skipped":1,"rejected":1,"requests":[{"event":1,"destination":"tag 1","method":"GET","uri":"/pinterest/v3/?tid=1&noscript=1&ed[custom_event_name]=Two&event=custom","headers":{},"body":null},{"event":1,"destination":"tag 2","method":"GET","uri":"/pinterest/v3/?tid=2&noscript=1&event=Lead","headers":{},"body":null},{"event":1,"destination":"tag 2","method":"GET","uri":"/pinterest/v3/?tid=2&noscript=1&event=Signup","headers":{},"body":null}],"events":[{"index":0,"message_id":"m-0","status":"skipped","reason":"unsupported_type"},{"index":2,"status":"rejected","reason":"missing_event_name"}]}
--- pinterest



=== every event rejected
--- config
location = /collect {
    pintag_integrations $TEST_NGINX_HTML_DIR/integrations.yaml;
    pintag_pass /pinterest;
    pintag_preview on;
}
--- request
POST /collect
{"type":"track"}
--- error_code: 400
--- response_body chomp
{"success":false,"error":"events_rejected","message":"no event could be taken; each is listed with its reason","preview":true,"received":1,"rejected":1,"requests":[],"events":[{"index":0,"status":"rejected","reason":"missing_event_name"}]}
--- pinterest



=== nothing to send
--- config
location = /collect {
    pintag_integrations $TEST_NGINX_HTML_DIR/integrations.yaml;
    pintag_pass /pinterest;
    pintag_preview on;
}
--- request
POST /collect
[]
--- response_body chomp
{"success":true,"preview":true,"received":0,"requests":[]}
--- pinterest



=== what is left out is counted
--- config
location = /collect {
    pintag_integrations $TEST_NGINX_HTML_DIR/integrations.yaml;
    pintag_pass /pinterest;
    pintag_preview on;
}
--- request eval
"POST /collect\n" . '{"type":"track","event":"Long","properties":{"a":"' . 'x' x 9000 . '"}}'
--- response_body chomp
{"success":true,"preview":true,"received":1,"truncated":1,"requests":[{"event":0,"destination":"tag 2612826764086","method":"GET","uri":"/pinterest/v3/?tid=2612826764086&noscript=1&event=Long","headers":{},"body":null}]}
--- pinterest
--- error_log
left out 1 values of event 0



=== a large batch
--- config
location = /collect {
    pintag_integrations $TEST_NGINX_HTML_DIR/integrations.yaml;
    pintag_pass /pinterest;
    pintag_preview on;
}
--- request eval
require Pintag::Setup;
"POST /collect\n" . Pintag::Setup::batch(1 .. 1000)
--- response_body_like eval: qr/"received":1000,"requests":\[\{"event":0,.*\{"event":999,"message_id":"m-1000".*\}\]\}\z/
--- pinterest



=== off, nearer than on
--- http_config
pintag_preview on;
--- config
location = /collect {
    pintag_integrations $TEST_NGINX_HTML_DIR/integrations.yaml;
    pintag_pass /pinterest;
    pintag_preview off;
}
--- request
POST /collect
{"type":"track","event":"Lead"}
--- response_body chomp
{"success":true,"received":1,"delivered":1}
--- pinterest
GET /v3/?tid=2612826764086&noscript=1&event=lead HTTP/1.1



=== a browser's <img> is answered an image all the same
--- config
location /pixel/ {
    pintag_integrations $TEST_NGINX_HTML_DIR/integrations.yaml;
    pintag_pass /pinterest;
    pintag_preview on;
}
--- request
GET /pixel/track?data=eyJldmVudCI6IkxlYWQifQ
--- more_headers
Accept: image/*
--- response_headers
Content-Type: image/gif
Content-Length: 43
--- pinterest
