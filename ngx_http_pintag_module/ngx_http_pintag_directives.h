
/*
 * Copyright (C) the ngx_http_pintag_module authors
 *
 * The setters of the module's directives, but that of pintag_integrations.
 * Each reports what is wrong, with what would be right.
 */


#ifndef _NGX_HTTP_PINTAG_DIRECTIVES_H_INCLUDED_
#define _NGX_HTTP_PINTAG_DIRECTIVES_H_INCLUDED_


#include <ngx_config.h>
#include <ngx_core.h>


char *ngx_http_pintag_set_pass(ngx_conf_t *cf, ngx_command_t *cmd,
    void *conf);
char *ngx_http_pintag_set_max_body(ngx_conf_t *cf, ngx_command_t *cmd,
    void *conf);
char *ngx_http_pintag_set_max_events(ngx_conf_t *cf, ngx_command_t *cmd,
    void *conf);
char *ngx_http_pintag_set_max_event(ngx_conf_t *cf, ngx_command_t *cmd,
    void *conf);
char *ngx_http_pintag_set_write_keys(ngx_conf_t *cf, ngx_command_t *cmd,
    void *conf);
char *ngx_http_pintag_set_allow_origin(ngx_conf_t *cf, ngx_command_t *cmd,
    void *conf);
char *ngx_http_pintag_set_skip(ngx_conf_t *cf, ngx_command_t *cmd,
    void *conf);
char *ngx_http_pintag_set_privacy_signal(ngx_conf_t *cf, ngx_command_t *cmd,
    void *conf);
char *ngx_http_pintag_set_ack(ngx_conf_t *cf, ngx_command_t *cmd,
    void *conf);
char *ngx_http_pintag_set_window(ngx_conf_t *cf, ngx_command_t *cmd,
    void *conf);
char *ngx_http_pintag_set_batch(ngx_conf_t *cf, ngx_command_t *cmd,
    void *conf);
char *ngx_http_pintag_set_retry(ngx_conf_t *cf, ngx_command_t *cmd,
    void *conf);
char *ngx_http_pintag_set_spool(ngx_conf_t *cf, ngx_command_t *cmd,
    void *conf);
char *ngx_http_pintag_set_queue(ngx_conf_t *cf, ngx_command_t *cmd,
    void *conf);
char *ngx_http_pintag_set_fallback(ngx_conf_t *cf, ngx_command_t *cmd,
    void *conf);

/* the value of an argument "key=value"; NGX_DECLINED for another one */
ngx_int_t ngx_http_pintag_key(ngx_str_t *arg, char *key, ngx_str_t *value);

/* what an argument behind "off" is answered with */
char *ngx_http_pintag_off(ngx_conf_t *cf, ngx_str_t *arg);


#endif /* _NGX_HTTP_PINTAG_DIRECTIVES_H_INCLUDED_ */
