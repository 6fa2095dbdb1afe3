
/*
 * Copyright (C) the ngx_http_pintag_module authors
 *
 * Mappings of a YAML file whose keys are known: a table tells what each key
 * takes and where it goes, what is wrong is reported in the order of the file.
 */


#ifndef PINTAG_KEYS_H
#define PINTAG_KEYS_H


#include <stddef.h>

#include "file.h"
#include "names.h"
#include "text.h"
#include "yaml_tree.h"


typedef struct pintag_key_s  pintag_key_t;

/* 1, or 0 after an error, which was reported; "value" is not null */

typedef unsigned (*pintag_key_set_pt)(pintag_file_t *file,
    const pintag_key_t *key, const pintag_yaml_node_t *value, void *field);

/* the same for an item of a list: its text is not blank, and trimmed */

typedef unsigned (*pintag_key_add_pt)(pintag_file_t *file,
    const pintag_key_t *key, const pintag_yaml_node_t *item, pintag_str_t text,
    void *field);


/* a word that a key takes, and what it stands for */

typedef struct {
    pintag_str_t             word;
    unsigned                 value;
} pintag_choice_t;


struct pintag_key_s {
    pintag_str_t             name;

    /* puts the value at "field", "offset" bytes into what is described */
    pintag_key_set_pt        set;
    size_t                   offset;

    /*
     * or NULL: looks at the value again when the whole mapping has been read;
     * "field" is the object that pintag_keys_check() was given
     */
    pintag_key_set_pt        check;

    const char              *expected;    /* "must be ..." */
    const char              *example;     /* of what is required, of a text */

    const pintag_choice_t   *choices;     /* for a choice, the last is empty */
    size_t                   max;         /* for digits: how many */

    unsigned                 required:1;
    unsigned                 filled:1;    /* for a list: not an empty one */
    unsigned                 names:1;     /* for a list: of PINTAG_FOLD_NAME */
    unsigned                 secret:1;    /* no message holds its value */
};

/* at most 64 */

typedef struct {
    const pintag_key_t      *elts;
    size_t                   n;
} pintag_keys_t;

#define pintag_keys(array)  { array, sizeof(array) / sizeof((array)[0]) }


/*
 * Reads a mapping: unknown and repeated keys, and required ones that are
 * missing, are errors.  1, or 0 after an error, which was reported.
 */
unsigned pintag_keys_read(pintag_file_t *file, pintag_keys_t keys,
    const pintag_yaml_node_t *node, void *object);

/* calls "check" of the keys of a mapping that has been read without error */
unsigned pintag_keys_check(pintag_file_t *file, pintag_keys_t keys,
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

/* unsigned: what one of "choices" stands for */
unsigned pintag_key_set_choice(pintag_file_t *file, const pintag_key_t *key,
    const pintag_yaml_node_t *value, void *field);

/* int: the id in "names" of a property, PINTAG_VALUE_NONE for a blank one */
unsigned pintag_key_set_property(pintag_file_t *file, const pintag_key_t *key,
    const pintag_yaml_node_t *value, void *field);

/* pintag_list_t */
unsigned pintag_key_set_list(pintag_file_t *file, const pintag_key_t *key,
    const pintag_yaml_node_t *value, void *field);

/* pintag_names_t, an initialized one */
unsigned pintag_key_set_names(pintag_file_t *file, const pintag_key_t *key,
    const pintag_yaml_node_t *value, void *field);


/* calls "add" for each item of a list of texts */
unsigned pintag_key_each(pintag_file_t *file, const pintag_key_t *key,
    const pintag_yaml_node_t *value, pintag_key_add_pt add, void *field);

/* gives the id of the name of a property; reports what is wrong with it */
unsigned pintag_key_intern(pintag_file_t *file,
    const pintag_yaml_node_t *value, pintag_str_t name, int *id);

/* 1 unless it is a name that equals none, not even itself; reports that */
unsigned pintag_key_is_name(pintag_file_t *file, const pintag_key_t *key,
    const pintag_yaml_node_t *value, pintag_str_t name);

/*
 * 1 when the value is text: a number is, a plain true or false is taken for a
 * misunderstanding.
 */
unsigned pintag_key_is_text(const pintag_yaml_node_t *value);

/* reports that "value" is not what the key takes; gives 0 */
unsigned pintag_key_wrong(pintag_file_t *file, const pintag_key_t *key,
    const pintag_yaml_node_t *value);


#endif /* PINTAG_KEYS_H */
