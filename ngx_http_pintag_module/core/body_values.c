
/*
 * Copyright (C) the ngx_http_pintag_module authors
 */


#include <string.h>

#include "body.h"


/* what is not in a string, and begins or separates a value there */

static const unsigned char  pintag_values_begin[256] = {
    ['['] = 1, ['{'] = 1, [','] = 1
};


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
