
/*
 * Copyright (C) the ngx_http_pintag_module authors
 *
 * Compressed bodies: gzip (RFC 1952) and deflate (RFC 1950; raw RFC 1951, as
 * some clients send it), inflated with a cap.
 */


#ifndef PINTAG_INFLATE_H
#define PINTAG_INFLATE_H


#include <stddef.h>

#include "arena.h"
#include "text.h"


typedef enum {
    PINTAG_ENCODING_IDENTITY = 0,
    PINTAG_ENCODING_GZIP,
    PINTAG_ENCODING_DEFLATE,
    PINTAG_ENCODING_UNKNOWN
} pintag_encoding_e;


typedef enum {
    PINTAG_INFLATE_OK = 0,
    PINTAG_INFLATE_TOO_LARGE,     /* more than "max" bytes */
    PINTAG_INFLATE_INVALID,       /* damaged, cut off, or not of this kind */
    PINTAG_INFLATE_NO_MEMORY
} pintag_inflate_e;


/* a Content-Encoding header's value; empty is IDENTITY; "x-gzip" is gzip */
pintag_encoding_e pintag_encoding(pintag_str_t value);

/*
 * Inflates a GZIP or DEFLATE text into the arena, zlib's own memory included.
 * Not a byte more than "max" + 1 is ever inflated.
 */
pintag_inflate_e pintag_inflate(pintag_encoding_e encoding, pintag_str_t text,
    size_t max, pintag_arena_t *arena, pintag_str_t *inflated);


#endif /* PINTAG_INFLATE_H */
