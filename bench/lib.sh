# shellcheck shell=bash disable=SC2034,SC2154
#
# Sourced by script/bench after script/lib.sh: what the measurements in
# bench/cases share.  See the end of this file for how a case is made.

# shellcheck source=bench/nginx.sh
. "$root/bench/nginx.sh"

rounds=5
seconds=5
only='*'

# builds=no: a case builds the module itself, with each of its readers, see
# readers_begin
builds=yes
readers=()

# others that were started and must end
other_pids=()


bench_begin() {
    local built=$module

    need_packages gcc libc6-dev procps util-linux "$@"
    bench_tools stub load fdatasync

    if [ ! "$tools/allocs.so" -nt "$bench/allocs.c" ]; then
        gcc -std=gnu11 -O2 -Wall -Wextra -fPIC -shared -o "$tools/allocs.so" "$bench/allocs.c" \
            || fail "bench/allocs.c does not compile"
    fi

    if [ $builds = no ]; then
        built=
    elif [ -n "${PINTAG_MODULE-}" ]; then
        [ -f "$PINTAG_MODULE" ] || fail "there is no module $PINTAG_MODULE" "PINTAG_MODULE names it"
        built=$PINTAG_MODULE
    else
        script/build
    fi

    bench_open

    # a build that goes on meanwhile does not change what is measured
    if [ -n "$built" ]; then
        so=$dir/module.so
        cp "$built" "$so"
    fi

    ulimit -n "$(ulimit -Hn)"

    [ "$cpu_nginx" != "$cpu_load" ] \
        || say "there is one core only: load and stub take from nginx's time"

    stub_port=$(free_port)
    nginx_port=$(free_port)

    record machine 0 nginx "$(nginx_version)"
}


# what is left of it where nginx is not needed
bench_open() {
    # the spool is to be on a disk, which /tmp often is not
    dir=$(mktemp -d -p "${PINTAG_BENCH_DIR-/var/tmp}" pintag-bench.XXXXXX)
    trap bench_cleanup EXIT
    trap 'exit 1' INT TERM HUP

    cpus_choose
    tick=$(getconf CLK_TCK)

    csv=$bench/results/$case-$(date -u +%Y%m%d-%H%M%S).csv
    echo "case,variant,round,metric,value" > "$csv"

    record machine 0 cpu "$(sed -n 's/^model name[^:]*: //p' /proc/cpuinfo | head -n 1 | tr , ' ')"
    record machine 0 cores "$(allowed_cpus | wc -l)"
    record machine 0 kernel "$(uname -r)"
    record machine 0 filesystem "$(stat -f -c %T "$dir")"
    [ -z "$so" ] || record machine 0 module "$(sha256sum "$so" | cut -c1-12)"
    record machine 0 commit "$(git describe --always --dirty 2> /dev/null || echo unknown)"
}


# readers_begin: for a case that measures the module with both JSON readers,
# unless readers names some: puts it into $dir/<reader>.so, and beside it a batch
# of 1000 events, batch1000.json, and an integrations.yaml for each transport,
# tag.yaml and api.yaml.
readers_begin() {
    local each single

    [ ${#readers[@]} -gt 0 ] || readers=(jansson yyjson)

    for each in "${readers[@]}"; do
        if [ -n "${PINTAG_MODULE-}" ]; then
            cp "$PINTAG_MODULE" "$dir/$each.so"
        else
            PINTAG_JSON=$each script/build
            cp "$module" "$dir/$each.so"
        fi

        grep -q "lib$each\.so" "$dir/$each.so" \
            || fail "the module was not built with $each" \
                    "another build was running? Else name the other reader: script/bench $case --help"

        record machine 0 "module_$each" "$(sha256sum "$dir/$each.so" | cut -c1-12)"
    done

    ( umask 077; echo pina_of_the_bench > "$dir/pinterest.token" )

    printf '%s\n' '- name: pinterest' '  config:' '    tagId: "2612826764086"' > "$dir/tag.yaml"
    printf '%s\n' '- name: pinterest' '  config:' '    adAccountId: "549755885175"' \
                  "    accessTokenFile: $dir/pinterest.token" > "$dir/api.yaml"

    # the event without its wrapper, each with an id of its own
    single=$(sed 's/^{"opts":{[^}]*},"obj":\(.*\)}$/\1/' "$bench/data/single.json")

    {
        printf '{"batch":['
        seq 1000 | awk -v e="$single" '
            {
                s = e
                sub(/"messageId":"[^"]*/, "&-" $1, s)
                printf "%s%s", (NR > 1 ? "," : ""), s
            }'
        printf ']}'
    } > "$dir/batch1000.json"
}


# readers_wanted argument ...: which of them are to be measured
readers_wanted() {
    local each

    for each in "$@"; do
        case $each in
        yyjson | jansson)
            readers+=("$each")
            ;;
        *)
            fail "unknown argument \"$each\"" "script/bench --help tells which there are"
            ;;
        esac
    done
}


bench_cleanup() {
    local name

    trap - EXIT INT TERM HUP

    perf_stop

    for name in "${!nginx_all[@]}"; do
        nginx_use "$name"
        nginx_stop
    done

    stub_stop
    [ ${#other_pids[@]} -eq 0 ] || kill -KILL "${other_pids[@]}" 2> /dev/null || true
    rm -rf "$dir"
}


# --- what is measured

# ms: of a clock that only matters by its differences
ms() {
    local t=$EPOCHREALTIME

    echo $(( ${t/[.,]/} / 1000 ))
}


# cpu_us pid: what the process, with all of its threads, has used so far: to the
# nanosecond where the kernel tells, else to a tick
cpu_us() {
    local file ns rest total=0

    if [ -r "/proc/$1/schedstat" ]; then
        for file in "/proc/$1/task/"*/schedstat; do
            read -r ns rest < "$file" && total=$((total + ns))
        done

        echo $((total / 1000))
        return 0
    fi

    rest=$(< "/proc/$1/stat")
    # shellcheck disable=SC2086
    set -- ${rest##*) }
    echo $(( (${12} + ${13}) * 1000000 / tick ))
}


cpu_ms() {
    echo $(($(cpu_us "$1") / 1000))
}


# core_ms number: how long the core has been busy so far, or taken from this
# machine by its host
core_ms() {
    awk -v name="cpu$1" -v tick="$tick" \
        '$1 == name { printf "%.0f\n", ($2 + $3 + $4 + $7 + $8 + $9) * 1000 / tick }' /proc/stat
}


# wait_quiet: until nobody else uses the two cores, for 60 s at most, or as long
# as quiet_wait says
quiet_wait=60

wait_quiet() {
    local before after end

    end=$(($(ms) + quiet_wait * 1000))

    while [ "$(ms)" -lt $end ]; do
        before=$(($(core_ms "$cpu_nginx") + $(core_ms "$cpu_load")))
        sleep 0.5
        after=$(($(core_ms "$cpu_nginx") + $(core_ms "$cpu_load")))
        [ $((after - before)) -gt 100 ] || return 0
    done

    [ $quiet_wait -lt 60 ] || say "this machine is busy with other work for 60 s: measuring all the same"
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


# load_run connections path body option ...: the same with bench/load, which
# pauses after a refusal; the options say how much, such as -n 1000.
load_run() {
    local connections=$1 path=$2 body=$3 out

    shift 3
    out=$(taskset -c "$cpu_load" "$tools/load" -c "$connections" "$@" "$nginx_port" "$path" "$body") \
        || fail "bench/load failed" "$out"

    figure_of() {
        sed -n "s/^$1 //p" <<< "$out" | grep . || echo 0
    }

    wrk_refused=$(figure_of refused)
    wrk_requests=$(($(figure_of ok) + wrk_refused))
    wrk_us=$(($(figure_of ms) * 1000))
    wrk_errors=$(figure_of errors)
    wrk_p50=$(figure_of p50_us)
    wrk_p99=$(figure_of p99_us)
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


# measure variant round connections path body [events]: the worker at its limit,
# one event a request unless told otherwise; 0 where nothing gets to the stub as
# an event.  Records
#
#   accepted_s     requests a second answered 2xx
#   refused_s      requests a second answered otherwise
#   delivered_s    events a second that got to the stub meanwhile
#   settled_s      events a second from the first request to the last delivery
#   cpu_us         the worker's time, all threads, an event, delivery included
#   request_us     the same, a request
#   busy           the worker's share of its core under load
#   others         the share of that core which others had meanwhile: with more
#                  than a few hundredths, look at cpu_us and not at rates
#   p50_us p99_us  time to an answer
#   together       events in a request to the stub
#   extra          deliveries beyond what was accepted: at most one a connection
#                  is expected, as wrk hangs up at the end; less than 0 is a loss
#
# warm=no: what is measured is warm already.  load_with=load: with bench/load,
# where answers come before deliveries, so that wrk would be refused most of the
# time.
warm=yes
load_with=wrk

measure() {
    local variant=$1 round=$2 connections=$3 path=$4 body=$5 each=${6-1}
    local events requests cpu core begun accepted events_end cpu_end core_end ended

    wait_quiet

    if [ "$warm" = yes ]; then
        # connections get made, memory gets touched
        events=$(stub_count events)
        wrk_run "$connections" 1 "$path" "$body"
        wait_delivered $((events + (wrk_requests - wrk_refused) * each))
        sleep 0.5
        wait_empty
        wait_quiet
    fi

    events=$(stub_count events)
    requests=$(($(stub_count posts) + $(stub_count pixels)))
    cpu=$(cpu_us "$worker")
    core=$(core_ms "$cpu_nginx")
    begun=$(ms)

    perf_start "$variant"

    case $load_with in
    wrk)
        wrk_run "$connections" "$seconds" "$path" "$body"
        ;;
    load)
        load_run "$connections" "$path" "$body" -t "$seconds"
        ;;
    esac

    ended=$(ms)
    events_end=$(stub_count events)
    cpu_end=$(cpu_us "$worker")
    core_end=$(core_ms "$cpu_nginx")
    accepted=$((wrk_requests - wrk_refused))
    perf_stop

    record "$variant" "$round" accepted_s "$(divide "$accepted" "$wrk_us" 1e6)"
    record "$variant" "$round" refused_s "$(divide "$wrk_refused" "$wrk_us" 1e6)"
    record "$variant" "$round" delivered_s "$(divide $((events_end - events)) $((ended - begun)) 1000)"
    record "$variant" "$round" busy "$(divide $((cpu_end - cpu)) $((ended - begun)) 0.001 2)"
    record "$variant" "$round" others \
        "$(divide $((core_end - core - (cpu_end - cpu) / 1000)) $((ended - begun)) 1 2)"
    record "$variant" "$round" p50_us "$wrk_p50"
    record "$variant" "$round" p99_us "$wrk_p99"

    [ "$wrk_errors" = 0 ] || say "$variant: $wrk_errors requests had no answer"

    wait_delivered $((events + accepted * each))
    ended=$(ms)
    sleep 0.3
    wait_empty
    cpu_end=$(cpu_us "$worker")

    record "$variant" "$round" settled_s "$(divide $((accepted * each)) $((ended - begun)) 1000)"
    record "$variant" "$round" request_us "$(divide $((cpu_end - cpu)) "$accepted" 1 2)"
    record "$variant" "$round" cpu_us \
        "$(divide $((cpu_end - cpu)) $((accepted * (each ? each : 1))) 1 3)"
    requests=$(($(stub_count posts) + $(stub_count pixels) - requests))
    record "$variant" "$round" together "$(divide $(($(stub_count events) - events)) "$requests" 1 1)"
    record "$variant" "$round" extra $(($(stub_count events) - events - accepted * each))
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
    values "$1" "$2" | middle
}


values() {
    awk -F, -v v="$1" -v m="$2" '$2 == v && $4 == m && $5 != "-" { print $5 }' "$csv"
}


# ratios variant reference metric: of each round
ratios() {
    awk -F, -v v="$1" -v r="$2" -v m="$3" '
            $4 == m && $2 == v { a[$3] = $5 }
            $4 == m && $2 == r { b[$3] = $5 }
            END { for (i in a) if (a[i] != "-" && b[i] > 0) print a[i] / b[i] }' "$csv"
}


# middle [format]: the median of the numbers of standard input
middle() {
    sort -g | awk -v f="${1-%.10g}" '
        { a[NR] = $1 }
        END {
            if (NR == 0) print "-"
            else printf f "\n", NR % 2 ? a[(NR + 1) / 2] : (a[NR / 2] + a[NR / 2 + 1]) / 2
        }'
}


# spread format: median, least and most of the numbers of standard input
spread() {
    sort -g | awk -v f="$1" '
        { a[NR] = $1 }
        END {
            if (NR == 0) { print "- - -"; exit }
            m = NR % 2 ? a[(NR + 1) / 2] : (a[NR / 2] + a[NR / 2 + 1]) / 2
            printf f " " f " " f "\n", m, a[1], a[NR]
        }'
}


# ratio variant reference metric: the median of the ratios of each round, which
# a machine that is slow for a while disturbs less than the ratio of medians
ratio() {
    ratios "$1" "$2" "$3" | middle %.2f
}


# noise: says when others used the worker's core
noise() {
    local count

    count=$(awk -F, '$4 == "others" && $5 > 0.05 { n++ } END { print n + 0 }' "$csv")

    [ "$count" = 0 ] || {
        echo
        say "$count times others had more than 0.05 of the worker's core: ratios hold better than figures then"
    }
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
