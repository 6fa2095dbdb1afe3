
/*
 * Copyright (C) the ngx_http_pintag_module authors
 *
 * What the tests of the core share: an arena that is freed whole and can be
 * told to run out of memory, and asserts on slices.
 */


#ifndef PINTAG_TEST_H
#define PINTAG_TEST_H


#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "arena.h"
#include "digest.h"
#include "text.h"


#define test_n(array)  (sizeof(array) / sizeof((array)[0]))


/* a body that is no batch, and a client of which nothing is known */
#define NO_ENVELOPE    (&(const pintag_envelope_t) { 0 })
#define NO_CLIENT      (&(const pintag_client_t) { 0 })


/* a union, so that what follows the link is aligned for any type */

typedef union test_block_u {
    union test_block_u  *next;
    max_align_t          align;
} test_block_t;


typedef struct {
    pintag_arena_t   arena;
    test_block_t    *blocks;
    size_t           calls;
    size_t           bytes;
    size_t           fail_at;    /* this call and all later fail; 0: none */
} test_memory_t;


static inline void *
test_alloc(void *data, size_t size)
{
    test_block_t   *block;
    test_memory_t  *memory;

    memory = data;

    if (++memory->calls >= memory->fail_at && memory->fail_at != 0) {
        return NULL;
    }

    block = malloc(sizeof(test_block_t) + size);
    assert_non_null(block);

    /* what is not zeroed must not be taken for zero */
    memset(block + 1, 0xa5, size);

    block->next = memory->blocks;
    memory->blocks = block;
    memory->bytes += size;

    return block + 1;
}


/* gives the arena, for short */

static inline pintag_arena_t *
test_memory_init(test_memory_t *memory)
{
    memset(memory, 0, sizeof(test_memory_t));
    pintag_arena_init(&memory->arena, test_alloc, memory);

    return &memory->arena;
}


/* an arena whose caller has no more from the n-th block on, n from 1 */

static inline pintag_arena_t *
test_memory_init_failing(test_memory_t *memory, size_t n)
{
    (void) test_memory_init(memory);
    memory->fail_at = n;

    return &memory->arena;
}


static inline void
test_memory_free(test_memory_t *memory)
{
    test_block_t  *block;

    while (memory->blocks != NULL) {
        block = memory->blocks;
        memory->blocks = block->next;
        free(block);
    }

    memset(memory, 0, sizeof(test_memory_t));
}


/* a C string as a slice */

static inline pintag_str_t
test_str(const char *text)
{
    pintag_str_t  s;

    s.data = (const unsigned char *) text;
    s.len = (text == NULL) ? 0 : strlen(text);

    return s;
}


/* a literal as a slice, for text that holds NUL */
#define test_lit(s)                                                           \
    ((pintag_str_t) { sizeof(s) - 1, (const unsigned char *) (s) })


static inline void
test_assert_str_at(pintag_str_t s, pintag_str_t expected, const char *what,
    const char *file, int line)
{
    if (s.len == expected.len
        && (s.len == 0 || memcmp(s.data, expected.data, s.len) == 0))
    {
        return;
    }

    print_error("%s is \"%.*s\" (%zu bytes)\n  instead of \"%.*s\" (%zu)\n",
                what, (int) s.len, s.data == NULL ? "" : (const char *) s.data,
                s.len, (int) expected.len, (const char *) expected.data,
                expected.len);

    _fail(file, line);
}


#define assert_str(s, text)                                                   \
    test_assert_str_at(s, test_str(text), #s, __FILE__, __LINE__)

#define assert_str_lit(s, lit)                                                \
    test_assert_str_at(s, test_lit(lit), #s, __FILE__, __LINE__)

/* absent: not even empty */
#define assert_str_null(s)                                                    \
    do {                                                                      \
        assert_null((s).data);                                                \
        assert_int_equal((s).len, 0);                                         \
    } while (0)


static inline pintag_str_t
test_buf_str(const pintag_buf_t *buf)
{
    pintag_str_t  s;

    s.data = buf->data;
    s.len = buf->len;

    return s;
}


#define assert_buf(buf, text)                                                 \
    do {                                                                      \
        assert_int_equal((buf)->failed, 0);                                   \
        assert_str(test_buf_str(buf), text);                                  \
    } while (0)


/* SHA-256 in hex */

static inline pintag_str_t
test_hash(pintag_str_t text, pintag_arena_t *arena)
{
    pintag_str_t     hash;
    pintag_digest_t  digest;

    memset(&digest, 0, sizeof(digest));

    hash = pintag_digest(&digest, text, arena);
    pintag_digest_free(&digest);

    return hash;
}


#endif /* PINTAG_TEST_H */
