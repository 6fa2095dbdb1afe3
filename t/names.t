# Every directive, key, variable, metric, field and reason of the code is in the docs,
# and every one that they name is in the code.

use strict;
use warnings;

use FindBin;
use lib "$FindBin::Bin/lib";

use Pintag::Nginx;
use Test::More;

my $root = Pintag::Nginx->root;

sub slurp {
    my $text = '';

    for my $name (@_) {
        open my $in, '<:raw', $name or die "$name: $!";
        local $/;
        $text .= <$in>;
    }

    return $text;
}

sub found {
    my ($text, $pattern) = @_;
    my %found = map { $_ => 1 } $text =~ /$pattern/g;

    return [sort keys %found];
}

my @sources = glob "$root/ngx_http_pintag_module/*.c";
my @core = glob "$root/ngx_http_pintag_module/core/*.c";
my $code = slurp(@sources);
my $docs = slurp(glob "$root/docs/*.md");
my $directives = slurp("$root/docs/directives.md");
my $status = slurp("$root/docs/status.md");
my $answers = slurp("$root/docs/answers.md");

sub same {
    my ($got, $wanted, $name) = @_;

    cmp_ok scalar @$got, '>', 0, "$name: there are some";
    is_deeply $got, $wanted, $name;
}

# ---- directives, each told as nginx tells its own

my $names = found($code, qr/\{ ngx_string\("(pintag_\w+)"\),\n\s+NGX_HTTP_/);

same(found($directives, qr/^## (pintag_\w+)$/m), $names, 'directives');

for (@$names) {
    my ($text) = $directives =~ /^## $_\n(.*?)(?=^## |\z)/ms;

    like $text, qr/^\n\*\*syntax:\*\* `\Q$_\E[^`]*;`\\\n\*\*default:\*\* (?:`\Q$_\E [^`]*;`|–)\\\n\*\*context:\*\* \*\w+(?:, \w+)*\*\\\n\*\*since:\*\* \d+\.\d+\.\d+\n/,
        "$_: syntax, default, context and since when";
}

# ---- variables

my @variables = (@{ found($code, qr/ngx_http_pintag_(?:count_)?variable\("(\w+)"/) },
                 map { s/^pintag_//r } @{ found($code, qr/\{ ngx_string\("(pintag_payload\w*)"\)/) });
my ($table) = $directives =~ /^## Variables\n(.*)/ms;

same(found($table, qr/\$pintag_(\w+)/), [sort @variables], 'variables');

# ---- keys of integrations.yaml

my $keys = slurp("$root/ngx_http_pintag_module/core/integration_keys.c");
my $integrations = slurp("$root/docs/integrations.md");
my ($all) = $integrations =~ /^## All keys\n(.*?)(?=^## )/ms;
my ($config) = $keys =~ /pintag_config_keys\[\] = \{(.*?)^\};/ms;

same(found($all, qr/^\| \[`(\w+)`\]/m), found($config, qr/\.name = pintag_str\("(\w+)"\)/), 'keys');

like $integrations, qr/`$_`/, "key $_" for @{ found($keys, qr/\.name = pintag_str\("(\w+)"\)/) };

# ---- metrics

my $prometheus = slurp("$root/ngx_http_pintag_module/ngx_http_pintag_status_prometheus.c");

same(found($status, qr/`(pintag_\w+)`(?=.*\| (?:gauge|counter|histogram) \|)/),
     found($prometheus, qr/"(pintag_\w+)"/), 'metrics');

# ---- fields of the JSON

my $fields = slurp("$root/ngx_http_pintag_module/ngx_http_pintag_status_json.c");
my @fields = grep { !/^(?:count|sum)$/ } @{ found($fields, qr/ngx_http_pintag_json_(?:name|member|text)\(buf,\s+"(\w+)"/) };

like $status, qr/`$_`/, "field $_" for @fields;

# ---- reasons

my ($reasons) = slurp("$root/ngx_http_pintag_module/ngx_http_pintag_zone.c")
                =~ /ngx_http_pintag_reasons\[\] = \{(.*?)\n\};/s;
my @reasons = grep { $_ ne 'other' } @{ found($reasons, qr/"(\w+)"/) };

like $docs, qr/`$_`/, "reason $_" for @reasons;

my $pages = slurp("$root/ngx_http_pintag_module/ngx_http_pintag_error_page.c");

for my $error (@{ found($pages, qr/error_page_text\("(\w+)"/) }) {
    ok scalar(grep { $_ eq $error } @reasons), "$error, which nginx refuses with, is counted by its name";
}

# what is told of each event
my %others = map { $_ => 1 } qw(events_rejected not_delivered not_stored);

for my $reason (grep { !$others{$_} } @{ found($answers, qr/^\| [\w ]* \| `(\w+)` \|/m) }) {
    ok scalar(grep { $_ eq $reason } @reasons), "$reason is counted by its name";
}

done_testing();
