
/*
 * Copyright (C) the ngx_http_pintag_module authors
 */


#include "ngx_http_pintag_module.h"
#include "ngx_http_pintag_request.h"
#include "ngx_http_pintag_answer.h"
#include "ngx_http_pintag_body.h"
#include "ngx_http_pintag_client.h"
#include "ngx_http_pintag_deliveries.h"
#include "ngx_http_pintag_intake.h"
#include "ngx_http_pintag_map.h"
#include "ngx_http_pintag_metrics.h"
#include "ngx_http_pintag_origin.h"
#include "ngx_http_pintag_preview.h"

#include "core/write_key.h"


typedef ngx_int_t (*ngx_http_pintag_refusal_pt)(ngx_http_request_t *r);


/* a client that waits */

typedef struct {
    ngx_http_request_t              *request;
    ngx_http_pintag_deliveries_t    *deliveries;   /* NULL when all settled */
    ngx_uint_t                       unsettled;
    ngx_http_pintag_events_t         events;
} ngx_http_pintag_request_t;


static ngx_int_t ngx_http_pintag_refusal(ngx_http_request_t *r,
    ngx_http_pintag_refusal_pt *answer);
static ngx_int_t ngx_http_pintag_refuse(ngx_http_request_t *r,
    ngx_http_pintag_refusal_pt answer);
static void ngx_http_pintag_refused(ngx_http_request_t *r);
static ngx_int_t ngx_http_pintag_authorize(ngx_http_request_t *r);
static void ngx_http_pintag_body_handler(ngx_http_request_t *r);
static void ngx_http_pintag_intake(ngx_http_request_t *r);
static ngx_int_t ngx_http_pintag_take(ngx_http_request_t *r,
    ngx_http_pintag_intake_t *intake);
static ngx_int_t ngx_http_pintag_read(ngx_http_request_t *r,
    ngx_http_pintag_intake_t *intake, ngx_http_pintag_mapped_t *mapped,
    pintag_body_error_t *error);
static ngx_int_t ngx_http_pintag_deliver(ngx_http_request_t *r,
    ngx_http_pintag_mapped_t *mapped);
static void ngx_http_pintag_outcome(void *data,
    ngx_http_pintag_delivery_t *delivery, ngx_http_pintag_outcome_e outcome,
    char *reason, ngx_str_t *message);
static void ngx_http_pintag_request_cleanup(void *data);


ngx_int_t
ngx_http_pintag_handler(ngx_http_request_t *r)
{
    ngx_int_t                   rc;
    pintag_body_error_t         error;
    ngx_http_pintag_refusal_pt  answer;

    if (ngx_http_pintag_refusal(r, &answer) != NGX_OK) {
        return NGX_HTTP_INTERNAL_SERVER_ERROR;
    }

    if (answer) {
        return ngx_http_pintag_refuse(r, answer);
    }

    rc = ngx_http_pintag_body_check(r, &error);

    if (rc == NGX_HTTP_INTERNAL_SERVER_ERROR) {
        return rc;
    }

    if (rc != NGX_OK) {

        /* as nginx does when client_max_body_size is exceeded */

        r->expect_tested = 1;
        r->keepalive = 0;
        (void) ngx_http_discard_request_body(r);

        return ngx_http_pintag_answer_error(r, rc, &error);
    }

    rc = ngx_http_read_client_request_body(r, ngx_http_pintag_body_handler);

    if (rc >= NGX_HTTP_SPECIAL_RESPONSE) {
        return rc;
    }

    return NGX_DONE;
}


/*
 * What a request is answered of which the head is enough, or NULL.  NGX_OK, or
 * NGX_ERROR without memory.
 */

static ngx_int_t
ngx_http_pintag_refusal(ngx_http_request_t *r,
    ngx_http_pintag_refusal_pt *answer)
{
    *answer = NULL;

    if (ngx_http_pintag_origin(r, NULL) == NGX_HTTP_PINTAG_ORIGIN_FOREIGN) {
        *answer = ngx_http_pintag_answer_foreign;
        return NGX_OK;
    }

    if (r->method != NGX_HTTP_POST
        && (r->method != NGX_HTTP_GET || !ngx_http_pintag_client_pixel(r)))
    {
        *answer = ngx_http_pintag_origin_preflight(r)
                  ? ngx_http_pintag_answer_preflight
                  : ngx_http_pintag_answer_method;
        return NGX_OK;
    }

    switch (ngx_http_pintag_authorize(r)) {

    case NGX_OK:
        return NGX_OK;

    case NGX_DECLINED:
        *answer = ngx_http_pintag_answer_unauthorized;
        return NGX_OK;

    default: /* NGX_ERROR */
        return NGX_ERROR;
    }
}


static ngx_int_t
ngx_http_pintag_refuse(ngx_http_request_t *r,
    ngx_http_pintag_refusal_pt answer)
{
    ngx_int_t                  rc;
    ngx_http_core_loc_conf_t  *clcf;

    clcf = ngx_http_get_module_loc_conf(r, ngx_http_core_module);

    /*
     * A stream that is answered before its end is reset, and there are clients,
     * curl among them, that then do not see the answer.
     */

    if (r->http_version == NGX_HTTP_VERSION_20
        && r->headers_in.content_length_n > 0
        && r->headers_in.content_length_n
           <= (off_t) clcf->client_body_buffer_size)
    {
        rc = ngx_http_read_client_request_body(r, ngx_http_pintag_refused);

        return (rc >= NGX_HTTP_SPECIAL_RESPONSE) ? rc : NGX_DONE;
    }

    /* whether the body comes after all, only who would send it knows */

    if (r->headers_in.expect) {
        r->expect_tested = 1;
        r->keepalive = 0;
    }

    rc = ngx_http_discard_request_body(r);

    if (rc != NGX_OK) {
        return rc;
    }

    return answer(r);
}


static void
ngx_http_pintag_refused(ngx_http_request_t *r)
{
    ngx_int_t                   rc;
    ngx_http_pintag_refusal_pt  answer;

    rc = NGX_HTTP_INTERNAL_SERVER_ERROR;

    if (ngx_http_pintag_refusal(r, &answer) == NGX_OK && answer) {
        rc = answer(r);
    }

    ngx_http_finalize_request(r, rc);
}


/* NGX_DECLINED when the head has a write key already, and not a listed one */

static ngx_int_t
ngx_http_pintag_authorize(ngx_http_request_t *r)
{
    ngx_http_pintag_head_t       head;
    ngx_http_pintag_loc_conf_t  *plcf;

    plcf = ngx_http_get_module_loc_conf(r, ngx_http_pintag_module);

    if (plcf->write_keys == NULL) {
        return NGX_OK;
    }

    if (ngx_http_pintag_client_read(r, &head) != NGX_OK) {
        return NGX_ERROR;
    }

    return (head.client.write_key.len == 0
            || pintag_write_key_listed(head.client.write_key,
                                       plcf->write_keys))
           ? NGX_OK : NGX_DECLINED;
}


static void
ngx_http_pintag_body_handler(ngx_http_request_t *r)
{
    if (ngx_http_pintag_intake_add(r, ngx_http_pintag_intake) != NGX_OK) {
        ngx_http_finalize_request(r, NGX_HTTP_INTERNAL_SERVER_ERROR);
    }
}


static void
ngx_http_pintag_intake(ngx_http_request_t *r)
{
    ngx_int_t                     rc;
    ngx_http_pintag_main_conf_t  *pmcf;

    pmcf = ngx_http_get_module_main_conf(r, ngx_http_pintag_module);

    rc = ngx_http_pintag_take(r, &pmcf->intake);

    ngx_http_pintag_intake_reset(&pmcf->intake);

    /* NGX_DONE: the client waits for outcomes */

    if (rc != NGX_DONE) {
        ngx_http_finalize_request(r, rc);
    }
}


static ngx_int_t
ngx_http_pintag_take(ngx_http_request_t *r, ngx_http_pintag_intake_t *intake)
{
    ngx_int_t                    rc;
    pintag_body_error_t          error;
    ngx_http_pintag_mapped_t     mapped;
    ngx_http_pintag_loc_conf_t  *plcf;

    rc = ngx_http_pintag_read(r, intake, &mapped, &error);

    if (rc == NGX_HTTP_INTERNAL_SERVER_ERROR) {
        return rc;
    }

    if (rc != NGX_OK) {
        return ngx_http_pintag_answer_error(r, rc, &error);
    }

    if (mapped.unauthorized) {
        return ngx_http_pintag_answer_unauthorized(r);
    }

    plcf = ngx_http_get_module_loc_conf(r, ngx_http_pintag_module);

    if (plcf->preview) {
        return ngx_http_pintag_preview(r, &mapped, &intake->arena);
    }

    if (mapped.n == 0) {
        return ngx_http_pintag_answer_events(r, &mapped.events);
    }

    return ngx_http_pintag_deliver(r, &mapped);
}


/*
 * Reads and maps the body.  NGX_OK, the status to answer with and "error", or
 * NGX_HTTP_INTERNAL_SERVER_ERROR.
 */

static ngx_int_t
ngx_http_pintag_read(ngx_http_request_t *r, ngx_http_pintag_intake_t *intake,
    ngx_http_pintag_mapped_t *mapped, pintag_body_error_t *error)
{
    ngx_int_t                    rc;
    pintag_body_t                body;
    ngx_http_pintag_head_t       head;
    ngx_http_pintag_loc_conf_t  *plcf;

    if (ngx_http_pintag_client_read(r, &head) != NGX_OK) {
        return NGX_HTTP_INTERNAL_SERVER_ERROR;
    }

    rc = ngx_http_pintag_body_read(r, head.encoding, &intake->arena, &body,
                                   error);

    if (rc != NGX_OK) {
        return rc;
    }

    plcf = ngx_http_get_module_loc_conf(r, ngx_http_pintag_module);

    rc = ngx_http_pintag_map(r, &body, &head.client, intake, mapped);

    pintag_event_end(plcf->event);
    pintag_body_free(&body);

    return (rc == NGX_OK) ? NGX_OK : NGX_HTTP_INTERNAL_SERVER_ERROR;
}


static ngx_int_t
ngx_http_pintag_deliver(ngx_http_request_t *r,
    ngx_http_pintag_mapped_t *mapped)
{
    u_char                        *bytes;
    ngx_uint_t                     i, n;
    ngx_http_cleanup_t            *cln;
    ngx_http_pintag_encoded_t     *encoded;
    ngx_http_pintag_request_t     *ctx;
    ngx_http_pintag_loc_conf_t    *plcf;
    ngx_http_pintag_deliveries_t  *deliveries;

    plcf = ngx_http_get_module_loc_conf(r, ngx_http_pintag_module);

    ctx = ngx_pcalloc(r->pool, sizeof(ngx_http_pintag_request_t));
    if (ctx == NULL) {
        return NGX_HTTP_INTERNAL_SERVER_ERROR;
    }

    cln = ngx_http_cleanup_add(r, 0);
    if (cln == NULL) {
        return NGX_HTTP_INTERNAL_SERVER_ERROR;
    }

    n = mapped->n;
    encoded = mapped->encoded;

    deliveries = ngx_http_pintag_deliveries_create(n, plcf->destinations,
                                                   mapped->bytes->len, &bytes,
                                                   r->connection->log);
    if (deliveries == NULL) {
        return NGX_HTTP_INTERNAL_SERVER_ERROR;
    }

    ngx_memcpy(bytes, mapped->bytes->data, mapped->bytes->len);

    for (i = 0; i < n; i++) {
        ngx_http_pintag_map_delivery(&encoded[i], bytes,
                                     &deliveries->elts[i]);
    }

    deliveries->handler = ngx_http_pintag_outcome;
    deliveries->data = ctx;

    ctx->request = r;
    ctx->events = mapped->events;
    ctx->deliveries = deliveries;
    ctx->unsettled = n;

    cln->handler = ngx_http_pintag_request_cleanup;
    cln->data = ctx;

    switch (ngx_http_pintag_deliveries_take(deliveries, plcf)) {

    case NGX_OK:
        return NGX_DONE;

    case NGX_DONE:
        ctx->deliveries = NULL;

        for (i = 0; i < n; i++) {
            ngx_http_pintag_event_settle(&ctx->events, encoded[i].event,
                                         NGX_HTTP_PINTAG_EVENT_RECEIVED, NULL);
        }

        return ngx_http_pintag_answer_events(r, &ctx->events);

    default: /* NGX_BUSY */
        ctx->deliveries = NULL;
        ngx_free(deliveries);

        for (i = 0; i < n; i++) {
            ngx_http_pintag_count_none(encoded[i].destination,
                                       NGX_HTTP_PINTAG_COUNT_REJECTED,
                                       "queue_full");
        }

        return ngx_http_pintag_answer_busy(r);
    }
}


static void
ngx_http_pintag_outcome(void *data, ngx_http_pintag_delivery_t *delivery,
    ngx_http_pintag_outcome_e outcome, char *reason, ngx_str_t *message)
{
    ngx_http_pintag_request_t *ctx = data;

    ngx_connection_t               *c;
    ngx_http_request_t             *r;
    ngx_http_pintag_event_state_e   state;

    switch (outcome) {

    case NGX_HTTP_PINTAG_DELIVERED:
        state = NGX_HTTP_PINTAG_EVENT_DELIVERED;
        break;

    case NGX_HTTP_PINTAG_STORED:
        state = NGX_HTTP_PINTAG_EVENT_STORED;
        break;

    case NGX_HTTP_PINTAG_REFUSED:
        state = NGX_HTTP_PINTAG_EVENT_REFUSED;
        break;

    default: /* NGX_HTTP_PINTAG_FAILED */
        state = NGX_HTTP_PINTAG_EVENT_FAILED;
    }

    ngx_http_pintag_event_settle(&ctx->events, delivery->event, state,
                                 reason);

    if (message && message->len) {
        ngx_http_pintag_event_explain(ctx->request, &ctx->events,
                                      delivery->event, message);
    }

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
