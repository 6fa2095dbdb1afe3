
/*
 * Copyright (C) the ngx_http_pintag_module authors
 */


#include <string.h>

#include "pii_url.h"


static int pintag_pii_nested(pintag_pii_url_t *url, pintag_str_t text);
static int pintag_pii_names(pintag_pii_url_t *url, pintag_str_t text);
static int pintag_pii_parameter_name(pintag_pii_url_t *url, pintag_str_t name,
    unsigned index);
static int pintag_pii_name_goes(pintag_pii_url_t *url, pintag_str_t name,
    unsigned *person);
static pintag_str_t pintag_pii_visible(pintag_str_t name);
static int pintag_pii_decode_more(pintag_pii_url_t *url, pintag_str_t *text,
    unsigned *times);


int
pintag_pii_parameter(pintag_pii_url_t *url, const unsigned char *p,
    const pintag_pii_part_t *part, unsigned query)
{
    int           rc;
    unsigned      times, encoded, index;
    pintag_str_t  name;

    /* what has no value is a parameter in a query, elsewhere just text */

    if (p == part->end || (part->value == NULL && !query)) {
        return 0;
    }

    if (url->email) {
        rc = pintag_pii_email_within(pintag_pii_slice(p, part->end),
                                     url->arena, &url->hidden);

        if (rc != 0) {
            return rc;
        }
    }

    /* a "[" may be encoded, too */

    encoded = part->seen & PINTAG_PII_ENCODED;
    index = part->seen & (PINTAG_PII_INDEX|PINTAG_PII_PERCENT);
    name = pintag_pii_slice(p, part->value ? part->value : part->end);
    times = 0;

    do {
        rc = pintag_pii_parameter_name(url, name, index);

        if (rc != 0) {
            return rc;
        }

        rc = encoded ? pintag_pii_decode_more(url, &name, &times) : 0;

    } while (rc == 1);

    if (rc == -1
        || (part->seen & (PINTAG_PII_ENCODED|PINTAG_PII_NESTED)) == 0)
    {
        return rc;
    }

    if (part->value != NULL) {
        rc = pintag_pii_nested(url, pintag_pii_slice(part->value + 1,
                                                     part->end));

        if (rc != 0 || pintag_pii_authority(p, part->end) == NULL) {
            return rc;
        }
    }

    /* a URL stands there without a name: its "=", if any, is its own */

    return pintag_pii_nested(url, pintag_pii_slice(p, part->end));
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
        if (!is_url) {
            is_url = pintag_pii_is_url(text);
        }

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
    pintag_pii_part_t     part;
    const unsigned char  *p, *end, *authority;

    p = text.data;
    end = p + text.len;

    authority = pintag_pii_authority(p, end);

    if (authority != NULL
        && pintag_pii_userinfo(authority, end) != authority)
    {
        return 1;
    }

    for ( ;; ) {
        pintag_pii_part(p, end, 0, &part);

        if (part.value != NULL) {
            rc = pintag_pii_parameter_name(url,
                                           pintag_pii_slice(p, part.value),
                                           part.seen & PINTAG_PII_INDEX);
            if (rc != 0) {
                return rc;
            }
        }

        if (part.end == end) {
            return 0;
        }

        p = part.end + 1;
    }
}


/*
 * "user[phone]" is "phone" inside of "user"; without "index" there is no "[".
 * A line break or another control byte around a name does not hide it.
 */

static int
pintag_pii_parameter_name(pintag_pii_url_t *url, pintag_str_t name,
    unsigned index)
{
    int                   rc;
    unsigned              person;
    pintag_str_t          part;
    const unsigned char  *p, *end;

    name = pintag_pii_visible(name);
    person = 0;

    rc = pintag_pii_name_goes(url, name, &person);

    if (rc != 0 || !index || name.len == 0
        || memchr(name.data, '[', name.len) == NULL)
    {
        return rc;
    }

    person = 0;
    part.data = name.data;
    end = name.data + name.len;

    for (p = name.data; /* void */ ; p++) {

        if (p != end && *p != '[' && *p != ']') {
            continue;
        }

        if (p != part.data) {
            part = pintag_pii_visible(pintag_pii_slice(part.data, p));

            rc = pintag_pii_name_goes(url, part, &person);

            if (rc != 0) {
                return rc;
            }
        }

        if (p == end) {
            return 0;
        }

        part.data = p + 1;
    }
}


/* where all of a parameter holds no address no name in it does */

static int
pintag_pii_name_goes(pintag_pii_url_t *url, pintag_str_t name,
    unsigned *person)
{
    if (pintag_pii_listed_within(url->pii, url->scope, name, person)) {
        return 1;
    }

    return url->hidden ? pintag_pii_email(name, url->arena) : 0;
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
    size_t                n;
    pintag_str_t          rest;
    const unsigned char  *p;

    if (*times == PINTAG_PII_DECODINGS) {
        return 0;
    }

    p = pintag_pii_encoded(*text);

    if (p == NULL) {
        return 0;
    }

    if (url->decoded == NULL) {
        url->decoded = pintag_arena_bytes(url->arena, url->text.len);

        if (url->decoded == NULL) {
            return -1;
        }
    }

    n = (size_t) (p - text->data);

    if (text->data != url->decoded) {
        memcpy(url->decoded, text->data, n);
    }

    rest = pintag_pii_slice(p, text->data + text->len);

    text->data = url->decoded;
    text->len = n + pintag_pii_decode(url->decoded + n, rest, 1);

    (*times)++;

    return 1;
}
