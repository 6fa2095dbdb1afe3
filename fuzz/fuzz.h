
/*
 * Copyright (C) the ngx_http_pintag_module authors
 *
 * What the fuzz targets share.
 */


#ifndef PINTAG_FUZZ_H
#define PINTAG_FUZZ_H


#include <stddef.h>
#include <stdint.h>

#include "arena.h"
#include "text.h"


/* what must hold of any input, also without assert() */

#define fuzz_check(condition)                                                 \
    do {                                                                      \
        if (!(condition)) {                                                   \
            fuzz_fail(#condition, __FILE__, __LINE__);                        \
        }                                                                     \
    } while (0)


/* of one arena; it can run out */

typedef struct {
    pintag_arena_t    arena;
    void            **blocks;
    size_t            n;
    size_t            size;
    size_t           *left;       /* allocations; NULL: no limit */
} fuzz_memory_t;


/* an input, which is taken off from its start */

typedef struct {
    const uint8_t    *data;
    size_t            len;
} fuzz_input_t;


int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

_Noreturn void fuzz_fail(const char *what, const char *file, int line);

/* gives the arena, for short */
pintag_arena_t *fuzz_memory_init(fuzz_memory_t *memory, size_t *left);
void fuzz_memory_free(fuzz_memory_t *memory);

/* 0 at the end */
unsigned fuzz_byte(fuzz_input_t *input);

/* up to the next 0xff, which is in no UTF-8, or the end */
pintag_str_t fuzz_text(fuzz_input_t *input);

pintag_str_t fuzz_rest(const fuzz_input_t *input);

/* what may be shown: UTF-8 without what would end a line */
void fuzz_check_shown(pintag_str_t text);

/* an e-mail address that pii.h would find */
unsigned fuzz_email(pintag_str_t text);


#endif /* PINTAG_FUZZ_H */
