
/*
 * Copyright (C) the ngx_http_pintag_module authors
 *
 * An event of a request body, as a borrowed view on the parsed JSON.
 */


#ifndef PINTAG_EVENT_H
#define PINTAG_EVENT_H


#include <stddef.h>

#include "arena.h"
#include "digest.h"
#include "json.h"
#include "member.h"
#include "names.h"
#include "text.h"


/* what becomes of an event; everything but OK has a reason */

typedef enum {
    PINTAG_OK = 0,
    PINTAG_SKIPPED,
    PINTAG_REJECTED,
    PINTAG_NO_MEMORY
} pintag_verdict_e;


/*
 * So many values of an array count where a field of user_data is looked for;
 * beyond the first of each no more than this of a body.
 */
#define PINTAG_EVENT_VALUES  10
#define PINTAG_EVENT_HASHES  10000


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


/* the objects in an event that something is read of by name */

typedef enum {
    PINTAG_OBJECT_ROOT = 0,
    PINTAG_OBJECT_PROPERTIES,
    PINTAG_OBJECT_PROPERTIES_ADDRESS,
    PINTAG_OBJECT_TRAITS,
    PINTAG_OBJECT_TRAITS_ADDRESS,
    PINTAG_OBJECT_CONTEXT,
    PINTAG_OBJECT_CONTEXT_TRAITS,
    PINTAG_OBJECT_CONTEXT_TRAITS_ADDRESS,
    PINTAG_OBJECT_PAGE,
    PINTAG_OBJECT_APP,
    PINTAG_OBJECT_DEVICE,
    PINTAG_OBJECT_NETWORK,
    PINTAG_OBJECT_OS,
    PINTAG_OBJECT_CONSENT,
    PINTAG_OBJECT_CONSENT_MANAGEMENT,

    PINTAG_OBJECT_N
} pintag_object_e;


/*
 * What became of a text of the event before, which in a body mostly is the same
 * again: a batch comes from one page and one browser.
 */

typedef struct {
    pintag_str_t           raw;           /* NULL data: none yet */
    pintag_str_t           trimmed;
    const void            *by;            /* what it also depends on */
    int                    rc;
    pintag_str_t           clean;         /* in "room", of the view's memory */
    unsigned char         *room;
} pintag_event_seen_t;


/* what a large value is to one who looks at it */

typedef struct {
    const pintag_json_t   *value;
    const void            *by;            /* who looks */
    int                    rc;
    pintag_member_t        found;
    pintag_str_t           text;
} pintag_event_known_t;

/* of more members, elements or bytes, and so many of these */
#define PINTAG_EVENT_LARGE   256
#define PINTAG_EVENT_KNOWN   64


/*
 * What was read of an event's objects on demand, so that each is gone through
 * once: for all destinations, and, where the envelope has it, for all events.
 */

typedef struct {
    pintag_members_t       objects[PINTAG_OBJECT_N];

    /* of the event that is read; NULL: not asked for yet */
    const pintag_member_t *members[PINTAG_OBJECT_N];

    void                  *identity;      /* of identity.c */
    pintag_digest_t        digest;

    pintag_event_seen_t    page[2][2];    /* by pintag_pii_scope_e; of two */
    pintag_event_seen_t    agent;         /* of a context */
    pintag_event_seen_t    click;         /* what the page's "epik" is */

    /* of "integrations" and the context's "opt_out_type" looked at last */
    pintag_event_known_t   disabled;
    pintag_event_known_t   opt_out;

    pintag_event_known_t  *known;
    size_t                 nknown;

    /* how many values of arrays are hashed of this body yet, of this event */
    size_t                 hashes;
    size_t                 hashed;
} pintag_event_cache_t;


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
    pintag_arena_t        *memory;        /* the view's own */
    pintag_arena_t        *arena;         /* the body's */
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

    unsigned               deep;          /* some event may be too deep */

    pintag_event_cache_t  *cache;
} pintag_event_t;


/*
 * Prepares a view that serves for any number of bodies, one after the other;
 * "names" are those of the integrations file, "memory" lives as long as the
 * view.  1, or 0 without memory.  pintag_event_free() frees what is not in
 * "memory", whatever this gave.
 */
unsigned pintag_event_init(pintag_event_t *event, const pintag_names_t *names,
    pintag_arena_t *memory);
void pintag_event_free(pintag_event_t *event);

/*
 * Before the first event of a body, from whose arena texts are taken;
 * "max_depth" is that of pintag_json_max_depth().  Without it, for one body
 * only, they are taken from "memory".
 */
void pintag_event_begin(pintag_event_t *event, unsigned max_depth,
    pintag_arena_t *arena);

/*
 * Where what "by" finds in a large value is kept for the other events of the
 * body, for it may be the envelope's: NULL for one that is not large, or
 * without memory.  "rc" is -1 as long as it is to be looked for.
 */
pintag_event_known_t *pintag_event_known(const pintag_event_t *event,
    const pintag_json_t *value, const void *by);

/* after the last event of a body: the view keeps nothing of them in clear */
void pintag_event_end(pintag_event_t *event);

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
 * The members of one of the event's objects, indexed by the ids before
 * PINTAG_NAME_KNOWN: of two of one name that spelled as the name wins, else the
 * first.  It is pintag_event_nothing, none of which is set, when there is no
 * such object.  Good until the next pintag_event_read(); NULL without memory.
 */
extern const pintag_member_t  pintag_event_nothing[];

const pintag_member_t *pintag_event_object_read(const pintag_event_t *event,
    pintag_object_e which);


static inline const pintag_member_t *
pintag_event_object(const pintag_event_t *event, pintag_object_e which)
{
    const pintag_member_t  *members;

    members = event->cache->members[which];

    return members ? members : pintag_event_object_read(event, which);
}


/*
 * 1 when the member "id" of the context is the envelope's: the same value for
 * each event that has no own.
 */
unsigned pintag_event_is_shared(const pintag_event_t *event, int id);


#endif /* PINTAG_EVENT_H */
