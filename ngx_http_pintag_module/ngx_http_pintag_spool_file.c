
/*
 * Copyright (C) the ngx_http_pintag_module authors
 */


#include "ngx_http_pintag_module.h"
#include "ngx_http_pintag_spool_file.h"

#include "core/spool_line.h"

#include <sys/file.h>


/* names that are tried before it is given up */
#define NGX_HTTP_PINTAG_SPOOL_TRIES        8

/* "/<time>-<pid>-<random>.spool" */
#define NGX_HTTP_PINTAG_SPOOL_NAME         64

/* bytes of a buffer that are kept when it is emptied */
#define NGX_HTTP_PINTAG_SPOOL_KEPT         (1024 * 1024)

#define NGX_HTTP_PINTAG_SPOOL_UNDELIVERED  "undelivered"
#define NGX_HTTP_PINTAG_SPOOL_OLD          "undelivered.old"
#define NGX_HTTP_PINTAG_SPOOL_DAMAGED      ".damaged"


static ngx_err_t ngx_http_pintag_spool_lock(ngx_fd_t fd, char *name,
    int flags, struct stat *st);
static ngx_err_t ngx_http_pintag_spool_same(char *name, struct stat *st);
static ngx_err_t ngx_http_pintag_spool_sync_path(ngx_str_t *path);
static ngx_err_t ngx_http_pintag_spool_undelivered_try(char *name, char *old,
    u_char *data, size_t len, off_t max, ngx_uint_t *dropped);
static ngx_err_t ngx_http_pintag_spool_rotate(char *name, char *old,
    ngx_uint_t *dropped);


ngx_http_pintag_spool_file_t *
ngx_http_pintag_spool_file_alloc(ngx_str_t *path, size_t name)
{
    size_t                         size;
    ngx_http_pintag_spool_file_t  *file;

    size = path->len + 1 + ngx_max(name, NGX_HTTP_PINTAG_SPOOL_NAME) + 1;

    file = ngx_alloc(sizeof(ngx_http_pintag_spool_file_t) + size,
                     ngx_cycle->log);
    if (file == NULL) {
        return NULL;
    }

    ngx_memzero(file, sizeof(ngx_http_pintag_spool_file_t));

    file->name = (char *) (file + 1);
    file->size = size;
    file->name[0] = '\0';
    file->fd = NGX_INVALID_FILE;

    ngx_queue_init(&file->ranges);

    return file;
}


u_char *
ngx_http_pintag_spool_bytes(ngx_http_pintag_spool_bytes_t *bytes, size_t len)
{
    u_char  *p;
    size_t   size;

    if (bytes->size - bytes->len < len) {

        size = ngx_max(2 * bytes->size, bytes->len + len);
        size = ngx_max(size, 4096);

        p = ngx_alloc(size, ngx_cycle->log);
        if (p == NULL) {
            return NULL;
        }

        if (bytes->data) {
            ngx_memcpy(p, bytes->data, bytes->len);
            ngx_free(bytes->data);
        }

        bytes->data = p;
        bytes->size = size;
    }

    return bytes->data + bytes->len;
}


void
ngx_http_pintag_spool_bytes_reset(ngx_http_pintag_spool_bytes_t *bytes)
{
    bytes->len = 0;

    if (bytes->size > NGX_HTTP_PINTAG_SPOOL_KEPT) {
        ngx_http_pintag_spool_bytes_free(bytes);
    }
}


void
ngx_http_pintag_spool_bytes_free(ngx_http_pintag_spool_bytes_t *bytes)
{
    if (bytes->data) {
        ngx_free(bytes->data);
    }

    bytes->data = NULL;
    bytes->len = 0;
    bytes->size = 0;
}


void
ngx_http_pintag_spool_file_free(ngx_http_pintag_spool_file_t *file)
{
    ngx_queue_t                    *q;
    ngx_http_pintag_spool_range_t  *range;

    while (!ngx_queue_empty(&file->ranges)) {
        q = ngx_queue_head(&file->ranges);
        range = ngx_queue_data(q, ngx_http_pintag_spool_range_t, queue);

        /* one of a queue: NOLINTNEXTLINE(clang-analyzer-unix.Malloc) */
        ngx_queue_remove(q);
        ngx_free(range);
    }

    ngx_http_pintag_spool_bytes_free(&file->offsets);

    if (file->fd != NGX_INVALID_FILE) {
        (void) ngx_close_file(file->fd);
    }

    ngx_free(file);
}


void
ngx_http_pintag_spool_files_free(ngx_queue_t *files)
{
    ngx_queue_t                   *q;
    ngx_http_pintag_spool_file_t  *file;

    while (!ngx_queue_empty(files)) {
        q = ngx_queue_head(files);
        ngx_queue_remove(q);

        file = ngx_queue_data(q, ngx_http_pintag_spool_file_t, queue);
        ngx_http_pintag_spool_file_free(file);
    }
}


ngx_http_pintag_spool_range_t *
ngx_http_pintag_spool_file_range(ngx_http_pintag_spool_file_t *file,
    off_t from, off_t to, ngx_http_pintag_destination_t *destination)
{
    ngx_queue_t                    *q;
    ngx_http_pintag_spool_range_t  *range;

    for (q = ngx_queue_last(&file->ranges);
         q != ngx_queue_sentinel(&file->ranges);
         q = ngx_queue_prev(q))
    {
        range = ngx_queue_data(q, ngx_http_pintag_spool_range_t, queue);

        if (range->destination == destination && range->to == from) {
            range->to = to;
            return range;
        }
    }

    range = ngx_alloc(sizeof(ngx_http_pintag_spool_range_t), ngx_cycle->log);
    if (range == NULL) {
        return NULL;
    }

    range->from = from;
    range->to = to;
    range->destination = destination;

    ngx_queue_insert_tail(&file->ranges, &range->queue);

    return range;
}


void
ngx_http_pintag_spool_file_strand(ngx_http_pintag_spool_file_t *file,
    time_t until)
{
    if (file->stranded == 0 || until < file->recheck) {
        file->recheck = until;
    }

    file->stranded++;
}


ngx_err_t
ngx_http_pintag_spool_file_create(ngx_http_pintag_spool_file_t *file,
    ngx_str_t *path)
{
    u_char       header[PINTAG_SPOOL_HEADER_MAX];
    ngx_fd_t     fd;
    ngx_err_t    err;
    ngx_uint_t   tries;
    struct stat  st;

    for (tries = 0; tries < NGX_HTTP_PINTAG_SPOOL_TRIES; tries++) {

        (void) ngx_snprintf((u_char *) file->name, file->size,
                            "%V/%T-%P-%08xD" NGX_HTTP_PINTAG_SPOOL_SUFFIX "%Z",
                            path, time(NULL), ngx_pid,
                            (uint32_t) ngx_random());

        fd = open(file->name, O_RDWR|O_CREAT|O_EXCL|O_CLOEXEC, 0600);

        if (fd == -1) {

            if (ngx_errno == NGX_EEXIST) {
                continue;
            }

            return ngx_errno;
        }

        /* somebody may have adopted it by now */

        err = ngx_http_pintag_spool_lock(fd, file->name, LOCK_EX|LOCK_NB, &st);

        if (err == 0) {
            err = ngx_http_pintag_spool_file_write(fd, header,
                                         pintag_spool_header_write(header), 0);

            if (err == 0) {
                err = ngx_http_pintag_spool_sync_path(path);
            }

            if (err == 0) {
                file->fd = fd;
                return 0;
            }

            (void) unlink(file->name);
        }

        (void) close(fd);

        if (err != NGX_EAGAIN) {
            return err;
        }
    }

    return NGX_EAGAIN;
}


ngx_err_t
ngx_http_pintag_spool_file_adopt(ngx_http_pintag_spool_file_t *file,
    off_t *size)
{
    u_char               header[PINTAG_SPOOL_HEADER_MAX], *end;
    ssize_t              n;
    ngx_fd_t             fd;
    ngx_err_t            err;
    struct stat          st;
    pintag_spool_line_t  line;

    fd = open(file->name, O_RDWR|O_CLOEXEC|O_NOFOLLOW|O_NONBLOCK);

    if (fd == -1) {
        return (ngx_errno == NGX_ENOENT) ? NGX_EAGAIN : ngx_errno;
    }

    if (fstat(fd, &st) == -1 || !S_ISREG(st.st_mode)) {
        err = NGX_EINVAL;
        goto failed;
    }

    *size = st.st_size;

    n = pread(fd, header, sizeof(header), 0);

    if (n == -1) {
        err = ngx_errno;
        goto failed;
    }

    end = ngx_strlchr(header, header + n, LF);

    if (end
        && pintag_spool_line_read(header, end - header, &line)
           == PINTAG_SPOOL_NEWER)
    {
        err = ENOTSUP;
        goto failed;
    }

    err = ngx_http_pintag_spool_lock(fd, file->name, LOCK_EX|LOCK_NB, &st);

    if (err) {
        goto failed;
    }

    file->fd = fd;
    file->end = st.st_size;
    file->modified = st.st_mtime;
    file->adopted = 1;

    return 0;

failed:

    (void) close(fd);

    return err;
}


/* NGX_EAGAIN: it is another's, or no longer of this name */

static ngx_err_t
ngx_http_pintag_spool_lock(ngx_fd_t fd, char *name, int flags, struct stat *st)
{
    ngx_err_t  err;

    while (flock(fd, flags) == -1) {

        err = ngx_errno;

        if (err != NGX_EINTR) {
            return (err == EWOULDBLOCK) ? NGX_EAGAIN : err;
        }
    }

    if (fstat(fd, st) == -1) {
        return ngx_errno;
    }

    return ngx_http_pintag_spool_same(name, st);
}


/* whether the file of "st" still has this name, or NGX_EAGAIN */

static ngx_err_t
ngx_http_pintag_spool_same(char *name, struct stat *st)
{
    struct stat  named;

    if (stat(name, &named) == -1) {
        return (ngx_errno == NGX_ENOENT) ? NGX_EAGAIN : ngx_errno;
    }

    return (named.st_ino == st->st_ino && named.st_dev == st->st_dev)
           ? 0 : NGX_EAGAIN;
}


ngx_err_t
ngx_http_pintag_spool_file_write(ngx_fd_t fd, u_char *data, size_t len,
    off_t offset)
{
    size_t     done;
    ssize_t    n;
    ngx_err_t  err;

    for (done = 0; done < len; done += n) {

        n = pwrite(fd, data + done, len - done, offset + done);

        if (n > 0) {
            continue;
        }

        err = (n == 0) ? NGX_ENOSPC : ngx_errno;

        if (err == NGX_EINTR) {
            n = 0;
            continue;
        }

        return err;
    }

    return 0;
}


static ngx_err_t
ngx_http_pintag_spool_sync_path(ngx_str_t *path)
{
    ngx_fd_t   fd;
    ngx_err_t  err;

    /* the path of an ngx_path_t ends with a zero */

    fd = open((char *) path->data, O_RDONLY|O_CLOEXEC);
    if (fd == -1) {
        return ngx_errno;
    }

    err = (fsync(fd) == -1) ? ngx_errno : 0;

    (void) close(fd);

    /* some filesystems cannot, and need not */

    return (err == NGX_EINVAL) ? 0 : err;
}


ngx_err_t
ngx_http_pintag_spool_file_remove(ngx_http_pintag_spool_file_t *file)
{
    int   rc;
    char  aside[NGX_MAX_PATH];

    if (file->damaged) {
        (void) ngx_snprintf((u_char *) aside, NGX_MAX_PATH,
                            "%s" NGX_HTTP_PINTAG_SPOOL_DAMAGED "%Z",
                            file->name);

        if (access(aside, F_OK) == 0) {

            /* there was one of this name before */

            (void) ngx_snprintf((u_char *) aside, NGX_MAX_PATH,
                                "%s.%08xD" NGX_HTTP_PINTAG_SPOOL_DAMAGED "%Z",
                                file->name, (uint32_t) ngx_random());
        }

        rc = rename(file->name, aside);

    } else {
        rc = unlink(file->name);
    }

    return (rc == -1 && ngx_errno != NGX_ENOENT) ? ngx_errno : 0;
}


ngx_err_t
ngx_http_pintag_spool_undelivered(ngx_str_t *path, u_char *data, size_t len,
    off_t max, ngx_uint_t *dropped)
{
    char        name[NGX_MAX_PATH], old[NGX_MAX_PATH];
    ngx_err_t   err;
    ngx_uint_t  tries;

    (void) ngx_snprintf((u_char *) name, NGX_MAX_PATH,
                        "%V/" NGX_HTTP_PINTAG_SPOOL_UNDELIVERED "%Z", path);
    (void) ngx_snprintf((u_char *) old, NGX_MAX_PATH,
                        "%V/" NGX_HTTP_PINTAG_SPOOL_OLD "%Z", path);

    for (tries = 0; tries < NGX_HTTP_PINTAG_SPOOL_TRIES; tries++) {

        err = ngx_http_pintag_spool_undelivered_try(name, old, data, len, max,
                                                    dropped);
        if (err != NGX_EAGAIN) {
            return err;
        }
    }

    return NGX_EAGAIN;
}


/*
 * NGX_EAGAIN: it was moved away meanwhile.  Whoever did may have read it before
 * our lines came, so they are written again.
 */

static ngx_err_t
ngx_http_pintag_spool_undelivered_try(char *name, char *old, u_char *data,
    size_t len, off_t max, ngx_uint_t *dropped)
{
    ngx_fd_t     fd;
    ngx_err_t    err;
    struct stat  st;

    fd = open(name, O_RDWR|O_CREAT|O_CLOEXEC|O_NOFOLLOW, 0600);
    if (fd == -1) {
        return ngx_errno;
    }

    err = ngx_http_pintag_spool_lock(fd, name, LOCK_EX, &st);

    /* locked, "st" is set: NOLINTNEXTLINE(clang-analyzer-core.*) */
    if (err == 0 && st.st_size && st.st_size + (off_t) len > max / 2) {
        err = ngx_http_pintag_spool_rotate(name, old, dropped);

        if (err == 0) {
            err = NGX_EAGAIN;
        }
    }

    if (err == 0) {
        err = ngx_http_pintag_spool_file_write(fd, data, len, st.st_size);

        if (err == 0 && fdatasync(fd) == -1) {
            err = ngx_errno;
        }

        if (err == 0) {
            err = ngx_http_pintag_spool_same(name, &st);

        } else if (ftruncate(fd, st.st_size) == -1) {
            err = ngx_errno;
        }
    }

    (void) close(fd);

    return err;
}


static ngx_err_t
ngx_http_pintag_spool_rotate(char *name, char *old, ngx_uint_t *dropped)
{
    u_char      buf[4096], *p, *last;
    ssize_t     n;
    ngx_fd_t    fd;
    ngx_uint_t  lines;

    lines = 0;

    fd = open(old, O_RDONLY|O_CLOEXEC|O_NOFOLLOW);

    if (fd != -1) {

        while ((n = read(fd, buf, sizeof(buf))) > 0) {
            last = buf + n;

            for (p = buf; (p = ngx_strlchr(p, last, LF)) != NULL; p++) {
                lines++;
            }
        }

        (void) close(fd);
    }

    if (rename(name, old) == -1) {
        return ngx_errno;
    }

    *dropped += lines;

    return 0;
}
