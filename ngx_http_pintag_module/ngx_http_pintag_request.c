
/*
 * Copyright (C) the ngx_http_pintag_module authors
 */


#include "ngx_http_pintag_module.h"
#include "ngx_http_pintag_request.h"
#include "ngx_http_pintag_answer.h"
#include "ngx_http_pintag_delivery.h"

#include "core/body.h"
#include "core/conversion.h"
#include "core/event.h"
#include "core/tag.h"


/* a client that waits */

typedef struct {
    ngx_http_request_t              *request;
    ngx_http_pintag_deliveries_t    *deliveries;   /* NULL when all settled */
    ngx_uint_t                       unsettled;
    ngx_http_pintag_events_t         events;
} ngx_http_pintag_request_t;


/* an encoded delivery, before its memory of its own is made */

typedef struct {
    ngx_http_pintag_destination_t   *destination;
    ngx_uint_t                       event;
    size_t                           start;
    size_t                           end;
} ngx_http_pintag_encoded_t;


/* what mapping a body needs; all of it is gone before the client waits */

typedef struct {
    ngx_http_request_t              *request;
    ngx_http_pintag_request_t       *ctx;
    ngx_http_pintag_loc_conf_t      *plcf;

    pintag_arena_t                   arena;     /* of the body */
    pintag_arena_t                   scratch;   /* of an event at a time */

    pintag_buf_t                     bytes;
    ngx_array_t                      encoded;
                                          /* of ngx_http_pintag_encoded_t */
} ngx_http_pintag_mapping_t;


static void ngx_http_pintag_body_handler(ngx_http_request_t *r);
static ngx_int_t ngx_http_pintag_read_body(ngx_http_request_t *r,
    ngx_pool_t *pool, ngx_str_t *body);
static ngx_int_t ngx_http_pintag_take(ngx_http_request_t *r,
    ngx_pool_t *pool);
static ngx_int_t ngx_http_pintag_map(ngx_http_pintag_mapping_t *mapping,
    pintag_body_t *body, ngx_pool_t *pool);
static ngx_int_t ngx_http_pintag_map_event(
    ngx_http_pintag_mapping_t *mapping, pintag_event_t *event,
    ngx_uint_t index);
static ngx_int_t ngx_http_pintag_encode(ngx_http_pintag_mapping_t *mapping,
    pintag_conversion_t *conversion, ngx_uint_t destination, ngx_uint_t index);
static void ngx_http_pintag_event_state(ngx_http_pintag_request_t *ctx,
    ngx_uint_t index, ngx_http_pintag_event_state_e state, const char *reason);
static ngx_int_t ngx_http_pintag_deliver(ngx_http_pintag_mapping_t *mapping);
static void ngx_http_pintag_outcome(void *data,
    ngx_http_pintag_delivery_t *delivery);
static void ngx_http_pintag_request_cleanup(void *data);


ngx_int_t
ngx_http_pintag_handler(ngx_http_request_t *r)
{
    ngx_int_t  rc;

    if (r->method != NGX_HTTP_POST) {

        rc = ngx_http_discard_request_body(r);

        if (rc != NGX_OK) {
            return rc;
        }

        return ngx_http_pintag_answer_method(r);
    }

    rc = ngx_http_read_client_request_body(r, ngx_http_pintag_body_handler);

    if (rc >= NGX_HTTP_SPECIAL_RESPONSE) {
        return rc;
    }

    return NGX_DONE;
}


static void
ngx_http_pintag_body_handler(ngx_http_request_t *r)
{
    ngx_int_t    rc;
    ngx_pool_t  *pool;

    pool = ngx_create_pool(NGX_DEFAULT_POOL_SIZE, r->connection->log);
    if (pool == NULL) {
        ngx_http_finalize_request(r, NGX_HTTP_INTERNAL_SERVER_ERROR);
        return;
    }

    rc = ngx_http_pintag_take(r, pool);

    ngx_destroy_pool(pool);

    /* NGX_DONE: the client waits for outcomes */

    if (rc != NGX_DONE) {
        ngx_http_finalize_request(r, rc);
    }
}


static ngx_int_t
ngx_http_pintag_take(ngx_http_request_t *r, ngx_pool_t *pool)
{
    ngx_int_t                   rc;
    ngx_str_t                   text;
    pintag_str_t                request;
    pintag_body_t               body;
    pintag_body_error_t         error;
    ngx_http_pintag_mapping_t   mapping;

    if (ngx_http_pintag_read_body(r, pool, &text) != NGX_OK) {
        return NGX_HTTP_INTERNAL_SERVER_ERROR;
    }

    ngx_memzero(&mapping, sizeof(ngx_http_pintag_mapping_t));

    request.data = text.data;
    request.len = text.len;

    mapping.request = r;
    mapping.plcf = ngx_http_get_module_loc_conf(r, ngx_http_pintag_module);

    pintag_arena_init(&mapping.arena, ngx_http_pintag_palloc, pool);
    pintag_arena_init(&mapping.scratch, ngx_http_pintag_palloc, pool);

    switch (pintag_body_read(request, PINTAG_BODY_JSON, (size_t) -1,
                             &mapping.arena, &body, &error))
    {
    case PINTAG_OK:
        break;

    case PINTAG_NO_MEMORY:
        return NGX_HTTP_INTERNAL_SERVER_ERROR;

    default:
        return ngx_http_pintag_answer_error(r, NGX_HTTP_BAD_REQUEST, &error);
    }

    rc = ngx_http_pintag_map(&mapping, &body, pool);

    pintag_body_free(&body);

    if (rc != NGX_OK) {
        return rc;
    }

    if (mapping.encoded.nelts == 0) {
        return ngx_http_pintag_answer_events(r, &mapping.ctx->events);
    }

    return ngx_http_pintag_deliver(&mapping);
}


/* the body in one piece, where nginx has it or in the pool */

static ngx_int_t
ngx_http_pintag_read_body(ngx_http_request_t *r, ngx_pool_t *pool,
    ngx_str_t *body)
{
    off_t         pos;
    size_t        size;
    u_char       *p;
    ssize_t       n;
    ngx_buf_t    *b;
    ngx_chain_t  *cl;

    ngx_str_null(body);

    if (r->request_body == NULL || r->request_body->bufs == NULL) {
        return NGX_OK;
    }

    cl = r->request_body->bufs;

    if (cl->next == NULL && ngx_buf_in_memory(cl->buf)) {
        body->data = cl->buf->pos;
        body->len = cl->buf->last - cl->buf->pos;
        return NGX_OK;
    }

    for (size = 0; cl; cl = cl->next) {
        size += ngx_buf_size(cl->buf);
    }

    p = ngx_pnalloc(pool, size);
    if (p == NULL) {
        return NGX_ERROR;
    }

    body->data = p;

    for (cl = r->request_body->bufs; cl; cl = cl->next) {
        b = cl->buf;

        if (ngx_buf_in_memory(b)) {
            p = ngx_cpymem(p, b->pos, b->last - b->pos);
            continue;
        }

        /* the buffer is not ours alone: a mirror shares it */

        pos = b->file_pos;

        while (pos < b->file_last) {

            n = ngx_read_file(b->file, p, (size_t) (b->file_last - pos), pos);

            if (n <= 0) {
                ngx_log_error(NGX_LOG_CRIT, r->connection->log, 0,
                              "request body in \"%V\" was cut off",
                              &b->file->name);
                return NGX_ERROR;
            }

            p += n;
            pos += n;
        }
    }

    body->len = p - body->data;

    return NGX_OK;
}


static ngx_int_t
ngx_http_pintag_map(ngx_http_pintag_mapping_t *mapping, pintag_body_t *body,
    ngx_pool_t *pool)
{
    size_t                      i;
    const char                 *reason;
    pintag_str_t               *id;
    pintag_event_t              event;
    pintag_verdict_e            verdict;
    ngx_http_request_t         *r;
    ngx_http_pintag_request_t  *ctx;

    r = mapping->request;

    ctx = ngx_pcalloc(r->pool, sizeof(ngx_http_pintag_request_t));
    if (ctx == NULL) {
        return NGX_HTTP_INTERNAL_SERVER_ERROR;
    }

    mapping->ctx = ctx;

    ctx->request = r;
    ctx->events.n = body->n;
    ctx->events.elts = ngx_pcalloc(r->pool,
                                   body->n * sizeof(ngx_http_pintag_event_t));

    if (ctx->events.elts == NULL
        || ngx_array_init(&mapping->encoded, pool, body->n ? body->n : 1,
                          sizeof(ngx_http_pintag_encoded_t))
           != NGX_OK
        || !pintag_event_init(&event, &mapping->plcf->integrations->names,
                              &mapping->arena))
    {
        return NGX_HTTP_INTERNAL_SERVER_ERROR;
    }

    /* it grows for those that need more */

    pintag_buf_init(&mapping->bytes, &mapping->arena,
                    512 * ngx_min(body->n, 128));

    for (i = 0; i < body->n; i++) {
        reason = NULL;

        verdict = pintag_event_read(&event, body->events[i].value,
                                    &body->envelope, PINTAG_TYPE_NONE,
                                    &reason);

        /* it is told of after the body is gone */

        id = &ctx->events.elts[i].message_id;
        id->len = event.message_id.len;

        if (id->len) {
            id->data = ngx_pnalloc(r->pool, id->len);
            if (id->data == NULL) {
                return NGX_HTTP_INTERNAL_SERVER_ERROR;
            }

            ngx_memcpy((u_char *) id->data, event.message_id.data, id->len);
        }

        switch (verdict) {

        case PINTAG_OK:

            if (ngx_http_pintag_map_event(mapping, &event, i) != NGX_OK) {
                return NGX_HTTP_INTERNAL_SERVER_ERROR;
            }

            break;

        case PINTAG_SKIPPED:
            ngx_http_pintag_event_state(ctx, i, NGX_HTTP_PINTAG_EVENT_SKIPPED,
                                        reason);
            break;

        case PINTAG_REJECTED:
            ngx_http_pintag_event_state(ctx, i, NGX_HTTP_PINTAG_EVENT_REJECTED,
                                        reason);
            break;

        default: /* PINTAG_NO_MEMORY */
            return NGX_HTTP_INTERNAL_SERVER_ERROR;
        }
    }

    return mapping->bytes.failed ? NGX_HTTP_INTERNAL_SERVER_ERROR : NGX_OK;
}


static ngx_int_t
ngx_http_pintag_map_event(ngx_http_pintag_mapping_t *mapping,
    pintag_event_t *event, ngx_uint_t index)
{
    size_t                  i, n, k;
    const char             *reason;
    pintag_client_t         client;
    pintag_conversion_t    *conversions;
    pintag_integrations_t  *integrations;

    ngx_memzero(&client, sizeof(pintag_client_t));

    integrations = mapping->plcf->integrations;

    for (i = 0; i < integrations->n; i++) {

        pintag_arena_reset(&mapping->scratch);

        switch (pintag_convert(event, &integrations->elts[i], &client,
                               &mapping->scratch, &conversions, &n, &reason))
        {
        case PINTAG_OK:
            break;

        case PINTAG_SKIPPED:
            ngx_http_pintag_event_state(mapping->ctx, index,
                                        NGX_HTTP_PINTAG_EVENT_SKIPPED, reason);
            continue;

        case PINTAG_REJECTED:
            ngx_http_pintag_event_state(mapping->ctx, index,
                                        NGX_HTTP_PINTAG_EVENT_REJECTED, reason);
            continue;

        default: /* PINTAG_NO_MEMORY */
            return NGX_ERROR;
        }

        for (k = 0; k < n; k++) {
            if (ngx_http_pintag_encode(mapping, &conversions[k], i, index)
                != NGX_OK)
            {
                return NGX_ERROR;
            }
        }
    }

    return NGX_OK;
}


static ngx_int_t
ngx_http_pintag_encode(ngx_http_pintag_mapping_t *mapping,
    pintag_conversion_t *conversion, ngx_uint_t destination, ngx_uint_t index)
{
    size_t                      start;
    unsigned                    truncated;
    const char                 *reason;
    ngx_http_pintag_encoded_t  *encoded;

    start = mapping->bytes.len;

    switch (pintag_tag_query(conversion,
                     mapping->plcf->integrations->elts[destination].tag_id,
                     &mapping->bytes, &truncated, &reason))
    {
    case PINTAG_OK:
        break;

    case PINTAG_REJECTED:
        ngx_http_pintag_event_state(mapping->ctx, index,
                                    NGX_HTTP_PINTAG_EVENT_REJECTED, reason);
        return NGX_OK;

    default: /* PINTAG_NO_MEMORY */
        return NGX_ERROR;
    }

    if (truncated) {
        mapping->ctx->events.truncated += truncated;

        ngx_log_error(NGX_LOG_WARN, mapping->request->connection->log, 0,
                      "pintag left out %ui values of event %ui: its query "
                      "would be longer than %d bytes", (ngx_uint_t) truncated,
                      index, PINTAG_TAG_MAX_QUERY);
    }

    encoded = ngx_array_push(&mapping->encoded);
    if (encoded == NULL) {
        return NGX_ERROR;
    }

    encoded->destination = mapping->plcf->destinations[destination];
    encoded->event = index;
    encoded->start = start;
    encoded->end = mapping->bytes.len;

    return NGX_OK;
}


static void
ngx_http_pintag_event_state(ngx_http_pintag_request_t *ctx, ngx_uint_t index,
    ngx_http_pintag_event_state_e state, const char *reason)
{
    ngx_http_pintag_event_t  *event;

    event = &ctx->events.elts[index];

    if (state == NGX_HTTP_PINTAG_EVENT_DELIVERED) {
        event->delivered = 1;
    }

    if (state > event->state || event->reason == NULL) {
        event->state = ngx_max(state, event->state);
        event->reason = reason;
    }
}


static ngx_int_t
ngx_http_pintag_deliver(ngx_http_pintag_mapping_t *mapping)
{
    u_char                        *bytes;
    ngx_uint_t                     i, n;
    ngx_http_cleanup_t            *cln;
    ngx_http_request_t            *r;
    ngx_http_pintag_encoded_t     *encoded;
    ngx_http_pintag_request_t     *ctx;
    ngx_http_pintag_delivery_t    *delivery;
    ngx_http_pintag_deliveries_t  *deliveries;

    r = mapping->request;
    ctx = mapping->ctx;

    cln = ngx_http_cleanup_add(r, 0);
    if (cln == NULL) {
        return NGX_HTTP_INTERNAL_SERVER_ERROR;
    }

    n = mapping->encoded.nelts;
    encoded = mapping->encoded.elts;

    deliveries = ngx_http_pintag_deliveries_create(n,
                                               mapping->plcf->integrations->n,
                                               mapping->bytes.len, &bytes,
                                               r->connection->log);
    if (deliveries == NULL) {
        return NGX_HTTP_INTERNAL_SERVER_ERROR;
    }

    ngx_memcpy(bytes, mapping->bytes.data, mapping->bytes.len);

    for (i = 0; i < n; i++) {
        delivery = &deliveries->elts[i];

        delivery->destination = encoded[i].destination;
        delivery->event = encoded[i].event;
        delivery->query.data = bytes + encoded[i].start;
        delivery->query.len = encoded[i].end - encoded[i].start;
    }

    deliveries->handler = ngx_http_pintag_outcome;
    deliveries->data = ctx;

    ctx->deliveries = deliveries;
    ctx->unsettled = n;

    cln->handler = ngx_http_pintag_request_cleanup;
    cln->data = ctx;

    ngx_http_pintag_deliveries_send(deliveries, mapping->plcf->ack_timeout);

    return NGX_DONE;
}


static void
ngx_http_pintag_outcome(void *data, ngx_http_pintag_delivery_t *delivery)
{
    ngx_http_pintag_request_t *ctx = data;

    ngx_connection_t               *c;
    ngx_http_request_t             *r;
    ngx_http_pintag_event_state_e   state;

    switch (delivery->outcome) {

    case NGX_HTTP_PINTAG_DELIVERED:
        state = NGX_HTTP_PINTAG_EVENT_DELIVERED;
        break;

    case NGX_HTTP_PINTAG_REFUSED:
        state = NGX_HTTP_PINTAG_EVENT_REFUSED;
        break;

    default: /* NGX_HTTP_PINTAG_FAILED */
        state = NGX_HTTP_PINTAG_EVENT_FAILED;
    }

    ngx_http_pintag_event_state(ctx, delivery->event, state, delivery->reason);

    ctx->unsettled--;

    if (ctx->unsettled) {
        return;
    }

    ctx->deliveries->handler = NULL;
    ctx->deliveries = NULL;

    r = ctx->request;
    c = r->connection;

    ngx_http_set_log_request(c->log, r);

    ngx_http_finalize_request(r,
                              ngx_http_pintag_answer_events(r, &ctx->events));

    ngx_http_run_posted_requests(c);
}


/* the client has left: its deliveries go on without it */

static void
ngx_http_pintag_request_cleanup(void *data)
{
    ngx_http_pintag_request_t *ctx = data;

    if (ctx->deliveries) {
        ctx->deliveries->handler = NULL;
        ctx->deliveries = NULL;
    }
}
