package Pintag::StandIn;

# A stand-in upstream that can be as bad as a network.  The documentation is at
# the end of the file.

use strict;
use warnings;

use Encode ();
use File::Temp ();
use IO::Select;
use IO::Socket::INET;
use JSON::PP;
use Pintag::Deadline;
use Pintag::Nginx;
use parent 'Pintag::Forked';
use POSIX ();
use Socket qw(AF_UNIX SOCK_STREAM PF_UNSPEC SOL_SOCKET SO_LINGER SO_REUSEADDR SOMAXCONN);
use Time::HiRes qw(sleep time);

my $PIXEL = pack 'H*', '47494638396101000100800100000000ffffff'
                       . '21f90401000001002c00000000010001000002024c01003b';

my $json = JSON::PP->new->canonical->allow_nonref;
my $utf8 = JSON::PP->new->canonical->utf8;


# ---- the test's side ---------------------------------------------------------

# new(%behaviour) or new({...}, {...}): see behave
sub new {
    my ($class, @behaviour) = @_;
    my $self = bless { owner => $$ }, $class;
    my $listen = listen_on(Pintag::Nginx::free_port());

    $self->{port} = $listen->sockport;
    $self->{tmp} = File::Temp->newdir('pintag-XXXXXX', TMPDIR => 1);
    $self->{log} = $self->{tmp}->dirname . '/requests.log';

    socketpair $self->{control}, my $theirs, AF_UNIX, SOCK_STREAM, PF_UNSPEC
        or die "socketpair: $!";

    defined($self->{pid} = fork) or die "fork: $!";

    if ($self->{pid} == 0) {
        close $self->{control};
        eval { serve($listen, $theirs, $self->{log}); 1 }
            or print STDERR "stand-in: $@";
        POSIX::_exit(0);    # no END block, no destructor of the test's
    }

    close $theirs;
    close $listen;
    $self->behave(@behaviour);

    return $self;
}


sub listen_on {
    my $port = shift;

    return IO::Socket::INET->new(LocalAddr => '127.0.0.1', LocalPort => $port,
                                 Listen => SOMAXCONN, ReuseAddr => 1,
                                 Blocking => 0)
           || die "127.0.0.1:$port: $@\n";
}


# Says a line to the server and waits until it is done.
sub tell {
    my ($self, $what) = @_;

    return $self->say_line($json->encode($what));
}


sub behave {
    my ($self, @behaviour) = @_;

    @behaviour = ({ @behaviour }) unless ref $behaviour[0];
    return $self->tell({ behave => \@behaviour });
}


sub refuse { return $_[0]->tell({ refuse => 1 }) }

sub accept { return $_[0]->tell({ accept => 1 }) }

sub drop { return $_[0]->tell({ drop => 1 }) }

# Answers so many of the requests that are held, the longest held first.
sub release { return $_[0]->tell({ release => $_[1] // 1 }) }


# What was received so far, in order: {n, conn, request, method, uri, headers,
# raw, body, t_in, t_out, act, in_flight}.
sub requests {
    my $self = shift;
    my @requests;

    open my $in, '<:raw', $self->{log} or return;

    while (my $line = <$in>) {
        last unless $line =~ /\n\z/;

        my $entry = $json->decode($line);
        my $n = $entry->{n};

        $requests[$n - 1] = { %{ $requests[$n - 1] // {} }, %$entry };
    }

    return @requests;
}


# Until $count requests have been answered (or arrived, when told so); the
# requests, or nothing when they do not come.
sub wait_for {
    my ($self, $count, $timeout, %args) = @_;
    my $end = deadline($timeout // 10);

    for (;;) {
        my @requests = $self->requests;
        my @done = $args{arrived} ? @requests : grep { defined $_->{t_out} } @requests;

        return @requests if @done >= $count;
        return if time() > $end;
        sleep 0.02;
    }
}


sub connections {
    my %conns = map { $_->{conn} => 1 } $_[0]->requests;
    return scalar keys %conns;
}


sub max_in_flight {
    my $max = 0;

    for ($_[0]->requests) {
        $max = $_->{in_flight} if $_->{in_flight} > $max;
    }

    return $max;
}


# The longest time in seconds that nothing was in flight between the first
# request's arrival and the last answer.
sub max_idle {
    my @events = sort { $a->[0] <=> $b->[0] || $b->[1] <=> $a->[1] }
                 map { ([$_->{t_in}, 1], [$_->{t_out} // time(), -1]) }
                 $_[0]->requests;
    my ($busy, $since, $max) = (0, undef, 0);

    for (@events) {
        my ($t, $change) = @$_;

        $max = $t - $since if defined $since && $busy == 0 && $t - $since > $max;
        $busy += $change;
        $since = $busy == 0 ? $t : undef;
    }

    return $max;
}


# ---- the server's side -------------------------------------------------------

my ($select_in, $select_out, %conns, @timers, @held, $log, @behaviours, $refuses);
my ($requests, $accepted, $in_flight) = (0, 0, 0);


sub serve {
    my ($listen, $control, $log_name) = @_;

    $SIG{PIPE} = 'IGNORE';
    $SIG{TERM} = $SIG{INT} = 'DEFAULT';
    srand;

    open $log, '>>:raw', $log_name or die "$log_name: $!";
    $log->autoflush(1);

    $select_in = IO::Select->new($listen, $control);
    $select_out = IO::Select->new;

    for (;;) {
        my $wait = @timers ? $timers[0][0] - time() : undef;
        my ($in, $out) = IO::Select->select($select_in, $select_out, undef,
                                            defined $wait && $wait < 0 ? 0 : $wait);

        for my $sock (@{ $out // [] }) {
            flush_out($conns{$sock}) if $conns{$sock};
        }

        for my $sock (@{ $in // [] }) {
            if ($sock == $control) {
                my $line = <$control> // return;    # the test is gone

                control($json->decode($line), $listen);
                syswrite $control, "ok\n";

            } elsif ($sock == $listen) {
                while (my $new = $listen->accept) {
                    $new->blocking(0);
                    $select_in->add($new);
                    $conns{$new} = { sock => $new, n => ++$accepted, in => '', out => '' };
                }

            } elsif ($conns{$sock}) {
                read_in($conns{$sock});
            }
        }

        while (@timers && $timers[0][0] <= time()) {
            (shift @timers)->[1]->();
        }
    }
}


sub control {
    my ($what, $listen) = @_;

    if ($what->{behave}) {
        @behaviours = @{ $what->{behave} };

    } elsif ($what->{refuse}) {
        if (!$refuses) {
            $select_in->remove($listen);

            # it stays bound, and nobody else's: other tests look for a port, too
            setsockopt $listen, SOL_SOCKET, SO_REUSEADDR, 0 or die "SO_REUSEADDR: $!";
            shutdown $listen, 0 or die "shutdown: $!";
            $refuses = 1;
        }

        hang_up($_, 1) for values %conns;

    } elsif ($what->{accept}) {
        if ($refuses) {
            setsockopt $listen, SOL_SOCKET, SO_REUSEADDR, 1 or die "SO_REUSEADDR: $!";
            listen $listen, SOMAXCONN or die "listen: $!";
            $select_in->add($listen);
            $refuses = 0;
        }

    } elsif ($what->{release}) {
        for (1 .. $what->{release}) {
            my ($conn, $how) = @{ shift(@held) // last };

            answer($conn, { %$how, act => 'answer' }) unless $conn->{gone};
        }

    } elsif ($what->{drop}) {
        hang_up($_, 1) for values %conns;
    }
}


sub after {
    my ($delay, $what) = @_;
    my $at = time() + $delay;
    my $i = @timers;

    $i-- while $i > 0 && $timers[$i - 1][0] > $at;
    splice @timers, $i, 0, [$at, $what];
}


sub note { print $log $json->encode($_[0]) . "\n" }


sub hang_up {
    my ($conn, $reset) = @_;
    my $sock = $conn->{sock};

    return if $conn->{gone}++;

    done($conn, 'gone') if $conn->{request};

    setsockopt $sock, SOL_SOCKET, SO_LINGER, pack('ii', 1, 0) if $reset;
    $select_in->remove($sock);
    $select_out->remove($sock);
    delete $conns{$sock};
    close $sock;
}


sub done {
    my ($conn, $end) = @_;
    my $request = delete $conn->{request} or return;

    $in_flight--;
    note({ n => $request->{n}, t_out => time(), end => $end });
}


sub read_in {
    my $conn = shift;
    my $got = sysread $conn->{sock}, $conn->{in}, 65536, length $conn->{in};

    return if !defined $got && $!{EAGAIN};
    return hang_up($conn) if !$got;

    next_request($conn);
}


sub next_request {
    my $conn = shift;
    my ($head, $body, @lines, $line, %headers);

    return if $conn->{request} || $conn->{gone} || $conn->{in} !~ /\r\n\r\n/;

    $head = substr $conn->{in}, 0, $+[0];
    ($line, @lines) = split /\r\n/, $head;

    for (@lines) {
        my ($name, $value) = /^([^:]+):\s*(.*)$/ or next;
        $headers{lc $name} = $value;
    }

    my $rest = substr $conn->{in}, length $head;

    if (($headers{'transfer-encoding'} // '') =~ /chunked/i) {
        $body = '';

        for (;;) {
            $rest =~ s/^([0-9a-fA-F]+)[^\n]*\r\n// or return;
            my $size = hex $1;

            length $rest >= $size + 2 or return;
            $body .= substr $rest, 0, $size;
            substr($rest, 0, $size + 2) = '';
            last if $size == 0;
        }

    } else {
        my $size = $headers{'content-length'} // 0;

        length $rest >= $size or return;
        $body = substr $rest, 0, $size, '';
    }

    my ($method, $uri) = split / /, $line;
    my $n = ++$requests;
    my $how = @behaviours > 1 ? shift @behaviours : $behaviours[0] // {};

    $conn->{in} = $rest;
    $conn->{request} = { n => $n, how => $how, raw => $head,
                         api => scalar($method eq 'POST' && $uri =~ m{^/v5/}), body => $body };
    $in_flight++;

    # nginx leaves the length out when it has no memory for that header
    my $cut = $how->{lengthless} && !exists $headers{'content-length'};

    keep_body($uri, $body) if $conn->{request}{api} && defined $ENV{PINTAG_BODIES} && !$cut;

    note({ n => $n, conn => $conn->{n}, request => $line, method => $method,
           uri => $uri, headers => \%headers, raw => $head, body => $body,
           t_in => time(), in_flight => $in_flight, act => $how->{act} // 'answer' });

    after($how->{delay} // 0, sub {
        answer($conn, $how) unless $conn->{gone};
    });
}


# A line to the file that the environment names, whole even when several tests
# write to it.
sub keep_body {
    my ($uri, $body) = @_;

    open my $out, '>>:raw', $ENV{PINTAG_BODIES} or die "$ENV{PINTAG_BODIES}: $!\n";
    syswrite $out, $utf8->encode({ test => $0, uri => $uri,
                                         body => Encode::decode('UTF-8', $body) }) . "\n";
    close $out;
}


# The events of a body of the Conversions API, none when it is no such body.  It
# is not decoded: that takes a second for a thousand of them.
sub events_in {
    my $body = shift;
    my ($depth, $from, @events) = 0;

    $body =~ /^\{\s*"data"\s*:\s*\[/ or return;

    while ($body =~ /"(?:[^"\\]++|\\.)*+"|([{\[])|([}\]])/gs) {
        $from = $-[0] if defined $1 && $1 eq '{' && $depth == 2;
        $depth += defined $1 ? 1 : defined $2 ? -1 : 0;
        push @events, substr $body, $from, $+[0] - $from if defined $2 && $2 eq '}' && $depth == 2;
    }

    return $depth == 0 ? @events : ();
}


# (status, body) of the Conversions API for a request's body and its head
sub api_answer {
    my ($how, $body, $head) = @_;
    my @events = events_in($body);
    my $rejects = defined $how->{reject} ? qr/$how->{reject}/ : undef;
    my $fails = defined $how->{fails} ? qr/$how->{fails}/ : undef;
    my $quotes = defined $how->{quote} ? qr/$how->{quote}/ : undef;
    my %failed = %{ $how->{failed} // {} };

    return ($how->{status}, $json->encode({ code => 4196, message => quoted($quotes, $head . $body) }))
        if defined $quotes && ($how->{status} // 200) >= 400;

    return ($how->{status} // 400, $json->encode({ code => 4196, message => 'Invalid request' }))
        if !@events || defined $rejects && $body =~ $rejects;

    for (0 .. $#events) {
        $failed{$_} = $1 if defined $fails && $events[$_] =~ $fails;
        $failed{$_} = quoted($quotes, $head . $events[$_]) if defined $quotes;
    }

    my @statuses = map { { status => defined $_ ? 'failed' : 'processed',
                           error_message => $_ // '', warning_message => '' } }
                   map { $failed{$_} } 0 .. $#events;

    return (defined $rejects ? 200 : $how->{status} // 200,
            $json->encode({ num_events_received => scalar @events,
                            num_events_processed => scalar grep({ $_->{status} eq 'processed' } @statuses),
                            events => \@statuses }));
}


# a text is quoted as Pinterest has read it
sub quoted {
    my ($quotes, $text) = @_;
    my @found = map { $json->decode("\"$_\"") } $text =~ /$quotes/g;

    return 'quoted: ' . join ', ', map { "'$_' is not valid" } @found;
}


sub answer {
    my ($conn, $how) = @_;
    my $act = $how->{act} // 'answer';
    my $status = $how->{status} // 200;
    my $body = $how->{body} // ($status == 200 ? $PIXEL : '');
    my $type = 'image/gif';
    my $keep = $how->{keepalive} // 1;

    if ($conn->{request}{api} && (defined $how->{body} ? $how->{body} eq 'api'
                                  : defined $how->{reject} || !defined $how->{status}))
    {
        ($status, $body) = api_answer($how, @{ $conn->{request} }{qw(body raw)});
        $type = 'application/json';
    }

    my %headers = ('Content-Type' => $type,
                   'Connection' => $keep ? 'keep-alive' : 'close',
                   %{ $how->{headers} // {} });

    $body = 'x' x $how->{size} if $how->{size};

    return hang_up($conn, 1) if $act eq 'reset';
    return hang_up($conn) if $act eq 'close';
    return if $act eq 'hang';

    if ($act eq 'hold') {
        push @held, [$conn, $how];
        return;
    }

    if ($how->{chunked}) {
        $headers{'Transfer-Encoding'} = 'chunked';
        $body = join '', map { sprintf "%x\r\n%s\r\n", length, $_ }
                         unpack('(a1000)*', $body), '';
    } else {
        $headers{'Content-Length'} //= length $body;
    }

    my $head = "HTTP/1.1 $status Stand-in\r\n"
               . join('', map { "$_: $headers{$_}\r\n" } sort keys %headers)
               . "\r\n";

    if ($act eq 'headers') {
        $conn->{close} = 1;
        $body = '';

    } elsif ($act eq 'cut') {
        $conn->{close} = 1;
        $body = substr $body, 0, length($body) / 2;

    } elsif ($act eq 'drip') {
        return drip($conn, $how, $keep, $head, split //, $body);
    }

    $conn->{close} = 1 if !$keep;
    $conn->{finish} = 1;
    $conn->{out} .= $head . $body;
    flush_out($conn);
}


sub drip {
    my ($conn, $how, $keep, @parts) = @_;

    return if $conn->{gone};

    $conn->{out} .= shift @parts;

    if (!@parts) {
        $conn->{finish} = 1;
        $conn->{close} = 1 if !$keep;
    }

    flush_out($conn);

    after($how->{every} // 0.02, sub { drip($conn, $how, $keep, @parts) }) if @parts;
}


sub flush_out {
    my $conn = shift;

    if (length $conn->{out}) {
        my $n = syswrite $conn->{sock}, $conn->{out};

        if (!defined $n) {
            return hang_up($conn) unless $!{EAGAIN};
            $n = 0;
        }

        substr($conn->{out}, 0, $n) = '';
    }

    if (length $conn->{out}) {
        $select_out->add($conn->{sock});
        return;
    }

    $select_out->remove($conn->{sock});

    if (delete $conn->{finish}) {
        done($conn, 'answered');
        return hang_up($conn) if $conn->{close};
        next_request($conn);
    }
}


1;

__END__

=head1 NAME

Pintag::StandIn - an upstream that delays, drips, resets and cuts answers off

=head1 SYNOPSIS

    my $up = Pintag::StandIn->new(delay => 0.02);   # on 127.0.0.1, $up->port

    # ... 500 events later
    ok $up->wait_for(500, 10), 'all arrived';
    cmp_ok $up->max_in_flight, '<=', 16;
    cmp_ok $up->connections, '<=', 17;
    is( ($up->requests)[0]{headers}{cookie}, undef );

    $up->behave({ status => 502 }, { act => 'reset' }, { });    # then well
    $up->refuse;                                    # connection refused
    $up->accept;                                    # and back again

=head1 DESCRIPTION

One forked process that serves all its connections at once and writes a log
that the methods read.  It ends with the object, or with the test.

=head2 behave(%behaviour), behave({...}, {...}, ...)

How the requests that come from now on are answered; with several, the first
request gets the first one, and so on, and the last one stays.  Without any: a
43-byte GIF at once, the connection kept.

    act       answer (default), drip (the body a byte at a time), cut (half of
              what Content-Length says, then closed), headers (headers, then
              closed), close (no answer), reset (no answer but a RST), hang
              (never an answer), hold (until it is released)
    delay     seconds before that; every: seconds between dripped bytes (0.02)
    status    200; body, size (a body of that many bytes), headers => {...},
              chunked => 1, keepalive => 0

A POST to /v5/... is answered as the Conversions API does, when the behaviour
has neither status nor body: 200, with the status of each event of "data" (400,
with a code and a message, to a body that has none).  All of the above goes for
this answer, too, and

    body      'api': this answer, whatever the status
    failed    { 6 => 'message' }: the events of these places have failed
    fails     a pattern: an event that it matches has failed, its message is $1
    quote     a pattern: all that it matches in the head and the event ($1) is in
              the event's message, it has failed; with a status of an error in
              that of the whole request
    reject    a pattern: a body that it matches is answered status (400) with a
              code and a message; any other is processed

    lengthless  1: nginx may be out of memory; a body whose length it leaves out
              is none

With PINTAG_BODIES in the environment, each such request is a line at the end of
the file of that name: {"test":"t/x.t","uri":"/v5/...","body":"..."}.

=head2 Others

C<port>, C<pid>, C<refuse> (stops listening and resets what is open),
C<accept>, C<drop> (resets what is open), C<release(count)> (answers so many of
the requests that are held), C<stop>.

C<requests>: a list of hashes in the order of arrival: n, conn (number of the
connection), request (the line as it came), method, uri, headers (lower case),
raw (the head as it came), body, t_in, t_out (undef while it is not answered),
in_flight (this one included, on arrival), act, end (answered, gone).

C<wait_for(count, [timeout], arrived =E<gt> 1)> gives them when so many are
answered (or have arrived), else nothing; an answer's t_out is logged right
after it was sent, so wait before reading it.  C<connections>, C<max_in_flight>,
C<max_idle> are read from the same log.

=cut
