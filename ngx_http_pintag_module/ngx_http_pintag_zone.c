
/*
 * Copyright (C) the ngx_http_pintag_module authors
 */


#include "ngx_http_pintag_zone.h"
#include "ngx_http_pintag_destination.h"


/* what pintag_zone can keep of "recent" */
#define NGX_HTTP_PINTAG_RECENT_MAX  1000


/*
 * After so many looks, seconds, nobody else will say that he has counted what
 * was found: a process' files are closed a little before it is gone.
 */
#define NGX_HTTP_PINTAG_ZONE_TICKS  3

/* what the row of a process that is being settled says */
#define NGX_HTTP_PINTAG_SETTLING    ((ngx_atomic_uint_t) -1)

/* changes with what is in the shared memory */
#define NGX_HTTP_PINTAG_LAYOUT                                                \
    (sizeof(ngx_http_pintag_shared_t) * 65536                                 \
     + sizeof(ngx_http_pintag_slot_t)                                         \
     + sizeof(ngx_http_pintag_reasons))


static ngx_int_t ngx_http_pintag_zone_init(ngx_shm_zone_t *shm_zone,
    void *data);
static ngx_int_t ngx_http_pintag_zone_create(ngx_shm_zone_t *shm_zone);
static ngx_int_t ngx_http_pintag_zone_attach(ngx_shm_zone_t *shm_zone);
static ngx_http_pintag_slot_t *ngx_http_pintag_zone_slot(
    ngx_shm_zone_t *shm_zone, ngx_str_t *key);
static void ngx_http_pintag_zone_twin(ngx_http_pintag_destination_t **elt,
    ngx_uint_t n);
static void ngx_http_pintag_zone_match(ngx_http_pintag_counters_t *counters,
    ngx_http_pintag_cell_t *cell);
static void ngx_http_pintag_zone_clear(ngx_http_pintag_shared_t *shared,
    ngx_uint_t row, const char *reason);


/* the last so many reasons are those of what is lost */
#define NGX_HTTP_PINTAG_REASONS_LOST  12


/* 0: any other */

static const char  *ngx_http_pintag_reasons[] = {
    "other",

    /* of requests */
    "body_too_large", "empty_body", "invalid_body", "invalid_encoding",
    "invalid_json", "invalid_write_key", "method_not_allowed",
    "origin_not_allowed", "queue_full", "too_complex", "too_many_events",
    "unsupported_encoding",

    /* of requests that nginx itself refuses */
    "forbidden", "http_error", "internal_error", "too_many_requests",
    "unauthorized", "unavailable",

    /* of events */
    "condition", "event_denied", "integration_disabled", "invalid_event",
    "missing_event_name", "no_consent", "no_identity", "no_tag_event",
    "pii_in_name", "privacy_signal", "test_mode", "too_deep", "too_long",
    "unsupported_type", "write_key",

    /* of deliveries */
    "fallback", "max_age",

    /* of deliveries, lost ones, too */
    "misconfigured", "no_answer", "no_upstream", "redirect", "refused",
    "shutdown", "spool_failed", "spool_full", "timeout", "unreadable_answer",
    "upstream_error", "worker_died"
};


#define NGX_HTTP_PINTAG_REASONS_KNOWN                                         \
    (sizeof(ngx_http_pintag_reasons) / sizeof(ngx_http_pintag_reasons[0]))


char *
ngx_http_pintag_set_zone(ngx_conf_t *cf, ngx_command_t *cmd, void *conf)
{
    ngx_http_pintag_main_conf_t *pmcf = conf;

    u_char                  *p;
    size_t                   least;
    ssize_t                  size;
    ngx_int_t                recent;
    ngx_str_t               *value, name, text;
    ngx_uint_t               i;
    ngx_http_pintag_zone_t  *zone;

    if (pmcf->zone) {
        return "is duplicate";
    }

    value = cf->args->elts;
    name.len = 0;
    size = 0;
    recent = 0;

    for (i = 1; i < cf->args->nelts; i++) {

        if (ngx_strncmp(value[i].data, "zone=", 5) == 0) {

            name.data = value[i].data + 5;

            p = (u_char *) ngx_strchr(name.data, ':');
            if (p == NULL || p == name.data) {
                ngx_conf_log_error(NGX_LOG_EMERG, cf, 0,
                                   "invalid value \"%V\", it must be "
                                   "\"zone=name:size\", such as "
                                   "\"zone=pintag:1m\"", &value[i]);
                return NGX_CONF_ERROR;
            }

            name.len = p - name.data;

            text.data = p + 1;
            text.len = value[i].data + value[i].len - text.data;

            size = ngx_parse_size(&text);

            if (size == NGX_ERROR) {
                ngx_conf_log_error(NGX_LOG_EMERG, cf, 0,
                                   "invalid size in \"%V\"", &value[i]);
                return NGX_CONF_ERROR;
            }

            continue;
        }

        if (ngx_strncmp(value[i].data, "recent=", 7) == 0) {

            recent = ngx_atoi(value[i].data + 7, value[i].len - 7);

            if (recent < 1 || recent > NGX_HTTP_PINTAG_RECENT_MAX) {
                ngx_conf_log_error(NGX_LOG_EMERG, cf, 0,
                                   "invalid number in \"%V\", it must be "
                                   "from 1 to %d", &value[i],
                                   NGX_HTTP_PINTAG_RECENT_MAX);
                return NGX_CONF_ERROR;
            }

            continue;
        }

        ngx_conf_log_error(NGX_LOG_EMERG, cf, 0,
                           "invalid parameter \"%V\", it must be "
                           "\"zone=name:size\" or \"recent=number\"",
                           &value[i]);
        return NGX_CONF_ERROR;
    }

    if (name.len == 0) {
        ngx_conf_log_error(NGX_LOG_EMERG, cf, 0,
                           "\"pintag_zone\" must have \"zone=name:size\"");
        return NGX_CONF_ERROR;
    }

    least = 8 * ngx_pagesize + sizeof(ngx_http_pintag_shared_t)
            + ngx_http_pintag_recent_size(recent);

    if ((size_t) size < least) {
        ngx_conf_log_error(NGX_LOG_EMERG, cf, 0,
                           "the zone \"%V\" is too small, it needs %uzk and "
                           "%uzk more for each destination", &name,
                           least / 1024 + 1,
                           sizeof(ngx_http_pintag_slot_t) / 1024 + 1);
        return NGX_CONF_ERROR;
    }

    zone = ngx_pcalloc(cf->pool, sizeof(ngx_http_pintag_zone_t));
    if (zone == NULL) {
        return NGX_CONF_ERROR;
    }

    zone->main_conf = pmcf;
    zone->recent = recent;
    zone->row = NGX_HTTP_PINTAG_ROWS;

    zone->shm_zone = ngx_shared_memory_add(cf, &name, size,
                                           &ngx_http_pintag_module);
    if (zone->shm_zone == NULL) {
        return NGX_CONF_ERROR;
    }

    zone->shm_zone->init = ngx_http_pintag_zone_init;
    zone->shm_zone->data = zone;

    pmcf->zone = zone;

    return NGX_CONF_OK;
}


static ngx_int_t
ngx_http_pintag_zone_init(ngx_shm_zone_t *shm_zone, void *data)
{
    ngx_http_pintag_zone_t *old = data;
    ngx_http_pintag_zone_t *zone = shm_zone->data;

    ngx_slab_pool_t  *pool;

    pool = (ngx_slab_pool_t *) shm_zone->shm.addr;

    if (old == NULL && !shm_zone->shm.exists) {

        if (ngx_http_pintag_zone_create(shm_zone) != NGX_OK) {
            return NGX_ERROR;
        }

        return ngx_http_pintag_zone_attach(shm_zone);
    }

    zone->shared = old ? old->shared : pool->data;

    if (zone->shared->layout != NGX_HTTP_PINTAG_LAYOUT) {
        ngx_log_error(NGX_LOG_EMERG, shm_zone->shm.log, 0,
                      "pintag_zone \"%V\" was made by another version of the "
                      "module; restart nginx, or give the zone another name",
                      &shm_zone->shm.name);
        return NGX_ERROR;
    }

    if (zone->recent
        != (zone->shared->recent ? zone->shared->recent->n : 0))
    {
        ngx_log_error(NGX_LOG_EMERG, shm_zone->shm.log, 0,
                      "\"recent\" of pintag_zone \"%V\" was %ui; restart "
                      "nginx, or give the zone another name",
                      &shm_zone->shm.name,
                      zone->shared->recent ? zone->shared->recent->n : 0);
        return NGX_ERROR;
    }

    return ngx_http_pintag_zone_attach(shm_zone);
}


static ngx_int_t
ngx_http_pintag_zone_create(ngx_shm_zone_t *shm_zone)
{
    size_t                     len;
    ngx_slab_pool_t           *pool;
    ngx_http_pintag_zone_t    *zone;
    ngx_http_pintag_shared_t  *shared;

    zone = shm_zone->data;
    pool = (ngx_slab_pool_t *) shm_zone->shm.addr;

    shared = ngx_slab_calloc(pool, sizeof(ngx_http_pintag_shared_t));
    if (shared == NULL) {
        return NGX_ERROR;
    }

    if (zone->recent) {
        shared->recent = ngx_slab_calloc(pool,
                                  ngx_http_pintag_recent_size(zone->recent));
        if (shared->recent == NULL) {
            return NGX_ERROR;
        }

        shared->recent->n = zone->recent;
    }

    len = sizeof(" in pintag_zone \"\"") + shm_zone->shm.name.len;

    pool->log_ctx = ngx_slab_alloc(pool, len);
    if (pool->log_ctx == NULL) {
        return NGX_ERROR;
    }

    ngx_sprintf(pool->log_ctx, " in pintag_zone \"%V\"%Z",
                &shm_zone->shm.name);

    shared->layout = NGX_HTTP_PINTAG_LAYOUT;
    shared->started = ngx_time();

    pool->data = shared;
    zone->shared = shared;

    return NGX_OK;
}


/* each destination of the configuration gets its slot */

static ngx_int_t
ngx_http_pintag_zone_attach(ngx_shm_zone_t *shm_zone)
{
    ngx_uint_t                       i;
    ngx_array_t                     *destinations;
    ngx_http_pintag_zone_t          *zone;
    ngx_http_pintag_destination_t  **elt, *destination;

    zone = shm_zone->data;
    destinations = &zone->main_conf->destinations;
    elt = destinations->elts;

    for (i = 0; i < destinations->nelts; i++) {
        destination = elt[i];

        destination->slot = ngx_http_pintag_zone_slot(shm_zone,
                                                      &destination->key);

        if (destination->slot == NULL) {
            ngx_log_error(NGX_LOG_EMERG, shm_zone->shm.log, 0,
                          "pintag_zone \"%V\" is too small for %V, it needs "
                          "%uzk for each destination", &shm_zone->shm.name,
                          &destination->label,
                          sizeof(ngx_http_pintag_slot_t) / 1024 + 1);
            return NGX_ERROR;
        }

        /* until the process has a row, and where there is none left */

        destination->cell = &destination->spare;

        ngx_http_pintag_zone_twin(elt, i);
    }

    return NGX_OK;
}


/* the last of them may have the slot, and so the cell, of one before */

static void
ngx_http_pintag_zone_twin(ngx_http_pintag_destination_t **elt, ngx_uint_t n)
{
    ngx_uint_t                      i;
    ngx_http_pintag_destination_t  *first;

    for (i = 0; i < n; i++) {

        if (elt[i]->slot != elt[n]->slot) {
            continue;
        }

        first = elt[i];

        elt[n]->twin = first->twin;
        elt[n]->twinned = 1;
        elt[n]->cell = first->cell;

        first->twin = elt[n];
        return;
    }
}


static ngx_http_pintag_slot_t *
ngx_http_pintag_zone_slot(ngx_shm_zone_t *shm_zone, ngx_str_t *key)
{
    ngx_slab_pool_t         *pool;
    ngx_http_pintag_slot_t  *slot, **last;
    ngx_http_pintag_zone_t  *zone;

    zone = shm_zone->data;
    pool = (ngx_slab_pool_t *) shm_zone->shm.addr;

    for (last = &zone->shared->slots; *last; last = &(*last)->next) {
        slot = *last;

        if (slot->len == key->len
            && ngx_memcmp(slot->key, key->data, key->len) == 0)
        {
            return slot;
        }
    }

    slot = ngx_slab_calloc(pool, sizeof(ngx_http_pintag_slot_t));
    if (slot == NULL) {
        return NULL;
    }

    slot->key = ngx_slab_alloc(pool, key->len);
    if (slot->key == NULL) {
        ngx_slab_free(pool, slot);
        return NULL;
    }

    ngx_memcpy(slot->key, key->data, key->len);
    slot->len = key->len;

    /* old workers may be reading the list */

    ngx_memory_barrier();
    *last = slot;

    return slot;
}


void
ngx_http_pintag_zone_begin(ngx_http_pintag_zone_t *zone, ngx_log_t *log)
{
    ngx_uint_t                       i;
    ngx_array_t                     *destinations;
    ngx_http_pintag_destination_t  **elt;

    ngx_http_pintag_zone_settle(zone);

    for (i = 0; i < NGX_HTTP_PINTAG_ROWS; i++) {
        if (ngx_atomic_cmp_set(&zone->shared->rows[i].pid, 0,
                               (ngx_atomic_uint_t) ngx_pid))
        {
            break;
        }
    }

    zone->row = i;

    if (i == NGX_HTTP_PINTAG_ROWS) {
        ngx_log_error(NGX_LOG_WARN, log, 0,
                      "pintag_zone \"%V\" has room for %d processes; what "
                      "waits in this one is not in the status",
                      &zone->shm_zone->shm.name, NGX_HTTP_PINTAG_ROWS);
        return;
    }

    destinations = &zone->main_conf->destinations;
    elt = destinations->elts;

    for (i = 0; i < destinations->nelts; i++) {
        elt[i]->cell = &elt[i]->slot->cells[zone->row];
    }
}


void
ngx_http_pintag_zone_end(ngx_http_pintag_zone_t *zone)
{
    if (zone->row == NGX_HTTP_PINTAG_ROWS) {
        return;
    }

    ngx_http_pintag_zone_clear(zone->shared, zone->row, "shutdown");
    zone->row = NGX_HTTP_PINTAG_ROWS;
}


void
ngx_http_pintag_zone_settle(ngx_http_pintag_zone_t *zone)
{
    ngx_uint_t         i;
    ngx_atomic_t      *pid;
    ngx_atomic_uint_t  gone;

    for (i = 0; i < NGX_HTTP_PINTAG_ROWS; i++) {
        pid = &zone->shared->rows[i].pid;
        gone = *pid;

        if (gone && gone != NGX_HTTP_PINTAG_SETTLING
            && kill((ngx_pid_t) gone, 0) == -1 && ngx_errno == NGX_ESRCH
            && ngx_atomic_cmp_set(pid, gone, NGX_HTTP_PINTAG_SETTLING))
        {
            ngx_http_pintag_zone_clear(zone->shared, i, "worker_died");
        }
    }
}


void
ngx_http_pintag_zone_tick(ngx_http_pintag_zone_t *zone)
{
    ngx_uint_t                       i;
    ngx_array_t                     *destinations;
    ngx_http_pintag_destination_t  **elt;

    ngx_http_pintag_zone_settle(zone);

    destinations = &zone->main_conf->destinations;
    elt = destinations->elts;

    for (i = 0; i < destinations->nelts; i++) {
        if (elt[i]->cell->found && !elt[i]->twinned) {
            ngx_http_pintag_zone_match(&elt[i]->slot->counters, elt[i]->cell);
        }
    }
}


static void
ngx_http_pintag_zone_match(ngx_http_pintag_counters_t *counters,
    ngx_http_pintag_cell_t *cell)
{
    ngx_atomic_int_t   orphans;
    ngx_atomic_uint_t  n;

    do {
        orphans = (ngx_atomic_int_t) counters->orphans;
        n = (orphans > 0) ? ngx_min((ngx_atomic_uint_t) orphans, cell->found)
                          : 0;

    } while (n && !ngx_atomic_cmp_set(&counters->orphans, orphans,
                                      orphans - n));

    cell->found -= n;

    if (cell->found && ++cell->ticks > NGX_HTTP_PINTAG_ZONE_TICKS) {
        (void) ngx_atomic_fetch_add(&counters->received, cell->found);
        (void) ngx_atomic_fetch_add(&counters->recovered, cell->found);

        cell->found = 0;
    }
}


void
ngx_http_pintag_zone_leave(ngx_http_pintag_zone_t *zone)
{
    ngx_uint_t                       i;
    ngx_array_t                     *destinations;
    ngx_http_pintag_cell_t          *cell;
    ngx_http_pintag_destination_t  **elt;

    destinations = &zone->main_conf->destinations;
    elt = destinations->elts;

    for (i = 0; i < destinations->nelts; i++) {
        cell = elt[i]->cell;

        (void) ngx_atomic_fetch_add(&elt[i]->slot->counters.orphans,
                                    cell->spooled - cell->found);
        cell->spooled = 0;
        cell->found = 0;
    }

    zone->leaving = 1;
}


/* what a process that is gone had: in memory it is lost */

static void
ngx_http_pintag_zone_clear(ngx_http_pintag_shared_t *shared, ngx_uint_t row,
    const char *reason)
{
    ngx_uint_t                   n;
    ngx_http_pintag_cell_t      *cell;
    ngx_http_pintag_slot_t      *slot;
    ngx_http_pintag_counters_t  *counters;

    n = ngx_http_pintag_reason(reason);

    for (slot = shared->slots; slot; slot = slot->next) {
        cell = &slot->cells[row];
        counters = &slot->counters;

        (void) ngx_atomic_fetch_add(&counters->orphans,
                                    cell->spooled - cell->found);
        (void) ngx_atomic_fetch_add(
                   &counters->outcomes[NGX_HTTP_PINTAG_COUNT_LOST],
                   cell->pending);
        (void) ngx_atomic_fetch_add(
                   &counters->reasons[NGX_HTTP_PINTAG_COUNT_LOST][n],
                   cell->pending);

        ngx_memzero(cell, sizeof(ngx_http_pintag_cell_t));
    }

    ngx_memzero((u_char *) &shared->rows[row] + sizeof(ngx_atomic_t),
                sizeof(ngx_http_pintag_row_t) - sizeof(ngx_atomic_t));

    ngx_memory_barrier();
    shared->rows[row].pid = 0;
}


ngx_uint_t
ngx_http_pintag_reason(const char *reason)
{
    ngx_uint_t  i;

    /* most are the same few over and over, and texts of the core or of ours */

    static struct {
        const char  *reason;
        ngx_uint_t   number;
    } seen[16], *last;

    last = &seen[((uintptr_t) reason >> 3) % 16];

    if (last->reason == reason) {
        return last->number;
    }

    for (i = NGX_HTTP_PINTAG_REASONS_KNOWN - 1; i; i--) {
        if (ngx_strcmp(reason, ngx_http_pintag_reasons[i]) == 0) {
            break;
        }
    }

    last->reason = reason;
    last->number = i;

    return i;
}


const char *
ngx_http_pintag_reason_text(ngx_uint_t reason)
{
    return (reason < NGX_HTTP_PINTAG_REASONS_KNOWN)
           ? ngx_http_pintag_reasons[reason] : NULL;
}


ngx_uint_t
ngx_http_pintag_reason_lost(ngx_uint_t reason)
{
    return reason >= NGX_HTTP_PINTAG_REASONS_KNOWN
                     - NGX_HTTP_PINTAG_REASONS_LOST;
}
