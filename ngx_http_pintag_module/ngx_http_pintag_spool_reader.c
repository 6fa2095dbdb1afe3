
/*
 * Copyright (C) the ngx_http_pintag_module authors
 */


#include "ngx_http_pintag_module.h"
#include "ngx_http_pintag_spool.h"
#include "ngx_http_pintag_deliveries.h"
#include "ngx_http_pintag_destination.h"
#include "ngx_http_pintag_registry.h"

#include "core/spool_line.h"

#include <dirent.h>


/* bytes that are read at a time, and of a line at most */
#define NGX_HTTP_PINTAG_READER_PIECE     (256 * 1024)
#define NGX_HTTP_PINTAG_READER_LINE      (4 * 1024 * 1024)

/* of deliveries in memory that were read, for each destination */
#define NGX_HTTP_PINTAG_READER_BACKLOG   2048

/* files that are adopted before those at hand have been read */
#define NGX_HTTP_PINTAG_READER_FILES     2

/* files that were told of as unusable */
#define NGX_HTTP_PINTAG_READER_TOLD      64


typedef struct {
    pintag_spool_kind_e             kind;
    off_t                           offset;
    size_t                          len;
    pintag_spool_line_t             line;
    ngx_http_pintag_destination_t  *destination; /* it goes to; NULL: none */
} ngx_http_pintag_spool_row_t;


typedef struct {
    ngx_err_t                       err;
    char                            name[NGX_MAX_PATH];
} ngx_http_pintag_spool_unusable_t;


struct ngx_http_pintag_spool_reader_s {
    ngx_http_pintag_spool_t        *spool;

#if (NGX_THREADS)
    ngx_thread_task_t               task;
#endif

    ngx_event_t                     wake;        /* posted */

    /* a look at the folder */
    ngx_uint_t                      room;        /* files to be adopted */
    ngx_queue_t                     adopted;     /* files */
    off_t                           size;        /* of all */
    ngx_err_t                       err;
    ngx_http_pintag_spool_unusable_t
                                    unusable;    /* the last that is */
    uint32_t                        told[NGX_HTTP_PINTAG_READER_TOLD];
    ngx_uint_t                      ntold;

    /* a piece of a file */
    ngx_http_pintag_spool_file_t   *file;
    ngx_http_pintag_spool_range_t   range;
    off_t                           next;        /* where it goes on */
    u_char                         *buf;
    size_t                          buf_size;
    ngx_http_pintag_spool_bytes_t   rows;

    unsigned                        busy:1;
    unsigned                        scanning:1;
    unsigned                        due:1;       /* a look is */
};


#if (NGX_THREADS)
static void ngx_http_pintag_reader_task(void *data, ngx_log_t *log);
static void ngx_http_pintag_reader_done(ngx_event_t *ev);
static void ngx_http_pintag_reader_look(
    ngx_http_pintag_spool_reader_t *reader);
static void ngx_http_pintag_reader_look_at(
    ngx_http_pintag_spool_reader_t *reader, char *name, size_t len);
static void ngx_http_pintag_reader_piece(
    ngx_http_pintag_spool_reader_t *reader);
static ngx_int_t ngx_http_pintag_reader_fill(
    ngx_http_pintag_spool_reader_t *reader, size_t *len, u_char **last);
static void ngx_http_pintag_reader_line(
    ngx_http_pintag_spool_reader_t *reader, off_t offset, u_char *data,
    size_t len);
static void ngx_http_pintag_reader_row(ngx_http_pintag_spool_reader_t *reader,
    pintag_spool_kind_e kind, off_t offset, size_t len,
    pintag_spool_line_t *line);
#endif
static void ngx_http_pintag_reader_wake(ngx_event_t *ev);
static ngx_uint_t ngx_http_pintag_reader_pick(
    ngx_http_pintag_spool_reader_t *reader);
static ngx_uint_t ngx_http_pintag_reader_room(
    ngx_http_pintag_spool_reader_t *reader,
    ngx_http_pintag_destination_t *destination);
static void ngx_http_pintag_reader_looked(
    ngx_http_pintag_spool_reader_t *reader);
static void ngx_http_pintag_reader_tell(
    ngx_http_pintag_spool_reader_t *reader);
static void ngx_http_pintag_reader_recheck(
    ngx_http_pintag_spool_t *spool);
static void ngx_http_pintag_reader_rows(
    ngx_http_pintag_spool_reader_t *reader);
static void ngx_http_pintag_reader_place(
    ngx_http_pintag_spool_reader_t *reader, ngx_http_pintag_spool_row_t *row);
static void ngx_http_pintag_reader_strand(
    ngx_http_pintag_spool_reader_t *reader, ngx_http_pintag_spool_row_t *row,
    time_t stored);
static void ngx_http_pintag_reader_deliver(
    ngx_http_pintag_spool_reader_t *reader, ngx_http_pintag_spool_row_t *rows,
    ngx_uint_t n);
static u_char *ngx_http_pintag_reader_text(ngx_str_t *value, u_char *p,
    pintag_str_t text);


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

    ngx_uint_t                     unread;
    ngx_queue_t                   *q;
    ngx_http_pintag_spool_t       *spool;
    ngx_http_pintag_spool_file_t  *file;

    spool = reader->spool;

    if (reader->busy || spool->leaving) {
        return;
    }

    if (reader->due) {
        reader->due = 0;
        reader->scanning = 1;

        unread = 0;

        for (q = ngx_queue_head(&spool->files);
             q != ngx_queue_sentinel(&spool->files);
             q = ngx_queue_next(q))
        {
            file = ngx_queue_data(q, ngx_http_pintag_spool_file_t, queue);
            unread += !ngx_queue_empty(&file->ranges);
        }

        reader->room = NGX_HTTP_PINTAG_READER_FILES
                       - ngx_min(unread, NGX_HTTP_PINTAG_READER_FILES);

    } else if (ngx_http_pintag_reader_pick(reader)) {
        reader->scanning = 0;

    } else {
        return;
    }

    reader->busy = 1;
    reader->rows.len = 0;
    reader->err = 0;

#if (NGX_THREADS)
    {
    ngx_thread_pool_t  *pool;

    pool = ngx_thread_pool_get((ngx_cycle_t *) ngx_cycle, &spool->conf->pool);

    if (pool && ngx_thread_task_post(pool, &reader->task) == NGX_OK) {
        return;
    }
    }
#endif

    /* another time */

    reader->next = reader->range.from;
    ngx_http_pintag_reader_done(&reader->task.event);
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

            if (!ngx_http_pintag_reader_room(reader, range->destination)) {
                continue;
            }

            ngx_queue_remove(p);

            reader->file = file;
            reader->range = *range;
            file->reading = 1;

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
ngx_http_pintag_reader_look(ngx_http_pintag_spool_reader_t *reader)
{
    DIR            *dir;
    size_t          len, suffix;
    struct dirent  *de;

    reader->size = 0;
    reader->unusable.err = 0;

    suffix = sizeof(NGX_HTTP_PINTAG_SPOOL_SUFFIX) - 1;

    dir = opendir((char *) reader->spool->conf->path->name.data);

    if (dir == NULL) {
        reader->err = ngx_errno;
        return;
    }

    for ( ;; ) {

        ngx_set_errno(0);

        de = readdir(dir);

        if (de == NULL) {
            reader->err = ngx_errno;
            break;
        }

        len = ngx_strlen(de->d_name);

        if (len > suffix
            && ngx_memcmp(de->d_name + len - suffix,
                          NGX_HTTP_PINTAG_SPOOL_SUFFIX, suffix)
               == 0)
        {
            ngx_http_pintag_reader_look_at(reader, de->d_name, len);
        }
    }

    (void) closedir(dir);
}


static void
ngx_http_pintag_reader_look_at(ngx_http_pintag_spool_reader_t *reader,
    char *name, size_t len)
{
    off_t                          size;
    ngx_err_t                      err;
    ngx_str_t                     *path;
    struct stat                    st;
    ngx_http_pintag_spool_file_t  *file;

    path = &reader->spool->conf->path->name;

    file = ngx_http_pintag_spool_file_alloc(path, len);
    if (file == NULL) {
        return;
    }

    (void) ngx_snprintf((u_char *) file->name, file->size, "%V/%s%Z", path,
                        name);

    size = 0;

    if (reader->room) {
        err = ngx_http_pintag_spool_file_adopt(file, &size);

    } else {
        err = NGX_EAGAIN;

        if (stat(file->name, &st) == 0) {
            size = st.st_size;
        }
    }

    reader->size += size;

    if (err == 0) {
        reader->room--;
        ngx_queue_insert_tail(&reader->adopted, &file->queue);
        return;
    }

    if (err != NGX_EAGAIN) {
        reader->unusable.err = err;
        (void) ngx_cpystrn((u_char *) reader->unusable.name,
                           (u_char *) file->name, NGX_MAX_PATH);
    }

    ngx_http_pintag_spool_file_free(file);
}


static void
ngx_http_pintag_reader_piece(ngx_http_pintag_spool_reader_t *reader)
{
    off_t    offset;
    size_t   len;
    u_char  *p, *end, *last;

    reader->next = reader->range.from;

    if (ngx_http_pintag_reader_fill(reader, &len, &last) != NGX_OK) {
        return;
    }

    offset = reader->range.from;
    p = reader->buf;

    while (p < last) {
        end = ngx_strlchr(p, last, LF);

        ngx_http_pintag_reader_line(reader, offset, p, end - p);

        offset += end + 1 - p;
        p = end + 1;
    }

    len -= p - reader->buf;

    if (len && (offset + (off_t) len >= reader->range.to || last == reader->buf)) {

        /* the file ends within a line, or the line has no end */

        ngx_http_pintag_reader_row(reader, PINTAG_SPOOL_DAMAGED, offset, len,
                                   NULL);
        offset += len;
    }

    reader->next = offset;
}


/*
 * Reads as much as holds a whole line, if there is one; "*last" is behind the
 * last newline.
 */

static ngx_int_t
ngx_http_pintag_reader_fill(ngx_http_pintag_spool_reader_t *reader,
    size_t *len, u_char **last)
{
    size_t    want;
    ssize_t   n;
    u_char   *p;

    want = NGX_HTTP_PINTAG_READER_PIECE;

    for ( ;; ) {

        if (reader->buf_size < want) {

            if (reader->buf) {
                ngx_free(reader->buf);
            }

            reader->buf_size = 0;

            reader->buf = ngx_alloc(want, ngx_cycle->log);
            if (reader->buf == NULL) {
                reader->err = NGX_ENOMEM;
                return NGX_ERROR;
            }

            reader->buf_size = want;
        }

        n = pread(reader->file->fd, reader->buf,
                  ngx_min((off_t) want,
                          reader->range.to - reader->range.from),
                  reader->range.from);

        if (n == -1) {
            reader->err = ngx_errno;
            return NGX_ERROR;
        }

        if (n == 0) {
            /* somebody has cut it off */
            reader->next = reader->range.to;
            return NGX_ERROR;
        }

        for (p = reader->buf + n; p > reader->buf && p[-1] != LF; p--) {
            /* void */
        }

        if (p > reader->buf || (size_t) n < want
            || want >= NGX_HTTP_PINTAG_READER_LINE)
        {
            *len = n;
            *last = p;

            return NGX_OK;
        }

        want *= 2;
    }
}


static void
ngx_http_pintag_reader_line(ngx_http_pintag_spool_reader_t *reader,
    off_t offset, u_char *data, size_t len)
{
    size_t                n;
    pintag_spool_kind_e   kind;
    pintag_spool_line_t   line;

    if (len && data[0] == '\t' && offset > reader->range.from) {

        /* its state has become a newline */

        data--;
        offset--;
        len++;
        data[0] = '?';
    }

    while (len) {

        kind = pintag_spool_line_read(data, len, &line);

        if (kind != PINTAG_SPOOL_DAMAGED && kind != PINTAG_SPOOL_NEWER) {
            ngx_http_pintag_reader_row(reader, kind, offset, len, &line);
            return;
        }

        n = pintag_spool_line_find(data, len);

        /* of a line that is intact only its newline is not */

        kind = (n < len) ? pintag_spool_line_read(data, n - 1, &line)
                         : PINTAG_SPOOL_DAMAGED;

        if (kind == PINTAG_SPOOL_LINE || kind == PINTAG_SPOOL_STATELESS) {
            ngx_http_pintag_reader_row(reader, kind, offset, n - 1, &line);
            ngx_http_pintag_reader_row(reader, PINTAG_SPOOL_DAMAGED,
                                       offset + n - 1, 1, NULL);
        } else {
            ngx_http_pintag_reader_row(reader, PINTAG_SPOOL_DAMAGED, offset,
                                       n, NULL);
        }

        data += n;
        offset += n;
        len -= n;
    }
}


static void
ngx_http_pintag_reader_row(ngx_http_pintag_spool_reader_t *reader,
    pintag_spool_kind_e kind, off_t offset, size_t len,
    pintag_spool_line_t *line)
{
    u_char                       *p;
    ngx_http_pintag_spool_row_t   row;

    if (kind == PINTAG_SPOOL_HEADER
        || (kind == PINTAG_SPOOL_LINE
            && line->state != PINTAG_SPOOL_PENDING))
    {
        return;
    }

    ngx_memzero(&row, sizeof(row));

    row.kind = kind;
    row.offset = offset;
    row.len = len;

    if (line) {
        row.line = *line;
    }

    p = ngx_http_pintag_spool_bytes(&reader->rows, sizeof(row));

    if (p == NULL) {
        reader->err = NGX_ENOMEM;
        return;
    }

    ngx_memcpy(p, &row, sizeof(row));
    reader->rows.len += sizeof(row);
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

#endif


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
               != NGX_OK)
        {
            ngx_http_pintag_spool_file_free(file);
            continue;
        }

        ngx_log_error(NGX_LOG_NOTICE, ngx_cycle->log, 0,
                      "pintag spool: adopted \"%s\", %O bytes", file->name,
                      file->end);

        ngx_queue_insert_tail(&spool->files, &file->queue);
    }
}


static void
ngx_http_pintag_reader_tell(ngx_http_pintag_spool_reader_t *reader)
{
    char        *name;
    uint32_t     hash;
    ngx_err_t    err;
    ngx_uint_t   i;

    err = reader->unusable.err;
    name = reader->unusable.name;
    hash = ngx_crc32_long((u_char *) name, ngx_strlen(name));

    for (i = 0; i < reader->ntold; i++) {
        if (reader->told[i] == hash) {
            return;
        }
    }

    if (reader->ntold == NGX_HTTP_PINTAG_READER_TOLD) {
        reader->ntold = 0;
    }

    reader->told[reader->ntold++] = hash;

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


/* lines that nothing was to be done about are looked at again when they end */

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
            || file->settling || file->reading || ngx_time() < file->recheck
            || !ngx_queue_empty(&file->ranges))
        {
            continue;
        }

        if (ngx_http_pintag_spool_file_range(file, 0, file->end, NULL)
            == NGX_OK)
        {
            file->live = 0;
            file->stranded = 0;
        }
    }
}


static void
ngx_http_pintag_reader_rows(ngx_http_pintag_spool_reader_t *reader)
{
    ngx_uint_t                     i, n;
    ngx_http_pintag_spool_t       *spool;
    ngx_http_pintag_spool_row_t   *rows;
    ngx_http_pintag_spool_file_t  *file;

    spool = reader->spool;
    file = reader->file;

    file->reading = 0;

    if (reader->err) {
        ngx_http_pintag_spool_complain(spool, reader->err, "read", file->name);

        /* another time */
        reader->rows.len = 0;
        reader->next = reader->range.from;
    }

    if (reader->next < reader->range.to
        && ngx_http_pintag_spool_file_range(file, reader->next,
                                            reader->range.to,
                                            reader->range.destination)
           != NGX_OK)
    {
        /* its lines stay as they are: who owns it next reads them */
        file->live++;
    }

    rows = (ngx_http_pintag_spool_row_t *) reader->rows.data;
    n = spool->leaving ? 0
                       : reader->rows.len / sizeof(ngx_http_pintag_spool_row_t);

    for (i = 0; i < n; i++) {
        ngx_http_pintag_reader_place(reader, &rows[i]);
    }

    if (n) {
        ngx_http_pintag_reader_deliver(reader, rows, n);
    }

    if (spool->leaving) {
        /* what was not read is not done */
        file->live++;
    }

    ngx_http_pintag_spool_check(spool, file);
}


/* finds out what becomes of a line */

static void
ngx_http_pintag_reader_place(ngx_http_pintag_spool_reader_t *reader,
    ngx_http_pintag_spool_row_t *row)
{
    time_t                          stored;
    ngx_str_t                       key;
    ngx_http_pintag_spool_t        *spool;
    ngx_http_pintag_spool_file_t   *file;
    ngx_http_pintag_destination_t  *destination;

    spool = reader->spool;
    file = reader->file;

    if (row->kind != PINTAG_SPOOL_LINE && reader->range.destination == NULL) {

        file->damaged = 1;

        ngx_log_error(NGX_LOG_ERR, ngx_cycle->log, 0,
                      "pintag spool: damaged line in \"%s\" at offset %O, "
                      "%uz bytes%s", file->name, row->offset, row->len,
                      row->kind == PINTAG_SPOOL_STATELESS
                      ? ": only its state is, it is taken as pending" : "");
    }

    if (row->kind == PINTAG_SPOOL_DAMAGED) {
        return;
    }

    key.data = (u_char *) row->line.destination.data;
    key.len = row->line.destination.len;

    destination = ngx_http_pintag_registry_find(spool->main_conf, &key);

    if (reader->range.destination
        && reader->range.destination != destination)
    {
        return;
    }

    stored = (time_t) row->line.time;

    if (row->line.reason.len) {
        /* it was undelivered, and somebody wants it sent again */
        stored = ngx_max(stored, file->modified);
    }

    if (ngx_http_pintag_spool_expired(spool, stored)) {
        file->live++;
        ngx_http_pintag_spool_give_up(spool, file, row->offset, &row->line,
                                      "max_age");
        return;
    }

    if (destination == NULL) {
        ngx_http_pintag_reader_strand(reader, row, stored);
        return;
    }

    if (destination->backlog >= NGX_HTTP_PINTAG_READER_BACKLOG
        && destination->failures)
    {
        if (ngx_http_pintag_spool_file_range(file, row->offset,
                                             row->offset + row->len + 1,
                                             destination)
            != NGX_OK)
        {
            file->live++;
        }

        return;
    }

    destination->backlog++;

    row->destination = destination;
    row->line.time = stored;
}


static void
ngx_http_pintag_reader_strand(ngx_http_pintag_spool_reader_t *reader,
    ngx_http_pintag_spool_row_t *row, time_t stored)
{
    time_t                         end;
    ngx_http_pintag_spool_file_t  *file;

    file = reader->file;
    end = stored + reader->spool->conf->max_age + 1;

    if (file->stranded == 0) {
        ngx_log_error(NGX_LOG_WARN, ngx_cycle->log, 0,
                      "pintag spool: \"%s\" holds events for a destination "
                      "that the configuration does not have, \"%*s\"; they "
                      "wait until it does, or \"max_age\" is over",
                      file->name, row->line.destination.len,
                      row->line.destination.data);
    }

    if (file->stranded == 0 || end < file->recheck) {
        file->recheck = end;
    }

    file->stranded++;
    file->live++;
}


static void
ngx_http_pintag_reader_deliver(ngx_http_pintag_spool_reader_t *reader,
    ngx_http_pintag_spool_row_t *rows, ngx_uint_t n)
{
    size_t                         size;
    u_char                        *p;
    ngx_uint_t                     i, placed;
    pintag_spool_line_t           *line;
    ngx_http_pintag_spool_t       *spool;
    ngx_http_pintag_main_conf_t   *pmcf;
    ngx_http_pintag_delivery_t    *delivery;
    ngx_http_pintag_deliveries_t  *deliveries;

    spool = reader->spool;
    pmcf = spool->main_conf;

    size = 0;
    placed = 0;

    for (i = 0; i < n; i++) {

        if (rows[i].destination == NULL) {
            continue;
        }

        line = &rows[i].line;
        placed++;

        size += line->payload.len + line->event_id.len + line->user_agent.len
                + line->page_url.len + line->address.len;
    }

    if (placed == 0) {
        return;
    }

    deliveries = ngx_http_pintag_deliveries_create(placed,
                                                   pmcf->destinations.nelts,
                                                   size, &p, ngx_cycle->log);
    delivery = deliveries ? deliveries->elts : NULL;

    for (i = 0; i < n; i++) {

        if (rows[i].destination == NULL) {
            continue;
        }

        reader->file->live++;

        if (deliveries == NULL) {
            /* who owns it next reads it again */
            rows[i].destination->backlog--;
            continue;
        }

        line = &rows[i].line;

        delivery->destination = rows[i].destination;
        delivery->file = reader->file;
        delivery->offset = rows[i].offset;
        delivery->stored = (time_t) line->time;

        p = ngx_http_pintag_reader_text(&delivery->payload, p, line->payload);
        p = ngx_http_pintag_reader_text(&delivery->event_id, p,
                                        line->event_id);
        p = ngx_http_pintag_reader_text(&delivery->headers.user_agent, p,
                                        line->user_agent);
        p = ngx_http_pintag_reader_text(&delivery->headers.page_url, p,
                                        line->page_url);
        p = ngx_http_pintag_reader_text(&delivery->headers.address, p,
                                        line->address);

        reader->file->held++;
        delivery++;
    }

    if (deliveries) {
        ngx_http_pintag_deliveries_read(deliveries, pmcf);
    }
}


static u_char *
ngx_http_pintag_reader_text(ngx_str_t *value, u_char *p, pintag_str_t text)
{
    value->data = p;
    value->len = text.len;

    return ngx_cpymem(p, text.data, text.len);
}


void
ngx_http_pintag_spool_reader_exit(ngx_http_pintag_spool_reader_t *reader)
{
    ngx_queue_t                   *q;
    ngx_http_pintag_spool_file_t  *file;

    while (!ngx_queue_empty(&reader->adopted)) {
        q = ngx_queue_head(&reader->adopted);
        ngx_queue_remove(q);

        file = ngx_queue_data(q, ngx_http_pintag_spool_file_t, queue);
        ngx_http_pintag_spool_file_free(file);
    }
}
