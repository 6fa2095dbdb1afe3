
/*
 * Copyright (C) the ngx_http_pintag_module authors
 */


#include <stdlib.h>
#include <string.h>

#include "eight.h"
#include "sixteen.h"
#include "text.h"
#include "utf8.h"


static inline void pintag_buf_add_escaped(pintag_buf_t *buf, unsigned char c);
static const unsigned char *pintag_text_plain(const unsigned char *p,
    const unsigned char *end);


/* A-Z a-z 0-9 - . _ ~ */

static const unsigned char  pintag_unreserved[256] = {
    0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0,
    0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0,
    0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1, 1, 0,
    1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 0, 0, 0, 0, 0, 0,
    0, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1,
    1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 0, 0, 0, 0, 1,
    0, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1,
    1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 0, 0, 0, 1, 0
};

/* ASCII but for control bytes, quote and backslash */

static const unsigned char  pintag_plain[256] = {
    0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0,
    0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0,
    1, 1, 0, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1,
    1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1,
    1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1,
    1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 0, 1, 1, 1,
    1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1,
    1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1
};

static const unsigned char  pintag_hex[] = "0123456789ABCDEF";


/* sixteen bytes that pintag_buf_add_percent() leaves as they are */

static inline unsigned
pintag_text_unreserved(const unsigned char *p)
{
    pintag_sixteen_t  bytes;

    bytes = pintag_sixteen_load(p);

    return pintag_sixteen_all((pintag_sixteen_t)
                              (((bytes | 0x20) - 'a' < 26)
                               | (bytes - '0' < 10) | (bytes == '-')
                               | (bytes == '.') | (bytes == '_')
                               | (bytes == '~')));
}


/* ASCII that is no white space, which most texts begin and end with */

static inline unsigned
pintag_text_visible(unsigned char c)
{
    return c > ' ' && c < 0x7f;
}


/* of ASCII: adding sets the high bit of what is not below "A", or above "Z" */

static inline uint64_t
pintag_text_lower(uint64_t eight)
{
    uint64_t  from, above;

    from = eight + PINTAG_EIGHT_EACH(0x80 - 'A');
    above = eight + PINTAG_EIGHT_EACH(0x7f - 'Z');

    return eight | (((from & ~above) & PINTAG_EIGHT_HIGH) >> 2);
}


void
pintag_buf_init(pintag_buf_t *buf, pintag_arena_t *arena, size_t size)
{
    memset(buf, 0, sizeof(pintag_buf_t));

    buf->arena = arena;

    if (size != 0) {
        (void) pintag_buf_reserve(buf, size);
    }
}


void
pintag_buf_reset(pintag_buf_t *buf)
{
    buf->len = 0;
    buf->failed = 0;
}


void
pintag_buf_free(pintag_buf_t *buf)
{
    free(buf->data);
    pintag_buf_init(buf, NULL, 0);
}


void
pintag_buf_add_str(pintag_buf_t *buf, pintag_str_t s)
{
    pintag_buf_add(buf, s.data, s.len);
}


void
pintag_buf_add_uint(pintag_buf_t *buf, uint64_t n)
{
    unsigned char  digits[20], *p;

    p = digits + sizeof(digits);

    do {
        *--p = (unsigned char) ('0' + n % 10);
        n /= 10;
    } while (n != 0);

    pintag_buf_add(buf, p, (size_t) (digits + sizeof(digits) - p));
}


void
pintag_buf_add_text(pintag_buf_t *buf, const char *text)
{
    pintag_buf_add(buf, text, strlen(text));
}


void
pintag_buf_add_percent(pintag_buf_t *buf, pintag_str_t s)
{
    size_t                i, n;
    unsigned char        *dst;
    const unsigned char  *p, *end;

    if (s.len == 0) {
        return;
    }

    /* counting what is to be escaped is only worth while near the end */

    n = (s.len <= SIZE_MAX / 4) ? s.len * 3 : SIZE_MAX;

    if (n > buf->size - buf->len && n != SIZE_MAX) {
        n = s.len;

        for (i = 0; i < s.len; i++) {
            n += pintag_unreserved[s.data[i]] ? 0 : 2;
        }
    }

    dst = pintag_buf_reserve(buf, n);

    if (dst == NULL) {
        return;
    }

    p = s.data;
    end = p + s.len;

    while (p != end) {
        n = (size_t) (end - p);

        /* most texts have nothing to escape */

        if (n >= PINTAG_SIXTEEN && pintag_text_unreserved(p)) {
            memcpy(dst, p, PINTAG_SIXTEEN);
            dst += PINTAG_SIXTEEN;
            p += PINTAG_SIXTEEN;
            continue;
        }

        if (n >= 8) {
            n = 8;

            if (pintag_unreserved[p[0]] & pintag_unreserved[p[1]]
                & pintag_unreserved[p[2]] & pintag_unreserved[p[3]]
                & pintag_unreserved[p[4]] & pintag_unreserved[p[5]]
                & pintag_unreserved[p[6]] & pintag_unreserved[p[7]])
            {
                memcpy(dst, p, 8);
                dst += 8;
                p += 8;
                continue;
            }
        }

        for ( /* void */ ; n; n--, p++) {

            if (pintag_unreserved[*p]) {
                *dst++ = *p;

            } else {
                *dst++ = '%';
                *dst++ = pintag_hex[*p >> 4];
                *dst++ = pintag_hex[*p & 0xf];
            }
        }
    }

    buf->len = (size_t) (dst - buf->data);
}


void
pintag_buf_add_json(pintag_buf_t *buf, pintag_str_t s)
{
    size_t                n;
    uint32_t              code;
    unsigned char        *dst;
    const unsigned char  *p, *run, *end;

    p = s.data;
    end = (s.len != 0) ? p + s.len : p;

    run = p;
    p = pintag_text_plain(p, end);

    if (p == end && s.len <= SIZE_MAX / 4) {
        dst = pintag_buf_reserve(buf, s.len + 2);

        if (dst != NULL) {
            *dst++ = '"';

            if (s.len != 0) {
                memcpy(dst, s.data, s.len);
            }

            dst[s.len] = '"';
            buf->len += s.len + 2;
        }

        return;
    }

    pintag_buf_add_char(buf, '"');

    while (p != end) {

        if (*p >= 0x80) {
            n = pintag_utf8_decode(p, end, &code);

            if (n != 0) {
                p += n;

                /* the next is mostly not ASCII either */

                if (p != end && *p < 0x80) {
                    p = pintag_text_plain(p, end);
                }

                continue;
            }
        }

        pintag_buf_add(buf, run, (size_t) (p - run));

        /* nor do such come alone */

        do {
            pintag_buf_add_escaped(buf, *p++);
        } while (p != end && *p < 0x80 && !pintag_plain[*p]);

        run = p;
        p = pintag_text_plain(p, end);
    }

    pintag_buf_add(buf, run, (size_t) (p - run));
    pintag_buf_add_char(buf, '"');
}


/* what cannot stand for itself in JSON; what is not ASCII is no UTF-8 */

static inline void
pintag_buf_add_escaped(pintag_buf_t *buf, unsigned char c)
{
    unsigned char  *dst;

    dst = pintag_buf_reserve(buf, 6);

    if (dst == NULL) {
        return;
    }

    if (c == '"' || c == '\\') {
        dst[0] = '\\';
        dst[1] = c;
        buf->len += 2;

    } else if (c >= 0x80) {
        memcpy(dst, "\xef\xbf\xbd", 3);
        buf->len += 3;

    } else {
        memcpy(dst, "\\u00", 4);
        dst[4] = pintag_hex[c >> 4];
        dst[5] = pintag_hex[c & 0xf];
        buf->len += 6;
    }
}


/* where what stands for itself in JSON ends */

static const unsigned char *
pintag_text_plain(const unsigned char *p, const unsigned char *end)
{
    uint64_t  eight;

    for ( /* void */ ; end - p >= 8; p += 8) {
        eight = pintag_eight_load(p);

        if (pintag_eight_below(eight, ' ') | pintag_eight_has(eight, '"')
            | pintag_eight_has(eight, '\\') | (eight & PINTAG_EIGHT_HIGH))
        {
            break;
        }
    }

    while (p != end && pintag_plain[*p]) {
        p++;
    }

    return p;
}


unsigned char *
pintag_buf_grow(pintag_buf_t *buf, size_t n)
{
    size_t          size;
    unsigned char  *data;

    if (buf->failed || n > SIZE_MAX / 4 || buf->len > SIZE_MAX / 4) {
        goto failed;
    }

    size = buf->len + n;

    if (size < buf->size * 2) {
        size = buf->size * 2;
    }

    if (buf->arena != NULL) {
        data = pintag_arena_bytes(buf->arena, size);

        if (data != NULL && buf->len != 0) {
            memcpy(data, buf->data, buf->len);
        }

    } else {

        /* what an empty one has left is not worth a copy */

        if (buf->len == 0) {
            pintag_buf_free(buf);
        }

        data = realloc(buf->data, size);
    }

    if (data == NULL) {
        goto failed;
    }

    buf->data = data;
    buf->size = size;

    return data + buf->len;

failed:

    /* nothing fits any more */

    buf->failed = 1;
    buf->size = buf->len;

    return NULL;
}


unsigned
pintag_str_eq(pintag_str_t a, pintag_str_t b)
{
    return a.len == b.len && (a.len == 0 || memcmp(a.data, b.data, a.len) == 0);
}


unsigned
pintag_str_case_eq(pintag_str_t a, pintag_str_t b)
{
    size_t         i;
    unsigned char  c, d;

    if (a.len != b.len) {
        return 0;
    }

    for (i = 0; i < a.len; i++) {
        c = a.data[i];
        d = b.data[i];

        if (c >= 'A' && c <= 'Z') {
            c |= 0x20;
        }

        if (d >= 'A' && d <= 'Z') {
            d |= 0x20;
        }

        if (c != d) {
            return 0;
        }
    }

    return 1;
}


pintag_str_t
pintag_str_trim(pintag_str_t s)
{
    size_t                n;
    const unsigned char  *p, *end;

    if (s.len == 0) {
        return s;
    }

    p = s.data;
    end = p + s.len;

    if (pintag_text_visible(p[0]) && pintag_text_visible(end[-1])) {
        return s;
    }

    for ( ;; ) {
        n = pintag_utf8_space(p, end);

        if (n == 0) {
            break;
        }

        p += n;
    }

    /*
     * No lead byte of white space is the rest of another character, so that it
     * may be looked for backwards.
     */

    while (p != end) {

        for (n = 1; n <= 3; n++) {
            if ((size_t) (end - p) >= n && pintag_utf8_space(end - n, end) == n)
            {
                break;
            }
        }

        if (n > 3) {
            break;
        }

        end -= n;
    }

    s.data = p;
    s.len = (size_t) (end - p);

    return s;
}


unsigned
pintag_str_blank(pintag_str_t s)
{
    size_t                n;
    const unsigned char  *p, *end;

    if (s.len == 0) {
        return 1;
    }

    p = s.data;
    end = p + s.len;

    if (pintag_text_visible(*p)) {
        return 0;
    }

    while (p != end) {
        n = pintag_utf8_space(p, end);

        if (n == 0) {
            return 0;
        }

        p += n;
    }

    return 1;
}


pintag_str_t
pintag_str_concatenate(pintag_str_t s, pintag_arena_t *arena)
{
    size_t                n;
    unsigned char        *dst;
    pintag_str_t          none = pintag_str_null;
    pintag_str_t          empty = pintag_str("");
    const unsigned char  *p, *end;

    /* NULL data would be taken for a lack of memory */

    if (s.len == 0) {
        return empty;
    }

    p = s.data;
    end = p + s.len;

    while (p != end
           && (pintag_text_visible(*p) || pintag_utf8_space(p, end) == 0))
    {
        p++;
    }

    if (p == end) {
        return s;
    }

    dst = pintag_arena_bytes(arena, s.len);

    if (dst == NULL) {
        return none;
    }

    n = (size_t) (p - s.data);
    memcpy(dst, s.data, n);

    s.data = dst;
    dst += n;

    while (p != end) {
        n = pintag_text_visible(*p) ? 0 : pintag_utf8_space(p, end);

        if (n != 0) {
            p += n;

        } else {
            *dst++ = *p++;
        }
    }

    s.len = (size_t) (dst - s.data);

    return s;
}


pintag_str_t
pintag_str_lower(pintag_str_t s, pintag_arena_t *arena)
{
    size_t                n;
    uint32_t              code;
    unsigned char        *dst;
    pintag_str_t          lower = pintag_str_null;
    const unsigned char  *p, *ascii, *end;

    p = s.data;
    end = (s.len != 0) ? p + s.len : p;

    while (end - p >= 8 && (pintag_eight_load(p) & PINTAG_EIGHT_HIGH) == 0)
    {
        p += 8;
    }

    while (p != end && *p < 0x80) {
        p++;
    }

    /* two characters of two bytes have three in lower case */

    n = (size_t) (end - p);

    dst = pintag_arena_bytes(arena, s.len + n / 2);
    if (dst == NULL) {
        return lower;
    }

    lower.data = dst;

    ascii = p;
    p = s.data;

    for ( /* void */ ; ascii - p >= 8; p += 8, dst += 8) {
        pintag_eight_store(dst, pintag_text_lower(pintag_eight_load(p)));
    }

    for ( /* void */ ; p != ascii; p++) {
        *dst++ = (*p >= 'A' && *p <= 'Z') ? *p | 0x20 : *p;
    }

    for ( /* void */ ; p != end; p += n) {

        n = pintag_utf8_decode(p, end, &code);

        if (n != 0) {
            dst += pintag_utf8_encode(dst, pintag_utf8_lower(code));

        } else {
            *dst++ = *p;
            n = 1;
        }
    }

    lower.len = (size_t) (dst - lower.data);

    return lower;
}


pintag_str_t
pintag_str_copy(pintag_str_t s, pintag_arena_t *arena)
{
    unsigned char  *dst;
    pintag_str_t    none = pintag_str_null;

    dst = pintag_arena_bytes(arena, s.len);

    if (dst == NULL) {
        return none;
    }

    if (s.len != 0) {
        memcpy(dst, s.data, s.len);
    }

    s.data = dst;

    return s;
}
