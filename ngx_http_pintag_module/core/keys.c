
/*
 * Copyright (C) the ngx_http_pintag_module authors
 */


#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include "keys.h"


#define PINTAG_MESSAGE  1024

/* what is longer is not compared for a suggestion */
#define PINTAG_WORD     48


static const pintag_key_t *pintag_keys_find(pintag_file_t *file,
    pintag_keys_t keys, const pintag_yaml_node_t *node, uint64_t *seen);
static unsigned pintag_keys_unknown(pintag_file_t *file, pintag_keys_t keys,
    const pintag_yaml_node_t *node);
static int pintag_key_boolean(const pintag_yaml_node_t *value);
static unsigned char pintag_word_lower(unsigned char c);


unsigned
pintag_keys_read(pintag_file_t *file, pintag_keys_t keys,
    const pintag_yaml_node_t *node, void *object)
{
    size_t                     i;
    uint64_t                   seen, present, bit;
    const pintag_key_t        *key;
    const pintag_yaml_node_t  *name, *value;

    seen = 0;
    present = 0;

    for (name = node->first; name; name = value->next) {

        key = pintag_keys_find(file, keys, name, &seen);

        if (key == NULL) {
            return 0;
        }

        value = name->next;

        if (value == NULL) {
            break;
        }

        if (pintag_yaml_null(value)) {
            continue;
        }

        bit = (uint64_t) 1 << (key - keys.elts);
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

        if (key->example && !(present & (uint64_t) 1 << i)) {

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


static const pintag_key_t *
pintag_keys_find(pintag_file_t *file, pintag_keys_t keys,
    const pintag_yaml_node_t *node, uint64_t *seen)
{
    size_t          i;
    pintag_quote_t  quote;

    if (node->kind != PINTAG_YAML_SCALAR) {
        (void) pintag_file_error(file, node, "a key must be a string, not %s",
                                 node->kind == PINTAG_YAML_SEQUENCE
                                 ? "a list" : "a mapping");
        return NULL;
    }

    for (i = 0; i < keys.n; i++) {

        if (!pintag_str_eq(node->text, keys.elts[i].name)) {
            continue;
        }

        if (*seen & (uint64_t) 1 << i) {
            (void) pintag_file_error(file, node,
                                     "duplicate key %s, remove one of them",
                                     pintag_quote(&quote, node->text));
            return NULL;
        }

        *seen |= (uint64_t) 1 << i;

        return &keys.elts[i];
    }

    (void) pintag_keys_unknown(file, keys, node);

    return NULL;
}


static unsigned
pintag_keys_unknown(pintag_file_t *file, pintag_keys_t keys,
    const pintag_yaml_node_t *node)
{
    int                  len;
    char                 list[PINTAG_MESSAGE];
    size_t               i, used, distance, least;
    pintag_quote_t       quote;
    const pintag_str_t  *name, *nearest;

    nearest = NULL;
    least = 0;

    for (i = 0; i < keys.n; i++) {

        name = &keys.elts[i].name;

        if (pintag_word_near(node->text, *name, &distance)
            && (nearest == NULL || distance < least))
        {
            nearest = name;
            least = distance;
        }
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
pintag_file_end(pintag_file_t *file, const pintag_yaml_node_t *node)
{
    return node->cut ? pintag_file_fault(file) : 1;
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
                                 key->example ? key->example : "a name");
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

    *id = pintag_names_intern(file->names, value->text);

    return *id >= 0 ? 1 : pintag_file_no_memory(file);
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


unsigned
pintag_word_near(pintag_str_t word, pintag_str_t known, size_t *distance)
{
    size_t         i, j, n, cost, row[3][PINTAG_WORD + 1];
    size_t        *above, *last, *current, *spare;
    unsigned char  a, b;

    if (word.len > PINTAG_WORD || known.len > PINTAG_WORD) {
        return 0;
    }

    above = row[0];
    last = row[1];
    current = row[2];

    for (j = 0; j <= known.len; j++) {
        last[j] = j;
        above[j] = j;
    }

    for (i = 1; i <= word.len; i++) {

        current[0] = i;
        a = pintag_word_lower(word.data[i - 1]);

        for (j = 1; j <= known.len; j++) {

            b = pintag_word_lower(known.data[j - 1]);
            cost = last[j - 1] + (a != b);

            n = last[j] + 1;

            if (n < cost) {
                cost = n;
            }

            n = current[j - 1] + 1;

            if (n < cost) {
                cost = n;
            }

            if (i > 1 && j > 1
                && a == pintag_word_lower(known.data[j - 2])
                && b == pintag_word_lower(word.data[i - 2])
                && above[j - 2] + 1 < cost)
            {
                cost = above[j - 2] + 1;
            }

            current[j] = cost;
        }

        spare = above;
        above = last;
        last = current;
        current = spare;
    }

    if (distance) {
        *distance = last[known.len];
    }

    return last[known.len] <= 1 + known.len / 5;
}


static unsigned char
pintag_word_lower(unsigned char c)
{
    return (c >= 'A' && c <= 'Z') ? (unsigned char) (c | 0x20) : c;
}


const char *
pintag_quote(pintag_quote_t *quote, pintag_str_t s)
{
    char           *dst;
    size_t          i, len;
    unsigned char   c;

    len = s.len;

    if (len > PINTAG_QUOTE) {
        len = PINTAG_QUOTE;

        while (len && (s.data[len] & 0xc0) == 0x80) {
            len--;
        }
    }

    dst = quote->text;
    *dst++ = '"';

    for (i = 0; i < len; i++) {

        c = s.data[i];

        if (c < 0x20 || c == 0x7f) {
            c = '?';

        } else if (c == 0xc2 && i + 1 < len && s.data[i + 1] < 0xa0) {
            /* U+0080 to U+009F */
            c = '?';
            i++;
        }

        *dst++ = (char) c;
    }

    if (len < s.len) {
        memcpy(dst, "...", 3);
        dst += 3;
    }

    *dst++ = '"';
    *dst = '\0';

    return quote->text;
}


unsigned
pintag_file_error(pintag_file_t *file, const pintag_yaml_node_t *node,
    const char *fmt, ...)
{
    char     message[PINTAG_MESSAGE];
    va_list  args;

    /* what is not whole cannot be judged: its fault comes first */

    if (node && node->cut) {
        return pintag_file_fault(file);
    }

    va_start(args, fmt);
    (void) vsnprintf(message, sizeof(message), fmt, args);
    va_end(args);

    file->report(file->data, PINTAG_REPORT_ERROR, node ? node->line : 1,
                 node ? node->column : 1, message);

    return 0;
}


unsigned
pintag_file_fault(pintag_file_t *file)
{
    char                        message[PINTAG_MESSAGE];
    const pintag_yaml_fault_t  *fault;

    fault = &file->yaml.fault;

    if (fault->too_deep) {
        (void) snprintf(message, sizeof(message), "nested too deeply, more "
                        "than %d levels", PINTAG_INTEGRATIONS_MAX_DEPTH);

    } else if (fault->context && fault->context_line != fault->line) {

        /* the end of what was not closed may be far from its beginning */

        (void) snprintf(message, sizeof(message), "%s, %s that begins on "
                        "line %zu", fault->message, fault->context,
                        fault->context_line);

    } else {
        (void) snprintf(message, sizeof(message), "%s", fault->message);
    }

    file->report(file->data, PINTAG_REPORT_ERROR, fault->line, fault->column,
                 message);

    return 0;
}


unsigned
pintag_file_no_memory(pintag_file_t *file)
{
    return pintag_file_error(file, NULL,
                             "not enough memory to read the file");
}
