
/*
 * Copyright (C) the ngx_http_pintag_module authors
 *
 * The hashed user_data of the Conversions API: where each field is looked for,
 * and what is left of a value before it is hashed.
 */


#include "test_event.h"

#include <stddef.h>
#include <time.h>

#include "body.h"
#include "identity.h"
#include "identity_fields.h"


#define TRACK(members)  "{'type':'track','event':'X'," members "}"
#define CONTEXT(s)      TRACK("'context':{" s "}")
#define TRAITS(s)       TRACK("'traits':{" s "}")
#define PROPERTIES(s)   TRACK("'properties':{" s "}")

#define HEX32           "0123456789abcdef0123456789ABCDEF"
#define HEX40           HEX32 "01234567"
#define HEX64           HEX32 HEX32
#define LOWER32         "0123456789abcdef0123456789abcdef"
#define LOWER64         LOWER32 LOWER32


typedef struct {
    const char  *event;

    /* what is hashed, separated by "|"; "#" before what was a hash already */
    const char  *expected;
} row_t;


typedef struct {
    const char  *name;
    size_t       offset;
} field_t;


#define field(name)  { #name, offsetof(pintag_identity_t, name) }

static const field_t  fields[] = {
    field(em), field(ph), field(ge), field(db), field(fn), field(ln),
    field(ct), field(st), field(zp), field(country), field(external_id),
    field(hashed_maids)
};


static const pintag_integration_t  plain = {
    .enhanced_match = 1,
    .send_external_id = 1
};


static const pintag_list_t *
list_of(const pintag_identity_t *identity, size_t offset)
{
    return (const pintag_list_t *) ((const char *) identity + offset);
}


static unsigned
list_is(const pintag_list_t *list, const char *expected)
{
    size_t         n, len;
    unsigned       equal;
    pintag_str_t   hash;
    test_memory_t  memory;

    (void) test_memory_init(&memory);

    equal = 1;

    for (n = 0; expected != NULL; n++) {
        len = strcspn(expected, "|");

        if (expected[0] == '#') {
            hash.data = (const unsigned char *) expected + 1;
            hash.len = len - 1;

        } else {
            hash.data = (const unsigned char *) expected;
            hash.len = len;
            hash = test_hash(hash, &memory.arena);
        }

        if (n >= list->n || !pintag_str_eq(list->elts[n], hash)) {
            equal = 0;
            break;
        }

        expected = (expected[len] == '|') ? expected + len + 1 : NULL;
    }

    test_memory_free(&memory);

    return equal && n == list->n;
}


static void
check_row(const row_t *row, const char *name, const char *file, int line)
{
    size_t                 i;
    test_event_t           t;
    pintag_identity_t      identity;
    const pintag_event_t  *event;

    event = test_event_init(&t, row->event);

    assert_int_equal(pintag_identity_read(event, &plain, &t.memory.arena,
                                          &identity), 1);

    for (i = 0; i < test_n(fields); i++) {
        if (strcmp(fields[i].name, name) == 0
            && !list_is(list_of(&identity, fields[i].offset), row->expected))
        {
            print_error("of %s: not \"%s\"\n", row->event,
                        row->expected ? row->expected : "");
            _fail(file, line);
        }
    }

    test_event_free(&t);
}


#define check_rows(rows, name)                                                \
    for (size_t row_i = 0; row_i < test_n(rows); row_i++) {                   \
        check_row(&rows[row_i], name, __FILE__, __LINE__);                    \
    }


/* the fixed ones are of openssl dgst -sha256 */

static void
all_that_an_event_tells(void **state)
{
    char    expected[80];
    row_t   row;
    size_t  i;

    static const struct {
        const char  *field;
        const char  *hash;
    } hashes[] = {
        { "em",
          "b4c9a289323b21a01c3e940f150eb9b8c542587f1abfd8f0e1cc1ffc5e475514" },
        { "ph",
          "8b47a52ed04d068c3a9c5632b98cec18780a9f9f4099d4f8afe233970ce116fe" },
        { "ge",
          "252f10c83610ebca1a059c0bae8255eba2f95be4d1d7bcfa89d7248a82d9f111" },
        { "db",
          "cf98510ecc055a65e88f86903ed7b69fce267212d0c9a253b8af7083245b6e96" },
        { "fn",
          "81f8f6dde88365f3928796ec7aa53f72820b06db8664f5fe76a7eb13e24546a2" },
        { "ln",
          "799ef92a11af918e3fb741df42934f3b568ed2d93ac1df74f1b8d41a27932a6f" },
        { "ct",
          "fb38a93fd89e1a5fc7852a5d7109e321d23a721a1899292273ac5a21dc4db378" },
        { "st",
          "6959097001d10501ac7d54c0bdb8db61420f658f2922cc26e46d536119a31126" },
        { "zp",
          "ac7bb74de6884ffce919c15fef4193749d4588026c643973946713ac46da540d" },
        { "country",
          "79adb2a2fce5c6ba215fe5f27f532d4e7edbac4b6a5e09e1ef3a08084a904621" },
        { "external_id",
          "c6c289e49e9c05b2145860387b73bcb18df43fb09a1e4a4a9713c76c88bb541b" },
        { "hashed_maids",
          "6cd6140c54b2741b81b0099b232a3ddaeed82df456f43563574877baec22b632" }
    };

    static const char  event[] = TRACK(
        "'userId':'user-1','context':{'device':{'advertisingId':"
        "'EA7583CD-A667-48BC-B806-42ECB2B48606'}},'traits':{"
        "'email':'User@Example.com','phone':'+49 (170) 1234567',"
        "'gender':'Female','birthday':'1990-02-28T00:00:00.000Z',"
        "'firstName':'Jane','lastName':' Doe ','address':{'city':'Berlin',"
        "'state':'CA','postalCode':'10115','country':'US'}}");

    (void) state;

    row.event = event;
    row.expected = expected;

    for (i = 0; i < test_n(hashes); i++) {
        snprintf(expected, sizeof(expected), "#%s", hashes[i].hash);
        check_row(&row, hashes[i].field, __FILE__, __LINE__);
    }
}


static void
addresses_of_the_first_source(void **state)
{
    static const row_t  rows[] = {

        /* every one of it, in order */

        { PROPERTIES("'email':['B@x.org','','a@x.org','a','a@x.org']"),
          "b@x.org|a@x.org|a@x.org" },
        { PROPERTIES("'email':['" HEX64 "','a@x.org']"),
          "#" LOWER64 "|a@x.org" },
        { TRACK("'properties':{'email':['x']},'traits':{'email':'b@x.org'},"
                "'context':{'traits':{'email':'c@x.org'}},'userId':'d@x.org'"),
          "b@x.org" },
        { TRACK("'context':{'traits':{'email':['c@x.org']}},"
                "'userId':'d@x.org'"), "c@x.org" },
        { TRACK("'userId':' D@x.org'"), "d@x.org" },
        { TRACK("'userId':['e@x.org','D@x.org']"), "e@x.org|d@x.org" },

        /* what the Tag takes, Pinterest does not take here */

        { TRACK("'properties':{'email':'" HEX40 "'},'traits':{'email':["
                "'" HEX32 "','b@x.org']}"), "b@x.org" },
        { PROPERTIES("'email':'" HEX32 "'"), NULL },
        { TRACK("'userId':'" HEX64 "'"), NULL },
        { TRACK("'userId':'id d@x.org'"), NULL },

        /* no other place */

        { TRACK("'anonymousId':'a@x.org','traits':{'address':{'email':"
                "'a@x.org'},'mail':'a@x.org'},'context':{'email':"
                "'a@x.org'}"), NULL }
    };

    (void) state;

    check_rows(rows, "em");
}


static void
phones_are_digits(void **state)
{
    static const row_t  rows[] = {
        { TRAITS("'phone':'+1 (555) 010-9999 ext. 7'"), "155501099997" },
        { TRAITS("'phone':'0049 170 1'"), "491701" },
        { TRAITS("'phone':491701234567"), "491701234567" },
        { TRAITS("'phone':4.91701234567e11"), "491701234567" },
        { TRAITS("'phone':'\\uff11\\u0661 5'"), "5" },
        { TRAITS("'phone':'/0:1;2@3A4Z5[6`7a8z9{\\u007f0\\u00e91'"),
          "12345678901" },
        { TRAITS("'phone':'" HEX64 "'"), "#" LOWER64 },
        { TRAITS("'phone':['0','+1','2']"), "1|2" },

        { TRAITS("'phone':'000'"), NULL },
        { TRAITS("'phone':'none'"), NULL },
        { TRAITS("'phone':true"), NULL },
        { TRAITS("'phone':{'number':'1'}"), NULL },

        /* in an object a name after the other, then its address */

        { TRAITS("'mobile':'3','phone_number':'2','phone':'1'"), "1" },
        { TRAITS("'mobile':'3','phoneNumber':'2','phone':'-'"), "2" },
        { TRAITS("'Mobile':'3','address':{'phone':'1'}"), "3" },
        { TRAITS("'address':{'mobile':'1'}"), "1" },

        /* properties first */

        { TRACK("'context':{'traits':{'phone':'5'}},'traits':{'phone':'3',"
                "'address':{'phone':'4'}},'properties':{'phone':'1',"
                "'address':{'phone':'2'}}"), "1" },
        { TRACK("'context':{'traits':{'phone':'5'}},'traits':{'phone':'3',"
                "'address':{'phone':'4'}},'properties':{"
                "'address':{'phone':'2'}}"), "2" },
        { TRACK("'context':{'traits':{'phone':'5'}},'traits':{'phone':'3',"
                "'address':{'phone':'4'}}"), "3" },
        { TRACK("'context':{'traits':{'phone':'5'}},'traits':{'phone':[],"
                "'address':{'phone':'4'}}"), "4" },
        { CONTEXT("'traits':{'phone':'5','address':{'phone':'6'}}"), "5" },
        { CONTEXT("'traits':{'address':{'phone':'6'}}"), "6" },

        /* no other place */

        { TRACK("'phone':'1','context':{'phone':'1','address':{'phone':'1'}},"
                "'traits':{'user':{'phone':'1'},'address':[{'phone':'1'}]},"
                "'properties':{'customer_phone':'1'}"), NULL }
    };

    (void) state;

    check_rows(rows, "ph");
}


static void
genders_are_f_m_or_n(void **state)
{
    static const row_t  rows[] = {
        { TRAITS("'gender':'f'"), "f" },
        { TRAITS("'gender':'M'"), "m" },
        { TRAITS("'gender':' n '"), "n" },
        { TRAITS("'gender':'Female'"), "f" },
        { TRAITS("'gender':'MALE'"), "m" },
        { TRAITS("'gender':'Non Binary'"), "n" },
        { TRAITS("'gender':'non_binary'"), "n" },
        { TRAITS("'gender':'nonbinary'"), "n" },
        { TRAITS("'gender':['divers','female']"), "f" },
        { TRAITS("'gender':'" HEX64 "'"), "#" LOWER64 },
        { TRAITS("'gender':'x','ge':'m'"), "m" },

        { TRAITS("'gender':'woman'"), NULL },
        { TRAITS("'gender':'fe male x'"), NULL },
        { TRAITS("'gender':'-'"), NULL },
        { TRAITS("'gender':0"), NULL },

        /* traits first */

        { TRACK("'properties':{'gender':'n'},'context':{'traits':{'gender':"
                "'m'}},'traits':{'gender':'f'}"), "f" },
        { TRACK("'properties':{'gender':'n'},'context':{'traits':{'gender':"
                "'m'}},'traits':{'gender':'?','address':{'gender':''}}"),
          "m" },
        { PROPERTIES("'gender':'n'"), "n" }
    };

    (void) state;

    check_rows(rows, "ge");
}


static void
birthdays_are_dates(void **state)
{
    static const row_t  rows[] = {
        { TRAITS("'birthday':'19900228'"), "19900228" },
        { TRAITS("'birthday':19900228"), "19900228" },
        { TRAITS("'birthday':' 1990-02-28 '"), "19900228" },
        { TRAITS("'birthday':'1990-02-28T23:00:00+02:00'"), "19900228" },
        { TRAITS("'birthday':'19900228T230000Z'"), "19900228" },
        { TRAITS("'birthday':'2000-02-29'"), "20000229" },
        { TRAITS("'birthday':'2004-02-29'"), "20040229" },
        { TRAITS("'birthday':'0001-12-31'"), "00011231" },
        { TRAITS("'birthday':'" HEX64 "'"), "#" LOWER64 },

        { TRAITS("'birthday':'1990-02-29'"), NULL },
        { TRAITS("'birthday':'1900-02-29'"), NULL },
        { TRAITS("'birthday':'1990-04-31'"), NULL },
        { TRAITS("'birthday':'1990-13-01'"), NULL },
        { TRAITS("'birthday':'1990-00-01'"), NULL },
        { TRAITS("'birthday':'1990-01-00'"), NULL },
        { TRAITS("'birthday':'1990-01-32'"), NULL },
        { TRAITS("'birthday':'00000101'"), NULL },
        { TRAITS("'birthday':'1990-02-281'"), NULL },
        { TRAITS("'birthday':'199002281'"), NULL },
        { TRAITS("'birthday':'1990-2-28'"), NULL },
        { TRAITS("'birthday':'1990/02/28'"), NULL },
        { TRAITS("'birthday':'28.02.1990'"), NULL },
        { TRAITS("'birthday':'02/28/1990'"), NULL },
        { TRAITS("'birthday':'1990'"), NULL },
        { TRAITS("'birthday':'1990-02-2x'"), NULL },
        { TRAITS("'birthday':'199a0228'"), NULL },
        { TRAITS("'birthday':636163200000"), NULL },

        { TRAITS("'db':'19900205','dob':'19900204','date_of_birth':"
                 "'19900203','birth_date':'19900202','birthday':'19900201'"),
          "19900201" },
        { TRAITS("'db':'19900205','dob':'19900204','date_of_birth':"
                 "'19900203','birthDate':'19900202','birthday':''"),
          "19900202" },
        { TRAITS("'db':'19900205','dob':'19900204','dateOfBirth':"
                 "'19900203','birthDate':'no'"), "19900203" },
        { TRAITS("'db':'19900205','DOB':'19900204'"), "19900204" },
        { TRAITS("'db':'19900205'"), "19900205" }
    };

    (void) state;

    check_rows(rows, "db");
}


static void
names_are_trimmed_and_lower_cased(void **state)
{
    static const row_t  first[] = {
        { TRAITS("'first_name':' Anna  Maria\\u00a0'"), "anna  maria" },
        { TRAITS("'firstName':'\\u00c9MILE'"), "\xc3\xa9mile" },
        { TRAITS("'firstName':'\\u0130'"), "i" },
        { TRAITS("'firstName':5"), "5" },
        { TRAITS("'firstName':'" HEX64 "'"), "#" LOWER64 },
        { TRAITS("'firstName':'" HEX32 "'"), LOWER32 },
        { TRAITS("'firstName':' \\u3000'"), NULL },
        { TRAITS("'firstName':['A','',null,'B']"), "a|b" },
        { TRAITS("'given_name':'B','first_name':'A'"), "a" },
        { TRAITS("'given_name':'B'"), "b" },
        { TRAITS("'name':'A B'"), NULL },
        { TRACK("'traits':{'firstName':'B'},'properties':{'first_name':"
                "'A'}"), "a" }
    };

    static const row_t  last[] = {
        { TRAITS("'surname':'C','familyName':'B','lastName':'A'"), "a" },
        { TRAITS("'surname':'C','family_name':'B'"), "b" },
        { TRAITS("'Surname':'O\\u2019C'"), "o\xe2\x80\x99" "c" },
        { TRACK("'context':{'traits':{'lastName':'B'}}"), "b" }
    };

    (void) state;

    check_rows(first, "fn");
    check_rows(last, "ln");
}


static void
cities_are_letters_and_digits(void **state)
{
    static const row_t  rows[] = {
        { TRAITS("'city':'San Francisco'"), "sanfrancisco" },
        { TRAITS("'city':'St. John\\u2019s (NL)'"), "stjohnsnl" },
        { TRAITS("'city':'S\\u00e3o Paulo'"), "s\xc3\xa3opaulo" },
        { TRAITS("'city':'Sa\\u0303o Paulo'"), "sa\xcc\x83opaulo" },
        { TRAITS("'city':'\\u6771\\u4eac \\u90fd'"),
          "\xe6\x9d\xb1\xe4\xba\xac\xe9\x83\xbd" },
        { TRAITS("'city':'\\u0928\\u0908 \\u0926\\u093f\\u0932\\u094d"
                 "\\u0932\\u0940'"),
          "\xe0\xa4\xa8\xe0\xa4\x88\xe0\xa4\xa6\xe0\xa4\xbf\xe0\xa4\xb2"
          "\xe0\xa5\x8d\xe0\xa4\xb2\xe0\xa5\x80" },
        { TRAITS("'city':'Kha\\u0301rkiv-7'"), "kha\xcc\x81rkiv7" },
        { TRAITS("'city':'/09:@AZ[`az{\\u007f!~\\u00e9-b'"),
          "09azaz\xc3\xa9" "b" },
        { TRAITS("'city':'abcdefg-abcdefgh-bcdefghABCDEFG\\u00e9-'"),
          "abcdefgabcdefghbcdefghabcdefg\xc3\xa9" },
        { TRAITS("'city':'a-bcdefgh'"), "abcdefgh" },
        { TRAITS("'city':'abcdef-gh'"), "abcdefgh" },
        { TRAITS("'city':'a-\\u0301b\\u0301\\u0301'"),
          "ab\xcc\x81\xcc\x81" },
        { TRAITS("'city':'" HEX64 "'"), "#" LOWER64 },

        { TRAITS("'city':'-'"), NULL },
        { TRAITS("'city':'\\ud83d\\ude00\\ufe0f'"), NULL },
        { TRAITS("'city':' \\u0301'"), NULL },

        { TRACK("'properties':{'city':'C'},'traits':{'city':'A'},"
                "'context':{'traits':{'city':'B'}}"), "a" },
        { TRACK("'properties':{'city':'C'},'context':{'traits':{'address':{"
                "'city':'B'}}}"), "b" }
    };

    (void) state;

    check_rows(rows, "ct");
}


static void
regions_and_postal_codes(void **state)
{
    static const row_t  states[] = {
        { TRAITS("'state':' New  York '"), "new  york" },
        { TRACK("'properties':{'state':'B'},'traits':{'address':{'State':"
                "'A'}}"), "a" },
        { TRAITS("'state':['CA','NY']"), "ca|ny" }
    };

    static const row_t  countries[] = {
        { TRAITS("'country':'US'"), "us" },
        { TRAITS("'country':'\\u00d6sterreich'"), "\xc3\xb6sterreich" }
    };

    static const row_t  codes[] = {
        { TRAITS("'zip':'SW1A 1AA'"), "sw1a1aa" },
        { TRAITS("'zip':'94107-1234'"), "941071234" },
        { TRAITS("'zip':'1\\u20132\\u2212\\u00a03\\uff0d4'"), "1234" },
        { TRAITS("'zip':1067"), "1067" },
        { TRAITS("'zip':'01067'"), "01067" },
        { TRAITS("'zip':1067.5"), "1067.5" },
        { TRAITS("'zip':1e31"), "10000000000000000000000000000000" },
        { TRAITS("'zip':1e32"), NULL },
        { TRAITS("'zip':1e-30"), "0.000000000000000000000000000001" },
        { TRAITS("'zip':1e-31"), NULL },
        { TRAITS("'zip':[1e-310,'1']"), "1" },
        { TRAITS("'zip':1e300,'postcode':'2'"), "2" },
        { TRAITS("'zip':'A/1'"), "a/1" },
        { TRAITS("'zip':'+,-./09@AZ[_`az{~\\u007f\\u00e9'"),
          "+,./09@az[_`az{~\x7f\xc3\xa9" },
        { TRAITS("'zip':' - '"), NULL },
        { TRAITS("'zip':'" HEX64 "'"), "#" LOWER64 },
        { TRAITS("'postcode':'4','postal_code':'3','zip_code':'2','zip':'1'"),
          "1" },
        { TRAITS("'postcode':'4','postal_code':'3','zipcode':'2'"), "2" },
        { TRAITS("'postcode':'4','postalCode':'3'"), "3" },
        { TRAITS("'address':{'postcode':'4'}"), "4" }
    };

    (void) state;

    check_rows(states, "st");
    check_rows(countries, "country");
    check_rows(codes, "zp");
}


static void
external_ids_are_the_user_s(void **state)
{
    static const row_t  rows[] = {

        /* as they are */

        { TRACK("'userId':' User-1'"), " User-1" },
        { TRACK("'userId':7,'anonymousId':'a'"), "7" },
        { TRACK("'user_id':['a','B']"), "a|B" },
        { TRACK("'userId':' " HEX64 "'"), "#" LOWER64 },

        /* else the anonymous one */

        { TRACK("'userId':'','anonymousId':'A'"), "A" },
        { TRACK("'anonymous_id':'A'"), "A" },
        { TRACK("'userId':'d@x.org','anonymousId':'A'"), "A" },
        { TRACK("'userId':'id:d%40x.org','anonymousId':'A'"), "A" },
        { TRACK("'userId':['d@x.org','e'],'anonymousId':'A'"), "e" },
        { TRACK("'userId':'d@x.org'"), NULL },
        { TRACK("'userId':'d@x.org','anonymousId':'d@x.org'"), NULL },
        { TRACK("'properties':{'userId':'a'},'context':{'userId':'a'}"), NULL }
    };

    (void) state;

    check_rows(rows, "external_id");
}


static void
advertising_ids_unless_opted_out(void **state)
{
    static const row_t  rows[] = {
        { CONTEXT("'device':{'advertisingId':' AB-1 '}"), "ab-1" },
        { CONTEXT("'device':{'advertising_id':'" HEX64 "'}"), "#" LOWER64 },
        { CONTEXT("'device':{'advertisingId':'AB-1',"
                  "'adTrackingEnabled':true}"), "ab-1" },
        { CONTEXT("'device':{'advertisingId':'AB-1',"
                  "'adTrackingEnabled':'maybe'}"), "ab-1" },

        { CONTEXT("'device':{'advertisingId':'AB-1',"
                  "'adTrackingEnabled':false}"), NULL },
        { CONTEXT("'device':{'advertisingId':'AB-1',"
                  "'adTrackingEnabled':'False'}"), NULL },
        { CONTEXT("'device':{'advertisingId':'00000000-0000-0000-0000-"
                  "000000000000'}"), NULL },
        { CONTEXT("'device':{'advertisingId':'0'}"), NULL },
        { CONTEXT("'device':{'advertisingId':''}"), NULL },
        { CONTEXT("'advertisingId':'AB-1'"), NULL }
    };

    (void) state;

    check_rows(rows, "hashed_maids");
}


/* which of the fields there are */

static void
check_sent(const char *text, const pintag_integration_t *integration,
    const char *expected)
{
    size_t                 i;
    pintag_buf_t           got;
    test_event_t           t;
    pintag_identity_t      identity;
    const pintag_event_t  *event;

    event = test_event_init(&t, text);

    assert_int_equal(pintag_identity_read(event, integration, &t.memory.arena,
                                          &identity), 1);

    pintag_buf_init(&got, &t.memory.arena, 0);

    for (i = 0; i < test_n(fields); i++) {
        if (list_of(&identity, fields[i].offset)->n) {
            pintag_buf_add_text(&got, fields[i].name);
            pintag_buf_add_char(&got, ' ');
        }
    }

    assert_buf(&got, expected);

    test_event_free(&t);
}


static void
the_integration_says_what_is_sent(void **state)
{
    pintag_integration_t  integration;

    static const char  members[] = "'userId':'u','context':{'device':{"
        "'advertisingId':'a'}},'traits':{'email':'a@x.org','phone':'1',"
        "'gender':'f','dob':'19900101','firstName':'a','lastName':'b',"
        "'city':'c','state':'d','zip':'1','country':'e'}}";

    static const char  all[] = "em ph ge db fn ln ct st zp country "
                               "external_id hashed_maids ";

    char  track[512], page[512], screen[512];

    (void) state;

    snprintf(track, sizeof(track), "{'event':'X',%s", members);
    snprintf(page, sizeof(page), "{'type':'page',%s", members);
    snprintf(screen, sizeof(screen), "{'type':'screen',%s", members);

    integration = plain;

    check_sent(track, &integration, all);
    check_sent(page, &integration, "external_id hashed_maids ");
    check_sent(screen, &integration, "external_id hashed_maids ");

    integration.enhanced_match_page = 1;

    check_sent(page, &integration, all);
    check_sent(screen, &integration, all);

    integration.enhanced_match = 0;

    check_sent(track, &integration, "external_id hashed_maids ");
    check_sent(page, &integration, "external_id hashed_maids ");

    integration.send_external_id = 0;

    check_sent(track, &integration, "hashed_maids ");
}


/* where the arena has "room" bytes left and gets no more */

static void
any_allocation_may_fail(void **state)
{
    size_t                 room, n;
    unsigned               ok;
    test_event_t           t;
    test_memory_t          memory;
    pintag_identity_t      identity;
    const pintag_event_t  *event;

    static const char  text[] = TRACK(
        "'userId':'u','context':{'device':{'advertisingId':'a'}},"
        "'traits':{'email':['a@x.org','b @x.org'],'phone':1,'gender':'f',"
        "'dob':'19900101','city':'a b','zip':'1 2','country':'e'}");

    (void) state;

    event = test_event_init(&t, text);

    room = 0;

    do {
        (void) test_memory_init(&memory);
        assert_non_null(pintag_arena_bytes(&memory.arena, 65536));

        memory.arena.pos = memory.arena.end - room;
        memory.fail_at = memory.calls + 1;

        ok = pintag_identity_read(event, &plain, &memory.arena, &identity);

        test_memory_free(&memory);

        room++;

    } while (!ok);

    assert_true(room > 9 * 64);

    test_event_free(&t);

    /* and of the event's own */

    n = 0;

    do {
        event = test_event_init(&t, text);

        t.memory.arena.pos = t.memory.arena.end;
        t.memory.fail_at = t.memory.calls + ++n;

        ok = pintag_identity_read(event, &plain, test_memory_init(&memory),
                                  &identity);

        test_memory_free(&memory);
        test_event_free(&t);

    } while (!ok);

    assert_true(n > 2);
}


/* a thousand events of a batch, the context of which has what is large */

static void
check_batch(pintag_str_t text, const char *em)
{
    size_t               i;
    const char          *reason;
    pintag_str_t         hash;
    pintag_body_t        body;
    pintag_event_t       event;
    pintag_names_t       names;
    test_memory_t        memory, scratch;
    pintag_identity_t    identity;
    pintag_body_error_t  error;

    (void) test_memory_init(&memory);
    (void) test_memory_init(&scratch);

    assert_true(pintag_names_members(&names, &memory.arena));
    assert_true(pintag_event_init(&event, &names, &memory.arena));

    assert_int_equal(pintag_body_read(text, PINTAG_BODY_JSON, 1000000,
                                      &memory.arena, &body, &error),
                     PINTAG_OK);
    assert_int_equal(body.n, 1000);

    for (i = 0; i < body.n; i++) {
        pintag_arena_reset(&scratch.arena);

        assert_int_equal(pintag_event_read(&event, body.events[i].value,
                                           &body.envelope, PINTAG_TYPE_NONE,
                                           &reason), PINTAG_OK);
        assert_int_equal(pintag_identity_read(&event, &plain, &scratch.arena,
                                              &identity), 1);

        assert_true(list_is(&identity.em, em));
        assert_int_equal(pintag_identity_email(&event, &scratch.arena, &hash),
                         em != NULL);

        /* one has traits of its own, that next to it has the batch's */

        if (i == 1) {
            assert_true(list_is(&identity.fn, "own"));

        } else {
            assert_true(list_is(&identity.fn, NULL));
        }
    }

    pintag_body_free(&body);
    pintag_event_free(&event);
    test_memory_free(&memory);
    test_memory_free(&scratch);
}


typedef struct {
    const char  *before;
    const char  *part;
    const char  *after;
    const char  *em;
} batch_t;


static void
hostile_batches_cost_what_their_length_costs(void **state)
{
    char           name[64];
    size_t         i, k;
    clock_t        start;
    pintag_buf_t   text;
    test_memory_t  memory;

    static const batch_t  rows[] = {

        /* members without end, in all that is looked at */

        { "\"traits\":{", "\"%zu\":0,", "\"x\":0}", NULL },
        { "\"traits\":{\"address\":{", "\"%zu\":0,", "\"x\":0}}", NULL },
        { "\"device\":{", "\"%zu\":0,", "\"x\":0}", NULL },

        /* values without end, fit and unfit, and one long one */

        { "\"traits\":{\"phone\":[", "\"x%zu\",", "0],"
          "\"email\":\"a@x.org\"}", "a@x.org" },
        { "\"traits\":{\"zip\":[", "\"x%zu\",", "0]}", NULL },
        { "\"traits\":{\"city\":\"", "Ab%zu", "\"}", NULL },
        { "\"device\":{\"advertisingId\":\"", "Ab%zu", "\"}", NULL }
    };

    (void) state;

    start = clock();

    for (i = 0; i < test_n(rows); i++) {
        pintag_buf_init(&text, test_memory_init(&memory), 0);
        pintag_buf_add_text(&text, "{\"context\":{");
        pintag_buf_add_text(&text, rows[i].before);

        for (k = 0; k < 40000; k++) {
            snprintf(name, sizeof(name), rows[i].part, k);
            pintag_buf_add_text(&text, name);
        }

        pintag_buf_add_text(&text, rows[i].after);
        pintag_buf_add_text(&text, "},\"batch\":[{\"event\":\"A\"}");

        for (k = 1; k < 1000; k++) {
            pintag_buf_add_text(&text, k == 1 ? ",{\"event\":\"A\",\"traits\":"
                                               "{\"firstName\":\"Own\"}}"
                                              : ",{\"event\":\"A\"}");
        }

        pintag_buf_add_text(&text, "]}");
        assert_false(text.failed);

        check_batch(test_buf_str(&text), rows[i].em);

        test_memory_free(&memory);
    }

    assert_true((clock() - start) / CLOCKS_PER_SEC < 30);
}


/* the table of names says what the fields say */

static void
fields_and_names_agree(void **state)
{
    int              i, id;
    unsigned         named;
    uint16_t         bits;
    pintag_object_e  first;

    (void) state;

    for (id = 0; id < PINTAG_NAME_KNOWN; id++) {
        bits = 0;

        for (i = PINTAG_FIELD_EMAIL; i < PINTAG_FIELD_N; i++) {
            size_t  n;

            first = pintag_fields[i].objects[0];
            named = 0;

            for (n = 0; pintag_fields[i].names[n] != PINTAG_NAME_KNOWN; n++) {
                named |= (int) pintag_fields[i].names[n] == id;
            }

            if (named && first != PINTAG_OBJECT_ROOT
                && first != PINTAG_OBJECT_DEVICE)
            {
                bits |= (uint16_t) (1u << i);
            }
        }

        assert_int_equal(pintag_fields_named[id], bits);
    }
}


int
main(void)
{
    const struct CMUnitTest  tests[] = {
        cmocka_unit_test(fields_and_names_agree),
        cmocka_unit_test(all_that_an_event_tells),
        cmocka_unit_test(addresses_of_the_first_source),
        cmocka_unit_test(phones_are_digits),
        cmocka_unit_test(genders_are_f_m_or_n),
        cmocka_unit_test(birthdays_are_dates),
        cmocka_unit_test(names_are_trimmed_and_lower_cased),
        cmocka_unit_test(cities_are_letters_and_digits),
        cmocka_unit_test(regions_and_postal_codes),
        cmocka_unit_test(external_ids_are_the_user_s),
        cmocka_unit_test(advertising_ids_unless_opted_out),
        cmocka_unit_test(the_integration_says_what_is_sent),
        cmocka_unit_test(any_allocation_may_fail),
        cmocka_unit_test(hostile_batches_cost_what_their_length_costs)
    };

    return cmocka_run_group_tests_name("identity_read", tests, NULL, NULL);
}
