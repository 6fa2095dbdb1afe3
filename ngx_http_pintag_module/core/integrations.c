
/*
 * Copyright (C) the ngx_http_pintag_module authors
 */


#include <stddef.h>
#include <string.h>

#include "integration_keys.h"


typedef struct {
    pintag_str_t           name;
    pintag_integration_t  *integration;  /* NULL when the name is not ours */
} pintag_entry_t;


static unsigned pintag_entries_read(pintag_file_t *file,
    pintag_integrations_t *integrations);
static unsigned pintag_entries_none(pintag_file_t *file,
    const pintag_yaml_node_t *root);
static const pintag_yaml_node_t *pintag_entry_name(
    const pintag_yaml_node_t *entry);
static unsigned pintag_entry_is_ours(const pintag_yaml_node_t *name);
static unsigned pintag_entry_read(pintag_file_t *file,
    const pintag_yaml_node_t *node, pintag_integration_t *integration);
static unsigned pintag_entry_leave(pintag_file_t *file,
    const pintag_yaml_node_t *node, const pintag_yaml_node_t *name);

static unsigned pintag_key_set_config(pintag_file_t *file,
    const pintag_key_t *key, const pintag_yaml_node_t *value, void *field);


static const pintag_key_t  pintag_entry_keys[] = {

    { .name = pintag_str("name"),
      .set = pintag_key_set_text,
      .offset = offsetof(pintag_entry_t, name),
      .expected = "a string",
      .example = "\"pinterest\"",
      .required = 1 },

    { .name = pintag_str("config"),
      .set = pintag_key_set_config,
      .expected = "a mapping of keys, e.g. tagId: \"2612826764086\"",
      .example = "{tagId: \"2612826764086\"}",
      .required = 1,

      /* one may be misplaced in it */
      .secret = 1 }
};


static const pintag_keys_t  pintag_keys_of_entry =
    pintag_keys(pintag_entry_keys);

static const pintag_str_t  pintag_key_name = pintag_str("name");
static const pintag_str_t  pintag_ours = pintag_str("pinterest");


pintag_integrations_t *
pintag_integrations_read(pintag_str_t text, pintag_arena_t *arena,
    pintag_report_pt report, void *data)
{
    size_t                  i;
    pintag_file_t           file;
    pintag_integrations_t  *integrations;

    memset(&file, 0, sizeof(pintag_file_t));

    file.arena = arena;
    file.report = report;
    file.data = data;

    if (text.len > PINTAG_INTEGRATIONS_MAX) {
        (void) pintag_file_error(&file, NULL, "the file has more than 1 MiB, "
                                 "split it by location");
        return NULL;
    }

    integrations = pintag_arena_zalloc(arena, sizeof(pintag_integrations_t));

    if (integrations == NULL
        || !pintag_names_members(&integrations->names, arena)
        || !pintag_names_init(&file.tag_ids, arena, PINTAG_FOLD_CASE)
        || !pintag_names_init(&file.account_ids, arena, PINTAG_FOLD_CASE))
    {
        (void) pintag_file_no_memory(&file);
        return NULL;
    }

    file.integrations = integrations;

    pintag_yaml_read(&file.yaml, text, PINTAG_INTEGRATIONS_MAX_DEPTH, arena);

    if (file.yaml.tab_line) {
        report(data, PINTAG_REPORT_WARNING, file.yaml.tab_line,
               file.yaml.tab_column,
               "a tab in indentation is read as going to the next multiple of "
               "four columns; use spaces");
    }

    if (!pintag_entries_read(&file, integrations)) {
        return NULL;
    }

    if (!pintag_names_remember(&integrations->names)) {
        (void) pintag_file_no_memory(&file);
        return NULL;
    }

    for (i = 0; i < integrations->n; i++) {

        if (integrations->elts[i].nmappings
            && !pintag_names_remember(&integrations->elts[i].mapped))
        {
            (void) pintag_file_no_memory(&file);
            return NULL;
        }
    }

    return integrations;
}


static unsigned
pintag_entries_read(pintag_file_t *file, pintag_integrations_t *integrations)
{
    size_t                     n;
    unsigned                   ok;
    pintag_integration_t      *integration;
    const pintag_yaml_node_t  *root, *node, *name;

    root = file->yaml.root;

    if ((root == NULL || pintag_yaml_null(root)) && file->yaml.fault.message) {
        return pintag_file_fault(file);
    }

    if (root == NULL || pintag_yaml_null(root)) {
        return pintag_file_error(file, NULL, "the file is empty, it must list "
                                 "an entry with name: \"pinterest\" and a "
                                 "config");
    }

    if (root->kind != PINTAG_YAML_SEQUENCE) {
        return pintag_file_error(file, root, "the file must be a list of "
                                 "entries, each with \"name\" and \"config\": "
                                 "begin the first with \"- name:\"");
    }

    n = 0;

    for (node = root->first; node; node = node->next) {
        n += pintag_entry_is_ours(pintag_entry_name(node));
    }

    integration = NULL;

    if (n) {
        integration = pintag_arena_zalloc(file->arena,
                                          n * sizeof(pintag_integration_t));
        if (integration == NULL) {
            return pintag_file_no_memory(file);
        }
    }

    integrations->elts = integration;
    integrations->n = n;

    for (node = root->first; node; node = node->next) {

        name = pintag_entry_name(node);

        if (name == NULL) {
            ok = pintag_entry_read(file, node, NULL);

        } else if (pintag_entry_is_ours(name)) {
            ok = pintag_entry_read(file, node, integration++);

        } else {
            ok = pintag_entry_leave(file, node, name);
        }

        if (!ok) {
            return 0;
        }
    }

    /* in the list, or after it: a second document */

    if (file->yaml.fault.message) {
        return pintag_file_fault(file);
    }

    return n ? 1 : pintag_entries_none(file, root);
}


static unsigned
pintag_entries_none(pintag_file_t *file, const pintag_yaml_node_t *root)
{
    pintag_quote_t             quote;
    const pintag_yaml_node_t  *node, *name;

    for (node = root->first; node; node = node->next) {

        name = pintag_entry_name(node);

        if (name && pintag_word_near(name->text, pintag_ours, NULL)) {
            return pintag_file_error(file, name, "no entry is named "
                                     "\"pinterest\", did you mean it by %s?",
                                     pintag_quote(&quote, name->text));
        }
    }

    return pintag_file_error(file, root, "no entry is named \"pinterest\", "
                             "add one with name: \"pinterest\"");
}


/*
 * The name that tells whose an entry is, or NULL when that cannot be told, so
 * that it has to be looked at for what is wrong.
 */

static const pintag_yaml_node_t *
pintag_entry_name(const pintag_yaml_node_t *entry)
{
    const pintag_yaml_node_t  *key, *value, *name;

    if (entry->kind != PINTAG_YAML_MAPPING) {
        return NULL;
    }

    name = NULL;

    for (key = entry->first; key && key->next; key = value->next) {

        value = key->next;

        if (key->kind != PINTAG_YAML_SCALAR
            || !pintag_str_eq(key->text, pintag_key_name))
        {
            continue;
        }

        if (name || !pintag_key_is_text(value)
            || pintag_str_blank(value->text))
        {
            return NULL;
        }

        name = value;
    }

    return name;
}


static unsigned
pintag_entry_is_ours(const pintag_yaml_node_t *name)
{
    return name && pintag_str_eq(name->text, pintag_ours);
}


static unsigned
pintag_entry_read(pintag_file_t *file, const pintag_yaml_node_t *node,
    pintag_integration_t *integration)
{
    pintag_entry_t  entry;

    if (node->kind != PINTAG_YAML_MAPPING) {
        return pintag_file_error(file, node, "an entry must be a mapping of "
                                 "\"name\" and \"config\": begin it with "
                                 "\"- name:\"");
    }

    memset(&entry, 0, sizeof(pintag_entry_t));

    entry.integration = integration;

    if (integration) {
        integration->line = node->line;

        if (!pintag_integration_init(integration, file->arena)) {
            return pintag_file_no_memory(file);
        }
    }

    return pintag_keys_read(file, pintag_keys_of_entry, node, &entry);
}


static unsigned
pintag_entry_leave(pintag_file_t *file, const pintag_yaml_node_t *node,
    const pintag_yaml_node_t *name)
{
    pintag_quote_t  quote;

    pintag_file_note(file, PINTAG_REPORT_NOTICE, name, "entry %s is left "
                     "alone, %s",
                     pintag_quote(&quote, name->text),
                     pintag_word_near(name->text, pintag_ours, NULL)
                     ? "did you mean \"pinterest\"?"
                     : "only those named \"pinterest\" are read");

    return pintag_file_end(file, node);
}


static unsigned
pintag_key_set_config(pintag_file_t *file, const pintag_key_t *key,
    const pintag_yaml_node_t *value, void *field)
{
    pintag_integration_t  *integration;

    integration = ((pintag_entry_t *) field)->integration;

    /* without a name that is ours, its keys may be another's */

    if (integration == NULL) {
        return pintag_file_end(file, value);
    }

    if (value->kind != PINTAG_YAML_MAPPING) {
        return pintag_key_wrong(file, key, value);
    }

    return pintag_integration_read(file, value, integration);
}
