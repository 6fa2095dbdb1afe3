# shellcheck shell=bash disable=SC2034,SC2154
#
# worst: which bodies within pintag_max_body take a worker the most time, with
# each JSON reader, for a destination with both transports: thousands of them,
# large and small values of all kinds wherever something is looked at.  The
# CPU time of the thread for reading, mapping and encoding, median and least of
# the rounds, and how many times as long as jansson takes to read
# bench/data/single.json at that moment.  Takes an hour and more; --only takes a part of them, such as
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

        say "$reader: one body after the other"

        taskset -c "$cpu_nginx" "build/bench/worst-$reader" --only "$only" \
            --rounds "$rounds" bench/data/worst.yaml bench/data/single.json \
            > "$measured"

        worst_record "$reader" < "$measured"
        sort -t $'\t' -k4,4nr "$measured" | worst_table "$reader" "$most"
    done
}


worst_record() {
    local bytes ns least scaled outcome name

    while IFS=$'\t' read -r bytes ns least scaled outcome name; do
        record "$1 $name" 1 bytes "$bytes"
        record "$1 $name" 1 ns "$ns"
        record "$1 $name" 1 least "$least"
        record "$1 $name" 1 scaled "$scaled"
    done
}


worst_table() {
    echo
    echo "$1, for a destination with a tag and an ad account: milliseconds, ns a byte, and times what"
    echo "jansson takes for bench/data/single.json"
    echo
    awk -F'\t' -v most="$2" '
        BEGIN { printf "%8s %8s %8s %8s  %-18s %s\n", "times", "ms", "least", "ns/byte", "outcome", "" }
        NR <= most {
            printf "%8d %8.2f %8.2f %8.1f  %-18s %s\n",
                   $4, $2 / 1e6, $3 / 1e6, $2 / $1, $5, $6
        }
        END { printf "\n%d bodies took 1 ms or more\n", NR }'
}
