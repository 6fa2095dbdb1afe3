# What cannot be delivered is in RabbitMQ: conf-examples/fallback-rabbitmq.conf
# with a broker of Debian's rabbitmq-server.

use strict;
use warnings;

use FindBin;
use lib "$FindBin::Bin/lib";

use File::Temp ();
use JSON::PP;
use MIME::Base64 qw(decode_base64 encode_base64);
use Pintag::Client;
use Pintag::Nginx;
use Pintag::Setup;
use Pintag::StandIn;
use POSIX ();
use Test::More;
use Time::HiRes qw(sleep time);

my $server = '/usr/lib/rabbitmq/bin/rabbitmq-server';

plan skip_all => 'rabbitmq-server is not installed' if !-x $server;

my $json = JSON::PP->new->utf8->canonical;


# ---- a broker of this test's own: its ports, its folder, its epmd

# in memory where that can be: a broker that starts syncs a lot
my $tmp = File::Temp->newdir('pintag-XXXXXX', -w '/dev/shm' ? (DIR => '/dev/shm') : (TMPDIR => 1));
my $dir = $tmp->dirname;
my ($http, $dist, $epmd) = map { Pintag::Nginx::free_port() } 1 .. 3;
my $owner = $$;
my @children;

sub write_to {
    my ($name, $text) = @_;

    open my $out, '>', "$dir/$name" or die "$dir/$name: $!";
    print $out $text;
    close $out or die "$dir/$name: $!";
}


# a child that runs the command with this environment and no other
sub run {
    my ($env, @command) = @_;
    my $pid = fork // die "fork: $!";

    if ($pid == 0) {
        %ENV = (PATH => $ENV{PATH}, %$env);
        open STDIN, '<', '/dev/null';
        open STDOUT, '>>', "$dir/out";
        open STDERR, '>&', \*STDOUT;
        exec { $command[0] } @command or POSIX::_exit(127);
    }

    push @children, $pid;
    return $pid;
}


sub end {
    for my $pid (splice @children) {
        kill 'KILL', $pid;
        waitpid $pid, 0;
    }
}


END {
    if ($$ == $owner) {
        my $status = $?;
        end();
        $? = $status;
    }
}


write_to('enabled_plugins', "[rabbitmq_management].\n");
write_to('rabbitmq.conf', <<"END");
listeners.tcp = none
management.tcp.ip = 127.0.0.1
management.tcp.port = $http
disk_free_limit.absolute = 1MB
END

my %erlang = (HOME => $dir, LANG => 'C.UTF-8', ERL_EPMD_PORT => $epmd, ERL_EPMD_ADDRESS => '127.0.0.1');

run(\%erlang, 'epmd');
run({ %erlang,
      RABBITMQ_NODENAME => 'pintag@localhost',
      RABBITMQ_DIST_PORT => $dist,
      RABBITMQ_BASE => $dir,
      RABBITMQ_MNESIA_BASE => "$dir/data",
      RABBITMQ_LOG_BASE => "$dir/log",
      RABBITMQ_LOGS => "$dir/log/broker.log",
      RABBITMQ_CONF_ENV_FILE => "$dir/env.conf",
      RABBITMQ_CONFIG_FILE => "$dir/rabbitmq.conf",
      RABBITMQ_CONFIG_FILES => "$dir/conf.d/*.conf",
      RABBITMQ_ENABLED_PLUGINS_FILE => "$dir/enabled_plugins",
      RABBITMQ_PID_FILE => "$dir/pid",
      RABBITMQ_SERVER_ADDITIONAL_ERL_ARGS => '-start_epmd false -kernel inet_dist_use_interface {127,0,0,1}',

      # its script becomes the broker, which then is the child
      RUNNING_UNDER_SYSTEMD => 'true' },
    $server);


# (status, what its JSON says) of the management plugin
sub api {
    my ($method, $path, $what, $user) = @_;
    my $client = eval { Pintag::Client->new($http) } or return (0);
    my $answer = $client->request($method, "/api/$path", defined $what ? $json->encode($what) : undef,
                                  'Content-Type' => 'application/json', Connection => 'close',
                                  Authorization => 'Basic ' . encode_base64($user // 'guest:guest', ''))
                        ->answer(10) // return (0);

    return ($answer->{status}, eval { $json->decode($answer->{body}) });
}


# it takes 10 seconds, on a machine that is busy with other tests a minute
my $end = time() + 120;
my $up = 0;

until ($up || time() > $end) {
    sleep 0.1;
    $up = (api('GET', 'whoami'))[0] == 200;
}

if (!$up) {
    open my $in, '<', "$dir/out";
    diag <$in>;
    fail 'the broker is up';
    done_testing();
    exit;
}


# what the comment of the example does by commands

sub declare_queue { return (api('PUT', 'queues/%2F/pintag', { durable => JSON::PP::true }))[0] }

is((api('PUT', 'users/pintag', { password => 'secret', tags => 'management' }))[0], 201, 'a user');
is((api('PUT', 'permissions/%2F/pintag',
        { configure => '^$', write => '^amq\.default$', read => '^$' }))[0], 201, 'who may publish');
is declare_queue(), 201, 'a queue';


# all messages of the queue, which they leave
sub messages {
    my ($status, $got) = api('POST', 'queues/%2F/pintag/get',
                             { count => 1000, ackmode => 'ack_requeue_false', encoding => 'base64' });

    return map { $_->{bytes} = decode_base64($_->{payload}); $_ } @{ $got // [] };
}


# ---- nginx with the example, in front of a Pinterest that does not answer

my $pinterest = Pintag::StandIn->new(status => 503);

sub example {
    my $pass = shift // 'secret';
    my $retry = 'pintag_retry attempts=2 min=10ms max=20ms; pintag_ack delivered timeout=2s;';

    open my $in, '<', Pintag::Nginx->root . '/conf-examples/fallback-rabbitmq.conf' or die $!;
    my $text = do { local $/; <$in> };

    # what must differ for the stand-in, and what a test would wait for
    $text =~ s/\A.*?^http \{\n(.*)^\}\n\z/$1/ms or die 'no http';
    $text =~ s/listen 80;/listen 127.0.0.1:%%PORT%%;/ or die 'no listen';
    $text =~ s/ct\.pinterest\.com:443/'127.0.0.1:' . $pinterest->port/e or die 'no Pinterest';
    $text =~ s{https://pinterest/}{http://pinterest/} or die 'no proxy_pass';
    $text =~ s/^\s*proxy_ssl_.*\n//mg;
    $text =~ s{/var/log/nginx/}{%%DIR%%/logs/} or die 'no access log';
    $text =~ s/^ *log_format pintag .*\n//m or die 'no log_format';
    $text =~ s/(?=pintag_pass )/$retry / or die 'no pintag_pass';

    # the broker, behind a server that writes down what it gets
    $text =~ s/127\.0\.0\.1:15672/127.0.0.1:%%PORT2%%/ or die 'no RabbitMQ';
    $text =~ s/cGludGFnOnNlY3JldA==/encode_base64("pintag:$pass", '')/e or die 'no password';
    $text .= <<"END";
    log_format body escape=none '\$request_body';
    server {
        listen 127.0.0.1:%%PORT2%%;
        client_max_body_size 0;
        client_body_buffer_size 8m;
        access_log %%DIR%%/logs/envelopes.log body;
        location / { proxy_pass http://127.0.0.1:$http; }
    }
END

    return Pintag::Nginx->new(http => $text, ports => 2,
                              files => { 'integrations.yaml' => Pintag::Nginx->data('integrations.yaml') });
}


# what the broker was to take, as bytes, so many of them
sub payloads {
    my ($nginx, $count) = @_;
    my $end = time() + 5;
    my @envelopes;

    do {
        sleep 0.02;
        @envelopes = split /\n/, $nginx->file('logs/envelopes.log');
    } until @envelopes >= $count || time() > $end;

    return map { decode_base64($json->decode($_)->{payload}) } @envelopes;
}


sub body {
    my ($id, $order) = @_;
    return encode_json({ %{ order($order) }, messageId => $id });
}


my $nginx = example();

# ---- routed

my @ids = ('m-1', "quotes \" ' and \\", "\x{e4}\x{1f600}", '{"routed":false}');

for my $i (0 .. $#ids) {
    my $answer = $nginx->post('/pintag', body($ids[$i], $i), 'User-Agent' => "\"browser\" $i",
                              Origin => 'http://localhost');

    is $answer->{body}, '{"success":true,"received":1,"delivered":0,"stored":1}', "event $i: 202";
    is $answer->{status}, 202, 'stored';
}

my @messages = messages();
my @lines = map { $json->decode($_) } split /\n/, join '', map { $_->{bytes} } @messages;
my %queries = map { $_->{uri} =~ m{^/v3/\?(.*)} ? ($1 => 1) : () } $pinterest->requests;

is scalar @messages, 4, 'a message each';
is_deeply [map { $_->{bytes} } @messages], [payloads($nginx, 4)],
    'in the queue is what was sent, to the byte';
is_deeply [map { $_->{event_id} } @lines], \@ids, 'every event, by its id';
is_deeply [sort map { $_->{payload} } @lines], [sort keys %queries], 'with the query that Pinterest would have got';
is "$lines[0]{destination} $lines[0]{reason}", 'tag:2612826764086:/_pinterest upstream_error',
    'of where it was to go, and why it did not';
is_deeply [map { $_->{user_agent} } @lines], [map { "\"browser\" $_" } 0 .. 3], 'for whom';
is $messages[0]{properties}{delivery_mode}, 2, 'a message survives a restart of the broker';
is $messages[0]{properties}{content_type}, 'application/x-ndjson', 'and says what it is';

# a larger one

my $answer = $nginx->post('/pintag', batch(1 .. 1000));

is $answer->{body}, '{"success":true,"received":1000,"delivered":0,"stored":1000}', '1,000 events: 202';
@lines = map { $json->decode($_) } split /\n/, join '', map { $_->{bytes} } messages();
is_deeply [sort { $a <=> $b } map { $_->{event_id} =~ /(\d+)/ } @lines], [1 .. 1000], 'all are in the queue';


# ---- unrouted: RabbitMQ answers 200, and has thrown it away

is((api('DELETE', 'queues/%2F/pintag'))[0], 204, 'the queue is gone');

my ($status, $got) = api('POST', 'exchanges/%2F/amq.default/publish',
    { properties => {}, routing_key => 'pintag', payload => 'x', payload_encoding => 'string' }, 'pintag:secret');

is $status, 200, 'the broker answers 200 to what nobody takes';
ok $got && exists $got->{routed} && !$got->{routed}, 'with "routed":false';

$answer = $nginx->post('/pintag', body('m-lost', 10));
is $answer->{status}, 503, 'the client hears 503';
like $answer->{headers}{'retry-after'}, qr/^[1-9]\d*$/, 'with Retry-After';
is answer_of($answer)->{error}, 'not_delivered', 'as not delivered';
is answer_of($answer)->{events}[0]{message_id}, 'm-lost', 'and named';

is declare_queue(), 201, 'the queue is back';
is scalar(messages()), 0, 'empty';
is $nginx->post('/pintag', body('m-again', 11))->{status}, 202, 'sent again, it is stored';
is scalar(messages()), 1, 'and in the queue';


# ---- a password that is wrong, a broker that is gone

{
    my $wrong = example('wrong');

    is $wrong->post('/pintag', body('m-1', 12))->{status}, 503, 'a wrong password: 503';
}

$pinterest->behave();
is $nginx->post('/pintag', body('m-2', 13))->{body}, '{"success":true,"received":1,"delivered":1}',
    'Pinterest answers again: delivered';
is scalar(messages()), 0, 'nothing of it is in the queue';

$pinterest->behave(status => 503);
end();
is $nginx->post('/pintag', body('m-3', 14))->{status}, 503, 'the broker is gone: 503';
is join('', $nginx->errors(qw(alert crit emerg))), '', 'no alert';

done_testing();
