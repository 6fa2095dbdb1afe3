
/*
 * Copyright (C) the ngx_http_pintag_module authors
 *
 * The lines of a spool file: what was written is read, and nothing else is.
 */


#include "test.h"

#include <zlib.h>

#include "spool_line.h"


#define MAX_LINE  (16 * 1024 * 1024)


/* a line and its bytes in memory of their own length, so that overruns show */

typedef struct {
    unsigned char        *data;
    size_t                len;        /* without the newline */
    pintag_spool_line_t   line;
} test_line_t;


static const pintag_spool_line_t  api = {
    .state = PINTAG_SPOOL_PENDING,
    .sequence = 1,
    .time = 1764096549,
    .destination = pintag_str("api:549755885175:localhost/pinterest"),
    .event_id = pintag_str("e1"),
    .payload = pintag_str("{\"a\":\"b\\n\"}")
};

static const pintag_spool_line_t  tag = {
    .state = PINTAG_SPOOL_UNDELIVERED,
    .sequence = 27,
    .time = 1764096550,
    .destination = pintag_str("tag:2612826764086:localhost/pinterest"),
    .event_id = pintag_str("e2"),
    .reason = pintag_str("max_age"),
    .payload = pintag_str("tid=2612826764086&event=checkout"),
    .user_agent = pintag_str("Mozilla/5.0 (X11)"),
    .page_url = pintag_str("https://shop.example/a?b=c"),
    .address = pintag_str("192.0.2.1")
};


/* the same numbers for each run */

static uint32_t
next_random(uint32_t *random)
{
    *random = *random * 1664525 + 1013904223;

    return *random >> 8;
}


static pintag_str_t
slice(const unsigned char *data, size_t len)
{
    pintag_str_t  s;

    s.data = data;
    s.len = len;

    return s;
}


static unsigned char *
copy_bytes(const void *data, size_t len)
{
    unsigned char  *copy;

    copy = malloc(len ? len : 1);
    assert_non_null(copy);

    if (len != 0) {
        memcpy(copy, data, len);
    }

    return copy;
}


/* with the newline, malloc()ed */

static unsigned char *
write_line(const pintag_spool_line_t *line, size_t *len)
{
    size_t          size;
    unsigned char  *data;

    size = pintag_spool_line_size(line);

    data = malloc(size);
    assert_non_null(data);

    *len = pintag_spool_line_write(data, line);

    assert_true(*len <= size);
    assert_int_equal(data[*len - 1], '\n');

    return data;
}


/* writes what follows the CRC, which is right, and what is before it */

static void
line_init(test_line_t *t, pintag_str_t rest)
{
    char   prefix[16];
    uLong  crc;

    crc = crc32(0, rest.data, (uInt) rest.len);
    (void) snprintf(prefix, sizeof(prefix), "P\t%08lx\t", crc);

    t->len = 11 + rest.len;
    t->data = malloc(t->len);
    assert_non_null(t->data);

    memcpy(t->data, prefix, 11);
    memcpy(t->data + 11, rest.data, rest.len);
}


static pintag_spool_kind_e
read_line(test_line_t *t)
{
    return pintag_spool_line_read(t->data, t->len, &t->line);
}


static pintag_spool_kind_e
read_text(const char *text, size_t len)
{
    unsigned char        *data;
    pintag_spool_kind_e   kind;
    pintag_spool_line_t   line;

    data = copy_bytes(text, len);
    kind = pintag_spool_line_read(data, len, &line);

    if (kind != PINTAG_SPOOL_LINE && kind != PINTAG_SPOOL_STATELESS && len) {
        assert_memory_equal(data, text, len);
    }

    free(data);

    return kind;
}


static size_t
find_line(const void *data, size_t len)
{
    size_t          offset;
    unsigned char  *copy;

    copy = copy_bytes(data, len);
    offset = pintag_spool_line_find(copy, len);
    free(copy);

    return offset;
}


static void
assert_text_at(pintag_str_t s, pintag_str_t expected, const char *what,
    int line)
{
    test_assert_str_at(s, expected, what, __FILE__, line);

    if (expected.len == 0) {
        assert_null(s.data);
    }
}


#define assert_text(s, expected)                                              \
    assert_text_at(s, expected, #s, __LINE__)


static void
assert_line(const pintag_spool_line_t *line,
    const pintag_spool_line_t *expected)
{
    assert_int_equal(line->state, expected->state);
    assert_true(line->sequence == expected->sequence);
    assert_true(line->time == expected->time);

    assert_text(line->destination, expected->destination);
    assert_text(line->event_id, expected->event_id);
    assert_text(line->reason, expected->reason);
    assert_text(line->payload, expected->payload);
    assert_text(line->user_agent, expected->user_agent);
    assert_text(line->page_url, expected->page_url);
    assert_text(line->address, expected->address);
}


static void
assert_round_trip(const pintag_spool_line_t *line)
{
    size_t                len;
    unsigned char        *data;
    pintag_spool_line_t   out;

    data = write_line(line, &len);

    assert_null(memchr(data, '\n', len - 1));
    assert_int_equal(pintag_spool_line_read(data, len - 1, &out),
                     PINTAG_SPOOL_LINE);
    assert_line(&out, line);

    free(data);
}


/* the bytes of the format, so that files of other versions stay readable */

static void
test_lines_are_as_documented(void **state)
{
    size_t               i, len;
    unsigned char       *data;
    pintag_spool_line_t  odd;

    static const struct {
        const pintag_spool_line_t  *line;
        const char                 *text;
    } rows[] = {
        { &api, "P\t3bcd1318\t1\t1764096549"
                "\tapi:549755885175:localhost/pinterest\te1\t"
                "\t{\"a\":\"b\\n\"}\n" },
        { &tag, "U\t4f992042\t27\t1764096550"
                "\ttag:2612826764086:localhost/pinterest\te2\tmax_age"
                "\ttid=2612826764086&event=checkout\tMozilla/5.0 (X11)"
                "\thttps://shop.example/a?b=c\t192.0.2.1\n" }
    };

    (void) state;

    for (i = 0; i < test_n(rows); i++) {
        data = write_line(rows[i].line, &len);
        assert_text(slice(data, len), test_str(rows[i].text));
        free(data);
    }

    odd = api;
    odd.sequence = UINT64_MAX;
    odd.time = INT64_MIN;
    odd.destination = test_lit("\t\n\r\\ab\0cdefghijklmnopqrs\\");
    odd.event_id = test_str(NULL);
    odd.payload = test_str(NULL);
    odd.page_url = test_lit("\\t");

    data = write_line(&odd, &len);
    assert_text(slice(data + 11, len - 11),
                test_lit("18446744073709551615\t-9223372036854775808"
                         "\t\\t\\n\\r\\\\ab\0cdefghijklmnopqrs\\\\"
                         "\t\t\t\t\t\\\\t\t\n"));
    free(data);
}


/* escaping and none take no more room than was told */

static void
test_size_is_the_most(void **state)
{
    size_t               len;
    unsigned char       *data;
    pintag_spool_line_t  line;

    (void) state;

    line = tag;
    line.sequence = UINT64_MAX;
    line.time = INT64_MIN;
    line.destination = test_str("\\\\\\\\\\\\\\\\\\");
    line.event_id = line.destination;
    line.reason = line.destination;
    line.user_agent = test_str("\t\t\t\t\t\t\t\t\t");
    line.page_url = test_str("\n\n\n\n\n\n\n\n\n");
    line.address = test_str("\r\r\r\r\r\r\r\r\r");

    data = write_line(&line, &len);
    assert_int_equal(len, pintag_spool_line_size(&line));
    free(data);

    assert_round_trip(&line);
}


static void
test_every_byte_is_read_as_written(void **state)
{
    int                  c;
    size_t               i;
    unsigned char        text[24];
    pintag_str_t         s, *texts[6];
    pintag_spool_line_t  line;

    (void) state;

    s.data = text;
    s.len = sizeof(text);

    for (c = 0; c < 256; c++) {
        for (i = 0; i < sizeof(text); i++) {
            memset(text, 'a' + (int) i, sizeof(text));
            text[i] = (unsigned char) c;

            line = api;

            texts[0] = &line.destination;
            texts[1] = &line.event_id;
            texts[2] = &line.reason;
            texts[3] = &line.user_agent;
            texts[4] = &line.page_url;
            texts[5] = &line.address;

            *texts[i % 6] = s;
            s.len = 1 + (s.len + 6) % sizeof(text);

            if (c != '\t' && c != '\n' && c != '\r') {
                line.payload.data = text;
                line.payload.len = sizeof(text);
            }

            assert_round_trip(&line);
        }
    }
}


static void
test_columns_may_be_empty(void **state)
{
    unsigned             bits;
    pintag_str_t         none = pintag_str_null;
    pintag_spool_line_t  line;

    (void) state;

    for (bits = 0; bits < 128; bits++) {
        line = tag;

        line.destination = (bits & 1) ? none : line.destination;
        line.event_id = (bits & 2) ? none : line.event_id;
        line.reason = (bits & 4) ? none : line.reason;
        line.payload = (bits & 8) ? none : line.payload;
        line.user_agent = (bits & 16) ? none : line.user_agent;
        line.page_url = (bits & 32) ? none : line.page_url;
        line.address = (bits & 64) ? none : line.address;

        assert_round_trip(&line);
    }
}


static void
test_numbers_are_read_as_written(void **state)
{
    size_t               i;
    pintag_spool_line_t  line;

    static const struct {
        uint64_t  sequence;
        int64_t   time;
    } rows[] = {
        { 0, 0 },
        { 9, -1 },
        { 10, 10 },
        { UINT64_MAX - 1, INT64_MAX - 1 },
        { UINT64_MAX, INT64_MAX },
        { UINT64_MAX / 10, INT64_MIN + 1 },
        { UINT64_MAX / 10 + 1, INT64_MIN }
    };

    (void) state;

    for (i = 0; i < test_n(rows); i++) {
        line = api;
        line.sequence = rows[i].sequence;
        line.time = rows[i].time;

        assert_round_trip(&line);
    }
}


static void
test_random_texts_are_read_as_written(void **state)
{
    size_t               i, n;
    uint32_t             random;
    pintag_str_t        *texts[6];
    unsigned char        bytes[6][64];
    pintag_spool_line_t  line;

    static const unsigned char  odd[] = "\t\n\r\\tnr\0";

    (void) state;

    random = 1;

    for (n = 0; n < 20000; n++) {
        line = (n % 2) ? tag : api;

        texts[0] = &line.destination;
        texts[1] = &line.event_id;
        texts[2] = &line.reason;
        texts[3] = &line.user_agent;
        texts[4] = &line.page_url;
        texts[5] = &line.address;

        for (i = 0; i < 6; i++) {
            texts[i]->data = bytes[i];
            texts[i]->len = 0;

            while (texts[i]->len < next_random(&random) % sizeof(bytes[i])) {
                bytes[i][texts[i]->len++] = (next_random(&random) % 4 == 0)
                    ? odd[next_random(&random) % sizeof(odd)]
                    : (unsigned char) next_random(&random);
            }
        }

        assert_round_trip(&line);
    }
}


/* what somebody else wrote, with a right CRC */

static void
test_columns_with_a_right_crc(void **state)
{
    size_t                i;
    unsigned char        *before;
    test_line_t           t;
    pintag_spool_kind_e   kind;

    static const struct {
        pintag_str_t  rest;
        unsigned      intact;
    } rows[] = {
        { pintag_str("1\t2\td\te\tr\tp"), 1 },
        { pintag_str("1\t2\td\te\tr\tp\tu\tg\ta"), 1 },
        { pintag_str("1\t2\t\t\t\t"), 1 },
        { pintag_str("1\t2\t\t\t\t\t\t\t"), 1 },
        { pintag_str("1\t2\td\0\te\xff\t\0\tp\n\r\0"), 1 },
        { pintag_str("0001\t-0\t\t\t\t"), 1 },

        /* missing, too many */

        { pintag_str(""), 0 },
        { pintag_str("1"), 0 },
        { pintag_str("1\t2"), 0 },
        { pintag_str("1\t2\td\te\\t\tr"), 0 },
        { pintag_str("1\t2\td\te\tr\tp\t"), 0 },
        { pintag_str("1\t2\td\te\tr\tp\tu\tg"), 0 },
        { pintag_str("1\t2\td\te\tr\tp\tu\tg\ta\t"), 0 },
        { pintag_str("1\t2\td\te\tr\tp\tu\tg\ta\tb\tc"), 0 },
        { pintag_str("\t\t\t\t\t\t\t\t\t\t\t\t\t\t\t\t\t\t\t\t"), 0 },

        /* no numbers */

        { pintag_str("\t2\t\t\t\t"), 0 },
        { pintag_str("1\t\t\t\t\t"), 0 },
        { pintag_str("-1\t2\t\t\t\t"), 0 },
        { pintag_str("+1\t2\t\t\t\t"), 0 },
        { pintag_str("1\t+2\t\t\t\t"), 0 },
        { pintag_str("1\t-\t\t\t\t"), 0 },
        { pintag_str("1\t--2\t\t\t\t"), 0 },
        { pintag_str(" 1\t2\t\t\t\t"), 0 },
        { pintag_str("1 \t2\t\t\t\t"), 0 },
        { pintag_str("1\0\t2\t\t\t\t"), 0 },
        { pintag_str("1\\\t2\t\t\t\t"), 0 },
        { pintag_str("1\t2.5\t\t\t\t"), 0 },
        { pintag_str("0x1\t2\t\t\t\t"), 0 },

        /* too large */

        { pintag_str("18446744073709551615\t2\t\t\t\t"), 1 },
        { pintag_str("18446744073709551616\t2\t\t\t\t"), 0 },
        { pintag_str("18446744073709551620\t2\t\t\t\t"), 0 },
        { pintag_str("99999999999999999999\t2\t\t\t\t"), 0 },
        { pintag_str("184467440737095516150\t2\t\t\t\t"), 0 },
        { pintag_str("1\t9223372036854775807\t\t\t\t"), 1 },
        { pintag_str("1\t9223372036854775808\t\t\t\t"), 0 },
        { pintag_str("1\t-9223372036854775808\t\t\t\t"), 1 },
        { pintag_str("1\t-9223372036854775809\t\t\t\t"), 0 },
        { pintag_str("1\t18446744073709551616\t\t\t\t"), 0 }
    };

    (void) state;

    for (i = 0; i < test_n(rows); i++) {
        line_init(&t, rows[i].rest);

        before = copy_bytes(t.data, t.len);
        kind = read_line(&t);

        if (rows[i].intact) {
            assert_int_equal(kind, PINTAG_SPOOL_LINE);

        } else {
            assert_int_equal(kind, PINTAG_SPOOL_DAMAGED);
            assert_memory_equal(t.data, before, t.len);
        }

        free(before);
        free(t.data);
    }
}


static void
test_unknown_escapes_stay(void **state)
{
    char          rest[256];
    size_t        i;
    const char   *s;
    test_line_t   t;

    static const struct {
        const char  *text;
        const char  *unescaped;
    } rows[] = {
        { "\\", "\\" },
        { "a\\", "a\\" },
        { "\\\\\\", "\\\\" },
        { "\\t\\", "\t\\" },
        { "\\a\\0\\x41\\N\\T\\ ", "\\a\\0\\x41\\N\\T\\ " },
        { "\\q\\\\n\\n", "\\q\\n\n" },
        { "\\\xff\\\x01", "\\\xff\\\x01" },
        { "abc\\tdefghijklmnop\\r", "abc\tdefghijklmnop\r" }
    };

    (void) state;

    for (i = 0; i < test_n(rows); i++) {
        s = rows[i].text;

        (void) snprintf(rest, sizeof(rest),
                        "1\t2\t%s\t%s\t%s\t%s\t%s\t%s\t%s", s, s, s, s, s, s,
                        s);
        line_init(&t, test_str(rest));

        assert_int_equal(read_line(&t), PINTAG_SPOOL_LINE);

        assert_str(t.line.destination, rows[i].unescaped);
        assert_str(t.line.event_id, rows[i].unescaped);
        assert_str(t.line.reason, rows[i].unescaped);
        assert_str(t.line.payload, s);
        assert_str(t.line.user_agent, rows[i].unescaped);
        assert_str(t.line.page_url, rows[i].unescaped);
        assert_str(t.line.address, rows[i].unescaped);

        free(t.data);
    }
}


/* the state is outside of the CRC: it is overwritten */

static void
test_states(void **state)
{
    int                   c;
    size_t                len;
    unsigned char        *data, *copy;
    pintag_spool_line_t   line, expected;
    pintag_spool_kind_e   kind;

    (void) state;

    expected = tag;

    data = write_line(&tag, &len);

    for (c = 0; c < 256; c++) {
        data[0] = (unsigned char) c;

        copy = copy_bytes(data, len - 1);
        kind = pintag_spool_line_read(copy, len - 1, &line);

        if (c != 0 && strchr("PDU", c) != NULL) {
            assert_int_equal(kind, PINTAG_SPOOL_LINE);
            expected.state = (unsigned char) c;

        } else {
            assert_int_equal(kind, PINTAG_SPOOL_STATELESS);
            expected.state = PINTAG_SPOOL_PENDING;
        }

        assert_line(&line, &expected);

        free(copy);
    }

    free(data);
}


/* every byte but the state changed to any other, and every length */

static void
test_damage_is_noticed(void **state)
{
    int             c;
    size_t          i, len;
    unsigned char  *data, was;

    (void) state;

    data = write_line(&tag, &len);
    len--;

    for (i = 1; i < len; i++) {
        was = data[i];

        for (c = 0; c < 256; c++) {
            if (c != was) {
                data[i] = (unsigned char) c;

                assert_int_equal(read_text((char *) data, len),
                                 PINTAG_SPOOL_DAMAGED);
            }
        }

        data[i] = was;
    }

    for (i = 0; i < len; i++) {
        assert_int_equal(read_text((char *) data, i), PINTAG_SPOOL_DAMAGED);
        assert_int_equal(read_text((char *) data + len - i, i),
                         PINTAG_SPOOL_DAMAGED);
        assert_int_equal(find_line(data, i), i);
        assert_int_equal(find_line(data + len - i, i), i);
    }

    free(data);
}


static void
test_noise_is_damaged(void **state)
{
    char      data[64];
    size_t    i, n, len;
    uint32_t  random;

    static const char  odd[] = "\t\t\t\t0123456789abcdef\\P\n";

    (void) state;

    random = 7;

    for (n = 0; n < 200000; n++) {
        len = next_random(&random) % sizeof(data);

        for (i = 0; i < len; i++) {
            data[i] = odd[next_random(&random) % sizeof(odd)];
        }

        if (len >= 11 && n % 2) {
            memcpy(data, "P\t00000000\t", 11);
        }

        assert_int_equal(read_text(data, len), PINTAG_SPOOL_DAMAGED);
        assert_int_equal(find_line(data, len), len);
    }
}


static void
test_headers(void **state)
{
    char           text[64];
    size_t         i, len;
    unsigned char  header[PINTAG_SPOOL_HEADER_MAX];

    static const struct {
        const char           *text;    /* its CRC follows */
        pintag_spool_kind_e   kind;
    } rows[] = {
        { "#pintag-spool 1", PINTAG_SPOOL_HEADER },
        { "#pintag-spool 01", PINTAG_SPOOL_HEADER },
        { "#pintag-spool 2", PINTAG_SPOOL_NEWER },
        { "#pintag-spool 10", PINTAG_SPOOL_NEWER },
        { "#pintag-spool 18446744073709551615", PINTAG_SPOOL_NEWER },
        { "#pintag-spool 2 gzip", PINTAG_SPOOL_NEWER },
        { "#pintag-spool 2 ", PINTAG_SPOOL_NEWER },
        { "#pintag-spool 0", PINTAG_SPOOL_DAMAGED },
        { "#pintag-spool 1 gzip", PINTAG_SPOOL_DAMAGED },
        { "#pintag-spool 1\t", PINTAG_SPOOL_DAMAGED },
        { "#pintag-spool 18446744073709551616", PINTAG_SPOOL_DAMAGED },
        { "#pintag-spool -1", PINTAG_SPOOL_DAMAGED },
        { "#pintag-spool 2x", PINTAG_SPOOL_DAMAGED },
        { "#pintag-spool x", PINTAG_SPOOL_DAMAGED },
        { "#pintag-spool ", PINTAG_SPOOL_DAMAGED },
        { "#pintag-spool  2", PINTAG_SPOOL_DAMAGED },
        { "#pintag-spool", PINTAG_SPOOL_DAMAGED },
        { "#pintag-Spool 1", PINTAG_SPOOL_DAMAGED },
        { " #pintag-spool 1", PINTAG_SPOOL_DAMAGED }
    };

    (void) state;

    len = pintag_spool_header_write(header);

    assert_text(slice(header, len), test_str("#pintag-spool 1 edbc8852\n"));

    len--;

    assert_int_equal(read_text((char *) header, len), PINTAG_SPOOL_HEADER);

    for (i = 0; i < len; i++) {
        assert_int_equal(read_text((char *) header, i), PINTAG_SPOOL_DAMAGED);

        header[i] ^= 1;
        assert_int_equal(read_text((char *) header, len),
                         PINTAG_SPOOL_DAMAGED);
        header[i] ^= 1;
    }

    for (i = 0; i < test_n(rows); i++) {
        (void) snprintf(text, sizeof(text), "%s %08lx", rows[i].text,
                        crc32(0, (const unsigned char *) rows[i].text,
                              (uInt) strlen(rows[i].text)));

        assert_int_equal(read_text(text, strlen(text)), rows[i].kind);

        /* wrong, and none */

        text[strlen(text) - 1] ^= 1;
        assert_int_equal(read_text(text, strlen(text)), PINTAG_SPOOL_DAMAGED);

        assert_int_equal(read_text(rows[i].text, strlen(rows[i].text)),
                         PINTAG_SPOOL_DAMAGED);
    }
}


/* what is before a line that a newline was lost before, and where that is */

static void
test_finds_a_line_behind_others(void **state)
{
    size_t                len, n, i;
    unsigned char        *line, *data;
    pintag_spool_line_t   out;

    static const pintag_str_t  before[] = {
        pintag_str("x"),
        pintag_str("\t"),
        pintag_str("P\t"),
        pintag_str("P\t00000000\t"),
        pintag_str("\tabcdef01\t\tabcdef01\tabcdef01\t"),
        pintag_str("P\t3bcd1318\t1\t1764096549\tapi"),
        pintag_str("#pintag-spool 1 edbc8852?"),
        pintag_str("\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0")
    };

    (void) state;

    line = write_line(&tag, &len);
    len--;

    assert_int_equal(find_line(line, len), len);

    for (i = 0; i < test_n(before); i++) {
        n = before[i].len;

        data = malloc(n + len);
        assert_non_null(data);

        memcpy(data, before[i].data, n);
        memcpy(data + n, line, len);

        assert_int_equal(pintag_spool_line_find(data, n + len), n);

        /* its state, too, may be another byte */

        data[n] = '\t';
        assert_int_equal(pintag_spool_line_find(data, n + len), n);

        assert_int_equal(pintag_spool_line_read(data + n, len, &out),
                         PINTAG_SPOOL_STATELESS);
        assert_int_equal(out.sequence, tag.sequence);

        free(data);

        /* but nothing else */

        data = malloc(n + len);
        assert_non_null(data);

        memcpy(data, before[i].data, n);
        memcpy(data + n, line, len);

        data[n + len - 1] ^= 1;
        assert_int_equal(pintag_spool_line_find(data, n + len), n + len);
        assert_int_equal(find_line(data, n + len - 1), n + len - 1);

        free(data);
    }

    free(line);
}


/* of many in a row the last, from where those before may be had in turn */

static void
test_finds_line_after_line(void **state)
{
    size_t                len, total, found, n;
    unsigned char        *line, *data;
    pintag_spool_line_t   out;

    (void) state;

    line = write_line(&api, &len);

    data = malloc(100 * len);
    assert_non_null(data);

    /* the newline became another byte */
    line[len - 1] = 'x';

    for (n = 0; n < 100; n++) {
        memcpy(data + n * len, line, len);
    }

    total = 100 * len - 1;

    for (n = 99; n > 0; n--) {
        found = pintag_spool_line_find(data, total);
        assert_int_equal(found, n * len);
        assert_int_equal(pintag_spool_line_read(data + found, total - found,
                                                &out),
                         PINTAG_SPOOL_LINE);

        total = found - 1;
    }

    assert_int_equal(pintag_spool_line_find(data, total), total);
    assert_int_equal(pintag_spool_line_read(data, total, &out),
                     PINTAG_SPOOL_LINE);

    free(data);
    free(line);
}


/* a right CRC is not enough: reading it gives a line */

static void
test_finds_nothing_that_is_not_read(void **state)
{
    test_line_t     t;
    unsigned char  *data;

    (void) state;

    line_init(&t, test_str("1\t2\td\te\tr"));

    data = malloc(t.len + 1);
    assert_non_null(data);

    data[0] = 'x';
    memcpy(data + 1, t.data, t.len);

    assert_int_equal(read_line(&t), PINTAG_SPOOL_DAMAGED);
    assert_int_equal(pintag_spool_line_find(data, t.len + 1), t.len + 1);

    free(data);
    free(t.data);

    assert_int_equal(find_line("", 0), 0);
    assert_int_equal(find_line("xP\t00000000\t", 12), 12);
}


static void
test_the_longest_line(void **state)
{
    size_t                i, len;
    unsigned char        *text, *data;
    pintag_spool_line_t   line, out;

    (void) state;

    text = malloc(MAX_LINE);
    assert_non_null(text);

    memset(text, '\\', MAX_LINE);

    line = api;
    line.page_url.data = text;
    line.page_url.len = MAX_LINE / 2;
    line.payload.data = text + MAX_LINE / 2;
    line.payload.len = MAX_LINE / 2;

    assert_round_trip(&line);

    /* nothing but what looks like a line: this would take hours otherwise */

    for (i = 0; i + 9 <= MAX_LINE; i += 9) {
        memcpy(text + i, "\t0123abcd", 9);
    }

    assert_int_equal(pintag_spool_line_find(text, MAX_LINE), MAX_LINE);

    memset(text, '\t', MAX_LINE);
    assert_int_equal(pintag_spool_line_find(text, MAX_LINE), MAX_LINE);

    /* a line at the end */

    memset(text, 'x', MAX_LINE);
    memcpy(text + 100, "\t0123abcd\t", 10);

    data = write_line(&tag, &len);
    memcpy(text + MAX_LINE - len, data, len);

    assert_int_equal(pintag_spool_line_find(text, MAX_LINE - 1),
                     MAX_LINE - len);
    assert_int_equal(pintag_spool_line_read(text + MAX_LINE - len, len - 1,
                                            &out),
                     PINTAG_SPOOL_LINE);

    free(data);
    free(text);
}


int
main(void)
{
    const struct CMUnitTest  tests[] = {
        cmocka_unit_test(test_lines_are_as_documented),
        cmocka_unit_test(test_size_is_the_most),
        cmocka_unit_test(test_every_byte_is_read_as_written),
        cmocka_unit_test(test_columns_may_be_empty),
        cmocka_unit_test(test_numbers_are_read_as_written),
        cmocka_unit_test(test_random_texts_are_read_as_written),
        cmocka_unit_test(test_columns_with_a_right_crc),
        cmocka_unit_test(test_unknown_escapes_stay),
        cmocka_unit_test(test_states),
        cmocka_unit_test(test_damage_is_noticed),
        cmocka_unit_test(test_noise_is_damaged),
        cmocka_unit_test(test_headers),
        cmocka_unit_test(test_finds_a_line_behind_others),
        cmocka_unit_test(test_finds_line_after_line),
        cmocka_unit_test(test_finds_nothing_that_is_not_read),
        cmocka_unit_test(test_the_longest_line)
    };

    return cmocka_run_group_tests_name("spool_line", tests, NULL, NULL);
}
