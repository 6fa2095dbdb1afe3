
/*
 * Copyright (C) the ngx_http_pintag_module authors
 *
 * Batches: the deliveries that leave in one request.  A pixel is a batch of
 * one; the Conversions API takes what waits at the destination, of any number
 * of clients, up to the limits of pintag_batch.
 *
 * A batch is in flight, or it waits: then it is a part of one that Pinterest
 * did not take as a whole, and takes turns with what waits in lanes.
 */


#ifndef _NGX_HTTP_PINTAG_BATCH_H_INCLUDED_
#define _NGX_HTTP_PINTAG_BATCH_H_INCLUDED_


#include "ngx_http_pintag_module.h"
#include "ngx_http_pintag_delivery.h"


struct ngx_http_pintag_batch_s {
    ngx_queue_t                     queue;        /* while it waits */
    ngx_http_pintag_destination_t  *destination;

    ngx_queue_t                     deliveries;
    ngx_uint_t                      n;
    size_t                          size;         /* of their payloads */

    /* what is sent, while it is in flight */
    u_char                         *body;
    ngx_pool_t                     *pool;         /* of the fallback's */

    ngx_msec_t                      sent;

    unsigned                        probe:1;
    unsigned                        backlog:1;    /* counted as such */

    /* the rest of one some of which were named: no name is believed again */
    unsigned                        named:1;
};


/*
 * Takes what there is room for, "max" deliveries at most, out of these lanes of
 * the destination, where something waits, in the order of their turns.  NULL,
 * logged, without memory: then all wait as before.
 */
ngx_http_pintag_batch_t *ngx_http_pintag_batch_gather(
    ngx_http_pintag_destination_t *destination, ngx_queue_t *lanes,
    ngx_uint_t max);

/* the same of one delivery, wherever it waits */
ngx_http_pintag_batch_t *ngx_http_pintag_batch_single(
    ngx_http_pintag_destination_t *destination);

/* the first that waits at the destination, in a batch or a lane; or NULL */
ngx_http_pintag_delivery_t *ngx_http_pintag_batch_first(
    ngx_http_pintag_destination_t *destination);

/*
 * Fills in what is to be sent, but not who hears of the answer.  NGX_OK, or
 * NGX_ERROR without memory, logged.
 */
ngx_int_t ngx_http_pintag_batch_message(ngx_http_pintag_batch_t *batch,
    ngx_http_pintag_message_t *message);

/* it is no longer in flight: the memory of what was sent is given back */
void ngx_http_pintag_batch_landed(ngx_http_pintag_batch_t *batch);

/*
 * Takes the later half out of a batch of two or more, as a batch of its own.
 * NULL without memory, logged.
 */
ngx_http_pintag_batch_t *ngx_http_pintag_batch_halve(
    ngx_http_pintag_batch_t *batch);

/* it waits, before all other batches */
void ngx_http_pintag_batch_wait(ngx_http_pintag_batch_t *batch);

/* it no longer waits */
void ngx_http_pintag_batch_resume(ngx_http_pintag_batch_t *batch);

/* a delivery leaves the batch that it is in */
void ngx_http_pintag_batch_remove(ngx_http_pintag_delivery_t *delivery);

/* the same where the batch waits: it ends with the last of them */
void ngx_http_pintag_batch_withdraw(ngx_http_pintag_delivery_t *delivery);

/* one that neither waits nor is in flight, without deliveries */
void ngx_http_pintag_batch_free(ngx_http_pintag_batch_t *batch);


#endif /* _NGX_HTTP_PINTAG_BATCH_H_INCLUDED_ */
