
/*
 * Copyright (C) the ngx_http_pintag_module authors
 */


#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "file.h"


#define PINTAG_MESSAGE  1024

/* what is longer is not compared for a suggestion */
#define PINTAG_WORD     48


/* what Pinterest's access tokens begin with */
#define PINTAG_TOKEN  "pina_"


static unsigned pintag_quote_secret(pintag_str_t s);
static unsigned char pintag_word_lower(unsigned char c);


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


void
pintag_file_note(pintag_file_t *file, pintag_report_level_e level,
    const pintag_yaml_node_t *node, const char *fmt, ...)
{
    char     message[PINTAG_MESSAGE];
    va_list  args;

    va_start(args, fmt);
    (void) vsnprintf(message, sizeof(message), fmt, args);
    va_end(args);

    file->report(file->data, level, node->line, node->column, message);
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
                        "line %zu%s%s", fault->message, fault->context,
                        fault->context_line, fault->remedy ? "; " : "",
                        fault->remedy ? fault->remedy : "");

    } else {
        (void) snprintf(message, sizeof(message), "%s%s%s", fault->message,
                        fault->remedy ? "; " : "",
                        fault->remedy ? fault->remedy : "");
    }

    file->report(file->data, PINTAG_REPORT_ERROR, fault->line, fault->column,
                 message);

    return 0;
}


unsigned
pintag_file_end(pintag_file_t *file, const pintag_yaml_node_t *node)
{
    return node->cut ? pintag_file_fault(file) : 1;
}


unsigned
pintag_file_no_memory(pintag_file_t *file)
{
    return pintag_file_error(file, NULL,
                             "not enough memory to read the file");
}


/* an access token may stand where something else belongs */

static unsigned
pintag_quote_secret(pintag_str_t s)
{
    return s.len > sizeof(PINTAG_TOKEN) - 1
           && memcmp(s.data, PINTAG_TOKEN, sizeof(PINTAG_TOKEN) - 1) == 0;
}


const char *
pintag_quote(pintag_quote_t *quote, pintag_str_t s)
{
    char           *dst;
    size_t          i, len;
    unsigned char   c;

    len = s.len;

    if (pintag_quote_secret(s)) {
        len = sizeof(PINTAG_TOKEN) - 1;

    } else if (len > PINTAG_QUOTE) {
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
