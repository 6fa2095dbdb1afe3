# shellcheck shell=bash disable=SC2034,SC2154
#
# Sourced after script/lib.sh: a stand-in for Pinterest that answers at once, and
# nginx with the module in front of it.  Whoever sources this sets dir, a folder
# for them, stub_port and nginx_port, and stops what was started.

bench=$root/bench
tools=$build/bench

# what was started and must end
stub_pid=
nginx_pid=
declare -A nginx_all=()

# the module that nginx_start loads; a library that it preloads, if any; what it
# runs nginx by, such as valgrind
so=
preload=
runner=()
worker_connections=4096

# nginx has the first core, load and stub share the second
cpu_nginx=
cpu_load=


allowed_cpus() {
    local part

    for part in $(sed -n 's/^Cpus_allowed_list:[[:space:]]*//p' /proc/self/status | tr , ' '); do
        seq "${part%-*}" "${part#*-}"
    done
}


cpus_choose() {
    local cpus

    mapfile -t cpus < <(allowed_cpus)
    cpu_nginx=${cpus[0]}
    cpu_load=${cpus[1]-${cpus[0]}}
}


# bench_tools name ...: compiles these programs of bench
bench_tools() {
    local name

    mkdir -p "$tools"

    for name in "$@"; do
        if [ ! "$tools/$name" -nt "$bench/$name.c" ]; then
            gcc -std=gnu11 -O2 -Wall -Wextra -o "$tools/$name" "$bench/$name.c" \
                || fail "bench/$name.c does not compile"
        fi
    done
}


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
# may name modules that are to be loaded beside ours; they come first.
#
# Several may run at once, each with an nginx_port of its own, set before it is
# started: nginx_use name says which one is meant from then on.
load_modules=()

nginx_start() {
    local user='' each

    nginx_name=$1
    home=$dir/$1
    rm -rf "$home"
    mkdir -p "$home/temp"
    ( umask 077; echo pina_of_the_bench > "$home/pinterest.token" )

    [ "$(id -u)" != 0 ] || user="user root;"

    {
        for each in "${load_modules[@]}" "$so"; do
            echo "load_module $each;"
        done

        cat <<END
$user
worker_processes 1;
pid $home/nginx.pid;
error_log $home/error.log warn;

events { worker_connections $worker_connections; }

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

    nginx_launch
}


# nginx_launch: starts the nginx whose folder is home, which may have run before
nginx_launch() {
    nginx_name=${home##*/}

    # the threads of the worker are where it is
    taskset -c "$cpu_nginx" env ${preload:+"LD_PRELOAD=$preload"} \
        "${runner[@]}" nginx -p "$home/" -e "$home/error.log" -c "$home/nginx.conf" > "$home/out" 2>&1 || {
            cat "$home/out" >&2
            fail "nginx does not start" "the reason is above"
        }

    worker=

    for _ in $(seq 500); do
        nginx_pid=$(cat "$home/nginx.pid" 2> /dev/null || true)
        worker=$([ -z "$nginx_pid" ] || pgrep -P "$nginx_pid" || true)
        [ -z "$worker" ] || break
        sleep 0.02
    done

    nginx_all[$nginx_name]="$nginx_pid $worker $nginx_port"

    [ -n "$worker" ] \
        || fail "nginx has no worker" "its log said: $(tail -n 3 "$home/error.log")"
}


nginx_use() {
    nginx_name=$1
    home=$dir/$1
    read -r nginx_pid worker nginx_port <<< "${nginx_all[$1]}"
}


# pinterest_location: through which everything of ours leaves to the stub
pinterest_location() {
    cat <<'END'
        location /pinterest/ {
            internal;
            proxy_pass http://pinterest/;
            proxy_http_version 1.1;
            proxy_set_header Connection "";
        }
END
}


nginx_stop() {
    local pid=$nginx_pid signal

    [ -n "$pid" ] || return 0
    nginx_pid=
    unset "nginx_all[$nginx_name]"

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
