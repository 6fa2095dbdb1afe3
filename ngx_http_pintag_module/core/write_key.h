
/*
 * Copyright (C) the ngx_http_pintag_module authors
 *
 * Whose events these are: which of the places that may tell a write key counts,
 * and whether the key is a listed one.
 */


#ifndef PINTAG_WRITE_KEY_H
#define PINTAG_WRITE_KEY_H


#include "integrations.h"
#include "json.h"
#include "text.h"
#include "visitor.h"


/*
 * 1 when the key that counts is listed: "own", the "writeKey" of an event or of
 * a batch, else that of the request's head.  What is null, blank, an array or
 * an object tells none.
 */
unsigned pintag_write_key_allowed(const pintag_json_t *own,
    const pintag_client_t *client, const pintag_list_t *keys);

/* 1 when listed, in a time that does not tell how much of a key was right */
unsigned pintag_write_key_listed(pintag_str_t key, const pintag_list_t *keys);


#endif /* PINTAG_WRITE_KEY_H */
