
/*
 * Copyright (C) the ngx_http_pintag_module authors
 */


#include <string.h>

#include "conversion.h"
#include "conversion_data.h"


static void pintag_convert_page(pintag_data_t *data, pintag_conversion_t *c);
static void pintag_convert_named(pintag_data_t *data,
    pintag_conversion_t *c);
static size_t pintag_convert_rows(pintag_data_t *data, int first,
    const pintag_conversion_t *common, pintag_conversion_t *list);
static void pintag_convert_mapped(pintag_data_t *data,
    const pintag_mapping_t *row, pintag_conversion_t *c);


pintag_verdict_e
pintag_convert(const pintag_event_t *event,
    const pintag_integration_t *integration, const pintag_client_t *client,
    pintag_arena_t *arena,
    pintag_conversion_t **conversions, size_t *n, const char **reason)
{
    int                   first, row;
    size_t                nrows;
    pintag_data_t         data;
    pintag_conversion_t   common, *list;

    (void) client;

    memset(&data, 0, sizeof(pintag_data_t));
    memset(&common, 0, sizeof(pintag_conversion_t));

    data.event = event;
    data.integration = integration;
    data.properties = event->properties.members;
    data.arena = arena;

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
            nrows = pintag_convert_rows(&data, first, &common, list);

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

    if (nrows == 0) {
        *reason = "no_tag_event";
        return PINTAG_SKIPPED;
    }

    *conversions = list;
    *n = nrows;

    return PINTAG_OK;
}


static void
pintag_convert_page(pintag_data_t *data, pintag_conversion_t *c)
{
    c->kind = PINTAG_CONVERSION_PAGE;
    c->pinterest = PINTAG_EVENT_PAGE_VISIT;
    c->name = pintag_pinterest_events[PINTAG_EVENT_PAGE_VISIT].tag;

    pintag_data_event_id(data, c);
}


/* a track that no row of customEventsMapping maps */

static void
pintag_convert_named(pintag_data_t *data, pintag_conversion_t *c)
{
    pintag_str_t              name;
    pintag_pinterest_event_e  pinterest;

    pinterest = pintag_standard_event(data->event->name,
                                      data->integration->extended);

    if (pinterest == PINTAG_EVENT_NONE) {
        pinterest = pintag_pinterest_event(data->event->name);

        /* MetaRouter's page lists those up to Lead as events of track() */

        if (pinterest > PINTAG_EVENT_LEAD) {
            pinterest = PINTAG_EVENT_NONE;
        }
    }

    if (pinterest != PINTAG_EVENT_NONE) {
        c->kind = PINTAG_CONVERSION_STANDARD;
        c->pinterest = pinterest;
        c->name = pintag_pinterest_events[pinterest].tag;

        pintag_data_add(data, PINTAG_VALUE_UNSET, c);
        return;
    }

    name = pintag_str_concatenate(data->event->name, data->arena);
    if (name.data == NULL) {
        data->no_memory = 1;
        return;
    }

    if (data->integration->partner_defined) {
        c->name = name;
        pinterest = pintag_pinterest_event(name);

    } else {
        c->name = pintag_pinterest_events[PINTAG_EVENT_CUSTOM].tag;
        pinterest = PINTAG_EVENT_CUSTOM;
    }

    c->pinterest = pinterest;

    if (pinterest == PINTAG_EVENT_NONE || pinterest == PINTAG_EVENT_CUSTOM) {
        c->kind = PINTAG_CONVERSION_CUSTOM;
    }

    if (pinterest == PINTAG_EVENT_CUSTOM) {
        c->custom_event_name = name;
    }

    pintag_data_add(data, PINTAG_VALUE_UNSET, c);
}


static size_t
pintag_convert_rows(pintag_data_t *data, int first,
    const pintag_conversion_t *common, pintag_conversion_t *list)
{
    int                          row;
    size_t                       n;
    const pintag_mapping_t      *mapping;
    const pintag_integration_t  *integration;

    integration = data->integration;
    n = 0;

    for (row = first; row >= 0; row = integration->mapped.elts[row].next) {
        mapping = &integration->mappings[row];

        if (mapping->pinterest != PINTAG_EVENT_NONE
            && pintag_pinterest_events[mapping->pinterest].tag.len == 0)
        {
            continue;
        }

        list[n] = *common;
        pintag_convert_mapped(data, mapping, &list[n]);
        n++;
    }

    return n;
}


static void
pintag_convert_mapped(pintag_data_t *data, const pintag_mapping_t *row,
    pintag_conversion_t *c)
{
    c->name = row->mapping;
    c->pinterest = row->pinterest;

    if (row->pinterest == PINTAG_EVENT_NONE) {
        c->kind = PINTAG_CONVERSION_CUSTOM;

    } else if (row->pinterest == PINTAG_EVENT_CUSTOM) {
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
