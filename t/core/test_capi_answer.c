
/*
 * Copyright (C) the ngx_http_pintag_module authors
 *
 * What Pinterest answers: which events failed, by which form of an error, and
 * what of a message may be shown.
 */


#include "test.h"

#include <time.h>

#include "capi_answer.h"


#define HEX16   "0123456789abcdef"
#define HEX32   HEX16 HEX16
#define HEX64   HEX32 HEX32

#define SECRET  "pina_SECRET1"

#define N       8


/* those of a token; one at a time */

static pintag_capi_secrets_t *
secrets_of(const char *token)
{
    static pintag_capi_secrets_t  secrets;

    memset(&secrets, 0, sizeof(pintag_capi_secrets_t));
    secrets.token = test_str(token);

    return &secrets;
}


/* in bodies ' stands for " */

static pintag_str_t
quoted(const char *text, pintag_arena_t *arena)
{
    size_t          i, len;
    pintag_str_t    s;
    unsigned char  *p;

    len = strlen(text);

    p = pintag_arena_bytes(arena, len);
    assert_non_null(p);

    for (i = 0; i < len; i++) {
        p[i] = (unsigned char) (text[i] == '\'' ? '"' : text[i]);
    }

    s.data = p;
    s.len = len;

    return s;
}


/* the failed ones with their messages, and the unknown with a "?" */

static void
add_statuses(pintag_buf_t *buf, const pintag_capi_status_t *statuses,
    size_t n)
{
    size_t  i;

    for (i = 0; i < n; i++) {

        assert_false(statuses[i].failed && statuses[i].unknown);

        if (!statuses[i].failed) {
            assert_str_null(statuses[i].message);
        }

        if (!statuses[i].failed && !statuses[i].unknown) {
            continue;
        }

        if (buf->len) {
            pintag_buf_add_char(buf, ' ');
        }

        pintag_buf_add_uint(buf, i);

        if (statuses[i].unknown) {
            pintag_buf_add_char(buf, '?');
        }

        if (statuses[i].message.data) {
            assert_true(statuses[i].message.len != 0);

            pintag_buf_add_char(buf, ':');
            pintag_buf_add_str(buf, statuses[i].message);
        }
    }
}


static void
each_event_has_a_status(void **state)
{
    int                    rc;
    size_t                 i;
    pintag_buf_t           got;
    test_memory_t          memory;
    pintag_capi_status_t   statuses[N];

    static const struct {
        size_t       n;
        const char  *body;
        const char  *expected;    /* NULL: it cannot be read */
    } rows[] = {
        { 1, "{'num_events_received':1,'num_events_processed':1,'events':["
             "{'status':'processed','error_message':null,"
             "'warning_message':null}]}", "" },
        { 3, "{'num_events_received':3,'num_events_processed':1,'events':["
             "{'status':'failed','error_message':'no','warning_message':"
             "'careful'},{'status':'processed','error_message':'',"
             "'warning_message':'external_id is missing'},"
             "{'status':'failed'}]}", "0:no 2" },
        { 2, "{'events':[{'status':'failed','error_message':''},"
             "{'status':'failed','error_message':{'a':1}}],'other':[]}",
          "0 1" },
        { 1, " {\n'events' : [ {'status':'processed','x':{}} ] }\n", "" },

        /* neither counts nor warnings matter */

        { 1, "{'num_events_received':2,'num_events_processed':0,'events':["
             "{'status':'processed','error_message':'x'}]}", "" },

        { 2, "{'events':[{'status':'Processed'},{'status':'FAILED'}]}", "1" },

        /* one that cannot be told is its own event's affair */

        { 3, "{'events':[{'status':'failed','error_message':'no'},"
             "{'status':'skipped'},{'status':'processed'}]}", "0:no 1?" },
        { 4, "{'events':[{'status':'processed'},{'status':null},{},null]}",
          "1? 2? 3?" },

        /* as many as there are events, and one that tells something */

        { 2, "{'events':[{'status':'processed'}]}", NULL },
        { 1, "{'events':[{'status':'processed'},{'status':'processed'}]}",
          NULL },
        { 1, "{'events':[{'status':'skipped'}]}", NULL },
        { 1, "{'events':[{'status':true}]}", NULL },
        { 1, "{'events':[{'status':null}]}", NULL },
        { 1, "{'events':[{'error_message':null}]}", NULL },
        { 1, "{'events':['processed']}", NULL },
        { 1, "{'events':[null]}", NULL },
        { 1, "{'events':{'status':'processed'}}", NULL },
        { 1, "{'num_events_received':1,'num_events_processed':1}", NULL },
        { 1, "[{'status':'processed'}]", NULL },

        /* cut off, or something else */

        { 1, "{'events':[{'status':'processed'}]", NULL },
        { 1, "{'events':[{'status':'processed'}]}x", NULL },
        { 1, "<html>", NULL },
        { 1, "", NULL }
    };

    (void) state;

    for (i = 0; i < test_n(rows); i++) {
        pintag_buf_init(&got, test_memory_init(&memory), 0);

        memset(statuses, 0xa5, sizeof(statuses));

        rc = pintag_capi_statuses(quoted(rows[i].body, &memory.arena),
                                  secrets_of(SECRET), statuses, rows[i].n,
                                  &memory.arena);

        if (rc != (rows[i].expected != NULL)) {
            fail_msg("%s: %d", rows[i].body, rc);
        }

        if (rc == 1) {
            add_statuses(&got, statuses, rows[i].n);
            assert_buf(&got, rows[i].expected);
        }

        test_memory_free(&memory);
    }
}


typedef struct {
    const char  *details;
    const char  *expected;
} row_t;


static void
check_row(const row_t *row, size_t n, const char *file, int line)
{
    size_t                 i;
    pintag_buf_t           got, body;
    pintag_str_t           message, ids[N];
    test_memory_t          memory;
    pintag_capi_status_t   statuses[N];

    static const char  *names[N] = {
        "id-a", "id-b", "ID-a", "42", "id-b", "message", "0", "id f"
    };

    pintag_buf_init(&got, test_memory_init(&memory), 0);
    pintag_buf_init(&body, &memory.arena, 0);

    for (i = 0; i < N; i++) {
        ids[i] = test_str(names[i]);
    }

    pintag_buf_add_text(&body, "{'code':2,'message':'M','details':");
    pintag_buf_add_text(&body, row->details);
    pintag_buf_add(&body, "}", sizeof("}"));

    memset(statuses, 0xa5, sizeof(statuses));

    assert_int_equal(pintag_capi_error(quoted((char *) body.data,
                                              &memory.arena),
                                       secrets_of(SECRET), ids, statuses, n,
                                       &memory.arena, &message), 1);

    assert_str(message, "M");

    add_statuses(&got, statuses, n);

    if (!pintag_str_eq(test_buf_str(&got), test_str(row->expected))) {
        print_error("of %s:\n", row->details);
    }

    test_assert_str_at(test_buf_str(&got), test_str(row->expected),
                       "it", file, line);

    test_memory_free(&memory);
}


#define check_rows(rows, n)                                                   \
    for (size_t row_i = 0; row_i < test_n(rows); row_i++) {                   \
        check_row(&rows[row_i], n, __FILE__, __LINE__);                       \
    }


static void
statuses_in_the_request_s_order(void **state)
{
    static const row_t  rows[] = {
        { "{'events':[{'status':'processed'},{'status':'failed',"
          "'error_message':'x'},{'status':'failed'}]}", "1:x 2:M" },
        { "{'errors':[{'status':'processed'},null,{'status':'FAILED',"
          "'message':'x'}]}", "2:x" },
        { "{'failed':[{'status':'failed'},{'status':'processed'},{}]}",
          "0:M" },
        { "[{'status':'processed'},{'status':'failed','error_message':"
          "'x'},{'status':'processed'}]", "1:x" },

        /* without a status */

        { "{'events':[{},{'error_message':'x'},{'error_message':null}]}",
          "1:x" },
        { "{'data':[null,{'error_message':''},{'error':{'message':'x'}}]}",
          "2:x" },

        /* where it may be a list of errors as well */

        { "{'errors':[{},{'error_message':'x'},{}]}", "" },
        { "{'events':[{'error_message':'x'},{'error_message':'y'},"
          "{'error_message':'z'}]}", "" },
        { "{'events':[{'message':'x'},{},{}]}", "" },

        /* of another length, of something else, or anywhere else */

        { "{'a':{'events':[{'status':'failed'},{'status':'processed'},"
          "{}]}}", "" },
        { "{'contents':[{'status':'failed'},{'status':'processed'},{}]}",
          "" },

        { "{'events':[{'status':'processed'},{'status':'failed'}]}", "" },
        { "{'events':['processed','failed','failed']}", "" },
        { "{'failed':['id-a','x','ID-a']}", "0:M 2:M" },
        { "{'events':[{'status':422},{},{}]}", "" },

        /* where each tells its place */

        { "{'errors':[{'status':'failed','index':2,'message':'x'},"
          "{'status':'failed','index':2},{'status':'failed','index':0}]}",
          "0:M 2:x" }
    };

    static const row_t  single[] = {
        { "{'events':[{'status':'failed','error_message':'x'}]}", "0:x" }
    };

    (void) state;

    check_rows(rows, 3);
    check_rows(single, 1);
}


static void
indices_are_numbers_below_the_events(void **state)
{
    static const row_t  rows[] = {
        { "[{'index':1,'message':'x'},{'index':'4','error_message':'y'}]",
          "1:x 4:y" },
        { "{'errors':[{'event_index':0,'reason':'x'}]}", "0:x" },
        { "{'eventIndex':2,'detail':'x'}", "2:x" },
        { "{'a':{'b':[{'event_index':7,'msg':'x'}]}}", "7:x" },
        { "{'failed_indices':[1,'2',9,-1,'x'],'description':'x'}",
          "1:x 2:x" },
        { "{'index':3}", "3:M" },

        /* the message beside it, or within what is beside it */

        { "{'index':3,'message':'y','error_message':'x'}", "3:x" },
        { "{'index':3,'error':{'code':1,'message':'x'}}", "3:x" },
        { "{'index':3,'error':['x','y']}", "3:x" },
        { "{'message':'x','errors':[{'index':3},{'index':4,'message':'y'}]}",
          "3:x 4:y" },
        { "[{'index':3,'message':'x'},{'index':3,'message':'y'}]", "3:x" },
        { "[{'index':3},{'index':3,'message':'y'}]", "3:y" },

        /* no index */

        { "{'index':8}", "" },
        { "{'index':-1}", "" },
        { "{'index':1.0}", "" },
        { "{'index':'1 '}", "" },
        { "{'index':''}", "" },
        { "{'index':'00000000001'}", "" },
        { "{'index':99999999999999999999}", "" },
        { "{'index':null}", "" },
        { "{'index':true}", "" },
        { "{'position':3,'message':'x'}", "" },
        { "{'count':3,'id':3,'code':3}", "" },

        /* of what was not wrong */

        { "{'index':1,'status':'processed'}", "" },
        { "{'processed':[{'index':1}],'failed':[{'index':2}]}", "2:M" }
    };

    (void) state;

    check_rows(rows, N);
}


static void
names_may_be_indices(void **state)
{
    static const row_t  rows[] = {
        { "{'3':'x','7':{'message':'y'},'1':['z','w'],'4':[{'msg':'v'}],"
          "'2':true}", "1:z 2:M 3:x 4:v 7:y" },
        { "{'errors':{'3':{'status':'failed'},'4':{'status':'processed'}}}",
          "3:M" },
        { "{'data':{'3':null,'4':false,'5':'x'}}", "5:x" },
        { "{'data':{'3':{'status':'processed','index':4}}}", "" },

        /* only when all are */

        { "{'3':'x','8':'y'}", "" },
        { "{'3':'x','name':'y'}", "" },
        { "{'400':'x'}", "" },
        { "{'03x':'x'}", "" },

        /* it may be an event's id as well */

        { "{'0':'x','1':'y'}", "1:y" }
    };

    (void) state;

    check_rows(rows, N);
}


static void
paths_lead_to_an_event(void **state)
{
    static const row_t  rows[] = {

        /* as names */

        { "{'data[3].event_time':'x','other':'y'}", "3:x" },
        { "{'data.3':'x','/data/4/user_data/em':'y','events[5]':['z']}",
          "3:x 4:y 5:z" },
        { "{'$.data[3].user_data':'x'}", "3:x" },
        { "{'#/data/3':'x'}", "3:x" },
        { "{'body.data.3.event_id':'x'}", "3:x" },

        /* as values */

        { "[{'path':'data[3].event_time','message':'x'}]", "3:x" },
        { "[{'field':'/data/3','error':'x'},{'param':'data.4'}]",
          "3:x 4:M" },
        { "{'errors':[{'detail':'x','source':{'pointer':'/data/3'}}]}",
          "3:x" },
        { "{'detail':[{'loc':['body','data',3,'event_time'],'msg':'x'}]}",
          "3:x" },
        { "{'location':['events','3']}", "3:M" },
        { "[{'instancePath':'/data/3/custom_data','message':'x'}]", "3:x" },

        /* before another index: that may be the error's own */

        { "[{'index':0,'path':'data[3]','message':'x'}]", "3:x" },

        /* no event */

        { "{'[3].event_time':'x','/4/event_id':'y'}", "" },
        { "[{'pointer':'3','message':'x'}]", "" },
        { "{'data[8]':'x'}", "" },
        { "{'data[-1]':'x'}", "" },
        { "{'data[x]':'x'}", "" },
        { "{'data 3':'x'}", "" },
        { "{'metadata[3]':'x'}", "" },
        { "{'contents[3].id':'x'}", "" },
        { "{'data[x].contents[3]':'x'}", "" },
        { "{'path':'user_data.3'}", "" },
        { "{'path':'3.5'}", "" },
        { "{'loc':['body',3]}", "" },
        { "{'path':{'data':3}}", "" }
    };

    (void) state;

    check_rows(rows, N);
}


static void
ids_are_whole_texts(void **state)
{
    static const row_t  rows[] = {
        { "[{'event_id':'id-a','message':'x'}]", "0:x" },
        { "{'failed':['id-a','42'],'reason':'x'}", "0:x 3:x" },
        { "{'event_ids':['id-a','42'],'reason':'x'}", "0:x 3:x" },
        { "{'errors':{'id-a':'x','ID-a':{'message':'y'}}}", "0:x 2:y" },
        { "{'id f':['x']}", "7:x" },

        /* an id that two events have */

        { "{'event_id':'id-b','message':'x'}", "1:x 4:x" },

        /* before an index */

        { "{'event_id':'id-a','index':1,'message':'x'}", "0:x" },

        /* not as part of another, not in other letters */

        { "{'a':'id-a ','b':'id-','c':'iD-a','d':'about id-a'}", "" },
        { "{'id':42}", "" },

        /* not where words of Pinterest's own are */

        { "{'message':'id-a','code':'42','status':'id-a','path':'id-a'}",
          "" },
        { "{'errors':[{'message':'message'}]}", "" },
        { "{'accepted':['id-a']}", "" }
    };

    (void) state;

    check_rows(rows, N);
}


static void
nothing_is_guessed(void **state)
{
    static const row_t  rows[] = {
        { "{}", "" },
        { "[]", "" },

        /* a place in a field of an event is none in the request */

        { "{'user_data':{'em':{'0':'not a valid hash'}}}", "" },
        { "{'custom_data':{'contents':{'2':{'quantity':'x'}}}}", "" },
        { "{'custom_data':{'contents':[{'index':2,'message':'x'}]}}", "" },
        { "{'errors':[{'field':'contents','index':2,'message':'x'}]}", "" },
        { "{'errors':[{'errors':[{'index':2,'message':'x'}]}]}", "" },
        { "[{'index':1,'path':'event_time','message':'x'}]", "" },

        /* nor is any text an id that equals one */

        { "{'errors':[{'field':'order_id','order_id':'42'}]}", "" },
        { "{'content_ids':['42','id-a']}", "" },
        { "{'limit':'42','x':'id-a','request_id':'id-a'}", "" },
        { "{'custom_data':{'id-a':'x'}}", "" },
        { "['id-a']", "" },
        { "null", "" },
        { "'data[3] is too old'", "" },
        { "{'message':'data[3] is too old','hint':'event 3'}", "" },
        { "['data[3]','/data/3',3]", "" },
        { "{'errors':['data[3] is too old']}", "" },
        { "{'errors':['x','y','z','a','b','c','d','e']}", "" },
        { "[0,1,2]", "" },
        { "3", "" }
    };

    (void) state;

    check_rows(rows, N);
}


/* an error without details, or that is none */

static void
errors_have_a_message(void **state)
{
    size_t                i;
    pintag_str_t          id, message;
    test_memory_t         memory;
    pintag_capi_status_t  status;

    static const struct {
        const char  *body;
        const char  *message;
    } rows[] = {
        { "{'code':2,'message':'Authentication failed.'}",
          "Authentication failed." },
        { "{'code':4196,'message':'Invalid request'}", "Invalid request" },
        { "{'error':{'message':'x'}}", "x" },
        { "{'error':'x','message':'y'}", "y" },
        { "{'message':''}", NULL },
        { "{'message':7}", NULL },
        { "{'code':1}", NULL },
        { "[{'message':'x'}]", "x" },
        { "['x']", "x" },
        { "<html>", NULL },
        { "", NULL }
    };

    (void) state;

    id = test_str("i");

    for (i = 0; i < test_n(rows); i++) {
        (void) test_memory_init(&memory);
        memset(&status, 0xa5, sizeof(status));

        assert_int_equal(pintag_capi_error(quoted(rows[i].body,
                                                  &memory.arena),
                                           secrets_of(SECRET), &id, &status, 1,
                                           &memory.arena, &message), 1);

        if (rows[i].message) {
            assert_str(message, rows[i].message);

        } else {
            assert_str_null(message);
        }

        assert_int_equal(status.failed, 0);
        assert_str_null(status.message);

        test_memory_free(&memory);
    }
}


static void
messages_are_fit_to_be_shown(void **state)
{
    int            rc;
    size_t         i;
    pintag_str_t   message;
    test_memory_t  memory;

    static const struct {
        const char  *text;
        const char  *message;    /* NULL: none */
    } rows[] = {
        { "Invalid event_name: subscription.",
          "Invalid event_name: subscription." },
        { "d\xc3\xa9j\xc3\xa0 \xe2\x82\xac \xf0\x9f\x98\x80",
          "d\xc3\xa9j\xc3\xa0 \xe2\x82\xac \xf0\x9f\x98\x80" },

        /* one line */

        { "a\r\nb\tc\x1b[31m\x7f" "d\x01", "a  b c [31m d" },
        { "a\xc2\x85" "b\xc2\x9b" "c\xe2\x80\xa8" "d\xe2\x80\xa9" "e",
          "a b c d e" },
        { " \n a ", "a" },
        { "", NULL },
        { " \t\r\n", NULL },

        /* addresses, as a whole */

        { "jane@example.com", "***" },
        { "em 'jane.doe+x@example.com' is not hashed",
          "em *** is not hashed" },
        { "(jane@example.com), <joe@example.com>;a@b.example",
          "(***), <***>;***" },
        { "mailto:jane@example.com", "mailto:***" },
        { "{\"em\":[\"jane@example.com\"]}", "{\"em\":[\"***\"]}" },
        { "o'brien@example.com x", "*** x" },
        { "em=jane%40example.com&x=1", "em=***&x=1" },
        { "j\xc3\xbcrgen@example.com", "***" },
        { "at @pinterest or a@b", "at @pinterest or a@b" },

        /* hashes and tokens */

        { "'" HEX64 "' is wrong", "'***' is wrong" },
        { HEX32, "***" },
        { HEX16 "0123456789abcde", HEX16 "0123456789abcde" },
        { "x " HEX16 "-" HEX16 " y", "x *** y" },
        { "Bearer QUJDREVGR0hJSktMTU5PUFFSU1RVVldYWVo+/w==.",
          "Bearer ***." },
        { HEX32 "@example.com", "***" },
        { HEX16 " " HEX16, HEX16 " " HEX16 },

        /* the secret, however short */

        { "token pina_SECRET1 is bad", "token *** is bad" },
        { "xpina_SECRET1pina_SECRET1y", "x******y" },
        { "pina_SECRET", "pina_SECRET" }
    };

    (void) state;

    for (i = 0; i < test_n(rows); i++) {
        (void) test_memory_init(&memory);

        rc = pintag_capi_message(test_str(rows[i].text), secrets_of(SECRET),
                                 &memory.arena, &message);

        assert_int_equal(rc, rows[i].message != NULL);

        if (rows[i].message) {
            assert_str(message, rows[i].message);
        }

        /* of no secret there is nothing to hide */

        assert_int_equal(pintag_capi_message(test_str(rows[i].text),
                                             secrets_of(NULL), &memory.arena,
                                             &message), rc);

        test_memory_free(&memory);
    }
}


/* what Pinterest was sent of the visitor it may quote, and nobody is shown */

static void
messages_hide_what_they_quote_of_events(void **state)
{
    size_t                  i;
    pintag_str_t            message;
    test_memory_t           memory;
    pintag_capi_secrets_t  *secrets;

    static const pintag_str_t  events[] = {
        pintag_str("{\"event_name\":\"checkout\",\"user_data\":{"
                   "\"client_ip_address\":\"203.0.113.5\","
                   "\"client_user_agent\":\"Mozilla/5.0 (X11; \\\"L\\\")\","
                   "\"em\":[\"" HEX64 "\"],\"ge\":[\"short\"]},"
                   "\"custom_data\":{\"order_id\":\"order-1\"}}"),
        pintag_str("{\"event_source_url\":\"https://shop.example/a\","
                   "\"user_data\":{\"click_id\":\"dj0yJnU9\","
                   "\"partner_id\":\"203.0.113.55\"}}"),
        pintag_str("no JSON")
    };

    static const struct {
        const char  *text;
        const char  *message;
    } rows[] = {
        { "203.0.113.5 is wrong", "*** is wrong" },
        { "x203.0.113.55", "x***" },
        { "'Mozilla/5.0 (X11; \"L\")'", "'***'" },
        { "Mozilla/5.0 (X11", "Mozilla/5.0 (X11" },
        { "https://shop.example/a?b dj0yJnU9", "***?b ***" },
        { "checkout, short, order-1", "checkout, short, order-1" },
        { "client_ip_address", "client_ip_address" },
        { "pina_SECRET1", "***" }
    };

    (void) state;

    for (i = 0; i < test_n(rows); i++) {
        (void) test_memory_init(&memory);

        secrets = secrets_of(SECRET);
        secrets->events = events;
        secrets->n = test_n(events);

        assert_int_equal(pintag_capi_message(test_str(rows[i].text), secrets,
                                             &memory.arena, &message), 1);
        assert_str(message, rows[i].message);

        test_memory_free(&memory);
    }
}


/* and half a hash, where a text is too long to be looked through */

static void
messages_are_looked_at_so_far(void **state)
{
    size_t         i;
    pintag_buf_t   text;
    pintag_str_t   message;
    test_memory_t  memory;

    (void) state;

    pintag_buf_init(&text, test_memory_init(&memory), 0);

    for (i = 0; i < 100; i++) {
        pintag_buf_add_text(&text, HEX64 " ");
    }

    assert_int_equal(pintag_capi_message(test_buf_str(&text),
                                         secrets_of(NULL), &memory.arena,
                                         &message), 1);

    for (i = 0; i < message.len; i++) {
        assert_true(message.data[i] == '*' || message.data[i] == ' ');
    }

    test_memory_free(&memory);
}


static void
messages_are_cut_between_characters(void **state)
{
    size_t         i, shift;
    pintag_buf_t   text;
    pintag_str_t   message;
    test_memory_t  memory;

    (void) state;

    for (shift = 0; shift < 5; shift++) {
        pintag_buf_init(&text, test_memory_init(&memory), 0);

        for (i = 0; i < shift; i++) {
            pintag_buf_add_char(&text, 'x');
        }

        for (i = 0; i < 1000; i++) {
            pintag_buf_add_text(&text, "\xf0\x9f\x98\x80");
        }

        assert_int_equal(pintag_capi_message(test_buf_str(&text),
                                             secrets_of(NULL), &memory.arena,
                                             &message), 1);

        assert_int_equal(message.len, shift + (PINTAG_CAPI_MESSAGE - shift)
                                              / 4 * 4);
        test_memory_free(&memory);
    }

    /* what is hidden is hidden before */

    pintag_buf_init(&text, test_memory_init(&memory), 0);

    for (i = 0; i < PINTAG_CAPI_MESSAGE - 5; i++) {
        pintag_buf_add_char(&text, '.');
    }

    pintag_buf_add_text(&text, " " SECRET);

    assert_int_equal(pintag_capi_message(test_buf_str(&text),
                                         secrets_of(SECRET), &memory.arena,
                                         &message), 1);
    assert_int_equal(message.len, PINTAG_CAPI_MESSAGE - 1);
    assert_memory_equal(message.data + message.len - 5, ". ***", 5);

    test_memory_free(&memory);
}


/* the body of an error about a thousand events, whose ids are of one bucket */

static void
check_hostile(const char *before, const char *part, size_t times,
    const char *after, size_t closing, size_t failed)
{
    size_t                 i, n;
    pintag_buf_t           text;
    pintag_str_t           message, ids[1000];
    test_memory_t          memory;
    pintag_capi_status_t   statuses[1000];

    pintag_buf_init(&text, test_memory_init(&memory), 0);
    pintag_buf_add_text(&text, before);

    for (i = 0; i < times; i++) {
        pintag_buf_add_text(&text, part);
    }

    for (i = 0; i < closing; i++) {
        pintag_buf_add_text(&text, after);
    }

    pintag_buf_add(&text, "}", sizeof("}"));
    assert_false(text.failed);

    for (i = 0; i < 1000; i++) {
        ids[i] = test_str("the same id");
    }

    assert_int_equal(pintag_capi_error(quoted((char *) text.data,
                                              &memory.arena),
                                       secrets_of(SECRET), ids, statuses, 1000,
                                       &memory.arena, &message), 1);

    for (i = 0, n = 0; i < 1000; i++) {
        n += statuses[i].failed;
    }

    assert_int_equal(n, failed);
    assert_true(memory.bytes < 128 * 1024 * 1024);

    test_memory_free(&memory);
}


static void
hostile_answers_cost_what_their_length_costs(void **state)
{
    clock_t        start;
    size_t         i;
    pintag_buf_t   text;
    test_memory_t  memory;

    (void) state;

    start = clock();

    /* deep, wide, and one message that is large for a thousand events */

    check_hostile("{'details':", "[", 1500, "]", 1500, 0);
    check_hostile("{'details':", "{'a':", 700, "}", 700, 0);
    check_hostile("{'details':", "{'error':", 700, "}", 700, 0);
    check_hostile("{'details':[0", ",{'message':'m','a':{'b':'c'}}", 100000,
                  "]", 1, 0);
    check_hostile("{'details':{'failed':[0", ",'the same id'", 300000, "]}", 1,
                  1000);

    pintag_buf_init(&text, test_memory_init(&memory), 0);
    pintag_buf_add_text(&text, "{'details':{'message':'");

    for (i = 0; i < 200000; i++) {
        pintag_buf_add_text(&text, "a@b.example ");
    }

    pintag_buf_add(&text, "','event_ids':[0",
                   sizeof("','event_ids':[0"));

    check_hostile((char *) text.data, ",'the same id'", 1000, "]}", 1, 1000);

    test_memory_free(&memory);

    assert_true((clock() - start) / CLOCKS_PER_SEC < 30);
}


static void
any_allocation_may_fail(void **state)
{
    int                    rc;
    size_t                 room;
    pintag_str_t           body, ids[2], message;
    test_memory_t          memory, other;
    pintag_capi_status_t   statuses[2];

    (void) state;

    ids[0] = test_str("a");
    ids[1] = test_str("b");

    body = quoted("{'events':[{'status':'failed','error_message':'x%40'},"
                  "{'status':'processed'}],'message':'y','details':"
                  "{'b':'z'}}", test_memory_init(&other));

    room = 0;

    do {
        (void) test_memory_init(&memory);
        assert_non_null(pintag_arena_bytes(&memory.arena, 65536));

        memory.arena.pos = memory.arena.end - room;
        memory.fail_at = memory.calls + 1;

        rc = pintag_capi_statuses(body, secrets_of(SECRET), statuses, 2,
                                  &memory.arena);

        test_memory_free(&memory);

        assert_true(rc == 1 || rc == -1);

        room += 8;

    } while (rc != 1);

    assert_true(room > PINTAG_CAPI_MESSAGE);

    room = 0;

    do {
        (void) test_memory_init(&memory);
        assert_non_null(pintag_arena_bytes(&memory.arena, 65536));

        memory.arena.pos = memory.arena.end - room;
        memory.fail_at = memory.calls + 1;

        rc = pintag_capi_error(body, secrets_of(SECRET), ids, statuses, 2,
                               &memory.arena, &message);

        assert_true(rc == 1 || rc == -1);

        if (rc == 1) {
            assert_str(message, "y");
            assert_str(statuses[0].message, "x%40");
            assert_str(statuses[1].message, "z");
        }

        test_memory_free(&memory);

        room += 8;

    } while (rc != 1);

    assert_true(room > 3 * PINTAG_CAPI_MESSAGE);

    test_memory_free(&other);
}


int
main(void)
{
    const struct CMUnitTest  tests[] = {
        cmocka_unit_test(each_event_has_a_status),
        cmocka_unit_test(statuses_in_the_request_s_order),
        cmocka_unit_test(indices_are_numbers_below_the_events),
        cmocka_unit_test(names_may_be_indices),
        cmocka_unit_test(paths_lead_to_an_event),
        cmocka_unit_test(ids_are_whole_texts),
        cmocka_unit_test(nothing_is_guessed),
        cmocka_unit_test(errors_have_a_message),
        cmocka_unit_test(messages_are_fit_to_be_shown),
        cmocka_unit_test(messages_hide_what_they_quote_of_events),
        cmocka_unit_test(messages_are_looked_at_so_far),
        cmocka_unit_test(messages_are_cut_between_characters),
        cmocka_unit_test(hostile_answers_cost_what_their_length_costs),
        cmocka_unit_test(any_allocation_may_fail)
    };

    return cmocka_run_group_tests_name("capi_answer", tests, NULL, NULL);
}
