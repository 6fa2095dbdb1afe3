
/*
 * Copyright (C) the ngx_http_pintag_module authors
 *
 * Every reader of JSON gives the same: json_jansson.c and json_yyjson.c read
 * the same documents, and nothing may differ, be it read or not.
 *
 * DOCUMENTS in the environment says how many are made by chance, SEED from
 * where on.
 */


#include <errno.h>
#include <inttypes.h>
#include <math.h>

#include "json_generator.h"
#include "json_reader.h"
#include "test.h"


#define N_MESSAGES       9

/* with fewer, all that is not made by chance is less, too */
#define DOCUMENTS        100000

/* more are not shown */
#define MAX_DIFFERENCES  10

/* documents read to find the smallest that still differs */
#define MAX_TRIES        5000

/* bytes of a document that are shown; its seed and number give it whole */
#define MAX_SHOWN        2000


typedef struct {
    size_t       documents;
    size_t       readable;
    size_t       values[PINTAG_JSON_OBJECT + 1];
    size_t       errors[N_MESSAGES];
} test_seen_t;


typedef struct {
    const json_reader_t  *reader;
    test_memory_t         memory;
    pintag_json_doc_t    *doc;
    pintag_json_error_t   error;
} test_reading_t;


static const char  *messages[N_MESSAGES] = {
    "unexpected end of the document",
    "unexpected data after the end of the document",
    "invalid token",
    "invalid UTF-8",
    "a number is out of range",
    "the top level must be an object or an array",
    "a byte order mark is not allowed",
    "nested too deeply",
    "U+0000 in a member's name"
};


static size_t       documents = DOCUMENTS;
static uint64_t     seed = 20240301;

/* all that was read by the test that runs, and what differed last */
static test_seen_t  seen;
static size_t       differences;
static char         difference[512];

/* of the document that was read last */
static unsigned     deepest;


#define differ(...)                                                           \
    ((void) snprintf(difference, sizeof(difference), __VA_ARGS__), 0)


static unsigned
same_text(pintag_str_t a, pintag_str_t b, const char *what)
{
    if (a.data == NULL || b.data == NULL) {
        return differ("%s without data", what);
    }

    if (!pintag_str_eq(a, b)) {
        return differ("%s of %zu bytes, or of %zu that are not equal", what,
                      a.len, b.len);
    }

    return 1;
}


static unsigned
same_real(double a, double b)
{
    uint64_t  a_bits, b_bits;

    memcpy(&a_bits, &a, sizeof(double));
    memcpy(&b_bits, &b, sizeof(double));

    if (a_bits != b_bits) {
        return differ("%.17g (%016" PRIx64 ") or %.17g (%016" PRIx64 ")",
                      a, a_bits, b, b_bits);
    }

    if (!isfinite(a)) {
        return differ("a real that is not finite");
    }

    return 1;
}


/* it is in "depth" arrays and objects */

static unsigned
same_value(const json_reader_t *ra, const pintag_json_t *a,
    const json_reader_t *rb, const pintag_json_t *b, unsigned depth)
{
    size_t               n;
    unsigned             more;
    pintag_json_kind_e   kind;
    pintag_json_iter_t   ia, ib;

    kind = ra->kind(a);

    if (kind != rb->kind(b)) {
        return differ("kind %d or %d", (int) kind, (int) rb->kind(b));
    }

    seen.values[kind]++;

    if (ra->size(a) != rb->size(b)) {
        return differ("size %zu or %zu", ra->size(a), rb->size(b));
    }

    switch (kind) {

    case PINTAG_JSON_INTEGER:
        if (ra->integer(a) != rb->integer(b)) {
            return differ("%" PRId64 " or %" PRId64, ra->integer(a),
                          rb->integer(b));
        }

        break;

    case PINTAG_JSON_REAL:
        if (!same_real(ra->real(a), rb->real(b))) {
            return 0;
        }

        break;

    case PINTAG_JSON_STRING:
        if (!same_text(ra->string(a), rb->string(b), "a string")) {
            return 0;
        }

        break;

    case PINTAG_JSON_ARRAY:
    case PINTAG_JSON_OBJECT:
        if (depth + 1 > deepest) {
            deepest = depth + 1;
        }

        break;

    default:
        break;
    }

    ra->each(a, &ia);
    rb->each(b, &ib);

    for (n = 0; /* void */ ; n++) {
        more = ra->next(&ia);

        if (more != rb->next(&ib)) {
            return differ("one ends before %zu", n);
        }

        if (!more) {
            break;
        }

        if (ia.index != n || ib.index != n) {
            return differ("index %zu or %zu at %zu", ia.index, ib.index, n);
        }

        if (kind == PINTAG_JSON_OBJECT && !same_text(ia.key, ib.key, "a key")) {
            return 0;
        }

        if (!same_value(ra, ia.value, rb, ib.value, depth + 1)) {
            return 0;
        }
    }

    if (n != ra->size(a)) {
        return differ("%zu given, size %zu", n, ra->size(a));
    }

    if (ra->next(&ia) || rb->next(&ib)) {
        return differ("something after the end");
    }

    return 1;
}


static void
read_with(test_reading_t *reading, const json_reader_t *reader,
    pintag_str_t text)
{
    unsigned char  *copy;

    reading->reader = reader;

    /* to the byte, so that reading beyond it is seen */

    copy = malloc(text.len ? text.len : 1);
    assert_non_null(copy);
    memcpy(copy, text.data, text.len);

    memset(&reading->error, 0xff, sizeof(pintag_json_error_t));

    reading->doc = reader->read(copy, text.len,
                                test_memory_init(&reading->memory),
                                &reading->error);

    /* the values are the document's */
    free(copy);
}


static void
reading_free(test_reading_t *reading)
{
    reading->reader->free(reading->doc);
    test_memory_free(&reading->memory);
}


/* a limit, which each reader knows as well as it can */

static unsigned
deep_enough(test_reading_t *reading)
{
    unsigned  max;

    max = reading->reader->max_depth(reading->doc);

    return (max >= deepest) ? 1 : differ("%s: no deeper than %u, but %u",
                                         reading->reader->name, max, deepest);
}


static unsigned
same_reading(test_reading_t *a, test_reading_t *b)
{
    size_t  i;

    if (a->doc != NULL && b->doc != NULL) {
        seen.readable++;
        deepest = 0;

        return same_value(a->reader, a->reader->root(a->doc),
                          b->reader, b->reader->root(b->doc), 0)
               && deep_enough(a) && deep_enough(b);
    }

    if (a->doc != NULL) {
        return differ("readable for %s; %s: %s at %zu:%zu", a->reader->name,
                      b->reader->name, b->error.message, b->error.line,
                      b->error.column);
    }

    if (b->doc != NULL) {
        return same_reading(b, a);
    }

    if (a->error.no_memory || b->error.no_memory
        || strcmp(a->error.message, b->error.message) != 0
        || a->error.line != b->error.line
        || a->error.column != b->error.column)
    {
        return differ("%s: %s at %zu:%zu; %s: %s at %zu:%zu",
                      a->reader->name, a->error.message, a->error.line,
                      a->error.column, b->reader->name, b->error.message,
                      b->error.line, b->error.column);
    }

    for (i = 0; i < test_n(messages); i++) {
        if (strcmp(a->error.message, messages[i]) == 0) {
            seen.errors[i]++;
            return 1;
        }
    }

    return differ("unknown message: %s", a->error.message);
}


static unsigned
same(pintag_str_t text)
{
    unsigned        equal;
    test_reading_t  a, b;

    seen.documents++;

    read_with(&a, &json_reader_jansson, text);
    read_with(&b, &json_reader_yyjson, text);

    equal = same_reading(&a, &b);

    reading_free(&a);
    reading_free(&b);

    return equal;
}


/* as a string of C: what follows \x is in a string of its own */

static void
print_document(const char *what, pintag_str_t text)
{
    size_t         i;
    unsigned char  c;

    fprintf(stderr, "%s, %zu bytes: \"", what, text.len);

    for (i = 0; i < text.len && i < MAX_SHOWN; i++) {
        c = text.data[i];

        if (c == '"' || c == '\\') {
            fprintf(stderr, "\\%c", c);

        } else if (c >= 0x20 && c < 0x7f) {
            fprintf(stderr, "%c", c);

        } else {
            fprintf(stderr, "\\x%02x\"\"", c);
        }
    }

    fprintf(stderr, (i == text.len) ? "\"\n" : "\" ...\n");
}


/* leaves out what can be left out while the readers still differ */

static void
print_smallest(pintag_str_t text)
{
    size_t          at, n, tries;
    unsigned        smaller;
    pintag_str_t    s;
    test_seen_t     saved;
    unsigned char  *small, *tried;

    saved = seen;

    small = malloc(text.len + 1);
    tried = malloc(text.len + 1);
    assert_non_null(small);
    assert_non_null(tried);

    memcpy(small, text.data, text.len);
    s.data = small;
    s.len = text.len;

    tries = 0;

    do {
        smaller = 0;

        for (n = s.len / 2; n != 0; n /= 2) {

            for (at = 0; at + n <= s.len && tries < MAX_TRIES; tries++) {
                memcpy(tried, s.data, at);
                memcpy(tried + at, s.data + at + n, s.len - at - n);

                if (same((pintag_str_t) { s.len - n, tried })) {
                    at += n;
                    continue;
                }

                s.len -= n;
                memcpy(small, tried, s.len);
                smaller = 1;
            }
        }
    } while (smaller && tries < MAX_TRIES);

    assert_false(same(s));
    print_document("smallest document", s);
    fprintf(stderr, "differs: %s\n", difference);

    free(small);
    free(tried);

    seen = saved;
}


/* "number" is of those made by chance, else -1 */

static void
compare(pintag_str_t text, size_t number)
{
    if (same(text)) {
        return;
    }

    fprintf(stderr, "differs: %s\n", difference);

    if (number != (size_t) -1) {
        fprintf(stderr, "seed %" PRIu64 ", document %zu\n", seed, number);
    }

    print_document("document", text);
    print_smallest(text);

    if (++differences == MAX_DIFFERENCES) {
        fail_msg("too many differences, the rest is not compared");
    }
}


static void
compare_text(const char *text)
{
    compare(test_str(text), (size_t) -1);
}


static int
start(void **state)
{
    (void) state;

    memset(&seen, 0, sizeof(test_seen_t));
    differences = 0;

    return 0;
}


static int
finish(void **state)
{
    size_t  i;

    (void) state;

    print_message("  %zu documents, %zu readable\n", seen.documents,
                  seen.readable);

    for (i = 0; i < test_n(messages); i++) {
        if (seen.errors[i] != 0) {
            print_message("    %zu: %s\n", seen.errors[i], messages[i]);
        }
    }

    return (differences == 0) ? 0 : -1;
}


static pintag_str_t
read_file(const char *path, pintag_arena_t *arena)
{
    FILE           *file;
    size_t          len;
    pintag_str_t    s;
    unsigned char  *data;

    file = fopen(path, "rb");

    if (file == NULL) {
        fail_msg("%s: %s", path, strerror(errno));
    }

    data = pintag_arena_bytes(arena, 65536);
    len = fread(data, 1, 65536, file);
    assert_true(len > 0 && len < 65536);

    (void) fclose(file);

    s.data = data;
    s.len = len;

    return s;
}


static void
test_documents_made_by_chance(void **state)
{
    size_t             i, k;
    pintag_buf_t       buf;
    pintag_str_t       samples[2];
    test_memory_t      files, memory;
    json_generator_t   gen;

    (void) state;

    (void) test_memory_init(&files);
    samples[0] = read_file("../data/request.json", &files.arena);
    samples[1] = read_file("../../bench/event.json", &files.arena);

    for (i = 0; i < documents; i++) {
        json_generator_init(&gen, seed, i, samples, test_n(samples));
        pintag_buf_init(&buf, test_memory_init(&memory), 0);

        if (i % 5 < 2) {
            json_generate(&gen, &buf);

        } else {
            json_generate_damaged(&gen, &buf);
        }

        assert_int_equal(buf.failed, 0);

        /* not to give memcpy() no bytes at NULL */

        compare(buf.len ? test_buf_str(&buf) : test_str(""), i);

        test_memory_free(&memory);
    }

    test_memory_free(&files);

    /* that it was worth it */

    assert_int_equal(seen.documents, documents);
    assert_true(seen.readable >= documents * 2 / 5);
    assert_true(documents - seen.readable >= documents * 2 / 5);

    for (k = 0; k < test_n(seen.values); k++) {
        assert_true(seen.values[k] >= documents / 2);
    }

    for (k = 0; k < test_n(messages); k++) {
        assert_true(seen.errors[k] >= documents / 2000);
    }
}


/* what json.h says of numbers, told apart by the C library */

static void
test_numbers(void **state)
{
    char                *end;
    size_t               i, n, kinds[3];
    double               real;
    int64_t              integer;
    unsigned             k;
    pintag_buf_t         buf;
    test_memory_t        memory;
    test_reading_t       reading;
    json_generator_t     gen;
    pintag_json_iter_t   it;

    static const json_reader_t  *readers[] = {
        &json_reader_jansson, &json_reader_yyjson
    };

    (void) state;

    memset(kinds, 0, sizeof(kinds));

    for (i = 0; i < documents; i++) {
        json_generator_init(&gen, ~seed, i, NULL, 0);
        pintag_buf_init(&buf, test_memory_init(&memory), 0);

        pintag_buf_add_char(&buf, '[');
        json_generate_number(&gen, &buf);
        pintag_buf_add_char(&buf, ']');
        n = buf.len;
        pintag_buf_add_char(&buf, '\0');

        for (k = 0; k < test_n(readers); k++) {
            read_with(&reading, readers[k], (pintag_str_t) { n, buf.data });

            errno = 0;
            integer = strtoll((char *) buf.data + 1, &end, 10);

            if (*end == ']' && errno == 0) {
                kinds[0]++;

                assert_non_null(reading.doc);
                readers[k]->each(readers[k]->root(reading.doc), &it);
                assert_true(readers[k]->next(&it));
                assert_int_equal(readers[k]->kind(it.value),
                                 PINTAG_JSON_INTEGER);
                assert_true(readers[k]->integer(it.value) == integer);

            } else {
                real = strtod((char *) buf.data + 1, &end);
                assert_int_equal(*end, ']');

                if (isinf(real)) {
                    kinds[1]++;

                    assert_null(reading.doc);
                    assert_string_equal(reading.error.message,
                                        "a number is out of range");
                    assert_int_equal(reading.error.column, n - 1);

                } else {
                    kinds[2]++;

                    assert_non_null(reading.doc);
                    readers[k]->each(readers[k]->root(reading.doc), &it);
                    assert_true(readers[k]->next(&it));
                    assert_int_equal(readers[k]->kind(it.value),
                                     PINTAG_JSON_REAL);
                    assert_true(same_real(readers[k]->real(it.value), real));
                }
            }

            reading_free(&reading);
        }

        compare((pintag_str_t) { n, buf.data }, (size_t) -1);
        test_memory_free(&memory);
    }

    assert_true(kinds[0] >= documents / 5);
    assert_true(kinds[1] >= documents / 100);
    assert_true(kinds[2] >= documents / 5);
}


/* an array or an object in another, and in the last of them "inner" */

static void
compare_nested(size_t depth, const char *open, const char *inner,
    const char *close)
{
    size_t         i;
    pintag_buf_t   buf;
    test_memory_t  memory;

    pintag_buf_init(&buf, test_memory_init(&memory), 0);

    for (i = 0; i < depth; i++) {
        pintag_buf_add_text(&buf, (i == 0) ? open + strcspn(open, "[{") : open);
    }

    pintag_buf_add_text(&buf, inner);

    for (i = 0; i < depth; i++) {
        pintag_buf_add_text(&buf, (i + 1 == depth) ? "" : close);
    }

    pintag_buf_add_text(&buf, strchr(open, '[') ? "]" : "}");

    compare(test_buf_str(&buf), (size_t) -1);
    test_memory_free(&memory);
}


static void
test_depths(void **state)
{
    size_t  depth, k;

    static const struct {
        const char  *open;
        const char  *inner;
        const char  *close;
    } cases[] = {
        { "[", "", "]" },
        { "[", "1", "]" },
        { "[", "\"a\"", "]" },
        { "[1, ", "2", ", 3]" },
        { "[", "x", "]" },
        { "\n[", "{\"a\":1,\"a\":2}", "]" },
        { "\"a\":{", "", "}" },
        { "\"a\":{", "\"b\":null", "}" },
        { "\"a\":1,\"a\":{", "\"b\":[]", "}" },
        { "\"a\":{", "\"b\":1", ",\"a\":1}" },
        { "\"a\":{", "\"b\":{}", ",\"b\":[[],{}]}" }
    };

    (void) state;

    for (k = 0; k < test_n(cases); k++) {

        for (depth = 1; depth < 40; depth++) {
            compare_nested(depth, cases[k].open, cases[k].inner,
                           cases[k].close);
        }

        for (depth = 2040; depth < 2056; depth++) {
            compare_nested(depth, cases[k].open, cases[k].inner,
                           cases[k].close);
        }
    }

    assert_true(seen.readable >= 11 * 39);
    assert_true(seen.errors[7] >= 11 * 5);
}


static void
test_keys(void **state)
{
    size_t         i, n, k, lot;
    pintag_buf_t   buf;
    test_memory_t  memory;

    static const char  *cases[] = {
        "{\"a\":1,\"a\":2}",
        "{\"a\":1,\"b\":2,\"a\":3,\"b\":4,\"c\":5,\"a\":6}",
        "{\"a\":1,\"\\u0061\":2,\"\\u0061\":3,\"A\":4,\"\\u0041\":5}",
        "{\"\":1,\"\":2,\" \":3}",
        "{\"\xc3\xa9\":1,\"\\u00e9\":2,\"\\u00E9\":3,\"e\\u0301\":4}",
        "{\"\\ud83d\\ude00\":1,\"\xf0\x9f\x98\x80\":2}",
        "{\"/\":1,\"\\/\":2,\"\\u002f\":3}",
        "{\"a\":{\"b\":1,\"b\":2},\"a\":{\"c\":1,\"c\":{\"d\":1,\"d\":2}}}",
        "{\"a\":[{\"b\":1,\"b\":2},{\"b\":3,\"b\":[4]}],\"a\":{},\"a\":[]}",
        "{\"a\":{\"b\":1,\"b\":2},\"a\":1,\"c\":{\"b\":3,\"b\":4}}",
        "[{\"a\":1,\"b\":2},{\"a\":1,\"a\":2},{\"b\":1,\"b\":2}]",
        "{\"a\":1,\"a\\u0000\":2}",
        "{\"\\u0000\":1}",
        "{\"a\":\"\\u0000\",\"a\":\"\\u0000\\u0000\"}",
        "{\"a\":{\"\\u0000\":1},\"a\":2}",
        "{\"a\":1e999,\"a\":2}",
        "{\"ab\":1,\"a\":2,\"abc\":3,\"ab\":4,\"a\":5,\"abc\":6}"
    };

    static const size_t  counts[] = {
        2, 31, 32, 33, 34, 63, 64, 65, 1000, 1001, 1024, 3000
    };

    (void) state;

    for (i = 0; i < test_n(cases); i++) {
        compare_text(cases[i]);
    }

    /* many of which none, one, some, most or all but one are repeated */

    for (k = 0; k < test_n(counts); k++) {

        for (lot = 0; lot < 6; lot++) {
            pintag_buf_init(&buf, test_memory_init(&memory), 0);

            for (i = 0; i < counts[k]; i++) {

                n = (lot == 0) ? i
                    : (lot == 1) ? i % (counts[k] - 1)
                    : (lot == 2) ? i % (counts[k] / 2)
                    : (lot == 3) ? i % (counts[k] / 10 + 1)
                    : (lot == 4) ? 0
                    : i * i % counts[k];

                pintag_buf_add_text(&buf, i ? ",\"" : "{\"");
                pintag_buf_add_text(&buf, (i % 3 == 0) ? "k" : "\\u006b");
                pintag_buf_add_uint(&buf, n);
                pintag_buf_add_text(&buf, (i % 4 == 0) ? "\":[" : "\":{\"a\":");
                pintag_buf_add_uint(&buf, i);
                pintag_buf_add_text(&buf, (i % 4 == 0) ? "]" : ",\"a\":{}}");
            }

            pintag_buf_add_text(&buf, "}");

            compare(test_buf_str(&buf), (size_t) -1);
            test_memory_free(&memory);
        }
    }

    assert_true(seen.readable >= test_n(counts) * 6 + test_n(cases) - 5);
}


/* every byte of a document replaced by, and preceded by, each other */

static void
test_each_byte(void **state)
{
    size_t         i, k, len;
    unsigned       c, step;
    unsigned char  text[256];

    static const char  *cases[] = {
        ("{\"a\":[1,-2.5e+3,9223372036854775808,true,false,null],\n"
         "\"\xc3\xa9\\u00e9\\ud83d\\ude00\":{\"b\":\"\\\"\\\\\",\"\":{}}}"),
        "[\"\xf0\x9f\x98\x80\xe2\x82\xac\xed\x9f\xbf\xee\x80\x80\",0,-0,0.0]",
        " [ 1 , {\"a\" : 2 ,\t\"b\"\r\n: [ ] , \"a\" : { } } ] "
    };

    (void) state;

    step = (documents < DOCUMENTS) ? 17 : 1;

    for (k = 0; k < test_n(cases); k++) {
        len = strlen(cases[k]);

        for (i = 0; i <= len; i++) {

            memcpy(text, cases[k], i);
            memcpy(text + i + 1, cases[k] + i, len - i);

            for (c = 0; c < 256; c += step) {
                text[i] = (unsigned char) c;
                compare((pintag_str_t) { len + 1, text }, (size_t) -1);
            }

            if (i == len) {
                break;
            }

            memcpy(text + i + 1, cases[k] + i + 1, len - i - 1);

            for (c = 0; c < 256; c += step) {
                text[i] = (unsigned char) c;
                compare((pintag_str_t) { len, text }, (size_t) -1);
            }

            /* cut here, and without the byte */

            compare((pintag_str_t) { i, text }, (size_t) -1);

            memcpy(text + i, cases[k] + i + 1, len - i - 1);
            compare((pintag_str_t) { len - 1, text }, (size_t) -1);
        }
    }

    assert_true(seen.readable >= seen.documents / 20);
    assert_true(seen.readable <= seen.documents / 2);
}


/* all that can be written with so many of these */

static void
test_short_documents(void **state)
{
    size_t         i, k, rest, len, max, n;
    unsigned       at;
    unsigned char  text[16];

    /* what comes first, and how much may follow */

    static const struct {
        const char  *first;
        const char  *alphabet;
        size_t       max;
    } cases[] = {
        { "", "{}[]:,\"\\ 1\xc3\xef\xbb\xbfx", 4 },
        { "[", "[]{}:,\"1 \n", 5 },
        { "{\"", "a\":,1{}\\", 5 },
        { "[", "019-+.eE]x", 5 },
        { "[\"", "\\u0dD8c\"]", 4 },
        { "[\"\\u", "0dD8Cfg\"", 5 },
        { "[\"\\ud83d\\", "un\\dcCe0\"", 5 },
        { "[\"", "\x80\xbf\xc0\xc2\xe0\xed\xa0\x9f\xf0\xf4\x90\"", 4 }
    };

    (void) state;

    for (k = 0; k < test_n(cases); k++) {
        max = cases[k].max;

        if (documents < DOCUMENTS) {
            max = 2;
        }

        at = (unsigned) strlen(cases[k].first);
        n = strlen(cases[k].alphabet);
        memcpy(text, cases[k].first, at);

        for (i = 0; /* void */ ; i++) {

            len = 0;

            /* "i" counts as in a numeral system without a zero */

            for (rest = i; rest != 0; rest = (rest - 1) / n) {
                text[at + len++] = (unsigned char)
                                   cases[k].alphabet[(rest - 1) % n];
            }

            if (len > max) {
                break;
            }

            compare((pintag_str_t) { at + len, text }, (size_t) -1);
        }
    }

    assert_true(seen.readable >= 10);
}


int
main(void)
{
    const char  *value;

#define differing(name)                                                       \
    cmocka_unit_test_setup_teardown(name, start, finish)

    const struct CMUnitTest  tests[] = {
        differing(test_numbers),
        differing(test_depths),
        differing(test_keys),
        differing(test_each_byte),
        differing(test_short_documents),
        differing(test_documents_made_by_chance)
    };

    value = getenv("DOCUMENTS");

    if (value != NULL) {
        documents = strtoul(value, NULL, 10);
    }

    value = getenv("SEED");

    if (value != NULL) {
        seed = strtoull(value, NULL, 10);
    }

    return cmocka_run_group_tests_name("json_readers", tests, NULL, NULL);
}
