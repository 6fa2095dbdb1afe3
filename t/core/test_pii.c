
/*
 * Copyright (C) the ngx_http_pintag_module authors
 */


#include "pii.h"
#include "test.h"


static const pintag_pii_t  plain;


/* a zeroed configuration with names, comma-separated, NULL for none */

static void
names(pintag_names_t *names, const char *list, pintag_arena_t *arena)
{
    size_t  len;

    if (list == NULL) {
        return;
    }

    assert_int_equal(pintag_names_init(names, arena, PINTAG_FOLD_NAME), 1);

    while (*list != '\0') {
        len = strcspn(list, ",");

        assert_int_not_equal(pintag_names_add(names,
                                 (pintag_str_t) { len,
                                     (const unsigned char *) list }), -1);

        list += len + (list[len] == ',');
    }
}


/* what each name of the list counts for */

#define ALL     1    /* listed */
#define STRICT  2    /* e-mail, phone, password, card, id number */


static void
test_names(void **state)
{
    int              all, strict;
    size_t           i;
    test_memory_t    memory;
    pintag_arena_t  *arena;

    static const struct {
        const char  *name;
        unsigned     kind;
    } cases[] = {

        /* the list */

        { "email", STRICT }, { "email_address", STRICT }, { "mail", STRICT },
        { "phone", STRICT }, { "phone_number", STRICT },
        { "mobile", STRICT }, { "telephone", STRICT },
        { "first_name", ALL }, { "last_name", ALL }, { "full_name", ALL },
        { "given_name", ALL }, { "family_name", ALL }, { "surname", ALL },
        { "username", ALL }, { "user_name", ALL }, { "login", ALL },
        { "password", STRICT }, { "passwd", STRICT }, { "pwd", STRICT },
        { "secret", ALL }, { "token", ALL },
        { "birthday", ALL }, { "birth_date", ALL },
        { "date_of_birth", ALL }, { "dob", ALL },
        { "gender", ALL }, { "age", ALL },
        { "address", ALL }, { "street", ALL }, { "street_address", ALL },
        { "city", ALL }, { "state", ALL }, { "zip", ALL },
        { "zip_code", ALL }, { "zipcode", ALL }, { "postal_code", ALL },
        { "postcode", ALL },
        { "ssn", STRICT }, { "social_security_number", STRICT },
        { "national_id", STRICT }, { "passport", STRICT },
        { "tax_id", STRICT }, { "iban", STRICT },
        { "credit_card", STRICT }, { "card_number", STRICT },
        { "cvv", STRICT },
        { "ip", ALL }, { "ip_address", ALL }, { "latitude", ALL },
        { "longitude", ALL },
        { "em", STRICT }, { "hem", STRICT }, { "hashed_email", STRICT },
        { "email_hash", STRICT }, { "email_sha256", STRICT },
        { "email_md5", STRICT },

        /* compared as names are */

        { "eMail", STRICT }, { "E-Mail", STRICT }, { "EMAIL", STRICT },
        { "e_m a-i_l", STRICT }, { "_email", STRICT }, { "email_", STRICT },
        { "Date Of Birth", ALL }, { "dateOfBirth", ALL },
        { "Social-Security-Number", STRICT }, { "firstname", ALL },
        { "hashedemail", STRICT }, { "ipaddress", ALL },
        { "streetaddress", ALL },
        { "__c_i_t_y__", ALL },

        /* the last words */

        { "customer_email", STRICT }, { "customer_mail", STRICT },
        { "customerPhone", STRICT }, { "user mobile", STRICT },
        { "home-telephone", STRICT }, { "customer_first_name", ALL },
        { "customerLastName", ALL }, { "shippingFullName", ALL },
        { "her_given_name", ALL }, { "hisFamilyName", ALL },
        { "maiden_surname", ALL }, { "billing_address", ALL },
        { "homeStreet", ALL }, { "billing_zip", ALL },
        { "billing_postcode", ALL }, { "billing_postal_code", ALL },
        { "newPassword", STRICT }, { "client_secret", ALL },
        { "childBirthday", ALL }, { "child_birth_date", ALL },
        { "giftCardNumber", STRICT }, { "user_ssn", STRICT },
        { "payerIban", STRICT }, { "traveller_passport", STRICT },
        { "customer_email_address", STRICT },
        { "HTTPAddress", ALL },

        /* their words are found in any spelling */

        { "customer_phone_", STRICT }, { "customer__phone", STRICT },
        { "CUSTOMER_PHONE", STRICT }, { "customerPHONE", STRICT },
        { "HTTPPhone", STRICT }, { "userEMail", STRICT },
        { "user_e_mail", STRICT }, { "user2Phone", STRICT },
        { "customer_firstname", ALL }, { "customerPostalcode", ALL },
        { "t\xc3\xa9l\xc3\xa9Phone", STRICT },
        { "a_name_that_is_longer_than_any_of_the_list_phone", STRICT },
        { "aNameThatIsLongerThanAnyOfTheListFirstName", ALL },

        /* no words of their own */

        { "microphone", 0 }, { "MICROPHONE", 0 }, { "Microphone", 0 },
        { "hotmail", 0 }, { "automobile", 0 }, { "unzip", 0 },
        { "customerphone", 0 }, { "userFirstnames", 0 },
        { "USERphone", 0 }, { "user.phone", 0 }, { "user.Phone", 0 },

        /* not the last, or only as a whole */

        { "phone_case", 0 }, { "email_opt_in", 0 }, { "emailVerified", 0 },
        { "address_id", 0 }, { "user_token", 0 }, { "storeCity", 0 },
        { "message_em", 0 }, { "page_age", 0 }, { "solid_state", 0 },
        { "nameFirst", 0 }, { "postal", 0 },

        /* a page's, a product's */

        { "name", 0 }, { "product_name", 0 }, { "page_name", 0 },
        { "user", 0 }, { "url", 0 }, { "path", 0 },

        { "", 0 }, { "_", 0 }, { "- _", 0 }, { "x", 0 }, { "em1", 0 },
        { "order_id", 0 }, { "emai", 0 }, { "emails", 0 }, { "value", 0 },
        { "\xff", 0 }, { "~", 0 },
        { "socialsecuritynumbers", 0 }, { "xsocialsecuritynumber", 0 },
        { "a_social_security_number", 0 },

        /* a name that is an address */

        { "jane@example.com", STRICT + 1 }, { "a@b.de clicked", STRICT + 1 },
        { "a%40b.de", STRICT + 1 }, { "a%2540b.de", STRICT + 1 },
        { "logo@2x.png", 0 }
    };

    (void) state;

    arena = test_memory_init(&memory);

    for (i = 0; i < test_n(cases); i++) {
        all = pintag_pii_name(&plain, PINTAG_PII_ALL, test_str(cases[i].name),
                              0, arena);

        strict = pintag_pii_name(&plain, PINTAG_PII_STRICT,
                                 test_str(cases[i].name), 0, arena);

        if (all != (cases[i].kind != 0) || strict != (cases[i].kind >= STRICT)
            || pintag_pii_strict(test_str(cases[i].name))
               != (cases[i].kind == STRICT))
        {
            fail_msg("\"%s\" is %d %d", cases[i].name, all, strict);
        }
    }

    assert_int_equal(pintag_pii_name(&plain, PINTAG_PII_ALL, test_str(NULL),
                                     0, arena), 0);
    assert_int_equal(pintag_pii_name(&plain, PINTAG_PII_ALL,
                                     test_lit("phone\0"), 0, arena), 0);

    test_memory_free(&memory);
}


static void
test_the_name_of_a_person(void **state)
{
    size_t           i;
    test_memory_t    memory;
    pintag_arena_t  *arena;

    static const char  *persons[] = {
        "user", "customer", "contact", "person", "profile", "billing",
        "shipping", "recipient", "Customer", "_user_"
    };

    static const char  *others[] = {
        "", "product", "page", "users", "campaign", "super_user", "name"
    };

    (void) state;

    arena = test_memory_init(&memory);

    for (i = 0; i < test_n(persons); i++) {
        assert_int_equal(pintag_pii_person(test_str(persons[i])), 1);
    }

    for (i = 0; i < test_n(others); i++) {
        assert_int_equal(pintag_pii_person(test_str(others[i])), 0);
    }

    assert_int_equal(pintag_pii_name(&plain, PINTAG_PII_ALL, test_str("name"),
                                     1, arena), 1);
    assert_int_equal(pintag_pii_name(&plain, PINTAG_PII_ALL, test_str("Name"),
                                     1, arena), 1);
    assert_int_equal(pintag_pii_name(&plain, PINTAG_PII_ALL,
                                     test_str("pet_name"), 1, arena), 0);
    assert_int_equal(pintag_pii_name(&plain, PINTAG_PII_ALL, test_str("id"),
                                     1, arena), 0);
    assert_int_equal(pintag_pii_name(&plain, PINTAG_PII_STRICT,
                                     test_str("name"), 1, arena), 0);

    test_memory_free(&memory);
}


static void
test_names_of_the_configuration(void **state)
{
    int              rc;
    size_t           i;
    test_memory_t    memory;
    pintag_pii_t     pii;
    pintag_arena_t  *arena;

    static const struct {
        const char          *added;
        const char          *allowed;
        pintag_pii_scope_e   scope;
        const char          *name;
        unsigned             person;
        int                  rc;
    } cases[] = {

        /* added, as a whole name */
        { "loyalty_tier", NULL, PINTAG_PII_ALL, "loyaltyTier", 0, 1 },
        { "loyalty_tier", NULL, PINTAG_PII_ALL, "my_loyalty_tier", 0, 0 },
        { "loyalty_tier", NULL, PINTAG_PII_ALL, "loyalty", 0, 0 },
        { "loyalty_tier", NULL, PINTAG_PII_ALL, "city", 0, 1 },
        { "loyalty_tier", NULL, PINTAG_PII_STRICT, "loyalty_tier", 0, 0 },
        { "a name longer than the list's are", NULL, PINTAG_PII_ALL,
          "aNameLongerThanTheList'sAre", 0, 1 },

        /* taken off, as a whole name */
        { NULL, "city,store_address", PINTAG_PII_ALL, "City", 0, 0 },
        { NULL, "city,store_address", PINTAG_PII_ALL, "storeAddress", 0, 0 },
        { NULL, "city,store_address", PINTAG_PII_ALL, "address", 0, 1 },
        { NULL, "city,store_address", PINTAG_PII_ALL, "my_store_address", 0,
          1 },
        { NULL, "city,store_address", PINTAG_PII_ALL, "state", 0, 1 },
        { NULL, "name", PINTAG_PII_ALL, "name", 1, 0 },
        { NULL, "city", PINTAG_PII_ALL, "name", 1, 1 },

        /* but never these */
        { NULL, "email,phone,store_phone", PINTAG_PII_ALL, "email", 0, 1 },
        { NULL, "email,phone,store_phone", PINTAG_PII_ALL, "store_phone", 0,
          1 },
        { NULL, "email,phone,store_phone", PINTAG_PII_STRICT, "phone", 0, 1 },
        { NULL, "a@b.de", PINTAG_PII_ALL, "a@b.de", 0, 1 },

        /* in both */
        { "city", "city", PINTAG_PII_ALL, "city", 0, 1 },
        { "city", "city", PINTAG_PII_STRICT, "city", 0, 0 }
    };

    (void) state;

    for (i = 0; i < test_n(cases); i++) {
        arena = test_memory_init(&memory);
        memset(&pii, 0, sizeof(pintag_pii_t));

        names(&pii.added, cases[i].added, arena);
        names(&pii.allowed, cases[i].allowed, arena);

        rc = pintag_pii_name(&pii, cases[i].scope, test_str(cases[i].name),
                             cases[i].person, arena);

        if (rc != cases[i].rc) {
            fail_msg("%zu: \"%s\" is %d", i, cases[i].name, rc);
        }

        test_memory_free(&memory);
    }
}


static void
test_email(void **state)
{
    int              rc;
    size_t           i;
    test_memory_t    memory;
    pintag_arena_t  *arena;

    static const struct {
        const char  *text;
        int          held;
        unsigned     whole;
    } cases[] = {
        { "jane.doe@example.com", 1, 1 },
        { "JANE.DOE@EXAMPLE.COM", 1, 1 },
        { "a@b.de", 1, 1 },
        { "aZ09._%+'-@b.de", 1, 1 },
        { "a@b.c.d.ef", 1, 1 },
        { "a@1.de", 1, 1 },
        { "a@b-c.de", 1, 1 },
        { "a@x--1.de", 1, 1 },
        { ".@b.de", 1, 1 },

        /* a label may be of any of its bytes */
        { "x@-.de", 1, 1 },

        /* somewhere in a text */
        { " a@b.de", 1, 0 },
        { "a@b.de ", 1, 0 },
        { "write to a@b.de, please", 1, 0 },
        { "<a@b.de>", 1, 0 },
        { "\"a@b.de\"", 1, 0 },
        { "mailto:a@b.de", 1, 0 },
        { "{\"mail\":\"a@b.de\"}", 1, 0 },
        { "a@b.de.", 1, 0 },
        { "a@b.de..", 1, 0 },
        { "a@b.de-", 1, 0 },
        { "a@b.de1", 1, 0 },
        { "a@b.com/", 1, 0 },
        { "x@@a@b.de", 1, 0 },
        { "a@b@c.de", 1, 0 },
        { "a@b.de@", 1, 0 },
        { "a@b c@d.ef", 1, 0 },
        { "\na@b.de\n", 1, 0 },

        /* no two labels, or not of two letters */
        { "", 0, 0 },
        { "@", 0, 0 },
        { "a@", 0, 0 },
        { "@b.de", 0, 0 },
        { "a@b", 0, 0 },
        { "a@b.", 0, 0 },
        { "a@b.c", 0, 0 },
        { "a@b.c.d", 0, 0 },
        { "a@b.1", 0, 0 },
        { "a@b.12", 0, 0 },
        { "a@b.c1o", 0, 0 },
        { "a@127.0.0.1", 0, 0 },
        { "a@.de", 0, 0 },
        { "a@b..de", 0, 0 },
        { "a@b.-de", 0, 0 },
        { "a@b_c.de", 0, 0 },
        { "a@[b.de]", 0, 0 },
        { "a@ b.de", 0, 0 },
        { "a @b.de", 0, 0 },
        { "\"a b\"@c.de", 0, 0 },
        { "(@b.de", 0, 0 },
        { "@jane and @joe.k", 0, 0 },
        { "5 pcs @ 9.95", 0, 0 },
        { "5 pcs@9.95 EUR", 0, 0 },

        /* the first label is not like "2x": names of images */
        { "logo@2x.png", 0, 0 },
        { "logo@3X.png", 0, 0 },
        { "logo@10x.png", 0, 0 },
        { "/img/logo@2x.min.png", 0, 0 },
        { "logo@2x", 0, 0 },
        { "@2x", 0, 0 },
        { "user@2x.com", 0, 0 },
        { "logo@2x~ipad.png", 0, 0 },
        { "a@2xx.de", 1, 1 },
        { "a@x.de", 1, 1 },
        { "a@x2.de", 1, 1 },
        { "a@2y.de", 1, 1 },
        { "a@22.de", 1, 1 },
        { "a@2x-.de", 1, 1 },
        { "a@b.2x.de", 1, 1 },
        { "logo@2x.png a@b.de", 1, 0 },

        /* other bytes are letters */
        { "j\xc3\xbcrgen@b\xc3\xbc" "cher.de", 1, 1 },
        { "\xe5\xbc\xa0@\xe4\xbe\x8b\xe5\xad\x90.\xe5\xb9\xbf\xe5\x91\x8a",
          1, 1 },
        { "a@b.\xc3\xa9", 1, 1 },
        { "a@xn--bcher-kva.de", 1, 1 },
        { "a\xef\xbc\xa0" "b.de", 0, 0 },
        { "a@b\xe3\x80\x82" "de", 0, 0 },

        /* encoded up to three times */
        { "a%40b.de", 1, 0 },
        { "a%2540b.de", 1, 0 },
        { "a%252540b.de", 1, 0 },
        { "a%25252540b.de", 0, 0 },
        { "%61%40%62%2e%64%65", 1, 0 },
        { "%61%40%62%2E%64%65", 1, 0 },
        { "a@b%2ede", 1, 0 },
        { "a@b%252ede", 1, 0 },
        { "%61@b.d", 0, 0 },
        { "x%20a@b.d%65", 1, 0 },
        { "=%61@b.de", 1, 0 },
        { "\"%61\"@b.de", 0, 0 },
        { "%00@b.d%65", 0, 0 },
        { "a%4%30b.de", 1, 0 },
        { "a%%34%30b.de", 1, 0 },
        { "a%%34%%33%30b.de", 1, 0 },
        { "a%%34%%33%%33%30b.de", 0, 0 },
        { "a%25%34%30b.de", 1, 0 },
        { "a%2%35%34%30b.de", 1, 0 },
        { "j%C3%BCrgen%40b%C3%BCcher.de", 1, 0 },
        { "logo%402x.png", 0, 0 },

        /* nothing encoded */
        { "50%", 0, 0 },
        { "%", 0, 0 },
        { "%4", 0, 0 },
        { "%40", 0, 0 },
        { "%4g@%", 0, 0 },
        { "a%4Gb.de", 0, 0 },
        { "a%:0b.de", 0, 0 },
        { "100%25 wool", 0, 0 }
    };

    (void) state;

    arena = test_memory_init(&memory);

    for (i = 0; i < test_n(cases); i++) {
        rc = pintag_pii_email(test_str(cases[i].text), arena);

        if (rc != cases[i].held
            || pintag_pii_address(test_str(cases[i].text)) != cases[i].whole)
        {
            fail_msg("\"%s\" is %d", cases[i].text, rc);
        }
    }

    assert_int_equal(pintag_pii_email(test_str(NULL), arena), 0);
    assert_int_equal(pintag_pii_address(test_str(NULL)), 0);
    assert_int_equal(pintag_pii_email(test_lit("\0a@b.de\0"), arena), 1);
    assert_int_equal(pintag_pii_email(test_lit("a@b\0.de"), arena), 0);
    assert_int_equal(pintag_pii_address(test_lit("a@b.de\0")), 0);

    test_memory_free(&memory);
}


/* what can hide no address is not copied, and what was clean is borrowed */

static void
test_most_texts_need_no_memory(void **state)
{
    size_t           i;
    pintag_str_t     text, clean;
    test_memory_t    memory;
    pintag_arena_t  *arena;

    static const char  *texts[] = {
        "", "USD", "a text of some words", "50% off", "a%20b", "100%",
        "/a/b?c=d&e=f#g", "https://example.com/a%20b/?utm_source=x#top",
        "https://example.com/%C3%A9?", "logo@2x.png", "a=b&c=d"
    };

    (void) state;

    arena = test_memory_init_failing(&memory, 1);

    for (i = 0; i < test_n(texts); i++) {
        text = test_str(texts[i]);

        assert_int_equal(pintag_pii_email(text, arena), 0);
        assert_int_equal(pintag_pii_value(&plain, PINTAG_PII_ALL,
                                          test_str("url"), text, arena,
                                          &clean), 1);
        assert_ptr_equal(clean.data, text.data);
        assert_int_equal(clean.len, text.len);
    }

    assert_int_equal(pintag_pii_value(&plain, PINTAG_PII_ALL, test_str(NULL),
                                      test_str(NULL), arena, &clean), 1);
    assert_str_null(clean);
    assert_int_equal(pintag_pii_url(&plain, PINTAG_PII_ALL, test_str(NULL),
                                    arena, &clean), 1);
    assert_str_null(clean);

    test_memory_free(&memory);
}


/* left out whole */
#define OUT   NULL

/* as it came */
static const char  same[] = "";
#define SAME  same


typedef struct {
    const char  *text;
    const char  *clean;
} clean_case_t;


static void
check(const pintag_pii_t *pii, pintag_pii_scope_e scope, const char *key,
    const char *text, const char *expected)
{
    int             rc;
    pintag_str_t    clean;
    test_memory_t   memory;

    rc = pintag_pii_value(pii, scope, test_str(key), test_str(text),
                          test_memory_init(&memory), &clean);

    if (rc != (expected != OUT)) {
        fail_msg("%s: \"%s\" is %d", key ? key : "-", text, rc);
    }

    if (expected == SAME) {
        assert_str(clean, text);
        assert_ptr_equal(clean.data, text);

    } else if (expected != OUT) {
        assert_str(clean, expected);
        assert_non_null(clean.data);
    }

    test_memory_free(&memory);
}


static void
test_values(void **state)
{
    size_t  i;

    static const struct {
        const char  *key;
        const char  *text;
        const char  *clean;
    } cases[] = {

        /* no URL */
        { "note", "of Jane", SAME },
        { "note", "a@b.de", OUT },
        { "note", "write to a%2540b.de", OUT },
        { NULL, "write to a@b.de", OUT },
        { "note", "write to a%25252540b.de", SAME },
        { "note", "see https://x/?phone=1", SAME },
        { "note", "Is it? phone=1", SAME },
        { "note", "a=b&phone", SAME },
        { "note", "x=b &phone =1", SAME },
        { "note", "&=1&phone=1", SAME },
        { "note", "x = a@b.de", OUT },
        { "note", "mailto:a@b.de?subject=x", OUT },

        /* a URL by how it begins */
        { "note", "https://x/?phone=1&a", "https://x/?a" },
        { "note", "myapp+x.y-1://x/?phone=1&a", "myapp+x.y-1://x/?a" },
        { NULL, "//x/?phone=1&a", "//x/?a" },
        { "note", "/x?phone=1&a", "/x?a" },
        { "note", "?phone=1&a", "?a" },
        { "note", " https://x/?phone=1&a", " https://x/?a" },
        { "note", "1http://x/?phone=1&a", SAME },
        { "note", "+x://x/?phone=1&a", SAME },
        { "note", "http:/x/?phone=1&a", SAME },
        { "note", "http", SAME },
        { "note", "http:", SAME },
        { "note", "x/?phone=1&a", SAME },

        /* or throughout */
        { "note", "phone=1&a=b", "a=b" },
        { "note", "a=b&phone=1", "a=b" },
        { "note", "a=b&&phone=1&", "a=b&&" },
        { "note", "phone=1", "" },
        { "note", "#a=b&phone=1", "#a=b" },
        { "note", "x/?phone=1&a=b", "x/?a=b" },
        { "note", "a=&phone=", "a=" },
        { "note", "a=b&x=a@b.de", "a=b" },
        { "note", "/?x&a=phone=1", "/?x" },
        { "note", "/?x&a=b=1", SAME },
        { "note", "/?x&a=phone", SAME },

        /* one beside an address, its name decoded, then looked at for one */
        { "note", "/?a@b.de&x&c%252525252540d.de=1", "/?x" },
        { "note", "/?a@b.de&x=1&a=/?c%252525252540d.de=1", "/?x=1" },
        { "note", "/?a@b.de&x&c%25252525252540d.de=1",
          "/?x&c%25252525252540d.de=1" },
        { "note", "/?x&c%252525252540d.de=1", SAME },

        /* or by what it stands under */
        { "url", "x/?phone=1&a", "x/?a" },
        { "referrer", "x/?phone=1&a", "x/?a" },
        { "search", "x/?phone=1&a", "x/?a" },
        { "path", "x/?phone=1&a", "x/?a" },
        { "href", "x/?phone=1&a", "x/?a" },
        { "page_url", "x/?phone=1&a", "x/?a" },
        { "pageUrl", "x/?phone=1&a", "x/?a" },
        { "pageURL", "x/?phone=1&a", "x/?a" },
        { "URL", "x/?phone=1&a", "x/?a" },
        { "url_x", "x/?phone=1&a", SAME },
        { "curl", "x/?phone=1&a", SAME },
        { "page_path", "x/?phone=1&a", SAME },
        { "search", "a=b&phone=1&c", "a=b&c" },
        { "search", "phone", SAME },
        { "url", "see a@b.de", OUT },
        { "url", "#a=b&phone=1", "#a=b" },
        { "url", "a=b?phone=1", "a=b" },
        { "url", "phone=1?a=b#c", "?a=b#c" }
    };

    (void) state;

    for (i = 0; i < test_n(cases); i++) {
        check(&plain, PINTAG_PII_ALL, cases[i].key, cases[i].text,
              cases[i].clean);
    }
}


static void
test_urls(void **state)
{
    int              rc;
    size_t           i;
    pintag_str_t     clean;
    test_memory_t    memory;

    static const clean_case_t  cases[] = {

        /* nothing to clean */
        { "https://example.com/", SAME },
        { "https://example.com/a?b=c&d=%C3%A9;e#f", SAME },
        { "https://example.com/?", SAME },
        { "https://example.com/?&", SAME },
        { "https://example.com/?#", SAME },
        { "https://example.com/?a=b&&c#", SAME },
        { "https://example.com/a@2x.png?b@2x.png", SAME },
        { "https://example.com/phone=1/?x", SAME },

        /* what is not seen around a name */
        { "https://example.com/?a&\nphone\r\n=1", "https://example.com/?a" },
        { "https://example.com/?a&%0Aphone%09=1&b",
          "https://example.com/?a&b" },
        { "https://example.com/?a&user[\tname ]=1&b",
          "https://example.com/?a&b" },
        { "https://example.com/?a&\n=1&[\n]=1", SAME },

        /* userinfo */
        { "https://jane:pw@example.com/a", "https://example.com/a" },
        { "https://jane@example.com", "https://example.com" },
        { "//jane:pw@example.com/a", "//example.com/a" },
        { "https://jane:p@w@x@example.com/a", "https://example.com/a" },
        { "https://j%61ne:p%40w@example.com/a", "https://example.com/a" },
        { "https://jane%40b.de:pw@example.com/a", "https://example.com/a" },
        { "https://@example.com/", "https://example.com/" },
        { "https://jane@localhost?a=b", "https://localhost?a=b" },
        { "https://jane@localhost#a", "https://localhost#a" },
        { "https://jane@", "https://" },
        { "https://localhost/@jane", SAME },
        { "https://localhost?@jane", SAME },
        { "https://localhost#@jane", SAME },
        { "https://jane:pw%40b.de/", OUT },
        { "https://jane:p#w@b.de/", OUT },

        /* a parameter goes with its separator */
        { "https://x/?phone=1", "https://x/" },
        { "https://x/?phone=1&a=b", "https://x/?a=b" },
        { "https://x/?a=b&phone=1", "https://x/?a=b" },
        { "https://x/?a=b&phone=1&c=d", "https://x/?a=b&c=d" },
        { "https://x/?phone=1&city=2&a=b&zip=3&c=d&state=4",
          "https://x/?a=b&c=d" },
        { "https://x/?phone=1&city=2", "https://x/" },
        { "https://x/?phone=1#a", "https://x/#a" },
        { "https://x/?phone", "https://x/" },
        { "https://x/?phone=", "https://x/" },
        { "https://x/?phone&a", "https://x/?a" },
        { "https://x/?a=b&phone=1&", "https://x/?a=b&" },
        { "https://x/?phone=1&", "https://x/" },
        { "https://x/?&phone=1", "https://x/" },
        { "https://x/?&phone=1&&a=b", "https://x/?a=b" },
        { "https://x/?a=b&&phone=1&c=d", "https://x/?a=b&&c=d" },
        { "https://x/?phone=1=2&a==&=b", "https://x/?a==&=b" },

        /* by its decoded name */
        { "https://x/?PHONE=1", "https://x/" },
        { "https://x/?customerPhone=1", "https://x/" },
        { "https://x/?first%5Fname=J", "https://x/" },
        { "https://x/?first+name=J", "https://x/" },
        { "https://x/?first%20name=J", "https://x/" },
        { "https://x/?%70hone=1", "https://x/" },
        { "https://x/?%2570hone=1", "https://x/" },
        { "https://x/?%252570hone=1", "https://x/" },
        { "https://x/?%25252570hone=1", SAME },
        { "https://x/?p%hone=1", SAME },
        { "https://x/?name=J&phones=1", SAME },

        /* which may be nested */
        { "https://x/?user[phone]=1&a=b", "https://x/?a=b" },
        { "https://x/?user%5Bphone%5D=1&a=b", "https://x/?a=b" },
        { "https://x/?users[0][phone]=1&a=b", "https://x/?a=b" },
        { "https://x/?phone[]=1&a=b", "https://x/?a=b" },
        { "https://x/?user[name]=J&a=b", "https://x/?a=b" },
        { "https://x/?user[x][name]=J&a=b", "https://x/?a=b" },
        { "https://x/?item[name]=J&a[=b&c]=d&[=e", SAME },

        /* by its value */
        { "https://x/?a=a@b.de", "https://x/" },
        { "https://x/?a=a%40b.de&c=d", "https://x/?c=d" },
        { "https://x/?c=d&a=a%2540b.de", "https://x/?c=d" },
        { "https://x/?c=d&a=a%252540b.de", "https://x/?c=d" },
        { "https://x/?c=d&a=a%25252540b.de", SAME },
        { "https://x/?c=d&a=%22J%22%20%3Ca@b.de%3E", "https://x/?c=d" },
        { "https://x/?a@b.de", "https://x/" },
        { "https://x/?a@b.de=1&c=d", "https://x/?c=d" },
        { "https://x/?a=logo@2x.png", SAME },
        { "https://x/?a=mailto:a@b.de", "https://x/" },
        { "https://x/?a=@b.de&c=x%40&d=y.de", SAME },

        /* ";" where a name and a value follow */
        { "https://x/?a=b;phone=1;c=d", "https://x/?a=b;c=d" },
        { "https://x/?phone=1;a=b", "https://x/?a=b" },
        { "https://x/?a=b;phone", SAME },
        { "https://x/?a=b;x;phone=1", "https://x/?a=b;x" },
        { "https://x/?a=b;a@b.de&c=d", "https://x/?c=d" },
        { "https://x/?a=b&amp;phone=1", "https://x/?a=b&amp" },

        /* "?" again is text */
        { "https://x/?a=what?&phone=1", "https://x/?a=what?" },
        { "https://x/?a=what?phone", SAME },

        /* fragments */
        { "https://x/#phone=1", "https://x/" },
        { "https://x/#a=b&phone=1", "https://x/#a=b" },
        { "https://x/?a=b#phone=1&c=d", "https://x/?a=b#c=d" },
        { "https://x/?phone=1#phone=1", "https://x/" },
        { "https://x/#phone", SAME },
        { "https://x/#/route?phone=1", "https://x/#/route" },
        { "https://x/#/route?a=b&phone=1", "https://x/#/route?a=b" },
        { "https://x/#!/route?phone=1&a=b", "https://x/#!/route?a=b" },
        { "https://x/#/route?x=a%40b.de&a=b", "https://x/#/route?a=b" },
        { "https://x/#/route&phone=1", "https://x/#/route" },
        { "https://x/#a=b#phone=1", "https://x/#a=b" },
        { "https://x/#phone=1#a=b", "https://x/#a=b" },
        { "https://x/#phone=1?a=b", "https://x/#?a=b" },
        { "https://x/#phone=1?phone=1", "https://x/#" },
        { "https://x/?a=b#phone=1?c=d", "https://x/?a=b#?c=d" },
        { "https://x/#a?b#c?phone=1", "https://x/#a?b#c" },

        /* a URL in a parameter: as it is, or encoded */
        { "https://x/?next=/y?phone=1&a=b", "https://x/?a=b" },
        { "https://x/?next=/y?a=b&c=d", SAME },
        { "https://x/?next=%2Fy%3Fphone%3D1&a=b", "https://x/?a=b" },
        { "https://x/?next=https%3A%2F%2Fy%2F%3Fa%3Db%26phone%3D1",
          "https://x/" },
        { "https://x/?next=https%3A%2F%2Fy%2F%3Fphone%3D1%26a%3Db&c=d",
          "https://x/?c=d" },
        { "https://x/?next=https%253A%252F%252Fy%252F%253Fphone%253D1",
          "https://x/" },
        { "https://x/?next=https%3A%2F%2Fy%2F%3Fz%3D%252Fw%253Fphone%253D1",
          "https://x/" },
        { "https://x/?next=https%3A%2F%2Fy%2F%23first%2Bname%3D1",
          "https://x/" },
        { "https://x/?next=https%3A%2F%2Fy%2F%3Femail%3Da%2540b.de",
          "https://x/" },
        { "https://x/?next=https%3A%2F%2Fy%2F%3Fa%3Db", SAME },
        { "https://x/?next=https%3A%2F%2Fjane%3Apw%40localhost%2F&a=b",
          "https://x/?a=b" },
        { "https://x/?next=//jane@localhost/", "https://x/" },

        /* a URL without a name before it */
        { "https://x/?https://jane:pw@localhost/", "https://x/" },
        { "https://x/?a=b&//jane:pw@localhost/c", "https://x/?a=b" },
        { "https://x/?https://jane:pw@localhost/c=d&a=b", "https://x/?a=b" },
        { "https://x/?https%3A%2F%2Fjane%3Apw%40localhost%2F", "https://x/" },
        { "https://x/?https://y/?phone=1", "https://x/" },
        { "https://x/?a=b;https://y/?c=d&phone=1",
          "https://x/?a=b;https://y/?c=d" },
        { "https://x/#https://jane:pw@localhost/c=d", "https://x/" },
        { "https://x/?https://y/", SAME },
        { "https://x/?https://y/?a=b", SAME },
        { "https://x/?/a/b", SAME },
        { "https://x/?next=%20%2F%2Fjane@localhost/", "https://x/" },
        { "https://x/?f=a%3Db%26phone%3D1", "https://x/" },
        { "https://x/?q=phone%3D1", "https://x/" },
        { "https://x/?q=my+phone%3D1", SAME },
        { "https://x/?q=phone+case%3F&r=%2Fphone%2Fcity", SAME },

        /* an address still stands */
        { "https://x/a@b.de/", OUT },
        { "https://x/a%40b.de/?c=d", OUT },
        { "https://x/a%252540b.de/", OUT },
        { "https://x/a@b.de/?phone=1", OUT },
        { "https://x/#/users/a@b.de", OUT },
        { "https://x/#/users/a@b.de?phone=1", OUT },
        { "mailto:a@b.de", OUT },
        { "https://x/a@b.de?c=d@e.fg", OUT },
        { "https://jane@x/a@b.de", OUT },

        /* what is not quite a URL */
        { "/", SAME }, { "?", SAME }, { "#", SAME }, { "//", SAME },
        { "://", SAME }, { "=", SAME }, { "&", SAME }, { ";", SAME },
        { "?=", SAME }, { "?&;=", SAME }, { "[", SAME }, { "?[]=", SAME },
        { "%", SAME }, { "?%=%", SAME }, { "\t", SAME }, { "?+", SAME },
        { "?a=b?phone=1", "" },
        { "?phone=1", "" },
        { "\xff://a@b/", SAME }
    };

    (void) state;

    for (i = 0; i < test_n(cases); i++) {
        check(&plain, PINTAG_PII_ALL, "url", cases[i].text, cases[i].clean);

        /* the same where it is known */

        rc = pintag_pii_url(&plain, PINTAG_PII_ALL, test_str(cases[i].text),
                            test_memory_init(&memory), &clean);

        assert_int_equal(rc, cases[i].clean != OUT);

        if (cases[i].clean == SAME) {
            assert_str(clean, cases[i].text);
        }

        test_memory_free(&memory);
    }
}


static void
test_urls_by_scope_and_configuration(void **state)
{
    test_memory_t    memory;
    pintag_pii_t     pii;
    pintag_arena_t  *arena;

    (void) state;

    arena = test_memory_init(&memory);
    memset(&pii, 0, sizeof(pintag_pii_t));

    names(&pii.added, "tier", arena);
    names(&pii.allowed, "city", arena);

    check(&plain, PINTAG_PII_ALL, "url", "?city=1&phone=2&tier=3", "?tier=3");
    check(&plain, PINTAG_PII_STRICT, "url", "?city=1&phone=2&tier=3",
          "?city=1&tier=3");
    check(&plain, PINTAG_PII_STRICT, "url", "?n=%2Fx%3Fcity%3D1", SAME);
    check(&plain, PINTAG_PII_STRICT, "url", "?a=a@b.de&b=c", "?b=c");
    check(&plain, PINTAG_PII_STRICT, "url", "//jane@x/", "//x/");
    check(&pii, PINTAG_PII_ALL, "url", "?city=1&phone=2&tier=3", "?city=1");
    check(&pii, PINTAG_PII_ALL, "url", "?a=1&user[tier]=3", "?a=1");
    check(&pii, PINTAG_PII_STRICT, "url", "?city=1&phone=2&tier=3",
          "?city=1&tier=3");

    test_memory_free(&memory);
}


static void
test_without_memory(void **state)
{
    int              rc;
    size_t           i, n;
    pintag_str_t     clean;
    test_memory_t    memory;
    pintag_arena_t  *arena;

    /* each asks for another part of the memory first */

    static const char  *texts[] = {
        "x a%40b.de", "//jane@x/", "?phone=1", "?a=1&phone=1", "?phone=1&a=1",
        "phone=1&a=1", "?%61=1", "?a=%61", "?a=a%40b.de", "/a%40b.de",
        "?user%5Bphone%5D=1", "#/x?a=b&phone=1", "?a=%2Fx%3Fphone%3D1",
        "?a%2540b.de=1"
    };

    (void) state;

    for (i = 0; i < test_n(texts); i++) {
        arena = test_memory_init_failing(&memory, 1);

        assert_int_equal(pintag_pii_value(&plain, PINTAG_PII_ALL,
                                          test_str("url"), test_str(texts[i]),
                                          arena, &clean), -1);

        test_memory_free(&memory);
    }

    arena = test_memory_init_failing(&memory, 1);

    assert_int_equal(pintag_pii_email(test_str("a%40b.de"), arena), -1);
    assert_int_equal(pintag_pii_name(&plain, PINTAG_PII_ALL,
                                     test_str("a%40b.de"), 0, arena), -1);
    assert_int_equal(pintag_pii_value(&plain, PINTAG_PII_ALL,
                                      test_str("note"), test_str("a%40b.de"),
                                      arena, &clean), -1);

    test_memory_free(&memory);

    /* and every later part of it, once a block is full */

    for (n = 1; /* void */ ; n++) {
        static unsigned char  text[20000];

        static const char  begin[] = "//jane@x/?%61=%2Fa%3Fb&a=a%40b.de&",
                           end[] = "=1&user%5B%2541%5D=%20&c=d&city=1&e[f]=1";

        memset(text, 'x', sizeof(text));
        memcpy(text, begin, sizeof(begin) - 1);
        memcpy(text + sizeof(text) - sizeof(end) + 1, end, sizeof(end) - 1);

        arena = test_memory_init_failing(&memory, n);

        rc = pintag_pii_url(&plain, PINTAG_PII_ALL,
                            (pintag_str_t) { sizeof(text), text }, arena,
                            &clean);

        test_memory_free(&memory);

        if (rc == 1) {
            break;
        }

        assert_int_equal(rc, -1);
        assert_true(n < 100);
    }

    assert_true(n >= 3);
}


/* quadratic work on 512 kB would take minutes for each of these */

static void
test_hostile_texts(void **state)
{
    int              rc;
    char            *text;
    size_t           i, k, len;
    pintag_str_t     s, clean;
    test_memory_t    memory;
    pintag_arena_t  *arena;

    static const char  *parts[] = {
        "a", "@", "a@", "a@a@.", "a@b.", "a.", "a@a-", "%25", "%", "%2",
        "%40", "%2540", "%252525", "%25%25%2525", "%%34%30", "&", ";", "a;",
        ";=", "a;b=", "a=b;", "a=b&", "?", "#", "?a=b", "#a", "=", "[", "]",
        "a[", "[]=&", "+", "&+=+", "phone=1&", "a=b&phone=1&",
        "?next=%2Fx%3F", "%3Fphone%3D", "_", "-A", "aA", "A", "//", "//@",
        "a:", " ", "&a=%2F%3Fb%3Dc", "&x@b.de=", "&x=a%2540b.de", "\xff",
        "&a%252541=%252541", "&user[a]=", "&phone_=1;phone=1"
    };

    static const char  *begins[] = { "", "https://", "/?", "/?a=", "/#", "?" };

    (void) state;

    len = 512 * 1024;
    text = malloc(len + 16);
    assert_non_null(text);

    for (i = 0; i < test_n(parts) * test_n(begins); i++) {

        k = strlen(begins[i % test_n(begins)]);
        memcpy(text, begins[i % test_n(begins)], k);

        for ( /* void */ ; k < len; k++) {
            text[k] = parts[i / test_n(begins)]
                           [(k - strlen(begins[i % test_n(begins)]))
                            % strlen(parts[i / test_n(begins)])];
        }

        s.data = (const unsigned char *) text;
        s.len = len;

        arena = test_memory_init(&memory);

        rc = pintag_pii_name(&plain, PINTAG_PII_ALL, s, 1, arena);
        assert_int_not_equal(rc, -1);

        rc = pintag_pii_value(&plain, PINTAG_PII_ALL, test_str("note"), s,
                              arena, &clean);
        assert_int_not_equal(rc, -1);

        rc = pintag_pii_url(&plain, PINTAG_PII_ALL, s, arena, &clean);
        assert_int_not_equal(rc, -1);

        (void) pintag_pii_address(s);

        assert_true(memory.bytes <= 16 * len);

        test_memory_free(&memory);
    }

    free(text);
}


/* texts in which an address was hidden never leave with it */

static uint32_t
chance(uint32_t n)
{
    static uint32_t  seed = 20240229;

    seed = seed * 1664525 + 1013904223;

    return (seed >> 8) % n;
}


static size_t
decode(char *text, size_t len)
{
    char          hex[3];
    size_t        i, n;
    unsigned int  c;

    for (i = 0, n = 0; i < len; n++) {
        hex[0] = '\0';

        if (text[i] == '%' && i + 2 < len) {
            memcpy(hex, text + i + 1, 2);
            hex[2] = '\0';
        }

        if (strlen(hex) == 2 && strspn(hex, "0123456789abcdefABCDEF") == 2) {
            (void) sscanf(hex, "%x", &c);
            text[n] = (char) c;
            i += 3;

        } else {
            text[n] = text[i++];
        }
    }

    return n;
}


static void
test_no_address_leaves(void **state)
{
    int              rc;
    char             text[4096], copy[4096];
    char            *p;
    size_t           i, j, k, n, at, times, depth, left, out;
    const char      *part;
    pintag_str_t     clean;
    test_memory_t    memory;
    pintag_arena_t  *arena;

    static const char  address[] = "jane.doe+x@mail.example.com";

    static const char  *parts[] = {
        "https://", "//", "/", "?", "#", "&", ";", "=", "@", ":", "x", "a=b",
        "phone=1", "city=", "next=", "%20", "%2F", "%3F", "%3D", "%26", "%",
        "%2", "[", "]", " ", "+", "example.com", "name", "/#/", "\xc3\xa9"
    };

    static const char  *keys[] = { "url", "note", NULL };

    (void) state;

    arena = test_memory_init(&memory);
    left = 0;
    out = 0;

    for (i = 0; i < 100000; i++) {

        n = 0;
        k = chance(12);
        at = chance((uint32_t) k + 1);
        depth = chance(4);

        for (j = 0; j <= k; j++) {

            if (j != at) {
                part = parts[chance(test_n(parts))];
                memcpy(text + n, part, strlen(part));
                n += strlen(part);
                continue;
            }

            /* each byte encoded as often as it likes, up to "depth" */

            for (part = address; *part != '\0'; part++) {

                times = chance((uint32_t) depth + 1);

                if (times == 0) {
                    text[n++] = *part;
                    continue;
                }

                text[n++] = '%';

                while (--times != 0) {
                    memcpy(text + n, "25", 2);
                    n += 2;
                }

                (void) sprintf(text + n, chance(2) ? "%02x" : "%02X",
                               (unsigned) *part);
                n += 2;
            }
        }

        pintag_arena_reset(arena);

        rc = pintag_pii_value(&plain,
                              chance(2) ? PINTAG_PII_ALL : PINTAG_PII_STRICT,
                              test_str(keys[chance(3)]),
                              (pintag_str_t) { n, (unsigned char *) text },
                              arena, &clean);

        if (rc == 0) {
            out++;
            continue;
        }

        assert_int_equal(rc, 1);
        assert_true(clean.len < n);

        left++;
        n = clean.len;
        memcpy(copy, clean.data, n);

        for (times = 0; times <= PINTAG_PII_DECODINGS; times++) {

            for (p = copy; p + sizeof(address) - 1 <= copy + n; p++) {
                if (memcmp(p, address, sizeof(address) - 1) == 0) {
                    fail_msg("\"%.*s\" left", (int) clean.len,
                             (const char *) clean.data);
                }
            }

            n = decode(copy, n);
        }
    }

    /* both happened often */
    assert_true(left > 10000 && out > 10000);

    test_memory_free(&memory);
}


int
main(void)
{
    const struct CMUnitTest  tests[] = {
        cmocka_unit_test(test_names),
        cmocka_unit_test(test_the_name_of_a_person),
        cmocka_unit_test(test_names_of_the_configuration),
        cmocka_unit_test(test_email),
        cmocka_unit_test(test_most_texts_need_no_memory),
        cmocka_unit_test(test_values),
        cmocka_unit_test(test_urls),
        cmocka_unit_test(test_urls_by_scope_and_configuration),
        cmocka_unit_test(test_without_memory),
        cmocka_unit_test(test_hostile_texts),
        cmocka_unit_test(test_no_address_leaves)
    };

    return cmocka_run_group_tests_name("pii", tests, NULL, NULL);
}
