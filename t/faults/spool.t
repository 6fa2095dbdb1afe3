# The spool where calls of the disk fail or hang for a while: nothing is sent
# again without need, nobody waits in vain, and what is counted stays right.

use strict;
use warnings;

use FindBin;
use lib "$FindBin::Bin/../lib";

use Compress::Zlib qw(crc32);
use JSON::PP;
use Pintag::Disk;
use Pintag::Malloc;
use Pintag::Nginx;
use Pintag::Sections;
use Pintag::Setup;
use Pintag::StandIn;
use Test::More;
use Time::HiRes qw(sleep time);

# once, for all sections
Pintag::Disk::library();
Pintag::Malloc::library();

my $TAG = 'tag:2612826764086:localhost/pinterest';


sub nginx {
    my ($up, $spool, %args) = @_;
    my %nginx = map { exists $args{$_} ? ($_ => delete $args{$_}) : () } qw(workers);
    my $collect = $args{collect} // 'pintag_ack stored; pintag_retry min=20ms max=100ms;';

    return Pintag::Nginx->new(%nginx, no_start => 1,
        http => collector($up->port, %args, collect => $collect,
            server => 'server_name localhost; location = /status { pintag_status; } '
                . 'location = /metrics { pintag_status prometheus; }',
            http => "pintag_zone zone=pintag:1m; pintag_spool spool $spool;"));
}

sub line {
    my ($n, %line) = @_;
    my $rest = join "\t", $n, int($line{time} // time()), $TAG, "m-$n", '',
        "tid=2612826764086&noscript=1&ed[order_id]=o-$n&event=checkout", '', '', '';

    return "P\t" . sprintf('%08x', crc32($rest)) . "\t$rest\n";
}

sub put {
    my ($nginx, $name, @text) = @_;

    mkdir $nginx->dir . '/spool', 0700;
    $nginx->write_file("spool/$name.tmp", join '', @text);
    rename $nginx->dir . "/spool/$name.tmp", $nginx->dir . "/spool/$name" or die "$name: $!";
}

sub names { return map { m{([^/]+)\z} } glob $_[0]->dir . '/spool/' . ($_[1] // '*.spool') }

sub is_emptied {
    my ($nginx, $what) = @_;
    ok eventually(sub { !names($nginx) }), $what // 'the spool is emptied' or diag names($nginx, '*');
}

# the numbers of what was answered well, each as often as it was
sub arrived {
    my ($up, $wanted, $what) = @_;
    my @got;
    my $good = sub { @got = sort { $a <=> $b } events_of(grep { defined $_->{t_out} } $up->requests) };

    eventually(sub { $good->() >= @$wanted });
    sleep 0.2;
    $good->();
    is "@got", "@$wanted", $what // 'each event arrives, once';
}

sub status { return decode_json($_[0]->client->get('/status')->answer->{body}) }

# the status is that of the tag
sub counts { return status($_[0])->{destinations}[0] }

sub said { return scalar grep { $_ =~ $_[1] } $_[0]->errors }

# what a worker looks after comes round this often
sub some_seconds { sleep 3.5 }

sub successor {
    my ($nginx, $old) = @_;
    ok eventually(sub { my ($new) = $nginx->worker_pids; $new && $new != $old }), 'another worker is there';
}


section 'a file that cannot be removed: what it held is not sent again' => sub {
    my $up = Pintag::StandIn->new;
    my $nginx = nginx($up, '');
    my $disk = Pintag::Disk->new->start($nginx);
    my ($worker) = $nginx->worker_pids;

    $disk->fail('unlink', 'EACCES');
    put($nginx, 'some.spool', map { line($_) } 1 .. 20);
    arrived($up, [1 .. 20], 'events of a file are delivered');
    some_seconds();
    arrived($up, [1 .. 20], 'it cannot be removed: none is sent again');
    is said($nginx, qr{cannot remove, .*/spool/some\.spool".*Permission denied}), 1, 'the log tells, once' or diag $nginx->errors;
    is said($nginx, qr{cannot use ".*/spool/some\.spool".*Permission denied}), 1, 'and that it is left alone, once';
    is join(' ', map { -s $nginx->dir . "/spool/$_" } names($nginx)), 0, 'it is empty';

    kill 'KILL', $worker;
    successor($nginx, $worker);
    some_seconds();
    arrived($up, [1 .. 20], 'nor by the next worker');
    is said($nginx, qr{cannot use ".*/spool/}), 2, 'which tells that, too, once';

    $disk->mend;
    is_emptied($nginx, 'when it can be it is removed');
    is $nginx->post('/collect', batch(21))->{status}, 202, 'it goes on';
    arrived($up, [1 .. 21]);
    is_emptied($nginx);
};


section 'a file that can neither be removed nor emptied' => sub {
    my $up = Pintag::StandIn->new;
    my $nginx = nginx($up, '');
    my $disk = Pintag::Disk->new->start($nginx);

    $disk->fail($_, 'EROFS') for qw(unlink ftruncate);
    put($nginx, 'some.spool', map { line($_) } 1 .. 20);
    arrived($up, [1 .. 20], 'events of a file are delivered');
    some_seconds();
    arrived($up, [1 .. 20], 'it cannot be changed: none is sent again');
    is said($nginx, qr{cannot remove, .*Read-only}), 1, 'the log tells, once';
    is $nginx->post('/collect', batch(21))->{status}, 202, 'it goes on';
    arrived($up, [1 .. 21]);

    $disk->mend;
    is_emptied($nginx, 'when it can be it is removed');
    arrived($up, [1 .. 21]);
};


section 'a damaged file that cannot be put aside' => sub {
    my $up = Pintag::StandIn->new;
    my $nginx = nginx($up, '');
    my $disk = Pintag::Disk->new->start($nginx);

    $disk->fail('rename', 'EACCES');
    put($nginx, 'some.spool', line(1), "garbage\n", line(2));
    arrived($up, [1, 2], 'the lines around the damage are delivered');
    some_seconds();
    arrived($up, [1, 2], 'the file cannot be put aside: none is sent again');
    is said($nginx, qr{cannot remove, .*/some\.spool".*Permission denied}), 1, 'the log tells, once';
    is said($nginx, qr{damaged line}), 1, 'the damage as well';

    $disk->mend;
    is_emptied($nginx, 'when it can be it is put aside');
    like $nginx->file('spool/some.spool.damaged'), qr/^garbage\n/m, 'with the damage in it';
    arrived($up, [1, 2]);
};


section 'a disk that hangs: who comes while it does is answered' => sub {
    my $up = Pintag::StandIn->new;
    my $nginx = nginx($up, 'sync=commit');
    my $disk = Pintag::Disk->new->start($nginx);
    my $reason = sub { join ' ', keys %{{ map { $_->{reason} => 1 } @{ answer_of($_[0])->{events} } }} };

    $up->refuse;
    is $nginx->post('/collect', batch(1 .. 5))->{status}, 202, 'stored';
    $disk->hang('fdatasync');

    my @clients = map { $nginx->client->post('/collect', batch($_)) } 11 .. 13;

    for (@clients) {
        my $answer = $_->answer(9);

        is $answer->{status}, 503, 'who has waited for seconds is answered 503';
        is $reason->($answer), 'spool_failed', 'with the reason';
    }

    for my $n (21 .. 23) {
        my $answer = $nginx->client->post('/collect', batch($n))->answer(4);

        is $answer->{status}, 503, 'who comes then is answered 503, while it hangs on';
        is $reason->($answer), 'spool_failed', 'with the reason';
    }

    $disk->mend;
    ok eventually(sub { $nginx->post('/collect', batch(31 .. 35))->{status} == 202 }), 'it gets on: events are taken again';
    $up->accept;
    is_emptied($nginx, 'Pinterest is back: the spool is emptied');

    my %times;

    $times{$_}++ for events_of($up->requests);
    is join(' ', grep { !$times{$_} } 1 .. 5, 31 .. 35), '', 'what was answered 202 has arrived';
    is join(' ', grep { $times{$_} } 21 .. 23), '', 'what came while it hung has not';
    is said($nginx, qr/does its disk hang/), 1, 'the log tells, once';
};


section 'how long the oldest event waits' => sub {
    my $up = Pintag::StandIn->new;
    my $nginx = nginx($up, 'file_size=64k', collect => 'pintag_ack stored; pintag_retry min=20ms max=100ms;');

    $nginx->start;
    is status($nginx)->{spool}{oldest}, 0, 'nothing waits: 0';
    $up->refuse;
    is $nginx->post('/collect', batch(1))->{status}, 202, 'an event is stored while Pinterest is away';
    ok eventually(sub { status($nginx)->{spool}{oldest} >= 2 }), 'its age is told';
    like $nginx->client->get('/metrics')->answer->{body}, qr/^pintag_spool_oldest_age_seconds [1-9]/m, 'by the metrics, too';

    $up->accept;
    is_emptied($nginx);
    ok eventually(sub { status($nginx)->{spool}{oldest} == 0 }), 'it is delivered: 0';

    # one event waits at any time, none for long
    $up->behave(act => 'hold');

    my ($n, $most, $files) = (2, 0, {});
    my $end = time() + 6;

    while (time() < $end) {
        is $nginx->post('/collect', batch($n))->{status}, 202, 'one more is stored';
        $up->wait_for($n, 5, arrived => 1) or die 'it does not arrive';
        $up->release(1) if $n > 2;
        $files->{$_} = 1 for names($nginx);
        sleep 0.2;

        my $oldest = status($nginx)->{spool}{oldest};

        $most = $oldest if $oldest > $most;
        $n++;
    }

    is scalar(keys %$files), 1, 'all of them are of one file';
    cmp_ok $most, '<', 5, 'a file is in use for longer than any event waits' or diag $n;
};


section 'how long it takes until what is found counts as new does not depend on "sync"' => sub {
    my $up = Pintag::StandIn->new(act => 'hold');
    my $nginx = nginx($up, 'sync=20ms');
    my ($early, $tries) = (0, 0);

    $nginx->start;

    my $start = time();

    put($nginx, 'some.spool', map { line($_) } 1 .. 5);

    while (time() - $start < 2.5) {
        my $recovered = counts($nginx)->{recovered};

        last if time() - $start >= 2.5;
        $tries++;
        $early = 1 if $recovered;
        sleep 0.1;
    }

    is $early, 0, "not before another process had time to say that it knows of it ($tries looks)";
    ok eventually(sub { counts($nginx)->{recovered} == 5 }), 'then it does';
    is counts($nginx)->{received}, 5, 'as received';
    $up->behave;
    $up->release(5);
    is_emptied($nginx);
};


# in a balance: what was received has ended, or waits
sub balanced {
    my ($nginx, $received, %outcomes) = @_;
    my $counts;
    my @names = sort keys %outcomes;
    my $wanted = join ' ', "received $received", map { "$_ $outcomes{$_}" } @names;
    my $got = sub { $counts = counts($nginx); join ' ', "received $counts->{received}", map { "$_ $counts->{$_}" } @names };

    eventually(sub { $got->() eq $wanted });
    is $got->(), $wanted, 'the counters' or diag(JSON::PP->new->canonical->encode($counts));
}


section 'what is too old, and finds no room to be noted, is counted once' => sub {
    my $up = Pintag::StandIn->new;
    my $nginx = nginx($up, 'max_age=1h');
    my $n = 30_000;

    # more than are kept in memory for it
    put($nginx, 'some.spool', map { line($_, time => time() - 7200) } 1 .. $n);
    cmp_ok -s $nginx->dir . '/spool/some.spool', '>', 4 << 20, "$n events that are too old";
    mkdir $nginx->dir . '/spool/undelivered';
    $nginx->start;
    ok $nginx->wait_log(qr/cannot append to "undelivered".*Is a directory/), 'they cannot be noted';

    # until what found no room has been looked at a second time
    sleep 13;
    rmdir $nginx->dir . '/spool/undelivered';
    ok eventually(sub { !names($nginx) }, 60), 'with room they are' or diag names($nginx, '*');
    is scalar(keys %{{ map { $_ => 1 } $nginx->file('spool/undelivered') =~ /^U\t.*o-(\d+)&/mg }}), $n, 'each of them';
    balanced($nginx, $n, failed => $n, spooled => 0, pending => 0);
    arrived($up, [], 'none is sent');
};


section 'what is too old is noted without a pause' => sub {
    my $up = Pintag::StandIn->new;
    my $nginx = nginx($up, 'max_age=1h');
    my $n = 30_000;

    put($nginx, 'some.spool', map { line($_, time => time() - 7200) } 1 .. $n);
    $nginx->start;
    is_emptied($nginx, "$n events that are too old are noted");
    is scalar(() = $nginx->file('spool/undelivered') =~ /^U/mg), $n, 'each once';
    balanced($nginx, $n, failed => $n, spooled => 0, pending => 0);
};


section 'what is refused, and finds no room to be noted, is counted once' => sub {
    my $up = Pintag::StandIn->new(status => 400);
    my $nginx = nginx($up, 'max_age=1h');
    my ($n, $old) = (100, 30_000);

    put($nginx, 'old.spool', map { line($_ + $n, time => time() - 7200) } 1 .. $old);
    mkdir $nginx->dir . '/spool/undelivered';
    $nginx->start;
    ok $nginx->wait_log(qr/cannot append to "undelivered".*Is a directory/), 'much cannot be noted';
    sleep 2;
    is $nginx->post('/collect', batch(1 .. $n))->{status}, 202, 'events are stored';
    $up->wait_for($n, 10);
    rmdir $nginx->dir . '/spool/undelivered';
    ok eventually(sub { !names($nginx) }, 60), 'with room it is' or diag names($nginx, '*');
    balanced($nginx, $n + $old, failed => $old, refused => $n, spooled => 0, pending => 0);
};


section 'a worker that is terminated: what it puts into the spool is not lost' => sub {
    my $up = Pintag::StandIn->new(act => 'hold');
    my $nginx = nginx($up, '', collect => 'pintag_ack received; pintag_window tag=5; pintag_retry min=20ms max=100ms;');

    $nginx->start;

    my ($worker) = $nginx->worker_pids;

    is $nginx->post('/collect', batch(1 .. 40))->{status}, 202, 'events are in memory';
    $up->wait_for(5, 5, arrived => 1) or die 'nothing in flight';
    is counts($nginx)->{pending}, 40, 'and nowhere else';
    $up->behave;
    kill 'TERM', $worker;
    successor($nginx, $worker);
    is_emptied($nginx, 'the next worker has sent them');
    balanced($nginx, 40, delivered => 40, recovered => 0, lost => 0, spooled => 0, pending => 0);
};


# about 3 KB of query
sub large {
    my $order = order($_[0]);

    $order->{properties}{prop1} = 'x' x 3000;
    return encode_json($order);
}

sub undelivered {
    my %numbers = map { $_ => 1 } map { $_[0]->file("spool/$_") =~ /^U\t.*o-(\d+)&/mg } qw(undelivered undelivered.old);
    return join ' ', sort { $a <=> $b } keys %numbers;
}


# valgrind has an allocator of its own
section 'what cannot be noted as undelivered, without memory to keep it' => sub {
    my $up = Pintag::StandIn->new(act => 'hold', status => 400);
    my $nginx = nginx($up, '');
    my $dir = $nginx->dir . '/spool';
    my $malloc = Pintag::Malloc->new;
    my $refuse = sub {
        my $before = $up->requests;

        is $nginx->post('/collect', large($_[0]))->{status}, 202, "event $_[0] is stored";
        $up->wait_for($before + 1, 5, arrived => 1) or die 'it does not arrive';
        $_[1]->() if $_[1];
        $up->release(1);
    };

    $malloc->start($nginx);

    # both groups that take turns have buffers by then
    for my $n (1 .. 4) {
        $refuse->($n);
        is_emptied($nginx);
    }

    is undelivered($nginx), '1 2 3 4', 'what is refused is noted';

    # each allocation from the first, the second ... on that a refusal leads to
    for my $round (1 .. 5) {
        my @two = (2 * $round + 3, 2 * $round + 4);

        $up->behave(act => 'hold', status => 400);
        rename "$dir/undelivered", "$dir/before";
        mkdir "$dir/undelivered";
        $refuse->($two[0]);
        sleep 0.5;
        $refuse->($two[1], sub { $malloc->by_number($round, 0xffffffff) });
        ok eventually(sub { $malloc->failed }, 3), 'what cannot be noted cannot be kept in memory';
        sleep 0.5;
        $malloc->off;

        $up->behave(status => 400);
        rmdir "$dir/undelivered";
        is_emptied($nginx, 'with room');
        is undelivered($nginx), "@two", 'both are noted';
    }

    ok $nginx->wait_log(qr/cannot append to "undelivered".*Is a directory/), 'the log tells';
    is join("\n", map { $_->{text} } $malloc->crashes), '', 'nothing has crashed';
} if !$ENV{PINTAG_VALGRIND};


section 'what cannot be noted as undelivered by a worker that is terminated' => sub {
    my $up = Pintag::StandIn->new(status => 400);
    my $nginx = nginx($up, '', collect => 'pintag_ack received;');

    $nginx->start;
    mkdir $nginx->dir . '/spool/undelivered';
    is $nginx->post('/collect', batch(1 .. 3))->{status}, 202, 'events are received';
    ok $nginx->wait_log(qr/cannot append to "undelivered"/), 'and refused, which cannot be noted';

    my ($worker) = $nginx->worker_pids;

    kill 'TERM', $worker;
    successor($nginx, $worker);
    is said($nginx, qr/could not note an undelivered event, id "m-$_", to tag:\d+:\S+: refused,/), 1, "event $_ is named" for 1 .. 3;
};


section 'what is refused while it is written in vain, as a worker is terminated' => sub {
    my $up = Pintag::StandIn->new(act => 'hold', status => 400);
    my $nginx = nginx($up, 'sync=commit', collect => 'pintag_ack delivered timeout=300ms;');
    my $disk = Pintag::Disk->new->start($nginx);
    my ($worker) = $nginx->worker_pids;
    my $n = 3;

    $disk->hang('fdatasync');

    my $client = $nginx->client->post('/collect', batch(1 .. $n));

    $up->wait_for($n, 5, arrived => 1) or die 'nothing in flight';
    ok eventually(sub { grep { -s $nginx->dir . "/spool/$_" > 300 } names($nginx) }), 'events are being written';
    $up->release($n);
    $up->wait_for($n, 5);
    sleep 0.3;
    kill 'TERM', $worker;
    sleep 0.3;
    $disk->fail('fdatasync', 'EIO');
    successor($nginx, $worker);
    is said($nginx, qr/could not note an undelivered event, id "m-$_"/), 1, "event $_ is named" for 1 .. $n;
};


run_sections();
done_testing();
