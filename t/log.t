# Nothing of a delivery's query is in nginx's log, at debug level neither.

use strict;
use warnings;

use FindBin;
use lib "$FindBin::Bin/lib";

use JSON::PP;
use Pintag::Nginx;
use Pintag::Setup;
use Pintag::StandIn;
use Test::More;

my $up = Pintag::StandIn->new;

for (
    [ 'is answered', {}, 200 ],
    [ 'is refused', { status => 400 }, 200 ],
    [ 'is answered 500', { status => 500 }, 503 ],
    [ 'is reset', { act => 'reset' }, 503 ],
    [ 'gets no HTTP', { act => 'cut' }, 503 ],
) {
    my ($what, $behaviour, $status) = @$_;
    my $nginx = Pintag::Nginx->new(
        level => 'debug',
        http => collector($up->port,
            collect => 'pintag_retry attempts=2 min=1ms max=1ms;'));

    $up->behave(%$behaviour);
    is $nginx->post('/collect', encode_json(order('secret')))->{status}, $status,
        "a delivery that $what";
    $nginx->quit;

    like $nginx->error_log, qr/\[debug\].*"POST \/collect/,
        "nginx's debug lines are there";
    unlike $nginx->error_log, qr/o-secret|noscript/, 'the query is not among them';
    is join('', $nginx->errors('alert', 'crit', 'emerg')), '', 'no alert';
}

done_testing();
