
/*
 * Copyright (C) the ngx_http_pintag_module authors
 *
 * What a batch's envelope has is the same for all of its events, however large
 * it is: it must not be gone through for each of them.  What is counted is how
 * many members, elements and bytes are looked at, by the calls that go through
 * them; of a body that is not more than a multiple of its size.
 */


#include "test.h"

#include "body.h"
#include "capi.h"
#include "conversion.h"
#include "tag.h"


#define EVENTS    500
#define PARTS     20000

/* looks at a byte of a body; what is gone through for each event has 500 */
#define LOOKS     25


typedef struct {
    const char  *before;
    const char  *part;        /* "#" is a number */
    const char  *after;
    const char  *config;
} row_t;


static size_t  looks, cleaned, decimals, hashes;


/* the linker has these called in place of those without "__wrap_" */

unsigned __real_pintag_json_next(pintag_json_iter_t *it);
unsigned __wrap_pintag_json_next(pintag_json_iter_t *it);
size_t __real_pintag_utf8_space(const unsigned char *p,
    const unsigned char *end);
size_t __wrap_pintag_utf8_space(const unsigned char *p,
    const unsigned char *end);
void *__real_memchr(const void *s, int c, size_t n);
void *__wrap_memchr(const void *s, int c, size_t n);
unsigned __real_pintag_page_url_valid(pintag_str_t url);
unsigned __wrap_pintag_page_url_valid(pintag_str_t url);
uint64_t __real_pintag_shortest(double d, int *exponent);
uint64_t __wrap_pintag_shortest(double d, int *exponent);
pintag_str_t __real_pintag_digest(pintag_digest_t *digest, pintag_str_t text,
    pintag_arena_t *arena);
pintag_str_t __wrap_pintag_digest(pintag_digest_t *digest, pintag_str_t text,
    pintag_arena_t *arena);
int __real_pintag_pii_value(const pintag_pii_t *pii, pintag_pii_scope_e scope,
    pintag_str_t key, pintag_str_t text, pintag_arena_t *arena,
    pintag_str_t *clean);
int __wrap_pintag_pii_value(const pintag_pii_t *pii, pintag_pii_scope_e scope,
    pintag_str_t key, pintag_str_t text, pintag_arena_t *arena,
    pintag_str_t *clean);
int __real_pintag_pii_email(pintag_str_t text, pintag_arena_t *arena);
int __wrap_pintag_pii_email(pintag_str_t text, pintag_arena_t *arena);


unsigned
__wrap_pintag_json_next(pintag_json_iter_t *it)
{
    looks++;

    return __real_pintag_json_next(it);
}


size_t
__wrap_pintag_utf8_space(const unsigned char *p, const unsigned char *end)
{
    looks++;

    return __real_pintag_utf8_space(p, end);
}


void *
__wrap_memchr(const void *s, int c, size_t n)
{
    void  *p;

    p = __real_memchr(s, c, n);

    looks += p ? (size_t) ((char *) p - (const char *) s) + 1 : n;

    return p;
}


unsigned
__wrap_pintag_page_url_valid(pintag_str_t url)
{
    looks += url.len;

    return __real_pintag_page_url_valid(url);
}


int
__wrap_pintag_pii_value(const pintag_pii_t *pii, pintag_pii_scope_e scope,
    pintag_str_t key, pintag_str_t text, pintag_arena_t *arena,
    pintag_str_t *clean)
{
    cleaned += text.len;

    return __real_pintag_pii_value(pii, scope, key, text, arena, clean);
}


int
__wrap_pintag_pii_email(pintag_str_t text, pintag_arena_t *arena)
{
    looks += text.len;

    return __real_pintag_pii_email(text, arena);
}


uint64_t
__wrap_pintag_shortest(double d, int *exponent)
{
    decimals++;

    return __real_pintag_shortest(d, exponent);
}


pintag_str_t
__wrap_pintag_digest(pintag_digest_t *digest, pintag_str_t text,
    pintag_arena_t *arena)
{
    hashes++;

    return __real_pintag_digest(digest, text, arena);
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


/* of JSON in which ' stands for " */

static pintag_str_t
filled(const row_t *row, size_t n, pintag_buf_t *text)
{
    size_t       i;
    const char  *p;

    pintag_buf_add_text(text, row->before);

    for (i = 0; i < n; i++) {
        for (p = row->part; *p; p++) {
            if (*p == '#') {
                pintag_buf_add_uint(text, i);

            } else {
                pintag_buf_add_char(text, (unsigned char) *p);
            }
        }
    }

    pintag_buf_add_text(text, row->after);
    assert_false(text->failed);

    for (i = 0; i < text->len; i++) {
        if (text->data[i] == '\'') {
            text->data[i] = '"';
        }
    }

    return test_buf_str(text);
}


static pintag_str_t
batch(const row_t *row, pintag_buf_t *text)
{
    size_t  i;

    pintag_buf_add_text(text, "{'batch':[");

    for (i = 0; i < EVENTS; i++) {
        pintag_buf_add_text(text, i ? ",{'event':'x'}" : "{'event':'x'}");
    }

    pintag_buf_add_text(text, "],");

    return filled(row, PARTS, text);
}


/* as a worker does, for both transports */

static void
map_all(pintag_str_t text, const char *config)
{
    size_t                  i, k, n;
    unsigned                truncated;
    const char             *reason;
    pintag_buf_t            yaml, out;
    pintag_body_t           body;
    pintag_event_t          event;
    test_memory_t           memory, scratch;
    pintag_client_t         client;
    pintag_conversion_t    *c;
    pintag_body_error_t     error;
    pintag_integrations_t  *integrations;

    pintag_buf_init(&yaml, test_memory_init(&memory), 0);
    pintag_buf_init(&out, test_memory_init(&scratch), 0);

    pintag_buf_add_text(&yaml, "- name: pinterest\n"
                               "  config:\n"
                               "    tagId: '1'\n"
                               "    adAccountId: '2'\n"
                               "    accessToken: 'pina'\n");
    pintag_buf_add_text(&yaml, config ? config : "");

    integrations = pintag_integrations_read(test_buf_str(&yaml), &memory.arena,
                                            no_report, NULL);
    assert_non_null(integrations);
    assert_true(pintag_event_init(&event, &integrations->names,
                                  &memory.arena));

    memset(&client, 0, sizeof(pintag_client_t));
    client.user_agent = test_str("agent");
    client.address = test_str("192.0.2.7");

    looks = 0;
    cleaned = 0;
    decimals = 0;
    hashes = 0;

    assert_int_equal(pintag_body_read(text, PINTAG_BODY_JSON, EVENTS,
                                      &memory.arena, &body, &error),
                     PINTAG_OK);

    pintag_event_begin(&event, body.max_depth, &memory.arena);

    for (i = 0; i < body.n; i++) {

        assert_int_equal(pintag_event_read(&event, body.events[i].value,
                                           &body.envelope, PINTAG_TYPE_NONE,
                                           &reason), PINTAG_OK);

        pintag_arena_reset(&scratch.arena);

        if (pintag_convert(&event, &integrations->elts[0], &client,
                           &scratch.arena, &c, &n, &reason)
            != PINTAG_OK)
        {
            continue;
        }

        for (k = 0; k < n; k++) {
            pintag_buf_init(&out, &scratch.arena, 0);

            (void) pintag_tag_query(&c[k], test_str("1"), &out, &truncated,
                                    &reason);
            (void) pintag_capi_event(&c[k], 32768, &out, &truncated, &reason);
        }
    }

    pintag_event_end(&event);
    pintag_body_free(&body);
    pintag_event_free(&event);
    test_memory_free(&memory);
    test_memory_free(&scratch);
}


static void
an_envelope_is_gone_through_once(void **state)
{
    size_t         i;
    pintag_buf_t   buf;
    pintag_str_t   text;
    test_memory_t  memory;

    static const char  consent[] = "    consentCategories: ['a', 'b', 'c']\n";

    static const row_t  rows[] = {
        { "'integrations':{", "'n#':true,", "'z':1}}", NULL },
        { "'context':{'consent':{'categoryPreferences':{", "'n#':true,",
          "'a':true,'b':true,'c':true}}}}", consent },
        { "'context':{'consentManagement':{'deniedConsentIds':[", "'#',",
          "1]}}}", consent },
        { "'context':{'consentManagement':{'allowedConsentIds':[", "'#',",
          "'a','b','c']}}}", consent },
        { "'context':{", "'n#':1,", "'id':1}}",
          "    deduplicationKey: context.id\n" },
        { "'context':{'s':{", "'n#':1,", "'id':1}}}",
          "    deduplicationKey: context.s.id\n" },
        { "'context':{'s':[", "1,", "1]}}",
          "    deduplicationKey: context.s.19999\n" },
        { "'context':{'opt_out_type':'", "a,", "'}}", NULL },
        { "'context':{'page':{'url':'", " ", "'}}}", NULL },
        { "'context':{'page':{'url':'http://a.b/?", "&a", "'}}}", NULL },
        { "'context':{'page':{'url':'http://", "@", "'}}}", NULL },
        { "'context':{'userAgent':'", " ", "'}}", NULL },
        { "'context':{'ip':'", " ", "'}}", NULL },
        { "'context':{'locale':'", " ", "'}}", NULL },
        { "'context':{'channel':'", " ", "'}}", NULL },
        { "'context':{'epik':'", " ", "'}}", NULL },
        { "'context':{'click_id':'", " ", "x'}}", NULL },
        { "'context':{'device':{'type':'", " ", "'}}}", NULL },
        { "'context':{'device':{'adTrackingEnabled':'", " ", "'}}}", NULL },
        { "'context':{'app':{'name':'", " ", "'}}}", NULL },
        { "'context':{'traits':{'partnerId':'", " ", "'}}}", NULL },
        { "'context':{'traits':{'email':[", "'a#@b.cc',", "1]}}}", NULL },
        { "'context':{'traits':{'phone':[", "'#',", "1]}}}", NULL },
        { "'sentAt':'", " ", "'}", NULL },
        { "'writeKey':'", " ", "'}", "    writeKeys: ['a']\n" }
    };

    (void) state;

    for (i = 0; i < test_n(rows); i++) {
        pintag_buf_init(&buf, test_memory_init(&memory), 0);
        text = batch(&rows[i], &buf);

        map_all(text, rows[i].config);

        if (looks > LOOKS * text.len) {
            print_error("%s...: %zu looks at %zu bytes\n", rows[i].before,
                        looks, text.len);
        }

        assert_true(looks > EVENTS);
        assert_true(looks <= LOOKS * text.len);

        test_memory_free(&memory);
    }
}


/* of numbers that no query has room for no text is made */

static void
numbers_that_are_left_out_are_not_written(void **state)
{
    pintag_buf_t   buf;
    test_memory_t  memory;

    static const row_t  row = {
        "[{'event':'x','properties':{'a':[", "1.2345e-300,", "1]}}]", NULL
    };

    (void) state;

    pintag_buf_init(&buf, test_memory_init(&memory), 0);

    map_all(filled(&row, PARTS, &buf), NULL);

    assert_true(decimals > 0);
    assert_true(decimals < 1000);

    test_memory_free(&memory);
}


/* an array of two bytes a value would be hashed for longer than it is read */

static void
arrays_are_hashed_up_to_a_number(void **state)
{
    size_t         i;
    pintag_buf_t   buf;
    pintag_str_t   text;
    test_memory_t  memory;

    static const row_t  row = {
        "", "{'event':'x','traits':{'phone':[#,2,3,4,5,6,7,8,9,10,11,12,13],"
        "'zip':[#,2,3,4,5,6,7,8,9,10,11,12,13],"
        "'last_name':[#,2,3,4,5,6,7,8,9,10,11,12,13]}},", "", NULL
    };

    (void) state;

    pintag_buf_init(&buf, test_memory_init(&memory), 0);
    pintag_buf_add_char(&buf, '[');

    text = filled(&row, EVENTS, &buf);

    /* the last comma */
    buf.data[text.len - 1] = ']';

    map_all(text, NULL);

    i = EVENTS * 3 + PINTAG_EVENT_HASHES;

    /* an event id for each, too */

    assert_true(hashes > PINTAG_EVENT_HASHES);
    assert_true(hashes <= i + EVENTS);

    test_memory_free(&memory);
}


/* the products and the contents, the Tag and the Conversions API want it */

static void
a_text_is_cleaned_once(void **state)
{
    size_t         i;
    pintag_buf_t   buf;
    pintag_str_t   text;
    test_memory_t  memory;

    static const row_t  rows[] = {
        { "[{'event':'Order Completed','properties':{'product_id':'",
          "a=b&", "'}}]", NULL },
        { "[{'type':'page','properties':{'name':'", "a=b&", "'}}]", NULL },
        { "[{'event':'x','properties':{'order_id':'", "a=b&", "'}}]", NULL },
        { "[{'event':'x','properties':{'coupon':'", "a=b&", "','n':'a=b&',"
          "'currency':'12345678901234567890123456789012345','query':'"
          "12345678901234567890123456789012345678'}}]", NULL }
    };

    (void) state;

    for (i = 0; i < test_n(rows); i++) {
        pintag_buf_init(&buf, test_memory_init(&memory), 0);
        text = filled(&rows[i], PARTS, &buf);

        map_all(text, NULL);

        assert_true(cleaned >= PARTS * 4);
        assert_true(cleaned < text.len);

        test_memory_free(&memory);
    }
}


int
main(void)
{
    const struct CMUnitTest  tests[] = {
        cmocka_unit_test(an_envelope_is_gone_through_once),
        cmocka_unit_test(a_text_is_cleaned_once),
        cmocka_unit_test(numbers_that_are_left_out_are_not_written),
        cmocka_unit_test(arrays_are_hashed_up_to_a_number)
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
