
/*
 * Copyright (C) the ngx_http_pintag_module authors
 *
 * How Pinterest wants each field of user data before it is hashed (Conversions
 * API v5, "user_data"); internal to identity.c.
 */


#ifndef PINTAG_NORMAL_H
#define PINTAG_NORMAL_H


#include "arena.h"
#include "text.h"


/* in hex digits */
#define PINTAG_SHA256_HEX  64


/* what is left of a text; -1 without memory */

#define PINTAG_NORMAL_NONE  0        /* nothing that could be sent */
#define PINTAG_NORMAL_TEXT  1        /* to be hashed */
#define PINTAG_NORMAL_HASH  2        /* what is a hash already */


/* of a text that may be blank; the result is borrowed or in the arena */

typedef int (*pintag_normal_pt)(pintag_str_t text, pintag_arena_t *arena,
    pintag_str_t *normal);


/*
 * The hash that a text is, trimmed: 1 for 64 hex digits, which are lower-cased;
 * 0 for anything else; -1 without memory.
 */
int pintag_normal_hash(pintag_str_t text, pintag_arena_t *arena,
    pintag_str_t *hash);

/*
 * An e-mail address without any white space, lower-cased.  64 hex digits are a
 * hash once the white space is gone; for the Tag 40 and 32 are, too.
 */
int pintag_normal_email(pintag_str_t text, pintag_arena_t *arena,
    pintag_str_t *normal);
int pintag_normal_tag_email(pintag_str_t text, pintag_arena_t *arena,
    pintag_str_t *normal);

/* a user's id that is an address as a whole, trimmed and lower-cased */
int pintag_normal_user_email(pintag_str_t text, pintag_arena_t *arena,
    pintag_str_t *normal);

/* digits only, without leading zeros */
int pintag_normal_phone(pintag_str_t text, pintag_arena_t *arena,
    pintag_str_t *normal);

/* "f", "m" or "n" of these, "female", "male" and "non-binary" */
int pintag_normal_gender(pintag_str_t text, pintag_arena_t *arena,
    pintag_str_t *normal);

/* YYYYMMDD, of that or YYYY-MM-DD and whatever follows but a digit */
int pintag_normal_date(pintag_str_t text, pintag_arena_t *arena,
    pintag_str_t *normal);

/* trimmed, lower-cased */
int pintag_normal_lower(pintag_str_t text, pintag_arena_t *arena,
    pintag_str_t *normal);

/* lower-cased, letters with their marks and digits only */
int pintag_normal_city(pintag_str_t text, pintag_arena_t *arena,
    pintag_str_t *normal);

/* lower-cased, without spaces and dashes */
int pintag_normal_zip(pintag_str_t text, pintag_arena_t *arena,
    pintag_str_t *normal);

/* as it is, unless it holds an e-mail address */
int pintag_normal_id(pintag_str_t text, pintag_arena_t *arena,
    pintag_str_t *normal);

/* trimmed, lower-cased; one of zeros and dashes only is none */
int pintag_normal_maid(pintag_str_t text, pintag_arena_t *arena,
    pintag_str_t *normal);


#endif /* PINTAG_NORMAL_H */
