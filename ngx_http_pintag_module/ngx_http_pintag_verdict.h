
/*
 * Copyright (C) the ngx_http_pintag_module authors
 *
 * What an answer means for the deliveries of a batch, as docs/answers.md tells.
 */


#ifndef _NGX_HTTP_PINTAG_VERDICT_H_INCLUDED_
#define _NGX_HTTP_PINTAG_VERDICT_H_INCLUDED_


#include "ngx_http_pintag_module.h"
#include "ngx_http_pintag_batch.h"
#include "ngx_http_pintag_delivery.h"

#include "core/capi_answer.h"


typedef struct {
    /* of those that "statuses" does not tell as failed; FAILED: may pass */
    ngx_http_pintag_outcome_e   outcome;
    char                       *reason;      /* static; NULL: delivered */
    ngx_str_t                   message;     /* Pinterest's, if any */

    /* one for each delivery in its order, or NULL: the failed are refused */
    pintag_capi_status_t       *statuses;

    ngx_pool_t                 *pool;        /* of all of this; may be NULL */

    /*
     * the request was refused because of some of its events: the others are to
     * be sent again
     */
    unsigned                    divide:1;

    /* it speaks of the destination, not of what was sent */
    unsigned                    misconfigured:1;

    /* it came from nginx itself, or from another place: a redirect */
    unsigned                    misrouted:1;
} ngx_http_pintag_verdict_t;


/* fills in all of "verdict", and logs what an operator should know */
void ngx_http_pintag_verdict(ngx_http_pintag_batch_t *batch,
    ngx_http_pintag_answer_t *answer, ngx_http_pintag_verdict_t *verdict);

/* tells, once a minute, that nothing is sent to a destination for a while */
void ngx_http_pintag_verdict_stopped(
    ngx_http_pintag_destination_t *destination,
    ngx_http_pintag_answer_t *answer);

void ngx_http_pintag_verdict_free(ngx_http_pintag_verdict_t *verdict);


#endif /* _NGX_HTTP_PINTAG_VERDICT_H_INCLUDED_ */
