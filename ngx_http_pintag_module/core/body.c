
/*
 * Copyright (C) the ngx_http_pintag_module authors
 */


#include <stddef.h>
#include <string.h>

#include "body.h"


typedef struct {
    const pintag_json_t   *batch;
    const pintag_json_t   *obj;       /* an object, or what "opts" wrap */
} pintag_shape_t;


static pintag_verdict_e pintag_body_document(pintag_body_t *body,
    pintag_str_t text, size_t max, pintag_arena_t *arena,
    pintag_body_error_t *error);
static pintag_verdict_e pintag_body_lines(pintag_body_t *body,
    pintag_str_t text, size_t max, pintag_arena_t *arena,
    pintag_body_error_t *error);
static unsigned pintag_line_next(pintag_str_t *rest, pintag_str_t *line);
static pintag_verdict_e pintag_body_alloc(pintag_body_t *body, size_t n,
    size_t max, pintag_arena_t *arena, pintag_body_error_t *error);
static pintag_verdict_e pintag_body_refuse(pintag_body_error_t *error,
    const char *code, const char *message);
static void pintag_body_unreadable(pintag_body_error_t *error,
    const pintag_json_error_t *json, size_t lines);
static void pintag_shape_read(pintag_shape_t *shape,
    const pintag_json_t *value);
static const pintag_json_t *pintag_shape_unwrap(const pintag_json_t *value);
static void pintag_envelope_read(pintag_envelope_t *envelope,
    const pintag_json_t *batch);
static pintag_verdict_e pintag_pixel_decode(pintag_str_t *text,
    pintag_arena_t *arena, pintag_body_error_t *error);
static unsigned pintag_pixel_hex(unsigned char c);


static const struct {
    pintag_str_t  name;
    size_t        offset;
} pintag_envelope_members[] = {
    { pintag_str("context"), offsetof(pintag_envelope_t, context) },
    { pintag_str("integrations"), offsetof(pintag_envelope_t, integrations) },
    { pintag_str("writeKey"), offsetof(pintag_envelope_t, write_key) },
    { pintag_str("sentAt"), offsetof(pintag_envelope_t, sent_at) }
};

#define PINTAG_ENVELOPE_NMEMBERS                                              \
    (sizeof(pintag_envelope_members) / sizeof(pintag_envelope_members[0]))


/* one more than the value, of either alphabet; a space was a "+" */

static const unsigned char  pintag_base64[256] = {
    ['A'] = 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13,
    14, 15, 16, 17, 18, 19, 20, 21, 22, 23, 24, 25, 26,
    ['a'] = 27, 28, 29, 30, 31, 32, 33, 34, 35, 36, 37, 38, 39,
    40, 41, 42, 43, 44, 45, 46, 47, 48, 49, 50, 51, 52,
    ['0'] = 53, 54, 55, 56, 57, 58, 59, 60, 61, 62,
    ['+'] = 63, [' '] = 63, ['-'] = 63, ['/'] = 64, ['_'] = 64
};


pintag_verdict_e
pintag_body_read(pintag_str_t text, pintag_body_format_e format, size_t max,
    pintag_arena_t *arena, pintag_body_t *body, pintag_body_error_t *error)
{
    pintag_verdict_e  rc;

    memset(body, 0, sizeof(pintag_body_t));

    if (format == PINTAG_BODY_PIXEL) {
        rc = pintag_pixel_decode(&text, arena, error);

        if (rc != PINTAG_OK) {
            return rc;
        }
    }

    if (pintag_str_blank(text)) {
        return pintag_body_refuse(error, "empty_body",
                                  (format == PINTAG_BODY_PIXEL)
                                  ? "\"data\" is missing or empty: send an "
                                    "event as JSON in base64"
                                  : "the request has no body: send an event "
                                    "or {\"batch\":[event, ...]} as JSON");
    }

    rc = (format == PINTAG_BODY_LINES)
            ? pintag_body_lines(body, text, max, arena, error)
            : pintag_body_document(body, text, max, arena, error);

    if (rc != PINTAG_OK) {
        pintag_body_free(body);
    }

    return rc;
}


void
pintag_body_free(pintag_body_t *body)
{
    size_t  i;

    for (i = 0; i < body->ndocs; i++) {
        pintag_json_free(body->docs[i]);
    }

    memset(body, 0, sizeof(pintag_body_t));
}


static pintag_verdict_e
pintag_body_document(pintag_body_t *body, pintag_str_t text, size_t max,
    pintag_arena_t *arena, pintag_body_error_t *error)
{
    pintag_shape_t        shape;
    pintag_verdict_e      rc;
    pintag_json_doc_t    *doc;
    pintag_json_iter_t    it;
    pintag_json_error_t   json;
    const pintag_json_t  *root, *list;

    body->docs = pintag_arena_alloc(arena, sizeof(pintag_json_doc_t *));
    if (body->docs == NULL) {
        return PINTAG_NO_MEMORY;
    }

    doc = pintag_json_read(text.data, text.len, arena, &json);

    if (doc == NULL) {
        if (json.no_memory) {
            return PINTAG_NO_MEMORY;
        }

        pintag_body_unreadable(error, &json, 0);

        return PINTAG_REJECTED;
    }

    body->docs[0] = doc;
    body->ndocs = 1;
    body->max_depth = pintag_json_max_depth(doc);

    root = pintag_json_root(doc);
    list = root;

    if (pintag_json_kind(root) == PINTAG_JSON_OBJECT) {
        pintag_shape_read(&shape, root);
        list = shape.batch;

        if (list == NULL) {
            rc = pintag_body_alloc(body, 1, max, arena, error);

            if (rc == PINTAG_OK) {
                body->events[0].value = shape.obj ? shape.obj : root;
            }

            return rc;
        }

        if (pintag_json_kind(list) != PINTAG_JSON_ARRAY) {
            return pintag_body_refuse(error, "invalid_body",
                                      "\"batch\" is not an array: send "
                                      "several events as "
                                      "{\"batch\":[event, ...]}");
        }

        pintag_envelope_read(&body->envelope, root);
    }

    rc = pintag_body_alloc(body, pintag_json_size(list), max, arena, error);

    if (rc != PINTAG_OK) {
        return rc;
    }

    pintag_json_each(list, &it);

    while (pintag_json_next(&it)) {
        body->events[it.index].value = pintag_shape_unwrap(it.value);
    }

    return PINTAG_OK;
}


static pintag_verdict_e
pintag_body_lines(pintag_body_t *body, pintag_str_t text, size_t max,
    pintag_arena_t *arena, pintag_body_error_t *error)
{
    size_t                n, number;
    pintag_str_t          rest, line;
    pintag_verdict_e      rc;
    pintag_json_doc_t    *doc;
    pintag_body_event_t  *event;
    pintag_json_error_t   json;

    /* too many are refused before any is read */

    n = 0;
    rest = text;

    while (n <= max && pintag_line_next(&rest, &line)) {
        n += !pintag_str_blank(line);
    }

    rc = pintag_body_alloc(body, n, max, arena, error);

    if (rc != PINTAG_OK) {
        return rc;
    }

    body->docs = pintag_arena_alloc(arena, n * sizeof(pintag_json_doc_t *));
    if (body->docs == NULL) {
        return PINTAG_NO_MEMORY;
    }

    event = body->events;
    rest = text;

    for (number = 0; pintag_line_next(&rest, &line); number++) {

        if (pintag_str_blank(line)) {
            continue;
        }

        doc = pintag_json_read(line.data, line.len, arena, &json);

        if (doc != NULL) {
            body->docs[body->ndocs++] = doc;

            if (body->max_depth < pintag_json_max_depth(doc)) {
                body->max_depth = pintag_json_max_depth(doc);
            }

            event->value = pintag_shape_unwrap(pintag_json_root(doc));

        } else if (json.no_memory) {
            return PINTAG_NO_MEMORY;

        } else {
            pintag_body_unreadable(&event->error, &json, number);
        }

        event++;
    }

    return PINTAG_OK;
}


/* takes a line off the rest of a text; 0 when nothing is left of it */

static unsigned
pintag_line_next(pintag_str_t *rest, pintag_str_t *line)
{
    const unsigned char  *end;

    if (rest->len == 0) {
        return 0;
    }

    *line = *rest;
    end = memchr(rest->data, '\n', rest->len);

    if (end != NULL) {
        line->len = (size_t) (end - rest->data);
        rest->data = end + 1;
        rest->len -= line->len + 1;

    } else {
        rest->len = 0;
    }

    return 1;
}


static pintag_verdict_e
pintag_body_alloc(pintag_body_t *body, size_t n, size_t max,
    pintag_arena_t *arena, pintag_body_error_t *error)
{
    if (n > max) {
        return pintag_body_refuse(error, "too_many_events",
                                  "more events than \"pintag_max_events\" "
                                  "allows: send fewer at a time");
    }

    body->n = n;
    body->events = pintag_arena_zalloc(arena, n * sizeof(pintag_body_event_t));

    return body->events ? PINTAG_OK : PINTAG_NO_MEMORY;
}


static pintag_verdict_e
pintag_body_refuse(pintag_body_error_t *error, const char *code,
    const char *message)
{
    error->error = code;
    error->message = message;
    error->line = 0;
    error->column = 0;

    return PINTAG_REJECTED;
}


/* "lines" are those of the body before what was read */

static void
pintag_body_unreadable(pintag_body_error_t *error,
    const pintag_json_error_t *json, size_t lines)
{
    error->error = "invalid_json";
    error->message = json->message;
    error->line = json->line + lines;
    error->column = json->column;
}


static void
pintag_shape_read(pintag_shape_t *shape, const pintag_json_t *value)
{
    unsigned              opts;
    pintag_json_iter_t    it;
    const pintag_json_t  *obj;

    shape->batch = NULL;

    opts = 0;
    obj = NULL;

    pintag_json_each(value, &it);

    while (pintag_json_next(&it)) {

        if (pintag_json_kind(it.value) == PINTAG_JSON_NULL) {
            continue;
        }

        if (it.key.len == 5 && memcmp(it.key.data, "batch", 5) == 0) {
            shape->batch = it.value;

        } else if (it.key.len == 3 && memcmp(it.key.data, "obj", 3) == 0) {
            obj = it.value;

        } else if (it.key.len == 4 && memcmp(it.key.data, "opts", 4) == 0) {
            opts = 1;
        }
    }

    shape->obj = (opts || pintag_json_kind(obj) == PINTAG_JSON_OBJECT)
                    ? obj : NULL;
}


static const pintag_json_t *
pintag_shape_unwrap(const pintag_json_t *value)
{
    pintag_shape_t  shape;

    if (pintag_json_kind(value) != PINTAG_JSON_OBJECT) {
        return value;
    }

    pintag_shape_read(&shape, value);

    return shape.obj ? shape.obj : value;
}


static void
pintag_envelope_read(pintag_envelope_t *envelope, const pintag_json_t *batch)
{
    size_t                 i;
    pintag_str_t           name;
    pintag_json_iter_t     it;
    const pintag_json_t  **member;

    pintag_json_each(batch, &it);

    while (pintag_json_next(&it)) {

        for (i = 0; i < PINTAG_ENVELOPE_NMEMBERS; i++) {
            name = pintag_envelope_members[i].name;

            if (!pintag_name_eq(PINTAG_FOLD_NAME, name, it.key)) {
                continue;
            }

            member = (const pintag_json_t **)
                     ((char *) envelope + pintag_envelope_members[i].offset);

            if (*member == NULL || pintag_str_eq(name, it.key)) {
                *member = it.value;
            }

            break;
        }
    }

    if (pintag_json_kind(envelope->context) != PINTAG_JSON_OBJECT) {
        envelope->context = NULL;
    }
}


/* percent-encoded base64 to what it stands for */

static pintag_verdict_e
pintag_pixel_decode(pintag_str_t *text, pintag_arena_t *arena,
    pintag_body_error_t *error)
{
    size_t          i, padding;
    unsigned        bits, nbits, high, low, value;
    unsigned char   c, *data, *dst;

    data = pintag_arena_bytes(arena, text->len - text->len / 4);
    if (data == NULL) {
        return PINTAG_NO_MEMORY;
    }

    dst = data;
    bits = 0;
    nbits = 0;
    padding = 0;

    for (i = 0; i < text->len; i++) {
        c = text->data[i];

        if (c == '%' && text->len - i > 2) {
            high = pintag_pixel_hex(text->data[i + 1]);
            low = pintag_pixel_hex(text->data[i + 2]);

            if (high > 15 || low > 15) {
                goto invalid;
            }

            c = (unsigned char) (high << 4 | low);
            i += 2;
        }

        if (c == '=') {
            padding++;
            continue;
        }

        value = pintag_base64[c];

        if (value == 0 || padding) {
            goto invalid;
        }

        bits = bits << 6 | (value - 1);
        nbits += 6;

        if (nbits >= 8) {
            nbits -= 8;
            *dst++ = (unsigned char) (bits >> nbits);
        }
    }

    /* no byte ends with the first character of four */

    if (nbits == 6 || padding > 2) {
        goto invalid;
    }

    text->data = data;
    text->len = (size_t) (dst - data);

    return PINTAG_OK;

invalid:

    return pintag_body_refuse(error, "invalid_body",
                              "\"data\" is not base64: send an event as JSON "
                              "in base64, percent-encoded");
}


/* 16 when it is none */

static unsigned
pintag_pixel_hex(unsigned char c)
{
    if (c >= '0' && c <= '9') {
        return (unsigned) c - '0';
    }

    c |= 0x20;

    return (c >= 'a' && c <= 'f') ? (unsigned) c - 'a' + 10 : 16;
}
