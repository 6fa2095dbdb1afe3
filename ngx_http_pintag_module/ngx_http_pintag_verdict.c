
/*
 * Copyright (C) the ngx_http_pintag_module authors
 */


#include "ngx_http_pintag_module.h"
#include "ngx_http_pintag_destination.h"
#include "ngx_http_pintag_fallback.h"
#include "ngx_http_pintag_verdict.h"


#define NGX_HTTP_PINTAG_UNPROCESSABLE  422
#define NGX_HTTP_PINTAG_TOO_EARLY      425

/* milliseconds between two lines of what a destination refuses ... */
#define NGX_HTTP_PINTAG_TELL           1000

/* ... and of what is wrong with it */
#define NGX_HTTP_PINTAG_COMPLAIN       60000


static void ngx_http_pintag_verdict_success(ngx_http_pintag_batch_t *batch,
    ngx_http_pintag_answer_t *answer, ngx_http_pintag_verdict_t *verdict);
static void ngx_http_pintag_verdict_tell_some(ngx_http_pintag_batch_t *batch,
    ngx_uint_t status, ngx_http_pintag_verdict_t *verdict);
static void ngx_http_pintag_verdict_tell(
    ngx_http_pintag_destination_t *destination, ngx_uint_t status,
    ngx_uint_t n, ngx_str_t *message);
static void ngx_http_pintag_verdict_error(ngx_http_pintag_batch_t *batch,
    ngx_http_pintag_answer_t *answer, ngx_http_pintag_verdict_t *verdict);
static void ngx_http_pintag_verdict_misconfigured(
    ngx_http_pintag_batch_t *batch, ngx_http_pintag_answer_t *answer,
    ngx_http_pintag_verdict_t *verdict);
static ngx_int_t ngx_http_pintag_verdict_read(ngx_http_pintag_batch_t *batch,
    ngx_http_pintag_answer_t *answer, ngx_http_pintag_verdict_t *verdict);
static pintag_str_t *ngx_http_pintag_verdict_ids(
    ngx_http_pintag_batch_t *batch, pintag_arena_t *arena,
    pintag_str_t *events);


void
ngx_http_pintag_verdict(ngx_http_pintag_batch_t *batch,
    ngx_http_pintag_answer_t *answer, ngx_http_pintag_verdict_t *verdict)
{
    ngx_uint_t                      status;
    ngx_http_pintag_loc_conf_t     *plcf;
    ngx_http_pintag_destination_t  *destination;

    ngx_memzero(verdict, sizeof(ngx_http_pintag_verdict_t));

    verdict->outcome = NGX_HTTP_PINTAG_FAILED;

    status = answer->status;
    destination = batch->destination;
    plcf = destination->plcf;

    if (destination->transport == NGX_HTTP_PINTAG_FALLBACK) {
        ngx_http_pintag_fallback_verdict(batch, answer, verdict);
        return;
    }

    if (answer->local) {
        ngx_log_error(NGX_LOG_ERR, ngx_cycle->log, 0,
                      "pintag_pass \"%V\" in %s:%ui: \"%V\" was answered %ui "
                      "by nginx itself, not by an upstream; nothing was "
                      "delivered to %V, look for a \"return\", a \"rewrite\" "
                      "or a cache in its location and server",
                      &plcf->pass, plcf->pass_file, plcf->pass_line,
                      &destination->uri, answer->local, &destination->label);

        verdict->misrouted = 1;
        verdict->reason = "no_upstream";
        return;
    }

    if (status == 0) {
        verdict->reason = "no_answer";
        return;
    }

    if (status >= NGX_HTTP_OK && status < NGX_HTTP_SPECIAL_RESPONSE) {

        if (destination->transport == NGX_HTTP_PINTAG_TAG) {
            verdict->outcome = NGX_HTTP_PINTAG_DELIVERED;

        } else {
            ngx_http_pintag_verdict_success(batch, answer, verdict);
        }

        return;
    }

    if (status < NGX_HTTP_BAD_REQUEST) {
        ngx_log_error(NGX_LOG_ERR, ngx_cycle->log, 0,
                      "pintag_pass \"%V\" in %s:%ui: %V was answered %ui, a "
                      "redirect, which is not followed; look at the address "
                      "in \"proxy_pass\"",
                      &plcf->pass, plcf->pass_file, plcf->pass_line,
                      &destination->label, status);

        verdict->misrouted = 1;
        verdict->reason = "redirect";
        return;
    }

    if (status >= NGX_HTTP_INTERNAL_SERVER_ERROR
        || status == NGX_HTTP_REQUEST_TIME_OUT
        || status == NGX_HTTP_TOO_MANY_REQUESTS)
    {
        verdict->reason = "upstream_error";
        return;
    }

    if (destination->transport == NGX_HTTP_PINTAG_API) {
        ngx_http_pintag_verdict_error(batch, answer, verdict);
        return;
    }

    ngx_http_pintag_verdict_tell(destination, status, 1, &verdict->message);

    verdict->outcome = NGX_HTTP_PINTAG_REFUSED;
    verdict->reason = "refused";
}


/* of the Conversions API: each event has a status of its own */

static void
ngx_http_pintag_verdict_success(ngx_http_pintag_batch_t *batch,
    ngx_http_pintag_answer_t *answer, ngx_http_pintag_verdict_t *verdict)
{
    switch (ngx_http_pintag_verdict_read(batch, answer, verdict)) {

    case NGX_OK:
        verdict->outcome = NGX_HTTP_PINTAG_DELIVERED;
        ngx_http_pintag_verdict_tell_some(batch, answer->status, verdict);
        break;

    case NGX_DECLINED:
        ngx_log_error(NGX_LOG_ERR, ngx_cycle->log, 0,
                      "pintag: %V answered %ui to %ui events, but without a "
                      "status for each: they are sent again; look at the "
                      "address in \"proxy_pass\"",
                      &batch->destination->label, answer->status, batch->n);

        verdict->reason = "unreadable_answer";
        break;

    default: /* NGX_ERROR */
        verdict->reason = "upstream_error";
    }
}


/* tells of those that fare otherwise than the rest */

static void
ngx_http_pintag_verdict_tell_some(ngx_http_pintag_batch_t *batch,
    ngx_uint_t status, ngx_http_pintag_verdict_t *verdict)
{
    ngx_str_t    message;
    ngx_uint_t   i, n, unknown;

    n = 0;
    unknown = 0;

    for (i = 0; i < batch->n; i++) {

        unknown += verdict->statuses[i].unknown;

        if (verdict->statuses[i].failed) {
            message.data = (u_char *) verdict->statuses[i].message.data;
            message.len = verdict->statuses[i].message.len;
            n++;
        }
    }

    if (n) {
        ngx_http_pintag_verdict_tell(batch->destination, status, n, &message);
    }

    if (unknown) {
        ngx_log_error(NGX_LOG_ERR, ngx_cycle->log, 0,
                      "pintag: %V answered %ui with neither \"processed\" nor "
                      "\"failed\" for %ui of %ui events, which are sent again",
                      &batch->destination->label, status, unknown, batch->n);
    }
}


static void
ngx_http_pintag_verdict_tell(ngx_http_pintag_destination_t *destination,
    ngx_uint_t status, ngx_uint_t n, ngx_str_t *message)
{
    destination->refused += n;

    if (!ngx_http_pintag_log_due(&destination->told,
                                     NGX_HTTP_PINTAG_TELL))
    {
        return;
    }

    ngx_log_error(NGX_LOG_WARN, ngx_cycle->log, 0,
                  "pintag: %V refused %ui events, the last with %ui \"%V\"",
                  &destination->label, destination->refused, status, message);

    destination->refused = 0;
}


/* of the Conversions API: what it does not take as a whole */

static void
ngx_http_pintag_verdict_error(ngx_http_pintag_batch_t *batch,
    ngx_http_pintag_answer_t *answer, ngx_http_pintag_verdict_t *verdict)
{
    ngx_uint_t                      status;
    ngx_http_pintag_destination_t  *destination;

    status = answer->status;
    destination = batch->destination;

    if (status == NGX_HTTP_PINTAG_TOO_EARLY
        || ngx_http_pintag_verdict_read(batch, answer, verdict) != NGX_OK)
    {
        verdict->reason = "upstream_error";
        return;
    }

    if (status == NGX_HTTP_UNAUTHORIZED || status == NGX_HTTP_FORBIDDEN
        || status == NGX_HTTP_NOT_FOUND)
    {
        ngx_http_pintag_verdict_misconfigured(batch, answer, verdict);
        return;
    }

    verdict->outcome = NGX_HTTP_PINTAG_REFUSED;
    verdict->reason = "refused";

    if (batch->n > 1
        && (status == NGX_HTTP_BAD_REQUEST
            || status == NGX_HTTP_REQUEST_ENTITY_TOO_LARGE
            || status == NGX_HTTP_PINTAG_UNPROCESSABLE))
    {
        verdict->divide = 1;

        /* one that was not meant for an event would cost many in turn */

        if (batch->named) {
            verdict->statuses = NULL;
            return;
        }

        ngx_http_pintag_verdict_tell_some(batch, answer->status, verdict);
        return;
    }

    verdict->statuses = NULL;

    ngx_http_pintag_verdict_tell(destination, status, batch->n,
                                 &verdict->message);
}


static void
ngx_http_pintag_verdict_misconfigured(ngx_http_pintag_batch_t *batch,
    ngx_http_pintag_answer_t *answer, ngx_http_pintag_verdict_t *verdict)
{
    char                           *what;
    ngx_http_pintag_destination_t  *destination;

    destination = batch->destination;

    verdict->statuses = NULL;
    verdict->misconfigured = 1;
    verdict->reason = "misconfigured";

    if (!ngx_http_pintag_log_due(&destination->complained,
                                     NGX_HTTP_PINTAG_COMPLAIN))
    {
        return;
    }

    switch (answer->status) {

    case NGX_HTTP_UNAUTHORIZED:
        what = "its access token is not valid";
        break;

    case NGX_HTTP_FORBIDDEN:
        what = "its access token does not permit it";
        break;

    default: /* NGX_HTTP_NOT_FOUND */
        what = "there is no such ad account, or \"proxy_pass\" has a wrong "
               "address";
    }

    ngx_log_error(NGX_LOG_ERR, ngx_cycle->log, 0,
                  "pintag: %V was answered %ui, \"%V\": %s; nothing is sent "
                  "there but an event every %M ms, to see whether this has "
                  "passed", &destination->label, answer->status,
                  &verdict->message, what, destination->plcf->retry_max);
}


/*
 * Reads the body of an answer of the Conversions API: NGX_OK, NGX_DECLINED for
 * a success that cannot be read, or NGX_ERROR without memory.
 */

static ngx_int_t
ngx_http_pintag_verdict_read(ngx_http_pintag_batch_t *batch,
    ngx_http_pintag_answer_t *answer, ngx_http_pintag_verdict_t *verdict)
{
    int                     rc;
    ngx_str_t              *authorization;
    ngx_pool_t             *pool;
    pintag_str_t            body, message, *ids, *events;
    pintag_arena_t          arena;
    pintag_capi_secrets_t   secrets;

    pool = ngx_create_pool(NGX_DEFAULT_POOL_SIZE, ngx_cycle->log);
    if (pool == NULL) {
        return NGX_ERROR;
    }

    verdict->pool = pool;

    pintag_arena_init(&arena, ngx_http_pintag_palloc, pool);

    verdict->statuses = ngx_pcalloc(pool, batch->n
                                          * sizeof(pintag_capi_status_t));
    if (verdict->statuses == NULL) {
        return NGX_ERROR;
    }

    authorization = &batch->destination->authorization;

    events = pintag_arena_alloc(&arena, batch->n * sizeof(pintag_str_t));
    if (events == NULL) {
        return NGX_ERROR;
    }

    ids = ngx_http_pintag_verdict_ids(batch, &arena, events);
    if (ids == NULL) {
        return NGX_ERROR;
    }

    ngx_memzero(&secrets, sizeof(pintag_capi_secrets_t));

    secrets.token.data = authorization->data + sizeof("Bearer ") - 1;
    secrets.token.len = authorization->len - (sizeof("Bearer ") - 1);
    secrets.events = events;
    secrets.n = batch->n;

    body.data = answer->body.data;
    body.len = answer->body.len;

    if (answer->status < NGX_HTTP_SPECIAL_RESPONSE) {

        rc = pintag_capi_statuses(body, &secrets, verdict->statuses, batch->n,
                                  &arena);

    } else {
        rc = pintag_capi_error(body, &secrets, ids, verdict->statuses, batch->n,
                               &arena, &message);

        if (rc == 1) {
            verdict->message.data = (u_char *) message.data;
            verdict->message.len = message.len;
        }
    }

    if (rc == 1) {
        return NGX_OK;
    }

    verdict->statuses = NULL;

    return (rc == 0) ? NGX_DECLINED : NGX_ERROR;
}


/* the ids of a batch's events, and what was sent of each */

static pintag_str_t *
ngx_http_pintag_verdict_ids(ngx_http_pintag_batch_t *batch,
    pintag_arena_t *arena, pintag_str_t *events)
{
    ngx_queue_t                 *q;
    pintag_str_t                *ids, *id;
    ngx_http_pintag_delivery_t  *delivery;

    ids = pintag_arena_alloc(arena, batch->n * sizeof(pintag_str_t));
    if (ids == NULL) {
        return NULL;
    }

    id = ids;

    for (q = ngx_queue_head(&batch->deliveries);
         q != ngx_queue_sentinel(&batch->deliveries);
         q = ngx_queue_next(q))
    {
        delivery = ngx_queue_data(q, ngx_http_pintag_delivery_t, queue);

        id->data = delivery->event_id.data;
        id->len = delivery->event_id.len;
        id++;

        events->data = delivery->payload.data;
        events->len = delivery->payload.len;
        events++;
    }

    return ids;
}


void
ngx_http_pintag_verdict_stopped(ngx_http_pintag_destination_t *destination,
    ngx_http_pintag_answer_t *answer)
{
    /* other failures have lines of their own */

    if (answer->status < NGX_HTTP_BAD_REQUEST || destination->misconfigured
        || destination->transport == NGX_HTTP_PINTAG_FALLBACK
        || !ngx_http_pintag_log_due(&destination->stopped,
                                        NGX_HTTP_PINTAG_COMPLAIN))
    {
        return;
    }

    ngx_log_error(NGX_LOG_WARN, ngx_cycle->log, 0,
                  "pintag: %V answered %ui, nothing is sent there for %M ms",
                  &destination->label, answer->status,
                  ngx_http_pintag_destination_stopped(destination));
}


void
ngx_http_pintag_verdict_free(ngx_http_pintag_verdict_t *verdict)
{
    if (verdict->pool) {
        ngx_destroy_pool(verdict->pool);
    }
}
