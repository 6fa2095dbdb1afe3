
/*
 * Copyright (C) the ngx_http_pintag_module authors
 *
 * What a conversion tells of the visitor, and what it must not tell.
 */


#include "test_conversion.h"


/* of user@example.com, of "ca" and of "us" */
#define USER_HASH                                                             \
    "b4c9a289323b21a01c3e940f150eb9b8c542587f1abfd8f0e1cc1ffc5e475514"
#define CA_HASH                                                               \
    "6959097001d10501ac7d54c0bdb8db61420f658f2922cc26e46d536119a31126"
#define US_HASH                                                               \
    "79adb2a2fce5c6ba215fe5f27f532d4e7edbac4b6a5e09e1ef3a08084a904621"

#define EMAIL      "'email':'user@example.com'"
#define PAGE(p)    "{'type':'page','properties':{" p "}}"
#define LIMITED                                                               \
    "    limitedDataProcessing: {state: \" CA \", country: US}\n"
#define LDP        "&pd[opt_out_type]=LDP"


static void
page_and_screen_are_pagevisit(void **state)
{
    static const row_t  rows[] = {
        { NULL, "{'type':'page'}", "&event=pagevisit" },
        { NULL, "{'type':'screen','name':'Home'}", "&event=pagevisit" },
        { NULL, "{'type':'page','category':'Docs','name':'A'}",
          "&event=pagevisit" },

        /* no row, no table, no event's name */

        { PARTNER MAP ROW("Home", "Lead"),
          "{'type':'page','event':'Home','messageId':'m'}",
          "&ed[event_id]=m&event=pagevisit" },

        /* its properties in their order, as they are */

        { VALUE("price"), PAGE("'price':1,'value':'2','eid':'e','order_id':3,"
          "'a':{'b':[null,true]}"),
          "&ed[price]=1&ed[value]=2&ed[order_id]=3&ed[a][b][1]=true"
          "&ed[event_id]=e&event=pagevisit" },
        { NULL, "{'type':'screen','properties':{'Title':'T','epik':'e',"
          "'action_source':'web'}}",
          "&ed[Title]=T&pd[epik]=e&event=pagevisit" },
        { LIST PROP("b"), PAGE("'a':1,'b':2"),
          "&ed[a]=1&ed[b]=2&event=pagevisit" },

        /* less what is personal */

        { NULL, PAGE("'a':1," EMAIL ",'City':'Berlin','customerPhone':1"),
          "&ed[a]=1&event=pagevisit" },
        { "    removePii: page\n", PAGE("'a':1,'city':'Berlin'"),
          "&ed[a]=1&event=pagevisit" },
    };

    (void) state;

    check_rows(rows);
}


static void
personal_data_is_left_out(void **state)
{
    static const row_t  rows[] = {

        /* by its name, at any depth, with all it holds */

        { NULL, CUSTOM("'a':1,'Phone Number':2,'b':{'zip':3,'c':4},"
          "'d':[{'ssn':5,'e':6}],'billing_address':{'f':7}"),
          "&ed[a]=1&ed[b][c]=4&ed[d][0][e]=6" X },

        /* "name" where it is a person's, however deep */

        { NULL, CUSTOM("'name':1,'user':{'name':2,'id':3,'a':[{'Name':4}]},"
          "'product':{'name':5}"),
          "&ed[name]=1&ed[user][id]=3&ed[product][name]=5" X },

        /* by its value */

        { NULL, CUSTOM("'a':'x user@example.com','b':['user%40example.com',"
          "'c'],'user@example.com':1,'d':2"),
          "&ed[b][1]=c&ed[d]=2" X },
        { NULL, ORDER("'order_id':'user@example.com','coupon':'c',"
          "'promo_code':'user@example.com','query':'user@example.com',"
          "'products':[{'id':'user@example.com','sku':'s',"
          "'name':'user@example.com'}]"),
          "&ed[order_quantity]=1&ed[promo_code]=c"
          "&ed[line_items][0][product_id]=s" CHECKOUT },

        /* inside of URLs */

        { NULL, CUSTOM("'url':'https://a:b@c.example/?d=1&email=e&f=2'"),
          "&ed[url]=https%3A%2F%2Fc.example%2F%3Fd%3D1%26f%3D2" X },

        /* what is configured is no exception */

        { LIST PROP("email") PROP("a"), ORDER("'a':1," EMAIL ",'e-mail':2"),
          "&ed[a]=1&pd[em]=" USER_HASH CHECKOUT },
        { LIST PROP("customerphone") PROP("a"),
          ORDER("'customerPhone':1,'a':2"), "&ed[a]=2" CHECKOUT },
        { VALUE("phone"), ORDER("'phone':'0301234','revenue':5"),
          "&ed[value]=5" CHECKOUT },
        { MAP ROW_VALUE("X", "Lead", "phone"), CUSTOM("'phone':'0301234'"),
          "&event=Lead" },

        /* names that the configuration adds, and those it takes off */

        { "    piiProperties: [order_id, price, color]\n",
          ORDER("'orderId':1,'price':2,'quantity':3"),
          "&ed[order_quantity]=3" CHECKOUT },
        { "    piiProperties: [order_id, products]\n",
          ORDER("'products':[{'id':'a'}],'value':1"),
          "&ed[value]=1" CHECKOUT },
        { "    piiProperties: [color]\n", CUSTOM("'a':1,'Color':2"),
          "&ed[a]=1" X },
        { "    piiAllow: [city]\n", CUSTOM("'city':'Berlin','zip':1"),
          "&ed[city]=Berlin" X },

        /* on a track only what is never taken off */

        { "    removePii: page\n",
          CUSTOM("'city':'Berlin','Phone':1,'a':'user@example.com'"),
          "&ed[city]=Berlin" X },

        /* a name must go out, an id may be another */

        { NULL, TRACK("Mail to user@example.com"),
          "rejected: pii_in_name" },
        { NULL, TRACK("Mail to user @example.com"),
          "rejected: pii_in_name" },
        { NULL, TRACK("Mail to user% 40exam ple.com"),
          "rejected: pii_in_name" },
        { NULL, TRACK("Mail @ 2x.png"),
          "&ed[custom_event_name]=Mail%402x.png&event=custom" },
        { MAP ROW("user@example.com", "Lead"), TRACK("user@example.com"),
          "rejected: pii_in_name" },
        { NULL, "{'type':'track','event':'Lead',"
          "'messageId':'user@example.com'}",
          "&ed[event_id]=b4c9a289323b21a01c3e940f150eb9b8&event=lead" },
    };

    (void) state;

    check_rows(rows);
}


static void
enhanced_match_is_a_hash(void **state)
{
    static const row_t  rows[] = {
        { NULL, "{'type':'track','event':'Lead','userId':'user@example.com'}",
          "&pd[em]=" USER_HASH "&event=lead" },
        { NULL, CUSTOM(EMAIL), "&ed[custom_event_name]=X&pd[em]=" USER_HASH
          "&event=custom" },
        { "    enhancedMatch: false\n", CUSTOM(EMAIL), X },
        { "    enhancedMatch: false\n    enhancedMatchOnPage: true\n",
          PAGE(EMAIL), "&event=pagevisit" },
        { NULL, PAGE(EMAIL), "&event=pagevisit" },
        { "    enhancedMatchOnPage: true\n", PAGE(EMAIL),
          "&pd[em]=" USER_HASH "&event=pagevisit" },
        { "    enhancedMatchOnPage: true\n",
          "{'type':'screen','traits':{" EMAIL "}}",
          "&pd[em]=" USER_HASH "&event=pagevisit" },
    };

    (void) state;

    check_rows(rows);
}


static void
limited_data_processing(void **state)
{
    static const row_t  rows[] = {
        { NULL, WITH("Lead", "'opt_out_type':'LDP'"), LDP "&event=lead" },
        { LIMITED, TRACK("Lead"),
          LDP "&pd[st]=" CA_HASH "&pd[country]=" US_HASH "&event=lead" },

        /* else of the event; a field at a time */

        { NULL, WITH("Lead", "'opt_out_type':'LDP','state':'ca',"
          "'country':'US'"),
          LDP "&pd[st]=" CA_HASH "&pd[country]=" US_HASH "&event=lead" },
        { "    limitedDataProcessing: {country: us}\n"
          "    enhancedMatch: false\n",
          "{'type':'page','traits':{'state':'CA','country':'FR'}}",
          LDP "&pd[st]=" CA_HASH "&pd[country]=" US_HASH
          "&event=pagevisit" },

        /* they are told of only then */

        { NULL, WITH("Lead", "'state':'ca','country':'US'"), "&event=lead" },
    };

    static const row_t  signalled[] = {
        { LIMITED, TRACK("Lead"),
          LDP "&pd[st]=" CA_HASH "&pd[country]=" US_HASH "&event=lead" },
        { NULL, TRACK("Lead"), LDP "&event=lead" },
    };

    static const pintag_client_t  client = { .signal = PINTAG_SIGNAL_LDP };

    (void) state;

    check_rows(rows);
    check_rows_of(&client, signalled);
}


static void
the_client_is_told_of(void **state)
{
    static const row_t  rows[] = {

        /* pd in its order, after ed */

        { NULL, "{'type':'track','event':'Lead','messageId':'m',"
          "'traits':{" EMAIL "},'properties':{'opt_out_type':'LDP'}}",
          "&ed[event_id]=m&pd[em]=" USER_HASH "&pd[epik]=dj0%2F"
          "&pd[pin_unauth]=dWlk&pd[derived_epik]=dj1" LDP "&event=lead" },

        { NULL, PAGE("'epik':'p'"),
          "&pd[epik]=dj0%2F&pd[pin_unauth]=dWlk&pd[derived_epik]=dj1"
          "&event=pagevisit" },
    };

    static const pintag_client_t  client = {
        .epik = pintag_str("dj0/"),
        .pin_unauth = pintag_str("dWlk"),
        .derived_epik = pintag_str("dj1"),
    };

    (void) state;

    check_rows_of(&client, rows);
}


static void
opt_outs_come_first(void **state)
{
    static const row_t  rows[] = {
        { NULL, "{'type':'track','event':'user@example.com',"
          "'integrations':{'Pinterest Tag':false}}",
          "skipped: integration_disabled" },
        { "    denyEvents: [Page]\n", "{'type':'page'}",
          "skipped: event_denied" },
        { "    consentCategories: [ads]\n",
          "{'type':'page','context':{'consent':{'categoryPreferences':{}}}}",
          "skipped: no_consent" },
        { "    writeKeys: [a]\n", "{'type':'page','writeKey':'b'}",
          "skipped: write_key" },
        { "    writeKeys: [a]\n", "{'type':'page','writeKey':'a'}",
          "&event=pagevisit" },
    };

    static const row_t  dropped[] = {
        { NULL, "{'type':'page'}", "skipped: privacy_signal" },
    };

    static const pintag_client_t  client = { .signal = PINTAG_SIGNAL_DROP };

    (void) state;

    check_rows(rows);
    check_rows_of(&client, dropped);
}


int
main(void)
{
    static const struct CMUnitTest  tests[] = {
        cmocka_unit_test(page_and_screen_are_pagevisit),
        cmocka_unit_test(personal_data_is_left_out),
        cmocka_unit_test(enhanced_match_is_a_hash),
        cmocka_unit_test(limited_data_processing),
        cmocka_unit_test(the_client_is_told_of),
        cmocka_unit_test(opt_outs_come_first),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
