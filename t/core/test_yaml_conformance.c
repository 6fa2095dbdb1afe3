
/*
 * Copyright (C) the ngx_http_pintag_module authors
 *
 * YAML around and between values: what an integrations.yaml may hold of it, and
 * what is said of the rest.
 */


#include "test_yaml_conformance.h"


static void
anchors_and_aliases(void **state)
{
    static const yaml_row_t  rows[] = {
        { "anchor of a scalar",
          pintag_str(V("&price price")), pintag_str("4:27: " ANCHOR) },
        { "anchor with a colon in its name",
          pintag_str(V("&a:b price")), pintag_str("4:27: " ANCHOR) },
        { "anchor with letters beyond ASCII",
          pintag_str(V("&\xc3\xa9 price")),
          pintag_str("4:28: did not find expected alphabetic or numeric "
                     "character; quote a value that begins with \"&\"") },
        { "anchor and nothing",
          pintag_str(V("&price")), pintag_str("4:27: " ANCHOR) },
        { "anchor on the line before",
          pintag_str(V("&price\n      price")), pintag_str("4:27: " ANCHOR) },
        { "a text that begins with &",
          pintag_str(V("&")),
          pintag_str("4:28: did not find expected alphabetic or numeric "
                     "character; quote a value that begins with \"&\"") },
        { "a text with & in it",
          pintag_str(V("M & M")), pintag_str(IS("M & M")) },
        { "anchor and tag",
          pintag_str(V("&a !!str price")), pintag_str("4:27: " ANCHOR) },
        { "tag and anchor",
          pintag_str(V("!!str &a price")), pintag_str("4:27: " ANCHOR) },
        { "two anchors",
          pintag_str(V("&a &b price")), pintag_str("4:27: " ANCHOR) },
        { "alias", pintag_str(V("*price")), pintag_str("4:27: " ALIAS) },
        { "alias that is not there",
          pintag_str(V("*nothing")), pintag_str("4:27: " ALIAS) },
        { "a text that begins with *",
          pintag_str(V("*")),
          pintag_str("4:28: did not find expected alphabetic or numeric "
                     "character; quote a value that begins with \"*\"") },
        { "a text between stars",
          pintag_str(V("*price*")),
          pintag_str("4:33: did not find expected alphabetic or numeric "
                     "character; quote a value that begins with \"*\"") },
        { "anchor of an alias",
          pintag_str(V("&a *b")), pintag_str("4:27: " ANCHOR) },
        { "anchor of a mapping",
          pintag_str(O("    &base\n    a: b")), pintag_str("3:5: " ANCHOR) },
        { "anchor of a list",
          pintag_str(O("    - &a x\n    - *a")), pintag_str("3:7: " ANCHOR) },
        { "anchor of a key",
          pintag_str(O("    &a b: c")), pintag_str("3:5: " ANCHOR) },
        { "alias for a key",
          pintag_str(O("    *a : b")), pintag_str("3:5: " ALIAS) },
        { "anchor in a flow list",
          pintag_str(O("    [&a x, *a]")), pintag_str("3:6: " ANCHOR) },
        { "anchor of a flow list",
          pintag_str(O("    &a [x]")), pintag_str("3:5: " ANCHOR) },
        { "anchor before an entry of a list",
          pintag_str(O("    &a - x")), pintag_str("3:8: " ENTRIES("")) },
        { "anchor of the document",
          pintag_str("--- &all\n" HEAD TAG), pintag_str("1:5: " ANCHOR) },
        { "anchor of the whole list",
          pintag_str("&all\n" HEAD TAG), pintag_str("1:1: " ANCHOR) },
        { "a merge key",
          pintag_str(HEAD "    <<: {tagId: 1}\n"), pintag_str("3:5: " MERGE) },
        { "a merge key with an alias",
          pintag_str(HEAD "    <<: *base\n"), pintag_str("3:5: " MERGE) },
        { "another's merge key",
          pintag_str(O("    <<: {a: b}")), pintag_str("{<<:{a:b}}") },
        { "a merge key in quotes",
          pintag_str(HEAD TAG "    customEventsMapping: [{\"<<\": a}]\n"),
          pintag_str("4:28: unknown key \"<<\", the keys here are "
                     "\"event\", \"mapping\", \"valueFieldIdentifier\"") },
    };

    (void) state;

    test_yaml_rows(rows, test_n(rows));
}


static void
tags(void **state)
{
    static const yaml_row_t  rows[] = {
        { "the tag of a string",
          pintag_str(V("!!str price")), pintag_str("4:27: " TAGGED) },
        { "the tag of an integer",
          pintag_str(V("!!int 7")), pintag_str("4:27: " TAGGED) },
        { "a tag of one's own",
          pintag_str(V("!price total")), pintag_str("4:27: " TAGGED) },
        { "a tag in full",
          pintag_str(V("!<tag:yaml.org,2002:str> price")),
          pintag_str("4:27: " TAGGED) },
        { "the non-specific tag",
          pintag_str(V("! price")), pintag_str("4:27: " TAGGED) },
        { "a tag and nothing",
          pintag_str(V("!!null")), pintag_str("4:27: " TAGGED) },
        { "a tag that is not declared",
          pintag_str(V("!e!price total")),
          pintag_str("4:27: found undefined tag handle" NO_TAG) },
        { "a tag with a comma",
          pintag_str(V("!a,b price")),
          pintag_str("4:29: did not find expected whitespace or line break"
                     NO_TAG) },
        { "a tag with a brace",
          pintag_str(V("!a{}b price")),
          pintag_str("4:29: did not find expected whitespace or line break"
                     NO_TAG) },
        { "a tag that is not closed",
          pintag_str(V("!<tag price")),
          pintag_str("4:32: did not find the expected '>'" NO_TAG) },
        { "binary",
          pintag_str(V("!!binary cHJpY2U=")), pintag_str("4:27: " TAGGED) },
        { "an exclamation mark later",
          pintag_str(V("Wow!")), pintag_str(IS("Wow!")) },
        { "a set",
          pintag_str(O("    !!set\n    ? a\n    ? b")),
          pintag_str("3:5: " TAGGED) },
        { "an ordered mapping",
          pintag_str(O("    !!omap\n    - a: b")),
          pintag_str("3:5: " TAGGED) },
        { "the tag of a key",
          pintag_str(O("    !!str a: b")), pintag_str("3:5: " TAGGED) },
        { "the tag of a flow list",
          pintag_str(O("    !!seq [a]")), pintag_str("3:5: " TAGGED) },
        { "the tag of a flow mapping",
          pintag_str(O("    !!map {a: b}")), pintag_str("3:5: " TAGGED) },
        { "a tag in a list",
          pintag_str(O("    - !!str a")), pintag_str("3:7: " TAGGED) },
        { "the tag of the document",
          pintag_str("--- !!seq\n" HEAD TAG), pintag_str("1:5: " TAGGED) },
    };

    (void) state;

    test_yaml_rows(rows, test_n(rows));
}


static void
directives(void **state)
{
    static const yaml_row_t  rows[] = {
        { "YAML 1.1",
          pintag_str("%YAML 1.1\n---\n" HEAD TAG), pintag_str("{tagId:'1'}") },
        { "YAML 1.2",
          pintag_str("%YAML 1.2\n---\n" HEAD TAG), pintag_str("{tagId:'1'}") },
        { "YAML 1.3",
          pintag_str("%YAML 1.3\n---\n" HEAD TAG),
          pintag_str("1:1: found incompatible YAML document" DIRECTIVE) },
        { "YAML 2.0",
          pintag_str("%YAML 2.0\n---\n" HEAD TAG),
          pintag_str("1:1: found incompatible YAML document" DIRECTIVE) },
        { "YAML without a version",
          pintag_str("%YAML\n---\n" HEAD TAG),
          pintag_str("1:6: did not find expected version number" DIRECTIVE) },
        { "YAML with more words",
          pintag_str("%YAML 1.2 really\n---\n" HEAD TAG),
          pintag_str("1:11: did not find expected comment or line break"
                     DIRECTIVE) },
        { "YAML with a comment",
          pintag_str("%YAML 1.2 # really\n---\n" HEAD TAG),
          pintag_str("{tagId:'1'}") },
        { "YAML with a comment without a space",
          pintag_str("%YAML 1.2#really\n---\n" HEAD TAG),
          pintag_str("{tagId:'1'}") },
        { "YAML with a long version",
          pintag_str("%YAML 1.1234567890\n---\n" HEAD TAG),
          pintag_str("1:18: found extremely long version number" DIRECTIVE) },
        { "YAML twice",
          pintag_str("%YAML 1.2\n%YAML 1.2\n---\n" HEAD TAG),
          pintag_str("2:1: found duplicate %YAML directive" DIRECTIVE) },
        { "YAML without a document",
          pintag_str("%YAML 1.2\n"), pintag_str("2:1: " DOCUMENT("")) },
        { "YAML without three dashes",
          pintag_str("%YAML 1.2\n" HEAD TAG),
          pintag_str("2:1: " ENTRIES("")) },
        { "YAML after the document",
          pintag_str(HEAD TAG "%YAML 1.2\n---\n"),
          pintag_str("4:1: " SECOND) },
        { "YAML after the end of the document",
          pintag_str(HEAD TAG "...\n%YAML 1.2\n---\n" HEAD TAG),
          pintag_str("5:1: " SECOND) },
        { "a directive that is not known",
          pintag_str("%PRICE low\n---\n" HEAD TAG),
          pintag_str("1:7: found unknown directive name" DIRECTIVE) },
        { "a directive without a name",
          pintag_str("% low\n---\n" HEAD TAG),
          pintag_str("1:2: could not find expected directive name"
                     DIRECTIVE) },
        { "a directive with a sign",
          pintag_str("%YAML! 1.2\n---\n" HEAD TAG),
          pintag_str("1:6: found unexpected non-alphabetical character"
                     DIRECTIVE) },
        { "a tag directive",
          pintag_str("%TAG !e! tag:example.com,2000:\n---\n" HEAD TAG),
          pintag_str("1:1: a tag directive is not supported, remove it") },
        { "a text that looks like a directive",
          pintag_str(V("price\n      %YAML 1.2")),
          pintag_str(IS("price %YAML 1.2")) },
        { "a text that begins with %",
          pintag_str(V("%price")), pintag_str("4:27: " START("")) },
        { "a text with % in it",
          pintag_str(V("100 % price")), pintag_str(IS("100 % price")) },
    };

    (void) state;

    test_yaml_rows(rows, test_n(rows));
}


static void
documents(void **state)
{
    static const yaml_row_t  rows[] = {
        { "three dashes before it",
          pintag_str("---\n" HEAD TAG), pintag_str("{tagId:'1'}") },
        { "three dashes and a comment",
          pintag_str("--- # ours\n" HEAD TAG), pintag_str("{tagId:'1'}") },
        { "three dashes and a tab",
          pintag_str("---\t\n" HEAD TAG), pintag_str("{tagId:'1'}") },
        { "three dashes and content",
          pintag_str("--- [{name: pinterest, config: {tagId: 1}}]\n"),
          pintag_str("{tagId:1}") },
        { "three dashes and a mapping",
          pintag_str("--- name: pinterest\n"), pintag_str("1:5: " LIST) },
        { "three dashes and text",
          pintag_str("---name\n"), pintag_str("1:1: " LIST) },
        { "three dashes twice",
          pintag_str("---\n---\n" HEAD TAG), pintag_str("2:1: " SECOND) },
        { "three dots after it",
          pintag_str(HEAD TAG "...\n"), pintag_str("{tagId:'1'}") },
        { "three dots and a comment",
          pintag_str(HEAD TAG "... # the end\n"), pintag_str("{tagId:'1'}") },
        { "three dots and text",
          pintag_str(HEAD TAG "... the end\n"),
          pintag_str("4:5: " DOCUMENT("")) },
        { "three dots twice",
          pintag_str(HEAD TAG "...\n...\n"), pintag_str("{tagId:'1'}") },
        { "three dots first",
          pintag_str("...\n" HEAD TAG), pintag_str("1:1: " CONTENT("")) },
        { "a document after three dots",
          pintag_str(HEAD TAG "...\n" HEAD TAG),
          pintag_str("5:1: " DOCUMENT("")) },
        { "a document after three dashes",
          pintag_str(HEAD TAG "---\n" HEAD TAG), pintag_str("4:1: " SECOND) },
        { "three dashes at the end",
          pintag_str(HEAD TAG "---\n"), pintag_str("4:1: " SECOND) },
        { "no line end at the end",
          pintag_str(HEAD "    tagId: \"1\""), pintag_str("{tagId:'1'}") },
        { "nothing", pintag_str(""), pintag_str("1:1: " EMPTY) },
        { "a comment only",
          pintag_str("# ours\n"), pintag_str("1:1: " EMPTY) },
        { "white space only",
          pintag_str(" \n\n  \n"), pintag_str("1:1: " EMPTY) },
        { "three dots only",
          pintag_str("...\n"), pintag_str("1:1: " CONTENT("")) },
        { "a document that is a text",
          pintag_str("pinterest\n"), pintag_str("1:1: " LIST) },
        { "a document that is a block scalar",
          pintag_str("--- |\n  pinterest\n"), pintag_str("1:5: " LIST) },
        { "three dashes in a quoted text",
          pintag_str(V("\"a\n---\n      b\"")),
          pintag_str("5:1: " INDICATOR(QUOTED "4")) },
        { "three dots in a quoted text",
          pintag_str(V("'a\n...\n      b'")),
          pintag_str("5:1: " INDICATOR(QUOTED "4")) },
        { "three dashes in a plain text",
          pintag_str(V("a ---")), pintag_str(IS("a ---")) },
        { "three dots in a plain text",
          pintag_str(V("a...")), pintag_str(IS("a...")) },
    };

    (void) state;

    test_yaml_rows(rows, test_n(rows));
}


static void
comments(void **state)
{
    static const yaml_row_t  rows[] = {
        { "comments everywhere",
          pintag_str("# a\n- name: pinterest # b\n  # c\n\n  config: # d\n# "
                     "e\n    tagId: 1 # f\n    # g\n"),
          pintag_str("{tagId:1}") },
        { "a comment after a value",
          pintag_str(V("price # total")), pintag_str(IS("price")) },
        { "a hash without a space before it",
          pintag_str(V("price#total")), pintag_str(IS("price#total")) },
        { "a hash first", pintag_str(V("#price")), pintag_str(IS("~")) },
        { "a hash in quotes",
          pintag_str(V("\"# price\"")), pintag_str(IS("'# price'")) },
        { "a comment after a quoted value",
          pintag_str(V("\"price\" # total")), pintag_str(IS("'price'")) },
        { "a hash right after a quoted value",
          pintag_str(V("\"price\"#total")), pintag_str(IS("'price'")) },
        { "a comment right after a block scalar's sign",
          pintag_str(V("|#total\n      price")), pintag_str(IS("'price\n'")) },
        { "a comment after a block scalar's sign",
          pintag_str(V("| # total\n      price")),
          pintag_str(IS("'price\n'")) },
        { "a comment between lines of a text",
          pintag_str(V("price # a\n      total")),
          pintag_str("5:7: " KEY(MAPPING "3")) },
        { "a comment line between lines of a text",
          pintag_str(V("price\n      # a\n      total")),
          pintag_str("6:7: " KEY(MAPPING "3")) },
        { "a line with a hash in a block scalar",
          pintag_str(V("|\n      price\n      # total")),
          pintag_str(IS("'price\n# total\n'")) },
        { "a comment in a flow list",
          pintag_str(O("    [a, # b\n    c]")), pintag_str("[a,c]") },
        { "a hash right after a comma",
          pintag_str(O("    [a,#b\n    c]")), pintag_str("[a,c]") },
        { "a comment after a flow list",
          pintag_str(O("    [a] # b")), pintag_str("[a]") },
        { "a hash right after a flow list",
          pintag_str(O("    [a]#b")), pintag_str("[a]") },
        { "a comment before a comma",
          pintag_str(O("    [a # b\n    , c]")), pintag_str("[a,c]") },
        { "a comment that looks like a key",
          pintag_str(O("    a: b # c: d")), pintag_str("{a:b}") },
        { "a comment between key and value",
          pintag_str(O("    a:\n    # b\n      c")), pintag_str("{a:c}") },
        { "a comment in no column",
          pintag_str(O("    a: b\n # c\n    d: e")), pintag_str("{a:b,d:e}") },
    };

    (void) state;

    test_yaml_rows(rows, test_n(rows));
}


static void
tabs(void **state)
{
    static const yaml_row_t  rows[] = {
        { "a tab for the indentation",
          pintag_str("- name: pinterest\n\tconfig:\n\t\ttagId: 1\n"),
          pintag_str("2:8: " VALUES("") TAB("2:1")) },
        { "a tab after a dash",
          pintag_str("-\tname: pinterest\n    config: {tagId: 1}\n"),
          pintag_str("{tagId:1}" TAB("1:2")) },
        { "a tab after a colon",
          pintag_str(V("\tprice")), pintag_str(IS("price")) },
        { "a tab after a value",
          pintag_str(V("price\t")), pintag_str(IS("price")) },
        { "a tab and a comment",
          pintag_str(V("price\t# total")), pintag_str(IS("price")) },
        { "a tab in a plain text",
          pintag_str(V("a\tb")), pintag_str(IS("a\tb")) },
        { "a tab in a double-quoted text",
          pintag_str(V("\"a\tb\"")), pintag_str(IS("'a\tb'")) },
        { "a tab at the start of a double-quoted text",
          pintag_str(V("\"\tb\"")), pintag_str(IS("'\tb'")) },
        { "a tab at the end of a line in quotes",
          pintag_str(V("\"a\t\n      b\"")), pintag_str(IS("'a b'")) },
        { "a tab at the start of a line in quotes",
          pintag_str(V("\"a\n\t\tb\"")), pintag_str(IS("'a b'") TAB("5:1")) },
        { "an escaped tab",
          pintag_str(V("\"a\\tb\"")), pintag_str(IS("'a\tb'")) },
        { "an escaped tab as it is",
          pintag_str(V("\"a\\\tb\"")), pintag_str(IS("'a\tb'")) },
        { "a tab in a single-quoted text",
          pintag_str(V("'a\tb'")), pintag_str(IS("'a\tb'")) },
        { "a tab that begins a line of text",
          pintag_str(V("a\n\t\t  b")), pintag_str(IS("a b") TAB("5:1")) },
        { "a line with only a tab in a text",
          pintag_str(V("a\n\t\n      b")), pintag_str(IS("a\nb") TAB("5:1")) },
        { "a tab in a block scalar",
          pintag_str(V("|\n      a\tb")), pintag_str(IS("'a\tb\n'")) },
        { "a tab that begins a block scalar's line",
          pintag_str(V("|\n      a\n      \tb")),
          pintag_str(IS("'a\n  b\n'") TAB("6:7")) },
        { "a block scalar with tabs for its indentation",
          pintag_str(V("|\n\t\ta")), pintag_str(IS("'a\n'") TAB("5:1")) },
        { "a tab before a flow list",
          pintag_str(O("    \t[a]")), pintag_str("[a]" TAB("3:5")) },
        { "a tab in a flow list",
          pintag_str(O("    [a,\tb]")), pintag_str("[a,b]") },
        { "tabs before lines of a flow list",
          pintag_str(O("    [a,\n\t\tb]")), pintag_str("[a,b]" TAB("4:1")) },
        { "a tab after a question mark",
          pintag_str(O("    ?\ta\n    :\tb")), pintag_str("3:6: " START("")) },
        { "a tab before a comment",
          pintag_str(O("    a: b\n\t# c")), pintag_str("{a:b}" TAB("4:1")) },
        { "a line with only a tab",
          pintag_str(O("    a: b\n\t\n    c: d")),
          pintag_str("{a:b,c:d}" TAB("4:1")) },
        { "a tab after the indentation",
          pintag_str(O("    a:\n     \tb: c")),
          pintag_str("{a:{b:c}}" TAB("4:6")) },
    };

    (void) state;

    test_yaml_rows(rows, test_n(rows));
}


static void
characters(void **state)
{
    static const yaml_row_t  rows[] = {
        { "a byte order mark",
          pintag_str("\xef\xbb\xbf" HEAD TAG), pintag_str("{tagId:'1'}") },
        { "a byte order mark before a comment",
          pintag_str("\xef\xbb\xbf# ours\n" HEAD TAG),
          pintag_str("{tagId:'1'}") },
        { "a byte order mark in the middle",
          pintag_str(HEAD TAG "\xef\xbb\xbf# ours\n"),
          pintag_str("4:1: " BOM) },
        { "a byte order mark after three dashes",
          pintag_str("---\n\xef\xbb\xbf" HEAD TAG), pintag_str("2:1: " BOM) },
        { "a byte order mark before a key",
          pintag_str(HEAD "\xef\xbb\xbf    tagId: 1\n"),
          pintag_str("3:1: " BOM) },
        { "a byte order mark in a key",
          pintag_str(HEAD TAG "    \xef\xbb\xbfnp: x\n"),
          pintag_str("4:5: " BOM) },
        { "a byte order mark in a text",
          pintag_str(V("a\xef\xbb\xbf" "b")), pintag_str("4:28: " BOM) },
        { "a byte order mark in quotes",
          pintag_str(V("\"\xef\xbb\xbf" "a\"")), pintag_str("4:28: " BOM) },
        { "UTF-16 with a byte order mark",
          pintag_str("\xff\xfe-\0"),
          pintag_str("1:1: invalid UTF-8, save the file as UTF-8") },
        { "invalid UTF-8",
          pintag_str(HEAD "    tagId: \xff\n"),
          pintag_str("3:12: invalid UTF-8, save the file as UTF-8") },
        { "NUL",
          pintag_str(HEAD "    tagId: \0\n"),
          pintag_str("3:12: a NUL byte is not allowed, save the file as "
                     "UTF-8 text") },
        { "a bell", pintag_str(V("a\x07" "b")), pintag_str("4:28: " CONTROL) },
        { "delete", pintag_str(V("a\x7f" "b")), pintag_str("4:28: " CONTROL) },
        { "a C1 control",
          pintag_str(V("a\xc2\x9b" "b")), pintag_str("4:28: " CONTROL) },
        { "next line in a text",
          pintag_str(V("a\xc2\x85" "b")), pintag_str("4:28: " SEPARATOR) },
        { "next line in quotes",
          pintag_str(V("\"a\xc2\x85" "b\"")), pintag_str("4:29: " SEPARATOR) },
        { "next line in a comment",
          pintag_str("# a\xc2\x85" "b\n" HEAD TAG),
          pintag_str("1:4: " SEPARATOR) },
        { "a line separator in a comment",
          pintag_str("# a\xe2\x80\xa8- b\n" HEAD TAG),
          pintag_str("1:4: " SEPARATOR) },
        { "a line separator in a text",
          pintag_str(V("a\xe2\x80\xa8" "b")), pintag_str("4:28: " SEPARATOR) },
        { "a line separator in quotes",
          pintag_str(V("\"a\xe2\x80\xa8" "b\"")),
          pintag_str("4:29: " SEPARATOR) },
        { "a paragraph separator in a text",
          pintag_str(V("a\xe2\x80\xa9      b")),
          pintag_str("4:28: " SEPARATOR) },
        { "a paragraph separator in quotes",
          pintag_str(V("\"a\xe2\x80\xa9" "b\"")),
          pintag_str("4:29: " SEPARATOR) },
        { "a line separator in a block scalar",
          pintag_str(V("|\n      a\xe2\x80\xa8      b")),
          pintag_str("5:8: " SEPARATOR) },
        { "a noncharacter",
          pintag_str(V("a\xef\xbf\xbe" "b")), pintag_str("4:28: " CONTROL) },
        { "a noncharacter of plane 1",
          pintag_str(V("a\xf0\x9f\xbf\xbe" "b")),
          pintag_str(IS("a\xf0\x9f\xbf\xbe" "b")) },
        { "the last character",
          pintag_str(V("a\xf4\x8f\xbf\xbf" "b")),
          pintag_str(IS("a\xf4\x8f\xbf\xbf" "b")) },
        { "a private one",
          pintag_str(V("a\xee\x80\x80" "b")),
          pintag_str(IS("a\xee\x80\x80" "b")) },
        { "CR and LF",
          pintag_str("- name: \"pinterest\"\r\n  config:\r\n    tagId: "
                     "\"1\"\r\n"),
          pintag_str("{tagId:'1'}") },
        { "CR alone",
          pintag_str("- name: \"pinterest\"\r  config:\r    tagId: \"1\"\r"),
          pintag_str("{tagId:'1'}") },
        { "CR and LF in a block scalar",
          pintag_str(V("|\r\n      a\r\n      b\r")),
          pintag_str(IS("'a\nb\n'")) },
    };

    (void) state;

    test_yaml_rows(rows, test_n(rows));
}


int
main(void)
{
    const struct CMUnitTest  tests[] = {
        cmocka_unit_test(anchors_and_aliases),
        cmocka_unit_test(tags),
        cmocka_unit_test(directives),
        cmocka_unit_test(documents),
        cmocka_unit_test(comments),
        cmocka_unit_test(tabs),
        cmocka_unit_test(characters),
    };

    return cmocka_run_group_tests_name("yaml_conformance", tests, NULL, NULL);
}
