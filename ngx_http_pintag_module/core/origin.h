
/*
 * Copyright (C) the ngx_http_pintag_module authors
 *
 * Origins, as browsers tell them and as a configuration lists them.
 */


#ifndef PINTAG_ORIGIN_H
#define PINTAG_ORIGIN_H


#include "text.h"


/* what a text is no origin for */

typedef enum {
    PINTAG_ORIGIN_OK = 0,
    PINTAG_ORIGIN_NO_SCHEME,
    PINTAG_ORIGIN_NO_HOST,     /* none, or one that no host looks like */
    PINTAG_ORIGIN_NO_PORT,     /* none behind the colon, or no number */
    PINTAG_ORIGIN_TOO_LONG     /* a path, or "?" or "#", at the end */
} pintag_origin_fault_e;


typedef struct {
    pintag_str_t    scheme;
    pintag_str_t    host;         /* IPv6 with its brackets */
    pintag_str_t    port;         /* empty: that of the scheme */
    unsigned        subdomains;   /* listed as "*.x"; "host" is ".x" */
} pintag_origin_t;


/*
 * Reads "scheme://host[:port]"; what it gives borrows from the text.  The port
 * that http and https have anyway is as good as none.  After TOO_LONG "origin"
 * holds what was read before that.
 */
pintag_origin_fault_e pintag_origin_read(pintag_str_t text,
    pintag_origin_t *origin);

/* the same of what is listed, whose host may begin with "*." */
pintag_origin_fault_e pintag_origin_read_listed(pintag_str_t text,
    pintag_origin_t *origin);

/* 1 when an origin that was read is one that is listed */
unsigned pintag_origin_match(const pintag_origin_t *origin,
    const pintag_origin_t *listed);

/*
 * 1 when it is a page of this host, by http or https and whatever the port:
 * where TLS ends before us neither is known here.
 */
unsigned pintag_origin_same(const pintag_origin_t *origin, pintag_str_t host);


#endif /* PINTAG_ORIGIN_H */
