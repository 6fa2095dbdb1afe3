# The spool's files: their format to the byte, rotated, adopted, emptied; what
# cannot be delivered; other workers, reloads and other programs.

use strict;
use warnings;

use FindBin;
use lib "$FindBin::Bin/lib";

use Compress::Zlib qw(crc32);
use Fcntl qw(:flock);
use JSON::PP;
use Pintag::Nginx;
use Pintag::Sections;
use Pintag::Setup;
use Pintag::StandIn;
use Test::More;
use Time::HiRes qw(sleep time);

my $TAG = 'tag:2612826764086:localhost/pinterest';
my $fast = 'pintag_retry min=20ms max=100ms;';

sub body { return encode_json(order(shift)) }


# an nginx with a spool in front of a stand-in
sub nginx {
    my ($up, $spool, %args) = @_;
    my %nginx = map { exists $args{$_} ? ($_ => delete $args{$_}) : () } qw(main workers no_start files);

    return Pintag::Nginx->new(%nginx, http => config($up, $spool, %args));
}

sub config {
    my ($up, $spool, %args) = @_;

    return collector($up->port, server => 'server_name localhost;', %args,
                     http => "pintag_spool spool $spool;" . ($args{http} // ''),
                     collect => 'pintag_ack stored;' . ($args{collect} // $fast));
}

# ---- the format, by the book

sub escaped {
    my %escapes = ("\t" => '\\t', "\n" => '\\n', "\r" => '\\r', '\\' => '\\\\');
    return $_[0] =~ s/([\t\n\r\\])/$escapes{$1}/gr;
}

sub unescaped {
    my %escapes = (t => "\t", n => "\n", r => "\r", '\\' => '\\');
    return $_[0] =~ s/\\(.)/$escapes{$1}/gsr;
}

sub crc { return sprintf '%08x', crc32($_[0]) }

sub header { return "#pintag-spool $_[0] " . crc("#pintag-spool $_[0]") . "\n" }

# line(number, state => 'P', time => ..., destination => ..., id, reason,
# payload, more => [user agent, page, address])
sub line {
    my ($n, %line) = @_;
    my $rest = join "\t", $n, int($line{time} // time()),
        map({ escaped($_) } $line{destination} // $TAG, $line{id} // "m-$n", $line{reason} // ''),
        $line{payload} // "tid=2612826764086&noscript=1&ed[order_id]=o-$n&event=checkout",
        map { escaped($_) } @{ $line{more} // [] };

    return ($line{state} // 'P') . "\t" . crc($rest) . "\t$rest\n";
}

sub parsed {
    my $line = shift;
    my ($state, $crc, $rest) = $line =~ /^(.)\t([0-9a-f]{8})\t(.*)\n\z/s or return { bad => $line };
    my ($seq, $time, $destination, $id, $reason, $payload, @more) = split /\t/, $rest, -1;

    return { state => $state, right => $crc eq crc($rest), seq => $seq, time => $time, payload => $payload,
             destination => unescaped($destination), id => unescaped($id), reason => unescaped($reason),
             more => [map { unescaped($_) } @more] };
}

# the lines of a file of the spool, header left out
sub lines_of {
    my ($nginx, $name) = @_;
    return map { parsed($_) } grep { !/^#/ } split /^/m, $nginx->file("spool/$name");
}

sub names { return map { m{([^/]+)\z} } glob $_[0]->dir . '/spool/' . ($_[1] // '*.spool') }

sub number { return $_[0]{payload} =~ /order_id(?:\]=|":")o-(\d+)/ ? $1 : undef }

# whole at once, as whoever puts a file there should
sub put {
    my ($nginx, $name, $text) = @_;

    mkdir $nginx->dir . '/spool', 0700;
    $nginx->write_file("spool/$name.tmp", $text);
    rename $nginx->dir . "/spool/$name.tmp", $nginx->dir . "/spool/$name" or die "$name: $!";
}

sub is_emptied {
    my ($nginx, $what) = @_;

    ok eventually(sub { !names($nginx) }), $what // 'the spool is emptied'
        or diag map { $nginx->file("spool/$_") } (names($nginx))[0];
}

# The numbers of what was answered well.  To decode a long log takes too long.
sub good {
    my $up = shift;

    open my $in, '<:raw', $up->{log} or return;
    my @numbers = map { /^\{"act":"answer".*"uri":"[^"]*order_id\]=o-(\d+)/ ? $1 : () } <$in>;
    return @numbers;
}

# each of these has been answered well, once
sub arrived {
    my ($up, $wanted, $what) = @_;
    my $n = @$wanted;
    my @got;

    eventually(sub { $n <= (@got = good($up)) });

    is join(' ', sort { $a <=> $b } @got), join(' ', sort { $a <=> $b } @$wanted),
        $what // 'each event arrives, once';
}

# whether another than us holds the file's lock
sub is_locked {
    my ($nginx, $name) = @_;

    open my $in, '+<', $nginx->dir . "/spool/$name" or return undef;
    return !flock $in, LOCK_EX | LOCK_NB;
}


section 'a line, to the byte' => sub {
    my $up = Pintag::StandIn->new(act => 'hold');
    my $nginx = nginx($up, '', files => { 'i.yaml' => <<'END' }, integrations => '%%DIR%%/conf/i.yaml');
- name: pinterest
  config:
    tagId: "2612826764086"
    forwardClientAddress: true
END
    my $client = $nginx->client;
    my $event = order(1);
    my $from = int time();

    $event->{messageId} = "m-\"1\"\t\n\r\\n";
    $event->{context} = { ip => '192.0.2.7', userAgent => 'Mozilla\\5.0 (X11)',
                          page => { url => 'https://shop.example/a?b=c' } };
    is $client->post('/collect', encode_json($event))->answer(2)->{status}, 202, 'an event is stored';
    is $client->post('/collect', body(2))->answer(2)->{status}, 202, 'and another one';
    $up->wait_for(2, 5, arrived => 1) or die 'nothing in flight';

    my ($name, @others) = names($nginx);
    my ($worker) = $nginx->worker_pids;
    my ($first) = grep { $_->{uri} =~ /o-1&/ } $up->requests;
    my $text = $nginx->file("spool/$name");
    my @lines = lines_of($nginx, $name);

    is scalar @others, 0, 'they are in one file';
    like $name, qr/^(\d{10})-$worker-[0-9a-f]{8}\.spool\z/, 'named after time, worker and chance';
    cmp_ok +($name =~ /^(\d+)/)[0], '>=', $from - 1, 'the time is that of its making';
    ok is_locked($nginx, $name), 'the worker has locked it';
    is substr($text, 0, length header(1)), header(1), 'it begins with its version';
    is scalar(() = $text =~ /\n/g), 3, 'two lines follow';

    is_deeply $lines[0], {
        state => 'P', right => 1, seq => 1, time => $lines[0]{time}, destination => $TAG,
        id => $event->{messageId}, reason => '',
        payload => $first->{uri} =~ s{^/v3/\?}{}r,
        more => [ $first->{headers}{'user-agent'}, 'https://shop.example/a?b=c', '192.0.2.7' ],
    }, 'what the first holds';
    is_deeply [@{ $first->{headers} }{qw(user-agent referer x-forwarded-for)}], $lines[0]{more},
        'is what was sent';
    cmp_ok abs($lines[0]{time} - time()), '<', 4, 'it tells when it was stored';
    is $lines[1]{seq}, 2, 'the next one has the next number';
    is number($lines[1]), 2, 'and the other event';
    is $lines[1]{right}, 1, 'with a right CRC';
    is join('', @{ $lines[1]{more} }), '', 'and nothing for what there is none of';

    # the first byte is overwritten, in place
    my $offset = length(header(1)) + length((split /^/m, $text)[1]);

    $up->release(2);
    ok eventually(sub { !-e $nginx->dir . "/spool/$name" }), 'both are delivered: the file is gone';

    # one of three
    $up->behave(act => 'hold');
    is $client->post('/collect', batch(3 .. 5))->answer(2)->{status}, 202, 'three events are stored';
    $up->wait_for(5, 5, arrived => 1) or die 'nothing in flight';
    ($name) = names($nginx);
    $text = $nginx->file("spool/$name");
    $up->release(1);

    my ($delivered) = events_of(($up->requests)[2]);

    ok eventually(sub { ($nginx->file("spool/$name")) =~ /^D/m }), 'one is delivered, it becomes D';
    is $nginx->file("spool/$name"), $text =~ s/^P(?=.*o-$delivered&)/D/mr, 'and nothing else changes';
    $up->release(2);
    is_emptied($nginx);
    is join('', $nginx->errors), '', 'no error';
};


section 'lines of the Conversions API' => sub {
    for my $test ('', 'testMode: true') {
        my $up = Pintag::StandIn->new(act => 'hold');
        my $nginx = api_nginx($up->port, config => $test, server => 'server_name shop.example www.shop.example;',
                              http => 'pintag_spool spool;', collect => 'pintag_ack stored;');
        my $what = $test ? 'in test mode' : 'the Conversions API';
        my $event = api_order(1, name => "a\tb\\n \"q\" ä");

        $event->{messageId} = 'm-1';
        is $nginx->post('/collect', api_batch($event, 2))->{status}, 202, "$what: two events are stored";

        my ($name) = names($nginx);
        my @lines = lines_of($nginx, $name);
        my ($request) = $up->wait_for(1, 5, arrived => 1);

        is join(' ', map { $_->{destination} } @lines),
            join(' ', (($test ? 'api-test' : 'api') . ':' . ACCOUNT . ':shop.example/pinterest') x 2), 'the destination';
        is join(' ', map { $_->{id} } @lines), 'm-1 m-2', 'the event ids';
        is scalar(grep { @{ $_->{more} } } @lines), 0, 'no columns for headers';
        is $request->{body}, '{"data":[' . join(',', map { $_->{payload} } @lines) . ']}', 'the payloads are what is sent';
        is scalar(grep { !eval { decode_json($_->{payload}) } } @lines), 0, 'payloads are JSON';
        unlike $nginx->file("spool/$name"), qr/@{[TOKEN]}/, 'the access token is not in the file';
        $up->behave();
        $up->release(2);
        is_emptied($nginx);
    }
};


section 'a file is left for the next one at file_size, and gone when all of it is settled' => sub {
    my $up = Pintag::StandIn->new;
    my $nginx = nginx($up, 'file_size=64k');

    $up->refuse;
    is $nginx->post('/collect', batch($_ * 50 - 49 .. $_ * 50))->{status}, 202, 'stored' for 1 .. 20;

    my @names = names($nginx);
    my @sizes = map { -s $nginx->dir . "/spool/$_" } @names;
    my @lines = map { [lines_of($nginx, $_)] } @names;

    cmp_ok scalar @names, '>', 2, '1000 events are in several files of 64k: ' . @names;
    cmp_ok +(sort { $b <=> $a } @sizes)[0], '<=', 65536 + 50 * 200, 'none is much larger than that';
    is scalar(grep { !is_locked($nginx, $_) } @names), 0, 'all of them are locked';
    is join(' ', sort { $a <=> $b } map { number($_) } map { @$_ } @lines), join(' ', 1 .. 1000), 'all events are there';
    is scalar(grep { join(' ', map { $_->{seq} } @$_) ne join ' ', 1 .. @$_ } @lines), 0,
        'lines are numbered from 1 in each';
    is scalar(grep { !$_->{right} || $_->{state} ne 'P' } map { @$_ } @lines), 0, 'with a right CRC, pending';

    $up->accept;
    arrived($up, [1 .. 1000]);
    ok eventually(sub { !names($nginx) }, 2.5), 'no file is left 2 s after the last is delivered';
    is join('', names($nginx, '*')), '', 'nor anything else';
};


section 'files that are put there' => sub {
    my $up = Pintag::StandIn->new;
    my $nginx = nginx($up, '', no_start => 1);
    my @more = ("Mozilla\\5.0", 'https://shop.example/?q=1', '192.0.2.9');

    put($nginx, '1700000000-1-0000000a.spool', header(1) . join '', map { line($_) } 1 .. 50);
    $nginx->start;
    arrived($up, [1 .. 50], 'a file that is there at start is delivered, each event once');
    is_emptied($nginx);

    put($nginx, 'again.spool', line(60, more => \@more) . line(61, state => 'D') . line(62)
        . line(63, id => '', reason => 'refused') . line(7, payload => line(64) =~ /\t(tid=[^\t\n]*)/ ? $1 : ''));
    ok eventually(sub { !names($nginx) }, 3), 'one that is put there, without a header, is delivered';
    arrived($up, [1 .. 50, 60, 62 .. 64], 'all but what is marked as delivered');

    my ($request) = grep { $_->{uri} =~ /o-60&/ } $up->requests;

    is_deeply [@{ $request->{headers} }{qw(user-agent referer x-forwarded-for)}], \@more, 'with its headers';
    is $request->{uri}, "/v3/?" . (split /\t/, line(60))[7] =~ s/\n//r, 'and its query, to the byte';

    # names and things that are none of ours
    put($nginx, 'notes.txt', line(70));
    mkdir $nginx->dir . '/spool/folder.spool';
    put($nginx, 'empty.spool', '');
    symlink $nginx->dir . '/spool/nothing', $nginx->dir . '/spool/link.spool';
    put($nginx, 'header.spool', header(1));
    put($nginx, 'last.spool', line(71));
    ok eventually(sub { grep { /o-71&/ } map { $_->{uri} } $up->requests }),
        'an empty file, a folder and a dangling link of such names hold up nothing';
    sleep 1.2;
    arrived($up, [1 .. 50, 60, 62 .. 64, 71], 'other files are left alone');
    ok -d $nginx->dir . '/spool/folder.spool', 'the folder is still there';
    is scalar(grep { /^(empty|header|last)\.spool/ } names($nginx)), 0, 'files without lines are removed';
    is scalar(() = $nginx->error_log =~ /exited on signal/g), 0, 'no worker crashes';
    is $nginx->post('/collect', body(72))->{status}, 202, 'and it goes on';
    arrived($up, [1 .. 50, 60, 62 .. 64, 71, 72]);
};


section 'what Pinterest refuses is kept, and sent again on request' => sub {
    my $up = Pintag::StandIn->new(act => 'refused', status => 400);
    my $nginx = nginx($up, '');
    my $dir = $nginx->dir . '/spool';
    my $from = int time();

    is $nginx->post('/collect', batch(1 .. 3))->{status}, 202, 'three events are stored';
    ok eventually(sub { 3 == lines_of($nginx, 'undelivered') }), 'refused, they are in "undelivered"';

    my @lines = sort { $a->{id} cmp $b->{id} } lines_of($nginx, 'undelivered');

    is join(' ', map { "$_->{state} $_->{reason} $_->{id} $_->{destination} " . number($_) } @lines),
        join(' ', map { "U refused m-$_ $TAG $_" } 1 .. 3), 'with their reason';
    is scalar(grep { !$_->{right} } @lines), 0, 'with right CRCs';
    is scalar(grep { $_->{time} < $from || $_->{time} > time() + 1 } @lines), 0, 'and the time';
    is sprintf('%04o', (stat "$dir/undelivered")[2] & 07777), '0600', 'for the owner only';
    is_emptied($nginx);

    # neither a restart nor a reload touches it
    my $before = $nginx->file('spool/undelivered');

    $nginx->reload;
    $nginx->quit;
    $nginx->start;
    sleep 0.3;
    is $nginx->file('spool/undelivered'), $before, 'what was refused outlives restarts';
    is $nginx->post('/collect', body(4))->{status}, 202, 'another event is stored';
    ok eventually(sub { 4 == lines_of($nginx, 'undelivered') }), 'and added when it is refused';
    is substr($nginx->file('spool/undelivered'), 0, length $before), $before, 'behind the others';
    is scalar(grep { $_->{act} eq 'refused' } $up->requests), 4, 'none was sent twice';

    # as documented
    $up->behave();
    is system("cd '$dir' && mv undelivered again.tmp && sed -i 's/^U/P/' again.tmp && mv again.tmp again.spool"), 0,
        'mv, sed, mv';
    arrived($up, [1 .. 4], 'it is sent again');
    is_emptied($nginx);
    ok !-e "$dir/undelivered" || !-s _ || !lines_of($nginx, 'undelivered'), 'and nothing is left undelivered';

    $up->behave(act => 'refused', status => 400);
    is $nginx->post('/collect', body(5))->{status}, 202, 'another event is stored';
    ok eventually(sub { 1 == grep { $_->{reason} eq 'refused' } lines_of($nginx, 'undelivered') }),
        'refused, it is in a new "undelivered"';
    is join('', $nginx->errors('crit', 'alert', 'emerg')), '', 'no alert';
};


section 'what may pass is never for good, however often it is tried' => sub {
    for (
        [ '503', status => 503 ], [ '429', status => 429 ], [ '408', status => 408 ], [ 'a redirect', status => 302 ],
        [ 'a reset', act => 'reset' ],
    ) {
        my ($what, @how) = @$_;
        my $up = Pintag::StandIn->new(act => 'away', @how);
        my $nginx = nginx($up, '', collect => 'pintag_retry attempts=1 min=5ms max=20ms;');

        is $nginx->post('/collect', batch(1 .. 10))->{status}, 202, "$what: ten events are stored";
        ok $up->wait_for(30, 10), 'more attempts than there are for any of them';
        is scalar(grep { $_->{state} eq 'P' } map { lines_of($nginx, $_) } names($nginx)), 10, 'they are still there';
        is join('', names($nginx, 'undel*')), '', 'none is given up';
        $up->behave();
        arrived($up, [1 .. 10]);
        is_emptied($nginx);
    }
};


section 'what outlives max_age' => sub {
    my $up = Pintag::StandIn->new;
    my $nginx = nginx($up, 'max_age=2s');

    $up->refuse;
    put($nginx, 'old.spool', line(1, time => time() - 100) . line(2));
    is $nginx->post('/collect', body(3))->{status}, 202, 'an event is stored while Pinterest is away';
    ok eventually(sub { 3 == lines_of($nginx, 'undelivered') }, 6), 'after max_age it is in "undelivered"';

    my @lines = lines_of($nginx, 'undelivered');

    is join(' ', map { "$_->{state} $_->{reason} " . number($_) } sort { number($a) <=> number($b) } @lines),
        'U max_age 1 U max_age 2 U max_age 3', 'with its reason';
    is scalar(grep { $_->{time} < time() - 10 } @lines), 0, 'and the time when it was given up';
    is_emptied($nginx);

    $up->accept;
    is $nginx->post('/collect', body(4))->{status}, 202, 'Pinterest is back';
    arrived($up, [4], 'what was given up is not sent');
};


section 'undelivered is bounded' => sub {
    my $up = Pintag::StandIn->new(status => 400);
    my $nginx = nginx($up, 'undelivered_size=64k');
    my $dir = $nginx->dir . '/spool';
    my ($sent, $dropped, @all) = (0, 0);

    my $more = sub {
        $sent += 150;
        is $nginx->post('/collect', batch($sent - 149 .. $sent))->{status}, 202, '150 more are stored, and refused';
        is_emptied($nginx);
        @all = sort { $a <=> $b } map { number($_) } map { lines_of($nginx, $_) } 'undelivered.old', 'undelivered';
        $dropped = 0;
        $dropped += /the oldest (\d+) / ? $1 : 0 for $nginx->errors('error');
    };

    $more->() until -e "$dir/undelivered.old" || $sent > 1000;
    is join(' ', @all), join(' ', 1 .. $sent), "$sent events: there is an \"undelivered.old\", all are kept";
    is join('', $nginx->errors), '', 'no error';

    $more->() until $dropped || $sent > 2000;
    cmp_ok $dropped, '>', 0, "$sent events: $dropped are dropped, with an error in the log that counts them";
    is scalar(keys %{{ map { $_ => 1 } @all }}), $sent - $dropped, 'the others are kept';
    cmp_ok $all[0], '>', $dropped - 32, 'it is the oldest that are dropped';

    # what is written at once stays together
    cmp_ok -s "$dir/$_", '<=', 32768 + 150 * 200, "\"$_\" is half of the size" for qw(undelivered.old undelivered);
};


section 'a destination that is not configured' => sub {
    my $up = Pintag::StandIn->new;
    my $nginx = nginx($up, '');
    my %to = map { $_ => "tag:$_:localhost/pinterest" } 100, 200;

    put($nginx, 'other.spool', line(1, destination => $to{100}) . line(2) . line(3, destination => $to{200})
                               . line(4, destination => 'api:100:localhost/pinterest', payload => '{}')
                               . line(5, destination => 'nonsense'));
    arrived($up, [2], 'what is not for a stranger is sent');
    ok $nginx->wait_log(qr/\[warn\].*"?tag:100:localhost\/pinterest/), 'a warning names whom nobody knows';
    sleep 1.2;
    is join(' ', map { $_->{state} } lines_of($nginx, 'other.spool')), 'P D P P P', 'its lines wait';
    is join('', names($nginx, 'undel*')), '', 'they are not given up';

    $nginx->write_file('conf/i.yaml', qq(- name: pinterest\n  config:\n    tagId: "100"\n));

    my ($old) = $nginx->reload(http => config($up, '', integrations => '%%DIR%%/conf/i.yaml'));

    arrived($up, [1, 2], 'after a reload that knows it, it is sent');
    ok $nginx->wait_gone($old, 5), 'the old worker leaves';
    is scalar(grep { /m-[345]\t/ && /^P/ } split /^/m, join '', map { $nginx->file("spool/$_") } names($nginx)), 3,
        'the others wait on';

    # so many warnings a second would fill the disk
    cmp_ok scalar(() = $nginx->error_log =~ /\[warn\].*localhost\/pinterest/g), '<=', 30, 'warnings are few';

    # and until max_age
    $nginx->reload(http => config($up, 'max_age=1s', integrations => '%%DIR%%/conf/i.yaml'));
    ok eventually(sub { 3 == grep { $_->{reason} eq 'max_age' } lines_of($nginx, 'undelivered') }, 8),
        'until max_age: then they are in "undelivered"';
    is_emptied($nginx);
};

section 'a destination whose server or URI has another name now' => sub {
    my $up = Pintag::StandIn->new;
    my $nginx = nginx($up, '');

    put($nginx, 'a.spool', line(1, destination => 'tag:2612826764086:shop.example/pinterest')
        . line(2, destination => 'tag:2612826764086:localhost/p')
        . line(3, destination => 'api:2612826764086:localhost/p', payload => '{}')
        . line(4, destination => 'tag:7:localhost/pinterest'));
    arrived($up, [1, 2], 'the same tag under another server or URI takes what there is');
    sleep 1.2;
    is join(' ', map { $_->{state} } lines_of($nginx, 'a.spool')), 'D D P P', 'another one or another transport does not';
};

section 'a destination with another name now, and two that may be it' => sub {
    my $up = Pintag::StandIn->new;
    my $nginx = nginx($up, '', server => <<'END');
    server_name localhost;
    location /other { pintag_integrations %%DATA%%/integrations.yaml; pintag_pass /pinterest/b; }
END

    put($nginx, 'a.spool', line(1, destination => 'tag:2612826764086:shop.example/pinterest') . line(2));
    arrived($up, [2], 'a tag that is configured twice:');
    sleep 1.2;
    is join(' ', map { $_->{state} } lines_of($nginx, 'a.spool')), 'P D', 'what was for neither waits';
};


section 'a file of a version to come' => sub {
    my $up = Pintag::StandIn->new;
    my $nginx = nginx($up, '', no_start => 1);
    my $newer = header(2) . line(1) . "something else\n";

    put($nginx, 'newer.spool', $newer);
    put($nginx, 'mine.spool', line(2));
    $nginx->start;
    arrived($up, [2], 'a file of a newer version: the others are delivered');
    ok $nginx->wait_log(qr/\[warn\].*newer\.spool/), 'a warning names it';
    sleep 1.2;
    is $nginx->file('spool/newer.spool'), $newer, 'it is left alone';
    is join('', $nginx->errors), '', 'no error';
    cmp_ok scalar(() = $nginx->error_log =~ /\[warn\].*newer\.spool/g), '<=', 4, 'warnings are few';
};


section 'several workers: a file belongs to one' => sub {
    my $up = Pintag::StandIn->new(delay => 0.01);
    my $nginx = nginx($up, '', workers => 2);

    put($nginx, 'one.spool', join '', map { line($_) } 1 .. 200);
    arrived($up, [1 .. 200], 'two workers and one file: each event once');
    put($nginx, "$_.spool", join '', map { line($_) } $_ * 1000 + 1 .. $_ * 1000 + 20) for 1 .. 10;
    is_emptied($nginx, 'two workers and ten files');
    arrived($up, [1 .. 200, map { $_ * 1000 + 1 .. $_ * 1000 + 20 } 1 .. 10]);

    # a worker that is killed: the other one takes over
    $up->behave(act => 'away', status => 503);
    is $nginx->post('/collect', batch($_ * 10 .. $_ * 10 + 9))->{status}, 202, 'stored' for 2001 .. 2010;

    my ($worker) = $nginx->worker_pids;

    kill 'KILL', $worker;
    $up->behave();

    my %seen;

    ok eventually(sub {
        %seen = ();
        $seen{$_}++ for grep { $_ >= 20000 } good($up);
        return keys %seen == 100 && !names($nginx);
    }), 'a worker is killed right after it answered: what it stored is delivered';
    ok eventually(sub { $nginx->worker_pids == 2 }), 'two workers go on';
};


section 'reloads under load: nothing twice, nothing lost' => sub {
    my $up = Pintag::StandIn->new(delay => 0.02);
    my $nginx = nginx($up, 'file_size=64k', collect => "$fast pintag_window tag=8;");
    my (@answers, @old);

    for my $round (0 .. 3) {
        push @answers, map { $nginx->post('/collect', batch($_ * 10 + 1 .. $_ * 10 + 10)) }
                       $round * 10 .. $round * 10 + 9;
        push @old, $nginx->reload;
    }

    is scalar(grep { $_->{status} == 202 } @answers), 40, 'four reloads under load: all is stored';
    is_emptied($nginx);
    arrived($up, [1 .. 400]);
    ok !(grep { !defined $nginx->wait_gone($_, 5) } @old), 'the old workers leave';

    # Pinterest is away: the old worker has no reason to stay
    $up->refuse;
    is $nginx->post('/collect', batch(401 .. 420))->{status}, 202, 'Pinterest is away, events are stored';
    @old = $nginx->reload;
    ok defined $nginx->wait_gone($old[0], 3), 'a reload: the old worker leaves';
    $up->accept;
    arrived($up, [1 .. 420], 'and the new one delivers');
    is_emptied($nginx);
    is join('', $nginx->errors('alert', 'crit', 'emerg')), '', 'no alert';
};


section 'a worker that leaves puts what it has in memory into the spool' => sub {
    for my $how (qw(quit stop reload)) {
        my $up = Pintag::StandIn->new;
        my $nginx = Pintag::Nginx->new(
            http => collector($up->port, server => 'server_name localhost;', http => 'pintag_spool spool;',
                              collect => "pintag_ack received; $fast"));

        $up->refuse;
        is $nginx->post('/collect', batch($_ * 10 - 9 .. $_ * 10))->{status}, 202, 'received' for 1 .. 5;

        if ($how eq 'reload') {
            my ($old) = $nginx->reload;

            ok defined $nginx->wait_gone($old, 3), 'reload: the old worker leaves';

        } elsif ($how eq 'quit') {
            ok defined $nginx->quit(3), 'quit: it leaves';

        } else {
            $nginx->stop;
        }

        is join(' ', sort { $a <=> $b } map { number($_) } map { lines_of($nginx, $_) } names($nginx)),
            join(' ', 1 .. 50), "$how: what the worker had received is in the spool";
        $up->accept;
        $nginx->start if $how ne 'reload';
        arrived($up, [1 .. 50], 'and is delivered by the next one');
        is_emptied($nginx);
    }
};


section 'a file that another program has locked' => sub {
    my $up = Pintag::StandIn->new;
    my $nginx = nginx($up, '');
    my $name = $nginx->dir . '/spool/mine.tmp';

    $nginx->write_file('spool/mine.tmp', join '', map { line($_) } 1 .. 5);
    open my $mine, '+<', $name or die "$name: $!";
    flock $mine, LOCK_EX or die "$name: $!";
    rename $name, $name =~ s/tmp\z/spool/r;
    sleep 1.6;
    is scalar($up->requests), 0, 'a file that another program has locked is left alone';
    is join(' ', map { $_->{state} } lines_of($nginx, 'mine.spool')), 'P P P P P', 'as it is';
    close $mine;
    ok eventually(sub { !names($nginx) }, 3), 'once it is free it is taken';
    arrived($up, [1 .. 5]);
};

run_sections();
done_testing();
