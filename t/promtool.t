# Prometheus's own promtool takes what pintag_status prometheus answers, and the
# rules and the dashboard of conf-examples say what they should of it: an nginx at
# work raises no alert and fills each panel, and each rule fires when it should.
# PINTAG_PROMTOOL names the program, else it is looked for in PATH.

use strict;
use warnings;

use FindBin;
use lib "$FindBin::Bin/lib";

use JSON::PP;
use Pintag::Nginx;
use Pintag::Setup;
use Pintag::StandIn;
use Test::More;

my $promtool = $ENV{PINTAG_PROMTOOL} // 'promtool';

`'$promtool' --version 2>&1` =~ /^promtool, version/
    or plan skip_all => 'no promtool here: script/test t/promtool.t fetches it';

my $root = Pintag::Nginx->root;
my $rules = "$root/conf-examples/prometheus-alerts.yml";
my $up = Pintag::StandIn->new;

# one with a spool, one without
my $nginx = api_nginx($up->port, config => 'tagId: "2612826764086"',
    http => 'pintag_zone zone=pintag:1m recent=10; pintag_spool spool;',
    collect => 'pintag_ack stored; pintag_write_keys key-1; pintag_retry min=20ms max=100ms;',
    server => 'location = /metrics { pintag_status prometheus; }');
my $other = api_nginx($up->port, files => { 'gone.yaml' => <<'END' },
- name: pinterest
  config:
    tagId: "1"
END
    http => 'pintag_zone zone=pintag:1m; pintag_retry attempts=1 min=10ms max=20ms;',
    server => <<'END');
        location = /metrics { pintag_status prometheus; }
        location = /received {
            pintag_integrations %%DIR%%/conf/gone.yaml;
            pintag_pass         /pinterest;
            pintag_ack          received;
        }
END

# its exit code, and what it says
sub promtool {
    my ($in, @args) = @_;
    my $file = $nginx->dir . '/logs/in';

    open my $out, '>:raw', $file or die "$file: $!";
    print $out $in;
    close $out or die "$file: $!";

    my $said = `'$promtool' @args < '$file' 2>&1`;
    return ($? >> 8, $said);
}

sub metrics_of { return $_[0]->client->get('/metrics')->answer->{body} }

# once it has come to that
sub metrics_when {
    my ($from, $pattern, $name) = @_;

    for (1 .. 200) {
        my $metrics = metrics_of($from);

        return $metrics if $metrics =~ $pattern;
        select undef, undef, undef, 0.05;
    }

    die "$name: never $pattern\n";
}

sub is_clean {
    my ($what, $metrics) = @_;
    my ($status, $said) = promtool($metrics, 'check metrics');

    # it is 3 when there is something to say
    is $status, 0, "promtool check metrics: $what";
    is $said, '', 'and it has nothing to say';
}

sub slurp {
    open my $in, '<', $_[0] or die "$_[0]: $!";
    local $/;
    return scalar <$in>;
}


# ---- metrics

my $before = metrics_of($nginx);

is_clean('before the first event', $before);

is $nginx->post('/collect?writeKey=key-1', api_batch(1 .. 40))->{status}, 202, 'forty events';
is $nginx->post('/collect?writeKey=key-1', '{"type":"identify"}')->{status}, 200, 'one that is skipped' for 1 .. 10;
is $nginx->post('/collect?writeKey=key-1', '{"type":"track"}')->{status}, 400, 'one that is rejected';
is $nginx->post('/collect?writeKey=key-1', '{')->{status}, 400, 'and no JSON';

my $healthy = metrics_when($nginx, qr/(?:^pintag_deliveries_total.*"delivered"\} 40\n.*){2}/ms, 'forty events twice');

like $healthy, qr/^pintag_deliveries_received_total\{transport="tag"[^}]*\} 51$/m, 'they are counted';
is_clean('after some', $healthy);

my ($status, $said) = promtool($healthy . "pintag_x{a=\"b\"} x\n", 'check metrics');

isnt $status, 0, 'it would tell what is wrong';

# what Pinterest refuses, and a wrong access token
$up->behave(status => 400);
is $nginx->post('/collect?writeKey=key-1', api_batch(41))->{status}, 202, 'one that is refused';
my $refused = metrics_when($nginx, qr/outcome="refused"\} 1$/m, 'refused');

$up->behave(status => 401);
is $nginx->post('/collect?writeKey=key-1', api_batch(42))->{status}, 202, 'one that the account does not take';
my $misconfigured = metrics_when($nginx, qr/^pintag_misconfigured_workers.*\} 1$/m, 'misconfigured');

# without a spool, nobody answers
$up->behave(act => 'reset');
my $at_rest = metrics_of($other);

is $other->post('/collect', api_batch(1 .. 20))->{status}, 503, 'twenty that are given up';
is $other->post('/received', batch(1 .. 20))->{status}, 202, 'twenty that are lost';
$other->post('/collect', '{') for 1 .. 30;
my $broken = metrics_when($other, qr/^pintag_events_lost_total.*\} 20$/m, 'lost');

is_clean('after a loss', $broken);


# ---- what Prometheus makes of it, of two instances

# The series that it has of two answers.  They are the same for two hours but that,
# "grows", counters grow each minute of the first by what lies between the answers,
# or, "once", after ten minutes it is all as in the second.
sub series_of {
    my ($how, $first, $last) = @_;
    my %first = $first =~ /^(pintag_\S+?(?:\{.*\})?) (\S+)$/mg;
    my (%counters, $yaml);

    $counters{$_} = 1 for $last =~ /^# TYPE (\S+) (?:counter|histogram)$/mg;

    for (grep { !/^#/ } split /\n/, $last) {
        my ($name, $labels, $value) = /^(\w+)(?:\{(.*)\})? (\S+)$/ or die "no series: $_\n";
        my $old = $first{ defined $labels ? "$name\{$labels}" : $name };
        my $from = $old // '_';
        my $values = "$from ${value}x120";

        if ($how eq 'once') {
            $values = "${from}x9 ${value}x110";

        } elsif ($counters{ $name =~ s/_(?:bucket|sum|count)$//r }) {
            my $step = sprintf '%.3f', $value - ($old // 0);

            $values = "$from $value+${step}x59 " . ($value + 59 * $step) . 'x60';
        }

        for my $instance ('a', 'b') {
            my $all = join ',', "job=\"pintag\",instance=\"$instance\"", $labels // ();

            $yaml .= "      - series: '$name\{$all}'\n        values: '$values'\n";
        }
    }

    return $yaml;
}

sub test_rules {
    my ($name, $series, $tests) = @_;
    my $file = $nginx->dir . '/logs/rules.yml';

    open my $out, '>:raw', $file or die "$file: $!";
    print $out <<"END";
rule_files: ["$rules"]
evaluation_interval: 1m
tests:
  - interval: 1m
    input_series:
$series
$tests
END
    close $out or die "$file: $!";

    my ($status, $said) = promtool('', "test rules '$file'");
    is $status, 0, $name or diag $said;
}

# that these and no others fire, at each minute
sub alerts {
    my %at = @_;

    return "    promql_expr_test:\n" . join '', map {
        "      - expr: 'count by (alertname) (ALERTS{alertstate=\"firing\",instance=\"a\"}) > bool 0'\n"
        . "        eval_time: ${_}m\n        exp_samples:\n"
        . join '', map { "          - {labels: '{alertname=\"$_\"}', value: 1}\n" } @{ $at{$_} }
    } sort { $a <=> $b } keys %at;
}

# an answer with other values
sub with {
    my ($metrics, @values) = @_;

    while (my ($pattern, $value) = splice @values, 0, 2) {
        $metrics =~ s/^($pattern.*) \S+$/$1 $value/m or die "no $pattern in\n$metrics";
    }

    return $metrics;
}


# ---- rules

($status, $said) = promtool('', "check rules '$rules'");
is $status, 0, 'promtool check rules' or diag $said;

my %fired;

my $unnamed = with($healthy, qr/pintag_deliveries_total.*"rejected"/ => 60);
my $unstored = $misconfigured =~ s/outcome="refused",reason="refused"/outcome="failed",reason="spool_failed"/gr;

for (
    # what, how, the answers, and at which minute what fires
    [ 'at rest', grows => $before, $before, 24 => [], 31 => ['PintagSilent'] ],
    [ 'at work', grows => $before, $healthy, (map { $_ => [] } 1, 5, 11, 20, 31, 60, 88), 91 => ['PintagSilent'] ],
    [ 'refused', grows => $healthy, $refused, 14 => [], 31 => ['PintagRefused'] ],
    [ 'a wrong token', once => $refused, $misconfigured, 9 => [], 13 => ['PintagMisconfigured'],
      16 => ['PintagMisconfigured', 'PintagStopped'] ],
    [ 'nobody answers', once => $at_rest, $broken, 9 => [], 11 => ['PintagEventsLost'],
      16 => ['PintagEventsLost', 'PintagFailed', 'PintagStopped'], 30 => ['PintagStopped'] ],
    [ 'and again', grows => $at_rest, $broken,
      31 => [qw(PintagEventsLost PintagFailed PintagRequestsRejected PintagStopped)] ],
    [ 'few are given up', once => $healthy, with($healthy, qr/pintag_deliveries_total.*"failed"/ => 5), 20 => [] ],
    [ 'no names', grows => $before, $unnamed, 31 => ['PintagRejected'] ],
    [ 'the spool fails', grows => $healthy, $unstored, 4 => ['PintagMisconfigured', 'PintagNotStored'] ],
    [ 'a large spool', once => $healthy, with($healthy, qr/pintag_spool_bytes/ => 900_000_000), 9 => [], 10 => ['PintagSpoolFills'] ],
    [ 'an old spool', once => $healthy, with($healthy, qr/pintag_spool_oldest_age_seconds/ => 3700), 9 => [], 10 => ['PintagSpoolOld'] ],
    [ 'it is dropped', once => $healthy, with($healthy, qr/pintag_undelivered_dropped_total/ => 7), 9 => [], 11 => ['PintagUndeliveredDropped'] ],
    [ 'a full worker', once => $healthy, with($healthy, qr/pintag_queue_fullest_deliveries/ => 50_000), 9 => [], 12 => ['PintagQueueFills'] ],
    [ 'full of bytes', once => $healthy, with($healthy, qr/pintag_queue_fullest_bytes/ => 50_000_000), 9 => [], 12 => ['PintagQueueFills'] ],
    [ 'many workers', once => $healthy, with($healthy, qr/pintag_workers/ => 16, qr/pintag_queue_deliveries/ => 100_000,
      qr/pintag_queue_bytes/ => 900_000_000), 12 => [] ],
) {
    my ($name, $how, $first, $last, %at) = @$_;

    test_rules("alerts: $name", series_of($how, $first, $last), alerts(%at));
    $fired{$_} = 1 for map { @$_ } values %at;
}

is_deeply [sort keys %fired], [sort(slurp($rules) =~ /^ *- alert: (\w+)$/mg)], 'each of the rules has fired';

test_rules('what they say', series_of(once => $at_rest, $broken), <<'END');
    alert_rule_test:
      - eval_time: 12m
        alertname: PintagEventsLost
        exp_alerts:
          - exp_labels: {job: pintag, instance: a, transport: tag, id: "1", pass: /pinterest, reason: no_answer, severity: critical}
            exp_annotations: {summary: 'a has lost events for tag 1: no_answer'}
          - exp_labels: {job: pintag, instance: b, transport: tag, id: "1", pass: /pinterest, reason: no_answer, severity: critical}
            exp_annotations: {summary: 'b has lost events for tag 1: no_answer'}
      - eval_time: 16m
        alertname: PintagFailed
        exp_alerts:
          - exp_labels: {instance: a, transport: api, id: "549755885175", severity: warning}
            exp_annotations: {summary: 'a gives up more than 1 % of what comes for api 549755885175'}
          - exp_labels: {instance: b, transport: api, id: "549755885175", severity: warning}
            exp_annotations: {summary: 'b gives up more than 1 % of what comes for api 549755885175'}
END


# ---- the dashboard

my %variables = (instance => '.*', __rate_interval => '5m');
my @panels = map { my $panel = $_; map { [$panel->{title}, $_->{legendFormat}, $_->{expr}] } @{ $panel->{targets} } }
             @{ decode_json(slurp("$root/conf-examples/grafana-dashboard.json"))->{panels} };

sub expression {
    my ($expression) = @_;

    $expression =~ s/\$(\w+)/$variables{$1} or die "what is \$$1?\n"/eg;
    return $expression;
}

# that it is these, [labels, value], after half an hour
sub shows {
    my ($name, $series, $expression, @samples) = @_;

    return test_rules($name, $series, "    promql_expr_test:\n      - expr: |\n          $expression\n"
        . "        eval_time: 30m\n        exp_samples:\n"
        . join '', map { "          - {labels: '$_->[0]', value: $_->[1]}\n" } @samples);
}

my $at_work = series_of(grows => $before, $healthy);

cmp_ok scalar(@panels), '>', 15, 'the dashboard asks for much';

for (@panels) {
    my ($title, $legend, $expression) = @$_;

    # no number is above nothing
    shows("$title, $legend: has values", $at_work, 'count((' . expression($expression) . ') >= 0) > bool 0', ['{}', 1]);
}

# of each panel the first
my %panels = map { $_->[0] => expression($_->[2]) } reverse @panels;
my ($windows) = map { expression($_->[2]) } grep { $_->[1] eq 'window of {{transport}}' } @panels;

shows('Delivered: all but what was skipped or rejected', $at_work, "round($panels{Delivered}, 0.001)", ['{}', 1]);
shows('Delivered: none', series_of(grows => $at_rest, $broken), $panels{Delivered}, ['{}', 0]);
shows('Lost: none', $at_work, $panels{Lost}, ['{}', 0]);
shows('Lost: once', series_of(once => $at_rest, $broken), "($panels{Lost}) > bool 0", ['{}', 1]);
shows('Requests in flight: of each worker of each instance', series_of(grows => $before, with($healthy, qr/pintag_workers/ => 4)),
      $windows, ['{transport="tag"}', 16 * 4 * 2], ['{transport="api"}', 2 * 4 * 2]);
shows('Stopped workers', series_of(once => $refused, $misconfigured), $panels{'Stopped workers'}, ['{}', 2]);


# ---- the rules and the dashboard ask for metrics that there are

for my $file ('prometheus-alerts.yml', 'grafana-dashboard.json') {
    my %names = map { $_ => 1 } slurp("$root/conf-examples/$file") =~ /\b(pintag_\w+)/g;
    my @unknown = grep { my $name = s/_bucket$//r; $healthy !~ /^# TYPE \Q$name\E /m } sort keys %names;

    cmp_ok scalar(keys %names), '>', 5, "$file asks for metrics";
    is join(' ', @unknown), '', 'and all of them are there';
}

done_testing();
