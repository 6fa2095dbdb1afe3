
/*
 * Copyright (C) the ngx_http_pintag_module authors
 *
 * Mappings of a YAML file whose keys are known: a table tells what each key
 * takes and where it goes, what is wrong is reported in the order of the file.
 */


#ifndef PINTAG_KEYS_H
#define PINTAG_KEYS_H


#include <stddef.h>

#include "arena.h"
#include "integrations.h"
#include "names.h"
#include "text.h"
#include "yaml_tree.h"


/* of a key or a value in a message, in bytes */
#define PINTAG_QUOTE  60


/* a file while it is read */

typedef struct {
    pintag_yaml_t            yaml;
    pintag_names_t          *names;
    pintag_arena_t          *arena;
    pintag_report_pt         report;
    void                    *data;
} pintag_file_t;


typedef struct pintag_key_s  pintag_key_t;

/*
 * Puts a value, which is not null, at "field", which is "offset" bytes into
 * what the mapping describes.  1, or 0 after an error, which was reported.
 */

typedef unsigned (*pintag_key_set_pt)(pintag_file_t *file,
    const pintag_key_t *key, const pintag_yaml_node_t *value, void *field);

struct pintag_key_s {
    pintag_str_t             name;
    pintag_key_set_pt        set;
    size_t                   offset;
    const char              *expected;    /* "must be ..." */
    const char              *example;     /* of a required key, else NULL */
    size_t                   max;         /* bytes, for digits */
    unsigned                 secret;      /* no message holds its value */
};

/* at most 64 */

typedef struct {
    const pintag_key_t      *elts;
    size_t                   n;
} pintag_keys_t;

#define pintag_keys(array)  { array, sizeof(array) / sizeof((array)[0]) }


typedef struct {
    char                     text[PINTAG_QUOTE + sizeof("\"...\"")];
} pintag_quote_t;


/*
 * Reads a mapping: unknown and repeated keys, and required ones that are
 * missing, are errors.  1, or 0 after an error, which was reported.
 */
unsigned pintag_keys_read(pintag_file_t *file, pintag_keys_t keys,
    const pintag_yaml_node_t *node, void *object);


/* pintag_str_t: not blank, trimmed */
unsigned pintag_key_set_text(pintag_file_t *file, const pintag_key_t *key,
    const pintag_yaml_node_t *value, void *field);

/* pintag_str_t: at most "max" digits */
unsigned pintag_key_set_digits(pintag_file_t *file, const pintag_key_t *key,
    const pintag_yaml_node_t *value, void *field);

/* unsigned: a plain true or false */
unsigned pintag_key_set_boolean(pintag_file_t *file, const pintag_key_t *key,
    const pintag_yaml_node_t *value, void *field);

/* int: the id in "names" of a property, PINTAG_VALUE_NONE for a blank one */
unsigned pintag_key_set_property(pintag_file_t *file, const pintag_key_t *key,
    const pintag_yaml_node_t *value, void *field);


/*
 * 1 when the value is text: a number is, a plain true or false is taken for a
 * misunderstanding.
 */
unsigned pintag_key_is_text(const pintag_yaml_node_t *value);

/* reports that "value" is not what the key takes; gives 0 */
unsigned pintag_key_wrong(pintag_file_t *file, const pintag_key_t *key,
    const pintag_yaml_node_t *value);

/*
 * 1 when "word" is likely a misspelling of "known": the letters that differ,
 * are missing, too many, or swapped with their neighbour are few; case does
 * not matter.  "distance" is their number; it may be NULL.
 */
unsigned pintag_word_near(pintag_str_t word, pintag_str_t known,
    size_t *distance);

/* in quotes, shortened, fit for a log; gives "quote->text" */
const char *pintag_quote(pintag_quote_t *quote, pintag_str_t s);


/* reports an error at the node, or at 1:1 when it is NULL; gives 0 */
unsigned pintag_file_error(pintag_file_t *file, const pintag_yaml_node_t *node,
    const char *fmt, ...);

/* reports the fault of the YAML itself; gives 0 */
unsigned pintag_file_fault(pintag_file_t *file);

/*
 * To be called after what the container holds was read: 1, or 0 when the
 * fault of the YAML stands next, which is reported.
 */
unsigned pintag_file_end(pintag_file_t *file, const pintag_yaml_node_t *node);

/* reports it; gives 0 */
unsigned pintag_file_no_memory(pintag_file_t *file);


#endif /* PINTAG_KEYS_H */
