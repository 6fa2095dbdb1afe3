
/*
 * Copyright (C) the ngx_http_pintag_module authors
 *
 * What an event means to Pinterest, free of any wire format.
 */


#ifndef PINTAG_CONVERSION_H
#define PINTAG_CONVERSION_H


#include <stddef.h>
#include <stdint.h>

#include "arena.h"
#include "device.h"
#include "event.h"
#include "identity.h"
#include "integrations.h"
#include "text.h"
#include "visitor.h"


/*
 * A property that goes out under its own name: a leaf with text, or an object
 * or array with children.  Null, empty objects and empty arrays never become
 * a property; elements of an array keep their index.
 */

typedef struct pintag_property_s  pintag_property_t;

struct pintag_property_s {
    pintag_str_t         name;        /* of a member */
    size_t               index;       /* of an element */
    unsigned             element:1;
    unsigned             plain:1;     /* no byte of "text" is ever escaped */
    pintag_str_t         text;        /* of a leaf, may be empty */
    pintag_property_t   *child;       /* first child; NULL for a leaf */
    pintag_property_t   *next;
};


/* an entry of products[], or the event's own product; absent: NULL data */

typedef struct {
    pintag_str_t         product_id;
    pintag_str_t         name;
    pintag_str_t         price;       /* a plain decimal */
    pintag_str_t         quantity;    /* an integer */
    pintag_str_t         category;
    pintag_str_t         brand;
    pintag_str_t         variant;
    pintag_str_t         variant_id;
} pintag_item_t;


typedef enum {
    PINTAG_CONVERSION_STANDARD = 0,
    PINTAG_CONVERSION_CUSTOM,
    PINTAG_CONVERSION_PAGE
} pintag_conversion_kind_e;


/*
 * What the Conversions API alone is told of an event, the same for all of its
 * conversions.  Absent text has NULL data.
 */

typedef struct {
    int64_t                    event_time;         /* Unix seconds */
    pintag_source_e            action_source;      /* never UNSET */
    pintag_identity_t          identity;
    pintag_device_t            device;
    pintag_str_t               partner_id;         /* of the traits */
    pintag_str_t               partner_name;       /* of the integration */
    pintag_str_t               np;
    pintag_str_t               content_name;       /* properties */
    pintag_str_t               content_category;
    pintag_str_t               content_brand;
} pintag_capi_t;


/*
 * Absent text has NULL data.  All of it is in the arena of pintag_convert() or
 * borrowed from the event or the integration.
 */

typedef struct {
    pintag_conversion_kind_e   kind;
    pintag_pinterest_event_e   pinterest;          /* or PINTAG_EVENT_NONE */
    pintag_str_t               name;               /* on the Tag, if any */
    pintag_str_t               custom_event_name;

    pintag_str_t               value;              /* a plain decimal */
    pintag_str_t               order_quantity;     /* an integer */
    pintag_str_t               currency;           /* three capitals */
    pintag_str_t               order_id;
    pintag_str_t               promo_code;
    pintag_str_t               property;
    pintag_str_t               search_query;
    pintag_str_t               video_title;
    pintag_str_t               lead_type;
    pintag_item_t             *items;
    size_t                     nitems;

    pintag_str_t               event_id;

    /* for the Tag; absent for a destination without a tagId */

    pintag_property_t         *properties;         /* a list by "next" */
    size_t                     nleft;              /* more, for no query */
    pintag_str_t               em;                 /* a hash */

    /* the visitor's */

    pintag_str_t               st;                 /* a hash, when limited */
    pintag_str_t               country;            /* a hash, when limited */
    unsigned                   limited;            /* data processing is */
    pintag_visitor_t           visitor;

    /*
     * For the Conversions API; NULL and absent for a destination without an
     * adAccountId
     */

    const pintag_capi_t       *capi;
    pintag_str_t               capi_name;          /* its event_name */
    pintag_str_t               capi_value;         /* as of a standard one */
} pintag_conversion_t;


/*
 * Gives the conversions of an event at one destination: "n" of them in the
 * arena, one but where customEventsMapping makes several of one event.  What
 * only the Conversions API has comes without a name for the Tag.  PINTAG_OK, or
 * SKIPPED or REJECTED with a reason, or NO_MEMORY.
 */
pintag_verdict_e pintag_convert(const pintag_event_t *event,
    const pintag_integration_t *integration, const pintag_client_t *client,
    pintag_arena_t *arena,
    pintag_conversion_t **conversions, size_t *n, const char **reason);


#endif /* PINTAG_CONVERSION_H */
