
/*
 * Copyright (C) the ngx_http_pintag_module authors
 */


#include <stdlib.h>
#include <string.h>

#include "worst.h"


static void worst_emit(worst_body_t *body, const char *p, const char *end,
    size_t room);
static void worst_piece(worst_body_t *body, const char **p, size_t room);
static unsigned worst_plain(const char *p, const char *end);
static void worst_repeat(worst_body_t *body, const char *unit, size_t len,
    size_t room);
static size_t worst_least(worst_body_t *body, const char *p, const char *end,
    unsigned *flexible);
static const char *worst_end(const char *p);
static void worst_count(worst_body_t *body, size_t digits);


void
worst_expand(worst_body_t *body, const char *template, const char *value,
    size_t limit)
{
    size_t       least;
    unsigned     flexible;
    const char  *end;

    body->value = value;

    flexible = 0;
    end = template + strlen(template);
    least = worst_least(body, template, end, &flexible);

    body->len = 0;
    body->count = 0;

    worst_emit(body, template, end, limit > least ? limit - least : 0);
}


/* a template; "room" is what its FILLs may take together */

static void
worst_emit(worst_body_t *body, const char *p, const char *end, size_t room)
{
    unsigned     flexible, own;
    const char  *q, *next;

    /* shared by those that want some */

    flexible = 0;

    for (q = p; q != end; q = next) {
        next = (*q == '\1' || *q == '\3') ? worst_end(q + 1) + 1 : q + 1;

        own = 0;
        (void) worst_least(body, q, next, &own);
        flexible += own;
    }

    while (p != end) {
        worst_piece(body, &p, flexible ? room / flexible : 0);
    }
}


/* a character, or what stands for something */

static void
worst_piece(worst_body_t *body, const char **p, size_t room)
{
    char        *after;
    size_t       i, n, start, count, before;
    unsigned     fill;
    const char  *unit, *end;

    switch (**p) {

    case '\1':
        fill = 1;
        n = (size_t) -1;
        unit = *p + 1;
        end = worst_end(unit);
        break;

    case '\3':
        fill = 0;
        n = strtoul(*p + 1, &after, 10);
        unit = after + 1;
        end = worst_end(*p + 1);
        break;

    case '\5':
        worst_count(body, 1);
        (*p)++;
        return;

    case '\6':
        worst_count(body, 3);
        (*p)++;
        return;

    case '\x10':
        worst_emit(body, body->value, body->value + strlen(body->value), room);
        (*p)++;
        return;

    default:
        worst_add(body, *p, 1);
        (*p)++;
        return;
    }

    *p = end + 1;
    start = body->len;

    if (fill && worst_plain(unit, end)) {
        worst_repeat(body, unit, (size_t) (end - unit), room);
        n = 0;
    }

    for (i = 0; i < n; i++) {
        before = body->len;
        count = body->count;

        worst_emit(body, unit, end, fill ? 0 : room / n);

        if (fill && (body->len - start > room || body->len == before)) {
            body->len = before;
            body->count = count;
            break;
        }
    }

    if (body->len != start && body->data[body->len - 1] == ',') {
        body->len--;
    }
}


/* 1 for a text in which nothing stands for something else */

static unsigned
worst_plain(const char *p, const char *end)
{
    while (p != end && (*p > '\x10' || *p < 0)) {
        p++;
    }

    return p == end;
}


static void
worst_repeat(worst_body_t *body, const char *unit, size_t len, size_t room)
{
    size_t  n;

    for (n = room / len; n; n--) {
        worst_add(body, unit, len);
    }
}


/* the bytes of a template when its FILLs are empty */

static size_t
worst_least(worst_body_t *body, const char *p, const char *end,
    unsigned *flexible)
{
    char        *after;
    size_t       n, len;
    unsigned     own;
    const char  *unit;

    len = 0;

    while (p != end) {

        switch (*p) {

        case '\1':
            *flexible = 1;
            p = worst_end(p + 1) + 1;
            break;

        case '\3':
            n = strtoul(p + 1, &after, 10);
            unit = after + 1;
            p = worst_end(p + 1);
            own = 0;
            len += n * worst_least(body, unit, p, &own);
            *flexible |= own;
            p++;
            break;

        case '\5':
            len += 4;
            p++;
            break;

        case '\6':
            len += 3;
            p++;
            break;

        case '\x10':
            len += worst_least(body, body->value,
                               body->value + strlen(body->value), flexible);
            p++;
            break;

        default:
            len++;
            p++;
            break;
        }
    }

    return len;
}


/* the end of what begins before "p" */

static const char *
worst_end(const char *p)
{
    unsigned  depth;

    for (depth = 1; /* void */ ; p++) {

        if (*p == '\1' || *p == '\3') {
            depth++;

        } else if (*p == '\2' && --depth == 0) {
            return p;
        }
    }
}


static void
worst_count(worst_body_t *body, size_t digits)
{
    char    text[16];
    size_t  i, n;

    static const char  base[] = "0123456789abcdefghijklmnopqrstuvwxyz"
                                "ABCDEFGHIJKLMNOPQRSTUVWXYZ";

    n = body->count++;
    i = sizeof(text);

    while (n != 0 || sizeof(text) - i < digits) {
        text[--i] = base[n % 62];
        n /= 62;
    }

    worst_add(body, text + i, sizeof(text) - i);
}


void
worst_add(worst_body_t *body, const char *data, size_t len)
{
    if (len > body->size - body->len) {
        body->size = 2 * body->size + len + 4096;
        body->data = realloc(body->data, body->size);

        if (body->data == NULL) {
            bench_die("no body was made", "no memory");
        }
    }

    memcpy(body->data + body->len, data, len);
    body->len += len;
}
