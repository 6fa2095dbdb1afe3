
/*
 * Copyright (C) the ngx_http_pintag_module authors
 */


#include "ngx_http_pintag_recent.h"
#include "ngx_http_pintag_destination.h"
#include "ngx_http_pintag_zone.h"


static void ngx_http_pintag_recent_name(ngx_str_t *payload, u_char *dst,
    size_t size);
static u_char *ngx_http_pintag_recent_find(ngx_str_t *payload, char *what);
static void ngx_http_pintag_recent_copy(u_char *dst, size_t size,
    u_char *src, size_t len);


size_t
ngx_http_pintag_recent_size(ngx_uint_t n)
{
    return offsetof(ngx_http_pintag_recent_t, elts)
           + n * sizeof(ngx_http_pintag_recent_event_t);
}


void
ngx_http_pintag_recent_add(ngx_http_pintag_recent_t *recent,
    ngx_http_pintag_destination_t *destination, ngx_str_t *payload,
    ngx_uint_t outcome, const char *reason)
{
    ngx_time_t                      *tp;
    ngx_atomic_uint_t                count;
    ngx_http_pintag_recent_event_t  *event;

    count = ngx_atomic_fetch_add(&recent->count, 1);
    event = &recent->elts[count % recent->n];
    tp = ngx_timeofday();

    event->turn = 2 * count + 1;
    ngx_memory_barrier();

    event->time = (uint64_t) tp->sec * 1000 + tp->msec;
    event->transport = ngx_http_pintag_zone_transport(destination);
    event->outcome = outcome;
    event->reasoned = (reason != NULL);
    event->reason = reason ? ngx_http_pintag_reason(reason) : 0;

    ngx_http_pintag_recent_copy(event->id, sizeof(event->id),
                                destination->id.data, destination->id.len);
    ngx_http_pintag_recent_name(payload, event->event, sizeof(event->event));

    ngx_memory_barrier();
    event->turn = 2 * count + 2;
}


/*
 * Pinterest's name for it: of a query "event", or what that is as a custom one,
 * of a JSON object "event_name", which the encoder writes first.
 */

static void
ngx_http_pintag_recent_name(ngx_str_t *payload, u_char *dst, size_t size)
{
    size_t   len;
    u_char  *p, *q, *last, name[256];

    *dst = '\0';
    last = payload->data + payload->len;

    p = ngx_http_pintag_recent_find(payload, "ed[custom_event_name]=");

    if (p == NULL) {
        p = ngx_http_pintag_recent_find(payload, "event=");
    }

    if (p) {
        q = ngx_strlchr(p, last, '&');
        len = ngx_min((size_t) ((q ? q : last) - p), sizeof(name));
        q = name;

        ngx_unescape_uri(&q, &p, len, 0);
        ngx_http_pintag_recent_copy(dst, size, name, q - name);

        return;
    }

    p = ngx_http_pintag_recent_find(payload, "\"event_name\":\"");

    if (p) {
        q = ngx_strlchr(p, last, '"');
        ngx_http_pintag_recent_copy(dst, size, p, (q ? q : last) - p);
    }
}


/* behind "what", at the beginning of a parameter or a member */

static u_char *
ngx_http_pintag_recent_find(ngx_str_t *payload, char *what)
{
    size_t   len;
    u_char  *p, *last;

    len = ngx_strlen(what);
    p = payload->data;
    last = payload->data + payload->len;

    if (payload->len == 0) {
        return NULL;
    }

    for ( ;; ) {
        p = memmem(p, last - p, what, len);

        if (p == NULL) {
            return NULL;
        }

        if (p == payload->data || p[-1] == '&' || p[-1] == '{'
            || p[-1] == ',')
        {
            return p + len;
        }

        p++;
    }
}


static void
ngx_http_pintag_recent_copy(u_char *dst, size_t size, u_char *src, size_t len)
{
    if (len > size - 1) {

        /* no half of a character */

        for (len = size - 1; len && (src[len] & 0xc0) == 0x80; len--) {
            /* void */
        }
    }

    dst = ngx_cpymem(dst, src, len);
    *dst = '\0';
}


ngx_uint_t
ngx_http_pintag_recent_get(ngx_http_pintag_recent_t *recent, ngx_uint_t back,
    ngx_http_pintag_recent_event_t *event)
{
    ngx_atomic_uint_t                count, turn;
    ngx_http_pintag_recent_event_t  *elt;

    count = recent->count;

    if (back >= count || back >= recent->n) {
        return 0;
    }

    count -= back + 1;
    elt = &recent->elts[count % recent->n];
    turn = elt->turn;

    ngx_memory_barrier();
    *event = *elt;
    ngx_memory_barrier();

    return turn == 2 * count + 2 && elt->turn == turn;
}
