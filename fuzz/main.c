
/*
 * Copyright (C) the ngx_http_pintag_module authors
 *
 * Runs files of inputs through a target that is built without libFuzzer.
 */


#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "fuzz.h"


#define FUZZ_FILE  (1024 * 1024)


int
main(int argc, char **argv)
{
    int       i;
    FILE     *file;
    size_t    n;
    uint8_t  *data, *input;

    data = malloc(FUZZ_FILE);
    fuzz_check(data != NULL);

    for (i = 1; i < argc; i++) {
        file = fopen(argv[i], "rb");

        if (file == NULL) {
            fprintf(stderr, "%s: %s\n", argv[i], strerror(errno));
            return 1;
        }

        n = fread(data, 1, FUZZ_FILE, file);
        (void) fclose(file);

        /* not a byte longer */

        input = malloc(n ? n : 1);
        fuzz_check(input != NULL);
        memcpy(input, data, n);

        (void) LLVMFuzzerTestOneInput(input, n);

        free(input);
    }

    free(data);

    return 0;
}
