
/*
 * Copyright (C) the ngx_http_pintag_module authors
 *
 * What is jansson's alone: its memory is not the arena's.
 */


#include <stdint.h>

#include <jansson.h>

#include "json.h"
#include "test.h"


static size_t  calls, fail_at, fail_to;


static void *
failing_malloc(size_t size)
{
    calls++;

    return (calls >= fail_at && calls <= fail_to) ? NULL : malloc(size);
}


/* so many allocations fail, from each one on */

static void
failures(size_t n)
{
    json_t               *whole;
    unsigned              last;
    test_memory_t         memory;
    pintag_json_doc_t    *doc;
    pintag_json_error_t   error;

    /* jansson does not notice when its buffer for a token cannot grow */

    static const char  text[] =
        "{\"longer than 15 bytes\":"
        "\"and longer than 31 bytes, as the buffer is\","
        "\"a\":[1,\"two\",3.5,{\"b\":null,\"c\":true}],\"d\":\"\\u00e9\","
        "\"e\":[[],[],[],[],[],[],[],[],[],[],[],[]],"
        "\"f\":{\"1\":1,\"2\":2,\"3\":3,\"4\":4,\"5\":5,\"6\":6,\"7\":7,"
        "\"8\":8,\"9\":9}}";

    whole = json_loads(text, 0, NULL);
    assert_non_null(whole);

    json_set_alloc_funcs(failing_malloc, free);

    last = 0;

    for (fail_at = 1; fail_at < 1000 && !last; fail_at++) {
        calls = 0;
        fail_to = (n < SIZE_MAX - fail_at) ? fail_at + n - 1 : SIZE_MAX;

        doc = pintag_json_read((const unsigned char *) text, sizeof(text) - 1,
                               test_memory_init(&memory), &error);
        last = (calls < fail_at);

        /* it may be read at the second attempt: nothing is missing then */

        if (doc != NULL) {
            assert_true(json_equal((json_t *) pintag_json_root(doc), whole));

        } else if (!error.no_memory) {
            fail_msg("allocation %zu: %s", fail_at, error.message);
        }

        pintag_json_free(doc);
        test_memory_free(&memory);
    }

    assert_true(fail_at >= 30 && fail_at <= 999);

    json_set_alloc_funcs(malloc, free);
    json_decref(whole);
}


static void
test_no_memory_is_never_the_documents_fault(void **state)
{
    (void) state;

    failures(1);
    failures(SIZE_MAX);
}


static void
test_an_invalid_string_is_not_taken_for_a_lack_of_memory(void **state)
{
    size_t                i;
    test_memory_t         memory;
    pintag_arena_t       *arena;
    pintag_json_error_t   error;

    static const char  *cases[] = {
        "[\"\\x\"]", "[\"\\ud800\"]", "[\"\\ud800\\u0041\"]", "[\"\\u00g0\"]",
        "[\"\n\"]", "[\"\x01\"]", "[\"", "[\"\\", "[\"\\u", "[\"\xff\"]",
        "{\"\\x\":1}", "{\"\\udc00\":1}", "{\"\n\":1}", "{\"\x01\":1}", "{\"",
        "{\"\\u0000\":1}", "{\"\xff\":1}", "{\"a\":1,\"\\x\":2}",
        "{\"a\":1 \"b\":2}", "[\"a\" \"b\"]", "{\"a\" \"b\"}", "\"a\"",
        "[1]\"a\"", "{\"a\":\"\\x\"}"
    };

    (void) state;

    arena = test_memory_init(&memory);

    for (i = 0; i < test_n(cases); i++) {
        assert_null(pintag_json_read((const unsigned char *) cases[i],
                                     strlen(cases[i]), arena, &error));

        if (error.no_memory) {
            fail_msg("%s", cases[i]);
        }
    }

    test_memory_free(&memory);
}


int
main(void)
{
    const struct CMUnitTest  tests[] = {
        cmocka_unit_test(test_no_memory_is_never_the_documents_fault),
        cmocka_unit_test(
            test_an_invalid_string_is_not_taken_for_a_lack_of_memory)
    };

    return cmocka_run_group_tests_name("json_jansson", tests, NULL, NULL);
}
