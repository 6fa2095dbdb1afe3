
/*
 * Copyright (C) the ngx_http_pintag_module authors
 *
 * Lines of the spool: any bytes, bytes with the CRC that is right for them,
 * and what was written itself.  The first byte of the input says which.
 */


#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <zlib.h>

#include "fuzz.h"
#include "spool_line.h"


static void fuzz_line(pintag_str_t text);
static void fuzz_line_crc(pintag_str_t text);
static void fuzz_written(fuzz_input_t *input);
static unsigned char *fuzz_write(const pintag_spool_line_t *line, size_t *len);
static void fuzz_check_same(const pintag_spool_line_t *a,
    const pintag_spool_line_t *b);


int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    unsigned      how;
    fuzz_input_t  input;

    input.data = data;
    input.len = size;

    how = fuzz_byte(&input);

    switch (how & 0x03) {

    case 0:
        fuzz_line(fuzz_rest(&input));
        break;

    case 1:
        fuzz_line_crc(fuzz_rest(&input));
        break;

    default:
        fuzz_written(&input);
        break;
    }

    return 0;
}


static void
fuzz_line(pintag_str_t text)
{
    size_t                len, offset;
    unsigned char        *data, *written;
    pintag_spool_kind_e   kind;
    pintag_spool_line_t   line, again;

    data = malloc(text.len ? text.len : 1);
    fuzz_check(data != NULL);

    if (text.len) {
        memcpy(data, text.data, text.len);
    }

    offset = pintag_spool_line_find(data, text.len);
    fuzz_check(offset <= text.len && (offset > 0 || text.len == 0));
    fuzz_check(text.len == 0 || memcmp(data, text.data, text.len) == 0);

    if (offset < text.len) {
        kind = pintag_spool_line_read(data + offset, text.len - offset, &line);
        fuzz_check(kind == PINTAG_SPOOL_LINE
                   || kind == PINTAG_SPOOL_STATELESS);

        memcpy(data, text.data, text.len);
    }

    kind = pintag_spool_line_read(data, text.len, &line);

    if (kind != PINTAG_SPOOL_LINE && kind != PINTAG_SPOOL_STATELESS) {
        fuzz_check(text.len == 0 || memcmp(data, text.data, text.len) == 0);
        free(data);
        return;
    }

    /* it may have been written otherwise, but says the same */

    written = fuzz_write(&line, &len);

    fuzz_check(pintag_spool_line_read(written, len - 1, &again)
               == PINTAG_SPOOL_LINE);
    fuzz_check_same(&line, &again);

    free(written);
    free(data);
}


/* of a header, too, whose CRC is behind it */

static void
fuzz_line_crc(pintag_str_t text)
{
    char            crc[9];
    size_t          len;
    unsigned char  *data;

    static const char  name[] = "#pintag-spool ";

    data = malloc(text.len + sizeof("P\t00000000\t"));
    fuzz_check(data != NULL);

    if (text.len >= sizeof(name) - 1
        && memcmp(text.data, name, sizeof(name) - 1) == 0)
    {
        (void) snprintf(crc, sizeof(crc), "%08lx",
                        crc32(0, text.data, (uInt) text.len));

        memcpy(data, text.data, text.len);
        len = text.len;
        data[len++] = ' ';
        memcpy(data + len, crc, 8);
        len += 8;

    } else {
        (void) snprintf(crc, sizeof(crc), "%08lx",
                        text.len ? crc32(0, text.data, (uInt) text.len) : 0);

        memcpy(data, "P\t", 2);
        memcpy(data + 2, crc, 8);
        data[10] = '\t';
        len = 11;

        if (text.len) {
            memcpy(data + len, text.data, text.len);
            len += text.len;
        }
    }

    fuzz_line((pintag_str_t) { len, data });

    free(data);
}


static void
fuzz_written(fuzz_input_t *input)
{
    size_t                i, len, before;
    unsigned char        *data, *joined, *payload;
    pintag_str_t          damage;
    pintag_spool_line_t   line, again;

    memset(&line, 0, sizeof(pintag_spool_line_t));

    line.state = (unsigned char) "PDU"[fuzz_byte(input) % 3];

    for (i = 0; i < 8; i++) {
        line.sequence = line.sequence << 8 | fuzz_byte(input);
    }

    for (i = 0; i < 8; i++) {
        line.time = (int64_t) ((uint64_t) line.time << 8 | fuzz_byte(input));
    }

    line.destination = fuzz_text(input);
    line.event_id = fuzz_text(input);
    line.reason = fuzz_text(input);
    line.payload = fuzz_text(input);
    line.user_agent = fuzz_text(input);
    line.page_url = fuzz_text(input);
    line.address = fuzz_text(input);
    damage = fuzz_rest(input);

    /* it has none of these */

    payload = malloc(line.payload.len + 1);
    fuzz_check(payload != NULL);

    for (i = 0; i < line.payload.len; i++) {
        payload[i] = line.payload.data[i];

        if (memchr("\t\n\r", payload[i], 3) != NULL) {
            payload[i] = '.';
        }
    }

    line.payload.data = payload;

    data = fuzz_write(&line, &len);

    fuzz_check(memchr(data, '\n', len) == data + len - 1);
    fuzz_check(memchr(data, '\r', len) == NULL);

    /* behind a line that has lost its newline it is found */

    before = damage.len + 1;
    joined = malloc(before + len);
    fuzz_check(joined != NULL);

    if (damage.len) {
        memcpy(joined, damage.data, damage.len);
    }

    joined[damage.len] = '\\';
    memcpy(joined + before, data, len - 1);

    i = pintag_spool_line_find(joined, before + len - 1);
    fuzz_check(i < before + len - 1);

    /* or one before it that goes on to the same end */
    fuzz_check(i <= before);

    fuzz_check(pintag_spool_line_read(data, len - 1, &again)
               == PINTAG_SPOOL_LINE);
    fuzz_check_same(&line, &again);

    free(joined);
    free(data);
    free(payload);
}


static unsigned char *
fuzz_write(const pintag_spool_line_t *line, size_t *len)
{
    size_t          size;
    unsigned char  *data;

    size = pintag_spool_line_size(line);

    data = malloc(size);
    fuzz_check(data != NULL);

    *len = pintag_spool_line_write(data, line);
    fuzz_check(*len <= size);

    return data;
}


static void
fuzz_check_same(const pintag_spool_line_t *a, const pintag_spool_line_t *b)
{
    fuzz_check(a->state == b->state);
    fuzz_check(a->sequence == b->sequence);
    fuzz_check(a->time == b->time);
    fuzz_check(pintag_str_eq(a->destination, b->destination));
    fuzz_check(pintag_str_eq(a->event_id, b->event_id));
    fuzz_check(pintag_str_eq(a->reason, b->reason));
    fuzz_check(pintag_str_eq(a->payload, b->payload));
    fuzz_check(pintag_str_eq(a->user_agent, b->user_agent));
    fuzz_check(pintag_str_eq(a->page_url, b->page_url));
    fuzz_check(pintag_str_eq(a->address, b->address));
}
