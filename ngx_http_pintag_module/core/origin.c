
/*
 * Copyright (C) the ngx_http_pintag_module authors
 */


#include "origin.h"


static pintag_origin_fault_e pintag_origin_parse(pintag_str_t text,
    pintag_origin_t *origin, unsigned listed);
static size_t pintag_origin_scheme_len(pintag_str_t text);
static size_t pintag_origin_host_len(pintag_str_t text);
static size_t pintag_origin_port_len(pintag_str_t text);
static pintag_str_t pintag_origin_behind(pintag_str_t text, size_t n);
static unsigned pintag_origin_alpha(unsigned char c);
static unsigned pintag_origin_digit(unsigned char c);


static const pintag_str_t  pintag_origin_http = pintag_str("http");
static const pintag_str_t  pintag_origin_https = pintag_str("https");


pintag_origin_fault_e
pintag_origin_read(pintag_str_t text, pintag_origin_t *origin)
{
    return pintag_origin_parse(text, origin, 0);
}


pintag_origin_fault_e
pintag_origin_read_listed(pintag_str_t text, pintag_origin_t *origin)
{
    return pintag_origin_parse(text, origin, 1);
}


unsigned
pintag_origin_match(const pintag_origin_t *origin,
    const pintag_origin_t *listed)
{
    pintag_str_t  host;

    host = origin->host;

    if (listed->subdomains && host.len > listed->host.len) {
        host = pintag_origin_behind(host, host.len - listed->host.len);

    } else if (listed->subdomains) {
        return 0;
    }

    return pintag_str_case_eq(host, listed->host)
           && pintag_str_case_eq(origin->scheme, listed->scheme)
           && pintag_str_eq(origin->port, listed->port);
}


unsigned
pintag_origin_same(const pintag_origin_t *origin, pintag_str_t host)
{
    pintag_str_t  own;

    own = origin->host;

    /* nginx has taken it off the other */

    if (own.data[own.len - 1] == '.') {
        own.len--;
    }

    return pintag_str_case_eq(own, host)
           && (pintag_str_case_eq(origin->scheme, pintag_origin_https)
               || pintag_str_case_eq(origin->scheme, pintag_origin_http));
}


static pintag_origin_fault_e
pintag_origin_parse(pintag_str_t text, pintag_origin_t *origin,
    unsigned listed)
{
    size_t        n;
    pintag_str_t  port;

    static const pintag_str_t  http_port = pintag_str("80");
    static const pintag_str_t  https_port = pintag_str("443");

    memset(origin, 0, sizeof(pintag_origin_t));

    n = pintag_origin_scheme_len(text);

    if (n == 0 || text.len - n < 3 || memcmp(text.data + n, "://", 3) != 0) {
        return PINTAG_ORIGIN_NO_SCHEME;
    }

    origin->scheme.data = text.data;
    origin->scheme.len = n;

    text = pintag_origin_behind(text, n + 3);

    if (listed && text.len > 2 && text.data[0] == '*' && text.data[1] == '.') {
        text = pintag_origin_behind(text, 1);
        n = pintag_origin_host_len(pintag_origin_behind(text, 1));

        /* with the dot */
        n += (n != 0);

        origin->subdomains = 1;

    } else {
        n = pintag_origin_host_len(text);
    }

    if (n == 0) {
        return PINTAG_ORIGIN_NO_HOST;
    }

    origin->host.data = text.data;
    origin->host.len = n;

    text = pintag_origin_behind(text, n);
    port.len = 0;

    if (text.len != 0 && text.data[0] == ':') {
        text = pintag_origin_behind(text, 1);

        port.data = text.data;
        port.len = pintag_origin_port_len(text);

        if (port.len == 0) {
            return PINTAG_ORIGIN_NO_PORT;
        }

        text = pintag_origin_behind(text, port.len);

        if (!(pintag_str_eq(port, http_port)
              && pintag_str_case_eq(origin->scheme, pintag_origin_http))
            && !(pintag_str_eq(port, https_port)
                 && pintag_str_case_eq(origin->scheme, pintag_origin_https)))
        {
            origin->port = port;
        }
    }

    if (text.len == 0) {
        return PINTAG_ORIGIN_OK;
    }

    if (text.data[0] == '/' || text.data[0] == '?' || text.data[0] == '#') {
        return PINTAG_ORIGIN_TOO_LONG;
    }

    /* a character that the one or the other does not have */

    return port.len ? PINTAG_ORIGIN_NO_PORT : PINTAG_ORIGIN_NO_HOST;
}


static size_t
pintag_origin_scheme_len(pintag_str_t text)
{
    size_t         i;
    unsigned char  c;

    for (i = 0; i < text.len; i++) {
        c = text.data[i];

        if (pintag_origin_alpha(c)
            || (i != 0 && (pintag_origin_digit(c) || c == '+' || c == '-'
                           || c == '.')))
        {
            continue;
        }

        break;
    }

    return i;
}


static size_t
pintag_origin_host_len(pintag_str_t text)
{
    size_t         i;
    unsigned char  c;

    if (text.len != 0 && text.data[0] == '[') {

        for (i = 1; i < text.len; i++) {
            c = text.data[i];

            if (c == ']') {
                return (i > 1) ? i + 1 : 0;
            }

            if (!pintag_origin_digit(c) && c != ':' && c != '.'
                && ((c | 0x20) < 'a' || (c | 0x20) > 'f'))
            {
                break;
            }
        }

        return 0;
    }

    for (i = 0; i < text.len; i++) {
        c = text.data[i];

        if (pintag_origin_alpha(c) || pintag_origin_digit(c) || c == '-'
            || c == '_' || (c == '.' && i != 0))
        {
            continue;
        }

        break;
    }

    return i;
}


static size_t
pintag_origin_port_len(pintag_str_t text)
{
    size_t  i;

    for (i = 0; i < text.len && i < 5; i++) {
        if (!pintag_origin_digit(text.data[i])) {
            break;
        }
    }

    return i;
}


static pintag_str_t
pintag_origin_behind(pintag_str_t text, size_t n)
{
    text.data += n;
    text.len -= n;

    return text;
}


static unsigned
pintag_origin_alpha(unsigned char c)
{
    c |= 0x20;

    return c >= 'a' && c <= 'z';
}


static unsigned
pintag_origin_digit(unsigned char c)
{
    return c >= '0' && c <= '9';
}
