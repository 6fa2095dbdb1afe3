# Compressed bodies: what is inflated, what is refused, and what it costs.

use strict;
use warnings;

use FindBin;
use lib "$FindBin::Bin/lib";

use Compress::Raw::Zlib;
use IO::Compress::Deflate ();
use IO::Compress::Gzip ();
use IO::Compress::RawDeflate ();
use JSON::PP;
use Pintag::Nginx;
use Pintag::Setup;
use Pintag::StandIn;
use Test::More;

my $up = Pintag::StandIn->new;
my $nginx = Pintag::Nginx->new(
    http => collector($up->port, server => 'client_max_body_size 2m;',
                      collect => 'client_body_buffer_size 1k;'));
my $client = $nginx->client;


sub gzip { my $out; IO::Compress::Gzip::gzip(\$_[0], \$out) or die; return $out }
sub zlib { my $out; IO::Compress::Deflate::deflate(\$_[0], \$out) or die; return $out }
sub raw { my $out; IO::Compress::RawDeflate::rawdeflate(\$_[0], \$out) or die; return $out }


sub check {
    my ($what, $answer, $status, %wanted) = @_;
    my $got = answer_of($answer);

    is $answer->{status}, $status, "$what: $status" or diag explain $got;

    for (sort keys %wanted) {
        ref $wanted{$_} eq 'Regexp' ? like $got->{$_}, $wanted{$_}, $_
                                    : is $got->{$_}, $wanted{$_}, $_;
    }

    is $client->post('/collect', encode_json(order(1)))->answer->{status}, 200,
        'the connection is usable' or $client = $nginx->client;

    return $answer;
}


# ---- every encoding, however the body comes

my $one = encode_json(order(7));
my $many = batch(1 .. 200);

for (
    [ 'gzip', gzip($one) ],
    [ 'x-gzip', gzip($one) ],
    [ 'GZip', gzip($one) ],
    [ 'deflate', zlib($one) ],
    [ 'deflate', raw($one) ],
    [ 'identity', $one ],
    [ '', $one ],
) {
    my ($encoding, $body) = @$_;
    my $from = $up->requests;

    check("Content-Encoding: $encoding",
          $client->post('/collect', $body, 'Content-Encoding' => $encoding)->answer,
          200, delivered => 1);
    is((events_of($up->requests))[$from], 7, 'the event arrives');
}

# as rudder-sdk-node sends it
check('gzip as a form',
      $client->post('/collect', gzip($one), 'Content-Encoding' => 'gzip',
          'Content-Type' => 'application/x-www-form-urlencoded')->answer,
      200, delivered => 1);

for ([ 'gzip', gzip($many) ], [ 'deflate', zlib($many) ], [ 'deflate', raw($many) ]) {
    my ($encoding, $body) = @$_;
    my @headers = ('Content-Encoding' => $encoding);

    check("200 events, $encoding", $client->post('/collect', $body, @headers)->answer,
          200, delivered => 200);
    check('in chunks',
          $client->post_chunked('/collect', $body, 100, @headers)->answer,
          200, delivered => 200);
}


# ---- what is refused

for ('br', 'zstd', 'gzip, br', 'gzip,gzip', 'compress') {
    my $answer = check("Content-Encoding: $_",
        $client->post('/collect', gzip($one), 'Content-Encoding' => $_)->answer,
        415, success => 0, error => 'unsupported_encoding', message => qr/gzip or deflate/);

    is $answer->{headers}{'accept-encoding'}, 'gzip, deflate', 'which there are';
}

check('two headers', $client->send("POST /collect HTTP/1.1\r\nHost: x\r\n"
      . "Content-Encoding: gzip\r\nContent-Encoding: gzip\r\n"
      . 'Content-Length: ' . length(gzip($one)) . "\r\n\r\n" . gzip($one))->answer,
      415, error => 'unsupported_encoding');

my $damaged = gzip($many);
substr($damaged, 100, 8) = "\xff" x 8;

my $sum = gzip($one);
substr($sum, -8, 1) ^= "\x01";

for (
    [ 'damaged', 'gzip', $damaged ],
    [ 'another check sum', 'gzip', $sum ],
    [ 'cut off', 'gzip', substr(gzip($many), 0, 500) ],
    [ 'cut off in the head', 'gzip', substr(gzip($one), 0, 5) ],
    [ 'cut off', 'deflate', substr(zlib($many), 0, 500) ],
    [ 'not compressed', 'gzip', $one ],
    [ 'not compressed', 'deflate', $one ],
    [ 'of another kind', 'gzip', zlib($one) ],
) {
    my ($what, $encoding, $body) = @$_;

    check("$encoding, $what",
          $client->post('/collect', $body, 'Content-Encoding' => $encoding)->answer,
          400, success => 0, error => 'invalid_encoding', message => qr/./);
}

check('nothing', $client->post('/collect', '', 'Content-Encoding' => 'gzip')->answer,
      400, error => 'empty_body');
check('nothing, compressed',
      $client->post('/collect', gzip(''), 'Content-Encoding' => 'gzip')->answer,
      400, error => 'empty_body');
check('no JSON, compressed',
      $client->post('/collect', gzip("{\n!"), 'Content-Encoding' => 'gzip')->answer,
      400, error => 'invalid_json', line => 2, column => 1);


# ---- the cap is on what comes out

{
    my $event = order(8);
    my $size = length encode_json($event);
    my $limited = Pintag::Nginx->new(
        http => collector($up->port, collect => "pintag_max_body $size;"));
    my $client = $limited->client;

    for my $encode (\&gzip, \&zlib, \&raw) {
        my @headers = ('Content-Encoding' => $encode == \&gzip ? 'gzip' : 'deflate');

        is $client->post('/collect', $encode->(encode_json($event)), @headers)
               ->answer->{status}, 200, 'exactly pintag_max_body';

        my $answer = $client->post('/collect', $encode->(encode_json($event) . ' '),
                                   @headers)->answer;

        is $answer->{status}, 413, 'a byte more';
        is answer_of($answer)->{error}, 'body_too_large', 'is too large';
        like answer_of($answer)->{message}, qr/inflated .*"pintag_max_body" .* $size bytes/,
            'and the limit is told';
    }

    # a larger Content-Length than pintag_max_body may inflate to less
    is $client->post('/collect', gzip(encode_json(order(9))) . "\0" x 200,
                     'Content-Encoding' => 'gzip')->answer->{status}, 200,
        'padding behind is passed over';
}


# ---- a bomb: 1 MB that would be 1 GB

SKIP: {
    my $keeper = Pintag::Nginx->keeps_memory;

    skip "$keeper keeps freed memory", 4 if $keeper;

    # a megabyte of zeroes, which a full flush makes fit to be repeated
    my ($deflate) = Compress::Raw::Zlib::Deflate->new(-WindowBits => -15, -AppendOutput => 1);
    my $block = '';

    $deflate->deflate("\0" x 1048576, $block);
    $deflate->flush($block, Z_FULL_FLUSH);

    my $bomb = "\x1f\x8b\x08\0\0\0\0\0\0\x03" . $block x 1024 . "\x03\0" . "\0" x 8;

    cmp_ok length $bomb, '>', 1_000_000, 'a megabyte';
    cmp_ok length $bomb, '<', 2_000_000, 'that nginx lets in';

    my ($worker) = $nginx->worker_pids;
    my $before = peak($worker);

    check('it is refused',
          $client->post('/collect', $bomb, 'Content-Encoding' => 'gzip')->answer(30),
          413, error => 'body_too_large');
    check('raw, too', $client->post('/collect', substr($bomb, 10),
          'Content-Encoding' => 'deflate')->answer(30), 413, error => 'body_too_large');

    my $after = peak($worker);

    cmp_ok $after - $before, '<', 8 * 1024,
        "the worker's largest size in KiB: $before before, $after after";
    is_deeply [$nginx->worker_pids], [$worker], 'the worker is the same';
}


sub peak {
    open my $in, '<', "/proc/$_[0]/status" or die "no process $_[0]\n";
    local $/;
    return (<$in> =~ /^VmHWM:\s+(\d+) kB/m)[0];
}

is join('', $nginx->errors), '', 'no error';

done_testing();
