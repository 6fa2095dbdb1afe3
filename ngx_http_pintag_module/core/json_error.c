
/*
 * Copyright (C) the ngx_http_pintag_module authors
 */


#include <limits.h>
#include <string.h>

#include "json_error.h"
#include "utf8.h"


/* what may come next */

typedef enum {
    PINTAG_EXPECT_TOP = 0,
    PINTAG_EXPECT_VALUE,          /* behind a ":" or a "," of an array */
    PINTAG_EXPECT_ELEMENT,        /* the first of an array, or its end */
    PINTAG_EXPECT_KEY,            /* behind a "," of an object */
    PINTAG_EXPECT_MEMBER,         /* the first of an object, or its end */
    PINTAG_EXPECT_COLON,
    PINTAG_EXPECT_MORE,           /* "," or the end of what is open */
    PINTAG_EXPECT_NOTHING
} pintag_expect_e;


typedef struct {
    const unsigned char  *start;
    const unsigned char  *pos;
    const unsigned char  *end;

    /* of each that is open, a bit: whether it is an object */
    unsigned char         objects[PINTAG_JSON_MAX_DEPTH / 8];
    unsigned              depth;

    /* what is wrong, and the last character of it or one behind the end */
    const char           *message;
    const unsigned char  *at;
} pintag_scan_t;


static pintag_expect_e pintag_scan_token(pintag_scan_t *scan,
    pintag_expect_e expect);
static pintag_expect_e pintag_scan_open(pintag_scan_t *scan, unsigned object);
static pintag_expect_e pintag_scan_close(pintag_scan_t *scan, unsigned object);
static pintag_expect_e pintag_scan_after(pintag_scan_t *scan);
static unsigned pintag_scan_in_object(pintag_scan_t *scan);
static void pintag_scan_word(pintag_scan_t *scan);
static void pintag_scan_string(pintag_scan_t *scan, unsigned key);
static int pintag_scan_escape(pintag_scan_t *scan, unsigned *lone,
    unsigned *high);
static void pintag_scan_number(pintag_scan_t *scan);
static unsigned pintag_scan_digits(pintag_scan_t *scan);
static unsigned pintag_number_too_big(const unsigned char *p,
    const unsigned char *end);
static void pintag_scan_space(pintag_scan_t *scan);
static void pintag_scan_wrong(pintag_scan_t *scan, const char *message,
    const unsigned char *at);
static void pintag_scan_locate(pintag_scan_t *scan,
    pintag_json_error_t *error);


static const char  pintag_json_end[] = "unexpected end of the document";
static const char  pintag_json_token[] = "invalid token";


unsigned
pintag_json_explain(pintag_str_t text, pintag_json_error_t *error)
{
    pintag_scan_t    scan;
    pintag_expect_e  expect;

    memset(&scan, 0, sizeof(pintag_scan_t));

    if (text.data != NULL) {
        scan.start = text.data;
        scan.end = text.data + text.len;

    } else {
        scan.start = (const unsigned char *) "";
        scan.end = scan.start;
    }

    scan.pos = scan.start;

    if (text.len >= 3 && memcmp(scan.start, "\xef\xbb\xbf", 3) == 0) {
        pintag_scan_wrong(&scan, "a byte order mark is not allowed",
                          scan.start);
    }

    expect = PINTAG_EXPECT_TOP;

    while (scan.message == NULL) {
        pintag_scan_space(&scan);

        if (scan.pos == scan.end) {

            if (expect == PINTAG_EXPECT_NOTHING) {
                return 0;
            }

            pintag_scan_wrong(&scan, pintag_json_end, scan.end);

        } else {
            expect = pintag_scan_token(&scan, expect);
        }
    }

    memset(error, 0, sizeof(pintag_json_error_t));

    error->message = scan.message;
    pintag_scan_locate(&scan, error);

    return 1;
}


void
pintag_json_no_memory(pintag_json_error_t *error)
{
    memset(error, 0, sizeof(pintag_json_error_t));

    error->message = "not enough memory";
    error->line = 1;
    error->column = 1;
    error->no_memory = 1;
}


/* what may come behind it, unless it is wrong */

static pintag_expect_e
pintag_scan_token(pintag_scan_t *scan, pintag_expect_e expect)
{
    uint32_t       code;
    unsigned       value;
    unsigned char  c;

    c = *scan->pos;

    if (c >= 0x80 && pintag_utf8_decode(scan->pos, scan->end, &code) == 0) {
        pintag_scan_wrong(scan, "invalid UTF-8", scan->pos);
        return expect;
    }

    switch (expect) {

    case PINTAG_EXPECT_NOTHING:
        pintag_scan_wrong(scan,
                          "unexpected data after the end of the document",
                          scan->pos);
        return expect;

    case PINTAG_EXPECT_TOP:
        if (c != '{' && c != '[') {
            pintag_scan_wrong(scan,
                              "the top level must be an object or an array",
                              scan->pos);
            return expect;
        }

        break;

    default:
        break;
    }

    value = (expect <= PINTAG_EXPECT_ELEMENT);

    if (value && scan->depth == PINTAG_JSON_MAX_DEPTH
        && (c != ']' || expect != PINTAG_EXPECT_ELEMENT))
    {
        pintag_scan_wrong(scan, "nested too deeply", scan->pos);
        return expect;
    }

    if (c == '{' && value) {
        return pintag_scan_open(scan, 1);
    }

    if (c == '[' && value) {
        return pintag_scan_open(scan, 0);
    }

    if (c == '}' && (expect == PINTAG_EXPECT_MEMBER
                     || expect == PINTAG_EXPECT_MORE))
    {
        return pintag_scan_close(scan, 1);
    }

    if (c == ']' && (expect == PINTAG_EXPECT_ELEMENT
                     || expect == PINTAG_EXPECT_MORE))
    {
        return pintag_scan_close(scan, 0);
    }

    if (c == ',' && expect == PINTAG_EXPECT_MORE) {
        scan->pos++;
        return pintag_scan_in_object(scan) ? PINTAG_EXPECT_KEY
                                           : PINTAG_EXPECT_VALUE;
    }

    if (c == ':' && expect == PINTAG_EXPECT_COLON) {
        scan->pos++;
        return PINTAG_EXPECT_VALUE;
    }

    if (c == '"') {

        pintag_scan_string(scan, expect == PINTAG_EXPECT_KEY
                                 || expect == PINTAG_EXPECT_MEMBER);

        if (expect == PINTAG_EXPECT_KEY || expect == PINTAG_EXPECT_MEMBER) {
            return PINTAG_EXPECT_COLON;
        }

    } else if (c == '-' || (c >= '0' && c <= '9')) {
        pintag_scan_number(scan);

    } else if ((c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z')) {
        pintag_scan_word(scan);

    } else {
        pintag_scan_wrong(scan, pintag_json_token, scan->pos);
    }

    /* a value where none may be: up to its end */

    if (!value) {
        pintag_scan_wrong(scan, pintag_json_token, scan->pos - 1);
    }

    return PINTAG_EXPECT_MORE;
}


static pintag_expect_e
pintag_scan_open(pintag_scan_t *scan, unsigned object)
{
    unsigned char  *bits;

    bits = &scan->objects[scan->depth / 8];

    *bits &= (unsigned char) ~(1u << scan->depth % 8);
    *bits |= (unsigned char) (object << scan->depth % 8);

    scan->depth++;
    scan->pos++;

    return object ? PINTAG_EXPECT_MEMBER : PINTAG_EXPECT_ELEMENT;
}


static pintag_expect_e
pintag_scan_close(pintag_scan_t *scan, unsigned object)
{
    if (pintag_scan_in_object(scan) != object) {
        pintag_scan_wrong(scan, pintag_json_token, scan->pos);
        return PINTAG_EXPECT_NOTHING;
    }

    scan->depth--;
    scan->pos++;

    return pintag_scan_after(scan);
}


static pintag_expect_e
pintag_scan_after(pintag_scan_t *scan)
{
    return scan->depth ? PINTAG_EXPECT_MORE : PINTAG_EXPECT_NOTHING;
}


static unsigned
pintag_scan_in_object(pintag_scan_t *scan)
{
    unsigned  i;

    i = scan->depth - 1;

    return scan->objects[i / 8] >> i % 8 & 1;
}


static void
pintag_scan_word(pintag_scan_t *scan)
{
    size_t                i, n;
    const unsigned char  *word;

    static const pintag_str_t  words[] = {
        pintag_str("true"), pintag_str("false"), pintag_str("null")
    };

    word = scan->pos;

    while (scan->pos < scan->end
           && ((*scan->pos >= 'a' && *scan->pos <= 'z')
               || (*scan->pos >= 'A' && *scan->pos <= 'Z')))
    {
        scan->pos++;
    }

    n = (size_t) (scan->pos - word);

    for (i = 0; i < sizeof(words) / sizeof(words[0]); i++) {
        if (words[i].len == n && memcmp(words[i].data, word, n) == 0) {
            return;
        }
    }

    pintag_scan_wrong(scan, pintag_json_token, scan->pos - 1);
}


static void
pintag_scan_string(pintag_scan_t *scan, unsigned key)
{
    int                   code;
    size_t                n;
    uint32_t              decoded;
    unsigned              lone, high, nul;
    unsigned char         c;
    const unsigned char  *last;

    /* "high": a surrogate waits for its other half */

    lone = 0;
    high = 0;
    nul = 0;

    last = scan->pos++;

    for ( ;; ) {

        if (scan->pos == scan->end) {
            pintag_scan_wrong(scan, pintag_json_end, scan->end);
            return;
        }

        c = *scan->pos;

        if (c == '\\') {
            code = pintag_scan_escape(scan, &lone, &high);

            if (code < 0) {
                return;
            }

            nul |= (code == 0);
            last = scan->pos - 1;
            continue;
        }

        lone |= high;
        high = 0;

        if (c == '"') {
            break;
        }

        if (c < 0x20) {
            pintag_scan_wrong(scan, pintag_json_token, last);
            return;
        }

        n = 1;

        if (c >= 0x80) {
            n = pintag_utf8_decode(scan->pos, scan->end, &decoded);

            if (n == 0) {
                pintag_scan_wrong(scan, "invalid UTF-8", scan->pos);
                return;
            }
        }

        last = scan->pos;
        scan->pos += n;
    }

    if (lone) {
        pintag_scan_wrong(scan, pintag_json_token, scan->pos);

    } else if (key && nul) {
        pintag_scan_wrong(scan, "U+0000 in a member's name", scan->pos);
    }

    scan->pos++;
}


/* the code that stands for a character, else -1 when it is wrong */

static int
pintag_scan_escape(pintag_scan_t *scan, unsigned *lone, unsigned *high)
{
    int            code, i;
    unsigned char  c;

    scan->pos++;

    if (scan->pos == scan->end) {
        pintag_scan_wrong(scan, pintag_json_end, scan->end);
        return -1;
    }

    c = *scan->pos;

    if (c != 'u') {

        /* as it also is for a NUL */

        if (c == '\0' || strchr("\"\\/bfnrt", c) == NULL) {
            pintag_scan_wrong(scan, pintag_json_token, scan->pos);
            return -1;
        }

        *lone |= *high;
        *high = 0;
        scan->pos++;

        return 1;
    }

    scan->pos++;
    code = 0;

    for (i = 0; i < 4; i++) {

        if (scan->pos == scan->end) {
            pintag_scan_wrong(scan, pintag_json_end, scan->end);
            return -1;
        }

        c = *scan->pos;

        if (c >= '0' && c <= '9') {
            code = code * 16 + c - '0';

        } else if ((c | 0x20) >= 'a' && (c | 0x20) <= 'f') {
            code = code * 16 + (c | 0x20) - 'a' + 10;

        } else {
            pintag_scan_wrong(scan, pintag_json_token, scan->pos);
            return -1;
        }

        scan->pos++;
    }

    if (code >= 0xdc00 && code <= 0xdfff) {
        *lone |= !*high;
        *high = 0;

    } else {
        *lone |= *high;
        *high = (code >= 0xd800 && code <= 0xdbff);
    }

    return code;
}


static void
pintag_scan_number(pintag_scan_t *scan)
{
    const unsigned char  *number;

    number = scan->pos;

    if (*scan->pos == '-') {
        scan->pos++;
    }

    if (scan->pos < scan->end && *scan->pos == '0') {
        scan->pos++;

        if (scan->pos < scan->end && *scan->pos >= '0' && *scan->pos <= '9') {
            goto invalid;
        }

    } else if (!pintag_scan_digits(scan)) {
        goto invalid;
    }

    if (scan->pos < scan->end && *scan->pos == '.') {
        scan->pos++;

        if (!pintag_scan_digits(scan)) {
            goto invalid;
        }
    }

    if (scan->pos < scan->end && (*scan->pos | 0x20) == 'e') {
        scan->pos++;

        if (scan->pos < scan->end
            && (*scan->pos == '+' || *scan->pos == '-'))
        {
            scan->pos++;
        }

        if (!pintag_scan_digits(scan)) {
            goto invalid;
        }
    }

    if (pintag_number_too_big(number, scan->pos)) {
        pintag_scan_wrong(scan, "a number is out of range", scan->pos - 1);
    }

    return;

invalid:

    if (scan->pos == scan->end) {
        pintag_scan_wrong(scan, pintag_json_end, scan->end);

    } else {
        pintag_scan_wrong(scan, pintag_json_token, scan->pos - 1);
    }
}


static unsigned
pintag_scan_digits(pintag_scan_t *scan)
{
    const unsigned char  *first;

    first = scan->pos;

    while (scan->pos < scan->end
           && *scan->pos >= '0' && *scan->pos <= '9')
    {
        scan->pos++;
    }

    return scan->pos != first;
}


/*
 * 1 when a number is rounded to no double: from 2^1024 - 2^970 on, which is in
 * the middle between the largest and what would be the next one.
 */

static unsigned
pintag_number_too_big(const unsigned char *p, const unsigned char *end)
{
    long                  exponent, power;
    size_t                i;
    unsigned              point, negative;
    const unsigned char  *digit;

    /* as the digits of a number of 309 of them before the point */

    static const char  limit[] = "1797693134862315807937289714053034150799341"
        "3271003782693617377898044496829276475094664901797758720709633028641669"
        "2887910946555547851940402630657488671505820681908902000708383676273854"
        "8458177115317644757302700698555713669596228429148198608349364752927190"
        "74168444365510704342711559699508093042880177904174497792";

    if (*p == '-') {
        p++;
    }

    while (p < end && *p == '0') {
        p++;
    }

    /* digits before the point; less than none: zeros behind it */

    power = 0;
    point = 0;
    digit = NULL;

    for (; p < end && (*p | 0x20) != 'e'; p++) {

        if (*p == '.') {
            point = 1;
            continue;
        }

        if (digit == NULL) {

            if (*p == '0') {
                power--;
                continue;
            }

            digit = p;
        }

        power += !point;
    }

    if (digit == NULL) {
        return 0;
    }

    exponent = 0;

    if (p < end) {
        p++;
        negative = (*p == '-');

        if (*p == '-' || *p == '+') {
            p++;
        }

        for (; p < end && exponent < LONG_MAX / 16; p++) {
            exponent = exponent * 10 + *p - '0';
        }

        if (negative) {
            exponent = -exponent;
        }
    }

    power += exponent;

    if (power != 309) {
        return power > 309;
    }

    for (i = 0; i < sizeof(limit) - 1; digit++) {

        if (digit == end || (*digit | 0x20) == 'e') {
            return limit[i] == '0' && strspn(&limit[i], "0")
                                      == sizeof(limit) - 1 - i;
        }

        if (*digit == '.') {
            continue;
        }

        if (*digit != (unsigned char) limit[i]) {
            return *digit > (unsigned char) limit[i];
        }

        i++;
    }

    return 1;
}


static void
pintag_scan_space(pintag_scan_t *scan)
{
    while (scan->pos < scan->end
           && (*scan->pos == ' ' || *scan->pos == '\t' || *scan->pos == '\n'
               || *scan->pos == '\r'))
    {
        scan->pos++;
    }
}


/* what was wrong first counts */

static void
pintag_scan_wrong(pintag_scan_t *scan, const char *message,
    const unsigned char *at)
{
    if (scan->message == NULL) {
        scan->message = message;
        scan->at = at;
    }
}


static void
pintag_scan_locate(pintag_scan_t *scan, pintag_json_error_t *error)
{
    const unsigned char  *p;

    error->line = 1;
    error->column = 1;

    for (p = scan->start; p < scan->at; p++) {

        if (*p == '\n') {
            error->line++;
            error->column = 1;

        } else if ((*p & 0xc0) != 0x80) {
            error->column++;
        }
    }
}
