# What nginx itself answers where events are taken is JSON, too, and an image
# for a browser's <img>, and is counted; elsewhere it is as ever.

use strict;
use warnings;

use FindBin;
use lib "$FindBin::Bin/lib";

use JSON::PP;
use MIME::Base64 qw(encode_base64);
use Pintag::Nginx;
use Pintag::Setup;
use Pintag::StandIn;
use Test::More;

my $up = Pintag::StandIn->new;
my $event = encode_json(order(1));
my $pixel = '/v1/pixel/track?data=' . encode_base64($event, '');

my $nginx = Pintag::Nginx->new(http => collector($up->port,
    http => 'limit_req_zone $binary_remote_addr zone=req:1m rate=1r/m; pintag_zone zone=pintag:1m;',
    server => join '',
        'client_max_body_size 4k;',
        location('/429', 'limit_req zone=req; limit_req_status 429;'),
        location('/503', 'limit_req zone=req;'),
        location('/403', 'deny all;'),
        location('/401', 'auth_basic closed; auth_basic_user_file %%DIR%%/conf/none;'),
        location('/413', ''),
        location('/404', 'if ($http_x_tea) { return 404; }'),
        location('/preview', 'deny all; pintag_preview on;'),
        'location = /status { pintag_status; }',
        location('/own', 'deny all; error_page 403 =403 /page;'),
        location('/text', 'if ($http_x_tea) { return 400 "no tea\n"; }'),
        'location /page { return 200 "a page\n"; }',
        'location /elsewhere { deny all; }'), files => { none => '' });

$nginx->post('/503', $event);       # what the zone lets pass

my %counts;

# all that comes until the connection is closed
sub head {
    my $sock = $nginx->client->sock;

    print $sock "HEAD $_[0] HTTP/1.1\r\nHost: x\r\nX-Tea: 1\r\nConnection: close\r\n\r\n";
    local $/;
    return scalar <$sock>;
}

for (
    [ 429, 'too_many_requests', '1' ],
    [ 503, 'unavailable', '1' ],
    [ 403, 'forbidden' ],
    [ 401, 'unauthorized' ],
    [ 413, 'body_too_large' ],
    [ 404, 'http_error' ],
) {
    my ($status, $error, $retry) = @$_;
    my $body = $status == 413 ? ' ' x 5000 : $event;
    my @tea = ('X-Tea' => 1);

    my $answer = $nginx->client->post("/$status", $body, @tea)->answer;
    my $json = eval { decode_json($answer->{body}) } // {};

    is $answer->{status}, $status, "$error: $status";
    is $answer->{headers}{'content-type'}, 'application/json', 'is JSON';
    is $json->{success}, JSON::PP::false, 'without success';
    is $json->{error}, $error, 'with the error';
    like $json->{message}, qr/\w \w/, 'and a message';
    is $answer->{headers}{'retry-after'}, $retry, 'Retry-After';

    $counts{$error}++;
    next if $status == 413;
    $counts{$error} += 2;

    my $head = head("/$status");

    like $head, qr{^HTTP/1.1 $status }, 'HEAD';
    like $head, qr{^Content-Length: ${\ length $answer->{body}}\r$}m, 'of the same length';
    like $head, qr{\r\n\r\n\z}, 'and no body';

    $answer = $nginx->client->get("/$status$pixel", @tea)->answer;

    is $answer->{status}, $status, 'a pixel';
    is $answer->{headers}{'content-type'}, 'image/gif', 'is an image';
    like $answer->{body}, qr/^GIF89a.{37}\z/s, 'of 43 bytes';
}

for (
    [ '/own', 403, qr/^a page$/ ],
    [ '/text', 400, qr/^no tea$/ ],
    [ '/elsewhere', 403, qr/^<html>/ ],
    [ '/preview', 403, qr/"error":"forbidden"/ ],
) {
    my ($uri, $status, $body) = @$_;
    my $answer = $nginx->client->post($uri, $event, 'X-Tea' => 1)->answer;

    is $answer->{status}, $status, "$uri: $status";
    like $answer->{body}, $body, 'as it is';
}

is $nginx->post('/413', $event)->{status}, 200, 'events are taken';

is_deeply decode_json($nginx->client->get('/status')->answer->{body})->{errors}, \%counts,
    'what nginx refuses is counted by its error, but of a preview';

done_testing();
