
/*
 * Copyright (C) the ngx_http_pintag_module authors
 *
 * Whether an event may go to a destination, and whether its processing is
 * limited.
 */


#include "test_event.h"

#include "privacy.h"


#define TRACK(members)  "{'type':'track','event':'X'," members "}"
#define FLAGS(s)        TRACK("'integrations':{" s "}")
#define CONTEXT(s)      TRACK("'context':{" s "}")
#define PREFERENCES(s)  CONTEXT("'consent':{'categoryPreferences':" s "}")
#define MANAGEMENT(s)   CONTEXT("'consentManagement':{" s "}")

#define DISABLED        "integration_disabled"


typedef struct {
    const char  *event;
    const char  *reason;      /* or NULL */
} row_t;


/* a destination of which nothing but a list or two is configured */

typedef struct {
    test_memory_t          memory;
    pintag_str_t           elts[4];
    pintag_client_t        client;
    pintag_integration_t   integration;
} setup_t;


static void
setup_init(setup_t *s)
{
    memset(s, 0, sizeof(setup_t));
    (void) test_memory_init(&s->memory);
}


static void
setup_list(setup_t *s, pintag_list_t *list, const char *first,
    const char *second)
{
    s->elts[0] = test_str(first);
    s->elts[1] = test_str(second);

    list->elts = s->elts;
    list->n = second ? 2 : 1;
}


static void
setup_names(setup_t *s, pintag_names_t *names, const char *first,
    const char *second)
{
    assert_true(pintag_names_init(names, &s->memory.arena, PINTAG_FOLD_NAME));
    assert_int_equal(pintag_names_add(names, test_str(first)), 0);

    if (second) {
        assert_int_equal(pintag_names_add(names, test_str(second)), 1);
    }
}


static void
check_row(const row_t *row, const setup_t *s, const char *file, int line)
{
    int            rc;
    const char    *reason;
    test_event_t   t;

    rc = pintag_privacy_skip(test_event_init(&t, row->event), &s->integration,
                             &s->client, &reason);

    assert_int_not_equal(rc, -1);

    if (rc == 0) {
        reason = NULL;
    }

    if ((reason == NULL) != (row->reason == NULL)
        || (reason && strcmp(reason, row->reason) != 0))
    {
        print_error("of %s: %s\n", row->event, reason ? reason : "none");
        _fail(file, line);
    }

    test_event_free(&t);
}


#define check_rows(rows, setup)                                               \
    for (size_t row_i = 0; row_i < test_n(rows); row_i++) {                   \
        check_row(&rows[row_i], setup, __FILE__, __LINE__);                   \
    }


static void
only_events_of_the_write_keys(void **state)
{
    setup_t  s;

    static const row_t  rows[] = {
        { TRACK("'writeKey':'a'"), NULL },
        { TRACK("'write_key':'7'"), NULL },
        { TRACK("'writeKey':7"), NULL },
        { TRACK("'writeKey':'A'"), "write_key" },
        { TRACK("'writeKey':' a'"), "write_key" },
        { TRACK("'writeKey':'ab'"), "write_key" },
        { TRACK("'writeKey':true"), "write_key" },
        { TRACK("'properties':{'writeKey':'a'}"), "write_key" },
        { TRACK("'writeKey':''"), "write_key" }
    };

    /* the request's where the event has none */

    static const row_t  absent[] = {
        { TRACK("'writeKey':null"), NULL },
        { TRACK("'writeKey':' '"), NULL },
        { TRACK("'writeKey':{}"), NULL },
        { TRACK("'writeKey':['b']"), NULL },
        { TRACK("'writeKey':'b'"), "write_key" },
        { TRACK("'writeKey':'7'"), NULL }
    };

    static const row_t  any[] = {
        { TRACK("'writeKey':'b'"), NULL },
        { TRACK("'properties':{}"), NULL }
    };

    (void) state;

    setup_init(&s);
    check_rows(any, &s);

    setup_list(&s, &s.integration.write_keys, "a", "7");
    check_rows(rows, &s);

    s.client.write_key = test_str("b");
    check_rows(rows, &s);

    s.client.write_key = test_str("a");
    check_rows(absent, &s);

    test_memory_free(&s.memory);
}


static void
a_signal_may_drop(void **state)
{
    setup_t  s;

    static const row_t  dropped[] = {
        { TRACK("'properties':{}"), "privacy_signal" }
    };

    static const row_t  sent[] = {
        { TRACK("'properties':{}"), NULL }
    };

    (void) state;

    setup_init(&s);

    s.client.signal = PINTAG_SIGNAL_DROP;
    check_rows(dropped, &s);

    s.client.signal = PINTAG_SIGNAL_LDP;
    check_rows(sent, &s);

    test_memory_free(&s.memory);
}


static void
integrations_of_the_event(void **state)
{
    setup_t  s;

    static const row_t  rows[] = {

        /* any of ours that is false */

        { FLAGS("'Pinterest':false"), DISABLED },
        { FLAGS("'Pinterest Tag':false"), DISABLED },
        { FLAGS("'Pinterest Conversions':false"), DISABLED },
        { FLAGS("'Pinterest Conversions API':false"), DISABLED },
        { FLAGS("'All':true,'Pinterest':true,'Pinterest Tag':false"),
          DISABLED },
        { FLAGS("'Pinterest':false,'Pinterest Tag':true"), DISABLED },

        /* names as everywhere, and a trailing "(Actions)" */

        { FLAGS("'pinterest_tag':false"), DISABLED },
        { FLAGS("'PinterestConversionsApi':false"), DISABLED },
        { FLAGS("'Pinterest (Actions)':false"), DISABLED },
        { FLAGS("'Pinterest Conversions API (Actions)':false"), DISABLED },
        { FLAGS("'pinterest-tag( ACTIONS )':false"), DISABLED },
        { FLAGS("'Pinterest (Actions)':false,'Pinterest':true"), DISABLED },
        { FLAGS("'Pinterest':true,'pinterest':false"), NULL },
        { FLAGS("'pinterest':false,'Pinterest':true"), NULL },
        { FLAGS("'PINTEREST':false,'pinterest':true"), DISABLED },

        /* what is not ours */

        { FLAGS("'Pinterest Ads':false,'Google':false"), NULL },
        { FLAGS("'(Actions)':false,'Actions':false,'':false"), NULL },
        { FLAGS("'Pinterest Actions':false,'(Actions) Pinterest':false"),
          NULL },
        { FLAGS("'Pinterest (Actions) (Actions)':false"), NULL },
        { TRACK("'context':{'integrations':{'All':false}}"), NULL },

        /* none but those that are named */

        { FLAGS("'All':false"), DISABLED },
        { FLAGS("'all':false,'Google':true"), DISABLED },
        { FLAGS("'All':false,'Pinterest':true"), NULL },
        { FLAGS("'Pinterest Conversions':true,'All':false"), NULL },
        { FLAGS("'All':false,'Pinterest Tag':{}"), NULL },
        { FLAGS("'All':false,'Pinterest Tag (Actions)':true"), NULL },
        { FLAGS("'All':false,'Pinterest':true,'Pinterest Tag':false"),
          DISABLED },

        /* only booleans and objects count */

        { FLAGS("'Pinterest':'false'"), NULL },
        { FLAGS("'Pinterest':null"), NULL },
        { FLAGS("'Pinterest':0"), NULL },
        { FLAGS("'Pinterest':{}"), NULL },
        { FLAGS("'All':0"), NULL },
        { FLAGS("'All':false,'Pinterest':'true'"), DISABLED },
        { FLAGS("'All':false,'Pinterest':null"), DISABLED },
        { FLAGS("'All':false,'Pinterest':1"), DISABLED },
        { FLAGS("'All':false,'Pinterest':[]"), DISABLED },
        { TRACK("'integrations':false"), NULL },
        { TRACK("'integrations':['All']"), NULL },
        { TRACK("'integrations':null"), NULL },
        { FLAGS(""), NULL },
        { FLAGS("'All':true"), NULL }
    };

    (void) state;

    setup_init(&s);
    check_rows(rows, &s);

    test_memory_free(&s.memory);
}


static void
allowed_and_denied_events(void **state)
{
    setup_t  s;

    static const row_t  allowed[] = {
        { "{'event':'Order Completed'}", NULL },
        { "{'event':' order_completed '}", NULL },
        { "{'event':'Orders Completed'}", "event_denied" },
        { "{'type':'page','name':'Order Completed'}", NULL },
        { "{'type':'screen','name':'Order Completed'}", "event_denied" }
    };

    static const row_t  denied[] = {
        { "{'event':'Order Completed'}", "event_denied" },
        { "{'event':'orderCompleted'}", "event_denied" },
        { "{'event':'Orders Completed'}", NULL },
        { "{'type':'page','name':'Order Completed'}", NULL },
        { "{'type':'screen','event':'X'}", "event_denied" }
    };

    /* what is denied is, though it is allowed */

    static const row_t  both[] = {
        { "{'event':'Order Completed'}", "event_denied" },
        { "{'type':'page'}", NULL },
        { "{'type':'screen'}", "event_denied" }
    };

    (void) state;

    setup_init(&s);

    setup_names(&s, &s.integration.allow_events, "Order Completed", "page");
    check_rows(allowed, &s);

    setup_names(&s, &s.integration.deny_events, "Order Completed", "Screen");
    check_rows(both, &s);

    memset(&s.integration.allow_events, 0, sizeof(pintag_names_t));
    check_rows(denied, &s);

    test_memory_free(&s.memory);
}


static void
consent_to_all_categories(void **state)
{
    setup_t  s;

    static const row_t  rows[] = {

        /* no consent is told at all */

        { TRACK("'properties':{}"), NULL },
        { CONTEXT("'consent':{}"), NULL },
        { CONTEXT("'consent':null,'consentManagement':null"), NULL },
        { PREFERENCES("null"), NULL },
        { CONTEXT("'consent':{'other':{'Ads':false}}"), NULL },
        { TRACK("'consent':{'categoryPreferences':{}}"), NULL },

        /* preferences: each of ours is true */

        { PREFERENCES("{'Ads':true,'Data Sharing':true,'X':false}"), NULL },
        { PREFERENCES("{'ads':true,'data_sharing':true}"), NULL },
        { PREFERENCES("{'Ads':true,'Data Sharing':false}"), "no_consent" },
        { PREFERENCES("{'Ads':false,'Data Sharing':true}"), "no_consent" },
        { PREFERENCES("{'Ads':true}"), "no_consent" },
        { PREFERENCES("{}"), "no_consent" },
        { PREFERENCES("{'Ads':true,'Data Sharing':'true'}"), "no_consent" },
        { PREFERENCES("{'Ads':1,'Data Sharing':1}"), "no_consent" },
        { PREFERENCES("['Ads','Data Sharing']"), "no_consent" },
        { PREFERENCES("true"), "no_consent" },
        { PREFERENCES("{'ads':true,'Data Sharing':true,'Ads':false}"),
          "no_consent" },
        { PREFERENCES("{'ads':false,'Data Sharing':true,'Ads':true}"), NULL },
        { PREFERENCES("{'ads':false,'Data Sharing':true,'ADS':true}"),
          "no_consent" },
        { CONTEXT("'Consent':{'category_preferences':{'Ads':false}}"),
          "no_consent" }
    };

    static const row_t  ids[] = {
        { MANAGEMENT(""), NULL },
        { MANAGEMENT("'provider':'x'"), NULL },
        { MANAGEMENT("'allowedConsentIds':null,'deniedConsentIds':null"),
          NULL },

        { MANAGEMENT("'allowedConsentIds':['x','C1',2]"), NULL },
        { MANAGEMENT("'allowed_consent_ids':['C1','2']"), NULL },
        { MANAGEMENT("'allowedConsentIds':['C1','2'],'deniedConsentIds':[]"),
          NULL },
        { MANAGEMENT("'allowedConsentIds':['C1']"), "no_consent" },
        { MANAGEMENT("'allowedConsentIds':['2']"), "no_consent" },
        { MANAGEMENT("'allowedConsentIds':['c1','2']"), "no_consent" },
        { MANAGEMENT("'allowedConsentIds':['C1 ','2']"), "no_consent" },
        { MANAGEMENT("'allowedConsentIds':[]"), "no_consent" },
        { MANAGEMENT("'allowedConsentIds':{'C1':true,'2':true}"),
          "no_consent" },
        { MANAGEMENT("'allowedConsentIds':['C1',2.5]"), "no_consent" },

        { MANAGEMENT("'deniedConsentIds':[]"), NULL },
        { MANAGEMENT("'deniedConsentIds':['x','c1']"), NULL },
        { MANAGEMENT("'deniedConsentIds':['x','C1']"), "no_consent" },
        { MANAGEMENT("'deniedConsentIds':[2]"), "no_consent" },
        { MANAGEMENT("'deniedConsentIds':2"), "no_consent" },
        { MANAGEMENT("'allowedConsentIds':['C1','2'],"
                     "'deniedConsentIds':['2']"), "no_consent" },

        /* where both are told, both count */

        { CONTEXT("'consent':{'categoryPreferences':{'C1':true,'2':true}},"
                  "'consentManagement':{'deniedConsentIds':['2']}"),
          "no_consent" },
        { CONTEXT("'consent':{'categoryPreferences':{'C1':true,'2':false}},"
                  "'consentManagement':{'allowedConsentIds':['C1','2']}"),
          "no_consent" },
        { CONTEXT("'consent':{'categoryPreferences':{'C1':true,'2':true}},"
                  "'consentManagement':{'allowedConsentIds':['C1','2']}"),
          NULL }
    };

    static const row_t  unasked[] = {
        { PREFERENCES("{'Ads':false}"), NULL },
        { MANAGEMENT("'allowedConsentIds':[],'deniedConsentIds':['Ads']"),
          NULL }
    };

    (void) state;

    setup_init(&s);
    check_rows(unasked, &s);

    setup_list(&s, &s.integration.consent, "Ads", "Data Sharing");
    check_rows(rows, &s);

    setup_list(&s, &s.integration.consent, "C1", "2");
    check_rows(ids, &s);

    test_memory_free(&s.memory);
}


static void
booleans_are_ids_by_their_text(void **state)
{
    setup_t  s;

    static const row_t  rows[] = {
        { MANAGEMENT("'allowedConsentIds':[true, false]"), NULL },
        { MANAGEMENT("'allowedConsentIds':[true]"), "no_consent" },
        { MANAGEMENT("'allowedConsentIds':[null,{},[]]"), "no_consent" }
    };

    (void) state;

    setup_init(&s);

    setup_list(&s, &s.integration.consent, "true", "false");
    check_rows(rows, &s);

    test_memory_free(&s.memory);
}


/* the event has all of the reasons; each is taken away from it in turn */

static void
the_first_reason_is_told(void **state)
{
    setup_t  s;

    static const char  all[] = "{'event':'X','writeKey':'k','integrations':{"
        "'All':false},'context':{'consent':{'categoryPreferences':{}}}}";

    static const char  enabled[] = "{'event':'X','writeKey':'k','context':{"
        "'consent':{'categoryPreferences':{}}}}";

    (void) state;

    setup_init(&s);

    setup_list(&s, &s.integration.write_keys, "a", NULL);
    setup_names(&s, &s.integration.deny_events, "X", NULL);
    s.client.signal = PINTAG_SIGNAL_DROP;
    s.integration.consent = s.integration.write_keys;

    check_row(&(row_t) { all, "write_key" }, &s, __FILE__, __LINE__);

    s.integration.write_keys.n = 0;
    check_row(&(row_t) { all, "privacy_signal" }, &s, __FILE__, __LINE__);

    s.client.signal = PINTAG_SIGNAL_NONE;
    check_row(&(row_t) { all, DISABLED }, &s, __FILE__, __LINE__);

    check_row(&(row_t) { enabled, "event_denied" }, &s, __FILE__, __LINE__);

    s.integration.deny_events.n = 0;
    check_row(&(row_t) { enabled, "no_consent" }, &s, __FILE__, __LINE__);

    s.integration.consent.n = 0;
    check_row(&(row_t) { enabled, NULL }, &s, __FILE__, __LINE__);

    test_memory_free(&s.memory);
}


static void
limited_data_processing(void **state)
{
    size_t         i;
    setup_t        s;
    test_event_t   t;

    static const struct {
        const char  *event;
        unsigned     limited;
    } rows[] = {
        { TRACK("'properties':{'opt_out_type':'LDP'}"), 1 },
        { TRACK("'properties':{'optOutType':' ldp '}"), 1 },
        { TRACK("'properties':{'opt_out_type':'OTHER, Ldp,'}"), 1 },
        { TRACK("'properties':{'opt_out_type':',,LDP'}"), 1 },
        { CONTEXT("'Opt Out Type':'LDP'"), 1 },
        { TRACK("'properties':{'opt_out_type':'x'},"
                "'context':{'opt_out_type':'LDP'}"), 1 },

        { TRACK("'properties':{}"), 0 },
        { TRACK("'opt_out_type':'LDP'"), 0 },
        { TRACK("'traits':{'opt_out_type':'LDP'}"), 0 },
        { TRACK("'properties':{'opt_out_type':''}"), 0 },
        { TRACK("'properties':{'opt_out_type':','}"), 0 },
        { TRACK("'properties':{'opt_out_type':'LD,P'}"), 0 },
        { TRACK("'properties':{'opt_out_type':'LDP2'}"), 0 },
        { TRACK("'properties':{'opt_out_type':'LDP;X'}"), 0 },
        { TRACK("'properties':{'opt_out_type':true}"), 0 },
        { TRACK("'properties':{'opt_out_type':null}"), 0 },
        { TRACK("'properties':{'opt_out_type':{'LDP':'LDP'}}"), 0 }
    };

    (void) state;

    setup_init(&s);

    for (i = 0; i < test_n(rows); i++) {
        if (pintag_privacy_limited(test_event_init(&t, rows[i].event),
                                   &s.integration, &s.client)
            != rows[i].limited)
        {
            fail_msg("of %s", rows[i].event);
        }

        test_event_free(&t);
    }

    (void) test_event_init(&t, TRACK("'properties':{}"));

    s.integration.limited = 1;
    assert_int_equal(pintag_privacy_limited(&t.event, &s.integration,
                                            &s.client), 1);

    s.integration.limited = 0;
    s.client.signal = PINTAG_SIGNAL_LDP;
    assert_int_equal(pintag_privacy_limited(&t.event, &s.integration,
                                            &s.client), 1);

    s.client.signal = PINTAG_SIGNAL_DROP;
    assert_int_equal(pintag_privacy_limited(&t.event, &s.integration,
                                            &s.client), 0);

    test_event_free(&t);
    test_memory_free(&s.memory);
}


/* without memory there is no consent, and no want of it either */

static void
any_allocation_may_fail(void **state)
{
    int                    rc;
    size_t                 n;
    setup_t                s;
    const char            *reason;
    test_event_t           t;
    const pintag_event_t  *event;

    (void) state;

    setup_init(&s);
    setup_list(&s, &s.integration.consent, "ads", NULL);

    n = 0;

    do {
        event = test_event_init(&t, TRACK(
            "'context':{'consent':{'categoryPreferences':{'ads':true}},"
            "'consentManagement':{'deniedConsentIds':[]}}"));

        t.memory.arena.pos = t.memory.arena.end;
        t.memory.fail_at = t.memory.calls + ++n;

        rc = pintag_privacy_skip(event, &s.integration, &s.client, &reason);

        assert_int_not_equal(rc, 1);

        test_event_free(&t);

    } while (rc == -1);

    assert_int_equal(n, 3);

    test_memory_free(&s.memory);
}


int
main(void)
{
    const struct CMUnitTest  tests[] = {
        cmocka_unit_test(only_events_of_the_write_keys),
        cmocka_unit_test(a_signal_may_drop),
        cmocka_unit_test(integrations_of_the_event),
        cmocka_unit_test(allowed_and_denied_events),
        cmocka_unit_test(consent_to_all_categories),
        cmocka_unit_test(booleans_are_ids_by_their_text),
        cmocka_unit_test(the_first_reason_is_told),
        cmocka_unit_test(limited_data_processing),
        cmocka_unit_test(any_allocation_may_fail)
    };

    return cmocka_run_group_tests_name("privacy", tests, NULL, NULL);
}
