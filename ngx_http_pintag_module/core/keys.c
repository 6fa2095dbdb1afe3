
/*
 * Copyright (C) the ngx_http_pintag_module authors
 */


#include <stdio.h>
#include <string.h>

#include "keys.h"


/* of the names of all keys of a mapping, in bytes */
#define PINTAG_KEYS_LIST  800

/* of one name, in a file; to find one takes that many steps */
#define PINTAG_SPELLINGS  32


static const pintag_key_t *pintag_keys_find(pintag_keys_t keys,
    pintag_str_t name);
static unsigned pintag_keys_unknown(pintag_file_t *file, pintag_keys_t keys,
    const pintag_yaml_node_t *node);
static unsigned pintag_key_add_text(pintag_file_t *file,
    const pintag_key_t *key, const pintag_yaml_node_t *item, pintag_str_t text,
    void *field);
static unsigned pintag_key_add_name(pintag_file_t *file,
    const pintag_key_t *key, const pintag_yaml_node_t *item, pintag_str_t text,
    void *field);
static int pintag_key_boolean(const pintag_yaml_node_t *value);


unsigned
pintag_keys_read(pintag_file_t *file, pintag_keys_t keys,
    const pintag_yaml_node_t *node, void *object)
{
    size_t                     i;
    uint64_t                   seen, present, bit;
    pintag_quote_t             quote;
    const pintag_key_t        *key;
    const pintag_yaml_node_t  *name, *value;

    seen = 0;
    present = 0;

    for (name = node->first; name; name = value->next) {

        if (name->kind != PINTAG_YAML_SCALAR) {
            return pintag_file_error(file, name,
                                     "a key must be a string, not %s",
                                     name->kind == PINTAG_YAML_SEQUENCE
                                     ? "a list" : "a mapping");
        }

        key = pintag_keys_find(keys, name->text);

        if (key == NULL) {
            return pintag_keys_unknown(file, keys, name);
        }

        bit = (uint64_t) 1 << (key - keys.elts);

        if (seen & bit) {
            return pintag_file_error(file, name,
                                     "duplicate key %s, remove one of them",
                                     pintag_quote(&quote, name->text));
        }

        seen |= bit;

        value = name->next;

        if (value == NULL) {
            break;
        }

        if (pintag_yaml_null(value)) {
            continue;
        }

        present |= bit;

        if (!key->set(file, key, value, (char *) object + key->offset)) {
            return 0;
        }
    }

    if (!pintag_file_end(file, node)) {
        return 0;
    }

    for (i = 0; i < keys.n; i++) {

        key = &keys.elts[i];

        if (key->required && !(present & (uint64_t) 1 << i)) {

            /* a key may be missing because it is out of its column */

            if (file->yaml.fault.message) {
                return pintag_file_fault(file);
            }

            return pintag_file_error(file, node, "\"%.*s\" is missing, "
                                     "add e.g. %.*s: %s",
                                     (int) key->name.len, key->name.data,
                                     (int) key->name.len, key->name.data,
                                     key->example);
        }
    }

    return 1;
}


unsigned
pintag_keys_check(pintag_file_t *file, pintag_keys_t keys,
    const pintag_yaml_node_t *node, void *object)
{
    const pintag_key_t        *key;
    const pintag_yaml_node_t  *name, *value;

    for (name = node->first; name; name = value->next) {

        value = name->next;
        key = pintag_keys_find(keys, name->text);

        if (key->check && !pintag_yaml_null(value)
            && !key->check(file, key, value, object))
        {
            return 0;
        }
    }

    return 1;
}


static const pintag_key_t *
pintag_keys_find(pintag_keys_t keys, pintag_str_t name)
{
    size_t  i;

    for (i = 0; i < keys.n; i++) {
        if (pintag_str_eq(name, keys.elts[i].name)) {
            return &keys.elts[i];
        }
    }

    return NULL;
}


static unsigned
pintag_keys_unknown(pintag_file_t *file, pintag_keys_t keys,
    const pintag_yaml_node_t *node)
{
    int                  len;
    char                 list[PINTAG_KEYS_LIST];
    size_t               i, used, distance, least;
    pintag_str_t         word;
    pintag_quote_t       quote;
    const pintag_str_t  *name, *nearest;

    static const pintag_str_t  merge = pintag_str("<<");

    /* what follows a colon may be a secret */

    word = node->text;

    for (i = 0; i < word.len; i++) {
        if (word.data[i] == ':') {
            word.len = i;
        }
    }

    nearest = NULL;
    least = 0;

    for (i = 0; i < keys.n; i++) {

        name = &keys.elts[i].name;

        if (pintag_word_near(word, *name, &distance)
            && (nearest == NULL || distance < least))
        {
            nearest = name;
            least = distance;
        }
    }

    if (nearest && word.len < node->text.len) {
        return pintag_file_error(file, node, "unknown key, put a space after "
                                 "the colon of \"%.*s\"",
                                 (int) nearest->len, nearest->data);
    }

    if (node->plain && pintag_str_eq(node->text, merge)) {
        return pintag_file_error(file, node, "a merge key is not supported, "
                                 "write out the keys that it stands for");
    }

    (void) pintag_quote(&quote, node->text);

    if (nearest) {
        return pintag_file_error(file, node, "unknown key %s, did you mean "
                                 "\"%.*s\"?", quote.text,
                                 (int) nearest->len, nearest->data);
    }

    used = 0;
    list[0] = '\0';

    for (i = 0; i < keys.n; i++) {

        name = &keys.elts[i].name;

        len = snprintf(list + used, sizeof(list) - used, "%s\"%.*s\"",
                       i ? ", " : "", (int) name->len, name->data);

        if (len < 0 || (size_t) len >= sizeof(list) - used) {
            break;
        }

        used += (size_t) len;
    }

    return pintag_file_error(file, node, "unknown key %s, the keys here are "
                             "%s", quote.text, list);
}


unsigned
pintag_key_set_text(pintag_file_t *file, const pintag_key_t *key,
    const pintag_yaml_node_t *value, void *field)
{
    pintag_str_t *text = field;

    if (!pintag_key_is_text(value)) {
        return pintag_key_wrong(file, key, value);
    }

    *text = pintag_str_trim(value->text);

    if (text->len == 0) {
        return pintag_file_error(file, value,
                                 "\"%.*s\" must not be empty, give e.g. %s",
                                 (int) key->name.len, key->name.data,
                                 key->example);
    }

    return 1;
}


unsigned
pintag_key_set_digits(pintag_file_t *file, const pintag_key_t *key,
    const pintag_yaml_node_t *value, void *field)
{
    size_t         i;
    pintag_str_t  *digits = field;

    if (value->kind != PINTAG_YAML_SCALAR || value->text.len == 0) {
        return pintag_key_wrong(file, key, value);
    }

    for (i = 0; i < value->text.len; i++) {
        if (value->text.data[i] < '0' || value->text.data[i] > '9') {
            return pintag_key_wrong(file, key, value);
        }
    }

    if (value->text.len > key->max) {
        return pintag_file_error(file, value, "\"%.*s\" has %zu digits, at "
                                 "most %zu are allowed",
                                 (int) key->name.len, key->name.data,
                                 value->text.len, key->max);
    }

    *digits = value->text;

    return 1;
}


unsigned
pintag_key_set_boolean(pintag_file_t *file, const pintag_key_t *key,
    const pintag_yaml_node_t *value, void *field)
{
    int        rc;
    unsigned  *flag = field;

    rc = pintag_key_boolean(value);

    if (rc < 0) {
        return pintag_key_wrong(file, key, value);
    }

    *flag = (unsigned) rc;

    return 1;
}


unsigned
pintag_key_set_choice(pintag_file_t *file, const pintag_key_t *key,
    const pintag_yaml_node_t *value, void *field)
{
    unsigned               *choice = field;
    pintag_quote_t          quote;
    const pintag_choice_t  *c;

    if (!pintag_key_is_text(value)) {
        return pintag_key_wrong(file, key, value);
    }

    for (c = key->choices; c->word.len; c++) {
        if (pintag_str_eq(value->text, c->word)) {
            *choice = c->value;
            return 1;
        }
    }

    for (c = key->choices; c->word.len; c++) {
        if (pintag_word_near(value->text, c->word, NULL)) {
            return pintag_file_error(file, value, "\"%.*s\" must be %s, not "
                                     "%s, did you mean \"%.*s\"?",
                                     (int) key->name.len, key->name.data,
                                     key->expected,
                                     pintag_quote(&quote, value->text),
                                     (int) c->word.len, c->word.data);
        }
    }

    return pintag_key_wrong(file, key, value);
}


unsigned
pintag_key_set_property(pintag_file_t *file, const pintag_key_t *key,
    const pintag_yaml_node_t *value, void *field)
{
    int  *id = field;

    if (!pintag_key_is_text(value)) {
        return pintag_key_wrong(file, key, value);
    }

    if (pintag_str_blank(value->text)) {
        *id = PINTAG_VALUE_NONE;
        return 1;
    }

    return pintag_key_is_name(file, key, value, value->text)
           && pintag_key_intern(file, value, value->text, id);
}


unsigned
pintag_key_intern(pintag_file_t *file, const pintag_yaml_node_t *value,
    pintag_str_t name, int *id)
{
    int              i, n;
    pintag_quote_t   quote;
    pintag_names_t  *names;

    names = &file->integrations->names;
    n = 0;

    for (i = pintag_names_find(names, name); i >= 0; i = names->elts[i].next) {
        n++;
    }

    if (n > PINTAG_SPELLINGS) {
        return pintag_file_error(file, value, "%s is one name in more than %d "
                                 "spellings, since case, spaces, \"_\" and "
                                 "\"-\" do not count: use the same one "
                                 "throughout",
                                 pintag_quote(&quote, name), PINTAG_SPELLINGS);
    }

    *id = pintag_names_intern(names, name);

    return *id >= 0 ? 1 : pintag_file_no_memory(file);
}


unsigned
pintag_key_set_list(pintag_file_t *file, const pintag_key_t *key,
    const pintag_yaml_node_t *value, void *field)
{
    pintag_list_t *list = field;

    if (value->kind == PINTAG_YAML_SEQUENCE && value->n) {
        list->elts = pintag_arena_alloc(file->arena,
                                        value->n * sizeof(pintag_str_t));
        if (list->elts == NULL) {
            return pintag_file_no_memory(file);
        }
    }

    return pintag_key_each(file, key, value, pintag_key_add_text, list);
}


static unsigned
pintag_key_add_text(pintag_file_t *file, const pintag_key_t *key,
    const pintag_yaml_node_t *item, pintag_str_t text, void *field)
{
    pintag_list_t *list = field;

    (void) file;
    (void) key;
    (void) item;

    list->elts[list->n++] = text;

    return 1;
}


unsigned
pintag_key_set_names(pintag_file_t *file, const pintag_key_t *key,
    const pintag_yaml_node_t *value, void *field)
{
    return pintag_key_each(file, key, value, pintag_key_add_name, field);
}


static unsigned
pintag_key_add_name(pintag_file_t *file, const pintag_key_t *key,
    const pintag_yaml_node_t *item, pintag_str_t text, void *field)
{
    pintag_names_t *names = field;

    (void) key;
    (void) item;

    return pintag_names_add(names, text) >= 0 ? 1
                                              : pintag_file_no_memory(file);
}


unsigned
pintag_key_each(pintag_file_t *file, const pintag_key_t *key,
    const pintag_yaml_node_t *value, pintag_key_add_pt add, void *field)
{
    pintag_str_t               text;
    const pintag_yaml_node_t  *item;

    if (value->kind != PINTAG_YAML_SEQUENCE) {
        return pintag_key_wrong(file, key, value);
    }

    if (value->n == 0 && key->filled) {
        return pintag_file_error(file, value, "\"%.*s\" must not be an empty "
                                 "list, remove the key or give e.g. %s",
                                 (int) key->name.len, key->name.data,
                                 key->example);
    }

    for (item = value->first; item; item = item->next) {

        if (!pintag_key_is_text(item)) {
            return pintag_key_wrong(file, key, item);
        }

        text = pintag_str_trim(item->text);

        if (text.len == 0) {
            return pintag_key_wrong(file, key, item);
        }

        if (key->names && !pintag_key_is_name(file, key, item, text)) {
            return 0;
        }

        if (!add(file, key, item, text, field)) {
            return 0;
        }
    }

    return pintag_file_end(file, value);
}


unsigned
pintag_key_is_name(pintag_file_t *file, const pintag_key_t *key,
    const pintag_yaml_node_t *value, pintag_str_t name)
{
    pintag_quote_t  quote;

    if (pintag_name_eq(PINTAG_FOLD_NAME, name, name)) {
        return 1;
    }

    return pintag_file_error(file, value, "%s in \"%.*s\" can never match: "
                             "spaces, \"_\" and \"-\" do not count in a "
                             "name, write it with letters or digits",
                             pintag_quote(&quote, name),
                             (int) key->name.len, key->name.data);
}


unsigned
pintag_key_is_text(const pintag_yaml_node_t *value)
{
    return value->kind == PINTAG_YAML_SCALAR
           && !pintag_yaml_null(value)
           && pintag_key_boolean(value) < 0;
}


/* -1 for what is neither true nor false */

static int
pintag_key_boolean(const pintag_yaml_node_t *value)
{
    static const pintag_str_t  yes = pintag_str("true");
    static const pintag_str_t  no = pintag_str("false");

    if (value->kind != PINTAG_YAML_SCALAR || !value->plain) {
        return -1;
    }

    if (pintag_str_eq(value->text, yes)) {
        return 1;
    }

    return pintag_str_eq(value->text, no) ? 0 : -1;
}


unsigned
pintag_key_wrong(pintag_file_t *file, const pintag_key_t *key,
    const pintag_yaml_node_t *value)
{
    const char      *found;
    pintag_quote_t   quote;

    if (value->kind == PINTAG_YAML_SEQUENCE) {
        found = "a list";

    } else if (value->kind == PINTAG_YAML_MAPPING) {
        found = "a mapping";

    } else if (pintag_yaml_null(value)) {
        found = "nothing";

    } else if (pintag_key_boolean(value) >= 0) {
        found = "a boolean";

    } else if (key->secret) {
        return pintag_file_error(file, value, "\"%.*s\" must be %s",
                                 (int) key->name.len, key->name.data,
                                 key->expected);

    } else {
        found = pintag_quote(&quote, value->text);
    }

    return pintag_file_error(file, value, "\"%.*s\" must be %s, not %s",
                             (int) key->name.len, key->name.data,
                             key->expected, found);
}
