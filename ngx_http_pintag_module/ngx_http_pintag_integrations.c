
/*
 * Copyright (C) the ngx_http_pintag_module authors
 */


#include "ngx_http_pintag_module.h"
#include "ngx_http_pintag_integrations.h"


/* a longer access token is none, in bytes */
#define NGX_HTTP_PINTAG_MAX_TOKEN  4096


typedef struct {
    ngx_conf_t  *cf;
    ngx_str_t   *path;
} ngx_http_pintag_report_t;


static pintag_event_t *ngx_http_pintag_create_event(ngx_conf_t *cf,
    pintag_integrations_t *integrations);
static void ngx_http_pintag_free_event(void *data);
static pintag_integrations_t *ngx_http_pintag_read_integrations(ngx_conf_t *cf,
    ngx_str_t *path);
static ngx_int_t ngx_http_pintag_read_file(ngx_conf_t *cf, ngx_str_t *path,
    size_t max, ngx_pool_t *pool, pintag_str_t *text, ngx_file_info_t *fi);
static ngx_int_t ngx_http_pintag_read_token(ngx_conf_t *cf, ngx_str_t *path,
    pintag_integration_t *entry);
static void ngx_http_pintag_report(void *data, pintag_report_level_e level,
    size_t line, size_t column, const char *message);


char *
ngx_http_pintag_set_integrations(ngx_conf_t *cf, ngx_command_t *cmd,
    void *conf)
{
    ngx_http_pintag_loc_conf_t *plcf = conf;

    ngx_str_t                       *value, path;
    ngx_uint_t                       i;
    pintag_event_t                  *event;
    pintag_integrations_t           *integrations;
    ngx_http_pintag_main_conf_t     *pmcf;
    ngx_http_pintag_integrations_t  *known;

    if (plcf->integrations != NGX_CONF_UNSET_PTR) {
        return "is duplicate";
    }

    value = cf->args->elts;

    if (ngx_strcmp(value[1].data, "off") == 0) {
        plcf->integrations = NULL;
        plcf->event = NULL;
        return NGX_CONF_OK;
    }

    path = value[1];

    if (ngx_conf_full_name(cf->cycle, &path, 1) != NGX_OK) {
        return NGX_CONF_ERROR;
    }

    pmcf = ngx_http_conf_get_module_main_conf(cf, ngx_http_pintag_module);
    known = pmcf->integrations.elts;

    for (i = 0; i < pmcf->integrations.nelts; i++) {
        if (ngx_strcmp(known[i].path.data, path.data) == 0) {
            plcf->integrations = known[i].integrations;
            plcf->event = known[i].event;
            return NGX_CONF_OK;
        }
    }

    integrations = ngx_http_pintag_read_integrations(cf, &path);
    if (integrations == NULL) {
        return NGX_CONF_ERROR;
    }

    event = ngx_http_pintag_create_event(cf, integrations);
    if (event == NULL) {
        return NGX_CONF_ERROR;
    }

    known = ngx_array_push(&pmcf->integrations);
    if (known == NULL) {
        return NGX_CONF_ERROR;
    }

    known->path = path;
    known->integrations = integrations;
    known->event = event;

    plcf->integrations = integrations;
    plcf->event = event;

    return NGX_CONF_OK;
}


/* events are mapped one after the other, so that one view serves for all */

static pintag_event_t *
ngx_http_pintag_create_event(ngx_conf_t *cf,
    pintag_integrations_t *integrations)
{
    pintag_event_t      *event;
    ngx_pool_cleanup_t  *cln;

    event = ngx_pcalloc(cf->pool, sizeof(pintag_event_t));
    if (event == NULL) {
        return NULL;
    }

    cln = ngx_pool_cleanup_add(cf->pool, 0);
    if (cln == NULL) {
        return NULL;
    }

    cln->handler = ngx_http_pintag_free_event;
    cln->data = event;

    return pintag_event_init(event, &integrations->names,
                             integrations->names.arena)
           ? event : NULL;
}


static void
ngx_http_pintag_free_event(void *data)
{
    pintag_event_free(data);
}


static pintag_integrations_t *
ngx_http_pintag_read_integrations(ngx_conf_t *cf, ngx_str_t *path)
{
    size_t                     i;
    pintag_str_t               text;
    pintag_arena_t            *arena;
    ngx_file_info_t            fi;
    pintag_integrations_t     *integrations;
    ngx_http_pintag_report_t   report;

    /* its tables keep the arena */

    arena = ngx_palloc(cf->pool, sizeof(pintag_arena_t));
    if (arena == NULL) {
        return NULL;
    }

    pintag_arena_init(arena, ngx_http_pintag_palloc, cf->pool);

    if (ngx_http_pintag_read_file(cf, path, PINTAG_INTEGRATIONS_MAX,
                                  cf->temp_pool, &text, &fi)
        != NGX_OK)
    {
        return NULL;
    }

    report.cf = cf;
    report.path = path;

    integrations = pintag_integrations_read(text, arena,
                                            ngx_http_pintag_report, &report);

    if (integrations == NULL) {
        return NULL;
    }

    for (i = 0; i < integrations->n; i++) {

        if (integrations->elts[i].access_token_file.len
            && ngx_http_pintag_read_token(cf, path, &integrations->elts[i])
               != NGX_OK)
        {
            return NULL;
        }
    }

    return integrations;
}


/* at most a byte more than "max", which tells a file that is too large */

static ngx_int_t
ngx_http_pintag_read_file(ngx_conf_t *cf, ngx_str_t *path, size_t max,
    ngx_pool_t *pool, pintag_str_t *text, ngx_file_info_t *fi)
{
    size_t      size;
    u_char     *data;
    ssize_t     n;
    ngx_int_t   rc;
    ngx_file_t  file;

    size = max + 1;

    data = ngx_palloc(pool, size);
    if (data == NULL) {
        return NGX_ERROR;
    }

    ngx_memzero(&file, sizeof(ngx_file_t));

    file.name = *path;
    file.log = cf->log;

    file.fd = ngx_open_file(path->data, NGX_FILE_RDONLY, NGX_FILE_OPEN, 0);

    if (file.fd == NGX_INVALID_FILE) {
        ngx_conf_log_error(NGX_LOG_EMERG, cf, ngx_errno,
                           ngx_open_file_n " \"%V\" failed", path);
        return NGX_ERROR;
    }

    rc = NGX_ERROR;
    text->data = data;
    text->len = 0;

    if (ngx_fd_info(file.fd, fi) == NGX_FILE_ERROR) {
        ngx_conf_log_error(NGX_LOG_EMERG, cf, ngx_errno,
                           ngx_fd_info_n " \"%V\" failed", path);
        goto done;
    }

    while (text->len < size) {

        n = ngx_read_fd(file.fd, data + text->len, size - text->len);

        if (n == -1) {
            ngx_conf_log_error(NGX_LOG_EMERG, cf, ngx_errno,
                               ngx_read_fd_n " \"%V\" failed", path);
            goto done;
        }

        if (n == 0) {
            break;
        }

        text->len += n;
    }

    rc = NGX_OK;

done:

    if (ngx_close_file(file.fd) == NGX_FILE_ERROR) {
        ngx_conf_log_error(NGX_LOG_ALERT, cf, ngx_errno,
                           ngx_close_file_n " \"%V\" failed", path);
    }

    return rc;
}


/* an accessTokenFile, as if accessToken were given */

static ngx_int_t
ngx_http_pintag_read_token(ngx_conf_t *cf, ngx_str_t *path,
    pintag_integration_t *entry)
{
    size_t           i;
    ngx_str_t        name;
    pintag_str_t     token;
    ngx_file_info_t  fi;

    /* what Pinterest's tokens begin with; not a byte of it is shown */

    if (entry->access_token_file.len > sizeof("pina_") - 1
        && ngx_strncmp(entry->access_token_file.data, "pina_",
                       sizeof("pina_") - 1)
           == 0)
    {
        ngx_conf_log_error(NGX_LOG_EMERG, cf, 0,
                           "%V:%uz:%uz: \"accessTokenFile\" looks like a "
                           "token and not like the name of a file: write the "
                           "token into a file, or use \"accessToken\"",
                           path, entry->token_line, entry->token_column);
        return NGX_ERROR;
    }

    name.len = entry->access_token_file.len;
    name.data = ngx_pnalloc(cf->pool, name.len + 1);
    if (name.data == NULL) {
        return NGX_ERROR;
    }

    (void) ngx_cpystrn(name.data, (u_char *) entry->access_token_file.data,
                       name.len + 1);

    if (ngx_conf_full_name(cf->cycle, &name, 1) != NGX_OK
        || ngx_http_pintag_read_file(cf, &name, NGX_HTTP_PINTAG_MAX_TOKEN,
                                     cf->pool, &token, &fi)
           != NGX_OK)
    {
        ngx_conf_log_error(NGX_LOG_EMERG, cf, 0,
                           "%V:%uz:%uz: the \"accessTokenFile\" cannot be "
                           "read", path, entry->token_line,
                           entry->token_column);
        return NGX_ERROR;
    }

    token = pintag_str_trim(token);

    if (token.len == 0 || token.len >= NGX_HTTP_PINTAG_MAX_TOKEN) {
        goto invalid;
    }

    for (i = 0; i < token.len; i++) {
        if (token.data[i] <= ' ' || token.data[i] >= 0x7f) {
            goto invalid;
        }
    }

    if (ngx_file_access(&fi) & S_IROTH) {
        ngx_conf_log_error(NGX_LOG_WARN, cf, 0,
                           "\"%V\", an \"accessTokenFile\", can be read by "
                           "everybody on this machine: chmod o-r it", &name);
    }

    entry->access_token = token;

    return NGX_OK;

invalid:

    ngx_conf_log_error(NGX_LOG_EMERG, cf, 0,
                       "%V:%uz:%uz: \"%V\", the \"accessTokenFile\", holds "
                       "no token: it must be a line of visible ASCII "
                       "characters without a space, as Pinterest gives it",
                       path, entry->token_line, entry->token_column, &name);
    return NGX_ERROR;
}


static void
ngx_http_pintag_report(void *data, pintag_report_level_e level, size_t line,
    size_t column, const char *message)
{
    ngx_http_pintag_report_t *report = data;

    ngx_uint_t  n;

    switch (level) {

    case PINTAG_REPORT_ERROR:
        n = NGX_LOG_EMERG;
        break;

    case PINTAG_REPORT_WARNING:
        n = NGX_LOG_WARN;
        break;

    default: /* PINTAG_REPORT_NOTICE */
        n = NGX_LOG_NOTICE;
    }

    ngx_conf_log_error(n, report->cf, 0, "%V:%uz:%uz: %s",
                       report->path, line, column, message);
}
