
/*
 * Copyright (C) the ngx_http_pintag_module authors
 */


#include <nginx.h>

#include "ngx_http_pintag_module.h"
#include "ngx_http_pintag_message.h"


/* seconds; nobody is believed to ask for a longer wait */
#define NGX_HTTP_PINTAG_MAX_WAIT  86400

/* larger numbers of seconds are points in time */
#define NGX_HTTP_PINTAG_EPOCH     1000000000


static ngx_int_t ngx_http_pintag_message_header(ngx_http_request_t *r,
    char *name, char *lowcase, ngx_str_t *value, ngx_table_elt_t **header);
static ngx_int_t ngx_http_pintag_message_forwarded(ngx_http_request_t *r,
    ngx_table_elt_t *h);
static ngx_uint_t ngx_http_pintag_message_is(ngx_table_elt_t *h, char *name);
static time_t ngx_http_pintag_message_seconds(ngx_str_t *value);


ngx_int_t
ngx_http_pintag_message_headers(ngx_http_request_t *r,
    ngx_http_pintag_message_t *message)
{
    ngx_table_elt_t            *h;
    ngx_http_pintag_headers_t  *headers;

    if (ngx_list_init(&r->headers_in.headers, r->pool, 4,
                      sizeof(ngx_table_elt_t))
        != NGX_OK)
    {
        return NGX_ERROR;
    }

    if (message->content_type) {

        if (ngx_http_pintag_message_header(r, "Content-Type", "content-type",
                                           message->content_type,
                                           &r->headers_in.content_type)
            != NGX_OK)
        {
            return NGX_ERROR;
        }

        if (message->authorization == NULL) {
            return NGX_OK;
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

    sr->headers_in.content_length_n = message->body.len;

    /* client_max_body_size is not for what the worker sends */
    sr->discard_body = 1;

    return NGX_OK;
}


ngx_uint_t
ngx_http_pintag_message_length_sent(ngx_http_upstream_t *u)
{
    ngx_buf_t    *b;
    ngx_chain_t  *cl;

    cl = u->request_bufs;

    if (cl == NULL || cl->next == NULL) {
        return 1;
    }

    b = cl->buf;

    /* a protocol other than HTTP/1 tells it otherwise */

    if (b->last - b->start < (ssize_t) (sizeof("POST ") - 1)
        || ngx_strncmp(b->start, "POST ", sizeof("POST ") - 1) != 0)
    {
        return 1;
    }

    return ngx_strlcasestrn(b->start, b->last, (u_char *) "\ncontent-length:",
                            sizeof("\ncontent-length:") - 2)
           != NULL;
}


time_t
ngx_http_pintag_message_wait(ngx_http_upstream_t *u)
{
    time_t            wait, seconds;
    ngx_uint_t        i;
    ngx_list_part_t  *part;
    ngx_table_elt_t  *h;

    wait = 0;

    for (part = &u->headers_in.headers.part; part; part = part->next) {
        h = part->elts;

        for (i = 0; i < part->nelts; i++) {

            /* that of other answers tells when a limit ends, not to wait */

            if (ngx_http_pintag_message_is(&h[i], "Retry-After")
                || (u->headers_in.status_n == NGX_HTTP_TOO_MANY_REQUESTS
                    && ngx_http_pintag_message_is(&h[i],
                                                  "X-RateLimit-Reset")))
            {
                seconds = ngx_http_pintag_message_seconds(&h[i].value);
                wait = ngx_max(wait, seconds);
            }
        }
    }

    return ngx_min(wait, NGX_HTTP_PINTAG_MAX_WAIT);
}


static ngx_uint_t
ngx_http_pintag_message_is(ngx_table_elt_t *h, char *name)
{
    return h->key.len == ngx_strlen(name)
           && ngx_strncasecmp(h->key.data, (u_char *) name, h->key.len) == 0;
}


static time_t
ngx_http_pintag_message_seconds(ngx_str_t *value)
{
    time_t      t;
    ngx_uint_t  i;

    t = ngx_atotm(value->data, value->len);

    if (t == NGX_ERROR) {

        for (i = 0; i < value->len; i++) {
            if (value->data[i] < '0' || value->data[i] > '9') {
                break;
            }
        }

        if (i && i == value->len) {
            /* of more digits than time has */
            return NGX_HTTP_PINTAG_MAX_WAIT;
        }

        t = ngx_parse_http_time(value->data, value->len);

        return (t == NGX_ERROR) ? 0 : t - ngx_time();
    }

    return (t > NGX_HTTP_PINTAG_EPOCH) ? t - ngx_time() : t;
}
