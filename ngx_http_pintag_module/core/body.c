
/*
 * Copyright (C) the ngx_http_pintag_module authors
 */


#include <string.h>

#include "body.h"


typedef struct {
    const pintag_json_t   *batch;
    const pintag_json_t   *obj;       /* an object, or what "opts" wrap */
} pintag_shape_t;


static pintag_verdict_e pintag_body_refuse(pintag_body_error_t *error,
    const char *code, const char *message);
static void pintag_shape_read(pintag_shape_t *shape,
    const pintag_json_t *value);
static const pintag_json_t *pintag_event_unwrap(const pintag_json_t *value);


pintag_verdict_e
pintag_body_read(pintag_str_t text, pintag_body_format_e format, size_t max,
    pintag_arena_t *arena, pintag_body_t *body, pintag_body_error_t *error)
{
    pintag_json_doc_t    *doc;
    pintag_shape_t     shape;
    pintag_json_iter_t    it;
    pintag_json_error_t   json;
    const pintag_json_t  *root;

    memset(body, 0, sizeof(pintag_body_t));

    (void) format;
    (void) max;

    if (pintag_str_blank(text)) {
        return pintag_body_refuse(error, "empty_body",
                                  "the request has no body: send an event or "
                                  "{\"batch\":[event, ...]} as JSON");
    }

    doc = pintag_json_read(text.data, text.len, arena, &json);

    if (doc == NULL) {
        if (json.no_memory) {
            return PINTAG_NO_MEMORY;
        }

        (void) pintag_body_refuse(error, "invalid_json", json.message);

        error->line = json.line;
        error->column = json.column;

        return PINTAG_REJECTED;
    }

    body->docs = pintag_arena_alloc(arena, sizeof(pintag_json_doc_t *));
    if (body->docs == NULL) {
        pintag_json_free(doc);
        return PINTAG_NO_MEMORY;
    }

    body->docs[0] = doc;
    body->ndocs = 1;

    root = pintag_json_root(doc);

    if (pintag_json_kind(root) != PINTAG_JSON_OBJECT) {
        pintag_body_free(body);

        return pintag_body_refuse(error, "invalid_body",
                                  "the body is not an object: send several "
                                  "events as {\"batch\":[event, ...]}");
    }

    pintag_shape_read(&shape, root);

    if (shape.batch == NULL) {
        body->n = 1;

    } else if (pintag_json_kind(shape.batch) == PINTAG_JSON_ARRAY) {
        body->n = pintag_json_size(shape.batch);

    } else {
        pintag_body_free(body);

        return pintag_body_refuse(error, "invalid_body",
                                  "\"batch\" is not an array: send several "
                                  "events as {\"batch\":[event, ...]}");
    }

    if (body->n == 0) {
        return PINTAG_OK;
    }

    body->events = pintag_arena_zalloc(arena,
                                       body->n * sizeof(pintag_body_event_t));
    if (body->events == NULL) {
        pintag_body_free(body);
        return PINTAG_NO_MEMORY;
    }

    if (shape.batch == NULL) {
        body->events[0].value = shape.obj ? shape.obj : root;
        return PINTAG_OK;
    }

    pintag_json_each(shape.batch, &it);

    while (pintag_json_next(&it)) {
        body->events[it.index].value = pintag_event_unwrap(it.value);
    }

    return PINTAG_OK;
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
pintag_body_refuse(pintag_body_error_t *error, const char *code,
    const char *message)
{
    error->error = code;
    error->message = message;
    error->line = 0;
    error->column = 0;

    return PINTAG_REJECTED;
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
pintag_event_unwrap(const pintag_json_t *value)
{
    pintag_shape_t  shape;

    if (pintag_json_kind(value) != PINTAG_JSON_OBJECT) {
        return value;
    }

    pintag_shape_read(&shape, value);

    return shape.obj ? shape.obj : value;
}
