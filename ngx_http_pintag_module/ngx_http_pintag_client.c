
/*
 * Copyright (C) the ngx_http_pintag_module authors
 */


#include "ngx_http_pintag_module.h"
#include "ngx_http_pintag_client.h"


#define ngx_http_pintag_header_is(h, name)                                    \
    ((h)->key.len == sizeof(name) - 1                                         \
     && ngx_memcmp((h)->lowcase_key, name, sizeof(name) - 1) == 0)


static ngx_table_elt_t *ngx_http_pintag_client_next(ngx_list_part_t **part,
    ngx_uint_t *i);
static void ngx_http_pintag_client_header(ngx_http_request_t *r,
    ngx_table_elt_t *h, ngx_http_pintag_head_t *head, ngx_uint_t *browser);
static ngx_uint_t ngx_http_pintag_client_mozilla(ngx_http_request_t *r);
static void ngx_http_pintag_client_signal(ngx_table_elt_t *h,
    pintag_client_t *client, ngx_uint_t signal);
static void ngx_http_pintag_client_encoding(ngx_table_elt_t *h,
    ngx_http_pintag_head_t *head);
static void ngx_http_pintag_client_cookies(ngx_str_t *header,
    pintag_client_t *client);
static ngx_int_t ngx_http_pintag_client_write_key(ngx_http_request_t *r,
    pintag_client_t *client);
static pintag_str_t ngx_http_pintag_client_text(ngx_str_t *value);


ngx_int_t
ngx_http_pintag_client_read(ngx_http_request_t *r,
    ngx_http_pintag_head_t *head)
{
    ngx_uint_t        i, browser;
    pintag_client_t  *client;
    ngx_list_part_t  *part;
    ngx_table_elt_t  *h;

    ngx_memzero(head, sizeof(ngx_http_pintag_head_t));

    client = &head->client;
    client->now = ngx_time();
    browser = 0;

    part = &r->headers_in.headers.part;
    i = 0;

    while ((h = ngx_http_pintag_client_next(&part, &i)) != NULL) {
        ngx_http_pintag_client_header(r, h, head, &browser);
    }

    if (browser) {
        client->address = ngx_http_pintag_client_text(
                                                    &r->connection->addr_text);

        if (r->headers_in.user_agent) {
            client->user_agent = ngx_http_pintag_client_text(
                                            &r->headers_in.user_agent->value);
        }
    }

    return ngx_http_pintag_client_write_key(r, client);
}


/* a header at a time, NULL after the last */

static ngx_table_elt_t *
ngx_http_pintag_client_next(ngx_list_part_t **part, ngx_uint_t *i)
{
    ngx_table_elt_t  *h;

    while (*i >= (*part)->nelts) {

        if ((*part)->next == NULL) {
            return NULL;
        }

        *part = (*part)->next;
        *i = 0;
    }

    h = (*part)->elts;

    return &h[(*i)++];
}


static void
ngx_http_pintag_client_header(ngx_http_request_t *r, ngx_table_elt_t *h,
    ngx_http_pintag_head_t *head, ngx_uint_t *browser)
{
    ngx_http_pintag_loc_conf_t  *plcf;

    /* none that is looked for has another first letter */

    switch (h->key.len ? h->lowcase_key[0] : '\0') {

    case 'c':

        if (ngx_http_pintag_header_is(h, "cookie")) {
            ngx_http_pintag_client_cookies(&h->value, &head->client);

        } else if (ngx_http_pintag_header_is(h, "content-encoding")) {
            ngx_http_pintag_client_encoding(h, head);
        }

        break;

    case 'd':

        if (ngx_http_pintag_header_is(h, "dnt")) {
            plcf = ngx_http_get_module_loc_conf(r, ngx_http_pintag_module);
            ngx_http_pintag_client_signal(h, &head->client, plcf->dnt);
        }

        break;

    case 'o':

        if (ngx_http_pintag_header_is(h, "origin")) {
            *browser = 1;
        }

        break;

    case 'r':

        if (ngx_http_pintag_header_is(h, "referer")) {
            *browser = 1;
        }

        break;

    case 's':

        if (ngx_http_pintag_header_is(h, "sec-gpc")) {
            plcf = ngx_http_get_module_loc_conf(r, ngx_http_pintag_module);
            ngx_http_pintag_client_signal(h, &head->client, plcf->gpc);

        } else if (h->key.len > sizeof("sec-fetch-") - 1
                   && ngx_memcmp(h->lowcase_key, "sec-fetch-",
                                 sizeof("sec-fetch-") - 1)
                      == 0)
        {
            *browser |= !ngx_http_pintag_header_is(h, "sec-fetch-mode")
                        || ngx_http_pintag_client_mozilla(r);
        }

        break;

    case 'x':

        if (ngx_http_pintag_header_is(h, "x-write-key")
            && head->client.write_key.data == NULL)
        {
            head->client.write_key = ngx_http_pintag_client_text(&h->value);
        }

        break;
    }
}


/*
 * Node's fetch() sends "Sec-Fetch-Mode" as browsers do, and by it alone a
 * server would be taken for its visitors.
 */

static ngx_uint_t
ngx_http_pintag_client_mozilla(ngx_http_request_t *r)
{
    ngx_table_elt_t  *h;

    h = r->headers_in.user_agent;

    return h && h->value.len > sizeof("Mozilla/") - 1
           && ngx_memcmp(h->value.data, "Mozilla/", sizeof("Mozilla/") - 1)
              == 0;
}


static void
ngx_http_pintag_client_signal(ngx_table_elt_t *h, pintag_client_t *client,
    ngx_uint_t signal)
{
    /* to drop is more than to limit */

    if (h->value.len == 1 && h->value.data[0] == '1'
        && signal > (ngx_uint_t) client->signal)
    {
        client->signal = signal;
    }
}


static void
ngx_http_pintag_client_encoding(ngx_table_elt_t *h,
    ngx_http_pintag_head_t *head)
{
    if (head->encoding != PINTAG_ENCODING_IDENTITY) {
        /* one over the other */
        head->encoding = PINTAG_ENCODING_UNKNOWN;
        return;
    }

    head->encoding = pintag_encoding(ngx_http_pintag_client_text(&h->value));
}


static void
ngx_http_pintag_client_cookies(ngx_str_t *header, pintag_client_t *client)
{
    u_char        *p, *last, *end, *sep;
    size_t         len;
    ngx_str_t      value;
    pintag_str_t  *cookie;

    last = header->data + header->len;

    for (p = header->data; p < last; p = end + 1) {

        while (p < last && (*p == ' ' || *p == '\t')) {
            p++;
        }

        end = ngx_strlchr(p, last, ';');
        if (end == NULL) {
            end = last;
        }

        sep = ngx_strlchr(p, end, '=');
        if (sep == NULL) {
            continue;
        }

        len = sep - p;

        if (len == sizeof("_epik") - 1
            && ngx_memcmp(p, "_epik", len) == 0)
        {
            cookie = &client->epik;

        } else if (len == sizeof("_pin_unauth") - 1
                   && ngx_memcmp(p, "_pin_unauth", len) == 0)
        {
            cookie = &client->pin_unauth;

        } else if (len == sizeof("_derived_epik") - 1
                   && ngx_memcmp(p, "_derived_epik", len) == 0)
        {
            cookie = &client->derived_epik;

        } else {
            continue;
        }

        /* of equal names the most specific comes first */

        if (cookie->data == NULL) {
            value.data = sep + 1;
            value.len = end - value.data;

            *cookie = ngx_http_pintag_client_text(&value);
        }
    }
}


/* a header's value, if any, is there already */

static ngx_int_t
ngx_http_pintag_client_write_key(ngx_http_request_t *r,
    pintag_client_t *client)
{
    u_char     *src, *dst;
    ngx_str_t   value;

    switch (ngx_http_auth_basic_user(r)) {

    case NGX_OK:
        client->write_key = ngx_http_pintag_client_text(&r->headers_in.user);
        return NGX_OK;

    case NGX_ERROR:
        return NGX_ERROR;
    }

    if (ngx_http_arg(r, (u_char *) "writeKey", sizeof("writeKey") - 1, &value)
        != NGX_OK
        || value.len == 0)
    {
        return NGX_OK;
    }

    dst = ngx_pnalloc(r->pool, value.len);
    if (dst == NULL) {
        return NGX_ERROR;
    }

    client->write_key.data = dst;

    src = value.data;
    ngx_unescape_uri(&dst, &src, value.len, 0);

    client->write_key.len = dst - client->write_key.data;

    return NGX_OK;
}


/* what is empty is absent */

static pintag_str_t
ngx_http_pintag_client_text(ngx_str_t *value)
{
    pintag_str_t  text;

    text.data = value->len ? value->data : NULL;
    text.len = value->len;

    return text;
}


ngx_uint_t
ngx_http_pintag_client_find(ngx_http_request_t *r, ngx_str_t *name,
    ngx_str_t *value)
{
    ngx_uint_t        i, n;
    ngx_list_part_t  *part;
    ngx_table_elt_t  *h;

    part = &r->headers_in.headers.part;
    i = 0;
    n = 0;

    while ((h = ngx_http_pintag_client_next(&part, &i)) != NULL) {

        if (h->key.len != name->len
            || ngx_memcmp(h->lowcase_key, name->data, name->len) != 0)
        {
            continue;
        }

        if (n++ == 0 && value) {
            *value = h->value;
        }
    }

    return n;
}


ngx_uint_t
ngx_http_pintag_client_pixel(ngx_http_request_t *r)
{
    u_char  *p, *start, *last;

    start = r->uri.data;
    last = start + r->uri.len;

    for (p = last; p > start && p[-1] != '/'; p--) { /* void */ }

    /* "p" is where the last segment begins */

    return p < last
           && (size_t) (p - start) >= sizeof("/pixel/") - 1
           && ngx_memcmp(p - (sizeof("/pixel/") - 1), "/pixel/",
                         sizeof("/pixel/") - 1)
              == 0;
}


ngx_uint_t
ngx_http_pintag_client_image(ngx_http_request_t *r)
{
    ngx_str_t        *accept;
    ngx_uint_t        i;
    ngx_list_part_t  *part;
    ngx_table_elt_t  *h;

    if (r->method != NGX_HTTP_GET || !ngx_http_pintag_client_pixel(r)) {
        return 0;
    }

    /* headers_in.accept is not in every nginx */

    part = &r->headers_in.headers.part;
    i = 0;

    while ((h = ngx_http_pintag_client_next(&part, &i)) != NULL) {

        if (!ngx_http_pintag_header_is(h, "accept")) {
            continue;
        }

        accept = &h->value;

        if (ngx_strlcasestrn(accept->data, accept->data + accept->len,
                             (u_char *) "application/json",
                             sizeof("application/json") - 2)
            != NULL)
        {
            return 0;
        }
    }

    return 1;
}
