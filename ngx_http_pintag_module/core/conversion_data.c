
/*
 * Copyright (C) the ngx_http_pintag_module authors
 */


#include <string.h>

#include "conversion_data.h"
#include "property.h"


/* how many items memory is taken for at first, at most */
#define PINTAG_ITEMS  16


static void pintag_data_currency(pintag_data_t *data,
    pintag_conversion_t *c);
static void pintag_data_products(pintag_data_t *data,
    pintag_conversion_t *c);
static unsigned pintag_data_item(pintag_data_t *data,
    const pintag_member_t *members, pintag_item_t *item,
    pintag_number_t *price, pintag_number_t *quantity);
static void pintag_data_sum(pintag_data_t *data,
    const pintag_number_t *price, const pintag_number_t *quantity);
static unsigned pintag_data_grow(pintag_data_t *data,
    pintag_conversion_t *c, size_t size);

static void pintag_data_properties(pintag_data_t *data,
    pintag_conversion_t *c);
static pintag_str_t pintag_data_value(pintag_data_t *data, int value_name,
    pintag_pinterest_event_e pinterest);
static unsigned pintag_data_own_value(pintag_data_t *data, int value_name,
    pintag_str_t *value);
static unsigned pintag_data_configured(pintag_data_t *data,
    const pintag_member_t *member, pintag_number_t *number);
static void pintag_data_order_quantity(pintag_data_t *data,
    pintag_conversion_t *c);


void
pintag_data_common(pintag_data_t *data, pintag_conversion_t *c)
{
    const pintag_member_t  *p;

    p = data->event->properties.members;

    (void) pintag_data_text(data, &p[PINTAG_NAME_ORDER_ID], &c->order_id);

    if (!pintag_data_text(data, &p[PINTAG_NAME_PROMO_CODE], &c->promo_code)) {
        (void) pintag_data_text(data, &p[PINTAG_NAME_COUPON], &c->promo_code);
    }

    (void) pintag_data_text(data, &p[PINTAG_NAME_PROPERTY], &c->property);

    if (!pintag_data_text(data, &p[PINTAG_NAME_SEARCH_QUERY],
                          &c->search_query))
    {
        (void) pintag_data_text(data, &p[PINTAG_NAME_QUERY],
                                &c->search_query);
    }

    (void) pintag_data_text(data, &p[PINTAG_NAME_VIDEO_TITLE],
                            &c->video_title);
    (void) pintag_data_text(data, &p[PINTAG_NAME_LEAD_TYPE], &c->lead_type);

    pintag_data_currency(data, c);
    pintag_data_products(data, c);
}


static void
pintag_data_currency(pintag_data_t *data, pintag_conversion_t *c)
{
    size_t                  i;
    pintag_str_t            text;
    unsigned char           code[3];
    const pintag_member_t  *p;

    p = data->event->properties.members;

    if (!pintag_data_text(data, &p[PINTAG_NAME_CURRENCY], &text)) {
        return;
    }

    text = pintag_str_trim(text);

    if (text.len != 3) {
        return;
    }

    for (i = 0; i < 3; i++) {
        code[i] = text.data[i] & 0xdf;

        if (code[i] < 'A' || code[i] > 'Z') {
            return;
        }
    }

    c->currency = pintag_data_copy(data, code, 3);
}


static void
pintag_data_products(pintag_data_t *data, pintag_conversion_t *c)
{
    size_t                  size, first;
    pintag_str_t            id;
    pintag_number_t         price, quantity;
    pintag_members_t        product;
    pintag_json_iter_t      it;
    const pintag_json_t    *products;
    const pintag_member_t  *p;

    int                     set[PINTAG_NAME_OF_PRODUCTS];
    pintag_member_t         members[PINTAG_NAME_OF_PRODUCTS];

    p = data->event->properties.members;
    products = p[PINTAG_NAME_PRODUCTS].value;

    if (pintag_json_kind(products) == PINTAG_JSON_ARRAY
        && !pintag_data_removed(data, &p[PINTAG_NAME_PRODUCTS]))
    {
        memset(members, 0, sizeof(members));

        product.members = members;
        product.set = set;
        product.nset = 0;

        size = 0;

        /* an array of anything but products takes no more than this */

        first = pintag_json_size(products);

        if (first > PINTAG_ITEMS) {
            first = PINTAG_ITEMS;
        }

        pintag_json_each(products, &it);

        while (pintag_json_next(&it)) {

            if (pintag_json_kind(it.value) != PINTAG_JSON_OBJECT) {
                continue;
            }

            if (c->nitems == size) {
                size = size ? size * 2 : first;

                if (!pintag_data_grow(data, c, size)) {
                    return;
                }
            }

            pintag_members_read(&product, data->event->names,
                                PINTAG_NAME_OF_PRODUCTS, it.value);

            if (pintag_data_item(data, product.members,
                                 &c->items[c->nitems], &price, &quantity))
            {
                pintag_data_sum(data, &price, &quantity);
                c->nitems++;
            }
        }

        if (c->nitems) {
            return;
        }
    }

    /* without products, the event's own may be one */

    if (!pintag_data_text(data, &p[PINTAG_NAME_PRODUCT_ID], &id)
        && !pintag_data_text(data, &p[PINTAG_NAME_SKU], &id))
    {
        return;
    }

    c->items = pintag_arena_alloc(data->arena, sizeof(pintag_item_t));
    if (c->items == NULL) {
        data->no_memory = 1;
        return;
    }

    (void) pintag_data_item(data, p, c->items, &price, &quantity);
    c->nitems = 1;
}


static unsigned
pintag_data_grow(pintag_data_t *data, pintag_conversion_t *c, size_t size)
{
    pintag_item_t  *items;

    items = pintag_arena_alloc(data->arena, size * sizeof(pintag_item_t));
    if (items == NULL) {
        data->no_memory = 1;
        return 0;
    }

    if (c->nitems) {
        memcpy(items, c->items, c->nitems * sizeof(pintag_item_t));
    }

    c->items = items;

    return 1;
}


/* 1, or 0 when there is nothing to send of it */

static unsigned
pintag_data_item(pintag_data_t *data, const pintag_member_t *members,
    pintag_item_t *item, pintag_number_t *price, pintag_number_t *quantity)
{
    unsigned  found;

    memset(item, 0, sizeof(pintag_item_t));

    found = pintag_data_text(data, &members[PINTAG_NAME_PRODUCT_ID],
                             &item->product_id)
            || pintag_data_text(data, &members[PINTAG_NAME_SKU],
                                &item->product_id)
            || pintag_data_text(data, &members[PINTAG_NAME_ID],
                                &item->product_id);

    found |= pintag_data_text(data, &members[PINTAG_NAME_NAME],
                              &item->name);

    if (pintag_data_number(data, &members[PINTAG_NAME_PRICE], price)) {
        item->price = price->text;
        found = 1;
    }

    if (pintag_data_number(data, &members[PINTAG_NAME_QUANTITY], quantity)) {
        item->quantity = pintag_data_integer(data, quantity);
        found |= item->quantity.data != NULL;
    }

    found |= pintag_data_text(data, &members[PINTAG_NAME_CATEGORY],
                              &item->category);
    found |= pintag_data_text(data, &members[PINTAG_NAME_BRAND],
                              &item->brand);
    found |= pintag_data_text(data, &members[PINTAG_NAME_VARIANT],
                              &item->variant);
    found |= pintag_data_text(data, &members[PINTAG_NAME_VARIANT_ID],
                              &item->variant_id);

    return found;
}


static void
pintag_data_sum(pintag_data_t *data, const pintag_number_t *price,
    const pintag_number_t *quantity)
{
    double  n;

    n = quantity->text.data ? quantity->value : 1;

    data->products = 1;
    data->quantity += n;

    if (price->text.data) {
        data->priced = 1;
        data->total += price->value * n;
    }
}


void
pintag_data_add(pintag_data_t *data, int value_name, pintag_conversion_t *c)
{
    unsigned                capi;
    const pintag_member_t  *p;

    p = data->event->properties.members;
    capi = data->integration->ad_account_id.len != 0;

    if (c->kind == PINTAG_CONVERSION_STANDARD) {
        c->value = pintag_data_value(data, value_name, c->pinterest);

        if (capi) {
            c->capi_value = c->value;
        }

    } else {
        (void) pintag_data_own_value(data, value_name, &c->value);

        if (capi) {
            c->capi_value = pintag_data_value(data, value_name, c->pinterest);
        }
    }

    pintag_data_order_quantity(data, c);

    if (c->pinterest == PINTAG_EVENT_WATCH_VIDEO
        && c->video_title.data == NULL)
    {
        (void) pintag_data_text(data, &p[PINTAG_NAME_TITLE],
                                &c->video_title);
    }

    pintag_data_properties(data, c);
}


void
pintag_data_add_page(pintag_data_t *data, pintag_conversion_t *c)
{
    pintag_number_t         number;
    const pintag_member_t  *p;

    p = data->event->properties.members;

    if (data->integration->ad_account_id.len) {
        pintag_data_common(data, c);
        pintag_data_order_quantity(data, c);

        if (!pintag_data_own_value(data, PINTAG_VALUE_UNSET, &c->capi_value)
            && pintag_data_number(data, &p[PINTAG_NAME_VALUE], &number))
        {
            c->capi_value = number.text;
        }
    }

    pintag_data_properties(data, c);
}


/* under their own names, which only the Tag takes */

static void
pintag_data_properties(pintag_data_t *data, pintag_conversion_t *c)
{
    unsigned  rc;

    if (data->integration->tag_id.len == 0) {
        return;
    }

    if (c->kind == PINTAG_CONVERSION_STANDARD) {
        rc = pintag_property_add_listed(data, c);

    } else {
        rc = pintag_property_add_all(data, c);
    }

    if (!rc) {
        data->no_memory = 1;
    }
}


/* the value of a standard conversion */

static pintag_str_t
pintag_data_value(pintag_data_t *data, int value_name,
    pintag_pinterest_event_e pinterest)
{
    size_t                  i;
    pintag_str_t            value;
    pintag_number_t         price, quantity;
    const pintag_member_t  *p;

    static const int  values[] = {
        PINTAG_NAME_VALUE, PINTAG_NAME_REVENUE, PINTAG_NAME_TOTAL
    };

    p = data->event->properties.members;

    if (pintag_data_own_value(data, value_name, &value)
        || value_name != PINTAG_VALUE_UNSET)
    {
        return value;
    }

    for (i = 0; i < sizeof(values) / sizeof(values[0]); i++) {
        if (pintag_data_number(data, &p[values[i]], &price)) {
            return price.text;
        }
    }

    /* what is found is not bought */

    if (pinterest == PINTAG_EVENT_SEARCH
        || pinterest == PINTAG_EVENT_VIEW_CATEGORY)
    {
        return value;
    }

    if (data->priced) {
        value = pintag_data_decimal(data, data->total);

        if (value.data) {
            return value;
        }
    }

    if (!pintag_data_number(data, &p[PINTAG_NAME_PRICE], &price)
        || !pintag_data_number(data, &p[PINTAG_NAME_QUANTITY], &quantity))
    {
        return price.text;
    }

    return pintag_data_decimal(data, price.value * quantity.value);
}


/* what valueFieldIdentifier says, that of the row before the destination's */

static unsigned
pintag_data_own_value(pintag_data_t *data, int value_name,
    pintag_str_t *value)
{
    pintag_number_t         number;
    const pintag_member_t  *p;

    static const pintag_str_t  none = pintag_str_null;

    p = data->event->properties.members;

    if (value_name == PINTAG_VALUE_UNSET) {
        value_name = data->integration->value_name;
    }

    if (value_name >= 0
        && pintag_data_configured(data, &p[value_name], &number))
    {
        *value = number.text;
        return 1;
    }

    *value = none;

    return 0;
}


/* the number of a property that the configuration names, whatever it is */

static unsigned
pintag_data_configured(pintag_data_t *data, const pintag_member_t *member,
    pintag_number_t *number)
{
    int  rc;

    if (member->value == NULL) {
        return 0;
    }

    rc = pintag_pii_name(&data->integration->pii, data->scope, member->key, 0,
                         data->arena);

    if (rc == -1) {
        data->no_memory = 1;
    }

    return rc == 0 && pintag_data_number(data, member, number);
}


static void
pintag_data_order_quantity(pintag_data_t *data, pintag_conversion_t *c)
{
    pintag_number_t         number;
    const pintag_member_t  *p;

    p = data->event->properties.members;

    if (!pintag_data_number(data, &p[PINTAG_NAME_ORDER_QUANTITY], &number)
        && !pintag_data_number(data, &p[PINTAG_NAME_NUM_ITEMS], &number)
        && !pintag_data_number(data, &p[PINTAG_NAME_NUM_OF_ITEMS], &number))
    {
        if (data->products && c->pinterest != PINTAG_EVENT_SEARCH
            && c->pinterest != PINTAG_EVENT_VIEW_CATEGORY)
        {
            number.value = data->quantity;
            number.integer = 0;

        } else if (!pintag_data_number(data, &p[PINTAG_NAME_QUANTITY],
                                          &number))
        {
            return;
        }
    }

    c->order_quantity = pintag_data_integer(data, &number);
}
