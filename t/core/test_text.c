
/*
 * Copyright (C) the ngx_http_pintag_module authors
 */


#include "test.h"

#include "utf8.h"


#define NBSP  "\xc2\xa0"
#define BOM   "\xef\xbb\xbf"


/* all of Unicode's White_Space, and U+FEFF */

static const char  *spaces[] = {
    "\x09", "\x0a", "\x0b", "\x0c", "\x0d", " ",
    "\xc2\x85", NBSP, "\xe1\x9a\x80",
    "\xe2\x80\x80", "\xe2\x80\x81", "\xe2\x80\x82", "\xe2\x80\x83",
    "\xe2\x80\x84", "\xe2\x80\x85", "\xe2\x80\x86", "\xe2\x80\x87",
    "\xe2\x80\x88", "\xe2\x80\x89", "\xe2\x80\x8a",
    "\xe2\x80\xa8", "\xe2\x80\xa9", "\xe2\x80\xaf", "\xe2\x81\x9f",
    "\xe3\x80\x80", BOM
};


/* neighbours of white space, its lead bytes cut off, and bytes of no UTF-8 */

static const char  *no_spaces[] = {
    "\x08", "\x0e", "\x1c", "\x1f", "!", "\x7f",
    "\xc2\x84", "\xc2\x86", "\xc2\x9f", "\xc2\xa1",
    "\xe1\x9a\x81", "\xe1\xa0\x8e", "\xe2\x80\x8b", "\xe2\x80\xa7",
    "\xe2\x80\xaa", "\xe2\x80\xae", "\xe2\x80\xb0", "\xe2\x81\x9e",
    "\xe2\x81\xa0", "\xe3\x80\x81", "\xef\xbb\xbe", "\xef\xbc\x80",
    "\xc2", "\xe2\x80", "\xe3\x80", "\xef\xbb", "\x85", "\xa0", "\x80\x80",
    "\xff", "\xf0\x9f\x98\x80"
};


static void
test_buf_adds(void **state)
{
    pintag_buf_t     buf;
    test_memory_t    memory;
    pintag_arena_t  *arena;

    (void) state;

    arena = test_memory_init(&memory);

    pintag_buf_init(&buf, arena, 0);
    assert_int_equal(memory.calls, 0);
    assert_buf(&buf, "");

    pintag_buf_add(&buf, "abc", 2);
    pintag_buf_add(&buf, NULL, 0);
    pintag_buf_add_char(&buf, '=');
    pintag_buf_add_str(&buf, test_str("\xff~"));
    pintag_buf_add_str(&buf, test_str(NULL));
    pintag_buf_add_text(&buf, "text");
    pintag_buf_add_text(&buf, "");
    assert_buf(&buf, "ab=\xff~text");

    test_memory_free(&memory);
}


static void
test_buf_adds_integers(void **state)
{
    size_t           i;
    pintag_buf_t     buf;
    test_memory_t    memory;
    pintag_arena_t  *arena;

    static const struct {
        uint64_t     n;
        const char  *text;
    } cases[] = {
        { 0, "0" },
        { 9, "9" },
        { 10, "10" },
        { 1234567890, "1234567890" },
        { UINT64_MAX, "18446744073709551615" }
    };

    (void) state;

    arena = test_memory_init(&memory);

    for (i = 0; i < test_n(cases); i++) {
        pintag_buf_init(&buf, arena, 0);
        pintag_buf_add_uint(&buf, cases[i].n);
        assert_buf(&buf, cases[i].text);
    }

    test_memory_free(&memory);
}


static void
test_buf_sets_its_size_aside(void **state)
{
    pintag_buf_t     buf;
    unsigned char   *data;
    test_memory_t    memory;
    pintag_arena_t  *arena;

    (void) state;

    arena = test_memory_init(&memory);

    pintag_buf_init(&buf, arena, 6);
    data = buf.data;
    assert_non_null(data);

    /* three bytes each is more than there is, what they need is not */
    pintag_buf_add_percent(&buf, test_str("ab c"));
    assert_buf(&buf, "ab%20c");
    assert_ptr_equal(buf.data, data);

    pintag_buf_add_char(&buf, 'd');
    assert_buf(&buf, "ab%20cd");

    test_memory_free(&memory);
}


static void
test_buf_grows_without_quadratic_work(void **state)
{
    size_t           i;
    pintag_buf_t     buf;
    test_memory_t    memory;
    pintag_arena_t  *arena;

    (void) state;

    arena = test_memory_init(&memory);

    pintag_buf_init(&buf, arena, 0);

    for (i = 0; i < 1000000; i++) {
        pintag_buf_add_char(&buf, (unsigned char) i);
    }

    assert_int_equal(buf.failed, 0);
    assert_int_equal(buf.len, 1000000);
    assert_true(memory.bytes >= 1000000 && memory.bytes <= 6000000);

    for (i = 0; i < 1000000; i++) {
        assert_int_equal(buf.data[i], i & 0xff);
    }

    test_memory_free(&memory);
}


static void
test_buf_without_memory_does_nothing_more(void **state)
{
    pintag_buf_t     buf;
    pintag_str_t     large;
    test_memory_t    memory;
    pintag_arena_t  *arena;

    (void) state;

    arena = test_memory_init_failing(&memory, 1);

    pintag_buf_init(&buf, arena, 10);
    assert_int_equal(buf.failed, 1);

    pintag_buf_add(&buf, "a", 1);
    pintag_buf_add_char(&buf, 'a');
    pintag_buf_add_str(&buf, test_str("a"));
    pintag_buf_add_text(&buf, "a");
    pintag_buf_add_uint(&buf, 1);
    pintag_buf_add_percent(&buf, test_str("a"));
    pintag_buf_add_json(&buf, test_str("a"));
    assert_int_equal(buf.failed, 1);
    assert_int_equal(buf.len, 0);

    /* what was added before stays, and what would fit is not added */

    arena = test_memory_init_failing(&memory, 2);

    large.data = malloc(100000);
    large.len = 100000;
    assert_non_null(large.data);
    memset((void *) (uintptr_t) large.data, ' ', large.len);

    pintag_buf_init(&buf, arena, 10);
    pintag_buf_add_text(&buf, "abc");
    pintag_buf_add_percent(&buf, large);
    pintag_buf_add_text(&buf, "d");
    assert_int_equal(buf.failed, 1);
    assert_str(test_buf_str(&buf), "abc");

    free((void *) (uintptr_t) large.data);
    test_memory_free(&memory);
}


static void
test_buf_overflow_is_no_memory(void **state)
{
    pintag_buf_t     buf;
    pintag_str_t     s;
    test_memory_t    memory;
    pintag_arena_t  *arena;

    (void) state;

    arena = test_memory_init(&memory);

    /* "s" is never read */
    s.data = (const unsigned char *) "";

    pintag_buf_init(&buf, arena, 0);
    pintag_buf_add_char(&buf, 'a');
    s.len = SIZE_MAX;
    pintag_buf_add_str(&buf, s);
    assert_int_equal(buf.failed, 1);

    pintag_buf_init(&buf, arena, 0);
    pintag_buf_add_char(&buf, 'a');
    s.len = SIZE_MAX / 3 + 1;
    pintag_buf_add_percent(&buf, s);
    assert_int_equal(buf.failed, 1);

    pintag_buf_init(&buf, arena, SIZE_MAX);
    assert_int_equal(buf.failed, 1);

    test_memory_free(&memory);
}


static void
test_percent_escapes_all_but_unreserved_bytes(void **state)
{
    int              c;
    char             text[4];
    unsigned char    byte;
    pintag_buf_t     buf;
    pintag_str_t     s;
    test_memory_t    memory;
    pintag_arena_t  *arena;

    (void) state;

    arena = test_memory_init(&memory);

    for (c = 0; c < 256; c++) {
        byte = (unsigned char) c;
        s.data = &byte;
        s.len = 1;

        if (c != 0
            && strchr("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"
                      "0123456789-._~", c) != NULL)
        {
            (void) snprintf(text, sizeof(text), "%c", c);

        } else {
            (void) snprintf(text, sizeof(text), "%%%02X", (unsigned) c);
        }

        pintag_buf_init(&buf, arena, 0);
        pintag_buf_add_percent(&buf, s);
        assert_buf(&buf, text);

        pintag_buf_init(&buf, arena, 100);
        pintag_buf_add_percent(&buf, s);
        assert_buf(&buf, text);
    }

    pintag_buf_init(&buf, arena, 0);
    pintag_buf_add_percent(&buf, test_str(NULL));
    assert_buf(&buf, "");
    pintag_buf_add_percent(&buf, test_str("a b[c]=\xc3\xa9&+%41"));
    assert_buf(&buf, "a%20b%5Bc%5D%3D%C3%A9%26%2B%2541");

    test_memory_free(&memory);
}


static void
test_json_escapes(void **state)
{
    size_t           i;
    pintag_buf_t     buf;
    test_memory_t    memory;
    pintag_arena_t  *arena;

    static const struct {
        const char  *text;
        const char  *json;
    } cases[] = {
        { NULL, "\"\"" },
        { "", "\"\"" },
        { "plain", "\"plain\"" },
        { "a\"b\\c/d", "\"a\\\"b\\\\c/d\"" },
        { "\"", "\"\\\"\"" },
        { "\n\r\t\b\f", "\"\\u000A\\u000D\\u0009\\u0008\\u000C\"" },
        { "\x01\x1f x", "\"\\u0001\\u001F x\"" },
        { "\x7f", "\"\x7f\"" },

        /* UTF-8 goes as it is, from the first to the last of each length */
        { "\xc2\x80\xdf\xbf", "\"\xc2\x80\xdf\xbf\"" },
        { "\xe0\xa0\x80\xed\x9f\xbf\xee\x80\x80\xef\xbf\xbf",
          "\"\xe0\xa0\x80\xed\x9f\xbf\xee\x80\x80\xef\xbf\xbf\"" },
        { "\xf0\x90\x80\x80\xf4\x8f\xbf\xbf",
          "\"\xf0\x90\x80\x80\xf4\x8f\xbf\xbf\"" },

        /* every other byte is a U+FFFD */
        { "a\xff" "b", "\"a\xef\xbf\xbd" "b\"" },
        { "\x80", "\"\xef\xbf\xbd\"" },
        { "\xc3", "\"\xef\xbf\xbd\"" },
        { "\xc3" "a", "\"\xef\xbf\xbd" "a\"" },
        { "\xe2\x82", "\"\xef\xbf\xbd\xef\xbf\xbd\"" },
        { "\xc0\x80", "\"\xef\xbf\xbd\xef\xbf\xbd\"" },
        { "\xc1\xbf", "\"\xef\xbf\xbd\xef\xbf\xbd\"" },
        { "\xe0\x9f\xbf", "\"\xef\xbf\xbd\xef\xbf\xbd\xef\xbf\xbd\"" },
        { "\xed\xa0\x80", "\"\xef\xbf\xbd\xef\xbf\xbd\xef\xbf\xbd\"" },
        { "\xf0\x8f\xbf\xbf",
          "\"\xef\xbf\xbd\xef\xbf\xbd\xef\xbf\xbd\xef\xbf\xbd\"" },
        { "\xf4\x90\x80\x80",
          "\"\xef\xbf\xbd\xef\xbf\xbd\xef\xbf\xbd\xef\xbf\xbd\"" },
        { "\xf5\x80", "\"\xef\xbf\xbd\xef\xbf\xbd\"" },
        { "\xf0\x9f\x98\"", "\"\xef\xbf\xbd\xef\xbf\xbd\xef\xbf\xbd\\\"\"" }
    };

    (void) state;

    arena = test_memory_init(&memory);

    for (i = 0; i < test_n(cases); i++) {
        pintag_buf_init(&buf, arena, 0);
        pintag_buf_add_json(&buf, test_str(cases[i].text));
        assert_buf(&buf, cases[i].json);
    }

    pintag_buf_init(&buf, arena, 0);
    pintag_buf_add_json(&buf, test_lit("a\0b"));
    assert_buf(&buf, "\"a\\u0000b\"");

    test_memory_free(&memory);
}


static void
test_json_without_memory(void **state)
{
    size_t           n;
    pintag_buf_t     buf;
    pintag_str_t     s;
    test_memory_t    memory;
    unsigned char    text[9000];

    (void) state;

    memset(text, '"', sizeof(text));
    s.data = text;
    s.len = sizeof(text);

    for (n = 1; /* void */ ; n++) {
        pintag_buf_init(&buf, test_memory_init_failing(&memory, n), 0);
        pintag_buf_add_json(&buf, s);
        test_memory_free(&memory);

        if (!buf.failed) {
            break;
        }
    }

    assert_int_equal(buf.len, 2 * sizeof(text) + 2);
    assert_true(n >= 3 && n <= 20);
}


static void
test_eq_and_case_eq(void **state)
{
    size_t  i;

    static const struct {
        const char  *a;
        const char  *b;
        unsigned     eq;
        unsigned     case_eq;
    } cases[] = {
        { NULL, NULL, 1, 1 },
        { NULL, "", 1, 1 },
        { "", "a", 0, 0 },
        { "a", "a", 1, 1 },
        { "a", "ab", 0, 0 },
        { "azAZ", "AZaz", 0, 1 },
        { "abc", "abd", 0, 0 },

        /* only letters, and only ASCII's, have case */
        { "@", "`", 0, 0 },
        { "[", "{", 0, 0 },
        { "\xc3\x89", "\xc3\xa9", 0, 0 },
        { "\xc1", "\xe1", 0, 0 }
    };

    (void) state;

    for (i = 0; i < test_n(cases); i++) {
        assert_int_equal(pintag_str_eq(test_str(cases[i].a),
                                       test_str(cases[i].b)), cases[i].eq);
        assert_int_equal(pintag_str_case_eq(test_str(cases[i].a),
                                            test_str(cases[i].b)),
                         cases[i].case_eq);
    }

    assert_int_equal(pintag_str_eq(test_lit("a\0b"), test_lit("a\0c")), 0);
}


static void
test_white_space_is_unicodes(void **state)
{
    size_t           i, len;
    char             text[64];
    pintag_str_t     s;
    test_memory_t    memory;
    pintag_arena_t  *arena;

    (void) state;

    arena = test_memory_init(&memory);

    for (i = 0; i < test_n(spaces); i++) {
        assert_int_equal(pintag_str_blank(test_str(spaces[i])), 1);
        assert_str(pintag_str_trim(test_str(spaces[i])), "");

        (void) snprintf(text, sizeof(text), "%s %sa%s%sb%s", spaces[i],
                        spaces[i], spaces[i], spaces[i], spaces[i]);

        s = test_str(text);
        len = strlen(spaces[i]);

        assert_int_equal(pintag_str_blank(s), 0);

        s = pintag_str_trim(s);
        assert_ptr_equal(s.data, text + 2 * len + 1);
        assert_int_equal(s.len, 2 * len + 2);

        s = pintag_str_concatenate(test_str(text), arena);
        assert_str(s, "ab");
    }

    for (i = 0; i < test_n(no_spaces); i++) {
        s = test_str(no_spaces[i]);

        assert_int_equal(pintag_str_blank(s), 0);
        assert_str(pintag_str_trim(s), no_spaces[i]);

        /* borrowed, there was nothing to remove */
        assert_ptr_equal(pintag_str_concatenate(s, arena).data, s.data);

        (void) snprintf(text, sizeof(text), " %s " NBSP, no_spaces[i]);
        assert_str(pintag_str_trim(test_str(text)), no_spaces[i]);
        assert_str(pintag_str_concatenate(test_str(text), arena),
                   no_spaces[i]);
    }

    test_memory_free(&memory);
}


static void
test_trim_and_blank(void **state)
{
    size_t  i;

    static const struct {
        const char  *text;
        const char  *trimmed;
    } cases[] = {
        { "", "" },
        { " \t\r\n", "" },
        { BOM NBSP " ", "" },
        { "a", "a" },
        { " a b ", "a b" },
        { BOM "a", "a" },
        { "a" NBSP NBSP "\n", "a" },

        /* a lead byte cut off, at either end */
        { " \xe2\x80", "\xe2\x80" },
        { "\xc2 ", "\xc2" },
        { "\x80 \x85 ", "\x80 \x85" }
    };

    (void) state;

    for (i = 0; i < test_n(cases); i++) {
        assert_str(pintag_str_trim(test_str(cases[i].text)), cases[i].trimmed);
        assert_int_equal(pintag_str_blank(test_str(cases[i].text)),
                         cases[i].trimmed[0] == '\0');
    }

    assert_str_null(pintag_str_trim(test_str(NULL)));
    assert_int_equal(pintag_str_blank(test_str(NULL)), 1);
    assert_int_equal(pintag_str_blank(test_lit(" \0")), 0);
}


static void
test_concatenate_is_the_seeds(void **state)
{
    size_t           i;
    pintag_str_t     s;
    test_memory_t    memory;
    pintag_arena_t  *arena;

    static const struct {
        const char  *text;
        const char  *concatenated;
    } cases[] = {
        { "Payment Info Entered", "PaymentInfoEntered" },
        { " a\t b\nc ", "abc" },
        { " ", "" },
        { "a-b_c", "a-b_c" },
        { "\xc3\xa9 \xe3\x80\x80\xc3\xa8", "\xc3\xa9\xc3\xa8" }
    };

    (void) state;

    arena = test_memory_init(&memory);

    for (i = 0; i < test_n(cases); i++) {
        s = pintag_str_concatenate(test_str(cases[i].text), arena);
        assert_non_null(s.data);
        assert_str(s, cases[i].concatenated);
    }

    test_memory_free(&memory);

    /* nothing is allocated for nothing, and NULL would mean no memory */

    arena = test_memory_init_failing(&memory, 1);

    assert_non_null(pintag_str_concatenate(test_str(NULL), arena).data);
    assert_str(pintag_str_concatenate(test_str("abc"), arena), "abc");
    assert_str_null(pintag_str_concatenate(test_str("a b"), arena));
}


static void
test_copies(void **state)
{
    pintag_str_t     s, copy;
    test_memory_t    memory;
    pintag_arena_t  *arena;

    (void) state;

    arena = test_memory_init(&memory);

    s = test_lit("AbZ\0@[`{\xc3\x89");

    copy = pintag_str_copy(s, arena);
    assert_ptr_not_equal(copy.data, s.data);
    assert_str_lit(copy, "AbZ\0@[`{\xc3\x89");

    /* NULL would mean no memory */
    assert_non_null(pintag_str_copy(test_str(NULL), arena).data);
    assert_str(pintag_str_copy(test_str(""), arena), "");

    test_memory_free(&memory);

    arena = test_memory_init_failing(&memory, 1);

    assert_str_null(pintag_str_copy(s, arena));
}


static void
test_lower_cases_as_unicode_does(void **state)
{
    size_t           i;
    test_memory_t    memory;
    pintag_arena_t  *arena;

    static const struct {
        const char  *text;
        const char  *lower;
    } cases[] = {
        { "", "" },
        { "AbZ@[`{09", "abz@[`{09" },

        /* E acute, Greek, Cyrillic, Armenian, Georgian, Deseret */
        { "\xc3\x89", "\xc3\xa9" },
        { "\xce\x86\xce\xa9", "\xce\xac\xcf\x89" },
        { "\xd0\x80\xd0\xaf", "\xd1\x90\xd1\x8f" },
        { "\xd4\xb1", "\xd5\xa1" },
        { "\xe1\x82\xa0", "\xe2\xb4\x80" },
        { "\xf0\x90\x90\x80", "\xf0\x90\x90\xa8" },

        /* every second one: A macron, Z with dot above and their lower case */
        { "\xc4\x80\xc4\x81\xc5\xbb\xc5\xbc",
          "\xc4\x81\xc4\x81\xc5\xbc\xc5\xbc" },

        /* signs between letters have none */
        { "\xc3\x97\xc3\x9f", "\xc3\x97\xc3\x9f" },

        /* simple, a character for a character: I with dot, sharp S, sigma */
        { "\xc4\xb0", "i" },
        { "\xe1\xba\x9e", "\xc3\x9f" },
        { "\xce\xa3\xce\xa3", "\xcf\x83\xcf\x83" },

        /* of another length: Kelvin, A and T with stroke */
        { "\xe2\x84\xaa", "k" },
        { "\xc8\xba\xc8\xbe\xc8\xba",
          "\xe2\xb1\xa5\xe2\xb1\xa6\xe2\xb1\xa5" },

        /* bytes that are no UTF-8 stay */
        { "A\xc3" "B\xff\xed\xa0\x80" "C\xc3",
          "a\xc3" "b\xff\xed\xa0\x80" "c\xc3" }
    };

    (void) state;

    arena = test_memory_init(&memory);

    for (i = 0; i < test_n(cases); i++) {
        assert_str(pintag_str_lower(test_str(cases[i].text), arena),
                   cases[i].lower);
    }

    assert_str_lit(pintag_str_lower(test_lit("A\0B"), arena), "a\0b");

    /* NULL would mean no memory */
    assert_non_null(pintag_str_lower(test_str(NULL), arena).data);

    test_memory_free(&memory);

    arena = test_memory_init_failing(&memory, 1);

    assert_str_null(pintag_str_lower(test_str("A"), arena));
}


/* wherever it stands in what is lower-cased eight bytes at a time */

static void
test_lower_of_each_byte(void **state)
{
    size_t           at, len;
    unsigned         c;
    pintag_str_t     s, lower;
    test_memory_t    memory;
    unsigned char    text[24];
    pintag_arena_t  *arena;

    (void) state;

    arena = test_memory_init(&memory);

    for (c = 0; c < 256; c++) {
        for (at = 0; at < sizeof(text); at++) {
            memset(text, 'Z', sizeof(text));
            text[at] = (unsigned char) c;

            for (len = at + 1; len <= sizeof(text); len++) {
                s.data = text;
                s.len = len;

                lower = pintag_str_lower(s, arena);
                assert_int_equal(lower.len, len);
                assert_int_equal(lower.data[at],
                                 (c >= 'A' && c <= 'Z') ? c + 32 : c);
                assert_int_equal(lower.data[0],
                                 (at == 0) ? lower.data[at] : 'z');
                assert_int_equal(lower.data[len - 1],
                                 (at == len - 1) ? lower.data[at] : 'z');
            }
        }
    }

    test_memory_free(&memory);
}


/* of the whole table, as perl's Unicode::UCD has the mapping */

static void
test_lower_case_of_every_character(void **state)
{
    size_t         n, len;
    uint32_t       code, lower, back, hash, i;
    unsigned char  text[4];

    (void) state;

    n = 0;
    hash = 2166136261u;

    for (code = 0; code <= 0x10ffff; code++) {
        lower = pintag_utf8_lower(code);
        n += lower != code;

        for (i = 0; i < 24; i += 8) {
            hash = (hash ^ (lower >> i & 0xff)) * 16777619u;
        }

        len = pintag_utf8_encode(text, lower);

        if (code < 0xd800 || code > 0xdfff) {
            assert_int_equal(pintag_utf8_decode(text, text + len, &back), len);
            assert_int_equal(back, lower);
        }
    }

    assert_int_equal(n, 1433);
    assert_int_equal(hash, 3845046);
}


/* the same of perl's \p{L} with \p{Nd}, \p{M}, and \p{Dash} */

static void
test_what_every_character_is(void **state)
{
    size_t    letters, marks, dashes;
    uint32_t  code, bits, hash;

    (void) state;

    letters = 0;
    marks = 0;
    dashes = 0;
    hash = 2166136261u;

    for (code = 0; code <= 0x10ffff; code++) {
        bits = pintag_utf8_letter(code) | pintag_utf8_mark(code) << 1
               | pintag_utf8_dash(code) << 2;

        letters += bits & 1;
        marks += bits >> 1 & 1;
        dashes += bits >> 2;

        hash = (hash ^ bits) * 16777619u;
    }

    assert_int_equal(letters, 132416);
    assert_int_equal(marks, 2408);
    assert_int_equal(dashes, 30);
    assert_int_equal(hash, 750991145);
}


/* each byte at each place of texts of each length, in a buffer of their size */

static void
test_percent_is_the_same_at_each_place(void **state)
{
    size_t           len, at, c, i;
    char             expected[3 * 40 + 1], *p;
    pintag_str_t     s;
    pintag_buf_t     buf;
    unsigned char    text[40];

    static const char  plain[] = "-._~0123456789"
        "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz";

    (void) state;

    s.data = text;

    for (len = 1; len <= sizeof(text); len++) {
        for (at = 0; at < len; at++) {
            for (c = 0; c < 256; c++) {

                memset(text, 'a', sizeof(text));
                text[at] = (unsigned char) c;
                s.len = len;

                for (p = expected, i = 0; i < len; i++) {
                    p += sprintf(p, text[i] && strchr(plain, text[i])
                                    ? "%c" : "%%%02X", text[i]);
                }

                pintag_buf_init(&buf, NULL, (size_t) (p - expected));
                pintag_buf_add_percent(&buf, s);
                assert_buf(&buf, expected);
                assert_int_equal(buf.size, p - expected);
                pintag_buf_free(&buf);
            }
        }
    }
}


static void
test_buf_has_memory_of_its_own(void **state)
{
    size_t           i, k, size;
    pintag_buf_t     buf, other;
    test_memory_t    memory;

    (void) state;

    pintag_buf_init(&buf, NULL, 0);
    pintag_buf_init(&other, test_memory_init(&memory), 0);

    /* of one that has none yet */
    pintag_buf_reset(&buf);
    pintag_buf_free(&buf);

    for (i = 0; i < 6; i++) {
        pintag_buf_init(&other, &memory.arena, 0);

        for (k = 0; k < 3000; k++) {
            pintag_buf_add_uint(&buf, k);
            pintag_buf_add_uint(&other, k);
        }

        assert_int_equal(buf.len, other.len);
        assert_memory_equal(buf.data, other.data, other.len);

        if (i < 3) {
            size = buf.size;
            pintag_buf_reset(&buf);
            assert_int_equal(buf.size, size);

        } else {
            pintag_buf_free(&buf);
            assert_int_equal(buf.size, 0);
        }

        assert_int_equal(buf.len, 0);
    }

    test_memory_free(&memory);
}


static void
test_buf_is_used_again_after_a_failure(void **state)
{
    pintag_buf_t  buf;

    (void) state;

    pintag_buf_init(&buf, NULL, 10);
    pintag_buf_add_text(&buf, "abc");

    assert_null(pintag_buf_grow(&buf, SIZE_MAX));
    assert_true(buf.failed);
    pintag_buf_add_text(&buf, "def");

    pintag_buf_reset(&buf);
    assert_false(buf.failed);

    pintag_buf_add_text(&buf, "abcdefghijkl");
    assert_buf(&buf, "abcdefghijkl");

    pintag_buf_free(&buf);
}


static void
test_buf_repeats_what_it_has(void **state)
{
    size_t           i;
    pintag_buf_t     bufs[2];
    test_memory_t    memory;

    (void) state;

    pintag_buf_init(&bufs[0], NULL, 0);
    pintag_buf_init(&bufs[1], test_memory_init(&memory), 0);

    for (i = 0; i < 2; i++) {
        pintag_buf_add_text(&bufs[i], "abcd");
        pintag_buf_repeat(&bufs[i], 1, 2);
        pintag_buf_repeat(&bufs[i], 4, 2);
        pintag_buf_repeat(&bufs[i], 0, 8);
        assert_buf(&bufs[i], "abcdbcbcabcdbcbc");
    }

    pintag_buf_free(&bufs[0]);
    test_memory_free(&memory);
}


int
main(void)
{
    const struct CMUnitTest  tests[] = {
        cmocka_unit_test(test_buf_adds),
        cmocka_unit_test(test_buf_adds_integers),
        cmocka_unit_test(test_buf_sets_its_size_aside),
        cmocka_unit_test(test_buf_grows_without_quadratic_work),
        cmocka_unit_test(test_buf_without_memory_does_nothing_more),
        cmocka_unit_test(test_buf_overflow_is_no_memory),
        cmocka_unit_test(test_percent_is_the_same_at_each_place),
        cmocka_unit_test(test_buf_has_memory_of_its_own),
        cmocka_unit_test(test_buf_is_used_again_after_a_failure),
        cmocka_unit_test(test_buf_repeats_what_it_has),
        cmocka_unit_test(test_percent_escapes_all_but_unreserved_bytes),
        cmocka_unit_test(test_json_escapes),
        cmocka_unit_test(test_json_without_memory),
        cmocka_unit_test(test_eq_and_case_eq),
        cmocka_unit_test(test_white_space_is_unicodes),
        cmocka_unit_test(test_trim_and_blank),
        cmocka_unit_test(test_concatenate_is_the_seeds),
        cmocka_unit_test(test_copies),
        cmocka_unit_test(test_lower_cases_as_unicode_does),
        cmocka_unit_test(test_lower_of_each_byte),
        cmocka_unit_test(test_lower_case_of_every_character),
        cmocka_unit_test(test_what_every_character_is)
    };

    return cmocka_run_group_tests_name("text", tests, NULL, NULL);
}
