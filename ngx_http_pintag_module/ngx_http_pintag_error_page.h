
/*
 * Copyright (C) the ngx_http_pintag_module authors
 *
 * What nginx itself answers in a location with pintag_pass, a page in HTML for
 * limit_req, deny, client_max_body_size or want of memory, becomes JSON as all
 * other answers are, or the image that the GET of a pixel is answered, and is
 * counted as those are.  A page that error_page gives is left as it is: it
 * comes from another location.
 */


#ifndef _NGX_HTTP_PINTAG_ERROR_PAGE_H_INCLUDED_
#define _NGX_HTTP_PINTAG_ERROR_PAGE_H_INCLUDED_


#include <ngx_config.h>
#include <ngx_core.h>
#include <ngx_http.h>


/* installs the filters, in postconfiguration */
void ngx_http_pintag_error_page_init(void);


#endif /* _NGX_HTTP_PINTAG_ERROR_PAGE_H_INCLUDED_ */
