
/*
 * Copyright (C) the ngx_http_pintag_module authors
 *
 * A conversion as the query of a pixel: order, escaping, what is left out of
 * one that is too long, and MetaRouter's own example to the byte.
 */


#include "test.h"

#include "conversion.h"
#include "body.h"
#include "event.h"
#include "integrations.h"
#include "tag.h"


#define S(text)  pintag_str(text)


static const pintag_str_t  tag_id = pintag_str("261");


static void
check(const pintag_conversion_t *c, const char *expected)
{
    unsigned        truncated;
    const char     *reason;
    pintag_buf_t    query;
    test_memory_t   memory;

    pintag_buf_init(&query, test_memory_init(&memory), 0);

    assert_int_equal(pintag_tag_query(c, tag_id, &query, &truncated, &reason),
                     PINTAG_OK);
    assert_buf(&query, expected);
    assert_int_equal(truncated, 0);

    test_memory_free(&memory);
}


static void
standard_conversions_in_order(void **state)
{
    static pintag_property_t  second = {
        .name = S("q"), .text = S("z")
    };

    static pintag_property_t  first = {
        .name = S("p"), .text = S(""), .next = &second
    };

    static pintag_item_t  items[] = {
        { S("a"), S("b"), S("1.50"), S("2"), S("e"), S("f"), S("g"), S("h") },
        { .name = S("only a name") },
        { .variant_id = S("v"), .price = S("0") }
    };

    static const pintag_conversion_t  all = {
        .kind = PINTAG_CONVERSION_STANDARD,
        .name = S("checkout"),
        .custom_event_name = S("n"),
        .value = S("9.95"),
        .order_quantity = S("3"),
        .currency = S("EUR"),
        .order_id = S("o"),
        .promo_code = S("c"),
        .property = S("p"),
        .search_query = S("s"),
        .video_title = S("v"),
        .lead_type = S("l"),
        .items = items,
        .nitems = 3,
        .properties = &first,
        .event_id = S("i")
    };

    static const pintag_conversion_t  least = { .name = S("checkout") };

    (void) state;

    check(&all, "tid=261&noscript=1&ed[value]=9.95&ed[order_quantity]=3"
                "&ed[currency]=EUR&ed[order_id]=o&ed[promo_code]=c"
                "&ed[property]=p&ed[search_query]=s&ed[video_title]=v"
                "&ed[lead_type]=l"
                "&ed[line_items][0][product_id]=a"
                "&ed[line_items][0][product_name]=b"
                "&ed[line_items][0][product_price]=1.50"
                "&ed[line_items][0][product_quantity]=2"
                "&ed[line_items][0][product_category]=e"
                "&ed[line_items][0][product_brand]=f"
                "&ed[line_items][0][product_variant]=g"
                "&ed[line_items][0][product_variant_id]=h"
                "&ed[line_items][1][product_name]=only%20a%20name"
                "&ed[line_items][2][product_price]=0"
                "&ed[line_items][2][product_variant_id]=v"
                "&ed[p]=&ed[q]=z&ed[custom_event_name]=n&ed[event_id]=i"
                "&event=checkout");

    check(&least, "tid=261&noscript=1&event=checkout");
}


static void
other_conversions_send_value_and_properties(void **state)
{
    static pintag_property_t  property = {
        .name = S("order_id"), .text = S("o")
    };

    static pintag_item_t  item = { .product_id = S("a") };

    pintag_conversion_t  c = {
        .kind = PINTAG_CONVERSION_CUSTOM,
        .name = S("custom"),
        .custom_event_name = S("n"),
        .value = S("1"),
        .order_quantity = S("3"),
        .currency = S("EUR"),
        .order_id = S("o"),
        .promo_code = S("c"),
        .property = S("p"),
        .search_query = S("s"),
        .video_title = S("v"),
        .lead_type = S("l"),
        .items = &item,
        .nitems = 1,
        .properties = &property,
        .event_id = S("i")
    };

    (void) state;

    check(&c, "tid=261&noscript=1&ed[value]=1&ed[order_id]=o"
              "&ed[custom_event_name]=n&ed[event_id]=i&event=custom");

    c.kind = PINTAG_CONVERSION_PAGE;
    c.name = (pintag_str_t) S("pagevisit");
    c.custom_event_name = (pintag_str_t) pintag_str_null;

    check(&c, "tid=261&noscript=1&ed[order_id]=o&ed[event_id]=i"
              "&event=pagevisit");
}


/* what only the Conversions API has */

static void
a_conversion_without_a_name_is_skipped(void **state)
{
    unsigned        truncated;
    const char     *reason;
    pintag_buf_t    query;
    test_memory_t   memory;

    static const pintag_conversion_t  c = {
        .kind = PINTAG_CONVERSION_STANDARD,
        .pinterest = PINTAG_EVENT_APP_OPEN,
        .value = S("1")
    };

    (void) state;

    pintag_buf_init(&query, test_memory_init(&memory), 0);
    pintag_buf_add_text(&query, "x");

    assert_int_equal(pintag_tag_query(&c, tag_id, &query, &truncated,
                                      &reason), PINTAG_SKIPPED);
    assert_string_equal(reason, "no_tag_event");
    assert_buf(&query, "x");

    test_memory_free(&memory);
}


static void
names_and_values_are_escaped(void **state)
{
    static pintag_property_t  deep[] = {
        { .element = 1, .index = 0, .text = S("x"), .next = &deep[1] },
        { .element = 1, .index = 12, .text = S(" "), .next = &deep[2] },
        { .element = 1, .index = 13, .child = &deep[3] },
        { .name = S("b=c"), .text = S("1&2") }
    };

    static pintag_property_t  properties[] = {
        { .name = S("AZaz09-._~"), .text = S("AZaz09-._~"),
          .next = &properties[1] },
        { .name = S("a[b]"), .text = S("!*'()+/?#%"),
          .next = &properties[2] },
        { .name = S("caf\xc3\xa9"), .text = S("\xe2\x82\xac"),
          .next = &properties[3] },
        { .name = S("nul"), .text = S("\0\n"), .next = &properties[4] },
        { .name = S("a b"), .child = &deep[0], .next = &properties[5] },
        { .name = S(""), .text = S("") }
    };

    static const pintag_conversion_t  c = {
        .kind = PINTAG_CONVERSION_CUSTOM,
        .name = S("a&b"),
        .value = S("1"),
        .properties = properties,
        .event_id = S("i d")
    };

    (void) state;

    check(&c, "tid=261&noscript=1&ed[value]=1&ed[AZaz09-._~]=AZaz09-._~"
              "&ed[a%5Bb%5D]=%21%2A%27%28%29%2B%2F%3F%23%25"
              "&ed[caf%C3%A9]=%E2%82%AC&ed[nul]=%00%0A"
              "&ed[a%20b][0]=x&ed[a%20b][12]=%20&ed[a%20b][13][b%3Dc]=1%262"
              "&ed[]=&ed[event_id]=i%20d&event=a%26b");
}


static void
a_query_is_appended(void **state)
{
    unsigned        truncated;
    const char     *reason;
    pintag_buf_t    query;
    test_memory_t   memory;

    static const pintag_conversion_t  c = { .name = S("lead") };

    (void) state;

    pintag_buf_init(&query, test_memory_init(&memory), 4);
    pintag_buf_add_text(&query, "/v3/?");

    assert_int_equal(pintag_tag_query(&c, tag_id, &query, &truncated,
                                      &reason), PINTAG_OK);
    assert_buf(&query, "/v3/?tid=261&noscript=1&event=lead");

    test_memory_free(&memory);
}


/*
 * What is left out, against the rule word for word: the pieces of a query one
 * by one, taken away from the last until the rest fits.
 */

typedef enum {
    FIXED = 0,
    VALUE,
    ITEM
} piece_e;


typedef struct {
    piece_e   kind;
    size_t    at;
    size_t    len;
    unsigned  out;
} piece_t;


typedef struct {
    pintag_buf_t   text;
    piece_t        pieces[4000];
    size_t         n;
} pieces_t;


static void
piece_end(pieces_t *p, piece_e kind)
{
    piece_t  *last;
    size_t    at;

    at = 0;

    if (p->n) {
        last = &p->pieces[p->n - 1];
        at = last->at + last->len;
    }

    if (p->text.len == at) {
        return;
    }

    assert_true(p->n < test_n(p->pieces));

    p->pieces[p->n].kind = kind;
    p->pieces[p->n].at = at;
    p->pieces[p->n].len = p->text.len - at;
    p->pieces[p->n].out = 0;
    p->n++;
}


static void
piece(pieces_t *p, piece_e kind, const char *key, pintag_str_t value)
{
    if (value.data) {
        pintag_buf_add_text(&p->text, key);
        pintag_buf_add_percent(&p->text, value);
        piece_end(p, kind);
    }
}


static void
pieces_of_properties(pieces_t *p, const pintag_property_t *property,
    pintag_str_t prefix, unsigned top)
{
    piece_e       kind;
    pintag_buf_t  key;

    for ( /* void */ ; property; property = property->next) {
        pintag_buf_init(&key, p->text.arena, 0);
        pintag_buf_add_str(&key, prefix);
        pintag_buf_add_char(&key, '[');

        if (property->element) {
            pintag_buf_add_uint(&key, property->index);

        } else {
            pintag_buf_add_percent(&key, property->name);
        }

        pintag_buf_add_char(&key, ']');

        if (property->child) {
            pieces_of_properties(p, property->child, test_buf_str(&key), 0);
            continue;
        }

        kind = (top && (pintag_str_eq(property->name, test_str("order_id"))
                        || pintag_str_eq(property->name,
                                         test_str("currency"))))
               ? FIXED : VALUE;

        pintag_buf_add_char(&key, '=');
        pintag_buf_add_str(&p->text, test_buf_str(&key));
        pintag_buf_add_percent(&p->text, property->text);
        piece_end(p, kind);
    }
}


static void
pieces_of_item(pieces_t *p, size_t index, const pintag_item_t *item)
{
    pintag_buf_add_text(&p->text, "&ed[line_items][");
    pintag_buf_add_uint(&p->text, index);
    pintag_buf_add_text(&p->text, "][product_id]=");
    pintag_buf_add_percent(&p->text, item->product_id);

    if (item->name.data) {
        pintag_buf_add_text(&p->text, "&ed[line_items][");
        pintag_buf_add_uint(&p->text, index);
        pintag_buf_add_text(&p->text, "][product_name]=");
        pintag_buf_add_percent(&p->text, item->name);
    }

    piece_end(p, ITEM);
}


static void
pieces_of(pieces_t *p, const pintag_conversion_t *c)
{
    size_t  i;

    p->n = 0;

    piece(p, FIXED, "tid=", tag_id);
    piece(p, FIXED, "&noscript=", test_str("1"));

    if (c->kind != PINTAG_CONVERSION_PAGE) {
        piece(p, FIXED, "&ed[value]=", c->value);
    }

    if (c->kind == PINTAG_CONVERSION_STANDARD) {
        piece(p, FIXED, "&ed[order_quantity]=", c->order_quantity);
        piece(p, FIXED, "&ed[currency]=", c->currency);
        piece(p, FIXED, "&ed[order_id]=", c->order_id);
        piece(p, VALUE, "&ed[promo_code]=", c->promo_code);
        piece(p, VALUE, "&ed[property]=", c->property);
        piece(p, VALUE, "&ed[search_query]=", c->search_query);
        piece(p, VALUE, "&ed[video_title]=", c->video_title);
        piece(p, VALUE, "&ed[lead_type]=", c->lead_type);

        for (i = 0; i < c->nitems; i++) {
            pieces_of_item(p, i, &c->items[i]);
        }
    }

    pieces_of_properties(p, c->properties, test_str("&ed"), 1);

    piece(p, FIXED, "&ed[custom_event_name]=", c->custom_event_name);
    piece(p, FIXED, "&ed[event_id]=", c->event_id);
    piece(p, FIXED, "&event=", c->name);
}


static unsigned
pieces_leave_out(pieces_t *p, piece_e kind, size_t *len)
{
    size_t    i;
    unsigned  n;

    n = 0;

    for (i = p->n; i-- && *len > PINTAG_TAG_MAX_QUERY; /* void */ ) {

        if (p->pieces[i].kind == kind) {
            p->pieces[i].out = 1;
            *len -= p->pieces[i].len;
            n++;
        }
    }

    return n;
}


/* gives what the rule leaves out, or -1 for what is too long */

static int
check_by_the_rule(const pintag_conversion_t *c)
{
    size_t            i, len;
    unsigned          truncated, out;
    const char       *reason;
    pieces_t         *p;
    pintag_buf_t      query, expected;
    test_memory_t     memory;
    pintag_verdict_e  rc;

    p = malloc(sizeof(pieces_t));
    assert_non_null(p);

    pintag_buf_init(&p->text, test_memory_init(&memory), 0);
    pintag_buf_init(&query, &memory.arena, 0);
    pintag_buf_init(&expected, &memory.arena, 0);

    pieces_of(p, c);
    assert_false(p->text.failed);

    len = p->text.len;
    out = pieces_leave_out(p, ITEM, &len);
    out += pieces_leave_out(p, VALUE, &len);

    pintag_buf_add_text(&query, "?");

    rc = pintag_tag_query(c, tag_id, &query, &truncated, &reason);

    pintag_buf_add_text(&expected, "?");

    if (len > PINTAG_TAG_MAX_QUERY) {
        assert_int_equal(rc, PINTAG_REJECTED);
        assert_string_equal(reason, "too_long");

    } else {
        assert_int_equal(rc, PINTAG_OK);
        assert_int_equal(truncated, out);

        for (i = 0; i < p->n; i++) {
            if (!p->pieces[i].out) {
                pintag_buf_add(&expected, p->text.data + p->pieces[i].at,
                               p->pieces[i].len);
            }
        }
    }

    test_assert_str_at(test_buf_str(&query), test_buf_str(&expected),
                       "the query", __FILE__, __LINE__);

    test_memory_free(&memory);
    free(p);

    return rc == PINTAG_OK ? (int) out : -1;
}


static unsigned char  filler[16384];


static pintag_str_t
filled(size_t len)
{
    pintag_str_t  s;

    assert_true(len <= sizeof(filler));
    memset(filler, 'x', sizeof(filler));

    s.data = filler;
    s.len = len;

    return s;
}


static void
eight_thousand_bytes_fit(void **state)
{
    size_t                len;
    pintag_item_t         items[2];
    pintag_property_t     property;
    pintag_conversion_t   c;

    (void) state;

    memset(&c, 0, sizeof(c));
    memset(&property, 0, sizeof(property));
    memset(items, 0, sizeof(items));

    c.name = test_str("lead");
    c.order_id = test_str("o");
    c.event_id = test_str("i");
    c.lead_type = test_str("l");
    c.items = items;
    c.nitems = 2;
    items[0].product_id = test_str("a");
    items[1].product_id = test_str("b");
    c.properties = &property;
    property.name = test_str("p");

    /* with all of it, but for the text of the property */

    len = strlen("tid=261&noscript=1&ed[order_id]=o&ed[lead_type]=l"
                 "&ed[line_items][0][product_id]=a"
                 "&ed[line_items][1][product_id]=b&ed[p]="
                 "&ed[event_id]=i&event=lead");

    len = PINTAG_TAG_MAX_QUERY - len;

    property.text = filled(len);
    assert_int_equal(check_by_the_rule(&c), 0);

    /* line items from the last, then the other values from the last */

    property.text = filled(len + 1);
    assert_int_equal(check_by_the_rule(&c), 1);

    property.text = filled(len + 32);
    assert_int_equal(check_by_the_rule(&c), 1);

    property.text = filled(len + 33);
    assert_int_equal(check_by_the_rule(&c), 2);

    property.text = filled(len + 64);
    assert_int_equal(check_by_the_rule(&c), 2);

    property.text = filled(len + 65);
    assert_int_equal(check_by_the_rule(&c), 3);

    property.text = filled(9000);
    assert_int_equal(check_by_the_rule(&c), 3);

    /* what is first and does not fit takes all after it along */

    c.lead_type = filled(9000);
    assert_int_equal(check_by_the_rule(&c), 4);

    property.text = test_str("x");
    assert_int_equal(check_by_the_rule(&c), 4);

    /* what is never left out */

    c.order_id = filled(7000);
    assert_int_equal(check_by_the_rule(&c), 4);

    c.order_id = filled(8000);
    assert_int_equal(check_by_the_rule(&c), -1);

    /* the last length of all that is never left out, and one more */

    for (len = 8000; check_by_the_rule(&c) == -1; c.order_id = filled(--len)) {
        /* void */
    }

    assert_int_equal(strlen("tid=261&noscript=1&ed[order_id]=&ed[event_id]=i"
                            "&event=lead") + len, PINTAG_TAG_MAX_QUERY);
}


static void
a_custom_conversion_keeps_its_order_id(void **state)
{
    pintag_conversion_t  c;
    pintag_property_t    p[4];

    (void) state;

    memset(&c, 0, sizeof(c));
    memset(p, 0, sizeof(p));

    c.kind = PINTAG_CONVERSION_CUSTOM;
    c.name = test_str("custom");
    c.custom_event_name = test_str("n");
    c.event_id = test_str("i");
    c.properties = &p[0];

    p[0].name = test_str("a");
    p[0].text = filled(9000);
    p[0].next = &p[1];
    p[1].name = test_str("order_id");
    p[1].text = test_str("o");
    p[1].next = &p[2];
    p[2].name = test_str("b");
    p[2].child = &p[3];
    p[3].name = test_str("order_id");
    p[3].text = test_str("o");

    assert_int_equal(check_by_the_rule(&c), 2);

    p[1].text = filled(9000);

    assert_int_equal(check_by_the_rule(&c), -1);
}


static size_t
rnd(uint32_t *seed, size_t n)
{
    *seed = *seed * 1664525 + 1013904223;

    return (*seed >> 8) % n;
}


static pintag_str_t
rnd_text(uint32_t *seed, size_t max)
{
    static const pintag_str_t  none = pintag_str_null;

    switch (rnd(seed, 4)) {
    case 0:
        return none;
    case 1:
        return filled(rnd(seed, max));
    default:
        return filled(1 + rnd(seed, 20));
    }
}


static pintag_property_t *
rnd_properties(uint32_t *seed, size_t max, unsigned depth,
    pintag_arena_t *arena)
{
    size_t              n;
    unsigned            element;
    pintag_property_t  *first, *p;

    static const char  *names[] = { "a", "order_id", "b c", "currency" };

    first = NULL;
    element = depth && rnd(seed, 2);

    for (n = rnd(seed, max); n; n--) {
        p = pintag_arena_zalloc(arena, sizeof(pintag_property_t));
        assert_non_null(p);

        p->element = element & 1;
        p->index = n;
        p->name = test_str(names[rnd(seed, 4)]);

        if (depth < 3 && rnd(seed, 4) == 0) {
            p->child = rnd_properties(seed, max, depth + 1, arena);
        }

        if (p->child == NULL) {
            p->text = filled(rnd(seed, rnd(seed, 8) ? 60 : 2000));
        }

        p->next = first;
        first = p;
    }

    return first;
}


static void
what_is_left_out_is_what_the_rule_says(void **state)
{
    int                  out;
    size_t               i, k;
    unsigned             fit, cut, refused;
    uint32_t             seed;
    pintag_item_t        items[100];
    test_memory_t        memory;
    pintag_conversion_t  c;

    (void) state;

    seed = 1;
    fit = cut = refused = 0;

    for (i = 0; i < 2000; i++) {
        memset(&c, 0, sizeof(c));
        memset(items, 0, sizeof(items));
        (void) test_memory_init(&memory);

        c.kind = (pintag_conversion_kind_e) rnd(&seed, 3);
        c.name = test_str("event");
        c.value = rnd_text(&seed, 20);
        c.order_quantity = rnd_text(&seed, 20);
        c.currency = rnd_text(&seed, 20);
        c.order_id = rnd_text(&seed, 9000);
        c.promo_code = rnd_text(&seed, 3000);
        c.property = rnd_text(&seed, 100);
        c.search_query = rnd_text(&seed, 9000);
        c.video_title = rnd_text(&seed, 100);
        c.lead_type = rnd_text(&seed, 3000);
        c.custom_event_name = rnd_text(&seed, 100);
        c.event_id = rnd_text(&seed, 100);
        c.items = items;
        c.nitems = rnd(&seed, 100);

        for (k = 0; k < c.nitems; k++) {
            items[k].product_id = filled(rnd(&seed, 60));
            items[k].name = rnd_text(&seed, rnd(&seed, 10) ? 100 : 9000);
        }

        c.properties = rnd_properties(&seed, 1 + rnd(&seed, 12), 0,
                                      &memory.arena);

        out = check_by_the_rule(&c);

        if (out == 0) {
            fit++;

        } else if (out == -1) {
            refused++;

        } else {
            cut++;
        }

        test_memory_free(&memory);
    }

    /* the cases are worth something */

    assert_true(fit > 100);
    assert_true(cut > 100);
    assert_true(refused > 10);
}


/* in any spelling */

static void
a_query_keeps_four_names(void **state)
{
    size_t  i;

    static const struct {
        const char  *name;
        unsigned     kept;
    } names[] = {
        { "value", 1 }, { "Value", 1 }, { "_v-a l_u-e ", 1 },
        { "order_quantity", 1 }, { "OrderQuantity", 1 },
        { "currency", 1 }, { "Currency", 1 }, { " - _currency", 1 },
        { "order_id", 1 }, { "orderid", 1 }, { "Order-ID", 1 },

        { "", 0 }, { "___ - ", 0 }, { "v", 0 }, { "valu", 0 },
        { "values", 0 }, { "my_value", 0 }, { "order", 0 },
        { "order_id2", 0 }, { "currenc\xc3\xbd", 0 }, { "revenue", 0 },
        { "_price", 0 }
    };

    (void) state;

    for (i = 0; i < test_n(names); i++) {
        assert_int_equal(pintag_tag_keeps(test_str(names[i].name)),
                         names[i].kept);
    }
}


/* each leaf would repeat the name: gigabytes of query */

static void
a_long_name_above_many_values_costs_no_more(void **state)
{
    size_t                i, n;
    unsigned              truncated;
    const char           *reason;
    pintag_buf_t          query;
    test_memory_t         memory;
    pintag_property_t     parent, *leaves;
    pintag_conversion_t   c;

    (void) state;

    n = 200000;

    leaves = calloc(n, sizeof(pintag_property_t));
    assert_non_null(leaves);

    memset(&c, 0, sizeof(c));
    memset(&parent, 0, sizeof(parent));

    for (i = 0; i < n; i++) {
        leaves[i].element = 1;
        leaves[i].index = i;
        leaves[i].text = test_str("x");
        leaves[i].next = i + 1 < n ? &leaves[i + 1] : NULL;
    }

    parent.child = leaves;
    parent.name = filled(sizeof(filler));

    c.kind = PINTAG_CONVERSION_CUSTOM;
    c.name = test_str("custom");
    c.properties = &parent;

    pintag_buf_init(&query, test_memory_init(&memory), 0);

    assert_int_equal(pintag_tag_query(&c, tag_id, &query, &truncated,
                                      &reason), PINTAG_OK);
    assert_buf(&query, "tid=261&noscript=1&event=custom");
    assert_int_equal(truncated, n);
    assert_true(memory.bytes < 1024 * 1024);

    parent.name = filled(1000);
    query.len = 0;

    assert_int_equal(pintag_tag_query(&c, tag_id, &query, &truncated,
                                      &reason), PINTAG_OK);
    assert_true(query.len > 7000 && query.len <= PINTAG_TAG_MAX_QUERY);
    assert_int_equal(truncated, n - 7);

    test_memory_free(&memory);
    free(leaves);
}


static void
any_allocation_may_fail(void **state)
{
    size_t                room;
    unsigned              truncated;
    const char           *reason;
    pintag_buf_t          query;
    test_memory_t         memory;
    pintag_verdict_e      rc;
    pintag_item_t         item;
    pintag_conversion_t   c;

    (void) state;

    memset(&c, 0, sizeof(c));
    memset(&item, 0, sizeof(item));

    c.name = test_str("lead");
    c.lead_type = filled(7990);
    c.items = &item;
    c.nitems = 1;
    item.name = filled(1000);

    room = 0;

    do {
        pintag_buf_init(&query, test_memory_init(&memory), 0);

        assert_non_null(pintag_arena_bytes(&memory.arena, 65536));

        memory.arena.pos = memory.arena.end - room;
        memory.fail_at = memory.calls + 1;

        rc = pintag_tag_query(&c, tag_id, &query, &truncated, &reason);

        if (rc != PINTAG_OK) {
            assert_int_equal(rc, PINTAG_NO_MEMORY);
        }

        test_memory_free(&memory);

        room += 16;

    } while (rc != PINTAG_OK);

    assert_int_equal(truncated, 2);
}


static pintag_str_t
read_file(const char *name, pintag_arena_t *arena)
{
    FILE          *file;
    pintag_buf_t   text;
    size_t         n;
    char           part[4096];

    file = fopen(name, "rb");
    assert_non_null(file);

    pintag_buf_init(&text, arena, 0);

    do {
        n = fread(part, 1, sizeof(part), file);
        pintag_buf_add(&text, part, n);
    } while (n);

    fclose(file);
    assert_false(text.failed);

    return test_buf_str(&text);
}


static void
no_report(void *data, pintag_report_level_e level, size_t line, size_t column,
    const char *message)
{
    (void) data;

    if (level == PINTAG_REPORT_ERROR) {
        print_error("%zu:%zu: %s\n", line, column, message);
    }
}


/* as MetaRouter's Pinterest Tag page shows it, with the tag of its example */

static void
the_example_of_metarouter_to_the_byte(void **state)
{
    size_t                  i, k, n;
    unsigned                truncated;
    const char             *reason;
    pintag_str_t            text, request;
    pintag_buf_t            config, query;
    pintag_body_t           body;
    test_memory_t           memory;
    pintag_event_t          event;
    pintag_body_error_t     error;
    pintag_conversion_t    *c;
    pintag_integrations_t  *integrations;

    static const struct {
        const char  *partner_defined;
        const char  *query;
    } rows[] = {
        { "false",
          "tid=2612826764086&noscript=1"
          "&ed[checkout_id]=39f39fj39f3jf93fj9fj39fj3f"
          "&ed[order_id]=dkfsjidfjsdifsdfksdjfkdsfjsdfkdsf"
          "&ed[custom_event_name]=PaymentInfoEntered&event=custom" },
        { "true",
          "tid=2612826764086&noscript=1"
          "&ed[checkout_id]=39f39fj39f3jf93fj9fj39fj3f"
          "&ed[order_id]=dkfsjidfjsdifsdfksdjfkdsfjsdfkdsf"
          "&event=PaymentInfoEntered" },
    };

    (void) state;

    for (i = 0; i < test_n(rows); i++) {
        (void) test_memory_init(&memory);

        text = read_file("../data/integrations.yaml", &memory.arena);
        request = read_file("../data/request.json", &memory.arena);

        /* the one "true" of the file */

        pintag_buf_init(&config, &memory.arena, 0);

        for (k = 0; k < text.len; k++) {

            if (text.len - k > 4 && memcmp(&text.data[k], "true", 4) == 0) {
                pintag_buf_add_text(&config, rows[i].partner_defined);
                k += 3;
                continue;
            }

            pintag_buf_add_char(&config, text.data[k]);
        }

        integrations = pintag_integrations_read(test_buf_str(&config),
                                                &memory.arena, no_report,
                                                NULL);
        assert_non_null(integrations);
        assert_int_equal(integrations->n, 1);

        assert_int_equal(pintag_body_read(request, PINTAG_BODY_JSON, 1000,
                                          &memory.arena, &body, &error),
                         PINTAG_OK);
        assert_true(pintag_event_init(&event, &integrations->names,
                                      &memory.arena));
        assert_int_equal(body.n, 1);
        assert_int_equal(pintag_event_read(&event, body.events[0].value,
                                           NO_ENVELOPE, PINTAG_TYPE_NONE,
                                           &reason), PINTAG_OK);
        assert_int_equal(pintag_convert(&event, &integrations->elts[0],
                                        NO_CLIENT,
                                        &memory.arena, &c, &n, &reason),
                         PINTAG_OK);
        assert_int_equal(n, 1);

        pintag_buf_init(&query, &memory.arena, 0);

        assert_int_equal(pintag_tag_query(c, integrations->elts[0].tag_id,
                                          &query, &truncated, &reason),
                         PINTAG_OK);
        assert_buf(&query, rows[i].query);

        pintag_body_free(&body);
        test_memory_free(&memory);
    }
}


int
main(void)
{
    static const struct CMUnitTest  tests[] = {
        cmocka_unit_test(standard_conversions_in_order),
        cmocka_unit_test(other_conversions_send_value_and_properties),
        cmocka_unit_test(a_conversion_without_a_name_is_skipped),
        cmocka_unit_test(names_and_values_are_escaped),
        cmocka_unit_test(a_query_is_appended),
        cmocka_unit_test(eight_thousand_bytes_fit),
        cmocka_unit_test(a_custom_conversion_keeps_its_order_id),
        cmocka_unit_test(what_is_left_out_is_what_the_rule_says),
        cmocka_unit_test(a_query_keeps_four_names),
        cmocka_unit_test(a_long_name_above_many_values_costs_no_more),
        cmocka_unit_test(any_allocation_may_fail),
        cmocka_unit_test(the_example_of_metarouter_to_the_byte),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
