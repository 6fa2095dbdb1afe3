# Prometheus's own promtool takes what pintag_status prometheus answers, before
# the first event and after some, and the rules of conf-examples; each of the
# rules can be evaluated, and those that matter most fire.  PINTAG_PROMTOOL names
# the program, else it is looked for in PATH.

use strict;
use warnings;

use FindBin;
use lib "$FindBin::Bin/lib";

use Pintag::Nginx;
use Pintag::Setup;
use Pintag::StandIn;
use Test::More;

my $promtool = $ENV{PINTAG_PROMTOOL} // 'promtool';

`'$promtool' --version 2>&1` =~ /^promtool, version/
    or plan skip_all => 'no promtool here: script/test t/promtool.t fetches it';

my $root = Pintag::Nginx->root;
my $up = Pintag::StandIn->new;
my $nginx = api_nginx($up->port, config => 'tagId: "2612826764086"',
    http => 'pintag_zone zone=pintag:1m recent=10; pintag_spool spool;',
    collect => 'pintag_ack stored; pintag_write_keys key-1; pintag_retry min=20ms max=100ms;',
    server => 'location = /metrics { pintag_status prometheus; }');

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

sub metrics { return $nginx->client->get('/metrics')->answer->{body} }

sub is_clean {
    my ($what, $metrics) = @_;
    my ($status, $said) = promtool($metrics, 'check metrics');

    # it is 3 when there is something to say
    is $status, 0, "promtool check metrics: $what";
    is $said, '', 'and it has nothing to say';
}


# ---- metrics

is_clean('before the first event', metrics());

is $nginx->post('/collect', api_batch(1 .. 20))->{status}, 401, 'no key';
is $nginx->post('/collect?writeKey=key-1', api_batch(1 .. 20))->{status}, 202, 'twenty events';
is $nginx->post('/collect?writeKey=key-1', '{"type":"identify"}')->{status}, 200, 'one that is skipped';
is $nginx->post('/collect?writeKey=key-1', '{"type":"track"}')->{status}, 400, 'one that is rejected';
$up->wait_for(21, 10);
$up->behave(act => 'refused', status => 400);
is $nginx->post('/collect?writeKey=key-1', api_batch(30))->{status}, 202, 'one that is refused';

my $metrics = metrics();

like $metrics, qr/^pintag_deliveries_received_total\{[^}]*\} 43$/m, 'they are counted, with those that had no key';
is_clean('after some', $metrics);

my ($status, $said) = promtool($metrics . "pintag_x{a=\"b\"} x\n", 'check metrics');

isnt $status, 0, 'it would tell what is wrong';


# ---- rules

my $rules = "$root/conf-examples/prometheus-alerts.yml";

($status, $said) = promtool('', "check rules '$rules'");
is $status, 0, 'promtool check rules' or diag $said;

# at rest, and with what goes wrong
my $tests = $nginx->dir . '/logs/rules.yml';

open my $out, '>', $tests or die "$tests: $!";
print $out <<"END";
rule_files: ["$rules"]
evaluation_interval: 1m
tests:
  - interval: 1m
    input_series:
      - series: 'pintag_events_lost_total{instance="a",transport="tag",id="1",reason="worker_died"}'
        values: '0x10 3x30'
      - series: 'pintag_stopped_workers{instance="a",transport="api",id="2"}'
        values: '0x10 1x30'
      - series: 'pintag_delivery_reasons_total{instance="a",transport="api",id="2",reason="misconfigured"}'
        values: '0x10 1x30'
    alert_rule_test:
      - {eval_time: 9m, alertname: PintagEventsLost}
      - {eval_time: 9m, alertname: PintagStopped}
      - {eval_time: 9m, alertname: PintagMisconfigured}
      - eval_time: 12m
        alertname: PintagEventsLost
        exp_alerts:
          - exp_labels: {instance: a, transport: tag, id: "1", reason: worker_died, severity: critical}
            exp_annotations: {summary: 'a has lost events for tag 1: worker_died'}
      - eval_time: 17m
        alertname: PintagStopped
        exp_alerts:
          - exp_labels: {instance: a, transport: api, id: "2", severity: warning}
            exp_annotations: {summary: 'a sends nothing but probes to api 2'}
      - eval_time: 12m
        alertname: PintagMisconfigured
        exp_alerts:
          - exp_labels: {instance: a, transport: api, id: "2", reason: misconfigured, severity: critical}
            exp_annotations: {summary: 'a: api 2 is misconfigured; its error log tells more'}
END
close $out or die "$tests: $!";

($status, $said) = promtool('', "test rules '$tests'");
is $status, 0, 'the rules fire when they should, and not before' or diag $said;


# ---- the rules and the dashboard ask for metrics that there are

for my $file ('prometheus-alerts.yml', 'grafana-dashboard.json') {
    open my $in, '<', "$root/conf-examples/$file" or die "$file: $!";
    local $/;
    my %names = map { $_ => 1 } <$in> =~ /\b(pintag_\w+)/g;
    my @unknown = grep { my $name = s/_bucket$//r; $metrics !~ /^# TYPE \Q$name\E /m } sort keys %names;

    cmp_ok scalar(keys %names), '>', 5, "$file asks for metrics";
    is join(' ', @unknown), '', 'and all of them are there';
}

done_testing();
