# Every command of README.md, SECURITY.md and docs/ is run: those that read a
# spool here, the others by the scripts that are named for each.

use strict;
use warnings;

use FindBin;
use lib "$FindBin::Bin/lib";

use Pintag::Nginx;
use Pintag::Sections;
use Pintag::Setup;
use Pintag::StandIn;
use Test::More;

my $root = Pintag::Nginx->root;

sub slurp {
    my $name = shift;
    open my $in, '<:raw', $name or die "$name: $!";
    local $/;
    return scalar <$in>;
}


# ---- the commands: [file, line, text]

my $programs = qr{script/|apt|nginx |install |systemctl |cp |mv |git |\./configure|/etc/init\.d/|cat |grep |cut |perl |tail
                  |curl |kill |sed |sensible-editor |\(umask |prove |make |docker |kubectl |promtool |openssl }x;
my @commands;

for my $file (grep { !m{/(?:mapping|integrations)\.md} } glob "$root/README.md $root/SECURITY.md $root/docs/*.md") {
    my ($name, $last, $n) = (substr($file, 1 + length $root), undef, 0);

    for my $line (split /\n/, slurp($file)) {
        $n++;

        if ($line =~ /^ {4}($programs.*)/) {
            push @commands, $last = [ $name, $n, $1 ];

        # the rest of a command, of a script in quotes for instance
        } elsif ($last && $line =~ /^ {4}( .*)/) {
            $last->[2] .= "\n$1";

        } else {
            $last = undef;
        }
    }
}

cmp_ok scalar(@commands), '>', 25, 'there are commands in the documentation';


# ---- which of them scripts run

# a line of .ci/run or of script/test --all, perhaps with options
my $runs = slurp("$root/.ci/run") . slurp("$root/script/test");

# what script/package-check takes out of the documentation, by expressions
my $check = slurp("$root/script/package-check");
my @taken;

push @taken, [ $1, $2 ] while $check =~ /documented(?:_run)? "?(?:\$root\/)?([\w.\/]+)"? '([^']+)'/g;

my ($section) = slurp("$root/README.md") =~ /^(## From a fresh Debian.*?)^## A complete/ms;

like slurp("$root/script/documented.sh"), qr/\^## From a fresh Debian/, 'that section of the README is run';

# the same to nginx as what script/build does, which only adds --with-cc-opt
my %like = (
    './configure --with-compat --add-dynamic-module=/path/to/pintag && make modules' => 'script/build',
);

# the event that it posts is posted there
my $posted = qr{\Acurl -i http://127\.0\.0\.1/pintag -d };

sub run_by {
    my ($name, $text) = @_;

    return 'script/documented.sh' if $name eq 'README.md' && index($section, "    $text") >= 0;
    return 'script/package-check' if grep { $name eq $_->[0] && $text =~ /$_->[1]/ } @taken;
    return $like{$text} if $like{$text};
    return 't/examples.t' if $name eq 'README.md' && $text =~ $posted;

    # the same command elsewhere in the documentation
    my ($first) = $text =~ /\A([^\n]*)/;
    return 'script/documented.sh' if index($section, "    $first\n") >= 0;
    return '.ci/run' if $text =~ m{\Ascript/\S+\z} && $runs =~ /(?:step |; )\Q$text\E\b/;
    return 'script/test --all' if $text =~ m{\A(script/\S+) (.+)\z} && $runs =~ /(['"])\Q$1\E[^"\n]* \Q$2\E\g1/;
    return undef;
}


# ---- those that read a spool: of m-1 two deliveries are undelivered, of m-2 and
# m-3 four wait

my $up = Pintag::StandIn->new(act => 'refused', status => 400);
my $nginx = api_nginx($up->port, config => 'tagId: "2612826764086"', server => 'server_name localhost;',
    http => 'pintag_spool spool;', collect => 'pintag_ack stored; pintag_retry min=20ms max=100ms;');
my $spool = $nginx->dir . '/spool';

sub undelivered { return scalar(() = (-e "$spool/undelivered" ? slurp("$spool/undelivered") : '') =~ /^U/mg) }

is $nginx->post('/collect', api_batch(1))->{status}, 202, 'an event is stored';
ok eventually(sub { undelivered() == 2 }), 'and refused, by both transports';
$up->behave(status => 503);
is $nginx->post('/collect', api_batch(2, 3))->{status}, 202, 'two more are stored, and wait';

# what a command of docs/spool.md prints in the spool's folder
my %spooled = map { $_->[0] eq 'docs/spool.md' ? ($_->[2] => 1) : () } @commands;

sub command {
    my ($like, $dir) = @_;
    my ($text, @more) = grep { index($_, $like) >= 0 } sort keys %spooled;

    die "docs/spool.md has " . (defined $text ? 'more than one' : 'no') . " command like $like\n"
        if !defined $text || @more;
    delete $spooled{$text};

    open my $shell, '-|', 'sh', '-c', 'cd "$1" && exec sh -c "$2"', 'sh', $dir // $spool, $text or die "sh: $!";
    local $/;
    my $out = <$shell> // '';
    ok close $shell, "docs/spool.md: $like ends well" or diag "$text: $?";
    return $out;
}

my %destination = (tag => 'tag:2612826764086:localhost/pinterest', api => 'api:' . ACCOUNT . ':localhost/pinterest');

is command('grep -c'), "4\n", 'four deliveries wait';
is command('cut -f5 | sort'), "      2 $destination{api}\n      2 $destination{tag}\n", 'two for each destination';
like command('date -d'), qr/\A\w+.* \d\d:\d\d:\d\d .*\n\z/, 'the oldest has a date';
my @ids = command('jq -c') =~ /"event_id":"(m-\d)"/g;
is join(' ', sort @ids), 'm-2 m-3', 'what is for the Conversions API';
my @became = split /\n/, command('\tm-1\t');
is join(' ', sort grep { /refused/ } map { join ' ', (split /\t/)[0, 1, 2] } @became),
    join(' ', map { "U $destination{$_} refused" } qw(api tag)), 'what became of an event';
is command('cut -f5,7 undelivered'), "      1 $destination{api}\trefused\n      1 $destination{tag}\trefused\n",
    'why what is undelivered is';

my ($intact) = grep { /crc32/ } keys %spooled;

is command('crc32'), '', 'every line is intact';

# it would tell of one that is not
{
    my $dir = $nginx->dir . '/logs';

    open my $out, '>', "$dir/one.spool" or die "one.spool: $!";
    print $out slurp((glob "$spool/*.spool")[0]) =~ s/order_id/order_xx/r;
    close $out or die "one.spool: $!";
    $spooled{$intact} = 1;
    like command('crc32', $dir), qr/\Aone\.spool:\d+\n\z/, 'one that is not is named';
}

# what is left of a line that was damaged
{
    my $dir = $nginx->dir . '/logs';
    my ($damaged) = map { /(\S+\.damaged)/ } keys %spooled;

    open my $out, '>', "$dir/$damaged" or die "$damaged: $!";
    print $out '-' x 4711, "a line\nanother\n";
    close $out or die "$damaged: $!";
    is command('.damaged', $dir), "a line\n", 'a damaged line is found by its offset';
}

$up->behave();
is command('again.spool'), '', 'what is undelivered is sent again';
ok eventually(sub { join(' ', sort(events_of($up->requests)), sort(api_events_of($up->requests))) =~ /1.*1/ }), 'and arrives';

is join("\n", sort keys %spooled), '', 'docs/spool.md has no other command';


# ---- the rest is run by scripts

for my $command (@commands) {
    my ($name, $n, $text) = @$command;

    next if $name eq 'docs/spool.md';

    my $by = run_by($name, $text);

    ok defined $by, "$name:$n: " . ($text =~ s/\n.*//sr) . ($by ? ": $by" : '');
}

done_testing();
