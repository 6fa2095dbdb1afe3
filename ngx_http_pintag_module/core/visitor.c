
/*
 * Copyright (C) the ngx_http_pintag_module authors
 */


#include <string.h>

#include <sys/types.h>
#include <sys/socket.h>
#include <netinet/in.h>
#include <arpa/inet.h>

#include "page_url.h"
#include "pii.h"
#include "visitor.h"


/* what is compared and kept of the event before */
#define PINTAG_VISITOR_SEEN  2048

/* beside 1, 0 and -1: there is a text for a URL, but it is none */
#define PINTAG_VISITOR_NO_URL  2

/* of an address, with white space around it */
#define PINTAG_VISITOR_ADDRESS  256


static int pintag_visitor_page(const pintag_event_t *event,
    const pintag_integration_t *integration, pintag_arena_t *arena,
    pintag_visitor_t *visitor, pintag_str_t *raw);
static unsigned pintag_visitor_seen(const pintag_event_seen_t *seen,
    pintag_str_t text, const void *by);
static void pintag_visitor_keep(const pintag_event_t *event,
    pintag_event_seen_t *seen, pintag_str_t text, const void *by, int rc,
    pintag_str_t clean);
static int pintag_visitor_agent(const pintag_event_t *event,
    const pintag_json_t *value, pintag_arena_t *arena, pintag_str_t *agent);
static int pintag_visitor_agent_clean(pintag_str_t text,
    pintag_arena_t *arena, pintag_str_t *agent);
static unsigned pintag_visitor_control(unsigned char c);
static unsigned pintag_visitor_address(const pintag_json_t *value,
    pintag_str_t *address);
static unsigned pintag_address_valid(pintag_str_t text,
    pintag_str_t *address);
static int pintag_visitor_click(const pintag_event_t *event,
    const pintag_client_t *client, pintag_str_t url, pintag_arena_t *arena,
    pintag_str_t *click_id);
static int pintag_visitor_id(pintag_str_t text, pintag_arena_t *arena,
    pintag_str_t *id);


unsigned
pintag_visitor_read(const pintag_event_t *event,
    const pintag_integration_t *integration, const pintag_client_t *client,
    pintag_arena_t *arena, pintag_visitor_t *visitor)
{
    int                     rc;
    pintag_str_t            url;
    const pintag_member_t  *context;

    memset(visitor, 0, sizeof(pintag_visitor_t));

    context = event->context.members;

    if (pintag_visitor_page(event, integration, arena, visitor, &url) == -1) {
        return 0;
    }

    rc = pintag_visitor_agent(event, context[PINTAG_NAME_USER_AGENT].value,
                              arena, &visitor->user_agent);
    if (rc == 0) {
        rc = pintag_visitor_agent_clean(client->user_agent, arena,
                                        &visitor->user_agent);
    }

    if (rc == -1) {
        return 0;
    }

    if (!pintag_visitor_address(context[PINTAG_NAME_IP].value,
                                &visitor->address)
        && !pintag_visitor_address(
                event->root.members[PINTAG_NAME_REQUEST_IP].value,
                &visitor->address))
    {
        (void) pintag_address_valid(client->address, &visitor->address);
    }

    return pintag_visitor_click(event, client, url, arena,
                                &visitor->click_id) != -1
           && pintag_visitor_id(client->pin_unauth, arena,
                                &visitor->pin_unauth) != -1
           && pintag_visitor_id(client->derived_epik, arena,
                                &visitor->derived_epik) != -1;
}


/* "raw" is the URL as it came, empty when there is none: its epik counts */

static int
pintag_visitor_page(const pintag_event_t *event,
    const pintag_integration_t *integration, pintag_arena_t *arena,
    pintag_visitor_t *visitor, pintag_str_t *raw)
{
    int                     rc;
    size_t                  i;
    pintag_str_t            text;
    pintag_pii_scope_e      scope;
    const pintag_json_t    *values[2];
    pintag_event_seen_t    *seen;
    const pintag_member_t  *page;

    static const pintag_str_t  none = pintag_str_null;

    page = pintag_event_object(event, PINTAG_OBJECT_PAGE);

    if (page == NULL) {
        return -1;
    }

    values[0] = page[PINTAG_NAME_URL].value;
    values[1] = (event->type == PINTAG_TYPE_PAGE)
                ? event->properties.members[PINTAG_NAME_URL].value : NULL;

    scope = (integration->pii.page_only && event->type == PINTAG_TYPE_TRACK)
            ? PINTAG_PII_STRICT : PINTAG_PII_ALL;

    for (i = 0; i < 2; i++) {

        if (pintag_json_kind(values[i]) != PINTAG_JSON_STRING) {
            continue;
        }

        text = pintag_json_string(values[i]);
        seen = &event->cache->page[scope][i];

        if (!pintag_visitor_seen(seen, text, &integration->pii)) {

            *raw = pintag_str_trim(text);

            rc = pintag_page_url_valid(*raw)
                 ? pintag_page_url_clean(&integration->pii, scope, *raw, arena,
                                         &visitor->page_url)
                 : PINTAG_VISITOR_NO_URL;

            pintag_visitor_keep(event, seen, text, &integration->pii, rc,
                                visitor->page_url);
            seen->trimmed = *raw;

        } else {
            *raw = seen->trimmed;
            rc = seen->rc;

            if (rc == 1) {
                visitor->page_url = seen->clean;
            }
        }

        if (rc != PINTAG_VISITOR_NO_URL) {
            return rc;
        }
    }

    *raw = none;

    return 0;
}


/* 1 when the text was the last one */

static unsigned
pintag_visitor_seen(const pintag_event_seen_t *seen, pintag_str_t text,
    const void *by)
{
    if (seen->raw.data == NULL || seen->by != by || seen->raw.len != text.len)
    {
        return 0;
    }

    /* an envelope's, which is the same for all events, may be long */

    return seen->raw.data == text.data
           || (text.len <= PINTAG_VISITOR_SEEN
               && memcmp(seen->raw.data, text.data, text.len) == 0);
}


/*
 * From now on the text is the last one, and "clean" what became of it.  That is
 * copied, for what it is made in does not last until the next event, to where
 * the one before was: no number of events takes more memory than one.
 */

static void
pintag_visitor_keep(const pintag_event_t *event, pintag_event_seen_t *seen,
    pintag_str_t text, const void *by, int rc, pintag_str_t clean)
{
    seen->raw.data = NULL;

    if (rc == -1 || (rc == 1 && clean.len > PINTAG_VISITOR_SEEN)) {
        return;
    }

    if (seen->room == NULL) {
        seen->room = pintag_arena_bytes(event->memory, PINTAG_VISITOR_SEEN);

        if (seen->room == NULL) {
            return;
        }
    }

    seen->raw = text;
    seen->by = by;
    seen->rc = rc;

    if (rc == 1) {
        memcpy(seen->room, clean.data, clean.len);

        seen->clean.data = seen->room;
        seen->clean.len = clean.len;
    }
}


/* 1; 0 when it is absent or may not leave; -1 without memory */

static int
pintag_visitor_agent(const pintag_event_t *event, const pintag_json_t *value,
    pintag_arena_t *arena, pintag_str_t *agent)
{
    int                   rc;
    pintag_str_t          text;
    pintag_event_seen_t  *seen;

    if (pintag_json_kind(value) != PINTAG_JSON_STRING) {
        rc = pintag_member_text(value, arena, &text);

        return (rc == 1) ? pintag_visitor_agent_clean(text, arena, agent) : rc;
    }

    seen = &event->cache->agent;
    text = pintag_json_string(value);

    if (!pintag_visitor_seen(seen, text, NULL)) {
        rc = pintag_visitor_agent_clean(text, arena, agent);
        pintag_visitor_keep(event, seen, text, NULL, rc, *agent);

        return rc;
    }

    if (seen->rc == 1) {
        *agent = seen->clean;
    }

    return seen->rc;
}


static int
pintag_visitor_agent_clean(pintag_str_t text, pintag_arena_t *arena,
    pintag_str_t *agent)
{
    int             rc;
    size_t          i, len;
    unsigned char  *dst;

    /* control bytes count as spaces */

    do {
        len = text.len;
        text = pintag_str_trim(text);

        while (text.len && pintag_visitor_control(text.data[0])) {
            text.data++;
            text.len--;
        }

        while (text.len && pintag_visitor_control(text.data[text.len - 1])) {
            text.len--;
        }

    } while (text.len != len);

    if (text.len == 0 || text.len > PINTAG_VISITOR_MAX) {
        return 0;
    }

    for (i = 0; i < text.len; i++) {
        if (pintag_visitor_control(text.data[i])) {
            break;
        }
    }

    if (i != text.len) {
        dst = pintag_arena_bytes(arena, text.len);

        if (dst == NULL) {
            return -1;
        }

        for (i = 0; i < text.len; i++) {
            dst[i] = pintag_visitor_control(text.data[i]) ? ' ' : text.data[i];
        }

        text.data = dst;
    }

    rc = pintag_pii_email(text, arena);

    if (rc != 0) {
        return rc == 1 ? 0 : -1;
    }

    *agent = text;

    return 1;
}


static unsigned
pintag_visitor_control(unsigned char c)
{
    return c < ' ' || c == 0x7f;
}


static unsigned
pintag_visitor_address(const pintag_json_t *value, pintag_str_t *address)
{
    return pintag_json_kind(value) == PINTAG_JSON_STRING
           && pintag_address_valid(pintag_json_string(value), address);
}


/* 1 for an IPv4 or IPv6 address that is one of some host */

static unsigned
pintag_address_valid(pintag_str_t text, pintag_str_t *address)
{
    char           copy[INET6_ADDRSTRLEN];
    unsigned char  binary[sizeof(struct in6_addr)];

    static const unsigned char  any[sizeof(struct in6_addr)];

    if (text.len > PINTAG_VISITOR_ADDRESS) {
        return 0;
    }

    text = pintag_str_trim(text);

    if (text.len == 0 || text.len >= sizeof(copy)
        || memchr(text.data, '\0', text.len))
    {
        return 0;
    }

    memcpy(copy, text.data, text.len);
    copy[text.len] = '\0';

    memset(binary, 0, sizeof(binary));

    if ((inet_pton(AF_INET, copy, binary) != 1
         && inet_pton(AF_INET6, copy, binary) != 1)
        || memcmp(binary, any, sizeof(binary)) == 0)
    {
        return 0;
    }

    *address = text;

    return 1;
}


static int
pintag_visitor_click(const pintag_event_t *event,
    const pintag_client_t *client, pintag_str_t url, pintag_arena_t *arena,
    pintag_str_t *click_id)
{
    int                    rc;
    size_t                 i;
    pintag_str_t           text;
    const pintag_json_t   *values[4];
    pintag_event_seen_t   *seen;

    static const pintag_str_t  epik = pintag_str("epik");

    seen = &event->cache->click;

    if (pintag_visitor_seen(seen, url, NULL)) {
        rc = seen->rc;

        if (rc == 1) {
            *click_id = seen->clean;
        }

    } else {
        rc = pintag_page_url_parameter(url, epik, arena, &text);

        if (rc == 1) {
            rc = pintag_visitor_id(text, arena, click_id);
        }

        pintag_visitor_keep(event, seen, url, NULL, rc, *click_id);
    }

    if (rc == 0) {
        rc = pintag_visitor_id(client->epik, arena, click_id);
    }

    values[0] = event->properties.members[PINTAG_NAME_EPIK].value;
    values[1] = event->properties.members[PINTAG_NAME_CLICK_ID].value;
    values[2] = event->context.members[PINTAG_NAME_EPIK].value;
    values[3] = event->context.members[PINTAG_NAME_CLICK_ID].value;

    for (i = 0; i < 4 && rc == 0; i++) {
        rc = pintag_visitor_value(event, values[i], arena, click_id);
    }

    return rc;
}


int
pintag_visitor_value(const pintag_event_t *event, const pintag_json_t *value,
    pintag_arena_t *arena, pintag_str_t *id)
{
    int                    rc;
    pintag_str_t           text;
    pintag_event_known_t  *known;

    /* it may be the envelope's, the same for all events */

    known = pintag_event_known(event, value, pintag_visitor_value);

    if (known != NULL && known->rc != -1) {
        *id = known->text;
        return known->rc;
    }

    rc = pintag_member_text(value, arena, &text);

    if (rc == 1) {
        rc = pintag_visitor_id(text, arena, id);
    }

    if (known != NULL) {
        known->rc = rc;
        known->text = *id;
    }

    return rc;
}


/* a click id or a cookie: 1, 0 when it is absent or may not leave, -1 */

static int
pintag_visitor_id(pintag_str_t text, pintag_arena_t *arena, pintag_str_t *id)
{
    int  rc;

    if (text.len > PINTAG_VISITOR_MAX || pintag_member_blank(text)) {
        return 0;
    }

    rc = pintag_pii_email(text, arena);

    if (rc != 0) {
        return rc == 1 ? 0 : -1;
    }

    *id = text;

    return 1;
}
