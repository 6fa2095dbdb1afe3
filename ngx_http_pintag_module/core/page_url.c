
/*
 * Copyright (C) the ngx_http_pintag_module authors
 */


#include <string.h>

#include "page_url.h"


/* where the parts of the URL begin */

typedef struct {
    size_t   host;
    size_t   path;        /* what is after the host and its port */
    size_t   query;       /* "?" or "#", whichever is first */
} pintag_url_t;


static unsigned pintag_url_parse(pintag_url_t *parts, pintag_str_t url);
static unsigned pintag_url_encode(pintag_str_t *text, pintag_arena_t *arena);
static int pintag_url_origin(pintag_str_t url, pintag_arena_t *arena,
    pintag_str_t *origin);
static int pintag_url_decode(pintag_str_t text, pintag_arena_t *arena,
    pintag_str_t *decoded);
static int pintag_hex_digit(unsigned char c);


unsigned
pintag_page_url_valid(pintag_str_t url)
{
    pintag_url_t  parts;

    return pintag_url_parse(&parts, url);
}


static unsigned
pintag_url_parse(pintag_url_t *parts, pintag_str_t url)
{
    size_t        i;
    pintag_str_t  scheme;

    static const pintag_str_t  http = pintag_str("http://");
    static const pintag_str_t  https = pintag_str("https://");

    scheme.data = url.data;
    scheme.len = http.len;

    if (url.len < http.len || !pintag_str_case_eq(scheme, http)) {

        scheme.len = https.len;

        if (url.len < https.len || !pintag_str_case_eq(scheme, https)) {
            return 0;
        }
    }

    parts->host = scheme.len;

    for (i = scheme.len; i < url.len; i++) {

        if (url.data[i] == '/' || url.data[i] == '?' || url.data[i] == '#') {
            break;
        }

        if (url.data[i] == '@') {
            parts->host = i + 1;
        }
    }

    parts->path = i;

    while (i < url.len && url.data[i] != '?' && url.data[i] != '#') {
        i++;
    }

    parts->query = i;

    return parts->path > parts->host && url.data[parts->host] != ':';
}


int
pintag_page_url_clean(const pintag_pii_t *pii, pintag_pii_scope_e scope,
    pintag_str_t url, pintag_arena_t *arena, pintag_str_t *clean)
{
    int           rc;
    pintag_str_t  text;
    pintag_url_t  parts;

    /*
     * It may be that of a batch's context, which is looked at for each of the
     * events.
     */

    if (url.len > PINTAG_PAGE_URL_LONG) {

        if (!pintag_url_parse(&parts, url)) {
            return 0;
        }

        url.len = parts.query;

        if (url.len > PINTAG_PAGE_URL_LONG) {
            return pintag_url_origin(url, arena, clean);
        }
    }

    /*
     * Before it is looked at, so that nothing is found in what leaves that was
     * not found here: of "a @b.de" it would be "20@b.de".
     */

    if (!pintag_url_encode(&url, arena)) {
        return -1;
    }

    rc = pintag_pii_url(pii, scope, url, arena, &text);

    if (rc == -1) {
        return -1;
    }

    if (rc == 0) {
        return pintag_url_origin(url, arena, clean);
    }

    /* one that nothing was taken from is a URL still */

    if (text.len != url.len && !pintag_page_url_valid(text)) {
        return 0;
    }

    if (text.len > PINTAG_PAGE_URL_MAX) {

        if (!pintag_url_parse(&parts, text)) {
            return 0;
        }

        text.len = parts.query;

        if (text.len > PINTAG_PAGE_URL_MAX) {
            return pintag_url_origin(text, arena, clean);
        }
    }

    *clean = text;

    return 1;
}


/*
 * In printable ASCII, as a header wants it; as it is when it is so already.
 * 1, or 0 without memory.
 */

static unsigned
pintag_url_encode(pintag_str_t *text, pintag_arena_t *arena)
{
    size_t          i, len;
    unsigned char   c, *dst;

    static const unsigned char  hex[] = "0123456789ABCDEF";

    len = text->len;

    for (i = 0; i < text->len; i++) {
        if (text->data[i] <= ' ' || text->data[i] >= 0x7f) {
            len += 2;
        }
    }

    if (len == text->len) {
        return 1;
    }

    dst = pintag_arena_bytes(arena, len);
    if (dst == NULL) {
        return 0;
    }

    for (i = 0; i < text->len; i++) {
        c = text->data[i];

        if (c <= ' ' || c >= 0x7f) {
            *dst++ = '%';
            *dst++ = hex[c >> 4];
            *dst++ = hex[c & 0xf];

        } else {
            *dst++ = c;
        }
    }

    text->data = dst - len;
    text->len = len;

    return 1;
}


/* scheme, host and port, and "/" */

static int
pintag_url_origin(pintag_str_t url, pintag_arena_t *arena,
    pintag_str_t *origin)
{
    int            rc;
    pintag_buf_t   buf;
    pintag_url_t   parts;
    pintag_str_t   host, text;

    if (!pintag_url_parse(&parts, url)) {
        return 0;
    }

    host.data = url.data + parts.host;
    host.len = parts.path - parts.host;

    if (host.len > PINTAG_PAGE_URL_MAX) {
        return 0;
    }

    if (!pintag_url_encode(&host, arena)) {
        return -1;
    }

    rc = pintag_pii_email(host, arena);

    if (rc != 0) {
        return rc == 1 ? 0 : -1;
    }

    text.data = url.data;
    text.len = (url.data[4] == ':') ? 7 : 8;

    pintag_buf_init(&buf, arena, text.len + host.len + 1);
    pintag_buf_add_str(&buf, text);
    pintag_buf_add_str(&buf, host);
    pintag_buf_add_char(&buf, '/');

    if (buf.failed) {
        return -1;
    }

    if (buf.len > PINTAG_PAGE_URL_MAX) {
        return 0;
    }

    origin->data = buf.data;
    origin->len = buf.len;

    return 1;
}


int
pintag_page_url_parameter(pintag_str_t url, pintag_str_t name,
    pintag_arena_t *arena, pintag_str_t *value)
{
    size_t                len;
    pintag_str_t          text;
    const unsigned char  *p, *end, *next;

    if (url.len == 0) {
        return 0;
    }

    p = url.data;
    end = memchr(p, '#', url.len);

    if (end == NULL) {
        end = p + url.len;
    }

    p = memchr(p, '?', (size_t) (end - p));

    while (p != NULL) {
        p++;

        len = (size_t) (end - p);
        next = memchr(p, '&', len);

        if (next != NULL) {
            len = (size_t) (next - p);
        }

        if (len > name.len + 1 && p[name.len] == '='
            && memcmp(p, name.data, name.len) == 0)
        {
            text.data = p + name.len + 1;
            text.len = len - name.len - 1;

            return pintag_url_decode(text, arena, value);
        }

        p = next;
    }

    return 0;
}


static int
pintag_url_decode(pintag_str_t text, pintag_arena_t *arena,
    pintag_str_t *decoded)
{
    int             high, low;
    size_t          i;
    unsigned char  *dst;

    if (memchr(text.data, '%', text.len) == NULL) {
        *decoded = text;
        return 1;
    }

    dst = pintag_arena_bytes(arena, text.len);
    if (dst == NULL) {
        return -1;
    }

    decoded->data = dst;

    for (i = 0; i < text.len; i++) {

        if (text.data[i] == '%' && text.len - i > 2) {
            high = pintag_hex_digit(text.data[i + 1]);
            low = pintag_hex_digit(text.data[i + 2]);

            if (high != -1 && low != -1) {
                *dst++ = (unsigned char) (high << 4 | low);
                i += 2;
                continue;
            }
        }

        *dst++ = text.data[i];
    }

    decoded->len = (size_t) (dst - decoded->data);

    return 1;
}


static int
pintag_hex_digit(unsigned char c)
{
    if (c >= '0' && c <= '9') {
        return c - '0';
    }

    c |= 0x20;

    return (c >= 'a' && c <= 'f') ? c - 'a' + 10 : -1;
}
