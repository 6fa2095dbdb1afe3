
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

/* the longest name of the table below: "socialsecuritynumber" */
#define PINTAG_PII_LEN       20

/* the most names that begin with one letter */
#define PINTAG_PII_NKNOWN    11


typedef struct {
    pintag_str_t   name;     /* folded */
    unsigned       kinds;
} pintag_pii_known_t;


static unsigned pintag_pii_kinds(pintag_str_t name);
static unsigned pintag_pii_word_begins(pintag_str_t name, size_t i);
static unsigned pintag_pii_find(const unsigned char *text, size_t len);


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


static inline unsigned
pintag_pii_separates(unsigned char c)
{
    return c == '_' || c == '-' || c == ' ';
}


static inline unsigned
pintag_pii_upper(unsigned char c)
{
    return c >= 'A' && c <= 'Z';
}


static inline unsigned
pintag_pii_lower(unsigned char c)
{
    return c >= 'a' && c <= 'z';
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
    unsigned  kinds;

    kinds = pintag_pii_kinds(name);

    if (kinds & PINTAG_PII_STRICTLY) {
        return 1;
    }

    if (scope == PINTAG_PII_ALL) {

        if (pii->added.n != 0 && pintag_names_find(&pii->added, name) != -1)
        {
            return 1;
        }

        if (((kinds & PINTAG_PII_LISTED)
             || (person && (kinds & PINTAG_PII_NAME)))
            && (pii->allowed.n == 0
                || pintag_names_find(&pii->allowed, name) == -1))
        {
            return 1;
        }
    }

    return 0;
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
 * All that a name is, as a whole and by its last words.  It is folded from its
 * end, and no further than the table's names are long.
 */

static unsigned
pintag_pii_kinds(pintag_str_t name)
{
    size_t          i, len;
    unsigned        kinds, found;
    unsigned char   c, *p, text[PINTAG_PII_LEN];

    kinds = 0;
    len = 0;
    p = text + PINTAG_PII_LEN;

    for (i = name.len; i != 0; i--) {
        c = name.data[i - 1];

        if (pintag_pii_separates(c)) {
            continue;
        }

        if (len++ == PINTAG_PII_LEN) {
            return kinds;
        }

        *--p = pintag_pii_upper(c) ? c | 0x20 : c;

        if (pintag_pii_word_begins(name, i - 1)) {
            found = pintag_pii_find(p, len);

            if (found & PINTAG_PII_ENDING) {
                kinds |= found;
            }
        }
    }

    return kinds | pintag_pii_find(p, len);
}


/*
 * Does a word begin at this byte, other than the first of the name?  In
 * camelCase it is a capital after a small letter or a digit, or between a
 * capital and a small letter: "customerPHONE", "HTTPPhone".
 */

static unsigned
pintag_pii_word_begins(pintag_str_t name, size_t i)
{
    unsigned char  last;

    if (i == 0) {
        return 0;
    }

    last = name.data[i - 1];

    if (pintag_pii_separates(last)) {
        return 1;
    }

    if (!pintag_pii_upper(name.data[i])) {
        return 0;
    }

    if (pintag_pii_upper(last)) {
        return i + 1 < name.len && pintag_pii_lower(name.data[i + 1]);
    }

    return pintag_pii_lower(last) || (last >= '0' && last <= '9')
           || last >= 0x80;
}


static unsigned
pintag_pii_find(const unsigned char *text, size_t len)
{
    const pintag_pii_known_t  *known;

    if (len == 0 || !pintag_pii_lower(text[0])) {
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
