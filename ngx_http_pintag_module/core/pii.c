
/*
 * Copyright (C) the ngx_http_pintag_module authors
 */


#include <string.h>

#include "pii.h"


/* what a name can be */

#define PINTAG_PII_LISTED    0x01
#define PINTAG_PII_STRICTLY  0x02    /* e-mail, phone, password, card, ... */
#define PINTAG_PII_ENDING    0x04    /* counts as the last words, too */
#define PINTAG_PII_NAME      0x08
#define PINTAG_PII_PERSON    0x10
#define PINTAG_PII_URL       0x20

#define PINTAG_PII_KIND      (PINTAG_PII_LISTED|PINTAG_PII_ENDING)
#define PINTAG_PII_ID        (PINTAG_PII_LISTED|PINTAG_PII_STRICTLY)
#define PINTAG_PII_ID_KIND   (PINTAG_PII_ID|PINTAG_PII_ENDING)

/* the shortest and the longest name of the table below */
#define PINTAG_PII_LEN_MIN   2       /* "em", "ip" */
#define PINTAG_PII_LEN       20      /* "socialsecuritynumber" */

/* the most names that begin with one letter */
#define PINTAG_PII_NKNOWN    11


typedef struct {
    pintag_str_t   name;     /* folded */
    unsigned       kinds;
} pintag_pii_known_t;


static unsigned pintag_pii_words(pintag_str_t name);
static inline unsigned pintag_pii_find(const unsigned char *text, size_t len);


/* by the first letter; an empty name ends each */

static const pintag_pii_known_t
    pintag_pii_known['z' - 'a' + 1][PINTAG_PII_NKNOWN + 1] =
{
    ['a' - 'a'] = {
        { pintag_str("address"), PINTAG_PII_KIND },
        { pintag_str("age"), PINTAG_PII_LISTED }
    },
    ['b' - 'a'] = {
        { pintag_str("billing"), PINTAG_PII_PERSON },
        { pintag_str("birthdate"), PINTAG_PII_KIND },
        { pintag_str("birthday"), PINTAG_PII_KIND }
    },
    ['c' - 'a'] = {
        { pintag_str("cardnumber"), PINTAG_PII_ID_KIND },
        { pintag_str("city"), PINTAG_PII_LISTED },
        { pintag_str("contact"), PINTAG_PII_PERSON },
        { pintag_str("creditcard"), PINTAG_PII_ID },
        { pintag_str("customer"), PINTAG_PII_PERSON },
        { pintag_str("cvv"), PINTAG_PII_ID }
    },
    ['d' - 'a'] = {
        { pintag_str("dateofbirth"), PINTAG_PII_LISTED },
        { pintag_str("dob"), PINTAG_PII_LISTED }
    },
    ['e' - 'a'] = {
        { pintag_str("em"), PINTAG_PII_ID },
        { pintag_str("email"), PINTAG_PII_ID_KIND },
        { pintag_str("emailaddress"), PINTAG_PII_ID_KIND },
        { pintag_str("emailhash"), PINTAG_PII_ID },
        { pintag_str("emailmd5"), PINTAG_PII_ID },
        { pintag_str("emailsha256"), PINTAG_PII_ID }
    },
    ['f' - 'a'] = {
        { pintag_str("familyname"), PINTAG_PII_KIND },
        { pintag_str("firstname"), PINTAG_PII_KIND },
        { pintag_str("fullname"), PINTAG_PII_KIND }
    },
    ['g' - 'a'] = {
        { pintag_str("gender"), PINTAG_PII_LISTED },
        { pintag_str("givenname"), PINTAG_PII_KIND }
    },
    ['h' - 'a'] = {
        { pintag_str("hashedemail"), PINTAG_PII_ID },
        { pintag_str("hem"), PINTAG_PII_ID },
        { pintag_str("href"), PINTAG_PII_URL }
    },
    ['i' - 'a'] = {
        { pintag_str("iban"), PINTAG_PII_ID_KIND },
        { pintag_str("ip"), PINTAG_PII_LISTED },
        { pintag_str("ipaddress"), PINTAG_PII_LISTED }
    },
    ['l' - 'a'] = {
        { pintag_str("lastname"), PINTAG_PII_KIND },
        { pintag_str("latitude"), PINTAG_PII_LISTED },
        { pintag_str("login"), PINTAG_PII_LISTED },
        { pintag_str("longitude"), PINTAG_PII_LISTED }
    },
    ['m' - 'a'] = {
        { pintag_str("mail"), PINTAG_PII_ID_KIND },
        { pintag_str("mobile"), PINTAG_PII_ID_KIND }
    },
    ['n' - 'a'] = {
        { pintag_str("name"), PINTAG_PII_NAME },
        { pintag_str("nationalid"), PINTAG_PII_ID }
    },
    ['p' - 'a'] = {
        { pintag_str("passport"), PINTAG_PII_ID_KIND },
        { pintag_str("passwd"), PINTAG_PII_ID },
        { pintag_str("password"), PINTAG_PII_ID_KIND },
        { pintag_str("path"), PINTAG_PII_URL },
        { pintag_str("person"), PINTAG_PII_PERSON },
        { pintag_str("phone"), PINTAG_PII_ID_KIND },
        { pintag_str("phonenumber"), PINTAG_PII_ID },
        { pintag_str("postalcode"), PINTAG_PII_KIND },
        { pintag_str("postcode"), PINTAG_PII_KIND },
        { pintag_str("profile"), PINTAG_PII_PERSON },
        { pintag_str("pwd"), PINTAG_PII_ID }
    },
    ['r' - 'a'] = {
        { pintag_str("recipient"), PINTAG_PII_PERSON },
        { pintag_str("referrer"), PINTAG_PII_URL }
    },
    ['s' - 'a'] = {
        { pintag_str("search"), PINTAG_PII_URL },
        { pintag_str("secret"), PINTAG_PII_KIND },
        { pintag_str("shipping"), PINTAG_PII_PERSON },
        { pintag_str("socialsecuritynumber"), PINTAG_PII_ID },
        { pintag_str("ssn"), PINTAG_PII_ID_KIND },
        { pintag_str("state"), PINTAG_PII_LISTED },
        { pintag_str("street"), PINTAG_PII_KIND },
        { pintag_str("streetaddress"), PINTAG_PII_LISTED },
        { pintag_str("surname"), PINTAG_PII_KIND }
    },
    ['t' - 'a'] = {
        { pintag_str("taxid"), PINTAG_PII_ID },
        { pintag_str("telephone"), PINTAG_PII_ID_KIND },
        { pintag_str("token"), PINTAG_PII_LISTED }
    },
    ['u' - 'a'] = {
        { pintag_str("url"), PINTAG_PII_URL|PINTAG_PII_ENDING },
        { pintag_str("user"), PINTAG_PII_PERSON },
        { pintag_str("username"), PINTAG_PII_LISTED }
    },
    ['z' - 'a'] = {
        { pintag_str("zip"), PINTAG_PII_KIND },
        { pintag_str("zipcode"), PINTAG_PII_LISTED }
    }
};


/* how long those of a letter are, as bits: most words are of no such length */

#define PINTAG_PII_OF(n)  ((uint32_t) 1 << (n))

static const uint32_t  pintag_pii_lengths['z' - 'a' + 1] = {
    ['a' - 'a'] = PINTAG_PII_OF(3)|PINTAG_PII_OF(7),
    ['b' - 'a'] = PINTAG_PII_OF(7)|PINTAG_PII_OF(8)|PINTAG_PII_OF(9),
    ['c' - 'a'] = PINTAG_PII_OF(3)|PINTAG_PII_OF(4)|PINTAG_PII_OF(7)
                  |PINTAG_PII_OF(8)|PINTAG_PII_OF(10),
    ['d' - 'a'] = PINTAG_PII_OF(3)|PINTAG_PII_OF(11),
    ['e' - 'a'] = PINTAG_PII_OF(2)|PINTAG_PII_OF(5)|PINTAG_PII_OF(8)
                  |PINTAG_PII_OF(9)|PINTAG_PII_OF(11)|PINTAG_PII_OF(12),
    ['f' - 'a'] = PINTAG_PII_OF(8)|PINTAG_PII_OF(9)|PINTAG_PII_OF(10),
    ['g' - 'a'] = PINTAG_PII_OF(6)|PINTAG_PII_OF(9),
    ['h' - 'a'] = PINTAG_PII_OF(3)|PINTAG_PII_OF(4)|PINTAG_PII_OF(11),
    ['i' - 'a'] = PINTAG_PII_OF(2)|PINTAG_PII_OF(4)|PINTAG_PII_OF(9),
    ['l' - 'a'] = PINTAG_PII_OF(5)|PINTAG_PII_OF(8)|PINTAG_PII_OF(9),
    ['m' - 'a'] = PINTAG_PII_OF(4)|PINTAG_PII_OF(6),
    ['n' - 'a'] = PINTAG_PII_OF(4)|PINTAG_PII_OF(10),
    ['p' - 'a'] = PINTAG_PII_OF(3)|PINTAG_PII_OF(4)|PINTAG_PII_OF(5)
                  |PINTAG_PII_OF(6)|PINTAG_PII_OF(7)|PINTAG_PII_OF(8)
                  |PINTAG_PII_OF(10)|PINTAG_PII_OF(11),
    ['r' - 'a'] = PINTAG_PII_OF(8)|PINTAG_PII_OF(9),
    ['s' - 'a'] = PINTAG_PII_OF(3)|PINTAG_PII_OF(5)|PINTAG_PII_OF(6)
                  |PINTAG_PII_OF(7)|PINTAG_PII_OF(8)|PINTAG_PII_OF(13)
                  |PINTAG_PII_OF(20),
    ['t' - 'a'] = PINTAG_PII_OF(5)|PINTAG_PII_OF(9),
    ['u' - 'a'] = PINTAG_PII_OF(3)|PINTAG_PII_OF(4)|PINTAG_PII_OF(8),
    ['z' - 'a'] = PINTAG_PII_OF(3)|PINTAG_PII_OF(7)
};


/* what a byte is in a name, but for all that neither begins nor ends a word */

#define PINTAG_PII_SEPARATOR  0x01
#define PINTAG_PII_UPPER      0x02
#define PINTAG_PII_LOWER      0x04
#define PINTAG_PII_DIGIT      0x08
#define PINTAG_PII_LAST       0x10    /* a name of the table ends with it */
#define PINTAG_PII_FOREIGN    0x20    /* not ASCII */

/* before a capital that begins a word; of what the table's names are */
#define PINTAG_PII_BEFORE     (PINTAG_PII_SEPARATOR|PINTAG_PII_LOWER          \
                               |PINTAG_PII_DIGIT|PINTAG_PII_FOREIGN)
#define PINTAG_PII_OWN        (PINTAG_PII_UPPER|PINTAG_PII_LOWER              \
                               |PINTAG_PII_DIGIT)

static const unsigned char  pintag_pii_bytes[256] = {
     0,  0,  0,  0,  0,  0,  0,  0,  0,  0,  0,  0,  0,  0,  0,  0,
     0,  0,  0,  0,  0,  0,  0,  0,  0,  0,  0,  0,  0,  0,  0,  0,
     1,  0,  0,  0,  0,  0,  0,  0,  0,  0,  0,  0,  0,  1,  0,  0,
     8,  8,  8,  8,  8, 24, 24,  8,  8,  8,  0,  0,  0,  0,  0,  0,
     0,  2, 18,  2, 18, 18, 18, 18, 18,  2,  2,  2, 18, 18, 18,  2,
    18,  2, 18, 18, 18,  2, 18,  2,  2, 18,  2,  0,  0,  0,  0,  1,
     0,  4, 20,  4, 20, 20, 20, 20, 20,  4,  4,  4, 20, 20, 20,  4,
    20,  4, 20, 20, 20,  4, 20,  4,  4, 20,  4,  0,  0,  0,  0,  0,
    32, 32, 32, 32, 32, 32, 32, 32, 32, 32, 32, 32, 32, 32, 32, 32,
    32, 32, 32, 32, 32, 32, 32, 32, 32, 32, 32, 32, 32, 32, 32, 32,
    32, 32, 32, 32, 32, 32, 32, 32, 32, 32, 32, 32, 32, 32, 32, 32,
    32, 32, 32, 32, 32, 32, 32, 32, 32, 32, 32, 32, 32, 32, 32, 32,
    32, 32, 32, 32, 32, 32, 32, 32, 32, 32, 32, 32, 32, 32, 32, 32,
    32, 32, 32, 32, 32, 32, 32, 32, 32, 32, 32, 32, 32, 32, 32, 32,
    32, 32, 32, 32, 32, 32, 32, 32, 32, 32, 32, 32, 32, 32, 32, 32,
    32, 32, 32, 32, 32, 32, 32, 32, 32, 32, 32, 32, 32, 32, 32, 32
};


/* all that a name is */

static inline unsigned
pintag_pii_kinds(pintag_str_t name)
{
    /* most names are told by their end to be nothing */

    if (name.len < PINTAG_PII_LEN_MIN
        || (pintag_pii_bytes[name.data[name.len - 1]]
            & (PINTAG_PII_LAST|PINTAG_PII_SEPARATOR)) == 0)
    {
        return 0;
    }

    return pintag_pii_words(name);
}


int
pintag_pii_name(const pintag_pii_t *pii, pintag_pii_scope_e scope,
    pintag_str_t name, unsigned person, pintag_arena_t *arena)
{
    return pintag_pii_listed(pii, scope, name, person)
           ? 1 : pintag_pii_email(name, arena);
}


unsigned
pintag_pii_listed(const pintag_pii_t *pii, pintag_pii_scope_e scope,
    pintag_str_t name, unsigned person)
{
    return pintag_pii_listed_within(pii, scope, name, &person);
}


unsigned
pintag_pii_listed_within(const pintag_pii_t *pii, pintag_pii_scope_e scope,
    pintag_str_t name, unsigned *person)
{
    unsigned  kinds, personal;

    kinds = pintag_pii_kinds(name);

    if (kinds & PINTAG_PII_STRICTLY) {
        return 1;
    }

    personal = (kinds & PINTAG_PII_LISTED)
               || (*person && (kinds & PINTAG_PII_NAME));

    *person |= (kinds & PINTAG_PII_PERSON) != 0;

    return scope == PINTAG_PII_ALL
           && ((pii->added.n != 0
                && pintag_names_find(&pii->added, name) != -1)
               || (personal
                   && (pii->allowed.n == 0
                       || pintag_names_find(&pii->allowed, name) == -1)));
}


unsigned
pintag_pii_person(pintag_str_t name)
{
    return (pintag_pii_kinds(name) & PINTAG_PII_PERSON) != 0;
}


unsigned
pintag_pii_strict(pintag_str_t name)
{
    return (pintag_pii_kinds(name) & PINTAG_PII_STRICTLY) != 0;
}


unsigned
pintag_pii_url_name(pintag_str_t name)
{
    return (pintag_pii_kinds(name) & PINTAG_PII_URL) != 0;
}


/*
 * What a name, which is not empty, is as a whole and by its last words.  It is
 * folded from its end, no further than the table's names are long and to the
 * first byte that none of these has.
 *
 * A word begins behind a separator and, in camelCase, at a capital that follows
 * a small letter or a digit, or stands between a capital and a small letter:
 * "customerPHONE", "HTTPPhone".
 */

static unsigned
pintag_pii_words(pintag_str_t name)
{
    size_t          i, len;
    unsigned        kinds, found, own, last, next;
    unsigned char  *p, text[PINTAG_PII_LEN];

    kinds = 0;
    len = 0;
    p = text + PINTAG_PII_LEN;

    next = 0;
    own = pintag_pii_bytes[name.data[name.len - 1]];

    for (i = name.len; i != 0; i--, next = own, own = last) {
        last = (i > 1) ? pintag_pii_bytes[name.data[i - 2]] : 0;

        if (own & PINTAG_PII_SEPARATOR) {
            continue;
        }

        if ((own & PINTAG_PII_OWN) == 0 || len++ == PINTAG_PII_LEN
            || (len == 1 && (own & PINTAG_PII_LAST) == 0))
        {
            return kinds;
        }

        *--p = name.data[i - 1];

        if (own & PINTAG_PII_UPPER) {
            *p |= 0x20;

            if ((last & PINTAG_PII_BEFORE) == 0
                && ((last & PINTAG_PII_UPPER) == 0
                    || (next & PINTAG_PII_LOWER) == 0))
            {
                continue;
            }

        } else if ((last & PINTAG_PII_SEPARATOR) == 0) {
            continue;
        }

        found = pintag_pii_find(p, len);

        if (found & PINTAG_PII_ENDING) {
            kinds |= found;
        }
    }

    return kinds | pintag_pii_find(p, len);
}


static inline unsigned
pintag_pii_find(const unsigned char *text, size_t len)
{
    const pintag_pii_known_t  *known;

    if (len == 0 || text[0] < 'a' || text[0] > 'z'
        || (pintag_pii_lengths[text[0] - 'a'] & PINTAG_PII_OF(len)) == 0)
    {
        return 0;
    }

    for (known = pintag_pii_known[text[0] - 'a']; known->name.len; known++) {
        if (known->name.len == len
            && memcmp(known->name.data, text, len) == 0)
        {
            return known->kinds;
        }
    }

    return 0;
}
