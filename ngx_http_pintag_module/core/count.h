
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

#include "sixteen.h"
#include "text.h"


/* how many bytes may be looked at behind them */
#define PINTAG_COUNT_AHEAD  2


/* of the bytes at "p" each: -1, as true is, when it is of the kind, else 0 */

typedef pintag_sixteen_t  (*pintag_count_pt)(const unsigned char *p);


static inline size_t
pintag_count_sum(pintag_sixteen_t bytes)
{
    size_t  i, n;

    n = 0;

    for (i = 0; i < PINTAG_SIXTEEN; i++) {
        n += bytes[i];
    }

    return n;
}


/* "of_kind" is inlined; behind the end of the text it sees zeros */

static inline size_t
pintag_count(pintag_str_t text, pintag_count_pt of_kind)
{
    size_t                i, n, rounds, taken;
    unsigned char         last[PINTAG_SIXTEEN + PINTAG_COUNT_AHEAD];
    pintag_sixteen_t      sums;
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

        rounds = ((size_t) (end - p) - PINTAG_COUNT_AHEAD) / PINTAG_SIXTEEN;

        if (rounds > 255) {
            rounds = 255;
        }

        for (i = 0; i < rounds; i++) {
            sums -= of_kind(p);
            p += PINTAG_SIXTEEN;
        }

        n += pintag_count_sum(sums);
    }

    for ( /* void */ ; p != end; p += taken) {

        memset(last, 0, sizeof(last));

        taken = (size_t) (end - p);
        memcpy(last, p, taken);

        if (taken > PINTAG_SIXTEEN) {
            taken = PINTAG_SIXTEEN;
        }

        n += pintag_count_sum(-of_kind(last));
    }

    return n;
}


#endif /* PINTAG_COUNT_H */
