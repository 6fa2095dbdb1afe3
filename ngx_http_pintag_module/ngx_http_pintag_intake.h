
/*
 * Copyright (C) the ngx_http_pintag_module authors
 *
 * The requests whose bodies were read in one turn of the event loop are taken
 * in one after the other at its end, rather than each between the system calls
 * for it: so what reads and maps stays in the processor's caches from one to
 * the next, and events that came together can leave together.
 */


#ifndef _NGX_HTTP_PINTAG_INTAKE_H_INCLUDED_
#define _NGX_HTTP_PINTAG_INTAKE_H_INCLUDED_


#include "ngx_http_pintag_module.h"


typedef void (*ngx_http_pintag_intake_pt)(ngx_http_request_t *r);


/*
 * Of a configuration, and of a worker at its start, which has another log.  Its
 * memory goes with the configuration's pool: a cleanup, "data" is the intake.
 */
void ngx_http_pintag_intake_init(ngx_http_pintag_intake_t *intake);
void ngx_http_pintag_intake_done(void *data);

/*
 * Calls "handler" at the end of this turn, unless the request has ended by
 * then.  NGX_OK, or NGX_ERROR without memory.
 */
ngx_int_t ngx_http_pintag_intake_add(ngx_http_request_t *r,
    ngx_http_pintag_intake_pt handler);

/* forgets what is in the memory of the intake, for the next request */
void ngx_http_pintag_intake_reset(ngx_http_pintag_intake_t *intake);


#endif /* _NGX_HTTP_PINTAG_INTAKE_H_INCLUDED_ */
