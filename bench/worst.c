
/*
 * Copyright (C) the ngx_http_pintag_module authors
 *
 * The bodies that take the most time of a worker:
 *
 *     worst [--only PATTERN] [--rounds N] [--least US] integrations.yaml scale
 *
 * Each body of worst_cases.c is read, mapped and encoded once; one that takes
 * US microseconds or more, N times again.  Prints of these, separated by tabs,
 * the bytes, the nanoseconds of the thread's CPU (median and least of the
 * rounds), how many times as long it takes as jansson takes to read "scale", a
 * JSON file, right before (median), what became of it, and its name.  For other
 * processes slow the machine down, one moment more than the next.
 */


#define _GNU_SOURCE

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include <jansson.h>

#include "worst.h"


#define ROUNDS  99

/* how often the scale is read at a time: less than a millisecond */
#define SCALES  20


typedef struct {
    bench_t        bench;
    pintag_str_t   scale;
    size_t         rounds;
    double         least;
} worst_bench_t;


static void worst_measure(void *data, const worst_case_t *worst);
static double worst_time(worst_bench_t *worst, const bench_input_t *input,
    bench_outcome_t *outcome);
static double worst_scale(pintag_str_t text);
static double worst_median(double *values, size_t n);
static double worst_now(void);
_Noreturn static void worst_usage(void);


int
main(int argc, char **argv)
{
    int             i;
    const char     *only;
    worst_bench_t   worst;

    /* without them the Conversions API has no use for most events */

    static const pintag_str_t  agent = pintag_str("Mozilla/5.0");
    static const pintag_str_t  address = pintag_str("192.0.2.7");

    only = "*";

    worst.rounds = 5;
    worst.least = 1e6;

    for (i = 1; i + 1 < argc && argv[i][0] == '-'; i += 2) {

        if (strcmp(argv[i], "--only") == 0) {
            only = argv[i + 1];

        } else if (strcmp(argv[i], "--rounds") == 0) {
            worst.rounds = strtoul(argv[i + 1], NULL, 10);

        } else if (strcmp(argv[i], "--least") == 0) {
            worst.least = strtod(argv[i + 1], NULL) * 1e3;

        } else {
            worst_usage();
        }
    }

    if (i + 2 != argc || worst.rounds == 0 || worst.rounds > ROUNDS) {
        worst_usage();
    }

    bench_init(&worst.bench, argv[i]);

    json_object_seed(1);
    worst.scale = bench_file(argv[i + 1]);

    worst.bench.client.user_agent = agent;
    worst.bench.client.address = address;

    worst_cases(only, worst_measure, &worst);

    return 0;
}


static void
worst_measure(void *data, const worst_case_t *test)
{
    worst_bench_t *worst = data;

    size_t           i;
    double           scale, ns[ROUNDS], scaled[ROUNDS];
    bench_outcome_t  outcome;

    if (worst_time(worst, &test->input, &outcome) < worst->least) {
        return;
    }

    for (i = 0; i < worst->rounds; i++) {
        scale = worst_scale(worst->scale);
        ns[i] = worst_time(worst, &test->input, &outcome);
        scaled[i] = ns[i] / scale;
    }

    printf("%zu\t%.0f\t", test->input.text.len,
           worst_median(ns, worst->rounds));
    printf("%.0f\t%.0f\t%s\t%s\n", ns[0],
           worst_median(scaled, worst->rounds),
           outcome.reason ? outcome.reason : "-", test->name);
    fflush(stdout);
}


static double
worst_time(worst_bench_t *worst, const bench_input_t *input,
    bench_outcome_t *outcome)
{
    double  start;

    start = worst_now();
    bench_request(&worst->bench, input, outcome);

    return worst_now() - start;
}


static double
worst_scale(pintag_str_t text)
{
    size_t   i;
    double   start;
    json_t  *json;

    start = worst_now();

    for (i = 0; i < SCALES; i++) {
        json = json_loadb((const char *) text.data, text.len, 0, NULL);

        if (json == NULL) {
            bench_die("the scale is not measured", "it is no JSON");
        }

        json_decref(json);
    }

    return (worst_now() - start) / SCALES;
}


/* sorts them */

static double
worst_median(double *values, size_t n)
{
    qsort(values, n, sizeof(double), bench_compare);

    return values[n / 2];
}


/* what this thread has spent on a CPU: others of the machine do not count */

static double
worst_now(void)
{
    struct timespec  ts;

    clock_gettime(CLOCK_THREAD_CPUTIME_ID, &ts);

    return (double) ts.tv_sec * 1e9 + (double) ts.tv_nsec;
}


static void
worst_usage(void)
{
    fputs("usage: worst [--only PATTERN] [--rounds N] [--least US] "
          "integrations.yaml scale\n", stderr);
    exit(1);
}
