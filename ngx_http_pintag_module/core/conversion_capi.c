
/*
 * Copyright (C) the ngx_http_pintag_module authors
 */


#include <string.h>

#include "conversion_data.h"
#include "event_time.h"


static void pintag_data_contents(pintag_data_t *data, pintag_capi_t *capi);
static unsigned pintag_data_partner_id(pintag_data_t *data,
    pintag_str_t *partner_id);


unsigned
pintag_data_capi(pintag_data_t *data, const pintag_client_t *client,
    pintag_capi_t *capi)
{
    const pintag_event_t        *event;
    const pintag_integration_t  *integration;

    event = data->event;
    integration = data->integration;

    memset(capi, 0, sizeof(pintag_capi_t));

    capi->event_time = pintag_event_time(event, client->now);

    if (integration->partner_name.len) {
        capi->partner_name = integration->partner_name;
    }

    if (integration->np.len) {
        capi->np = integration->np;
    }

    pintag_data_contents(data, capi);

    return !data->no_memory
           && pintag_data_partner_id(data, &capi->partner_id)
           && pintag_device_source(event, integration, &capi->action_source)
           && pintag_device_read(event, integration, data->arena,
                                 &capi->device)
           && pintag_identity_read(event, integration, data->arena,
                                   &capi->identity);
}


static void
pintag_data_contents(pintag_data_t *data, pintag_capi_t *capi)
{
    const pintag_event_t   *event;
    const pintag_member_t  *p;

    event = data->event;
    p = event->properties.members;

    (void) pintag_data_text(data, &p[PINTAG_NAME_CONTENT_CATEGORY],
                            &capi->content_category);
    (void) pintag_data_text(data, &p[PINTAG_NAME_CONTENT_BRAND],
                            &capi->content_brand);

    /* a page that is named is the content */

    if (!pintag_data_text(data, &p[PINTAG_NAME_CONTENT_NAME],
                          &capi->content_name)
        && event->type != PINTAG_TYPE_TRACK
        && !pintag_data_text(data, &p[PINTAG_NAME_NAME],
                             &capi->content_name))
    {
        (void) pintag_data_text(data, &event->root.members[PINTAG_NAME_NAME],
                                &capi->content_name);
    }
}


/* an id of the traits, in clear, as Pinterest wants it; 1, or 0 */

static unsigned
pintag_data_partner_id(pintag_data_t *data, pintag_str_t *partner_id)
{
    int                     rc;
    size_t                  i;
    const pintag_member_t  *traits;

    static const pintag_object_e  objects[] = {
        PINTAG_OBJECT_TRAITS, PINTAG_OBJECT_CONTEXT_TRAITS
    };

    for (i = 0; i < sizeof(objects) / sizeof(objects[0]); i++) {
        traits = pintag_event_object(data->event, objects[i]);

        if (traits == NULL) {
            return 0;
        }

        rc = pintag_visitor_value(data->event,
                                  traits[PINTAG_NAME_PARTNER_ID].value,
                                  data->arena, partner_id);

        if (rc == 1) {
            return 1;
        }

        if (rc == -1) {
            return 0;
        }
    }

    return 1;
}
