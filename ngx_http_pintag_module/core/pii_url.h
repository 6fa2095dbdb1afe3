
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
    unsigned               hidden;     /* may be, in this parameter */
    unsigned char         *decoded;    /* room for a part of it */

    /* what is left of it, up to "copied", once something went */
    unsigned char         *clean;
    size_t                 len;
    const unsigned char   *copied;
} pintag_pii_url_t;


/* a parameter, up to where the next one or a section begins */

typedef struct {
    const unsigned char   *end;
    const unsigned char   *value;      /* its "=", NULL without any */
    unsigned               seen;       /* in it, or behind it */
} pintag_pii_part_t;

#define PINTAG_PII_ENDS     0x01       /* &, #, ? */
#define PINTAG_PII_DIVIDES  0x02       /* ;, = */
#define PINTAG_PII_PERCENT  0x04
#define PINTAG_PII_PLUS     0x08
#define PINTAG_PII_INDEX    0x10       /* [ */
#define PINTAG_PII_NESTED   0x20       /* /, or a second = */

#define PINTAG_PII_ENCODED  (PINTAG_PII_PERCENT|PINTAG_PII_PLUS)


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
void pintag_pii_part(const unsigned char *p, const unsigned char *end,
    unsigned query, pintag_pii_part_t *part);

/* 1 for a parameter, which begins at "p", that goes; 0; -1 without memory */
int pintag_pii_parameter(pintag_pii_url_t *url, const unsigned char *p,
    const pintag_pii_part_t *part, unsigned query);


#endif /* PINTAG_PII_URL_H */
