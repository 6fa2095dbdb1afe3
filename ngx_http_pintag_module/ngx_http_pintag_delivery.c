
/*
 * Copyright (C) the ngx_http_pintag_module authors
 */


#include "ngx_http_pintag_module.h"
#include "ngx_http_pintag_destination.h"
#include "ngx_http_pintag_deliveries.h"
#include "ngx_http_pintag_delivery.h"
#include "ngx_http_pintag_batch.h"
#include "ngx_http_pintag_metrics.h"
#include "ngx_http_pintag_spool.h"


static ngx_queue_t *ngx_http_pintag_delivery_lanes(
    ngx_http_pintag_delivery_t *delivery);
static ngx_http_pintag_lane_t *ngx_http_pintag_delivery_lane(
    ngx_http_pintag_deliveries_t *deliveries,
    ngx_http_pintag_destination_t *destination);


/* what is finished counts as, by ngx_http_pintag_outcome_e; stored it is only
   at the fallback */

static ngx_http_pintag_count_e  ngx_http_pintag_delivery_counts[] = {
    NGX_HTTP_PINTAG_COUNT_LOST,
    NGX_HTTP_PINTAG_COUNT_DELIVERED,
    NGX_HTTP_PINTAG_COUNT_FALLBACK,
    NGX_HTTP_PINTAG_COUNT_REFUSED,
    NGX_HTTP_PINTAG_COUNT_FAILED
};


void
ngx_http_pintag_delivery_wait(ngx_http_pintag_delivery_t *delivery)
{
    ngx_http_pintag_lane_t  *lane;

    lane = delivery->lane;

    if (ngx_queue_empty(&lane->waiting)) {
        ngx_queue_insert_tail(ngx_http_pintag_delivery_lanes(delivery),
                              &lane->queue);
    }

    ngx_queue_insert_tail(&lane->waiting, &delivery->queue);

    delivery->waiting = 1;
    delivery->destination->waiting++;
}


/* what was read from the spool does not hold up what comes from clients */

static ngx_queue_t *
ngx_http_pintag_delivery_lanes(ngx_http_pintag_delivery_t *delivery)
{
    return delivery->deliveries->backlog
           ? &delivery->destination->backlog_lanes
           : &delivery->destination->lanes;
}


ngx_http_pintag_delivery_t *
ngx_http_pintag_delivery_next(ngx_queue_t *lanes)
{
    ngx_queue_t             *q;
    ngx_http_pintag_lane_t  *lane;

    if (ngx_queue_empty(lanes)) {
        return NULL;
    }

    q = ngx_queue_head(lanes);
    lane = ngx_queue_data(q, ngx_http_pintag_lane_t, queue);

    q = ngx_queue_head(&lane->waiting);

    return ngx_queue_data(q, ngx_http_pintag_delivery_t, queue);
}


void
ngx_http_pintag_delivery_withdraw(ngx_http_pintag_delivery_t *delivery)
{
    ngx_http_pintag_lane_t  *lane;

    if (delivery->batch) {
        ngx_http_pintag_batch_withdraw(delivery);
        return;
    }

    lane = delivery->lane;

    delivery->waiting = 0;
    delivery->destination->waiting--;
    ngx_queue_remove(&delivery->queue);

    /* it is another lane's turn */

    ngx_queue_remove(&lane->queue);

    if (!ngx_queue_empty(&lane->waiting)) {
        ngx_queue_insert_tail(ngx_http_pintag_delivery_lanes(delivery),
                              &lane->queue);
    }
}


void
ngx_http_pintag_delivery_tell(ngx_http_pintag_delivery_t *delivery,
    ngx_http_pintag_outcome_e outcome, char *reason, ngx_str_t *message)
{
    ngx_http_pintag_deliveries_t  *deliveries;

    deliveries = delivery->deliveries;

    if (delivery->told || deliveries->handler == NULL) {
        return;
    }

    delivery->told = 1;

    deliveries->handler(deliveries->data, delivery, outcome, reason, message);
}


void
ngx_http_pintag_delivery_queue(ngx_http_pintag_delivery_t *delivery)
{
    delivery->lane = ngx_http_pintag_delivery_lane(delivery->deliveries,
                                                     delivery->destination);

    ngx_http_pintag_delivery_wait(delivery);
    ngx_http_pintag_destination_wake(delivery->destination);
}


static ngx_http_pintag_lane_t *
ngx_http_pintag_delivery_lane(ngx_http_pintag_deliveries_t *deliveries,
    ngx_http_pintag_destination_t *destination)
{
    ngx_uint_t               i;
    ngx_http_pintag_lane_t  *lane;

    lane = deliveries->lanes;

    for (i = 0; i < deliveries->nlanes; i++, lane++) {
        if (lane->destination == destination) {
            return lane;
        }
    }

    deliveries->nlanes++;

    lane->destination = destination;
    ngx_queue_init(&lane->waiting);

    return lane;
}


ngx_uint_t
ngx_http_pintag_delivery_unsaved(ngx_http_pintag_delivery_t *delivery)
{
    return delivery->outcome == NGX_HTTP_PINTAG_PENDING
           && delivery->file == NULL && !delivery->lined;
}


void
ngx_http_pintag_delivery_give_up(ngx_http_pintag_delivery_t *delivery,
    char *reason)
{
    ngx_http_pintag_main_conf_t   *pmcf;
    ngx_http_pintag_deliveries_t  *deliveries;

    deliveries = delivery->deliveries;
    pmcf = deliveries->main_conf;

    if (!ngx_http_pintag_delivery_unsaved(delivery)) {
        return;
    }

    /* a spool that has refused the others just now is not asked again for it */

    if (pmcf->spool && delivery->origin == NULL
        && (!deliveries->late || pmcf->ended))
    {
        deliveries->unsettled = reason;
        ngx_http_pintag_spool_store(pmcf->spool, deliveries);

    } else if (deliveries->fallback && delivery->origin == NULL
               && !pmcf->ended)
    {
        ngx_http_pintag_delivery_fall_back(delivery, reason);

    } else {
        ngx_http_pintag_delivery_fail(delivery, reason);
    }
}


/* it goes to the fallback instead of where it was to go */

void
ngx_http_pintag_delivery_fall_back(ngx_http_pintag_delivery_t *delivery,
    char *reason)
{
    ngx_http_pintag_deliveries_t  *deliveries;

    deliveries = delivery->deliveries;

    if (delivery->waiting) {
        ngx_http_pintag_delivery_withdraw(delivery);
    }

    delivery->origin = delivery->destination;
    delivery->destination = deliveries->fallback;
    delivery->attempts = 0;
    delivery->reason = reason;

    ngx_http_pintag_delivery_queue(delivery);
}


void
ngx_http_pintag_delivery_return(ngx_http_pintag_delivery_t *delivery)
{
    if (delivery->waiting) {
        ngx_http_pintag_delivery_withdraw(delivery);
    }

    delivery->destination = delivery->origin;
    delivery->origin = NULL;
    delivery->attempts = 0;

    ngx_http_pintag_delivery_queue(delivery);
}


void
ngx_http_pintag_delivery_fail(ngx_http_pintag_delivery_t *delivery,
    char *reason)
{
    u_char                          buf[NGX_HTTP_PINTAG_LOG_TEXT];
    ngx_str_t                       id;
    ngx_uint_t                      unheard;
    ngx_http_pintag_deliveries_t   *deliveries;
    ngx_http_pintag_destination_t  *destination;

    deliveries = delivery->deliveries;
    destination = delivery->destination;

    if (delivery->origin) {
        destination = delivery->origin;
        reason = delivery->reason;

    } else if (destination->misconfigured) {
        reason = "misconfigured";
    }

    delivery->outcome = NGX_HTTP_PINTAG_FAILED;
    delivery->reason = reason;

    unheard = (deliveries->handler == NULL && !delivery->told);

    if (unheard) {
        id = ngx_http_pintag_log_text(&delivery->event_id, buf, sizeof(buf));

        ngx_log_error(NGX_LOG_ERR, ngx_cycle->log, 0,
                      "pintag lost an event for %V, id \"%V\", of a client "
                      "that %s: %s after %ui attempts",
                      &destination->label, &id,
                      deliveries->acked ? "was told that it is received"
                                        : "had left",
                      reason, delivery->attempts);
    }

    ngx_http_pintag_count_done(delivery,
                               unheard ? NGX_HTTP_PINTAG_COUNT_LOST
                                       : NGX_HTTP_PINTAG_COUNT_FAILED, reason);

    /* the client's answer may release all of them */

    deliveries->held++;

    ngx_http_pintag_delivery_tell(delivery, NGX_HTTP_PINTAG_FAILED, reason,
                                  NULL);

    if (!delivery->in_flight) {

        if (delivery->waiting) {
            ngx_http_pintag_delivery_withdraw(delivery);
        }

        ngx_http_pintag_delivery_release(delivery);
    }

    ngx_http_pintag_deliveries_release(deliveries);
}


void
ngx_http_pintag_delivery_finish(ngx_http_pintag_delivery_t *delivery,
    ngx_http_pintag_outcome_e outcome, char *reason, ngx_str_t *message)
{
    ngx_http_pintag_spool_t       *spool;
    ngx_http_pintag_deliveries_t  *deliveries;

    deliveries = delivery->deliveries;
    spool = deliveries->main_conf->spool;

    if (outcome == NGX_HTTP_PINTAG_REFUSED
        && ngx_http_pintag_delivery_unsaved(delivery))
    {
        if (spool) {
            ngx_http_pintag_spool_note(spool, delivery, reason);

        } else if (deliveries->fallback && delivery->origin == NULL
                   && !deliveries->main_conf->ended)
        {
            /* whoever waits may go */

            deliveries->held++;

            ngx_http_pintag_delivery_tell(delivery, outcome, reason, message);
            ngx_http_pintag_delivery_fall_back(delivery, reason);

            ngx_http_pintag_deliveries_release(deliveries);
            return;
        }
    }

    delivery->outcome = outcome;
    delivery->reason = reason;

    /* what will be sent again has not ended */

    if (delivery->file == NULL
        || ngx_http_pintag_spool_settle(spool, delivery, reason) == NGX_OK)
    {
        ngx_http_pintag_count_done(delivery,
                                   ngx_http_pintag_delivery_counts[outcome],
                                   reason);
    }

    ngx_http_pintag_delivery_tell(delivery, outcome, reason, message);
    ngx_http_pintag_delivery_release(delivery);
}


void
ngx_http_pintag_delivery_forget(ngx_http_pintag_delivery_t *delivery)
{
    if (delivery->waiting) {
        ngx_http_pintag_delivery_withdraw(delivery);
    }

    ngx_http_pintag_spool_drop(delivery->deliveries->main_conf->spool,
                               delivery);

    delivery->outcome = NGX_HTTP_PINTAG_STORED;

    ngx_http_pintag_delivery_release(delivery);
}


void
ngx_http_pintag_delivery_release(ngx_http_pintag_delivery_t *delivery)
{
    ngx_http_pintag_main_conf_t   *pmcf;
    ngx_http_pintag_deliveries_t  *deliveries;

    deliveries = delivery->deliveries;
    pmcf = deliveries->main_conf;

    if (deliveries->backlog) {
        delivery->destination->backlog--;

        /* a backlog is the spool's: NOLINTNEXTLINE(clang-analyzer-core.*) */
        ngx_http_pintag_spool_read(pmcf->spool->reader);

    } else {
        pmcf->queued--;
    }

    ngx_http_pintag_deliveries_release(deliveries);
}
