
/*
 * Copyright (C) the ngx_http_pintag_module authors
 */


#include <stdint.h>
#include <string.h>

#include "device.h"
#include "identity.h"
#include "identity_fields.h"
#include "normal.h"


/*
 * How long the text of a number may be that is an id, a postal code or the
 * like.  A few bytes of a body, "1e-310", make hundreds of digits to hash.
 */

#define PINTAG_IDENTITY_NUMBER  32


/* what a field finds in the envelope's context, the same for all events */

typedef struct {
    pintag_list_t      list;
    unsigned           known;
} pintag_identity_shared_t;


/* where the hashes go that are found */

typedef struct {
    pintag_list_t     *list;
    size_t             max;          /* for one the list has room */
    size_t            *left;         /* values beyond the first of an array */
    pintag_arena_t    *arena;
    pintag_digest_t   *digest;
} pintag_found_t;


static unsigned pintag_identity_told(const pintag_event_t *event,
    unsigned *told);
static int pintag_identity_first(const pintag_event_t *event,
    pintag_field_e field, pintag_arena_t *arena, pintag_str_t *hash);
static int pintag_identity_find(const pintag_event_t *event,
    pintag_field_e field, pintag_found_t *found);
static int pintag_identity_shared(const pintag_event_t *event,
    pintag_field_e field, pintag_object_e object, pintag_found_t *found);
static int pintag_identity_object(const pintag_event_t *event,
    const pintag_field_t *field, pintag_object_e object,
    pintag_found_t *found);
static int pintag_identity_named(const pintag_field_t *field,
    const pintag_member_t *members, pintag_found_t *found);
static unsigned pintag_identity_counts(const pintag_json_iter_t *it,
    pintag_found_t *found);
static int pintag_identity_value(const pintag_field_t *field,
    const pintag_json_t *value, pintag_found_t *found);
static int pintag_identity_text(const pintag_field_t *field,
    pintag_str_t text, pintag_arena_t *arena, pintag_digest_t *digest,
    pintag_str_t *hash);
static unsigned pintag_identity_add(pintag_found_t *found, pintag_str_t hash);


int
pintag_identity_email(const pintag_event_t *event, pintag_arena_t *arena,
    pintag_str_t *hash)
{
    int  rc;

    rc = pintag_identity_first(event, PINTAG_FIELD_TAG_EMAIL, arena, hash);

    return rc ? rc : pintag_identity_first(event, PINTAG_FIELD_USER_EMAIL,
                                           arena, hash);
}


int
pintag_identity_region(const pintag_event_t *event, int id,
    pintag_arena_t *arena, pintag_str_t *hash)
{
    return pintag_identity_first(event,
                                 id == PINTAG_NAME_STATE
                                 ? PINTAG_FIELD_STATE : PINTAG_FIELD_COUNTRY,
                                 arena, hash);
}


int
pintag_identity_region_hash(const pintag_event_t *event, pintag_str_t text,
    pintag_arena_t *arena, pintag_str_t *hash)
{
    return pintag_identity_text(&pintag_fields[PINTAG_FIELD_STATE], text,
                                arena, &event->cache->digest, hash);
}


unsigned
pintag_identity_read(const pintag_event_t *event,
    const pintag_integration_t *integration, pintag_arena_t *arena,
    pintag_identity_t *identity)
{
    int                    i, rc;
    unsigned               match, wanted, told;
    size_t                 left;
    pintag_told_e          opt_out;
    pintag_found_t         found;
    pintag_event_cache_t  *cache;
    const pintag_field_t  *field;

    memset(identity, 0, sizeof(pintag_identity_t));

    if (!pintag_device_opt_out(event, &opt_out)
        || !pintag_identity_told(event, &told))
    {
        return 0;
    }

    match = integration->enhanced_match
            && (event->type == PINTAG_TYPE_TRACK
                || integration->enhanced_match_page);

    rc = 0;

    cache = event->cache;

    /* for each destination as many: what counts is the same for all of them */

    left = cache->hashes;

    found.max = SIZE_MAX;
    found.left = &left;
    found.arena = arena;
    found.digest = &cache->digest;

    for (i = PINTAG_FIELD_EMAIL; i < PINTAG_FIELD_N && rc != -1; i++) {
        field = &pintag_fields[i];

        switch (i) {

        case PINTAG_FIELD_EXTERNAL_ID:
            wanted = integration->send_external_id;
            break;

        case PINTAG_FIELD_MAID:
            wanted = opt_out != PINTAG_TRUE;
            break;

        case PINTAG_FIELD_USER_EMAIL:
            wanted = match;
            break;

        default:
            wanted = match && (told >> i & 1);
            break;
        }

        found.list = (pintag_list_t *) ((char *) identity + field->offset);

        if (wanted && found.list->n == 0) {
            rc = pintag_identity_find(event, i, &found);
        }
    }

    if (cache->hashed < cache->hashes - left) {
        cache->hashed = cache->hashes - left;
    }

    return rc != -1;
}


/*
 * Most events tell little of their visitor: what they name nowhere need not be
 * looked for in each object.  1 with the fields as bits, or 0 without memory.
 */

static unsigned
pintag_identity_told(const pintag_event_t *event, unsigned *told)
{
    int                      i;
    size_t                   k;
    const pintag_member_t   *members;
    const pintag_members_t  *object;

    static const pintag_object_e  objects[] = {
        PINTAG_OBJECT_PROPERTIES, PINTAG_OBJECT_PROPERTIES_ADDRESS,
        PINTAG_OBJECT_TRAITS, PINTAG_OBJECT_TRAITS_ADDRESS,
        PINTAG_OBJECT_CONTEXT_TRAITS, PINTAG_OBJECT_CONTEXT_TRAITS_ADDRESS
    };

    *told = 0;

    for (k = 0; k < sizeof(objects) / sizeof(objects[0]); k++) {

        members = pintag_event_object(event, objects[k]);

        if (members == NULL) {
            return 0;
        }

        if (members == pintag_event_nothing) {
            continue;
        }

        object = (k == 0) ? &event->properties
                          : &event->cache->objects[objects[k]];

        for (i = 0; i < object->nset; i++) {
            if (object->set[i] < PINTAG_NAME_KNOWN) {
                *told |= pintag_fields_named[object->set[i]];
            }
        }
    }

    return 1;
}


/* these give 1, 0 when there is none, -1 without memory */

static int
pintag_identity_first(const pintag_event_t *event, pintag_field_e field,
    pintag_arena_t *arena, pintag_str_t *hash)
{
    int              rc;
    size_t           left;
    pintag_str_t     first;
    pintag_list_t    list;
    pintag_found_t   found;

    list.elts = &first;
    list.n = 0;

    left = SIZE_MAX;

    found.list = &list;
    found.max = 1;
    found.left = &left;
    found.arena = arena;
    found.digest = &event->cache->digest;

    rc = pintag_identity_find(event, field, &found);

    if (rc == 1) {
        *hash = list.elts[0];
    }

    return rc;
}


static int
pintag_identity_find(const pintag_event_t *event, pintag_field_e field,
    pintag_found_t *found)
{
    int                     rc;
    unsigned                shared;
    const pintag_object_e  *object;

    for (object = pintag_fields[field].objects; *object != PINTAG_OBJECT_N;
         object++)
    {
        switch (*object) {

        case PINTAG_OBJECT_CONTEXT_TRAITS:
            shared = pintag_event_is_shared(event, PINTAG_NAME_TRAITS);
            break;

        case PINTAG_OBJECT_DEVICE:
            shared = pintag_event_is_shared(event, PINTAG_NAME_DEVICE);
            break;

        default:
            shared = 0;
            break;
        }

        rc = shared ? pintag_identity_shared(event, field, *object, found)
                    : pintag_identity_object(event, &pintag_fields[field],
                                             *object, found);
        if (rc != 0) {
            return rc;
        }
    }

    return 0;
}


/*
 * What an envelope's context holds is normalised and hashed once for all
 * events, however much that is.
 */

static int
pintag_identity_shared(const pintag_event_t *event, pintag_field_e field,
    pintag_object_e object, pintag_found_t *found)
{
    size_t                     left;
    pintag_found_t             all;
    pintag_identity_shared_t  *shared;

    if (event->cache->identity == NULL) {
        event->cache->identity = pintag_arena_zalloc(event->arena,
                                               PINTAG_FIELD_N
                                               * sizeof(*shared));
        if (event->cache->identity == NULL) {
            return -1;
        }
    }

    shared = event->cache->identity;
    shared += field;

    if (!shared->known) {
        all.list = &shared->list;
        all.max = SIZE_MAX;
        all.left = &left;
        all.arena = event->arena;
        all.digest = found->digest;

        /* once for all events: they leave what there is to these */

        left = PINTAG_EVENT_VALUES;
        shared->list.n = 0;

        if (pintag_identity_object(event, &pintag_fields[field], object, &all)
            == -1)
        {
            return -1;
        }

        shared->known = 1;
    }

    if (shared->list.n == 0) {
        return 0;
    }

    *found->list = shared->list;

    return 1;
}


static int
pintag_identity_object(const pintag_event_t *event,
    const pintag_field_t *field, pintag_object_e object,
    pintag_found_t *found)
{
    int                     rc;
    pintag_object_e         address;
    const pintag_member_t  *members;

    members = pintag_event_object(event, object);

    if (members == NULL) {
        return -1;
    }

    if (members == pintag_event_nothing) {
        return 0;
    }

    rc = pintag_identity_named(field, members, found);

    if (rc != 0 || !field->address) {
        return rc;
    }

    switch (object) {

    case PINTAG_OBJECT_PROPERTIES:
        address = PINTAG_OBJECT_PROPERTIES_ADDRESS;
        break;

    case PINTAG_OBJECT_TRAITS:
        address = PINTAG_OBJECT_TRAITS_ADDRESS;
        break;

    default: /* PINTAG_OBJECT_CONTEXT_TRAITS */
        address = PINTAG_OBJECT_CONTEXT_TRAITS_ADDRESS;
        break;
    }

    members = pintag_event_object(event, address);

    if (members == pintag_event_nothing) {
        return 0;
    }

    return members ? pintag_identity_named(field, members, found) : -1;
}


static int
pintag_identity_named(const pintag_field_t *field,
    const pintag_member_t *members, pintag_found_t *found)
{
    pintag_json_iter_t       it;
    const pintag_json_t     *value;
    const pintag_name_id_e  *name;

    for (name = field->names; *name != PINTAG_NAME_KNOWN; name++) {
        value = members[*name].value;

        if (value == NULL) {
            continue;
        }

        if (pintag_json_kind(value) != PINTAG_JSON_ARRAY) {
            if (pintag_identity_value(field, value, found) == -1) {
                return -1;
            }

        } else {
            pintag_json_each(value, &it);

            while (found->list->n < found->max && pintag_json_next(&it)
                   && pintag_identity_counts(&it, found))
            {
                if (pintag_identity_value(field, it.value, found) == -1) {
                    return -1;
                }
            }
        }

        if (found->list->n) {
            return 1;
        }
    }

    return 0;
}


/*
 * Each value takes a hash, which is much for what may be two bytes of a body:
 * so there is an end to them.
 */

static unsigned
pintag_identity_counts(const pintag_json_iter_t *it, pintag_found_t *found)
{
    if (it->index == 0) {
        return 1;
    }

    if (it->index == PINTAG_EVENT_VALUES || *found->left == 0) {
        return 0;
    }

    (*found->left)--;

    return 1;
}


static int
pintag_identity_value(const pintag_field_t *field, const pintag_json_t *value,
    pintag_found_t *found)
{
    int           rc;
    pintag_str_t  text, hash;

    if (field->email && pintag_json_kind(value) != PINTAG_JSON_STRING) {
        return 0;
    }

    rc = pintag_member_text(value, found->arena, &text);

    if (rc == 1 && text.len > PINTAG_IDENTITY_NUMBER
        && pintag_json_kind(value) == PINTAG_JSON_REAL)
    {
        return 0;
    }

    if (rc == 1) {
        rc = pintag_identity_text(field, text, found->arena,
                                  found->digest, &hash);
    }

    if (rc == 1 && !pintag_identity_add(found, hash)) {
        return -1;
    }

    return rc;
}


static int
pintag_identity_text(const pintag_field_t *field, pintag_str_t text,
    pintag_arena_t *arena, pintag_digest_t *digest, pintag_str_t *hash)
{
    int           rc;
    pintag_str_t  normal;

    /* what is a hash for which transport is the address's own matter */

    if (!field->email) {
        rc = pintag_normal_hash(text, arena, hash);

        if (rc != 0) {
            return rc;
        }
    }

    rc = field->normalise(text, arena, &normal);

    switch (rc) {

    case PINTAG_NORMAL_TEXT:
        *hash = pintag_digest(digest, normal, arena);
        return hash->data ? 1 : -1;

    case PINTAG_NORMAL_HASH:
        *hash = normal;
        return 1;

    default:
        return rc;
    }
}


/* 1, or 0 without memory */

static unsigned
pintag_identity_add(pintag_found_t *found, pintag_str_t hash)
{
    size_t          n;
    pintag_str_t   *elts;
    pintag_list_t  *list;

    list = found->list;
    n = list->n;

    /* room for as many again when it is full */

    if (found->max != 1 && (n & (n - 1)) == 0) {
        elts = pintag_arena_alloc(found->arena,
                                  (n ? 2 * n : 1) * sizeof(pintag_str_t));
        if (elts == NULL) {
            return 0;
        }

        if (n) {
            memcpy(elts, list->elts, n * sizeof(pintag_str_t));
        }

        list->elts = elts;
    }

    list->elts[n] = hash;
    list->n++;

    return 1;
}
