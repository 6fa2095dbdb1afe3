
/*
 * Copyright (C) the ngx_http_pintag_module authors
 */


#include "ngx_http_pintag_map.h"
#include "ngx_http_pintag_destination.h"
#include "ngx_http_pintag_metrics.h"
#include "ngx_http_pintag_variables.h"

#include "core/capi.h"
#include "core/conversion.h"
#include "core/event.h"
#include "core/pii.h"
#include "core/tag.h"
#include "core/write_key.h"


typedef struct {
    ngx_http_request_t              *request;
    ngx_http_pintag_loc_conf_t      *plcf;
    pintag_client_t                 *client;
    pintag_body_t                   *body;
    pintag_event_t                  *event;       /* the one being mapped */
    pintag_event_type_e              type;        /* that the path tells */
    ngx_http_pintag_intake_t        *intake;
    ngx_http_pintag_mapped_t        *mapped;

    unsigned                         skip:1;      /* pintag_skip */
} ngx_http_pintag_mapping_t;


static ngx_int_t ngx_http_pintag_map_event(
    ngx_http_pintag_mapping_t *mapping, ngx_uint_t index);
static ngx_int_t ngx_http_pintag_map_message_id(
    ngx_http_pintag_mapping_t *mapping, ngx_uint_t index);
static ngx_int_t ngx_http_pintag_map_unreadable(
    ngx_http_pintag_mapping_t *mapping, ngx_uint_t index);
static ngx_int_t ngx_http_pintag_map_none(
    ngx_http_pintag_mapping_t *mapping, ngx_uint_t index,
    pintag_verdict_e verdict, const char *reason);
static void ngx_http_pintag_map_count_event(
    ngx_http_pintag_mapping_t *mapping, pintag_event_type_e type);
static void ngx_http_pintag_map_count(ngx_http_pintag_mapping_t *mapping,
    ngx_http_pintag_destination_t *destination, pintag_verdict_e verdict,
    const char *reason);
static ngx_int_t ngx_http_pintag_map_entry(
    ngx_http_pintag_mapping_t *mapping, ngx_uint_t i, ngx_uint_t index);
static ngx_int_t ngx_http_pintag_map_tag(ngx_http_pintag_mapping_t *mapping,
    pintag_conversion_t *conversion, pintag_integration_t *integration,
    ngx_http_pintag_destination_t *destination, ngx_uint_t index);
static ngx_int_t ngx_http_pintag_map_api(ngx_http_pintag_mapping_t *mapping,
    pintag_conversion_t *conversion,
    ngx_http_pintag_destination_t *destination, ngx_uint_t index);
static ngx_int_t ngx_http_pintag_map_settle(
    ngx_http_pintag_mapping_t *mapping, ngx_uint_t index,
    pintag_verdict_e verdict, const char *reason);
static void ngx_http_pintag_map_truncated(ngx_http_pintag_mapping_t *mapping,
    ngx_uint_t index, ngx_uint_t n, char *what, size_t max);
static ngx_http_pintag_encoded_t *ngx_http_pintag_map_push(
    ngx_http_pintag_mapping_t *mapping,
    ngx_http_pintag_destination_t *destination, ngx_uint_t index,
    size_t start);
static size_t ngx_http_pintag_map_add(pintag_buf_t *bytes, pintag_str_t text);
static u_char *ngx_http_pintag_map_slice(ngx_str_t *slice, u_char *p,
    size_t len);


ngx_int_t
ngx_http_pintag_map(ngx_http_request_t *r, pintag_body_t *body,
    pintag_client_t *client, ngx_http_pintag_intake_t *intake,
    ngx_http_pintag_mapped_t *mapped)
{
    ngx_uint_t                  i;
    pintag_str_t                path;
    ngx_http_pintag_mapping_t   mapping;

    ngx_memzero(mapped, sizeof(ngx_http_pintag_mapped_t));
    ngx_memzero(&mapping, sizeof(ngx_http_pintag_mapping_t));

    mapping.request = r;
    mapping.plcf = ngx_http_get_module_loc_conf(r, ngx_http_pintag_module);
    mapping.client = client;
    mapping.body = body;
    mapping.intake = intake;
    mapping.mapped = mapped;

    path.data = r->uri.data;
    path.len = r->uri.len;

    mapping.type = pintag_event_path_type(path);

    mapped->events.n = body->n;
    mapped->events.elts = ngx_pcalloc(r->pool, body->n
                                      * sizeof(ngx_http_pintag_event_t));

    if (mapped->events.elts == NULL) {
        return NGX_ERROR;
    }

    mapping.event = mapping.plcf->event;
    pintag_event_begin(mapping.event, body->max_depth, &intake->arena);

    mapped->bytes = &intake->bytes;

    switch (ngx_http_test_predicates(r, mapping.plcf->skip)) {

    case NGX_OK:
        break;

    case NGX_DECLINED:
        mapping.skip = 1;
        break;

    default: /* NGX_ERROR */
        return NGX_ERROR;
    }

    mapped->unauthorized = mapping.plcf->write_keys
                           && !pintag_write_key_allowed(
                                  body->envelope.write_key, client,
                                  mapping.plcf->write_keys);

    for (i = 0; i < body->n; i++) {
        if (ngx_http_pintag_map_event(&mapping, i) != NGX_OK) {
            return NGX_ERROR;
        }
    }

    return mapped->bytes->failed ? NGX_ERROR : NGX_OK;
}


static ngx_int_t
ngx_http_pintag_map_event(ngx_http_pintag_mapping_t *mapping, ngx_uint_t index)
{
    size_t                      i;
    const char                 *reason;
    pintag_verdict_e            verdict;
    const pintag_json_t        *value;

    value = mapping->body->events[index].value;

    if (value == NULL) {
        return ngx_http_pintag_map_unreadable(mapping, index);
    }

    reason = NULL;

    verdict = pintag_event_read(mapping->event, value,
                                &mapping->body->envelope, mapping->type,
                                &reason);

    ngx_http_pintag_map_count_event(mapping, mapping->event->root.object
                                             ? mapping->event->type
                                             : PINTAG_TYPE_NONE);

    if (ngx_http_pintag_map_message_id(mapping, index) != NGX_OK) {
        return NGX_ERROR;
    }

    if (mapping->plcf->write_keys && mapping->event->root.object) {

        if (!pintag_write_key_allowed(
                mapping->event->root.members[PINTAG_NAME_WRITE_KEY].value,
                mapping->client, mapping->plcf->write_keys))
        {
            return ngx_http_pintag_map_none(mapping, index, PINTAG_REJECTED,
                                            "invalid_write_key");
        }

        mapping->mapped->unauthorized = 0;
    }

    if (verdict != PINTAG_OK) {
        return ngx_http_pintag_map_none(mapping, index, verdict, reason);
    }

    if (mapping->skip) {
        return ngx_http_pintag_map_none(mapping, index, PINTAG_SKIPPED,
                                        "condition");
    }

    for (i = 0; i < mapping->plcf->integrations->n; i++) {
        if (ngx_http_pintag_map_entry(mapping, i, index) != NGX_OK) {
            return NGX_ERROR;
        }
    }

    return NGX_OK;
}


/* it is told of after the body is gone */

static ngx_int_t
ngx_http_pintag_map_message_id(ngx_http_pintag_mapping_t *mapping,
    ngx_uint_t index)
{
    int            rc;
    u_char        *p;
    pintag_str_t  *id, *copy;

    id = &mapping->event->message_id;

    if (id->len == 0) {
        return NGX_OK;
    }

    /* answers are logged by those who get them */

    rc = pintag_pii_email(*id, &mapping->intake->scratch);

    if (rc != 0) {
        return (rc == 1) ? NGX_OK : NGX_ERROR;
    }

    p = ngx_pnalloc(mapping->request->pool, id->len);
    if (p == NULL) {
        return NGX_ERROR;
    }

    ngx_memcpy(p, id->data, id->len);

    copy = &mapping->mapped->events.elts[index].message_id;
    copy->data = p;
    copy->len = id->len;

    return NGX_OK;
}


/* and so is what is wrong with a line */

static ngx_int_t
ngx_http_pintag_map_unreadable(ngx_http_pintag_mapping_t *mapping,
    ngx_uint_t index)
{
    pintag_body_error_t       *error;
    ngx_http_pintag_events_t  *events;

    error = ngx_palloc(mapping->request->pool, sizeof(pintag_body_error_t));
    if (error == NULL) {
        return NGX_ERROR;
    }

    *error = mapping->body->events[index].error;

    events = &mapping->mapped->events;
    events->elts[index].error = error;

    ngx_http_pintag_map_count_event(mapping, PINTAG_TYPE_NONE);

    return ngx_http_pintag_map_none(mapping, index, PINTAG_REJECTED,
                                    error->error);
}


/* it makes no delivery for any destination */

static ngx_int_t
ngx_http_pintag_map_none(ngx_http_pintag_mapping_t *mapping, ngx_uint_t index,
    pintag_verdict_e verdict, const char *reason)
{
    size_t  i;

    for (i = 0; i < mapping->plcf->integrations->n; i++) {
        ngx_http_pintag_map_count(mapping, mapping->plcf->entries[i].tag,
                                  verdict, reason);
        ngx_http_pintag_map_count(mapping, mapping->plcf->entries[i].api,
                                  verdict, reason);
    }

    return ngx_http_pintag_map_settle(mapping, index, verdict, reason);
}


static void
ngx_http_pintag_map_count_event(ngx_http_pintag_mapping_t *mapping,
    pintag_event_type_e type)
{
    if (!mapping->plcf->preview) {
        ngx_http_pintag_count_event(
                      ngx_http_get_module_main_conf(mapping->request,
                                                    ngx_http_pintag_module),
                      type);
    }
}


static void
ngx_http_pintag_map_count(ngx_http_pintag_mapping_t *mapping,
    ngx_http_pintag_destination_t *destination, pintag_verdict_e verdict,
    const char *reason)
{
    if (destination && !mapping->plcf->preview
        && verdict != PINTAG_NO_MEMORY)
    {
        ngx_http_pintag_count_none(destination,
                                   verdict == PINTAG_SKIPPED
                                   ? NGX_HTTP_PINTAG_COUNT_SKIPPED
                                   : NGX_HTTP_PINTAG_COUNT_REJECTED, reason);
    }
}


static ngx_int_t
ngx_http_pintag_map_entry(ngx_http_pintag_mapping_t *mapping, ngx_uint_t i,
    ngx_uint_t index)
{
    size_t                    k, n;
    const char               *reason;
    pintag_verdict_e          verdict;
    pintag_conversion_t      *conversions;
    pintag_integration_t     *integration;
    ngx_http_pintag_entry_t  *entry;

    entry = &mapping->plcf->entries[i];
    integration = &mapping->plcf->integrations->elts[i];

    if (entry->tag == NULL && entry->api == NULL) {
        return ngx_http_pintag_map_settle(mapping, index, PINTAG_SKIPPED,
                                          "test_mode");
    }

    pintag_arena_reset(&mapping->intake->scratch);

    verdict = pintag_convert(mapping->event, integration, mapping->client,
                             &mapping->intake->scratch, &conversions, &n,
                             &reason);

    if (verdict != PINTAG_OK) {
        ngx_http_pintag_map_count(mapping, entry->tag, verdict, reason);
        ngx_http_pintag_map_count(mapping, entry->api, verdict, reason);

        return ngx_http_pintag_map_settle(mapping, index, verdict, reason);
    }

    for (k = 0; k < n; k++) {

        /* of what several entries send it once */

        if (i == 0) {
            ngx_http_pintag_variables_name(mapping->request,
                                           conversions[k].name.len
                                           ? conversions[k].name
                                           : conversions[k].capi_name);
        }

        if (entry->tag
            && ngx_http_pintag_map_tag(mapping, &conversions[k], integration,
                                       entry->tag, index)
               != NGX_OK)
        {
            return NGX_ERROR;
        }

        if (entry->api
            && ngx_http_pintag_map_api(mapping, &conversions[k], entry->api,
                                       index)
               != NGX_OK)
        {
            return NGX_ERROR;
        }
    }

    return NGX_OK;
}


static ngx_int_t
ngx_http_pintag_map_tag(ngx_http_pintag_mapping_t *mapping,
    pintag_conversion_t *conversion, pintag_integration_t *integration,
    ngx_http_pintag_destination_t *destination, ngx_uint_t index)
{
    size_t                      start;
    unsigned                    truncated;
    const char                 *reason;
    pintag_buf_t               *bytes;
    pintag_verdict_e            verdict;
    ngx_http_pintag_encoded_t  *encoded;

    bytes = mapping->mapped->bytes;
    start = bytes->len;

    verdict = pintag_tag_query(conversion, integration->tag_id, bytes,
                               &truncated, &reason);

    if (verdict != PINTAG_OK) {
        ngx_http_pintag_map_count(mapping, destination, verdict, reason);

        return ngx_http_pintag_map_settle(mapping, index, verdict, reason);
    }

    if (truncated) {
        ngx_http_pintag_map_truncated(mapping, index, truncated, "query",
                                      PINTAG_TAG_MAX_QUERY);
    }

    encoded = ngx_http_pintag_map_push(mapping, destination, index, start);
    if (encoded == NULL) {
        return NGX_ERROR;
    }

    encoded->user_agent = ngx_http_pintag_map_add(bytes,
                                              conversion->visitor.user_agent);
    encoded->page_url = ngx_http_pintag_map_add(bytes,
                                                conversion->visitor.page_url);

    if (integration->forward_address) {
        encoded->address = ngx_http_pintag_map_add(bytes,
                                                 conversion->visitor.address);
    }

    encoded->event_id = ngx_http_pintag_map_add(bytes, conversion->event_id);

    return NGX_OK;
}


static ngx_int_t
ngx_http_pintag_map_api(ngx_http_pintag_mapping_t *mapping,
    pintag_conversion_t *conversion,
    ngx_http_pintag_destination_t *destination, ngx_uint_t index)
{
    size_t                      start, max;
    unsigned                    truncated;
    const char                 *reason;
    pintag_buf_t               *bytes;
    pintag_verdict_e            verdict;
    ngx_http_pintag_encoded_t  *encoded;

    bytes = mapping->mapped->bytes;
    start = bytes->len;
    max = mapping->plcf->max_event;

    verdict = pintag_capi_event(conversion, max, bytes, &truncated, &reason);

    if (verdict != PINTAG_OK) {
        ngx_http_pintag_map_count(mapping, destination, verdict, reason);

        return ngx_http_pintag_map_settle(mapping, index, verdict, reason);
    }

    if (truncated) {
        ngx_http_pintag_map_truncated(mapping, index, truncated,
                                      "JSON object", max);
    }

    encoded = ngx_http_pintag_map_push(mapping, destination, index, start);
    if (encoded == NULL) {
        return NGX_ERROR;
    }

    encoded->event_id = ngx_http_pintag_map_add(bytes, conversion->event_id);

    return NGX_OK;
}


/* of what makes no delivery */

static ngx_int_t
ngx_http_pintag_map_settle(ngx_http_pintag_mapping_t *mapping,
    ngx_uint_t index, pintag_verdict_e verdict, const char *reason)
{
    ngx_http_pintag_events_t  *events;

    events = &mapping->mapped->events;

    switch (verdict) {

    case PINTAG_SKIPPED:
        ngx_http_pintag_event_settle(events, index,
                                     NGX_HTTP_PINTAG_EVENT_SKIPPED, reason);
        return NGX_OK;

    case PINTAG_REJECTED:
        ngx_http_pintag_event_settle(events, index,
                                     NGX_HTTP_PINTAG_EVENT_REJECTED, reason);
        return NGX_OK;

    default: /* PINTAG_NO_MEMORY */
        return NGX_ERROR;
    }
}


static void
ngx_http_pintag_map_truncated(ngx_http_pintag_mapping_t *mapping,
    ngx_uint_t index, ngx_uint_t n, char *what, size_t max)
{
    ngx_http_pintag_loc_conf_t  *plcf;

    plcf = mapping->plcf;
    mapping->mapped->events.truncated += n;

    /* the log of the client's connection would add who it is */

    ngx_log_error(NGX_LOG_WARN, ngx_cycle->log, 0,
                  "pintag_pass \"%V\" in %s:%ui left out %ui values of event "
                  "%ui of a request: its %s would be longer than %uz bytes",
                  &plcf->pass, plcf->pass_file, plcf->pass_line, n, index,
                  what, max);
}


/* what was encoded from "start" on is the payload of a delivery */

static ngx_http_pintag_encoded_t *
ngx_http_pintag_map_push(ngx_http_pintag_mapping_t *mapping,
    ngx_http_pintag_destination_t *destination, ngx_uint_t index, size_t start)
{
    ngx_uint_t                  max;
    ngx_http_pintag_mapped_t   *mapped;
    ngx_http_pintag_encoded_t  *encoded;

    mapped = mapping->mapped;

    if (mapped->n == mapped->max) {
        max = ngx_max(2 * mapped->max, mapping->body->n);

        encoded = pintag_arena_alloc(&mapping->intake->arena,
                                     max * sizeof(ngx_http_pintag_encoded_t));
        if (encoded == NULL) {
            return NULL;
        }

        if (mapped->n) {
            ngx_memcpy(encoded, mapped->encoded,
                       mapped->n * sizeof(ngx_http_pintag_encoded_t));
        }

        mapped->encoded = encoded;
        mapped->max = max;
    }

    encoded = &mapped->encoded[mapped->n++];

    ngx_memzero(encoded, sizeof(ngx_http_pintag_encoded_t));

    encoded->destination = destination;
    encoded->event = index;
    encoded->start = start;
    encoded->payload = mapped->bytes->len - start;

    return encoded;
}


static size_t
ngx_http_pintag_map_add(pintag_buf_t *bytes, pintag_str_t text)
{
    pintag_buf_add_str(bytes, text);

    return text.len;
}


void
ngx_http_pintag_map_delivery(ngx_http_pintag_encoded_t *encoded, u_char *bytes,
    ngx_http_pintag_delivery_t *delivery)
{
    u_char  *p;

    delivery->destination = encoded->destination;
    delivery->event = encoded->event;

    p = bytes + encoded->start;

    p = ngx_http_pintag_map_slice(&delivery->payload, p, encoded->payload);
    p = ngx_http_pintag_map_slice(&delivery->headers.user_agent, p,
                                  encoded->user_agent);
    p = ngx_http_pintag_map_slice(&delivery->headers.page_url, p,
                                  encoded->page_url);
    p = ngx_http_pintag_map_slice(&delivery->headers.address, p,
                                  encoded->address);
    (void) ngx_http_pintag_map_slice(&delivery->event_id, p,
                                     encoded->event_id);
}


static u_char *
ngx_http_pintag_map_slice(ngx_str_t *slice, u_char *p, size_t len)
{
    slice->data = p;
    slice->len = len;

    return p + len;
}
