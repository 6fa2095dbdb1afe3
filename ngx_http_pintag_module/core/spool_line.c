
/*
 * Copyright (C) the ngx_http_pintag_module authors
 */


#include <limits.h>
#include <string.h>

#include <zlib.h>

#include "spool_line.h"


#define PINTAG_SPOOL_NAME        "#pintag-spool "
#define PINTAG_SPOOL_NAME_LEN    (sizeof(PINTAG_SPOOL_NAME) - 1)

#define PINTAG_SPOOL_CRC_LEN     8

/* state and CRC, each with its tab */
#define PINTAG_SPOOL_PREFIX_LEN  (2 + PINTAG_SPOOL_CRC_LEN + 1)

/* the digits of an uint64, of an int64 with its sign */
#define PINTAG_SPOOL_DIGITS      20

/* columns behind the CRC */
#define PINTAG_SPOOL_COLUMNS     9
#define PINTAG_SPOOL_TAGLESS     6

/* what looks like a line in a damaged one is tried this many times at most */
#define PINTAG_SPOOL_TRIES       1024

/* a byte of this value in each of the eight bytes of a word */
#define pintag_spool_each(c)  (UINT64_C(0x0101010101010101) * (c))


static unsigned pintag_spool_tag(const pintag_spool_line_t *line);
static unsigned char *pintag_spool_text(unsigned char *dst, pintag_str_t text);
static unsigned pintag_spool_special(uint64_t word);
static unsigned char *pintag_spool_crc(unsigned char *dst, uLong crc);

static pintag_spool_kind_e pintag_spool_header_read(const unsigned char *data,
    size_t len);
static unsigned pintag_spool_columns(const unsigned char *p,
    const unsigned char *end, pintag_spool_line_t *line);
static unsigned pintag_spool_read_crc(const unsigned char *digits, uLong *crc);
static unsigned pintag_spool_read_uint(pintag_str_t text, uint64_t *n);
static unsigned pintag_spool_read_time(pintag_str_t text, int64_t *n);
static void pintag_spool_unescape(pintag_str_t *text);


size_t
pintag_spool_line_size(const pintag_spool_line_t *line)
{
    size_t  escaped;

    escaped = line->destination.len + line->event_id.len + line->reason.len
              + line->user_agent.len + line->page_url.len
              + line->address.len;

    return PINTAG_SPOOL_PREFIX_LEN
           + 2 * PINTAG_SPOOL_DIGITS
           + escaped * 2
           + line->payload.len
           + PINTAG_SPOOL_COLUMNS;
}


size_t
pintag_spool_line_write(unsigned char *dst, const pintag_spool_line_t *line)
{
    size_t          len;
    unsigned char  *p, *rest;

    rest = dst + PINTAG_SPOOL_PREFIX_LEN;

    p = rest + pintag_format_uint(rest, line->sequence);
    *p++ = '\t';

    p += pintag_format_integer(p, line->time);
    *p++ = '\t';

    p = pintag_spool_text(p, line->destination);
    *p++ = '\t';

    p = pintag_spool_text(p, line->event_id);
    *p++ = '\t';

    p = pintag_spool_text(p, line->reason);
    *p++ = '\t';

    if (line->payload.len != 0) {
        memcpy(p, line->payload.data, line->payload.len);
        p += line->payload.len;
    }

    if (pintag_spool_tag(line)) {
        *p++ = '\t';
        p = pintag_spool_text(p, line->user_agent);

        *p++ = '\t';
        p = pintag_spool_text(p, line->page_url);

        *p++ = '\t';
        p = pintag_spool_text(p, line->address);
    }

    len = (size_t) (p - rest);

    *p = '\n';

    dst[0] = line->state;
    dst[1] = '\t';

    p = pintag_spool_crc(dst + 2, crc32(0, rest, (uInt) len));
    *p = '\t';

    return PINTAG_SPOOL_PREFIX_LEN + len + 1;
}


/* has the line the columns that only a pixel has */

static unsigned
pintag_spool_tag(const pintag_spool_line_t *line)
{
    return line->user_agent.len != 0 || line->page_url.len != 0
           || line->address.len != 0;
}


/* these give where the next byte goes */

static unsigned char *
pintag_spool_text(unsigned char *dst, pintag_str_t text)
{
    size_t         i;
    uint64_t       word;
    unsigned char  c;

    i = 0;

    while (i < text.len) {

        if (text.len - i >= sizeof(word)) {
            memcpy(&word, text.data + i, sizeof(word));

            if (!pintag_spool_special(word)) {
                memcpy(dst, &word, sizeof(word));
                dst += sizeof(word);
                i += sizeof(word);
                continue;
            }
        }

        c = text.data[i++];

        switch (c) {

        case '\t':
            *dst++ = '\\';
            *dst++ = 't';
            break;

        case '\n':
            *dst++ = '\\';
            *dst++ = 'n';
            break;

        case '\r':
            *dst++ = '\\';
            *dst++ = 'r';
            break;

        case '\\':
            *dst++ = '\\';
            *dst++ = '\\';
            break;

        default:
            *dst++ = c;
            break;
        }
    }

    return dst;
}


/*
 * Is one of the eight bytes a backslash, or as low as a carriage return: what
 * is subtracted from each borrows from its highest bit only then.
 */

static unsigned
pintag_spool_special(uint64_t word)
{
    uint64_t  low, backslash;

    low = (word - pintag_spool_each('\r' + 1)) & ~word;

    word ^= pintag_spool_each('\\');
    backslash = (word - pintag_spool_each(1)) & ~word;

    return ((low | backslash) & pintag_spool_each(0x80)) != 0;
}


static unsigned char *
pintag_spool_crc(unsigned char *dst, uLong crc)
{
    int  shift;

    static const unsigned char  hex[] = "0123456789abcdef";

    for (shift = 28; shift >= 0; shift -= 4) {
        *dst++ = hex[crc >> shift & 0xf];
    }

    return dst;
}


size_t
pintag_spool_header_write(unsigned char *dst)
{
    uLong           crc;
    unsigned char  *p;

    memcpy(dst, PINTAG_SPOOL_NAME, PINTAG_SPOOL_NAME_LEN);

    p = dst + PINTAG_SPOOL_NAME_LEN;
    p += pintag_format_uint(p, PINTAG_SPOOL_VERSION);

    crc = crc32(0, dst, (uInt) (p - dst));

    *p++ = ' ';
    p = pintag_spool_crc(p, crc);
    *p++ = '\n';

    return (size_t) (p - dst);
}


pintag_spool_kind_e
pintag_spool_line_read(unsigned char *data, size_t len,
    pintag_spool_line_t *line)
{
    uLong           crc;
    unsigned char  *rest;

    /* zlib counts in 32 bits */

    if (len < PINTAG_SPOOL_PREFIX_LEN || len > UINT_MAX) {
        return PINTAG_SPOOL_DAMAGED;
    }

    if (len > PINTAG_SPOOL_NAME_LEN
        && memcmp(data, PINTAG_SPOOL_NAME, PINTAG_SPOOL_NAME_LEN) == 0)
    {
        return pintag_spool_header_read(data, len);
    }

    rest = data + PINTAG_SPOOL_PREFIX_LEN;
    len -= PINTAG_SPOOL_PREFIX_LEN;

    if (data[1] != '\t'
        || !pintag_spool_read_crc(data + 2, &crc)
        || rest[-1] != '\t'
        || crc32(0, rest, (uInt) len) != crc
        || !pintag_spool_columns(rest, rest + len, line))
    {
        return PINTAG_SPOOL_DAMAGED;
    }

    pintag_spool_unescape(&line->destination);
    pintag_spool_unescape(&line->event_id);
    pintag_spool_unescape(&line->reason);
    pintag_spool_unescape(&line->user_agent);
    pintag_spool_unescape(&line->page_url);
    pintag_spool_unescape(&line->address);

    switch (data[0]) {

    case PINTAG_SPOOL_PENDING:
    case PINTAG_SPOOL_DELIVERED:
    case PINTAG_SPOOL_UNDELIVERED:
        line->state = data[0];
        return PINTAG_SPOOL_LINE;

    default:
        line->state = PINTAG_SPOOL_PENDING;
        return PINTAG_SPOOL_STATELESS;
    }
}


/* a later version may have more between its number and the CRC */

static pintag_spool_kind_e
pintag_spool_header_read(const unsigned char *data, size_t len)
{
    uLong                 crc;
    uint64_t              version;
    pintag_str_t          digits;
    const unsigned char  *space, *end;

    if (len < PINTAG_SPOOL_NAME_LEN + 1 + PINTAG_SPOOL_CRC_LEN) {
        return PINTAG_SPOOL_DAMAGED;
    }

    end = data + len - PINTAG_SPOOL_CRC_LEN - 1;

    if (*end != ' '
        || !pintag_spool_read_crc(end + 1, &crc)
        || crc32(0, data, (uInt) (end - data)) != crc)
    {
        return PINTAG_SPOOL_DAMAGED;
    }

    digits.data = data + PINTAG_SPOOL_NAME_LEN;

    /* there is one, at "end" if nowhere else */

    space = memchr(digits.data, ' ', (size_t) (end + 1 - digits.data));

    digits.len = (size_t) (space - digits.data);

    if (!pintag_spool_read_uint(digits, &version)) {
        return PINTAG_SPOOL_DAMAGED;
    }

    if (version > PINTAG_SPOOL_VERSION) {
        return PINTAG_SPOOL_NEWER;
    }

    return (version == PINTAG_SPOOL_VERSION && space == end)
           ? PINTAG_SPOOL_HEADER : PINTAG_SPOOL_DAMAGED;
}


/* these give 1, or 0 when it is not as it was written */

static unsigned
pintag_spool_columns(const unsigned char *p, const unsigned char *end,
    pintag_spool_line_t *line)
{
    size_t                n;
    pintag_str_t          columns[PINTAG_SPOOL_COLUMNS];
    pintag_str_t          none = pintag_str_null;
    const unsigned char  *tab;

    for (n = 0; /* void */ ; n++) {

        if (n == PINTAG_SPOOL_COLUMNS) {
            return 0;
        }

        tab = memchr(p, '\t', (size_t) (end - p));

        columns[n].len = (size_t) ((tab ? tab : end) - p);
        columns[n].data = (columns[n].len != 0) ? p : NULL;

        if (tab == NULL) {
            n++;
            break;
        }

        p = tab + 1;
    }

    if (n == PINTAG_SPOOL_TAGLESS) {
        for ( /* void */ ; n < PINTAG_SPOOL_COLUMNS; n++) {
            columns[n] = none;
        }
    }

    if (n != PINTAG_SPOOL_COLUMNS
        || !pintag_spool_read_uint(columns[0], &line->sequence)
        || !pintag_spool_read_time(columns[1], &line->time))
    {
        return 0;
    }

    line->destination = columns[2];
    line->event_id = columns[3];
    line->reason = columns[4];
    line->payload = columns[5];
    line->user_agent = columns[6];
    line->page_url = columns[7];
    line->address = columns[8];

    return 1;
}


static unsigned
pintag_spool_read_crc(const unsigned char *digits, uLong *crc)
{
    size_t         i;
    unsigned char  c;

    *crc = 0;

    for (i = 0; i < PINTAG_SPOOL_CRC_LEN; i++) {
        c = digits[i];

        if (c >= '0' && c <= '9') {
            *crc = *crc << 4 | (uLong) (c - '0');

        } else if (c >= 'a' && c <= 'f') {
            *crc = *crc << 4 | (uLong) (c - 'a' + 10);

        } else {
            return 0;
        }
    }

    return 1;
}


static unsigned
pintag_spool_read_uint(pintag_str_t text, uint64_t *n)
{
    size_t    i;
    uint64_t  digit;

    if (text.len == 0) {
        return 0;
    }

    *n = 0;

    for (i = 0; i < text.len; i++) {

        if (text.data[i] < '0' || text.data[i] > '9') {
            return 0;
        }

        digit = (uint64_t) (text.data[i] - '0');

        if (*n > (UINT64_MAX - digit) / 10) {
            return 0;
        }

        *n = *n * 10 + digit;
    }

    return 1;
}


static unsigned
pintag_spool_read_time(pintag_str_t text, int64_t *n)
{
    uint64_t  absolute;
    unsigned  negative;

    negative = text.len != 0 && text.data[0] == '-';

    if (negative) {
        text.data++;
        text.len--;
    }

    if (!pintag_spool_read_uint(text, &absolute)
        || absolute > (uint64_t) INT64_MAX + negative)
    {
        return 0;
    }

    *n = (int64_t) (negative ? 0 - absolute : absolute);

    return 1;
}


/* the CRC was right, so that an unknown escape is somebody's own: it stays */

static void
pintag_spool_unescape(pintag_str_t *text)
{
    unsigned char        *dst;
    const unsigned char  *p, *end;

    if (text->len == 0) {
        return;
    }

    p = memchr(text->data, '\\', text->len);

    if (p == NULL) {
        return;
    }

    /* the bytes are the caller's, who lets them be changed */

    dst = (unsigned char *) text->data + (p - text->data);
    end = text->data + text->len;

    for ( /* void */ ; p != end; p++) {

        if (*p != '\\' || end - p == 1) {
            *dst++ = *p;
            continue;
        }

        p++;

        switch (*p) {

        case 't':
            *dst++ = '\t';
            break;

        case 'n':
            *dst++ = '\n';
            break;

        case 'r':
            *dst++ = '\r';
            break;

        case '\\':
            *dst++ = '\\';
            break;

        default:
            *dst++ = '\\';
            *dst++ = *p;
            break;
        }
    }

    text->len = (size_t) (dst - text->data);
}


size_t
pintag_spool_line_find(const unsigned char *data, size_t len)
{
    uLong                 crc, all, before;
    unsigned              tries;
    const unsigned char  *p, *last, *rest, *done, *end;
    pintag_spool_line_t   line;

    if (len < 1 + PINTAG_SPOOL_PREFIX_LEN || len > UINT_MAX) {
        return len;
    }

    end = data + len;

    /* the tab in front of a CRC is here at the latest */
    last = end - (PINTAG_SPOOL_PREFIX_LEN - 1);

    all = 0;
    before = 0;
    done = data;
    tries = 0;

    for (p = data + 2; p <= last; p++) {

        p = memchr(p, '\t', (size_t) (last + 1 - p));

        if (p == NULL) {
            break;
        }

        rest = p + PINTAG_SPOOL_PREFIX_LEN - 1;

        if (rest[-1] != '\t' || !pintag_spool_read_crc(p + 1, &crc)) {
            continue;
        }

        if (tries++ == PINTAG_SPOOL_TRIES) {
            break;
        }

        /*
         * Combining moves the CRC of the bytes before by the length of the
         * others and xors it with the second one.  With the CRC of all as the
         * second, that of the others is left, so that no byte is read more
         * than twice, however many times this is tried.
         */

        if (tries == 1) {
            all = crc32(0, data, (uInt) len);
        }

        before = crc32(before, done, (uInt) (rest - done));
        done = rest;

        if (crc32_combine(before, all, (z_off_t) (end - rest)) == crc
            && pintag_spool_columns(rest, end, &line))
        {
            return (size_t) (p - 1 - data);
        }
    }

    return len;
}
