
/*
 * Copyright (C) the ngx_http_pintag_module authors
 */


#include "pii.h"


int
pintag_pii_name(const pintag_pii_t *pii, pintag_pii_scope_e scope,
    pintag_str_t name, unsigned person, pintag_arena_t *arena)
{
    (void) pii; (void) scope; (void) name; (void) person; (void) arena;
    return 0;
}


unsigned
pintag_pii_person(pintag_str_t name)
{
    (void) name;
    return 0;
}


unsigned
pintag_pii_strict(pintag_str_t name)
{
    (void) name;
    return 0;
}


int
pintag_pii_email(pintag_str_t text, pintag_arena_t *arena)
{
    (void) text; (void) arena;
    return 0;
}


unsigned
pintag_pii_address(pintag_str_t text)
{
    (void) text;
    return 0;
}


int
pintag_pii_value(const pintag_pii_t *pii, pintag_pii_scope_e scope,
    pintag_str_t key, pintag_str_t text, pintag_arena_t *arena,
    pintag_str_t *clean)
{
    (void) pii; (void) scope; (void) key; (void) arena;
    *clean = text;
    return 1;
}


int
pintag_pii_url(const pintag_pii_t *pii, pintag_pii_scope_e scope,
    pintag_str_t url, pintag_arena_t *arena, pintag_str_t *clean)
{
    (void) pii; (void) scope; (void) arena;
    *clean = url;
    return 1;
}
