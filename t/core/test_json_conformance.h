
/*
 * Copyright (C) the ngx_http_pintag_module authors
 *
 * What the tests of JSON's conformance share: rows of documents, and what a
 * reader makes of them.
 */


#ifndef PINTAG_TEST_JSON_CONFORMANCE_H
#define PINTAG_TEST_JSON_CONFORMANCE_H


#include <inttypes.h>

#include "json.h"
#include "test.h"


#define END      "unexpected end of the document"
#define DATA     "unexpected data after the end of the document"
#define TOKEN    "invalid token"
#define UTF8     "invalid UTF-8"
#define RANGE    "a number is out of range"
#define TOP      "the top level must be an object or an array"
#define BOM      "a byte order mark is not allowed"
#define NUL      "U+0000 in a member's name"


/*
 * "expected" is the document as it was read: no space, no escape, a real with
 * a point or an exponent.  Or "line:column: message".
 */

typedef struct {
    const char    *what;
    pintag_str_t   text;
    pintag_str_t   expected;
} json_row_t;


static inline void
test_json_add_string(pintag_str_t s, pintag_buf_t *out)
{
    pintag_buf_add_text(out, "\"");
    pintag_buf_add_str(out, s);
    pintag_buf_add_text(out, "\"");
}


static inline void
test_json_add(const pintag_json_t *value, pintag_buf_t *out)
{
    char                number[64];
    pintag_json_iter_t  it;
    pintag_json_kind_e  kind;

    kind = pintag_json_kind(value);

    switch (kind) {

    case PINTAG_JSON_NULL:
        pintag_buf_add_text(out, "null");
        break;

    case PINTAG_JSON_FALSE:
        pintag_buf_add_text(out, "false");
        break;

    case PINTAG_JSON_TRUE:
        pintag_buf_add_text(out, "true");
        break;

    case PINTAG_JSON_INTEGER:
        (void) snprintf(number, sizeof(number), "%" PRId64,
                        pintag_json_integer(value));
        pintag_buf_add_text(out, number);
        break;

    case PINTAG_JSON_REAL:
        (void) snprintf(number, sizeof(number), "%.17g",
                        pintag_json_real(value));
        pintag_buf_add_text(out, number);

        if (strpbrk(number, ".e") == NULL) {
            pintag_buf_add_text(out, ".0");
        }

        break;

    case PINTAG_JSON_STRING:
        test_json_add_string(pintag_json_string(value), out);
        break;

    case PINTAG_JSON_ARRAY:
    case PINTAG_JSON_OBJECT:
        pintag_buf_add_text(out, kind == PINTAG_JSON_ARRAY ? "[" : "{");
        pintag_json_each(value, &it);

        while (pintag_json_next(&it)) {

            if (it.index) {
                pintag_buf_add_text(out, ",");
            }

            if (kind == PINTAG_JSON_OBJECT) {
                test_json_add_string(it.key, out);
                pintag_buf_add_text(out, ":");
            }

            test_json_add(it.value, out);
        }

        pintag_buf_add_text(out, kind == PINTAG_JSON_ARRAY ? "]" : "}");
    }
}


static inline void
test_json_result(pintag_str_t text, pintag_arena_t *arena, pintag_buf_t *out)
{
    char                  place[64];
    unsigned char        *copy;
    pintag_json_doc_t    *doc;
    pintag_json_error_t   error;

    /* not a byte longer */

    copy = malloc(text.len ? text.len : 1);
    assert_non_null(copy);
    memcpy(copy, text.data, text.len);

    doc = pintag_json_read(copy, text.len, arena, &error);

    if (doc) {
        test_json_add(pintag_json_root(doc), out);
        pintag_json_free(doc);

    } else {
        (void) snprintf(place, sizeof(place), "%zu:%zu: ", error.line,
                        error.column);
        pintag_buf_add_text(out, place);
        pintag_buf_add_text(out, error.message);
    }

    free(copy);
}


/* tells of all rows before it fails */

static inline void
test_json_rows(const json_row_t *rows, size_t n)
{
    size_t         i, wrong;
    pintag_buf_t   out;
    test_memory_t  memory;

    wrong = 0;

    for (i = 0; i < n; i++) {
        pintag_buf_init(&out, test_memory_init(&memory), 0);
        test_json_result(rows[i].text, &memory.arena, &out);

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


#endif /* PINTAG_TEST_JSON_CONFORMANCE_H */
