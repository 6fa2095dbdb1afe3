
/*
 * Copyright (C) the ngx_http_pintag_module authors
 */


#include <math.h>
#include <string.h>

#include "conversion_data.h"


/* smaller doubles hold every integer */
#define PINTAG_EXACT_INTEGERS  9007199254740992.0


/*
 * None of the names that are read here is listed as personal data, unless the
 * configuration adds it.
 */

unsigned
pintag_data_removed(pintag_data_t *data, const pintag_member_t *member)
{
    const pintag_names_t  *added;

    added = &data->integration->pii.added;

    return added->n && data->scope == PINTAG_PII_ALL
           && pintag_names_find(added, member->key) != -1;
}


unsigned
pintag_data_text(pintag_data_t *data, const pintag_member_t *member,
    pintag_str_t *text)
{
    int  rc;

    if (member->value == NULL || pintag_data_removed(data, member)) {
        return 0;
    }

    rc = pintag_member_text(member->value, data->arena, text);

    if (rc == 1 && pintag_json_kind(member->value) == PINTAG_JSON_STRING) {
        rc = pintag_pii_value(&data->integration->pii, data->scope,
                              member->key, *text, data->arena, text);
    }

    /* what has lost all of it is absent, where a name was asked for */

    if (rc == 1 && !pintag_str_blank(*text)) {
        return 1;
    }

    if (rc == -1) {
        data->no_memory = 1;
    }

    text->len = 0;
    text->data = NULL;

    return 0;
}


unsigned
pintag_data_number(pintag_data_t *data, const pintag_member_t *member,
    pintag_number_t *number)
{
    int                 rc;
    pintag_json_kind_e  kind;

    number->integer = 0;

    kind = pintag_data_removed(data, member) ? PINTAG_JSON_NULL
                                             : pintag_json_kind(member->value);

    switch (kind) {

    case PINTAG_JSON_INTEGER:
        number->integer = 1;
        number->value = (double) pintag_json_integer(member->value);
        rc = pintag_member_text(member->value, data->arena, &number->text);
        break;

    case PINTAG_JSON_REAL:
        number->value = pintag_json_real(member->value);
        rc = pintag_member_text(member->value, data->arena, &number->text);
        break;

    case PINTAG_JSON_STRING:
        rc = pintag_read_number(pintag_json_string(member->value), data->arena,
                                &number->text, &number->value);
        break;

    default:
        rc = 0;
        break;
    }

    if (rc == 1) {
        return 1;
    }

    if (rc == -1) {
        data->no_memory = 1;
    }

    number->text.len = 0;
    number->text.data = NULL;

    return 0;
}


pintag_str_t
pintag_data_integer(pintag_data_t *data, const pintag_number_t *number)
{
    double         rest;
    int64_t        n;
    pintag_str_t   none = pintag_str_null;
    unsigned char  digits[PINTAG_NUMBER_LEN];

    if (number->integer
        || (number->text.data
            && memchr(number->text.data, '.', number->text.len) == NULL))
    {
        return number->text;
    }

    if (!isfinite(number->value)) {
        return none;
    }

    if (fabs(number->value) >= PINTAG_EXACT_INTEGERS) {
        return pintag_data_copy(data, digits,
                                pintag_format_double(digits, number->value));
    }

    n = (int64_t) number->value;
    rest = number->value - (double) n;

    if (rest >= 0.5) {
        n++;

    } else if (rest <= -0.5) {
        n--;
    }

    return pintag_data_copy(data, digits, pintag_format_integer(digits, n));
}


pintag_str_t
pintag_data_decimal(pintag_data_t *data, double d)
{
    pintag_str_t   none = pintag_str_null;
    unsigned char  digits[PINTAG_NUMBER_LEN];

    if (!isfinite(d)) {
        return none;
    }

    return pintag_data_copy(data, digits,
                            pintag_format_double(digits, pintag_round6(d)));
}


pintag_str_t
pintag_data_copy(pintag_data_t *data, const unsigned char *bytes,
    size_t len)
{
    pintag_str_t  text;

    text.data = bytes;
    text.len = len;

    text = pintag_str_copy(text, data->arena);

    if (text.data == NULL) {
        data->no_memory = 1;
    }

    return text;
}
