
/*
 * Copyright (C) the ngx_http_pintag_module authors
 *
 * A request body as events: one event, the wrapper of a serialised
 * analytics.js facade ({"opts":…,"obj":{event}}), a Segment batch
 * ({"batch":[event, …], …}), an array of events, NDJSON (an event a line), and
 * the data of a pixel (base64).
 */


#ifndef PINTAG_BODY_H
#define PINTAG_BODY_H


#include <stddef.h>

#include "arena.h"
#include "event.h"
#include "json.h"
#include "text.h"


typedef enum {
    PINTAG_BODY_JSON = 0,     /* one JSON document of any shape */
    PINTAG_BODY_LINES,        /* NDJSON */
    PINTAG_BODY_PIXEL         /* a pixel's "data", percent-encoded base64 */
} pintag_body_format_e;


/* why a body could not be taken apart; static text, nothing of the body */

typedef struct {
    /* "invalid_json", "empty_body", "invalid_body", "too_many_events" */
    const char  *error;
    const char  *message;
    size_t       line;        /* with "invalid_json", else 0 */
    size_t       column;
} pintag_body_error_t;


typedef struct {
    /* unwrapped, of any kind yet; NULL for a line that is no JSON */
    const pintag_json_t     *value;

    /* of such a line: "invalid_json", what is wrong with it, and where */
    pintag_body_error_t      error;
} pintag_body_event_t;


typedef struct {
    pintag_body_event_t     *events;
    size_t                   n;
    pintag_envelope_t        envelope;    /* of a batch, else zeroed */

    pintag_json_doc_t      **docs;
    size_t                   ndocs;
    unsigned                 max_depth;   /* as of pintag_json_max_depth() */
} pintag_body_t;


/*
 * How many values a body has, without reading it: each object and array, and
 * what stands in these; the first of each is not told from none, and not
 * counted.
 */
size_t pintag_body_values(pintag_str_t text);

/*
 * How many bytes a body has that divide URLs and their parameters: "=", "&",
 * ";", "?" and "#", encoded ones ("%3D") and "%25", behind which anything may
 * be encoded once more.  What is not in a URL is counted, too.
 */
size_t pintag_body_separators(pintag_str_t text);

/* 1 when it has more than so many values and separators */
unsigned pintag_body_complex(pintag_str_t text, size_t max);

/*
 * Of a body of so many bytes one may be a value or a separator; a body may
 * always have the least.  Reading and mapping a value costs as much as that of
 * many bytes of text, and personal data is looked for in each name and value of
 * a URL, as often as these can be decoded.
 */
#define PINTAG_BODY_COMPLEX        12
#define PINTAG_BODY_COMPLEX_LEAST  4096

/*
 * Takes a body apart, of at most "max" events.  PINTAG_OK, PINTAG_REJECTED with
 * "error" filled in, or PINTAG_NO_MEMORY.  After PINTAG_OK, free with
 * pintag_body_free() once nothing of its events is needed any more; after
 * anything else there is nothing to free.
 */
pintag_verdict_e pintag_body_read(pintag_str_t text,
    pintag_body_format_e format, size_t max, pintag_arena_t *arena,
    pintag_body_t *body, pintag_body_error_t *error);
void pintag_body_free(pintag_body_t *body);


#endif /* PINTAG_BODY_H */
