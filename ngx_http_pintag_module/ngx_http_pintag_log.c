
/*
 * Copyright (C) the ngx_http_pintag_module authors
 */


#include "ngx_http_pintag_module.h"
#include "ngx_http_pintag_log.h"


static ngx_int_t ngx_http_pintag_log_handler(ngx_http_request_t *r);
static u_char *ngx_http_pintag_log_error(ngx_http_request_t *r,
    ngx_http_request_t *sr, u_char *buf, size_t len);
static ngx_uint_t ngx_http_pintag_log_location(ngx_http_request_t *r);


/* nginx's own, the same for all requests */

static ngx_http_log_handler_pt  ngx_http_pintag_next_log_error;


ngx_int_t
ngx_http_pintag_log_init(ngx_conf_t *cf)
{
    ngx_http_handler_pt        *h;
    ngx_http_core_main_conf_t  *cmcf;

    cmcf = ngx_http_conf_get_module_main_conf(cf, ngx_http_core_module);

    h = ngx_array_push(&cmcf->phases[NGX_HTTP_POST_READ_PHASE].handlers);
    if (h == NULL) {
        return NGX_ERROR;
    }

    *h = ngx_http_pintag_log_handler;

    return NGX_OK;
}


/*
 * Before it is known which location the request is for: nginx looks at
 * client_max_body_size as soon as that is.
 */

static ngx_int_t
ngx_http_pintag_log_handler(ngx_http_request_t *r)
{
    if (r->log_handler != ngx_http_pintag_log_error) {
        ngx_http_pintag_next_log_error = r->log_handler;
        r->log_handler = ngx_http_pintag_log_error;
    }

    return NGX_DECLINED;
}


static u_char *
ngx_http_pintag_log_error(ngx_http_request_t *r, ngx_http_request_t *sr,
    u_char *buf, size_t len)
{
    ngx_http_core_loc_conf_t  *clcf;
    ngx_http_core_srv_conf_t  *cscf;

    if (ngx_http_pintag_log_location(sr)) {
        clcf = ngx_http_get_module_loc_conf(sr, ngx_http_core_module);

    } else if (ngx_http_pintag_log_location(r)) {
        clcf = ngx_http_get_module_loc_conf(r, ngx_http_core_module);

    } else {
        return ngx_http_pintag_next_log_error(r, sr, buf, len);
    }

    cscf = ngx_http_get_module_srv_conf(r, ngx_http_core_module);

    return ngx_snprintf(buf, len, ", server: %V, pintag location: \"%V\"",
                        &cscf->server_name, &clcf->name);
}


static ngx_uint_t
ngx_http_pintag_log_location(ngx_http_request_t *r)
{
    ngx_http_pintag_loc_conf_t  *plcf;

    plcf = ngx_http_get_module_loc_conf(r, ngx_http_pintag_module);

    return plcf->pass.len != 0;
}
