
/*
 * Copyright (C) the ngx_http_pintag_module authors
 *
 * Which data of an event a conversion carries; internal to conversion*.c.
 */


#ifndef PINTAG_CONVERSION_DATA_H
#define PINTAG_CONVERSION_DATA_H


#include "arena.h"
#include "conversion.h"
#include "event.h"
#include "integrations.h"


/* a text of the event's document, and what pintag_pii_value() gave for it */

typedef struct {
    const unsigned char         *data;
    pintag_str_t                 clean;
    int                          rc;
} pintag_cleaned_t;


/* zeroed, then the first four are filled in by who uses it */

typedef struct {
    const pintag_event_t        *event;
    const pintag_integration_t  *integration;
    pintag_pii_scope_e           scope;
    pintag_arena_t              *arena;

    pintag_cleaned_t            *cleaned;       /* the last, NULL before any */
    size_t                       ncleaned;      /* of all that there were */

    /* sums over products[] */
    double                       quantity;
    double                       total;         /* price times quantity */
    unsigned                     products:1;    /* there are some */
    unsigned                     priced:1;      /* one has a price */

    /* of properties */
    size_t                       room;          /* bytes of a query */
    size_t                       nleft;         /* leaves without any */
    unsigned                     full:1;
    unsigned                     kept:1;        /* the one that is read */

    unsigned                     no_memory:1;   /* what was added is partial */
} pintag_data_t;


typedef struct {
    pintag_str_t   text;         /* NULL data when there is no number */
    double         value;
    unsigned       integer:1;    /* a JSON integer */
} pintag_number_t;


/* what all conversions of an event share, and the sums */
void pintag_data_common(pintag_data_t *data, pintag_conversion_t *c);

/*
 * What depends on the kind and the name of a conversion, which are filled in,
 * and on the valueFieldIdentifier of its row, or PINTAG_VALUE_UNSET.  After
 * pintag_data_common().
 */
void pintag_data_add(pintag_data_t *data, int value_name,
    pintag_conversion_t *c);

/* the same of a page, which has no such row */
void pintag_data_add_page(pintag_data_t *data, pintag_conversion_t *c);

/* what the Conversions API alone is told; 1, or 0 without memory */
unsigned pintag_data_capi(pintag_data_t *data, const pintag_client_t *client,
    pintag_capi_t *capi);


/*
 * As pintag_pii_value() of a string, which stands under "key": the Tag and the
 * Conversions API may both want it, and it is cleaned once.
 */
int pintag_data_clean(pintag_data_t *data, pintag_str_t key,
    const pintag_json_t *string, pintag_str_t *clean);


/*
 * How a member is read, less personal data.  These set "no_memory" themselves;
 * 1 when there is something, or NULL data when there is not.
 */

/* 1 when the configuration has removed the member by its name */
unsigned pintag_data_removed(pintag_data_t *data,
    const pintag_member_t *member);

unsigned pintag_data_text(pintag_data_t *data, const pintag_member_t *member,
    pintag_str_t *text);
unsigned pintag_data_number(pintag_data_t *data,
    const pintag_member_t *member, pintag_number_t *number);

/* a number rounded to an integer */
pintag_str_t pintag_data_integer(pintag_data_t *data,
    const pintag_number_t *number);

/* a sum or product; NULL data also when it is out of a double's range */
pintag_str_t pintag_data_decimal(pintag_data_t *data, double d);

pintag_str_t pintag_data_copy(pintag_data_t *data, const unsigned char *bytes,
    size_t len);


#endif /* PINTAG_CONVERSION_DATA_H */
