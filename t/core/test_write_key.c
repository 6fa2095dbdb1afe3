
/*
 * Copyright (C) the ngx_http_pintag_module authors
 *
 * Which write key counts, and which are listed.
 */


#include "test_event.h"

#include "write_key.h"


static pintag_str_t  listed[] = {
    pintag_str("a"), pintag_str("7"), pintag_str("true"), pintag_str("a key")
};

static const pintag_list_t  keys = { listed, test_n(listed) };


static void
to_the_letter(void **state)
{
    size_t         i;
    pintag_list_t  none;

    static const struct {
        const char  *key;
        unsigned     listed;
    } rows[] = {
        { "a", 1 }, { "7", 1 }, { "true", 1 }, { "a key", 1 },
        { "", 0 }, { "b", 0 }, { "A", 0 }, { " a", 0 }, { "a ", 0 },
        { "aa", 0 }, { "a kez", 0 }, { "b key", 0 }, { "a ke", 0 }
    };

    (void) state;

    memset(&none, 0, sizeof(pintag_list_t));

    for (i = 0; i < test_n(rows); i++) {
        if (pintag_write_key_listed(test_str(rows[i].key), &keys)
            != rows[i].listed)
        {
            print_error("row %zu\n", i);
            fail();
        }

        assert_int_equal(pintag_write_key_listed(test_str(rows[i].key), &none),
                         0);
    }
}


static void
its_own_before_that_of_the_head(void **state)
{
    char                   text[128];
    size_t                 i;
    unsigned               allowed;
    test_event_t           t;
    pintag_client_t        client;
    const pintag_event_t  *event;

    static const struct {
        const char  *event;
        const char  *head;
        unsigned     allowed;
    } rows[] = {
        { "'writeKey':'a'", NULL, 1 },
        { "'writeKey':'a'", "x", 1 },
        { "'writeKey':7", "x", 1 },
        { "'writeKey':true", "x", 1 },
        { "'write_key':'a'", "x", 1 },
        { "'writeKey':'x'", "a", 0 },
        { "'writeKey':7.5", "a", 0 },
        { "'writeKey':false", "a", 0 },
        { "'writeKey':null", "a", 1 },
        { "'writeKey':''", "a", 1 },
        { "'writeKey':' \\t'", "a", 1 },
        { "'writeKey':{}", "a", 1 },
        { "'writeKey':['x']", "a", 1 },
        { "'writeKey':['a']", NULL, 0 },
        { "'properties':{'writeKey':'a'}", NULL, 0 },
        { "'channel':'web'", "a", 1 },
        { "'channel':'web'", "x", 0 },
        { "'channel':'web'", NULL, 0 }
    };

    (void) state;

    for (i = 0; i < test_n(rows); i++) {
        (void) snprintf(text, sizeof(text), "{'type':'page',%s}",
                        rows[i].event);

        memset(&client, 0, sizeof(pintag_client_t));

        if (rows[i].head) {
            client.write_key = test_str(rows[i].head);
        }

        event = test_event_init(&t, text);
        allowed = pintag_write_key_allowed(
                      event->root.members[PINTAG_NAME_WRITE_KEY].value,
                      &client, &keys);

        if (allowed != rows[i].allowed) {
            print_error("%s, %s\n", text, rows[i].head ? rows[i].head : "-");
            fail();
        }

        test_event_free(&t);
    }
}


int
main(void)
{
    static const struct CMUnitTest  tests[] = {
        cmocka_unit_test(to_the_letter),
        cmocka_unit_test(its_own_before_that_of_the_head)
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
