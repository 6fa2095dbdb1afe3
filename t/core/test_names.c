
/*
 * Copyright (C) the ngx_http_pintag_module authors
 */


#include "names.h"
#include "test.h"


static void
test_name_eq(void **state)
{
    size_t  i;

    static const struct {
        const char  *a;
        const char  *b;
        unsigned     name;    /* equal with PINTAG_FOLD_NAME */
        unsigned     fold;    /* equal with PINTAG_FOLD_CASE */
    } cases[] = {
        { "order_id", "order_id", 1, 1 },
        { "orderId", "order_id", 1, 0 },
        { "Order ID", "orderId", 1, 0 },
        { "order-id", " o_r-d e__r--i  d_", 1, 0 },
        { "ORDER_ID", "order_id", 1, 1 },
        { " order_id\t", "Order_Id", 0, 1 },
        { "\xc2\xa0order_id", "order_id", 0, 1 },
        { "order_id", "order_i", 0, 0 },
        { "order_i", "order_id", 0, 0 },
        { "orderid", "orderie", 0, 0 },
        { "order.id", "orderid", 0, 0 },
        { "order\tid", "orderid", 0, 0 },

        /* only letters have case */
        { "a@", "a`", 0, 0 },
        { "a[", "a{", 0, 0 },

        /* of a name only ASCII's count, else Unicode's */
        { "\xc3\x89t\xc3\xa9", "\xc3\xa9t\xc3\xa9", 0, 1 },
        { "\xd0\x97\xd0\x90\xd0\x9a\xd0\x90\xd0\x97",
          "\xd0\xb7\xd0\xb0\xd0\xba\xd0\xb0\xd0\xb7", 0, 1 },
        { "\xf0\x90\x90\x80", "\xf0\x90\x90\xa8", 0, 1 },
        { "\xc3\x89", "\xc3\x88", 0, 0 },
        { "\xc3\x89", "\xc3\xa9 a", 0, 0 },

        /* lower case may be of another length: Kelvin, A with stroke */
        { "\xe2\x84\xaa", "k", 0, 1 },
        { "\xc8\xba", "\xe2\xb1\xa5", 0, 1 },

        /* a character that has no case of its own, and no full mapping */
        { "\xc3\x9f", "ss", 0, 0 },
        { "\xcf\x83", "\xcf\x82", 0, 0 },

        /* a byte that is no UTF-8 is not the character of its number */
        { "\xe9", "\xc3\xa9", 0, 0 },
        { "\xc9", "\xe9", 0, 0 },
        { "\xc9", "\xc9", 1, 1 },
        { "\xc3\x89t\xc3\xa9", "\xc3\x89T\xc3\xa9", 1, 1 },
        { "\xff", "", 0, 0 },

        /* what folds to nothing is no name */
        { "", "", 0, 1 },
        { "_", "_", 0, 1 },
        { "_", "- ", 0, 0 },
        { "", "a", 0, 0 },
        { "a", "_", 0, 0 }
    };

    (void) state;

    for (i = 0; i < test_n(cases); i++) {
        assert_int_equal(pintag_name_eq(PINTAG_FOLD_NAME, test_str(cases[i].a),
                                        test_str(cases[i].b)), cases[i].name);
        assert_int_equal(pintag_name_eq(PINTAG_FOLD_NAME, test_str(cases[i].b),
                                        test_str(cases[i].a)), cases[i].name);
        assert_int_equal(pintag_name_eq(PINTAG_FOLD_CASE, test_str(cases[i].a),
                                        test_str(cases[i].b)), cases[i].fold);
        assert_int_equal(pintag_name_eq(PINTAG_FOLD_CASE, test_str(cases[i].b),
                                        test_str(cases[i].a)), cases[i].fold);
    }

    assert_int_equal(pintag_name_eq(PINTAG_FOLD_NAME, test_lit("a\0b"),
                                    test_lit("ab")), 0);
    assert_int_equal(pintag_name_eq(PINTAG_FOLD_NAME, test_lit("a\0b"),
                                    test_lit("A\0B")), 1);
    assert_int_equal(pintag_name_eq(PINTAG_FOLD_NAME, test_str(NULL),
                                    test_str(NULL)), 0);
}


static void
test_ids_count_from_0_and_the_first_is_found(void **state)
{
    test_memory_t    memory;
    pintag_arena_t  *arena;
    pintag_names_t   names;

    (void) state;

    arena = test_memory_init(&memory);

    assert_int_equal(pintag_names_init(&names, arena, PINTAG_FOLD_NAME), 1);
    assert_int_equal(pintag_names_find(&names, test_str("a")), -1);

    assert_int_equal(pintag_names_add(&names, test_str("order_id")), 0);
    assert_int_equal(pintag_names_add(&names, test_str("total")), 1);
    assert_int_equal(pintag_names_add(&names, test_str("orderId")), 2);
    assert_int_equal(pintag_names_add(&names, test_str("order_id")), 3);

    assert_int_equal(pintag_names_find(&names, test_str("ORDERID")), 0);
    assert_int_equal(pintag_names_find(&names, test_str("orderId")), 0);
    assert_int_equal(pintag_names_find(&names, test_str("To-tal")), 1);
    assert_int_equal(pintag_names_find(&names, test_str("order")), -1);
    assert_int_equal(pintag_names_find(&names, test_str("")), -1);
    assert_int_equal(pintag_names_find(&names, test_str(NULL)), -1);

    /* the spelling is borrowed, equal names are chained in their order */

    assert_str(names.elts[2].spelling, "orderId");
    assert_int_equal(names.elts[0].next, 2);
    assert_int_equal(names.elts[2].next, 3);
    assert_int_equal(names.elts[3].next, -1);
    assert_int_equal(names.elts[1].next, -1);

    test_memory_free(&memory);
}


static void
test_intern_tells_spellings_apart(void **state)
{
    test_memory_t    memory;
    pintag_arena_t  *arena;
    pintag_names_t   names;

    (void) state;

    arena = test_memory_init(&memory);

    assert_int_equal(pintag_names_init(&names, arena, PINTAG_FOLD_NAME), 1);

    assert_int_equal(pintag_names_intern(&names, test_str("order_id")), 0);
    assert_int_equal(pintag_names_intern(&names, test_str("orderId")), 1);
    assert_int_equal(pintag_names_intern(&names, test_str("order_id")), 0);
    assert_int_equal(pintag_names_intern(&names, test_str("orderId")), 1);
    assert_int_equal(pintag_names_intern(&names, test_str("sku")), 2);
    assert_int_equal(names.n, 3);

    assert_int_equal(pintag_names_find(&names, test_str("OrderId")), 0);
    assert_int_equal(names.elts[0].next, 1);

    test_memory_free(&memory);
}


static void
test_names_of_nothing_but_separators_match_nothing(void **state)
{
    test_memory_t    memory;
    pintag_arena_t  *arena;
    pintag_names_t   names;

    (void) state;

    arena = test_memory_init(&memory);

    assert_int_equal(pintag_names_init(&names, arena, PINTAG_FOLD_NAME), 1);

    assert_int_equal(pintag_names_add(&names, test_str("")), 0);
    assert_int_equal(pintag_names_intern(&names, test_str("_")), 1);
    assert_int_equal(pintag_names_intern(&names, test_str("- ")), 2);
    assert_int_equal(pintag_names_intern(&names, test_str("_")), 1);
    assert_int_equal(pintag_names_add(&names, test_str("a")), 3);

    assert_int_equal(pintag_names_find(&names, test_str("")), -1);
    assert_int_equal(pintag_names_find(&names, test_str("_")), -1);
    assert_int_equal(pintag_names_find(&names, test_str(" ")), -1);
    assert_int_equal(pintag_names_find(&names, test_str("_a")), 3);

    test_memory_free(&memory);
}


static void
test_fold_case_trims_white_space(void **state)
{
    test_memory_t    memory;
    pintag_arena_t  *arena;
    pintag_names_t   names;

    (void) state;

    arena = test_memory_init(&memory);

    assert_int_equal(pintag_names_init(&names, arena, PINTAG_FOLD_CASE), 1);

    assert_int_equal(pintag_names_add(&names, test_str("Signed Up ")), 0);
    assert_int_equal(pintag_names_add(&names, test_str("signed_up")), 1);

    assert_int_equal(pintag_names_find(&names, test_str(" SIGNED UP\xc2\xa0")),
                     0);
    assert_int_equal(pintag_names_find(&names, test_str("Signed_Up")), 1);
    assert_int_equal(pintag_names_find(&names, test_str("SignedUp")), -1);
    assert_int_equal(pintag_names_find(&names, test_str("signed  up")), -1);
    assert_int_equal(pintag_names_find(&names, test_str("")), -1);

    assert_int_equal(pintag_names_add(&names,
                                      test_str("\xc3\x89t\xe9 \xc8\xba")),
                     2);
    assert_int_equal(pintag_names_find(&names, test_str("\xc3\xa9T\xe9 \xe2\xb1"
                                                        "\xa5")), 2);
    assert_int_equal(pintag_names_find(&names, test_str("\xc3\xa9T\xc3\xa9 "
                                                        "\xe2\xb1\xa5")), -1);

    test_memory_free(&memory);
}


static void
test_fold_none_is_to_the_byte(void **state)
{
    test_memory_t    memory;
    pintag_arena_t  *arena;
    pintag_names_t   names;

    (void) state;

    arena = test_memory_init(&memory);

    assert_int_equal(pintag_names_init(&names, arena, PINTAG_FOLD_NONE), 1);

    assert_int_equal(pintag_names_add(&names, test_str("a_b")), 0);
    assert_int_equal(pintag_names_add(&names, test_str("_")), 1);
    assert_int_equal(pintag_names_add(&names, test_str("a_b")), 2);
    assert_int_equal(pintag_names_add(&names, test_str("")), 3);

    assert_int_equal(pintag_names_find(&names, test_str("a_b")), 0);
    assert_int_equal(names.elts[0].next, 2);
    assert_int_equal(pintag_names_find(&names, test_str("_")), 1);
    assert_int_equal(pintag_names_find(&names, test_str(NULL)), 3);

    assert_int_equal(pintag_names_find(&names, test_str("A_b")), -1);
    assert_int_equal(pintag_names_find(&names, test_str("ab")), -1);
    assert_int_equal(pintag_names_find(&names, test_str(" a_b")), -1);

    test_memory_free(&memory);
}


/* the n-th of many names, spelled plainly or with capitals and separators */

static pintag_str_t
many(pintag_arena_t *arena, int n, unsigned plain)
{
    char  text[32];

    (void) snprintf(text, sizeof(text), plain ? "name%dx" : "Na-m_e %d_X", n);

    return pintag_str_copy(test_str(text), arena);
}


static void
test_many_names(void **state)
{
    int              i, id;
    test_memory_t    memory;
    pintag_arena_t  *arena;
    pintag_names_t   names;

    (void) state;

    arena = test_memory_init(&memory);

    assert_int_equal(pintag_names_init(&names, arena, PINTAG_FOLD_NAME), 1);

    for (i = 0; i < 20000; i++) {
        assert_int_equal(pintag_names_add(&names, many(arena, i, 1)), 2 * i);
        assert_int_equal(pintag_names_intern(&names, many(arena, i, 0)),
                         2 * i + 1);
    }

    for (i = 0; i < 20000; i++) {
        id = pintag_names_find(&names, many(arena, i, 0));

        assert_int_equal(id, 2 * i);
        assert_int_equal(names.elts[id].next, 2 * i + 1);
        assert_int_equal(names.elts[id + 1].next, -1);
    }

    assert_int_equal(pintag_names_find(&names, many(arena, 20000, 1)), -1);

    test_memory_free(&memory);
}


static void
test_many_equal_names_are_added_without_quadratic_work(void **state)
{
    int              i;
    test_memory_t    memory;
    pintag_arena_t  *arena;
    pintag_names_t   names;

    (void) state;

    arena = test_memory_init(&memory);

    assert_int_equal(pintag_names_init(&names, arena, PINTAG_FOLD_CASE), 1);

    for (i = 0; i < 1000000; i++) {
        assert_int_equal(pintag_names_add(&names, test_str("x")), i);
    }

    for (i = 0; i < 1000000; i++) {
        assert_int_equal(names.elts[i].next, i == 999999 ? -1 : i + 1);
    }

    test_memory_free(&memory);
}


static void
test_names_without_memory(void **state)
{
    int              i;
    size_t           n;
    test_memory_t    memory;
    pintag_arena_t  *arena;
    pintag_names_t   names;

    (void) state;

    for (n = 1; n < 100; n++) {
        arena = test_memory_init_failing(&memory, n);

        if (!pintag_names_init(&names, arena, PINTAG_FOLD_NAME)) {
            test_memory_free(&memory);
            continue;
        }

        for (i = 0; i < 1000; i++) {
            if (pintag_names_intern(&names, many(arena, i, 1)) == -1) {
                break;
            }
        }

        /* those before the failure are still found */

        assert_int_equal(names.n, i);

        memory.fail_at = 0;

        while (i-- != 0) {
            assert_int_equal(pintag_names_find(&names, many(arena, i, 0)), i);
        }

        if (names.n == 1000) {
            test_memory_free(&memory);
            break;
        }

        test_memory_free(&memory);
    }

    assert_true(n >= 5 && n <= 99);

    assert_int_equal(
        pintag_names_members(&names, test_memory_init_failing(&memory, 1)), 0);
    assert_int_equal(
        pintag_names_members(&names, test_memory_init_failing(&memory, 2)), 0);

    test_memory_free(&memory);
}


static void
test_members_have_the_ids_of_the_enumeration(void **state)
{
    int              i;
    test_memory_t    memory;
    pintag_arena_t  *arena;
    pintag_names_t   names;

    static const struct {
        int          id;
        const char  *name;
        const char  *other;
        unsigned     control;
    } cases[] = {
        { PINTAG_NAME_PRODUCT_ID, "product_id", "Product ID", 0 },
        { PINTAG_NAME_SKU, "sku", "SKU", 0 },
        { PINTAG_NAME_ID, "id", "ID", 0 },
        { PINTAG_NAME_NAME, "name", "Name", 0 },
        { PINTAG_NAME_PRICE, "price", "Price", 0 },
        { PINTAG_NAME_QUANTITY, "quantity", "Quantity", 0 },
        { PINTAG_NAME_CATEGORY, "category", "Category", 0 },
        { PINTAG_NAME_BRAND, "brand", "Brand", 0 },
        { PINTAG_NAME_VARIANT, "variant", "Variant", 0 },
        { PINTAG_NAME_VARIANT_ID, "variant_id", "variantId", 0 },
        { PINTAG_NAME_VALUE, "value", "Value", 0 },
        { PINTAG_NAME_REVENUE, "revenue", "REVENUE", 0 },
        { PINTAG_NAME_TOTAL, "total", "Total", 0 },
        { PINTAG_NAME_PRODUCTS, "products", "Products", 0 },
        { PINTAG_NAME_ORDER_QUANTITY, "order_quantity", "orderQuantity", 0 },
        { PINTAG_NAME_NUM_ITEMS, "num_items", "numItems", 0 },
        { PINTAG_NAME_NUM_OF_ITEMS, "num_of_items", "Num of Items", 0 },
        { PINTAG_NAME_CURRENCY, "currency", "Currency", 0 },
        { PINTAG_NAME_ORDER_ID, "order_id", "orderId", 0 },
        { PINTAG_NAME_PROMO_CODE, "promo_code", "promo-code", 0 },
        { PINTAG_NAME_COUPON, "coupon", "Coupon", 0 },
        { PINTAG_NAME_PROPERTY, "property", "Property", 0 },
        { PINTAG_NAME_SEARCH_QUERY, "search_query", "searchQuery", 0 },
        { PINTAG_NAME_QUERY, "query", "Query", 0 },
        { PINTAG_NAME_VIDEO_TITLE, "video_title", "Video Title", 0 },
        { PINTAG_NAME_TITLE, "title", "Title", 0 },
        { PINTAG_NAME_LEAD_TYPE, "lead_type", "leadType", 0 },
        { PINTAG_NAME_CONTENT_NAME, "content_name", "contentName", 0 },
        { PINTAG_NAME_CONTENT_CATEGORY, "content_category",
          "contentCategory", 0 },
        { PINTAG_NAME_CONTENT_BRAND, "content_brand", "contentBrand", 0 },
        { PINTAG_NAME_EVENT_ID, "event_id", "eventID", 1 },
        { PINTAG_NAME_EID, "eid", "EID", 1 },
        { PINTAG_NAME_OPT_OUT_TYPE, "opt_out_type", "optOutType", 1 },
        { PINTAG_NAME_EPIK, "epik", "_epik", 1 },
        { PINTAG_NAME_CLICK_ID, "click_id", "clickId", 1 },
        { PINTAG_NAME_ACTION_SOURCE, "action_source", "actionSource", 1 },
        { PINTAG_NAME_TYPE, "type", "Type", 0 },
        { PINTAG_NAME_EVENT, "event", "Event", 0 },
        { PINTAG_NAME_PROPERTIES, "properties", "Properties", 0 },
        { PINTAG_NAME_TRAITS, "traits", "Traits", 0 },
        { PINTAG_NAME_CONTEXT, "context", "Context", 0 },
        { PINTAG_NAME_INTEGRATIONS, "integrations", "Integrations", 0 },
        { PINTAG_NAME_MESSAGE_ID, "messageId", "message_id", 0 },
        { PINTAG_NAME_USER_ID, "userId", "user_id", 0 },
        { PINTAG_NAME_ANONYMOUS_ID, "anonymousId", "anonymous_id", 0 },
        { PINTAG_NAME_CHANNEL, "channel", "Channel", 0 },
        { PINTAG_NAME_REQUEST_IP, "request_ip", "requestIP", 0 },
        { PINTAG_NAME_WRITE_KEY, "writeKey", "write_key", 0 },
        { PINTAG_NAME_TIMESTAMP, "timestamp", "Timestamp", 0 },
        { PINTAG_NAME_ORIGINAL_TIMESTAMP, "originalTimestamp",
          "original_timestamp", 0 },
        { PINTAG_NAME_SENT_AT, "sentAt", "sent_at", 0 },
        { PINTAG_NAME_RECEIVED_AT, "receivedAt", "received_at", 0 },
        { PINTAG_NAME_PAGE, "page", "Page", 0 },
        { PINTAG_NAME_URL, "url", "URL", 0 },
        { PINTAG_NAME_USER_AGENT, "userAgent", "user_agent", 0 },
        { PINTAG_NAME_IP, "ip", "IP", 0 },
        { PINTAG_NAME_LOCALE, "locale", "Locale", 0 },
        { PINTAG_NAME_CONSENT, "consent", "Consent", 0 },
        { PINTAG_NAME_CATEGORY_PREFERENCES, "categoryPreferences",
          "category_preferences", 0 },
        { PINTAG_NAME_CONSENT_MANAGEMENT, "consentManagement",
          "consent_management", 0 },
        { PINTAG_NAME_ALLOWED_CONSENT_IDS, "allowedConsentIds",
          "allowed_consent_ids", 0 },
        { PINTAG_NAME_DENIED_CONSENT_IDS, "deniedConsentIds",
          "denied_consent_ids", 0 },
        { PINTAG_NAME_APP, "app", "App", 0 },
        { PINTAG_NAME_NAMESPACE, "namespace", "Namespace", 0 },
        { PINTAG_NAME_VERSION, "version", "Version", 0 },
        { PINTAG_NAME_DEVICE, "device", "Device", 0 },
        { PINTAG_NAME_MANUFACTURER, "manufacturer", "Manufacturer", 0 },
        { PINTAG_NAME_MODEL, "model", "Model", 0 },
        { PINTAG_NAME_ADVERTISING_ID, "advertisingId", "advertising_id", 0 },
        { PINTAG_NAME_AD_TRACKING_ENABLED, "adTrackingEnabled",
          "ad_tracking_enabled", 0 },
        { PINTAG_NAME_NETWORK, "network", "Network", 0 },
        { PINTAG_NAME_CARRIER, "carrier", "Carrier", 0 },
        { PINTAG_NAME_WIFI, "wifi", "Wifi", 0 },
        { PINTAG_NAME_OS, "os", "Os", 0 },
        { PINTAG_NAME_EMAIL, "email", "e-mail", 0 },
        { PINTAG_NAME_PHONE, "phone", "Phone", 0 },
        { PINTAG_NAME_PHONE_NUMBER, "phone_number", "phoneNumber", 0 },
        { PINTAG_NAME_MOBILE, "mobile", "Mobile", 0 },
        { PINTAG_NAME_GENDER, "gender", "Gender", 0 },
        { PINTAG_NAME_GE, "ge", "Ge", 0 },
        { PINTAG_NAME_BIRTHDAY, "birthday", "Birthday", 0 },
        { PINTAG_NAME_BIRTH_DATE, "birth_date", "birthDate", 0 },
        { PINTAG_NAME_DATE_OF_BIRTH, "date_of_birth", "dateOfBirth", 0 },
        { PINTAG_NAME_DOB, "dob", "Dob", 0 },
        { PINTAG_NAME_DB, "db", "Db", 0 },
        { PINTAG_NAME_FIRST_NAME, "first_name", "firstName", 0 },
        { PINTAG_NAME_GIVEN_NAME, "given_name", "givenName", 0 },
        { PINTAG_NAME_LAST_NAME, "last_name", "lastName", 0 },
        { PINTAG_NAME_FAMILY_NAME, "family_name", "familyName", 0 },
        { PINTAG_NAME_SURNAME, "surname", "Surname", 0 },
        { PINTAG_NAME_ADDRESS, "address", "Address", 0 },
        { PINTAG_NAME_CITY, "city", "City", 0 },
        { PINTAG_NAME_STATE, "state", "State", 0 },
        { PINTAG_NAME_ZIP, "zip", "Zip", 0 },
        { PINTAG_NAME_ZIP_CODE, "zip_code", "zipCode", 0 },
        { PINTAG_NAME_POSTAL_CODE, "postal_code", "postalCode", 0 },
        { PINTAG_NAME_POSTCODE, "postcode", "Postcode", 0 },
        { PINTAG_NAME_COUNTRY, "country", "Country", 0 },
        { PINTAG_NAME_PARTNER_ID, "partnerId", "partner_id", 0 }
    };

    (void) state;

    arena = test_memory_init(&memory);

    assert_int_equal(test_n(cases), PINTAG_NAME_KNOWN);
    assert_int_equal(pintag_names_members(&names, arena), 1);
    assert_int_equal(names.n, PINTAG_NAME_KNOWN);

    for (i = 0; i < PINTAG_NAME_KNOWN; i++) {
        assert_int_equal(cases[i].id, i);
        assert_str(names.elts[i].spelling, cases[i].name);
        assert_int_equal(pintag_names_find(&names, test_str(cases[i].name)),
                         i);
        assert_int_equal(pintag_names_find(&names, test_str(cases[i].other)),
                         i);
        assert_int_equal(pintag_name_is_control(i), cases[i].control);
    }

    assert_int_equal(pintag_name_is_control(-1), 0);
    assert_int_equal(pintag_name_is_control(PINTAG_NAME_KNOWN), 0);

    /* a configuration adds its own */

    assert_int_equal(pintag_names_intern(&names, test_str("order_id")),
                     PINTAG_NAME_ORDER_ID);
    assert_int_equal(pintag_names_intern(&names, test_str("checkout_id")),
                     PINTAG_NAME_KNOWN);

    test_memory_free(&memory);
}


static void
test_pinterest_events(void **state)
{
    int     i;
    size_t  n;

    static const struct {
        pintag_pinterest_event_e   event;
        const char                *tag;
        const char                *capi;
        const char                *other;
    } cases[] = {
        { PINTAG_EVENT_PAGE_VISIT, "pagevisit", "page_visit", "PageVisit" },
        { PINTAG_EVENT_VIEW_CATEGORY, "viewcategory", "view_category",
          "ViewCategory" },
        { PINTAG_EVENT_SEARCH, "search", "search", "Search" },
        { PINTAG_EVENT_ADD_TO_CART, "addtocart", "add_to_cart", "Add To Cart" },
        { PINTAG_EVENT_CHECKOUT, "checkout", "checkout", "Checkout" },
        { PINTAG_EVENT_WATCH_VIDEO, "watchvideo", "watch_video",
          "Watch-Video" },
        { PINTAG_EVENT_SIGNUP, "signup", "signup", "Sign Up" },
        { PINTAG_EVENT_LEAD, "lead", "lead", "Lead" },
        { PINTAG_EVENT_CUSTOM, "custom", "custom", "CUSTOM" },
        { PINTAG_EVENT_ADD_PAYMENT_INFO, "addpaymentinfo", "add_payment_info",
          "AddPaymentInfo" },
        { PINTAG_EVENT_ADD_TO_WISHLIST, "addtowishlist", "add_to_wishlist",
          "AddToWishlist" },
        { PINTAG_EVENT_INITIATE_CHECKOUT, "initiatecheckout",
          "initiate_checkout", "InitiateCheckout" },
        { PINTAG_EVENT_SUBSCRIBE, "subscribe", "subscribe", "Subscribe" },
        { PINTAG_EVENT_VIEW_CONTENT, "viewcontent", "view_content",
          "ViewContent" },
        { PINTAG_EVENT_CONTACT, "contact", "contact", "_contact_" },
        { PINTAG_EVENT_CUSTOMIZE_PRODUCT, "customizeproduct",
          "customize_product", "CustomizeProduct" },
        { PINTAG_EVENT_FIND_LOCATION, "findlocation", "find_location",
          "FindLocation" },
        { PINTAG_EVENT_SCHEDULE, "schedule", "schedule", "Schedule" },
        { PINTAG_EVENT_START_TRIAL, "starttrial", "start_trial",
          "StartTrial" },
        { PINTAG_EVENT_SUBMIT_APPLICATION, "submitapplication",
          "submit_application", "S u b m i t - A p p l i c a t i o n" },
        { PINTAG_EVENT_APP_INSTALL, "", "app_install", "AppInstall" },
        { PINTAG_EVENT_APP_OPEN, "", "app_open", "App Open" }
    };

    static const char  *none[] = {
        "", "_", "page", "visit", "visitpage", "pagevisits", "pagevisi",
        "submitapplications", "submitapplicationx", "app.open", "a", "zzz",
        "search\t", "\xff", "order_completed"
    };

    (void) state;

    assert_int_equal(test_n(cases), PINTAG_EVENT_KNOWN);

    for (i = 0; i < PINTAG_EVENT_KNOWN; i++) {
        assert_int_equal(cases[i].event, i);
        assert_str(pintag_pinterest_events[i].tag, cases[i].tag);
        assert_str(pintag_pinterest_events[i].capi, cases[i].capi);

        assert_int_equal(pintag_pinterest_event(test_str(cases[i].capi)), i);
        assert_int_equal(pintag_pinterest_event(test_str(cases[i].other)), i);

        if (cases[i].tag[0] != '\0') {
            assert_int_equal(pintag_pinterest_event(test_str(cases[i].tag)), i);
        }
    }

    for (n = 0; n < test_n(none); n++) {
        assert_int_equal(pintag_pinterest_event(test_str(none[n])),
                         PINTAG_EVENT_NONE);
    }

    assert_int_equal(pintag_pinterest_event(test_str(NULL)),
                     PINTAG_EVENT_NONE);
    assert_int_equal(pintag_pinterest_event(test_lit("search\0")),
                     PINTAG_EVENT_NONE);
}


static void
test_standard_events(void **state)
{
    size_t  i;

    static const struct {
        const char                *name;
        pintag_pinterest_event_e   event;
    } cases[] = {

        /* MetaRouter's seven and their reversed spellings */
        { "Products Searched", PINTAG_EVENT_SEARCH },
        { "Searched Products", PINTAG_EVENT_SEARCH },
        { "Product List Viewed", PINTAG_EVENT_VIEW_CATEGORY },
        { "Viewed Product List", PINTAG_EVENT_VIEW_CATEGORY },
        { "Promotion Viewed", PINTAG_EVENT_PAGE_VISIT },
        { "Viewed Promotion", PINTAG_EVENT_PAGE_VISIT },
        { "Product Viewed", PINTAG_EVENT_PAGE_VISIT },
        { "Viewed Product", PINTAG_EVENT_PAGE_VISIT },
        { "Product Added", PINTAG_EVENT_ADD_TO_CART },
        { "Added Product", PINTAG_EVENT_ADD_TO_CART },
        { "Cart Viewed", PINTAG_EVENT_PAGE_VISIT },
        { "Viewed Cart", PINTAG_EVENT_PAGE_VISIT },
        { "Order Completed", PINTAG_EVENT_CHECKOUT },
        { "Completed Order", PINTAG_EVENT_CHECKOUT },

        /* compared as names are */
        { "order completed", PINTAG_EVENT_CHECKOUT },
        { "orderCompleted", PINTAG_EVENT_CHECKOUT },
        { "ORDER_COMPLETED", PINTAG_EVENT_CHECKOUT },
        { " order-completed ", PINTAG_EVENT_CHECKOUT },
        { "viewed_product_list", PINTAG_EVENT_VIEW_CATEGORY },

        /* nothing looser */
        { "", PINTAG_EVENT_NONE },
        { "_", PINTAG_EVENT_NONE },
        { "Order", PINTAG_EVENT_NONE },
        { "Orders Completed", PINTAG_EVENT_NONE },
        { "Order Complete", PINTAG_EVENT_NONE },
        { "Order Completed!", PINTAG_EVENT_NONE },
        { "Product Searched", PINTAG_EVENT_NONE },
        { "Products Viewed", PINTAG_EVENT_NONE },
        { "List Viewed Product", PINTAG_EVENT_NONE },
        { "Viewed List Product", PINTAG_EVENT_NONE },
        { "Viewed Product Lists", PINTAG_EVENT_NONE },
        { "Order\tCompleted", PINTAG_EVENT_NONE },
        { "Order Updated", PINTAG_EVENT_NONE },
        { "Payment Info Entered", PINTAG_EVENT_NONE },
        { "Product List Filtered", PINTAG_EVENT_NONE },
        { "Checkout Started", PINTAG_EVENT_NONE },
        { "checkout", PINTAG_EVENT_NONE },
        { "an event with a name that is longer than any", PINTAG_EVENT_NONE }
    };

    (void) state;

    for (i = 0; i < test_n(cases); i++) {
        if (pintag_standard_event(test_str(cases[i].name), 0)
            != cases[i].event)
        {
            fail_msg("\"%s\" is %d", cases[i].name,
                     pintag_standard_event(test_str(cases[i].name), 0));
        }
    }
}


int
main(void)
{
    const struct CMUnitTest  tests[] = {
        cmocka_unit_test(test_name_eq),
        cmocka_unit_test(test_ids_count_from_0_and_the_first_is_found),
        cmocka_unit_test(test_intern_tells_spellings_apart),
        cmocka_unit_test(test_names_of_nothing_but_separators_match_nothing),
        cmocka_unit_test(test_fold_case_trims_white_space),
        cmocka_unit_test(test_fold_none_is_to_the_byte),
        cmocka_unit_test(test_many_names),
        cmocka_unit_test(
            test_many_equal_names_are_added_without_quadratic_work),
        cmocka_unit_test(test_names_without_memory),
        cmocka_unit_test(test_members_have_the_ids_of_the_enumeration),
        cmocka_unit_test(test_pinterest_events),
        cmocka_unit_test(test_standard_events)
    };

    return cmocka_run_group_tests_name("names", tests, NULL, NULL);
}
