
/*
 * Copyright (C) the ngx_http_pintag_module authors
 *
 * What an event and its request tell of the visitor: where each is looked for,
 * and what of it may leave.
 */


#include "test_event.h"

#include "page_url.h"
#include "visitor.h"


#define TRACK(members)  "{'type':'track','event':'X'," members "}"
#define CONTEXT(s)      TRACK("'context':{" s "}")
#define PROPERTIES(s)   TRACK("'properties':{" s "}")
#define URL(s)          CONTEXT("'page':{'url':'" s "'}")
#define PAGE(s)         "{'type':'page'," s "}"


typedef struct {
    const char            *event;
    const char            *expected;    /* or NULL */
} row_t;


typedef struct {
    size_t                 offset;      /* of what is expected */
    pintag_client_t        client;
    pintag_integration_t   integration;
} setup_t;


#define of(member)  offsetof(pintag_visitor_t, member)


static void
check_row(const row_t *row, const setup_t *setup, const char *file, int line)
{
    test_event_t           t;
    pintag_str_t           got;
    pintag_visitor_t       visitor;
    const pintag_event_t  *event;

    event = test_event_init(&t, row->event);

    assert_int_equal(pintag_visitor_read(event, &setup->integration,
                                         &setup->client, &t.memory.arena,
                                         &visitor), 1);

    memcpy(&got, (const char *) &visitor + setup->offset, sizeof(got));

    if ((got.data != NULL) != (row->expected != NULL)
        || !pintag_str_eq(got, test_str(row->expected)))
    {
        print_error("of %s:\n", row->event);
        test_assert_str_at(got, test_str(row->expected), "it", file, line);
        _fail(file, line);
    }

    test_event_free(&t);
}


#define check_rows(rows, setup)                                               \
    for (size_t row_i = 0; row_i < test_n(rows); row_i++) {                   \
        check_row(&rows[row_i], setup, __FILE__, __LINE__);                   \
    }


static void
the_page_url_of_http_only(void **state)
{
    static const setup_t  setup = { .offset = of(page_url) };

    static const row_t  rows[] = {
        { URL("https://a.org/b?c=d&e#f"), "https://a.org/b?c=d&e#f" },
        { URL("http://a.org"), "http://a.org" },
        { URL(" HTTPS://A.org/\\n"), "HTTPS://A.org/" },
        { URL("https://a.org:8443/"), "https://a.org:8443/" },
        { URL("http://[::1]/"), "http://[::1]/" },

        { URL("ftp://a.org/"), NULL },
        { URL("file:///etc/passwd"), NULL },
        { URL("javascript:alert(1)"), NULL },
        { URL("a.org"), NULL },
        { URL("//a.org/"), NULL },
        { URL("/b"), NULL },
        { URL("http:/a.org"), NULL },
        { URL("http://"), NULL },
        { URL("http:///b"), NULL },
        { URL("https://?a"), NULL },
        { URL("https://:80/"), NULL },
        { URL("https://u@/b"), NULL },
        { URL(""), NULL },
        { CONTEXT("'page':{'url':7}"), NULL },
        { CONTEXT("'page':'https://a.org/'"), NULL },
        { CONTEXT("'page':null"), NULL },
        { CONTEXT("'url':'https://a.org/'"), NULL },
        { CONTEXT("'Page':{'URL':'https://a.org/'}"), "https://a.org/" },

        /* else the url of a page */

        { PAGE("'properties':{'url':'https://a.org/'}"), "https://a.org/" },
        { PAGE("'context':{'page':{'url':'https://a.org/'}},'properties':{"
               "'url':'https://b.org/'}"), "https://a.org/" },
        { PAGE("'context':{'page':{'url':'about:blank'}},'properties':{"
               "'url':'https://b.org/'}"), "https://b.org/" },
        { PAGE("'properties':{'url':'/b'}"), NULL },
        { PROPERTIES("'url':'https://a.org/'"), NULL }
    };

    (void) state;

    check_rows(rows, &setup);
}


static void
the_page_url_is_fit_for_a_header(void **state)
{
    static const setup_t  setup = { .offset = of(page_url) };

    static const row_t  rows[] = {
        { URL("https://a.org/\\u0000\\u0001\\t\\r\\n\\u001f\\u007f b"),
          "https://a.org/%00%01%09%0D%0A%1F%7F%20b" },
        { URL("https://a.org/\\r\\nX-Y: 1"),
          "https://a.org/%0D%0AX-Y:%201" },
        { URL("https://\\u00e9.org/\\u20ac?\\u00ff"),
          "https://%C3%A9.org/%E2%82%AC?%C3%BF" },
        { URL("https://a.org/%41!$&()*+,;=:[]{}|^`~<>\\\\"),
          "https://a.org/%41!$&()*+,;=:[]{}|^`~<>\\" }
    };

    (void) state;

    check_rows(rows, &setup);
}


static void
the_page_url_tells_nothing_personal(void **state)
{
    setup_t  setup = { .offset = of(page_url) };

    static const row_t  rows[] = {
        { URL("https://u:p@a.org/b"), "https://a.org/b" },
        { URL("https://a.org/b?c=1&email=x&d=2"), "https://a.org/b?c=1&d=2" },
        { URL("https://a.org/b?u=jane%40example.com"), "https://a.org/b" },
        { URL("https://a.org/b?city=x"), "https://a.org/b" },

        /* as it will leave: found only once it is percent-encoded */

        { URL("https://a.org/b?c @d.de&e"), "https://a.org/b?e" },
        { URL("https://a.org/b?c=d\\u0002e?phone=1&f"),
          "https://a.org/b?f" },

        /* an address elsewhere: scheme, host and port are left */

        { URL("https://a.org/jane@example.com?c=1#d"), "https://a.org/" },
        { URL("HTTPS://u:p@A.org:8443/jane%2540example.com"),
          "HTTPS://A.org:8443/" },
        { URL("https://\\u00e9.org/jane@example.com"),
          "https://%C3%A9.org/" },
        { URL("https://jane%40example.com/b/jane@example.com"), NULL },
        { PAGE("'properties':{'url':'https://a.org/jane@example.com'}"),
          "https://a.org/" }
    };

    static const row_t  page_only[] = {
        { URL("https://a.org/b?city=x&email=x"), "https://a.org/b?city=x" },
        { PAGE("'properties':{'url':'https://a.org/b?city=x'}"),
          "https://a.org/b" }
    };

    (void) state;

    check_rows(rows, &setup);

    setup.integration.pii.page_only = 1;

    check_rows(page_only, &setup);
}


/* text of "len" bytes that begins and ends so */

static const char *
filled(const char *head, char c, size_t len, const char *tail)
{
    size_t  n;

    static char  text[20000];

    n = strlen(head);
    assert_true(n + len + strlen(tail) < sizeof(text));

    memcpy(text, head, n);
    memset(text + n, c, len);
    strcpy(text + n + len, tail);

    return text;
}


static void
a_long_page_url_is_cut(void **state)
{
    size_t         i;
    const char    *text, *expected;
    pintag_str_t   clean;
    pintag_pii_t   pii;
    test_memory_t  memory;

    /* "fill" bytes "c" between "head" and "tail" */

    static const struct {
        const char  *head;
        char         c;
        size_t       fill;
        const char  *tail;
        const char  *expected;      /* NULL: all of it */
        int          rc;
    } rows[] = {
        { "https://a.org/", 'x', 1986, "", NULL, 1 },
        { "https://a.org/", 'x', 1987, "", "https://a.org/", 1 },
        { "https://a.org/?", 'x', 1985, "", NULL, 1 },
        { "https://a.org/b?", 'x', 1985, "", "https://a.org/b", 1 },
        { "https://a.org/b#", 'x', 1985, "?c", "https://a.org/b", 1 },
        { "https://a.org?", 'x', 2000, "", "https://a.org", 1 },
        { "https://a.org/b/", 'x', 2000, "?c", "https://a.org/", 1 },
        { "https://", 'x', 1991, "/", NULL, 1 },
        { "https://", 'x', 1991, "/b", "https://", 1 },
        { "https://", 'x', 1992, "/", NULL, 0 },

        /* what goes makes room, unless it is too long to be looked at */

        { "https://a.org/b?a=c&email=", 'x', 7900, "",
          "https://a.org/b?a=c", 1 },
        { "https://a.org/b?a=c&email=", 'x', 8000, "", "https://a.org/b", 1 },
        { "https://a.org/b#email=", 'x', 8000, "", "https://a.org/b", 1 },
        { "https://a.org/", 'x', 8000, "?c", "https://a.org/", 1 },
        { "https://", 'x', 8000, "/", NULL, 0 },
        { "ftp://", 'x', 3000, "?a", NULL, 0 },
        { "ftp://", 'x', 8000, "?a", NULL, 0 },

        /* its length is that of what is sent */

        { "https://a.org/b?", ' ', 700, "c", "https://a.org/b", 1 },
        { "https://a.org/", '\x01', 700, "c?d", "https://a.org/", 1 },
        { "https://", '\x80', 665, "", NULL, 0 }
    };

    (void) state;

    memset(&pii, 0, sizeof(pii));

    for (i = 0; i < test_n(rows); i++) {
        (void) test_memory_init(&memory);

        text = filled(rows[i].head, rows[i].c, rows[i].fill, rows[i].tail);

        assert_int_equal(pintag_page_url_clean(&pii, PINTAG_PII_ALL,
                                               test_str(text), &memory.arena,
                                               &clean), rows[i].rc);

        if (rows[i].rc == 1) {
            expected = rows[i].expected ? rows[i].expected : text;

            if (strcmp(expected, "https://") == 0) {
                assert_int_equal(clean.len, 2000);

            } else {
                assert_str(clean, expected);
            }
        }

        test_memory_free(&memory);
    }
}


static void
a_page_url_needs_memory(void **state)
{
    int            rc;
    size_t         i, n;
    pintag_str_t   clean;
    pintag_pii_t   pii;
    test_memory_t  memory;

    static const char  *urls[] = {
        "https://a.org/b c?email=x",
        "https://\x80.org/jane@b.de"
    };

    (void) state;

    memset(&pii, 0, sizeof(pii));

    for (i = 0; i < test_n(urls); i++) {

        n = 0;

        do {
            (void) test_memory_init(&memory);

            memory.fail_at = ++n;

            rc = pintag_page_url_clean(&pii, PINTAG_PII_ALL,
                                       test_str(urls[i]), &memory.arena,
                                       &clean);

            assert_true(rc == 1 || rc == -1);
            test_memory_free(&memory);

        } while (rc == -1);

        assert_true(n > 1);
    }
}


static void
the_user_agent_of_the_context_else_the_browsers(void **state)
{
    setup_t  setup = { .offset = of(user_agent) };

    static const row_t  rows[] = {
        { CONTEXT("'userAgent':'A/1 (b; c)'"), "A/1 (b; c)" },
        { CONTEXT("'User-Agent':'A'"), "A" },
        { TRACK("'userAgent':'A'"), "B" },
        { CONTEXT("'userAgent':' '"), "B" },
        { CONTEXT("'userAgent':null"), "B" },
        { CONTEXT("'userAgent':{}"), "B" },

        /* fit for a header */

        { CONTEXT("'userAgent':'\\u0001 A\\r\\nX:\\u0000\\u001f\\u007f1 \\t'"),
          "A  X:   1" },
        { CONTEXT("'userAgent':'\\r\\n'"), "B" },

        /* nothing personal */

        { CONTEXT("'userAgent':'A jane@example.com'"), "B" }
    };

    static const row_t  none[] = {
        { CONTEXT("'userAgent':''"), NULL },
        { TRACK("'context':null"), NULL }
    };

    (void) state;

    setup.client.user_agent = test_str("B");
    check_rows(rows, &setup);

    setup.client.user_agent = test_str(NULL);
    check_rows(none, &setup);

    setup.client.user_agent = test_str("(jane@example.com)");
    check_rows(none, &setup);

    setup.client.user_agent = test_str(filled("", 'x', 2001, ""));
    check_rows(none, &setup);

    setup.client.user_agent = test_str(" B\x01");
    check_row(&(row_t) { CONTEXT("'userAgent':''"), "B" }, &setup, __FILE__,
              __LINE__);
}


static void
a_long_user_agent_is_none(void **state)
{
    setup_t  setup = { .offset = of(user_agent) };
    char     event[3000];

    (void) state;

    setup.client.user_agent = test_str("B");

    strcpy(event, filled("{'event':'X','context':{'userAgent':' ", 'x', 2000,
                         " '}}"));
    check_row(&(row_t) { event, filled("", 'x', 2000, "") }, &setup, __FILE__,
              __LINE__);

    strcpy(event, filled("{'event':'X','context':{'userAgent':'", 'x', 2001,
                         "'}}"));
    check_row(&(row_t) { event, "B" }, &setup, __FILE__, __LINE__);
}


static void
the_address_that_is_one(void **state)
{
    setup_t  setup = { .offset = of(address) };

    static const row_t  rows[] = {
        { TRACK("'context':{'ip':'1.2.3.4'},'request_ip':'5.6.7.8'"),
          "1.2.3.4" },
        { TRACK("'context':{'ip':''},'requestIP':'5.6.7.8'"), "5.6.7.8" },
        { TRACK("'request_ip':null"), "9.9.9.9" },
        { CONTEXT("'ip':' 255.255.255.255\\n'"), "255.255.255.255" },
        { CONTEXT("'ip':'2001:DB8::1'"), "2001:DB8::1" },
        { CONTEXT("'ip':'::ffff:1.2.3.4'"), "::ffff:1.2.3.4" },
        { CONTEXT("'ip':'1:2:3:4:5:6:7:8'"), "1:2:3:4:5:6:7:8" },
        { CONTEXT("'ip':'1111:2222:3333:4444:5555:6666:255.255.255.255'"),
          "1111:2222:3333:4444:5555:6666:255.255.255.255" },

        /* what is not known */

        { CONTEXT("'ip':'0.0.0.0'"), "9.9.9.9" },
        { CONTEXT("'ip':'::'"), "9.9.9.9" },
        { CONTEXT("'ip':'0:0:0:0:0:0:0:0'"), "9.9.9.9" },
        { CONTEXT("'ip':'0::0.0.0.0'"), "9.9.9.9" },

        /* what is no address */

        { CONTEXT("'ip':'1.2.3'"), "9.9.9.9" },
        { CONTEXT("'ip':'1.2.3.256'"), "9.9.9.9" },
        { CONTEXT("'ip':'1.2.3.4.5'"), "9.9.9.9" },
        { CONTEXT("'ip':'1.2.3.4:80'"), "9.9.9.9" },
        { CONTEXT("'ip':'1.2.3.4, 5.6.7.8'"), "9.9.9.9" },
        { CONTEXT("'ip':'0x1.2.3.4'"), "9.9.9.9" },
        { CONTEXT("'ip':'1.2.3.4\\u0000'"), "9.9.9.9" },
        { CONTEXT("'ip':'[::1]'"), "9.9.9.9" },
        { CONTEXT("'ip':'fe80::1%eth0'"), "9.9.9.9" },
        { CONTEXT("'ip':'1::2::3'"), "9.9.9.9" },
        { CONTEXT("'ip':'localhost'"), "9.9.9.9" },
        { CONTEXT("'ip':16909060"), "9.9.9.9" },
        { CONTEXT("'ip':['1.2.3.4']"), "9.9.9.9" },
        { CONTEXT("'ip':'00000000000000000000000000000000000000000000000000'"),
          "9.9.9.9" },

        /* of the context and the event's own request only */

        { TRACK("'ip':'1.2.3.4','properties':{'ip':'1.2.3.4'},"
                "'context':{'request_ip':'1.2.3.4'}"), "9.9.9.9" }
    };

    static const row_t  none[] = {
        { CONTEXT("'ip':'0.0.0.0'"), NULL }
    };

    (void) state;

    setup.client.address = test_str("9.9.9.9");
    check_rows(rows, &setup);

    setup.client.address = test_str("unix:");
    check_rows(none, &setup);

    setup.client.address = test_str(NULL);
    check_rows(none, &setup);
}


static void
the_click_id_in_its_order(void **state)
{
    setup_t  setup = { .offset = of(click_id) };

    static const row_t  url[] = {
        { URL("https://a.org/?epik=e"), "e" },
        { URL("https://a.org/?a=1&epik=e&b=2#epik=f"), "e" },
        { URL("https://a.org/?epik=%64%6a+%2B%2%zz%4"), "dj++%2%zz%4" },
        { URL("https://a.org/?epik=&epik=e"), "e" },
        { PAGE("'properties':{'url':'https://a.org/?epik=e'}"), "e" },

        /* even when the URL may not leave */

        { URL("https://a.org/jane@example.com?epik=e"), "e" },

        /* no such parameter */

        { URL("https://a.org/?epik"), "c" },
        { URL("https://a.org/?epik="), "c" },
        { URL("https://a.org/?epi=1&epikx=1&xepik=1&EPIK=1"), "c" },
        { URL("https://a.org/epik=1"), "c" },
        { URL("https://a.org/#?epik=1"), "c" },
        { URL("ftp://a.org/?epik=1"), "c" },
        { URL("https://a.org/?epik=jane%40example.com"), "c" },
        { URL("https://a.org/?epik=%20"), "c" },

        /* the cookie before anything of the event's own */

        { PROPERTIES("'epik':'p'"), "c" }
    };

    static const row_t  rows[] = {
        { TRACK("'properties':{'epik':'p','click_id':'q'},'context':{'epik':"
                "'r','click_id':'s'}"), "p" },
        { TRACK("'properties':{'epik':' ','clickId':'q'},'context':{'epik':"
                "'r','click_id':'s'}"), "q" },
        { TRACK("'properties':{'epik':{},'click_id':null},'context':{'epik':"
                "'r','click_id':'s'}"), "r" },
        { TRACK("'properties':{'epik':'jane@example.com'},'context':{"
                "'Click ID':'s'}"), "s" },
        { PROPERTIES("'epik':12"), "12" },
        { TRACK("'epik':'e','click_id':'f'"), NULL }
    };

    (void) state;

    setup.client.epik = test_str("c");
    check_rows(url, &setup);

    setup.client.epik = test_str(NULL);
    check_rows(rows, &setup);

    setup.client.epik = test_str("");
    check_rows(rows, &setup);

    setup.client.epik = test_str("jane@example.com");
    check_rows(rows, &setup);

    setup.client.epik = test_str(filled("", 'x', 2001, ""));
    check_rows(rows, &setup);
}


static void
the_cookies_as_they_came(void **state)
{
    setup_t  setup = { .offset = of(pin_unauth) };

    static const row_t  both[] = {
        { TRACK("'properties':{'pin_unauth':'p'}"), " %20a=" }
    };

    static const row_t  none[] = {
        { TRACK("'properties':{'derived_epik':'p'}"), NULL }
    };

    (void) state;

    setup.client.pin_unauth = test_str(" %20a=");
    check_rows(both, &setup);

    setup.offset = of(derived_epik);
    check_rows(none, &setup);

    setup.client.derived_epik = test_str(" %20a=");
    check_rows(both, &setup);

    /* nothing personal, and not without bound */

    setup.client.derived_epik = test_str("a%40example.com");
    check_rows(none, &setup);

    setup.client.derived_epik = test_str("");
    check_rows(none, &setup);

    setup.client.derived_epik = test_str(filled("", 'x', 2001, ""));
    check_rows(none, &setup);

    setup.client.derived_epik = test_str(filled("", 'x', 2000, ""));
    check_row(&(row_t) { "{'event':'X'}", filled("", 'x', 2000, "") }, &setup,
              __FILE__, __LINE__);

    setup.offset = of(pin_unauth);
    setup.client.pin_unauth = test_str("jane@example.com");
    check_rows(none, &setup);
}


/* whatever the events of a body have, it takes the memory of one of them */

static void
many_events_take_no_more_memory_than_one(void **state)
{
    size_t                 i, k, before;
    char                  *text;
    test_event_t           t;
    test_memory_t          scratch;
    pintag_arena_t        *arena;
    pintag_client_t        client;
    pintag_visitor_t       visitor;
    const char            *reason;
    pintag_integration_t   integrations[3];

    static const char  agent[] = "{'event':'A','context':{'page':{'url':"
        "'https://a.org/?a=1&email=b%40c.org'},'userAgent':'\\n";

    (void) state;

    memset(&client, 0, sizeof(client));
    memset(integrations, 0, sizeof(integrations));

    client.user_agent = test_str("C\n");

    text = malloc(sizeof(agent) + 100000);
    assert_non_null(text);

    memcpy(text, agent, sizeof(agent) - 1);
    memset(text + sizeof(agent) - 1, 'a', 90000);
    memcpy(text + sizeof(agent) - 1 + 90000, "\\nb'}}", sizeof("\\nb'}}"));

    (void) test_event_init(&t, text);
    arena = test_memory_init(&scratch);

    before = 0;

    for (i = 0; i < 1000; i++) {

        assert_int_equal(pintag_event_read(&t.event, pintag_json_root(t.doc),
                                           NO_ENVELOPE, PINTAG_TYPE_NONE,
                                           &reason), PINTAG_OK);

        for (k = 0; k < test_n(integrations); k++) {
            pintag_arena_reset(arena);

            assert_true(pintag_visitor_read(&t.event, &integrations[k],
                                            &client, arena, &visitor));
            assert_str(visitor.page_url, "https://a.org/?a=1");
            assert_str(visitor.user_agent, "C");
        }

        if (i == 0) {
            before = t.memory.bytes + scratch.bytes;
        }
    }

    assert_int_equal(t.memory.bytes + scratch.bytes, before);

    test_memory_free(&scratch);
    test_event_free(&t);
    free(text);
}


static void
any_allocation_may_fail(void **state)
{
    size_t                 room;
    unsigned               rc;
    test_event_t           t;
    test_memory_t          memory;
    pintag_visitor_t       visitor;
    pintag_client_t        client;
    pintag_integration_t   integration;
    const char            *reason;
    const pintag_event_t  *event;

    (void) state;

    memset(&client, 0, sizeof(client));
    memset(&integration, 0, sizeof(integration));

    event = test_event_init(&t, TRACK(
        "'context':{'userAgent':'a\\nb','page':{'url':"
        "'https://a.org/jane@example.com?epik=%20a'},'click_id':12}"));

    client.pin_unauth = test_str("a");

    room = 0;

    do {
        (void) test_memory_init(&memory);
        assert_non_null(pintag_arena_bytes(&memory.arena, 65536));

        memory.arena.pos = memory.arena.end - room;
        memory.fail_at = memory.calls + 1;

        pintag_event_begin(&t.event, 2, &memory.arena);
        assert_int_equal(pintag_event_read(&t.event, pintag_json_root(t.doc),
                                           NO_ENVELOPE, PINTAG_TYPE_NONE,
                                           &reason), PINTAG_OK);

        rc = pintag_visitor_read(event, &integration, &client, &memory.arena,
                                 &visitor);

        if (rc) {
            assert_str(visitor.page_url, "https://a.org/");
            assert_str(visitor.user_agent, "a b");
            assert_str(visitor.click_id, " a");
            assert_str(visitor.pin_unauth, "a");
        }

        test_memory_free(&memory);

    } while (!rc && ++room < 65536);

    assert_true(rc && room > 10);

    test_event_free(&t);
}


/* what is remembered of the event before is that event's, not the next one's */

static void
the_next_event_has_its_own_page_and_agent(void **state)
{
    size_t                 i;
    test_event_t           t;
    pintag_client_t        client;
    pintag_visitor_t       visitor;
    pintag_json_iter_t     it;
    pintag_integration_t   integration;
    const char            *reason;

    static const struct {
        const char  *page;
        const char  *agent;
    } expected[] = {
        { "https://a.org/x?b=1", "A" },
        { "https://a.org/x?b=1", "A" },
        { NULL, "B" },
        { "https://a.org/y", "A" },
        { NULL, "C" },
        { "https://a.org/x?b=1", "12" },
        { NULL, "13" },
        { NULL, "C" }
    };

    (void) state;

    memset(&client, 0, sizeof(client));
    memset(&integration, 0, sizeof(integration));

    client.user_agent = test_str("C");

    test_event_init(&t, "{'event':'A','properties':{'events':["
        "{'event':'A','context':{'userAgent':'A',"
            "'page':{'url':'https://a.org/x?b=1'}}},"
        "{'event':'A','context':{'userAgent':'A',"
            "'page':{'url':'https://a.org/x?b=1'}}},"
        "{'event':'A','context':{'userAgent':' B',"
            "'page':{'url':'ftp://a.org/'}}},"
        "{'event':'A','context':{'userAgent':'A',"
            "'page':{'url':'https://a.org/y?email=1'}}},"
        "{'event':'A'},"
        "{'event':'A','context':{'userAgent':12,"
            "'page':{'url':'https://a.org/x?b=1'}}},"
        "{'event':'A','context':{'userAgent':13}},"
        "{'event':'A','context':{'userAgent':'a@b.org'}}]}}");

    pintag_json_each(t.event.properties.object, &it);
    assert_int_equal(pintag_json_next(&it), 1);
    pintag_json_each(it.value, &it);

    for (i = 0; pintag_json_next(&it); i++) {

        assert_int_equal(pintag_event_read(&t.event, it.value, NO_ENVELOPE,
                                           PINTAG_TYPE_NONE, &reason),
                         PINTAG_OK);

        assert_true(pintag_visitor_read(&t.event, &integration, &client,
                                        &t.memory.arena, &visitor));

        if (expected[i].page) {
            assert_str(visitor.page_url, expected[i].page);

        } else {
            assert_str_null(visitor.page_url);
        }

        assert_str(visitor.user_agent, expected[i].agent);
    }

    assert_int_equal(i, test_n(expected));

    test_event_free(&t);
}


int
main(void)
{
    const struct CMUnitTest  tests[] = {
        cmocka_unit_test(the_page_url_of_http_only),
        cmocka_unit_test(the_page_url_is_fit_for_a_header),
        cmocka_unit_test(the_page_url_tells_nothing_personal),
        cmocka_unit_test(a_long_page_url_is_cut),
        cmocka_unit_test(a_page_url_needs_memory),
        cmocka_unit_test(the_user_agent_of_the_context_else_the_browsers),
        cmocka_unit_test(a_long_user_agent_is_none),
        cmocka_unit_test(the_address_that_is_one),
        cmocka_unit_test(the_click_id_in_its_order),
        cmocka_unit_test(the_cookies_as_they_came),
        cmocka_unit_test(the_next_event_has_its_own_page_and_agent),
        cmocka_unit_test(many_events_take_no_more_memory_than_one),
        cmocka_unit_test(any_allocation_may_fail)
    };

    return cmocka_run_group_tests_name("visitor", tests, NULL, NULL);
}
