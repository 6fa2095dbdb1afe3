# Allocations fail by chance, in nginx, in the module and in its libraries, under
# load.  What was acknowledged arrives, nothing else does, and when they fail no
# longer nothing is left of it.  PINTAG_FAULTS=long: 100,000 requests.

use strict;
use warnings;

use FindBin;
use lib "$FindBin::Bin/../lib";

use List::Util qw(sum0);
use Pintag::Malloc;
use Pintag::Oracle;
use Pintag::Recorder;
use Test::More;
use Time::HiRes qw(sleep time);

plan skip_all => 'valgrind has an allocator of its own' if $ENV{PINTAG_VALGRIND};

my $long = ($ENV{PINTAG_FAULTS} // '') eq 'long';
my $small = 'request_pool_size 256; connection_pool_size 256; client_header_buffer_size 256;';

my $requests = 0;


# Requests until there were so many, while one in so many allocations fails: what
# they were answered.
sub load {
    my ($oracle, $nginx, $malloc, %args) = @_;
    my %answers;

    for (my $n = 0; $n < $args{requests}; ) {
        my $load = $oracle->load(port => $nginx->port, events => $args{events}, uris => $args{uris},
                                 connections => 8, most => 4, deadline => 600);
        my $saw = $load->finish;

        $answers{$_} += $saw->{answers}{$_} for keys %{ $saw->{answers} };
        $answers{closed} += @{ $saw->{closed} };
        $answers{'given up'} += $saw->{given_up} if $saw->{given_up};

        for (keys %{ $saw->{failures} }) {
            next if /^answered 500 .*(?:"internal_error"|500 Internal)/s || /^503 not_(?:stored|delivered)$/;
            $answers{$_ eq 'no answer in 30 s' || /^answered/ ? "wrong: $_" : $_} += $saw->{failures}{$_};
        }

        $n = sum0(@answers{grep { /^\d+\z|^closed/ } keys %answers});
    }

    return \%answers;
}


for (
    [ 'a spool', 0.6, 30, 'sync=1s file_size=64k', '', [qw(/stored /delivered /received)] ],
    [ 'a small queue', 0.3, 60, 'file_size=64k', 'pintag_queue 20 size=1m;', [qw(/stored /received)] ],
    [ 'hardly any memory', 0.1, 10, '', '', [qw(/received /stored)] ],
) {
    my ($what, $share, $one_in, $spool, $http, $uris) = @$_;
    my $malloc = Pintag::Malloc->new;
    my $recorder = Pintag::Recorder->new(delay => 0.002);
    my $oracle = Pintag::Oracle->new(recorder => $recorder);
    my $nginx = $oracle->nginx(no_start => 1, workers => 2, spool => $spool, http => "$http $small",
                               server => 'pintag_window tag=4 api=2;');

    $malloc->start($nginx);
    $oracle->learn($nginx->port, '/delivered');

    my $workers = join ' ', $nginx->worker_pids;

    $malloc->by_chance($one_in);

    my $answers = load($oracle, $nginx, $malloc, requests => $share * ($long ? 100_000 : 4000),
                       events => $long ? 5000 : 200, uris => $uris);

    $malloc->off;

    my $saw = "$what, seed $malloc->{seed}: " . join ', ', map { "$_: $answers->{$_}" } sort keys %$answers;
    my $n = sum0(@{ $answers }{grep { /^\d+\z|^closed/ } keys %$answers});

    $requests += $n;
    note "$saw; " . $malloc->failed . ' of ' . $malloc->seen . ' allocations failed, in '
         . $malloc->places . ' places';

    is join(' ', grep { !/^(?:200|202|500|503|closed|an answer cut off|no connection)\z/ } sort keys %$answers),
        '', "$what: $n requests are answered as they may be" or diag $saw;
    cmp_ok $malloc->failed, '>', $n / 50, 'allocations have failed';
    is join(' ', $nginx->worker_pids), $workers, 'the workers are the same';
    is join('', map { $_->{text} } $malloc->crashes), '', 'nothing has crashed';

    # it is the end of it
    my $calm = $oracle->load(port => $nginx->port, events => 200, most => 1, uris => ['/delivered'])->finish;

    is join(' ', $calm->{acked}, grep { !/^20[02]\z/ } keys %{ $calm->{answers} }), 200,
        'then 200 events are taken, each at its first attempt' or diag explain $calm;
    ok defined $oracle->drain(60), 'all that was acknowledged arrives';
    $oracle->ok($what);
    $oracle->is_empty;

    my $took = $nginx->quit(10);

    ok defined $took, 'nginx leaves';
    is join('', $nginx->errors('alert')), '', 'nothing is left open';
}

note "$requests requests";
done_testing();
