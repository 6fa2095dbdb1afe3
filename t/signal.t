# pintag_privacy_signal: what Sec-GPC and DNT mean.

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
my @gpc = ('Sec-GPC' => 1);
my @dnt = (DNT => 1);

for (
    # directives of http, of the location; headers; what becomes of it
    [ '', '', [], 'sent' ],
    [ '', '', [@gpc], 'limited' ],
    [ '', '', [@dnt], 'sent' ],
    [ '', '', ['Sec-GPC' => 0, DNT => 0], 'sent' ],
    [ '', '', ['Sec-GPC' => '11'], 'sent' ],
    [ '', '', ['sec-gpc' => 1], 'limited' ],
    [ '', 'gpc=drop', [@gpc], 'dropped' ],
    [ '', 'gpc=drop', [@dnt], 'sent' ],
    [ '', 'gpc=drop', [], 'sent' ],
    [ '', 'gpc=ignore', [@gpc], 'sent' ],
    [ '', 'gpc=ldp', [@gpc], 'limited' ],
    [ '', 'dnt=ldp', [@dnt], 'limited' ],
    [ '', 'dnt=drop', [@dnt], 'dropped' ],
    [ '', 'dnt=drop', [@gpc, @dnt], 'dropped' ],
    [ '', 'gpc=drop dnt=ldp', [@gpc, @dnt], 'dropped' ],
    [ '', 'gpc=ignore dnt=ldp', [@gpc, @dnt], 'limited' ],

    # merged key by key
    [ 'gpc=drop', 'dnt=ldp', [@gpc], 'dropped' ],
    [ 'gpc=drop', 'dnt=ldp', [@dnt], 'limited' ],
    [ 'gpc=drop dnt=drop', 'gpc=ignore', [@gpc], 'sent' ],
    [ 'gpc=drop dnt=drop', 'gpc=ignore', [@dnt], 'dropped' ],
) {
    my ($http, $location, $headers, $wanted) = @$_;
    my $what = "http: $http, location: $location, headers: @$headers";
    my $from = $up->requests;

    my $nginx = Pintag::Nginx->new(http => collector($up->port,
        map { $_->[1] ? ($_->[0] => "pintag_privacy_signal $_->[1];") : () }
            [http => $http], [collect => $location]));
    my $answer = answer_of($nginx->post('/collect', encode_json(order(1)), @$headers));
    my $request = ($up->requests)[$from];
    my $uri = $request && $request->{uri};

    if ($wanted eq 'dropped') {
        is_deeply $answer, { success => JSON::PP::true, received => 1, delivered => 0,
            skipped => 1, events => [{ index => 0, message_id => 'm-1',
                status => 'skipped', reason => 'privacy_signal' }] }, "$what: dropped";
        is $uri, undef, 'nothing is sent';
        next;
    }

    is $answer->{delivered}, 1, "$what: delivered";

    $wanted eq 'limited'
        ? like $uri, qr/&pd\[opt_out_type\]=LDP&event=/, 'with limited data processing'
        : unlike $uri, qr/opt_out_type/, 'as ever';
}

done_testing();
