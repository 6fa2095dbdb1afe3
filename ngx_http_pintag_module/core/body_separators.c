
/*
 * Copyright (C) the ngx_http_pintag_module authors
 */


#include <string.h>

#include "body.h"


/* GCC and Clang make of it what the processor has */

#define PINTAG_SEPARATORS_BYTES  16

typedef unsigned char  pintag_separators_t
    __attribute__((vector_size(PINTAG_SEPARATORS_BYTES)));


typedef pintag_separators_t  (*pintag_separators_pt)(const unsigned char *p);


static inline size_t pintag_separators_count(pintag_str_t text,
    pintag_separators_pt at);
static size_t pintag_separators_sum(pintag_separators_t sums);
static inline pintag_separators_t pintag_separators_most(
    const unsigned char *p);
static inline pintag_separators_t pintag_separators_at(const unsigned char *p);


unsigned
pintag_body_divided(pintag_str_t text, size_t max)
{
    /* most bodies are far from it */

    return text.len > max
           && pintag_separators_count(text, pintag_separators_most) > max
           && pintag_body_separators(text) > max;
}


size_t
pintag_body_separators(pintag_str_t text)
{
    return pintag_separators_count(text, pintag_separators_at);
}


/* "at" is inlined */

static inline size_t
pintag_separators_count(pintag_str_t text, pintag_separators_pt at)
{
    size_t                i, n, rounds, taken;
    unsigned char         last[PINTAG_SEPARATORS_BYTES + 2];
    pintag_separators_t   sums;
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

        rounds = ((size_t) (end - p) - 2) / PINTAG_SEPARATORS_BYTES;

        if (rounds > 255) {
            rounds = 255;
        }

        for (i = 0; i < rounds; i++) {
            sums -= at(p);
            p += PINTAG_SEPARATORS_BYTES;
        }

        n += pintag_separators_sum(sums);
    }

    /* two bytes follow the last, too */

    for ( /* void */ ; p != end; p += taken) {

        memset(last, 0, sizeof(last));

        taken = (size_t) (end - p);
        memcpy(last, p, taken);

        if (taken > PINTAG_SEPARATORS_BYTES) {
            taken = PINTAG_SEPARATORS_BYTES;
        }

        n += pintag_separators_sum(-at(last));
    }

    return n;
}


static size_t
pintag_separators_sum(pintag_separators_t sums)
{
    size_t  i, n;

    n = 0;

    for (i = 0; i < PINTAG_SEPARATORS_BYTES; i++) {
        n += sums[i];
    }

    return n;
}


/* of the bytes at "p": -1, as true is, or 0; what may be encoded counts, too */

static inline pintag_separators_t
pintag_separators_most(const unsigned char *p)
{
    pintag_separators_t  byte;

    memcpy(&byte, p, sizeof(byte));

    /* ";" is "?" without a bit */

    return (pintag_separators_t) ((byte == '=') | (byte == '&')
                                  | ((byte | 0x04) == '?') | (byte == '#')
                                  | (byte == '%'));
}


/* two bytes follow these */

static inline pintag_separators_t
pintag_separators_at(const unsigned char *p)
{
    pintag_separators_t  byte, high, low;

    memcpy(&byte, p, sizeof(byte));
    memcpy(&high, p + 1, sizeof(high));
    memcpy(&low, p + 2, sizeof(low));

    return (pintag_separators_t)
           ((byte == '=') | (byte == '&') | ((byte | 0x04) == '?')
            | (byte == '#')
            | ((byte == '%')
               & (((high == '2')
                   & ((low == '3') | (low == '5') | (low == '6')))
                  | ((high == '3')
                     & (((low | 0x20) == 'b') | ((low | 0x20) == 'd')
                        | ((low | 0x20) == 'f'))))));
}
