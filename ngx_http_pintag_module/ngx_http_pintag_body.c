
/*
 * Copyright (C) the ngx_http_pintag_module authors
 */


#include "ngx_http_pintag_module.h"
#include "ngx_http_pintag_body.h"
#include "ngx_http_pintag_client.h"


static ngx_int_t ngx_http_pintag_body_text(ngx_http_request_t *r,
    pintag_encoding_e encoding, pintag_arena_t *arena, pintag_str_t *text,
    pintag_body_error_t *error);
static ngx_uint_t ngx_http_pintag_body_whole(ngx_chain_t *bufs);
static ngx_int_t ngx_http_pintag_body_join(ngx_http_request_t *r,
    size_t size, pintag_arena_t *arena, pintag_str_t *text);
static ngx_int_t ngx_http_pintag_body_inflate(ngx_http_request_t *r,
    pintag_encoding_e encoding, pintag_arena_t *arena, pintag_str_t *text,
    pintag_body_error_t *error);
static pintag_body_format_e ngx_http_pintag_body_format(ngx_http_request_t *r);
static ngx_int_t ngx_http_pintag_body_refuse(ngx_uint_t status,
    pintag_body_error_t *error, const char *code, const char *message);
static ngx_int_t ngx_http_pintag_body_limit(ngx_http_request_t *r,
    pintag_body_error_t *error, const char *code, char *fmt, size_t limit);


static char  ngx_http_pintag_body_too_large[] =
    "the body is larger than \"pintag_max_body\" allows, %uz bytes";


ngx_int_t
ngx_http_pintag_body_check(ngx_http_request_t *r, pintag_body_error_t *error)
{
    ngx_http_pintag_head_t       head;
    ngx_http_pintag_loc_conf_t  *plcf;

    plcf = ngx_http_get_module_loc_conf(r, ngx_http_pintag_module);

    if (r->headers_in.content_length_n <= (off_t) plcf->max_body) {
        return NGX_OK;
    }

    if (ngx_http_pintag_client_read(r, &head) != NGX_OK) {
        return NGX_HTTP_INTERNAL_SERVER_ERROR;
    }

    if (head.encoding != PINTAG_ENCODING_IDENTITY) {
        return NGX_OK;
    }

    return ngx_http_pintag_body_limit(r, error, "body_too_large",
                                      ngx_http_pintag_body_too_large,
                                      plcf->max_body);
}


ngx_int_t
ngx_http_pintag_body_read(ngx_http_request_t *r, pintag_encoding_e encoding,
    pintag_arena_t *arena, pintag_body_t *body, pintag_body_error_t *error)
{
    size_t                       max;
    ngx_int_t                    rc;
    pintag_str_t                 text;
    pintag_body_format_e         format;
    ngx_http_pintag_loc_conf_t  *plcf;

    plcf = ngx_http_get_module_loc_conf(r, ngx_http_pintag_module);

    format = ngx_http_pintag_body_format(r);

    rc = ngx_http_pintag_body_text(r, encoding, arena, &text, error);

    if (rc != NGX_OK) {
        return rc;
    }

    max = ngx_max(plcf->max_body / PINTAG_BODY_COMPLEX,
                  PINTAG_BODY_COMPLEX_LEAST);

    if (pintag_body_complex(text, max)) {
        return ngx_http_pintag_body_limit(r, error, "too_complex",
                                          "there are more values and "
                                          "separators of URLs than "
                                          "\"pintag_max_body\" allows, %uz: "
                                          "send fewer or smaller events at a "
                                          "time", max);
    }

    switch (pintag_body_read(text, format, plcf->max_events, arena, body,
                             error))
    {
    case PINTAG_OK:
        return NGX_OK;

    case PINTAG_NO_MEMORY:
        return NGX_HTTP_INTERNAL_SERVER_ERROR;

    default: /* PINTAG_REJECTED */
        break;
    }

    if (ngx_strcmp(error->error, "too_many_events") == 0) {
        return ngx_http_pintag_body_limit(r, error, "too_many_events",
                                          "there are more events than "
                                          "\"pintag_max_events\" allows, %uz",
                                          plcf->max_events);
    }

    return NGX_HTTP_BAD_REQUEST;
}


/* what is to be read, in one piece, where nginx has it or in the arena */

static ngx_int_t
ngx_http_pintag_body_text(ngx_http_request_t *r, pintag_encoding_e encoding,
    pintag_arena_t *arena, pintag_str_t *text, pintag_body_error_t *error)
{
    off_t                        size;
    ngx_str_t                    value;
    ngx_chain_t                 *cl, *bufs;
    ngx_http_pintag_loc_conf_t  *plcf;

    text->data = NULL;
    text->len = 0;

    plcf = ngx_http_get_module_loc_conf(r, ngx_http_pintag_module);

    if (r->method == NGX_HTTP_GET) {

        if (ngx_http_arg(r, (u_char *) "data", sizeof("data") - 1, &value)
            != NGX_OK)
        {
            return NGX_OK;
        }

        text->data = value.data;
        text->len = value.len;

        encoding = PINTAG_ENCODING_IDENTITY;
        size = value.len;
        bufs = NULL;

    } else {

        if (encoding == PINTAG_ENCODING_UNKNOWN) {
            return ngx_http_pintag_body_refuse(NGX_HTTP_UNSUPPORTED_MEDIA_TYPE,
                                      error, "unsupported_encoding",
                                      "the Content-Encoding must be gzip or "
                                      "deflate, or there must be none");
        }

        bufs = r->request_body ? r->request_body->bufs : NULL;

        for (size = 0, cl = bufs; cl; cl = cl->next) {
            size += ngx_buf_size(cl->buf);
        }
    }

    if (encoding == PINTAG_ENCODING_IDENTITY && size > (off_t) plcf->max_body)
    {
        return ngx_http_pintag_body_limit(r, error, "body_too_large",
                                          ngx_http_pintag_body_too_large,
                                          plcf->max_body);
    }

    if (bufs && ngx_http_pintag_body_whole(bufs)) {
        text->data = bufs->buf->pos;
        text->len = (size_t) size;

    } else if (bufs
               && ngx_http_pintag_body_join(r, (size_t) size, arena, text)
                  != NGX_OK)
    {
        return NGX_HTTP_INTERNAL_SERVER_ERROR;
    }

    if (encoding == PINTAG_ENCODING_IDENTITY || text->len == 0) {
        return NGX_OK;
    }

    return ngx_http_pintag_body_inflate(r, encoding, arena, text, error);
}


/* nginx has a buffer for each read, of what mostly is one piece of memory */

static ngx_uint_t
ngx_http_pintag_body_whole(ngx_chain_t *bufs)
{
    ngx_chain_t  *cl;

    for (cl = bufs; cl; cl = cl->next) {

        if (!ngx_buf_in_memory(cl->buf)
            || (cl->next && cl->next->buf->pos != cl->buf->last))
        {
            return 0;
        }
    }

    return 1;
}


static ngx_int_t
ngx_http_pintag_body_join(ngx_http_request_t *r, size_t size,
    pintag_arena_t *arena, pintag_str_t *text)
{
    off_t         pos;
    u_char       *p;
    ssize_t       n;
    ngx_buf_t    *b;
    ngx_chain_t  *cl;

    p = pintag_arena_bytes(arena, size);
    if (p == NULL) {
        return NGX_ERROR;
    }

    text->data = p;
    text->len = size;

    for (cl = r->request_body->bufs; cl; cl = cl->next) {
        b = cl->buf;

        if (ngx_buf_in_memory(b)) {
            p = ngx_cpymem(p, b->pos, b->last - b->pos);
            continue;
        }

        /* the buffer is not ours alone: a mirror shares it */

        pos = b->file_pos;

        while (pos < b->file_last) {

            n = ngx_read_file(b->file, p, (size_t) (b->file_last - pos), pos);

            if (n <= 0) {
                ngx_log_error(NGX_LOG_CRIT, ngx_cycle->log, 0,
                              "request body in \"%V\" was cut off",
                              &b->file->name);
                return NGX_ERROR;
            }

            p += n;
            pos += n;
        }
    }

    return NGX_OK;
}


static ngx_int_t
ngx_http_pintag_body_inflate(ngx_http_request_t *r, pintag_encoding_e encoding,
    pintag_arena_t *arena, pintag_str_t *text, pintag_body_error_t *error)
{
    pintag_str_t                 inflated;
    ngx_http_pintag_loc_conf_t  *plcf;

    plcf = ngx_http_get_module_loc_conf(r, ngx_http_pintag_module);

    switch (pintag_inflate(encoding, *text, plcf->max_body, arena, &inflated))
    {
    case PINTAG_INFLATE_OK:
        *text = inflated;
        return NGX_OK;

    case PINTAG_INFLATE_TOO_LARGE:
        return ngx_http_pintag_body_limit(r, error, "body_too_large",
                                          "the body when inflated is larger "
                                          "than \"pintag_max_body\" allows, "
                                          "%uz bytes", plcf->max_body);

    case PINTAG_INFLATE_INVALID:
        return ngx_http_pintag_body_refuse(NGX_HTTP_BAD_REQUEST, error,
                                           "invalid_encoding",
                                           "the body is damaged, cut off, or "
                                           "not what its Content-Encoding "
                                           "says");

    default: /* PINTAG_INFLATE_NO_MEMORY */
        return NGX_HTTP_INTERNAL_SERVER_ERROR;
    }
}


static pintag_body_format_e
ngx_http_pintag_body_format(ngx_http_request_t *r)
{
    size_t      len;
    ngx_str_t  *type;

    if (r->method == NGX_HTTP_GET) {
        return PINTAG_BODY_PIXEL;
    }

    if (r->headers_in.content_type == NULL) {
        return PINTAG_BODY_JSON;
    }

    type = &r->headers_in.content_type->value;
    len = sizeof("application/x-ndjson") - 1;

    if (type->len < len
        || ngx_strncasecmp(type->data, (u_char *) "application/x-ndjson", len)
           != 0
        || (type->len > len && type->data[len] != ';'
            && type->data[len] != ' ' && type->data[len] != '\t'))
    {
        return PINTAG_BODY_JSON;
    }

    return PINTAG_BODY_LINES;
}


static ngx_int_t
ngx_http_pintag_body_refuse(ngx_uint_t status, pintag_body_error_t *error,
    const char *code, const char *message)
{
    error->error = code;
    error->message = message;
    error->line = 0;
    error->column = 0;

    return status;
}


static ngx_int_t
ngx_http_pintag_body_limit(ngx_http_request_t *r, pintag_body_error_t *error,
    const char *code, char *fmt, size_t limit)
{
    size_t   size;
    u_char  *message;

    size = ngx_strlen(fmt) + NGX_SIZE_T_LEN;

    message = ngx_pnalloc(r->pool, size);
    if (message == NULL) {
        return NGX_HTTP_INTERNAL_SERVER_ERROR;
    }

    *ngx_snprintf(message, size - 1, fmt, limit) = '\0';

    return ngx_http_pintag_body_refuse(NGX_HTTP_REQUEST_ENTITY_TOO_LARGE,
                                       error, code, (char *) message);
}
