
/*
 * Copyright (C) the ngx_http_pintag_module authors
 *
 * What to do about a fault that libyaml finds in a file: its own messages tell
 * what it looked for, not what is to be written instead.
 */


#ifndef PINTAG_YAML_REMEDY_H
#define PINTAG_YAML_REMEDY_H


/*
 * Static text for a message of libyaml's; "context", e.g. "while scanning a
 * tag", may be NULL.  NULL for what cannot be mended in the file.
 */
const char *pintag_yaml_remedy(const char *problem, const char *context);


#endif /* PINTAG_YAML_REMEDY_H */
