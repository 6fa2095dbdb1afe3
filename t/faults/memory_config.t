# Allocations fail while nginx reads its configuration: it says so and ends, or
# goes on with the one that it has.  PINTAG_FAULTS=long: each of them.

use strict;
use warnings;

use FindBin;
use lib "$FindBin::Bin/../lib";

use Pintag::Malloc;
use Pintag::Nginx;
use Pintag::Sections;
use Pintag::Setup;
use Pintag::StandIn;
use POSIX qw(SIGALRM);
use Test::More;
use Time::HiRes qw(sleep time);

plan skip_all => 'valgrind has an allocator of its own' if $ENV{PINTAG_VALGRIND};

my $long = ($ENV{PINTAG_FAULTS} // '') eq 'long';
my $up = Pintag::StandIn->new;
my $port = $up->port;
my $malloc = Pintag::Malloc->new;

srand $malloc->{seed};

# all that allocates while it is read
my $config = <<"END";
    pintag_spool spool;
    upstream pinterest { server 127.0.0.1:$port; keepalive 4; }

    map \$arg_skip \$skip { default 0; 1 1; }

    server {
        listen 127.0.0.1:%%PORT%%;

        pintag_integrations both.yaml;
        pintag_write_keys key-1 key-2;
        pintag_allow_origin https://shop.example https://*.shop.example;
        pintag_skip \$skip;

        location = /collect { pintag_pass /pinterest; pintag_write_keys off; }
        location = /stored { pintag_ack stored; pintag_pass /pinterest; pintag_fallback /store; }
        location = /preview { pintag_preview on; pintag_pass /pinterest; pintag_integrations %%DATA%%/integrations.yaml; }
        location /store { internal; proxy_pass http://127.0.0.1:$port; }
        location /pinterest/ { internal; proxy_pass http://pinterest/; }
    }
END

my %files = ('both.yaml' => <<"END");
- name: pinterest
  config:
    tagId: "2612826764086"
    writeKeys: [key-1, key-2]
    customEventsMapping:
      - event: "An event"
        mapping: Lead
- name: pinterest
  config:
    adAccountId: "@{[ACCOUNT]}"
    accessToken: "@{[TOKEN]}"
END

my $nginx = Pintag::Nginx->new(no_start => 1, http => $config, files => \%files);


# The numbers of some of so many allocations, or of all.
sub some {
    my ($from, $n, $wanted) = @_;
    my $step = $long ? 1 : 1 + int(($n - $from) / $wanted);

    return map { $_ + int rand $step } grep { ($_ - $from) % $step == 0 } $from .. $n;
}


# ---- nginx -t

{
    # with so many seconds at most
    my $test = sub {
        my $seconds = shift;
        return $malloc->preloaded(sub { $nginx->nginx('-t', $seconds) });
    };

    $malloc->by_number(2 ** 31);

    my ($status, $out) = $test->();
    my $n = $malloc->seen;

    is $status, 0, "nginx -t allocates $n times" or diag $out;

    # OpenSSL and the dynamic linker are there first
    my (%statuses, @wrong);
    my ($tries, $said, $hung, $glibc) = (0, 0, 0, 0);

    for my $k (some(1, $n, 150)) {
        $malloc->by_number($k);
        ($status, $out) = $test->(10);
        $malloc->off;

        $tries++;
        $statuses{$status}++;
        $said++ if $status == 1 && $out =~ /\S/;

        my @stack = $malloc->stack;

        # what OpenSSL 3.5 does once it waits for itself when that fails
        $hung++, next if $status == SIGALRM && !is_ours(@stack) && grep { /CRYPTO_THREAD_run_once/ } @stack;

        # what glibc does for "user", in any nginx
        if ($status != 0 && is_glibc(@stack)) {
            $glibc++;
            forget_reports();
            next;
        }

        # libraries can do without some of what they ask for, the module cannot
        next if $status == 0 && !is_ours(@stack) || $status == 1 && $out =~ /\S/;
        push @wrong, join "\n", "$k: $status $out", @stack;
    }

    my %crashed = map { join("\n", @{ $_->{stack} }) => $_ } $malloc->crashes;
    my @known = grep { is_glibc(@{ $_->{stack} }) } values %crashed;
    my @unknown = grep { !is_glibc(@{ $_->{stack} }) } values %crashed;

    note "glibc has crashed $glibc times, looking up the user:\n", map { $_->{text} } @known if $glibc;
    note "$hung times OpenSSL has waited for itself" if $hung;
    note "$tries times one has failed, exit codes: " . join ', ', map { "$_: $statuses{$_}" } sort keys %statuses;
    is join("\n\n", map { $_->{text} } @unknown), '', 'nothing has crashed';
    is join("\n", @wrong), '', 'nginx -t ends with a message';
    cmp_ok $said, '>', 3, 'it has had reason to';
}


# Whether the module is in a stack.
sub is_ours { return grep { /pintag_/ } @_ }

# Whether it is that of the lookup of a user: without memory for the first time
# glibc reads through a null pointer there.
sub is_glibc { return !is_ours(@_) && grep { /getpwnam/ } @_ }


# What a sanitizer has reported of it, a file each.
sub forget_reports {
    my $reports = $ENV{PINTAG_REPORTS} // return;

    for my $name (glob "$reports/*") {
        open my $in, '<', $name or die "$name: $!\n";
        unlink $name if is_glibc(grep { /^    #\d+ / } <$in>);
    }
}


# ---- a reload

{
    $malloc->start($nginx);

    $malloc->by_number(2 ** 31, undef, only => $nginx->pid);
    $nginx->reload;

    my $n = $malloc->seen;

    $malloc->off;

    cmp_ok $n, '>', 100, "a reload allocates $n times";

    my @wrong;
    my $tries = 0;

    for my $k (some(1, $n, 40)) {
        my $log = length $nginx->error_log;
        my %old = map { $_ => 1 } $nginx->worker_pids;

        $malloc->by_number($k, undef, only => $nginx->pid);
        $nginx->signal('reload');
        $tries++;

        # either it has new workers, or it has said why not
        my $happened = eventually(sub {
            Pintag::Nginx::is_gone($nginx->pid)
            || grep({ !$old{$_} } $nginx->worker_pids)
            || substr($nginx->error_log, $log) =~ /\[emerg\]/
        }, 5);

        # nginx itself may do without a word, its QUIC without a key
        my @stack = $malloc->stack;

        push @wrong, join "\n", "$k: nothing has happened", @stack if !$happened && (!@stack || is_ours(@stack));

        $malloc->off;

        if (Pintag::Nginx::is_gone($nginx->pid)) {
            push @wrong, "$k: the master has ended";
            last;
        }

        my $answer = eval { $nginx->post('/collect', api_batch($k)) };

        push @wrong, "$k: " . ($answer ? $answer->{status} : 'no answer') if !$answer || $answer->{status} != 200;
    }

    is join("\n", @wrong), '', "$tries reloads with one that fails: events are delivered all the time";
    $nginx->reload;
    is $nginx->post('/collect', api_batch(1))->{status}, 200, 'and after one without';

    my $took = $nginx->quit(10);

    ok defined $took, 'nginx leaves';

    # OpenSSL's failures are alerts, too, each by its function's name
    is join('', grep { !/\b(?:OPENSSL|SSL|X509|EVP)_\w+\(.*?\) failed|routines::malloc failure/ } $nginx->errors('alert')), '',
        'nothing is left open';
}

done_testing();
