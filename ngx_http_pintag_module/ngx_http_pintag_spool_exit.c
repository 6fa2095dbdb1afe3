
/*
 * Copyright (C) the ngx_http_pintag_module authors
 */


#include "ngx_http_pintag_module.h"
#include "ngx_http_pintag_spool.h"
#include "ngx_http_pintag_deliveries.h"
#include "ngx_http_pintag_leave.h"
#include "ngx_http_pintag_metrics.h"


static void ngx_http_pintag_spool_flush(ngx_http_pintag_spool_t *spool);
static void ngx_http_pintag_spool_flushed(
    ngx_http_pintag_spool_group_t *group);


void
ngx_http_pintag_spool_exit(ngx_http_pintag_spool_t *spool)
{
    if (!spool->leaving) {
        spool->leaving = 1;
        ngx_http_pintag_count_leave(spool->main_conf);
    }

    ngx_http_pintag_deliveries_abandon(spool->main_conf);

    /* its task has ended with its thread pool, whose events do not come */

    if (spool->running) {
        ngx_http_pintag_spool_committed(spool, spool->running);
    }

    ngx_http_pintag_spool_refuse(spool);

    ngx_http_pintag_deliveries_end(spool->main_conf);
    ngx_http_pintag_spool_unstick(spool);
    ngx_http_pintag_spool_remove(spool);
    ngx_http_pintag_spool_gather(spool, spool->next, (ngx_uint_t) -1);

    ngx_http_pintag_spool_flush(spool);
    ngx_http_pintag_spool_refuse(spool);
    ngx_http_pintag_spool_unnoted(&spool->stuck->undelivered);

    ngx_http_pintag_spool_reader_exit(spool->reader);

    ngx_http_pintag_spool_files_free(&spool->files);

    /* none is running any more */
    ngx_http_pintag_spool_group_free(spool->next);
    ngx_http_pintag_spool_group_free(spool->idle);
    ngx_http_pintag_spool_group_free(spool->stuck);
}


/* writes what there is at once */

static void
ngx_http_pintag_spool_flush(ngx_http_pintag_spool_t *spool)
{
    ngx_uint_t                      tries;
    ngx_http_pintag_spool_group_t  *group;

    group = spool->next;

    if (ngx_http_pintag_spool_group_empty(group)) {
        return;
    }

    for (tries = 0; tries < 2; tries++) {

        group->err = 0;

        if (ngx_http_pintag_spool_aim(spool, group) != NGX_OK) {
            group->err = NGX_ENOMEM;
            break;
        }

        ngx_http_pintag_spool_group_write(group);

        if (group->undelivered_err == 0) {
            /* it is there, whatever became of the lines */
            group->undelivered.len = 0;
            group->settles.len = 0;
        }

        if (group->err == 0) {
            ngx_http_pintag_spool_flushed(group);
            break;
        }

        /* another file may do */
        spool->current = NULL;
    }

    if (group->err) {
        ngx_log_error(NGX_LOG_ALERT, ngx_cycle->log, group->err,
                      "pintag spool \"%V\" does not take what this worker "
                      "holds", &spool->conf->path->name);

        ngx_http_pintag_spool_refuse_group(&group->deliveries, "shutdown");

        if (group->undelivered.len && group->undelivered_err == 0) {

            /* of these, what Pinterest has refused meanwhile */

            group->file = NULL;
            ngx_http_pintag_spool_group_write(group);

            if (group->undelivered_err == 0) {
                group->undelivered.len = 0;
            }
        }
    }

    ngx_http_pintag_spool_dropped(spool, group);

    if (group->undelivered.len) {
        ngx_log_error(NGX_LOG_ALERT, ngx_cycle->log, group->undelivered_err,
                      "pintag spool \"%V\" does not take what this worker "
                      "knows as undelivered; what of it is in the spool is "
                      "tried once more", &spool->conf->path->name);

        ngx_http_pintag_spool_unnoted(&group->undelivered);
    }
}


/* nobody hears of it any more, but it counts */

static void
ngx_http_pintag_spool_flushed(ngx_http_pintag_spool_group_t *group)
{
    ngx_uint_t                     i;
    ngx_queue_t                   *q;
    ngx_http_pintag_deliveries_t  *deliveries;

    for (q = ngx_queue_head(&group->deliveries);
         q != ngx_queue_sentinel(&group->deliveries);
         q = ngx_queue_next(q))
    {
        deliveries = ngx_queue_data(q, ngx_http_pintag_deliveries_t, group);

        for (i = 0; i < deliveries->n; i++) {
            if (deliveries->elts[i].lined
                && deliveries->elts[i].outcome == NGX_HTTP_PINTAG_PENDING)
            {
                ngx_http_pintag_count_stored(&deliveries->elts[i]);
            }
        }
    }
}
