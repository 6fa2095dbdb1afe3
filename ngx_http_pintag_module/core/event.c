
/*
 * Copyright (C) the ngx_http_pintag_module authors
 */


#include <string.h>

#include "event.h"


static pintag_str_t pintag_event_string(const pintag_json_t *value);
static pintag_event_type_e pintag_event_type(const pintag_json_t *type,
    const pintag_json_t *event);
static unsigned pintag_members_collect(pintag_members_t *members,
    const pintag_names_t *names, int n, const pintag_json_t *object,
    unsigned level, int except);
static unsigned pintag_event_too_deep(const pintag_json_t *value,
    unsigned level);


static const struct {
    pintag_str_t         name;
    pintag_event_type_e  type;
} pintag_event_types[] = {
    { pintag_str("track"), PINTAG_TYPE_TRACK },
    { pintag_str("page"), PINTAG_TYPE_PAGE },
    { pintag_str("screen"), PINTAG_TYPE_SCREEN },
    { pintag_str("identify"), PINTAG_TYPE_IDENTIFY },
    { pintag_str("group"), PINTAG_TYPE_GROUP },
    { pintag_str("alias"), PINTAG_TYPE_ALIAS },
    { pintag_str_null, PINTAG_TYPE_UNKNOWN }
};


unsigned
pintag_event_init(pintag_event_t *event, const pintag_names_t *names,
    pintag_arena_t *arena)
{
    size_t            n;
    pintag_member_t  *members;

    memset(event, 0, sizeof(pintag_event_t));

    n = (size_t) names->n;

    members = pintag_arena_zalloc(arena, 3 * n * sizeof(pintag_member_t));
    if (members == NULL) {
        return 0;
    }

    event->names = names;
    event->arena = arena;
    event->root.members = members;
    event->properties.members = members + n;
    event->context.members = members + 2 * n;

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

    (void) envelope;
    (void) type;

    names = event->names;

    deep = pintag_members_collect(&event->root, names, names->n, value, 1,
                                  PINTAG_NAME_PROPERTIES);

    root = event->root.members;
    name = root[PINTAG_NAME_EVENT].value;

    event->type = pintag_event_type(root[PINTAG_NAME_TYPE].value, name);
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
                                   root[PINTAG_NAME_PROPERTIES].value, 2, -1);

    if (deep) {
        *reason = "too_deep";
        return PINTAG_REJECTED;
    }

    return PINTAG_OK;
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


static pintag_event_type_e
pintag_event_type(const pintag_json_t *type, const pintag_json_t *event)
{
    size_t        i;
    pintag_str_t  name;

    switch (pintag_json_kind(type)) {

    case PINTAG_JSON_STRING:
        name = pintag_json_string(type);

        if (pintag_str_blank(name)) {
            break;
        }

        for (i = 0; pintag_event_types[i].name.len; i++) {
            if (pintag_str_case_eq(pintag_event_types[i].name, name)) {
                break;
            }
        }

        return pintag_event_types[i].type;

    case PINTAG_JSON_FALSE:
    case PINTAG_JSON_TRUE:
    case PINTAG_JSON_INTEGER:
    case PINTAG_JSON_REAL:
        return PINTAG_TYPE_UNKNOWN;

    default:
        break;
    }

    if (pintag_json_kind(event) != PINTAG_JSON_NULL) {
        return PINTAG_TYPE_TRACK;
    }

    return PINTAG_TYPE_NONE;
}


void
pintag_members_read(pintag_members_t *members, const pintag_names_t *names,
    int n, const pintag_json_t *object)
{
    (void) pintag_members_collect(members, names, n, object, 0, -1);
}


/*
 * With the level of the object also looks whether anything in it is too deep,
 * so that it is gone through once.  The member of the id "except" is left to
 * who reads it.
 */

static unsigned
pintag_members_collect(pintag_members_t *members, const pintag_names_t *names,
    int n, const pintag_json_t *object, unsigned level, int except)
{
    int                 id, first;
    unsigned            deep;
    pintag_member_t    *member;
    pintag_json_iter_t  it;

    memset(members->members, 0, (size_t) n * sizeof(pintag_member_t));

    if (pintag_json_kind(object) != PINTAG_JSON_OBJECT) {
        members->object = NULL;

        return level && pintag_event_too_deep(object, level);
    }

    members->object = object;
    deep = 0;

    pintag_json_each(object, &it);

    while (pintag_json_next(&it)) {
        first = pintag_names_find(names, it.key);

        if (level && !deep) {

            if (first == -1 || first != except) {
                deep = pintag_event_too_deep(it.value, level + 1);

            } else if (members->members[first].value) {

                /* of two spellings only one is read */

                deep = pintag_event_too_deep(members->members[first].value,
                                             level + 1)
                       || pintag_event_too_deep(it.value, level + 1);
            }
        }

        /* equal names are chained from the lowest id */

        for (id = first; id >= 0 && id < n; id = names->elts[id].next) {
            member = &members->members[id];

            if (member->value == NULL
                || pintag_str_eq(names->elts[id].spelling, it.key))
            {
                member->value = it.value;
                member->key = it.key;
            }
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


pintag_event_type_e
pintag_event_path_type(pintag_str_t path)
{
    (void) path;
    return PINTAG_TYPE_NONE;
}


const pintag_json_t *
pintag_member_find(const pintag_names_t *names, int id,
    const pintag_json_t *object)
{
    (void) names;
    (void) id;
    (void) object;
    return NULL;
}
