
/*
 * Copyright (C) the ngx_http_pintag_module authors
 *
 * URLs of which personal data is taken: what is clean stays as it is.
 */


#include <string.h>

#include "fuzz.h"
#include "page_url.h"
#include "pii.h"


#define FUZZ_STRICT     0x01
#define FUZZ_ADDED      0x02
#define FUZZ_NO_MEMORY  0x20


static void fuzz_page(const pintag_pii_t *pii, pintag_pii_scope_e scope,
    pintag_str_t url);
static void fuzz_value(const pintag_pii_t *pii, pintag_pii_scope_e scope,
    pintag_str_t key, pintag_str_t url);
static unsigned fuzz_begins_as(pintag_str_t clean, pintag_str_t url);
static void fuzz_no_memory(const pintag_pii_t *pii, pintag_pii_scope_e scope,
    pintag_str_t url, size_t left);
static const pintag_pii_t *fuzz_added(void);


int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    size_t               left;
    unsigned             how;
    pintag_str_t         url;
    fuzz_input_t         input;
    const pintag_pii_t  *pii;
    pintag_pii_scope_e   scope;

    static const pintag_pii_t  plain;
    static const pintag_str_t  key = pintag_str("link");
    static const pintag_str_t  url_key = pintag_str("referrer");

    input.data = data;
    input.len = size;

    how = fuzz_byte(&input);
    left = (how & FUZZ_NO_MEMORY) ? fuzz_byte(&input) & 0x0f : 0;
    url = fuzz_rest(&input);

    scope = (how & FUZZ_STRICT) ? PINTAG_PII_STRICT : PINTAG_PII_ALL;
    pii = (how & FUZZ_ADDED) ? fuzz_added() : &plain;

    if (how & FUZZ_NO_MEMORY) {
        fuzz_no_memory(pii, scope, url, left);
        return 0;
    }

    fuzz_page(pii, scope, url);
    fuzz_value(pii, scope, key, url);
    fuzz_value(pii, scope, url_key, url);

    return 0;
}


static void
fuzz_page(const pintag_pii_t *pii, pintag_pii_scope_e scope, pintag_str_t url)
{
    int              rc;
    size_t           i;
    unsigned         valid;
    pintag_str_t     clean, again, value;
    fuzz_memory_t    memory;
    pintag_arena_t  *arena;

    static const pintag_str_t  epik = pintag_str("epik");

    arena = fuzz_memory_init(&memory, NULL);

    valid = pintag_page_url_valid(url);

    rc = pintag_page_url_parameter(url, epik, arena, &value);
    fuzz_check(rc == 0 || (rc == 1 && value.len != 0));

    rc = valid ? pintag_page_url_clean(pii, scope, url, arena, &clean) : 0;
    fuzz_check(rc != -1);

    if (rc == 1) {
        fuzz_check(clean.len != 0 && clean.len <= PINTAG_PAGE_URL_MAX);

        for (i = 0; i < clean.len; i++) {
            fuzz_check(clean.data[i] > ' ' && clean.data[i] < 0x7f);
        }

        fuzz_check(pintag_page_url_valid(clean));
        fuzz_check(!fuzz_email(clean));

        rc = pintag_page_url_clean(pii, scope, clean, arena, &again);
        fuzz_check(rc == 1);
        fuzz_check(pintag_str_eq(clean, again));
    }

    fuzz_memory_free(&memory);
}


static void
fuzz_value(const pintag_pii_t *pii, pintag_pii_scope_e scope, pintag_str_t key,
    pintag_str_t url)
{
    int              rc;
    pintag_str_t     clean, again;
    fuzz_memory_t    memory;
    pintag_arena_t  *arena;

    arena = fuzz_memory_init(&memory, NULL);

    rc = pintag_pii_value(pii, scope, key, url, arena, &clean);
    fuzz_check(rc != -1);

    if (rc == 1) {
        fuzz_check(clean.len <= url.len);
        fuzz_check(!fuzz_email(clean));

        rc = pintag_pii_value(pii, scope, key, clean, arena, &again);
        fuzz_check(rc != -1);

        /* "//" in a parameter begins a host once what was before it is gone */

        if (fuzz_begins_as(clean, url)) {
            fuzz_check(rc == 1);
            fuzz_check(pintag_str_eq(clean, again));
        }
    }

    fuzz_memory_free(&memory);
}


/* is what was up to the end of the first parameter there still */

static unsigned
fuzz_begins_as(pintag_str_t clean, pintag_str_t url)
{
    size_t  n;

    /* of empty ones nothing is told */

    for (n = 0; n < url.len; n++) {
        if (url.data[n] > ' ' && url.data[n] != '&' && url.data[n] != ';') {
            break;
        }
    }

    while (n < url.len && memchr("&;?#", url.data[n], 4) == NULL) {
        n++;
    }

    return clean.len >= n && (n == 0 || memcmp(clean.data, url.data, n) == 0);
}


static void
fuzz_no_memory(const pintag_pii_t *pii, pintag_pii_scope_e scope,
    pintag_str_t url, size_t left)
{
    pintag_str_t     clean;
    fuzz_memory_t    memory;
    pintag_arena_t  *arena;

    static const pintag_str_t  key = pintag_str("url");
    static const pintag_str_t  epik = pintag_str("epik");

    arena = fuzz_memory_init(&memory, &left);

    (void) pintag_pii_value(pii, scope, key, url, arena, &clean);
    (void) pintag_page_url_parameter(url, epik, arena, &clean);

    if (pintag_page_url_valid(url)) {
        (void) pintag_page_url_clean(pii, scope, url, arena, &clean);
    }

    fuzz_memory_free(&memory);
}


static const pintag_pii_t *
fuzz_added(void)
{
    pintag_arena_t  *arena;

    static const pintag_str_t  card = pintag_str("loyalty_card");
    static const pintag_str_t  state = pintag_str("state");

    static pintag_pii_t   pii;
    static fuzz_memory_t  memory;

    if (memory.n == 0) {
        arena = fuzz_memory_init(&memory, NULL);

        fuzz_check(pintag_names_init(&pii.added, arena, PINTAG_FOLD_NAME)
                   && pintag_names_add(&pii.added, card) == 0
                   && pintag_names_init(&pii.allowed, arena, PINTAG_FOLD_NAME)
                   && pintag_names_add(&pii.allowed, state) == 0);
    }

    return &pii;
}
