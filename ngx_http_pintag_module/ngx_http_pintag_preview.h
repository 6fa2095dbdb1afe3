
/*
 * Copyright (C) the ngx_http_pintag_module authors
 *
 * pintag_preview: what would be sent is shown to the client instead.
 */


#ifndef _NGX_HTTP_PINTAG_PREVIEW_H_INCLUDED_
#define _NGX_HTTP_PINTAG_PREVIEW_H_INCLUDED_


#include "ngx_http_pintag_map.h"


/*
 * Answers, in memory of "arena" meanwhile; gives what a content handler gives,
 * to be finalized with.
 */
ngx_int_t ngx_http_pintag_preview(ngx_http_request_t *r,
    ngx_http_pintag_mapped_t *mapped, pintag_arena_t *arena);


#endif /* _NGX_HTTP_PINTAG_PREVIEW_H_INCLUDED_ */
