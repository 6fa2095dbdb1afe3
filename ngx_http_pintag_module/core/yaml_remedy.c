
/*
 * Copyright (C) the ngx_http_pintag_module authors
 */


#include <stddef.h>
#include <string.h>

#include "yaml_remedy.h"


#define PINTAG_YAML_TAG        "remove the tag, or quote the value if it "    \
                               "begins with \"!\""

#define PINTAG_YAML_DIRECTIVE  "remove the line that begins with \"%\""


typedef struct {
    const char  *problem;
    const char  *context;    /* NULL: any */
    const char  *remedy;
} pintag_yaml_remedy_t;


static const pintag_yaml_remedy_t  pintag_yaml_remedies[] = {

    /* blocks */
    { "did not find expected key", NULL,
      "write the keys of a mapping in one column, and quote a value as a "
      "whole if it has quotes, brackets or \" #\" in it" },
    { "did not find expected '-' indicator", NULL,
      "begin each entry of the list with \"-\", in one column" },
    { "could not find expected ':'", NULL,
      "write \"key: value\", or indent a line that goes on with the value "
      "before" },
    { "mapping values are not allowed in this context", NULL,
      "write a key in the column of those before it, and a value that has a "
      "colon and a space in quotes" },
    { "mapping keys are not allowed in this context", NULL,
      "quote a value that begins with \"?\"" },
    { "block sequence entries are not allowed in this context", NULL,
      "begin the list on the next line, or quote a value that begins with "
      "\"- \"" },

    /* flow */
    { "did not find expected ',' or ']'", NULL,
      "write commas between the items and \"]\" after the last" },
    { "did not find expected ',' or '}'", NULL,
      "write commas between the keys, each with its colon on one line, and "
      "\"}\" after the last" },
    { "did not find expected node content", NULL,
      "write a value here, in quotes if it begins with a sign such as a "
      "comma, a bracket or a dash" },

    /* scalars */
    { "found character that cannot start any token", NULL,
      "quote a value that begins with it, or write a space for a tab" },
    { "found unexpected end of stream", NULL, "close the quote" },
    { "found unexpected document indicator", NULL,
      "close the quote, or indent this line" },
    { "found unknown escape character", NULL,
      "write a backslash twice, or use single quotes" },
    { "did not find expected hexdecimal number", NULL,
      "write all the digits of the escape, or a backslash twice" },
    { "found invalid Unicode character escape code", NULL,
      "write the character itself, or \"\\U\" and eight digits" },
    { "did not find expected alphabetic or numeric character",
      "while scanning an alias", "quote a value that begins with \"*\"" },
    { "did not find expected alphabetic or numeric character",
      "while scanning an anchor", "quote a value that begins with \"&\"" },
    { "did not find expected comment or line break",
      "while scanning a block scalar",
      "begin the text on the next line, or quote a value that begins with "
      "\"|\" or \">\"" },
    { "found an indentation indicator equal to 0", NULL,
      "remove the digit" },
    { "found a tab character where an indentation space is expected", NULL,
      "indent with spaces" },
    { "found a tab character that violates indentation", NULL,
      "indent with spaces" },
    { "found unexpected ':'", NULL,
      "write a space after the colon, or quote the value" },

    /* documents and directives */
    { "did not find expected <document start>", NULL,
      "the file must be one document: remove what comes after \"...\", and "
      "lines that begin with \"%\"" },
    { "found incompatible YAML document", NULL, PINTAG_YAML_DIRECTIVE },
    { "found duplicate %YAML directive", NULL, PINTAG_YAML_DIRECTIVE },
    { "found unknown directive name", NULL, PINTAG_YAML_DIRECTIVE },
    { "could not find expected directive name", NULL, PINTAG_YAML_DIRECTIVE },
    { "found unexpected non-alphabetical character", NULL,
      PINTAG_YAML_DIRECTIVE },
    { "did not find expected version number", NULL, PINTAG_YAML_DIRECTIVE },
    { "found extremely long version number", NULL, PINTAG_YAML_DIRECTIVE },
    { "did not find expected digit or '.' character", NULL,
      PINTAG_YAML_DIRECTIVE },
    { "did not find expected comment or line break",
      "while scanning a directive", PINTAG_YAML_DIRECTIVE },

    /* tags */
    { "found undefined tag handle", NULL, PINTAG_YAML_TAG },
    { "did not find expected '!'", NULL, PINTAG_YAML_TAG },
    { "did not find expected tag URI", NULL, PINTAG_YAML_TAG },
    { "did not find URI escaped octet", NULL, PINTAG_YAML_TAG },
    { "found an incorrect leading UTF-8 octet", NULL, PINTAG_YAML_TAG },
    { "found an incorrect trailing UTF-8 octet", NULL, PINTAG_YAML_TAG },
    { "did not find the expected '>'", NULL, PINTAG_YAML_TAG },
    { "did not find expected whitespace or line break", NULL,
      PINTAG_YAML_TAG }
};


const char *
pintag_yaml_remedy(const char *problem, const char *context)
{
    size_t                       i, n;
    const pintag_yaml_remedy_t  *remedy;

    n = sizeof(pintag_yaml_remedies) / sizeof(pintag_yaml_remedies[0]);

    for (i = 0; i < n; i++) {

        remedy = &pintag_yaml_remedies[i];

        if (strcmp(remedy->problem, problem) == 0
            && (remedy->context == NULL
                || (context && strcmp(remedy->context, context) == 0)))
        {
            return remedy->remedy;
        }
    }

    return NULL;
}
