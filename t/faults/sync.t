# A sync that fails: what was written then is refused, and nothing more goes to
# that file.

use strict;
use warnings;

use FindBin;
use lib "$FindBin::Bin/../lib";

use Pintag::Disk;
use Pintag::Nginx;
use Pintag::Sections;
use Pintag::Setup;
use Pintag::StandIn;
use Test::More;


for my $mode ('stored', 'delivered timeout=300ms') {
    my $up = Pintag::StandIn->new;
    my $nginx = Pintag::Nginx->new(no_start => 1, http => collector($up->port,
        http => 'pintag_spool %%DIR%%/spool sync=commit;',
        collect => "pintag_ack $mode; pintag_retry min=20ms max=50ms;"));
    my $disk = Pintag::Disk->new;
    my $dir = $nginx->dir;
    my $files = sub { return map { m{([^/]+)\z} } glob "$dir/spool/*.spool" };

    $disk->start($nginx);
    $up->refuse;

    is $nginx->post('/collect', batch(1 .. 5))->{status}, 202, "$mode, five events are stored";

    my ($first) = $files->();

    $disk->fail('fdatasync', 'EIO');

    my $answer = $nginx->post('/collect', batch(6 .. 10));

    is $answer->{status}, 503, 'a sync fails: 503';
    is answer_of($answer)->{events}[0]{reason}, $mode eq 'stored' ? 'spool_failed' : 'timeout', 'with the reason';
    ok $nginx->wait_log(qr/\[error\].*cannot sync.*\Q$first\E.*Input\/output error/), 'the log names the file';
    $disk->mend;

    ok eventually(sub { $nginx->post('/collect', batch(11 .. 15))->{status} == 202 }), 'it takes events again';

    my ($second) = grep { $_ ne $first } $files->();

    ok $second, 'in another file';
    unlike $nginx->file("spool/$first"), qr/o-(?:[6-9]|1\d)&/, 'the first one has nothing that was refused, nor later';

    $up->accept;
    ok eventually(sub { !$files->() }), 'Pinterest is back: the spool is emptied';

    my %times;
    $times{$_}++ for events_of($up->requests);

    is join(' ', grep { !$times{$_} } 1 .. 5, 11 .. 15), '', 'what was answered 202 has arrived';
    is join(' ', grep { $times{$_} } 6 .. 10), '', 'what was refused has not' if $mode eq 'stored';
    is join('', $nginx->errors(qw(alert crit emerg))), '', 'no alert';
}

done_testing();
