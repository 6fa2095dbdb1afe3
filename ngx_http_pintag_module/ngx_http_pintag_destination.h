
/*
 * Copyright (C) the ngx_http_pintag_module authors
 *
 * Destinations: where deliveries wait, how many are in flight, when sending
 * stops and is tried again.  A destination is one tag reached through one
 * internal location of one server block; all places of the configuration that
 * reach it share its window and its back-off.  Its state is the worker's own.
 *
 * Back-off belongs to the destination: after a failure that may pass, nothing
 * is sent to it for a random time up to min(max, min * 2^n), then one delivery
 * at a time, a probe, until one succeeds.  Attempts belong to the delivery:
 * what waits meanwhile uses up none.
 */


#ifndef _NGX_HTTP_PINTAG_DESTINATION_H_INCLUDED_
#define _NGX_HTTP_PINTAG_DESTINATION_H_INCLUDED_


#include "ngx_http_pintag_module.h"


/*
 * Registers a tag at configuration time, or finds it where another location
 * registered it.  When the values of that location differ, "*conflict" is set
 * to what it registered, and NULL given; NULL without it: no memory.
 */
ngx_http_pintag_destination_t *ngx_http_pintag_destination_add(
    ngx_conf_t *cf, ngx_http_pintag_loc_conf_t *plcf, ngx_str_t *tag_id,
    ngx_http_pintag_destination_t **conflict);


struct ngx_http_pintag_destination_s {
    ngx_http_pintag_main_conf_t    *main_conf;
    ngx_http_core_srv_conf_t       *server;
    ngx_http_pintag_loc_conf_t     *plcf;       /* that registered it */
    ngx_str_t                       tag_id;
    ngx_str_t                       uri;
    ngx_str_t                       label;      /* "tag 2612826764086" */

    ngx_queue_t                     lanes;      /* where something waits */
    ngx_uint_t                      in_flight;
    ngx_uint_t                      failures;   /* in a row; 0: all is well */
    ngx_event_t                     retry;      /* timer: sending stopped */
    ngx_event_t                     pump;

    unsigned                        probing:1;
};


/*
 * The worker has no time left: what waits and what comes back without success
 * fails, as "shutdown".
 */
void ngx_http_pintag_destinations_end(ngx_http_pintag_main_conf_t *pmcf);

/* milliseconds until something is sent to it again; 0: it is not stopped */
ngx_msec_t ngx_http_pintag_destination_stopped(
    ngx_http_pintag_destination_t *destination);


#endif /* _NGX_HTTP_PINTAG_DESTINATION_H_INCLUDED_ */
