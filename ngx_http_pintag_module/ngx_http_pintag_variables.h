
/*
 * Copyright (C) the ngx_http_pintag_module authors
 *
 * $pintag_...: what became of a request's events, for access_log.
 */


#ifndef _NGX_HTTP_PINTAG_VARIABLES_H_INCLUDED_
#define _NGX_HTTP_PINTAG_VARIABLES_H_INCLUDED_


#include "ngx_http_pintag_module.h"
#include "ngx_http_pintag_answer.h"


/* adds them, in preconfiguration */
ngx_int_t ngx_http_pintag_variables_add(ngx_conf_t *cf);

/* adds those of a list that ends with ngx_http_null_variable */
ngx_int_t ngx_http_pintag_variables_add_all(ngx_conf_t *cf,
    ngx_http_variable_t *v);

/* finds out, in postconfiguration, whether any is used */
void ngx_http_pintag_variables_init(ngx_conf_t *cf);

/*
 * These keep what they are told, when any is used; without memory, nothing.
 * They may be called again: the last holds, but for names, which add up.
 */

/* an event leaves by this name, to one destination or several */
void ngx_http_pintag_variables_name(ngx_http_request_t *r, pintag_str_t name);

/* what became of the events */
void ngx_http_pintag_variables_events(ngx_http_request_t *r,
    ngx_http_pintag_events_t *events);

/* none of them was taken, for a static error, unless it is known better */
void ngx_http_pintag_variables_error(ngx_http_request_t *r,
    const char *error);


#endif /* _NGX_HTTP_PINTAG_VARIABLES_H_INCLUDED_ */
