package Pintag::Cases;

# Tables of cases: an event, a configuration, and the exact requests that
# Pinterest gets.  The documentation is at the end of the file.

use strict;
use warnings;

use Encode ();
use Exporter 'import';
use JSON::PP;
use Pintag::Client;
use Pintag::Nginx;
use Pintag::StandIn;
use POSIX qw(strftime);
use Test::More;

our @EXPORT = qw(mapping run_cases track page call enc quoted query_of TAG);
our @EXPORT_OK = qw(ago at visitor api_event api_events BROWSER);
our %EXPORT_TAGS = (api => \@EXPORT_OK);

use constant TAG => '2612826764086';
use constant ACCOUNT => '549755885175';
use constant TOKEN => 'pina_test';
use constant API => '/v5/ad_accounts/' . ACCOUNT . '/events';
use constant BROWSER => 'Mozilla/5.0 (X11; Linux x86_64) Firefox/128.0';

my $json = JSON::PP->new->canonical;
my $utf8 = JSON::PP->new->canonical->utf8;
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


# The time so many seconds before the test began (after it, when negative): in
# seconds, as JSON has it; and as text.
sub at { return $^T - shift }


sub ago {
    my ($seconds, $format) = @_;
    return strftime($format // '%Y-%m-%dT%H:%M:%S.000Z', gmtime at($seconds));
}


# Members of an event that the API takes: an id, a time, and in its context an
# address, a browser, and what is given.
sub visitor {
    return ('"messageId":"m-1"', '"timestamp":' . quoted(ago(60)),
            '"context":{' . join(',', '"ip":"203.0.113.5"', '"userAgent":' . quoted(BROWSER), @_) . '}');
}


# What the API gets of such an event; undef takes a field away.
sub api_event {
    my ($name, %fields) = @_;
    my %user = (client_ip_address => '203.0.113.5', client_user_agent => BROWSER,
                %{ delete $fields{user_data} // {} });
    my %event = (event_name => $name, action_source => 'web', event_id => 'm-1', event_time => at(60),
                 user_data => \%user, %fields);

    for my $data (\%user, \%event) {
        delete @$data{grep { !defined $data->{$_} } keys %$data};
    }

    return \%event;
}


# Every byte that is not unreserved, percent-encoded.
sub enc {
    my $text = shift;

    $text =~ s/([^A-Za-z0-9\-._~])/sprintf '%%%02X', ord $1/ge;
    return $text;
}


# ---- cases ------------------------------------------------------------------

sub mapping {
    my ($what, %case) = @_;
    my %known = map { $_ => 1 } qw(body config http path method headers to sends api_sends
                                   with verdict skipped rejected holds);

    $known{$_} or die "$what: no member \"$_\" of a case\n" for keys %case;

    $case{to} //= !$case{api_sends} ? 'tag' : exists $case{sends} ? 'both' : 'api';
    $case{to} =~ /^(?:tag|api|both)\z/ or die "$what: to what?\n";
    $case{sends} = ref $case{sends} ? $case{sends}
                                    : [defined $case{sends} ? $case{sends} : ()];
    $case{api_sends} = [map { ref eq 'HASH' ? [API, $_] : $_ }
                        ref $case{api_sends} eq 'ARRAY' ? @{ $case{api_sends} }
                                                        : $case{api_sends} // ()];

    if (!exists $case{verdict}) {
        $case{verdict} = defined $case{skipped}  ? "200 skipped $case{skipped}"
                       : defined $case{rejected} ? "400 rejected $case{rejected}"
                                                 : '200 delivered';
    }

    push @cases, { what => $what, line => (caller)[2], config => '', http => '', path => 'collect',
                   method => 'POST', headers => {}, with => {}, %case };
}


sub entry {
    my ($config, $to) = (@_, 'tag');

    # a whole file
    return $config if $config =~ /^- /m && $config =~ /^\s*config:/m;

    $config = 'adAccountId: "' . ACCOUNT . "\"\naccessToken: \"" . TOKEN . "\"\n$config"
        if $to ne 'tag' && $config !~ /^adAccountId:/m;
    $config = 'tagId: "' . TAG . "\"\n$config" if $to ne 'api' && $config !~ /^tagId:/m;
    $config =~ s/^(?=.)/    /mg;
    return "- name: \"pinterest\"\n  config:\n$config\n";
}


# A location for each configuration; one that nginx does not take fails its own
# cases, not those of others.
sub nginx_for {
    my $port = shift;
    my (%number, @configs);

    for my $case (@cases) {
        my $key = join "\0", @$case{qw(to config http)};

        if (!defined $number{$key}) {
            $number{$key} = @configs;
            push @configs, { name => 'c' . scalar @configs,
                             yaml => entry($case->{config}, $case->{to}), http => $case->{http} };
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
            proxy_read_timeout 5s;
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

sub is_api { return $_[0]{request} =~ m{^POST /v5/} }


# The first e-mail address in a text, however it is encoded.
sub email_in {
    my $text = shift;

    for (0 .. 3) {
        return $1 if $text =~ /($email)/;
        $text =~ s/%([0-9A-Fa-f]{2})/chr hex $1/ge;
    }

    return undef;
}


# What is wrong with a request whatever the case, as lines; yaml: what its
# location was configured with.
sub faults {
    my ($request, $yaml) = @_;
    my $leaves = email_in($request->{raw});
    my @faults;

    if (is_api($request)) {
        @faults = api_faults($request, $yaml);

    } else {
        push @faults, 'not one well-formed line' if $request->{request} !~ $line;
        push @faults, 'escapes what needs none' if $request->{request} =~ /%(?:2[DE]|3[0-9]|[46][1-9A-F]|[57][0-9A]|5F|7E)/;
        push @faults, 'a query over 8,000 bytes' if length $request->{uri} > 8000 + length '/v3/?';
        push @faults, 'has a body' if length $request->{body};
    }

    push @faults, "an e-mail address leaves: $leaves" if defined $leaves;

    return map { "    (!) $_\n" } @faults;
}


sub api_faults {
    my ($request, $yaml) = @_;
    my ($raw, $body) = @$request{qw(raw body)};
    my %tokens = $yaml =~ /^\s*adAccountId: "?(\d+)"?\n\s*accessToken: "?([^"\n]+)/mg;
    my ($account, $test) = $request->{uri} =~ m{^/v5/ad_accounts/(\d+)/events(\?test=true)?\z};
    my $token = $tokens{$account // ''} // '?';
    my %headers = (authorization => "Bearer $token", 'content-type' => 'application/json',
                   'content-length' => length $body);
    my @names = sort grep { !/^(?:host|connection)\z/ } map { lc } $raw =~ /^([^\s:]+):/mg;
    my @faults;

    push @faults, "another URI: $request->{uri}" if !defined $account;
    push @faults, "other headers: @names" if "@names" ne join ' ', sort keys %headers;

    for (grep { ($request->{headers}{$_} // '') ne $headers{$_} } sort keys %headers) {
        push @faults, "$_: " . ($request->{headers}{$_} // 'none') . ", not $headers{$_}";
    }

    $raw =~ s/^Authorization: .*\r\n//mi;
    push @faults, 'the token leaves' if grep { index("$raw$body", $_) >= 0 } values %tokens;

    my $got = eval { Encode::decode('UTF-8', my $copy = $body, Encode::FB_CROAK); $utf8->decode($body) };

    return (@faults, 'the body is no JSON: ' . substr $body, 0, 200) if ref $got ne 'HASH';

    my $data = ref $got->{data} eq 'ARRAY' ? delete $got->{data} : [];
    my $leaves = email_in($utf8->encode($data));

    push @faults, 'more than "data"' if %$got;
    push @faults, 'not 1 to ' . ($test ? 20 : 1000) . ' events: ' . @$data
        if @$data < 1 || @$data > ($test ? 20 : 1000);
    push @faults, 'a name twice in an object'
        if names_in($data) + 1 != grep { defined } $body =~ /"(?:[^"\\]++|\\.)*+"\s*(:)?/gs;
    push @faults, "an e-mail address leaves: $leaves" if defined $leaves;

    return @faults;
}


# How many members all objects of a value have.
sub names_in {
    my $value = shift;
    my $names = ref $value eq 'HASH' ? keys %$value : 0;

    $names += names_in($_) for ref $value eq 'HASH' ? values %$value : ref $value eq 'ARRAY' ? @$value : ();
    return $names;
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


# JSON in one form, so that it can be compared: names sorted, no space.  Numbers
# keep the text that they have, and so differ from strings.
sub canonical {
    my $text = shift;

    # a number becomes a string that no other is, and is told by it afterwards
    $text =~ s/("(?:[^"\\]++|\\.)*+")|(-?[0-9][0-9.eE+-]*)/$1 \/\/ "\"\\u0001$2\""/gse;

    my $got = eval { $utf8->decode($text) } // return $_[0];

    return $utf8->encode($got) =~ s/"\\u0001([^"]*)"/$1/gr;
}


# The events of a request of the API, each as its bytes.
sub texts_in {
    my ($list) = $_[0]{body} =~ /^\{"data":\[(.*)\]\}\z/s or return $_[0]{body};
    my $object = qr/(\{(?:[^{}"]++|"(?:[^"\\]++|\\.)*+"|(?-1))*+\})/s;

    return $list =~ /\G,?$object/g;
}


# A time that is now is so in words, as is an id that is made from the event
# where the case has such ids.
sub event_shown {
    my ($uri, $text, $ids) = @_;

    $text =~ s/("event_time":)(\d{10})\b/$1 . ($2 >= $^T - 2 && $2 <= time + 2 ? '"now"' : $2)/e;
    $text =~ s/("event_id":)"[0-9a-f]{32}"/$1"derived"/ if $ids;

    return ($uri eq API ? '' : "POST $uri ") . canonical($text) . "\n";
}


# A request as lines that can be compared; for the API, one for each event.
sub shown {
    my ($request, $case) = @_;
    my %headers = %{ $request->{headers} };
    my $ids = grep { ($_->[1]{event_id} // '') eq 'derived' } @{ $case->{api_sends} };

    if (is_api($request)) {
        return (map({ event_shown($request->{uri}, $_, $ids) } texts_in($request)),
                faults($request, $case->{at}{yaml}));
    }

    delete @headers{qw(host connection)};
    return join '', query_of($request), "\n", headers_of(\%headers), faults($request);
}


# The events of all requests, decoded.
sub api_events {
    return map { @{ (eval { $utf8->decode($_->{body}) } // {})->{data} // [] } } grep { is_api($_) } @_;
}


# All that leaves, to be compared with what leaves when it is posted again.
sub bytes_of {
    return join '', sort map {
        my $request = $_;
        !is_api($request) ? $request->{raw}
            : map { "$request->{uri} " . s/("event_time":)(\d{10})\b/$1 . ($2 >= $^T - 2 ? 'now' : $2)/er . "\n" }
              texts_in($request);
    } @_;
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
    my @expected = map { event_shown($_->[0], $json->encode($_->[1])) } @{ $case->{api_sends} };
    my @pixels = grep { !is_api($_) } @$requests;

    for my $i (0 .. $#{ $case->{sends} }) {
        my %with = %{ $case->{with} };

        # a pattern stands for what it matches
        for (grep { ref $with{$_} } keys %with) {
            my $got = ($pixels[$i] // {})->{headers}{$_} // '';
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
        my $got = join('', sort map { shown($_, $case) } @got) . "answer: $verdict\n";

        if (defined $case->{at}{fault}) {
            fail $case->{what};
            diag $case->{at}{fault};

        } elsif ($case->{holds}) {
            my $wrong = join '', map { faults($_, $case->{at}{yaml}) } @got;

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
        bytes_of(@{ $requests[0][$_] // [] }) ne bytes_of(@{ $requests[1][$_] // [] })
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

    mapping 'a language is two small letters',
        track('Order Completed', undef, visitor('"locale":"de-DE"')),
        api_sends => api_event('checkout', language => 'de');

    run_cases();
    done_testing();

=head1 DESCRIPTION

One nginx serves all cases of a file, with a location for each configuration
that they have.  Each case is posted and compared as a whole: the requests that
the stand-in got, with every header but Host and Connection, and the answer.
Then all are posted again, and must give the same bytes, but for an event_time
that is now.  Any request that holds an e-mail address fails its case, and so do
a pixel that is not one well-formed line, has a body or is too long, and a
request of the API that has another header than it must have, another body than
C<{"data":[...]}>, too many events, or the token anywhere else.

=head2 mapping(what, member => value ...)

    body      the request's body as bytes; track(), page() and call() give it
    config    lines of the entry's config in integrations.yaml, the ids and the
              token are there; or a whole file
    to        which of them: tag, api, both; unless told, what it has sends and
              api_sends for, else tag
    http      more directives for the location
    path      what follows the location's own path ("collect"); may have a query
    method    POST
    headers   of the request: { name => value }
    sends     the query of the request that goes out, without
              "tid=2612826764086&noscript=1&"; a list of several, in any order
    api_sends the event that goes to the API, as Perl data; a list of several, in
              any order; [uri, event] when it goes elsewhere.  Numbers and
              strings differ.  event_time may be "now", event_id "derived" for
              any that is 32 hex digits
    with      headers of the pixels, lower case: { referer => 'https://…' };
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

=head2 C<use Pintag::Cases qw(:DEFAULT :api)>

C<at(seconds)> is the time so long before the test began, C<ago(seconds,
[format])> the same as text; what is less than three seconds before it is now.
C<visitor(members of the context)> gives members of an event that the API takes;
C<api_event(name, field =E<gt> value ...)> is what the API gets of it, with
these fields, or without those that are undef.  C<BROWSER> is that visitor's
browser.  C<api_events(requests)> are all events in them, decoded.

=cut
