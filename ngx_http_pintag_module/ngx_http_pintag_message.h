
/*
 * Copyright (C) the ngx_http_pintag_module authors
 *
 * What a courier takes to Pinterest, and what it brings back.
 */


#ifndef _NGX_HTTP_PINTAG_MESSAGE_H_INCLUDED_
#define _NGX_HTTP_PINTAG_MESSAGE_H_INCLUDED_


#include <ngx_config.h>
#include <ngx_core.h>
#include <ngx_http.h>


/* of a pixel: what it says of its visitor besides the query */

typedef struct {
    ngx_str_t   user_agent;      /* User-Agent */
    ngx_str_t   page_url;        /* Referer */
    ngx_str_t   address;         /* X-Forwarded-For */
} ngx_http_pintag_headers_t;


/* what came back; only an upstream of this very subrequest answers */

typedef struct {
    ngx_uint_t                  status;   /* 0: no whole answer, or not kept */

    /* nginx answered itself, with this status: the location is wrong */
    ngx_uint_t                  local;

    /* seconds that the upstream asks to wait, 0: it does not */
    time_t                      wait;

    /* NULL data: it was longer than asked for */
    ngx_str_t                   body;
} ngx_http_pintag_answer_t;


/* the answer is only valid during the call */

typedef void (*ngx_http_pintag_answer_pt)(void *data,
    ngx_http_pintag_answer_t *answer);


/* the strings must live until the answer */

typedef struct {
    ngx_http_core_srv_conf_t   *server;
    ngx_str_t                   uri;      /* an internal location's */
    ngx_str_t                   args;
    ngx_str_t                  *label;    /* of the destination, for the log */

    ngx_http_pintag_headers_t   headers;  /* of a GET */

    ngx_str_t                  *content_type;    /* of a POST; NULL: a GET */
    ngx_str_t                  *authorization;   /* NULL: none */
    ngx_str_t                   body;
    size_t                      max_answer;      /* bytes of it to keep */

    ngx_http_pintag_answer_pt   handler;
    void                       *data;
} ngx_http_pintag_message_t;


/*
 * Makes the message's headers those of a request that has none yet, for the
 * proxy module to pass on and for variables to show.  What is empty is not
 * sent, nor is a value that would be more than one header.  NGX_OK, or
 * NGX_ERROR without memory.
 */
ngx_int_t ngx_http_pintag_message_headers(ngx_http_request_t *r,
    ngx_http_pintag_message_t *message);

/* makes a subrequest that POST; NGX_OK, or NGX_ERROR without memory */
ngx_int_t ngx_http_pintag_message_body(ngx_http_request_t *sr,
    ngx_http_pintag_message_t *message);

/*
 * 0 when an upstream was sent a body and not how long it is, as nginx does when
 * it has no memory for that header.  What it answers is of no request of ours.
 */
ngx_uint_t ngx_http_pintag_message_length_sent(ngx_http_upstream_t *u);

/*
 * Seconds that an upstream asks to wait by Retry-After, a number or a date, and
 * with a 429 by X-RateLimit-Reset; the longer of the two, 0 when it does not.
 */
time_t ngx_http_pintag_message_wait(ngx_http_upstream_t *u);


#endif /* _NGX_HTTP_PINTAG_MESSAGE_H_INCLUDED_ */
