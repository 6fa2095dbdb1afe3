# pintag_skip: the events of a request are skipped when one of its values says so.

use strict;
use warnings;

use FindBin;
use lib "$FindBin::Bin/lib";

use Pintag::Test;

run_tests();

__DATA__

=== a value that is neither empty nor 0 skips all events of the request
--- http_config
map $http_user_agent $bot {
    ~bot 1;
}
--- config
location = /collect {
    pintag_integrations $TEST_NGINX_HTML_DIR/integrations.yaml;
    pintag_pass /pinterest;
    pintag_skip $bot;
}
--- request
POST /collect
{"batch":[{"type":"track","event":"Lead","messageId":"m-1"},{"type":"track"},{"type":"track","event":"Lead"}]}
--- more_headers
User-Agent: a bot
--- response_body chomp
{"success":true,"received":3,"delivered":0,"skipped":2,"rejected":1,"events":[{"index":0,"message_id":"m-1","status":"skipped","reason":"condition"},{"index":1,"status":"rejected","reason":"missing_event_name"},{"index":2,"status":"skipped","reason":"condition"}]}
--- pinterest



=== others are sent
--- http_config
map $http_user_agent $bot {
    ~bot 1;
}
--- config
location = /collect {
    pintag_integrations $TEST_NGINX_HTML_DIR/integrations.yaml;
    pintag_pass /pinterest;
    pintag_skip $bot;
}
--- request
POST /collect
{"type":"track","event":"Lead"}
--- more_headers
User-Agent: a browser
--- response_body chomp
{"success":true,"received":1,"delivered":1}
--- pinterest
GET /v3/?tid=2612826764086&noscript=1&event=lead HTTP/1.1



=== empty and 0 are no
--- config
location = /collect {
    pintag_integrations $TEST_NGINX_HTML_DIR/integrations.yaml;
    pintag_pass /pinterest;
    pintag_skip "" 0 $arg_skip $http_x_skip;
}
--- request
POST /collect?skip=0
{"type":"track","event":"Lead"}
--- response_body chomp
{"success":true,"received":1,"delivered":1}
--- pinterest
GET /v3/?tid=2612826764086&noscript=1&event=lead HTTP/1.1



=== any of several is enough, and is a whole text
--- config
location = /collect {
    pintag_integrations $TEST_NGINX_HTML_DIR/integrations.yaml;
    pintag_pass /pinterest;
    pintag_skip "" 0 $http_x_skip$arg_skip;
}
--- request
POST /collect?skip=0
{"type":"track","event":"Lead"}
--- more_headers
X-Skip: 0
--- response_body chomp
{"success":true,"received":1,"delivered":0,"skipped":1,"events":[{"index":0,"status":"skipped","reason":"condition"}]}
--- pinterest



=== a visitor without a cookie of consent
--- http_config
map $cookie_consent $no_consent {
    default 1;
    marketing "";
}
--- config
location = /collect {
    pintag_integrations $TEST_NGINX_HTML_DIR/integrations.yaml;
    pintag_pass /pinterest;
    pintag_skip $no_consent;
}
--- request eval
["POST /collect\n{\"type\":\"track\",\"event\":\"Lead\"}",
 "POST /collect\n{\"type\":\"track\",\"event\":\"Lead\"}"]
--- more_headers eval
["Cookie: consent=marketing", "Cookie: consent=necessary"]
--- response_body_like eval
[qr/"delivered":1/, qr/"reason":"condition"/]



=== the location's own takes the place of the server's
--- http_config
pintag_skip 1;
--- config
location = /collect {
    pintag_integrations $TEST_NGINX_HTML_DIR/integrations.yaml;
    pintag_pass /pinterest;
    pintag_skip $arg_skip;
}
--- request
POST /collect
{"type":"track","event":"Lead"}
--- response_body chomp
{"success":true,"received":1,"delivered":1}



=== without one of its own the outer one counts
--- http_config
pintag_skip 1;
--- request
POST /collect
{"type":"track","event":"Lead"}
--- response_body_like: "reason":"condition"
--- pinterest
