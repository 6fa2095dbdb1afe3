
/*
 * Copyright (C) the ngx_http_pintag_module authors
 *
 * A conversion as the query of a Pinterest Tag pixel (GET /v3/?…).
 */


#ifndef PINTAG_TAG_H
#define PINTAG_TAG_H


#include "conversion.h"
#include "event.h"
#include "text.h"


/* Pinterest documents no limit; what is longer is truncated, never silently */
#define PINTAG_TAG_MAX_QUERY  8000


/*
 * Appends tid, noscript, ed[…], pd[…], event to "query", in this order.  Names
 * and values are percent-encoded, the structural brackets are not.
 *
 * A query over PINTAG_TAG_MAX_QUERY loses line items from the last, then other
 * ed values, whole, from the last; never tid, noscript, event, pd, value,
 * order_quantity, currency, order_id, custom_event_name, event_id.
 * "*truncated" is the number of those left out.
 *
 * PINTAG_OK; PINTAG_SKIPPED with "no_tag_event" when the Tag has no such event;
 * PINTAG_REJECTED with "too_long" when it still does not fit; PINTAG_NO_MEMORY.
 * Where it is skipped or rejected "query" is as it was.
 */
pintag_verdict_e pintag_tag_query(const pintag_conversion_t *conversion,
    pintag_str_t tag_id, pintag_buf_t *query, unsigned *truncated,
    const char **reason);

/* 1 for a property that is never left out where it is at the top */
unsigned pintag_tag_keeps(pintag_str_t name);


#endif /* PINTAG_TAG_H */
