
/*
 * Copyright (C) the ngx_http_pintag_module authors
 *
 * json.h on jansson, 2.11 or later.
 */


#include <setjmp.h>
#include <string.h>

#include <jansson.h>

#include "json.h"
#include "json_error.h"


const char  pintag_json_reader[] = "jansson";


struct pintag_json_doc_s {
    json_t  *root;
};


static json_t *pintag_json_load(pintag_str_t text, pintag_arena_t *arena);
static json_t *pintag_json_try(pintag_str_t text);
static void *pintag_json_alloc(size_t size);
static void pintag_json_keep(void *p);
static pintag_str_t pintag_json_spell_reals(pintag_str_t text,
    pintag_arena_t *arena);
static unsigned pintag_json_too_big(const unsigned char *digits, size_t n,
    unsigned negative);


static pintag_arena_t  *pintag_json_arena;
static jmp_buf          pintag_json_no_arena;


/* jansson's functions take no const values, although these change nothing */
#define pintag_jansson(value)  ((json_t *) (value))


pintag_json_doc_t *
pintag_json_read(const unsigned char *data, size_t len, pintag_arena_t *arena,
    pintag_json_error_t *error)
{
    pintag_str_t        text;
    pintag_json_doc_t  *doc;

    memset(error, 0, sizeof(pintag_json_error_t));

    doc = pintag_arena_alloc(arena, sizeof(pintag_json_doc_t));

    if (doc == NULL) {
        goto no_memory;
    }

    /* jansson takes NULL for a mistake of the caller's */

    text.data = (data != NULL) ? data : (const unsigned char *) "";
    text.len = len;

    /* behind a number jansson passes over a NUL, which nowhere is JSON */

    doc->root = NULL;

    if (memchr(text.data, '\0', text.len) == NULL) {
        doc->root = pintag_json_load(text, arena);
    }

    if (doc->root != NULL) {
        return doc;
    }

    if (pintag_json_explain(text, error)) {
        return NULL;
    }

    /*
     * Nothing is wrong: there is an integer outside int64, which jansson
     * refuses where it takes reals of that size, or there is no memory.
     */

    text = pintag_json_spell_reals(text, arena);

    if (text.data == NULL) {
        goto no_memory;
    }

    doc->root = pintag_json_load(text, arena);

    if (doc->root != NULL) {
        return doc;
    }

no_memory:

    pintag_json_no_memory(error);

    return NULL;
}


/*
 * jansson leaves out a byte of a string or a number when it finds no memory for
 * it, and goes on; of a string without its last quote it writes past the end.
 * So it is left in the middle then, and all that it allocates is the arena's,
 * for as long as it reads: its functions may be others' as well.
 */

static json_t *
pintag_json_load(pintag_str_t text, pintag_arena_t *arena)
{
    json_t         *root;
    json_free_t     free_fn;
    json_malloc_t   malloc_fn;

    json_get_alloc_funcs(&malloc_fn, &free_fn);
    json_set_alloc_funcs(pintag_json_alloc, pintag_json_keep);

    pintag_json_arena = arena;
    root = pintag_json_try(text);

    json_set_alloc_funcs(malloc_fn, free_fn);

    return root;
}


static json_t *
pintag_json_try(pintag_str_t text)
{
    json_error_t  error;

    if (setjmp(pintag_json_no_arena) != 0) {
        return NULL;
    }

    return json_loadb((const char *) text.data, text.len, JSON_ALLOW_NUL,
                      &error);
}


static void *
pintag_json_alloc(size_t size)
{
    void  *p;

    p = pintag_arena_alloc(pintag_json_arena, size);

    if (p == NULL) {
        longjmp(pintag_json_no_arena, 1);
    }

    return p;
}


static void
pintag_json_keep(void *p)
{
    (void) p;
}


void
pintag_json_free(pintag_json_doc_t *doc)
{
    /* all of it is the arena's */

    (void) doc;
}


const pintag_json_t *
pintag_json_root(const pintag_json_doc_t *doc)
{
    return (const pintag_json_t *) doc->root;
}


unsigned
pintag_json_max_depth(const pintag_json_doc_t *doc)
{
    /* all that jansson tells is that it has read it */

    (void) doc;

    return PINTAG_JSON_MAX_DEPTH;
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


/* a copy in which integers outside int64 are reals */

static pintag_str_t
pintag_json_spell_reals(pintag_str_t text, pintag_arena_t *arena)
{
    size_t                i, start, digits;
    unsigned              quoted, real;
    pintag_str_t          copy = pintag_str_null;
    unsigned char        *dst;
    const unsigned char  *src;

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
