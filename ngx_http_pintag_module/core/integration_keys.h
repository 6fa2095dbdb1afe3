
/*
 * Copyright (C) the ngx_http_pintag_module authors
 *
 * The keys of "config" in an entry of integrations.yaml.
 */


#ifndef PINTAG_INTEGRATION_KEYS_H
#define PINTAG_INTEGRATION_KEYS_H


#include "file.h"
#include "integrations.h"
#include "keys.h"
#include "yaml_tree.h"


/* what there is without any key; 1, or 0 without memory */
unsigned pintag_integration_init(pintag_integration_t *integration,
    pintag_arena_t *arena);

/* reads "config", a mapping; 1, or 0 after an error, which was reported */
unsigned pintag_integration_read(pintag_file_t *file,
    const pintag_yaml_node_t *config, pintag_integration_t *integration);


/*
 * The values of single keys.
 */

/* customEventsMapping, in a pintag_integration_t */
unsigned pintag_key_set_mappings(pintag_file_t *file, const pintag_key_t *key,
    const pintag_yaml_node_t *value, void *field);
unsigned pintag_key_check_mappings(pintag_file_t *file,
    const pintag_key_t *key, const pintag_yaml_node_t *value, void *object);

/* piiProperties and piiAllow, in a pintag_pii_t */
unsigned pintag_key_set_pii_properties(pintag_file_t *file,
    const pintag_key_t *key, const pintag_yaml_node_t *value, void *field);
unsigned pintag_key_set_pii_allow(pintag_file_t *file,
    const pintag_key_t *key, const pintag_yaml_node_t *value, void *field);

/*
 * The names of properties in an integration, a text, a list or a path: those
 * that are personal data are warned of.
 */
unsigned pintag_key_check_property(pintag_file_t *file,
    const pintag_key_t *key, const pintag_yaml_node_t *value, void *object);
unsigned pintag_key_check_properties(pintag_file_t *file,
    const pintag_key_t *key, const pintag_yaml_node_t *value, void *object);
unsigned pintag_key_check_path(pintag_file_t *file, const pintag_key_t *key,
    const pintag_yaml_node_t *value, void *object);


#endif /* PINTAG_INTEGRATION_KEYS_H */
