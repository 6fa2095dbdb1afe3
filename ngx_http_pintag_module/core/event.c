
/*
 * Copyright (C) the ngx_http_pintag_module authors
 */


#include <string.h>

#include "event.h"


static void pintag_event_clear(pintag_event_t *event);
static pintag_event_type_e pintag_event_type(const pintag_json_t *own,
    pintag_event_type_e type, const pintag_json_t *event);
static pintag_str_t pintag_event_string(const pintag_json_t *value);
static void pintag_event_inherit(pintag_event_t *event, int id,
    const pintag_json_t *value);
static unsigned pintag_event_share(pintag_event_t *event,
    const pintag_json_t *context);
static unsigned pintag_member_absent(const pintag_json_t *value);
static unsigned pintag_members_collect(pintag_members_t *members,
    const pintag_names_t *names, int n, const pintag_json_t *object,
    unsigned level, int **set);
static unsigned pintag_event_too_deep(const pintag_json_t *value,
    unsigned level);


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


unsigned
pintag_event_init(pintag_event_t *event, const pintag_names_t *names,
    pintag_arena_t *arena)
{
    size_t            n;
    pintag_member_t  *members;

    memset(event, 0, sizeof(pintag_event_t));

    n = (size_t) names->n;

    members = pintag_arena_alloc(arena, (3 * PINTAG_NAME_KNOWN + n)
                                        * sizeof(pintag_member_t));
    if (members == NULL) {
        return 0;
    }

    event->set = pintag_arena_alloc(arena, n * sizeof(int));
    if (event->set == NULL) {
        return 0;
    }

    event->last = event->set;

    event->names = names;
    event->arena = arena;
    event->root.members = members;
    event->context.members = members + PINTAG_NAME_KNOWN;
    event->shared.members = members + 2 * PINTAG_NAME_KNOWN;
    event->properties.members = members + 3 * PINTAG_NAME_KNOWN;

    memset(event->properties.members, 0, n * sizeof(pintag_member_t));

    return 1;
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

    pintag_event_clear(event);

    names = event->names;

    deep = pintag_members_collect(&event->root, names, PINTAG_NAME_KNOWN,
                                  value, 1, NULL);

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
                                   root[PINTAG_NAME_PROPERTIES].value, 2,
                                   &event->last);
    deep |= pintag_members_collect(&event->context, names, PINTAG_NAME_KNOWN,
                                   root[PINTAG_NAME_CONTEXT].value, 2, NULL);
    deep |= pintag_event_share(event, envelope->context);

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


const pintag_json_t *
pintag_member_find(const pintag_names_t *names, int id,
    const pintag_json_t *object)
{
    pintag_str_t          name;
    pintag_json_iter_t    it;
    const pintag_json_t  *found;

    if (pintag_json_kind(object) != PINTAG_JSON_OBJECT) {
        return NULL;
    }

    name = names->elts[id].spelling;
    found = NULL;

    pintag_json_each(object, &it);

    while (pintag_json_next(&it)) {

        if (!pintag_name_eq(names->fold, name, it.key)) {
            continue;
        }

        if (pintag_str_eq(name, it.key)) {
            return it.value;
        }

        if (found == NULL) {
            found = it.value;
        }
    }

    return found;
}


void
pintag_members_read(pintag_members_t *members, const pintag_names_t *names,
    int n, const pintag_json_t *object)
{
    memset(members->members, 0, (size_t) n * sizeof(pintag_member_t));

    (void) pintag_members_collect(members, names, n, object, 0, NULL);
}


int
pintag_member_text(const pintag_json_t *value, pintag_arena_t *arena,
    pintag_str_t *text)
{
    pintag_str_t   number;
    unsigned char  digits[PINTAG_NUMBER_LEN];

    static const pintag_str_t  yes = pintag_str("true");
    static const pintag_str_t  no = pintag_str("false");

    switch (pintag_json_kind(value)) {

    case PINTAG_JSON_STRING:
        *text = pintag_json_string(value);
        return !pintag_str_blank(*text);

    case PINTAG_JSON_TRUE:
        *text = yes;
        return 1;

    case PINTAG_JSON_FALSE:
        *text = no;
        return 1;

    case PINTAG_JSON_INTEGER:
        number.len = pintag_format_integer(digits, pintag_json_integer(value));
        break;

    case PINTAG_JSON_REAL:
        number.len = pintag_format_double(digits, pintag_json_real(value));
        break;

    default:
        return 0;
    }

    number.data = digits;
    *text = pintag_str_copy(number, arena);

    return text->data ? 1 : -1;
}


static void
pintag_event_clear(pintag_event_t *event)
{
    memset(event->root.members, 0,
           PINTAG_NAME_KNOWN * sizeof(pintag_member_t));
    memset(event->context.members, 0,
           PINTAG_NAME_KNOWN * sizeof(pintag_member_t));

    while (event->last != event->set) {
        memset(&event->properties.members[*--event->last], 0,
               sizeof(pintag_member_t));
    }

    event->properties.object = NULL;
    event->context.object = NULL;
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

        if (pintag_str_blank(name)) {
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
    pintag_member_t  *member;

    member = &event->root.members[id];

    if (value != NULL && pintag_member_absent(member->value)) {
        member->value = value;
        member->key = event->names->elts[id].spelling;
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
    int               id;
    pintag_member_t  *own, *shared;

    if (context == NULL) {
        return 0;
    }

    own = event->context.members;
    shared = event->shared.members;

    if (event->shared.object != context) {
        memset(shared, 0, PINTAG_NAME_KNOWN * sizeof(pintag_member_t));

        event->shared_deep = pintag_members_collect(&event->shared,
                                                    event->names,
                                                    PINTAG_NAME_KNOWN, context,
                                                    2, NULL);
    }

    for (id = 0; id < PINTAG_NAME_KNOWN; id++) {
        if (shared[id].value != NULL && pintag_member_absent(own[id].value)) {
            own[id] = shared[id];
        }
    }

    return event->shared_deep;
}


/* of what is read by name */

static unsigned
pintag_member_absent(const pintag_json_t *value)
{
    switch (pintag_json_kind(value)) {

    case PINTAG_JSON_NULL:
        return 1;

    case PINTAG_JSON_STRING:
        return pintag_str_blank(pintag_json_string(value));

    default:
        return 0;
    }
}


/*
 * Fills in members that were cleared; the ids of those that are set go to
 * "set".  With the level of the object also looks whether anything in it is
 * too deep, so that it is gone through once: what of a root is collected in
 * turn is left to that.
 */

static unsigned
pintag_members_collect(pintag_members_t *members, const pintag_names_t *names,
    int n, const pintag_json_t *object, unsigned level, int **set)
{
    int                   id, first;
    unsigned              deep, later;
    pintag_member_t      *member;
    pintag_json_iter_t    it;
    const pintag_json_t  *other;

    if (pintag_json_kind(object) != PINTAG_JSON_OBJECT) {
        members->object = NULL;

        return level && pintag_event_too_deep(object, level);
    }

    members->object = object;
    deep = 0;

    pintag_json_each(object, &it);

    while (pintag_json_next(&it)) {
        first = pintag_names_find(names, it.key);

        later = level == 1 && (first == PINTAG_NAME_PROPERTIES
                               || first == PINTAG_NAME_CONTEXT);

        other = later ? members->members[first].value : NULL;

        /* equal names are chained from the lowest id */

        for (id = first; id >= 0 && id < n; id = names->elts[id].next) {
            member = &members->members[id];

            if (member->value == NULL) {
                if (set != NULL) {
                    *(*set)++ = id;
                }

            } else if (!pintag_str_eq(names->elts[id].spelling, it.key)) {
                continue;
            }

            member->value = it.value;
            member->key = it.key;
        }

        if (level && !deep) {

            /* of two spellings only one is collected */

            if (!later || members->members[first].value != it.value) {
                other = it.value;
            }

            deep = pintag_event_too_deep(other, level + 1);
        }
    }

    return deep;
}


static unsigned
pintag_event_too_deep(const pintag_json_t *value, unsigned level)
{
    pintag_json_kind_e  kind;
    pintag_json_iter_t  it;

    kind = pintag_json_kind(value);

    if (kind != PINTAG_JSON_OBJECT && kind != PINTAG_JSON_ARRAY) {
        return 0;
    }

    if (level > PINTAG_EVENT_MAX_DEPTH) {
        return 1;
    }

    pintag_json_each(value, &it);

    while (pintag_json_next(&it)) {
        if (pintag_event_too_deep(it.value, level + 1)) {
            return 1;
        }
    }

    return 0;
}
