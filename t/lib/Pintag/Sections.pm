package Pintag::Sections;

# Sections of a test, several at a time: most of their time goes by waiting.
# Each runs in a process of its own, and is one test of the file.

use strict;
use warnings;

use Exporter 'import';
use File::Temp ();
use Pintag::Deadline;
use POSIX ();
use Test::More;
use Time::HiRes qw(sleep time);

our @EXPORT = qw(section run_sections eventually);

my @sections;


# section $name => sub { ... }
sub section { push @sections, [@_] }


# Runs all of them, at_once => 4 at a time; leave => sub { ... } is what the
# process of each does at its end.
sub run_sections {
    my %args = (at_once => 4, leave => sub { }, @_);
    my @running;

    while (@sections || @running) {
        while (@sections && @running < $args{at_once}) {
            my ($name, $code) = @{ shift @sections };
            my $out = File::Temp->new;
            my $pid = fork // die "fork: $!";

            if ($pid == 0) {
                my $builder = Test::More->builder;

                srand;
                $out->autoflush(1);
                $builder->reset;
                $builder->$_($out) for qw(output failure_output);
                eval { $code->(); 1 } or fail("died: $@");
                done_testing();
                $args{leave}->();
                POSIX::_exit($builder->is_passing ? 0 : 1);
            }

            push @running, [$name, $pid, $out];
        }

        my $pid = wait;
        my $passed = $? == 0;
        my ($done) = grep { $_->[1] == $pid } @running or next;
        my ($name, undef, $out) = @$done;

        @running = grep { $_ != $done } @running;

        open my $in, '<', $out->filename or die $!;
        $passed ? note <$in> : diag grep { !/^ok / } <$in>;
        ok $passed, $name;
    }
}


# Until the check is true; false when it is not in time.
sub eventually {
    my ($check, $timeout) = @_;
    my $end = deadline($timeout // 15);

    until ($check->()) {
        return 0 if time() > $end;
        sleep 0.02;
    }

    return 1;
}


1;
