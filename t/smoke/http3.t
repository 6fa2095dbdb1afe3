# Events that come over HTTP/3: from a stream of QUIC, in several packets, from a
# client that leaves before its event is delivered, at a reload.  Where nginx has
# HTTP/3, that is from 1.25 on.

use strict;
use warnings;

use FindBin;
use lib "$FindBin::Bin/../lib";

use File::Temp ();
use Pintag::Nginx;
use Pintag::Setup;
use Pintag::StandIn;
use Test::More;

my $bin = $ENV{TEST_NGINX_BINARY} || 'nginx';

plan skip_all => 'this nginx has no HTTP/3'
    if `'$bin' -V 2>&1` !~ /--with-http_v3_module/;

my $dir = File::Temp->newdir('pintag-XXXXXX', TMPDIR => 1);

system("openssl req -x509 -newkey rsa:2048 -nodes -days 2 -subj /CN=localhost"
       . " -keyout '$dir/key.pem' -out '$dir/cert.pem' 2> '$dir/err'") == 0
    or die 'openssl failed';

my $up = Pintag::StandIn->new;
my $nginx = Pintag::Nginx->new(no_start => 1, http => collector($up->port,
    listen => '127.0.0.1:%%PORT%% quic reuseport',
    server => <<"END"));
listen 127.0.0.1:%%PORT%% ssl;
ssl_certificate $dir/cert.pem;
ssl_certificate_key $dir/key.pem;
ssl_protocols TLSv1.3;
END

my ($status, $out) = $nginx->test_config;

is $status, 0, 'a server that listens on QUIC' or diag $out;
$nginx->start;


# "status version body" of a POST, or the exit status of curl if it has failed
sub http3 {
    my ($body, @args) = @_;

    open my $in, '>:raw', "$dir/body" or die $!;
    print $in $body;
    close $in or die $!;

    my $answer = `curl -sk --http3-only -m 20 @args -H 'Content-Type: application/json' \\
                       --data-binary '\@$dir/body' -w ' %{http_code} %{http_version}' \\
                       https://127.0.0.1:@{[$nginx->port]}/collect 2> '$dir/err'`;

    return $? == 0 && $answer =~ /^(.*) (\d+) (\S+)$/s ? "$2 $3 $1" : 'curl: ' . ($? >> 8);
}

SKIP: {
    skip 'this curl has no HTTP/3', 11 if `curl -V` !~ /\bHTTP3\b/;

    is http3(Pintag::Nginx->data('request.json')), '200 3 {"success":true,"received":1,"delivered":1}',
        'an event is taken over HTTP/3, and delivered';

    my ($request) = $up->wait_for(1, 5);

    is $request->{uri}, '/v3/?tid=2612826764086&noscript=1'
        . '&ed[checkout_id]=39f39fj39f3jf93fj9fj39fj3f&ed[order_id]=dkfsjidfjsdifsdfksdjfkdsfjsdfkdsf'
        . '&event=PaymentInfoEntered', 'right to the byte';

    # 100 KB
    is http3(batch(1 .. 1000)), '200 3 {"success":true,"received":1000,"delivered":1000}',
        'so is a batch of many packets';
    is_deeply [sort { $a <=> $b } events_of($up->wait_for(1001, 20))], [1 .. 1000], 'each event once';

    is http3('{"type":') =~ /^400 3 /, 1, 'what is no JSON is refused';

    $up->behave(delay => 2);
    is http3(batch(1001), '-m 0.5'), 'curl: 28', 'a client leaves';
    is join(' ', events_of(($up->wait_for(1002, 10))[-1])), '1001', 'and its event is delivered';
    $up->behave;

    my ($old) = $nginx->reload;

    ok defined $nginx->wait_gone($old, 20), 'a worker leaves at a reload';
    is http3(batch(1002)), '200 3 {"success":true,"received":1,"delivered":1}', 'and the next delivers';

    is join('', $nginx->errors('crit', 'alert', 'emerg')), '', 'nothing is wrong';
    ok defined $nginx->quit(20), 'nginx quits';
}

done_testing();
