
/*
 * Copyright (C) the ngx_http_pintag_module authors
 *
 * JSON for tests to read: documents made by chance, and damage to them.
 */


#ifndef PINTAG_JSON_GENERATOR_H
#define PINTAG_JSON_GENERATOR_H


#include <stddef.h>
#include <stdint.h>

#include "text.h"


/* the same everywhere for the same seed and number */

typedef struct {
    uint64_t             state;
    pintag_buf_t        *buf;
    unsigned             space;

    /* whole documents to begin with */
    const pintag_str_t  *samples;
    size_t               n_samples;
} json_generator_t;


void json_generator_init(json_generator_t *gen, uint64_t seed, size_t number,
    const pintag_str_t *samples, size_t n_samples);

/*
 * A document of correct JSON, but for few that hold a number outside double,
 * U+0000 in a key or more levels than are read.
 */
void json_generate(json_generator_t *gen, pintag_buf_t *buf);

/* a document of which some is damaged, or none that ever was one */
void json_generate_damaged(json_generator_t *gen, pintag_buf_t *buf);

/* one number, of any form and size */
void json_generate_number(json_generator_t *gen, pintag_buf_t *buf);


#endif /* PINTAG_JSON_GENERATOR_H */
