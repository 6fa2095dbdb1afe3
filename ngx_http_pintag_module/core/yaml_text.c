
/*
 * Copyright (C) the ngx_http_pintag_module authors
 */


#include <stdint.h>
#include <string.h>

#include "utf8.h"
#include "yaml_text.h"


#define PINTAG_YAML_TAB  4


void
pintag_yaml_start(pintag_yaml_place_t *place, pintag_str_t text)
{
    memset(place, 0, sizeof(pintag_yaml_place_t));

    place->pos = text.data;
    place->end = text.data + text.len;
    place->line = 1;
    place->column = 1;
    place->leading = 1;
}


size_t
pintag_yaml_step(pintag_yaml_place_t *place)
{
    size_t               width;
    unsigned char        c, next;
    const unsigned char  *p;

    c = *place->pos;
    p = place->pos + 1;
    next = (p < place->end) ? *p : '\n';

    if (c == '\n' || (c == '\r' && (p == place->end || next != '\n'))) {
        place->pos = p;
        place->line++;
        place->column = 1;
        place->index++;
        place->indent = 0;
        place->leading = 1;

        return 1;
    }

    while (p < place->end && (*p & 0xc0) == 0x80) {
        p++;
    }

    width = 1;

    if (!place->leading) {
        goto done;
    }

    if (c == '\t') {
        width = PINTAG_YAML_TAB - place->indent % PINTAG_YAML_TAB;

    } else if (c == '-') {
        place->leading = (next == ' ' || next == '\t');

    } else if (c != ' ') {
        place->leading = 0;
    }

done:

    place->pos = p;
    place->column++;
    place->index += width;
    place->indent += width;

    return width;
}


void
pintag_yaml_seek(pintag_yaml_place_t *place, pintag_str_t text, size_t index)
{
    pintag_yaml_place_t  next;

    if (index < place->index) {
        pintag_yaml_start(place, text);
    }

    while (place->pos < place->end) {

        next = *place;
        (void) pintag_yaml_step(&next);

        if (next.index > index) {
            break;
        }

        *place = next;
    }
}


const char *
pintag_yaml_check(pintag_str_t text, pintag_yaml_place_t *place)
{
    size_t    n;
    uint32_t  c;

    pintag_yaml_start(place, text);

    while (place->pos < place->end) {

        n = pintag_utf8_decode(place->pos, place->end, &c);

        if (n == 0) {
            return "invalid UTF-8, save the file as UTF-8";
        }

        if (c == 0) {
            return "a NUL byte is not allowed, save the file as UTF-8 text";
        }

        if ((c < 0x20 && c != '\t' && c != '\n' && c != '\r')
            || (c >= 0x7f && c < 0xa0 && c != 0x85)
            || c == 0xfffe || c == 0xffff)
        {
            return "a control character is not allowed, remove it";
        }

        /* a line end to libyaml, which is YAML 1.1, and to nothing else */

        if (c == 0x85 || c == 0x2028 || c == 0x2029) {
            return "a line separator other than LF and CR is not allowed, "
                   "remove it";
        }

        if (c == 0xfeff) {
            return "a byte order mark is allowed only where the file begins, "
                   "remove it";
        }

        /* tags are refused, and many of these cost libyaml quadratic time */

        if (c == '%' && place->column == 1 && place->end - place->pos >= 4
            && memcmp(place->pos, "%TAG", 4) == 0)
        {
            return "a tag directive is not supported, remove it";
        }

        (void) pintag_yaml_step(place);
    }

    return NULL;
}


unsigned
pintag_yaml_expand(pintag_str_t text, pintag_arena_t *arena,
    pintag_str_t *copy, pintag_yaml_place_t *tab)
{
    size_t                len, n, width;
    unsigned char        *dst;
    pintag_yaml_place_t   place, was;

    memset(tab, 0, sizeof(pintag_yaml_place_t));
    pintag_yaml_start(&place, text);
    len = 0;

    while (place.pos < place.end) {

        was = place;
        width = pintag_yaml_step(&place);

        if (*was.pos != '\t' || !was.leading) {
            len += (size_t) (place.pos - was.pos);
            continue;
        }

        len += width;

        if (tab->pos == NULL) {
            *tab = was;
        }
    }

    if (tab->pos == NULL) {
        *copy = text;
        return 1;
    }

    dst = pintag_arena_bytes(arena, len);
    if (dst == NULL) {
        return 0;
    }

    copy->data = dst;
    copy->len = len;

    pintag_yaml_start(&place, text);

    while (place.pos < place.end) {

        was = place;
        width = pintag_yaml_step(&place);

        if (*was.pos == '\t' && was.leading) {
            memset(dst, ' ', width);
            dst += width;
            continue;
        }

        n = (size_t) (place.pos - was.pos);
        memcpy(dst, was.pos, n);
        dst += n;
    }

    return 1;
}


/* the length of the character at "p", or 0 when it is no UTF-8 */
