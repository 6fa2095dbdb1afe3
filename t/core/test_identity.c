
/*
 * Copyright (C) the ngx_http_pintag_module authors
 *
 * Who an event is of: which member of it tells, and what of that is hashed.
 */


#include "test_event.h"

#include "identity.h"


#define TRACK(members)  "{'type':'track','event':'X'," members "}"
#define CONTEXT(s)      TRACK("'context':{'traits':{" s "}}")
#define TRAITS(s)       TRACK("'traits':{" s "}")
#define PROPERTIES(s)   TRACK("'properties':{" s "}")
#define EMAIL(value)    PROPERTIES("'email':" value)

#define HEX32           "0123456789abcdef0123456789ABCDEF"
#define HEX40           HEX32 "01234567"
#define HEX64           HEX32 HEX32
#define LOWER32         "0123456789abcdef0123456789abcdef"
#define LOWER64         LOWER32 LOWER32

#define JANE            "jane@example.com"


typedef struct {
    const char  *event;
    const char  *text;     /* of which the hash is sent, or NULL */
    const char  *hash;     /* which was one already */
} row_t;


static void
hashes_are_sha256(void **state)
{
    size_t          i;
    test_memory_t   memory;
    pintag_str_t    hash;

    static const struct {
        const char  *text;
        const char  *hash;
    } cases[] = {
        { NULL,
          "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855" },
        { "abc",
          "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad" },
        { JANE,
          "8c87b489ce35cf2e2f39f80e282cb2e804932a56a213983eeeb428407d43b52d" }
    };

    (void) state;

    (void) test_memory_init(&memory);

    for (i = 0; i < test_n(cases); i++) {
        hash = test_hash(test_str(cases[i].text), &memory.arena);
        assert_str(hash, cases[i].hash);
    }

    test_memory_free(&memory);

    hash = test_hash(test_str("abc"),
                                test_memory_init_failing(&memory, 1));
    assert_str_null(hash);
}


/* an id of 0 for the address */

static int
read_hash(const pintag_event_t *event, int id, pintag_arena_t *arena,
    pintag_str_t *hash)
{
    return id ? pintag_identity_region(event, id, arena, hash)
              : pintag_identity_email(event, arena, hash);
}


static void
check_row(const row_t *row, int id, const char *file, int line)
{
    int                    rc;
    pintag_str_t           hash, expected;
    test_event_t           t;
    const pintag_event_t  *event;

    event = test_event_init(&t, row->event);

    hash = test_str("");
    expected = test_str("");

    rc = read_hash(event, id, &t.memory.arena, &hash);

    if (row->text) {
        expected = test_hash(test_str(row->text), &t.memory.arena);

    } else if (row->hash) {
        expected = test_str(row->hash);
    }

    if (rc != (expected.len != 0) || !pintag_str_eq(hash, expected)) {
        print_error("of %s, %d:\n", row->event, rc);
        _fail(file, line);
    }

    test_event_free(&t);
}


#define check_rows(rows, id)                                                  \
    for (size_t row_i = 0; row_i < test_n(rows); row_i++) {                   \
        check_row(&rows[row_i], id, __FILE__, __LINE__);                      \
    }


static void
an_address_is_normalised_and_hashed(void **state)
{
    static const row_t  rows[] = {
        { EMAIL("'jane@example.com'"), JANE, NULL },

        /* all white space goes, of Unicode's, and case */

        { EMAIL("'\\t Jane @ Example.\\u00a0COM\\u3000'"), JANE, NULL },
        { EMAIL("'\\u00c9MILE@example.com'"), "\xc3\xa9mile@example.com",
          NULL },
        { EMAIL("'i@\\u0130.example'"), "i@i.example", NULL },

        /* a hash already: 64, 40, 32 hex digits, of any case */

        { EMAIL("'" HEX64 "'"), NULL, LOWER64 },
        { EMAIL("'" HEX40 "'"), NULL, LOWER32 "01234567" },
        { EMAIL("'" HEX32 "'"), NULL, LOWER32 },
        { EMAIL("' " HEX32 " " HEX32 "'"), NULL, LOWER64 },

        /* anything else is passed over */

        { EMAIL("'" HEX32 "0'"), NULL, NULL },
        { EMAIL("'g123456789abcdef0123456789abcdef'"), NULL, NULL },
        { EMAIL("'jane'"), NULL, NULL },
        { EMAIL("'jane@localhost'"), NULL, NULL },
        { EMAIL("'mailto:jane@example.com'"), NULL, NULL },
        { EMAIL("'jane@example.com, joe@example.com'"), NULL, NULL },
        { EMAIL("''"), NULL, NULL },
        { EMAIL("' '"), NULL, NULL },
        { EMAIL("null"), NULL, NULL },
        { EMAIL("true"), NULL, NULL },
        { EMAIL("12345678901234567890123456789012"), NULL, NULL },
        { EMAIL("{'email':'jane@example.com'}"), NULL, NULL },
        { TRACK("'properties':{}"), NULL, NULL },

        /* several values: the first that is fit */

        { EMAIL("['', 1, null, {}, ['j@x.org'], 'x', 'jane@example.com', "
                "'joe@example.com']"), JANE, NULL },
        { EMAIL("['jane@example.com', '" HEX64 "']"), JANE, NULL },
        { EMAIL("['" HEX64 "', 'jane@example.com']"), NULL, LOWER64 },
        { EMAIL("[]"), NULL, NULL }
    };

    (void) state;

    check_rows(rows, 0);
}


static void
the_first_source_with_an_address_wins(void **state)
{
    static const row_t  rows[] = {
        { TRACK("'userId':'d@x.org','context':{'traits':{'email':'c@x.org'}},"
                "'traits':{'email':'b@x.org'},'properties':{'email':"
                "'a@x.org'}"), "a@x.org", NULL },
        { TRACK("'userId':'d@x.org','context':{'traits':{'email':'c@x.org'}},"
                "'traits':{'email':'b@x.org'},'properties':{'email':"
                "['a','']}"), "b@x.org", NULL },
        { TRACK("'userId':'d@x.org','context':{'traits':{'email':'c@x.org'}},"
                "'traits':{'email':'b'}"), "c@x.org", NULL },
        { TRACK("'userId':'d@x.org','context':{'traits':{'email':'c'}}"),
          "d@x.org", NULL },

        /* of a page, too: who calls says whether it is wanted */

        { "{'type':'page','properties':{'email':'a@x.org'}}", "a@x.org",
          NULL },

        /* names, and what is no object */

        { PROPERTIES("'E-Mail':'a@x.org'"), "a@x.org", NULL },
        { TRAITS("'E_MAIL':'a@x.org'"), "a@x.org", NULL },
        { CONTEXT("'Email':'a@x.org','email':'b@x.org'"), "b@x.org", NULL },
        { TRACK("'Traits':{'email':'a@x.org'}"), "a@x.org", NULL },
        { TRACK("'traits':['a@x.org'],'context':{'traits':'a@x.org'}"), NULL,
          NULL },
        { TRACK("'traits':null,'context':null"), NULL, NULL },

        /* nowhere else */

        { TRACK("'email':'a@x.org','context':{'email':'a@x.org'},"
                "'anonymousId':'a@x.org','properties':{'user':{'email':"
                "'a@x.org'},'mail':'a@x.org'}"), NULL, NULL },

        /* a userId is an address as a whole, or none */

        { TRACK("'userId':' D@x.org\\n'"), "d@x.org", NULL },
        { TRACK("'user_id':'d@x.org'"), "d@x.org", NULL },
        { TRACK("'userId':'id d@x.org'"), NULL, NULL },
        { TRACK("'userId':'id:d@x.org'"), NULL, NULL },
        { TRACK("'userId':'" HEX64 "'"), NULL, NULL },
        { TRACK("'userId':'" HEX32 "'"), NULL, NULL },
        { TRACK("'userId':1234"), NULL, NULL }
    };

    (void) state;

    check_rows(rows, 0);
}


static void
a_region_is_normalised_and_hashed(void **state)
{
    static const row_t  rows[] = {
        { TRAITS("'state':'CA'"), "ca", NULL },
        { TRAITS("'state':' New  York\\u00a0'"), "new  york", NULL },
        { TRAITS("'state':'\\u00cele-de-France'"),
          "\xc3\xaele-de-france", NULL },
        { TRAITS("'state':7"), "7", NULL },
        { TRAITS("'State':'CA'"), "ca", NULL },

        /* only a SHA-256 is one */

        { TRAITS("'state':' " HEX64 " '"), NULL, LOWER64 },
        { TRAITS("'state':'" HEX32 "'"), LOWER32, NULL },
        { TRAITS("'state':'" HEX40 "'"), LOWER32 "01234567", NULL },

        /* the first value that is one */

        { TRAITS("'state':['',null,{},['CA'],'NY','CA']"), "ny", NULL },

        /* nothing is left of it */

        { TRAITS("'state':' \\t\\u3000'"), NULL, NULL },
        { TRAITS("'state':{'state':'CA'}"), NULL, NULL },
        { TRAITS("'state':[]"), NULL, NULL },
        { TRAITS("'country':'US'"), NULL, NULL }
    };

    (void) state;

    check_rows(rows, PINTAG_NAME_STATE);
}


static void
a_region_is_looked_for_in_six_places(void **state)
{
    static const row_t  rows[] = {
        { TRACK("'traits':{'country':'A','address':{'country':'B'}},"
                "'context':{'traits':{'country':'C','address':{'country':"
                "'D'}}},'properties':{'country':'E','address':{'country':"
                "'F'}}"), "a", NULL },
        { TRACK("'traits':{'country':'','address':{'country':'B'}},"
                "'context':{'traits':{'country':'C','address':{'country':"
                "'D'}}},'properties':{'country':'E','address':{'country':"
                "'F'}}"), "b", NULL },
        { TRACK("'traits':{'address':{'country':{}}},"
                "'context':{'traits':{'country':'C','address':{'country':"
                "'D'}}},'properties':{'country':'E','address':{'country':"
                "'F'}}"), "c", NULL },
        { TRACK("'context':{'traits':{'country':null,'address':{'country':"
                "'D'}}},'properties':{'country':'E','address':{'country':"
                "'F'}}"), "d", NULL },
        { TRACK("'context':{'traits':{}},'properties':{'country':'E',"
                "'address':{'country':'F'}}"), "e", NULL },
        { TRACK("'properties':{'Address':{'COUNTRY':'F'}}"), "f", NULL },

        /* nowhere else */

        { TRACK("'country':'A','address':{'country':'A'},'context':{"
                "'country':'A','address':{'country':'A'},'location':{"
                "'country':'A'}},'properties':{'user':{'country':'A'},"
                "'address':{'address':{'country':'A'}}}"), NULL, NULL },
        { TRACK("'traits':'A','context':{'traits':['A']},'properties':{"
                "'address':'A'}"), NULL, NULL }
    };

    (void) state;

    check_rows(rows, PINTAG_NAME_COUNTRY);
}


static void
a_region_of_the_configuration(void **state)
{
    pintag_str_t           hash;
    test_event_t           t;
    pintag_arena_t        *arena;
    const pintag_event_t  *event;

    (void) state;

    event = test_event_init(&t, "{'event':'A'}");
    arena = &t.memory.arena;

    assert_int_equal(pintag_identity_region_hash(event, test_str(" CA "),
                                                 arena, &hash), 1);
    assert_str(hash, "6959097001d10501ac7d54c0bdb8db61420f658f2922cc26e46d5361"
                     "19a31126");

    assert_int_equal(pintag_identity_region_hash(event, test_str(HEX64),
                                                 arena, &hash), 1);
    assert_str(hash, LOWER64);

    assert_int_equal(pintag_identity_region_hash(event, test_str(" "),
                                                 arena, &hash), 0);
    assert_int_equal(pintag_identity_region_hash(event, test_str(NULL),
                                                 arena, &hash), 0);

    test_event_free(&t);
}


/* where the arena has "room" bytes left and gets no more */

static int
read_with_room(const pintag_event_t *event, int id, size_t room)
{
    int                   rc;
    pintag_str_t          hash;
    test_memory_t         memory;

    (void) test_memory_init(&memory);
    assert_non_null(pintag_arena_bytes(&memory.arena, 65536));

    memory.arena.pos = memory.arena.end - room;
    memory.fail_at = memory.calls + 1;

    rc = read_hash(event, id, &memory.arena, &hash);

    test_memory_free(&memory);

    return rc;
}


static void
any_allocation_may_fail(void **state)
{
    int                    rc;
    size_t                 i, room;
    test_event_t           t;
    const pintag_event_t  *event;

    static const struct {
        const char  *event;
        int          id;
        size_t       needed;
    } rows[] = {

        /* without white space, in lower case, hashed */
        { EMAIL("' jane@example.com'"), 0, 17 + 16 + 64 },
        { TRACK("'userId':'jane@example.com'"), 0, 16 + 64 },
        { EMAIL("'" HEX32 "'"), 0, 32 },
        { TRAITS("'state':12"), PINTAG_NAME_STATE, 2 + 2 + 64 }
    };

    (void) state;

    for (i = 0; i < test_n(rows); i++) {
        event = test_event_init(&t, rows[i].event);

        for (room = 0; room <= rows[i].needed; room++) {
            rc = read_with_room(event, rows[i].id, room);

            assert_int_equal(rc, room == rows[i].needed ? 1 : -1);
        }

        test_event_free(&t);
    }
}


/* half a megabyte of what is no address takes no more memory than itself */

static void
hostile_values_cost_little(void **state)
{
    size_t                 i;
    pintag_str_t           hash;
    test_event_t           t;
    pintag_buf_t           text;
    test_memory_t          memory, other;
    const pintag_event_t  *event;

    (void) state;

    pintag_buf_init(&text, test_memory_init(&memory), 0);
    pintag_buf_add_text(&text, "{'event':'X','properties':{'email':['");

    for (i = 0; i < 100000; i++) {
        pintag_buf_add_char(&text, i % 2 ? ' ' : '@');
    }

    pintag_buf_add_char(&text, '\'');

    for (i = 0; i < 100000; i++) {
        pintag_buf_add_text(&text, ",'a'");
    }

    pintag_buf_add(&text, "]}}", 4);
    assert_false(text.failed);

    event = test_event_init(&t, (const char *) text.data);

    (void) test_memory_init(&other);

    assert_int_equal(pintag_identity_email(event, &other.arena, &hash), 0);
    assert_true(other.bytes < 300000);

    test_memory_free(&other);
    test_event_free(&t);
    test_memory_free(&memory);
}


/* the last two texts are remembered with their own hashes */

static void
one_digest_serves_for_texts_in_any_order(void **state)
{
    size_t            i, k;
    char              text[80];
    pintag_str_t      hash, expected;
    test_memory_t     memory;
    pintag_digest_t   digest;

    (void) state;

    (void) test_memory_init(&memory);
    memset(&digest, 0, sizeof(digest));

    for (i = 0; i < 2000; i++) {

        /* a few texts over and over, empty, of 64 bytes and of more */

        k = i * i % 7;
        memset(text, 'a' + (int) (i % 3), sizeof(text));

        hash = pintag_digest(&digest, (pintag_str_t) { k * 13,
                             (const unsigned char *) text }, &memory.arena);
        expected = test_hash((pintag_str_t) { k * 13,
                             (const unsigned char *) text }, &memory.arena);

        assert_true(pintag_str_eq(hash, expected));

        if (i % 11 == 0) {
            pintag_digest_forget(&digest);
        }
    }

    pintag_digest_free(&digest);
    test_memory_free(&memory);
}


int
main(void)
{
    const struct CMUnitTest  tests[] = {
        cmocka_unit_test(one_digest_serves_for_texts_in_any_order),
        cmocka_unit_test(hashes_are_sha256),
        cmocka_unit_test(an_address_is_normalised_and_hashed),
        cmocka_unit_test(the_first_source_with_an_address_wins),
        cmocka_unit_test(a_region_is_normalised_and_hashed),
        cmocka_unit_test(a_region_is_looked_for_in_six_places),
        cmocka_unit_test(a_region_of_the_configuration),
        cmocka_unit_test(any_allocation_may_fail),
        cmocka_unit_test(hostile_values_cost_little)
    };

    return cmocka_run_group_tests_name("identity", tests, NULL, NULL);
}
