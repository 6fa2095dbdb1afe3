
/*
 * Copyright (C) the ngx_http_pintag_module authors
 *
 * The last events, in the zone of pintag_zone with "recent": what became of
 * which event at which destination.  No identity, no URL, nothing of an event
 * but Pinterest's name for it.
 */


#ifndef _NGX_HTTP_PINTAG_RECENT_H_INCLUDED_
#define _NGX_HTTP_PINTAG_RECENT_H_INCLUDED_


#include "ngx_http_pintag_module.h"


typedef struct {
    ngx_atomic_t                    turn;        /* odd while it is written */
    uint64_t                        time;        /* ms since the epoch */
    ngx_uint_t                      transport;
    ngx_uint_t                      outcome;     /* ngx_http_pintag_count_e */
    ngx_uint_t                      reason;      /* its number */
    ngx_uint_t                      reasoned;    /* 0: there is none */
    u_char                          id[32];      /* of the destination, ends
                                                    with a NUL, as "event" */
    u_char                          event[64];
} ngx_http_pintag_recent_event_t;


/* in the shared memory */

typedef struct {
    ngx_atomic_t                    count;       /* events that ever came */
    ngx_uint_t                      n;           /* room for so many */
    ngx_http_pintag_recent_event_t  elts[1];
} ngx_http_pintag_recent_t;


/* bytes of a ring of "n" */
size_t ngx_http_pintag_recent_size(ngx_uint_t n);

/*
 * Adds what became of a delivery at a destination; "payload" is what its name
 * is found in, empty for an event that made no delivery.
 */
void ngx_http_pintag_recent_add(ngx_http_pintag_recent_t *recent,
    ngx_http_pintag_destination_t *destination, ngx_str_t *payload,
    ngx_uint_t outcome, const char *reason);

/*
 * Copies the event that came "back" events before the last; 0 where there is
 * none, or it is being overwritten.
 */
ngx_uint_t ngx_http_pintag_recent_get(ngx_http_pintag_recent_t *recent,
    ngx_uint_t back, ngx_http_pintag_recent_event_t *event);


#endif /* _NGX_HTTP_PINTAG_RECENT_H_INCLUDED_ */
