
/*
 * Copyright (C) the ngx_http_pintag_module authors
 *
 * The zone of pintag_zone: counters in shared memory, of all workers and across
 * reloads.  A destination has one slot of counters, found by what tells it
 * apart in the spool, too, so that it has the same after a reload.  Servers of
 * one name have destinations that cannot be told apart: these are twins, which
 * share their slot and are shown as one.
 *
 * Counters are atomics that only grow.  What goes up and down is a worker's
 * own: each has a row, and of each slot the cell of its row.  Whoever finds the
 * row of a process that is gone settles it: what was in its memory is lost,
 * what is in its spool are orphans, until the next owner has found them.
 *
 * A file of the spool may be found before the row of its last owner is settled.
 * So what is found is not counted until there are orphans to match it, or it is
 * clear that nobody has counted it: an earlier nginx has left it, or a process
 * that died before it could note that it was delivered.
 *
 * Of what a destination gets each delivery is counted as received, and ends as
 * exactly one of the outcomes; until then it is pending or spooled.
 */


#ifndef _NGX_HTTP_PINTAG_ZONE_H_INCLUDED_
#define _NGX_HTTP_PINTAG_ZONE_H_INCLUDED_


#include "ngx_http_pintag_module.h"
#include "ngx_http_pintag_recent.h"


/* processes that count at once: workers, and those that leave */
#define NGX_HTTP_PINTAG_ROWS       128

/* of those that ngx_http_pintag_reason() knows */
#define NGX_HTTP_PINTAG_REASONS    64

/* of a histogram, the last without a limit */
#define NGX_HTTP_PINTAG_BUCKETS    13

/* of events: by pintag_event_type_e */
#define NGX_HTTP_PINTAG_TYPES      (PINTAG_TYPE_UNKNOWN + 1)

/* what an upstream answered: nothing whole, 2xx, 3xx, 4xx, 5xx */
#define NGX_HTTP_PINTAG_STATUSES   5


/* a transport as it is counted: by ngx_http_pintag_transport_e, and tests */
#define NGX_HTTP_PINTAG_TRANSPORT_TEST  3

#define ngx_http_pintag_zone_transport(destination)                           \
    ((destination)->test ? NGX_HTTP_PINTAG_TRANSPORT_TEST                     \
                         : (ngx_uint_t) (destination)->transport)


/* what became of a delivery, or of an event that made none */

typedef enum {
    NGX_HTTP_PINTAG_COUNT_DELIVERED = 0,
    NGX_HTTP_PINTAG_COUNT_REFUSED,
    NGX_HTTP_PINTAG_COUNT_FAILED,      /* given up; somebody was told */
    NGX_HTTP_PINTAG_COUNT_SKIPPED,
    NGX_HTTP_PINTAG_COUNT_REJECTED,
    NGX_HTTP_PINTAG_COUNT_FALLBACK,    /* the fallback has it */
    NGX_HTTP_PINTAG_COUNT_LOST,        /* nobody has it, or was told */
    NGX_HTTP_PINTAG_COUNTS
} ngx_http_pintag_count_e;


typedef struct {
    ngx_atomic_t                    received;
    ngx_atomic_t                    recovered;   /* of these, from a spool
                                                    that was there before */
    ngx_atomic_t                    outcomes[NGX_HTTP_PINTAG_COUNTS];
    ngx_atomic_t                    reasons[NGX_HTTP_PINTAG_COUNTS]
                                           [NGX_HTTP_PINTAG_REASONS];

    ngx_atomic_t                    requests;
    ngx_atomic_t                    events;      /* deliveries in these */
    ngx_atomic_t                    bytes;       /* payloads of these */
    ngx_atomic_t                    retries;     /* deliveries tried again */
    ngx_atomic_t                    statuses[NGX_HTTP_PINTAG_STATUSES];

    /* of what was delivered, from when it was taken on */
    ngx_atomic_t                    durations[NGX_HTTP_PINTAG_BUCKETS];
    ngx_atomic_t                    duration;    /* milliseconds, the sum */

    /* signed: lines of the spool that are in no process' cell, less those
       that are in two */
    ngx_atomic_t                    orphans;
} ngx_http_pintag_counters_t;


/* of one process at one destination; written by that process only */

typedef struct {
    ngx_uint_t                      pending;     /* in its memory only */
    ngx_uint_t                      spooled;     /* in its spool */
    ngx_uint_t                      found;       /* of these, whose process
                                                    may have counted them */
    ngx_uint_t                      ticks;       /* since the last was found */
    ngx_uint_t                      in_flight;   /* requests */
    ngx_uint_t                      stopped;     /* destinations */
    ngx_uint_t                      misconfigured;   /* destinations */
} ngx_http_pintag_cell_t;


typedef struct ngx_http_pintag_slot_s  ngx_http_pintag_slot_t;

struct ngx_http_pintag_slot_s {
    ngx_http_pintag_slot_t         *next;
    size_t                          len;
    u_char                         *key;
    ngx_http_pintag_counters_t      counters;
    ngx_http_pintag_cell_t          cells[NGX_HTTP_PINTAG_ROWS];
};


/* of one process; written by that process only, but for "pid" */

typedef struct {
    ngx_atomic_t                    pid;         /* 0: the row is free */
    ngx_uint_t                      queued;
    size_t                          queued_size;
    off_t                           spool_size;  /* of all files */
    time_t                          oldest;      /* of its files, 0: none */
} ngx_http_pintag_row_t;


/* in the shared memory */

typedef struct {
    ngx_uint_t                      layout;      /* of these structures */
    time_t                          started;
    ngx_http_pintag_slot_t         *slots;
    ngx_http_pintag_recent_t       *recent;      /* NULL: off */
    ngx_atomic_t                    types[NGX_HTTP_PINTAG_TYPES];
    ngx_atomic_t                    errors[NGX_HTTP_PINTAG_REASONS];
    ngx_atomic_t                    dropped;     /* of the undelivered */
    ngx_http_pintag_row_t           rows[NGX_HTTP_PINTAG_ROWS];
} ngx_http_pintag_shared_t;


struct ngx_http_pintag_zone_s {
    ngx_shm_zone_t                 *shm_zone;
    ngx_http_pintag_main_conf_t    *main_conf;
    ngx_http_pintag_shared_t       *shared;
    ngx_uint_t                      recent;      /* events to keep */

    /* of this process: NGX_HTTP_PINTAG_ROWS where all rows are taken */
    ngx_uint_t                      row;
    unsigned                        leaving:1;
};


/* pintag_zone */
char *ngx_http_pintag_set_zone(ngx_conf_t *cf, ngx_command_t *cmd, void *conf);

/* a process begins, and ends, to count; what others have left is settled */
void ngx_http_pintag_zone_begin(ngx_http_pintag_zone_t *zone, ngx_log_t *log);
void ngx_http_pintag_zone_end(ngx_http_pintag_zone_t *zone);

/* settles the rows of processes that are gone */
void ngx_http_pintag_zone_settle(ngx_http_pintag_zone_t *zone);

/* every second, of a process with a spool: decides what was found */
void ngx_http_pintag_zone_tick(ngx_http_pintag_zone_t *zone);

/* a process leaves its spool to others: its lines are orphans from now on */
void ngx_http_pintag_zone_leave(ngx_http_pintag_zone_t *zone);

/*
 * The number of a static reason, for what is counted by it, below
 * NGX_HTTP_PINTAG_REASONS; 0 for one that is not known.
 */
ngx_uint_t ngx_http_pintag_reason(const char *reason);

/* the text of a number, NULL behind the last */
const char *ngx_http_pintag_reason_text(ngx_uint_t reason);

/* 1: what is lost may be so for this reason */
ngx_uint_t ngx_http_pintag_reason_lost(ngx_uint_t reason);


#endif /* _NGX_HTTP_PINTAG_ZONE_H_INCLUDED_ */
