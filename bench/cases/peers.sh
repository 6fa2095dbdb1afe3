# shellcheck shell=bash disable=SC2034,SC2154
#
# peers [quick] [yyjson] [jansson]: what an event costs beside nginx itself and
# beside what others would write in nginx, in OpenResty's Lua and in njs; with
# either JSON reader, unless one is named. "quick" measures only what its
# summary needs. See docs/performance.md.

seconds=3
quick=no
quiet_wait=2            # all is compared within a round, and noise shows as spread
batch_connections=4     # each peer has 50 pixels in flight for each of them

# What is measured is named
#
#     return | pixel | bare | lua | njs   body connections
#     tag | api                           body connections acknowledgement reader
#
# with the bodies single, batch100 and batch1000.


# ours reader: what is measured of the module
ours() {
    local transport connections body ack

    if [ $quick = yes ]; then
        echo "tag single 32 delivered $1"
        echo "tag batch100 $batch_connections delivered $1"
        echo "api single 64 delivered $1"
        echo "api batch100 $batch_connections delivered $1"
        return 0
    fi

    for ack in delivered received stored; do
        for transport in tag api; do
            for connections in 32 64 256; do
                [ "$transport $connections" != "tag 64" ] || continue
                echo "$transport single $connections $ack $1"
            done

            for body in batch100 batch1000; do
                echo "$transport $body $batch_connections $ack $1"
            done
        done
    done
}


others() {
    local connections body

    if [ $quick = yes ]; then
        printf '%s\n' "pixel single 32" "lua single 32" "njs single 32" \
                      "bare single 64" "bare batch100 $batch_connections" \
                      "lua batch100 $batch_connections" "njs batch100 $batch_connections"
        return 0
    fi

    echo "return single 32"

    for connections in 32 64 256; do
        echo "bare single $connections"
        [ $connections != 64 ] || continue
        printf '%s\n' "pixel single $connections" "lua single $connections" "njs single $connections"
    done

    for body in batch100 batch1000; do
        printf '%s\n' "bare $body $batch_connections" "lua $body $batch_connections" "njs $body $batch_connections"
    done
}


# all_variants: in the order in which they are measured
all_variants() {
    local reader name

    {
        others

        for reader in "${readers[@]}"; do
            ours "$reader"
        done
    } | while read -r name; do
        ! wanted "$name" || echo "$name"
    done
}


# describe variant: sets body, events (in the body), each (of them that get to
# the stub), connections, path, load_with, and reader, "" when it is none of ours
describe() {
    local what name ack

    read -r what name connections ack reader <<< "$1"

    case $name in
    single)
        body=$bench/data/single.json
        events=1
        ;;
    batch100)
        body=$bench/data/batch100.json
        events=100
        ;;
    batch1000)
        body=$dir/batch1000.json
        events=1000
        ;;
    esac

    each=$events

    # wrk hangs up at the end, bench/load waits: that matters when a request is
    # large; and wrk would be refused most of the time where answers come before
    # deliveries
    load_with=wrk
    [ "$name" = single ] || load_with=load

    case $what in
    return | bare)
        each=0
        path=/$what
        ;;
    tag | api)
        path=/$what/$ack
        [ "$ack" = delivered ] || load_with=load
        ;;
    *)
        path=/$what
        ;;
    esac
}


# http_block: the limits, the peers, and the module, with what is answered from
# memory
http_block() {
    local each

    cat <<END
    lua_package_path "/usr/share/lua/5.1/?.lua;;";
    lua_package_cpath "/usr/lib/$multiarch/lua/5.1/?.so;;";

    js_path $bench/peers;
    js_import pintag from pintag.js;

    server {
        listen 127.0.0.1:$nginx_port backlog=4096;

        client_body_buffer_size 4m;

        # nginx itself: no upstream, the POST as it came, a pixel that is always
        # the same

        location = /return {
            return 204;
        }

        location = /bare {
            proxy_pass http://pinterest/v3/;
            proxy_http_version 1.1;
            proxy_set_header Connection "";
        }

        location = /pixel {
            proxy_method GET;
            proxy_pass_request_body off;
            proxy_pass_request_headers off;
            proxy_pass http://pinterest/v3/?tid=2612826764086&noscript=1&event=checkout&ed[order_id]=1234&ed[value]=18.99;
            proxy_http_version 1.1;
            proxy_set_header Connection "";
            proxy_set_header Content-Length "";
        }

        # the peers

        location = /lua {
            content_by_lua_file $bench/peers/pintag.lua;
        }

        location = /njs {
            js_content pintag.handle;
        }

        location = /_peer {
            internal;
            proxy_method GET;
            proxy_pass_request_body off;
            proxy_pass_request_headers off;
            proxy_pass http://pinterest/v3/;
            proxy_http_version 1.1;
            proxy_set_header Connection "";
            proxy_set_header Content-Length "";
            proxy_set_header User-Agent \$http_user_agent;
        }

        # the module

        pintag_max_body 8m;

$(ours_at delivered; ours_at received)

$(pinterest_location)
    }
END
}


# http_spool_block: the module where answers come from the disk
http_spool_block() {
    cat <<END
    pintag_spool spool max_size=8g sync=1s;

    server {
        listen 127.0.0.1:$nginx_port backlog=4096;

        client_body_buffer_size 4m;
        pintag_max_body 8m;

$(ours_at stored)

$(pinterest_location)
    }
END
}


ours_at() {
    local transport

    for transport in tag api; do
        cat <<END
        location = /$transport/$1 {
            pintag_integrations $dir/$transport.yaml;
            pintag_pass /pinterest;
            pintag_ack $1;
        }
END
    done
}


# server_of variant: the name of its nginx; those that have no reader are in that
# of each reader, and measured in one of them, in turn
server_of() {
    local reader

    reader=${1##* }

    case $1 in
    *" stored "*)
        echo "$reader-stored"
        ;;
    tag* | api*)
        echo "$reader"
        ;;
    *)
        echo "${readers[(round - 1) % ${#readers[@]}]}"
        ;;
    esac
}


# server_start name
server_start() {
    nginx_port=$(free_port)
    so=$dir/${1%-stored}.so

    case $1 in
    *-stored)
        load_modules=()
        nginx_start "$1" < <(http_spool_block)
        ;;
    *)
        load_modules=(/usr/lib/nginx/modules/{ndk_http,ngx_http_lua,ngx_http_js}_module.so)
        nginx_start "$1" < <(http_block)
        ;;
    esac
}


# warm_up: the variant that is described, until connections are there, memory is
# touched, and what compiles at run time has done so
warm_up() {
    local got

    got=$(stub_count events)
    load_run "$connections" "$path" "$body" -n $((2000 / events + 20))

    if [ "$wrk_refused" != 0 ] || [ "$wrk_errors" != 0 ]; then
        say "$path: warming up, $wrk_refused requests were refused, $wrk_errors had no answer"
    fi

    wait_delivered $((got + (wrk_requests - wrk_refused) * each))
    wait_empty
}


bench_run() {
    local round variant server names needed=() at
    local body events each connections path reader

    if [ "${1-}" = quick ]; then
        quick=yes
        shift
    fi

    readers_wanted "$@"

    builds=no
    bench_begin wrk libnginx-mod-http-lua libnginx-mod-http-js lua-cjson lua-nginx-string
    readers_begin

    multiarch=$(gcc -print-multiarch)
    mapfile -t names < <(all_variants)
    [ ${#names[@]} -gt 0 ] || fail "nothing that is measured is named \"$only\""

    for round in $(seq "$rounds"); do
        say "round $round of $rounds"
        at=$(ms)

        mapfile -t needed < <(for variant in "${names[@]}"; do server_of "$variant"; done | sort -u)

        stub_start

        for server in "${needed[@]}"; do
            server_start "$server"
        done

        for variant in "${names[@]}"; do
            describe "$variant"
            nginx_use "$(server_of "$variant")"
            warm_up
        done

        warm=no

        for variant in "${names[@]}"; do
            describe "$variant"
            nginx_use "$(server_of "$variant")"
            measure "$variant" "$round" "$connections" "$path" "$body" "$each"
        done

        for server in "${needed[@]}"; do
            nginx_use "$server"
            nginx_stop
        done

        stub_stop
        record machine "$round" round_ms $(($(ms) - at))
    done

    round=1
    [ $quick = yes ] || count_all "${names[@]}"

    peers_table "${names[@]}"
    peers_summary
    peers_chart "${names[@]}"
}


# count_all variant ...: in an nginx of its own for each, memory and how often
# it is asked for; counting takes time, so that nothing else is measured here
count_all() {
    local variant before got
    local body events each connections path reader

    say "memory and allocations"

    preload=$tools/allocs.so
    export PINTAG_ALLOCS=$dir/allocs

    for variant in "$@"; do
        describe "$variant"
        stub_start
        server_start "$(server_of "$variant")"
        record "$variant" 1 rss_idle_kb "$(memory_kb VmRSS)"
        warm_up

        got=$(stub_count events)
        memory_reset
        before=$(od -An -t u8 "$PINTAG_ALLOCS")
        load_run "$connections" "$path" "$body" -t 1
        wait_delivered $((got + (wrk_requests - wrk_refused) * each))

        record "$variant" 1 peak_kb "$(memory_kb VmHWM)"
        record "$variant" 1 allocs \
            "$(divide $(($(od -An -t u8 "$PINTAG_ALLOCS") - before)) $(((wrk_requests - wrk_refused) * events)) 1 2)"

        nginx_stop
        stub_stop
    done

    preload=
    unset PINTAG_ALLOCS
}


# --- what is printed

# limit_of variant, peer_of variant lua | njs: what it is compared with, if any
limit_of() {
    local what name connections rest

    read -r what name connections rest <<< "$1"

    case "$what $name" in
    "tag single" | "lua single" | "njs single")
        echo "pixel $name $connections"
        ;;
    "api "*)
        echo "bare $name $connections"
        ;;
    esac
}


peer_of() {
    local what name connections rest

    read -r what name connections rest <<< "$1"

    case $what in
    tag)
        echo "$2 $name $connections"
        ;;
    esac
}


# against variant reference: the ratio of a request of each round, as text
against() {
    local m least most

    [ -n "$2" ] || { echo -; return 0; }

    read -r m least most < <(ratios "$1" "$2" request_us | spread %.2f)
    [ "$m" != - ] || { echo -; return 0; }
    echo "$m [$least $most]"
}


# an_event variant events [format]: median, least and most
an_event() {
    values "$1" request_us | awk -v n="$2" '{ print $1 / n }' | spread "${3-%.2f}"
}


peers_table() {
    local variant m least most last=
    local body events each connections path reader
    local row="%-34s %22s %9s %18s %18s %18s %8s %8s %6s %6s\n"

    echo
    echo "CPU of the worker in microseconds: medians of $rounds rounds of $seconds s, [least most]; ratios are those of each"
    echo "round, of a request. limit: /pixel for the Tag, /bare with the same body for the Conversions API."
    echo "peak: most memory that was resident, MiB. allocs: calls of malloc() and its kin, an event."
    echo

    # shellcheck disable=SC2059
    printf "$row" "" "an event" "a request" "to the limit" "to lua" "to njs" "p50 ms" "p99 ms" "peak" "allocs"

    for variant in "$@"; do
        describe "$variant"

        [ "$reader" = "$last" ] || echo
        last=$reader

        read -r m least most < <(an_event "$variant" "$events")
        [ "$m" = - ] || m="$m [$least $most]"

        # shellcheck disable=SC2059
        printf "$row" "$variant" "$m" "$(values "$variant" request_us | middle %.1f)" \
            "$(against "$variant" "$(limit_of "$variant")")" \
            "$(against "$variant" "$(peer_of "$variant" lua)")" \
            "$(against "$variant" "$(peer_of "$variant" njs)")" \
            "$(divide "$(median "$variant" p50_us)" 1000 1 2)" \
            "$(divide "$(median "$variant" p99_us)" 1000 1 2)" \
            "$(mib "$(median "$variant" peak_kb)")" \
            "$(values "$variant" allocs | middle %.1f)"
    done

    noise
}


mib() {
    if [ "$1" = - ]; then
        echo -
    else
        divide "$1" 1024 1 1
    fi
}


# compare reader "words" "ours" "reference" limit [stretch]
compare() {
    local reader=$1 words=$2 m least most verdict=

    read -r m least most < <(ratios "$3 $reader" "$4" request_us | spread %.2f)
    [ "$m" != - ] || return 0

    [ "$5" = - ] || verdict=$(awk -v m="$m" -v t="$5" -v s="${6-}" \
        'BEGIN { print (m > t ? "missed" : s == "" ? "met" : m > s ? "met, stretch missed" : "met, stretch met") }')

    printf '%-62s %-8s %5s  %-14s %-22s %s\n' "$words" "$reader" "$m" "[$least $most]" \
        "$([ "$5" = - ] || echo "<= $5${6+, stretch $6}")" "$verdict"
}


peers_summary() {
    local single="tag single 32 delivered" batch="tag batch100 $batch_connections delivered"
    local api="api single 64 delivered" api_batch="api batch100 $batch_connections delivered"
    local one="Tag, single, delivered, 32 connections, against"
    local many="Tag, batches of 100, an event, against"

    {
        compare yyjson  "$one /pixel" "$single" "pixel single 32" 1.3 1.2
        compare jansson "$one /pixel" "$single" "pixel single 32" 2.2
        compare yyjson  "$one /lua" "$single" "lua single 32" 0.6
        compare jansson "$one /lua" "$single" "lua single 32" 0.95
        compare yyjson  "$one /njs" "$single" "njs single 32" 0.3
        compare jansson "$one /njs" "$single" "njs single 32" 0.5
        compare yyjson  "$many /lua" "$batch" "lua batch100 $batch_connections" 0.5 0.4
        compare jansson "$many /lua" "$batch" "lua batch100 $batch_connections" -
        compare yyjson  "$many /njs" "$batch" "njs batch100 $batch_connections" 0.3 0.25
        compare jansson "$many /njs" "$batch" "njs batch100 $batch_connections" -
        compare yyjson  "API, single, delivered, 64 connections, against /bare" "$api" "bare single 64" 0.8
        compare jansson "API, single, delivered, 64 connections, against /bare" "$api" "bare single 64" 1.6
        compare yyjson  "API, batches of 100, a batch, against /bare, same body" "$api_batch" \
                        "bare batch100 $batch_connections" 5
        compare jansson "API, batches of 100, a batch, against /bare, same body" "$api_batch" \
                        "bare batch100 $batch_connections" -
    } > "$dir/summary"

    [ -s "$dir/summary" ] || return 0

    echo
    echo "CPU, ratios: median [least most] of $rounds rounds; target"
    echo
    cat "$dir/summary"
}


# peers_chart variant ...: all of them as bars, beside the CSV
peers_chart() {
    local variant title last='' section what name connections ack kind label m least most
    local transport svg=${csv%.csv}.svg

    {
        for section in "tag single 32" "tag single 256" "tag batch100 $batch_connections" \
                       "tag batch1000 $batch_connections" "api single 32" "api single 64" "api single 256" \
                       "api batch100 $batch_connections" "api batch1000 $batch_connections"
        do
            transport=${section%% *}

            # no heading without a bar of ours
            [[ " $(printf '%s|' "$@")" == *"$section "* ]] || continue

            for variant in "$@"; do
                [ "${variant#* }" = "${section#* }" ] || [[ $variant == "$section "* ]] || continue
                read -r what name connections ack kind <<< "$variant"

                case "$transport $what" in
                "api pixel" | "api lua" | "api njs")
                    continue
                    ;;
                *" return" | *" bare" | *" pixel")
                    kind=limit
                    label="/$what"
                    ;;
                *" lua" | *" njs")
                    kind=peer
                    label="/$what"
                    ;;
                *)
                    label="$ack, $kind"
                    ;;
                esac

                title="$([ "$transport" = tag ] && echo "Tag" || echo "Conversions API"), $(
                    [ "$name" = single ] && echo "an event a request" || echo "${name#batch} events a request"
                ), $connections connections"

                [ "$title" = "$last" ] || printf 'section\t%s\t0\t0\t0\n' "$title"
                last=$title

                describe_events "$name"
                read -r m least most < <(an_event "$variant" "$events" %.3f)
                [ "$m" = - ] || printf '%s\t%s\t%s\t%s\t%s\n' "$kind" "$label" "$m" "$least" "$most"
            done
        done
    } | awk -v title="CPU of the worker, microseconds an event" \
            -v note="nginx $(nginx_version), $rounds rounds of $seconds s; bars: median, lines: least and most" \
            -f "$bench/bars.awk" > "$svg"

    echo
    say "the chart: ${svg#"$root/"}"
}


describe_events() {
    case $1 in
    single)
        events=1
        ;;
    *)
        events=${1#batch}
        ;;
    esac
}
