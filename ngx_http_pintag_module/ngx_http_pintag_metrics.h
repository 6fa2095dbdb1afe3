
/*
 * Copyright (C) the ngx_http_pintag_module authors
 *
 * What is counted, where it happens.  Each of these does nothing without a
 * pintag_zone.
 */


#ifndef _NGX_HTTP_PINTAG_METRICS_H_INCLUDED_
#define _NGX_HTTP_PINTAG_METRICS_H_INCLUDED_


#include "ngx_http_pintag_module.h"
#include "ngx_http_pintag_delivery.h"
#include "ngx_http_pintag_zone.h"

#include "core/event.h"


/* a request was answered "error": none of its events was taken */
void ngx_http_pintag_count_error(ngx_http_request_t *r, const char *error);

/* an event came */
void ngx_http_pintag_count_event(ngx_http_pintag_main_conf_t *pmcf,
    pintag_event_type_e type);

/* an event makes no delivery for a destination, for a static reason */
void ngx_http_pintag_count_none(ngx_http_pintag_destination_t *destination,
    ngx_http_pintag_count_e outcome, const char *reason);

/* a delivery was taken on, from a client */
void ngx_http_pintag_count_taken(ngx_http_pintag_delivery_t *delivery);

/* it has a line in the spool from now on; may be called again */
void ngx_http_pintag_count_stored(ngx_http_pintag_delivery_t *delivery);

/* a line of the spool was found that no process knew of */
void ngx_http_pintag_count_found(ngx_http_pintag_destination_t *destination);

/* such a line has ended, without a delivery */
void ngx_http_pintag_count_expired(ngx_http_pintag_destination_t *destination,
    const char *reason);

/* what became of a delivery for good; "reason" is static, or NULL */
void ngx_http_pintag_count_done(ngx_http_pintag_delivery_t *delivery,
    ngx_http_pintag_count_e outcome, const char *reason);

/* it is tried again */
void ngx_http_pintag_count_retry(ngx_http_pintag_delivery_t *delivery);

/* a request left, with so many deliveries and bytes of payload */
void ngx_http_pintag_count_sent(ngx_http_pintag_destination_t *destination,
    ngx_uint_t n, size_t bytes);

/* its answer came: a status, or 0 */
void ngx_http_pintag_count_answer(ngx_http_pintag_destination_t *destination,
    ngx_uint_t status);

/* what a process has just now at a destination, and in all */
void ngx_http_pintag_count_state(ngx_http_pintag_destination_t *destination);
void ngx_http_pintag_count_queue(ngx_http_pintag_main_conf_t *pmcf);

/*
 * every second: bytes of all files of the spool; the oldest line of its own
 * files, or 0
 */
void ngx_http_pintag_count_spool(ngx_http_pintag_main_conf_t *pmcf, off_t size,
    time_t oldest);

/* so many undelivered events were dropped, undelivered_size was reached */
void ngx_http_pintag_count_dropped(ngx_http_pintag_main_conf_t *pmcf,
    ngx_uint_t n);

/* the spool is left to others */
void ngx_http_pintag_count_leave(ngx_http_pintag_main_conf_t *pmcf);

/* adds the upper limit of a bucket of the durations, in seconds */
void ngx_http_pintag_bucket_text(pintag_buf_t *buf, ngx_uint_t i);


#endif /* _NGX_HTTP_PINTAG_METRICS_H_INCLUDED_ */
