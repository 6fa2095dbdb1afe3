
/*
 * Copyright (C) the ngx_http_pintag_module authors
 */


#include <math.h>
#include <string.h>

#include "conversion_data.h"
#include "property.h"


/* smaller doubles hold every integer */
#define PINTAG_EXACT_INTEGERS  9007199254740992.0

/* how many items memory is taken for at first, at most */
#define PINTAG_ITEMS           16


typedef struct {
    pintag_str_t   text;         /* NULL data when there is no number */
    double         value;
    unsigned       integer:1;    /* a JSON integer */
} pintag_number_t;


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

static void pintag_data_value(pintag_data_t *data, int value_name,
    pintag_conversion_t *c);
static unsigned pintag_data_configured(pintag_data_t *data,
    const pintag_member_t *member, pintag_number_t *number);
static void pintag_data_order_quantity(pintag_data_t *data,
    pintag_conversion_t *c);

static unsigned pintag_data_removed(pintag_data_t *data,
    const pintag_member_t *member);
static unsigned pintag_data_text(pintag_data_t *data,
    const pintag_member_t *member, pintag_str_t *text);
static unsigned pintag_data_number(pintag_data_t *data,
    const pintag_member_t *member, pintag_number_t *number);
static pintag_str_t pintag_data_integer(pintag_data_t *data,
    const pintag_number_t *number);
static pintag_str_t pintag_data_decimal(pintag_data_t *data, double d);
static pintag_str_t pintag_data_copy(pintag_data_t *data,
    const unsigned char *bytes, size_t len);


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
    pintag_member_t         members[PINTAG_NAME_KNOWN];
    const pintag_member_t  *p;

    p = data->event->properties.members;
    products = p[PINTAG_NAME_PRODUCTS].value;

    if (pintag_json_kind(products) == PINTAG_JSON_ARRAY
        && !pintag_data_removed(data, &p[PINTAG_NAME_PRODUCTS]))
    {
        product.members = members;
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
                                PINTAG_NAME_KNOWN, it.value);

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
    unsigned                rc;
    const pintag_member_t  *p;

    p = data->event->properties.members;

    pintag_data_value(data, value_name, c);
    pintag_data_order_quantity(data, c);

    if (c->pinterest == PINTAG_EVENT_WATCH_VIDEO
        && c->video_title.data == NULL)
    {
        (void) pintag_data_text(data, &p[PINTAG_NAME_TITLE],
                                &c->video_title);
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


static void
pintag_data_value(pintag_data_t *data, int value_name,
    pintag_conversion_t *c)
{
    size_t                  i;
    pintag_number_t         price, quantity;
    const pintag_member_t  *p;

    static const int  values[] = {
        PINTAG_NAME_VALUE, PINTAG_NAME_REVENUE, PINTAG_NAME_TOTAL
    };

    p = data->event->properties.members;

    if (value_name != PINTAG_VALUE_UNSET) {

        if (value_name >= 0
            && pintag_data_configured(data, &p[value_name], &price))
        {
            c->value = price.text;
        }

        return;
    }

    if (data->integration->value_name >= 0
        && pintag_data_configured(data, &p[data->integration->value_name],
                                  &price))
    {
        c->value = price.text;
        return;
    }

    if (c->kind != PINTAG_CONVERSION_STANDARD) {
        return;
    }

    for (i = 0; i < sizeof(values) / sizeof(values[0]); i++) {
        if (pintag_data_number(data, &p[values[i]], &price)) {
            c->value = price.text;
            return;
        }
    }

    /* what is found is not bought */

    if (c->pinterest == PINTAG_EVENT_SEARCH
        || c->pinterest == PINTAG_EVENT_VIEW_CATEGORY)
    {
        return;
    }

    if (data->priced) {
        c->value = pintag_data_decimal(data, data->total);

        if (c->value.data) {
            return;
        }
    }

    if (pintag_data_number(data, &p[PINTAG_NAME_PRICE], &price)) {

        if (pintag_data_number(data, &p[PINTAG_NAME_QUANTITY], &quantity)) {
            c->value = pintag_data_decimal(data,
                                           price.value * quantity.value);

        } else {
            c->value = price.text;
        }
    }
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


/*
 * None of the names that are read here is listed as personal data, unless the
 * configuration adds it.
 */

static unsigned
pintag_data_removed(pintag_data_t *data, const pintag_member_t *member)
{
    const pintag_names_t  *added;

    added = &data->integration->pii.added;

    return added->n && data->scope == PINTAG_PII_ALL
           && pintag_names_find(added, member->key) != -1;
}


static unsigned
pintag_data_text(pintag_data_t *data, const pintag_member_t *member,
    pintag_str_t *text)
{
    int  rc;

    if (member->value == NULL || pintag_data_removed(data, member)) {
        return 0;
    }

    rc = pintag_member_text(member->value, data->arena, text);

    if (rc == 1 && pintag_json_kind(member->value) == PINTAG_JSON_STRING) {
        rc = pintag_pii_value(&data->integration->pii, data->scope,
                              member->key, *text, data->arena, text);
    }

    if (rc == 1) {
        return 1;
    }

    if (rc == -1) {
        data->no_memory = 1;
    }

    text->len = 0;
    text->data = NULL;

    return 0;
}


static unsigned
pintag_data_number(pintag_data_t *data, const pintag_member_t *member,
    pintag_number_t *number)
{
    int                 rc;
    pintag_json_kind_e  kind;

    number->integer = 0;

    kind = pintag_data_removed(data, member) ? PINTAG_JSON_NULL
                                             : pintag_json_kind(member->value);

    switch (kind) {

    case PINTAG_JSON_INTEGER:
        number->integer = 1;
        number->value = (double) pintag_json_integer(member->value);
        rc = pintag_member_text(member->value, data->arena, &number->text);
        break;

    case PINTAG_JSON_REAL:
        number->value = pintag_json_real(member->value);
        rc = pintag_member_text(member->value, data->arena, &number->text);
        break;

    case PINTAG_JSON_STRING:
        rc = pintag_read_number(pintag_json_string(member->value), data->arena,
                                &number->text, &number->value);
        break;

    default:
        rc = 0;
        break;
    }

    if (rc == 1) {
        return 1;
    }

    if (rc == -1) {
        data->no_memory = 1;
    }

    number->text.len = 0;
    number->text.data = NULL;

    return 0;
}


static pintag_str_t
pintag_data_integer(pintag_data_t *data, const pintag_number_t *number)
{
    double         rest;
    int64_t        n;
    pintag_str_t   none = pintag_str_null;
    unsigned char  digits[PINTAG_NUMBER_LEN];

    if (number->integer
        || (number->text.data
            && memchr(number->text.data, '.', number->text.len) == NULL))
    {
        return number->text;
    }

    if (!isfinite(number->value)) {
        return none;
    }

    if (fabs(number->value) >= PINTAG_EXACT_INTEGERS) {
        return pintag_data_copy(data, digits,
                                pintag_format_double(digits, number->value));
    }

    n = (int64_t) number->value;
    rest = number->value - (double) n;

    if (rest >= 0.5) {
        n++;

    } else if (rest <= -0.5) {
        n--;
    }

    return pintag_data_copy(data, digits, pintag_format_integer(digits, n));
}


/* a sum or product; NULL data when it is out of a double's range */

static pintag_str_t
pintag_data_decimal(pintag_data_t *data, double d)
{
    pintag_str_t   none = pintag_str_null;
    unsigned char  digits[PINTAG_NUMBER_LEN];

    if (!isfinite(d)) {
        return none;
    }

    return pintag_data_copy(data, digits,
                            pintag_format_double(digits, pintag_round6(d)));
}


static pintag_str_t
pintag_data_copy(pintag_data_t *data, const unsigned char *bytes,
    size_t len)
{
    pintag_str_t  text;

    text.data = bytes;
    text.len = len;

    text = pintag_str_copy(text, data->arena);

    if (text.data == NULL) {
        data->no_memory = 1;
    }

    return text;
}
