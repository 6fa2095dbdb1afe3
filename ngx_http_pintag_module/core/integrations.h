
/*
 * Copyright (C) the ngx_http_pintag_module authors
 *
 * integrations.yaml: what is sent to Pinterest, and how it is mapped.
 */


#ifndef PINTAG_INTEGRATIONS_H
#define PINTAG_INTEGRATIONS_H


#include <stddef.h>

#include "arena.h"
#include "names.h"
#include "pii.h"
#include "text.h"


/* a larger file is refused */
#define PINTAG_INTEGRATIONS_MAX        (1024 * 1024)

/* deeper nesting is refused */
#define PINTAG_INTEGRATIONS_MAX_DEPTH  32


/* a row of customEventsMapping */

typedef struct {
    pintag_str_t               event;        /* trimmed */
    pintag_str_t               mapping;      /* as written, less white space */
    pintag_pinterest_event_e   pinterest;    /* what "mapping" names, or NONE */

    /*
     * valueFieldIdentifier: the id of the member in the names of the file,
     * PINTAG_VALUE_NONE for an empty one, PINTAG_VALUE_UNSET without the key
     */
    int                        value_name;
} pintag_mapping_t;


#define PINTAG_VALUE_UNSET  (-1)
#define PINTAG_VALUE_NONE   (-2)


/* an id of the names of the file and the spelling to send */

typedef struct {
    pintag_str_t   name;
    int            id;
} pintag_listed_property_t;


/* a list of texts */

typedef struct {
    pintag_str_t              *elts;
    size_t                     n;            /* 0 when the key is absent */
} pintag_list_t;


/* actionSource */

typedef enum {
    PINTAG_SOURCE_UNSET = 0,
    PINTAG_SOURCE_WEB,
    PINTAG_SOURCE_APP_IOS,
    PINTAG_SOURCE_APP_ANDROID,
    PINTAG_SOURCE_OFFLINE
} pintag_source_e;


/*
 * One entry whose name is "pinterest".  Absent text is empty.
 */

typedef struct {
    size_t                     line;         /* where it begins in the file */

    pintag_str_t               tag_id;       /* or ad_account_id, or both */
    pintag_str_t               ad_account_id;
    pintag_str_t               access_token;
    pintag_str_t               access_token_file;
    size_t                     token_line;   /* of that, from 1 */
    size_t                     token_column;

    unsigned                   partner_defined;
                                      /* handleCustomAsPartnerDefinedEvent */
    unsigned                   extended;     /* standardEvents: extended */
    int                        value_name;   /* as in pintag_mapping_t */

    /* customEventsMapping, less rows that repeat an event and a name */
    pintag_mapping_t          *mappings;
    size_t                     nmappings;
    pintag_names_t             mapped;       /* event to index of a mapping */

    pintag_listed_property_t  *properties;
                                      /* customPropertiesForStandardEvents */
    size_t                     nproperties;

    pintag_pii_t               pii;   /* removePii, piiProperties, piiAllow */

    unsigned                   enhanced_match;       /* 1 unless false */
    unsigned                   enhanced_match_page;  /* enhancedMatchOnPage */
    unsigned                   send_external_id;     /* 1 unless false */
    unsigned                   test_mode;
    unsigned                   forward_address;      /* forwardClientAddress */

    /* deduplicationKey: the names along the path from the event's root */
    pintag_list_t              deduplication;

    pintag_source_e            action_source;
    pintag_str_t               partner_name;
    pintag_str_t               np;

    pintag_list_t              consent;      /* consentCategories */
    pintag_list_t              write_keys;

    /* allowEvents, denyEvents; no names when the key is absent */
    pintag_names_t             allow_events;
    pintag_names_t             deny_events;

    unsigned                   limited;      /* limitedDataProcessing */
    pintag_str_t               limited_state;
    pintag_str_t               limited_country;
} pintag_integration_t;


typedef struct {
    pintag_integration_t      *elts;
    size_t                     n;

    /*
     * The members that mapping reads: those of pintag_names_members(), then
     * what the file names.
     */
    pintag_names_t             names;
} pintag_integrations_t;


typedef enum {
    PINTAG_REPORT_ERROR = 0,
    PINTAG_REPORT_WARNING,
    PINTAG_REPORT_NOTICE
} pintag_report_level_e;


/*
 * Called for what there is to say of the file: any number of warnings and
 * notices, at most one error.  Line and column count from 1, the column in
 * characters of the file as it is.  The message is only valid during the call.
 */

typedef void (*pintag_report_pt)(void *data, pintag_report_level_e level,
    size_t line, size_t column, const char *message);


/*
 * Reads the text of an integrations.yaml.  What it gives lives in the arena
 * and borrows nothing from "text".  NULL after an error, which was reported.
 */
pintag_integrations_t *pintag_integrations_read(pintag_str_t text,
    pintag_arena_t *arena, pintag_report_pt report, void *data);


#endif /* PINTAG_INTEGRATIONS_H */
