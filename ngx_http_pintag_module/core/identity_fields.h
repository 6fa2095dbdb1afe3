
/*
 * Copyright (C) the ngx_http_pintag_module authors
 *
 * The hashed fields of user_data, and where an event tells of them; internal to
 * identity.c.
 */


#ifndef PINTAG_IDENTITY_FIELDS_H
#define PINTAG_IDENTITY_FIELDS_H


#include <stddef.h>
#include <stdint.h>

#include "event.h"
#include "names.h"
#include "normal.h"


typedef enum {
    PINTAG_FIELD_TAG_EMAIL = 0,
    PINTAG_FIELD_EMAIL,
    PINTAG_FIELD_USER_EMAIL,
    PINTAG_FIELD_PHONE,
    PINTAG_FIELD_GENDER,
    PINTAG_FIELD_BIRTHDAY,
    PINTAG_FIELD_FIRST_NAME,
    PINTAG_FIELD_LAST_NAME,
    PINTAG_FIELD_CITY,
    PINTAG_FIELD_STATE,
    PINTAG_FIELD_ZIP,
    PINTAG_FIELD_COUNTRY,
    PINTAG_FIELD_EXTERNAL_ID,
    PINTAG_FIELD_MAID,
    PINTAG_FIELD_N
} pintag_field_e;


#define PINTAG_FIELD_NAMES    6
#define PINTAG_FIELD_OBJECTS  4


/*
 * Where a field is looked for: an object after the other, in it the object
 * itself, then its address, there a name after the other.  The first that gives
 * a value wins.
 */

typedef struct {
    pintag_normal_pt   normalise;
    pintag_name_id_e   names[PINTAG_FIELD_NAMES];      /* up to KNOWN */
    pintag_object_e    objects[PINTAG_FIELD_OBJECTS];  /* up to N */
    unsigned           address:1;    /* the object's counts, too */
    unsigned           email:1;      /* of strings only */
    size_t             offset;       /* in pintag_identity_t */
} pintag_field_t;


/* indexed by pintag_field_e */
extern const pintag_field_t  pintag_fields[];

/*
 * For each known name the fields of user_data, as bits by pintag_field_e, that
 * have it among their names in properties, traits and their addresses.
 */
extern const uint16_t  pintag_fields_named[];


#endif /* PINTAG_IDENTITY_FIELDS_H */
