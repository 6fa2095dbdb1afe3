
/*
 * Copyright (C) the ngx_http_pintag_module authors
 *
 * The properties that a conversion carries under their own names.
 */


#ifndef PINTAG_PROPERTY_H
#define PINTAG_PROPERTY_H


#include "arena.h"
#include "conversion.h"
#include "event.h"
#include "integrations.h"


/*
 * These two add to the properties of a conversion whose other members are
 * filled in already.  Names and texts borrow from the event's document or
 * from the integration.  1, or 0 without memory.
 */

/*
 * A custom conversion: every property, in the event's order, but for control
 * properties and for what the conversion carries as "value" or
 * "custom_event_name" already.
 */
unsigned pintag_property_add_all(pintag_conversion_t *conversion,
    const pintag_event_t *event, pintag_arena_t *arena);

/*
 * A standard conversion: what customPropertiesForStandardEvents lists, in the
 * list's order and spelling; a name that is sent already is not sent twice.
 */
unsigned pintag_property_add_listed(pintag_conversion_t *conversion,
    const pintag_event_t *event, const pintag_integration_t *integration,
    pintag_arena_t *arena);


#endif /* PINTAG_PROPERTY_H */
