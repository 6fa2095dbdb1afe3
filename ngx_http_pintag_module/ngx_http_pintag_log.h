
/*
 * Copyright (C) the ngx_http_pintag_module authors
 *
 * What nginx says of clients' requests in the error log.
 */


#ifndef _NGX_HTTP_PINTAG_LOG_H_INCLUDED_
#define _NGX_HTTP_PINTAG_LOG_H_INCLUDED_


#include <ngx_config.h>
#include <ngx_core.h>
#include <ngx_http.h>


/*
 * Where a location has pintag_pass, nginx's lines name that location instead of
 * the request line, the host and the referrer: a query may hold a write key or
 * an event, a page's URL whatever its page has put there.  For
 * postconfiguration.
 */
ngx_int_t ngx_http_pintag_log_init(ngx_conf_t *cf);


#endif /* _NGX_HTTP_PINTAG_LOG_H_INCLUDED_ */
