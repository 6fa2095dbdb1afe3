
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
 * Registers a destination of an entry at configuration time, or finds it where
 * another location registered it.  When what that location wants of it differs,
 * "*conflict" is set to what it registered, and NULL given; NULL without it: no
 * memory.
 */
ngx_http_pintag_destination_t *ngx_http_pintag_registry_add(
    ngx_conf_t *cf, ngx_http_pintag_loc_conf_t *plcf,
    ngx_http_pintag_transport_e transport, pintag_integration_t *entry,
    ngx_http_pintag_destination_t **conflict);

/*
 * Registers the fallback of a location, or finds it where another did; NULL
 * without memory.
 */
ngx_http_pintag_destination_t *ngx_http_pintag_registry_add_fallback(
    ngx_conf_t *cf, ngx_http_pintag_loc_conf_t *plcf);

/*
 * The destination of a key, or else the only one of the same transport and id;
 * NULL when the configuration has none.
 */
ngx_http_pintag_destination_t *ngx_http_pintag_registry_find(
    ngx_http_pintag_main_conf_t *pmcf, ngx_str_t *key);


#endif /* _NGX_HTTP_PINTAG_REGISTRY_H_INCLUDED_ */
