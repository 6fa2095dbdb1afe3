
/*
 * Copyright (C) the ngx_http_pintag_module authors
 *
 * What a request costs in the core alone, without nginx: a body is read,
 * mapped and encoded as ngx_http_pintag_map.c does it, over and over.
 *
 *     core [--seconds S | --instructions N] parse body
 *     core [--seconds S | --instructions N] tag|api body integrations.yaml
 *
 * "parse" only reads the body; "tag" makes a pixel's query of each event, "api"
 * an event of the Conversions API.  An event that makes neither is an error:
 * then it is not this that would be measured.
 *
 * Takes S seconds, 1 if not told, in 20 rounds, and prints a "name number" a
 * line: ns (by the clock, an event, the median of the rounds), min and max (of
 * the rounds).
 *
 * With --instructions it does N requests in bench_counted(), after two others,
 * without looking at a clock, and prints "events" and how many there were in
 * them.  So callgrind counts what is neither of a start nor of a first request:
 *
 *     valgrind --tool=callgrind --toggle-collect=bench_counted core ...
 */


#define _GNU_SOURCE

#include <errno.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include <openssl/rand.h>

#ifdef BENCH_JANSSON
#include <jansson.h>
#endif

#include "arena.h"
#include "body.h"
#include "capi.h"
#include "conversion.h"
#include "event.h"
#include "integrations.h"
#include "tag.h"
#include "text.h"


#define ROUNDS        20

/* the defaults of pintag_max_events and pintag_max_event */
#define MAX_EVENTS    1000
#define MAX_EVENT     32768

/* some seconds after the events of bench/data */
#define NOW           1775133760


typedef enum {
    PARSE = 0,
    TAG,
    API
} bench_mode_e;


/* a union, so that what follows the link is aligned for any type */

typedef union bench_block_u {
    union bench_block_u    *next;
    max_align_t             align;
} bench_block_t;


/*
 * Stands for the request's pool: an arena asks for what fills one of its blocks
 * of 4 KB or is large, so that a pool, too, calls malloc() each time.
 */

typedef struct {
    bench_block_t          *blocks;
} bench_pool_t;


typedef struct {
    bench_mode_e            mode;
    pintag_str_t            text;
    pintag_integrations_t  *integrations;
    pintag_event_t          event;      /* the view of one after the other */
    pintag_client_t         client;
    uint64_t                events;     /* of all requests so far */
} bench_t;


/* of a request */

typedef struct {
    bench_t                *bench;
    pintag_event_type_e     type;
    pintag_arena_t          scratch;
    pintag_buf_t            bytes;
} bench_mapping_t;


static void bench_time(bench_t *bench, double seconds);
static uint64_t bench_now(void);
static int bench_compare(const void *one, const void *two);
static void bench_counted(bench_t *bench, uint64_t n)
    __attribute__((noinline, noclone));
static void bench_requests(bench_t *bench, uint64_t n);
static void bench_request(bench_t *bench);
static void bench_map(bench_t *bench, pintag_body_t *body,
    pintag_arena_t *arena, bench_pool_t *pool);
static void bench_map_event(bench_mapping_t *mapping,
    const pintag_body_t *body, size_t index);
static void bench_map_tag(bench_mapping_t *mapping,
    const pintag_conversion_t *conversion,
    const pintag_integration_t *integration);
static void bench_map_api(bench_mapping_t *mapping,
    const pintag_conversion_t *conversion);
static void *bench_alloc(void *data, size_t size);
static void bench_pool_free(bench_pool_t *pool);
static pintag_str_t bench_file(const char *name);
static pintag_integrations_t *bench_integrations(const char *name);
static void bench_report(void *data, pintag_report_level_e level, size_t line,
    size_t column, const char *message);
static double bench_number(const char *text);
_Noreturn static void bench_usage(void);
_Noreturn static void bench_die(const char *what, const char *why);


/*
 * What is seeded by chance is another at each start, and so is what it costs:
 * this stands in for libcrypto's.
 */

int
RAND_bytes(unsigned char *buf, int num)
{
    memset(buf, 0x5a, (size_t) num);

    return 1;
}


int
main(int argc, char **argv)
{
    int       i;
    double    seconds;
    bench_t   bench;
    uint64_t  requests;

#ifdef BENCH_JANSSON
    json_object_seed(1);
#endif

    memset(&bench, 0, sizeof(bench_t));

    seconds = 1;
    requests = 0;

    for (i = 1; i + 1 < argc && argv[i][0] == '-'; i += 2) {

        if (strcmp(argv[i], "--seconds") == 0) {
            seconds = bench_number(argv[i + 1]);

        } else if (strcmp(argv[i], "--instructions") == 0) {
            requests = (uint64_t) bench_number(argv[i + 1]);

        } else {
            bench_usage();
        }
    }

    argc -= i;
    argv += i;

    if (argc == 2 && strcmp(argv[0], "parse") == 0) {
        bench.mode = PARSE;

    } else if (argc == 3 && strcmp(argv[0], "tag") == 0) {
        bench.mode = TAG;

    } else if (argc == 3 && strcmp(argv[0], "api") == 0) {
        bench.mode = API;

    } else {
        bench_usage();
    }

    bench.text = bench_file(argv[1]);
    bench.client.now = NOW;

    if (bench.mode != PARSE) {
        bench.integrations = bench_integrations(argv[2]);

        if (!pintag_event_init(&bench.event, &bench.integrations->names,
                               bench.integrations->names.arena))
        {
            bench_die("no event can be read", "no memory");
        }
    }

    if (requests) {
        bench_requests(&bench, 2);
        bench.events = 0;
        bench_counted(&bench, requests);
        printf("events %llu\n", (unsigned long long) bench.events);

    } else {
        bench_time(&bench, seconds);
    }

    return 0;
}


static void
bench_time(bench_t *bench, double seconds)
{
    size_t    i;
    double    ns[ROUNDS];
    uint64_t  start, events, n, took;

    /* how many requests make a round, found out while caches get warm */

    n = 1;

    for ( ;; ) {
        start = bench_now();
        bench_requests(bench, n);
        took = bench_now() - start;

        if ((double) took * ROUNDS >= seconds * 1e9 / 4) {
            break;
        }

        n *= 2;
    }

    n = (uint64_t) ((double) n * seconds * 1e9 / ROUNDS / (double) took) + 1;

    for (i = 0; i < ROUNDS; i++) {
        events = bench->events;
        start = bench_now();

        bench_requests(bench, n);

        ns[i] = (double) (bench_now() - start)
                / (double) (bench->events - events);
    }

    qsort(ns, ROUNDS, sizeof(double), bench_compare);

    printf("ns %.1f\n", (ns[ROUNDS / 2 - 1] + ns[ROUNDS / 2]) / 2);
    printf("min %.1f\n", ns[0]);
    printf("max %.1f\n", ns[ROUNDS - 1]);
}


static uint64_t
bench_now(void)
{
    struct timespec  ts;

    clock_gettime(CLOCK_MONOTONIC, &ts);

    return (uint64_t) ts.tv_sec * 1000000000 + (uint64_t) ts.tv_nsec;
}


static int
bench_compare(const void *one, const void *two)
{
    double  a, b;

    a = *(const double *) one;
    b = *(const double *) two;

    return (a > b) - (a < b);
}


/* its name is what callgrind is told */

static void
bench_counted(bench_t *bench, uint64_t n)
{
    bench_requests(bench, n);
}


static void
bench_requests(bench_t *bench, uint64_t n)
{
    while (n--) {
        bench_request(bench);
    }
}


/* as ngx_http_pintag_take() */

static void
bench_request(bench_t *bench)
{
    bench_pool_t         pool;
    pintag_body_t        body;
    pintag_arena_t       arena;
    pintag_body_error_t  error;

    pool.blocks = NULL;
    pintag_arena_init(&arena, bench_alloc, &pool);

    switch (pintag_body_read(bench->text, PINTAG_BODY_JSON, MAX_EVENTS, &arena,
                             &body, &error))
    {
    case PINTAG_OK:
        break;

    case PINTAG_REJECTED:
        bench_die("the body was refused", error.error);

    default: /* PINTAG_NO_MEMORY */
        bench_die("the body was not read", "no memory");
    }

    if (bench->mode != PARSE) {
        bench_map(bench, &body, &arena, &pool);
    }

    bench->events += body.n;

    if (bench->mode != PARSE) {
        pintag_event_end(&bench->event);
    }

    pintag_body_free(&body);
    bench_pool_free(&pool);
}


/* as ngx_http_pintag_map() */

static void
bench_map(bench_t *bench, pintag_body_t *body, pintag_arena_t *arena,
    bench_pool_t *pool)
{
    size_t           i;
    bench_mapping_t  mapping;

    static const pintag_str_t  path = pintag_str("/collect");

    memset(&mapping, 0, sizeof(bench_mapping_t));

    mapping.bench = bench;
    mapping.type = pintag_event_path_type(path);

    pintag_arena_init(&mapping.scratch, bench_alloc, pool);

    pintag_event_begin(&bench->event, body->max_depth, arena);

    pintag_buf_init(&mapping.bytes, arena,
                    512 * (body->n < 128 ? body->n : 128));

    for (i = 0; i < body->n; i++) {
        bench_map_event(&mapping, body, i);
    }

    if (mapping.bytes.failed) {
        bench_die("no event was encoded", "no memory");
    }
}


static void
bench_map_event(bench_mapping_t *mapping, const pintag_body_t *body,
    size_t index)
{
    size_t                       i, k, n;
    const char                  *reason;
    pintag_conversion_t         *conversions;
    const pintag_integration_t  *integration;

    reason = NULL;

    if (pintag_event_read(&mapping->bench->event, body->events[index].value,
                          &body->envelope, mapping->type, &reason)
        != PINTAG_OK)
    {
        bench_die("an event was not read", reason);
    }

    for (i = 0; i < mapping->bench->integrations->n; i++) {
        integration = &mapping->bench->integrations->elts[i];

        pintag_arena_reset(&mapping->scratch);

        if (pintag_convert(&mapping->bench->event, integration,
                           &mapping->bench->client, &mapping->scratch,
                           &conversions, &n, &reason)
            != PINTAG_OK)
        {
            bench_die("an event was not mapped", reason);
        }

        for (k = 0; k < n; k++) {

            if (mapping->bench->mode == TAG) {
                bench_map_tag(mapping, &conversions[k], integration);

            } else {
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
    unsigned       truncated;
    const char    *reason;
    pintag_buf_t  *bytes;

    bytes = &mapping->bytes;
    reason = NULL;

    if (pintag_tag_query(conversion, integration->tag_id, bytes, &truncated,
                         &reason)
        != PINTAG_OK)
    {
        bench_die("an event was not encoded", reason);
    }

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
    unsigned       truncated;
    const char    *reason;
    pintag_buf_t  *bytes;

    bytes = &mapping->bytes;
    reason = NULL;

    if (pintag_capi_event(conversion, MAX_EVENT, bytes, &truncated, &reason)
        != PINTAG_OK)
    {
        bench_die("an event was not encoded", reason);
    }

    pintag_buf_add_str(bytes, conversion->event_id);
}


static void *
bench_alloc(void *data, size_t size)
{
    bench_pool_t *pool = data;

    bench_block_t  *block;

    block = malloc(sizeof(bench_block_t) + size);
    if (block == NULL) {
        return NULL;
    }

    block->next = pool->blocks;
    pool->blocks = block;

    return block + 1;
}


static void
bench_pool_free(bench_pool_t *pool)
{
    bench_block_t  *block, *next;

    for (block = pool->blocks; block; block = next) {
        next = block->next;
        free(block);
    }
}


static pintag_str_t
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


static pintag_integrations_t *
bench_integrations(const char *name)
{
    size_t                  i;
    pintag_integrations_t  *integrations;

    /* as long as the process */

    static bench_pool_t     pool;
    static pintag_arena_t   arena;

    pintag_arena_init(&arena, bench_alloc, &pool);

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

    return integrations;
}


static void
bench_report(void *data, pintag_report_level_e level, size_t line,
    size_t column, const char *message)
{
    const char *name = data;

    if (level == PINTAG_REPORT_ERROR) {
        fprintf(stderr, "core: %s:%zu:%zu: %s\n", name, line, column, message);
    }
}


static double
bench_number(const char *text)
{
    char    *end;
    double   n;

    n = strtod(text, &end);

    if (*text == '\0' || *end != '\0' || n <= 0 || n > 1e9) {
        bench_usage();
    }

    return n;
}


static void
bench_usage(void)
{
    fputs("usage: core [--seconds S | --instructions N] "
          "parse|tag|api body [integrations.yaml]\n", stderr);
    exit(1);
}


static void
bench_die(const char *what, const char *why)
{
    fprintf(stderr, "core: %s: %s\n", what, why ? why : "unknown");
    exit(1);
}
