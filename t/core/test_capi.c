
/*
 * Copyright (C) the ngx_http_pintag_module authors
 *
 * A conversion as an event of the Conversions API: order, escaping, numbers,
 * what is left out of one that is too long, and who it must tell of.
 */


#include "test.h"

#include "capi.h"
#include "conversion.h"
#include "json.h"


#define S(text)  pintag_str(text)

#define MAX      32768

#define HEAD     "{\"event_name\":\"lead\",\"action_source\":\"web\","        \
                 "\"event_time\":1554208956,\"event_id\":\"i\","
#define USER     "\"user_data\":{\"em\":[\"0a\"]}"


static pintag_str_t  hashes[] = { S("0a"), S("0b") };

/* of as many as there are */
#define HASHES(i, count)  { .elts = &hashes[i], .n = count }

static const pintag_capi_t  least_capi = {
    .event_time = 1554208956,
    .action_source = PINTAG_SOURCE_WEB,
    .identity = { .em = HASHES(0, 1) }
};

static const pintag_conversion_t  least = {
    .name = S("lead"),
    .event_id = S("i"),
    .capi = &least_capi,
    .capi_name = S("lead")
};


static void
check(const pintag_conversion_t *c, const char *expected)
{
    unsigned        truncated;
    const char     *reason;
    pintag_buf_t    out;
    test_memory_t   memory;

    pintag_buf_init(&out, test_memory_init(&memory), 0);

    assert_int_equal(pintag_capi_event(c, MAX, &out, &truncated, &reason),
                     PINTAG_OK);
    assert_buf(&out, expected);
    assert_int_equal(truncated, 0);

    test_memory_free(&memory);
}


static void
all_members_in_order(void **state)
{
    static pintag_item_t  items[] = {
        { .product_id = S("a"), .name = S("b"), .price = S("1.50"),
          .quantity = S("2"), .category = S("c"), .brand = S("d"),
          .variant = S("e"), .variant_id = S("f") },
        { .name = S("only a name") },
        { .product_id = S("g"), .price = S("0"), .quantity = S("0") }
    };

    static const pintag_capi_t  capi = {
        .event_time = 1,
        .action_source = PINTAG_SOURCE_APP_ANDROID,
        .identity = {
            .em = HASHES(0, 2), .ph = HASHES(0, 1), .ge = HASHES(1, 1),
            .db = HASHES(0, 1), .fn = HASHES(1, 1), .ln = HASHES(0, 1),
            .ct = HASHES(1, 1), .st = HASHES(0, 1), .zp = HASHES(1, 1),
            .country = HASHES(0, 1), .external_id = HASHES(1, 1),
            .hashed_maids = HASHES(0, 2)
        },
        .device = {
            .language = S("en"), .app_id = S("A"), .app_name = S("B"),
            .app_version = S("C"), .brand = S("D"), .model = S("E"),
            .type = S("F"), .carrier = S("G"), .os_version = S("H"),
            .wifi = PINTAG_TRUE, .opt_out = PINTAG_FALSE
        },
        .partner_id = S("pi"),
        .partner_name = S("pn"),
        .np = S("np"),
        .content_name = S("cn"),
        .content_category = S("cc"),
        .content_brand = S("cb")
    };

    static const pintag_conversion_t  c = {
        .kind = PINTAG_CONVERSION_CUSTOM,
        .name = S("n"),
        .custom_event_name = S("x"),
        .value = S("5"),
        .order_quantity = S("3"),
        .currency = S("EUR"),
        .order_id = S("o"),
        .promo_code = S("pc"),
        .property = S("pr"),
        .search_query = S("s"),
        .video_title = S("v"),
        .lead_type = S("l"),
        .items = items,
        .nitems = 3,
        .event_id = S("i"),
        .em = S("t"),
        .limited = 1,
        .visitor = {
            .page_url = S("https://a.org/"), .user_agent = S("UA"),
            .address = S("1.2.3.4"), .click_id = S("k"),
            .pin_unauth = S("p"), .derived_epik = S("d")
        },
        .capi = &capi,
        .capi_name = S("e"),
        .capi_value = S("9.95")
    };

    (void) state;

    check(&c, "{\"event_name\":\"e\",\"action_source\":\"app_android\","
        "\"event_time\":1,\"event_id\":\"i\","
        "\"event_source_url\":\"https://a.org/\",\"opt_out\":false,"
        "\"partner_name\":\"pn\",\"user_data\":{\"em\":[\"0a\",\"0b\"],"
        "\"ph\":[\"0a\"],\"ge\":[\"0b\"],\"db\":[\"0a\"],\"fn\":[\"0b\"],"
        "\"ln\":[\"0a\"],\"ct\":[\"0b\"],\"st\":[\"0a\"],\"zp\":[\"0b\"],"
        "\"country\":[\"0a\"],\"external_id\":[\"0b\"],"
        "\"hashed_maids\":[\"0a\",\"0b\"],"
        "\"client_ip_address\":\"1.2.3.4\",\"client_user_agent\":\"UA\","
        "\"click_id\":\"k\",\"partner_id\":\"pi\"},"
        "\"custom_data\":{\"currency\":\"EUR\",\"value\":\"9.95\","
        "\"order_id\":\"o\",\"content_ids\":[\"a\",\"g\"],"
        "\"contents\":[{\"id\":\"a\",\"item_price\":\"1.50\","
        "\"quantity\":2,\"item_name\":\"b\",\"item_category\":\"c\","
        "\"item_brand\":\"d\"},{\"item_name\":\"only a name\"},"
        "{\"id\":\"g\",\"item_price\":\"0\",\"quantity\":0}],"
        "\"num_items\":3,\"content_name\":\"cn\",\"content_category\":\"cc\","
        "\"content_brand\":\"cb\",\"search_string\":\"s\","
        "\"opt_out_type\":\"LDP\",\"np\":\"np\"},"
        "\"app_id\":\"A\",\"app_name\":\"B\",\"app_version\":\"C\","
        "\"device_brand\":\"D\",\"device_carrier\":\"G\","
        "\"device_model\":\"E\",\"device_type\":\"F\",\"os_version\":\"H\","
        "\"wifi\":true,\"language\":\"en\"}");
}


static void
what_is_absent_is_left_out(void **state)
{
    pintag_capi_t         capi;
    pintag_conversion_t   c;

    static pintag_item_t  variant = { .variant = S("e") };

    (void) state;

    check(&least, HEAD USER "}");

    /* of these nothing is known that Pinterest takes */

    c = least;
    c.items = &variant;
    c.nitems = 1;
    c.value = (pintag_str_t) S("5");
    c.promo_code = (pintag_str_t) S("p");

    check(&c, HEAD USER "}");

    /* a custom event's name is its content's */

    c = least;
    c.custom_event_name = (pintag_str_t) S("My \"own\"\n");

    check(&c, HEAD USER
              ",\"custom_data\":{\"content_name\":\"My \\\"own\\\"\\u000A\"}}");

    capi = least_capi;
    capi.content_name = (pintag_str_t) S("n");
    c.capi = &capi;

    check(&c, HEAD USER ",\"custom_data\":{\"content_name\":\"n\"}}");

    /* what is false is told */

    capi = least_capi;
    capi.device.wifi = PINTAG_FALSE;
    capi.device.opt_out = PINTAG_TRUE;
    c = least;
    c.capi = &capi;

    check(&c, HEAD "\"opt_out\":true," USER ",\"wifi\":false}");
}


static void
integers_are_those_of_json(void **state)
{
    size_t               i;
    char                 expected[256];
    pintag_item_t        item;
    pintag_conversion_t  c;

    static const struct {
        const char  *text;
        const char  *expected;
    } cases[] = {
        { "0", "0" },
        { "000", "0" },
        { "007", "7" },
        { "-3", "-3" },
        { "-007", "-7" },
        { "-0", "0" },
        { "9223372036854775807", "9223372036854775807" },
        { "009223372036854775807", "9223372036854775807" },
        { "-9223372036854775808", "-9223372036854775808" },
        { "9223372036854775808", NULL },
        { "-9223372036854775809", NULL },
        { "10000000000000000000", NULL },
        { "100000000000000000000000000000", NULL }
    };

    (void) state;

    memset(&item, 0, sizeof(item));
    item.product_id = test_str("p");

    for (i = 0; i < test_n(cases); i++) {
        c = least;
        c.order_quantity = test_str(cases[i].text);

        snprintf(expected, sizeof(expected), "%s%s%s%s", HEAD USER,
                 cases[i].expected ? ",\"custom_data\":{\"num_items\":" : "",
                 cases[i].expected ? cases[i].expected : "",
                 cases[i].expected ? "}}" : "}");

        check(&c, expected);

        item.quantity = c.order_quantity;

        c = least;
        c.items = &item;
        c.nitems = 1;

        snprintf(expected, sizeof(expected), "%s%s%s%s", HEAD USER
                 ",\"custom_data\":{\"content_ids\":[\"p\"],\"contents\":["
                 "{\"id\":\"p\"",
                 cases[i].expected ? ",\"quantity\":" : "",
                 cases[i].expected ? cases[i].expected : "", "}]}}");

        check(&c, expected);
    }
}


static void
limited_data_processing_has_a_region_of_its_own(void **state)
{
    pintag_capi_t         capi;
    pintag_conversion_t   c;

    (void) state;

    capi = least_capi;
    capi.identity.st = (pintag_list_t) HASHES(0, 2);
    capi.identity.country = (pintag_list_t) HASHES(1, 1);

    c = least;
    c.capi = &capi;

    check(&c, HEAD "\"user_data\":{\"em\":[\"0a\"],\"st\":[\"0a\",\"0b\"],"
              "\"country\":[\"0b\"]}}");

    /* each in its place */

    c.limited = 1;
    c.st = (pintag_str_t) S("0c");

    check(&c, HEAD "\"user_data\":{\"em\":[\"0a\"],\"st\":[\"0c\"],"
              "\"country\":[\"0b\"]},\"custom_data\":{\"opt_out_type\":"
              "\"LDP\"}}");

    /* and where there is no other */

    c.capi = &least_capi;
    c.country = (pintag_str_t) S("0d");

    check(&c, HEAD "\"user_data\":{\"em\":[\"0a\"],\"st\":[\"0c\"],"
              "\"country\":[\"0d\"]},\"custom_data\":{\"opt_out_type\":"
              "\"LDP\"}}");
}


static void
it_must_tell_who_it_is_of(void **state)
{
    size_t               i;
    unsigned             truncated;
    const char          *reason;
    pintag_buf_t         out;
    pintag_capi_t        capi;
    test_memory_t        memory;
    pintag_verdict_e     rc;
    pintag_conversion_t  c;

    static const struct {
        size_t      em;
        size_t      maids;
        size_t      ph;
        unsigned    address;
        unsigned    agent;
        unsigned    known;
    } cases[] = {
        { 1, 0, 0, 0, 0, 1 },
        { 0, 1, 0, 0, 0, 1 },
        { 0, 0, 0, 1, 1, 1 },
        { 0, 0, 1, 1, 0, 0 },
        { 0, 0, 1, 0, 1, 0 },
        { 0, 0, 1, 0, 0, 0 },
        { 0, 0, 0, 0, 0, 0 }
    };

    (void) state;

    pintag_buf_init(&out, test_memory_init(&memory), 0);
    pintag_buf_add_text(&out, "x");

    for (i = 0; i < test_n(cases); i++) {
        capi = least_capi;
        capi.identity.em.n = cases[i].em;
        capi.identity.hashed_maids = (pintag_list_t)
                                     HASHES(0, cases[i].maids);
        capi.identity.ph = (pintag_list_t) HASHES(0, cases[i].ph);

        c = least;
        c.capi = &capi;
        c.visitor.address = test_str(cases[i].address ? "1.2.3.4" : NULL);
        c.visitor.user_agent = test_str(cases[i].agent ? "UA" : NULL);

        out.len = 1;
        rc = pintag_capi_event(&c, MAX, &out, &truncated, &reason);

        if (cases[i].known) {
            assert_int_equal(rc, PINTAG_OK);
            assert_true(out.len > 1);

        } else {
            assert_int_equal(rc, PINTAG_SKIPPED);
            assert_string_equal(reason, "no_identity");
            assert_buf(&out, "x");
        }
    }

    test_memory_free(&memory);
}


/* by the rule, item by item from the last, "max" at every byte */

static void
items_are_left_out_from_the_last(void **state)
{
    size_t                i, max, whole;
    unsigned              truncated, out_of;
    const char           *reason;
    pintag_buf_t          out, expected;
    test_memory_t         memory;
    pintag_verdict_e      rc;
    pintag_conversion_t   c, less;

    static pintag_item_t  items[] = {
        { .name = S("no id") },
        { .product_id = S("a"), .name = S("1") },
        { .variant = S("nothing") },
        { .product_id = S("b\n"), .price = S("9") },
        { .product_id = S("c"), .quantity = S("99999999999999999999") },
        { .category = S("d") }
    };

    static const char  *bases[] = { NULL, "o" };

    (void) state;

    (void) test_memory_init(&memory);

    for (i = 0; i < test_n(bases); i++) {
        c = least;
        c.items = items;
        c.nitems = test_n(items);
        c.order_id = test_str(bases[i]);
        c.currency = test_str(bases[i]);

        pintag_buf_init(&out, &memory.arena, 0);
        assert_int_equal(pintag_capi_event(&c, MAX, &out, &truncated,
                                           &reason), PINTAG_OK);
        whole = out.len;

        for (max = 0; max <= whole; max++) {

            /* what the rule leaves of it */

            less = c;
            out_of = 0;

            for ( ;; ) {
                pintag_buf_init(&expected, &memory.arena, 0);
                assert_int_equal(pintag_capi_event(&less, MAX, &expected,
                                                   &truncated, &reason),
                                 PINTAG_OK);

                if (expected.len <= max || less.nitems == 0) {
                    break;
                }

                less.nitems--;
                out_of += items[less.nitems].variant.data == NULL;
            }

            pintag_buf_init(&out, &memory.arena, 0);
            pintag_buf_add_text(&out, "x");

            rc = pintag_capi_event(&c, max, &out, &truncated, &reason);

            if (expected.len > max) {
                assert_int_equal(rc, PINTAG_REJECTED);
                assert_string_equal(reason, "too_long");
                assert_buf(&out, "x");
                continue;
            }

            assert_int_equal(rc, PINTAG_OK);
            assert_int_equal(truncated, out_of);

            out.data++;
            out.len--;

            assert_true(pintag_str_eq(test_buf_str(&out),
                                      test_buf_str(&expected)));
        }
    }

    test_memory_free(&memory);
}


static void
any_bytes_make_valid_json(void **state)
{
    size_t               i;
    unsigned             truncated;
    char                 bytes[256];
    const char          *reason;
    pintag_buf_t         out;
    test_memory_t        memory;
    pintag_item_t        item;
    pintag_json_doc_t   *doc;
    pintag_json_error_t  error;
    pintag_conversion_t  c;

    (void) state;

    for (i = 0; i < 256; i++) {
        bytes[i] = (char) i;
    }

    c = least;
    c.event_id.data = (unsigned char *) bytes;
    c.event_id.len = sizeof(bytes);
    c.visitor.user_agent = c.event_id;
    c.order_id = c.event_id;

    memset(&item, 0, sizeof(item));
    item.product_id = c.event_id;
    c.items = &item;
    c.nitems = 1;

    pintag_buf_init(&out, test_memory_init(&memory), 0);

    assert_int_equal(pintag_capi_event(&c, MAX, &out, &truncated, &reason),
                     PINTAG_OK);

    doc = pintag_json_read(out.data, out.len, &memory.arena, &error);
    assert_non_null(doc);

    pintag_json_free(doc);
    test_memory_free(&memory);
}


/* thousands of items, of which some are large, cost what they are long */

static void
many_items_cost_what_their_length_costs(void **state)
{
    size_t                i, n;
    unsigned              truncated;
    const char           *reason;
    pintag_buf_t          out;
    pintag_str_t          large;
    pintag_item_t        *items;
    test_memory_t         memory;
    pintag_conversion_t   c;

    (void) state;

    n = 50000;

    items = pintag_arena_zalloc(test_memory_init(&memory),
                                n * sizeof(pintag_item_t));
    assert_non_null(items);

    large.len = 100000;
    large.data = pintag_arena_bytes(&memory.arena, large.len);
    assert_non_null(large.data);
    memset((unsigned char *) large.data, 'x', large.len);

    for (i = 0; i < n; i++) {
        items[i].product_id = test_str("id");
    }

    items[1000].name = large;

    c = least;
    c.items = items;
    c.nitems = n;

    pintag_buf_init(&out, &memory.arena, 0);

    assert_int_equal(pintag_capi_event(&c, 65536, &out, &truncated, &reason),
                     PINTAG_OK);
    assert_int_equal(truncated, n - 1000);

    assert_int_equal(pintag_capi_event(&c, 10000, &out, &truncated, &reason),
                     PINTAG_OK);
    assert_true(truncated > n - 1000);
    assert_true(truncated < n);

    test_memory_free(&memory);
}


static void
any_allocation_may_fail(void **state)
{
    size_t               room;
    unsigned             truncated;
    const char          *reason;
    pintag_buf_t         out;
    test_memory_t        memory;
    pintag_item_t        item;
    pintag_verdict_e     rc;
    pintag_conversion_t  c;

    (void) state;

    memset(&item, 0, sizeof(item));
    item.product_id = test_str("p");

    c = least;
    c.items = &item;
    c.nitems = 1;

    room = 0;

    do {
        (void) test_memory_init(&memory);
        assert_non_null(pintag_arena_bytes(&memory.arena, 65536));

        memory.arena.pos = memory.arena.end - room;
        memory.fail_at = memory.calls + 1;

        pintag_buf_init(&out, &memory.arena, 0);

        rc = pintag_capi_event(&c, MAX, &out, &truncated, &reason);

        if (rc != PINTAG_OK) {
            assert_int_equal(rc, PINTAG_NO_MEMORY);
            assert_int_equal(out.len, 0);
        }

        test_memory_free(&memory);

        room += 8;

    } while (rc != PINTAG_OK);

    assert_true(room > 100);
}


int
main(void)
{
    const struct CMUnitTest  tests[] = {
        cmocka_unit_test(all_members_in_order),
        cmocka_unit_test(what_is_absent_is_left_out),
        cmocka_unit_test(integers_are_those_of_json),
        cmocka_unit_test(limited_data_processing_has_a_region_of_its_own),
        cmocka_unit_test(it_must_tell_who_it_is_of),
        cmocka_unit_test(items_are_left_out_from_the_last),
        cmocka_unit_test(any_bytes_make_valid_json),
        cmocka_unit_test(many_items_cost_what_their_length_costs),
        cmocka_unit_test(any_allocation_may_fail)
    };

    return cmocka_run_group_tests_name("capi", tests, NULL, NULL);
}
