
/*
 * Copyright (C) the ngx_http_pintag_module authors
 *
 * What an event's context tells of the app and the device, and where the event
 * happened.
 */


#include "test_event.h"

#include "device.h"


#define TRACK(members)  "{'type':'track','event':'X'," members "}"
#define CONTEXT(s)      TRACK("'context':{" s "}")


typedef struct {
    const char  *event;
    const char  *expected;    /* what is told, a name and a value each */
} row_t;


static void
add_text(pintag_buf_t *buf, const char *name, pintag_str_t text)
{
    if (text.data) {
        pintag_buf_add_text(buf, name);
        pintag_buf_add_str(buf, text);
        pintag_buf_add_char(buf, ';');
    }
}


static void
add_told(pintag_buf_t *buf, const char *name, pintag_told_e told)
{
    if (told != PINTAG_UNTOLD) {
        pintag_buf_add_text(buf, name);
        pintag_buf_add_text(buf, told == PINTAG_TRUE ? "true;" : "false;");
    }
}


static void
check_row(const row_t *row, const pintag_integration_t *integration,
    const char *file, int line)
{
    pintag_buf_t           got;
    test_event_t           t;
    pintag_device_t        device;
    const pintag_event_t  *event;

    event = test_event_init(&t, row->event);

    assert_int_equal(pintag_device_read(event, integration, &t.memory.arena,
                                        &device), 1);

    pintag_buf_init(&got, &t.memory.arena, 0);

    add_text(&got, "language=", device.language);
    add_text(&got, "app_id=", device.app_id);
    add_text(&got, "app_name=", device.app_name);
    add_text(&got, "app_version=", device.app_version);
    add_text(&got, "brand=", device.brand);
    add_text(&got, "model=", device.model);
    add_text(&got, "type=", device.type);
    add_text(&got, "carrier=", device.carrier);
    add_text(&got, "os_version=", device.os_version);
    add_told(&got, "wifi=", device.wifi);
    add_told(&got, "opt_out=", device.opt_out);

    if (!pintag_str_eq(test_buf_str(&got), test_str(row->expected))) {
        print_error("of %s:\n", row->event);
    }

    test_assert_str_at(test_buf_str(&got), test_str(row->expected), "it",
                       file, line);

    test_event_free(&t);
}


#define check_rows(rows, integration)                                         \
    for (size_t row_i = 0; row_i < test_n(rows); row_i++) {                   \
        check_row(&rows[row_i], integration, __FILE__, __LINE__);             \
    }


static const pintag_integration_t  plain;


static void
app_and_device_are_told_in_clear(void **state)
{
    static const row_t  rows[] = {
        { CONTEXT("'app':{'name':'Shop','version':1.5,'build':'3',"
                  "'namespace':'com.example.shop'},"
                  "'device':{'id':'i','advertisingId':'a','manufacturer':"
                  "'Apple','model':'iPhone7,2','name':'maguro','type':'ios',"
                  "'token':'t'},"
                  "'network':{'bluetooth':true,'carrier':'T-Mobile US',"
                  "'cellular':true,'wifi':false},"
                  "'os':{'name':'iOS','version':'8.1.3'},'locale':'en-US'"),
          "language=en;app_id=com.example.shop;app_name=Shop;"
          "app_version=1.5;brand=Apple;model=iPhone7,2;type=ios;"
          "carrier=T-Mobile US;os_version=8.1.3;wifi=false;" },

        { CONTEXT("'App':{'Name Space':'n'},'DEVICE':{'MODEL':7}"),
          "app_id=n;model=7;" },

        /* absent, blank, or no text */

        { TRACK("'properties':{'app':{'name':'A'},'device':{'model':'M'}},"
                "'device':{'model':'M'},'locale':'en'"), "" },
        { CONTEXT("'app':{'name':'','version':null,'namespace':[1]},"
                  "'device':{'model':{},'type':' '},'os':'iOS','network':[]"),
          "" },

        /* none with an address; what else is personal in a URL goes */

        { CONTEXT("'app':{'name':'jane@example.com','version':'1',"
                  "'namespace':'a%2540example.com'},"
                  "'device':{'manufacturer':'x jane@example.com x',"
                  "'model':'https://x.org/?email=j&a=b'},"
                  "'network':{'carrier':'jane%40example.com'}"),
          "app_version=1;model=https://x.org/?a=b;" }
    };

    (void) state;

    check_rows(rows, &plain);
}


static void
long_texts_are_left_out(void **state)
{
    size_t         i;
    row_t          row;
    pintag_buf_t   event;
    test_memory_t  memory;

    (void) state;

    pintag_buf_init(&event, test_memory_init(&memory), 0);
    pintag_buf_add_text(&event, "{'event':'X','context':{'app':{'version':'1',"
                                "'name':'");

    for (i = 0; i < PINTAG_DEVICE_MAX + 1; i++) {
        pintag_buf_add_char(&event, 'a');
    }

    pintag_buf_add(&event, "'}}}", sizeof("'}}}"));

    row.event = (char *) event.data;
    row.expected = "app_version=1;";

    check_row(&row, &plain, __FILE__, __LINE__);

    test_memory_free(&memory);
}


static void
language_is_two_letters(void **state)
{
    static const row_t  rows[] = {
        { CONTEXT("'locale':'de'"), "language=de;" },
        { CONTEXT("'locale':'DE_at'"), "language=de;" },
        { CONTEXT("'locale':'az-AZ'"), "language=az;" },
        { CONTEXT("'locale':' pt-BR '"), "language=pt;" },
        { CONTEXT("'locale':'zh-Hans-CN'"), "language=zh;" },
        { CONTEXT("'locale':'d'"), "" },
        { CONTEXT("'locale':'d-AT'"), "" },
        { CONTEXT("'locale':'12'"), "" },
        { CONTEXT("'locale':'[]'"), "" },
        { CONTEXT("'locale':'\\u00e9n'"), "" },
        { CONTEXT("'locale':12"), "" },
        { CONTEXT("'locale':null"), "" }
    };

    (void) state;

    check_rows(rows, &plain);
}


static void
only_booleans_tell_of_wifi(void **state)
{
    static const row_t  rows[] = {
        { CONTEXT("'network':{'wifi':true}"), "wifi=true;" },
        { CONTEXT("'network':{'wifi':false}"), "wifi=false;" },
        { CONTEXT("'network':{'wifi':'true'}"), "" },
        { CONTEXT("'network':{'wifi':1}"), "" },
        { CONTEXT("'network':{'wifi':null}"), "" }
    };

    (void) state;

    check_rows(rows, &plain);
}


static void
ad_tracking_tells_of_opt_out(void **state)
{
    static const row_t  rows[] = {
        { CONTEXT("'device':{'adTrackingEnabled':false}"), "opt_out=true;" },
        { CONTEXT("'device':{'adTrackingEnabled':true}"), "opt_out=false;" },
        { CONTEXT("'device':{'ad_tracking_enabled':'FALSE'}"),
          "opt_out=true;" },
        { CONTEXT("'device':{'adTrackingEnabled':' true '}"),
          "opt_out=false;" },
        { CONTEXT("'device':{'adTrackingEnabled':'no'}"), "" },
        { CONTEXT("'device':{'adTrackingEnabled':0}"), "" },
        { CONTEXT("'device':{'adTrackingEnabled':null}"), "" },
        { CONTEXT("'adTrackingEnabled':false"), "" }
    };

    (void) state;

    check_rows(rows, &plain);
}


typedef struct {
    const char       *event;
    pintag_source_e   source;
} source_row_t;


static void
check_sources(const source_row_t *rows, size_t n,
    const pintag_integration_t *integration)
{
    size_t            i;
    test_event_t      t;
    pintag_source_e   source;

    for (i = 0; i < n; i++) {
        assert_int_equal(pintag_device_source(test_event_init(&t,
                                                              rows[i].event),
                                              integration, &source), 1);

        if (source != rows[i].source) {
            fail_msg("%s: %d", rows[i].event, source);
        }

        test_event_free(&t);
    }
}


static void
an_event_tells_where_it_happened(void **state)
{
    static const source_row_t  rows[] = {
        { TRACK("'a':1"), PINTAG_SOURCE_WEB },

        /* the property, the context, the channel */

        { TRACK("'channel':'web','context':{'action_source':'app_ios',"
                "'channel':'app_android'},'properties':{'action_source':"
                "'offline'}"), PINTAG_SOURCE_OFFLINE },
        { TRACK("'channel':'web','context':{'action_source':'app_ios',"
                "'channel':'app_android'}"), PINTAG_SOURCE_APP_IOS },
        { TRACK("'channel':'offline','context':{'channel':'app_android'}"),
          PINTAG_SOURCE_OFFLINE },
        { CONTEXT("'channel':'app_android'"), PINTAG_SOURCE_APP_ANDROID },
        { TRACK("'properties':{'actionSource':' App_iOS '}"),
          PINTAG_SOURCE_APP_IOS },

        /* what Pinterest does not have is passed over */

        { TRACK("'channel':'offline','properties':{'action_source':'pos'}"),
          PINTAG_SOURCE_OFFLINE },
        { TRACK("'properties':{'action_source':7},'channel':'server'"),
          PINTAG_SOURCE_WEB },
        { TRACK("'properties':{'action_source':['offline']}"),
          PINTAG_SOURCE_WEB },

        /* the device */

        { CONTEXT("'device':{'type':'ios'}"), PINTAG_SOURCE_APP_IOS },
        { CONTEXT("'device':{'type':'Android'}"),
          PINTAG_SOURCE_APP_ANDROID },
        { CONTEXT("'device':{'type':'tablet'}"), PINTAG_SOURCE_WEB },
        { TRACK("'channel':'web','context':{'device':{'type':'ios'}}"),
          PINTAG_SOURCE_WEB },

        /* the system, of a mobile channel only */

        { TRACK("'channel':'mobile','context':{'os':{'name':'iOS'}}"),
          PINTAG_SOURCE_APP_IOS },
        { TRACK("'channel':'mobile','context':{'os':{'name':'iPhone OS'}}"),
          PINTAG_SOURCE_APP_IOS },
        { TRACK("'channel':'Mobile','context':{'os':{'name':'iPadOS'}}"),
          PINTAG_SOURCE_APP_IOS },
        { CONTEXT("'channel':'mobile','os':{'name':'Android'}"),
          PINTAG_SOURCE_APP_ANDROID },
        { TRACK("'channel':'mobile','context':{'os':{'name':'Windows'}}"),
          PINTAG_SOURCE_WEB },
        { CONTEXT("'os':{'name':'iOS'}"), PINTAG_SOURCE_WEB },
        { TRACK("'channel':'mobile','context':{'os':{'name':'iOS'},"
                "'device':{'type':'android'}}"), PINTAG_SOURCE_APP_ANDROID }
    };

    static const source_row_t  configured[] = {
        { TRACK("'a':1"), PINTAG_SOURCE_OFFLINE },
        { TRACK("'channel':'mobile'"), PINTAG_SOURCE_OFFLINE },
        { TRACK("'channel':'web'"), PINTAG_SOURCE_WEB },
        { CONTEXT("'device':{'type':'ios'}"), PINTAG_SOURCE_APP_IOS }
    };

    static const pintag_integration_t  offline = {
        .action_source = PINTAG_SOURCE_OFFLINE
    };

    (void) state;

    check_sources(rows, test_n(rows), &plain);
    check_sources(configured, test_n(configured), &offline);
}


/* what is wanted in the event's arena and in the other */

static void
any_allocation_may_fail(void **state)
{
    size_t                 n;
    unsigned               ok;
    test_event_t           t;
    test_memory_t          memory;
    pintag_device_t        device;
    pintag_source_e        source;
    const pintag_event_t  *event;

    static const char  text[] = CONTEXT(
        "'app':{'version':1.5},'locale':'en','device':{'model':7},"
        "'network':{'carrier':'a%40b'},'os':{'version':12}");

    (void) state;

    n = 0;

    do {
        event = test_event_init(&t, text);

        t.memory.arena.pos = t.memory.arena.end;
        t.memory.fail_at = t.memory.calls + ++n;

        (void) test_memory_init(&memory);

        ok = pintag_device_source(event, &plain, &source)
             && pintag_device_read(event, &plain, &memory.arena, &device);

        test_memory_free(&memory);
        test_event_free(&t);

    } while (!ok);

    assert_int_equal(n, 5);

    event = test_event_init(&t, text);

    n = 0;

    do {
        (void) test_memory_init(&memory);
        assert_non_null(pintag_arena_bytes(&memory.arena, 100));

        memory.arena.pos = memory.arena.end - n++;
        memory.fail_at = memory.calls + 1;

        ok = pintag_device_read(event, &plain, &memory.arena, &device);

        test_memory_free(&memory);

    } while (!ok);

    assert_int_equal(n, 1 + 3 + 2 + 1 + 5 + 2);

    test_event_free(&t);
}


int
main(void)
{
    const struct CMUnitTest  tests[] = {
        cmocka_unit_test(app_and_device_are_told_in_clear),
        cmocka_unit_test(long_texts_are_left_out),
        cmocka_unit_test(language_is_two_letters),
        cmocka_unit_test(only_booleans_tell_of_wifi),
        cmocka_unit_test(ad_tracking_tells_of_opt_out),
        cmocka_unit_test(an_event_tells_where_it_happened),
        cmocka_unit_test(any_allocation_may_fail)
    };

    return cmocka_run_group_tests_name("device", tests, NULL, NULL);
}
