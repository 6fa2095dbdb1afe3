
/*
 * Copyright (C) the ngx_http_pintag_module authors
 *
 * What is jansson's alone: that it does not notice a lack of memory.
 */


#include <stdint.h>

#include <jansson.h>

#include "json.h"
#include "test.h"


#define TEST_BLOCK  8192


/*
 * Every allocation in turn is the one for which the arena has no more: it has
 * so many blocks, and the first of them has less and less room.
 */

static void
failures(size_t blocks)
{
    json_t               *whole;
    size_t                room, read, refused;
    test_memory_t         memory;
    pintag_arena_t       *arena;
    pintag_json_doc_t    *doc;
    pintag_json_error_t   error;

    /*
     * jansson does not notice when its buffer for a token cannot grow, not
     * even for the last quote of 15, 31 or 63 bytes
     */

    static const char  text[] =
        "{\"longer than 15 bytes\":"
        "\"and longer than 31 bytes, as the buffer is\","
        "\"a\":[1,\"two\",3.5,{\"b\":null,\"c\":true}],\"d\":\"\\u00e9\","
        "\"q\":[\"14 bytes and a\",\"30 bytes, and then its last one\","
        "\"62 bytes, and then its last one; 62 bytes, and then its last o\"],"
        "\"e\":[[],[],[],[],[],[],[],[],[],[],[],[]],"
        "\"f\":{\"1\":1,\"2\":2,\"3\":3,\"4\":4,\"5\":5,\"6\":6,\"7\":7,"
        "\"8\":8,\"9\":9}}";

    whole = json_loads(text, 0, NULL);
    assert_non_null(whole);

    read = 0;
    refused = 0;

    for (room = 0; room < TEST_BLOCK; room += 8) {
        arena = test_memory_init_failing(&memory, blocks + 1);
        assert_non_null(pintag_arena_bytes(arena, 1 + TEST_BLOCK - room));

        doc = pintag_json_read((const unsigned char *) text, sizeof(text) - 1,
                               arena, &error);

        /* it may be read at the second attempt: nothing is missing then */

        if (doc != NULL) {
            assert_true(json_equal((json_t *) pintag_json_root(doc), whole));
            read++;

        } else if (!error.no_memory) {
            fail_msg("room %zu: %s", room, error.message);

        } else {
            refused++;
        }

        pintag_json_free(doc);
        test_memory_free(&memory);
    }

    assert_true(refused >= 20);
    assert_true(read >= 20);

    json_decref(whole);
}


static void
test_no_memory_is_never_the_documents_fault(void **state)
{
    size_t  blocks;

    (void) state;

    for (blocks = 1; blocks < 3; blocks++) {
        failures(blocks);
    }
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
