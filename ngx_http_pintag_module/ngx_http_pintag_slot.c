
/*
 * Copyright (C) the ngx_http_pintag_module authors
 */


#include "ngx_http_pintag_slot.h"


ngx_connection_t *
ngx_http_pintag_slot(ngx_event_handler_pt handler)
{
    ngx_connection_t  *c;

    c = ngx_get_connection(0, ngx_cycle->log);
    if (c == NULL) {
        return NULL;
    }

    c->shared = 1;

    c->read->active = 1;
    c->write->active = 1;

    c->read->log = c->log;
    c->write->log = c->log;

    c->read->handler = handler;

    return c;
}


void
ngx_http_pintag_slot_free(ngx_connection_t *c)
{
    ngx_pool_t  *pool;

    c->destroyed = 1;
    pool = c->pool;

    ngx_close_connection(c);

    if (pool) {
        ngx_destroy_pool(pool);
    }
}
