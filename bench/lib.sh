# shellcheck shell=bash disable=SC2034,SC2154
#
# Sourced by script/bench after script/lib.sh: what the measurements in
# bench/cases share.  See the end of this file for how a case is made.

bench=$root/bench
tools=$build/bench

rounds=5
seconds=5
only='*'

# what was started and must end
stub_pid=
nginx_pid=
other_pids=()


bench_begin() {
    local cpus name

    need_packages gcc libc6-dev procps util-linux "$@"

    mkdir -p "$tools"

    for name in stub load fdatasync; do
        if [ ! "$tools/$name" -nt "$bench/$name.c" ]; then
            gcc -std=gnu11 -O2 -Wall -Wextra -o "$tools/$name" "$bench/$name.c" \
                || fail "bench/$name.c does not compile"
        fi
    done

    if [ -n "${PINTAG_MODULE-}" ]; then
        [ -f "$PINTAG_MODULE" ] || fail "there is no module $PINTAG_MODULE" "PINTAG_MODULE names it"
        so=$PINTAG_MODULE
    else
        script/build
        so=$module
    fi

    # the spool is to be on a disk, which /tmp often is not
    dir=$(mktemp -d -p "${PINTAG_BENCH_DIR-/var/tmp}" pintag-bench.XXXXXX)
    trap bench_cleanup EXIT
    trap 'exit 1' INT TERM HUP

    # a build that goes on meanwhile does not change what is measured
    cp "$so" "$dir/module.so"

    ulimit -n "$(ulimit -Hn)"

    # nginx has the first core, load and stub share the second
    mapfile -t cpus < <(allowed_cpus)
    cpu_nginx=${cpus[0]}
    cpu_load=${cpus[1]-${cpus[0]}}

    [ "$cpu_nginx" != "$cpu_load" ] \
        || say "there is one core only: load and stub take from nginx's time"

    tick=$(getconf CLK_TCK)
    stub_port=$(free_port)
    nginx_port=$(free_port)

    csv=$bench/results/$case-$(date -u +%Y%m%d-%H%M%S).csv
    echo "case,variant,round,metric,value" > "$csv"

    record machine 0 cpu "$(sed -n 's/^model name[^:]*: //p' /proc/cpuinfo | head -n 1 | tr , ' ')"
    record machine 0 cores "${#cpus[@]}"
    record machine 0 kernel "$(uname -r)"
    record machine 0 filesystem "$(stat -f -c %T "$dir")"
    record machine 0 nginx "$(nginx_version)"
    record machine 0 commit "$(git describe --always --dirty 2> /dev/null || echo unknown)"
    record machine 0 module "$(sha256sum "$dir/module.so" | cut -c1-12)"
}


bench_cleanup() {
    trap - EXIT INT TERM HUP

    perf_stop
    nginx_stop
    stub_stop
    [ ${#other_pids[@]} -eq 0 ] || kill -KILL "${other_pids[@]}" 2> /dev/null || true
    rm -rf "$dir"
}


allowed_cpus() {
    local part

    for part in $(sed -n 's/^Cpus_allowed_list:[[:space:]]*//p' /proc/self/status | tr , ' '); do
        seq "${part%-*}" "${part#*-}"
    done
}


# --- processes

# in the background no function may stand before a command: $! would be that of
# a shell
stub_start() {
    taskset -c "$cpu_load" "$tools/stub" "$stub_port" &
    stub_pid=$!

    for _ in $(seq 100); do
        port_is_free "$stub_port" || return 0
        sleep 0.02
    done

    fail "bench/stub does not start"
}


stub_stop() {
    [ -n "$stub_pid" ] || return 0

    kill -TERM "$stub_pid" 2> /dev/null || true
    wait "$stub_pid" 2> /dev/null || true
    stub_pid=
}


# stub_count events | posts | pixels: what the stub has got since its start
stub_count() {
    local name value found=

    exec 4<> "/dev/tcp/127.0.0.1/$stub_port" || fail "bench/stub has gone"
    printf 'GET /stats HTTP/1.0\r\n\r\n' >&4

    while read -r name value; do
        [ "$name" != "$1" ] || found=$value
    done <&4

    exec 4>&-
    echo "$found"
}


# nginx_start name: with one worker; its http block is read from standard input.
# Sets worker, its process id, and home, its folder.  load_modules, an array,
# may name modules that are to be loaded beside ours.
load_modules=()

nginx_start() {
    local user='' each

    home=$dir/$1
    rm -rf "$home"
    mkdir -p "$home/temp"
    ( umask 077; echo pina_of_the_bench > "$home/pinterest.token" )

    [ "$(id -u)" != 0 ] || user="user root;"

    {
        echo "load_module $dir/module.so;"

        for each in "${load_modules[@]}"; do
            echo "load_module $each;"
        done

        cat <<END
$user
worker_processes 1;
pid $home/nginx.pid;
error_log $home/error.log warn;

events { worker_connections 4096; }

http {
    access_log off;

    client_body_temp_path $home/temp/body;
    proxy_temp_path $home/temp/proxy;
    fastcgi_temp_path $home/temp/fastcgi;
    uwsgi_temp_path $home/temp/uwsgi;
    scgi_temp_path $home/temp/scgi;

    client_body_buffer_size 1m;
    client_max_body_size 64m;
    keepalive_requests 100000000;
    keepalive_timeout 300s;

    upstream pinterest {
        server 127.0.0.1:$stub_port;
        keepalive 256;
        keepalive_requests 100000000;
        keepalive_timeout 300s;
    }

END
        cat
        echo "}"
    } > "$home/nginx.conf"

    # the threads of the worker are where it is
    taskset -c "$cpu_nginx" \
        nginx -p "$home/" -e "$home/error.log" -c "$home/nginx.conf" > "$home/out" 2>&1 || {
            cat "$home/out" >&2
            fail "nginx does not start" "the reason is above"
        }

    nginx_pid=$(cat "$home/nginx.pid")
    worker=

    for _ in $(seq 100); do
        worker=$(pgrep -P "$nginx_pid" || true)
        [ -z "$worker" ] || return 0
        sleep 0.02
    done

    fail "nginx has no worker" "its log said: $(tail -n 3 "$home/error.log")"
}


nginx_stop() {
    local pid=$nginx_pid signal

    [ -n "$pid" ] || return 0
    nginx_pid=

    for signal in QUIT TERM KILL; do
        [ $signal != KILL ] || kill -KILL "$worker" 2> /dev/null || true
        kill -$signal "$pid" 2> /dev/null || true

        for _ in $(seq 100); do
            kill -0 "$pid" 2> /dev/null || break 2
            sleep 0.1
        done

        say "nginx did not end in 10 s after a $signal"
    done

    if grep -E '\[(error|crit|alert|emerg)\]' "$home/error.log" > "$dir/errors"; then
        say "nginx logged $(wc -l < "$dir/errors") errors, the first of each kind are:"
        sed -E 's/^[^[]*//; s/[0-9]+/N/g' "$dir/errors" | sort | uniq -c | sort -rn | head -n 8 >&2
    fi
}


# --- what is measured

# ms: of a clock that only matters by its differences
ms() {
    local t=$EPOCHREALTIME

    echo $(( ${t/[.,]/} / 1000 ))
}


# cpu_ms pid: what the process, with all of its threads, has used so far
cpu_ms() {
    local stat

    stat=$(< "/proc/$1/stat")
    # shellcheck disable=SC2086
    set -- ${stat##*) }
    echo $(( (${12} + ${13}) * 1000 / tick ))
}


# core_ms number: how long the core has been busy so far, or taken from this
# machine by its host
core_ms() {
    awk -v name="cpu$1" -v tick="$tick" \
        '$1 == name { printf "%.0f\n", ($2 + $3 + $4 + $7 + $8 + $9) * 1000 / tick }' /proc/stat
}


# wait_quiet: until nobody else uses the two cores, for 60 s at most
wait_quiet() {
    local before after end

    end=$(($(ms) + 60000))

    while [ "$(ms)" -lt $end ]; do
        before=$(($(core_ms "$cpu_nginx") + $(core_ms "$cpu_load")))
        sleep 0.5
        after=$(($(core_ms "$cpu_nginx") + $(core_ms "$cpu_load")))
        [ $((after - before)) -gt 100 ] || return 0
    done

    say "this machine is busy with other work for 60 s: measuring all the same"
}


# memory_kb VmRSS | VmHWM
memory_kb() {
    sed -n "s/^$1:[[:space:]]*\([0-9]*\) kB/\1/p" "/proc/$worker/status"
}


# from now on VmHWM is the most that was resident since now
memory_reset() {
    echo 5 > "/proc/$worker/clear_refs"
}


spool_files() {
    [ ! -d "$home/spool" ] || find "$home/spool" -name '*.spool' | wc -l
}


# wait_delivered count: until the stub has got so many events, or for 20 s no
# more of them.
wait_delivered() {
    local last=-1 got since

    since=$(ms)

    while :; do
        got=$(stub_count events)
        [ "$got" -lt "$1" ] || return 0

        if [ "$got" != "$last" ]; then
            last=$got
            since=$(ms)
        elif [ $(($(ms) - since)) -gt 20000 ]; then
            say "of $1 events $got arrived: waited for 20 s for the next one"
            return 0
        fi

        sleep 0.05
    done
}


# wait_empty: until no spool file is left, for 20 s
wait_empty() {
    for _ in $(seq 200); do
        [ "$(spool_files)" != 0 ] && [ -n "$(spool_files)" ] || return 0
        sleep 0.1
    done

    say "20 s after the last delivery there still are spool files:"
    ls -l "$home/spool" >&2
    return 0
}


# wrk_run connections seconds path body: sets wrk_requests, wrk_us, wrk_refused,
# wrk_errors, wrk_p50, wrk_p99.
wrk_run() {
    local out

    out=$(BODY=$4 taskset -c "$cpu_load" wrk -t1 -c"$1" -d"$2" -s "$bench/post.lua" "http://127.0.0.1:$nginx_port$3") \
        || fail "wrk failed" "$out"

    read -r wrk_requests wrk_us wrk_refused wrk_errors wrk_p50 wrk_p99 \
        < <(sed -n 's/^figures //p' <<< "$out")
}


# perf_start variant: with PINTAG_BENCH_PERF set, where the worker's time goes
perf_pid=

perf_start() {
    if [ -n "${PINTAG_BENCH_PERF-}" ]; then
        perf record -q -F 1999 -g -p "$worker" -o "$bench/results/${1// /-}.perf" &
        perf_pid=$!
    fi
}


perf_stop() {
    [ -n "$perf_pid" ] || return 0

    kill -INT "$perf_pid" 2> /dev/null || true
    wait "$perf_pid" || true
    perf_pid=
}


# measure variant round connections path body: the worker at its limit, one
# event a request.  Records
#
#   accepted_s     requests a second answered 2xx
#   refused_s      requests a second answered otherwise
#   delivered_s    events a second that got to the stub meanwhile
#   settled_s      events a second from the first request to the last delivery
#   cpu_us         the worker's time, all threads, an event, delivery included
#   busy           the worker's share of its core under load
#   others         the share of that core which others had meanwhile: with more
#                  than a few hundredths, look at cpu_us and not at rates
#   p50_us p99_us  time to an answer
#   together       events in a request to the stub
#   extra          deliveries beyond what was accepted: at most one a connection
#                  is expected, as wrk hangs up at the end; less than 0 is a loss
measure() {
    local variant=$1 round=$2 connections=$3 path=$4 body=$5
    local events requests cpu core begun accepted events_end cpu_end core_end ended

    wait_quiet

    # connections get made, memory gets touched
    wrk_run "$connections" 1 "$path" "$body"
    wait_delivered $((wrk_requests - wrk_refused))
    sleep 0.5
    wait_empty
    wait_quiet

    events=$(stub_count events)
    requests=$(($(stub_count posts) + $(stub_count pixels)))
    cpu=$(cpu_ms "$worker")
    core=$(core_ms "$cpu_nginx")
    begun=$(ms)

    perf_start "$variant"
    wrk_run "$connections" "$seconds" "$path" "$body"

    ended=$(ms)
    events_end=$(stub_count events)
    cpu_end=$(cpu_ms "$worker")
    core_end=$(core_ms "$cpu_nginx")
    accepted=$((wrk_requests - wrk_refused))
    perf_stop

    record "$variant" "$round" accepted_s "$(divide "$accepted" "$wrk_us" 1e6)"
    record "$variant" "$round" refused_s "$(divide "$wrk_refused" "$wrk_us" 1e6)"
    record "$variant" "$round" delivered_s "$(divide $((events_end - events)) $((ended - begun)) 1000)"
    record "$variant" "$round" busy "$(divide $((cpu_end - cpu)) $((ended - begun)) 1 2)"
    record "$variant" "$round" others \
        "$(divide $((core_end - core - cpu_end + cpu)) $((ended - begun)) 1 2)"
    record "$variant" "$round" p50_us "$wrk_p50"
    record "$variant" "$round" p99_us "$wrk_p99"

    [ "$wrk_errors" = 0 ] || say "$variant: $wrk_errors requests had no answer"

    wait_delivered $((events + accepted))
    ended=$(ms)
    sleep 0.3
    wait_empty

    record "$variant" "$round" settled_s "$(divide "$accepted" $((ended - begun)) 1000)"
    record "$variant" "$round" cpu_us "$(divide $(($(cpu_ms "$worker") - cpu)) "$accepted" 1000 1)"
    requests=$(($(stub_count posts) + $(stub_count pixels) - requests))
    record "$variant" "$round" together "$(divide $(($(stub_count events) - events)) "$requests" 1 1)"
    record "$variant" "$round" extra $(($(stub_count events) - events - accepted))
}


# --- figures

# divide a b [factor [digits]]: a * factor / b
divide() {
    awk -v a="$1" -v b="$2" -v f="${3-1}" -v d="${4-0}" \
        'BEGIN { if (b == 0) print "-"; else printf "%.*f\n", d, a * f / b }'
}


# record variant round metric value
record() {
    echo "$case,$1,$2,$3,$4" >> "$csv"
}


# median variant metric: of all rounds, "-" if there is none
median() {
    awk -F, -v v="$1" -v m="$2" '$2 == v && $4 == m && $5 != "-" { print $5 }' "$csv" | sort -g \
        | awk '{ a[NR] = $1 }
               END { if (NR == 0) print "-"; else print NR % 2 ? a[(NR + 1) / 2] : (a[NR / 2] + a[NR / 2 + 1]) / 2 }'
}


# ratio variant reference metric: the median of the ratios of each round, which
# a machine that is slow for a while disturbs less than the ratio of medians
ratio() {
    awk -F, -v v="$1" -v r="$2" -v m="$3" '
            $4 == m && $2 == v { a[$3] = $5 }
            $4 == m && $2 == r { b[$3] = $5 }
            END { for (i in a) if (a[i] != "-" && b[i] > 0) print a[i] / b[i] }' "$csv" | sort -g \
        | awk '{ a[NR] = $1 }
               END { if (NR == 0) print "-"; else printf "%.2f\n", NR % 2 ? a[(NR + 1) / 2] : (a[NR / 2] + a[NR / 2 + 1]) / 2 }'
}


# wanted variant: whether --only names it
wanted() {
    # shellcheck disable=SC2053
    [[ $1 == $only ]]
}


# A case is a file bench/cases/<name>.sh: its first comment is what
# "script/bench --help" shows, its function bench_run gets the arguments behind
# its name.  It starts a stub and, for each variant in turn, an nginx, measures,
# records, and prints a table of the medians:
#
#     bench_begin wrk                 (packages that it needs)
#     for round in $(seq "$rounds"); do
#         for variant in ...; do
#             stub_start; nginx_start name < <(http_block "$variant")
#             measure "$variant" "$round" 256 /path body.json
#             nginx_stop; stub_stop
#         done
#     done
