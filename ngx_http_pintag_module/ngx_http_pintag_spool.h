
/*
 * Copyright (C) the ngx_http_pintag_module authors
 *
 * The spool of a worker: deliveries as lines of files, see docs/spool.md.
 *
 * One file is appended to.  What came within one turn of the event loop, or
 * while the last group was being written, is one group: one write, one sync,
 * by one task of the thread pool at a time.  Lines are settled in place with
 * the group that follows.
 *
 * A file is locked by the worker it belongs to.  Files without an owner are
 * adopted, and read when there is room in memory, as is what found no room in
 * memory when it was stored.  A file all of whose lines are settled is removed.
 */


#ifndef _NGX_HTTP_PINTAG_SPOOL_H_INCLUDED_
#define _NGX_HTTP_PINTAG_SPOOL_H_INCLUDED_


#include "ngx_http_pintag_module.h"
#include "ngx_http_pintag_delivery.h"
#include "ngx_http_pintag_spool_commit.h"
#include "ngx_http_pintag_spool_file.h"
#include "ngx_http_pintag_spool_reader.h"
#include "ngx_http_pintag_spool_writer.h"

#include "core/spool_line.h"


/* files that a worker has open, about */
#define NGX_HTTP_PINTAG_SPOOL_OPEN  512


struct ngx_http_pintag_spool_conf_s {
    ngx_path_t                     *path;
    off_t                           max_size;
    off_t                           file_size;
    time_t                          max_age;
    ngx_msec_t                      sync;       /* 0: with each commit */
    off_t                           undelivered_size;
    ngx_str_t                       pool;       /* of threads */
};


struct ngx_http_pintag_spool_s {
    ngx_http_pintag_main_conf_t    *main_conf;
    ngx_http_pintag_spool_conf_t   *conf;

    ngx_queue_t                     files;      /* that this worker owns */
    ngx_uint_t                      open;       /* how many these are */
    ngx_http_pintag_spool_file_t   *current;    /* that is appended to */

    ngx_http_pintag_spool_group_t  *next;       /* is being filled */
    ngx_http_pintag_spool_group_t  *running;    /* NULL: none is */
    ngx_http_pintag_spool_group_t  *idle;       /* the other one */
    ngx_http_pintag_spool_group_t  *stuck;      /* undelivered, later again */
    ngx_queue_t                     unsettled;  /* of files */
    ngx_queue_t                     refused;    /* of deliveries */
    ngx_queue_t                     stay;       /* of files that could not be
                                                   removed, later again */
    ngx_event_t                     start;      /* posted, or a timer */

    ngx_http_pintag_spool_reader_t *reader;
    ngx_event_t                     tick;       /* timer: every second */

    off_t                           size;       /* of all files */
    uint64_t                        sequence;   /* of lines in a file */
    uint64_t                        undelivered;
    ngx_msec_t                      synced;     /* when it last was */
    ngx_msec_t                      started;    /* when "running" was */
    ngx_msec_t                      looked;     /* at the folder */
    ngx_msec_t                      failing;    /* until then it refuses */
    char                           *failure;    /* why, static */
    ngx_msec_t                      complained;
    char                           *complaint;

    unsigned                        leaving:1;  /* nothing is adopted */
};


/* opens the spool of this worker; NGX_OK, or NGX_ERROR, logged */
ngx_int_t ngx_http_pintag_spool_init(ngx_cycle_t *cycle,
    ngx_http_pintag_main_conf_t *pmcf);

/*
 * Stores what of the deliveries is pending and not in the spool.
 * ngx_http_pintag_deliveries_stored() tells, later, what came of it.
 */
void ngx_http_pintag_spool_store(ngx_http_pintag_spool_t *spool,
    ngx_http_pintag_deliveries_t *deliveries);

/*
 * The line of a delivery is settled: Pinterest has it (a NULL reason), or it is
 * undelivered.  The line is no longer the delivery's.  NGX_DECLINED: it could
 * not be noted as undelivered, and will be read and sent again.
 */
ngx_int_t ngx_http_pintag_spool_settle(ngx_http_pintag_spool_t *spool,
    ngx_http_pintag_delivery_t *delivery, char *reason);

/* the same of a line that was read and is in nobody's memory */
ngx_int_t ngx_http_pintag_spool_give_up(ngx_http_pintag_spool_t *spool,
    ngx_http_pintag_spool_file_t *file, off_t offset,
    pintag_spool_line_t *line, char *reason);

/*
 * 1: so much is to be noted as undelivered that more would find no room, and it
 * is on its way to the disk
 */
ngx_uint_t ngx_http_pintag_spool_crowded(ngx_http_pintag_spool_t *spool);

/* one without a line of its own is undelivered */
void ngx_http_pintag_spool_note(ngx_http_pintag_spool_t *spool,
    ngx_http_pintag_delivery_t *delivery, char *reason);

/* names in the log what could not be noted; its bytes are changed */
void ngx_http_pintag_spool_unnoted(ngx_http_pintag_spool_bytes_t *undelivered);

/* the line of a delivery stays, to be sent by who owns the file next */
void ngx_http_pintag_spool_drop(ngx_http_pintag_spool_t *spool,
    ngx_http_pintag_delivery_t *delivery);

/* the line of a delivery stays, to be read again when there is room for it */
void ngx_http_pintag_spool_rest(ngx_http_pintag_spool_t *spool,
    ngx_http_pintag_delivery_t *delivery);

/* 1 when it was stored so long ago that it is tried no more */
ngx_uint_t ngx_http_pintag_spool_expired(ngx_http_pintag_spool_t *spool,
    time_t stored);

/* 1 while something is to be written */
ngx_uint_t ngx_http_pintag_spool_busy(ngx_http_pintag_spool_t *spool);

/* the worker leaves: nothing is adopted or read any more */
void ngx_http_pintag_spool_leave(ngx_http_pintag_spool_t *spool);

/*
 * The process ends, the thread pool has ended: writes at once what nobody else
 * has, of this worker's memory, and closes all files.
 */
void ngx_http_pintag_spool_exit(ngx_http_pintag_spool_t *spool);


/* removes the file, or gives it back, when nothing more is to be done there */
void ngx_http_pintag_spool_check(ngx_http_pintag_spool_t *spool,
    ngx_http_pintag_spool_file_t *file);

#if (NGX_THREADS)

/* starts a task; NGX_ERROR, logged: the thread pool does not take it */
ngx_int_t ngx_http_pintag_spool_post(ngx_http_pintag_spool_t *spool,
    ngx_thread_task_t *task);

#endif

/* says in the log, once a minute for each "what", that it cannot do it */
void ngx_http_pintag_spool_complain(ngx_http_pintag_spool_t *spool,
    ngx_err_t err, char *what, char *name);


#endif /* _NGX_HTTP_PINTAG_SPOOL_H_INCLUDED_ */
