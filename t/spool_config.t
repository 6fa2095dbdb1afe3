# What nginx -t says of pintag_ack, pintag_spool, pintag_queue and
# pintag_fallback, and what becomes of the spool's folder.

use strict;
use warnings;

use FindBin;
use lib "$FindBin::Bin/lib";

use JSON::PP;
use Pintag::Nginx;
use Pintag::Setup;
use Pintag::StandIn;
use Test::More;

# the seed's own integrations give a warning of their own
my @files = (files => { 'i.yaml' => <<'END' });
- name: pinterest
  config:
    tagId: "7"
    limitedDataProcessing: {state: CA, country: US}
END
my $nginx = Pintag::Nginx->new(no_start => 1, @files);


sub config {
    my ($http, $server, $location) = map { $_ // '' } @_[0 .. 2];

    return <<"END";
    pintag_integrations i.yaml;
    $http
    server {
        listen 127.0.0.1:%%PORT%%;
        $server
        location /c { pintag_pass /p; $location }
        location /p/ { internal; proxy_pass http://127.0.0.1:1; }
        location /f { internal; proxy_pass http://127.0.0.1:1; }
        location /open { proxy_pass http://127.0.0.1:1; }
        location /return { internal; return 200; }
        location /again { internal; pintag_pass /p; }
    }
END
}


sub refused {
    my ($what, $message, @config) = @_;
    my ($status, $out) = $nginx->test_config(config(@config));

    isnt $status, 0, "nginx -t fails on $what";
    like $out, qr{\[emerg\].*$message}, 'and says why';
}


sub taken {
    my ($what, $warning, @config) = @_;
    my ($status, $out) = $nginx->test_config(config(@config));
    my ($said) = $out =~ /\[warn\] (.*)/;

    is $status, 0, "nginx -t takes $what" or diag $out;

    if ($warning) {
        like $said, $warning, 'with a warning';
    } else {
        is $said, undef, 'without a warning';
    }
}


# ---- what is wrong with a directive: wherever it may stand, and at http level

for (
    [ 'pintag_ack now;', qr{invalid value "now", it must be "delivered", "stored" or "received"} ],
    [ 'pintag_ack stored timeout=1s;', qr{invalid parameter "timeout=1s"} ],
    [ 'pintag_ack received timeout=1s;', qr{invalid parameter "timeout=1s"} ],
    [ 'pintag_ack stored received;', qr{invalid parameter "received"} ],
    [ 'pintag_ack delivered timeout=0;', qr{invalid parameter "timeout=0", it must be "timeout=time"} ],
    [ 'pintag_ack;', qr{invalid number of arguments in "pintag_ack" directive} ],
    [ 'pintag_ack stored; pintag_ack received;', qr{"pintag_ack" directive is duplicate} ],

    [ 'pintag_fallback;', qr{invalid number of arguments in "pintag_fallback" directive} ],
    [ 'pintag_fallback http://127.0.0.1/f;', qr{"pintag_fallback" directive takes .*not an address} ],
    [ 'pintag_fallback f;', qr{"pintag_fallback"|invalid value "f"} ],
    [ 'pintag_fallback /f expect=;', qr{invalid parameter "expect="} ],
    [ 'pintag_fallback /f wants=x;', qr{invalid parameter "wants=x"} ],
    [ 'pintag_fallback /f expect=a expect=b;',
      qr{"pintag_fallback" directive is duplicate|invalid parameter "expect=b"|duplicate|invalid number of arguments} ],
    [ 'pintag_fallback off expect=x;', qr{invalid parameter "expect=x"} ],
    [ 'pintag_fallback /f; pintag_fallback /f;', qr{"pintag_fallback" directive is duplicate} ],
    [ 'pintag_fallback /nowhere;', qr{"pintag_fallback /nowhere".*finds no location} ],
    [ 'pintag_fallback /open;', qr{"pintag_fallback /open".*not "internal"} ],
    [ 'pintag_fallback /return;', qr{"pintag_fallback /return".*without "proxy_pass"} ],
    [ 'pintag_fallback /again;', qr{"pintag_fallback /again".*"pintag_pass"} ],
) {
    my ($directive, $message) = @$_;

    refused("$directive at " . (qw(http server location))[$_], $message,
            map { $_ // '' } (('') x $_, $directive)[0 .. 2])
        for 0 .. 2;
}

for (
    [ 'pintag_spool;', qr{invalid number of arguments in "pintag_spool" directive} ],
    (map { my ($parameter, @values) = @$_;
           map { [ "pintag_spool s $parameter=$_;", qr{invalid parameter "\Q$parameter=$_\E", it must be ".+"} ] } @values }
         [ max_size => '', qw(0 x -1 1d) ], [ file_size => '', qw(0 x -1 1d) ],
         [ undelivered_size => '', qw(0 x -1 1d) ], [ max_age => '', qw(0 x -1 1g) ],
         [ sync => '', qw(0 never -1 1g) ]),
    [ 'pintag_spool s size=1m;', qr{invalid parameter "size=1m"} ],
    [ 'pintag_spool s on;', qr{invalid parameter "on"} ],
    [ 'pintag_spool off max_size=1m;', qr{invalid parameter "max_size=1m"|invalid number of arguments} ],
    [ 'pintag_spool s max_size=1m file_size=2m;', qr{"?file_size"?.*"?max_size"?|"?max_size"?.*"?file_size"?} ],
    [ 'pintag_spool s max_size=1m max_size=1m;', qr{"max_size=1m"|duplicate} ],
    [ 'pintag_spool s; pintag_spool t;', qr{"pintag_spool" directive is duplicate} ],
    [ 'pintag_spool off; pintag_spool s;', qr{"pintag_spool" directive is duplicate} ],

    [ 'pintag_queue;', qr{invalid number of arguments in "pintag_queue" directive} ],
    (map { [ "pintag_queue $_;", qr{invalid value "$_", it must be a number of at least 1} ] } qw(0 -1 x 64k)),
    (map { [ "pintag_queue 10 size=$_;", qr{invalid parameter "size=$_", it must be "size=size"} ] } '', qw(0 -1 x 1d)),
    [ 'pintag_queue 10 64m;', qr{invalid parameter "64m"} ],
    [ 'pintag_queue 10; pintag_queue 10;', qr{"pintag_queue" directive is duplicate} ],
) {
    my ($directive, $message) = @$_;

    refused($directive, $message, $directive);
}

for my $directive ('pintag_spool s;', 'pintag_queue 10;') {
    my ($name) = split / /, $directive;

    refused("$directive in a server", qr{"$name" directive is not allowed here}, '', $directive);
    refused("$directive in a location", qr{"$name" directive is not allowed here}, '', '', $directive);
}


# ---- what is right

for (
    'off', 's', 's max_size=2g', 's max_size=1m file_size=64k', 's file_size=1m', 's max_age=1s', 's max_age=30d',
    's sync=commit', 's sync=1s', 's sync=100ms', 's undelivered_size=1m',
    's max_size=1g file_size=16m max_age=7d sync=commit undelivered_size=64m',
    's undelivered_size=64m sync=1s max_age=7d file_size=16m max_size=1g',
    '%%DIR%%/absolute',
) {
    taken("pintag_spool $_;", undef, "pintag_spool $_;");
}

taken("pintag_queue $_;", undef, "pintag_queue $_;") for 1, 65536, '100 size=1', '65536 size=64m';

for (
    'pintag_fallback off;', 'pintag_fallback /f;', 'pintag_fallback /f expect=routed;',
    q{pintag_fallback /f 'expect="routed":true';},
) {
    my @at = ('', '', '');

    for my $where (0 .. 2) {
        local $at[$where] = $_;
        taken("$_ at " . (qw(http server location))[$where], undef, @at);
    }
}


# ---- stored needs a spool

for my $where (0 .. 2) {
    my @at = ('', '', '');
    my $level = (qw(http server location))[$where];

    local $at[$where] = 'pintag_ack stored;';

    for my $spool ('', 'pintag_spool off;') {
        refused("pintag_ack stored at $level, " . ($spool || 'no spool'), qr{"pintag_ack stored".*"pintag_spool"},
                "$spool $at[0]", @at[1, 2]);
    }

    taken("pintag_ack stored at $level, with a spool", undef, "$at[0] pintag_spool s;", @at[1, 2]);
}

taken('pintag_ack stored where a nearer level says otherwise', undef, 'pintag_ack stored;', 'pintag_ack delivered;');
refused('pintag_ack stored that a fallback is to help', qr{"pintag_ack stored".*"pintag_spool"},
        'pintag_ack stored; pintag_fallback /f;');


# ---- received may lose what it has without either

my $warning = qr{"pintag_ack received".*"pintag_spool".*"pintag_fallback"|"pintag_ack received".*"pintag_fallback".*"pintag_spool"};

for (
    [ 'neither', '', $warning ],
    [ 'both off', 'pintag_spool off; pintag_fallback off;', $warning ],
    [ 'a spool', 'pintag_spool s;', undef ],
    [ 'a fallback', 'pintag_fallback /f;', undef ],
    [ 'both', 'pintag_spool s; pintag_fallback /f;', undef ],
) {
    my ($what, $http, $said) = @$_;

    taken("pintag_ack received with $what", $said, "$http pintag_ack received;");
    taken("pintag_ack received with $what, in a location", $said, $http, '', 'pintag_ack received;');
}

taken('pintag_ack received whose fallback a nearer level turns off', $warning,
      'pintag_ack received; pintag_fallback /f;', '', 'pintag_fallback off;');


# ---- the event method must let threads tell that they are done.  Most nginxes
#      are built with epoll only: these then say themselves that they lack poll.

for my $method (qw(poll select)) {
    my $other = Pintag::Nginx->new(no_start => 1, @files, events => "use $method;");
    my ($missing) = $other->test_config(config());
    my ($status, $out) = $other->test_config(config('pintag_spool s;'));

    isnt $status, 0, "nginx -t fails on a spool with the event method \"$method\"";
    like $out, $missing ? qr{\[emerg\] invalid event type "$method"}
                        : qr{\[emerg\].*"pintag_spool".*"?$method"?}, 'and says why';
    is +($other->test_config(config('pintag_spool off;')))[0], $missing, 'with "off" it is as without' ;

    # "events" may follow "http"
    $other->write_config(http => config('pintag_spool s;'));
    my $conf = $other->file('conf/nginx.conf');
    $conf =~ s/^(events \{.*?^\}\n)(.*)/$2$1/ms or die;
    $other->write_file('conf/nginx.conf', $conf);
    my ($status_after, $out_after) = $other->nginx('-t');

    isnt $status_after, 0, 'nor does it pass when the method is told after it';
    like $out_after, $missing ? qr{\[emerg\] invalid event type "$method"}
                              : qr{\[emerg\].*"pintag_spool".*"?$method"?}, 'and says why';
}

{
    my $epoll = Pintag::Nginx->new(no_start => 1, @files, events => 'use epoll;');
    my ($status, $out) = $epoll->test_config(config('pintag_spool s;'));

    is $status, 0, 'epoll is fine' or diag $out;
}


# ---- the folder and its files, whatever the umask says

my $up = Pintag::StandIn->new(act => 'hold');

sub mode { return sprintf '%04o', (stat $_[0])[2] & 07777 }

sub owner { return (stat $_[0])[4] }

sub collecting {
    my ($spool, %args) = @_;
    return Pintag::Nginx->new(%args, http => collector($up->port, http => "pintag_spool $spool;",
                                                       collect => 'pintag_ack stored;'));
}

for my $umask (0, 022) {
    for my $absolute (0, 1) {
        my $nginx = collecting($absolute ? '%%DIR%%/sp' : 'sp', no_start => 1);
        my $old = umask;
        my $dir = $nginx->dir;

        umask $umask;
        $nginx->start;
        umask $old;

        my $what = sprintf 'umask %04o, %s path', $umask, $absolute ? 'absolute' : 'relative';

        is mode("$dir/sp"), '0700', "$what: the folder is for its owner only";
        is $nginx->post('/collect', encode_json(order(1)))->{status}, 202, 'an event is stored';

        my @files = glob "$dir/sp/*";

        is scalar @files, 1, 'in one file';
        like $files[0], qr{/\d{10}-\d+-[0-9a-f]{8}\.spool\z}, 'of such a name' if @files;
        is mode($files[0]), '0600', 'for its owner only' if @files;
    }
}

# one that is there is taken as it is
{
    my $nginx = collecting('sp', no_start => 1);

    mkdir $nginx->dir . '/sp', 0700;
    $nginx->start;
    is $nginx->post('/collect', encode_json(order(1)))->{status}, 202, 'a folder that is there is used';
    is join('', $nginx->errors), '', 'no error';
}


# ---- master of one user, workers of another

if ($> == 0) {
    my (undef, undef, $uid, $gid) = getpwnam 'nobody';
    my $group = getgrgid $gid;
    my $nginx = collecting('sp', no_start => 1);
    my $dir = $nginx->dir;

    $nginx->write_file('conf/nginx.conf', $nginx->config =~ s/^user root;/user nobody $group;/mr);
    chmod 0755, $dir;
    $nginx->start;

    is owner("$dir/sp"), $uid, 'the folder belongs to the user of the workers';
    is mode("$dir/sp"), '0700', 'and is for them only';
    is $nginx->post('/collect', encode_json(order(1)))->{status}, 202, 'an event is stored';

    my ($file) = glob "$dir/sp/*.spool";

    is owner($file), $uid, 'the file belongs to it, too';
    is mode($file), '0600', 'and is for them only';
    is join('', $nginx->errors), '', 'no error';

    # what a master of root made before
    $nginx->stop;
    chown 0, 0, "$dir/sp";
    $nginx->start;
    is owner("$dir/sp"), $uid, 'a folder of another user is given to the workers';

    $up->behave();
    is $nginx->post('/collect', encode_json(order(2)))->{status}, 202, 'they write to it';

} else {
    # one user for all: nothing is given away
    my $nginx = collecting('sp');

    is owner($nginx->dir . '/sp'), $>, 'the folder belongs to the user of all';
}

done_testing();
