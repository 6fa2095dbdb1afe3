package Pintag::Forked;

# What the stand-ins have in common: a server in a forked process, which ends
# with its object, its log, and a line to tell it by.  A class of one sets port,
# pid, tmp, log, control, and owner => $$.

use strict;
use warnings;


sub port { return $_[0]{port} }

sub pid { return $_[0]{pid} }

sub log { return $_[0]{log} }


# Says a line to the server and waits until it is done.
sub say_line {
    my ($self, $line) = @_;

    syswrite $self->{control}, "$line\n";
    sysread($self->{control}, my $answer, 16) or die "the stand-in is gone\n";

    return $self;
}


sub stop {
    my $self = shift;

    return unless $self->{pid};

    close $self->{control};
    kill 'KILL', $self->{pid};
    waitpid $self->{pid}, 0;
    delete $self->{pid};
}


sub DESTROY {
    my $self = shift;
    local ($?, $!, $@);

    if ($self->{owner} == $$) {
        $self->stop;

    } else {
        # a forked test's copy: neither the server nor the folder is its own
        $self->{tmp}->unlink_on_destroy(0) if $self->{tmp};
    }
}


1;
