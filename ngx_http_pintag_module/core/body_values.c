
/*
 * Copyright (C) the ngx_http_pintag_module authors
 */


#include <string.h>

#include "body.h"


/* GCC and Clang make of it what the processor has */

#define PINTAG_VALUES_BYTES  16

typedef unsigned char  pintag_values_t
    __attribute__((vector_size(PINTAG_VALUES_BYTES)));


static size_t pintag_values_most(pintag_str_t text);


/* what is not in a string, and begins or separates a value there */

static const unsigned char  pintag_values_begin[256] = {
    ['['] = 1, ['{'] = 1, [','] = 1
};


unsigned
pintag_body_complex(pintag_str_t text, size_t max)
{
    /* no value takes less than two bytes, and most bodies are far from it */

    return text.len / 2 > max && pintag_values_most(text) > max
           && pintag_body_values(text) > max;
}


/* what is in strings counted, too */

static size_t
pintag_values_most(pintag_str_t text)
{
    size_t                i, n;
    pintag_values_t       bytes, sums;
    const unsigned char  *p, *end;

    n = 0;
    p = text.data;
    end = p + text.len;

    while (end - p >= PINTAG_VALUES_BYTES) {

        /* a sum is that of a byte of as many as it holds */

        memset(&sums, 0, sizeof(sums));

        for (i = 0; i < 255 && end - p >= PINTAG_VALUES_BYTES; i++) {
            memcpy(&bytes, p, sizeof(bytes));

            /* true is -1; "[" is "{" without a bit */

            sums -= (pintag_values_t) (bytes == ',')
                    | (pintag_values_t) ((bytes | 0x20) == '{');

            p += PINTAG_VALUES_BYTES;
        }

        for (i = 0; i < PINTAG_VALUES_BYTES; i++) {
            n += sums[i];
        }
    }

    for ( /* void */ ; p != end; p++) {
        n += pintag_values_begin[*p];
    }

    return n;
}


size_t
pintag_body_values(pintag_str_t text)
{
    size_t                n;
    const unsigned char  *p, *end;

    if (text.len == 0) {
        return 0;
    }

    n = 0;
    p = text.data;
    end = p + text.len;

    while (p != end) {

        if (*p != '"') {
            n += pintag_values_begin[*p++];
            continue;
        }

        /* no string goes over a line: one that is not closed hides nothing */

        for (p++; p != end && *p != '"' && *p != '\n'; p++) {
            if (*p == '\\' && end - p > 1 && p[1] != '\n') {
                p++;
            }
        }

        if (p != end) {
            p++;
        }
    }

    return n;
}
