
/*
 * Copyright (C) the ngx_http_pintag_module authors
 *
 * The shortest decimal of a double, in a time that does not depend on it.
 */


#ifndef PINTAG_SHORTEST_H
#define PINTAG_SHORTEST_H


#include <stdint.h>


/*
 * Of a finite number above zero: digits, without a zero at the end, times ten
 * to the exponent.  Of the shortest decimals that read back as the number it
 * is the nearest.
 */
uint64_t pintag_shortest(double d, int *exponent);


#endif /* PINTAG_SHORTEST_H */
