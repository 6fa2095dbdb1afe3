
/*
 * Copyright (C) the ngx_http_pintag_module authors
 */


#include <string.h>

#include <yaml.h>

#include "yaml_remedy.h"
#include "yaml_text.h"
#include "yaml_tree.h"


typedef struct pintag_yaml_level_s  pintag_yaml_level_t;

struct pintag_yaml_level_s {
    pintag_yaml_node_t    *node;
    pintag_yaml_node_t    *last;
    pintag_yaml_level_t   *outer;
};


typedef struct {
    pintag_yaml_t         *yaml;
    pintag_arena_t        *arena;
    pintag_str_t           text;
    pintag_yaml_place_t    place;     /* of the last mark that was located */
    pintag_yaml_level_t   *level;
    size_t                 depth;
    size_t                 levels;
    unsigned               documents;
    unsigned               done:1;
} pintag_yaml_reader_t;


static void pintag_yaml_parse(pintag_yaml_reader_t *reader,
    yaml_parser_t *parser);
static unsigned pintag_yaml_event(pintag_yaml_reader_t *reader,
    const yaml_event_t *event);
static unsigned pintag_yaml_open(pintag_yaml_reader_t *reader,
    const yaml_event_t *event, pintag_yaml_kind_e kind,
    const yaml_char_t *anchor, const yaml_char_t *tag);
static unsigned pintag_yaml_scalar(pintag_yaml_reader_t *reader,
    const yaml_event_t *event);
static pintag_yaml_node_t *pintag_yaml_node(pintag_yaml_reader_t *reader,
    const yaml_event_t *event, pintag_yaml_kind_e kind);
static unsigned pintag_yaml_plain(pintag_yaml_reader_t *reader,
    const yaml_event_t *event, const yaml_char_t *anchor,
    const yaml_char_t *tag);
static void pintag_yaml_locate(pintag_yaml_reader_t *reader, size_t index,
    size_t *line, size_t *column);
static unsigned pintag_yaml_refuse(pintag_yaml_reader_t *reader, size_t index,
    const char *message);
static unsigned pintag_yaml_no_memory(pintag_yaml_reader_t *reader);
static void pintag_yaml_syntax(pintag_yaml_reader_t *reader,
    const yaml_parser_t *parser);


void
pintag_yaml_read(pintag_yaml_t *yaml, pintag_str_t text, size_t levels,
    pintag_arena_t *arena)
{
    pintag_str_t           copy;
    yaml_parser_t          parser;
    pintag_yaml_place_t    place;
    pintag_yaml_level_t   *level;
    pintag_yaml_reader_t   reader;

    memset(yaml, 0, sizeof(pintag_yaml_t));
    memset(&reader, 0, sizeof(pintag_yaml_reader_t));

    if (text.len >= 3 && memcmp(text.data, "\xef\xbb\xbf", 3) == 0) {
        text.data += 3;
        text.len -= 3;
    }

    if (text.len == 0) {
        return;
    }

    reader.yaml = yaml;
    reader.arena = arena;
    reader.text = text;
    reader.levels = levels;

    yaml->fault.message = pintag_yaml_check(text, &place);

    if (yaml->fault.message) {
        yaml->fault.line = place.line;
        yaml->fault.column = place.column;
        return;
    }

    if (!pintag_yaml_expand(text, arena, &copy, &place)) {
        (void) pintag_yaml_no_memory(&reader);
        return;
    }

    if (place.pos) {
        yaml->tab_line = place.line;
        yaml->tab_column = place.column;
    }

    pintag_yaml_start(&reader.place, text);

    if (!yaml_parser_initialize(&parser)) {
        (void) pintag_yaml_no_memory(&reader);
        return;
    }

    /* told, libyaml does not look for a byte order mark of its own */
    yaml_parser_set_encoding(&parser, YAML_UTF8_ENCODING);
    yaml_parser_set_input_string(&parser, copy.data, copy.len);

    pintag_yaml_parse(&reader, &parser);

    yaml_parser_delete(&parser);

    if (yaml->fault.message == NULL) {
        return;
    }

    for (level = reader.level; level; level = level->outer) {
        level->node->cut = 1;
    }
}


unsigned
pintag_yaml_null(const pintag_yaml_node_t *node)
{
    size_t  i;

    static const pintag_str_t  nulls[] = {
        pintag_str(""),
        pintag_str("~"),
        pintag_str("null"),
        pintag_str("Null"),
        pintag_str("NULL")
    };

    if (node->kind != PINTAG_YAML_SCALAR || !node->plain) {
        return 0;
    }

    for (i = 0; i < sizeof(nulls) / sizeof(nulls[0]); i++) {
        if (pintag_str_eq(node->text, nulls[i])) {
            return 1;
        }
    }

    return 0;
}


static void
pintag_yaml_parse(pintag_yaml_reader_t *reader, yaml_parser_t *parser)
{
    unsigned      ok;
    yaml_event_t  event;

    do {
        if (!yaml_parser_parse(parser, &event)) {
            pintag_yaml_syntax(reader, parser);
            return;
        }

        ok = pintag_yaml_event(reader, &event);

        yaml_event_delete(&event);

    } while (ok && !reader->done);
}


static unsigned
pintag_yaml_event(pintag_yaml_reader_t *reader, const yaml_event_t *event)
{
    switch (event->type) {

    case YAML_DOCUMENT_START_EVENT:

        if (reader->documents++) {
            return pintag_yaml_refuse(reader, event->start_mark.index,
                                      "a second document, the file must be "
                                      "one: remove this and what follows");
        }

        return 1;

    case YAML_SCALAR_EVENT:
        return pintag_yaml_scalar(reader, event);

    case YAML_SEQUENCE_START_EVENT:
        return pintag_yaml_open(reader, event, PINTAG_YAML_SEQUENCE,
                                event->data.sequence_start.anchor,
                                event->data.sequence_start.tag);

    case YAML_MAPPING_START_EVENT:
        return pintag_yaml_open(reader, event, PINTAG_YAML_MAPPING,
                                event->data.mapping_start.anchor,
                                event->data.mapping_start.tag);

    case YAML_SEQUENCE_END_EVENT:
    case YAML_MAPPING_END_EVENT:
        reader->level = reader->level->outer;
        reader->depth--;
        return 1;

    case YAML_ALIAS_EVENT:
        return pintag_yaml_refuse(reader, event->start_mark.index,
                                  "an alias is not supported, write what it "
                                  "stands for, or quote the value if it "
                                  "begins with \"*\"");

    case YAML_STREAM_END_EVENT:
        reader->done = 1;
        return 1;

    default:
        return 1;
    }
}


static unsigned
pintag_yaml_open(pintag_yaml_reader_t *reader, const yaml_event_t *event,
    pintag_yaml_kind_e kind, const yaml_char_t *anchor,
    const yaml_char_t *tag)
{
    pintag_yaml_level_t  *level;

    if (reader->depth == reader->levels) {
        (void) pintag_yaml_refuse(reader, event->start_mark.index,
                                  "nested too deeply");
        reader->yaml->fault.too_deep = 1;
        reader->yaml->root = NULL;
        return 0;
    }

    if (!pintag_yaml_plain(reader, event, anchor, tag)) {
        return 0;
    }

    level = pintag_arena_alloc(reader->arena, sizeof(pintag_yaml_level_t));
    if (level == NULL) {
        return pintag_yaml_no_memory(reader);
    }

    level->node = pintag_yaml_node(reader, event, kind);
    if (level->node == NULL) {
        return 0;
    }

    level->last = NULL;
    level->outer = reader->level;
    reader->level = level;
    reader->depth++;

    return 1;
}


static unsigned
pintag_yaml_scalar(pintag_yaml_reader_t *reader, const yaml_event_t *event)
{
    pintag_str_t         text;
    pintag_yaml_node_t  *node;

    if (!pintag_yaml_plain(reader, event, event->data.scalar.anchor,
                           event->data.scalar.tag))
    {
        return 0;
    }

    node = pintag_yaml_node(reader, event, PINTAG_YAML_SCALAR);
    if (node == NULL) {
        return 0;
    }

    node->plain = event->data.scalar.style == YAML_PLAIN_SCALAR_STYLE;

    if (event->data.scalar.length) {
        text.data = event->data.scalar.value;
        text.len = event->data.scalar.length;

        node->text = pintag_str_copy(text, reader->arena);
        if (node->text.data == NULL) {
            return pintag_yaml_no_memory(reader);
        }
    }

    return 1;
}


static pintag_yaml_node_t *
pintag_yaml_node(pintag_yaml_reader_t *reader, const yaml_event_t *event,
    pintag_yaml_kind_e kind)
{
    pintag_yaml_node_t   *node;
    pintag_yaml_level_t  *level;

    node = pintag_arena_zalloc(reader->arena, sizeof(pintag_yaml_node_t));
    if (node == NULL) {
        (void) pintag_yaml_no_memory(reader);
        return NULL;
    }

    node->kind = kind;

    pintag_yaml_locate(reader, event->start_mark.index, &node->line,
                       &node->column);

    level = reader->level;

    if (level == NULL) {
        reader->yaml->root = node;
        return node;
    }

    if (level->last) {
        level->last->next = node;

    } else {
        level->node->first = node;
    }

    level->last = node;
    level->node->n++;

    return node;
}


static unsigned
pintag_yaml_plain(pintag_yaml_reader_t *reader, const yaml_event_t *event,
    const yaml_char_t *anchor, const yaml_char_t *tag)
{
    if (anchor) {
        return pintag_yaml_refuse(reader, event->start_mark.index,
                                  "an anchor is not supported, remove it, or "
                                  "quote the value if it begins with \"&\"");
    }

    if (tag) {
        return pintag_yaml_refuse(reader, event->start_mark.index,
                                  "a tag is not supported, remove it, or "
                                  "quote the value if it begins with \"!\"");
    }

    return 1;
}


static void
pintag_yaml_locate(pintag_yaml_reader_t *reader, size_t index, size_t *line,
    size_t *column)
{
    /* nodes come in the order of the file; only a fault may look back */

    pintag_yaml_seek(&reader->place, reader->text, index);

    *line = reader->place.line;
    *column = reader->place.column;
}


static unsigned
pintag_yaml_refuse(pintag_yaml_reader_t *reader, size_t index,
    const char *message)
{
    pintag_yaml_fault_t  *fault;

    fault = &reader->yaml->fault;

    fault->message = message;
    pintag_yaml_locate(reader, index, &fault->line, &fault->column);

    return 0;
}


static unsigned
pintag_yaml_no_memory(pintag_yaml_reader_t *reader)
{
    pintag_yaml_fault_t  *fault;

    reader->yaml->root = NULL;

    fault = &reader->yaml->fault;

    fault->message = "not enough memory to read the file";
    fault->line = 1;
    fault->column = 1;

    return 0;
}


static void
pintag_yaml_syntax(pintag_yaml_reader_t *reader, const yaml_parser_t *parser)
{
    size_t                column;
    pintag_yaml_fault_t  *fault;

    if (parser->error == YAML_MEMORY_ERROR || parser->problem == NULL) {
        (void) pintag_yaml_no_memory(reader);
        return;
    }

    (void) pintag_yaml_refuse(reader, parser->problem_mark.index,
                              parser->problem);

    fault = &reader->yaml->fault;
    fault->remedy = pintag_yaml_remedy(parser->problem, parser->context);

    if (parser->context == NULL) {
        return;
    }

    fault->context = parser->context;

    pintag_yaml_locate(reader, parser->context_mark.index,
                       &fault->context_line, &column);
}
