
/*
 * Copyright (C) the ngx_http_pintag_module authors
 */


#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "shortest.h"
#include "text.h"
#include "utf8.h"


/* a number in a string has at most this many digits, signs and separators */
#define PINTAG_NUMBER_MAX  64


/* a number in a string, less all that is passed over */

typedef struct {
    char      data[PINTAG_NUMBER_MAX];    /* digits, "," and "." */
    size_t    len;
    size_t    digits;
    size_t    commas;
    size_t    dots;
    unsigned  negative;
} pintag_number_t;


static size_t pintag_format_decimal(unsigned char *dst, const char *digits,
    int n, int point);
static inline unsigned char *pintag_format_digits(unsigned char *p,
    const char *digits, int n);
static inline unsigned char *pintag_format_zeros(unsigned char *p, int n);
static double pintag_decimal_value(const char *digits, size_t n, int exponent);
static unsigned pintag_number_scan(pintag_number_t *number, pintag_str_t s);
static unsigned pintag_number_point(const pintag_number_t *number,
    size_t *point);


static const double  pintag_power10[] = {
    1e0, 1e1, 1e2, 1e3, 1e4, 1e5, 1e6, 1e7, 1e8, 1e9, 1e10, 1e11, 1e12, 1e13,
    1e14, 1e15, 1e16, 1e17, 1e18, 1e19, 1e20, 1e21, 1e22
};


size_t
pintag_format_integer(unsigned char *dst, int64_t n)
{
    if (n >= 0) {
        return pintag_format_uint(dst, (uint64_t) n);
    }

    *dst++ = '-';

    /* INT64_MIN has no positive counterpart */

    return 1 + pintag_format_uint(dst, 0 - (uint64_t) n);
}


size_t
pintag_format_uint(unsigned char *dst, uint64_t n)
{
    size_t          len;
    unsigned char   digits[20], *p;

    p = digits + sizeof(digits);

    do {
        *--p = (unsigned char) ('0' + n % 10);
        n /= 10;
    } while (n != 0);

    len = (size_t) (digits + sizeof(digits) - p);
    memcpy(dst, p, len);

    return len;
}


size_t
pintag_format_double(unsigned char *dst, double d)
{
    int       k, n, exponent;
    char      digits[20];
    size_t    sign;
    double    scaled;
    uint64_t  integer;

    if (d == 0) {
        *dst = '0';
        return 1;
    }

    sign = 0;

    if (d < 0) {
        d = -d;
        *dst++ = '-';
        sign = 1;
    }

    /*
     * Nearly all numbers are integers or have a few decimals.  An integer of
     * up to 15 digits divided by an exact power of ten is what reading the
     * decimal gives, and no other decimal of that length reads the same.
     */

    if (d < 9007199254740992.0 && d == floor(d)) {
        return sign + pintag_format_uint(dst, (uint64_t) d);
    }

    for (k = 1; k <= 6; k++) {
        scaled = d * pintag_power10[k];

        if (scaled >= 1e15) {
            break;
        }

        integer = (uint64_t) (scaled + 0.5);

        if ((double) integer / pintag_power10[k] == d) {
            n = (int) pintag_format_uint((unsigned char *) digits, integer);
            return sign + pintag_format_decimal(dst, digits, n, n - k);
        }
    }

    n = (int) pintag_format_uint((unsigned char *) digits,
                                 pintag_shortest(d, &exponent));

    return sign + pintag_format_decimal(dst, digits, n, n + exponent);
}


/* "n" digits with a decimal point before the digit of that index, or beyond */

static size_t
pintag_format_decimal(unsigned char *dst, const char *digits, int n, int point)
{
    unsigned char  *p;

    p = dst;

    if (point <= 0) {
        *p++ = '0';
        *p++ = '.';

        p = pintag_format_zeros(p, -point);
        p = pintag_format_digits(p, digits, n);

    } else if (point >= n) {
        p = pintag_format_digits(p, digits, n);
        p = pintag_format_zeros(p, point - n);

    } else {
        p = pintag_format_digits(p, digits, point);
        *p++ = '.';
        p = pintag_format_digits(p, digits + point, n - point);
    }

    return (size_t) (p - dst);
}


static inline unsigned char *
pintag_format_digits(unsigned char *p, const char *digits, int n)
{
    memcpy(p, digits, (size_t) n);

    return p + n;
}


static inline unsigned char *
pintag_format_zeros(unsigned char *p, int n)
{
    memset(p, '0', (size_t) n);

    return p + n;
}


/* at most PINTAG_NUMBER_MAX digits times ten to the exponent */

static double
pintag_decimal_value(const char *digits, size_t n, int exponent)
{
    char      text[PINTAG_NUMBER_MAX + 16];
    size_t    i;
    uint64_t  integer;

    if (n <= 15 && exponent <= 0 && exponent >= -22) {
        integer = 0;

        for (i = 0; i < n; i++) {
            /* NOLINTNEXTLINE(clang-analyzer-core.*): as in its caller */
            integer = integer * 10 + (uint64_t) (digits[i] - '0');
        }

        return (double) integer / pintag_power10[-exponent];
    }

    /* without a decimal point, so that the locale does not matter */

    memcpy(text, digits, n);
    (void) snprintf(text + n, sizeof(text) - n, "e%d", exponent);

    return strtod(text, NULL);
}


double
pintag_round6(double d)
{
    /* also leaves alone what is not finite */

    if (!(fabs(d) < 9007199254740992.0 / 1e6)) {
        return d;
    }

    return round(d * 1e6) / 1e6;
}


int
pintag_read_number(pintag_str_t s, pintag_arena_t *arena, pintag_str_t *text,
    double *value)
{
    char              digits[PINTAG_NUMBER_MAX];
    size_t            i, n, point;
    unsigned char    *p;
    pintag_number_t   number;

    if (!pintag_number_scan(&number, s)
        || !pintag_number_point(&number, &point))
    {
        return 0;
    }

    /* a sign, a zero and a point may be added */

    p = pintag_arena_bytes(arena, number.len + 3);

    if (p == NULL) {
        return -1;
    }

    text->data = p;

    n = 0;

    for (i = 0; i < point; i++) {
        if (number.data[i] >= '0') {
            digits[n++] = number.data[i];
        }
    }

    point = n;

    for ( /* void */ ; i < number.len; i++) {
        if (number.data[i] >= '0') {
            digits[n++] = number.data[i];
        }
    }

    *value = pintag_decimal_value(digits, n, (int) point - (int) n);

    if (number.negative && *value != 0) {
        *value = -*value;
        *p++ = '-';
    }

    p += pintag_format_decimal(p, digits, (int) n, (int) point);

    text->len = (size_t) (p - text->data);

    return 1;
}


/*
 * Takes the number out of its text.  1, or 0 when there is something in it that
 * does not belong to a number.
 */

static unsigned
pintag_number_scan(pintag_number_t *number, pintag_str_t s)
{
    size_t                n;
    uint32_t              code;
    unsigned              letter, sign, mark;
    const unsigned char  *p, *end;

    enum {
        sw_before = 0,       /* before any letter */
        sw_letters,
        sw_number,
        sw_after
    } state;

    memset(number, 0, sizeof(pintag_number_t));

    if (s.len == 0) {
        return 0;
    }

    state = sw_before;
    letter = 0;
    sign = 0;
    mark = 0;

    end = s.data + s.len;

    for (p = s.data; p != end; p += n) {

        n = pintag_utf8_decode(p, end, &code);

        if (n == 0) {
            return 0;
        }

        if (pintag_utf8_space(p, end) != 0 || pintag_utf8_currency(code)) {
            letter = 0;
            continue;
        }

        /* U+2212 is the minus of typographers */

        if (code == '-' || code == '+' || code == 0x2212) {

            if (sign || state > sw_letters) {
                return 0;
            }

            sign = 1;
            letter = 0;
            number->negative = (code != '+');

            /* no letters after a sign that came after letters */

            if (state == sw_letters) {
                state = sw_number;
            }

            continue;
        }

        if (code >= 0x80 || ((code | 0x20) >= 'a' && (code | 0x20) <= 'z')) {

            if (state == sw_number && (number->len == 0 || mark)) {
                return 0;
            }

            state = (state <= sw_letters) ? sw_letters : sw_after;
            letter = 1;
            continue;
        }

        /* the point of "kr." and "Rs." */

        if (code == '.' && letter) {
            letter = 0;
            continue;
        }

        if (state == sw_after) {
            return 0;
        }

        letter = 0;

        if (code == '\'') {

            if (number->len == 0 || mark || number->data[number->len - 1] < '0')
            {
                return 0;
            }

            mark = 1;
            continue;
        }

        if (code >= '0' && code <= '9') {
            number->digits++;

        } else if (mark) {
            return 0;

        } else if (code == ',') {
            number->commas++;

        } else if (code == '.') {
            number->dots++;

        } else {
            return 0;
        }

        if (number->len == PINTAG_NUMBER_MAX) {
            return 0;
        }

        number->data[number->len++] = (char) code;
        state = sw_number;
        mark = 0;
    }

    return number->digits != 0 && !mark;
}


/*
 * Decides which separator is the decimal point and gives its index, or the
 * length of the number when it has none.  0 when it is no number.
 */

static unsigned
pintag_number_point(const pintag_number_t *number, size_t *point)
{
    char    last;
    size_t  i, group;

    i = number->len;
    *point = i;

    if (number->commas == 0 && number->dots == 0) {
        return 1;
    }

    do {
        i--;
    } while (number->data[i] >= '0');

    last = number->data[i];

    if (number->commas != 0 && number->dots != 0) {
        *point = i;
        return (last == '.' ? number->dots : number->commas) == 1;
    }

    if (last == ',') {
        group = number->len - i - 1;

        if (number->commas == 1 && (group == 1 || group == 2)) {
            *point = i;
        }

        return 1;
    }

    if (number->dots == 1) {
        *point = i;
        return 1;
    }

    group = 0;

    for (i = number->len; i != 0; i--) {

        if (number->data[i - 1] != '.') {
            group++;
            continue;
        }

        if (group != 3) {
            return 0;
        }

        group = 0;
    }

    return group >= 1 && group <= 3;
}
