
/*
 * Copyright (C) the ngx_http_pintag_module authors
 *
 * A request as a worker takes it, without nginx: its body is read, mapped and
 * encoded as ngx_http_pintag_map.c does it.
 */


#ifndef BENCH_REQUEST_H
#define BENCH_REQUEST_H


#include <stddef.h>
#include <stdint.h>

#include "body.h"
#include "conversion.h"
#include "event.h"
#include "inflate.h"
#include "integrations.h"
#include "text.h"


/* the defaults of the directives of these names */
#define BENCH_MAX_BODY     524288
#define BENCH_MAX_EVENTS   1000
#define BENCH_MAX_EVENT    32768

/* NGX_HTTP_PINTAG_INTAKE_KEPT */
#define BENCH_KEPT         25165824

/* some seconds after the events of bench/data */
#define BENCH_NOW          1775133760


typedef struct {
    pintag_integrations_t  *integrations;  /* NULL: the body is only read */
    pintag_event_t          event;      /* the view of one after the other */
    pintag_client_t         client;

    /* memory, as a worker has it */
    pintag_arena_t          arena;
    pintag_arena_t          scratch;
    pintag_buf_t            bytes;
} bench_t;


/* a body and how it came */

typedef struct {
    pintag_str_t            text;
    pintag_encoding_e       encoding;
    pintag_body_format_e    format;
} bench_input_t;


/* what became of a request */

typedef struct {
    size_t                  events;
    size_t                  encoded;    /* deliveries */
    const char             *reason;     /* of what was not taken, the last */
} bench_outcome_t;


/* with the integrations of a file, or NULL: the body is only read */
void bench_init(bench_t *bench, const char *integrations);

void bench_request(bench_t *bench, const bench_input_t *input,
    bench_outcome_t *outcome);

/* as long as the process */
pintag_str_t bench_file(const char *name);

int bench_compare(const void *one, const void *two);
_Noreturn void bench_die(const char *what, const char *why);


#endif /* BENCH_REQUEST_H */
