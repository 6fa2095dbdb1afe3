# shellcheck shell=bash
#
# Sourced by script/test: t/ on an nginx that is used in another way, as
# Test::Nginx and Pintag::Nginx take it from the environment.
#
#   poll    poll as event method
#   http2   block tests ask over HTTP/2; what cannot: t/lib/Pintag/Test.pm
#   hup     block tests on one nginx, which gets each block's configuration by a
#           reload

mode=


# set_mode --poll
set_mode() {
    [ -z "$mode" ] || fail "--$mode and $1 cannot be had at once" "run one after the other"
    mode=${1#--}

    case $mode in
    poll)
        export TEST_NGINX_EVENT_TYPE=poll
        ;;
    http2)
        export TEST_NGINX_USE_HTTP2=1
        ;;
    hup)
        export TEST_NGINX_USE_HUP=1
        ;;
    esac
}


# Whether the nginx and the tools that are there can do it.
check_mode() {
    local nginx=${TEST_NGINX_BINARY:-nginx}

    case $mode in
    poll)
        "$nginx" -V 2>&1 | grep -q with-poll_module \
            || fail "this nginx has no poll as event method" \
                    "that of script/test --sanitize --poll has"
        ;;
    http2)
        need_packages curl libipc-run-perl

        "$nginx" -V 2>&1 | grep -q with-http_v2_module \
            || fail "this nginx has no HTTP/2" "script/test runs Debian's, which has: apt-get install nginx"
        curl -V | grep -qw HTTP2 || fail "this curl has no HTTP/2" "apt-get install curl"
        ;;
    esac
}


# in_mode t/tag.t: whether the file has something that the mode changes.
in_mode() {
    case $mode in
    poll)
        # their subject is the spool, which needs threads, which poll does not
        # allow; where others have one Pintag::Nginx leaves nginx with epoll
        case $1 in
        t/spool.t | t/faults/disk.t | t/faults/spool.t | t/faults/sync.t)
            return 1
            ;;
        esac
        ;;
    http2 | hup)
        grep -q '^use Pintag::Test;' "$1"
        ;;
    esac
}
