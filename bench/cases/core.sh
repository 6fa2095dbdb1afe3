# shellcheck shell=bash disable=SC2034,SC2154
#
# core: what an event costs in the core alone, without nginx, with each JSON
# reader: parse reads the body, tag and api map and encode it as well.  By the
# clock, 5 rounds of 1 s unless told otherwise, and in instructions, which a
# busy machine does not change.

# shellcheck source=bench/core.sh
. bench/core.sh

seconds=1


bench_run() {
    local round reader input mode variants=() variant core_args figures figure value

    [ $# = 0 ] || fail "unknown argument \"$1\"" "usage: script/bench core"

    core_packages
    core_build
    bench_open

    for input in "${core_inputs[@]}"; do
        for mode in parse tag api; do
            for reader in "${core_readers[@]}"; do
                variant="$input $mode $reader"
                ! wanted "$variant" || variants+=("$variant")
            done
        done
    done

    wait_quiet

    for round in $(seq "$rounds"); do
        say "round $round of $rounds"

        for variant in "${variants[@]}"; do
            read -r input mode reader <<< "$variant"
            core_arguments "$input" "$mode"

            figures=$(taskset -c "$cpu_nginx" \
                          "build/bench/core-$reader" --seconds "$seconds" "${core_args[@]}")

            while read -r figure value; do
                record "$variant" "$round" "$figure" "$value"
            done <<< "$figures"
        done
    done

    say "counting instructions"

    for variant in "${variants[@]}"; do
        read -r input mode reader <<< "$variant"
        value=$(core_instructions "$reader" "$input" "$mode")
        record "$variant" 1 instructions "$value"
    done

    core_table "${variants[@]}"
}


core_table() {
    local variant ns min max row="%-24s %9s %9s %9s %13s\n"

    echo
    echo "One core; ns an event: the median of $rounds rounds of $seconds s, in turn, and the least and the"
    echo "most of their 20 parts each."
    echo

    # shellcheck disable=SC2059
    printf "$row" "" ns min max instructions

    for variant in "$@"; do
        read -r ns _ _ < <(values "$variant" ns | spread %.0f)
        read -r _ min _ < <(values "$variant" min | spread %.0f)
        read -r _ _ max < <(values "$variant" max | spread %.0f)

        # shellcheck disable=SC2059
        printf "$row" "$variant" "$ns" "$min" "$max" "$(median "$variant" instructions)"
    done
}
