# shellcheck shell=bash disable=SC2154
#
# Sourced after script/lib.sh: how many instructions more an event takes of a
# worker when it is counted.

# in percent
zone_limit=2


# zone_worker name events line ...: the instructions of an nginx, from its start
# to its end, that got so many events, each in a request of its own; with these
# lines in its http block
zone_worker() {
    local name=$1 events=$2 home=$dir/$1-$2 port pid out user=''

    shift 2
    port=$(free_port)
    mkdir -p "$home/temp"
    [ "$(id -u)" != 0 ] || user="user root;"

    cat > "$home/nginx.conf" <<END
load_module $module;
$user
daemon off;
master_process off;
pid $home/nginx.pid;
error_log $home/error.log warn;
events { }
http {
    access_log off;
    client_body_temp_path $home/temp/body;
    proxy_temp_path $home/temp/proxy;
    fastcgi_temp_path $home/temp/fastcgi;
    uwsgi_temp_path $home/temp/uwsgi;
    scgi_temp_path $home/temp/scgi;
    keepalive_requests 1000000;
    upstream pinterest { server 127.0.0.1:$stub_port; keepalive 16; keepalive_requests 1000000; }
    $*
    server {
        listen 127.0.0.1:$port;
        location = /pintag {
            pintag_integrations $root/t/data/integrations.yaml;
            pintag_pass /pinterest;
        }
        location /pinterest/ {
            internal;
            proxy_pass http://pinterest/;
            proxy_http_version 1.1;
            proxy_set_header Connection "";
        }
    }
}
END

    valgrind --tool=callgrind --callgrind-out-file=/dev/null \
        nginx -p "$home/" -e "$home/error.log" -c "$home/nginx.conf" 2> "$home/out" &
    pid=$!

    for _ in $(seq 300); do
        port_is_free "$port" || break
        sleep 0.1
    done

    out=$("$build/bench/load" -c 1 -n "$events" "$port" /pintag bench/event.json) || true
    kill -QUIT $pid
    wait $pid || true

    [ "$(sed -n 's/^ok //p' <<< "$out")" = "$events" ] \
        || fail "not every event was answered" "nginx said: $(tail -n 3 "$home/error.log")"

    sed -n 's/.*Collected : //p' "$home/out" | grep . \
        || fail "valgrind counted nothing" "it said: $(tail -n 3 "$home/out")"
}


# zone_event name line ...: the instructions an event, without those of the start
zone_event() {
    local name=$1 few many

    shift
    few=$(zone_worker "$name" 200 "$@") || exit 1
    many=$(zone_worker "$name" 1200 "$@") || exit 1
    echo $(((many - few) / 1000))
}


zone_check() {
    local name without with recent stub_port stub

    need_packages nginx valgrind gcc libc6-dev
    script/build
    mkdir -p "$build/bench"

    for name in stub load; do
        gcc -std=gnu11 -O2 -o "$build/bench/$name" "bench/$name.c" \
            || fail "bench/$name.c does not compile"
    done

    dir=$(mktemp -d)
    stub_port=$(free_port)
    "$build/bench/stub" "$stub_port" &
    stub=$!
    # shellcheck disable=SC2064  # as they are now
    trap "kill $stub 2> /dev/null || true; rm -rf '$dir'" EXIT

    without=$(zone_event without)
    with=$(zone_event with 'pintag_zone zone=pintag:1m;')
    recent=$(zone_event recent 'pintag_zone zone=pintag:1m recent=50;')

    say "instructions of a worker an event: $without, counted $with, with recent=50 $recent"

    awk -v a="$without" -v b="$with" -v c="$recent" -v limit=$zone_limit 'BEGIN {
            printf "  counting adds %.2f %%, recent=50 %.2f %%\n", 100 * (b - a) / a, 100 * (c - a) / a
            exit 100 * (b - a) > limit * a ? 1 : 0
        }' || fail "counting adds more than $zone_limit %" "look where: valgrind --tool=callgrind, as bench/zone.sh does"

    kill $stub
    rm -rf "$dir"
    trap - EXIT
}
