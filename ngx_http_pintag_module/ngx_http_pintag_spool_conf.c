
/*
 * Copyright (C) the ngx_http_pintag_module authors
 */


#include "ngx_http_pintag_module.h"
#include "ngx_http_pintag_directives.h"
#include "ngx_http_pintag_spool.h"


/* a file holds at least some events */
#define NGX_HTTP_PINTAG_SPOOL_MIN_FILE  (64 * 1024)


static ngx_int_t ngx_http_pintag_spool_parameter(
    ngx_http_pintag_spool_conf_t *spool, ngx_str_t *arg);
static char *ngx_http_pintag_spool_path(ngx_conf_t *cf,
    ngx_http_pintag_spool_conf_t *spool, ngx_str_t *path);


char *
ngx_http_pintag_set_spool(ngx_conf_t *cf, ngx_command_t *cmd, void *conf)
{
    ngx_http_pintag_main_conf_t *pmcf = conf;

    ngx_str_t                     *value;
    ngx_uint_t                     i;
    ngx_http_pintag_spool_conf_t  *spool;

    if (pmcf->spool_conf != NGX_CONF_UNSET_PTR) {
        return "is duplicate";
    }

    value = cf->args->elts;

    if (ngx_strcmp(value[1].data, "off") == 0) {

        if (cf->args->nelts > 2) {
            return ngx_http_pintag_off(cf, &value[2]);
        }

        pmcf->spool_conf = NULL;
        return NGX_CONF_OK;
    }

#if !(NGX_THREADS)

    ngx_conf_log_error(NGX_LOG_EMERG, cf, 0,
                       "\"pintag_spool\" needs threads, and this nginx was "
                       "built without \"--with-threads\"");
    return NGX_CONF_ERROR;

#endif

    if (value[1].len == 0) {
        return "takes the path of a folder";
    }

    spool = ngx_pcalloc(cf->pool, sizeof(ngx_http_pintag_spool_conf_t));
    if (spool == NULL) {
        return NGX_CONF_ERROR;
    }

    spool->max_size = NGX_CONF_UNSET;
    spool->file_size = NGX_CONF_UNSET;
    spool->max_age = NGX_CONF_UNSET;
    spool->sync = NGX_CONF_UNSET_MSEC;
    spool->undelivered_size = NGX_CONF_UNSET;

    for (i = 2; i < cf->args->nelts; i++) {

        switch (ngx_http_pintag_spool_parameter(spool, &value[i])) {

        case NGX_OK:
            continue;

        case NGX_BUSY:
            ngx_conf_log_error(NGX_LOG_EMERG, cf, 0,
                               "duplicate parameter \"%V\"", &value[i]);
            return NGX_CONF_ERROR;
        }

        ngx_conf_log_error(NGX_LOG_EMERG, cf, 0,
                           "invalid parameter \"%V\", it must be "
                           "\"max_size=size\", \"file_size=size\" of at least "
                           "64k, \"max_age=time\", \"sync=commit\", "
                           "\"sync=time\" or \"undelivered_size=size\" of at "
                           "least 64k", &value[i]);
        return NGX_CONF_ERROR;
    }

    ngx_conf_init_value(spool->max_size, 1024 * 1024 * 1024);
    ngx_conf_init_value(spool->file_size, 16 * 1024 * 1024);
    ngx_conf_init_value(spool->max_age, 7 * 24 * 3600);
    ngx_conf_init_msec_value(spool->sync, 0);
    ngx_conf_init_value(spool->undelivered_size, 64 * 1024 * 1024);

    if (spool->max_size < spool->file_size) {
        ngx_conf_log_error(NGX_LOG_EMERG, cf, 0,
                           "\"max_size\" of \"pintag_spool\", %O bytes, is "
                           "less than its \"file_size\", %O bytes",
                           spool->max_size, spool->file_size);
        return NGX_CONF_ERROR;
    }

    ngx_str_set(&spool->pool, "default");

#if (NGX_THREADS)

    if (ngx_thread_pool_add(cf, &spool->pool) == NULL) {
        return NGX_CONF_ERROR;
    }

#endif

    pmcf->spool_conf = spool;

    return ngx_http_pintag_spool_path(cf, spool, &value[1]);
}


/* NGX_OK, NGX_BUSY for one that was given already, or NGX_ERROR */

static ngx_int_t
ngx_http_pintag_spool_parameter(ngx_http_pintag_spool_conf_t *spool,
    ngx_str_t *arg)
{
    off_t      *size, min;
    ngx_str_t   s;

    min = NGX_HTTP_PINTAG_SPOOL_MIN_FILE;

    if (ngx_http_pintag_key(arg, "max_age=", &s) == NGX_OK) {

        if (spool->max_age != NGX_CONF_UNSET) {
            return NGX_BUSY;
        }

        spool->max_age = ngx_parse_time(&s, 1);

        return (spool->max_age > 0) ? NGX_OK : NGX_ERROR;
    }

    if (ngx_http_pintag_key(arg, "sync=", &s) == NGX_OK) {

        if (spool->sync != NGX_CONF_UNSET_MSEC) {
            return NGX_BUSY;
        }

        if (ngx_strcmp(s.data, "commit") == 0) {
            spool->sync = 0;
            return NGX_OK;
        }

        spool->sync = ngx_parse_time(&s, 0);

        return (spool->sync != (ngx_msec_t) NGX_ERROR && spool->sync)
               ? NGX_OK : NGX_ERROR;
    }

    if (ngx_http_pintag_key(arg, "max_size=", &s) == NGX_OK) {
        size = &spool->max_size;

    } else if (ngx_http_pintag_key(arg, "file_size=", &s) == NGX_OK) {
        size = &spool->file_size;

    } else if (ngx_http_pintag_key(arg, "undelivered_size=", &s) == NGX_OK) {
        size = &spool->undelivered_size;

    } else {
        return NGX_ERROR;
    }

    if (*size != NGX_CONF_UNSET) {
        return NGX_BUSY;
    }

    *size = ngx_parse_offset(&s);

    return (*size >= min) ? NGX_OK : NGX_ERROR;
}


/* nginx makes the folder, and gives it to who its workers run as */

static char *
ngx_http_pintag_spool_path(ngx_conf_t *cf, ngx_http_pintag_spool_conf_t *spool,
    ngx_str_t *value)
{
    ngx_path_t       *path;
    ngx_file_info_t   fi;

    path = ngx_pcalloc(cf->pool, sizeof(ngx_path_t));
    if (path == NULL) {
        return NGX_CONF_ERROR;
    }

    path->name = *value;

    if (path->name.len > 1 && path->name.data[path->name.len - 1] == '/') {
        path->name.len--;
        path->name.data[path->name.len] = '\0';
    }

    if (ngx_conf_full_name(cf->cycle, &path->name, 0) != NGX_OK) {
        return NGX_CONF_ERROR;
    }

    path->conf_file = cf->conf_file->file.name.data;
    path->line = cf->conf_file->line;

    if (ngx_file_info(path->name.data, &fi) != NGX_FILE_ERROR) {

        if (!ngx_is_dir(&fi)) {
            ngx_conf_log_error(NGX_LOG_EMERG, cf, 0,
                               "pintag_spool \"%V\" is not a folder",
                               &path->name);
            return NGX_CONF_ERROR;
        }

        if (access((char *) path->name.data, W_OK) == -1
            && ngx_errno != NGX_EACCES)
        {
            /* other sites are not to suffer from it */

            ngx_conf_log_error(NGX_LOG_WARN, cf, ngx_errno,
                               "pintag_spool \"%V\" cannot be written to, "
                               "nothing is stored until it can", &path->name);
        }
    }

    if (ngx_add_path(cf, &path) != NGX_OK) {
        return NGX_CONF_ERROR;
    }

    spool->path = path;

    return NGX_CONF_OK;
}
