
/*
 * Copyright (C) the ngx_http_pintag_module authors
 */


#include <string.h>

#include "privacy.h"
#include "write_key.h"


/* whether preferences or a list tell of a category */
typedef unsigned (*pintag_privacy_look_pt)(const pintag_json_t *value,
    pintag_str_t category);


static unsigned pintag_privacy_disabled(const pintag_event_t *event);
static unsigned pintag_privacy_turned_off(const pintag_json_t *integrations);
static unsigned pintag_privacy_actions(pintag_str_t *name);
static unsigned pintag_privacy_denied(const pintag_event_t *event,
    const pintag_integration_t *integration);
static int pintag_privacy_withheld(const pintag_event_t *event,
    const pintag_list_t *categories);
static unsigned pintag_privacy_known(const pintag_event_t *event,
    const pintag_json_t *value, const pintag_str_t *category,
    pintag_privacy_look_pt look);
static unsigned pintag_privacy_preferred(const pintag_json_t *preferences,
    pintag_str_t category);
static unsigned pintag_privacy_holds(const pintag_json_t *list,
    pintag_str_t text);
static unsigned pintag_privacy_equals(const pintag_json_t *value,
    pintag_str_t text);
static unsigned pintag_privacy_opted_out(const pintag_json_t *value);


/* in an event's "integrations"; "All" is the last */

static const pintag_str_t  pintag_privacy_names[] = {
    pintag_str("Pinterest"),
    pintag_str("Pinterest Tag"),
    pintag_str("Pinterest Conversions"),
    pintag_str("Pinterest Conversions API"),
    pintag_str("All")
};

#define PINTAG_PRIVACY_NAMES                                                  \
    (sizeof(pintag_privacy_names) / sizeof(pintag_privacy_names[0]))

#define PINTAG_PRIVACY_ALL  (PINTAG_PRIVACY_NAMES - 1)


int
pintag_privacy_skip(const pintag_event_t *event,
    const pintag_integration_t *integration, const pintag_client_t *client,
    const char **reason)
{
    if (integration->write_keys.n
        && !pintag_write_key_allowed(
               event->root.members[PINTAG_NAME_WRITE_KEY].value, client,
               &integration->write_keys))
    {
        *reason = "write_key";
        return 1;
    }

    if (client->signal == PINTAG_SIGNAL_DROP) {
        *reason = "privacy_signal";
        return 1;
    }

    if (pintag_privacy_disabled(event)) {
        *reason = "integration_disabled";
        return 1;
    }

    if (pintag_privacy_denied(event, integration)) {
        *reason = "event_denied";
        return 1;
    }

    if (integration->consent.n == 0) {
        return 0;
    }

    *reason = "no_consent";

    return pintag_privacy_withheld(event, &integration->consent);
}


unsigned
pintag_privacy_limited(const pintag_event_t *event,
    const pintag_integration_t *integration, const pintag_client_t *client)
{
    const pintag_json_t   *own, *value;
    pintag_event_known_t  *opt_out;

    own = event->properties.members[PINTAG_NAME_OPT_OUT_TYPE].value;

    if (integration->limited || client->signal == PINTAG_SIGNAL_LDP
        || pintag_privacy_opted_out(own))
    {
        return 1;
    }

    /* it may be the envelope's, the same for all events */

    value = event->context.members[PINTAG_NAME_OPT_OUT_TYPE].value;
    opt_out = &event->cache->opt_out;

    if (value != NULL && opt_out->value != value) {
        opt_out->value = value;
        opt_out->rc = pintag_privacy_opted_out(value);
    }

    return value != NULL && opt_out->rc;
}


/* the envelope's are the same for all events */

static unsigned
pintag_privacy_disabled(const pintag_event_t *event)
{
    const pintag_json_t   *integrations;
    pintag_event_known_t  *disabled;

    integrations = event->root.members[PINTAG_NAME_INTEGRATIONS].value;

    if (pintag_json_kind(integrations) != PINTAG_JSON_OBJECT) {
        return 0;
    }

    disabled = &event->cache->disabled;

    if (disabled->value != integrations) {
        disabled->value = integrations;
        disabled->rc = pintag_privacy_turned_off(integrations);
    }

    return disabled->rc;
}


/*
 * Of two members of one name the one spelled as above counts, else the first;
 * those of "(Actions)" count by themselves.
 */

static unsigned
pintag_privacy_turned_off(const pintag_json_t *integrations)
{
    size_t                i;
    unsigned              actions, all, enabled;
    pintag_str_t          name;
    pintag_json_iter_t    it;
    pintag_json_kind_e    kind;
    const pintag_json_t  *values[2][PINTAG_PRIVACY_NAMES];

    memset(values, 0, sizeof(values));

    pintag_json_each(integrations, &it);

    while (pintag_json_next(&it)) {
        name = it.key;
        actions = pintag_privacy_actions(&name);

        for (i = 0; i < PINTAG_PRIVACY_NAMES; i++) {

            if (!pintag_name_eq(PINTAG_FOLD_NAME, pintag_privacy_names[i],
                                name))
            {
                continue;
            }

            if (values[actions][i] == NULL
                || pintag_str_eq(pintag_privacy_names[i], it.key))
            {
                values[actions][i] = it.value;
            }

            break;
        }
    }

    all = 1;
    enabled = 0;

    for (actions = 0; actions < 2; actions++) {
        for (i = 0; i < PINTAG_PRIVACY_ALL; i++) {
            kind = pintag_json_kind(values[actions][i]);

            if (kind == PINTAG_JSON_FALSE) {
                return 1;
            }

            enabled |= kind == PINTAG_JSON_TRUE || kind == PINTAG_JSON_OBJECT;
        }

        kind = pintag_json_kind(values[actions][PINTAG_PRIVACY_ALL]);
        all &= kind != PINTAG_JSON_FALSE;
    }

    return !all && !enabled;
}


/* takes a trailing "(Actions)" off the name, 1 when there was one */

static unsigned
pintag_privacy_actions(pintag_str_t *name)
{
    size_t         i, len;
    unsigned char  c;

    static const pintag_str_t  actions = pintag_str("(actions)");

    len = name->len;
    i = actions.len;

    while (i != 0) {

        if (len == 0) {
            return 0;
        }

        c = name->data[--len];

        if (c == ' ' || c == '_' || c == '-') {
            continue;
        }

        if (c >= 'A' && c <= 'Z') {
            c |= 0x20;
        }

        if (c != actions.data[--i]) {
            return 0;
        }
    }

    name->len = len;

    return 1;
}


static unsigned
pintag_privacy_denied(const pintag_event_t *event,
    const pintag_integration_t *integration)
{
    pintag_str_t  name;

    static const pintag_str_t  page = pintag_str("Page");
    static const pintag_str_t  screen = pintag_str("Screen");

    switch (event->type) {

    case PINTAG_TYPE_PAGE:
        name = page;
        break;

    case PINTAG_TYPE_SCREEN:
        name = screen;
        break;

    default:
        name = event->name;
        break;
    }

    return (integration->allow_events.n
            && pintag_names_find(&integration->allow_events, name) == -1)
           || (integration->deny_events.n
               && pintag_names_find(&integration->deny_events, name) != -1);
}


/* 1 when there is no consent to one of the categories, -1 without memory */

static int
pintag_privacy_withheld(const pintag_event_t *event,
    const pintag_list_t *categories)
{
    size_t                  i;
    const pintag_json_t    *preferences, *allowed, *denied;
    const pintag_member_t  *consent, *management;

    consent = pintag_event_object(event, PINTAG_OBJECT_CONSENT);
    management = pintag_event_object(event, PINTAG_OBJECT_CONSENT_MANAGEMENT);

    if (consent == NULL || management == NULL) {
        return -1;
    }

    preferences = consent[PINTAG_NAME_CATEGORY_PREFERENCES].value;
    allowed = management[PINTAG_NAME_ALLOWED_CONSENT_IDS].value;
    denied = management[PINTAG_NAME_DENIED_CONSENT_IDS].value;

    for (i = 0; i < categories->n; i++) {

        if ((pintag_json_kind(preferences) != PINTAG_JSON_NULL
             && !pintag_privacy_known(event, preferences, &categories->elts[i],
                                      pintag_privacy_preferred))
            || (pintag_json_kind(allowed) != PINTAG_JSON_NULL
                && !pintag_privacy_known(event, allowed, &categories->elts[i],
                                         pintag_privacy_holds))
            || pintag_privacy_known(event, denied, &categories->elts[i],
                                    pintag_privacy_holds))
        {
            return 1;
        }
    }

    return 0;
}


/* of what may be the envelope's: whether it tells of a category */

static unsigned
pintag_privacy_known(const pintag_event_t *event, const pintag_json_t *value,
    const pintag_str_t *category, pintag_privacy_look_pt look)
{
    pintag_event_known_t  *known;

    known = pintag_event_known(event, value, category);

    if (known == NULL) {
        return look(value, *category);
    }

    if (known->rc == -1) {
        known->rc = look(value, *category);
    }

    return known->rc;
}


static unsigned
pintag_privacy_preferred(const pintag_json_t *preferences,
    pintag_str_t category)
{
    pintag_json_iter_t    it;
    const pintag_json_t  *value;

    if (pintag_json_kind(preferences) != PINTAG_JSON_OBJECT) {
        return 0;
    }

    value = NULL;

    pintag_json_each(preferences, &it);

    while (pintag_json_next(&it)) {

        if (pintag_str_eq(it.key, category)) {
            value = it.value;
            break;
        }

        if (value == NULL
            && pintag_name_eq(PINTAG_FOLD_NAME, it.key, category))
        {
            value = it.value;
        }
    }

    return pintag_json_kind(value) == PINTAG_JSON_TRUE;
}


/* a scalar is a list of one */

static unsigned
pintag_privacy_holds(const pintag_json_t *list, pintag_str_t text)
{
    pintag_json_iter_t  it;

    if (pintag_json_kind(list) != PINTAG_JSON_ARRAY) {
        return pintag_privacy_equals(list, text);
    }

    pintag_json_each(list, &it);

    while (pintag_json_next(&it)) {
        if (pintag_privacy_equals(it.value, text)) {
            return 1;
        }
    }

    return 0;
}


static unsigned
pintag_privacy_equals(const pintag_json_t *value, pintag_str_t text)
{
    pintag_str_t   own;
    unsigned char  digits[PINTAG_NUMBER_LEN];

    return pintag_member_scalar(value, digits, &own)
           && pintag_str_eq(own, text);
}


/* "LDP" as one item of a comma list */

static unsigned
pintag_privacy_opted_out(const pintag_json_t *value)
{
    pintag_str_t          text, item;
    const unsigned char  *comma;

    static const pintag_str_t  limited = pintag_str("LDP");

    if (pintag_json_kind(value) != PINTAG_JSON_STRING) {
        return 0;
    }

    text = pintag_json_string(value);

    while (text.len) {
        item = text;
        comma = memchr(text.data, ',', text.len);

        if (comma) {
            item.len = (size_t) (comma - text.data);
        }

        if (pintag_str_case_eq(pintag_str_trim(item), limited)) {
            return 1;
        }

        if (comma == NULL) {
            break;
        }

        text.data = comma + 1;
        text.len -= item.len + 1;
    }

    return 0;
}
