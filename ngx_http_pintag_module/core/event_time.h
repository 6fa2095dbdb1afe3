
/*
 * Copyright (C) the ngx_http_pintag_module authors
 *
 * When an event happened.
 */


#ifndef PINTAG_EVENT_TIME_H
#define PINTAG_EVENT_TIME_H


#include <stdint.h>

#include "event.h"


/* seconds before and after now that a time is believed */
#define PINTAG_EVENT_TIME_PAST    604800
#define PINTAG_EVENT_TIME_FUTURE  3600


/*
 * Unix seconds: the first of timestamp, originalTimestamp, sentAt, receivedAt
 * that is a time and sane, else "now".  A time is ISO 8601 (without a zone:
 * UTC) or a number of seconds, from 1e11 on of milliseconds.
 */
int64_t pintag_event_time(const pintag_event_t *event, int64_t now);


#endif /* PINTAG_EVENT_TIME_H */
