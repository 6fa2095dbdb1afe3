
/*
 * Copyright (C) the ngx_http_pintag_module authors
 */


#include "ngx_http_pintag_module.h"
#include "ngx_http_pintag_destination.h"
#include "ngx_http_pintag_delivery.h"
#include "ngx_http_pintag_courier.h"


static void ngx_http_pintag_destination_pump(ngx_event_t *ev);
static ngx_http_pintag_delivery_t *ngx_http_pintag_destination_next(
    ngx_http_pintag_destination_t *destination);
static void ngx_http_pintag_destination_send(
    ngx_http_pintag_delivery_t *delivery);
static void ngx_http_pintag_destination_landed(
    ngx_http_pintag_delivery_t *delivery);
static void ngx_http_pintag_destination_answer(void *data,
    ngx_http_pintag_answer_t *answer);
static ngx_http_pintag_outcome_e ngx_http_pintag_destination_judge(
    ngx_http_pintag_destination_t *destination,
    ngx_http_pintag_answer_t *answer, char **reason);
static void ngx_http_pintag_destination_stop(
    ngx_http_pintag_destination_t *destination);


ngx_http_pintag_destination_t *
ngx_http_pintag_destination_add(ngx_conf_t *cf,
    ngx_http_pintag_loc_conf_t *plcf, ngx_str_t *tag_id,
    ngx_http_pintag_destination_t **conflict)
{
    u_char                          *p;
    ngx_uint_t                       i;
    ngx_http_core_srv_conf_t        *cscf;
    ngx_http_pintag_loc_conf_t      *other;
    ngx_http_pintag_main_conf_t     *pmcf;
    ngx_http_pintag_destination_t   *destination, **elt;

    *conflict = NULL;

    pmcf = ngx_http_conf_get_module_main_conf(cf, ngx_http_pintag_module);
    cscf = ngx_http_conf_get_module_srv_conf(cf, ngx_http_core_module);

    elt = pmcf->destinations.elts;

    for (i = 0; i < pmcf->destinations.nelts; i++) {
        destination = elt[i];
        other = destination->plcf;

        if (destination->server != cscf
            || other->pass.len != plcf->pass.len
            || ngx_strncmp(other->pass.data, plcf->pass.data, plcf->pass.len)
               != 0
            || destination->tag_id.len != tag_id->len
            || ngx_strncmp(destination->tag_id.data, tag_id->data,
                           tag_id->len)
               != 0)
        {
            continue;
        }

        if (other->tag_window != plcf->tag_window
            || other->attempts != plcf->attempts
            || other->retry_min != plcf->retry_min
            || other->retry_max != plcf->retry_max)
        {
            *conflict = destination;
            return NULL;
        }

        return destination;
    }

    destination = ngx_pcalloc(cf->pool, sizeof(ngx_http_pintag_destination_t));
    if (destination == NULL) {
        return NULL;
    }

    elt = ngx_array_push(&pmcf->destinations);
    if (elt == NULL) {
        return NULL;
    }

    *elt = destination;

    destination->main_conf = pmcf;
    destination->server = cscf;
    destination->plcf = plcf;
    destination->tag_id = *tag_id;

    destination->uri.len = plcf->pass.len + sizeof("/v3/") - 1;
    destination->uri.data = ngx_pnalloc(cf->pool, destination->uri.len);
    if (destination->uri.data == NULL) {
        return NULL;
    }

    p = ngx_cpymem(destination->uri.data, plcf->pass.data, plcf->pass.len);
    ngx_memcpy(p, "/v3/", sizeof("/v3/") - 1);

    destination->label.len = sizeof("tag ") - 1 + tag_id->len;
    destination->label.data = ngx_pnalloc(cf->pool, destination->label.len);
    if (destination->label.data == NULL) {
        return NULL;
    }

    p = ngx_cpymem(destination->label.data, "tag ", sizeof("tag ") - 1);
    ngx_memcpy(p, tag_id->data, tag_id->len);

    ngx_queue_init(&destination->lanes);

    destination->retry.handler = ngx_http_pintag_destination_pump;
    destination->retry.data = destination;
    destination->retry.log = &cf->cycle->new_log;

    /* what waits holds a leaving worker by its own deadline */
    destination->retry.cancelable = 1;

    destination->pump.handler = ngx_http_pintag_destination_pump;
    destination->pump.data = destination;
    destination->pump.log = &cf->cycle->new_log;

    return destination;
}


void
ngx_http_pintag_destinations_end(ngx_http_pintag_main_conf_t *pmcf)
{
    ngx_uint_t                       i;
    ngx_http_pintag_delivery_t      *delivery;
    ngx_http_pintag_destination_t  **destination;

    pmcf->ended = 1;

    destination = pmcf->destinations.elts;

    for (i = 0; i < pmcf->destinations.nelts; i++) {

        for ( ;; ) {
            delivery = ngx_http_pintag_destination_next(destination[i]);
            if (delivery == NULL) {
                break;
            }

            /* takes all that waits of its request out of the lanes */

            ngx_http_pintag_deliveries_give_up(delivery->deliveries,
                                               "shutdown");
        }
    }
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


/* the handler of the timer that ends a stop, too */

static void
ngx_http_pintag_destination_pump(ngx_event_t *ev)
{
    ngx_http_pintag_destination_t *destination = ev->data;

    ngx_http_pintag_delivery_t  *delivery;

    while (!destination->retry.timer_set) {

        delivery = ngx_http_pintag_destination_next(destination);
        if (delivery == NULL) {
            return;
        }

        if (destination->failures
            ? destination->probing
            : destination->in_flight >= destination->plcf->tag_window)
        {
            return;
        }

        ngx_http_pintag_delivery_withdraw(delivery);
        ngx_http_pintag_destination_send(delivery);
    }
}


/* whose turn it is, or NULL */

static ngx_http_pintag_delivery_t *
ngx_http_pintag_destination_next(ngx_http_pintag_destination_t *destination)
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


static void
ngx_http_pintag_destination_send(ngx_http_pintag_delivery_t *delivery)
{
    ngx_http_pintag_message_t       message;
    ngx_http_pintag_destination_t  *destination;

    destination = delivery->destination;

    message.server = destination->server;
    message.uri = destination->uri;
    message.args = delivery->query;
    message.headers = delivery->headers;
    message.label = &destination->label;
    message.handler = ngx_http_pintag_destination_answer;
    message.data = delivery;

    delivery->in_flight = 1;
    destination->in_flight++;

    if (destination->failures) {
        delivery->probe = 1;
        destination->probing = 1;
    }

    if (ngx_http_pintag_courier_send(&message) == NGX_OK) {
        return;
    }

    /* nothing was tried: it waits, first in line, and no attempt is used up */

    ngx_http_pintag_destination_landed(delivery);

    ngx_http_pintag_delivery_wait(delivery, 1);

    ngx_http_pintag_destination_stop(destination);
}


static void
ngx_http_pintag_destination_landed(ngx_http_pintag_delivery_t *delivery)
{
    ngx_http_pintag_destination_t  *destination;

    destination = delivery->destination;

    delivery->in_flight = 0;
    destination->in_flight--;

    if (delivery->probe) {
        delivery->probe = 0;
        destination->probing = 0;
    }
}


static void
ngx_http_pintag_destination_answer(void *data,
    ngx_http_pintag_answer_t *answer)
{
    ngx_http_pintag_delivery_t *delivery = data;

    char                           *reason;
    ngx_uint_t                      probe, unheard;
    ngx_http_pintag_outcome_e       outcome;
    ngx_http_pintag_deliveries_t   *deliveries;
    ngx_http_pintag_destination_t  *destination;

    deliveries = delivery->deliveries;
    destination = delivery->destination;

    probe = delivery->probe;

    ngx_http_pintag_destination_landed(delivery);

    delivery->attempts++;

    outcome = ngx_http_pintag_destination_judge(destination, answer, &reason);

    /* what left before a stop and comes back after it tells nothing new */

    if (destination->failures == 0 || probe) {

        if (outcome == NGX_HTTP_PINTAG_FAILED) {
            ngx_http_pintag_destination_stop(destination);

        } else {
            destination->failures = 0;
        }
    }

    if (delivery->outcome != NGX_HTTP_PINTAG_PENDING) {
        /* it was given up meanwhile */
        ngx_http_pintag_deliveries_release(deliveries);

    } else if (outcome == NGX_HTTP_PINTAG_FAILED
               && delivery->attempts < destination->plcf->attempts
               && !destination->main_conf->ended)
    {
        /* last in line, or one that never succeeds would hold up the rest */

        ngx_http_pintag_delivery_wait(delivery, 0);

    } else {

        if (outcome == NGX_HTTP_PINTAG_FAILED && destination->main_conf->ended)
        {
            reason = "shutdown";
        }

        unheard = (deliveries->handler == NULL);

        ngx_http_pintag_delivery_settle(delivery, outcome, reason);

        if (unheard && outcome == NGX_HTTP_PINTAG_FAILED) {
            ngx_log_error(NGX_LOG_ERR, ngx_cycle->log, 0,
                          "pintag gave up a delivery to %V of a client "
                          "that had left: %s after %ui attempts",
                          &destination->label, reason, delivery->attempts);
        }

        ngx_http_pintag_deliveries_release(deliveries);
    }

    ngx_http_pintag_destination_pump(&destination->pump);
}


/* what an answer means; FAILED is what may pass */

static ngx_http_pintag_outcome_e
ngx_http_pintag_destination_judge(ngx_http_pintag_destination_t *destination,
    ngx_http_pintag_answer_t *answer, char **reason)
{
    ngx_uint_t  status;

    status = answer->status;

    if (answer->local) {
        ngx_log_error(NGX_LOG_ERR, ngx_cycle->log, 0,
                      "pintag_pass \"%V\" in %s:%ui: \"%V\" was answered %ui "
                      "by nginx itself, not by an upstream; nothing was "
                      "delivered to %V, look for a \"return\", a \"rewrite\" "
                      "or a cache in its location and server",
                      &destination->plcf->pass, destination->plcf->pass_file,
                      destination->plcf->pass_line, &destination->uri,
                      answer->local, &destination->label);

        *reason = "no_upstream";
        return NGX_HTTP_PINTAG_FAILED;
    }

    if (status == 0) {
        *reason = "no_answer";
        return NGX_HTTP_PINTAG_FAILED;
    }

    if (status >= NGX_HTTP_OK && status < NGX_HTTP_SPECIAL_RESPONSE) {
        *reason = NULL;
        return NGX_HTTP_PINTAG_DELIVERED;
    }

    if (status < NGX_HTTP_BAD_REQUEST) {
        ngx_log_error(NGX_LOG_ERR, ngx_cycle->log, 0,
                      "pintag_pass \"%V\" in %s:%ui: %V was answered %ui, a "
                      "redirect, which is not followed; look at the address "
                      "in \"proxy_pass\"",
                      &destination->plcf->pass, destination->plcf->pass_file,
                      destination->plcf->pass_line, &destination->label,
                      status);

        *reason = "redirect";
        return NGX_HTTP_PINTAG_FAILED;
    }

    if (status >= NGX_HTTP_INTERNAL_SERVER_ERROR
        || status == NGX_HTTP_REQUEST_TIME_OUT
        || status == NGX_HTTP_TOO_MANY_REQUESTS)
    {
        *reason = "upstream_error";
        return NGX_HTTP_PINTAG_FAILED;
    }

    ngx_log_error(NGX_LOG_WARN, ngx_cycle->log, 0,
                  "pintag: %V refused a delivery with %ui",
                  &destination->label, status);

    *reason = "refused";
    return NGX_HTTP_PINTAG_REFUSED;
}


static void
ngx_http_pintag_destination_stop(ngx_http_pintag_destination_t *destination)
{
    ngx_uint_t                   n;
    ngx_msec_t                   limit;
    ngx_http_pintag_loc_conf_t  *plcf;

    plcf = destination->plcf;

    limit = plcf->retry_min;

    for (n = 0; n < destination->failures && limit < plcf->retry_max; n++) {
        limit *= 2;
    }

    limit = ngx_min(limit, plcf->retry_max);

    destination->failures++;

    ngx_add_timer(&destination->retry, 1 + (ngx_msec_t) ngx_random() % limit);
}
