
/*
 * Copyright (C) the ngx_http_pintag_module authors
 *
 * Filters that keep what an upstream answers to a courier's subrequest: the
 * status, whether the body came whole, and as much of it as is wanted.
 */


#ifndef _NGX_HTTP_PINTAG_CAPTURE_H_INCLUDED_
#define _NGX_HTTP_PINTAG_CAPTURE_H_INCLUDED_


#include <ngx_config.h>
#include <ngx_core.h>
#include <ngx_http.h>


typedef struct {
    ngx_str_t    sent;         /* body of the subrequest */
    ngx_uint_t   status;       /* of the header that was sent; 0: none was */

    size_t       max;          /* of a body that is kept; 0: none is */
    ngx_str_t    body;         /* NULL data: nothing of it is kept */
    size_t       size;

    unsigned     complete:1;   /* the body's last buffer has been seen */
    unsigned     dropped:1;    /* it is not kept any more */
    unsigned     failed:1;     /* for want of memory */
} ngx_http_pintag_capture_t;


/*
 * Captures what the subrequests of "r" answer.  "r" is a main request, which
 * keeps its module contexts when a subrequest is redirected.
 */
void ngx_http_pintag_capture(ngx_http_request_t *r,
    ngx_http_pintag_capture_t *capture);

/* frees what is kept */
void ngx_http_pintag_capture_free(ngx_http_pintag_capture_t *capture);

/* installs the filters; for postconfiguration */
void ngx_http_pintag_capture_init(void);


#endif /* _NGX_HTTP_PINTAG_CAPTURE_H_INCLUDED_ */
