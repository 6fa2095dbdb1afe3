
/*
 * Copyright (C) the ngx_http_pintag_module authors
 */


#include "ngx_http_pintag_status.h"
#include "ngx_http_pintag_metrics.h"
#include "ngx_http_pintag_spool.h"

#include "core/json.h"


static void ngx_http_pintag_json_events(ngx_http_pintag_shared_t *shared,
    pintag_buf_t *buf);
static void ngx_http_pintag_json_queue(ngx_http_pintag_status_t *status,
    pintag_buf_t *buf);
static void ngx_http_pintag_json_destination(ngx_http_pintag_totals_t *totals,
    pintag_buf_t *buf);
static void ngx_http_pintag_json_reasons(ngx_http_pintag_counters_t *counters,
    pintag_buf_t *buf);
static void ngx_http_pintag_json_requests(ngx_http_pintag_totals_t *totals,
    pintag_buf_t *buf);
static void ngx_http_pintag_json_duration(ngx_http_pintag_counters_t *counters,
    pintag_buf_t *buf);
static void ngx_http_pintag_json_recent(ngx_http_pintag_recent_t *recent,
    pintag_buf_t *buf);
static void ngx_http_pintag_json_member(pintag_buf_t *buf, const char *name,
    uint64_t value);
static void ngx_http_pintag_json_text(pintag_buf_t *buf, const char *name,
    ngx_str_t *value);
static void ngx_http_pintag_json_string(pintag_buf_t *buf, u_char *text);
static void ngx_http_pintag_json_name(pintag_buf_t *buf, const char *name);


void
ngx_http_pintag_status_json(ngx_http_pintag_status_t *status,
    pintag_buf_t *buf)
{
    ngx_uint_t                 i;
    ngx_time_t                *tp;
    ngx_http_pintag_shared_t  *shared;

    shared = status->zone->shared;
    tp = ngx_timeofday();

    pintag_buf_add_text(buf, "{\"version\":\"" NGX_HTTP_PINTAG_VERSION "\","
                        "\"nginx\":\"" NGINX_VERSION "\","
                        "\"json_reader\":\"");
    pintag_buf_add_text(buf, pintag_json_reader);
    pintag_buf_add_text(buf, "\",\"zone\":{");
    ngx_http_pintag_json_text(buf, "name", &status->zone->shm_zone->shm.name);
    ngx_http_pintag_json_member(buf, "size",
                                status->zone->shm_zone->shm.size);
    pintag_buf_add_char(buf, '}');

    ngx_http_pintag_json_member(buf, "started", shared->started);
    ngx_http_pintag_json_name(buf, "time");
    ngx_http_pintag_status_seconds(buf, (uint64_t) tp->sec * 1000 + tp->msec);
    ngx_http_pintag_json_member(buf, "workers", status->workers);

    ngx_http_pintag_json_events(shared, buf);
    ngx_http_pintag_json_queue(status, buf);

    ngx_http_pintag_json_name(buf, "destinations");
    pintag_buf_add_char(buf, '[');

    for (i = 0; i < status->n; i++) {
        if (i) {
            pintag_buf_add_char(buf, ',');
        }

        ngx_http_pintag_json_destination(&status->totals[i], buf);
    }

    pintag_buf_add_char(buf, ']');

    if (shared->recent) {
        ngx_http_pintag_json_recent(shared->recent, buf);
    }

    pintag_buf_add_text(buf, "}\n");
}


static void
ngx_http_pintag_json_events(ngx_http_pintag_shared_t *shared,
    pintag_buf_t *buf)
{
    ngx_uint_t   i;
    const char  *error;

    ngx_http_pintag_json_name(buf, "events");
    pintag_buf_add_char(buf, '{');

    for (i = PINTAG_TYPE_TRACK; i < PINTAG_TYPE_UNKNOWN; i++) {
        ngx_http_pintag_json_member(buf, ngx_http_pintag_status_type(i),
                                    shared->types[i]);
    }

    ngx_http_pintag_json_member(buf, "other",
                                shared->types[PINTAG_TYPE_NONE]
                                + shared->types[PINTAG_TYPE_UNKNOWN]);
    pintag_buf_add_char(buf, '}');

    ngx_http_pintag_json_name(buf, "errors");
    pintag_buf_add_char(buf, '{');

    for (i = 0; (error = ngx_http_pintag_reason_text(i)) != NULL; i++) {
        if (shared->errors[i]) {
            ngx_http_pintag_json_member(buf, error, shared->errors[i]);
        }
    }

    pintag_buf_add_char(buf, '}');
}


static void
ngx_http_pintag_json_queue(ngx_http_pintag_status_t *status, pintag_buf_t *buf)
{
    ngx_http_pintag_main_conf_t  *pmcf;

    pmcf = status->zone->main_conf;

    ngx_http_pintag_json_name(buf, "queue");
    pintag_buf_add_char(buf, '{');
    ngx_http_pintag_json_member(buf, "deliveries", status->queued);
    ngx_http_pintag_json_member(buf, "bytes", status->queued_size);
    ngx_http_pintag_json_member(buf, "max", pmcf->queue_max);
    ngx_http_pintag_json_member(buf, "max_bytes", pmcf->queue_size);
    ngx_http_pintag_json_name(buf, "fullest");
    pintag_buf_add_char(buf, '{');
    ngx_http_pintag_json_member(buf, "deliveries", status->fullest);
    ngx_http_pintag_json_member(buf, "bytes", status->fullest_size);
    pintag_buf_add_text(buf, "}}");

    ngx_http_pintag_json_name(buf, "spool");

    if (pmcf->spool_conf == NULL) {
        pintag_buf_add_text(buf, "null");
        return;
    }

    pintag_buf_add_char(buf, '{');
    ngx_http_pintag_json_member(buf, "rows", status->spooled);
    ngx_http_pintag_json_member(buf, "bytes", status->spool_size);
    ngx_http_pintag_json_member(buf, "max_bytes", pmcf->spool_conf->max_size);
    ngx_http_pintag_json_member(buf, "oldest", status->oldest);
    ngx_http_pintag_json_member(buf, "undelivered_dropped",
                                status->zone->shared->dropped);
    pintag_buf_add_char(buf, '}');
}


static void
ngx_http_pintag_json_destination(ngx_http_pintag_totals_t *totals,
    pintag_buf_t *buf)
{
    ngx_str_t                       text;
    ngx_uint_t                      i;
    ngx_http_pintag_counters_t     *counters;
    ngx_http_pintag_destination_t  *destination;

    destination = totals->destination;
    counters = &totals->counters;

    text.data = (u_char *) ngx_http_pintag_status_transport(
                               ngx_http_pintag_zone_transport(destination));
    text.len = ngx_strlen(text.data);

    pintag_buf_add_char(buf, '{');
    ngx_http_pintag_json_text(buf, "transport", &text);
    ngx_http_pintag_json_text(buf, "id", &destination->id);
    ngx_http_pintag_json_text(buf, "server",
                              &destination->server->server_name);
    ngx_http_pintag_json_text(buf, "pass",
                              destination->id.len ? &destination->plcf->pass
                                                  : &destination->uri);

    ngx_http_pintag_json_member(buf, "received", counters->received);

    for (i = 0; i < NGX_HTTP_PINTAG_COUNTS; i++) {
        ngx_http_pintag_json_member(buf, ngx_http_pintag_status_outcome(i),
                                    counters->outcomes[i]);
    }

    ngx_http_pintag_json_member(buf, "pending", totals->pending);
    ngx_http_pintag_json_member(buf, "spooled", totals->spooled);
    ngx_http_pintag_json_member(buf, "recovered", counters->recovered);

    ngx_http_pintag_json_reasons(counters, buf);
    ngx_http_pintag_json_requests(totals, buf);
    ngx_http_pintag_json_member(buf, "stopped", totals->stopped);
    ngx_http_pintag_json_member(buf, "misconfigured", totals->misconfigured);
    ngx_http_pintag_json_duration(counters, buf);

    pintag_buf_add_char(buf, '}');
}


static void
ngx_http_pintag_json_reasons(ngx_http_pintag_counters_t *counters,
    pintag_buf_t *buf)
{
    ngx_uint_t   i, k, n;
    const char  *reason;

    ngx_http_pintag_json_name(buf, "reasons");
    pintag_buf_add_char(buf, '{');

    for (i = 0; i < NGX_HTTP_PINTAG_COUNTS; i++) {
        n = 0;

        for (k = 0; (reason = ngx_http_pintag_reason_text(k)) != NULL; k++) {

            if (counters->reasons[i][k] == 0) {
                continue;
            }

            if (n++ == 0) {
                ngx_http_pintag_json_name(buf,
                                          ngx_http_pintag_status_outcome(i));
                pintag_buf_add_char(buf, '{');
            }

            ngx_http_pintag_json_member(buf, reason, counters->reasons[i][k]);
        }

        if (n) {
            pintag_buf_add_char(buf, '}');
        }
    }

    pintag_buf_add_char(buf, '}');
}


static void
ngx_http_pintag_json_requests(ngx_http_pintag_totals_t *totals,
    pintag_buf_t *buf)
{
    ngx_uint_t                   i;
    ngx_http_pintag_counters_t  *counters;

    counters = &totals->counters;

    ngx_http_pintag_json_name(buf, "requests");
    pintag_buf_add_char(buf, '{');
    ngx_http_pintag_json_member(buf, "sent", counters->requests);
    ngx_http_pintag_json_member(buf, "in_flight", totals->in_flight);
    ngx_http_pintag_json_member(buf, "window", totals->window);
    ngx_http_pintag_json_member(buf, "retries", counters->retries);
    ngx_http_pintag_json_member(buf, "events", counters->events);
    ngx_http_pintag_json_member(buf, "bytes", counters->bytes);

    ngx_http_pintag_json_name(buf, "status");
    pintag_buf_add_char(buf, '{');

    for (i = 0; i < NGX_HTTP_PINTAG_STATUSES; i++) {
        ngx_http_pintag_json_member(buf, ngx_http_pintag_status_class(i),
                                    counters->statuses[i]);
    }

    pintag_buf_add_text(buf, "}}");
}


static void
ngx_http_pintag_json_duration(ngx_http_pintag_counters_t *counters,
    pintag_buf_t *buf)
{
    uint64_t    n;
    ngx_uint_t  i;

    n = 0;

    ngx_http_pintag_json_name(buf, "duration");
    pintag_buf_add_text(buf, "{\"buckets\":{");

    for (i = 0; i < NGX_HTTP_PINTAG_BUCKETS; i++) {
        n += counters->durations[i];

        pintag_buf_add_text(buf, i ? ",\"" : "\"");
        ngx_http_pintag_bucket_text(buf, i);
        pintag_buf_add_text(buf, "\":");
        pintag_buf_add_uint(buf, n);
    }

    pintag_buf_add_char(buf, '}');
    ngx_http_pintag_json_name(buf, "sum");
    ngx_http_pintag_status_seconds(buf, counters->duration);
    ngx_http_pintag_json_member(buf, "count", n);
    pintag_buf_add_char(buf, '}');
}


static void
ngx_http_pintag_json_recent(ngx_http_pintag_recent_t *recent,
    pintag_buf_t *buf)
{
    ngx_uint_t                      i, n;
    ngx_http_pintag_recent_event_t  event;

    n = 0;

    ngx_http_pintag_json_name(buf, "recent");
    pintag_buf_add_char(buf, '[');

    for (i = 0; i < recent->n; i++) {

        if (!ngx_http_pintag_recent_get(recent, i, &event)) {
            continue;
        }

        pintag_buf_add_text(buf, n++ ? ",{" : "{");
        ngx_http_pintag_json_name(buf, "time");
        ngx_http_pintag_status_seconds(buf, event.time);
        ngx_http_pintag_json_name(buf, "event");
        ngx_http_pintag_json_string(buf, event.event);
        ngx_http_pintag_json_name(buf, "transport");
        ngx_http_pintag_json_string(buf, (u_char *)
                        ngx_http_pintag_status_transport(event.transport));
        ngx_http_pintag_json_name(buf, "id");
        ngx_http_pintag_json_string(buf, event.id);
        ngx_http_pintag_json_name(buf, "outcome");
        ngx_http_pintag_json_string(buf, (u_char *)
                        ngx_http_pintag_status_outcome(event.outcome));
        ngx_http_pintag_json_name(buf, "reason");

        if (event.reasoned) {
            ngx_http_pintag_json_string(buf, (u_char *)
                        ngx_http_pintag_reason_text(event.reason));
        } else {
            pintag_buf_add_text(buf, "null");
        }

        pintag_buf_add_char(buf, '}');
    }

    pintag_buf_add_char(buf, ']');
}


static void
ngx_http_pintag_json_member(pintag_buf_t *buf, const char *name,
    uint64_t value)
{
    ngx_http_pintag_json_name(buf, name);
    pintag_buf_add_uint(buf, value);
}


static void
ngx_http_pintag_json_text(pintag_buf_t *buf, const char *name,
    ngx_str_t *value)
{
    ngx_http_pintag_json_name(buf, name);
    pintag_buf_add_json(buf, ngx_http_pintag_text(value));
}


static void
ngx_http_pintag_json_string(pintag_buf_t *buf, u_char *text)
{
    ngx_str_t  value;

    value.data = text;
    value.len = ngx_strlen(text);

    pintag_buf_add_json(buf, ngx_http_pintag_text(&value));
}


/* of a member, behind a comma unless it is the first */

static void
ngx_http_pintag_json_name(pintag_buf_t *buf, const char *name)
{
    if (buf->len && buf->data[buf->len - 1] != '{') {
        pintag_buf_add_char(buf, ',');
    }

    pintag_buf_add_char(buf, '"');
    pintag_buf_add_text(buf, name);
    pintag_buf_add_text(buf, "\":");
}
