
/*
 * Copyright (C) the ngx_http_pintag_module authors
 *
 * Destinations: where deliveries wait, how many are in flight, when sending
 * stops and is tried again.  A destination is one tag reached through one
 * internal location of one server block; all places of the configuration that
 * reach it share its window and its back-off.  Its state is the worker's own.
 *
 * Back-off belongs to the destination: after a failure that may pass, nothing
 * is sent to it for a random time up to min(max, min * 2^n), then one delivery
 * at a time, a probe, until one succeeds.  Attempts belong to the delivery: what waits
 * meanwhile uses up none.
 */


#ifndef _NGX_HTTP_PINTAG_DESTINATION_H_INCLUDED_
#define _NGX_HTTP_PINTAG_DESTINATION_H_INCLUDED_


#include "ngx_http_pintag_module.h"


typedef struct ngx_http_pintag_delivery_s    ngx_http_pintag_delivery_t;
typedef struct ngx_http_pintag_deliveries_s  ngx_http_pintag_deliveries_t;


typedef enum {
    NGX_HTTP_PINTAG_PENDING = 0,
    NGX_HTTP_PINTAG_DELIVERED,      /* Pinterest has it */
    NGX_HTTP_PINTAG_REFUSED,        /* Pinterest will never take it */
    NGX_HTTP_PINTAG_FAILED          /* given up; sending again may help */
} ngx_http_pintag_outcome_e;


struct ngx_http_pintag_delivery_s {
    ngx_queue_t                     queue;      /* while it waits */
    ngx_http_pintag_deliveries_t   *deliveries;
    ngx_http_pintag_destination_t  *destination;

    ngx_str_t                       query;
    ngx_uint_t                      event;      /* index in its request */
    ngx_uint_t                      attempts;

    ngx_http_pintag_outcome_e       outcome;
    char                           *reason;     /* static; NULL if delivered */

    unsigned                        in_flight:1;
    unsigned                        probe:1;
};


/* called once for each delivery, with its outcome */

typedef void (*ngx_http_pintag_outcome_pt)(void *data,
    ngx_http_pintag_delivery_t *delivery);


/*
 * The deliveries of one request, with the bytes to send, in one allocation of
 * their own: the request may end first.  Freed with the last of them that
 * neither waits nor is in flight.
 *
 * Who wants to hear outcomes sets "handler" and "data" before sending; who no
 * longer wants to sets "handler" to NULL.
 */

struct ngx_http_pintag_deliveries_s {
    ngx_http_pintag_outcome_pt      handler;
    void                           *data;

    ngx_event_t                     deadline;
    ngx_uint_t                      held;       /* that hold the memory */
    ngx_uint_t                      n;
    ngx_http_pintag_delivery_t      elts[1];
};


/*
 * Allocates "n" deliveries and "size" bytes behind them, all zeroed but the
 * bytes, of which "*bytes" is the first.  NULL without memory.  Freed by
 * sending, or by ngx_free() if it is never sent.
 */
ngx_http_pintag_deliveries_t *ngx_http_pintag_deliveries_create(ngx_uint_t n,
    size_t size, u_char **bytes, ngx_log_t *log);

/*
 * Hands one or more deliveries over: each needs "destination", "query" and
 * "event".
 * Outcomes come later, never from within this call.  What is not settled after
 * "timeout" milliseconds has failed, as "timeout": what waits is withdrawn,
 * what is in flight is left to end.
 */
void ngx_http_pintag_deliveries_send(ngx_http_pintag_deliveries_t *deliveries,
    ngx_msec_t timeout);


/*
 * Registers a tag at configuration time, or finds it where another location
 * registered it.  "*conflict" is set to the file and line of that location when
 * its values differ, and NULL given; NULL without it: no memory.
 */
ngx_http_pintag_destination_t *ngx_http_pintag_destination_add(
    ngx_conf_t *cf, ngx_http_pintag_loc_conf_t *plcf, ngx_str_t *tag_id,
    ngx_http_pintag_destination_t **conflict);


struct ngx_http_pintag_destination_s {
    ngx_http_pintag_main_conf_t    *main_conf;
    ngx_http_core_srv_conf_t       *server;
    ngx_http_pintag_loc_conf_t     *plcf;       /* that registered it */
    ngx_str_t                       tag_id;
    ngx_str_t                       uri;
    ngx_str_t                       label;      /* "tag 2612826764086" */

    ngx_queue_t                     waiting;
    ngx_uint_t                      in_flight;
    ngx_uint_t                      failures;   /* in a row; 0: all is well */
    ngx_event_t                     retry;      /* timer: sending stopped */
    ngx_event_t                     pump;

    unsigned                        probing:1;
};


/*
 * The worker has no time left: what waits and what comes back without success
 * fails, as "shutdown".
 */
void ngx_http_pintag_destinations_end(ngx_http_pintag_main_conf_t *pmcf);

/* milliseconds until something is sent to it again; 0: it is not stopped */
ngx_msec_t ngx_http_pintag_destination_stopped(
    ngx_http_pintag_destination_t *destination);


#endif /* _NGX_HTTP_PINTAG_DESTINATION_H_INCLUDED_ */
