
/*
 * Copyright (C) the ngx_http_pintag_module authors
 */


#include <string.h>

#include "member.h"


static unsigned pintag_member_too_deep(const pintag_json_t *value,
    unsigned level);
static inline unsigned pintag_member_read(const pintag_json_t *value,
    unsigned char *digits, pintag_str_t *text);


unsigned
pintag_members_init(pintag_members_t *members, int n, pintag_arena_t *arena)
{
    members->object = NULL;
    members->nset = 0;

    members->set = pintag_arena_alloc(arena, (size_t) n * sizeof(int));
    if (members->set == NULL) {
        return 0;
    }

    members->members = pintag_arena_zalloc(arena, (size_t) n
                                                  * sizeof(pintag_member_t));

    return members->members != NULL;
}


void
pintag_members_read(pintag_members_t *members, const pintag_names_t *names,
    int n, const pintag_json_t *object)
{
    pintag_members_clear(members);

    (void) pintag_members_collect(members, names, n, object, 0);
}


unsigned
pintag_members_collect(pintag_members_t *members, const pintag_names_t *names,
    int n, const pintag_json_t *object, unsigned level)
{
    int                   id, first;
    unsigned              deep, later;
    pintag_member_t      *member;
    pintag_json_iter_t    it;
    const pintag_json_t  *other;

    if (pintag_json_kind(object) != PINTAG_JSON_OBJECT) {
        members->object = NULL;

        return level && pintag_member_too_deep(object, level);
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
                members->set[members->nset++] = id;

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

            deep = pintag_member_too_deep(other, level + 1);
        }
    }

    return deep;
}


static unsigned
pintag_member_too_deep(const pintag_json_t *value, unsigned level)
{
    pintag_json_kind_e  kind;
    pintag_json_iter_t  it;

    kind = pintag_json_kind(value);

    if (kind != PINTAG_JSON_OBJECT && kind != PINTAG_JSON_ARRAY) {
        return 0;
    }

    if (level > PINTAG_MEMBER_MAX_DEPTH) {
        return 1;
    }

    pintag_json_each(value, &it);

    while (pintag_json_next(&it)) {
        if (pintag_member_too_deep(it.value, level + 1)) {
            return 1;
        }
    }

    return 0;
}


void
pintag_members_clear(pintag_members_t *members)
{
    members->object = NULL;

    while (members->nset != 0) {
        memset(&members->members[members->set[--members->nset]], 0,
               sizeof(pintag_member_t));
    }
}


void
pintag_members_add(pintag_members_t *members, int id,
    const pintag_member_t *member)
{
    if (!pintag_member_absent(members->members[id].value)) {
        return;
    }

    if (members->members[id].value == NULL) {
        members->set[members->nset++] = id;
    }

    members->members[id] = *member;
}


unsigned
pintag_member_blank(pintag_str_t text)
{
    if (text.len > PINTAG_MEMBER_BLANK) {
        text.len = PINTAG_MEMBER_BLANK;

        /* no character is cut */

        while (text.len && (text.data[text.len] & 0xc0) == 0x80) {
            text.len--;
        }
    }

    return pintag_str_blank(text);
}


unsigned
pintag_member_absent(const pintag_json_t *value)
{
    switch (pintag_json_kind(value)) {

    case PINTAG_JSON_NULL:
        return 1;

    case PINTAG_JSON_STRING:
        return pintag_member_blank(pintag_json_string(value));

    default:
        return 0;
    }
}


int
pintag_member_text(const pintag_json_t *value, pintag_arena_t *arena,
    pintag_str_t *text)
{
    pintag_str_t   own;
    unsigned char  digits[PINTAG_NUMBER_LEN];

    if (!pintag_member_read(value, digits, &own)) {
        return 0;
    }

    if (own.data != digits) {
        *text = own;
        return !pintag_member_blank(own);
    }

    *text = pintag_str_copy(own, arena);

    return text->data ? 1 : -1;
}


unsigned
pintag_member_scalar(const pintag_json_t *value, unsigned char *digits,
    pintag_str_t *text)
{
    return pintag_member_read(value, digits, text);
}


/* inline, since nearly all that an event tells is read by the first of these */

static inline unsigned
pintag_member_read(const pintag_json_t *value, unsigned char *digits,
    pintag_str_t *text)
{
    static const pintag_str_t  yes = pintag_str("true");
    static const pintag_str_t  no = pintag_str("false");

    switch (pintag_json_kind(value)) {

    case PINTAG_JSON_STRING:
        *text = pintag_json_string(value);
        return 1;

    case PINTAG_JSON_TRUE:
        *text = yes;
        return 1;

    case PINTAG_JSON_FALSE:
        *text = no;
        return 1;

    case PINTAG_JSON_INTEGER:
        text->len = pintag_format_integer(digits, pintag_json_integer(value));
        break;

    case PINTAG_JSON_REAL:
        text->len = pintag_format_double(digits, pintag_json_real(value));
        break;

    default:
        return 0;
    }

    text->data = digits;

    return 1;
}
