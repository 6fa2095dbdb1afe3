
/*
 * Copyright (C) the ngx_http_pintag_module authors
 */


#include <string.h>

#include "fuzz.h"


void
pintag_arena_init(pintag_arena_t *arena, pintag_alloc_pt alloc, void *data)
{
    arena->alloc = alloc;
    arena->data = data;
}


void *
pintag_arena_alloc(pintag_arena_t *arena, size_t size)
{
    return arena->alloc(arena->data, size);
}


unsigned char *
pintag_arena_bytes(pintag_arena_t *arena, size_t size)
{
    return arena->alloc(arena->data, size);
}


void *
pintag_arena_zalloc(pintag_arena_t *arena, size_t size)
{
    void  *p;

    p = arena->alloc(arena->data, size);

    if (p != NULL) {
        memset(p, 0, size);
    }

    return p;
}


/* each arena has a memory of its own, see fuzz_memory_init() */

void
pintag_arena_reset(pintag_arena_t *arena)
{
    fuzz_memory_free(arena->data);
}
