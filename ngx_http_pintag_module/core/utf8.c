
/*
 * Copyright (C) the ngx_http_pintag_module authors
 */


#include "utf8.h"


size_t
pintag_utf8_decode(const unsigned char *p, const unsigned char *end,
    uint32_t *code)
{
    size_t    i, n;
    uint32_t  c, min;

    c = *p;

    if (c < 0x80) {
        *code = c;
        return 1;
    }

    /* by itself, as the most often met */

    if (c >= 0xc2 && c <= 0xdf) {

        if (end - p < 2 || (p[1] & 0xc0) != 0x80) {
            return 0;
        }

        *code = (c & 0x1f) << 6 | (p[1] & 0x3f);

        return 2;
    }

    if (c >= 0xe0 && c <= 0xef) {
        n = 3;
        c &= 0x0f;
        min = 0x800;

    } else if (c >= 0xf0 && c <= 0xf4) {
        n = 4;
        c &= 0x07;
        min = 0x10000;

    } else {
        return 0;
    }

    if ((size_t) (end - p) < n) {
        return 0;
    }

    for (i = 1; i < n; i++) {
        if ((p[i] & 0xc0) != 0x80) {
            return 0;
        }

        c = c << 6 | (p[i] & 0x3f);
    }

    if (c < min || c > 0x10ffff || (c >= 0xd800 && c <= 0xdfff)) {
        return 0;
    }

    *code = c;

    return n;
}


size_t
pintag_utf8_space(const unsigned char *p, const unsigned char *end)
{
    if (p == end) {
        return 0;
    }

    if (*p < 0x80) {
        return *p == ' ' || (*p >= '\t' && *p <= '\r');
    }

    if (*p == 0xc2) {
        return (end - p >= 2 && (p[1] == 0x85 || p[1] == 0xa0)) ? 2 : 0;
    }

    if (*p < 0xe1 || end - p < 3) {
        return 0;
    }

    switch (p[0] << 16 | p[1] << 8 | p[2]) {

    case 0xe19a80:                                     /* U+1680 */
    case 0xe280a8: case 0xe280a9:                      /* U+2028, U+2029 */
    case 0xe280af:                                     /* U+202F */
    case 0xe2819f:                                     /* U+205F */
    case 0xe38080:                                     /* U+3000 */
    case 0xefbbbf:                                     /* U+FEFF */
        return 3;

    default:                                           /* U+2000 to U+200A */
        return (p[0] == 0xe2 && p[1] == 0x80
                && p[2] >= 0x80 && p[2] <= 0x8a) ? 3 : 0;
    }
}


unsigned
pintag_utf8_currency(uint32_t code)
{
    switch (code) {

    case 0x24:
    case 0xa2: case 0xa3: case 0xa4: case 0xa5:
    case 0x58f:
    case 0x60b:
    case 0x9f2: case 0x9f3: case 0x9fb:
    case 0xaf1:
    case 0xbf9:
    case 0xe3f:
    case 0x17db:
    case 0xa838:
    case 0xfdfc:
    case 0xfe69:
    case 0xff04:
    case 0xffe0: case 0xffe1: case 0xffe5: case 0xffe6:
        return 1;

    default:
        return code >= 0x20a0 && code <= 0x20cf;
    }
}


size_t
pintag_utf8_encode(unsigned char *dst, uint32_t code)
{
    if (code < 0x80) {
        dst[0] = (unsigned char) code;
        return 1;
    }

    if (code < 0x800) {
        dst[0] = (unsigned char) (0xc0 | code >> 6);
        dst[1] = (unsigned char) (0x80 | (code & 0x3f));
        return 2;
    }

    if (code < 0x10000) {
        dst[0] = (unsigned char) (0xe0 | code >> 12);
        dst[1] = (unsigned char) (0x80 | (code >> 6 & 0x3f));
        dst[2] = (unsigned char) (0x80 | (code & 0x3f));
        return 3;
    }

    dst[0] = (unsigned char) (0xf0 | code >> 18);
    dst[1] = (unsigned char) (0x80 | (code >> 12 & 0x3f));
    dst[2] = (unsigned char) (0x80 | (code >> 6 & 0x3f));
    dst[3] = (unsigned char) (0x80 | (code & 0x3f));

    return 4;
}
