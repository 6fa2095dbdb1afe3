
/*
 * Copyright (C) the ngx_http_pintag_module authors
 *
 * Writes the spool, a group at a time.
 */


#ifndef _NGX_HTTP_PINTAG_SPOOL_WRITER_H_INCLUDED_
#define _NGX_HTTP_PINTAG_SPOOL_WRITER_H_INCLUDED_


#include "ngx_http_pintag_module.h"
#include "ngx_http_pintag_spool_commit.h"


/*
 * There is something to write: it is when this turn of the event loop ends
 * ("soon"), or a little later, and in any case after what is being written.
 * Those that there was no room for do not wait for that.
 */
void ngx_http_pintag_spool_wake(ngx_http_pintag_spool_t *spool,
    ngx_uint_t soon);

/* the handler of the event "start" */
void ngx_http_pintag_spool_start(ngx_event_t *ev);

/* tells those that there was no room for */
void ngx_http_pintag_spool_refuse(ngx_http_pintag_spool_t *spool);

/* tells the blocks of a group that they are not stored, and empties it */
void ngx_http_pintag_spool_refuse_group(ngx_queue_t *queue, char *reason);

/* adds about "max" delivered lines to those that the group settles */
void ngx_http_pintag_spool_gather(ngx_http_pintag_spool_t *spool,
    ngx_http_pintag_spool_group_t *group, ngx_uint_t max);

/*
 * Chooses the file that the group goes to, and whether it is synced.  NGX_OK,
 * or NGX_ERROR without memory, logged.
 */
ngx_int_t ngx_http_pintag_spool_aim(ngx_http_pintag_spool_t *spool,
    ngx_http_pintag_spool_group_t *group);

/* a group has been written, or could not be */
void ngx_http_pintag_spool_committed(ngx_http_pintag_spool_t *spool,
    ngx_http_pintag_spool_group_t *group);

/* tells of what has made room in "undelivered" */
void ngx_http_pintag_spool_dropped(ngx_http_pintag_spool_t *spool,
    ngx_http_pintag_spool_group_t *group);

/* what is being written takes so long that nobody waits for it any more */
void ngx_http_pintag_spool_stalled(ngx_http_pintag_spool_t *spool);

/* nothing more goes to the file that is appended to */
void ngx_http_pintag_spool_retire(ngx_http_pintag_spool_t *spool);

/* what could not be removed is to be, with the next group */
void ngx_http_pintag_spool_remove(ngx_http_pintag_spool_t *spool);

/* what could not be noted as undelivered is tried again */
void ngx_http_pintag_spool_unstick(ngx_http_pintag_spool_t *spool);


#endif /* _NGX_HTTP_PINTAG_SPOOL_WRITER_H_INCLUDED_ */
