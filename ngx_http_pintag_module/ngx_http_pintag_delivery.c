
/*
 * Copyright (C) the ngx_http_pintag_module authors
 */


#include "ngx_http_pintag_module.h"
#include "ngx_http_pintag_destination.h"
#include "ngx_http_pintag_deliveries.h"
#include "ngx_http_pintag_delivery.h"
#include "ngx_http_pintag_batch.h"


static ngx_queue_t *ngx_http_pintag_delivery_lanes(
    ngx_http_pintag_delivery_t *delivery);


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
