
/*
 * Copyright (C) the ngx_http_pintag_module authors
 *
 * Bodies that are as expensive as can be, made of templates.
 */


#ifndef BENCH_WORST_H
#define BENCH_WORST_H


#include "request.h"


/*
 * In a template these stand for what is put there:
 *
 *     FILL(t)       t, as often as there is room
 *     TIMES(n, t)   t, n times; room is shared among them
 *     COUNT         a number that is never the same, of base 62, 1 to 4 digits
 *     COUNT3        the same of 3 digits
 *     VALUE         the value of the case
 *
 * What is put there several times loses its last comma.
 */

#define FILL(t)      "\1" t "\2"
#define TIMES(n, t)  "\3" #n "\4" t "\2"
#define COUNT        "\5"
#define COUNT3       "\6"
#define VALUE        "\x10"


typedef struct {
    unsigned char  *data;
    size_t          len;
    size_t          size;
    size_t          count;
    const char     *value;
} worst_body_t;


/*
 * A case: a value, and where it is; "shape" is how often.  The name is made of
 * the three.
 */

typedef struct {
    const char     *name;
    bench_input_t   input;
} worst_case_t;

typedef void (*worst_case_pt)(void *data, const worst_case_t *worst);


/* a template in which VALUE is "value", of at most "limit" bytes */
void worst_expand(worst_body_t *body, const char *template, const char *value,
    size_t limit);

void worst_add(worst_body_t *body, const char *data, size_t len);

/* hands each case whose name matches the pattern to "handler" */
void worst_cases(const char *pattern, worst_case_pt handler, void *data);


#endif /* BENCH_WORST_H */
