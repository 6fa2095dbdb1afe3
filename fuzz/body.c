
/*
 * Copyright (C) the ngx_http_pintag_module authors
 *
 * A body: its events are read, mapped and encoded.  The first byte of the
 * input chooses the format and the path; where it says so the second is how
 * many allocations there is memory for.
 */


#include <string.h>

#include "map.h"


#define FUZZ_FORMAT     0x03
#define FUZZ_PAGE       0x04
#define FUZZ_NO_CLIENT  0x08
#define FUZZ_SHORT      0x10
#define FUZZ_NO_MEMORY  0x20

/* with FUZZ_SHORT, so that what makes room is reached by small events */
#define FUZZ_SHORT_EVENT  1024

/* events that are mapped once more with a view of their own */
#define FUZZ_ALONE        8

/* pintag_max_events, small enough to be reached */
#define FUZZ_MAX_EVENTS   100


typedef struct {
    fuzz_memory_t   body_memory;
    pintag_body_t   body;
    pintag_buf_t    out;
} fuzz_request_t;


static void fuzz_count(pintag_str_t text);
static pintag_verdict_e fuzz_read(fuzz_request_t *request, pintag_str_t text,
    pintag_body_format_e format, size_t *left);
static void fuzz_forget(fuzz_request_t *request);
static void fuzz_alone(const fuzz_mapping_t *mapping,
    fuzz_request_t *request);


static const char  fuzz_yaml[] =
    "- name: pinterest\n"
    "  config:\n"
    "    tagId: \"2612826764086\"\n"
    "    handleCustomAsPartnerDefinedEvent: true\n"
    "    valueFieldIdentifier: price\n"
    "    customEventsMapping:\n"
    "      - {event: X, mapping: ViewContent, valueFieldIdentifier: \"\"}\n"
    "      - {event: X, mapping: Subscribe, valueFieldIdentifier: price}\n"
    "      - {event: Order Updated, mapping: Lead}\n"
    "    customPropertiesForStandardEvents: [prop1, prop2]\n"
    "- name: pinterest\n"
    "  config:\n"
    "    tagId: \"1\"\n"
    "    adAccountId: \"549755885175\"\n"
    "    accessToken: t\n"
    "    standardEvents: extended\n"
    "    enhancedMatchOnPage: true\n"
    "    forwardClientAddress: true\n"
    "    partnerName: ss-segment\n"
    "    np: segment\n"
    "- name: pinterest\n"
    "  config:\n"
    "    tagId: \"2\"\n"
    "    adAccountId: \"2\"\n"
    "    accessToken: t\n"
    "    removePii: page\n"
    "    piiProperties: [loyalty_card]\n"
    "    piiAllow: [state]\n"
    "    deduplicationKey: properties.order_id\n"
    "    limitedDataProcessing: {state: CA, country: US}\n"
    "- name: pinterest\n"
    "  config:\n"
    "    adAccountId: \"3\"\n"
    "    accessToken: t\n"
    "    consentCategories: [Advertising]\n"
    "    writeKeys: [THD1]\n"
    "    denyEvents: [Debug]\n";


int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    size_t                 left, *limit;
    unsigned               how, mapped;
    pintag_str_t           text;
    fuzz_input_t           input;
    fuzz_memory_t          memory;
    fuzz_mapping_t         mapping;
    fuzz_request_t         request, again;
    pintag_event_t         event;
    pintag_verdict_e       verdict;
    pintag_body_format_e   format;

    static const pintag_integrations_t  *integrations;
    static const pintag_client_t         nobody;

    if (integrations == NULL) {
        integrations = fuzz_integrations(fuzz_yaml);
    }

    input.data = data;
    input.len = size;

    how = fuzz_byte(&input);
    limit = NULL;

    if (how & FUZZ_NO_MEMORY) {
        left = fuzz_byte(&input);
        limit = &left;
    }

    text = fuzz_rest(&input);

    switch (how & FUZZ_FORMAT) {

    case 1:
        format = PINTAG_BODY_LINES;
        break;

    case 2:
        format = PINTAG_BODY_PIXEL;
        break;

    default:
        format = PINTAG_BODY_JSON;
        break;
    }

    mapping.integrations = integrations;
    mapping.client = (how & FUZZ_NO_CLIENT) ? &nobody : &fuzz_client;
    mapping.type = (how & FUZZ_PAGE) ? PINTAG_TYPE_PAGE : PINTAG_TYPE_NONE;
    mapping.emails = 0;
    mapping.max = (how & FUZZ_SHORT) ? FUZZ_SHORT_EVENT : FUZZ_MAX_EVENT;

    fuzz_count(text);

    verdict = fuzz_read(&request, text, format, limit);

    if (verdict != PINTAG_OK) {
        fuzz_check(verdict == PINTAG_REJECTED || limit != NULL);
        fuzz_forget(&request);
        return 0;
    }

    mapped = pintag_event_init(&event, &integrations->names,
                               fuzz_memory_init(&memory, limit));

    if (mapped) {
        mapped = fuzz_map(&mapping, &event, &request.body, 0, request.body.n,
                          &request.body_memory.arena, limit, &request.out);
    }

    fuzz_check(mapped || limit != NULL);

    if (mapped && limit == NULL) {

        fuzz_alone(&mapping, &request);

        /* the same view gives the same of the same body, read once more */

        pintag_body_free(&request.body);
        fuzz_memory_free(&request.body_memory);

        (void) fuzz_read(&again, text, format, NULL);
        fuzz_check(fuzz_map(&mapping, &event, &again.body, 0, again.body.n,
                            &again.body_memory.arena, NULL, &again.out));

        fuzz_check(again.out.len == request.out.len);
        fuzz_check(again.out.len == 0
                   || memcmp(again.out.data, request.out.data,
                             again.out.len) == 0);

        fuzz_forget(&again);
    }

    pintag_event_free(&event);
    fuzz_memory_free(&memory);
    fuzz_forget(&request);

    return 0;
}


/* what would be refused unread: as many as there are is not too many */

static void
fuzz_count(pintag_str_t text)
{
    size_t  n;

    n = pintag_body_values(text) + pintag_body_separators(text);

    fuzz_check(!pintag_body_complex(text, n));
    fuzz_check(n == 0 || pintag_body_complex(text, n - 1));
}


static pintag_verdict_e
fuzz_read(fuzz_request_t *request, pintag_str_t text,
    pintag_body_format_e format, size_t *left)
{
    size_t               i;
    pintag_verdict_e     verdict;
    pintag_body_error_t  error;

    /* of its own memory: what is encoded moves as the buffer grows */

    pintag_buf_init(&request->out, NULL, 0);

    memset(&error, 0, sizeof(error));

    verdict = pintag_body_read(text, format, FUZZ_MAX_EVENTS,
                               fuzz_memory_init(&request->body_memory, left),
                               &request->body, &error);

    if (verdict == PINTAG_REJECTED) {
        fuzz_check(error.error != NULL && error.message != NULL);
        fuzz_check((error.line != 0) == (error.column != 0));
    }

    if (verdict == PINTAG_OK) {
        fuzz_check(request->body.n <= FUZZ_MAX_EVENTS);

        for (i = 0; i < request->body.ndocs; i++) {
            fuzz_check(pintag_json_max_depth(request->body.docs[i])
                       <= request->body.max_depth);
        }

    } else {
        memset(&request->body, 0, sizeof(pintag_body_t));
    }

    return verdict;
}


static void
fuzz_forget(fuzz_request_t *request)
{
    pintag_body_free(&request->body);
    fuzz_memory_free(&request->body_memory);
    pintag_buf_free(&request->out);
}


/* what an event becomes does not depend on those before it */

static void
fuzz_alone(const fuzz_mapping_t *mapping, fuzz_request_t *request)
{
    size_t          i, n;
    pintag_buf_t    out;
    fuzz_memory_t   memory, out_memory;
    pintag_event_t  event;

    pintag_buf_init(&out, fuzz_memory_init(&out_memory, NULL), 0);

    n = (request->body.n < FUZZ_ALONE) ? request->body.n : FUZZ_ALONE;

    for (i = 0; i < n; i++) {
        fuzz_check(pintag_event_init(&event, &mapping->integrations->names,
                                     fuzz_memory_init(&memory, NULL)));
        fuzz_check(fuzz_map(mapping, &event, &request->body, i, 1,
                            &request->body_memory.arena, NULL, &out));

        pintag_event_free(&event);
        fuzz_memory_free(&memory);
    }

    fuzz_check(out.len <= request->out.len);
    fuzz_check(out.len == 0
               || memcmp(out.data, request->out.data, out.len) == 0);

    fuzz_memory_free(&out_memory);
}
