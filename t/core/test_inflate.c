
/*
 * Copyright (C) the ngx_http_pintag_module authors
 *
 * Inflating: what is a stream and what is none, and that no more than the cap
 * is ever inflated or allocated.
 */


#include "test.h"

#include <limits.h>

#include <zlib.h>

#include "inflate.h"


#define GZIP  (MAX_WBITS + 16)
#define ZLIB  MAX_WBITS
#define RAW   (-MAX_WBITS)

/* zlib's own: its state and a window of 32 kB, in blocks of the arena */
#define ZLIB_MEMORY  (80 * 1024)


static const unsigned char  zeros[65536];


/* appends a stream of "n" bytes that repeat "part" */

static void
deflate_to(pintag_buf_t *out, int bits, pintag_str_t part, size_t n)
{
    int            rc;
    z_stream       zlib;
    unsigned char  chunk[4096];

    memset(&zlib, 0, sizeof(z_stream));

    assert_int_equal(deflateInit2(&zlib, Z_BEST_COMPRESSION, Z_DEFLATED, bits,
                                  8, Z_DEFAULT_STRATEGY), Z_OK);

    do {
        if (zlib.avail_in == 0 && n != 0) {
            zlib.next_in = (unsigned char *) part.data;
            zlib.avail_in = (uInt) ((part.len < n) ? part.len : n);
            n -= zlib.avail_in;
        }

        zlib.next_out = chunk;
        zlib.avail_out = sizeof(chunk);

        rc = deflate(&zlib, (n == 0) ? Z_FINISH : Z_NO_FLUSH);

        pintag_buf_add(out, chunk, sizeof(chunk) - zlib.avail_out);

    } while (rc == Z_OK);

    assert_int_equal(rc, Z_STREAM_END);
    assert_false(out->failed);

    (void) deflateEnd(&zlib);
}


static void
deflate_text(pintag_buf_t *out, int bits, const char *text)
{
    deflate_to(out, bits, test_str(text), strlen(text));
}


/* inflates memory of its own length, so that overruns show */

static pintag_inflate_e
inflate_text(pintag_encoding_e encoding, pintag_str_t text, size_t max,
    pintag_arena_t *arena, pintag_str_t *inflated)
{
    unsigned char     *copy;
    pintag_inflate_e   rc;

    copy = malloc(text.len ? text.len : 1);
    assert_non_null(copy);

    if (text.len != 0) {
        memcpy(copy, text.data, text.len);
    }

    text.data = copy;

    rc = pintag_inflate(encoding, text, max, arena, inflated);

    free(copy);

    return rc;
}


static void
encodings_have_names(void **state)
{
    size_t        i;
    pintag_str_t  none = pintag_str_null;

    static const struct {
        const char         *value;
        pintag_encoding_e   encoding;
    } rows[] = {
        { "", PINTAG_ENCODING_IDENTITY },
        { "  ", PINTAG_ENCODING_IDENTITY },
        { "identity", PINTAG_ENCODING_IDENTITY },
        { "Identity", PINTAG_ENCODING_IDENTITY },
        { "gzip", PINTAG_ENCODING_GZIP },
        { " GZip\t", PINTAG_ENCODING_GZIP },
        { "x-gzip", PINTAG_ENCODING_GZIP },
        { "deflate", PINTAG_ENCODING_DEFLATE },
        { "DEFLATE ", PINTAG_ENCODING_DEFLATE },
        { "br", PINTAG_ENCODING_UNKNOWN },
        { "zstd", PINTAG_ENCODING_UNKNOWN },
        { "gzip, gzip", PINTAG_ENCODING_UNKNOWN },
        { "gzip, identity", PINTAG_ENCODING_UNKNOWN },
        { "gzip,", PINTAG_ENCODING_UNKNOWN },
        { "gzipped", PINTAG_ENCODING_UNKNOWN },
        { "gzi", PINTAG_ENCODING_UNKNOWN },
        { "x-deflate", PINTAG_ENCODING_UNKNOWN },
        { "*", PINTAG_ENCODING_UNKNOWN },
    };

    (void) state;

    for (i = 0; i < test_n(rows); i++) {
        assert_int_equal(pintag_encoding(test_str(rows[i].value)),
                         rows[i].encoding);
    }

    assert_int_equal(pintag_encoding(none), PINTAG_ENCODING_IDENTITY);
}


/*
 * Streams in turn, "G" for gzip, "Z" for zlib and "R" for raw, each of the
 * text, and bytes as they are.
 */

static void
streams_are_inflated(void **state)
{
    size_t             i;
    const char        *p;
    pintag_buf_t       text;
    pintag_str_t       inflated;
    test_memory_t      memory;
    pintag_inflate_e   rc;

    static const struct {
        pintag_encoding_e   encoding;
        const char         *streams;
        pintag_str_t        after;
        const char         *inflated;     /* NULL: invalid */
    } rows[] = {
        { PINTAG_ENCODING_GZIP, "G", pintag_str(""), "text " },
        { PINTAG_ENCODING_DEFLATE, "Z", pintag_str(""), "text " },
        { PINTAG_ENCODING_DEFLATE, "R", pintag_str(""), "text " },

        /* not of this kind */

        { PINTAG_ENCODING_GZIP, "Z", pintag_str(""), NULL },
        { PINTAG_ENCODING_GZIP, "R", pintag_str(""), NULL },
        { PINTAG_ENCODING_DEFLATE, "G", pintag_str(""), NULL },
        { PINTAG_ENCODING_GZIP, "", pintag_str(""), NULL },
        { PINTAG_ENCODING_GZIP, "", pintag_str("{}"), NULL },
        { PINTAG_ENCODING_GZIP, "", pintag_str("\0\0\0\0"), NULL },
        { PINTAG_ENCODING_DEFLATE, "", pintag_str(""), NULL },
        { PINTAG_ENCODING_DEFLATE, "", pintag_str("x"), NULL },
        { PINTAG_ENCODING_DEFLATE, "", pintag_str("{\"event\":\"A\"}"), NULL },

        /* with a dictionary that nobody has */

        { PINTAG_ENCODING_DEFLATE, "", pintag_str("x\xbb\1\2\3\4"), NULL },

        /* empty, stored, with bits of padding that look like half a header */

        { PINTAG_ENCODING_DEFLATE, "",
          pintag_str("\x08\0\0\xff\xff\x01\0\0\xff\xff"), "" },

        /* members of gzip may follow one another, with padding at the end */

        { PINTAG_ENCODING_GZIP, "GG", pintag_str(""), "text text " },
        { PINTAG_ENCODING_GZIP, "GGG", pintag_str("\0\0\0"),
          "text text text " },
        { PINTAG_ENCODING_GZIP, "G", pintag_str("\0"), "text " },
        { PINTAG_ENCODING_DEFLATE, "Z", pintag_str("\0\0"), "text " },
        { PINTAG_ENCODING_DEFLATE, "R", pintag_str("\0\0"), "text " },

        { PINTAG_ENCODING_GZIP, "G", pintag_str("x"), NULL },
        { PINTAG_ENCODING_GZIP, "G", pintag_str("\0\0x"), NULL },
        { PINTAG_ENCODING_GZIP, "G", pintag_str("\x1f"), NULL },
        { PINTAG_ENCODING_GZIP, "G", pintag_str("\x1f\x8b"), NULL },
        { PINTAG_ENCODING_GZIP, "G", pintag_str("\x1f\x8b\x08"), NULL },
        { PINTAG_ENCODING_GZIP, "GZ", pintag_str(""), NULL },
        { PINTAG_ENCODING_DEFLATE, "ZZ", pintag_str(""), NULL },
        { PINTAG_ENCODING_DEFLATE, "RR", pintag_str(""), NULL },
        { PINTAG_ENCODING_DEFLATE, "Z", pintag_str("x"), NULL },
        { PINTAG_ENCODING_DEFLATE, "RG", pintag_str(""), NULL },
    };

    (void) state;

    for (i = 0; i < test_n(rows); i++) {
        pintag_buf_init(&text, test_memory_init(&memory), 0);

        for (p = rows[i].streams; *p; p++) {
            deflate_text(&text, (*p == 'G') ? GZIP : (*p == 'Z') ? ZLIB : RAW,
                         "text ");
        }

        pintag_buf_add_str(&text, rows[i].after);

        rc = inflate_text(rows[i].encoding, test_buf_str(&text), 100,
                          &memory.arena, &inflated);

        if (rows[i].inflated != NULL) {
            assert_int_equal(rc, PINTAG_INFLATE_OK);
            assert_str(inflated, rows[i].inflated);

        } else {
            assert_int_equal(rc, PINTAG_INFLATE_INVALID);
        }

        test_memory_free(&memory);
    }
}


/* one of 31 begins as a zlib header's check would have it */

static void
raw_streams_are_not_taken_for_others(void **state)
{
    char           name[16];
    unsigned       n, found;
    pintag_buf_t   text;
    pintag_str_t   inflated;
    test_memory_t  memory;

    (void) state;

    found = 0;

    for (n = 0; n < 500; n++) {
        snprintf(name, sizeof(name), "%x", n * 1000003);

        pintag_buf_init(&text, test_memory_init(&memory), 0);
        deflate_text(&text, RAW, name);

        found += (text.data[0] * 256 + text.data[1]) % 31 == 0;

        assert_int_equal(inflate_text(PINTAG_ENCODING_DEFLATE,
                                      test_buf_str(&text), 100, &memory.arena,
                                      &inflated), PINTAG_INFLATE_OK);
        assert_str(inflated, name);

        test_memory_free(&memory);
    }

    assert_int_not_equal(found, 0);
}


static void
damaged_and_cut_off_streams_are_invalid(void **state)
{
    int               bits;
    size_t            i, k;
    pintag_buf_t      buf;
    pintag_str_t      text, inflated;
    test_memory_t     memory;
    pintag_inflate_e  rc;

    static const struct {
        pintag_encoding_e  encoding;
        int                bits;
    } rows[] = {
        { PINTAG_ENCODING_GZIP, GZIP },
        { PINTAG_ENCODING_DEFLATE, ZLIB },
        { PINTAG_ENCODING_DEFLATE, RAW },
    };

    (void) state;

    for (i = 0; i < test_n(rows); i++) {
        bits = rows[i].bits;

        pintag_buf_init(&buf, test_memory_init(&memory), 0);
        deflate_text(&buf, bits, "{\"event\":\"Order Completed\"}");

        for (text = test_buf_str(&buf); text.len-- != 0; /* void */ ) {
            assert_int_equal(inflate_text(rows[i].encoding, text, 100,
                                          &memory.arena, &inflated),
                             PINTAG_INFLATE_INVALID);
        }

        /* whatever is damaged, it ends well; the checksum is looked at */

        text = test_buf_str(&buf);

        for (k = 0; k < text.len * 8; k++) {
            buf.data[k / 8] ^= (unsigned char) (1 << k % 8);

            rc = inflate_text(rows[i].encoding, text, 100, &memory.arena,
                              &inflated);

            if (bits != RAW && k / 8 >= text.len - 4) {
                assert_int_equal(rc, PINTAG_INFLATE_INVALID);
            }

            if (rc == PINTAG_INFLATE_OK) {
                assert_true(inflated.len <= 100);
            }

            buf.data[k / 8] ^= (unsigned char) (1 << k % 8);
        }

        test_memory_free(&memory);
    }
}


/* sizes around the cap, and around those of the buffer on the way there */

static void
no_more_than_the_cap_is_inflated(void **state)
{
    size_t            i, k, n;
    pintag_buf_t      text;
    pintag_str_t      inflated;
    test_memory_t     memory;
    pintag_inflate_e  rc;

    static const pintag_str_t  part = pintag_str("0123456789");
    static const size_t  caps[] = { 0, 1, 100, 2047, 4096, 100000 };

    (void) state;

    for (i = 0; i < test_n(caps); i++) {

        for (k = 0; k < 18; k++) {

            /* one less, as many, one more */

            n = ((caps[i] + 1) >> k / 3) + k % 3;
            n -= (n != 0);

            pintag_buf_init(&text, test_memory_init(&memory), 0);
            deflate_to(&text, GZIP, part, n);

            rc = inflate_text(PINTAG_ENCODING_GZIP, test_buf_str(&text),
                              caps[i], &memory.arena, &inflated);

            if (n > caps[i]) {
                assert_int_equal(rc, PINTAG_INFLATE_TOO_LARGE);

            } else {
                assert_int_equal(rc, PINTAG_INFLATE_OK);
                assert_int_equal(inflated.len, n);

                while (n-- != 0) {
                    assert_int_equal(inflated.data[n], '0' + n % 10);
                }
            }

            test_memory_free(&memory);
        }
    }
}


static void
members_count_together(void **state)
{
    size_t         n;
    pintag_buf_t   text;
    pintag_str_t   inflated;
    test_memory_t  memory;

    (void) state;

    pintag_buf_init(&text, test_memory_init(&memory), 0);

    for (n = 0; n < 20; n++) {
        deflate_text(&text, GZIP, "12345");
    }

    assert_int_equal(inflate_text(PINTAG_ENCODING_GZIP, test_buf_str(&text),
                                  100, &memory.arena, &inflated),
                     PINTAG_INFLATE_OK);
    assert_int_equal(inflated.len, 100);
    assert_int_equal(inflate_text(PINTAG_ENCODING_GZIP, test_buf_str(&text),
                                  99, &memory.arena, &inflated),
                     PINTAG_INFLATE_TOO_LARGE);

    /* those that hold nothing, some of them */

    for (n = 0; n < 400; n++) {
        deflate_text(&text, GZIP, "");
    }

    assert_int_equal(inflate_text(PINTAG_ENCODING_GZIP, test_buf_str(&text),
                                  100, &memory.arena, &inflated),
                     PINTAG_INFLATE_OK);
    assert_int_equal(inflated.len, 100);

    test_memory_free(&memory);
}


/*
 * blocks that hold nothing take time, and those of a flushed event do not end
 * it
 */

static void
blocks_are_no_more_than_an_encoder_makes(void **state)
{
    size_t         n;
    z_stream       zlib;
    pintag_buf_t   text;
    pintag_str_t   inflated;
    test_memory_t  memory;
    unsigned char  chunk[512];

    (void) state;

    pintag_buf_init(&text, test_memory_init(&memory), 0);

    for (n = 0; n < 1000; n++) {
        pintag_buf_add(&text, "\0\0\0\xff\xff", 5);
    }

    pintag_buf_add(&text, "\1\0\0\xff\xff", 5);

    assert_int_equal(inflate_text(PINTAG_ENCODING_DEFLATE, test_buf_str(&text),
                                  100, &memory.arena, &inflated),
                     PINTAG_INFLATE_OK);
    assert_int_equal(inflated.len, 0);

    text.len = 0;

    for (n = 0; n < 1100; n++) {
        pintag_buf_add(&text, "\0\0\0\xff\xff", 5);
    }

    pintag_buf_add(&text, "\1\0\0\xff\xff", 5);

    assert_int_equal(inflate_text(PINTAG_ENCODING_DEFLATE, test_buf_str(&text),
                                  100, &memory.arena, &inflated),
                     PINTAG_INFLATE_INVALID);

    /* each 128 bytes of many are flushed */

    text.len = 0;
    memset(&zlib, 0, sizeof(z_stream));

    assert_int_equal(deflateInit2(&zlib, Z_BEST_SPEED, Z_DEFLATED, GZIP, 8,
                                  Z_DEFAULT_STRATEGY), Z_OK);

    for (n = 0; n < 4096; n++) {
        zlib.next_in = (unsigned char *) zeros;
        zlib.avail_in = 128;
        zlib.next_out = chunk;
        zlib.avail_out = sizeof(chunk);

        assert_int_equal(deflate(&zlib, n < 4095 ? Z_SYNC_FLUSH : Z_FINISH),
                         n < 4095 ? Z_OK : Z_STREAM_END);

        pintag_buf_add(&text, chunk, sizeof(chunk) - zlib.avail_out);
    }

    deflateEnd(&zlib);

    assert_int_equal(inflate_text(PINTAG_ENCODING_GZIP, test_buf_str(&text),
                                  524288, &memory.arena, &inflated),
                     PINTAG_INFLATE_OK);
    assert_int_equal(inflated.len, 524288);

    test_memory_free(&memory);
}


static void
a_bomb_takes_no_more_memory_than_the_cap(void **state)
{
    size_t            i, max;
    pintag_buf_t      bomb;
    pintag_str_t      part, inflated;
    test_memory_t     memory, room;
    pintag_inflate_e  rc;

    static const struct {
        size_t            size;
        size_t            max;
        pintag_inflate_e  rc;
    } rows[] = {
        { 1024 * 1024 * 1024, 1000000, PINTAG_INFLATE_TOO_LARGE },
        { 1024 * 1024 * 1024, 1000, PINTAG_INFLATE_TOO_LARGE },
        { 2000000, 1000000, PINTAG_INFLATE_TOO_LARGE },
        { 999990, 1000000, PINTAG_INFLATE_OK },
    };

    (void) state;

    part.data = zeros;
    part.len = sizeof(zeros);

    pintag_buf_init(&bomb, test_memory_init(&memory), 2 * 1024 * 1024);

    for (i = 0; i < test_n(rows); i++) {
        max = rows[i].max;

        if (i == 0 || rows[i].size != rows[i - 1].size) {
            bomb.len = 0;
            deflate_to(&bomb, GZIP, part, rows[i].size);
        }

        assert_true(bomb.len < rows[i].size / 900);

        (void) test_memory_init(&room);
        rc = inflate_text(PINTAG_ENCODING_GZIP, test_buf_str(&bomb), max,
                          &room.arena, &inflated);

        assert_int_equal(rc, rows[i].rc);
        assert_true(inflated.len <= max + 1);
        assert_true(room.bytes < 2 * max + max / 10 + ZLIB_MEMORY);

        test_memory_free(&room);
    }

    test_memory_free(&memory);
}


/* nothing of the text is looked at, so that there need be none */

static void
what_zlib_cannot_count_is_too_large(void **state)
{
    pintag_str_t   text, inflated;
    test_memory_t  memory;

    (void) state;

    if (SIZE_MAX == UINT_MAX) {
        skip();
    }

    text.data = zeros;
    text.len = (size_t) UINT_MAX + 1;

    assert_int_equal(pintag_inflate(PINTAG_ENCODING_GZIP, text, 1000,
                                    test_memory_init(&memory), &inflated),
                     PINTAG_INFLATE_TOO_LARGE);
    assert_int_equal(memory.calls, 0);

    test_memory_free(&memory);
}


/* no cap at all is one of what zlib can count */

static void
a_cap_may_be_of_any_size(void **state)
{
    pintag_buf_t   text;
    pintag_str_t   inflated;
    test_memory_t  memory;

    (void) state;

    pintag_buf_init(&text, test_memory_init(&memory), 0);
    deflate_to(&text, ZLIB, test_str("0123456789"), 100000);

    assert_int_equal(inflate_text(PINTAG_ENCODING_DEFLATE, test_buf_str(&text),
                                  SIZE_MAX, &memory.arena, &inflated),
                     PINTAG_INFLATE_OK);
    assert_int_equal(inflated.len, 100000);
    assert_true(memory.bytes < 1000000);

    test_memory_free(&memory);
}


static void
any_allocation_may_fail(void **state)
{
    size_t            fail_at;
    pintag_buf_t      text;
    pintag_str_t      inflated;
    test_memory_t     memory, room;
    pintag_inflate_e  rc;

    (void) state;

    pintag_buf_init(&text, test_memory_init(&memory), 0);
    deflate_to(&text, GZIP, test_str("0123456789"), 100000);

    fail_at = 0;

    do {
        (void) test_memory_init_failing(&room, ++fail_at);

        rc = inflate_text(PINTAG_ENCODING_GZIP, test_buf_str(&text), 100000,
                          &room.arena, &inflated);

        assert_int_equal(rc, (rc == PINTAG_INFLATE_OK)
                                 ? PINTAG_INFLATE_OK
                                 : PINTAG_INFLATE_NO_MEMORY);

        test_memory_free(&room);

    } while (rc != PINTAG_INFLATE_OK);

    /* the buffer, zlib's state, its window, and the buffer's next sizes */

    assert_true(fail_at > 6);

    test_memory_free(&memory);
}


int
main(void)
{
    static const struct CMUnitTest  tests[] = {
        cmocka_unit_test(encodings_have_names),
        cmocka_unit_test(streams_are_inflated),
        cmocka_unit_test(raw_streams_are_not_taken_for_others),
        cmocka_unit_test(damaged_and_cut_off_streams_are_invalid),
        cmocka_unit_test(no_more_than_the_cap_is_inflated),
        cmocka_unit_test(members_count_together),
        cmocka_unit_test(blocks_are_no_more_than_an_encoder_makes),
        cmocka_unit_test(a_bomb_takes_no_more_memory_than_the_cap),
        cmocka_unit_test(what_zlib_cannot_count_is_too_large),
        cmocka_unit_test(a_cap_may_be_of_any_size),
        cmocka_unit_test(any_allocation_may_fail),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
