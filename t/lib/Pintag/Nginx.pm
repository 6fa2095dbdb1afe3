package Pintag::Nginx;

# A real nginx with the module, for tests that need more than blocks.  The
# documentation is at the end of the file.

use strict;
use warnings;

use Cwd qw(abs_path);
use File::Basename qw(dirname);
use File::Temp ();
use IO::Socket::INET;
use Pintag::Client;
use Pintag::Deadline;
use Pintag::Secrets;
use POSIX ();
use Scalar::Util qw(weaken);
use Time::HiRes qw(sleep time);

my $root = dirname(dirname(dirname(abs_path(dirname(__FILE__)))));
my %SIGNALS = (reload => 'HUP', quit => 'QUIT', stop => 'TERM',
               reopen => 'USR1', upgrade => 'USR2');
my %ports;
my %running;

$ENV{PATH} .= ':/usr/sbin:/sbin' unless $ENV{PATH} =~ m{/usr/sbin};


sub root { return $root }


sub module {
    my $module = $ENV{TEST_NGINX_LOAD_MODULES}
                 // "$root/build/ngx_http_pintag_module.so";

    -f $module or $module eq ''
        or die "there is no $module: run script/build first\n";

    return $module;
}


sub data {
    my $name = $_[-1];

    open my $in, '<:raw', "$root/t/data/$name" or die "t/data/$name: $!";
    local $/;
    return scalar <$in>;
}


sub new {
    my ($class, %args) = @_;
    my $self = bless {
        http => '', main => '', events => '', workers => 1, level => 'info',
        files => {}, %args,
        owner => $$,
    }, $class;

    $self->{tmp} = File::Temp->newdir('pintag-XXXXXX', TMPDIR => 1);
    $self->{dir} = $self->{tmp}->dirname;
    mkdir "$self->{dir}/$_" for qw(logs conf temp);
    $self->{ports} = [map { free_port() } 1 .. ($args{ports} // 1)];

    $self->write_file("conf/$_", $self->{files}{$_}) for keys %{ $self->{files} };
    $self->write_config;

    weaken($running{$self} = $self);
    $self->start unless $args{no_start};

    return $self;
}


# A port that nothing listens on, below those that the system gives to outgoing
# connections.  Tests run side by side, so it is drawn by chance.
sub free_port {
    for (1 .. 1000) {
        my $port = 10240 + int rand 20000;

        next if $ports{$port};

        IO::Socket::INET->new(LocalAddr => '127.0.0.1', LocalPort => $port,
                              Listen => 1, ReuseAddr => 1)
            or next;

        $ports{$port} = 1;
        return $port;
    }

    die "no free port on 127.0.0.1\n";
}


sub dir { return $_[0]{dir} }

sub port { return $_[0]{ports}[($_[1] // 1) - 1] }

sub ports { return @{ $_[0]{ports} } }


sub expand {
    my ($self, $text) = @_;

    $text =~ s/%%PORT(\d*)%%/$self->port($1 || 1)/ge;
    $text =~ s/%%DIR%%/$self->{dir}/g;
    $text =~ s/%%DATA%%/$root\/t\/data/g;

    return $text;
}


sub config {
    my $self = shift;
    my $dir = $self->{dir};
    my $module = module();
    my $user = $> == 0 ? 'user root;' : '';

    # all that the new binary of an upgrade gets of the environment
    my $env = defined $ENV{PINTAG_REPORTS} ? 'env PINTAG_REPORTS;' : '';

    # the spool needs threads, which other event methods do not allow
    my $method = $ENV{TEST_NGINX_EVENT_TYPE} // '';
    my $use = $method eq '' || $self->{events} =~ /\buse\b/
              || $self->{http} =~ /\bpintag_spool\s+(?!off\b)/
              ? '' : "use $method;";
    my $format = log_format();

    $module = $module eq '' ? '' : "load_module $module;";

    return $self->expand(<<"END");
$module
$user
worker_processes $self->{workers};
pid $dir/nginx.pid;
error_log $dir/logs/error.log $self->{level};
$env
$self->{main}

events {
    worker_connections 4096;
    $use
    $self->{events}
}

http {
    $format
    access_log $dir/logs/access.log shipped;
    client_body_temp_path $dir/temp/body;
    proxy_temp_path $dir/temp/proxy;
    fastcgi_temp_path $dir/temp/fastcgi;
    uwsgi_temp_path $dir/temp/uwsgi;
    scgi_temp_path $dir/temp/scgi;

$self->{http}
}
END
}


sub write_file {
    my ($self, $name, $text) = @_;

    open my $out, '>:raw', "$self->{dir}/$name" or die "$self->{dir}/$name: $!";
    print $out $text;
    close $out or die "$self->{dir}/$name: $!";

    return "$self->{dir}/$name";
}


# that of conf-examples, by a name that none of them has
sub log_format {
    open my $in, '<:raw', "$root/conf-examples/minimal.conf" or die "minimal.conf: $!";
    local $/;
    my ($format) = <$in> =~ /^ *log_format pintag ([^;]*;)/m or die "minimal.conf has no log_format\n";
    return "log_format shipped $format";
}


# What is given takes the place of what there was: http, main, workers ...
sub write_config {
    my ($self, %args) = @_;

    $self->{$_} = $args{$_} for keys %args;
    return $self->write_file('conf/nginx.conf', $self->config);
}


# Runs nginx with these arguments, for so many seconds at most: its exit code, or
# the signal that ended it, and what it has printed.
sub nginx {
    my ($self, $args, $seconds) = @_;
    my $dir = $self->{dir};
    my $nginx = $ENV{TEST_NGINX_BINARY} || 'nginx';

    $args //= '';

    defined(my $pid = fork) or die "fork: $!";

    if ($pid == 0) {
        alarm($seconds // 0);

        # a file, not a pipe: the daemon keeps what it is given
        exec 'sh', '-c', "exec '$nginx' -p '$dir/' -e '$dir/logs/error.log' "
                         . "-c '$dir/conf/nginx.conf' $args > '$dir/out' 2>&1"
            or POSIX::_exit(127);
    }

    waitpid $pid, 0;

    return ($? >> 8 || $? & 127, $self->file('out'));
}


# What holds back memory that nginx frees: its size tells nothing then.
sub keeps_memory {
    my $nginx = $ENV{TEST_NGINX_BINARY} || 'nginx';

    return 'valgrind' if $ENV{PINTAG_VALGRIND};
    return 'a sanitizer' if `'$nginx' -V 2>&1` =~ /-fsanitize/;
    return '';
}


sub start {
    my $self = shift;
    my ($status, $out) = $self->nginx;
    my $end = deadline(5);

    $status == 0 or die "nginx does not start:\n$out" . $self->error_log;

    # the ports are bound by now, the workers are on their way
    until ($self->worker_pids) {
        ($self->{pid}) = $self->file('nginx.pid') =~ /^(\d+)\n/;
        time() < $end or die "nginx did not come up:\n" . $self->error_log;
        sleep 0.01;
    }

    return $self;
}


# (exit status, output) of nginx -t for an http part: Pintag::Nginx->
# test_config($http, main => ..., files => {...}), or a running one's own.
sub test_config {
    my ($self, $http, %args) = @_;

    $self = $self->new(%args, no_start => 1) unless ref $self;

    if (defined $http) {
        my $old = $self->{http};
        my @result;

        $self->write_config(http => $http, %args);
        @result = $self->nginx('-t');
        $self->write_config(http => $old);
        return @result;
    }

    return $self->nginx('-t');
}


sub pid { return $_[0]{pid} }


sub stat_of {
    my $pid = shift;

    open my $in, '<', "/proc/$pid/stat" or return;
    my $line = <$in> // return;
    my ($state, $parent) = $line =~ /^.*\) (\S) (\d+)/s or return;

    return ($state, $parent);
}


sub title_of {
    my $pid = shift;

    open my $in, '<', "/proc/$pid/cmdline" or return '';
    return scalar(<$in>) // '';
}


sub children {
    my $self = shift;
    my $master = $self->{pid} // return;

    return sort { $a <=> $b } grep {
        my ($state, $parent) = stat_of($_);
        defined $parent && $parent == $master && $state ne 'Z';
    } map { m{(\d+)} } glob '/proc/[0-9]*';
}


# "1234" of "socket:[1234]", for each TCP socket of this machine that listens
sub listening {
    open my $in, '<', '/proc/net/tcp' or die "/proc/net/tcp: $!";
    return map { /^\s*\d+: \S+ \S+ 0A / ? (split)[9] : () } <$in>;
}


# Where nginx runs under valgrind its title is nowhere to be seen. A worker that
# takes connections has what it waits with, and still listens; helpers that look
# after a cache stop that first.
sub waits_and_listens {
    my $pid = shift;
    my %of = map { (readlink // '') => 1 } glob "/proc/$pid/fd/*";

    return $of{'anon_inode:[eventpoll]'} && grep { $of{"socket:[$_]"} } listening();
}


# The workers that take connections, not those on their way out.
sub worker_pids {
    my $self = shift;

    return grep {
        my $title = title_of($_);
        $title =~ /^nginx: / ? $title =~ /worker process(?! is shutting)/ : waits_and_listens($_);
    } $self->children;
}


sub signal {
    my ($self, $name) = @_;
    my $signal = $SIGNALS{$name} or die "no signal \"$name\"";

    kill $signal, $self->{pid} or die "nginx $self->{pid} is gone\n";
    return $self;
}


# Writes the configuration when one is given, reloads, waits until the new
# workers are there; gives the pids of the old ones, which may be on their way.
sub reload {
    my ($self, %args) = @_;
    my %old = map { $_ => 1 } $self->worker_pids;
    my $end = deadline(10);

    $self->write_config(%args) if %args;
    $self->signal('reload');

    until (grep { !$old{$_} } $self->worker_pids) {
        time() < $end or die "nginx did not reload:\n" . $self->error_log;
        sleep 0.01;
    }

    return sort { $a <=> $b } keys %old;
}


sub is_gone {
    my ($state) = stat_of($_[-1]);
    return !defined $state || $state eq 'Z';
}


# Seconds until the process was gone, undef when it was not in time.
sub wait_gone {
    my ($self, $pid, $timeout) = @_;
    my $start = time();
    my $end = deadline($timeout // 10);

    until (is_gone($pid)) {
        return undef if time() > $end;
        sleep 0.01;
    }

    return time() - $start;
}


# Graceful: the seconds it took, undef when it did not stop in time.
sub quit {
    my ($self, $timeout) = @_;
    my $took;

    $self->signal('quit');
    $took = $self->wait_gone($self->{pid}, $timeout);
    delete $self->{pid} if defined $took;

    return $took;
}


sub stop {
    my $self = shift;
    my $pid = $self->{pid} // return $self;
    my @children = $self->children;

    if (!is_gone($pid)) {
        kill 'TERM', $pid;

        if (!defined $self->wait_gone($pid, 5)) {
            kill 'KILL', $pid, @children;
            $self->wait_gone($pid, 5);
        }
    }

    delete $self->{pid};
    return $self;
}


# Resident size in KiB, of the (first) worker unless told which.
sub rss {
    my ($self, $pid) = @_;

    $pid //= ($self->worker_pids)[0];
    open my $in, '<', "/proc/$pid/status" or die "no process $pid\n";
    local $/;
    return (<$in> =~ /^VmRSS:\s+(\d+) kB/m)[0];
}


sub file {
    my ($self, $name) = @_;

    open my $in, '<:raw', "$self->{dir}/$name" or return '';
    local $/;
    return scalar(<$in>) // '';
}


sub error_log { return $_[0]->file('logs/error.log') }

sub access_log { return $_[0]->file('logs/access.log') }


# Lines of these levels, error and worse unless told otherwise.
sub errors {
    my ($self, @levels) = @_;
    my $levels = join '|', @levels ? @levels : qw(error crit alert emerg);

    return grep { /\[(?:$levels)\]/ } split /^/m, $self->error_log;
}


# Until the error log holds a line that matches; false when it does not.
sub wait_log {
    my ($self, $re, $timeout) = @_;
    my $end = deadline($timeout // 5);

    until ($self->error_log =~ $re) {
        return 0 if time() > $end;
        sleep 0.02;
    }

    return 1;
}


# A new connection to the nth port.
sub client {
    my ($self, $n) = @_;
    return Pintag::Client->new($self->port($n));
}


# One POST on a connection of its own: the answer.
sub post {
    my ($self, $uri, $body, %headers) = @_;
    return $self->client->post($uri, $body, Connection => 'close', %headers)->answer;
}


# Stops it for good: what it has written is searched for what it must not.
sub leave {
    my $self = shift;

    $self->stop;

    if (exists $running{$self}) {
        delete $running{$self};
        Pintag::Secrets->search($self->{dir}, [$self->ports]);
    }
}


# before those that live as long as the test are destroyed, which has no say in
# its exit status
END {
    for (grep { defined && $_->{owner} == $$ } values %running) {
        local $?;
        $_->leave;
    }
}


sub DESTROY {
    my $self = shift;
    local ($?, $!, $@);

    if ($self->{owner} == $$) {
        $self->leave;

    } else {
        # a forked test's copy: neither nginx nor the folder is its own
        $self->{tmp}->unlink_on_destroy(0) if $self->{tmp};
    }
}


1;

__END__

=head1 NAME

Pintag::Nginx - a real nginx, master and workers, with the module

=head1 SYNOPSIS

    my $up = Pintag::StandIn->new(delay => 0.02);
    my $port = $up->port;
    my $nginx = Pintag::Nginx->new(http => <<"END");
        upstream pinterest { server 127.0.0.1:$port; keepalive 16; }
        server {
            listen 127.0.0.1:%%PORT%%;
            location = /collect {
                pintag_integrations %%DATA%%/integrations.yaml;
                pintag_pass /pinterest;
            }
            location /pinterest/ {
                internal;
                proxy_pass http://pinterest/;
                proxy_http_version 1.1;
                proxy_set_header Connection "";
            }
        }
    END

    my $answer = $nginx->post('/collect', Pintag::Nginx->data('request.json'));
    is $answer->{status}, 200;

    my ($old) = $nginx->reload;
    ok defined $nginx->wait_gone($old, 5), 'the old worker left';
    is join('', $nginx->errors), '';

=head1 METHODS

=over

=item new(http => TEXT, main => '', events => '', workers => 1, ports => 1,
level => 'info', files => {name => text}, no_start => 0)

Writes a configuration around the C<http> part, C<%%PORT%%> (C<%%PORT2%%> ...),
C<%%DIR%%> and C<%%DATA%%> replaced, into a temporary prefix and starts nginx on
it.  C<files> go to C<%%DIR%%/conf/>.  Stopped when the object goes.  With
C<TEST_NGINX_EVENT_TYPE> in the environment that is the event method, unless
C<events> names one or C<http> has a spool.

=item port(n), ports, dir, pid, worker_pids, rss([pid])

=item signal('reload' | 'quit' | 'stop' | 'reopen' | 'upgrade')

=item reload([http => TEXT ...])

Waits for the new workers, gives the old ones' pids.

=item quit([timeout]), stop, start, wait_gone(pid, [timeout]), is_gone(pid)

=item write_config(http => TEXT ...), write_file(name, text), file(name)

=item test_config(http, [main => ..., files => ...])

C<(exit status, output)> of C<nginx -t>; also as a class method.

=item error_log, access_log, errors([levels]), wait_log(qr/.../, [timeout])

=item client([n]), post(uri, body, header => value ...)

See L<Pintag::Client>; C<post> gives the answer.

=item data('request.json'), root, module, keeps_memory

=back

=cut
