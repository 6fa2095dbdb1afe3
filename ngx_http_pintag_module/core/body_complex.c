
/*
 * Copyright (C) the ngx_http_pintag_module authors
 */


#include "body.h"
#include "count.h"


static inline pintag_sixteen_t pintag_complex_most(const unsigned char *p);
static inline pintag_sixteen_t pintag_values_most(const unsigned char *p);
static inline pintag_sixteen_t pintag_separators_at(const unsigned char *p);


/* what is not in a string, and begins or separates a value there */

static const unsigned char  pintag_values_begin[256] = {
    ['['] = 1, ['{'] = 1, [','] = 1
};


unsigned
pintag_body_complex(pintag_str_t text, size_t max)
{
    size_t  n;

    /* most bodies are far from it */

    if (text.len <= max || pintag_count(text, pintag_complex_most) <= max) {
        return 0;
    }

    /* to find strings takes longer than to count */

    n = pintag_body_separators(text);

    return n + pintag_count(text, pintag_values_most) > max
           && n + pintag_body_values(text) > max;
}


/* what is in strings counts as values, and what may be an encoded separator */

static inline pintag_sixteen_t
pintag_complex_most(const unsigned char *p)
{
    pintag_sixteen_t  byte;

    byte = pintag_sixteen_load(p);

    /* ";" is "?" without a bit */

    return (pintag_sixteen_t) ((byte == '=') | (byte == '&')
                               | ((byte | 0x04) == '?') | (byte == '#')
                               | (byte == '%'))
           | pintag_values_most(p);
}


static inline pintag_sixteen_t
pintag_values_most(const unsigned char *p)
{
    pintag_sixteen_t  byte;

    byte = pintag_sixteen_load(p);

    /* "[" is "{" without a bit */

    return (pintag_sixteen_t) ((byte == ',') | ((byte | 0x20) == '{'));
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


size_t
pintag_body_separators(pintag_str_t text)
{
    return pintag_count(text, pintag_separators_at);
}


static inline pintag_sixteen_t
pintag_separators_at(const unsigned char *p)
{
    pintag_sixteen_t  byte, high, low;

    byte = pintag_sixteen_load(p);
    high = pintag_sixteen_load(p + 1);
    low = pintag_sixteen_load(p + 2);

    return (pintag_sixteen_t)
           ((byte == '=') | (byte == '&') | ((byte | 0x04) == '?')
            | (byte == '#')
            | ((byte == '%')
               & (((high == '2')
                   & ((low == '3') | (low == '5') | (low == '6')))
                  | ((high == '3')
                     & (((low | 0x20) == 'b') | ((low | 0x20) == 'd')
                        | ((low | 0x20) == 'f'))))));
}
