# The user's own request with the user's own configuration, both unmodified in
# t/data: what reaches Pinterest is right to the byte (docs/mapping.md).

use strict;
use warnings;

use FindBin;
use lib "$FindBin::Bin/lib";

use Pintag::Test;

run_tests();

__DATA__

=== handleCustomAsPartnerDefinedEvent: true: the event's own name is the event
--- request eval
"POST /collect\n" . data('request.json')
--- response_body_like: ^\{"success":true,"received":1,"delivered":1\b
--- pinterest
GET /v3/?tid=2612826764086&noscript=1&ed[checkout_id]=39f39fj39f3jf93fj9fj39fj3f&ed[order_id]=dkfsjidfjsdifsdfksdjfkdsfjsdfkdsf&event=PaymentInfoEntered HTTP/1.1


=== handleCustomAsPartnerDefinedEvent: false: it is custom, the name beside it
--- integrations eval
data('integrations.yaml') =~ s/(handleCustomAsPartnerDefinedEvent:) true/$1 false/r
--- request eval
"POST /collect\n" . data('request.json')
--- response_body_like: ^\{"success":true,"received":1,"delivered":1\b
--- pinterest
GET /v3/?tid=2612826764086&noscript=1&ed[checkout_id]=39f39fj39f3jf93fj9fj39fj3f&ed[order_id]=dkfsjidfjsdifsdfksdjfkdsfjsdfkdsf&ed[custom_event_name]=PaymentInfoEntered&event=custom HTTP/1.1


=== the same event without the wrapper is the same request
--- request eval
"POST /collect\n" . (data('request.json') =~ /"obj": (\{.*\})\s*\}\s*\z/s)[0]
--- response_body_like: ^\{"success":true,"received":1,"delivered":1\b
--- pinterest
GET /v3/?tid=2612826764086&noscript=1&ed[checkout_id]=39f39fj39f3jf93fj9fj39fj3f&ed[order_id]=dkfsjidfjsdifsdfksdjfkdsfjsdfkdsf&event=PaymentInfoEntered HTTP/1.1


=== the name of a location's last segment does not stand in the way of a type
--- config
    location = /v1/page {
        pintag_integrations $TEST_NGINX_DATA_DIR/integrations.yaml;
        pintag_pass /pinterest;
    }
--- request eval
"POST /v1/page\n" . data('request.json')
--- pinterest
GET /v3/?tid=2612826764086&noscript=1&ed[checkout_id]=39f39fj39f3jf93fj9fj39fj3f&ed[order_id]=dkfsjidfjsdifsdfksdjfkdsfjsdfkdsf&event=PaymentInfoEntered HTTP/1.1
