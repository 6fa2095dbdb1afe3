
/*
 * Copyright (C) the ngx_http_pintag_module authors
 *
 * Sixteen bytes at a time, as a vector.
 */


#ifndef PINTAG_SIXTEEN_H
#define PINTAG_SIXTEEN_H


#include <stdint.h>
#include <string.h>


#define PINTAG_SIXTEEN  16


/* GCC and Clang make of it what the processor has */

typedef unsigned char  pintag_sixteen_t
    __attribute__((vector_size(PINTAG_SIXTEEN)));


static inline pintag_sixteen_t
pintag_sixteen_load(const unsigned char *p)
{
    pintag_sixteen_t  bytes;

    memcpy(&bytes, p, sizeof(bytes));

    return bytes;
}


/* 1 when each byte of what was compared is -1, as true is */

static inline unsigned
pintag_sixteen_all(pintag_sixteen_t bytes)
{
    uint64_t  halves[2];

    memcpy(halves, &bytes, sizeof(halves));

    return (halves[0] & halves[1]) == UINT64_MAX;
}


#endif /* PINTAG_SIXTEEN_H */
