
/*
 * Copyright (C) the ngx_http_pintag_module authors
 *
 * What a pixel request says of its visitor besides the query.
 */


#ifndef _NGX_HTTP_PINTAG_HEADERS_H_INCLUDED_
#define _NGX_HTTP_PINTAG_HEADERS_H_INCLUDED_


#include <ngx_config.h>
#include <ngx_core.h>
#include <ngx_http.h>


/* what is empty is not sent */

typedef struct {
    ngx_str_t   user_agent;      /* User-Agent */
    ngx_str_t   page_url;        /* Referer */
    ngx_str_t   address;         /* X-Forwarded-For */
} ngx_http_pintag_headers_t;


/*
 * Makes these the headers of a request that has none yet, for the proxy module
 * to pass on and for variables to show.  A value that would be more than one
 * header is left out.  The values must live as long as the request.  NGX_OK, or
 * NGX_ERROR without memory.
 */
ngx_int_t ngx_http_pintag_headers_set(ngx_http_request_t *r,
    ngx_http_pintag_headers_t *headers);


#endif /* _NGX_HTTP_PINTAG_HEADERS_H_INCLUDED_ */
