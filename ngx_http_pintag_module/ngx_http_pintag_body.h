
/*
 * Copyright (C) the ngx_http_pintag_module authors
 *
 * The body of a client's request, or the "data" of a pixel, as events.
 */


#ifndef _NGX_HTTP_PINTAG_BODY_H_INCLUDED_
#define _NGX_HTTP_PINTAG_BODY_H_INCLUDED_


#include <ngx_config.h>
#include <ngx_core.h>
#include <ngx_http.h>

#include "core/body.h"
#include "core/inflate.h"


/*
 * Both give NGX_OK, or what the request is to be answered: a status with
 * "error" filled in, or NGX_HTTP_INTERNAL_SERVER_ERROR without it.
 */

/* before anything is read: what the head already tells to be too large */
ngx_int_t ngx_http_pintag_body_check(ngx_http_request_t *r,
    pintag_body_error_t *error);

/*
 * Takes apart what nginx has read.  After NGX_OK, free with pintag_body_free();
 * the body borrows from the request and the arena.
 */
ngx_int_t ngx_http_pintag_body_read(ngx_http_request_t *r,
    pintag_encoding_e encoding, pintag_arena_t *arena, pintag_body_t *body,
    pintag_body_error_t *error);


#endif /* _NGX_HTTP_PINTAG_BODY_H_INCLUDED_ */
