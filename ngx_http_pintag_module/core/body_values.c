
/*
 * Copyright (C) the ngx_http_pintag_module authors
 */


#include "body.h"
#include "count.h"


static inline pintag_bytes_t pintag_values_most(const unsigned char *p);


/* what is not in a string, and begins or separates a value there */

static const unsigned char  pintag_values_begin[256] = {
    ['['] = 1, ['{'] = 1, [','] = 1
};


unsigned
pintag_body_complex(pintag_str_t text, size_t max)
{
    /* no value takes less than two bytes, and most bodies are far from it */

    return text.len / 2 > max
           && pintag_count(text, pintag_values_most) > max
           && pintag_body_values(text) > max;
}


/* what is in strings counts, too */

static inline pintag_bytes_t
pintag_values_most(const unsigned char *p)
{
    pintag_bytes_t  byte;

    byte = pintag_bytes_load(p);

    /* "[" is "{" without a bit */

    return (pintag_bytes_t) ((byte == ',') | ((byte | 0x20) == '{'));
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
