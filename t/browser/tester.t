# The event tester in a browser, with an nginx whose locations are those of
# conf-examples/dashboard.conf: what it shows is what nginx answers, and where it says
# that values came from is where they came from.  On a desktop and on a phone, light
# and dark, with a keyboard alone, and found good by axe-core (its contrasts, too).
# Errors that nginx hardly gives are those of a made-up one (mock.mjs).
#
# PINTAG_SHOTS=folder: where the screenshots go, build/screenshots if not set.

use strict;
use warnings;

use FindBin;
use lib "$FindBin::Bin/../lib";

use Pintag::Browser;
use Pintag::Node;
use Pintag::StandIn;
use Test::More;

my $dir = $FindBin::Bin;

need_programs(node => 'nodejs', npm => 'npm', chromium => 'chromium', curl => 'curl');
install_modules($dir);

my $up = Pintag::StandIn->new;
my $keyed = <<'END';
            pintag_integrations integrations.yaml;
            pintag_pass         /_pinterest;
            pintag_write_keys   key-1 key-2;
END
my $nginx = dashboard_nginx($up->port, server => <<"END");
        location = /keyed { $keyed }
        location = /keyed-preview { $keyed pintag_preview on; }
END

run_script("$dir/tester.mjs", 'http://127.0.0.1:' . $nginx->port, shots());

is scalar(my @requests = $up->requests), 0, 'nothing was sent';
is join('', $nginx->errors), '', 'no error';

done_testing();
