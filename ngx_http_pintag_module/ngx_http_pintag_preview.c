
/*
 * Copyright (C) the ngx_http_pintag_module authors
 */


#include "ngx_http_pintag_preview.h"
#include "ngx_http_pintag_destination.h"

#include "core/capi.h"


static void ngx_http_pintag_preview_request(pintag_buf_t *out,
    ngx_http_pintag_mapped_t *mapped, ngx_http_pintag_encoded_t *encoded);
static void ngx_http_pintag_preview_get(pintag_buf_t *out,
    ngx_http_pintag_delivery_t *delivery);
static void ngx_http_pintag_preview_post(pintag_buf_t *out,
    ngx_http_pintag_delivery_t *delivery);
static void ngx_http_pintag_preview_uri(pintag_buf_t *out, ngx_str_t *path,
    ngx_str_t *args);
static void ngx_http_pintag_preview_header(pintag_buf_t *out, char *name,
    ngx_str_t *value, ngx_uint_t *n);


ngx_int_t
ngx_http_pintag_preview(ngx_http_request_t *r,
    ngx_http_pintag_mapped_t *mapped, pintag_arena_t *arena)
{
    ngx_uint_t                  i;
    pintag_buf_t                out;
    ngx_http_pintag_encoded_t  *encoded;

    pintag_buf_init(&out, arena, 2 * mapped->bytes->len);

    encoded = mapped->encoded;

    for (i = 0; i < mapped->n; i++) {

        if (i) {
            pintag_buf_add_char(&out, ',');
        }

        ngx_http_pintag_preview_request(&out, mapped, &encoded[i]);

        ngx_http_pintag_event_settle(&mapped->events, encoded[i].event,
                                     NGX_HTTP_PINTAG_EVENT_DELIVERED, NULL);
    }

    mapped->events.preview = &out;

    return ngx_http_pintag_answer_events(r, &mapped->events);
}


static void
ngx_http_pintag_preview_request(pintag_buf_t *out,
    ngx_http_pintag_mapped_t *mapped, ngx_http_pintag_encoded_t *encoded)
{
    pintag_str_t                   *message_id;
    ngx_http_pintag_delivery_t      delivery;
    ngx_http_pintag_destination_t  *destination;

    destination = encoded->destination;
    message_id = &mapped->events.elts[encoded->event].message_id;

    ngx_memzero(&delivery, sizeof(ngx_http_pintag_delivery_t));
    ngx_http_pintag_map_delivery(encoded, mapped->bytes->data, &delivery);

    pintag_buf_add_text(out, "{\"event\":");
    pintag_buf_add_uint(out, encoded->event);

    if (message_id->len) {
        pintag_buf_add_text(out, ",\"message_id\":");
        pintag_buf_add_json(out, *message_id);
    }

    pintag_buf_add_text(out, ",\"destination\":");
    pintag_buf_add_json(out, ngx_http_pintag_text(&destination->label));

    if (destination->transport == NGX_HTTP_PINTAG_TAG) {
        ngx_http_pintag_preview_get(out, &delivery);

    } else {
        ngx_http_pintag_preview_post(out, &delivery);
    }

    pintag_buf_add_text(out, "}");
}


static void
ngx_http_pintag_preview_get(pintag_buf_t *out,
    ngx_http_pintag_delivery_t *delivery)
{
    ngx_uint_t                  n;
    ngx_http_pintag_headers_t  *headers;

    pintag_buf_add_text(out, ",\"method\":\"GET\"");

    ngx_http_pintag_preview_uri(out, &delivery->destination->uri,
                                &delivery->payload);

    pintag_buf_add_text(out, ",\"headers\":{");

    n = 0;
    headers = &delivery->headers;

    ngx_http_pintag_preview_header(out, "User-Agent", &headers->user_agent,
                                   &n);
    ngx_http_pintag_preview_header(out, "Referer", &headers->page_url, &n);
    ngx_http_pintag_preview_header(out, "X-Forwarded-For", &headers->address,
                                   &n);

    pintag_buf_add_text(out, "},\"body\":null");
}


/* the access token is not shown */

static void
ngx_http_pintag_preview_post(pintag_buf_t *out,
    ngx_http_pintag_delivery_t *delivery)
{
    pintag_buf_add_text(out, ",\"method\":\"POST\"");

    ngx_http_pintag_preview_uri(out, &delivery->destination->uri,
                                &delivery->destination->args);

    pintag_buf_add_text(out, ",\"headers\":{"
                        "\"Content-Type\":\"application/json\","
                        "\"Authorization\":\"Bearer ***\"},\"body\":");

    pintag_buf_add_text(out, PINTAG_CAPI_HEAD);
    pintag_buf_add(out, delivery->payload.data, delivery->payload.len);
    pintag_buf_add_text(out, PINTAG_CAPI_TAIL);
}


static void
ngx_http_pintag_preview_uri(pintag_buf_t *out, ngx_str_t *path,
    ngx_str_t *args)
{
    pintag_str_t  text;
    pintag_buf_t  uri;

    pintag_buf_init(&uri, out->arena, path->len + 1 + args->len);
    pintag_buf_add(&uri, path->data, path->len);

    if (args->len) {
        pintag_buf_add_char(&uri, '?');
        pintag_buf_add(&uri, args->data, args->len);
    }

    out->failed |= uri.failed;
    text.data = uri.data;
    text.len = uri.len;

    pintag_buf_add_text(out, ",\"uri\":");
    pintag_buf_add_json(out, text);
}


static void
ngx_http_pintag_preview_header(pintag_buf_t *out, char *name, ngx_str_t *value,
    ngx_uint_t *n)
{
    if (value->len == 0) {
        return;
    }

    pintag_buf_add_text(out, (*n)++ ? ",\"" : "\"");
    pintag_buf_add_text(out, name);
    pintag_buf_add_text(out, "\":");
    pintag_buf_add_json(out, ngx_http_pintag_text(value));
}
