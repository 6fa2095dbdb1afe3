
/*
 * Copyright (C) the ngx_http_pintag_module authors
 *
 * Consent and opt-outs: whether an event may go to a destination at all, and
 * whether its processing is limited.
 */


#ifndef PINTAG_PRIVACY_H
#define PINTAG_PRIVACY_H


#include "event.h"
#include "integrations.h"
#include "visitor.h"


/*
 * 0 when the event may go to the destination; 1 with the reason why it does
 * not, static text: "write_key", "privacy_signal", "integration_disabled",
 * "event_denied", "no_consent", the first of these in this order; -1 without
 * memory.
 */
int pintag_privacy_skip(const pintag_event_t *event,
    const pintag_integration_t *integration, const pintag_client_t *client,
    const char **reason);

/*
 * 1 for limited data processing: the property or context opt_out_type says
 * LDP, the destination is configured so, or the request signals it.
 */
unsigned pintag_privacy_limited(const pintag_event_t *event,
    const pintag_integration_t *integration, const pintag_client_t *client);


#endif /* PINTAG_PRIVACY_H */
