
/*
 * Copyright (C) the ngx_http_pintag_module authors
 *
 * Mapping as ngx_http_pintag_map.c does it, with what must hold of all that
 * comes of it.
 */


#ifndef PINTAG_FUZZ_MAP_H
#define PINTAG_FUZZ_MAP_H


#include "body.h"
#include "fuzz.h"
#include "integrations.h"
#include "visitor.h"


/* the default of pintag_max_event */
#define FUZZ_MAX_EVENT  32768


typedef struct {
    const pintag_integrations_t  *integrations;
    const pintag_client_t        *client;
    pintag_event_type_e           type;         /* that the path tells */
    size_t                        max;          /* of an API object */
    unsigned                      emails;       /* the file may hold some */
} fuzz_mapping_t;


/* the client of a request of which all is known */
extern const pintag_client_t  fuzz_client;

/* an integrations.yaml that is correct; lives as long as the process */
const pintag_integrations_t *fuzz_integrations(const char *text);

/*
 * Maps the events from "first" on, "n" of them, with one view.  What became of
 * them is appended to "out".  0 without memory.
 */
unsigned fuzz_map(const fuzz_mapping_t *mapping, pintag_event_t *event,
    const pintag_body_t *body, size_t first, size_t n, pintag_arena_t *arena,
    size_t *left, pintag_buf_t *out);


#endif /* PINTAG_FUZZ_MAP_H */
