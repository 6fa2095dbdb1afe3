# shellcheck shell=bash disable=SC2034,SC2154
#
# worst: which bodies within pintag_max_body take a worker the most time, with
# each JSON reader, for a destination with both transports: thousands of them,
# large and small values of all kinds wherever something is looked at.  The
# CPU time of the thread for reading, mapping and encoding, median and least of
# the rounds.  Takes an hour and more; --only takes a part of them, such as
# "*; one event", "*; shared" or "custom *".
#
#   --reader NAME   with this JSON reader only
#   --most N        how many are printed (20)

# shellcheck source=bench/core.sh
. bench/core.sh

seconds=1


bench_run() {
    local most=20 reader wanted_readers=() measured

    while [ $# -gt 0 ]; do
        case $1 in
        --reader)
            wanted_readers+=("${2-}")
            ;;
        --most)
            most=$(number "$1" "${2-}")
            ;;
        *)
            fail "unknown argument \"$1\"" "usage: script/bench worst [--reader NAME] [--most N]"
            ;;
        esac
        shift 2
    done

    core_packages
    core_build
    bench_open

    [ ${#wanted_readers[@]} -gt 0 ] || wanted_readers=("${core_readers[@]}")

    wait_quiet

    for reader in "${wanted_readers[@]}"; do
        [ -x "build/bench/worst-$reader" ] \
            || fail "there is no JSON reader \"$reader\"" "these are here: ${core_readers[*]}"

        measured=$dir/$reader.tsv

        worst_scale
        say "$reader: one body after the other"

        taskset -c "$cpu_nginx" "build/bench/worst-$reader" --only "$only" \
            --rounds "$rounds" bench/data/worst.yaml > "$measured"

        worst_scale
        worst_record "$reader" < "$measured"
        sort -t $'\t' -k2,2nr "$measured" | worst_table "$reader" "$most"
    done
}


# worst_scale: how fast this machine is at the moment
worst_scale() {
    build/bench/core-jansson --seconds "$seconds" parse bench/data/single.json \
        | awk '{ f[$1] = $2 }
               END {
                   printf "bench: reading bench/data/single.json with jansson takes %.1f us, %.1f at least\n",
                          f["ns"] / 1000, f["min"] / 1000
               }'
}


worst_record() {
    local bytes ns least outcome name

    while IFS=$'\t' read -r bytes ns least outcome name; do
        record "$1 $name" 1 bytes "$bytes"
        record "$1 $name" 1 ns "$ns"
        record "$1 $name" 1 least "$least"
    done
}


worst_table() {
    echo
    echo "$1, for a destination with a tag and an ad account: milliseconds, and ns a byte"
    echo
    awk -F'\t' -v most="$2" '
        BEGIN { printf "%8s %8s %8s  %-18s %s\n", "ms", "least", "ns/byte", "outcome", "" }
        NR <= most {
            printf "%8.2f %8.2f %8.1f  %-18s %s\n", $2 / 1e6, $3 / 1e6, $2 / $1, $4, $5
        }
        END { printf "\n%d bodies took 1 ms or more\n", NR }'
}
