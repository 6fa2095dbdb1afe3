
/*
 * Copyright (C) the ngx_http_pintag_module authors
 *
 * What an event means to the Conversions API: the name and the data that a
 * conversion has there.
 */


#include "test_conversion.h"

#include "capi.h"


#define API        "    adAccountId: \"549755885175\"\n"                       \
                   "    accessToken: pina_x\n"

#define NAMED(e, p)                                                           \
    "{'type':'track','messageId':'m','event':'" e "','properties':{" p "}}"
#define PAGE(s)    "{'type':'page','messageId':'m'," s "}"
#define SCREEN(s)  "{'type':'screen','messageId':'m'," s "}"

/* of "ca" and of "us" */
#define CA_HASH                                                               \
    "6959097001d10501ac7d54c0bdb8db61420f658f2922cc26e46d536119a31126"
#define US_HASH                                                               \
    "79adb2a2fce5c6ba215fe5f27f532d4e7edbac4b6a5e09e1ef3a08084a904621"


static const pintag_client_t  client = {
    .user_agent = pintag_str("U"),
    .address = pintag_str("1.2.3.4"),
    .now = 1554208956
};


/* what of each conversion's object is not the same for all */

static void
encode(const pintag_conversion_t *c, pintag_arena_t *arena, pintag_buf_t *got)
{
    size_t         at;
    unsigned       truncated;
    const char    *reason;
    pintag_buf_t   out;
    pintag_str_t   name, rest;

    static const char  common[] =
        "\",\"action_source\":\"web\",\"event_time\":1554208956,"
        "\"event_id\":\"m\",\"user_data\":{\"client_ip_address\":\"1.2.3.4\","
        "\"client_user_agent\":\"U\"";

    pintag_buf_init(&out, arena, 0);

    assert_int_equal(pintag_capi_event(c, 32768, &out, &truncated, &reason),
                     PINTAG_OK);

    at = sizeof("{\"event_name\":\"") - 1;

    name.data = out.data + at;
    name.len = 0;

    while (name.data[name.len] != '"') {
        name.len++;
    }

    assert_true(out.len >= at + name.len + sizeof(common) - 1);
    assert_memory_equal(name.data + name.len, common, sizeof(common) - 1);

    rest.data = name.data + name.len + sizeof(common) - 1;
    rest.len = (size_t) (out.data + out.len - rest.data) - 1;

    pintag_buf_add_str(got, name);
    pintag_buf_add_str(got, rest);
}


static void
check_api(const row_t *row, const char *file, int line)
{
    size_t                i, n;
    fixture_t             f;
    const char           *reason;
    pintag_buf_t          got;
    pintag_conversion_t  *c;

    fixture_init(&f, row);

    assert_int_equal(pintag_event_read(&f.event, f.body.events[0].value,
                                       NO_ENVELOPE, PINTAG_TYPE_NONE,
                                       &reason), PINTAG_OK);
    assert_int_equal(pintag_convert(&f.event, &f.integrations->elts[0],
                                    &client, f.arena, &c, &n, &reason),
                     PINTAG_OK);

    pintag_buf_init(&got, f.arena, 0);

    for (i = 0; i < n; i++) {

        if (i) {
            pintag_buf_add_char(&got, ' ');
        }

        encode(&c[i], f.arena, &got);
    }

    for (i = 0; i < got.len; i++) {
        if (got.data[i] == '"') {
            got.data[i] = '\'';
        }
    }

    if (!pintag_str_eq(test_buf_str(&got), test_str(row->expected))) {
        print_error("of %s\n", row->event);
    }

    test_assert_str_at(test_buf_str(&got), test_str(row->expected),
                       "what differs", file, line);

    fixture_free(&f);
}


#define check_api_rows(rows)                                                  \
    for (size_t row_i = 0; row_i < test_n(rows); row_i++) {                   \
        check_api(&rows[row_i], __FILE__, __LINE__);                          \
    }

/* the closing bracket of user_data, then custom_data */
#define DATA(s)  "},'custom_data':{" s "}"
#define CONTENT(s)  DATA("'content_name':'" s "'")


static void
events_have_pinterest_s_names(void **state)
{
    static const row_t  rows[] = {

        /* by a row, whatever it is written as; as written when it is none */

        { API MAP ROW("X", "ViewContent") ROW("X", "Wish list"),
          NAMED("X", ""), "view_content} Wishlist}" },
        { API MAP ROW("X", "app open") ROW("X", "Lead"), NAMED("X", ""),
          "app_open} lead}" },
        { API MAP ROW("An event", "Custom"), NAMED("An Event", ""),
          "custom" CONTENT("AnEvent") },

        /* by the tables, by its own name */

        { API, NAMED("Order Completed", ""), "checkout}" },
        { API, NAMED("Viewed Product List", ""), "view_category}" },
        { API EXTENDED, NAMED("Signed Up", ""), "signup}" },
        { API EXTENDED, NAMED("Application Installed", ""), "app_install}" },
        { API EXTENDED, NAMED("Application Opened", ""), "app_open}" },
        { API EXTENDED, NAMED("AppInstall", ""), "app_install}" },
        { API, NAMED("watchVideo", ""), "watch_video}" },
        { API EXTENDED, NAMED("Start Trial", ""), "start_trial}" },

        /* any other */

        { API, NAMED("Size Chosen", ""), "custom" CONTENT("SizeChosen") },
        { API, NAMED("Start Trial", ""), "custom" CONTENT("StartTrial") },
        { API, NAMED("Custom", ""), "custom" CONTENT("Custom") },
        { API PARTNER, NAMED("Size Chosen", ""), "SizeChosen}" },
        { API PARTNER, NAMED("Start Trial", ""), "StartTrial}" },
        { API PARTNER, NAMED("App Install", ""), "AppInstall}" },

        { API, PAGE("'a':1"), "page_visit}" },
        { API, SCREEN("'a':1"), "page_visit}" },
    };

    (void) state;

    check_api_rows(rows);
}


static void
value_is_that_of_a_standard_conversion(void **state)
{
    static const row_t  rows[] = {
        { API, NAMED("Lead", "'revenue':'$1,299.90'"),
          "lead" DATA("'value':'1299.90'") },

        /* of a custom one, too, where the Tag has none */

        { API, NAMED("X", "'value':3"),
          "custom" DATA("'value':'3','content_name':'X'") },
        { API, NAMED("X", "'total':3"),
          "custom" DATA("'value':'3','content_name':'X'") },
        { API PARTNER, NAMED("X", "'price':3,'quantity':2"),
          "X" DATA("'value':'6','num_items':2") },
        { API MAP ROW("X", "Search"), NAMED("X", "'price':3"), "search}" },
        { API MAP ROW("X", "Y"), NAMED("X", "'price':3"),
          "Y" DATA("'value':'3'") },

        /* of a row, of the destination */

        { API VALUE("a") MAP ROW_VALUE("X", "Y", "b") ROW_VALUE("X", "Z", "")
              ROW("X", "Lead"), NAMED("X", "'a':1,'b':2,'value':3"),
          "Y" DATA("'value':'2'") " Z} lead" DATA("'value':'1'") },
        { API VALUE("a") MAP ROW_VALUE("X", "Y", "b"),
          NAMED("X", "'a':1,'value':3"), "Y}" },
        { API VALUE("a"), NAMED("X", "'value':3"),
          "custom" DATA("'value':'3','content_name':'X'") },
        { API VALUE("a"), NAMED("X", "'a':'1','value':3"),
          "custom" DATA("'value':'1','content_name':'X'") },

        /* of a page only from these two */

        { API, PAGE("'properties':{'value':'2,50','revenue':3}"),
          "page_visit" DATA("'value':'2.50'") },
        { API, PAGE("'properties':{'revenue':3,'total':4,'price':5}"),
          "page_visit}" },
        { API VALUE("a"), PAGE("'properties':{'a':1,'value':2}"),
          "page_visit" DATA("'value':'1'") },
        { API VALUE("a"), SCREEN("'properties':{'a':'x','value':2}"),
          "page_visit" DATA("'value':'2'") },
    };

    (void) state;

    check_api_rows(rows);
}


static void
any_conversion_has_the_data_of_a_standard_one(void **state)
{
    static const row_t  rows[] = {
        { API, NAMED("X", "'currency':'usd','order_id':'o','query':'q',"
          "'promo_code':'c','b':1,'products':[{'sku':'s','price':'1.50',"
          "'quantity':2,'name':'n','category':'c','brand':'b','variant':'v'},"
          "{'id':7}]"),
          "custom" DATA("'currency':'USD','value':'3','order_id':'o',"
          "'content_ids':['s','7'],'contents':[{'id':'s',"
          "'item_price':'1.50','quantity':2,'item_name':'n',"
          "'item_category':'c','item_brand':'b'},{'id':'7'}],'num_items':3,"
          "'content_name':'X','search_string':'q'") },

        { API, PAGE("'properties':{'currency':'eur','orderId':'o',"
          "'search_query':'q','product_id':'p','price':5,'quantity':'2'}"),
          "page_visit" DATA("'currency':'EUR','order_id':'o',"
          "'content_ids':['p'],'contents':[{'id':'p','item_price':'5',"
          "'quantity':2}],'num_items':2,'search_string':'q'") },

        /* what Pinterest does not know is not sent */

        { API LIST PROP("a"), NAMED("Lead", "'a':1,'lead_type':'l',"
          "'video_title':'v','property':'p','coupon':'c'"), "lead}" },
    };

    (void) state;

    check_api_rows(rows);
}


static void
contents_have_a_name(void **state)
{
    static const row_t  rows[] = {
        { API, NAMED("Lead", "'content_name':'n','contentCategory':'c',"
          "'Content Brand':'b'"),
          "lead" DATA("'content_name':'n','content_category':'c',"
          "'content_brand':'b'") },
        { API, NAMED("Lead", "'content_name':7,'content_category':{},"
          "'content_brand':' '"), "lead" CONTENT("7") },

        /* of a custom event, but not of another */

        { API, NAMED("An Event", "'content_name':'n'"),
          "custom" CONTENT("n") },
        { API, NAMED("An Event", "'content_name':'','name':'n'"),
          "custom" CONTENT("AnEvent") },
        { API, NAMED("Lead", "'name':'n'"), "lead}" },
        { API MAP ROW("X", "Custom") ROW("X", "Lead"), NAMED("X", ""),
          "custom" CONTENT("X") " lead}" },

        /* of a page */

        { API, PAGE("'name':'Home','category':'c'"),
          "page_visit" CONTENT("Home") },
        { API, SCREEN("'name':'Home','properties':{'name':'n'}"),
          "page_visit" CONTENT("n") },
        { API, PAGE("'name':'Home','properties':{'name':'n',"
          "'content_name':'cn'}"), "page_visit" CONTENT("cn") },
        { API, PAGE("'name':'Home','properties':{'name':null}"),
          "page_visit" CONTENT("Home") },

        /* without personal data */

        { API, NAMED("Lead", "'content_name':'jane@example.com',"
          "'content_category':'https://a.org/?email=x','content_brand':"
          "'a%40b.org'"),
          "lead" DATA("'content_category':'https://a.org/'") },
        { API, PAGE("'name':'jane@example.com'"), "page_visit}" },
        { API, PAGE("'name':'Home','properties':{'name':'j@example.com'}"),
          "page_visit" CONTENT("Home") },
        { API "    piiProperties: [name, content_brand]\n",
          PAGE("'name':'Home','properties':{'content_brand':'b'}"),
          "page_visit}" },
    };

    (void) state;

    check_api_rows(rows);
}


static void
limited_data_processing_is_told_of(void **state)
{
    static const row_t  rows[] = {
        { API "    limitedDataProcessing: {state: \" CA \", country: US}\n"
          "    enhancedMatch: false\n",
          "{'event':'Lead','messageId':'m','traits':{'state':'NY'}}", NULL },
        { API, "{'event':'Lead','messageId':'m','traits':{'state':'CA',"
          "'country':'us'},'context':{'opt_out_type':'LDP'}}", NULL },
    };

    size_t                i, k, n;
    fixture_t             f;
    unsigned              truncated;
    const char           *reason;
    pintag_buf_t          out;
    pintag_conversion_t  *c;

    (void) state;

    for (i = 0; i < test_n(rows); i++) {
        fixture_init(&f, &rows[i]);

        assert_int_equal(pintag_event_read(&f.event, f.body.events[0].value,
                                           NO_ENVELOPE, PINTAG_TYPE_NONE,
                                           &reason), PINTAG_OK);
        assert_int_equal(pintag_convert(&f.event, &f.integrations->elts[0],
                                        &client, f.arena, &c, &n, &reason),
                         PINTAG_OK);

        pintag_buf_init(&out, f.arena, 0);

        assert_int_equal(pintag_capi_event(c, 32768, &out, &truncated,
                                           &reason), PINTAG_OK);

        for (k = 0; k < out.len; k++) {
            if (out.data[k] == '"') {
                out.data[k] = '\'';
            }
        }

        assert_buf(&out, "{'event_name':'lead','action_source':'web',"
                         "'event_time':1554208956,'event_id':'m',"
                         "'user_data':{'st':['" CA_HASH "'],"
                         "'country':['" US_HASH "'],"
                         "'client_ip_address':'1.2.3.4',"
                         "'client_user_agent':'U'},"
                         "'custom_data':{'opt_out_type':'LDP'}}");

        fixture_free(&f);
    }
}


static void
partners_are_told_in_clear(void **state)
{
    static const row_t  rows[] = {
        { API, "{'event':'Lead','messageId':'m','traits':{'partnerId':'p'},"
          "'context':{'traits':{'partnerId':'q'}}}",
          "lead,'partner_id':'p'}" },
        { API, "{'event':'Lead','messageId':'m','traits':{'partner_id':''},"
          "'context':{'traits':{'partnerId':7}}}",
          "lead,'partner_id':'7'}" },
        { API, "{'event':'Lead','messageId':'m','traits':{'partnerId':"
          "'a%40b.org'},'context':{'traits':{'partnerId':'q'}}}",
          "lead,'partner_id':'q'}" },
        { API, "{'event':'Lead','messageId':'m','properties':{'partnerId':"
          "'p'},'partnerId':'p'}", "lead}" },
        { API "    np: \"my-np\"\n", NAMED("Lead", ""),
          "lead" DATA("'np':'my-np'") },
    };

    (void) state;

    check_api_rows(rows);
}


/* it is the same for all conversions of an event */

static void
what_the_event_tells_comes_with_each(void **state)
{
    size_t                n;
    fixture_t             f;
    const char           *reason;
    pintag_conversion_t  *c;

    static const row_t  row = {
        API "    partnerName: direct\n    actionSource: offline\n"
        MAP ROW("X", "Lead") ROW("X", "Y"),
        "{'event':'X','timestamp':1554208900,'userId':'u','context':{"
        "'locale':'de','device':{'advertisingId':'a'}}}", NULL
    };

    (void) state;

    fixture_init(&f, &row);

    assert_int_equal(pintag_event_read(&f.event, f.body.events[0].value,
                                       NO_ENVELOPE, PINTAG_TYPE_NONE,
                                       &reason), PINTAG_OK);
    assert_int_equal(pintag_convert(&f.event, &f.integrations->elts[0],
                                    &client, f.arena, &c, &n, &reason),
                     PINTAG_OK);

    assert_int_equal(n, 2);
    assert_ptr_equal(c[0].capi, c[1].capi);

    assert_int_equal(c->capi->event_time, 1554208900);
    assert_int_equal(c->capi->action_source, PINTAG_SOURCE_OFFLINE);
    assert_int_equal(c->capi->identity.external_id.n, 1);
    assert_int_equal(c->capi->identity.hashed_maids.n, 1);
    assert_str(c->capi->device.language, "de");
    assert_str(c->capi->partner_name, "direct");
    assert_str_null(c->capi->np);

    /* an id is made where there is none */

    assert_int_equal(c->event_id.len, 32);

    fixture_free(&f);
}


static void
each_transport_has_what_it_takes(void **state)
{
    size_t                n;
    fixture_t             f;
    const char           *reason;
    pintag_conversion_t  *c;

    static const char  event[] =
        "{'event':'X','userId':'a@x.org','properties':{'value':1}}";

    static const row_t  tag = { NULL, event, NULL };
    static const row_t  both = { API, event, NULL };
    static const row_t  page = { NULL, PAGE("'properties':{'value':1,"
                                            "'order_id':'o'}"), NULL };

    static const row_t  *rows[] = { &tag, &both, &both, &page };

    size_t  i;

    (void) state;

    for (i = 0; i < test_n(rows); i++) {
        fixture_init(&f, rows[i]);

        if (i == 2) {
            f.integrations->elts[0].tag_id.len = 0;
        }

        assert_int_equal(pintag_event_read(&f.event, f.body.events[0].value,
                                           NO_ENVELOPE, PINTAG_TYPE_NONE,
                                           &reason), PINTAG_OK);
        assert_int_equal(pintag_convert(&f.event, &f.integrations->elts[0],
                                        &client, f.arena, &c, &n, &reason),
                         PINTAG_OK);

        if (rows[i] == &both) {
            assert_non_null(c->capi);
            assert_str(c->capi_name, "custom");
            assert_str(c->capi_value, "1");

        } else {
            assert_null(c->capi);
            assert_str_null(c->capi_name);
            assert_str_null(c->capi_value);
        }

        if (i == 2) {
            assert_null(c->properties);
            assert_str_null(c->em);

        } else {
            assert_non_null(c->properties);
            assert_int_equal(c->em.data != NULL, rows[i] != &page);
        }

        fixture_free(&f);
    }
}


static void
any_allocation_may_fail(void **state)
{
    size_t                i, n, room;
    unsigned              truncated;
    fixture_t             f;
    const char           *reason;
    pintag_buf_t          out;
    pintag_verdict_e      rc;
    pintag_conversion_t  *c;

    static const row_t  rows[] = {
        { API MAP ROW("An event", "custom") ROW("An event", "Lead"),
          "{'event':'An event','userId':7,'traits':{'email':'A@x.org',"
          "'city':'B','partnerId':5},'context':{'locale':'en','device':{"
          "'model':5,'advertisingId':'A'},'os':{'version':5}},'properties':{"
          "'products':[{'id':5,'price':'5'}],'content_name':5,'total':5}}",
          NULL },
        { API, PAGE("'name':5,'properties':{'value':5,'sku':5}"), NULL },
        { API PARTNER, NAMED("An event", "'a':5"), NULL },
    };

    (void) state;

    for (i = 0; i < test_n(rows); i++) {
        room = 0;

        do {
            fixture_init(&f, &rows[i]);

            assert_int_equal(pintag_event_read(&f.event,
                                               f.body.events[0].value,
                                               NO_ENVELOPE, PINTAG_TYPE_NONE,
                                               &reason), PINTAG_OK);

            assert_non_null(pintag_arena_bytes(f.arena, 65536));
            f.arena->pos = f.arena->end - room;
            f.memory.fail_at = f.memory.calls + 1;

            rc = pintag_convert(&f.event, &f.integrations->elts[0], &client,
                                f.arena, &c, &n, &reason);

            if (rc == PINTAG_OK) {
                pintag_buf_init(&out, f.arena, 0);

                rc = pintag_capi_event(c, 32768, &out, &truncated, &reason);
            }

            assert_true(rc == PINTAG_OK || rc == PINTAG_NO_MEMORY);

            fixture_free(&f);

            room += 4;

        } while (rc != PINTAG_OK);
    }
}


int
main(void)
{
    static const struct CMUnitTest  tests[] = {
        cmocka_unit_test(events_have_pinterest_s_names),
        cmocka_unit_test(value_is_that_of_a_standard_conversion),
        cmocka_unit_test(any_conversion_has_the_data_of_a_standard_one),
        cmocka_unit_test(contents_have_a_name),
        cmocka_unit_test(limited_data_processing_is_told_of),
        cmocka_unit_test(partners_are_told_in_clear),
        cmocka_unit_test(what_the_event_tells_comes_with_each),
        cmocka_unit_test(each_transport_has_what_it_takes),
        cmocka_unit_test(any_allocation_may_fail),
    };

    return cmocka_run_group_tests_name("conversion_capi", tests, NULL, NULL);
}
