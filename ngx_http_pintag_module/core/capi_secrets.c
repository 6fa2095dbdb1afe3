
/*
 * Copyright (C) the ngx_http_pintag_module authors
 */


#include <string.h>

#include "capi_secrets.h"
#include "json.h"


/* what is shorter is found where it is not meant */
#define PINTAG_SECRET_MIN  6


struct pintag_secret_s {
    pintag_str_t      text;
    pintag_secret_t  *next;
};


static unsigned pintag_secrets_event(pintag_capi_secrets_t *secrets,
    pintag_str_t event, pintag_arena_t *arena);
static unsigned pintag_secrets_value(pintag_capi_secrets_t *secrets,
    const pintag_json_t *value, pintag_arena_t *arena);
static unsigned pintag_secrets_hash(pintag_str_t text);
static unsigned pintag_secrets_add(pintag_capi_secrets_t *secrets,
    pintag_str_t text, pintag_arena_t *arena);


unsigned
pintag_capi_secrets_read(pintag_capi_secrets_t *secrets,
    pintag_arena_t *arena)
{
    size_t  i;

    if (secrets->found) {
        return 1;
    }

    secrets->found = pintag_arena_zalloc(arena, 256
                                                * sizeof(pintag_secret_t *));
    if (secrets->found == NULL) {
        return 0;
    }

    if (secrets->token.len != 0
        && !pintag_secrets_add(secrets, secrets->token, arena))
    {
        return 0;
    }

    for (i = 0; i < secrets->n; i++) {
        if (!pintag_secrets_event(secrets, secrets->events[i], arena)) {
            return 0;
        }
    }

    return 1;
}


static unsigned
pintag_secrets_event(pintag_capi_secrets_t *secrets, pintag_str_t event,
    pintag_arena_t *arena)
{
    unsigned              rc;
    pintag_json_doc_t    *doc;
    pintag_json_iter_t    it;
    pintag_json_error_t   error;

    static const pintag_str_t  user_data = pintag_str("user_data");
    static const pintag_str_t  page_url = pintag_str("event_source_url");

    doc = pintag_json_read(event.data, event.len, arena, &error);

    if (doc == NULL) {
        return !error.no_memory;
    }

    rc = 1;

    pintag_json_each(pintag_json_root(doc), &it);

    while (rc && pintag_json_next(&it)) {
        if (it.key.data && (pintag_str_eq(it.key, user_data)
                            || pintag_str_eq(it.key, page_url)))
        {
            rc = pintag_secrets_value(secrets, it.value, arena);
        }
    }

    pintag_json_free(doc);

    return rc;
}


/* the depth is that of what the encoder writes: an object with arrays */

static unsigned
pintag_secrets_value(pintag_capi_secrets_t *secrets,
    const pintag_json_t *value, pintag_arena_t *arena)
{
    pintag_str_t        text, copy;
    pintag_json_iter_t  it;

    if (pintag_json_kind(value) != PINTAG_JSON_STRING) {

        pintag_json_each(value, &it);

        while (pintag_json_next(&it)) {
            if (!pintag_secrets_value(secrets, it.value, arena)) {
                return 0;
            }
        }

        return 1;
    }

    text = pintag_json_string(value);

    if (text.len < PINTAG_SECRET_MIN || pintag_secrets_hash(text)) {
        return 1;
    }

    copy.len = text.len;
    copy.data = pintag_arena_bytes(arena, text.len);

    if (copy.data == NULL) {
        return 0;
    }

    memcpy((unsigned char *) copy.data, text.data, text.len);

    return pintag_secrets_add(secrets, copy, arena);
}


/* 1 for a SHA-256, which is hidden by its looks, and of which there are many */

static unsigned
pintag_secrets_hash(pintag_str_t text)
{
    size_t  i;

    for (i = 0; i < text.len; i++) {
        if (!(text.data[i] >= '0' && text.data[i] <= '9')
            && !(text.data[i] >= 'a' && text.data[i] <= 'f'))
        {
            return 0;
        }
    }

    return text.len == 64;
}


static unsigned
pintag_secrets_add(pintag_capi_secrets_t *secrets, pintag_str_t text,
    pintag_arena_t *arena)
{
    pintag_secret_t  *secret, **head;

    head = &secrets->found[text.data[0]];

    /* agents and pages are the same in many events */

    for (secret = *head; secret; secret = secret->next) {
        if (pintag_str_eq(secret->text, text)) {
            return 1;
        }
    }

    secret = pintag_arena_alloc(arena, sizeof(pintag_secret_t));
    if (secret == NULL) {
        return 0;
    }

    secret->text = text;
    secret->next = *head;
    *head = secret;

    return 1;
}


size_t
pintag_capi_secret(const pintag_capi_secrets_t *secrets,
    const unsigned char *p, const unsigned char *end)
{
    size_t                  len;
    const pintag_secret_t  *secret;

    len = 0;

    for (secret = secrets->found[*p]; secret; secret = secret->next) {
        if (secret->text.len > len && (size_t) (end - p) >= secret->text.len
            && memcmp(p, secret->text.data, secret->text.len) == 0)
        {
            len = secret->text.len;
        }
    }

    return len;
}
