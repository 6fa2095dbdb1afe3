
/*
 * Copyright (C) the ngx_http_pintag_module authors
 *
 * A client's request: its body becomes events, events become deliveries, and
 * when all of them have an outcome the client is answered.
 */


#ifndef _NGX_HTTP_PINTAG_REQUEST_H_INCLUDED_
#define _NGX_HTTP_PINTAG_REQUEST_H_INCLUDED_


#include <ngx_config.h>
#include <ngx_core.h>
#include <ngx_http.h>


/* the content handler of a location with pintag_pass */
ngx_int_t ngx_http_pintag_handler(ngx_http_request_t *r);


#endif /* _NGX_HTTP_PINTAG_REQUEST_H_INCLUDED_ */
