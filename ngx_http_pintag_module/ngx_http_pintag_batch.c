
/*
 * Copyright (C) the ngx_http_pintag_module authors
 */


#include "ngx_http_pintag_module.h"
#include "ngx_http_pintag_destination.h"
#include "ngx_http_pintag_batch.h"
#include "ngx_http_pintag_fallback.h"

#include "core/capi.h"


/*
 * Of what the Conversions API answers: a status with long messages for each of
 * as many events as a request may have.
 */
#define NGX_HTTP_PINTAG_MAX_ANSWER  (4 * 1024 * 1024)


static ngx_http_pintag_batch_t *ngx_http_pintag_batch_create(
    ngx_http_pintag_destination_t *destination);
static void ngx_http_pintag_batch_add(ngx_http_pintag_batch_t *batch,
    ngx_http_pintag_delivery_t *delivery);
static size_t ngx_http_pintag_batch_weight(
    ngx_http_pintag_delivery_t *delivery);
static size_t ngx_http_pintag_batch_body_size(ngx_uint_t n, size_t size);
static void ngx_http_pintag_batch_waits(ngx_http_pintag_batch_t *batch,
    ngx_uint_t waiting);


static ngx_str_t  ngx_http_pintag_batch_json = ngx_string("application/json");


ngx_http_pintag_batch_t *
ngx_http_pintag_batch_gather(ngx_http_pintag_destination_t *destination,
    ngx_queue_t *lanes, ngx_uint_t max)
{
    size_t                       size;
    ngx_http_pintag_batch_t     *batch;
    ngx_http_pintag_delivery_t  *delivery;

    batch = ngx_http_pintag_batch_create(destination);
    if (batch == NULL) {
        return NULL;
    }

    while (batch->n < max) {

        delivery = ngx_http_pintag_delivery_next(lanes);
        if (delivery == NULL) {
            break;
        }

        size = ngx_http_pintag_batch_body_size(batch->n + 1, batch->size
                                  + ngx_http_pintag_batch_weight(delivery));

        if (batch->n && size > destination->batch_size) {
            break;
        }

        ngx_http_pintag_delivery_withdraw(delivery);
        ngx_http_pintag_batch_add(batch, delivery);
    }

    return batch;
}


ngx_http_pintag_batch_t *
ngx_http_pintag_batch_single(ngx_http_pintag_destination_t *destination)
{
    ngx_http_pintag_batch_t     *batch;
    ngx_http_pintag_delivery_t  *delivery;

    batch = ngx_http_pintag_batch_create(destination);
    if (batch == NULL) {
        return NULL;
    }

    delivery = ngx_http_pintag_batch_first(destination);

    ngx_http_pintag_delivery_withdraw(delivery);
    ngx_http_pintag_batch_add(batch, delivery);

    return batch;
}


ngx_http_pintag_delivery_t *
ngx_http_pintag_batch_first(ngx_http_pintag_destination_t *destination)
{
    ngx_queue_t              *q;
    ngx_http_pintag_batch_t  *batch;

    if (ngx_queue_empty(&destination->batches)) {

        return ngx_http_pintag_delivery_next(
                                         ngx_queue_empty(&destination->lanes)
                                         ? &destination->backlog_lanes
                                         : &destination->lanes);
    }

    q = ngx_queue_head(&destination->batches);
    batch = ngx_queue_data(q, ngx_http_pintag_batch_t, queue);

    q = ngx_queue_head(&batch->deliveries);

    return ngx_queue_data(q, ngx_http_pintag_delivery_t, queue);
}


static ngx_http_pintag_batch_t *
ngx_http_pintag_batch_create(ngx_http_pintag_destination_t *destination)
{
    ngx_http_pintag_batch_t  *batch;

    batch = ngx_calloc(sizeof(ngx_http_pintag_batch_t), ngx_cycle->log);
    if (batch == NULL) {
        return NULL;
    }

    batch->destination = destination;
    ngx_queue_init(&batch->deliveries);

    return batch;
}


static void
ngx_http_pintag_batch_add(ngx_http_pintag_batch_t *batch,
    ngx_http_pintag_delivery_t *delivery)
{
    delivery->batch = batch;
    ngx_queue_insert_tail(&batch->deliveries, &delivery->queue);

    batch->n++;
    batch->size += ngx_http_pintag_batch_weight(delivery);
}


/* bytes of a body, without what is between two of them */

static size_t
ngx_http_pintag_batch_weight(ngx_http_pintag_delivery_t *delivery)
{
    return delivery->origin ? ngx_http_pintag_fallback_size(delivery)
                            : delivery->payload.len;
}


ngx_int_t
ngx_http_pintag_batch_message(ngx_http_pintag_batch_t *batch,
    ngx_http_pintag_message_t *message)
{
    u_char                         *p;
    ngx_queue_t                    *q;
    ngx_http_pintag_delivery_t     *delivery;
    ngx_http_pintag_destination_t  *destination;

    destination = batch->destination;

    ngx_memzero(message, sizeof(ngx_http_pintag_message_t));

    message->server = destination->server;
    message->uri = destination->uri;
    message->label = &destination->label;

    q = ngx_queue_head(&batch->deliveries);

    if (destination->transport == NGX_HTTP_PINTAG_TAG) {
        delivery = ngx_queue_data(q, ngx_http_pintag_delivery_t, queue);

        message->args = delivery->payload;
        message->headers = delivery->headers;

        return NGX_OK;
    }

    if (destination->transport == NGX_HTTP_PINTAG_FALLBACK) {
        return ngx_http_pintag_fallback_message(batch, message);
    }

    /* one piece: it may be one TLS record, where each buffer would be one */

    p = ngx_alloc(ngx_http_pintag_batch_body_size(batch->n, batch->size),
                  ngx_cycle->log);
    if (p == NULL) {
        return NGX_ERROR;
    }

    batch->body = p;

    message->args = destination->args;
    message->content_type = &ngx_http_pintag_batch_json;
    message->authorization = &destination->authorization;
    message->body.data = p;
    message->max_answer = NGX_HTTP_PINTAG_MAX_ANSWER;

    p = ngx_cpymem(p, PINTAG_CAPI_HEAD, sizeof(PINTAG_CAPI_HEAD) - 1);

    for ( /* void */ ;
         q != ngx_queue_sentinel(&batch->deliveries);
         q = ngx_queue_next(q))
    {
        delivery = ngx_queue_data(q, ngx_http_pintag_delivery_t, queue);

        if (q != ngx_queue_head(&batch->deliveries)) {
            *p++ = ',';
        }

        p = ngx_cpymem(p, delivery->payload.data, delivery->payload.len);
    }

    p = ngx_cpymem(p, PINTAG_CAPI_TAIL, sizeof(PINTAG_CAPI_TAIL) - 1);

    message->body.len = p - message->body.data;

    return NGX_OK;
}


static size_t
ngx_http_pintag_batch_body_size(ngx_uint_t n, size_t size)
{
    return sizeof(PINTAG_CAPI_HEAD) - 1 + size + n - 1
           + sizeof(PINTAG_CAPI_TAIL) - 1;
}


void
ngx_http_pintag_batch_landed(ngx_http_pintag_batch_t *batch)
{
    if (batch->body) {
        ngx_free(batch->body);
        batch->body = NULL;
    }

    if (batch->pool) {
        ngx_destroy_pool(batch->pool);
        batch->pool = NULL;
    }
}


ngx_http_pintag_batch_t *
ngx_http_pintag_batch_halve(ngx_http_pintag_batch_t *batch)
{
    ngx_uint_t                   n;
    ngx_queue_t                 *q;
    ngx_http_pintag_batch_t     *half;
    ngx_http_pintag_delivery_t  *delivery;

    half = ngx_http_pintag_batch_create(batch->destination);
    if (half == NULL) {
        return NULL;
    }

    half->named = batch->named;

    q = ngx_queue_head(&batch->deliveries);

    for (n = (batch->n + 1) / 2; n; n--) {
        q = ngx_queue_next(q);
    }

    while (q != ngx_queue_sentinel(&batch->deliveries)) {
        delivery = ngx_queue_data(q, ngx_http_pintag_delivery_t, queue);
        q = ngx_queue_next(q);

        ngx_http_pintag_batch_remove(delivery);
        ngx_http_pintag_batch_add(half, delivery);
    }

    return half;
}


void
ngx_http_pintag_batch_wait(ngx_http_pintag_batch_t *batch)
{
    ngx_http_pintag_batch_waits(batch, 1);

    ngx_queue_insert_head(&batch->destination->batches, &batch->queue);
}


void
ngx_http_pintag_batch_resume(ngx_http_pintag_batch_t *batch)
{
    ngx_http_pintag_batch_waits(batch, 0);

    ngx_queue_remove(&batch->queue);
}


static void
ngx_http_pintag_batch_waits(ngx_http_pintag_batch_t *batch, ngx_uint_t waiting)
{
    ngx_queue_t                 *q;
    ngx_http_pintag_delivery_t  *delivery;

    for (q = ngx_queue_head(&batch->deliveries);
         q != ngx_queue_sentinel(&batch->deliveries);
         q = ngx_queue_next(q))
    {
        delivery = ngx_queue_data(q, ngx_http_pintag_delivery_t, queue);
        delivery->waiting = waiting;
    }
}


void
ngx_http_pintag_batch_remove(ngx_http_pintag_delivery_t *delivery)
{
    ngx_http_pintag_batch_t  *batch;

    batch = delivery->batch;
    delivery->batch = NULL;

    ngx_queue_remove(&delivery->queue);

    batch->n--;
    batch->size -= ngx_http_pintag_batch_weight(delivery);
}


void
ngx_http_pintag_batch_withdraw(ngx_http_pintag_delivery_t *delivery)
{
    ngx_http_pintag_batch_t  *batch;

    batch = delivery->batch;

    delivery->waiting = 0;
    ngx_http_pintag_batch_remove(delivery);

    if (batch->n == 0) {
        ngx_queue_remove(&batch->queue);
        ngx_http_pintag_batch_free(batch);
    }
}


void
ngx_http_pintag_batch_free(ngx_http_pintag_batch_t *batch)
{
    ngx_free(batch);
}
