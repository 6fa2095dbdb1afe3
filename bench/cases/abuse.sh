# shellcheck shell=bash disable=SC2034,SC2154
#
# abuse: what good clients notice of bad ones.  nginx with the limits of
# conf-examples/production.conf, without TLS, one worker; 400 events a second
# from 20 addresses, for --seconds (60) alone and then as long with bench/abuse
# beside them: slow headers and bodies, resets, streams that are reset, 10,000
# idle connections, oversized requests.  In turn, --rounds times (5): where p99
# of the same load differs from one minute to the next by more than abuse
# changes it, only neighbours compare.
#
# script/bench abuse

seconds=60
addresses=20
rate=400
lead=10                 # seconds until all of the idle connections are there


# the example's http block, but for what a stub has not
abuse_http() {
    sed -nE '/^http \{/,/^\}/p' conf-examples/production.conf | sed '1d;$d' | sed -E "
        /^ *(proxy_ssl|ssl_certificate|keepalive_timeout|access_log)/d
        /^ *upstream pinterest \{/,/\}/d
        /^ *upstream pinterest_api \{/,/\}/d
        s,https://pinterest(_api)?/,http://pinterest/,
        s,/var/lib/nginx/pintag,$home/spool,
        s,integrations\.yaml,$dir/both.yaml,
        s,^( *)listen +443 ssl;,\1listen 127.0.0.1:$nginx_port backlog=4096;\n\1listen 127.0.0.1:$http2_port$http2 backlog=4096;$http2_on,"
}


# abuse_good variant round: figures of bench/load, and how much of its core the
# worker took
abuse_good() {
    local name value cpu_begin

    cpu_begin=$(cpu_us "$worker")

    while read -r name value; do
        record "$1" "$2" "$name" "$value"
    done < <(taskset -c "$cpu_load" "$tools/load" -r $rate -t "$seconds" -a $addresses \
                 "$nginx_port" /pintag "$dir/good.json")

    record "$1" "$2" busy "$(divide $(($(cpu_us "$worker") - cpu_begin)) "$seconds" 1e-6 3)"
}


# abuse_beside round: the same beside bench/abuse, and what that did
abuse_beside() {
    local kind opened sent closed

    # of the core that both share it takes what the good clients leave
    nice -n 19 taskset -c "$cpu_load" "$tools/abuse" "$nginx_port" "$http2_port" /pintag shop-web-1 \
        "$dir"/abuse-*.json "$dir"/abuse-*.gz > "$dir/abuse.out" &
    other_pids+=($!)
    sleep $lead

    abuse_good beside "$1"

    kill -TERM "${other_pids[-1]}" 2> /dev/null \
        || fail "bench/abuse has ended too early, and says above why" \
                "it opens some 11,000 files, and nginx as many: ulimit -Hn 20000"
    wait "${other_pids[-1]}" || true
    other_pids=()

    while read -r kind opened sent closed; do
        record "$kind" "$1" opened "$opened"
        record "$kind" "$1" sent "$sent"
        record "$kind" "$1" closed "$closed"
    done < "$dir/abuse.out"
}


bench_run() {
    local version round

    [ $# = 0 ] || fail "unknown argument \"$1\"" "usage: script/bench abuse"

    worker_connections=16384
    bench_begin perl

    bench_tools abuse

    http2_port=$(free_port)
    version=$(nginx_version)

    if printf '1.25.1\n%s\n' "$version" | sort -CV; then
        http2='' http2_on=' http2 on;'
    else
        http2=' http2' http2_on=''
    fi

    ( umask 077; echo pina_of_the_bench > "$dir/pinterest.token" )
    printf '%s\n' '- name: pinterest' '  config:' '    tagId: "2612826764086"' \
                  '    adAccountId: "549755885175"' "    accessTokenFile: $dir/pinterest.token" \
                  > "$dir/both.yaml"
    sed 's/^{/{"writeKey":"shop-web-1",/' bench/event.json > "$dir/good.json"

    abuse_bodies

    stub_start
    home=$dir/abuse
    nginx_start abuse < <(abuse_http)

    for round in $(seq "$rounds"); do
        wait_quiet
        say "round $round of $rounds"
        abuse_good alone "$round"
        abuse_beside "$round"
    done

    abuse_table
}


# what is large, or takes long to read, within pintag_max_body and beyond
abuse_bodies() {
    perl -e '
        my ($dir) = @ARGV;
        my %bodies = (
            events => q({"batch":[) . join(",", (q({"type":"page"})) x 30000) . "]}",
            keys   => q({"type":"track","event":"x","properties":{)
                      . join(",", map { qq("k$_":1) } 1 .. 40000) . "}}",
            deep   => ("[" x 100000) . ("]" x 100000),
            broken => q({"type":"track","event":") . ("x" x 500000),
            zeros  => " " x 200_000_000,
        );

        for (keys %bodies) {
            open my $out, ">", "$dir/abuse-$_.json" or die $!;
            print $out $bodies{$_};
            close $out or die $!;
        }' "$dir" || fail "the bodies could not be written" "is there room in $dir?"

    gzip -9 "$dir/abuse-zeros.json"
}


abuse_table() {
    local variant kind m least most
    local row="%-8s %8s %8s %8s %8s %8s %22s %8s\n"

    echo
    echo "$rate events a second from $addresses addresses for $seconds s each, $rounds times in turn: the sum, or the"
    echo "median [least most]; without an answer is \"errors\"."
    echo

    # shellcheck disable=SC2059
    printf "$row" "" sent 2xx others errors "p50 us" "p99 us" busy

    for variant in alone beside; do
        read -r m least most < <(values $variant p99_us | spread %.0f)

        # shellcheck disable=SC2059
        printf "$row" $variant \
            "$(total $variant sent)" "$(total $variant ok)" \
            "$(total $variant refused)" "$(total $variant errors)" \
            "$(values $variant p50_us | middle %.0f)" "$m [$least $most]" \
            "$(values $variant busy | middle %.3f)"
    done

    read -r m least most < <(ratios beside alone p99_us | spread %.2f)

    echo
    echo "p99 beside / alone: $m [$least $most]"
    echo
    echo "What the others did (opened, sent, closed by nginx):"

    while read -r kind _; do
        echo "$kind $(total "$kind" opened) $(total "$kind" sent) $(total "$kind" closed)"
    done < "$dir/abuse.out"

    echo
    echo "nginx's error_log: $(wc -l < "$home/error.log") lines, $(grep -cE '\[(crit|alert|emerg)\]' "$home/error.log" || true) of them [crit] or worse"
}


# total variant metric: the sum of all rounds
total() {
    values "$1" "$2" | awk '{ n += $1 } END { printf "%d\n", n }'
}
