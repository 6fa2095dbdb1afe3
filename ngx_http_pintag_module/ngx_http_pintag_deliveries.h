
/*
 * Copyright (C) the ngx_http_pintag_module authors
 *
 * The deliveries of a request as a whole: what its client is promised, how long
 * that may take, and where they go when they cannot be delivered.
 */


#ifndef _NGX_HTTP_PINTAG_DELIVERIES_H_INCLUDED_
#define _NGX_HTTP_PINTAG_DELIVERIES_H_INCLUDED_


#include "ngx_http_pintag_module.h"
#include "ngx_http_pintag_delivery.h"


/*
 * Called once for each delivery with what its client is to hear; "reason" is
 * static, NULL for what went well; "message", Pinterest's, may be NULL.
 */

typedef void (*ngx_http_pintag_outcome_pt)(void *data,
    ngx_http_pintag_delivery_t *delivery, ngx_http_pintag_outcome_e outcome,
    char *reason, ngx_str_t *message);


/*
 * The deliveries of one request, with the bytes to send, in one allocation of
 * their own: the request may end first.  Freed with the last of them that
 * waits, is in flight or is being stored.
 *
 * Who wants to hear outcomes sets "handler" and "data" before they are taken;
 * who no longer wants to sets "handler" to NULL.
 */

struct ngx_http_pintag_deliveries_s {
    ngx_queue_t                     queue;      /* of the worker's */
    ngx_http_pintag_main_conf_t    *main_conf;

    ngx_http_pintag_outcome_pt      handler;
    void                           *data;

    ngx_event_t                     deadline;
    ngx_msec_t                      timeout;
    ngx_http_pintag_destination_t  *fallback;   /* NULL: none */

    ngx_msec_t                      taken;      /* when they were */
    ngx_uint_t                      held;       /* that hold the memory */
    size_t                          size;       /* of it */

    /* while they are being stored */
    ngx_queue_t                     group;
    char                           *unsettled;  /* reason if that fails */

    /* nobody would send them again */
    unsigned                        acked:1;

    /* their client waits in vain */
    unsigned                        abandoned:1;

    /* they were read from the spool */
    unsigned                        backlog:1;

    unsigned                        storing:1;
    unsigned                        retried:1;

    /* once stored they leave the memory */
    unsigned                        resting:1;

    /* their time is over, but the fallback's is not */
    unsigned                        late:1;

    ngx_http_pintag_lane_t         *lanes;      /* one for each destination */
    ngx_uint_t                      nlanes;

    ngx_uint_t                      n;
    ngx_http_pintag_delivery_t      elts[1];
};


/*
 * Allocates "n" deliveries to at most "destinations" destinations, a fallback
 * among them, and "size" bytes behind them, all zeroed but the bytes, of which
 * "*bytes" is the first.  NULL without memory.  Freed once taken or read, or by
 * ngx_free() if they never are.
 */
ngx_http_pintag_deliveries_t *ngx_http_pintag_deliveries_create(ngx_uint_t n,
    ngx_uint_t destinations, size_t size, u_char **bytes, ngx_log_t *log);

/*
 * Takes one or more deliveries over as pintag_ack says: each needs
 * "destination", "payload", "event", and what goes with its transport.
 *
 * NGX_OK: outcomes come later, never from within this call.  NGX_DONE: there
 * is nothing to wait for, the worker has them in its memory and the handler is
 * not called.  NGX_BUSY: the memory is full, they stay the caller's.
 */
ngx_int_t ngx_http_pintag_deliveries_take(
    ngx_http_pintag_deliveries_t *deliveries,
    ngx_http_pintag_loc_conf_t *plcf);

/* takes over what was read from the spool: each has "file" and "offset" */
void ngx_http_pintag_deliveries_read(ngx_http_pintag_deliveries_t *deliveries,
    ngx_http_pintag_main_conf_t *pmcf);

/*
 * When that came to the spool which is there for longest, of what has not been
 * read from there; 0: none is there
 */
time_t ngx_http_pintag_deliveries_oldest(ngx_http_pintag_main_conf_t *pmcf);

/*
 * What of them is not in the spool yet has been written there, at "file" and
 * "offset" of each; or the spool refused for a static reason.
 */
void ngx_http_pintag_deliveries_stored(
    ngx_http_pintag_deliveries_t *deliveries, char *refused);

/* one of those that hold all of them does no longer */
void ngx_http_pintag_deliveries_release(
    ngx_http_pintag_deliveries_t *deliveries);

/* what is nowhere else goes to the fallback, is tried further, or fails */
void ngx_http_pintag_deliveries_unsaved(
    ngx_http_pintag_deliveries_t *deliveries, char *reason);


#endif /* _NGX_HTTP_PINTAG_DELIVERIES_H_INCLUDED_ */
