package Pintag::Recorder;

# A stand-in Pinterest that is fast and keeps every byte of every event.  The
# documentation is at the end of the file.

use strict;
use warnings;

use File::Temp ();
use IO::Socket::INET;
use Pintag::Nginx;
use parent 'Pintag::Forked';
use POSIX ();
use Socket qw(AF_UNIX SOCK_STREAM PF_UNSPEC SOL_SOCKET SO_LINGER SOMAXCONN
              IPPROTO_TCP TCP_NODELAY);
use Time::HiRes qw(time);

my $PIXEL = pack 'H*', '47494638396101000100800100000000ffffff'
                       . '21f90401000001002c00000000010001000002024c01003b';
my $BAD = "HTTP/1.1 400 Recorder\r\nContent-Type: application/json\r\n"
          . "Content-Length: 42\r\nConnection: close\r\n\r\n"
          . '{"code":1,"message":"a body of no length"}';


# ---- the test's side ---------------------------------------------------------

sub new {
    my ($class, %args) = @_;
    my $self = bless { owner => $$ }, $class;
    my $listen;

    for (1 .. 10) {
        $listen = IO::Socket::INET->new(LocalAddr => '127.0.0.1',
                                        LocalPort => Pintag::Nginx::free_port(),
                                        Listen => SOMAXCONN, ReuseAddr => 1,
                                        Blocking => 0)
            and last;
    }

    $listen or die "127.0.0.1: $@\n";
    $self->{port} = $listen->sockport;
    $self->{tmp} = File::Temp->newdir('pintag-XXXXXX', TMPDIR => 1);
    $self->{log} = $self->{tmp}->dirname . '/events.log';

    socketpair $self->{control}, my $theirs, AF_UNIX, SOCK_STREAM, PF_UNSPEC
        or die "socketpair: $!";

    defined($self->{pid} = fork) or die "fork: $!";

    if ($self->{pid} == 0) {
        close $self->{control};
        eval { serve($listen, $theirs, $self->{log}, %args); 1 }
            or print STDERR "recorder: $@";
        POSIX::_exit(0);
    }

    close $theirs;
    close $listen;

    return $self;
}


# From now on: hang, resume, fail=0.01, reset=0.01, delay=0.01, back when it is
# so.
sub tell {
    my ($self, $what) = @_;

    return $self->say_line($what);
}


# ---- the server's side -------------------------------------------------------

# connections by descriptor: {sock, in, held}
my ($reads, @conns, @late, $log, $lines, %how, %bodies);


sub serve {
    my ($listen, $control, $name, %args) = @_;
    my $accepts = fileno $listen;
    my $controls = fileno $control;

    $SIG{PIPE} = 'IGNORE';
    srand;
    %how = (delay => 0, fail => 0, reset => 0, %args);

    open $log, '>>:raw', $name or die "$name: $!";

    $reads = '';
    vec($reads, $_, 1) = 1 for $accepts, $controls;

    for (;;) {
        my $wait = @late ? $late[0][0] - time() : undef;
        my @out;

        $wait = 0 if defined $wait && $wait < 0;
        $lines = '';

        if (select(my $ready = $reads, undef, undef, $wait) > 0) {
            my $bits = unpack 'b*', $ready;
            my $fd = -1;

            while (($fd = index $bits, '1', $fd + 1) >= 0) {
                if ($fd == $accepts) {
                    my $sock = $listen->accept or next;

                    setsockopt $sock, IPPROTO_TCP, TCP_NODELAY, 1;
                    vec($reads, fileno $sock, 1) = 1;
                    $conns[fileno $sock] = { sock => $sock, in => '' };

                } elsif ($fd == $controls) {
                    my $line = <$control> // return;    # the test is gone

                    control($line);
                    syswrite $control, "ok\n";

                } elsif (my $conn = $conns[$fd]) {
                    push @out, read_in($conn);
                }
            }
        }

        # what has been answered is on record
        if (length $lines) {
            syswrite($log, $lines) == length $lines or die "$name: $!";
        }

        if ($how{delay}) {
            my $at = time() + $how{delay};
            push @late, map { [$at, @$_] } @out;
            @out = ();
        }

        while (@late && $late[0][0] <= time()) {
            my (undef, @answer) = @{ shift @late };
            push @out, \@answer;
        }

        answer(@$_) for @out;
    }
}


sub control {
    my $line = shift;

    for ($line =~ /(\S+)/g) {
        my ($what, $value) = split /=/;

        if ($what eq 'hang') {
            $how{hang} = 1;

        } elsif ($what eq 'resume') {
            $how{hang} = 0;
            hang_up($_, 1) for grep { $_ && $_->{held} } @conns;

        } else {
            $how{$what} = $value;
        }
    }
}


sub hang_up {
    my ($conn, $reset) = @_;
    my $sock = delete $conn->{sock} or return;
    my $fd = fileno $sock;

    setsockopt $sock, SOL_SOCKET, SO_LINGER, pack('ii', 1, 0) if $reset;
    vec($reads, $fd, 1) = 0;
    $conns[$fd] = undef;
    close $sock;
}


sub answer {
    my ($conn, $bytes) = @_;

    return unless $conn->{sock};

    return hang_up($conn, 1) if !defined $bytes;

    my $sent = 0;

    while ($sent < length $bytes) {
        my $n = syswrite $conn->{sock}, $bytes, length($bytes) - $sent, $sent;

        return hang_up($conn) if !defined $n;
        $sent += $n;
    }
}


# The answers to what has come on this connection.
sub read_in {
    my $conn = shift;
    my @out;

    if (!sysread $conn->{sock}, $conn->{in}, 262144, length $conn->{in}) {
        hang_up($conn);
        return;
    }

    return if $conn->{bad};

    while (my ($head) = $conn->{in} =~ /\A(.*?\r\n)\r\n/s) {
        my $size = $head =~ /^Content-Length: *(\d+)\r$/mi ? $1 : undef;

        # what follows cannot be told from another request
        if (!defined $size && $head =~ /\APOST /) {
            $conn->{bad} = 1;
            push @out, [$conn, $BAD];
            last;
        }

        $size //= 0;
        my $from = length($head) + 2;

        die "a body in chunks\n" if $head =~ /^Transfer-Encoding:/mi;
        last if length $conn->{in} < $from + $size;

        my $body = substr $conn->{in}, $from, $size;

        substr($conn->{in}, 0, $from + $size) = '';
        push @out, [$conn, answer_to($conn, $head, $body)];
        pop @out if $conn->{held};
    }

    return @out;
}


sub answer_to {
    my ($conn, $head, $body) = @_;
    my ($uri) = $head =~ m{\A\S+ (\S+) } or die "no request: $head\n";

    if ($how{hang}) {
        $conn->{held} = 1;
        return undef;
    }

    if ($how{fail} && rand() < $how{fail}) {
        return "HTTP/1.1 503 Recorder\r\nContent-Length: 0\r\n\r\n";
    }

    my ($type, $text);

    if ($body eq '') {
        my ($agent) = $head =~ /^User-Agent: (.*)\r$/m;
        my ($page) = $head =~ /^Referer: (.*)\r$/m;

        record(join("\t", 'tag', $uri, $agent // '', $page // ''));
        $type = 'image/gif';
        $text = $PIXEL;

    } else {
        # a quote in a value is escaped, so this is no value
        my ($inner) = $body =~ /\A\{"data":\[(.*)\]\}\z/s;
        my @events = defined $inner ? split /,(?=\{"event_name":)/, $inner : ($body);

        record(join("\t", 'api', $uri, $_)) for @events;
        $type = 'application/json';
        $text = $bodies{@events} //= processed(scalar @events);
    }

    return undef if $how{reset} && rand() < $how{reset};

    return "HTTP/1.1 200 Recorder\r\nContent-Type: $type\r\n"
           . 'Content-Length: ' . length($text) . "\r\n\r\n$text";
}


sub record {
    my @lines = $how{tamper} ? $how{tamper}->($_[0]) : $_[0];

    # a newline would be two records
    s/\n/\\n/g for @lines;
    $lines .= "$_\n" for @lines;
}


sub processed {
    my $n = shift;

    return qq({"num_events_received":$n,"num_events_processed":$n,"events":[)
           . join(',', ('{"status":"processed","error_message":"","warning_message":""}') x $n)
           . ']}';
}


1;

__END__

=head1 NAME

Pintag::Recorder - a fast stand-in Pinterest that keeps every event's bytes

=head1 SYNOPSIS

    my $recorder = Pintag::Recorder->new(delay => 0.005);  # on $recorder->port

    $recorder->tell('hang');                # nothing is answered from now on
    $recorder->tell('resume fail=0.01');    # what hangs is reset

=head1 DESCRIPTION

One forked process, several thousand requests a second.  Pixels are answered
with a GIF, what has a body as the Conversions API does, each event processed.
Before a request is answered, the file C<log> holds a line for each of its
events, columns separated by tabs:

    tag  /v3/?tid=...  User-Agent  Referer
    api  /v5/ad_accounts/1/events  {"event_name":...}

What C<tell> takes, several of them if need be: C<hang> (requests are neither
answered nor on record), C<resume> (resets what hangs), C<fail=share> (that
share of the requests is answered 503 and not on record), C<reset=share> (on
record, then reset without an answer), C<delay=seconds> before an answer.  A
POST that does not tell how long its body is is answered 400.  C<new>
takes the last three, too, and C<tamper>, a function that makes of such a line
the lines that are written instead: to see whether a test notices.

=cut
