
/*
 * Copyright (C) the ngx_http_pintag_module authors
 *
 * What an event's context tells of the app and the device it came from, as the
 * Conversions API takes it.
 */


#ifndef PINTAG_DEVICE_H
#define PINTAG_DEVICE_H


#include "arena.h"
#include "event.h"
#include "integrations.h"
#include "text.h"


/* longer texts do not leave */
#define PINTAG_DEVICE_MAX  2000


typedef enum {
    PINTAG_UNTOLD = 0,
    PINTAG_FALSE,
    PINTAG_TRUE
} pintag_told_e;


/* absent text has NULL data; none holds an e-mail address */

typedef struct {
    pintag_str_t      language;      /* two lower-case letters */
    pintag_str_t      app_id;
    pintag_str_t      app_name;
    pintag_str_t      app_version;
    pintag_str_t      brand;
    pintag_str_t      model;
    pintag_str_t      type;
    pintag_str_t      carrier;
    pintag_str_t      os_version;
    pintag_told_e     wifi;
    pintag_told_e     opt_out;       /* of ad tracking */
} pintag_device_t;


/* fills in all of "device"; 1, or 0 without memory */
unsigned pintag_device_read(const pintag_event_t *event,
    const pintag_integration_t *integration, pintag_arena_t *arena,
    pintag_device_t *device);

/* what context.device.adTrackingEnabled tells; 1, or 0 without memory */
unsigned pintag_device_opt_out(const pintag_event_t *event,
    pintag_told_e *opt_out);

/*
 * Where an event happened: the property or context "action_source", else
 * "channel" (the event's, else the context's), when it is one that Pinterest
 * has; else what context.device.type tells, or context.os.name of a mobile
 * channel; else the integration's actionSource; else web.  1, or 0 without
 * memory.
 */
unsigned pintag_device_source(const pintag_event_t *event,
    const pintag_integration_t *integration, pintag_source_e *source);


#endif /* PINTAG_DEVICE_H */
