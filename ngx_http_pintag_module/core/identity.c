
/*
 * Copyright (C) the ngx_http_pintag_module authors
 */


#include <openssl/evp.h>

#include "identity.h"
#include "pii.h"


#define PINTAG_SHA256_LEN  32

/* in hex digits */
#define PINTAG_SHA256_HEX  64
#define PINTAG_SHA1_HEX    40
#define PINTAG_MD5_HEX     32


/* the hash of one value: 1, 0 when it is unfit, -1 without memory */

typedef int (*pintag_identity_pt)(const pintag_json_t *value,
    pintag_arena_t *arena, pintag_str_t *hash);


static int pintag_identity_first(const pintag_json_t *value,
    pintag_identity_pt read, pintag_arena_t *arena, pintag_str_t *hash);
static int pintag_identity_read_email(const pintag_json_t *value,
    pintag_arena_t *arena, pintag_str_t *hash);
static int pintag_identity_read_user_id(const pintag_json_t *value,
    pintag_arena_t *arena, pintag_str_t *hash);
static int pintag_identity_read_region(const pintag_json_t *value,
    pintag_arena_t *arena, pintag_str_t *hash);
static int pintag_identity_lower(pintag_str_t text, unsigned hashed,
    pintag_arena_t *arena, pintag_str_t *hash);
static unsigned pintag_identity_hex(pintag_str_t text);


pintag_str_t
pintag_identity_hash(pintag_str_t text, pintag_arena_t *arena)
{
    size_t          i;
    pintag_str_t    hash = pintag_str_null;
    unsigned char  *dst, digest[PINTAG_SHA256_LEN];

    static const unsigned char  hex[] = "0123456789abcdef";

    dst = pintag_arena_bytes(arena, PINTAG_SHA256_HEX);

    if (dst == NULL
        || !EVP_Digest(text.data, text.len, digest, NULL, EVP_sha256(), NULL))
    {
        return hash;
    }

    hash.data = dst;
    hash.len = PINTAG_SHA256_HEX;

    for (i = 0; i < PINTAG_SHA256_LEN; i++) {
        *dst++ = hex[digest[i] >> 4];
        *dst++ = hex[digest[i] & 0xf];
    }

    return hash;
}


int
pintag_identity_email(const pintag_event_t *event, pintag_arena_t *arena,
    pintag_str_t *hash)
{
    int                     rc;
    const pintag_json_t    *value;
    const pintag_member_t  *root;

    root = event->root.members;

    value = event->properties.members[PINTAG_NAME_EMAIL].value;
    rc = pintag_identity_first(value, pintag_identity_read_email, arena, hash);

    if (rc == 0) {
        value = pintag_member_find(event->names, PINTAG_NAME_EMAIL,
                                   root[PINTAG_NAME_TRAITS].value);
        rc = pintag_identity_first(value, pintag_identity_read_email, arena,
                                   hash);
    }

    if (rc == 0) {
        value = event->context.members[PINTAG_NAME_TRAITS].value;
        value = pintag_member_find(event->names, PINTAG_NAME_EMAIL, value);
        rc = pintag_identity_first(value, pintag_identity_read_email, arena,
                                   hash);
    }

    if (rc == 0) {
        value = root[PINTAG_NAME_USER_ID].value;
        rc = pintag_identity_first(value, pintag_identity_read_user_id, arena,
                                   hash);
    }

    return rc;
}


int
pintag_identity_region(const pintag_event_t *event, int id,
    pintag_arena_t *arena, pintag_str_t *hash)
{
    int                   rc;
    size_t                i;
    const pintag_json_t  *value, *object[3];

    object[0] = event->root.members[PINTAG_NAME_TRAITS].value;
    object[1] = event->context.members[PINTAG_NAME_TRAITS].value;
    object[2] = event->properties.object;

    for (i = 0; i < 3; i++) {
        value = pintag_member_find(event->names, id, object[i]);
        rc = pintag_identity_first(value, pintag_identity_read_region, arena,
                                   hash);
        if (rc != 0) {
            return rc;
        }

        value = pintag_member_find(event->names, PINTAG_NAME_ADDRESS,
                                   object[i]);
        value = pintag_member_find(event->names, id, value);
        rc = pintag_identity_first(value, pintag_identity_read_region, arena,
                                   hash);
        if (rc != 0) {
            return rc;
        }
    }

    return 0;
}


int
pintag_identity_region_hash(pintag_str_t text, pintag_arena_t *arena,
    pintag_str_t *hash)
{
    text = pintag_str_trim(text);

    if (text.len == 0) {
        return 0;
    }

    return pintag_identity_lower(text, text.len == PINTAG_SHA256_HEX
                                       && pintag_identity_hex(text),
                                 arena, hash);
}


/* of the value, or of the first element that is fit when it is an array */

static int
pintag_identity_first(const pintag_json_t *value, pintag_identity_pt read,
    pintag_arena_t *arena, pintag_str_t *hash)
{
    int                 rc;
    pintag_json_iter_t  it;

    if (pintag_json_kind(value) != PINTAG_JSON_ARRAY) {
        return read(value, arena, hash);
    }

    pintag_json_each(value, &it);

    while (pintag_json_next(&it)) {
        rc = read(it.value, arena, hash);

        if (rc != 0) {
            return rc;
        }
    }

    return 0;
}


static int
pintag_identity_read_email(const pintag_json_t *value, pintag_arena_t *arena,
    pintag_str_t *hash)
{
    unsigned      hashed;
    pintag_str_t  text;

    if (pintag_json_kind(value) != PINTAG_JSON_STRING) {
        return 0;
    }

    text = pintag_str_concatenate(pintag_json_string(value), arena);

    if (text.data == NULL) {
        return -1;
    }

    hashed = (text.len == PINTAG_SHA256_HEX || text.len == PINTAG_SHA1_HEX
              || text.len == PINTAG_MD5_HEX) && pintag_identity_hex(text);

    if (!hashed && !pintag_pii_address(text)) {
        return 0;
    }

    return pintag_identity_lower(text, hashed, arena, hash);
}


static int
pintag_identity_read_user_id(const pintag_json_t *value,
    pintag_arena_t *arena, pintag_str_t *hash)
{
    pintag_str_t  text;

    if (pintag_json_kind(value) != PINTAG_JSON_STRING) {
        return 0;
    }

    text = pintag_str_trim(pintag_json_string(value));

    if (!pintag_pii_address(text)) {
        return 0;
    }

    return pintag_identity_lower(text, 0, arena, hash);
}


static int
pintag_identity_read_region(const pintag_json_t *value, pintag_arena_t *arena,
    pintag_str_t *hash)
{
    int           rc;
    pintag_str_t  text;

    rc = pintag_member_text(value, arena, &text);

    return rc == 1 ? pintag_identity_region_hash(text, arena, hash) : rc;
}


static int
pintag_identity_lower(pintag_str_t text, unsigned hashed,
    pintag_arena_t *arena, pintag_str_t *hash)
{
    text = pintag_str_lower(text, arena);

    if (text.data == NULL) {
        return -1;
    }

    *hash = hashed ? text : pintag_identity_hash(text, arena);

    return hash->data ? 1 : -1;
}


static unsigned
pintag_identity_hex(pintag_str_t text)
{
    size_t         i;
    unsigned char  c;

    for (i = 0; i < text.len; i++) {
        c = text.data[i];

        if (!((c >= '0' && c <= '9') || (c >= 'a' && c <= 'f')
              || (c >= 'A' && c <= 'F')))
        {
            return 0;
        }
    }

    return 1;
}
