
/*
 * Copyright (C) the ngx_http_pintag_module authors
 *
 * Bodies and events: which shapes are taken apart and which events are
 * mapped.  In JSON ' stands for ".
 */


#include "test.h"

#include "body.h"
#include "event.h"
#include "names.h"


typedef struct {
    test_memory_t      memory;
    pintag_arena_t    *arena;
    pintag_names_t     names;
    pintag_event_t     event;
    pintag_body_t      body;
    unsigned char     *text;
} fixture_t;


static void
fixture_init(fixture_t *f)
{
    memset(f, 0, sizeof(fixture_t));

    f->arena = test_memory_init(&f->memory);

    assert_true(pintag_names_members(&f->names, f->arena));
    assert_true(pintag_event_init(&f->event, &f->names, f->arena));
}


static void
fixture_free(fixture_t *f)
{
    pintag_body_free(&f->body);
    test_memory_free(&f->memory);
    free(f->text);
}


/* leaves "room" bytes of memory */

static void
fixture_starve(fixture_t *f, size_t room)
{
    assert_non_null(pintag_arena_bytes(f->arena, 65536));

    f->arena->pos = f->arena->end - room;
    f->memory.fail_at = f->memory.calls + 1;
}


/* reads a body from memory of its own length, so that overruns show */

static pintag_verdict_e
read_body(fixture_t *f, const char *text, pintag_body_error_t *error)
{
    size_t  len, i;

    len = strlen(text);

    f->text = malloc(len ? len : 1);
    assert_non_null(f->text);

    for (i = 0; i < len; i++) {
        f->text[i] = (unsigned char) (text[i] == '\'' ? '"' : text[i]);
    }

    return pintag_body_read((pintag_str_t) { len, (const unsigned char *) f->text },
                            PINTAG_BODY_JSON, 1000000, f->arena, &f->body, error);
}


/* each event as its name, "-" where it is not mapped */

static void
bodies_are_taken_apart(void **state)
{
    size_t               i, k;
    fixture_t            f;
    const char          *reason;
    pintag_buf_t         got;
    pintag_body_error_t  error;

    static const struct {
        const char  *body;
        const char  *events;
    } rows[] = {

        { "{'event':'A'}", "A" },
        { " \r\n\t{'event':'A'} \n", "A" },
        { "{}", "-" },

        /* the wrapper of a serialised facade */

        { "{'opts':{'clone':true},'obj':{'event':'A'}}", "A" },
        { "{'obj':{'event':'A'},'raw':{'event':'B'},'event':'C'}", "A" },
        { "{'obj':'x','event':'A'}", "A" },
        { "{'obj':null,'event':'A'}", "A" },
        { "{'opts':{},'obj':'x','event':'A'}", "-" },
        { "{'obj':{'obj':{'event':'A'}}}", "-" },

        /* a batch, each event wrapped or not */

        { "{'batch':[]}", "" },
        { "{'batch':null,'event':'A'}", "A" },
        { "{'batch':[{'event':'A'},{'event':'B'}],'sentAt':'x'}", "A B" },
        { "{'batch':[{'opts':{},'obj':{'event':'A'}},{'event':'B'}]}",
          "A B" },
        { "{'batch':[1,{'event':'A'},null,'x',[],{'type':'alias'}]}",
          "- A - - - -" },
        { "{'batch':[{'batch':[{'event':'A'}]}]}", "-" },
        { "{'obj':{'event':'A'},'batch':[{'event':'B'}]}", "B" },
    };

    (void) state;

    for (i = 0; i < test_n(rows); i++) {
        fixture_init(&f);

        assert_int_equal(read_body(&f, rows[i].body, &error), PINTAG_OK);

        pintag_buf_init(&got, f.arena, 0);

        for (k = 0; k < f.body.n; k++) {

            if (k) {
                pintag_buf_add_char(&got, ' ');
            }

            if (pintag_event_read(&f.event, f.body.events[k].value,
                                  NO_ENVELOPE, PINTAG_TYPE_NONE, &reason)
                == PINTAG_OK)
            {
                pintag_buf_add_str(&got, f.event.name);

            } else {
                pintag_buf_add_char(&got, '-');
            }
        }

        assert_buf(&got, rows[i].events);

        fixture_free(&f);
    }
}


static void
unusable_bodies_say_what_is_wrong(void **state)
{
    size_t               i;
    fixture_t            f;
    pintag_body_error_t  error;

    static const struct {
        const char  *body;
        const char  *error;
        size_t       line;
        size_t       column;     /* 0: not told here */
    } rows[] = {
        { "", "empty_body", 0, 0 },
        { " \r\n\t ", "empty_body", 0, 0 },
        { "[{'event':'A'}]", "invalid_body", 0, 0 },
        { "[]", "invalid_body", 0, 0 },
        { "{'batch':{'event':'A'}}", "invalid_body", 0, 0 },
        { "{'batch':'x','event':'A'}", "invalid_body", 0, 0 },
        { "{'event':\n'A',\n x}", "invalid_json", 3, 2 },
        { "{'event':'A'", "invalid_json", 1, 0 },
        { "{'event':'A'}{'event':'B'}", "invalid_json", 1, 0 },
        { "event=A", "invalid_json", 1, 1 },
    };

    (void) state;

    for (i = 0; i < test_n(rows); i++) {
        fixture_init(&f);
        memset(&error, 0xa5, sizeof(error));

        assert_int_equal(read_body(&f, rows[i].body, &error),
                         PINTAG_REJECTED);
        assert_string_equal(error.error, rows[i].error);
        assert_true(strlen(error.message) > 0);
        assert_int_equal(error.line, rows[i].line);

        if (rows[i].column || rows[i].line == 0) {
            assert_int_equal(error.column, rows[i].column);
        }

        fixture_free(&f);
    }
}


static void
events_are_mapped_skipped_or_rejected(void **state)
{
    char                  text[256];
    size_t                i;
    fixture_t             f;
    const char           *reason;
    pintag_body_error_t   error;

    static const struct {
        const char           *event;
        pintag_event_type_e   type;
        pintag_verdict_e      verdict;
        const char           *reason;
    } rows[] = {
        { "{'type':'track','event':'A'}", PINTAG_TYPE_TRACK, PINTAG_OK, "" },
        { "{'type':'Track','event':'A'}", PINTAG_TYPE_TRACK, PINTAG_OK, "" },
        { "{'TYPE':'TRACK','Event':'A'}", PINTAG_TYPE_TRACK, PINTAG_OK, "" },
        { "{'event':'A'}", PINTAG_TYPE_TRACK, PINTAG_OK, "" },
        { "{'type':null,'event':'A'}", PINTAG_TYPE_TRACK, PINTAG_OK, "" },
        { "{'type':' ','event':'A'}", PINTAG_TYPE_TRACK, PINTAG_OK, "" },
        { "{'type':{},'event':'A'}", PINTAG_TYPE_TRACK, PINTAG_OK, "" },
        { "{'type':'page'}", PINTAG_TYPE_PAGE, PINTAG_OK, "" },
        { "{'type':'PAGE','event':5}", PINTAG_TYPE_PAGE, PINTAG_OK, "" },
        { "{'type':'screen'}", PINTAG_TYPE_SCREEN, PINTAG_OK, "" },

        { "{'type':'identify','event':'A'}", PINTAG_TYPE_IDENTIFY,
          PINTAG_SKIPPED, "unsupported_type" },
        { "{'type':'group'}", PINTAG_TYPE_GROUP,
          PINTAG_SKIPPED, "unsupported_type" },
        { "{'type':'alias'}", PINTAG_TYPE_ALIAS,
          PINTAG_SKIPPED, "unsupported_type" },
        { "{'type':'tracks','event':'A'}", PINTAG_TYPE_UNKNOWN,
          PINTAG_SKIPPED, "unsupported_type" },
        { "{'type':1,'event':'A'}", PINTAG_TYPE_UNKNOWN,
          PINTAG_SKIPPED, "unsupported_type" },
        { "{'properties':{'event':'A'}}", PINTAG_TYPE_NONE,
          PINTAG_SKIPPED, "unsupported_type" },
        { "{'event':null}", PINTAG_TYPE_NONE,
          PINTAG_SKIPPED, "unsupported_type" },

        { "{'type':'track'}", PINTAG_TYPE_TRACK,
          PINTAG_REJECTED, "missing_event_name" },
        { "{'type':'track','event':null}", PINTAG_TYPE_TRACK,
          PINTAG_REJECTED, "missing_event_name" },
        { "{'type':'track','event':''}", PINTAG_TYPE_TRACK,
          PINTAG_REJECTED, "missing_event_name" },
        { "{'event':' \\t\\u00a0\\u3000\\ufeff'}", PINTAG_TYPE_TRACK,
          PINTAG_REJECTED, "missing_event_name" },
        { "{'event':5}", PINTAG_TYPE_TRACK,
          PINTAG_REJECTED, "missing_event_name" },
        { "{'event':['A']}", PINTAG_TYPE_TRACK,
          PINTAG_REJECTED, "missing_event_name" },

        { "1", PINTAG_TYPE_NONE, PINTAG_REJECTED, "invalid_event" },
        { "null", PINTAG_TYPE_NONE, PINTAG_REJECTED, "invalid_event" },
        { "'A'", PINTAG_TYPE_NONE, PINTAG_REJECTED, "invalid_event" },
        { "[{'event':'A'}]", PINTAG_TYPE_NONE, PINTAG_REJECTED,
          "invalid_event" },
    };

    (void) state;

    for (i = 0; i < test_n(rows); i++) {
        fixture_init(&f);

        snprintf(text, sizeof(text), "{'batch':[%s]}", rows[i].event);

        assert_int_equal(read_body(&f, text, &error), PINTAG_OK);
        assert_int_equal(f.body.n, 1);

        reason = "";

        assert_int_equal(pintag_event_read(&f.event, f.body.events[0].value,
                                           NO_ENVELOPE, PINTAG_TYPE_NONE,
                                           &reason),
                         rows[i].verdict);
        assert_string_equal(reason, rows[i].reason);
        assert_int_equal(f.event.type, rows[i].type);

        fixture_free(&f);
    }
}


/* the event itself is the first level */

static void
deep_events_are_rejected(void **state)
{
    int                  k, levels;
    size_t               i;
    fixture_t            f;
    const char          *reason;
    pintag_buf_t         text;
    pintag_body_error_t  error;

    /* around the third level and those below */

    static const struct {
        const char  *before;
        const char  *after;
    } rows[] = {
        { "'context':{'a':", "}" },
        { "'context':[", "]" },
        { "'properties':{'a':", "}" },
        { "'properties':[", "]" },
        { "'Properties':{'a':", "},'properties':{}" },
        { "'properties':{},'Properties':{'a':", "}" },
    };

    (void) state;

    for (i = 0; i < test_n(rows); i++) {

        for (levels = 31; levels <= 34; levels++) {
            fixture_init(&f);

            pintag_buf_init(&text, f.arena, 0);
            pintag_buf_add_text(&text, "{'event':'A','messageId':'m',");
            pintag_buf_add_text(&text, rows[i].before);

            for (k = 2; k < levels; k++) {
                pintag_buf_add_char(&text, '[');
            }

            for (k = 2; k < levels; k++) {
                pintag_buf_add_char(&text, ']');
            }

            pintag_buf_add_text(&text, rows[i].after);
            pintag_buf_add(&text, "}", sizeof("}"));
            assert_false(text.failed);

            assert_int_equal(read_body(&f, (char *) text.data, &error),
                             PINTAG_OK);

            reason = "";

            if (levels <= PINTAG_EVENT_MAX_DEPTH) {
                assert_int_equal(pintag_event_read(&f.event, f.body.events[0].value,
                                                   NO_ENVELOPE, PINTAG_TYPE_NONE,
                                                   &reason), PINTAG_OK);
            } else {
                assert_int_equal(pintag_event_read(&f.event, f.body.events[0].value,
                                                   NO_ENVELOPE, PINTAG_TYPE_NONE,
                                                   &reason), PINTAG_REJECTED);
                assert_string_equal(reason, "too_deep");
                assert_str(f.event.message_id, "m");
            }

            fixture_free(&f);
        }
    }
}


static void
message_id_is_there_whatever_the_verdict(void **state)
{
    size_t               i;
    fixture_t            f;
    const char          *reason;
    pintag_body_error_t  error;

    static const struct {
        const char  *event;
        const char  *id;
    } rows[] = {
        { "{'event':'A','messageId':'m 1'}", "m 1" },
        { "{'event':'A','message_id':'m'}", "m" },
        { "{'event':'A','message_id':'a','messageId':'b'}", "b" },
        { "{'event':'A','Message-Id':'a','message_id':'b'}", "a" },
        { "{'event':'','messageId':'m'}", "m" },
        { "{'type':'group','messageId':'m'}", "m" },
        { "{'event':'A','messageId':' '}", "" },
        { "{'event':'A','messageId':null}", "" },
        { "{'event':'A'}", "" },
    };

    (void) state;

    for (i = 0; i < test_n(rows); i++) {
        fixture_init(&f);

        assert_int_equal(read_body(&f, rows[i].event, &error), PINTAG_OK);
        (void) pintag_event_read(&f.event, f.body.events[0].value,
                                 NO_ENVELOPE, PINTAG_TYPE_NONE, &reason);
        assert_str(f.event.message_id, rows[i].id);

        fixture_free(&f);
    }
}


static void
a_view_serves_for_one_event_after_the_other(void **state)
{
    fixture_t            f;
    const char          *reason;
    pintag_body_error_t  error;

    (void) state;

    fixture_init(&f);

    assert_int_equal(read_body(&f, "{'batch':[{'event':' A ','messageId':'m',"
                               "'properties':{'order_id':1}},{'event':'B'},"
                               "7]}", &error), PINTAG_OK);

    assert_int_equal(pintag_event_read(&f.event, f.body.events[0].value,
                                       NO_ENVELOPE, PINTAG_TYPE_NONE, &reason),
                     PINTAG_OK);
    assert_str(f.event.name, "A");
    assert_non_null(f.event.properties.object);
    assert_non_null(f.event.properties.members[PINTAG_NAME_ORDER_ID].value);
    assert_str(f.event.properties.members[PINTAG_NAME_ORDER_ID].key,
                "order_id");

    assert_int_equal(pintag_event_read(&f.event, f.body.events[1].value,
                                       NO_ENVELOPE, PINTAG_TYPE_NONE, &reason),
                     PINTAG_OK);
    assert_str(f.event.name, "B");
    assert_str(f.event.message_id, "");
    assert_null(f.event.properties.object);
    assert_null(f.event.properties.members[PINTAG_NAME_ORDER_ID].value);

    assert_int_equal(pintag_event_read(&f.event, f.body.events[2].value,
                                       NO_ENVELOPE, PINTAG_TYPE_NONE, &reason),
                     PINTAG_REJECTED);
    assert_str(f.event.name, "");

    fixture_free(&f);
}


/* of two that are equal the one spelled as the name wins, else the first */

static void
members_are_found_by_tolerant_names(void **state)
{
    int                  id;
    size_t               i;
    fixture_t            f;
    pintag_str_t         text;
    pintag_members_t     members;
    pintag_body_error_t  error;

    static const struct {
        const char  *object;
        const char  *known;      /* what is read as "order_id" */
        const char  *added;      /* what is read as "OrderID" */
    } rows[] = {
        { "{'order_id':'a'}", "a", "a" },
        { "{'ORDER-ID':'a'}", "a", "a" },
        { "{'order id':'a','orderId':'b'}", "a", "a" },
        { "{'orderId':'a','order_id':'b'}", "b", "a" },
        { "{'orderId':'a','OrderID':'c','order_id':'b'}", "b", "c" },
        { "{'order_id':'b','OrderID':'c','orderId':'a'}", "b", "c" },
        { "{'order_ids':'a','order':{'order_id':'b'}}", NULL, NULL },
    };

    static const pintag_str_t  spelling = pintag_str("OrderID");

    (void) state;

    for (i = 0; i < test_n(rows); i++) {
        fixture_init(&f);

        id = pintag_names_add(&f.names, spelling);
        assert_true(id >= PINTAG_NAME_KNOWN);

        members.members = pintag_arena_alloc(f.arena, (size_t) f.names.n
                                                   * sizeof(pintag_member_t));
        assert_non_null(members.members);

        assert_int_equal(read_body(&f, rows[i].object, &error), PINTAG_OK);
        pintag_members_read(&members, &f.names, f.names.n,
                            f.body.events[0].value);

        if (rows[i].known) {
            assert_int_equal(
                pintag_member_text(
                    members.members[PINTAG_NAME_ORDER_ID].value,
                    f.arena, &text), 1);
            assert_str(text, rows[i].known);

            assert_int_equal(pintag_member_text(members.members[id].value,
                                                f.arena, &text), 1);
            assert_str(text, rows[i].added);

        } else {
            assert_null(members.members[PINTAG_NAME_ORDER_ID].value);
            assert_null(members.members[id].value);
        }

        /* those of the first names only */

        memset(&members.members[id], 0, sizeof(pintag_member_t));
        pintag_members_read(&members, &f.names, id, f.body.events[0].value);

        assert_null(members.members[id].value);

        if (rows[i].known) {
            assert_non_null(members.members[PINTAG_NAME_ORDER_ID].value);
        }

        fixture_free(&f);
    }
}


static void
members_as_text(void **state)
{
    size_t               i;
    fixture_t            f;
    char                 json[128];
    pintag_str_t         text;
    pintag_body_error_t  error;

    static const struct {
        const char  *value;
        const char  *text;       /* NULL: absent */
    } rows[] = {
        { "'a'", "a" },
        { "' a '", " a " },
        { "5", "5" },
        { "-5", "-5" },
        { "1.50", "1.5" },
        { "1e3", "1000" },
        { "true", "true" },
        { "false", "false" },
        { "null", NULL },
        { "''", NULL },
        { "' \\n'", NULL },
        { "{'a':1}", NULL },
        { "['a']", NULL },
    };

    (void) state;

    for (i = 0; i < test_n(rows); i++) {
        fixture_init(&f);

        snprintf(json, sizeof(json), "{'batch':[%s]}", rows[i].value);
        assert_int_equal(read_body(&f, json, &error), PINTAG_OK);

        if (rows[i].text) {
            assert_int_equal(pintag_member_text(f.body.events[0].value, f.arena,
                                                &text), 1);
            assert_str(text, rows[i].text);

        } else {
            assert_int_equal(pintag_member_text(f.body.events[0].value, f.arena,
                                                &text), 0);
        }

        fixture_free(&f);
    }

    fixture_init(&f);
    assert_int_equal(pintag_member_text(NULL, f.arena, &text), 0);
    fixture_free(&f);
}


static void
any_allocation_may_fail(void **state)
{
    size_t               room;
    fixture_t            f;
    pintag_str_t         text;
    pintag_verdict_e     rc;
    pintag_body_error_t  error;

    (void) state;

    room = 0;

    do {
        fixture_init(&f);

        fixture_starve(&f, room);

        rc = read_body(&f, "{'batch':[{'event':'A'},{'event':'B'}]}", &error);

        if (rc == PINTAG_OK) {
            assert_int_equal(f.body.n, 2);

        } else {
            assert_int_equal(rc, PINTAG_NO_MEMORY);
            assert_int_equal(f.body.ndocs, 0);
        }

        fixture_free(&f);

        room += 4;

    } while (rc != PINTAG_OK);

    assert_true(room > 2 * sizeof(pintag_json_t *));

    fixture_init(&f);

    assert_int_equal(read_body(&f, "{'batch':[5]}", &error), PINTAG_OK);

    fixture_starve(&f, 0);

    assert_false(pintag_event_init(&f.event, &f.names, f.arena));
    assert_int_equal(pintag_member_text(f.body.events[0].value, f.arena, &text),
                     -1);

    fixture_free(&f);
}


int
main(void)
{
    static const struct CMUnitTest  tests[] = {
        cmocka_unit_test(bodies_are_taken_apart),
        cmocka_unit_test(unusable_bodies_say_what_is_wrong),
        cmocka_unit_test(events_are_mapped_skipped_or_rejected),
        cmocka_unit_test(deep_events_are_rejected),
        cmocka_unit_test(message_id_is_there_whatever_the_verdict),
        cmocka_unit_test(a_view_serves_for_one_event_after_the_other),
        cmocka_unit_test(members_are_found_by_tolerant_names),
        cmocka_unit_test(members_as_text),
        cmocka_unit_test(any_allocation_may_fail),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
