
/*
 * Copyright (C) the ngx_http_pintag_module authors
 */


#include <string.h>

#include "capi.h"


/* the digits of an int64 */
#define PINTAG_INT64_DIGITS  19


/*
 * Each member and element ends with a comma, and a closing bracket takes the
 * place of the last: so none takes more or less room for what is beside it.
 */

typedef struct {
    pintag_buf_t               *out;
    const pintag_conversion_t  *conversion;
    size_t                      start;      /* in "out" */
    size_t                      max;
    size_t                      items;      /* bytes of all items, both ways */
    unsigned                    nitems;     /* written */
    unsigned                    full;       /* without all of them */
} pintag_capi_object_t;


/* a key with its colon, as the two arguments text and length */
#define pintag_capi_key(name)  pintag_capi_literal("\"" name "\":")
#define pintag_capi_literal(s)  (s), sizeof(s) - 1

#define PINTAG_CAPI_IDS       "\"content_ids\":["
#define PINTAG_CAPI_CONTENTS  "\"contents\":["


static size_t pintag_capi_least(const pintag_conversion_t *c);
static void pintag_capi_encode(pintag_capi_object_t *object, size_t nitems);
static void pintag_capi_user_data(pintag_capi_object_t *object);
static void pintag_capi_custom_data(pintag_capi_object_t *object,
    size_t nitems);
static void pintag_capi_device(pintag_buf_t *out,
    const pintag_device_t *device);

static void pintag_capi_items(pintag_capi_object_t *object, size_t n);
static unsigned pintag_capi_full(pintag_capi_object_t *object,
    const pintag_item_t *item);
static size_t pintag_capi_size(const pintag_item_t *item);
static unsigned pintag_capi_count(const pintag_conversion_t *c);
static size_t pintag_capi_fit(pintag_capi_object_t *object, size_t room);
static unsigned pintag_capi_id(pintag_buf_t *out, const pintag_item_t *item);
static unsigned pintag_capi_item(pintag_buf_t *out,
    const pintag_item_t *item);

static inline void pintag_capi_text(pintag_buf_t *out, const char *key,
    size_t len, pintag_str_t text);
static void pintag_capi_list(pintag_buf_t *out, const char *key, size_t len,
    const pintag_list_t *list);
static void pintag_capi_region(pintag_buf_t *out, const char *key, size_t len,
    pintag_str_t limited, const pintag_list_t *list);
static void pintag_capi_boolean(pintag_buf_t *out, const char *key,
    size_t len, pintag_told_e told);
static void pintag_capi_integer(pintag_buf_t *out, const char *key,
    size_t len, pintag_str_t digits);
static unsigned pintag_capi_int64(pintag_str_t number);
static pintag_str_t pintag_capi_digits(pintag_str_t number);
static unsigned pintag_capi_close(pintag_buf_t *out, size_t start,
    size_t inner, unsigned char bracket);


pintag_verdict_e
pintag_capi_event(const pintag_conversion_t *conversion, size_t max,
    pintag_buf_t *out, unsigned *truncated, const char **reason)
{
    size_t                    start, fixed, n;
    unsigned                  nitems;
    pintag_capi_object_t      object;
    const pintag_visitor_t   *visitor;
    const pintag_identity_t  *identity;

    visitor = &conversion->visitor;
    identity = &conversion->capi->identity;

    if (identity->em.n == 0 && identity->hashed_maids.n == 0
        && (visitor->address.data == NULL || visitor->user_agent.data == NULL))
    {
        *reason = "no_identity";
        return PINTAG_SKIPPED;
    }

    if (pintag_capi_least(conversion) > max) {
        *reason = "too_long";
        return PINTAG_REJECTED;
    }

    start = out->len;

    object.out = out;
    object.conversion = conversion;
    object.start = start;
    object.max = max;

    pintag_capi_encode(&object, conversion->nitems);

    nitems = object.nitems;

    if (out->len - start > max || object.full) {

        if (object.full) {
            nitems = pintag_capi_count(conversion);
        }

        fixed = out->len - start - object.items;
        out->len = start;

        n = (fixed < max) ? pintag_capi_fit(&object, max - fixed) : 0;

        pintag_capi_encode(&object, n);
    }

    if (out->failed) {
        out->len = start;
        return PINTAG_NO_MEMORY;
    }

    if (out->len - start > max) {
        out->len = start;
        *reason = "too_long";
        return PINTAG_REJECTED;
    }

    *truncated = nitems - object.nitems;

    return PINTAG_OK;
}


/*
 * An object takes no less than its texts do.  What is too long by far need not
 * be encoded to know that.
 */

static size_t
pintag_capi_least(const pintag_conversion_t *c)
{
    size_t               i, size;
    const pintag_str_t   texts[] = {
        c->capi_name, c->event_id, c->order_id, c->search_query,
        c->visitor.page_url, c->visitor.user_agent, c->visitor.click_id,
        c->capi->content_name.data ? c->capi->content_name
                                   : c->custom_event_name,
        c->capi->content_category, c->capi->content_brand
    };

    size = 0;

    for (i = 0; i < sizeof(texts) / sizeof(texts[0]); i++) {
        size += texts[i].len;
    }

    return size;
}


static void
pintag_capi_encode(pintag_capi_object_t *object, size_t nitems)
{
    size_t                      start;
    pintag_buf_t               *out;
    const pintag_capi_t        *capi;
    const pintag_conversion_t  *c;

    static const pintag_str_t  sources[] = {
        [PINTAG_SOURCE_UNSET] = pintag_str_null,
        [PINTAG_SOURCE_WEB] = pintag_str("web"),
        [PINTAG_SOURCE_APP_IOS] = pintag_str("app_ios"),
        [PINTAG_SOURCE_APP_ANDROID] = pintag_str("app_android"),
        [PINTAG_SOURCE_OFFLINE] = pintag_str("offline")
    };

    out = object->out;
    c = object->conversion;
    capi = c->capi;

    start = out->len;

    pintag_buf_add_char(out, '{');

    pintag_capi_text(out, pintag_capi_key("event_name"), c->capi_name);
    pintag_capi_text(out, pintag_capi_key("action_source"),
                     sources[capi->action_source]);

    pintag_buf_add(out, pintag_capi_key("event_time"));
    pintag_buf_add_uint(out, (uint64_t) capi->event_time);
    pintag_buf_add_char(out, ',');

    pintag_capi_text(out, pintag_capi_key("event_id"), c->event_id);
    pintag_capi_text(out, pintag_capi_key("event_source_url"),
                     c->visitor.page_url);
    pintag_capi_boolean(out, pintag_capi_key("opt_out"),
                        capi->device.opt_out);
    pintag_capi_text(out, pintag_capi_key("partner_name"),
                     capi->partner_name);

    pintag_capi_user_data(object);
    pintag_capi_custom_data(object, nitems);
    pintag_capi_device(out, &capi->device);

    if (pintag_capi_close(out, start, start + 1, '}')) {
        out->len--;
    }
}


static void
pintag_capi_user_data(pintag_capi_object_t *object)
{
    size_t                      start, inner;
    pintag_buf_t               *out;
    const pintag_identity_t    *identity;
    const pintag_conversion_t  *c;

    out = object->out;
    c = object->conversion;
    identity = &c->capi->identity;

    start = out->len;

    pintag_buf_add(out, pintag_capi_literal("\"user_data\":{"));

    inner = out->len;

    pintag_capi_list(out, pintag_capi_key("em"), &identity->em);
    pintag_capi_list(out, pintag_capi_key("ph"), &identity->ph);
    pintag_capi_list(out, pintag_capi_key("ge"), &identity->ge);
    pintag_capi_list(out, pintag_capi_key("db"), &identity->db);
    pintag_capi_list(out, pintag_capi_key("fn"), &identity->fn);
    pintag_capi_list(out, pintag_capi_key("ln"), &identity->ln);
    pintag_capi_list(out, pintag_capi_key("ct"), &identity->ct);
    pintag_capi_region(out, pintag_capi_key("st"), c->st, &identity->st);
    pintag_capi_list(out, pintag_capi_key("zp"), &identity->zp);
    pintag_capi_region(out, pintag_capi_key("country"), c->country,
                       &identity->country);
    pintag_capi_list(out, pintag_capi_key("external_id"),
                     &identity->external_id);
    pintag_capi_list(out, pintag_capi_key("hashed_maids"),
                     &identity->hashed_maids);
    pintag_capi_text(out, pintag_capi_key("client_ip_address"),
                     c->visitor.address);
    pintag_capi_text(out, pintag_capi_key("client_user_agent"),
                     c->visitor.user_agent);
    pintag_capi_text(out, pintag_capi_key("click_id"), c->visitor.click_id);
    pintag_capi_text(out, pintag_capi_key("partner_id"),
                     c->capi->partner_id);

    (void) pintag_capi_close(out, start, inner, '}');
}


static void
pintag_capi_custom_data(pintag_capi_object_t *object, size_t nitems)
{
    size_t                      start, inner;
    pintag_buf_t               *out;
    pintag_str_t                name;
    const pintag_capi_t        *capi;
    const pintag_conversion_t  *c;

    static const pintag_str_t  limited = pintag_str("LDP");

    out = object->out;
    c = object->conversion;
    capi = c->capi;

    start = out->len;

    pintag_buf_add(out, pintag_capi_literal("\"custom_data\":{"));

    inner = out->len;

    pintag_capi_text(out, pintag_capi_key("currency"), c->currency);
    pintag_capi_text(out, pintag_capi_key("value"), c->capi_value);
    pintag_capi_text(out, pintag_capi_key("order_id"), c->order_id);

    pintag_capi_items(object, nitems);

    pintag_capi_integer(out, pintag_capi_key("num_items"), c->order_quantity);

    /* a custom event is known by its name here */

    name = capi->content_name.data ? capi->content_name
                                   : c->custom_event_name;

    pintag_capi_text(out, pintag_capi_key("content_name"), name);
    pintag_capi_text(out, pintag_capi_key("content_category"),
                     capi->content_category);
    pintag_capi_text(out, pintag_capi_key("content_brand"),
                     capi->content_brand);
    pintag_capi_text(out, pintag_capi_key("search_string"), c->search_query);

    if (c->limited) {
        pintag_capi_text(out, pintag_capi_key("opt_out_type"), limited);
    }

    pintag_capi_text(out, pintag_capi_key("np"), capi->np);

    (void) pintag_capi_close(out, start, inner, '}');
}


static void
pintag_capi_device(pintag_buf_t *out, const pintag_device_t *device)
{
    pintag_capi_text(out, pintag_capi_key("app_id"), device->app_id);
    pintag_capi_text(out, pintag_capi_key("app_name"), device->app_name);
    pintag_capi_text(out, pintag_capi_key("app_version"),
                     device->app_version);
    pintag_capi_text(out, pintag_capi_key("device_brand"), device->brand);
    pintag_capi_text(out, pintag_capi_key("device_carrier"),
                     device->carrier);
    pintag_capi_text(out, pintag_capi_key("device_model"), device->model);
    pintag_capi_text(out, pintag_capi_key("device_type"), device->type);
    pintag_capi_text(out, pintag_capi_key("os_version"), device->os_version);
    pintag_capi_boolean(out, pintag_capi_key("wifi"), device->wifi);
    pintag_capi_text(out, pintag_capi_key("language"), device->language);
}


/* the first "n" items */

static void
pintag_capi_items(pintag_capi_object_t *object, size_t n)
{
    size_t                i, start, inner;
    pintag_buf_t         *out;
    const pintag_item_t  *items;

    out = object->out;
    items = object->conversion->items;

    object->nitems = 0;
    object->full = 0;
    object->items = out->len;

    start = out->len;

    pintag_buf_add(out, pintag_capi_literal(PINTAG_CAPI_IDS));

    inner = out->len;

    for (i = 0; i < n && !pintag_capi_full(object, &items[i]); i++) {
        (void) pintag_capi_id(out, &items[i]);
    }

    (void) pintag_capi_close(out, start, inner, ']');

    start = out->len;

    pintag_buf_add(out, pintag_capi_literal(PINTAG_CAPI_CONTENTS));

    inner = out->len;

    for (i = 0; i < n && !pintag_capi_full(object, &items[i]); i++) {
        object->nitems += pintag_capi_item(out, &items[i]);
    }

    (void) pintag_capi_close(out, start, inner, ']');

    object->items = out->len - object->items;
}


/* however many items there are, no more are written than there is room for */

static unsigned
pintag_capi_full(pintag_capi_object_t *object, const pintag_item_t *item)
{
    object->full |= object->out->len - object->start > object->max
                    || pintag_capi_size(item) > object->max;

    return object->full;
}


static size_t
pintag_capi_size(const pintag_item_t *item)
{
    return item->product_id.len + item->name.len + item->category.len
           + item->brand.len;
}


/* how many items there would be with room for all of them */

static unsigned
pintag_capi_count(const pintag_conversion_t *c)
{
    size_t                i;
    unsigned              n;
    const pintag_item_t  *item;

    n = 0;

    for (i = 0; i < c->nitems; i++) {
        item = &c->items[i];

        n += item->product_id.data || item->price.data || item->name.data
             || item->category.data || item->brand.data
             || pintag_capi_int64(item->quantity);
    }

    return n;
}


/* how many of the items take no more than the room, each with its id */

static size_t
pintag_capi_fit(pintag_capi_object_t *object, size_t room)
{
    size_t                      i, start, size, len;
    unsigned                    some, ids;
    pintag_buf_t               *out;
    const pintag_conversion_t  *c;

    out = object->out;
    c = object->conversion;

    start = out->len;
    size = 0;
    some = 0;
    ids = 0;

    for (i = 0; i < c->nitems; i++) {

        if (pintag_capi_size(&c->items[i]) > room) {
            break;
        }

        len = 0;

        if (pintag_capi_id(out, &c->items[i]) && !ids) {
            ids = 1;
            len += sizeof(PINTAG_CAPI_IDS);
        }

        if (pintag_capi_item(out, &c->items[i]) && !some) {
            some = 1;
            len += sizeof(PINTAG_CAPI_CONTENTS);
        }

        len += out->len - start;
        out->len = start;

        if (len > room - size) {
            break;
        }

        size += len;
    }

    return i;
}


/* these give 1, or 0 when there is nothing to write */

static unsigned
pintag_capi_id(pintag_buf_t *out, const pintag_item_t *item)
{
    if (item->product_id.data == NULL) {
        return 0;
    }

    pintag_buf_add_json(out, item->product_id);
    pintag_buf_add_char(out, ',');

    return 1;
}


static unsigned
pintag_capi_item(pintag_buf_t *out, const pintag_item_t *item)
{
    size_t  start;

    start = out->len;

    pintag_buf_add_char(out, '{');

    pintag_capi_text(out, pintag_capi_key("id"), item->product_id);
    pintag_capi_text(out, pintag_capi_key("item_price"), item->price);
    pintag_capi_integer(out, pintag_capi_key("quantity"), item->quantity);
    pintag_capi_text(out, pintag_capi_key("item_name"), item->name);
    pintag_capi_text(out, pintag_capi_key("item_category"), item->category);
    pintag_capi_text(out, pintag_capi_key("item_brand"), item->brand);

    return pintag_capi_close(out, start, start + 1, '}');
}


static inline void
pintag_capi_text(pintag_buf_t *out, const char *key, size_t len,
    pintag_str_t text)
{
    if (text.data) {
        pintag_buf_add(out, key, len);
        pintag_buf_add_json(out, text);
        pintag_buf_add_char(out, ',');
    }
}


static void
pintag_capi_list(pintag_buf_t *out, const char *key, size_t len,
    const pintag_list_t *list)
{
    size_t  i, start, inner;

    if (list->n == 0) {
        return;
    }

    start = out->len;

    pintag_buf_add(out, key, len);
    pintag_buf_add_char(out, '[');

    inner = out->len;

    /* hashes have nothing to escape */

    for (i = 0; i < list->n; i++) {
        pintag_buf_add_char(out, '"');
        pintag_buf_add_str(out, list->elts[i]);
        pintag_buf_add(out, pintag_capi_literal("\","));
    }

    (void) pintag_capi_close(out, start, inner, ']');
}


/* where data processing is limited, what that goes by */

static void
pintag_capi_region(pintag_buf_t *out, const char *key, size_t len,
    pintag_str_t limited, const pintag_list_t *list)
{
    pintag_list_t  one;

    if (limited.data) {
        one.elts = &limited;
        one.n = 1;
        list = &one;
    }

    pintag_capi_list(out, key, len, list);
}


static void
pintag_capi_boolean(pintag_buf_t *out, const char *key, size_t len,
    pintag_told_e told)
{
    if (told != PINTAG_UNTOLD) {
        pintag_buf_add(out, key, len);
        pintag_buf_add_text(out, told == PINTAG_TRUE ? "true," : "false,");
    }
}


/* as JSON has it, within int64, or not at all */

static void
pintag_capi_integer(pintag_buf_t *out, const char *key, size_t len,
    pintag_str_t digits)
{
    unsigned  negative;

    if (!pintag_capi_int64(digits)) {
        return;
    }

    negative = digits.data[0] == '-';

    digits = pintag_capi_digits(digits);

    pintag_buf_add(out, key, len);

    if (negative && digits.data[0] != '0') {
        pintag_buf_add_char(out, '-');
    }

    pintag_buf_add_str(out, digits);
    pintag_buf_add_char(out, ',');
}


static unsigned
pintag_capi_int64(pintag_str_t number)
{
    const char    *last;
    pintag_str_t   digits;

    if (number.len == 0) {
        return 0;
    }

    last = (number.data[0] == '-') ? "9223372036854775808"
                                   : "9223372036854775807";

    digits = pintag_capi_digits(number);

    return digits.len < PINTAG_INT64_DIGITS
           || (digits.len == PINTAG_INT64_DIGITS
               && memcmp(digits.data, last, PINTAG_INT64_DIGITS) <= 0);
}


/* less the sign and zeros in front */

static pintag_str_t
pintag_capi_digits(pintag_str_t number)
{
    if (number.data[0] == '-') {
        number.data++;
        number.len--;
    }

    while (number.len > 1 && number.data[0] == '0') {
        number.data++;
        number.len--;
    }

    return number;
}


/*
 * Closes what begins at "start" and has its first element at "inner"; without
 * any it is taken back.  1, or 0 when nothing is there.
 */

static unsigned
pintag_capi_close(pintag_buf_t *out, size_t start, size_t inner,
    unsigned char bracket)
{
    if (out->failed) {
        return 0;
    }

    if (out->len == inner) {
        out->len = start;
        return 0;
    }

    out->data[out->len - 1] = bracket;
    pintag_buf_add_char(out, ',');

    return 1;
}
