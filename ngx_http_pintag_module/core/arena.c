
/*
 * Copyright (C) the ngx_http_pintag_module authors
 */


#include <stdint.h>
#include <string.h>

#include "arena.h"


/* small enough for a block of nginx's usual 4096 byte pool */
#define PINTAG_ARENA_BLOCK  4000

struct pintag_arena_block_s {
    pintag_arena_block_t  *next;
    unsigned char         *end;
};


static unsigned pintag_arena_next(pintag_arena_t *arena, size_t size);
static void pintag_arena_enter(pintag_arena_t *arena,
    pintag_arena_block_t *block);


void
pintag_arena_init(pintag_arena_t *arena, pintag_alloc_pt alloc, void *data)
{
    memset(arena, 0, sizeof(pintag_arena_t));

    arena->alloc = alloc;
    arena->data = data;
}


void *
pintag_arena_zalloc(pintag_arena_t *arena, size_t size)
{
    void  *p;

    p = pintag_arena_alloc(arena, size);

    if (p != NULL) {
        memset(p, 0, size);
    }

    return p;
}


void
pintag_arena_reset(pintag_arena_t *arena)
{
    if (arena->first != NULL) {
        pintag_arena_enter(arena, arena->first);
    }
}


void
pintag_arena_free(pintag_arena_t *arena, pintag_release_pt release)
{
    pintag_arena_block_t  *block, *next;

    for (block = arena->first; block; block = next) {
        next = block->next;
        release(arena->data, block);
    }

    pintag_arena_init(arena, arena->alloc, arena->data);
}


void *
pintag_arena_more(pintag_arena_t *arena, size_t size, size_t align)
{
    size_t          pad;
    unsigned char  *p;

    if (size == 0) {
        size = 1;
    }

    pad = (size_t) -(uintptr_t) arena->pos & (align - 1);

    if (arena->current == NULL
        || (size_t) (arena->end - arena->pos) < pad
        || (size_t) (arena->end - arena->pos) - pad < size)
    {
        if (!pintag_arena_next(arena, size)) {
            return NULL;
        }

        pad = (size_t) -(uintptr_t) arena->pos & (align - 1);
    }

    p = arena->pos + pad;
    arena->pos = p + size;

    return p;
}


/* makes a block current that has room for "size" bytes however aligned */

static unsigned
pintag_arena_next(pintag_arena_t *arena, size_t size)
{
    size_t                 total, room;
    pintag_arena_block_t  *block;

    if (size > SIZE_MAX / 4) {
        return 0;
    }

    total = sizeof(pintag_arena_block_t) + PINTAG_ARENA_ALIGN - 1 + size;

    if (arena->current != NULL) {
        block = arena->current->next;

        if (block != NULL
            && (size_t) (block->end - (unsigned char *) block) >= total)
        {
            pintag_arena_enter(arena, block);
            return 1;
        }
    }

    /*
     * What does not fit is put before the block that it did not fit in, so
     * that the same requests after a reset find the same blocks; doubling keeps
     * slowly growing requests from adding a block each.
     */

    for (room = PINTAG_ARENA_BLOCK; room < total; room *= 2) { /* void */ }

    block = arena->alloc(arena->data, room);

    if (block == NULL) {
        return 0;
    }

    block->end = (unsigned char *) block + room;
    arena->size += room;

    if (arena->current == NULL) {
        block->next = NULL;
        arena->first = block;

    } else {
        block->next = arena->current->next;
        arena->current->next = block;
    }

    pintag_arena_enter(arena, block);

    return 1;
}


static void
pintag_arena_enter(pintag_arena_t *arena, pintag_arena_block_t *block)
{
    arena->current = block;
    arena->pos = (unsigned char *) (block + 1);
    arena->end = block->end;
}
