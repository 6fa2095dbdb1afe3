# Real SDKs, each pointed here by the option that it has for that, and nothing
# else about it changed:
#
#   @segment/analytics-node           POST /v1/batch, JSON
#   analytics-node 6                  the same, an event ahead of the others
#   @rudderstack/rudder-sdk-node      the same in gzip, which it calls a form
#   @segment/analytics-next           POST /v1/t, /v1/p ... of an event each, in
#                                     text/plain; or batches to /v1/b, the last
#                                     of them when the page is left
#
# The last one is the file that pages load, in a chromium.  Each sends the
# events of events.json, twice in a row.  Proved is, for each:
#
# - it reports no error, and sends nothing again;
# - Pinterest gets each event that it should get, once, to the byte: the event,
#   its data, the id that the SDK gave it;
# - nothing else leaves: no header but the visitor's own user agent and page
#   where they are known, no cookie, key, address or e-mail.
#
# Its page is of the endpoint's host; t/browser/origins.t has it on another one.
#
# The SDKs are the ones in package-lock.json; they run on Debian 12's node 18.

use strict;
use warnings;

use FindBin;
use lib "$FindBin::Bin/../lib";

use Digest::SHA qw(sha256_hex);
use Encode qw(encode_utf8);
use IO::Select;
use JSON::PP;
use Pintag::Nginx;
use Pintag::Node;
use Pintag::Setup;
use Pintag::StandIn;
use POSIX ();
use Test::More;
use Time::HiRes qw(sleep time);

my $dir = $FindBin::Bin;
my $umd = "$dir/node_modules/\@segment/analytics-next/dist/umd";
my $json = JSON::PP->new->canonical;

need_programs(node => 'nodejs', npm => 'npm', chromium => 'chromium');
install_modules($dir);

my $up = Pintag::StandIn->new;
my $nginx = Pintag::Nginx->new(http => collector($up->port, server => <<"END"));
        location /v1/ {
            pintag_integrations %%DATA%%/integrations.yaml;
            pintag_pass /pinterest;
        }

        # a shop, and what its page loads where Segment's host has it

        location = /shop.html {
            root $dir;
            default_type text/html;
            add_header Set-Cookie "_epik=click-1; Path=/";
            add_header Set-Cookie "session=secret; Path=/; HttpOnly";
        }

        location = /analytics.js/v1/wk/analytics.min.js {
            alias $umd/standalone.js;
            default_type text/javascript;
        }

        location /analytics-next/bundles/ {
            alias $umd/;
            default_type text/javascript;
        }

        location = /v1/projects/wk/settings {
            default_type application/json;
            return 200 '{"integrations":{"Segment.io":{"apiKey":"wk"}}}';
        }
END

my $site = 'http://127.0.0.1:' . $nginx->port;
my @events = @{ decode_json(text_of("$dir/events.json")) };
my @for_browsers = grep { !$_->{server} } @events;

# a script, and in how many requests its events come: from, to
for my $row (
    [ 'segment-node', 2, 2 ],
    [ 'analytics-node', 3, 3 ],
    [ 'rudder-node', 3, 3 ],
    [ 'segment-next single', (scalar @for_browsers) x 2 ],
    [ 'segment-next batching', 2, 3 ],
) {
    for my $nth ('once', 'and again') {
        subtest "$row->[0], $nth" => sub { check(@$row) };
    }
}

is join('', $nginx->errors), '', 'no error';

done_testing();


sub check {
    my ($command, $min, $max) = @_;
    my ($script, @arguments) = split / /, $command;
    my $browser = $script eq 'segment-next';
    my @sent = $browser ? @for_browsers : @events;
    my $wanted = grep { defined $_->{pinterest} } @sent;
    my $from = $up->requests;
    my $posted = posts();

    my $run = start("$dir/$script.mjs", $site, @arguments);
    my $said = report($run);

    $up->wait_for($from + $wanted, 10) if $said;

    is finish($run), 0, 'the client ends well' or diag($run->{errors}->());
    ok $said, 'and reports' or return;

    is_deeply $said->{errors}, [], 'no error event';

    my @ids = @{ $said->{messageIds} };
    my %ids = map { $_ => 1 } @ids;

    is scalar keys %ids, scalar @sent, 'each event has an id of its own';

    my @requests = $up->requests;
    splice @requests, 0, $from;

    for my $i (0 .. $#sent) {
        my @of = grep { index($_->{uri}, "[event_id]=$ids[$i]&") >= 0 } @requests;

        is join("\n", map { seen($_) } @of),
            join("\n", expected($sent[$i], $ids[$i], $script, $said)),
            encode_utf8(join ': ', $sent[$i]{call}{type}, $sent[$i]{call}{event} // $i);
    }

    is scalar @requests, $wanted, 'Pinterest gets these and nothing else';

    my @statuses = posts($posted + $min);
    splice @statuses, 0, $posted;

    cmp_ok scalar @statuses, '>=', $min, 'in no fewer requests';
    cmp_ok scalar @statuses, '<=', $max, 'and no more than the SDK makes';
    is_deeply [grep { $_ != 200 } @statuses], [], 'all of them answered with 200';
}


# what Pinterest sees of a request: its line and every header
sub seen {
    my $request = shift;
    return "$request->{request} " . $json->encode($request->{headers});
}


# what it should see of an event: nothing, or this once
sub expected {
    my ($event, $id, $script, $said) = @_;
    my $query = $event->{$script} // $event->{pinterest} // return;
    my %headers = (host => 'pinterest');

    if ($script eq 'segment-next') {
        my $search = "?utm_source=mail&delivery=$said->{delivery}";

        $headers{'user-agent'} = $said->{userAgent};
        $headers{referer} = "$site/shop.html$search";

        $query =~ s/<page>/escaped($headers{referer})/e;
        $query =~ s/<search>/escaped($search)/e;
        $query =~ s/&event=/&pd[epik]=click-1&event=/;
    }

    %headers = (%headers, %{ $event->{headers} // {} });

    $query =~ s/<id>/$id/;
    $query =~ s/<sha256 of (.+)>/sha256_hex($1)/e;

    return seen({ request => "GET /v3/?tid=2612826764086&noscript=1&$query HTTP/1.1",
                  headers => \%headers });
}


sub escaped { return $_[0] =~ s/([^A-Za-z0-9._~-])/sprintf '%%%02X', ord $1/ger }


# The statuses of the POSTs so far; waits a while for $count of them.
sub posts {
    my $count = shift // 0;
    my $end = time() + 5;
    my @statuses;

    for (;;) {
        @statuses = $nginx->access_log =~ /\] POST \S+ (\d+)/g;
        return @statuses if @statuses >= $count || time() > $end;
        sleep 0.02;
    }
}


# ---- a client's process: it prints a line, and ends when its input has ended

sub start {
    my ($script, @arguments) = @_;
    my $stderr = $nginx->dir . '/client.err';

    pipe my $stdin, my $in or die "pipe: $!";
    pipe my $out, my $stdout or die "pipe: $!";
    defined(my $pid = fork) or die "fork: $!";

    if ($pid == 0) {
        $ENV{TMPDIR} = $nginx->dir;
        open STDIN, '<&', $stdin;
        open STDOUT, '>&', $stdout;
        open STDERR, '>', $stderr;
        close $_ for $in, $out;
        exec 'node', $script, @arguments or POSIX::_exit(127);
    }

    close $_ for $stdin, $stdout;

    return { pid => $pid, in => $in, out => $out,
             errors => sub { text_of($stderr) } };
}


sub report {
    my $run = shift;
    my $end = time() + 30;
    my $text = '';

    until ($text =~ /\n/) {
        my $left = $end - time();

        return undef if $left <= 0
                        || !IO::Select->new($run->{out})->can_read($left)
                        || !sysread $run->{out}, $text, 65536, length $text;
    }

    return decode_json($text);
}


sub finish {
    my $run = shift;
    my $end = time() + 10;

    close $run->{in};

    until (waitpid $run->{pid}, POSIX::WNOHANG()) {
        if (time() > $end) {
            kill 'KILL', $run->{pid};       # its browser goes with it
            waitpid $run->{pid}, 0;
            return 'it does not end';
        }

        sleep 0.02;
    }

    return $?;
}
