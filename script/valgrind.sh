# shellcheck shell=bash disable=SC2154
#
# Sourced after lib.sh by script/test --valgrind: nginx and the module as they
# are, every process of theirs under valgrind's memcheck.  What it finds is a
# read of memory that nobody has set, a write to what is not allocated, and what
# a process has lost when it ends; the worker's exit status tells of it, and a
# test sees that as an alert in the log.  What stays in a pool it cannot tell
# apart: --sanitize does.

valgrind_dir=$build/valgrind

# what cannot be tested with it
# shellcheck disable=SC2034
valgrind_skips='
t/encoding.t: valgrind keeps freed memory
t/memory.t: valgrind keeps freed memory
t/faults/memory.t: valgrind has an allocator of its own
t/faults/memory_each.t: valgrind has an allocator of its own
t/faults/memory_config.t: valgrind has an allocator of its own'


# Sets and exports what t/ looks at: a TEST_NGINX_BINARY which runs nginx under
# valgrind, how long to wait for it.
valgrind_build() {
    local nginx

    # that of glibc is for valgrind to know it by its symbols
    need_packages valgrind libc6-dbg nginx
    nginx=$(command -v "${TEST_NGINX_BINARY:-nginx}")

    rm -rf "$valgrind_dir"
    mkdir -p "$valgrind_dir/reports"

    # some of the tests have an nginx of another user
    chmod 1777 "$valgrind_dir/reports"

    # one log a process; the new binary of an upgrade is to be watched, too
    cat > "$valgrind_dir/nginx" << END
#!/bin/bash

case " \$* " in
*' -V '*)
    exec $nginx "\$@"
    ;;
esac

exec valgrind -q --vgdb=no --num-callers=30 --keep-debuginfo=yes \\
    --trace-children=yes --error-exitcode=99 \\
    --leak-check=full --show-leak-kinds=definite --errors-for-leak-kinds=definite \\
    --suppressions='$root/script/valgrind.supp' \\
    --log-file='$valgrind_dir/reports/%p' $nginx "\$@"
END
    chmod 755 "$valgrind_dir/nginx"

    export TEST_NGINX_BINARY=$valgrind_dir/nginx
    export PINTAG_VALGRIND=1
    export PINTAG_SLOW=10
    export TEST_NGINX_TIMEOUT=30
}


# Fails when valgrind has reported something; each kind is shown once.
valgrind_check() {
    find "$valgrind_dir/reports" -type f -empty -delete

    [ -n "$(ls "$valgrind_dir/reports")" ] || return 0

    # what it is and the first frame of the module's; the numbers differ
    awk -F': ' '
        function flush() {
            if (what != "") print what (where != "" ? ", " where : "")
            what = where = ""
        }
        { sub(/^==[0-9]+== ?/, "") }
        /^$/ { flush(); next }
        what == "" {
            what = $0
            sub(/^ *[0-9,]+( \([^)]*\))? bytes in [0-9,]+ blocks/, "bytes", what)
            sub(/ in loss record .*/, "", what)
            next
        }
        where == "" && /pintag/ { where = $2 }
        END { flush() }' "$valgrind_dir"/reports/* \
        | sort | uniq -c | sort -rn | head -n 40 >&2
    return 1
}
