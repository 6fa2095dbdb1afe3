
/*
 * Copyright (C) the ngx_http_pintag_module authors
 *
 * The parameters of a URL, one by one; internal to pii_url.c and
 * pii_parameter.c.
 */


#ifndef PINTAG_PII_URL_H
#define PINTAG_PII_URL_H


#include "pii.h"


typedef struct {
    const pintag_pii_t    *pii;
    pintag_pii_scope_e     scope;
    pintag_arena_t        *arena;

    pintag_str_t           text;
    const unsigned char   *end;        /* of the text */
    unsigned               email;      /* there is an address in it */
    unsigned char         *decoded;    /* room for a part of it */

    /* what is left of it, up to "copied", once something went */
    unsigned char         *clean;
    size_t                 len;
    const unsigned char   *copied;
} pintag_pii_url_t;


static inline pintag_str_t
pintag_pii_slice(const unsigned char *p, const unsigned char *end)
{
    pintag_str_t  s;

    s.data = p;
    s.len = (size_t) (end - p);

    return s;
}


unsigned pintag_pii_is_url(pintag_str_t text);

/* what follows "scheme://" or "//", NULL without either */
const unsigned char *pintag_pii_authority(const unsigned char *p,
    const unsigned char *end);

/* where the userinfo of an authority ends, "p" when there is none */
const unsigned char *pintag_pii_userinfo(const unsigned char *p,
    const unsigned char *end);

/* a ";" separates when "a=b" follows; else it belongs to a value */
const unsigned char *pintag_pii_parameter_end(const unsigned char *p,
    const unsigned char *end, unsigned query);

/* 1 for a parameter that goes; 0; -1 without memory */
int pintag_pii_parameter(pintag_pii_url_t *url, pintag_str_t text,
    unsigned query);


#endif /* PINTAG_PII_URL_H */
