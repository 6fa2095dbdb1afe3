package Pintag::Node;

# What tests with scripts of node's have in common.

use strict;
use warnings;

use Exporter 'import';
use JSON::PP;
use Test::More;

our @EXPORT = qw(need_programs install_modules run_script text_of);


# need_programs(node => 'nodejs'): dies unless each program is there, and tells
# the package that has it.
sub need_programs {
    my %packages = @_;
    my @missing = map { $packages{$_} }
                  grep { system("command -v $_ > /dev/null") != 0 } sort keys %packages;

    @missing and die "this test needs @missing: run script/test, "
                     . "or apt-get install --no-install-recommends @missing\n";
}


# The modules of a folder's package-lock.json, kept until that changes.  One test
# after the other: two of a folder may begin at once.
sub install_modules {
    my $dir = shift;
    my $installed = "$dir/node_modules/.installed";
    my $lock = text_of("$dir/package-lock.json");

    open my $one, '<', "$dir/package.json" or die "$dir/package.json: $!";
    flock $one, 2 or die "$dir/package.json: $!";

    return if text_of($installed) eq $lock;

    my $said = `cd '$dir' && timeout 300 npm ci 2>&1`;

    $? == 0 or die "npm ci failed in $dir:\n$said";

    open my $out, '>:raw', $installed or die "$installed: $!";
    print $out $lock;
    close $out or die "$installed: $!";
}


# Runs a script that prints a line of JSON for each of its tests, {"name": ...,
# "ok": true} or {"name": ..., "ok": false, "why": ...}, and takes them as one's own.
sub run_script {
    my ($script, @arguments) = @_;

    open my $out, '-|', 'node', $script, @arguments or die "node: $!";

    while (my $line = <$out>) {
        my $test = eval { decode_json($line) };

        if (!$test) {
            chomp $line;
            diag($line);
            next;
        }

        utf8::encode($_) for @$test{qw(name why)};
        ok $test->{ok}, $test->{name} or diag($test->{why});
    }

    close $out;
    is $?, 0, 'the script ends well';
}


sub text_of {
    my $name = shift;

    open my $in, '<:raw', $name or return '';
    local $/;
    return scalar(<$in>) // '';
}


1;
