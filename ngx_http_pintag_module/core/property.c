
/*
 * Copyright (C) the ngx_http_pintag_module authors
 */


#include <stddef.h>
#include <string.h>

#include "property.h"
#include "tag.h"


static unsigned pintag_property_controlled(const pintag_member_t *properties);
static int pintag_property_member(pintag_data_t *data,
    pintag_property_t *property, pintag_str_t name, const pintag_json_t *value,
    unsigned person);
static int pintag_property_read(pintag_data_t *data,
    pintag_property_t *property, pintag_str_t key, const pintag_json_t *value,
    unsigned person);
static unsigned pintag_property_left(pintag_data_t *data);
static void pintag_property_take(pintag_data_t *data,
    const pintag_property_t *property);
static int pintag_property_children(pintag_data_t *data,
    pintag_property_t *parent, pintag_str_t key,
    const pintag_json_t *container, unsigned person);


/* what a standard conversion sends under names that a list may repeat */

static const struct {
    pintag_name_id_e  id;
    size_t            offset;
} pintag_property_fields[] = {
    { PINTAG_NAME_VALUE, offsetof(pintag_conversion_t, value) },
    { PINTAG_NAME_ORDER_QUANTITY,
      offsetof(pintag_conversion_t, order_quantity) },
    { PINTAG_NAME_CURRENCY, offsetof(pintag_conversion_t, currency) },
    { PINTAG_NAME_ORDER_ID, offsetof(pintag_conversion_t, order_id) },
    { PINTAG_NAME_PROMO_CODE, offsetof(pintag_conversion_t, promo_code) },
    { PINTAG_NAME_PROPERTY, offsetof(pintag_conversion_t, property) },
    { PINTAG_NAME_SEARCH_QUERY, offsetof(pintag_conversion_t, search_query) },
    { PINTAG_NAME_VIDEO_TITLE, offsetof(pintag_conversion_t, video_title) },
    { PINTAG_NAME_LEAD_TYPE, offsetof(pintag_conversion_t, lead_type) },
    { PINTAG_NAME_EVENT_ID, offsetof(pintag_conversion_t, event_id) }
};

#define PINTAG_PROPERTY_NFIELDS                                               \
    (sizeof(pintag_property_fields) / sizeof(pintag_property_fields[0]))


unsigned
pintag_property_add_all(pintag_data_t *data, pintag_conversion_t *conversion)
{
    int                    id, rc;
    size_t                 n;
    unsigned               valued, controlled;
    pintag_property_t     *property, **last;
    pintag_json_iter_t     it;
    const pintag_event_t  *event;

    static const pintag_str_t  custom = pintag_str("custom_event_name");

    event = data->event;
    n = pintag_json_size(event->properties.object);

    if (n == 0) {
        return 1;
    }

    property = pintag_arena_alloc(data->arena, n * sizeof(pintag_property_t));
    if (property == NULL) {
        return 0;
    }

    valued = conversion->value.data != NULL;
    controlled = pintag_property_controlled(event->properties.members);

    data->room = PINTAG_TAG_MAX_QUERY;
    data->nleft = 0;
    data->full = 0;

    last = &conversion->properties;

    pintag_json_each(event->properties.object, &it);

    while (pintag_json_next(&it)) {

        if (valued || controlled) {
            id = pintag_names_find(event->names, it.key);

            if (pintag_name_is_control(id)
                || (valued && id == PINTAG_NAME_VALUE))
            {
                continue;
            }
        }

        if (conversion->custom_event_name.data
            && pintag_str_eq(it.key, custom))
        {
            continue;
        }

        data->kept = pintag_tag_keeps(it.key) & 1;

        rc = pintag_property_member(data, property, it.key, it.value, 0);

        if (rc == -1) {
            return 0;
        }

        if (rc == 1) {
            *last = property;
            last = &property->next;
            property++;
        }
    }

    conversion->nleft = data->nleft;

    return 1;
}


/*
 * Most events have no control property, so that their properties need not be
 * looked up again one by one.
 */

static unsigned
pintag_property_controlled(const pintag_member_t *properties)
{
    int  id;

    for (id = PINTAG_NAME_EVENT_ID; id <= PINTAG_NAME_ACTION_SOURCE; id++) {
        if (properties[id].value) {
            return 1;
        }
    }

    return 0;
}


unsigned
pintag_property_add_listed(pintag_data_t *data,
    pintag_conversion_t *conversion)
{
    int                              id, rc;
    size_t                           i;
    unsigned char                   *sent;
    pintag_arena_t                  *arena;
    const pintag_str_t              *field;
    pintag_property_t               *property, **last;
    const pintag_event_t            *event;
    const pintag_member_t           *member;
    const pintag_integration_t      *integration;
    const pintag_listed_property_t  *listed;

    static const pintag_str_t  items = pintag_str("line_items");

    arena = data->arena;
    event = data->event;
    integration = data->integration;

    if (integration->nproperties == 0 || event->properties.object == NULL) {
        return 1;
    }

    property = pintag_arena_alloc(arena, integration->nproperties
                                         * sizeof(pintag_property_t));
    if (property == NULL) {
        return 0;
    }

    /* those are few: what does not fit is left to the query */

    data->room = SIZE_MAX;
    data->full = 0;

    /* by the first id of each name, which its other spellings share */

    sent = pintag_arena_zalloc(arena, (size_t) event->names->n);
    if (sent == NULL) {
        return 0;
    }

    for (i = 0; i < PINTAG_PROPERTY_NFIELDS; i++) {
        field = (const pintag_str_t *) ((const char *) conversion
                                        + pintag_property_fields[i].offset);

        sent[pintag_property_fields[i].id] = field->data != NULL;
    }

    last = &conversion->properties;

    for (i = 0; i < integration->nproperties; i++) {
        listed = &integration->properties[i];
        member = &event->properties.members[listed->id];

        if (member->value == NULL) {
            continue;
        }

        id = pintag_names_find(event->names, listed->name);

        if (sent[id]
            || (conversion->nitems
                && pintag_name_eq(PINTAG_FOLD_NAME, listed->name, items)))
        {
            continue;
        }

        /* neither spelling may tell that it is personal */

        rc = pintag_pii_name(&integration->pii, data->scope, listed->name, 0,
                             arena);
        if (rc == 1) {
            continue;
        }

        if (rc == 0) {
            rc = pintag_property_member(data, property, member->key,
                                        member->value, 0);
        }

        if (rc == -1) {
            return 0;
        }

        if (rc == 1) {
            sent[id] = 1;
            property->name = listed->name;
            *last = property;
            last = &property->next;
            property++;
        }
    }

    return 1;
}


/*
 * These give 1, 0 when nothing is left of the value, -1 without memory.
 * "person": "name" is a person's there.
 */

static int
pintag_property_member(pintag_data_t *data, pintag_property_t *property,
    pintag_str_t name, const pintag_json_t *value, unsigned person)
{
    int                  rc;
    pintag_json_kind_e   kind;

    rc = pintag_pii_name(&data->integration->pii, data->scope, name, person,
                         data->arena);

    if (rc != 0) {
        return rc == 1 ? 0 : -1;
    }

    kind = pintag_json_kind(value);

    if (!person
        && (kind == PINTAG_JSON_OBJECT || kind == PINTAG_JSON_ARRAY))
    {
        person = pintag_pii_person(name);
    }

    rc = pintag_property_read(data, property, name, value, person);

    property->name = name;

    return rc;
}


/* "key" is the name that the value stands under, be it in an array */

static int
pintag_property_read(pintag_data_t *data, pintag_property_t *property,
    pintag_str_t key, const pintag_json_t *value, unsigned person)
{
    int                 rc;
    pintag_json_kind_e  kind;

    memset(property, 0, sizeof(pintag_property_t));

    kind = pintag_json_kind(value);

    if (kind == PINTAG_JSON_NULL) {
        return 0;
    }

    if (kind == PINTAG_JSON_ARRAY || kind == PINTAG_JSON_OBJECT) {
        return pintag_property_children(data, property, key, value, person);
    }

    if (pintag_property_left(data)) {
        return 0;
    }

    if (kind == PINTAG_JSON_STRING) {
        rc = pintag_data_clean(data, key, value, &property->text);

    } else {
        rc = pintag_member_text(value, data->arena, &property->text);
        property->plain = 1;
    }

    if (rc == 1) {
        pintag_property_take(data, property);
    }

    return rc;
}


/*
 * A query takes no more than its first bytes of properties, and encoded none is
 * shorter: so there is no need to look at what comes behind them.
 */

static unsigned
pintag_property_left(pintag_data_t *data)
{
    if (!data->full || data->kept) {
        return 0;
    }

    data->nleft++;

    return 1;
}


static void
pintag_property_take(pintag_data_t *data, const pintag_property_t *property)
{
    size_t  len;

    if (data->kept) {
        return;
    }

    len = sizeof("&ed[]=") - 1 + property->text.len;

    if (len > data->room) {
        data->full = 1;

    } else {
        data->room -= len;
    }
}


static int
pintag_property_children(pintag_data_t *data, pintag_property_t *parent,
    pintag_str_t key, const pintag_json_t *container, unsigned person)
{
    int                  rc;
    size_t               n;
    unsigned             element;
    pintag_property_t   *property, **last, none;
    pintag_json_iter_t   it;

    n = pintag_json_size(container);

    if (n == 0) {
        return 0;
    }

    memset(&none, 0, sizeof(pintag_property_t));

    property = data->full ? &none
                          : pintag_arena_alloc(data->arena, n
                                               * sizeof(pintag_property_t));
    if (property == NULL) {
        return -1;
    }

    element = pintag_json_kind(container) == PINTAG_JSON_ARRAY;
    last = &parent->child;

    pintag_json_each(container, &it);

    /* what is inside of one that is kept by its name is not */

    data->kept = 0;

    while (pintag_json_next(&it)) {

        if (element) {
            rc = pintag_property_read(data, property, key, it.value, person);

            property->element = 1;
            property->index = it.index;

        } else {
            rc = pintag_property_member(data, property, it.key, it.value,
                                        person);
        }

        if (rc == -1) {
            return -1;
        }

        if (rc == 0) {
            continue;
        }

        *last = property;
        last = &property->next;
        property++;
    }

    return parent->child != NULL;
}
