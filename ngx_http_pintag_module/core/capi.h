
/*
 * Copyright (C) the ngx_http_pintag_module authors
 *
 * A conversion as an event of Pinterest's Conversions API v5
 * (POST /v5/ad_accounts/{ad_account_id}/events).
 */


#ifndef PINTAG_CAPI_H
#define PINTAG_CAPI_H


#include "conversion.h"
#include "event.h"
#include "text.h"


/* events of one request, as Pinterest limits them */
#define PINTAG_CAPI_MAX_EVENTS       1000

/* with "?test=true" Pinterest looks at no more than these */
#define PINTAG_CAPI_MAX_TEST_EVENTS  20

/* what stands around and between the events of a request's body */
#define PINTAG_CAPI_HEAD  "{\"data\":["
#define PINTAG_CAPI_TAIL  "]}"


/*
 * Appends one JSON object, an element of "data".  What is absent is left out.
 *
 * An object over "max" bytes loses its contents from the last, each with its
 * content id; "*truncated" is the number of those left out.
 *
 * PINTAG_OK; PINTAG_SKIPPED with "no_identity" when nothing tells Pinterest who
 * the event is of; PINTAG_REJECTED with "too_long" when it still does not fit;
 * PINTAG_NO_MEMORY.  Without PINTAG_OK "out" is as it was.
 */
pintag_verdict_e pintag_capi_event(const pintag_conversion_t *conversion,
    size_t max, pintag_buf_t *out, unsigned *truncated, const char **reason);


#endif /* PINTAG_CAPI_H */
