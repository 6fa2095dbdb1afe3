
/*
 * Copyright (C) the ngx_http_pintag_module authors
 */


#include "ngx_http_pintag_module.h"
#include "ngx_http_pintag_check.h"
#include "ngx_http_pintag_destination.h"
#include "ngx_http_pintag_pass.h"
#include "ngx_http_pintag_request.h"

#include "core/visitor.h"


static void ngx_http_pintag_check_proxy(ngx_conf_t *cf,
    ngx_http_pintag_destination_t *destination,
    ngx_http_core_loc_conf_t *place);
static void ngx_http_pintag_check_warn(ngx_conf_t *cf,
    ngx_http_pintag_destination_t *destination,
    ngx_http_core_loc_conf_t *place, char *directive, char *what);
static ngx_str_t *ngx_http_pintag_check_unverified(
    ngx_http_upstream_conf_t *u);
static ngx_uint_t ngx_http_pintag_check_pinterest(ngx_str_t *name);


char *
ngx_http_pintag_check_ack(ngx_conf_t *cf, ngx_http_pintag_loc_conf_t *plcf)
{
    ngx_http_pintag_main_conf_t  *pmcf;

    pmcf = ngx_http_conf_get_module_main_conf(cf, ngx_http_pintag_module);

    if (pmcf->spool_conf) {
        return NGX_CONF_OK;
    }

    if (plcf->ack == NGX_HTTP_PINTAG_ACK_STORED) {
        ngx_log_error(NGX_LOG_EMERG, cf->log, 0,
                      "\"pintag_ack stored\" needs a \"pintag_spool\" at the "
                      "level of http, for the \"pintag_pass\" in %s:%ui",
                      plcf->pass_file, plcf->pass_line);
        return NGX_CONF_ERROR;
    }

    if (plcf->ack == NGX_HTTP_PINTAG_ACK_RECEIVED && plcf->fallback == NULL) {
        ngx_log_error(NGX_LOG_WARN, cf->log, 0,
                      "\"pintag_ack received\" without \"pintag_spool\" and "
                      "\"pintag_fallback\" loses what cannot be delivered, "
                      "for the \"pintag_pass\" in %s:%ui",
                      plcf->pass_file, plcf->pass_line);
    }

    return NGX_CONF_OK;
}


char *
ngx_http_pintag_check_status(ngx_conf_t *cf, ngx_http_pintag_loc_conf_t *plcf)
{
    ngx_http_pintag_main_conf_t  *pmcf;

    pmcf = ngx_http_conf_get_module_main_conf(cf, ngx_http_pintag_module);

    if (plcf->pass.len) {
        ngx_log_error(NGX_LOG_EMERG, cf->log, 0,
                      "\"pintag_status\" in %s:%ui and the \"pintag_pass\" in "
                      "%s:%ui are in one location, give each its own",
                      plcf->status_file, plcf->status_line,
                      plcf->pass_file, plcf->pass_line);
        return NGX_CONF_ERROR;
    }

    if (pmcf->zone) {
        return NGX_CONF_OK;
    }

    ngx_log_error(NGX_LOG_EMERG, cf->log, 0,
                  "\"pintag_status\" in %s:%ui needs a \"pintag_zone\" at the "
                  "level of http, such as \"pintag_zone zone=pintag:1m\"",
                  plcf->status_file, plcf->status_line);
    return NGX_CONF_ERROR;
}


/* Pinterest limits processing by state and country */

void
ngx_http_pintag_check_signal(ngx_conf_t *cf, ngx_http_pintag_loc_conf_t *plcf)
{
    size_t                 i;
    pintag_integration_t  *entry;

    if (plcf->gpc != PINTAG_SIGNAL_LDP && plcf->dnt != PINTAG_SIGNAL_LDP) {
        return;
    }

    for (i = 0; i < plcf->integrations->n; i++) {
        entry = &plcf->integrations->elts[i];

        if (entry->limited_state.len == 0 || entry->limited_country.len == 0) {
            ngx_log_error(NGX_LOG_WARN, cf->log, 0,
                          "\"pintag_privacy_signal\" means limited data "
                          "processing for the \"pintag_pass\" in %s:%ui, and "
                          "the entry in line %uz of its integrations has no "
                          "\"limitedDataProcessing\" with \"state\" and "
                          "\"country\", which Pinterest asks for where an "
                          "event does not tell its own",
                          plcf->pass_file, plcf->pass_line, entry->line);
            return;
        }
    }
}


ngx_int_t
ngx_http_pintag_check_pass(ngx_conf_t *cf,
    ngx_http_pintag_destination_t *destination)
{
    char                        *what, *host, *version;
    ngx_http_core_loc_conf_t    *place;
    ngx_http_pintag_loc_conf_t  *plcf;

    what = ngx_http_pintag_pass_check(destination->server, &destination->uri,
                                      ngx_http_pintag_handler, &place);
    if (what == NULL) {
        ngx_http_pintag_check_proxy(cf, destination, place);

        return NGX_OK;
    }

    plcf = destination->plcf;

    switch (destination->transport) {

    case NGX_HTTP_PINTAG_TAG:
        host = "ct.pinterest.com";
        version = "v3";
        break;

    case NGX_HTTP_PINTAG_API:
        host = "api.pinterest.com";
        version = "v5";
        break;

    default: /* NGX_HTTP_PINTAG_FALLBACK */
        ngx_log_error(NGX_LOG_EMERG, cf->log, 0,
                      "\"pintag_fallback %V\" %s in the server of the "
                      "\"pintag_pass\" in %s:%ui; define \"location %V "
                      "{ internal; proxy_pass ...; }\" there",
                      &destination->uri, what, plcf->pass_file,
                      plcf->pass_line, &destination->uri);
        return NGX_ERROR;
    }

    ngx_log_error(NGX_LOG_EMERG, cf->log, 0,
                  "\"pintag_pass %V\" in %s:%ui %s for \"%V\" in its "
                  "server; define \"location %V/%s/ { internal; "
                  "proxy_pass https://%s/%s/; }\" there",
                  &plcf->pass, plcf->pass_file, plcf->pass_line, what,
                  &destination->uri, &plcf->pass, version, host, version);
    return NGX_ERROR;
}


/* what it sends, and to whom */

static void
ngx_http_pintag_check_proxy(ngx_conf_t *cf,
    ngx_http_pintag_destination_t *destination,
    ngx_http_core_loc_conf_t *place)
{
    ngx_str_t                       *name;
    ngx_uint_t                       i;
    ngx_http_upstream_conf_t        *u;
    ngx_http_pintag_main_conf_t     *pmcf;
    ngx_http_pintag_destination_t  **other;

    u = ngx_http_pintag_pass_upstream(cf, place);

    if (u == NULL) {
        return;
    }

    /* of several tags or ad accounts once */

    pmcf = destination->main_conf;
    other = pmcf->destinations.elts;

    for (i = 0; other[i] != destination; i++) {
        if (other[i]->plcf == destination->plcf
            && other[i]->transport == destination->transport)
        {
            return;
        }
    }

    if (!u->pass_request_headers) {
        ngx_http_pintag_check_warn(cf, destination, place,
                                   "\"proxy_pass_request_headers off\"",
                                   "the headers of what is delivered");
    }

    if (!u->pass_request_body
        && destination->transport != NGX_HTTP_PINTAG_TAG)
    {
        ngx_http_pintag_check_warn(cf, destination, place,
                                   "\"proxy_pass_request_body off\"",
                                   "the events themselves");
    }

    name = (destination->transport == NGX_HTTP_PINTAG_FALLBACK)
           ? NULL : ngx_http_pintag_check_unverified(u);

    if (name == NULL) {
        return;
    }

    ngx_log_error(NGX_LOG_WARN, cf->log, 0,
                  "\"location %V\", to which the \"pintag_pass\" in %s:%ui "
                  "leads, sends to \"%V\" without making sure that it is "
                  "Pinterest; use \"proxy_pass https://...\", "
                  "\"proxy_ssl_verify on\" and "
                  "\"proxy_ssl_trusted_certificate\" there",
                  &place->name, destination->plcf->pass_file,
                  destination->plcf->pass_line, name);
}


static void
ngx_http_pintag_check_warn(ngx_conf_t *cf,
    ngx_http_pintag_destination_t *destination,
    ngx_http_core_loc_conf_t *place, char *directive, char *what)
{
    ngx_log_error(NGX_LOG_WARN, cf->log, 0,
                  "\"location %V\", to which the \"pintag_pass\" in %s:%ui "
                  "leads, has %s, which keeps back %s; remove it",
                  &place->name, destination->plcf->pass_file,
                  destination->plcf->pass_line, directive, what);
}


/*
 * An access token and a visitor's identity are for Pinterest's own eyes.  Gives
 * the name by which somebody else may be reached, or NULL.
 */

static ngx_str_t *
ngx_http_pintag_check_unverified(ngx_http_upstream_conf_t *u)
{
#if (NGX_HTTP_SSL)

    ngx_uint_t                     i;
    ngx_http_upstream_server_t    *server;
    ngx_http_upstream_srv_conf_t  *uscf;

    uscf = u->upstream;

    /* NULL: "proxy_pass" has variables */

    if (uscf == NULL) {
        return NULL;
    }

    /* locations with the same settings may share a context, http:// too */

    if (u->ssl && u->ssl->ctx && u->ssl_verify && uscf->port != 80) {
        return NULL;
    }

    if (ngx_http_pintag_check_pinterest(&uscf->host)) {
        return &uscf->host;
    }

    if (uscf->servers == NULL) {
        return NULL;
    }

    server = uscf->servers->elts;

    for (i = 0; i < uscf->servers->nelts; i++) {
        if (ngx_http_pintag_check_pinterest(&server[i].name)) {
            return &server[i].name;
        }
    }

#endif

    return NULL;
}


/* 1 for a host of Pinterest's, with a port or not */

static ngx_uint_t
ngx_http_pintag_check_pinterest(ngx_str_t *name)
{
    size_t   len, domain;
    u_char  *port;

    port = ngx_strlchr(name->data, name->data + name->len, ':');
    len = port ? (size_t) (port - name->data) : name->len;
    domain = sizeof(".pinterest.com") - 1;

    return len > domain
           && ngx_strncasecmp(name->data + len - domain,
                              (u_char *) ".pinterest.com", domain)
              == 0;
}


/* nginx's thread pools would end every worker of such an event method */

ngx_int_t
ngx_http_pintag_check_events(ngx_cycle_t *cycle)
{
    ngx_uint_t           i;
    ngx_event_conf_t    *ecf;
    ngx_event_module_t  *module;

    if (ngx_get_conf(cycle->conf_ctx, ngx_events_module) == NULL) {
        return NGX_OK;
    }

    ecf = ngx_event_get_conf(cycle->conf_ctx, ngx_event_core_module);

    for (i = 0; cycle->modules[i]; i++) {

        if (cycle->modules[i]->type != NGX_EVENT_MODULE) {
            continue;
        }

        module = cycle->modules[i]->ctx;

        if (cycle->modules[i]->ctx_index == ecf->use
            && module->actions.init && module->actions.notify == NULL)
        {
            ngx_log_error(NGX_LOG_EMERG, cycle->log, 0,
                          "\"pintag_spool\" needs threads, which the event "
                          "method \"%s\" does not allow; use \"epoll\"",
                          ecf->name);
            return NGX_ERROR;
        }
    }

    return NGX_OK;
}
