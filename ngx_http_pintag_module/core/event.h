
/*
 * Copyright (C) the ngx_http_pintag_module authors
 *
 * An event of a request body, as a borrowed view on the parsed JSON.
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
 * What a batch says for those of its events that do not say it themselves;
 * NULL when it does not.  Zeroed for any other body.
 */

typedef struct {
    const pintag_json_t   *context;
    const pintag_json_t   *integrations;
    const pintag_json_t   *write_key;
    const pintag_json_t   *sent_at;
} pintag_envelope_t;


/*
 * A borrowed view on one event of a body.  The strings borrow from the
 * document or the arena; a view is good until the next pintag_event_read() on
 * it.  Of "root" and "context" the names before PINTAG_NAME_KNOWN are read, of
 * "properties" all.
 */

typedef struct {
    const pintag_names_t  *names;
    pintag_arena_t        *arena;
    pintag_event_type_e    type;
    pintag_str_t           name;          /* "event" of a track, not blank */
    pintag_str_t           message_id;    /* empty when absent */

    /*
     * What is read by name; "integrations", "writeKey" and "sentAt" of the root
     * are the envelope's where the event has none.
     */
    pintag_members_t       root;
    pintag_members_t       properties;

    /*
     * The event's own context, with the envelope's for what it does not have;
     * "object" is the own one.
     */
    pintag_members_t       context;

    /* the envelope's context, read once for all events of the body */
    pintag_members_t       shared;
    unsigned               shared_deep;

    /* ids of the properties that are set: only these need to be cleared */
    int                   *set;
    int                   *last;
} pintag_event_t;


/*
 * Prepares a view that serves for any number of events of one body; "names"
 * are those of the integrations file.  1, or 0 without memory.
 */
unsigned pintag_event_init(pintag_event_t *event, const pintag_names_t *names,
    pintag_arena_t *arena);

/*
 * Reads an event of a body.  "type" is that of the request's path, for an event
 * that tells none.  "message_id" is set whatever the verdict, when there is
 * one.  SKIPPED: "unsupported_type".  REJECTED: "invalid_event" (no object),
 * "missing_event_name" (absent, blank or not a string), "too_deep".
 */
pintag_verdict_e pintag_event_read(pintag_event_t *event,
    const pintag_json_t *value, const pintag_envelope_t *envelope,
    pintag_event_type_e type, const char **reason);

/*
 * The type that the last segment of a path tells: t or track, p or page, s or
 * screen, i or identify, g or group, a or alias; else PINTAG_TYPE_NONE.
 */
pintag_event_type_e pintag_event_path_type(pintag_str_t path);

/*
 * The member of an object that has the name "id" of "names": the one spelled
 * as the name is, else the first that equals it, NULL when there is none.
 */
const pintag_json_t *pintag_member_find(const pintag_names_t *names, int id,
    const pintag_json_t *object);

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
