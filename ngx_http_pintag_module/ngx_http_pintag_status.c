
/*
 * Copyright (C) the ngx_http_pintag_module authors
 */


#include "ngx_http_pintag_status.h"
#include "ngx_http_pintag_answer.h"
#include "ngx_http_pintag_spool.h"


static ngx_int_t ngx_http_pintag_status_handler(ngx_http_request_t *r);
static ngx_int_t ngx_http_pintag_status_read(ngx_http_request_t *r,
    ngx_http_pintag_zone_t *zone, ngx_http_pintag_status_t *status);
static void ngx_http_pintag_status_total(ngx_http_pintag_totals_t *totals,
    ngx_http_pintag_destination_t *destination);


static const char  *ngx_http_pintag_status_outcomes[] = {
    "delivered", "refused", "failed", "skipped", "rejected", "fallback", "lost"
};


static const char  *ngx_http_pintag_status_types[] = {
    "other", "track", "page", "screen", "identify", "group", "alias", "other"
};


static const char  *ngx_http_pintag_status_transports[] = {
    "tag", "api", "fallback", "api-test"
};


static const char  *ngx_http_pintag_status_classes[] = {
    "none", "2xx", "3xx", "4xx", "5xx"
};


char *
ngx_http_pintag_set_status(ngx_conf_t *cf, ngx_command_t *cmd, void *conf)
{
    ngx_http_pintag_loc_conf_t *plcf = conf;

    ngx_str_t                 *value;
    ngx_http_core_loc_conf_t  *clcf;

    if (plcf->status) {
        return "is duplicate";
    }

    value = cf->args->elts;

    if (cf->args->nelts == 1 || ngx_strcmp(value[1].data, "json") == 0) {
        plcf->status = ngx_http_pintag_status_json;

    } else if (ngx_strcmp(value[1].data, "prometheus") == 0) {
        plcf->status = ngx_http_pintag_status_prometheus;

    } else {
        ngx_conf_log_error(NGX_LOG_EMERG, cf, 0,
                           "invalid value \"%V\", it must be \"json\" or "
                           "\"prometheus\"", &value[1]);
        return NGX_CONF_ERROR;
    }

    clcf = ngx_http_conf_get_module_loc_conf(cf, ngx_http_core_module);
    clcf->handler = ngx_http_pintag_status_handler;

    plcf->status_file = cf->conf_file->file.name.data;
    plcf->status_line = cf->conf_file->line;

    return NGX_CONF_OK;
}


void
ngx_http_pintag_status_inherit(ngx_http_core_loc_conf_t *clcf,
    ngx_http_pintag_loc_conf_t *prev, ngx_http_pintag_loc_conf_t *conf)
{
    conf->status = prev->status;
    conf->status_file = prev->status_file;
    conf->status_line = prev->status_line;

    if (clcf->lmt_excpt && clcf->handler == NULL && conf->status) {
        clcf->handler = ngx_http_pintag_status_handler;
    }
}


static ngx_int_t
ngx_http_pintag_status_handler(ngx_http_request_t *r)
{
    ngx_int_t                     rc;
    pintag_buf_t                  buf;
    pintag_arena_t                arena;
    ngx_http_pintag_status_t      status;
    ngx_http_pintag_loc_conf_t   *plcf;
    ngx_http_pintag_main_conf_t  *pmcf;

    if (!(r->method & (NGX_HTTP_GET|NGX_HTTP_HEAD))) {
        return NGX_HTTP_NOT_ALLOWED;
    }

    rc = ngx_http_discard_request_body(r);

    if (rc != NGX_OK) {
        return rc;
    }

    plcf = ngx_http_get_module_loc_conf(r, ngx_http_pintag_module);
    pmcf = ngx_http_get_module_main_conf(r, ngx_http_pintag_module);

    if (ngx_http_pintag_status_read(r, pmcf->zone, &status) != NGX_OK) {
        return NGX_HTTP_INTERNAL_SERVER_ERROR;
    }

    pintag_arena_init(&arena, ngx_http_pintag_palloc, r->pool);
    pintag_buf_init(&buf, &arena, 4096);

    plcf->status(&status, &buf);

    if (buf.failed) {
        return NGX_HTTP_INTERNAL_SERVER_ERROR;
    }

    return ngx_http_pintag_answer_send(r, NGX_HTTP_OK,
                        plcf->status == ngx_http_pintag_status_json
                        ? "application/json"
                        : "text/plain; version=0.0.4; charset=utf-8",
                        buf.data, buf.len);
}


static ngx_int_t
ngx_http_pintag_status_read(ngx_http_request_t *r,
    ngx_http_pintag_zone_t *zone, ngx_http_pintag_status_t *status)
{
    time_t                           oldest;
    ngx_uint_t                       i;
    ngx_array_t                     *destinations;
    ngx_http_pintag_row_t           *row;
    ngx_http_pintag_totals_t        *totals;
    ngx_http_pintag_destination_t  **elt;

    ngx_http_pintag_zone_settle(zone);

    destinations = &zone->main_conf->destinations;
    elt = destinations->elts;

    ngx_memzero(status, sizeof(ngx_http_pintag_status_t));

    status->zone = zone;
    status->totals = ngx_palloc(r->pool, ngx_max(destinations->nelts, 1)
                                         * sizeof(ngx_http_pintag_totals_t));
    if (status->totals == NULL) {
        return NGX_ERROR;
    }

    for (i = 0; i < destinations->nelts; i++) {

        if (elt[i]->twinned) {
            continue;
        }

        totals = &status->totals[status->n++];

        ngx_http_pintag_status_total(totals, elt[i]);
        status->spooled += totals->spooled;
    }

    oldest = 0;

    for (i = 0; i < NGX_HTTP_PINTAG_ROWS; i++) {
        row = &zone->shared->rows[i];

        if (row->pid == 0) {
            continue;
        }

        status->workers++;
        status->queued += row->queued;
        status->queued_size += row->queued_size;
        status->fullest = ngx_max(status->fullest, row->queued);
        status->fullest_size = ngx_max(status->fullest_size,
                                       row->queued_size);
        status->spool_size = ngx_max(status->spool_size, row->spool_size);

        if (row->oldest && (oldest == 0 || row->oldest < oldest)) {
            oldest = row->oldest;
        }
    }

    if (oldest) {
        status->oldest = ngx_max(0, ngx_time() - oldest);
    }

    return NGX_OK;
}


static void
ngx_http_pintag_status_total(ngx_http_pintag_totals_t *totals,
    ngx_http_pintag_destination_t *destination)
{
    ngx_uint_t                      i;
    ngx_http_pintag_cell_t         *cell;
    ngx_http_pintag_destination_t  *twin;

    ngx_memzero(totals, sizeof(ngx_http_pintag_totals_t));

    totals->destination = destination;
    totals->counters = destination->slot->counters;
    totals->spooled = (ngx_uint_t) totals->counters.orphans;

    for (i = 0; i < NGX_HTTP_PINTAG_ROWS; i++) {
        cell = &destination->slot->cells[i];

        totals->pending += cell->pending;
        totals->spooled += cell->spooled - cell->found;
        totals->in_flight += cell->in_flight;
        totals->stopped += (cell->stopped != 0);
        totals->misconfigured += (cell->misconfigured != 0);
    }

    for (twin = destination; twin; twin = twin->twin) {
        totals->window += twin->window;
    }

    /* more has ended than was received, so that some of it was found */

    if ((ngx_int_t) totals->spooled < 0) {
        totals->counters.received -= totals->spooled;
        totals->counters.recovered -= totals->spooled;
        totals->spooled = 0;
    }
}


const char *
ngx_http_pintag_status_outcome(ngx_uint_t outcome)
{
    return ngx_http_pintag_status_outcomes[outcome];
}


const char *
ngx_http_pintag_status_type(ngx_uint_t type)
{
    return ngx_http_pintag_status_types[type];
}


const char *
ngx_http_pintag_status_transport(ngx_uint_t transport)
{
    return ngx_http_pintag_status_transports[transport];
}


const char *
ngx_http_pintag_status_class(ngx_uint_t status)
{
    return ngx_http_pintag_status_classes[status];
}


void
ngx_http_pintag_status_seconds(pintag_buf_t *buf, uint64_t msec)
{
    pintag_buf_add_uint(buf, msec / 1000);
    pintag_buf_add_char(buf, '.');
    pintag_buf_add_char(buf, '0' + msec / 100 % 10);
    pintag_buf_add_char(buf, '0' + msec / 10 % 10);
    pintag_buf_add_char(buf, '0' + msec % 10);
}
