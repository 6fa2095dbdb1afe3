
/*
 * Copyright (C) the ngx_http_pintag_module authors
 *
 * Eight bytes at a time, as one integer.  What is done to them here is the same
 * in either order of bytes.
 */


#ifndef PINTAG_EIGHT_H
#define PINTAG_EIGHT_H


#include <stdint.h>
#include <string.h>


#define PINTAG_EIGHT_HIGH  PINTAG_EIGHT_EACH(0x80)

/* eight times the byte */
#define PINTAG_EIGHT_EACH(byte)  (UINT64_C(0x0101010101010101) * (byte))


static inline uint64_t
pintag_eight_load(const unsigned char *p)
{
    uint64_t  eight;

    memcpy(&eight, p, 8);

    return eight;
}


static inline void
pintag_eight_store(unsigned char *p, uint64_t eight)
{
    memcpy(p, &eight, 8);
}


/*
 * Not 0 when one of them is below "byte", of at most 0x80; a high bit of what
 * is not may be set only beside that of one that is.
 */

static inline uint64_t
pintag_eight_below(uint64_t eight, unsigned char byte)
{
    return (eight - PINTAG_EIGHT_EACH(byte)) & ~eight & PINTAG_EIGHT_HIGH;
}


/* not 0 when one of them is "byte" */

static inline uint64_t
pintag_eight_has(uint64_t eight, unsigned char byte)
{
    return pintag_eight_below(eight ^ PINTAG_EIGHT_EACH(byte), 1);
}


#endif /* PINTAG_EIGHT_H */
