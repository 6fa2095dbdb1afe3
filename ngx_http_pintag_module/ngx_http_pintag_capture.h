
/*
 * Copyright (C) the ngx_http_pintag_module authors
 *
 * Filters that keep what an upstream answers to a courier's subrequest: the
 * status and whether the body came whole.  The body itself is let go.
 */


#ifndef _NGX_HTTP_PINTAG_CAPTURE_H_INCLUDED_
#define _NGX_HTTP_PINTAG_CAPTURE_H_INCLUDED_


#include <ngx_config.h>
#include <ngx_core.h>
#include <ngx_http.h>


typedef struct {
    ngx_uint_t   status;       /* of the header that was sent; 0: none was */
    unsigned     complete:1;   /* the body's last buffer has been seen */
} ngx_http_pintag_capture_t;


/*
 * Captures what the subrequests of "r" answer.  "r" is a main request, which
 * keeps its module contexts when a subrequest is redirected.
 */
void ngx_http_pintag_capture(ngx_http_request_t *r,
    ngx_http_pintag_capture_t *capture);

/* installs the filters; for postconfiguration */
void ngx_http_pintag_capture_init(void);


#endif /* _NGX_HTTP_PINTAG_CAPTURE_H_INCLUDED_ */
