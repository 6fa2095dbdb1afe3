
/*
 * Copyright (C) the ngx_http_pintag_module authors
 *
 * Deliveries: the bytes to send of a client's request, which outlive it if they
 * must, and where they wait for their turn.
 */


#ifndef _NGX_HTTP_PINTAG_DELIVERY_H_INCLUDED_
#define _NGX_HTTP_PINTAG_DELIVERY_H_INCLUDED_


#include "ngx_http_pintag_module.h"
#include "ngx_http_pintag_message.h"


typedef struct ngx_http_pintag_lane_s        ngx_http_pintag_lane_t;
typedef struct ngx_http_pintag_batch_s       ngx_http_pintag_batch_t;
typedef struct ngx_http_pintag_delivery_s    ngx_http_pintag_delivery_t;
typedef struct ngx_http_pintag_deliveries_s  ngx_http_pintag_deliveries_t;


typedef enum {
    NGX_HTTP_PINTAG_PENDING = 0,
    NGX_HTTP_PINTAG_DELIVERED,      /* Pinterest has it */
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

    ngx_str_t                       payload;    /* a query, or a JSON object */
    ngx_str_t                       event_id;   /* of a JSON object */
    ngx_http_pintag_headers_t       headers;    /* of a query */
    ngx_uint_t                      event;      /* index in its request */
    ngx_uint_t                      attempts;

    ngx_http_pintag_outcome_e       outcome;
    char                           *reason;     /* static; NULL if delivered */
    ngx_str_t                       message;    /* Pinterest's, if any */

    unsigned                        waiting:1;
    unsigned                        in_flight:1;
};


/*
 * Called once for each delivery, with its outcome.  "message" is only valid
 * during the call.
 */

typedef void (*ngx_http_pintag_outcome_pt)(void *data,
    ngx_http_pintag_delivery_t *delivery);


/*
 * The deliveries of one request, with the bytes to send, in one allocation of
 * their own: the request may end first.  Freed with the last of them that
 * neither waits nor is in flight.
 *
 * Who wants to hear outcomes sets "handler" and "data" before sending; who no
 * longer wants to sets "handler" to NULL.
 */

struct ngx_http_pintag_deliveries_s {
    ngx_http_pintag_outcome_pt      handler;
    void                           *data;

    ngx_event_t                     deadline;
    ngx_uint_t                      held;       /* that hold the memory */

    ngx_http_pintag_lane_t         *lanes;      /* one for each destination */
    ngx_uint_t                      nlanes;

    ngx_uint_t                      n;
    ngx_http_pintag_delivery_t      elts[1];
};


/*
 * Allocates "n" deliveries to at most "destinations" destinations and "size"
 * bytes behind them, all zeroed but the bytes, of which "*bytes" is the first.
 * NULL without memory.  Freed by sending, or by ngx_free() if it is never sent.
 */
ngx_http_pintag_deliveries_t *ngx_http_pintag_deliveries_create(ngx_uint_t n,
    ngx_uint_t destinations, size_t size, u_char **bytes, ngx_log_t *log);

/*
 * Hands one or more deliveries over: each needs "destination", "payload",
 * "event", and what goes with its transport.
 * Outcomes come later, never from within this call.  What is not settled after
 * "timeout" milliseconds has failed, as "timeout": what waits is withdrawn,
 * what is in flight is left to end.
 */
void ngx_http_pintag_deliveries_send(ngx_http_pintag_deliveries_t *deliveries,
    ngx_msec_t timeout);


/*
 * Settles all that have no outcome yet as failed for this reason; those in
 * flight are left to end and are released then.
 */
void ngx_http_pintag_deliveries_give_up(
    ngx_http_pintag_deliveries_t *deliveries, char *reason);

/* one of them neither waits nor is in flight any more */
void ngx_http_pintag_deliveries_release(
    ngx_http_pintag_deliveries_t *deliveries);

/* it waits, as the last of its lane */
void ngx_http_pintag_delivery_wait(ngx_http_pintag_delivery_t *delivery);

/* the first of the lane whose turn it is, or NULL */
ngx_http_pintag_delivery_t *ngx_http_pintag_delivery_next(
    ngx_http_pintag_destination_t *destination);

/* it no longer waits, in its lane (it is another lane's turn) or its batch */
void ngx_http_pintag_delivery_withdraw(ngx_http_pintag_delivery_t *delivery);

/*
 * It has an outcome, and who wants to hear of it does; once.  "message" may be
 * NULL.
 */
void ngx_http_pintag_delivery_settle(ngx_http_pintag_delivery_t *delivery,
    ngx_http_pintag_outcome_e outcome, char *reason, ngx_str_t *message);


#endif /* _NGX_HTTP_PINTAG_DELIVERY_H_INCLUDED_ */
