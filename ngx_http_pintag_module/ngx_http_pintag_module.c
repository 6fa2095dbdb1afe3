
/*
 * Copyright (C) the ngx_http_pintag_module authors
 */


#include "ngx_http_pintag_module.h"
#include "ngx_http_pintag_integrations.h"
#include "ngx_http_pintag_request.h"
#include "ngx_http_pintag_courier.h"
#include "ngx_http_pintag_destination.h"
#include "ngx_http_pintag_capture.h"
#include "ngx_http_pintag_pass.h"


static void *ngx_http_pintag_create_main_conf(ngx_conf_t *cf);
static void *ngx_http_pintag_create_loc_conf(ngx_conf_t *cf);
static char *ngx_http_pintag_merge_loc_conf(ngx_conf_t *cf, void *parent,
    void *child);
static char *ngx_http_pintag_add_destinations(ngx_conf_t *cf,
    ngx_http_pintag_loc_conf_t *plcf);
static ngx_int_t ngx_http_pintag_init(ngx_conf_t *cf);
static ngx_int_t ngx_http_pintag_init_process(ngx_cycle_t *cycle);
static void ngx_http_pintag_watch(ngx_event_t *rev);
static void ngx_http_pintag_exit_process(ngx_cycle_t *cycle);

static char *ngx_http_pintag_set_pass(ngx_conf_t *cf, ngx_command_t *cmd,
    void *conf);
static char *ngx_http_pintag_set_ack(ngx_conf_t *cf, ngx_command_t *cmd,
    void *conf);
static char *ngx_http_pintag_set_window(ngx_conf_t *cf, ngx_command_t *cmd,
    void *conf);
static char *ngx_http_pintag_set_retry(ngx_conf_t *cf, ngx_command_t *cmd,
    void *conf);
static ngx_int_t ngx_http_pintag_key(ngx_str_t *arg, char *key,
    ngx_str_t *value);


static ngx_command_t  ngx_http_pintag_commands[] = {

    { ngx_string("pintag_integrations"),
      NGX_HTTP_MAIN_CONF|NGX_HTTP_SRV_CONF|NGX_HTTP_LOC_CONF|NGX_CONF_TAKE1,
      ngx_http_pintag_set_integrations,
      NGX_HTTP_LOC_CONF_OFFSET,
      0,
      NULL },

    { ngx_string("pintag_pass"),
      NGX_HTTP_LOC_CONF|NGX_CONF_TAKE1,
      ngx_http_pintag_set_pass,
      NGX_HTTP_LOC_CONF_OFFSET,
      0,
      NULL },

    { ngx_string("pintag_ack"),
      NGX_HTTP_MAIN_CONF|NGX_HTTP_SRV_CONF|NGX_HTTP_LOC_CONF|NGX_CONF_TAKE12,
      ngx_http_pintag_set_ack,
      NGX_HTTP_LOC_CONF_OFFSET,
      0,
      NULL },

    { ngx_string("pintag_window"),
      NGX_HTTP_MAIN_CONF|NGX_HTTP_SRV_CONF|NGX_HTTP_LOC_CONF|NGX_CONF_1MORE,
      ngx_http_pintag_set_window,
      NGX_HTTP_LOC_CONF_OFFSET,
      0,
      NULL },

    { ngx_string("pintag_retry"),
      NGX_HTTP_MAIN_CONF|NGX_HTTP_SRV_CONF|NGX_HTTP_LOC_CONF|NGX_CONF_1MORE,
      ngx_http_pintag_set_retry,
      NGX_HTTP_LOC_CONF_OFFSET,
      0,
      NULL },

      ngx_null_command
};


static ngx_http_module_t  ngx_http_pintag_module_ctx = {
    NULL,                                  /* preconfiguration */
    ngx_http_pintag_init,                  /* postconfiguration */

    ngx_http_pintag_create_main_conf,      /* create main configuration */
    NULL,                                  /* init main configuration */

    NULL,                                  /* create server configuration */
    NULL,                                  /* merge server configuration */

    ngx_http_pintag_create_loc_conf,       /* create location configuration */
    ngx_http_pintag_merge_loc_conf         /* merge location configuration */
};


ngx_module_t  ngx_http_pintag_module = {
    NGX_MODULE_V1,
    &ngx_http_pintag_module_ctx,           /* module context */
    ngx_http_pintag_commands,              /* module directives */
    NGX_HTTP_MODULE,                       /* module type */
    NULL,                                  /* init master */
    NULL,                                  /* init module */
    ngx_http_pintag_init_process,          /* init process */
    NULL,                                  /* init thread */
    NULL,                                  /* exit thread */
    ngx_http_pintag_exit_process,          /* exit process */
    NULL,                                  /* exit master */
    NGX_MODULE_V1_PADDING
};


void *
ngx_http_pintag_palloc(void *pool, size_t size)
{
    return ngx_palloc(pool, size);
}


static void *
ngx_http_pintag_create_main_conf(ngx_conf_t *cf)
{
    ngx_http_pintag_main_conf_t  *pmcf;

    pmcf = ngx_pcalloc(cf->pool, sizeof(ngx_http_pintag_main_conf_t));
    if (pmcf == NULL) {
        return NULL;
    }

    if (ngx_array_init(&pmcf->integrations, cf->pool, 1,
                       sizeof(ngx_http_pintag_integrations_t))
        != NGX_OK)
    {
        return NULL;
    }

    if (ngx_array_init(&pmcf->destinations, cf->pool, 1,
                       sizeof(ngx_http_pintag_destination_t *))
        != NGX_OK)
    {
        return NULL;
    }

    ngx_queue_init(&pmcf->couriers);
    ngx_queue_init(&pmcf->unconnected);

    return pmcf;
}


static void *
ngx_http_pintag_create_loc_conf(ngx_conf_t *cf)
{
    ngx_http_pintag_loc_conf_t  *plcf;

    plcf = ngx_pcalloc(cf->pool, sizeof(ngx_http_pintag_loc_conf_t));
    if (plcf == NULL) {
        return NULL;
    }

    /*
     * set by ngx_pcalloc():
     *
     *     plcf->pass = { 0, NULL };
     *     plcf->pass_file = NULL;
     *     plcf->pass_line = 0;
     *     plcf->destinations = NULL;
     */

    plcf->integrations = NGX_CONF_UNSET_PTR;
    plcf->ack_timeout = NGX_CONF_UNSET_MSEC;
    plcf->tag_window = NGX_CONF_UNSET_UINT;
    plcf->attempts = NGX_CONF_UNSET_UINT;
    plcf->retry_min = NGX_CONF_UNSET_MSEC;
    plcf->retry_max = NGX_CONF_UNSET_MSEC;

    return plcf;
}


static char *
ngx_http_pintag_merge_loc_conf(ngx_conf_t *cf, void *parent, void *child)
{
    ngx_http_pintag_loc_conf_t *prev = parent;
    ngx_http_pintag_loc_conf_t *conf = child;

    ngx_http_core_loc_conf_t  *clcf;

    ngx_conf_merge_ptr_value(conf->integrations, prev->integrations, NULL);
    ngx_conf_merge_msec_value(conf->ack_timeout, prev->ack_timeout, 10000);
    ngx_conf_merge_uint_value(conf->tag_window, prev->tag_window, 16);
    ngx_conf_merge_uint_value(conf->attempts, prev->attempts, 5);
    ngx_conf_merge_msec_value(conf->retry_min, prev->retry_min, 500);
    ngx_conf_merge_msec_value(conf->retry_max, prev->retry_max, 30000);

    clcf = ngx_http_conf_get_module_loc_conf(cf, ngx_http_core_module);

    if (conf->pass.len == 0 && (clcf->noname || clcf->lmt_excpt)) {

        /* an "if" and a "limit_except" serve their location's purpose */

        conf->pass = prev->pass;
        conf->pass_file = prev->pass_file;
        conf->pass_line = prev->pass_line;

        if (clcf->lmt_excpt && clcf->handler == NULL && conf->pass.len) {
            clcf->handler = ngx_http_pintag_handler;
        }
    }

    if (conf->pass.len == 0) {
        return NGX_CONF_OK;
    }

    if (conf->retry_min > conf->retry_max) {
        ngx_log_error(NGX_LOG_EMERG, cf->log, 0,
                      "\"min\" of \"pintag_retry\" is %M ms and its \"max\" "
                      "only %M ms for the \"pintag_pass\" in %s:%ui",
                      conf->retry_min, conf->retry_max,
                      conf->pass_file, conf->pass_line);
        return NGX_CONF_ERROR;
    }

    return ngx_http_pintag_add_destinations(cf, conf);
}


static char *
ngx_http_pintag_add_destinations(ngx_conf_t *cf,
    ngx_http_pintag_loc_conf_t *plcf)
{
    size_t                          i;
    ngx_str_t                       tag_id;
    pintag_integration_t           *elts;
    ngx_http_pintag_destination_t  *destination, *conflict;

    if (plcf->integrations == NULL) {
        ngx_log_error(NGX_LOG_EMERG, cf->log, 0,
                      "no \"pintag_integrations\" is defined for the "
                      "\"pintag_pass\" in %s:%ui",
                      plcf->pass_file, plcf->pass_line);
        return NGX_CONF_ERROR;
    }

    plcf->destinations = ngx_palloc(cf->pool, plcf->integrations->n
                                    * sizeof(ngx_http_pintag_destination_t *));
    if (plcf->destinations == NULL) {
        return NGX_CONF_ERROR;
    }

    elts = plcf->integrations->elts;

    for (i = 0; i < plcf->integrations->n; i++) {

        tag_id.len = elts[i].tag_id.len;
        tag_id.data = (u_char *) elts[i].tag_id.data;

        destination = ngx_http_pintag_destination_add(cf, plcf, &tag_id,
                                                      &conflict);

        if (destination == NULL) {

            if (conflict) {
                ngx_log_error(NGX_LOG_EMERG, cf->log, 0,
                              "the \"pintag_pass\" in %s:%ui and the one in "
                              "%s:%ui lead to the same destination, %V, with "
                              "different \"pintag_window\" or \"pintag_retry\" "
                              "values; set these at their server's level",
                              conflict->plcf->pass_file,
                              conflict->plcf->pass_line,
                              plcf->pass_file, plcf->pass_line,
                              &conflict->label);
            }

            return NGX_CONF_ERROR;
        }

        plcf->destinations[i] = destination;
    }

    return NGX_CONF_OK;
}


static ngx_int_t
ngx_http_pintag_init(ngx_conf_t *cf)
{
    char                            *what;
    ngx_uint_t                       i;
    ngx_http_pintag_main_conf_t     *pmcf;
    ngx_http_pintag_destination_t  **destination;

    pmcf = ngx_http_conf_get_module_main_conf(cf, ngx_http_pintag_module);

    if (pmcf->destinations.nelts == 0) {
        return NGX_OK;
    }

    destination = pmcf->destinations.elts;

    for (i = 0; i < pmcf->destinations.nelts; i++) {

        what = ngx_http_pintag_pass_check(destination[i]->server,
                                          &destination[i]->uri,
                                          ngx_http_pintag_handler);

        if (what) {
            ngx_log_error(NGX_LOG_EMERG, cf->log, 0,
                          "\"pintag_pass %V\" in %s:%ui %s for \"%V\" in its "
                          "server; define \"location %V { internal; "
                          "proxy_pass https://ct.pinterest.com/v3/; }\" there",
                          &destination[i]->plcf->pass,
                          destination[i]->plcf->pass_file,
                          destination[i]->plcf->pass_line, what,
                          &destination[i]->uri, &destination[i]->uri);
            return NGX_ERROR;
        }
    }

    ngx_http_pintag_capture_init();

    return NGX_OK;
}


static ngx_int_t
ngx_http_pintag_init_process(ngx_cycle_t *cycle)
{
    ngx_http_pintag_main_conf_t  *pmcf;

    if (ngx_process != NGX_PROCESS_WORKER && ngx_process != NGX_PROCESS_SINGLE)
    {
        return NGX_OK;
    }

    pmcf = ngx_http_cycle_get_module_main_conf(cycle, ngx_http_pintag_module);

    if (pmcf == NULL || pmcf->destinations.nelts == 0) {
        return NGX_OK;
    }

    /*
     * When worker_shutdown_timeout ends nginx closes all connections, and this
     * is the one to hear of it by, whatever else there is.
     */

    pmcf->watch = ngx_http_pintag_courier_slot(ngx_http_pintag_watch);
    if (pmcf->watch == NULL) {
        return NGX_ERROR;
    }

    pmcf->watch->data = pmcf;

    return NGX_OK;
}


static void
ngx_http_pintag_watch(ngx_event_t *rev)
{
    ngx_connection_t  *c;

    c = rev->data;

    if (c->close) {
        ngx_http_pintag_destinations_end(c->data);
    }
}


static void
ngx_http_pintag_exit_process(ngx_cycle_t *cycle)
{
    ngx_http_pintag_main_conf_t  *pmcf;

    pmcf = ngx_http_cycle_get_module_main_conf(cycle, ngx_http_pintag_module);

    if (pmcf && pmcf->watch) {
        ngx_http_pintag_courier_free_slot(pmcf->watch);
        pmcf->watch = NULL;
    }
}


static char *
ngx_http_pintag_set_pass(ngx_conf_t *cf, ngx_command_t *cmd, void *conf)
{
    ngx_http_pintag_loc_conf_t *plcf = conf;

    u_char                    *p, *last;
    ngx_str_t                 *value;
    ngx_http_core_loc_conf_t  *clcf;

    if (plcf->pass.len) {
        return "is duplicate";
    }

    value = cf->args->elts;

    plcf->pass = value[1];

    if (plcf->pass.len && plcf->pass.data[plcf->pass.len - 1] == '/') {
        plcf->pass.len--;
    }

    if (value[1].len == 0 || value[1].data[0] != '/') {
        return "takes the URI of an internal location, not an address";
    }

    last = plcf->pass.data + plcf->pass.len;

    for (p = plcf->pass.data; p < last; p++) {
        if (*p <= ' ' || *p == '?' || *p == '#' || *p == '%' || *p == '$'
            || (*p == '/' && p + 1 < last
                && (p[1] == '/' || p[1] == '.')))
        {
            return "takes a plain URI: no arguments, no variables, "
                   "no escapes, no \"//\" and \"/.\"";
        }
    }

    if (plcf->pass.len == 0) {
        return "takes the URI of an internal location, \"/\" is all of them";
    }

    plcf->pass_file = cf->conf_file->file.name.data;
    plcf->pass_line = cf->conf_file->line;

    clcf = ngx_http_conf_get_module_loc_conf(cf, ngx_http_core_module);
    clcf->handler = ngx_http_pintag_handler;

    return NGX_CONF_OK;
}


static char *
ngx_http_pintag_set_ack(ngx_conf_t *cf, ngx_command_t *cmd, void *conf)
{
    ngx_http_pintag_loc_conf_t *plcf = conf;

    ngx_str_t  *value, s;

    if (plcf->ack_timeout != NGX_CONF_UNSET_MSEC) {
        return "is duplicate";
    }

    value = cf->args->elts;

    if (ngx_strcmp(value[1].data, "delivered") != 0) {
        ngx_conf_log_error(NGX_LOG_EMERG, cf, 0,
                           "invalid value \"%V\", it must be \"delivered\"",
                           &value[1]);
        return NGX_CONF_ERROR;
    }

    plcf->ack_timeout = 10000;

    if (cf->args->nelts == 2) {
        return NGX_CONF_OK;
    }

    if (ngx_http_pintag_key(&value[2], "timeout=", &s) == NGX_OK) {

        plcf->ack_timeout = ngx_parse_time(&s, 0);

        if (plcf->ack_timeout == (ngx_msec_t) NGX_ERROR
            || plcf->ack_timeout == 0)
        {
            goto invalid;
        }

        return NGX_CONF_OK;
    }

invalid:

    ngx_conf_log_error(NGX_LOG_EMERG, cf, 0,
                       "invalid parameter \"%V\", it must be "
                       "\"timeout=time\"", &value[2]);
    return NGX_CONF_ERROR;
}


static char *
ngx_http_pintag_set_window(ngx_conf_t *cf, ngx_command_t *cmd, void *conf)
{
    ngx_http_pintag_loc_conf_t *plcf = conf;

    ngx_int_t    n;
    ngx_str_t   *value, s;
    ngx_uint_t   i;

    value = cf->args->elts;

    for (i = 1; i < cf->args->nelts; i++) {

        if (ngx_http_pintag_key(&value[i], "tag=", &s) != NGX_OK) {
            goto invalid;
        }

        if (plcf->tag_window != NGX_CONF_UNSET_UINT) {
            return "is duplicate";
        }

        n = ngx_atoi(s.data, s.len);

        if (n == NGX_ERROR || n == 0 || n > 1024) {
            goto invalid;
        }

        plcf->tag_window = n;
    }

    return NGX_CONF_OK;

invalid:

    ngx_conf_log_error(NGX_LOG_EMERG, cf, 0,
                       "invalid parameter \"%V\", it must be \"tag=number\" "
                       "from 1 to 1024", &value[i]);
    return NGX_CONF_ERROR;
}


static char *
ngx_http_pintag_set_retry(ngx_conf_t *cf, ngx_command_t *cmd, void *conf)
{
    ngx_http_pintag_loc_conf_t *plcf = conf;

    ngx_int_t    n;
    ngx_str_t   *value, s;
    ngx_uint_t   i;
    ngx_msec_t  *msec;

    value = cf->args->elts;

    for (i = 1; i < cf->args->nelts; i++) {

        if (ngx_http_pintag_key(&value[i], "attempts=", &s) == NGX_OK) {

            if (plcf->attempts != NGX_CONF_UNSET_UINT) {
                return "is duplicate";
            }

            n = ngx_atoi(s.data, s.len);

            if (n == NGX_ERROR || n == 0) {
                goto invalid;
            }

            plcf->attempts = n;
            continue;
        }

        if (ngx_http_pintag_key(&value[i], "min=", &s) == NGX_OK) {
            msec = &plcf->retry_min;

        } else if (ngx_http_pintag_key(&value[i], "max=", &s) == NGX_OK) {
            msec = &plcf->retry_max;

        } else {
            goto invalid;
        }

        if (*msec != NGX_CONF_UNSET_MSEC) {
            return "is duplicate";
        }

        *msec = ngx_parse_time(&s, 0);

        if (*msec == (ngx_msec_t) NGX_ERROR || *msec == 0) {
            goto invalid;
        }
    }

    return NGX_CONF_OK;

invalid:

    ngx_conf_log_error(NGX_LOG_EMERG, cf, 0,
                       "invalid parameter \"%V\", it must be "
                       "\"attempts=number\", \"min=time\" or \"max=time\", "
                       "each more than 0", &value[i]);
    return NGX_CONF_ERROR;
}


/* "key=value" as its value */

static ngx_int_t
ngx_http_pintag_key(ngx_str_t *arg, char *key, ngx_str_t *value)
{
    size_t  len;

    len = ngx_strlen(key);

    if (arg->len < len || ngx_strncmp(arg->data, key, len) != 0) {
        return NGX_DECLINED;
    }

    value->data = arg->data + len;
    value->len = arg->len - len;

    return NGX_OK;
}
