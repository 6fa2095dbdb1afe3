
/*
 * Copyright (C) the ngx_http_pintag_module authors
 */


#include <math.h>
#include <string.h>

#include "conversion_data.h"


/* smaller doubles hold every integer */
#define PINTAG_EXACT_INTEGERS  9007199254740992.0


/* of so many strings the result is kept; a shorter one is as soon cleaned */
#define PINTAG_DATA_CLEANED    16
#define PINTAG_DATA_CLEAN_LEN  32


int
pintag_data_clean(pintag_data_t *data, pintag_str_t key,
    const pintag_json_t *string, pintag_str_t *clean)
{
    size_t             i, n;
    pintag_str_t       text;
    pintag_cleaned_t  *cleaned;

    text = pintag_json_string(string);

    if (text.len < PINTAG_DATA_CLEAN_LEN) {
        return pintag_pii_value(&data->integration->pii, data->scope, key,
                                text, data->arena, clean);
    }

    if (data->cleaned == NULL) {
        data->cleaned = pintag_arena_alloc(data->arena,
                                           PINTAG_DATA_CLEANED
                                           * sizeof(pintag_cleaned_t));
        if (data->cleaned == NULL) {
            return -1;
        }
    }

    n = data->ncleaned;

    /* where a string is in the document tells which it is, and its name */

    for (i = 0; i < n && i < PINTAG_DATA_CLEANED; i++) {
        cleaned = &data->cleaned[i];

        if (cleaned->data == text.data) {
            *clean = cleaned->clean;
            return cleaned->rc;
        }
    }

    cleaned = &data->cleaned[n % PINTAG_DATA_CLEANED];

    cleaned->data = text.data;
    cleaned->rc = pintag_pii_value(&data->integration->pii, data->scope, key,
                                   text, data->arena, &cleaned->clean);
    *clean = cleaned->clean;

    data->ncleaned++;

    return cleaned->rc;
}


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
        rc = pintag_data_clean(data, member->key, member->value, text);
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
