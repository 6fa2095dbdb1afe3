# shellcheck shell=bash disable=SC2154
#
# Sourced after lib.sh and suites.sh by script/test --sanitize: an nginx with
# the module compiled in, under AddressSanitizer and UBSan, from upstream's
# sources of the version that is installed.  NGX_DEBUG_PALLOC makes every
# allocation from a pool one of its own, which the sanitizer then watches.
#
# The module reads JSON with jansson in it, so that the tests go through both
# readers: in a plain run it is yyjson.

sanitize_dir=$build/sanitize

# what cannot be tested with it
# shellcheck disable=SC2034
sanitize_skips='
t/encoding.t: a sanitizer keeps freed memory
t/memory.t: a sanitizer keeps freed memory'


# Sets and exports what t/ looks at: TEST_NGINX_BINARY, TEST_NGINX_LOAD_MODULES.
sanitize_build() {
    local version src stamp objs flags

    need_packages gcc make libc6-dev nginx \
                  libjansson-dev libyaml-dev libssl-dev zlib1g-dev libpcre2-dev

    version=$(nginx_version)
    src=$sanitize_dir/nginx-$version
    objs=$src/objs
    flags="-g -O1 -fno-omit-frame-pointer -DNGX_DEBUG_PALLOC=1"
    flags+=" -fsanitize=address,undefined,float-cast-overflow,float-divide-by-zero"

    if [ ! -x "$src/configure" ]; then
        rm -rf "$src"
        mkdir -p "$src" "$sanitize_dir/download"
        say "downloading the sources of nginx $version"

        upstream_source nginx "$sanitize_dir/download" \
            || fail "the sources of nginx could not be downloaded" "look at the lines above"
        [ -f "$sanitize_dir/download/nginx_$version.orig.tar.gz" ] \
            || fail "the archive has no nginx_$version.orig.tar.gz" \
                    "nginx $version is installed, another is in the archive: apt-get install nginx"

        tar -xzf "$sanitize_dir/download/nginx_$version.orig.tar.gz" -C "$src" --strip-components=1
    fi

    # the rest is for make to see
    stamp=$(
        {
            gcc --version
            cat config script/sanitize.c
            echo "$root $flags"
        } | sha256sum | cut -d' ' -f1
    )

    if [ "$(cat "$objs/pintag.stamp" 2> /dev/null)" != "$stamp" ]; then
        say "configuring a sanitized nginx $version"

        (
            cd "$src"
            export PINTAG_JSON=jansson
            rm -rf objs
            gcc -g -O1 -Wall -c -o ../sanitize.o "$root/script/sanitize.c"
            ./configure --with-cc-opt="$flags" \
                --with-ld-opt="-fsanitize=address,undefined $sanitize_dir/sanitize.o" \
                --prefix="$sanitize_dir" \
                --with-debug --with-threads --with-poll_module --with-http_ssl_module \
                --with-http_v2_module --with-http_stub_status_module \
                --with-http_realip_module --with-http_auth_request_module \
                --add-module="$root"
        ) > "$sanitize_dir/configure.log" 2>&1 || {
            tail -n 20 "$sanitize_dir/configure.log" >&2
            fail "nginx's configure failed" "the whole of it: $sanitize_dir/configure.log"
        }

        echo "$stamp" > "$objs/pintag.stamp"
    fi

    say "building it with the module"

    make -s -j2 -C "$src" > "$sanitize_dir/make.log" 2>&1 || {
        grep -v '^make' "$sanitize_dir/make.log" >&2 || true
        fail "the sanitized nginx does not compile" "the first error above is the one to look at"
    }

    export TEST_NGINX_BINARY=$objs/nginx
    export TEST_NGINX_LOAD_MODULES=
}


# Where reports go.  A worker of another user must be able to write there.
sanitize_options() {
    export PINTAG_REPORTS

    PINTAG_REPORTS=$(mktemp -d)
    chmod 1777 "$PINTAG_REPORTS"
    install -m 644 script/sanitize.supp "$PINTAG_REPORTS"
}


# Fails when a sanitizer has reported something; each kind is shown once.
sanitize_check() {
    rm -rf "$sanitize_dir/reports"
    rm -f "$PINTAG_REPORTS/sanitize.supp"
    cp -r "$PINTAG_REPORTS" "$sanitize_dir/reports"
    rm -rf "$PINTAG_REPORTS"

    [ -n "$(ls "$sanitize_dir/reports")" ] || return 0

    grep -hE 'runtime error:|ERROR: AddressSanitizer' "$sanitize_dir"/reports/* \
        | sed -E 's/^==[0-9]+==//; s/0x[0-9a-f]+/0x../g' | sort | uniq -c | sort -rn | head -n 40 >&2
    return 1
}
