
/*
 * Copyright (C) the ngx_http_pintag_module authors
 */


#include "identity.h"
#include "identity_fields.h"


#define PINTAG_OBJECTS_OF(first, second, third)                               \
    { PINTAG_OBJECT_ ## first, PINTAG_OBJECT_ ## second,                      \
      PINTAG_OBJECT_ ## third, PINTAG_OBJECT_N }

#define PINTAG_OBJECTS_DATA  PINTAG_OBJECTS_OF(PROPERTIES, TRAITS,            \
                                               CONTEXT_TRAITS)
#define PINTAG_OBJECTS_USER  PINTAG_OBJECTS_OF(TRAITS, CONTEXT_TRAITS,        \
                                               PROPERTIES)


const pintag_field_t  pintag_fields[] = {

    [PINTAG_FIELD_TAG_EMAIL] = {
        .normalise = pintag_normal_tag_email,
        .names = { PINTAG_NAME_EMAIL, PINTAG_NAME_KNOWN },
        .objects = PINTAG_OBJECTS_DATA,
        .email = 1
    },

    [PINTAG_FIELD_EMAIL] = {
        .normalise = pintag_normal_email,
        .names = { PINTAG_NAME_EMAIL, PINTAG_NAME_KNOWN },
        .objects = PINTAG_OBJECTS_DATA,
        .email = 1,
        .offset = offsetof(pintag_identity_t, em)
    },

    /* where there is no other */

    [PINTAG_FIELD_USER_EMAIL] = {
        .normalise = pintag_normal_user_email,
        .names = { PINTAG_NAME_USER_ID, PINTAG_NAME_KNOWN },
        .objects = { PINTAG_OBJECT_ROOT, PINTAG_OBJECT_N },
        .email = 1,
        .offset = offsetof(pintag_identity_t, em)
    },

    [PINTAG_FIELD_PHONE] = {
        .normalise = pintag_normal_phone,
        .names = { PINTAG_NAME_PHONE, PINTAG_NAME_PHONE_NUMBER,
                   PINTAG_NAME_MOBILE, PINTAG_NAME_KNOWN },
        .objects = PINTAG_OBJECTS_DATA,
        .address = 1,
        .offset = offsetof(pintag_identity_t, ph)
    },

    [PINTAG_FIELD_GENDER] = {
        .normalise = pintag_normal_gender,
        .names = { PINTAG_NAME_GENDER, PINTAG_NAME_GE, PINTAG_NAME_KNOWN },
        .objects = PINTAG_OBJECTS_USER,
        .address = 1,
        .offset = offsetof(pintag_identity_t, ge)
    },

    [PINTAG_FIELD_BIRTHDAY] = {
        .normalise = pintag_normal_date,
        .names = { PINTAG_NAME_BIRTHDAY, PINTAG_NAME_BIRTH_DATE,
                   PINTAG_NAME_DATE_OF_BIRTH, PINTAG_NAME_DOB,
                   PINTAG_NAME_DB, PINTAG_NAME_KNOWN },
        .objects = PINTAG_OBJECTS_USER,
        .address = 1,
        .offset = offsetof(pintag_identity_t, db)
    },

    [PINTAG_FIELD_FIRST_NAME] = {
        .normalise = pintag_normal_lower,
        .names = { PINTAG_NAME_FIRST_NAME, PINTAG_NAME_GIVEN_NAME,
                   PINTAG_NAME_KNOWN },
        .objects = PINTAG_OBJECTS_DATA,
        .address = 1,
        .offset = offsetof(pintag_identity_t, fn)
    },

    [PINTAG_FIELD_LAST_NAME] = {
        .normalise = pintag_normal_lower,
        .names = { PINTAG_NAME_LAST_NAME, PINTAG_NAME_FAMILY_NAME,
                   PINTAG_NAME_SURNAME, PINTAG_NAME_KNOWN },
        .objects = PINTAG_OBJECTS_DATA,
        .address = 1,
        .offset = offsetof(pintag_identity_t, ln)
    },

    [PINTAG_FIELD_CITY] = {
        .normalise = pintag_normal_city,
        .names = { PINTAG_NAME_CITY, PINTAG_NAME_KNOWN },
        .objects = PINTAG_OBJECTS_USER,
        .address = 1,
        .offset = offsetof(pintag_identity_t, ct)
    },

    [PINTAG_FIELD_STATE] = {
        .normalise = pintag_normal_lower,
        .names = { PINTAG_NAME_STATE, PINTAG_NAME_KNOWN },
        .objects = PINTAG_OBJECTS_USER,
        .address = 1,
        .offset = offsetof(pintag_identity_t, st)
    },

    [PINTAG_FIELD_ZIP] = {
        .normalise = pintag_normal_zip,
        .names = { PINTAG_NAME_ZIP, PINTAG_NAME_ZIP_CODE,
                   PINTAG_NAME_POSTAL_CODE, PINTAG_NAME_POSTCODE,
                   PINTAG_NAME_KNOWN },
        .objects = PINTAG_OBJECTS_USER,
        .address = 1,
        .offset = offsetof(pintag_identity_t, zp)
    },

    [PINTAG_FIELD_COUNTRY] = {
        .normalise = pintag_normal_lower,
        .names = { PINTAG_NAME_COUNTRY, PINTAG_NAME_KNOWN },
        .objects = PINTAG_OBJECTS_USER,
        .address = 1,
        .offset = offsetof(pintag_identity_t, country)
    },

    [PINTAG_FIELD_EXTERNAL_ID] = {
        .normalise = pintag_normal_id,
        .names = { PINTAG_NAME_USER_ID, PINTAG_NAME_ANONYMOUS_ID,
                   PINTAG_NAME_KNOWN },
        .objects = { PINTAG_OBJECT_ROOT, PINTAG_OBJECT_N },
        .offset = offsetof(pintag_identity_t, external_id)
    },

    [PINTAG_FIELD_MAID] = {
        .normalise = pintag_normal_maid,
        .names = { PINTAG_NAME_ADVERTISING_ID, PINTAG_NAME_KNOWN },
        .objects = { PINTAG_OBJECT_DEVICE, PINTAG_OBJECT_N },
        .offset = offsetof(pintag_identity_t, hashed_maids)
    }
};


/* the fields of user_data that a name is looked for, as above */

#define PINTAG_FIELD_BIT(field)  (uint16_t) (1u << PINTAG_FIELD_ ## field)

const uint16_t  pintag_fields_named[PINTAG_NAME_KNOWN] = {
    [PINTAG_NAME_EMAIL] = PINTAG_FIELD_BIT(EMAIL),
    [PINTAG_NAME_PHONE] = PINTAG_FIELD_BIT(PHONE),
    [PINTAG_NAME_PHONE_NUMBER] = PINTAG_FIELD_BIT(PHONE),
    [PINTAG_NAME_MOBILE] = PINTAG_FIELD_BIT(PHONE),
    [PINTAG_NAME_GENDER] = PINTAG_FIELD_BIT(GENDER),
    [PINTAG_NAME_GE] = PINTAG_FIELD_BIT(GENDER),
    [PINTAG_NAME_BIRTHDAY] = PINTAG_FIELD_BIT(BIRTHDAY),
    [PINTAG_NAME_BIRTH_DATE] = PINTAG_FIELD_BIT(BIRTHDAY),
    [PINTAG_NAME_DATE_OF_BIRTH] = PINTAG_FIELD_BIT(BIRTHDAY),
    [PINTAG_NAME_DOB] = PINTAG_FIELD_BIT(BIRTHDAY),
    [PINTAG_NAME_DB] = PINTAG_FIELD_BIT(BIRTHDAY),
    [PINTAG_NAME_FIRST_NAME] = PINTAG_FIELD_BIT(FIRST_NAME),
    [PINTAG_NAME_GIVEN_NAME] = PINTAG_FIELD_BIT(FIRST_NAME),
    [PINTAG_NAME_LAST_NAME] = PINTAG_FIELD_BIT(LAST_NAME),
    [PINTAG_NAME_FAMILY_NAME] = PINTAG_FIELD_BIT(LAST_NAME),
    [PINTAG_NAME_SURNAME] = PINTAG_FIELD_BIT(LAST_NAME),
    [PINTAG_NAME_CITY] = PINTAG_FIELD_BIT(CITY),
    [PINTAG_NAME_STATE] = PINTAG_FIELD_BIT(STATE),
    [PINTAG_NAME_ZIP] = PINTAG_FIELD_BIT(ZIP),
    [PINTAG_NAME_ZIP_CODE] = PINTAG_FIELD_BIT(ZIP),
    [PINTAG_NAME_POSTAL_CODE] = PINTAG_FIELD_BIT(ZIP),
    [PINTAG_NAME_POSTCODE] = PINTAG_FIELD_BIT(ZIP),
    [PINTAG_NAME_COUNTRY] = PINTAG_FIELD_BIT(COUNTRY)
};
