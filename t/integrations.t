# What nginx -t says of integrations.yaml: line, column, what is wrong, and what
# to do about it.

use strict;
use warnings;

use FindBin;
use lib "$FindBin::Bin/lib";

use Pintag::Nginx;
use Test::More;

my $root = Pintag::Nginx->root;
my $seed = Pintag::Nginx->data('integrations.yaml');

my $nginx = Pintag::Nginx->new(no_start => 1, http => <<'END');
    server {
        listen 127.0.0.1:%%PORT%%;
        location /c { pintag_integrations i.yaml; pintag_pass /p; }
        location /p/ { internal; proxy_pass http://127.0.0.1:1; }
    }
END

my $conf = $nginx->dir . '/conf';


# what nginx -t says of a text, as (exit status, output, what the log got)
sub with_yaml {
    my $text = shift;

    $nginx->write_file('conf/i.yaml', $text);
    $nginx->write_file('logs/error.log', '');

    return ($nginx->test_config, $nginx->error_log);
}


# the lines of one level that are about the file: "line:column: what is wrong"
sub said {
    my ($level, $out) = @_;

    return $out =~ m{\[$level\] (?:\d+#\d+: )?\Q$conf\E/i\.yaml:(.*) in \Q$conf\E/nginx\.conf:\d+$}mg;
}


# ---- files that are good

{
    my ($status, $out) = with_yaml($seed);

    is $status, 0, "the user's own file is taken as it stands";
    is_deeply [said('warn', $out)],
        ['1:3: a tab in indentation is read as going to the next multiple of four columns; use spaces'],
        'with a warning of its tab';
}

{
    my ($status, $out, $log) = with_yaml("- name: segment\n  config: {key: [1, 2]}\n"
                                        . $seed =~ s/\t/  /r);

    is $status, 0, 'another destination is left alone';
    is_deeply [said('notice', $log)],
        ['1:9: entry "segment" is left alone, only those named "pinterest" are read'],
        'with a notice in the log';
}

for my $file ("$root/conf-examples/integrations.yaml", "$root/conf-examples/integrations-full.yaml") {
    open my $in, '<:raw', $file or die "$file: $!";
    my ($status, $out, $log) = with_yaml(do { local $/; <$in> });

    is $status, 0, "$file is good" or diag $out;
    is_deeply [said('warn', $out), said('notice', $log)], [], 'nothing is said of it';
}


# ---- faulty files: the keys of an entry with a tag, where, what

my $head = "- name: pinterest\n  config:\n    tagId: \"1\"\n";

for (
    [ 'standardEvents: all', '4:21: "standardEvents" must be seed or extended, not "all"' ],
    [ 'removePii: pages', '4:16: "removePii" must be all or page, not "pages", did you mean "page"?' ],
    [ 'actionSource: shop', '4:19: "actionSource" must be web, app_ios, app_android or offline, not "shop"' ],
    [ 'enhancedMatch: yes', '4:20: "enhancedMatch" must be true or false, without quotes, not "yes"' ],
    [ 'handleCustomAsPartnerDefinedEvent: "true"', '4:40: "handleCustomAsPartnerDefinedEvent" must be true or false, without quotes, not "true"' ],
    [ 'adAccountId: pina_SECRET', '4:18: "adAccountId" must be a string of digits, e.g. "549755885175", not "pina_..."' ],
    [ 'adAccountId: act_549', '4:18: "adAccountId" must be a string of digits, e.g. "549755885175", not "act_549"' ],
    [ 'adAccountId: 1234567890123456789', '4:18: "adAccountId" has 19 digits, at most 18 are allowed' ],
    [ 'adAccountId: 1', '3:5: "accessToken" or "accessTokenFile" is missing, "adAccountId" needs one: add e.g. accessTokenFile: "pinterest.token"' ],
    [ 'accessToken: pina_1', '3:5: "adAccountId" is missing, the access token is of use with it only: add e.g. adAccountId: "549755885175", or remove the token' ],
    [ "accessToken: pina_1\n    accessTokenFile: a", '5:22: "accessToken" and "accessTokenFile" are both given, remove one of them' ],
    [ 'accessToken: pina 1', '4:18: "accessToken" must be a string of visible ASCII characters without a space, as Pinterest gives it' ],
    [ 'piiProperties: member', '4:20: "piiProperties" must be a list of names of properties, none of them empty, e.g. ["color", "size"], not "member"' ],
    [ "piiProperties: [a, b]\n    piiAllow: [B]", '5:16: "B" is in both "piiProperties" and "piiAllow", remove it from one of them' ],
    [ 'denyEvents: [Cart Viewed, "--"]', '4:31: "--" in "denyEvents" can never match: spaces, "_" and "-" do not count in a name, write it with letters or digits' ],
    [ 'allowEvents: []', '4:18: "allowEvents" must not be an empty list, remove the key or give e.g. ["Order Completed"]' ],
    [ 'writeKeys: []', '4:16: "writeKeys" must not be an empty list, remove the key or give e.g. ["THD1"]' ],
    [ 'consentCategories: Advertising', '4:24: "consentCategories" must be a list of names of categories, none of them empty, e.g. ["Advertising"], not "Advertising"' ],
    [ 'deduplicationKey: properties..order_id', '4:23: "deduplicationKey" must be names joined by dots, e.g. "properties.order_id", not "properties..order_id"' ],
    [ 'limitedDataProcessing: true', '4:28: "limitedDataProcessing" must be a mapping of "state" and "country", e.g. {state: "CA", country: "US"}, not a boolean' ],
    [ 'limitedDataProcessing: {stat: CA}', '4:29: unknown key "stat", did you mean "state"?' ],
    [ 'limitedDataProcessing: {state: ""}', '4:36: "state" must not be empty, give e.g. "CA"' ],
    [ 'np: ""', '4:9: "np" must not be empty, give e.g. "ss-example"' ],
    [ 'partnerName: [a]', '4:18: "partnerName" must be a string, not a list' ],
    [ 'customEventsMapping: [{event: A}]', '4:27: "mapping" is missing, add e.g. mapping: "Checkout"' ],
    [ 'customEventsMapping: [{event: " ", mapping: B}]', '4:35: "event" must not be empty, give e.g. "Order Updated"' ],
    [ 'customPropertiesForStandardEvents: [a, ~]', '4:44: "customPropertiesForStandardEvents" must be a list of names of properties, none of them empty, e.g. ["color", "size"], not nothing' ],
    [ 'customEventMappings: []', '4:5: unknown key "customEventMappings", did you mean "customEventsMapping"?' ],
    [ 'tagId: "2"', '4:5: duplicate key "tagId", remove one of them' ],
    [ 'valueFieldIdentifier: *price', '4:27: an alias is not supported, write what it stands for, or quote the value if it begins with "*"' ],
    [ 'np: &np a', '4:9: an anchor is not supported, remove it, or quote the value if it begins with "&"' ],
    [ 'np: "a', '5:1: found unexpected end of stream, while scanning a quoted scalar that begins on line 4; close the quote' ],
) {
    my ($keys, $message) = @$_;
    my ($status, $out) = with_yaml("$head    $keys\n");

    isnt $status, 0, "nginx -t fails on $keys";
    is_deeply [said('emerg', $out)], [$message], 'and says where and why';
}


# ---- faulty files as a whole

for (
    [ 'an empty file', '', '1:1: the file is empty, it must list an entry with name: "pinterest" and a config' ],
    [ 'a mapping', "name: pinterest\n", '1:1: the file must be a list of entries, each with "name" and "config": begin the first with "- name:"' ],
    [ 'a file without us', "- name: segment\n", '1:1: no entry is named "pinterest", add one with name: "pinterest"' ],
    [ 'a name that is nearly ours', "- name: Pinterest\n", '1:9: no entry is named "pinterest", did you mean it by "Pinterest"?' ],
    [ 'an entry without config', "- name: pinterest\n", '1:3: "config" is missing, add e.g. config: {tagId: "2612826764086"}' ],
    [ 'an entry without ids', "- name: pinterest\n  config: {np: a}\n", '2:11: "tagId" or "adAccountId" is missing, add e.g. tagId: "2612826764086"' ],
    [ 'keys without a space', "- name: pinterest\n  config: {tagId:1}\n", '2:12: unknown key, put a space after the colon of "tagId"' ],
    [ 'the user\'s own file with a misspelling', $seed =~ s/tagId/tagID/r, '3:9: unknown key "tagID", did you mean "tagId"?' ],
    [ 'the user\'s own file with a wrong column', $seed =~ s/  ( valueFieldIdentifier: "price"\n        custom)/$1/r,
      '5:7: did not find expected key, while parsing a block mapping that begins on line 1; write the keys of a mapping in one column, '
      . 'and quote a value as a whole if it has quotes, brackets or " #" in it' ],
    [ 'a second document', "$head---\n$head", '4:1: a second document, the file must be one: remove this and what follows' ],
    [ 'no UTF-8', "$head    np: \xe9\n", '4:9: invalid UTF-8, save the file as UTF-8' ],
    [ 'a file that is too large', $head . '#' x 1048576, '1:1: the file has more than 1 MiB, split it by location' ],
    [ '100,000 lists in each other', "$head    np: " . '[' x 100000, '4:38: nested too deeply, more than 32 levels' ],
    [ '100,000 mappings in each other', "$head    np: " . '{a: ' x 100000, '4:125: nested too deeply, more than 32 levels' ],
    [ '100,000 lists in a block', "$head    np:\n     " . ' -' x 100000, '5:65: nested too deeply, more than 32 levels' ],
    [ '1 MiB of unknown keys', "$head" . join('', map "    k$_:\n", 1 .. 80000), '4:5: unknown key "k1", the keys here are "tagId", .*' ],
) {
    my ($what, $text, $message) = @$_;
    my ($status, $out) = with_yaml($text);
    my @said = said('emerg', $out);

    isnt $status, 0, "nginx -t fails on $what";
    is scalar @said, 1, 'and says so once';
    $message =~ /\.\*$/ ? like $said[0], qr{^$message$}, 'where and why'
                        : is $said[0], $message, 'where and why';
}


# ---- large files that are good

for (
    [ 'one name', join '', "    piiProperties:\n", ("    - a\n") x 100000 ],
    [ 'many names', join '', "    allowEvents:\n", map "    - n$_\n", 1 .. 80000 ],
    [ 'rows of one event', join '', "    customEventsMapping:\n", map "    - {event: a, mapping: m$_}\n", 1 .. 30000 ],
) {
    my ($what, $keys) = @$_;
    my ($status, $out) = with_yaml($head . $keys);

    is $status, 0, "a large file is taken: $what" or diag $out;
}


# ---- what is taken, and yet worth a word

{
    my ($status, $out) = with_yaml($head . "    testMode: true\n" . $head);

    is $status, 0, 'taken';
    is_deeply [said('warn', $out)], [
        '4:15: "testMode" is on: this entry sends nothing, since the Tag has no tests; remove the key, or add "adAccountId"',
        '7:12: the entry on line 1 has this "tagId", too: each event goes there twice, remove one of the two',
    ], 'an entry that sends nothing and one that sends twice are warned of';
}

{
    my ($status, $out, $log) = with_yaml($head . <<'END');
    adAccountId: "549755885175"
    accessToken: "pina_SECRET"
    testMode: true
END

    is_deeply [said('notice', $log)],
        ['6:15: "testMode" is on: this entry tests the Conversions API, and sends nothing to the Tag'],
        'a test is told';
    unlike $out . $log, qr{SECRET}, 'the token is not';
}

done_testing();
