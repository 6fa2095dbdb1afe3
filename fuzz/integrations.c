
/*
 * Copyright (C) the ngx_http_pintag_module authors
 *
 * An integrations.yaml.  One that can be read maps an event.  The first byte
 * of the input says how many allocations there is memory for.
 */


#include <string.h>

#include "map.h"


/* with it there is memory for as many allocations as the byte's other bits */
#define FUZZ_NO_MEMORY  0x80U


typedef struct {
    unsigned  errors;
} fuzz_reports_t;


static void fuzz_report(void *data, pintag_report_level_e level, size_t line,
    size_t column, const char *message);
static void fuzz_use(const pintag_integrations_t *integrations);


static const char  fuzz_events[] =
    "[{\"type\":\"track\",\"event\":\"Order Completed\",\"userId\":\"u\","
    "\"messageId\":\"m\",\"properties\":{\"price\":1.5,\"prop1\":\"a\","
    "\"email\":\"ada@shop.example\",\"order_id\":7,\"state\":\"paid\","
    "\"products\":[{\"id\":1,\"price\":2,\"quantity\":3}]}},"
    "{\"type\":\"track\",\"event\":\"X\",\"properties\":{\"a\":{\"b\":[1]}}},"
    "{\"type\":\"page\",\"properties\":{\"url\":\"https://a.example/?b=c\"}}]";


int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    size_t                  left;
    unsigned                how;
    fuzz_input_t            input;
    fuzz_memory_t           memory;
    fuzz_reports_t          reports;
    pintag_arena_t         *arena;
    pintag_integrations_t  *integrations;

    input.data = data;
    input.len = size;

    how = fuzz_byte(&input);
    left = how & ~FUZZ_NO_MEMORY;

    reports.errors = 0;

    arena = fuzz_memory_init(&memory, (how & FUZZ_NO_MEMORY) ? &left : NULL);

    integrations = pintag_integrations_read(fuzz_rest(&input), arena,
                                            fuzz_report, &reports);

    fuzz_check(reports.errors == (integrations == NULL));

    if (integrations != NULL && !(how & FUZZ_NO_MEMORY)) {
        fuzz_use(integrations);
    }

    fuzz_memory_free(&memory);

    return 0;
}


static void
fuzz_report(void *data, pintag_report_level_e level, size_t line,
    size_t column, const char *message)
{
    fuzz_reports_t *reports = data;

    pintag_str_t  text;

    reports->errors += (level == PINTAG_REPORT_ERROR);

    fuzz_check(line != 0 && column != 0);

    text.data = (const unsigned char *) message;
    text.len = strlen(message);

    fuzz_check(text.len != 0);
    fuzz_check_shown(text);
}


static void
fuzz_use(const pintag_integrations_t *integrations)
{
    fuzz_memory_t        memory, view, out_memory;
    pintag_body_t        body;
    pintag_buf_t         out;
    fuzz_mapping_t       mapping;
    pintag_event_t       event;
    pintag_body_error_t  error;

    static const pintag_str_t  events = pintag_str(fuzz_events);

    mapping.integrations = integrations;
    mapping.client = &fuzz_client;
    mapping.type = PINTAG_TYPE_NONE;
    mapping.emails = 1;
    mapping.max = FUZZ_MAX_EVENT;

    fuzz_check(pintag_body_read(events, PINTAG_BODY_JSON, 3,
                                fuzz_memory_init(&memory, NULL), &body, &error)
               == PINTAG_OK);

    fuzz_check(pintag_event_init(&event, &integrations->names,
                                 fuzz_memory_init(&view, NULL)));

    pintag_buf_init(&out, fuzz_memory_init(&out_memory, NULL), 0);

    fuzz_check(fuzz_map(&mapping, &event, &body, 0, body.n, &memory.arena,
                        NULL, &out));

    pintag_event_free(&event);
    pintag_body_free(&body);

    fuzz_memory_free(&out_memory);
    fuzz_memory_free(&view);
    fuzz_memory_free(&memory);
}
