
/*
 * Copyright (C) the ngx_http_pintag_module authors
 *
 * What tells Pinterest who an event is of: normalised, then hashed.
 */


#ifndef PINTAG_IDENTITY_H
#define PINTAG_IDENTITY_H


#include "arena.h"
#include "event.h"
#include "integrations.h"
#include "text.h"


/*
 * The user_data of the Conversions API that is hashed: each text is 64
 * lower-case hex digits; a list without elements is not sent.
 */

typedef struct {
    pintag_list_t   em;
    pintag_list_t   ph;
    pintag_list_t   ge;
    pintag_list_t   db;
    pintag_list_t   fn;
    pintag_list_t   ln;
    pintag_list_t   ct;
    pintag_list_t   st;
    pintag_list_t   zp;
    pintag_list_t   country;
    pintag_list_t   external_id;
    pintag_list_t   hashed_maids;
} pintag_identity_t;


/*
 * The e-mail address that the Tag takes, hashed: the first that is one of
 * properties.email, traits.email, context.traits.email, and a userId that is
 * an address as a whole; each may be an array.  White space is removed, it is
 * lower-cased and hashed; 64, 40 or 32 hex digits are a hash already and only
 * lower-cased.  1; 0 when there is none; -1 without memory.
 */
int pintag_identity_email(const pintag_event_t *event, pintag_arena_t *arena,
    pintag_str_t *hash);

/*
 * A state or country ("id" is PINTAG_NAME_STATE or _COUNTRY) of the event, in
 * traits, context.traits, then properties, in each the object itself, then its
 * "address": trimmed, lower-cased and hashed.  1; 0 when there is none; -1
 * without memory.
 */
int pintag_identity_region(const pintag_event_t *event, int id,
    pintag_arena_t *arena, pintag_str_t *hash);

/*
 * The same of a text that is not blank: 1, 0 when nothing is left of it, -1
 * without memory.
 */
int pintag_identity_region_hash(const pintag_event_t *event,
    pintag_str_t text, pintag_arena_t *arena, pintag_str_t *hash);

/*
 * All that the event tells, as far as the integration lets it be sent
 * (enhancedMatch, enhancedMatchOnPage, sendExternalId), each value normalised
 * as Pinterest documents it, then hashed; 64 hex digits are a hash already.
 * What nothing is left of is passed over.  1, or 0 without memory.
 */
unsigned pintag_identity_read(const pintag_event_t *event,
    const pintag_integration_t *integration, pintag_arena_t *arena,
    pintag_identity_t *identity);


#endif /* PINTAG_IDENTITY_H */
