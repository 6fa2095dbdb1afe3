
/*
 * Copyright (C) the ngx_http_pintag_module authors
 */


#include "ngx_http_pintag_module.h"
#include "ngx_http_pintag_destination.h"
#include "ngx_http_pintag_delivery.h"
#include "ngx_http_pintag_batch.h"


static ngx_http_pintag_lane_t *ngx_http_pintag_deliveries_lane(
    ngx_http_pintag_deliveries_t *deliveries,
    ngx_http_pintag_destination_t *destination);
static void ngx_http_pintag_deliveries_timeout(ngx_event_t *ev);


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
    *bytes = (u_char *) deliveries + head;

    return deliveries;
}


void
ngx_http_pintag_deliveries_send(ngx_http_pintag_deliveries_t *deliveries,
    ngx_msec_t timeout)
{
    ngx_uint_t                      i, ended;
    ngx_http_pintag_delivery_t     *delivery;
    ngx_http_pintag_destination_t  *destination;

    deliveries->held = deliveries->n;

    deliveries->deadline.handler = ngx_http_pintag_deliveries_timeout;
    deliveries->deadline.data = deliveries;
    deliveries->deadline.log = ngx_cycle->log;

    ended = deliveries->elts[0].destination->main_conf->ended;

    ngx_add_timer(&deliveries->deadline, ended ? 1 : timeout);

    for (i = 0; i < deliveries->n; i++) {
        delivery = &deliveries->elts[i];
        delivery->deliveries = deliveries;

        if (ended) {
            continue;
        }

        destination = delivery->destination;

        delivery->lane = ngx_http_pintag_deliveries_lane(deliveries,
                                                         destination);

        ngx_http_pintag_delivery_wait(delivery);

        ngx_http_pintag_destination_wake(destination);
    }
}


static ngx_http_pintag_lane_t *
ngx_http_pintag_deliveries_lane(ngx_http_pintag_deliveries_t *deliveries,
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


static void
ngx_http_pintag_deliveries_timeout(ngx_event_t *ev)
{
    ngx_http_pintag_deliveries_give_up(ev->data, "timeout");
}


void
ngx_http_pintag_deliveries_give_up(ngx_http_pintag_deliveries_t *deliveries,
    char *reason)
{
    ngx_uint_t                   i, unheard;
    ngx_http_pintag_delivery_t  *delivery;

    unheard = 0;

    /* the outcomes may release all of them */

    deliveries->held++;

    for (i = 0; i < deliveries->n; i++) {
        delivery = &deliveries->elts[i];

        if (delivery->outcome != NGX_HTTP_PINTAG_PENDING) {
            continue;
        }

        if (deliveries->handler == NULL) {
            unheard++;
        }

        ngx_http_pintag_delivery_settle(delivery, NGX_HTTP_PINTAG_FAILED,
                                        delivery->destination->misconfigured
                                        ? "misconfigured" : reason,
                                        NULL);

        if (!delivery->in_flight) {

            if (delivery->waiting) {
                ngx_http_pintag_delivery_withdraw(delivery);
            }

            ngx_http_pintag_deliveries_release(deliveries);
        }
    }

    if (unheard) {
        ngx_log_error(NGX_LOG_ERR, ngx_cycle->log, 0,
                      "pintag gave up %ui of %ui deliveries of a client "
                      "that had left: %s", unheard, deliveries->n, reason);
    }

    ngx_http_pintag_deliveries_release(deliveries);
}


void
ngx_http_pintag_deliveries_release(ngx_http_pintag_deliveries_t *deliveries)
{
    deliveries->held--;

    if (deliveries->held) {
        return;
    }

    if (deliveries->deadline.timer_set) {
        ngx_del_timer(&deliveries->deadline);
    }

    ngx_free(deliveries);
}


void
ngx_http_pintag_delivery_wait(ngx_http_pintag_delivery_t *delivery)
{
    ngx_http_pintag_lane_t         *lane;
    ngx_http_pintag_destination_t  *destination;

    lane = delivery->lane;
    destination = delivery->destination;

    if (ngx_queue_empty(&lane->waiting)) {
        ngx_queue_insert_tail(&destination->lanes, &lane->queue);
    }

    ngx_queue_insert_tail(&lane->waiting, &delivery->queue);

    delivery->waiting = 1;
    destination->waiting++;
}


ngx_http_pintag_delivery_t *
ngx_http_pintag_delivery_next(ngx_http_pintag_destination_t *destination)
{
    ngx_queue_t             *q;
    ngx_http_pintag_lane_t  *lane;

    if (ngx_queue_empty(&destination->lanes)) {
        return NULL;
    }

    q = ngx_queue_head(&destination->lanes);
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
        ngx_queue_insert_tail(&delivery->destination->lanes, &lane->queue);
    }
}


void
ngx_http_pintag_delivery_settle(ngx_http_pintag_delivery_t *delivery,
    ngx_http_pintag_outcome_e outcome, char *reason, ngx_str_t *message)
{
    ngx_http_pintag_deliveries_t  *deliveries;

    delivery->outcome = outcome;
    delivery->reason = reason;

    if (message) {
        delivery->message = *message;
    }

    deliveries = delivery->deliveries;

    if (deliveries->handler) {
        deliveries->handler(deliveries->data, delivery);
    }

    /* it is not ours to keep */

    ngx_str_null(&delivery->message);
}
