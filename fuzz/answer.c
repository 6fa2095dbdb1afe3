
/*
 * Copyright (C) the ngx_http_pintag_module authors
 *
 * An answer of the Conversions API.  The first byte of the input says of what
 * and to how many events.
 */


#include <string.h>

#include "capi_answer.h"
#include "fuzz.h"


#define FUZZ_EVENTS     0x0f
#define FUZZ_ERROR      0x10
#define FUZZ_NO_MEMORY  0x20


static void fuzz_check_message(pintag_str_t message);


static const pintag_str_t  fuzz_secret = pintag_str("pina_S3");

static const pintag_str_t  fuzz_event = pintag_str(
    "{\"user_data\":{\"click_id\":\"dj0yJn\",\"em\":[\"message\"]}}");


int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    int                    rc;
    size_t                 i, n, left, *limit;
    unsigned               how;
    pintag_str_t           message;
    fuzz_input_t           input;
    fuzz_memory_t          memory;
    pintag_capi_status_t   statuses[FUZZ_EVENTS];
    pintag_capi_secrets_t  secrets;

    static const pintag_str_t  ids[FUZZ_EVENTS] = {
        pintag_str("id0"), pintag_str("id1"), pintag_str("id2"),
        pintag_str("3"), pintag_str(""), pintag_str("id5"), pintag_str("id5"),
        pintag_str("7"), pintag_str("id8"), pintag_str("data"),
        pintag_str("ten"), pintag_str("11"), pintag_str("id\\u0000"),
        pintag_str("message"), pintag_str_null
    };

    input.data = data;
    input.len = size;

    how = fuzz_byte(&input);
    n = how & FUZZ_EVENTS;
    limit = NULL;

    if (how & FUZZ_NO_MEMORY) {
        left = fuzz_byte(&input);
        limit = &left;
    }

    message = (pintag_str_t) pintag_str_null;

    memset(&secrets, 0, sizeof(pintag_capi_secrets_t));
    secrets.token = fuzz_secret;
    secrets.events = &fuzz_event;
    secrets.n = 1;

    if (how & FUZZ_ERROR) {
        rc = pintag_capi_error(fuzz_rest(&input), &secrets, ids, statuses,
                               n, fuzz_memory_init(&memory, limit), &message);
        fuzz_check(rc == 1 || (rc == -1 && limit != NULL));

    } else {
        rc = pintag_capi_statuses(fuzz_rest(&input), &secrets, statuses, n,
                                  fuzz_memory_init(&memory, limit));
        fuzz_check(rc == 0 || rc == 1 || (rc == -1 && limit != NULL));
    }

    if (rc == 1) {
        fuzz_check_message(message);

        for (i = 0; i < n; i++) {
            fuzz_check(!(statuses[i].failed && statuses[i].unknown));
            fuzz_check(statuses[i].failed || statuses[i].message.data == NULL);
            fuzz_check_message(statuses[i].message);
        }
    }

    fuzz_memory_free(&memory);

    return 0;
}


static void
fuzz_check_message(pintag_str_t message)
{
    size_t  i;

    if (message.data == NULL) {
        fuzz_check(message.len == 0);
        return;
    }

    fuzz_check(message.len != 0);
    fuzz_check_shown(message);
    fuzz_check(!fuzz_email(message));

    for (i = 0; i + fuzz_secret.len <= message.len; i++) {
        fuzz_check(memcmp(message.data + i, fuzz_secret.data, fuzz_secret.len)
                   != 0);
    }

    for (i = 0; i + sizeof("dj0yJn") - 1 <= message.len; i++) {
        fuzz_check(memcmp(message.data + i, "dj0yJn", sizeof("dj0yJn") - 1)
                   != 0);
    }
}
