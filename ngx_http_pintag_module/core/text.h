
/*
 * Copyright (C) the ngx_http_pintag_module authors
 *
 * Text: slices, a growing buffer, escaping, numbers.
 *
 * Text is UTF-8 and not NUL-terminated.  A slice borrows its bytes: who made
 * them says how long they live.
 */


#ifndef PINTAG_TEXT_H
#define PINTAG_TEXT_H


#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include "arena.h"


typedef struct {
    size_t                len;
    const unsigned char  *data;
} pintag_str_t;


#define pintag_str(s)   { sizeof(s) - 1, (const unsigned char *) (s) }
#define pintag_str_null { 0, NULL }


/*
 * A buffer that grows, in an arena or, when that is NULL, in memory of its own,
 * which pintag_buf_free() frees.  "failed" is set once memory ran out.
 */

typedef struct {
    pintag_arena_t  *arena;
    unsigned char   *data;
    size_t           len;
    size_t           size;
    unsigned         failed;
} pintag_buf_t;


/*
 * "size" bytes are set aside at once, 0 for none.  After a failed allocation
 * further additions do nothing and "failed" says so: test it once, at the end.
 */
void pintag_buf_init(pintag_buf_t *buf, pintag_arena_t *arena, size_t size);

/*
 * Empties one, which keeps its memory for what is added next.  After a failure
 * "size" is less than it has.
 */
void pintag_buf_reset(pintag_buf_t *buf);

/* empties one without an arena, whose memory goes */
void pintag_buf_free(pintag_buf_t *buf);

void pintag_buf_add_str(pintag_buf_t *buf, pintag_str_t s);
void pintag_buf_add_uint(pintag_buf_t *buf, uint64_t n);

/*
 * Room for "n" bytes more and where they go, NULL without memory; who writes
 * them adds to "len".
 */
unsigned char *pintag_buf_grow(pintag_buf_t *buf, size_t n);


static inline unsigned char *
pintag_buf_reserve(pintag_buf_t *buf, size_t n)
{
    /* one that has failed has no room left */

    return (n <= buf->size - buf->len) ? buf->data + buf->len
                                       : pintag_buf_grow(buf, n);
}


/* inline, so that a literal is copied without a call */

static inline void
pintag_buf_add(pintag_buf_t *buf, const void *data, size_t len)
{
    unsigned char  *p;

    if (len == 0) {
        return;
    }

    p = pintag_buf_reserve(buf, len);

    if (p != NULL) {
        memcpy(p, data, len);
        buf->len += len;
    }
}


static inline void
pintag_buf_add_char(pintag_buf_t *buf, unsigned char c)
{
    unsigned char  *p;

    p = pintag_buf_reserve(buf, 1);

    if (p != NULL) {
        *p = c;
        buf->len++;
    }
}


/* adds "len" bytes again that it has from "start" on */

static inline void
pintag_buf_repeat(pintag_buf_t *buf, size_t start, size_t len)
{
    unsigned char  *p;

    /* they may move */

    p = pintag_buf_reserve(buf, len);

    if (p != NULL) {
        memcpy(p, buf->data + start, len);
        buf->len += len;
    }
}


/* a C string, for literals */
void pintag_buf_add_text(pintag_buf_t *buf, const char *text);

/* every byte outside A-Za-z0-9-._~ as %XX, upper-case hex */
void pintag_buf_add_percent(pintag_buf_t *buf, pintag_str_t s);

/*
 * a JSON string with its quotes; control bytes, quote and backslash escaped,
 * bytes that are no UTF-8 as U+FFFD
 */
void pintag_buf_add_json(pintag_buf_t *buf, pintag_str_t s);


/* 1 when equal to the byte */
unsigned pintag_str_eq(pintag_str_t a, pintag_str_t b);

/* 1 when equal but for ASCII case */
unsigned pintag_str_case_eq(pintag_str_t a, pintag_str_t b);

/*
 * White space is that of Unicode (White_Space), plus U+FEFF.
 */

/* without the white space at either end; borrows from "s" */
pintag_str_t pintag_str_trim(pintag_str_t s);

/* 1 when empty or all white space */
unsigned pintag_str_blank(pintag_str_t s);

/*
 * without any white space, the "concatenated name" of the seed document;
 * borrows from "s" when there is none to remove; NULL data without memory
 */
pintag_str_t pintag_str_concatenate(pintag_str_t s, pintag_arena_t *arena);

/*
 * lower-cased by Unicode's simple mapping, in the arena; bytes that are no
 * UTF-8 stay; NULL data without memory
 */
pintag_str_t pintag_str_lower(pintag_str_t s, pintag_arena_t *arena);

/* a copy in the arena; NULL data without memory */
pintag_str_t pintag_str_copy(pintag_str_t s, pintag_arena_t *arena);


/* the longest text that pintag_format_integer() and _double() write */
#define PINTAG_NUMBER_LEN  352

/* digits of "n" into "dst"; gives their number */
size_t pintag_format_uint(unsigned char *dst, uint64_t n);
size_t pintag_format_integer(unsigned char *dst, int64_t n);

/*
 * The shortest plain decimal that reads back as the double: no exponent, no
 * trailing ".0", -0 as "0" (1e3 is "1000", 19.99 is "19.99").  "d" is finite.
 */
size_t pintag_format_double(unsigned char *dst, double d);

/* rounded to 6 decimals, for sums and products: 9.95 * 3 is 29.85 */
double pintag_round6(double d);

/*
 * Reads a number as people write it in a string.  White space, currency signs,
 * letters at either end, and "'" between digits are passed over; of "," and "."
 * the last is the decimal point when both occur; one "," with one or two digits
 * after it is decimal, other "," are thousands; one "." is decimal, several in
 * groups of three are thousands.  "$1,299.90" is 1299.90, "1.299,00" is
 * 1299.00, "12,50" is 12.50, "1,299" is 1299.
 *
 * Gives 1 and the plain decimal (in the arena; its digits as they were
 * written, with a digit before the point) and its value, 0 when the text is
 * no number, or -1 without memory.
 */
int pintag_read_number(pintag_str_t s, pintag_arena_t *arena,
    pintag_str_t *text, double *value);


#endif /* PINTAG_TEXT_H */
