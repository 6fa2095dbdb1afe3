# shellcheck shell=bash disable=SC2034,SC2154
#
# Sourced after script/lib.sh and bench/nginx.sh: how many instructions more an
# event takes of a worker when it is counted.

# in percent
zone_limit=2


# zone_worker name events line ...: the instructions of a worker, from its start
# to its end, that got so many events, each in a request of its own; with these
# lines in its http block
zone_worker() {
    local name=$1 events=$2 got log

    shift 2
    nginx_port=$(free_port)

    nginx_start "$name-$events" <<END
    $*
    server {
        listen 127.0.0.1:$nginx_port;
        location = /pintag {
            pintag_integrations $root/t/data/integrations.yaml;
            pintag_pass /pinterest;
        }
$(pinterest_location)
    }
END

    got=$("$tools/load" -c 1 -n "$events" "$nginx_port" /pintag "$bench/event.json" | sed -n 's/^ok //p')
    log=$dir/callgrind.$worker
    nginx_stop

    [ "$got" = "$events" ] \
        || fail "not every event was answered" "nginx said: $(tail -n 3 "$home/error.log")"

    sed -n 's/.*Collected : //p' "$log" | grep . \
        || fail "valgrind counted nothing" "it said: $(tail -n 3 "$log")"
}


# zone_event name line ...: the instructions an event, without those of the start
zone_event() {
    local name=$1 few many

    shift
    few=$(zone_worker "$name" 200 "$@") || exit 1
    many=$(zone_worker "$name" 1200 "$@") || exit 1
    echo $(((many - few) / 1000))
}


zone_end() {
    trap - EXIT
    stub_stop
    rm -rf "$dir"
}


zone_check() {
    local without with recent

    need_packages nginx valgrind gcc libc6-dev procps util-linux
    script/build
    bench_tools stub load
    cpus_choose

    dir=$(mktemp -d)
    trap zone_end EXIT

    so=$module
    runner=(valgrind --tool=callgrind --callgrind-out-file=/dev/null --log-file="$dir/callgrind.%p")
    stub_port=$(free_port)
    stub_start

    without=$(zone_event without)
    with=$(zone_event with 'pintag_zone zone=pintag:1m;')
    recent=$(zone_event recent 'pintag_zone zone=pintag:1m recent=50;')

    zone_end

    say "instructions of a worker an event: $without, counted $with, with recent=50 $recent"

    awk -v a="$without" -v b="$with" -v c="$recent" -v limit=$zone_limit 'BEGIN {
            printf "  counting adds %.2f %%, recent=50 %.2f %%\n", 100 * (b - a) / a, 100 * (c - a) / a
            exit 100 * (b - a) > limit * a ? 1 : 0
        }' || fail "counting adds more than $zone_limit %" "look where: valgrind --tool=callgrind, as bench/zone.sh does"
}
