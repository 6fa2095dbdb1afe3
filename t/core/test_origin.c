
/*
 * Copyright (C) the ngx_http_pintag_module authors
 *
 * Origins: what is one, and which are the same.
 */


#include "test.h"

#include "origin.h"


typedef struct {
    const char              *text;
    pintag_origin_fault_e    fault;
    const char              *parts;    /* scheme, host, port */
} row_t;


static void
check_row(const row_t *row, unsigned listed, const char *file, int line)
{
    char                   parts[256];
    pintag_origin_t        origin;
    pintag_origin_fault_e  fault;

    fault = listed ? pintag_origin_read_listed(test_str(row->text), &origin)
                   : pintag_origin_read(test_str(row->text), &origin);

    if (fault != row->fault) {
        print_error("%s: fault %d, not %d\n", row->text, (int) fault,
                    (int) row->fault);
        _fail(file, line);
    }

    if (row->parts == NULL) {
        return;
    }

    (void) snprintf(parts, sizeof(parts), "%.*s %.*s %.*s%s",
                    (int) origin.scheme.len, origin.scheme.data,
                    (int) origin.host.len, origin.host.data,
                    (int) origin.port.len,
                    origin.port.len ? (const char *) origin.port.data : "",
                    origin.subdomains ? "*" : "");

    if (strcmp(parts, row->parts) != 0) {
        print_error("%s: \"%s\", not \"%s\"\n", row->text, parts, row->parts);
        _fail(file, line);
    }
}


static void
what_is_an_origin(void **state)
{
    size_t  i;

    static const row_t  rows[] = {
        { "https://shop.example", PINTAG_ORIGIN_OK, "https shop.example " },
        { "http://a", PINTAG_ORIGIN_OK, "http a " },
        { "https://a:8443", PINTAG_ORIGIN_OK, "https a 8443" },
        { "https://a:443", PINTAG_ORIGIN_OK, "https a " },
        { "http://a:80", PINTAG_ORIGIN_OK, "http a " },
        { "HTTP://a:80", PINTAG_ORIGIN_OK, "HTTP a " },
        { "http://a:443", PINTAG_ORIGIN_OK, "http a 443" },
        { "https://a:80", PINTAG_ORIGIN_OK, "https a 80" },
        { "https://a:65535", PINTAG_ORIGIN_OK, "https a 65535" },
        { "https://a_b-c.d.", PINTAG_ORIGIN_OK, "https a_b-c.d. " },
        { "https://[::1]:8443", PINTAG_ORIGIN_OK, "https [::1] 8443" },
        { "https://[2001:DB8::1.2.3.4]", PINTAG_ORIGIN_OK,
          "https [2001:DB8::1.2.3.4] " },
        { "chrome-extension://abc", PINTAG_ORIGIN_OK,
          "chrome-extension abc " },

        { "", PINTAG_ORIGIN_NO_SCHEME, NULL },
        { "null", PINTAG_ORIGIN_NO_SCHEME, NULL },
        { "a", PINTAG_ORIGIN_NO_SCHEME, NULL },
        { "https", PINTAG_ORIGIN_NO_SCHEME, NULL },
        { "https:", PINTAG_ORIGIN_NO_SCHEME, NULL },
        { "https:/a", PINTAG_ORIGIN_NO_SCHEME, NULL },
        { "://a", PINTAG_ORIGIN_NO_SCHEME, NULL },
        { "7://a", PINTAG_ORIGIN_NO_SCHEME, NULL },
        { " https://a", PINTAG_ORIGIN_NO_SCHEME, NULL },
        { "https://", PINTAG_ORIGIN_NO_HOST, NULL },
        { "https:///", PINTAG_ORIGIN_NO_HOST, NULL },
        { "https://.a", PINTAG_ORIGIN_NO_HOST, NULL },
        { "https://*.a", PINTAG_ORIGIN_NO_HOST, NULL },
        { "https://a b", PINTAG_ORIGIN_NO_HOST, NULL },
        { "https://a@b", PINTAG_ORIGIN_NO_HOST, NULL },
        { "https://a:1@b", PINTAG_ORIGIN_NO_PORT, NULL },
        { "https://a, https://b", PINTAG_ORIGIN_NO_HOST, NULL },
        { "https://a:655350", PINTAG_ORIGIN_NO_PORT, NULL },
        { "https://[]", PINTAG_ORIGIN_NO_HOST, NULL },
        { "https://[::1", PINTAG_ORIGIN_NO_HOST, NULL },
        { "https://[x]", PINTAG_ORIGIN_NO_HOST, NULL },
        { "https://[::1]a", PINTAG_ORIGIN_NO_HOST, NULL },
        { "https://a:", PINTAG_ORIGIN_NO_PORT, NULL },
        { "https://a:x", PINTAG_ORIGIN_NO_PORT, NULL },
        { "https://a/", PINTAG_ORIGIN_TOO_LONG, "https a " },
        { "https://a:1/b", PINTAG_ORIGIN_TOO_LONG, "https a 1" },
        { "https://a?b", PINTAG_ORIGIN_TOO_LONG, "https a " },
        { "https://a#b", PINTAG_ORIGIN_TOO_LONG, "https a " }
    };

    (void) state;

    for (i = 0; i < test_n(rows); i++) {
        check_row(&rows[i], 0, __FILE__, __LINE__);
    }
}


static void
what_may_be_listed(void **state)
{
    size_t  i;

    static const row_t  rows[] = {
        { "https://a.b", PINTAG_ORIGIN_OK, "https a.b " },
        { "https://*.a.b", PINTAG_ORIGIN_OK, "https .a.b *" },
        { "https://*.a:8443", PINTAG_ORIGIN_OK, "https .a 8443*" },
        { "https://*.a:443", PINTAG_ORIGIN_OK, "https .a *" },
        { "https://*", PINTAG_ORIGIN_NO_HOST, NULL },
        { "https://*.", PINTAG_ORIGIN_NO_HOST, NULL },
        { "https://*..a", PINTAG_ORIGIN_NO_HOST, NULL },
        { "https://*a.b", PINTAG_ORIGIN_NO_HOST, NULL },
        { "https://a.*", PINTAG_ORIGIN_NO_HOST, NULL },
        { "https://*.*.a", PINTAG_ORIGIN_NO_HOST, NULL },
        { "*.a", PINTAG_ORIGIN_NO_SCHEME, NULL },
        { "https://*.a/", PINTAG_ORIGIN_TOO_LONG, "https .a *" }
    };

    (void) state;

    for (i = 0; i < test_n(rows); i++) {
        check_row(&rows[i], 1, __FILE__, __LINE__);
    }
}


static void
which_is_listed(void **state)
{
    size_t           i;
    pintag_origin_t  origin, listed;

    static const struct {
        const char  *origin;
        const char  *listed;
        unsigned     match;
    } rows[] = {
        { "https://a.b", "https://a.b", 1 },
        { "https://A.b", "HTTPS://a.B", 1 },
        { "https://a.b", "https://a.b:443", 1 },
        { "http://a.b", "http://a.b:80", 1 },
        { "http://a.b", "https://a.b", 0 },
        { "https://a.b:8443", "https://a.b", 0 },
        { "https://a.b", "https://a.b:8443", 0 },
        { "https://a.b", "https://a.bc", 0 },
        { "https://a.b", "https://x.a.b", 0 },
        { "https://a.b.", "https://a.b", 0 },
        { "https://x.a.b", "https://*.a.b", 1 },
        { "https://y.x.A.b", "https://*.a.B", 1 },
        { "https://x.a.b:8443", "https://*.a.b:8443", 1 },
        { "https://a.b", "https://*.a.b", 0 },
        { "https://xa.b", "https://*.a.b", 0 },
        { "https://b", "https://*.a.b", 0 },
        { "https://x.a.b.c", "https://*.a.b", 0 },
        { "http://x.a.b", "https://*.a.b", 0 }
    };

    (void) state;

    for (i = 0; i < test_n(rows); i++) {
        assert_int_equal(pintag_origin_read(test_str(rows[i].origin), &origin),
                         PINTAG_ORIGIN_OK);
        assert_int_equal(pintag_origin_read_listed(test_str(rows[i].listed),
                                                   &listed),
                         PINTAG_ORIGIN_OK);

        if (pintag_origin_match(&origin, &listed) != rows[i].match) {
            print_error("%s, %s\n", rows[i].origin, rows[i].listed);
            fail();
        }
    }
}


static void
which_is_of_a_host(void **state)
{
    size_t           i;
    pintag_origin_t  origin;

    static const struct {
        const char  *origin;
        const char  *host;
        unsigned     same;
    } rows[] = {
        { "https://a.b", "a.b", 1 },
        { "http://a.b", "a.b", 1 },
        { "http://A.b:8080", "a.b", 1 },
        { "https://a.b.", "a.b", 1 },
        { "https://[::1]:1", "[::1]", 1 },
        { "https://a.b", "a.c", 0 },
        { "https://a.b", "b", 0 },
        { "https://b", "a.b", 0 },
        { "https://a.b", "", 0 },
        { "ftp://a.b", "a.b", 0 }
    };

    (void) state;

    for (i = 0; i < test_n(rows); i++) {
        assert_int_equal(pintag_origin_read(test_str(rows[i].origin), &origin),
                         PINTAG_ORIGIN_OK);

        if (pintag_origin_same(&origin, test_str(rows[i].host))
            != rows[i].same)
        {
            print_error("%s, %s\n", rows[i].origin, rows[i].host);
            fail();
        }
    }
}


int
main(void)
{
    static const struct CMUnitTest  tests[] = {
        cmocka_unit_test(what_is_an_origin),
        cmocka_unit_test(what_may_be_listed),
        cmocka_unit_test(which_is_listed),
        cmocka_unit_test(which_is_of_a_host)
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
