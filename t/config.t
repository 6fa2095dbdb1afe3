# What nginx -t says of the directives.

use strict;
use warnings;

use FindBin;
use lib "$FindBin::Bin/lib";

use Pintag::Nginx;
use Test::More;

my $nginx = Pintag::Nginx->new(no_start => 1);


sub config {
    my ($http, $server, $location) = (@_, '', '');

    return <<"END";
    $http
    server {
        listen 127.0.0.1:%%PORT%%;
        $server
        location /c { pintag_pass /p; $location }
        location /p/ { internal; proxy_pass http://127.0.0.1:1; }
    }
END
}


# ---- directives

my $file = 'pintag_integrations %%DATA%%/integrations.yaml;';

for (
    [ 'pintag_ack now;', qr{invalid value "now", it must be "delivered"} ],
    [ 'pintag_ack delivered timeout=0;', qr{invalid parameter "timeout=0", it must be "timeout=time"} ],
    [ 'pintag_ack delivered timeout=soon;', qr{invalid parameter "timeout=soon"} ],
    [ 'pintag_ack delivered wait=1s;', qr{invalid parameter "wait=1s"} ],
    [ 'pintag_ack delivered; pintag_ack delivered;', qr{"pintag_ack" directive is duplicate} ],
    [ 'pintag_ack;', qr{invalid number of arguments in "pintag_ack" directive} ],
    [ 'pintag_window 16;', qr{invalid parameter "16", it must be "tag=number" or "api=number", each from 1 to 1024} ],
    [ 'pintag_window tag=0;', qr{invalid parameter "tag=0"} ],
    [ 'pintag_window tag=1025;', qr{invalid parameter "tag=1025"} ],
    [ 'pintag_window tag=-1;', qr{invalid parameter "tag=-1"} ],
    [ 'pintag_window tag=1 tag=2;', qr{"pintag_window" directive is duplicate} ],
    [ 'pintag_retry attempts=0;', qr{invalid parameter "attempts=0", it must be "attempts=number", "min=time" or "max=time", each more than 0} ],
    [ 'pintag_retry min=0;', qr{invalid parameter "min=0"} ],
    [ 'pintag_retry max=x;', qr{invalid parameter "max=x"} ],
    [ 'pintag_retry often;', qr{invalid parameter "often"} ],
    [ 'pintag_retry min=1s; pintag_retry min=2s;', qr{"pintag_retry" directive is duplicate} ],
    [ 'pintag_retry min=2s max=1s;', qr{"min" of "pintag_retry" is 2000 ms and its "max" only 1000 ms for the "pintag_pass" in \S+:\d+} ],
    [ 'pintag_max_body 0;', qr{invalid value "0", it must be a size of at least 1 byte, such as "512k"} ],
    [ 'pintag_max_body much;', qr{invalid value "much"} ],
    [ 'pintag_max_body -1;', qr{invalid value "-1"} ],
    [ 'pintag_max_body 1k; pintag_max_body 2k;', qr{"pintag_max_body" directive is duplicate} ],
    [ 'pintag_max_events 0;', qr{invalid value "0", it must be a number of at least 1} ],
    [ 'pintag_max_events many;', qr{invalid value "many"} ],
    [ 'pintag_max_events 1; pintag_max_events 2;', qr{"pintag_max_events" directive is duplicate} ],
    [ 'pintag_write_keys;', qr{invalid number of arguments in "pintag_write_keys" directive} ],
    [ 'pintag_write_keys key-1; pintag_write_keys key-2;', qr{"pintag_write_keys" directive is duplicate} ],
    [ 'pintag_write_keys off; pintag_write_keys off;', qr{"pintag_write_keys" directive is duplicate} ],
    [ 'pintag_write_keys key-1 off;', qr{invalid value "off" in a list of write keys, it must stand alone} ],
    [ 'pintag_write_keys key-1 "";', qr{write key 2 is empty, it must be a text; "off" takes events without one} ],
    [ 'pintag_write_keys " ";', qr{write key 1 is empty} ],
    [ 'pintag_write_keys key-1 key-2 key-1;', qr{write key 3 is the same as one before it, remove it} ],
    [ 'pintag_allow_origin;', qr{invalid number of arguments in "pintag_allow_origin" directive} ],
    [ 'pintag_allow_origin *; pintag_allow_origin *;', qr{"pintag_allow_origin" directive is duplicate} ],
    [ 'pintag_allow_origin off; pintag_allow_origin *;', qr{"pintag_allow_origin" directive is duplicate} ],
    [ 'pintag_allow_origin https://shop.example *;', qr{invalid value "\*" in a list of origins, it must stand alone} ],
    [ 'pintag_allow_origin off https://shop.example;', qr{invalid value "off" in a list of origins, it must stand alone} ],
    [ 'pintag_allow_origin shop.example;', qr{invalid origin "shop\.example", it must have a scheme, such as "https://shop\.example"} ],
    [ 'pintag_allow_origin //shop.example;', qr{invalid origin "//shop\.example", it must have a scheme} ],
    [ 'pintag_allow_origin null;', qr{invalid origin "null", it must have a scheme} ],
    [ 'pintag_allow_origin "";', qr{invalid origin "", it must have a scheme} ],
    [ 'pintag_allow_origin https://a.example https://shop.example/cart;', qr{invalid origin "https://shop\.example/cart", it must end with the host or its port: "https://shop\.example"} ],
    [ 'pintag_allow_origin https://shop.example:8443/;', qr{it must end with the host or its port: "https://shop\.example:8443"} ],
    [ 'pintag_allow_origin https://*.shop.example/?;', qr{it must end with the host or its port: "https://\*\.shop\.example"} ],
    [ 'pintag_allow_origin https://shop.example:;', qr{invalid origin "https://shop\.example:", it must have the number of a port behind the colon, or no colon} ],
    [ 'pintag_allow_origin https://shop.example:port;', qr{it must have the number of a port} ],
    [ 'pintag_allow_origin https://;', qr{invalid origin "https://", it must have a host as browsers send it, such as "https://shop\.example", or "\*\." before one, "https://\*\.shop\.example"} ],
    [ 'pintag_allow_origin https://*;', qr{invalid origin "https://\*", it must have a host} ],
    [ 'pintag_allow_origin https://*shop.example;', qr{invalid origin .*, it must have a host} ],
    [ 'pintag_allow_origin https://www.*.example;', qr{invalid origin .*, it must have a host} ],
    [ 'pintag_allow_origin https://*.*.example;', qr{invalid origin .*, it must have a host} ],
    [ 'pintag_allow_origin https://münchen.example;', qr{invalid origin .*, it must have a host as browsers send it} ],
    [ 'pintag_allow_origin https://me@shop.example;', qr{invalid origin .*, it must have a host} ],
    [ 'pintag_allow_origin https://shop.example http://shop.example HTTPS://Shop.example:443;', qr{duplicate origin "HTTPS://Shop\.example:443", remove it} ],
    [ 'pintag_skip;', qr{invalid number of arguments in "pintag_skip" directive} ],
    [ 'pintag_skip $nowhere;', qr{unknown "nowhere" variable} ],
    [ 'pintag_skip 1; pintag_skip 1;', qr{"pintag_skip" directive is duplicate} ],
    [ 'pintag_privacy_signal;', qr{invalid number of arguments in "pintag_privacy_signal" directive} ],
    [ 'pintag_privacy_signal drop;', qr{invalid parameter "drop", it must be "gpc=" or "dnt=" with "drop", "ldp" or "ignore"} ],
    [ 'pintag_privacy_signal gpc=on;', qr{invalid parameter "gpc=on"} ],
    [ 'pintag_privacy_signal dnt=;', qr{invalid parameter "dnt="} ],
    [ 'pintag_privacy_signal gpc=drop gpc=ldp;', qr{"pintag_privacy_signal" directive is duplicate} ],
    [ 'pintag_privacy_signal dnt=drop; pintag_privacy_signal dnt=ldp;', qr{"pintag_privacy_signal" directive is duplicate} ],
    [ 'pintag_preview yes;', qr{invalid value "yes" in "pintag_preview" directive, it must be "on" or "off"} ],
    [ 'pintag_preview on; pintag_preview on;', qr{"pintag_preview" directive is duplicate} ],
    [ 'pintag_integrations %%DATA%%/none.yaml;', qr{open\(\) ".*/t/data/none\.yaml" failed \(2: No such file or directory\)} ],
    [ 'pintag_integrations %%DATA%%;', qr{read\(\) ".*/t/data" failed \(21: Is a directory\)} ],
    [ 'pintag_integrations off; pintag_integrations off;', qr{"pintag_integrations" directive is duplicate} ],
) {
    my ($directive, $message) = @$_;

    for my $where (0 .. 2) {
        my @at = ('', '', '');

        $at[$where] = $directive;
        $at[0] .= $file unless $where == 0 && $directive =~ /integrations/;

        my ($status, $out) = $nginx->test_config(config(@at));

        isnt $status, 0, "nginx -t fails on $directive";
        like $out, qr{\[emerg\].*$message}, 'and says why';
        unlike $out, qr{key-\d}, 'without a write key' if $directive =~ /write_keys/;
    }
}


# ---- inheritance: what is nearer wins, key by key

for (
    [ 'a nearer value', 'pintag_retry min=1m max=2m;', 'pintag_retry min=1s;', '', 0 ],
    [ 'a value that fits nearer only', 'pintag_retry min=1m;', '', 'pintag_retry max=2m;', 0 ],
    [ 'a nearer value that no longer fits', 'pintag_retry max=2s;', '', 'pintag_retry min=3s;', 1 ],
) {
    my ($what, $http, $server, $location, $wanted) = @$_;
    my ($status, $out) = $nginx->test_config(config("$file $http", $server, $location));

    is $status, $wanted, "$what: " . ($wanted ? 'refused' : 'taken') or diag $out;
}


# ---- a signal that limits processing wants to know where

my $limited = "        limitedDataProcessing: {state: CA, country: US}\n";

for (
    [ 'the default', '', '', '', 1 ],
    [ 'gpc=ldp', '', 'pintag_privacy_signal gpc=ldp;', '', 1 ],
    [ 'given further out', 'pintag_privacy_signal dnt=ldp gpc=ignore;', '', '', 1 ],
    [ 'gpc=ldp stays when dnt alone is given', 'pintag_privacy_signal dnt=drop;', '', '', 1 ],
    [ 'neither limits', 'pintag_privacy_signal gpc=drop dnt=ignore;', '', '', 0 ],
    [ 'merged key by key', 'pintag_privacy_signal gpc=ldp;', 'pintag_privacy_signal gpc=drop;', '', 0 ],
    [ 'state and country are configured', 'pintag_privacy_signal gpc=ldp dnt=ldp;', '', $limited, 0 ],
) {
    my ($what, $http, $location, $yaml, $wanted) = @$_;

    $nginx->write_file('conf/i.yaml',
                       qq(- name: pinterest\n  config:\n        tagId: "7"\n$yaml));

    my ($status, $out) = $nginx->test_config(
        config("pintag_integrations i.yaml; $http", '',
               $location . 'if ($args) { set $a b; }'));
    my @warnings = $out =~ /\[warn\] (.*)/g;

    is $status, 0, "$what: taken" or diag $out;
    is scalar @warnings, $wanted, $wanted ? 'with a warning' : 'without a warning';
    like $warnings[0], qr{"pintag_privacy_signal" means limited data processing for the "pintag_pass" in \S+:\d+, and the entry in line \d of its integrations has no "limitedDataProcessing" with "state" and "country"}, 'that says what to add'
        if $wanted;
}


# ---- integrations.yaml

done_testing();
