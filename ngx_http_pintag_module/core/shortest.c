
/*
 * Copyright (C) the ngx_http_pintag_module authors
 *
 * As in Raffaello Giulietti, "The Schubfach way to render doubles" (2020): what
 * reads back as a double is an interval, which holds one or two multiples of
 * the largest power of ten that is no wider than it, and at most one of ten
 * times that.  Multiplied by a power of ten of 126 bits its ends are known well
 * enough to tell which.
 */


#include <string.h>

#include "shortest.h"


/* powers of ten that the exponents of doubles call for */
#define PINTAG_POWER_MIN   (-292)
#define PINTAG_POWER_MAX   324
#define PINTAG_POWERS      (PINTAG_POWER_MAX - PINTAG_POWER_MIN + 1)

/* words of 32 bits of the largest, and of a fraction for the smallest */
#define PINTAG_POWER_WORDS  36

#define PINTAG_MANTISSA     (((uint64_t) 1 << 52) - 1)
#define PINTAG_LOW63        (((uint64_t) 1 << 63) - 1)


/* of its first 126 bits, rounded up, the first 63 and the last */

typedef struct {
    uint64_t  high;
    uint64_t  low;
} pintag_power_t;


static void pintag_powers_init(void);
static void pintag_power_set(pintag_power_t *power, const uint32_t *words);
static uint64_t pintag_power_product(const pintag_power_t *power, uint64_t n);
static int pintag_floor_shift(int64_t n, unsigned bits);


/* of this process, set when one is needed first */
static pintag_power_t  pintag_powers[PINTAG_POWERS];


/* the high half of a product of 128 bits */

static inline uint64_t
pintag_multiply_high(uint64_t a, uint64_t b)
{
    uint64_t  low, cross, other;

    low = (a & UINT32_MAX) * (b & UINT32_MAX);
    cross = (a >> 32) * (b & UINT32_MAX) + (low >> 32);
    other = (a & UINT32_MAX) * (b >> 32) + (cross & UINT32_MAX);

    return (a >> 32) * (b >> 32) + (cross >> 32) + (other >> 32);
}


/* floor(log10(2^n)), floor(log10(3/4 * 2^n)), floor(log2(10^n)) */

static inline int
pintag_log10_pow2(int n)
{
    return pintag_floor_shift((int64_t) n * 1292913986, 32);
}


static inline int
pintag_log10_pow2_narrow(int n)
{
    return pintag_floor_shift((int64_t) n * 1292913986 - 536607788, 32);
}


static inline int
pintag_log2_pow10(int n)
{
    return pintag_floor_shift((int64_t) n * 14267572527, 32);
}


uint64_t
pintag_shortest(double d, int *exponent)
{
    int                    q, k, shift;
    uint64_t               bits, c, left, right, low, middle, high, s, tens;
    unsigned               odd, narrow, lower, upper;
    const pintag_power_t  *power;

    if (pintag_powers[0].high == 0) {
        pintag_powers_init();
    }

    memcpy(&bits, &d, sizeof(bits));

    c = bits & PINTAG_MANTISSA;
    q = (int) (bits >> 52 & 0x7ff);

    /* below a power of two doubles are twice as close */

    narrow = c == 0 && q > 1;

    if (q != 0) {
        c |= PINTAG_MANTISSA + 1;
        q--;
    }

    q -= 1074;

    /* the interval and the number in it, as c * 4 and 2^(q - 2) */

    left = 4 * c - (narrow ? 1 : 2);
    right = 4 * c + 2;

    k = narrow ? pintag_log10_pow2_narrow(q) : pintag_log10_pow2(q);
    shift = q + pintag_log2_pow10(-k) + 2;
    power = &pintag_powers[-k - PINTAG_POWER_MIN];

    low = pintag_power_product(power, left << shift);
    middle = pintag_power_product(power, (4 * c) << shift);
    high = pintag_power_product(power, right << shift);

    /* an end is in it when the mantissa is even, as reading rounds */

    odd = c & 1;
    s = middle / 4;

    if (s >= 10) {
        tens = s / 10 * 10;

        lower = low + odd <= 4 * tens;
        upper = 4 * (tens + 10) + odd <= high;

        if (lower != upper) {
            s = lower ? tens : tens + 10;
            goto found;
        }
    }

    lower = low + odd <= 4 * s;
    upper = 4 * (s + 1) + odd <= high;

    if (lower != upper) {
        s += upper;

    } else if (middle > 4 * s + 2 || (middle == 4 * s + 2 && s % 2)) {
        s++;
    }

found:

    while (s % 10 == 0) {
        s /= 10;
        k++;
    }

    *exponent = k;

    return s;
}


/* times the power, with what is lost of it as the last bit */

static uint64_t
pintag_power_product(const pintag_power_t *power, uint64_t n)
{
    uint64_t  high, rest;

    rest = (power->high * n >> 1) + pintag_multiply_high(power->low, n);
    high = pintag_multiply_high(power->high, n) + (rest >> 63);

    return high | ((rest & PINTAG_LOW63) != 0);
}


/* rounded down below zero, too */

static int
pintag_floor_shift(int64_t n, unsigned bits)
{
    return (int) ((n >= 0) ? n >> bits : -((-n - 1) >> bits) - 1);
}


/*
 * From 1 up by multiplying, and down by dividing 2^(32 * (WORDS - 1)): what is
 * left of that when it is rounded down each time is what dividing it once would
 * leave.
 */

static void
pintag_powers_init(void)
{
    int       i, k;
    uint32_t  words[PINTAG_POWER_WORDS];      /* the last is the highest */
    uint64_t  carry;

    memset(words, 0, sizeof(words));
    words[0] = 1;

    for (k = 0; k <= PINTAG_POWER_MAX; k++) {
        pintag_power_set(&pintag_powers[k - PINTAG_POWER_MIN], words);

        carry = 0;

        for (i = 0; i < PINTAG_POWER_WORDS; i++) {
            carry += (uint64_t) words[i] * 10;
            words[i] = (uint32_t) carry;
            carry >>= 32;
        }
    }

    memset(words, 0, sizeof(words));
    words[PINTAG_POWER_WORDS - 1] = 1;

    for (k = -1; k >= PINTAG_POWER_MIN; k--) {
        carry = 0;

        for (i = PINTAG_POWER_WORDS - 1; i >= 0; i--) {
            carry = carry << 32 | words[i];
            words[i] = (uint32_t) (carry / 10);
            carry %= 10;
        }

        pintag_power_set(&pintag_powers[k - PINTAG_POWER_MIN], words);
    }
}


static void
pintag_power_set(pintag_power_t *power, const uint32_t *words)
{
    int       i, n;
    unsigned  bit;

    n = PINTAG_POWER_WORDS * 32 - 1;

    while ((words[n / 32] >> n % 32 & 1) == 0) {
        n--;
    }

    power->high = 0;
    power->low = 0;

    for (i = 0; i < 126; i++, n--) {
        bit = (n >= 0) ? words[n / 32] >> n % 32 & 1 : 0;

        power->high = power->high << 1 | power->low >> 62;
        power->low = (power->low << 1 & PINTAG_LOW63) | bit;
    }

    power->low++;

    power->high += power->low >> 63;
    power->low &= PINTAG_LOW63;
}
