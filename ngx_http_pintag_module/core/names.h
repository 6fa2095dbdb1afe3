
/*
 * Copyright (C) the ngx_http_pintag_module authors
 *
 * Names: tolerant comparison, hashed lookup, and the names that are known
 * before any configuration is read.
 */


#ifndef PINTAG_NAMES_H
#define PINTAG_NAMES_H


#include <stdint.h>

#include "arena.h"
#include "text.h"


typedef enum {
    /*
     * As the analytics.js facade compares: ASCII case, "_", "-" and spaces do
     * not matter ("orderId", "order_id" and "Order ID" are one name).
     */
    PINTAG_FOLD_NAME = 0,

    /* white space at either end and case (Unicode's) do not matter */
    PINTAG_FOLD_CASE,

    /* to the byte */
    PINTAG_FOLD_NONE
} pintag_fold_e;


typedef struct {
    pintag_str_t   spelling;
    uint32_t       hash;
    int            next;      /* another id of an equal name, or -1 */
} pintag_name_t;


/* a name that was looked for lately: its bytes, and what was found */

typedef struct {
    uint64_t       words[3];
    uint32_t       len;
    int            id;
} pintag_name_seen_t;


/* names to ids, which count from 0 in the order of adding */

typedef struct {
    pintag_arena_t      *arena;
    pintag_fold_e        fold;
    pintag_name_t       *elts;
    int                  n;
    int                  size;
    int                 *buckets;
    uint32_t             mask;
    pintag_name_seen_t  *seen;      /* NULL for one that does not remember */
} pintag_names_t;


/* 1, or 0 without memory */
unsigned pintag_names_init(pintag_names_t *names, pintag_arena_t *arena,
    pintag_fold_e fold);

/*
 * A new id, or -1 without memory.  The spelling is borrowed.  Names that fold
 * to the same are chained by "next" in the order of adding.
 */
int pintag_names_add(pintag_names_t *names, pintag_str_t spelling);

/* the id of this very spelling, added when there is none; -1 without memory */
int pintag_names_intern(pintag_names_t *names, pintag_str_t spelling);

/*
 * Makes a table to which nothing more is added remember what is looked for:
 * events have the same members over and over, and a name that has been found
 * in one spelling need not be folded again.  1, or 0 without memory.
 */
unsigned pintag_names_remember(pintag_names_t *names);

/* the first id of the names that equal "name", or -1 */
int pintag_names_find(const pintag_names_t *names, pintag_str_t name);

/* 1 when the two are one name */
unsigned pintag_name_eq(pintag_fold_e fold, pintag_str_t a, pintag_str_t b);


/*
 * The members that are read by name, in the spelling that the documentation
 * uses.  pintag_names_members() gives each this id.
 */

typedef enum {
    /* of products, and of others */
    PINTAG_NAME_PRODUCT_ID,
    PINTAG_NAME_SKU,
    PINTAG_NAME_ID,
    PINTAG_NAME_NAME,
    PINTAG_NAME_PRICE,
    PINTAG_NAME_QUANTITY,
    PINTAG_NAME_CATEGORY,
    PINTAG_NAME_BRAND,
    PINTAG_NAME_VARIANT,
    PINTAG_NAME_VARIANT_ID,

    /* so many are read of a product */
    PINTAG_NAME_OF_PRODUCTS,

    /* of properties */
    PINTAG_NAME_VALUE = PINTAG_NAME_OF_PRODUCTS,
    PINTAG_NAME_REVENUE,
    PINTAG_NAME_TOTAL,
    PINTAG_NAME_PRODUCTS,
    PINTAG_NAME_ORDER_QUANTITY,
    PINTAG_NAME_NUM_ITEMS,
    PINTAG_NAME_NUM_OF_ITEMS,
    PINTAG_NAME_CURRENCY,
    PINTAG_NAME_ORDER_ID,
    PINTAG_NAME_PROMO_CODE,
    PINTAG_NAME_COUPON,
    PINTAG_NAME_PROPERTY,
    PINTAG_NAME_SEARCH_QUERY,
    PINTAG_NAME_QUERY,
    PINTAG_NAME_VIDEO_TITLE,
    PINTAG_NAME_TITLE,
    PINTAG_NAME_LEAD_TYPE,
    PINTAG_NAME_CONTENT_NAME,
    PINTAG_NAME_CONTENT_CATEGORY,
    PINTAG_NAME_CONTENT_BRAND,

    /* control properties: they steer, they are no data of the event */
    PINTAG_NAME_EVENT_ID,
    PINTAG_NAME_EID,
    PINTAG_NAME_OPT_OUT_TYPE,
    PINTAG_NAME_EPIK,
    PINTAG_NAME_CLICK_ID,
    PINTAG_NAME_ACTION_SOURCE,

    /* an event's own members */
    PINTAG_NAME_TYPE,
    PINTAG_NAME_EVENT,
    PINTAG_NAME_PROPERTIES,
    PINTAG_NAME_TRAITS,
    PINTAG_NAME_CONTEXT,
    PINTAG_NAME_INTEGRATIONS,
    PINTAG_NAME_MESSAGE_ID,
    PINTAG_NAME_USER_ID,
    PINTAG_NAME_ANONYMOUS_ID,
    PINTAG_NAME_CHANNEL,
    PINTAG_NAME_REQUEST_IP,
    PINTAG_NAME_WRITE_KEY,
    PINTAG_NAME_TIMESTAMP,
    PINTAG_NAME_ORIGINAL_TIMESTAMP,
    PINTAG_NAME_SENT_AT,
    PINTAG_NAME_RECEIVED_AT,

    /* of the context, and what is in it */
    PINTAG_NAME_PAGE,
    PINTAG_NAME_URL,
    PINTAG_NAME_USER_AGENT,
    PINTAG_NAME_IP,
    PINTAG_NAME_LOCALE,
    PINTAG_NAME_CONSENT,
    PINTAG_NAME_CATEGORY_PREFERENCES,
    PINTAG_NAME_CONSENT_MANAGEMENT,
    PINTAG_NAME_ALLOWED_CONSENT_IDS,
    PINTAG_NAME_DENIED_CONSENT_IDS,
    PINTAG_NAME_APP,
    PINTAG_NAME_NAMESPACE,
    PINTAG_NAME_VERSION,
    PINTAG_NAME_DEVICE,
    PINTAG_NAME_MANUFACTURER,
    PINTAG_NAME_MODEL,
    PINTAG_NAME_ADVERTISING_ID,
    PINTAG_NAME_AD_TRACKING_ENABLED,
    PINTAG_NAME_NETWORK,
    PINTAG_NAME_CARRIER,
    PINTAG_NAME_WIFI,
    PINTAG_NAME_OS,

    /* of the visitor */
    PINTAG_NAME_EMAIL,
    PINTAG_NAME_PHONE,
    PINTAG_NAME_PHONE_NUMBER,
    PINTAG_NAME_MOBILE,
    PINTAG_NAME_GENDER,
    PINTAG_NAME_GE,
    PINTAG_NAME_BIRTHDAY,
    PINTAG_NAME_BIRTH_DATE,
    PINTAG_NAME_DATE_OF_BIRTH,
    PINTAG_NAME_DOB,
    PINTAG_NAME_DB,
    PINTAG_NAME_FIRST_NAME,
    PINTAG_NAME_GIVEN_NAME,
    PINTAG_NAME_LAST_NAME,
    PINTAG_NAME_FAMILY_NAME,
    PINTAG_NAME_SURNAME,
    PINTAG_NAME_ADDRESS,
    PINTAG_NAME_CITY,
    PINTAG_NAME_STATE,
    PINTAG_NAME_ZIP,
    PINTAG_NAME_ZIP_CODE,
    PINTAG_NAME_POSTAL_CODE,
    PINTAG_NAME_POSTCODE,
    PINTAG_NAME_COUNTRY,
    PINTAG_NAME_PARTNER_ID,

    PINTAG_NAME_KNOWN
} pintag_name_id_e;


/*
 * A table of the names above, with ids equal to the enumeration, to which a
 * configuration then adds its own.  1, or 0 without memory.
 */
unsigned pintag_names_members(pintag_names_t *names, pintag_arena_t *arena);

/* 1 for the ids from EVENT_ID to ACTION_SOURCE */
unsigned pintag_name_is_control(int id);


/*
 * Pinterest's own events: the Tag's "event" and the Conversions API's
 * "event_name" (Pinterest, "Add event codes" and Conversions API v5).
 */

typedef enum {
    PINTAG_EVENT_PAGE_VISIT = 0,
    PINTAG_EVENT_VIEW_CATEGORY,
    PINTAG_EVENT_SEARCH,
    PINTAG_EVENT_ADD_TO_CART,
    PINTAG_EVENT_CHECKOUT,
    PINTAG_EVENT_WATCH_VIDEO,
    PINTAG_EVENT_SIGNUP,
    PINTAG_EVENT_LEAD,
    PINTAG_EVENT_CUSTOM,
    PINTAG_EVENT_ADD_PAYMENT_INFO,
    PINTAG_EVENT_ADD_TO_WISHLIST,
    PINTAG_EVENT_INITIATE_CHECKOUT,
    PINTAG_EVENT_SUBSCRIBE,
    PINTAG_EVENT_VIEW_CONTENT,
    PINTAG_EVENT_CONTACT,
    PINTAG_EVENT_CUSTOMIZE_PRODUCT,
    PINTAG_EVENT_FIND_LOCATION,
    PINTAG_EVENT_SCHEDULE,
    PINTAG_EVENT_START_TRIAL,
    PINTAG_EVENT_SUBMIT_APPLICATION,

    /* no Tag event */
    PINTAG_EVENT_APP_INSTALL,
    PINTAG_EVENT_APP_OPEN,

    PINTAG_EVENT_KNOWN,
    PINTAG_EVENT_NONE = -1
} pintag_pinterest_event_e;


typedef struct {
    pintag_str_t   tag;       /* empty where the Tag has none */
    pintag_str_t   capi;
} pintag_pinterest_event_t;


/* indexed by pintag_pinterest_event_e */
extern const pintag_pinterest_event_t  pintag_pinterest_events[];


/*
 * Pinterest's event of this name, compared as PINTAG_FOLD_NAME does, or
 * PINTAG_EVENT_NONE.
 */
pintag_pinterest_event_e pintag_pinterest_event(pintag_str_t name);

/*
 * Pinterest's event of an analytics.js event: the seven of MetaRouter's
 * Pinterest Tag page ("Order Completed" is checkout), also reversed as older
 * analytics.js had them ("Completed Order"), nothing looser; with "extended"
 * those of the extended table, too; or PINTAG_EVENT_NONE.
 */
pintag_pinterest_event_e pintag_standard_event(pintag_str_t name,
    unsigned extended);


#endif /* PINTAG_NAMES_H */
