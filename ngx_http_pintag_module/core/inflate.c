
/*
 * Copyright (C) the ngx_http_pintag_module authors
 */


#include "inflate.h"


pintag_encoding_e
pintag_encoding(pintag_str_t value)
{
    return value.len ? PINTAG_ENCODING_UNKNOWN : PINTAG_ENCODING_IDENTITY;
}


pintag_inflate_e
pintag_inflate(pintag_encoding_e encoding, pintag_str_t text, size_t max,
    pintag_arena_t *arena, pintag_str_t *inflated)
{
    (void) encoding; (void) text; (void) max; (void) arena; (void) inflated;
    return PINTAG_INFLATE_INVALID;
}
