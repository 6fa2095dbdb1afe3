
/*
 * Copyright (C) the ngx_http_pintag_module authors
 *
 * The terms in which the details of an error may speak of an event; internal to
 * capi_details.c.
 */


#ifndef PINTAG_CAPI_DETAIL_H
#define PINTAG_CAPI_DETAIL_H


#include <stddef.h>

#include "arena.h"
#include "json.h"
#include "names.h"
#include "text.h"


/*
 * What a member of an error's details may be, by its name.  Pinterest documents
 * none of them.
 */

typedef enum {
    PINTAG_DETAIL_NONE = 0,
    PINTAG_DETAIL_MESSAGE,
    PINTAG_DETAIL_ERROR,       /* a message that only a failed event has */
    PINTAG_DETAIL_STATUS,
    PINTAG_DETAIL_INDEX,       /* of an event, or of something in one */
    PINTAG_DETAIL_EVENT_INDEX,
    PINTAG_DETAIL_EVENT_ID,
    PINTAG_DETAIL_PATH,        /* to what is wrong in the request */
    PINTAG_DETAIL_EVENTS,      /* in the request's order */
    PINTAG_DETAIL_LIST,        /* of some of them */
    PINTAG_DETAIL_DETAILS,
    PINTAG_DETAIL_PROCESSED    /* what was not wrong */
} pintag_detail_e;


/* what an object says of itself */

typedef struct {
    pintag_str_t            message;     /* NULL data when it has none */
    const pintag_json_t    *path;
    const pintag_json_t    *index;
    const pintag_json_t    *event_index;
    const pintag_json_t    *event_id;
    unsigned                error:1;
    unsigned                failed:1;
    unsigned                processed:1;
    unsigned                numbered:1;  /* all names are indices */
} pintag_detail_t;


typedef struct {
    pintag_names_t          roles;
    size_t                  n;           /* of events: an index is less */
} pintag_detail_terms_t;


/* 1, or 0 without memory */
unsigned pintag_detail_init(pintag_detail_terms_t *terms, size_t n,
    pintag_arena_t *arena);

/* a member's role, and the rank of its name, where less counts for more */
int pintag_detail_role(const pintag_detail_terms_t *terms, pintag_str_t name,
    pintag_detail_e *role);

/* what an object says of itself; nothing of anything else */
void pintag_detail_read(const pintag_detail_terms_t *terms,
    const pintag_json_t *object, pintag_detail_t *detail);

/*
 * The message that a value is or has, in an object or array up to so many
 * levels below it; NULL data when there is none.
 */
pintag_str_t pintag_detail_message(const pintag_detail_terms_t *terms,
    const pintag_json_t *value, unsigned levels);


/* these give 1 with the index of an event, or 0 */

/* 3 or "3" */
unsigned pintag_detail_index(const pintag_detail_terms_t *terms,
    const pintag_json_t *value, size_t *index);

unsigned pintag_detail_digits(const pintag_detail_terms_t *terms,
    pintag_str_t digits, size_t *index);

/* "data[3].event_time", or ["data", 3, "event_time"] */
unsigned pintag_detail_path(const pintag_detail_terms_t *terms,
    const pintag_json_t *value, size_t *index);

/*
 * In a text the number that is the next name after "data" or "events", whatever
 * a path is written in.
 */
unsigned pintag_detail_pointer(const pintag_detail_terms_t *terms,
    pintag_str_t text, size_t *index);


#endif /* PINTAG_CAPI_DETAIL_H */
