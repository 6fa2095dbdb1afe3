
/*
 * Copyright (C) the ngx_http_pintag_module authors
 */


#include "names.h"


static const pintag_str_t  pintag_member_names[PINTAG_NAME_KNOWN] = {
    [PINTAG_NAME_PRODUCT_ID]     = pintag_str("product_id"),
    [PINTAG_NAME_SKU]            = pintag_str("sku"),
    [PINTAG_NAME_ID]             = pintag_str("id"),
    [PINTAG_NAME_NAME]           = pintag_str("name"),
    [PINTAG_NAME_PRICE]          = pintag_str("price"),
    [PINTAG_NAME_QUANTITY]       = pintag_str("quantity"),
    [PINTAG_NAME_CATEGORY]       = pintag_str("category"),
    [PINTAG_NAME_BRAND]          = pintag_str("brand"),
    [PINTAG_NAME_VARIANT]        = pintag_str("variant"),
    [PINTAG_NAME_VARIANT_ID]     = pintag_str("variant_id"),

    [PINTAG_NAME_VALUE]          = pintag_str("value"),
    [PINTAG_NAME_REVENUE]        = pintag_str("revenue"),
    [PINTAG_NAME_TOTAL]          = pintag_str("total"),
    [PINTAG_NAME_PRODUCTS]       = pintag_str("products"),
    [PINTAG_NAME_ORDER_QUANTITY] = pintag_str("order_quantity"),
    [PINTAG_NAME_NUM_ITEMS]      = pintag_str("num_items"),
    [PINTAG_NAME_NUM_OF_ITEMS]   = pintag_str("num_of_items"),
    [PINTAG_NAME_CURRENCY]       = pintag_str("currency"),
    [PINTAG_NAME_ORDER_ID]       = pintag_str("order_id"),
    [PINTAG_NAME_PROMO_CODE]     = pintag_str("promo_code"),
    [PINTAG_NAME_COUPON]         = pintag_str("coupon"),
    [PINTAG_NAME_PROPERTY]       = pintag_str("property"),
    [PINTAG_NAME_SEARCH_QUERY]   = pintag_str("search_query"),
    [PINTAG_NAME_QUERY]          = pintag_str("query"),
    [PINTAG_NAME_VIDEO_TITLE]    = pintag_str("video_title"),
    [PINTAG_NAME_TITLE]          = pintag_str("title"),
    [PINTAG_NAME_LEAD_TYPE]      = pintag_str("lead_type"),
    [PINTAG_NAME_CONTENT_NAME]   = pintag_str("content_name"),
    [PINTAG_NAME_CONTENT_CATEGORY] = pintag_str("content_category"),
    [PINTAG_NAME_CONTENT_BRAND]  = pintag_str("content_brand"),

    [PINTAG_NAME_EVENT_ID]       = pintag_str("event_id"),
    [PINTAG_NAME_EID]            = pintag_str("eid"),
    [PINTAG_NAME_OPT_OUT_TYPE]   = pintag_str("opt_out_type"),
    [PINTAG_NAME_EPIK]           = pintag_str("epik"),
    [PINTAG_NAME_CLICK_ID]       = pintag_str("click_id"),
    [PINTAG_NAME_ACTION_SOURCE]  = pintag_str("action_source"),

    [PINTAG_NAME_TYPE]           = pintag_str("type"),
    [PINTAG_NAME_EVENT]          = pintag_str("event"),
    [PINTAG_NAME_PROPERTIES]     = pintag_str("properties"),
    [PINTAG_NAME_TRAITS]         = pintag_str("traits"),
    [PINTAG_NAME_CONTEXT]        = pintag_str("context"),
    [PINTAG_NAME_INTEGRATIONS]   = pintag_str("integrations"),
    [PINTAG_NAME_MESSAGE_ID]     = pintag_str("messageId"),
    [PINTAG_NAME_USER_ID]        = pintag_str("userId"),
    [PINTAG_NAME_ANONYMOUS_ID]   = pintag_str("anonymousId"),
    [PINTAG_NAME_CHANNEL]        = pintag_str("channel"),
    [PINTAG_NAME_REQUEST_IP]     = pintag_str("request_ip"),
    [PINTAG_NAME_WRITE_KEY]      = pintag_str("writeKey"),
    [PINTAG_NAME_TIMESTAMP]      = pintag_str("timestamp"),
    [PINTAG_NAME_ORIGINAL_TIMESTAMP] = pintag_str("originalTimestamp"),
    [PINTAG_NAME_SENT_AT]        = pintag_str("sentAt"),
    [PINTAG_NAME_RECEIVED_AT]    = pintag_str("receivedAt"),

    [PINTAG_NAME_PAGE]           = pintag_str("page"),
    [PINTAG_NAME_URL]            = pintag_str("url"),
    [PINTAG_NAME_USER_AGENT]     = pintag_str("userAgent"),
    [PINTAG_NAME_IP]             = pintag_str("ip"),
    [PINTAG_NAME_LOCALE]         = pintag_str("locale"),
    [PINTAG_NAME_CONSENT]        = pintag_str("consent"),
    [PINTAG_NAME_CATEGORY_PREFERENCES] = pintag_str("categoryPreferences"),
    [PINTAG_NAME_CONSENT_MANAGEMENT] = pintag_str("consentManagement"),
    [PINTAG_NAME_ALLOWED_CONSENT_IDS] = pintag_str("allowedConsentIds"),
    [PINTAG_NAME_DENIED_CONSENT_IDS] = pintag_str("deniedConsentIds"),
    [PINTAG_NAME_APP]            = pintag_str("app"),
    [PINTAG_NAME_NAMESPACE]      = pintag_str("namespace"),
    [PINTAG_NAME_VERSION]        = pintag_str("version"),
    [PINTAG_NAME_DEVICE]         = pintag_str("device"),
    [PINTAG_NAME_MANUFACTURER]   = pintag_str("manufacturer"),
    [PINTAG_NAME_MODEL]          = pintag_str("model"),
    [PINTAG_NAME_ADVERTISING_ID] = pintag_str("advertisingId"),
    [PINTAG_NAME_AD_TRACKING_ENABLED] = pintag_str("adTrackingEnabled"),
    [PINTAG_NAME_NETWORK]        = pintag_str("network"),
    [PINTAG_NAME_CARRIER]        = pintag_str("carrier"),
    [PINTAG_NAME_WIFI]           = pintag_str("wifi"),
    [PINTAG_NAME_OS]             = pintag_str("os"),

    [PINTAG_NAME_EMAIL]          = pintag_str("email"),
    [PINTAG_NAME_PHONE]          = pintag_str("phone"),
    [PINTAG_NAME_PHONE_NUMBER]   = pintag_str("phone_number"),
    [PINTAG_NAME_MOBILE]         = pintag_str("mobile"),
    [PINTAG_NAME_GENDER]         = pintag_str("gender"),
    [PINTAG_NAME_GE]             = pintag_str("ge"),
    [PINTAG_NAME_BIRTHDAY]       = pintag_str("birthday"),
    [PINTAG_NAME_BIRTH_DATE]     = pintag_str("birth_date"),
    [PINTAG_NAME_DATE_OF_BIRTH]  = pintag_str("date_of_birth"),
    [PINTAG_NAME_DOB]            = pintag_str("dob"),
    [PINTAG_NAME_DB]             = pintag_str("db"),
    [PINTAG_NAME_FIRST_NAME]     = pintag_str("first_name"),
    [PINTAG_NAME_GIVEN_NAME]     = pintag_str("given_name"),
    [PINTAG_NAME_LAST_NAME]      = pintag_str("last_name"),
    [PINTAG_NAME_FAMILY_NAME]    = pintag_str("family_name"),
    [PINTAG_NAME_SURNAME]        = pintag_str("surname"),
    [PINTAG_NAME_ADDRESS]        = pintag_str("address"),
    [PINTAG_NAME_CITY]           = pintag_str("city"),
    [PINTAG_NAME_STATE]          = pintag_str("state"),
    [PINTAG_NAME_ZIP]            = pintag_str("zip"),
    [PINTAG_NAME_ZIP_CODE]       = pintag_str("zip_code"),
    [PINTAG_NAME_POSTAL_CODE]    = pintag_str("postal_code"),
    [PINTAG_NAME_POSTCODE]       = pintag_str("postcode"),
    [PINTAG_NAME_COUNTRY]        = pintag_str("country"),
    [PINTAG_NAME_PARTNER_ID]     = pintag_str("partnerId")
};


unsigned
pintag_names_members(pintag_names_t *names, pintag_arena_t *arena)
{
    int  id;

    if (!pintag_names_init(names, arena, PINTAG_FOLD_NAME)) {
        return 0;
    }

    for (id = 0; id < PINTAG_NAME_KNOWN; id++) {
        if (pintag_names_add(names, pintag_member_names[id]) == -1) {
            return 0;
        }
    }

    return 1;
}


unsigned
pintag_name_is_control(int id)
{
    return id >= PINTAG_NAME_EVENT_ID && id <= PINTAG_NAME_ACTION_SOURCE;
}
