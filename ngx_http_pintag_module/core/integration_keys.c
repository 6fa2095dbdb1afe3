
/*
 * Copyright (C) the ngx_http_pintag_module authors
 */


#include <stddef.h>

#include "integration_keys.h"


static unsigned pintag_integration_missing(pintag_file_t *file,
    const pintag_yaml_node_t *config, const pintag_integration_t *integration);
static unsigned pintag_key_check_tag(pintag_file_t *file,
    const pintag_key_t *key, const pintag_yaml_node_t *value, void *object);
static unsigned pintag_key_check_account(pintag_file_t *file,
    const pintag_key_t *key, const pintag_yaml_node_t *value, void *object);
static void pintag_key_repeated(pintag_file_t *file, const pintag_key_t *key,
    const pintag_yaml_node_t *value, const pintag_names_t *ids);
static unsigned pintag_key_set_token(pintag_file_t *file,
    const pintag_key_t *key, const pintag_yaml_node_t *value, void *field);
static unsigned pintag_key_set_token_file(pintag_file_t *file,
    const pintag_key_t *key, const pintag_yaml_node_t *value, void *field);
static unsigned pintag_key_two_tokens(pintag_file_t *file,
    const pintag_yaml_node_t *value);
static unsigned pintag_key_check_test_mode(pintag_file_t *file,
    const pintag_key_t *key, const pintag_yaml_node_t *value, void *object);
static unsigned pintag_key_set_properties(pintag_file_t *file,
    const pintag_key_t *key, const pintag_yaml_node_t *value, void *field);
static unsigned pintag_key_add_property(pintag_file_t *file,
    const pintag_key_t *key, const pintag_yaml_node_t *item, pintag_str_t text,
    void *field);
static unsigned pintag_key_set_path(pintag_file_t *file,
    const pintag_key_t *key, const pintag_yaml_node_t *value, void *field);
static unsigned pintag_key_set_limited(pintag_file_t *file,
    const pintag_key_t *key, const pintag_yaml_node_t *value, void *field);


#define PINTAG_EXPECT_BOOLEAN                                                 \
    "true or false, without quotes"
#define PINTAG_EXPECT_PROPERTIES                                              \
    "a list of names of properties, none of them empty, "                     \
    "e.g. [\"color\", \"size\"]"
#define PINTAG_EXPECT_EVENTS                                                  \
    "a list of names of events, none of them empty, "                         \
    "e.g. [\"Order Completed\"]"


static const pintag_choice_t  pintag_choices_events[] = {
    { pintag_str("seed"), 0 },
    { pintag_str("extended"), 1 },
    { pintag_str_null, 0 }
};

static const pintag_choice_t  pintag_choices_pii[] = {
    { pintag_str("all"), 0 },
    { pintag_str("page"), 1 },
    { pintag_str_null, 0 }
};

static const pintag_choice_t  pintag_choices_source[] = {
    { pintag_str("web"), PINTAG_SOURCE_WEB },
    { pintag_str("app_ios"), PINTAG_SOURCE_APP_IOS },
    { pintag_str("app_android"), PINTAG_SOURCE_APP_ANDROID },
    { pintag_str("offline"), PINTAG_SOURCE_OFFLINE },
    { pintag_str_null, 0 }
};

_Static_assert(sizeof(pintag_source_e) == sizeof(unsigned),
               "pintag_key_set_choice() sets an unsigned");


static const pintag_key_t  pintag_config_keys[] = {

    { .name = pintag_str("tagId"),
      .set = pintag_key_set_digits,
      .offset = offsetof(pintag_integration_t, tag_id),
      .check = pintag_key_check_tag,
      .expected = "a string of digits, e.g. \"2612826764086\"",
      .max = 20 },

    { .name = pintag_str("adAccountId"),
      .set = pintag_key_set_digits,
      .offset = offsetof(pintag_integration_t, ad_account_id),
      .check = pintag_key_check_account,
      .expected = "a string of digits, e.g. \"549755885175\"",
      .max = 18 },

    { .name = pintag_str("accessToken"),
      .set = pintag_key_set_token,
      .expected = "a string of visible ASCII characters without a space, as "
                  "Pinterest gives it",
      .example = "\"pina_...\"",
      .secret = 1 },

    { .name = pintag_str("accessTokenFile"),
      .set = pintag_key_set_token_file,
      .expected = "a string, the name of a file that holds the token",
      .example = "\"pinterest.token\"",
      .secret = 1 },

    { .name = pintag_str("handleCustomAsPartnerDefinedEvent"),
      .set = pintag_key_set_boolean,
      .offset = offsetof(pintag_integration_t, partner_defined),
      .expected = PINTAG_EXPECT_BOOLEAN },

    { .name = pintag_str("standardEvents"),
      .set = pintag_key_set_choice,
      .offset = offsetof(pintag_integration_t, extended),
      .expected = "seed or extended",
      .choices = pintag_choices_events },

    { .name = pintag_str("valueFieldIdentifier"),
      .set = pintag_key_set_property,
      .offset = offsetof(pintag_integration_t, value_name),
      .check = pintag_key_check_property,
      .expected = "a string, the name of the property that holds the value" },

    { .name = pintag_str("customEventsMapping"),
      .set = pintag_key_set_mappings,
      .check = pintag_key_check_mappings,
      .expected = "a list of rows, each a mapping of \"event\" and "
                  "\"mapping\"" },

    { .name = pintag_str("customPropertiesForStandardEvents"),
      .set = pintag_key_set_properties,
      .check = pintag_key_check_properties,
      .expected = PINTAG_EXPECT_PROPERTIES,
      .names = 1 },

    { .name = pintag_str("removePii"),
      .set = pintag_key_set_choice,
      .offset = offsetof(pintag_integration_t, pii.page_only),
      .expected = "all or page",
      .choices = pintag_choices_pii },

    { .name = pintag_str("piiProperties"),
      .set = pintag_key_set_pii_properties,
      .offset = offsetof(pintag_integration_t, pii),
      .expected = PINTAG_EXPECT_PROPERTIES,
      .names = 1 },

    { .name = pintag_str("piiAllow"),
      .set = pintag_key_set_pii_allow,
      .offset = offsetof(pintag_integration_t, pii),
      .expected = PINTAG_EXPECT_PROPERTIES,
      .names = 1 },

    { .name = pintag_str("enhancedMatch"),
      .set = pintag_key_set_boolean,
      .offset = offsetof(pintag_integration_t, enhanced_match),
      .expected = PINTAG_EXPECT_BOOLEAN },

    { .name = pintag_str("enhancedMatchOnPage"),
      .set = pintag_key_set_boolean,
      .offset = offsetof(pintag_integration_t, enhanced_match_page),
      .expected = PINTAG_EXPECT_BOOLEAN },

    { .name = pintag_str("deduplicationKey"),
      .set = pintag_key_set_path,
      .offset = offsetof(pintag_integration_t, deduplication),
      .check = pintag_key_check_path,
      .expected = "names joined by dots, e.g. \"properties.order_id\"",
      .example = "\"properties.order_id\"" },

    { .name = pintag_str("sendExternalId"),
      .set = pintag_key_set_boolean,
      .offset = offsetof(pintag_integration_t, send_external_id),
      .expected = PINTAG_EXPECT_BOOLEAN },

    { .name = pintag_str("actionSource"),
      .set = pintag_key_set_choice,
      .offset = offsetof(pintag_integration_t, action_source),
      .expected = "web, app_ios, app_android or offline",
      .choices = pintag_choices_source },

    { .name = pintag_str("partnerName"),
      .set = pintag_key_set_text,
      .offset = offsetof(pintag_integration_t, partner_name),
      .expected = "a string",
      .example = "\"ss-example\"" },

    { .name = pintag_str("np"),
      .set = pintag_key_set_text,
      .offset = offsetof(pintag_integration_t, np),
      .expected = "a string",
      .example = "\"ss-example\"" },

    { .name = pintag_str("testMode"),
      .set = pintag_key_set_boolean,
      .offset = offsetof(pintag_integration_t, test_mode),
      .check = pintag_key_check_test_mode,
      .expected = PINTAG_EXPECT_BOOLEAN },

    { .name = pintag_str("forwardClientAddress"),
      .set = pintag_key_set_boolean,
      .offset = offsetof(pintag_integration_t, forward_address),
      .expected = PINTAG_EXPECT_BOOLEAN },

    { .name = pintag_str("consentCategories"),
      .set = pintag_key_set_list,
      .offset = offsetof(pintag_integration_t, consent),
      .expected = "a list of names of categories, none of them empty, "
                  "e.g. [\"Advertising\"]",
      .example = "[\"Advertising\"]",
      .filled = 1 },

    { .name = pintag_str("limitedDataProcessing"),
      .set = pintag_key_set_limited,
      .expected = "a mapping of \"state\" and \"country\", "
                  "e.g. {state: \"CA\", country: \"US\"}" },

    { .name = pintag_str("allowEvents"),
      .set = pintag_key_set_names,
      .offset = offsetof(pintag_integration_t, allow_events),
      .expected = PINTAG_EXPECT_EVENTS,
      .example = "[\"Order Completed\"]",
      .filled = 1,
      .names = 1 },

    { .name = pintag_str("denyEvents"),
      .set = pintag_key_set_names,
      .offset = offsetof(pintag_integration_t, deny_events),
      .expected = PINTAG_EXPECT_EVENTS,
      .names = 1 },

    { .name = pintag_str("writeKeys"),
      .set = pintag_key_set_list,
      .offset = offsetof(pintag_integration_t, write_keys),
      .expected = "a list of write keys, none of them empty, "
                  "e.g. [\"THD1\"]",
      .example = "[\"THD1\"]",
      .filled = 1 }
};


static const pintag_key_t  pintag_limited_keys[] = {

    { .name = pintag_str("state"),
      .set = pintag_key_set_text,
      .offset = offsetof(pintag_integration_t, limited_state),
      .expected = "a string, the code of a state",
      .example = "\"CA\"" },

    { .name = pintag_str("country"),
      .set = pintag_key_set_text,
      .offset = offsetof(pintag_integration_t, limited_country),
      .expected = "a string, the code of a country",
      .example = "\"US\"" }
};


static const pintag_keys_t  pintag_keys_of_config =
    pintag_keys(pintag_config_keys);
static const pintag_keys_t  pintag_keys_of_limited =
    pintag_keys(pintag_limited_keys);


unsigned
pintag_integration_init(pintag_integration_t *integration,
    pintag_arena_t *arena)
{
    integration->value_name = PINTAG_VALUE_UNSET;
    integration->enhanced_match = 1;
    integration->send_external_id = 1;

    return pintag_names_init(&integration->mapped, arena, PINTAG_FOLD_CASE)
           && pintag_names_init(&integration->pii.added, arena,
                                PINTAG_FOLD_NAME)
           && pintag_names_init(&integration->pii.allowed, arena,
                                PINTAG_FOLD_NAME)
           && pintag_names_init(&integration->allow_events, arena,
                                PINTAG_FOLD_NAME)
           && pintag_names_init(&integration->deny_events, arena,
                                PINTAG_FOLD_NAME);
}


unsigned
pintag_integration_read(pintag_file_t *file, const pintag_yaml_node_t *config,
    pintag_integration_t *integration)
{
    if (!pintag_keys_read(file, pintag_keys_of_config, config, integration)
        || !pintag_integration_missing(file, config, integration)
        || !pintag_keys_check(file, pintag_keys_of_config, config,
                              integration))
    {
        return 0;
    }

    /* only a row can say that there is no value */

    if (integration->value_name == PINTAG_VALUE_NONE) {
        integration->value_name = PINTAG_VALUE_UNSET;
    }

    if (pintag_names_add(&file->tag_ids, integration->tag_id) < 0
        || pintag_names_add(&file->account_ids,
                            integration->ad_account_id) < 0)
    {
        return pintag_file_no_memory(file);
    }

    return 1;
}


static unsigned
pintag_integration_missing(pintag_file_t *file,
    const pintag_yaml_node_t *config, const pintag_integration_t *integration)
{
    unsigned     account, token;
    const char  *message;

    account = integration->ad_account_id.len != 0;
    token = integration->access_token.len != 0
            || integration->access_token_file.len != 0;

    if (account && !token) {
        message = "\"accessToken\" or \"accessTokenFile\" is missing, "
                  "\"adAccountId\" needs one: add e.g. "
                  "accessTokenFile: \"pinterest.token\"";

    } else if (token && !account) {
        message = "\"adAccountId\" is missing, the access token is of use "
                  "with it only: add e.g. adAccountId: \"549755885175\", or "
                  "remove the token";

    } else if (!account && integration->tag_id.len == 0) {
        message = "\"tagId\" or \"adAccountId\" is missing, add e.g. "
                  "tagId: \"2612826764086\"";

    } else {
        return 1;
    }

    /* a key may be missing because it is out of its column */

    if (file->yaml.fault.message) {
        return pintag_file_fault(file);
    }

    return pintag_file_error(file, config, "%s", message);
}


static unsigned
pintag_key_check_tag(pintag_file_t *file, const pintag_key_t *key,
    const pintag_yaml_node_t *value, void *object)
{
    (void) object;

    pintag_key_repeated(file, key, value, &file->tag_ids);

    return 1;
}


static unsigned
pintag_key_check_account(pintag_file_t *file, const pintag_key_t *key,
    const pintag_yaml_node_t *value, void *object)
{
    (void) object;

    pintag_key_repeated(file, key, value, &file->account_ids);

    return 1;
}


static void
pintag_key_repeated(pintag_file_t *file, const pintag_key_t *key,
    const pintag_yaml_node_t *value, const pintag_names_t *ids)
{
    int  id;

    id = pintag_names_find(ids, value->text);

    if (id >= 0) {
        pintag_file_note(file, PINTAG_REPORT_WARNING, value, "the entry on "
                         "line %zu has this \"%.*s\", too: each event goes "
                         "there twice, remove one of the two",
                         file->integrations->elts[id].line,
                         (int) key->name.len, key->name.data);
    }
}


static unsigned
pintag_key_set_token(pintag_file_t *file, const pintag_key_t *key,
    const pintag_yaml_node_t *value, void *field)
{
    size_t                 i;
    pintag_str_t          *token;
    pintag_integration_t  *integration = field;

    if (integration->access_token_file.len) {
        return pintag_key_two_tokens(file, value);
    }

    token = &integration->access_token;

    if (!pintag_key_set_text(file, key, value, token)) {
        return 0;
    }

    /* it becomes a part of a header */

    for (i = 0; i < token->len; i++) {
        if (token->data[i] <= 0x20 || token->data[i] >= 0x7f) {
            return pintag_key_wrong(file, key, value);
        }
    }

    return 1;
}


static unsigned
pintag_key_set_token_file(pintag_file_t *file, const pintag_key_t *key,
    const pintag_yaml_node_t *value, void *field)
{
    pintag_integration_t *integration = field;

    if (integration->access_token.len) {
        return pintag_key_two_tokens(file, value);
    }

    integration->token_line = value->line;
    integration->token_column = value->column;

    return pintag_key_set_text(file, key, value,
                               &integration->access_token_file);
}


static unsigned
pintag_key_two_tokens(pintag_file_t *file, const pintag_yaml_node_t *value)
{
    return pintag_file_error(file, value, "\"accessToken\" and "
                             "\"accessTokenFile\" are both given, remove one "
                             "of them");
}


static unsigned
pintag_key_check_test_mode(pintag_file_t *file, const pintag_key_t *key,
    const pintag_yaml_node_t *value, void *object)
{
    pintag_integration_t *integration = object;

    (void) key;

    if (!integration->test_mode) {
        return 1;
    }

    if (integration->ad_account_id.len) {
        pintag_file_note(file, PINTAG_REPORT_NOTICE, value, "\"testMode\" is "
                         "on: this entry tests the Conversions API, and sends "
                         "nothing to the Tag");

    } else {
        pintag_file_note(file, PINTAG_REPORT_WARNING, value, "\"testMode\" is "
                         "on: this entry sends nothing, since the Tag has no "
                         "tests; remove the key, or add \"adAccountId\"");
    }

    return 1;
}


static unsigned
pintag_key_set_properties(pintag_file_t *file, const pintag_key_t *key,
    const pintag_yaml_node_t *value, void *field)
{
    pintag_integration_t *integration = field;

    if (value->kind == PINTAG_YAML_SEQUENCE && value->n) {
        integration->properties = pintag_arena_alloc(file->arena,
                                value->n * sizeof(pintag_listed_property_t));
        if (integration->properties == NULL) {
            return pintag_file_no_memory(file);
        }
    }

    return pintag_key_each(file, key, value, pintag_key_add_property,
                           integration);
}


static unsigned
pintag_key_add_property(pintag_file_t *file, const pintag_key_t *key,
    const pintag_yaml_node_t *item, pintag_str_t text, void *field)
{
    pintag_integration_t      *integration = field;
    pintag_listed_property_t  *property;

    (void) key;

    property = &integration->properties[integration->nproperties++];

    property->name = text;

    return pintag_key_intern(file, item, text, &property->id);
}


static unsigned
pintag_key_set_path(pintag_file_t *file, const pintag_key_t *key,
    const pintag_yaml_node_t *value, void *field)
{
    size_t                n;
    pintag_str_t          path, name;
    pintag_list_t        *list = field;
    const unsigned char  *p, *end;

    if (!pintag_key_set_text(file, key, value, &path)) {
        return 0;
    }

    end = path.data + path.len;
    n = 1;

    for (p = path.data; p < end; p++) {
        n += *p == '.';
    }

    list->elts = pintag_arena_alloc(file->arena, n * sizeof(pintag_str_t));
    if (list->elts == NULL) {
        return pintag_file_no_memory(file);
    }

    name.data = path.data;

    for (p = path.data; p <= end; p++) {

        if (p < end && *p != '.') {
            continue;
        }

        name.len = (size_t) (p - name.data);
        list->elts[list->n] = pintag_str_trim(name);

        if (list->elts[list->n].len == 0) {
            return pintag_key_wrong(file, key, value);
        }

        if (!pintag_key_is_name(file, key, value, list->elts[list->n])) {
            return 0;
        }

        list->n++;
        name.data = p + 1;
    }

    return 1;
}


static unsigned
pintag_key_set_limited(pintag_file_t *file, const pintag_key_t *key,
    const pintag_yaml_node_t *value, void *field)
{
    pintag_integration_t *integration = field;

    if (value->kind != PINTAG_YAML_MAPPING) {
        return pintag_key_wrong(file, key, value);
    }

    integration->limited = 1;

    return pintag_keys_read(file, pintag_keys_of_limited, value, integration);
}
