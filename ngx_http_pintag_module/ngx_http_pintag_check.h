
/*
 * Copyright (C) the ngx_http_pintag_module authors
 *
 * Checks of a configuration, which log what is wrong and what would be right.
 */


#ifndef _NGX_HTTP_PINTAG_CHECK_H_INCLUDED_
#define _NGX_HTTP_PINTAG_CHECK_H_INCLUDED_


#include "ngx_http_pintag_module.h"


/* pintag_status needs a pintag_zone; NGX_CONF_OK, or NGX_CONF_ERROR, logged */
char *ngx_http_pintag_check_status(ngx_conf_t *cf,
    ngx_http_pintag_loc_conf_t *plcf);

/* whether pintag_ack promises what can be kept */
char *ngx_http_pintag_check_ack(ngx_conf_t *cf,
    ngx_http_pintag_loc_conf_t *plcf);

/* whether pintag_privacy_signal has what Pinterest asks for; it only warns */
void ngx_http_pintag_check_signal(ngx_conf_t *cf,
    ngx_http_pintag_loc_conf_t *plcf);

/*
 * Whether a destination's location is there, once all of them are known; it
 * warns of one that would send to whoever says to be Pinterest.
 */
ngx_int_t ngx_http_pintag_check_pass(ngx_conf_t *cf,
    ngx_http_pintag_destination_t *destination);

/* whether the event method works with threads, if it is known already */
ngx_int_t ngx_http_pintag_check_events(ngx_cycle_t *cycle);


#endif /* _NGX_HTTP_PINTAG_CHECK_H_INCLUDED_ */
