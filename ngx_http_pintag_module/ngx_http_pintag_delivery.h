
/*
 * Copyright (C) the ngx_http_pintag_module authors
 *
 * Deliveries: the bytes to send of a client's request, where they wait for
 * their turn, and what becomes of each.
 */


#ifndef _NGX_HTTP_PINTAG_DELIVERY_H_INCLUDED_
#define _NGX_HTTP_PINTAG_DELIVERY_H_INCLUDED_


#include "ngx_http_pintag_module.h"
#include "ngx_http_pintag_message.h"


typedef struct ngx_http_pintag_lane_s        ngx_http_pintag_lane_t;
typedef struct ngx_http_pintag_batch_s       ngx_http_pintag_batch_t;
typedef struct ngx_http_pintag_delivery_s    ngx_http_pintag_delivery_t;
typedef struct ngx_http_pintag_deliveries_s  ngx_http_pintag_deliveries_t;
typedef struct ngx_http_pintag_spool_file_s  ngx_http_pintag_spool_file_t;


typedef enum {
    NGX_HTTP_PINTAG_PENDING = 0,
    NGX_HTTP_PINTAG_DELIVERED,      /* Pinterest has it */
    NGX_HTTP_PINTAG_STORED,         /* it is safe, here or at the fallback */
    NGX_HTTP_PINTAG_REFUSED,        /* Pinterest will never take it */
    NGX_HTTP_PINTAG_FAILED          /* given up; sending again may help */
} ngx_http_pintag_outcome_e;


/*
 * What waits of one request at one destination.  The lanes of a destination
 * take turns, so that a large batch does not hold up everybody else's events.
 */

struct ngx_http_pintag_lane_s {
    ngx_queue_t                     queue;      /* while something waits */
    ngx_queue_t                     waiting;    /* of deliveries */
    ngx_http_pintag_destination_t  *destination;
};


struct ngx_http_pintag_delivery_s {
    ngx_queue_t                     queue;      /* in its lane or batch */
    ngx_http_pintag_lane_t         *lane;
    ngx_http_pintag_batch_t        *batch;      /* NULL in its lane */
    ngx_http_pintag_deliveries_t   *deliveries;
    ngx_http_pintag_destination_t  *destination;

    /* what it was for, of one that goes to the fallback; else NULL */
    ngx_http_pintag_destination_t  *origin;

    ngx_str_t                       payload;    /* a query, or a JSON object */
    ngx_str_t                       event_id;
    ngx_http_pintag_headers_t       headers;    /* of a query */
    ngx_uint_t                      event;      /* index in its request */
    ngx_uint_t                      attempts;

    /* its line in the spool, once that is written; NULL: it has none */
    ngx_http_pintag_spool_file_t   *file;
    off_t                           offset;
    off_t                           line_end;   /* of a line of our own */
    time_t                          stored;     /* when it came there */

    ngx_http_pintag_outcome_e       outcome;    /* for good */
    char                           *reason;     /* static; NULL if delivered */

    unsigned                        waiting:1;
    unsigned                        in_flight:1;
    unsigned                        told:1;     /* its client knows */
    unsigned                        lined:1;    /* its line is being written */
    unsigned                        spooled:1;  /* it counts as spooled */
};


/* it waits, as the last of its lane */
void ngx_http_pintag_delivery_wait(ngx_http_pintag_delivery_t *delivery);

/* the first of the lane whose turn it is, of those in "lanes"; or NULL */
ngx_http_pintag_delivery_t *ngx_http_pintag_delivery_next(ngx_queue_t *lanes);

/* it no longer waits, in its lane (it is another lane's turn) or its batch */
void ngx_http_pintag_delivery_withdraw(ngx_http_pintag_delivery_t *delivery);

/*
 * Its client, if there is one that waits and was not told before, hears what
 * became of it; "message" is Pinterest's, or NULL.
 */
void ngx_http_pintag_delivery_tell(ngx_http_pintag_delivery_t *delivery,
    ngx_http_pintag_outcome_e outcome, char *reason, ngx_str_t *message);

/* it waits from now on, at its destination */
void ngx_http_pintag_delivery_queue(ngx_http_pintag_delivery_t *delivery);

/* 1 when it is nowhere but in this worker's memory */
ngx_uint_t ngx_http_pintag_delivery_unsaved(
    ngx_http_pintag_delivery_t *delivery);

/*
 * One that is tried no more for now, for this reason; it waits.  The spool or
 * the fallback take care of it, or it has failed.
 */
void ngx_http_pintag_delivery_give_up(ngx_http_pintag_delivery_t *delivery,
    char *reason);

/*
 * What became of one for good: it neither waits nor is in flight.  It may be
 * freed.
 */
void ngx_http_pintag_delivery_finish(ngx_http_pintag_delivery_t *delivery,
    ngx_http_pintag_outcome_e outcome, char *reason, ngx_str_t *message);

/*
 * One that is in the spool and not in flight leaves this worker's memory, which
 * may be freed.
 */
void ngx_http_pintag_delivery_forget(ngx_http_pintag_delivery_t *delivery);

/*
 * One that is in nobody else's keeping goes to the fallback instead of where it
 * was to go, for this reason.
 */
void ngx_http_pintag_delivery_fall_back(ngx_http_pintag_delivery_t *delivery,
    char *reason);

/* one that is in nobody's keeping has failed; what is in flight ends */
void ngx_http_pintag_delivery_fail(ngx_http_pintag_delivery_t *delivery,
    char *reason);

/* one that is in the spool, and not in flight, is not for the fallback */
void ngx_http_pintag_delivery_return(ngx_http_pintag_delivery_t *delivery);

/* one that neither waits nor is in flight is no longer in memory */
void ngx_http_pintag_delivery_release(ngx_http_pintag_delivery_t *delivery);


#endif /* _NGX_HTTP_PINTAG_DELIVERY_H_INCLUDED_ */
