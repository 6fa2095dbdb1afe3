
/*
 * Copyright (C) the ngx_http_pintag_module authors
 *
 * The reader json_READER.c of the core, compiled once for each with READER
 * defined: its functions get names of its own.
 */


#define reader_quote(name)      #name
#define reader_file(name)       reader_quote(json_##name.c)
#define reader_source(name)     reader_file(name)
#define reader_string(name)     reader_quote(name)
#define reader_join(name, b)    json_reader_##name##b
#define reader_name(name, b)    reader_join(name, b)

#define pintag_json_reader      reader_name(READER, _reader)
#define pintag_json_read        reader_name(READER, _read)
#define pintag_json_free        reader_name(READER, _free)
#define pintag_json_root        reader_name(READER, _root)
#define pintag_json_max_depth   reader_name(READER, _max_depth)
#define pintag_json_kind        reader_name(READER, _kind)
#define pintag_json_size        reader_name(READER, _size)
#define pintag_json_string      reader_name(READER, _string)
#define pintag_json_integer     reader_name(READER, _integer)
#define pintag_json_real        reader_name(READER, _real)
#define pintag_json_each        reader_name(READER, _each)
#define pintag_json_next        reader_name(READER, _next)

#include reader_source(READER)

#include "json_reader.h"


const json_reader_t  reader_name(READER, ) = {
    reader_string(READER),
    pintag_json_read,
    pintag_json_free,
    pintag_json_root,
    pintag_json_max_depth,
    pintag_json_kind,
    pintag_json_size,
    pintag_json_string,
    pintag_json_integer,
    pintag_json_real,
    pintag_json_each,
    pintag_json_next
};
