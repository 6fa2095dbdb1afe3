
/*
 * Copyright (C) the ngx_http_pintag_module authors
 */


#include <nginx.h>

#include "ngx_http_pintag_module.h"
#include "ngx_http_pintag_message.h"


static ngx_int_t ngx_http_pintag_message_header(ngx_http_request_t *r,
    char *name, char *lowcase, ngx_str_t *value, ngx_table_elt_t **header);
static ngx_int_t ngx_http_pintag_message_forwarded(ngx_http_request_t *r,
    ngx_table_elt_t *h);
static ngx_int_t ngx_http_pintag_message_length(ngx_http_request_t *r);


ngx_int_t
ngx_http_pintag_message_headers(ngx_http_request_t *r,
    ngx_http_pintag_message_t *message)
{
    ngx_table_elt_t            *h;
    ngx_http_pintag_headers_t  *headers;

    static ngx_str_t  json = ngx_string("application/json");

    if (ngx_list_init(&r->headers_in.headers, r->pool, 4,
                      sizeof(ngx_table_elt_t))
        != NGX_OK)
    {
        return NGX_ERROR;
    }

    if (message->authorization) {

        if (ngx_http_pintag_message_header(r, "Content-Type", "content-type",
                                           &json, &r->headers_in.content_type)
            != NGX_OK)
        {
            return NGX_ERROR;
        }

        return ngx_http_pintag_message_header(r, "Authorization",
                                              "authorization",
                                              message->authorization,
                                              &r->headers_in.authorization);
    }

    headers = &message->headers;

    if (ngx_http_pintag_message_header(r, "User-Agent", "user-agent",
                                       &headers->user_agent,
                                       &r->headers_in.user_agent)
        != NGX_OK
        || ngx_http_pintag_message_header(r, "Referer", "referer",
                                          &headers->page_url,
                                          &r->headers_in.referer)
           != NGX_OK
        || ngx_http_pintag_message_header(r, "X-Forwarded-For",
                                          "x-forwarded-for",
                                          &headers->address, &h)
           != NGX_OK)
    {
        return NGX_ERROR;
    }

    return h ? ngx_http_pintag_message_forwarded(r, h) : NGX_OK;
}


static ngx_int_t
ngx_http_pintag_message_header(ngx_http_request_t *r, char *name, char *lowcase,
    ngx_str_t *value, ngx_table_elt_t **header)
{
    size_t            i;
    ngx_table_elt_t  *h;

    *header = NULL;

    if (value->len == 0) {
        return NGX_OK;
    }

    for (i = 0; i < value->len; i++) {
        if (value->data[i] == CR || value->data[i] == LF
            || value->data[i] == '\0')
        {
            return NGX_OK;
        }
    }

    h = ngx_list_push(&r->headers_in.headers);
    if (h == NULL) {
        return NGX_ERROR;
    }

    /* "next", which newer nginx has, among them */
    ngx_memzero(h, sizeof(ngx_table_elt_t));

    h->key.data = (u_char *) name;
    h->key.len = ngx_strlen(name);
    h->lowcase_key = (u_char *) lowcase;
    h->hash = ngx_hash_key(h->lowcase_key, h->key.len);
    h->value = *value;

    *header = h;

    return NGX_OK;
}


static ngx_int_t
ngx_http_pintag_message_forwarded(ngx_http_request_t *r, ngx_table_elt_t *h)
{
#if (NGX_HTTP_X_FORWARDED_FOR)
#if (nginx_version >= 1023000)

    r->headers_in.x_forwarded_for = h;

#else

    ngx_table_elt_t  **elt;

    if (ngx_array_init(&r->headers_in.x_forwarded_for, r->pool, 1,
                       sizeof(ngx_table_elt_t *))
        != NGX_OK)
    {
        return NGX_ERROR;
    }

    elt = ngx_array_push(&r->headers_in.x_forwarded_for);
    if (elt == NULL) {
        return NGX_ERROR;
    }

    *elt = h;

#endif
#endif

    return NGX_OK;
}


ngx_int_t
ngx_http_pintag_message_body(ngx_http_request_t *sr,
    ngx_http_pintag_message_t *message)
{
    ngx_buf_t    *b;
    ngx_chain_t  *cl;

    static ngx_str_t  post = ngx_string("POST");

    sr->method = NGX_HTTP_POST;
    sr->method_name = post;

    sr->request_body = ngx_pcalloc(sr->pool, sizeof(ngx_http_request_body_t));
    if (sr->request_body == NULL) {
        return NGX_ERROR;
    }

    b = ngx_calloc_buf(sr->pool);
    if (b == NULL) {
        return NGX_ERROR;
    }

    cl = ngx_alloc_chain_link(sr->pool);
    if (cl == NULL) {
        return NGX_ERROR;
    }

    /* another server of the upstream is sent it from its start on */

    b->start = message->body.data;
    b->pos = b->start;
    b->last = b->pos + message->body.len;
    b->end = b->last;
    b->memory = 1;
    b->last_buf = 1;

    cl->buf = b;
    cl->next = NULL;

    sr->request_body->bufs = cl;
    sr->request_body->buf = b;

    return NGX_OK;
}


ngx_int_t
ngx_http_pintag_message_init(ngx_conf_t *cf)
{
    ngx_http_handler_pt        *h;
    ngx_http_core_main_conf_t  *cmcf;

    cmcf = ngx_http_conf_get_module_main_conf(cf, ngx_http_core_module);

    h = ngx_array_push(&cmcf->phases[NGX_HTTP_PREACCESS_PHASE].handlers);
    if (h == NULL) {
        return NGX_ERROR;
    }

    *h = ngx_http_pintag_message_length;

    return NGX_OK;
}


/* runs after all that looks for a location, for any request of nginx's */

static ngx_int_t
ngx_http_pintag_message_length(ngx_http_request_t *r)
{
    ngx_buf_t  *b;

    if (r == r->main || r->method != NGX_HTTP_POST
        || ngx_http_get_module_ctx(r->main, ngx_http_pintag_module) == NULL)
    {
        return NGX_DECLINED;
    }

    b = r->request_body->buf;

    if (b) {
        r->headers_in.content_length_n = b->last - b->start;
    }

    return NGX_DECLINED;
}
