
/*
 * Copyright (C) the ngx_http_pintag_module authors
 *
 * pintag_status: the counters of the zone, as JSON or for Prometheus.
 */


#ifndef _NGX_HTTP_PINTAG_STATUS_H_INCLUDED_
#define _NGX_HTTP_PINTAG_STATUS_H_INCLUDED_


#include "ngx_http_pintag_module.h"
#include "ngx_http_pintag_destination.h"
#include "ngx_http_pintag_zone.h"

#include "core/text.h"


/* what all processes together have of one destination, and of its twins */

typedef struct {
    ngx_http_pintag_destination_t  *destination;
    ngx_http_pintag_counters_t      counters;
    ngx_uint_t                      pending;
    ngx_uint_t                      spooled;
    ngx_uint_t                      in_flight;
    ngx_uint_t                      window;
    ngx_uint_t                      stopped;     /* processes */
    ngx_uint_t                      misconfigured;   /* processes */
} ngx_http_pintag_totals_t;


struct ngx_http_pintag_status_s {
    ngx_http_pintag_zone_t         *zone;
    ngx_http_pintag_totals_t       *totals;
    ngx_uint_t                      n;
    ngx_uint_t                      workers;
    ngx_uint_t                      queued;
    size_t                          queued_size;
    ngx_uint_t                      fullest;       /* of one process */
    size_t                          fullest_size;
    ngx_uint_t                      spooled;
    off_t                           spool_size;
    time_t                          oldest;       /* age in seconds */
};


/* pintag_status */
char *ngx_http_pintag_set_status(ngx_conf_t *cf, ngx_command_t *cmd,
    void *conf);

/* an "if" or a "limit_except" in its location, "clcf", "conf", is one, too */
void ngx_http_pintag_status_inherit(ngx_http_core_loc_conf_t *clcf,
    ngx_http_pintag_loc_conf_t *prev, ngx_http_pintag_loc_conf_t *conf);

/* writes it as JSON, and in Prometheus' text format 0.0.4 */
void ngx_http_pintag_status_json(ngx_http_pintag_status_t *status,
    pintag_buf_t *buf);
void ngx_http_pintag_status_prometheus(ngx_http_pintag_status_t *status,
    pintag_buf_t *buf);

/* the names of what is counted, by their enums and numbers */
const char *ngx_http_pintag_status_outcome(ngx_uint_t outcome);
const char *ngx_http_pintag_status_type(ngx_uint_t type);
const char *ngx_http_pintag_status_transport(ngx_uint_t transport);
const char *ngx_http_pintag_status_class(ngx_uint_t status);

/* seconds, with three decimals */
void ngx_http_pintag_status_seconds(pintag_buf_t *buf, uint64_t msec);


#endif /* _NGX_HTTP_PINTAG_STATUS_H_INCLUDED_ */
