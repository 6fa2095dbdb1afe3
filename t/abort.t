# A client that leaves takes nothing with it.

use strict;
use warnings;

use FindBin;
use lib "$FindBin::Bin/lib";

use IO::Socket::INET;
use JSON::PP;
use Pintag::Nginx;
use Pintag::Setup;
use Pintag::StandIn;
use Test::More;

my $clients = 200;

my $up = Pintag::StandIn->new(delay => 0.05);
my $nginx = Pintag::Nginx->new(
    ports => 2,
    http => collector($up->port, server => listen_http2('127.0.0.1:%%PORT2%%')));
my ($worker) = $nginx->worker_pids;

sub body { return encode_json(order(shift)) }


# HTTP/1.1: a reset right after the last byte of the request

for my $n (1 .. $clients) {
    $nginx->client->post('/collect', body($n))->reset;
}

my @requests = $up->wait_for($clients, 20);

is_deeply [sort { $a <=> $b } events_of(@requests)], [1 .. $clients],
    "HTTP/1.1: all events of $clients clients that reset arrive, each once";


# HTTP/2: the stream is cancelled, and the connection goes

sub frame {
    my ($type, $flags, $stream, $payload) = @_;
    return substr(pack('N', length $payload), 1)
           . pack('CCN', $type, $flags, $stream) . $payload;
}

sub literal { return join '', map { pack('C/a', $_) } @_ }

sub h2_post {
    my ($body, $stream) = @_;

    # HPACK: ":method POST", ":scheme http", ":path /collect" (a literal value
    # for the static table's name), ":authority localhost"
    my $head = "\x83\x86\x04" . literal('/collect') . "\x01" . literal('localhost');

    return frame(1, 0x4, $stream, $head) . frame(0, 0x1, $stream, $body);
}

my $cancelled = 0;

for my $n ($clients + 1 .. 2 * $clients) {
    my $sock = IO::Socket::INET->new(PeerAddr => '127.0.0.1',
                                     PeerPort => $nginx->port(2)) or die $@;

    # every second one only closes the connection
    my $cancel = $n % 2 ? frame(3, 0, 1, pack('N', 8)) : '';

    syswrite $sock, "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n" . frame(4, 0, 0, '')
                    . h2_post(body($n), 1);

    # the request has been read once the server's own frames come
    sysread $sock, my $frames, 4096;
    $cancelled++ if $cancel ne '' && syswrite $sock, $cancel;
    close $sock;
}

@requests = $up->wait_for(2 * $clients, 20);

is $cancelled, $clients / 2, 'half of the HTTP/2 streams were cancelled';
is_deeply [sort { $a <=> $b } events_of(@requests)], [1 .. 2 * $clients],
    "HTTP/2: all events of $clients clients that left arrive, each once";


# the worker is none the worse

is_deeply [$nginx->worker_pids], [$worker], 'the worker is the same';
is join('', $nginx->errors('alert', 'crit', 'emerg', 'error')), '', 'no alert';

my $answer = $nginx->post('/collect', body(0));
is $answer->{status}, 200, 'it goes on';

done_testing();
