
/*
 * Copyright (C) the ngx_http_pintag_module authors
 */


#ifndef _NGX_HTTP_PINTAG_PASS_H_INCLUDED_
#define _NGX_HTTP_PINTAG_PASS_H_INCLUDED_


#include <ngx_config.h>
#include <ngx_core.h>
#include <ngx_http.h>


/*
 * Finds out, once the location trees are built, where a subrequest to "uri"
 * will be handled in a server.  Gives what is wrong with that place as text
 * that completes "… is wrong: the location …", or NULL when it is an internal
 * location with a content handler other than "self", "place" then.
 */
char *ngx_http_pintag_pass_check(ngx_http_core_srv_conf_t *cscf,
    ngx_str_t *uri, ngx_http_handler_pt self,
    ngx_http_core_loc_conf_t **place);

/*
 * What upstreams share of the configuration of a location's "proxy_pass", or
 * NULL where nginx has no such module, or one that is not known.
 */
ngx_http_upstream_conf_t *ngx_http_pintag_pass_upstream(ngx_conf_t *cf,
    ngx_http_core_loc_conf_t *place);


#endif /* _NGX_HTTP_PINTAG_PASS_H_INCLUDED_ */
