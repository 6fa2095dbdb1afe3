
/*
 * Copyright (C) the ngx_http_pintag_module authors
 *
 * json.h on jansson, 2.11 or later.
 */


#include <string.h>

#include <jansson.h>

#include "json.h"


struct pintag_json_doc_s {
    json_t  *root;
};


static pintag_str_t pintag_json_spell_reals(pintag_str_t text,
    pintag_arena_t *arena, unsigned *found);
static unsigned pintag_json_too_big(const unsigned char *digits, size_t n,
    unsigned negative);
static unsigned pintag_json_no_memory(const json_error_t *je);
static void pintag_json_explain(pintag_json_error_t *error,
    const json_error_t *je, pintag_str_t text, pintag_str_t read);
static void pintag_json_locate(pintag_json_error_t *error, pintag_str_t text,
    size_t n);


/* jansson's functions take no const values, although these change nothing */
#define pintag_jansson(value)  ((json_t *) (value))


pintag_json_doc_t *
pintag_json_read(const unsigned char *data, size_t len, pintag_arena_t *arena,
    pintag_json_error_t *error)
{
    unsigned            found;
    pintag_str_t        text, copy;
    json_error_t        je;
    pintag_json_doc_t  *doc;

    memset(error, 0, sizeof(pintag_json_error_t));

    doc = pintag_arena_alloc(arena, sizeof(pintag_json_doc_t));

    if (doc == NULL) {
        goto no_memory;
    }

    /* jansson takes NULL for a mistake of the caller's */

    text.data = (data != NULL) ? data : (const unsigned char *) "";
    text.len = len;

    /* jansson sets nothing when it finds no memory for a value */

    memset(&je, 0, sizeof(json_error_t));

    doc->root = json_loadb((const char *) text.data, text.len, JSON_ALLOW_NUL,
                           &je);
    if (doc->root != NULL) {
        return doc;
    }

    copy = text;

    if (json_error_code(&je) == json_error_numeric_overflow) {

        /* jansson refuses integers outside int64, but not reals of that size */

        copy = pintag_json_spell_reals(text, arena, &found);

        if (copy.data == NULL) {
            goto no_memory;
        }

        if (found) {
            memset(&je, 0, sizeof(json_error_t));

            doc->root = json_loadb((const char *) copy.data, copy.len,
                                   JSON_ALLOW_NUL, &je);
            if (doc->root != NULL) {
                return doc;
            }
        }
    }

    if (pintag_json_no_memory(&je)) {
        goto no_memory;
    }

    pintag_json_explain(error, &je, text, copy);

    return NULL;

no_memory:

    error->message = "not enough memory";
    error->line = 1;
    error->column = 1;
    error->no_memory = 1;

    return NULL;
}


void
pintag_json_free(pintag_json_doc_t *doc)
{
    if (doc != NULL) {
        json_decref(doc->root);
    }
}


const pintag_json_t *
pintag_json_root(const pintag_json_doc_t *doc)
{
    return (const pintag_json_t *) doc->root;
}


pintag_json_kind_e
pintag_json_kind(const pintag_json_t *value)
{
    if (value == NULL) {
        return PINTAG_JSON_NULL;
    }

    switch (json_typeof(pintag_jansson(value))) {

    case JSON_OBJECT:
        return PINTAG_JSON_OBJECT;

    case JSON_ARRAY:
        return PINTAG_JSON_ARRAY;

    case JSON_STRING:
        return PINTAG_JSON_STRING;

    case JSON_INTEGER:
        return PINTAG_JSON_INTEGER;

    case JSON_REAL:
        return PINTAG_JSON_REAL;

    case JSON_TRUE:
        return PINTAG_JSON_TRUE;

    case JSON_FALSE:
        return PINTAG_JSON_FALSE;

    default: /* JSON_NULL */
        return PINTAG_JSON_NULL;
    }
}


size_t
pintag_json_size(const pintag_json_t *value)
{
    switch (pintag_json_kind(value)) {

    case PINTAG_JSON_ARRAY:
        return json_array_size(pintag_jansson(value));

    case PINTAG_JSON_OBJECT:
        return json_object_size(pintag_jansson(value));

    default:
        return 0;
    }
}


pintag_str_t
pintag_json_string(const pintag_json_t *value)
{
    pintag_str_t  s;

    s.data = (const unsigned char *) json_string_value(pintag_jansson(value));
    s.len = json_string_length(pintag_jansson(value));

    return s;
}


int64_t
pintag_json_integer(const pintag_json_t *value)
{
    return json_integer_value(pintag_jansson(value));
}


double
pintag_json_real(const pintag_json_t *value)
{
    return json_real_value(pintag_jansson(value));
}


/* "cursor" is the member that comes next, "index" the element before that */

void
pintag_json_each(const pintag_json_t *value, pintag_json_iter_t *it)
{
    memset(it, 0, sizeof(pintag_json_iter_t));

    it->index = (size_t) -1;
    it->container = value;

    if (pintag_json_kind(value) == PINTAG_JSON_OBJECT) {
        it->cursor = json_object_iter(pintag_jansson(value));
    }
}


unsigned
pintag_json_next(pintag_json_iter_t *it)
{
    json_t  *container;

    container = pintag_jansson(it->container);

    if (json_is_object(container)) {

        if (it->cursor == NULL) {
            return 0;
        }

        /* jansson refuses U+0000 in a key, and only 2.14 tells its length */

        it->key.data = (const unsigned char *) json_object_iter_key(it->cursor);
        it->key.len = strlen((const char *) it->key.data);

        it->value = (const pintag_json_t *)
                    json_object_iter_value(it->cursor);
        it->index++;

        it->cursor = json_object_iter_next(container, it->cursor);

        return 1;
    }

    if (it->index + 1 < json_array_size(container)) {
        it->index++;
        it->value = (const pintag_json_t *)
                    json_array_get(container, it->index);
        return 1;
    }

    return 0;
}


/*
 * A copy in which integers outside int64 are reals; "found" says whether there
 * were any.  Whatever else the text may hold, this makes no invalid document a
 * valid one: a number stays a number and all the rest is as it was.
 */

static pintag_str_t
pintag_json_spell_reals(pintag_str_t text, pintag_arena_t *arena,
    unsigned *found)
{
    size_t                i, start, digits;
    unsigned              quoted, real;
    pintag_str_t          copy = pintag_str_null;
    unsigned char        *dst;
    const unsigned char  *src;

    *found = 0;

    /* two bytes for every 19 at most */

    if (text.len > SIZE_MAX / 2) {
        return copy;
    }

    dst = pintag_arena_bytes(arena, text.len + text.len / 8);

    if (dst == NULL) {
        return copy;
    }

    copy.data = dst;

    src = text.data;
    quoted = 0;
    i = 0;

    while (i < text.len) {

        if (quoted || ((src[i] < '0' || src[i] > '9') && src[i] != '-')) {

            if (src[i] == '"') {
                quoted = !quoted;

            } else if (quoted && src[i] == '\\' && i + 1 < text.len) {
                *dst++ = src[i++];
            }

            *dst++ = src[i++];
            continue;
        }

        start = i;

        if (src[i] == '-') {
            i++;
        }

        digits = i;

        while (i < text.len && src[i] >= '0' && src[i] <= '9') {
            i++;
        }

        real = i < text.len
               && (src[i] == '.' || src[i] == 'e' || src[i] == 'E');

        if (real) {

            do {
                i++;
            } while (i < text.len
                     && ((src[i] >= '0' && src[i] <= '9')
                         || src[i] == '+' || src[i] == '-'
                         || src[i] == 'e' || src[i] == 'E'));
        }

        memcpy(dst, src + start, i - start);
        dst += i - start;

        if (!real
            && pintag_json_too_big(src + digits, i - digits, digits != start))
        {
            *dst++ = 'e';
            *dst++ = '0';
            *found = 1;
        }
    }

    copy.len = (size_t) (dst - copy.data);

    return copy;
}


static unsigned
pintag_json_too_big(const unsigned char *digits, size_t n, unsigned negative)
{
    if (n != 19) {
        return n > 19;
    }

    return memcmp(digits, negative ? "9223372036854775808"
                                   : "9223372036854775807", 19) > 0;
}


/*
 * jansson has a code for this and hardly uses it.  It says nothing at all when
 * it finds no memory for a value, and calls a string invalid when it finds none
 * for that; of a string that is invalid it says why.
 */

static unsigned
pintag_json_no_memory(const json_error_t *je)
{
    size_t  i;

    static const char  *strings[] = {
        "invalid token near '\"",
        "string or '}' expected near '\""
    };

    if (json_error_code(je) == json_error_out_of_memory
        || je->text[0] == '\0')
    {
        return 1;
    }

    for (i = 0; i < sizeof(strings) / sizeof(strings[0]); i++) {
        if (strncmp(je->text, strings[i], strlen(strings[i])) == 0) {
            return 1;
        }
    }

    return 0;
}


/*
 * jansson's own words quote the document, which is a visitor's, so only its
 * code and position are used.  "read" is what it read: the text, or a copy of
 * pintag_json_spell_reals().
 */

static void
pintag_json_explain(pintag_json_error_t *error, const json_error_t *je,
    pintag_str_t text, pintag_str_t read)
{
    size_t                i, n, taken;
    unsigned              after;
    enum json_error_code  code;

    /* how much of the text was taken: the token that is wrong is its end */

    taken = (je->position > 0) ? (size_t) je->position : 0;

    if (taken > read.len) {
        taken = read.len;
    }

    code = json_error_code(je);

    /* jansson takes a NUL for the end */

    if (code == json_error_premature_end_of_input
        && taken != 0 && read.data[taken - 1] == '\0')
    {
        code = json_error_invalid_syntax;
    }

    after = 0;

    switch (code) {

    case json_error_premature_end_of_input:
        error->message = "unexpected end of the document";
        after = 1;
        break;

    case json_error_end_of_input_expected:
        error->message = "unexpected data after the end of the document";
        break;

    case json_error_invalid_utf8:
        error->message = "invalid UTF-8";
        after = 1;
        break;

    case json_error_numeric_overflow:
        error->message = "a number is out of range";
        break;

    case json_error_stack_overflow:
        error->message = "nested too deeply";
        break;

    case json_error_null_byte_in_key:
        error->message = "U+0000 in a member's name";
        break;

    default:
        error->message = "invalid token";
    }

    n = 0;

    for (i = 0; i < taken; i++) {
        /* what is not in the text was inserted */

        if (n < text.len && text.data[n] == read.data[i]) {
            n++;
        }
    }

    if (code == json_error_invalid_syntax) {

        i = 0;

        while (i < text.len && strchr(" \t\r\n", text.data[i]) != NULL
               && text.data[i] != '\0')
        {
            i++;
        }

        if (text.len >= 3 && memcmp(text.data, "\xef\xbb\xbf", 3) == 0) {
            error->message = "a byte order mark is not allowed";
            n = 1;

        } else if (i < text.len && text.data[i] != '{' && text.data[i] != '[') {
            error->message = "the top level must be an object or an array";
            n = i + 1;
        }
    }

    pintag_json_locate(error, text, n);

    if (after || error->column == 0) {
        error->column++;
    }
}


/* where the last of the first "n" bytes is */

static void
pintag_json_locate(pintag_json_error_t *error, pintag_str_t text, size_t n)
{
    size_t  i;

    error->line = 1;
    error->column = 0;

    for (i = 0; i < n; i++) {

        if (text.data[i] == '\n') {
            error->line++;
            error->column = 0;

        } else if ((text.data[i] & 0xc0) != 0x80) {
            error->column++;
        }
    }
}
