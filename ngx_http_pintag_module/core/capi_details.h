
/*
 * Copyright (C) the ngx_http_pintag_module authors
 *
 * Which events the details of an error speak of; internal to capi_answer.c.
 */


#ifndef PINTAG_CAPI_DETAILS_H
#define PINTAG_CAPI_DETAILS_H


#include "arena.h"
#include "capi_answer.h"
#include "json.h"
#include "text.h"


/*
 * Marks the events that an error names as failed, each with the message that
 * stands by it, if any; "*message" is the error's own.  See capi_answer.h.
 *
 * An event that is taken for another's fault is lost, and one that is not named
 * is found by halves.  So only what cannot mean anything else is understood:
 *
 *     in "details" (or beside it in "events", "data", "errors", "failed" and
 *     "failed_events", also those within "details"):
 *
 *         an array of as many objects as there are events, each with a
 *         "status"; so "events" and "data" with an "error_message" in some of
 *         them
 *
 *         the "index" of an object that has no path to a field
 *
 *         names that are all numbers: {"3": "is too old", "7": ...}, names that
 *         are events' ids, and lists of ids
 *
 *     anywhere:
 *
 *         a name such as "data[3].event_time", "data.3", "/data/3",
 *         "events[3]", or such a path under "path", "field", "loc", "pointer"
 *         and the like, there also as ["data", 3, "event_time"]
 *
 *         "event_index" and "event_id"
 *
 * 1, or 0 without memory.
 */
unsigned pintag_capi_details(const pintag_json_t *root,
    pintag_capi_secrets_t *secrets, const pintag_str_t *ids,
    pintag_capi_status_t *statuses, size_t n, pintag_arena_t *arena,
    pintag_str_t *message);


#endif /* PINTAG_CAPI_DETAILS_H */
