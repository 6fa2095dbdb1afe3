
/*
 * Copyright (C) the ngx_http_pintag_module authors
 */


#include <string.h>

#include "capi_answer.h"
#include "capi_details.h"
#include "json.h"


static int pintag_answer_read(pintag_str_t body, pintag_arena_t *arena,
    pintag_json_doc_t **doc);
static int pintag_answer_status(const pintag_json_t *event,
    pintag_capi_secrets_t *secrets, pintag_arena_t *arena,
    pintag_capi_status_t *status);


int
pintag_capi_statuses(pintag_str_t body, pintag_capi_secrets_t *secrets,
    pintag_capi_status_t *statuses, size_t n, pintag_arena_t *arena)
{
    int                   rc;
    size_t                known;
    pintag_json_doc_t    *doc;
    pintag_json_iter_t    it;
    const pintag_json_t  *events;

    static const pintag_str_t  name = pintag_str("events");

    memset(statuses, 0, n * sizeof(pintag_capi_status_t));

    rc = pintag_answer_read(body, arena, &doc);

    if (rc != 1) {
        return rc;
    }

    events = NULL;

    pintag_json_each(pintag_json_root(doc), &it);

    while (pintag_json_next(&it)) {
        if (it.key.data && pintag_str_eq(it.key, name)) {
            events = it.value;
        }
    }

    if (pintag_json_kind(events) != PINTAG_JSON_ARRAY
        || pintag_json_size(events) != n)
    {
        rc = 0;
    }

    pintag_json_each(events, &it);

    known = 0;

    while (rc == 1 && pintag_json_next(&it)) {
        rc = pintag_answer_status(it.value, secrets, arena,
                                  &statuses[it.index]);

        known += !statuses[it.index].unknown;
    }

    pintag_json_free(doc);

    return (rc == 1 && known == 0) ? 0 : rc;
}


int
pintag_capi_error(pintag_str_t body, pintag_capi_secrets_t *secrets,
    const pintag_str_t *ids, pintag_capi_status_t *statuses, size_t n,
    pintag_arena_t *arena, pintag_str_t *message)
{
    int                 rc;
    size_t              i;
    pintag_json_doc_t  *doc;

    static const pintag_str_t  none = pintag_str_null;

    memset(statuses, 0, n * sizeof(pintag_capi_status_t));
    *message = none;

    rc = pintag_answer_read(body, arena, &doc);

    if (rc != 1) {
        return rc == 0 ? 1 : -1;
    }

    rc = pintag_capi_details(pintag_json_root(doc), secrets, ids, statuses, n,
                             arena, message);

    pintag_json_free(doc);

    for (i = 0; i < n; i++) {
        if (statuses[i].failed && statuses[i].message.data == NULL) {
            statuses[i].message = *message;
        }
    }

    return rc ? 1 : -1;
}


/* 1; 0 when it cannot be read; -1 without memory */

static int
pintag_answer_read(pintag_str_t body, pintag_arena_t *arena,
    pintag_json_doc_t **doc)
{
    pintag_json_error_t  error;

    *doc = pintag_json_read(body.data, body.len, arena, &error);

    if (*doc == NULL) {
        return error.no_memory ? -1 : 0;
    }

    return 1;
}


/* 1, or -1 without memory */

static int
pintag_answer_status(const pintag_json_t *event, pintag_capi_secrets_t *secrets,
    pintag_arena_t *arena, pintag_capi_status_t *status)
{
    int                   rc;
    pintag_str_t          text;
    pintag_json_iter_t    it;
    const pintag_json_t  *value, *message;

    static const pintag_str_t  names[] = {
        pintag_str("status"),
        pintag_str("error_message")
    };

    static const pintag_str_t  processed = pintag_str("processed");
    static const pintag_str_t  failed = pintag_str("failed");

    value = NULL;
    message = NULL;

    pintag_json_each(event, &it);

    while (pintag_json_next(&it)) {
        if (it.key.data == NULL) {
            continue;
        }

        if (pintag_str_eq(it.key, names[0])) {
            value = it.value;

        } else if (pintag_str_eq(it.key, names[1])) {
            message = it.value;
        }
    }

    if (pintag_json_kind(value) == PINTAG_JSON_STRING) {
        text = pintag_json_string(value);

        if (pintag_str_case_eq(text, processed)) {
            return 1;
        }

        status->failed = pintag_str_case_eq(text, failed) & 1;
    }

    if (!status->failed) {
        status->unknown = 1;
        return 1;
    }

    if (pintag_json_kind(message) != PINTAG_JSON_STRING) {
        return 1;
    }

    rc = pintag_capi_message(pintag_json_string(message), secrets, arena,
                             &text);
    if (rc == 1) {
        status->message = text;
    }

    return rc == -1 ? -1 : 1;
}
