
/*
 * Copyright (C) the ngx_http_pintag_module authors
 *
 * What an event means to Pinterest, and the data it carries.
 */


#include "test_conversion.h"


static void
rows_of_customEventsMapping_give_a_conversion_each(void **state)
{
    static const row_t  rows[] = {

        /* equal: trimmed, case ignored, nothing looser */

        { MAP ROW("Custom Event 1", "ViewContent"),
          TRACK("Custom Event 1"), "&event=ViewContent" },

        { MAP ROW("Custom Event 1", "ViewContent"),
          TRACK(" custom EVENT 1\\t"), "&event=ViewContent" },

        { MAP ROW("Custom Event 1", "ViewContent"),
          TRACK("Custom_Event_1"),
          "&ed[custom_event_name]=Custom_Event_1&event=custom" },

        /* before any other rule */

        { MAP ROW("Order Completed", "Lead"),
          TRACK("Order Completed"), "&event=Lead" },

        { MAP ROW("Checkout", "Lead"), TRACK("Checkout"), "&event=Lead" },

        /* as written, less white space */

        { MAP ROW("X", "view_content"), TRACK("X"), "&event=view_content" },
        { MAP ROW("X", "View Content"), TRACK("X"), "&event=ViewContent" },
        { MAP ROW("X", "My own one"), TRACK("X"), "&event=Myownone" },

        /* all rows that match, equal names once */

        { MAP ROW("X", "ViewContent") ROW("Y", "Search") ROW("x", "Lead"),
          TRACK("X"), "&event=ViewContent &event=Lead" },

        { MAP ROW_VALUE("X", "ViewContent", "a")
              ROW_VALUE("X", "view_content", "b")
              ROW_VALUE("X", "Lead", "b"),
          CUSTOM("'a':1,'b':2"),
          "&ed[value]=1&event=ViewContent &ed[value]=2&event=Lead" },

        /* custom in any spelling */

        { MAP ROW("An Event", "Custom"), TRACK("An Event"),
          "&ed[custom_event_name]=AnEvent&event=Custom" },

        { PARTNER MAP ROW("An Event", "custom"), WITH("an event", "'a':1"),
          "&ed[a]=1&ed[custom_event_name]=anevent&event=custom" },

        /* what only the Conversions API has */

        { MAP ROW("X", "app_install"), TRACK("X"), "skipped: no_tag_event" },
        { MAP ROW("X", "AppOpen") ROW("X", "Lead"), TRACK("X"),
          "&event=Lead" },
    };

    (void) state;

    check_rows(rows);
}


static void
analytics_js_events_are_matched_by_the_table(void **state)
{
    static const row_t  rows[] = {
        { NULL, TRACK("Products Searched"), "&event=search" },
        { NULL, TRACK("Searched Products"), "&event=search" },
        { NULL, TRACK("Product List Viewed"), "&event=viewcategory" },
        { NULL, TRACK("Viewed Product List"), "&event=viewcategory" },
        { NULL, TRACK("Promotion Viewed"), "&event=pagevisit" },
        { NULL, TRACK("Viewed Promotion"), "&event=pagevisit" },
        { NULL, TRACK("Product Viewed"), "&event=pagevisit" },
        { NULL, TRACK("Viewed Product"), "&event=pagevisit" },
        { NULL, TRACK("Product Added"), "&event=addtocart" },
        { NULL, TRACK("Added Product"), "&event=addtocart" },
        { NULL, TRACK("Cart Viewed"), "&event=pagevisit" },
        { NULL, TRACK("Viewed Cart"), "&event=pagevisit" },
        { NULL, TRACK("Order Completed"), "&event=checkout" },
        { NULL, TRACK("Completed Order"), "&event=checkout" },

        { NULL, TRACK("orderCompleted"), "&event=checkout" },
        { NULL, TRACK("ORDER_completed"), "&event=checkout" },
        { NULL, TRACK(" order-completed "), "&event=checkout" },

        { NULL, TRACK("Orders Completed"),
          "&ed[custom_event_name]=OrdersCompleted&event=custom" },
        { NULL, TRACK("Checkout Started"),
          "&ed[custom_event_name]=CheckoutStarted&event=custom" },

        /* the extended table adds to it */

        { EXTENDED, TRACK("Product List Filtered"), "&event=search" },
        { EXTENDED, TRACK("Product Category Viewed"),
          "&event=viewcategory" },
        { EXTENDED, TRACK("Checkout Started"), "&event=initiatecheckout" },
        { EXTENDED, TRACK("Payment Info Entered"), "&event=addpaymentinfo" },
        { EXTENDED, TRACK("Product Added to Wishlist"),
          "&event=addtowishlist" },
        { EXTENDED, TRACK("Signed Up"), "&event=signup" },
        { EXTENDED, TRACK("Lead Generated"), "&event=lead" },
        { EXTENDED, TRACK("Generate Lead"), "&event=lead" },
        { EXTENDED, TRACK("Video Playback Started"), "&event=watchvideo" },
        { EXTENDED, TRACK("Trial Started"), "&event=starttrial" },
        { EXTENDED, TRACK("Subscription Created"), "&event=subscribe" },
        { EXTENDED, TRACK("Application Installed"),
          "skipped: no_tag_event" },
        { EXTENDED, TRACK("application_opened"), "skipped: no_tag_event" },
        { EXTENDED, TRACK("Order Completed"), "&event=checkout" },
        { EXTENDED, TRACK("Started Checkout"),
          "&ed[custom_event_name]=StartedCheckout&event=custom" },
        { "    standardEvents: seed\n", TRACK("Signed Up"),
          "&ed[custom_event_name]=SignedUp&event=custom" },
    };

    (void) state;

    check_rows(rows);
}


static void
pinterest_s_own_events_are_themselves(void **state)
{
    static const row_t  rows[] = {
        { NULL, TRACK("PageVisit"), "&event=pagevisit" },
        { NULL, TRACK("ViewCategory"), "&event=viewcategory" },
        { NULL, TRACK("Search"), "&event=search" },
        { NULL, TRACK("AddToCart"), "&event=addtocart" },
        { NULL, TRACK("Checkout"), "&event=checkout" },
        { NULL, TRACK("WatchVideo"), "&event=watchvideo" },
        { NULL, TRACK("Signup"), "&event=signup" },
        { NULL, TRACK("Lead"), "&event=lead" },
        { NULL, TRACK("add to cart"), "&event=addtocart" },
        { NULL, TRACK("page_visit"), "&event=pagevisit" },

        /* of the others only the conversion's kind */

        { NULL, WITH("Subscribe", "'a':1,'revenue':2"),
          "&ed[a]=1&ed[revenue]=2&ed[custom_event_name]=Subscribe"
          "&event=custom" },
        { PARTNER, WITH("Add Payment Info", "'a':1,'revenue':2"),
          "&ed[value]=2&event=AddPaymentInfo" },
        { PARTNER, WITH("view_content", "'a':1,'revenue':2"),
          "&ed[value]=2&event=view_content" },
        { PARTNER, WITH("app install", "'a':1,'revenue':2"),
          "&ed[value]=2&event=appinstall" },
        { NULL, WITH("Custom", "'a':1,'revenue':2"),
          "&ed[a]=1&ed[revenue]=2&ed[custom_event_name]=Custom"
          "&event=custom" },
        { PARTNER, WITH("Custom", "'a':1,'revenue':2"),
          "&ed[a]=1&ed[revenue]=2&ed[custom_event_name]=Custom"
          "&event=Custom" },

        /* with the extended table all of them but custom */

        { EXTENDED, WITH("Subscribe", "'a':1,'revenue':2"),
          "&ed[value]=2&event=subscribe" },
        { EXTENDED, TRACK("view_content"), "&event=viewcontent" },
        { EXTENDED, TRACK("Submit Application"),
          "&event=submitapplication" },
        { EXTENDED, TRACK("Custom"),
          "&ed[custom_event_name]=Custom&event=custom" },
        { EXTENDED, TRACK("App Install"), "skipped: no_tag_event" },
        { EXTENDED PARTNER, TRACK("app_open"), "skipped: no_tag_event" },
    };

    (void) state;

    check_rows(rows);
}


static void
anything_else_is_custom_or_partner_defined(void **state)
{
    static const row_t  rows[] = {
        { NULL, TRACK("Payment Info Entered"),
          "&ed[custom_event_name]=PaymentInfoEntered&event=custom" },
        { PARTNER, TRACK("Payment Info Entered"),
          "&event=PaymentInfoEntered" },
        { PARTNER, TRACK(" a\\tb\\u00a0 c "), "&event=abc" },
        { PARTNER, TRACK("caf\xc3\xa9 & Co"), "&event=caf%C3%A9%26Co" },

        /* the name is standard once its white space is gone: no sums */

        { PARTNER, "{'type':'track','event':'View\\tCategory','properties':"
          "{'products':[{'price':2,'quantity':3}]}}",
          "&ed[line_items][0][product_price]=2"
          "&ed[line_items][0][product_quantity]=3&event=ViewCategory" },
        { PARTNER, "{'type':'track','event':'Watch\\tVideo','properties':"
          "{'title':'t'}}", "&ed[video_title]=t&event=WatchVideo" },
    };

    (void) state;

    check_rows(rows);
}


static void
value_of_a_standard_conversion(void **state)
{
    static const row_t  rows[] = {

        { NULL, ORDER("'total':3,'revenue':2,'value':1"),
          "&ed[value]=1" CHECKOUT },
        { NULL, ORDER("'total':3,'revenue':2"), "&ed[value]=2" CHECKOUT },
        { NULL, ORDER("'total':3"), "&ed[value]=3" CHECKOUT },

        /* the first that is a number; 0 is one */

        { NULL, ORDER("'value':'','revenue':null,'total':'n/a 7 x 3'"),
          CHECKOUT },
        { NULL, ORDER("'value':true,'revenue':[1],'total':4"),
          "&ed[value]=4" CHECKOUT },
        { NULL, ORDER("'value':0,'revenue':2"), "&ed[value]=0" CHECKOUT },
        { NULL, ORDER("'Value':7"), "&ed[value]=7" CHECKOUT },

        /* sums: a missing price is 0, a missing quantity 1 */

        { NULL, ORDER("'products':[{'price':9.95,'quantity':3}]"),
          "&ed[value]=29.85&ed[order_quantity]=3"
          "&ed[line_items][0][product_price]=9.95"
          "&ed[line_items][0][product_quantity]=3" CHECKOUT },
        { NULL, ORDER("'price':7,'products':[{'price':0.1},{'price':'0.2'},"
          "{'quantity':5}]"),
          "&ed[value]=0.3&ed[order_quantity]=7"
          "&ed[line_items][0][product_price]=0.1"
          "&ed[line_items][1][product_price]=0.2"
          "&ed[line_items][2][product_quantity]=5" CHECKOUT },
        { NULL, ORDER("'price':7,'products':[{'id':'a'}]"),
          "&ed[value]=7&ed[order_quantity]=1"
          "&ed[line_items][0][product_id]=a" CHECKOUT },
        { NULL, ORDER("'price':'12,50','quantity':'2'"),
          "&ed[value]=25&ed[order_quantity]=2" CHECKOUT },
        { NULL, ORDER("'price':'12.50'"), "&ed[value]=12.50" CHECKOUT },
        { NULL, ORDER("'price':9007199254740993"),
          "&ed[value]=9007199254740993" CHECKOUT },
        { NULL, ORDER("'quantity':2"), "&ed[order_quantity]=2" CHECKOUT },
        { NULL, ORDER("'price':1e308,'quantity':10"),
          "&ed[order_quantity]=10" CHECKOUT },

        /* what is searched or listed is not bought */

        { NULL, WITH("Products Searched", "'price':2,'quantity':3,"
          "'products':[{'price':1}]"),
          "&ed[order_quantity]=3&ed[line_items][0][product_price]=1"
          "&event=search" },
        { NULL, WITH("Product List Viewed", "'total':'5','price':2,"
          "'products':[{'price':1}]"),
          "&ed[value]=5&ed[line_items][0][product_price]=1"
          "&event=viewcategory" },
        { MAP ROW("X", "View_Category"), CUSTOM("'price':2"),
          "&event=View_Category" },
        { MAP ROW("X", "ViewContent"), CUSTOM("'price':2"),
          "&ed[value]=2&event=ViewContent" },
    };

    (void) state;

    check_rows(rows);
}


static void
value_by_valueFieldIdentifier(void **state)
{
    static const row_t  rows[] = {

        /* the row's: that property or none */

        { VALUE("b") MAP ROW_VALUE("X", "Lead", "a"),
          CUSTOM("'a':1,'b':2,'value':3"), "&ed[value]=1&event=Lead" },
        { VALUE("b") MAP ROW_VALUE("X", "Lead", "a"),
          CUSTOM("'a':'one','b':2,'value':3"), "&event=Lead" },
        { VALUE("b") MAP ROW_VALUE("X", "Lead", ""),
          CUSTOM("'a':1,'b':2,'value':3"), "&event=Lead" },

        /* else the destination's, for a standard conversion the rule's */

        { VALUE("b") MAP ROW("X", "Lead"),
          CUSTOM("'b':'$2.50','value':3"), "&ed[value]=2.50&event=Lead" },
        { VALUE("b") MAP ROW("X", "Lead"),
          CUSTOM("'b':'none','value':3"), "&ed[value]=3&event=Lead" },
        { VALUE("b"), ORDER("'b':2,'value':3"), "&ed[value]=2" CHECKOUT },
        { VALUE("b"), ORDER("'value':3"), "&ed[value]=3" CHECKOUT },
        { VALUE(""), ORDER("'value':3"), "&ed[value]=3" CHECKOUT },
        { VALUE("My Price"), ORDER("'myPrice':2,'value':3"),
          "&ed[value]=2" CHECKOUT },

        /* two that are equal: as it is spelled, else the first */

        { VALUE("myPrice"), ORDER("'my_price':1,'myPrice':2"),
          "&ed[value]=2" CHECKOUT },
        { VALUE("My Price"), ORDER("'my_price':1,'myPrice':2"),
          "&ed[value]=1" CHECKOUT },
        { VALUE("Price"), ORDER("'price':1,'Price':2"),
          "&ed[value]=2" CHECKOUT },

        /* a custom conversion has it first, and from there alone */

        { VALUE("price"), CUSTOM("'a':1,'price':2,'value':3"),
          "&ed[value]=2&ed[a]=1&ed[price]=2" X },
        { VALUE("price"), CUSTOM("'price':'-','value':3,'revenue':4"),
          "&ed[price]=-&ed[value]=3&ed[revenue]=4" X },
        { VALUE("value"), CUSTOM("'a':1,'value':'$3'"),
          "&ed[value]=3&ed[a]=1" X },
        { VALUE("price") MAP ROW_VALUE("X", "MyEvent", ""),
          CUSTOM("'price':2"), "&ed[price]=2&event=MyEvent" },
        { PARTNER, CUSTOM("'value':3,'revenue':4"),
          "&ed[value]=3&ed[revenue]=4&event=X" },
    };

    (void) state;

    check_rows(rows);
}


static void
numbers_are_read_as_people_write_them(void **state)
{
    size_t  i;
    row_t   row;
    char    event[256], expected[256];

    static const struct {
        const char  *json;
        const char  *value;     /* NULL: no number */
    } rows[] = {

        /* JSON's own */

        { "0", "0" },
        { "-0.0", "0" },
        { "-5", "-5" },
        { "9223372036854775807", "9223372036854775807" },
        { "-9223372036854775808", "-9223372036854775808" },
        { "9223372036854775808", "9223372036854776000" },
        { "19.99", "19.99" },
        { "1e3", "1000" },
        { "2.0", "2" },
        { "1e-7", "0.0000001" },
        { "1e21", "1000000000000000000000" },

        /* in a string */

        { "'5'", "5" },
        { "' 5 '", "5" },
        { "'5.00'", "5.00" },
        { "'-5'", "-5" },
        { "'$1,299.90'", "1299.90" },
        { "'1.299,00'", "1299.00" },
        { "'12,50'", "12.50" },
        { "'12,5'", "12.5" },
        { "'1,299'", "1299" },
        { "'1,299,000'", "1299000" },
        { "'1.299.000'", "1299000" },
        { "'1.299'", "1.299" },
        { "'1\\u0027299'", "1299" },
        { "'\\u20ac 12'", "12" },
        { "'USD 12.50'", "12.50" },
        { "'12.50 EUR'", "12.50" },
        { "'1.29.000'", NULL },
        { "'1-2'", NULL },
        { "'1 x 2'", NULL },
        { "'free'", NULL },
        { "''", NULL },
        { "' '", NULL },

        /* of another kind */

        { "null", NULL },
        { "true", NULL },
        { "[5]", NULL },
        { "{'a':5}", NULL },
    };

    (void) state;

    row.config = NULL;
    row.event = event;
    row.expected = expected;

    for (i = 0; i < test_n(rows); i++) {
        snprintf(event, sizeof(event), ORDER("'value':%s"), rows[i].json);

        if (rows[i].value) {
            snprintf(expected, sizeof(expected), "&ed[value]=%s" CHECKOUT,
                     rows[i].value);
        } else {
            strcpy(expected, CHECKOUT);
        }

        check(&row, NO_CLIENT, __FILE__, __LINE__);
    }
}


static void
standard_conversions_send_what_is_known(void **state)
{
    static const row_t  rows[] = {

        /* in this order, and nothing else */

        { NULL, ORDER("'z':1,'lead_type':'l','video_title':'v',"
          "'search_query':'s','property':'p','promo_code':'c',"
          "'order_id':'o','currency':'EUR','order_quantity':2,'value':1,"
          "'products':[{'id':'i'}],'a':{'b':1}"),
          "&ed[value]=1&ed[order_quantity]=2&ed[currency]=EUR"
          "&ed[order_id]=o&ed[promo_code]=c&ed[property]=p"
          "&ed[search_query]=s&ed[video_title]=v&ed[lead_type]=l"
          "&ed[line_items][0][product_id]=i" CHECKOUT },

        { NULL, ORDER("'orderId':1,'Promo Code':2.50,'LEAD-TYPE':true"),
          "&ed[order_id]=1&ed[promo_code]=2.5&ed[lead_type]=true" CHECKOUT },

        /* absent */

        { NULL, ORDER("'order_id':null,'promo_code':'','property':' ',"
          "'search_query':{},'video_title':[],'lead_type':['a']"),
          CHECKOUT },
        { NULL, "{'event':'Order Completed','properties':['order_id']}",
          CHECKOUT },
        { NULL, "{'event':'Order Completed','properties':null}", CHECKOUT },

        /* else … */

        { NULL, ORDER("'coupon':'b','promo_code':'a'"),
          "&ed[promo_code]=a" CHECKOUT },
        { NULL, ORDER("'coupon':'b','promo_code':''"),
          "&ed[promo_code]=b" CHECKOUT },
        { NULL, WITH("Products Searched", "'query':'q a'"),
          "&ed[search_query]=q%20a&event=search" },
        { NULL, WITH("WatchVideo", "'title':'t'"),
          "&ed[video_title]=t&event=watchvideo" },
        { NULL, WITH("WatchVideo", "'title':'t','video_title':'v'"),
          "&ed[video_title]=v&event=watchvideo" },
        { MAP ROW("X", "Watch Video"), CUSTOM("'title':'t'"),
          "&ed[video_title]=t&event=WatchVideo" },
        { NULL, WITH("Lead", "'title':'t'"), "&event=lead" },

        /* currency: three letters */

        { NULL, ORDER("'currency':' usd '"), "&ed[currency]=USD" CHECKOUT },
        { NULL, ORDER("'currency':'Euro'"), CHECKOUT },
        { NULL, ORDER("'currency':'E1R'"), CHECKOUT },
        { NULL, ORDER("'currency':'E@R'"), CHECKOUT },
        { NULL, ORDER("'currency':'\xe2\x82\xac'"), CHECKOUT },
        { NULL, ORDER("'currency':978"), CHECKOUT },

        /* order_quantity */

        { NULL, ORDER("'order_quantity':'9007199254740993'"),
          "&ed[order_quantity]=9007199254740993" CHECKOUT },

        { NULL, ORDER("'order_quantity':1,'num_items':2,'num_of_items':3,"
          "'quantity':4"), "&ed[order_quantity]=1" CHECKOUT },
        { NULL, ORDER("'order_quantity':'x','num_items':2,"
          "'num_of_items':3"), "&ed[order_quantity]=2" CHECKOUT },
        { NULL, ORDER("'num_of_items':3,'quantity':4"),
          "&ed[order_quantity]=3" CHECKOUT },
        { NULL, ORDER("'quantity':4,'products':[{'id':'a','quantity':2},"
          "{'id':'b'},{'id':'c','quantity':'3'}]"),
          "&ed[order_quantity]=6"
          "&ed[line_items][0][product_id]=a"
          "&ed[line_items][0][product_quantity]=2"
          "&ed[line_items][1][product_id]=b"
          "&ed[line_items][2][product_id]=c"
          "&ed[line_items][2][product_quantity]=3" CHECKOUT },
        { NULL, ORDER("'quantity':4,'products':[]"),
          "&ed[order_quantity]=4" CHECKOUT },
        { NULL, WITH("Products Searched", "'products':[{'id':'a'}]"),
          "&ed[line_items][0][product_id]=a&event=search" },
        { NULL, WITH("ViewCategory", "'num_items':2,'products':[{'id':1}]"),
          "&ed[order_quantity]=2&ed[line_items][0][product_id]=1"
          "&event=viewcategory" },

        /* rounded */

        { NULL, ORDER("'order_quantity':2.5"),
          "&ed[order_quantity]=3" CHECKOUT },
        { NULL, ORDER("'order_quantity':2.4999"),
          "&ed[order_quantity]=2" CHECKOUT },
        { NULL, ORDER("'order_quantity':-1.5"),
          "&ed[order_quantity]=-2" CHECKOUT },
        { NULL, ORDER("'order_quantity':0"),
          "&ed[order_quantity]=0" CHECKOUT },
        { NULL, ORDER("'order_quantity':' 2.0 pcs'"),
          "&ed[order_quantity]=2" CHECKOUT },
        { NULL, ORDER("'order_quantity':1e20"),
          "&ed[order_quantity]=100000000000000000000" CHECKOUT },
    };

    (void) state;

    check_rows(rows);
}


static void
line_items_of_products(void **state)
{
    static const row_t  rows[] = {

        { NULL, WITH("Lead", "'order_quantity':1,'value':1,'products':["
          "{'variant_id':'h','variant':'g','brand':'f','category':'e',"
          "'quantity':1.6,'price':'$2.50','name':'c d','sku':'b',"
          "'product_id':'a','other':'z'}]"),
          "&ed[value]=1&ed[order_quantity]=1"
          "&ed[line_items][0][product_id]=a"
          "&ed[line_items][0][product_name]=c%20d"
          "&ed[line_items][0][product_price]=2.50"
          "&ed[line_items][0][product_quantity]=2"
          "&ed[line_items][0][product_category]=e"
          "&ed[line_items][0][product_brand]=f"
          "&ed[line_items][0][product_variant]=g"
          "&ed[line_items][0][product_variant_id]=h&event=lead" },

        /* else sku, else id */

        { NULL, WITH("Search", "'products':[{'id':'i','sku':'s'},{'id':7},"
          "{'productId':'p','sku':'s'},{'product_id':'','sku':null,"
          "'ID':'i'}]"),
          "&ed[line_items][0][product_id]=s"
          "&ed[line_items][1][product_id]=7"
          "&ed[line_items][2][product_id]=p"
          "&ed[line_items][3][product_id]=i&event=search" },

        /* no gaps; zero stays; what is no number is left out */

        { NULL, WITH("Search", "'products':[null,{'id':'a'},'b',3,[],{},"
          "{'z':1},{'quantity':'" NINES "'},"
          "{'id':'c','price':0,'quantity':0},"
          "{'id':'d','price':'x','quantity':'y'}]"),
          "&ed[line_items][0][product_id]=a"
          "&ed[line_items][1][product_id]=c"
          "&ed[line_items][1][product_price]=0"
          "&ed[line_items][1][product_quantity]=0"
          "&ed[line_items][2][product_id]=d&event=search" },

        /* the event's own product */

        { NULL, WITH("Product Added", "'product_id':'a','sku':'b',"
          "'id':'c','name':'n','price':2,'quantity':3,'category':'e',"
          "'brand':'f','variant':'g','variant_id':'h'"),
          "&ed[value]=6&ed[order_quantity]=3"
          "&ed[line_items][0][product_id]=a"
          "&ed[line_items][0][product_name]=n"
          "&ed[line_items][0][product_price]=2"
          "&ed[line_items][0][product_quantity]=3"
          "&ed[line_items][0][product_category]=e"
          "&ed[line_items][0][product_brand]=f"
          "&ed[line_items][0][product_variant]=g"
          "&ed[line_items][0][product_variant_id]=h&event=addtocart" },
        { NULL, WITH("Lead", "'sku':5"),
          "&ed[line_items][0][product_id]=5&event=lead" },
        { NULL, WITH("Lead", "'id':5,'name':'n'"), "&event=lead" },
        { NULL, WITH("Lead", "'sku':5,'products':[1,{},{'z':1}]"),
          "&ed[line_items][0][product_id]=5&event=lead" },
        { NULL, WITH("Search", "'sku':5,'products':[{'name':'n'}]"),
          "&ed[line_items][0][product_name]=n&event=search" },
        { NULL, WITH("Search", "'sku':5,'products':{'id':'a'}"),
          "&ed[line_items][0][product_id]=5&event=search" },
    };

    (void) state;

    check_rows(rows);
}


static void
more_line_items_than_memory_was_taken_for(void **state)
{
    int            i;
    row_t          row;
    pintag_buf_t   event, expected;
    test_memory_t  memory;

    (void) state;

    (void) test_memory_init(&memory);

    pintag_buf_init(&event, &memory.arena, 0);
    pintag_buf_init(&expected, &memory.arena, 0);

    pintag_buf_add_text(&event, "{'event':'Search',"
                                "'properties':{'products':[0");

    for (i = 0; i < 100; i++) {
        pintag_buf_add_text(&event, ",{'id':");
        pintag_buf_add_uint(&event, (uint64_t) i);
        pintag_buf_add_char(&event, '}');

        pintag_buf_add_text(&expected, "&ed[line_items][");
        pintag_buf_add_uint(&expected, (uint64_t) i);
        pintag_buf_add_text(&expected, "][product_id]=");
        pintag_buf_add_uint(&expected, (uint64_t) i);
    }

    pintag_buf_add(&event, "]}}", sizeof("]}}"));
    pintag_buf_add(&expected, "&event=search", sizeof("&event=search"));

    row.config = NULL;
    row.event = (char *) event.data;
    row.expected = (char *) expected.data;

    check(&row, NO_CLIENT, __FILE__, __LINE__);

    test_memory_free(&memory);
}


static void
customPropertiesForStandardEvents_are_added(void **state)
{
    static const row_t  rows[] = {

        /* after line_items, in the list's order and spelling */

        { LIST PROP("prop1") PROP("prop2") PROP("prop3"),
          ORDER("'prop2':'b','sku':'s','PROP_1':'a','prop4':'c'"),
          "&ed[line_items][0][product_id]=s&ed[prop1]=a&ed[prop2]=b"
          CHECKOUT },

        /* to every standard conversion, to no custom one */

        { LIST PROP("p") MAP ROW("X", "ViewContent") ROW("X", "Search"),
          CUSTOM("'p':1"), "&ed[p]=1&event=ViewContent &ed[p]=1"
          "&event=Search" },
        { PARTNER LIST PROP("P"), WITH("Contact", "'p':1,'q':2"),
          "&ed[P]=1&event=Contact" },
        { LIST PROP("P"), CUSTOM("'p':1"), "&ed[p]=1" X },

        /* flattened; null and nothing vanish, the empty string stays */

        { LIST PROP("p") PROP("a b"),
          ORDER("'p':{'x':[1,null,{'y':true}],'n':null,'e':{}},'ab':''"),
          "&ed[p][x][0]=1&ed[p][x][2][y]=true&ed[a%20b]=" CHECKOUT },
        { LIST PROP("p") PROP("q") PROP("r"),
          ORDER("'p':null,'q':[],'r':{'a':[{}]}"), CHECKOUT },

        /* a name is sent once */

        { LIST PROP("Value") PROP("orderId") PROP("Currency")
          PROP("order quantity") PROP("Promo-Code") PROP("Property")
          PROP("searchQuery") PROP("videoTitle") PROP("leadType")
          PROP("lineItems") PROP("eventId"),
          ORDER("'value':1,'order_id':2,'currency':'eur',"
          "'order_quantity':3,'promo_code':4,'property':5,"
          "'search_query':6,'video_title':7,'lead_type':8,"
          "'line_items':9,'event_id':10,'sku':11"),
          "&ed[value]=1&ed[order_quantity]=3&ed[currency]=EUR"
          "&ed[order_id]=2&ed[promo_code]=4&ed[property]=5"
          "&ed[search_query]=6&ed[video_title]=7&ed[lead_type]=8"
          "&ed[line_items][0][product_id]=11&ed[event_id]=10" CHECKOUT },
        { LIST PROP("currency") PROP("line_items"),
          ORDER("'currency':'Euro','line_items':9"),
          "&ed[currency]=Euro&ed[line_items]=9" CHECKOUT },
        { LIST PROP("revenue"), ORDER("'revenue':1"),
          "&ed[value]=1&ed[revenue]=1" CHECKOUT },
        { LIST PROP("my prop") PROP("myProp") PROP("my_prop"),
          ORDER("'MyProp':null,'myProp':2"), "&ed[myProp]=2" CHECKOUT },
        { LIST PROP("my prop") PROP("myProp"), ORDER("'MyProp':1"),
          "&ed[my%20prop]=1" CHECKOUT },
    };

    (void) state;

    check_rows(rows);
}


static void
custom_conversions_send_every_property(void **state)
{
    static const row_t  rows[] = {

        /* in its own order, under its own name */

        { NULL, CUSTOM("'b':1,'A c':'x y','order_id':'o','currency':'eur',"
          "'Currency':null"),
          "&ed[b]=1&ed[A%20c]=x%20y&ed[order_id]=o&ed[currency]=eur" X },

        /* flattened */

        { NULL, CUSTOM("'a':{'b':{'c':1},'d':[true,false,null,'x',[2]]},"
          "'e':'','f':[],'g':{},'h':null,'i':[{}],'':0"),
          "&ed[a][b][c]=1&ed[a][d][0]=true&ed[a][d][1]=false"
          "&ed[a][d][3]=x&ed[a][d][4][0]=2&ed[e]=&ed[]=0" X },
        { NULL, CUSTOM("'a':1e3,'b':-0.0,'c':9223372036854775808,'d':1.50"),
          "&ed[a]=1000&ed[b]=0&ed[c]=9223372036854776000&ed[d]=1.5" X },
        { NULL, CUSTOM("'products':[{'id':'a','price':1}]"),
          "&ed[products][0][id]=a&ed[products][0][price]=1" X },

        /* less the control properties, at the top only */

        { NULL, CUSTOM("'a':1,'opt_out_type':'LDP','epik':'e','ClickId':'c',"
          "'action_source':'web','b':{'epik':2}"),
          "&ed[a]=1&ed[b][epik]=2&ed[custom_event_name]=X&pd[epik]=e"
          "&pd[opt_out_type]=LDP&event=custom" },
        { NULL, CUSTOM("'a':1,'eid':'e','event_id':'i','eventId':'j'"),
          "&ed[a]=1&ed[custom_event_name]=X&ed[event_id]=i&event=custom" },

        /* nothing twice */

        { VALUE("p"), CUSTOM("'Value':1,'p':2,'value':3,'a':{'value':4}"),
          "&ed[value]=2&ed[p]=2&ed[a][value]=4" X },
        { NULL, CUSTOM("'custom_event_name':'Y','a':1"), "&ed[a]=1" X },
        { PARTNER, CUSTOM("'custom_event_name':'Y','a':1"),
          "&ed[custom_event_name]=Y&ed[a]=1&event=X" },

        { NULL, "{'type':'track','event':'X'}", X },
        { NULL, "{'type':'track','event':'X','properties':[1]}", X },
    };

    (void) state;

    check_rows(rows);
}


/* what is left of more texts than are remembered is each its own */

static void
long_texts_are_cleaned_each_by_itself(void **state)
{
    row_t          row;
    size_t         i;
    pintag_buf_t   event, query;
    test_memory_t  memory;

    (void) state;

    pintag_buf_init(&event, test_memory_init(&memory), 0);
    pintag_buf_init(&query, &memory.arena, 0);

    /* the name and the coupon are asked for before all of them are */

    pintag_buf_add_text(&event, "{'type':'page','properties':{'event_id':'e',"
                                "'name':'/a-long-one-of-the-page?phone=1&a',"
                                "'coupon':'/a-long-one-of-none-left?phone=1'");
    pintag_buf_add_text(&query, "&ed[name]=%2Fa-long-one-of-the-page%3Fa"
                                "&ed[coupon]=%2Fa-long-one-of-none-left");

    for (i = 0; i < 30; i++) {
        pintag_buf_add_text(&event, ",'p");
        pintag_buf_add_uint(&event, i);
        pintag_buf_add_text(&event, "':'/a-path-of-30-bytes-and-some?phone="
                                    "1&a=");
        pintag_buf_add_uint(&event, i);
        pintag_buf_add_char(&event, '\'');

        pintag_buf_add_text(&query, "&ed[p");
        pintag_buf_add_uint(&query, i);
        pintag_buf_add_text(&query, "]=%2Fa-path-of-30-bytes-and-some%3Fa%3D");
        pintag_buf_add_uint(&query, i);
    }

    pintag_buf_add_text(&event, "}}");
    pintag_buf_add_char(&event, '\0');
    pintag_buf_add_text(&query, "&ed[event_id]=e&event=pagevisit");
    pintag_buf_add_char(&query, '\0');

    assert_false(event.failed || query.failed);

    row.config = "    adAccountId: '2'\n    accessToken: 'pina'\n";
    row.event = (const char *) event.data;
    row.expected = (const char *) query.data;

    check(&row, NO_CLIENT, __FILE__, __LINE__);

    test_memory_free(&memory);
}


static void
event_id_is_the_last_of_ed(void **state)
{
    static const row_t  rows[] = {
        { NULL, "{'event':'Lead','messageId':'m','properties':"
          "{'eid':'d','event_id':'i'}}", "&ed[event_id]=i&event=lead" },
        { NULL, "{'event':'Lead','messageId':'m','properties':"
          "{'eid':'d','event_id':' '}}", "&ed[event_id]=d&event=lead" },
        { NULL, "{'event':'Lead','message_id':'m','properties':"
          "{'eid':null}}", "&ed[event_id]=m&event=lead" },
        { NULL, "{'event':'Lead','messageId':12}",
          "&ed[event_id]=12&event=lead" },
        { NULL, "{'event':'Lead','messageId':{'a':1}}", "&event=lead" },
        { NULL, "{'event':'X','messageId':'m'}",
          "&ed[custom_event_name]=X&ed[event_id]=m&event=custom" },
    };

    (void) state;

    check_rows(rows);
}


static void
what_is_not_mapped_has_a_reason(void **state)
{
    static const row_t  rows[] = {
        { NULL, "{'type':'identify','event':'Lead'}",
          "skipped: unsupported_type" },
        { NULL, "{'type':'track'}", "rejected: missing_event_name" },
    };

    (void) state;

    check_rows(rows);
}


/*
 * A custom conversion sends its properties under their own names; what else
 * is made of the event may find the known ones as in a standard conversion.
 */

static void
known_data_is_there_for_any_track(void **state)
{
    size_t                n;
    fixture_t             f;
    const char           *reason;
    pintag_conversion_t  *c;

    static const row_t  row = {
        NULL, CUSTOM("'order_id':'o','currency':'eur','value':3,"
                     "'products':[{'id':'a','quantity':2}]"), NULL
    };

    (void) state;

    fixture_init(&f, &row);

    assert_int_equal(pintag_event_read(&f.event, f.body.events[0].value,
                                       NO_ENVELOPE, PINTAG_TYPE_NONE, &reason),
                     PINTAG_OK);
    assert_int_equal(pintag_convert(&f.event, &f.integrations->elts[0],
                                    NO_CLIENT,
                                    f.arena, &c, &n, &reason), PINTAG_OK);

    assert_int_equal(n, 1);
    assert_int_equal(c->kind, PINTAG_CONVERSION_CUSTOM);
    assert_int_equal(c->pinterest, PINTAG_EVENT_CUSTOM);
    assert_str_null(c->value);
    assert_str(c->order_id, "o");
    assert_str(c->currency, "EUR");
    assert_str(c->order_quantity, "2");
    assert_int_equal(c->nitems, 1);
    assert_str(c->items[0].product_id, "a");

    fixture_free(&f);
}


static void
any_allocation_may_fail(void **state)
{
    size_t             i, room;
    fixture_t          f;
    const char        *reason;
    pintag_str_t       text;
    pintag_buf_t       out;
    test_memory_t      memory;
    pintag_verdict_e   rc;

    static const row_t  rows[] = {
        { LIST PROP("p") PROP("q"),
          ORDER("'value':'$1,2','order_id':5,'currency':'eur','p':{'a':[1]},"
          "'q':'x','products':[{'id':7,'price':1.5,'quantity':'2'},"
          "{'id':7,'price':'1.5','quantity':2}],'event_id':77"), NULL },
        { NULL, WITH("Lead", "'sku':5,'price':'2','quantity':'3'"), NULL },
        { VALUE("v"), WITH("A name of some words",
          "'v':1.5,'a':{'b':[1,2,{'c':3}]},'d':4"), NULL },
        { MAP ROW("Some words", "ViewContent") ROW("Some words", "custom"),
          WITH("Some words", "'revenue':'1,5','title':3,'a':[true]"), NULL },
        { NULL, "{'type':'page','messageId':1}", NULL },
        { NULL, CUSTOM("'order_id':'/a-path-of-30-bytes-and-some?phone=1&a',"
          "'a':'/a-path-of-30-bytes-and-some?a=%2525'"), NULL },
    };

    (void) state;

    (void) test_memory_init(&memory);

    for (i = 0; i < test_n(rows); i++) {

        /* what it gives with enough, then with 0, 4, 8 … bytes */

        fixture_init(&f, &rows[i]);
        pintag_buf_init(&out, f.arena, 0);

        assert_int_equal(pintag_event_read(&f.event, f.body.events[0].value,
                                           NO_ENVELOPE, PINTAG_TYPE_NONE,
                                           &reason), PINTAG_OK);
        assert_int_equal(map(&f, NO_CLIENT, &out, &reason), PINTAG_OK);

        text = pintag_str_copy(test_buf_str(&out), &memory.arena);

        fixture_free(&f);

        room = 0;

        do {
            fixture_init(&f, &rows[i]);

            assert_int_equal(pintag_event_read(&f.event, f.body.events[0].value,
                                               NO_ENVELOPE, PINTAG_TYPE_NONE,
                                               &reason), PINTAG_OK);

            assert_non_null(pintag_arena_bytes(f.arena, 65536));
            f.arena->pos = f.arena->end - room;
            f.memory.fail_at = f.memory.calls + 1;

            pintag_buf_init(&out, f.arena, 0);

            rc = map(&f, NO_CLIENT, &out, &reason);

            if (rc == PINTAG_OK) {
                assert_true(room > sizeof(pintag_conversion_t));
                assert_true(pintag_str_eq(test_buf_str(&out), text));

            } else {
                assert_int_equal(rc, PINTAG_NO_MEMORY);
            }

            fixture_free(&f);

            room += 4;

        } while (rc != PINTAG_OK);
    }

    test_memory_free(&memory);
}


int
main(void)
{
    static const struct CMUnitTest  tests[] = {
        cmocka_unit_test(rows_of_customEventsMapping_give_a_conversion_each),
        cmocka_unit_test(analytics_js_events_are_matched_by_the_table),
        cmocka_unit_test(pinterest_s_own_events_are_themselves),
        cmocka_unit_test(anything_else_is_custom_or_partner_defined),
        cmocka_unit_test(value_of_a_standard_conversion),
        cmocka_unit_test(value_by_valueFieldIdentifier),
        cmocka_unit_test(numbers_are_read_as_people_write_them),
        cmocka_unit_test(standard_conversions_send_what_is_known),
        cmocka_unit_test(line_items_of_products),
        cmocka_unit_test(more_line_items_than_memory_was_taken_for),
        cmocka_unit_test(customPropertiesForStandardEvents_are_added),
        cmocka_unit_test(custom_conversions_send_every_property),
        cmocka_unit_test(long_texts_are_cleaned_each_by_itself),
        cmocka_unit_test(event_id_is_the_last_of_ed),
        cmocka_unit_test(what_is_not_mapped_has_a_reason),
        cmocka_unit_test(known_data_is_there_for_any_track),
        cmocka_unit_test(any_allocation_may_fail),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
