# shellcheck shell=bash disable=SC2154
#
# spool: what an acknowledgement costs.  One event a request, 256 connections,
# a worker at its limit; pintag_ack received, stored with both ways to sync, and
# delivered, to the Tag and to the Conversions API.

variants=(received 'stored sync=1s' 'stored sync=commit' delivered)


# http_block tag|api "acknowledgement": for nginx_start
http_block() {
    local integrations spool=

    case $2 in
    "stored "*)
        spool="pintag_spool spool max_size=8g ${2#stored };"
        ;;
    esac

    case $1 in
    tag)
        integrations=$root/t/data/integrations.yaml
        ;;
    api)
        integrations=$dir/api.yaml
        ;;
    esac

    cat <<END
    $spool

    server {
        listen 127.0.0.1:$nginx_port backlog=4096;

        location = /collect {
            pintag_integrations $integrations;
            pintag_pass /pinterest;
            pintag_ack ${2%% *};
        }

$(pinterest_location)
    }
END
}


bench_run() {
    local round transport ack variant body

    [ $# = 0 ] || fail "unknown argument \"$1\"" "usage: script/bench spool"

    bench_begin wrk

    ( umask 077; echo pina_of_the_bench > "$dir/pinterest.token" )
    printf '%s\n' '- name: pinterest' '  config:' '    adAccountId: "549755885175"' \
                  "    accessTokenFile: $dir/pinterest.token" > "$dir/api.yaml"

    for round in $(seq "$rounds"); do
        say "round $round of $rounds"
        record disk "$round" fdatasync_s "$("$tools/fdatasync" "$dir")"

        for transport in tag api; do
            body=$root/t/data/request.json
            [ $transport = tag ] || body=$bench/event.json

            for ack in "${variants[@]}"; do
                variant="$transport $ack"
                wanted "$variant" || continue

                stub_start
                nginx_start spool < <(http_block $transport "$ack")
                measure "$variant" "$round" 256 /collect "$body"
                nginx_stop
                stub_stop
            done
        done
    done

    spool_table
}


spool_table() {
    local transport ack variant others row="%-24s %9s %6s %9s %6s %9s %9s %8s %5s %6s %8s %8s %6s %6s\n"

    echo
    echo "One worker, 256 connections, one event a request; medians of $rounds rounds of $seconds s, ratios to"
    echo "\"received\".  accepted: 2xx a second; settled: events a second until the last one was delivered."
    echo "The disk alone: $(median disk fdatasync_s) appends of 512 bytes a second, each with fdatasync()."
    echo

    # shellcheck disable=SC2059
    printf "$row" "" accepted/s ratio settled/s ratio refused/s deliver/s "CPU us" busy others "p50 ms" "p99 ms" extra togeth

    for transport in tag api; do
        for ack in "${variants[@]}"; do
            variant="$transport $ack"
            wanted "$variant" || continue

            # shellcheck disable=SC2059
            printf "$row" "$variant" \
                "$(median "$variant" accepted_s)" "$(ratio "$variant" "$transport received" accepted_s)" \
                "$(median "$variant" settled_s)" "$(ratio "$variant" "$transport received" settled_s)" \
                "$(median "$variant" refused_s)" "$(median "$variant" delivered_s)" \
                "$(median "$variant" cpu_us)" "$(median "$variant" busy)" "$(median "$variant" others)" \
                "$(divide "$(median "$variant" p50_us)" 1000 1 1)" \
                "$(divide "$(median "$variant" p99_us)" 1000 1 1)" \
                "$(median "$variant" extra)" "$(median "$variant" together)"
        done
    done

    others=$(awk -F, '$4 == "others" && $5 > 0.05 { n++ } END { print n + 0 }' "$csv")

    [ "$others" = 0 ] \
        || say "$others times others had more than 0.05 of the worker's core: rates are too low then, \"CPU us\" hardly is"
}
