
/*
 * Copyright (C) the ngx_http_pintag_module authors
 */


#include <string.h>

#include "tag.h"


/*
 * What may be left out is of two kinds, each left out from its last.  So what
 * stays of a kind is what comes first, as far as there is room: the query is
 * encoded with room for any, and where that turns out too long once again with
 * the room that there is.  Once a kind is full nothing more of it is encoded:
 * a long name above thousands of leaves costs no more than a short one.
 */

typedef struct {
    size_t                     len;
    size_t                     max;
    unsigned                   full;
} pintag_tag_room_t;


typedef struct {
    pintag_buf_t              *query;
    const pintag_conversion_t *conversion;
    pintag_str_t               tag_id;
    pintag_tag_room_t          items;
    pintag_tag_room_t          values;
    unsigned                   truncated;
} pintag_tag_t;


/*
 * Where a property stands.  Once encoded, the path is copied for all but the
 * first of what is under it.
 */

typedef struct pintag_tag_path_s  pintag_tag_path_t;

struct pintag_tag_path_s {
    const pintag_property_t   *property;
    pintag_tag_path_t         *parent;      /* NULL at the top */
    size_t                     start;       /* in the query */
    size_t                     len;         /* 0 until it is encoded */
};


/* a literal and its length */
#define pintag_tag_literal(s)  (s), sizeof(s) - 1


static void pintag_tag_encode(pintag_tag_t *tag, size_t items_max,
    size_t values_max);
static void pintag_tag_standard(pintag_tag_t *tag);
static void pintag_tag_visitor(pintag_tag_t *tag);
static inline void pintag_tag_field(pintag_tag_t *tag, const char *key,
    size_t len, pintag_str_t value);
static inline void pintag_tag_text(pintag_buf_t *query, pintag_str_t text);
static inline void pintag_tag_plain(pintag_tag_t *tag, const char *key,
    size_t len, pintag_str_t value);
static void pintag_tag_value(pintag_tag_t *tag, const char *key, size_t len,
    pintag_str_t value);
static void pintag_tag_items(pintag_tag_t *tag);
static void pintag_tag_item_field(pintag_tag_t *tag, size_t index,
    const char *key, size_t len, pintag_str_t value);
static void pintag_tag_properties(pintag_tag_t *tag,
    const pintag_property_t *property, pintag_tag_path_t *parent);
static void pintag_tag_path(pintag_buf_t *query, pintag_tag_path_t *path);
static void pintag_tag_fit(pintag_tag_t *tag, pintag_tag_room_t *room,
    size_t start);


pintag_verdict_e
pintag_tag_query(const pintag_conversion_t *conversion, pintag_str_t tag_id,
    pintag_buf_t *query, unsigned *truncated, const char **reason)
{
    size_t        start, len, fixed, room;
    pintag_tag_t  tag;

    if (conversion->name.data == NULL) {
        *reason = "no_tag_event";
        return PINTAG_SKIPPED;
    }

    tag.query = query;
    tag.conversion = conversion;
    tag.tag_id = tag_id;

    start = query->len;

    pintag_tag_encode(&tag, PINTAG_TAG_MAX_QUERY, PINTAG_TAG_MAX_QUERY);

    if (query->failed) {
        return PINTAG_NO_MEMORY;
    }

    len = query->len - start;

    /* line items are left out before any other value is */

    if (len > PINTAG_TAG_MAX_QUERY || tag.values.full) {
        query->len = start;

        fixed = len - tag.items.len - tag.values.len;

        if (fixed > PINTAG_TAG_MAX_QUERY) {
            *reason = "too_long";
            return PINTAG_REJECTED;
        }

        room = PINTAG_TAG_MAX_QUERY - fixed;

        if (tag.values.full || tag.values.len > room) {
            pintag_tag_encode(&tag, 0, room);

        } else {
            pintag_tag_encode(&tag, room - tag.values.len, room);
        }

        if (query->failed) {
            return PINTAG_NO_MEMORY;
        }
    }

    *truncated = tag.truncated;

    return PINTAG_OK;
}


static void
pintag_tag_encode(pintag_tag_t *tag, size_t items_max, size_t values_max)
{
    pintag_buf_t               *query;
    const pintag_conversion_t  *c;

    tag->items.len = 0;
    tag->items.max = items_max;
    tag->items.full = 0;

    tag->values.len = 0;
    tag->values.max = values_max;
    tag->values.full = 0;

    tag->truncated = 0;

    query = tag->query;
    c = tag->conversion;

    pintag_buf_add(query, pintag_tag_literal("tid="));
    pintag_buf_add_percent(query, tag->tag_id);
    pintag_buf_add(query, pintag_tag_literal("&noscript=1"));

    switch (c->kind) {

    case PINTAG_CONVERSION_STANDARD:
        pintag_tag_standard(tag);
        break;

    case PINTAG_CONVERSION_CUSTOM:

        /* the rest is among the properties, under its own names */

        pintag_tag_plain(tag, pintag_tag_literal("&ed[value]="), c->value);
        break;

    case PINTAG_CONVERSION_PAGE:
        break;
    }

    pintag_tag_properties(tag, c->properties, NULL);

    tag->truncated += (unsigned) c->nleft;

    pintag_tag_field(tag, pintag_tag_literal("&ed[custom_event_name]="),
                     c->custom_event_name);
    pintag_tag_field(tag, pintag_tag_literal("&ed[event_id]="), c->event_id);

    pintag_tag_visitor(tag);

    pintag_tag_field(tag, pintag_tag_literal("&event="), c->name);
}


static void
pintag_tag_visitor(pintag_tag_t *tag)
{
    const pintag_conversion_t  *c;

    static const pintag_str_t  limited = pintag_str("LDP");

    c = tag->conversion;

    pintag_tag_plain(tag, pintag_tag_literal("&pd[em]="), c->em);
    pintag_tag_field(tag, pintag_tag_literal("&pd[epik]="),
                     c->visitor.click_id);
    pintag_tag_field(tag, pintag_tag_literal("&pd[pin_unauth]="),
                     c->visitor.pin_unauth);
    pintag_tag_field(tag, pintag_tag_literal("&pd[derived_epik]="),
                     c->visitor.derived_epik);

    if (c->limited) {
        pintag_tag_plain(tag, pintag_tag_literal("&pd[opt_out_type]="),
                         limited);
        pintag_tag_plain(tag, pintag_tag_literal("&pd[st]="), c->st);
        pintag_tag_plain(tag, pintag_tag_literal("&pd[country]="),
                         c->country);
    }
}


static void
pintag_tag_standard(pintag_tag_t *tag)
{
    const pintag_conversion_t  *c;

    c = tag->conversion;

    pintag_tag_plain(tag, pintag_tag_literal("&ed[value]="), c->value);
    pintag_tag_plain(tag, pintag_tag_literal("&ed[order_quantity]="),
                     c->order_quantity);
    pintag_tag_plain(tag, pintag_tag_literal("&ed[currency]="), c->currency);
    pintag_tag_field(tag, pintag_tag_literal("&ed[order_id]="), c->order_id);

    pintag_tag_value(tag, pintag_tag_literal("&ed[promo_code]="),
                     c->promo_code);
    pintag_tag_value(tag, pintag_tag_literal("&ed[property]="), c->property);
    pintag_tag_value(tag, pintag_tag_literal("&ed[search_query]="),
                     c->search_query);
    pintag_tag_value(tag, pintag_tag_literal("&ed[video_title]="),
                     c->video_title);
    pintag_tag_value(tag, pintag_tag_literal("&ed[lead_type]="),
                     c->lead_type);

    pintag_tag_items(tag);
}


static inline void
pintag_tag_field(pintag_tag_t *tag, const char *key, size_t len,
    pintag_str_t value)
{
    if (value.data) {
        pintag_buf_add(tag->query, key, len);
        pintag_tag_text(tag->query, value);
    }
}


/* of one that is too long for any query no more than tells so */

static inline void
pintag_tag_text(pintag_buf_t *query, pintag_str_t text)
{
    if (text.len > PINTAG_TAG_MAX_QUERY) {
        text.len = PINTAG_TAG_MAX_QUERY + 1;
    }

    pintag_buf_add_percent(query, text);
}


/* of a value without a byte to escape: a hash, a number, a currency */

static inline void
pintag_tag_plain(pintag_tag_t *tag, const char *key, size_t len,
    pintag_str_t value)
{
    if (value.data) {
        pintag_buf_add(tag->query, key, len);
        pintag_buf_add_str(tag->query, value);
    }
}


static void
pintag_tag_value(pintag_tag_t *tag, const char *key, size_t len,
    pintag_str_t value)
{
    size_t  start;

    if (value.data == NULL) {
        return;
    }

    if (tag->values.full) {
        tag->truncated++;
        return;
    }

    start = tag->query->len;

    pintag_tag_field(tag, key, len, value);
    pintag_tag_fit(tag, &tag->values, start);
}


static void
pintag_tag_items(pintag_tag_t *tag)
{
    size_t                start, i, n;
    const pintag_item_t  *item;

    n = tag->conversion->nitems;

    for (i = 0; i < n; i++) {

        if (tag->items.full) {
            tag->truncated += (unsigned) (n - i);
            return;
        }

        item = &tag->conversion->items[i];
        start = tag->query->len;

        pintag_tag_item_field(tag, i, pintag_tag_literal("][product_id]="),
                              item->product_id);
        pintag_tag_item_field(tag, i, pintag_tag_literal("][product_name]="),
                              item->name);
        pintag_tag_item_field(tag, i, pintag_tag_literal("][product_price]="),
                              item->price);
        pintag_tag_item_field(tag, i,
                              pintag_tag_literal("][product_quantity]="),
                              item->quantity);
        pintag_tag_item_field(tag, i,
                              pintag_tag_literal("][product_category]="),
                              item->category);
        pintag_tag_item_field(tag, i, pintag_tag_literal("][product_brand]="),
                              item->brand);
        pintag_tag_item_field(tag, i,
                              pintag_tag_literal("][product_variant]="),
                              item->variant);
        pintag_tag_item_field(tag, i,
                              pintag_tag_literal("][product_variant_id]="),
                              item->variant_id);

        pintag_tag_fit(tag, &tag->items, start);
    }
}


static void
pintag_tag_item_field(pintag_tag_t *tag, size_t index, const char *key,
    size_t len, pintag_str_t value)
{
    if (value.data) {
        pintag_buf_add(tag->query, pintag_tag_literal("&ed[line_items]["));
        pintag_buf_add_uint(tag->query, index);
        pintag_tag_field(tag, key, len, value);
    }
}


static void
pintag_tag_properties(pintag_tag_t *tag, const pintag_property_t *property,
    pintag_tag_path_t *parent)
{
    size_t              start;
    unsigned            kept;
    pintag_tag_path_t   path;

    path.parent = parent;

    for ( /* void */ ; property; property = property->next) {
        path.property = property;
        path.len = 0;

        if (property->child) {
            pintag_tag_properties(tag, property->child, &path);
            continue;
        }

        kept = parent == NULL && pintag_tag_keeps(property->name);

        if (tag->values.full && !kept) {
            tag->truncated++;
            continue;
        }

        start = tag->query->len;

        pintag_tag_path(tag->query, &path);
        pintag_buf_add(tag->query, pintag_tag_literal("]="));

        if (property->plain) {
            pintag_buf_add_str(tag->query, property->text);

        } else {
            pintag_tag_text(tag->query, property->text);
        }

        if (!kept) {
            pintag_tag_fit(tag, &tag->values, start);
        }
    }
}


/*
 * A custom conversion has them among its properties, and Pinterest reads them
 * there all the same.
 */

unsigned
pintag_tag_keeps(pintag_str_t name)
{
    size_t  i;

    static const pintag_str_t  kept[] = {
        pintag_str("value"),
        pintag_str("order_quantity"),
        pintag_str("currency"),
        pintag_str("order_id")
    };

    while (name.len && (*name.data == '_' || *name.data == '-'
                        || *name.data == ' '))
    {
        name.data++;
        name.len--;
    }

    /* nearly all begin otherwise, or are shorter */

    if (name.len < kept[0].len) {
        return 0;
    }

    switch (*name.data) {

    case 'v': case 'V':
    case 'o': case 'O':
    case 'c': case 'C':
        break;

    default:
        return 0;
    }

    for (i = 0; i < sizeof(kept) / sizeof(kept[0]); i++) {
        if (pintag_name_eq(PINTAG_FOLD_NAME, kept[i], name)) {
            return 1;
        }
    }

    return 0;
}


/* all but the last bracket */

static void
pintag_tag_path(pintag_buf_t *query, pintag_tag_path_t *path)
{
    const pintag_property_t  *property;

    if (path->len) {
        pintag_buf_repeat(query, path->start, path->len);
        return;
    }

    path->start = query->len;

    if (path->parent) {
        pintag_tag_path(query, path->parent);
        pintag_buf_add(query, pintag_tag_literal("]["));

    } else {
        pintag_buf_add(query, pintag_tag_literal("&ed["));
    }

    property = path->property;

    if (property->element) {
        pintag_buf_add_uint(query, property->index);

    } else {
        pintag_tag_text(query, property->name);
    }

    path->len = query->len - path->start;
}


static void
pintag_tag_fit(pintag_tag_t *tag, pintag_tag_room_t *room, size_t start)
{
    size_t  len;

    len = tag->query->len - start;

    if (len <= room->max - room->len) {
        room->len += len;
        return;
    }

    tag->query->len = start;
    tag->truncated++;
    room->full = 1;
}
