# pintag_zone and pintag_status: what is counted, and that nothing is left out.

use strict;
use warnings;

use FindBin;
use lib "$FindBin::Bin/lib";

use JSON::PP;
use Pintag::Deadline;
use Pintag::Nginx;
use Pintag::Setup;
use Pintag::StandIn;
use Test::More;
use Time::HiRes qw(sleep time);

my $json = JSON::PP->new;
my $up = Pintag::StandIn->new;
my $status = 'location = /status { pintag_status; } location = /metrics { pintag_status prometheus; }';

sub nginx {
    my (%with) = @_;

    return Pintag::Nginx->new(
        workers => $with{workers} // 1,
        ports => $with{ports} // 1,
        files => $with{files} // {},
        http => collector($up->port,
            map({ exists $with{$_} ? ($_ => $with{$_}) : () } qw(integrations listen)),
            http => 'pintag_zone zone=pintag:2m recent=10;' . ($with{http} // ''),
            collect => $with{collect} // '',
            pinterest => $with{pinterest} // '',
            server => $status . ($with{server} // '')));
}

sub status { return decode_json($_[0]->client->get('/status')->answer->{body}) }

sub status_of {
    my ($nginx, @request) = @_;
    my $answer = $nginx->client->request(@request, '')->answer;

    return $answer ? $answer->{status} : 'no answer';
}

# once nothing is on its way any more
sub at_rest {
    my $nginx = shift;
    my $end = time() + 10;
    my $status;

    do {
        sleep 0.05;
        $status = status($nginx);
    } until time() > $end
            || !grep { $_->{pending} || $_->{requests}{in_flight} } @{ $status->{destinations} };

    return $status;
}

# the series of Prometheus with their values; each is there once
sub series {
    my ($nginx, $name) = @_;
    my %series;

    for (grep { !/^#/ } split /\n/, $nginx->client->get('/metrics')->answer->{body}) {
        my ($series, $value) = /^(.*) (\S+)$/;

        $series{$series}++ and push @{ $series{twice} }, $series;
        $series{$series} = $value;
    }

    is_deeply $series{twice} // [], [], "$name: no series is there twice";
    return \%series;
}

sub labels { return sprintf 'transport="%s",id="%s",server="%s",pass="%s"', @_ }

# received = delivered + ... + spooled
sub balanced {
    my ($destination, $name) = @_;
    my $sum = 0;

    $sum += $destination->{$_}
        for qw(delivered refused failed skipped rejected fallback lost pending spooled);

    is $sum, $destination->{received}, "$name: all that was received is accounted for"
        or diag $json->canonical->encode($destination);
}

# ---- the configuration

{
    my $nginx = Pintag::Nginx->new(no_start => 1);

    for (
        [ 'pintag_zone zone=a;', qr/invalid value "zone=a", it must be "zone=name:size"/ ],
        [ 'pintag_zone zone=:1m;', qr/invalid value "zone=:1m"/ ],
        [ 'pintag_zone zone=a:x;', qr/invalid size in "zone=a:x"/ ],
        [ 'pintag_zone zone=a:8k;', qr/the zone "a" is too small, it needs \d+k and \d+k more for each/ ],
        [ 'pintag_zone recent=10;', qr/"pintag_zone" must have "zone=name:size"/ ],
        [ 'pintag_zone zone=a:1m recent=0;', qr/invalid number in "recent=0", it must be from 1 to 1000/ ],
        [ 'pintag_zone zone=a:1m recent=1001;', qr/invalid number in "recent=1001"/ ],
        [ 'pintag_zone zone=a:1m b=1;', qr/invalid parameter "b=1"/ ],
        [ 'pintag_zone zone=a:1m; pintag_zone zone=b:1m;', qr/"pintag_zone" directive is duplicate/ ],
        [ 'server { location / { pintag_status; } }',
          qr/"pintag_status" in \S+:\d+ needs a "pintag_zone" at the level of http/ ],
        [ 'pintag_zone zone=a:1m; server { location / { pintag_status xml; } }',
          qr/invalid value "xml", it must be "json" or "prometheus"/ ],
        [ 'pintag_zone zone=a:1m; server { location / { pintag_status; pintag_status; } }', qr/is duplicate/ ],
        map({ [ "pintag_zone zone=a:1m; server { location / { pintag_integrations %%DATA%%/integrations.yaml; $_ } }",
                qr/"pintag_status" in \S+:\d+ and the "pintag_pass" in \S+:\d+ are in one location, give each its own/ ] }
            'pintag_pass /p; pintag_status;', 'pintag_status; pintag_pass /p;'),
    ) {
        my ($config, $message) = @$_;
        my ($rc, $out) = $nginx->test_config($config);

        isnt $rc, 0, "$config: refused";
        like $out, $message, 'with what would be right';
    }
}

# ---- counts

{
    my $nginx = nginx();
    my $client = $nginx->client;
    my $status = status($nginx);

    is $status->{version}, '0.1.0', 'version';
    like $status->{nginx}, qr/^\d+\.\d+\.\d+$/, "nginx's";
    like $status->{json_reader}, qr/^(?:yyjson|jansson)$/, 'reader';
    is_deeply $status->{zone}, { name => 'pintag', size => 2097152 }, 'zone';
    cmp_ok abs($status->{time} - time()), '<', 5, 'time';
    is $status->{workers}, 1, 'one worker';
    is $status->{spool}, undef, 'no spool';
    is_deeply $status->{recent}, [], 'nothing yet';
    is_deeply [map { "$_->{transport} $_->{id} $_->{pass}" } @{ $status->{destinations} }],
        ['tag 2612826764086 /pinterest'], 'a destination';

    $client->post('/collect', batch(1 .. 20))->answer;
    $client->post('/collect', $json->encode({ type => 'identify', userId => 'u' }))->answer;
    $client->post('/collect', $json->encode({ type => 'page', name => 'Home' }))->answer;
    $client->post('/collect', $json->encode({ type => 'track' }))->answer;
    $client->post('/collect', '{')->answer;
    $client->post('/collect', '')->answer;
    $client->request('PUT', '/collect', '')->answer;

    $status = at_rest($nginx);
    my $tag = $status->{destinations}[0];

    is_deeply $status->{events},
        { track => 21, page => 1, screen => 0, identify => 1, group => 0, alias => 0, other => 0 }, 'events by type';
    is_deeply $status->{errors},
        { invalid_json => 1, empty_body => 1, method_not_allowed => 1 }, 'errors';
    balanced($tag, 'mixed');
    is $tag->{received}, 23, 'received';
    is $tag->{delivered}, 21, 'delivered';
    is_deeply $tag->{reasons},
        { skipped => { unsupported_type => 1 }, rejected => { missing_event_name => 1 } }, 'reasons';
    is $tag->{requests}{sent}, 21, 'requests';
    is $tag->{requests}{events}, 21, 'each with one';
    is_deeply $tag->{requests}{status}, { none => 0, '2xx' => 21, '3xx' => 0, '4xx' => 0, '5xx' => 0 }, 'statuses';
    is $tag->{requests}{window}, 16, 'window';
    is $tag->{duration}{count}, 21, 'durations';
    is $tag->{duration}{buckets}{'+Inf'}, 21, 'in buckets';
    cmp_ok $tag->{requests}{bytes}, '>', 21 * 40, 'bytes';

    is scalar @{ $status->{recent} }, 10, 'the last ten';
    is_deeply [@{ $status->{recent}[0] }{qw(event transport id outcome reason)}],
        ['', 'tag', '2612826764086', 'rejected', 'missing_event_name'], 'the last one first';
    is $status->{recent}[1]{event}, 'pagevisit', "Pinterest's name for it";
    is $status->{recent}[3]{event}, 'checkout', 'and of an order';

    # ---- Prometheus

    my $answer = $client->get('/metrics')->answer;

    is $answer->{headers}{'content-type'}, 'text/plain; version=0.0.4; charset=utf-8', 'type';

    for (
        'pintag_events_received_total{type="track"} 21',
        'pintag_requests_rejected_total{error="invalid_json"} 1',
        'pintag_deliveries_received_total{transport="tag",id="2612826764086",server="",pass="/pinterest"} 23',
        'pintag_deliveries_total{transport="tag",id="2612826764086",server="",pass="/pinterest",outcome="delivered"} 21',
        'pintag_delivery_reasons_total{transport="tag",id="2612826764086",server="",pass="/pinterest",outcome="skipped",reason="unsupported_type"} 1',
        map({ qq(pintag_events_lost_total{transport="tag",id="2612826764086",server="",pass="/pinterest",reason="$_"} 0) }
            qw(misconfigured no_answer no_upstream redirect refused shutdown spool_failed spool_full timeout
               unreadable_answer upstream_error worker_died)),
        'pintag_upstream_responses_total{transport="tag",id="2612826764086",server="",pass="/pinterest",status="2xx"} 21',
        'pintag_delivery_duration_seconds_count{transport="tag",id="2612826764086",server="",pass="/pinterest"} 21',
        'pintag_workers 1',
    ) {
        like $answer->{body}, qr/^\Q$_\E$/m, $_;
    }

    is scalar(() = $answer->{body} =~ /^pintag_events_lost_total\{/mg), 12, 'nothing is lost for another reason';
    unlike $answer->{body}, qr/checkout|u1|o-\d/, 'nothing of an event';

    is $nginx->client->request('POST', '/status', '')->answer->{status}, 405, 'GET only';
    is $client->get('/status')->answer->{headers}{'cache-control'}, 'no-store', 'not to be stored';

    # ---- a reload keeps them

    my $before = status($nginx)->{started};
    $nginx->reload;
    $client = $nginx->client;
    $client->post('/collect', batch(1 .. 5))->answer;
    $status = at_rest($nginx);

    is $status->{destinations}[0]{received}, 28, 'counters go on after a reload';
    is $status->{started}, $before, 'since the same time';
    balanced($status->{destinations}[0], 'after a reload');
}

# ---- a preview

{
    my $nginx = nginx(collect => 'pintag_preview on; pintag_write_keys a;');

    is $nginx->post('/collect?writeKey=a', batch(1))->{status}, 200, 'a preview';
    is $nginx->post('/collect?writeKey=a', '{')->{status}, 400, 'of no JSON';
    is $nginx->post('/collect', batch(1))->{status}, 401, 'without a key';

    my $status = status($nginx);

    is_deeply $status->{errors}, {}, 'counts as no error';
    is $status->{events}{track}, 0, 'nor as an event';
    is $status->{destinations}[0]{received}, 0, 'nor as a delivery';
}

# ---- the worker that has the most

{
    my $nginx = nginx(workers => 2, listen => '127.0.0.1:%%PORT%% reuseport',
                      server => 'location = /pid { return 200 $pid; }');
    my $came = () = $up->requests;
    my %client;

    for (1 .. 200) {
        my $client = $nginx->client;

        $client{ $client->get('/pid')->answer->{body} } //= $client;
        last if keys %client == 2;
    }

    is scalar keys %client, 2, 'a client of each worker';
    $up->behave({ act => 'hold' });

    my ($few, $many) = values %client;
    my $queue = status($nginx)->{queue};

    is_deeply $queue->{fullest}, { deliveries => 0, bytes => 0 }, 'nothing is queued';

    $few->post('/collect', batch(1 .. 3));
    ok $up->wait_for($came + 3, 10, arrived => 1), 'three';
    my $three = status($nginx)->{queue}{fullest}{bytes};
    $many->post('/collect', batch(1 .. 5));
    ok $up->wait_for($came + 8, 10, arrived => 1), 'and five of another worker';

    my $series = series($nginx, 'queue');
    $queue = status($nginx)->{queue};

    is $queue->{deliveries}, 8, 'eight are queued';
    is $queue->{fullest}{deliveries}, 5, 'five of them in one worker';
    is $queue->{fullest}{bytes}, $queue->{bytes} - $three, 'with their bytes';
    is $series->{pintag_queue_fullest_deliveries}, 5, 'of Prometheus, too';
    is $series->{pintag_queue_fullest_bytes}, $queue->{fullest}{bytes}, 'and the bytes';

    $up->behave({});
    $up->release(8);
    is $_->answer->{status}, 200, 'delivered' for $few, $many;
    is status($nginx)->{queue}{fullest}{deliveries}, 0, 'nothing is queued';
}

# ---- within the location

{
    my $nginx = nginx(server => <<'END');
        location = /if { pintag_status; if ($args) { set $a b; } }
        location = /except { pintag_status prometheus; limit_except GET { deny all; } }
        location = /most { pintag_status; limit_except GET { allow all; } }
END

    is status_of($nginx, GET => $_), 200, "$_" for '/if', '/if?a', '/except', '/most';
    like $nginx->client->get('/if?a')->answer->{body}, qr/^\{"version":/, 'an "if" changes nothing';
    is status_of($nginx, POST => '/except'), 403, 'limit_except denies';
    is status_of($nginx, POST => '/most'), 405, 'and allows what the status does not know';
    is join('', $nginx->errors('alert')), '', 'nothing has crashed';
}

# ---- a zone that does not fit

{
    my $yaml = join '', map { "- name: pinterest\n  config: {tagId: \"$_\", "
                              . "limitedDataProcessing: {state: CA, country: US}}\n" } 1 .. 9;
    my $nginx = Pintag::Nginx->new(no_start => 1, files => { 'nine.yaml' => $yaml });
    my ($rc, $out) = $nginx->test_config(collector($up->port, http => 'pintag_zone zone=a:100k;',
                                                   integrations => 'nine.yaml'));

    isnt $rc, 0, 'nine destinations in 100k: refused';
    like $out, qr/pintag_zone "a" is too small for tag \d, it needs \d+k for each destination/, 'and told why';
}

{
    my $nginx = nginx();

    $nginx->post('/collect', batch(1 .. 3));
    at_rest($nginx);

    $nginx->write_config(http => $nginx->{http} =~ s/recent=10/recent=20/r);
    $nginx->signal('reload');
    ok $nginx->wait_log(qr/"recent" of pintag_zone "pintag" was 10; restart nginx, or give the zone another name/),
        'a reload with another number of recent events is refused, and told why';
    is status($nginx)->{destinations}[0]{received}, 3, 'nginx goes on as before';
}

# ---- what is not delivered

{
    my $nginx = nginx(collect => 'pintag_retry attempts=2 min=10ms max=20ms; pintag_ack delivered timeout=2s;');

    $up->behave({ status => 503 });
    is $nginx->post('/collect', batch(1 .. 3))->{status}, 503, 'Pinterest is down';

    my $tag = at_rest($nginx)->{destinations}[0];
    balanced($tag, 'down');
    is $tag->{failed}, 3, 'failed, and the client knows';
    is_deeply $tag->{reasons}{failed}, { upstream_error => 3 }, 'for a reason';
    is $tag->{stopped}, 1, 'the worker has stopped';
    cmp_ok $tag->{requests}{retries}, '>=', 3, 'retries';
    cmp_ok $tag->{requests}{status}{'5xx'}, '>=', 3, 'statuses';

    $up->behave({ status => 400 }, {});
    sleep 0.1;
    is $nginx->post('/collect', batch(4))->{status}, 200, 'refused';
    $tag = at_rest($nginx)->{destinations}[0];
    balanced($tag, 'refused');
    is $tag->{refused}, 1, 'one is';
    is $tag->{stopped}, 0, 'and it sends again';

    $up->behave({});
}

# nobody hears of what a client that has left
{
    my $nginx = nginx(collect => 'pintag_ack received; pintag_retry attempts=1 min=10ms max=20ms;');

    $up->behave({ status => 503 });
    is $nginx->post('/collect', batch(1 .. 3))->{status}, 202, 'received';

    my $tag = at_rest($nginx)->{destinations}[0];
    balanced($tag, 'received');
    is $tag->{lost}, 3, 'and lost';

    # ---- a worker dies with what is in its memory

    $up->behave({ act => 'hang' });
    is $nginx->post('/collect', batch(1 .. 5))->{status}, 202, 'received';
    sleep 0.2;
    is status($nginx)->{destinations}[0]{pending}, 5, 'pending';
    is status($nginx)->{queue}{deliveries}, 5, 'in the queue';

    kill 'KILL', $nginx->worker_pids;
    $tag = at_rest($nginx)->{destinations}[0];
    balanced($tag, 'killed');
    is $tag->{reasons}{lost}{worker_died}, 5, 'its five are lost';
    is status($nginx)->{workers}, 1, 'another worker counts';
    $up->behave({});
}

# ---- servers that have no name, or one: their destinations are shown as one

{
    my $other = collector($up->port, listen => '127.0.0.1:%%PORT2%%', collect => 'pintag_retry min=10ms max=20ms;')
                =~ s/^\s*upstream .*\n//mr;
    my $nginx = nginx(ports => 2, http => $other, collect => 'pintag_retry min=10ms max=20ms;');
    my @clients = map { $nginx->client($_) } 1, 2, 2;
    my $labels = labels('tag', '2612826764086', '', '/pinterest');
    my $came = () = $up->requests;

    $up->behave({ act => 'hold', status => 503 });
    $clients[$_]->post('/collect', batch(10 * $_ + 1 .. 10 * $_ + 2 + $_)) for 0 .. 2;
    ok $up->wait_for($came + 9, 10, arrived => 1), 'nine are in flight';

    my $status = status($nginx);
    my $series = series($nginx, 'twins');

    is scalar @{ $status->{destinations} }, 1, 'one destination';
    is_deeply [@{ $status->{destinations}[0]{requests} }{qw(in_flight window)}], [9, 32], 'with what both have in flight';
    is $series->{"pintag_upstream_requests_in_flight{$labels}"}, 9, 'of Prometheus, too';
    is $series->{"pintag_window{$labels}"}, 32, 'and the windows of both';

    # their probes are held

    $up->behave({ act => 'hold' });
    $up->release(9);
    ok $up->wait_for($came + 11, 10, arrived => 1), 'both probe';
    is status($nginx)->{destinations}[0]{stopped}, 1, 'one worker has stopped, twice';

    $up->behave({});
    $up->release(1);
    ok $up->wait_for($came + 12, 10, arrived => 1), 'one is back';
    is status($nginx)->{destinations}[0]{stopped}, 1, 'and sends to one of the two';
    $up->release(1);

    is $_->answer->{status}, 200, 'delivered' for @clients;
    my $tag = at_rest($nginx)->{destinations}[0];

    balanced($tag, 'twins');
    is $tag->{received}, 9, 'received by both';
    is $tag->{stopped}, 0, 'neither has stopped';
    is $tag->{requests}{in_flight}, 0, 'nothing is in flight';
}

# ---- a test of the Conversions API is not what is live

my $entry = <<"END";
- name: pinterest
  config:
    adAccountId: "@{[ACCOUNT]}"
    accessToken: "@{[TOKEN]}"
    limitedDataProcessing: {state: CA, country: US}
END

{
    my $nginx = nginx(files => { 'two.yaml' => $entry . "$entry    testMode: true\n" },
                      integrations => '%%DIR%%/conf/two.yaml');

    $up->behave({ fails => '"order_id":"o-(1)"' }, {});
    is $nginx->post('/collect', api_batch(1))->{status}, 200, 'one for both';

    my $status = at_rest($nginx);
    my $series = series($nginx, 'test mode');

    is_deeply [map { $_->{transport} } @{ $status->{destinations} }], ['api', 'api-test'], 'two destinations';
    is_deeply [sort map { $_->{transport} } @{ $status->{recent} }], ['api', 'api-test'], 'also of the last events';
    balanced($_, $_->{transport}) for @{ $status->{destinations} };

    is $series->{"pintag_deliveries_received_total{" . labels($_, ACCOUNT, '', '/pinterest') . '}'}, 1, "received by $_"
        for 'api', 'api-test';
}

# ---- a configuration that cannot be right

{
    my $nginx = nginx(files => { 'api.yaml' => $entry }, integrations => '%%DIR%%/conf/api.yaml',
                      http => 'pintag_spool spool;', collect => 'pintag_ack stored; pintag_retry min=10ms max=20ms;',
                      server => 'location /nowhere/ { internal; return 200; proxy_pass http://pinterest/; }'
                                . location('/local', 'pintag_ack stored;')
                                =~ s{/pinterest}{/nowhere}r =~ s{%%DATA%%/integrations}{%%DIR%%/conf/api}r);
    my $gauges = sub {
        my $pass = shift;
        my ($destination) = grep { $_->{pass} eq $pass } @{ status($nginx)->{destinations} };
        my $series = series($nginx, $pass);

        return join ' ', @$destination{qw(misconfigured stopped)},
               map { $series->{"pintag_${_}_workers{" . labels('api', ACCOUNT, '', $pass) . '}'} }
                   'misconfigured', 'stopped';
    };
    my $until = sub {
        my ($pass, $wanted, $what) = @_;
        my $end = deadline(10);
        my $got;

        sleep 0.05 until ($got = $gauges->($pass)) eq $wanted || time() > $end;
        is $got, $wanted, $what;
    };

    is $gauges->('/pinterest'), '0 0 0 0', 'all is well';

    for my $status (401, 403, 404, 302) {
        $up->behave({ status => $status, body => '{}' });
        is $nginx->post('/collect', api_batch($status))->{status}, 202, 'stored';
        $until->('/pinterest', '1 1 1 1', "$status: it is misconfigured");

        $up->behave({});
        $until->('/pinterest', '0 0 0 0', 'mended');
    }

    $up->behave({ status => 503 });
    is $nginx->post('/collect', api_batch(1))->{status}, 202, 'stored';
    $until->('/pinterest', '0 1 0 1', '503: Pinterest is down');

    is $nginx->post('/local', api_batch(2))->{status}, 202, 'stored';
    $until->('/nowhere', '1 1 1 1', 'nginx itself answers: it is misconfigured');
    $up->behave({});
    $until->('/pinterest', '0 0 0 0', 'the other is not');
}

# ---- how long it took, of what is stored first

{
    my $nginx = nginx(http => 'pintag_spool spool;', collect => 'pintag_ack stored;');

    $up->behave({ delay => 0.3 });

    for (1 .. 10) {
        is $nginx->post('/collect', batch($_))->{status}, 202, 'stored';
        sleep 0.15;
    }

    my $end = deadline(20);
    my $duration;

    sleep 0.1 until ($duration = status($nginx)->{destinations}[0]{duration})->{count} == 10 || time() > $end;

    is $duration->{count}, 10, 'ten are delivered';
    is $duration->{buckets}{'0.25'}, 0, 'each took more than a quarter of a second';
    cmp_ok $duration->{sum}, '>=', 2.9, 'and counts with all of it';
    $up->behave({});
}

# ---- the memory is full

{
    my $nginx = nginx(http => 'pintag_queue 5;');

    $up->behave({ act => 'hang' });
    my $client = $nginx->client->post('/collect', batch(1 .. 5));
    sleep 0.2;
    is $nginx->post('/collect', batch(1 .. 2))->{status}, 429, 'full';

    my $status = status($nginx);
    balanced($status->{destinations}[0], 'full');
    is_deeply $status->{destinations}[0]{reasons}{rejected}, { queue_full => 2 }, 'rejected';
    is_deeply $status->{errors}, { queue_full => 1 }, 'the request, too';
    is $status->{queue}{max}, 5, 'what fits';
    $up->behave({});
}

# ---- the spool

{
    my $nginx = nginx(http => 'pintag_spool spool;', workers => 2,
                      pinterest => 'proxy_read_timeout 1s;',
                      collect => 'pintag_ack stored; pintag_retry min=10ms max=50ms;');

    $up->behave({ act => 'hang' });
    is $nginx->post('/collect', batch(1 .. 50))->{status}, 202, 'stored';
    sleep 1.2;

    my $status = status($nginx);
    balanced($status->{destinations}[0], 'stored');
    is $status->{destinations}[0]{spooled}, 50, 'spooled';
    is $status->{destinations}[0]{pending}, 0, 'not pending';
    is $status->{spool}{rows}, 50, 'rows of the spool';
    cmp_ok $status->{spool}{bytes}, '>', 50 * 60, 'bytes';
    cmp_ok $status->{spool}{oldest}, '<', 30, 'age';

    # who adopts them counts them no second time
    kill 'KILL', $nginx->worker_pids;
    sleep 0.3;
    $status = status($nginx);
    balanced($status->{destinations}[0], 'killed');
    is $status->{destinations}[0]{spooled}, 50, 'still there';
    is $status->{destinations}[0]{lost}, 0, 'none is lost';

    $up->behave({});
    my $end = time() + 20;
    sleep 0.1 until ($status = status($nginx))->{destinations}[0]{spooled} == 0 || time() > $end;

    balanced($status->{destinations}[0], 'sent');
    is $status->{destinations}[0]{received}, 50, 'received once';
    is $status->{destinations}[0]{delivered}, 50, 'delivered once';
    is $status->{destinations}[0]{recovered}, 0, 'nothing was new';

    # ---- an nginx that was started anew finds what the last has left

    $up->behave({ act => 'hang' });
    is $nginx->post('/collect', batch(1 .. 7))->{status}, 202, 'stored';
    $nginx->stop;
    $up->behave({ act => 'hang' });
    $nginx->start;
    $end = time() + 10;
    sleep 0.1 until ($status = status($nginx))->{destinations}[0]{recovered} == 7 || time() > $end;

    balanced($status->{destinations}[0], 'after a restart');
    is $status->{destinations}[0]{recovered}, 7, 'what is read from the spool is received';
    is $status->{destinations}[0]{spooled}, 7, 'and spooled';
    $up->behave({});
}

# ---- what is dropped of the undelivered

{
    my $nginx = nginx(http => 'pintag_spool spool undelivered_size=64k;', collect => 'pintag_ack stored;');
    my ($sent, $series) = (0);

    $up->behave({ status => 400 });

    for my $reload (0, 1) {
        my $end = deadline(60);
        my $told;

        do {
            is $nginx->post('/collect', batch($sent + 1 .. $sent + 150))->{status}, 202, '150 are stored, and refused';
            $sent += 150;
            sleep 0.1 until status($nginx)->{spool}{rows} == 0 || time() > $end;
            sleep 0.5;
        } until (grep { /dropped the oldest/ } $nginx->errors('error')) > $reload || time() > $end;

        do {
            sleep 0.1;
            $told = 0;
            $told += $_ for map { /dropped the oldest (\d+) undelivered/ } $nginx->errors('error');
        } until status($nginx)->{spool}{undelivered_dropped} == $told || time() > $end;

        $series = series($nginx, 'undelivered');

        cmp_ok $told, '>', 0, "$told are dropped";
        is $series->{pintag_undelivered_dropped_total}, $told, 'as many are counted';
        is status($nginx)->{spool}{undelivered_dropped}, $told, 'and told as JSON';
        $nginx->reload;
        is status($nginx)->{spool}{undelivered_dropped}, $told, 'after a reload, too';
    }

    balanced(at_rest($nginx)->{destinations}[0], 'undelivered');
    $up->behave({});
}

# ---- the fallback

{
    my $nginx = nginx(collect => 'pintag_fallback /fallback; pintag_retry attempts=1 min=10ms max=20ms;',
                      server => 'location = /fallback { internal; proxy_pass http://pinterest/v3/; }');

    $up->behave({ status => 503 }, {});
    is $nginx->post('/collect', batch(1))->{status}, 202, 'the fallback has it';

    my $status = at_rest($nginx);
    my ($tag, $fallback) = sort { $b->{transport} cmp $a->{transport} } @{ $status->{destinations} };

    balanced($tag, 'fallback');
    is $tag->{fallback}, 1, 'counted as such';
    is $fallback->{transport}, 'fallback', 'it is a destination, too';
    is $fallback->{pass}, '/fallback', 'by its URI';
    is $fallback->{requests}{sent}, 1, 'with a request';
    like $nginx->client->get('/metrics')->answer->{body},
        qr/^pintag_upstream_requests_total\{transport="fallback",id="",server="",pass="\/fallback"\} 1$/m, 'of Prometheus';
    unlike $nginx->client->get('/metrics')->answer->{body},
        qr/^pintag_deliveries_received_total\{transport="fallback"/m, 'without events of its own';
    $up->behave({});
}

done_testing();
