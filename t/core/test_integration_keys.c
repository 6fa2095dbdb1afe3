
/*
 * Copyright (C) the ngx_http_pintag_module authors
 *
 * The keys of "config" in integrations.yaml: what each gives, and what is said
 * of one that is wrong.
 */


#include "test_yaml.h"


#define ACCOUNT  "    adAccountId: 549755885175\n"
#define TOKEN    "    accessToken: pina_1\n"

#define ALL_KEYS                                                              \
    HEAD                                                                      \
    "    tagId: \"2612826764086\"\n"                                          \
    "    adAccountId: \"549755885175\"\n"                                     \
    "    accessToken: \" pina_A-1.b/c=\"\n"                                   \
    "    handleCustomAsPartnerDefinedEvent: true\n"                           \
    "    standardEvents: extended\n"                                          \
    "    valueFieldIdentifier: price\n"                                       \
    "    customEventsMapping:\n"                                              \
    "      - {event: A, mapping: Lead, valueFieldIdentifier: b}\n"            \
    "    customPropertiesForStandardEvents: [color, ' Shoe size ']\n"         \
    "    removePii: page\n"                                                   \
    "    piiProperties: [loyalty_card, member]\n"                             \
    "    piiAllow: [City]\n"                                                  \
    "    enhancedMatch: false\n"                                              \
    "    enhancedMatchOnPage: true\n"                                         \
    "    deduplicationKey: properties.order_id\n"                             \
    "    sendExternalId: false\n"                                             \
    "    actionSource: app_android\n"                                         \
    "    partnerName: ' ss-partner'\n"                                        \
    "    np: ss-np\n"                                                         \
    "    testMode: true\n"                                                    \
    "    forwardClientAddress: true\n"                                        \
    "    consentCategories: [Advertising, ' C0004 ', 7]\n"                    \
    "    limitedDataProcessing: {state: CA, country: US}\n"                   \
    "    allowEvents: [Order Completed, Page]\n"                              \
    "    denyEvents: [Cart Viewed]\n"                                         \
    "    writeKeys: [THD1, ' THD 2 ']\n"

#define CONFIG(keys)  { HEAD TAG keys,

#define STRING_LIST(key, of, example)                                         \
    "\"" key "\" must be a list of " of ", none of them empty, e.g. "         \
    example ", not "

#define PII       STRING_LIST("piiProperties", "names of properties",         \
                              "[\"color\", \"size\"]")
#define ALLOW     STRING_LIST("piiAllow", "names of properties",              \
                              "[\"color\", \"size\"]")
#define CONSENT   STRING_LIST("consentCategories", "names of categories",     \
                              "[\"Advertising\"]")
#define WRITE     STRING_LIST("writeKeys", "write keys", "[\"THD1\"]")
#define ALLOWED   STRING_LIST("allowEvents", "names of events",               \
                              "[\"Order Completed\"]")
#define DENIED    STRING_LIST("denyEvents", "names of events",                \
                              "[\"Order Completed\"]")

#define EMPTY(key, example)                                                   \
    "\"" key "\" must not be an empty list, remove the key or give e.g. "     \
    example

#define NEVER(key)                                                            \
    " in \"" key "\" can never match: spaces, \"_\" and \"-\" do not count "  \
    "in a name, write it with letters or digits"

#define SOURCE                                                                \
    "\"actionSource\" must be web, app_ios, app_android or offline, not "

#define FLAG(key)  "\"" key "\" must be true or false, without quotes, not "

#define LIMITED                                                               \
    "\"limitedDataProcessing\" must be a mapping of \"state\" and "           \
    "\"country\", e.g. {state: \"CA\", country: \"US\"}, not "

#define PATH                                                                  \
    "\"deduplicationKey\" must be names joined by dots, e.g. "                \
    "\"properties.order_id\", not "

#define TOKEN_IS                                                              \
    "\"accessToken\" must be a string of visible ASCII characters without a " \
    "space, as Pinterest gives it"

#define TWO_TOKENS                                                            \
    "\"accessToken\" and \"accessTokenFile\" are both given, remove one of "  \
    "them"

#define NO_TOKEN                                                              \
    "\"accessToken\" or \"accessTokenFile\" is missing, \"adAccountId\" "     \
    "needs one: add e.g. accessTokenFile: \"pinterest.token\""

#define NO_ACCOUNT                                                            \
    "\"adAccountId\" is missing, the access token is of use with it only: "   \
    "add e.g. adAccountId: \"549755885175\", or remove the token"


static void
every_key_is_read(void **state)
{
    reports_t               reports;
    test_memory_t           memory;
    pintag_integration_t   *pinterest;
    pintag_integrations_t  *read;

    (void) state;

    read = read_good(ALL_KEYS, test_memory_init(&memory), &reports);
    pinterest = &read->elts[0];

    assert_str(pinterest->tag_id, "2612826764086");
    assert_str(pinterest->ad_account_id, "549755885175");
    assert_str(pinterest->access_token, "pina_A-1.b/c=");
    assert_int_equal(pinterest->access_token_file.len, 0);
    assert_int_equal(pinterest->partner_defined, 1);
    assert_int_equal(pinterest->extended, 1);
    assert_int_equal(pinterest->value_name, PINTAG_NAME_PRICE);
    assert_int_equal(pinterest->nmappings, 1);

    assert_int_equal(pinterest->nproperties, 2);
    assert_str(pinterest->properties[0].name, "color");
    assert_str(pinterest->properties[1].name, "Shoe size");
    assert_int_equal(pinterest->properties[1].id,
                     pintag_names_find(&read->names, test_str("shoe_size")));

    assert_int_equal(pinterest->pii.page_only, 1);
    assert_int_equal(pinterest->pii.added.n, 2);
    assert_int_equal(pintag_names_find(&pinterest->pii.added,
                                       test_str("loyaltyCard")), 0);
    assert_int_equal(pinterest->pii.allowed.n, 1);
    assert_int_equal(pintag_names_find(&pinterest->pii.allowed,
                                       test_str("city")), 0);

    assert_int_equal(pinterest->enhanced_match, 0);
    assert_int_equal(pinterest->enhanced_match_page, 1);

    assert_int_equal(pinterest->deduplication.n, 2);
    assert_str(pinterest->deduplication.elts[0], "properties");
    assert_str(pinterest->deduplication.elts[1], "order_id");

    assert_int_equal(pinterest->send_external_id, 0);
    assert_int_equal(pinterest->action_source, PINTAG_SOURCE_APP_ANDROID);
    assert_str(pinterest->partner_name, "ss-partner");
    assert_str(pinterest->np, "ss-np");
    assert_int_equal(pinterest->test_mode, 1);
    assert_int_equal(pinterest->forward_address, 1);

    assert_int_equal(pinterest->consent.n, 3);
    assert_str(pinterest->consent.elts[0], "Advertising");
    assert_str(pinterest->consent.elts[1], "C0004");
    assert_str(pinterest->consent.elts[2], "7");

    assert_int_equal(pinterest->limited, 1);
    assert_str(pinterest->limited_state, "CA");
    assert_str(pinterest->limited_country, "US");

    assert_int_equal(pinterest->allow_events.n, 2);
    assert_int_equal(pintag_names_find(&pinterest->allow_events,
                                       test_str("order_completed")), 0);
    assert_int_equal(pintag_names_find(&pinterest->allow_events,
                                       test_str("page")), 1);
    assert_int_equal(pinterest->deny_events.n, 1);
    assert_int_equal(pintag_names_find(&pinterest->deny_events,
                                       test_str("CartViewed")), 0);

    assert_int_equal(pinterest->write_keys.n, 2);
    assert_str(pinterest->write_keys.elts[0], "THD1");
    assert_str(pinterest->write_keys.elts[1], "THD 2");

    test_memory_free(&memory);
}


static void
assert_defaults(const char *text, const char *notes)
{
    reports_t              reports;
    test_memory_t          memory;
    pintag_integration_t  *pinterest;

    pinterest = read_good(text, test_memory_init(&memory), &reports)->elts;

    assert_string_equal(reports.notes, notes);

    assert_str(pinterest->tag_id, "1");
    assert_str_null(pinterest->ad_account_id);
    assert_str_null(pinterest->access_token);
    assert_str_null(pinterest->access_token_file);
    assert_int_equal(pinterest->partner_defined, 0);
    assert_int_equal(pinterest->extended, 0);
    assert_int_equal(pinterest->value_name, PINTAG_VALUE_UNSET);
    assert_int_equal(pinterest->nmappings, 0);
    assert_int_equal(pinterest->nproperties, 0);
    assert_int_equal(pinterest->pii.page_only, 0);
    assert_int_equal(pinterest->pii.added.n, 0);
    assert_int_equal(pinterest->pii.allowed.n, 0);
    assert_int_equal(pinterest->enhanced_match, 1);
    assert_int_equal(pinterest->enhanced_match_page, 0);
    assert_int_equal(pinterest->deduplication.n, 0);
    assert_int_equal(pinterest->send_external_id, 1);
    assert_int_equal(pinterest->action_source, PINTAG_SOURCE_UNSET);
    assert_str_null(pinterest->partner_name);
    assert_str_null(pinterest->np);
    assert_int_equal(pinterest->test_mode, 0);
    assert_int_equal(pinterest->forward_address, 0);
    assert_int_equal(pinterest->consent.n, 0);
    assert_int_equal(pinterest->limited, 0);
    assert_str_null(pinterest->limited_state);
    assert_str_null(pinterest->limited_country);
    assert_int_equal(pinterest->allow_events.n, 0);
    assert_int_equal(pinterest->deny_events.n, 0);
    assert_int_equal(pinterest->write_keys.n, 0);

    /* a look-up in a table of an absent key finds nothing */

    assert_int_equal(pintag_names_find(&pinterest->deny_events,
                                       test_str("a")), -1);
    assert_int_equal(pintag_names_find(&pinterest->pii.added,
                                       test_str("a")), -1);

    test_memory_free(&memory);
}


static void
what_is_absent_or_null_has_its_default(void **state)
{
    (void) state;

    assert_defaults(HEAD TAG, "");

    assert_defaults(HEAD TAG
                    "    adAccountId:\n"
                    "    accessToken: ~\n"
                    "    accessTokenFile: null\n"
                    "    handleCustomAsPartnerDefinedEvent:\n"
                    "    standardEvents:\n"
                    "    valueFieldIdentifier:\n"
                    "    customEventsMapping:\n"
                    "    customPropertiesForStandardEvents:\n"
                    "    removePii:\n"
                    "    piiProperties:\n"
                    "    piiAllow:\n"
                    "    enhancedMatch:\n"
                    "    enhancedMatchOnPage:\n"
                    "    deduplicationKey:\n"
                    "    sendExternalId:\n"
                    "    actionSource:\n"
                    "    partnerName:\n"
                    "    np:\n"
                    "    testMode:\n"
                    "    forwardClientAddress:\n"
                    "    consentCategories:\n"
                    "    limitedDataProcessing:\n"
                    "    allowEvents:\n"
                    "    denyEvents:\n"
                    "    writeKeys:\n", "");

    /* what says in words what is so without them */

    assert_defaults(HEAD TAG
                    "    handleCustomAsPartnerDefinedEvent: false\n"
                    "    standardEvents: seed\n"
                    "    customEventsMapping: []\n"
                    "    customPropertiesForStandardEvents: []\n"
                    "    removePii: \"all\"\n"
                    "    piiProperties: []\n"
                    "    piiAllow: []\n"
                    "    enhancedMatch: true\n"
                    "    enhancedMatchOnPage: false\n"
                    "    sendExternalId: true\n"
                    "    testMode: false\n"
                    "    forwardClientAddress: false\n"
                    "    denyEvents: []\n", "");
}


static void
choices_are_read(void **state)
{
    size_t                 i;
    char                   text[256];
    reports_t              reports;
    test_memory_t          memory;
    pintag_integration_t  *pinterest;

    static const struct {
        const char       *word;
        pintag_source_e   source;
    } rows[] = {
        { "web", PINTAG_SOURCE_WEB },
        { "'app_ios'", PINTAG_SOURCE_APP_IOS },
        { "app_android", PINTAG_SOURCE_APP_ANDROID },
        { "offline", PINTAG_SOURCE_OFFLINE },
    };

    (void) state;

    for (i = 0; i < test_n(rows); i++) {
        (void) snprintf(text, sizeof(text), HEAD TAG "    actionSource: %s\n",
                        rows[i].word);

        pinterest = read_good(text, test_memory_init(&memory), &reports)->elts;

        assert_int_equal(pinterest->action_source, rows[i].source);
        test_memory_free(&memory);
    }
}


static void
limited_data_processing_is_read(void **state)
{
    size_t                 i;
    reports_t              reports;
    test_memory_t          memory;
    pintag_integration_t  *pinterest;

    static const struct {
        const char  *text;
        const char  *region;
        const char  *country;
    } rows[] = {
        { HEAD TAG "    limitedDataProcessing: {}\n", "", "" },
        { HEAD TAG "    limitedDataProcessing: {state: ' CA '}\n", "CA", "" },
        { HEAD TAG "    limitedDataProcessing: {state: ~, country: US}\n", "",
          "US" },

        /* Ontario and Norway are no booleans */
        { HEAD TAG "    limitedDataProcessing: {state: ON, country: NO}\n",
          "ON", "NO" },
        { HEAD TAG "    limitedDataProcessing:\n      state: CA\n", "CA", "" },
    };

    (void) state;

    for (i = 0; i < test_n(rows); i++) {
        pinterest = read_good(rows[i].text, test_memory_init(&memory),
                              &reports)->elts;

        assert_int_equal(pinterest->limited, 1);
        assert_str(pinterest->limited_state, rows[i].region);
        assert_str(pinterest->limited_country, rows[i].country);

        test_memory_free(&memory);
    }
}


static void
a_deduplication_key_is_a_path(void **state)
{
    size_t                 i, n;
    reports_t              reports;
    test_memory_t          memory;
    pintag_integration_t  *pinterest;

    static const struct {
        const char  *text;
        const char  *names[4];
    } rows[] = {
        { HEAD TAG "    deduplicationKey: messageId\n", { "messageId" } },
        { HEAD TAG "    deduplicationKey: ' context.a b . c '\n",
          { "context", "a b", "c" } },
        { HEAD TAG "    deduplicationKey: \"properties.products.0\"\n",
          { "properties", "products", "0" } },
        { HEAD TAG "    deduplicationKey: 1.5\n", { "1", "5" } },
    };

    (void) state;

    for (i = 0; i < test_n(rows); i++) {
        pinterest = read_good(rows[i].text, test_memory_init(&memory),
                              &reports)->elts;

        for (n = 0; rows[i].names[n]; n++) {
            assert_true(n < pinterest->deduplication.n);
            assert_str(pinterest->deduplication.elts[n], rows[i].names[n]);
        }

        assert_int_equal(pinterest->deduplication.n, n);
        test_memory_free(&memory);
    }
}


static void
an_account_needs_a_token(void **state)
{
    reports_t              reports;
    test_memory_t          memory;
    pintag_integration_t  *pinterest;

    static const row_t  rows[] = {
        { HEAD ACCOUNT, "3:5: " NO_TOKEN },
        { HEAD TAG ACCOUNT "    accessToken:\n    accessTokenFile: ~\n",
          "3:5: " NO_TOKEN },
        { HEAD TAG TOKEN, "3:5: " NO_ACCOUNT },
        { HEAD TAG "    accessTokenFile: a\n    adAccountId:\n",
          "3:5: " NO_ACCOUNT },
        { HEAD TOKEN, "3:5: " NO_ACCOUNT },
        { NAME "  config: {adAccountId: 1, accessToken: a, "
          "accessTokenFile: b}\n", "2:61: " TWO_TOKENS },
        { HEAD ACCOUNT "    accessTokenFile: a\n" TOKEN,
          "5:18: " TWO_TOKENS },

        /* out of its column, it is not missing */
        { HEAD ACCOUNT "   accessToken: a\n",
          "4:4: did not find expected key, while parsing a block mapping that "
          "begins on line 1; write the keys of a mapping in one column, and "
          "quote a value as a whole if it has quotes, brackets or \" #\" in "
          "it" },
    };

    (void) state;

    test_faulty(rows, test_n(rows));

    pinterest = read_good(HEAD ACCOUNT "    accessTokenFile: ' a b '\n",
                          test_memory_init(&memory), &reports)->elts;

    assert_str_null(pinterest->tag_id);
    assert_str(pinterest->ad_account_id, "549755885175");
    assert_str_null(pinterest->access_token);
    assert_str(pinterest->access_token_file, "a b");
    assert_string_equal(reports.notes, "");

    test_memory_free(&memory);
}


static void
values_that_are_wrong(void **state)
{
    static const row_t  rows[] = {
        CONFIG("    adAccountId: act_1\n")
          "4:18: \"adAccountId\" must be a string of digits, e.g. "
          "\"549755885175\", not \"act_1\"" },
        CONFIG("    adAccountId: 1234567890123456789\n")
          "4:18: \"adAccountId\" has 19 digits, at most 18 are allowed" },
        CONFIG("    adAccountId: []\n")
          "4:18: \"adAccountId\" must be a string of digits, e.g. "
          "\"549755885175\", not a list" },

        CONFIG("    accessToken: ' '\n")
          "4:18: \"accessToken\" must not be empty, give e.g. \"pina_...\"" },
        CONFIG("    accessToken: true\n")
          "4:18: " TOKEN_IS ", not a boolean" },
        CONFIG("    accessToken: [a]\n") "4:18: " TOKEN_IS ", not a list" },
        CONFIG("    accessToken: a b\n") "4:18: " TOKEN_IS },
        CONFIG("    accessToken: \"a\\r\\nHost: b\"\n") "4:18: " TOKEN_IS },
        CONFIG("    accessToken: \"a\\x7f\"\n") "4:18: " TOKEN_IS },
        CONFIG("    accessToken: \u00e9\n") "4:18: " TOKEN_IS },
        CONFIG("    accessTokenFile: ''\n")
          "4:22: \"accessTokenFile\" must not be empty, give e.g. "
          "\"pinterest.token\"" },
        CONFIG("    accessTokenFile: {a: b}\n")
          "4:22: \"accessTokenFile\" must be a string, the name of a file "
          "that holds the token, not a mapping" },

        CONFIG("    standardEvents: all\n")
          "4:21: \"standardEvents\" must be seed or extended, not \"all\"" },
        CONFIG("    standardEvents: extendet\n")
          "4:21: \"standardEvents\" must be seed or extended, not "
          "\"extendet\", did you mean \"extended\"?" },
        CONFIG("    standardEvents: true\n")
          "4:21: \"standardEvents\" must be seed or extended, not a boolean" },
        CONFIG("    standardEvents: [seed]\n")
          "4:21: \"standardEvents\" must be seed or extended, not a list" },
        CONFIG("    standardEvents: ''\n")
          "4:21: \"standardEvents\" must be seed or extended, not \"\"" },
        CONFIG("    removePii: none\n")
          "4:16: \"removePii\" must be all or page, not \"none\"" },
        CONFIG("    removePii: Page\n")
          "4:16: \"removePii\" must be all or page, not \"Page\", did you "
          "mean \"page\"?" },
        CONFIG("    removePii: false\n")
          "4:16: \"removePii\" must be all or page, not a boolean" },
        CONFIG("    actionSource: website\n") "4:19: " SOURCE "\"website\"" },
        CONFIG("    actionSource: app_andriod\n")
          "4:19: " SOURCE "\"app_andriod\", did you mean \"app_android\"?" },
        CONFIG("    actionSource: {web: 1}\n") "4:19: " SOURCE "a mapping" },

        CONFIG("    enhancedMatch: no\n")
          "4:20: " FLAG("enhancedMatch") "\"no\"" },
        CONFIG("    enhancedMatchOnPage: 1\n")
          "4:26: " FLAG("enhancedMatchOnPage") "\"1\"" },
        CONFIG("    sendExternalId: 'false'\n")
          "4:21: " FLAG("sendExternalId") "\"false\"" },
        CONFIG("    testMode: TRUE\n") "4:15: " FLAG("testMode") "\"TRUE\"" },
        CONFIG("    forwardClientAddress: []\n")
          "4:27: " FLAG("forwardClientAddress") "a list" },

        CONFIG("    partnerName: [a]\n")
          "4:18: \"partnerName\" must be a string, not a list" },
        CONFIG("    partnerName: ''\n")
          "4:18: \"partnerName\" must not be empty, give e.g. "
          "\"ss-example\"" },
        CONFIG("    np: true\n")
          "4:9: \"np\" must be a string, not a boolean" },
        CONFIG("    np: \" \\t\"\n")
          "4:9: \"np\" must not be empty, give e.g. \"ss-example\"" },

        CONFIG("    valueFieldIdentifier: ' - '\n")
          "4:27: \" - \"" NEVER("valueFieldIdentifier") },
        CONFIG("    customEventsMapping: [{event: a, mapping: b, "
               "valueFieldIdentifier: _}]\n")
          "4:72: \"_\"" NEVER("valueFieldIdentifier") },
        CONFIG("    customPropertiesForStandardEvents: [a, -_]\n")
          "4:44: \"-_\"" NEVER("customPropertiesForStandardEvents") },

        CONFIG("    piiProperties: member\n") "4:20: " PII "\"member\"" },
        CONFIG("    piiProperties: {a: b}\n") "4:20: " PII "a mapping" },
        CONFIG("    piiProperties: [a, ' ']\n") "4:24: " PII "\" \"" },
        CONFIG("    piiProperties:\n      - a\n      -\n")
          "6:8: " PII "nothing" },
        CONFIG("    piiProperties: [a, __]\n")
          "4:24: \"__\"" NEVER("piiProperties") },
        CONFIG("    piiAllow: true\n") "4:15: " ALLOW "a boolean" },
        CONFIG("    piiAllow: [a, [b]]\n") "4:19: " ALLOW "a list" },
        CONFIG("    piiAllow: ['-_ -']\n")
          "4:16: \"-_ -\"" NEVER("piiAllow") },
        CONFIG("    piiProperties: [a, Home Town]\n    piiAllow: [b, "
               "home_town]\n")
          "5:19: \"home_town\" is in both \"piiProperties\" and "
          "\"piiAllow\", remove it from one of them" },
        CONFIG("    piiAllow: [b, homeTown]\n    piiProperties: [c, "
               "home-town, {}]\n")
          "5:24: \"home-town\" is in both \"piiProperties\" and "
          "\"piiAllow\", remove it from one of them" },

        CONFIG("    deduplicationKey: properties.\n")
          "4:23: " PATH "\"properties.\"" },
        CONFIG("    deduplicationKey: .order_id\n")
          "4:23: " PATH "\".order_id\"" },
        CONFIG("    deduplicationKey: a. .b\n") "4:23: " PATH "\"a. .b\"" },
        CONFIG("    deduplicationKey: .\n") "4:23: " PATH "\".\"" },
        CONFIG("    deduplicationKey: [properties, order_id]\n")
          "4:23: " PATH "a list" },
        CONFIG("    deduplicationKey: ''\n")
          "4:23: \"deduplicationKey\" must not be empty, give e.g. "
          "\"properties.order_id\"" },
        CONFIG("    deduplicationKey: properties.-\n")
          "4:23: \"-\"" NEVER("deduplicationKey") },

        CONFIG("    consentCategories: ads\n") "4:24: " CONSENT "\"ads\"" },
        CONFIG("    consentCategories: [ads, '']\n") "4:30: " CONSENT "\"\"" },
        CONFIG("    consentCategories: [ads, false]\n")
          "4:30: " CONSENT "a boolean" },
        CONFIG("    consentCategories: []\n")
          "4:24: " EMPTY("consentCategories", "[\"Advertising\"]") },

        CONFIG("    limitedDataProcessing: true\n")
          "4:28: " LIMITED "a boolean" },
        CONFIG("    limitedDataProcessing: CA\n") "4:28: " LIMITED "\"CA\"" },
        CONFIG("    limitedDataProcessing: [CA, US]\n")
          "4:28: " LIMITED "a list" },
        CONFIG("    limitedDataProcessing: {State: CA}\n")
          "4:29: unknown key \"State\", did you mean \"state\"?" },
        CONFIG("    limitedDataProcessing: {zone: CA}\n")
          "4:29: unknown key \"zone\", the keys here are \"state\", "
          "\"country\"" },
        CONFIG("    limitedDataProcessing: {state: CA, state: CA}\n")
          "4:40: duplicate key \"state\", remove one of them" },
        CONFIG("    limitedDataProcessing: {state: ' '}\n")
          "4:36: \"state\" must not be empty, give e.g. \"CA\"" },
        CONFIG("    limitedDataProcessing: {country: ''}\n")
          "4:38: \"country\" must not be empty, give e.g. \"US\"" },
        CONFIG("    limitedDataProcessing: {country: [US]}\n")
          "4:38: \"country\" must be a string, the code of a country, not a "
          "list" },

        CONFIG("    allowEvents: Order Completed\n")
          "4:18: " ALLOWED "\"Order Completed\"" },
        CONFIG("    allowEvents: ['']\n") "4:19: " ALLOWED "\"\"" },
        CONFIG("    allowEvents: []\n")
          "4:18: " EMPTY("allowEvents", "[\"Order Completed\"]") },
        CONFIG("    allowEvents: [a, '-']\n")
          "4:22: \"-\"" NEVER("allowEvents") },
        CONFIG("    denyEvents: {a: b}\n") "4:17: " DENIED "a mapping" },
        CONFIG("    denyEvents: [~]\n") "4:18: " DENIED "nothing" },
        CONFIG("    denyEvents: [_]\n") "4:18: \"_\"" NEVER("denyEvents") },

        CONFIG("    writeKeys: THD1\n") "4:16: " WRITE "\"THD1\"" },
        CONFIG("    writeKeys: [\"\"]\n") "4:17: " WRITE "\"\"" },
        CONFIG("    writeKeys: []\n")
          "4:16: " EMPTY("writeKeys", "[\"THD1\"]") },
    };

    (void) state;

    test_faulty(rows, test_n(rows));
}


static void
the_first_fault_is_told(void **state)
{
    static const row_t  rows[] = {

        /* a wrong value, then an unknown key, a repeated one, bad YAML */
        CONFIG("    removePii: x\n    remove: all\n")
          "4:16: \"removePii\" must be all or page, not \"x\"" },
        CONFIG("    np: []\n    np: a\n")
          "4:9: \"np\" must be a string, not a list" },
        CONFIG("    np: []\n    removePii: *a\n")
          "4:9: \"np\" must be a string, not a list" },
        CONFIG("    piiAllow: [a]\n    piiProperties: [b, *c]\n")
          "5:24: an alias is not supported, write what it stands for, or "
          "quote the value if it begins with \"*\"" },
        CONFIG("    piiAllow: [a]\n    piiProperties: [a, *c]\n")
          "5:21: \"a\" is in both \"piiProperties\" and \"piiAllow\", "
          "remove it from one of them" },
        CONFIG("    writeKeys: [*b]\n")
          "4:17: an alias is not supported, write what it stands for, or "
          "quote the value if it begins with \"*\"" },

        /* a missing key after what is wrong inside */
        { HEAD "    np: []\n", "3:9: \"np\" must be a string, not a list" },

        /* and before what is wrong behind */
        { HEAD ACCOUNT NAME "  config: {np: []}\n", "3:5: " NO_TOKEN },
    };

    (void) state;

    test_faulty(rows, test_n(rows));
}


static void
likely_misspellings_are_told(void **state)
{
    static const row_t  rows[] = {
        CONFIG("    access_token: a\n")
          "4:5: unknown key \"access_token\", did you mean "
          "\"accessToken\"?" },
        CONFIG("    accessTokenfile: a\n")
          "4:5: unknown key \"accessTokenfile\", did you mean "
          "\"accessTokenFile\"?" },
        CONFIG("    ad_account_id: 1\n")
          "4:5: unknown key \"ad_account_id\", did you mean "
          "\"adAccountId\"?" },
        CONFIG("    removePII: all\n")
          "4:5: unknown key \"removePII\", did you mean \"removePii\"?" },
        CONFIG("    allowEvent: [a]\n")
          "4:5: unknown key \"allowEvent\", did you mean \"allowEvents\"?" },
        CONFIG("    enhancedMatchOnPages: true\n")
          "4:5: unknown key \"enhancedMatchOnPages\", did you mean "
          "\"enhancedMatchOnPage\"?" },
        CONFIG("    limited_data_processing: {}\n")
          "4:5: unknown key \"limited_data_processing\", did you mean "
          "\"limitedDataProcessing\"?" },
        { NAME "  config: {tagId:1}\n",
          "2:12: unknown key, put a space after the colon of \"tagId\"" },
        { NAME "  config: {Tagid:1, np: a}\n",
          "2:12: unknown key, put a space after the colon of \"tagId\"" },
    };

    (void) state;

    test_faulty(rows, test_n(rows));
}


static void
tokens_are_in_no_message(void **state)
{
    size_t         i;
    reports_t      reports;
    test_memory_t  memory;

    static const char  *const texts[] = {
        HEAD TAG "    accessToken: pina_SECRET x\n",
        HEAD TAG "    accessToken: [pina_SECRET]\n",
        HEAD TAG "    accessToken: {pina_SECRET: 1}\n",
        HEAD TAG "    accessToken: \u00e9pina_SECRET\n",
        HEAD TAG "    accessToken: pina_SECRET\n",
        HEAD ACCOUNT "    accessToken: pina_SECRET\n    accessTokenFile: a\n",
        HEAD ACCOUNT "    accessTokenFile: a\n    accessToken: pina_SECRET\n",
        HEAD ACCOUNT "    accessTokenFile: [pina_SECRET]\n",
        HEAD ACCOUNT "    accessToken: pina_SECRET\n"
            "    accessToken: pina_SECRET\n",
        HEAD ACCOUNT "    accesstoken: pina_SECRET\n",
        HEAD ACCOUNT "    accessToken: !pina_SECRET a\n",
        HEAD ACCOUNT "    accessToken: &pina_SECRET a\n",
        HEAD ACCOUNT "    accessToken: *pina_SECRET\n",
        HEAD ACCOUNT "    accessToken: pina_SECRET: a\n",
        HEAD ACCOUNT "    accessToken:pina_SECRET\n",
        HEAD "    accessToken:pina_SECRET\n",
        NAME "  config: {accessToken:pina_SECRET}\n",
        NAME "  config: {acesstoken:pina_SECRET: a}\n",
        NAME "  accessToken: pina_SECRET\n",
    };

    (void) state;

    for (i = 0; i < test_n(texts); i++) {
        assert_null(read_text(texts[i], test_memory_init(&memory), &reports));
        test_memory_free(&memory);

        assert_null(strstr(reports.error, "SECRET"));
        assert_null(strstr(reports.notes, "SECRET"));
    }
}


static void
what_is_likely_wrong_is_warned_of(void **state)
{
    size_t         i;
    reports_t      reports;
    test_memory_t  memory;

    static const row_t  rows[] = {
        { HEAD TAG ACCOUNT TOKEN "    testMode: true\n",
          "N 6:15: \"testMode\" is on: this entry tests the Conversions API, "
          "and sends nothing to the Tag\n" },
        { HEAD "    testMode: true\n" TAG,
          "W 3:15: \"testMode\" is on: this entry sends nothing, since the "
          "Tag has no tests; remove the key, or add \"adAccountId\"\n" },

        { HEAD TAG HEAD "    np: a\n    tagId: 2\n" HEAD "    np: a\n" TAG
          HEAD ACCOUNT TOKEN,
          "W 11:12: the entry on line 1 has this \"tagId\", too: each event "
          "goes there twice, remove one of the two\n" },
        { HEAD TAG HEAD ACCOUNT TOKEN
          HEAD "    tagId: 01\n" HEAD ACCOUNT "    accessTokenFile: a\n",
          "W 13:18: the entry on line 4 has this \"adAccountId\", too: each "
          "event goes there twice, remove one of the two\n" },
        { HEAD TAG "- name: a\n" HEAD TAG HEAD TAG,
          "N 4:9: entry \"a\" is left alone, only those named \"pinterest\" "
          "are read\n"
          "W 7:12: the entry on line 1 has this \"tagId\", too: each event "
          "goes there twice, remove one of the two\n"
          "W 10:12: the entry on line 1 has this \"tagId\", too: each event "
          "goes there twice, remove one of the two\n" },

        /* a tag and an account may have one number */
        { HEAD TAG HEAD "    adAccountId: 1\n" TOKEN, "" },
    };

    (void) state;

    for (i = 0; i < test_n(rows); i++) {
        (void) read_good(rows[i].text, test_memory_init(&memory), &reports);

        assert_string_equal(reports.notes, rows[i].expected);
        test_memory_free(&memory);
    }
}


static void
rows_that_send_the_same_count_once(void **state)
{
    int                     id;
    reports_t               reports;
    test_memory_t           memory;
    pintag_integration_t   *pinterest;
    pintag_integrations_t  *read;

    (void) state;

    read = read_good(HEAD TAG "    customEventsMapping:\n"
                     "    - {event: Order Updated, mapping: View Content,"
                     " valueFieldIdentifier: a}\n"
                     "    - {event: ORDER updated, mapping: view_content,"
                     " valueFieldIdentifier: b}\n"
                     "    - {event: OrderUpdated, mapping: ViewContent}\n"
                     "    - {event: Order Updated, mapping: Lead}\n"
                     "    - {event: \"1:a\", mapping: Lead}\n"
                     "    - {event: a, mapping: Lead}\n"
                     "    - {event: a, mapping: LEAD}\n",
                     test_memory_init(&memory), &reports);
    pinterest = &read->elts[0];

    assert_int_equal(pinterest->nmappings, 5);
    assert_int_equal(pinterest->mapped.n, 5);

    id = pinterest->mappings[0].value_name;
    assert_str(read->names.elts[id].spelling, "a");
    assert_str(pinterest->mappings[1].event, "OrderUpdated");
    assert_str(pinterest->mappings[2].mapping, "Lead");
    assert_str(pinterest->mappings[3].event, "1:a");
    assert_str(pinterest->mappings[4].event, "a");
    assert_str(pinterest->mappings[4].mapping, "Lead");

    test_memory_free(&memory);
}


static void
an_event_may_have_many_rows(void **state)
{
    char                  *text;
    size_t                 i, len;
    reports_t              reports;
    test_memory_t          memory;
    pintag_integration_t  *pinterest;

    (void) state;

    text = malloc(PINTAG_INTEGRATIONS_MAX);
    assert_non_null(text);

    len = (size_t) sprintf(text, HEAD TAG "    customEventsMapping:\n");

    for (i = 0; i < 30000; i++) {
        len += (size_t) sprintf(text + len, "    - {event: a, mapping: m%zu}"
                                "\n", i % 20000);
    }

    pinterest = read_good(text, test_memory_init(&memory), &reports)->elts;

    assert_int_equal(pinterest->nmappings, 20000);
    assert_str(pinterest->mappings[19999].mapping, "m19999");

    test_memory_free(&memory);
    free(text);
}


/* the members of an event are looked up among them */

static void
spellings_of_a_name_are_few(void **state)
{
    char            text[4096];
    size_t          i, len, all;
    reports_t       reports;
    test_memory_t   memory;

    (void) state;

    /* with each other underscore, a new spelling of "price", which is one */

    for (all = 31; all <= 32; all++) {

        len = (size_t) sprintf(text, HEAD TAG
                               "    customPropertiesForStandardEvents:\n");

        for (i = 0; i < all; i++) {
            len += (size_t) sprintf(text + len, "    - price%.*s\n",
                                    (int) i + 1, "________________________"
                                    "________________________");
        }

        (void) sprintf(text + len, "    valueFieldIdentifier: Price\n");

        if (all == 31) {
            (void) read_good(text, test_memory_init(&memory), &reports);

        } else {
            assert_null(read_text(text, test_memory_init(&memory), &reports));
            assert_string_equal(reports.error,
                                "37:27: \"Price\" is one name in more than "
                                "32 spellings, since case, spaces, \"_\" and "
                                "\"-\" do not count: use the same one "
                                "throughout");
        }

        test_memory_free(&memory);
    }
}


static void
no_memory_is_an_error_at_any_point(void **state)
{
    char                   *text;
    size_t                  i, n, len;
    reports_t               reports;
    test_memory_t           memory;
    pintag_integrations_t  *read;

    static const char  *const lists[] = {
        "piiProperties", "piiAllow", "consentCategories", "allowEvents",
        "denyEvents", "writeKeys"
    };

    (void) state;

    /* enough that each table grows more than once */

    text = malloc(PINTAG_INTEGRATIONS_MAX);
    assert_non_null(text);

    len = (size_t) sprintf(text, HEAD TAG "    deduplicationKey: a");

    for (i = 0; i < 600; i++) {
        len += (size_t) sprintf(text + len, ".a%zu", i);
    }

    for (n = 0; n < test_n(lists); n++) {
        len += (size_t) sprintf(text + len, "\n    %s:", lists[n]);

        for (i = 0; i < 80; i++) {
            len += (size_t) sprintf(text + len, "\n    - %zux%zu", n, i);
        }
    }

    for (i = 0; i < 40; i++) {
        len += (size_t) sprintf(text + len, "\n- name: pinterest\n"
                                "  config: {tagId: %zu, adAccountId: %zu, "
                                "accessToken: a}", i, i);
    }

    for (n = 1; ; n++) {
        read = read_text(text, test_memory_init_failing(&memory, n), &reports);
        test_memory_free(&memory);

        if (read) {
            break;
        }

        assert_string_equal(reports.error, "1:1: not enough memory to read "
                            "the file");
    }

    assert_true(n > 1);

    free(text);
}


int
main(void)
{
    const struct CMUnitTest  tests[] = {
        cmocka_unit_test(every_key_is_read),
        cmocka_unit_test(what_is_absent_or_null_has_its_default),
        cmocka_unit_test(choices_are_read),
        cmocka_unit_test(limited_data_processing_is_read),
        cmocka_unit_test(a_deduplication_key_is_a_path),
        cmocka_unit_test(an_account_needs_a_token),
        cmocka_unit_test(values_that_are_wrong),
        cmocka_unit_test(the_first_fault_is_told),
        cmocka_unit_test(likely_misspellings_are_told),
        cmocka_unit_test(tokens_are_in_no_message),
        cmocka_unit_test(what_is_likely_wrong_is_warned_of),
        cmocka_unit_test(rows_that_send_the_same_count_once),
        cmocka_unit_test(an_event_may_have_many_rows),
        cmocka_unit_test(spellings_of_a_name_are_few),
        cmocka_unit_test(no_memory_is_an_error_at_any_point),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
