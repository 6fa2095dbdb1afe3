
/*
 * Copyright (C) the ngx_http_pintag_module authors
 */


#include <string.h>

#include "names.h"
#include "normal.h"
#include "pii.h"
#include "utf8.h"


/* in hex digits */
#define PINTAG_SHA1_HEX  40
#define PINTAG_MD5_HEX   32

#define PINTAG_DATE_LEN  8


/* which characters stay */

#define PINTAG_KEEP_DIGITS    0x01
#define PINTAG_KEEP_WORDS     0x02    /* letters with their marks, digits */
#define PINTAG_KEEP_UNDASHED  0x04


static int pintag_normal_address(pintag_str_t text, unsigned tag,
    pintag_arena_t *arena, pintag_str_t *normal);
static int pintag_normal_case(pintag_str_t text, pintag_arena_t *arena,
    pintag_str_t *normal);
static int pintag_normal_keep(pintag_str_t text, unsigned which,
    pintag_arena_t *arena, pintag_str_t *kept);
static unsigned pintag_normal_stays(uint32_t code, unsigned which,
    unsigned kept);
static unsigned pintag_normal_hex(pintag_str_t text);
static unsigned pintag_normal_digit(unsigned char c);
static unsigned pintag_normal_number(const unsigned char *p, size_t n);


/* of ASCII: of no other byte is it known by itself */

static const unsigned char  pintag_normal_kept[256] = {
    4, 4, 4, 4, 4, 4, 4, 4, 4, 4, 4, 4, 4, 4, 4, 4,
    4, 4, 4, 4, 4, 4, 4, 4, 4, 4, 4, 4, 4, 4, 4, 4,
    4, 4, 4, 4, 4, 4, 4, 4, 4, 4, 4, 4, 4, 0, 4, 4,
    7, 7, 7, 7, 7, 7, 7, 7, 7, 7, 4, 4, 4, 4, 4, 4,
    4, 6, 6, 6, 6, 6, 6, 6, 6, 6, 6, 6, 6, 6, 6, 6,
    6, 6, 6, 6, 6, 6, 6, 6, 6, 6, 6, 4, 4, 4, 4, 4,
    4, 6, 6, 6, 6, 6, 6, 6, 6, 6, 6, 6, 6, 6, 6, 6,
    6, 6, 6, 6, 6, 6, 6, 6, 6, 6, 6, 4, 4, 4, 4, 4
};


int
pintag_normal_hash(pintag_str_t text, pintag_arena_t *arena,
    pintag_str_t *hash)
{
    text = pintag_str_trim(text);

    if (text.len != PINTAG_SHA256_HEX || !pintag_normal_hex(text)) {
        return 0;
    }

    *hash = pintag_str_lower(text, arena);

    return hash->data ? 1 : -1;
}


int
pintag_normal_email(pintag_str_t text, pintag_arena_t *arena,
    pintag_str_t *normal)
{
    return pintag_normal_address(text, 0, arena, normal);
}


int
pintag_normal_tag_email(pintag_str_t text, pintag_arena_t *arena,
    pintag_str_t *normal)
{
    return pintag_normal_address(text, 1, arena, normal);
}


static int
pintag_normal_address(pintag_str_t text, unsigned tag, pintag_arena_t *arena,
    pintag_str_t *normal)
{
    text = pintag_str_concatenate(text, arena);

    if (text.data == NULL) {
        return -1;
    }

    if ((text.len == PINTAG_SHA256_HEX
         || (tag && (text.len == PINTAG_SHA1_HEX
                     || text.len == PINTAG_MD5_HEX)))
        && pintag_normal_hex(text))
    {
        *normal = pintag_str_lower(text, arena);

        return normal->data ? PINTAG_NORMAL_HASH : -1;
    }

    if (!pintag_pii_address(text)) {
        return PINTAG_NORMAL_NONE;
    }

    return pintag_normal_case(text, arena, normal);
}


int
pintag_normal_user_email(pintag_str_t text, pintag_arena_t *arena,
    pintag_str_t *normal)
{
    text = pintag_str_trim(text);

    if (!pintag_pii_address(text)) {
        return PINTAG_NORMAL_NONE;
    }

    return pintag_normal_case(text, arena, normal);
}


int
pintag_normal_phone(pintag_str_t text, pintag_arena_t *arena,
    pintag_str_t *normal)
{
    int  rc;

    rc = pintag_normal_keep(text, PINTAG_KEEP_DIGITS, arena, normal);

    if (rc != PINTAG_NORMAL_TEXT) {
        return rc;
    }

    while (normal->len && normal->data[0] == '0') {
        normal->data++;
        normal->len--;
    }

    return normal->len ? PINTAG_NORMAL_TEXT : PINTAG_NORMAL_NONE;
}


int
pintag_normal_gender(pintag_str_t text, pintag_arena_t *arena,
    pintag_str_t *normal)
{
    size_t  i;

    static const pintag_str_t  genders[] = {
        pintag_str("f"), pintag_str("female"),
        pintag_str("m"), pintag_str("male"),
        pintag_str("n"), pintag_str("non-binary")
    };

    (void) arena;

    text = pintag_str_trim(text);

    for (i = 0; i < sizeof(genders) / sizeof(genders[0]); i++) {
        if (pintag_name_eq(PINTAG_FOLD_NAME, genders[i], text)) {
            *normal = genders[i];
            normal->len = 1;

            return PINTAG_NORMAL_TEXT;
        }
    }

    return PINTAG_NORMAL_NONE;
}


int
pintag_normal_date(pintag_str_t text, pintag_arena_t *arena,
    pintag_str_t *normal)
{
    unsigned              year, month, day, last;
    unsigned char        *dst;
    const unsigned char  *p;

    text = pintag_str_trim(text);

    dst = pintag_arena_bytes(arena, PINTAG_DATE_LEN);
    if (dst == NULL) {
        return -1;
    }

    p = text.data;

    if (text.len >= PINTAG_DATE_LEN + 2 && p[4] == '-' && p[7] == '-') {

        if (text.len > PINTAG_DATE_LEN + 2
            && pintag_normal_digit(p[PINTAG_DATE_LEN + 2]))
        {
            return PINTAG_NORMAL_NONE;
        }

        memcpy(dst, p, 4);
        memcpy(dst + 4, p + 5, 2);
        memcpy(dst + 6, p + 8, 2);

    } else if (text.len >= PINTAG_DATE_LEN) {

        if (text.len > PINTAG_DATE_LEN
            && pintag_normal_digit(p[PINTAG_DATE_LEN]))
        {
            return PINTAG_NORMAL_NONE;
        }

        memcpy(dst, p, PINTAG_DATE_LEN);

    } else {
        return PINTAG_NORMAL_NONE;
    }

    normal->data = dst;
    normal->len = PINTAG_DATE_LEN;

    for (p = dst; p != dst + PINTAG_DATE_LEN; p++) {
        if (!pintag_normal_digit(*p)) {
            return PINTAG_NORMAL_NONE;
        }
    }

    year = pintag_normal_number(dst, 4);
    month = pintag_normal_number(dst + 4, 2);
    day = pintag_normal_number(dst + 6, 2);

    if (year == 0 || month == 0 || month > 12) {
        return PINTAG_NORMAL_NONE;
    }

    if (month == 2) {
        last = (year % 4 == 0 && (year % 100 != 0 || year % 400 == 0)) ? 29
                                                                       : 28;

    } else {
        last = (month == 4 || month == 6 || month == 9 || month == 11) ? 30
                                                                       : 31;
    }

    return (day != 0 && day <= last) ? PINTAG_NORMAL_TEXT
                                     : PINTAG_NORMAL_NONE;
}


int
pintag_normal_lower(pintag_str_t text, pintag_arena_t *arena,
    pintag_str_t *normal)
{
    text = pintag_str_trim(text);

    if (text.len == 0) {
        return PINTAG_NORMAL_NONE;
    }

    return pintag_normal_case(text, arena, normal);
}


int
pintag_normal_city(pintag_str_t text, pintag_arena_t *arena,
    pintag_str_t *normal)
{
    int  rc;

    rc = pintag_normal_keep(text, PINTAG_KEEP_WORDS, arena, &text);

    return rc == PINTAG_NORMAL_TEXT ? pintag_normal_case(text, arena, normal)
                                    : rc;
}


int
pintag_normal_zip(pintag_str_t text, pintag_arena_t *arena,
    pintag_str_t *normal)
{
    int  rc;

    text = pintag_str_concatenate(text, arena);

    if (text.data == NULL) {
        return -1;
    }

    rc = pintag_normal_keep(text, PINTAG_KEEP_UNDASHED, arena, &text);

    return rc == PINTAG_NORMAL_TEXT ? pintag_normal_case(text, arena, normal)
                                    : rc;
}


int
pintag_normal_id(pintag_str_t text, pintag_arena_t *arena,
    pintag_str_t *normal)
{
    int  rc;

    rc = pintag_pii_email(text, arena);

    if (rc != 0) {
        return rc == 1 ? PINTAG_NORMAL_NONE : -1;
    }

    *normal = text;

    return PINTAG_NORMAL_TEXT;
}


int
pintag_normal_maid(pintag_str_t text, pintag_arena_t *arena,
    pintag_str_t *normal)
{
    size_t  i;

    text = pintag_str_trim(text);

    for (i = 0; i < text.len; i++) {
        if (text.data[i] != '0' && text.data[i] != '-') {
            return pintag_normal_case(text, arena, normal);
        }
    }

    return PINTAG_NORMAL_NONE;
}


static int
pintag_normal_case(pintag_str_t text, pintag_arena_t *arena,
    pintag_str_t *normal)
{
    *normal = pintag_str_lower(text, arena);

    return normal->data ? PINTAG_NORMAL_TEXT : -1;
}


/* a text of the characters that stay, or NONE when none does */

static int
pintag_normal_keep(pintag_str_t text, unsigned which, pintag_arena_t *arena,
    pintag_str_t *kept)
{
    size_t                n;
    uint32_t              code;
    unsigned              stays;
    unsigned char        *dst;
    const unsigned char  *p, *end;

    dst = pintag_arena_bytes(arena, text.len);
    if (dst == NULL) {
        return -1;
    }

    kept->data = dst;

    stays = 0;

    p = text.data;
    end = (text.len != 0) ? p + text.len : p;

    while (p != end) {

        if (*p >= 0x80) {
            n = pintag_utf8_decode(p, end, &code);

            if (n == 0) {
                p++;
                continue;
            }

            stays = pintag_normal_stays(code, which, stays);

            if (stays) {
                memcpy(dst, p, n);
                dst += n;
            }

            p += n;
            continue;
        }

        /* in most texts most stay: eight bytes at a time */

        while (end - p >= 8
               && (pintag_normal_kept[p[0]] & pintag_normal_kept[p[1]]
                   & pintag_normal_kept[p[2]] & pintag_normal_kept[p[3]]
                   & pintag_normal_kept[p[4]] & pintag_normal_kept[p[5]]
                   & pintag_normal_kept[p[6]] & pintag_normal_kept[p[7]]
                   & which))
        {
            memcpy(dst, p, 8);
            dst += 8;
            p += 8;
            stays = 1;
        }

        /* each is written, and the next over it unless it stays */

        for (n = 8; n && p != end && *p < 0x80; n--, p++) {
            stays = (pintag_normal_kept[*p] & which) != 0;

            *dst = *p;
            dst += stays;
        }
    }

    kept->len = (size_t) (dst - kept->data);

    return kept->len ? PINTAG_NORMAL_TEXT : PINTAG_NORMAL_NONE;
}


/* what is not ASCII; "kept": the character before it was */

static unsigned
pintag_normal_stays(uint32_t code, unsigned which, unsigned kept)
{
    switch (which) {

    case PINTAG_KEEP_WORDS:
        return pintag_utf8_letter(code) || (kept && pintag_utf8_mark(code));

    case PINTAG_KEEP_UNDASHED:
        return !pintag_utf8_dash(code);

    default: /* PINTAG_KEEP_DIGITS */
        return 0;
    }
}


static unsigned
pintag_normal_hex(pintag_str_t text)
{
    size_t         i;
    unsigned char  c;

    for (i = 0; i < text.len; i++) {
        c = text.data[i];

        if (!pintag_normal_digit(c) && !(c >= 'a' && c <= 'f')
            && !(c >= 'A' && c <= 'F'))
        {
            return 0;
        }
    }

    return 1;
}


static unsigned
pintag_normal_digit(unsigned char c)
{
    return c >= '0' && c <= '9';
}


static unsigned
pintag_normal_number(const unsigned char *p, size_t n)
{
    unsigned  number;

    number = 0;

    while (n--) {
        number = number * 10 + (unsigned) (*p++ - '0');
    }

    return number;
}
