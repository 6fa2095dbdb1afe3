
/*
 * Copyright (C) the ngx_http_pintag_module authors
 */


#include <float.h>
#include <math.h>

#include "test.h"


static pintag_str_t
format_double(double d)
{
    pintag_str_t          s;
    static unsigned char  text[PINTAG_NUMBER_LEN + 1];

    text[PINTAG_NUMBER_LEN] = 0x5a;

    s.len = pintag_format_double(text, d);
    s.data = text;

    assert_true(s.len >= 1 && s.len <= PINTAG_NUMBER_LEN);
    assert_int_equal(text[PINTAG_NUMBER_LEN], 0x5a);
    text[s.len] = '\0';

    return s;
}


static void
test_integers(void **state)
{
    size_t         i;
    pintag_str_t   s;
    unsigned char  text[PINTAG_NUMBER_LEN];

    static const struct {
        int64_t      n;
        const char  *text;
    } cases[] = {
        { 0, "0" },
        { 7, "7" },
        { -1, "-1" },
        { 1299, "1299" },
        { -1000000, "-1000000" },
        { 9007199254740993, "9007199254740993" },
        { INT64_MAX, "9223372036854775807" },
        { INT64_MIN, "-9223372036854775808" }
    };

    (void) state;

    s.data = text;

    for (i = 0; i < test_n(cases); i++) {
        s.len = pintag_format_integer(text, cases[i].n);
        assert_str(s, cases[i].text);
    }
}


static void
test_doubles_are_the_shortest_plain_decimal(void **state)
{
    size_t        i;
    pintag_str_t  s;

    static const struct {
        double       d;
        const char  *text;
    } cases[] = {
        { 0.0, "0" },
        { -0.0, "0" },
        { 1.0, "1" },
        { -1.0, "-1" },
        { 1e3, "1000" },
        { 19.99, "19.99" },
        { -19.99, "-19.99" },
        { 29.85, "29.85" },
        { 0.1, "0.1" },
        { 0.5, "0.5" },
        { 0.25, "0.25" },
        { 0.000001, "0.000001" },
        { 0.0000001, "0.0000001" },
        { 1.0000005, "1.0000005" },
        { 0.1 + 0.2, "0.30000000000000004" },
        { 9.95 * 3, "29.849999999999998" },
        { 1.0 / 3, "0.3333333333333333" },
        { 2.0 / 3, "0.6666666666666666" },
        { 100.0 / 3, "33.333333333333336" },
        { 123456789.123456, "123456789.123456" },
        { 999999999.999999, "999999999.999999" },
        { 2251799813685248.5, "2251799813685248.5" },
        { 9007199254740991.0, "9007199254740991" },
        { 9007199254740992.0, "9007199254740992" },
        { 9007199254740994.0, "9007199254740994" },
        { 9223372036854775808.0, "9223372036854776000" },
        { 1e15, "1000000000000000" },
        { 1e21, "1000000000000000000000" },
        { 1e22, "10000000000000000000000" },
        { 1e23, "100000000000000000000000" },
        { 1.7976931348623157e308, NULL },
        { -1.7976931348623157e308, NULL },
        { 2.2250738585072014e-308, NULL },
        { 2.2250738585072011e-308, NULL },
        { -2.2250738585072011e-308, NULL },

        /* between two decimals of 16 digits the farther one reads back */
        { 0x1p-44, "0.00000000000005684341886080802" },
        { 0x1p-24, "0.00000005960464477539063" },
        { 0x1p89, "618970019642690200000000000" }
    };

    (void) state;

    for (i = 0; i < test_n(cases); i++) {
        s = format_double(cases[i].d);

        if (cases[i].text != NULL) {
            assert_str(s, cases[i].text);
        }

        assert_true(strtod((const char *) s.data, NULL) == cases[i].d);
    }
}


static void
test_smallest_double_has_one_digit(void **state)
{
    char          text[400];
    pintag_str_t  s;

    (void) state;

    memset(text, '0', sizeof(text));
    text[1] = '.';
    text[325] = '5';
    text[326] = '\0';

    s = format_double(4.9406564584124654e-324);
    assert_str(s, text);

    /* the longest of all */
    s = format_double(-2.2250738585072014e-308);
    assert_int_equal(s.len, 1 + 2 + 307 + 17);
}


/* the shortest text of a printf that reads back, the slow and sure way */

static size_t
shortest_digits(double d)
{
    int   n;
    char  text[64];

    for (n = 1; n < 17; n++) {
        (void) snprintf(text, sizeof(text), "%.*e", n - 1, d);

        if (strtod(text, NULL) == d) {
            break;
        }
    }

    return (size_t) n;
}


static size_t
significant_digits(pintag_str_t s)
{
    size_t  i, first, last;

    first = 0;
    last = 0;

    for (i = 0; i < s.len; i++) {
        if (s.data[i] >= '1' && s.data[i] <= '9') {
            last = i;

            if (first == 0) {
                first = i + 1;
            }
        }
    }

    return last + 2 - first
           - (memchr(s.data + first - 1, '.', last + 1 - first) != NULL);
}


static void
test_any_double_reads_back_and_none_is_longer_than_needed(void **state)
{
    int           i;
    double        d;
    uint64_t      bits, seed;
    pintag_str_t  s;

    (void) state;

    seed = 88172645463325252u;

    for (i = 0; i < 60000; i++) {
        seed ^= seed << 13;
        seed ^= seed >> 7;
        seed ^= seed << 17;

        switch (i % 4) {

        case 0:
            /* any bits at all, subnormals among them */
            bits = (i % 32 == 0) ? seed & 0x800fffffffffffff : seed;
            memcpy(&d, &bits, sizeof(double));
            break;

        case 1:
            d = (double) (seed % 100000000) / 100;
            break;

        case 2:
            d = (double) (int64_t) seed / 1e6;
            break;

        default:
            d = ldexp(1.0, (int) (seed % 2046) - 1022);
        }

        if (!isfinite(d) || d == 0) {
            continue;
        }

        s = format_double(d);
        assert_true(strtod((const char *) s.data, NULL) == d);
        assert_true(significant_digits(s) <= shortest_digits(d));
    }
}


static void
test_round6(void **state)
{
    size_t  i;

    static const struct {
        double  d;
        double  rounded;
    } cases[] = {
        { 9.95 * 3, 29.85 },
        { 0.1 + 0.2, 0.3 },
        { 1.1 * 3, 3.3 },
        { 0, 0 },
        { 12, 12 },
        { 0.0000004, 0 },
        { 0.0000006, 0.000001 },
        { 1.23456789, 1.234568 },
        { -1.23456789, -1.234568 },
        { -9.95 * 3, -29.85 },
        { 1e300, 1e300 },
        { -1e300, -1e300 },
        { 9007199254.740993, 9007199254.740993 }
    };

    (void) state;

    for (i = 0; i < test_n(cases); i++) {
        assert_true(pintag_round6(cases[i].d) == cases[i].rounded);
    }

    assert_true(isinf(pintag_round6(INFINITY)));
    assert_true(isnan(pintag_round6(NAN)));
}


static void
test_numbers_as_people_write_them(void **state)
{
    size_t           i;
    double           value;
    pintag_str_t     text;
    test_memory_t    memory;
    pintag_arena_t  *arena;

    static const struct {
        const char  *written;
        const char  *text;
    } cases[] = {

        /* the examples of the documentation */
        { "$1,299.90", "1299.90" },
        { "1.299,00", "1299.00" },
        { "12,50", "12.50" },
        { "1,299", "1299" },

        /* digits stay as they were written */
        { "0", "0" },
        { "0.00", "0.00" },
        { "1299", "1299" },
        { "19.90", "19.90" },
        { "007", "007" },
        { "00.10", "00.10" },
        { "9007199254740993", "9007199254740993" },
        { "0.1000000000000000055511151231257827",
          "0.1000000000000000055511151231257827" },

        /* there is a digit before the point, and after it */
        { ".5", "0.5" },
        { ",5", "0.5" },
        { "5.", "5" },
        { "12,", "12" },
        { "1,299.", "1299" },

        /* signs */
        { "-12.5", "-12.5" },
        { "+12.5", "12.5" },
        { "-.5", "-0.5" },
        { "-$5", "-5" },
        { "$-5", "-5" },
        { "$ - 5", "-5" },
        { "USD -5", "-5" },
        { "-USD 5", "-5" },
        { "Rs.-5", "-5" },
        { "-kr. 5", "-5" },
        { "\xe2\x88\x92" "5", "-5" },
        { "-0", "0" },
        { "-0.00", "0.00" },

        /* white space, anywhere */
        { " 12.50\t\n", "12.50" },
        { "1 299,90", "1299.90" },
        { "1\xc2\xa0" "299\xe2\x80\xaf" "000,90", "1299000.90" },
        { "\xef\xbb\xbf" "5", "5" },

        /* currency signs, anywhere */
        { "$5", "5" },
        { "5$", "5" },
        { "12$50", "1250" },
        { "\xc2\xa2" "5", "5" },
        { "\xc2\xa3" "5", "5" },
        { "\xc2\xa4" "5", "5" },
        { "\xc2\xa5" "5", "5" },
        { "\xd6\x8f" "5", "5" },
        { "\xd8\x8b" "5", "5" },
        { "\xe0\xa7\xb2" "5", "5" },
        { "\xe0\xa7\xb3" "5", "5" },
        { "\xe0\xa7\xbb" "5", "5" },
        { "\xe0\xab\xb1" "5", "5" },
        { "\xe0\xaf\xb9" "5", "5" },
        { "\xe0\xb8\xbf" "5", "5" },
        { "\xe1\x9f\x9b" "5", "5" },
        { "4\xe2\x82\xa0" "5", "45" },
        { "4\xe2\x82\xac" "5", "45" },
        { "4\xe2\x82\xbf" "5", "45" },
        { "4\xe2\x83\x8f" "5", "45" },
        { "4\xea\xa0\xb8" "5", "45" },
        { "4\xef\xb7\xbc" "5", "45" },
        { "4\xef\xb9\xa9" "5", "45" },
        { "4\xef\xbc\x84" "5", "45" },
        { "4\xef\xbf\xa0" "5", "45" },
        { "4\xef\xbf\xa1" "5", "45" },
        { "4\xef\xbf\xa5" "5", "45" },
        { "4\xef\xbf\xa6" "5", "45" },

        /* letters at either end */
        { "USD 5", "5" },
        { "5 USD", "5" },
        { "USD5EUR", "5" },
        { "5zzz", "5" },
        { "R$ 12,50", "12.50" },
        { "12,50 z\xc5\x82", "12.50" },
        { "1299 \xd1\x80\xd1\x83\xd0\xb1.", "1299" },
        { "\xe5\x86\x86" "5", "5" },
        { "5 \xf0\x9f\x98\x80", "5" },
        { "about 5 each", "5" },

        /* the point of an abbreviation is a letter of it */
        { "Rs.1,299", "1299" },
        { "Rs. 1.299,00", "1299.00" },
        { "kr.5", "5" },
        { "12.50 kr.", "12.50" },
        { "12.50kr.", "12.50" },
        { "S.A.R. 12.50", "12.50" },
        { "12.50 p.p.", "12.50" },
        { "5.kr.", "5" },

        /* not so the point of a number */
        { "Rs .5", "0.5" },
        { "Rs..5", "0.5" },
        { "A$.50", "0.50" },

        /* "'" between digits */
        { "1'299.00", "1299.00" },
        { "1'299'000", "1299000" },
        { "CHF 1'299,50", "1299.50" },

        /* both: the last is the decimal point */
        { "1,299,000.5", "1299000.5" },
        { "1.299.000,5", "1299000.5" },
        { "1,299.901", "1299.901" },
        { "1.299,901", "1299.901" },

        /* one ",": decimal with one or two digits after it */
        { "1,2", "1.2" },
        { "1,29", "1.29" },
        { "0,99", "0.99" },
        { "1,2999", "12999" },

        /* several: thousands */
        { "1,299,000", "1299000" },
        { "12,34,567", "1234567" },
        { "1,299,00", "129900" },

        /* one ".": decimal */
        { "1.299", "1.299" },
        { "1.2", "1.2" },

        /* several in groups of three: thousands */
        { "1.299.000", "1299000" },
        { "12.299.000", "12299000" },
        { "129.299.000", "129299000" },

        /* 64 bytes are the most, whatever is passed over */
        { "1234567890123456789012345678901234567890123456789012345678901234",
          "1234567890123456789012345678901234567890123456789012345678901234" },
        { "$$$ 12345678901234567890123456789012345678901234567890123456789012"
          "34 USD",
          "1234567890123456789012345678901234567890123456789012345678901234" }
    };

    (void) state;

    for (i = 0; i < test_n(cases); i++) {
        arena = test_memory_init(&memory);

        if (pintag_read_number(test_str(cases[i].written), arena, &text,
                               &value)
            != 1)
        {
            fail_msg("\"%s\" is no number", cases[i].written);
        }

        assert_str(text, cases[i].text);
        assert_true(value == strtod(cases[i].text, NULL));

        test_memory_free(&memory);
    }
}


static void
test_what_is_no_number(void **state)
{
    size_t           i;
    double           value;
    pintag_str_t     text;
    test_memory_t    memory;
    pintag_arena_t  *arena;

    static const char  *cases[] = {
        "", " ", "\xc2\xa0", "$", "USD", "-", "+", ".", ",", "'", "kr.",
        ".,", "-$", "NaN", "Infinity", "inf",

        /* something in the middle */
        "1e3", "1E3", "0x1F", "12abc34", "1\xd9\xab" "5", "12 or 13", "5x5",
        "1e5 USD", "2024-01-01", "12:30", "1/2", "a1b2",

        /* signs elsewhere, and more than one */
        "5-", "5-3", "--5", "+-5", "-+5", "- -5", "1-", "5 -USD", "a-b5",
        "USD-EUR5", "5 USD-",

        /* what is no letter */
        "(5)", "5%", "#5", "5*", "~5", "5!", "1_000", "\"5\"", "5;", "\x01" "5",
        "5\x7f", "[5]", "{5}", "@5", "`5`", "^5", "5=", "5|",

        /* "'" elsewhere than between digits */
        "'5", "5'", "5'.0", "5.'0", "1''000", "1'abc", "'", "1'$", "5 USD'",

        /* points that decide nothing */
        "1.2.3", "1.29.000", "1.299.00", "1.2990.000", "..5", "5..",
        ".299.000", "1299.000.000", "1.299.000.", "192.168.1.1", "1..000",

        /* both, and the last is there more than once, or the other after it */
        "1.299,00,00", "1,299.00.00", "1,299.00,0", "1.299,00.0", "1.299,000,",

        /* points after letters after digits */
        "5 USD .", "5 kr..", "5 USD 6", "5 USD,",

        /* no UTF-8 */
        "5\xff", "\xff" "5", "\xc2", "5\xe2\x82", "\xed\xa0\x80" "5",

        /* 65 bytes */
        "12345678901234567890123456789012345678901234567890123456789012345",
        "0.00000000000000000000000000000000000000000000000000000000000000012"
    };

    (void) state;

    /* nothing is allocated for it, either */
    arena = test_memory_init_failing(&memory, 1);

    for (i = 0; i < test_n(cases); i++) {
        if (pintag_read_number(test_str(cases[i]), arena, &text, &value) != 0) {
            fail_msg("\"%s\" is a number", cases[i]);
        }
    }

    assert_int_equal(pintag_read_number(test_str(NULL), arena, &text, &value),
                     0);
    assert_int_equal(pintag_read_number(test_lit("1\0"), arena, &text, &value),
                     0);
    assert_int_equal(memory.calls, 0);
}


static void
test_numbers_without_memory(void **state)
{
    double           value;
    pintag_str_t     text;
    test_memory_t    memory;
    pintag_arena_t  *arena;

    (void) state;

    arena = test_memory_init_failing(&memory, 1);

    assert_int_equal(pintag_read_number(test_str("1"), arena, &text, &value),
                     -1);
}


int
main(void)
{
    const struct CMUnitTest  tests[] = {
        cmocka_unit_test(test_integers),
        cmocka_unit_test(test_doubles_are_the_shortest_plain_decimal),
        cmocka_unit_test(test_smallest_double_has_one_digit),
        cmocka_unit_test(
            test_any_double_reads_back_and_none_is_longer_than_needed),
        cmocka_unit_test(test_round6),
        cmocka_unit_test(test_numbers_as_people_write_them),
        cmocka_unit_test(test_what_is_no_number),
        cmocka_unit_test(test_numbers_without_memory)
    };

    return cmocka_run_group_tests_name("number", tests, NULL, NULL);
}
