
/*
 * Copyright (C) the ngx_http_pintag_module authors
 */


#include <string.h>

#include "pii_url.h"


static int pintag_pii_nested(pintag_pii_url_t *url, pintag_str_t text);
static int pintag_pii_names(pintag_pii_url_t *url, pintag_str_t text);
static int pintag_pii_parameter_name(pintag_pii_url_t *url, pintag_str_t name);
static int pintag_pii_name_goes(pintag_pii_url_t *url, pintag_str_t name,
    unsigned person);
static pintag_str_t pintag_pii_visible(pintag_str_t name);
static int pintag_pii_decode_more(pintag_pii_url_t *url, pintag_str_t *text,
    unsigned *times);


int
pintag_pii_parameter(pintag_pii_url_t *url, pintag_str_t text, unsigned query)
{
    int                   rc;
    unsigned              times;
    pintag_str_t          name;
    const unsigned char  *p, *end;

    if (text.len == 0) {
        return 0;
    }

    end = text.data + text.len;
    p = memchr(text.data, '=', text.len);

    /* what has no value is a parameter in a query, elsewhere just text */

    if (p == NULL && !query) {
        return 0;
    }

    if (url->email) {
        rc = pintag_pii_email(text, url->arena);

        if (rc != 0) {
            return rc;
        }
    }

    name = pintag_pii_slice(text.data, (p != NULL) ? p : end);
    times = 0;

    do {
        rc = pintag_pii_parameter_name(url, name);

        if (rc != 0) {
            return rc;
        }

        rc = pintag_pii_decode_more(url, &name, &times);

    } while (rc == 1);

    if (rc == -1 || p == NULL) {
        return rc;
    }

    return pintag_pii_nested(url, pintag_pii_slice(p + 1, end));
}


/*
 * Is the value of a parameter a URL, however often encoded, from which
 * something would have to go?  Then the parameter goes.
 */

static int
pintag_pii_nested(pintag_pii_url_t *url, pintag_str_t text)
{
    int       rc;
    unsigned  times, is_url;

    is_url = 0;
    times = 0;

    do {
        is_url |= pintag_pii_is_url(text);

        if (is_url) {
            rc = pintag_pii_names(url, text);

            if (rc != 0) {
                return rc;
            }
        }

        rc = pintag_pii_decode_more(url, &text, &times);

    } while (rc == 1);

    return rc;
}


/* 1 when a URL has userinfo or a parameter of a listed name */

static int
pintag_pii_names(pintag_pii_url_t *url, pintag_str_t text)
{
    int                   rc;
    const unsigned char  *p, *end, *last, *value, *authority;

    p = text.data;
    end = p + text.len;

    authority = pintag_pii_authority(p, end);

    if (authority != NULL
        && pintag_pii_userinfo(authority, end) != authority)
    {
        return 1;
    }

    for ( ;; ) {
        last = pintag_pii_parameter_end(p, end, 0);

        value = memchr(p, '=', (size_t) (last - p));

        if (value != NULL) {
            rc = pintag_pii_parameter_name(url, pintag_pii_slice(p, value));

            if (rc != 0) {
                return rc;
            }
        }

        if (last == end) {
            return 0;
        }

        p = last + 1;
    }
}


/*
 * "user[phone]" is "phone" inside of "user".  A line break or another control
 * byte around a name does not hide it.
 */

static int
pintag_pii_parameter_name(pintag_pii_url_t *url, pintag_str_t name)
{
    int                   rc;
    unsigned              person;
    pintag_str_t          part;
    const unsigned char  *p, *end;

    name = pintag_pii_visible(name);

    rc = pintag_pii_name_goes(url, name, 0);

    if (rc != 0 || name.len == 0 || memchr(name.data, '[', name.len) == NULL) {
        return rc;
    }

    person = 0;
    part.data = name.data;
    end = name.data + name.len;

    for (p = name.data; /* void */ ; p++) {

        if (p != end && *p != '[' && *p != ']') {
            continue;
        }

        part = pintag_pii_visible(pintag_pii_slice(part.data, p));

        rc = pintag_pii_name_goes(url, part, person);

        if (rc != 0 || p == end) {
            return rc;
        }

        person |= pintag_pii_person(part);
        part.data = p + 1;
    }
}


/* where all of the text holds no address no name in it does */

static int
pintag_pii_name_goes(pintag_pii_url_t *url, pintag_str_t name, unsigned person)
{
    if (!url->email) {
        return (int) pintag_pii_listed(url->pii, url->scope, name, person);
    }

    return pintag_pii_name(url->pii, url->scope, name, person, url->arena);
}


static pintag_str_t
pintag_pii_visible(pintag_str_t name)
{
    while (name.len && name.data[0] <= ' ') {
        name.data++;
        name.len--;
    }

    while (name.len && name.data[name.len - 1] <= ' ') {
        name.len--;
    }

    return name;
}


/*
 * Decodes a part of the text once more: 1; 0 when it is as decoded as it is to
 * be; -1 without memory.
 */

static int
pintag_pii_decode_more(pintag_pii_url_t *url, pintag_str_t *text,
    unsigned *times)
{
    if (*times == PINTAG_PII_DECODINGS || text->len == 0
        || (memchr(text->data, '%', text->len) == NULL
            && memchr(text->data, '+', text->len) == NULL))
    {
        return 0;
    }

    if (url->decoded == NULL) {
        url->decoded = pintag_arena_bytes(url->arena, url->text.len);

        if (url->decoded == NULL) {
            return -1;
        }
    }

    text->len = pintag_pii_decode(url->decoded, *text, 1);
    text->data = url->decoded;

    (*times)++;

    return 1;
}
