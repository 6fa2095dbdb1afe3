
/*
 * Copyright (C) the ngx_http_pintag_module authors
 */


#include "ngx_http_pintag_module.h"
#include "ngx_http_pintag_spool.h"
#include "ngx_http_pintag_deliveries.h"
#include "ngx_http_pintag_leave.h"
#include "ngx_http_pintag_metrics.h"
#include "ngx_http_pintag_destination.h"


/* milliseconds between two looks at the folder, and tries after a failure */
#define NGX_HTTP_PINTAG_SPOOL_TICK      1000

/* milliseconds that writing may take before nobody waits for it any more */
#define NGX_HTTP_PINTAG_SPOOL_STALL     5000

/* milliseconds between two lines of the log about one failure */
#define NGX_HTTP_PINTAG_SPOOL_COMPLAIN  60000


static ngx_http_pintag_spool_group_t *ngx_http_pintag_spool_group(
    ngx_cycle_t *cycle, ngx_http_pintag_spool_t *spool);
static void ngx_http_pintag_spool_check_path(ngx_http_pintag_spool_t *spool);
static void ngx_http_pintag_spool_tick(ngx_event_t *ev);
static void ngx_http_pintag_spool_count(ngx_http_pintag_spool_t *spool);


ngx_int_t
ngx_http_pintag_spool_init(ngx_cycle_t *cycle,
    ngx_http_pintag_main_conf_t *pmcf)
{
    ngx_http_pintag_spool_t  *spool;

    spool = ngx_pcalloc(cycle->pool, sizeof(ngx_http_pintag_spool_t));
    if (spool == NULL) {
        return NGX_ERROR;
    }

    spool->main_conf = pmcf;
    spool->conf = pmcf->spool_conf;

    ngx_queue_init(&spool->files);
    ngx_queue_init(&spool->unsettled);
    ngx_queue_init(&spool->refused);
    ngx_queue_init(&spool->stay);

    spool->next = ngx_http_pintag_spool_group(cycle, spool);
    spool->idle = ngx_http_pintag_spool_group(cycle, spool);
    spool->stuck = ngx_http_pintag_spool_group(cycle, spool);
    spool->reader = ngx_http_pintag_spool_reader(cycle, spool);

    if (spool->next == NULL || spool->idle == NULL || spool->stuck == NULL
        || spool->reader == NULL)
    {
        return NGX_ERROR;
    }

    spool->start.handler = ngx_http_pintag_spool_start;
    spool->start.data = spool;
    spool->start.log = cycle->log;

    spool->tick.handler = ngx_http_pintag_spool_tick;
    spool->tick.data = spool;
    spool->tick.log = cycle->log;
    spool->tick.cancelable = 1;

    pmcf->spool = spool;

    ngx_http_pintag_spool_check_path(spool);

    /* what a worker before this one has left is looked for at once */

    ngx_add_timer(&spool->tick, 1);

    return NGX_OK;
}


static ngx_http_pintag_spool_group_t *
ngx_http_pintag_spool_group(ngx_cycle_t *cycle, ngx_http_pintag_spool_t *spool)
{
    ngx_http_pintag_spool_group_t  *group;

    group = ngx_pcalloc(cycle->pool, sizeof(ngx_http_pintag_spool_group_t));

    if (group) {
        ngx_http_pintag_spool_group_init(group, spool);
    }

    return group;
}


/* the master that has read the configuration may be root, and a worker not */

static void
ngx_http_pintag_spool_check_path(ngx_http_pintag_spool_t *spool)
{
    ngx_str_t        *path;
    ngx_file_info_t   fi;

    path = &spool->conf->path->name;

    if (access((char *) path->data, R_OK|W_OK|X_OK) == -1) {
        ngx_log_error(NGX_LOG_ALERT, ngx_cycle->log, ngx_errno,
                      "pintag_spool \"%V\" cannot be used by this worker, "
                      "nothing is stored until it can", path);
        return;
    }

    if (ngx_file_info(path->data, &fi) != NGX_FILE_ERROR
        && (fi.st_mode & (S_IRWXG|S_IRWXO)))
    {
        ngx_log_error(NGX_LOG_WARN, ngx_cycle->log, 0,
                      "pintag_spool \"%V\" is open to other users; what it "
                      "holds tells of visitors: chmod 0700", path);
    }
}


ngx_uint_t
ngx_http_pintag_spool_expired(ngx_http_pintag_spool_t *spool, time_t stored)
{
    return ngx_time() - stored > spool->conf->max_age;
}


#if (NGX_THREADS)

ngx_int_t
ngx_http_pintag_spool_post(ngx_http_pintag_spool_t *spool,
    ngx_thread_task_t *task)
{
    ngx_thread_pool_t  *pool;

    pool = ngx_thread_pool_get((ngx_cycle_t *) ngx_cycle, &spool->conf->pool);

    return pool ? ngx_thread_task_post(pool, task) : NGX_ERROR;
}

#endif


ngx_uint_t
ngx_http_pintag_spool_busy(ngx_http_pintag_spool_t *spool)
{
    return spool->running || !ngx_queue_empty(&spool->refused)
           || !ngx_queue_empty(&spool->unsettled)
           || !ngx_http_pintag_spool_group_empty(spool->next);
}


void
ngx_http_pintag_spool_check(ngx_http_pintag_spool_t *spool,
    ngx_http_pintag_spool_file_t *file)
{
    if (file->removed || file == spool->current || file->reading
        || file->held || file->settling
        || (spool->running && (spool->running->file == file
                               || spool->running->older == file)))
    {
        return;
    }

    if (file->live == 0 && ngx_queue_empty(&file->ranges)) {

        if (file->damaged && file->offsets.len) {
            /* somebody will look at it, and may mend it */
            return;
        }

        file->removed = 1;
        ngx_queue_remove(&file->queue);
        spool->open--;

        if (file->offsets.len) {
            file->offsets.len = 0;
            ngx_queue_remove(&file->unsettled);
        }

        if (file->fd == NGX_INVALID_FILE) {
            ngx_http_pintag_spool_file_free(file);
            return;
        }

        ngx_queue_insert_tail(&spool->next->removed, &file->queue);
        ngx_http_pintag_spool_wake(spool, 0);
        return;
    }

    if (spool->leaving && file->offsets.len == 0) {
        ngx_queue_remove(&file->queue);
        spool->open--;
        ngx_http_pintag_spool_file_free(file);
    }
}


static void
ngx_http_pintag_spool_tick(ngx_event_t *ev)
{
    ngx_http_pintag_spool_t *spool = ev->data;

    ngx_msec_t                     sync;
    ngx_http_pintag_spool_file_t  *file;

    file = spool->current;
    sync = spool->conf->sync;

    if (file && file->live == 0 && ngx_queue_empty(&file->ranges)
        && spool->running == NULL && spool->next->lines.len == 0)
    {
        /* nothing of it is owed any more */

        ngx_http_pintag_spool_retire(spool);

    } else if (file && file->dirty && sync
               && ngx_current_msec - spool->synced >= sync)
    {
        spool->next->sync = 1;
        ngx_http_pintag_spool_wake(spool, 1);
    }

    ngx_http_pintag_spool_unstick(spool);

    if (!ngx_queue_empty(&spool->stay)) {
        ngx_http_pintag_spool_remove(spool);
        ngx_http_pintag_spool_wake(spool, 0);
    }

    if (spool->running
        && ngx_current_msec - spool->started > NGX_HTTP_PINTAG_SPOOL_STALL)
    {
        ngx_http_pintag_spool_stalled(spool);
    }

    if (!spool->leaving) {

        if (spool->looked == 0
            || ngx_current_msec - spool->looked >= NGX_HTTP_PINTAG_SPOOL_TICK)
        {
            spool->looked = ngx_current_msec;
            ngx_http_pintag_spool_count(spool);
            ngx_http_pintag_spool_scan(spool->reader);
        }

        ngx_add_timer(ev, sync ? ngx_min(sync, NGX_HTTP_PINTAG_SPOOL_TICK)
                               : NGX_HTTP_PINTAG_SPOOL_TICK);
    }
}


/*
 * Of files all of whose lines are in memory since they were written those tell
 * how old they are; of others it is since when they are there, or, as long as
 * that is not known, were last written to.
 */

static void
ngx_http_pintag_spool_count(ngx_http_pintag_spool_t *spool)
{
    time_t                         oldest, born;
    ngx_queue_t                   *q;
    ngx_http_pintag_spool_file_t  *file;

    oldest = ngx_http_pintag_deliveries_oldest(spool->main_conf);

    for (q = ngx_queue_head(&spool->files);
         q != ngx_queue_sentinel(&spool->files);
         q = ngx_queue_next(q))
    {
        file = ngx_queue_data(q, ngx_http_pintag_spool_file_t, queue);

        if (ngx_queue_empty(&file->ranges)
            && (file->live == 0 || (!file->read && file->stranded == 0)))
        {
            continue;
        }

        born = file->born ? file->born : file->modified;

        if (born && (oldest == 0 || born < oldest)) {
            oldest = born;
        }
    }

    ngx_http_pintag_count_spool(spool->main_conf, spool->size, oldest);
}


void
ngx_http_pintag_spool_complain(ngx_http_pintag_spool_t *spool, ngx_err_t err,
    char *what, char *name)
{
    if (spool->complaint != what) {
        spool->complaint = what;
        spool->complained = 0;
    }

    if (!ngx_http_pintag_log_due(&spool->complained,
                                 NGX_HTTP_PINTAG_SPOOL_COMPLAIN))
    {
        return;
    }

    ngx_log_error(NGX_LOG_ERR, ngx_cycle->log, err,
                  "pintag spool cannot %s \"%s\"", what, name);
}


void
ngx_http_pintag_spool_leave(ngx_http_pintag_spool_t *spool)
{
    ngx_queue_t                   *q;
    ngx_http_pintag_spool_file_t  *file;

    spool->leaving = 1;

    ngx_http_pintag_count_leave(spool->main_conf);

    if (spool->tick.timer_set) {
        ngx_del_timer(&spool->tick);
    }

    ngx_http_pintag_spool_unstick(spool);

    if (spool->current && spool->current->dirty) {
        spool->next->sync = 1;

    } else if (spool->current && spool->running == NULL
               && spool->next->lines.len == 0)
    {
        ngx_http_pintag_spool_retire(spool);
    }

    for (q = ngx_queue_head(&spool->files);
         q != ngx_queue_sentinel(&spool->files);
         /* void */ )
    {
        file = ngx_queue_data(q, ngx_http_pintag_spool_file_t, queue);
        q = ngx_queue_next(q);

        ngx_http_pintag_spool_check(spool, file);
    }

    if (ngx_http_pintag_spool_busy(spool)) {
        ngx_http_pintag_spool_wake(spool, 1);
    }
}
