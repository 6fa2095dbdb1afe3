
/*
 * Copyright (C) the ngx_http_pintag_module authors
 *
 * The event id: where it is looked for, what of personal data becomes of it,
 * and how it is derived when there is none.
 */


#include "test_event.h"

#include "event_id.h"
#include "identity.h"


#define TRACK(members)  "{'type':'track','event':'X'," members "}"
#define PROPERTIES(s)   TRACK("'messageId':'m','properties':{" s "}")


typedef struct {
    const char  *path;       /* deduplicationKey, or NULL */
    const char  *event;
    const char  *id;         /* or NULL */
    const char  *hashed;     /* the text of which the hash is the id */
} row_t;


/* the names of the path, as the file's reader gives them */

static void
path_set(pintag_list_t *list, const char *path, pintag_arena_t *arena)
{
    size_t         n;
    pintag_str_t  *names;

    list->n = 0;

    if (path == NULL) {
        return;
    }

    names = pintag_arena_alloc(arena, 16 * sizeof(pintag_str_t));
    assert_non_null(names);

    for (n = 0; *path; n++) {
        assert_true(n < 16);

        names[n].data = (const unsigned char *) path;
        names[n].len = strcspn(path, ".");

        path += names[n].len;
        path += *path == '.';
    }

    list->elts = names;
    list->n = n;
}


static void
check_row(const row_t *row, const pintag_integration_t *base,
    const pintag_visitor_t *visitor, const char *file, int line)
{
    int                    rc;
    pintag_str_t           id, expected;
    test_event_t           t;
    pintag_integration_t   integration;
    const pintag_event_t  *event;

    event = test_event_init(&t, row->event);

    integration = *base;
    path_set(&integration.deduplication, row->path, &t.memory.arena);

    id = test_str("");

    rc = pintag_event_id(event, &integration, visitor, &t.memory.arena, &id);

    expected = test_str(row->id ? row->id : "");

    if (row->hashed) {
        expected = test_hash(test_str(row->hashed),
                                        &t.memory.arena);
        expected.len = 32;
    }

    if (rc != (expected.len != 0) || !pintag_str_eq(id, expected)) {
        print_error("of %s at %s, %d:\n", row->event,
                    row->path ? row->path : "nothing", rc);
        test_assert_str_at(id, expected, "the id", file, line);
        _fail(file, line);
    }

    test_event_free(&t);
}


static const pintag_integration_t  plain;
static const pintag_visitor_t      nobody;


#define check_rows(rows, integration)                                         \
    for (size_t row_i = 0; row_i < test_n(rows); row_i++) {                   \
        check_row(&rows[row_i], integration, &nobody, __FILE__, __LINE__);    \
    }


static void
ids_in_their_order(void **state)
{
    static const row_t  rows[] = {
        { "properties.order_id", PROPERTIES("'order_id':'o','event_id':'e',"
          "'eid':'d'"), "o", NULL },
        { NULL, PROPERTIES("'order_id':'o','eid':'d','event_id':'e'"),
          "e", NULL },
        { "properties.order_id", PROPERTIES("'eid':'d'"), "d", NULL },
        { "properties.order_id", PROPERTIES("'other':1"), "m", NULL },
        { NULL, TRACK("'properties':{}"), NULL, NULL },

        /* as it is, and of a page as well */

        { NULL, PROPERTIES("'Event ID':' e '"), " e ", NULL },
        { NULL, TRACK("'message_id':5"), "5", NULL },
        { NULL, "{'type':'page','properties':{'eventId':'e'}}", "e", NULL },

        /* what is absent is passed over */

        { "properties.order_id", PROPERTIES("'order_id':null,'event_id':' ',"
          "'eid':'d'"), "d", NULL },
        { "properties.order_id", PROPERTIES("'order_id':'','event_id':{},"
          "'eid':[1]"), "m", NULL },
        { NULL, TRACK("'messageId':' '"), NULL, NULL },

        /* numbers and booleans are text */

        { "properties.order_id", PROPERTIES("'order_id':1002"), "1002", NULL },
        { NULL, PROPERTIES("'event_id':19.99"), "19.99", NULL },
        { NULL, PROPERTIES("'event_id':true"), "true", NULL }
    };

    (void) state;

    check_rows(rows, &plain);
}


static void
a_path_begins_at_the_root(void **state)
{
    static const row_t  rows[] = {
        { "properties.checkout.id",
          PROPERTIES("'checkout':{'id':'c'}"), "c", NULL },
        { "properties", PROPERTIES("'a':1"), "m", NULL },
        { "properties.a.b", PROPERTIES("'a':'b'"), "m", NULL },
        { "context", TRACK("'context':{'a':1}"), NULL, NULL },
        { "context.session.id", TRACK("'context':{'session':{'id':7}}"),
          "7", NULL },
        { "context.consent", TRACK("'context':{'consent':'c'}"), "c", NULL },
        { "traits.customer_no", TRACK("'traits':{'customerNo':'t'}"),
          "t", NULL },
        { "context.traits.no", TRACK("'context':{'traits':{'no':'t'}}"),
          "t", NULL },
        { "messageId", TRACK("'messageId':'m','properties':{'eid':'d'}"),
          "m", NULL },
        { "anonymousId", TRACK("'anonymous_id':'a'"), "a", NULL },

        /* the member spelled exactly, else the first of its name */

        { "properties.orderNo", PROPERTIES("'order_no':'1','orderNo':'2'"),
          "2", NULL },
        { "properties.orderNo", PROPERTIES("'order_no':'1','OrderNo':'2'"),
          "1", NULL },
        { "properties.orderId", PROPERTIES("'order_id':'1','orderId':'2'"),
          "2", NULL },
        { "properties.order_id", PROPERTIES("'orderId':'1','order_id':'2'"),
          "2", NULL },
        { "Properties.Order-ID", PROPERTIES("'orderId':'1'"), "1", NULL },
        { "traits.a-b", TRACK("'traits':{'aB':'1','a-b':'2'}"), "2", NULL },

        /* a number is the index of an array */

        { "properties.orders.1", PROPERTIES("'orders':['1','2']"),
          "2", NULL },
        { "properties.products.0.sku",
          PROPERTIES("'products':[{'sku':'s'}]"), "s", NULL },
        { "properties.orders.0", PROPERTIES("'orders':{'0':'1'}"), "1", NULL },
        { "properties.orders.2", PROPERTIES("'orders':['1','2']"),
          "m", NULL },
        { "properties.orders.x", PROPERTIES("'orders':['1','2']"),
          "m", NULL },
        { "properties.orders.1x", PROPERTIES("'orders':['1','2']"),
          "m", NULL },
        { "properties.orders.18446744073709551616",
          PROPERTIES("'orders':['1','2']"), "m", NULL }
    };

    (void) state;

    check_rows(rows, &plain);
}


/*
 * A name that the configuration has elsewhere, too, is read of the properties
 * at once; of the context and the root it is looked for.
 */

static void
a_path_of_interned_names(void **state)
{
    size_t                 i;
    pintag_str_t           id;
    test_event_t           t;
    pintag_integration_t   integration;
    const pintag_event_t  *event;

    static const row_t  rows[] = {
        { "properties.orderId",
          PROPERTIES("'order_id':'1','orderId':'2'"), "2", NULL },
        { "properties.own", PROPERTIES("'own':'1'"), "1", NULL },
        { "context.own", TRACK("'context':{'own':'1'}"), "1", NULL },
        { "own", TRACK("'own':'1'"), "1", NULL },
        { "context.orderId",
          TRACK("'context':{'order_id':'1','orderId':'2'}"), "2", NULL }
    };

    (void) state;

    for (i = 0; i < test_n(rows); i++) {
        test_event_names(&t);

        assert_true(pintag_names_intern(&t.names, test_str("orderId")) != -1);
        assert_true(pintag_names_intern(&t.names, test_str("own")) != -1);

        event = test_event_read(&t, rows[i].event);

        integration = plain;
        path_set(&integration.deduplication, rows[i].path, &t.memory.arena);

        assert_int_equal(pintag_event_id(event, &integration, &nobody,
                                         &t.memory.arena, &id), 1);
        assert_str(id, rows[i].id);

        test_event_free(&t);
    }
}


static void
the_context_of_a_batch_counts(void **state)
{
    size_t                 i;
    const char            *reason;
    pintag_str_t           id;
    test_event_t           t, batch;
    pintag_envelope_t      envelope;
    pintag_integration_t   integration;

    /* the batch has { click_id: c, session: { id: s }, ip: 1.2.3.4 } */

    static const row_t  rows[] = {
        { "context.click_id", TRACK("'messageId':'m'"), "c", NULL },
        { "context.session.id", TRACK("'messageId':'m'"), "s", NULL },
        { "context.Session.ID", TRACK("'context':{}"), "s", NULL },
        { "context.session.id", TRACK("'context':{'session':null}"), "s",
          NULL },
        { "context.session", TRACK("'context':{'session':' '},"
                                   "'messageId':'m'"), "m", NULL },
        { "context.session.id", TRACK("'context':{'session':' '}"), "s",
          NULL },
        { "context.ip", TRACK("'messageId':'m'"), "m", NULL },

        /* member by member, the event's own wins */

        { "context.session.id", TRACK("'context':{'session':{'id':'o'}}"),
          "o", NULL },
        { "context.session.id", TRACK("'messageId':'m',"
                                      "'context':{'session':{}}"), "m", NULL },
        { "context.click_id", TRACK("'context':{'clickId':'o'}"), "o", NULL },
        { "properties.session.id", TRACK("'messageId':'m'"), "m", NULL }
    };

    (void) state;

    (void) test_event_init(&batch, TRACK("'context':{'click_id':'c',"
                                         "'session':{'id':'s'},"
                                         "'ip':'1.2.3.4'}"));

    memset(&envelope, 0, sizeof(pintag_envelope_t));
    envelope.context = batch.event.context.object;

    for (i = 0; i < test_n(rows); i++) {
        (void) test_event_init(&t, rows[i].event);

        assert_int_equal(pintag_event_read(&t.event, pintag_json_root(t.doc),
                                           &envelope, PINTAG_TYPE_NONE,
                                           &reason), PINTAG_OK);

        integration = plain;
        path_set(&integration.deduplication, rows[i].path, &t.memory.arena);

        assert_int_equal(pintag_event_id(&t.event, &integration, &nobody,
                                         &t.memory.arena, &id), 1);
        assert_str(id, rows[i].id);

        test_event_free(&t);
    }

    test_event_free(&batch);
}


static void
personal_data_is_no_id(void **state)
{
    pintag_integration_t  integration;

    static const row_t  rows[] = {

        /* what holds an address is hashed */

        { NULL, PROPERTIES("'event_id':'o-jane@example.com'"), NULL,
          "o-jane@example.com" },
        { NULL, PROPERTIES("'event_id':'jane%2540example.com'"), NULL,
          "jane%2540example.com" },
        { NULL, TRACK("'messageId':'jane@example.com'"), NULL,
          "jane@example.com" },
        { "userId", TRACK("'userId':'jane@example.com'"), NULL,
          "jane@example.com" },
        { "properties.link",
          PROPERTIES("'link':'https://a.org/?m=jane@example.com'"), NULL,
          "https://a.org/?m=jane@example.com" },

        /* and so is a URL of which a part may not leave */

        { "properties.link", PROPERTIES("'link':'https://a.org/?phone=1'"),
          NULL, "https://a.org/?phone=1" },
        { "properties.link", PROPERTIES("'link':'https://a.org/?o=1'"),
          "https://a.org/?o=1", NULL },

        /* what stands under a listed name is passed over, however deep */

        { "properties.phone", PROPERTIES("'phone':'1'"), "m", NULL },
        { "properties.phone.no", PROPERTIES("'Phone':{'no':'1'}"), "m", NULL },
        { "properties.orders.0.ip",
          PROPERTIES("'orders':[{'ip':'1'}]"), "m", NULL },
        { "context.ip", TRACK("'context':{'ip':'1.2.3.4'}"), NULL, NULL },
        { "traits.email", TRACK("'traits':{'email':'a'}"), NULL, NULL },
        { "properties.customerphone", PROPERTIES("'customerPhone':'1'"),
          "m", NULL },
        { "properties.customerPhone", PROPERTIES("'customerphone':'1'"),
          "m", NULL },
        { "properties.customer.name",
          PROPERTIES("'customer':{'name':'1'}"), "m", NULL },
        { "properties.customer.no.name",
          PROPERTIES("'customer':{'no':{'name':'1'}}"), "m", NULL },
        { "properties.plan.name",
          PROPERTIES("'plan':{'name':'1'}"), "1", NULL },
        { "properties.city", PROPERTIES("'city':'1'"), "m", NULL }
    };

    static const row_t  added[] = {
        { "properties.order_no", PROPERTIES("'order_no':'o'"), "m", NULL },
        { NULL, PROPERTIES("'event_id':'e','eid':'d'"), "d", NULL }
    };

    /* with "removePii: page" the list is shorter in properties of a track */

    static const row_t  page_only[] = {
        { "properties.city", PROPERTIES("'city':'1'"), "1", NULL },
        { "properties.phone", PROPERTIES("'phone':'1'"), "m", NULL },
        { "traits.city", TRACK("'traits':{'city':'1'}"), NULL, NULL },
        { "properties.city", "{'type':'page','properties':{'city':'1'}}",
          NULL, NULL }
    };

    test_memory_t  memory;

    (void) state;

    check_rows(rows, &plain);

    integration = plain;
    integration.pii.page_only = 1;

    check_rows(page_only, &integration);

    integration = plain;

    assert_true(pintag_names_init(&integration.pii.added,
                                  test_memory_init(&memory),
                                  PINTAG_FOLD_NAME));
    assert_int_equal(pintag_names_add(&integration.pii.added,
                                      test_str("order_no")), 0);
    assert_int_equal(pintag_names_add(&integration.pii.added,
                                      test_str("event_id")), 1);

    check_rows(added, &integration);

    test_memory_free(&memory);
}


static void
an_id_is_derived_for_the_api(void **state)
{
    size_t                i;
    pintag_visitor_t      visitor;
    pintag_integration_t  api;

    /* compact JSON, less what a repeat changes, then address and agent */

    static const row_t  rows[] = {
        { NULL, "{ 'event' : 'X', 'properties': {'a': [1, -2, 3.50, 1e3, true,"
          " false, null], 'b': {}, 'c': [], 'd': 'q\\\\ \\u00e9\\n'} }", NULL,
          "{\"event\":\"X\",\"properties\":{\"a\":[1,-2,3.5,1000,true,false,"
          "null],\"b\":{},\"c\":[],\"d\":\"q\\\\ \xc3\xa9\\u000A\"}}"
          "\n1.2.3.4\nUA" },

        { NULL, "{'sentAt':1,'event':'X','received_at':2,'Write Key':'k',"
          "'timestamp':3}", NULL,
          "{\"event\":\"X\",\"timestamp\":3}\n1.2.3.4\nUA" },

        { NULL, TRACK("'properties':{'sentAt':1,'writeKey':2}"), NULL,
          "{\"type\":\"track\",\"event\":\"X\",\"properties\":{\"sentAt\":1,"
          "\"writeKey\":2}}\n1.2.3.4\nUA" },

        /* only when there is none */

        { NULL, TRACK("'messageId':'m'"), "m", NULL },
        { "properties.phone", TRACK("'properties':{'phone':1}"), NULL,
          "{\"type\":\"track\",\"event\":\"X\",\"properties\":{\"phone\":1}}"
          "\n1.2.3.4\nUA" }
    };

    static const row_t  unknown[] = {
        { NULL, "{'event':'X'}", NULL, "{\"event\":\"X\"}\n\n" }
    };

    (void) state;

    api = plain;
    api.ad_account_id = test_str("1");

    visitor = nobody;
    visitor.address = test_str("1.2.3.4");
    visitor.user_agent = test_str("UA");

    for (i = 0; i < test_n(rows); i++) {
        check_row(&rows[i], &api, &visitor, __FILE__, __LINE__);
    }

    check_rows(unknown, &api);
}


static void
any_allocation_may_fail(void **state)
{
    int                    rc;
    size_t                 i, room;
    pintag_str_t           id;
    test_event_t           t;
    test_memory_t          memory;
    pintag_integration_t   api;
    const pintag_event_t  *event;

    static const struct {
        const char  *event;
        const char  *path;
    } rows[] = {
        { "{'event':'X'}", NULL },
        { PROPERTIES("'event_id':'jane@example.com'"), NULL },
        { PROPERTIES("'event_id':12"), NULL },
        { PROPERTIES("'order_id':12"), "properties.order_id" }
    };

    (void) state;

    for (i = 0; i < test_n(rows); i++) {
        event = test_event_init(&t, rows[i].event);

        api = plain;
        api.ad_account_id = test_str("1");
        path_set(&api.deduplication, rows[i].path, &t.memory.arena);

        room = 0;

        do {
            (void) test_memory_init(&memory);
            assert_non_null(pintag_arena_bytes(&memory.arena, 65536));

            memory.arena.pos = memory.arena.end - room;
            memory.fail_at = memory.calls + 1;

            rc = pintag_event_id(event, &api, &nobody, &memory.arena, &id);

            assert_int_not_equal(rc, 0);

            test_memory_free(&memory);

        } while (rc == -1 && ++room < 65536);

        assert_int_equal(rc, 1);
        assert_true(room > 0);

        test_event_free(&t);
    }
}


int
main(void)
{
    const struct CMUnitTest  tests[] = {
        cmocka_unit_test(ids_in_their_order),
        cmocka_unit_test(a_path_begins_at_the_root),
        cmocka_unit_test(a_path_of_interned_names),
        cmocka_unit_test(the_context_of_a_batch_counts),
        cmocka_unit_test(personal_data_is_no_id),
        cmocka_unit_test(an_id_is_derived_for_the_api),
        cmocka_unit_test(any_allocation_may_fail)
    };

    return cmocka_run_group_tests_name("event_id", tests, NULL, NULL);
}
