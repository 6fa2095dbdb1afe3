
/*
 * Copyright (C) the ngx_http_pintag_module authors
 */


#include <stdio.h>
#include <string.h>

#include "capi.h"
#include "conversion.h"
#include "json.h"
#include "map.h"
#include "tag.h"


typedef struct {
    const fuzz_mapping_t   *mapping;
    const pintag_event_t   *event;
    pintag_arena_t         *scratch;
    pintag_buf_t           *out;
} fuzz_encoding_t;


static unsigned fuzz_map_entry(fuzz_encoding_t *encoding,
    const pintag_integration_t *integration);
static unsigned fuzz_map_tag(fuzz_encoding_t *encoding,
    const pintag_conversion_t *conversion,
    const pintag_integration_t *integration);
static unsigned fuzz_map_api(fuzz_encoding_t *encoding,
    const pintag_conversion_t *conversion);
static void fuzz_map_verdict(fuzz_encoding_t *encoding, const char *reason);
static void fuzz_check_query(const fuzz_mapping_t *mapping,
    pintag_str_t query);
static void fuzz_check_object(const fuzz_mapping_t *mapping,
    pintag_str_t object);
static void fuzz_check_visitor(const pintag_visitor_t *visitor);
static void fuzz_check_header(pintag_str_t text);
static void fuzz_integrations_report(void *data, pintag_report_level_e level,
    size_t line, size_t column, const char *message);


const pintag_client_t  fuzz_client = {
    .user_agent = pintag_str("Mozilla/5.0 (X11; Linux x86_64)"),
    .address = pintag_str("192.0.2.7"),
    .epik = pintag_str("dj0yJnU9"),
    .pin_unauth = pintag_str("dWlkPU5q"),
    .derived_epik = pintag_str("dj0yJnU9ZGVyaXZlZA"),
    .write_key = pintag_str("THD1"),
    .now = 1775133760
};


const pintag_integrations_t *
fuzz_integrations(const char *text)
{
    pintag_str_t                  yaml;
    const pintag_integrations_t  *integrations;

    static fuzz_memory_t  memory;

    yaml.data = (const unsigned char *) text;
    yaml.len = strlen(text);

    integrations = pintag_integrations_read(yaml,
                                            fuzz_memory_init(&memory, NULL),
                                            fuzz_integrations_report, NULL);
    fuzz_check(integrations != NULL);

    return integrations;
}


static void
fuzz_integrations_report(void *data, pintag_report_level_e level, size_t line,
    size_t column, const char *message)
{
    (void) data;

    if (level == PINTAG_REPORT_ERROR) {
        fprintf(stderr, "%zu:%zu: %s\n", line, column, message);
    }
}


unsigned
fuzz_map(const fuzz_mapping_t *mapping, pintag_event_t *event,
    const pintag_body_t *body, size_t first, size_t n, pintag_arena_t *arena,
    size_t *left, pintag_buf_t *out)
{
    size_t                i, k;
    unsigned              enough;
    const char           *reason;
    fuzz_memory_t         scratch;
    fuzz_encoding_t       encoding;
    pintag_verdict_e      verdict;
    const pintag_json_t  *value;

    encoding.mapping = mapping;
    encoding.event = event;
    encoding.scratch = fuzz_memory_init(&scratch, left);
    encoding.out = out;

    pintag_event_begin(event, body->max_depth, arena);

    enough = 1;

    for (i = first; i < first + n && enough; i++) {
        value = body->events[i].value;

        if (value == NULL) {
            fuzz_check(body->events[i].error.error != NULL);
            fuzz_check(body->events[i].error.line != 0);
            fuzz_map_verdict(&encoding, body->events[i].error.error);
            continue;
        }

        reason = NULL;

        verdict = pintag_event_read(event, value, &body->envelope,
                                    mapping->type, &reason);

        if (verdict == PINTAG_NO_MEMORY) {
            enough = 0;
            break;
        }

        pintag_buf_add_str(out, event->message_id);

        if (verdict != PINTAG_OK) {
            fuzz_map_verdict(&encoding, reason);
            continue;
        }

        for (k = 0; k < mapping->integrations->n && enough; k++) {
            enough = fuzz_map_entry(&encoding,
                                    &mapping->integrations->elts[k]);
        }
    }

    fuzz_memory_free(&scratch);

    return enough && !out->failed;
}


static unsigned
fuzz_map_entry(fuzz_encoding_t *encoding,
    const pintag_integration_t *integration)
{
    size_t                k, n;
    const char           *reason;
    pintag_verdict_e      verdict;
    pintag_conversion_t  *conversions;

    pintag_arena_reset(encoding->scratch);

    reason = NULL;

    verdict = pintag_convert(encoding->event, integration,
                             encoding->mapping->client, encoding->scratch,
                             &conversions, &n, &reason);

    if (verdict == PINTAG_NO_MEMORY) {
        return 0;
    }

    if (verdict != PINTAG_OK) {
        fuzz_map_verdict(encoding, reason);
        return 1;
    }

    for (k = 0; k < n; k++) {

        fuzz_check_visitor(&conversions[k].visitor);

        if (integration->tag_id.len
            && !fuzz_map_tag(encoding, &conversions[k], integration))
        {
            return 0;
        }

        if (integration->ad_account_id.len
            && !fuzz_map_api(encoding, &conversions[k]))
        {
            return 0;
        }
    }

    return 1;
}


static unsigned
fuzz_map_tag(fuzz_encoding_t *encoding, const pintag_conversion_t *conversion,
    const pintag_integration_t *integration)
{
    size_t             start;
    unsigned           truncated;
    const char        *reason;
    pintag_buf_t      *out;
    pintag_verdict_e   verdict;

    out = encoding->out;
    start = out->len;
    reason = NULL;

    verdict = pintag_tag_query(conversion, integration->tag_id, out,
                               &truncated, &reason);

    if (verdict == PINTAG_NO_MEMORY) {
        return 0;
    }

    if (verdict != PINTAG_OK) {
        fuzz_check(out->len == start);
        fuzz_map_verdict(encoding, reason);
        return 1;
    }

    fuzz_check_query(encoding->mapping,
                     (pintag_str_t) { out->len - start, out->data + start });

    pintag_buf_add_str(out, conversion->visitor.user_agent);
    pintag_buf_add_str(out, conversion->visitor.page_url);
    pintag_buf_add_str(out, conversion->visitor.address);
    pintag_buf_add_str(out, conversion->event_id);

    return 1;
}


static unsigned
fuzz_map_api(fuzz_encoding_t *encoding, const pintag_conversion_t *conversion)
{
    size_t             start;
    unsigned           truncated;
    const char        *reason;
    pintag_buf_t      *out;
    pintag_verdict_e   verdict;

    out = encoding->out;
    start = out->len;
    reason = NULL;

    verdict = pintag_capi_event(conversion, encoding->mapping->max, out,
                                &truncated, &reason);

    if (verdict == PINTAG_NO_MEMORY) {
        return 0;
    }

    if (verdict != PINTAG_OK) {
        fuzz_check(out->len == start);
        fuzz_map_verdict(encoding, reason);
        return 1;
    }

    fuzz_check_object(encoding->mapping,
                      (pintag_str_t) { out->len - start, out->data + start });

    pintag_buf_add_str(out, conversion->event_id);

    return 1;
}


static void
fuzz_map_verdict(fuzz_encoding_t *encoding, const char *reason)
{
    fuzz_check(reason != NULL);
    pintag_buf_add_text(encoding->out, reason);
}


static void
fuzz_check_query(const fuzz_mapping_t *mapping, pintag_str_t query)
{
    size_t         i;
    unsigned char  c;

    fuzz_check(query.len <= PINTAG_TAG_MAX_QUERY);
    fuzz_check(memcmp(query.data, "tid=", 4) == 0);

    for (i = 0; i < query.len; i++) {
        c = query.data[i];

        fuzz_check((c >= '0' && c <= '9')
                   || ((c | 0x20) >= 'a' && (c | 0x20) <= 'z')
                   || memchr("-._~%&=[]", c, 9) != NULL);
    }

    fuzz_check(mapping->emails || !fuzz_email(query));
}


static void
fuzz_check_object(const fuzz_mapping_t *mapping, pintag_str_t object)
{
    size_t                i;
    fuzz_memory_t         memory;
    pintag_json_doc_t    *doc;
    pintag_json_error_t   error;

    fuzz_check(object.len <= mapping->max);

    doc = pintag_json_read(object.data, object.len,
                           fuzz_memory_init(&memory, NULL), &error);

    fuzz_check(doc != NULL);
    fuzz_check(pintag_json_kind(pintag_json_root(doc)) == PINTAG_JSON_OBJECT);

    pintag_json_free(doc);
    fuzz_memory_free(&memory);

    /* it is a part of a line of the spool, as it is */

    for (i = 0; i < object.len; i++) {
        fuzz_check(object.data[i] >= ' ');
    }

    fuzz_check(mapping->emails || !fuzz_email(object));
}


static void
fuzz_check_visitor(const pintag_visitor_t *visitor)
{
    fuzz_check_header(visitor->page_url);
    fuzz_check_header(visitor->user_agent);
    fuzz_check_header(visitor->address);
}


/* what would end a header */

static void
fuzz_check_header(pintag_str_t text)
{
    size_t  i;

    for (i = 0; i < text.len; i++) {
        fuzz_check(text.data[i] >= ' ' && text.data[i] != 0x7f);
    }
}
