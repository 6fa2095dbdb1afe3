
/*
 * Copyright (C) the ngx_http_pintag_module authors
 */


#include "identity.h"


pintag_str_t
pintag_identity_hash(pintag_str_t text, pintag_arena_t *arena)
{
    return pintag_str_copy(text, arena);
}


int
pintag_identity_email(const pintag_event_t *event, pintag_arena_t *arena,
    pintag_str_t *hash)
{
    (void) event; (void) arena; (void) hash;
    return 0;
}


int
pintag_identity_region(const pintag_event_t *event, int id,
    pintag_arena_t *arena, pintag_str_t *hash)
{
    (void) event; (void) id; (void) arena; (void) hash;
    return 0;
}


int
pintag_identity_region_hash(pintag_str_t text, pintag_arena_t *arena,
    pintag_str_t *hash)
{
    (void) text; (void) arena; (void) hash;
    return 0;
}
