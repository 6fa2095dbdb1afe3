# Pinterest fails in the middle of a load, in each way there is: what clients
# hear, that nothing is lost, how much it is bothered meanwhile, and how soon
# delivery goes on.
#
# PINTAG_FAULTS=long: more load, and the Conversions API, too.

use strict;
use warnings;

use FindBin;
use lib "$FindBin::Bin/../lib";

use File::Temp ();
use IO::Socket::INET;
use JSON::PP;
use Pintag::Deadline;
use Pintag::Nginx;
use Pintag::Sections;
use Pintag::Setup;
use Pintag::StandIn;
use POSIX qw(strftime);
use Test::More;
use Time::HiRes qw(sleep time);

my $long = ($ENV{PINTAG_FAULTS} // '') eq 'long';
my $load = $long ? 3000 : 800;      # events of each mode
my $size = 10;                      # events of a request
my $outage = $long ? 4 : 1.3;       # seconds
my $timeout = $long ? 3 : 0.8;      # of pintag_ack delivered
my $retry_after = $long ? 4 : 1;
my $at_once = $long ? 2 : 6;        # outages
my $max = 0.5;                      # of pintag_retry
my $silence = 0.4;                  # proxy_read_timeout where Pinterest is silent
my $stored = 100_000;               # what is added to the numbers of mode "stored"


# ---- what arrived at the stand-in.  Its log is long: it is read once, as text.

sub arrivals {
    my ($up, $seen) = @_;

    open my $in, '<:raw', $up->{log} or return;
    seek $in, $seen->{at} // 0, 0;

    while (my $line = <$in>) {
        last unless $line =~ /\n\z/;
        $seen->{at} += length $line;

        my ($n) = $line =~ /"n":(\d+)/;

        if ($line =~ /^\{"end":"(\w+)"/) {
            $seen->{all}[$n - 1]{end} = $1;
            next;
        }

        my ($act) = $line =~ /^\{"act":"(\w+)"/;
        my ($t) = $line =~ /"t_in":([\d.]+)/;
        my ($uri) = $line =~ /"uri":"([^"]*)"\}$/;
        my ($body) = split /","conn":/, $line;

        $seen->{all}[$n - 1] = { act => $act, t => $t, uri => $uri, events =>
            [$uri =~ m{^/v3/} ? $uri =~ /ed\[order_id\]=o-(\d+)/ : $body =~ /order_id\\":\\"o-(\d+)/g] };
    }

    return @{ $seen->{all} // [] };
}

# what was answered well
sub good { return grep { $_->{act} eq 'answer' && ($_->{end} // '') eq 'answered' } arrivals(@_) }


# ---- a name server for one name, with errors on request

sub name_server {
    my $socket = IO::Socket::INET->new(Proto => 'udp', LocalAddr => '127.0.0.1') or die "udp: $@";
    my $tmp = File::Temp->new;
    my $parent = $$;
    my $pid = fork // die "fork: $!";

    if ($pid == 0) {
        while (getppid() == $parent) {
            my $ready = '';

            vec($ready, fileno $socket, 1) = 1;
            select($ready, undef, undef, 0.5) > 0 or next;

            my $peer = recv $socket, my $query, 512, 0;
            my $id = unpack 'n', $query;

            # the name's labels end with a length of 0, type and class follow
            my $question = substr $query, 12, index($query, "\0", 12) + 5 - 12;

            open my $in, '<', $tmp->filename;
            my $mode = <$in> // '';

            next if $mode eq 'silent';

            my $code = { nxdomain => 3, servfail => 2 }->{$mode} // 0;
            my $answer = $code ? '' : pack 'nnnNnC4', 0xc00c, 1, 1, 0, 4, 127, 0, 0, 1;

            send $socket, pack('n6', $id, 0x8180 | $code, 1, $code ? 0 : 1, 0, 0) . $question . $answer, 0, $peer;
        }

        POSIX::_exit(0);
    }

    return {
        port => $socket->sockport, pid => $pid, tmp => $tmp,
        say => sub {
            # at once, not written over
            open my $out, '>', $tmp->filename . '.new' or die $!;
            print $out $_[0];
            close $out;
            rename $tmp->filename . '.new', $tmp->filename;
        },
    };
}


# ---- certificates

sub certificates {
    my $dir = File::Temp->newdir('pintag-XXXXXX', TMPDIR => 1);
    my $key = 'openssl ecparam -name prime256v1 -genkey -noout -out';

    my $commands = join ' && ', "cd $dir",
        (map { ; "$key $_.key", "openssl req -x509 -new -key $_.key -subj /CN=$_ -days 30 -out $_.pem" } qw(ca stranger)),
        map { ;
            my ($name, $host, $ca) = @$_;
            ("$key $name.key", "openssl req -new -key $name.key -subj /CN=$host -out $name.csr",
             "echo subjectAltName=DNS:$host > $name.ext",
             "openssl x509 -req -in $name.csr -CA $ca.pem -CAkey $ca.key -CAcreateserial -days 30"
             . " -extfile $name.ext -out $name.pem");
        } [ 'good', 'pinterest.test', 'ca' ], [ 'unsigned', 'pinterest.test', 'stranger' ], [ 'other', 'other.test', 'ca' ];

    my $out = `( $commands ) 2>&1`;

    $? == 0 or die "openssl made no certificates: $out";
    return $dir;
}

my $certificates = certificates();

sub certificate {
    my $name = shift;

    return map {
        my $file = "$certificates/$name.$_";

        open my $in, '<', $file or die "$file: $!";
        local $/;
        ("$name.$_" => scalar <$in>);
    } qw(pem key);
}


# ---- ways to get there

sub locations {
    my ($way, $up, $silence) = @_;
    my $port = $up->port;

    my %proxy = (
        plain => sub { 'proxy_pass http://pinterest/;' },
        names => sub { "set \$name pinterest.test; rewrite ^/[ds](/.*) \$1 break; proxy_pass http://\$name:$port;" },
        tls => sub { 'proxy_pass https://tls/; proxy_ssl_verify on; proxy_ssl_name pinterest.test;'
                     . "proxy_ssl_trusted_certificate $certificates/ca.pem;" },
    );

    return join '', map { <<"END" } qw(d s);
        location /$_/ {
            internal;
            @{[ $proxy{$way}->() ]}
            proxy_http_version 1.1;
            proxy_set_header Connection "";
            proxy_connect_timeout 500ms;
            proxy_read_timeout ${\ int(1000 * ($silence // 5)) }ms;
        }
END
}


sub config {
    my ($way, $up, %args) = @_;
    my $port = $up->port;

    return <<"END";
    upstream pinterest { server 127.0.0.1:$port; keepalive 16; }
    upstream tls { server 127.0.0.1:@{[ $args{tls} // 1 ]}; keepalive 16; }

    pintag_spool spool;
    pintag_integrations %%DIR%%/conf/i.yaml;
    pintag_retry min=50ms max=500ms;
    pintag_window tag=8 api=2;
    pintag_batch events=100;

    @{[ $args{names} ? "resolver 127.0.0.1:$args{names} ipv6=off; resolver_timeout 300ms;" : '' ]}

    server {
        listen 127.0.0.1:%%PORT%%;
        server_name localhost;

        location = /stored { pintag_pass /s; pintag_ack stored; }
        @{[ locations($way, $up, $args{silence}) ]}
    }

END
}


# without a spool: an nginx of its own
sub without_spool {
    my $config = shift;

    return $config =~ s/pintag_spool spool;//r
                   =~ s{location = /stored .*}{location = /delivered { pintag_pass /d; pintag_ack delivered timeout=${\ int(1000 * $timeout) }ms; }}r;
}

my %integrations = (
    tag => qq(- name: pinterest\n  config:\n    tagId: "2612826764086"\n),
    api => qq(- name: pinterest\n  config:\n    adAccountId: "@{[ACCOUNT]}"\n    accessToken: "@{[TOKEN]}"\n),
);

sub load_of { return $_[0] eq 'api' ? api_batch(@_[1 .. $#_]) : batch(@_[1 .. $#_]) }


# ---- a load with an outage in its middle

sub outage {
    my ($what, $transport, $way, %args) = @_;
    my $up = Pintag::StandIn->new;
    my $seen = {};
    my ($names, $tls);

    if ($way eq 'names') {
        $names = name_server();
        $names->{say}->('fine');
    }

    if ($way eq 'tls') {
        $tls = Pintag::Nginx->new(files => { certificate('good') }, http => tls_server($up, 'good'));
    }

    my %nginx = (files => { 'i.yaml' => $integrations{$transport} });
    my $config = config($way, $up, silence => $args{silence}, names => $names && $names->{port}, tls => $tls && $tls->port);
    my $delivered = Pintag::Nginx->new(%nginx, http => without_spool($config));
    my $nginx = Pintag::Nginx->new(%nginx, http => $config);
    my $title = "$what, " . ($transport eq 'api' ? 'the API' : 'the Tag');

    my ($next, @acked, @waiting, %bad, @said);

    $next = 1;

    my $post = sub {
        my $body = load_of($transport, $next .. $next + $size - 1);
        my $client = $delivered->client->post('/delivered', $body);

        push @waiting, { client => $client, from => $next, body => $body };
        $body = load_of($transport, map { $_ + $stored } $next .. $next + $size - 1);

        my $answer = $nginx->post('/stored', $body);

        $bad{ $answer ? $answer->{raw} : 'none' }++ unless $answer && $answer->{status} == 202;
        $next += $size;
    };

    # before
    $post->() for 1 .. $load / 10 / $size;
    my $settle = sub {
        my ($waiting, $answer, $until) = @_;

        # clients try again what was answered 503
        while ($answer && $answer->{status} == 503 && time() < $until) {
            $answer = $delivered->post('/delivered', $waiting->{body});
            sleep 0.1 unless $answer && $answer->{status} == 200;
        }

        push @acked, $waiting->{from} if $answer && $answer->{status} == 200;
    };

    # on a busy machine the stand-in may be too slow for the configuration
    $settle->($_, $_->{client}->answer(5), time() + 20) for @waiting;
    is scalar @acked, scalar @waiting, "$title: before that, all is delivered";
    @waiting = ();
    wait_until(sub { 2 * ($next - 1) <= keys %{{ map { $_ => 1 } map { @{ $_->{events} } } good($up, $seen) }} });

    # during
    my $context = { up => $up, names => $names, tls => $tls };

    $args{start}->($context);

    my $start = time();

    my $steps = 0.8 * $load / $size;
    my $lasts = $args{lasts} // $outage;

    for my $step (1 .. $steps) {
        $post->();
        sleep 0.005 while $step > $steps / 2 && time() < $start + $lasts * ($step / $steps);
    }

    sleep 0.01 while time() < $start + $lasts;

    # over
    $args{stop}->($context);

    my $over = time();
    my $not_before = $context->{not_before} // 0;

    $post->() for 1 .. $load / 10 / $size;

    for my $waiting (@waiting) {
        my $answer = $waiting->{client}->answer(5);

        push @said, [$waiting->{from}, $answer];
        $settle->($waiting, $answer, $over + 20);
    }

    wait_until(sub { $load <= keys %{{ map { $_ => 1 } grep { $_ > $stored } map { @{ $_->{events} } } good($up, $seen) }} });
    wait_until(sub { !(my @files = glob $nginx->dir . '/spool/*.spool') });

    # what clients heard
    my @failed = grep { $_->[1] && $_->[1]{status} == 503 } @said;
    my @wrong = grep { !$_->[1] || $_->[1]{status} !~ /^(200|503)\z/ } @said;

    is scalar @wrong, 0, "$title: delivered is answered 200 or 503"
        or diag map { $_->[1] ? $_->[1]{raw} : "no answer\n" } $wrong[0];
    cmp_ok scalar @failed, '>', 0, 'and 503 it is for some of ' . @said;
    is scalar(grep { ($_->[1]{headers}{'retry-after'} // '') !~ /^[1-9]\d*\z/ } @failed), 0, 'with Retry-After';
    @wrong = grep { !names_all(@$_) } @failed;
    is scalar @wrong, 0, 'with the events named' or diag $wrong[0][1]{body};
    is join("\n", %bad), '', 'stored is answered 202';

    # nothing is lost
    my %times;
    $times{$_}++ for map { @{ $_->{events} } } good($up, $seen);

    my @lost = grep { !$times{$_} } map { my $from = $_; $from .. $from + $size - 1 } @acked;

    is join(' ', @lost), '', 'delivered: what was answered 200 has arrived';
    is scalar @acked, $load / $size, 'and all is, in the end';
    @lost = grep { !$times{$_} } $stored + 1 .. $stored + $load;
    is join(' ', @lost), '', 'stored: all has arrived';
    is join(' ', grep { ($times{$_} // 0) > 1 } $stored + 1 .. $stored + $load), '', 'once';
    is scalar(grep { $_ > $stored ? $_ > $stored + $load : $_ > $load } keys %times), 0, 'nothing else has';
    is join(' ', glob $nginx->dir . '/spool/*'), '', 'nothing is left in the spool, nor given up';

    # requests during the outage
    my @during = grep { $_->{act} ne 'answer' } arrivals($up, $seen);
    my %attempts = $args{logged}
        ? map { $_->[0] => scalar(() = $_->[1]->error_log =~ /$args{logged}/g) } [ delivered => $delivered ], [ stored => $nginx ]
        : (stored => scalar(grep { $_->{events}[0] > $stored } @during),
           delivered => scalar(grep { $_->{events}[0] <= $stored } @during));

    for my $mode (qw(delivered stored)) {
        my $attempts = $attempts{$mode};

        cmp_ok $attempts, '<=', 0.05 * $load, "$mode: $attempts attempts during the outage, of a load of $load";
        cmp_ok $attempts, '>', 0, 'but some';
    }

    # and how it goes on
    my $at = $not_before > $over ? $not_before : $over;
    my $slack = slow(0.5) + ($args{slack} // 0);

    for my $mode (qw(delivered stored)) {
        my ($first) = sort { $a <=> $b } map { $_->{t} } grep { $_->{t} > $over && $mode eq ($_->{events}[0] > $stored ? 'stored' : 'delivered') } good($up, $seen);

        cmp_ok $first - $at, '<=', $max + $slack, sprintf '%s goes on %.3f s after it is over', $mode, $first - $at;
        cmp_ok $first, '>=', $not_before - 0.02, 'and not before the time that it was asked to wait' if $not_before;
    }

    is join('', map { $_->errors('crit', 'alert', 'emerg') } $nginx, $delivered), '', 'no alert';

    if ($names) {
        kill 'TERM', $names->{pid};
        waitpid $names->{pid}, 0;
    }
}


sub wait_until {
    my $check = shift;
    my $end = deadline($long ? 60 : 8);

    sleep 0.05 until $check->() || time() > $end;
}


# whether the answer names what is not delivered
sub names_all {
    my ($from, $answer) = @_;
    my $got = answer_of($answer);
    my @events = @{ $got->{events} // [] };

    return $got->{error} eq 'not_delivered' && $got->{received} == $size && @events == $got->{failed}
           && $got->{failed} + $got->{delivered} == $size
           && !grep { $_->{status} ne 'failed' || $_->{message_id} ne 'm-' . ($from + $_->{index})
                      || $_->{reason} !~ /^(timeout|no_answer|upstream_error|no_upstream|misconfigured)\z/ } @events;
}


sub tls_server {
    my ($up, $name) = @_;
    my $port = $up->port;

    return <<"END";
    server {
        listen 127.0.0.1:%%PORT%% ssl;
        ssl_certificate %%DIR%%/conf/$name.pem;
        ssl_certificate_key %%DIR%%/conf/$name.key;
        location / { proxy_pass http://127.0.0.1:$port; }
    }
END
}


# ---- the ways to fail

sub behave { my @how = @_; return sub { $_[0]{up}->behave(act => 'fault', @how) } }

my $behave = sub { $_[0]{up}->behave() };

my @answers = (
    [ 'Pinterest answers 503', start => behave(status => 503), stop => $behave ],
    [ 'Pinterest answers 429 with Retry-After in seconds', lasts => 0.8,
      start => sub {
          $_[0]{not_before} = time() + $retry_after;
          behave(status => 429, headers => { 'Retry-After' => $retry_after })->(@_);
      }, stop => $behave, slack => 0.8 ],
    [ 'Pinterest answers 429 with a date as Retry-After', lasts => 0.8,
      start => sub {
          $_[0]{not_before} = int(time()) + 1 + $retry_after;
          behave(status => 429, headers => { 'Retry-After' => strftime('%a, %d %b %Y %H:%M:%S GMT', gmtime $_[0]{not_before}) })->(@_);
      }, stop => $behave, slack => 1 ],
);

push @answers, [ 'Pinterest answers 500', start => behave(status => 500), stop => $behave ],
    [ 'Pinterest answers 429', start => behave(status => 429), stop => $behave ] if $long;

my @silent = map {
    my ($what, %how) = @$_;
    [ $what, start => sub { $_[0]{up}->behave(%how) }, stop => $behave, silence => $silence, slack => $silence ];
} [ 'Pinterest resets', act => 'reset' ], [ 'Pinterest accepts and never answers', act => 'hang' ],
  [ 'Pinterest drips', act => 'drip', every => 2 * $silence ],
  $long ? [ 'Pinterest cuts its answers off', act => 'cut' ] : ();

my $connect = [ 'Pinterest refuses connections', start => sub { $_[0]{up}->refuse }, stop => sub { $_[0]{up}->accept },
                logged => qr/connect\(\) failed \(111: / ];

sub names { my $mode = shift; return (
    # a name is kept for the rest of its second
    start => sub { $_[0]{names}{say}->($mode); sleep 1.02 - (time() - int time()); },
    stop => sub { $_[0]{names}{say}->('fine') },
    slack => 0.3, logged => qr/could not be resolved/,
) }

sub swap {
    my ($tls, $up, $name) = @_;
    my %files = certificate($name);

    $tls->write_file("conf/$_", $files{$_}) for keys %files;
    $tls->wait_gone($_, 5) for $tls->reload(http => tls_server($up, $name));
}

sub certified { my $name = shift; return (
    start => sub { swap($_[0]{tls}, $_[0]{up}, $name) },
    stop => sub { swap($_[0]{tls}, $_[0]{up}, 'good') },
    logged => qr/upstream SSL certificate/,
) }

sub plan_outage {
    my @outage = @_;

    section "$outage[0], $outage[1]" => sub { outage(@outage) };
}

for my $transport ('tag', $long ? 'api' : ()) {
    plan_outage($_->[0], $transport, 'plain', @$_[1 .. $#$_]) for @answers, @silent, $connect;
    plan_outage('its name does not exist', $transport, 'names', names('nxdomain'));
    plan_outage('the name server fails', $transport, 'names', names('servfail'));
    plan_outage('the name server is silent', $transport, 'names', names('silent')) if $long;
    plan_outage('its certificate is of a stranger', $transport, 'tls', certified('unsigned'));
    plan_outage('its certificate is of another name', $transport, 'tls', certified('other')) if $long;
}

plan_outage('the access token is refused', 'api', 'plain', stop => $behave,
            start => behave(status => 401, body => '{"code":2,"message":"no"}'));

run_sections(at_once => $at_once);

done_testing();
