
/*
 * Copyright (C) the ngx_http_pintag_module authors
 *
 * Compressed bodies: any bytes, and what zlib has compressed.  The first byte
 * of the input says which, the second how many bytes there may be.
 */


#include <stdlib.h>
#include <string.h>

#define ZLIB_CONST
#include <zlib.h>

#include "fuzz.h"
#include "inflate.h"


#define FUZZ_GZIP        0x01
#define FUZZ_COMPRESSED  0x02
#define FUZZ_RAW         0x04
#define FUZZ_NO_MEMORY   0x08

/* so many times the second byte */
#define FUZZ_MAX         64


static void fuzz_any(pintag_encoding_e encoding, pintag_str_t text, size_t max,
    size_t *left);
static void fuzz_compressed(unsigned how, pintag_encoding_e encoding,
    pintag_str_t text, size_t max);


int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    size_t             max, left;
    unsigned           how;
    pintag_str_t       text;
    fuzz_input_t       input;
    pintag_encoding_e  encoding;

    input.data = data;
    input.len = size;

    how = fuzz_byte(&input);
    max = (size_t) fuzz_byte(&input) * FUZZ_MAX;
    left = how >> 4;
    text = fuzz_rest(&input);

    encoding = (how & FUZZ_GZIP) ? PINTAG_ENCODING_GZIP
                                 : PINTAG_ENCODING_DEFLATE;

    if (how & FUZZ_COMPRESSED) {
        fuzz_compressed(how, encoding, text, max);

    } else {
        fuzz_any(encoding, text, max, (how & FUZZ_NO_MEMORY) ? &left : NULL);
    }

    (void) pintag_encoding(text);

    return 0;
}


static void
fuzz_any(pintag_encoding_e encoding, pintag_str_t text, size_t max,
    size_t *left)
{
    pintag_str_t      inflated;
    fuzz_memory_t     memory;
    pintag_inflate_e  rc;

    rc = pintag_inflate(encoding, text, max, fuzz_memory_init(&memory, left),
                        &inflated);

    fuzz_check(rc != PINTAG_INFLATE_NO_MEMORY || left != NULL);
    fuzz_check(rc != PINTAG_INFLATE_OK || inflated.len <= max);

    fuzz_memory_free(&memory);
}


static void
fuzz_compressed(unsigned how, pintag_encoding_e encoding, pintag_str_t text,
    size_t max)
{
    int               bits;
    size_t            size;
    z_stream          zlib;
    pintag_str_t      compressed, inflated;
    fuzz_memory_t     memory;
    unsigned char    *data;
    pintag_inflate_e  rc;

    memset(&zlib, 0, sizeof(z_stream));

    bits = (how & FUZZ_GZIP) ? MAX_WBITS + 16
                             : (how & FUZZ_RAW) ? -MAX_WBITS : MAX_WBITS;

    fuzz_check(deflateInit2(&zlib, (int) (how >> 4) % 10, Z_DEFLATED, bits, 8,
                            Z_DEFAULT_STRATEGY)
               == Z_OK);

    size = deflateBound(&zlib, text.len);

    data = malloc(size);
    fuzz_check(data != NULL);

    zlib.next_in = text.data;
    zlib.avail_in = (uInt) text.len;
    zlib.next_out = data;
    zlib.avail_out = (uInt) size;

    fuzz_check(deflate(&zlib, Z_FINISH) == Z_STREAM_END);

    compressed.data = data;
    compressed.len = size - zlib.avail_out;

    fuzz_check(deflateEnd(&zlib) == Z_OK);

    rc = pintag_inflate(encoding, compressed, max,
                        fuzz_memory_init(&memory, NULL), &inflated);

    if (text.len > max) {
        fuzz_check(rc == PINTAG_INFLATE_TOO_LARGE);

    } else {
        fuzz_check(rc == PINTAG_INFLATE_OK);
        fuzz_check(pintag_str_eq(inflated, text));
    }

    fuzz_memory_free(&memory);
    free(data);
}
