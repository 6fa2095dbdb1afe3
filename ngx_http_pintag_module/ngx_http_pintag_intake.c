
/*
 * Copyright (C) the ngx_http_pintag_module authors
 */


#include "ngx_http_pintag_intake.h"


/*
 * Bytes of memory that a worker keeps for its next request, enough for nearly
 * all bodies of the default pintag_max_body: memory that the system gives anew
 * costs more than what is written to it.  Once it is more, all of it goes: some
 * would keep the C library from giving back the rest.
 */

#if defined NGX_DEBUG_PALLOC && NGX_DEBUG_PALLOC

/* what is used afterwards is to be found */
#define NGX_HTTP_PINTAG_INTAKE_KEPT  0

#else

#define NGX_HTTP_PINTAG_INTAKE_KEPT  25165824

#endif


typedef struct {
    ngx_queue_t                  queue;
    ngx_http_request_t          *request;
    ngx_http_pintag_intake_pt    handler;
} ngx_http_pintag_waiting_t;


static void ngx_http_pintag_intake_handler(ngx_event_t *ev);
static void ngx_http_pintag_intake_forget(void *data);
static void *ngx_http_pintag_intake_alloc(void *data, size_t size);
static void ngx_http_pintag_intake_free(void *data, void *block);


void
ngx_http_pintag_intake_init(ngx_http_pintag_intake_t *intake)
{
    ngx_queue_init(&intake->requests);

    intake->event.handler = ngx_http_pintag_intake_handler;
    intake->event.data = intake;
    intake->event.log = ngx_cycle->log;

    pintag_arena_init(&intake->arena, ngx_http_pintag_intake_alloc, NULL);
    pintag_arena_init(&intake->scratch, ngx_http_pintag_intake_alloc, NULL);
    pintag_buf_init(&intake->bytes, NULL, 0);
}


void
ngx_http_pintag_intake_done(void *data)
{
    ngx_http_pintag_intake_t *intake = data;

    pintag_arena_free(&intake->arena, ngx_http_pintag_intake_free);
    pintag_arena_free(&intake->scratch, ngx_http_pintag_intake_free);
    pintag_buf_free(&intake->bytes);
}


ngx_int_t
ngx_http_pintag_intake_add(ngx_http_request_t *r,
    ngx_http_pintag_intake_pt handler)
{
    ngx_http_cleanup_t           *cln;
    ngx_http_pintag_waiting_t    *waiting;
    ngx_http_pintag_main_conf_t  *pmcf;

    pmcf = ngx_http_get_module_main_conf(r, ngx_http_pintag_module);

    cln = ngx_http_cleanup_add(r, sizeof(ngx_http_pintag_waiting_t));
    if (cln == NULL) {
        return NGX_ERROR;
    }

    cln->handler = ngx_http_pintag_intake_forget;

    waiting = cln->data;
    waiting->request = r;
    waiting->handler = handler;

    ngx_queue_insert_tail(&pmcf->intake.requests, &waiting->queue);

    if (!pmcf->intake.event.posted) {
        ngx_post_event(&pmcf->intake.event, &ngx_posted_events);
    }

    return NGX_OK;
}


static void
ngx_http_pintag_intake_handler(ngx_event_t *ev)
{
    ngx_http_pintag_intake_t *intake = ev->data;

    ngx_queue_t                *q;
    ngx_connection_t           *c;
    ngx_http_request_t         *r;
    ngx_http_pintag_waiting_t  *waiting;

    while (!ngx_queue_empty(&intake->requests)) {
        q = ngx_queue_head(&intake->requests);

        waiting = ngx_queue_data(q, ngx_http_pintag_waiting_t, queue);
        ngx_http_pintag_intake_forget(waiting);

        r = waiting->request;
        c = r->connection;

        ngx_http_set_log_request(c->log, r);

        waiting->handler(r);

        ngx_http_run_posted_requests(c);
    }
}


static void
ngx_http_pintag_intake_forget(void *data)
{
    ngx_http_pintag_waiting_t *waiting = data;

    if (waiting->queue.next) {
        ngx_queue_remove(&waiting->queue);
        waiting->queue.next = NULL;
    }
}


void
ngx_http_pintag_intake_reset(ngx_http_pintag_intake_t *intake)
{
    size_t  size;

    /* the arenas' memory is nginx's, which logs; this is the core's own */

    if (intake->bytes.failed) {
        ngx_log_error(NGX_LOG_EMERG, ngx_cycle->log, 0,
                      "realloc() of more than %uz bytes failed",
                      intake->bytes.len);
    }

    size = intake->arena.size + intake->scratch.size + intake->bytes.size;

    if (size > NGX_HTTP_PINTAG_INTAKE_KEPT || intake->bytes.failed) {
        ngx_http_pintag_intake_done(intake);
        return;
    }

    pintag_arena_reset(&intake->arena);
    pintag_arena_reset(&intake->scratch);
    pintag_buf_reset(&intake->bytes);
}


static void *
ngx_http_pintag_intake_alloc(void *data, size_t size)
{
    return ngx_alloc(size, ngx_cycle->log);
}


static void
ngx_http_pintag_intake_free(void *data, void *block)
{
    ngx_free(block);
}
