
/*
 * Copyright (C) the ngx_http_pintag_module authors
 *
 * Reading JSON through one narrow, read-only interface, so that the library
 * behind it can be chosen when the module is built.
 *
 * Any reader gives the same answers: RFC 8259 text in UTF-8 with an object or
 * an array at the top; a repeated key keeps its first place and takes its last
 * value; U+0000 is allowed in values; an integer outside int64 is read as a
 * double; a number outside double, invalid UTF-8, a lone surrogate, a byte
 * order mark and anything after the value make the document unreadable.
 */


#ifndef PINTAG_JSON_H
#define PINTAG_JSON_H


#include <stddef.h>
#include <stdint.h>

#include "arena.h"
#include "text.h"


typedef enum {
    PINTAG_JSON_NULL = 0,
    PINTAG_JSON_FALSE,
    PINTAG_JSON_TRUE,
    PINTAG_JSON_INTEGER,
    PINTAG_JSON_REAL,
    PINTAG_JSON_STRING,
    PINTAG_JSON_ARRAY,
    PINTAG_JSON_OBJECT
} pintag_json_kind_e;


/* the name of the library behind it */
extern const char  pintag_json_reader[];


/* a value, owned by its document */
typedef struct pintag_json_s  pintag_json_t;

/* a document; free it with pintag_json_free() */
typedef struct pintag_json_doc_s  pintag_json_doc_t;


/*
 * What was wrong and where.  The message is static text and holds nothing of
 * the document.  Line and column are of the document as it was given, from 1;
 * the column counts characters.
 */

typedef struct {
    const char  *message;
    size_t       line;
    size_t       column;
    unsigned     no_memory;
} pintag_json_error_t;


/*
 * A member or an element at a time, in the document's order.
 *
 *     pintag_json_each(value, &it);
 *     while (pintag_json_next(&it)) { ... it.key, it.index, it.value ... }
 */

typedef struct {
    pintag_str_t          key;      /* in objects; lives as the document */
    size_t                index;    /* from 0 */
    const pintag_json_t  *value;

    /* the reader's own */
    const pintag_json_t  *container;
    void                 *cursor;
    size_t                left;
} pintag_json_iter_t;


/* NULL when unreadable, "error" then says why */
pintag_json_doc_t *pintag_json_read(const unsigned char *data, size_t len,
    pintag_arena_t *arena, pintag_json_error_t *error);

/* frees what is not in the arena; NULL is allowed */
void pintag_json_free(pintag_json_doc_t *doc);

const pintag_json_t *pintag_json_root(const pintag_json_doc_t *doc);

/* of arrays and objects in one another there are no more than this */
unsigned pintag_json_max_depth(const pintag_json_doc_t *doc);

/* PINTAG_JSON_NULL for a NULL pointer, too */
pintag_json_kind_e pintag_json_kind(const pintag_json_t *value);

/* members or elements; 0 for any other kind */
size_t pintag_json_size(const pintag_json_t *value);

/* each of these is defined for its own kind only */
pintag_str_t pintag_json_string(const pintag_json_t *value);
int64_t pintag_json_integer(const pintag_json_t *value);
double pintag_json_real(const pintag_json_t *value);

/* for any kind; what is neither array nor object has nothing to give */
void pintag_json_each(const pintag_json_t *value, pintag_json_iter_t *it);
unsigned pintag_json_next(pintag_json_iter_t *it);


#endif /* PINTAG_JSON_H */
