
/*
 * Copyright (C) the ngx_http_pintag_module authors
 *
 * What a disk does alone: appends a line and syncs it, one after the other.
 *
 *     fdatasync folder [milliseconds [bytes]]
 *
 * Prints how many a second.
 */


#define _GNU_SOURCE

#include <errno.h>
#include <fcntl.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>


static void
die(const char *what)
{
    fprintf(stderr, "fdatasync: %s: %s\n", what, strerror(errno));
    exit(1);
}


static uint64_t
now(void)
{
    struct timespec  ts;

    clock_gettime(CLOCK_MONOTONIC, &ts);

    return (uint64_t) ts.tv_sec * 1000000 + ts.tv_nsec / 1000;
}


int
main(int argc, char *argv[])
{
    int        fd;
    char      *name, *line;
    size_t     bytes;
    uint64_t   begun, end, n;

    if (argc < 2) {
        fprintf(stderr, "usage: fdatasync folder [milliseconds [bytes]]\n");
        return 1;
    }

    end = (argc > 2) ? strtoull(argv[2], NULL, 10) * 1000 : 2000000;
    bytes = (argc > 3) ? strtoul(argv[3], NULL, 10) : 512;

    if (bytes == 0 || asprintf(&name, "%s/fdatasync.XXXXXX", argv[1]) == -1) {
        return 1;
    }

    line = malloc(bytes);
    if (line == NULL) {
        die("malloc()");
    }

    memset(line, 'x', bytes);

    fd = mkstemp(name);
    if (fd == -1) {
        die(name);
    }

    (void) unlink(name);

    begun = now();

    for (n = 0; now() < begun + end; n++) {

        if (write(fd, line, bytes) != (ssize_t) bytes) {
            die("write()");
        }

        if (fdatasync(fd) == -1) {
            die("fdatasync()");
        }
    }

    printf("%.0f\n", n * 1e6 / (now() - begun));

    return 0;
}
