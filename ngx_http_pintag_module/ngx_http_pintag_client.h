
/*
 * Copyright (C) the ngx_http_pintag_module authors
 *
 * What the head of a client's request tells: of the visitor, of the body, and
 * of the answer that is wanted.
 */


#ifndef _NGX_HTTP_PINTAG_CLIENT_H_INCLUDED_
#define _NGX_HTTP_PINTAG_CLIENT_H_INCLUDED_


#include <ngx_config.h>
#include <ngx_core.h>
#include <ngx_http.h>

#include "core/inflate.h"
#include "core/visitor.h"


typedef struct {
    pintag_client_t      client;
    pintag_encoding_e    encoding;   /* of the body */
} ngx_http_pintag_head_t;


/*
 * Fills in all of "head".  The texts borrow from the request.  NGX_OK, or
 * NGX_ERROR without memory.
 */
ngx_int_t ngx_http_pintag_client_read(ngx_http_request_t *r,
    ngx_http_pintag_head_t *head);

/*
 * How many headers have this name, in lower case; "value", when it is not NULL,
 * becomes that of the first.
 */
ngx_uint_t ngx_http_pintag_client_find(ngx_http_request_t *r,
    ngx_str_t *name, ngx_str_t *value);

/* 1 when the path ends in /pixel/<segment> */
ngx_uint_t ngx_http_pintag_client_pixel(ngx_http_request_t *r);

/* 1 for a GET of a pixel, whose answer is an image unless it asks for JSON */
ngx_uint_t ngx_http_pintag_client_image(ngx_http_request_t *r);


#endif /* _NGX_HTTP_PINTAG_CLIENT_H_INCLUDED_ */
