
/*
 * Copyright (C) the ngx_http_pintag_module authors
 *
 * Stands in for core/arena.h where core is fuzzed: each allocation is a block
 * of its own, to the byte, and none outlives a reset, so that AddressSanitizer
 * sees what a bump allocator hides.  Included before anything else.
 */


#ifndef PINTAG_ARENA_H
#define PINTAG_ARENA_H


#include <stdalign.h>
#include <stddef.h>
#include <stdint.h>


#define PINTAG_ARENA_ALIGN  alignof(max_align_t)


typedef void *(*pintag_alloc_pt)(void *data, size_t size);


typedef struct {
    pintag_alloc_pt   alloc;
    void             *data;
} pintag_arena_t;


void pintag_arena_init(pintag_arena_t *arena, pintag_alloc_pt alloc,
    void *data);
void *pintag_arena_alloc(pintag_arena_t *arena, size_t size);
unsigned char *pintag_arena_bytes(pintag_arena_t *arena, size_t size);
void *pintag_arena_zalloc(pintag_arena_t *arena, size_t size);
void pintag_arena_reset(pintag_arena_t *arena);


#endif /* PINTAG_ARENA_H */
