
/*
 * Copyright (C) the ngx_http_pintag_module authors
 *
 * JSON that a reader must take, and what RFC 8259 leaves to it: what it becomes
 * here.  A class of documents a row, with each reader of JSON the same.
 */


#include "test_json_conformance.h"


static void
what_must_be_taken_is(void **state)
{
    static const json_row_t  rows[] = {

        /* arrays */
        { "spaces between brackets",
          pintag_str("[ \t [ ]\n ]"), pintag_str("[[]]") },
        { "an empty string in an array",
          pintag_str("[\"\"]"), pintag_str("[\"\"]") },
        { "an empty array", pintag_str("[]"), pintag_str("[]") },
        { "a line end after it",
          pintag_str("[\"sku\"]\n"), pintag_str("[\"sku\"]") },
        { "false", pintag_str("[false]"), pintag_str("[false]") },
        { "every kind in one array",
          pintag_str("[null, 7, \"red\", {}, [], true, 1.5]"),
          pintag_str("[null,7,\"red\",{},[],true,1.5]") },
        { "null", pintag_str("[null]"), pintag_str("[null]") },
        { "a line end before the bracket",
          pintag_str("[12\n]"), pintag_str("[12]") },
        { "a space before it", pintag_str(" [12]"), pintag_str("[12]") },
        { "many of null",
          pintag_str("[null,null,12,null,\"a\",null]"),
          pintag_str("[null,null,12,null,\"a\",null]") },
        { "a space after it", pintag_str("[12] "), pintag_str("[12]") },

        /* numbers */
        { "with fraction and exponent",
          pintag_str("[459.25e2]"), pintag_str("[45925.0]") },
        { "zero with a signed exponent",
          pintag_str("[0e+2]"), pintag_str("[0.0]") },
        { "zero with an exponent", pintag_str("[0e3]"), pintag_str("[0.0]") },
        { "after a space", pintag_str("[ 459]"), pintag_str("[459]") },
        { "next to zero",
          pintag_str("[-0.00000000000000000000000000000000000000000000000000"
                     "0000000000000000000000000001]"),
          pintag_str("[-1e-78]") },
        { "an integer with an exponent",
          pintag_str("[12E2]"), pintag_str("[1200.0]") },
        { "minus zero", pintag_str("[-0]"), pintag_str("[0]") },
        { "a negative integer", pintag_str("[-459]"), pintag_str("[-459]") },
        { "a negative number of one digit",
          pintag_str("[-7]"), pintag_str("[-7]") },
        { "a negative zero in a list",
          pintag_str("[1,-0,2]"), pintag_str("[1,0,2]") },
        { "a capital exponent", pintag_str("[2E3]"), pintag_str("[2000.0]") },
        { "a capital negative exponent",
          pintag_str("[25E-1]"), pintag_str("[2.5]") },
        { "a capital positive exponent",
          pintag_str("[2E+3]"), pintag_str("[2000.0]") },
        { "an exponent", pintag_str("[459e1]"), pintag_str("[4590.0]") },
        { "a fraction and an exponent",
          pintag_str("[4.59e2]"), pintag_str("[459.0]") },
        { "a negative exponent", pintag_str("[5e-1]"), pintag_str("[0.5]") },
        { "a positive exponent", pintag_str("[5e+1]"), pintag_str("[50.0]") },
        { "an integer", pintag_str("[459]"), pintag_str("[459]") },
        { "a real", pintag_str("[459.5]"), pintag_str("[459.5]") },

        /* objects */
        { "two members",
          pintag_str("{\"currency\":\"EUR\",\"price\":19.5}"),
          pintag_str("{\"currency\":\"EUR\",\"price\":19.5}") },
        { "one member",
          pintag_str("{\"currency\":\"EUR\"}"),
          pintag_str("{\"currency\":\"EUR\"}") },
        { "a key twice",
          pintag_str("{\"sku\":\"A\",\"sku\":\"B\"}"),
          pintag_str("{\"sku\":\"B\"}") },
        { "a member twice",
          pintag_str("{\"sku\":\"A\",\"sku\":\"A\"}"),
          pintag_str("{\"sku\":\"A\"}") },
        { "an empty object", pintag_str("{}"), pintag_str("{}") },
        { "an empty key", pintag_str("{\"\":7}"), pintag_str("{\"\":7}") },
        { "NUL in a key",
          pintag_str("{\"sku\\u0000x\":7}"), pintag_str("1:13: " NUL) },
        { "the largest and the smallest",
          pintag_str("{\"low\":-1.5e+28,\"high\":1.5e+28}"),
          pintag_str("{\"low\":-1.5e+28,\"high\":1.5e+28}") },
        { "long strings",
          pintag_str("{\"order\":[{\"id\":\"01234567890123456789012345678901"
                     "23456789\"}],\"id\":\"01234567890123456789012345678901"
                     "23456789\"}"),
          pintag_str("{\"order\":[{\"id\":\"012345678901234567890123456789"
                     "0123456789\"}],\"id\":\"0123456789012345678901234567"
                     "890123456789\"}") },
        { "a member with an array",
          pintag_str("{\"products\":[]}"), pintag_str("{\"products\":[]}") },
        { "escapes beyond ASCII in a value",
          pintag_str("{\"city\":\"\\u0412\\u0435\\u043d\\u0430\"}"),
          pintag_str("{\"city\":\"\xd0\x92\xd0\xb5\xd0\xbd\xd0\xb0\"}") },
        { "line ends between members",
          pintag_str("{\n\"sku\": \"A\"\n}"), pintag_str("{\"sku\":\"A\"}") },

        /* strings */
        { "UTF-8 of 1, 2 and 3 bytes as escapes",
          pintag_str("[\"\\u0024\\u00a2\\u20ac\"]"),
          pintag_str("[\"$\xc2\xa2\xe2\x82\xac\"]") },
        { "a pair of surrogates",
          pintag_str("[\"\\ud83d\\uded2\"]"),
          pintag_str("[\"\xf0\x9f\x9b\x92\"]") },
        { "two pairs of surrogates",
          pintag_str("[\"\\ud83d\\uded2\\ud83d\\ude00\"]"),
          pintag_str("[\"\xf0\x9f\x9b\x92\xf0\x9f\x98\x80\"]") },
        { "every short escape",
          pintag_str("[\"\\\"\\\\\\/\\b\\f\\n\\r\\t\"]"),
          pintag_str("[\"\"\\/\x08\f\n\r\t\"]") },
        { "an escaped backslash before u",
          pintag_str("[\"\\\\u0030\"]"), pintag_str("[\"\\u0030\"]") },
        { "an escaped quote",
          pintag_str("[\"\\\"\"]"), pintag_str("[\"\"\"]") },
        { "what would be a comment elsewhere",
          pintag_str("[\"7/*x*/8/*9\"]"), pintag_str("[\"7/*x*/8/*9\"]") },
        { "an escaped backslash before a letter",
          pintag_str("[\"\\\\b\"]"), pintag_str("[\"\\b\"]") },
        { "an escaped backslash before n",
          pintag_str("[\"\\\\n\"]"), pintag_str("[\"\\n\"]") },
        { "an escaped control character",
          pintag_str("[\"\\u001B\"]"), pintag_str("[\"\x1b\"]") },
        { "an escaped noncharacter",
          pintag_str("[\"\\uFFFE\"]"), pintag_str("[\"\xef\xbf\xbe\"]") },
        { "a string",
          pintag_str("[\"checkout\"]"), pintag_str("[\"checkout\"]") },
        { "a space before a string",
          pintag_str("[ \"checkout\"]"), pintag_str("[\"checkout\"]") },
        { "the last pair of surrogates",
          pintag_str("[\"\\uDBFF\\uDFFF\"]"),
          pintag_str("[\"\xf4\x8f\xbf\xbf\"]") },
        { "a no-break space as an escape",
          pintag_str("[\"new\\u00A0price\"]"),
          pintag_str("[\"new\xc2\xa0price\"]") },
        { "U+10FFFF as it is",
          pintag_str("[\"\xf4\x8f\xbf\xbf\"]"),
          pintag_str("[\"\xf4\x8f\xbf\xbf\"]") },
        { "U+FFFF as it is",
          pintag_str("[\"\xef\xbf\xbf\"]"), pintag_str("[\"\xef\xbf\xbf\"]") },
        { "NUL as an escape",
          pintag_str("[\"\\u0000\"]"), pintag_str("[\"\0\"]") },
        { "an escape of one byte",
          pintag_str("[\"\\u0023\"]"), pintag_str("[\"#\"]") },
        { "a letter of two bytes",
          pintag_str("[\"\xcf\x84\"]"), pintag_str("[\"\xcf\x84\"]") },
        { "a reserved code point",
          pintag_str("[\"\xf0\x9b\xbf\xbf\"]"),
          pintag_str("[\"\xf0\x9b\xbf\xbf\"]") },
        { "ASCII", pintag_str("[\"order \"]"), pintag_str("[\"order \"]") },
        { "a space", pintag_str("[\" \"]"), pintag_str("[\" \"]") },
        { "a clef as a pair of surrogates",
          pintag_str("[\"\\uD834\\uDD22\"]"),
          pintag_str("[\"\xf0\x9d\x84\xa2\"]") },
        { "a letter of three bytes as an escape",
          pintag_str("[\"\\u0935\"]"), pintag_str("[\"\xe0\xa4\xb5\"]") },
        { "a letter of two bytes as an escape",
          pintag_str("[\"\\u00e4\"]"), pintag_str("[\"\xc3\xa4\"]") },
        { "a line separator as it is",
          pintag_str("[\"\xe2\x80\xa8\"]"), pintag_str("[\"\xe2\x80\xa8\"]") },
        { "a paragraph separator as it is",
          pintag_str("[\"\xe2\x80\xa9\"]"), pintag_str("[\"\xe2\x80\xa9\"]") },
        { "two escapes and text",
          pintag_str("[\"\\u0041\\u044fA\"]"),
          pintag_str("[\"A\xd1\x8f" "A\"]") },
        { "a line feed as an escape",
          pintag_str("[\"order\\u000Aline\"]"),
          pintag_str("[\"order\nline\"]") },
        { "delete as it is",
          pintag_str("[\"\x7f\"]"), pintag_str("[\"\x7f\"]") },
        { "three-byte text",
          pintag_str("[\"\xe2\x8d\xb5\xe3\x88\xb4\"]"),
          pintag_str("[\"\xe2\x8d\xb5\xe3\x88\xb4\"]") },
        { "an escaped backslash by its number",
          pintag_str("[\"\\u005c\"]"), pintag_str("[\"\\\"]") },
        { "text of other scripts",
          pintag_str("[\"\xd0\x92\xd0\xb5\xd0\xbd\xd0\xb0\"]"),
          pintag_str("[\"\xd0\x92\xd0\xb5\xd0\xbd\xd0\xb0\"]") },
        { "U+10FFFE as an escape",
          pintag_str("[\"\\uDBFF\\uDFFE\"]"),
          pintag_str("[\"\xf4\x8f\xbf\xbe\"]") },
        { "U+1FFFE as an escape",
          pintag_str("[\"\\uD83F\\uDFFE\"]"),
          pintag_str("[\"\xf0\x9f\xbf\xbe\"]") },
        { "a zero width space as an escape",
          pintag_str("[\"\\u200B\"]"), pintag_str("[\"\xe2\x80\x8b\"]") },
        { "an invisible plus as an escape",
          pintag_str("[\"\\u2064\"]"), pintag_str("[\"\xe2\x81\xa4\"]") },
        { "U+FDD0 as an escape",
          pintag_str("[\"\\uFDD0\"]"), pintag_str("[\"\xef\xb7\x90\"]") },
        { "U+FFFE as an escape",
          pintag_str("[\"\\uFFFE0\"]"), pintag_str("[\"\xef\xbf\xbe" "0\"]") },
        { "a quote by its number",
          pintag_str("[\"\\u0022\"]"), pintag_str("[\"\"\"]") },
        { "a letter of four bytes",
          pintag_str("[\"\xf0\x9d\x84\xa2 \xe2\x82\xac\"]"),
          pintag_str("[\"\xf0\x9d\x84\xa2 \xe2\x82\xac\"]") },
        { "delete in text",
          pintag_str("[\"a\x7f\" ]"), pintag_str("[\"a\x7f\"]") },

        /* the structure */
        { "false alone", pintag_str("false"), pintag_str("1:1: " TOP) },
        { "a number alone", pintag_str("7"), pintag_str("1:1: " TOP) },
        { "a negative real alone",
          pintag_str("-0.5"), pintag_str("1:1: " TOP) },
        { "null alone", pintag_str("null"), pintag_str("1:1: " TOP) },
        { "a string alone",
          pintag_str("\"checkout\""), pintag_str("1:1: " TOP) },
        { "true alone", pintag_str("true"), pintag_str("1:1: " TOP) },
        { "an empty string alone",
          pintag_str("\"\""), pintag_str("1:1: " TOP) },
        { "line ends after it",
          pintag_str("[\"sku\"]\r\n\n"), pintag_str("[\"sku\"]") },
        { "true in an array", pintag_str("[true]"), pintag_str("[true]") },
        { "white space around an empty array",
          pintag_str(" [] "), pintag_str("[]") },
    };

    (void) state;

    test_json_rows(rows, test_n(rows));
}


static void
what_is_left_to_a_reader(void **state)
{
    static const json_row_t  rows[] = {

        /* numbers */
        { "a negative exponent beyond a double",
          pintag_str("[1.25e-400]"), pintag_str("[0.0]") },
        { "an exponent beyond any integer",
          pintag_str("[2.5e0069999999999999999999999999999999999999999999999"
                     "9999999999999999999]"),
          pintag_str("1:73: " RANGE) },
        { "a negative number with a huge exponent",
          pintag_str("[-1e+10000]"), pintag_str("1:10: " RANGE) },
        { "a number with a huge exponent",
          pintag_str("[2.5e+10000]"), pintag_str("1:11: " RANGE) },
        { "a real just beyond a double, negative",
          pintag_str("[-2e309]"), pintag_str("1:7: " RANGE) },
        { "a real just beyond a double",
          pintag_str("[2e309]"), pintag_str("1:6: " RANGE) },
        { "a real next to zero",
          pintag_str("[1.5e-10000000000]"), pintag_str("[0.0]") },
        { "an integer below int64",
          pintag_str("[-12345678901234567890123]"),
          pintag_str("[-1.2345678901234568e+22]") },
        { "an integer beyond int64",
          pintag_str("[12345678901234567890123]"),
          pintag_str("[1.2345678901234568e+22]") },
        { "an integer of many digits, negative",
          pintag_str("[-98765432109876543210987654321098765432109876543210]"),
          pintag_str("[-9.8765432109876539e+49]") },

        /* surrogates, as escapes */
        { "the second one alone in a key",
          pintag_str("{\"\\uDCAB\":7}"), pintag_str("1:9: " TOKEN) },
        { "the first one without a second",
          pintag_str("[\"\\uD8BC\"]"), pintag_str("1:9: " TOKEN) },
        { "the first one before what is no second",
          pintag_str("[\"\\uD8AA\\u12CD\"]"), pintag_str("1:15: " TOKEN) },
        { "the first one before another escape",
          pintag_str("[\"\\uD801\\t\"]"), pintag_str("1:11: " TOKEN) },
        { "the first one at the end of text",
          pintag_str("[\"a\\uD83D\"]"), pintag_str("1:10: " TOKEN) },
        { "two first ones before an escape",
          pintag_str("[\"\\uD801\\uD801\\t\"]"), pintag_str("1:17: " TOKEN) },
        { "one alone before text",
          pintag_str("[\"\\uD801price\"]"), pintag_str("1:14: " TOKEN) },
        { "a first one, text, a second one",
          pintag_str("[\"\\uD83Dprice\\uDED2\"]"),
          pintag_str("1:20: " TOKEN) },
        { "the two of a pair in the wrong order",
          pintag_str("[\"\\uDED2\\uD83D\"]"), pintag_str("1:15: " TOKEN) },
        { "the second one without a first",
          pintag_str("[\"\\uDFBB\"]"), pintag_str("1:9: " TOKEN) },

        /* encodings */
        { "UTF-16 with a byte order mark",
          pintag_str("\xff\xfe[\0\"\0\xe4\0\"\0]\0"),
          pintag_str("1:1: " UTF8) },
        { "UTF-16, the high byte first",
          pintag_str("\0[\0\"\0\xe4\0\"\0]"), pintag_str("1:1: " TOP) },
        { "UTF-16, the low byte first",
          pintag_str("[\0\"\0\xe4\0\"\0]\0"), pintag_str("1:2: " TOKEN) },
        { "a byte order mark",
          pintag_str("\xef\xbb\xbf{}"), pintag_str("1:1: " BOM) },

        /* bytes that are no UTF-8 */
        { "a lead byte without the rest",
          pintag_str("[\"\xe3\x81\"]"), pintag_str("1:3: " UTF8) },
        { "a surrogate as UTF-8",
          pintag_str("[\"\xed\xa1\x8c\"]"), pintag_str("1:3: " UTF8) },
        { "a byte that leads nothing",
          pintag_str("[\"\xfd\"]"), pintag_str("1:3: " UTF8) },
        { "Latin-1", pintag_str("[\"caf\xe9\"]"), pintag_str("1:6: " UTF8) },
        { "the rest without a lead byte",
          pintag_str("[\"\x83\"]"), pintag_str("1:3: " UTF8) },
        { "beyond U+10FFFF",
          pintag_str("[\"\xf4\xbf\xbf\xbe\"]"), pintag_str("1:3: " UTF8) },
        { "two bytes for one",
          pintag_str("[\"\xc1\xaf\"]"), pintag_str("1:3: " UTF8) },
        { "six bytes for U+FFFF",
          pintag_str("[\"\xfc\x80\x80\x8f\xbf\xbf\"]"),
          pintag_str("1:3: " UTF8) },
        { "six bytes for NUL",
          pintag_str("[\"\xfc\x80\x80\x80\x80\x80\"]"),
          pintag_str("1:3: " UTF8) },
        { "a letter that the quote cuts off",
          pintag_str("[\"\xe0\xff\"]"), pintag_str("1:3: " UTF8) },
    };

    (void) state;

    test_json_rows(rows, test_n(rows));
}


/* the unit as often as it is wanted, then what closes it as often */

static void
check_nested(const char *open, const char *close, size_t depth,
    const char *expected)
{
    size_t         i;
    pintag_buf_t   text, result;
    test_memory_t  memory;

    pintag_buf_init(&text, test_memory_init(&memory), 0);
    pintag_buf_init(&result, &memory.arena, 0);

    for (i = 0; i < depth; i++) {
        pintag_buf_add_text(&text, open);
    }

    for (i = 0; i < depth; i++) {
        pintag_buf_add_text(&text, close);
    }

    test_json_result(test_buf_str(&text), &memory.arena, &result);

    test_assert_str_at(test_buf_str(&result), expected ? test_str(expected)
                                                       : test_buf_str(&text),
                       open, __FILE__, __LINE__);
    test_memory_free(&memory);
}


static void
depth_is_limited(void **state)
{
    (void) state;

    check_nested("[", "]", 500, NULL);
    check_nested("[", "", 100000, "1:2049: nested too deeply");
    check_nested("[{\"\":", "", 50000, "1:5121: nested too deeply");
}


int
main(void)
{
    const struct CMUnitTest  tests[] = {
        cmocka_unit_test(what_must_be_taken_is),
        cmocka_unit_test(what_is_left_to_a_reader),
        cmocka_unit_test(depth_is_limited),
    };

    return cmocka_run_group_tests_name("json_conformance", tests, NULL, NULL);
}
