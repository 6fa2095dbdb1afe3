
/*
 * Copyright (C) the ngx_http_pintag_module authors
 */


#include "ngx_http_pintag_module.h"
#include "ngx_http_pintag_spool.h"
#include "ngx_http_pintag_spool_read.h"
#include "ngx_http_pintag_destination.h"


/* files that are adopted at a time; of their bytes, two full ones */
#define NGX_HTTP_PINTAG_READER_FILES  64


#if (NGX_THREADS)
static void ngx_http_pintag_reader_task(void *data, ngx_log_t *log);
static void ngx_http_pintag_reader_done(ngx_event_t *ev);
static void ngx_http_pintag_reader_looked(
    ngx_http_pintag_spool_reader_t *reader);
static void ngx_http_pintag_reader_tell(
    ngx_http_pintag_spool_reader_t *reader);
#endif
static void ngx_http_pintag_reader_wake(ngx_event_t *ev);
static off_t ngx_http_pintag_reader_unread(ngx_http_pintag_spool_t *spool);
static ngx_int_t ngx_http_pintag_reader_start(
    ngx_http_pintag_spool_reader_t *reader);
static ngx_uint_t ngx_http_pintag_reader_pick(
    ngx_http_pintag_spool_reader_t *reader);
static ngx_uint_t ngx_http_pintag_reader_room(
    ngx_http_pintag_spool_reader_t *reader,
    ngx_http_pintag_destination_t *destination);
static void ngx_http_pintag_reader_recheck(
    ngx_http_pintag_spool_t *spool);


ngx_http_pintag_spool_reader_t *
ngx_http_pintag_spool_reader(ngx_cycle_t *cycle,
    ngx_http_pintag_spool_t *spool)
{
    ngx_http_pintag_spool_reader_t  *reader;

    reader = ngx_pcalloc(cycle->pool, sizeof(ngx_http_pintag_spool_reader_t));
    if (reader == NULL) {
        return NULL;
    }

    reader->spool = spool;

    ngx_queue_init(&reader->adopted);

    reader->wake.handler = ngx_http_pintag_reader_wake;
    reader->wake.data = reader;
    reader->wake.log = cycle->log;

#if (NGX_THREADS)
    reader->task.ctx = reader;
    reader->task.handler = ngx_http_pintag_reader_task;
    reader->task.event.data = reader;
    reader->task.event.handler = ngx_http_pintag_reader_done;
    reader->task.event.log = cycle->log;
#endif

    return reader;
}


void
ngx_http_pintag_spool_scan(ngx_http_pintag_spool_reader_t *reader)
{
    reader->due = 1;

    ngx_http_pintag_reader_recheck(reader->spool);
    ngx_http_pintag_spool_read(reader);
}


void
ngx_http_pintag_spool_read(ngx_http_pintag_spool_reader_t *reader)
{
    if (!reader->busy && !reader->spool->leaving) {
        ngx_post_event(&reader->wake, &ngx_posted_events);
    }
}


static void
ngx_http_pintag_reader_wake(ngx_event_t *ev)
{
    ngx_http_pintag_spool_reader_t *reader = ev->data;

    off_t                     unread;
    ngx_uint_t                open;
    ngx_http_pintag_spool_t  *spool;

    spool = reader->spool;

    if (reader->busy || spool->leaving) {
        return;
    }

    unread = ngx_http_pintag_reader_unread(spool);

    if (reader->due
        || (reader->more && unread == 0
            && spool->open < NGX_HTTP_PINTAG_SPOOL_OPEN))
    {
        reader->due = 0;
        reader->scanning = 1;

        open = ngx_min(spool->open, NGX_HTTP_PINTAG_SPOOL_OPEN);

        reader->files = ngx_min(NGX_HTTP_PINTAG_READER_FILES,
                                NGX_HTTP_PINTAG_SPOOL_OPEN - open);
        reader->room = 2 * spool->conf->file_size - unread;

    } else if (ngx_http_pintag_reader_pick(reader)) {
        reader->scanning = 0;

    } else {
        return;
    }

    reader->busy = 1;
    reader->rows.len = 0;
    reader->err = 0;

    if (ngx_http_pintag_reader_start(reader) == NGX_OK) {
        return;
    }

    /* another time */

    reader->busy = 0;

    if (reader->scanning) {
        reader->due = 1;

    } else {
        reader->next = reader->range.from;
        ngx_http_pintag_reader_rows(reader);
    }
}


/* bytes that this worker has not read of the files it owns */

static off_t
ngx_http_pintag_reader_unread(ngx_http_pintag_spool_t *spool)
{
    off_t                           unread;
    ngx_queue_t                    *q, *p;
    ngx_http_pintag_spool_file_t   *file;
    ngx_http_pintag_spool_range_t  *range;

    unread = 0;

    for (q = ngx_queue_head(&spool->files);
         q != ngx_queue_sentinel(&spool->files);
         q = ngx_queue_next(q))
    {
        file = ngx_queue_data(q, ngx_http_pintag_spool_file_t, queue);

        for (p = ngx_queue_head(&file->ranges);
             p != ngx_queue_sentinel(&file->ranges);
             p = ngx_queue_next(p))
        {
            range = ngx_queue_data(p, ngx_http_pintag_spool_range_t, queue);

            /* what waits for a destination keeps no other file waiting */

            unread += range->destination ? 0 : range->to - range->from;
        }
    }

    return unread;
}


static ngx_int_t
ngx_http_pintag_reader_start(ngx_http_pintag_spool_reader_t *reader)
{
#if (NGX_THREADS)
    return ngx_http_pintag_spool_post(reader->spool, &reader->task);
#else
    return NGX_ERROR;
#endif
}


/* 1 when there is something to read and room for it */

static ngx_uint_t
ngx_http_pintag_reader_pick(ngx_http_pintag_spool_reader_t *reader)
{
    ngx_queue_t                    *q, *p;
    ngx_http_pintag_spool_t        *spool;
    ngx_http_pintag_spool_file_t   *file;
    ngx_http_pintag_spool_range_t  *range;

    spool = reader->spool;

    if (ngx_http_pintag_spool_crowded(spool)) {
        return 0;
    }

    for (q = ngx_queue_head(&spool->files);
         q != ngx_queue_sentinel(&spool->files);
         q = ngx_queue_next(q))
    {
        file = ngx_queue_data(q, ngx_http_pintag_spool_file_t, queue);

        if (ngx_time() < file->unreadable) {
            continue;
        }

        for (p = ngx_queue_head(&file->ranges);
             p != ngx_queue_sentinel(&file->ranges);
             p = ngx_queue_next(p))
        {
            range = ngx_queue_data(p, ngx_http_pintag_spool_range_t, queue);

            if (!ngx_http_pintag_reader_room(reader, range->destination)) {
                continue;
            }

            ngx_queue_remove(p);

            reader->file = file;
            reader->range = *range;
            file->reading = 1;

            if (range->destination
                && range->destination->passed_over == range)
            {
                range->destination->passed_over = NULL;
            }

            ngx_free(range);

            return 1;
        }
    }

    return 0;
}


/*
 * At a destination, or where lines of any may come: those of one that does not
 * answer are left for later, those of one that does are worth waiting for.
 */

static ngx_uint_t
ngx_http_pintag_reader_room(ngx_http_pintag_spool_reader_t *reader,
    ngx_http_pintag_destination_t *destination)
{
    ngx_uint_t                        i, some;
    ngx_http_pintag_main_conf_t      *pmcf;
    ngx_http_pintag_destination_t   **elts;

    if (destination) {
        return destination->backlog < NGX_HTTP_PINTAG_READER_BACKLOG;
    }

    pmcf = reader->spool->main_conf;
    elts = pmcf->destinations.elts;

    some = (pmcf->destinations.nelts == 0);

    for (i = 0; i < pmcf->destinations.nelts; i++) {

        if (elts[i]->transport == NGX_HTTP_PINTAG_FALLBACK) {
            continue;
        }

        if (elts[i]->backlog < NGX_HTTP_PINTAG_READER_BACKLOG) {
            some = 1;

        } else if (elts[i]->failures == 0) {
            return 0;
        }
    }

    return some;
}


#if (NGX_THREADS)

static void
ngx_http_pintag_reader_task(void *data, ngx_log_t *log)
{
    ngx_http_pintag_spool_reader_t *reader = data;

    if (reader->scanning) {
        ngx_http_pintag_reader_look(reader);

    } else {
        ngx_http_pintag_reader_piece(reader);
    }
}


static void
ngx_http_pintag_reader_done(ngx_event_t *ev)
{
    ngx_http_pintag_spool_reader_t *reader = ev->data;

    reader->busy = 0;

    if (reader->scanning) {
        ngx_http_pintag_reader_looked(reader);

    } else {
        ngx_http_pintag_reader_rows(reader);
    }

    ngx_http_pintag_spool_read(reader);
}


static void
ngx_http_pintag_reader_looked(ngx_http_pintag_spool_reader_t *reader)
{
    ngx_queue_t                   *q;
    ngx_http_pintag_spool_t       *spool;
    ngx_http_pintag_spool_file_t  *file;

    spool = reader->spool;

    if (reader->err) {
        ngx_http_pintag_spool_complain(spool, reader->err, "read",
                                 (char *) spool->conf->path->name.data);

    } else {
        spool->size = reader->size;
    }

    if (reader->unusable.err) {
        ngx_http_pintag_reader_tell(reader);
    }

    while (!ngx_queue_empty(&reader->adopted)) {
        q = ngx_queue_head(&reader->adopted);
        ngx_queue_remove(q);

        file = ngx_queue_data(q, ngx_http_pintag_spool_file_t, queue);

        if (spool->leaving
            || ngx_http_pintag_spool_file_range(file, 0, file->end, NULL)
               == NULL)
        {
            ngx_http_pintag_spool_file_free(file);
            continue;
        }

        ngx_log_error(NGX_LOG_NOTICE, ngx_cycle->log, 0,
                      "pintag spool: adopted \"%s\", %O bytes", file->name,
                      file->end);

        ngx_queue_insert_tail(&spool->files, &file->queue);
        spool->open++;
    }
}


static void
ngx_http_pintag_reader_tell(ngx_http_pintag_spool_reader_t *reader)
{
    char       *name;
    ngx_err_t   err;

    err = reader->unusable.err;
    name = reader->unusable.name;

    if (reader->ntold == NGX_HTTP_PINTAG_READER_TOLD) {
        reader->ntold = 0;
    }

    reader->told[reader->ntold++] = reader->unusable.hash;

    if (err == ENOTSUP) {
        ngx_log_error(NGX_LOG_WARN, ngx_cycle->log, 0,
                      "pintag spool: \"%s\" was written by a newer version "
                      "of this module, it is left alone", name);
    } else {
        ngx_log_error(NGX_LOG_ERR, ngx_cycle->log, err,
                      "pintag spool: cannot use \"%s\", it is left alone",
                      name);
    }
}

#endif


/* lines that nothing was to be done about are looked at again */

static void
ngx_http_pintag_reader_recheck(ngx_http_pintag_spool_t *spool)
{
    ngx_queue_t                   *q;
    ngx_http_pintag_spool_file_t  *file;

    for (q = ngx_queue_head(&spool->files);
         q != ngx_queue_sentinel(&spool->files);
         q = ngx_queue_next(q))
    {
        file = ngx_queue_data(q, ngx_http_pintag_spool_file_t, queue);

        if (file->stranded == 0 || file->stranded != file->live
            || file->settling || file->offsets.len || file->reading
            || ngx_time() < file->recheck
            || (spool->running && spool->running->file == file)
            || !ngx_queue_empty(&file->ranges))
        {
            continue;
        }

        if (ngx_http_pintag_spool_file_range(file, 0, file->end, NULL)) {
            file->live = 0;
            file->stranded = 0;
        }
    }
}


void
ngx_http_pintag_spool_reader_exit(ngx_http_pintag_spool_reader_t *reader)
{
    ngx_http_pintag_spool_files_free(&reader->adopted);

    if (reader->buf) {
        ngx_free(reader->buf);
        reader->buf = NULL;
        reader->buf_size = 0;
    }

    ngx_http_pintag_spool_bytes_free(&reader->rows);
}
