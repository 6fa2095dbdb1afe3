
/*
 * Copyright (C) the ngx_http_pintag_module authors
 *
 * How a worker leaves without losing what it holds.
 */


#ifndef _NGX_HTTP_PINTAG_LEAVE_H_INCLUDED_
#define _NGX_HTTP_PINTAG_LEAVE_H_INCLUDED_


#include "ngx_http_pintag_module.h"


/* the worker leaves: what the spool can take goes there */
void ngx_http_pintag_deliveries_leave(ngx_http_pintag_main_conf_t *pmcf);

/* it has no time left: what is not in the spool goes there, or fails */
void ngx_http_pintag_deliveries_end(ngx_http_pintag_main_conf_t *pmcf);

/* the process ends: nobody hears of anything any more */
void ngx_http_pintag_deliveries_abandon(ngx_http_pintag_main_conf_t *pmcf);

/* the same, at last: what is left of them, in flight, is freed */
void ngx_http_pintag_deliveries_exit(ngx_http_pintag_main_conf_t *pmcf);

/* something is owed, or no longer is: a leaving worker stays as long */
void ngx_http_pintag_deliveries_hold(ngx_http_pintag_main_conf_t *pmcf);


#endif /* _NGX_HTTP_PINTAG_LEAVE_H_INCLUDED_ */
