
/*
 * Copyright (C) the ngx_http_pintag_module authors
 *
 * Files of the spool.  What touches the disk here blocks, and is called by
 * tasks of the thread pool; it neither logs nor allocates from nginx's pools.
 */


#ifndef _NGX_HTTP_PINTAG_SPOOL_FILE_H_INCLUDED_
#define _NGX_HTTP_PINTAG_SPOOL_FILE_H_INCLUDED_


#include "ngx_http_pintag_module.h"
#include "ngx_http_pintag_delivery.h"


#define NGX_HTTP_PINTAG_SPOOL_SUFFIX  ".spool"


typedef struct {
    u_char                         *data;
    size_t                          len;
    size_t                          size;
} ngx_http_pintag_spool_bytes_t;


/* lines that are to be read: all, or those of one destination */

typedef struct {
    ngx_queue_t                     queue;
    off_t                           from;
    off_t                           to;
    ngx_http_pintag_destination_t  *destination;
} ngx_http_pintag_spool_range_t;


struct ngx_http_pintag_spool_file_s {
    ngx_queue_t                     queue;
    char                           *name;       /* its path */
    size_t                          size;       /* of the name's memory */
    ngx_fd_t                        fd;
    time_t                          modified;   /* of one that was adopted */
    time_t                          born;       /* its oldest line, 0: ? */
    off_t                           end;

    ngx_uint_t                      live;       /* lines known as pending */
    ngx_uint_t                      held;       /* of these, in memory */
    ngx_uint_t                      settling;   /* that are being settled */

    /* offsets of those that are delivered, which the file does not say yet */
    ngx_queue_t                     unsettled;  /* while there are some */
    ngx_http_pintag_spool_bytes_t   offsets;

    ngx_queue_t                     ranges;
    off_t                           found;      /* counted up to there */
    time_t                          unreadable; /* until then it is */
    ngx_uint_t                      damages;    /* that were told of */

    /*
     * Of "live", lines that nothing can be done about for now: they are for
     * destinations that are not there, or there was no memory for them.  When
     * there are no others, they are looked at again then.
     */
    ngx_uint_t                      stranded;
    time_t                          recheck;

    unsigned                        adopted:1;  /* it was another's */
    unsigned                        reading:1;
    unsigned                        read:1;     /* some of it was */
    unsigned                        damaged:1;
    unsigned                        dirty:1;
    unsigned                        removed:1;
    unsigned                        homeless:1; /* was told of, see above */
};


/*
 * A file of the folder "path", with room for a name in it; NULL without memory,
 * logged.  It is not there yet: its descriptor is NGX_INVALID_FILE.
 */
ngx_http_pintag_spool_file_t *ngx_http_pintag_spool_file_alloc(ngx_str_t *path,
    size_t name);

/*
 * "len" more bytes, to be filled in and added to "len" of "bytes"; NULL without
 * memory, logged.
 */
u_char *ngx_http_pintag_spool_bytes(ngx_http_pintag_spool_bytes_t *bytes,
    size_t len);

/* empties them, of much memory but a part */
void ngx_http_pintag_spool_bytes_reset(ngx_http_pintag_spool_bytes_t *bytes);

void ngx_http_pintag_spool_bytes_free(ngx_http_pintag_spool_bytes_t *bytes);

/* closes what is open */
void ngx_http_pintag_spool_file_free(ngx_http_pintag_spool_file_t *file);

/* all of a queue */
void ngx_http_pintag_spool_files_free(ngx_queue_t *files);

/*
 * Lines from "from" to "to" are to be read, all or those of a destination: the
 * range that they are in.  NULL without memory, logged.
 */
ngx_http_pintag_spool_range_t *ngx_http_pintag_spool_file_range(
    ngx_http_pintag_spool_file_t *file, off_t from, off_t to,
    ngx_http_pintag_destination_t *destination);

/* one of its live lines, or more, is stranded for a while */
void ngx_http_pintag_spool_file_strand(ngx_http_pintag_spool_file_t *file,
    time_t until);


/* These give 0 or an error number. */

/* makes a file under a new name in the folder, locked, with its header */
ngx_err_t ngx_http_pintag_spool_file_create(ngx_http_pintag_spool_file_t *file,
    ngx_str_t *path);

/*
 * Opens the file and locks it: NGX_EAGAIN when it is another's, or gone.
 * "*size" is set wherever there is a file.
 */
ngx_err_t ngx_http_pintag_spool_file_adopt(ngx_http_pintag_spool_file_t *file,
    off_t *size);

/* all of "len" bytes at "offset", or nothing */
ngx_err_t ngx_http_pintag_spool_file_write(ngx_fd_t fd, u_char *data,
    size_t len, off_t offset);

/* removes it, if it is there, or puts it aside when some of it is damaged */
ngx_err_t ngx_http_pintag_spool_file_remove(ngx_http_pintag_spool_file_t *file);

/*
 * Appends lines to the log of what is undelivered.  When that has come to half
 * of "max" bytes it becomes the old one; "*dropped" is increased by the number
 * of lines of the one before.
 */
ngx_err_t ngx_http_pintag_spool_undelivered(ngx_str_t *path, u_char *data,
    size_t len, off_t max, ngx_uint_t *dropped);


#endif /* _NGX_HTTP_PINTAG_SPOOL_FILE_H_INCLUDED_ */
