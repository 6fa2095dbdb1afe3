
/*
 * Copyright (C) the ngx_http_pintag_module authors
 */


#include "ngx_http_pintag_module.h"
#include "ngx_http_pintag_destination.h"
#include "ngx_http_pintag_deliveries.h"
#include "ngx_http_pintag_leave.h"
#include "ngx_http_pintag_metrics.h"
#include "ngx_http_pintag_spool.h"


/* milliseconds that what was acknowledged stays in memory only */
#define NGX_HTTP_PINTAG_MEMORY  10000


static ngx_uint_t ngx_http_pintag_deliveries_full(
    ngx_http_pintag_main_conf_t *pmcf,
    ngx_http_pintag_deliveries_t *deliveries);
static void ngx_http_pintag_deliveries_add(
    ngx_http_pintag_deliveries_t *deliveries,
    ngx_http_pintag_main_conf_t *pmcf);
static void ngx_http_pintag_deliveries_queue(
    ngx_http_pintag_deliveries_t *deliveries);
static void ngx_http_pintag_deliveries_timeout(ngx_event_t *ev);
static void ngx_http_pintag_deliveries_note(
    ngx_http_pintag_deliveries_t *deliveries);
static void ngx_http_pintag_deliveries_saved(
    ngx_http_pintag_deliveries_t *deliveries);


ngx_http_pintag_deliveries_t *
ngx_http_pintag_deliveries_create(ngx_uint_t n, ngx_uint_t destinations,
    size_t size, u_char **bytes, ngx_log_t *log)
{
    size_t                         head, lanes;
    ngx_http_pintag_deliveries_t  *deliveries;

    lanes = offsetof(ngx_http_pintag_deliveries_t, elts)
            + n * sizeof(ngx_http_pintag_delivery_t);

    head = lanes + destinations * sizeof(ngx_http_pintag_lane_t);

    deliveries = ngx_alloc(head + size, log);
    if (deliveries == NULL) {
        return NULL;
    }

    ngx_memzero(deliveries, head);

    deliveries->lanes = (ngx_http_pintag_lane_t *)
                        ((u_char *) deliveries + lanes);
    deliveries->n = n;
    deliveries->size = head + size;
    *bytes = (u_char *) deliveries + head;

    return deliveries;
}


ngx_int_t
ngx_http_pintag_deliveries_take(ngx_http_pintag_deliveries_t *deliveries,
    ngx_http_pintag_loc_conf_t *plcf)
{
    ngx_uint_t                    i, full, ack;
    ngx_http_pintag_spool_t      *spool;
    ngx_http_pintag_main_conf_t  *pmcf;

    pmcf = deliveries->elts[0].destination->main_conf;
    spool = pmcf->spool;
    ack = plcf->ack;

    full = ngx_http_pintag_deliveries_full(pmcf, deliveries);

    /* what is being stored is in memory, too */

    if (full
        && (spool == NULL || pmcf->queued_size / 2 > pmcf->queue_size))
    {
        return NGX_BUSY;
    }

    deliveries->fallback = plcf->fallback;
    deliveries->timeout = plcf->ack_timeout;

    ngx_http_pintag_deliveries_add(deliveries, pmcf);

    deliveries->taken = ngx_current_msec;

    for (i = 0; i < deliveries->n; i++) {
        ngx_http_pintag_count_taken(&deliveries->elts[i]);
    }

    if (spool
        && (ack == NGX_HTTP_PINTAG_ACK_STORED || full
            || (ack == NGX_HTTP_PINTAG_ACK_RECEIVED && spool->leaving)))
    {
        deliveries->resting = full;
        ngx_http_pintag_spool_store(spool, deliveries);

        return NGX_OK;
    }

    if (pmcf->ended) {
        ngx_add_timer(&deliveries->deadline, 1);
        return NGX_OK;
    }

    ngx_http_pintag_deliveries_queue(deliveries);

    if (ack == NGX_HTTP_PINTAG_ACK_DELIVERED) {
        ngx_add_timer(&deliveries->deadline, deliveries->timeout);
        return NGX_OK;
    }

    deliveries->acked = 1;
    deliveries->handler = NULL;

    if (spool || deliveries->fallback) {
        deliveries->timeout = NGX_HTTP_PINTAG_MEMORY;
        ngx_add_timer(&deliveries->deadline, deliveries->timeout);
    }

    return NGX_DONE;
}


static ngx_uint_t
ngx_http_pintag_deliveries_full(ngx_http_pintag_main_conf_t *pmcf,
    ngx_http_pintag_deliveries_t *deliveries)
{
    size_t      size;
    ngx_uint_t  max;

    max = pmcf->queue_max;
    size = pmcf->queue_size;

    if (pmcf->full) {

        /* what goes to the spool only does so in long runs */

        max -= max / 4;
        size -= size / 4;
    }

    /* an empty queue takes any request */

    pmcf->full = pmcf->queued
                 && (pmcf->queued + deliveries->n > max
                     || pmcf->queued_size + deliveries->size > size);

    return pmcf->full;
}


static void
ngx_http_pintag_deliveries_add(ngx_http_pintag_deliveries_t *deliveries,
    ngx_http_pintag_main_conf_t *pmcf)
{
    ngx_uint_t  i;

    deliveries->main_conf = pmcf;
    deliveries->held = deliveries->n;

    deliveries->deadline.handler = ngx_http_pintag_deliveries_timeout;
    deliveries->deadline.data = deliveries;
    deliveries->deadline.log = ngx_cycle->log;

    /* what holds a leaving worker is "hold" */
    deliveries->deadline.cancelable = 1;

    for (i = 0; i < deliveries->n; i++) {
        deliveries->elts[i].deliveries = deliveries;
    }

    ngx_queue_insert_tail(&pmcf->deliveries, &deliveries->queue);

    /* what is read from the spool has a limit of its own */

    if (!deliveries->backlog) {
        pmcf->queued += deliveries->n;
        pmcf->queued_size += deliveries->size;

        ngx_http_pintag_count_queue(pmcf);
    }

    ngx_http_pintag_deliveries_hold(pmcf);
}


void
ngx_http_pintag_deliveries_read(ngx_http_pintag_deliveries_t *deliveries,
    ngx_http_pintag_main_conf_t *pmcf)
{
    deliveries->acked = 1;
    deliveries->backlog = 1;

    ngx_http_pintag_deliveries_add(deliveries, pmcf);
    ngx_http_pintag_deliveries_queue(deliveries);
}


/* they are in the order in which they came */

time_t
ngx_http_pintag_deliveries_oldest(ngx_http_pintag_main_conf_t *pmcf)
{
    ngx_uint_t                     i;
    ngx_queue_t                   *q;
    ngx_http_pintag_deliveries_t  *deliveries;

    for (q = ngx_queue_head(&pmcf->deliveries);
         q != ngx_queue_sentinel(&pmcf->deliveries);
         q = ngx_queue_next(q))
    {
        deliveries = ngx_queue_data(q, ngx_http_pintag_deliveries_t, queue);

        if (deliveries->backlog) {
            continue;
        }

        for (i = 0; i < deliveries->n; i++) {
            if (deliveries->elts[i].file) {
                return deliveries->elts[i].stored;
            }
        }
    }

    return 0;
}


/* all that neither wait nor are in flight do from now on */

static void
ngx_http_pintag_deliveries_queue(ngx_http_pintag_deliveries_t *deliveries)
{
    ngx_uint_t                   i;
    ngx_http_pintag_delivery_t  *delivery;

    for (i = 0; i < deliveries->n; i++) {
        delivery = &deliveries->elts[i];

        if (delivery->outcome == NGX_HTTP_PINTAG_PENDING
            && !delivery->waiting && !delivery->in_flight)
        {
            ngx_http_pintag_delivery_queue(delivery);
        }
    }
}


static void
ngx_http_pintag_deliveries_timeout(ngx_event_t *ev)
{
    ngx_http_pintag_deliveries_t *deliveries = ev->data;

    char  *reason;

    reason = deliveries->main_conf->ended ? "shutdown" : "timeout";

    if (deliveries->main_conf->spool) {
        deliveries->unsettled = reason;
        ngx_http_pintag_spool_store(deliveries->main_conf->spool, deliveries);
        return;
    }

    ngx_http_pintag_deliveries_unsaved(deliveries, reason);
}


void
ngx_http_pintag_deliveries_stored(ngx_http_pintag_deliveries_t *deliveries,
    char *refused)
{
    deliveries->storing = 0;

    if (refused && deliveries->main_conf->ended && !deliveries->retried) {

        /* there is no later time */

        deliveries->retried = 1;

        ngx_http_pintag_spool_store(deliveries->main_conf->spool, deliveries);

    } else if (refused) {
        ngx_http_pintag_deliveries_note(deliveries);
        ngx_http_pintag_deliveries_unsaved(deliveries, deliveries->unsettled
                                                       ? deliveries->unsettled
                                                       : refused);
    } else {
        ngx_http_pintag_deliveries_saved(deliveries);
    }

    /* held while it was stored, so none of the above has freed it */
    /* NOLINTNEXTLINE(clang-analyzer-unix.Malloc) */
    ngx_http_pintag_deliveries_release(deliveries);
}


/* those that Pinterest refused while they were being written, in vain */

static void
ngx_http_pintag_deliveries_note(ngx_http_pintag_deliveries_t *deliveries)
{
    ngx_uint_t                   i;
    ngx_http_pintag_delivery_t  *delivery;

    for (i = 0; i < deliveries->n; i++) {
        delivery = &deliveries->elts[i];

        if (delivery->outcome == NGX_HTTP_PINTAG_REFUSED && delivery->line_end
            && delivery->file == NULL)
        {
            delivery->line_end = 0;

            ngx_http_pintag_spool_note(deliveries->main_conf->spool, delivery,
                                       delivery->reason);
        }
    }
}


static void
ngx_http_pintag_deliveries_saved(ngx_http_pintag_deliveries_t *deliveries)
{
    ngx_uint_t                   i;
    ngx_http_pintag_spool_t     *spool;
    ngx_http_pintag_delivery_t  *delivery;

    spool = deliveries->main_conf->spool;
    deliveries->acked = 1;

    for (i = 0; i < deliveries->n; i++) {
        delivery = &deliveries->elts[i];

        if (delivery->file == NULL) {
            continue;
        }

        if (delivery->outcome != NGX_HTTP_PINTAG_PENDING) {

            /* it was settled meanwhile */

            if (ngx_http_pintag_spool_settle(spool, delivery,
                                             delivery->reason)
                != NGX_OK)
            {
                /* it has ended, and what is sent again is one more */
                ngx_http_pintag_count_found(delivery->origin
                                            ? delivery->origin
                                            : delivery->destination);
            }

            continue;
        }

        ngx_http_pintag_count_stored(delivery);
        ngx_http_pintag_delivery_tell(delivery, NGX_HTTP_PINTAG_STORED, NULL,
                                      NULL);

        if (delivery->in_flight) {
            continue;
        }

        if (spool->leaving) {
            ngx_http_pintag_delivery_forget(delivery);

        } else if (deliveries->resting) {

            if (delivery->waiting) {
                ngx_http_pintag_delivery_withdraw(delivery);
            }

            ngx_http_pintag_spool_rest(spool, delivery);
            delivery->outcome = NGX_HTTP_PINTAG_STORED;
            ngx_http_pintag_delivery_release(delivery);

        } else if (delivery->origin) {
            ngx_http_pintag_delivery_return(delivery);
        }
    }

    if (!deliveries->resting && !spool->leaving) {
        ngx_http_pintag_deliveries_queue(deliveries);
    }
}


void
ngx_http_pintag_deliveries_unsaved(ngx_http_pintag_deliveries_t *deliveries,
    char *reason)
{
    ngx_uint_t                    i, late, again;
    ngx_http_pintag_delivery_t   *delivery;
    ngx_http_pintag_main_conf_t  *pmcf;

    pmcf = deliveries->main_conf;
    late = deliveries->late;
    again = 0;

    /* the last outcome would release all of them */

    deliveries->held++;

    for (i = 0; i < deliveries->n; i++) {
        delivery = &deliveries->elts[i];

        if (!ngx_http_pintag_delivery_unsaved(delivery)) {
            continue;
        }

        if (deliveries->fallback && !pmcf->ended && !late
            && delivery->origin == NULL)
        {
            again = 1;

            if (!delivery->in_flight) {
                ngx_http_pintag_delivery_fall_back(delivery, reason);
            }

            continue;
        }

        if ((deliveries->acked || (delivery->told && delivery->origin))
            && !pmcf->ended)
        {

            /* it is tried further */

            again |= (delivery->origin == NULL);
            continue;
        }

        ngx_http_pintag_delivery_fail(delivery, reason);
    }

    if (deliveries->acked && !pmcf->ended) {
        ngx_http_pintag_deliveries_queue(deliveries);
    }

    if (again) {
        deliveries->late = !deliveries->acked;
        ngx_add_timer(&deliveries->deadline, deliveries->timeout);
    }

    ngx_http_pintag_deliveries_release(deliveries);
}


void
ngx_http_pintag_deliveries_release(ngx_http_pintag_deliveries_t *deliveries)
{
    ngx_http_pintag_main_conf_t  *pmcf;

    deliveries->held--;

    if (deliveries->held) {
        return;
    }

    if (deliveries->deadline.timer_set) {
        ngx_del_timer(&deliveries->deadline);
    }

    pmcf = deliveries->main_conf;

    ngx_queue_remove(&deliveries->queue);

    if (!deliveries->backlog) {
        pmcf->queued_size -= deliveries->size;

        ngx_http_pintag_count_queue(pmcf);
    }

    ngx_free(deliveries);

    ngx_http_pintag_deliveries_hold(pmcf);
}
