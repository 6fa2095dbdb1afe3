
/*
 * Copyright (C) the ngx_http_pintag_module authors
 */


#include "ngx_http_pintag_preview.h"
#include "ngx_http_pintag_destination.h"


static void ngx_http_pintag_preview_request(pintag_buf_t *out,
    ngx_http_pintag_mapped_t *mapped, ngx_http_pintag_encoded_t *encoded);
static void ngx_http_pintag_preview_header(pintag_buf_t *out, char *name,
    ngx_str_t *value, ngx_uint_t *n);


ngx_int_t
ngx_http_pintag_preview(ngx_http_request_t *r,
    ngx_http_pintag_mapped_t *mapped)
{
    ngx_uint_t                  i;
    pintag_buf_t                out;
    ngx_http_pintag_encoded_t  *encoded;

    pintag_buf_init(&out, mapped->bytes.arena, 2 * mapped->bytes.len);

    encoded = mapped->encoded.elts;

    for (i = 0; i < mapped->encoded.nelts; i++) {

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
    ngx_str_t                       query;
    ngx_uint_t                      n;
    pintag_str_t                    label, text, *message_id;
    pintag_buf_t                    uri;
    ngx_http_pintag_headers_t       headers;
    ngx_http_pintag_destination_t  *destination;

    destination = encoded->destination;
    message_id = &mapped->events.elts[encoded->event].message_id;

    ngx_http_pintag_map_slices(encoded, mapped->bytes.data, &query, &headers);

    pintag_buf_add_text(out, "{\"event\":");
    pintag_buf_add_uint(out, encoded->event);

    if (message_id->len) {
        pintag_buf_add_text(out, ",\"message_id\":");
        pintag_buf_add_json(out, *message_id);
    }

    label.data = destination->label.data;
    label.len = destination->label.len;

    pintag_buf_add_text(out, ",\"destination\":");
    pintag_buf_add_json(out, label);

    pintag_buf_init(&uri, out->arena, destination->uri.len + 1 + query.len);
    pintag_buf_add(&uri, destination->uri.data, destination->uri.len);
    pintag_buf_add_char(&uri, '?');
    pintag_buf_add(&uri, query.data, query.len);

    out->failed |= uri.failed;
    text.data = uri.data;
    text.len = uri.len;

    pintag_buf_add_text(out, ",\"method\":\"GET\",\"uri\":");
    pintag_buf_add_json(out, text);

    pintag_buf_add_text(out, ",\"headers\":{");

    n = 0;

    ngx_http_pintag_preview_header(out, "User-Agent", &headers.user_agent,
                                   &n);
    ngx_http_pintag_preview_header(out, "Referer", &headers.page_url, &n);
    ngx_http_pintag_preview_header(out, "X-Forwarded-For", &headers.address,
                                   &n);

    pintag_buf_add_text(out, "},\"body\":null}");
}


static void
ngx_http_pintag_preview_header(pintag_buf_t *out, char *name, ngx_str_t *value,
    ngx_uint_t *n)
{
    pintag_str_t  text;

    if (value->len == 0) {
        return;
    }

    text.data = value->data;
    text.len = value->len;

    pintag_buf_add_text(out, (*n)++ ? ",\"" : "\"");
    pintag_buf_add_text(out, name);
    pintag_buf_add_text(out, "\":");
    pintag_buf_add_json(out, text);
}
