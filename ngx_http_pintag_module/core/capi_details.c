
/*
 * Copyright (C) the ngx_http_pintag_module authors
 */


#include <string.h>

#include "capi_detail.h"
#include "capi_details.h"
#include "names.h"


/* what is deeper is not looked at */
#define PINTAG_DETAILS_DEPTH  32


/* a message, which is cleaned for the first event that it is of */

typedef struct {
    pintag_str_t            raw;         /* NULL data when there is none */
    pintag_str_t            clean;
    unsigned                done;
} pintag_details_text_t;


typedef struct {
    pintag_arena_t         *arena;
    pintag_str_t            secret;
    pintag_detail_terms_t   terms;
    pintag_names_t          ids;         /* to the events' indices */
    unsigned char          *named;       /* by its id; 2: with a message */
    pintag_capi_status_t   *statuses;
    unsigned                no_memory;
} pintag_details_t;


static unsigned pintag_details_ids(pintag_details_t *details,
    const pintag_str_t *ids);
static void pintag_details_object(pintag_details_t *details,
    const pintag_json_t *object, pintag_details_text_t *text, unsigned depth);
static void pintag_details_array(pintag_details_t *details,
    const pintag_json_t *array, pintag_detail_e role,
    pintag_details_text_t *text, unsigned depth);
static unsigned pintag_details_in_order(pintag_details_t *details,
    const pintag_json_t *array, pintag_detail_e role);

static void pintag_details_place(pintag_details_t *details,
    const pintag_json_t *object, const pintag_detail_t *self,
    pintag_details_text_t *text);
static unsigned pintag_details_indices(pintag_details_t *details,
    const pintag_json_t *value, pintag_details_text_t *text);
static unsigned pintag_details_name(pintag_details_t *details,
    const pintag_json_iter_t *it, unsigned numbered,
    pintag_details_text_t *text);

static unsigned pintag_details_id(pintag_details_t *details, pintag_str_t id,
    pintag_details_text_t *text, unsigned mark);
static void pintag_details_failed(pintag_details_t *details, size_t index,
    pintag_details_text_t *text);
static pintag_details_text_t *pintag_details_text(
    pintag_details_text_t *text, pintag_str_t raw);
static void pintag_details_clean(pintag_details_t *details,
    pintag_details_text_t *text);


unsigned
pintag_capi_details(const pintag_json_t *root, pintag_str_t secret,
    const pintag_str_t *ids, pintag_capi_status_t *statuses, size_t n,
    pintag_arena_t *arena, pintag_str_t *message)
{
    pintag_details_t       details;
    pintag_details_text_t  text;

    memset(&details, 0, sizeof(pintag_details_t));

    details.arena = arena;
    details.secret = secret;
    details.statuses = statuses;

    if (!pintag_detail_init(&details.terms, n, arena)
        || !pintag_details_ids(&details, ids))
    {
        return 0;
    }

    *message = pintag_detail_message(&details.terms, root, 2);

    pintag_details_clean(&details, pintag_details_text(&text, *message));

    *message = text.clean;

    /* without one of their own events have that in the end */

    pintag_details_object(&details, root, NULL, 0);

    return !details.no_memory;
}


static unsigned
pintag_details_ids(pintag_details_t *details, const pintag_str_t *ids)
{
    size_t  i;

    details->named = pintag_arena_zalloc(details->arena, details->terms.n);

    if (details->named == NULL
        || !pintag_names_init(&details->ids, details->arena,
                              PINTAG_FOLD_NONE))
    {
        return 0;
    }

    for (i = 0; i < details->terms.n; i++) {
        if (pintag_names_add(&details->ids, ids[i]) == -1) {
            return 0;
        }
    }

    return 1;
}


/* "text" is the message of what is around it, NULL when there is none */

static void
pintag_details_object(pintag_details_t *details, const pintag_json_t *object,
    pintag_details_text_t *text, unsigned depth)
{
    pintag_detail_e        role;
    pintag_detail_t        self;
    pintag_json_iter_t     it;
    pintag_json_kind_e     kind;
    pintag_details_text_t  own;

    if (pintag_json_kind(object) != PINTAG_JSON_OBJECT
        || depth == PINTAG_DETAILS_DEPTH)
    {
        return;
    }

    pintag_detail_read(&details->terms, object, &self);

    if (self.processed) {
        return;
    }

    /* the names of the root and its message are the error's */

    if (depth != 0) {

        if (self.message.data) {
            text = pintag_details_text(&own, self.message);
        }

        pintag_details_place(details, object, &self, text);
    }

    pintag_json_each(object, &it);

    while (pintag_json_next(&it)) {
        (void) pintag_detail_role(&details->terms, it.key, &role);

        switch (role) {

        case PINTAG_DETAIL_NONE:
            if (depth != 0
                && pintag_details_name(details, &it, self.numbered, text))
            {
                continue;
            }

            break;

        case PINTAG_DETAIL_MESSAGE:
        case PINTAG_DETAIL_ERROR:
        case PINTAG_DETAIL_EVENTS:
            break;

        default:
            continue;
        }

        kind = pintag_json_kind(it.value);

        if (kind == PINTAG_JSON_OBJECT) {
            pintag_details_object(details, it.value, text, depth + 1);

        } else if (kind == PINTAG_JSON_ARRAY) {
            pintag_details_array(details, it.value, role, text, depth + 1);
        }
    }
}


static void
pintag_details_array(pintag_details_t *details, const pintag_json_t *array,
    pintag_detail_e role, pintag_details_text_t *text, unsigned depth)
{
    pintag_json_iter_t  it;

    if (depth == PINTAG_DETAILS_DEPTH
        || pintag_details_in_order(details, array, role))
    {
        return;
    }

    pintag_json_each(array, &it);

    while (pintag_json_next(&it)) {

        switch (pintag_json_kind(it.value)) {

        case PINTAG_JSON_OBJECT:
            pintag_details_object(details, it.value, text, depth + 1);
            break;

        case PINTAG_JSON_ARRAY:
            pintag_details_array(details, it.value, role, text, depth + 1);
            break;

        case PINTAG_JSON_STRING:

            if (role == PINTAG_DETAIL_NONE || role == PINTAG_DETAIL_EVENTS) {
                (void) pintag_details_id(details,
                                         pintag_json_string(it.value), text,
                                         1);
            }

            break;

        default:
            break;
        }
    }
}


/*
 * An element for each event.  Without a status only where the name says that it
 * is one for each, and where not all of them have an error.
 */

static unsigned
pintag_details_in_order(pintag_details_t *details, const pintag_json_t *array,
    pintag_detail_e role)
{
    size_t                 statuses, errors;
    pintag_detail_t        self;
    pintag_json_iter_t     it;
    pintag_json_kind_e     kind;
    pintag_details_text_t  own;

    if (pintag_json_size(array) != details->terms.n) {
        return 0;
    }

    statuses = 0;
    errors = 0;

    pintag_json_each(array, &it);

    while (pintag_json_next(&it)) {
        kind = pintag_json_kind(it.value);

        if (kind != PINTAG_JSON_OBJECT && kind != PINTAG_JSON_NULL) {
            return 0;
        }

        pintag_detail_read(&details->terms, it.value, &self);

        /* this one tells its place itself */

        if (self.index) {
            return 0;
        }

        statuses += self.failed || self.processed;
        errors += self.error;
    }

    if (statuses == 0
        && (role != PINTAG_DETAIL_EVENTS || errors == details->terms.n))
    {
        return 0;
    }

    pintag_json_each(array, &it);

    while (pintag_json_next(&it)) {
        pintag_detail_read(&details->terms, it.value, &self);

        if (statuses ? self.failed : self.error) {
            pintag_details_failed(details, it.index,
                                  pintag_details_text(&own, self.message));
        }
    }

    return 1;
}


/* of what an object has to say of its event, the plainest */

static void
pintag_details_place(pintag_details_t *details, const pintag_json_t *object,
    const pintag_detail_t *self, pintag_details_text_t *text)
{
    size_t              index;
    pintag_detail_e     role;
    pintag_json_iter_t  it;

    if (self->path && pintag_detail_path(&details->terms, self->path, &index)) {
        pintag_details_failed(details, index, text);
        return;
    }

    pintag_json_each(object, &it);

    while (pintag_json_next(&it)) {

        if (pintag_json_kind(it.value) != PINTAG_JSON_STRING) {
            continue;
        }

        (void) pintag_detail_role(&details->terms, it.key, &role);

        if (role == PINTAG_DETAIL_NONE
            && pintag_details_id(details, pintag_json_string(it.value), text,
                                 1))
        {
            return;
        }
    }

    if (!pintag_details_indices(details, self->index, text) && !self->line) {
        (void) pintag_details_indices(details, self->position, text);
    }
}


static unsigned
pintag_details_indices(pintag_details_t *details, const pintag_json_t *value,
    pintag_details_text_t *text)
{
    size_t              index;
    unsigned            found;
    pintag_json_iter_t  it;

    if (pintag_detail_index(&details->terms, value, &index)) {
        pintag_details_failed(details, index, text);
        return 1;
    }

    if (pintag_json_kind(value) != PINTAG_JSON_ARRAY) {
        return 0;
    }

    found = 0;

    pintag_json_each(value, &it);

    while (pintag_json_next(&it)) {
        if (pintag_detail_index(&details->terms, it.value, &index)) {
            pintag_details_failed(details, index, text);
            found = 1;
        }
    }

    return found;
}


/* a name that tells of an event; what it stands for is about that */

static unsigned
pintag_details_name(pintag_details_t *details, const pintag_json_iter_t *it,
    unsigned numbered, pintag_details_text_t *text)
{
    size_t                 index;
    unsigned               found, id;
    pintag_str_t           message;
    pintag_detail_t        self;
    pintag_json_kind_e     kind;
    pintag_details_text_t  own;

    kind = pintag_json_kind(it->value);

    if (kind == PINTAG_JSON_NULL || kind == PINTAG_JSON_FALSE) {
        return 0;
    }

    id = pintag_details_id(details, it->key, NULL, 0);

    found = numbered ? pintag_detail_digits(&details->terms, it->key, &index)
                     : pintag_detail_pointer(&details->terms, it->key, &index);

    if (!id && !found) {
        return 0;
    }

    /* it may be the one or the other */

    if (id && found) {
        return 1;
    }

    if (kind == PINTAG_JSON_OBJECT) {
        pintag_detail_read(&details->terms, it->value, &self);

        if (self.processed) {
            return 1;
        }
    }

    message = pintag_detail_message(&details->terms, it->value, 2);

    if (message.data) {
        text = pintag_details_text(&own, message);
    }

    if (id) {
        (void) pintag_details_id(details, it->key, text, 1);

    } else {
        pintag_details_failed(details, index, text);
    }

    return 1;
}


/* 1 for the id of an event; those that have it are marked when wanted */

static unsigned
pintag_details_id(pintag_details_t *details, pintag_str_t id,
    pintag_details_text_t *text, unsigned mark)
{
    int            i, first;
    unsigned char  named;

    first = pintag_names_find(&details->ids, id);

    if (first == -1) {
        return 0;
    }

    /* all that have it are gone through once or twice, however often it is */

    named = text ? 2 : 1;

    if (mark && details->named[first] < named) {
        details->named[first] = named;

        for (i = first; i != -1; i = details->ids.elts[i].next) {
            pintag_details_failed(details, (size_t) i, text);
        }
    }

    return 1;
}


static void
pintag_details_failed(pintag_details_t *details, size_t index,
    pintag_details_text_t *text)
{
    pintag_capi_status_t  *status;

    status = &details->statuses[index];

    status->failed = 1;

    if (text && status->message.data == NULL) {
        pintag_details_clean(details, text);
        status->message = text->clean;
    }
}


static pintag_details_text_t *
pintag_details_text(pintag_details_text_t *text, pintag_str_t raw)
{
    memset(text, 0, sizeof(pintag_details_text_t));

    text->raw = raw;

    return text;
}


static void
pintag_details_clean(pintag_details_t *details, pintag_details_text_t *text)
{
    int  rc;

    if (text->done || text->raw.data == NULL) {
        return;
    }

    text->done = 1;

    rc = pintag_capi_message(text->raw, details->secret, details->arena,
                             &text->clean);

    if (rc != 1) {
        text->clean.data = NULL;
        text->clean.len = 0;
    }

    if (rc == -1) {
        details->no_memory = 1;
    }
}
