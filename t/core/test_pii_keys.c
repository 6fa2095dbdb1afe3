
/*
 * Copyright (C) the ngx_http_pintag_module authors
 *
 * What is said of keys of integrations.yaml that name personal data.
 */


#include "test_yaml.h"


#define NEVER                                                                 \
    " cannot be in \"piiAllow\": e-mail addresses, phone numbers, "           \
    "passwords, card and id numbers are never sent, remove it"

#define IS(key)     " in \"" key "\" is the name of personal data, which is " \
                    "never sent: remove it here, "
#define OR_ALLOW    "or add it to \"piiAllow\"\n"
#define NO_KEY      "no key allows it\n"
#define OR_TAKE     "or from \"piiProperties\"\n"

#define LISTED      "customPropertiesForStandardEvents"
#define VALUE       "valueFieldIdentifier"
#define PATH        "deduplicationKey"


static void
names_that_are_never_sent_cannot_be_allowed(void **state)
{
    static const row_t  rows[] = {
        { HEAD TAG "    piiAllow: [city, Email]\n", "4:22: \"Email\"" NEVER },
        { HEAD TAG "    piiAllow: [phoneNumber]\n",
          "4:16: \"phoneNumber\"" NEVER },
        { HEAD TAG "    piiAllow:\n      - password\n",
          "5:9: \"password\"" NEVER },
        { HEAD TAG "    piiAllow: [card_number]\n",
          "4:16: \"card_number\"" NEVER },
        { HEAD TAG "    piiAllow: [ssn]\n", "4:16: \"ssn\"" NEVER },
    };

    (void) state;

    test_faulty(rows, test_n(rows));
}


static void
listed_names_are_warned_of(void **state)
{
    size_t         i;
    reports_t      reports;
    test_memory_t  memory;

    static const row_t  rows[] = {
        { HEAD TAG "    " LISTED ": [color, ' City']\n",
          "W 4:48: \"City\"" IS(LISTED) OR_ALLOW },
        { HEAD TAG "    " LISTED ":\n      - color\n      - email\n",
          "W 6:9: \"email\"" IS(LISTED) NO_KEY },
        { HEAD TAG "    " LISTED ": [member, city]\n"
          "    piiProperties: [Member]\n",
          "W 4:41: \"member\"" IS(LISTED) OR_TAKE
          "W 4:49: \"city\"" IS(LISTED) OR_ALLOW },

        /* whichever comes first */
        { HEAD TAG "    " LISTED ": [city]\n    piiAllow: [City]\n", "" },
        { HEAD TAG "    piiAllow: [City]\n    " LISTED ": [city]\n", "" },

        /* what is sent on track calls is not warned of */
        { HEAD TAG "    " LISTED ": [city, email]\n    removePii: page\n",
          "W 4:47: \"email\"" IS(LISTED) NO_KEY },

        { HEAD TAG "    " VALUE ": zip\n",
          "W 4:27: \"zip\"" IS(VALUE) OR_ALLOW },
        { HEAD TAG "    " VALUE ": ''\n", "" },
        { HEAD TAG "    customEventsMapping:\n"
          "      - {event: city, mapping: email, " VALUE ": }\n"
          "      - {event: a, mapping: b, " VALUE ": phone}\n",
          "W 6:54: \"phone\"" IS(VALUE) NO_KEY },

        { HEAD TAG "    " PATH ": properties.email\n",
          "W 4:23: \"email\"" IS(PATH) NO_KEY },
        { HEAD TAG "    " PATH ": properties.address.code\n",
          "W 4:23: \"address\"" IS(PATH) OR_ALLOW },
        { HEAD TAG "    " PATH ": properties.customer.name\n",
          "W 4:23: \"name\"" IS(PATH) OR_ALLOW },
        { HEAD TAG "    " PATH ": properties.name\n", "" },
        { HEAD TAG "    " PATH ": context.ip\n    removePii: page\n",
          "W 4:23: \"ip\"" IS(PATH) OR_ALLOW },
        { HEAD TAG "    " PATH ": context.ip\n    piiAllow: [ip]\n", "" },
        { HEAD TAG "    " PATH ": properties.order_id\n", "" },
    };

    (void) state;

    for (i = 0; i < test_n(rows); i++) {

        (void) read_good(rows[i].text, test_memory_init(&memory), &reports);
        test_memory_free(&memory);

        if (strcmp(reports.notes, rows[i].expected) != 0) {
            print_error("%s\ngave \"%s\"\ninstead of \"%s\"\n", rows[i].text,
                        reports.notes, rows[i].expected);
            fail();
        }
    }
}


int
main(void)
{
    const struct CMUnitTest  tests[] = {
        cmocka_unit_test(names_that_are_never_sent_cannot_be_allowed),
        cmocka_unit_test(listed_names_are_warned_of),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
