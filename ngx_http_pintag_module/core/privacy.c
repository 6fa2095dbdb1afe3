
/*
 * Copyright (C) the ngx_http_pintag_module authors
 */


#include "privacy.h"


const char *
pintag_privacy_skip(const pintag_event_t *event,
    const pintag_integration_t *integration, const pintag_client_t *client)
{
    (void) event; (void) integration; (void) client;
    return NULL;
}


unsigned
pintag_privacy_limited(const pintag_event_t *event,
    const pintag_integration_t *integration, const pintag_client_t *client)
{
    (void) event; (void) integration; (void) client;
    return 0;
}
