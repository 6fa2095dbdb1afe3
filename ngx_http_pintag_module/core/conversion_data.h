
/*
 * Copyright (C) the ngx_http_pintag_module authors
 *
 * Which data of an event a conversion carries; internal to conversion.c.
 */


#ifndef PINTAG_CONVERSION_DATA_H
#define PINTAG_CONVERSION_DATA_H


#include "arena.h"
#include "conversion.h"
#include "event.h"
#include "integrations.h"


/* zeroed, then the first four are filled in by who uses it */

typedef struct {
    const pintag_event_t        *event;
    const pintag_integration_t  *integration;
    pintag_pii_scope_e           scope;
    pintag_arena_t              *arena;

    /* sums over products[] */
    double                       quantity;
    double                       total;         /* price times quantity */
    unsigned                     products:1;    /* there are some */
    unsigned                     priced:1;      /* one has a price */

    unsigned                     no_memory:1;   /* what was added is partial */
} pintag_data_t;


/* what all conversions of a track share, and the sums */
void pintag_data_common(pintag_data_t *data, pintag_conversion_t *c);

/*
 * What depends on the kind and the name of a conversion, which are filled in,
 * and on the valueFieldIdentifier of its row, or PINTAG_VALUE_UNSET.  After
 * pintag_data_common().
 */
void pintag_data_add(pintag_data_t *data, int value_name,
    pintag_conversion_t *c);


#endif /* PINTAG_CONVERSION_DATA_H */
