# When a client is answered, and what: pintag_ack with and without a spool, what
# a full spool and a full queue answer, clients that leave.

use strict;
use warnings;

use FindBin;
use lib "$FindBin::Bin/lib";

use JSON::PP;
use Pintag::Nginx;
use Pintag::Sections;
use Pintag::Setup;
use Pintag::StandIn;
use Test::More;
use Time::HiRes qw(sleep time);

my $json = JSON::PP->new->canonical;

sub body { return encode_json(order(shift)) }


# an nginx with (or, $spool undef, without) a spool in front of a stand-in
sub nginx {
    my ($up, $spool, $collect, %args) = @_;
    my %nginx = map { exists $args{$_} ? ($_ => delete $args{$_}) : () } qw(main workers);
    my $http = (defined $spool ? "pintag_spool spool $spool;" : '') . (delete $args{http} // '');

    return Pintag::Nginx->new(%nginx,
        http => collector($up->port, http => $http, collect => $collect,
                          server => 'server_name localhost;' . (delete $args{server} // ''), %args));
}

sub spool_files {
    my @files = glob $_[0]->dir . '/spool/*.spool';
    return @files;
}

# the lines of all spool files, whatever their state
sub spooled {
    my $nginx = shift;
    return grep { !/^#/ } map { split /^/m, $nginx->file("spool/$_") }
           map { m{([^/]+)\z} } spool_files($nginx);
}

sub is_emptied {
    my ($nginx, $what) = @_;
    ok eventually(sub { !spool_files($nginx) }), $what // 'the spool is emptied'
        or diag spooled($nginx);
}

# "1-20 22" of numbers
sub runs {
    my @runs;

    for (sort { $a <=> $b } @_) {
        if (@runs && $_ == $runs[-1][1] + 1) { $runs[-1][1]++ } else { push @runs, [$_, $_] }
    }

    return join ' ', map { $_->[0] == $_->[1] ? $_->[0] : "$_->[0]-$_->[1]" } @runs;
}

# the numbers that have come; to decode a long log takes too long
sub numbers {
    my $up = shift;

    open my $in, '<:raw', $up->{log} or return;
    my @numbers = map { /^\{"act".*"uri":"[^"]*order_id\]=o-(\d+)/ ? $1 : () } <$in>;
    return @numbers;
}

# these have come, each once
sub arrived {
    my ($up, $wanted, $what) = @_;

    eventually(sub { numbers($up) >= @$wanted });
    sleep 0.1;

    is runs(numbers($up)), runs(@$wanted), $what // 'each event arrives, once';
}

sub answers {
    my ($answer, $status, $wanted, $what) = @_;
    my %got = %{ answer_of($answer) };
    my $message = delete $got{message};

    # none delivered may be left out where it is all about what is stored
    $got{delivered} //= 0 if $status == 202 && exists $wanted->{delivered};

    is $answer->{status}, $status, "$what: $status" or diag $answer->{raw};
    is_deeply \%got, $wanted, 'what it says' or diag $answer->{body};
    is $answer->{headers}{'content-type'}, 'application/json', 'in JSON';
    like $message, qr/\w \w/, 'with a message' if $wanted->{error};

    if ($status == 429 || $status == 503) {
        like $answer->{headers}{'retry-after'}, qr/^[1-9]\d*\z/, 'with Retry-After';
    } else {
        is $answer->{headers}{'retry-after'}, undef, 'without Retry-After';
    }
}

sub good { return (success => JSON::PP::true, @_) }

sub bad { return (success => JSON::PP::false, @_) }


section 'received: after 10 s in memory it goes to the spool' => sub {
    my $up = Pintag::StandIn->new(act => 'hang');
    my $nginx = nginx($up, '', 'pintag_ack received; pintag_retry attempts=1000 min=50ms max=100ms;',
                      pinterest => 'proxy_read_timeout 1s;');
    my $start = time();

    is $nginx->post('/collect', batch(1 .. 20))->{body}, '{"success":true,"received":20}',
        'the answer while Pinterest is silent';
    sleep 8;
    is scalar(spooled($nginx)), 0, 'nothing is in the spool after 8 s';
    ok eventually(sub { 20 == grep { /^P\t/ } spooled($nginx) }), 'what still waits after 10 s goes there';

    my @times = map { (split /\t/)[3] - int $start } spooled($nginx);

    is scalar(grep { $_ < 9 || $_ > 12 } @times), 0, 'then, not before' or diag "@times";

    $up->behave();
    is_emptied($nginx, 'it leaves from there');
    is runs(events_of(grep { $_->{act} eq 'answer' } $up->requests)), '1-20', 'each event is delivered';
    is scalar(grep { $_->{act} eq 'answer' } $up->requests), 20, 'once';
};


# what is skipped, and what rejected
my $mixed = encode_json([order(1), { type => 'identify', messageId => 'm-2' },
                         { type => 'track', messageId => 'm-3' }, order(4)]);
my $skipped = { status => 'skipped', reason => 'unsupported_type' };
my $rejected = { status => 'rejected', reason => 'missing_event_name' };
my @others = ({ index => 1, message_id => 'm-2', %$skipped }, { index => 2, message_id => 'm-3', %$rejected });


section 'what is answered when all goes well, and when there is nothing to deliver' => sub {
    for (
        [ 'delivered', '', 200, '{"success":true,"received":3,"delivered":3}', { delivered => 2 } ],
        [ 'stored', '', 202, '{"success":true,"received":3,"stored":3}', { stored => 2 } ],
        [ 'stored', 'sync=commit', 202, '{"success":true,"received":3,"stored":3}', { stored => 2 } ],
        [ 'stored', 'sync=100ms', 202, '{"success":true,"received":3,"stored":3}', { stored => 2 } ],
        [ 'received', '', 202, '{"success":true,"received":3}', {} ],
        [ 'received', undef, 202, '{"success":true,"received":3}', {} ],
    ) {
        my ($mode, $spool, $status, $body, $taken) = @$_;
        my $up = Pintag::StandIn->new;
        my $nginx = nginx($up, $spool, "pintag_ack $mode;");
        my $what = "$mode, " . (!defined $spool ? 'no spool' : $spool || 'a spool');
        my $answer = $nginx->post('/collect', batch(7 .. 9));

        is $answer->{status}, $status, "$what: $status";
        is $answer->{body}, $body, 'to the byte';

        answers($nginx->post('/collect', $mixed), $status,
            { good(received => 4, skipped => 1, rejected => 1, %$taken, events => \@others) },
            "$what, one skipped, one rejected");
        answers($nginx->post('/collect', '[{"type":"identify"},{"type":"group"}]'), 200,
            { good(received => 2, delivered => 0, skipped => 2,
                  events => [map { { index => $_, %$skipped } } 0, 1]) },
            "$what, all skipped");
        answers($nginx->post('/collect', '[{"type":"track"},{"type":"identify"}]'), 200,
            { good(received => 2, delivered => 0, skipped => 1, rejected => 1,
                  events => [{ index => 0, %$rejected }, { index => 1, %$skipped }]) },
            "$what, one skipped, one rejected, nothing else");
        answers($nginx->post('/collect', '[{"type":"track"}]'), 400,
            { bad(error => 'events_rejected', received => 1, delivered => 0, rejected => 1,
                 events => [{ index => 0, %$rejected }]) },
            "$what, all rejected");
        is answer_of($nginx->post('/collect', '[{'))->{error}, 'invalid_json', "$what, no JSON";

        arrived($up, [1, 4, 7, 8, 9]);
        is_emptied($nginx);
        is join('', $nginx->errors), '', 'no error';
    }
};


section 'delivered: what is refused is told' => sub {
    my $up = Pintag::StandIn->new({ status => 400 }, {});
    my $nginx = nginx($up, '', 'pintag_ack delivered;');
    my $answer = $nginx->post('/collect', batch(1, 2));
    my ($refused) = events_of(($up->wait_for(2, 5))[0]);

    answers($answer, 200, { good(received => 2, delivered => 1, refused => 1,
        events => [{ index => $refused - 1, message_id => "m-$refused", status => 'refused',
                     reason => 'refused' }]) }, 'delivered, with a spool, one is refused');
    is scalar(spooled($nginx)), 0, 'nothing of it waits in the spool';
};


section 'stored: answered when it is in the spool, whether Pinterest answers or not' => sub {
    my $up = Pintag::StandIn->new(act => 'hold');
    my $nginx = nginx($up, '', 'pintag_ack stored;');
    my $client = $nginx->client;

    for my $n (1 .. 5) {
        answers($client->post('/collect', body($n))->answer(2), 202, { good(received => 1, stored => 1) },
                'stored, Pinterest does not answer');

        is scalar(grep { /^P\t/ && /o-$n&/ } spooled($nginx)), 1, 'the event is in the spool';
    }

    ok $up->wait_for(5, 5, arrived => 1), 'they are sent at once';
    is scalar(grep { defined $_->{t_out} } $up->requests), 0, 'and none is answered yet';

    $up->behave();
    $up->release(5);
    is_emptied($nginx, 'they are answered, the spool is emptied');
    arrived($up, [1 .. 5]);
};


section 'received: the answer does not wait for Pinterest, nor the next request of the same connection' => sub {
    for my $spool (undef, '') {
        my $up = Pintag::StandIn->new(delay => 0.5);
        my $nginx = nginx($up, $spool, 'pintag_ack received;');
        my $client = $nginx->client;
        my @times;

        for my $n (1 .. 10) {
            $client->post('/collect', body($n));

            my $answer = $client->answer(2);

            push @times, time() if $answer && $answer->{status} == 202
                                   && $answer->{body} eq '{"success":true,"received":1}';
        }

        my @requests = $up->wait_for(10, 10);

        is scalar @times, 10, '10 requests on one connection are answered 202';
        is scalar(grep { $_ < $requests[0]{t_out} } @times), 10,
            'all before the first event was answered by an upstream that takes 500 ms';
        arrived($up, [1 .. 10]);
        is join('', $nginx->errors), '', 'no error';
    }
};


section 'delivered: at the timeout what is not settled goes to the spool' => sub {
    for my $timeout ('300ms', '1s') {
        my $up = Pintag::StandIn->new({}, { act => 'hold' });
        my $nginx = nginx($up, '', "pintag_ack delivered timeout=$timeout;");
        my $start = time();
        my $answer = $nginx->post('/collect', batch(1 .. 3));
        my $took = time() - $start;

        is $answer->{status}, 202, "delivered timeout=$timeout, one of three is delivered in time: 202";
        is $answer->{body}, '{"success":true,"received":3,"delivered":1,"stored":2}', 'to the byte';
        is $answer->{headers}{'retry-after'}, undef, 'without Retry-After';
        cmp_ok $took, '>', 0.25 * ($timeout eq '1s' ? 3 : 1), 'it waits for the timeout';

        my ($delivered) = events_of(($up->requests)[0]);

        is join(' ', sort map { /o-(\d+)&/ ? $1 : '?' } grep { /^P\t/ } spooled($nginx)),
            join(' ', grep { $_ != $delivered } 1 .. 3), 'the other two are in the spool';

        $up->behave();
        $up->release(2);
        is_emptied($nginx);
        arrived($up, [1 .. 3], 'what was in flight is not sent twice');
    }
};


section 'what waits at the timeout, skipped, rejected and refused ones among it' => sub {
    my $up = Pintag::StandIn->new({ status => 400 }, { status => 503 });
    my $nginx = nginx($up, '', 'pintag_ack delivered timeout=500ms; pintag_window tag=1;'
                               . 'pintag_retry attempts=100 min=50ms max=100ms;');
    my $answer = $nginx->post('/collect', $json->encode([@{ $json->decode($mixed) }, map { order($_) } 5 .. 9]));
    my ($refused) = events_of(($up->requests)[0]);

    answers($answer, 202, { good(received => 9, delivered => 0, stored => 6, skipped => 1, refused => 1,
        rejected => 1, events => [sort { $a->{index} <=> $b->{index} } @others,
            { index => $refused - 1, message_id => "m-$refused", status => 'refused', reason => 'refused' }]) },
        'delivered, one refused, the rest waits');

    $up->behave();
    is_emptied($nginx);

    is join(' ', sort { $a <=> $b } keys %{{ map { $_ => 1 } events_of($up->requests) }}), '1 4 5 6 7 8 9',
        'all are sent in the end';
};


section 'delivered: attempts are used up' => sub {
    for (
        [ 'with a spool', '', 202 ],
        [ 'without', undef, 503 ],
    ) {
        my ($what, $spool, $status) = @$_;
        my $up = Pintag::StandIn->new(status => 503);
        my $nginx = nginx($up, $spool, 'pintag_retry attempts=2 min=10ms max=20ms;');
        my $answer = $nginx->post('/collect', body(1));

        answers($answer, $status, $status == 202
            ? { good(received => 1, delivered => 0, stored => 1) }
            : { bad(error => 'not_delivered', received => 1, delivered => 0, failed => 1, events => [{ index => 0,
                message_id => 'm-1', status => 'failed', reason => 'upstream_error' }]) },
            "delivered, $what, attempts used up");

        $up->behave();

        if ($status == 202) {
            is_emptied($nginx);
            is +(events_of($up->requests))[-1], 1, 'it is tried on, and delivered';

        } else {
            sleep 0.3;
            is scalar($up->requests), 2, 'it is not tried on';
        }
    }
};


section 'the Conversions API, and an event that has two destinations' => sub {
    for my $mode ('delivered timeout=500ms', 'stored', 'received') {
        my ($tag, $api) = (Pintag::StandIn->new, Pintag::StandIn->new(act => 'hold'));
        my $nginx = api_nginx($tag->port,
            config => 'tagId: "2612826764086"',
            http => 'pintag_spool spool;',
            server => 'server_name localhost; location /pinterest/v5/ { internal; proxy_pass http://127.0.0.1:'
                      . $api->port . '/v5/; }',
            collect => "pintag_ack $mode;");
        my $answer = $nginx->post('/collect', api_batch(1 .. 3));

        answers($answer, 202, { good(received => 3,
            $mode =~ /delivered/ ? (delivered => 0, stored => 3) : $mode eq 'stored' ? (stored => 3) : ()) },
            "$mode, two destinations, one does not answer: an event counts once");

        is scalar(grep { /^P\t/ && /\tapi:/ } spooled($nginx)), 3, 'what is for it is in the spool'
            unless $mode eq 'received';
        ok eventually(sub { !grep { /^P\t/ && /\ttag:/ } spooled($nginx) }),
            'what is for the other one was delivered';

        $api->behave();
        $api->release(3);
        is_emptied($nginx);
        eventually(sub { 3 == api_events_of($api->requests) && 3 == events_of($tag->requests) });
        is join(' ', sort { $a <=> $b } api_events_of($api->requests)), '1 2 3', 'each arrives, once';
        is join(' ', sort { $a <=> $b } events_of($tag->requests)), '1 2 3', 'at both';
    }
};


section 'a pixel\'s GET; a preview' => sub {
    my $up = Pintag::StandIn->new(act => 'hold');
    my $nginx = nginx($up, '', 'pintag_ack stored;', at => '/v1/pixel/',
        server => 'location /preview { pintag_integrations %%DATA%%/integrations.yaml;'
                  . 'pintag_pass /pinterest; pintag_ack stored; pintag_preview on; }');
    my $data = 'eyJldmVudCI6IkxlYWQifQ';
    my $answer = $nginx->client->get("/v1/pixel/track?data=$data")->answer(2);

    is $answer->{status}, 200, 'an image: 200 once it is stored';
    is $answer->{headers}{'content-type'}, 'image/gif', 'with an image';
    is scalar(spooled($nginx)), 1, 'it is in the spool';

    $answer = $nginx->client->get("/v1/pixel/track?data=$data", Accept => 'application/json')->answer(2);
    is $answer->{status}, 202, 'who asks for JSON is told: 202';
    is scalar(spooled($nginx)), 2, 'it is in the spool, too';

    $answer = $nginx->post('/preview', body(1));
    is $answer->{status}, 200, 'a preview: 200';
    is scalar(spooled($nginx)), 2, 'and nothing is spooled';
    $up->behave();
    $up->release(2);
    is_emptied($nginx);
};


section 'the spool is full: 503 from then on, the oldest is kept; when it drains, it takes again' => sub {
    my $up = Pintag::StandIn->new;
    my $nginx = nginx($up, 'max_size=128k file_size=64k',
        'pintag_ack stored; pintag_retry min=50ms max=100ms;',
        server => 'location = /delivered { pintag_integrations %%DATA%%/integrations.yaml; pintag_pass /pinterest;'
                  . 'pintag_ack delivered timeout=300ms; pintag_retry min=50ms max=100ms; }');

    $up->refuse;

    my (@taken, @refused, $answer);

    for (my $n = 1; $n < 4000 && @refused < 5; $n += 10) {
        $answer = $nginx->post('/collect', batch($n .. $n + 9));
        push @{ $answer->{status} == 202 ? \@taken : \@refused }, $n .. $n + 9;
        last if $answer->{status} != 202;
    }

    # where ten have no room a small one may, once it is looked at again
    sleep 1.5;

    for my $n (4000 .. 4020) {
        my $small = { type => 'track', event => 'X', messageId => "$n", properties => { order_id => "o-$n" } };

        last if $nginx->post('/collect', encode_json($small))->{status} != 202;
        push @taken, $n;
    }

    ok @refused && @taken > 50, scalar(@taken) . ' events are in 128k, then it is full';
    answers($answer, 503, { bad(error => 'not_stored', received => 10, failed => 10, events => [map { {
        index => $_, message_id => "m-" . ($refused[0] + $_), status => 'failed', reason => 'spool_full' } } 0 .. 9]) },
        'stored, the spool is full');

    # larger than what was refused: no more room may be left than that takes
    my $large = $json->decode($mixed);
    $_->{properties}{order_id} = 'x' x 3000 for @$large[0, 3];
    answers($nginx->post('/collect', $json->encode($large)), 503, { bad(error => 'not_stored', received => 4, failed => 2,
        skipped => 1, rejected => 1, events => [
            { index => 0, message_id => 'm-1', status => 'failed', reason => 'spool_full' }, @others,
            { index => 3, message_id => 'm-4', status => 'failed', reason => 'spool_full' }]) },
        'a skipped and a rejected one among them') if @refused;

    my $failed = 0;

    for my $n (3001 .. 3010) {
        $failed++ if $nginx->post('/collect', batch($n * 10 .. $n * 10 + 9))->{status} == 503;
    }

    is $failed, 10, 'and so is what comes later';
    answers($nginx->post('/delivered', batch(5000 .. 5009)), 503, { bad(error => 'not_delivered', received => 10,
        delivered => 0, failed => 10, events => [map { { index => $_, message_id => 'm-' . (5000 + $_),
        status => 'failed', reason => 'timeout' } } 0 .. 9]) }, 'delivered, its time is over, the spool is full');
    answers($nginx->post('/collect', '{"type":"identify"}'), 200, { good(received => 1, delivered => 0,
        skipped => 1, events => [{ index => 0, %$skipped }]) }, 'what is skipped needs no room');

    $up->accept;
    is_emptied($nginx, 'Pinterest is back: the spool is emptied');
    arrived($up, \@taken, 'what was answered 202 arrives, the oldest, too, and nothing of what was refused');
    answers($nginx->post('/collect', body(6000)), 202, { good(received => 1, stored => 1) },
            'it takes events again');
    arrived($up, [@taken, 6000], 'and delivers them');
};


section 'the spool is full, and there is a fallback' => sub {
    for my $works (1, 0) {
        my ($up, $fallback) = (Pintag::StandIn->new, Pintag::StandIn->new($works ? () : (status => 500)));
        my $nginx = nginx($up, 'max_size=128k file_size=64k',
            'pintag_ack stored; pintag_fallback /fallback; pintag_retry attempts=2 min=10ms max=20ms;',
            server => 'location = /fallback { internal; proxy_pass http://127.0.0.1:' . $fallback->port . '; }');
        my (@answers, $n);

        $up->refuse;

        for ($n = 1; $n < 4000; $n += 10) {
            push @answers, $nginx->post('/collect', batch($n .. $n + 9));
            last if $fallback->requests;
        }

        ok scalar($fallback->requests), 'the spool is full: the fallback is asked';
        is scalar(grep { $_->{status} != 202 } @answers[0 .. $#answers - 1]), 0, 'until then it is 202';

        if ($works) {
            answers($answers[-1], 202, { good(received => 10, stored => 10) }, 'stored by the fallback');

        } else {
            answers($answers[-1], 503, { bad(error => 'not_stored', received => 10, failed => 10, events => [map { {
                index => $_, message_id => "m-" . ($n + $_), status => 'failed', reason => 'spool_full' } } 0 .. 9]) },
                'the fallback refuses, too');
        }

        $up->accept;
        is_emptied($nginx);
        arrived($up, [1 .. $n - 1], 'what the spool did not take is not sent');
    }
};


section 'delivered, no spool, a fallback' => sub {
    my ($up, $fallback) = (Pintag::StandIn->new(status => 503), Pintag::StandIn->new);
    my $nginx = nginx($up, undef, 'pintag_fallback /fallback; pintag_retry attempts=2 min=10ms max=20ms;',
        server => 'location = /fallback { internal; proxy_pass http://127.0.0.1:' . $fallback->port . '; }');

    answers($nginx->post('/collect', body(1)), 202, { good(received => 1, delivered => 0, stored => 1) },
            'delivered, attempts used up, the fallback takes it');
    is scalar($fallback->requests), 1, 'it was asked once';
};


section 'received, neither a spool nor a fallback: what is lost is told' => sub {
    my $up = Pintag::StandIn->new(status => 503);
    my $nginx = nginx($up, undef, 'pintag_ack received; pintag_retry attempts=2 min=10ms max=20ms;');

    is $nginx->post('/collect', batch(1, 2))->{status}, 202, 'two events are received';
    ok $nginx->wait_log(qr/\[error\].*m-$_\b/), "the error log names event $_" for 1, 2;

    $up->behave();
    is $nginx->post('/collect', body(3))->{status}, 202, 'it goes on';
    ok eventually(sub { grep { $_ == 3 } numbers($up) }), 'and delivers';
};


section 'the queue is full: 429 without a spool' => sub {
    for my $mode ('delivered', 'received') {
        my $up = Pintag::StandIn->new(act => 'hold');
        my $nginx = nginx($up, undef, "pintag_ack $mode; pintag_window tag=4;", http => 'pintag_queue 10;');
        my $full = { bad(error => 'queue_full') };
        my @clients = $nginx->client->post('/collect', batch(1 .. 25));

        # more than there is room for, and room for all there is
        $up->wait_for(4, 5, arrived => 1) or die 'nothing in flight';
        answers($nginx->post('/collect', body(30)), 429, $full, "$mode, one request of 25 fills a queue of 10");

        $up->behave();
        $up->release(25);
        is $clients[0]->answer(5)->{status}, $mode eq 'delivered' ? 200 : 202, 'it was let in itself, being alone';
        arrived($up, [1 .. 25]);

        $up->behave(act => 'hold');
        push @clients, $nginx->client->post('/collect', batch(41 .. 44));
        $up->wait_for(29, 5, arrived => 1) or die 'nothing in flight';
        push @clients, map { $nginx->client->post('/collect', batch(2 * $_ - 1, 2 * $_)) } 23 .. 25;
        sleep 0.1;
        answers($nginx->post('/collect', body(51)), 429, $full, "$mode, 10 events of several requests fill it");
        answers($nginx->post('/collect', batch(51 .. 80)), 429, $full, 'a large request is not let in');
        answers($nginx->post('/collect', '{"type":"identify"}'), 200, { good(received => 1, delivered => 0, skipped => 1,
            events => [{ index => 0, %$skipped }]) }, 'what is not delivered needs no room');

        $up->behave();
        $up->release(10);
        is join(' ', map { my $answer = $_->answer(5); $answer ? $answer->{status} : '-' } @clients[1 .. 4]),
            join(' ', ($mode eq 'delivered' ? 200 : 202) x 4), 'those before it are answered';
        arrived($up, [1 .. 25, 41 .. 50]);
        is $nginx->post('/collect', batch(52 .. 61))->{status}, $mode eq 'delivered' ? 200 : 202,
            'there is room again';
        arrived($up, [1 .. 25, 41 .. 50, 52 .. 61], 'and nothing of what was answered 429 is sent');
        is join('', $nginx->errors('crit', 'alert', 'emerg')), '', 'no alert';
    }
};


section 'the queue is full: by size' => sub {
    my $up = Pintag::StandIn->new(act => 'hold');
    my $nginx = nginx($up, undef, 'pintag_ack received;', http => 'pintag_queue 10000 size=16k;');
    my (@taken, @answers);

    for (my $n = 1; $n < 1000; $n += 20) {
        push @answers, $nginx->post('/collect', batch($n .. $n + 19));
        push @taken, $n .. $n + 19 if $answers[-1]{status} == 202;
    }

    my %times;
    $times{ $_->{status} }++ for @answers;

    is join(' ', sort keys %times), '202 429', 'a queue of 16k: some are let in, then 429';
    answers($answers[-1], 429, { bad(error => 'queue_full') }, 'the last one');

    $up->behave();
    $up->release(16);
    arrived($up, \@taken);

    my $bytes = 0;
    $bytes += length $_->{uri} for $up->requests;
    cmp_ok $bytes, '<=', 16384, "what was let in is $bytes bytes of URIs";
    is $nginx->post('/collect', batch(2001 .. 2020))->{status}, 202, 'there is room again';

    # one that is larger than the queue
    eventually(sub { numbers($up) == @taken + 20 });
    is $nginx->post('/collect', batch(3001 .. 3400))->{status}, 202, 'one large request is let in when nothing waits';
    arrived($up, [@taken, 2001 .. 2020, 3001 .. 3400]);
};


section 'the queue is full: with a spool the rest goes there only' => sub {
    for my $mode ('delivered timeout=5s', 'stored', 'received') {
        my $up = Pintag::StandIn->new(act => 'hold');
        my $nginx = nginx($up, '', "pintag_ack $mode; pintag_window tag=4;", http => 'pintag_queue 10;');
        my $first = $nginx->client->post('/collect', batch(1 .. 10));

        $up->wait_for(4, 5, arrived => 1) or die 'nothing in flight';

        my $body = $mode eq 'received' ? { good(received => 40) }
                                       : { good(received => 40, $mode eq 'stored' ? () : (delivered => 0), stored => 40) };
        my $answer = $nginx->post('/collect', batch(11 .. 50));
        my %got = %{ answer_of($answer) };

        # what is said of the number that is stored may be said in any mode
        $body = { %$body, map { exists $got{$_} ? ($_ => $_ eq 'stored' ? 40 : 0) : () } qw(stored delivered) };
        answers($answer, 202, $body, "$mode, the queue is full");
        is scalar(grep { /o-(\d+)&/ && $1 > 10 } spooled($nginx)), 40, 'they are in the spool';

        $up->behave();
        $up->release(4);
        is $first->answer(5)->{status}, $mode =~ /delivered/ ? 200 : 202, 'those that filled it are answered';
        arrived($up, [1 .. 50], 'all are sent, each once');
        is_emptied($nginx);
        is join('', $nginx->errors), '', 'no error';
    }
};


section 'clients that leave at once' => sub {
    for (
        [ 'delivered', undef ], [ 'delivered', '' ],
        [ 'stored', '' ], [ 'stored', 'sync=commit' ],
        [ 'received', undef ], [ 'received', '' ],
    ) {
        my ($mode, $spool) = @$_;
        my $up = Pintag::StandIn->new(delay => 0.02);
        my $nginx = nginx($up, $spool, "pintag_ack $mode;");
        my ($worker) = $nginx->worker_pids;

        $nginx->client->post('/collect', body($_))->reset for 1 .. 50;

        arrived($up, [1 .. 50], "$mode, " . (defined $spool ? $spool || 'a spool' : 'no spool')
                                . ': events of 50 clients that have left arrive, each once');
        is_emptied($nginx);
        is join(' ', $nginx->worker_pids), $worker, 'the worker is the same';
        is join('', $nginx->errors), '', 'no error';
    }
};


section 'clients that leave at once, and Pinterest is away' => sub {
    for my $mode ('delivered timeout=300ms', 'stored', 'received') {
        my $up = Pintag::StandIn->new(act => 'away', status => 503);
        my $nginx = nginx($up, '', "pintag_ack $mode; pintag_retry attempts=2 min=20ms max=50ms;");

        $nginx->client->post('/collect', body($_))->reset for 1 .. 20;
        sleep 0.6;
        $up->behave();

        my %times;

        ok eventually(sub {
            %times = ();
            $times{$_}++ for events_of(grep { $_->{act} eq 'answer' } $up->requests);
            return keys %times == 20 && !spool_files($nginx);
        }), "$mode, clients have left, Pinterest is away: all is delivered when it is back"
            or diag join ' ', %times;
        is join(' ', map { $times{$_} } sort keys %times), join(' ', (1) x 20), 'once';
        is join('', $nginx->errors('alert', 'crit', 'emerg')), '', 'no alert';
    }
};


run_sections();
done_testing();
