
/*
 * Copyright (C) the ngx_http_pintag_module authors
 */


#include <math.h>

#include "event_time.h"


/* from here on a number counts milliseconds */
#define PINTAG_MILLISECONDS  100000000000

/* the longest run of digits that is read as a Unix time */
#define PINTAG_TIME_DIGITS   18

/* of a time, with white space around it */
#define PINTAG_TIME_LEN      256

#define PINTAG_DAY           86400


typedef struct {
    const unsigned char  *pos;
    const unsigned char  *end;
} pintag_time_text_t;


static unsigned pintag_time_read(const pintag_json_t *value, int64_t *seconds);
static unsigned pintag_time_text(pintag_str_t s, int64_t *seconds);
static unsigned pintag_time_date(pintag_time_text_t *text, int64_t *days);
static unsigned pintag_time_of_day(pintag_time_text_t *text,
    int64_t *seconds);
static unsigned pintag_time_zone(pintag_time_text_t *text, int64_t *seconds);
static unsigned pintag_time_number(pintag_time_text_t *text, size_t n,
    int64_t *number);
static unsigned pintag_time_next(pintag_time_text_t *text, char c);
static int64_t pintag_time_days(int64_t year, int64_t month, int64_t day);
static int64_t pintag_time_unix(int64_t n);


int64_t
pintag_event_time(const pintag_event_t *event, int64_t now)
{
    size_t   i;
    int64_t  seconds;

    static const pintag_name_id_e  names[] = {
        PINTAG_NAME_TIMESTAMP,
        PINTAG_NAME_ORIGINAL_TIMESTAMP,
        PINTAG_NAME_SENT_AT,
        PINTAG_NAME_RECEIVED_AT
    };

    for (i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
        if (pintag_time_read(event->root.members[names[i]].value, &seconds)
            && seconds >= now - PINTAG_EVENT_TIME_PAST
            && seconds <= now + PINTAG_EVENT_TIME_FUTURE)
        {
            return seconds;
        }
    }

    return now;
}


/* what follows gives 1, or 0 for what is no time */

static unsigned
pintag_time_read(const pintag_json_t *value, int64_t *seconds)
{
    double        d;
    pintag_str_t  text;

    switch (pintag_json_kind(value)) {

    case PINTAG_JSON_INTEGER:
        *seconds = pintag_time_unix(pintag_json_integer(value));
        return 1;

    case PINTAG_JSON_REAL:
        d = pintag_json_real(value);

        if (d >= (double) PINTAG_MILLISECONDS) {
            d /= 1000;
        }

        /* far from any time, and within int64 */

        if (fabs(d) >= 1e18) {
            return 0;
        }

        *seconds = (int64_t) floor(d);
        return 1;

    case PINTAG_JSON_STRING:
        text = pintag_json_string(value);

        return text.len <= PINTAG_TIME_LEN
               && pintag_time_text(pintag_str_trim(text), seconds);

    default:
        return 0;
    }
}


static unsigned
pintag_time_text(pintag_str_t s, int64_t *seconds)
{
    size_t              n;
    int64_t             days, time, zone;
    pintag_time_text_t  text;

    for (n = 0; n < s.len && s.data[n] >= '0' && s.data[n] <= '9'; n++) {
        /* void */
    }

    text.pos = s.data;
    text.end = s.data + s.len;

    /* eight digits are a date: as seconds they are of 1970 */

    if (n == s.len && n != 8) {

        if (n == 0 || n > PINTAG_TIME_DIGITS
            || !pintag_time_number(&text, n, &time))
        {
            return 0;
        }

        *seconds = pintag_time_unix(time);
        return 1;
    }

    if (!pintag_time_date(&text, &days)) {
        return 0;
    }

    time = 0;
    zone = 0;

    if (text.pos != text.end) {

        if (!pintag_time_next(&text, 'T') && !pintag_time_next(&text, 't')
            && !pintag_time_next(&text, ' '))
        {
            return 0;
        }

        if (!pintag_time_of_day(&text, &time)
            || !pintag_time_zone(&text, &zone)
            || text.pos != text.end)
        {
            return 0;
        }
    }

    *seconds = days * PINTAG_DAY + time - zone;

    return 1;
}


/* YYYY-MM-DD or YYYYMMDD */

static unsigned
pintag_time_date(pintag_time_text_t *text, int64_t *days)
{
    int64_t   year, month, day, last;
    unsigned  extended;

    if (!pintag_time_number(text, 4, &year)) {
        return 0;
    }

    extended = pintag_time_next(text, '-');

    if (!pintag_time_number(text, 2, &month)
        || (extended && !pintag_time_next(text, '-'))
        || !pintag_time_number(text, 2, &day))
    {
        return 0;
    }

    if (month < 1 || month > 12) {
        return 0;
    }

    *days = pintag_time_days(year, month, 1);

    last = (month == 12) ? 31 : pintag_time_days(year, month + 1, 1) - *days;

    *days += day - 1;

    return day >= 1 && day <= last;
}


/* HH, HH:MM, HH:MM:SS with any fraction, or without the colons */

static unsigned
pintag_time_of_day(pintag_time_text_t *text, int64_t *seconds)
{
    int64_t   hour, minute, second;
    unsigned  extended;

    minute = 0;
    second = 0;

    if (!pintag_time_number(text, 2, &hour)) {
        return 0;
    }

    extended = pintag_time_next(text, ':');

    if (pintag_time_number(text, 2, &minute)) {

        if (extended ? pintag_time_next(text, ':')
                     : text->pos != text->end && *text->pos >= '0'
                       && *text->pos <= '9')
        {
            if (!pintag_time_number(text, 2, &second)) {
                return 0;
            }

            if (pintag_time_next(text, '.') || pintag_time_next(text, ',')) {

                if (!pintag_time_number(text, 1, seconds)) {
                    return 0;
                }

                while (pintag_time_number(text, 1, seconds)) { /* void */ }
            }
        }

    } else if (extended) {
        return 0;
    }

    *seconds = hour * 3600 + minute * 60 + second;

    /* a leap second is the next one, 24:00 the next day */

    return minute < 60 && second <= 60
           && (hour < 24 || *seconds == PINTAG_DAY);
}


/* Z, +HH, +HHMM, +HH:MM or nothing, which is UTC */

static unsigned
pintag_time_zone(pintag_time_text_t *text, int64_t *seconds)
{
    int64_t   hour, minute;
    unsigned  negative;

    if (text->pos == text->end || pintag_time_next(text, 'Z')
        || pintag_time_next(text, 'z'))
    {
        return 1;
    }

    negative = pintag_time_next(text, '-');

    if ((!negative && !pintag_time_next(text, '+'))
        || !pintag_time_number(text, 2, &hour))
    {
        return 0;
    }

    minute = 0;

    if ((pintag_time_next(text, ':') || text->pos != text->end)
        && !pintag_time_number(text, 2, &minute))
    {
        return 0;
    }

    *seconds = hour * 3600 + minute * 60;

    if (negative) {
        *seconds = -*seconds;
    }

    return hour < 24 && minute < 60;
}


/* of so many digits; without them nothing is taken */

static unsigned
pintag_time_number(pintag_time_text_t *text, size_t n, int64_t *number)
{
    size_t   i;
    int64_t  value;

    if ((size_t) (text->end - text->pos) < n) {
        return 0;
    }

    value = 0;

    for (i = 0; i < n; i++) {

        if (text->pos[i] < '0' || text->pos[i] > '9') {
            return 0;
        }

        value = value * 10 + (text->pos[i] - '0');
    }

    text->pos += n;
    *number = value;

    return 1;
}


static unsigned
pintag_time_next(pintag_time_text_t *text, char c)
{
    if (text->pos == text->end || *text->pos != (unsigned char) c) {
        return 0;
    }

    text->pos++;

    return 1;
}


/* from 1970-01-01 to a day of the Gregorian calendar, the year from 0 on */

static int64_t
pintag_time_days(int64_t year, int64_t month, int64_t day)
{
    /* years begin in March, so that a leap day is the last */

    if (month <= 2) {
        year--;
        month += 12;
    }

    /* 400 years more, that is 146097 days, so that no year is below 0 */

    year += 400;

    return 365 * year + year / 4 - year / 100 + year / 400
           + (153 * (month - 3) + 2) / 5 + day - 1 - 719468 - 146097;
}


static int64_t
pintag_time_unix(int64_t n)
{
    return n >= PINTAG_MILLISECONDS ? n / 1000 : n;
}
