
/*
 * Copyright (C) the ngx_http_pintag_module authors
 */


#include "ngx_http_pintag_module.h"
#include "ngx_http_pintag_destination.h"
#include "ngx_http_pintag_deliveries.h"
#include "ngx_http_pintag_batch.h"
#include "ngx_http_pintag_courier.h"
#include "ngx_http_pintag_metrics.h"
#include "ngx_http_pintag_spool.h"
#include "ngx_http_pintag_verdict.h"


/* an event waits for company for a part of the time that an answer takes */
#define NGX_HTTP_PINTAG_LINGER_PART  8

/* milliseconds */
#define NGX_HTTP_PINTAG_LINGER_MAX   25

/*
 * While clients come, and for so many milliseconds after, what was read from
 * the spool leaves them a place of the window, and goes in smaller batches: a
 * large one keeps the worker busy for longer than their answers take.
 */
#define NGX_HTTP_PINTAG_RESERVE      1000
#define NGX_HTTP_PINTAG_BESIDE       200


/* what takes turns at a destination */

typedef enum {
    NGX_HTTP_PINTAG_TURN_LIVE = 0,
    NGX_HTTP_PINTAG_TURN_BACKLOG,
    NGX_HTTP_PINTAG_TURN_PARTED,
    NGX_HTTP_PINTAG_TURNS
} ngx_http_pintag_turn_e;


static void ngx_http_pintag_destination_pump(ngx_event_t *ev);
static void ngx_http_pintag_destination_expire(
    ngx_http_pintag_destination_t *destination);
static ngx_uint_t ngx_http_pintag_destination_turn(
    ngx_http_pintag_destination_t *destination);
static ngx_uint_t ngx_http_pintag_destination_live(
    ngx_http_pintag_destination_t *destination);
static ngx_http_pintag_batch_t *ngx_http_pintag_destination_batch(
    ngx_http_pintag_destination_t *destination);
static ngx_int_t ngx_http_pintag_destination_send(
    ngx_http_pintag_batch_t *batch);
static void ngx_http_pintag_destination_in_flight(
    ngx_http_pintag_batch_t *batch, ngx_uint_t in_flight);
static void ngx_http_pintag_destination_answer(void *data,
    ngx_http_pintag_answer_t *answer);
static void ngx_http_pintag_destination_in_vain(
    ngx_http_pintag_destination_t *destination);
static void ngx_http_pintag_destination_settle(
    ngx_http_pintag_batch_t *batch, ngx_http_pintag_verdict_t *verdict);
static ngx_uint_t ngx_http_pintag_destination_left(
    ngx_http_pintag_delivery_t *delivery);
static void ngx_http_pintag_destination_again(
    ngx_http_pintag_delivery_t *delivery, char *reason);
static void ngx_http_pintag_destination_divide(
    ngx_http_pintag_batch_t *batch);
static void ngx_http_pintag_destination_stop(
    ngx_http_pintag_destination_t *destination, ngx_msec_t wait);


void
ngx_http_pintag_destination_init(ngx_http_pintag_destination_t *destination,
    ngx_log_t *log)
{
    ngx_queue_init(&destination->lanes);
    ngx_queue_init(&destination->backlog_lanes);
    ngx_queue_init(&destination->batches);

    destination->retry.handler = ngx_http_pintag_destination_pump;
    destination->retry.data = destination;
    destination->retry.log = log;

    /* what waits holds a leaving worker by its own deadline */
    destination->retry.cancelable = 1;

    destination->pump.handler = ngx_http_pintag_destination_pump;
    destination->pump.data = destination;
    destination->pump.log = log;

    destination->linger.handler = ngx_http_pintag_destination_pump;
    destination->linger.data = destination;
    destination->linger.log = log;
    destination->linger.cancelable = 1;
}


ngx_msec_t
ngx_http_pintag_destination_stopped(ngx_http_pintag_destination_t *destination)
{
    ngx_msec_int_t  left;

    if (!destination->retry.timer_set) {
        return 0;
    }

    left = (ngx_msec_int_t) (destination->retry.timer.key - ngx_current_msec);

    return (left > 0) ? (ngx_msec_t) left : 1;
}


/*
 * When a batch has been answered its clients are likely to come again, one
 * close after the other.  Each would take a place of the window, or leave it to
 * the few that happen to wait.  So while something is in flight what waits is
 * given a moment to become more.
 */

void
ngx_http_pintag_destination_wake(ngx_http_pintag_destination_t *destination)
{
    ngx_msec_t  linger;

    if (destination->retry.timer_set) {
        return;
    }

    linger = ngx_min(destination->took / NGX_HTTP_PINTAG_LINGER_PART,
                     NGX_HTTP_PINTAG_LINGER_MAX);

    if (destination->in_flight == 0 || linger == 0
        || destination->waiting >= destination->batch_events
        || !ngx_queue_empty(&destination->batches))
    {
        ngx_post_event(&destination->pump, &ngx_posted_events);
        return;
    }

    if (destination->waiting && !destination->linger.timer_set
        && destination->in_flight < destination->window)
    {
        ngx_add_timer(&destination->linger, linger);
    }
}


/* the handler of the timers, too */

static void
ngx_http_pintag_destination_pump(ngx_event_t *ev)
{
    ngx_http_pintag_destination_t *destination = ev->data;

    ngx_http_pintag_batch_t  *batch;

    if (destination->linger.timer_set) {
        ngx_del_timer(&destination->linger);
    }

    while (!destination->retry.timer_set && !destination->main_conf->ended) {

        if (destination->failures
            ? destination->probing
            : destination->in_flight >= destination->window)
        {
            return;
        }

        ngx_http_pintag_destination_expire(destination);

        if (!ngx_http_pintag_destination_turn(destination)) {
            return;
        }

        batch = ngx_http_pintag_destination_batch(destination);

        if (batch == NULL
            || ngx_http_pintag_destination_send(batch) != NGX_OK)
        {
            ngx_http_pintag_destination_stop(destination, 0);
        }
    }
}


/* what has been in the spool for too long is tried no more */

static void
ngx_http_pintag_destination_expire(ngx_http_pintag_destination_t *destination)
{
    ngx_http_pintag_spool_t     *spool;
    ngx_http_pintag_delivery_t  *delivery;

    spool = destination->main_conf->spool;

    for ( ;; ) {
        delivery = ngx_http_pintag_batch_first(destination);

        if (delivery == NULL || delivery->file == NULL
            || !ngx_http_pintag_spool_expired(spool, delivery->stored))
        {
            return;
        }

        ngx_http_pintag_delivery_withdraw(delivery);
        ngx_http_pintag_delivery_finish(delivery, NGX_HTTP_PINTAG_FAILED,
                                        "max_age", NULL);
    }
}


/*
 * Whose turn it is, 0 when nothing is to leave now.  Parts of a batch that is
 * taken apart, of which there may be many, what comes from clients, and what
 * was read from the spool take turns.  The latter leaves a place of the window
 * free while clients come, so that they need not wait for it.
 */

static ngx_uint_t
ngx_http_pintag_destination_turn(ngx_http_pintag_destination_t *destination)
{
    ngx_uint_t  i, places, turn;

    for (i = 1; i <= NGX_HTTP_PINTAG_TURNS; i++) {

        turn = (destination->turn + i) % NGX_HTTP_PINTAG_TURNS;

        switch (turn) {

        case NGX_HTTP_PINTAG_TURN_LIVE:

            if (ngx_queue_empty(&destination->lanes)) {
                continue;
            }

            destination->live = ngx_current_msec;
            break;

        case NGX_HTTP_PINTAG_TURN_BACKLOG:

            if (ngx_queue_empty(&destination->backlog_lanes)) {
                continue;
            }

            places = destination->window;

            if (places > 1 && ngx_http_pintag_destination_live(destination)) {
                places--;
            }

            if (destination->backlog_in_flight >= places) {
                continue;
            }

            break;

        default: /* NGX_HTTP_PINTAG_TURN_PARTED */

            if (ngx_queue_empty(&destination->batches)) {
                continue;
            }
        }

        destination->turn = turn;

        return 1;
    }

    return 0;
}


/* 1 when clients come, too */

static ngx_uint_t
ngx_http_pintag_destination_live(ngx_http_pintag_destination_t *destination)
{
    return destination->live
           && ngx_current_msec - destination->live < NGX_HTTP_PINTAG_RESERVE;
}


/* what leaves next, of what waits; NULL without memory */

static ngx_http_pintag_batch_t *
ngx_http_pintag_destination_batch(ngx_http_pintag_destination_t *destination)
{
    ngx_uint_t                max;
    ngx_queue_t              *q;
    ngx_http_pintag_batch_t  *batch;

    if (destination->failures) {
        return ngx_http_pintag_batch_single(destination);
    }

    switch (destination->turn) {

    case NGX_HTTP_PINTAG_TURN_LIVE:
        return ngx_http_pintag_batch_gather(destination, &destination->lanes,
                                            destination->batch_events);

    case NGX_HTTP_PINTAG_TURN_BACKLOG:
        max = ngx_http_pintag_destination_live(destination)
              ? ngx_min(destination->batch_events, NGX_HTTP_PINTAG_BESIDE)
              : destination->batch_events;

        batch = ngx_http_pintag_batch_gather(destination,
                                             &destination->backlog_lanes, max);
        if (batch) {
            batch->backlog = 1;
        }

        return batch;
    }

    q = ngx_queue_head(&destination->batches);
    batch = ngx_queue_data(q, ngx_http_pintag_batch_t, queue);

    ngx_http_pintag_batch_resume(batch);

    return batch;
}


/* NGX_ERROR: nothing was tried, it waits */

static ngx_int_t
ngx_http_pintag_destination_send(ngx_http_pintag_batch_t *batch)
{
    ngx_http_pintag_message_t  message;

    if (batch->destination->failures) {
        batch->probe = 1;
    }

    if (ngx_http_pintag_batch_message(batch, &message) == NGX_OK) {

        message.handler = ngx_http_pintag_destination_answer;
        message.data = batch;

        batch->sent = ngx_current_msec;
        ngx_http_pintag_destination_in_flight(batch, 1);

        if (ngx_http_pintag_courier_send(&message) == NGX_OK) {
            ngx_http_pintag_count_sent(batch->destination, batch->n,
                                       batch->size);
            return NGX_OK;
        }

        ngx_http_pintag_destination_in_flight(batch, 0);
    }

    batch->probe = 0;
    ngx_http_pintag_batch_landed(batch);
    ngx_http_pintag_batch_wait(batch);

    return NGX_ERROR;
}


static void
ngx_http_pintag_destination_in_flight(ngx_http_pintag_batch_t *batch,
    ngx_uint_t in_flight)
{
    ngx_queue_t                    *q;
    ngx_http_pintag_delivery_t     *delivery;
    ngx_http_pintag_destination_t  *destination;

    destination = batch->destination;

    if (in_flight) {
        destination->in_flight++;
        destination->backlog_in_flight += batch->backlog;

    } else {
        destination->in_flight--;
        destination->backlog_in_flight -= batch->backlog;
    }

    if (batch->probe) {
        destination->probing = in_flight;
    }

    for (q = ngx_queue_head(&batch->deliveries);
         q != ngx_queue_sentinel(&batch->deliveries);
         q = ngx_queue_next(q))
    {
        delivery = ngx_queue_data(q, ngx_http_pintag_delivery_t, queue);
        delivery->in_flight = in_flight;
    }

    ngx_http_pintag_count_state(destination);
}


static void
ngx_http_pintag_destination_answer(void *data,
    ngx_http_pintag_answer_t *answer)
{
    ngx_http_pintag_batch_t *batch = data;

    ngx_msec_t                      wait;
    ngx_http_pintag_verdict_t       verdict;
    ngx_http_pintag_destination_t  *destination;

    destination = batch->destination;

    ngx_http_pintag_destination_in_flight(batch, 0);
    ngx_http_pintag_batch_landed(batch);

    wait = (ngx_msec_t) answer->wait * 1000;
    destination->took = ngx_current_msec - batch->sent;

    ngx_http_pintag_count_answer(destination, answer->status);
    ngx_http_pintag_verdict(batch, answer, &verdict);

    /* what left before a stop and comes back after it tells nothing new */

    if (destination->failures == 0 || batch->probe) {

        destination->misconfigured = verdict.misconfigured;
        destination->misrouted = verdict.misrouted;

        if (verdict.outcome == NGX_HTTP_PINTAG_FAILED) {

            if (verdict.misconfigured) {
                wait = destination->plcf->retry_max;
            }

            ngx_http_pintag_destination_stop(destination, wait);
            ngx_http_pintag_verdict_stopped(destination, answer);

        } else {
            destination->failures = 0;
        }

    } else if (verdict.outcome == NGX_HTTP_PINTAG_FAILED
               && wait > ngx_http_pintag_destination_stopped(destination))
    {
        /* but for how long it asks to wait */
        ngx_add_timer(&destination->retry, wait);
    }

    batch->probe = 0;

    ngx_http_pintag_count_state(destination);
    ngx_http_pintag_destination_settle(batch, &verdict);

    if (verdict.misconfigured && ngx_exiting) {
        ngx_http_pintag_destination_in_vain(destination);
    }

    ngx_http_pintag_verdict_free(&verdict);

    ngx_http_pintag_destination_wake(destination);
}


/*
 * A worker that leaves will not get another token.  What neither a client nor a
 * spool keeps would hold it for good.
 */

static void
ngx_http_pintag_destination_in_vain(ngx_http_pintag_destination_t *destination)
{
    ngx_http_pintag_delivery_t  *delivery;

    destination->in_vain++;

    if (destination->main_conf->spool
        || destination->in_vain < destination->plcf->attempts)
    {
        return;
    }

    while ((delivery = ngx_http_pintag_batch_first(destination)) != NULL) {
        ngx_http_pintag_delivery_give_up(delivery, "misconfigured");
    }
}


/* gives the batch back, or lets what is left of it wait */

static void
ngx_http_pintag_destination_settle(ngx_http_pintag_batch_t *batch,
    ngx_http_pintag_verdict_t *verdict)
{
    ngx_str_t                    message;
    ngx_uint_t                   i;
    ngx_queue_t                 *q;
    pintag_capi_status_t        *status;
    ngx_http_pintag_delivery_t  *delivery;

    if (batch->destination->main_conf->ended && verdict->divide) {
        /* there is no time for it */
        verdict->divide = 0;
        verdict->outcome = NGX_HTTP_PINTAG_FAILED;
    }

    q = ngx_queue_head(&batch->deliveries);

    for (i = 0; q != ngx_queue_sentinel(&batch->deliveries); i++) {

        delivery = ngx_queue_data(q, ngx_http_pintag_delivery_t, queue);
        q = ngx_queue_next(q);

        if (delivery->outcome != NGX_HTTP_PINTAG_PENDING) {
            /* it was given up meanwhile */
            ngx_http_pintag_batch_remove(delivery);
            ngx_http_pintag_delivery_release(delivery);
            continue;
        }

        status = verdict->statuses ? &verdict->statuses[i] : NULL;

        if (status && status->failed) {
            message.data = (u_char *) status->message.data;
            message.len = status->message.len;

            ngx_http_pintag_batch_remove(delivery);
            ngx_http_pintag_delivery_finish(delivery,
                                            NGX_HTTP_PINTAG_REFUSED,
                                            "refused", &message);
            continue;
        }

        if (verdict->divide) {

            if (ngx_http_pintag_destination_left(delivery)) {
                ngx_http_pintag_batch_remove(delivery);
                ngx_http_pintag_delivery_forget(delivery);
            }

            continue;
        }

        ngx_http_pintag_batch_remove(delivery);

        if (status && status->unknown) {
            delivery->attempts++;
            ngx_http_pintag_destination_again(delivery, "unreadable_answer");
            continue;
        }

        if (verdict->outcome == NGX_HTTP_PINTAG_FAILED) {

            if (!verdict->misconfigured) {
                delivery->attempts++;
            }

            ngx_http_pintag_destination_again(delivery, verdict->reason);
            continue;
        }

        ngx_http_pintag_delivery_finish(delivery, verdict->outcome,
                                        verdict->reason, &verdict->message);
    }

    if (batch->n == 0) {
        ngx_http_pintag_batch_free(batch);
        return;
    }

    /* where none was named it is found by halves */

    if (i == batch->n) {
        ngx_http_pintag_destination_divide(batch);
        return;
    }

    batch->named = 1;

    ngx_http_pintag_batch_wait(batch);
}


/* 1 when it is left to the next owner of its line in the spool */

static ngx_uint_t
ngx_http_pintag_destination_left(ngx_http_pintag_delivery_t *delivery)
{
    return delivery->file
           && delivery->destination->main_conf->spool->leaving;
}


static void
ngx_http_pintag_destination_again(ngx_http_pintag_delivery_t *delivery,
    char *reason)
{
    ngx_http_pintag_deliveries_t  *deliveries;

    deliveries = delivery->deliveries;

    if (ngx_http_pintag_destination_left(delivery)) {
        ngx_http_pintag_delivery_forget(delivery);
        return;
    }

    if (delivery->file && delivery->origin) {
        ngx_http_pintag_delivery_return(delivery);
        return;
    }

    ngx_http_pintag_count_retry(delivery);

    /* last in line, or one that never succeeds would hold up others */

    ngx_http_pintag_delivery_wait(delivery);

    if (deliveries->main_conf->ended) {
        ngx_http_pintag_delivery_give_up(delivery, "shutdown");

    } else if (deliveries->late && delivery->origin == NULL) {
        ngx_http_pintag_delivery_give_up(delivery, "timeout");

    } else if (delivery->attempts >= delivery->destination->plcf->attempts) {
        ngx_http_pintag_delivery_give_up(delivery, reason);
    }
}


static void
ngx_http_pintag_destination_divide(ngx_http_pintag_batch_t *batch)
{
    ngx_http_pintag_batch_t  *half;

    half = ngx_http_pintag_batch_halve(batch);

    if (half) {
        ngx_http_pintag_batch_wait(half);

    } else {
        /* as a whole once more, a little later */
        ngx_http_pintag_destination_stop(batch->destination, 0);
    }

    ngx_http_pintag_batch_wait(batch);
}


/* for "wait" milliseconds, or as long as back-off says when it is 0 */

static void
ngx_http_pintag_destination_stop(ngx_http_pintag_destination_t *destination,
    ngx_msec_t wait)
{
    ngx_uint_t                   n;
    ngx_msec_t                   limit;
    ngx_http_pintag_loc_conf_t  *plcf;

    plcf = destination->plcf;

    if (wait == 0) {
        limit = plcf->retry_min;

        for (n = 0; n < destination->failures && limit < plcf->retry_max; n++)
        {
            limit *= 2;
        }

        limit = ngx_min(limit, plcf->retry_max);

        /* neither is 0: NOLINTNEXTLINE(clang-analyzer-core.DivideZero) */
        wait = 1 + (ngx_msec_t) ngx_random() % limit;
    }

    destination->failures++;

    ngx_http_pintag_count_state(destination);

    ngx_add_timer(&destination->retry, wait);
}
