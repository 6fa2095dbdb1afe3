
/*
 * Copyright (C) the ngx_http_pintag_module authors
 *
 * Personal data that must not leave: found by the name of a property, by the
 * value, and inside URLs.
 */


#ifndef PINTAG_PII_H
#define PINTAG_PII_H


#include "arena.h"
#include "names.h"
#include "text.h"


/* of a destination; zeroed: the list as it is, on all events */

typedef struct {
    pintag_names_t   added;        /* piiProperties */
    pintag_names_t   allowed;      /* piiAllow */
    unsigned         page_only;    /* removePii: page */
} pintag_pii_t;


/* an address, or a name in a URL, is found when encoded up to so many times */
#define PINTAG_PII_DECODINGS  3


/* how much of the list of names counts */

typedef enum {
    PINTAG_PII_ALL = 0,

    /*
     * "removePii: page" on a track: only e-mail, phone, password, card and id
     * number names
     */
    PINTAG_PII_STRICT
} pintag_pii_scope_e;


/*
 * 1 when a property of this name is removed with all it holds: it is listed,
 * its last words are, it is added by the configuration, it is "name" inside of
 * something for which pintag_pii_person() is 1 ("person", however deep), or it
 * holds an e-mail address.  -1 without memory.
 */
int pintag_pii_name(const pintag_pii_t *pii, pintag_pii_scope_e scope,
    pintag_str_t name, unsigned person, pintag_arena_t *arena);

/* the same of a name that is known to hold no address: 1, or 0 */
unsigned pintag_pii_listed(const pintag_pii_t *pii, pintag_pii_scope_e scope,
    pintag_str_t name, unsigned person);

/* which sets "person" when pintag_pii_person() is 1 for it */
unsigned pintag_pii_listed_within(const pintag_pii_t *pii,
    pintag_pii_scope_e scope, pintag_str_t name, unsigned *person);

/* 1 for user, customer, contact, ...: "name" inside of it is a person's */
unsigned pintag_pii_person(pintag_str_t name);

/* 1 for url, referrer, ...: whose value is a URL however it begins */
unsigned pintag_pii_url_name(pintag_str_t name);

/* 1 for a name that piiAllow must not hold: e-mail, phone, password, ... */
unsigned pintag_pii_strict(pintag_str_t name);

/*
 * 1 when the text holds an e-mail address, as it is or after up to three
 * percent-decodings, else 0; -1 without memory.
 */
int pintag_pii_email(pintag_str_t text, pintag_arena_t *arena);

/*
 * The same; "hidden" is 0 when the text, if it holds none, does not hold one in
 * any part of it either, however often that is decoded.
 */
int pintag_pii_email_within(pintag_str_t text, pintag_arena_t *arena,
    unsigned *hidden);

/* 1 when the text as a whole is one e-mail address */
unsigned pintag_pii_address(pintag_str_t text);

/* where "%XX" or a "+" is first, NULL when decoding leaves the text as it is */
const unsigned char *pintag_pii_encoded(pintag_str_t text);

/*
 * Decodes each "%XX" of the text once, with "plus" a "+" as a space, to "dst",
 * which may be where the text is; gives the length.
 */
size_t pintag_pii_decode(unsigned char *dst, pintag_str_t text,
    unsigned plus);

/*
 * A value that stands under "key" (NULL data when it is an element of an
 * array, or under no key).  1 with what may leave of it: the text itself, or,
 * when it is a URL, what is left of it (in the arena where that differs); 0
 * when it is left out whole; -1 without memory.
 */
int pintag_pii_value(const pintag_pii_t *pii, pintag_pii_scope_e scope,
    pintag_str_t key, pintag_str_t text, pintag_arena_t *arena,
    pintag_str_t *clean);

/*
 * The same for what is known to be a URL, e.g. that of a page.
 */
int pintag_pii_url(const pintag_pii_t *pii, pintag_pii_scope_e scope,
    pintag_str_t url, pintag_arena_t *arena, pintag_str_t *clean);


#endif /* PINTAG_PII_H */
