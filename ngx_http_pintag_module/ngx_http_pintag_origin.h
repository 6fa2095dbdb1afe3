
/*
 * Copyright (C) the ngx_http_pintag_module authors
 *
 * Which pages may send events here, pintag_allow_origin, and what tells their
 * browsers so: CORS.
 */


#ifndef _NGX_HTTP_PINTAG_ORIGIN_H_INCLUDED_
#define _NGX_HTTP_PINTAG_ORIGIN_H_INCLUDED_


#include "ngx_http_pintag_module.h"

#include "core/origin.h"


struct ngx_http_pintag_origins_s {
    pintag_origin_t    *elts;
    ngx_uint_t          n;
    unsigned            any:1;    /* "*" */
};


typedef enum {
    NGX_HTTP_PINTAG_ORIGIN_NONE = 0,   /* no browser asks, or it need not say */
    NGX_HTTP_PINTAG_ORIGIN_SAME,
    NGX_HTTP_PINTAG_ORIGIN_LISTED,
    NGX_HTTP_PINTAG_ORIGIN_ANY,        /* foreign, and taken */
    NGX_HTTP_PINTAG_ORIGIN_FOREIGN
} ngx_http_pintag_origin_e;


/* "value", when it is not NULL, becomes the header's */
ngx_http_pintag_origin_e ngx_http_pintag_origin(ngx_http_request_t *r,
    ngx_str_t *value);

/* 1 when a browser asks whether it may send a request */
ngx_uint_t ngx_http_pintag_origin_preflight(ngx_http_request_t *r);

/*
 * Installs the filter that adds the headers of CORS to whatever a location with
 * pintag_pass answers, nginx's own errors too; for postconfiguration.
 */
void ngx_http_pintag_origin_init(void);


#endif /* _NGX_HTTP_PINTAG_ORIGIN_H_INCLUDED_ */
