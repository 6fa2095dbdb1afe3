
/*
 * Copyright (C) the ngx_http_pintag_module authors
 */


#include <math.h>
#include <string.h>

#include "digest.h"
#include "event_id.h"
#include "pii.h"


/* of the 64 hex digits of a SHA-256 */
#define PINTAG_EVENT_ID_HEX   32

/* the digits of an array's index, more than an event has elements */
#define PINTAG_EVENT_ID_INDEX  9


static int pintag_event_id_path(const pintag_event_t *event,
    const pintag_integration_t *integration, pintag_arena_t *arena,
    pintag_str_t *id);
static void pintag_event_id_member(const pintag_event_t *event,
    const pintag_members_t *members, int n, const pintag_str_t *name,
    pintag_member_t *found);
static void pintag_event_id_find(const pintag_event_t *event,
    const pintag_json_t *container, const pintag_str_t *name,
    pintag_member_t *found);
static void pintag_event_id_look(const pintag_json_t *container,
    pintag_str_t name, pintag_member_t *found);
static unsigned pintag_event_id_index(pintag_str_t digits, size_t *index);
static int pintag_event_id_listed(const pintag_pii_t *pii,
    pintag_pii_scope_e scope, pintag_str_t name, pintag_str_t key,
    unsigned person, pintag_arena_t *arena);
static int pintag_event_id_property(const pintag_event_t *event,
    const pintag_integration_t *integration, int name, pintag_arena_t *arena,
    pintag_str_t *id);
static pintag_pii_scope_e pintag_event_id_scope(const pintag_event_t *event,
    const pintag_pii_t *pii);
static int pintag_event_id_value(const pintag_event_t *event,
    const pintag_pii_t *pii, pintag_pii_scope_e scope, pintag_str_t key,
    const pintag_json_t *value, pintag_arena_t *arena, pintag_str_t *id);
static int pintag_event_id_text(const pintag_event_t *event,
    const pintag_pii_t *pii, pintag_pii_scope_e scope, pintag_str_t key,
    pintag_str_t text, pintag_arena_t *arena, pintag_str_t *id);
static int pintag_event_id_derive(const pintag_event_t *event,
    const pintag_visitor_t *visitor, pintag_arena_t *arena, pintag_str_t *id);
static void pintag_event_id_add(pintag_buf_t *buf, const pintag_json_t *value,
    const pintag_names_t *names);
static void pintag_event_id_real(pintag_buf_t *buf, double d);
static int pintag_event_id_hash(const pintag_event_t *event,
    pintag_str_t text, pintag_arena_t *arena, pintag_str_t *id);


int
pintag_event_id(const pintag_event_t *event,
    const pintag_integration_t *integration, const pintag_visitor_t *visitor,
    pintag_arena_t *arena, pintag_str_t *id)
{
    int           rc;
    pintag_str_t  none = pintag_str_null;

    rc = pintag_event_id_path(event, integration, arena, id);

    if (rc == 0) {
        rc = pintag_event_id_property(event, integration,
                                      PINTAG_NAME_EVENT_ID, arena, id);
    }

    if (rc == 0) {
        rc = pintag_event_id_property(event, integration, PINTAG_NAME_EID,
                                      arena, id);
    }

    if (rc == 0 && event->message_id.len) {
        rc = pintag_event_id_text(event, &integration->pii, PINTAG_PII_ALL,
                                  none, event->message_id, arena, id);
    }

    if (rc == 0 && integration->ad_account_id.len) {
        rc = pintag_event_id_derive(event, visitor, arena, id);
    }

    return rc;
}


static int
pintag_event_id_path(const pintag_event_t *event,
    const pintag_integration_t *integration, pintag_arena_t *arena,
    pintag_str_t *id)
{
    int                      rc, n;
    size_t                   i;
    unsigned                 person;
    pintag_member_t          found;
    pintag_pii_scope_e       scope;
    const pintag_list_t     *path;
    const pintag_members_t  *members;

    path = &integration->deduplication;

    if (path->n == 0) {
        return 0;
    }

    scope = PINTAG_PII_ALL;
    n = PINTAG_NAME_KNOWN;
    i = 1;

    switch (pintag_names_find(event->names, path->elts[0])) {

    case PINTAG_NAME_PROPERTIES:
        members = &event->properties;
        n = event->names->n;
        scope = pintag_event_id_scope(event, &integration->pii);
        break;

    case PINTAG_NAME_CONTEXT:
        members = &event->context;
        break;

    default:
        members = &event->root;
        i = 0;
        break;
    }

    memset(&found, 0, sizeof(pintag_member_t));
    person = 0;

    for ( /* void */ ; i < path->n; i++) {

        if (members) {
            pintag_event_id_member(event, members, n, &path->elts[i], &found);

            if (members == &event->context
                && pintag_member_absent(found.value))
            {
                pintag_event_id_find(event, event->shared.object,
                                     &path->elts[i], &found);
            }

            members = NULL;

        } else {
            pintag_event_id_find(event, found.value, &path->elts[i], &found);
        }

        if (found.value == NULL) {
            return 0;
        }

        if (found.key.data) {
            rc = pintag_event_id_listed(&integration->pii, scope,
                                        path->elts[i], found.key, person,
                                        arena);
            if (rc != 0) {
                return rc == 1 ? 0 : -1;
            }

            person |= pintag_pii_person(found.key);
        }
    }

    return pintag_event_id_value(event, &integration->pii, scope, found.key,
                                 found.value, arena, id);
}


/*
 * What is read by name, that is, the first "n", is found at once; of equal
 * names each prefers its own spelling.
 */

static void
pintag_event_id_member(const pintag_event_t *event,
    const pintag_members_t *members, int n, const pintag_str_t *name,
    pintag_member_t *found)
{
    int                    id;
    const pintag_names_t  *names;

    names = event->names;

    for (id = pintag_names_find(names, *name); id >= 0 && id < n;
         id = names->elts[id].next)
    {
        if (pintag_str_eq(names->elts[id].spelling, *name)) {
            *found = members->members[id];
            return;
        }
    }

    pintag_event_id_find(event, members->object, name, found);
}


/* what is large may be the envelope's, the same for all events */

static void
pintag_event_id_find(const pintag_event_t *event,
    const pintag_json_t *container, const pintag_str_t *name,
    pintag_member_t *found)
{
    pintag_event_known_t  *known;

    known = pintag_event_known(event, container, name);

    if (known == NULL) {
        pintag_event_id_look(container, *name, found);
        return;
    }

    if (known->rc == -1) {
        pintag_event_id_look(container, *name, &known->found);
        known->rc = 1;
    }

    *found = known->found;
}


static void
pintag_event_id_look(const pintag_json_t *container, pintag_str_t name,
    pintag_member_t *found)
{
    size_t              index;
    pintag_json_iter_t  it;

    memset(found, 0, sizeof(pintag_member_t));

    pintag_json_each(container, &it);

    if (pintag_json_kind(container) == PINTAG_JSON_ARRAY) {

        if (!pintag_event_id_index(name, &index)) {
            return;
        }

        while (pintag_json_next(&it)) {
            if (it.index == index) {
                found->value = it.value;
                return;
            }
        }

        return;
    }

    while (pintag_json_next(&it)) {

        if (pintag_str_eq(it.key, name)) {
            found->value = it.value;
            found->key = it.key;
            return;
        }

        if (found->value == NULL
            && pintag_name_eq(PINTAG_FOLD_NAME, it.key, name))
        {
            found->value = it.value;
            found->key = it.key;
        }
    }
}


static unsigned
pintag_event_id_index(pintag_str_t digits, size_t *index)
{
    size_t  i;

    if (digits.len == 0 || digits.len > PINTAG_EVENT_ID_INDEX) {
        return 0;
    }

    *index = 0;

    for (i = 0; i < digits.len; i++) {

        if (digits.data[i] < '0' || digits.data[i] > '9') {
            return 0;
        }

        *index = *index * 10 + (size_t) (digits.data[i] - '0');
    }

    return 1;
}


/* where a name's words end may be seen in one of two spellings only */

static int
pintag_event_id_listed(const pintag_pii_t *pii, pintag_pii_scope_e scope,
    pintag_str_t name, pintag_str_t key, unsigned person,
    pintag_arena_t *arena)
{
    int  rc;

    rc = pintag_pii_name(pii, scope, key, person, arena);

    if (rc != 0 || pintag_str_eq(name, key)) {
        return rc;
    }

    return pintag_pii_name(pii, scope, name, person, arena);
}


static int
pintag_event_id_property(const pintag_event_t *event,
    const pintag_integration_t *integration, int name, pintag_arena_t *arena,
    pintag_str_t *id)
{
    int                     rc;
    pintag_pii_scope_e      scope;
    const pintag_member_t  *property;

    property = &event->properties.members[name];

    if (property->value == NULL) {
        return 0;
    }

    scope = pintag_event_id_scope(event, &integration->pii);
    rc = pintag_pii_name(&integration->pii, scope, property->key, 0, arena);

    if (rc != 0) {
        return rc == 1 ? 0 : -1;
    }

    return pintag_event_id_value(event, &integration->pii, scope,
                                 property->key, property->value, arena, id);
}


/* of properties */

static pintag_pii_scope_e
pintag_event_id_scope(const pintag_event_t *event, const pintag_pii_t *pii)
{
    return (pii->page_only && event->type == PINTAG_TYPE_TRACK)
           ? PINTAG_PII_STRICT : PINTAG_PII_ALL;
}


static int
pintag_event_id_value(const pintag_event_t *event, const pintag_pii_t *pii,
    pintag_pii_scope_e scope, pintag_str_t key, const pintag_json_t *value,
    pintag_arena_t *arena, pintag_str_t *id)
{
    int           rc;
    pintag_str_t  text;

    rc = pintag_member_text(value, arena, &text);

    return rc == 1 ? pintag_event_id_text(event, pii, scope, key, text, arena,
                                          id)
                   : rc;
}


/* of what may not leave as it is the hash is as good an id */

static int
pintag_event_id_text(const pintag_event_t *event, const pintag_pii_t *pii,
    pintag_pii_scope_e scope, pintag_str_t key, pintag_str_t text,
    pintag_arena_t *arena, pintag_str_t *id)
{
    int  rc;

    rc = pintag_pii_value(pii, scope, key, text, arena, id);

    if (rc == -1 || (rc == 1 && pintag_str_eq(*id, text))) {
        return rc;
    }

    return pintag_event_id_hash(event, text, arena, id);
}


/*
 * A repeat has the same id, and equal events of two visitors have not.
 */

static int
pintag_event_id_derive(const pintag_event_t *event,
    const pintag_visitor_t *visitor, pintag_arena_t *arena, pintag_str_t *id)
{
    pintag_buf_t  buf;
    pintag_str_t  text;

    pintag_buf_init(&buf, arena, 1024);

    pintag_event_id_add(&buf, event->root.object, event->names);
    pintag_buf_add_char(&buf, '\n');
    pintag_buf_add_str(&buf, visitor->address);
    pintag_buf_add_char(&buf, '\n');
    pintag_buf_add_str(&buf, visitor->user_agent);

    if (buf.failed) {
        return -1;
    }

    text.data = buf.data;
    text.len = buf.len;

    return pintag_event_id_hash(event, text, arena, id);
}


/*
 * As compact JSON; with "names", less what sending the event once more
 * changes, and the write key.
 */

static void
pintag_event_id_add(pintag_buf_t *buf, const pintag_json_t *value,
    const pintag_names_t *names)
{
    int                  id;
    size_t               len;
    unsigned             object, some;
    unsigned char        digits[PINTAG_NUMBER_LEN];
    pintag_json_iter_t   it;

    switch (pintag_json_kind(value)) {

    case PINTAG_JSON_NULL:
        pintag_buf_add_text(buf, "null");
        return;

    case PINTAG_JSON_FALSE:
        pintag_buf_add_text(buf, "false");
        return;

    case PINTAG_JSON_TRUE:
        pintag_buf_add_text(buf, "true");
        return;

    case PINTAG_JSON_INTEGER:
        len = pintag_format_integer(digits, pintag_json_integer(value));
        pintag_buf_add(buf, digits, len);
        return;

    case PINTAG_JSON_REAL:
        pintag_event_id_real(buf, pintag_json_real(value));
        return;

    case PINTAG_JSON_STRING:
        pintag_buf_add_json(buf, pintag_json_string(value));
        return;

    default:
        break;
    }

    object = pintag_json_kind(value) == PINTAG_JSON_OBJECT;
    some = 0;

    pintag_buf_add_char(buf, object ? '{' : '[');

    pintag_json_each(value, &it);

    while (pintag_json_next(&it)) {

        if (names) {
            id = pintag_names_find(names, it.key);

            if (id == PINTAG_NAME_SENT_AT || id == PINTAG_NAME_RECEIVED_AT
                || id == PINTAG_NAME_WRITE_KEY)
            {
                continue;
            }
        }

        if (some) {
            pintag_buf_add_char(buf, ',');
        }

        some = 1;

        if (object) {
            pintag_buf_add_json(buf, it.key);
            pintag_buf_add_char(buf, ':');
        }

        pintag_event_id_add(buf, it.value, NULL);
    }

    pintag_buf_add_char(buf, object ? '}' : ']');
}


/* of one with hundreds of zeros its bits: they tell it apart as well */

static void
pintag_event_id_real(pintag_buf_t *buf, double d)
{
    uint64_t       bits;
    unsigned char  digits[PINTAG_NUMBER_LEN];

    if (d == 0 || (fabs(d) >= 1e-30 && fabs(d) < 1e30)) {
        pintag_buf_add(buf, digits, pintag_format_double(digits, d));
        return;
    }

    memcpy(&bits, &d, sizeof(bits));
    pintag_buf_add_char(buf, '#');
    pintag_buf_add_uint(buf, bits);
}


static int
pintag_event_id_hash(const pintag_event_t *event, pintag_str_t text,
    pintag_arena_t *arena, pintag_str_t *id)
{
    *id = pintag_digest(&event->cache->digest, text, arena);

    if (id->data == NULL) {
        return -1;
    }

    id->len = PINTAG_EVENT_ID_HEX;

    return 1;
}
