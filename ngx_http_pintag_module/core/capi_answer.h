
/*
 * Copyright (C) the ngx_http_pintag_module authors
 *
 * What Pinterest's Conversions API answers.
 */


#ifndef PINTAG_CAPI_ANSWER_H
#define PINTAG_CAPI_ANSWER_H


#include "arena.h"
#include "capi_message.h"
#include "text.h"


/* of an event of the request, in its order */

typedef struct {
    unsigned       failed:1;
    unsigned       unknown:1;    /* it cannot be told */
    pintag_str_t   message;      /* of a failed one; absent: NULL data */
} pintag_capi_status_t;


/*
 * Messages are fit to be shown and logged: one line of UTF-8, without e-mail
 * addresses, hashes, and "secrets".
 */

/*
 * Reads the body of a success, {"num_events_received":…,"events":[{"status":
 * "processed"},…]}, and fills in all of "statuses"; one that is neither
 * processed nor failed is unknown.  1; 0 when it cannot be read, has not an
 * element for each of the "n" events, or all are unknown; -1 without memory.
 */
int pintag_capi_statuses(pintag_str_t body, pintag_capi_secrets_t *secrets,
    pintag_capi_status_t *statuses, size_t n, pintag_arena_t *arena);

/*
 * Reads the body of an error, {"code":…,"message":"…","details":{…}}, and fills
 * in all of "statuses": "failed" are the events that "details" names, by their
 * index or by one of "ids".  Pinterest documents no form of "details", so the
 * likely ones are understood, and nothing is guessed from prose.  "*message" is
 * the error's, absent when there is none.  1, whatever the body is; -1 without
 * memory.
 */
int pintag_capi_error(pintag_str_t body, pintag_capi_secrets_t *secrets,
    const pintag_str_t *ids, pintag_capi_status_t *statuses, size_t n,
    pintag_arena_t *arena, pintag_str_t *message);


#endif /* PINTAG_CAPI_ANSWER_H */
