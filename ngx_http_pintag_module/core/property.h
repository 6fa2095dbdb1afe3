
/*
 * Copyright (C) the ngx_http_pintag_module authors
 *
 * The properties that a conversion carries under their own names.
 */


#ifndef PINTAG_PROPERTY_H
#define PINTAG_PROPERTY_H


#include "conversion.h"
#include "conversion_data.h"


/*
 * These two add to the properties of a conversion whose other members are
 * filled in already, less personal data.  Names and texts borrow from the
 * event's document, the integration or the arena.  1, or 0 without memory.
 */

/*
 * A custom conversion or a page: every property, in the event's order, but for
 * control properties and for what the conversion carries as "value" or
 * "custom_event_name" already.  Leaves behind those that fill a query are only
 * counted, whatever their values hold.
 */
unsigned pintag_property_add_all(pintag_data_t *data,
    pintag_conversion_t *conversion);

/*
 * A standard conversion: what customPropertiesForStandardEvents lists, in the
 * list's order and spelling; a name that is sent already is not sent twice.
 */
unsigned pintag_property_add_listed(pintag_data_t *data,
    pintag_conversion_t *conversion);


#endif /* PINTAG_PROPERTY_H */
