package Pintag::Oracle;

# Issues events, keeps which of them were acknowledged, and judges from outside
# whether nginx has kept its word.  The documentation is at the end of the file.

use strict;
use warnings;

use Compress::Zlib ();
use File::Temp ();
use JSON::PP;
use Pintag::Client;
use Pintag::Deadline;
use Pintag::Nginx;
use Pintag::Setup qw(api_order ACCOUNT TOKEN);
use POSIX ();
use Test::More import => [qw(is is_deeply note diag)];
use Time::HiRes qw(sleep time);

use constant TAG => '2612826764086';

# what stands for an event's number, and for its filler, in a template
use constant { NUMBER => '999999999937', FILLER => 'FILLERFILLERFILLER' };

# what an answer has said of an event
use constant { STORED => 1, RECEIVED => 2, DELIVERED => 3 };

use constant TRANSPORTS => qw(tag api);

my $json = JSON::PP->new->canonical->utf8;


sub new {
    my ($class, %args) = @_;

    # when they happened: else it is when they came, which is not twice the same
    my $self = bless {
        when => POSIX::strftime('%Y-%m-%dT%H:%M:%SZ', gmtime),
        acked => {}, issued => {}, seen => { map { $_ => {} } TRANSPORTS },
        foreign => [], altered => [], at => 0, owner => $$, loads => 0,
        %args,
    }, $class;

    $self->{tmp} = File::Temp->newdir('pintag-XXXXXX', TMPDIR => 1);
    $self->{event} = $json->encode($self->order(NUMBER, FILLER));

    return $self;
}


# An nginx with a location for each mode, all of which deliver to the recorder.
# Options: spool, a value of pintag_spool's but the path; http, server (more
# lines), and what Pintag::Nginx takes.
sub nginx {
    my ($self, %args) = @_;
    my ($spool, $http, $server) = map { delete $args{$_} // '' } qw(spool http server);
    my $port = $self->{recorder}->port;
    my $modes = join '', map { <<"END" } qw(stored received delivered);

        location = /$_ {
            pintag_ack $_;
            pintag_pass /pinterest;
        }
END

    my $integrations = <<"END";
- name: pinterest
  config:
    tagId: "@{[TAG]}"
- name: pinterest
  config:
    adAccountId: "@{[ACCOUNT]}"
    accessToken: "@{[TOKEN]}"
END

    my $nginx = Pintag::Nginx->new(
        workers => 4, level => 'notice', %args,
        files => { 'integrations.yaml' => $integrations },
        http => <<"END");
    log_format attempt '\$http_x_attempt \$status';
    pintag_spool spool $spool;
    $http

    upstream pinterest { server 127.0.0.1:$port; keepalive 64; }

    server {
        listen 127.0.0.1:%%PORT%%;
        access_log %%DIR%%/logs/attempts.log attempt;
        client_body_buffer_size 128k;

        pintag_integrations %%DIR%%/conf/integrations.yaml;
        pintag_retry min=20ms max=200ms;
        $server
$modes
        location /pinterest/ {
            internal;
            proxy_pass http://pinterest/;
            proxy_http_version 1.1;
            proxy_set_header Connection "";
        }
    }
END

    $self->{spool} = $nginx->dir . '/spool';
    return $nginx;
}


# ---- events ------------------------------------------------------------------

# Text that is awkward in a query, in JSON or in a line; the filler makes events
# of different sizes.
sub awkward { return "tab\tline\r\n\"quote\" \\back\\ %25&=+#\x{e9}\x{20ac} $_[0]" }

sub filler {
    my $n = shift;
    return 'f' . sprintf('%x', $n * 2654435761) x ($n * 7 % 41);
}


sub order {
    my ($self, $n, $filler) = @_;
    my $order = api_order($n, query => awkward($filler), currency => 'EUR');

    $order->{timestamp} = $self->{when};
    $order->{context}{userAgent} = "Agent\\$n";
    $order->{context}{page} = { url => "https://shop.example/$n?a=1&b=%09" };

    return $order;
}


sub fill {
    my ($template, $n) = @_;
    my $filler = filler($n);

    $template =~ s/@{[NUMBER]}/$n/g;
    $template =~ s/@{[FILLER]}/$filler/g;

    return $template;
}


sub number_of { return $_[0] =~ /(?:ed\[event_id\]=|"event_id":")m-(\d+)/ ? $1 : undef }


# How an event is sent while nothing goes wrong: this is what every copy of
# every other event has to look like, but for its number and filler.
sub learn {
    my ($self, $port, $uri) = @_;
    my $client = Pintag::Client->new($port);
    my $answer = $client->post($uri, $self->{event}, 'X-Attempt' => 'calm')->answer(10);
    my ($end, $text) = (deadline(10), '');

    $answer && $answer->{status} =~ /^2/
        or die 'no event is taken in the calm: ' . ($answer ? $answer->{raw} : 'no answer');

    until ($text =~ /^tag\t/m && $text =~ /^api\t/m) {
        time() < $end or die "no event arrives in the calm:\n$text";
        sleep 0.02;
        open my $in, '<:raw', $self->{recorder}->log or die;
        $text = do { local $/; <$in> };
    }

    for (split /\n/, $text) {
        my ($transport, $rest) = split /\t/, $_, 2;
        $self->{wire}{$transport} = $rest if index($_, NUMBER) >= 0;
    }

    my ($tag, $api) = map { $_ // '' } @{ $self->{wire} }{TRANSPORTS()};
    my ($query, $agent, $page) = (split /\t/, $tag)[0 .. 2];
    my %tag = map { s/%([0-9A-F]{2})/chr hex $1/ger }
              map { split /=/, $_, 2 } split /&/, $query =~ s/.*?\?//r;
    my $event = eval { $json->decode((split /\t/, $api)[1]) } // {};
    my $issued = $json->decode($self->{event});

    my @wanted = (map { "$_-@{[NUMBER]}" } qw(o m));

    utf8::decode($_) for values %tag;

    is_deeply [@tag{qw(tid ed[order_id] ed[event_id] ed[search_query])}, $agent, $page],
        [TAG, @wanted, awkward(FILLER), 'Agent\\' . NUMBER, $issued->{context}{page}{url}],
        'the event that a pixel tells of is the one that was issued';
    is_deeply [@{ $event->{custom_data} }{qw(order_id search_string)},
               @{ $event }{qw(event_id event_source_url)}],
        [$wanted[0], awkward(FILLER), $wanted[1], $issued->{context}{page}{url}],
        'so is the event of the Conversions API';

    return $self;
}


# What a line of the recorder has behind the transport.
sub expected { return fill($_[0]{wire}{$_[1]}, $_[2]) }


# ---- load --------------------------------------------------------------------

# Forks clients that issue events; see the documentation.
sub load {
    my ($self, %args) = @_;
    my $load = bless {
        clients => 4, connections => 8, uris => ['/stored'], seconds => 0,
        deadline => 120, most => 20, first => ($self->{last} // 0) + 1, %args,
        oracle => $self, n => ++$self->{loads}, dir => $self->{tmp}->dirname,
    }, 'Pintag::Oracle::Load';

    $self->{last} = $load->{first} + $load->{events} - 1;

    for my $i (0 .. $load->{clients} - 1) {
        my $pid = fork // die "fork: $!";

        if ($pid == 0) {
            eval { $load->client($i); 1 } or print STDERR "client: $@";
            POSIX::_exit(0);
        }

        $load->{pids}[$i] = $pid;
    }

    return $load;
}


# ---- the verdict -------------------------------------------------------------

# What has arrived since the last time.
sub catch_up {
    my $self = shift;

    open my $in, '<:raw', $self->{recorder}->log or die;
    seek $in, $self->{at}, 0;

    while (my $line = <$in>) {
        last unless $line =~ /\n\z/;

        $self->{at} += length $line;
        chomp $line;

        my ($transport, $rest) = split /\t/, $line, 2;
        my $n = number_of($rest);

        if (!defined $n || !$self->{seen}{$transport}) {
            push @{ $self->{foreign} }, $line;
            next;
        }

        next if $n eq NUMBER;

        $self->{seen}{$transport}{$n}++;
        push @{ $self->{altered} }, $line if $rest ne $self->expected($transport, $n);
    }

    return $self;
}


# The lines of a spool file: {state, intact, n, transport, payload, path, ...}
sub lines_of {
    my ($self, $path) = @_;
    my @lines;

    open my $in, '<:raw', $path or return;

    while (my $line = <$in>) {
        my ($state, $crc, $rest) = $line =~ /\A([^\t\n]*)\t([0-9a-f]{8})\t(.*)\n\z/s;

        if (!defined $rest) {
            push @lines, { state => '', intact => 0 } if $line !~ /\A#/;
            next;
        }

        my ($number, $time, $destination, $id, $reason, $payload, @more) = split /\t/, $rest, -1;

        s/\\([tnr\\])/{ t => "\t", n => "\n", r => "\r", '\\' => '\\' }->{$1}/ge
            for grep { defined } $destination, $id, $reason, @more;

        push @lines, {
            state => $state, number => $number, time => $time, path => $path,
            intact => $crc eq sprintf('%08x', Compress::Zlib::crc32($rest)) ? 1 : 0,
            transport => ($destination // '') =~ /^(tag|api):/ ? "$1" : '',
            id => $id, n => ($id // '') =~ /^m-(\d+)\z/ ? "$1" : undef,
            reason => $reason, payload => $payload, more => \@more,
        };
    }

    return @lines;
}


sub files { return grep { -f } map { glob "$_[0]{spool}/$_" } $_[1] // '*.spool' }


# Whether a line of a file waits to be sent.
sub pending {
    my $self = shift;

    for ($self->files) {
        open my $in, '<:raw', $_ or next;
        local $/;
        return 1 if (<$in> // '') =~ /^P/m;
    }

    return 0;
}


# {tag => {n => 1}, api => ...} of the pending lines, or the undelivered ones;
# their bytes are compared, too.
sub kept {
    my ($self, $state, @paths) = @_;
    my %kept = map { $_ => {} } TRANSPORTS;

    for my $line (map { $self->lines_of($_) } @paths) {
        next if !$line->{intact} || $line->{state} ne $state;

        my ($transport, $n) = @{ $line }{qw(transport n)};
        my $wanted = defined $n && $transport ? $self->expected($transport, $n) : '';
        my $is = $transport eq 'tag' ? join "\t", @{ $line->{more} }[0, 1] : '';

        # a pixel's address is in front of the query, an account's of the event
        $wanted =~ s/\A[^\t?]*[\t?]//;
        $is = $transport eq 'tag' ? "$line->{payload}\t$is" : $line->{payload};

        push @{ $self->{altered} }, "$line->{path}: $is" if $is ne $wanted;
        $kept{$transport}{$n} = 1 if defined $n && $transport;
    }

    return \%kept;
}


# Until nothing is pending and all that was acknowledged has arrived: the
# seconds it took, or undef.
sub drain {
    my ($self, $timeout) = @_;
    my $start = time();
    my $end = deadline($timeout // 180);

    for (;;) {
        if (!$self->pending) {
            $self->catch_up;
            return time() - $start if !$self->missing;
        }

        return undef if time() > $end;
        sleep 0.2;
    }
}


# [transport, number] of what was acknowledged and has not arrived.
sub missing {
    my $self = shift;
    my @missing;

    for my $transport (TRANSPORTS) {
        my $seen = $self->{seen}{$transport};
        push @missing, map { [$transport, $_] } grep { !$seen->{$_} } keys %{ $self->{acked} };
    }

    return @missing;
}


# The verdict: counts, and lists of what is wrong.
sub judge {
    my $self = shift->catch_up;
    my $undelivered = $self->kept('U', $self->files('undelivered*'));
    my $spooled = $self->kept('P', $self->files);
    my %verdict = (acked => scalar keys %{ $self->{acked} },
                   issued => scalar keys %{ $self->{issued} },
                   altered => [splice @{ $self->{altered} }],
                   foreign => [splice @{ $self->{foreign} }]);
    my @missing = $self->missing;

    # what was said to be delivered is not in a file
    $verdict{lost} = [grep {
        my ($transport, $n) = @$_;
        $self->{acked}{$n} == DELIVERED
            || !$undelivered->{$transport}{$n} && !$spooled->{$transport}{$n};
    } @missing];

    for my $transport (TRANSPORTS) {
        my $seen = $self->{seen}{$transport};

        $verdict{delivered} += keys %$seen;
        $verdict{copies} += $_ for values %$seen;
        $verdict{undelivered} += keys %{ $undelivered->{$transport} };
        $verdict{spooled} += keys %{ $spooled->{$transport} };
        push @{ $verdict{foreign} }, map { "$transport $_" }
            grep { !$self->{issued}{$_} } keys %$seen;
    }

    $verdict{copies} //= 0;
    $verdict{duplicates} = $verdict{copies} - $verdict{delivered};

    return \%verdict;
}


# The verdict as tests; nothing may be undelivered, as the recorder refuses
# nothing.
sub ok {
    my ($self, $what) = @_;
    my $verdict = $self->judge;
    my @wrong = map { scalar @{ $verdict->{$_} } } qw(lost foreign altered);

    is $wrong[0], 0, "$what: no event that was acknowledged is lost";
    is $wrong[1], 0, 'nothing arrives that was not issued';
    is $wrong[2], 0, 'every copy of an event has the bytes that were issued';
    is $verdict->{undelivered}, 0, 'nothing is given up';

    for my $kind (grep { @{ $verdict->{$_} } } qw(lost foreign altered)) {
        my @some = @{ $verdict->{$kind} };

        @some = @some[0 .. 9] if @some > 10;
        diag("$kind: " . (ref $_ ? join ' ', @$_, $self->kind($_->[1]) : $_)) for @some;
    }

    note("$what: " . join ', ', map { "$verdict->{$_} $_" }
         qw(issued acked delivered duplicates spooled undelivered));

    return $verdict;
}


sub kind {
    my ($self, $n) = @_;
    return ('not acknowledged', qw(stored received delivered))[$self->{acked}{$n} // 0];
}


# When all is delivered the spool holds no file; what is left is shown.
sub is_empty {
    my ($self, $timeout) = @_;
    my $end = deadline($timeout // 10);

    sleep 0.05 while $self->files && time() < $end;
    is join(' ', $self->files), '', 'no file is left in the spool';

    for my $path ($self->files) {
        my %states;

        $states{$_->{state} . ($_->{intact} ? '' : ' damaged')}++ for $self->lines_of($path);
        diag(sprintf '%s: %d bytes, %s', $path, -s $path // -1,
             join ' ', map { "$states{$_} lines $_" } sort keys %states);
    }
}


sub DESTROY {
    my $self = shift;

    $self->{tmp}->unlink_on_destroy(0) if $self->{owner} != $$;
}


# ---- one load's clients ------------------------------------------------------

package Pintag::Oracle::Load;

use IO::Select;
use List::Util qw(shuffle);
use Time::HiRes qw(sleep time);

use constant BURST => 0.25;


sub path { return "$_[0]{dir}/$_[1]-$_[0]{n}.$_[2]" }


# How many events have been acknowledged so far.
sub acked {
    my $self = shift;
    my $size = 0;

    $size += -s $self->path(acked => $_) // 0 for 0 .. $self->{clients} - 1;

    return $size / 5;
}


sub running {
    my $self = shift;

    $self->{pids} = [grep { waitpid($_, POSIX::WNOHANG()) == 0 } @{ $self->{pids} }];
    return scalar @{ $self->{pids} };
}


# Until so many are acknowledged, or the clients have ended: false then.
sub wait_for {
    my ($self, $count) = @_;

    until ($self->acked >= $count) {
        return 0 if !$self->running;
        sleep 0.005;
    }

    return 1;
}


# Waits for the clients' end; what they saw: {acked, seconds, given_up,
# failures => {what => count}, closed => [[attempt, which request of its
# connection], ...], answers => {status => count}}.
sub finish {
    my $self = shift;
    my $oracle = $self->{oracle};
    my %saw = (failures => {}, closed => [], answers => {}, given_up => 0,
               acked => $self->acked);

    sleep 0.01 while $self->running;

    for my $i (0 .. $self->{clients} - 1) {
        open my $acked, '<:raw', $self->path(acked => $i) or die "a client is missing\n";
        local $/;

        my @acked = unpack '(NC)*', <$acked>;

        while (my ($n, $kind) = splice @acked, 0, 2) {
            $oracle->{acked}{$n} = $kind;
        }

        open my $in, '<:raw', $self->path(saw => $i) or die "a client has died\n";
        my $one = $json->decode(<$in>);

        for (my $n = $self->{first} + $i; $n <= $one->{issued}; $n += $self->{clients}) {
            $oracle->{issued}{$n} = 1;
        }

        push @{ $saw{closed} }, @{ $one->{closed} };
        $saw{given_up} += $one->{given_up};
        $saw{seconds} = $one->{seconds} if $one->{seconds} > ($saw{seconds} // 0);

        for my $what (qw(failures answers)) {
            $saw{$what}{$_} += $one->{$what}{$_} for keys %{ $one->{$what} };
        }
    }

    $saw{acked} = $self->acked;
    return \%saw;
}


# One process: some connections, each with one request at a time.
sub client {
    my ($self, $i) = @_;
    my $start = time();
    my $last = $self->{first} + $self->{events} - 1;
    my $mine = int(($self->{events} + $self->{clients} - 1 - $i) / $self->{clients});
    my $next = $self->{first} + $i;
    my $attempts = 0;
    my ($taken, $open, %saw) = (0, 1, failures => {}, closed => [], answers => {}, given_up => 0);
    my @lanes = map { { uri => $self->{uris}[$_ % @{ $self->{uris} }] } }
                map { $i + $_ } 1 .. $self->{connections};

    local $SIG{PIPE} = 'IGNORE';
    srand($$);
    alarm $self->{deadline} + 60;
    my $test = getppid;

    open my $acked, '>:raw', $self->path(acked => $i) or die $!;

    while ($open && getppid == $test) {
        my $now = time();
        my $over = $now > $start + $self->{deadline};
        my $wait = 0.05;

        # as many as the time that has passed allows, in bursts
        my $bursts = 1 + int(($now - $start) / BURST);
        my $may = $self->{seconds} ? $mine * $bursts * BURST / $self->{seconds} : $mine;

        $open = 0;

        for my $lane (shuffle @lanes) {
            if (!$lane->{ids} && !$over && $next <= $last) {
                $open = 1;
                next if $taken >= $may;

                my $size = rand() < 0.5 ? 1 : 2 + int rand($self->{most} - 1);
                my @ids;

                while (@ids < $size && $next <= $last) {
                    push @ids, $next;
                    $next += $self->{clients};
                }

                my @events = map { Pintag::Oracle::fill($self->{oracle}{event}, $_) } @ids;

                $taken += @ids;
                $lane->{ids} = \@ids;
                $lane->{body} = $size == 1 ? $events[0]
                                : '{"batch":[' . join(',', @events) . ']}';
                $lane->{due} = 0;
            }

            next if !$lane->{ids};

            if ($over && !$lane->{sent} || $now > $start + $self->{deadline} + 30) {
                $saw{given_up} += @{ $lane->{ids} };
                delete @{ $lane }{qw(ids sent)};
                next;
            }

            $open = 1;

            if ($lane->{sent}) {
                $self->failed($lane, \%saw, 'no answer in 30 s') if $now > $lane->{sent} + 30;
                next;
            }

            next if $now < $lane->{due};
            $self->send($lane, \%saw, "$self->{n}-$i-" . ++$attempts);
        }

        my %by = map { $_->{client}->sock => $_ } grep { $_->{sent} } @lanes;

        if (!%by) {
            sleep 0.01 if $open;
            next;
        }

        for my $sock (IO::Select->new(map { $_->{client}->sock } values %by)->can_read($wait)) {
            my $kind = $self->answered($by{$sock}, \%saw) or next;
            syswrite $acked, join '', map { pack 'NC', $_, $kind } @{ delete $by{$sock}{ids} };
        }
    }

    $saw{issued} = $next - $self->{clients};
    $saw{seconds} = time() - $start;
    open my $out, '>:raw', $self->path(saw => $i) or die $!;
    print $out $json->encode(\%saw);
    close $out or die $!;
}


sub send {
    my ($self, $lane, $saw, $attempt) = @_;

    # what was closed since its last answer
    if ($lane->{client} && IO::Select->new($lane->{client}->sock)->can_read(0)) {
        delete $lane->{client};
    }

    if (!$lane->{client}) {
        $lane->{client} = eval { Pintag::Client->new($self->{port}) };
        $lane->{requests} = 0;

        if (!$lane->{client}) {
            $saw->{failures}{'no connection'}++;
            $lane->{due} = time() + 0.05;
            return;
        }
    }

    $lane->{requests}++;
    $lane->{attempt} = $attempt;
    $lane->{sent} = time();
    $lane->{client}->post($lane->{uri}, $lane->{body}, 'Content-Type' => 'application/json',
                          'X-Attempt' => $attempt);
}


sub failed {
    my ($self, $lane, $saw, $what) = @_;

    $saw->{failures}{$what}++ if defined $what;
    $lane->{due} = time() + 0.02;
    delete @{ $lane }{qw(client sent)};
    return;
}


# What the answer says of the events, false when they are to be sent again.
sub answered {
    my ($self, $lane, $saw) = @_;
    my $answer = $lane->{client}->answer(10);
    my $sent = @{ $lane->{ids} };

    if (!$answer) {
        return $self->failed($lane, $saw, 'an answer cut off') if length $lane->{client}{in};

        push @{ $saw->{closed} }, [$lane->{attempt}, $lane->{requests}];
        return $self->failed($lane, $saw);
    }

    my ($status, $body) = @{ $answer }{qw(status body)};

    $saw->{answers}{$status}++;
    delete $lane->{sent};
    delete $lane->{client} if ($answer->{headers}{connection} // '') =~ /close/i;

    if ($status == 429 || $status == 503) {
        my ($error) = $body =~ /"error":"(\w+)"/;

        $saw->{failures}{"$status " . ($error // $body)}++;
        $saw->{failures}{"$status without Retry-After"}++
            if ($answer->{headers}{'retry-after'} // '') !~ /^[1-9]\d*$/;

        # sooner than it says: a test has no time
        $lane->{due} = time() + 0.1;
        return;
    }

    my %count = $body =~ /"(received|delivered|stored)":(\d+)/g;
    my $told = ($count{delivered} // 0) + ($count{stored} // 0);

    if ($body =~ /^\{"success":true,/ && ($count{received} // 0) == $sent
        && $body !~ /"events"/)
    {
        return Pintag::Oracle::DELIVERED if $status == 200 && ($count{delivered} // 0) == $sent;
        return Pintag::Oracle::STORED if $status == 202 && $told == $sent;
        return Pintag::Oracle::RECEIVED
            if $status == 202 && $told == 0 && $lane->{uri} eq '/received';
    }

    return $self->failed($lane, $saw, "answered $status $body");
}


1;

__END__

=head1 NAME

Pintag::Oracle - issues events, and judges from outside what became of them

=head1 SYNOPSIS

    my $recorder = Pintag::Recorder->new;
    my $oracle = Pintag::Oracle->new(recorder => $recorder);
    my $nginx = $oracle->nginx(spool => 'file_size=256k');

    $oracle->learn($nginx->port, '/delivered');

    my $load = $oracle->load(port => $nginx->port, events => 5000);

    $load->wait_for(1000);              # ... a fault ...
    my $saw = $load->finish;

    ok defined $oracle->drain(180);
    $oracle->ok('the fault');           # tests

=head1 DESCRIPTION

Each event has a number, and text that is awkward on the way.  It is sent both
to the Tag and to the Conversions API, and each way is judged.  What must hold:

    acknowledged is part of: arrived, undelivered, or pending in the spool
    arrived is part of issued
    every copy, on the wire or in a file, has equal bytes

What the bytes are is learnt from one event in the calm, whose meaning is
compared with what was issued (two tests); the others differ from it by number
and filler only.

=over

=item nginx(spool => 'file_size=256k', http => '', server => '', ...)

A L<Pintag::Nginx> of four workers whose C</stored>, C</received> and
C</delivered> have the mode of that name, with its spool in C<spool>.
C<attempts.log> has each request's attempt and status.

=item learn(port, uri)

=item load(port => n, events => n, uris => ['/stored'], clients => 4,
connections => 8, seconds => 0, deadline => 120, most => 20)

Forks C<clients> processes that issue the next so many events, in bursts spread
over C<seconds> or as fast as they can, half of the requests with one event, the
others with up to C<most>.  A connection keeps to one of C<uris>.  A request
whose connection is closed, or that is answered 429 or 503, is sent again with
the same events until it is acknowledged, or given up after C<deadline> seconds.
Each request has a header C<X-Attempt> of its own.  A C<load> has C<acked> (how
many so far), C<wait_for(count)>, C<running>, and C<finish>.

=item drain([timeout])

=item judge, ok(what)

C<judge> gives a hash of counts (issued, acked, delivered, copies, duplicates,
spooled, undelivered; a delivery is an event on one way) and of lists (lost,
foreign, altered); C<ok> makes four tests of it.

=item is_empty([timeout])

A test: no file is left in the spool.

=item files([glob]), lines_of(path), pending, missing

=back

=cut
