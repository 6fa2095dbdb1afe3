
/*
 * Copyright (C) the ngx_http_pintag_module authors
 */


#include "ngx_http_pintag_module.h"
#include "ngx_http_pintag_directives.h"
#include "ngx_http_pintag_request.h"

#include "core/capi.h"
#include "core/visitor.h"
#include "core/write_key.h"


/* an event of less would have no room for what it must tell */
#define NGX_HTTP_PINTAG_MIN_EVENT   1024

#define NGX_HTTP_PINTAG_MAX_WINDOW  1024


static char *ngx_http_pintag_uri(ngx_str_t *uri);
static char *ngx_http_pintag_size(ngx_conf_t *cf, size_t *field, ssize_t min,
    char *what);


char *
ngx_http_pintag_set_pass(ngx_conf_t *cf, ngx_command_t *cmd, void *conf)
{
    ngx_http_pintag_loc_conf_t *plcf = conf;

    char                      *what;
    ngx_str_t                 *value;
    ngx_http_core_loc_conf_t  *clcf;

    if (plcf->pass.len) {
        return "is duplicate";
    }

    value = cf->args->elts;

    what = ngx_http_pintag_uri(&value[1]);
    if (what) {
        return what;
    }

    plcf->pass = value[1];

    if (plcf->pass.data[plcf->pass.len - 1] == '/') {
        plcf->pass.len--;
    }

    plcf->pass_file = cf->conf_file->file.name.data;
    plcf->pass_line = cf->conf_file->line;

    clcf = ngx_http_conf_get_module_loc_conf(cf, ngx_http_core_module);
    clcf->handler = ngx_http_pintag_handler;

    return NGX_CONF_OK;
}


/* what is wrong with the URI of an internal location, or NULL */

static char *
ngx_http_pintag_uri(ngx_str_t *uri)
{
    u_char  *p, *last;

    if (uri->len == 0 || uri->data[0] != '/') {
        return "takes the URI of an internal location, not an address";
    }

    last = uri->data + uri->len;

    for (p = uri->data; p < last; p++) {
        if (*p <= ' ' || *p == '?' || *p == '#' || *p == '%' || *p == '$'
            || (*p == '/' && p + 1 < last
                && (p[1] == '/' || p[1] == '.')))
        {
            return "takes a plain URI: no arguments, no variables, "
                   "no escapes, no \"//\" and \"/.\"";
        }
    }

    if (uri->len == 1) {
        return "takes the URI of an internal location, \"/\" is all of them";
    }

    return NULL;
}


char *
ngx_http_pintag_set_fallback(ngx_conf_t *cf, ngx_command_t *cmd, void *conf)
{
    ngx_http_pintag_loc_conf_t *plcf = conf;

    char       *what;
    ngx_str_t  *value;

    if (plcf->fallback_uri.data != NULL) {
        return "is duplicate";
    }

    value = cf->args->elts;

    if (ngx_strcmp(value[1].data, "off") == 0) {

        if (cf->args->nelts > 2) {
            return ngx_http_pintag_off(cf, &value[2]);
        }

        ngx_str_set(&plcf->fallback_uri, "");

        return NGX_CONF_OK;
    }

    what = ngx_http_pintag_uri(&value[1]);
    if (what) {
        return what;
    }

    plcf->fallback_uri = value[1];

    if (cf->args->nelts == 2) {
        return NGX_CONF_OK;
    }

    if (ngx_http_pintag_key(&value[2], "expect=", &plcf->fallback_expect)
        != NGX_OK
        || plcf->fallback_expect.len == 0)
    {
        ngx_conf_log_error(NGX_LOG_EMERG, cf, 0,
                           "invalid parameter \"%V\", it must be "
                           "\"expect=string\"", &value[2]);
        return NGX_CONF_ERROR;
    }

    return NGX_CONF_OK;
}


char *
ngx_http_pintag_set_queue(ngx_conf_t *cf, ngx_command_t *cmd, void *conf)
{
    ngx_http_pintag_main_conf_t *pmcf = conf;

    ssize_t     size;
    ngx_int_t   n;
    ngx_str_t  *value, s;

    if (pmcf->queue_max != NGX_CONF_UNSET_UINT) {
        return "is duplicate";
    }

    value = cf->args->elts;

    n = ngx_atoi(value[1].data, value[1].len);

    if (n == NGX_ERROR || n == 0) {
        ngx_conf_log_error(NGX_LOG_EMERG, cf, 0,
                           "invalid value \"%V\", it must be a number of at "
                           "least 1", &value[1]);
        return NGX_CONF_ERROR;
    }

    pmcf->queue_max = n;

    if (cf->args->nelts == 2) {
        return NGX_CONF_OK;
    }

    size = NGX_ERROR;

    if (ngx_http_pintag_key(&value[2], "size=", &s) == NGX_OK) {
        size = ngx_parse_size(&s);
    }

    if (size == NGX_ERROR || size == 0) {
        ngx_conf_log_error(NGX_LOG_EMERG, cf, 0,
                           "invalid parameter \"%V\", it must be "
                           "\"size=size\", such as \"size=64m\"", &value[2]);
        return NGX_CONF_ERROR;
    }

    pmcf->queue_size = size;

    return NGX_CONF_OK;
}


char *
ngx_http_pintag_set_max_body(ngx_conf_t *cf, ngx_command_t *cmd, void *conf)
{
    ngx_http_pintag_loc_conf_t *plcf = conf;

    return ngx_http_pintag_size(cf, &plcf->max_body, 1,
                                "at least 1 byte, such as \"512k\"");
}


char *
ngx_http_pintag_set_max_event(ngx_conf_t *cf, ngx_command_t *cmd, void *conf)
{
    ngx_http_pintag_loc_conf_t *plcf = conf;

    return ngx_http_pintag_size(cf, &plcf->max_event,
                                NGX_HTTP_PINTAG_MIN_EVENT,
                                "at least 1k, such as \"32k\"");
}


/* a directive whose one argument is a size, of which "what" says what it is */

static char *
ngx_http_pintag_size(ngx_conf_t *cf, size_t *field, ssize_t min, char *what)
{
    ssize_t     size;
    ngx_str_t  *value;

    if (*field != NGX_CONF_UNSET_SIZE) {
        return "is duplicate";
    }

    value = cf->args->elts;

    size = ngx_parse_size(&value[1]);

    if (size == NGX_ERROR || size < min) {
        ngx_conf_log_error(NGX_LOG_EMERG, cf, 0,
                           "invalid value \"%V\", it must be a size of %s",
                           &value[1], what);
        return NGX_CONF_ERROR;
    }

    *field = size;

    return NGX_CONF_OK;
}


char *
ngx_http_pintag_set_max_events(ngx_conf_t *cf, ngx_command_t *cmd, void *conf)
{
    ngx_http_pintag_loc_conf_t *plcf = conf;

    ngx_int_t   n;
    ngx_str_t  *value;

    if (plcf->max_events != NGX_CONF_UNSET_UINT) {
        return "is duplicate";
    }

    value = cf->args->elts;

    n = ngx_atoi(value[1].data, value[1].len);

    if (n == NGX_ERROR || n == 0) {
        ngx_conf_log_error(NGX_LOG_EMERG, cf, 0,
                           "invalid value \"%V\", it must be a number of at "
                           "least 1", &value[1]);
        return NGX_CONF_ERROR;
    }

    plcf->max_events = n;

    return NGX_CONF_OK;
}


/* a message that shows a key would put it into a log */

char *
ngx_http_pintag_set_write_keys(ngx_conf_t *cf, ngx_command_t *cmd, void *conf)
{
    ngx_http_pintag_loc_conf_t *plcf = conf;

    ngx_str_t      *value;
    ngx_uint_t      i;
    pintag_list_t  *keys;

    if (plcf->write_keys != NGX_CONF_UNSET_PTR) {
        return "is duplicate";
    }

    value = cf->args->elts;

    if (cf->args->nelts == 2 && ngx_strcmp(value[1].data, "off") == 0) {
        plcf->write_keys = NULL;
        return NGX_CONF_OK;
    }

    keys = ngx_palloc(cf->pool, sizeof(pintag_list_t));
    if (keys == NULL) {
        return NGX_CONF_ERROR;
    }

    keys->n = 0;
    keys->elts = ngx_palloc(cf->pool, (cf->args->nelts - 1)
                                      * sizeof(pintag_str_t));
    if (keys->elts == NULL) {
        return NGX_CONF_ERROR;
    }

    for (i = 1; i < cf->args->nelts; i++) {

        if (ngx_strcmp(value[i].data, "off") == 0) {
            ngx_conf_log_error(NGX_LOG_EMERG, cf, 0,
                               "invalid value \"off\" in a list of write "
                               "keys, it must stand alone");
            return NGX_CONF_ERROR;
        }

        keys->elts[keys->n] = ngx_http_pintag_text(&value[i]);

        if (pintag_str_blank(keys->elts[keys->n])) {
            ngx_conf_log_error(NGX_LOG_EMERG, cf, 0,
                               "write key %ui is empty, it must be a text; "
                               "\"off\" takes events without one", i);
            return NGX_CONF_ERROR;
        }

        if (pintag_write_key_listed(keys->elts[keys->n], keys)) {
            ngx_conf_log_error(NGX_LOG_EMERG, cf, 0,
                               "write key %ui is the same as one before it, "
                               "remove it", i);
            return NGX_CONF_ERROR;
        }

        keys->n++;
    }

    plcf->write_keys = keys;

    return NGX_CONF_OK;
}


char *
ngx_http_pintag_set_skip(ngx_conf_t *cf, ngx_command_t *cmd, void *conf)
{
    ngx_http_pintag_loc_conf_t *plcf = conf;

    if (plcf->skip != NGX_CONF_UNSET_PTR) {
        return "is duplicate";
    }

    return ngx_http_set_predicate_slot(cf, cmd, conf);
}


char *
ngx_http_pintag_set_privacy_signal(ngx_conf_t *cf, ngx_command_t *cmd,
    void *conf)
{
    ngx_http_pintag_loc_conf_t *plcf = conf;

    ngx_str_t   *value, s;
    ngx_uint_t   i, *signal;

    value = cf->args->elts;

    for (i = 1; i < cf->args->nelts; i++) {

        if (ngx_http_pintag_key(&value[i], "gpc=", &s) == NGX_OK) {
            signal = &plcf->gpc;

        } else if (ngx_http_pintag_key(&value[i], "dnt=", &s) == NGX_OK) {
            signal = &plcf->dnt;

        } else {
            goto invalid;
        }

        if (*signal != NGX_CONF_UNSET_UINT) {
            return "is duplicate";
        }

        if (ngx_strcmp(s.data, "drop") == 0) {
            *signal = PINTAG_SIGNAL_DROP;

        } else if (ngx_strcmp(s.data, "ldp") == 0) {
            *signal = PINTAG_SIGNAL_LDP;

        } else if (ngx_strcmp(s.data, "ignore") == 0) {
            *signal = PINTAG_SIGNAL_NONE;

        } else {
            goto invalid;
        }
    }

    return NGX_CONF_OK;

invalid:

    ngx_conf_log_error(NGX_LOG_EMERG, cf, 0,
                       "invalid parameter \"%V\", it must be \"gpc=\" or "
                       "\"dnt=\" with \"drop\", \"ldp\" or \"ignore\"",
                       &value[i]);
    return NGX_CONF_ERROR;
}


char *
ngx_http_pintag_set_ack(ngx_conf_t *cf, ngx_command_t *cmd, void *conf)
{
    ngx_http_pintag_loc_conf_t *plcf = conf;

    ngx_str_t  *value, s;

    if (plcf->ack != NGX_CONF_UNSET_UINT) {
        return "is duplicate";
    }

    value = cf->args->elts;

    if (ngx_strcmp(value[1].data, "delivered") == 0) {
        plcf->ack = NGX_HTTP_PINTAG_ACK_DELIVERED;

    } else if (ngx_strcmp(value[1].data, "stored") == 0) {
        plcf->ack = NGX_HTTP_PINTAG_ACK_STORED;

    } else if (ngx_strcmp(value[1].data, "received") == 0) {
        plcf->ack = NGX_HTTP_PINTAG_ACK_RECEIVED;

    } else {
        ngx_conf_log_error(NGX_LOG_EMERG, cf, 0,
                           "invalid value \"%V\", it must be \"delivered\", "
                           "\"stored\" or \"received\"", &value[1]);
        return NGX_CONF_ERROR;
    }

    plcf->ack_timeout = 10000;

    if (cf->args->nelts == 2) {
        return NGX_CONF_OK;
    }

    if (plcf->ack == NGX_HTTP_PINTAG_ACK_DELIVERED
        && ngx_http_pintag_key(&value[2], "timeout=", &s) == NGX_OK)
    {
        plcf->ack_timeout = ngx_parse_time(&s, 0);

        if (plcf->ack_timeout != (ngx_msec_t) NGX_ERROR
            && plcf->ack_timeout != 0)
        {
            return NGX_CONF_OK;
        }
    }

    ngx_conf_log_error(NGX_LOG_EMERG, cf, 0,
                       "invalid parameter \"%V\", it must be "
                       "\"timeout=time\", of \"delivered\"", &value[2]);
    return NGX_CONF_ERROR;
}


char *
ngx_http_pintag_set_window(ngx_conf_t *cf, ngx_command_t *cmd, void *conf)
{
    ngx_http_pintag_loc_conf_t *plcf = conf;

    ngx_int_t    n;
    ngx_str_t   *value, s;
    ngx_uint_t   i, *window;

    value = cf->args->elts;

    for (i = 1; i < cf->args->nelts; i++) {

        if (ngx_http_pintag_key(&value[i], "tag=", &s) == NGX_OK) {
            window = &plcf->tag_window;

        } else if (ngx_http_pintag_key(&value[i], "api=", &s) == NGX_OK) {
            window = &plcf->api_window;

        } else {
            goto invalid;
        }

        if (*window != NGX_CONF_UNSET_UINT) {
            return "is duplicate";
        }

        n = ngx_atoi(s.data, s.len);

        if (n == NGX_ERROR || n == 0 || n > NGX_HTTP_PINTAG_MAX_WINDOW) {
            goto invalid;
        }

        *window = n;
    }

    return NGX_CONF_OK;

invalid:

    ngx_conf_log_error(NGX_LOG_EMERG, cf, 0,
                       "invalid parameter \"%V\", it must be \"tag=number\" "
                       "or \"api=number\", each from 1 to %d", &value[i],
                       NGX_HTTP_PINTAG_MAX_WINDOW);
    return NGX_CONF_ERROR;
}


char *
ngx_http_pintag_set_batch(ngx_conf_t *cf, ngx_command_t *cmd, void *conf)
{
    ngx_http_pintag_loc_conf_t *plcf = conf;

    ssize_t      size;
    ngx_int_t    n;
    ngx_str_t   *value, s;
    ngx_uint_t   i;

    value = cf->args->elts;

    for (i = 1; i < cf->args->nelts; i++) {

        if (ngx_http_pintag_key(&value[i], "events=", &s) == NGX_OK) {

            if (plcf->batch_events != NGX_CONF_UNSET_UINT) {
                return "is duplicate";
            }

            n = ngx_atoi(s.data, s.len);

            if (n == NGX_ERROR || n == 0 || n > PINTAG_CAPI_MAX_EVENTS) {
                goto invalid;
            }

            plcf->batch_events = n;
            continue;
        }

        if (ngx_http_pintag_key(&value[i], "size=", &s) != NGX_OK) {
            goto invalid;
        }

        if (plcf->batch_size != NGX_CONF_UNSET_SIZE) {
            return "is duplicate";
        }

        size = ngx_parse_size(&s);

        if (size == NGX_ERROR || size == 0) {
            goto invalid;
        }

        plcf->batch_size = size;
    }

    return NGX_CONF_OK;

invalid:

    ngx_conf_log_error(NGX_LOG_EMERG, cf, 0,
                       "invalid parameter \"%V\", it must be "
                       "\"events=number\" from 1 to %d, which is Pinterest's "
                       "limit, or \"size=size\"", &value[i],
                       PINTAG_CAPI_MAX_EVENTS);
    return NGX_CONF_ERROR;
}


char *
ngx_http_pintag_set_retry(ngx_conf_t *cf, ngx_command_t *cmd, void *conf)
{
    ngx_http_pintag_loc_conf_t *plcf = conf;

    ngx_int_t    n;
    ngx_str_t   *value, s;
    ngx_uint_t   i;
    ngx_msec_t  *msec;

    value = cf->args->elts;

    for (i = 1; i < cf->args->nelts; i++) {

        if (ngx_http_pintag_key(&value[i], "attempts=", &s) == NGX_OK) {

            if (plcf->attempts != NGX_CONF_UNSET_UINT) {
                return "is duplicate";
            }

            n = ngx_atoi(s.data, s.len);

            if (n == NGX_ERROR || n == 0) {
                goto invalid;
            }

            plcf->attempts = n;
            continue;
        }

        if (ngx_http_pintag_key(&value[i], "min=", &s) == NGX_OK) {
            msec = &plcf->retry_min;

        } else if (ngx_http_pintag_key(&value[i], "max=", &s) == NGX_OK) {
            msec = &plcf->retry_max;

        } else {
            goto invalid;
        }

        if (*msec != NGX_CONF_UNSET_MSEC) {
            return "is duplicate";
        }

        *msec = ngx_parse_time(&s, 0);

        if (*msec == (ngx_msec_t) NGX_ERROR || *msec == 0) {
            goto invalid;
        }
    }

    return NGX_CONF_OK;

invalid:

    ngx_conf_log_error(NGX_LOG_EMERG, cf, 0,
                       "invalid parameter \"%V\", it must be "
                       "\"attempts=number\", \"min=time\" or \"max=time\", "
                       "each more than 0", &value[i]);
    return NGX_CONF_ERROR;
}


ngx_int_t
ngx_http_pintag_key(ngx_str_t *arg, char *key, ngx_str_t *value)
{
    size_t  len;

    len = ngx_strlen(key);

    if (arg->len < len || ngx_strncmp(arg->data, key, len) != 0) {
        return NGX_DECLINED;
    }

    value->data = arg->data + len;
    value->len = arg->len - len;

    return NGX_OK;
}


char *
ngx_http_pintag_off(ngx_conf_t *cf, ngx_str_t *arg)
{
    ngx_conf_log_error(NGX_LOG_EMERG, cf, 0,
                       "invalid parameter \"%V\", \"off\" takes none", arg);
    return NGX_CONF_ERROR;
}
