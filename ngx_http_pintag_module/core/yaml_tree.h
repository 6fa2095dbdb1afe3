
/*
 * Copyright (C) the ngx_http_pintag_module authors
 *
 * YAML as a small tree that knows where each node stands in the file, read
 * with libyaml.  Anchors, aliases, tags, and more than one document are faults
 * here: what is configured should be plain to see.
 */


#ifndef PINTAG_YAML_TREE_H
#define PINTAG_YAML_TREE_H


#include <stddef.h>

#include "arena.h"
#include "text.h"


typedef enum {
    PINTAG_YAML_SCALAR = 0,
    PINTAG_YAML_SEQUENCE,
    PINTAG_YAML_MAPPING
} pintag_yaml_kind_e;


typedef struct pintag_yaml_node_s  pintag_yaml_node_t;

struct pintag_yaml_node_s {
    pintag_yaml_kind_e         kind;
    unsigned                   plain:1;  /* a scalar without quotes */

    /*
     * a fault of the file stands in this node: what came before it is there,
     * what comes after it is not; a mapping may end with a key
     */
    unsigned                   cut:1;

    size_t                     line;     /* where it begins, see below */
    size_t                     column;

    pintag_str_t               text;     /* of a scalar */

    /* in a mapping key and value by turns */
    const pintag_yaml_node_t  *first;
    size_t                     n;

    const pintag_yaml_node_t  *next;     /* its neighbour in the container */
};


/* messages are static text, and hold nothing of the file */

typedef struct {
    const char                *message;  /* NULL when there is no fault */
    size_t                     line;
    size_t                     column;

    /* where what is faulty begins, e.g. "while parsing a flow mapping" */
    const char                *context;  /* or NULL */
    size_t                     context_line;

    const char                *remedy;   /* or NULL, where "message" has it */

    unsigned                   too_deep:1;
} pintag_yaml_fault_t;


/*
 * Lines and columns count from 1; columns are characters of the text as it was
 * given, less a byte order mark.
 */

typedef struct {
    const pintag_yaml_node_t  *root;     /* NULL when there is nothing */
    pintag_yaml_fault_t        fault;

    /* the first tab in indentation, 0 when there is none */
    size_t                     tab_line;
    size_t                     tab_column;
} pintag_yaml_t;


/*
 * Reads a text of UTF-8.  The tree is in the arena and borrows nothing from
 * "text".  With a fault, the tree up to it is given, so that an earlier fault
 * of another sort can be told first; none is when the fault is one of the text
 * as a whole: its encoding, containers in more than "levels" levels, memory.
 *
 * A tab in the white space that begins a line, or that follows a "-" there,
 * goes to the next multiple of four columns; libyaml would refuse it.
 */
void pintag_yaml_read(pintag_yaml_t *yaml, pintag_str_t text, size_t levels,
    pintag_arena_t *arena);

/* 1 for no value, ~ and null, without quotes */
unsigned pintag_yaml_null(const pintag_yaml_node_t *node);


#endif /* PINTAG_YAML_TREE_H */
