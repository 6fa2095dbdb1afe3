package Pintag::Client;

# One client connection, plain HTTP/1.1.  The documentation is at the end of
# the file.

use strict;
use warnings;

use IO::Select;
use IO::Socket::INET;
use Pintag::Deadline;
use Pintag::Secrets;
use Socket qw(SOL_SOCKET SO_LINGER IPPROTO_TCP TCP_NODELAY);
use Time::HiRes qw(time);

sub new {
    my ($class, $port, %args) = @_;
    my $sock = IO::Socket::INET->new(PeerAddr => '127.0.0.1', PeerPort => $port,
                                     Timeout => 5, %args)
        or die "127.0.0.1:$port: $@\n";

    setsockopt $sock, IPPROTO_TCP, TCP_NODELAY, 1;

    return bless { sock => $sock, port => $port, in => '' }, $class;
}


sub sock { return $_[0]{sock} }


sub send {
    my ($self, $bytes) = @_;
    local $SIG{PIPE} = 'IGNORE';
    my $sent = 0;

    Pintag::Secrets::sent($self->{port}, $bytes);

    while ($sent < length $bytes) {
        my $n = syswrite $self->{sock}, $bytes, length($bytes) - $sent, $sent;

        last unless defined $n;
        $sent += $n;
    }

    return $self;
}


# A header whose value is undef is not sent, the Host and Content-Length that
# are there otherwise included.
sub request {
    my ($self, $method, $uri, $body, %headers) = @_;
    my %all = (Host => 'localhost');

    $all{'Content-Length'} = length $body if defined $body;
    %all = (%all, %headers);

    return $self->send("$method $uri HTTP/1.1\r\n"
                       . join('', map { "$_: $all{$_}\r\n" }
                                  grep { defined $all{$_} } sort keys %all)
                       . "\r\n" . ($body // ''));
}


sub get { my ($self, $uri, %headers) = @_; return $self->request('GET', $uri, undef, %headers) }

sub post { my ($self, $uri, $body, %headers) = @_; return $self->request('POST', $uri, $body, %headers) }


# The body in chunks of $size bytes.
sub post_chunked {
    my ($self, $uri, $body, $size, %headers) = @_;
    my $chunked = join '', map { sprintf "%x\r\n%s\r\n", length, $_ }
                           unpack "(a$size)*", $body;

    return $self->request('POST', $uri, "${chunked}0\r\n\r\n",
                          'Content-Length' => undef,
                          'Transfer-Encoding' => 'chunked', %headers);
}


# More bytes into the buffer: false at the end, on an error or a time-out.
sub fill {
    my ($self, $end) = @_;
    my $left = $end - time();

    $self->{timed_out} = 0;

    if ($left <= 0 || !IO::Select->new($self->{sock})->can_read($left)) {
        $self->{timed_out} = 1;
        return 0;
    }

    return sysread $self->{sock}, $self->{in}, 65536, length $self->{in};
}


# Takes the buffer up to and with $re, or $re bytes; undef when they do not come.
sub take {
    my ($self, $what, $end) = @_;

    if (ref $what) {
        for (;;) {
            return substr $self->{in}, 0, $+[0], '' if $self->{in} =~ $what;
            $self->fill($end) or return undef;
        }
    }

    until (length $self->{in} >= $what) {
        $self->fill($end) or return undef;
    }

    return substr $self->{in}, 0, $what, '';
}


# The next answer on this connection; undef when none comes, or not whole.
sub answer {
    my ($self, $timeout, %args) = @_;
    my $end = deadline($timeout // 10);
    my $head = $self->take(qr/\r\n\r\n/, $end) // return undef;
    my ($line, @lines) = split /\r\n/, $head;
    my ($status) = $line =~ m{^HTTP/\S+ (\d+)} or return undef;
    my (%headers, $body);

    for (@lines) {
        my ($name, $value) = /^([^:]+):\s*(.*)$/ or next;
        $name = lc $name;
        $headers{$name} = defined $headers{$name} ? "$headers{$name}, $value" : $value;
    }

    return $self->answer($timeout, %args) if $status == 100;

    if ($args{head} || $status == 204 || $status == 304) {
        $body = '';

    } elsif (($headers{'transfer-encoding'} // '') =~ /chunked/i) {
        $body = '';

        for (;;) {
            my $size = $self->take(qr/\r\n/, $end) // return undef;
            my $bytes = hex(($size =~ /^([0-9a-fA-F]+)/)[0] // return undef);
            my $chunk = $self->take($bytes + 2, $end) // return undef;

            last if $bytes == 0;
            $body .= substr $chunk, 0, $bytes;
        }

    } elsif (defined $headers{'content-length'}) {
        $body = $self->take($headers{'content-length'}, $end) // return undef;

    } else {
        1 while $self->fill($end);
        return undef if $self->{timed_out};
        $body = $self->{in};
        $self->{in} = '';
    }

    Pintag::Secrets::got($self->{port}, $head . $body);

    return { status => $status, line => $line, headers => \%headers,
             body => $body, raw => $head . $body };
}


# Whether the other side closes within the time, nothing more said.
sub closed {
    my ($self, $timeout) = @_;
    my $got = $self->fill(deadline($timeout // 1));

    return !$got && !$self->{timed_out} && $self->{in} eq '';
}


sub close {
    my $self = shift;
    CORE::close($self->{sock});
    return $self;
}


# Gone without a word: the other side gets a RST.
sub reset {
    my $self = shift;
    setsockopt $self->{sock}, SOL_SOCKET, SO_LINGER, pack('ii', 1, 0);
    return $self->close;
}


1;

__END__

=head1 NAME

Pintag::Client - one client connection to 127.0.0.1, plain HTTP/1.1

=head1 SYNOPSIS

    my $client = Pintag::Client->new($port);        # or $nginx->client

    $client->post('/collect', $json, Cookie => 'a=1');
    my $answer = $client->answer(5);    # status, line, headers, body, raw
    $client->get('/');                  # the same connection again
    $client->answer;

    Pintag::Client->new($port)->post('/collect', $json)->reset;

=head1 METHODS

C<send(bytes)>, C<request(method, uri, body, headers)>, C<get>, C<post>,
C<post_chunked(uri, body, chunk size, headers)>, C<close> and C<reset>
(SO_LINGER 0) give the object, so that they chain.  A header with the value
undef is left out.  C<answer([timeout], head =E<gt> 1)> reads one answer
(Content-Length, chunked, or to the end) and is undef when none comes whole in
time.  Names of headers in it are in lower case.  C<closed([timeout])> is true
when the other side closes and says nothing more.  C<sock> is the socket.

=cut
