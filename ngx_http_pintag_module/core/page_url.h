
/*
 * Copyright (C) the ngx_http_pintag_module authors
 *
 * The URL of a page, as far as it may leave.
 */


#ifndef PINTAG_PAGE_URL_H
#define PINTAG_PAGE_URL_H


#include "arena.h"
#include "pii.h"
#include "text.h"


/* a longer one is cut, see below */
#define PINTAG_PAGE_URL_MAX   2000

/* one that is longer as it came is cut before it is looked at */
#define PINTAG_PAGE_URL_LONG  8000


/* 1 for a URL of http or https that has a host */
unsigned pintag_page_url_valid(pintag_str_t url);

/*
 * A valid URL without personal data, in printable ASCII (other bytes are
 * percent-encoded), borrowed where nothing had to be changed.  One that is too
 * long loses query and fragment; where that is not enough, or an e-mail
 * address stands elsewhere in it, scheme, host and port are left.  1; 0 when
 * those may not leave either; -1 without memory.
 */
int pintag_page_url_clean(const pintag_pii_t *pii, pintag_pii_scope_e scope,
    pintag_str_t url, pintag_arena_t *arena, pintag_str_t *clean);

/*
 * The percent-decoded value of the query's first parameter "name" that is not
 * empty: 1, 0 when there is none, -1 without memory.
 */
int pintag_page_url_parameter(pintag_str_t url, pintag_str_t name,
    pintag_arena_t *arena, pintag_str_t *value);


#endif /* PINTAG_PAGE_URL_H */
