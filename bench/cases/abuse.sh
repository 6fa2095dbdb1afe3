# shellcheck shell=bash disable=SC2034,SC2154
#
# abuse: what good clients notice of bad ones.  nginx with the limits of
# conf-examples/production.conf, without TLS, one worker; 400 events a second
# from 20 addresses, for --seconds (300) alone and then as long with bench/abuse
# beside them: slow headers and bodies, resets, streams that are reset, 10,000
# idle connections, oversized requests.
#
# script/bench abuse

seconds=300
addresses=20
rate=400


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


# figures of bench/load, by variant
abuse_good() {
    local name value

    while read -r name value; do
        record "$1" 1 "$name" "$value"
    done < <(taskset -c "$cpu_load" "$tools/load" -r $rate -t "$seconds" -a $addresses \
                 "$nginx_port" /pintag "$dir/good.json")
}


bench_run() {
    local version cpu_begin begin

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
    wait_quiet

    say "$rate events a second for $seconds s"
    cpu_begin=$(cpu_us "$worker")
    abuse_good alone
    record alone 1 busy "$(divide $(($(cpu_us "$worker") - cpu_begin)) "$seconds" 1e-6 3)"

    # of the core that both share it takes what the good clients leave
    nice -n 19 taskset -c "$cpu_load" "$tools/abuse" "$nginx_port" "$http2_port" /pintag shop-web-1 \
        "$dir"/abuse-*.json "$dir"/abuse-*.gz > "$dir/abuse.out" &
    other_pids+=($!)
    sleep 10

    say "the same with abuse beside it"
    cpu_begin=$(cpu_us "$worker")
    abuse_good beside
    record beside 1 busy "$(divide $(($(cpu_us "$worker") - cpu_begin)) "$seconds" 1e-6 3)"

    kill -TERM "${other_pids[-1]}"
    wait "${other_pids[-1]}" || true
    other_pids=()

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
    local variant row="%-8s %8s %8s %8s %8s %8s %8s %8s\n"

    echo
    echo "$rate events a second from $addresses addresses for $seconds s each; without an answer is \"errors\"."
    echo

    # shellcheck disable=SC2059
    printf "$row" "" sent 2xx others errors "p50 us" "p99 us" busy

    for variant in alone beside; do
        # shellcheck disable=SC2059
        printf "$row" $variant "$(median $variant sent)" "$(median $variant ok)" \
            "$(median $variant refused)" "$(median $variant errors)" \
            "$(median $variant p50_us)" "$(median $variant p99_us)" "$(median $variant busy)"
    done

    echo
    echo "p99 beside / alone: $(ratio beside alone p99_us)"
    echo
    echo "What the others did (opened, sent, closed by nginx):"
    cat "$dir/abuse.out"
    echo
    echo "nginx's error_log: $(wc -l < "$home/error.log") lines, $(grep -cE '\[(crit|alert|emerg)\]' "$home/error.log" || true) of them [crit] or worse"
}
