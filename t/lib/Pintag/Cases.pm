package Pintag::Cases;

# Tables of cases: an event, a configuration, and the exact requests that
# Pinterest gets.  The documentation is at the end of the file.

use strict;
use warnings;

use Exporter 'import';
use JSON::PP;
use Pintag::Client;
use Pintag::Nginx;
use Pintag::StandIn;
use Test::More;

our @EXPORT = qw(mapping run_cases track page call enc quoted query_of TAG);

use constant TAG => '2612826764086';

my $json = JSON::PP->new->canonical;
my @cases;

# what a query may look like, and the form of an e-mail address
my $plain = qr/[A-Za-z0-9\-._~]/;
my $text = qr/(?:$plain|%[0-9A-F][0-9A-F])*/;
my $line = qr{^GET\ /v3/\?tid=\d+&noscript=1
              (?:&(?:ed|pd)(?:\[$text\])+=$text)*
              &event=$text\ HTTP/1\.1$}x;
my $email = qr/[A-Za-z0-9._%+'-]+\@(?!\d+x\b)(?:[A-Za-z0-9\x80-\xff-]+\.)+[A-Za-z\x80-\xff]{2,}/;


# ---- events -----------------------------------------------------------------

# A text as JSON; bytes over 0x7f stay, so that a test can hold any.
sub quoted {
    my $text = shift;

    $text =~ s/(["\\])/\\$1/g;
    $text =~ s/([\x00-\x1f])/sprintf '\\u%04x', ord $1/ge;
    return "\"$text\"";
}


# Calls, given the members of their properties and more members as JSON.
sub call {
    my ($type, $properties, @more) = @_;

    push @more, "\"properties\":{$properties}" if defined $properties;
    return (body => '{' . join(',', "\"type\":\"$type\"", @more) . '}');
}


sub track {
    my ($name, $properties, @more) = @_;
    return call('track', $properties, '"event":' . quoted($name), @more);
}


sub page { return call('page', @_) }


# Every byte that is not unreserved, percent-encoded.
sub enc {
    my $text = shift;

    $text =~ s/([^A-Za-z0-9\-._~])/sprintf '%%%02X', ord $1/ge;
    return $text;
}


# ---- cases ------------------------------------------------------------------

sub mapping {
    my ($what, %case) = @_;
    my %known = map { $_ => 1 } qw(body config http path method headers sends
                                   with verdict skipped rejected holds);

    $known{$_} or die "$what: no member \"$_\" of a case\n" for keys %case;

    $case{sends} = ref $case{sends} ? $case{sends}
                                    : [defined $case{sends} ? $case{sends} : ()];

    if (!exists $case{verdict}) {
        $case{verdict} = defined $case{skipped}  ? "200 skipped $case{skipped}"
                       : defined $case{rejected} ? "400 rejected $case{rejected}"
                                                 : '200 delivered';
    }

    push @cases, { what => $what, line => (caller)[2], config => '', http => '', path => 'collect',
                   method => 'POST', headers => {}, with => {}, %case };
}


sub entry {
    my $config = shift;

    # a whole file
    return $config if $config =~ /^- /m && $config =~ /^\s*config:/m;

    $config = 'tagId: "' . TAG . "\"\n$config" if $config !~ /^tagId:/m;
    $config =~ s/^(?=.)/    /mg;
    return "- name: \"pinterest\"\n  config:\n$config\n";
}


# A location for each configuration; one that nginx does not take fails its own
# cases, not those of others.
sub nginx_for {
    my $port = shift;
    my (%number, @configs);

    for my $case (@cases) {
        my $key = "$case->{config}\0$case->{http}";

        if (!defined $number{$key}) {
            $number{$key} = @configs;
            push @configs, { name => 'c' . scalar @configs,
                             yaml => entry($case->{config}), http => $case->{http} };
        }

        $case->{at} = $configs[$number{$key}];
    }

    my %files = map { ("$_->{name}.yaml" => $_->{yaml},
                       "$_->{name}.conf" => <<"END") } @configs;
location /$_->{name}/ {
    pintag_integrations %%DIR%%/conf/$_->{name}.yaml;
    pintag_pass /pinterest;
    $_->{http}
}
END
    my $http = sub {
        my $includes = join '', map { "include %%DIR%%/conf/$_->{name}.conf;\n" }
                                grep { !defined $_->{fault} } @configs;
        return <<"END";
    upstream pinterest { server 127.0.0.1:$port; keepalive 16; }

    server {
        listen 127.0.0.1:%%PORT%%;
        large_client_header_buffers 4 64k;
        client_max_body_size 4m;
        pintag_window tag=1;
        pintag_retry attempts=2 min=10ms max=20ms;

        location /pinterest/ {
            internal;
            proxy_pass http://pinterest/;
            proxy_http_version 1.1;
            proxy_set_header Connection "";
            proxy_read_timeout 500ms;
        }

        $includes
    }
END
    };

    my $nginx = Pintag::Nginx->new(http => $http->(), no_start => 1);

    $nginx->write_file("conf/$_", $nginx->expand($files{$_})) for keys %files;

    for (;;) {
        my ($status, $out) = $nginx->nginx('-t');

        last if $status == 0;

        my ($fault) = grep { /\[emerg\]/ } split /\n/, $out;
        my ($n) = ($fault // '') =~ m{/conf/c(\d+)\.(?:yaml|conf)\b}
            or die "nginx -t:\n$out\n";

        $configs[$n]{fault} = $fault;
        $nginx->write_config(http => $http->());
    }

    return $nginx->start;
}


# ---- what was seen, as text -------------------------------------------------

# What is wrong with a request whatever the case, as lines.
sub faults {
    my $request = shift;
    my ($decoded, @faults) = $request->{raw};

    push @faults, 'not one well-formed line' if $request->{request} !~ $line;
    push @faults, 'escapes what needs none' if $request->{request} =~ /%(?:2[DE]|3[0-9]|[46][1-9A-F]|[57][0-9A]|5F|7E)/;
    push @faults, 'a query over 8,000 bytes' if length $request->{uri} > 8000 + length '/v3/?';
    push @faults, 'has a body' if length $request->{body};

    for (0 .. 3) {
        if ($decoded =~ /($email)/) {
            push @faults, "an e-mail address leaves: $1";
            last;
        }

        $decoded =~ s/%([0-9A-Fa-f]{2})/chr hex $1/ge;
    }

    return map { "    (!) $_\n" } @faults;
}


sub headers_of {
    my $headers = shift;
    return map { "    $_: $headers->{$_}\n" } sort grep { defined $headers->{$_} } keys %$headers;
}


# The query without what every query begins with; any other line as it is.
sub query_of {
    my $request = shift;
    my $begin = 'tid=' . TAG . '&noscript=1&';

    return $request->{request} =~ m{^GET /v3/\?(?:\Q$begin\E)?(.*) HTTP/1\.1$} ? $1
                                                                             : $request->{request};
}


sub shown {
    my $request = shift;
    my %headers = %{ $request->{headers} };

    delete @headers{qw(host connection)};
    return join '', query_of($request), "\n", headers_of(\%headers), faults($request);
}


# "200 delivered; skipped unsupported_type", "400 invalid_json 3:14"
sub verdict_of {
    my $answer = shift // return 'no answer';
    my $got = eval { $json->decode($answer->{body}) };
    my @events;

    return "$answer->{status} " . ($answer->{headers}{'content-type'} // '')
        if ref $got ne 'HASH';

    return join ' ', $answer->{status}, $got->{error} // '(no error)',
                     defined $got->{line} ? "$got->{line}:" . ($got->{column} // '?') : ()
        if !defined $got->{received};

    @events = ('delivered') x $got->{received};
    $events[$_->{index}] = join ' ', $_->{status}, $_->{reason} // '(no reason)'
        for @{ $got->{events} // [] };

    return join ' ', $answer->{status}, join('; ', @events) || '(no events)',
                     $got->{truncated} ? 'truncated' : ();
}


sub expected {
    my ($case, $requests, $verdict) = @_;
    my @expected;

    for my $i (0 .. $#{ $case->{sends} }) {
        my %with = %{ $case->{with} };

        # a pattern stands for what it matches
        for (grep { ref $with{$_} } keys %with) {
            my $got = ($requests->[$i] // {})->{headers}{$_} // '';
            $with{$_} = $got =~ $with{$_} ? $got : "$with{$_}";
        }

        push @expected, join '', $case->{sends}[$i], "\n", headers_of(\%with);
    }

    my $wanted = $case->{verdict} // $verdict;
    $wanted = $verdict =~ $wanted ? $verdict : "$wanted" if ref $wanted;

    return join('', sort @expected) . "answer: $wanted\n";
}


# ---- running ----------------------------------------------------------------

sub post {
    my ($nginx, $case) = @_;
    my $client = $nginx->client;

    return $client->request($case->{method}, "/$case->{at}{name}/$case->{path}",
                            $case->{body}, %{ $case->{headers} })->answer(15);
}


# Runs what mapping() has gathered: a test a case, then two on all of them.
sub run_cases {
    my @all = @cases;
    my $up = Pintag::StandIn->new;
    my $nginx = nginx_for($up->port);
    my $mark = Pintag::Client->new($up->port);
    my (@answers, @requests, $round, $place);

    # each case leaves a mark behind its requests, so one read tells them apart
    for my $pass (0, 1) {
        for my $i (0 .. $#all) {
            $answers[$pass][$i] = post($nginx, $all[$i]) if !defined $all[$i]{at}{fault};
            $mark->get("/mark")->answer;
        }
    }

    ($round, $place) = (0, 0);

    for my $request ($up->requests) {
        if ($request->{uri} eq '/mark') {
            ($round, $place) = (1, 0) if ++$place == @all && $round == 0;
        } else {
            push @{ $requests[$round][$place] }, $request;
        }
    }

    for my $i (0 .. $#all) {
        my $case = $all[$i];
        my @got = @{ $requests[0][$i] // [] };
        my $verdict = verdict_of($answers[0][$i]);
        my $got = join('', sort map { shown($_) } @got) . "answer: $verdict\n";

        if (defined $case->{at}{fault}) {
            fail $case->{what};
            diag $case->{at}{fault};

        } elsif ($case->{holds}) {
            my $wrong = join '', map { faults($_) } @got;

            $wrong .= $case->{holds}->(\@got, $verdict) // '';
            is $wrong, '', $case->{what} or diag substr $got, 0, 2000;

        } elsif ($got eq expected($case, \@got, $verdict)) {
            pass $case->{what};

        } else {
            fail $case->{what};
            diag "line:     $case->{line}";
            diag "posted:   " . substr($case->{body} // "$case->{method} $case->{path}", 0, 1000);
            diag "config:   $case->{config}" =~ s/\n(?=.)/\n          /gr if $case->{config} ne '';
            diag "expected: " . substr expected($case, \@got, $verdict), 0, 2000;
            diag "got:      " . substr $got, 0, 2000;
        }
    }

    my @second = grep {
        join('', sort map { $_->{raw} } @{ $requests[0][$_] // [] })
            ne join('', sort map { $_->{raw} } @{ $requests[1][$_] // [] })
    } 0 .. $#all;

    is join("\n", map { $all[$_]{what} } @second), '',
        'the same event again is the same bytes again, in all of these cases';
    is join('', $nginx->errors(qw(crit alert))), '', 'nothing that alarms in the log';

    return $nginx;
}


1;

__END__

=head1 NAME

Pintag::Cases - tables of events and of the exact requests they become

=head1 SYNOPSIS

    use Pintag::Cases;
    use Test::More;

    mapping 'a value that is a string is read as a number',
        track('Order Completed', '"value":"$1,299.90"'),
        sends => 'ed[value]=1299.90&event=checkout';

    mapping 'an event that is denied',
        config => 'denyEvents: [Page]', page('"title":"x"'),
        skipped => 'event_denied';

    run_cases();
    done_testing();

=head1 DESCRIPTION

One nginx serves all cases of a file, with a location for each configuration
that they have.  Each case is posted and compared as a whole: the requests that
the stand-in got, with every header but Host and Connection, and the answer.
Then all are posted again, and must give the same bytes.  Any request that is
not one well-formed line, has a body, is too long or holds an e-mail address
fails its case.

=head2 mapping(what, member => value ...)

    body      the request's body as bytes; track(), page() and call() give it
    config    lines of the entry's config in integrations.yaml, tagId is there;
              or a whole file
    http      more directives for the location
    path      what follows the location's own path ("collect"); may have a query
    method    POST
    headers   of the request: { name => value }
    sends     the query of the request that goes out, without
              "tid=2612826764086&noscript=1&"; a list of several, in any order
    with      headers of what goes out, lower case: { referer => 'https://…' };
              a pattern stands for what it matches
    verdict   "200 delivered" unless told otherwise; undef: whatever it is; a
              pattern.  "200 delivered; skipped unsupported_type" for a batch,
              "400 invalid_json 1:7" for a body
    skipped, rejected
              a single event's reason, instead of verdict
    holds     instead of sends: sub (requests, verdict) that gives what is wrong

=head2 track(name, members of properties, more members ...)

C<page(members, ...)> and C<call(type, members, ...)> alike; members are JSON
without braces, undef leaves C<properties> out.

=head2 enc(bytes), quoted(bytes), query_of(request), run_cases()

C<run_cases> gives the nginx that ran them.

=cut
