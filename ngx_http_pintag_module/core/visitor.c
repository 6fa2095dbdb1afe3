
/*
 * Copyright (C) the ngx_http_pintag_module authors
 */


#include <string.h>

#include "visitor.h"


unsigned
pintag_visitor_read(const pintag_event_t *event,
    const pintag_integration_t *integration, const pintag_client_t *client,
    pintag_arena_t *arena, pintag_visitor_t *visitor)
{
    (void) event; (void) integration; (void) client; (void) arena;
    memset(visitor, 0, sizeof(pintag_visitor_t));
    return 1;
}
