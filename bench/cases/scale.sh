# shellcheck shell=bash disable=SC2034,SC2154
#
# scale [yyjson] [jansson]: what an event costs and how much memory it takes as
# there is more of something: events so far, rows of customEventsMapping,
# destinations, events that wait, pixels in flight, events in a request; with
# either JSON reader, unless one is named.  --only takes "load*", "rows*",
# "destinations*", "waiting*", "flight*", "batch*".

rounds=3
seconds=3
quiet_wait=2

loads=(10000 100000 1000000)
rows=(1 10 100)
destinations=(1 2 5 10)
waiting=50000           # events
windows=(10 1000)       # pixels in flight


# http_block integrations acknowledgement [directive ...]
http_block() {
    local integrations=$1 ack=$2

    shift 2

    cat <<END
    pintag_queue 1000000 size=4096m;

    server {
        listen 127.0.0.1:$nginx_port backlog=4096;

        client_body_buffer_size 4m;
        pintag_max_body 8m;
        pintag_integrations $integrations;
        $*

        location = /collect {
            pintag_pass /pinterest;
            pintag_ack $ack;
        }

        location = /preview {
            pintag_pass /pinterest;
            pintag_preview on;
        }

$(pinterest_location)
    }
END
}


# begin reader integrations acknowledgement [directive ...]: a stub and a worker
# that has done nothing yet
begin() {
    local reader=$1

    shift
    stub_start
    so=$dir/$reader.so
    nginx_start scale < <(http_block "$@")
}


end() {
    nginx_stop
    stub_stop
}


# send requests [connections]: the single event, unless body is another
send() {
    load_run "${2-32}" /collect "$body" -n "$1"

    if [ "$wrk_refused" != 0 ] || [ "$wrk_errors" != 0 ]; then
        say "$wrk_refused requests were refused, $wrk_errors had no answer"
    fi
}


# --- what is measured

# load_of variant round transport reader: one worker, from its first event on
load_of() {
    local body=$bench/data/single.json count done=0 cpu

    begin "$4" "$dir/$3.yaml" delivered
    record "$1" "$2" rss_0_kb "$(memory_kb VmRSS)"

    for count in "${loads[@]}"; do
        cpu=$(cpu_us "$worker")
        send $((count - done))
        wait_delivered "$count"
        record "$1" "$2" "cpu_${count}_us" "$(divide $(($(cpu_us "$worker") - cpu)) $((count - done)) 1 2)"
        record "$1" "$2" "rss_${count}_kb" "$(memory_kb VmRSS)"
        done=$count
    done

    end
}


# rows_of variant round transport reader count: rows of other events, so that
# all of them are looked at
rows_of() {
    local i

    {
        cat "$dir/$3.yaml"
        echo "    customEventsMapping:"

        for i in $(seq "$5"); do
            printf '      - event: "Other Event %d"\n        mapping: "Lead"\n' "$i"
        done
    } > "$dir/rows.yaml"

    begin "$4" "$dir/rows.yaml" delivered
    measure "$1" "$2" 32 /collect "$bench/data/single.json"
    end
}


# destinations_of variant round transport reader count
destinations_of() {
    local i

    for i in $(seq 0 $(($5 - 1))); do
        sed "s/2612826764086/$((2612826764086 + i))/; s/549755885175/$((549755885175 + i))/" "$dir/$3.yaml"
    done > "$dir/destinations.yaml"

    begin "$4" "$dir/destinations.yaml" delivered
    measure "$1" "$2" 32 /collect "$bench/data/single.json" "$5"
    end
}


# stub_hold: it has answered its last
stub_hold() {
    exec 4<> "/dev/tcp/127.0.0.1/$stub_port" || fail "bench/stub has gone"
    printf 'GET /hold HTTP/1.0\r\n\r\n' >&4
    cat <&4 > "$dir/hold"
    exec 4>&-
}


# payload transport: the bytes of the event as it waits: the query of a pixel,
# the object of an event of the Conversions API
payload() {
    local answer

    exec 4<> "/dev/tcp/127.0.0.1/$nginx_port" || fail "nginx has gone"
    {
        printf 'POST /preview HTTP/1.0\r\nContent-Length: %d\r\n\r\n' "$(stat -c %s "$bench/data/single.json")"
        cat "$bench/data/single.json"
    } >&4
    answer=$(cat <&4)
    exec 4>&-

    case $1 in
    tag)
        answer=$(sed -n 's/.*"uri":"[^?]*?\([^"]*\)".*/\1/p' <<< "$answer")
        ;;
    api)
        answer=$(sed -n 's/.*"body":{"data":\[\(.*\)\]}}.*/\1/p' <<< "$answer")
        ;;
    esac

    [ -n "$answer" ] || fail "the preview of an event was not understood" "see bench/cases/scale.sh, payload"
    LC_ALL=C
    echo ${#answer}
}


# waiting_of variant round transport reader: one event a request, since what a
# large request took and gave back would hide growth
waiting_of() {
    local body=$bench/data/single.json before bytes

    begin "$4" "$dir/$3.yaml" received

    # as ever, first; then nothing is answered any more
    send 2000 4
    wait_delivered 2000
    bytes=$(payload "$3")
    before=$(memory_kb VmRSS)
    stub_hold
    send "$waiting" 4

    record "$1" "$2" payload "$bytes"
    record "$1" "$2" growth_kb $(($(memory_kb VmRSS) - before))
    record "$1" "$2" event_kb "$(divide $(($(memory_kb VmRSS) - before)) "$waiting" 1 3)"
    record "$1" "$2" beyond_kb \
        "$(awk -v g=$(($(memory_kb VmRSS) - before)) -v n="$waiting" -v b="$bytes" \
               'BEGIN { printf "%.3f\n", g / n - b / 1024 }')"

    kill_now
}


# kill_now: without the wait for what nobody will answer
kill_now() {
    kill -KILL "$worker" "$nginx_pid" 2> /dev/null || true
    end
}


# flight_of variant round reader: the same events, with few and with many of them
# in flight
flight_of() {
    local body=$bench/data/single.json window before growth=()

    for window in "${windows[@]}"; do
        begin "$3" "$dir/tag.yaml" received "pintag_window tag=$window;"
        send 1000 4
        wait_delivered 1000
        before=$(memory_kb VmRSS)
        stub_hold
        send 3000 4
        wait_pixels $((1000 + window))
        growth+=($(($(memory_kb VmRSS) - before)))
        record "$1" "$2" "growth_${window}_kb" "${growth[-1]}"
        kill_now
    done

    record "$1" "$2" flight_kb "$(divide $((growth[1] - growth[0])) $((windows[1] - windows[0])) 1 3)"
}


# wait_pixels count: until the stub has got so many, for 10 s
wait_pixels() {
    for _ in $(seq 200); do
        [ "$(stub_count pixels)" -lt "$1" ] || return 0
        sleep 0.05
    done

    say "of $1 pixels in flight $(stub_count pixels) got to the stub in 10 s"
}


# batch_of variant round transport reader: one request of 1000 events is all that
# an idle worker does; before it an event makes the worker touch its code
batch_of() {
    local body=$bench/data/single.json before most

    begin "$4" "$dir/$3.yaml" delivered
    send 1 1
    body=$dir/batch1000.json
    before=$(memory_kb VmRSS)
    memory_reset
    send 1 1
    most=$(memory_kb VmHWM)

    record "$1" "$2" body "$(stat -c %s "$body")"
    record "$1" "$2" growth_kb $((most - before))
    record "$1" "$2" times "$(divide $(((most - before) * 1024)) "$(stat -c %s "$body")" 1 2)"
    end
}


bench_run() {
    local round reader transport count

    readers_wanted "$@"
    builds=no
    bench_begin wrk
    readers_begin

    for round in $(seq "$rounds"); do
        say "round $round of $rounds"

        for reader in "${readers[@]}"; do
            for transport in tag api; do
                # long, and its parts are compared with each other
                [ "$round" != 1 ] || each load_of "load $transport $reader" "$transport" "$reader"

                for count in "${rows[@]}"; do
                    each rows_of "rows $transport $count $reader" "$transport" "$reader" "$count"
                done

                for count in "${destinations[@]}"; do
                    each destinations_of "destinations $transport $count $reader" "$transport" "$reader" "$count"
                done

                each waiting_of "waiting $transport $reader" "$transport" "$reader"
                each batch_of "batch $transport $reader" "$transport" "$reader"
            done

            each flight_of "flight tag $reader" "$reader"
        done
    done

    scale_table
}


# each function variant argument ...: unless --only names others
each() {
    local what=$1 variant=$2

    shift 2
    ! wanted "$variant" || "$what" "$variant" "$round" "$@"
}


# --- what is printed

# figure variant metric format [n]: median of all rounds, divided by n
figure() {
    values "$1" "$2" | awk -v n="${4-1}" '{ print $1 / n }' | middle "$3"
}


# to_first variant reference metric: the ratio of rounds
to_first() {
    ratios "$1" "$2" "$3" | middle %.2f
}


# heading word ...: of the lines that follow, if there are any; line word ...:
# unless it was not measured
heading=()

heading() {
    heading=("$@")
}


line() {
    local row="%-44s %10s %10s %10s %10s\n"

    [ "$2" != - ] || return 0

    # shellcheck disable=SC2059
    {
        [ ${#heading[@]} = 0 ] || printf "\n$row" "${heading[@]}"
        printf "$row" "$@"
    }

    heading=()
}


scale_table() {
    local reader transport count of

    for reader in "${readers[@]}"; do
        echo
        echo "$reader; CPU of the worker in microseconds, medians of $rounds rounds of $seconds s"

        for transport in tag api; do
            heading "$transport: events so far" CPU/event "to first" MiB "at first"
            of="load $transport $reader"

            for count in "${loads[@]}"; do
                line "  $count" "$(figure "$of" "cpu_${count}_us" %.1f)" \
                     "$(divide_or "$(median "$of" "cpu_${count}_us")" "$(median "$of" "cpu_${loads[0]}_us")")" \
                     "$(figure "$of" "rss_${count}_kb" %.1f 1024)" "$(figure "$of" rss_0_kb %.1f 1024)"
            done

            heading "$transport: rows of customEventsMapping" CPU/event "to first"

            for count in "${rows[@]}"; do
                of="rows $transport $count $reader"
                line "  $count" "$(figure "$of" request_us %.1f)" \
                     "$(to_first "$of" "rows $transport ${rows[0]} $reader" request_us)"
            done

            heading "$transport: destinations" "a request" "a delivery" "to first"

            for count in "${destinations[@]}"; do
                of="destinations $transport $count $reader"
                line "  $count" "$(figure "$of" request_us %.1f)" "$(figure "$of" cpu_us %.1f)" \
                     "$(to_first "$of" "destinations $transport ${destinations[0]} $reader" cpu_us)"
            done

            heading "$transport: memory" "" limit
            of="waiting $transport $reader"

            line "  KiB an event that waits, beyond its bytes" "$(figure "$of" beyond_kb %.2f)" 1
            line "  bytes of an event that waits" "$(figure "$of" payload %.0f)"

            case "$transport $reader" in
            "tag yyjson")
                count=4
                ;;
            "tag jansson")
                count=12
                ;;
            *)
                count=
                ;;
            esac

            line "  peak of a batch of 1000, times its body" "$(figure "batch $transport $reader" times %.1f)" $count
            line "  KiB a pixel in flight" "$(figure "flight $transport $reader" flight_kb %.1f)" 12
        done
    done

    noise
}


divide_or() {
    if [ "$1" = - ] || [ "$2" = - ]; then
        echo -
    else
        divide "$1" "$2" 1 2
    fi
}
