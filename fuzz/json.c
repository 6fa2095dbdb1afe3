
/*
 * Copyright (C) the ngx_http_pintag_module authors
 *
 * Any document gives the same with each of the JSON readers.
 */


#include <math.h>
#include <string.h>

#include "fuzz.h"
#include "json_reader.h"


static void fuzz_same(const pintag_json_t *a, const pintag_json_t *b,
    unsigned depth, unsigned max);
static void fuzz_same_text(pintag_str_t a, pintag_str_t b);


int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    unsigned              max, other;
    fuzz_memory_t         a_memory, b_memory;
    pintag_json_doc_t    *a, *b;
    pintag_json_error_t   a_error, b_error;

    a = json_reader_jansson.read(data, size, fuzz_memory_init(&a_memory, NULL),
                                 &a_error);
    b = json_reader_yyjson.read(data, size, fuzz_memory_init(&b_memory, NULL),
                                &b_error);

    fuzz_check((a == NULL) == (b == NULL));

    if (a == NULL) {
        fuzz_check(!a_error.no_memory && !b_error.no_memory);
        fuzz_check(strcmp(a_error.message, b_error.message) == 0);
        fuzz_check(a_error.line == b_error.line);
        fuzz_check(a_error.column == b_error.column);

    } else {
        max = json_reader_jansson.max_depth(a);
        other = json_reader_yyjson.max_depth(b);

        fuzz_same(json_reader_jansson.root(a), json_reader_yyjson.root(b), 0,
                  (max < other) ? max : other);
    }

    json_reader_jansson.free(a);
    json_reader_yyjson.free(b);

    fuzz_memory_free(&a_memory);
    fuzz_memory_free(&b_memory);

    return 0;
}


static void
fuzz_same(const pintag_json_t *a, const pintag_json_t *b, unsigned depth,
    unsigned max)
{
    double               a_real, b_real;
    unsigned             more;
    pintag_json_kind_e   kind;
    pintag_json_iter_t   a_it, b_it;

    kind = json_reader_jansson.kind(a);

    fuzz_check(kind == json_reader_yyjson.kind(b));
    fuzz_check(json_reader_jansson.size(a) == json_reader_yyjson.size(b));

    switch (kind) {

    case PINTAG_JSON_INTEGER:
        fuzz_check(json_reader_jansson.integer(a)
                   == json_reader_yyjson.integer(b));
        return;

    case PINTAG_JSON_REAL:
        a_real = json_reader_jansson.real(a);
        b_real = json_reader_yyjson.real(b);

        fuzz_check(isfinite(a_real));
        fuzz_check(memcmp(&a_real, &b_real, sizeof(double)) == 0);
        return;

    case PINTAG_JSON_STRING:
        fuzz_same_text(json_reader_jansson.string(a),
                       json_reader_yyjson.string(b));
        return;

    case PINTAG_JSON_ARRAY:
    case PINTAG_JSON_OBJECT:
        fuzz_check(++depth <= max);
        break;

    default:
        return;
    }

    json_reader_jansson.each(a, &a_it);
    json_reader_yyjson.each(b, &b_it);

    for ( ;; ) {
        more = json_reader_jansson.next(&a_it);
        fuzz_check(more == json_reader_yyjson.next(&b_it));

        if (!more) {
            return;
        }

        fuzz_check(a_it.index == b_it.index);

        if (kind == PINTAG_JSON_OBJECT) {
            fuzz_same_text(a_it.key, b_it.key);
        }

        fuzz_same(a_it.value, b_it.value, depth, max);
    }
}


static void
fuzz_same_text(pintag_str_t a, pintag_str_t b)
{
    fuzz_check(a.data != NULL && b.data != NULL);
    fuzz_check(pintag_str_eq(a, b));
}
