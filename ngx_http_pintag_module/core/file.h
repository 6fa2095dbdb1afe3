
/*
 * Copyright (C) the ngx_http_pintag_module authors
 *
 * A YAML file while it is read, and what is said of it.
 */


#ifndef PINTAG_FILE_H
#define PINTAG_FILE_H


#include <stddef.h>

#include "arena.h"
#include "integrations.h"
#include "names.h"
#include "text.h"
#include "yaml_tree.h"


/* of a key or a value in a message, in bytes */
#define PINTAG_QUOTE  60


typedef struct {
    pintag_yaml_t            yaml;
    pintag_integrations_t   *integrations;

    /* the ids of the integrations read so far, in their order, or empty */
    pintag_names_t           tag_ids;
    pintag_names_t           account_ids;

    pintag_arena_t          *arena;
    pintag_report_pt         report;
    void                    *data;
} pintag_file_t;


typedef struct {
    char                     text[PINTAG_QUOTE + sizeof("\"...\"")];
} pintag_quote_t;


/* reports an error at the node, or at 1:1 when it is NULL; gives 0 */
unsigned pintag_file_error(pintag_file_t *file, const pintag_yaml_node_t *node,
    const char *fmt, ...);

/* reports a warning or a notice */
void pintag_file_note(pintag_file_t *file, pintag_report_level_e level,
    const pintag_yaml_node_t *node, const char *fmt, ...);

/* reports the fault of the YAML itself; gives 0 */
unsigned pintag_file_fault(pintag_file_t *file);

/*
 * To be called after what the container holds was read: 1, or 0 when the
 * fault of the YAML stands next, which is reported.
 */
unsigned pintag_file_end(pintag_file_t *file, const pintag_yaml_node_t *node);

/* reports it; gives 0 */
unsigned pintag_file_no_memory(pintag_file_t *file);


/* in quotes, shortened, fit for a log; gives "quote->text" */
const char *pintag_quote(pintag_quote_t *quote, pintag_str_t s);

/*
 * 1 when "word" is likely a misspelling of "known": the letters that differ,
 * are missing, too many, or swapped with their neighbour are few; case does
 * not matter.  "distance" is their number; it may be NULL.
 */
unsigned pintag_word_near(pintag_str_t word, pintag_str_t known,
    size_t *distance);


#endif /* PINTAG_FILE_H */
