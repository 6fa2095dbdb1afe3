# The dashboard in a browser: on a desktop and on a phone, light and dark, with a
# keyboard alone, and found good by axe-core (its contrasts, too).  With an nginx
# whose locations are those of conf-examples/dashboard.conf, and with a made-up one
# (mock.mjs), which gets into states that a real one hardly does.
#
# PINTAG_SHOTS=folder: where the screenshots go, build/screenshots if not set.

use strict;
use warnings;

use FindBin;
use lib "$FindBin::Bin/../lib";

use Pintag::Browser;
use Pintag::Nginx;
use Pintag::Node;
use Pintag::StandIn;
use Test::More;

my $dir = $FindBin::Bin;

need_programs(node => 'nodejs', npm => 'npm', chromium => 'chromium');
install_modules($dir);

my $up = Pintag::StandIn->new;
my $dead = Pintag::Nginx::free_port();
my $nginx = dashboard_nginx($up->port, server => <<"END");
        # Pinterest does not answer
        location = /pintag-dead {
            pintag_integrations integrations.yaml;
            pintag_pass         /_dead;
            pintag_ack          delivered timeout=500ms;
        }

        location /_dead/ {
            internal;
            proxy_pass http://127.0.0.1:$dead/;
        }

        location = /forbidden { deny all; pintag_status; }
        location = /prometheus { pintag_status prometheus; }
END

run_script("$dir/dashboard.mjs", 'http://127.0.0.1:' . $nginx->port, shots());

is join('', grep { !m{connect\(\) failed|forbidden by rule|/none" failed} } $nginx->errors), '', 'no other error';

done_testing();
