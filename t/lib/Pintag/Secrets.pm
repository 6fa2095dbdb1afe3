package Pintag::Secrets;

# No test's nginx writes down what is secret or personal in what that test has
# sent to it.  The documentation is at the end of the file.

use strict;
use warnings;

use Cwd qw(abs_path);
use Digest::SHA qw(sha256_hex);
use File::Basename qw(dirname);
use File::Find qw(find);
use File::Temp ();
use IO::Uncompress::Gunzip ();
use MIME::Base64 qw(decode_base64);

# shorter ones are found by chance
use constant LEAST => 6;

# letters that few of the longer ones have in common
use constant LONG => 16;

# of what was sent to, and answered by, one nginx
use constant MOST => 64 * 1024 * 1024;

# in a time that grows with the text alone, as those below
my $email = qr/(?<![A-Za-z0-9._+'!#\$&*~-])[A-Za-z0-9._+'!#\$&*~-]++\@[A-Za-z0-9-]+(?:\.[A-Za-z0-9-]+)+/;

my $string = qr/"((?:[^"\\]|\\.)*+)"/s;

# members of an event that tell who somebody is, or are keys
my $member = qr/"(?:email|e-?mail_?address|phone|phone_?number|mobile|first_?name|last_?name|full_?name|street
                 |birthday|birth_?date|date_?of_?birth|dob|user_?id|anonymous_?id|password|passwd|token|iban|ssn
                 |card_?number|write_?key)"\s*:\s*(?:$string|(\d{6,})|\[\s*$string)/xi;

# what Pinterest takes in clear
my $clear = qr/"(?:ip|user_?agent|epik|click_?id|url|referrer)"\s*:\s*$string/i;

# nginx's own lines about a request whose location is not known yet
my $unlocated = qr/\[info\] [^\n]* (?:client\ sent\ |while\ (?:reading\ client\ request|sending\ to\ client|waiting\ for))
                 | \[emerg\] [^\n]* (?:alloc\(\d+\)|posix_memalign\(\d+,\ \d+\))\ failed\ [^\n]*
                   while\ (?:reading\ client\ request|logging\ request)/x;

# for a test that has a search of its own
our $off;

# it goes with the test
our $tmp = File::Temp->newdir('pintag-XXXXXX', TMPDIR => 1);
my $root = dirname(dirname(dirname(abs_path(dirname(__FILE__)))));
my ($dir, $owner, $leaks) = ($tmp->dirname, $$, 0);


# ---- what goes to and fro

sub sent { return keep("$_[0].sent", $_[1]) }

sub got { return keep("$_[0].got", $_[1]) }


# a forked client's, too
sub keep {
    my ($name, $bytes) = @_;

    return if $off || (-s "$dir/$name" // 0) > MOST;

    open my $out, '>>:raw', "$dir/$name" or die "$dir/$name: $!";
    syswrite $out, $bytes;
    close $out;
}


sub slurp {
    my $name = shift;

    open my $in, '<:raw', $name or return '';
    local $/;
    return scalar(<$in>) // '';
}


# ---- marks

# ({what nothing may hold}, {what the log and answers may not hold}) of bytes
# that were sent, or of configurations
sub marks {
    my $bytes = shift;
    my (%secret, %quiet);
    my $all = join "\n", $bytes, packed($bytes);
    my $add = sub { $_[0]{$_[1]} = 1 if defined $_[1] && length $_[1] >= LEAST };

    $add->(\%secret, lc $1) while $all =~ /($email)/g;

    while ($all =~ /$member/g) {
        $add->(\%secret, unescaped($1 // $2 // $3));
    }

    while ($all =~ /$clear/g) {
        $add->(\%quiet, unescaped($1)) if $1 !~ /^127\./;
    }

    while ($all =~ /^(?:Proxy-)?Authorization:[ \t]*(\w+)[ \t]+(\S+)/gmi) {
        $add->(\%secret, $2);
        $add->(\%secret, $_) for lc $1 eq 'basic' ? split /:/, decode_base64($2) : ();
    }

    while ($all =~ /^Cookie:[ \t]*([^\r\n]*)/gmi) {
        for (split /;\s*/, $1) {
            my ($name, $value) = /^([^=]*)=(.*)$/s or next;
            $add->($name eq '_epik' ? \%quiet : \%secret, $value);
        }
    }

    $add->(\%secret, $1) while $all =~ /^X-Write-Key:[ \t]*(\S+)/gmi;
    $add->(\%secret, $1) while $all =~ /[?&]writeKey=([^&\s#]+)/g;
    $add->(\%secret, $1) while $all =~ /[?&]data=([^&\s#]{20,})/g;
    $add->(\%quiet, $1) while $all =~ /^(?:Referer|User-Agent):[ \t]*([^\r\n]{12,})/gmi;

    # of configurations
    $add->(\%secret, $1) while $all =~ /accessToken["']?\s*:\s*["']?([^"'\s,}]+)/g;

    for (grep { /\@/ } keys %secret) {
        $quiet{sha256_hex($_)} = 1;
    }

    return (\%secret, \%quiet);
}


# the bodies that are compressed, and the events of pixels
sub packed {
    my $bytes = shift;
    my @packed;

    while ($bytes =~ /\r\n\r\n(?=\x1f\x8b)/g && @packed < 50) {
        my $rest = substr $bytes, pos $bytes, 1024 * 1024;
        my $plain;

        IO::Uncompress::Gunzip::gunzip(\$rest => \$plain, Transparent => 0);
        push @packed, $plain if defined $plain;
    }

    while ($bytes =~ /[?&]data=([A-Za-z0-9+\/_-]{20,})/g) {
        push @packed, decode_base64($1 =~ tr{-_}{+/}r);
    }

    return @packed;
}


sub unescaped {
    my $text = shift // return undef;

    $text =~ s/\\(["\\\/])/$1/g;
    return $text;
}


# ---- the search

# What is in $bytes, as it stands or percent-encoded, of the marks in an index()
# or of what a pattern matches.
sub found {
    my ($bytes, $what) = @_;
    my %found;

    for my $text (lc $bytes, $bytes =~ /%[0-9A-Fa-f]{2}/ ? lc $bytes =~ s/%([0-9A-Fa-f]{2})/chr hex $1/ger : ()) {
        if (ref $what eq 'HASH') {
            for my $size (keys %$what) {
                my $index = $what->{$size};

                for my $at (0 .. length($text) - $size) {
                    my $marks = $index->{substr $text, $at, $size} // next;

                    for (@$marks) {
                        $found{$_} = 1 if substr($text, $at, length $_) eq $_;
                    }
                }
            }

        } else {
            $found{$1} = 1 while $text =~ /$what/g;
        }
    }

    my @found = sort keys %found;
    return @found;
}


# Marks by their first letters.  There may be tens of thousands, which a pattern
# is slow with.
sub index_of {
    my %index;

    for my $mark (map { lc } keys %{ $_[0] }) {
        my $size = length $mark < LONG ? LEAST : LONG;

        push @{ $index{$size}{substr $mark, 0, $size} }, $mark;
    }

    return \%index;
}


# [what, marks] of a log's lines that hold any.  At debug level nginx shows
# requests, on the connections that it has accepted.
sub log_leaks {
    my ($log, $marks) = @_;
    my (@leaks, @lines, %client);

    $client{$1} = 1 while $log =~ /\[debug\] \d+#\d+: \*(\d+) accept: /g;

    for my $line (split /^/m, $log) {
        my ($level, $connection) = $line =~ /\[(\w+)\] \d+#\d+: (?:\*(\d+) )?/;

        next if ($level // '') eq 'debug' && defined $connection && $client{$connection};
        next if $line =~ $unlocated && $line !~ /pintag location: /;

        push @lines, $line;
    }

    # most logs have nothing, which is soon seen
    found(join('', @lines), $marks) or return;

    for my $line (@lines) {
        my @found = found($line, $marks);
        push @leaks, [$line, @found] if @found;
    }

    return @leaks;
}


# Searches all that the nginx in this folder has written, but for the files
# whose names match, and what it has answered on these ports.
sub search {
    my ($self, $folder, $ports, $but) = @_;
    my ($sent, @files, @leaks) = ('');

    for (@$ports) {
        $sent .= slurp("$dir/$_.sent");
    }

    find({ no_chdir => 1, wanted => sub { push @files, $_ if -f } }, $folder) if -d $folder;

    $sent .= slurp($_) for grep { m{/(?:conf|html)/[^/]*\.(?:yaml|token|conf)\z} } @files;

    my ($secret, $quiet) = marks($sent);

    # a token is in a file of its own
    for (grep { /\.token\z/ } @files) {
        my ($token) = slurp($_) =~ /^(\S{6,})/;
        $secret->{$token} = 1 if defined $token;
    }

    my $everywhere = index_of($secret);
    my $spoken = index_of({ %$secret, %$quiet });

    for my $file (@files) {
        next if $file =~ m{/(?:conf|html|temp|client_body_temp)/} || -s $file > 4 * MOST;

        next if defined $but && $file =~ $but;

        # others are a stand-in's
        if ($file =~ m{/logs/}) {
            # whatever the folders are called
            push @leaks, map { [$file, @$_] } log_leaks(slurp($file) =~ s/\Q$folder\E|\Q$root\E//gr, $spoken)
                if $file =~ m{/(?:error|access|pintag)[^/]*\.log\z};

        } else {
            my @found = found(slurp($file), $everywhere);
            push @leaks, [$file, '', @found] if @found;
        }
    }

    for my $port (@$ports) {
        for my $answer (split /(?=^HTTP\/1\.1 \d+ )/m, slurp("$dir/$port.got")) {
            my @found = found($answer, $answer =~ /"preview":true/ ? $everywhere : $spoken);
            push @leaks, ["an answer of port $port", $answer, @found] if @found;
        }

        unlink "$dir/$port.sent", "$dir/$port.got";
    }

    for (@leaks) {
        my ($where, $text, @found) = @$_;
        print STDERR "# $0: $where holds what is secret or personal: @found\n",
                     map { "#     $_\n" } split /\n/, substr $text, 0, 2000;
    }

    $leaks += @leaks;

    return scalar @leaks;
}


# for tests of this search
sub forget { my $n = $leaks; $leaks = 0; return $n }


END {
    if ($$ == $owner && $leaks) {
        print STDERR "# $0: $leaks outputs hold what is secret or personal\n";
        $? ||= 1;
    }
}


1;

__END__

=head1 NAME

Pintag::Secrets - searches what an nginx has written for what was sent to it

=head1 DESCRIPTION

L<Pintag::Client> tells what it sends and gets, L<Pintag::Test> what its blocks
do, and when an nginx of L<Pintag::Nginx> goes, or a block is done, all of its
output is searched.  A test that leaves something behind fails at its end,
whatever it has tested.

From what was sent it takes, as marks: e-mail addresses, the values of members
such as C<phone>, C<firstName>, C<userId> or C<writeKey>, what C<Authorization>
and C<Cookie> hold, write keys, the C<data> of a pixel, in compressed bodies,
too; from the configuration the access tokens.  They may be in no line of the
error log, in no access log of the format that conf-examples have, in no file of
a spool and in no answer.  The SHA-256 of the addresses, and what Pinterest takes
in clear (address, user agent, click id, page), may be in the spool and in the
answers of C<pintag_preview>, and nowhere else.

Excepted are nginx's debug lines about connections that it has accepted, and its
own lines of level C<info> (C<emerg> without memory) about requests that it could not read to the end of
their head: C<docs/security.md> names both.

=head1 FUNCTIONS

C<sent(port, bytes)>, C<got(port, bytes)>; C<Pintag::Secrets-E<gt>search(folder,
[ports], qr/files to leave out/)> gives the number of leaks, and tells of each.
C<forget> gives how many there were, and forgets them.  A test whose marks are
words that stand anywhere sets C<$Pintag::Secrets::off>, and looks for itself.

=cut
