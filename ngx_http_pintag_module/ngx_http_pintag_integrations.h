
/*
 * Copyright (C) the ngx_http_pintag_module authors
 */


#ifndef _NGX_HTTP_PINTAG_INTEGRATIONS_H_INCLUDED_
#define _NGX_HTTP_PINTAG_INTEGRATIONS_H_INCLUDED_


#include <ngx_config.h>
#include <ngx_core.h>


/*
 * The setter of pintag_integrations: reads the file, once for all the places
 * that name it, and reports what there is to say of it.
 */
char *ngx_http_pintag_set_integrations(ngx_conf_t *cf, ngx_command_t *cmd,
    void *conf);


#endif /* _NGX_HTTP_PINTAG_INTEGRATIONS_H_INCLUDED_ */
