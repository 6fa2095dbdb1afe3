
/*
 * Copyright (C) the ngx_http_pintag_module authors
 */


#include "ngx_http_pintag_module.h"
#include "ngx_http_pintag_batch.h"
#include "ngx_http_pintag_deliveries.h"
#include "ngx_http_pintag_leave.h"
#include "ngx_http_pintag_spool.h"


/* milliseconds between two looks at whether something is owed */
#define NGX_HTTP_PINTAG_HOLD  1000


static void ngx_http_pintag_deliveries_part(
    ngx_http_pintag_deliveries_t *deliveries);


void
ngx_http_pintag_deliveries_leave(ngx_http_pintag_main_conf_t *pmcf)
{
    ngx_queue_t                   *q;
    ngx_http_pintag_deliveries_t  *deliveries;

    if (pmcf->spool) {

        ngx_http_pintag_spool_leave(pmcf->spool);

        for (q = ngx_queue_head(&pmcf->deliveries);
             q != ngx_queue_sentinel(&pmcf->deliveries);
             /* void */ )
        {
            deliveries = ngx_queue_data(q, ngx_http_pintag_deliveries_t,
                                        queue);
            q = ngx_queue_next(q);

            ngx_http_pintag_deliveries_part(deliveries);
        }
    }

    ngx_http_pintag_deliveries_hold(pmcf);
}


void
ngx_http_pintag_deliveries_end(ngx_http_pintag_main_conf_t *pmcf)
{
    ngx_queue_t                   *q;
    ngx_http_pintag_deliveries_t  *deliveries;

    pmcf->ended = 1;

    for (q = ngx_queue_head(&pmcf->deliveries);
         q != ngx_queue_sentinel(&pmcf->deliveries);
         /* void */ )
    {
        deliveries = ngx_queue_data(q, ngx_http_pintag_deliveries_t, queue);
        q = ngx_queue_next(q);

        if (pmcf->spool) {
            deliveries->unsettled = "shutdown";
            ngx_http_pintag_deliveries_part(deliveries);

        } else if (!deliveries->abandoned) {
            ngx_http_pintag_deliveries_unsaved(deliveries, "shutdown");
        }
    }

    ngx_http_pintag_deliveries_hold(pmcf);
}


void
ngx_http_pintag_deliveries_abandon(ngx_http_pintag_main_conf_t *pmcf)
{
    ngx_queue_t                   *q;
    ngx_http_pintag_deliveries_t  *deliveries;

    for (q = ngx_queue_head(&pmcf->deliveries);
         q != ngx_queue_sentinel(&pmcf->deliveries);
         q = ngx_queue_next(q))
    {
        deliveries = ngx_queue_data(q, ngx_http_pintag_deliveries_t, queue);

        if (deliveries->handler) {
            deliveries->handler = NULL;
            deliveries->abandoned = 1;
        }
    }
}


void
ngx_http_pintag_deliveries_exit(ngx_http_pintag_main_conf_t *pmcf)
{
    ngx_uint_t                     i;
    ngx_queue_t                   *q;
    ngx_http_pintag_batch_t       *batch;
    ngx_http_pintag_deliveries_t  *deliveries;

    while (!ngx_queue_empty(&pmcf->deliveries)) {
        q = ngx_queue_head(&pmcf->deliveries);
        ngx_queue_remove(q);

        deliveries = ngx_queue_data(q, ngx_http_pintag_deliveries_t, queue);

        for (i = 0; i < deliveries->n; i++) {
            batch = deliveries->elts[i].batch;

            if (batch == NULL) {
                continue;
            }

            ngx_http_pintag_batch_remove(&deliveries->elts[i]);

            if (batch->n == 0) {
                ngx_http_pintag_batch_landed(batch);
                ngx_http_pintag_batch_free(batch);
            }
        }

        if (deliveries->deadline.timer_set) {
            ngx_del_timer(&deliveries->deadline);
        }

        ngx_free(deliveries);
    }
}


/* what is in the spool is left to others, what nobody waits for goes there */

static void
ngx_http_pintag_deliveries_part(ngx_http_pintag_deliveries_t *deliveries)
{
    ngx_uint_t                    i, unsaved;
    ngx_http_pintag_delivery_t   *delivery;
    ngx_http_pintag_main_conf_t  *pmcf;

    pmcf = deliveries->main_conf;
    unsaved = 0;

    deliveries->held++;

    for (i = 0; i < deliveries->n; i++) {
        delivery = &deliveries->elts[i];

        if (delivery->outcome == NGX_HTTP_PINTAG_PENDING && delivery->file
            && !delivery->in_flight)
        {
            ngx_http_pintag_delivery_forget(delivery);

        } else {
            unsaved |= ngx_http_pintag_delivery_unsaved(delivery);
        }
    }

    if (unsaved && !deliveries->abandoned
        && (deliveries->handler == NULL || pmcf->ended))
    {
        ngx_http_pintag_spool_store(pmcf->spool, deliveries);
    }

    ngx_http_pintag_deliveries_release(deliveries);
}


void
ngx_http_pintag_deliveries_hold(ngx_http_pintag_main_conf_t *pmcf)
{
    ngx_uint_t  owed;

    owed = !ngx_queue_empty(&pmcf->deliveries)
           || (pmcf->spool && ngx_http_pintag_spool_busy(pmcf->spool));

    if (owed) {

        if (!pmcf->hold.timer_set) {
            ngx_add_timer(&pmcf->hold, NGX_HTTP_PINTAG_HOLD);
        }

    } else if (ngx_exiting && pmcf->hold.timer_set) {
        ngx_del_timer(&pmcf->hold);
    }
}
