
/*
 * Copyright (C) the ngx_http_pintag_module authors
 */


#include "ngx_http_pintag_module.h"
#include "ngx_http_pintag_capture.h"
#include "ngx_http_pintag_message.h"


/* what is kept of a body without a length at first, in bytes */
#define NGX_HTTP_PINTAG_CAPTURE_SIZE  4096


static ngx_int_t ngx_http_pintag_capture_header_filter(ngx_http_request_t *r);
static ngx_int_t ngx_http_pintag_capture_body_filter(ngx_http_request_t *r,
    ngx_chain_t *in);
static void ngx_http_pintag_capture_keep(ngx_http_request_t *r,
    ngx_http_pintag_capture_t *capture, ngx_buf_t *b);
static void ngx_http_pintag_capture_drop(ngx_http_pintag_capture_t *capture);


static ngx_http_output_header_filter_pt  ngx_http_next_header_filter;
static ngx_http_output_body_filter_pt    ngx_http_next_body_filter;


void
ngx_http_pintag_capture(ngx_http_request_t *r,
    ngx_http_pintag_capture_t *capture)
{
    ngx_http_set_ctx(r, capture, ngx_http_pintag_module);
}


static ngx_int_t
ngx_http_pintag_capture_header_filter(ngx_http_request_t *r)
{
    ngx_http_pintag_capture_t  *capture;

    capture = ngx_http_get_module_ctx(r->main, ngx_http_pintag_module);

    if (capture == NULL) {
        return ngx_http_next_header_filter(r);
    }

    capture->status = r->headers_out.status;

    /*
     * A background subrequest never is c->data, so that an event pipe would
     * keep the body until its end, in a temporary file if need be.
     */

    if (r->upstream) {
        r->upstream->buffering = 0;

        /* nor is its connection one for the next request */

        if (!ngx_http_pintag_message_length_sent(r->upstream)) {
            r->upstream->headers_in.connection_close = 1;
            r->upstream->keepalive = 0;
        }
    }

    /* as the last header filter does for any subrequest */
    r->header_sent = 1;

    return NGX_OK;
}


static ngx_int_t
ngx_http_pintag_capture_body_filter(ngx_http_request_t *r, ngx_chain_t *in)
{
    ngx_buf_t                  *b;
    ngx_http_pintag_capture_t  *capture;

    capture = ngx_http_get_module_ctx(r->main, ngx_http_pintag_module);

    if (capture == NULL) {
        return ngx_http_next_body_filter(r, in);
    }

    for ( /* void */ ; in; in = in->next) {
        b = in->buf;

        if (b->last_buf || b->last_in_chain) {
            capture->complete = 1;
        }

        if (capture->max && !capture->dropped) {
            ngx_http_pintag_capture_keep(r, capture, b);
        }

        /* a buffer that is not emptied is never given back to the upstream */

        b->pos = b->last;
        b->file_pos = b->file_last;
    }

    return NGX_OK;
}


static void
ngx_http_pintag_capture_keep(ngx_http_request_t *r,
    ngx_http_pintag_capture_t *capture, ngx_buf_t *b)
{
    off_t    length;
    size_t   size, need;
    u_char  *p;

    if (ngx_buf_special(b)) {
        return;
    }

    if (!ngx_buf_in_memory(b)) {
        ngx_http_pintag_capture_drop(capture);
        return;
    }

    need = capture->body.len + (b->last - b->pos);

    if (need > capture->max) {
        ngx_http_pintag_capture_drop(capture);
        return;
    }

    if (need > capture->size) {

        length = r->headers_out.content_length_n;

        size = ngx_max(2 * capture->size, NGX_HTTP_PINTAG_CAPTURE_SIZE);

        if (length > 0 && (size_t) length <= capture->max) {
            size = (size_t) length;
        }

        size = ngx_max(size, need);

        p = ngx_alloc(size, ngx_cycle->log);
        if (p == NULL) {
            ngx_http_pintag_capture_drop(capture);
            capture->failed = 1;
            return;
        }

        if (capture->body.data) {
            ngx_memcpy(p, capture->body.data, capture->body.len);
            ngx_free(capture->body.data);
        }

        capture->body.data = p;
        capture->size = size;
    }

    ngx_memcpy(capture->body.data + capture->body.len, b->pos,
               b->last - b->pos);
    capture->body.len = need;
}


static void
ngx_http_pintag_capture_drop(ngx_http_pintag_capture_t *capture)
{
    ngx_http_pintag_capture_free(capture);
    capture->dropped = 1;
}


void
ngx_http_pintag_capture_free(ngx_http_pintag_capture_t *capture)
{
    if (capture->body.data) {
        ngx_free(capture->body.data);
    }

    ngx_str_null(&capture->body);
    capture->size = 0;
}


void
ngx_http_pintag_capture_init(void)
{
    ngx_http_next_header_filter = ngx_http_top_header_filter;
    ngx_http_top_header_filter = ngx_http_pintag_capture_header_filter;

    ngx_http_next_body_filter = ngx_http_top_body_filter;
    ngx_http_top_body_filter = ngx_http_pintag_capture_body_filter;
}
