
/*
 * Copyright (C) the ngx_http_pintag_module authors
 *
 * What the tests of conversions share: a table a rule, each row a
 * configuration, an event and the query of its pixel, which all begin with the
 * same "tid=1&noscript=1".  In events ' stands for ".
 */


#ifndef PINTAG_TEST_CONVERSION_H
#define PINTAG_TEST_CONVERSION_H


#include "test.h"

#include "conversion.h"
#include "body.h"
#include "event.h"
#include "integrations.h"
#include "tag.h"


typedef struct {
    const char  *config;     /* keys of the destination, or NULL */
    const char  *event;
    const char  *expected;   /* queries, separated by a space; or a verdict */
} row_t;


#define HEAD       "tid=1&noscript=1"

#define MAP        "    customEventsMapping:\n"
#define ROW(e, m)  "      - event: \"" e "\"\n        mapping: \"" m "\"\n"
#define ROW_VALUE(e, m, v)                                                    \
    ROW(e, m) "        valueFieldIdentifier: \"" v "\"\n"
#define VALUE(v)   "    valueFieldIdentifier: \"" v "\"\n"
#define PARTNER    "    handleCustomAsPartnerDefinedEvent: true\n"
#define EXTENDED   "    standardEvents: extended\n"
#define LIST       "    customPropertiesForStandardEvents:\n"
#define PROP(p)    "      - \"" p "\"\n"

#define TRACK(e)   "{'type':'track','event':'" e "'}"
#define WITH(e, p) "{'type':'track','event':'" e "','properties':{" p "}}"
#define ORDER(p)   WITH("Order Completed", p)
#define CUSTOM(p)  WITH("X", p)

#define NINES_50   "99999999999999999999999999999999999999999999999999"
#define NINES_200  NINES_50 NINES_50 NINES_50 NINES_50
#define NINES      NINES_200 NINES_200     /* more than a double holds */

#define CHECKOUT   "&event=checkout"
#define X          "&ed[custom_event_name]=X&event=custom"


static void
no_report(void *data, pintag_report_level_e level, size_t line, size_t column,
    const char *message)
{
    (void) data;

    if (level == PINTAG_REPORT_ERROR) {
        print_error("%zu:%zu: %s\n", line, column, message);
    }
}


typedef struct {
    test_memory_t           memory;
    pintag_arena_t         *arena;
    pintag_integrations_t  *integrations;
    unsigned char          *json;
    pintag_body_t           body;
    pintag_event_t          event;
} fixture_t;


static pintag_integrations_t *
configure(const char *config, pintag_arena_t *arena)
{
    pintag_buf_t            text;
    pintag_integrations_t  *integrations;

    pintag_buf_init(&text, arena, 0);
    pintag_buf_add_text(&text, "- name: pinterest\n"
                               "  config:\n"
                               "    tagId: \"1\"\n");

    if (config) {
        pintag_buf_add_text(&text, config);
    }

    integrations = pintag_integrations_read(test_buf_str(&text), arena,
                                            no_report, NULL);
    assert_non_null(integrations);

    return integrations;
}


static void
fixture_init(fixture_t *f, const row_t *row)
{
    size_t               len, i;
    pintag_body_error_t  error;

    f->arena = test_memory_init(&f->memory);

    f->integrations = configure(row->config, f->arena);

    len = strlen(row->event);

    f->json = malloc(len);
    assert_non_null(f->json);

    for (i = 0; i < len; i++) {
        f->json[i] = (unsigned char) (row->event[i] == '\''
                                      ? '"' : row->event[i]);
    }

    assert_int_equal(pintag_body_read((pintag_str_t) { len, f->json },
                                      PINTAG_BODY_JSON, 1000000, f->arena,
                                      &f->body, &error), PINTAG_OK);
    assert_int_equal(f->body.n, 1);

    assert_true(pintag_event_init(&f->event, &f->integrations->names,
                                  f->arena));
}


static void
fixture_free(fixture_t *f)
{
    pintag_body_free(&f->body);
    pintag_event_free(&f->event);
    test_memory_free(&f->memory);
    free(f->json);
}


/* the queries of an event that was read, separated by a space */

static pintag_verdict_e
map(fixture_t *f, const pintag_client_t *client, pintag_buf_t *out,
    const char **reason)
{
    size_t                       i, n, sent;
    unsigned                     truncated;
    pintag_verdict_e             rc;
    pintag_conversion_t         *c;
    const pintag_integration_t  *integration;

    integration = &f->integrations->elts[0];

    rc = pintag_convert(&f->event, integration, client, f->arena, &c, &n,
                        reason);

    if (rc != PINTAG_OK) {
        return rc;
    }

    sent = 0;

    for (i = 0; i < n; i++) {

        if (sent) {
            pintag_buf_add_char(out, ' ');
        }

        rc = pintag_tag_query(&c[i], integration->tag_id, out, &truncated,
                              reason);

        if (rc == PINTAG_OK) {
            sent++;

        } else if (rc != PINTAG_SKIPPED) {
            return rc;
        }
    }

    return sent ? PINTAG_OK : rc;
}


static inline void
check(const row_t *row, const pintag_client_t *client, const char *file,
    int line)
{
    const char        *reason, *p;
    fixture_t          f;
    pintag_buf_t       got, expected;
    pintag_verdict_e   rc;

    fixture_init(&f, row);

    reason = "no memory";

    pintag_buf_init(&got, f.arena, 0);

    rc = pintag_event_read(&f.event, f.body.events[0].value,
                           NO_ENVELOPE, PINTAG_TYPE_NONE, &reason);

    if (rc == PINTAG_OK) {
        rc = map(&f, client, &got, &reason);
    }

    if (rc != PINTAG_OK) {
        got.len = 0;
        pintag_buf_add_text(&got, rc == PINTAG_SKIPPED ? "skipped: "
                                                       : "rejected: ");
        pintag_buf_add_text(&got, reason);
    }

    pintag_buf_init(&expected, f.arena, 0);

    for (p = row->expected; *p; p++) {
        if (*p == '&' && (p == row->expected || p[-1] == ' ')) {
            pintag_buf_add_text(&expected, HEAD);
        }

        pintag_buf_add_char(&expected, (unsigned char) *p);
    }

    if (!pintag_str_eq(test_buf_str(&got), test_buf_str(&expected))) {
        print_error("of %s\n", row->event);
    }

    test_assert_str_at(test_buf_str(&got), test_buf_str(&expected),
                       "the query", file, line);

    fixture_free(&f);
}


/* rows of one table, for a client of which nothing else is known */

#define check_rows_of(client, rows)                                           \
    do {                                                                      \
        for (size_t row_i = 0;                                                \
             row_i < test_n(rows);                                            \
             row_i++)                                                         \
        {                                                                     \
            check(&rows[row_i], client, __FILE__, __LINE__);                  \
        }                                                                     \
    } while (0)

#define check_rows(rows)  check_rows_of(NO_CLIENT, rows)


#endif /* PINTAG_TEST_CONVERSION_H */
