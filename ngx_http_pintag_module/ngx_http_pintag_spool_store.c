
/*
 * Copyright (C) the ngx_http_pintag_module authors
 */


#include "ngx_http_pintag_module.h"
#include "ngx_http_pintag_spool.h"
#include "ngx_http_pintag_deliveries.h"
#include "ngx_http_pintag_destination.h"


/* milliseconds that a full spool is not asked again */
#define NGX_HTTP_PINTAG_SPOOL_FULL    100

/* bytes of undelivered lines that wait for the disk to take them ... */
#define NGX_HTTP_PINTAG_SPOOL_STUCK   (4 * 1024 * 1024)

/* ... and seconds until those are tried once more that found no room there */
#define NGX_HTTP_PINTAG_SPOOL_AGAIN   10


static ngx_uint_t ngx_http_pintag_spool_full(ngx_http_pintag_spool_t *spool,
    size_t size);
static ngx_int_t ngx_http_pintag_spool_add(ngx_http_pintag_spool_t *spool,
    ngx_http_pintag_delivery_t *delivery);
static void ngx_http_pintag_spool_line(ngx_http_pintag_delivery_t *delivery,
    pintag_spool_line_t *line);
static void ngx_http_pintag_spool_tell(pintag_spool_line_t *line, char *what);


void
ngx_http_pintag_spool_store(ngx_http_pintag_spool_t *spool,
    ngx_http_pintag_deliveries_t *deliveries)
{
    size_t                       len;
    ngx_uint_t                   i;
    ngx_http_pintag_delivery_t  *delivery;

    if (deliveries->storing) {
        return;
    }

    deliveries->storing = 1;
    deliveries->held++;

    if (ngx_http_pintag_spool_full(spool, deliveries->size)) {
        ngx_queue_insert_tail(&spool->refused, &deliveries->group);
        ngx_http_pintag_spool_wake(spool, 1);
        return;
    }

    len = spool->next->lines.len;

    for (i = 0; i < deliveries->n; i++) {
        delivery = &deliveries->elts[i];

        if (delivery->outcome != NGX_HTTP_PINTAG_PENDING || delivery->file) {
            continue;
        }

        if (ngx_http_pintag_spool_add(spool, delivery) != NGX_OK) {

            /* all or none of them */

            spool->next->lines.len = len;

            while (i--) {
                deliveries->elts[i].lined = 0;
            }

            ngx_queue_insert_tail(&spool->refused, &deliveries->group);
            ngx_http_pintag_spool_wake(spool, 1);
            return;
        }
    }

    ngx_queue_insert_tail(&spool->next->deliveries, &deliveries->group);

    ngx_http_pintag_spool_wake(spool, 1);
}


static ngx_uint_t
ngx_http_pintag_spool_full(ngx_http_pintag_spool_t *spool, size_t size)
{
    if (spool->main_conf->ended) {
        /* there is no other time, and nobody else to keep it */
        return 0;
    }

    if (spool->failure) {

        if ((ngx_msec_int_t) (spool->failing - ngx_current_msec) > 0) {
            return 1;
        }

        spool->failure = NULL;
    }

    if (spool->size + (off_t) (spool->next->lines.len + size)
        > spool->conf->max_size)
    {
        spool->failure = "spool_full";
        spool->failing = ngx_current_msec + NGX_HTTP_PINTAG_SPOOL_FULL;

        ngx_http_pintag_spool_complain(spool, 0, "store more than \"max_size\" "
                                       "in, events are refused:",
                                 (char *) spool->conf->path->name.data);
        return 1;
    }

    return 0;
}


static ngx_int_t
ngx_http_pintag_spool_add(ngx_http_pintag_spool_t *spool,
    ngx_http_pintag_delivery_t *delivery)
{
    u_char                         *p;
    pintag_spool_line_t             line;
    ngx_http_pintag_spool_bytes_t  *lines;

    if (spool->next->lines.len == 0
        && (spool->current == NULL
            || spool->current->end >= spool->conf->file_size))
    {
        spool->sequence = 0;
    }

    ngx_http_pintag_spool_line(delivery, &line);

    line.state = PINTAG_SPOOL_PENDING;
    line.sequence = ++spool->sequence;
    line.time = ngx_time();

    lines = &spool->next->lines;

    p = ngx_http_pintag_spool_bytes(lines, pintag_spool_line_size(&line));
    if (p == NULL) {
        return NGX_ERROR;
    }

    delivery->lined = 1;
    delivery->offset = lines->len;
    delivery->stored = ngx_time();

    lines->len += pintag_spool_line_write(p, &line);

    delivery->line_end = lines->len;

    return NGX_OK;
}


static void
ngx_http_pintag_spool_line(ngx_http_pintag_delivery_t *delivery,
    pintag_spool_line_t *line)
{
    ngx_http_pintag_headers_t      *headers;
    ngx_http_pintag_destination_t  *destination;

    ngx_memzero(line, sizeof(pintag_spool_line_t));

    headers = &delivery->headers;

    destination = delivery->origin ? delivery->origin : delivery->destination;

    line->destination = ngx_http_pintag_text(&destination->key);
    line->event_id = ngx_http_pintag_text(&delivery->event_id);
    line->payload = ngx_http_pintag_text(&delivery->payload);
    line->user_agent = ngx_http_pintag_text(&headers->user_agent);
    line->page_url = ngx_http_pintag_text(&headers->page_url);
    line->address = ngx_http_pintag_text(&headers->address);
}


ngx_int_t
ngx_http_pintag_spool_settle(ngx_http_pintag_spool_t *spool,
    ngx_http_pintag_delivery_t *delivery, char *reason)
{
    u_char                        *p;
    pintag_spool_line_t            line;
    ngx_http_pintag_spool_file_t  *file;

    if (reason) {
        ngx_http_pintag_spool_line(delivery, &line);
    }

    file = delivery->file;
    delivery->file = NULL;

    file->held--;

    if (reason) {
        return ngx_http_pintag_spool_give_up(spool, file, delivery->offset,
                                             &line, reason);
    }

    file->live--;

    p = ngx_http_pintag_spool_bytes(&file->offsets, sizeof(off_t));

    if (p) {
        ngx_memcpy(p, &delivery->offset, sizeof(off_t));

        if (file->offsets.len == 0) {
            ngx_queue_insert_tail(&spool->unsettled, &file->unsettled);
        }

        file->offsets.len += sizeof(off_t);
    }

    ngx_http_pintag_spool_check(spool, file);
    ngx_http_pintag_spool_wake(spool, 0);

    return NGX_OK;
}


ngx_uint_t
ngx_http_pintag_spool_crowded(ngx_http_pintag_spool_t *spool)
{
    return spool->stuck->undelivered.len == 0
           && spool->next->undelivered.len > NGX_HTTP_PINTAG_SPOOL_STUCK / 2;
}


void
ngx_http_pintag_spool_note(ngx_http_pintag_spool_t *spool,
    ngx_http_pintag_delivery_t *delivery, char *reason)
{
    pintag_spool_line_t  line;

    ngx_http_pintag_spool_line(delivery, &line);

    (void) ngx_http_pintag_spool_give_up(spool, NULL, 0, &line, reason);
}


ngx_int_t
ngx_http_pintag_spool_give_up(ngx_http_pintag_spool_t *spool,
    ngx_http_pintag_spool_file_t *file, off_t offset,
    pintag_spool_line_t *line, char *reason)
{
    u_char                         *p;
    ngx_http_pintag_spool_bytes_t  *bytes;

    bytes = &spool->next->undelivered;

    line->state = PINTAG_SPOOL_UNDELIVERED;
    line->sequence = ++spool->undelivered;
    line->time = ngx_time();
    line->reason.data = (u_char *) reason;
    line->reason.len = ngx_strlen(reason);

    p = NULL;

    if (bytes->len + spool->stuck->undelivered.len
        < NGX_HTTP_PINTAG_SPOOL_STUCK)
    {
        p = ngx_http_pintag_spool_bytes(bytes, pintag_spool_line_size(line));
    }

    if (p == NULL && file == NULL) {
        ngx_http_pintag_spool_tell(line, "lost");
        return NGX_DECLINED;
    }

    if (p == NULL) {
        ngx_http_pintag_spool_file_strand(file, ngx_time()
                                                + NGX_HTTP_PINTAG_SPOOL_AGAIN);
        return NGX_DECLINED;
    }

    if (file
        && ngx_http_pintag_spool_group_settle(spool->next, file, offset,
                                              PINTAG_SPOOL_UNDELIVERED)
           != NGX_OK)
    {
        /* it stays pending, and is tried once more */
        ngx_http_pintag_spool_file_strand(file, ngx_time());
        return NGX_DECLINED;
    }

    bytes->len += pintag_spool_line_write(p, line);

    ngx_http_pintag_spool_wake(spool, 0);

    return NGX_OK;
}


void
ngx_http_pintag_spool_unnoted(ngx_http_pintag_spool_bytes_t *undelivered)
{
    u_char               *p, *end, *last;
    pintag_spool_line_t   line;

    if (undelivered->len == 0) {
        return;
    }

    last = undelivered->data + undelivered->len;

    for (p = undelivered->data; p < last; p = end + 1) {
        end = ngx_strlchr(p, last, LF);

        /* each is one of our own: it ends, and is intact */

        if (end == NULL
            || pintag_spool_line_read(p, end - p, &line) != PINTAG_SPOOL_LINE)
        {
            break;
        }

        ngx_http_pintag_spool_tell(&line, "could not note");
    }

    undelivered->len = 0;
}


static void
ngx_http_pintag_spool_tell(pintag_spool_line_t *line, char *what)
{
    u_char     buf[NGX_HTTP_PINTAG_LOG_TEXT];
    ngx_str_t  id;

    id.data = (u_char *) line->event_id.data;
    id.len = line->event_id.len;
    id = ngx_http_pintag_log_text(&id, buf, sizeof(buf));

    ngx_log_error(NGX_LOG_ERR, ngx_cycle->log, 0,
                  "pintag %s an undelivered event, id \"%V\", to %*s: %*s, "
                  "the spool does not take more", what, &id,
                  line->destination.len, line->destination.data,
                  line->reason.len, line->reason.data);
}


void
ngx_http_pintag_spool_drop(ngx_http_pintag_spool_t *spool,
    ngx_http_pintag_delivery_t *delivery)
{
    ngx_http_pintag_spool_file_t  *file;

    file = delivery->file;
    delivery->file = NULL;

    file->held--;

    ngx_http_pintag_spool_check(spool, file);
}


void
ngx_http_pintag_spool_rest(ngx_http_pintag_spool_t *spool,
    ngx_http_pintag_delivery_t *delivery)
{
    ngx_http_pintag_spool_file_t  *file;

    file = delivery->file;
    delivery->file = NULL;

    /* it is not known as pending until it is read */

    if (ngx_http_pintag_spool_file_range(file, delivery->offset,
                                         delivery->line_end, NULL))
    {
        file->live--;

    } else {
        ngx_http_pintag_spool_file_strand(file, ngx_time());
    }

    file->held--;

    ngx_http_pintag_spool_read(spool->reader);
}
