
/*
 * Copyright (C) the ngx_http_pintag_module authors
 *
 * Group commit: what a task of the thread pool writes to the spool at once.
 */


#ifndef _NGX_HTTP_PINTAG_SPOOL_COMMIT_H_INCLUDED_
#define _NGX_HTTP_PINTAG_SPOOL_COMMIT_H_INCLUDED_


#include "ngx_http_pintag_module.h"
#include "ngx_http_pintag_delivery.h"
#include "ngx_http_pintag_spool_file.h"


typedef struct ngx_http_pintag_spool_group_s  ngx_http_pintag_spool_group_t;


typedef struct {
    ngx_http_pintag_spool_file_t   *file;
    off_t                           offset;
    u_char                          state;
} ngx_http_pintag_spool_settle_t;


struct ngx_http_pintag_spool_group_s {
    ngx_http_pintag_spool_t        *spool;

#if (NGX_THREADS)
    ngx_thread_task_t               task;
#endif

    ngx_queue_t                     deliveries; /* blocks of them */
    ngx_http_pintag_spool_bytes_t   lines;      /* theirs */
    ngx_http_pintag_spool_file_t   *file;       /* that they go to */
    off_t                           offset;
    ngx_http_pintag_spool_file_t   *older;      /* is synced with it, or NULL */

    ngx_http_pintag_spool_bytes_t   undelivered;

    /* of ngx_http_pintag_spool_settle_t */
    ngx_http_pintag_spool_bytes_t   settles;

    ngx_queue_t                     removed;    /* of files, these are to be */
    ngx_queue_t                     gone;       /* of files, these were */

    /* what came of it */
    ngx_err_t                       err;        /* of the lines */
    char                           *what;       /* failed */
    ngx_err_t                       undelivered_err;
    ngx_err_t                       settle_err;
    ngx_err_t                       remove_err;
    ngx_http_pintag_spool_file_t   *stays;      /* one with that error */
    ngx_uint_t                      dropped;    /* of the undelivered */

    unsigned                        sync:1;     /* "file" */
    unsigned                        broken:1;   /* no more goes to "file" */
};


void ngx_http_pintag_spool_group_init(ngx_http_pintag_spool_group_t *group,
    ngx_http_pintag_spool_t *spool);

/* 1 when there is nothing to write in it */
ngx_uint_t ngx_http_pintag_spool_group_empty(
    ngx_http_pintag_spool_group_t *group);

/*
 * A line is to be settled; NGX_ERROR without memory, logged: it stays pending.
 */
ngx_int_t ngx_http_pintag_spool_group_settle(
    ngx_http_pintag_spool_group_t *group, ngx_http_pintag_spool_file_t *file,
    off_t offset, u_char state);

/*
 * Starts to write it: ngx_http_pintag_spool_committed() is called when that
 * has ended.  NGX_ERROR: no task could be started.
 */
ngx_int_t ngx_http_pintag_spool_group_start(
    ngx_http_pintag_spool_group_t *group);

/* writes it, of this thread */
void ngx_http_pintag_spool_group_write(ngx_http_pintag_spool_group_t *group);

/* empties it for the next use */
void ngx_http_pintag_spool_group_reset(ngx_http_pintag_spool_group_t *group);

/* its buffers, and the files of its queues, when the process ends */
void ngx_http_pintag_spool_group_free(ngx_http_pintag_spool_group_t *group);


#endif /* _NGX_HTTP_PINTAG_SPOOL_COMMIT_H_INCLUDED_ */
