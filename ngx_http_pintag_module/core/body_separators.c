
/*
 * Copyright (C) the ngx_http_pintag_module authors
 */


#include "body.h"
#include "count.h"


static inline pintag_bytes_t pintag_separators_most(const unsigned char *p);
static inline pintag_bytes_t pintag_separators_at(const unsigned char *p);


unsigned
pintag_body_divided(pintag_str_t text, size_t max)
{
    /* most bodies are far from it */

    return text.len > max
           && pintag_count(text, pintag_separators_most) > max
           && pintag_body_separators(text) > max;
}


size_t
pintag_body_separators(pintag_str_t text)
{
    return pintag_count(text, pintag_separators_at);
}


/* what may be an encoded one counts, too */

static inline pintag_bytes_t
pintag_separators_most(const unsigned char *p)
{
    pintag_bytes_t  byte;

    byte = pintag_bytes_load(p);

    /* ";" is "?" without a bit */

    return (pintag_bytes_t) ((byte == '=') | (byte == '&')
                             | ((byte | 0x04) == '?') | (byte == '#')
                             | (byte == '%'));
}


static inline pintag_bytes_t
pintag_separators_at(const unsigned char *p)
{
    pintag_bytes_t  byte, high, low;

    byte = pintag_bytes_load(p);
    high = pintag_bytes_load(p + 1);
    low = pintag_bytes_load(p + 2);

    return (pintag_bytes_t)
           ((byte == '=') | (byte == '&') | ((byte | 0x04) == '?')
            | (byte == '#')
            | ((byte == '%')
               & (((high == '2')
                   & ((low == '3') | (low == '5') | (low == '6')))
                  | ((high == '3')
                     & (((low | 0x20) == 'b') | ((low | 0x20) == 'd')
                        | ((low | 0x20) == 'f'))))));
}
