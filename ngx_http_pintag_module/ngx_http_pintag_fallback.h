
/*
 * Copyright (C) the ngx_http_pintag_module authors
 *
 * The fallback: what cannot be delivered is POSTed to an internal location as
 * NDJSON, a line a delivery, and is safe there when an upstream says so.
 */


#ifndef _NGX_HTTP_PINTAG_FALLBACK_H_INCLUDED_
#define _NGX_HTTP_PINTAG_FALLBACK_H_INCLUDED_


#include "ngx_http_pintag_module.h"
#include "ngx_http_pintag_batch.h"
#include "ngx_http_pintag_verdict.h"


/* bytes of a delivery's line, about */
size_t ngx_http_pintag_fallback_size(ngx_http_pintag_delivery_t *delivery);

/*
 * Fills in what is to be sent, whose body is the batch's.  NGX_OK, or NGX_ERROR
 * without memory.
 */
ngx_int_t ngx_http_pintag_fallback_message(ngx_http_pintag_batch_t *batch,
    ngx_http_pintag_message_t *message);

/* whether an answer says that it has them */
void ngx_http_pintag_fallback_verdict(ngx_http_pintag_batch_t *batch,
    ngx_http_pintag_answer_t *answer, ngx_http_pintag_verdict_t *verdict);

/* adds $pintag_payload and $pintag_payload_base64; for preconfiguration */
ngx_int_t ngx_http_pintag_fallback_variables(ngx_conf_t *cf);


#endif /* _NGX_HTTP_PINTAG_FALLBACK_H_INCLUDED_ */
