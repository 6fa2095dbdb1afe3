
/*
 * Copyright (C) the ngx_http_pintag_module authors
 *
 * A request body as events: one event, the wrapper of a serialised
 * analytics.js facade ({"opts":…,"obj":{event}}), or a Segment batch
 * ({"batch":[event, …], …}).
 */


#ifndef PINTAG_EVENT_H
#define PINTAG_EVENT_H


#include <stddef.h>

#include "arena.h"
#include "json.h"
#include "names.h"
#include "text.h"


/* an event nested deeper is rejected */
#define PINTAG_EVENT_MAX_DEPTH  32


/* what becomes of an event; everything but OK has a reason */

typedef enum {
    PINTAG_OK = 0,
    PINTAG_SKIPPED,
    PINTAG_REJECTED,
    PINTAG_NO_MEMORY
} pintag_verdict_e;


/* why a body could not be taken apart; static text, nothing of the body */

typedef struct {
    const char  *error;       /* "invalid_json", "empty_body", "invalid_body" */
    const char  *message;
    size_t       line;        /* with "invalid_json", else 0 */
    size_t       column;
} pintag_body_error_t;


typedef struct {
    pintag_json_doc_t     *doc;
    const pintag_json_t  **events;    /* unwrapped; of any kind yet */
    size_t                 n;
} pintag_body_t;


/*
 * Takes a body apart.  PINTAG_OK, PINTAG_REJECTED with "error" filled in, or
 * PINTAG_NO_MEMORY.  After PINTAG_OK, free with pintag_body_free() once
 * nothing of its events is needed any more.
 */
pintag_verdict_e pintag_body_read(const unsigned char *data, size_t len,
    pintag_arena_t *arena, pintag_body_t *body, pintag_body_error_t *error);
void pintag_body_free(pintag_body_t *body);


typedef enum {
    PINTAG_TYPE_NONE = 0,
    PINTAG_TYPE_TRACK,
    PINTAG_TYPE_PAGE,
    PINTAG_TYPE_SCREEN,
    PINTAG_TYPE_IDENTIFY,
    PINTAG_TYPE_GROUP,
    PINTAG_TYPE_ALIAS,
    PINTAG_TYPE_UNKNOWN
} pintag_event_type_e;


typedef struct {
    const pintag_json_t   *value;     /* NULL when the object has none */
    pintag_str_t           key;       /* as the object spells it */
} pintag_member_t;


/* an object with what is read of it by name, indexed by the id of the name */

typedef struct {
    const pintag_json_t   *object;
    pintag_member_t       *members;
} pintag_members_t;


/*
 * A borrowed view on one event of a body.  The strings borrow from the
 * document or the arena; a view is good until the next pintag_event_read() on it.
 */

typedef struct {
    const pintag_names_t  *names;
    pintag_arena_t        *arena;
    pintag_event_type_e    type;
    pintag_str_t           name;          /* "event" of a track, not blank */
    pintag_str_t           message_id;    /* empty when absent */
    pintag_members_t       root;
    pintag_members_t       properties;
} pintag_event_t;


/*
 * Prepares a view that serves for any number of events; "names" are those of
 * the integrations file.  1, or 0 without memory.
 */
unsigned pintag_event_init(pintag_event_t *event, const pintag_names_t *names,
    pintag_arena_t *arena);

/*
 * Reads an event of a body.  "message_id" is set whatever the verdict, when
 * there is one.  SKIPPED: "unsupported_type".  REJECTED: "invalid_event" (no
 * object), "missing_event_name" (absent, blank or not a string), "too_deep".
 */
pintag_verdict_e pintag_event_read(pintag_event_t *event,
    const pintag_json_t *value, const char **reason);

/*
 * Collects the members of an object that are read by name, those of the first
 * "n" names: of two that are equal the one spelled as the name wins, else the
 * first.
 */
void pintag_members_read(pintag_members_t *members,
    const pintag_names_t *names, int n, const pintag_json_t *object);

/*
 * A member as text, trimmed of nothing.  A number or boolean becomes its text
 * (in the arena); null, an object, an array and a blank string are absent: 0.
 * 1 with the text; -1 without memory.
 */
int pintag_member_text(const pintag_json_t *value, pintag_arena_t *arena,
    pintag_str_t *text);


#endif /* PINTAG_EVENT_H */
