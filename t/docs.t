# Every example of docs/mapping.md is true: what it posts, with the keys that it
# shows, makes the queries that it shows.

use strict;
use warnings;

use FindBin;
use lib "$FindBin::Bin/lib";

use Pintag::Cases;
use Pintag::Nginx;
use Test::More;

my $name = 'docs/mapping.md';

open my $in, '<:raw', Pintag::Nginx->root . "/$name" or die "$name: $!";

my ($heading, $kind, $text, $examples, $config, $body, %shown) = ('', undef, '', 0, '');


# "tid=…" broken over lines, headers before it, a blank line between requests;
# "nothing: skipped, reason" where an event makes none
sub results {
    my ($text, $line) = @_;
    my (@sends, @verdicts);

    for my $result (split /\n{2,}/, $text) {
        if ($result =~ /^nothing: (skipped|rejected), (\w+)$/) {
            push @verdicts, "$1 $2";
            next;
        }

        my $headers = '';

        $headers .= "    \L$1\E: $2\n" while $result =~ s/^([A-Z][\w-]*): (.*)\n//;
        $result =~ s/\n(?=&)//g;
        $result =~ s/^tid=\Q@{[TAG]}\E&noscript=1&(?=\S+\z)//
            or die "$name:$line: no query: $result\n";

        push @sends, $headers eq '' ? $result : "$result\n" . $headers =~ s/\n\z//r;
        push @verdicts, 'delivered';
    }

    return (\@sends, @verdicts);
}


while (my $line = <$in>) {
    if (!defined $kind) {
        $heading = $1 if $line =~ /^#+ (.*)/;
        $kind = $1, $text = '' if $line =~ /^```(\w+)$/;
        next;
    }

    if ($line !~ /^```$/) {
        $text .= $line;
        next;
    }

    chomp $text;
    die "$name:$.: two blocks of $kind and no query\n" if exists $shown{$kind};

    if ($kind ne 'query') {
        $shown{$kind} = $text;
        $kind = undef;
        next;
    }

    my ($first, @headers) = split /\n/, delete $shown{http} // 'POST /collect';
    my ($method, $path) = $first =~ m{^(\S+) /(\S+)$} or die "$name:$.: no request: $first\n";
    my ($sends, @verdicts) = results($text, $.);
    my $status = grep({ !/^rejected/ } @verdicts) ? 200 : 400;

    # without a body it is the example before, with these keys changed
    if ($method eq 'POST' && !defined $shown{json}) {
        my $config = $config;
        my %changed = map { /^(\w+): (.*)$/ ? ($1, $2) : die "$name:$.: no key: $_\n" }
                      split /\n/, delete $shown{yaml} // '';

        for my $key (keys %changed) {
            $config =~ s/^(\s*\Q$key\E:).*/$1 $changed{$key}/m or $config .= "\n$key: $changed{$key}";
        }

        @shown{qw(yaml json)} = ($config, $body);
    }

    ($config, $body) = (delete $shown{yaml} // '', delete $shown{json});

    # an event that is sent as several counts once
    my $events = $config =~ /^customEventsMapping:/m && $body !~ /^\[/ ? 1 : @verdicts;

    mapping "$name:$.: $heading", config => $config, http => delete $shown{nginx} // '',
        method => $method, path => $path, headers => { map { split /: /, $_, 2 } @headers },
        body => $body, sends => $sends,
        verdict => $method eq 'GET' ? undef : join '; ', "$status $verdicts[0]", @verdicts[1 .. $events - 1];

    die "$name:$.: what is ", join(', ', keys %shown), "?\n" if %shown;

    if ($examples == 0) {
        is "$config\n", Pintag::Nginx->data('integrations.yaml'), 'the first example has the file of t/data';
        is "$body\n", Pintag::Nginx->data('request.json'), 'and its request';
    }

    $examples++;
    $kind = undef;
}

die "$name: the last example has no query\n" if %shown || defined $kind;

cmp_ok $examples, '>', 50, "$examples examples in $name";

run_cases();
done_testing();
