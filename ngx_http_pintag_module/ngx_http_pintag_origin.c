
/*
 * Copyright (C) the ngx_http_pintag_module authors
 */


#include "ngx_http_pintag_origin.h"
#include "ngx_http_pintag_answer.h"
#include "ngx_http_pintag_client.h"
#include "ngx_http_pintag_directives.h"


static char *ngx_http_pintag_origin_add(ngx_conf_t *cf, ngx_str_t *value,
    ngx_http_pintag_origins_t *origins);
static ngx_int_t ngx_http_pintag_origin_filter(ngx_http_request_t *r);
static ngx_int_t ngx_http_pintag_origin_header(ngx_http_request_t *r,
    char *name, char *value);


static ngx_str_t  ngx_http_pintag_origin_name = ngx_string("origin");
static ngx_str_t  ngx_http_pintag_origin_asks =
    ngx_string("access-control-request-method");


static ngx_http_output_header_filter_pt  ngx_http_next_header_filter;


char *
ngx_http_pintag_set_allow_origin(ngx_conf_t *cf, ngx_command_t *cmd,
    void *conf)
{
    ngx_http_pintag_loc_conf_t *plcf = conf;

    char                       *rc;
    ngx_str_t                  *value;
    ngx_uint_t                  i;
    ngx_http_pintag_origins_t  *origins;

    if (plcf->origins != NGX_CONF_UNSET_PTR) {
        return "is duplicate";
    }

    value = cf->args->elts;

    for (i = 1; i < cf->args->nelts && cf->args->nelts > 2; i++) {

        if (ngx_strcmp(value[i].data, "*") == 0
            || ngx_strcmp(value[i].data, "off") == 0)
        {
            ngx_conf_log_error(NGX_LOG_EMERG, cf, 0,
                               "invalid value \"%V\" in a list of origins, it "
                               "must stand alone", &value[i]);
            return NGX_CONF_ERROR;
        }
    }

    if (ngx_strcmp(value[1].data, "off") == 0) {
        plcf->origins = NULL;
        return NGX_CONF_OK;
    }

    origins = ngx_pcalloc(cf->pool, sizeof(ngx_http_pintag_origins_t));
    if (origins == NULL) {
        return NGX_CONF_ERROR;
    }

    plcf->origins = origins;

    if (ngx_strcmp(value[1].data, "*") == 0) {
        origins->any = 1;
        return NGX_CONF_OK;
    }

    origins->elts = ngx_palloc(cf->pool, (cf->args->nelts - 1)
                                         * sizeof(pintag_origin_t));
    if (origins->elts == NULL) {
        return NGX_CONF_ERROR;
    }

    for (i = 1; i < cf->args->nelts; i++) {
        rc = ngx_http_pintag_origin_add(cf, &value[i], origins);

        if (rc != NGX_CONF_OK) {
            return rc;
        }
    }

    return NGX_CONF_OK;
}


static char *
ngx_http_pintag_origin_add(ngx_conf_t *cf, ngx_str_t *value,
    ngx_http_pintag_origins_t *origins)
{
    size_t            len;
    ngx_uint_t        i;
    pintag_origin_t  *origin, *other;

    origin = &origins->elts[origins->n];

    switch (pintag_origin_read_listed(ngx_http_pintag_text(value), origin)) {

    case PINTAG_ORIGIN_OK:
        break;

    case PINTAG_ORIGIN_NO_SCHEME:
        ngx_conf_log_error(NGX_LOG_EMERG, cf, 0,
                           "invalid origin \"%V\", it must have a scheme, "
                           "such as \"https://shop.example\"", value);
        return NGX_CONF_ERROR;

    case PINTAG_ORIGIN_TOO_LONG:
        len = strcspn((char *) origin->host.data, "/?#")
              + (origin->host.data - value->data);

        ngx_conf_log_error(NGX_LOG_EMERG, cf, 0,
                           "invalid origin \"%V\", it must end with the host "
                           "or its port: \"%*s\"", value, len, value->data);
        return NGX_CONF_ERROR;

    case PINTAG_ORIGIN_NO_PORT:
        ngx_conf_log_error(NGX_LOG_EMERG, cf, 0,
                           "invalid origin \"%V\", it must have the number of "
                           "a port behind the colon, or no colon", value);
        return NGX_CONF_ERROR;

    default: /* PINTAG_ORIGIN_NO_HOST */
        ngx_conf_log_error(NGX_LOG_EMERG, cf, 0,
                           "invalid origin \"%V\", it must have a host as "
                           "browsers send it, such as "
                           "\"https://shop.example\", or \"*.\" before one, "
                           "\"https://*.shop.example\"", value);
        return NGX_CONF_ERROR;
    }

    for (i = 0; i < origins->n; i++) {
        other = &origins->elts[i];

        if (other->subdomains == origin->subdomains
            && other->host.len == origin->host.len
            && pintag_origin_match(origin, other))
        {
            ngx_conf_log_error(NGX_LOG_EMERG, cf, 0,
                               "duplicate origin \"%V\", remove it", value);
            return NGX_CONF_ERROR;
        }
    }

    origins->n++;

    return NGX_CONF_OK;
}


ngx_http_pintag_origin_e
ngx_http_pintag_origin(ngx_http_request_t *r, ngx_str_t *value)
{
    ngx_str_t                    text;
    ngx_uint_t                   i, n;
    pintag_origin_t              origin;
    ngx_http_pintag_origins_t   *origins;
    ngx_http_pintag_loc_conf_t  *plcf;

    n = ngx_http_pintag_client_find(r, &ngx_http_pintag_origin_name, &text);

    if (n == 0) {
        return NGX_HTTP_PINTAG_ORIGIN_NONE;
    }

    plcf = ngx_http_get_module_loc_conf(r, ngx_http_pintag_module);
    origins = plcf->origins;

    /* of two no browser is the sender, and only one could be looked at */

    if (n == 1
        && pintag_origin_read(ngx_http_pintag_text(&text), &origin)
           == PINTAG_ORIGIN_OK)
    {
        if (value) {
            *value = text;
        }

        for (i = 0; origins && i < origins->n; i++) {
            if (pintag_origin_match(&origin, &origins->elts[i])) {
                return NGX_HTTP_PINTAG_ORIGIN_LISTED;
            }
        }

        if (pintag_origin_same(&origin,
                               ngx_http_pintag_text(&r->headers_in.server)))
        {
            return NGX_HTTP_PINTAG_ORIGIN_SAME;
        }
    }

    return (origins && origins->any) ? NGX_HTTP_PINTAG_ORIGIN_ANY
                                     : NGX_HTTP_PINTAG_ORIGIN_FOREIGN;
}


ngx_uint_t
ngx_http_pintag_origin_preflight(ngx_http_request_t *r)
{
    return r->method == NGX_HTTP_OPTIONS
           && ngx_http_pintag_client_find(r, &ngx_http_pintag_origin_name,
                                          NULL)
           && ngx_http_pintag_client_find(r, &ngx_http_pintag_origin_asks,
                                          NULL);
}


static ngx_int_t
ngx_http_pintag_origin_filter(ngx_http_request_t *r)
{
    ngx_str_t                    value;
    ngx_http_pintag_origin_e     origin;
    ngx_http_pintag_loc_conf_t  *plcf;

    plcf = ngx_http_get_module_loc_conf(r, ngx_http_pintag_module);

    /* couriers are in no such location, what they send is in a subrequest */

    if (plcf->pass.len == 0 || r != r->main) {
        return ngx_http_next_header_filter(r);
    }

    if (plcf->origins && plcf->origins->any) {

        /* the same for all, so that "Vary" has nothing to tell */

        if (ngx_http_pintag_origin_header(r, "Access-Control-Allow-Origin",
                                          "*")
            != NGX_OK
            || ngx_http_pintag_origin_header(r,
                                             "Access-Control-Expose-Headers",
                                             "Retry-After")
               != NGX_OK)
        {
            return NGX_ERROR;
        }

        return ngx_http_next_header_filter(r);
    }

    if (ngx_http_pintag_origin_header(r, "Vary", "Origin") != NGX_OK) {
        return NGX_ERROR;
    }

    origin = ngx_http_pintag_origin(r, &value);

    if (origin == NGX_HTTP_PINTAG_ORIGIN_NONE
        || origin == NGX_HTTP_PINTAG_ORIGIN_FOREIGN)
    {
        return ngx_http_next_header_filter(r);
    }

    if (ngx_http_pintag_answer_header(r, "Access-Control-Allow-Origin", &value)
        != NGX_OK
        || ngx_http_pintag_origin_header(r, "Access-Control-Expose-Headers",
                                         "Retry-After")
           != NGX_OK)
    {
        return NGX_ERROR;
    }

    /* cookies are for pages that somebody has named */

    if (origin == NGX_HTTP_PINTAG_ORIGIN_LISTED
        && ngx_http_pintag_origin_header(r, "Access-Control-Allow-Credentials",
                                         "true")
           != NGX_OK)
    {
        return NGX_ERROR;
    }

    return ngx_http_next_header_filter(r);
}


static ngx_int_t
ngx_http_pintag_origin_header(ngx_http_request_t *r, char *name, char *value)
{
    ngx_str_t  text;

    text.data = (u_char *) value;
    text.len = ngx_strlen(value);

    return ngx_http_pintag_answer_header(r, name, &text);
}


void
ngx_http_pintag_origin_init(void)
{
    ngx_http_next_header_filter = ngx_http_top_header_filter;
    ngx_http_top_header_filter = ngx_http_pintag_origin_filter;
}
