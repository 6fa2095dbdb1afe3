
/*
 * Copyright (C) the ngx_http_pintag_module authors
 *
 * Couriers: requests that belong to the worker, not to a client.  A courier
 * makes one subrequest, to an internal location of the server block it is sent
 * in, and tells what an upstream answered.  What becomes of a client does not
 * touch it.
 *
 * The rules:
 *
 * - A courier's connection is a slot of worker_connections without a socket.
 *   Its descriptor says 0, which is never used: the slot is "shared", so that
 *   closing it touches neither the event method nor a socket; read and write
 *   are marked active, so that nothing is added to the event method; write is
 *   marked ready.  It is parked between subrequests ("idle", so that a worker
 *   that leaves closes it).
 *
 * - Its main request is made anew for each subrequest and never runs phases.
 *   r->count is 1, which is ours, from ngx_http_create_request() on, and more
 *   while the subrequest lives.  c->data is the main request until it is freed:
 *   a background subrequest never becomes c->data.  An event pipe passes
 *   nothing on for what is not c->data, so the capture turns buffering off.
 *
 * - A subrequest with a body is marked as if that were discarded: so neither is
 *   client_max_body_size looked at nor anything read.  The timer that nginx
 *   sets for such a body is deleted with the request.
 *
 * - The subrequest finalizes itself.  Its post_subrequest handler only notes
 *   the answer and posts the courier's event; it gives NGX_OK, whatever
 *   happened, so that no error page is made and the connection is not
 *   terminated (unless c->error is set).  It may be called twice.
 *
 * - Once a subrequest was started only the courier's event frees the main
 *   request, and only with r->count back at 1 and nothing blocked; else it
 *   looks again a little later.  It then reports.  So neither a subrequest is
 *   started nor a report made from within a handler of another request.
 *
 * - nginx may terminate the main request (c->error is set when
 *   worker_shutdown_timeout ends): the cleanup handler then forgets request and
 *   connection, which are nginx's from then on, and the courier reports that no
 *   answer came.  While a thread blocks, nginx waits for it by c->write's
 *   handler, which terminates once more.
 */


#ifndef _NGX_HTTP_PINTAG_COURIER_H_INCLUDED_
#define _NGX_HTTP_PINTAG_COURIER_H_INCLUDED_


#include "ngx_http_pintag_module.h"
#include "ngx_http_pintag_message.h"


/*
 * Starts the subrequest; "message" is copied.  To be called from the handler of
 * an event of our own, never from within that of a request.  NGX_OK: the
 * handler is called exactly once, later.  NGX_ERROR, logged: the worker has no
 * memory or no connection left, the handler is not called.
 */
ngx_int_t ngx_http_pintag_courier_send(ngx_http_pintag_message_t *message);

/*
 * The process ends: what those that are still away have brought is freed, and
 * none of them reports any more.
 */
void ngx_http_pintag_courier_exit(ngx_http_pintag_main_conf_t *pmcf);


#endif /* _NGX_HTTP_PINTAG_COURIER_H_INCLUDED_ */
