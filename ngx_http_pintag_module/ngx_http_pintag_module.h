
/*
 * Copyright (C) the ngx_http_pintag_module authors
 */


#ifndef _NGX_HTTP_PINTAG_MODULE_H_INCLUDED_
#define _NGX_HTTP_PINTAG_MODULE_H_INCLUDED_


#include <ngx_config.h>
#include <ngx_core.h>
#include <ngx_http.h>

#include "core/event.h"
#include "core/integrations.h"


#define NGX_HTTP_PINTAG_VERSION  "0.1.0"


typedef struct ngx_http_pintag_destination_s  ngx_http_pintag_destination_t;
typedef struct ngx_http_pintag_spool_s        ngx_http_pintag_spool_t;
typedef struct ngx_http_pintag_spool_conf_s   ngx_http_pintag_spool_conf_t;
typedef struct ngx_http_pintag_origins_s      ngx_http_pintag_origins_t;
typedef struct ngx_http_pintag_zone_s         ngx_http_pintag_zone_t;
typedef struct ngx_http_pintag_status_s       ngx_http_pintag_status_t;


/* what a 2xx tells a client, pintag_ack */

typedef enum {
    NGX_HTTP_PINTAG_ACK_DELIVERED = 0,
    NGX_HTTP_PINTAG_ACK_STORED,
    NGX_HTTP_PINTAG_ACK_RECEIVED
} ngx_http_pintag_ack_e;


/* see ngx_http_pintag_intake.h */

typedef struct {
    ngx_queue_t                      requests;    /* of this turn */
    ngx_event_t                      event;

    /* memory for one request after the other */
    pintag_arena_t                   arena;
    pintag_arena_t                   scratch;     /* of a conversion */
    pintag_buf_t                     bytes;       /* of encoded deliveries */
} ngx_http_pintag_intake_t;


typedef struct {
    ngx_array_t                      integrations;
                                       /* of ngx_http_pintag_integrations_t */
    ngx_array_t                      destinations;
                                     /* of ngx_http_pintag_destination_t * */

    ngx_http_pintag_spool_conf_t    *spool_conf;  /* NULL: off */
    ngx_uint_t                       queue_max;   /* deliveries */
    size_t                           queue_size;  /* bytes of them */
    ngx_http_pintag_zone_t          *zone;        /* NULL: off */
    ngx_uint_t                       logged;      /* $pintag_... is used */

    /* of this worker */

    ngx_http_pintag_spool_t         *spool;       /* NULL: off */
    ngx_http_pintag_intake_t         intake;

    ngx_queue_t                      deliveries;
                                     /* of ngx_http_pintag_deliveries_t */
    ngx_uint_t                       queued;      /* deliveries of clients */
    size_t                           queued_size;
    ngx_event_t                      hold;        /* while something is owed */

    ngx_queue_t                      couriers;    /* parked */
    ngx_queue_t                      away;        /* of those that were sent */
    ngx_queue_t                      unconnected; /* without a connection */
    ngx_uint_t                       parked;

    ngx_connection_t                *leave;       /* hears that it leaves */
    ngx_connection_t                *watch;       /* for the end of its time */
    unsigned                         ended:1;     /* worker_shutdown_timeout */
    unsigned                         full:1;      /* it was, and is nearly */
} ngx_http_pintag_main_conf_t;


/* where an entry of integrations.yaml sends to; NULL: it does not */

typedef struct {
    ngx_http_pintag_destination_t   *tag;
    ngx_http_pintag_destination_t   *api;
} ngx_http_pintag_entry_t;


/* an integrations.yaml, read once for all the places that name it */

typedef struct {
    ngx_str_t                        path;
    pintag_integrations_t           *integrations;
    pintag_event_t                  *event;
} ngx_http_pintag_integrations_t;


typedef struct {
    pintag_integrations_t           *integrations;   /* NULL: off */
    pintag_event_t                  *event;          /* to read events with */

    ngx_str_t                        pass;           /* no trailing slash */
    u_char                          *pass_file;      /* where pintag_pass is */
    ngx_uint_t                       pass_line;

    size_t                           max_body;
    ngx_uint_t                       max_events;
    pintag_list_t                   *write_keys;     /* NULL: off */
    ngx_http_pintag_origins_t       *origins;        /* NULL: off */
    ngx_array_t                     *skip;   /* of ngx_http_complex_value_t */
    ngx_flag_t                       preview;

    /* what "Sec-GPC: 1" and "DNT: 1" mean: pintag_signal_e */
    ngx_uint_t                       gpc;
    ngx_uint_t                       dnt;

    ngx_uint_t                       ack;            /* pintag_ack */
    ngx_msec_t                       ack_timeout;
    ngx_uint_t                       tag_window;
    ngx_uint_t                       api_window;
    ngx_uint_t                       batch_events;
    size_t                           batch_size;
    size_t                           max_event;
    ngx_uint_t                       attempts;
    ngx_msec_t                       retry_min;
    ngx_msec_t                       retry_max;

    ngx_str_t                        fallback_uri;   /* empty: off */
    ngx_str_t                        fallback_expect;

    /* with "pass": one for each entry of "integrations" */
    ngx_http_pintag_entry_t         *entries;
    ngx_http_pintag_destination_t   *fallback;       /* NULL: none */
    ngx_uint_t                       destinations;   /* how many these are */

    /* pintag_status: what writes it, and where the directive is */
    void                           (*status)(ngx_http_pintag_status_t *status,
                                             pintag_buf_t *buf);
    u_char                          *status_file;
    ngx_uint_t                       status_line;
} ngx_http_pintag_loc_conf_t;


/* bytes of a text in the log, of those that clients choose */
#define NGX_HTTP_PINTAG_LOG_TEXT  128


/* the text as one line of the log shows it, of "size" bytes at most in "dst" */
ngx_str_t ngx_http_pintag_log_text(ngx_str_t *text, u_char *dst, size_t size);

/*
 * 1 when it is time for another line of the log, "interval" milliseconds after
 * the one that "*last" keeps the time of, which is then set.
 */
ngx_uint_t ngx_http_pintag_log_due(ngx_msec_t *last, ngx_msec_t interval);

/* the same text for the core; borrows */
pintag_str_t ngx_http_pintag_text(ngx_str_t *value);

/* pintag_alloc_pt on a pool, which is its "data" */
void *ngx_http_pintag_palloc(void *pool, size_t size);


extern ngx_module_t  ngx_http_pintag_module;


#endif /* _NGX_HTTP_PINTAG_MODULE_H_INCLUDED_ */
