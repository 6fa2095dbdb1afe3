package Pintag::Malloc;

# Allocations of an nginx that fail.  The documentation is at the end of the
# file.

use strict;
use warnings;

use File::Temp ();
use Pintag::Preload ();

use constant { OFF => 0, BY_CHANCE => 1, BY_NUMBER => 2 };

# that of malloc.c
use constant { FIELDS => 9, PLACES => 16384 };

# what malloc.c counts as an allocation is not to be optimised away
sub library { return Pintag::Preload::library('malloc', qw(-g -fno-builtin)) }


sub new {
    my ($class, %args) = @_;
    my $self = bless { seed => $ENV{PINTAG_SEED} // int(rand 1e9), %args }, $class;

    library();
    $self->{tmp} = File::Temp->newdir('pintag-XXXXXX', TMPDIR => 1);
    $self->{path} = $self->{tmp}->dirname . '/page';

    open $self->{page}, '+>:raw', $self->{path} or die "$self->{path}: $!";
    $self->set(0, OFF);
    truncate $self->{page}, 4 * (FIELDS + PLACES) or die "$self->{path}: $!";

    return $self;
}


# Runs the code, in which nginx is started, with the library.
sub preloaded {
    my ($self, $code) = @_;

    local $ENV{PINTAG_MALLOC} = $self->{path};

    return Pintag::Preload::preloaded(library(), $code);
}


sub start {
    my ($self, $nginx) = @_;

    $self->preloaded(sub { $nginx->start });
    $self->{spared} = $nginx->pid;
    return $self;
}


sub set {
    my ($self, $at, @values) = @_;

    sysseek $self->{page}, 4 * $at, 0;
    syswrite $self->{page}, pack 'L*', @values;
    return $self;
}


sub get {
    my ($self, $at) = @_;

    sysseek $self->{page}, 4 * $at, 0;
    sysread $self->{page}, my $bytes, 4;
    return unpack 'L', $bytes;
}


# One in so many fails from now on.
sub by_chance {
    my ($self, $one_in, %args) = @_;

    return $self->arm(BY_CHANCE, $one_in, 0, %args);
}


# Those from the first to the last fail, counted from now on.
sub by_number {
    my ($self, $first, $last, %args) = @_;

    return $self->arm(BY_NUMBER, $first, $last // $first, %args);
}


sub arm {
    my ($self, $mode, $first, $last, %args) = @_;

    $self->off;
    $self->set(1, $args{only} ? 0 : $self->{spared} // 0, $args{only} // 0, $first, $last,
               $self->{seed}, 0, 0);

    return $self->set(0, $mode);
}


sub off { return $_[0]->set(0, OFF) }

sub seen { return $_[0]->get(6) }

sub failed { return $_[0]->get(7) }

sub places { return $_[0]->get(8) }


# The stack of the last allocation that failed by its number.
sub stack {
    my $self = shift;

    open my $in, '<', "$self->{path}.failed" or return;
    chomp(my @frames = <$in>);
    return @frames;
}


# The crashes so far: {text, signal, stack => [...], failed => [...]}.
sub crashes {
    my $self = shift;
    my @crashes;

    open my $in, '<', "$self->{path}.crashes" or return;
    local $/ = '';

    while (my $text = <$in>) {
        my ($signal, $stack, $failed) = $text =~ /\Asignal (\d+) in \d+\n(.*)after this [^\n]*\n(.*)\z/s
            or next;

        push @crashes, { text => $text, signal => $signal, stack => [split /\n/, $stack],
                         failed => [split /\n/, $failed] };
    }

    return @crashes;
}


1;

__END__

=head1 NAME

Pintag::Malloc - allocations of an nginx that fail

=head1 SYNOPSIS

    my $malloc = Pintag::Malloc->new;
    my $nginx = Pintag::Nginx->new(no_start => 1, http => ...);

    $malloc->start($nginx);

    $malloc->by_chance(200);        # one in 200, in the workers
    $malloc->by_number(17);         # the 17th from now on
    $malloc->off;

    note $malloc->failed . ' of ' . $malloc->seen;
    is scalar(my @crashes = $malloc->crashes), 0;

=head1 DESCRIPTION

A library made of F<malloc.c> is preloaded into nginx.  It makes malloc(),
calloc(), realloc(), posix_memalign(), aligned_alloc() and memalign() fail, of
whatever library they are called, as a page tells that nginx's processes and the
test share.  Nothing fails until one of C<by_chance> and C<by_number> is called,
after C<off>, and in the master; C<only =E<gt> pid> makes another choice.

C<seed> (else what the environment has in PINTAG_SEED, else by chance) decides
with a worker's pid which ones fail C<by_chance>.

C<preloaded(sub { ... })> runs what starts an nginx with the library, C<start> is
that for a Pintag::Nginx.

C<seen> allocations since it was armed, C<failed> of them; C<places>: how many
different stacks had one that failed, over all.  C<stack>: where the first one
was that failed C<by_number>.  C<crashes>: what processes
died of, with the stack of the last allocation that had failed.  Under a
sanitizer, which has reports of its own, there are none.

=cut
