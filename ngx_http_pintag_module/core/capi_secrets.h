
/*
 * Copyright (C) the ngx_http_pintag_module authors
 *
 * What an answer of the Conversions API may quote, and nobody is to be shown.
 */


#ifndef PINTAG_CAPI_SECRETS_H
#define PINTAG_CAPI_SECRETS_H


#include "arena.h"
#include "text.h"


typedef struct pintag_secret_s  pintag_secret_t;


/*
 * The access token and what "user_data" and "event_source_url" of the events
 * hold, but for what is short.  All of it is borrowed; events are read when
 * they are asked for, since most answers have no message.
 */

typedef struct {
    pintag_str_t         token;      /* may be absent */
    const pintag_str_t  *events;     /* as they were sent, JSON */
    size_t               n;

    /* its own, zero at first */
    pintag_secret_t    **found;      /* by their first byte; NULL: not yet */
} pintag_capi_secrets_t;


/* reads the events, once; 1, or 0 without memory */
unsigned pintag_capi_secrets_read(pintag_capi_secrets_t *secrets,
    pintag_arena_t *arena);

/* the length of the longest secret that begins at "p", or 0; after _read() */
size_t pintag_capi_secret(const pintag_capi_secrets_t *secrets,
    const unsigned char *p, const unsigned char *end);


#endif /* PINTAG_CAPI_SECRETS_H */
