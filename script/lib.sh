# shellcheck shell=bash disable=SC2034
#
# Sourced by the scripts beside it: never run on its own.
#
# Sets root (the project's folder) and build (what the scripts make goes there),
# and changes to root.

set -eu -o pipefail

root=$(CDPATH='' cd -- "$(dirname -- "${BASH_SOURCE[0]}")/.." && pwd -P)
build=$root/build
module=$build/ngx_http_pintag_module.so
nginx_src=/usr/share/nginx/src      # where Debian's nginx-dev puts its sources

cd "$root"

# Debian keeps nginx there, and a user's own PATH may not have it
PATH=$PATH:/usr/sbin:/sbin


say() {
    printf '%s: %s\n' "${0##*/}" "$*"
}


# fail "the reason" ["the remedy"]
fail() {
    printf '%s: error: %s\n' "${0##*/}" "$1" >&2

    if [ $# -gt 1 ]; then
        printf '%s: %s\n' "${0##*/}" "$2" >&2
    fi

    exit 1
}


# Runs a command and keeps its output out of sight unless it fails.
quietly() {
    local log

    log=$(mktemp)

    if "$@" > "$log" 2>&1; then
        rm -f "$log"
        return 0
    fi

    tail -n 60 "$log" >&2
    rm -f "$log"
    return 1
}


installed() {
    [ "$(dpkg-query -W -f='${db:Status-Status}' "$1" 2>/dev/null)" = installed ]
}


# The prefix that makes a command root's: nothing for root himself.
as_root() {
    if [ "$(id -u)" = 0 ]; then
        "$@"
    else
        sudo "$@"
    fi
}


can_be_root() {
    [ "$(id -u)" = 0 ] || sudo -n true 2>/dev/null || { [ -t 0 ] && command -v sudo >/dev/null; }
}


apt_install() {
    as_root env DEBIAN_FRONTEND=noninteractive \
        apt-get install -y --no-install-recommends "$@" < /dev/null
}


# need_packages name ...: installs those that are not there.
need_packages() {
    local missing=() name

    command -v dpkg-query > /dev/null \
        || fail "this script installs what it needs with Debian's apt-get, and this is no Debian" \
                "install these by hand and run the steps of the script yourself: $*"

    for name in "$@"; do
        installed "$name" || missing+=("$name")
    done

    if [ ${#missing[@]} -eq 0 ]; then
        return 0
    fi

    can_be_root \
        || fail "these packages are missing and only root can install them: ${missing[*]}" \
                "run as root: apt-get update && apt-get install --no-install-recommends ${missing[*]}"

    say "installing ${missing[*]}"

    case " ${missing[*]} " in
    *" nginx "* | *" nginx-dev "*)
        install_without_service "${missing[@]}"
        ;;
    *)
        install_now "${missing[@]}"
        ;;
    esac

    for name in "${missing[@]}"; do
        installed "$name" || fail "apt-get did not install $name"
    done
}


# The lists may be old or absent: a second try follows an update.
install_now() {
    if quietly apt_install "$@" 2>/dev/null; then
        return 0
    fi

    say "updating the package lists"
    quietly as_root apt-get update || fail "apt-get update failed" "look at the lines above"
    quietly apt_install "$@" \
        || fail "apt-get could not install: $*" "look at the lines above"
}


# Installing nginx must not leave a web server running on port 80, nor one that
# starts at boot: /usr/sbin/policy-rc.d keeps Debian's packages from starting
# services while it is there. One that is there already is left alone.
install_without_service() {
    local policy=/usr/sbin/policy-rc.d ours=no had_nginx=no rc=0

    installed nginx && had_nginx=yes

    if [ $had_nginx = no ] && [ ! -e $policy ]; then
        ours=yes
        printf '#!/bin/sh\nexit 101\n' | as_root tee $policy > /dev/null
        as_root chmod 755 $policy
    fi

    # in a subshell, since install_now exits when it fails
    ( install_now "$@" ) || rc=$?

    if [ $ours = yes ]; then
        as_root rm -f $policy
    fi

    if [ $rc = 0 ] && [ $had_nginx = no ]; then
        as_root deb-systemd-helper disable nginx.service > /dev/null 2>&1 || true
        as_root update-rc.d nginx disable > /dev/null 2>&1 || true
    fi

    [ $rc = 0 ] || exit $rc
}


nginx_version() {
    nginx -v 2>&1 | sed -n 's,.*nginx/\([0-9.]*\).*,\1,p'
}


# port_is_free 8080: whether nothing listens on 127.0.0.1:8080.
port_is_free() {
    ! ( exec 3<> "/dev/tcp/127.0.0.1/$1" ) 2> /dev/null
}


# A port below the ones that the system gives to outgoing connections.
free_port() {
    local port

    for _ in 1 2 3 4 5 6 7 8 9 10 11 12 13 14 15 16 17 18 19 20; do
        port=$((10240 + RANDOM % 20000))
        if port_is_free "$port"; then
            echo "$port"
            return 0
        fi
    done

    fail "no free port was found on 127.0.0.1"
}
