
/*
 * Copyright (C) the ngx_http_pintag_module authors
 *
 * Events: which are mapped, and what is read of them by name.  In JSON '
 * stands for ".
 */


#include "test.h"

#include <time.h>

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
    pintag_event_free(&f->event);
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


static void
read_text(fixture_t *f, pintag_str_t text)
{
    size_t               i;
    pintag_body_error_t  error;

    f->text = malloc(text.len ? text.len : 1);
    assert_non_null(f->text);

    for (i = 0; i < text.len; i++) {
        f->text[i] = (text.data[i] == '\'') ? '"' : text.data[i];
    }

    text.data = f->text;

    assert_int_equal(pintag_body_read(text, PINTAG_BODY_JSON, 1000000,
                                      f->arena, &f->body, &error), PINTAG_OK);
}


static void
read_body(fixture_t *f, const char *text)
{
    read_text(f, test_str(text));
}


/* the n-th event of the body */

static pintag_verdict_e
read_event(fixture_t *f, size_t n, pintag_event_type_e type,
    const char **reason)
{
    assert_true(n < f->body.n);

    return pintag_event_read(&f->event, f->body.events[n].value,
                             &f->body.envelope, type, reason);
}


/* the text of a member, "-" when it is absent */

static pintag_str_t
member_text(fixture_t *f, const pintag_json_t *value)
{
    pintag_str_t  text;

    return (pintag_member_text(value, f->arena, &text) == 1) ? text
                                                             : test_str("-");
}


static void
events_are_mapped_skipped_or_rejected(void **state)
{
    char                  text[256];
    size_t                i;
    fixture_t             f;
    const char           *reason;

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

        read_body(&f, text);
        assert_int_equal(f.body.n, 1);

        reason = "";

        assert_int_equal(read_event(&f, 0, PINTAG_TYPE_NONE, &reason),
                         rows[i].verdict);
        assert_string_equal(reason, rows[i].reason);
        assert_int_equal(f.event.type, rows[i].type);

        fixture_free(&f);
    }
}


static void
paths_tell_a_type(void **state)
{
    size_t        i;
    pintag_str_t  none = pintag_str_null;

    static const struct {
        const char           *path;
        pintag_event_type_e   type;
    } rows[] = {
        { "/v1/t", PINTAG_TYPE_TRACK },
        { "/v1/track", PINTAG_TYPE_TRACK },
        { "/v1/p", PINTAG_TYPE_PAGE },
        { "/v1/page", PINTAG_TYPE_PAGE },
        { "/v1/s", PINTAG_TYPE_SCREEN },
        { "/v1/screen", PINTAG_TYPE_SCREEN },
        { "/v1/i", PINTAG_TYPE_IDENTIFY },
        { "/v1/identify", PINTAG_TYPE_IDENTIFY },
        { "/v1/g", PINTAG_TYPE_GROUP },
        { "/v1/group", PINTAG_TYPE_GROUP },
        { "/v1/a", PINTAG_TYPE_ALIAS },
        { "/v1/alias", PINTAG_TYPE_ALIAS },
        { "/v1/b", PINTAG_TYPE_NONE },
        { "/v1/batch", PINTAG_TYPE_NONE },

        { "/v1/pixel/page", PINTAG_TYPE_PAGE },
        { "/page", PINTAG_TYPE_PAGE },
        { "page", PINTAG_TYPE_PAGE },
        { "/v1/page/", PINTAG_TYPE_PAGE },

        { "/v1/page//", PINTAG_TYPE_NONE },
        { "/page/v1", PINTAG_TYPE_NONE },
        { "/v1/Page", PINTAG_TYPE_NONE },
        { "/v1/P", PINTAG_TYPE_NONE },
        { "/v1/pages", PINTAG_TYPE_NONE },
        { "/v1/pag", PINTAG_TYPE_NONE },
        { "/v1/tp", PINTAG_TYPE_NONE },
        { "/collect", PINTAG_TYPE_NONE },
        { "//", PINTAG_TYPE_NONE },
        { "/", PINTAG_TYPE_NONE },
        { "", PINTAG_TYPE_NONE },
    };

    (void) state;

    for (i = 0; i < test_n(rows); i++) {
        assert_int_equal(pintag_event_path_type(test_str(rows[i].path)),
                         rows[i].type);
    }

    assert_int_equal(pintag_event_path_type(none), PINTAG_TYPE_NONE);
}


/* its own type, else the path's, else track when it has an "event" */

static void
the_path_counts_for_events_without_type(void **state)
{
    size_t       i;
    fixture_t    f;
    const char  *reason;

    static const struct {
        const char           *event;
        pintag_event_type_e   path;
        pintag_event_type_e   type;
        pintag_verdict_e      verdict;
        const char           *reason;
    } rows[] = {
        { "{}", PINTAG_TYPE_PAGE, PINTAG_TYPE_PAGE, PINTAG_OK, "" },
        { "{'type':null}", PINTAG_TYPE_PAGE, PINTAG_TYPE_PAGE, PINTAG_OK, "" },
        { "{'type':''}", PINTAG_TYPE_SCREEN, PINTAG_TYPE_SCREEN,
          PINTAG_OK, "" },
        { "{'type':' '}", PINTAG_TYPE_PAGE, PINTAG_TYPE_PAGE, PINTAG_OK, "" },
        { "{'type':['track']}", PINTAG_TYPE_PAGE, PINTAG_TYPE_PAGE,
          PINTAG_OK, "" },
        { "{'event':'A'}", PINTAG_TYPE_TRACK, PINTAG_TYPE_TRACK,
          PINTAG_OK, "" },
        { "{'event':'A'}", PINTAG_TYPE_PAGE, PINTAG_TYPE_PAGE,
          PINTAG_OK, "" },
        { "{}", PINTAG_TYPE_TRACK, PINTAG_TYPE_TRACK,
          PINTAG_REJECTED, "missing_event_name" },
        { "{'event':'A'}", PINTAG_TYPE_IDENTIFY, PINTAG_TYPE_IDENTIFY,
          PINTAG_SKIPPED, "unsupported_type" },

        { "{'type':'page'}", PINTAG_TYPE_TRACK, PINTAG_TYPE_PAGE,
          PINTAG_OK, "" },
        { "{'type':'x','event':'A'}", PINTAG_TYPE_TRACK, PINTAG_TYPE_UNKNOWN,
          PINTAG_SKIPPED, "unsupported_type" },
        { "{'type':1,'event':'A'}", PINTAG_TYPE_TRACK, PINTAG_TYPE_UNKNOWN,
          PINTAG_SKIPPED, "unsupported_type" },
    };

    (void) state;

    for (i = 0; i < test_n(rows); i++) {
        fixture_init(&f);

        read_body(&f, rows[i].event);

        reason = "";

        assert_int_equal(read_event(&f, 0, rows[i].path, &reason),
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
    int                k, levels;
    size_t             i;
    fixture_t          f;
    const char        *reason;
    pintag_buf_t       text;
    pintag_verdict_e   rc;

    /* around the third level and those below */

    static const struct {
        const char  *before;
        const char  *after;
    } rows[] = {
        { "'x':{'a':", "}" },
        { "'x':[", "]" },
        { "'traits':{'a':", "}" },
        { "'context':{'a':", "}" },
        { "'context':[", "]" },
        { "'context':{'page':", "}" },
        { "'Context':{'a':", "},'context':{}" },
        { "'context':{},'Context':{'a':", "}" },
        { "'properties':{'a':", "}" },
        { "'properties':[", "]" },
        { "'properties':{'value':", "}" },
        { "'Properties':{'a':", "},'properties':{}" },
        { "'properties':{},'Properties':{'a':", "}" },
        { "'Properties':{},'PROPERTIES':{'a':", "}" },

        /* what the event has of its envelope counts as its own */

        { "'messageId':'m'}],'context':{'a':", "},'x':{" },
    };

    (void) state;

    for (i = 0; i < test_n(rows); i++) {

        for (levels = 31; levels <= 34; levels++) {
            fixture_init(&f);

            pintag_buf_init(&text, f.arena, 0);
            pintag_buf_add_text(&text, "{'batch':[{'event':'A',");

            if (i + 1 < test_n(rows)) {
                pintag_buf_add_text(&text, "'messageId':'m',");
            }

            pintag_buf_add_text(&text, rows[i].before);

            for (k = 2; k < levels; k++) {
                pintag_buf_add_char(&text, '[');
            }

            for (k = 2; k < levels; k++) {
                pintag_buf_add_char(&text, ']');
            }

            pintag_buf_add_text(&text, rows[i].after);
            pintag_buf_add_text(&text, (i + 1 < test_n(rows)) ? "}]}" : "}}");
            assert_false(text.failed);

            read_text(&f, test_buf_str(&text));

            reason = "";
            rc = read_event(&f, 0, PINTAG_TYPE_NONE, &reason);

            if (levels <= PINTAG_MEMBER_MAX_DEPTH) {
                assert_int_equal(rc, PINTAG_OK);

            } else {
                assert_int_equal(rc, PINTAG_REJECTED);
                assert_string_equal(reason, "too_deep");
                assert_str(f.event.message_id, "m");
            }

            fixture_free(&f);
        }
    }
}


static void
a_bad_event_does_not_harm_its_neighbours(void **state)
{
    size_t        i;
    fixture_t     f;
    const char   *reason;
    pintag_buf_t  text;

    static const struct {
        pintag_verdict_e   verdict;
        const char        *reason;
    } rows[] = {
        { PINTAG_OK, "" },
        { PINTAG_REJECTED, "too_deep" },
        { PINTAG_REJECTED, "invalid_event" },
        { PINTAG_REJECTED, "missing_event_name" },
        { PINTAG_SKIPPED, "unsupported_type" },
        { PINTAG_OK, "" },
    };

    (void) state;

    fixture_init(&f);

    pintag_buf_init(&text, f.arena, 0);
    pintag_buf_add_text(&text, "[{'event':'A'},{'event':'B','x':");

    for (i = 0; i < 32; i++) {
        pintag_buf_add_char(&text, '[');
    }

    for (i = 0; i < 32; i++) {
        pintag_buf_add_char(&text, ']');
    }

    pintag_buf_add_text(&text, "},'C',{'type':'track'},{'type':'alias'},"
                        "{'event':'D'}]");

    read_text(&f, test_buf_str(&text));

    assert_int_equal(f.body.n, test_n(rows));

    for (i = 0; i < test_n(rows); i++) {
        reason = "";

        assert_int_equal(read_event(&f, i, PINTAG_TYPE_NONE, &reason),
                         rows[i].verdict);
        assert_string_equal(reason, rows[i].reason);
    }

    assert_str(f.event.name, "D");

    fixture_free(&f);
}


static void
message_id_is_there_whatever_the_verdict(void **state)
{
    size_t               i;
    fixture_t            f;
    const char          *reason;

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

        read_body(&f, rows[i].event);
        (void) read_event(&f, 0, PINTAG_TYPE_NONE, &reason);
        assert_str(f.event.message_id, rows[i].id);

        fixture_free(&f);
    }
}


static void
a_view_serves_for_one_event_after_the_other(void **state)
{
    int          id;
    fixture_t    f;
    const char  *reason;

    (void) state;

    fixture_init(&f);

    /* a second name for what is known already, and one of its own */

    assert_int_not_equal(pintag_names_add(&f.names, test_str("orderId")), -1);
    assert_int_not_equal(pintag_names_add(&f.names, test_str("size")), -1);
    assert_true(pintag_event_init(&f.event, &f.names, f.arena));

    read_body(&f, "{'batch':[{'event':' A ','messageId':'m',"
              "'properties':{'order_id':1,'size':2,'value':3},"
              "'context':{'ip':'i'}},"
              "{'event':'B','properties':{'value':4}},7],'context':{}}");

    assert_int_equal(read_event(&f, 0, PINTAG_TYPE_NONE, &reason), PINTAG_OK);
    assert_str(f.event.name, "A");
    assert_str(f.event.message_id, "m");
    assert_non_null(f.event.root.object);
    assert_non_null(f.event.properties.object);
    assert_non_null(f.event.context.object);
    assert_str(f.event.properties.members[PINTAG_NAME_ORDER_ID].key,
               "order_id");
    assert_str(member_text(&f, f.event.properties.members
                                   [PINTAG_NAME_KNOWN].value), "1");
    assert_str(member_text(&f, f.event.properties.members
                                   [PINTAG_NAME_KNOWN + 1].value), "2");
    assert_str(member_text(&f, f.event.properties.members
                                   [PINTAG_NAME_VALUE].value), "3");
    assert_str(member_text(&f, f.event.context.members
                                   [PINTAG_NAME_IP].value), "i");

    assert_int_equal(read_event(&f, 1, PINTAG_TYPE_NONE, &reason), PINTAG_OK);
    assert_str(f.event.name, "B");
    assert_str(f.event.message_id, "");
    assert_null(f.event.context.object);
    assert_null(f.event.context.members[PINTAG_NAME_IP].value);

    for (id = 0; id < f.names.n; id++) {

        if (id == PINTAG_NAME_VALUE) {
            assert_str(member_text(&f, f.event.properties.members[id].value),
                       "4");

        } else {
            assert_null(f.event.properties.members[id].value);
            assert_str_null(f.event.properties.members[id].key);
        }
    }

    /* nothing of the one before is left in one that is not mapped */

    assert_int_equal(read_event(&f, 0, PINTAG_TYPE_NONE, &reason), PINTAG_OK);
    assert_int_equal(read_event(&f, 2, PINTAG_TYPE_NONE, &reason),
                     PINTAG_REJECTED);
    assert_str(f.event.name, "");
    assert_str(f.event.message_id, "");
    assert_null(f.event.root.object);
    assert_null(f.event.properties.object);
    assert_null(f.event.context.object);
    assert_null(f.event.context.members[PINTAG_NAME_IP].value);
    assert_null(f.event.properties.members[PINTAG_NAME_VALUE].value);

    fixture_free(&f);
}


static void
an_envelope_counts_where_the_event_has_nothing(void **state)
{
    size_t       i;
    fixture_t    f;
    const char  *reason;

    /* of a batch with one event, what its root has */

    static const struct {
        const char         *body;
        pintag_name_id_e    id;
        const char         *text;
        const char         *key;
    } rows[] = {
        { "{'batch':[{'type':'page'}],'writeKey':'e'}",
          PINTAG_NAME_WRITE_KEY, "e", "writeKey" },
        { "{'batch':[{'type':'page'}],'sentAt':'e'}",
          PINTAG_NAME_SENT_AT, "e", "sentAt" },
        { "{'batch':[{'type':'page'}],'integrations':'e'}",
          PINTAG_NAME_INTEGRATIONS, "e", "integrations" },

        { "{'batch':[{'type':'page','write_key':'o'}],'writeKey':'e'}",
          PINTAG_NAME_WRITE_KEY, "o", "write_key" },
        { "{'batch':[{'type':'page','sentAt':'o'}],'sentAt':'e'}",
          PINTAG_NAME_SENT_AT, "o", "sentAt" },
        { "{'batch':[{'type':'page','integrations':'o'}],'integrations':'e'}",
          PINTAG_NAME_INTEGRATIONS, "o", "integrations" },
        { "{'batch':[{'type':'page','integrations':{}}],'integrations':'e'}",
          PINTAG_NAME_INTEGRATIONS, "-", "integrations" },

        /* null and blank are absent */

        { "{'batch':[{'type':'page','writeKey':null}],'writeKey':'e'}",
          PINTAG_NAME_WRITE_KEY, "e", "writeKey" },
        { "{'batch':[{'type':'page','writeKey':''}],'writeKey':'e'}",
          PINTAG_NAME_WRITE_KEY, "e", "writeKey" },
        { "{'batch':[{'type':'page','writeKey':' \\t'}],'writeKey':'e'}",
          PINTAG_NAME_WRITE_KEY, "e", "writeKey" },

        /* and nothing else is an envelope's */

        { "{'batch':[{'type':'page'}],'messageId':'e','userId':'e'}",
          PINTAG_NAME_MESSAGE_ID, "-", "" },
        { "{'batch':[{'type':'page'}],'messageId':'e','userId':'e'}",
          PINTAG_NAME_USER_ID, "-", "" },
        { "[{'type':'page'}]", PINTAG_NAME_WRITE_KEY, "-", "" },
        { "{'type':'page','writeKey':'o'}", PINTAG_NAME_WRITE_KEY,
          "o", "writeKey" },
    };

    (void) state;

    for (i = 0; i < test_n(rows); i++) {
        fixture_init(&f);

        read_body(&f, rows[i].body);

        assert_int_equal(read_event(&f, 0, PINTAG_TYPE_NONE, &reason),
                         PINTAG_OK);
        assert_str(member_text(&f, f.event.root.members[rows[i].id].value),
                   rows[i].text);
        assert_str(f.event.root.members[rows[i].id].key, rows[i].key);

        fixture_free(&f);
    }
}


static void
contexts_are_merged_member_by_member(void **state)
{
    size_t            i, k;
    fixture_t         f;
    const char       *reason;
    pintag_buf_t      got;
    pintag_member_t  *members;

    /* "ip", "userAgent" and "epik" of the context of the last event */

    static const struct {
        const char  *body;
        const char  *context;
    } rows[] = {
        { "{'type':'page','context':{'ip':'o','userAgent':'o'}}", "o o -" },
        { "{'batch':[{'type':'page'}],'context':{'ip':'e','userAgent':'e'}}",
          "e e -" },
        { "{'batch':[{'type':'page','context':{'ip':'o','epik':'o'}}],"
          "'context':{'ip':'e','userAgent':'e'}}", "o e o" },
        { "{'batch':[{'type':'page','context':{}}],'context':{'ip':'e'}}",
          "e - -" },
        { "{'batch':[{'type':'page','context':{'ip':'o'}}],'context':{}}",
          "o - -" },
        { "{'batch':[{'type':'page','context':{'ip':'o'}}],'context':7}",
          "o - -" },

        /* however they are spelled */

        { "{'batch':[{'type':'page','Context':{'IP':'o','User-Agent':'o'}}],"
          "'CONTEXT':{'ip':'e','user_agent':'e','E pik':'e'}}", "o o e" },

        /* null and blank are absent, anything else wins */

        { "{'batch':[{'type':'page','context':{'ip':null,'userAgent':'',"
          "'epik':' '}}],'context':{'ip':'e','userAgent':'e','epik':'e'}}",
          "e e e" },
        { "{'batch':[{'type':'page','context':{'ip':0,'userAgent':false,"
          "'epik':{}}}],'context':{'ip':'e','userAgent':'e','epik':'e'}}",
          "0 false -" },
        { "{'batch':[{'type':'page','context':{'ip':'o'}}],"
          "'context':{'ip':null}}", "o - -" },

        /* a context that is none has no members */

        { "{'batch':[{'type':'page','context':'o'}],'context':{'ip':'e'}}",
          "e - -" },
        { "{'batch':[{'type':'page','context':['o']}],'context':{'ip':'e'}}",
          "e - -" },
        { "{'batch':[{'type':'page','context':null}],'context':{'ip':'e'}}",
          "e - -" },

        /* each event has its own */

        { "{'batch':[{'type':'page','context':{'ip':'o','epik':'o'}},{},"
          "{'type':'page'}],'context':{'userAgent':'e'}}", "- e -" },
        { "{'batch':[{'type':'page'},{'type':'page','context':{'ip':'o'}}],"
          "'context':{'ip':'e','userAgent':'e'}}", "o e -" },
        { "{'batch':[{'type':'page','context':{'ip':'o'}},{'type':'page'}],"
          "'context':{'ip':'e','userAgent':'e'}}", "e e -" },
    };

    static const pintag_name_id_e  ids[] = {
        PINTAG_NAME_IP, PINTAG_NAME_USER_AGENT, PINTAG_NAME_EPIK
    };

    (void) state;

    for (i = 0; i < test_n(rows); i++) {
        fixture_init(&f);

        read_body(&f, rows[i].body);

        for (k = 0; k < f.body.n; k++) {
            (void) read_event(&f, k, PINTAG_TYPE_NONE, &reason);
        }

        assert_int_equal(f.event.type, PINTAG_TYPE_PAGE);

        members = f.event.context.members;
        pintag_buf_init(&got, f.arena, 0);

        for (k = 0; k < test_n(ids); k++) {

            if (k != 0) {
                pintag_buf_add_char(&got, ' ');
            }

            pintag_buf_add_str(&got, member_text(&f, members[ids[k]].value));
        }

        assert_buf(&got, rows[i].context);

        fixture_free(&f);
    }
}


/* of two that are equal the one spelled as the name wins, else the first */

static void
members_are_found_by_tolerant_names(void **state)
{
    int                  id;
    size_t               i;
    fixture_t            f;
    pintag_members_t     members;

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

        /* this spelling wins even when what it has counts as absent */

        { "{'orderId':'a','order_id':null}", "-", "a" },
        { "{'order_id':' ','orderId':'a'}", "-", "-" },

        /* a repeated key has its first place and its last value */

        { "{'orderId':'a','orderid':'b','orderId':'c'}", "c", "c" },
    };

    static const pintag_str_t  spelling = pintag_str("OrderID");

    (void) state;

    for (i = 0; i < test_n(rows); i++) {
        fixture_init(&f);

        id = pintag_names_add(&f.names, spelling);
        assert_true(id >= PINTAG_NAME_KNOWN);

        assert_true(pintag_members_init(&members, f.names.n, f.arena));

        read_body(&f, rows[i].object);
        pintag_members_read(&members, &f.names, f.names.n,
                            f.body.events[0].value);

        if (rows[i].known) {
            assert_str(member_text(&f,
                           members.members[PINTAG_NAME_ORDER_ID].value),
                       rows[i].known);
            assert_str(member_text(&f, members.members[id].value),
                       rows[i].added);

        } else {
            assert_null(members.members[PINTAG_NAME_ORDER_ID].value);
            assert_null(members.members[id].value);
        }

        /* those of the first names only */

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
        read_body(&f, json);

        assert_int_equal(pintag_member_text(f.body.events[0].value, f.arena,
                                            &text), rows[i].text != NULL);

        if (rows[i].text) {
            assert_str(text, rows[i].text);
        }

        fixture_free(&f);
    }

    fixture_init(&f);
    assert_int_equal(pintag_member_text(NULL, f.arena, &text), 0);
    fixture_free(&f);
}


static void
what_is_no_object_has_no_members(void **state)
{
    size_t                i;
    fixture_t             f;
    pintag_members_t      members;
    const pintag_json_t  *value, *object;

    (void) state;

    fixture_init(&f);

    assert_true(pintag_members_init(&members, PINTAG_NAME_KNOWN, f.arena));

    read_body(&f, "[{'value':1},[{'value':1}],'value',7,null,{}]");

    object = f.body.events[0].value;

    for (i = 1; i <= f.body.n; i++) {
        value = (i < f.body.n) ? f.body.events[i].value : NULL;

        pintag_members_read(&members, &f.names, PINTAG_NAME_KNOWN, object);
        assert_non_null(members.members[PINTAG_NAME_VALUE].value);

        pintag_members_read(&members, &f.names, PINTAG_NAME_KNOWN, value);
        assert_null(members.members[PINTAG_NAME_VALUE].value);

        if (pintag_json_kind(value) != PINTAG_JSON_OBJECT) {
            assert_null(members.object);
        }
    }

    fixture_free(&f);
}


/* what is read of an object of the event, for short */

static pintag_str_t
object_text(fixture_t *f, pintag_object_e which, int id)
{
    const pintag_member_t  *members;

    members = pintag_event_object(&f->event, which);
    assert_non_null(members);

    return member_text(f, members[id].value);
}


static void
objects_are_read_on_demand(void **state)
{
    size_t       i;
    fixture_t    f;
    const char  *reason;

    static const struct {
        pintag_object_e   object;
        int               id;
        const char       *first;
        const char       *second;
    } rows[] = {
        { PINTAG_OBJECT_ROOT, PINTAG_NAME_USER_ID, "a", "-" },
        { PINTAG_OBJECT_PROPERTIES, PINTAG_NAME_PHONE, "b", "-" },
        { PINTAG_OBJECT_PROPERTIES_ADDRESS, PINTAG_NAME_CITY, "c", "-" },
        { PINTAG_OBJECT_TRAITS, PINTAG_NAME_EMAIL, "d", "-" },
        { PINTAG_OBJECT_TRAITS_ADDRESS, PINTAG_NAME_ZIP, "e", "-" },
        { PINTAG_OBJECT_CONTEXT, PINTAG_NAME_LOCALE, "f", "n" },
        { PINTAG_OBJECT_CONTEXT_TRAITS, PINTAG_NAME_DOB, "g", "o" },
        { PINTAG_OBJECT_CONTEXT_TRAITS_ADDRESS, PINTAG_NAME_STATE, "h",
          "-" },
        { PINTAG_OBJECT_PAGE, PINTAG_NAME_URL, "i", "-" },
        { PINTAG_OBJECT_APP, PINTAG_NAME_NAMESPACE, "j", "-" },
        { PINTAG_OBJECT_DEVICE, PINTAG_NAME_TYPE, "k", "-" },
        { PINTAG_OBJECT_NETWORK, PINTAG_NAME_CARRIER, "l", "p" },
        { PINTAG_OBJECT_OS, PINTAG_NAME_NAME, "m", "-" },
        { PINTAG_OBJECT_CONSENT, PINTAG_NAME_CATEGORY_PREFERENCES, "q", "-" },
        { PINTAG_OBJECT_CONSENT_MANAGEMENT, PINTAG_NAME_DENIED_CONSENT_IDS,
          "r", "-" }
    };

    (void) state;

    fixture_init(&f);

    read_body(&f, "[{'event':'A','user_id':'a','properties':{'Phone':'b',"
              "'address':{'city':'c'}},'traits':{'email':'d','address':{"
              "'zip':'e'}},'context':{'locale':'f','traits':{'dob':'g',"
              "'address':{'State':'h'}},'page':{'url':'i'},'app':{"
              "'nameSpace':'j'},'device':{'type':'k'},'network':{'carrier':"
              "'l'},'os':{'name':'m'},'consent':{'categoryPreferences':'q'},"
              "'consentManagement':{'deniedConsentIds':'r'}}},"
              "{'event':'B','context':{'locale':'n','traits':{'dob':'o',"
              "'address':'h'},'network':{'carrier':'p'},'page':'i'}}]");

    assert_int_equal(test_n(rows), PINTAG_OBJECT_N);

    assert_int_equal(read_event(&f, 0, PINTAG_TYPE_NONE, &reason), PINTAG_OK);

    for (i = 0; i < test_n(rows); i++) {
        assert_str(object_text(&f, rows[i].object, rows[i].id),
                   rows[i].first);
    }

    /* nothing of one event is left for the next */

    assert_int_equal(read_event(&f, 1, PINTAG_TYPE_NONE, &reason), PINTAG_OK);

    for (i = 0; i < test_n(rows); i++) {
        assert_str(object_text(&f, rows[i].object, rows[i].id),
                   rows[i].second);
    }

    assert_int_equal(read_event(&f, 0, PINTAG_TYPE_NONE, &reason), PINTAG_OK);

    for (i = 0; i < test_n(rows); i++) {
        assert_str(object_text(&f, rows[i].object, rows[i].id),
                   rows[i].first);
    }

    fixture_free(&f);
}


static void
what_an_envelope_has_is_shared(void **state)
{
    size_t       i;
    fixture_t    f;
    const char  *reason;

    static const unsigned  shared[] = { 1, 0, 1 };

    (void) state;

    fixture_init(&f);

    read_body(&f, "{'context':{'traits':{'email':'a'}},'batch':["
              "{'event':'A'},"
              "{'event':'A','context':{'traits':{'email':'b'}}},"
              "{'event':'A','context':{'traits':null}}]}");

    for (i = 0; i < f.body.n; i++) {
        assert_int_equal(read_event(&f, i, PINTAG_TYPE_NONE, &reason),
                         PINTAG_OK);
        assert_int_equal(pintag_event_is_shared(&f.event,
                                                PINTAG_NAME_TRAITS),
                         shared[i]);
        assert_int_equal(pintag_event_is_shared(&f.event,
                                                PINTAG_NAME_DEVICE), 0);
        assert_str(object_text(&f, PINTAG_OBJECT_CONTEXT_TRAITS,
                               PINTAG_NAME_EMAIL), shared[i] ? "a" : "b");
    }

    fixture_free(&f);

    /* without an envelope nothing is */

    fixture_init(&f);

    read_body(&f, "{'event':'A','context':{'traits':{'email':'b'}}}");

    assert_int_equal(read_event(&f, 0, PINTAG_TYPE_NONE, &reason), PINTAG_OK);
    assert_int_equal(pintag_event_is_shared(&f.event, PINTAG_NAME_TRAITS), 0);

    fixture_free(&f);
}


/* "part" n times between "before" and "after", each with a name of its own */

static void
read_numbered(fixture_t *f, const char *before, const char *part, size_t n,
    const char *after)
{
    char           name[64];
    size_t         i;
    pintag_buf_t   text;
    test_memory_t  memory;

    pintag_buf_init(&text, test_memory_init(&memory), 0);
    pintag_buf_add_text(&text, before);

    for (i = 0; i < n; i++) {
        snprintf(name, sizeof(name), part, (unsigned) i);
        pintag_buf_add_text(&text, name);
    }

    pintag_buf_add_text(&text, after);
    assert_false(text.failed);

    read_text(f, test_buf_str(&text));

    test_memory_free(&memory);
}


/* "_" in as many places as there are bits, which makes no other name of it */

static void
add_spelling(pintag_buf_t *text, const char *name, unsigned bits)
{
    for ( /* void */ ; *name; name++, bits >>= 2) {
        pintag_buf_add(text, "___", bits & 3);
        pintag_buf_add_char(text, (unsigned char) *name);
    }
}


/*
 * Each of these takes minutes when a large part is gone through for each of
 * many others.
 */

static void
hostile_events_cost_what_their_length_costs(void **state)
{
    size_t          i, n;
    clock_t         start;
    fixture_t       f;
    const char     *reason;
    pintag_buf_t    text;
    test_memory_t   memory;

    static const char  *names[] = { "properties", "context", "traits" };

    (void) state;

    start = clock();

    /* a key repeated, and one spelled in many ways */

    fixture_init(&f);
    read_numbered(&f, "{'event':'A','properties':{", "'value':%u,", 60000,
                  "'x':1}}");
    assert_int_equal(read_event(&f, 0, PINTAG_TYPE_NONE, &reason), PINTAG_OK);
    assert_int_equal(pintag_json_size(f.event.properties.object), 2);
    assert_str(member_text(&f, f.event.properties.members
                                   [PINTAG_NAME_VALUE].value), "59999");
    fixture_free(&f);

    for (n = 0; n < test_n(names); n++) {
        fixture_init(&f);

        pintag_buf_init(&text, test_memory_init(&memory), 0);
        pintag_buf_add_text(&text, "{'event':'A','");
        add_spelling(&text, names[n], 1);
        pintag_buf_add_text(&text, "':[0");

        for (i = 0; i < 100000; i++) {
            pintag_buf_add_text(&text, ",0");
        }

        for (i = 2; i < 10000; i++) {
            pintag_buf_add_text(&text, (i == 2) ? "],'" : ",'");
            add_spelling(&text, names[n], (unsigned) i);
            pintag_buf_add_text(&text, "':0");
        }

        pintag_buf_add_text(&text, "}");

        read_text(&f, test_buf_str(&text));
        assert_int_equal(read_event(&f, 0, PINTAG_TYPE_NONE, &reason),
                         PINTAG_OK);

        test_memory_free(&memory);
        fixture_free(&f);
    }

    /* a large context for many events */

    fixture_init(&f);

    pintag_buf_init(&text, test_memory_init(&memory), 0);
    pintag_buf_add_text(&text, "},'batch':[{'type':'page'}");

    for (i = 1; i < 20000; i++) {
        pintag_buf_add_text(&text, ",{'type':'page'}");
    }

    pintag_buf_add(&text, "]}", sizeof("]}"));

    read_numbered(&f, "{'context':{'ip':'e'", ",'%u':0", 30000,
                  (char *) text.data);
    assert_int_equal(f.body.n, 20000);

    for (i = 0; i < f.body.n; i++) {
        assert_int_equal(read_event(&f, i, PINTAG_TYPE_NONE, &reason),
                         PINTAG_OK);
        assert_non_null(f.event.context.members[PINTAG_NAME_IP].value);
    }

    test_memory_free(&memory);
    fixture_free(&f);

    assert_true((clock() - start) / CLOCKS_PER_SEC < 30);
}


/* an event costs the same however many names a configuration adds */

static void
names_that_an_event_has_not_are_not_touched(void **state)
{
    fixture_t         f;
    const char       *reason;
    pintag_member_t  *members;

    (void) state;

    fixture_init(&f);

    assert_int_not_equal(pintag_names_add(&f.names, test_str("a")), -1);
    assert_int_not_equal(pintag_names_add(&f.names, test_str("b")), -1);
    assert_true(pintag_event_init(&f.event, &f.names, f.arena));

    members = f.event.properties.members + PINTAG_NAME_KNOWN;
    members[1].key = test_str("mark");

    read_body(&f, "[{'event':'A','properties':{'a':1}},{'event':'A'}]");

    assert_int_equal(read_event(&f, 0, PINTAG_TYPE_NONE, &reason), PINTAG_OK);
    assert_str(members[0].key, "a");
    assert_str(members[1].key, "mark");

    assert_int_equal(read_event(&f, 1, PINTAG_TYPE_NONE, &reason), PINTAG_OK);
    assert_str_null(members[0].key);
    assert_str(members[1].key, "mark");

    fixture_free(&f);
}


static void
any_allocation_may_fail(void **state)
{
    size_t        room;
    unsigned      ok;
    fixture_t     f;
    const char   *reason;
    pintag_str_t  text;

    (void) state;

    room = 0;

    do {
        fixture_init(&f);
        fixture_starve(&f, room);

        ok = pintag_event_init(&f.event, &f.names, f.arena);

        fixture_free(&f);

        room += 8;

    } while (!ok);

    assert_true(room > PINTAG_NAME_KNOWN * sizeof(pintag_member_t));

    /* the texts of numbers */

    fixture_init(&f);

    read_body(&f, "[{'event':'A','messageId':5},5,{'event':'A',"
              "'messageId':'m'}]");

    fixture_starve(&f, 0);

    assert_int_equal(read_event(&f, 0, PINTAG_TYPE_NONE, &reason),
                     PINTAG_NO_MEMORY);
    assert_int_equal(pintag_member_text(f.body.events[1].value, f.arena,
                                        &text), -1);

    /* nothing else takes any */

    assert_int_equal(read_event(&f, 2, PINTAG_TYPE_NONE, &reason), PINTAG_OK);

    fixture_free(&f);

    /* but what is read on demand, and an envelope's context */

    fixture_init(&f);

    read_body(&f, "{'event':'A','traits':{'address':{}}}");

    assert_int_equal(read_event(&f, 0, PINTAG_TYPE_NONE, &reason), PINTAG_OK);

    fixture_starve(&f, 0);

    assert_null(pintag_event_object(&f.event, PINTAG_OBJECT_TRAITS));
    assert_null(pintag_event_object(&f.event, PINTAG_OBJECT_TRAITS_ADDRESS));
    assert_non_null(pintag_event_object(&f.event, PINTAG_OBJECT_DEVICE));

    fixture_free(&f);

    fixture_init(&f);

    read_body(&f, "{'context':{'ip':'a'},'batch':[{'event':'A'}]}");

    fixture_starve(&f, 0);

    assert_int_equal(read_event(&f, 0, PINTAG_TYPE_NONE, &reason),
                     PINTAG_NO_MEMORY);

    fixture_free(&f);
}


int
main(void)
{
    static const struct CMUnitTest  tests[] = {
        cmocka_unit_test(events_are_mapped_skipped_or_rejected),
        cmocka_unit_test(paths_tell_a_type),
        cmocka_unit_test(the_path_counts_for_events_without_type),
        cmocka_unit_test(deep_events_are_rejected),
        cmocka_unit_test(a_bad_event_does_not_harm_its_neighbours),
        cmocka_unit_test(message_id_is_there_whatever_the_verdict),
        cmocka_unit_test(a_view_serves_for_one_event_after_the_other),
        cmocka_unit_test(an_envelope_counts_where_the_event_has_nothing),
        cmocka_unit_test(contexts_are_merged_member_by_member),
        cmocka_unit_test(members_are_found_by_tolerant_names),
        cmocka_unit_test(members_as_text),
        cmocka_unit_test(what_is_no_object_has_no_members),
        cmocka_unit_test(objects_are_read_on_demand),
        cmocka_unit_test(what_an_envelope_has_is_shared),
        cmocka_unit_test(hostile_events_cost_what_their_length_costs),
        cmocka_unit_test(names_that_an_event_has_not_are_not_touched),
        cmocka_unit_test(any_allocation_may_fail),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
