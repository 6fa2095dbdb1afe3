
/*
 * Copyright (C) the ngx_http_pintag_module authors
 */


#include <string.h>

#include "pii_url.h"


static const unsigned char *pintag_pii_start(const unsigned char *p,
    const unsigned char *end);
static unsigned pintag_pii_is_form(const unsigned char *p,
    const unsigned char *end);
static unsigned pintag_pii_clean(pintag_pii_url_t *url);
static const unsigned char *pintag_pii_section(pintag_pii_url_t *url,
    const unsigned char *start);
static unsigned pintag_pii_cut(pintag_pii_url_t *url,
    const unsigned char *from, const unsigned char *to);


/* without any of these a text is neither an address nor a URL to clean */

static const unsigned char  pintag_pii_marks[256] = {
    ['#'] = 1, ['%'] = 1, ['='] = 1, ['?'] = 1, ['@'] = 1
};


/* what ends or divides parameters, or calls for a closer look at them */

static const unsigned char  pintag_pii_bytes[256] = {
    ['&'] = PINTAG_PII_ENDS,
    ['#'] = PINTAG_PII_ENDS,
    ['?'] = PINTAG_PII_ENDS,
    [';'] = PINTAG_PII_DIVIDES,
    ['='] = PINTAG_PII_DIVIDES,
    ['%'] = PINTAG_PII_PERCENT,
    ['+'] = PINTAG_PII_PLUS,
    ['['] = PINTAG_PII_INDEX,
    ['/'] = PINTAG_PII_NESTED
};


static inline unsigned
pintag_pii_marked(pintag_str_t text)
{
    unsigned              found;
    const unsigned char  *p, *end;

    found = 0;
    p = text.data;
    end = text.len ? p + text.len : p;

    for ( /* void */ ; end - p >= 8; p += 8) {

        found = pintag_pii_marks[p[0]] | pintag_pii_marks[p[1]]
                | pintag_pii_marks[p[2]] | pintag_pii_marks[p[3]]
                | pintag_pii_marks[p[4]] | pintag_pii_marks[p[5]]
                | pintag_pii_marks[p[6]] | pintag_pii_marks[p[7]];

        if (found) {
            return 1;
        }
    }

    while (p != end) {
        found |= pintag_pii_marks[*p++];
    }

    return found;
}


static inline unsigned
pintag_pii_letter(unsigned char c)
{
    return (c | 0x20) >= 'a' && (c | 0x20) <= 'z';
}


static inline unsigned
pintag_pii_ends_path(unsigned char c)
{
    return c == '?' || c == '#';
}


int
pintag_pii_value(const pintag_pii_t *pii, pintag_pii_scope_e scope,
    pintag_str_t key, pintag_str_t text, pintag_arena_t *arena,
    pintag_str_t *clean)
{
    int  rc;

    *clean = text;

    if (!pintag_pii_marked(text)) {
        return 1;
    }

    if (pintag_pii_is_url(text) || pintag_pii_url_name(key)) {
        return pintag_pii_url(pii, scope, text, arena, clean);
    }

    rc = pintag_pii_email(text, arena);

    return (rc == -1) ? -1 : !rc;
}


int
pintag_pii_url(const pintag_pii_t *pii, pintag_pii_scope_e scope,
    pintag_str_t text, pintag_arena_t *arena, pintag_str_t *clean)
{
    int               rc;
    pintag_pii_url_t  url;

    *clean = text;

    if (text.len == 0) {
        return 1;
    }

    rc = pintag_pii_email(text, arena);

    if (rc == -1) {
        return -1;
    }

    memset(&url, 0, sizeof(pintag_pii_url_t));

    url.pii = pii;
    url.scope = scope;
    url.arena = arena;
    url.text = text;
    url.end = text.data + text.len;
    url.email = (unsigned) rc;
    url.copied = text.data;

    if (!pintag_pii_clean(&url)) {
        return -1;
    }

    if (url.clean != NULL) {
        clean->data = url.clean;
        clean->len = url.len;
    }

    if (url.email) {
        rc = pintag_pii_email(*clean, arena);
    }

    return (rc == -1) ? -1 : !rc;
}


unsigned
pintag_pii_is_url(pintag_str_t text)
{
    const unsigned char  *p, *end;

    end = text.data + text.len;
    p = pintag_pii_start(text.data, end);

    return p != end
           && (*p == '/' || *p == '?' || pintag_pii_authority(p, end) != NULL
               || pintag_pii_is_form(p, end));
}


/* past what stands before a URL and is not part of it */

static const unsigned char *
pintag_pii_start(const unsigned char *p, const unsigned char *end)
{
    while (p != end && *p <= ' ') {
        p++;
    }

    return p;
}


/* "a=b&c=d" throughout */

static unsigned
pintag_pii_is_form(const unsigned char *p, const unsigned char *end)
{
    const unsigned char  *value;

    while (p != end) {

        if (*p == '&') {
            p++;
            continue;
        }

        value = p;

        while (value != end && *value > ' ' && *value != '='
               && *value != '&')
        {
            value++;
        }

        if (value == p || value == end || *value != '=') {
            return 0;
        }

        p = memchr(value, '&', (size_t) (end - value));

        if (p == NULL) {
            return 1;
        }
    }

    return 1;
}


const unsigned char *
pintag_pii_authority(const unsigned char *p, const unsigned char *end)
{
    const unsigned char  *scheme;

    p = pintag_pii_start(p, end);
    scheme = p;

    while (p != end
           && (pintag_pii_letter(*p)
               || (p != scheme && ((*p >= '0' && *p <= '9') || *p == '+'
                                   || *p == '-' || *p == '.'))))
    {
        p++;
    }

    if (p != scheme) {
        if (p == end || *p != ':') {
            return NULL;
        }

        p++;
    }

    return (end - p >= 2 && p[0] == '/' && p[1] == '/') ? p + 2 : NULL;
}


const unsigned char *
pintag_pii_userinfo(const unsigned char *p, const unsigned char *end)
{
    const unsigned char  *host;

    for (host = p; p != end && *p != '/' && !pintag_pii_ends_path(*p); p++) {
        if (*p == '@') {
            host = p + 1;
        }
    }

    return host;
}


/* 1, or 0 without memory */

static unsigned
pintag_pii_clean(pintag_pii_url_t *url)
{
    const unsigned char  *p, *path, *authority;

    path = pintag_pii_start(url->text.data, url->end);
    p = path;
    authority = pintag_pii_authority(path, url->end);

    if (authority != NULL) {
        p = pintag_pii_userinfo(authority, url->end);

        if (p != authority && !pintag_pii_cut(url, authority, p)) {
            return 0;
        }
    }

    while (p != url->end && !pintag_pii_ends_path(*p)) {
        p++;
    }

    /* a query without its "?" */

    if (authority == NULL && p != path && *path != '/'
        && memchr(path, '=', (size_t) (p - path)) != NULL)
    {
        p = pintag_pii_section(url, path);
    }

    while (p != NULL && p != url->end) {
        p = pintag_pii_section(url, p);
    }

    if (p == NULL) {
        return 0;
    }

    return url->clean == NULL || pintag_pii_cut(url, url->end, url->end);
}


/*
 * The parameters from "start": a "?", a "#", or the first of them.  A query
 * ends at the next "#", a fragment may have a query, too ("#/route?a=b").
 * Gives the end of the section, or NULL without memory.
 */

static const unsigned char *
pintag_pii_section(pintag_pii_url_t *url, const unsigned char *start)
{
    int                   rc;
    unsigned              query, gone, kept;
    pintag_pii_part_t     part;
    const unsigned char  *p, *first, *last;

    first = pintag_pii_ends_path(*start) ? start + 1 : start;
    query = *start == '?';
    gone = 0;
    kept = 0;

    for (p = first; /* void */ ; p = last + 1) {

        pintag_pii_part(p, url->end, query, &part);
        last = part.end;

        rc = pintag_pii_parameter(url, p, &part, query);

        if (rc == -1) {
            return NULL;
        }

        if (rc == 1) {
            if (kept && !pintag_pii_cut(url, p - 1, last)) {
                return NULL;
            }

            gone = 1;

        } else if (p != last && !kept) {
            if (gone && !pintag_pii_cut(url, first, p)) {
                return NULL;
            }

            kept = 1;
        }

        if (last == url->end || pintag_pii_ends_path(*last)) {
            break;
        }
    }

    if (gone && !kept) {

        /* without the "#" its query would be part of the one before it */

        if (*start == '#' && last != url->end && *last == '?') {
            start = first;
        }

        if (!pintag_pii_cut(url, start, last)) {
            return NULL;
        }
    }

    return last;
}


void
pintag_pii_part(const unsigned char *p, const unsigned char *end,
    unsigned query, pintag_pii_part_t *part)
{
    unsigned              own;
    const unsigned char  *separator;

    separator = NULL;

    part->value = NULL;
    part->seen = 0;

    for ( /* void */ ; p != end; p++) {
        own = pintag_pii_bytes[*p];

        if (own == 0) {
            continue;
        }

        part->seen |= own;

        if ((own & (PINTAG_PII_ENDS|PINTAG_PII_DIVIDES)) == 0) {
            continue;
        }

        if (own & PINTAG_PII_ENDS) {
            if (*p != '?' || !query) {
                break;
            }

        } else if (*p == ';') {
            separator = p;

        } else if (separator != NULL) {
            p = separator;
            break;

        } else if (part->value == NULL) {
            part->value = p;

        } else {
            part->seen |= PINTAG_PII_NESTED;
        }
    }

    part->end = p;
}


/* leaves out a part of the text; parts come in their order; 1, or 0 */

static unsigned
pintag_pii_cut(pintag_pii_url_t *url, const unsigned char *from,
    const unsigned char *to)
{
    size_t  n;

    if (url->clean == NULL) {
        url->clean = pintag_arena_bytes(url->arena, url->text.len);

        if (url->clean == NULL) {
            return 0;
        }
    }

    n = (size_t) (from - url->copied);

    memcpy(url->clean + url->len, url->copied, n);

    url->len += n;
    url->copied = to;

    return 1;
}
