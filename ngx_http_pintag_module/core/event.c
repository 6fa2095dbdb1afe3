
/*
 * Copyright (C) the ngx_http_pintag_module authors
 */


#include <string.h>

#include "event.h"


static pintag_event_type_e pintag_event_type(const pintag_json_t *own,
    pintag_event_type_e type, const pintag_json_t *event);
static pintag_str_t pintag_event_string(const pintag_json_t *value);
static void pintag_event_inherit(pintag_event_t *event, int id,
    const pintag_json_t *value);
static unsigned pintag_event_share(pintag_event_t *event,
    const pintag_json_t *context);


/* the members of what is no object */
const pintag_member_t  pintag_event_nothing[PINTAG_NAME_KNOWN];


/* a path may tell a type by its first letter, too */

static const struct {
    pintag_str_t         name;
    pintag_event_type_e  type;
} pintag_event_types[] = {
    { pintag_str("track"), PINTAG_TYPE_TRACK },
    { pintag_str("page"), PINTAG_TYPE_PAGE },
    { pintag_str("screen"), PINTAG_TYPE_SCREEN },
    { pintag_str("identify"), PINTAG_TYPE_IDENTIFY },
    { pintag_str("group"), PINTAG_TYPE_GROUP },
    { pintag_str("alias"), PINTAG_TYPE_ALIAS }
};

#define PINTAG_EVENT_NTYPES                                                   \
    (sizeof(pintag_event_types) / sizeof(pintag_event_types[0]))


/* where the objects are that are not read with the event itself */

static const struct {
    pintag_object_e   parent;
    pintag_name_id_e  id;
} pintag_event_objects[PINTAG_OBJECT_N] = {
    [PINTAG_OBJECT_PROPERTIES_ADDRESS] =
        { PINTAG_OBJECT_PROPERTIES, PINTAG_NAME_ADDRESS },
    [PINTAG_OBJECT_TRAITS] =
        { PINTAG_OBJECT_ROOT, PINTAG_NAME_TRAITS },
    [PINTAG_OBJECT_TRAITS_ADDRESS] =
        { PINTAG_OBJECT_TRAITS, PINTAG_NAME_ADDRESS },
    [PINTAG_OBJECT_CONTEXT_TRAITS] =
        { PINTAG_OBJECT_CONTEXT, PINTAG_NAME_TRAITS },
    [PINTAG_OBJECT_CONTEXT_TRAITS_ADDRESS] =
        { PINTAG_OBJECT_CONTEXT_TRAITS, PINTAG_NAME_ADDRESS },
    [PINTAG_OBJECT_PAGE] =
        { PINTAG_OBJECT_CONTEXT, PINTAG_NAME_PAGE },
    [PINTAG_OBJECT_APP] =
        { PINTAG_OBJECT_CONTEXT, PINTAG_NAME_APP },
    [PINTAG_OBJECT_DEVICE] =
        { PINTAG_OBJECT_CONTEXT, PINTAG_NAME_DEVICE },
    [PINTAG_OBJECT_NETWORK] =
        { PINTAG_OBJECT_CONTEXT, PINTAG_NAME_NETWORK },
    [PINTAG_OBJECT_OS] =
        { PINTAG_OBJECT_CONTEXT, PINTAG_NAME_OS },
    [PINTAG_OBJECT_CONSENT] =
        { PINTAG_OBJECT_CONTEXT, PINTAG_NAME_CONSENT },
    [PINTAG_OBJECT_CONSENT_MANAGEMENT] =
        { PINTAG_OBJECT_CONTEXT, PINTAG_NAME_CONSENT_MANAGEMENT }
};


unsigned
pintag_event_init(pintag_event_t *event, const pintag_names_t *names,
    pintag_arena_t *memory)
{
    memset(event, 0, sizeof(pintag_event_t));

    event->names = names;
    event->memory = memory;
    event->arena = memory;
    event->deep = 1;

    event->cache = pintag_arena_zalloc(memory, sizeof(pintag_event_cache_t));
    if (event->cache == NULL) {
        return 0;
    }

    event->cache->hashes = PINTAG_EVENT_HASHES;

    return pintag_members_init(&event->root, PINTAG_NAME_KNOWN, memory)
           && pintag_members_init(&event->context, PINTAG_NAME_KNOWN, memory)
           && pintag_members_init(&event->properties, names->n, memory);
}


void
pintag_event_free(pintag_event_t *event)
{
    if (event->cache != NULL) {
        pintag_digest_free(&event->cache->digest);
        event->cache = NULL;
    }
}


void
pintag_event_begin(pintag_event_t *event, unsigned max_depth,
    pintag_arena_t *arena)
{
    int  i;

    event->arena = arena;
    event->deep = max_depth > PINTAG_MEMBER_MAX_DEPTH;

    /* values are told apart by where they are, which may be the same now */

    for (i = 0; i < PINTAG_OBJECT_N; i++) {
        pintag_members_clear(&event->cache->objects[i]);
    }

    pintag_members_clear(&event->shared);

    event->cache->identity = NULL;
    event->cache->page[0][0].raw.data = NULL;
    event->cache->page[0][1].raw.data = NULL;
    event->cache->page[1][0].raw.data = NULL;
    event->cache->page[1][1].raw.data = NULL;
    event->cache->agent.raw.data = NULL;
    event->cache->click.raw.data = NULL;
    event->cache->disabled.value = NULL;
    event->cache->opt_out.value = NULL;
    event->cache->nknown = 0;
    event->cache->hashes = PINTAG_EVENT_HASHES;
    event->cache->hashed = 0;
}


pintag_event_known_t *
pintag_event_known(const pintag_event_t *event, const pintag_json_t *value,
    const void *by)
{
    size_t                 i, size;
    pintag_event_cache_t  *cache;
    pintag_event_known_t  *known;

    size = (pintag_json_kind(value) == PINTAG_JSON_STRING)
           ? pintag_json_string(value).len : pintag_json_size(value);

    if (size <= PINTAG_EVENT_LARGE) {
        return NULL;
    }

    cache = event->cache;

    if (cache->known == NULL) {
        cache->known = pintag_arena_alloc(event->memory,
                                          PINTAG_EVENT_KNOWN
                                          * sizeof(pintag_event_known_t));
        if (cache->known == NULL) {
            return NULL;
        }
    }

    for (i = 0; i < cache->nknown && i < PINTAG_EVENT_KNOWN; i++) {
        known = &cache->known[i];

        if (known->value == value && known->by == by) {
            return known;
        }
    }

    /* the oldest makes room */

    known = &cache->known[cache->nknown++ % PINTAG_EVENT_KNOWN];

    known->value = value;
    known->by = by;
    known->rc = -1;

    return known;
}


void
pintag_event_end(pintag_event_t *event)
{
    pintag_digest_forget(&event->cache->digest);
}


pintag_verdict_e
pintag_event_read(pintag_event_t *event, const pintag_json_t *value,
    const pintag_envelope_t *envelope, pintag_event_type_e type,
    const char **reason)
{
    unsigned                deep;
    const pintag_json_t    *name;
    const pintag_names_t   *names;
    const pintag_member_t  *root;

    pintag_members_clear(&event->root);
    pintag_members_clear(&event->context);
    pintag_members_clear(&event->properties);

    memset(event->cache->members, 0, sizeof(event->cache->members));

    event->cache->hashes -= event->cache->hashed;
    event->cache->hashed = 0;

    event->cache->members[PINTAG_OBJECT_ROOT] = event->root.members;
    event->cache->members[PINTAG_OBJECT_PROPERTIES] =
                                                    event->properties.members;
    event->cache->members[PINTAG_OBJECT_CONTEXT] = event->context.members;

    names = event->names;

    deep = pintag_members_collect(&event->root, names, PINTAG_NAME_KNOWN,
                                  value, event->deep ? 1 : 0);

    root = event->root.members;
    name = root[PINTAG_NAME_EVENT].value;

    event->type = pintag_event_type(root[PINTAG_NAME_TYPE].value, type, name);
    event->name = pintag_str_trim(pintag_event_string(name));

    switch (pintag_member_text(root[PINTAG_NAME_MESSAGE_ID].value,
                               event->arena, &event->message_id))
    {
    case 1:
        break;

    case 0:
        event->message_id.len = 0;
        break;

    default:
        return PINTAG_NO_MEMORY;
    }

    if (event->root.object == NULL) {
        *reason = "invalid_event";
        return PINTAG_REJECTED;
    }

    pintag_event_inherit(event, PINTAG_NAME_INTEGRATIONS,
                         envelope->integrations);
    pintag_event_inherit(event, PINTAG_NAME_WRITE_KEY, envelope->write_key);
    pintag_event_inherit(event, PINTAG_NAME_SENT_AT, envelope->sent_at);

    switch (event->type) {

    case PINTAG_TYPE_TRACK:

        if (event->name.len == 0) {
            *reason = "missing_event_name";
            return PINTAG_REJECTED;
        }

        break;

    case PINTAG_TYPE_PAGE:
    case PINTAG_TYPE_SCREEN:
        break;

    default:
        *reason = "unsupported_type";
        return PINTAG_SKIPPED;
    }

    deep |= pintag_members_collect(&event->properties, names, names->n,
                                   root[PINTAG_NAME_PROPERTIES].value,
                                   event->deep ? 2 : 0);
    deep |= pintag_members_collect(&event->context, names, PINTAG_NAME_KNOWN,
                                   root[PINTAG_NAME_CONTEXT].value,
                                   event->deep ? 2 : 0);

    if (envelope->context != NULL) {

        if (event->shared.members == NULL
            && !pintag_members_init(&event->shared, PINTAG_NAME_KNOWN,
                                    event->memory))
        {
            return PINTAG_NO_MEMORY;
        }

        deep |= pintag_event_share(event, envelope->context);
    }

    if (deep) {
        *reason = "too_deep";
        return PINTAG_REJECTED;
    }

    return PINTAG_OK;
}


pintag_event_type_e
pintag_event_path_type(pintag_str_t path)
{
    size_t         i;
    pintag_str_t   name, segment;

    if (path.len != 0 && path.data[path.len - 1] == '/') {
        path.len--;
    }

    if (path.len == 0) {
        return PINTAG_TYPE_NONE;
    }

    for (i = path.len; i != 0 && path.data[i - 1] != '/'; i--) { /* void */ }

    segment.data = path.data + i;
    segment.len = path.len - i;

    for (i = 0; i < PINTAG_EVENT_NTYPES; i++) {
        name = pintag_event_types[i].name;

        if (pintag_str_eq(segment, name)
            || (segment.len == 1 && segment.data[0] == name.data[0]))
        {
            return pintag_event_types[i].type;
        }
    }

    return PINTAG_TYPE_NONE;
}


const pintag_member_t *
pintag_event_object_read(const pintag_event_t *event, pintag_object_e which)
{
    pintag_members_t       *members;
    const pintag_json_t    *value;
    const pintag_member_t  *parent;

    parent = pintag_event_object(event, pintag_event_objects[which].parent);

    if (parent == NULL) {
        return NULL;
    }

    value = parent[pintag_event_objects[which].id].value;

    if (pintag_json_kind(value) != PINTAG_JSON_OBJECT) {
        event->cache->members[which] = pintag_event_nothing;

        return pintag_event_nothing;
    }

    members = &event->cache->objects[which];

    if (members->members == NULL
        && !pintag_members_init(members, PINTAG_NAME_KNOWN, event->memory))
    {
        return NULL;
    }

    if (members->object != value) {
        pintag_members_read(members, event->names, PINTAG_NAME_KNOWN, value);
    }

    event->cache->members[which] = members->members;

    return members->members;
}


unsigned
pintag_event_is_shared(const pintag_event_t *event, int id)
{
    const pintag_json_t  *value;

    value = event->context.members[id].value;

    return value != NULL && event->shared.members != NULL
           && event->shared.members[id].value == value;
}


static pintag_event_type_e
pintag_event_type(const pintag_json_t *own, pintag_event_type_e type,
    const pintag_json_t *event)
{
    size_t        i;
    pintag_str_t  name;

    switch (pintag_json_kind(own)) {

    case PINTAG_JSON_STRING:
        name = pintag_json_string(own);

        if (pintag_member_blank(name)) {
            break;
        }

        for (i = 0; i < PINTAG_EVENT_NTYPES; i++) {
            if (pintag_str_case_eq(pintag_event_types[i].name, name)) {
                return pintag_event_types[i].type;
            }
        }

        return PINTAG_TYPE_UNKNOWN;

    case PINTAG_JSON_FALSE:
    case PINTAG_JSON_TRUE:
    case PINTAG_JSON_INTEGER:
    case PINTAG_JSON_REAL:
        return PINTAG_TYPE_UNKNOWN;

    default:
        break;
    }

    if (type == PINTAG_TYPE_NONE
        && pintag_json_kind(event) != PINTAG_JSON_NULL)
    {
        return PINTAG_TYPE_TRACK;
    }

    return type;
}


static pintag_str_t
pintag_event_string(const pintag_json_t *value)
{
    pintag_str_t  none = pintag_str_null;

    if (pintag_json_kind(value) != PINTAG_JSON_STRING) {
        return none;
    }

    return pintag_json_string(value);
}


/* a member of the root that the envelope has for events without one */

static void
pintag_event_inherit(pintag_event_t *event, int id, const pintag_json_t *value)
{
    pintag_member_t  member;

    if (value != NULL) {
        member.value = value;
        member.key = event->names->elts[id].spelling;

        pintag_members_add(&event->root, id, &member);
    }
}


/*
 * Adds what the event's own context does not have; 1 when the envelope's is
 * too deep.  However large that is, it is gone through for the first event
 * only.
 */

static unsigned
pintag_event_share(pintag_event_t *event, const pintag_json_t *context)
{
    int  i, id;

    if (event->shared.object != context) {
        pintag_members_clear(&event->shared);

        event->shared_deep = pintag_members_collect(&event->shared,
                                                    event->names,
                                                    PINTAG_NAME_KNOWN, context,
                                                    event->deep ? 2 : 0);
    }

    for (i = 0; i < event->shared.nset; i++) {
        id = event->shared.set[i];

        pintag_members_add(&event->context, id, &event->shared.members[id]);
    }

    return event->shared_deep;
}
