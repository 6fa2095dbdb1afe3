# Every example of docs/mapping.md is true: what it posts, with the keys that it
# shows, makes the queries and the events of the Conversions API that it shows.

use strict;
use warnings;

use FindBin;
use lib "$FindBin::Bin/lib";

use JSON::PP;
use Pintag::Cases qw(:DEFAULT :api);
use Pintag::Nginx;
use POSIX qw(strftime);
use Test::More;
use Time::Local qw(timegm);

my $name = 'docs/mapping.md';
my $json = JSON::PP->new;

# In the examples of the Conversions API it is always 14 November 2023, 22:13:20
# UTC.  Their times are moved by what has passed since then, so that each is as
# long ago as the page says; an event_time of 1700000000 is that of arrival.
use constant NOW => 1_700_000_000;
my $passed = at(0) - NOW;


# ---- the page, as a list of examples: { line, heading, a text a kind }

# An example has one block of a kind.  What goes out stands after what comes in,
# and is a query, an event of the Conversions API, or both.
sub examples {
    my ($in, $heading, $kind, $text) = (shift, '');
    my @examples = {};

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

        die "$name:$.: what is $kind?\n" if $kind !~ /^(?:yaml|nginx|http|json|query|api)$/;

        push @examples, {} if $kind !~ /^(?:query|api)$/ && goes_out($examples[-1]);
        die "$name:$.: two blocks of $kind in an example\n" if exists $examples[-1]{$kind};

        chomp $text;
        @{ $examples[-1] }{ 'line', 'heading', $kind } = ($., $heading, $text);
        $kind = undef;
    }

    die "$name: the last example has no end\n" if defined $kind || !goes_out($examples[-1]);

    return @examples;
}


sub goes_out { return grep { exists $_[0]{$_} } qw(query api) }


# ---- what goes out: (what is sent, "delivered" or why not for each event)

# What is sent, with a blank line between, and "nothing: skipped, reason" where an
# event makes none.
sub results {
    my ($text, $read) = @_;
    my (@sends, @verdicts);

    for my $result (split /\n{2,}/, $text) {
        if ($result =~ /^nothing: (skipped|rejected), (\w+)$/) {
            push @verdicts, "$1 $2";
        } else {
            push @sends, $read->($result);
            push @verdicts, 'delivered';
        }
    }

    return (\@sends, @verdicts);
}


# "tid=…" broken over lines, headers before it
sub query {
    my $query = shift;
    my $headers = '';

    $headers .= "    \L$1\E: $2\n" while $query =~ s/^([A-Z][\w-]*): (.*)\n//;
    $query =~ s/\n(?=&)//g;
    $query =~ s/^tid=\Q@{[TAG]}\E&noscript=1&(?=\S+\z)// or die "no query: $query\n";

    return $headers eq '' ? $query : "$query\n" . $headers =~ s/\n\z//r;
}


sub event {
    my $event = $json->decode(shift);

    $event->{event_time} = $event->{event_time} == NOW ? 'now' : $event->{event_time} + $passed;
    return $event;
}


# The times of an event that comes in, moved alike: "2023-11-…" and the seconds
# or milliseconds of a member whose name ends so.
sub moved {
    my $text = shift;

    $text =~ s/"2023-11-(\d\d)T(\d\d):(\d\d):(\d\d)/
               strftime '"%Y-%m-%dT%H:%M:%S', gmtime $passed + timegm($4, $3, $2, $1, 10, 2023)/gex;
    $text =~ s/((?:stamp|At)":\s*)(1[67]\d{8})(\d{3})?(?!\d)/$1 . ($2 + $passed) . ($3 \/\/ '')/ge;
    return $text;
}


# ---- each of them is run

open my $in, '<:raw', Pintag::Nginx->root . "/$name" or die "$name: $!";

my @examples = examples($in);
my ($config, $body) = ('');

for my $example (@examples) {
    my $at = "$name:$example->{line}";
    my ($first, @headers) = split /\n/, $example->{http} // 'POST /collect';
    my ($method, $path) = $first =~ m{^(\S+) /(\S+)$} or die "$at: no request: $first\n";

    # without a body it is the example before, with these keys changed
    if ($method eq 'POST' && !defined $example->{json}) {
        my %changed = map { /^(\w+): (.*)$/ ? ($1, $2) : die "$at: no key: $_\n" }
                      split /\n/, $example->{yaml} // '';

        for my $key (keys %changed) {
            $config =~ s/^(\s*\Q$key\E:).*/$1 $changed{$key}/m or $config .= "\n$key: $changed{$key}";
        }

    } else {
        ($config, $body) = ($example->{yaml} // '', $example->{json});
    }

    my @out = goes_out($example);
    my ($queries, @of_tag) = results($example->{query} // '', \&query);
    my ($events, @of_api) = results($example->{api} // '', \&event);

    # what one transport takes is delivered
    my @verdicts = map { my ($tag, $api) = ($of_tag[$_] // $of_api[$_], $of_api[$_] // $of_tag[$_]);
                         $tag eq 'delivered' ? $tag : $api }
                   0 .. (@of_tag > @of_api ? $#of_tag : $#of_api);
    my $status = grep({ !/^rejected/ } @verdicts) ? 200 : 400;

    # an event that is sent as several counts once
    my $n = $config =~ /^customEventsMapping:/m && $body !~ /^\[/ ? 1 : @verdicts;

    mapping "$at: $example->{heading}", to => @out == 2 ? 'both' : $out[0] eq 'api' ? 'api' : 'tag',
        config => $config, http => $example->{nginx} // '',
        method => $method, path => $path, headers => { map { split /: /, $_, 2 } @headers },
        body => defined $example->{api} ? moved($body) : $body, sends => $queries, api_sends => $events,
        verdict => $method eq 'GET' ? undef : join '; ', "$status $verdicts[0]", @verdicts[1 .. $n - 1];
}

is "$examples[0]{yaml}\n", Pintag::Nginx->data('integrations.yaml'), 'the first example has the file of t/data';
is "$examples[0]{json}\n", Pintag::Nginx->data('request.json'), 'and its request';

cmp_ok scalar(grep { defined $_->{query} } @examples), '>', 50, 'many examples of queries';
cmp_ok scalar(grep { defined $_->{api} } @examples), '>', 20, 'many examples of events of the Conversions API';

run_cases();
done_testing();
