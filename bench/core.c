
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

#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "request.h"


#define ROUNDS        20


typedef struct {
    bench_t                 bench;
    bench_input_t           input;
    uint64_t                events;     /* of all requests so far */
} bench_core_t;


static void bench_time(bench_core_t *core, double seconds);
static uint64_t bench_now(void);
static void bench_counted(bench_core_t *core, uint64_t n)
    __attribute__((noinline, noclone));
static void bench_requests(bench_core_t *core, uint64_t n);
static double bench_number(const char *text);
_Noreturn static void bench_usage(void);


int
main(int argc, char **argv)
{
    int            i;
    double         seconds;
    uint64_t       requests;
    const char    *integrations;
    bench_core_t   core;

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
        integrations = NULL;

    } else if (argc == 3
               && (strcmp(argv[0], "tag") == 0 || strcmp(argv[0], "api") == 0))
    {
        integrations = argv[2];

    } else {
        bench_usage();
    }

    bench_init(&core.bench, integrations);

    memset(&core.input, 0, sizeof(bench_input_t));

    core.input.text = bench_file(argv[1]);
    core.events = 0;

    if (requests) {
        bench_requests(&core, 2);
        core.events = 0;
        bench_counted(&core, requests);
        printf("events %llu\n", (unsigned long long) core.events);

    } else {
        bench_time(&core, seconds);
    }

    return 0;
}


static void
bench_time(bench_core_t *core, double seconds)
{
    size_t    i;
    double    ns[ROUNDS];
    uint64_t  start, events, n, took;

    /* how many requests make a round, found out while caches get warm */

    n = 1;

    for ( ;; ) {
        start = bench_now();
        bench_requests(core, n);
        took = bench_now() - start;

        if ((double) took * ROUNDS >= seconds * 1e9 / 4) {
            break;
        }

        n *= 2;
    }

    n = (uint64_t) ((double) n * seconds * 1e9 / ROUNDS / (double) took) + 1;

    for (i = 0; i < ROUNDS; i++) {
        events = core->events;
        start = bench_now();

        bench_requests(core, n);

        ns[i] = (double) (bench_now() - start)
                / (double) (core->events - events);
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


/* its name is what callgrind is told */

static void
bench_counted(bench_core_t *core, uint64_t n)
{
    bench_requests(core, n);
}


static void
bench_requests(bench_core_t *core, uint64_t n)
{
    bench_outcome_t  outcome;

    while (n--) {
        bench_request(&core->bench, &core->input, &outcome);

        if (outcome.reason != NULL) {
            bench_die("an event was not taken", outcome.reason);
        }

        core->events += outcome.events;
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
