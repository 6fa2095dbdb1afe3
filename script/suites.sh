# shellcheck shell=bash disable=SC2154
#
# Sourced after lib.sh by scripts that need packages which only newer suites of
# Debian have: Test::Nginx, and yyjson, which reads JSON fast.
#
# They are taken from the archive that this machine is configured for, from
# another suite: a list of sources in a temporary folder, nothing of it stays.
# That is for packages that install here as they are.

other_suite_sources() {
    local suite=$1 parts=$2 own file

    # the main archive's entries have a suite of one of these names;
    # those of security, updates and strangers have others
    own="$(sed -n 's/^VERSION_CODENAME=//p' /etc/os-release) stable oldstable testing sid unstable"

    # "deb [options] uri suite component ..."
    for file in /etc/apt/sources.list /etc/apt/sources.list.d/*.list; do
        [ -f "$file" ] || continue
        awk -v suite="$suite" -v own=" $own " '
            $1 == "deb" {
                at = 2
                if ($2 ~ /^\[/) { while ($at !~ /\]$/ && at < NF) at++; at++ }
                at++
                if (index(own, " " $at " ")) { $at = suite; print }
            }' "$file"
    done > "$parts/archive.list"

    # deb822: paragraphs of fields
    for file in /etc/apt/sources.list.d/*.sources; do
        [ -f "$file" ] || continue
        awk -v suite="$suite" -v own=" $own " '
            function flush() {
                if (deb && main && on) print text
                text = ""; deb = main = 0; on = 1
            }
            BEGIN { on = 1 }
            /^[ \t]*$/ { flush(); next }
            /^#/ { next }
            tolower($1) == "types:" && / deb( |$)/ { deb = 1; $0 = "Types: deb" }
            tolower($1) == "enabled:" && tolower($2) ~ /^(no|false)$/ { on = 0 }
            tolower($1) == "suites:" {
                for (i = 2; i <= NF; i++) if (index(own, " " $i " ")) main = 1
                $0 = "Suites: " suite
            }
            { text = text $0 "\n" }
            END { flush() }' "$file"
    done > "$parts/archive.sources"
}


# newer_suite name ...: installs the packages, all of one suite; 1 when no suite
# has them.
newer_suite() {
    local dir suite apt

    can_be_root || fail "these packages are missing and only root can install them: $*" \
                        "run this script once as root"

    dir=$(mktemp -d)

    for suite in stable testing sid; do
        rm -rf "${dir:?}"/*
        mkdir -p "$dir/parts" "$dir/lists/partial" "$dir/archives/partial"
        other_suite_sources $suite "$dir/parts"

        apt=(apt-get -o Dir::Etc::SourceList=/dev/null
                     -o Dir::Etc::SourceParts="$dir/parts"
                     -o Dir::State::Lists="$dir/lists"
                     -o Dir::Cache::Archives="$dir/archives"
                     -o Dir::Cache::PkgCache= -o Dir::Cache::SrcPkgCache=
                     -o APT::Sandbox::User=root
                     -o APT::Get::List-Cleanup=0)

        # an archive of strangers may lack that suite: what counts is the package
        quietly as_root "${apt[@]}" update 2> /dev/null || true

        if ( cd "$dir" && quietly as_root "${apt[@]}" download "$@" ) 2> /dev/null; then
            break
        fi
    done

    set -- "$dir"/*.deb

    if [ ! -f "$1" ]; then
        as_root rm -rf "$dir"
        return 1
    fi

    say "installing ${*##*/} of $suite, what they depend on from this machine's own suite"
    install_now "$@"
    as_root rm -rf "$dir"
}


need_test_nginx() {
    if perl -MTest::Nginx::Socket -e1 2> /dev/null; then
        return 0
    fi

    can_be_root || fail "Test::Nginx is missing and only root can install it" \
                        "run this script once as root, or: cpanm Test::Nginx"

    if quietly as_root apt-get install -y --no-install-recommends libtest-nginx-perl \
           2> /dev/null < /dev/null
    then
        return 0
    fi

    say "this suite has no libtest-nginx-perl; looking in a newer one of the same archive"

    if ! newer_suite libtest-nginx-perl; then
        say "no package of Test::Nginx is to be had; trying cpanm Test::Nginx"
        need_packages cpanminus procps
        quietly as_root cpanm --notest Test::Nginx \
            || fail "Test::Nginx could not be installed" \
                    "install Debian's libtest-nginx-perl by hand, or: cpanm Test::Nginx"
    fi

    perl -MTest::Nginx::Socket -e1 || fail "Test::Nginx was installed and does not load"
}


need_yyjson() {
    ! installed libyyjson-dev || return 0

    if can_be_root && quietly as_root apt-get install -y --no-install-recommends \
           libyyjson-dev 2> /dev/null < /dev/null
    then
        return 0
    fi

    say "this suite has no libyyjson-dev; looking in a newer one of the same archive"

    newer_suite libyyjson-dev libyyjson0 \
        || fail "yyjson could not be installed" "install Debian's libyyjson-dev by hand"
}


# Whether packages of that name are in this machine's suite; one that was
# installed from elsewhere does not count.
suite_has() {
    [ -n "$(apt-cache madison "$1" 2> /dev/null)" ]
}


# "address suite component" a line: the archives of Debian that this machine is
# configured for, its updates and security, too
debian_sources() {
    # shellcheck disable=SC2016  # these are apt's
    apt-get indextargets --format '$(SITE) $(RELEASE) $(COMPONENT)' \
            'Created-By: Packages' 'Origin: Debian' | sort -u
}


# The address of the main one of them, which has the other suites.
main_archive() {
    # shellcheck disable=SC2016
    apt-get indextargets --format '$(SITE)' \
            'Created-By: Packages' 'Origin: Debian' 'Label: Debian' 'Component: main' \
        | sed -n 1p
}


# "[signed-by=...] " of Debian's own key ring, for a line of sources
signed_by() {
    local keys=/usr/share/keyrings/debian-archive-keyring.gpg

    [ ! -f "$keys" ] || printf '[signed-by=%s] ' "$keys"
}


# upstream_source package dir: puts the upstream tarball that Debian made the
# package of into the folder, as package_version.orig.tar.*.
upstream_source() {
    local package=$1 to=$2 dir apt site suite component rc=0

    dir=$(mktemp -d)
    mkdir -p "$dir/parts" "$dir/lists/partial" "$to"

    debian_sources | while read -r site suite component; do
        echo "deb-src $(signed_by)$site $suite $component"
    done > "$dir/parts/source.list"

    # nothing of it is the machine's own, so nobody has to be root
    apt=(apt-get -o Dir::Etc::SourceList=/dev/null
                 -o Dir::Etc::SourceParts="$dir/parts"
                 -o Dir::State::Lists="$dir/lists"
                 -o Dir::Cache::PkgCache= -o Dir::Cache::SrcPkgCache=
                 -o APT::Sandbox::User="$(id -un)")

    quietly "${apt[@]}" update || rc=1

    [ $rc != 0 ] || (
        cd "$to"
        quietly "${apt[@]}" source --download-only --tar-only "$package"
    ) || rc=1

    rm -rf "$dir"
    return $rc
}
