
/*
 * Copyright (C) the ngx_http_pintag_module authors
 */


#include "ngx_http_pintag_module.h"
#include "ngx_http_pintag_capture.h"


static ngx_int_t ngx_http_pintag_capture_header_filter(ngx_http_request_t *r);
static ngx_int_t ngx_http_pintag_capture_body_filter(ngx_http_request_t *r,
    ngx_chain_t *in);


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

        /* a buffer that is not emptied is never given back to the upstream */

        b->pos = b->last;
        b->file_pos = b->file_last;
    }

    return NGX_OK;
}


void
ngx_http_pintag_capture_init(void)
{
    ngx_http_next_header_filter = ngx_http_top_header_filter;
    ngx_http_top_header_filter = ngx_http_pintag_capture_header_filter;

    ngx_http_next_body_filter = ngx_http_top_body_filter;
    ngx_http_top_body_filter = ngx_http_pintag_capture_body_filter;
}
