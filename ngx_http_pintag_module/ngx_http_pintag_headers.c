
/*
 * Copyright (C) the ngx_http_pintag_module authors
 */


#include <nginx.h>

#include "ngx_http_pintag_headers.h"


static ngx_int_t ngx_http_pintag_headers_add(ngx_http_request_t *r, char *name,
    char *lowcase, ngx_str_t *value, ngx_table_elt_t **header);
static ngx_int_t ngx_http_pintag_headers_forwarded(ngx_http_request_t *r,
    ngx_table_elt_t *h);


ngx_int_t
ngx_http_pintag_headers_set(ngx_http_request_t *r,
    ngx_http_pintag_headers_t *headers)
{
    ngx_table_elt_t  *h;

    if (ngx_list_init(&r->headers_in.headers, r->pool, 4,
                      sizeof(ngx_table_elt_t))
        != NGX_OK)
    {
        return NGX_ERROR;
    }

    if (ngx_http_pintag_headers_add(r, "User-Agent", "user-agent",
                                    &headers->user_agent,
                                    &r->headers_in.user_agent)
        != NGX_OK
        || ngx_http_pintag_headers_add(r, "Referer", "referer",
                                       &headers->page_url,
                                       &r->headers_in.referer)
           != NGX_OK
        || ngx_http_pintag_headers_add(r, "X-Forwarded-For",
                                       "x-forwarded-for", &headers->address,
                                       &h)
           != NGX_OK)
    {
        return NGX_ERROR;
    }

    return h ? ngx_http_pintag_headers_forwarded(r, h) : NGX_OK;
}


static ngx_int_t
ngx_http_pintag_headers_add(ngx_http_request_t *r, char *name, char *lowcase,
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
ngx_http_pintag_headers_forwarded(ngx_http_request_t *r, ngx_table_elt_t *h)
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
