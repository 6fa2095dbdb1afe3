# shellcheck shell=bash disable=SC2034,SC2154
#
# fleet: one to four nginx with the module, each with a spool of its own, behind
# an nginx that balances: what an event takes of each, how evenly they are used;
# and whether anything is lost when one of three is killed under load and another
# takes its place and its spool.
#
# Load, stand-in and balancer have one core, the others the rest: with two cores
# more instances do not make more events a second, only as many for the same CPU.

rounds=3
instances=4

# events a second while one is killed, and for how long
rate=400
killed_after=5
replaced_after=5
killed_seconds=20


# fleet_instance number: its http block
fleet_instance() {
    cat <<END
    pintag_spool spool sync=1s;

    server {
        listen 127.0.0.1:$nginx_port backlog=4096;

        location = /pintag {
            pintag_integrations $root/t/data/integrations.yaml;
            pintag_pass /pinterest;
            pintag_ack stored;
        }

$(pinterest_location)
    }
END
}


# fleet_balancer port ...
fleet_balancer() {
    local port

    echo "    upstream fleet {"
    printf '        server 127.0.0.1:%s max_fails=1 fail_timeout=2s;\n' "$@"
    cat <<END
        keepalive 256;
        keepalive_requests 100000000;
    }

    server {
        listen 127.0.0.1:$nginx_port backlog=4096;

        location / {
            proxy_pass http://fleet;
            proxy_http_version 1.1;
            proxy_set_header Connection "";

            # an event that comes twice counts once: it has an id
            proxy_next_upstream error timeout non_idempotent;
        }
    }
END
}


# fleet_start count: instances one, two ... and the balancer, which is the one
# that is meant from then on
fleet_start() {
    local i

    ports=()

    for ((i = 1; i <= $1; i++)); do
        cpu_nginx=${cpus_fleet[i % ${#cpus_fleet[@]}]}
        nginx_port=$(free_port)
        ports+=("$nginx_port")
        nginx_start "instance$i" < <(fleet_instance "$i")
    done

    cpu_nginx=$cpu_load
    nginx_port=$(free_port)
    nginx_start balancer < <(fleet_balancer "${ports[@]}")
}


fleet_stop() {
    local name

    for name in "${!nginx_all[@]}"; do
        nginx_use "$name"
        nginx_stop
    done
}


# fleet_cpu name: microseconds of its worker
fleet_cpu() {
    local all pid

    read -r _ pid _ <<< "${nginx_all[$1]}"
    cpu_us "$pid"
}


# fleet_load count round
fleet_load() {
    local n=$1 round=$2 i before=() balancer sum=0 least=0 most=0 used events

    stub_start
    fleet_start "$n"
    wait_quiet

    load_run 64 /pintag bench/event.json -t 1
    wait_delivered $((wrk_requests - wrk_refused))
    events=$(stub_count events)

    for ((i = 1; i <= n; i++)); do
        before[i]=$(fleet_cpu "instance$i")
    done

    balancer=$(fleet_cpu balancer)

    load_run 64 /pintag bench/event.json -t "$seconds"
    wait_delivered $((events + wrk_requests - wrk_refused))
    events=$(($(stub_count events) - events))

    for ((i = 1; i <= n; i++)); do
        used=$(($(fleet_cpu "instance$i") - before[i]))
        sum=$((sum + used))
        [ $i != 1 ] && [ $least -lt $used ] || least=$used
        [ $most -gt $used ] || most=$used
    done

    record "$n" "$round" events_s "$(divide "$events" "$wrk_us" 1e6)"
    record "$n" "$round" event_us "$(divide $sum "$events" 1 2)"
    record "$n" "$round" balancer_us "$(divide $(($(fleet_cpu balancer) - balancer)) "$events" 1 2)"
    record "$n" "$round" least_most "$(divide $least $most 1 2)"
    record "$n" "$round" refused "$((wrk_refused + wrk_errors))"

    fleet_stop
    stub_stop
}


# fleet_kill round: of three the second is killed, and comes back later
fleet_kill() {
    local round=$1 load master pid port name value ok=0 errors=0 refused=0 p99=0 left

    stub_start
    fleet_start 3
    wait_quiet

    taskset -c "$cpu_load" "$tools/load" -r $rate -t $killed_seconds "$nginx_port" /pintag \
        bench/event.json > "$dir/kill.out" &
    load=$!
    other_pids+=("$load")

    sleep $killed_after
    read -r master pid port <<< "${nginx_all[instance2]}"
    kill -KILL "$master" "$pid"

    sleep $replaced_after
    left=$(cat "$dir/instance2/spool"/*.spool | grep -c '^P' || true)
    nginx_port=$port
    home=$dir/instance2
    nginx_launch

    wait $load || fail "bench/load failed" "$(cat "$dir/kill.out")"

    while read -r name value; do
        case $name in
        ok | errors | refused)
            printf -v "$name" %s "$value"
            ;;
        p99_us)
            p99=$value
            ;;
        esac
    done < "$dir/kill.out"

    wait_delivered "$ok"
    sleep 2

    record killed "$round" ok "$ok"
    record killed "$round" not_answered "$((errors + refused))"
    record killed "$round" left "$left"
    record killed "$round" extra "$(($(stub_count events) - ok))"
    record killed "$round" p99_us "$p99"

    fleet_stop
    stub_stop
}


bench_run() {
    local round n

    [ $# = 0 ] || fail "unknown argument \"$1\"" "usage: script/bench fleet"

    bench_begin
    mapfile -t cpus_fleet < <(allowed_cpus | grep -vx "$cpu_load" || echo "$cpu_load")

    for round in $(seq "$rounds"); do
        for ((n = 1; n <= instances; n++)); do
            ! wanted "$n" || fleet_load "$n" "$round"
        done

        ! wanted killed || fleet_kill "$round"
    done

    fleet_table
}


fleet_table() {
    local n

    printf '\nmedians of %s rounds; CPU in microseconds an event\n\n' "$rounds"
    printf '%-10s %10s %10s %10s %12s %8s\n' instances events/s instance balancer least/most refused

    for ((n = 1; n <= instances; n++)); do
        ! wanted "$n" || printf '%-10s %10s %10s %10s %12s %8s\n' "$n" "$(median "$n" events_s)" \
            "$(median "$n" event_us)" "$(median "$n" balancer_us)" "$(median "$n" least_most)" \
            "$(median "$n" refused)"
    done

    ! wanted killed || {
        echo
        printf '%s\n' \
            "one of three killed at $rate events a second: $(median killed ok) acknowledged," \
            "$(median killed not_answered) not; $(median killed left) waited in the spool of the one that was killed;" \
            "delivered beyond what was acknowledged: $(median killed extra); p99 $(divide "$(median killed p99_us)" 1000 1 1) ms"
    }
}
