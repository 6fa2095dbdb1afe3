
/*
 * Copyright (C) the ngx_http_pintag_module authors
 *
 * What json.h promises, for any reader behind it.
 */


#include "json.h"
#include "test.h"


static pintag_json_doc_t *
read_slice(pintag_str_t s, pintag_arena_t *arena)
{
    pintag_json_doc_t    *doc;
    pintag_json_error_t   error;

    doc = pintag_json_read(s.data, s.len, arena, &error);

    if (doc == NULL) {
        fail_msg("%.*s: %s at %zu:%zu", (int) s.len, (const char *) s.data,
                 error.message, error.line, error.column);
    }

    return doc;
}


static pintag_json_doc_t *
read_text(const char *text, pintag_arena_t *arena)
{
    return read_slice(test_str(text), arena);
}


/* the first element or member of the root */

static const pintag_json_t *
first(const pintag_json_doc_t *doc)
{
    pintag_json_iter_t  it;

    pintag_json_each(pintag_json_root(doc), &it);
    assert_int_equal(pintag_json_next(&it), 1);

    return it.value;
}


static void
test_kinds(void **state)
{
    size_t               i;
    test_memory_t        memory;
    pintag_arena_t      *arena;
    pintag_json_doc_t   *doc;
    pintag_json_iter_t   it;

    static const pintag_json_kind_e  kinds[] = {
        PINTAG_JSON_NULL, PINTAG_JSON_FALSE, PINTAG_JSON_TRUE,
        PINTAG_JSON_INTEGER, PINTAG_JSON_REAL, PINTAG_JSON_STRING,
        PINTAG_JSON_ARRAY, PINTAG_JSON_OBJECT
    };

    (void) state;

    arena = test_memory_init(&memory);
    doc = read_text(" [null, false, true, 1, 1.0, \"\", [], {}]\r\n\t ", arena);

    assert_int_equal(pintag_json_kind(pintag_json_root(doc)),
                     PINTAG_JSON_ARRAY);
    assert_int_equal(pintag_json_size(pintag_json_root(doc)), test_n(kinds));

    i = 0;
    pintag_json_each(pintag_json_root(doc), &it);

    while (pintag_json_next(&it)) {
        assert_int_equal(it.index, i);
        assert_int_equal(pintag_json_kind(it.value), kinds[i]);
        i++;
    }

    assert_int_equal(i, test_n(kinds));

    pintag_json_free(doc);
    test_memory_free(&memory);
}


static void
test_nothing_is_null_and_has_nothing(void **state)
{
    pintag_json_iter_t  it;

    (void) state;

    assert_int_equal(pintag_json_kind(NULL), PINTAG_JSON_NULL);
    assert_int_equal(pintag_json_size(NULL), 0);

    pintag_json_each(NULL, &it);
    assert_int_equal(pintag_json_next(&it), 0);
    assert_int_equal(pintag_json_next(&it), 0);

    pintag_json_free(NULL);
}


static void
test_only_arrays_and_objects_have_something_to_give(void **state)
{
    size_t               i;
    test_memory_t        memory;
    pintag_arena_t      *arena;
    pintag_json_doc_t   *doc;
    pintag_json_iter_t   it;

    static const char  *cases[] = {
        "[null]", "[true]", "[false]", "[1]", "[1.5]", "[\"abc\"]", "[[]]",
        "[{}]"
    };

    (void) state;

    arena = test_memory_init(&memory);

    for (i = 0; i < test_n(cases); i++) {
        doc = read_text(cases[i], arena);

        assert_int_equal(pintag_json_size(first(doc)), 0);

        pintag_json_each(first(doc), &it);
        assert_int_equal(pintag_json_next(&it), 0);
        assert_int_equal(pintag_json_next(&it), 0);

        pintag_json_free(doc);
    }

    test_memory_free(&memory);
}


static void
test_members_come_in_the_order_of_the_document(void **state)
{
    char                 key[16], *text;
    size_t               i, len;
    test_memory_t        memory;
    pintag_arena_t      *arena;
    pintag_json_doc_t   *doc;
    pintag_json_iter_t   it;

    (void) state;

    arena = test_memory_init(&memory);

    text = (char *) pintag_arena_bytes(arena, 40000);
    len = 0;

    for (i = 0; i < 1000; i++) {
        len += (size_t) sprintf(text + len, "%c\"k%zu\":%zu", i ? ',' : '{',
                                i * 7919 % 1000, i);
    }

    (void) sprintf(text + len, "}");

    doc = read_text(text, arena);
    assert_int_equal(pintag_json_size(pintag_json_root(doc)), 1000);

    i = 0;
    pintag_json_each(pintag_json_root(doc), &it);

    while (pintag_json_next(&it)) {
        (void) sprintf(key, "k%zu", i * 7919 % 1000);

        assert_str(it.key, key);
        assert_int_equal(it.index, i);
        assert_int_equal(pintag_json_integer(it.value), i);
        i++;
    }

    assert_int_equal(i, 1000);
    assert_int_equal(pintag_json_next(&it), 0);

    pintag_json_free(doc);
    test_memory_free(&memory);
}


static void
test_repeated_key_keeps_its_place_and_takes_its_last_value(void **state)
{
    test_memory_t        memory;
    pintag_arena_t      *arena;
    pintag_json_doc_t   *doc;
    pintag_json_iter_t   it;

    (void) state;

    arena = test_memory_init(&memory);
    doc = read_text("{\"a\":1,\"b\":2,\"\\u0061\":\"x\",\"c\":3,\"a\":[4],"
                    "\"A\":5,\"\":6}", arena);

    assert_int_equal(pintag_json_size(pintag_json_root(doc)), 5);

    pintag_json_each(pintag_json_root(doc), &it);

    assert_int_equal(pintag_json_next(&it), 1);
    assert_str(it.key, "a");
    assert_int_equal(pintag_json_kind(it.value), PINTAG_JSON_ARRAY);

    assert_int_equal(pintag_json_next(&it), 1);
    assert_str(it.key, "b");
    assert_int_equal(pintag_json_integer(it.value), 2);

    assert_int_equal(pintag_json_next(&it), 1);
    assert_str(it.key, "c");

    assert_int_equal(pintag_json_next(&it), 1);
    assert_str(it.key, "A");

    assert_int_equal(pintag_json_next(&it), 1);
    assert_int_equal(it.index, 4);
    assert_str(it.key, "");
    assert_non_null(it.key.data);

    assert_int_equal(pintag_json_next(&it), 0);

    pintag_json_free(doc);
    test_memory_free(&memory);
}


static void
test_strings(void **state)
{
    size_t              i;
    pintag_str_t        s;
    test_memory_t       memory;
    pintag_arena_t     *arena;
    pintag_json_doc_t  *doc;

    static const struct {
        const char    *json;
        pintag_str_t   text;
    } cases[] = {
        { "[\"\"]", pintag_str("") },
        { "[\"abc\"]", pintag_str("abc") },
        { "[\"\\\"\\\\\\/\\b\\f\\n\\r\\t\"]", pintag_str("\"\\/\b\f\n\r\t") },
        { "[\"\\u0041\\u00e9\\u20AC\"]", pintag_str("A\xc3\xa9\xe2\x82\xac") },
        { "[\"\\ud83d\\ude00\"]", pintag_str("\xf0\x9f\x98\x80") },
        { "[\"\xf0\x9f\x98\x80\"]", pintag_str("\xf0\x9f\x98\x80") },
        { "[\"\\uffff\xef\xbf\xbf\"]",
          pintag_str("\xef\xbf\xbf\xef\xbf\xbf") },
        { "[\"\x7f\"]", pintag_str("\x7f") },
        { "[\"\xef\xbb\xbf\"]", pintag_str("\xef\xbb\xbf") },

        /* U+0000 is allowed in values */
        { "[\"a\\u0000b\"]", pintag_str("a\0b") },
        { "[\"\\u0000\"]", pintag_str("\0") }
    };

    (void) state;

    arena = test_memory_init(&memory);

    for (i = 0; i < test_n(cases); i++) {
        doc = read_text(cases[i].json, arena);
        assert_int_equal(pintag_json_kind(first(doc)), PINTAG_JSON_STRING);

        s = pintag_json_string(first(doc));
        assert_non_null(s.data);
        assert_int_equal(s.len, cases[i].text.len);
        assert_memory_equal(s.data, cases[i].text.data, s.len);

        pintag_json_free(doc);
    }

    test_memory_free(&memory);
}


static void
test_integers(void **state)
{
    size_t              i;
    test_memory_t       memory;
    pintag_arena_t     *arena;
    pintag_json_doc_t  *doc;

    static const struct {
        const char  *json;
        int64_t      n;
    } cases[] = {
        { "[0]", 0 },
        { "[-0]", 0 },
        { "[1299]", 1299 },
        { "[-1]", -1 },
        { "[9007199254740993]", 9007199254740993 },
        { "[9223372036854775807]", INT64_MAX },
        { "[-9223372036854775808]", INT64_MIN }
    };

    (void) state;

    arena = test_memory_init(&memory);

    for (i = 0; i < test_n(cases); i++) {
        doc = read_text(cases[i].json, arena);
        assert_int_equal(pintag_json_kind(first(doc)), PINTAG_JSON_INTEGER);
        assert_true(pintag_json_integer(first(doc)) == cases[i].n);
        pintag_json_free(doc);
    }

    test_memory_free(&memory);
}


static void
test_reals(void **state)
{
    size_t              i;
    test_memory_t       memory;
    pintag_arena_t     *arena;
    pintag_json_doc_t  *doc;

    static const struct {
        const char  *json;
        double       d;
    } cases[] = {
        { "[0.0]", 0.0 },
        { "[1.0]", 1.0 },
        { "[19.99]", 19.99 },
        { "[-19.99]", -19.99 },
        { "[1e3]", 1e3 },
        { "[1E+3]", 1e3 },
        { "[125e-2]", 1.25 },
        { "[1.7976931348623157e308]", 1.7976931348623157e308 },
        { "[5e-324]", 4.9406564584124654e-324 },
        { "[1e-999]", 0.0 },

        /* integers outside int64 are read as a double */
        { "[9223372036854775808]", 9223372036854775808.0 },
        { "[-9223372036854775809]", -9223372036854775808.0 },
        { "[18446744073709551615]", 18446744073709551616.0 },
        { "[10000000000000000000000]", 1e22 },
        { "[-123456789012345678901234567890 ]",
          -123456789012345678901234567890.0 }
    };

    (void) state;

    arena = test_memory_init(&memory);

    for (i = 0; i < test_n(cases); i++) {
        doc = read_text(cases[i].json, arena);
        assert_int_equal(pintag_json_kind(first(doc)), PINTAG_JSON_REAL);
        assert_true(pintag_json_real(first(doc)) == cases[i].d);
        pintag_json_free(doc);
    }

    test_memory_free(&memory);
}


static void
test_large_integers_leave_all_else_as_it_is(void **state)
{
    size_t               i;
    pintag_buf_t         buf;
    test_memory_t        memory;
    pintag_arena_t      *arena;
    pintag_json_doc_t   *doc;
    pintag_json_iter_t   it;

    (void) state;

    arena = test_memory_init(&memory);
    doc = read_text("{\"99999999999999999999\":\"99999999999999999999\","
                    "\"a\\\"99999999999999999999\":99999999999999999999,"
                    "\"b\\\\\":-99999999999999999999,"
                    "\"c\":9223372036854775807,"
                    "\"d\":99999999999999999999.5,"
                    "\"e\":99999999999999999999e-19,"
                    "\"f\":0.99999999999999999999,"
                    "\"g\":1e0000000000000000000001}", arena);

    pintag_json_each(pintag_json_root(doc), &it);

    assert_int_equal(pintag_json_next(&it), 1);
    assert_str(it.key, "99999999999999999999");
    assert_str(pintag_json_string(it.value), "99999999999999999999");

    assert_int_equal(pintag_json_next(&it), 1);
    assert_str(it.key, "a\"99999999999999999999");
    assert_true(pintag_json_real(it.value) == 1e20);

    assert_int_equal(pintag_json_next(&it), 1);
    assert_str(it.key, "b\\");
    assert_true(pintag_json_real(it.value) == -1e20);

    assert_int_equal(pintag_json_next(&it), 1);
    assert_true(pintag_json_integer(it.value) == INT64_MAX);

    assert_int_equal(pintag_json_next(&it), 1);
    assert_true(pintag_json_real(it.value) == 1e20);

    assert_int_equal(pintag_json_next(&it), 1);
    assert_true(pintag_json_real(it.value) == 10.0);

    assert_int_equal(pintag_json_next(&it), 1);
    assert_true(pintag_json_real(it.value) == 1.0);

    assert_int_equal(pintag_json_next(&it), 1);
    assert_true(pintag_json_real(it.value) == 10.0);

    assert_int_equal(pintag_json_next(&it), 0);

    pintag_json_free(doc);

    /* as many as there can be */

    pintag_buf_init(&buf, arena, 0);

    for (i = 0; i < 20000; i++) {
        pintag_buf_add_text(&buf, i ? "," : "[");
        pintag_buf_add_text(&buf, "9223372036854775808");
    }

    pintag_buf_add_text(&buf, "]");

    doc = read_slice(test_buf_str(&buf), arena);
    assert_int_equal(pintag_json_size(pintag_json_root(doc)), 20000);

    pintag_json_each(pintag_json_root(doc), &it);

    while (pintag_json_next(&it)) {
        assert_true(pintag_json_real(it.value) == 9223372036854775808.0);
    }

    pintag_json_free(doc);
    test_memory_free(&memory);
}


static void
test_unreadable_documents(void **state)
{
    size_t                i;
    test_memory_t         memory;
    pintag_arena_t       *arena;
    pintag_json_error_t   error;

    static const struct {
        pintag_str_t   text;
        const char    *message;
        size_t         line;
        size_t         column;
    } cases[] = {

#define END      "unexpected end of the document"
#define DATA     "unexpected data after the end of the document"
#define TOKEN    "invalid token"
#define UTF8     "invalid UTF-8"
#define RANGE    "a number is out of range"
#define TOP      "the top level must be an object or an array"
#define BOM      "a byte order mark is not allowed"

        /* it ends too early: where it does */
        { pintag_str(""), END, 1, 1 },
        { pintag_str("  "), END, 1, 3 },
        { pintag_str("\n\n "), END, 3, 2 },
        { pintag_str("{"), END, 1, 2 },
        { pintag_str("[1"), END, 1, 3 },
        { pintag_str("[1,"), END, 1, 4 },
        { pintag_str("[1\r\n\n"), END, 3, 1 },
        { pintag_str("{\"a\""), END, 1, 5 },
        { pintag_str("{\"a\":"), END, 1, 6 },
        { pintag_str("[\"a\xc3\xa9"), END, 1, 5 },

        /* the last character of what is wrong */
        { pintag_str("{\"a\": tru}"), TOKEN, 1, 9 },
        { pintag_str("{\"a\":1,}"), TOKEN, 1, 8 },
        { pintag_str("[1,]"), TOKEN, 1, 4 },
        { pintag_str("[1,\n2,\n x]"), TOKEN, 3, 2 },
        { pintag_str("[\"\xc3\xa9\xf0\x9f\x98\x80\" 1]"), TOKEN, 1, 7 },
        { pintag_str("[1}"), TOKEN, 1, 3 },
        { pintag_str("{\"a\" 1}"), TOKEN, 1, 6 },
        { pintag_str("{1:2}"), TOKEN, 1, 2 },
        { pintag_str("{'a':1}"), TOKEN, 1, 2 },
        { pintag_str("[True]"), TOKEN, 1, 5 },
        { pintag_str("[NaN]"), TOKEN, 1, 4 },
        { pintag_str("[01]"), TOKEN, 1, 2 },
        { pintag_str("[+1]"), TOKEN, 1, 2 },
        { pintag_str("[1.]"), TOKEN, 1, 3 },
        { pintag_str("[.5]"), TOKEN, 1, 2 },
        { pintag_str("[-]"), TOKEN, 1, 2 },
        { pintag_str("[1e]"), TOKEN, 1, 3 },
        { pintag_str("[\"a\\x\"]"), TOKEN, 1, 5 },
        { pintag_str("[\"\\u12g4\"]"), TOKEN, 1, 7 },
        { pintag_str("[\"a\nb\"]"), TOKEN, 1, 3 },
        { pintag_str("[\"a\tb\"]"), TOKEN, 1, 3 },
        { pintag_str("[/* */]"), TOKEN, 1, 2 },
        { pintag_str("[\0]"), TOKEN, 1, 2 },

        /* a lone surrogate */
        { pintag_str("[\"\\ud800\"]"), TOKEN, 1, 9 },
        { pintag_str("[\"\\udc00\"]"), TOKEN, 1, 9 },
        { pintag_str("[\"\\ud800\\u0041\"]"), TOKEN, 1, 15 },

        /* no UTF-8: where it stands */
        { pintag_str("\xff"), UTF8, 1, 1 },
        { pintag_str("[\xff]"), UTF8, 1, 2 },
        { pintag_str("[\"\xc3\xa9\xff\"]"), UTF8, 1, 4 },
        { pintag_str("[\"ab\xc3"), UTF8, 1, 5 },
        { pintag_str("[\n\"\xc0\x80\"]"), UTF8, 2, 2 },
        { pintag_str("[\"\xed\xa0\x80\"]"), UTF8, 1, 3 },

        /* anything after the value */
        { pintag_str("[1] x"), DATA, 1, 5 },
        { pintag_str("{}\n{}"), DATA, 2, 1 },
        { pintag_str("[1]\0"), DATA, 1, 4 },

        /* neither an object nor an array */
        { pintag_str("\"abc\""), TOP, 1, 1 },
        { pintag_str("\n 1"), TOP, 2, 2 },
        { pintag_str("null"), TOP, 1, 1 },
        { pintag_str("]"), TOP, 1, 1 },
        { pintag_str("type=track"), TOP, 1, 1 },
        { pintag_str("\0"), TOP, 1, 1 },

        { pintag_str("\xef\xbb\xbf[]"), BOM, 1, 1 },
        { pintag_str("\xef\xbb\xbf"), BOM, 1, 1 },

        { pintag_str("[1e999]"), RANGE, 1, 6 },
        { pintag_str("[\n-1e999]"), RANGE, 2, 6 },

        { pintag_str("{\"a\\u0000\":1}"), "U+0000 in a member's name", 1, 10 },

        /* the same behind integers outside int64, read as doubles */
        { pintag_str("[9223372036854775808, tru]"), TOKEN, 1, 25 },
        { pintag_str("[\n9223372036854775808,\n-9223372036854775809, x]"),
          TOKEN, 3, 23 },
        { pintag_str("[9223372036854775808"), END, 1, 21 },
        { pintag_str("[9223372036854775808}"), TOKEN, 1, 21 },
        { pintag_str("[9223372036854775808x]"), TOKEN, 1, 21 },
        { pintag_str("[9223372036854775808, 1e999]"), RANGE, 1, 27 },
        { pintag_str("[9223372036854775808, 1e999, \"e0\"]"), RANGE, 1, 27 },
        { pintag_str("[9223372036854775808,\"\xc3\xa9\xff\"]"), UTF8, 1, 24 },
        { pintag_str("[9223372036854775808]]"), DATA, 1, 22 },
        { pintag_str("[9223372036854775808, 00]"), TOKEN, 1, 23 },
        { pintag_str("[9223372036854775808, \"\\"), END, 1, 25 },
        { pintag_str("[9223372036854775808-9223372036854775809]"), TOKEN,
          1, 40 }
    };

    (void) state;

    for (i = 0; i < test_n(cases); i++) {
        unsigned char  *copy;

        arena = test_memory_init(&memory);

        /* to the byte, so that reading beyond it is seen */
        copy = malloc(cases[i].text.len ? cases[i].text.len : 1);
        assert_non_null(copy);
        memcpy(copy, cases[i].text.data, cases[i].text.len);

        memset(&error, 0xff, sizeof(error));

        assert_null(pintag_json_read(copy, cases[i].text.len, arena, &error));
        free(copy);

        if (strcmp(error.message, cases[i].message) != 0
            || error.line != cases[i].line || error.column != cases[i].column)
        {
            fail_msg("%s: %s at %zu:%zu", (const char *) cases[i].text.data,
                     error.message, error.line, error.column);
        }

        assert_int_equal(error.no_memory, 0);

        test_memory_free(&memory);
    }

    assert_null(pintag_json_read(NULL, 0, test_memory_init(&memory), &error));
    assert_string_equal(error.message, END);
    test_memory_free(&memory);
}


static void
test_number_of_too_many_digits_is_out_of_range(void **state)
{
    test_memory_t         memory;
    pintag_arena_t       *arena;
    unsigned char         text[402];
    pintag_json_error_t   error;

    (void) state;

    arena = test_memory_init(&memory);

    memset(text, '9', sizeof(text));
    text[0] = '[';
    text[401] = ']';

    assert_null(pintag_json_read(text, sizeof(text), arena, &error));
    assert_string_equal(error.message, "a number is out of range");
    assert_int_equal(error.line, 1);
    assert_int_equal(error.column, 401);
    assert_int_equal(error.no_memory, 0);

    test_memory_free(&memory);
}


static void
test_messages_hold_nothing_of_the_document(void **state)
{
    size_t                i;
    test_memory_t         memory;
    pintag_arena_t       *arena;
    pintag_json_error_t   error;

    static const char  *cases[] = {
        "{\"email\":\"jane@example.com\" \"x\"}",
        "{\"email\": jane}", "jane", "[\"jane\\x\"]", "[\"jane\xff\"]",
        "[\"jane", "[\"jane\\ud800\"]", "{\"jane\\u0000\":1}", "[]jane"
    };

    (void) state;

    arena = test_memory_init(&memory);

    for (i = 0; i < test_n(cases); i++) {
        assert_null(pintag_json_read((const unsigned char *) cases[i],
                                     strlen(cases[i]), arena, &error));
        assert_null(strstr(error.message, "jane"));
        assert_null(strstr(error.message, "email"));
    }

    test_memory_free(&memory);
}


static void
test_hostile_nesting(void **state)
{
    size_t                i, n;
    test_memory_t         memory;
    pintag_arena_t       *arena;
    unsigned char        *text;
    pintag_json_doc_t    *doc;
    pintag_json_error_t   error;

    (void) state;

    arena = test_memory_init(&memory);

    n = 1000000;
    text = malloc(n);
    assert_non_null(text);

    memset(text, '[', n);
    assert_null(pintag_json_read(text, n, arena, &error));
    assert_int_equal(error.no_memory, 0);
    assert_string_equal(error.message, "nested too deeply");

    for (i = 0; i < n; i++) {
        text[i] = (unsigned char) "{\"a\":"[i % 5];
    }

    assert_null(pintag_json_read(text, n, arena, &error));
    assert_string_equal(error.message, "nested too deeply");

    /* far more than an event may have is read */

    memset(text, '[', 500);
    memset(text + 500, ']', 500);

    doc = pintag_json_read(text, 1000, arena, &error);
    assert_non_null(doc);
    pintag_json_free(doc);

    free(text);
    test_memory_free(&memory);
}


static void
test_every_cut_is_unreadable_and_harmless(void **state)
{
    size_t                i, len;
    unsigned char        *copy;
    test_memory_t         memory;
    pintag_json_doc_t    *doc;
    pintag_json_error_t   error;

    static const char  text[] =
        "{\"a\":[1,-2.5e+3,9223372036854775808,true,false,null],\n"
        "\"\xc3\xa9\\u00e9\\ud83d\\ude00\":{\"b\":\"\\\"\\\\\",\"\":{}}}";

    (void) state;

    len = sizeof(text) - 1;

    for (i = 0; i <= len; i++) {
        copy = malloc(i ? i : 1);
        assert_non_null(copy);
        memcpy(copy, text, i);

        doc = pintag_json_read(copy, i, test_memory_init(&memory), &error);
        free(copy);

        if (i == len) {
            assert_non_null(doc);

        } else {
            assert_null(doc);
            assert_int_equal(error.no_memory, 0);
            assert_true(error.line >= 1 && error.line <= 2);
            assert_true(error.column >= 1 && error.column <= len);
        }

        pintag_json_free(doc);
        test_memory_free(&memory);
    }
}


/* an object's names are not those of one before it, large or small */

static void
test_names_of_objects_one_after_the_other(void **state)
{
    size_t               i, k, n, repeated;
    pintag_buf_t         buf;
    test_memory_t        text, memory;
    pintag_json_doc_t   *doc;
    pintag_json_iter_t   it;

    static const size_t  sizes[] = { 40, 300, 33, 0, 64, 65, 2, 300, 40 };

    (void) state;

    pintag_buf_init(&buf, test_memory_init(&text), 0);

    /* in none of them a name is repeated, or in one, which has one less then */

    for (repeated = 0; repeated <= test_n(sizes); repeated++) {

        buf.len = 0;
        pintag_buf_add_text(&buf, "[");

        for (i = 0; i < test_n(sizes); i++) {
            pintag_buf_add_text(&buf, i ? ",{" : "{");

            for (k = 0; k < sizes[i]; k++) {
                pintag_buf_add_text(&buf, k ? ",\"name" : "\"name");
                pintag_buf_add_uint(&buf, (k && i == repeated && k + 1
                                           == sizes[i]) ? k - 1 : k);
                pintag_buf_add_text(&buf, "\":1");
            }

            pintag_buf_add_text(&buf, "}");
        }

        pintag_buf_add_text(&buf, "]");
        pintag_buf_add_char(&buf, '\0');

        doc = read_text((const char *) buf.data, test_memory_init(&memory));

        pintag_json_each(pintag_json_root(doc), &it);

        for (i = 0; pintag_json_next(&it); i++) {
            n = sizes[i] - (i == repeated && sizes[i] > 1);
            assert_int_equal(pintag_json_size(it.value), n);
        }

        assert_int_equal(i, test_n(sizes));

        pintag_json_free(doc);
        test_memory_free(&memory);
    }

    test_memory_free(&text);
}


static void
test_no_memory(void **state)
{
    size_t                n;
    pintag_buf_t          buf;
    test_memory_t         text, memory;
    pintag_json_doc_t    *doc;
    pintag_json_error_t   error;

    (void) state;

    pintag_buf_init(&buf, test_memory_init(&text), 0);
    pintag_buf_add_text(&buf, "[9223372036854775808");

    for (n = 0; n < 1000; n++) {
        pintag_buf_add_text(&buf, ",\"padding\"");
    }

    pintag_buf_add_text(&buf, ",{\"\":[{}]");

    for (n = 0; n < 1000; n++) {
        pintag_buf_add_text(&buf, ",\"");
        pintag_buf_add_uint(&buf, n);
        pintag_buf_add_text(&buf, "\":{\"a\":1}");
    }

    pintag_buf_add_text(&buf, "}]");

    for (n = 1; n < 300; n++) {
        doc = pintag_json_read(buf.data, buf.len,
                               test_memory_init_failing(&memory, n), &error);
        if (doc != NULL) {
            break;
        }

        assert_int_equal(error.no_memory, 1);
        assert_string_equal(error.message, "not enough memory");
        test_memory_free(&memory);
    }

    assert_true(n >= 2 && n <= 299);

    pintag_json_free(doc);
    test_memory_free(&memory);
    test_memory_free(&text);
}


int
main(void)
{
    const struct CMUnitTest  tests[] = {
        cmocka_unit_test(test_kinds),
        cmocka_unit_test(test_nothing_is_null_and_has_nothing),
        cmocka_unit_test(test_only_arrays_and_objects_have_something_to_give),
        cmocka_unit_test(test_members_come_in_the_order_of_the_document),
        cmocka_unit_test(
            test_repeated_key_keeps_its_place_and_takes_its_last_value),
        cmocka_unit_test(test_strings),
        cmocka_unit_test(test_integers),
        cmocka_unit_test(test_reals),
        cmocka_unit_test(test_large_integers_leave_all_else_as_it_is),
        cmocka_unit_test(test_unreadable_documents),
        cmocka_unit_test(test_number_of_too_many_digits_is_out_of_range),
        cmocka_unit_test(test_messages_hold_nothing_of_the_document),
        cmocka_unit_test(test_hostile_nesting),
        cmocka_unit_test(test_every_cut_is_unreadable_and_harmless),
        cmocka_unit_test(test_names_of_objects_one_after_the_other),
        cmocka_unit_test(test_no_memory)
    };

    return cmocka_run_group_tests_name("json", tests, NULL, NULL);
}
