
/*
 * Copyright (C) the ngx_http_pintag_module authors
 *
 * The text of a spool file: a header, then a line for each delivery.  The
 * columns of a line are separated by a tab:
 *
 *     state  CRC  sequence  time  destination  event id  reason  payload
 *     [user agent  page URL  address]
 *
 * The CRC is that of zlib over all that is behind its tab, up to the newline.
 * The state, the first byte, is overwritten in place.  Texts but the payload
 * have tab, newline, carriage return and backslash escaped as \t \n \r \\; a
 * payload, a query or a JSON object, holds none of the first three and stays
 * as it is, unchecked.  docs/spool.md tells the same for those who use files.
 */


#ifndef PINTAG_SPOOL_LINE_H
#define PINTAG_SPOOL_LINE_H


#include <stddef.h>
#include <stdint.h>

#include "text.h"


#define PINTAG_SPOOL_VERSION      1

#define PINTAG_SPOOL_PENDING      'P'
#define PINTAG_SPOOL_DELIVERED    'D'
#define PINTAG_SPOOL_UNDELIVERED  'U'

/* bytes of a header, with its newline, at most */
#define PINTAG_SPOOL_HEADER_MAX   48


typedef struct {
    unsigned char   state;
    uint64_t        sequence;
    int64_t         time;          /* seconds since the epoch */
    pintag_str_t    destination;
    pintag_str_t    event_id;
    pintag_str_t    reason;
    pintag_str_t    payload;

    /* of a pixel; all empty: the line ends with the payload */
    pintag_str_t    user_agent;
    pintag_str_t    page_url;
    pintag_str_t    address;
} pintag_spool_line_t;


typedef enum {
    PINTAG_SPOOL_LINE = 0,         /* "line" is filled in */
    PINTAG_SPOOL_HEADER,           /* of this version */
    PINTAG_SPOOL_NEWER,            /* a header of a newer version */
    PINTAG_SPOOL_STATELESS,        /* a line whose state is none */
    PINTAG_SPOOL_DAMAGED
} pintag_spool_kind_e;


/* bytes that a line takes at most, with its newline */
size_t pintag_spool_line_size(const pintag_spool_line_t *line);

/*
 * Writes the line with its newline to "dst", which has room for
 * pintag_spool_line_size() bytes; gives the number of bytes written.
 */
size_t pintag_spool_line_write(unsigned char *dst,
    const pintag_spool_line_t *line);

/* the same of the header, PINTAG_SPOOL_HEADER_MAX bytes at most */
size_t pintag_spool_header_write(unsigned char *dst);

/*
 * Reads the "len" bytes of a line, without its newline.  Texts are unescaped in
 * place, in "data", which "line" borrows from; an empty one has NULL data.  A
 * state other than the three is given as PINTAG_SPOOL_STATELESS with
 * PINTAG_SPOOL_PENDING as the state.  After any other than these two the bytes
 * are as they were, and "line" is not to be read.
 */
pintag_spool_kind_e pintag_spool_line_read(unsigned char *data, size_t len,
    pintag_spool_line_t *line);

/*
 * Looks for an intact line at the end of a damaged one, which a newline was
 * lost before: gives the offset it starts at, which is more than 0, or "len"
 * when there is none.  The bytes stay as they are.  What is before the offset,
 * less its last byte where the newline became another, may be a line as well.
 */
size_t pintag_spool_line_find(const unsigned char *data, size_t len);


#endif /* PINTAG_SPOOL_LINE_H */
