# The disk fails the spool: it is full, read-only, another's, its files are
# damaged or gone.  What was acknowledged is delivered nevertheless, what was not
# never is.
#
# PINTAG_FAULTS=long: more of it.  PINTAG_SEED=n repeats the damage of a run.

use strict;
use warnings;

use FindBin;
use lib "$FindBin::Bin/../lib";

use Compress::Zlib qw(crc32);
use File::Copy qw(copy);
use File::Temp ();
use JSON::PP;
use Pintag::Nginx;
use Pintag::Sections;
use Pintag::Setup;
use Pintag::StandIn;
use Test::More;
use Time::HiRes qw(sleep time);

my $long = ($ENV{PINTAG_FAULTS} // '') eq 'long';
my $seed = $ENV{PINTAG_SEED} // ($long ? int time() : 20261125);
my $TAG = 'tag:2612826764086:localhost/pinterest';
my @mounts;

note "PINTAG_SEED=$seed";


# ---- a small disk: a tmpfs.  Who is not root may mount it in a namespace.

sub mount_at {
    my ($dir, $options) = @_;

    mkdir $dir, 0700;
    system("mount -t tmpfs -o $options tmpfs '$dir' 2> /dev/null") == 0 or return 0;
    push @mounts, $dir;
    return 1;
}

# with all of its options: what is there already does not count
sub remount {
    my ($dir, $options) = @_;
    return system("mount -t tmpfs -o remount,size=8m,$options tmpfs '$dir'") == 0;
}

sub unmount {
    my $dir = shift;

    system "umount -l '$dir'";
    @mounts = grep { $_ ne $dir } @mounts;
}

END {
    local $?;
    unmount($_) for @mounts;
}

$SIG{$_} = sub { exit 1 } for qw(INT TERM HUP);

{
    my $tmp = File::Temp->newdir;

    if (mount_at("$tmp", 'size=8m')) {
        unmount("$tmp");

    } elsif (!$ENV{PINTAG_UNSHARED}) {
        my @unshare = qw(unshare --user --map-root-user --mount);

        $ENV{PINTAG_UNSHARED} = 1;
        undef $tmp;
        exec @unshare, $^X, $0, @ARGV if system("@unshare true 2> /dev/null") == 0;
    }
}

# whether there is a small disk at this place; it is no reason to skip
sub small_disk {
    my ($nginx, $options) = @_;

    return ok mount_at($nginx->dir . '/spool', $options // 'size=8m'),
        'a small disk is there (a tmpfs: run this as root, or where users may have namespaces)';
}


# ---- the rest of what is needed

sub nginx {
    my ($up, $spool, %args) = @_;
    my %nginx = map { exists $args{$_} ? ($_ => delete $args{$_}) : () } qw(main workers no_start);

    return Pintag::Nginx->new(%nginx, http => collector($up->port, server => 'server_name localhost;',
        %args, http => "pintag_spool spool $spool;",
        collect => 'pintag_ack stored; pintag_retry min=20ms max=100ms;'));
}

# nginx by way of a shell's commands
sub wrapped {
    my ($commands, $what) = @_;
    my $file = File::Temp->new(TMPDIR => 1);
    my $binary = $ENV{TEST_NGINX_BINARY} || 'nginx';

    print $file "#!/bin/sh\n$commands $binary \"\$@\"\n";
    close $file;
    chmod 0755, $file->filename;

    local $ENV{TEST_NGINX_BINARY} = $file->filename;
    return $what->();
}

# about 3 KB of query an event
sub large {
    return encode_json({ batch => [map {
        my $order = order($_);
        $order->{properties}{prop1} = "p$_." . 'x' x 3000;
        $order;
    } @_] });
}

sub names { return map { m{([^/]+)\z} } glob $_[0]->dir . '/spool/' . ($_[1] // '*.spool') }

sub spooled {
    my $nginx = shift;
    return grep { !/^#/ } map { split /^/m, $nginx->file("spool/$_") } names($nginx);
}

sub is_emptied {
    my ($nginx, $what) = @_;
    ok eventually(sub { !names($nginx) }), $what // 'the spool is emptied' or diag names($nginx, '*');
}

# What was answered well, as text: [number, query, user agent].  The stand-in's
# log is long, so it is read once and not decoded.
sub good {
    my $up = shift;
    my $seen = $up->{seen} //= { at => 0, good => [] };

    open my $in, '<:raw', $up->{log} or return;
    seek $in, $seen->{at}, 0;

    while (my $line = <$in>) {
        last unless $line =~ /\n\z/;
        $seen->{at} += length $line;
        next unless $line =~ /^\{"act":"answer"/ && $line =~ /"uri":"([^"]*)"\}/;

        my $uri = $1;
        my ($agent) = $line =~ /"user-agent":"((?:[^"\\]|\\.)*)"/;
        my ($n) = $uri =~ /order_id\]=o-(\d+)/;

        push @{ $seen->{good} }, [$n // 0, $uri =~ s{^/v3/\?}{}r, $agent // ''];
    }

    return @{ $seen->{good} };
}

sub numbers {
    my @numbers = sort { $a <=> $b } map { $_->[0] } good(shift);
    return @numbers;
}

# "1-20,22"
sub runs {
    my @runs;

    for (@_) {
        if (@runs && $_ == $runs[-1][1] + 1) { $runs[-1][1]++ } else { push @runs, [$_, $_] }
    }

    return join ',', map { $_->[0] == $_->[1] ? $_->[0] : "$_->[0]-$_->[1]" } @runs;
}

sub arrived {
    my ($up, $wanted, $what) = @_;

    eventually(sub { good($up) >= @$wanted });
    is runs(numbers($up)), runs(sort { $a <=> $b } @$wanted), $what // 'each event arrives, once';
}

# lines above [error], but for what a namespace does not let nginx do
sub alerts { return grep { !/initgroups\(/ } $_[0]->errors('alert', 'crit', 'emerg') }

sub not_stored {
    my ($answer, $reason, $what) = @_;
    my $got = answer_of($answer);

    is $answer->{status}, 503, "$what: 503" or return diag $answer->{raw};
    is $got->{error}, 'not_stored', 'not stored';
    is join(' ', keys %{{ map { $_->{reason} => 1 } @{ $got->{events} } }}), $reason, "the reason is $reason";
    is scalar @{ $got->{events} }, $got->{failed}, 'of all events';
    like $answer->{headers}{'retry-after'}, qr/^[1-9]\d*\z/, 'with Retry-After';
}

# the share of a processor that the worker takes, over a second
sub busy {
    my $nginx = shift;

    my $ticks = sub {
        my ($worker) = $nginx->worker_pids;
        open my $in, '<', "/proc/$worker/stat" or return 0;
        my @fields = split ' ', <$in> =~ s/^.*\) //r;
        return $fields[11] + $fields[12];
    };
    my $before = $ticks->();

    sleep 1;
    return ($ticks->() - $before) / 100;
}

sub crc { return sprintf '%08x', crc32($_[0]) }

sub header { return '#pintag-spool 1 ' . crc('#pintag-spool 1') . "\n" }

sub line {
    my ($n, %line) = @_;
    my $rest = join "\t", $line{seq} // $n, int time(), $TAG, "m-$n", '',
        "tid=2612826764086&noscript=1&ed[order_id]=o-$n&event=checkout" . ($line{more} // ''), "Agent/$n", '', '';

    return "P\t" . crc($rest) . "\t$rest\n";
}

sub put {
    my ($nginx, $name, @text) = @_;

    mkdir $nginx->dir . '/spool', 0700;
    open my $out, '>:raw', $nginx->dir . "/spool/$name.tmp" or die $!;
    print $out @text;
    close $out or die $!;
    rename $nginx->dir . "/spool/$name.tmp", $nginx->dir . "/spool/$name" or die $!;
}


section 'the disk fills: what fits is kept, what does not is refused; it drains, and goes on' => sub {
    my $up = Pintag::StandIn->new;
    my $nginx = nginx($up, 'file_size=1m', no_start => 1);

    if (small_disk($nginx)) {
        $nginx->start;
        $up->refuse;

        my ($worker) = $nginx->worker_pids;
        my (@taken, $answer);
        my $client = $nginx->client;
        my $n = 1;

        for (; $n < 4000; $n += 20) {
            $answer = $client->post('/collect', large($n .. $n + 19))->answer;
            last if $answer->{status} != 202;
            push @taken, $n .. $n + 19;
        }

        cmp_ok scalar @taken, '>', 2000, scalar(@taken) . ' events are on a disk of 8 MiB';
        not_stored($answer, 'spool_full', 'it is full');

        my $failed = grep { $client->post('/collect', large($n + 20 * $_ .. $n + 20 * $_ + 19))->answer->{status} == 503 } 1 .. 20;

        is $failed, 20, 'from then on it is 503';
        is runs(sort { $a <=> $b } map { /o-(\d+)&/ } spooled($nginx)), runs(@taken),
            'what is on the disk is what was acknowledged, nothing of what was not';

        my @said = grep { m{/spool} } $nginx->errors;

        ok scalar(grep { /No space left/ } @said), 'the log tells why';
        cmp_ok scalar @said, '<=', 5, 'not each time' or diag @said;

        $up->accept;
        is_emptied($nginx, 'Pinterest is back: a full disk is emptied');
        arrived($up, \@taken, 'what was acknowledged arrives, each once, nothing else does');
        is $nginx->post('/collect', large(5001 .. 5020))->{status}, 202, 'events are taken again';
        arrived($up, [@taken, 5001 .. 5020]);
        is join(' ', $nginx->worker_pids), $worker, 'by the same worker';
        is_emptied($nginx);
        $nginx->stop;
        unmount($nginx->dir . '/spool');
    }
};


section 'another file fills it' => sub {
    my $up = Pintag::StandIn->new;
    my $nginx = nginx($up, '', no_start => 1);

    if (small_disk($nginx)) {
        my $ballast = $nginx->dir . '/spool/ballast';
        my $fill = sub { system "dd if=/dev/zero of='$ballast' bs=4k oflag=append conv=notrunc 2> /dev/null" };

        $nginx->start;
        $up->refuse;
        is $nginx->post('/collect', large(1 .. 40))->{status}, 202, '40 events are stored';
        $fill->();
        not_stored($nginx->post('/collect', large(101 .. 120)), 'spool_full', 'another file has filled the disk');

        # killed meanwhile: the next worker needs no room, either
        my ($worker) = $nginx->worker_pids;

        kill 'KILL', $worker;
        ok eventually(sub { my ($new) = $nginx->worker_pids; $new && $new != $worker }), 'a worker is killed';
        not_stored($nginx->post('/collect', large(201 .. 220)), 'spool_full', 'the next one finds it full, too');

        # what is refused for good has no room in "undelivered": it is kept where it is
        $up->behave(act => 'refused', status => 400);
        $up->accept;
        $up->wait_for(20, 5);
        sleep 0.3;
        is join(' ', sort { $a <=> $b } keys %{{ map { $_ => 1 } map { /o-(\d+)&/ } spooled($nginx),
            split /^/m, $nginx->file('spool/undelivered') }}), join(' ', 1 .. 40),
            'Pinterest refuses, and there is no room to note it: nothing is dropped';

        unlink $ballast;
        ok eventually(sub { 40 == grep { /^U/ } split /^/m, $nginx->file('spool/undelivered') }),
            'with room it is noted';
        is_emptied($nginx);
        unlink $nginx->dir . '/spool/undelivered';

        # and the same with what can be delivered
        $up->refuse;
        is $nginx->post('/collect', large(301 .. 340))->{status}, 202, '40 more are stored';
        $fill->();
        $up->behave();
        $up->accept;
        is_emptied($nginx, 'a disk that another file has filled is emptied');
        arrived($up, [301 .. 340]);
        $fill->();
        not_stored($nginx->post('/collect', large(401 .. 420)), 'spool_full', 'still full');
        unlink $ballast;
        ok eventually(sub { $nginx->post('/collect', large(501 .. 520))->{status} == 202 }),
            'with room events are taken again';
        arrived($up, [301 .. 340, 501 .. 520]);
        is_emptied($nginx);
        $nginx->stop;
        unmount($nginx->dir . '/spool');
    }
};


section 'max_size is exceeded already at start: it is not stuck' => sub {
    my $up = Pintag::StandIn->new(delay => 0.005);
    my $nginx = nginx($up, 'max_size=256k file_size=64k', no_start => 1);

    put($nginx, "$_.spool", header(), map { line($_) } $_ * 1000 .. $_ * 1000 + 799) for 1 .. 3;
    $up->refuse;
    $nginx->start;
    ok eventually(sub { $nginx->post('/collect', batch(1))->{status} == 503 }, 3),
        'more in the spool than max_size at start: nothing more is taken';
    not_stored($nginx->post('/collect', batch(1)), 'spool_full', 'it is full');

    $up->accept;
    is_emptied($nginx, 'but it drains');
    is scalar(grep { $_ >= 1000 } numbers($up)), 2400, 'all of it';
    is $nginx->post('/collect', batch(5))->{status}, 202, 'and events are taken again';
    ok eventually(sub { grep { $_ == 5 } numbers($up) }), 'and delivered';
};


# what is said at start of a folder that cannot be written to
sub says {
    my ($nginx, $what, $errno) = @_;
    my $dir = $nginx->dir;

    ok $nginx->wait_log(qr{\[(?:emerg|alert)\].*"\Q$dir\E/spool.*\Q$errno\E}, 3), "$what: said at start, with path and reason"
        or diag $nginx->error_log;
}

section 'the folder above is missing' => sub {
    my $nginx = nginx(Pintag::StandIn->new, '', no_start => 1);

    $nginx->write_config(http => $nginx->{http} =~ s{pintag_spool spool}{pintag_spool none/spool}r);

    my ($status, $out) = $nginx->test_config;

    isnt $status, 0, 'the folder above is missing: nginx does not start';
    like $out, qr{\[emerg\].*/none/spool.*No such file or directory}, 'and says why';
};

section 'a file in place of the folder' => sub {
    my $up = Pintag::StandIn->new;
    my $nginx = nginx($up, '', no_start => 1);

    $nginx->write_file('spool', 'a file');

    if (eval { $nginx->start }) {
        says($nginx, 'a file in place of the folder', 'Not a directory');
        not_stored($nginx->post('/collect', batch(1)), 'spool_failed', 'a file in place of the folder');
        unlink $nginx->dir . '/spool';
        mkdir $nginx->dir . '/spool', 0700;
        ok eventually(sub { $nginx->post('/collect', batch(2))->{status} == 202 }, 5),
            'a folder is made: events are taken';
        ok eventually(sub { grep { $_ == 2 } numbers($up) }), 'and delivered';

    } else {
        # it may as well not start at all
        like $nginx->error_log . $@, qr{\[emerg\].*/spool}, 'a file in place of the folder: nginx does not start, and says why';
    }
};

section 'a read-only disk' => sub {
    my $up = Pintag::StandIn->new;
    my $nginx = nginx($up, '', no_start => 1);
    my $dir = $nginx->dir;

    if (small_disk($nginx, 'size=8m,ro')) {
        if (ok eval { $nginx->start }, 'the disk is read-only: nginx starts') {
            says($nginx, 'the disk is read-only', 'Read-only file system');
            not_stored($nginx->post('/collect', batch(1)), 'spool_failed', 'the disk is read-only');

        } else {
            remount("$dir/spool", 'rw');
            $nginx->start;
        }

        remount("$dir/spool", 'rw');
        ok eventually(sub { $nginx->post('/collect', batch(2))->{status} == 202 }, 5), 'it is no longer: events are taken';
        is_emptied($nginx);
        is scalar(grep { $_ == 1 } numbers($up)), 0, 'what was not acknowledged is not sent';

        # it becomes so
        ok remount("$dir/spool", 'ro'), 'the disk becomes read-only';
        not_stored($nginx->post('/collect', batch(3)), 'spool_failed', 'read-only now');
        remount("$dir/spool", 'rw');
        ok eventually(sub { $nginx->post('/collect', batch(4))->{status} == 202 }, 5), 'and is writable again';
        ok eventually(sub { grep { $_ == 4 } numbers($up) }), 'it goes on';
        is_emptied($nginx);
        $nginx->stop;
        unmount("$dir/spool");
    }
};

section 'a folder of another user' => sub {
    if ($> == 0 && !$ENV{PINTAG_UNSHARED}) {
        my $up = Pintag::StandIn->new;
        my $nginx = nginx($up, '', no_start => 1, integrations => '%%DIR%%/conf/i.yaml');
        my $dir = $nginx->dir;
        my (undef, undef, $uid, $gid) = getpwnam 'nobody';

        # it may not read the project's files, nor run an nginx of the project
        mkdir "$dir/spool", 0700;

        local $ENV{TEST_NGINX_BINARY} = $ENV{TEST_NGINX_BINARY} // '';

        if ($ENV{TEST_NGINX_BINARY}) {
            copy($ENV{TEST_NGINX_BINARY}, "$dir/conf/nginx") or die "nginx: $!";
            chmod 0755, "$dir/conf/nginx";
            $ENV{TEST_NGINX_BINARY} = "$dir/conf/nginx";
        }

        $nginx->write_file('conf/i.yaml', Pintag::Nginx->data('integrations.yaml'));
        copy(Pintag::Nginx->module, "$dir/conf/module.so") or die "module.so: $!"
            if Pintag::Nginx->module ne '';
        $nginx->write_file('conf/nginx.conf', $nginx->config =~ s/^user root;//mr
                                              =~ s{^load_module .*}{load_module $dir/conf/module.so;}mr);
        chown $uid, $gid, $dir, map { "$dir/$_" } qw(logs temp);
        wrapped("exec setpriv --reuid=$uid --regid=$gid --clear-groups", sub { $nginx->start });
        says($nginx, 'the folder is of another user', 'Permission denied');
        not_stored($nginx->post('/collect', batch(1)), 'spool_failed', 'the folder is of another user');
        chown $uid, $gid, "$dir/spool";
        ok eventually(sub { $nginx->post('/collect', batch(2))->{status} == 202 }, 5), 'it is given to the worker: events are taken';
        ok eventually(sub { grep { $_ == 2 } numbers($up) }), 'and delivered';

        # a file of another user in it
        put($nginx, 'root.spool', line(10));
        chmod 0600, "$dir/spool/root.spool";
        ok $nginx->wait_log(qr{\[(?:warn|error|crit|alert|emerg)\].*root\.spool.*Permission denied}, 4),
            'a file of another user is named in the log';
        is $nginx->post('/collect', batch(3))->{status}, 202, 'and holds up nothing';
        ok eventually(sub { grep { $_ == 3 } numbers($up) }), 'the next event is delivered';
        sleep 1.2;
        cmp_ok scalar(() = $nginx->error_log =~ /root\.spool/g), '<=', 10, 'it is not named without end';

    } else {
        # nothing here is another user's: a folder of the system is
        my $nginx = nginx(Pintag::StandIn->new, '', no_start => 1);

        $nginx->write_config(http => $nginx->{http} =~ s{pintag_spool spool}{pintag_spool /usr}r);
        eval { $nginx->start };
        ok $nginx->wait_log(qr{\[(?:emerg|alert)\].*"?/usr}, 3) || "$@" =~ m{\[emerg\].*/usr},
            'the folder is of another user: said at start';
    }
};


section 'a write fails for another reason: the next one goes to another file' => sub {
    my $up = Pintag::StandIn->new;
    my $nginx = nginx($up, '', no_start => 1);
    my (@taken, @failed, @answers);

    # a limit of 150 KB for a file
    wrapped("ulimit -f 300; trap '' XFSZ; exec", sub { $nginx->start });
    $up->refuse;

    for (my $n = 1; $n < 2000; $n += 20) {
        push @answers, $nginx->post('/collect', large($n .. $n + 19));
        push @{ $answers[-1]{status} == 202 ? \@taken : \@failed }, $n .. $n + 19;
        last if @taken >= 120;
        sleep 0.05 if @failed;
    }

    my ($first) = grep { $_->{status} != 202 } @answers;

    ok $first, 'a file cannot be written on' or diag map { $_->{raw} } $answers[0];
    not_stored($first, 'spool_failed', 'another error') if $first;
    ok scalar(grep { /File too large/ && m{/spool/} } $nginx->errors('error', 'crit', 'alert', 'emerg')), 'the log says why';
    cmp_ok scalar @taken, '>=', 120, 'another file is taken then: ' . @taken . ' events are stored';
    is runs(sort { $a <=> $b } map { /o-(\d+)&/ } spooled($nginx)), runs(@taken), 'those that were acknowledged, and no others';
    $up->accept;
    is_emptied($nginx);
    arrived($up, \@taken);
};


my $places = $long ? 100 : 40;

# cut off somewhere, or a byte overwritten: (text, what was done)
sub damaged {
    my $text = shift;
    my $at = int rand length $text;
    my $byte = substr $text, $at, 1;

    return (substr($text, 0, $at), "cut off at $at") if rand() < 0.5;

    # D or U in place of P cannot be told from what it means
    do { $byte = rand() < 0.1 ? "\n" : chr int rand 256 }
        while $byte eq substr($text, $at, 1) || $byte =~ /[PDU]/;

    substr($text, $at, 1) = $byte;
    return ($text, sprintf 'overwritten at %d with 0x%02x', $at, ord $byte);
}


# What is to become of a damaged file, whose lines were those of %$lines (their
# numbers): the lines that must be delivered, those that may be, the damage that
# must be told and that may be, [offset, bytes].
sub expected {
    my ($text, $lines) = @_;
    my %expected = (must => {}, may => {}, told => [], maybe => []);
    my $offset = 0;

    for my $segment (split /^/m, $text) {
        my $bare = $segment =~ s/\n\z//r;
        my $whole = $segment ne $bare;
        my $pending = $bare =~ s/^[^\t](?=\t)|^\t(?=\t)|^/P/r;
        my $place = [$offset, length $bare];

        $offset += length $segment;

        if ("$bare\n" eq header()) {
            push @{ $expected{maybe} }, $place if !$whole;

        } elsif (my $n = $lines->{$bare}) {
            # without a newline it was not acknowledged: either is right
            $expected{ $whole ? 'must' : 'may' }{$n} = 1;
            push @{ $expected{maybe} }, $place if !$whole;

        } elsif ($n = $lines->{$pending}) {
            # the state is another, or a newline is in its place
            $expected{ length $pending == length $bare ? 'must' : 'may' }{$n} = 1;
            push @{ $expected{told} }, $place;

        } else {
            push @{ $expected{told} }, $place;

            # it has lost the newline between two lines, or what is before a line
            for (grep { index($bare, $_) >= 0 } keys %$lines) {
                $expected{ $whole && $bare =~ /\Q$_\E\z/ ? 'must' : 'may' }{ $lines->{$_} } = 1;
            }
        }
    }

    return %expected;
}


# what is wrong with what was told, an offset => bytes, of a file
sub misreported {
    my ($expected, %told) = @_;
    my @places = map { @{ $expected->{$_} } } qw(told maybe);
    my @wrong;

    for my $place (@{ $expected->{told} }) {
        my ($offset, $bytes) = @$place;

        # a newline too many makes two of one: either will do
        push @wrong, "not told at $offset" unless grep { $_ >= $offset && $_ <= $offset + $bytes } keys %told
            or @{ $expected->{told} } > 1 && %told;
    }

    for my $at (sort { $a <=> $b } keys %told) {
        push @wrong, "told at $at, $told{$at} bytes" unless grep {
            my ($offset, $bytes) = @$_;
            $at >= $offset - 1 && $at + $told{$at} <= $offset + $bytes + 1;     # with its newlines
        } @places;
    }

    return @wrong;
}


# states may have changed
sub masked { return $_[0] =~ s/[\0-\xff](?=\t[0-9a-f]{8}\t)/-/gr }


section 'damaged files: what is intact is delivered, what is not is told and kept' => sub {
    srand $seed;

    for my $round (1 .. ($long ? 5 : 1)) {
        my $up = Pintag::StandIn->new;
        my $nginx = nginx($up, '', no_start => 1);
        my (%files, %payloads, %must, %may);

        for my $i (1 .. $places) {
            my @lines = map { line($i * 100 + $_, seq => $_, more => '&ed[x]=' . 'y' x rand 40) } 1 .. 8;
            my $name = sprintf '%d-1-%08x.spool', 1700000000 + $i, $i;
            my ($text, $what) = damaged(join '', header(), @lines);
            my %expected = expected($text, { map { $lines[$_] =~ s/\n//r => $i * 100 + 1 + $_ } 0 .. $#lines });

            $files{$name} = { text => $text, what => $what, expected => \%expected };
            $payloads{ (split /\t/)[7] } = 1 for @lines;
            %must = (%must, %{ $expected{must} });
            %may = (%may, %{ $expected{may} });
            put($nginx, $name, $text);
        }

        $nginx->start;

        my ($worker) = $nginx->worker_pids;
        my (%times, %said, @wrong);

        ok eventually(sub { !names($nginx) }, 30), "$places damaged files: the worker starts and is done with them"
            or diag names($nginx);
        eventually(sub { good($up) >= keys %must });
        sleep 0.2;

        # what was delivered
        $times{$_}++ for numbers($up);
        is runs(grep { !$times{$_} } sort { $a <=> $b } keys %must), '', keys(%must) . ' intact lines are delivered';
        is runs(grep { !$must{$_} && !$may{$_} } sort { $a <=> $b } keys %times), '', 'and no others';
        is runs(grep { $times{$_} > 1 } sort { $a <=> $b } keys %times), '', 'each once';
        is scalar(grep { !$payloads{ $_->[1] } } good($up)), 0, 'no byte is sent that was not in a file before';
        is scalar(grep { $_->[2] ne "Agent/$_->[0]" } good($up)), 0, 'nor in a header';

        # what was said
        my $log = $nginx->error_log;

        $said{$1}{$2} = $3
            while $log =~ m{\[error\] .*damaged line in "(?:[^"]*/)?([^"/]+)" at offset (\d+), (\d+) bytes}g;

        for my $name (sort keys %files) {
            my $file = $files{$name};
            my $kept = $nginx->dir . "/spool/$name.damaged";
            my @faults = misreported($file->{expected}, %{ $said{$name} // {} });

            push @faults, 'kept, though nothing is told' if -e $kept && !$said{$name};
            push @faults, 'its bytes are not kept'
                if $said{$name} && masked($nginx->file("spool/$name.damaged")) ne masked($file->{text});
            push @wrong, join ': ', "$name, $file->{what}", join ', ', @faults if @faults;
        }

        is join("\n", @wrong), '', 'each damage is told by file and offset, and kept aside';
        is join(' ', $nginx->worker_pids), $worker, 'the worker is the same';
        is join('', alerts($nginx)), '', 'no alert';
    }
};


section 'nothing but garbage: it starts, goes on, and does not turn in circles' => sub {
    my $up = Pintag::StandIn->new;
    my $nginx = nginx($up, '', no_start => 1);
    my %files = (
        'random' => join('', map { chr int rand 256 } 1 .. 65536),
        'zeros' => "\0" x 65536,
        'zeros at the end' => header() . line(1) . line(2) . "\0" x 8192,
        'zeros between' => header() . line(3) . "\0" x 8192 . "\n" . line(4),
        'no newline' => header() . 'x' x 3_000_000,
        'no newline, then some' => header() . line(5) . 'P' x 3_000_000 . "\n" . line(6),
        'DOS' => join('', map { s/\n/\r\n/r } header(), map { line($_) } 101 .. 110),
        'half a header' => substr(header(), 0, 10),
        'another program' => "SQLite format 3\0" . "\0" x 4000,
        'cut' => header() . line(7) . substr(line(102), 0, 60),
        'tabs' => "\t" x 4000 . "\n" . line(8),
        'columns missing' => header() . join('', map { "P\t" . crc($_) . "\t$_\n" } 'x', "1\t2", "1\t2\t3", "x\ty\t$TAG\tm\t\tp", '') . line(9),
    );

    # names are as they may be
    put($nginx, (s/ /-/gr) . '.spool', $files{$_}) for keys %files;
    $nginx->start;

    my ($worker) = $nginx->worker_pids;

    is_emptied($nginx, 'nothing but garbage: the worker starts and is done with it');
    arrived($up, [1 .. 9], 'the lines among it are delivered');
    is join(' ', sort { $a cmp $b } names($nginx, '*.damaged')),
        join(' ', sort { $a cmp $b } map { s/ /-/gr . '.spool.damaged' } keys %files), 'each file is kept aside';
    is join(' ', grep { !$nginx->wait_log(qr/damaged line in "[^"]*\/\Q$_\E"/, 0) } map { s/ /-/gr . '.spool' } keys %files), '',
        'and named in the log';
    cmp_ok busy($nginx), '<', 0.3, 'the worker is idle then';
    cmp_ok length $nginx->error_log, '<', 500_000, 'and the log not endless';
    is $nginx->post('/collect', batch(200))->{status}, 202, 'an event is stored';
    arrived($up, [1 .. 9, 200]);

    $nginx->quit;
    $nginx->start;
    sleep 0.3;
    arrived($up, [1 .. 9, 200], 'a restart finds nothing more');
    is_emptied($nginx);
    is join('', alerts($nginx)), '', 'no alert';
};


section 'files vanish under a worker: no crash, not after a restart, either' => sub {
    my $up = Pintag::StandIn->new;
    my $nginx = nginx($up, 'file_size=64k');
    my ($worker) = $nginx->worker_pids;

    $up->refuse;
    is $nginx->post('/collect', batch($_ * 100 + 1 .. $_ * 100 + 100))->{status}, 202, 'stored' for 0 .. 8;

    unlink map { $nginx->dir . "/spool/$_" } names($nginx);
    $up->accept;
    sleep 0.3;
    ok eventually(sub { $nginx->post('/collect', batch(1001 .. 1010))->{status} == 202 }, 3),
        'the files of a worker are deleted: it goes on';
    ok eventually(sub { 10 == grep { $_ > 1000 } numbers($up) }), 'and delivers what comes then';
    is_emptied($nginx);
    is join(' ', $nginx->worker_pids), $worker, 'the worker is the same';

    # adopted ones
    $up->refuse;
    put($nginx, 'adopted.spool', map { line($_) } 2001 .. 2050);
    sleep 1.3;
    unlink $nginx->dir . '/spool/adopted.spool';
    $up->accept;
    is $nginx->post('/collect', batch(3001))->{status}, 202, 'a file that it had adopted is deleted';
    ok eventually(sub { grep { $_ == 3001 } numbers($up) }), 'it goes on';

    kill 'KILL', $worker;
    ok eventually(sub { my ($new) = $nginx->worker_pids; $new && $new != $worker }), 'a worker that is killed then';
    is $nginx->post('/collect', batch(3002))->{status}, 202, 'is followed by one that works';
    ok eventually(sub { grep { $_ == 3002 } numbers($up) }), 'and delivers';
    is scalar(() = $nginx->error_log =~ /exited on signal (?!9)/g), 0, 'none crashes';
};


section 'acknowledged, and killed the next moment' => sub {
    my $up = Pintag::StandIn->new;
    my $nginx = nginx($up, '');
    my $n = 0;

    for my $round (1 .. ($long ? 50 : 5)) {
        my ($worker) = $nginx->worker_pids;

        $up->refuse;
        is $nginx->post('/collect', batch($n + 1 .. $n + 10))->{status}, 202, 'acknowledged';
        kill 'KILL', $worker;
        $n += 10;
        eventually(sub { my ($new) = $nginx->worker_pids; $new && $new != $worker });
    }

    $up->accept;
    is_emptied($nginx, 'workers are killed right after they acknowledged');
    arrived($up, [1 .. $n], 'all arrives');
};


section 'a large spool takes no memory at start, and nobody waits for it' => sub {
    my $up = Pintag::StandIn->new;
    my $nginx = nginx($up, 'max_size=2g', no_start => 1);
    my $bytes = ($long ? 800 : 100) << 20;
    my $more = '&ed[x]=' . 'y' x 1800;

    mkdir $nginx->dir . '/spool', 0700;
    open my $out, '>:raw', $nginx->dir . '/spool/large.tmp' or die $!;

    for (my $n = 1; $bytes > 0; $n++) {
        my $line = line($n, more => $more);

        print $out $line;
        $bytes -= length $line;
    }

    close $out or die $!;
    $up->refuse;
    $nginx->start;

    my $before = $nginx->rss;

    rename $nginx->dir . '/spool/large.tmp', $nginx->dir . '/spool/large.spool' or die $!;

    my ($worst, $most) = (0, 0);
    my $end = time() + ($long ? 20 : 3.5);

    while (time() < $end) {
        my $start = time();
        my $status = $nginx->post('/collect', '{"type":"identify"}')->{status};

        $worst = time() - $start if time() - $start > $worst;
        $most = $nginx->rss if $nginx->rss > $most;
        sleep 0.02;
    }

    # valgrind keeps what is freed, and is as slow in a thread as in all of them
    if ($nginx->keeps_memory ne 'valgrind') {
        cmp_ok $most - $before, '<', 64 << 10, sprintf 'a spool of %d MiB takes %d KiB of memory', $long ? 800 : 100, $most - $before;
        cmp_ok $worst, '<', 0.3, sprintf 'no request waits for it: %.3f s at most', $worst;
    }

    is $nginx->post('/collect', batch(999_001))->{status}, 202, 'an event is stored meanwhile';

    $up->accept;
    ok eventually(sub { 500 < numbers($up) }), 'Pinterest is back: it is delivered';
    kill 'KILL', $nginx->pid, $nginx->worker_pids;
};

run_sections(leave => sub { unmount($_) for @mounts });
done_testing();
