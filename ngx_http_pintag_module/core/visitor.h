
/*
 * Copyright (C) the ngx_http_pintag_module authors
 *
 * The context of the visitor: what an event or the request it came with tells
 * of the page and the browser.
 */


#ifndef PINTAG_VISITOR_H
#define PINTAG_VISITOR_H


#include <stdint.h>

#include "arena.h"
#include "event.h"
#include "integrations.h"
#include "text.h"


/* longer page URLs and user agents do not leave */
#define PINTAG_VISITOR_MAX  2000


typedef enum {
    PINTAG_SIGNAL_NONE = 0,
    PINTAG_SIGNAL_LDP,         /* limited data processing */
    PINTAG_SIGNAL_DROP         /* send nothing */
} pintag_signal_e;


/* the client's request, as far as mapping may know of it; absent: NULL data */

typedef struct {
    pintag_str_t      user_agent;      /* a browser's only */
    pintag_str_t      address;         /* a browser's only */
    pintag_str_t      epik;            /* cookies, as they came */
    pintag_str_t      pin_unauth;
    pintag_str_t      derived_epik;
    pintag_str_t      write_key;       /* of the request's head */
    pintag_signal_e   signal;
    int64_t           now;             /* when it came, Unix seconds */
} pintag_client_t;


/* what of it goes with an event; absent: NULL data; fit for a header */

typedef struct {
    pintag_str_t      page_url;
    pintag_str_t      user_agent;
    pintag_str_t      address;         /* IPv4 or IPv6 */
    pintag_str_t      click_id;
    pintag_str_t      pin_unauth;
    pintag_str_t      derived_epik;
} pintag_visitor_t;


/*
 * page_url: context.page.url, else the "url" of a page event's properties;
 * http and https only, without personal data, control bytes encoded.
 * user_agent: context.userAgent, else the client's.  address: context.ip, else
 * the event's request_ip, else the client's.  click_id: "epik" of the page URL,
 * else the client's cookie, else property or context "epik" or "click_id".
 * Texts borrow from the event, the client, or the arena.  1, or 0 without
 * memory.
 */
unsigned pintag_visitor_read(const pintag_event_t *event,
    const pintag_integration_t *integration, const pintag_client_t *client,
    pintag_arena_t *arena, pintag_visitor_t *visitor);

/*
 * An id that a value is: 1; 0 when it is absent, longer than PINTAG_VISITOR_MAX
 * or holds an e-mail address; -1 without memory.  What it gives is borrowed
 * from the event's document or, of a number, in the arena.
 */
int pintag_visitor_value(const pintag_event_t *event,
    const pintag_json_t *value, pintag_arena_t *arena, pintag_str_t *id);


#endif /* PINTAG_VISITOR_H */
