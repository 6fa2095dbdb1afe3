
/*
 * Copyright (C) the ngx_http_pintag_module authors
 *
 * Why a text is no JSON that json.h reads, in the same words and at the same
 * place whatever library reads it.
 */


#ifndef PINTAG_JSON_ERROR_H
#define PINTAG_JSON_ERROR_H


#include "json.h"
#include "text.h"


/* values in one another; what is nested deeper is not read */
#define PINTAG_JSON_MAX_DEPTH  2048


/*
 * Goes through the text up to what is wrong first.  1 with "error" filled in,
 * 0 when nothing is.  Takes no memory.
 */
unsigned pintag_json_explain(pintag_str_t text, pintag_json_error_t *error);

/* fills in "error" for a reader that found no memory */
void pintag_json_no_memory(pintag_json_error_t *error);


#endif /* PINTAG_JSON_ERROR_H */
