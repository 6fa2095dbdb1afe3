
/*
 * Copyright (C) the ngx_http_pintag_module authors
 *
 * Memory for the core: a bump allocator over blocks that the caller gives.
 */


#ifndef PINTAG_ARENA_H
#define PINTAG_ARENA_H


#include <stdalign.h>
#include <stddef.h>
#include <stdint.h>


#define PINTAG_ARENA_ALIGN  alignof(max_align_t)


/*
 * Gives "size" bytes aligned for any type, or NULL.  The block stays the
 * caller's, who frees all blocks at once when nothing that was read or mapped
 * from the arena is needed any more, or has pintag_arena_free() do it.
 */

typedef void *(*pintag_alloc_pt)(void *data, size_t size);

/* takes back a block that was given */

typedef void (*pintag_release_pt)(void *data, void *block);


typedef struct pintag_arena_block_s  pintag_arena_block_t;


typedef struct {
    pintag_alloc_pt        alloc;
    void                  *data;
    size_t                 size;      /* of all blocks */
    unsigned char         *pos;
    unsigned char         *end;
    pintag_arena_block_t  *first;
    pintag_arena_block_t  *current;
} pintag_arena_t;


/* "data" is handed to each call of "alloc" */
void pintag_arena_init(pintag_arena_t *arena, pintag_alloc_pt alloc,
    void *data);

/* what the two below do when the current block is full */
void *pintag_arena_more(pintag_arena_t *arena, size_t size, size_t align);


/* "size" bytes aligned for any type; NULL when the caller has no more */

static inline void *
pintag_arena_alloc(pintag_arena_t *arena, size_t size)
{
    size_t          pad;
    unsigned char  *p;

    pad = (size_t) -(uintptr_t) arena->pos & (PINTAG_ARENA_ALIGN - 1);

    /* no two allocations share an address */

    if (size - 1 < SIZE_MAX / 2
        && (size_t) (arena->end - arena->pos) >= pad
        && (size_t) (arena->end - arena->pos) - pad >= size)
    {
        p = arena->pos + pad;
        arena->pos = p + size;

        return p;
    }

    return pintag_arena_more(arena, size, PINTAG_ARENA_ALIGN);
}


/* the same, for text: not aligned */

static inline unsigned char *
pintag_arena_bytes(pintag_arena_t *arena, size_t size)
{
    unsigned char  *p;

    if (size - 1 < SIZE_MAX / 2
        && (size_t) (arena->end - arena->pos) >= size)
    {
        p = arena->pos;
        arena->pos = p + size;

        return p;
    }

    return pintag_arena_more(arena, size, 1);
}


/* aligned and zeroed */
void *pintag_arena_zalloc(pintag_arena_t *arena, size_t size);

/*
 * Forgets all that was allocated and uses the blocks again, so that mapping
 * one event after the other takes the memory of the largest.
 */
void pintag_arena_reset(pintag_arena_t *arena);

/*
 * Gives all blocks back with "release", which is handed what "alloc" is; the
 * arena has none then, as after pintag_arena_init().
 */
void pintag_arena_free(pintag_arena_t *arena, pintag_release_pt release);


#endif /* PINTAG_ARENA_H */
