
/*
 * Copyright (C) the ngx_http_pintag_module authors
 */


#include "ngx_http_pintag_module.h"
#include "ngx_http_pintag_variables.h"


/* bytes of $pintag_events */
#define NGX_HTTP_PINTAG_VARIABLES_NAMES  1024


typedef struct {
    ngx_str_t    result;
    ngx_str_t    reason;
    ngx_str_t    message_id;
    ngx_str_t    names;
    ngx_uint_t   received;
    ngx_uint_t   counts[NGX_HTTP_PINTAG_EVENT_STATES];
    unsigned     known:1;         /* what became of them */
} ngx_http_pintag_result_t;


typedef enum {
    NGX_HTTP_PINTAG_VARIABLE_RESULT = 0,
    NGX_HTTP_PINTAG_VARIABLE_REASON,
    NGX_HTTP_PINTAG_VARIABLE_MESSAGE_ID,
    NGX_HTTP_PINTAG_VARIABLE_EVENTS,
    NGX_HTTP_PINTAG_VARIABLE_RECEIVED,

    /* and one for each state of an event */
    NGX_HTTP_PINTAG_VARIABLE_COUNT
} ngx_http_pintag_variable_e;


static ngx_http_pintag_result_t *ngx_http_pintag_variables_result(
    ngx_http_request_t *r, ngx_uint_t create);
static void ngx_http_pintag_variables_cleanup(void *data);
static ngx_int_t ngx_http_pintag_variables_get(ngx_http_request_t *r,
    ngx_http_variable_value_t *v, uintptr_t data);
static ngx_int_t ngx_http_pintag_variables_number(ngx_http_request_t *r,
    ngx_http_variable_value_t *v, ngx_uint_t n);


#define ngx_http_pintag_variable(name, what)                                  \
    { ngx_string("pintag_" name), NULL, ngx_http_pintag_variables_get,        \
      NGX_HTTP_PINTAG_VARIABLE_ ## what, NGX_HTTP_VAR_NOCACHEABLE, 0 }

#define ngx_http_pintag_count_variable(name, state)                           \
    { ngx_string("pintag_" name), NULL, ngx_http_pintag_variables_get,        \
      NGX_HTTP_PINTAG_VARIABLE_COUNT + NGX_HTTP_PINTAG_EVENT_ ## state,       \
      NGX_HTTP_VAR_NOCACHEABLE, 0 }


static ngx_http_variable_t  ngx_http_pintag_variables[] = {

    ngx_http_pintag_variable("result", RESULT),
    ngx_http_pintag_variable("reason", REASON),
    ngx_http_pintag_variable("message_id", MESSAGE_ID),
    ngx_http_pintag_variable("events", EVENTS),
    ngx_http_pintag_variable("received", RECEIVED),

    ngx_http_pintag_count_variable("delivered", DELIVERED),
    ngx_http_pintag_count_variable("stored", STORED),
    ngx_http_pintag_count_variable("skipped", SKIPPED),
    ngx_http_pintag_count_variable("refused", REFUSED),
    ngx_http_pintag_count_variable("failed", FAILED),
    ngx_http_pintag_count_variable("rejected", REJECTED),

    ngx_http_null_variable
};


ngx_int_t
ngx_http_pintag_variables_add(ngx_conf_t *cf)
{
    return ngx_http_pintag_variables_add_all(cf, ngx_http_pintag_variables);
}


ngx_int_t
ngx_http_pintag_variables_add_all(ngx_conf_t *cf, ngx_http_variable_t *v)
{
    ngx_http_variable_t  *var;

    for ( /* void */ ; v->name.len; v++) {

        var = ngx_http_add_variable(cf, &v->name, v->flags);
        if (var == NULL) {
            return NGX_ERROR;
        }

        var->get_handler = v->get_handler;
        var->data = v->data;
    }

    return NGX_OK;
}


void
ngx_http_pintag_variables_init(ngx_conf_t *cf)
{
    ngx_uint_t                    i, k;
    ngx_str_t                    *name;
    ngx_http_variable_t          *used, *v;
    ngx_http_core_main_conf_t    *cmcf;
    ngx_http_pintag_main_conf_t  *pmcf;

    cmcf = ngx_http_conf_get_module_main_conf(cf, ngx_http_core_module);
    pmcf = ngx_http_conf_get_module_main_conf(cf, ngx_http_pintag_module);

    used = cmcf->variables.elts;

    for (i = 0; i < cmcf->variables.nelts; i++) {
        name = &used[i].name;

        for (k = 0; ngx_http_pintag_variables[k].name.len; k++) {
            v = &ngx_http_pintag_variables[k];

            if (name->len == v->name.len
                && ngx_strncmp(name->data, v->name.data, name->len) == 0)
            {
                pmcf->logged = 1;
                return;
            }
        }
    }
}


void
ngx_http_pintag_variables_name(ngx_http_request_t *r, pintag_str_t name)
{
    u_char                    *p;
    size_t                     len;
    ngx_http_pintag_result_t  *result;

    result = ngx_http_pintag_variables_result(r, 1);

    if (result == NULL || name.len == 0) {
        return;
    }

    if (result->names.data == NULL) {
        result->names.data = ngx_pnalloc(r->pool,
                                         NGX_HTTP_PINTAG_VARIABLES_NAMES);
        if (result->names.data == NULL) {
            return;
        }
    }

    len = name.len + (result->names.len != 0);

    if (len > NGX_HTTP_PINTAG_VARIABLES_NAMES - result->names.len) {
        return;
    }

    p = result->names.data + result->names.len;

    if (result->names.len) {
        *p++ = ',';
    }

    ngx_memcpy(p, name.data, name.len);
    result->names.len += len;
}


void
ngx_http_pintag_variables_events(ngx_http_request_t *r,
    ngx_http_pintag_events_t *events)
{
    ngx_uint_t                 i, state;
    ngx_http_pintag_event_t   *event;
    ngx_http_pintag_result_t  *result;

    result = ngx_http_pintag_variables_result(r, 1);

    if (result == NULL) {
        return;
    }

    ngx_memzero(result->counts, sizeof(result->counts));
    ngx_str_null(&result->result);
    ngx_str_null(&result->reason);
    ngx_str_null(&result->message_id);

    result->known = 1;
    result->received = events->n;

    for (i = 0; i < events->n; i++) {
        event = &events->elts[i];
        state = event->state;

        result->counts[state]++;

        if (result->reason.len == 0 && event->reason) {
            result->reason.data = (u_char *) event->reason;
            result->reason.len = ngx_strlen(event->reason);
        }

        if (result->message_id.len == 0) {
            result->message_id.data = (u_char *) event->message_id.data;
            result->message_id.len = event->message_id.len;
        }

        if (i == 0) {
            result->result = *ngx_http_pintag_answer_state(state);

        } else if (state != events->elts[0].state) {
            ngx_str_set(&result->result, "partial");
        }
    }
}


void
ngx_http_pintag_variables_error(ngx_http_request_t *r, const char *error)
{
    ngx_http_pintag_result_t  *result;

    result = ngx_http_pintag_variables_result(r, 1);

    /* without memory for their answer events may have been delivered */

    if (result == NULL || result->known) {
        return;
    }

    ngx_str_set(&result->result, "rejected");

    result->reason.data = (u_char *) error;
    result->reason.len = ngx_strlen(error);
    result->known = 1;
}


/*
 * It is a cleanup's, which is there for as long as the request, where a
 * module's context ends with the location: with error_page the log is written
 * in another.
 */

static ngx_http_pintag_result_t *
ngx_http_pintag_variables_result(ngx_http_request_t *r, ngx_uint_t create)
{
    ngx_pool_cleanup_t           *cln;
    ngx_http_pintag_main_conf_t  *pmcf;

    pmcf = ngx_http_get_module_main_conf(r, ngx_http_pintag_module);

    if (!pmcf->logged) {
        return NULL;
    }

    for (cln = r->pool->cleanup; cln; cln = cln->next) {
        if (cln->handler == ngx_http_pintag_variables_cleanup) {
            return cln->data;
        }
    }

    if (!create) {
        return NULL;
    }

    cln = ngx_pool_cleanup_add(r->pool, sizeof(ngx_http_pintag_result_t));
    if (cln == NULL) {
        return NULL;
    }

    ngx_memzero(cln->data, sizeof(ngx_http_pintag_result_t));
    cln->handler = ngx_http_pintag_variables_cleanup;

    return cln->data;
}


static void
ngx_http_pintag_variables_cleanup(void *data)
{
    /* void: it is only found by this */
}


static ngx_int_t
ngx_http_pintag_variables_get(ngx_http_request_t *r,
    ngx_http_variable_value_t *v, uintptr_t data)
{
    ngx_str_t                  *value;
    ngx_http_pintag_result_t   *result;

    result = ngx_http_pintag_variables_result(r->main, 0);

    if (result == NULL || !result->known) {
        v->not_found = 1;
        return NGX_OK;
    }

    switch (data) {

    case NGX_HTTP_PINTAG_VARIABLE_RESULT:
        value = &result->result;
        break;

    case NGX_HTTP_PINTAG_VARIABLE_REASON:
        value = &result->reason;
        break;

    case NGX_HTTP_PINTAG_VARIABLE_MESSAGE_ID:
        value = &result->message_id;
        break;

    case NGX_HTTP_PINTAG_VARIABLE_EVENTS:
        value = &result->names;
        break;

    case NGX_HTTP_PINTAG_VARIABLE_RECEIVED:
        return ngx_http_pintag_variables_number(r, v, result->received);

    default:
        return ngx_http_pintag_variables_number(r, v,
                       result->counts[data - NGX_HTTP_PINTAG_VARIABLE_COUNT]);
    }

    if (value->len == 0) {
        v->not_found = 1;
        return NGX_OK;
    }

    v->valid = 1;
    v->no_cacheable = 0;
    v->not_found = 0;
    v->len = value->len;
    v->data = value->data;

    return NGX_OK;
}


static ngx_int_t
ngx_http_pintag_variables_number(ngx_http_request_t *r,
    ngx_http_variable_value_t *v, ngx_uint_t n)
{
    v->data = ngx_pnalloc(r->pool, NGX_INT_T_LEN);
    if (v->data == NULL) {
        return NGX_ERROR;
    }

    v->len = ngx_sprintf(v->data, "%ui", n) - v->data;
    v->valid = 1;
    v->no_cacheable = 0;
    v->not_found = 0;

    return NGX_OK;
}
