
/*
 * Copyright (C) the ngx_http_pintag_module authors
 */


#include "ngx_http_pintag_metrics.h"
#include "ngx_http_pintag_deliveries.h"
#include "ngx_http_pintag_destination.h"
#include "ngx_http_pintag_recent.h"


#define ngx_http_pintag_count(counter)                                        \
    (void) ngx_atomic_fetch_add(&(counter), 1)


/* milliseconds */

static struct {
    ngx_msec_t   max;
    const char  *text;     /* in seconds */
} ngx_http_pintag_metrics_buckets[NGX_HTTP_PINTAG_BUCKETS] = {
    { 5, "0.005" }, { 10, "0.01" }, { 25, "0.025" }, { 50, "0.05" },
    { 100, "0.1" }, { 250, "0.25" }, { 500, "0.5" }, { 1000, "1" },
    { 2500, "2.5" }, { 5000, "5" }, { 10000, "10" }, { 60000, "60" },
    { 0, "+Inf" }
};


static ngx_http_pintag_destination_t *ngx_http_pintag_metrics_of(
    ngx_http_pintag_delivery_t *delivery);
static void ngx_http_pintag_metrics_spooled(
    ngx_http_pintag_destination_t *destination, ngx_atomic_int_t n);
static void ngx_http_pintag_metrics_outcome(
    ngx_http_pintag_destination_t *destination, ngx_str_t *payload,
    ngx_http_pintag_count_e outcome, const char *reason);
static ngx_http_pintag_row_t *ngx_http_pintag_metrics_row(
    ngx_http_pintag_main_conf_t *pmcf);
static void ngx_http_pintag_metrics_duration(
    ngx_http_pintag_counters_t *counters, ngx_http_pintag_delivery_t *delivery);
static void ngx_http_pintag_metrics_gauge(ngx_uint_t *gauge, ngx_uint_t *shown,
    ngx_uint_t now);


void
ngx_http_pintag_count_error(ngx_http_request_t *r, const char *error)
{
    ngx_http_pintag_loc_conf_t   *plcf;
    ngx_http_pintag_main_conf_t  *pmcf;

    plcf = ngx_http_get_module_loc_conf(r, ngx_http_pintag_module);
    pmcf = ngx_http_get_module_main_conf(r, ngx_http_pintag_module);

    if (pmcf->zone && !plcf->preview) {
        ngx_http_pintag_count(pmcf->zone->shared->errors[
                                              ngx_http_pintag_reason(error)]);
    }
}


void
ngx_http_pintag_count_event(ngx_http_pintag_main_conf_t *pmcf,
    pintag_event_type_e type)
{
    if (pmcf->zone) {
        ngx_http_pintag_count(pmcf->zone->shared->types[type]);
    }
}


void
ngx_http_pintag_count_none(ngx_http_pintag_destination_t *destination,
    ngx_http_pintag_count_e outcome, const char *reason)
{
    ngx_str_t  none;

    if (destination->slot == NULL) {
        return;
    }

    ngx_str_null(&none);

    ngx_http_pintag_count(destination->slot->counters.received);
    ngx_http_pintag_metrics_outcome(destination, &none, outcome, reason);
}


void
ngx_http_pintag_count_taken(ngx_http_pintag_delivery_t *delivery)
{
    ngx_http_pintag_destination_t  *destination;

    destination = delivery->destination;

    if (destination->slot) {
        ngx_http_pintag_count(destination->slot->counters.received);
        destination->cell->pending++;
    }
}


void
ngx_http_pintag_count_stored(ngx_http_pintag_delivery_t *delivery)
{
    ngx_http_pintag_destination_t  *destination;

    destination = ngx_http_pintag_metrics_of(delivery);

    if (destination->slot && !delivery->spooled) {
        delivery->spooled = 1;
        destination->cell->pending--;
        ngx_http_pintag_metrics_spooled(destination, 1);
    }
}


/* what was meant for Pinterest and goes to the fallback is Pinterest's */

static ngx_http_pintag_destination_t *
ngx_http_pintag_metrics_of(ngx_http_pintag_delivery_t *delivery)
{
    return delivery->origin ? delivery->origin : delivery->destination;
}


void
ngx_http_pintag_count_found(ngx_http_pintag_destination_t *destination)
{
    if (destination->slot) {
        destination->cell->spooled++;
        destination->cell->found++;
        destination->cell->ticks = 0;
    }
}


/* what a process that leaves still has is for the next owner to find */

static void
ngx_http_pintag_metrics_spooled(ngx_http_pintag_destination_t *destination,
    ngx_atomic_int_t n)
{
    if (destination->main_conf->zone->leaving) {
        (void) ngx_atomic_fetch_add(&destination->slot->counters.orphans, n);

    } else {
        destination->cell->spooled += n;
    }
}


void
ngx_http_pintag_count_expired(ngx_http_pintag_destination_t *destination,
    const char *reason)
{
    ngx_str_t  none;

    if (destination->slot) {
        ngx_str_null(&none);

        ngx_http_pintag_metrics_spooled(destination, -1);
        ngx_http_pintag_metrics_outcome(destination, &none,
                                        NGX_HTTP_PINTAG_COUNT_FAILED, reason);
    }
}


void
ngx_http_pintag_count_done(ngx_http_pintag_delivery_t *delivery,
    ngx_http_pintag_count_e outcome, const char *reason)
{
    ngx_http_pintag_destination_t  *destination;

    destination = ngx_http_pintag_metrics_of(delivery);

    if (destination->slot == NULL) {
        return;
    }

    if (delivery->spooled) {
        ngx_http_pintag_metrics_spooled(destination, -1);

    } else {
        destination->cell->pending--;
    }

    ngx_http_pintag_metrics_outcome(destination, &delivery->payload, outcome,
                                    reason);

    if (outcome == NGX_HTTP_PINTAG_COUNT_DELIVERED) {
        ngx_http_pintag_metrics_duration(&destination->slot->counters,
                                         delivery);
    }
}


static void
ngx_http_pintag_metrics_outcome(ngx_http_pintag_destination_t *destination,
    ngx_str_t *payload, ngx_http_pintag_count_e outcome, const char *reason)
{
    ngx_http_pintag_recent_t    *recent;
    ngx_http_pintag_counters_t  *counters;

    counters = &destination->slot->counters;

    ngx_http_pintag_count(counters->outcomes[outcome]);

    if (reason) {
        ngx_http_pintag_count(
                  counters->reasons[outcome][ngx_http_pintag_reason(reason)]);
    }

    recent = destination->main_conf->zone->shared->recent;

    if (recent) {
        ngx_http_pintag_recent_add(recent, destination, payload, outcome,
                                   reason);
    }
}


static void
ngx_http_pintag_metrics_duration(ngx_http_pintag_counters_t *counters,
    ngx_http_pintag_delivery_t *delivery)
{
    ngx_msec_t  took;
    ngx_uint_t  i;

    /* a line of the spool tells no more than the second */

    took = delivery->deliveries->backlog
           ? (ngx_msec_t) ngx_max(0, ngx_time() - delivery->stored) * 1000
           : ngx_current_msec - delivery->deliveries->taken;

    for (i = 0; i < NGX_HTTP_PINTAG_BUCKETS - 1; i++) {
        if (took <= ngx_http_pintag_metrics_buckets[i].max) {
            break;
        }
    }

    ngx_http_pintag_count(counters->durations[i]);
    (void) ngx_atomic_fetch_add(&counters->duration, took);
}


void
ngx_http_pintag_bucket_text(pintag_buf_t *buf, ngx_uint_t i)
{
    pintag_buf_add_text(buf, ngx_http_pintag_metrics_buckets[i].text);
}


void
ngx_http_pintag_count_retry(ngx_http_pintag_delivery_t *delivery)
{
    if (delivery->destination->slot) {
        ngx_http_pintag_count(delivery->destination->slot->counters.retries);
    }
}


void
ngx_http_pintag_count_sent(ngx_http_pintag_destination_t *destination,
    ngx_uint_t n, size_t bytes)
{
    ngx_http_pintag_counters_t  *counters;

    if (destination->slot == NULL) {
        return;
    }

    counters = &destination->slot->counters;

    ngx_http_pintag_count(counters->requests);
    (void) ngx_atomic_fetch_add(&counters->events, n);
    (void) ngx_atomic_fetch_add(&counters->bytes, bytes);
}


void
ngx_http_pintag_count_answer(ngx_http_pintag_destination_t *destination,
    ngx_uint_t status)
{
    ngx_uint_t  n;

    if (destination->slot == NULL) {
        return;
    }

    n = status / 100;
    n = (n >= 2 && n <= 5) ? n - 1 : 0;

    ngx_http_pintag_count(destination->slot->counters.statuses[n]);
}


void
ngx_http_pintag_count_state(ngx_http_pintag_destination_t *destination)
{
    if (destination->slot == NULL) {
        return;
    }

    ngx_http_pintag_metrics_gauge(&destination->cell->in_flight,
                                  &destination->shown.in_flight,
                                  destination->in_flight);
    ngx_http_pintag_metrics_gauge(&destination->cell->stopped,
                                  &destination->shown.stopped,
                                  destination->failures != 0);
    ngx_http_pintag_metrics_gauge(&destination->cell->misconfigured,
                                  &destination->shown.misconfigured,
                                  destination->misconfigured
                                  || destination->misrouted);
}


/* the cell is its twins', too, so that it gets what has changed */

static void
ngx_http_pintag_metrics_gauge(ngx_uint_t *gauge, ngx_uint_t *shown,
    ngx_uint_t now)
{
    *gauge += now - *shown;
    *shown = now;
}


void
ngx_http_pintag_count_queue(ngx_http_pintag_main_conf_t *pmcf)
{
    ngx_http_pintag_row_t  *row;

    row = ngx_http_pintag_metrics_row(pmcf);

    if (row) {
        row->queued = pmcf->queued;
        row->queued_size = pmcf->queued_size;
    }
}


void
ngx_http_pintag_count_spool(ngx_http_pintag_main_conf_t *pmcf, off_t size,
    time_t oldest)
{
    ngx_http_pintag_row_t  *row;

    if (pmcf->zone) {
        ngx_http_pintag_zone_tick(pmcf->zone);
    }

    row = ngx_http_pintag_metrics_row(pmcf);

    if (row) {
        row->spool_size = size;
        row->oldest = oldest;
    }
}


void
ngx_http_pintag_count_dropped(ngx_http_pintag_main_conf_t *pmcf, ngx_uint_t n)
{
    if (pmcf->zone) {
        (void) ngx_atomic_fetch_add(&pmcf->zone->shared->dropped, n);
    }
}


void
ngx_http_pintag_count_leave(ngx_http_pintag_main_conf_t *pmcf)
{
    if (pmcf->zone) {
        ngx_http_pintag_zone_leave(pmcf->zone);
    }
}


/* of this process; NULL: it has none */

static ngx_http_pintag_row_t *
ngx_http_pintag_metrics_row(ngx_http_pintag_main_conf_t *pmcf)
{
    ngx_http_pintag_zone_t  *zone;

    zone = pmcf->zone;

    if (zone == NULL || zone->row == NGX_HTTP_PINTAG_ROWS) {
        return NULL;
    }

    return &zone->shared->rows[zone->row];
}
