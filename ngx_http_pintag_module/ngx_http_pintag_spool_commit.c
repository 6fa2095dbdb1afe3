
/*
 * Copyright (C) the ngx_http_pintag_module authors
 */


#include "ngx_http_pintag_module.h"
#include "ngx_http_pintag_spool.h"

#include "core/spool_line.h"


#if (NGX_THREADS)
static void ngx_http_pintag_spool_group_task(void *data, ngx_log_t *log);
static void ngx_http_pintag_spool_group_done(ngx_event_t *ev);
#endif
static void ngx_http_pintag_spool_group_lines(
    ngx_http_pintag_spool_group_t *group);
static void ngx_http_pintag_spool_group_settles(
    ngx_http_pintag_spool_group_t *group);
static void ngx_http_pintag_spool_group_remove(
    ngx_http_pintag_spool_group_t *group);


void
ngx_http_pintag_spool_group_init(ngx_http_pintag_spool_group_t *group,
    ngx_http_pintag_spool_t *spool)
{
    group->spool = spool;

    ngx_queue_init(&group->deliveries);
    ngx_queue_init(&group->removed);
    ngx_queue_init(&group->gone);

#if (NGX_THREADS)
    group->task.ctx = group;
    group->task.handler = ngx_http_pintag_spool_group_task;
    group->task.event.data = group;
    group->task.event.handler = ngx_http_pintag_spool_group_done;
    group->task.event.log = ngx_cycle->log;
#endif
}


ngx_uint_t
ngx_http_pintag_spool_group_empty(ngx_http_pintag_spool_group_t *group)
{
    return ngx_queue_empty(&group->deliveries)
           && ngx_queue_empty(&group->removed)
           && group->settles.len == 0
           && group->undelivered.len == 0
           && !group->sync;
}


ngx_int_t
ngx_http_pintag_spool_group_settle(ngx_http_pintag_spool_group_t *group,
    ngx_http_pintag_spool_file_t *file, off_t offset, u_char state)
{
    u_char                          *p;
    ngx_http_pintag_spool_settle_t   settle;

    p = ngx_http_pintag_spool_bytes(&group->settles, sizeof(settle));
    if (p == NULL) {
        return NGX_ERROR;
    }

    settle.file = file;
    settle.offset = offset;
    settle.state = state;

    ngx_memcpy(p, &settle, sizeof(settle));
    group->settles.len += sizeof(settle);

    file->settling++;

    return NGX_OK;
}


ngx_int_t
ngx_http_pintag_spool_group_start(ngx_http_pintag_spool_group_t *group)
{
#if (NGX_THREADS)
    return ngx_http_pintag_spool_post(group->spool, &group->task);
#else
    return NGX_ERROR;
#endif
}


#if (NGX_THREADS)

static void
ngx_http_pintag_spool_group_task(void *data, ngx_log_t *log)
{
    ngx_http_pintag_spool_group_write(data);
}


static void
ngx_http_pintag_spool_group_done(ngx_event_t *ev)
{
    ngx_http_pintag_spool_group_t *group = ev->data;

    ngx_http_pintag_spool_committed(group->spool, group);
}

#endif


void
ngx_http_pintag_spool_group_write(ngx_http_pintag_spool_group_t *group)
{
    ngx_http_pintag_spool_conf_t  *conf;

    conf = group->spool->conf;

    ngx_http_pintag_spool_group_lines(group);

    if (group->undelivered.len) {
        group->undelivered_err = ngx_http_pintag_spool_undelivered(
                                                 &conf->path->name,
                                                 group->undelivered.data,
                                                 group->undelivered.len,
                                                 conf->undelivered_size,
                                                 &group->dropped);
    }

    ngx_http_pintag_spool_group_settles(group);
    ngx_http_pintag_spool_group_remove(group);
}


static void
ngx_http_pintag_spool_group_lines(ngx_http_pintag_spool_group_t *group)
{
    ngx_http_pintag_spool_file_t  *file;

    file = group->file;

    if (file == NULL) {
        return;
    }

    if (file->fd == NGX_INVALID_FILE) {
        group->err = ngx_http_pintag_spool_file_create(file,
                                             &group->spool->conf->path->name);
        if (group->err) {
            group->what = "open, events are refused:";
            group->broken = 1;
            return;
        }
    }

    if (group->lines.len) {
        group->err = ngx_http_pintag_spool_file_write(file->fd,
                                                      group->lines.data,
                                                      group->lines.len,
                                                      group->offset);
        if (group->err) {
            group->what = "write, events are refused:";

            /* room may come, with others another file may do */

            group->broken = (group->err != NGX_ENOSPC
                             && group->err != EDQUOT);
        }
    }

    if (group->err == 0 && group->sync
        && (fdatasync(file->fd) == -1
            || (group->older && fdatasync(group->older->fd) == -1)))
    {
        group->err = ngx_errno;
        group->what = "sync, events are refused:";

        /* what was not written may be gone from memory: no second try */

        group->broken = 1;
    }

    /* nobody was told that it is stored, so it must not be there later */

    if (group->err && ftruncate(file->fd, group->offset) == -1) {
        group->broken = 1;
    }
}


static void
ngx_http_pintag_spool_group_settles(ngx_http_pintag_spool_group_t *group)
{
    ngx_uint_t                       i, n;
    ngx_http_pintag_spool_settle_t  *settle;

    settle = (ngx_http_pintag_spool_settle_t *) group->settles.data;
    n = group->settles.len / sizeof(ngx_http_pintag_spool_settle_t);

    for (i = 0; i < n; i++) {

        /* it is known as undelivered first */

        if (settle[i].state == PINTAG_SPOOL_UNDELIVERED
            && group->undelivered_err)
        {
            continue;
        }

        if (pwrite(settle[i].file->fd, &settle[i].state, 1, settle[i].offset)
            != 1)
        {
            group->settle_err = ngx_errno;
        }
    }
}


/* what can be neither removed nor emptied stays in "removed" */

static void
ngx_http_pintag_spool_group_remove(ngx_http_pintag_spool_group_t *group)
{
    ngx_err_t                      err;
    ngx_queue_t                   *q;
    ngx_http_pintag_spool_file_t  *file;

    for (q = ngx_queue_head(&group->removed);
         q != ngx_queue_sentinel(&group->removed);
         /* void */ )
    {
        file = ngx_queue_data(q, ngx_http_pintag_spool_file_t, queue);
        q = ngx_queue_next(q);

        err = ngx_http_pintag_spool_file_remove(file);

        if (err) {
            group->remove_err = err;
            group->stays = file;

            if (file->damaged || ftruncate(file->fd, 0) == -1) {
                continue;
            }

            /* whoever adopts it finds nothing to send */
        }

        ngx_queue_remove(&file->queue);
        ngx_queue_insert_tail(&group->gone, &file->queue);
    }
}


void
ngx_http_pintag_spool_group_reset(ngx_http_pintag_spool_group_t *group)
{
    ngx_http_pintag_spool_bytes_reset(&group->lines);
    ngx_http_pintag_spool_bytes_reset(&group->undelivered);
    ngx_http_pintag_spool_bytes_reset(&group->settles);

    group->file = NULL;
    group->older = NULL;
    group->err = 0;
    group->what = NULL;
    group->undelivered_err = 0;
    group->settle_err = 0;
    group->remove_err = 0;
    group->stays = NULL;
    group->dropped = 0;
    group->sync = 0;
    group->broken = 0;
}


void
ngx_http_pintag_spool_group_free(ngx_http_pintag_spool_group_t *group)
{
    ngx_http_pintag_spool_files_free(&group->removed);
    ngx_http_pintag_spool_files_free(&group->gone);

    ngx_http_pintag_spool_bytes_free(&group->lines);
    ngx_http_pintag_spool_bytes_free(&group->undelivered);
    ngx_http_pintag_spool_bytes_free(&group->settles);
}
