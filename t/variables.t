# $pintag_...: what became of a request's events, for access_log; a log in JSON
# stays JSON whatever an event holds.

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
use Time::HiRes qw(sleep time);

my $json = JSON::PP->new->canonical;
my $up = Pintag::StandIn->new;
my @names = qw(result reason received delivered stored skipped refused failed rejected events message_id);
my $format = join ',', map { qq("$_":"\$pintag_$_") } @names;

my $nginx = Pintag::Nginx->new(http => collector($up->port,
    http => "log_format events escape=json '{\"uri\":\"\$uri\",$format}';",
    collect => 'pintag_retry attempts=1 min=10ms max=20ms;',
    server => <<'END'));
        access_log %%DIR%%/logs/events.log events;
        location = /received {
            pintag_integrations %%DATA%%/integrations.yaml;
            pintag_pass /pinterest;
            pintag_ack received;
            pintag_retry attempts=1 min=10ms max=20ms;
        }
        location = /page {
            pintag_integrations %%DATA%%/integrations.yaml;
            pintag_pass /pinterest;
            pintag_retry attempts=1 min=10ms max=20ms;
            pintag_write_keys key;
            error_page 413 /elsewhere;
            client_max_body_size 100;
        }
        location = /small {
            pintag_integrations %%DATA%%/integrations.yaml;
            pintag_pass /pinterest;
            pintag_retry attempts=1 min=10ms max=20ms;
            client_max_body_size 1000;
        }
        location = /elsewhere { return 200 "page\n"; }
END

my $seen = 0;

# the line of the log that came last
sub logged {
    my $end = time() + 5;
    my @lines;

    do {
        sleep 0.02;
        @lines = split /\n/, $nginx->file('logs/events.log');
    } until @lines > $seen || time() > $end;

    $seen = @lines;
    return decode_json($lines[-1]);
}

for (
    [ 'one', order(1),
      { result => 'delivered', received => 1, delivered => 1, events => 'checkout', message_id => 'm-1' } ],
    [ 'a batch', { batch => [map { order($_) } 1 .. 3] },
      { result => 'delivered', received => 3, delivered => 3, events => 'checkout,checkout,checkout', message_id => 'm-1' } ],
    [ 'some are skipped', { batch => [order(1), { type => 'identify', userId => 'u', messageId => 'm-9' }] },
      { result => 'partial', reason => 'unsupported_type', received => 2, delivered => 1, skipped => 1,
        events => 'checkout', message_id => 'm-1' } ],
    [ 'all are', { type => 'identify', userId => 'u' },
      { result => 'skipped', reason => 'unsupported_type', received => 1, skipped => 1 } ],
    [ 'rejected', { type => 'track' },
      { result => 'rejected', reason => 'missing_event_name', received => 1, rejected => 1 } ],
    [ 'no JSON', '{', { result => 'rejected', reason => 'invalid_json' } ],
    [ 'text of an event', { type => 'track', event => 'Lead', messageId => "\"},\n\\\x01<b>" },
      { result => 'delivered', received => 1, delivered => 1, events => 'lead', message_id => "\"},\n\\\x01<b>" } ],
    [ 'no key', order(1), { result => 'rejected', reason => 'invalid_write_key' }, '/page' ],
    [ 'in memory', order(1), { result => 'received', received => 1, events => 'checkout', message_id => 'm-1' },
      '/received' ],
    [ "what nginx refuses", 'x' x 2000, { result => 'rejected', reason => 'body_too_large' }, '/small' ],
    [ 'another page', 'x' x 200, {}, '/page', '/elsewhere' ],
) {
    my ($what, $event, $wanted, $uri, $logged) = @$_;

    $nginx->post($uri // '/collect', ref $event ? $json->encode($event) : $event);

    my %wanted = ((map { $_ => '' } @names), uri => $logged // $uri // '/collect', %$wanted);

    if ($wanted->{result}) {
        $wanted{$_} ||= 0 for qw(received delivered stored skipped refused failed rejected);
    }

    is $json->encode(logged()), $json->encode({ map { $_ => "$wanted{$_}" } keys %wanted }), $what;
}

$up->behave({ status => 503 });
$nginx->post('/collect', $json->encode(order(1)));
is_deeply [@{ logged() }{qw(result reason failed)}], ['failed', 'upstream_error', 1], 'failed';

$up->behave({ status => 400 });
sleep 0.05;
$nginx->post('/collect', $json->encode(order(1)));
is_deeply [@{ logged() }{qw(result reason refused)}], ['refused', 'refused', 1], 'refused';


done_testing();
