
/*
 * Copyright (C) the ngx_http_pintag_module authors
 */


#include <stddef.h>
#include <string.h>

#include "integration_keys.h"


/* what the rows read so far send, each event and name once */

typedef struct {
    pintag_names_t   mappings;
    pintag_names_t   rows;
} pintag_sent_t;


static int pintag_mapping_repeated(pintag_sent_t *sent,
    const pintag_mapping_t *row, pintag_arena_t *arena);
static unsigned pintag_key_set_mapping(pintag_file_t *file,
    const pintag_key_t *key, const pintag_yaml_node_t *value, void *field);


static const pintag_key_t  pintag_row_keys[] = {

    { .name = pintag_str("event"),
      .set = pintag_key_set_text,
      .offset = offsetof(pintag_mapping_t, event),
      .expected = "a string, the name of an event",
      .example = "\"Order Updated\"",
      .required = 1 },

    { .name = pintag_str("mapping"),
      .set = pintag_key_set_mapping,
      .expected = "a string, the Pinterest event to send",
      .example = "\"Checkout\"",
      .required = 1 },

    { .name = pintag_str("valueFieldIdentifier"),
      .set = pintag_key_set_property,
      .offset = offsetof(pintag_mapping_t, value_name),
      .check = pintag_key_check_property,
      .expected = "a string, the name of the property that holds the value" }
};


static const pintag_keys_t  pintag_keys_of_row = pintag_keys(pintag_row_keys);


unsigned
pintag_key_set_mappings(pintag_file_t *file, const pintag_key_t *key,
    const pintag_yaml_node_t *value, void *field)
{
    pintag_sent_t              sent;
    pintag_mapping_t          *row;
    pintag_integration_t      *integration = field;
    const pintag_yaml_node_t  *node;

    if (value->kind != PINTAG_YAML_SEQUENCE) {
        return pintag_key_wrong(file, key, value);
    }

    if (value->n == 0) {
        return pintag_file_end(file, value);
    }

    row = pintag_arena_alloc(file->arena, value->n * sizeof(pintag_mapping_t));

    if (row == NULL
        || !pintag_names_init(&sent.mappings, file->arena, PINTAG_FOLD_NAME)
        || !pintag_names_init(&sent.rows, file->arena, PINTAG_FOLD_CASE))
    {
        return pintag_file_no_memory(file);
    }

    integration->mappings = row;

    for (node = value->first; node; node = node->next) {

        if (node->kind != PINTAG_YAML_MAPPING) {
            return pintag_key_wrong(file, key, node);
        }

        memset(row, 0, sizeof(pintag_mapping_t));

        row->value_name = PINTAG_VALUE_UNSET;

        if (!pintag_keys_read(file, pintag_keys_of_row, node, row)) {
            return 0;
        }

        switch (pintag_mapping_repeated(&sent, row, file->arena)) {

        case 1:
            continue;

        case -1:
            return pintag_file_no_memory(file);
        }

        if (pintag_names_add(&integration->mapped, row->event) < 0) {
            return pintag_file_no_memory(file);
        }

        integration->nmappings++;
        row++;
    }

    return pintag_file_end(file, value);
}


/* rows that send an event under the same name count once; -1 without memory */

static int
pintag_mapping_repeated(pintag_sent_t *sent, const pintag_mapping_t *row,
    pintag_arena_t *arena)
{
    int           id;
    pintag_str_t  name;
    pintag_buf_t  buf;

    id = pintag_names_find(&sent->mappings, row->mapping);

    if (id < 0) {
        id = pintag_names_add(&sent->mappings, row->mapping);

        if (id < 0) {
            return -1;
        }
    }

    pintag_buf_init(&buf, arena, sizeof("4294967295:") + row->event.len);
    pintag_buf_add_uint(&buf, (uint64_t) id);
    pintag_buf_add_char(&buf, ':');
    pintag_buf_add_str(&buf, row->event);

    if (buf.failed) {
        return -1;
    }

    name.data = buf.data;
    name.len = buf.len;

    if (pintag_names_find(&sent->rows, name) >= 0) {
        return 1;
    }

    return pintag_names_add(&sent->rows, name) < 0 ? -1 : 0;
}


unsigned
pintag_key_check_mappings(pintag_file_t *file, const pintag_key_t *key,
    const pintag_yaml_node_t *value, void *object)
{
    const pintag_yaml_node_t  *node;

    (void) key;

    for (node = value->first; node; node = node->next) {
        if (!pintag_keys_check(file, pintag_keys_of_row, node, object)) {
            return 0;
        }
    }

    return 1;
}


static unsigned
pintag_key_set_mapping(pintag_file_t *file, const pintag_key_t *key,
    const pintag_yaml_node_t *value, void *field)
{
    pintag_str_t       text;
    pintag_mapping_t  *row = field;

    if (!pintag_key_set_text(file, key, value, &text)) {
        return 0;
    }

    row->mapping = pintag_str_concatenate(text, file->arena);

    if (row->mapping.data == NULL) {
        return pintag_file_no_memory(file);
    }

    row->pinterest = pintag_pinterest_event(row->mapping);

    return 1;
}
