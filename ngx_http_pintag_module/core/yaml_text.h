
/*
 * Copyright (C) the ngx_http_pintag_module authors
 *
 * The text of a YAML file before libyaml reads it: its encoding, the tabs of
 * its indentation, and the way back from what libyaml read to the file.
 */


#ifndef PINTAG_YAML_TEXT_H
#define PINTAG_YAML_TEXT_H


#include <stddef.h>

#include "arena.h"
#include "text.h"


/*
 * A place in the text as it was given, and in the copy of it that libyaml
 * reads, where tabs in indentation are spaces.  Both are walked with one step
 * function, so that they cannot disagree.
 */

typedef struct {
    const unsigned char  *pos;
    const unsigned char  *end;
    size_t                line;      /* from 1 */
    size_t                column;    /* from 1, in characters */
    size_t                index;     /* of the copy, from 0, in characters */
    size_t                indent;    /* of the copy, from 0, in columns */
    unsigned              leading:1; /* in the indentation */
} pintag_yaml_place_t;


/* the beginning of the text */
void pintag_yaml_start(pintag_yaml_place_t *place, pintag_str_t text);

/* over one character of the text; gives how many the copy has of it */
size_t pintag_yaml_step(pintag_yaml_place_t *place);

/* to the character of the copy; quick when the place is before it */
void pintag_yaml_seek(pintag_yaml_place_t *place, pintag_str_t text,
    size_t index);

/*
 * NULL when libyaml can be given the text, else what is wrong, a static
 * message, and the place of it.
 */
const char *pintag_yaml_check(pintag_str_t text, pintag_yaml_place_t *place);

/*
 * The copy, in the arena; the text itself when there is no tab to expand.
 * "tab" is the place of the first one, or "tab->pos" is NULL.  1, or 0 without
 * memory.
 */
unsigned pintag_yaml_expand(pintag_str_t text, pintag_arena_t *arena,
    pintag_str_t *copy, pintag_yaml_place_t *tab);


#endif /* PINTAG_YAML_TEXT_H */
