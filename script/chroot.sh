# shellcheck shell=bash disable=SC2154
#
# Sourced after lib.sh and suites.sh by script/test --suite and script/package
# --suite: a script of the project inside another suite of Debian, with its nginx.
#
# A suite is made once, by debootstrap from the archive that this machine is
# configured for, and kept in the user's cache, outside of the project.  The
# script runs there in namespaces of mounts and of processes that are its own:
# when it ends, however it does, nothing stays mounted and no process is left.

chroots=${XDG_CACHE_HOME:-$HOME/.cache}/pintag
keyring=/usr/share/keyrings/debian-archive-keyring.gpg


# chroot_remove folder: only if nothing is mounted in it
chroot_remove() {
    local at

    at=$(awk -v dir="$1/" 'index($2 "/", dir) == 1 { print $2; exit }' /proc/self/mounts)

    [ -z "$at" ] || fail "something is mounted on $at" "umount $at"
    rm -rf --one-file-system "${1:?}"
}


# chroot_make suite: leaves $chroots/suite
chroot_make() {
    local suite=$1 dir=$chroots/$1 archive

    [ ! -e "$dir/etc/pintag" ] || return 0

    need_packages debootstrap debian-archive-keyring

    archive=$(main_archive)

    # it does not know whose an archive is before it has been there
    if [ -z "$archive" ]; then
        quietly apt-get update || true
        archive=$(main_archive)
    fi

    [ -n "$archive" ] \
        || fail "this machine's apt knows no archive of Debian to take $suite from" \
                "apt-get update, with the archive in /etc/apt/sources.list.d"

    say "making $suite in $dir"
    chroot_remove "$dir"
    mkdir -p "$chroots"

    # what it mounts it may leave mounted when it is interrupted
    quietly unshare --mount debootstrap --variant=minbase --include=ca-certificates \
            --keyring="$keyring" "$suite" "$dir" "$archive" \
        || fail "debootstrap could not make $suite" \
                "the reason is above; perhaps the archive of this machine has no $suite"

    rm -f "$dir"/etc/apt/sources.list.d/*
    echo "deb [signed-by=$keyring] $archive $suite main" > "$dir/etc/apt/sources.list"

    # no package may start a service, and none has to survive a power failure
    printf '#!/bin/sh\nexit 101\n' > "$dir/usr/sbin/policy-rc.d"
    chmod 755 "$dir/usr/sbin/policy-rc.d"
    echo force-unsafe-io > "$dir/etc/dpkg/dpkg.cfg.d/pintag"

    # the last: one that was not finished is made anew
    echo "$suite" > "$dir/etc/pintag"
}


# What this machine needs to reach the network, so that suite reaches it, too.
chroot_network() {
    local dir=$1 crt

    cp -L /etc/resolv.conf /etc/hosts "$dir/etc/"

    apt-config dump | grep -E '^Acquire::(http|https|ftp|Check-)' \
        > "$dir/etc/apt/apt.conf.d/pintag" || true

    for crt in /usr/local/share/ca-certificates/*.crt; do
        [ ! -f "$crt" ] || cp "$crt" "$dir/usr/local/share/ca-certificates/"
    done

    quietly chroot "$dir" update-ca-certificates
}


# run_in_suite suite script [argument ...]
run_in_suite() {
    local suite=$1 dir=$chroots/$1 script=$2 name rc=0 env=() inside

    shift

    [ "$(id -u)" = 0 ] \
        || fail "only root can make and enter another suite" \
                "run this script as root"

    command -v dpkg-query apt-get > /dev/null \
        || fail "another suite is made with Debian's tools, and this is no Debian" \
                "on a Debian of that suite run: $*"

    need_packages git

    mkdir -p "$chroots"
    exec 8> "$chroots/$suite.lock"
    flock 8

    chroot_make "$suite"
    chroot_network "$dir" || fail "certificates could not be taken to $suite"

    # as in a fresh clone
    chroot_remove "$dir/root/pintag"
    mkdir "$dir/root/pintag"
    git -c safe.directory="$root" archive HEAD | tar -x -C "$dir/root/pintag" \
        || fail "HEAD could not be copied" "is this a git clone?"

    [ -z "$(git -c safe.directory="$root" status --porcelain)" ] \
        || say "what is not committed is not there in $suite"

    for name in http_proxy https_proxy no_proxy HTTP_PROXY HTTPS_PROXY NO_PROXY \
                TERM PINTAG_JSON PINTAG_FAULTS; do
        [ -z "${!name-}" ] || env+=("$name=${!name}")
    done

    if command -v npm > /dev/null; then
        env+=(NPM_CONFIG_REGISTRY="$(npm config get registry)")
    fi

    say "in $suite: $*"

    # shellcheck disable=SC2016  # the inner shell's
    unshare --mount --pid --fork --kill-child bash -c '
        set -e
        dir=$1
        shift
        mount -t proc proc "$dir/proc"
        mount --rbind /dev "$dir/dev"
        rc=0
        chroot "$dir" "$@" || rc=$?
        exit $rc
    ' bash "$dir" /usr/bin/env -i HOME=/root LC_ALL=C.UTF-8 \
        PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin \
        NODE_EXTRA_CA_CERTS=/etc/ssl/certs/ca-certificates.crt "${env[@]}" \
        bash -c 'cd /root/pintag && exec "$@"' bash "$@" 8>&- < /dev/null &
    inside=$!

    # unshare itself lets no other signal end it; all that is inside goes with it
    # shellcheck disable=SC2064  # as it is now
    trap "kill -KILL $inside 2> /dev/null || true; exit 130" INT TERM HUP
    wait $inside || rc=$?
    trap - INT TERM HUP

    flock -u 8

    [ $rc = 0 ] || fail "$script failed in $suite" \
                        "the reason is above; its files are in $dir/root/pintag/build"
}
