
/*
 * Copyright (C) the ngx_http_pintag_module authors
 */


#include "ngx_http_pintag_module.h"
#include "ngx_http_pintag_spool.h"
#include "ngx_http_pintag_spool_read.h"

#include "core/spool_line.h"

#include <dirent.h>


/* bytes that are read at a time, and of a line at most */
#define NGX_HTTP_PINTAG_READER_PIECE  (64 * 1024)
#define NGX_HTTP_PINTAG_READER_LINE   (4 * 1024 * 1024)


static void ngx_http_pintag_reader_look_at(
    ngx_http_pintag_spool_reader_t *reader, char *name, size_t len);
static void ngx_http_pintag_reader_unusable(
    ngx_http_pintag_spool_reader_t *reader, char *name, ngx_err_t err);
static ngx_int_t ngx_http_pintag_reader_fill(
    ngx_http_pintag_spool_reader_t *reader, size_t *len, u_char **last);
static void ngx_http_pintag_reader_line(ngx_http_pintag_spool_reader_t *reader,
    off_t offset, u_char *data, size_t len);
static void ngx_http_pintag_reader_row(ngx_http_pintag_spool_reader_t *reader,
    pintag_spool_kind_e kind, off_t offset, size_t len,
    pintag_spool_line_t *line);


void
ngx_http_pintag_reader_look(ngx_http_pintag_spool_reader_t *reader)
{
    DIR            *dir;
    size_t          len, suffix;
    struct dirent  *de;

    reader->size = 0;
    reader->more = 0;
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

    if (reader->files && reader->room > 0) {
        err = ngx_http_pintag_spool_file_adopt(file, &size);

    } else {
        err = NGX_EAGAIN;
        reader->more = 1;

        if (stat(file->name, &st) == 0) {
            size = st.st_size;
        }
    }

    reader->size += size;

    if (err == 0 && file->end == 0) {

        /* it was emptied when it could not be removed */

        err = ngx_http_pintag_spool_file_remove(file);
        err = err ? err : NGX_EAGAIN;
    }

    if (err == 0) {
        reader->files--;
        reader->room -= size;
        ngx_queue_insert_tail(&reader->adopted, &file->queue);
        return;
    }

    if (err != NGX_EAGAIN && reader->unusable.err == 0) {
        ngx_http_pintag_reader_unusable(reader, file->name, err);
    }

    ngx_http_pintag_spool_file_free(file);
}


/* one of which nobody was told before is to be told of */

static void
ngx_http_pintag_reader_unusable(ngx_http_pintag_spool_reader_t *reader,
    char *name, ngx_err_t err)
{
    uint32_t    hash;
    ngx_uint_t  i;

    hash = ngx_crc32_long((u_char *) name, ngx_strlen(name));

    for (i = 0; i < reader->ntold; i++) {
        if (reader->told[i] == hash) {
            return;
        }
    }

    reader->unusable.err = err;
    reader->unusable.hash = hash;
    (void) ngx_cpystrn((u_char *) reader->unusable.name, (u_char *) name,
                       NGX_MAX_PATH);
}


void
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

    if (len
        && (offset + (off_t) len >= reader->range.to || last == reader->buf))
    {

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
