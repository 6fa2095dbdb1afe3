
/*
 * Copyright (C) the ngx_http_pintag_module authors
 *
 * Events become encoded deliveries: what is to be sent, and to where, of each
 * event that is neither skipped nor rejected.
 */


#ifndef _NGX_HTTP_PINTAG_MAP_H_INCLUDED_
#define _NGX_HTTP_PINTAG_MAP_H_INCLUDED_


#include "ngx_http_pintag_module.h"
#include "ngx_http_pintag_answer.h"
#include "ngx_http_pintag_delivery.h"

#include "core/body.h"
#include "core/visitor.h"


/*
 * The bytes of a delivery, one behind the other from "start": the payload, then
 * what goes with it on its transport.
 */

typedef struct {
    ngx_http_pintag_destination_t   *destination;
    ngx_uint_t                       event;
    size_t                           start;
    size_t                           payload;     /* their lengths */

    /* of a query */
    size_t                           user_agent;
    size_t                           page_url;
    size_t                           address;

    size_t                           event_id;
} ngx_http_pintag_encoded_t;


typedef struct {
    ngx_http_pintag_events_t         events;      /* in the request's pool */
    ngx_http_pintag_encoded_t       *encoded;
    ngx_uint_t                       n;           /* of them */
    ngx_uint_t                       max;         /* that there is room for */
    pintag_buf_t                    *bytes;       /* the intake's */

    unsigned                         unauthorized:1;
                               /* neither the request nor an event has a key
                                  that is listed */
} ngx_http_pintag_mapped_t;


/*
 * Maps the events of a body to the destinations of the location.  What it gives
 * holds nothing of the body; what is not in the request's pool is in the
 * intake's memory.  NGX_OK, or NGX_ERROR without memory.
 */
ngx_int_t ngx_http_pintag_map(ngx_http_request_t *r, pintag_body_t *body,
    pintag_client_t *client, ngx_http_pintag_intake_t *intake,
    ngx_http_pintag_mapped_t *mapped);

/* fills in a delivery of one of "encoded", whose bytes are those at "bytes" */
void ngx_http_pintag_map_delivery(ngx_http_pintag_encoded_t *encoded,
    u_char *bytes, ngx_http_pintag_delivery_t *delivery);


#endif /* _NGX_HTTP_PINTAG_MAP_H_INCLUDED_ */
