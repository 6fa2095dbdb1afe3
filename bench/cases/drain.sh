# shellcheck shell=bash disable=SC2034,SC2154
#
# drain [events]: what an outage leaves in the spool, a million events unless
# told otherwise, is delivered when Pinterest is back: how fast beside the usual
# rate, with how much memory, and how long new events take meanwhile.

rounds=1
per_request=1000        # events
rate=20                 # new events a second, for each acknowledgement
probe_seconds=15        # before the outage


# http_block tag|api
http_block() {
    local integrations

    case $1 in
    tag)
        integrations=$root/t/data/integrations.yaml
        ;;
    api)
        integrations=$dir/api.yaml
        ;;
    esac

    cat <<END
    pintag_spool spool max_size=16g sync=1s;

    server {
        listen 127.0.0.1:$nginx_port backlog=4096;

        pintag_integrations $integrations;
        pintag_max_body 4m;
        pintag_retry min=500ms max=2s;

        location = /stored {
            pintag_pass /pinterest;
            pintag_ack stored;
        }

        location = /received {
            pintag_pass /pinterest;
            pintag_ack received;
        }

        location = /delivered {
            pintag_pass /pinterest;
            pintag_ack delivered timeout=60s;
        }

$(pinterest_location)
    }
END
}


# figure file name: of what bench/load printed
figure() {
    sed -n "s/^$2 //p" "$1" | grep . || echo 0
}


# load_report variant round file what: says and records what was not accepted
load_report() {
    local refused errors

    refused=$(figure "$3" refused)
    errors=$(figure "$3" errors)

    record "$1" "$2" "${4}_refused" "$refused"
    record "$1" "$2" "${4}_errors" "$errors"

    if [ "$refused" != 0 ] || [ "$errors" != 0 ]; then
        say "$1: $4: $refused requests were refused, $errors had no answer:" \
            "$(grep ^status_ "$3" | tr '\n' ' ')"
    fi
}


# normal variant round ack: events a second, from the first request of 1000 to
# the last delivery
normal() {
    local variant=$1 round=$2 ack=$3 count begun

    count=$((events / 5 / per_request))
    [ $count -ge 20 ] || count=20

    stub_start
    nginx_start drain < <(http_block "$variant")
    wait_quiet

    begun=$(ms)
    taskset -c "$cpu_load" "$tools/load" -c 4 -n $count "$nginx_port" "/$ack" "$dir/batch.json" > "$dir/normal"
    wait_delivered $((count * per_request))

    record "$variant" "$round" "normal_${ack}_s" "$(divide $((count * per_request)) $(($(ms) - begun)) 1000)"
    load_report "$variant" "$round" "$dir/normal" "normal_$ack"

    nginx_stop
    stub_stop
}


# probes_start [option ...]: new events, one a request, in both ways
probes_start() {
    taskset -c "$cpu_load" "$tools/load" -r $rate "$@" "$nginx_port" /stored "$bench/event.json" > "$dir/probe.stored" &
    probe_stored=$!
    taskset -c "$cpu_load" "$tools/load" -r $rate "$@" "$nginx_port" /delivered "$bench/event.json" > "$dir/probe.delivered" &
    probe_delivered=$!
    other_pids+=("$probe_stored" "$probe_delivered")
}


# probes_end variant round when
probes_end() {
    local ack name

    wait "$probe_stored" "$probe_delivered" || true
    other_pids=()

    for ack in stored delivered; do
        for name in p50_us p99_us max_us ok; do
            record "$1" "$2" "$3_${ack}_$name" "$(figure "$dir/probe.$ack" $name)"
        done

        load_report "$1" "$2" "$dir/probe.$ack" "$3_$ack"
    done
}


outage() {
    local variant=$1 round=$2 begun at got spooled total cpu last=0 moved loader

    stub_start
    nginx_start drain < <(http_block "$variant")

    # as ever: connections, memory, and how long new events take
    taskset -c "$cpu_load" "$tools/load" -c 4 -n 20 "$nginx_port" /stored "$dir/batch.json" > /dev/null
    wait_delivered $((20 * per_request))
    sleep 3
    record "$variant" "$round" rss_usual_kb "$(memory_kb VmRSS)"
    wait_quiet

    probes_start -t "$probe_seconds"
    probes_end "$variant" "$round" before
    wait_quiet

    # the same while the worker has all it can do, without a drain
    taskset -c "$cpu_load" "$tools/load" -c 4 -n 1000000 "$nginx_port" /delivered "$dir/batch.json" > /dev/null &
    loader=$!
    probes_start -t "$probe_seconds"
    other_pids+=("$loader")
    probes_end "$variant" "$round" loaded
    kill -TERM "$loader"
    wait "$loader" || true
    wait_empty

    # the outage
    stub_stop
    begun=$(ms)
    memory_reset
    taskset -c "$cpu_load" "$tools/load" -c 4 -n $((events / per_request)) "$nginx_port" /stored "$dir/batch.json" \
        > "$dir/fill"
    record "$variant" "$round" fill_s "$(divide "$events" $(($(ms) - begun)) 1000)"
    load_report "$variant" "$round" "$dir/fill" fill
    total=$(($(figure "$dir/fill" ok) * per_request))

    sleep 2
    record "$variant" "$round" rss_filling_kb "$(memory_kb VmHWM)"
    record "$variant" "$round" rss_outage_kb "$(memory_kb VmRSS)"
    spooled=$(du -sb "$home/spool" | cut -f1)
    record "$variant" "$round" spool_bytes "$spooled"

    wait_quiet

    # Pinterest is back: from its first event on
    memory_reset
    stub_start
    begun=$(ms)

    while [ "$(stub_count events)" = 0 ]; do
        [ $(($(ms) - begun)) -lt 30000 ] || { say "$variant: nothing is sent 30 s after the outage"; break; }
        sleep 0.02
    done

    record "$variant" "$round" resume_ms $(($(ms) - begun))
    begun=$(ms)
    moved=$begun
    cpu=$(cpu_ms "$worker")
    perf_start "$variant drain"
    probes_start

    while :; do
        got=$(stub_count events)
        at=$(ms)

        # time in ms, events, kB: a row of its own, for charts
        record "$variant" "$round" "drain_at_$((at - begun))" "$got;$(memory_kb VmRSS)"

        [ "$got" -lt "$total" ] || break

        if [ "$got" != "$last" ]; then
            last=$got
            moved=$at
        elif [ $((at - moved)) -gt 30000 ]; then
            say "$variant: the drain stands at $got of $total for 30 s"
            break
        fi

        sleep 0.1
    done

    record "$variant" "$round" drain_s "$(divide "$got" $((at - begun)) 1000)"
    record "$variant" "$round" drain_ms $((at - begun))
    record "$variant" "$round" drain_busy "$(divide $(($(cpu_ms "$worker") - cpu)) $((at - begun)) 1 2)"
    record "$variant" "$round" drain_cpu_us "$(divide $(($(cpu_ms "$worker") - cpu)) "$got" 1000 1)"
    record "$variant" "$round" rss_drain_kb "$(memory_kb VmHWM)"

    perf_stop
    kill -TERM "$probe_stored" "$probe_delivered"
    probes_end "$variant" "$round" during

    sleep 2
    wait_empty

    total=$((total + $(figure "$dir/probe.stored" ok) + $(figure "$dir/probe.delivered" ok)))
    record "$variant" "$round" extra $(($(stub_count events) - total))
    record "$variant" "$round" rss_end_kb "$(memory_kb VmRSS)"

    nginx_stop
    stub_stop
}


bench_run() {
    local round each ack

    events=${1-1000000}

    [[ $events =~ ^[1-9][0-9]*000$ ]] || fail "\"$events\" is no number of thousands" "usage: script/bench drain [events]"

    bench_begin

    ( umask 077; echo pina_of_the_bench > "$dir/pinterest.token" )
    printf '%s\n' '- name: pinterest' '  config:' '    adAccountId: "549755885175"' \
                  "    accessTokenFile: $dir/pinterest.token" > "$dir/api.yaml"

    {
        printf '{"batch":['
        seq $per_request | sed 's/.*/{"type":"track","event":"Order Completed","messageId":"ajs-next-1711-41b70e4a-&","userId":"u-&","context":{"ip":"203.0.113.7","userAgent":"Mozilla\/5.0 (X11; Linux x86_64)"},"properties":{"order_id":"o-&","revenue":25.0,"currency":"USD"}}/' | paste -sd,
        printf ']}'
    } > "$dir/batch.json"

    for round in $(seq "$rounds"); do
        for each in tag api; do
            wanted $each || continue

            for ack in received stored delivered; do
                say "round $round of $rounds: $each, as usual, $ack"
                for _ in 1 2 3; do
                    normal $each "$round" $ack
                done
            done

            say "round $round of $rounds: $each, an outage of $events events"
            outage $each "$round"
        done
    done

    for each in tag api; do
        ! wanted $each || drain_table $each
    done
}


drain_table() {
    local each=$1 ack when row="  %-44s %12s %8s\n" usual

    mb() {
        divide "$(median "$each" "rss_$1_kb")" 1024 1 1
    }

    # shellcheck disable=SC2059
    {
        echo
        echo "$each: $events events of an outage, requests of $per_request, medians of $rounds rounds"
        printf "$row" "spool, MB" "$(divide "$(median "$each" spool_bytes)" 1000000)" ""
        printf "$row" "stored in the outage, events/s" "$(median "$each" fill_s)" ""
        printf "$row" "first delivery after the outage, ms" "$(median "$each" resume_ms)" ""
        printf "$row" "drain, events/s" "$(median "$each" drain_s)" ratio

        for ack in received stored delivered; do
            usual=$(median "$each" "normal_${ack}_s")
            printf "$row" "usual rate, $ack, events/s; drain to it" "$usual" \
                   "$(divide "$(median "$each" drain_s)" "$usual" 1 2)"
        done

        printf "$row" "worker's CPU in the drain, us an event; busy" "$(median "$each" drain_cpu_us)" \
               "$(median "$each" drain_busy)"

        printf "$row" "resident, MiB: as usual" "$(mb usual)" ""
        printf "$row" "  most while events were stored" "$(mb filling)" ""
        printf "$row" "  in the outage, before the drain" "$(mb outage)" ""
        printf "$row" "  most in the drain" "$(mb drain)" ""
        printf "$row" "  after it" "$(mb end)" ""

        printf "  %-30s %8s %8s %8s %12s %12s\n" "new events, $rate a second, ms" \
               idle "at load" drain "drain/idle" "drain/load"

        for ack in stored delivered; do
            for when in p50 p99 max; do
                printf "  %-30s %8s %8s %8s %12s %12s\n" "  $ack, $when" \
                    "$(divide "$(median "$each" "before_${ack}_${when}_us")" 1000 1 2)" \
                    "$(divide "$(median "$each" "loaded_${ack}_${when}_us")" 1000 1 2)" \
                    "$(divide "$(median "$each" "during_${ack}_${when}_us")" 1000 1 2)" \
                    "$(ratio_of "$each" "during_${ack}_${when}_us" "before_${ack}_${when}_us")" \
                    "$(ratio_of "$each" "during_${ack}_${when}_us" "loaded_${ack}_${when}_us")"
            done
        done

        printf "$row" "delivered more than accepted" "$(median "$each" extra)" ""
    }
}


ratio_of() {
    local a b

    a=$(median "$1" "$2")
    b=$(median "$1" "$3")
    divide "${a/-/0}" "${b/-/0}" 1 2
}
