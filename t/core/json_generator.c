
/*
 * Copyright (C) the ngx_http_pintag_module authors
 */


#include <math.h>
#include <stdio.h>
#include <string.h>

#include "json_generator.h"


#define JSON_N(array)  (sizeof(array) / sizeof((array)[0]))

#define JSON_DEEPEST   2056


/* what is between tokens */

enum {
    JSON_SPACE_NONE = 0,
    JSON_SPACE_ONE,
    JSON_SPACE_LINES,
    JSON_SPACE_ANY,
    JSON_SPACES
};


static void json_value(json_generator_t *gen, unsigned levels);
static void json_scalar(json_generator_t *gen);
static void json_array(json_generator_t *gen, unsigned levels, size_t n);
static void json_object(json_generator_t *gen, unsigned levels, size_t n);
static void json_number(json_generator_t *gen);
static void json_integer_near(json_generator_t *gen);
static void json_decimal(json_generator_t *gen);
static void json_any_double(json_generator_t *gen);
static void json_digits(json_generator_t *gen, size_t n);
static void json_key(json_generator_t *gen);
static void json_escaped_key(json_generator_t *gen, const char *key);
static void json_string(json_generator_t *gen, size_t pieces, unsigned nul);
static void json_character(json_generator_t *gen, unsigned nul);
static void json_escape(json_generator_t *gen, unsigned code);
static void json_repeated_keys(json_generator_t *gen, unsigned levels);
static void json_event(json_generator_t *gen);
static void json_event_object(json_generator_t *gen, const char **names,
    size_t n, unsigned levels);
static void json_deep(json_generator_t *gen);
static void json_member(json_generator_t *gen, char closing);
static void json_sample(json_generator_t *gen);
static void json_damage(json_generator_t *gen, pintag_str_t text,
    pintag_buf_t *buf);
static void json_tokens(json_generator_t *gen, size_t n);
static void json_token(json_generator_t *gen);
static void json_space(json_generator_t *gen);
static void json_text(json_generator_t *gen, const char *text);
static void json_char(json_generator_t *gen, unsigned c);
static uint64_t json_random(json_generator_t *gen);
static size_t json_below(json_generator_t *gen, size_t n);
static unsigned json_percent(json_generator_t *gen, unsigned percent);


/* the integer just below the middle of DBL_MAX and 2^1024 */
#define JSON_HALF_ABOVE_MAX                                                   \
    "17976931348623158079372897140530341507993413271003782693617377898044496" \
    "82927647509466490179775872070963302864166928879109465555478519404026306" \
    "57488671505820681908902000708383676273854845817711531764475730270069855" \
    "57136695962284291481986083493647529271907416844436551070434271155969950" \
    "8093042880177904174497791"

#define JSON_MAX                                                              \
    "17976931348623157081452742373170435679807056752584499659891747680315726" \
    "07800285387605895586327668781715404589535143824642343213268894641827684" \
    "67546703537516986049910576551282076245490090389328944075868508455133942" \
    "30458323690322294816580855933212334827479782620414472316873817718091929" \
    "9881250404026184124858368"

/* the middle of 1 and the next double */
#define JSON_HALF_ABOVE_1                                                     \
    "1.00000000000000011102230246251565404236316680908203125"


static const char  *json_numbers[] = {
    "0", "-0", "0.0", "-0.0", "0e0", "-0e0", "0E-0", "0e999", "-0e999",
    "0.0e99999999999999999999", "0e-99999999999999999999", "-0.00000e+5",
    "1", "-1", "10", "1e0", "1E+2", "1e+02", "1e00000000000000000000001",
    "1.0", "1.10", "100e-2", "-1.5E-3", "0.1", "0.2", "0.30000000000000004",

    "9007199254740991", "9007199254740992", "9007199254740993",
    "9007199254740993.0", "-9007199254740993", "9007199254740993e0",

    "999999999999999999", "9999999999999999999", "99999999999999999999",
    "1000000000000000000", "10000000000000000000", "100000000000000000000",
    "9223372036854775806", "9223372036854775807", "9223372036854775808",
    "9223372036854775809", "-9223372036854775807", "-9223372036854775808",
    "-9223372036854775809", "-9223372036854775810", "9223372036854776832",
    "9223372036854776833", "9223372036854775807.0", "9223372036854775808e0",
    "-9223372036854775808e0", "9223372036854775807e0",
    "18446744073709551614", "18446744073709551615", "18446744073709551616",
    "18446744073709551617", "-18446744073709551615", "-18446744073709551616",
    "18446744073709551615.0", "18446744073709549568", "18446744073709550592",
    "184467440737095516150", "18446744073709551620",
    "340282366920938463463374607431768211456",
    "12345678901234567890123456789012345678901234567890",

    "1.7976931348623157e308", "-1.7976931348623157e308",
    "1.7976931348623158e308", "1.7976931348623159e308",
    "-1.7976931348623159e308", "17976931348623157e292",
    "0.00017976931348623157e312", "1.797693134862315e309", "1e308", "1e309",
    "9e307", "1e999", "-1e999", "1e99999999999999999999", "0.1e309",
    "0.1e310", "10e307", "10e308", JSON_MAX, "-" JSON_MAX, JSON_MAX ".5",
    JSON_MAX "e0", JSON_MAX "0", JSON_MAX "0e-1", JSON_HALF_ABOVE_MAX,
    JSON_HALF_ABOVE_MAX ".0", JSON_HALF_ABOVE_MAX ".9", JSON_HALF_ABOVE_MAX
    ".99999999999999999999999999999999999999999999999999999", "-"
    JSON_HALF_ABOVE_MAX, JSON_HALF_ABOVE_MAX "9", JSON_HALF_ABOVE_MAX "9e-1",
    JSON_HALF_ABOVE_MAX "e1", JSON_HALF_ABOVE_MAX "e-1",

    "2.2250738585072014e-308", "2.2250738585072011e-308",
    "2.2250738585072012e-308", "2.225073858507201e-308", "5e-324", "4e-324",
    "3e-324", "-5e-324", "4.9406564584124654e-324", "2.4703282292062328e-324",
    "2.4703282292062327e-324", "2.47e-324", "2e-324", "-2e-324", "1e-323",
    "1e-400", "-1e-400", "1e-99999999999999999999",
    "0.000000000000000000000000000000000000000000000000000000000000001e-280",

    "6.631236846766476e-316", "3.237883913302901289588352412501532174863e-319",
    "1090544144181609348835077142190", "8.533e+68", "4.1006e-184",
    "9007199254740992.99999999999999999999999999999999999999999999999999",
    "7.2057594037927933e16", JSON_HALF_ABOVE_1, JSON_HALF_ABOVE_1 "000000",
    JSON_HALF_ABOVE_1 "0000000000000000000000000000000000000000000000001",
    "1.00000000000000033306690738754696212708950042724609375"
};


static const char  *json_words[] = {
    "a", "b", "type", "event", "user id", "e-mail", "", "A", "key", "0", "_",
    "properties", "\xc3\xa9", "a/b"
};


static const char  *json_dictionary[] = {
    "{", "}", "[", "]", ":", ",", "\"", "\\", " ", "\n", "\r", "\t",
    "{}", "[]", "\"\"", ",,", ":,", ",]", ",}", "[[", "]]", "}}", "{\"", "\":",
    "{\"a\":1}", "\"a\"", "\"a\":", ",\"a\":[1]", "{\"\":{}}",

    "true", "false", "null", "tru", "nul", "True", "NULL", "nan", "NaN",
    "Infinity", "-Infinity", "inf", "undefined", "truefalse", "null1",

    "0", "1", "-", "--", "+", "+1", ".", ".5", "1.", "e", "E", "1e", "1e+",
    "e5", "00", "01", "-0", "-01", "0x10", "1_0", "1e5.5", "1.e5", "0.",
    "1e999", "-1e999", "1e-999", "9223372036854775807",
    "9223372036854775808", "-9223372036854775809", "18446744073709551616",
    "1.7976931348623159e308", "9223372036854775808x",

    "\\u0000", "\\u0061", "\\ud800", "\\udbff", "\\udc00", "\\ud83d\\ude00",
    "\\ud83d\\u0041", "\\ud800\\ud800", "\\udc00\\ud800", "\\u12", "\\u12g4",
    "\\U0041", "\\uD8", "\\x41", "\\'", "\\\"", "\\\\", "\\/", "\\0", "\\v",
    "\\n", "\\\n", "{\"\\u0000\":1}", "{\"a\\u0000b\":", "\"\\ud800\"",
    "\"\\u00",

    "\xef\xbb\xbf", "\xef\xbf\xbe", "\xef\xbf\xbf", "\xff", "\xfe", "\x80",
    "\xbf", "\xc0\x80", "\xc1\xbf", "\xc2", "\xc3\xa9", "\xe0\x80\x80",
    "\xe0\x9f\xbf", "\xe2\x82", "\xe2\x82\xac", "\xed\xa0\x80",
    "\xed\xbf\xbf", "\xed\x9f\xbf", "\xf0\x80\x80\x80", "\xf0\x8f\xbf\xbf",
    "\xf0\x9f\x98\x80", "\xf0\x9f\x98", "\xf4\x8f\xbf\xbf",
    "\xf4\x90\x80\x80", "\xf5\x80\x80\x80", "\xf8\x88\x80\x80\x80",
    "\xc2\xa0", "\xe2\x80\xa8", "\x7f", "\x01", "\x1f", "\x0b", "\x0c",

    "/", "//", "/* */", "// x\n", "#", "'", "'a'", "`", ";", "(", ")", "=",
    "<", "a", "x", "\xef\xbc\x9a"
};


void
json_generator_init(json_generator_t *gen, uint64_t seed, size_t number,
    const pintag_str_t *samples, size_t n_samples)
{
    memset(gen, 0, sizeof(json_generator_t));

    gen->state = seed;
    gen->state = json_random(gen) ^ number;
    gen->samples = samples;
    gen->n_samples = n_samples;
}


void
json_generate(json_generator_t *gen, pintag_buf_t *buf)
{
    size_t    kind;
    unsigned  levels;

    gen->buf = buf;
    gen->space = (unsigned) json_below(gen, JSON_SPACES);

    json_space(gen);

    kind = json_below(gen, 1000);

    if (kind < 300) {
        json_event(gen);

    } else if (kind < 400) {
        json_repeated_keys(gen, 2);

    } else if (kind < 404) {
        json_object(gen, 1, 1000 + json_below(gen, 1000));

    } else if (kind < 424) {
        json_deep(gen);

    } else if (kind < 450) {
        json_sample(gen);

    } else if (kind < 550) {
        json_array(gen, 1, json_below(gen, 8));

    } else {
        levels = 2 + (unsigned) json_below(gen, 5);

        if (kind < 700) {
            json_array(gen, levels, json_below(gen, 8));

        } else {
            json_object(gen, levels, json_below(gen, 8));
        }
    }

    json_space(gen);
}


void
json_generate_damaged(json_generator_t *gen, pintag_buf_t *buf)
{
    size_t        times;
    pintag_str_t  text;
    pintag_buf_t  before, after;

    if (json_percent(gen, 15)) {

        gen->buf = buf;
        gen->space = (unsigned) json_below(gen, JSON_SPACES);

        if (json_percent(gen, 60)) {
            json_text(gen, json_percent(gen, 50) ? "[" : "{\"\":");
        }

        json_tokens(gen, json_below(gen, 8));

        return;
    }

    pintag_buf_init(&before, buf->arena, 0);
    json_generate(gen, &before);

    times = 1 + (json_percent(gen, 30) ? json_below(gen, 4) : 0);

    while (times--) {
        pintag_buf_init(&after, buf->arena, 0);

        text.data = before.data;
        text.len = before.len;

        json_damage(gen, text, &after);

        before = after;
    }

    pintag_buf_add(buf, before.data, before.len);
}


void
json_generate_number(json_generator_t *gen, pintag_buf_t *buf)
{
    gen->buf = buf;

    json_number(gen);
}


static void
json_value(json_generator_t *gen, unsigned levels)
{
    if (levels == 0 || json_percent(gen, 65)) {
        json_scalar(gen);

    } else if (json_percent(gen, 50)) {
        json_array(gen, levels, json_below(gen, 5));

    } else if (json_percent(gen, 15)) {
        json_repeated_keys(gen, levels);

    } else {
        json_object(gen, levels, json_below(gen, 6));
    }
}


static void
json_scalar(json_generator_t *gen)
{
    switch (json_below(gen, 8)) {

    case 0:
        json_text(gen, "null");
        break;

    case 1:
        json_text(gen, "true");
        break;

    case 2:
        json_text(gen, "false");
        break;

    case 3:
    case 4:
    case 5:
        json_number(gen);
        break;

    default:
        json_string(gen, json_below(gen, json_percent(gen, 3) ? 500 : 12),
                    1);
    }
}


/* "levels" counts this one, too */

static void
json_array(json_generator_t *gen, unsigned levels, size_t n)
{
    size_t  i;

    json_char(gen, '[');
    json_space(gen);

    for (i = 0; i < n; i++) {

        if (i != 0) {
            json_char(gen, ',');
            json_space(gen);
        }

        json_value(gen, levels - 1);
        json_space(gen);
    }

    json_char(gen, ']');
}


static void
json_object(json_generator_t *gen, unsigned levels, size_t n)
{
    size_t  i;

    json_char(gen, '{');
    json_space(gen);

    for (i = 0; i < n; i++) {

        if (i != 0) {
            json_char(gen, ',');
            json_space(gen);
        }

        json_key(gen);
        json_space(gen);
        json_char(gen, ':');
        json_space(gen);
        json_value(gen, levels - 1);
        json_space(gen);
    }

    json_char(gen, '}');
}


static void
json_number(json_generator_t *gen)
{
    const char  *number;

    switch (json_below(gen, 8)) {

    case 0:
        number = json_numbers[json_below(gen, JSON_N(json_numbers))];

        /* few, so that most documents are readable */

        if (strstr(number, "99") == NULL || json_percent(gen, 30)) {
            json_text(gen, number);
            break;
        }

        /* fall through */

    case 1:
    case 2:
        pintag_buf_add_uint(gen->buf, json_below(gen, 2000));
        break;

    case 3:
        json_integer_near(gen);
        break;

    case 4:
        json_any_double(gen);
        break;

    default:
        json_decimal(gen);
    }
}


/* of a power of two */

static void
json_integer_near(json_generator_t *gen)
{
    uint64_t  n;

    if (json_percent(gen, 40)) {
        json_char(gen, '-');
    }

    switch (json_below(gen, 3)) {

    case 0:
        n = (uint64_t) 1 << 63;
        break;

    case 1:
        /* its surroundings wrap around */
        n = 0;
        break;

    default:
        n = (uint64_t) 1 << json_below(gen, 64);
    }

    pintag_buf_add_uint(gen->buf, n + json_below(gen, 4001) - 2000);
}


static void
json_decimal(json_generator_t *gen)
{
    if (json_percent(gen, 30)) {
        json_char(gen, '-');
    }

    if (json_percent(gen, 25)) {
        json_char(gen, '0');

    } else {
        json_char(gen, (unsigned) ('1' + json_below(gen, 9)));
        json_digits(gen, json_below(gen, json_percent(gen, 5) ? 320 : 24));
    }

    if (json_percent(gen, 60)) {
        json_char(gen, '.');

        if (json_percent(gen, 10)) {
            json_text(gen, "00000000000000000000");
        }

        json_digits(gen, 1 + json_below(gen, json_percent(gen, 5) ? 800 : 24));
    }

    if (json_percent(gen, 40)) {
        json_char(gen, json_percent(gen, 50) ? 'e' : 'E');

        if (json_percent(gen, 70)) {
            json_char(gen, json_percent(gen, 40) ? '+' : '-');
        }

        if (json_percent(gen, 10)) {
            json_text(gen, "000");
        }

        pintag_buf_add_uint(gen->buf,
                            json_below(gen, json_percent(gen, 80) ? 30 : 335));
    }
}


/* or the middle of two, which is the hardest to read */

static void
json_any_double(json_generator_t *gen)
{
    int       digits;
    char      text[1200];
    double    d;
    uint64_t  bits;

    static const int  lengths[] = { 14, 15, 16, 16, 17, 18, 19, 24, 40, 766 };

    do {
        bits = json_random(gen);
        memcpy(&d, &bits, sizeof(double));
    } while (!isfinite(d));

    digits = lengths[json_below(gen, JSON_N(lengths))];

    if (json_percent(gen, 70)) {
        (void) snprintf(text, sizeof(text), "%.*e", digits, d);

    } else {
        (void) snprintf(text, sizeof(text), "%.*f", digits % 40,
                        ldexp(d, -ilogb(d) + (int) json_below(gen, 80) - 10));
    }

    json_text(gen, text);
}


static void
json_digits(json_generator_t *gen, size_t n)
{
    unsigned  c;

    /* runs of one digit round in their own ways */

    c = (unsigned) ('0' + json_below(gen, 30));

    while (n--) {
        json_char(gen, (c <= '9') ? c
                                  : (unsigned) ('0' + json_below(gen, 10)));
    }
}


/* from few, so that some are repeated without being meant to */

static void
json_key(json_generator_t *gen)
{
    size_t  kind;

    kind = json_below(gen, 1000);

    if (kind < 500) {
        json_escaped_key(gen, json_words[json_below(gen, JSON_N(json_words))]);

    } else {
        json_string(gen, json_below(gen, 10), kind < 502);
    }
}


/* as it is, or with characters of it escaped */

static void
json_escaped_key(json_generator_t *gen, const char *key)
{
    unsigned  percent;

    percent = json_percent(gen, 30) ? (unsigned) json_below(gen, 101) : 0;

    json_char(gen, '"');

    for (; *key != '\0'; key++) {

        if (*key == '/' && json_percent(gen, percent)) {
            json_text(gen, "\\/");

        } else if ((*key & 0x80) == 0 && json_percent(gen, percent)) {
            json_escape(gen, (unsigned) *key);

        } else {
            json_char(gen, (unsigned char) *key);
        }
    }

    json_char(gen, '"');
}


static void
json_string(json_generator_t *gen, size_t pieces, unsigned nul)
{
    unsigned  plain;

    plain = json_percent(gen, 40);

    json_char(gen, '"');

    while (pieces--) {

        if (plain || json_percent(gen, 50)) {
            json_char(gen, (unsigned) "abcXYZ019 -_./:"[json_below(gen, 15)]);

        } else {
            json_character(gen, nul);
        }
    }

    json_char(gen, '"');
}


static void
json_character(json_generator_t *gen, unsigned nul)
{
    unsigned  code;

    static const char  *escapes[] = {
        "\\\"", "\\\\", "\\/", "\\b", "\\f", "\\n", "\\r", "\\t"
    };

    static const char  *characters[] = {
        "\x7f", "\xc2\x80", "\xc3\xa9", "\xdf\xbf", "\xe0\xa0\x80",
        "\xe2\x82\xac", "\xed\x9f\xbf", "\xee\x80\x80", "\xef\xbb\xbf",
        "\xef\xbf\xbd", "\xef\xbf\xbe", "\xef\xbf\xbf", "\xf0\x90\x80\x80",
        "\xf0\x9f\x98\x80", "\xf3\xbf\xbf\xbf", "\xf4\x8f\xbf\xbf"
    };

    switch (json_below(gen, 6)) {

    case 0:
    case 1:
        json_text(gen, escapes[json_below(gen, JSON_N(escapes))]);
        break;

    case 2:
        json_text(gen, characters[json_below(gen, JSON_N(characters))]);
        break;

    case 3:
        code = (unsigned) json_below(gen, 0x100000);
        json_escape(gen, 0xd800 + (code >> 10));
        json_escape(gen, 0xdc00 + (code & 0x3ff));
        break;

    case 4:
        code = (unsigned) json_below(gen, 0x80);
        json_escape(gen, (code != 0 || nul) ? code : 1);
        break;

    default:
        code = (unsigned) json_below(gen, 0xf800);

        if (code >= 0xd800) {
            code += 0x800;
        }

        json_escape(gen, (code != 0 || nul) ? code : 1);
    }
}


static void
json_escape(json_generator_t *gen, unsigned code)
{
    char  text[8];

    (void) snprintf(text, sizeof(text),
                    json_percent(gen, 50) ? "\\u%04x" : "\\u%04X", code);

    json_text(gen, text);
}


static void
json_repeated_keys(json_generator_t *gen, unsigned levels)
{
    char    key[32];
    size_t  i, n, distinct;

    switch (json_below(gen, 100)) {

    case 0:
        n = 1001 + json_below(gen, 300);
        break;

    case 1:
    case 2:
    case 3:
        n = 30 + json_below(gen, 100);
        break;

    default:
        n = 2 + json_below(gen, 10);
    }

    distinct = 1 + json_below(gen, n);

    json_char(gen, '{');

    for (i = 0; i < n; i++) {

        if (i != 0) {
            json_char(gen, ',');
        }

        json_space(gen);

        if (n < 30) {
            json_escaped_key(gen,
                             json_words[distinct % 7 + json_below(gen, 4)]);

        } else {
            (void) snprintf(key, sizeof(key), "k%zu",
                            json_below(gen, distinct));
            json_escaped_key(gen, key);
        }

        json_char(gen, ':');

        json_value(gen, (n < 30) ? levels - 1 : 0);
        json_space(gen);
    }

    json_char(gen, '}');
}


/* one as analytics libraries send it, or a batch of them */

static void
json_event(json_generator_t *gen)
{
    size_t    n;
    unsigned  batch;

    static const char  *names[] = {
        "type", "event", "messageId", "userId", "anonymousId", "timestamp",
        "channel", "writeKey", "integrations"
    };

    static const char  *context[] = {
        "ip", "userAgent", "locale", "timezone", "library", "campaign"
    };

    static const char  *page[] = {
        "url", "title", "referrer", "path", "search"
    };

    static const char  *properties[] = {
        "order_id", "revenue", "currency", "value", "coupon", "products",
        "email", "discount", "tax", "total"
    };

    batch = json_percent(gen, 20);
    n = 1;

    if (batch) {
        json_text(gen, "{\"sentAt\":\"2024-03-01T12:00:00.000Z\",\"batch\":[");
        n = 1 + json_below(gen, 4);
    }

    while (n--) {
        json_char(gen, '{');
        json_space(gen);

        json_event_object(gen, names, JSON_N(names), 2);
        json_text(gen, ",\"context\":{");
        json_event_object(gen, context, JSON_N(context), 2);
        json_text(gen, ",\"page\":{");
        json_event_object(gen, page, JSON_N(page), 0);
        json_text(gen, "}},\"properties\":{");
        json_event_object(gen, properties, JSON_N(properties), 3);

        json_char(gen, '}');
        json_space(gen);
        json_char(gen, '}');

        if (n != 0) {
            json_char(gen, ',');
            json_space(gen);
        }
    }

    if (batch) {
        json_text(gen, "]}");
    }
}


/* members only, one at least */

static void
json_event_object(json_generator_t *gen, const char **names, size_t n,
    unsigned levels)
{
    size_t  i, value;

    static const char  *values[] = {
        "\"track\"", "\"Order Completed\"", "\"41b70e4a-5ff4-4ff4-a34f\"",
        "\"2019-04-02T12:42:36.000Z\"", "\"203.0.113.7\"", "\"USD\"",
        "\"Mozilla/5.0 (X11; Linux x86_64)\"", "25.0", "19.99", "1299", "1",
        "\"https:\\/\\/shop.example\\/checkout?step=3&q=%C3%A9\"",
        "\"jane@example.com\"", "\"Z\xc3\xbcrich \xe2\x80\x93 caf\\u00e9\"",
        "[{\"product_id\":\"507f1f77bcf8\",\"price\":19,\"quantity\":1}]",
        "{\"All\":true,\"Pinterest\":false}", "null", "\"\""
    };

    for (i = 0; i < n; i++) {

        if (i != 0) {

            if (json_percent(gen, 40)) {
                continue;
            }

            json_char(gen, ',');
            json_space(gen);
        }

        json_escaped_key(gen, names[i]);
        json_char(gen, ':');
        json_space(gen);

        value = json_below(gen, 2 * JSON_N(values));

        if (value < JSON_N(values) || json_percent(gen, 50)) {
            json_text(gen, values[value % JSON_N(values)]);

        } else {
            json_value(gen, levels);
        }

        json_space(gen);
    }
}


static void
json_deep(json_generator_t *gen)
{
    char    closing[JSON_DEEPEST];
    size_t  i, depth;

    switch (json_below(gen, 4)) {

    case 0:
        depth = 29 + json_below(gen, 8);
        break;

    case 1:
        depth = 1 + json_below(gen, JSON_DEEPEST);
        break;

    default:
        depth = JSON_DEEPEST - json_below(gen, 16);
    }

    for (i = 0; i < depth; i++) {

        closing[i] = json_percent(gen, 50) ? ']' : '}';

        json_char(gen, (closing[i] == ']') ? '[' : '{');

        /* others before it, and the last may be empty */

        if (json_percent(gen, 5)) {
            json_member(gen, closing[i]);
            json_char(gen, ',');

        } else if (i + 1 == depth && json_percent(gen, 50)) {
            break;
        }

        if (i + 1 == depth) {
            json_member(gen, closing[i]);

        } else if (closing[i] == '}') {
            json_key(gen);
            json_char(gen, ':');
        }
    }

    for (i = depth; i-- > 0; /* void */) {

        if (i + 1 != depth && json_percent(gen, 5)) {
            json_char(gen, ',');
            json_member(gen, closing[i]);
        }

        json_char(gen, (unsigned char) closing[i]);
    }
}


/* or an element, of what ends with "closing" */

static void
json_member(json_generator_t *gen, char closing)
{
    if (closing == '}') {
        json_key(gen);
        json_char(gen, ':');
    }

    json_scalar(gen);
}


static void
json_sample(json_generator_t *gen)
{
    size_t        n;
    pintag_str_t  sample;

    n = json_percent(gen, 30) ? json_below(gen, 4) : 1;

    if (n != 1) {
        json_char(gen, '[');
    }

    while (n--) {
        sample = gen->samples[json_below(gen, gen->n_samples)];
        pintag_buf_add_str(gen->buf, sample);

        if (n != 0) {
            json_char(gen, ',');
        }
    }

    if (gen->buf->data[gen->buf->len - 1] == '[') {
        json_char(gen, ']');
    }
}


static void
json_damage(json_generator_t *gen, pintag_str_t text, pintag_buf_t *buf)
{
    size_t        at, n, other;
    pintag_buf_t  second;

    gen->buf = buf;

    if (text.len == 0) {
        json_token(gen);
        return;
    }

    at = json_below(gen, text.len);

    /* where another part begins, and how long that or one here may be */

    other = json_below(gen, text.len);
    n = 1 + json_below(gen, text.len - ((at > other) ? at : other));

    if (json_percent(gen, 70) && n > 8) {
        n = 1 + n % 8;
    }

    switch (json_below(gen, 10)) {

    case 0:
        /* a bit of a byte flipped */
        pintag_buf_add(buf, text.data, at);
        json_char(gen, text.data[at] ^ 1u << json_below(gen, 8));
        pintag_buf_add(buf, text.data + at + 1, text.len - at - 1);
        break;

    case 1:
        /* a byte replaced */
        pintag_buf_add(buf, text.data, at);
        json_char(gen, (unsigned) json_below(gen, 256));
        pintag_buf_add(buf, text.data + at + 1, text.len - at - 1);
        break;

    case 2:
        /* a part deleted */
        pintag_buf_add(buf, text.data, at);
        pintag_buf_add(buf, text.data + at + n, text.len - at - n);
        break;

    case 3:
        /* a part twice */
        pintag_buf_add(buf, text.data, at + n);
        pintag_buf_add(buf, text.data + at, text.len - at);
        break;

    case 4:
        /* a copy of another part inserted */
        pintag_buf_add(buf, text.data, at);
        pintag_buf_add(buf, text.data + other, n);
        pintag_buf_add(buf, text.data + at, text.len - at);
        break;

    case 5:
        /* cut */

        if (json_percent(gen, 80)) {
            pintag_buf_add(buf, text.data, at);

        } else {
            pintag_buf_add(buf, text.data + at, text.len - at);
        }

        break;

    case 6:
        /* bytes swapped */
        pintag_buf_add(buf, text.data, text.len);
        buf->data[at] = text.data[other];
        buf->data[other] = text.data[at];
        break;

    case 7:
        /* spliced with another */
        pintag_buf_add(buf, text.data, at);

        pintag_buf_init(&second, buf->arena, 0);
        json_generate(gen, &second);

        at = json_below(gen, second.len);
        pintag_buf_add(buf, second.data + at, second.len - at);
        break;

    case 8:
        /* something in place of a part */
        pintag_buf_add(buf, text.data, at);
        json_token(gen);
        pintag_buf_add(buf, text.data + at + n, text.len - at - n);
        break;

    default:
        /* something inserted, or put before or behind it all */

        if (json_percent(gen, 20)) {
            at = json_percent(gen, 50) ? 0 : text.len;

            if (json_percent(gen, 20)) {
                json_text(gen, "\xef\xbb\xbf");
            }
        }

        pintag_buf_add(buf, text.data, at);
        json_tokens(gen, 1 + (json_percent(gen, 10) ? json_below(gen, 4) : 0));
        pintag_buf_add(buf, text.data + at, text.len - at);
    }
}


static void
json_tokens(json_generator_t *gen, size_t n)
{
    while (n--) {
        json_token(gen);
        json_space(gen);
    }
}


static void
json_token(json_generator_t *gen)
{
    if (json_percent(gen, 2)) {
        json_char(gen, '\0');

    } else if (json_percent(gen, 10)) {
        json_number(gen);

    } else {
        json_text(gen,
                  json_dictionary[json_below(gen, JSON_N(json_dictionary))]);
    }
}


static void
json_space(json_generator_t *gen)
{
    size_t  n;

    switch (gen->space) {

    case JSON_SPACE_NONE:
        break;

    case JSON_SPACE_ONE:
        if (json_percent(gen, 50)) {
            json_char(gen, ' ');
        }

        break;

    case JSON_SPACE_LINES:
        if (json_percent(gen, 30)) {
            json_text(gen, "\n    ");
        }

        break;

    default:
        for (n = json_below(gen, 4); n != 0; n--) {
            json_char(gen, (unsigned) " \t\r\n"[json_below(gen, 4)]);
        }
    }
}


static void
json_text(json_generator_t *gen, const char *text)
{
    pintag_buf_add_text(gen->buf, text);
}


static void
json_char(json_generator_t *gen, unsigned c)
{
    pintag_buf_add_char(gen->buf, (unsigned char) c);
}


/* splitmix64 */

static uint64_t
json_random(json_generator_t *gen)
{
    uint64_t  n;

    gen->state += 0x9e3779b97f4a7c15;

    n = gen->state;
    n = (n ^ n >> 30) * 0xbf58476d1ce4e5b9;
    n = (n ^ n >> 27) * 0x94d049bb133111eb;

    return n ^ n >> 31;
}


static size_t
json_below(json_generator_t *gen, size_t n)
{
    return (size_t) (json_random(gen) % n);
}


static unsigned
json_percent(json_generator_t *gen, unsigned percent)
{
    return json_below(gen, 100) < percent;
}
