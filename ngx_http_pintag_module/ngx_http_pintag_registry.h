
/*
 * Copyright (C) the ngx_http_pintag_module authors
 *
 * The destinations of the main configuration, registered by the locations that
 * reach them.
 */


#ifndef _NGX_HTTP_PINTAG_REGISTRY_H_INCLUDED_
#define _NGX_HTTP_PINTAG_REGISTRY_H_INCLUDED_


#include "ngx_http_pintag_module.h"
#include "ngx_http_pintag_destination.h"


/*
 * Registers the destinations of a location, those of its entries and its
 * fallback, or finds them where another location did.  What is wrong is logged.
 */
char *ngx_http_pintag_registry_add_all(ngx_conf_t *cf,
    ngx_http_pintag_loc_conf_t *plcf);

/*
 * The destination of a key, or else the only one of the same transport and id;
 * NULL when the configuration has none.
 */
ngx_http_pintag_destination_t *ngx_http_pintag_registry_find(
    ngx_http_pintag_main_conf_t *pmcf, ngx_str_t *key);


#endif /* _NGX_HTTP_PINTAG_REGISTRY_H_INCLUDED_ */
