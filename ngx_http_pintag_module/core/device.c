
/*
 * Copyright (C) the ngx_http_pintag_module authors
 */


#include <stddef.h>
#include <string.h>

#include "device.h"
#include "pii.h"


#define PINTAG_LANGUAGE_LEN  2

/* of a language, a system and the like, with white space around it */
#define PINTAG_DEVICE_WORD   64


typedef struct {
    const char       *text;
    pintag_source_e   source;
} pintag_named_source_t;


static unsigned pintag_device_text(const pintag_event_t *event,
    const pintag_integration_t *integration, const pintag_member_t *member,
    pintag_arena_t *arena, pintag_str_t *text);
static unsigned pintag_device_language(const pintag_json_t *locale,
    pintag_arena_t *arena, pintag_str_t *language);
static pintag_source_e pintag_device_named(const pintag_json_t *value,
    const pintag_named_source_t *sources, size_t n);
static unsigned pintag_device_is(const pintag_json_t *value,
    const char *text);


/* in clear, under Pinterest's names */

static const struct {
    pintag_object_e   object;
    pintag_name_id_e  id;
    size_t            offset;
} pintag_device_texts[] = {
    { PINTAG_OBJECT_APP, PINTAG_NAME_NAMESPACE,
      offsetof(pintag_device_t, app_id) },
    { PINTAG_OBJECT_APP, PINTAG_NAME_NAME,
      offsetof(pintag_device_t, app_name) },
    { PINTAG_OBJECT_APP, PINTAG_NAME_VERSION,
      offsetof(pintag_device_t, app_version) },
    { PINTAG_OBJECT_DEVICE, PINTAG_NAME_MANUFACTURER,
      offsetof(pintag_device_t, brand) },
    { PINTAG_OBJECT_DEVICE, PINTAG_NAME_MODEL,
      offsetof(pintag_device_t, model) },
    { PINTAG_OBJECT_DEVICE, PINTAG_NAME_TYPE,
      offsetof(pintag_device_t, type) },
    { PINTAG_OBJECT_NETWORK, PINTAG_NAME_CARRIER,
      offsetof(pintag_device_t, carrier) },
    { PINTAG_OBJECT_OS, PINTAG_NAME_VERSION,
      offsetof(pintag_device_t, os_version) }
};

#define PINTAG_DEVICE_TEXTS                                                   \
    (sizeof(pintag_device_texts) / sizeof(pintag_device_texts[0]))


/* "action_source" as Pinterest has it */

static const pintag_named_source_t  pintag_device_sources[] = {
    { "web", PINTAG_SOURCE_WEB },
    { "app_ios", PINTAG_SOURCE_APP_IOS },
    { "app_android", PINTAG_SOURCE_APP_ANDROID },
    { "offline", PINTAG_SOURCE_OFFLINE }
};

/* the type of a device, the name of a system */

static const pintag_named_source_t  pintag_device_systems[] = {
    { "ios", PINTAG_SOURCE_APP_IOS },
    { "iphone os", PINTAG_SOURCE_APP_IOS },
    { "ipados", PINTAG_SOURCE_APP_IOS },
    { "android", PINTAG_SOURCE_APP_ANDROID }
};

#define pintag_device_source_of(value, sources)                               \
    pintag_device_named(value, sources,                                       \
                        sizeof(sources) / sizeof(pintag_named_source_t))


unsigned
pintag_device_read(const pintag_event_t *event,
    const pintag_integration_t *integration, pintag_arena_t *arena,
    pintag_device_t *device)
{
    size_t                  i;
    pintag_str_t           *text;
    const pintag_member_t  *members;

    memset(device, 0, sizeof(pintag_device_t));

    for (i = 0; i < PINTAG_DEVICE_TEXTS; i++) {
        members = pintag_event_object(event, pintag_device_texts[i].object);

        if (members == NULL) {
            return 0;
        }

        text = (pintag_str_t *) ((char *) device
                                 + pintag_device_texts[i].offset);

        if (!pintag_device_text(event, integration,
                                &members[pintag_device_texts[i].id], arena,
                                text))
        {
            return 0;
        }
    }

    members = pintag_event_object(event, PINTAG_OBJECT_NETWORK);

    if (members == NULL) {
        return 0;
    }

    switch (pintag_json_kind(members[PINTAG_NAME_WIFI].value)) {

    case PINTAG_JSON_TRUE:
        device->wifi = PINTAG_TRUE;
        break;

    case PINTAG_JSON_FALSE:
        device->wifi = PINTAG_FALSE;
        break;

    default:
        break;
    }

    return pintag_device_language(
               event->context.members[PINTAG_NAME_LOCALE].value, arena,
               &device->language)
           && pintag_device_opt_out(event, &device->opt_out);
}


unsigned
pintag_device_opt_out(const pintag_event_t *event, pintag_told_e *opt_out)
{
    const pintag_json_t    *enabled;
    const pintag_member_t  *device;

    *opt_out = PINTAG_UNTOLD;

    device = pintag_event_object(event, PINTAG_OBJECT_DEVICE);

    if (device == NULL) {
        return 0;
    }

    enabled = device[PINTAG_NAME_AD_TRACKING_ENABLED].value;

    if (pintag_json_kind(enabled) == PINTAG_JSON_FALSE
        || pintag_device_is(enabled, "false"))
    {
        *opt_out = PINTAG_TRUE;

    } else if (pintag_json_kind(enabled) == PINTAG_JSON_TRUE
               || pintag_device_is(enabled, "true"))
    {
        *opt_out = PINTAG_FALSE;
    }

    return 1;
}


unsigned
pintag_device_source(const pintag_event_t *event,
    const pintag_integration_t *integration, pintag_source_e *source)
{
    size_t                  i;
    unsigned                mobile;
    const pintag_json_t    *values[4];
    const pintag_member_t  *device, *os;

    device = pintag_event_object(event, PINTAG_OBJECT_DEVICE);
    os = pintag_event_object(event, PINTAG_OBJECT_OS);

    if (device == NULL || os == NULL) {
        return 0;
    }

    values[0] = event->properties.members[PINTAG_NAME_ACTION_SOURCE].value;
    values[1] = event->context.members[PINTAG_NAME_ACTION_SOURCE].value;
    values[2] = event->root.members[PINTAG_NAME_CHANNEL].value;
    values[3] = event->context.members[PINTAG_NAME_CHANNEL].value;

    for (i = 0; i < 4; i++) {
        *source = pintag_device_source_of(values[i], pintag_device_sources);

        if (*source != PINTAG_SOURCE_UNSET) {
            return 1;
        }
    }

    *source = pintag_device_source_of(device[PINTAG_NAME_TYPE].value,
                                      pintag_device_systems);

    mobile = pintag_device_is(values[2], "mobile")
             || pintag_device_is(values[3], "mobile");

    if (*source == PINTAG_SOURCE_UNSET && mobile) {
        *source = pintag_device_source_of(os[PINTAG_NAME_NAME].value,
                                          pintag_device_systems);
    }

    if (*source == PINTAG_SOURCE_UNSET) {
        *source = integration->action_source;
    }

    if (*source == PINTAG_SOURCE_UNSET) {
        *source = PINTAG_SOURCE_WEB;
    }

    return 1;
}


/* 1, or 0 without memory */

static unsigned
pintag_device_text(const pintag_event_t *event,
    const pintag_integration_t *integration, const pintag_member_t *member,
    pintag_arena_t *arena, pintag_str_t *text)
{
    int                    rc;
    pintag_pii_scope_e     scope;
    pintag_event_known_t  *known;

    scope = (integration->pii.page_only && event->type == PINTAG_TYPE_TRACK)
            ? PINTAG_PII_STRICT : PINTAG_PII_ALL;

    /* it may be the envelope's, the same for all events */

    known = pintag_event_known(event, member->value,
                               (const char *) &integration->pii + scope);

    if (known != NULL) {

        if (known->rc != -1) {
            *text = known->text;
            return 1;
        }

        arena = event->arena;
    }

    rc = pintag_member_text(member->value, arena, text);

    if (rc == 1 && text->len > PINTAG_DEVICE_MAX) {
        rc = 0;
    }

    if (rc == 1) {
        rc = pintag_pii_value(&integration->pii, scope, member->key, *text,
                              arena, text);
    }

    /* what has lost all of it is absent */

    if (rc == 1 && pintag_str_blank(*text)) {
        rc = 0;
    }

    if (rc != 1) {
        text->len = 0;
        text->data = NULL;
    }

    if (known != NULL) {
        known->rc = rc;
        known->text = *text;
    }

    return rc != -1;
}


/* "en" of "en-US"; 1, or 0 without memory */

static unsigned
pintag_device_language(const pintag_json_t *locale, pintag_arena_t *arena,
    pintag_str_t *language)
{
    size_t        i;
    pintag_str_t  text;

    if (pintag_json_kind(locale) != PINTAG_JSON_STRING) {
        return 1;
    }

    text = pintag_json_string(locale);

    if (text.len > PINTAG_DEVICE_WORD) {
        return 1;
    }

    text = pintag_str_trim(text);

    if (text.len < PINTAG_LANGUAGE_LEN) {
        return 1;
    }

    text.len = PINTAG_LANGUAGE_LEN;

    for (i = 0; i < text.len; i++) {
        if ((text.data[i] | 0x20) < 'a' || (text.data[i] | 0x20) > 'z') {
            return 1;
        }
    }

    *language = pintag_str_lower(text, arena);

    return language->data != NULL;
}


static pintag_source_e
pintag_device_named(const pintag_json_t *value,
    const pintag_named_source_t *sources, size_t n)
{
    size_t  i;

    for (i = 0; i < n; i++) {
        if (pintag_device_is(value, sources[i].text)) {
            return sources[i].source;
        }
    }

    return PINTAG_SOURCE_UNSET;
}


static unsigned
pintag_device_is(const pintag_json_t *value, const char *text)
{
    pintag_str_t  own, s;

    if (pintag_json_kind(value) != PINTAG_JSON_STRING) {
        return 0;
    }

    own = pintag_json_string(value);

    if (own.len > PINTAG_DEVICE_WORD) {
        return 0;
    }

    s.data = (const unsigned char *) text;
    s.len = strlen(text);

    return pintag_str_case_eq(pintag_str_trim(own), s);
}
