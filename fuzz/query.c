
/*
 * Copyright (C) the ngx_http_pintag_module authors
 *
 * Texts, escaped for a query and for JSON and read back; numbers and the
 * folding of names.
 */


#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "fuzz.h"
#include "json.h"
#include "names.h"
#include "pii.h"
#include "utf8.h"


static void fuzz_percent(pintag_str_t text, pintag_arena_t *arena);
static void fuzz_json(pintag_str_t text, pintag_arena_t *arena);
static void fuzz_number(pintag_str_t text, pintag_arena_t *arena);
static void fuzz_double(pintag_str_t text);
static void fuzz_folding(pintag_str_t text, pintag_arena_t *arena);
static unsigned fuzz_utf8(pintag_str_t text);


int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    pintag_str_t     text;
    fuzz_memory_t    memory;
    pintag_arena_t  *arena;

    text.data = data;
    text.len = size;

    arena = fuzz_memory_init(&memory, NULL);

    fuzz_percent(text, arena);
    fuzz_json(text, arena);
    fuzz_number(text, arena);
    fuzz_double(text);
    fuzz_folding(text, arena);

    fuzz_memory_free(&memory);

    return 0;
}


static void
fuzz_percent(pintag_str_t text, pintag_arena_t *arena)
{
    size_t          i, len;
    pintag_buf_t    buf;
    unsigned char   c, *decoded;

    pintag_buf_init(&buf, arena, 0);
    pintag_buf_add_percent(&buf, text);
    fuzz_check(!buf.failed && buf.len >= text.len);

    if (buf.len == 0) {
        return;
    }

    for (i = 0; i < buf.len; i++) {
        c = buf.data[i];

        fuzz_check((c >= '0' && c <= '9')
                   || ((c | 0x20) >= 'a' && (c | 0x20) <= 'z')
                   || memchr("-._~%", c, 5) != NULL);
    }

    decoded = pintag_arena_bytes(arena, buf.len);

    len = pintag_pii_decode(decoded, (pintag_str_t) { buf.len, buf.data }, 1);

    fuzz_check(pintag_str_eq((pintag_str_t) { len, decoded }, text));
}


static void
fuzz_json(pintag_str_t text, pintag_arena_t *arena)
{
    pintag_buf_t          buf;
    pintag_str_t          value;
    pintag_json_doc_t    *doc;
    pintag_json_iter_t    it;
    pintag_json_error_t   error;

    pintag_buf_init(&buf, arena, 0);
    pintag_buf_add_char(&buf, '[');
    pintag_buf_add_json(&buf, text);
    pintag_buf_add_char(&buf, ']');
    fuzz_check(!buf.failed);

    doc = pintag_json_read(buf.data, buf.len, arena, &error);
    fuzz_check(doc != NULL);

    pintag_json_each(pintag_json_root(doc), &it);
    fuzz_check(pintag_json_next(&it));
    fuzz_check(pintag_json_kind(it.value) == PINTAG_JSON_STRING);

    value = pintag_json_string(it.value);

    if (fuzz_utf8(text)) {
        fuzz_check(pintag_str_eq(value, text));
    }

    fuzz_check(!pintag_json_next(&it));

    pintag_json_free(doc);
}


static void
fuzz_number(pintag_str_t text, pintag_arena_t *arena)
{
    int              rc;
    char            *end;
    double           value;
    pintag_buf_t     buf;
    pintag_str_t     number;

    rc = pintag_read_number(text, arena, &number, &value);
    fuzz_check(rc == 0 || rc == 1);

    if (rc == 0) {
        return;
    }

    fuzz_check(number.len != 0 && isfinite(value));

    pintag_buf_init(&buf, arena, 0);
    pintag_buf_add_str(&buf, number);
    pintag_buf_add_char(&buf, '\0');

    fuzz_check(strspn((char *) buf.data, "-.0123456789") == number.len);
    fuzz_check(strtod((char *) buf.data, &end) == value && *end == '\0');
}


static void
fuzz_double(pintag_str_t text)
{
    char           *end;
    double          d, read;
    size_t          len;
    int64_t         integer;
    unsigned char   digits[PINTAG_NUMBER_LEN + 1];

    if (text.len < sizeof(double)) {
        return;
    }

    memcpy(&d, text.data, sizeof(double));
    memcpy(&integer, text.data, sizeof(int64_t));

    len = pintag_format_integer(digits, integer);
    digits[len] = '\0';
    fuzz_check(strtoll((char *) digits, &end, 10) == integer && *end == '\0');

    if (!isfinite(d)) {
        return;
    }

    len = pintag_format_double(digits, d);
    fuzz_check(len <= PINTAG_NUMBER_LEN);
    digits[len] = '\0';

    fuzz_check(strspn((char *) digits, "-.0123456789") == len);

    read = strtod((char *) digits, &end);
    fuzz_check(read == d && *end == '\0');

    (void) pintag_round6(d);
}


static void
fuzz_folding(pintag_str_t text, pintag_arena_t *arena)
{
    pintag_str_t    trimmed, lower, joined;
    pintag_names_t  names;
    pintag_fold_e   fold;

    trimmed = pintag_str_trim(text);
    fuzz_check(trimmed.len <= text.len);
    fuzz_check((trimmed.len == 0) == pintag_str_blank(text));
    fuzz_check(pintag_str_eq(pintag_str_trim(trimmed), trimmed));

    lower = pintag_str_lower(text, arena);
    joined = pintag_str_concatenate(text, arena);
    fuzz_check(lower.data != NULL && joined.data != NULL);
    fuzz_check(joined.len <= trimmed.len);
    fuzz_check(fuzz_utf8(lower) == fuzz_utf8(text));

    for (fold = PINTAG_FOLD_NAME; fold <= PINTAG_FOLD_NONE; fold++) {
        fuzz_check(pintag_names_init(&names, arena, fold));
        fuzz_check(pintag_names_add(&names, text) == 0);
        fuzz_check(pintag_names_remember(&names));

        /* looked for twice, since it is remembered */

        (void) pintag_names_find(&names, text);

        /* a table and a comparison agree, also in what equals nothing */

        fuzz_check((pintag_names_find(&names, text) == 0)
                   == pintag_name_eq(fold, text, text));
        fuzz_check((pintag_names_find(&names, lower) == 0)
                   == pintag_name_eq(fold, text, lower));
        fuzz_check((pintag_names_find(&names, joined) == 0)
                   == pintag_name_eq(fold, text, joined));
        fuzz_check((pintag_names_find(&names, trimmed) == 0)
                   == pintag_name_eq(fold, text, trimmed));
    }

    fuzz_check(pintag_name_eq(PINTAG_FOLD_CASE, text, trimmed));
}


static unsigned
fuzz_utf8(pintag_str_t text)
{
    size_t                n;
    uint32_t              code;
    const unsigned char  *p, *end;

    p = text.data;
    end = text.len ? p + text.len : p;

    for ( /* void */ ; p != end; p += n) {
        n = pintag_utf8_decode(p, end, &code);

        if (n == 0) {
            return 0;
        }
    }

    return 1;
}
