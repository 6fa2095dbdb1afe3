package Pintag::Deadline;

# How long a test waits for something, and a time that it gives nginx, in one place:
# PINTAG_SLOW=10 in the environment makes each ten times as long, where nginx is
# slow.

use strict;
use warnings;

use Exporter 'import';
use Time::HiRes ();

our @EXPORT = qw(deadline ms slow);


# So many seconds.
sub slow { return $_[0] * ($ENV{PINTAG_SLOW} || 1) }


# The time in so many seconds.
sub deadline { return Time::HiRes::time() + slow($_[0]) }


# "300ms", for a directive, in which nginx has to get something done.
sub ms { return slow($_[0]) . 'ms' }


1;
