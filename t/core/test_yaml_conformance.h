
/*
 * Copyright (C) the ngx_http_pintag_module authors
 *
 * What the tests of YAML's conformance share: rows of integrations files, and
 * what was read or said of them.
 */


#ifndef PINTAG_TEST_YAML_CONFORMANCE_H
#define PINTAG_TEST_YAML_CONFORMANCE_H


#include "test_yaml.h"
#include "yaml_tree.h"


/* the value of a key of ours, and what the configuration then is */
#define V(value)  HEAD TAG "    valueFieldIdentifier: " value "\n"
#define IS(value)  "{tagId:'1',valueFieldIdentifier:" value "}"

/* the configuration of another's entry, whose keys may be any */
#define O(config)  "- name: other\n  config:\n" config "\n" HEAD TAG

#define TAB(place)  " a tab at " place

#define TEN(s)       s s s s s s s s s s
#define THOUSAND(s)  TEN(TEN(TEN(s))) TEN(s) TEN(s) TEN(s)


#define ANCHOR                                                                \
    "an anchor is not supported, remove it, or quote the value if it "        \
    "begins with \"&\""

#define ALIAS                                                                 \
    "an alias is not supported, write what it stands for, or quote the "      \
    "value if it begins with \"*\""

#define TAGGED                                                                \
    "a tag is not supported, remove it, or quote the value if it begins "     \
    "with \"!\""

#define SECOND                                                                \
    "a second document, the file must be one: remove this and what "          \
    "follows"

#define EMPTY                                                                 \
    "the file is empty, it must list an entry with name: \"pinterest\" "      \
    "and a config"

#define LIST                                                                  \
    "the file must be a list of entries, each with \"name\" and "             \
    "\"config\": begin the first with \"- name:\""

#define BOM                                                                   \
    "a byte order mark is allowed only where the file begins, remove it"

#define SEPARATOR                                                             \
    "a line separator other than LF and CR is not allowed, remove it"

#define CONTROL  "a control character is not allowed, remove it"

#define HEADER                                                                \
    "did not find expected comment or line break; begin the text on the "     \
    "next line, or quote a value that begins with \"|\" or \">\""

#define MERGE                                                                 \
    "a merge key is not supported, write out the keys that it stands for"


/* where something begins that is not as it should be */

#define MAPPING  ", while parsing a block mapping that begins on line "

#define QUOTED  ", while scanning a quoted scalar that begins on line "

#define SIMPLE  ", while scanning a simple key that begins on line "

#define COLLECTION  ", while parsing a block collection that begins on line "

#define FLOW_LIST  ", while parsing a flow sequence that begins on line "

#define FLOW_MAPPING  ", while parsing a flow mapping that begins on line "


/* the rest of what is said of a directive, and of a tag */

#define DIRECTIVE  "; remove the line that begins with \"%\""

#define NO_TAG  "; remove the tag, or quote the value if it begins with \"!\""

#define DIGITS                                                                \
    "\"tagId\" must be a string of digits, e.g. \"2612826764086\", not "


/* "where" is empty or one of those above, and a line */

#define BRACE(where)                                                          \
    "did not find expected ',' or '}'" where                                  \
    "; write commas between the keys, each with its colon on one line, "      \
    "and \"}\" after the last"

#define BRACKET(where)                                                        \
    "did not find expected ',' or ']'" where                                  \
    "; write commas between the items and \"]\" after the last"

#define CODE(where)                                                           \
    "found invalid Unicode character escape code" where                       \
    "; write the character itself, or \"\\U\" and eight digits"

#define COLON(where)                                                          \
    "could not find expected ':'" where                                       \
    "; write \"key: value\", or indent a line that goes on with the "         \
    "value before"

#define CONTENT(where)                                                        \
    "did not find expected node content" where                                \
    "; write a value here, in quotes if it begins with a sign such as a "     \
    "comma, a bracket or a dash"

#define DASH(where)                                                           \
    "did not find expected '-' indicator" where                               \
    "; begin each entry of the list with \"-\", in one column"

#define DOCUMENT(where)                                                       \
    "did not find expected <document start>" where                            \
    "; the file must be one document: remove what comes after \"...\", "      \
    "and lines that begin with \"%\""

#define ENTRIES(where)                                                        \
    "block sequence entries are not allowed in this context" where            \
    "; begin the list on the next line, or quote a value that begins "        \
    "with \"- \""

#define ESCAPE(where)                                                         \
    "found unknown escape character" where                                    \
    "; write a backslash twice, or use single quotes"

#define HEX(where)                                                            \
    "did not find expected hexdecimal number" where                           \
    "; write all the digits of the escape, or a backslash twice"

#define INDICATOR(where)                                                      \
    "found unexpected document indicator" where                               \
    "; close the quote, or indent this line"

#define KEY(where)                                                            \
    "did not find expected key" where                                         \
    "; write the keys of a mapping in one column, and quote a value as a "    \
    "whole if it has quotes, brackets or \" #\" in it"

#define SIGN(where)                                                           \
    "mapping keys are not allowed in this context" where                      \
    "; quote a value that begins with \"?\""

#define START(where)                                                          \
    "found character that cannot start any token" where                       \
    "; quote a value that begins with it, or write a space for a tab"

#define UNQUOTED(where)                                                       \
    "found unexpected end of stream" where "; close the quote"

#define VALUES(where)                                                         \
    "mapping values are not allowed in this context" where                    \
    "; write a key in the column of those before it, and a value that "       \
    "has a colon and a space in quotes"


/*
 * "expected" is the last value of the first entry, its configuration: a list
 * in brackets, a mapping in braces, a text that was quoted or in a block in
 * single quotes, "~" for none.  Or "line:column: message".
 */

typedef struct {
    const char    *what;
    pintag_str_t   text;
    pintag_str_t   expected;
} yaml_row_t;


static inline void
test_yaml_add(const pintag_yaml_node_t *node, pintag_buf_t *out)
{
    size_t                     i;
    const pintag_yaml_node_t  *item;

    if (pintag_yaml_null(node)) {
        pintag_buf_add_text(out, "~");
        return;
    }

    if (node->kind == PINTAG_YAML_SCALAR) {
        pintag_buf_add_text(out, node->plain ? "" : "'");
        pintag_buf_add_str(out, node->text);
        pintag_buf_add_text(out, node->plain ? "" : "'");
        return;
    }

    pintag_buf_add_text(out, node->kind == PINTAG_YAML_SEQUENCE ? "[" : "{");

    for (item = node->first, i = 0; item; item = item->next, i++) {

        if (i) {
            pintag_buf_add_text(out, (node->kind == PINTAG_YAML_MAPPING
                                      && i % 2 == 1) ? ":" : ",");
        }

        test_yaml_add(item, out);
    }

    pintag_buf_add_text(out, node->kind == PINTAG_YAML_SEQUENCE ? "]" : "}");
}


static inline void
test_yaml_result(pintag_str_t text, pintag_arena_t *arena, pintag_buf_t *out)
{
    pintag_str_t               place;
    pintag_yaml_t              yaml;
    reports_t                  reports;
    const pintag_yaml_node_t  *node;

    if (read_str(text, arena, &reports) == NULL) {
        pintag_buf_add_text(out, reports.error);

    } else {
        pintag_yaml_read(&yaml, text, PINTAG_INTEGRATIONS_MAX_DEPTH, arena);

        node = yaml.root->first->first;

        while (node->next) {
            node = node->next;
        }

        test_yaml_add(node, out);
    }

    /* a tab is what is warned of, and comes first */

    if (reports.notes[0] == 'W') {
        place = test_str(reports.notes + 2);
        place.len = strcspn(reports.notes + 2, " ") - 1;

        pintag_buf_add_text(out, TAB(""));
        pintag_buf_add_str(out, place);
    }
}


/* tells of all rows before it fails */

static inline void
test_yaml_rows(const yaml_row_t *rows, size_t n)
{
    size_t         i, wrong;
    pintag_buf_t   out;
    test_memory_t  memory;

    wrong = 0;

    for (i = 0; i < n; i++) {
        pintag_buf_init(&out, test_memory_init(&memory), 0);
        test_yaml_result(rows[i].text, &memory.arena, &out);

        assert_false(out.failed);

        if (!pintag_str_eq(test_buf_str(&out), rows[i].expected)) {
            print_error("%s: \"%.*s\" instead of \"%.*s\"\n", rows[i].what,
                        (int) out.len, (const char *) out.data,
                        (int) rows[i].expected.len,
                        (const char *) rows[i].expected.data);
            wrong++;
        }

        test_memory_free(&memory);
    }

    assert_int_equal(wrong, 0);
}


#endif /* PINTAG_TEST_YAML_CONFORMANCE_H */
