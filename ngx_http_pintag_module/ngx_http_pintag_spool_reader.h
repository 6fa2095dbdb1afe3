
/*
 * Copyright (C) the ngx_http_pintag_module authors
 *
 * Reads what is in the spool and in nobody's memory: files without an owner,
 * which are adopted, and lines that found no room in memory when they were
 * stored.  A piece at a time, by one task of the thread pool, while there is
 * room at the destinations.
 */


#ifndef _NGX_HTTP_PINTAG_SPOOL_READER_H_INCLUDED_
#define _NGX_HTTP_PINTAG_SPOOL_READER_H_INCLUDED_


#include "ngx_http_pintag_module.h"
#include "ngx_http_pintag_spool_file.h"


typedef struct ngx_http_pintag_spool_reader_s  ngx_http_pintag_spool_reader_t;


/* NULL without memory */
ngx_http_pintag_spool_reader_t *ngx_http_pintag_spool_reader(
    ngx_cycle_t *cycle, ngx_http_pintag_spool_t *spool);

/* looks for files without an owner, when it next is at leisure */
void ngx_http_pintag_spool_scan(ngx_http_pintag_spool_reader_t *reader);

/* there may be something to read, or room for it */
void ngx_http_pintag_spool_read(ngx_http_pintag_spool_reader_t *reader);

/* the process ends, the thread pool has ended */
void ngx_http_pintag_spool_reader_exit(ngx_http_pintag_spool_reader_t *reader);


#endif /* _NGX_HTTP_PINTAG_SPOOL_READER_H_INCLUDED_ */
