
/*
 * Copyright (C) the ngx_http_pintag_module authors
 */


#include <string.h>

#include "capi_detail.h"
#include "capi_details.h"
#include "names.h"


/* what is deeper is not looked at */
#define PINTAG_DETAILS_DEPTH  32


/*
 * what an object or an array is about: nothing is taken for an event by chance
 */

typedef enum {
    PINTAG_ABOUT_ANYTHING = 0,
    PINTAG_ABOUT_EVENTS,       /* its members are */
    PINTAG_ABOUT_EVENT
} pintag_about_e;


/* a message, which is cleaned for the first event that it is of */

typedef struct {
    pintag_str_t            raw;         /* NULL data when there is none */
    pintag_str_t            clean;
    unsigned                done;
} pintag_details_text_t;


typedef struct {
    pintag_arena_t         *arena;
    pintag_capi_secrets_t  *secrets;
    pintag_detail_terms_t   terms;
    pintag_names_t          ids;         /* to the events' indices */
    unsigned char          *named;       /* by its id; 2: with a message */
    pintag_capi_status_t   *statuses;
    unsigned                no_memory;
} pintag_details_t;


static unsigned pintag_details_ids(pintag_details_t *details,
    const pintag_str_t *ids);
static void pintag_details_object(pintag_details_t *details,
    const pintag_json_t *object, pintag_details_text_t *text, unsigned depth,
    pintag_about_e about);
static void pintag_details_array(pintag_details_t *details,
    const pintag_json_t *array, pintag_detail_e role,
    pintag_details_text_t *text, unsigned depth, pintag_about_e about);
static unsigned pintag_details_in_order(pintag_details_t *details,
    const pintag_json_t *array, pintag_detail_e role);

static void pintag_details_place(pintag_details_t *details,
    const pintag_detail_t *self, pintag_details_text_t *text,
    pintag_about_e about);
static void pintag_details_indices(pintag_details_t *details,
    const pintag_json_t *value, pintag_details_text_t *text);
static unsigned pintag_details_ids_of(pintag_details_t *details,
    const pintag_json_t *value, pintag_details_text_t *text);
static unsigned pintag_details_name(pintag_details_t *details,
    const pintag_json_iter_t *it, unsigned numbered, pintag_about_e about,
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
pintag_capi_details(const pintag_json_t *root,
    pintag_capi_secrets_t *secrets, const pintag_str_t *ids,
    pintag_capi_status_t *statuses, size_t n, pintag_arena_t *arena,
    pintag_str_t *message)
{
    pintag_details_t       details;
    pintag_details_text_t  text;

    memset(&details, 0, sizeof(pintag_details_t));

    details.arena = arena;
    details.secrets = secrets;
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

    pintag_details_object(&details, root, NULL, 0, PINTAG_ABOUT_ANYTHING);

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
    pintag_details_text_t *text, unsigned depth, pintag_about_e about)
{
    pintag_about_e         inner;
    pintag_detail_e        role;
    pintag_detail_t        self;
    pintag_json_iter_t     it;
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

        pintag_details_place(details, &self, text, about);
    }

    pintag_json_each(object, &it);

    while (pintag_json_next(&it)) {
        (void) pintag_detail_role(&details->terms, it.key, &role);

        inner = PINTAG_ABOUT_ANYTHING;

        switch (role) {

        case PINTAG_DETAIL_NONE:
            if (depth != 0
                && pintag_details_name(details, &it, self.numbered, about,
                                       text))
            {
                continue;
            }

            break;

        case PINTAG_DETAIL_DETAILS:
            if (depth == 0) {
                inner = PINTAG_ABOUT_EVENTS;
            }

            break;

        case PINTAG_DETAIL_EVENTS:
        case PINTAG_DETAIL_LIST:
            if (depth == 0 || about == PINTAG_ABOUT_EVENTS) {
                inner = PINTAG_ABOUT_EVENTS;

            } else {
                role = PINTAG_DETAIL_NONE;
            }

            break;

        case PINTAG_DETAIL_MESSAGE:
        case PINTAG_DETAIL_ERROR:
            break;

        default:
            continue;
        }

        pintag_details_object(details, it.value, text, depth + 1, inner);
        pintag_details_array(details, it.value, role, text, depth + 1, inner);
    }
}


static void
pintag_details_array(pintag_details_t *details, const pintag_json_t *array,
    pintag_detail_e role, pintag_details_text_t *text, unsigned depth,
    pintag_about_e about)
{
    pintag_json_iter_t  it;

    if (pintag_json_kind(array) != PINTAG_JSON_ARRAY
        || depth == PINTAG_DETAILS_DEPTH)
    {
        return;
    }

    if (about == PINTAG_ABOUT_EVENTS) {

        if (pintag_details_in_order(details, array, role)) {
            return;
        }

        about = PINTAG_ABOUT_EVENT;

        if (role == PINTAG_DETAIL_LIST) {
            (void) pintag_details_ids_of(details, array, text);
        }
    }

    pintag_json_each(array, &it);

    while (pintag_json_next(&it)) {
        pintag_details_object(details, it.value, text, depth + 1, about);
        pintag_details_array(details, it.value, PINTAG_DETAIL_NONE, text,
                             depth + 1, PINTAG_ABOUT_ANYTHING);
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

        if (self.index || self.event_index) {
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
pintag_details_place(pintag_details_t *details, const pintag_detail_t *self,
    pintag_details_text_t *text, pintag_about_e about)
{
    size_t  index;

    if (self->path && pintag_detail_path(&details->terms, self->path, &index)) {
        pintag_details_failed(details, index, text);
        return;
    }

    if (self->event_id && pintag_details_ids_of(details, self->event_id, text))
    {
        return;
    }

    pintag_details_indices(details, self->event_index, text);

    /* beside the path to a field it may be a place in that */

    if (about != PINTAG_ABOUT_ANYTHING && self->path == NULL) {
        pintag_details_indices(details, self->index, text);
    }
}


static void
pintag_details_indices(pintag_details_t *details, const pintag_json_t *value,
    pintag_details_text_t *text)
{
    size_t              index;
    pintag_json_iter_t  it;

    if (pintag_detail_index(&details->terms, value, &index)) {
        pintag_details_failed(details, index, text);
        return;
    }

    if (pintag_json_kind(value) != PINTAG_JSON_ARRAY) {
        return;
    }

    pintag_json_each(value, &it);

    while (pintag_json_next(&it)) {
        if (pintag_detail_index(&details->terms, it.value, &index)) {
            pintag_details_failed(details, index, text);
        }
    }
}


/* an id, or an array of some: 1 when one of them is an event's */

static unsigned
pintag_details_ids_of(pintag_details_t *details, const pintag_json_t *value,
    pintag_details_text_t *text)
{
    unsigned            found;
    pintag_json_iter_t  it;

    if (pintag_json_kind(value) == PINTAG_JSON_STRING) {
        return pintag_details_id(details, pintag_json_string(value), text, 1);
    }

    if (pintag_json_kind(value) != PINTAG_JSON_ARRAY) {
        return 0;
    }

    found = 0;

    pintag_json_each(value, &it);

    while (pintag_json_next(&it)) {
        if (pintag_json_kind(it.value) == PINTAG_JSON_STRING) {
            found |= pintag_details_id(details, pintag_json_string(it.value),
                                       text, 1);
        }
    }

    return found;
}


/* a name that tells of an event; what it stands for is about that */

static unsigned
pintag_details_name(pintag_details_t *details, const pintag_json_iter_t *it,
    unsigned numbered, pintag_about_e about, pintag_details_text_t *text)
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

    if (about == PINTAG_ABOUT_EVENTS) {
        id = pintag_details_id(details, it->key, NULL, 0);
        found = numbered
                && pintag_detail_digits(&details->terms, it->key, &index);

    } else {
        id = 0;
        found = 0;
    }

    if (!found) {
        found = pintag_detail_pointer(&details->terms, it->key, &index);
    }

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

    rc = pintag_capi_message(text->raw, details->secrets, details->arena,
                             &text->clean);

    if (rc != 1) {
        text->clean.data = NULL;
        text->clean.len = 0;
    }

    if (rc == -1) {
        details->no_memory = 1;
    }
}
