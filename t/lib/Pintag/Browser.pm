package Pintag::Browser;

# What the tests of the pages have in common.

use strict;
use warnings;

use Exporter 'import';
use Pintag::Nginx;

our @EXPORT = qw(dashboard_nginx shots);


# where screenshots go
sub shots { return $ENV{PINTAG_SHOTS} // Pintag::Nginx->root . '/build/screenshots' }


# An nginx with the locations of conf-examples/dashboard.conf, and what is in front
# of them and beside them: `http` and `server`.  Pinterest is at 127.0.0.1:$port.
sub dashboard_nginx {
    my ($port, %args) = @_;
    my $root = Pintag::Nginx->root;

    open my $in, '<:raw', "$root/conf-examples/dashboard.conf" or die "dashboard.conf: $!";
    my $example = do { local $/; <$in> };

    my @locations = $example =~ /^(        location (?!\/_pinterest).*?^        \}\n)/msg
        or die "dashboard.conf has no location\n";
    my ($zone) = $example =~ /^( *pintag_zone .*\n)/m or die "dashboard.conf has no zone\n";
    my $locations = join "\n", @locations;

    $locations =~ s{alias \S+;}{alias $root/html/;} or die "dashboard.conf has no alias\n";
    $locations =~ s/^ *limit_.*\n//mg;

    return Pintag::Nginx->new(%{ $args{nginx} // {} },
        files => { 'integrations.yaml' => <<'YAML' }, http => <<"END");
- name: pinterest
  config:
    tagId: "2612826764086"
    adAccountId: "549755885175"
    accessToken: "pina_0123456789"
    limitedDataProcessing: {state: CA, country: US}
YAML
$zone
    upstream pinterest { server 127.0.0.1:$port; keepalive 16; }

    @{[ $args{http} // '' ]}

    server {
        listen 127.0.0.1:%%PORT%%;

$locations
        location /_pinterest/ {
            internal;
            proxy_pass http://pinterest/;
            proxy_http_version 1.1;
            proxy_set_header Connection "";
        }

        @{[ $args{server} // '' ]}
    }
END
}


1;
