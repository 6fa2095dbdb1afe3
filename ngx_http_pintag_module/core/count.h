
/*
 * Copyright (C) the ngx_http_pintag_module authors
 *
 * How many bytes of a text are of a kind, sixteen at a time: a body is gone
 * through before it is read.
 */


#ifndef PINTAG_COUNT_H
#define PINTAG_COUNT_H


#include <stddef.h>
#include <string.h>

#include "text.h"


#define PINTAG_COUNT_BYTES  16

/* how many bytes may be looked at behind them */
#define PINTAG_COUNT_AHEAD  2


/* GCC and Clang make of it what the processor has */

typedef unsigned char  pintag_bytes_t
    __attribute__((vector_size(PINTAG_COUNT_BYTES)));


/* of the bytes at "p" each: -1, as true is, when it is of the kind, else 0 */

typedef pintag_bytes_t  (*pintag_count_pt)(const unsigned char *p);


static inline pintag_bytes_t
pintag_bytes_load(const unsigned char *p)
{
    pintag_bytes_t  bytes;

    memcpy(&bytes, p, sizeof(bytes));

    return bytes;
}


static inline size_t
pintag_bytes_sum(pintag_bytes_t bytes)
{
    size_t  i, n;

    n = 0;

    for (i = 0; i < PINTAG_COUNT_BYTES; i++) {
        n += bytes[i];
    }

    return n;
}


/* "of_kind" is inlined; behind the end of the text it sees zeros */

static inline size_t
pintag_count(pintag_str_t text, pintag_count_pt of_kind)
{
    size_t                i, n, rounds, taken;
    unsigned char         last[PINTAG_COUNT_BYTES + PINTAG_COUNT_AHEAD];
    pintag_bytes_t        sums;
    const unsigned char  *p, *end;

    if (text.len == 0) {
        return 0;
    }

    n = 0;
    p = text.data;
    end = p + text.len;

    while (end - p >= (ptrdiff_t) sizeof(last)) {

        /* a sum is that of a byte of as many as it holds */

        memset(&sums, 0, sizeof(sums));

        rounds = ((size_t) (end - p) - PINTAG_COUNT_AHEAD) / PINTAG_COUNT_BYTES;

        if (rounds > 255) {
            rounds = 255;
        }

        for (i = 0; i < rounds; i++) {
            sums -= of_kind(p);
            p += PINTAG_COUNT_BYTES;
        }

        n += pintag_bytes_sum(sums);
    }

    for ( /* void */ ; p != end; p += taken) {

        memset(last, 0, sizeof(last));

        taken = (size_t) (end - p);
        memcpy(last, p, taken);

        if (taken > PINTAG_COUNT_BYTES) {
            taken = PINTAG_COUNT_BYTES;
        }

        n += pintag_bytes_sum(-of_kind(last));
    }

    return n;
}


#endif /* PINTAG_COUNT_H */
