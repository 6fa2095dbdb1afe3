
/*
 * Copyright (C) the ngx_http_pintag_module authors
 */


#include "ngx_http_pintag_module.h"
#include "ngx_http_pintag_error_page.h"
#include "ngx_http_pintag_answer.h"
#include "ngx_http_pintag_client.h"
#include "ngx_http_pintag_metrics.h"
#include "ngx_http_pintag_variables.h"


typedef struct {
    ngx_uint_t   status;
    char        *error;
    ngx_str_t    body;
} ngx_http_pintag_error_page_t;


static ngx_int_t ngx_http_pintag_error_page_header_filter(
    ngx_http_request_t *r);
static ngx_int_t ngx_http_pintag_error_page_retry_after(ngx_http_request_t *r);
static ngx_int_t ngx_http_pintag_error_page_body_filter(ngx_http_request_t *r,
    ngx_chain_t *in);
static ngx_http_pintag_error_page_t *ngx_http_pintag_error_page(
    ngx_uint_t status);


#define ngx_http_pintag_error_page_text(error, message)                       \
    error,                                                                    \
    ngx_string("{\"success\":false,\"error\":\"" error "\","                  \
               "\"message\":\"" message "\"}")


static ngx_http_pintag_error_page_t  ngx_http_pintag_error_pages[] = {

    { NGX_HTTP_UNAUTHORIZED,
      ngx_http_pintag_error_page_text("unauthorized",
          "this location asks for a user and a password") },

    { NGX_HTTP_FORBIDDEN,
      ngx_http_pintag_error_page_text("forbidden",
          "this address may not send requests here") },

    { NGX_HTTP_REQUEST_ENTITY_TOO_LARGE,
      ngx_http_pintag_error_page_text("body_too_large",
          "the body is larger than client_max_body_size; send fewer events in "
          "a request") },

    { NGX_HTTP_TOO_MANY_REQUESTS,
      ngx_http_pintag_error_page_text("too_many_requests",
          "too much comes from this client; send the request again after "
          "Retry-After") },

    { NGX_HTTP_INTERNAL_SERVER_ERROR,
      ngx_http_pintag_error_page_text("internal_error",
          "nginx could not handle the request, its error_log tells why; send "
          "it again") },

    { NGX_HTTP_SERVICE_UNAVAILABLE,
      ngx_http_pintag_error_page_text("unavailable",
          "nginx takes no more requests just now; send the request again "
          "after Retry-After") },

    /* any other */
    { 0,
      ngx_http_pintag_error_page_text("http_error",
          "nginx has refused the request before it was looked at") }
};


/* by its address it is known that the body is to be replaced */

static u_char     ngx_http_pintag_error_page_json[] = "application/json";
static u_char     ngx_http_pintag_error_page_gif[] = "image/gif";

static ngx_str_t  ngx_http_pintag_error_page_type = ngx_string("text/html");


static ngx_http_output_header_filter_pt  ngx_http_next_header_filter;
static ngx_http_output_body_filter_pt    ngx_http_next_body_filter;


static ngx_int_t
ngx_http_pintag_error_page_header_filter(ngx_http_request_t *r)
{
    ngx_str_t                     *type, *body;
    ngx_http_pintag_loc_conf_t    *plcf;
    ngx_http_pintag_error_page_t  *page;

    plcf = ngx_http_get_module_loc_conf(r, ngx_http_pintag_module);
    type = &r->headers_out.content_type;

    /* what the module answers itself has no err_status */

    if (plcf->pass.len == 0 || r != r->main || r->upstream
        || r->err_status < NGX_HTTP_BAD_REQUEST
        || type->len != ngx_http_pintag_error_page_type.len
        || ngx_memcmp(type->data, ngx_http_pintag_error_page_type.data,
                      type->len)
           != 0)
    {
        return ngx_http_next_header_filter(r);
    }

    page = ngx_http_pintag_error_page(r->headers_out.status);

    ngx_http_pintag_count_error(r, page->error);
    ngx_http_pintag_variables_error(r, page->error);

    if (ngx_http_pintag_client_image(r)) {
        type->data = ngx_http_pintag_error_page_gif;
        type->len = sizeof(ngx_http_pintag_error_page_gif) - 1;

        body = ngx_http_pintag_answer_pixel();

    } else {
        type->data = ngx_http_pintag_error_page_json;
        type->len = sizeof(ngx_http_pintag_error_page_json) - 1;

        body = &page->body;
    }

    r->headers_out.content_type_len = type->len;
    r->headers_out.content_length_n = body->len;

    if (ngx_http_pintag_error_page_retry_after(r) != NGX_OK) {
        return NGX_ERROR;
    }

    return ngx_http_next_header_filter(r);
}


static ngx_int_t
ngx_http_pintag_error_page_retry_after(ngx_http_request_t *r)
{
    ngx_str_t  value;

    if (r->headers_out.status != NGX_HTTP_TOO_MANY_REQUESTS
        && r->headers_out.status != NGX_HTTP_SERVICE_UNAVAILABLE)
    {
        return NGX_OK;
    }

    ngx_str_set(&value, "1");

    return ngx_http_pintag_answer_header(r, "Retry-After", &value);
}


static ngx_int_t
ngx_http_pintag_error_page_body_filter(ngx_http_request_t *r, ngx_chain_t *in)
{
    u_char       *type;
    ngx_str_t    *body;
    ngx_buf_t    *b;
    ngx_chain_t   out;

    type = r->headers_out.content_type.data;

    if (in == NULL || r != r->main) {
        return ngx_http_next_body_filter(r, in);
    }

    if (type == ngx_http_pintag_error_page_json) {
        body = &ngx_http_pintag_error_page(r->headers_out.status)->body;

    } else if (type == ngx_http_pintag_error_page_gif) {
        body = ngx_http_pintag_answer_pixel();

    } else {
        return ngx_http_next_body_filter(r, in);
    }

    b = ngx_calloc_buf(r->pool);
    if (b == NULL) {
        return NGX_ERROR;
    }

    b->pos = body->data;
    b->last = body->data + body->len;
    b->memory = 1;
    b->last_buf = 1;
    b->last_in_chain = 1;

    out.buf = b;
    out.next = NULL;

    return ngx_http_next_body_filter(r, &out);
}


static ngx_http_pintag_error_page_t *
ngx_http_pintag_error_page(ngx_uint_t status)
{
    ngx_http_pintag_error_page_t  *page;

    for (page = ngx_http_pintag_error_pages; page->status; page++) {
        if (page->status == status) {
            break;
        }
    }

    return page;
}


void
ngx_http_pintag_error_page_init(void)
{
    ngx_http_next_header_filter = ngx_http_top_header_filter;
    ngx_http_top_header_filter = ngx_http_pintag_error_page_header_filter;

    ngx_http_next_body_filter = ngx_http_top_body_filter;
    ngx_http_top_body_filter = ngx_http_pintag_error_page_body_filter;
}
