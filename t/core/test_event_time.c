
/*
 * Copyright (C) the ngx_http_pintag_module authors
 *
 * When an event happened: what is a time, which of them is believed, and which
 * comes first.
 */


#define _DEFAULT_SOURCE    /* timegm() */

#include "test_event.h"

#include <time.h>

#include "event_time.h"


/* 2019-04-02T12:42:36Z, the day of MetaRouter's example */
#define NOW            1554208956

#define TRACK(members)  "{'type':'track','event':'X'," members "}"
#define AT(value)       TRACK("'timestamp':" value)


typedef struct {
    const char  *event;
    int64_t      seconds;    /* from now */
} row_t;


/* it is now where it is no other time */
#define NONE  0


static void
check_row(const row_t *row, const char *file, int line)
{
    int64_t                now;
    test_event_t           t;
    const pintag_event_t  *event;

    event = test_event_init(&t, row->event);

    now = pintag_event_time(event, NOW);

    if (now != NOW + row->seconds) {
        print_error("of %s: %lld\n", row->event, (long long) (now - NOW));
        _fail(file, line);
    }

    test_event_free(&t);
}


#define check_rows(rows)                                                      \
    for (size_t row_i = 0; row_i < test_n(rows); row_i++) {                   \
        check_row(&rows[row_i], __FILE__, __LINE__);                          \
    }


static void
iso_8601_in_its_forms(void **state)
{
    static const row_t  rows[] = {

        /* extended and basic */

        { AT("'2019-04-02T12:42:35Z'"), -1 },
        { AT("'20190402T124235Z'"), -1 },
        { AT("'2019-04-02t12:42:35z'"), -1 },
        { AT("'2019-04-02 12:42:35Z'"), -1 },
        { AT("' 2019-04-02T12:42:35Z\\n'"), -1 },
        { AT("'2019-04-02T12:42Z'"), -36 },
        { AT("'20190402T1242Z'"), -36 },
        { AT("'2019-04-02T12Z'"), -2556 },
        { AT("'2019-04-02'"), -45756 },
        { AT("'20190402'"), -45756 },
        { AT("'2019-04-02T00:00:00'"), -45756 },
        { AT("'2019-04-01T24:00:00'"), -45756 },
        { AT("'2019-04-01T23:59:60'"), -45756 },

        /* a fraction is floored, however long */

        { AT("'2019-04-02T12:42:35.999Z'"), -1 },
        { AT("'2019-04-02T12:42:35,9Z'"), -1 },
        { AT("'20190402T124235.999999999999999999999999999999Z'"), -1 },

        /* zones; none is UTC */

        { AT("'2019-04-02T12:42:35'"), -1 },
        { AT("'2019-04-02T14:42:35+02:00'"), -1 },
        { AT("'2019-04-02T14:42:35+0200'"), -1 },
        { AT("'2019-04-02T14:42:35+02'"), -1 },
        { AT("'2019-04-02T07:12:35.5-05:30'"), -1 },
        { AT("'2019-04-02T12:42:35-00:00'"), -1 },
        { AT("'2019-04-03T02:42:35+14:00'"), -1 },

        /* no time */

        { AT("'2019-04-02T12:42:60Z'"), 24 },
        { AT("'2019-04-02T12:42:61Z'"), NONE },
        { AT("'2019-04-02T12:60:35Z'"), NONE },
        { AT("'2019-04-02T24:00:01Z'"), NONE },
        { AT("'2019-04-31T12:42:35Z'"), NONE },
        { AT("'2019-02-29'"), NONE },
        { AT("'2019-03-32'"), NONE },
        { AT("'2019-02-60'"), NONE },
        { AT("'2018-16-01'"), NONE },
        { AT("'2019-13-02'"), NONE },
        { AT("'2019-00-02'"), NONE },
        { AT("'2019-04-00'"), NONE },
        { AT("'2019-04-2'"), NONE },
        { AT("'2019-0402'"), NONE },
        { AT("'201904-02'"), NONE },
        { AT("'2019-04-02T'"), NONE },
        { AT("'2019-04-02T1'"), NONE },
        { AT("'2019-04-02T12:'"), NONE },
        { AT("'2019-04-02T12:42:'"), NONE },
        { AT("'2019-04-02T12:42:3'"), NONE },
        { AT("'2019-04-02T12:42:35.'"), NONE },
        { AT("'2019-04-02T12:42:35.Z'"), NONE },
        { AT("'2019-04-02T12:42:35Zx'"), NONE },
        { AT("'2019-04-02T12:42:35+'"), NONE },
        { AT("'2019-04-02T12:42:35+2'"), NONE },
        { AT("'2019-04-02T12:42:35+02:'"), NONE },
        { AT("'2019-04-02T12:42:35+02:0'"), NONE },
        { AT("'2019-04-02T12:42:35+02:60'"), NONE },
        { AT("'2019-04-02T12:42:35+24:00'"), NONE },
        { AT("'2019-04-02T12:42:35 UTC'"), NONE },
        { AT("'2019-04-02Z'"), NONE },
        { AT("'Tue, 02 Apr 2019 12:42:35 GMT'"), NONE },
        { AT("'yesterday'"), NONE },
        { AT("'\\u0662\\u0660\\u0661\\u0669-04-02'"), NONE },
        { AT("''"), NONE },
        { AT("null"), NONE },
        { AT("true"), NONE },
        { AT("['2019-04-02T12:42:35Z']"), NONE },
        { AT("{'date':'2019-04-02T12:42:35Z'}"), NONE }
    };

    (void) state;

    check_rows(rows);
}


static void
numbers_are_unix_times(void **state)
{
    static const row_t  rows[] = {
        { AT("1554208955"), -1 },
        { AT("1554208955.999"), -1 },
        { AT("1554208955000"), -1 },
        { AT("1554208955999"), -1 },
        { AT("1554208955999.5"), -1 },
        { AT("1.554208955e9"), -1 },
        { AT("'1554208955'"), -1 },
        { AT("' 1554208955999 '"), -1 },
        { AT("'0001554208955'"), -1 },

        { AT("'1554208955.9'"), NONE },
        { AT("'1554208955 s'"), NONE },
        { AT("'+1554208955'"), NONE },
        { AT("-1554208955"), NONE },
        { AT("0"), NONE },
        { AT("99999999999"), NONE },
        { AT("100000000000"), NONE },
        { AT("9223372036854775807"), NONE },
        { AT("-9223372036854775808"), NONE },
        { AT("1e300"), NONE },
        { AT("-1e300"), NONE },
        { AT("1e18"), NONE },
        { AT("'999999999999999999'"), NONE },
        { AT("'99999999999999999999999999999999999999'"), NONE }
    };

    (void) state;

    check_rows(rows);
}


static void
only_a_sane_time_is_believed(void **state)
{
    static const row_t  rows[] = {
        { AT("1554208956"), 0 },
        { AT("1554212556"), 3600 },
        { AT("1554212557"), NONE },
        { AT("'2019-04-02T13:42:36.9Z'"), 3600 },
        { AT("1553604156"), -604800 },
        { AT("1553604155"), NONE },
        { AT("1553604155.9"), NONE },
        { AT("'0000-01-01'"), NONE },
        { AT("'9999-12-31T23:59:59-23:59'"), NONE },

        /* of MetaRouter's example only receivedAt is */

        { TRACK("'originalTimestamp':'1901-01-01T00:00:00.000Z',"
                "'receivedAt':'2019-04-02T12:42:36.000Z',"
                "'sentAt':'1901-01-01T00:00:00.000Z',"
                "'timestamp':'0293-04-11T23:47:16.000Z'"), 0 }
    };

    (void) state;

    check_rows(rows);
}


static void
the_first_that_is_sane_counts(void **state)
{
    static const row_t  rows[] = {
        { TRACK("'receivedAt':1554208952,'sentAt':1554208953,"
                "'originalTimestamp':1554208954,'timestamp':1554208955"),
          -1 },
        { TRACK("'receivedAt':1554208952,'sentAt':1554208953,"
                "'originalTimestamp':1554208954,'timestamp':'x'"), -2 },
        { TRACK("'receivedAt':1554208952,'sent_at':1554208953,"
                "'originalTimestamp':7"), -3 },
        { TRACK("'received_at':1554208952,'sentAt':null"), -4 },
        { TRACK("'properties':{'timestamp':1554208955},"
                "'context':{'timestamp':1554208955}"), NONE }
    };

    (void) state;

    check_rows(rows);
}


/* against the C library, a day of each month of four centuries and more */

static void
days_are_those_of_the_calendar(void **state)
{
    char                   text[64];
    int                    year, month;
    int64_t                seconds;
    struct tm              tm;
    test_event_t           t;
    const pintag_event_t  *event;

    (void) state;

    for (year = 1700; year < 2110; year++) {
        for (month = 0; month < 12; month++) {
            memset(&tm, 0, sizeof(tm));

            tm.tm_year = year - 1900;
            tm.tm_mon = month;
            tm.tm_mday = 1 + (year + month) % 28;
            tm.tm_sec = 1;

            seconds = timegm(&tm);

            snprintf(text, sizeof(text),
                     "{'event':'X','timestamp':'%04d-%02d-%02dT00:00:01'}",
                     year, month + 1, tm.tm_mday);

            event = test_event_init(&t, text);

            if (pintag_event_time(event, seconds + 60) != seconds) {
                fail_msg("%s", text);
            }

            test_event_free(&t);
        }
    }
}


int
main(void)
{
    const struct CMUnitTest  tests[] = {
        cmocka_unit_test(iso_8601_in_its_forms),
        cmocka_unit_test(numbers_are_unix_times),
        cmocka_unit_test(only_a_sane_time_is_believed),
        cmocka_unit_test(the_first_that_is_sane_counts),
        cmocka_unit_test(days_are_those_of_the_calendar)
    };

    return cmocka_run_group_tests_name("event_time", tests, NULL, NULL);
}
