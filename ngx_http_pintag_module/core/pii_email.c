
/*
 * Copyright (C) the ngx_http_pintag_module authors
 */


#include <string.h>

#include "eight.h"
#include "pii.h"


static unsigned pintag_pii_holds(pintag_str_t text);
static unsigned pintag_pii_domain(const unsigned char *p,
    const unsigned char *end, unsigned whole);
static unsigned pintag_pii_scale(const unsigned char *p, size_t len);
static unsigned pintag_pii_hides(pintag_str_t text);


/* the value of a hex digit, with a bit that is set for these only */

#define PINTAG_PII_HEX  0x10

static const unsigned char  pintag_pii_hex[256] = {
    ['0'] = 0x10, ['1'] = 0x11, ['2'] = 0x12, ['3'] = 0x13, ['4'] = 0x14,
    ['5'] = 0x15, ['6'] = 0x16, ['7'] = 0x17, ['8'] = 0x18, ['9'] = 0x19,
    ['A'] = 0x1a, ['B'] = 0x1b, ['C'] = 0x1c, ['D'] = 0x1d, ['E'] = 0x1e,
    ['F'] = 0x1f,
    ['a'] = 0x1a, ['b'] = 0x1b, ['c'] = 0x1c, ['d'] = 0x1d, ['e'] = 0x1e,
    ['f'] = 0x1f
};


static inline unsigned
pintag_pii_letter(unsigned char c)
{
    return ((c | 0x20) >= 'a' && (c | 0x20) <= 'z') || c >= 0x80;
}


static inline unsigned
pintag_pii_digit(unsigned char c)
{
    return c >= '0' && c <= '9';
}


/* may it stand before the "@" of an address */

static inline unsigned
pintag_pii_local(unsigned char c)
{
    return pintag_pii_letter(c) || pintag_pii_digit(c) || c == '.' || c == '_'
           || c == '%' || c == '+' || c == '\'' || c == '-';
}


/* the byte that "%XX" at "p" stands for, or -1 */

static inline int
pintag_pii_escape(const unsigned char *p, const unsigned char *end)
{
    unsigned  high, low;

    if (end - p < 3) {
        return -1;
    }

    high = pintag_pii_hex[p[1]];
    low = pintag_pii_hex[p[2]];

    if ((high & low & PINTAG_PII_HEX) == 0) {
        return -1;
    }

    return (int) ((high & 0xf) << 4 | (low & 0xf));
}


/* past eights of bytes that have neither "%" nor "+" */

static inline const unsigned char *
pintag_pii_literal(const unsigned char *p, const unsigned char *end)
{
    uint64_t  eight;

    for ( /* void */ ; end - p >= 8; p += 8) {
        eight = pintag_eight_load(p);

        if (pintag_eight_has(eight, '%') | pintag_eight_has(eight, '+')) {
            break;
        }
    }

    return p;
}


int
pintag_pii_email(pintag_str_t text, pintag_arena_t *arena)
{
    unsigned  hidden;

    return pintag_pii_email_within(text, arena, &hidden);
}


int
pintag_pii_email_within(pintag_str_t text, pintag_arena_t *arena,
    unsigned *hidden)
{
    unsigned        times;
    unsigned char  *copy;

    copy = NULL;
    *hidden = 0;

    for (times = 0; /* void */ ; times++) {

        if (pintag_pii_holds(text)) {
            return 1;
        }

        if (!pintag_pii_hides(text)) {
            return 0;
        }

        if (times == PINTAG_PII_DECODINGS) {
            *hidden = 1;
            return 0;
        }

        if (copy == NULL) {
            copy = pintag_arena_bytes(arena, text.len);

            if (copy == NULL) {
                return -1;
            }
        }

        text.len = pintag_pii_decode(copy, text, 0);
        text.data = copy;
    }
}


unsigned
pintag_pii_address(pintag_str_t text)
{
    const unsigned char  *p, *end;

    if (text.len == 0) {
        return 0;
    }

    p = text.data;
    end = p + text.len;

    while (p != end && pintag_pii_local(*p)) {
        p++;
    }

    return p != text.data && p != end && *p == '@'
           && pintag_pii_domain(p + 1, end, 1);
}


const unsigned char *
pintag_pii_encoded(pintag_str_t text)
{
    const unsigned char  *p, *end;

    p = text.data;
    end = text.len ? p + text.len : p;

    for (p = pintag_pii_literal(p, end); p != end; p++) {
        if (*p == '+' || (*p == '%' && pintag_pii_escape(p, end) != -1)) {
            return p;
        }
    }

    return NULL;
}


size_t
pintag_pii_decode(unsigned char *dst, pintag_str_t text, unsigned plus)
{
    int                   c;
    unsigned              run;
    unsigned char        *d, blank;
    const unsigned char  *p, *literal, *end;

    d = dst;
    p = text.data;
    end = text.len ? p + text.len : p;
    blank = plus ? ' ' : '+';
    run = 0;

    while (p != end) {

        if (*p == '%') {
            run = 0;
            c = pintag_pii_escape(p, end);

            if (c != -1) {
                *d++ = (unsigned char) c;
                p += 3;
                continue;
            }
        }

        *d++ = (*p == '+') ? blank : *p;
        p++;

        /* what has gone on for some bytes mostly does for more */

        if (++run >= 8) {
            literal = pintag_pii_literal(p, end);

            if (literal != p) {
                memmove(d, p, (size_t) (literal - p));
                d += literal - p;
                p = literal;
            }

            run = 0;
        }
    }

    return (size_t) (d - dst);
}


static unsigned
pintag_pii_holds(pintag_str_t text)
{
    const unsigned char  *p, *end;

    if (text.len == 0) {
        return 0;
    }

    p = text.data;
    end = p + text.len;

    while (p != end) {
        p = memchr(p, '@', (size_t) (end - p));

        if (p == NULL) {
            return 0;
        }

        if (p != text.data && pintag_pii_local(p[-1])
            && pintag_pii_domain(p + 1, end, 0))
        {
            return 1;
        }

        /* none of those that follow at once stands behind a name */

        do {
            p++;
        } while (p != end && *p == '@');
    }

    return 0;
}


/*
 * Two or more labels at "p", the last of two or more letters.  As a whole they
 * reach to the end; otherwise anything may follow, "a@b.com1" holds "a@b.com".
 */

static unsigned
pintag_pii_domain(const unsigned char *p, const unsigned char *end,
    unsigned whole)
{
    size_t                len, letters;
    unsigned              first;
    const unsigned char  *label;

    for (first = 1; /* void */ ; first = 0) {

        label = p;

        while (p != end && pintag_pii_letter(*p)) {
            p++;
        }

        letters = (size_t) (p - label);

        if (!first && letters >= 2 && (!whole || p == end)) {
            return 1;
        }

        while (p != end
               && (pintag_pii_letter(*p) || pintag_pii_digit(*p) || *p == '-'))
        {
            p++;
        }

        len = (size_t) (p - label);

        if (len == 0 || p == end || *p != '.'
            || (first && pintag_pii_scale(label, len)))
        {
            return 0;
        }

        p++;
    }
}


/* "2x": digits and an "x", as in the name of an image, "logo@2x.png" */

static unsigned
pintag_pii_scale(const unsigned char *p, size_t len)
{
    size_t  i;

    i = 0;

    while (i < len && pintag_pii_digit(p[i])) {
        i++;
    }

    return i != 0 && i + 1 == len && (p[i] | 0x20) == 'x';
}


/* can decoding the text show an address that is not seen yet */

static unsigned
pintag_pii_hides(pintag_str_t text)
{
    int                   c;
    unsigned              at;
    const unsigned char  *p, *end;

    if (text.len == 0) {
        return 0;
    }

    p = memchr(text.data, '%', text.len);

    if (p == NULL) {
        return 0;
    }

    end = text.data + text.len;
    at = memchr(text.data, '@', text.len) != NULL;

    for ( /* void */ ; p != end; p++) {

        if (*p != '%') {
            continue;
        }

        c = pintag_pii_escape(p, end);

        /* a "%" or a hex digit may make another "%40" */

        if (c != -1
            && (at || c == '@' || c == '%' || pintag_pii_hex[c] != 0))
        {
            return 1;
        }
    }

    return 0;
}
