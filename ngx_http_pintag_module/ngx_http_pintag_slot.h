
/*
 * Copyright (C) the ngx_http_pintag_module authors
 *
 * Connections without a socket.
 */


#ifndef _NGX_HTTP_PINTAG_SLOT_H_INCLUDED_
#define _NGX_HTTP_PINTAG_SLOT_H_INCLUDED_


#include <ngx_config.h>
#include <ngx_core.h>
#include <ngx_event.h>


/*
 * A connection without a socket, which "handler" hears of as nginx's
 * connections do.  NULL, logged: the worker has none left.  Its "data" is the
 * caller's.
 */
ngx_connection_t *ngx_http_pintag_slot(ngx_event_handler_pt handler);

/* closes it, and frees its pool if it has one */
void ngx_http_pintag_slot_free(ngx_connection_t *c);


#endif /* _NGX_HTTP_PINTAG_SLOT_H_INCLUDED_ */
