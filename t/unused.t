# The module is loaded and not used, or used elsewhere: nothing changes.

use strict;
use warnings;

use FindBin;
use lib "$FindBin::Bin/lib";
use Pintag::Test;

run_tests();

__DATA__

=== TEST 1: loaded and not used
--- config
location = /t { return 200 "fine\n"; }
location = /u { proxy_pass http://pinterest/v3/; }
--- pipelined_requests eval
["GET /t", "GET /u"]
--- response_body eval
["fine\n", qr/^GIF89a/]



=== TEST 2: used in another location
--- config
location = /collect {
    pintag_integrations $TEST_NGINX_HTML_DIR/integrations.yaml;
    pintag_pass /pinterest;
}
location = /t { return 200 "fine\n"; }
location = /u { proxy_pass http://pinterest/v3/; }
--- pipelined_requests eval
["GET /t", "GET /u"]
--- response_body eval
["fine\n", qr/^GIF89a/]



=== TEST 3: integrations without a location that collects
--- config
pintag_integrations $TEST_NGINX_HTML_DIR/integrations.yaml;
location = /t { return 200 "fine\n"; }
--- request
GET /t
--- response_body
fine
