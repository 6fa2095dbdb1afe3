
/*
 * Copyright (C) the ngx_http_pintag_module authors
 */


#include "ngx_http_pintag_module.h"
#include "ngx_http_pintag_spool.h"
#include "ngx_http_pintag_deliveries.h"
#include "ngx_http_pintag_leave.h"
#include "ngx_http_pintag_metrics.h"


/* milliseconds that a spool which has failed is not tried again */
#define NGX_HTTP_PINTAG_SPOOL_PAUSE   1000

/*
 * Milliseconds that lines to be settled wait for others to be written, and how
 * many of them go with lines that somebody waits for, or without.  Those of a
 * file that ends meanwhile need not be.
 */
#define NGX_HTTP_PINTAG_SPOOL_SETTLE    200
#define NGX_HTTP_PINTAG_SPOOL_SOME      256
#define NGX_HTTP_PINTAG_SPOOL_MANY      512


static void ngx_http_pintag_spool_failed(ngx_http_pintag_spool_t *spool,
    ngx_http_pintag_spool_group_t *group);
static void ngx_http_pintag_spool_written(ngx_http_pintag_spool_t *spool,
    ngx_http_pintag_spool_group_t *group);
static void ngx_http_pintag_spool_settled(ngx_http_pintag_spool_t *spool,
    ngx_http_pintag_spool_group_t *group);
static ngx_http_pintag_spool_group_t *ngx_http_pintag_spool_stick(
    ngx_http_pintag_spool_t *spool, ngx_http_pintag_spool_group_t *group);
static void ngx_http_pintag_spool_removed(ngx_http_pintag_spool_t *spool,
    ngx_http_pintag_spool_group_t *group);


/* a group is to be written: at the end of this turn, or a little later */

void
ngx_http_pintag_spool_wake(ngx_http_pintag_spool_t *spool, ngx_uint_t soon)
{
    if (spool->running && ngx_queue_empty(&spool->refused)) {
        /* when it has been written */
        return;
    }

    if (soon || spool->leaving) {
        ngx_post_event(&spool->start, &ngx_posted_events);
        return;
    }

    if (!spool->start.timer_set && !spool->start.posted) {
        ngx_add_timer(&spool->start, NGX_HTTP_PINTAG_SPOOL_SETTLE);
    }
}


void
ngx_http_pintag_spool_start(ngx_event_t *ev)
{
    ngx_http_pintag_spool_t *spool = ev->data;

    ngx_http_pintag_spool_group_t  *group;

    if (ev->timer_set) {
        ngx_del_timer(ev);
    }

    if (!ngx_queue_empty(&spool->refused)) {
        ngx_http_pintag_spool_refuse(spool);
    }

    group = spool->next;

    if (spool->running
        || (ngx_http_pintag_spool_group_empty(group)
            && ngx_queue_empty(&spool->unsettled)))
    {
        ngx_http_pintag_deliveries_hold(spool->main_conf);
        return;
    }

    ngx_http_pintag_spool_gather(spool, group,
                                 group->lines.len ? NGX_HTTP_PINTAG_SPOOL_SOME
                                                : NGX_HTTP_PINTAG_SPOOL_MANY);

    if (ngx_http_pintag_spool_aim(spool, group) != NGX_OK) {
        group->err = NGX_ENOMEM;
        group->what = "open, events are refused:";
    }

    spool->next = spool->idle;
    spool->idle = NULL;
    spool->running = group;
    spool->started = ngx_current_msec;

    if (group->err == 0
        && ngx_http_pintag_spool_group_start(group) != NGX_OK)
    {
        group->err = NGX_EAGAIN;
        group->what = "start a thread for, events are refused:";
    }

    if (group->err) {
        group->undelivered_err = group->err;
        group->settle_err = group->err;

        ngx_http_pintag_spool_committed(spool, group);
    }
}


/* lines that are to be settled with the group, about "max" of them */

void
ngx_http_pintag_spool_gather(ngx_http_pintag_spool_t *spool,
    ngx_http_pintag_spool_group_t *group, ngx_uint_t max)
{
    off_t                         *offset;
    ngx_uint_t                     n;
    ngx_queue_t                   *q;
    ngx_http_pintag_spool_file_t  *file;

    while (max && !ngx_queue_empty(&spool->unsettled)) {

        q = ngx_queue_head(&spool->unsettled);
        file = ngx_queue_data(q, ngx_http_pintag_spool_file_t, unsettled);

        offset = (off_t *) file->offsets.data;
        n = file->offsets.len / sizeof(off_t);

        /* the last ones first, as their place becomes free */

        while (max && n) {

            if (ngx_http_pintag_spool_group_settle(group, file, offset[n - 1],
                                                   PINTAG_SPOOL_DELIVERED)
                != NGX_OK)
            {
                return;
            }

            n--;
            max--;
            file->offsets.len -= sizeof(off_t);
        }

        if (n == 0) {
            ngx_http_pintag_spool_bytes_reset(&file->offsets);
            ngx_queue_remove(&file->unsettled);
        }
    }
}


void
ngx_http_pintag_spool_refuse(ngx_http_pintag_spool_t *spool)
{
    ngx_queue_t  refused;

    ngx_queue_init(&refused);
    ngx_queue_add(&refused, &spool->refused);
    ngx_queue_init(&spool->refused);

    ngx_http_pintag_spool_refuse_group(&refused, spool->failure
                                                 ? spool->failure
                                                 : "spool_failed");
}


void
ngx_http_pintag_spool_refuse_group(ngx_queue_t *queue, char *reason)
{
    ngx_uint_t                     i;
    ngx_queue_t                   *q;
    ngx_http_pintag_deliveries_t  *deliveries;

    while (!ngx_queue_empty(queue)) {
        q = ngx_queue_head(queue);
        ngx_queue_remove(q);

        deliveries = ngx_queue_data(q, ngx_http_pintag_deliveries_t, group);

        for (i = 0; i < deliveries->n; i++) {
            deliveries->elts[i].lined = 0;
        }

        ngx_http_pintag_deliveries_stored(deliveries, reason);
    }
}


/* which file the group goes to, and whether it is synced */

ngx_int_t
ngx_http_pintag_spool_aim(ngx_http_pintag_spool_t *spool,
    ngx_http_pintag_spool_group_t *group)
{
    u_char                         header[PINTAG_SPOOL_HEADER_MAX];
    ngx_http_pintag_spool_file_t  *file, *older;

    file = spool->current;

    if (group->lines.len == 0 && !group->sync) {
        return NGX_OK;
    }

    if (group->lines.len
        && (file == NULL
            || (file->end >= spool->conf->file_size
                && spool->open < NGX_HTTP_PINTAG_SPOOL_OPEN)))
    {
        older = file;

        file = ngx_http_pintag_spool_file_alloc(&spool->conf->path->name, 0);
        if (file == NULL) {
            return NGX_ERROR;
        }

        file->end = pintag_spool_header_write(header);
        spool->size += file->end;

        ngx_queue_insert_tail(&spool->files, &file->queue);
        spool->current = file;
        spool->open++;

        if (older && older->dirty) {
            group->older = older;
            group->sync = 1;

        } else if (older) {
            ngx_http_pintag_spool_check(spool, older);
        }
    }

    if (file == NULL) {
        group->sync = 0;
        return NGX_OK;
    }

    if (group->lines.len && spool->conf->sync == 0) {
        group->sync = 1;
    }

    group->file = file;
    group->offset = file->end;

    file->end += group->lines.len;
    file->dirty = !group->sync;

    return NGX_OK;
}


void
ngx_http_pintag_spool_committed(ngx_http_pintag_spool_t *spool,
    ngx_http_pintag_spool_group_t *group)
{
    spool->running = NULL;
    spool->idle = group;

    if (group->older) {
        group->older->dirty = (group->err != 0);
        ngx_http_pintag_spool_check(spool, group->older);
    }

    if (group->err) {
        ngx_http_pintag_spool_failed(spool, group);

    } else if (group->file) {
        spool->size += group->lines.len;
        spool->synced = group->sync ? ngx_current_msec : spool->synced;
    }

    ngx_http_pintag_spool_written(spool, group);
    ngx_http_pintag_spool_settled(spool, group);
    ngx_http_pintag_spool_removed(spool, group);

    ngx_http_pintag_spool_group_reset(group);

    if (spool->leaving && spool->current
        && spool->next->lines.len == 0 && !spool->next->sync)
    {
        ngx_http_pintag_spool_retire(spool);
    }

    if (!ngx_queue_empty(&spool->refused)
        || !ngx_queue_empty(&spool->next->deliveries))
    {
        ngx_post_event(&spool->start, &ngx_posted_events);

    } else if (!ngx_http_pintag_spool_group_empty(spool->next)
               || !ngx_queue_empty(&spool->unsettled))
    {
        ngx_http_pintag_spool_wake(spool, 0);
    }

    ngx_http_pintag_deliveries_hold(spool->main_conf);
}


static void
ngx_http_pintag_spool_failed(ngx_http_pintag_spool_t *spool,
    ngx_http_pintag_spool_group_t *group)
{
    ngx_http_pintag_spool_file_t  *file;

    file = group->file;

    ngx_http_pintag_spool_complain(spool, group->err, group->what,
                                   (file && file->name[0]) ? file->name
                                   : (char *) spool->conf->path->name.data);

    spool->failure = (group->err == NGX_ENOSPC || group->err == EDQUOT)
                     ? "spool_full" : "spool_failed";
    spool->failing = ngx_current_msec + NGX_HTTP_PINTAG_SPOOL_PAUSE;

    if (file == NULL) {
        return;
    }

    file->end = group->offset;

    if (group->broken && spool->current == file) {
        ngx_http_pintag_spool_retire(spool);
    }
}


void
ngx_http_pintag_spool_stalled(ngx_http_pintag_spool_t *spool)
{
    ngx_uint_t                     i;
    ngx_queue_t                   *q, refused;
    ngx_http_pintag_deliveries_t  *deliveries;

    ngx_http_pintag_spool_complain(spool, 0, "write within seconds, events "
                                   "are refused, does its disk hang:",
                                   (char *) spool->conf->path->name.data);

    spool->failure = "spool_failed";
    spool->failing = ngx_current_msec + 2 * NGX_HTTP_PINTAG_SPOOL_PAUSE;

    /* these may be stored all the same, and their clients send them again */

    for (q = ngx_queue_head(&spool->running->deliveries);
         q != ngx_queue_sentinel(&spool->running->deliveries);
         q = ngx_queue_next(q))
    {
        deliveries = ngx_queue_data(q, ngx_http_pintag_deliveries_t, group);

        for (i = 0; i < deliveries->n; i++) {
            if (deliveries->elts[i].lined) {
                ngx_http_pintag_delivery_tell(&deliveries->elts[i],
                                              NGX_HTTP_PINTAG_FAILED,
                                              spool->failure, NULL);
            }
        }
    }

    if (ngx_queue_empty(&spool->next->deliveries)) {
        return;
    }

    /* these are not */

    spool->next->lines.len = 0;

    ngx_queue_init(&refused);
    ngx_queue_add(&refused, &spool->next->deliveries);
    ngx_queue_init(&spool->next->deliveries);

    ngx_http_pintag_spool_refuse_group(&refused, spool->failure);
}


/* nothing more is appended to it */

void
ngx_http_pintag_spool_retire(ngx_http_pintag_spool_t *spool)
{
    ngx_http_pintag_spool_file_t  *file;

    file = spool->current;
    spool->current = NULL;

    ngx_http_pintag_spool_check(spool, file);
}


static void
ngx_http_pintag_spool_written(ngx_http_pintag_spool_t *spool,
    ngx_http_pintag_spool_group_t *group)
{
    char                          *reason;
    ngx_uint_t                     i;
    ngx_queue_t                   *q;
    ngx_http_pintag_delivery_t    *delivery;
    ngx_http_pintag_deliveries_t  *deliveries;

    reason = group->err ? spool->failure : NULL;

    for (q = ngx_queue_head(&group->deliveries);
         q != ngx_queue_sentinel(&group->deliveries);
         q = ngx_queue_next(q))
    {
        deliveries = ngx_queue_data(q, ngx_http_pintag_deliveries_t, group);

        for (i = 0; i < deliveries->n; i++) {
            delivery = &deliveries->elts[i];

            if (!delivery->lined) {
                continue;
            }

            delivery->lined = 0;

            if (reason) {
                continue;
            }

            delivery->file = group->file;
            delivery->offset += group->offset;
            delivery->line_end += group->offset;

            /* a line is in a file: NOLINTNEXTLINE(clang-analyzer-core.*) */
            group->file->live++;
            group->file->held++;

            if (group->file->born == 0) {
                group->file->born = delivery->stored;
            }
        }
    }

    /* each of them may do as it likes with its file */

    while (!ngx_queue_empty(&group->deliveries)) {
        q = ngx_queue_head(&group->deliveries);
        ngx_queue_remove(q);

        deliveries = ngx_queue_data(q, ngx_http_pintag_deliveries_t, group);

        ngx_http_pintag_deliveries_stored(deliveries, reason);
    }
}


static void
ngx_http_pintag_spool_settled(ngx_http_pintag_spool_t *spool,
    ngx_http_pintag_spool_group_t *group)
{
    ngx_uint_t                       i, n;
    ngx_http_pintag_spool_file_t    *file;
    ngx_http_pintag_spool_group_t   *stuck;
    ngx_http_pintag_spool_settle_t  *settle;

    settle = (ngx_http_pintag_spool_settle_t *) group->settles.data;
    n = group->settles.len / sizeof(ngx_http_pintag_spool_settle_t);

    stuck = NULL;

    if (group->undelivered.len && group->undelivered_err) {

        stuck = ngx_http_pintag_spool_stick(spool, group);

        ngx_http_pintag_spool_complain(spool, group->undelivered_err,
                                       "append to \"undelivered\" in",
                                 (char *) spool->conf->path->name.data);
    }

    for (i = 0; i < n; i++) {

        file = settle[i].file;
        file->settling--;

        if (settle[i].state == PINTAG_SPOOL_DELIVERED) {
            ngx_http_pintag_spool_check(spool, file);
            continue;
        }

        if (group->undelivered_err) {

            if (stuck == NULL
                || ngx_http_pintag_spool_group_settle(stuck, file,
                                                      settle[i].offset,
                                                      settle[i].state)
                   != NGX_OK)
            {
                /* it stays pending, and is tried once more */
                ngx_http_pintag_spool_file_strand(file, ngx_time());
            }

            continue;
        }

        file->live--;

        ngx_http_pintag_spool_check(spool, file);
    }

    if (group->undelivered.len) {
        /* there is room for more */
        ngx_http_pintag_spool_read(spool->reader);
    }

    ngx_http_pintag_spool_dropped(spool, group);

    if (group->settle_err && group->err == 0) {
        ngx_http_pintag_spool_complain(spool, group->settle_err,
                                       "settle lines in",
                                 (char *) spool->conf->path->name.data);
    }
}


/* what could not be noted waits there; NULL without memory, logged */

static ngx_http_pintag_spool_group_t *
ngx_http_pintag_spool_stick(ngx_http_pintag_spool_t *spool,
    ngx_http_pintag_spool_group_t *group)
{
    u_char                         *p;
    ngx_http_pintag_spool_bytes_t  *bytes;

    bytes = &spool->stuck->undelivered;

    p = ngx_http_pintag_spool_bytes(bytes, group->undelivered.len);

    if (p == NULL) {
        ngx_http_pintag_spool_unnoted(&group->undelivered);
        return NULL;
    }

    ngx_memcpy(p, group->undelivered.data, group->undelivered.len);
    bytes->len += group->undelivered.len;

    return spool->stuck;
}


void
ngx_http_pintag_spool_dropped(ngx_http_pintag_spool_t *spool,
    ngx_http_pintag_spool_group_t *group)
{
    if (group->dropped == 0) {
        return;
    }

    ngx_log_error(NGX_LOG_ERR, ngx_cycle->log, 0,
                  "pintag dropped the oldest %ui undelivered events of \"%V\" "
                  "to make room, look at \"undelivered_size\"",
                  group->dropped, &spool->conf->path->name);

    ngx_http_pintag_count_dropped(spool->main_conf, group->dropped);
}


static void
ngx_http_pintag_spool_removed(ngx_http_pintag_spool_t *spool,
    ngx_http_pintag_spool_group_t *group)
{
    ngx_queue_t                   *q;
    ngx_http_pintag_spool_file_t  *file;

    if (group->remove_err) {
        ngx_http_pintag_spool_complain(spool, group->remove_err,
                                       "remove, let workers write to its "
                                       "folder or remove it yourself:",
                                       group->stays->name);
    }

    for (q = ngx_queue_head(&group->gone);
         q != ngx_queue_sentinel(&group->gone);
         q = ngx_queue_next(q))
    {
        file = ngx_queue_data(q, ngx_http_pintag_spool_file_t, queue);

        spool->size -= ngx_min(file->end, spool->size);
    }

    ngx_http_pintag_spool_files_free(&group->gone);

    /* others would send again what these hold, so they stay locked */

    if (!ngx_queue_empty(&group->removed)) {
        ngx_queue_add(&spool->stay, &group->removed);
        ngx_queue_init(&group->removed);
    }
}


void
ngx_http_pintag_spool_remove(ngx_http_pintag_spool_t *spool)
{
    if (!ngx_queue_empty(&spool->stay)) {
        ngx_queue_add(&spool->next->removed, &spool->stay);
        ngx_queue_init(&spool->stay);
    }
}


/* what could not be noted as undelivered is tried again */

void
ngx_http_pintag_spool_unstick(ngx_http_pintag_spool_t *spool)
{
    u_char                          *p;
    ngx_uint_t                       i, n;
    ngx_http_pintag_spool_group_t   *next, *stuck;
    ngx_http_pintag_spool_settle_t  *settle;

    next = spool->next;
    stuck = spool->stuck;

    if (stuck->undelivered.len == 0) {
        return;
    }

    p = ngx_http_pintag_spool_bytes(&next->undelivered, stuck->undelivered.len);
    if (p == NULL) {
        return;
    }

    ngx_memcpy(p, stuck->undelivered.data, stuck->undelivered.len);
    next->undelivered.len += stuck->undelivered.len;

    settle = (ngx_http_pintag_spool_settle_t *) stuck->settles.data;
    n = stuck->settles.len / sizeof(ngx_http_pintag_spool_settle_t);

    for (i = 0; i < n; i++) {
        settle[i].file->settling--;

        if (ngx_http_pintag_spool_group_settle(next, settle[i].file,
                                               settle[i].offset,
                                               settle[i].state)
            != NGX_OK)
        {
            /* it is noted, stays pending, and is tried once more */
            ngx_http_pintag_spool_file_strand(settle[i].file, ngx_time());
        }
    }

    ngx_http_pintag_spool_group_reset(stuck);
    ngx_http_pintag_spool_wake(spool, 1);
}
