# What Pinterest gets to know of the visitor: headers of the pixel request, and
# the cookies of its own.

use strict;
use warnings;

use FindBin;
use lib "$FindBin::Bin/lib";

use Pintag::Test;

run_tests();

__DATA__

=== the user agent of a browser, which has an Origin
--- request
POST /collect
{"type":"track","event":"Lead"}
--- more_headers
Origin: http://localhost
User-Agent: Mozilla/5.0 (X11)
--- pinterest_like
^\{"headers":\{"host":"pinterest","user-agent":"Mozilla/5\.0 \(X11\)"\},



=== or a Referer, which itself stays here
--- request
POST /collect
{"type":"track","event":"Lead"}
--- more_headers
Referer: https://shop.example/
User-Agent: Mozilla/5.0 (X11)
--- pinterest_like
^\{"headers":\{"host":"pinterest","user-agent":"Mozilla/5\.0 \(X11\)"\},



=== or a Sec-Fetch header
--- request
POST /collect
{"type":"track","event":"Lead"}
--- more_headers
Sec-Fetch-Mode: cors
User-Agent: Mozilla/5.0 (X11)
--- pinterest_like
^\{"headers":\{"host":"pinterest","user-agent":"Mozilla/5\.0 \(X11\)"\},



=== Node's fetch sends one of these, and is none
--- request
POST /collect
{"type":"track","event":"Lead"}
--- more_headers
Sec-Fetch-Mode: cors
User-Agent: node
--- pinterest_like
^\{"headers":\{"host":"pinterest"\},



=== a server's own is not the visitor's
--- request
POST /collect
{"type":"track","event":"Lead"}
--- more_headers
User-Agent: analytics-node/6
Sec-Fetchless: 1
X-Origin: https://shop.example
--- pinterest_like
^\{"headers":\{"host":"pinterest"\},



=== what the event tells comes first, of a server's too
--- request
POST /collect
{"type":"track","event":"Lead","context":{"userAgent":"agent of its own","page":{"url":"https://shop.example/a?b=1"}}}
--- more_headers
Origin: http://localhost
User-Agent: Mozilla/5.0 (X11)
--- pinterest_like
^\{"headers":\{"host":"pinterest","referer":"https://shop\.example/a\?b=1","user-agent":"agent of its own"\},



=== each event of a batch has its own
--- request
POST /collect
{"batch":[{"type":"track","event":"Lead","properties":{"order_id":"1"},"context":{"userAgent":"one","page":{"url":"https://shop.example/one"}}},{"type":"track","event":"Lead","properties":{"order_id":"2"},"context":{"page":{"url":"https://shop.example/two"}}},{"type":"track","event":"Lead","properties":{"order_id":"3"}}],"context":{"userAgent":"all"}}
--- pinterest_like
"referer":"https://shop\.example/one","user-agent":"one"\}.*\[order_id\]=1&
"referer":"https://shop\.example/two","user-agent":"all"\}.*\[order_id\]=2&
"host":"pinterest","user-agent":"all"\}.*\[order_id\]=3&



=== personal data in the page's address stays here
--- request
POST /collect
{"type":"track","event":"Lead","context":{"page":{"url":"https://shop.example/a?email=ada@shop.example&b=1"}}}
--- pinterest_like
"referer":"https://shop\.example/a\?b=1"
--- pinterest_unlike
ada



=== nothing becomes a header of its own
--- request
POST /collect
{"type":"track","event":"Lead","properties":{"order_id":"1"},"context":{"ip":"192.0.2.1\r\nX-Secret: 1","userAgent":"a\r\nX-Secret: 2","page":{"url":"https://shop.example/\r\nX-Secret: 3"}}}
--- integrations
- name: pinterest
  config:
      tagId: "7"
      forwardClientAddress: true
--- pinterest_like
order_id
--- pinterest_unlike
"x-secret"



=== Pinterest's cookies, and no other
--- request
POST /collect
{"type":"track","event":"Lead"}
--- more_headers
Cookie: a=1; _epik=dj0yJnU9; _epikx=2;_pin_unauth=dWlkPU1; session=secret; _EPIK=3
Cookie: _derived_epik=dj0yJm89; _epik=second
--- pinterest
GET /v3/?tid=2612826764086&noscript=1&pd[epik]=dj0yJnU9&pd[pin_unauth]=dWlkPU1&pd[derived_epik]=dj0yJm89&event=lead HTTP/1.1
--- pinterest_unlike
"cookie"
secret



=== odd cookies
--- request
POST /collect
{"type":"track","event":"Lead"}
--- more_headers
Cookie: ;;=; _epik; _epik=; =_epik;  _pin_unauth=a=b
--- pinterest
GET /v3/?tid=2612826764086&noscript=1&pd[pin_unauth]=a%3Db&event=lead HTTP/1.1



=== the click in the page's address comes before the cookie
--- request
POST /collect
{"type":"track","event":"Lead","context":{"page":{"url":"https://shop.example/?epik=clicked"}}}
--- more_headers
Cookie: _epik=kept
--- pinterest
GET /v3/?tid=2612826764086&noscript=1&pd[epik]=clicked&event=lead HTTP/1.1



=== the address stays here
--- request
POST /collect
{"type":"track","event":"Lead","context":{"ip":"192.0.2.1"}}
--- more_headers
Origin: http://localhost
--- pinterest_unlike
"x-forwarded-for"



=== unless forwardClientAddress says otherwise
--- integrations
- name: pinterest
  config:
      tagId: "7"
      forwardClientAddress: true
- name: pinterest
  config:
      tagId: "8"
--- request
POST /collect
{"type":"track","event":"Lead"}
--- more_headers
Origin: http://localhost
X-Forwarded-For: 203.0.113.7
--- pinterest_like
"x-forwarded-for":"127\.0\.0\.1"\}.*tid=7&
"host":"pinterest"\}.*tid=8&



=== the address that realip tells
--- http_config
set_real_ip_from 127.0.0.1;
real_ip_header X-Real-IP;
--- integrations
- name: pinterest
  config:
      tagId: "7"
      forwardClientAddress: true
--- request
POST /collect
{"type":"track","event":"Lead"}
--- more_headers
Origin: http://localhost
X-Real-IP: 2001:db8::1
--- pinterest_like
"x-forwarded-for":"2001:db8::1"\}



=== a server's own address is not the visitor's
--- integrations
- name: pinterest
  config:
      tagId: "7"
      forwardClientAddress: true
--- request
POST /collect
{"type":"track","event":"Lead"}
--- pinterest_like
^\{"headers":\{"host":"pinterest"\},



=== the internal location sees them, and may change them
--- config
location = /collect {
    pintag_integrations $TEST_NGINX_HTML_DIR/integrations.yaml;
    pintag_pass /pinterest;
}

location /pinterest/ {
    internal;
    proxy_pass http://pinterest/;
    proxy_http_version 1.1;
    proxy_set_header Connection "";
    proxy_set_header X-Request-Id "$http_user_agent|$http_referer|$http_x_forwarded_for|$proxy_add_x_forwarded_for";
    proxy_set_header User-Agent "";
    proxy_set_header Referer https://shop.example/;
    proxy_set_header X-Forwarded-For "";
}
--- integrations
- name: pinterest
  config:
      tagId: "7"
      forwardClientAddress: true
--- request
POST /collect
{"type":"track","event":"Lead","context":{"ip":"192.0.2.1","userAgent":"one","page":{"url":"https://shop.example/one"}}}
--- pinterest_like
^\{"headers":\{"host":"pinterest","referer":"https://shop\.example/","x-request-id":"one\|https://shop\.example/one\|192\.0\.2\.1\|192\.0\.2\.1, 127\.0\.0\.1"\},



=== realip in the internal location keeps nothing for the next delivery
--- http_config
set_real_ip_from 127.0.0.1;
real_ip_header X-Forwarded-For;
--- config
location = /collect {
    pintag_integrations $TEST_NGINX_HTML_DIR/integrations.yaml;
    pintag_pass /pinterest;
    pintag_window tag=1;
}

location /pinterest/ {
    internal;
    proxy_pass http://pinterest/;
    proxy_set_header X-Real-IP $remote_addr;
}
--- integrations
- name: pinterest
  config:
      tagId: "7"
      forwardClientAddress: true
--- request
POST /collect
{"batch":[{"type":"track","event":"Lead","properties":{"order_id":"1"},"context":{"ip":"192.0.2.1"}},{"type":"track","event":"Lead","properties":{"order_id":"2"}},{"type":"track","event":"Lead","properties":{"order_id":"3"},"context":{"ip":"192.0.2.3"}}]}
--- pinterest_like
"x-forwarded-for":"192\.0\.2\.1","x-real-ip":"192\.0\.2\.1"\}.*\[order_id\]=1&
"host":"pinterest","x-real-ip":"127\.0\.0\.1"\}.*\[order_id\]=2&
"x-forwarded-for":"192\.0\.2\.3","x-real-ip":"192\.0\.2\.3"\}.*\[order_id\]=3&
