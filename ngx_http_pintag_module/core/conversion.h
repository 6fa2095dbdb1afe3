
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
#include "event.h"
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
 * Absent text has NULL data.  All of it is in the arena of pintag_convert() or
 * borrowed from the event or the integration.
 */

typedef struct {
    pintag_conversion_kind_e   kind;
    pintag_pinterest_event_e   pinterest;          /* or PINTAG_EVENT_NONE */
    pintag_str_t               name;               /* on the Tag */
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

    pintag_property_t         *properties;         /* a list by "next" */

    pintag_str_t               event_id;

    /* the visitor's */

    pintag_str_t               em;                 /* a hash */
    pintag_str_t               st;                 /* a hash, when limited */
    pintag_str_t               country;            /* a hash, when limited */
    unsigned                   limited;            /* data processing is */
    pintag_visitor_t           visitor;
} pintag_conversion_t;


/*
 * Gives the conversions of an event at one destination: "n" of them in the
 * arena, one but where customEventsMapping makes several of one event.
 * PINTAG_OK, or SKIPPED or REJECTED with a reason, or NO_MEMORY.
 */
pintag_verdict_e pintag_convert(const pintag_event_t *event,
    const pintag_integration_t *integration, const pintag_client_t *client,
    pintag_arena_t *arena,
    pintag_conversion_t **conversions, size_t *n, const char **reason);


#endif /* PINTAG_CONVERSION_H */
