
/*
 * Copyright (C) the ngx_http_pintag_module authors
 */


#include <limits.h>
#include <string.h>

#define ZLIB_CONST
#include <zlib.h>

#include "inflate.h"


/* a buffer of less is not worth the steps up from it */
#define PINTAG_INFLATE_MIN  1024

/*
 * Of 12 bytes an encoder can make a block that inflates to nothing and takes a
 * microsecond.  One that is not up to that makes a block of some kilobytes, or
 * two of what it is to flush: a block for so many bytes is plenty, and some
 * more.
 */
#define PINTAG_INFLATE_BLOCK   64
#define PINTAG_INFLATE_BLOCKS  1024


/* the buffer is a power of two times smaller than the most it may become */

typedef struct {
    z_stream         zlib;
    pintag_arena_t  *arena;
    unsigned char   *data;
    size_t           most;
    unsigned         shift;
    size_t           blocks;
} pintag_inflater_t;


static int pintag_inflate_bits(pintag_encoding_e encoding, pintag_str_t text);
static pintag_inflate_e pintag_inflate_all(pintag_inflater_t *inflater,
    pintag_encoding_e encoding);
static unsigned pintag_inflate_block(pintag_inflater_t *inflater);
static pintag_inflate_e pintag_inflate_grow(pintag_inflater_t *inflater);
static unsigned pintag_inflate_padding(const z_stream *zlib);
static voidpf pintag_inflate_alloc(voidpf opaque, uInt items, uInt size);
static void pintag_inflate_free(voidpf opaque, voidpf address);


pintag_encoding_e
pintag_encoding(pintag_str_t value)
{
    size_t  i;

    static const struct {
        pintag_str_t       name;
        pintag_encoding_e  encoding;
    } encodings[] = {
        { pintag_str(""), PINTAG_ENCODING_IDENTITY },
        { pintag_str("identity"), PINTAG_ENCODING_IDENTITY },
        { pintag_str("gzip"), PINTAG_ENCODING_GZIP },
        { pintag_str("x-gzip"), PINTAG_ENCODING_GZIP },
        { pintag_str("deflate"), PINTAG_ENCODING_DEFLATE }
    };

    value = pintag_str_trim(value);

    for (i = 0; i < sizeof(encodings) / sizeof(encodings[0]); i++) {
        if (pintag_str_case_eq(encodings[i].name, value)) {
            return encodings[i].encoding;
        }
    }

    return PINTAG_ENCODING_UNKNOWN;
}


pintag_inflate_e
pintag_inflate(pintag_encoding_e encoding, pintag_str_t text, size_t max,
    pintag_arena_t *arena, pintag_str_t *inflated)
{
    int                rc;
    size_t             half;
    pintag_inflate_e   result;
    pintag_inflater_t  inflater;

    /* zlib counts in 32 bits what it is given at a time */

    if (text.len > UINT_MAX) {
        return PINTAG_INFLATE_TOO_LARGE;
    }

    memset(&inflater, 0, sizeof(pintag_inflater_t));

    inflater.arena = arena;
    inflater.most = (max < UINT_MAX) ? max + 1 : UINT_MAX;

    /* events shrink to a quarter or less */

    for ( ;; ) {
        half = inflater.most >> (inflater.shift + 1);

        if (half < PINTAG_INFLATE_MIN || half / 4 < text.len) {
            break;
        }

        inflater.shift++;
    }

    inflater.data = pintag_arena_bytes(arena, inflater.most >> inflater.shift);
    if (inflater.data == NULL) {
        return PINTAG_INFLATE_NO_MEMORY;
    }

    inflater.zlib.zalloc = pintag_inflate_alloc;
    inflater.zlib.zfree = pintag_inflate_free;
    inflater.zlib.opaque = arena;
    inflater.zlib.next_in = text.data;
    inflater.zlib.avail_in = (uInt) text.len;
    inflater.zlib.next_out = inflater.data;
    inflater.zlib.avail_out = (uInt) (inflater.most >> inflater.shift);

    rc = inflateInit2(&inflater.zlib, pintag_inflate_bits(encoding, text));

    if (rc != Z_OK) {
        return (rc == Z_MEM_ERROR) ? PINTAG_INFLATE_NO_MEMORY
                                   : PINTAG_INFLATE_INVALID;
    }

    result = pintag_inflate_all(&inflater, encoding);

    (void) inflateEnd(&inflater.zlib);

    inflated->data = inflater.data;
    inflated->len = (size_t) (inflater.zlib.next_out - inflater.data);

    return result;
}


/* zlib's number for the format */

static int
pintag_inflate_bits(pintag_encoding_e encoding, pintag_str_t text)
{
    if (encoding == PINTAG_ENCODING_GZIP) {
        return MAX_WBITS + 16;
    }

    /* a raw stream that begins like this would have garbage for padding */

    if (text.len >= 2
        && (text.data[0] & 0xf) == Z_DEFLATED
        && (text.data[0] * 256 + text.data[1]) % 31 == 0)
    {
        return MAX_WBITS;
    }

    return -MAX_WBITS;
}


static pintag_inflate_e
pintag_inflate_all(pintag_inflater_t *inflater, pintag_encoding_e encoding)
{
    int                rc;
    z_stream          *zlib;
    pintag_inflate_e   grown;

    zlib = &inflater->zlib;

    for ( ;; ) {

        rc = inflate(zlib, Z_BLOCK);

        switch (rc) {

        case Z_STREAM_END:

            if (zlib->avail_out == 0 && inflater->shift == 0) {
                return PINTAG_INFLATE_TOO_LARGE;
            }

            /* gzip members may follow one another */

            if (encoding == PINTAG_ENCODING_GZIP && zlib->avail_in >= 2
                && zlib->next_in[0] == 0x1f && zlib->next_in[1] == 0x8b)
            {
                (void) inflateReset(zlib);
                break;
            }

            return pintag_inflate_padding(zlib) ? PINTAG_INFLATE_OK
                                                : PINTAG_INFLATE_INVALID;

        case Z_OK:
        case Z_BUF_ERROR:

            if (zlib->avail_out != 0) {

                /* cut off, or the end of a block */

                if (rc == Z_BUF_ERROR || !pintag_inflate_block(inflater)) {
                    return PINTAG_INFLATE_INVALID;
                }

                break;
            }

            grown = pintag_inflate_grow(inflater);

            if (grown != PINTAG_INFLATE_OK) {
                return grown;
            }

            break;

        case Z_MEM_ERROR:
            return PINTAG_INFLATE_NO_MEMORY;

        default:
            return PINTAG_INFLATE_INVALID;
        }
    }
}


/* 1, or 0 when there are too many for what they hold */

static unsigned
pintag_inflate_block(pintag_inflater_t *inflater)
{
    size_t  len;

    len = (size_t) (inflater->zlib.next_out - inflater->data);

    return ++inflater->blocks <= PINTAG_INFLATE_BLOCKS
                                 + len / PINTAG_INFLATE_BLOCK;
}


/* a full buffer becomes one twice as large */

static pintag_inflate_e
pintag_inflate_grow(pintag_inflater_t *inflater)
{
    size_t          len, size;
    unsigned char  *data;

    if (inflater->shift == 0) {
        return PINTAG_INFLATE_TOO_LARGE;
    }

    len = inflater->most >> inflater->shift;
    size = inflater->most >> --inflater->shift;

    data = pintag_arena_bytes(inflater->arena, size);
    if (data == NULL) {
        return PINTAG_INFLATE_NO_MEMORY;
    }

    memcpy(data, inflater->data, len);

    inflater->data = data;
    inflater->zlib.next_out = data + len;
    inflater->zlib.avail_out = (uInt) (size - len);

    return PINTAG_INFLATE_OK;
}


/* is what follows the end nothing but zeros */

static unsigned
pintag_inflate_padding(const z_stream *zlib)
{
    size_t  i;

    for (i = 0; i < zlib->avail_in; i++) {
        if (zlib->next_in[i] != 0) {
            return 0;
        }
    }

    return 1;
}


static voidpf
pintag_inflate_alloc(voidpf opaque, uInt items, uInt size)
{
    return pintag_arena_alloc(opaque, (size_t) items * size);
}


/* the arena's blocks are freed as a whole */

static void
pintag_inflate_free(voidpf opaque, voidpf address)
{
    (void) opaque;
    (void) address;
}
