package Pintag::Test;

# Block tests in front of a stand-in Pinterest.  The documentation is at the
# end of the file.

use strict;
use warnings;

use File::Temp ();
use JSON::PP;
use Pintag::Deadline;
use Pintag::Nginx;
use Pintag::Secrets;
use Time::HiRes qw(sleep time);

# Test::Nginx reads its settings from the environment when it is loaded
BEGIN {
    my $root = Pintag::Nginx->root;

    # servroot is made where we are
    unshift @INC, "$root/t/lib";
    chdir $root or die "$root: $!";

    # a servroot and ports of its own for each process: prove -j2
    $ENV{TEST_NGINX_RANDOMIZE} = 1
        unless $ENV{TEST_NGINX_PORT} || $ENV{TEST_NGINX_SERVROOT};

    $ENV{TEST_NGINX_LOAD_MODULES} = Pintag::Nginx->module;
    $ENV{TEST_NGINX_DATA_DIR} = "$root/t/data";
}

use Test::Nginx::Socket -base;

our @EXPORT = qw(data);

my @LEVELS = ('[error]', '[alert]', '[crit]', '[emerg]');

# what nginx can show of a request's headers, all that a client may leak
my @HEADERS = qw(
    accept accept_encoding accept_language authorization cache_control
    client_ip connection content_encoding content_length content_type cookie
    dnt expect forwarded from host if_modified_since if_none_match origin
    pragma proxy_authorization range referer sec_fetch_mode sec_fetch_site
    sec_gpc te transfer_encoding upgrade user_agent via x_forwarded_for
    x_forwarded_host x_forwarded_proto x_real_ip x_request_id x_secret
);

my $json = JSON::PP->new->canonical;

# what cannot be asked over HTTP/2 (TEST_NGINX_USE_HTTP2), and why
my %HTTP1 = (
    raw_request => 'it is HTTP/1.1 to the byte',
    pipelined_requests => 'it is HTTP/1.1 that has pipelines',
);

# Test::Nginx takes "http2" for a directive from 1.19.9 on; it is from 1.25.1 on
if ($ENV{TEST_NGINX_USE_HTTP2}) {
    my $of = \&Test::Nginx::Util::get_nginx_version;

    no warnings 'redefine';
    *Test::Nginx::Util::get_nginx_version = sub () {
        my $version = $of->();
        return $version < 1.025001 ? 1.019008 : $version;
    };
}

$ENV{TEST_NGINX_HTML_DIR} ||= html_dir();

add_block_preprocessor(sub {
    my $block = shift;

    $block->set_value('no_http2', $HTTP1{$_})
        for grep { defined $block->$_ } keys %HTTP1;

    $block->set_value('http_config',
                      Pintag::Nginx::log_format() . "\naccess_log logs/pintag.log shipped;\n"
                      . stand_in($block) . ($block->http_config // ''));

    my $config = $block->config // <<'END';
        location = /collect {
            pintag_integrations $TEST_NGINX_HTML_DIR/integrations.yaml;
            pintag_pass /pinterest;
        }
END

    $config .= <<'END' if $config !~ m!location\s[^{;]*/pinterest!;

        location /pinterest/ {
            internal;
            proxy_pass http://pinterest/;
            proxy_http_version 1.1;
            proxy_set_header Connection "";
        }
END

    $block->set_value('config', $config);
    $block->set_value('user_files', files($block));

    if (defined $block->must_die) {
        $block->set_value('suppress_stderr', '1');
        $block->set_value('error_log', $block->error_log . "[emerg]\n")
            if defined $block->error_log && !ref $block->error_log;
        return;
    }

    # a block that awaits messages of a level does not forbid that level
    my $awaited = $block->error_log // '';
    my $levels = join "\n", grep {
        $_ eq '[error]' ? $awaited eq '' : index($awaited, $_) < 0
    } @LEVELS;

    $block->set_value('no_error_log', "$levels\n")
        if !defined $block->no_error_log;

    $block->set_value('no_shutdown_error_log', "[alert]\n[crit]\n[emerg]\n")
        if !defined $block->no_shutdown_error_log
           && !defined $block->shutdown_error_log
           && !$ENV{TEST_NGINX_USE_HUP};
});


# The server that answers for Pinterest, and the upstream that leads to it.
sub stand_in {
    my $block = shift;

    return '' if ($block->http_config // '') =~ /\bupstream\s+pinterest\b/;

    my $headers = join ',', map { qq("$_":"\$http_$_") } @HEADERS;
    my $answers = $block->pinterest_config // 'location = /v3/ { empty_gif; }';
    my $sock = socket_path();

    return <<"END";
    log_format pinterest escape=json
               '{"request":"\$request","headers":{$headers}}';

    upstream pinterest {
        server unix:$sock;
        keepalive 16;
    }

    server {
        listen unix:$sock;
        server_name pinterest;
        access_log logs/pinterest.log pinterest;

        $answers

        location / { return 404; }
    }

END
}


# A path in the kernel's 108 bytes, however deep the project lies.
sub socket_path {
    my $sock = html_dir() . '/pinterest.sock';
    my $tmp;

    return $sock if length $sock < 108;

    $tmp = File::Temp::tempdir('pintag-XXXXXX', TMPDIR => 1, CLEANUP => 1);
    return "$tmp/pinterest.sock";
}


# user_files and, beside them, integrations.yaml: the block's own, else the
# user's as it stands.
sub files {
    my $block = shift;
    my $files = $block->user_files // [];
    my @files;

    if (ref $files) {
        @files = @$files;

    } else {
        my (undef, @parts) = split /^>>> (\S+).*\n/m, $files;

        while (my ($name, $text) = splice @parts, 0, 2) {
            push @files, [$name, $text];
        }
    }

    push @files, ['integrations.yaml',
                  $block->integrations // data('integrations.yaml')]
        unless grep { $_->[0] eq 'integrations.yaml' } @files;

    return \@files;
}


sub data { return Pintag::Nginx->data(@_) }

# "--- request eval" and its like run there
*Test::Base::Filter::data = \&data;


# What goes to and fro may be nowhere in what nginx writes.

{
    my $send = \&Test::Nginx::Socket::send_request;

    no warnings qw(redefine prototype);

    *Test::Nginx::Socket::send_request = sub ($$$$@) {
        my ($request) = @_;
        my ($response, @more) = $send->(@_);

        Pintag::Secrets::sent('block', join '', map { $_->{value} }
                                                ref $request ? @$request : { value => $request });
        Pintag::Secrets::got('block', $response) if defined $response;

        return ($response, @more);
    };
}


# Runs around every request of a block: what the stand-in logged meanwhile is
# compared.

my $run = $Test::Nginx::Util::RunTestHelper;

$Test::Nginx::Util::RunTestHelper = sub {
    my ($block, $dry_run, $nth) = @_;
    my $log = server_root() . '/logs/pinterest.log';
    my $from = -s $log || 0;

    $run->(@_);

    return if $dry_run;

    # the usual access log has the usual format
    Pintag::Secrets->search(server_root(), ['block'], qr{/access\.log\z});

    my $name = $block->name;

    # Test::Nginx has reasons of its own to go back to HTTP/1.1
    ok(Test::Nginx::Util::use_http2($block), "$name - over HTTP/2 (req $nth)")
        if $ENV{TEST_NGINX_USE_HTTP2} && !defined $block->no_http2
           && !defined $block->must_die;

    my $wanted = $block->pinterest // $block->pinterest_any_order;
    my $like = lines($block->pinterest_like);
    my $unlike = lines($block->pinterest_unlike);

    return unless defined $wanted || @$like || @$unlike;

    my @wanted = @{ lines($wanted) };
    my @got = received($log, $from, scalar @wanted);
    my @requests = map { $_->{request} } @got;

    if (defined $wanted) {
        if (!defined $block->pinterest) {
            @wanted = sort @wanted;
            @requests = sort @requests;
        }

        is(join('', map { "$_\n" } @requests), join('', map { "$_\n" } @wanted),
           "$name - pinterest - as wanted (req $nth)");
    }

    my @json = map { $json->encode($_) } @got;

    for my $re (@$like) {
        ok(scalar(grep { /$re/ } @json), "$name - pinterest_like $re (req $nth)")
            or diag(@json ? @json : 'no request came');
    }

    for my $re (@$unlike) {
        my @bad = grep { /$re/ } @json;

        ok(!@bad, "$name - pinterest_unlike $re (req $nth)") or diag(@bad);
    }

    ok(scalar @got, "$name - pinterest_unlike had something to look at (req $nth)")
        if @$unlike && !defined $wanted;
};


sub lines {
    my $text = shift;

    return [] unless defined $text;
    return $text if ref $text eq 'ARRAY';
    return [$text] if ref $text;
    return [grep { /\S/ } split /\n/, $text];
}


# The log's lines after $from, as data, the headers that were not there left
# out.  Waits a while for $count of them, then a little for one too many.
sub received {
    my ($log, $from, $count) = @_;
    my $end = deadline(3);
    my @lines;

    for (;;) {
        @lines = ();

        if (open my $in, '<:raw', $log) {
            seek $in, $from, 0;
            @lines = grep { /\n\z/ } <$in>;
        }

        last if @lines >= $count || time() > $end;
        sleep 0.02;
    }

    if (@lines <= $count) {
        sleep 0.05;

        if (open my $in, '<:raw', $log) {
            seek $in, $from, 0;
            @lines = grep { /\n\z/ } <$in>;
        }
    }

    my @got = map { $json->decode($_) } @lines;

    for my $request (@got) {
        my $headers = $request->{headers};

        $request->{headers} = {
            map { (my $name = $_) =~ tr/_/-/; $name => $headers->{$_} }
            grep { $headers->{$_} ne '' } keys %$headers
        };
    }

    return @got;
}


# Every block twice on one nginx: what a request leaves behind shows then.
repeat_each(2);
no_shuffle();
no_long_string();
worker_connections(1024);
log_level($ENV{TEST_NGINX_LOG_LEVEL} // 'info');
master_on() unless $ENV{TEST_NGINX_MASTER_PROCESS};

# how many tests a block makes depends on its sections
Test::More::plan('no_plan');

1;

__END__

=head1 NAME

Pintag::Test - block tests of the module in front of a stand-in Pinterest

=head1 SYNOPSIS

    use FindBin;
    use lib "$FindBin::Bin/lib";
    use Pintag::Test;

    run_tests();

    __DATA__

    === the seed's own request, as partner-defined event
    --- request eval
    "POST /collect\n" . data('request.json')
    --- pinterest
    GET /v3/?tid=2612826764086&noscript=1&event=PaymentInfoEntered HTTP/1.1

    === nothing of the client's leaks
    --- request eval
    "POST /collect\n" . data('request.json')
    --- more_headers
    Cookie: a=1
    --- pinterest_unlike
    "cookie":

=head1 DESCRIPTION

L<Test::Nginx::Socket> with the module loaded (TEST_NGINX_LOAD_MODULES, else
build/ngx_http_pintag_module.so), a plan made as it goes, each block run twice
on one nginx with a master and one worker, a servroot and ports of its own.
All of Test::Nginx::Socket's sections and functions are there.

A server block of the same nginx stands in for Pinterest: it answers C</v3/>
with a pixel and logs each request; C<upstream pinterest> leads to it.  What
nginx cannot do as stand-in (delays, resets, answers cut off) is done by
L<Pintag::StandIn> with L<Pintag::Nginx>.

=head2 Defaults of a block

Without C<config> there is C<location = /collect> with the integrations and
C<pintag_pass /pinterest>; a C<config> of its own gets C<location /pinterest/>
(internal, C<proxy_pass http://pinterest/>) unless it has one.  An
C<http_config> of its own is added to the stand-in's, unless it has its own
C<upstream pinterest>.  No C<[error]>, C<[alert]>, C<[crit]> or C<[emerg]> may
be logged; C<error_log> lifts C<[error]> and the levels it names,
C<no_error_log> replaces the list.  No C<[alert]>, C<[crit]> or C<[emerg]> may
be logged at shutdown either, unless the block has C<no_shutdown_error_log> or
C<shutdown_error_log>.  C<must_die> forbids
nothing and awaits an C<[emerg]> with its C<error_log>.

=head2 Sections

=over

=item pinterest

The request lines that the stand-in gets during the block, in this order, to
the byte, nothing else.  Empty: none.

=item pinterest_any_order

The same in any order.

=item pinterest_like, pinterest_unlike

Regular expressions, one a line, over one JSON line a request,
C<{"headers":{"host":"pinterest"},"request":"GET ..."}>: header names in lower
case with dashes, absent ones left out (see @HEADERS for those that nginx can
show here; Pintag::StandIn shows all).  Each I<like> must match a line, no
I<unlike> may match any, and there must be a request to look at.

=item integrations

Becomes $TEST_NGINX_HTML_DIR/integrations.yaml.  Without it: t/data's, as it
stands.

=item pinterest_config

The stand-in's locations, instead of C<location = /v3/ { empty_gif; }>.

=back

=head2 Functions

=over

=item data('request.json')

The bytes of a file in t/data; in configurations: $TEST_NGINX_DATA_DIR.

=back

=cut
