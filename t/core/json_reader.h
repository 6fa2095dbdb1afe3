
/*
 * Copyright (C) the ngx_http_pintag_module authors
 *
 * Readers as tables of functions, so that a program can have several.
 */


#ifndef PINTAG_JSON_READER_H
#define PINTAG_JSON_READER_H


#include "json.h"


typedef struct {
    const char            *name;

    pintag_json_doc_t   *(*read)(const unsigned char *data, size_t len,
                                 pintag_arena_t *arena,
                                 pintag_json_error_t *error);
    void                 (*free)(pintag_json_doc_t *doc);
    const pintag_json_t *(*root)(const pintag_json_doc_t *doc);
    unsigned             (*max_depth)(const pintag_json_doc_t *doc);
    pintag_json_kind_e   (*kind)(const pintag_json_t *value);
    size_t               (*size)(const pintag_json_t *value);
    pintag_str_t         (*string)(const pintag_json_t *value);
    int64_t              (*integer)(const pintag_json_t *value);
    double               (*real)(const pintag_json_t *value);
    void                 (*each)(const pintag_json_t *value,
                                 pintag_json_iter_t *it);
    unsigned             (*next)(pintag_json_iter_t *it);
} json_reader_t;


extern const json_reader_t  json_reader_jansson;
extern const json_reader_t  json_reader_yyjson;


#endif /* PINTAG_JSON_READER_H */
