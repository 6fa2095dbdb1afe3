package Pintag::Disk;

# Calls for the files of a spool that fail, or hang.  The documentation is at the
# end of the file.

use strict;
use warnings;

use Errno ();
use File::Temp ();
use Pintag::Preload ();


sub library { return Pintag::Preload::library('disk') }


sub new {
    my $class = shift;
    my $self = bless { tmp => File::Temp->newdir('pintag-XXXXXX', TMPDIR => 1) }, $class;

    library();
    $self->{dir} = $self->{tmp}->dirname;

    return $self;
}


# Starts an nginx with the library.
sub start {
    my ($self, $nginx) = @_;

    local $ENV{PINTAG_DISK} = $self->{dir};

    Pintag::Preload::preloaded(library(), sub { $nginx->start });
    return $self;
}


# whole at once, since nginx looks at any time
sub set {
    my ($self, $call, $number) = @_;

    open my $out, '>', "$self->{dir}/.$call" or die "$self->{dir}: $!";
    print $out $number;
    close $out or die "$self->{dir}: $!";
    rename "$self->{dir}/.$call", "$self->{dir}/$call" or die "$self->{dir}: $!";

    return $self;
}


sub fail {
    my ($self, $call, $error) = @_;
    return $self->set($call, Errno->can($error)->());
}


sub hang { return $_[0]->set($_[1], 0) }


# All of them, unless told which.
sub mend {
    my ($self, @calls) = @_;

    unlink @calls ? map { "$self->{dir}/$_" } @calls : glob "$self->{dir}/*";
    return $self;
}


sub DESTROY { $_[0]->mend }


1;

__END__

=head1 NAME

Pintag::Disk - a disk that fails under the spool of an nginx

=head1 SYNOPSIS

    my $disk = Pintag::Disk->new;
    my $nginx = Pintag::Nginx->new(no_start => 1, http => ...);

    $disk->start($nginx);

    $disk->fail('unlink', 'EACCES');    # from now on
    $disk->hang('fdatasync');           # for 30 seconds at most
    $disk->mend('unlink');
    $disk->mend;

=head1 DESCRIPTION

A library made of F<disk.c> is preloaded into nginx.  It has unlink(), rename(),
fdatasync() and ftruncate() of its own; files that are not in a folder of the
name F<spool> are none of its business.

=cut
