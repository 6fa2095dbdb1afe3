
/*
 * Copyright (C) the ngx_http_pintag_module authors
 */


#include "ngx_http_pintag_module.h"
#include "ngx_http_pintag_capture.h"
#include "ngx_http_pintag_destination.h"
#include "ngx_http_pintag_fallback.h"
#include "ngx_http_pintag_variables.h"


/* bytes of an answer that are looked through for what is expected there */
#define NGX_HTTP_PINTAG_FALLBACK_ANSWER    (64 * 1024)

/* of a line, besides what the delivery has */
#define NGX_HTTP_PINTAG_FALLBACK_LINE      256

/* milliseconds between two lines of the log about it */
#define NGX_HTTP_PINTAG_FALLBACK_COMPLAIN  60000


static void ngx_http_pintag_fallback_line(pintag_buf_t *out,
    ngx_http_pintag_delivery_t *delivery);
static void ngx_http_pintag_fallback_member(pintag_buf_t *out, char *name,
    ngx_str_t *value);
static ngx_uint_t ngx_http_pintag_fallback_holds(ngx_str_t *body,
    ngx_str_t *expect);
static ngx_int_t ngx_http_pintag_fallback_variable(ngx_http_request_t *r,
    ngx_http_variable_value_t *v, uintptr_t data);


static ngx_http_variable_t  ngx_http_pintag_fallback_vars[] = {

    { ngx_string("pintag_payload"), NULL, ngx_http_pintag_fallback_variable,
      0, NGX_HTTP_VAR_NOCACHEABLE, 0 },

    { ngx_string("pintag_payload_base64"), NULL,
      ngx_http_pintag_fallback_variable, 1, NGX_HTTP_VAR_NOCACHEABLE, 0 },

      ngx_http_null_variable
};


static ngx_str_t  ngx_http_pintag_fallback_type =
    ngx_string("application/x-ndjson");


size_t
ngx_http_pintag_fallback_size(ngx_http_pintag_delivery_t *delivery)
{
    return delivery->payload.len + delivery->headers.user_agent.len
           + delivery->headers.page_url.len + delivery->headers.address.len
           + NGX_HTTP_PINTAG_FALLBACK_LINE;
}


ngx_int_t
ngx_http_pintag_fallback_message(ngx_http_pintag_batch_t *batch,
    ngx_http_pintag_message_t *message)
{
    ngx_queue_t                 *q;
    pintag_buf_t                 out;
    pintag_arena_t               arena;
    ngx_http_pintag_delivery_t  *delivery;

    batch->pool = ngx_create_pool(NGX_DEFAULT_POOL_SIZE, ngx_cycle->log);
    if (batch->pool == NULL) {
        return NGX_ERROR;
    }

    pintag_arena_init(&arena, ngx_http_pintag_palloc, batch->pool);
    pintag_buf_init(&out, &arena, batch->size);

    for (q = ngx_queue_head(&batch->deliveries);
         q != ngx_queue_sentinel(&batch->deliveries);
         q = ngx_queue_next(q))
    {
        delivery = ngx_queue_data(q, ngx_http_pintag_delivery_t, queue);

        ngx_http_pintag_fallback_line(&out, delivery);
    }

    if (out.failed) {
        return NGX_ERROR;
    }

    message->content_type = &ngx_http_pintag_fallback_type;
    message->body.data = out.data;
    message->body.len = out.len;
    message->max_answer = NGX_HTTP_PINTAG_FALLBACK_ANSWER;

    return NGX_OK;
}


static void
ngx_http_pintag_fallback_line(pintag_buf_t *out,
    ngx_http_pintag_delivery_t *delivery)
{
    ngx_str_t   reason;
    ngx_uint_t  transport;

    transport = delivery->origin->transport;

    reason.data = (u_char *) delivery->reason;
    reason.len = ngx_strlen(delivery->reason);

    pintag_buf_add_text(out, "{\"time\":");
    pintag_buf_add_uint(out, ngx_time());

    ngx_http_pintag_fallback_member(out, "destination",
                                    &delivery->origin->key);
    ngx_http_pintag_fallback_member(out, "event_id", &delivery->event_id);
    ngx_http_pintag_fallback_member(out, "reason", &reason);

    if (transport == NGX_HTTP_PINTAG_TAG) {
        ngx_http_pintag_fallback_member(out, "payload", &delivery->payload);
        ngx_http_pintag_fallback_member(out, "user_agent",
                                        &delivery->headers.user_agent);
        ngx_http_pintag_fallback_member(out, "page_url",
                                        &delivery->headers.page_url);
        ngx_http_pintag_fallback_member(out, "address",
                                        &delivery->headers.address);

    } else {
        pintag_buf_add_text(out, ",\"payload\":");
        pintag_buf_add(out, delivery->payload.data, delivery->payload.len);
    }

    pintag_buf_add_text(out, "}\n");
}


static void
ngx_http_pintag_fallback_member(pintag_buf_t *out, char *name,
    ngx_str_t *value)
{
    if (value->len == 0) {
        return;
    }

    pintag_buf_add_text(out, ",\"");
    pintag_buf_add_text(out, name);
    pintag_buf_add_text(out, "\":");
    pintag_buf_add_json(out, ngx_http_pintag_text(value));
}


void
ngx_http_pintag_fallback_verdict(ngx_http_pintag_batch_t *batch,
    ngx_http_pintag_answer_t *answer, ngx_http_pintag_verdict_t *verdict)
{
    ngx_str_t                      *expect, *body;
    ngx_http_pintag_destination_t  *destination;

    destination = batch->destination;
    expect = &destination->expect;
    body = &answer->body;

    verdict->reason = "fallback";
    verdict->misrouted = answer->local
                         || answer->status / 100 == 3;

    if (answer->status >= NGX_HTTP_OK
        && answer->status < NGX_HTTP_SPECIAL_RESPONSE
        && ngx_http_pintag_fallback_holds(body, expect))
    {
        verdict->outcome = NGX_HTTP_PINTAG_STORED;
        verdict->reason = NULL;
        return;
    }

    if (!ngx_http_pintag_log_due(&destination->complained,
                                 NGX_HTTP_PINTAG_FALLBACK_COMPLAIN))
    {
        return;
    }

    ngx_log_error(NGX_LOG_ERR, ngx_cycle->log, 0,
                  "pintag_fallback \"%V\" in %s:%ui did not take %ui events: "
                  "%s %ui%s", &destination->uri,
                  destination->plcf->pass_file, destination->plcf->pass_line,
                  batch->n,
                  answer->local ? "nginx itself answered"
                  : answer->status ? "it answered" : "no whole answer came,",
                  answer->local ? answer->local : answer->status,
                  answer->status >= NGX_HTTP_OK
                  && answer->status < NGX_HTTP_SPECIAL_RESPONSE
                  ? " without what is expected" : "");
}


static ngx_uint_t
ngx_http_pintag_fallback_holds(ngx_str_t *body, ngx_str_t *expect)
{
    u_char  *p, *last;

    if (expect->len == 0) {
        return 1;
    }

    if (body->data == NULL || body->len < expect->len) {
        return 0;
    }

    last = body->data + body->len - expect->len;

    for (p = body->data; p <= last; p++) {
        if (ngx_memcmp(p, expect->data, expect->len) == 0) {
            return 1;
        }
    }

    return 0;
}


ngx_int_t
ngx_http_pintag_fallback_variables(ngx_conf_t *cf)
{
    return ngx_http_pintag_variables_add_all(cf, ngx_http_pintag_fallback_vars);
}


/* what is sent to the fallback, in base64 if "data" says so */

static ngx_int_t
ngx_http_pintag_fallback_variable(ngx_http_request_t *r,
    ngx_http_variable_value_t *v, uintptr_t data)
{
    ngx_str_t                   sent, text;
    ngx_http_pintag_capture_t  *capture;

    capture = ngx_http_get_module_ctx(r->main, ngx_http_pintag_module);

    if (capture == NULL || capture->sent.len == 0) {
        v->not_found = 1;
        return NGX_OK;
    }

    sent = capture->sent;
    text = sent;

    if (data) {
        text.len = ngx_base64_encoded_length(sent.len);

        text.data = ngx_pnalloc(r->pool, text.len);
        if (text.data == NULL) {
            return NGX_ERROR;
        }

        ngx_encode_base64(&text, &sent);
    }

    v->valid = 1;
    v->no_cacheable = 0;
    v->not_found = 0;
    v->data = text.data;
    v->len = text.len;

    return NGX_OK;
}
