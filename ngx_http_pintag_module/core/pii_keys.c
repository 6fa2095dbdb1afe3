
/*
 * Copyright (C) the ngx_http_pintag_module authors
 */


#include <stddef.h>

#include "integration_keys.h"


static unsigned pintag_key_add_pii_property(pintag_file_t *file,
    const pintag_key_t *key, const pintag_yaml_node_t *item, pintag_str_t text,
    void *field);
static unsigned pintag_key_add_pii_allow(pintag_file_t *file,
    const pintag_key_t *key, const pintag_yaml_node_t *item, pintag_str_t text,
    void *field);
static unsigned pintag_key_add_pii(pintag_file_t *file,
    const pintag_yaml_node_t *item, pintag_str_t name, pintag_names_t *names,
    const pintag_names_t *others);
static unsigned pintag_key_warn(pintag_file_t *file, const pintag_key_t *key,
    const pintag_yaml_node_t *value, const pintag_pii_t *pii,
    pintag_pii_scope_e scope, pintag_str_t name, unsigned person);
static pintag_pii_scope_e pintag_key_scope(const pintag_pii_t *pii);


unsigned
pintag_key_set_pii_properties(pintag_file_t *file, const pintag_key_t *key,
    const pintag_yaml_node_t *value, void *field)
{
    return pintag_key_each(file, key, value, pintag_key_add_pii_property,
                           field);
}


static unsigned
pintag_key_add_pii_property(pintag_file_t *file, const pintag_key_t *key,
    const pintag_yaml_node_t *item, pintag_str_t text, void *field)
{
    pintag_pii_t *pii = field;

    (void) key;

    return pintag_key_add_pii(file, item, text, &pii->added, &pii->allowed);
}


unsigned
pintag_key_set_pii_allow(pintag_file_t *file, const pintag_key_t *key,
    const pintag_yaml_node_t *value, void *field)
{
    return pintag_key_each(file, key, value, pintag_key_add_pii_allow, field);
}


static unsigned
pintag_key_add_pii_allow(pintag_file_t *file, const pintag_key_t *key,
    const pintag_yaml_node_t *item, pintag_str_t text, void *field)
{
    pintag_pii_t    *pii = field;
    pintag_quote_t   quote;

    if (pintag_pii_strict(text)) {
        return pintag_file_error(file, item, "%s cannot be in \"%.*s\": "
                                 "e-mail addresses, phone numbers, passwords, "
                                 "card and id numbers are never sent, remove "
                                 "it",
                                 pintag_quote(&quote, text),
                                 (int) key->name.len, key->name.data);
    }

    return pintag_key_add_pii(file, item, text, &pii->allowed, &pii->added);
}


static unsigned
pintag_key_add_pii(pintag_file_t *file, const pintag_yaml_node_t *item,
    pintag_str_t name, pintag_names_t *names, const pintag_names_t *others)
{
    pintag_quote_t  quote;

    if (pintag_names_find(others, name) >= 0) {
        return pintag_file_error(file, item, "%s is in both \"piiProperties\" "
                                 "and \"piiAllow\", remove it from one of "
                                 "them",
                                 pintag_quote(&quote, name));
    }

    return pintag_names_add(names, name) >= 0 ? 1
                                              : pintag_file_no_memory(file);
}


unsigned
pintag_key_check_property(pintag_file_t *file, const pintag_key_t *key,
    const pintag_yaml_node_t *value, void *object)
{
    pintag_integration_t *integration = object;

    if (pintag_str_blank(value->text)) {
        return 1;
    }

    return pintag_key_warn(file, key, value, &integration->pii,
                           pintag_key_scope(&integration->pii), value->text,
                           0);
}


unsigned
pintag_key_check_properties(pintag_file_t *file, const pintag_key_t *key,
    const pintag_yaml_node_t *value, void *object)
{
    pintag_integration_t      *integration = object;
    const pintag_yaml_node_t  *item;

    for (item = value->first; item; item = item->next) {
        if (!pintag_key_warn(file, key, item, &integration->pii,
                             pintag_key_scope(&integration->pii),
                             pintag_str_trim(item->text), 0))
        {
            return 0;
        }
    }

    return 1;
}


unsigned
pintag_key_check_path(pintag_file_t *file, const pintag_key_t *key,
    const pintag_yaml_node_t *value, void *object)
{
    size_t                 i;
    unsigned               person;
    pintag_str_t           name;
    pintag_integration_t  *integration = object;

    person = 0;

    for (i = 0; i < integration->deduplication.n; i++) {

        name = integration->deduplication.elts[i];

        if (!pintag_key_warn(file, key, value, &integration->pii,
                             PINTAG_PII_ALL, name, person))
        {
            return 0;
        }

        person |= pintag_pii_person(name);
    }

    return 1;
}


/* 0 only without memory */

static unsigned
pintag_key_warn(pintag_file_t *file, const pintag_key_t *key,
    const pintag_yaml_node_t *value, const pintag_pii_t *pii,
    pintag_pii_scope_e scope, pintag_str_t name, unsigned person)
{
    int              rc;
    const char      *remedy;
    pintag_quote_t   quote;

    rc = pintag_pii_name(pii, scope, name, person, file->arena);

    if (rc < 0) {
        return pintag_file_no_memory(file);
    }

    if (rc == 0) {
        return 1;
    }

    if (pintag_names_find(&pii->added, name) >= 0) {
        remedy = "remove it here, or from \"piiProperties\"";

    } else if (pintag_pii_strict(name)) {
        remedy = "remove it here, no key allows it";

    } else {
        remedy = "remove it here, or add it to \"piiAllow\"";
    }

    pintag_file_note(file, PINTAG_REPORT_WARNING, value, "%s in \"%.*s\" is "
                     "the name of personal data, which is never sent: %s",
                     pintag_quote(&quote, name),
                     (int) key->name.len, key->name.data, remedy);

    return 1;
}


/* what counts on "track" calls */

static pintag_pii_scope_e
pintag_key_scope(const pintag_pii_t *pii)
{
    return pii->page_only ? PINTAG_PII_STRICT : PINTAG_PII_ALL;
}
