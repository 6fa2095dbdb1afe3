# shellcheck shell=bash disable=SC2034,SC2154
#
# Sourced after script/lib.sh: bench/core with each JSON reader at hand, and the
# instructions that it takes.

core_inputs=(single batch100)


core_packages() {
    need_packages gcc make libc6-dev util-linux valgrind \
                  libjansson-dev libyaml-dev libssl-dev zlib1g-dev
}


# core_build: sets core_readers, those whose library is here
core_build() {
    local reader

    core_readers=(jansson)

    if [ -f ngx_http_pintag_module/core/json_yyjson.c ] \
       && gcc -E -include yyjson.h -x c /dev/null > /dev/null 2>&1
    then
        core_readers+=(yyjson)
    fi

    mkdir -p "$build/bench"

    for reader in "${core_readers[@]}"; do
        flock "$build/bench/core.lock" make -s -j2 -f bench/core.mk JSON="$reader" \
            || fail "bench/core does not compile with the JSON reader $reader"
    done
}


# core_arguments input mode: sets core_args, the arguments of bench/core
core_arguments() {
    core_args=("$2" "bench/data/$1.json")

    case $2 in
    tag)
        core_args+=(t/data/integrations.yaml)
        ;;
    api)
        core_args+=(bench/data/api.yaml)
        ;;
    esac
}


# core_instructions reader input mode: instructions an event, neither those of a
# start nor those that only the first requests take.
#
# The environment lies on the stack and must not be another each time.  glibc is
# told not to use "rep stosb" and "rep movsb", which valgrind takes for an
# instruction a byte.
core_instructions() {
    local program=build/bench/core-$1 requests=100 core_args command
    local tunables=glibc.cpu.x86_rep_stosb_threshold=1000000000

    tunables+=:glibc.cpu.x86_rep_movsb_threshold=1000000000

    core_arguments "$2" "$3"
    [[ $2 != batch* ]] || requests=2

    command=(valgrind --tool=callgrind --callgrind-out-file=/dev/null
             --toggle-collect=bench_counted
             "$program" --instructions "$requests" "${core_args[@]}")

    env -i PATH=/usr/bin:/bin LC_ALL=C GLIBC_TUNABLES=$tunables "${command[@]}" 2>&1 \
        | awk '/Collected :/ { i = $NF }
               $1 == "events" { e = $2 }
               END { if (!i || !e) exit 1; printf "%.0f\n", i / e }' \
        || fail "valgrind counted nothing" "run it by hand: ${command[*]}"
}
