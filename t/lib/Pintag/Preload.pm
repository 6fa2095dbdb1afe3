package Pintag::Preload;

# Shared libraries of the C files beside this one, which are preloaded into nginx:
# what nginx asks of the system can fail then.

use strict;
use warnings;

use File::Basename qw(dirname);
use File::Temp ();

my (%libraries, $tmp);


# The library of $name.c, which is made once; its path.
sub library {
    my ($name, @flags) = @_;

    return $libraries{$name} if $libraries{$name};

    my $source = dirname(__FILE__) . "/$name.c";

    $tmp //= File::Temp->newdir('pintag-XXXXXX', TMPDIR => 1);

    system(qw(cc -shared -fPIC -O1 -Wall -Wextra -Werror), @flags, '-o', "$tmp/$name.so", $source) == 0
        or die "no shared library is made of $source\n";

    return $libraries{$name} = "$tmp/$name.so";
}


# Runs the code, in which nginx is started, with a library.
sub preloaded {
    my ($library, $code) = @_;

    local $ENV{LD_PRELOAD} = join ' ', grep { defined } $library, $ENV{LD_PRELOAD};
    local $ENV{ASAN_OPTIONS} = join ':', grep { defined } $ENV{ASAN_OPTIONS}, 'verify_asan_link_order=0';

    return $code->();
}


1;
