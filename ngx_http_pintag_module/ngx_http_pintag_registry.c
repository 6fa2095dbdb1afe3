
/*
 * Copyright (C) the ngx_http_pintag_module authors
 */


#include "ngx_http_pintag_module.h"
#include "ngx_http_pintag_registry.h"

#include "core/capi.h"


static ngx_int_t ngx_http_pintag_registry_add_one(ngx_conf_t *cf,
    ngx_http_pintag_loc_conf_t *plcf, ngx_http_pintag_transport_e transport,
    pintag_integration_t *entry, ngx_http_pintag_destination_t **destination);
static ngx_http_pintag_destination_t *ngx_http_pintag_registry_add(
    ngx_conf_t *cf, ngx_http_pintag_loc_conf_t *plcf,
    ngx_http_pintag_transport_e transport, pintag_integration_t *entry,
    ngx_http_pintag_destination_t **conflict);
static ngx_http_pintag_destination_t *ngx_http_pintag_registry_add_fallback(
    ngx_conf_t *cf, ngx_http_pintag_loc_conf_t *plcf);
static ngx_http_pintag_destination_t *ngx_http_pintag_registry_push(
    ngx_conf_t *cf, ngx_http_pintag_destination_t *destination,
    ngx_http_pintag_destination_t **conflict);
static ngx_uint_t ngx_http_pintag_registry_same(
    ngx_http_pintag_destination_t *destination,
    ngx_http_pintag_destination_t *other);
static ngx_uint_t ngx_http_pintag_registry_agree(
    ngx_http_pintag_destination_t *destination,
    ngx_http_pintag_destination_t *other);
static ngx_uint_t ngx_http_pintag_str_eq(ngx_str_t *a, ngx_str_t *b);
static ngx_int_t ngx_http_pintag_registry_name(ngx_conf_t *cf,
    ngx_http_pintag_destination_t *destination, pintag_integration_t *entry);
static ngx_int_t ngx_http_pintag_registry_key(ngx_conf_t *cf,
    ngx_http_pintag_destination_t *destination, char *transport);
static ngx_int_t ngx_http_pintag_registry_concat(ngx_conf_t *cf,
    ngx_str_t *value, ngx_str_t *head, char *middle, ngx_str_t *id,
    char *tail);


char *
ngx_http_pintag_registry_add_all(ngx_conf_t *cf,
    ngx_http_pintag_loc_conf_t *plcf)
{
    size_t                    i;
    pintag_integration_t     *elts;
    ngx_http_pintag_entry_t  *entry;

    if (plcf->integrations == NULL) {
        ngx_log_error(NGX_LOG_EMERG, cf->log, 0,
                      "no \"pintag_integrations\" is defined for the "
                      "\"pintag_pass\" in %s:%ui",
                      plcf->pass_file, plcf->pass_line);
        return NGX_CONF_ERROR;
    }

    plcf->entries = ngx_pcalloc(cf->pool, plcf->integrations->n
                                          * sizeof(ngx_http_pintag_entry_t));
    if (plcf->entries == NULL) {
        return NGX_CONF_ERROR;
    }

    if (plcf->fallback_uri.len) {
        plcf->fallback = ngx_http_pintag_registry_add_fallback(cf, plcf);

        if (plcf->fallback == NULL) {
            return NGX_CONF_ERROR;
        }

        plcf->destinations = 1;
    }

    elts = plcf->integrations->elts;

    for (i = 0; i < plcf->integrations->n; i++) {
        entry = &plcf->entries[i];

        /* the Tag has no tests */

        if (elts[i].tag_id.len && !elts[i].test_mode
            && ngx_http_pintag_registry_add_one(cf, plcf, NGX_HTTP_PINTAG_TAG,
                                               &elts[i], &entry->tag)
               != NGX_OK)
        {
            return NGX_CONF_ERROR;
        }

        if (elts[i].ad_account_id.len
            && ngx_http_pintag_registry_add_one(cf, plcf, NGX_HTTP_PINTAG_API,
                                               &elts[i], &entry->api)
               != NGX_OK)
        {
            return NGX_CONF_ERROR;
        }

        plcf->destinations += (entry->tag != NULL) + (entry->api != NULL);
    }

    return NGX_CONF_OK;
}


static ngx_int_t
ngx_http_pintag_registry_add_one(ngx_conf_t *cf,
    ngx_http_pintag_loc_conf_t *plcf, ngx_http_pintag_transport_e transport,
    pintag_integration_t *entry, ngx_http_pintag_destination_t **destination)
{
    ngx_http_pintag_destination_t  *conflict;

    *destination = ngx_http_pintag_registry_add(cf, plcf, transport, entry,
                                                &conflict);
    if (*destination) {
        return NGX_OK;
    }

    if (conflict && conflict->plcf == plcf) {
        ngx_log_error(NGX_LOG_EMERG, cf->log, 0,
                      "two entries of the integrations of the "
                      "\"pintag_pass\" in %s:%ui have one \"adAccountId\" "
                      "and different access tokens: %V",
                      plcf->pass_file, plcf->pass_line, &conflict->label);

    } else if (conflict) {
        ngx_log_error(NGX_LOG_EMERG, cf->log, 0,
                      "the \"pintag_pass\" in %s:%ui and the one in %s:%ui "
                      "lead to the same destination, %V, with different "
                      "\"pintag_window\"%s or \"pintag_retry\" values%s; set "
                      "these at their server's level",
                      conflict->plcf->pass_file, conflict->plcf->pass_line,
                      plcf->pass_file, plcf->pass_line, &conflict->label,
                      transport == NGX_HTTP_PINTAG_TAG
                      ? "" : ", \"pintag_batch\"",
                      transport == NGX_HTTP_PINTAG_TAG
                      ? "" : ", or with different access tokens");
    }

    return NGX_ERROR;
}


/*
 * When what a location wants differs from what another has registered, gives
 * NULL with "*conflict" set to that; NULL without it: no memory.
 */

static ngx_http_pintag_destination_t *
ngx_http_pintag_registry_add(ngx_conf_t *cf,
    ngx_http_pintag_loc_conf_t *plcf, ngx_http_pintag_transport_e transport,
    pintag_integration_t *entry, ngx_http_pintag_destination_t **conflict)
{
    ngx_http_pintag_main_conf_t    *pmcf;
    ngx_http_pintag_destination_t  *destination;

    *conflict = NULL;

    pmcf = ngx_http_conf_get_module_main_conf(cf, ngx_http_pintag_module);

    destination = ngx_pcalloc(cf->pool, sizeof(ngx_http_pintag_destination_t));
    if (destination == NULL) {
        return NULL;
    }

    destination->main_conf = pmcf;
    destination->server = ngx_http_conf_get_module_srv_conf(cf,
                                                        ngx_http_core_module);
    destination->plcf = plcf;
    destination->transport = transport;

    if (transport == NGX_HTTP_PINTAG_TAG) {
        destination->window = plcf->tag_window;
        destination->batch_events = 1;

    } else {
        destination->window = plcf->api_window;
        destination->batch_events = plcf->batch_events;
        destination->batch_size = plcf->batch_size;

        destination->test = (entry->test_mode != 0);

        if (destination->test) {
            destination->batch_events = ngx_min(destination->batch_events,
                                                PINTAG_CAPI_MAX_TEST_EVENTS);
        }
    }

    if (ngx_http_pintag_registry_name(cf, destination, entry) != NGX_OK) {
        return NULL;
    }

    return ngx_http_pintag_registry_push(cf, destination, conflict);
}


static ngx_http_pintag_destination_t *
ngx_http_pintag_registry_push(ngx_conf_t *cf,
    ngx_http_pintag_destination_t *destination,
    ngx_http_pintag_destination_t **conflict)
{
    ngx_uint_t                       i;
    ngx_http_pintag_main_conf_t     *pmcf;
    ngx_http_pintag_destination_t  **elt;

    pmcf = destination->main_conf;
    elt = pmcf->destinations.elts;

    for (i = 0; i < pmcf->destinations.nelts; i++) {

        if (!ngx_http_pintag_registry_same(elt[i], destination)) {
            continue;
        }

        if (!ngx_http_pintag_registry_agree(elt[i], destination)) {
            *conflict = elt[i];
            return NULL;
        }

        return elt[i];
    }

    elt = ngx_array_push(&pmcf->destinations);
    if (elt == NULL) {
        return NULL;
    }

    *elt = destination;

    ngx_http_pintag_destination_init(destination, &cf->cycle->new_log);

    return destination;
}


static ngx_uint_t
ngx_http_pintag_registry_same(ngx_http_pintag_destination_t *destination,
    ngx_http_pintag_destination_t *other)
{
    return destination->server == other->server
           && destination->transport == other->transport
           && ngx_http_pintag_str_eq(&destination->uri, &other->uri)
           && ngx_http_pintag_str_eq(&destination->args, &other->args)
           && ngx_http_pintag_str_eq(&destination->id, &other->id)
           && ngx_http_pintag_str_eq(&destination->expect, &other->expect);
}


/* on what all locations that share it must have alike */

static ngx_uint_t
ngx_http_pintag_registry_agree(ngx_http_pintag_destination_t *destination,
    ngx_http_pintag_destination_t *other)
{
    return destination->window == other->window
           && destination->batch_events == other->batch_events
           && destination->batch_size == other->batch_size
           && destination->plcf->attempts == other->plcf->attempts
           && destination->plcf->retry_min == other->plcf->retry_min
           && destination->plcf->retry_max == other->plcf->retry_max
           && ngx_http_pintag_str_eq(&destination->authorization,
                                     &other->authorization);
}


static ngx_uint_t
ngx_http_pintag_str_eq(ngx_str_t *a, ngx_str_t *b)
{
    return a->len == b->len
           && (a->len == 0 || ngx_memcmp(a->data, b->data, a->len) == 0);
}


static ngx_int_t
ngx_http_pintag_registry_name(ngx_conf_t *cf,
    ngx_http_pintag_destination_t *destination, pintag_integration_t *entry)
{
    ngx_str_t     *pass, token;
    pintag_str_t  *id;

    pass = &destination->plcf->pass;

    id = (destination->transport == NGX_HTTP_PINTAG_TAG)
         ? &entry->tag_id : &entry->ad_account_id;

    destination->id.data = (u_char *) id->data;
    destination->id.len = id->len;

    if (destination->transport == NGX_HTTP_PINTAG_TAG) {

        if (ngx_http_pintag_registry_concat(cf, &destination->uri, pass,
                                            "/v3/", NULL, "")
            != NGX_OK)
        {
            return NGX_ERROR;
        }

        if (ngx_http_pintag_registry_key(cf, destination, "tag") != NGX_OK) {
            return NGX_ERROR;
        }

        return ngx_http_pintag_registry_concat(cf, &destination->label, NULL,
                                               "tag ", &destination->id, "");
    }

    if (destination->test) {
        ngx_str_set(&destination->args, "test=true");
    }

    token.data = (u_char *) entry->access_token.data;
    token.len = entry->access_token.len;

    if (ngx_http_pintag_registry_concat(cf, &destination->uri, pass,
                                        "/v5/ad_accounts/",
                                        &destination->id, "/events")
        != NGX_OK
        || ngx_http_pintag_registry_concat(cf, &destination->authorization,
                                           NULL, "Bearer ", &token, "")
           != NGX_OK
        || ngx_http_pintag_registry_key(cf, destination,
                                        destination->test ? "api-test" : "api")
           != NGX_OK)
    {
        return NGX_ERROR;
    }

    return ngx_http_pintag_registry_concat(cf, &destination->label, NULL,
                                           "ad account ", &destination->id,
                                           destination->test ? " (test)" : "");
}


/* what tells it apart from any other, for longer than this configuration */

static ngx_int_t
ngx_http_pintag_registry_key(ngx_conf_t *cf,
    ngx_http_pintag_destination_t *destination, char *transport)
{
    u_char     *p;
    ngx_str_t  *name, *pass;

    name = &destination->server->server_name;
    pass = &destination->plcf->pass;

    p = ngx_pnalloc(cf->pool, ngx_strlen(transport) + 1 + destination->id.len
                              + 1 + name->len + pass->len);
    if (p == NULL) {
        return NGX_ERROR;
    }

    destination->key.data = p;

    p = ngx_sprintf(p, "%s:%V:", transport, &destination->id);
    destination->kind = p - destination->key.data;

    p = ngx_sprintf(p, "%V%V", name, pass);
    destination->key.len = p - destination->key.data;

    return NGX_OK;
}


static ngx_int_t
ngx_http_pintag_registry_concat(ngx_conf_t *cf, ngx_str_t *value,
    ngx_str_t *head, char *middle, ngx_str_t *id, char *tail)
{
    static ngx_str_t  none = ngx_string("");

    head = head ? head : &none;
    id = id ? id : &none;

    value->len = head->len + ngx_strlen(middle) + id->len + ngx_strlen(tail);

    value->data = ngx_pnalloc(cf->pool, value->len);
    if (value->data == NULL) {
        return NGX_ERROR;
    }

    ngx_sprintf(value->data, "%V%s%V%s", head, middle, id, tail);

    return NGX_OK;
}


static ngx_http_pintag_destination_t *
ngx_http_pintag_registry_add_fallback(ngx_conf_t *cf,
    ngx_http_pintag_loc_conf_t *plcf)
{
    ngx_http_pintag_destination_t  *destination, *conflict;

    destination = ngx_pcalloc(cf->pool, sizeof(ngx_http_pintag_destination_t));
    if (destination == NULL) {
        return NULL;
    }

    destination->main_conf = ngx_http_conf_get_module_main_conf(cf,
                                                      ngx_http_pintag_module);
    destination->server = ngx_http_conf_get_module_srv_conf(cf,
                                                        ngx_http_core_module);
    destination->plcf = plcf;
    destination->transport = NGX_HTTP_PINTAG_FALLBACK;
    destination->window = plcf->api_window;
    destination->batch_events = plcf->batch_events;
    destination->batch_size = plcf->batch_size;
    destination->uri = plcf->fallback_uri;
    destination->expect = plcf->fallback_expect;

    /* it is in no spool, its key is for the counters alone */

    if (ngx_http_pintag_registry_concat(cf, &destination->label, NULL,
                                        "the fallback ", &destination->uri, "")
        != NGX_OK
        || ngx_http_pintag_registry_concat(cf, &destination->key,
                                           &destination->server->server_name,
                                           ":fallback:", &destination->uri,
                                           "")
           != NGX_OK)
    {
        return NULL;
    }

    conflict = NULL;
    destination = ngx_http_pintag_registry_push(cf, destination, &conflict);

    /* the values of the location that was read first do for both */

    return destination ? destination : conflict;
}


ngx_http_pintag_destination_t *
ngx_http_pintag_registry_find(ngx_http_pintag_main_conf_t *pmcf,
    ngx_str_t *key)
{
    ngx_uint_t                       i, n;
    ngx_http_pintag_destination_t  **elt, *found;

    elt = pmcf->destinations.elts;
    found = NULL;
    n = 0;

    for (i = 0; i < pmcf->destinations.nelts; i++) {

        if (elt[i]->kind == 0 || key->len < elt[i]->kind
            || ngx_memcmp(key->data, elt[i]->key.data, elt[i]->kind) != 0)
        {
            continue;
        }

        if (ngx_http_pintag_str_eq(key, &elt[i]->key)) {
            return elt[i];
        }

        found = elt[i];
        n++;
    }

    return (n == 1) ? found : NULL;
}
