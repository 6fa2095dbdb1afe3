
/*
 * Copyright (C) the ngx_http_pintag_module authors
 *
 * What the tests of integrations.yaml share: reading a text, and what was
 * said of it.
 */


#ifndef PINTAG_TEST_YAML_H
#define PINTAG_TEST_YAML_H


#include "test.h"

#include "integrations.h"


typedef struct {
    char      error[1100];       /* "line:column: message" of the last one */
    char      notes[4096];       /* "W line:column: message\n", N a notice */
    unsigned  nerrors;
} reports_t;


typedef struct {
    const char  *text;
    const char  *expected;
} row_t;


#define NAME    "- name: \"pinterest\"\n"
#define HEAD    NAME "  config:\n"
#define TAG     "    tagId: \"1\"\n"


static inline void
collect(void *data, pintag_report_level_e level, size_t line, size_t column,
    const char *message)
{
    size_t      len;
    reports_t  *reports = data;

    if (level == PINTAG_REPORT_ERROR) {
        reports->nerrors++;
        snprintf(reports->error, sizeof(reports->error), "%zu:%zu: %s",
                 line, column, message);
        return;
    }

    len = strlen(reports->notes);

    snprintf(reports->notes + len, sizeof(reports->notes) - len,
             "%c %zu:%zu: %s\n", level == PINTAG_REPORT_WARNING ? 'W' : 'N',
             line, column, message);
}


static inline pintag_integrations_t *
read_str(pintag_str_t text, pintag_arena_t *arena, reports_t *reports)
{
    unsigned char          *copy;
    pintag_integrations_t  *integrations;

    memset(reports, 0, sizeof(reports_t));

    /* gone afterwards, and not a byte longer: nothing may be borrowed of it */

    copy = malloc(text.len ? text.len : 1);
    assert_non_null(copy);

    if (text.len) {
        memcpy(copy, text.data, text.len);
    }

    text.data = copy;

    integrations = pintag_integrations_read(text, arena, collect, reports);

    free(copy);

    assert_int_equal(reports->nerrors, integrations == NULL);

    return integrations;
}


static inline pintag_integrations_t *
read_text(const char *text, pintag_arena_t *arena, reports_t *reports)
{
    return read_str(test_str(text), arena, reports);
}


static inline pintag_integrations_t *
read_good(const char *text, pintag_arena_t *arena, reports_t *reports)
{
    pintag_integrations_t  *integrations;

    integrations = read_text(text, arena, reports);

    if (integrations == NULL) {
        print_error("%s\n%s\n", text, reports->error);
    }

    assert_non_null(integrations);

    return integrations;
}


static inline void
test_faulty(const row_t *rows, size_t n)
{
    size_t         i;
    reports_t      reports;
    test_memory_t  memory;

    for (i = 0; i < n; i++) {

        assert_null(read_text(rows[i].text, test_memory_init(&memory),
                              &reports));
        test_memory_free(&memory);

        if (strcmp(reports.error, rows[i].expected) != 0) {
            print_error("%s\ngave \"%s\"\ninstead of \"%s\"\n", rows[i].text,
                        reports.error, rows[i].expected);
            fail();
        }
    }
}


#endif /* PINTAG_TEST_YAML_H */
