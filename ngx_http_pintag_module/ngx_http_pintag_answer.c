
/*
 * Copyright (C) the ngx_http_pintag_module authors
 */


#include "ngx_http_pintag_module.h"
#include "ngx_http_pintag_answer.h"
#include "ngx_http_pintag_client.h"
#include "ngx_http_pintag_destination.h"
#include "ngx_http_pintag_metrics.h"
#include "ngx_http_pintag_variables.h"


static ngx_uint_t ngx_http_pintag_answer_taken(
    ngx_http_pintag_event_state_e state);
static void ngx_http_pintag_answer_list(pintag_buf_t *body,
    ngx_http_pintag_events_t *events);
static void ngx_http_pintag_answer_detail(pintag_buf_t *body,
    pintag_body_error_t *error);
static ngx_int_t ngx_http_pintag_answer_image(ngx_http_request_t *r);
static ngx_int_t ngx_http_pintag_answer_json(ngx_http_request_t *r,
    ngx_uint_t status, pintag_buf_t *body);
static ngx_int_t ngx_http_pintag_answer_retry_after(ngx_http_request_t *r);


/* by ngx_http_pintag_event_state_e */

static ngx_str_t  ngx_http_pintag_answer_states[] = {
    ngx_string("skipped"), ngx_string("delivered"), ngx_string("stored"),
    ngx_string("received"), ngx_string("rejected"), ngx_string("refused"),
    ngx_string("failed")
};


/* of a preflight; what depends on the origin is the filter's */

static struct {
    char       *name;
    ngx_str_t   value;
} ngx_http_pintag_answer_allowed[] = {
    { "Access-Control-Allow-Methods", ngx_string("GET, POST, OPTIONS") },
    { "Access-Control-Allow-Headers",
      ngx_string("Authorization, Content-Type, X-Retry-Count, AnonymousId, "
                 "SentAt, X-Write-Key") },
    { "Access-Control-Max-Age", ngx_string("86400") }
};


static u_char     ngx_http_pintag_answer_gif[] = {
    'G', 'I', 'F', '8', '9', 'a',

    /* 1 x 1, two colors */
    0x01, 0x00, 0x01, 0x00, 0x80, 0x01, 0x00,
    0x00, 0x00, 0x00, 0xff, 0xff, 0xff,

    /* the second is transparent */
    0x21, 0xf9, 0x04, 0x01, 0x00, 0x00, 0x01, 0x00,

    0x2c, 0x00, 0x00, 0x00, 0x00, 0x01, 0x00, 0x01, 0x00, 0x00,
    0x02, 0x02, 0x4c, 0x01, 0x00,
    0x3b
};


static ngx_str_t  ngx_http_pintag_answer_pixel_body = {
    sizeof(ngx_http_pintag_answer_gif), ngx_http_pintag_answer_gif
};


ngx_str_t *
ngx_http_pintag_answer_state(ngx_http_pintag_event_state_e state)
{
    return &ngx_http_pintag_answer_states[state];
}


void
ngx_http_pintag_event_settle(ngx_http_pintag_events_t *events,
    ngx_uint_t index, ngx_http_pintag_event_state_e state, const char *reason)
{
    ngx_http_pintag_event_t  *event;

    event = &events->elts[index];

    if (ngx_http_pintag_answer_taken(state)) {
        event->taken = 1;
    }

    if (state > event->state || event->reason == NULL) {
        event->state = ngx_max(state, event->state);
        event->reason = reason;
    }
}


void
ngx_http_pintag_event_explain(ngx_http_request_t *r,
    ngx_http_pintag_events_t *events, ngx_uint_t index, ngx_str_t *message)
{
    u_char                   *p;
    ngx_http_pintag_event_t  *event;

    event = &events->elts[index];

    if (event->message.len) {
        return;
    }

    p = ngx_pnalloc(r->pool, message->len);
    if (p == NULL) {
        return;
    }

    ngx_memcpy(p, message->data, message->len);

    event->message.data = p;
    event->message.len = message->len;
}


ngx_int_t
ngx_http_pintag_answer_events(ngx_http_request_t *r,
    ngx_http_pintag_events_t *events)
{
    ngx_uint_t                       i, status, taken;
    pintag_buf_t                     body;
    pintag_arena_t                   arena;
    ngx_uint_t                       counts[NGX_HTTP_PINTAG_EVENT_STATES];
    ngx_http_pintag_loc_conf_t      *plcf;

    ngx_http_pintag_variables_events(r, events);

    if (ngx_http_pintag_client_image(r)) {
        return ngx_http_pintag_answer_image(r);
    }

    ngx_memzero(counts, sizeof(counts));

    taken = 0;

    for (i = 0; i < events->n; i++) {
        counts[events->elts[i].state]++;
        taken |= events->elts[i].taken;
    }

    plcf = ngx_http_get_module_loc_conf(r, ngx_http_pintag_module);

    pintag_arena_init(&arena, ngx_http_pintag_palloc, r->pool);
    pintag_buf_init(&body, &arena, 256);

    if (counts[NGX_HTTP_PINTAG_EVENT_FAILED]) {
        status = NGX_HTTP_SERVICE_UNAVAILABLE;

        if (ngx_http_pintag_answer_retry_after(r) != NGX_OK) {
            return NGX_HTTP_INTERNAL_SERVER_ERROR;
        }

        pintag_buf_add_text(&body, "{\"success\":false,"
                            "\"error\":\"");

        if (plcf->ack == NGX_HTTP_PINTAG_ACK_STORED) {
            pintag_buf_add_text(&body, "not_stored\","
                                "\"message\":\"not all events could be stored");
        } else {
            pintag_buf_add_text(&body, "not_delivered\","
                                "\"message\":\"not all events reached "
                                "Pinterest");
        }

        pintag_buf_add_text(&body, "; send the request again after "
                            "Retry-After\"");

    } else if (events->n && !taken
               && counts[NGX_HTTP_PINTAG_EVENT_REJECTED] == events->n)
    {
        status = NGX_HTTP_BAD_REQUEST;

        pintag_buf_add_text(&body, "{\"success\":false,"
                            "\"error\":\"events_rejected\","
                            "\"message\":\"no event could be taken; each is "
                            "listed with its reason\"");

    } else {
        status = (counts[NGX_HTTP_PINTAG_EVENT_STORED]
                  || counts[NGX_HTTP_PINTAG_EVENT_RECEIVED])
                 ? NGX_HTTP_ACCEPTED : NGX_HTTP_OK;

        pintag_buf_add_text(&body, "{\"success\":true");
    }

    if (events->preview) {
        pintag_buf_add_text(&body, ",\"preview\":true");
    }

    pintag_buf_add_text(&body, ",\"received\":");
    pintag_buf_add_uint(&body, events->n);

    if (events->preview == NULL
        && (plcf->ack == NGX_HTTP_PINTAG_ACK_DELIVERED
            || counts[NGX_HTTP_PINTAG_EVENT_DELIVERED]
            || (status != NGX_HTTP_ACCEPTED
                && status != NGX_HTTP_SERVICE_UNAVAILABLE)))
    {
        pintag_buf_add_text(&body, ",\"delivered\":");
        pintag_buf_add_uint(&body, counts[NGX_HTTP_PINTAG_EVENT_DELIVERED]);
    }

    for (i = 0; i < NGX_HTTP_PINTAG_EVENT_STATES; i++) {

        if (i == NGX_HTTP_PINTAG_EVENT_DELIVERED
            || i == NGX_HTTP_PINTAG_EVENT_RECEIVED || counts[i] == 0)
        {
            continue;
        }

        pintag_buf_add_text(&body, ",\"");
        pintag_buf_add_str(&body,
                    ngx_http_pintag_text(&ngx_http_pintag_answer_states[i]));
        pintag_buf_add_text(&body, "\":");
        pintag_buf_add_uint(&body, counts[i]);
    }

    if (events->truncated) {
        pintag_buf_add_text(&body, ",\"truncated\":");
        pintag_buf_add_uint(&body, events->truncated);
    }

    if (events->preview) {
        pintag_buf_add_text(&body, ",\"requests\":[");
        pintag_buf_add(&body, events->preview->data, events->preview->len);
        pintag_buf_add_text(&body, "]");

        body.failed |= events->preview->failed;
    }

    ngx_http_pintag_answer_list(&body, events);

    pintag_buf_add_text(&body, "}");

    return ngx_http_pintag_answer_json(r, status, &body);
}


/* the events that all is not well with */

static void
ngx_http_pintag_answer_list(pintag_buf_t *body,
    ngx_http_pintag_events_t *events)
{
    ngx_uint_t                i, listed;
    ngx_http_pintag_event_t  *event;

    listed = 0;

    for (i = 0; i < events->n; i++) {
        event = &events->elts[i];

        if (ngx_http_pintag_answer_taken(event->state)) {
            continue;
        }

        pintag_buf_add_text(body, listed++ ? ",{\"index\":"
                                           : ",\"events\":[{\"index\":");
        pintag_buf_add_uint(body, i);

        if (event->message_id.len) {
            pintag_buf_add_text(body, ",\"message_id\":");
            pintag_buf_add_json(body, event->message_id);
        }

        pintag_buf_add_text(body, ",\"status\":\"");
        pintag_buf_add_str(body, ngx_http_pintag_text(
                             ngx_http_pintag_answer_state(event->state)));
        pintag_buf_add_text(body, "\",\"reason\":\"");
        pintag_buf_add_text(body, event->reason);
        pintag_buf_add_text(body, "\"");

        if (event->error) {
            ngx_http_pintag_answer_detail(body, event->error);
        }

        if (event->message.len && event->state == NGX_HTTP_PINTAG_EVENT_REFUSED)
        {
            pintag_buf_add_text(body, ",\"message\":");
            pintag_buf_add_json(body, event->message);
        }

        pintag_buf_add_text(body, "}");
    }

    if (listed) {
        pintag_buf_add_text(body, "]");
    }
}


/* whoever takes care of it, its client need not any more */

static ngx_uint_t
ngx_http_pintag_answer_taken(ngx_http_pintag_event_state_e state)
{
    return state == NGX_HTTP_PINTAG_EVENT_DELIVERED
           || state == NGX_HTTP_PINTAG_EVENT_STORED
           || state == NGX_HTTP_PINTAG_EVENT_RECEIVED;
}


ngx_int_t
ngx_http_pintag_answer_busy(ngx_http_request_t *r)
{
    pintag_body_error_t  error;

    ngx_memzero(&error, sizeof(pintag_body_error_t));
    error.error = "queue_full";
    error.message = "too many events wait here already; send the request "
                    "again after Retry-After";

    if (ngx_http_pintag_answer_retry_after(r) != NGX_OK) {
        return NGX_HTTP_INTERNAL_SERVER_ERROR;
    }

    return ngx_http_pintag_answer_error(r, NGX_HTTP_TOO_MANY_REQUESTS, &error);
}


ngx_int_t
ngx_http_pintag_answer_method(ngx_http_request_t *r)
{
    ngx_str_t            allow;
    pintag_body_error_t  error;

    ngx_memzero(&error, sizeof(pintag_body_error_t));
    error.error = "method_not_allowed";

    if (ngx_http_pintag_client_pixel(r)) {
        ngx_str_set(&allow, "GET, POST");
        error.message = "a pixel is asked for with GET, other events are sent "
                        "with POST";

    } else {
        ngx_str_set(&allow, "POST");
        error.message = "events are sent with POST";
    }

    if (ngx_http_pintag_answer_header(r, "Allow", &allow) != NGX_OK) {
        return NGX_HTTP_INTERNAL_SERVER_ERROR;
    }

    return ngx_http_pintag_answer_error(r, NGX_HTTP_NOT_ALLOWED, &error);
}


ngx_int_t
ngx_http_pintag_answer_unauthorized(ngx_http_request_t *r)
{
    pintag_body_error_t  error;

    ngx_memzero(&error, sizeof(pintag_body_error_t));
    error.error = "invalid_write_key";
    error.message = "a write key that \"pintag_write_keys\" lists is missing; "
                    "send one as the user of Basic authentication, as "
                    "\"writeKey\" of an event, a batch or the query, or as "
                    "X-Write-Key";

    return ngx_http_pintag_answer_error(r, NGX_HTTP_UNAUTHORIZED, &error);
}


ngx_int_t
ngx_http_pintag_answer_foreign(ngx_http_request_t *r)
{
    pintag_body_error_t  error;

    ngx_memzero(&error, sizeof(pintag_body_error_t));
    error.error = "origin_not_allowed";
    error.message = "pages of this origin may not send events here; "
                    "\"pintag_allow_origin\" lists those that may";

    return ngx_http_pintag_answer_error(r, NGX_HTTP_FORBIDDEN, &error);
}


ngx_int_t
ngx_http_pintag_answer_preflight(ngx_http_request_t *r)
{
    ngx_uint_t  i;

    for (i = 0;
         i < sizeof(ngx_http_pintag_answer_allowed)
             / sizeof(ngx_http_pintag_answer_allowed[0]);
         i++)
    {
        if (ngx_http_pintag_answer_header(r,
                                      ngx_http_pintag_answer_allowed[i].name,
                                      &ngx_http_pintag_answer_allowed[i].value)
            != NGX_OK)
        {
            return NGX_HTTP_INTERNAL_SERVER_ERROR;
        }
    }

    r->headers_out.status = NGX_HTTP_NO_CONTENT;
    r->header_only = 1;

    return ngx_http_send_header(r);
}


ngx_int_t
ngx_http_pintag_answer_error(ngx_http_request_t *r, ngx_uint_t status,
    pintag_body_error_t *error)
{
    ngx_str_t       encodings;
    pintag_buf_t    body;
    pintag_arena_t  arena;

    ngx_http_pintag_count_error(r, error->error);
    ngx_http_pintag_variables_error(r, error->error);

    if (ngx_http_pintag_client_image(r)) {
        return ngx_http_pintag_answer_image(r);
    }

    if (status == NGX_HTTP_UNSUPPORTED_MEDIA_TYPE) {
        ngx_str_set(&encodings, "gzip, deflate");

        if (ngx_http_pintag_answer_header(r, "Accept-Encoding", &encodings)
            != NGX_OK)
        {
            return NGX_HTTP_INTERNAL_SERVER_ERROR;
        }
    }

    pintag_arena_init(&arena, ngx_http_pintag_palloc, r->pool);
    pintag_buf_init(&body, &arena, 256);

    pintag_buf_add_text(&body, "{\"success\":false,\"error\":\"");
    pintag_buf_add_text(&body, error->error);
    pintag_buf_add_text(&body, "\"");

    ngx_http_pintag_answer_detail(&body, error);

    pintag_buf_add_text(&body, "}");

    return ngx_http_pintag_answer_json(r, status, &body);
}


static void
ngx_http_pintag_answer_detail(pintag_buf_t *body, pintag_body_error_t *error)
{
    pintag_str_t  message;

    message.data = (const unsigned char *) error->message;
    message.len = ngx_strlen(error->message);

    pintag_buf_add_text(body, ",\"message\":");
    pintag_buf_add_json(body, message);

    if (error->line) {
        pintag_buf_add_text(body, ",\"line\":");
        pintag_buf_add_uint(body, error->line);
        pintag_buf_add_text(body, ",\"column\":");
        pintag_buf_add_uint(body, error->column);
    }
}


static ngx_int_t
ngx_http_pintag_answer_image(ngx_http_request_t *r)
{
    return ngx_http_pintag_answer_send(r, NGX_HTTP_OK, "image/gif",
                                       ngx_http_pintag_answer_gif,
                                       sizeof(ngx_http_pintag_answer_gif));
}


ngx_str_t *
ngx_http_pintag_answer_pixel(void)
{
    return &ngx_http_pintag_answer_pixel_body;
}


static ngx_int_t
ngx_http_pintag_answer_json(ngx_http_request_t *r, ngx_uint_t status,
    pintag_buf_t *body)
{
    if (body->failed) {
        return NGX_HTTP_INTERNAL_SERVER_ERROR;
    }

    return ngx_http_pintag_answer_send(r, status, "application/json",
                                       body->data, body->len);
}


ngx_int_t
ngx_http_pintag_answer_send(ngx_http_request_t *r, ngx_uint_t status,
    char *type, u_char *data, size_t len)
{
    ngx_int_t     rc;
    ngx_str_t     value;
    ngx_buf_t    *b;
    ngx_chain_t   out;

    if (r->method == NGX_HTTP_GET) {
        ngx_str_set(&value, "no-store");

        if (ngx_http_pintag_answer_header(r, "Cache-Control", &value)
            != NGX_OK)
        {
            return NGX_HTTP_INTERNAL_SERVER_ERROR;
        }
    }

    r->headers_out.status = status;
    r->headers_out.content_length_n = len;

    r->headers_out.content_type.data = (u_char *) type;
    r->headers_out.content_type.len = ngx_strlen(type);
    r->headers_out.content_type_len = r->headers_out.content_type.len;

    rc = ngx_http_send_header(r);

    if (rc == NGX_ERROR || rc > NGX_OK || r->header_only) {
        return rc;
    }

    b = ngx_calloc_buf(r->pool);
    if (b == NULL) {
        return NGX_ERROR;
    }

    b->pos = data;
    b->last = data + len;
    b->memory = 1;
    b->last_buf = (r == r->main);
    b->last_in_chain = 1;

    out.buf = b;
    out.next = NULL;

    return ngx_http_output_filter(r, &out);
}


/* when all the destinations are tried again, in a second at least */

static ngx_int_t
ngx_http_pintag_answer_retry_after(ngx_http_request_t *r)
{
    size_t                       i;
    ngx_str_t                    value;
    ngx_msec_t                   msec, tag, api;
    ngx_http_pintag_entry_t     *entry;
    ngx_http_pintag_loc_conf_t  *plcf;

    plcf = ngx_http_get_module_loc_conf(r, ngx_http_pintag_module);

    value.data = ngx_pnalloc(r->pool, NGX_INT_T_LEN);
    if (value.data == NULL) {
        return NGX_ERROR;
    }

    msec = 1;

    for (i = 0; i < plcf->integrations->n; i++) {
        entry = &plcf->entries[i];

        tag = entry->tag ? ngx_http_pintag_destination_stopped(entry->tag) : 0;
        api = entry->api ? ngx_http_pintag_destination_stopped(entry->api) : 0;

        msec = ngx_max(msec, ngx_max(tag, api));
    }

    value.len = ngx_sprintf(value.data, "%M", (msec + 999) / 1000)
                - value.data;

    return ngx_http_pintag_answer_header(r, "Retry-After", &value);
}


ngx_int_t
ngx_http_pintag_answer_header(ngx_http_request_t *r, char *name,
    ngx_str_t *value)
{
    ngx_table_elt_t  *h;

    h = ngx_list_push(&r->headers_out.headers);
    if (h == NULL) {
        return NGX_ERROR;
    }

    /* "next", which newer nginx has, among them */
    ngx_memzero(h, sizeof(ngx_table_elt_t));

    h->hash = 1;
    h->key.data = (u_char *) name;
    h->key.len = ngx_strlen(name);
    h->value = *value;

    return NGX_OK;
}
