package Pintag::Deadline;

# Until when a test waits for something, in one place: PINTAG_SLOW=10 in the
# environment makes each wait ten times as long, where nginx is slow.

use strict;
use warnings;

use Exporter 'import';
use Time::HiRes ();

our @EXPORT = qw(deadline);


# The time so many seconds from now.
sub deadline { return Time::HiRes::time() + $_[0] * ($ENV{PINTAG_SLOW} || 1) }


1;
