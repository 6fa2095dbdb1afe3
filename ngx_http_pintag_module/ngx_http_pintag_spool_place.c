
/*
 * Copyright (C) the ngx_http_pintag_module authors
 */


#include "ngx_http_pintag_module.h"
#include "ngx_http_pintag_spool.h"
#include "ngx_http_pintag_spool_read.h"
#include "ngx_http_pintag_deliveries.h"
#include "ngx_http_pintag_destination.h"
#include "ngx_http_pintag_metrics.h"
#include "ngx_http_pintag_registry.h"

#include "core/spool_line.h"


/* damaged lines of a file that are told of */
#define NGX_HTTP_PINTAG_READER_DAMAGES  1000

/* seconds until a file that could not be read is tried again */
#define NGX_HTTP_PINTAG_READER_PAUSE    10


static void ngx_http_pintag_reader_place(
    ngx_http_pintag_spool_reader_t *reader, ngx_http_pintag_spool_row_t *row);
static void ngx_http_pintag_reader_damaged(
    ngx_http_pintag_spool_file_t *file, ngx_http_pintag_spool_row_t *row);
static void ngx_http_pintag_reader_pass_over(
    ngx_http_pintag_spool_file_t *file, ngx_http_pintag_spool_row_t *row,
    ngx_http_pintag_destination_t *destination);
static void ngx_http_pintag_reader_jump(ngx_http_pintag_main_conf_t *pmcf);
static void ngx_http_pintag_reader_strand(
    ngx_http_pintag_spool_reader_t *reader, ngx_http_pintag_spool_row_t *row,
    time_t stored);
static void ngx_http_pintag_reader_deliver(
    ngx_http_pintag_spool_reader_t *reader, ngx_http_pintag_spool_row_t *rows,
    ngx_uint_t n);
static u_char *ngx_http_pintag_reader_text(ngx_str_t *value, u_char *p,
    pintag_str_t text);


void
ngx_http_pintag_reader_rows(ngx_http_pintag_spool_reader_t *reader)
{
    ngx_uint_t                     i, n;
    ngx_http_pintag_spool_t       *spool;
    ngx_http_pintag_spool_row_t   *rows;
    ngx_http_pintag_spool_file_t  *file;

    spool = reader->spool;
    file = reader->file;

    file->reading = 0;
    file->read = 1;

    if (reader->err) {
        ngx_log_error(NGX_LOG_ERR, ngx_cycle->log, reader->err,
                      "pintag spool: cannot read \"%s\" from offset %O on, "
                      "it is tried again in %d seconds", file->name,
                      reader->range.from, NGX_HTTP_PINTAG_READER_PAUSE);

        file->unreadable = ngx_time() + NGX_HTTP_PINTAG_READER_PAUSE;

        reader->rows.len = 0;
        reader->next = reader->range.from;
    }

    if (file != reader->last || reader->range.from != reader->last_next) {
        ngx_http_pintag_reader_jump(spool->main_conf);
    }

    reader->last = file;
    reader->last_next = reader->next;

    if (reader->next < reader->range.to
        && ngx_http_pintag_spool_file_range(file, reader->next,
                                            reader->range.to,
                                            reader->range.destination)
           == NULL)
    {
        file->live++;
        ngx_http_pintag_spool_file_strand(file, ngx_time());
    }

    rows = (ngx_http_pintag_spool_row_t *) reader->rows.data;
    n = spool->leaving ? 0
                       : reader->rows.len / sizeof(ngx_http_pintag_spool_row_t);

    for (i = 0; i < n; i++) {
        ngx_http_pintag_reader_place(reader, &rows[i]);
    }

    if (n) {
        ngx_http_pintag_reader_deliver(reader, rows, n);
    }

    if (spool->leaving) {
        /* what was not read is not done */
        file->live++;
    }

    ngx_http_pintag_spool_check(spool, file);
}


/* finds out what becomes of a line */

static void
ngx_http_pintag_reader_place(ngx_http_pintag_spool_reader_t *reader,
    ngx_http_pintag_spool_row_t *row)
{
    time_t                          stored;
    ngx_int_t                       rc;
    ngx_str_t                       key;
    ngx_http_pintag_spool_t        *spool;
    ngx_http_pintag_spool_file_t   *file;
    ngx_http_pintag_destination_t  *destination;

    spool = reader->spool;
    file = reader->file;

    if (row->kind != PINTAG_SPOOL_LINE && reader->range.destination == NULL) {

        ngx_http_pintag_reader_damaged(file, row);
    }

    if (row->kind == PINTAG_SPOOL_DAMAGED) {
        return;
    }

    key.data = (u_char *) row->line.destination.data;
    key.len = row->line.destination.len;

    destination = ngx_http_pintag_registry_find(spool->main_conf, &key);

    if (reader->range.destination
        && reader->range.destination != destination)
    {
        return;
    }

    /* of a file that was another's each line is new once */

    if (file->adopted && row->offset >= file->found) {
        file->found = row->offset + 1;

        if (destination) {
            ngx_http_pintag_count_found(destination);
        }
    }

    /* no clock is right for good */

    stored = (time_t) ngx_max(0, ngx_min(row->line.time, ngx_time()));

    if (row->line.reason.len) {
        /* it was undelivered, and somebody wants it sent again */
        stored = ngx_max(stored, file->modified);
    }

    if (file->born == 0 || stored < file->born) {
        file->born = stored;
    }

    if (ngx_http_pintag_spool_expired(spool, stored)) {

        file->live++;

        rc = ngx_http_pintag_spool_give_up(spool, file, row->offset,
                                           &row->line, "max_age");

        if (destination) {
            destination->passed_over = NULL;

            if (rc == NGX_OK) {
                ngx_http_pintag_count_expired(destination, "max_age");
            }
        }

        return;
    }

    if (destination == NULL) {
        ngx_http_pintag_reader_strand(reader, row, stored);
        return;
    }

    if (destination->backlog >= NGX_HTTP_PINTAG_READER_BACKLOG
        && destination->failures)
    {
        ngx_http_pintag_reader_pass_over(file, row, destination);
        return;
    }

    destination->passed_over = NULL;
    destination->backlog++;

    row->destination = destination;
    row->line.time = stored;
}


static void
ngx_http_pintag_reader_damaged(ngx_http_pintag_spool_file_t *file,
    ngx_http_pintag_spool_row_t *row)
{
    file->damaged = 1;
    file->damages++;

    if (file->damages > NGX_HTTP_PINTAG_READER_DAMAGES) {
        return;
    }

    ngx_log_error(NGX_LOG_ERR, ngx_cycle->log, 0,
                  "pintag spool: damaged line in \"%s\" at offset %O, %uz "
                  "bytes%s", file->name, row->offset, row->len,
                  row->kind == PINTAG_SPOOL_STATELESS
                  ? ": only its state is, it is taken as pending"
                  : file->damages == NGX_HTTP_PINTAG_READER_DAMAGES
                  ? ", more of this file are not told of" : "");
}


/*
 * It is read again when there is room at its destination.  One range does for
 * all lines that are passed over, whatever is between them, as long as it is
 * no line for the same destination that is now in memory.
 */

static void
ngx_http_pintag_reader_pass_over(ngx_http_pintag_spool_file_t *file,
    ngx_http_pintag_spool_row_t *row,
    ngx_http_pintag_destination_t *destination)
{
    off_t                           end;
    ngx_http_pintag_spool_range_t  *range;

    end = row->offset + row->len + 1;
    range = destination->passed_over;

    if (range) {
        range->to = end;
        return;
    }

    range = ngx_http_pintag_spool_file_range(file, row->offset, end,
                                             destination);
    if (range == NULL) {
        file->live++;
        ngx_http_pintag_spool_file_strand(file, ngx_time());
    }

    destination->passed_over = range;
}


/* what is read next does not follow on what was read before */

static void
ngx_http_pintag_reader_jump(ngx_http_pintag_main_conf_t *pmcf)
{
    ngx_uint_t                       i;
    ngx_http_pintag_destination_t  **destination;

    destination = pmcf->destinations.elts;

    for (i = 0; i < pmcf->destinations.nelts; i++) {
        destination[i]->passed_over = NULL;
    }
}


static void
ngx_http_pintag_reader_strand(ngx_http_pintag_spool_reader_t *reader,
    ngx_http_pintag_spool_row_t *row, time_t stored)
{
    u_char                         buf[NGX_HTTP_PINTAG_LOG_TEXT];
    time_t                         end;
    ngx_str_t                      key;
    ngx_http_pintag_spool_file_t  *file;

    file = reader->file;
    end = stored + reader->spool->conf->max_age + 1;

    if (!file->homeless) {
        file->homeless = 1;

        key.data = (u_char *) row->line.destination.data;
        key.len = row->line.destination.len;
        key = ngx_http_pintag_log_text(&key, buf, sizeof(buf));

        ngx_log_error(NGX_LOG_WARN, ngx_cycle->log, 0,
                      "pintag spool: \"%s\" holds events for a destination "
                      "that the configuration does not have, \"%V\"; they "
                      "wait until it does, or \"max_age\" is over",
                      file->name, &key);
    }

    file->live++;
    ngx_http_pintag_spool_file_strand(file, end);
}


static void
ngx_http_pintag_reader_deliver(ngx_http_pintag_spool_reader_t *reader,
    ngx_http_pintag_spool_row_t *rows, ngx_uint_t n)
{
    size_t                         size;
    u_char                        *p;
    ngx_uint_t                     i, placed;
    pintag_spool_line_t           *line;
    ngx_http_pintag_spool_t       *spool;
    ngx_http_pintag_main_conf_t   *pmcf;
    ngx_http_pintag_delivery_t    *delivery;
    ngx_http_pintag_deliveries_t  *deliveries;

    spool = reader->spool;
    pmcf = spool->main_conf;

    size = 0;
    placed = 0;

    for (i = 0; i < n; i++) {

        if (rows[i].destination == NULL) {
            continue;
        }

        line = &rows[i].line;
        placed++;

        size += line->payload.len + line->event_id.len + line->user_agent.len
                + line->page_url.len + line->address.len;
    }

    if (placed == 0) {
        return;
    }

    deliveries = ngx_http_pintag_deliveries_create(placed,
                                                   pmcf->destinations.nelts,
                                                   size, &p, ngx_cycle->log);
    delivery = deliveries ? deliveries->elts : NULL;

    for (i = 0; i < n; i++) {

        if (rows[i].destination == NULL) {
            continue;
        }

        reader->file->live++;

        if (deliveries == NULL) {
            ngx_http_pintag_spool_file_strand(reader->file, ngx_time());
            rows[i].destination->backlog--;
            continue;
        }

        line = &rows[i].line;

        delivery->destination = rows[i].destination;
        delivery->file = reader->file;
        delivery->offset = rows[i].offset;
        delivery->stored = (time_t) line->time;
        delivery->spooled = 1;

        p = ngx_http_pintag_reader_text(&delivery->payload, p, line->payload);
        p = ngx_http_pintag_reader_text(&delivery->event_id, p,
                                        line->event_id);
        p = ngx_http_pintag_reader_text(&delivery->headers.user_agent, p,
                                        line->user_agent);
        p = ngx_http_pintag_reader_text(&delivery->headers.page_url, p,
                                        line->page_url);
        p = ngx_http_pintag_reader_text(&delivery->headers.address, p,
                                        line->address);

        reader->file->held++;
        delivery++;
    }

    if (deliveries) {
        ngx_http_pintag_deliveries_read(deliveries, pmcf);
    }
}


static u_char *
ngx_http_pintag_reader_text(ngx_str_t *value, u_char *p, pintag_str_t text)
{
    value->data = p;
    value->len = text.len;

    return text.len ? ngx_cpymem(p, text.data, text.len) : p;
}
