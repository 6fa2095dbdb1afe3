
/*
 * Copyright (C) the ngx_http_pintag_module authors
 */


#include <string.h>

#include "capi_detail.h"


/* digits of an index, more than a request has events */
#define PINTAG_DETAIL_DIGITS  9


static void pintag_detail_status(const pintag_json_t *value,
    pintag_detail_t *detail);
static unsigned pintag_detail_is_list(pintag_str_t name);


/* of two messages that of the name which is first here counts */

static const struct {
    pintag_str_t     name;
    pintag_detail_e  role;
} pintag_detail_roles[] = {
    { pintag_str("error_message"), PINTAG_DETAIL_ERROR },
    { pintag_str("message"), PINTAG_DETAIL_MESSAGE },
    { pintag_str("msg"), PINTAG_DETAIL_MESSAGE },
    { pintag_str("error"), PINTAG_DETAIL_ERROR },
    { pintag_str("reason"), PINTAG_DETAIL_MESSAGE },
    { pintag_str("detail"), PINTAG_DETAIL_MESSAGE },
    { pintag_str("description"), PINTAG_DETAIL_MESSAGE },

    { pintag_str("status"), PINTAG_DETAIL_STATUS },

    { pintag_str("index"), PINTAG_DETAIL_INDEX },
    { pintag_str("event_index"), PINTAG_DETAIL_EVENT_INDEX },
    { pintag_str("event_indexes"), PINTAG_DETAIL_EVENT_INDEX },
    { pintag_str("event_indices"), PINTAG_DETAIL_EVENT_INDEX },
    { pintag_str("failed_indexes"), PINTAG_DETAIL_EVENT_INDEX },
    { pintag_str("failed_indices"), PINTAG_DETAIL_EVENT_INDEX },

    { pintag_str("event_id"), PINTAG_DETAIL_EVENT_ID },
    { pintag_str("event_ids"), PINTAG_DETAIL_EVENT_ID },
    { pintag_str("failed_event_ids"), PINTAG_DETAIL_EVENT_ID },

    { pintag_str("path"), PINTAG_DETAIL_PATH },
    { pintag_str("field"), PINTAG_DETAIL_PATH },
    { pintag_str("loc"), PINTAG_DETAIL_PATH },
    { pintag_str("location"), PINTAG_DETAIL_PATH },
    { pintag_str("param"), PINTAG_DETAIL_PATH },
    { pintag_str("parameter"), PINTAG_DETAIL_PATH },
    { pintag_str("pointer"), PINTAG_DETAIL_PATH },
    { pintag_str("property"), PINTAG_DETAIL_PATH },
    { pintag_str("instance_path"), PINTAG_DETAIL_PATH },
    { pintag_str("data_path"), PINTAG_DETAIL_PATH },
    { pintag_str("json_path"), PINTAG_DETAIL_PATH },

    { pintag_str("events"), PINTAG_DETAIL_EVENTS },
    { pintag_str("data"), PINTAG_DETAIL_EVENTS },
    { pintag_str("errors"), PINTAG_DETAIL_LIST },
    { pintag_str("failed"), PINTAG_DETAIL_LIST },
    { pintag_str("failed_events"), PINTAG_DETAIL_LIST },
    { pintag_str("details"), PINTAG_DETAIL_DETAILS },

    { pintag_str("processed"), PINTAG_DETAIL_PROCESSED },
    { pintag_str("processed_events"), PINTAG_DETAIL_PROCESSED },
    { pintag_str("succeeded"), PINTAG_DETAIL_PROCESSED },
    { pintag_str("successful"), PINTAG_DETAIL_PROCESSED },
    { pintag_str("success"), PINTAG_DETAIL_PROCESSED },
    { pintag_str("accepted"), PINTAG_DETAIL_PROCESSED },
    { pintag_str("valid"), PINTAG_DETAIL_PROCESSED }
};

#define PINTAG_DETAIL_ROLES                                                   \
    (sizeof(pintag_detail_roles) / sizeof(pintag_detail_roles[0]))


unsigned
pintag_detail_init(pintag_detail_terms_t *terms, size_t n,
    pintag_arena_t *arena)
{
    size_t  i;

    terms->n = n;

    if (!pintag_names_init(&terms->roles, arena, PINTAG_FOLD_NAME)) {
        return 0;
    }

    for (i = 0; i < PINTAG_DETAIL_ROLES; i++) {
        if (pintag_names_add(&terms->roles, pintag_detail_roles[i].name)
            == -1)
        {
            return 0;
        }
    }

    return 1;
}


void
pintag_detail_read(const pintag_detail_terms_t *terms,
    const pintag_json_t *object, pintag_detail_t *detail)
{
    int                  id, rank;
    size_t               index, numbers;
    pintag_str_t         text;
    pintag_detail_e      role;
    pintag_json_iter_t   it;

    memset(detail, 0, sizeof(pintag_detail_t));

    rank = PINTAG_DETAIL_ROLES;
    numbers = 0;

    pintag_json_each(object, &it);

    while (pintag_json_next(&it)) {
        id = pintag_detail_role(terms, it.key, &role);

        switch (role) {

        case PINTAG_DETAIL_MESSAGE:
        case PINTAG_DETAIL_ERROR:
            text = pintag_detail_message(terms, it.value, 1);

            if (text.data == NULL) {
                break;
            }

            if (role == PINTAG_DETAIL_ERROR) {
                detail->error = 1;
            }

            if (id < rank) {
                rank = id;
                detail->message = text;
            }

            break;

        case PINTAG_DETAIL_STATUS:
            pintag_detail_status(it.value, detail);
            break;

        case PINTAG_DETAIL_INDEX:
            detail->index = it.value;
            break;

        case PINTAG_DETAIL_EVENT_INDEX:
            detail->event_index = it.value;
            break;

        case PINTAG_DETAIL_EVENT_ID:
            detail->event_id = it.value;
            break;

        case PINTAG_DETAIL_PATH:
            detail->path = it.value;
            break;

        default:
            numbers += pintag_detail_digits(terms, it.key, &index);
            break;
        }
    }

    detail->numbered = numbers != 0 && numbers == pintag_json_size(object);
}


static void
pintag_detail_status(const pintag_json_t *value, pintag_detail_t *detail)
{
    pintag_str_t  status;

    static const pintag_str_t  failed = pintag_str("failed");
    static const pintag_str_t  processed = pintag_str("processed");

    if (pintag_json_kind(value) == PINTAG_JSON_STRING) {
        status = pintag_json_string(value);

        detail->failed = pintag_str_case_eq(status, failed) ? 1 : 0;
        detail->processed = pintag_str_case_eq(status, processed) ? 1 : 0;
    }
}


int
pintag_detail_role(const pintag_detail_terms_t *terms, pintag_str_t name,
    pintag_detail_e *role)
{
    int  id;

    id = pintag_names_find(&terms->roles, name);

    *role = (id == -1) ? PINTAG_DETAIL_NONE : pintag_detail_roles[id].role;

    return id;
}


pintag_str_t
pintag_detail_message(const pintag_detail_terms_t *terms,
    const pintag_json_t *value, unsigned levels)
{
    int                  id, rank;
    pintag_str_t         text, found = pintag_str_null;
    pintag_detail_e      role;
    pintag_json_kind_e   kind;
    pintag_json_iter_t   it;

    kind = pintag_json_kind(value);

    if (kind == PINTAG_JSON_STRING) {
        text = pintag_json_string(value);

        return pintag_str_blank(text) ? found : text;
    }

    if (levels == 0) {
        return found;
    }

    rank = PINTAG_DETAIL_ROLES;

    pintag_json_each(value, &it);

    while (pintag_json_next(&it)) {

        if (kind == PINTAG_JSON_ARRAY) {
            return pintag_detail_message(terms, it.value, levels - 1);
        }

        id = pintag_detail_role(terms, it.key, &role);

        if ((role != PINTAG_DETAIL_MESSAGE && role != PINTAG_DETAIL_ERROR)
            || id > rank)
        {
            continue;
        }

        text = pintag_detail_message(terms, it.value, levels - 1);

        if (text.data) {
            rank = id;
            found = text;
        }
    }

    return found;
}


unsigned
pintag_detail_index(const pintag_detail_terms_t *terms,
    const pintag_json_t *value, size_t *index)
{
    int64_t  n;

    switch (pintag_json_kind(value)) {

    case PINTAG_JSON_INTEGER:
        n = pintag_json_integer(value);

        if (n < 0 || (uint64_t) n >= terms->n) {
            return 0;
        }

        *index = (size_t) n;
        return 1;

    case PINTAG_JSON_STRING:
        return pintag_detail_digits(terms, pintag_json_string(value),
                                     index);

    default:
        return 0;
    }
}


unsigned
pintag_detail_digits(const pintag_detail_terms_t *terms, pintag_str_t digits,
    size_t *index)
{
    size_t  i;

    if (digits.len == 0 || digits.len > PINTAG_DETAIL_DIGITS) {
        return 0;
    }

    *index = 0;

    for (i = 0; i < digits.len; i++) {

        if (digits.data[i] < '0' || digits.data[i] > '9') {
            return 0;
        }

        *index = *index * 10 + (size_t) (digits.data[i] - '0');
    }

    return *index < terms->n;
}


unsigned
pintag_detail_path(const pintag_detail_terms_t *terms,
    const pintag_json_t *value, size_t *index)
{
    unsigned            list;
    pintag_str_t        text;
    pintag_json_iter_t  it;

    if (pintag_json_kind(value) == PINTAG_JSON_STRING) {
        text = pintag_json_string(value);

        return pintag_detail_pointer(terms, text, index);
    }

    list = 0;

    pintag_json_each(value, &it);

    while (pintag_json_next(&it)) {

        if (list && pintag_detail_index(terms, it.value, index)) {
            return 1;
        }

        list = pintag_json_kind(it.value) == PINTAG_JSON_STRING
               && pintag_detail_is_list(pintag_json_string(it.value));
    }

    return 0;
}


unsigned
pintag_detail_pointer(const pintag_detail_terms_t *terms, pintag_str_t path,
    size_t *index)
{
    unsigned              list;
    pintag_str_t          name;
    const unsigned char  *p, *end;

    p = path.data;
    end = p + path.len;

    list = 0;

    while (p != end) {
        name.data = p;

        while (p != end
               && ((*p >= '0' && *p <= '9') || *p == '_'
                   || ((*p | 0x20) >= 'a' && (*p | 0x20) <= 'z')))
        {
            p++;
        }

        name.len = (size_t) (p - name.data);

        if (name.len == 0) {
            list = list && strchr("./[]'\"", *p) != NULL;
            p++;
            continue;
        }

        if (list && pintag_detail_digits(terms, name, index)) {
            return 1;
        }

        list = pintag_detail_is_list(name);
    }

    return 0;
}


static unsigned
pintag_detail_is_list(pintag_str_t name)
{
    static const pintag_str_t  data = pintag_str("data");
    static const pintag_str_t  events = pintag_str("events");

    return pintag_str_eq(name, data) || pintag_str_eq(name, events);
}
