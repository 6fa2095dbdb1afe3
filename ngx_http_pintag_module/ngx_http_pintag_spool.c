
/*
 * Copyright (C) the ngx_http_pintag_module authors
 */


#include "ngx_http_pintag_module.h"
#include "ngx_http_pintag_spool.h"
#include "ngx_http_pintag_deliveries.h"
#include "ngx_http_pintag_leave.h"
#include "ngx_http_pintag_destination.h"


/* milliseconds between two looks at the folder, and tries after a failure */
#define NGX_HTTP_PINTAG_SPOOL_TICK      1000

/* milliseconds that writing may take before nobody waits for it any more */
#define NGX_HTTP_PINTAG_SPOOL_STALL     5000

/* bytes of undelivered lines that wait for the disk to take them */
#define NGX_HTTP_PINTAG_SPOOL_STUCK     (4 * 1024 * 1024)

/* milliseconds between two lines of the log about one failure */
#define NGX_HTTP_PINTAG_SPOOL_COMPLAIN  60000


static ngx_http_pintag_spool_group_t *ngx_http_pintag_spool_group(
    ngx_cycle_t *cycle, ngx_http_pintag_spool_t *spool);
static void ngx_http_pintag_spool_check_path(ngx_http_pintag_spool_t *spool);
static ngx_uint_t ngx_http_pintag_spool_full(ngx_http_pintag_spool_t *spool,
    size_t size);
static ngx_int_t ngx_http_pintag_spool_add(ngx_http_pintag_spool_t *spool,
    ngx_http_pintag_delivery_t *delivery);
static void ngx_http_pintag_spool_line(ngx_http_pintag_delivery_t *delivery,
    pintag_spool_line_t *line);
static pintag_str_t ngx_http_pintag_spool_text(ngx_str_t *value);
static void ngx_http_pintag_spool_tick(ngx_event_t *ev);


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


void
ngx_http_pintag_spool_store(ngx_http_pintag_spool_t *spool,
    ngx_http_pintag_deliveries_t *deliveries)
{
    size_t                       len;
    ngx_uint_t                   i;
    ngx_http_pintag_delivery_t  *delivery;

    if (deliveries->storing) {
        return;
    }

    deliveries->storing = 1;
    deliveries->held++;

    if (ngx_http_pintag_spool_full(spool, deliveries->size)) {
        ngx_queue_insert_tail(&spool->refused, &deliveries->group);
        ngx_http_pintag_spool_wake(spool, 1);
        return;
    }

    len = spool->next->lines.len;

    for (i = 0; i < deliveries->n; i++) {
        delivery = &deliveries->elts[i];

        if (delivery->outcome != NGX_HTTP_PINTAG_PENDING || delivery->file) {
            continue;
        }

        if (ngx_http_pintag_spool_add(spool, delivery) != NGX_OK) {

            /* all or none of them */

            spool->next->lines.len = len;

            while (i--) {
                deliveries->elts[i].lined = 0;
            }

            ngx_queue_insert_tail(&spool->refused, &deliveries->group);
            ngx_http_pintag_spool_wake(spool, 1);
            return;
        }
    }

    ngx_queue_insert_tail(&spool->next->deliveries, &deliveries->group);

    ngx_http_pintag_spool_wake(spool, 1);
}


static ngx_uint_t
ngx_http_pintag_spool_full(ngx_http_pintag_spool_t *spool, size_t size)
{
    if (spool->main_conf->ended) {
        /* there is no other time, and nobody else to keep it */
        return 0;
    }

    if (spool->failure) {

        if ((ngx_msec_int_t) (spool->failing - ngx_current_msec) > 0) {
            return 1;
        }

        spool->failure = NULL;
    }

    if (spool->size + (off_t) (spool->next->lines.len + size)
        > spool->conf->max_size)
    {
        spool->failure = "spool_full";
        spool->failing = ngx_current_msec + NGX_HTTP_PINTAG_SPOOL_TICK / 10;

        ngx_http_pintag_spool_complain(spool, 0, "store more than \"max_size\" "
                                       "in, events are refused:",
                                 (char *) spool->conf->path->name.data);
        return 1;
    }

    return 0;
}


static ngx_int_t
ngx_http_pintag_spool_add(ngx_http_pintag_spool_t *spool,
    ngx_http_pintag_delivery_t *delivery)
{
    u_char                         *p;
    pintag_spool_line_t             line;
    ngx_http_pintag_spool_bytes_t  *lines;

    if (spool->next->lines.len == 0
        && (spool->current == NULL
            || spool->current->end >= spool->conf->file_size))
    {
        spool->sequence = 0;
    }

    ngx_http_pintag_spool_line(delivery, &line);

    line.state = PINTAG_SPOOL_PENDING;
    line.sequence = ++spool->sequence;
    line.time = ngx_time();

    lines = &spool->next->lines;

    p = ngx_http_pintag_spool_bytes(lines, pintag_spool_line_size(&line));
    if (p == NULL) {
        return NGX_ERROR;
    }

    delivery->lined = 1;
    delivery->offset = lines->len;
    delivery->stored = ngx_time();

    lines->len += pintag_spool_line_write(p, &line);

    delivery->line_end = lines->len;

    return NGX_OK;
}


static void
ngx_http_pintag_spool_line(ngx_http_pintag_delivery_t *delivery,
    pintag_spool_line_t *line)
{
    ngx_http_pintag_headers_t      *headers;
    ngx_http_pintag_destination_t  *destination;

    ngx_memzero(line, sizeof(pintag_spool_line_t));

    headers = &delivery->headers;

    destination = delivery->origin ? delivery->origin : delivery->destination;

    line->destination = ngx_http_pintag_spool_text(&destination->key);
    line->event_id = ngx_http_pintag_spool_text(&delivery->event_id);
    line->payload = ngx_http_pintag_spool_text(&delivery->payload);
    line->user_agent = ngx_http_pintag_spool_text(&headers->user_agent);
    line->page_url = ngx_http_pintag_spool_text(&headers->page_url);
    line->address = ngx_http_pintag_spool_text(&headers->address);
}


static pintag_str_t
ngx_http_pintag_spool_text(ngx_str_t *value)
{
    pintag_str_t  text;

    text.data = value->data;
    text.len = value->len;

    return text;
}


void
ngx_http_pintag_spool_settle(ngx_http_pintag_spool_t *spool,
    ngx_http_pintag_delivery_t *delivery, char *reason)
{
    u_char                        *p;
    pintag_spool_line_t            line;
    ngx_http_pintag_spool_file_t  *file;

    if (reason) {
        ngx_http_pintag_spool_line(delivery, &line);
    }

    file = delivery->file;
    delivery->file = NULL;

    file->held--;

    if (reason) {
        ngx_http_pintag_spool_give_up(spool, file, delivery->offset, &line,
                                      reason);
        return;
    }

    file->live--;

    p = ngx_http_pintag_spool_bytes(&file->offsets, sizeof(off_t));

    if (p) {
        ngx_memcpy(p, &delivery->offset, sizeof(off_t));

        if (file->offsets.len == 0) {
            ngx_queue_insert_tail(&spool->unsettled, &file->unsettled);
        }

        file->offsets.len += sizeof(off_t);
    }

    ngx_http_pintag_spool_check(spool, file);
    ngx_http_pintag_spool_wake(spool, 0);
}


void
ngx_http_pintag_spool_note(ngx_http_pintag_spool_t *spool,
    ngx_http_pintag_delivery_t *delivery, char *reason)
{
    pintag_spool_line_t  line;

    ngx_http_pintag_spool_line(delivery, &line);

    ngx_http_pintag_spool_give_up(spool, NULL, 0, &line, reason);
}


void
ngx_http_pintag_spool_give_up(ngx_http_pintag_spool_t *spool,
    ngx_http_pintag_spool_file_t *file, off_t offset,
    pintag_spool_line_t *line, char *reason)
{
    u_char                         *p, buf[NGX_HTTP_PINTAG_LOG_TEXT];
    ngx_str_t                       id;
    ngx_http_pintag_spool_bytes_t  *bytes;

    bytes = &spool->next->undelivered;

    line->state = PINTAG_SPOOL_UNDELIVERED;
    line->sequence = ++spool->undelivered;
    line->time = ngx_time();
    line->reason.data = (u_char *) reason;
    line->reason.len = ngx_strlen(reason);

    p = NULL;

    if (bytes->len + spool->stuck->undelivered.len
        < NGX_HTTP_PINTAG_SPOOL_STUCK)
    {
        p = ngx_http_pintag_spool_bytes(bytes, pintag_spool_line_size(line));
    }

    if (p) {

        if (file
            && ngx_http_pintag_spool_group_settle(spool->next, file, offset,
                                                  PINTAG_SPOOL_UNDELIVERED)
               != NGX_OK)
        {
            /* it stays pending, and is tried once more by another owner */
            return;
        }

        bytes->len += pintag_spool_line_write(p, line);

        ngx_http_pintag_spool_wake(spool, 0);

    } else if (file == NULL) {
        id.data = (u_char *) line->event_id.data;
        id.len = line->event_id.len;
        id = ngx_http_pintag_log_text(&id, buf, sizeof(buf));

        ngx_log_error(NGX_LOG_ERR, ngx_cycle->log, 0,
                      "pintag lost an undelivered event, id \"%V\", to %*s: "
                      "%s, and the spool does not take more", &id,
                      line->destination.len, line->destination.data, reason);
    }
}


void
ngx_http_pintag_spool_drop(ngx_http_pintag_spool_t *spool,
    ngx_http_pintag_delivery_t *delivery)
{
    ngx_http_pintag_spool_file_t  *file;

    file = delivery->file;
    delivery->file = NULL;

    file->held--;

    ngx_http_pintag_spool_check(spool, file);
}


void
ngx_http_pintag_spool_rest(ngx_http_pintag_spool_t *spool,
    ngx_http_pintag_delivery_t *delivery)
{
    ngx_http_pintag_spool_file_t  *file;

    file = delivery->file;
    delivery->file = NULL;

    /* it is not known as pending until it is read */

    if (ngx_http_pintag_spool_file_range(file, delivery->offset,
                                         delivery->line_end, NULL))
    {
        file->live--;
    }

    file->held--;

    ngx_http_pintag_spool_read(spool->reader);
}


ngx_uint_t
ngx_http_pintag_spool_expired(ngx_http_pintag_spool_t *spool, time_t stored)
{
    return ngx_time() - stored > spool->conf->max_age;
}


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
            ngx_http_pintag_spool_scan(spool->reader);
        }

        ngx_add_timer(ev, sync ? ngx_min(sync, NGX_HTTP_PINTAG_SPOOL_TICK)
                               : NGX_HTTP_PINTAG_SPOOL_TICK);
    }
}


void
ngx_http_pintag_spool_complain(ngx_http_pintag_spool_t *spool, ngx_err_t err,
    char *what, char *name)
{
    if (spool->complained && spool->complaint == what
        && ngx_current_msec - spool->complained
           < NGX_HTTP_PINTAG_SPOOL_COMPLAIN)
    {
        return;
    }

    spool->complained = ngx_current_msec;
    spool->complaint = what;

    ngx_log_error(NGX_LOG_ERR, ngx_cycle->log, err,
                  "pintag spool cannot %s \"%s\"", what, name);
}


void
ngx_http_pintag_spool_leave(ngx_http_pintag_spool_t *spool)
{
    ngx_queue_t                   *q;
    ngx_http_pintag_spool_file_t  *file;

    spool->leaving = 1;

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


void
ngx_http_pintag_spool_exit(ngx_http_pintag_spool_t *spool)
{
    ngx_queue_t                   *q;
    ngx_http_pintag_spool_file_t  *file;

    spool->leaving = 1;

    ngx_http_pintag_deliveries_abandon(spool->main_conf);

    /* its task has ended with its thread pool, whose events do not come */

    if (spool->running) {
        ngx_http_pintag_spool_committed(spool, spool->running);
    }

    ngx_http_pintag_spool_refuse(spool);

    ngx_http_pintag_deliveries_end(spool->main_conf);
    ngx_http_pintag_spool_unstick(spool);
    ngx_http_pintag_spool_gather(spool, spool->next, (ngx_uint_t) -1);

    ngx_http_pintag_spool_flush(spool);
    ngx_http_pintag_spool_refuse(spool);

    ngx_http_pintag_spool_reader_exit(spool->reader);

    while (!ngx_queue_empty(&spool->files)) {
        q = ngx_queue_head(&spool->files);
        ngx_queue_remove(q);

        file = ngx_queue_data(q, ngx_http_pintag_spool_file_t, queue);
        ngx_http_pintag_spool_file_free(file);
    }
}
