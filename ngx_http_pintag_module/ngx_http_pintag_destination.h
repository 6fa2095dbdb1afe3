
/*
 * Copyright (C) the ngx_http_pintag_module authors
 *
 * Destinations: where deliveries wait, how many are in flight, when sending
 * stops and is tried again.  A destination is one tag or one ad account reached
 * through one internal location of one server block; all places of the
 * configuration that reach it share its window and its back-off.  Its state is
 * the worker's own.
 *
 * Back-off belongs to the destination: after a failure that may pass, nothing
 * is sent to it for a random time up to min(max, min * 2^n), or for as long as
 * it asks, then one delivery at a time, a probe, until one succeeds.  Attempts
 * belong to the delivery: what waits meanwhile uses up none.
 *
 * The fallback is a destination like any other, for deliveries that were meant
 * for one.
 */


#ifndef _NGX_HTTP_PINTAG_DESTINATION_H_INCLUDED_
#define _NGX_HTTP_PINTAG_DESTINATION_H_INCLUDED_


#include "ngx_http_pintag_module.h"
#include "ngx_http_pintag_zone.h"


typedef enum {
    NGX_HTTP_PINTAG_TAG = 0,       /* Pinterest's Tag: GETs, one a delivery */
    NGX_HTTP_PINTAG_API,           /* the Conversions API: POSTs of batches */
    NGX_HTTP_PINTAG_FALLBACK       /* POSTs of what cannot be delivered */
} ngx_http_pintag_transport_e;


struct ngx_http_pintag_destination_s {
    ngx_http_pintag_main_conf_t    *main_conf;
    ngx_http_core_srv_conf_t       *server;
    ngx_http_pintag_loc_conf_t     *plcf;       /* that registered it */

    ngx_http_pintag_transport_e     transport;
    ngx_str_t                       id;         /* of the tag, the account */
    ngx_str_t                       label;      /* "tag 2612826764086" */
    ngx_str_t                       key;        /* in the spool */
    size_t                          kind;       /* bytes of it before a place */
    ngx_str_t                       uri;
    ngx_str_t                       args;       /* of a POST */
    ngx_str_t                       authorization;
    ngx_str_t                       expect;     /* in the fallback's answer */
    ngx_http_pintag_slot_t         *slot;       /* NULL: nothing is counted */
    ngx_http_pintag_cell_t         *cell;       /* of this process, with it */
    ngx_http_pintag_cell_t          spare;      /* where there is none */
    ngx_http_pintag_cell_t          shown;      /* of it, what that has */

    /* the next with the same slot: of a server with the same name */
    ngx_http_pintag_destination_t  *twin;

    ngx_uint_t                      window;
    ngx_uint_t                      batch_events;
    size_t                          batch_size; /* bytes of a body */

    ngx_queue_t                     lanes;      /* where something waits */
    ngx_queue_t                     backlog_lanes;
    ngx_queue_t                     batches;    /* that wait */
    ngx_uint_t                      waiting;    /* deliveries in lanes */
    ngx_uint_t                      backlog;    /* deliveries from the spool */
    void                           *passed_over; /* last range there, or NULL */
    ngx_uint_t                      in_flight;  /* requests */
    ngx_uint_t                      backlog_in_flight;
    ngx_msec_t                      live;       /* the last that was sent */
    ngx_uint_t                      failures;   /* in a row; 0: all is well */
    ngx_uint_t                      in_vain;    /* of these, while leaving */
    ngx_event_t                     retry;      /* timer: sending stopped */
    ngx_event_t                     pump;
    ngx_event_t                     linger;     /* timer: others may come */
    ngx_msec_t                      took;       /* the last answer */

    ngx_msec_t                      complained; /* of its configuration */
    ngx_msec_t                      told;       /* of what it refuses */
    ngx_uint_t                      refused;    /* deliveries since then */
    ngx_msec_t                      stopped;    /* told of a stop */

    unsigned                        probing:1;
    unsigned                        misconfigured:1;
    unsigned                        misrouted:1;
    unsigned                        twinned:1;  /* it is another's twin */
    unsigned                        test:1;     /* of testMode */
    unsigned                        turn:2;     /* what left last */
};


/* what of it is not its configuration */
void ngx_http_pintag_destination_init(
    ngx_http_pintag_destination_t *destination, ngx_log_t *log);

/* something has come to wait in a lane: sends it, from an event of its own */
void ngx_http_pintag_destination_wake(
    ngx_http_pintag_destination_t *destination);


/* milliseconds until something is sent to it again; 0: it is not stopped */
ngx_msec_t ngx_http_pintag_destination_stopped(
    ngx_http_pintag_destination_t *destination);


#endif /* _NGX_HTTP_PINTAG_DESTINATION_H_INCLUDED_ */
