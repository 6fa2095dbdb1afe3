
/*
 * Copyright (C) the ngx_http_pintag_module authors
 */


#include "ngx_http_pintag_module.h"
#include "ngx_http_pintag_directives.h"
#include "ngx_http_pintag_integrations.h"
#include "ngx_http_pintag_request.h"
#include "ngx_http_pintag_registry.h"
#include "ngx_http_pintag_capture.h"
#include "ngx_http_pintag_check.h"
#include "ngx_http_pintag_courier.h"
#include "ngx_http_pintag_error_page.h"
#include "ngx_http_pintag_fallback.h"
#include "ngx_http_pintag_intake.h"
#include "ngx_http_pintag_leave.h"
#include "ngx_http_pintag_log.h"
#include "ngx_http_pintag_origin.h"
#include "ngx_http_pintag_slot.h"
#include "ngx_http_pintag_spool.h"
#include "ngx_http_pintag_status.h"
#include "ngx_http_pintag_variables.h"
#include "ngx_http_pintag_zone.h"

#include "core/capi.h"
#include "core/visitor.h"


static ngx_int_t ngx_http_pintag_preconfiguration(ngx_conf_t *cf);
static void *ngx_http_pintag_create_main_conf(ngx_conf_t *cf);
static char *ngx_http_pintag_init_main_conf(ngx_conf_t *cf, void *conf);
static void *ngx_http_pintag_create_loc_conf(ngx_conf_t *cf);
static char *ngx_http_pintag_merge_loc_conf(ngx_conf_t *cf, void *parent,
    void *child);
static ngx_int_t ngx_http_pintag_init(ngx_conf_t *cf);
static ngx_int_t ngx_http_pintag_init_module(ngx_cycle_t *cycle);
static ngx_int_t ngx_http_pintag_init_process(ngx_cycle_t *cycle);
static void ngx_http_pintag_leave(ngx_event_t *rev);
static void ngx_http_pintag_watch(ngx_event_t *rev);
static void ngx_http_pintag_hold(ngx_event_t *ev);
static void ngx_http_pintag_exit_process(ngx_cycle_t *cycle);


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

    { ngx_string("pintag_max_body"),
      NGX_HTTP_MAIN_CONF|NGX_HTTP_SRV_CONF|NGX_HTTP_LOC_CONF|NGX_CONF_TAKE1,
      ngx_http_pintag_set_max_body,
      NGX_HTTP_LOC_CONF_OFFSET,
      0,
      NULL },

    { ngx_string("pintag_max_events"),
      NGX_HTTP_MAIN_CONF|NGX_HTTP_SRV_CONF|NGX_HTTP_LOC_CONF|NGX_CONF_TAKE1,
      ngx_http_pintag_set_max_events,
      NGX_HTTP_LOC_CONF_OFFSET,
      0,
      NULL },

    { ngx_string("pintag_max_event"),
      NGX_HTTP_MAIN_CONF|NGX_HTTP_SRV_CONF|NGX_HTTP_LOC_CONF|NGX_CONF_TAKE1,
      ngx_http_pintag_set_max_event,
      NGX_HTTP_LOC_CONF_OFFSET,
      0,
      NULL },

    { ngx_string("pintag_write_keys"),
      NGX_HTTP_MAIN_CONF|NGX_HTTP_SRV_CONF|NGX_HTTP_LOC_CONF|NGX_CONF_1MORE,
      ngx_http_pintag_set_write_keys,
      NGX_HTTP_LOC_CONF_OFFSET,
      0,
      NULL },

    { ngx_string("pintag_allow_origin"),
      NGX_HTTP_MAIN_CONF|NGX_HTTP_SRV_CONF|NGX_HTTP_LOC_CONF|NGX_CONF_1MORE,
      ngx_http_pintag_set_allow_origin,
      NGX_HTTP_LOC_CONF_OFFSET,
      0,
      NULL },

    { ngx_string("pintag_skip"),
      NGX_HTTP_MAIN_CONF|NGX_HTTP_SRV_CONF|NGX_HTTP_LOC_CONF|NGX_CONF_1MORE,
      ngx_http_pintag_set_skip,
      NGX_HTTP_LOC_CONF_OFFSET,
      offsetof(ngx_http_pintag_loc_conf_t, skip),
      NULL },

    { ngx_string("pintag_privacy_signal"),
      NGX_HTTP_MAIN_CONF|NGX_HTTP_SRV_CONF|NGX_HTTP_LOC_CONF|NGX_CONF_1MORE,
      ngx_http_pintag_set_privacy_signal,
      NGX_HTTP_LOC_CONF_OFFSET,
      0,
      NULL },

    { ngx_string("pintag_preview"),
      NGX_HTTP_MAIN_CONF|NGX_HTTP_SRV_CONF|NGX_HTTP_LOC_CONF|NGX_CONF_FLAG,
      ngx_conf_set_flag_slot,
      NGX_HTTP_LOC_CONF_OFFSET,
      offsetof(ngx_http_pintag_loc_conf_t, preview),
      NULL },

    { ngx_string("pintag_ack"),
      NGX_HTTP_MAIN_CONF|NGX_HTTP_SRV_CONF|NGX_HTTP_LOC_CONF|NGX_CONF_TAKE12,
      ngx_http_pintag_set_ack,
      NGX_HTTP_LOC_CONF_OFFSET,
      0,
      NULL },

    { ngx_string("pintag_spool"),
      NGX_HTTP_MAIN_CONF|NGX_CONF_1MORE,
      ngx_http_pintag_set_spool,
      NGX_HTTP_MAIN_CONF_OFFSET,
      0,
      NULL },

    { ngx_string("pintag_zone"),
      NGX_HTTP_MAIN_CONF|NGX_CONF_TAKE12,
      ngx_http_pintag_set_zone,
      NGX_HTTP_MAIN_CONF_OFFSET,
      0,
      NULL },

    { ngx_string("pintag_status"),
      NGX_HTTP_LOC_CONF|NGX_CONF_NOARGS|NGX_CONF_TAKE1,
      ngx_http_pintag_set_status,
      NGX_HTTP_LOC_CONF_OFFSET,
      0,
      NULL },

    { ngx_string("pintag_queue"),
      NGX_HTTP_MAIN_CONF|NGX_CONF_TAKE12,
      ngx_http_pintag_set_queue,
      NGX_HTTP_MAIN_CONF_OFFSET,
      0,
      NULL },

    { ngx_string("pintag_fallback"),
      NGX_HTTP_MAIN_CONF|NGX_HTTP_SRV_CONF|NGX_HTTP_LOC_CONF|NGX_CONF_TAKE12,
      ngx_http_pintag_set_fallback,
      NGX_HTTP_LOC_CONF_OFFSET,
      0,
      NULL },

    { ngx_string("pintag_window"),
      NGX_HTTP_MAIN_CONF|NGX_HTTP_SRV_CONF|NGX_HTTP_LOC_CONF|NGX_CONF_1MORE,
      ngx_http_pintag_set_window,
      NGX_HTTP_LOC_CONF_OFFSET,
      0,
      NULL },

    { ngx_string("pintag_batch"),
      NGX_HTTP_MAIN_CONF|NGX_HTTP_SRV_CONF|NGX_HTTP_LOC_CONF|NGX_CONF_1MORE,
      ngx_http_pintag_set_batch,
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
    ngx_http_pintag_preconfiguration,      /* preconfiguration */
    ngx_http_pintag_init,                  /* postconfiguration */

    ngx_http_pintag_create_main_conf,      /* create main configuration */
    ngx_http_pintag_init_main_conf,        /* init main configuration */

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
    ngx_http_pintag_init_module,           /* init module */
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


pintag_str_t
ngx_http_pintag_text(ngx_str_t *value)
{
    pintag_str_t  text;

    text.data = value->data;
    text.len = value->len;

    return text;
}


ngx_uint_t
ngx_http_pintag_log_due(ngx_msec_t *last, ngx_msec_t interval)
{
    if (*last && ngx_current_msec - *last < interval) {
        return 0;
    }

    *last = ngx_current_msec;

    return 1;
}


ngx_str_t
ngx_http_pintag_log_text(ngx_str_t *text, u_char *dst, size_t size)
{
    size_t     i;
    ngx_str_t  shown;

    shown.data = dst;
    shown.len = ngx_min(text->len, size);

    for (i = 0; i < shown.len; i++) {
        dst[i] = (text->data[i] < ' ' || text->data[i] == 0x7f)
                 ? '?' : text->data[i];
    }

    return shown;
}


static ngx_int_t
ngx_http_pintag_preconfiguration(ngx_conf_t *cf)
{
    if (ngx_http_pintag_variables_add(cf) != NGX_OK) {
        return NGX_ERROR;
    }

    return ngx_http_pintag_fallback_variables(cf);
}


static void *
ngx_http_pintag_create_main_conf(ngx_conf_t *cf)
{
    ngx_pool_cleanup_t           *cln;
    ngx_http_pintag_main_conf_t  *pmcf;

    pmcf = ngx_pcalloc(cf->pool, sizeof(ngx_http_pintag_main_conf_t));
    if (pmcf == NULL) {
        return NULL;
    }

    cln = ngx_pool_cleanup_add(cf->pool, 0);
    if (cln == NULL) {
        return NULL;
    }

    cln->handler = ngx_http_pintag_intake_done;
    cln->data = &pmcf->intake;

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

    pmcf->spool_conf = NGX_CONF_UNSET_PTR;
    pmcf->queue_max = NGX_CONF_UNSET_UINT;
    pmcf->queue_size = NGX_CONF_UNSET_SIZE;

    ngx_http_pintag_intake_init(&pmcf->intake);

    ngx_queue_init(&pmcf->deliveries);
    ngx_queue_init(&pmcf->couriers);
    ngx_queue_init(&pmcf->away);
    ngx_queue_init(&pmcf->unconnected);

    return pmcf;
}


static char *
ngx_http_pintag_init_main_conf(ngx_conf_t *cf, void *conf)
{
    ngx_http_pintag_main_conf_t *pmcf = conf;

    ngx_conf_init_ptr_value(pmcf->spool_conf, NULL);
    ngx_conf_init_uint_value(pmcf->queue_max, 65536);
    ngx_conf_init_size_value(pmcf->queue_size, 64 * 1024 * 1024);

    return NGX_CONF_OK;
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
     *     plcf->entries = NULL;
     *     plcf->destinations = 0;
     *     plcf->fallback_uri = { 0, NULL };
     *     plcf->fallback_expect = { 0, NULL };
     *     plcf->fallback = NULL;
     */

    plcf->integrations = NGX_CONF_UNSET_PTR;
    plcf->event = NGX_CONF_UNSET_PTR;
    plcf->max_body = NGX_CONF_UNSET_SIZE;
    plcf->max_events = NGX_CONF_UNSET_UINT;
    plcf->write_keys = NGX_CONF_UNSET_PTR;
    plcf->origins = NGX_CONF_UNSET_PTR;
    plcf->skip = NGX_CONF_UNSET_PTR;
    plcf->preview = NGX_CONF_UNSET;
    plcf->gpc = NGX_CONF_UNSET_UINT;
    plcf->dnt = NGX_CONF_UNSET_UINT;
    plcf->ack = NGX_CONF_UNSET_UINT;
    plcf->ack_timeout = NGX_CONF_UNSET_MSEC;
    plcf->tag_window = NGX_CONF_UNSET_UINT;
    plcf->api_window = NGX_CONF_UNSET_UINT;
    plcf->batch_events = NGX_CONF_UNSET_UINT;
    plcf->batch_size = NGX_CONF_UNSET_SIZE;
    plcf->max_event = NGX_CONF_UNSET_SIZE;
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

    ngx_uint_t                 inherited;
    ngx_http_core_loc_conf_t  *clcf;

    ngx_conf_merge_ptr_value(conf->integrations, prev->integrations, NULL);
    ngx_conf_merge_ptr_value(conf->event, prev->event, NULL);
    ngx_conf_merge_size_value(conf->max_body, prev->max_body, 512 * 1024);
    ngx_conf_merge_uint_value(conf->max_events, prev->max_events, 1000);
    ngx_conf_merge_ptr_value(conf->write_keys, prev->write_keys, NULL);
    ngx_conf_merge_ptr_value(conf->origins, prev->origins, NULL);
    ngx_conf_merge_ptr_value(conf->skip, prev->skip, NULL);
    ngx_conf_merge_value(conf->preview, prev->preview, 0);
    ngx_conf_merge_uint_value(conf->gpc, prev->gpc, PINTAG_SIGNAL_LDP);
    ngx_conf_merge_uint_value(conf->dnt, prev->dnt, PINTAG_SIGNAL_NONE);
    ngx_conf_merge_uint_value(conf->ack, prev->ack,
                              NGX_HTTP_PINTAG_ACK_DELIVERED);
    ngx_conf_merge_msec_value(conf->ack_timeout, prev->ack_timeout, 10000);
    ngx_conf_merge_uint_value(conf->tag_window, prev->tag_window, 16);
    ngx_conf_merge_uint_value(conf->api_window, prev->api_window, 2);
    ngx_conf_merge_uint_value(conf->batch_events, prev->batch_events,
                              PINTAG_CAPI_MAX_EVENTS);
    ngx_conf_merge_size_value(conf->batch_size, prev->batch_size,
                              2 * 1024 * 1024);
    ngx_conf_merge_size_value(conf->max_event, prev->max_event, 32 * 1024);
    ngx_conf_merge_uint_value(conf->attempts, prev->attempts, 5);
    ngx_conf_merge_msec_value(conf->retry_min, prev->retry_min, 500);
    ngx_conf_merge_msec_value(conf->retry_max, prev->retry_max, 30000);

    if (conf->fallback_uri.data == NULL) {
        conf->fallback_uri = prev->fallback_uri;
        conf->fallback_expect = prev->fallback_expect;
    }

    clcf = ngx_http_conf_get_module_loc_conf(cf, ngx_http_core_module);
    inherited = 0;

    /* an "if" and a "limit_except" serve their location's purpose */

    if (conf->status == NULL && (clcf->noname || clcf->lmt_excpt)) {
        ngx_http_pintag_status_inherit(clcf, prev, conf);
    }

    if (conf->pass.len == 0 && (clcf->noname || clcf->lmt_excpt)) {

        inherited = 1;

        conf->pass = prev->pass;
        conf->pass_file = prev->pass_file;
        conf->pass_line = prev->pass_line;

        if (clcf->lmt_excpt && clcf->handler == NULL && conf->pass.len) {
            clcf->handler = ngx_http_pintag_handler;
        }
    }

    if (conf->status) {
        return ngx_http_pintag_check_status(cf, conf);
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

    if (conf->batch_size < conf->max_event + sizeof(PINTAG_CAPI_HEAD)
                           + sizeof(PINTAG_CAPI_TAIL))
    {
        ngx_log_error(NGX_LOG_EMERG, cf->log, 0,
                      "\"size\" of \"pintag_batch\" is %uz bytes and has no "
                      "room for an event of \"pintag_max_event\", %uz bytes, "
                      "for the \"pintag_pass\" in %s:%ui",
                      conf->batch_size, conf->max_event,
                      conf->pass_file, conf->pass_line);
        return NGX_CONF_ERROR;
    }

    if (ngx_http_pintag_registry_add_all(cf, conf) != NGX_CONF_OK) {
        return NGX_CONF_ERROR;
    }

    if (!inherited) {
        ngx_http_pintag_check_signal(cf, conf);

        return ngx_http_pintag_check_ack(cf, conf);
    }

    return NGX_CONF_OK;
}


static ngx_int_t
ngx_http_pintag_init(ngx_conf_t *cf)
{
    ngx_uint_t                       i;
    ngx_http_pintag_main_conf_t     *pmcf;
    ngx_http_pintag_destination_t  **destination;

    pmcf = ngx_http_conf_get_module_main_conf(cf, ngx_http_pintag_module);

    if (pmcf->spool_conf && ngx_http_pintag_check_events(cf->cycle) != NGX_OK) {
        return NGX_ERROR;
    }

    if (pmcf->destinations.nelts == 0) {
        return NGX_OK;
    }

    destination = pmcf->destinations.elts;

    for (i = 0; i < pmcf->destinations.nelts; i++) {
        if (ngx_http_pintag_check_pass(cf, destination[i]) != NGX_OK) {
            return NGX_ERROR;
        }
    }

    ngx_http_pintag_variables_init(cf);

    ngx_http_pintag_capture_init();
    ngx_http_pintag_origin_init();
    ngx_http_pintag_error_page_init();

    return ngx_http_pintag_log_init(cf);
}


/*
 * "events" may follow "http".  A reload ends the master here, and the workers
 * that there are go on; else it would have none.
 */

static ngx_int_t
ngx_http_pintag_init_module(ngx_cycle_t *cycle)
{
    ngx_http_pintag_main_conf_t  *pmcf;

    pmcf = ngx_http_cycle_get_module_main_conf(cycle, ngx_http_pintag_module);

    return (pmcf && pmcf->spool_conf) ? ngx_http_pintag_check_events(cycle)
                                      : NGX_OK;
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

    if (pmcf == NULL) {
        return NGX_OK;
    }

    ngx_http_pintag_intake_init(&pmcf->intake);

    if (pmcf->zone) {
        ngx_http_pintag_zone_begin(pmcf->zone, cycle->log);
    }

    if (pmcf->destinations.nelts == 0 && pmcf->spool_conf == NULL) {
        return NGX_OK;
    }

    pmcf->hold.handler = ngx_http_pintag_hold;
    pmcf->hold.data = pmcf;
    pmcf->hold.log = cycle->log;

    /* of an idle connection nginx closes the first when a worker is to leave */

    pmcf->leave = ngx_http_pintag_slot(ngx_http_pintag_leave);
    if (pmcf->leave == NULL) {
        return NGX_ERROR;
    }

    pmcf->leave->data = pmcf;
    pmcf->leave->idle = 1;

    /*
     * When worker_shutdown_timeout ends nginx closes all connections, and this
     * is the one to hear of it by, whatever else there is.
     */

    pmcf->watch = ngx_http_pintag_slot(ngx_http_pintag_watch);
    if (pmcf->watch == NULL) {
        return NGX_ERROR;
    }

    pmcf->watch->data = pmcf;

    if (pmcf->spool_conf) {
        return ngx_http_pintag_spool_init(cycle, pmcf);
    }

    return NGX_OK;
}


static void
ngx_http_pintag_leave(ngx_event_t *rev)
{
    ngx_connection_t             *c;
    ngx_http_pintag_main_conf_t  *pmcf;

    c = rev->data;
    pmcf = c->data;

    if (c->close) {
        ngx_http_pintag_slot_free(c);
        pmcf->leave = NULL;

        ngx_http_pintag_deliveries_leave(pmcf);
    }
}


static void
ngx_http_pintag_watch(ngx_event_t *rev)
{
    ngx_connection_t  *c;

    c = rev->data;

    if (c->close) {
        ngx_http_pintag_deliveries_end(c->data);
    }
}


static void
ngx_http_pintag_hold(ngx_event_t *ev)
{
    ngx_http_pintag_deliveries_hold(ev->data);
}


static void
ngx_http_pintag_exit_process(ngx_cycle_t *cycle)
{
    ngx_http_pintag_main_conf_t  *pmcf;

    pmcf = ngx_http_cycle_get_module_main_conf(cycle, ngx_http_pintag_module);

    if (pmcf == NULL) {
        return;
    }

    if (pmcf->spool) {
        ngx_http_pintag_spool_exit(pmcf->spool);

    } else if (pmcf->watch) {
        ngx_http_pintag_deliveries_abandon(pmcf);
        ngx_http_pintag_deliveries_end(pmcf);
    }

    ngx_http_pintag_deliveries_exit(pmcf);
    ngx_http_pintag_courier_exit(pmcf);

    if (pmcf->leave) {
        ngx_http_pintag_slot_free(pmcf->leave);
        pmcf->leave = NULL;
    }

    if (pmcf->watch) {
        ngx_http_pintag_slot_free(pmcf->watch);
        pmcf->watch = NULL;
    }

    if (pmcf->zone) {
        ngx_http_pintag_zone_end(pmcf->zone);
    }
}
