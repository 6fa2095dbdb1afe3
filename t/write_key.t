# Where the write key of a request is looked for, and that it stays here.

use strict;
use warnings;

use FindBin;
use lib "$FindBin::Bin/lib";

use JSON::PP;
use MIME::Base64 qw(encode_base64);
use Pintag::Nginx;
use Pintag::Setup;
use Pintag::StandIn;
use Test::More;

my $up = Pintag::StandIn->new;
my $nginx = Pintag::Nginx->new(
    files => { 'i.yaml' => <<'END' },
- name: pinterest
  config:
      tagId: "1"
      writeKeys: [key-1, "a key: ü"]
- name: pinterest
  config:
      tagId: "2"
      writeKeys: [key-2]
END
    http => collector($up->port, integrations => 'i.yaml', at => '/'));
my $client = $nginx->client;

sub basic { return (Authorization => 'Basic ' . encode_base64($_[0], '')) }

for (
    # arguments, headers, of the event; the tags that get it
    [ '', [], {}, '' ],
    [ '', [basic('key-1:')], {}, '1' ],
    [ '', [basic('key-2:secret')], {}, '2' ],
    [ '', [Authorization => 'basic ' . encode_base64('key-1:', '')], {}, '1' ],
    [ '', [Authorization => 'Bearer key-1'], {}, '' ],
    [ '', [Authorization => 'Basic !'], {}, '' ],
    [ '?writeKey=key-1', [], {}, '1' ],
    [ '?a=1&writeKey=key%2d2', [], {}, '2' ],
    [ '?writeKey=a%20key%3A%20%C3%BC', [], {}, '1' ],
    [ '?writeKey=', [], {}, '' ],
    [ '?xwriteKey=key-1', [], {}, '' ],
    [ '', ['X-Write-Key' => 'key-2'], {}, '2' ],
    [ '', ['x-write-key' => 'key-1'], {}, '1' ],

    # one before the other
    [ '?writeKey=key-1', ['X-Write-Key' => 'key-2'], {}, '1' ],
    [ '?writeKey=key-1', [basic('key-2:'), 'X-Write-Key' => 'key-1'], {}, '2' ],
    [ '?writeKey=key-1', [Authorization => 'Bearer x'], {}, '1' ],
    [ '', [], { writeKey => 'key-2' }, '2' ],
) {
    my ($args, $headers, $more, $tags) = @$_;
    my $from = $up->requests;
    my $answer = $client->post("/collect$args", encode_json({ %{ order(1) }, %$more }),
                               @$headers)->answer;
    my @got = ($up->requests)[$from .. $up->requests - 1];

    is $answer->{status}, 200, "$args @$headers: 200";
    is join(' ', sort map { $_->{uri} =~ /tid=(\d+)/ } @got), $tags, "goes to: $tags";
    unlike join('', map { $_->{raw} } @got), qr/key|authorization/i, 'it stays here';
    is answer_of($answer)->{events}[0]{reason}, 'write_key', 'else it is skipped'
        if $tags eq '';
}

is join('', $nginx->errors), '', 'no error';

done_testing();
