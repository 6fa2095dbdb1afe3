
/*
 * Copyright (C) the ngx_http_pintag_module authors
 *
 * The id by which Pinterest recognises an event that it gets twice.
 */


#ifndef PINTAG_EVENT_ID_H
#define PINTAG_EVENT_ID_H


#include "arena.h"
#include "event.h"
#include "integrations.h"
#include "text.h"
#include "visitor.h"


/*
 * The value at deduplicationKey, else the property event_id or eid, else
 * messageId; what is absent, or stands under a name of personal data, is passed
 * over.  An id that holds an e-mail address is replaced by the first 32 hex
 * digits of its SHA-256.  When there is none and the destination has an
 * adAccountId, the id is derived from the event and the visitor.  1; 0 when
 * there is none; -1 without memory.
 */
int pintag_event_id(const pintag_event_t *event,
    const pintag_integration_t *integration, const pintag_visitor_t *visitor,
    pintag_arena_t *arena, pintag_str_t *id);


#endif /* PINTAG_EVENT_ID_H */
