
/*
 * Copyright (C) the ngx_http_pintag_module authors
 */


#include "event_id.h"


int
pintag_event_id(const pintag_event_t *event,
    const pintag_integration_t *integration, const pintag_visitor_t *visitor,
    pintag_arena_t *arena, pintag_str_t *id)
{
    (void) integration; (void) visitor; (void) arena;
    *id = event->message_id;
    return id->len != 0;
}
