
/*
 * Copyright (C) the ngx_http_pintag_module authors
 *
 * What of a message of Pinterest's may be shown and logged; internal to
 * capi_answer.c.
 */


#ifndef PINTAG_CAPI_MESSAGE_H
#define PINTAG_CAPI_MESSAGE_H


#include "arena.h"
#include "capi_secrets.h"
#include "text.h"


/* a longer message is cut, in bytes */
#define PINTAG_CAPI_MESSAGE  500


/*
 * A text as one line, in which "***" stands for each of "secrets", each e-mail
 * address, and each run of 32 or more characters that hashes and tokens are
 * made of.
 * 1; 0 when nothing is left; -1 without memory.
 */
int pintag_capi_message(pintag_str_t text, pintag_capi_secrets_t *secrets,
    pintag_arena_t *arena, pintag_str_t *message);


#endif /* PINTAG_CAPI_MESSAGE_H */
