
/*
 * Copyright (C) the ngx_http_pintag_module authors
 */


#include "ngx_http_pintag_module.h"
#include "ngx_http_pintag_courier.h"
#include "ngx_http_pintag_capture.h"
#include "ngx_http_pintag_slot.h"


/* more than these give their connection back when they have nothing to do */
#define NGX_HTTP_PINTAG_COURIERS_PARKED  32

/* milliseconds until it is looked again whether a subrequest is over */
#define NGX_HTTP_PINTAG_COURIER_LOOK     10

/* NGX_HTTP_LIMIT_CONN_PASSED and NGX_HTTP_LIMIT_REQ_PASSED of their modules */
#define NGX_HTTP_PINTAG_LIMIT_PASSED     1


typedef struct {
    ngx_queue_t                    queue;
    ngx_http_pintag_main_conf_t   *main_conf;

    ngx_connection_t              *connection;   /* NULL: nginx closed it */
    ngx_http_request_t            *request;      /* NULL: parked or closed */
    ngx_http_cleanup_t            *cleanup;

    ngx_http_connection_t          http_connection;
    struct sockaddr_in             sockaddr;
    ngx_log_t                      log;
    ngx_http_log_ctx_t             log_ctx;

    ngx_http_post_subrequest_t     post_subrequest;
    ngx_http_pintag_capture_t      capture;
    ngx_http_pintag_message_t      message;
    ngx_http_pintag_answer_t       answer;
    ngx_event_t                    event;

    unsigned                       answered:1;
} ngx_http_pintag_courier_t;


static ngx_http_pintag_courier_t *ngx_http_pintag_courier_get(
    ngx_http_core_srv_conf_t *server);
static ngx_int_t ngx_http_pintag_courier_connect(
    ngx_http_pintag_courier_t *courier);
static ngx_http_request_t *ngx_http_pintag_courier_request(
    ngx_http_pintag_courier_t *courier);
static ngx_int_t ngx_http_pintag_courier_answer(ngx_http_request_t *sr,
    void *data, ngx_int_t rc);
static void ngx_http_pintag_courier_wake(ngx_http_request_t *r);
static void ngx_http_pintag_courier_write(ngx_event_t *wev);
static void ngx_http_pintag_courier_terminate(ngx_http_request_t *r);
static void ngx_http_pintag_courier_read(ngx_event_t *rev);
static void ngx_http_pintag_courier_report(ngx_event_t *ev);
static void ngx_http_pintag_courier_terminated(void *data);
static void ngx_http_pintag_courier_free_request(
    ngx_http_pintag_courier_t *courier);
static void ngx_http_pintag_courier_park(ngx_http_pintag_courier_t *courier);
static void ngx_http_pintag_courier_close(ngx_http_pintag_courier_t *courier);
static u_char *ngx_http_pintag_courier_log_error(ngx_log_t *log, u_char *buf,
    size_t len);


static ngx_str_t  ngx_http_pintag_courier_addr_text =
    ngx_string("127.0.0.1");
static ngx_str_t  ngx_http_pintag_courier_protocol = ngx_string("HTTP/1.1");


ngx_int_t
ngx_http_pintag_courier_send(ngx_http_pintag_message_t *message)
{
    ngx_connection_t           *c;
    ngx_http_request_t         *r, *sr;
    ngx_http_pintag_courier_t  *courier;

    courier = ngx_http_pintag_courier_get(message->server);
    if (courier == NULL) {
        return NGX_ERROR;
    }

    courier->message = *message;
    courier->answered = 0;
    ngx_memzero(&courier->answer, sizeof(ngx_http_pintag_answer_t));
    ngx_memzero(&courier->capture, sizeof(ngx_http_pintag_capture_t));
    courier->capture.max = message->max_answer;
    courier->capture.sent = message->body;

    r = ngx_http_pintag_courier_request(courier);
    if (r == NULL) {
        ngx_http_pintag_courier_park(courier);
        return NGX_ERROR;
    }

    courier->post_subrequest.handler = ngx_http_pintag_courier_answer;
    courier->post_subrequest.data = courier;

    if (ngx_http_subrequest(r, &courier->message.uri, &courier->message.args,
                            &sr, &courier->post_subrequest,
                            NGX_HTTP_SUBREQUEST_BACKGROUND)
        != NGX_OK
        || (message->content_type
            && ngx_http_pintag_message_body(sr, &courier->message)
               != NGX_OK))
    {
        ngx_http_pintag_courier_free_request(courier);
        ngx_http_pintag_courier_park(courier);
        return NGX_ERROR;
    }

    c = courier->connection;

    ngx_http_run_posted_requests(c);

    return NGX_OK;
}


void
ngx_http_pintag_courier_exit(ngx_http_pintag_main_conf_t *pmcf)
{
    ngx_queue_t                *q;
    ngx_http_pintag_courier_t  *courier;

    for (q = ngx_queue_head(&pmcf->away);
         q != ngx_queue_sentinel(&pmcf->away);
         q = ngx_queue_next(q))
    {
        courier = ngx_queue_data(q, ngx_http_pintag_courier_t, queue);

        ngx_http_pintag_capture_free(&courier->capture);
    }
}


static ngx_http_pintag_courier_t *
ngx_http_pintag_courier_get(ngx_http_core_srv_conf_t *server)
{
    ngx_queue_t                  *q;
    ngx_http_pintag_courier_t    *courier;
    ngx_http_pintag_main_conf_t  *pmcf;

    pmcf = server->ctx->main_conf[ngx_http_pintag_module.ctx_index];

    if (!ngx_queue_empty(&pmcf->couriers)) {
        q = ngx_queue_head(&pmcf->couriers);
        ngx_queue_remove(q);
        pmcf->parked--;

        courier = ngx_queue_data(q, ngx_http_pintag_courier_t, queue);
        courier->connection->idle = 0;

        ngx_queue_insert_head(&pmcf->away, q);

        return courier;
    }

    if (!ngx_queue_empty(&pmcf->unconnected)) {
        q = ngx_queue_head(&pmcf->unconnected);
        courier = ngx_queue_data(q, ngx_http_pintag_courier_t, queue);

    } else {
        courier = ngx_pcalloc(ngx_cycle->pool,
                              sizeof(ngx_http_pintag_courier_t));
        if (courier == NULL) {
            return NULL;
        }

        courier->main_conf = pmcf;
        courier->event.data = courier;
        courier->event.handler = ngx_http_pintag_courier_report;
        courier->event.log = ngx_cycle->log;

        q = &courier->queue;
        ngx_queue_insert_head(&pmcf->unconnected, q);
    }

    if (ngx_http_pintag_courier_connect(courier) != NGX_OK) {
        return NULL;
    }

    ngx_queue_remove(q);
    ngx_queue_insert_head(&pmcf->away, q);

    return courier;
}


static ngx_int_t
ngx_http_pintag_courier_connect(ngx_http_pintag_courier_t *courier)
{
    ngx_uint_t         i;
    ngx_log_t         *log;
    ngx_listening_t   *ls;
    ngx_connection_t  *c;

    c = ngx_http_pintag_slot(ngx_http_pintag_courier_read);
    if (c == NULL) {
        return NGX_ERROR;
    }

    c->pool = ngx_create_pool(256, ngx_cycle->log);
    if (c->pool == NULL) {
        ngx_http_pintag_slot_free(c);
        return NGX_ERROR;
    }

    log = &courier->log;

    *log = *ngx_cycle->log;
    log->connection = c->number;
    log->handler = ngx_http_pintag_courier_log_error;
    log->data = &courier->log_ctx;
    log->action = NULL;

    courier->log_ctx.connection = c;
    courier->log_ctx.request = NULL;
    courier->log_ctx.current_request = NULL;

    c->log = log;
    c->pool->log = log;
    c->read->log = log;
    c->write->log = log;

    c->write->handler = ngx_http_pintag_courier_write;
    c->write->ready = 1;

    /* there is no socket to set options on or to send a file to */

    c->tcp_nodelay = NGX_TCP_NODELAY_DISABLED;
    c->tcp_nopush = NGX_TCP_NOPUSH_DISABLED;
    c->sendfile = 1;

    c->log_error = NGX_ERROR_INFO;
    c->start_time = ngx_current_msec;

    /* what modules of the internal location see as the addresses */

    courier->sockaddr.sin_family = AF_INET;
    courier->sockaddr.sin_addr.s_addr = htonl(INADDR_LOOPBACK);

    c->sockaddr = (struct sockaddr *) &courier->sockaddr;
    c->socklen = sizeof(struct sockaddr_in);
    c->addr_text = ngx_http_pintag_courier_addr_text;
    c->local_sockaddr = c->sockaddr;
    c->local_socklen = c->socklen;

    ls = ngx_cycle->listening.elts;

    for (i = 0; i < ngx_cycle->listening.nelts; i++) {
        if (ls[i].handler == ngx_http_init_connection) {
            c->listening = &ls[i];
            break;
        }
    }

    courier->connection = c;

    return NGX_OK;
}


static ngx_http_request_t *
ngx_http_pintag_courier_request(ngx_http_pintag_courier_t *courier)
{
    ngx_connection_t    *c;
    ngx_http_cleanup_t  *cln;
    ngx_http_request_t  *r;

    c = courier->connection;

    courier->http_connection.conf_ctx = courier->message.server->ctx;

    c->data = &courier->http_connection;
    c->destroyed = 0;

    r = ngx_http_create_request(c);
    if (r == NULL) {
        return NULL;
    }

    c->data = r;
    courier->request = r;

#if (NGX_STAT_STUB)

    /* it is no request of a client */

    (void) ngx_atomic_fetch_add(ngx_stat_reading, -1);
    r->stat_reading = 0;
    (void) ngx_atomic_fetch_add(ngx_stat_requests, -1);

    /* nginx takes it off if it closes the connection */

    (void) ngx_atomic_fetch_add(ngx_stat_active, 1);

#endif

    /* debug lines tell whole requests, with what they say of the visitor */

    c->log->log_level = ngx_min(c->log->log_level, NGX_LOG_INFO);

    r->logged = 1;
    r->internal = 1;
    r->http_version = NGX_HTTP_VERSION_11;
    r->http_state = NGX_HTTP_PROCESS_REQUEST_STATE;
    r->http_protocol = ngx_http_pintag_courier_protocol;
    r->method = NGX_HTTP_GET;
    r->method_name = ngx_http_core_get_method;
    r->headers_in.server = courier->message.server->server_name;
    r->write_event_handler = ngx_http_pintag_courier_wake;

    if (courier->message.content_type) {
        /* what $request_method tells of the subrequest */
        r->method = NGX_HTTP_POST;
        ngx_str_set(&r->method_name, "POST");
    }

    /* limits of clients are not for what the worker sends */

    r->limit_conn_status = NGX_HTTP_PINTAG_LIMIT_PASSED;
    r->limit_req_status = NGX_HTTP_PINTAG_LIMIT_PASSED;

    ngx_http_pintag_capture(r, &courier->capture);

    cln = ngx_http_cleanup_add(r, 0);

    if (cln == NULL
        || ngx_http_pintag_message_headers(r, &courier->message) != NGX_OK)
    {
        ngx_http_pintag_courier_free_request(courier);
        return NULL;
    }

    cln->handler = ngx_http_pintag_courier_terminated;
    cln->data = courier;
    courier->cleanup = cln;

    return r;
}


static ngx_int_t
ngx_http_pintag_courier_answer(ngx_http_request_t *sr, void *data, ngx_int_t rc)
{
    ngx_http_pintag_courier_t *courier = data;

    ngx_uint_t                  cached;
    ngx_http_upstream_t        *u;
    ngx_http_pintag_capture_t  *capture;

    ngx_post_event(&courier->event, &ngx_posted_events);

    if (courier->answered) {
        return NGX_OK;
    }

    courier->answered = 1;

    u = sr->upstream;
    capture = &courier->capture;

    if (u && u->headers_in.headers.part.elts) {
        courier->answer.wait = ngx_http_pintag_message_wait(u);
    }

#if (NGX_HTTP_CACHE)
    cached = sr->cached;
#else
    cached = 0;
#endif

    if (u && !ngx_http_pintag_message_length_sent(u)) {

        courier->answer.wait = 0;

    } else if (u && u->header_sent && !cached) {

        /* rc says nothing of a body that was cut off, or could not be kept */

        if (capture->complete && !capture->failed) {
            courier->answer.status = capture->status;
        }

    } else if (u && rc >= NGX_HTTP_BAD_REQUEST
               && (ngx_uint_t) rc == u->headers_in.status_n)
    {
        /* proxy_intercept_errors */
        courier->answer.status = rc;

    } else if (u == NULL || capture->status) {

        courier->answer.local = capture->status;

        if (rc >= NGX_HTTP_SPECIAL_RESPONSE) {
            courier->answer.local = rc;
        }
    }

    return NGX_OK;
}


/* both are called by nginx when something that blocked has ended */

static void
ngx_http_pintag_courier_wake(ngx_http_request_t *r)
{
    ngx_http_pintag_courier_write(r->connection->write);
}


static void
ngx_http_pintag_courier_write(ngx_event_t *wev)
{
    ngx_connection_t           *c;
    ngx_http_request_t         *r;
    ngx_http_pintag_courier_t  *courier;

    c = wev->data;
    courier = ngx_queue_data(c->log, ngx_http_pintag_courier_t, log);

    if (courier->connection == c) {

        if (courier->answered) {
            ngx_post_event(&courier->event, &ngx_posted_events);
        }

        return;
    }

    /* it was terminated while something blocked, and reported then */

    r = c->data;

    if (!r->blocked) {
        ngx_http_pintag_courier_terminate(r);
    }
}


static void
ngx_http_pintag_courier_terminate(ngx_http_request_t *r)
{
    ngx_connection_t  *c;

    c = r->connection;

    /* what nginx takes for a "post_action" that has been done */

    r->post_action = 1;
    r->uri_changes = 0;

    ngx_http_finalize_request(r, NGX_ERROR);
    ngx_http_run_posted_requests(c);
}


/* called when the worker leaves: while idle, or when its time is over */

static void
ngx_http_pintag_courier_read(ngx_event_t *rev)
{
    ngx_connection_t           *c;
    ngx_http_pintag_courier_t  *courier;

    c = rev->data;
    courier = ngx_queue_data(c->log, ngx_http_pintag_courier_t, log);

    if (!c->close) {
        return;
    }

    if (courier->request == NULL) {
        ngx_queue_remove(&courier->queue);
        courier->main_conf->parked--;
        ngx_http_pintag_courier_close(courier);
        return;
    }

    ngx_http_pintag_courier_terminate(courier->request);
}


static void
ngx_http_pintag_courier_report(ngx_event_t *ev)
{
    ngx_http_pintag_courier_t *courier = ev->data;

    void                       *data;
    ngx_http_request_t         *r;
    ngx_http_pintag_answer_t    answer;
    ngx_http_pintag_answer_pt   handler;
    ngx_http_pintag_capture_t   capture;

    r = courier->request;

    if (r) {

        if (r->count != 1 || r->blocked) {

            /* a thread, or a subrequest that the location made in turn */

            ngx_add_timer(ev, NGX_HTTP_PINTAG_COURIER_LOOK);
            return;
        }

        ngx_http_pintag_courier_free_request(courier);
    }

    if (!courier->answered) {
        return;
    }

    courier->answered = 0;

    if (ev->timer_set) {
        ngx_del_timer(ev);
    }

    answer = courier->answer;
    handler = courier->message.handler;
    data = courier->message.data;

    /* it may be sent with again by the handler */

    capture = courier->capture;
    answer.body = capture.body;

    ngx_memzero(&courier->capture, sizeof(ngx_http_pintag_capture_t));

    ngx_http_pintag_courier_park(courier);

    handler(data, &answer);

    ngx_http_pintag_capture_free(&capture);
}


static void
ngx_http_pintag_courier_terminated(void *data)
{
    ngx_http_pintag_courier_t *courier = data;

    courier->request = NULL;
    courier->connection = NULL;
    courier->cleanup = NULL;
    courier->answered = 1;

    if (courier->event.timer_set) {
        ngx_del_timer(&courier->event);
    }

    ngx_post_event(&courier->event, &ngx_posted_events);
}


static void
ngx_http_pintag_courier_free_request(ngx_http_pintag_courier_t *courier)
{
    ngx_http_request_t  *r;

    r = courier->request;
    courier->request = NULL;

    /* nginx lingers for a body that it takes for discarded */

    if (r->connection->read->timer_set) {
        ngx_del_timer(r->connection->read);
    }

    if (courier->cleanup) {
        courier->cleanup->handler = NULL;
        courier->cleanup = NULL;
    }

#if (NGX_STAT_STUB)
    (void) ngx_atomic_fetch_add(ngx_stat_active, -1);
#endif

    ngx_http_free_request(r, 0);

    /* nothing is being closed any more */
    courier->log.action = NULL;
}


/* puts it where the next one to send finds it */

static void
ngx_http_pintag_courier_park(ngx_http_pintag_courier_t *courier)
{
    ngx_connection_t             *c;
    ngx_http_pintag_main_conf_t  *pmcf;

    pmcf = courier->main_conf;
    c = courier->connection;

    ngx_queue_remove(&courier->queue);

    if (c == NULL) {
        ngx_queue_insert_head(&pmcf->unconnected, &courier->queue);
        return;
    }

    if (ngx_exiting || pmcf->parked >= NGX_HTTP_PINTAG_COURIERS_PARKED) {
        ngx_http_pintag_courier_close(courier);
        return;
    }

    /* what realip keeps of an address, among others, would pile up in it */

    if (c->pool->cleanup == NULL && c->pool->d.next == NULL) {
        ngx_reset_pool(c->pool);

    } else {
        ngx_destroy_pool(c->pool);

        c->pool = ngx_create_pool(256, c->log);
        if (c->pool == NULL) {
            ngx_http_pintag_courier_close(courier);
            return;
        }
    }

    c->idle = 1;

    ngx_queue_insert_head(&pmcf->couriers, &courier->queue);
    pmcf->parked++;
}


static void
ngx_http_pintag_courier_close(ngx_http_pintag_courier_t *courier)
{
    ngx_http_pintag_slot_free(courier->connection);
    courier->connection = NULL;

    ngx_queue_insert_head(&courier->main_conf->unconnected, &courier->queue);
}


/* names the destination and the peer, never a URI: that tells of the visitor */

static u_char *
ngx_http_pintag_courier_log_error(ngx_log_t *log, u_char *buf, size_t len)
{
    u_char                     *p;
    ngx_http_request_t         *sr;
    ngx_http_log_ctx_t         *ctx;
    ngx_http_pintag_courier_t  *courier;

    ctx = log->data;
    courier = ngx_queue_data(ctx, ngx_http_pintag_courier_t, log_ctx);

    if (log->action) {
        p = ngx_snprintf(buf, len, " while %s", log->action);
        len -= p - buf;
        buf = p;
    }

    if (ctx->request == NULL) {
        return buf;
    }

    p = ngx_snprintf(buf, len, ", server: %V, pintag destination: %V",
                     &courier->message.server->server_name,
                     courier->message.label);
    len -= p - buf;
    buf = p;

    sr = ctx->current_request;

    if (sr && sr->upstream && sr->upstream->peer.name) {
        buf = ngx_snprintf(buf, len, ", upstream: \"%V\"",
                           sr->upstream->peer.name);
    }

    return buf;
}
