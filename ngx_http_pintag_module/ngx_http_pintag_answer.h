
/*
 * Copyright (C) the ngx_http_pintag_module authors
 *
 * What a client is answered.  Each of these gives what a content handler gives,
 * to be finalized with.
 */


#ifndef _NGX_HTTP_PINTAG_ANSWER_H_INCLUDED_
#define _NGX_HTTP_PINTAG_ANSWER_H_INCLUDED_


#include <ngx_config.h>
#include <ngx_core.h>
#include <ngx_http.h>

#include "core/body.h"


/* what became of an event, the worst last: it hides what else became of it */

typedef enum {
    NGX_HTTP_PINTAG_EVENT_SKIPPED = 0,
    NGX_HTTP_PINTAG_EVENT_DELIVERED,
    NGX_HTTP_PINTAG_EVENT_STORED,
    NGX_HTTP_PINTAG_EVENT_RECEIVED,   /* it is in memory */
    NGX_HTTP_PINTAG_EVENT_REJECTED,
    NGX_HTTP_PINTAG_EVENT_REFUSED,
    NGX_HTTP_PINTAG_EVENT_FAILED,
    NGX_HTTP_PINTAG_EVENT_STATES
} ngx_http_pintag_event_state_e;


typedef struct {
    ngx_http_pintag_event_state_e    state;
    const char                      *reason;       /* NULL if all is well */
    pintag_str_t                     message_id;   /* empty: it has none */
    pintag_body_error_t             *error;        /* of an unreadable line */
    pintag_str_t                     message;      /* Pinterest's, if any */
    unsigned                         taken:1;      /* by one destination */
} ngx_http_pintag_event_t;


typedef struct {
    ngx_http_pintag_event_t         *elts;
    ngx_uint_t                       n;
    ngx_uint_t                       truncated;    /* values left out */

    /* elements of a JSON array: what would be sent; NULL: it is sent */
    pintag_buf_t                    *preview;
} ngx_http_pintag_events_t;


/* the name of a state, static */
ngx_str_t *ngx_http_pintag_answer_state(ngx_http_pintag_event_state_e state);

/* what became of an event at one of its destinations */
void ngx_http_pintag_event_settle(ngx_http_pintag_events_t *events,
    ngx_uint_t index, ngx_http_pintag_event_state_e state, const char *reason);


/*
 * Adds what Pinterest said when it refused it, which is copied.  Without memory
 * it is left out.
 */
void ngx_http_pintag_event_explain(ngx_http_request_t *r,
    ngx_http_pintag_events_t *events, ngx_uint_t index, ngx_str_t *message);


/*
 * A browser's <img> is answered 200 with a transparent pixel by the first two,
 * whatever there is to say.
 */

/*
 * 200, 202 when some are still to be delivered, 400 when all of them were
 * rejected, 503 when one of them failed
 */
ngx_int_t ngx_http_pintag_answer_events(ngx_http_request_t *r,
    ngx_http_pintag_events_t *events);

/* the body as a whole could not be taken */
ngx_int_t ngx_http_pintag_answer_error(ngx_http_request_t *r,
    ngx_uint_t status, pintag_body_error_t *error);

/* 429: there is no room for them */
ngx_int_t ngx_http_pintag_answer_busy(ngx_http_request_t *r);

/* 405; a pixel may be asked for with GET */
ngx_int_t ngx_http_pintag_answer_method(ngx_http_request_t *r);

/* 401: no write key, or none that is listed */
ngx_int_t ngx_http_pintag_answer_unauthorized(ngx_http_request_t *r);

/* 403: a page of an origin that is not allowed */
ngx_int_t ngx_http_pintag_answer_foreign(ngx_http_request_t *r);

/* 204: what a browser may send */
ngx_int_t ngx_http_pintag_answer_preflight(ngx_http_request_t *r);

/* the bytes of a transparent GIF */
ngx_str_t *ngx_http_pintag_answer_pixel(void);


/*
 * "status" with a body of "type", which is static; the bytes are the request's
 */
ngx_int_t ngx_http_pintag_answer_send(ngx_http_request_t *r,
    ngx_uint_t status, char *type, u_char *data, size_t len);

/* adds a header to the answer; "value" lives as long as the request */
ngx_int_t ngx_http_pintag_answer_header(ngx_http_request_t *r, char *name,
    ngx_str_t *value);


#endif /* _NGX_HTTP_PINTAG_ANSWER_H_INCLUDED_ */
