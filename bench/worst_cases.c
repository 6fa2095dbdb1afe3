
/*
 * Copyright (C) the ngx_http_pintag_module authors
 */


#include <fnmatch.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <zlib.h>

#include "worst.h"


typedef enum {
    WORST_CUSTOM = 0,      /* properties of an event of any name */
    WORST_STANDARD,        /* of one that Pinterest knows */
    WORST_PAGE,
    WORST_PRODUCT,
    WORST_TRAITS,
    WORST_CONTEXT,
    WORST_EVENT,
    WORST_ENVELOPE
} worst_place_e;


typedef struct {
    worst_place_e   place;
    const char     *template;
} worst_place_t;


/* around what is of a place, in a body of one event, or of its own */

static const struct {
    const char  *name;
    const char  *before;
    const char  *after;
} worst_around[] = {
    [WORST_CUSTOM] = { "custom", "{\"event\":\"x\",\"properties\":{", "}}" },
    [WORST_STANDARD] = { "standard", "{\"event\":\"Order Completed\","
                         "\"properties\":{", "}}" },
    [WORST_PAGE] = { "page", "{\"type\":\"page\",\"properties\":{", "}}" },
    [WORST_PRODUCT] = { "product", "{\"event\":\"Order Completed\","
                        "\"properties\":{\"products\":[{", "}]}}" },
    [WORST_TRAITS] = { "traits", "{\"event\":\"x\",\"traits\":{", "}}" },
    [WORST_CONTEXT] = { "context", "{\"event\":\"x\",\"context\":{", "}}" },
    [WORST_EVENT] = { "event", "{", "}" },
    [WORST_ENVELOPE] = { "envelope", "{\"batch\":["
                         TIMES(1000, "{\"event\":\"x\"},") "],", "}" }
};


#define V  VALUE

static const worst_place_t  worst_places[] = {
    { WORST_EVENT, "\"event\":" V },
    { WORST_EVENT, "\"event\":\"x\"," V ":1" },
    { WORST_EVENT, "\"event\":\"x\",\"other\":" V },
    { WORST_EVENT, "\"event\":\"x\",\"type\":" V },
    { WORST_EVENT, "\"event\":\"x\",\"messageId\":" V },
    { WORST_EVENT, "\"event\":\"x\",\"userId\":" V },
    { WORST_EVENT, "\"event\":\"x\",\"anonymousId\":" V },
    { WORST_EVENT, "\"event\":\"x\",\"channel\":" V },
    { WORST_EVENT, "\"event\":\"x\",\"timestamp\":" V },
    { WORST_EVENT, "\"event\":\"x\",\"sentAt\":" V },
    { WORST_EVENT, "\"event\":\"x\",\"writeKey\":" V },
    { WORST_EVENT, "\"event\":\"x\",\"request_ip\":" V },
    { WORST_EVENT, "\"event\":\"x\",\"integrations\":" V },
    { WORST_EVENT, "\"event\":\"x\",\"properties\":" V },
    { WORST_EVENT, "\"event\":\"Order Completed\",\"properties\":" V },
    { WORST_EVENT, "\"event\":\"x\",\"context\":" V },
    { WORST_EVENT, "\"event\":\"x\",\"traits\":" V },
    { WORST_EVENT, "\"type\":\"page\",\"name\":" V },

    { WORST_CUSTOM, V ":1" },
    { WORST_CUSTOM, "\"a\":{" V ":1}" },
    { WORST_CUSTOM, V ":[1,2,3,4,5]" },
    { WORST_CUSTOM, "\"a\":" V },
    { WORST_CUSTOM, "\"url\":" V },
    { WORST_CUSTOM, "\"user\":{\"a\":" V "}" },
    { WORST_CUSTOM, "\"value\":" V },
    { WORST_CUSTOM, "\"event_id\":" V },
    { WORST_CUSTOM, "\"epik\":" V },
    { WORST_CUSTOM, "\"opt_out_type\":" V },
    { WORST_CUSTOM, "\"action_source\":" V },
    { WORST_CUSTOM, "\"products\":" V },
    { WORST_CUSTOM, "\"eid\":1,\"a\":" V },
    { WORST_CUSTOM, "\"email\":" V },

    { WORST_STANDARD, "\"order_id\":" V },
    { WORST_STANDARD, "\"coupon\":" V },
    { WORST_STANDARD, "\"property\":" V },
    { WORST_STANDARD, "\"query\":" V },
    { WORST_STANDARD, "\"video_title\":" V },
    { WORST_STANDARD, "\"lead_type\":" V },
    { WORST_STANDARD, "\"currency\":" V },
    { WORST_STANDARD, "\"value\":" V },
    { WORST_STANDARD, "\"price\":" V },
    { WORST_STANDARD, "\"order_quantity\":" V },
    { WORST_STANDARD, "\"products\":" V },
    { WORST_STANDARD, "\"product_id\":" V },
    { WORST_STANDARD, "\"prop1\":" V },
    { WORST_STANDARD, "\"content_name\":" V },

    { WORST_PRODUCT, "\"product_id\":" V },
    { WORST_PRODUCT, "\"name\":" V },
    { WORST_PRODUCT, "\"price\":" V },
    { WORST_PRODUCT, "\"quantity\":" V },
    { WORST_PRODUCT, "\"a\":" V },

    { WORST_PAGE, "\"url\":" V },
    { WORST_PAGE, "\"name\":" V },

    { WORST_TRAITS, "\"email\":" V },
    { WORST_TRAITS, "\"phone\":" V },
    { WORST_TRAITS, "\"gender\":" V },
    { WORST_TRAITS, "\"birthday\":" V },
    { WORST_TRAITS, "\"first_name\":" V },
    { WORST_TRAITS, "\"city\":" V },
    { WORST_TRAITS, "\"zip\":" V },
    { WORST_TRAITS, "\"address\":{\"city\":" V "}" },
    { WORST_TRAITS, "\"partnerId\":" V },

    { WORST_CONTEXT, V ":1" },
    { WORST_CONTEXT, "\"a\":" V },
    { WORST_CONTEXT, "\"page\":{\"url\":" V "}" },
    { WORST_CONTEXT, "\"page\":" V },
    { WORST_CONTEXT, "\"userAgent\":" V },
    { WORST_CONTEXT, "\"ip\":" V },
    { WORST_CONTEXT, "\"locale\":" V },
    { WORST_CONTEXT, "\"epik\":" V },
    { WORST_CONTEXT, "\"click_id\":" V },
    { WORST_CONTEXT, "\"channel\":" V },
    { WORST_CONTEXT, "\"action_source\":" V },
    { WORST_CONTEXT, "\"opt_out_type\":" V },
    { WORST_CONTEXT, "\"app\":{\"name\":" V "}" },
    { WORST_CONTEXT, "\"device\":{\"type\":" V "}" },
    { WORST_CONTEXT, "\"device\":{\"advertisingId\":" V "}" },
    { WORST_CONTEXT, "\"device\":{\"adTrackingEnabled\":" V "}" },
    { WORST_CONTEXT, "\"network\":{\"carrier\":" V "}" },
    { WORST_CONTEXT, "\"channel\":\"mobile\",\"os\":{\"name\":" V "}" },
    { WORST_CONTEXT, "\"consent\":{\"categoryPreferences\":" V "}" },
    { WORST_CONTEXT, "\"consentManagement\":{\"allowedConsentIds\":" V "}" },
    { WORST_CONTEXT, "\"consentManagement\":{\"deniedConsentIds\":" V "}" },
    { WORST_CONTEXT, "\"traits\":{\"email\":" V "}" },
    { WORST_CONTEXT, "\"traits\":{\"phone\":" V "}" },
    { WORST_CONTEXT, "\"traits\":{\"partnerId\":" V "}" },
    { WORST_CONTEXT, "\"id\":" V },

    { WORST_ENVELOPE, "\"integrations\":" V },
    { WORST_ENVELOPE, "\"writeKey\":" V },
    { WORST_ENVELOPE, "\"sentAt\":" V },
    { WORST_ENVELOPE, "\"context\":" V },
    { WORST_ENVELOPE, V ":1" }
};


/* what a text is full of */

static const char *const  worst_units[] = {
    "a", "A", " ", "\xe3\x80\x80", "\xc3\x9c", "\xf0\x9f\x98\x80", "\\n",
    "\\u0001", "\\\"", "\\ud83d\\ude00", "%", "%25", "%252525", "%25252540",
    "@", "a@", "a@b.", "=", "&", "a=b&", "em=b&", "%2525=%2525&",
    "a=%2526b%253D&", "a=/?b=c&", "a=b;", "?a=b", "#a=b", "a[b]",
    "user[a]=1&", "+e=+e=&", "+", "-", "_ ", "aB", "1,", "LDP ,", "a.", "\xff",

    "\\u0025252525\\u003d\\u0025252525@\\u0026",

    /* as many separators as may be in one event, and what else costs */

    "+e=+e=[[[[[[[[[[[[[[[[[[[[[[[[[[[[[&",
    "%2525=%2525++++++++++++++++++++++++++++++++++++&",

    /* and in 1000 events */

    "+e=+e=aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa&",
    "+e=+e=+++++++++++++++++++++++++++++++++&",
    "+e=+e=@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@&",
    "+e=+e=[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[&",
    "+[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[e=+e=&",
    "+[%5be%5be%5be%5be%5be%5be%5be%5be=+e=&",
    "+%20e%20e%20e%20e%20e%20e%20e%20ee=+e=&",
    "+e=+e=\\\"\\\"\\\"\\\"\\\"\\\"\\\"\\\"\\\"\\\"\\\"\\\"\\\"\\\"\\\"\\\"&",
    "+e=+e=%60%60%60%60%60%60%60%60%60%60%60&",
    "%2525=%2525aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa&",
    "%2525=%2525+++++++++++++++++++++++++++++++++++++++++&",
    "%2525=%2525@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@&",
    "%2525=%2525%20%20%20%20%20%20%20%20%20%20%20%20%20%20&"
};

static const char *const  worst_begins[] = {
    "", "https://a.b/?"
};


#define ARRAY(t)      "[" FILL(t) "]"
#define OBJECT(t)     "{" FILL(t) "}"

#define NEST8(t)      t t t t t t t t
#define NEST24(t)     NEST8(t) NEST8(t) NEST8(t)
#define DIGITS100                                                             \
    "12345678901234567890123456789012345678901234567890"                      \
    "98765432109876543210987654321098765432109876543219"

static const struct {
    const char  *name;
    const char  *value;
} worst_containers[] = {
    { "ones", ARRAY("1,") },
    { "counts", ARRAY("1" COUNT ",") },
    { "trues", ARRAY("true,") },
    { "large integers", ARRAY("18446744073709551615,") },
    { "larger integers", ARRAY("99999999999999999999,") },
    { "negative integers", ARRAY("-9223372036854775807,") },
    { "1e9s", ARRAY("1e9,") },
    { "1e308s", ARRAY("1e308,") },
    { "1e-308s", ARRAY("1e-308,") },
    { "5e-324s", ARRAY("5e-324,") },
    { "1e-9999s", ARRAY("1e-9999,") },
    { "reals", ARRAY("0.12345678901234567,") },
    { "small reals", ARRAY("1.2345678901234567e-300,") },
    { "smallest reals", ARRAY("1.2345678901234e-310,") },
    { "halfway reals",
      ARRAY("9007199254740993.0000000000000000000000000001,") },
    { "300 digits", ARRAY(DIGITS100 DIGITS100 DIGITS100 ",") },
    { "800 digits", ARRAY("0." NEST8(DIGITS100) "e-300,") },
    { "a long number", "0." FILL("1234567890") },
    { "a long number of zeros", "0." FILL("0") "1" },
    { "numbers as text", ARRAY("\"1.50\",") },
    { "empty texts", ARRAY("\"\",") },
    { "texts", ARRAY("\"a\",") },
    { "counted texts", ARRAY("\"" COUNT "\",") },
    { "addresses", ARRAY("\"" COUNT "@b.cc\",") },
    { "URLs", ARRAY("\"/?a=b\",") },
    { "encoded URLs", ARRAY("\"/?%25=%25\",") },
    { "an address before names in names",
      "\"/?a%40b.cc&" FILL("e[%2525]=%2525&") "\"" },
    { "empty objects", ARRAY("{},") },
    { "empty arrays", ARRAY("[],") },
    { "pairs of arrays", ARRAY("[[]],") },
    { "small objects", ARRAY("{\"\":1},") },
    { "small objects in one another", ARRAY("{\"\":{\"\":{}}},") },
    { "products", ARRAY("{\"id\":1},") },
    { "priced products", ARRAY("{\"price\":1e-310},") },
    { "named products", ARRAY("{\"name\":\"a@\"},") },
    { "products of all", ARRAY("{\"id\":1,\"name\":\"a\",\"price\":1.5,"
        "\"quantity\":2,\"category\":\"b\",\"brand\":\"c\",\"variant\":\"d\","
        "\"variant_id\":\"e\"},") },
    { "names", OBJECT("\"" COUNT "\":1,") },
    { "names with spaces", OBJECT("\"__" COUNT "  \":1,") },
    { "names of objects", OBJECT("\"" COUNT "\":{\"\":1},") },
    { "names of addresses", OBJECT("\"" COUNT "%40bb\":1,") },
    { "a URL beside names", "{\"url\":\"https://a.b/?"
        FILL("%2525=%2525@@&") "\"," TIMES(37, "\"_" COUNT " \":1,") "}" },
    { "a URL of names beside names", "{\"url\":\"https://a.b/?"
        FILL("+e=+e=[[&") "\"," TIMES(37, "\"_" COUNT " \":1,") "}" },
    { "names alike", OBJECT("\"a" COUNT3 "b000c\":1,") },
    { "objects of names alike", ARRAY("{" TIMES(32, "\"a" COUNT3 "b000c\":1,")
        "},") },
    { "a name repeated", OBJECT("\"a\":1,") },
    { "an empty name repeated", OBJECT("\"\":1,") },
    { "a known name repeated", OBJECT("\"id\":1,") },
    { "a name repeated in small objects", ARRAY("{\"a\":1,\"a\":1},") },
    { "a name repeated, then names",
      OBJECT("\"a\":1,\"a\":1,\"" COUNT "\":1,") },
    { "a name repeated in spellings", OBJECT("\"i" COUNT "d\":1,\"i d\":1,") },
    { "deep arrays", ARRAY(NEST24("[") NEST24("]") ",") },
    { "deep objects", ARRAY(NEST24("{\"\":") "1" NEST24("}") ",") },
    { "deep objects of long names", ARRAY(NEST24("{\"a%25%25%25\":") "1"
        NEST24("}") ",") },
    { "a long name above leaves", "{\"" FILL("a") "\":" ARRAY("1,") "}" },
    { "2000 arrays", TIMES(2000, "[") FILL(" ") TIMES(2000, "]") },
    { "2000 objects", TIMES(2000, "{\"\":") "1" FILL(" ") TIMES(2000, "}") },
    { "2000 arrays in a row", ARRAY(TIMES(2000, "[") TIMES(2000, "]") ",") },
    { "white space", "[" FILL("\n") "]" },
    { "an error at the end", ARRAY("1,") "]" },
    { "a text with an error at the end", "\"" FILL("\xc3\xa9") "\xff\"" },
    { "unclosed arrays", FILL("[") }
};


/* how often a value comes */

typedef enum {
    WORST_ONE = 0,
    WORST_1000,            /* each of as many events */
    WORST_64,
    WORST_SHARED,          /* once, and all of 1000 events have it */
    WORST_SHARED_2K,
    WORST_LINES,           /* NDJSON */

    WORST_SHAPES
} worst_shape_e;

static const struct {
    const char            *name;
    unsigned               times;
    size_t                 limit;
} worst_shapes[] = {
    [WORST_ONE] = { "one event", 1, BENCH_MAX_BODY },
    [WORST_1000] = { "1000 events", 1000, BENCH_MAX_BODY },
    [WORST_64] = { "64 events", 64, BENCH_MAX_BODY },
    [WORST_SHARED] = { "shared", 1, BENCH_MAX_BODY },
    [WORST_SHARED_2K] = { "2 KB shared", 1, 14015 + 1970 },
    [WORST_LINES] = { "1000 lines", 1000, BENCH_MAX_BODY }
};


typedef struct {
    const char      *pattern;
    worst_case_pt    handler;
    void            *data;
    worst_body_t     body;
} worst_run_t;


static void worst_values(worst_run_t *run, const worst_place_t *place);
static void worst_shaped(worst_run_t *run, const worst_place_t *place,
    const char *label, const char *value);
static void worst_template(char *template, const worst_place_t *place,
    worst_shape_e shape);
static void worst_name(char *name, size_t size, const worst_place_t *place,
    const char *label, const char *shape);
static void worst_compressed(worst_run_t *run);
static void worst_deflated(worst_run_t *run, const char *name,
    pintag_encoding_e encoding);


void
worst_cases(const char *pattern, worst_case_pt handler, void *data)
{
    size_t       i;
    worst_run_t  run;

    memset(&run, 0, sizeof(worst_run_t));

    run.pattern = pattern;
    run.handler = handler;
    run.data = data;

    for (i = 0; i < sizeof(worst_places) / sizeof(worst_places[0]); i++) {
        worst_values(&run, &worst_places[i]);
    }

    worst_compressed(&run);

    free(run.body.data);
}


static void
worst_values(worst_run_t *run, const worst_place_t *place)
{
    char    text[128], label[128];
    size_t  i, k;

    for (i = 0; i < sizeof(worst_units) / sizeof(worst_units[0]); i++) {
        for (k = 0; k < sizeof(worst_begins) / sizeof(worst_begins[0]); k++) {

            snprintf(text, sizeof(text), "\"%s" FILL("%s") "\"",
                     worst_begins[k], worst_units[i]);
            snprintf(label, sizeof(label), "text %s(%s)", worst_begins[k],
                     worst_units[i]);

            worst_shaped(run, place, label, text);
        }
    }

    for (i = 0; i < sizeof(worst_containers) / sizeof(worst_containers[0]);
         i++)
    {
        worst_shaped(run, place, worst_containers[i].name,
                     worst_containers[i].value);
    }
}


static void
worst_shaped(worst_run_t *run, const worst_place_t *place, const char *label,
    const char *value)
{
    char           template[1024], name[256];
    unsigned       shared;
    worst_case_t   worst;
    worst_shape_e  shape;

    for (shape = WORST_ONE; shape < WORST_SHAPES; shape++) {

        shared = shape >= WORST_SHARED && shape <= WORST_SHARED_2K;

        if (shared && place->place != WORST_CONTEXT
            && place->place != WORST_ENVELOPE)
        {
            continue;
        }

        if (!shared && place->place == WORST_ENVELOPE) {
            continue;
        }

        if (shape == WORST_LINES && place->place != WORST_EVENT) {
            continue;
        }

        worst_name(name, sizeof(name), place, label, worst_shapes[shape].name);

        if (fnmatch(run->pattern, name, 0) != 0) {
            continue;
        }

        worst_template(template, place, shape);
        worst_expand(&run->body, template, value, worst_shapes[shape].limit);

        if (run->body.len > BENCH_MAX_BODY) {
            continue;
        }

        memset(&worst, 0, sizeof(worst_case_t));

        worst.name = name;
        worst.input.text.data = run->body.data;
        worst.input.text.len = run->body.len;
        worst.input.format = (shape == WORST_LINES) ? PINTAG_BODY_LINES
                                                    : PINTAG_BODY_JSON;

        run->handler(run->data, &worst);
    }
}


static void
worst_template(char *template, const worst_place_t *place, worst_shape_e shape)
{
    const char  *before, *after;

    before = worst_around[place->place].before;
    after = worst_around[place->place].after;

    switch (shape) {

    case WORST_ONE:
        sprintf(template, "%s%s%s", before, place->template, after);
        break;

    case WORST_LINES:
        sprintf(template, "\3" "%u\4%s%s%s\n\2", worst_shapes[shape].times,
                before, place->template, after);
        break;

    case WORST_SHARED:
    case WORST_SHARED_2K:
        if (place->place == WORST_ENVELOPE) {
            sprintf(template, "%s%s%s", before, place->template, after);
            break;
        }

        sprintf(template, "%s\"context\":{%s}%s",
                worst_around[WORST_ENVELOPE].before, place->template,
                worst_around[WORST_ENVELOPE].after);
        break;

    default:
        sprintf(template, "[\3" "%u\4%s%s%s,\2]", worst_shapes[shape].times,
                before, place->template, after);
        break;
    }
}


/* for people, and for a file of comma separated values */

static void
worst_name(char *name, size_t size, const worst_place_t *place,
    const char *label, const char *shape)
{
    char  *p;

    snprintf(name, size, "%s %s; %s; %s", worst_around[place->place].name,
             place->template, label, shape);

    for (p = name; *p; p++) {

        if (*p == VALUE[0]) {
            *p = '_';

        } else if (*p == '\1') {
            *p = '(';

        } else if (*p == '\2') {
            *p = ')';

        } else if (*p == ',') {
            *p = '.';

        } else if ((unsigned char) *p < ' ' || (unsigned char) *p >= 0x7f) {
            *p = '~';
        }
    }
}


/*
 * What inflates to nothing: blocks without a byte, of 5 bytes each, and members
 * of gzip; and a bomb, which inflates to as much as it may.
 */

static void
worst_compressed(worst_run_t *run)
{
    z_stream  zlib;

    static unsigned char  zeros[BENCH_MAX_BODY];

    run->body.len = 0;

    while (run->body.len < BENCH_MAX_BODY) {
        worst_add(&run->body, "\0\0\0\xff\xff", 5);
    }

    worst_deflated(run, "deflate; empty blocks", PINTAG_ENCODING_DEFLATE);

    run->body.len = 0;

    while (run->body.len < BENCH_MAX_BODY) {
        worst_add(&run->body, "\x1f\x8b\x08\0\0\0\0\0\0\3\3\0\0\0\0\0\0\0\0\0",
                  20);
    }

    worst_deflated(run, "gzip; empty members", PINTAG_ENCODING_GZIP);

    memset(&zlib, 0, sizeof(z_stream));
    memset(zeros, ' ', sizeof(zeros));

    zlib.next_in = zeros;
    zlib.avail_in = sizeof(zeros);
    zlib.next_out = run->body.data;
    zlib.avail_out = (uInt) run->body.len;

    if (deflateInit(&zlib, Z_BEST_COMPRESSION) != Z_OK
        || deflate(&zlib, Z_FINISH) != Z_STREAM_END)
    {
        bench_die("no body was compressed", zlib.msg);
    }

    run->body.len = zlib.total_out;
    (void) deflateEnd(&zlib);

    worst_deflated(run, "deflate; white space", PINTAG_ENCODING_DEFLATE);
}


static void
worst_deflated(worst_run_t *run, const char *name, pintag_encoding_e encoding)
{
    worst_case_t  worst;

    if (fnmatch(run->pattern, name, 0) != 0) {
        return;
    }

    memset(&worst, 0, sizeof(worst_case_t));

    worst.name = name;
    worst.input.text.data = run->body.data;
    worst.input.text.len = run->body.len;
    worst.input.encoding = encoding;

    run->handler(run->data, &worst);
}
