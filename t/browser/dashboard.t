# The dashboard in a browser: on a desktop and on a phone, light and dark, with a
# keyboard alone, and found good by axe-core (its contrasts, too).  Most of it with
# a made-up nginx (mock.mjs), which gets into states that a real one hardly does.
#
# PINTAG_SHOTS=folder: where the screenshots go, build/screenshots if not set.

use strict;
use warnings;

use FindBin;
use lib "$FindBin::Bin/../lib";

use Pintag::Browser;
use Pintag::Node;
use Test::More;

my $dir = $FindBin::Bin;

need_programs(node => 'nodejs', npm => 'npm', chromium => 'chromium');
install_modules($dir);

run_script("$dir/dashboard.mjs", '-', shots());

done_testing();
