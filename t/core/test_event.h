
/*
 * Copyright (C) the ngx_http_pintag_module authors
 *
 * For tests of what is read of an event: one, from JSON in which ' stands
 * for ".
 */


#ifndef PINTAG_TEST_EVENT_H
#define PINTAG_TEST_EVENT_H


#include "event.h"
#include "names.h"
#include "test.h"


typedef struct {
    test_memory_t        memory;
    pintag_names_t       names;
    unsigned char       *json;
    pintag_json_doc_t   *doc;
    pintag_event_t       event;
} test_event_t;


/* names beyond the known ones may be added before the event is read */

static inline void
test_event_names(test_event_t *t)
{
    memset(t, 0, sizeof(test_event_t));

    assert_true(pintag_names_members(&t->names,
                                     test_memory_init(&t->memory)));
}


static inline const pintag_event_t *
test_event_read(test_event_t *t, const char *text)
{
    size_t               i, len;
    const char          *reason;
    pintag_json_error_t  error;

    len = strlen(text);

    t->json = malloc(len);
    assert_non_null(t->json);

    for (i = 0; i < len; i++) {
        t->json[i] = (unsigned char) (text[i] == '\'' ? '"' : text[i]);
    }

    t->doc = pintag_json_read(t->json, len, &t->memory.arena, &error);

    if (t->doc == NULL) {
        fail_msg("%s: %s", text, error.message);
    }

    assert_true(pintag_event_init(&t->event, &t->names, &t->memory.arena));
    assert_int_equal(pintag_event_read(&t->event, pintag_json_root(t->doc),
                                       NO_ENVELOPE, PINTAG_TYPE_NONE,
                                       &reason), PINTAG_OK);

    return &t->event;
}


static inline const pintag_event_t *
test_event_init(test_event_t *t, const char *text)
{
    test_event_names(t);

    return test_event_read(t, text);
}


static inline void
test_event_free(test_event_t *t)
{
    pintag_json_free(t->doc);
    pintag_event_free(&t->event);
    test_memory_free(&t->memory);
    free(t->json);
}


#endif /* PINTAG_TEST_EVENT_H */
