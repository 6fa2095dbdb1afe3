
/*
 * Copyright (C) the ngx_http_pintag_module authors
 */


#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <openssl/rand.h>

#ifdef BENCH_JANSSON
#include <jansson.h>
#endif

#include "request.h"

#include "arena.h"
#include "capi.h"
#include "tag.h"


/* of a request */

typedef struct {
    bench_t                *bench;
    pintag_event_type_e     type;
    bench_outcome_t        *outcome;
} bench_mapping_t;


static unsigned bench_read(const bench_input_t *input, pintag_arena_t *arena,
    pintag_body_t *body, bench_outcome_t *outcome);
static void bench_map(bench_t *bench, pintag_body_t *body,
    bench_outcome_t *outcome);
static void bench_map_event(bench_mapping_t *mapping,
    const pintag_body_t *body, size_t index);
static void bench_map_tag(bench_mapping_t *mapping,
    const pintag_conversion_t *conversion,
    const pintag_integration_t *integration);
static void bench_map_api(bench_mapping_t *mapping,
    const pintag_conversion_t *conversion);
static unsigned bench_taken(bench_mapping_t *mapping, pintag_verdict_e verdict,
    const char *reason);
static void bench_reset(bench_t *bench);
static void *bench_alloc(void *data, size_t size);
static void bench_free(void *data, void *block);
static void bench_report(void *data, pintag_report_level_e level, size_t line,
    size_t column, const char *message);


/*
 * What is seeded by chance is another at each start, and so is what it costs:
 * this stands in for libcrypto's.
 */

int
RAND_bytes(unsigned char *buf, int num)
{
    int       i;
    uint32_t  n;

    n = 1;

    for (i = 0; i < num; i++) {
        n = n * 1664525 + 1013904223;
        buf[i] = (unsigned char) (n >> 24);
    }

    return 1;
}


void
bench_init(bench_t *bench, const char *name)
{
    size_t                  i;
    pintag_integrations_t  *integrations;

    /* as long as the process */

    static pintag_arena_t   arena;

#ifdef BENCH_JANSSON
    json_object_seed(1);
#endif

    memset(bench, 0, sizeof(bench_t));

    bench->client.now = BENCH_NOW;

    pintag_arena_init(&bench->arena, bench_alloc, NULL);
    pintag_arena_init(&bench->scratch, bench_alloc, NULL);

    if (name == NULL) {
        return;
    }

    pintag_arena_init(&arena, bench_alloc, NULL);

    integrations = pintag_integrations_read(bench_file(name), &arena,
                                            bench_report, (void *) name);
    if (integrations == NULL) {
        exit(1);
    }

    for (i = 0; i < integrations->n; i++) {
        if (integrations->elts[i].access_token_file.len) {
            bench_die(name, "an accessTokenFile is not read here");
        }
    }

    bench->integrations = integrations;

    if (!pintag_event_init(&bench->event, &integrations->names,
                           integrations->names.arena))
    {
        bench_die("no event can be read", "no memory");
    }
}


/* as ngx_http_pintag_take() */

void
bench_request(bench_t *bench, const bench_input_t *input,
    bench_outcome_t *outcome)
{
    pintag_body_t  body;

    memset(outcome, 0, sizeof(bench_outcome_t));

    if (bench_read(input, &bench->arena, &body, outcome)) {

        if (bench->integrations != NULL) {
            bench_map(bench, &body, outcome);
            pintag_event_end(&bench->event);
        }

        outcome->events = body.n;
        pintag_body_free(&body);
    }

    bench_reset(bench);
}


/* as ngx_http_pintag_intake_reset() */

static void
bench_reset(bench_t *bench)
{
    if (bench->arena.size + bench->scratch.size + bench->bytes.size
        > BENCH_KEPT)
    {
        pintag_arena_free(&bench->arena, bench_free);
        pintag_arena_free(&bench->scratch, bench_free);
        pintag_buf_free(&bench->bytes);
        return;
    }

    pintag_arena_reset(&bench->arena);
    pintag_arena_reset(&bench->scratch);
    pintag_buf_reset(&bench->bytes);
}


/* as ngx_http_pintag_body_read(); 1, or 0 when the body was refused */

static unsigned
bench_read(const bench_input_t *input, pintag_arena_t *arena,
    pintag_body_t *body, bench_outcome_t *outcome)
{
    pintag_str_t         text;
    pintag_body_error_t  error;

    text = input->text;

    if (input->encoding != PINTAG_ENCODING_IDENTITY) {

        switch (pintag_inflate(input->encoding, text, BENCH_MAX_BODY, arena,
                               &text))
        {

        case PINTAG_INFLATE_OK:
            break;

        case PINTAG_INFLATE_NO_MEMORY:
            bench_die("the body was not inflated", "no memory");

        default:
            outcome->reason = "invalid_encoding";
            return 0;
        }
    }

    if (pintag_body_complex(text, BENCH_MAX_BODY / PINTAG_BODY_COMPLEX)) {
        outcome->reason = "too_complex";
        return 0;
    }

    switch (pintag_body_read(text, input->format, BENCH_MAX_EVENTS, arena,
                             body, &error))
    {
    case PINTAG_OK:
        return 1;

    case PINTAG_REJECTED:
        outcome->reason = error.error;
        return 0;

    default: /* PINTAG_NO_MEMORY */
        bench_die("the body was not read", "no memory");
    }
}


/* as ngx_http_pintag_map() */

static void
bench_map(bench_t *bench, pintag_body_t *body, bench_outcome_t *outcome)
{
    size_t           i;
    bench_mapping_t  mapping;

    static const pintag_str_t  path = pintag_str("/collect");

    memset(&mapping, 0, sizeof(bench_mapping_t));

    mapping.bench = bench;
    mapping.type = pintag_event_path_type(path);
    mapping.outcome = outcome;

    pintag_event_begin(&bench->event, body->max_depth, &bench->arena);

    for (i = 0; i < body->n; i++) {
        bench_map_event(&mapping, body, i);
    }

    if (bench->bytes.failed) {
        bench_die("no event was encoded", "no memory");
    }
}


static void
bench_map_event(bench_mapping_t *mapping, const pintag_body_t *body,
    size_t index)
{
    size_t                       i, k, n;
    const char                  *reason;
    pintag_verdict_e             verdict;
    pintag_conversion_t         *conversions;
    const pintag_integration_t  *integration;

    reason = NULL;

    if (body->events[index].value == NULL) {
        mapping->outcome->reason = body->events[index].error.error;
        return;
    }

    verdict = pintag_event_read(&mapping->bench->event,
                                body->events[index].value, &body->envelope,
                                mapping->type, &reason);

    if (!bench_taken(mapping, verdict, reason)) {
        return;
    }

    for (i = 0; i < mapping->bench->integrations->n; i++) {
        integration = &mapping->bench->integrations->elts[i];

        pintag_arena_reset(&mapping->bench->scratch);

        verdict = pintag_convert(&mapping->bench->event, integration,
                                 &mapping->bench->client,
                                 &mapping->bench->scratch, &conversions, &n,
                                 &reason);

        if (!bench_taken(mapping, verdict, reason)) {
            continue;
        }

        for (k = 0; k < n; k++) {

            if (integration->tag_id.len) {
                bench_map_tag(mapping, &conversions[k], integration);
            }

            if (integration->ad_account_id.len) {
                bench_map_api(mapping, &conversions[k]);
            }
        }
    }
}


/* as ngx_http_pintag_map_tag() */

static void
bench_map_tag(bench_mapping_t *mapping, const pintag_conversion_t *conversion,
    const pintag_integration_t *integration)
{
    unsigned           truncated;
    const char        *reason;
    pintag_buf_t      *bytes;
    pintag_verdict_e   verdict;

    bytes = &mapping->bench->bytes;
    reason = NULL;

    verdict = pintag_tag_query(conversion, integration->tag_id, bytes,
                               &truncated, &reason);

    if (!bench_taken(mapping, verdict, reason)) {
        return;
    }

    mapping->outcome->encoded++;

    pintag_buf_add_str(bytes, conversion->visitor.user_agent);
    pintag_buf_add_str(bytes, conversion->visitor.page_url);

    if (integration->forward_address) {
        pintag_buf_add_str(bytes, conversion->visitor.address);
    }

    pintag_buf_add_str(bytes, conversion->event_id);
}


/* as ngx_http_pintag_map_api() */

static void
bench_map_api(bench_mapping_t *mapping, const pintag_conversion_t *conversion)
{
    unsigned           truncated;
    const char        *reason;
    pintag_buf_t      *bytes;
    pintag_verdict_e   verdict;

    bytes = &mapping->bench->bytes;
    reason = NULL;

    verdict = pintag_capi_event(conversion, BENCH_MAX_EVENT, bytes, &truncated,
                                &reason);

    if (!bench_taken(mapping, verdict, reason)) {
        return;
    }

    mapping->outcome->encoded++;

    pintag_buf_add_str(bytes, conversion->event_id);
}


static unsigned
bench_taken(bench_mapping_t *mapping, pintag_verdict_e verdict,
    const char *reason)
{
    if (verdict == PINTAG_NO_MEMORY) {
        bench_die("an event was not mapped", "no memory");
    }

    if (verdict == PINTAG_OK) {
        return 1;
    }

    mapping->outcome->reason = reason;

    return 0;
}


static void *
bench_alloc(void *data, size_t size)
{
    (void) data;

    return malloc(size);
}


static void
bench_free(void *data, void *block)
{
    (void) data;

    free(block);
}


pintag_str_t
bench_file(const char *name)
{
    FILE           *file;
    size_t          size;
    pintag_str_t    text;
    unsigned char  *data;

    size = PINTAG_INTEGRATIONS_MAX;

    data = malloc(size);
    file = fopen(name, "rb");

    if (data == NULL || file == NULL) {
        bench_die(name, strerror(errno));
    }

    text.data = data;
    text.len = fread(data, 1, size, file);

    if (ferror(file) || text.len == size) {
        bench_die(name, "is too large or cannot be read");
    }

    fclose(file);

    return text;
}


static void
bench_report(void *data, pintag_report_level_e level, size_t line,
    size_t column, const char *message)
{
    const char *name = data;

    if (level == PINTAG_REPORT_ERROR) {
        fprintf(stderr, "bench: %s:%zu:%zu: %s\n", name, line, column,
                message);
    }
}


int
bench_compare(const void *one, const void *two)
{
    double  a, b;

    a = *(const double *) one;
    b = *(const double *) two;

    return (a > b) - (a < b);
}


void
bench_die(const char *what, const char *why)
{
    fprintf(stderr, "bench: %s: %s\n", what, why ? why : "unknown");
    exit(1);
}
