
/*
 * Copyright (C) the ngx_http_pintag_module authors
 *
 * What an integrations.yaml says, and what is said of one that is wrong: a
 * table of files and of the errors at line:column.
 */


#include "test_yaml.h"


#define MAP     HEAD TAG "    customEventsMapping:\n"

#define TAB                                                                   \
    "a tab in indentation is read as going to the next multiple of four "     \
    "columns; use spaces\n"

#define DIGITS                                                                \
    "\"tagId\" must be a string of digits, e.g. \"2612826764086\", not "

#define BOOLEAN                                                               \
    "\"handleCustomAsPartnerDefinedEvent\" must be true or false, "           \
    "without quotes, not "

#define LIST                                                                  \
    "\"customPropertiesForStandardEvents\" must be a list of names of "       \
    "properties, none of them empty, e.g. [\"color\", \"size\"], "            \
    "not "

#define ROWS                                                                  \
    "\"customEventsMapping\" must be a list of rows, each a mapping of "      \
    "\"event\" and \"mapping\", not "

#define NO_ID                                                                 \
    "\"tagId\" or \"adAccountId\" is missing, add e.g. "                      \
    "tagId: \"2612826764086\""

#define KEYS                                                                  \
    "the keys here are \"tagId\", \"adAccountId\", \"accessToken\", "         \
    "\"accessTokenFile\", \"handleCustomAsPartnerDefinedEvent\", "            \
    "\"standardEvents\", \"valueFieldIdentifier\", "                          \
    "\"customEventsMapping\", \"customPropertiesForStandardEvents\", "        \
    "\"removePii\", \"piiProperties\", \"piiAllow\", \"enhancedMatch\", "     \
    "\"enhancedMatchOnPage\", \"deduplicationKey\", \"sendExternalId\", "     \
    "\"actionSource\", \"partnerName\", \"np\", \"testMode\", "               \
    "\"forwardClientAddress\", \"consentCategories\", "                       \
    "\"limitedDataProcessing\", \"allowEvents\", \"denyEvents\", "            \
    "\"writeKeys\""

#define TEN(s)  s s s s s s s s s s

#define AMPERSAND  ", or quote the value if it begins with \"&\""
#define STAR       ", or quote the value if it begins with \"*\""


static char *
read_seed(size_t *len)
{
    char  *text;
    FILE  *file;

    file = fopen("../data/integrations.yaml", "rb");
    assert_non_null(file);

    text = calloc(1, 4096);
    assert_non_null(text);

    *len = fread(text, 1, 4095, file);
    fclose(file);

    return text;
}


static void
seed_file_loads_as_it_stands(void **state)
{
    char                   *text;
    size_t                  i, len;
    reports_t               reports;
    test_memory_t           memory;
    pintag_mapping_t       *row;
    pintag_integration_t   *pinterest;
    pintag_integrations_t  *read;

    static const struct {
        const char               *event;
        const char               *mapping;
        pintag_pinterest_event_e  pinterest;
        const char               *value;     /* "": none, NULL: no key */
    } rows[] = {
        { "Custom Event 1", "ViewContent", PINTAG_EVENT_VIEW_CONTENT, "" },
        { "Custom Event 2", "Subscribe", PINTAG_EVENT_SUBSCRIBE, "price" },
        { "ViewCategory", "ViewContent", PINTAG_EVENT_VIEW_CONTENT, NULL },
        { "Order Updated", "ViewContent", PINTAG_EVENT_VIEW_CONTENT,
          "revenueFORtest" }
    };

    (void) state;

    text = read_seed(&len);
    read = read_good(text, test_memory_init(&memory), &reports);
    free(text);

    assert_string_equal(reports.notes, "W 1:3: " TAB);

    assert_int_equal(read->n, 1);
    pinterest = &read->elts[0];

    assert_int_equal(pinterest->line, 1);
    assert_str(pinterest->tag_id, "2612826764086");
    assert_int_equal(pinterest->partner_defined, 1);
    assert_int_equal(pinterest->value_name, PINTAG_NAME_PRICE);

    assert_int_equal(pinterest->nmappings, test_n(rows));

    for (i = 0; i < test_n(rows); i++) {
        row = &pinterest->mappings[i];

        assert_str(row->event, rows[i].event);
        assert_str(row->mapping, rows[i].mapping);
        assert_int_equal(row->pinterest, rows[i].pinterest);
        assert_int_equal(pintag_names_find(&pinterest->mapped, row->event), i);

        if (rows[i].value == NULL) {
            assert_int_equal(row->value_name, PINTAG_VALUE_UNSET);

        } else if (rows[i].value[0] == '\0') {
            assert_int_equal(row->value_name, PINTAG_VALUE_NONE);

        } else {
            assert_true(row->value_name >= 0);
            assert_str(read->names.elts[row->value_name].spelling,
                       rows[i].value);
        }
    }

    assert_int_equal(pinterest->nproperties, 2);
    assert_str(pinterest->properties[0].name, "prop1");
    assert_str(pinterest->properties[1].name, "prop2");

    for (i = 0; i < 2; i++) {
        assert_str(read->names.elts[pinterest->properties[i].id].spelling,
                   i ? "prop2" : "prop1");
    }

    /* "price" was known, the other three are new */
    assert_int_equal(read->names.n, PINTAG_NAME_KNOWN + 3);

    test_memory_free(&memory);
}


static void
absent_null_and_empty(void **state)
{
    reports_t               reports;
    test_memory_t           memory;
    pintag_integration_t   *pinterest;
    pintag_integrations_t  *read;

    (void) state;

    /* only tagId is required; an id may go without quotes */

    read = read_good(HEAD "    tagId: 2612826764086\n",
                     test_memory_init(&memory), &reports);
    pinterest = &read->elts[0];

    assert_string_equal(reports.notes, "");
    assert_str(pinterest->tag_id, "2612826764086");
    assert_int_equal(pinterest->partner_defined, 0);
    assert_int_equal(pinterest->value_name, PINTAG_VALUE_UNSET);
    assert_int_equal(pinterest->nmappings, 0);
    assert_int_equal(pinterest->nproperties, 0);
    assert_int_equal(pintag_names_find(&pinterest->mapped, test_str("x")), -1);

    test_memory_free(&memory);

    /* a null value is as if the key were absent */

    read = read_good(MAP
                     "      - {event: A, mapping: B, valueFieldIdentifier: }\n"
                     "      - {event: A, mapping: C, "
                     "valueFieldIdentifier: ' '}\n"
                     "    handleCustomAsPartnerDefinedEvent: ~\n"
                     "    valueFieldIdentifier: null\n"
                     "    customPropertiesForStandardEvents:\n",
                     test_memory_init(&memory), &reports);
    pinterest = &read->elts[0];

    assert_int_equal(pinterest->partner_defined, 0);
    assert_int_equal(pinterest->value_name, PINTAG_VALUE_UNSET);
    assert_int_equal(pinterest->nproperties, 0);
    assert_int_equal(pinterest->mappings[0].value_name, PINTAG_VALUE_UNSET);
    assert_int_equal(pinterest->mappings[1].value_name, PINTAG_VALUE_NONE);

    test_memory_free(&memory);

    /* a destination has no "none": an empty identifier is no identifier */

    read = read_good(HEAD TAG "    valueFieldIdentifier: ''\n"
                     "    customEventsMapping: []\n"
                     "    customPropertiesForStandardEvents: []\n",
                     test_memory_init(&memory), &reports);
    pinterest = &read->elts[0];

    assert_int_equal(pinterest->value_name, PINTAG_VALUE_UNSET);
    assert_int_equal(pinterest->nmappings, 0);
    assert_int_equal(pinterest->nproperties, 0);

    test_memory_free(&memory);
}


static void
text_of_rows_is_normalised(void **state)
{
    int                     id;
    reports_t               reports;
    test_memory_t           memory;
    pintag_integration_t   *pinterest;
    pintag_integrations_t  *read;

    (void) state;

    read = read_good(MAP
                     "      - event: ' Order  Updated\t'\n"
                     "        mapping: ' View  Content '\n"
                     "      - event: ORDER  updated\n"
                     "        mapping: Custom\n"
                     "      - event: 404\n"
                     "        mapping: \"Not\\tFound\\u3000Caf\u00e9\"\n"
                     "        valueFieldIdentifier: Total_Price\n"
                     "    valueFieldIdentifier: total price\n",
                     test_memory_init(&memory), &reports);
    pinterest = &read->elts[0];

    assert_str(pinterest->mappings[0].event, "Order  Updated");
    assert_str(pinterest->mappings[0].mapping, "ViewContent");
    assert_int_equal(pinterest->mappings[0].pinterest,
                     PINTAG_EVENT_VIEW_CONTENT);

    assert_str(pinterest->mappings[1].event, "ORDER  updated");
    assert_int_equal(pinterest->mappings[1].pinterest, PINTAG_EVENT_CUSTOM);

    assert_str(pinterest->mappings[2].event, "404");
    assert_str(pinterest->mappings[2].mapping, "NotFoundCaf\u00e9");
    assert_int_equal(pinterest->mappings[2].pinterest, PINTAG_EVENT_NONE);

    /* rows of one event, in the order of the file */

    id = pintag_names_find(&pinterest->mapped, test_str("order  Updated "));
    assert_int_equal(id, 0);
    id = pinterest->mapped.elts[id].next;
    assert_int_equal(id, 1);
    assert_int_equal(pinterest->mapped.elts[id].next, -1);

    /* two spellings are two names, a chain of equals */

    assert_int_not_equal(pinterest->mappings[2].value_name,
                         pinterest->value_name);
    assert_str(read->names.elts[pinterest->value_name].spelling,
               "total price");

    test_memory_free(&memory);
}


static void
entries_of_others_are_left_alone(void **state)
{
    reports_t               reports;
    test_memory_t           memory;
    pintag_integrations_t  *read;

    (void) state;

    read = read_good("- name: amplitude\n"
                     "  config: {apiKey: x, apiKey: y, tagId: []}\n"
                     "  enabled: yes\n"
                     "- config:\n"
                     "    tagId: 1\n"
                     "  name: pinterest\n"
                     "- name: Pinterest\n"
                     "\n"
                     "- name: 'pinterest'\n"
                     "  config: {tagId: 2, "
                     "handleCustomAsPartnerDefinedEvent: true}\n",
                     test_memory_init(&memory), &reports);

    assert_string_equal(reports.notes,
                        "N 1:9: entry \"amplitude\" is left alone, only those "
                        "named \"pinterest\" are read\n"
                        "N 7:9: entry \"Pinterest\" is left alone, did you "
                        "mean \"pinterest\"?\n");

    assert_int_equal(read->n, 2);
    assert_int_equal(read->elts[0].line, 4);
    assert_str(read->elts[0].tag_id, "1");
    assert_int_equal(read->elts[0].partner_defined, 0);
    assert_int_equal(read->elts[1].line, 9);
    assert_str(read->elts[1].tag_id, "2");
    assert_int_equal(read->elts[1].partner_defined, 1);

    test_memory_free(&memory);
}


static void
tabs_in_indentation_are_read(void **state)
{
    size_t                  i;
    reports_t               reports;
    test_memory_t           memory;
    pintag_integrations_t  *read;

    static const row_t  rows[] = {

        /* to the next multiple of four, from wherever they are */
        { "-\tname: pinterest\n    config:\n\t\ttagId: 1\n", "W 1:2: " TAB },
        { "-\tname: pinterest\n  \tconfig:\n   \t\ttagId: 1\n",
          "W 1:2: " TAB },
        { "-   name: pinterest\n\tconfig:\n\t\ttagId: 1\n", "W 2:1: " TAB },

        /* after each of several indicators */
        { HEAD TAG "    customPropertiesForStandardEvents:\n    -\ta\n",
          "W 5:6: " TAB },

        /* elsewhere they are left, and nothing is said of them */
        { "- name:\tpinterest\t\n  config:\t# \t\n    tagId:\t1\n", "" },
    };

    (void) state;

    for (i = 0; i < test_n(rows); i++) {
        read = read_good(rows[i].text, test_memory_init(&memory), &reports);

        assert_string_equal(reports.notes, rows[i].expected);
        assert_str(read->elts[0].tag_id, "1");

        test_memory_free(&memory);
    }

    read = read_good(MAP "      - event: \"a\tb\"\n"
                     "        mapping: \"c\"\n",
                     test_memory_init(&memory), &reports);
    assert_string_equal(reports.notes, "");
    assert_str(read->elts[0].mappings[0].event, "a\tb");
    test_memory_free(&memory);

    /* columns of errors are those of the file */

    assert_null(read_text("-\tname: pinterest\n\tconfig:\n\t\ttagid: 1\n",
                          test_memory_init(&memory), &reports));
    assert_string_equal(reports.error,
                        "3:3: unknown key \"tagid\", did you mean \"tagId\"?");
    assert_string_equal(reports.notes, "W 1:2: " TAB);
    test_memory_free(&memory);
}


static void
line_ends_and_a_byte_order_mark(void **state)
{
    reports_t               reports;
    test_memory_t           memory;
    pintag_integrations_t  *read;

    (void) state;

    read = read_good("\xef\xbb\xbf-\tname: pinterest\r\n"
                     "    config:\r\n"
                     "\t  tagId: 1\r\n"
                     "\t  valueFieldIdentifier: \"a\r\n"
                     "\t    b\"\r\n",
                     test_memory_init(&memory), &reports);
    assert_string_equal(reports.notes, "W 1:2: " TAB);
    assert_str(read->elts[0].tag_id, "1");
    assert_str(read->names.elts[read->elts[0].value_name].spelling, "a b");
    test_memory_free(&memory);

    assert_null(read_text("\xef\xbb\xbf- name: pinterest\r\n"
                          "  config:\r\n"
                          "    valueFieldIdentifier: \"\u00e9\r\n"
                          "\r\n"
                          "      \u20ac\"\r\n"
                          "    tagID: 1\r\n",
                          test_memory_init(&memory), &reports));
    assert_string_equal(reports.error,
                        "6:5: unknown key \"tagID\", did you mean \"tagId\"?");
    test_memory_free(&memory);

    /* what only YAML 1.1 takes for a line end would end this comment */

    assert_null(read_text("- name: pinterest\n  config: # \u2028\n"
                          "    tagId: 1\n",
                          test_memory_init(&memory), &reports));
    assert_string_equal(reports.error,
                        "2:13: a line separator other than LF and CR is not "
                        "allowed, remove it");
    test_memory_free(&memory);
}


static void
values_of_a_wrong_type(void **state)
{
    static const row_t  rows[] = {
        { HEAD "    tagId: abc\n", "3:12: " DIGITS "\"abc\"" },
        { HEAD "    tagId: \"26-12\"\n", "3:12: " DIGITS "\"26-12\"" },
        { HEAD "    tagId: ''\n", "3:12: " DIGITS "\"\"" },
        { HEAD "    tagId: 1.5\n", "3:12: " DIGITS "\"1.5\"" },
        { HEAD "    tagId: true\n", "3:12: " DIGITS "a boolean" },
        { HEAD "    tagId: [1]\n", "3:12: " DIGITS "a list" },
        { HEAD "    tagId: {a: 1}\n", "3:12: " DIGITS "a mapping" },
        { HEAD "    tagId: \u00e9\n", "3:12: " DIGITS "\"\u00e9\"" },
        { HEAD "    tagId: 123456789012345678901\n",
          "3:12: \"tagId\" has 21 digits, at most 20 are allowed" },

        { HEAD TAG "    handleCustomAsPartnerDefinedEvent: yes\n",
          "4:40: " BOOLEAN "\"yes\"" },
        { HEAD TAG "    handleCustomAsPartnerDefinedEvent: on\n",
          "4:40: " BOOLEAN "\"on\"" },
        { HEAD TAG "    handleCustomAsPartnerDefinedEvent: True\n",
          "4:40: " BOOLEAN "\"True\"" },
        { HEAD TAG "    handleCustomAsPartnerDefinedEvent: \"true\"\n",
          "4:40: " BOOLEAN "\"true\"" },
        { HEAD TAG "    handleCustomAsPartnerDefinedEvent: []\n",
          "4:40: " BOOLEAN "a list" },

        { HEAD TAG "    valueFieldIdentifier: [price]\n",
          "4:27: \"valueFieldIdentifier\" must be a string, the name of the "
          "property that holds the value, not a list" },
        { HEAD TAG "    valueFieldIdentifier: true\n",
          "4:27: \"valueFieldIdentifier\" must be a string, the name of the "
          "property that holds the value, not a boolean" },

        { HEAD TAG "    customPropertiesForStandardEvents: prop1\n",
          "4:40: " LIST "\"prop1\"" },
        { HEAD TAG "    customPropertiesForStandardEvents:\n    - \"\"\n",
          "5:7: " LIST "\"\"" },
        { HEAD TAG "    customPropertiesForStandardEvents: [a, ~]\n",
          "4:44: " LIST "nothing" },
        { HEAD TAG "    customPropertiesForStandardEvents: [a, {b: c}]\n",
          "4:44: " LIST "a mapping" },

        { HEAD TAG "    customEventsMapping: {event: a, mapping: b}\n",
          "4:26: " ROWS "a mapping" },
        { MAP "      - Order Updated\n", "5:9: " ROWS "\"Order Updated\"" },
        { MAP "      -\n", "5:8: " ROWS "nothing" },

        { "- name: [pinterest]\n",
          "1:9: \"name\" must be a string, not a list" },
        { "- name: ' '\n  config: {a: b}\n",
          "1:9: \"name\" must not be empty, give e.g. \"pinterest\"" },
        { NAME "  config: [tagId]\n",
          "2:11: \"config\" must be a mapping of keys, e.g. "
          "tagId: \"2612826764086\", not a list" },
        { HEAD "    tagId:1\n",
          "3:5: \"config\" must be a mapping of keys, e.g. "
          "tagId: \"2612826764086\"" },
        { "- pinterest\n",
          "1:3: an entry must be a mapping of \"name\" and \"config\": begin "
          "it with \"- name:\"" },
        { "-\n" HEAD TAG,
          "1:2: an entry must be a mapping of \"name\" and \"config\": begin "
          "it with \"- name:\"" },
        { "name: pinterest\nconfig:\n  tagId: 1\n",
          "1:1: the file must be a list of entries, each with \"name\" and "
          "\"config\": begin the first with \"- name:\"" },
        { "\n  pinterest\n",
          "2:3: the file must be a list of entries, each with \"name\" and "
          "\"config\": begin the first with \"- name:\"" },
    };

    (void) state;

    test_faulty(rows, test_n(rows));
}


static void
keys_that_are_unknown_repeated_or_missing(void **state)
{
    static const row_t  rows[] = {
        { HEAD "    tagID: 1\n",
          "3:5: unknown key \"tagID\", did you mean \"tagId\"?" },
        { HEAD "    tgaId: 1\n",
          "3:5: unknown key \"tgaId\", did you mean \"tagId\"?" },
        { HEAD TAG "    \u00e9: 1\n",
          "4:5: unknown key \"\u00e9\", " KEYS },
        { HEAD TAG "    custom_event_mapping: []\n",
          "4:5: unknown key \"custom_event_mapping\", did you mean "
          "\"customEventsMapping\"?" },
        { HEAD TAG "    handleCustomsAsPartnerDefinedEvents: true\n",
          "4:5: unknown key \"handleCustomsAsPartnerDefinedEvents\", did you "
          "mean \"handleCustomAsPartnerDefinedEvent\"?" },
        { MAP "      - event: a\n        maping: b\n",
          "6:9: unknown key \"maping\", did you mean \"mapping\"?" },
        { MAP "      - {event: a, mapping: b, value: c}\n",
          "5:32: unknown key \"value\", the keys here are \"event\", "
          "\"mapping\", \"valueFieldIdentifier\"" },
        { NAME "  confg: {}\n",
          "2:3: unknown key \"confg\", did you mean \"config\"?" },
        { "- nmae: pinterest\n  config: {a: b}\n",
          "1:3: unknown key \"nmae\", did you mean \"name\"?" },
        { HEAD TAG "    \"\": x\n",
          "4:5: unknown key \"\", " KEYS },
        { HEAD TAG "    ? [tagId]\n    : 1\n",
          "4:7: a key must be a string, not a list" },
        { HEAD "    {{ TAG }}: 1\n",
          "3:5: a key must be a string, not a mapping" },

        /* shortened where a character ends, control bytes replaced */
        { HEAD "    \"a\\x07b\\e\\x9b\": 1\n",
          "3:5: unknown key \"a?b??\", " KEYS },
        { HEAD TAG "    handleCustomAsPartnerDefinedEvent: x"
          TEN("\u20ac") TEN("\u20ac") TEN("\u20ac") "\n",
          "4:40: " BOOLEAN "\"x" TEN("\u20ac") "\u20ac\u20ac\u20ac\u20ac"
          "\u20ac\u20ac\u20ac\u20ac\u20ac...\"" },

        { HEAD TAG "    tagId: 2\n",
          "4:5: duplicate key \"tagId\", remove one of them" },
        { HEAD "    tagId:\n    \"tagId\": 2\n",
          "4:5: duplicate key \"tagId\", remove one of them" },
        { MAP "      - {event: a, mapping: b, event: c}\n",
          "5:32: duplicate key \"event\", remove one of them" },
        { "- name: amplitude\n  name: pinterest\n",
          "2:3: duplicate key \"name\", remove one of them" },

        { HEAD "    valueFieldIdentifier: a\n",
          "3:5: " NO_ID },
        { NAME "  config: {}\n",
          "2:11: " NO_ID },
        { HEAD "    tagId: ~\n",
          "3:5: " NO_ID },
        { HEAD TAG NAME "  config: {tagId: }\n",
          "5:11: " NO_ID },
        { MAP "      - mapping: a\n",
          "5:9: \"event\" is missing, add e.g. event: \"Order Updated\"" },
        { MAP "      - event: a\n        valueFieldIdentifier: b\n",
          "5:9: \"mapping\" is missing, add e.g. mapping: \"Checkout\"" },
        { MAP "      - event: a\n        mapping:\n",
          "5:9: \"mapping\" is missing, add e.g. mapping: \"Checkout\"" },
        { MAP "      - event: \"\"\n        mapping: a\n",
          "5:16: \"event\" must not be empty, give e.g. \"Order Updated\"" },
        { MAP "      - event: a\n        mapping: \" \\t\\u3000\"\n",
          "6:18: \"mapping\" must not be empty, give e.g. \"Checkout\"" },
        { NAME,
          "1:3: \"config\" is missing, add e.g. config: "
          "{tagId: \"2612826764086\"}" },
        { "- config: {anything: 1}\n",
          "1:3: \"name\" is missing, add e.g. name: \"pinterest\"" },
        { "- name:\n  config: {anything: 1}\n",
          "1:3: \"name\" is missing, add e.g. name: \"pinterest\"" },

        { "[]\n",
          "1:1: no entry is named \"pinterest\", add one with name: "
          "\"pinterest\"" },
        { "# ours\n- name: amplitude\n",
          "2:1: no entry is named \"pinterest\", add one with name: "
          "\"pinterest\"" },
        { "- name: amplitude\n- name: Pinterest\n  config: {tagId: 1}\n",
          "2:9: no entry is named \"pinterest\", did you mean it by "
          "\"Pinterest\"?" },
        { "- name: pintrest\n",
          "1:9: no entry is named \"pinterest\", did you mean it by "
          "\"pintrest\"?" },
    };

    (void) state;

    test_faulty(rows, test_n(rows));
}


static void
faults_of_the_yaml(void **state)
{
    static const row_t  rows[] = {
        { "", "1:1: the file is empty, it must list an entry with name: "
          "\"pinterest\" and a config" },
        { "# nothing\n\n", "1:1: the file is empty, it must list an entry "
          "with name: \"pinterest\" and a config" },
        { "---\n", "1:1: the file is empty, it must list an entry with name: "
          "\"pinterest\" and a config" },
        { "\xef\xbb\xbf", "1:1: the file is empty, it must list an entry with "
          "name: \"pinterest\" and a config" },

        { HEAD "    tagId: [1, 2\n    valueFieldIdentifier: a\n",
          "4:25: did not find expected ',' or ']', while parsing a flow "
          "sequence that begins on line 3; write commas between the items "
          "and \"]\" after the last" },
        { NAME "  config: {tagId: 1,\n",
          "3:1: did not find expected node content; write a value here, in "
          "quotes if it begins with a sign such as a comma, a bracket or a "
          "dash" },
        { HEAD "    tagId: \"1\n",
          "4:1: found unexpected end of stream, while scanning a quoted "
          "scalar that begins on line 3; close the quote" },
        { HEAD "    tagId: 1: 2\n",
          "3:13: mapping values are not allowed in this context; write a key "
          "in the column of those before it, and a value that has a colon and "
          "a space in quotes" },
        { HEAD TAG "   valueFieldIdentifier: a\n",
          "4:4: did not find expected key, while parsing a block mapping that "
          "begins on line 1; write the keys of a mapping in one column, and "
          "quote a value as a whole if it has quotes, brackets or \" #\" in "
          "it" },
        { NAME " config: 1\n",
          "2:2: did not find expected '-' indicator, while parsing a block "
          "collection that begins on line 1; begin each entry of the list "
          "with \"-\", in one column" },
        { HEAD TAG "garbage\n",
          "5:1: could not find expected ':', while scanning a simple key that "
          "begins on line 4; write \"key: value\", or indent a line that goes "
          "on with the value before" },
        { HEAD "    tagId: @1\n",
          "3:12: found character that cannot start any token; quote a value "
          "that begins with it, or write a space for a tab" },
        { HEAD "    tagId: \"\\q\"\n",
          "3:13: found unknown escape character; write a backslash twice, or "
          "use single quotes" },
        { "%FOO\n---\n" HEAD TAG, "1:5: found unknown directive name; "
          "remove the line that begins with \"%\"" },

        { HEAD "    tagId: &id 1\n",
          "3:12: an anchor is not supported, remove it" AMPERSAND },
        { NAME "  config: &c\n" TAG,
          "2:11: an anchor is not supported, remove it" AMPERSAND },
        { HEAD TAG "    valueFieldIdentifier: *id\n",
          "4:27: an alias is not supported, write what it stands for" STAR },
        { HEAD "    <<: *base\n",
          "3:5: a merge key is not supported, write out the keys that it "
          "stands for" },
        { HEAD "    tagId: !!str 1\n",
          "3:12: a tag is not supported, remove it, or quote the value if it "
          "begins with \"!\"" },
        { HEAD "    tagId: !secret 1\n",
          "3:12: a tag is not supported, remove it, or quote the value if it "
          "begins with \"!\"" },
        { "- !!map {name: amplitude}\n" HEAD TAG,
          "1:3: a tag is not supported, remove it, or quote the value if it "
          "begins with \"!\"" },
        { "%TAG ! tag:x,2000:\n---\n" HEAD TAG,
          "1:1: a tag directive is not supported, remove it" },

        { HEAD TAG "---\n" HEAD TAG,
          "4:1: a second document, the file must be one: remove this and "
          "what follows" },

        /* the first fault in the file comes first */
        { HEAD "    tagID: 1\n    valueFieldIdentifier: *id\n",
          "3:5: unknown key \"tagID\", did you mean \"tagId\"?" },
        { HEAD "    tagId: x\n" HEAD "    tagId: 1: 2\n",
          "3:12: " DIGITS "\"x\"" },
        { "- name: amplitude\n- name: *id\n",
          "2:9: an alias is not supported, write what it stands for" STAR },
        { "- name: amplitude\n---\n- name: pinterest\n",
          "2:1: a second document, the file must be one: remove this and "
          "what follows" },
    };

    (void) state;

    test_faulty(rows, test_n(rows));
}


static void
faults_of_the_encoding(void **state)
{
    size_t         i;
    reports_t      reports;
    test_memory_t  memory;

    static const struct {
        pintag_str_t   text;
        const char    *expected;
    } rows[] = {
        { pintag_str("- name: \"\u00e9\xff\"\n"),
          "1:11: invalid UTF-8, save the file as UTF-8" },
        { pintag_str("a\r\nb\rc\xc3"),
          "3:2: invalid UTF-8, save the file as UTF-8" },
        { pintag_str("\xff\xfe-\0 \0"),
          "1:1: invalid UTF-8, save the file as UTF-8" },
        { pintag_str("- a\n\xed\xa0\x80"),
          "2:1: invalid UTF-8, save the file as UTF-8" },
        { pintag_str("- name\0: a\n"),
          "1:7: a NUL byte is not allowed, save the file as UTF-8 text" },
        { pintag_str("\0"),
          "1:1: a NUL byte is not allowed, save the file as UTF-8 text" },
        { pintag_str("-\t\x1b[1m\n"),
          "1:3: a control character is not allowed, remove it" },
        { pintag_str("- \xc2\x80\n"),
          "1:3: a control character is not allowed, remove it" },
    };

    (void) state;

    for (i = 0; i < test_n(rows); i++) {
        assert_null(read_str(rows[i].text, test_memory_init(&memory),
                             &reports));
        test_memory_free(&memory);

        assert_string_equal(reports.error, rows[i].expected);
        assert_string_equal(reports.notes, "");
    }
}


static void
secrets_are_in_no_message(void **state)
{
    size_t         i;
    reports_t      reports;
    test_memory_t  memory;

    static const char  *const texts[] = {
        "pina_SECRET\n",
        "- pina_SECRET\n",
        NAME "  config: pina_SECRET\n",
        HEAD TAG "    accessToken: pina_SECRET\n",
        HEAD TAG "    accessToken: [pina_SECRET, pina_SECRET\n",
    };

    (void) state;

    for (i = 0; i < test_n(texts); i++) {
        assert_null(read_text(texts[i], test_memory_init(&memory), &reports));
        test_memory_free(&memory);

        assert_null(strstr(reports.error, "SECRET"));
        assert_null(strstr(reports.notes, "SECRET"));
    }
}


/* a list "levels" deep in the config of another entry */

static pintag_str_t
nested(char *text, const char *open, const char *close, size_t levels)
{
    size_t  i, len;

    len = (size_t) sprintf(text, "- name: other\n  config: ");

    for (i = 0; i < levels; i++) {
        len += (size_t) sprintf(text + len, "%s", open);
    }

    for (i = 0; close && i < levels; i++) {
        len += (size_t) sprintf(text + len, "%s", close);
    }

    (void) sprintf(text + len, "\n" HEAD TAG);

    return test_str(text);
}


static void
nesting_is_limited(void **state)
{
    char          *text;
    size_t         i;
    reports_t      reports;
    pintag_str_t   s;
    test_memory_t  memory;

    static const struct {
        const char  *open;
        const char  *expected;
    } rows[] = {
        { "[", "2:41: nested too deeply, more than 32 levels" },
        { "{a: ", "2:131: nested too deeply, more than 32 levels" },
        { "\n- ", NULL },
        { "[[{a: ", "2:71: nested too deeply, more than 32 levels" },
    };

    (void) state;

    text = malloc(PINTAG_INTEGRATIONS_MAX);
    assert_non_null(text);

    /* the file's list and the entry are two levels */

    s = nested(text, "[", "]", PINTAG_INTEGRATIONS_MAX_DEPTH - 2);
    assert_non_null(read_str(s, test_memory_init(&memory), &reports));
    test_memory_free(&memory);

    s = nested(text, "[", "]", PINTAG_INTEGRATIONS_MAX_DEPTH - 1);
    assert_null(read_str(s, test_memory_init(&memory), &reports));
    assert_string_equal(reports.error, rows[0].expected);
    test_memory_free(&memory);

    for (i = 0; i < test_n(rows); i++) {

        s = nested(text, rows[i].open, NULL, 100000);
        assert_null(read_str(s, test_memory_init(&memory), &reports));
        test_memory_free(&memory);

        if (rows[i].expected) {
            assert_string_equal(reports.error, rows[i].expected);
        }
    }

    free(text);
}


/* "head", then as many of "row" as there is room for, then spaces */

static pintag_str_t
large(char *text, const char *head, const char *row)
{
    size_t        len, n;
    pintag_str_t  s;

    len = (size_t) sprintf(text, "%s", head);
    n = strlen(row);

    while (n && len + n <= PINTAG_INTEGRATIONS_MAX) {
        memcpy(text + len, row, n);
        len += n;
    }

    memset(text + len, ' ', PINTAG_INTEGRATIONS_MAX - len);

    s.data = (unsigned char *) text;
    s.len = PINTAG_INTEGRATIONS_MAX;

    return s;
}


static void
large_files_are_read_or_refused(void **state)
{
    char                   *text;
    size_t                  i, len;
    reports_t               reports;
    pintag_str_t            s;
    test_memory_t           memory;
    pintag_integrations_t  *read;

    static const struct {
        const char  *head;
        const char  *row;
        unsigned     good;
    } rows[] = {
        { HEAD TAG "#", "x", 1 },
        { HEAD TAG, "\n", 1 },
        { HEAD TAG "    customPropertiesForStandardEvents:\n", "    - a\n",
          1 },
        { HEAD TAG "    customPropertiesForStandardEvents:\n", "    -\ta\n",
          1 },
        { "- name: x\n  config: |\n", "\t\t\t\n", 0 },
        { MAP, "      - event: a b c\n        mapping: d\n", 1 },
        { HEAD TAG "    customPropertiesForStandardEvents: [", "a,", 0 },
        { MAP, "      - {event: a, mapping: '-'}\n", 1 },
        { HEAD TAG "    piiProperties:\n", "    - a b\n", 1 },
        { HEAD TAG "    piiAllow:\n", "    - a-b\n", 1 },
        { HEAD TAG "    denyEvents:\n", "    - Cart Viewed\n", 1 },
        { HEAD TAG "    consentCategories:\n", "    - a\n", 1 },
        { HEAD TAG "    deduplicationKey: a", ".a", 1 },
        { HEAD TAG "    limitedDataProcessing:\n", "      state:\n", 0 },
        { HEAD TAG, "    np:\n", 0 },
        { HEAD TAG, "    unknown: a\n", 0 },
        { HEAD "    tagId: ", "1", 0 },
        { HEAD "    adAccountId: 1\n    accessToken: ", "a", 1 },
        { "", NAME "  config: {tagId: 1}\n", 1 },
        { "[", "{},", 0 },
        { "[", "[],", 0 },
        { "- name: x\n  config:\n", "    a: b\n", 0 },
        { "", "a: b\n", 0 },
        { "", "- name: Pinterest\n", 0 },
        { "- name: x\n  config: \"", "\\x41", 0 },
        { "- name: x\n  config: ", "word \n    ", 0 },
        { "", "%TAG !a! b\n", 0 },
        { "", "%YAML 1.1\n", 0 },
        { "", "---\n", 0 },
        { "", "? ", 0 },
        { "", "- ", 0 },
        { "", ": ", 0 },
        { "", "{", 0 },
        { "", "\t", 0 },
        { "- ", "&a ", 0 },
        { "- ", "!a ", 0 },
        { "- ", "\"", 0 },
    };

    (void) state;

    text = malloc(PINTAG_INTEGRATIONS_MAX + 1);
    assert_non_null(text);

    for (i = 0; i < test_n(rows); i++) {

        s = large(text, rows[i].head, rows[i].row);
        read = read_str(s, test_memory_init(&memory), &reports);
        test_memory_free(&memory);

        if ((read != NULL) != rows[i].good) {
            print_error("\"%s%s...\": %s\n", rows[i].head, rows[i].row,
                        reports.error);
            fail();
        }
    }

    /* a byte more */

    s = large(text, HEAD TAG, "");
    text[s.len++] = '\n';

    assert_null(read_str(s, test_memory_init(&memory), &reports));
    assert_string_equal(reports.error, "1:1: the file has more than 1 MiB, "
                        "split it by location");
    test_memory_free(&memory);

    /* as many names */

    len = (size_t) sprintf(text, "%s", MAP);

    for (i = 0; i < 20000; i++) {
        len += (size_t) sprintf(text + len,
                                "    - {event: E%zu, mapping: M%zu}\n", i, i);
    }

    len += (size_t) sprintf(text + len,
                            "    customPropertiesForStandardEvents:\n");

    for (i = 0; i < 20000; i++) {
        len += (size_t) sprintf(text + len, "    - v%zu\n", i);
    }

    assert_true(len <= PINTAG_INTEGRATIONS_MAX);

    s.len = len;
    read = read_str(s, test_memory_init(&memory), &reports);

    assert_non_null(read);
    assert_int_equal(read->elts[0].nmappings, 20000);
    assert_int_equal(pintag_names_find(&read->elts[0].mapped,
                                       test_str("e19999")), 19999);
    assert_int_equal(read->elts[0].nproperties, 20000);
    test_memory_free(&memory);

    free(text);
}


static void
no_memory_is_an_error_at_any_point(void **state)
{
    char                   *seed, *text;
    size_t                  i, n, len;
    reports_t               reports;
    pintag_str_t            s, texts[2];
    test_memory_t           memory;
    pintag_integrations_t  *read;

    (void) state;

    seed = read_seed(&len);
    texts[0].data = (unsigned char *) seed;
    texts[0].len = len;

    /* enough that each table grows more than once */

    text = malloc(PINTAG_INTEGRATIONS_MAX);
    assert_non_null(text);

    len = (size_t) sprintf(text, MAP);

    for (i = 0; i < 300; i++) {
        len += (size_t) sprintf(text + len, "      - event: E %zu\n"
                                "        mapping: M %zu\n"
                                "        valueFieldIdentifier: v%zu\n",
                                i, i, i);
    }

    texts[1].data = (unsigned char *) text;
    texts[1].len = len;

    for (i = 0; i < test_n(texts); i++) {

        s = texts[i];

        for (n = 1; ; n++) {
            read = read_str(s, test_memory_init_failing(&memory, n), &reports);
            test_memory_free(&memory);

            if (read) {
                break;
            }

            assert_string_equal(reports.error, "1:1: not enough memory to "
                                "read the file");
        }

        assert_true(n > 1);
    }

    free(seed);
    free(text);
}


int
main(void)
{
    const struct CMUnitTest  tests[] = {
        cmocka_unit_test(seed_file_loads_as_it_stands),
        cmocka_unit_test(absent_null_and_empty),
        cmocka_unit_test(text_of_rows_is_normalised),
        cmocka_unit_test(entries_of_others_are_left_alone),
        cmocka_unit_test(tabs_in_indentation_are_read),
        cmocka_unit_test(line_ends_and_a_byte_order_mark),
        cmocka_unit_test(values_of_a_wrong_type),
        cmocka_unit_test(keys_that_are_unknown_repeated_or_missing),
        cmocka_unit_test(faults_of_the_yaml),
        cmocka_unit_test(faults_of_the_encoding),
        cmocka_unit_test(secrets_are_in_no_message),
        cmocka_unit_test(nesting_is_limited),
        cmocka_unit_test(large_files_are_read_or_refused),
        cmocka_unit_test(no_memory_is_an_error_at_any_point),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
