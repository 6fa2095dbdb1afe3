
/*
 * Copyright (C) the ngx_http_pintag_module authors
 */


#include <limits.h>
#include <string.h>

#include "names.h"
#include "utf8.h"


/* FNV-1a */
#define PINTAG_HASH_BASIS  2166136261u
#define PINTAG_HASH_PRIME  16777619u

#define PINTAG_NAMES_SIZE  16

/* places for names that were seen; a power of two */
#define PINTAG_NAMES_SEEN  256

/* the longest name of the tables below, folded: "productlistviewed" */
#define PINTAG_KNOWN_LEN   22


typedef struct {
    pintag_str_t              name;     /* folded */
    pintag_pinterest_event_e  event;
} pintag_known_t;


static unsigned pintag_names_grow(pintag_names_t *names);
static int *pintag_names_bucket(const pintag_names_t *names, pintag_str_t name,
    uint32_t hash);
static int pintag_names_append(pintag_names_t *names, int *bucket,
    pintag_str_t spelling, uint32_t hash);
static unsigned pintag_name_hash(pintag_fold_e fold, pintag_str_t name,
    uint32_t *hash);
static unsigned pintag_name_same(pintag_fold_e fold, pintag_str_t a,
    pintag_str_t b);
static unsigned pintag_name_words(pintag_str_t name, uint64_t words[3]);
static uint32_t pintag_name_hash_case(pintag_str_t name);
static unsigned pintag_name_same_case(pintag_str_t a, pintag_str_t b);
static uint32_t pintag_name_lower(const unsigned char **p,
    const unsigned char *end);
static int pintag_name_compare(pintag_str_t a, pintag_str_t b);
static pintag_pinterest_event_e pintag_known_find(const pintag_known_t *known,
    size_t n, pintag_str_t name);


const pintag_pinterest_event_t  pintag_pinterest_events[] = {
    [PINTAG_EVENT_PAGE_VISIT] =
        { pintag_str("pagevisit"), pintag_str("page_visit") },
    [PINTAG_EVENT_VIEW_CATEGORY] =
        { pintag_str("viewcategory"), pintag_str("view_category") },
    [PINTAG_EVENT_SEARCH] =
        { pintag_str("search"), pintag_str("search") },
    [PINTAG_EVENT_ADD_TO_CART] =
        { pintag_str("addtocart"), pintag_str("add_to_cart") },
    [PINTAG_EVENT_CHECKOUT] =
        { pintag_str("checkout"), pintag_str("checkout") },
    [PINTAG_EVENT_WATCH_VIDEO] =
        { pintag_str("watchvideo"), pintag_str("watch_video") },
    [PINTAG_EVENT_SIGNUP] =
        { pintag_str("signup"), pintag_str("signup") },
    [PINTAG_EVENT_LEAD] =
        { pintag_str("lead"), pintag_str("lead") },
    [PINTAG_EVENT_CUSTOM] =
        { pintag_str("custom"), pintag_str("custom") },
    [PINTAG_EVENT_ADD_PAYMENT_INFO] =
        { pintag_str("addpaymentinfo"), pintag_str("add_payment_info") },
    [PINTAG_EVENT_ADD_TO_WISHLIST] =
        { pintag_str("addtowishlist"), pintag_str("add_to_wishlist") },
    [PINTAG_EVENT_INITIATE_CHECKOUT] =
        { pintag_str("initiatecheckout"), pintag_str("initiate_checkout") },
    [PINTAG_EVENT_SUBSCRIBE] =
        { pintag_str("subscribe"), pintag_str("subscribe") },
    [PINTAG_EVENT_VIEW_CONTENT] =
        { pintag_str("viewcontent"), pintag_str("view_content") },
    [PINTAG_EVENT_CONTACT] =
        { pintag_str("contact"), pintag_str("contact") },
    [PINTAG_EVENT_CUSTOMIZE_PRODUCT] =
        { pintag_str("customizeproduct"), pintag_str("customize_product") },
    [PINTAG_EVENT_FIND_LOCATION] =
        { pintag_str("findlocation"), pintag_str("find_location") },
    [PINTAG_EVENT_SCHEDULE] =
        { pintag_str("schedule"), pintag_str("schedule") },
    [PINTAG_EVENT_START_TRIAL] =
        { pintag_str("starttrial"), pintag_str("start_trial") },
    [PINTAG_EVENT_SUBMIT_APPLICATION] =
        { pintag_str("submitapplication"), pintag_str("submit_application") },
    [PINTAG_EVENT_APP_INSTALL] =
        { pintag_str(""), pintag_str("app_install") },
    [PINTAG_EVENT_APP_OPEN] =
        { pintag_str(""), pintag_str("app_open") }
};


/* these tables are in the order of pintag_name_compare() */

static const pintag_known_t  pintag_known_pinterest[] = {
    { pintag_str("addpaymentinfo"), PINTAG_EVENT_ADD_PAYMENT_INFO },
    { pintag_str("addtocart"), PINTAG_EVENT_ADD_TO_CART },
    { pintag_str("addtowishlist"), PINTAG_EVENT_ADD_TO_WISHLIST },
    { pintag_str("appinstall"), PINTAG_EVENT_APP_INSTALL },
    { pintag_str("appopen"), PINTAG_EVENT_APP_OPEN },
    { pintag_str("checkout"), PINTAG_EVENT_CHECKOUT },
    { pintag_str("contact"), PINTAG_EVENT_CONTACT },
    { pintag_str("custom"), PINTAG_EVENT_CUSTOM },
    { pintag_str("customizeproduct"), PINTAG_EVENT_CUSTOMIZE_PRODUCT },
    { pintag_str("findlocation"), PINTAG_EVENT_FIND_LOCATION },
    { pintag_str("initiatecheckout"), PINTAG_EVENT_INITIATE_CHECKOUT },
    { pintag_str("lead"), PINTAG_EVENT_LEAD },
    { pintag_str("pagevisit"), PINTAG_EVENT_PAGE_VISIT },
    { pintag_str("schedule"), PINTAG_EVENT_SCHEDULE },
    { pintag_str("search"), PINTAG_EVENT_SEARCH },
    { pintag_str("signup"), PINTAG_EVENT_SIGNUP },
    { pintag_str("starttrial"), PINTAG_EVENT_START_TRIAL },
    { pintag_str("submitapplication"), PINTAG_EVENT_SUBMIT_APPLICATION },
    { pintag_str("subscribe"), PINTAG_EVENT_SUBSCRIBE },
    { pintag_str("viewcategory"), PINTAG_EVENT_VIEW_CATEGORY },
    { pintag_str("viewcontent"), PINTAG_EVENT_VIEW_CONTENT },
    { pintag_str("watchvideo"), PINTAG_EVENT_WATCH_VIDEO }
};

static const pintag_known_t  pintag_known_standard[] = {
    { pintag_str("addedproduct"), PINTAG_EVENT_ADD_TO_CART },
    { pintag_str("cartviewed"), PINTAG_EVENT_PAGE_VISIT },
    { pintag_str("completedorder"), PINTAG_EVENT_CHECKOUT },
    { pintag_str("ordercompleted"), PINTAG_EVENT_CHECKOUT },
    { pintag_str("productadded"), PINTAG_EVENT_ADD_TO_CART },
    { pintag_str("productlistviewed"), PINTAG_EVENT_VIEW_CATEGORY },
    { pintag_str("productssearched"), PINTAG_EVENT_SEARCH },
    { pintag_str("productviewed"), PINTAG_EVENT_PAGE_VISIT },
    { pintag_str("promotionviewed"), PINTAG_EVENT_PAGE_VISIT },
    { pintag_str("searchedproducts"), PINTAG_EVENT_SEARCH },
    { pintag_str("viewedcart"), PINTAG_EVENT_PAGE_VISIT },
    { pintag_str("viewedproduct"), PINTAG_EVENT_PAGE_VISIT },
    { pintag_str("viewedproductlist"), PINTAG_EVENT_VIEW_CATEGORY },
    { pintag_str("viewedpromotion"), PINTAG_EVENT_PAGE_VISIT }
};

static const pintag_known_t  pintag_known_extended[] = {
    { pintag_str("applicationinstalled"), PINTAG_EVENT_APP_INSTALL },
    { pintag_str("applicationopened"), PINTAG_EVENT_APP_OPEN },
    { pintag_str("checkoutstarted"), PINTAG_EVENT_INITIATE_CHECKOUT },
    { pintag_str("generatelead"), PINTAG_EVENT_LEAD },
    { pintag_str("leadgenerated"), PINTAG_EVENT_LEAD },
    { pintag_str("paymentinfoentered"), PINTAG_EVENT_ADD_PAYMENT_INFO },
    { pintag_str("productaddedtowishlist"), PINTAG_EVENT_ADD_TO_WISHLIST },
    { pintag_str("productcategoryviewed"), PINTAG_EVENT_VIEW_CATEGORY },
    { pintag_str("productlistfiltered"), PINTAG_EVENT_SEARCH },
    { pintag_str("signedup"), PINTAG_EVENT_SIGNUP },
    { pintag_str("subscriptioncreated"), PINTAG_EVENT_SUBSCRIBE },
    { pintag_str("trialstarted"), PINTAG_EVENT_START_TRIAL },
    { pintag_str("videoplaybackstarted"), PINTAG_EVENT_WATCH_VIDEO }
};


/* does PINTAG_FOLD_NAME pass over this byte */

static inline unsigned
pintag_fold_skips(unsigned char c)
{
    return c == '_' || c == '-' || c == ' ';
}


static inline unsigned char
pintag_fold_case(unsigned char c)
{
    return (c >= 'A' && c <= 'Z') ? c | 0x20 : c;
}


unsigned
pintag_names_init(pintag_names_t *names, pintag_arena_t *arena,
    pintag_fold_e fold)
{
    memset(names, 0, sizeof(pintag_names_t));

    names->arena = arena;
    names->fold = fold;

    return pintag_names_grow(names);
}


int
pintag_names_add(pintag_names_t *names, pintag_str_t spelling)
{
    uint32_t  hash;

    if (names->n == names->size && !pintag_names_grow(names)) {
        return -1;
    }

    (void) pintag_name_hash(names->fold, spelling, &hash);

    return pintag_names_append(names,
                               pintag_names_bucket(names, spelling, hash),
                               spelling, hash);
}


int
pintag_names_intern(pintag_names_t *names, pintag_str_t spelling)
{
    int       id, *bucket;
    uint32_t  hash;

    (void) pintag_name_hash(names->fold, spelling, &hash);

    bucket = pintag_names_bucket(names, spelling, hash);

    for (id = bucket[0]; id != -1; id = names->elts[id].next) {
        if (pintag_str_eq(names->elts[id].spelling, spelling)) {
            return id;
        }
    }

    return pintag_names_add(names, spelling);
}


unsigned
pintag_names_remember(pintag_names_t *names)
{
    names->seen = pintag_arena_zalloc(names->arena, PINTAG_NAMES_SEEN
                                                 * sizeof(pintag_name_seen_t));
    return names->seen != NULL;
}


int
pintag_names_find(const pintag_names_t *names, pintag_str_t name)
{
    uint32_t             hash;
    uint64_t             words[3], mixed;
    pintag_name_seen_t  *seen;

    seen = NULL;

    if (names->seen != NULL && pintag_name_words(name, words)) {

        mixed = (words[0] ^ words[1] << 23 ^ words[1] >> 41 ^ words[2] * 5
                 ^ name.len) * 0x9e3779b97f4a7c15;

        seen = &names->seen[mixed >> 32 & (PINTAG_NAMES_SEEN - 1)];

        if (seen->len == name.len && seen->words[0] == words[0]
            && seen->words[1] == words[1] && seen->words[2] == words[2])
        {
            return seen->id;
        }

        memcpy(seen->words, words, sizeof(words));
        seen->len = (uint32_t) name.len;
        seen->id = -1;
    }

    if (!pintag_name_hash(names->fold, name, &hash)) {
        return -1;
    }

    if (seen == NULL) {
        return pintag_names_bucket(names, name, hash)[0];
    }

    seen->id = pintag_names_bucket(names, name, hash)[0];

    return seen->id;
}


unsigned
pintag_name_eq(pintag_fold_e fold, pintag_str_t a, pintag_str_t b)
{
    uint32_t  hash;

    /* names of nothing but separators are not even equal to each other */

    return pintag_name_same(fold, a, b) && pintag_name_hash(fold, a, &hash);
}


/* room for twice as many names */

static unsigned
pintag_names_grow(pintag_names_t *names)
{
    int             i, id, size, *buckets, *bucket;
    uint32_t        n;
    pintag_name_t  *elts;

    if (names->size > INT_MAX / 8) {
        return 0;
    }

    size = names->size ? names->size * 2 : PINTAG_NAMES_SIZE;

    elts = pintag_arena_alloc(names->arena,
                              (size_t) size * sizeof(pintag_name_t));
    if (elts == NULL) {
        return 0;
    }

    /* a bucket is the first and the last id of equal names; half are empty */

    n = (uint32_t) size * 2;

    buckets = pintag_arena_alloc(names->arena, (size_t) n * 2 * sizeof(int));

    if (buckets == NULL) {
        return 0;
    }

    memset(buckets, 0xff, (size_t) n * 2 * sizeof(int));

    if (names->n != 0) {
        memcpy(elts, names->elts, (size_t) names->n * sizeof(pintag_name_t));
    }

    for (i = 0; names->size != 0 && i <= (int) names->mask; i++) {
        id = names->buckets[2 * i];

        if (id == -1) {
            continue;
        }

        bucket = &buckets[2 * (elts[id].hash & (n - 1))];

        while (bucket[0] != -1) {
            bucket += 2;

            if (bucket == buckets + 2 * n) {
                bucket = buckets;
            }
        }

        bucket[0] = id;
        bucket[1] = names->buckets[2 * i + 1];
    }

    names->elts = elts;
    names->size = size;
    names->buckets = buckets;
    names->mask = n - 1;

    return 1;
}


/* the bucket of the names that equal "name", or the one where they would be */

static int *
pintag_names_bucket(const pintag_names_t *names, pintag_str_t name,
    uint32_t hash)
{
    int                  *bucket;
    uint32_t              i;
    const pintag_name_t  *elt;

    for (i = hash & names->mask; /* void */ ; i = (i + 1) & names->mask) {

        bucket = &names->buckets[2 * (size_t) i];

        if (bucket[0] == -1) {
            return bucket;
        }

        elt = &names->elts[bucket[0]];

        if (elt->hash == hash
            && (pintag_str_eq(elt->spelling, name)
                || pintag_name_same(names->fold, elt->spelling, name)))
        {
            return bucket;
        }
    }
}


static int
pintag_names_append(pintag_names_t *names, int *bucket, pintag_str_t spelling,
    uint32_t hash)
{
    int             id;
    pintag_name_t  *elt;

    id = names->n++;

    elt = &names->elts[id];
    elt->spelling = spelling;
    elt->hash = hash;
    elt->next = -1;

    if (bucket[0] == -1) {
        bucket[0] = id;

    } else {
        names->elts[bucket[1]].next = id;
    }

    bucket[1] = id;

    return id;
}


/* 0 when PINTAG_FOLD_NAME leaves nothing of the name, which then is no name */

static unsigned
pintag_name_hash(pintag_fold_e fold, pintag_str_t name, uint32_t *hash)
{
    unsigned              some;
    uint32_t              h;
    const unsigned char  *p, *end;

    if (fold == PINTAG_FOLD_CASE) {
        *hash = pintag_name_hash_case(pintag_str_trim(name));
        return 1;
    }

    h = PINTAG_HASH_BASIS;

    p = name.data;
    end = (name.len != 0) ? p + name.len : p;

    if (fold == PINTAG_FOLD_NONE) {

        while (p != end) {
            h = (h ^ *p++) * PINTAG_HASH_PRIME;
        }

        *hash = h;

        return 1;
    }

    some = 0;

    for ( /* void */ ; p != end; p++) {

        if (pintag_fold_skips(*p)) {
            continue;
        }

        h = (h ^ pintag_fold_case(*p)) * PINTAG_HASH_PRIME;
        some = 1;
    }

    *hash = h;

    return some;
}


/*
 * All bytes of a name, some of them twice; 0 for one that is empty or too
 * long.
 */

static unsigned
pintag_name_words(pintag_str_t name, uint64_t words[3])
{
    uint32_t              half;
    const unsigned char  *p;

    p = name.data;

    words[1] = 0;
    words[2] = 0;

    if (name.len >= 8) {

        if (name.len > 24) {
            return 0;
        }

        memcpy(&words[0], p, 8);
        memcpy(&words[1], p + name.len - 8, 8);

        if (name.len > 16) {
            memcpy(&words[2], p + 8, 8);
        }

        return 1;
    }

    if (name.len >= 4) {
        memcpy(&half, p, 4);
        words[0] = half;
        memcpy(&half, p + name.len - 4, 4);
        words[1] = half;

        return 1;
    }

    if (name.len == 0) {
        return 0;
    }

    words[0] = (uint64_t) p[0] << 16 | (uint64_t) p[name.len / 2] << 8
               | p[name.len - 1];

    return 1;
}


static unsigned
pintag_name_same(pintag_fold_e fold, pintag_str_t a, pintag_str_t b)
{
    size_t  i, j;

    if (fold == PINTAG_FOLD_CASE) {
        return pintag_name_same_case(pintag_str_trim(a), pintag_str_trim(b));
    }

    if (fold == PINTAG_FOLD_NONE) {
        return pintag_str_eq(a, b);
    }

    i = 0;
    j = 0;

    for ( ;; ) {
        while (i < a.len && pintag_fold_skips(a.data[i])) {
            i++;
        }

        while (j < b.len && pintag_fold_skips(b.data[j])) {
            j++;
        }

        if (i == a.len || j == b.len) {
            return i == a.len && j == b.len;
        }

        if (pintag_fold_case(a.data[i++]) != pintag_fold_case(b.data[j++])) {
            return 0;
        }
    }
}


static uint32_t
pintag_name_hash_case(pintag_str_t name)
{
    uint32_t              h;
    const unsigned char  *p, *end;

    h = PINTAG_HASH_BASIS;

    p = name.data;
    end = (name.len != 0) ? p + name.len : p;

    while (p != end) {
        h = (h ^ pintag_name_lower(&p, end)) * PINTAG_HASH_PRIME;
    }

    return h;
}


static unsigned
pintag_name_same_case(pintag_str_t a, pintag_str_t b)
{
    const unsigned char  *p, *p_end, *q, *q_end;

    p = a.data;
    p_end = (a.len != 0) ? p + a.len : p;

    q = b.data;
    q_end = (b.len != 0) ? q + b.len : q;

    /* lower case may be shorter or longer, so that lengths tell nothing */

    while (p != p_end && q != q_end) {
        if (pintag_name_lower(&p, p_end) != pintag_name_lower(&q, q_end)) {
            return 0;
        }
    }

    return p == p_end && q == q_end;
}


/* the character at "*p" in lower case, or its byte as no character's code */

static uint32_t
pintag_name_lower(const unsigned char **p, const unsigned char *end)
{
    size_t    n;
    uint32_t  code;

    if (**p < 0x80) {
        return pintag_fold_case(*(*p)++);
    }

    n = pintag_utf8_decode(*p, end, &code);

    if (n == 0) {
        return *(*p)++ | 0x80000000;
    }

    *p += n;

    return pintag_utf8_lower(code);
}


pintag_pinterest_event_e
pintag_pinterest_event(pintag_str_t name)
{
    return pintag_known_find(pintag_known_pinterest,
                             sizeof(pintag_known_pinterest)
                             / sizeof(pintag_known_t), name);
}


pintag_pinterest_event_e
pintag_standard_event(pintag_str_t name, unsigned extended)
{
    pintag_pinterest_event_e  event;

    event = pintag_known_find(pintag_known_standard,
                              sizeof(pintag_known_standard)
                              / sizeof(pintag_known_t), name);

    if (event == PINTAG_EVENT_NONE && extended) {
        event = pintag_known_find(pintag_known_extended,
                                  sizeof(pintag_known_extended)
                                  / sizeof(pintag_known_t), name);
    }

    return event;
}


static pintag_pinterest_event_e
pintag_known_find(const pintag_known_t *known, size_t n, pintag_str_t name)
{
    int            rc;
    size_t         i, low, middle;
    pintag_str_t   folded;
    unsigned char  text[PINTAG_KNOWN_LEN];

    folded.data = text;
    folded.len = 0;

    for (i = 0; i < name.len; i++) {

        if (pintag_fold_skips(name.data[i])) {
            continue;
        }

        if (folded.len == PINTAG_KNOWN_LEN) {
            return PINTAG_EVENT_NONE;
        }

        text[folded.len++] = pintag_fold_case(name.data[i]);
    }

    low = 0;

    while (low < n) {
        middle = low + (n - low) / 2;
        rc = pintag_name_compare(folded, known[middle].name);

        if (rc == 0) {
            return known[middle].event;
        }

        if (rc < 0) {
            n = middle;

        } else {
            low = middle + 1;
        }
    }

    return PINTAG_EVENT_NONE;
}


static int
pintag_name_compare(pintag_str_t a, pintag_str_t b)
{
    int     rc;
    size_t  len;

    len = (a.len < b.len) ? a.len : b.len;
    rc = memcmp(a.data, b.data, len);

    if (rc != 0) {
        return rc;
    }

    return (a.len < b.len) ? -1 : a.len > b.len;
}
