
/*
 * Copyright (C) the ngx_http_pintag_module authors
 */


#include "ngx_http_pintag_status.h"
#include "ngx_http_pintag_metrics.h"
#include "ngx_http_pintag_spool.h"

#include "core/json.h"


/* of all the series of a metric each has the labels of one destination */

typedef void (*ngx_http_pintag_series_pt)(ngx_http_pintag_totals_t *totals,
    const char *name, pintag_buf_t *buf);


typedef struct {
    const char                 *name;
    const char                 *type;
    const char                 *help;
    ngx_http_pintag_series_pt   series;
    size_t                      offset;      /* in the totals, without it */
    unsigned                    fallback:1;  /* a fallback has it, too */
} ngx_http_pintag_metric_t;


static void ngx_http_pintag_prometheus_head(pintag_buf_t *buf,
    const char *name, const char *type, const char *help);
static void ngx_http_pintag_prometheus_value(pintag_buf_t *buf,
    const char *name, const char *type, const char *help, uint64_t value);
static void ngx_http_pintag_prometheus_labels(pintag_buf_t *buf,
    const char *name, const char *suffix, ngx_http_pintag_totals_t *totals);
static void ngx_http_pintag_prometheus_label(pintag_buf_t *buf,
    const char *name, ngx_str_t *value);
static void ngx_http_pintag_prometheus_end(pintag_buf_t *buf,
    const char *label, const char *text, uint64_t value);
static void ngx_http_pintag_prometheus_series(pintag_buf_t *buf,
    const char *name, ngx_http_pintag_totals_t *totals, const char *label,
    const char *text, uint64_t value);
static void ngx_http_pintag_prometheus_events(ngx_http_pintag_shared_t *shared,
    pintag_buf_t *buf);
static void ngx_http_pintag_prometheus_outcomes(
    ngx_http_pintag_totals_t *totals, const char *name, pintag_buf_t *buf);
static void ngx_http_pintag_prometheus_reasons(
    ngx_http_pintag_totals_t *totals, const char *name, pintag_buf_t *buf);
static void ngx_http_pintag_prometheus_lost(ngx_http_pintag_totals_t *totals,
    const char *name, pintag_buf_t *buf);
static void ngx_http_pintag_prometheus_statuses(
    ngx_http_pintag_totals_t *totals, const char *name, pintag_buf_t *buf);
static void ngx_http_pintag_prometheus_duration(
    ngx_http_pintag_totals_t *totals, const char *name, pintag_buf_t *buf);


#define ngx_http_pintag_counter(member)                                       \
    NULL, offsetof(ngx_http_pintag_totals_t, counters.member)

#define ngx_http_pintag_gauge(member)                                         \
    NULL, offsetof(ngx_http_pintag_totals_t, member)


static ngx_http_pintag_metric_t  ngx_http_pintag_metrics[] = {

    { "pintag_deliveries_received_total", "counter",
      "Events for a destination, one for each conversion.",
      ngx_http_pintag_counter(received), 0 },

    { "pintag_deliveries_recovered_total", "counter",
      "Of those received, read from a spool that an earlier nginx has left.",
      ngx_http_pintag_counter(recovered), 0 },

    { "pintag_deliveries_total", "counter",
      "What became of them for good.",
      ngx_http_pintag_prometheus_outcomes, 0, 0 },

    { "pintag_delivery_reasons_total", "counter",
      "Why some were not delivered.",
      ngx_http_pintag_prometheus_reasons, 0, 0 },

    { "pintag_events_lost_total", "counter",
      "Of these, what nobody has and nobody was told of.",
      ngx_http_pintag_prometheus_lost, 0, 0 },

    { "pintag_deliveries_pending", "gauge",
      "In the memory of workers only.",
      ngx_http_pintag_gauge(pending), 0 },

    { "pintag_deliveries_spooled", "gauge",
      "In the spool.",
      ngx_http_pintag_gauge(spooled), 0 },

    { "pintag_delivery_duration_seconds", "histogram",
      "From when it was taken on until it was delivered.",
      ngx_http_pintag_prometheus_duration, 0, 0 },

    { "pintag_upstream_requests_total", "counter",
      "Requests sent.",
      ngx_http_pintag_counter(requests), 1 },

    { "pintag_upstream_responses_total", "counter",
      "Their answers, by class of status; none: no whole answer came.",
      ngx_http_pintag_prometheus_statuses, 0, 1 },

    { "pintag_upstream_deliveries_total", "counter",
      "Deliveries in these requests, tried again or not.",
      ngx_http_pintag_counter(events), 1 },

    { "pintag_upstream_bytes_total", "counter",
      "Bytes of payload in these requests.",
      ngx_http_pintag_counter(bytes), 1 },

    { "pintag_retries_total", "counter",
      "Deliveries that are tried again.",
      ngx_http_pintag_counter(retries), 1 },

    { "pintag_upstream_requests_in_flight", "gauge",
      "Requests that wait for an answer.",
      ngx_http_pintag_gauge(in_flight), 1 },

    { "pintag_window", "gauge",
      "How many may do so, of each worker.",
      ngx_http_pintag_gauge(window), 1 },

    { "pintag_stopped_workers", "gauge",
      "Workers that send nothing for a while, but a probe.",
      ngx_http_pintag_gauge(stopped), 1 },

    { "pintag_misconfigured_workers", "gauge",
      "Workers whose last answer says that the configuration is wrong.",
      ngx_http_pintag_gauge(misconfigured), 1 },

    { NULL, NULL, NULL, NULL, 0, 0 }
};


void
ngx_http_pintag_status_prometheus(ngx_http_pintag_status_t *status,
    pintag_buf_t *buf)
{
    ngx_uint_t                    i;
    ngx_http_pintag_metric_t     *metric;
    ngx_http_pintag_totals_t     *totals;
    ngx_http_pintag_main_conf_t  *pmcf;

    pmcf = status->zone->main_conf;

    ngx_http_pintag_prometheus_head(buf, "pintag_build_info", "gauge",
                                    "Always 1.");
    pintag_buf_add_text(buf, "pintag_build_info{"
                        "version=\"" NGX_HTTP_PINTAG_VERSION "\","
                        "nginx=\"" NGINX_VERSION "\",json_reader=\"");
    pintag_buf_add_text(buf, pintag_json_reader);
    pintag_buf_add_text(buf, "\"} 1\n");

    ngx_http_pintag_prometheus_value(buf, "pintag_start_time_seconds",
        "gauge", "Since when it is counted.", status->zone->shared->started);
    ngx_http_pintag_prometheus_value(buf, "pintag_workers", "gauge",
        "Processes that count.", status->workers);

    ngx_http_pintag_prometheus_events(status->zone->shared, buf);

    ngx_http_pintag_prometheus_value(buf, "pintag_queue_deliveries", "gauge",
        "Deliveries of clients in memory.", status->queued);
    ngx_http_pintag_prometheus_value(buf, "pintag_queue_bytes", "gauge",
        "Bytes of them.", status->queued_size);
    ngx_http_pintag_prometheus_value(buf, "pintag_queue_fullest_deliveries",
        "gauge", "Deliveries in the worker that has the most.",
        status->fullest);
    ngx_http_pintag_prometheus_value(buf, "pintag_queue_fullest_bytes",
        "gauge", "Bytes in the worker that has the most.",
        status->fullest_size);
    ngx_http_pintag_prometheus_value(buf, "pintag_queue_max_deliveries",
        "gauge", "How many a worker takes.", pmcf->queue_max);
    ngx_http_pintag_prometheus_value(buf, "pintag_queue_max_bytes", "gauge",
        "And how many bytes.", pmcf->queue_size);

    if (pmcf->spool_conf) {
        ngx_http_pintag_prometheus_value(buf, "pintag_spool_rows", "gauge",
            "Lines of the spool that are still to be delivered.",
            status->spooled);
        ngx_http_pintag_prometheus_value(buf, "pintag_spool_bytes", "gauge",
            "Bytes of its files.", status->spool_size);
        ngx_http_pintag_prometheus_value(buf, "pintag_spool_max_bytes",
            "gauge", "How many there may be.", pmcf->spool_conf->max_size);
        ngx_http_pintag_prometheus_value(buf,
            "pintag_spool_oldest_age_seconds", "gauge",
            "Age of its oldest file; 0: it is empty.", status->oldest);
        ngx_http_pintag_prometheus_value(buf,
            "pintag_undelivered_dropped_total", "counter",
            "Undelivered events that undelivered_size has dropped.",
            status->zone->shared->dropped);
    }

    for (metric = ngx_http_pintag_metrics; metric->name; metric++) {

        ngx_http_pintag_prometheus_head(buf, metric->name, metric->type,
                                        metric->help);

        for (i = 0; i < status->n; i++) {
            totals = &status->totals[i];

            if (totals->destination->transport == NGX_HTTP_PINTAG_FALLBACK
                && !metric->fallback)
            {
                continue;
            }

            if (metric->series) {
                metric->series(totals, metric->name, buf);
                continue;
            }

            ngx_http_pintag_prometheus_series(buf, metric->name, totals, NULL,
                NULL, *(ngx_uint_t *) ((u_char *) totals + metric->offset));
        }
    }
}


static void
ngx_http_pintag_prometheus_head(pintag_buf_t *buf, const char *name,
    const char *type, const char *help)
{
    pintag_buf_add_text(buf, "# HELP ");
    pintag_buf_add_text(buf, name);
    pintag_buf_add_char(buf, ' ');
    pintag_buf_add_text(buf, help);
    pintag_buf_add_text(buf, "\n# TYPE ");
    pintag_buf_add_text(buf, name);
    pintag_buf_add_char(buf, ' ');
    pintag_buf_add_text(buf, type);
    pintag_buf_add_char(buf, '\n');
}


static void
ngx_http_pintag_prometheus_value(pintag_buf_t *buf, const char *name,
    const char *type, const char *help, uint64_t value)
{
    ngx_http_pintag_prometheus_head(buf, name, type, help);
    pintag_buf_add_text(buf, name);
    pintag_buf_add_char(buf, ' ');
    pintag_buf_add_uint(buf, value);
    pintag_buf_add_char(buf, '\n');
}


static void
ngx_http_pintag_prometheus_labels(pintag_buf_t *buf, const char *name,
    const char *suffix, ngx_http_pintag_totals_t *totals)
{
    ngx_http_pintag_destination_t  *destination;

    destination = totals->destination;

    pintag_buf_add_text(buf, name);
    pintag_buf_add_text(buf, suffix);
    pintag_buf_add_text(buf, "{transport=\"");
    pintag_buf_add_text(buf, ngx_http_pintag_status_transport(
                               ngx_http_pintag_zone_transport(destination)));
    pintag_buf_add_char(buf, '"');

    ngx_http_pintag_prometheus_label(buf, "id", &destination->id);
    ngx_http_pintag_prometheus_label(buf, "server",
                                     &destination->server->server_name);
    ngx_http_pintag_prometheus_label(buf, "pass",
                                     destination->id.len
                                     ? &destination->plcf->pass
                                     : &destination->uri);
}


/* all of them come from the configuration */

static void
ngx_http_pintag_prometheus_label(pintag_buf_t *buf, const char *name,
    ngx_str_t *value)
{
    size_t  i;

    pintag_buf_add_char(buf, ',');
    pintag_buf_add_text(buf, name);
    pintag_buf_add_text(buf, "=\"");

    for (i = 0; i < value->len; i++) {

        if (value->data[i] == '"' || value->data[i] == '\\') {
            pintag_buf_add_char(buf, '\\');
        }

        if (value->data[i] == '\n') {
            pintag_buf_add_text(buf, "\\n");
            continue;
        }

        pintag_buf_add_char(buf, value->data[i]);
    }

    pintag_buf_add_char(buf, '"');
}


static void
ngx_http_pintag_prometheus_end(pintag_buf_t *buf, const char *label,
    const char *text, uint64_t value)
{
    if (label) {
        pintag_buf_add_char(buf, ',');
        pintag_buf_add_text(buf, label);
        pintag_buf_add_text(buf, "=\"");
        pintag_buf_add_text(buf, text);
        pintag_buf_add_char(buf, '"');
    }

    pintag_buf_add_text(buf, "} ");
    pintag_buf_add_uint(buf, value);
    pintag_buf_add_char(buf, '\n');
}


/* a value of a destination, with one more label or none */

static void
ngx_http_pintag_prometheus_series(pintag_buf_t *buf, const char *name,
    ngx_http_pintag_totals_t *totals, const char *label, const char *text,
    uint64_t value)
{
    ngx_http_pintag_prometheus_labels(buf, name, "", totals);
    ngx_http_pintag_prometheus_end(buf, label, text, value);
}


static void
ngx_http_pintag_prometheus_events(ngx_http_pintag_shared_t *shared,
    pintag_buf_t *buf)
{
    uint64_t     n;
    ngx_uint_t   i;
    const char  *error;

    ngx_http_pintag_prometheus_head(buf, "pintag_events_received_total",
                                    "counter",
                                    "Events that came, by their type.");

    for (i = PINTAG_TYPE_NONE; i < PINTAG_TYPE_UNKNOWN; i++) {
        n = shared->types[i];

        if (i == PINTAG_TYPE_NONE) {
            n += shared->types[PINTAG_TYPE_UNKNOWN];
        }

        pintag_buf_add_text(buf, "pintag_events_received_total{type=\"");
        pintag_buf_add_text(buf, ngx_http_pintag_status_type(i));
        pintag_buf_add_char(buf, '"');
        ngx_http_pintag_prometheus_end(buf, NULL, NULL, n);
    }

    ngx_http_pintag_prometheus_head(buf, "pintag_requests_rejected_total",
                                    "counter",
                                    "Requests none of whose events was taken, "
                                    "by the error that was answered.");

    for (i = 0; (error = ngx_http_pintag_reason_text(i)) != NULL; i++) {

        if (shared->errors[i] == 0) {
            continue;
        }

        pintag_buf_add_text(buf, "pintag_requests_rejected_total{error=\"");
        pintag_buf_add_text(buf, error);
        pintag_buf_add_char(buf, '"');
        ngx_http_pintag_prometheus_end(buf, NULL, NULL, shared->errors[i]);
    }
}


static void
ngx_http_pintag_prometheus_outcomes(ngx_http_pintag_totals_t *totals,
    const char *name, pintag_buf_t *buf)
{
    ngx_uint_t  i;

    for (i = 0; i < NGX_HTTP_PINTAG_COUNTS; i++) {
        ngx_http_pintag_prometheus_series(buf, name, totals, "outcome",
                                          ngx_http_pintag_status_outcome(i),
                                          totals->counters.outcomes[i]);
    }
}


static void
ngx_http_pintag_prometheus_reasons(ngx_http_pintag_totals_t *totals,
    const char *name, pintag_buf_t *buf)
{
    ngx_uint_t   i, k;
    const char  *reason;

    for (i = 0; i < NGX_HTTP_PINTAG_COUNTS; i++) {

        for (k = 0; (reason = ngx_http_pintag_reason_text(k)) != NULL; k++) {

            if (totals->counters.reasons[i][k] == 0) {
                continue;
            }

            ngx_http_pintag_prometheus_labels(buf, name, "", totals);
            pintag_buf_add_text(buf, ",outcome=\"");
            pintag_buf_add_text(buf, ngx_http_pintag_status_outcome(i));
            pintag_buf_add_char(buf, '"');
            ngx_http_pintag_prometheus_end(buf, "reason", reason,
                                           totals->counters.reasons[i][k]);
        }
    }
}


static void
ngx_http_pintag_prometheus_lost(ngx_http_pintag_totals_t *totals,
    const char *name, pintag_buf_t *buf)
{
    ngx_uint_t      k;
    const char     *reason;
    ngx_atomic_t   *lost;

    lost = totals->counters.reasons[NGX_HTTP_PINTAG_COUNT_LOST];

    for (k = 0; (reason = ngx_http_pintag_reason_text(k)) != NULL; k++) {

        /* an alarm needs it to be there before the first */

        if (lost[k] == 0 && !ngx_http_pintag_reason_lost(k)) {
            continue;
        }

        ngx_http_pintag_prometheus_series(buf, name, totals, "reason", reason,
                                          lost[k]);
    }
}


static void
ngx_http_pintag_prometheus_statuses(ngx_http_pintag_totals_t *totals,
    const char *name, pintag_buf_t *buf)
{
    ngx_uint_t  i;

    for (i = 0; i < NGX_HTTP_PINTAG_STATUSES; i++) {
        ngx_http_pintag_prometheus_series(buf, name, totals, "status",
                                          ngx_http_pintag_status_class(i),
                                          totals->counters.statuses[i]);
    }
}


static void
ngx_http_pintag_prometheus_duration(ngx_http_pintag_totals_t *totals,
    const char *name, pintag_buf_t *buf)
{
    uint64_t    n;
    ngx_uint_t  i;

    n = 0;

    for (i = 0; i < NGX_HTTP_PINTAG_BUCKETS; i++) {
        n += totals->counters.durations[i];

        ngx_http_pintag_prometheus_labels(buf, name, "_bucket", totals);
        pintag_buf_add_text(buf, ",le=\"");
        ngx_http_pintag_bucket_text(buf, i);
        pintag_buf_add_char(buf, '"');
        ngx_http_pintag_prometheus_end(buf, NULL, NULL, n);
    }

    ngx_http_pintag_prometheus_labels(buf, name, "_sum", totals);
    pintag_buf_add_text(buf, "} ");
    ngx_http_pintag_status_seconds(buf, totals->counters.duration);
    pintag_buf_add_char(buf, '\n');

    ngx_http_pintag_prometheus_labels(buf, name, "_count", totals);
    ngx_http_pintag_prometheus_end(buf, NULL, NULL, n);
}
