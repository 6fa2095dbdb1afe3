
/*
 * Copyright (C) the ngx_http_pintag_module authors
 */


#include <string.h>

#include "conversion.h"
#include "conversion_data.h"
#include "event_id.h"
#include "identity.h"
#include "privacy.h"
#include "property.h"


static int pintag_convert_personal(pintag_str_t name, pintag_arena_t *arena);
static int pintag_convert_visitor(pintag_data_t *data,
    const pintag_client_t *client, pintag_conversion_t *c);
static int pintag_convert_region(pintag_data_t *data, pintag_str_t configured,
    int id, pintag_str_t *hash);
static void pintag_convert_page(pintag_data_t *data, pintag_conversion_t *c);
static void pintag_convert_named(pintag_data_t *data, pintag_conversion_t *c);
static void pintag_convert_pinterest(pintag_pinterest_event_e pinterest,
    pintag_conversion_t *c);
static void pintag_convert_rows(pintag_data_t *data, int first,
    const pintag_conversion_t *common, pintag_conversion_t *list);
static void pintag_convert_mapped(pintag_data_t *data,
    const pintag_mapping_t *row, pintag_conversion_t *c);


pintag_verdict_e
pintag_convert(const pintag_event_t *event,
    const pintag_integration_t *integration, const pintag_client_t *client,
    pintag_arena_t *arena,
    pintag_conversion_t **conversions, size_t *n, const char **reason)
{
    int                   rc, first, row;
    size_t                nrows;
    pintag_capi_t        *capi;
    pintag_data_t         data;
    pintag_conversion_t   common, *list;

    switch (pintag_privacy_skip(event, integration, client, reason)) {

    case 0:
        break;

    case 1:
        return PINTAG_SKIPPED;

    default:
        return PINTAG_NO_MEMORY;
    }

    memset(&data, 0, sizeof(pintag_data_t));
    memset(&common, 0, sizeof(pintag_conversion_t));

    data.event = event;
    data.integration = integration;
    data.arena = arena;

    if (event->type == PINTAG_TYPE_TRACK) {

        if (integration->pii.page_only) {
            data.scope = PINTAG_PII_STRICT;
        }

        rc = pintag_convert_personal(event->name, arena);

        if (rc == 1) {
            *reason = "pii_in_name";
            return PINTAG_REJECTED;
        }

        if (rc == -1) {
            return PINTAG_NO_MEMORY;
        }
    }

    if (!pintag_convert_visitor(&data, client, &common)) {
        return PINTAG_NO_MEMORY;
    }

    if (integration->ad_account_id.len) {
        capi = pintag_arena_alloc(arena, sizeof(pintag_capi_t));

        if (capi == NULL || !pintag_data_capi(&data, client, capi)) {
            return PINTAG_NO_MEMORY;
        }

        common.capi = capi;
    }

    first = -1;
    nrows = 0;

    if (event->type == PINTAG_TYPE_TRACK && integration->nmappings) {
        first = pintag_names_find(&integration->mapped, event->name);
    }

    for (row = first; row >= 0; row = integration->mapped.elts[row].next) {
        nrows++;
    }

    list = pintag_arena_alloc(arena,
                           (nrows ? nrows : 1) * sizeof(pintag_conversion_t));
    if (list == NULL) {
        return PINTAG_NO_MEMORY;
    }

    if (event->type == PINTAG_TYPE_TRACK) {
        pintag_data_common(&data, &common);

        if (nrows) {
            pintag_convert_rows(&data, first, &common, list);

        } else {
            nrows = 1;
            list[0] = common;
            pintag_convert_named(&data, &list[0]);
        }

    } else {
        nrows = 1;
        list[0] = common;
        pintag_convert_page(&data, &list[0]);
    }

    if (data.no_memory) {
        return PINTAG_NO_MEMORY;
    }

    *conversions = list;
    *n = nrows;

    return PINTAG_OK;
}


/*
 * Does the name hold an address, or will it once its white space is gone, as
 * that of a custom event?  1, 0, or -1 without memory.
 */

static int
pintag_convert_personal(pintag_str_t name, pintag_arena_t *arena)
{
    int           rc;
    pintag_str_t  joined;

    rc = pintag_pii_email(name, arena);

    if (rc != 0 || name.len == 0
        || (memchr(name.data, '@', name.len) == NULL
            && memchr(name.data, '%', name.len) == NULL))
    {
        return rc;
    }

    joined = pintag_str_concatenate(name, arena);

    return joined.data ? pintag_pii_email(joined, arena) : -1;
}


/* 1, or 0 without memory */

static int
pintag_convert_visitor(pintag_data_t *data, const pintag_client_t *client,
    pintag_conversion_t *c)
{
    const pintag_event_t        *event;
    const pintag_integration_t  *integration;

    event = data->event;
    integration = data->integration;

    if (!pintag_visitor_read(event, integration, client, data->arena,
                             &c->visitor))
    {
        return 0;
    }

    if (pintag_event_id(event, integration, &c->visitor, data->arena,
                        &c->event_id)
        == -1)
    {
        return 0;
    }

    if (integration->tag_id.len && integration->enhanced_match
        && (event->type == PINTAG_TYPE_TRACK
            || integration->enhanced_match_page)
        && pintag_identity_email(event, data->arena, &c->em) == -1)
    {
        return 0;
    }

    c->limited = pintag_privacy_limited(event, integration, client);

    return !c->limited
           || (pintag_convert_region(data, integration->limited_state,
                                     PINTAG_NAME_STATE, &c->st)
               != -1
               && pintag_convert_region(data, integration->limited_country,
                                        PINTAG_NAME_COUNTRY, &c->country)
                  != -1);
}


static int
pintag_convert_region(pintag_data_t *data, pintag_str_t configured, int id,
    pintag_str_t *hash)
{
    if (configured.len) {
        return pintag_identity_region_hash(data->event, configured,
                                           data->arena, hash);
    }

    return pintag_identity_region(data->event, id, data->arena, hash);
}


static void
pintag_convert_page(pintag_data_t *data, pintag_conversion_t *c)
{
    c->kind = PINTAG_CONVERSION_PAGE;
    pintag_convert_pinterest(PINTAG_EVENT_PAGE_VISIT, c);

    pintag_data_add_page(data, c);
}


/* a track that no row of customEventsMapping maps */

static void
pintag_convert_named(pintag_data_t *data, pintag_conversion_t *c)
{
    unsigned                  extended;
    pintag_str_t              name;
    pintag_pinterest_event_e  pinterest;

    extended = data->integration->extended;

    pinterest = pintag_standard_event(data->event->name, extended);

    if (pinterest == PINTAG_EVENT_NONE) {
        pinterest = pintag_pinterest_event(data->event->name);

        /* MetaRouter's page lists those up to Lead as events of track() */

        if (pinterest == PINTAG_EVENT_CUSTOM
            || (pinterest > PINTAG_EVENT_LEAD && !extended))
        {
            pinterest = PINTAG_EVENT_NONE;
        }
    }

    if (pinterest != PINTAG_EVENT_NONE) {
        c->kind = PINTAG_CONVERSION_STANDARD;
        pintag_convert_pinterest(pinterest, c);

        pintag_data_add(data, PINTAG_VALUE_UNSET, c);
        return;
    }

    name = pintag_str_concatenate(data->event->name, data->arena);
    if (name.data == NULL) {
        data->no_memory = 1;
        return;
    }

    if (data->integration->partner_defined) {
        c->pinterest = pintag_pinterest_event(name);
        c->name = name;

        if (c->capi) {
            c->capi_name = name;
        }

    } else {
        pintag_convert_pinterest(PINTAG_EVENT_CUSTOM, c);
    }

    if (c->pinterest == PINTAG_EVENT_NONE
        || c->pinterest == PINTAG_EVENT_CUSTOM)
    {
        c->kind = PINTAG_CONVERSION_CUSTOM;
    }

    if (c->pinterest == PINTAG_EVENT_CUSTOM) {
        c->custom_event_name = name;
    }

    pintag_data_add(data, PINTAG_VALUE_UNSET, c);
}


/* under Pinterest's own names, as far as it has them */

static void
pintag_convert_pinterest(pintag_pinterest_event_e pinterest,
    pintag_conversion_t *c)
{
    const pintag_pinterest_event_t  *event;

    event = &pintag_pinterest_events[pinterest];

    c->pinterest = pinterest;

    if (event->tag.len) {
        c->name = event->tag;
    }

    if (c->capi) {
        c->capi_name = event->capi;
    }
}


static void
pintag_convert_rows(pintag_data_t *data, int first,
    const pintag_conversion_t *common, pintag_conversion_t *list)
{
    int                          row;
    const pintag_integration_t  *integration;

    integration = data->integration;

    for (row = first; row >= 0; row = integration->mapped.elts[row].next) {
        *list = *common;
        pintag_convert_mapped(data, &integration->mappings[row], list);
        list++;
    }
}


static void
pintag_convert_mapped(pintag_data_t *data, const pintag_mapping_t *row,
    pintag_conversion_t *c)
{
    if (row->pinterest == PINTAG_EVENT_NONE) {
        c->kind = PINTAG_CONVERSION_CUSTOM;
        c->pinterest = PINTAG_EVENT_NONE;
        c->name = row->mapping;

        if (c->capi) {
            c->capi_name = row->mapping;
        }

    } else {
        pintag_convert_pinterest(row->pinterest, c);

        /* on the Tag as written, where that has it */

        if (c->name.data) {
            c->name = row->mapping;
        }
    }

    if (row->pinterest == PINTAG_EVENT_CUSTOM) {
        c->kind = PINTAG_CONVERSION_CUSTOM;
        c->custom_event_name = pintag_str_concatenate(data->event->name,
                                                      data->arena);
        if (c->custom_event_name.data == NULL) {
            data->no_memory = 1;
            return;
        }
    }

    pintag_data_add(data, row->value_name, c);
}
