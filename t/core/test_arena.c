
/*
 * Copyright (C) the ngx_http_pintag_module authors
 */


#include "test.h"


#define aligned(p)  ((uintptr_t) (p) % _Alignof(max_align_t) == 0)


static void
test_alloc_is_aligned_for_any_type(void **state)
{
    size_t           i;
    unsigned char   *p;
    test_memory_t    memory;
    pintag_arena_t  *arena;

    (void) state;

    arena = test_memory_init(&memory);

    for (i = 0; i < 3000; i++) {
        assert_non_null(pintag_arena_bytes(arena, i % 7));

        p = pintag_arena_alloc(arena, i);
        assert_non_null(p);
        assert_true(aligned(p));
        memset(p, 1, i);
    }

    test_memory_free(&memory);
}


static void *
misaligned_alloc(void *data, size_t size)
{
    return (unsigned char *) test_alloc(data, size + 8) + 8;
}


static void
test_alloc_is_aligned_in_blocks_aligned_to_a_pointer(void **state)
{
    size_t          i;
    test_memory_t   memory;
    pintag_arena_t  arena;

    (void) state;

    /* nginx's ngx_palloc() aligns to 8 bytes */

    (void) test_memory_init(&memory);
    pintag_arena_init(&arena, misaligned_alloc, &memory);

    for (i = 1; i < 20000; i = i * 3 / 2 + 1) {
        assert_true(aligned(pintag_arena_alloc(&arena, i)));
        memset(pintag_arena_alloc(&arena, i), 1, i);
    }

    test_memory_free(&memory);
}


static void
test_zalloc_is_zeroed_and_aligned(void **state)
{
    size_t           i;
    unsigned char   *p;
    test_memory_t    memory;
    pintag_arena_t  *arena;

    (void) state;

    arena = test_memory_init(&memory);

    memset(pintag_arena_bytes(arena, 1001), 0xff, 1001);
    pintag_arena_reset(arena);
    assert_non_null(pintag_arena_bytes(arena, 1));

    p = pintag_arena_zalloc(arena, 1000);
    assert_true(aligned(p));

    for (i = 0; i < 1000; i++) {
        assert_int_equal(p[i], 0);
    }

    test_memory_free(&memory);
}


static void
test_bytes_are_not_padded(void **state)
{
    unsigned char   *p;
    test_memory_t    memory;
    pintag_arena_t  *arena;

    (void) state;

    arena = test_memory_init(&memory);

    p = pintag_arena_bytes(arena, 3);
    assert_ptr_equal(pintag_arena_bytes(arena, 5), p + 3);
    assert_ptr_equal(pintag_arena_bytes(arena, 1), p + 8);

    test_memory_free(&memory);
}


static void
test_nothing_is_something(void **state)
{
    unsigned char   *p;
    test_memory_t    memory;
    pintag_arena_t  *arena;

    (void) state;

    /* NULL means out of memory, never "nothing was asked for" */

    arena = test_memory_init(&memory);

    assert_non_null(pintag_arena_alloc(arena, 0));
    assert_non_null(pintag_arena_zalloc(arena, 0));

    p = pintag_arena_bytes(arena, 0);
    assert_non_null(p);
    assert_ptr_not_equal(pintag_arena_bytes(arena, 0), p);

    test_memory_free(&memory);
}


static void
test_blocks_are_small_and_large_requests_get_their_own(void **state)
{
    test_memory_t    memory;
    pintag_arena_t  *arena;

    (void) state;

    arena = test_memory_init(&memory);
    assert_int_equal(memory.calls, 0);

    assert_non_null(pintag_arena_alloc(arena, 1));
    assert_int_equal(memory.calls, 1);
    assert_int_equal(memory.bytes, 4000);

    assert_non_null(pintag_arena_alloc(arena, 3000));
    assert_int_equal(memory.calls, 1);

    memset(pintag_arena_alloc(arena, 1000000), 1, 1000000);
    assert_int_equal(memory.calls, 2);
    assert_true(memory.bytes >= 1004000 && memory.bytes <= 2100000);

    test_memory_free(&memory);
}


static void
use(pintag_arena_t *arena, size_t n, size_t size)
{
    size_t          i, j;
    unsigned char  *p[64];

    for (i = 0; i < n; i++) {
        p[i] = pintag_arena_alloc(arena, size);
        assert_non_null(p[i]);
        memset(p[i], (int) i, size);
    }

    for (i = 0; i < n; i++) {
        for (j = 0; j < size; j++) {
            assert_int_equal(p[i][j], i);
        }
    }
}


static void
test_reset_uses_the_blocks_again(void **state)
{
    size_t           i, calls;
    test_memory_t    memory;
    pintag_arena_t  *arena;

    (void) state;

    arena = test_memory_init(&memory);

    /* of an arena that never allocated */
    pintag_arena_reset(arena);

    calls = 0;

    for (i = 0; i < 100; i++) {
        use(arena, 50, 300);
        use(arena, 2, 20000);
        use(arena, 50, 300);

        if (i == 0) {
            calls = memory.calls;
        }

        assert_int_equal(memory.calls, calls);
        pintag_arena_reset(arena);
    }

    test_memory_free(&memory);
}


static void
test_slowly_growing_requests_take_no_block_each(void **state)
{
    size_t           i;
    test_memory_t    memory;
    pintag_arena_t  *arena;

    (void) state;

    arena = test_memory_init(&memory);

    for (i = 0; i < 60000; i += 16) {
        use(arena, 3, 100);
        assert_non_null(pintag_arena_alloc(arena, i));
        pintag_arena_reset(arena);
    }

    assert_true(memory.calls >= 1 && memory.calls <= 8);
    assert_true(memory.bytes >= 60000 && memory.bytes <= 300000);

    test_memory_free(&memory);
}


/* counts the blocks that it has given */

static void *
counting_alloc(void *data, size_t size)
{
    size_t *blocks = data;

    ++*blocks;

    return malloc(size);
}


static void
counting_free(void *data, void *block)
{
    size_t *blocks = data;

    --*blocks;

    free(block);
}


static void
test_free_gives_all_blocks_back(void **state)
{
    size_t          i, blocks;
    pintag_arena_t  arena;

    (void) state;

    blocks = 0;
    pintag_arena_init(&arena, counting_alloc, &blocks);

    /* of one that never allocated */
    pintag_arena_free(&arena, counting_free);

    for (i = 0; i < 3; i++) {
        assert_int_equal(arena.size, 0);

        use(&arena, 3, 1000);
        use(&arena, 1, 100000);
        use(&arena, 1, 30000);
        assert_int_equal(blocks, 3);
        assert_int_equal(arena.size, 4000 + 128000 + 32000);

        pintag_arena_reset(&arena);
        use(&arena, 3, 1000);
        assert_int_equal(arena.size, 4000 + 128000 + 32000);

        pintag_arena_free(&arena, counting_free);
        assert_int_equal(blocks, 0);
    }
}


static void
test_overflow_is_no_memory(void **state)
{
    size_t           i;
    test_memory_t    memory;
    pintag_arena_t  *arena;

    static const size_t  sizes[] = {
        SIZE_MAX, SIZE_MAX - 1, SIZE_MAX - 15, SIZE_MAX - 16, SIZE_MAX - 40,
        SIZE_MAX / 2 + 1, SIZE_MAX / 2, SIZE_MAX / 4 + 1
    };

    (void) state;

    arena = test_memory_init(&memory);

    for (i = 0; i < test_n(sizes); i++) {
        assert_null(pintag_arena_alloc(arena, sizes[i]));
        assert_null(pintag_arena_zalloc(arena, sizes[i]));
        assert_null(pintag_arena_bytes(arena, sizes[i]));
        assert_non_null(pintag_arena_alloc(arena, 1));
    }

    assert_int_equal(memory.calls, 1);

    test_memory_free(&memory);
}


static void
test_what_was_given_outlives_a_failure(void **state)
{
    unsigned char   *p;
    test_memory_t    memory;
    pintag_arena_t  *arena;

    (void) state;

    arena = test_memory_init_failing(&memory, 1);

    assert_null(pintag_arena_alloc(arena, 1));
    assert_null(pintag_arena_zalloc(arena, 1));
    assert_null(pintag_arena_bytes(arena, 1));
    pintag_arena_reset(arena);

    arena = test_memory_init_failing(&memory, 2);

    p = pintag_arena_alloc(arena, 100);
    assert_non_null(p);
    memset(p, 7, 100);

    assert_null(pintag_arena_alloc(arena, 5000));
    assert_null(pintag_arena_zalloc(arena, 5000));

    /* the room that is left is still there */
    assert_non_null(pintag_arena_alloc(arena, 100));
    assert_int_equal(p[99], 7);

    test_memory_free(&memory);
}


int
main(void)
{
    const struct CMUnitTest  tests[] = {
        cmocka_unit_test(test_alloc_is_aligned_for_any_type),
        cmocka_unit_test(test_alloc_is_aligned_in_blocks_aligned_to_a_pointer),
        cmocka_unit_test(test_zalloc_is_zeroed_and_aligned),
        cmocka_unit_test(test_bytes_are_not_padded),
        cmocka_unit_test(test_nothing_is_something),
        cmocka_unit_test(
            test_blocks_are_small_and_large_requests_get_their_own),
        cmocka_unit_test(test_reset_uses_the_blocks_again),
        cmocka_unit_test(test_slowly_growing_requests_take_no_block_each),
        cmocka_unit_test(test_free_gives_all_blocks_back),
        cmocka_unit_test(test_overflow_is_no_memory),
        cmocka_unit_test(test_what_was_given_outlives_a_failure)
    };

    return cmocka_run_group_tests_name("arena", tests, NULL, NULL);
}
