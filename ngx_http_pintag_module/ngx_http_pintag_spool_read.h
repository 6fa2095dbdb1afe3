
/*
 * Copyright (C) the ngx_http_pintag_module authors
 *
 * The reader's pieces: what is looked up and read by tasks of the thread pool,
 * and what becomes of the lines then.
 */


#ifndef _NGX_HTTP_PINTAG_SPOOL_READ_H_INCLUDED_
#define _NGX_HTTP_PINTAG_SPOOL_READ_H_INCLUDED_


#include "ngx_http_pintag_module.h"
#include "ngx_http_pintag_spool_file.h"
#include "ngx_http_pintag_spool_reader.h"

#include "core/spool_line.h"


/* of deliveries in memory that were read, for each destination */
#define NGX_HTTP_PINTAG_READER_BACKLOG   2048

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
    uint32_t                        hash;        /* of the name */
    char                            name[NGX_MAX_PATH];
} ngx_http_pintag_spool_unusable_t;


struct ngx_http_pintag_spool_reader_s {
    ngx_http_pintag_spool_t        *spool;

#if (NGX_THREADS)
    ngx_thread_task_t               task;
#endif

    ngx_event_t                     wake;        /* posted */

    /* a look at the folder */
    ngx_uint_t                      files;       /* to be adopted yet */
    off_t                           room;        /* bytes of them */
    ngx_queue_t                     adopted;     /* files */
    off_t                           size;        /* of all */
    ngx_err_t                       err;
    ngx_http_pintag_spool_unusable_t
                                    unusable;    /* one that is */
    uint32_t                        told[NGX_HTTP_PINTAG_READER_TOLD];
    ngx_uint_t                      ntold;

    /* a piece of a file */
    ngx_http_pintag_spool_file_t   *file;
    ngx_http_pintag_spool_range_t   range;
    off_t                           next;        /* where it goes on */
    ngx_http_pintag_spool_file_t   *last;        /* the piece before this */
    off_t                           last_next;
    u_char                         *buf;
    size_t                          buf_size;
    ngx_http_pintag_spool_bytes_t   rows;

    unsigned                        busy:1;
    unsigned                        scanning:1;
    unsigned                        due:1;       /* a look is */
    unsigned                        more:1;      /* files to look at */
};


/*
 * For tasks: looks for files without an owner, and for the size of all; reads
 * what there is of "range" at its start, up to "next", into "rows".
 */
void ngx_http_pintag_reader_look(ngx_http_pintag_spool_reader_t *reader);
void ngx_http_pintag_reader_piece(ngx_http_pintag_spool_reader_t *reader);

/* for the event loop: what was read goes to its destinations */
void ngx_http_pintag_reader_rows(ngx_http_pintag_spool_reader_t *reader);


#endif /* _NGX_HTTP_PINTAG_SPOOL_READ_H_INCLUDED_ */
