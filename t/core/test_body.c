
/*
 * Copyright (C) the ngx_http_pintag_module authors
 *
 * Bodies: every shape an event may come in, and what is said of those that
 * cannot be read.  In JSON ' stands for ".
 */


#include "test.h"

#include "body.h"


typedef struct {
    test_memory_t         memory;
    pintag_arena_t       *arena;
    pintag_body_t         body;
    pintag_body_error_t   error;
    unsigned char        *text;
} fixture_t;


static void
fixture_init(fixture_t *f)
{
    memset(f, 0, sizeof(fixture_t));
    memset(&f->error, 0xa5, sizeof(pintag_body_error_t));

    f->arena = test_memory_init(&f->memory);
}


static void
fixture_free(fixture_t *f)
{
    pintag_body_free(&f->body);
    test_memory_free(&f->memory);
    free(f->text);
}


/* leaves "room" bytes of memory */

static void
fixture_starve(fixture_t *f, size_t room)
{
    assert_non_null(pintag_arena_bytes(f->arena, 65536));

    f->arena->pos = f->arena->end - room;
    f->memory.fail_at = f->memory.calls + 1;
}


/* a body in memory of its own length, so that overruns show */

static pintag_str_t
body_text(fixture_t *f, pintag_str_t text)
{
    size_t  i;

    f->text = malloc(text.len ? text.len : 1);
    assert_non_null(f->text);

    for (i = 0; i < text.len; i++) {
        f->text[i] = (text.data[i] == '\'') ? '"' : text.data[i];
    }

    text.data = f->text;

    return text;
}


static pintag_verdict_e
read_body(fixture_t *f, pintag_body_format_e format, const char *text,
    size_t max)
{
    return pintag_body_read(body_text(f, test_str(text)), format, max,
                            f->arena, &f->body, &f->error);
}


/* "before", "part" n times, "after" */

static pintag_verdict_e
read_repeated(fixture_t *f, pintag_body_format_e format, const char *before,
    const char *part, size_t n, const char *after, size_t max)
{
    pintag_buf_t      text;
    test_memory_t     memory;
    pintag_verdict_e  rc;

    pintag_buf_init(&text, test_memory_init(&memory), 0);
    pintag_buf_add_text(&text, before);

    while (n-- != 0) {
        pintag_buf_add_text(&text, part);
    }

    pintag_buf_add_text(&text, after);
    assert_false(text.failed);

    rc = pintag_body_read(body_text(f, test_buf_str(&text)), format, max,
                          f->arena, &f->body, &f->error);

    test_memory_free(&memory);

    return rc;
}


/* the first member of that name, as it is spelled */

static const pintag_json_t *
member(const pintag_json_t *object, const char *name)
{
    pintag_json_iter_t  it;

    pintag_json_each(object, &it);

    while (pintag_json_next(&it)) {
        if (pintag_str_eq(it.key, test_str(name))) {
            return it.value;
        }
    }

    return NULL;
}


/*
 * Each event as the text of its "event"; without one "{}" and "[]" for object
 * and array, "?" for any other value, "!" for a line that is no JSON.
 */

static void
list_events(pintag_buf_t *got, const pintag_body_t *body,
    pintag_arena_t *arena)
{
    size_t                i;
    const pintag_json_t  *name, *value;

    pintag_buf_init(got, arena, 0);

    for (i = 0; i < body->n; i++) {
        value = body->events[i].value;

        if (i != 0) {
            pintag_buf_add_char(got, ' ');
        }

        if (value == NULL) {
            assert_string_equal(body->events[i].error.error, "invalid_json");
            pintag_buf_add_char(got, '!');
            continue;
        }

        assert_null(body->events[i].error.error);

        name = member(value, "event");

        if (name != NULL) {
            pintag_buf_add_str(got, pintag_json_string(name));

        } else if (pintag_json_kind(value) == PINTAG_JSON_OBJECT) {
            pintag_buf_add_text(got, "{}");

        } else if (pintag_json_kind(value) == PINTAG_JSON_ARRAY) {
            pintag_buf_add_text(got, "[]");

        } else {
            pintag_buf_add_char(got, '?');
        }
    }
}


#define assert_events(f, events)                                              \
    do {                                                                      \
        pintag_buf_t  got_;                                                   \
                                                                              \
        list_events(&got_, &(f)->body, (f)->arena);                           \
        assert_buf(&got_, events);                                            \
    } while (0)


static void
bodies_are_taken_apart(void **state)
{
    size_t     i;
    fixture_t  f;

    static const struct {
        pintag_body_format_e   format;
        const char            *body;
        const char            *events;
    } rows[] = {

        /* one event */

        { PINTAG_BODY_JSON, "{'event':'A'}", "A" },
        { PINTAG_BODY_JSON, " \r\n\t{'event':'A'} \n", "A" },
        { PINTAG_BODY_JSON, "{}", "{}" },
        { PINTAG_BODY_JSON, "{'event':'A','event':'B'}", "B" },
        { PINTAG_BODY_JSON, "{'event':'A','n':9223372036854775808}", "A" },

        /* the wrapper of a serialised facade */

        { PINTAG_BODY_JSON, "{'opts':{'clone':true},'obj':{'event':'A'}}",
          "A" },
        { PINTAG_BODY_JSON,
          "{'obj':{'event':'A'},'raw':{'event':'B'},'event':'C'}", "A" },
        { PINTAG_BODY_JSON, "{'obj':'x','event':'A'}", "A" },
        { PINTAG_BODY_JSON, "{'obj':null,'event':'A'}", "A" },
        { PINTAG_BODY_JSON, "{'opts':{},'obj':'x','event':'A'}", "?" },
        { PINTAG_BODY_JSON, "{'opts':{},'event':'A'}", "A" },
        { PINTAG_BODY_JSON, "{'obj':{'obj':{'event':'A'}}}", "{}" },

        /* other spellings are an event's own members */

        { PINTAG_BODY_JSON, "{'Obj':{'event':'A'},'event':'B'}", "B" },
        { PINTAG_BODY_JSON, "{'Batch':[{'event':'A'}],'event':'B'}", "B" },

        /* a batch, each event wrapped or not */

        { PINTAG_BODY_JSON, "{'batch':[]}", "" },
        { PINTAG_BODY_JSON, "{'batch':null,'event':'A'}", "A" },
        { PINTAG_BODY_JSON,
          "{'batch':[{'event':'A'},{'event':'B'}],'sentAt':'x'}", "A B" },
        { PINTAG_BODY_JSON,
          "{'batch':[{'opts':{},'obj':{'event':'A'}},{'event':'B'}]}", "A B" },
        { PINTAG_BODY_JSON, "{'batch':[1,{'event':'A'},null,'x',[]]}",
          "? A ? ? []" },
        { PINTAG_BODY_JSON, "{'batch':[{'batch':[{'event':'A'}]}]}", "{}" },
        { PINTAG_BODY_JSON, "{'obj':{'event':'A'},'batch':[{'event':'B'}]}",
          "B" },

        /* an array, each event wrapped or not */

        { PINTAG_BODY_JSON, "[]", "" },
        { PINTAG_BODY_JSON, "[{'event':'A'}]", "A" },
        { PINTAG_BODY_JSON,
          "[{'event':'A'},{'opts':{},'obj':{'event':'B'},'raw':1},7,[]]",
          "A B ? []" },

        /* an event a line, wrapped or not; blank lines are passed over */

        { PINTAG_BODY_LINES, "{'event':'A'}", "A" },
        { PINTAG_BODY_LINES, "{'event':'A'}\n{'event':'B'}\n", "A B" },
        { PINTAG_BODY_LINES, "{'event':'A'}\r\n{'event':'B'}\r\n", "A B" },
        { PINTAG_BODY_LINES,
          "\n \t\r\n{'event':'A'}\n\n\r\n  {'event':'B'}  \n \n", "A B" },
        { PINTAG_BODY_LINES,
          "{'obj':{'event':'A'}}\n{'opts':{},'obj':{'event':'B'}}", "A B" },
        { PINTAG_BODY_LINES, "{'event':'A'}\n[]\n{'event':'B'}", "A [] B" },

        /* one that is unreadable does not harm the others */

        { PINTAG_BODY_LINES, "{'event':\n'A'}\n{'event':'B'}", "! ! B" },
        { PINTAG_BODY_LINES, "{'event':'A'}\nx", "A !" },
        { PINTAG_BODY_LINES, "{'event':'A'},\n{'event':'B'}", "! B" },
        { PINTAG_BODY_LINES, "{'event':'A'}{'event':'B'}", "!" },
        { PINTAG_BODY_LINES, "{'event':'A','n':1e999}\n{'event':'B'}", "! B" },
        { PINTAG_BODY_LINES, "x\ny\n7", "! ! !" },

        /* {"event":"A"} */

        { PINTAG_BODY_PIXEL, "eyJldmVudCI6IkEifQ==", "A" },
        { PINTAG_BODY_PIXEL, "eyJldmVudCI6IkEifQ=", "A" },
        { PINTAG_BODY_PIXEL, "eyJldmVudCI6IkEifQ", "A" },
        { PINTAG_BODY_PIXEL, "eyJldmVudCI6IkEifQ%3D%3d", "A" },
        { PINTAG_BODY_PIXEL, "%65%79Jldm%56udCI6IkEifQ", "A" },

        /* {"event":"a?>b>?c"}, in both alphabets */

        { PINTAG_BODY_PIXEL, "eyJldmVudCI6ImE/PmI+P2MifQ==", "a?>b>?c" },
        { PINTAG_BODY_PIXEL, "eyJldmVudCI6ImE_PmI-P2MifQ", "a?>b>?c" },
        { PINTAG_BODY_PIXEL, "eyJldmVudCI6ImE/PmI P2MifQ", "a?>b>?c" },
        { PINTAG_BODY_PIXEL, "eyJldmVudCI6ImE%2FPmI%20P2MifQ", "a?>b>?c" },
        { PINTAG_BODY_PIXEL, "eyJldmVudCI6ImE%2fPmI%2BP2MifQ", "a?>b>?c" },

        /* {"opts":{},"obj":{"event":"A"}} and [{"event":"A"}] */

        { PINTAG_BODY_PIXEL, "eyJvcHRzIjp7fSwib2JqIjp7ImV2ZW50IjoiQSJ9fQ",
          "A" },
        { PINTAG_BODY_PIXEL, "W3siZXZlbnQiOiJBIn1d", "A" },
    };

    (void) state;

    for (i = 0; i < test_n(rows); i++) {
        fixture_init(&f);

        assert_int_equal(read_body(&f, rows[i].format, rows[i].body, 10),
                         PINTAG_OK);
        assert_events(&f, rows[i].events);

        fixture_free(&f);
    }
}


static void
unusable_bodies_say_what_is_wrong(void **state)
{
    size_t     i;
    fixture_t  f;

    static const struct {
        pintag_body_format_e   format;
        const char            *body;
        const char            *error;
        size_t                 line;
        size_t                 column;     /* 0: not told here */
    } rows[] = {
        { PINTAG_BODY_JSON, "", "empty_body", 0, 0 },
        { PINTAG_BODY_JSON, " \r\n\t ", "empty_body", 0, 0 },
        { PINTAG_BODY_JSON, "{'batch':{'event':'A'}}", "invalid_body", 0, 0 },
        { PINTAG_BODY_JSON, "{'batch':'x','event':'A'}",
          "invalid_body", 0, 0 },
        { PINTAG_BODY_JSON, "{'event':\n'A',\n x}", "invalid_json", 3, 2 },
        { PINTAG_BODY_JSON, "{'event':'A'", "invalid_json", 1, 0 },
        { PINTAG_BODY_JSON, "{'event':'A'}{'event':'B'}",
          "invalid_json", 1, 0 },
        { PINTAG_BODY_JSON, "{'event':'A'}\n{'event':'B'}",
          "invalid_json", 2, 0 },
        { PINTAG_BODY_JSON, "event=A", "invalid_json", 1, 1 },
        { PINTAG_BODY_JSON, "7", "invalid_json", 1, 1 },
        { PINTAG_BODY_JSON, "{'event':'A',\n'n':1e999}",
          "invalid_json", 2, 0 },

        { PINTAG_BODY_LINES, "", "empty_body", 0, 0 },
        { PINTAG_BODY_LINES, "\n\r\n \t\n", "empty_body", 0, 0 },

        { PINTAG_BODY_PIXEL, "", "empty_body", 0, 0 },
        { PINTAG_BODY_PIXEL, "IA0K", "empty_body", 0, 0 },
        { PINTAG_BODY_PIXEL, "{'event':'A'}", "invalid_body", 0, 0 },
        { PINTAG_BODY_PIXEL, "%7B%7D", "invalid_body", 0, 0 },
        { PINTAG_BODY_PIXEL, "eyJldmVudCI6IkEifQ===", "invalid_body", 0, 0 },
        { PINTAG_BODY_PIXEL, "eyJl=dmVudCI6IkEifQ", "invalid_body", 0, 0 },
        { PINTAG_BODY_PIXEL, "eyJldmVudCI6IkEif", "invalid_body", 0, 0 },
        { PINTAG_BODY_PIXEL, "eyJldmVudCI6IkEifQ%", "invalid_body", 0, 0 },
        { PINTAG_BODY_PIXEL, "eyJldmVudCI6IkEifQ%3", "invalid_body", 0, 0 },
        { PINTAG_BODY_PIXEL, "eyJldmVudCI6IkEifQ%3G", "invalid_body", 0, 0 },
        { PINTAG_BODY_PIXEL, "eyJldmVudCI6IkEifQ%G3", "invalid_body", 0, 0 },
        { PINTAG_BODY_PIXEL, "eyJldmVudCI6IkEifQ\xc3\xa9",
          "invalid_body", 0, 0 },

        /* "x" and "{}\nx" */

        { PINTAG_BODY_PIXEL, "eA", "invalid_json", 1, 1 },
        { PINTAG_BODY_PIXEL, "e30KeA", "invalid_json", 2, 1 },
    };

    (void) state;

    for (i = 0; i < test_n(rows); i++) {
        fixture_init(&f);

        assert_int_equal(read_body(&f, rows[i].format, rows[i].body, 10),
                         PINTAG_REJECTED);
        assert_string_equal(f.error.error, rows[i].error);
        assert_true(strlen(f.error.message) > 0);
        assert_int_equal(f.error.line, rows[i].line);

        if (rows[i].column || rows[i].line == 0) {
            assert_int_equal(f.error.column, rows[i].column);
        }

        assert_int_equal(f.body.ndocs, 0);
        assert_int_equal(f.body.n, 0);

        fixture_free(&f);
    }
}


/* the line is that of the body, the column that of the line */

static void
lines_say_where_they_are_wrong(void **state)
{
    size_t                      i;
    fixture_t                   f;
    const pintag_body_error_t  *error;

    static const struct {
        size_t  line;
        size_t  column;
    } rows[] = {
        { 0, 0 },
        { 3, 2 },
        { 5, 3 },
        { 0, 0 },
        { 7, 2 },
    };

    (void) state;

    fixture_init(&f);

    assert_int_equal(read_body(&f, PINTAG_BODY_LINES,
                               "{}\n"
                               "\n"
                               "{x}\r\n"
                               " \r\n"
                               "{}}\n"
                               "{'event':'A'}\n"
                               "[", 10), PINTAG_OK);
    assert_int_equal(f.body.n, test_n(rows));
    assert_int_equal(f.body.ndocs, 2);

    for (i = 0; i < test_n(rows); i++) {
        error = &f.body.events[i].error;

        assert_int_equal(error->line, rows[i].line);
        assert_int_equal(error->column, rows[i].column);

        if (rows[i].line == 0) {
            assert_non_null(f.body.events[i].value);
            continue;
        }

        assert_null(f.body.events[i].value);
        assert_string_equal(error->error, "invalid_json");
        assert_true(strlen(error->message) > 0);
    }

    fixture_free(&f);
}


static void
unusable_pixels_say_the_remedy(void **state)
{
    fixture_t  f;

    (void) state;

    fixture_init(&f);

    assert_int_equal(read_body(&f, PINTAG_BODY_PIXEL, "?", 10),
                     PINTAG_REJECTED);
    assert_non_null(strstr(f.error.message, "base64"));

    fixture_free(&f);
}


static void
no_more_events_than_allowed(void **state)
{
    size_t     i;
    fixture_t  f;

    static const struct {
        pintag_body_format_e   format;
        const char            *body;
        size_t                 n;
    } rows[] = {
        { PINTAG_BODY_JSON, "{'event':'A'}", 1 },
        { PINTAG_BODY_JSON, "{'batch':[{},{},{}]}", 3 },
        { PINTAG_BODY_JSON, "[{},7,{}]", 3 },
        { PINTAG_BODY_LINES, "{}\n\n{}\n{}\n", 3 },
        { PINTAG_BODY_LINES, "{}\nx\n{}", 3 },

        /* [{},{}] */

        { PINTAG_BODY_PIXEL, "W3t9LHt9XQ", 2 },
    };

    (void) state;

    for (i = 0; i < test_n(rows); i++) {
        fixture_init(&f);

        assert_int_equal(read_body(&f, rows[i].format, rows[i].body,
                                   rows[i].n), PINTAG_OK);
        assert_int_equal(f.body.n, rows[i].n);

        fixture_free(&f);
        fixture_init(&f);

        assert_int_equal(read_body(&f, rows[i].format, rows[i].body,
                                   rows[i].n - 1), PINTAG_REJECTED);
        assert_string_equal(f.error.error, "too_many_events");
        assert_non_null(strstr(f.error.message, "pintag_max_events"));
        assert_int_equal(f.error.line, 0);
        assert_int_equal(f.error.column, 0);
        assert_int_equal(f.body.ndocs, 0);

        fixture_free(&f);
    }

    /* lines are counted before any of them is read */

    fixture_init(&f);
    fixture_starve(&f, 0);

    assert_int_equal(read_body(&f, PINTAG_BODY_LINES, "{}\n{}\n{}", 2),
                     PINTAG_REJECTED);
    assert_string_equal(f.error.error, "too_many_events");

    fixture_free(&f);
}


/* each member as the text it has, "-" where the envelope has none */

static void
a_batch_has_an_envelope(void **state)
{
    size_t                i, k;
    fixture_t             f;
    pintag_buf_t          got;
    const pintag_json_t  *members[4];

    static const struct {
        pintag_body_format_e   format;
        const char            *body;
        const char            *envelope;
    } rows[] = {
        { PINTAG_BODY_JSON, "{'batch':[]}", "- - - -" },
        { PINTAG_BODY_JSON, "{'batch':[],'context':{'x':'c'},"
          "'integrations':'i','writeKey':'w','sentAt':'s'}", "c i w s" },
        { PINTAG_BODY_JSON, "{'context':{'x':'c'},'integrations':'i',"
          "'writeKey':'w','sentAt':'s','batch':[{}]}", "c i w s" },

        /* however they are spelled, this very spelling wins, else the first */

        { PINTAG_BODY_JSON, "{'batch':[],'Context':{'x':'c'},"
          "'INTEGRATIONS':'i','write_key':'w','Sent At':'s'}", "c i w s" },
        { PINTAG_BODY_JSON, "{'batch':[],'Context':{'x':'b'},"
          "'context':{'x':'c'},'write_key':'v','writeKey':'w',"
          "'sent_at':'s','Sent-At':'t'}", "c - w s" },
        { PINTAG_BODY_JSON, "{'batch':[],'writeKey':'w','write_key':'v'}",
          "- - w -" },

        /* a context is an object */

        { PINTAG_BODY_JSON, "{'batch':[],'context':'c'}", "- - - -" },
        { PINTAG_BODY_JSON, "{'batch':[],'context':[{'x':'c'}]}", "- - - -" },
        { PINTAG_BODY_JSON, "{'batch':[],'context':null}", "- - - -" },

        /* only a batch has one */

        { PINTAG_BODY_JSON, "{'context':{'x':'c'},'writeKey':'w'}",
          "- - - -" },
        { PINTAG_BODY_JSON, "{'obj':{},'opts':{},'context':{'x':'c'},"
          "'writeKey':'w'}", "- - - -" },
        { PINTAG_BODY_JSON, "[{'context':{'x':'c'},'writeKey':'w'}]",
          "- - - -" },
        { PINTAG_BODY_LINES, "{'batch':[],'context':{'x':'c'}}", "- - - -" },
    };

    (void) state;

    for (i = 0; i < test_n(rows); i++) {
        fixture_init(&f);

        assert_int_equal(read_body(&f, rows[i].format, rows[i].body, 10),
                         PINTAG_OK);

        members[0] = member(f.body.envelope.context, "x");
        members[1] = f.body.envelope.integrations;
        members[2] = f.body.envelope.write_key;
        members[3] = f.body.envelope.sent_at;

        pintag_buf_init(&got, f.arena, 0);

        for (k = 0; k < test_n(members); k++) {

            if (k != 0) {
                pintag_buf_add_char(&got, ' ');
            }

            if (members[k] == NULL) {
                pintag_buf_add_char(&got, '-');

            } else {
                pintag_buf_add_str(&got, pintag_json_string(members[k]));
            }
        }

        assert_buf(&got, rows[i].envelope);

        if (members[0] == NULL) {
            assert_null(f.body.envelope.context);
        }

        fixture_free(&f);
    }
}


static void
a_text_may_hold_any_bytes(void **state)
{
    unsigned      c;
    fixture_t     f;
    char          text[] = "eyJ?bmVudCI6IkEifQ";
    pintag_str_t  none = pintag_str_null;

    (void) state;

    for (c = 0; c < 256; c++) {
        text[3] = (char) c;

        fixture_init(&f);
        (void) pintag_body_read(body_text(&f, test_lit(text)),
                                PINTAG_BODY_PIXEL, 10, f.arena, &f.body,
                                &f.error);
        fixture_free(&f);
    }

    fixture_init(&f);
    assert_int_equal(pintag_body_read(test_lit("{}\n\0\n{}"),
                                      PINTAG_BODY_LINES, 10, f.arena, &f.body,
                                      &f.error), PINTAG_OK);
    assert_events(&f, "{} ! {}");
    fixture_free(&f);

    for (c = 0; c < 3; c++) {
        fixture_init(&f);
        assert_int_equal(pintag_body_read(none, (pintag_body_format_e) c, 10,
                                          f.arena, &f.body, &f.error),
                         PINTAG_REJECTED);
        assert_string_equal(f.error.error, "empty_body");
        fixture_free(&f);
    }
}


static void
hostile_bodies_cost_what_their_length_costs(void **state)
{
    size_t     i;
    fixture_t  f;

    static const struct {
        pintag_body_format_e   format;
        const char            *before;
        const char            *part;
        size_t                 n;
        const char            *after;
        size_t                 max;
        const char            *error;     /* NULL: there is none */
        size_t                 events;
    } rows[] = {
        { PINTAG_BODY_JSON, "", "[", 100000, "", 10, "invalid_json", 0 },
        { PINTAG_BODY_JSON, "{'batch':", "[", 100000, "", 10,
          "invalid_json", 0 },
        { PINTAG_BODY_JSON, "", "{'obj':", 100000, "", 10, "invalid_json", 0 },
        { PINTAG_BODY_JSON, "[", "{},", 170000, "{}]", 200000, NULL, 170001 },
        { PINTAG_BODY_JSON, "[", "{},", 170000, "{}]", 1000,
          "too_many_events", 0 },
        { PINTAG_BODY_JSON, "{", "'batch':[],", 60000, "'batch':[1]}", 10,
          NULL, 1 },
        { PINTAG_BODY_JSON, "{'batch':[]", ",'context':{}", 60000, "}", 10,
          NULL, 0 },
        { PINTAG_BODY_JSON, "{'batch':[],'", "_", 500000, "':1}", 10,
          NULL, 0 },
        { PINTAG_BODY_JSON, "", "\n", 524288, "", 10, "empty_body", 0 },

        { PINTAG_BODY_LINES, "", "{}\n", 174762, "", 1000,
          "too_many_events", 0 },
        { PINTAG_BODY_LINES, "", "{}\n", 174762, "", 200000, NULL, 174762 },
        { PINTAG_BODY_LINES, "", "\n", 524288, "", 10, "empty_body", 0 },
        { PINTAG_BODY_LINES, "{}", "\n", 524288, "{}", 10, NULL, 2 },
        { PINTAG_BODY_LINES, "{}\n", " ", 524288, "", 10, NULL, 1 },
        { PINTAG_BODY_LINES, "", "x\n", 262144, "", 300000, NULL, 262144 },
        { PINTAG_BODY_LINES, "{}\n", "[", 100000, "\n{}", 10, NULL, 3 },

        { PINTAG_BODY_PIXEL, "", "=", 524288, "", 10, "invalid_body", 0 },
        { PINTAG_BODY_PIXEL, "", "%", 524288, "", 10, "invalid_body", 0 },
        { PINTAG_BODY_PIXEL, "", "W1tb", 100000, "", 10, "invalid_json", 0 },
    };

    (void) state;

    for (i = 0; i < test_n(rows); i++) {
        fixture_init(&f);

        if (rows[i].error == NULL) {
            assert_int_equal(read_repeated(&f, rows[i].format, rows[i].before,
                                           rows[i].part, rows[i].n,
                                           rows[i].after, rows[i].max),
                             PINTAG_OK);
            assert_int_equal(f.body.n, rows[i].events);

        } else {
            assert_int_equal(read_repeated(&f, rows[i].format, rows[i].before,
                                           rows[i].part, rows[i].n,
                                           rows[i].after, rows[i].max),
                             PINTAG_REJECTED);
            assert_string_equal(f.error.error, rows[i].error);
            assert_int_equal(f.body.ndocs, 0);
        }

        fixture_free(&f);
    }
}


static void
any_allocation_may_fail(void **state)
{
    size_t            i, room;
    fixture_t         f;
    pintag_verdict_e  rc;

    static const struct {
        pintag_body_format_e   format;
        const char            *body;
        const char            *events;
    } rows[] = {
        { PINTAG_BODY_JSON, "{'event':'A'}", "A" },
        { PINTAG_BODY_JSON, "{'batch':[{'event':'A'},{'event':'B'}]}", "A B" },
        { PINTAG_BODY_JSON, "[{'event':'A'},{'event':'B'}]", "A B" },
        { PINTAG_BODY_LINES, "{'event':'A'}\n\nx\n{'event':'B'}", "A ! B" },
        { PINTAG_BODY_PIXEL, "eyJldmVudCI6IkEifQ==", "A" },
    };

    (void) state;

    for (i = 0; i < test_n(rows); i++) {
        room = 0;

        do {
            fixture_init(&f);
            fixture_starve(&f, room);

            rc = read_body(&f, rows[i].format, rows[i].body, 10);

            if (rc == PINTAG_OK) {
                f.memory.fail_at = 0;
                assert_events(&f, rows[i].events);

            } else {
                assert_int_equal(rc, PINTAG_NO_MEMORY);
                assert_int_equal(f.body.ndocs, 0);
                assert_null(f.body.docs);
            }

            fixture_free(&f);

            room += 4;

        } while (rc != PINTAG_OK);

        assert_true(room > 2 * sizeof(pintag_json_t *));
    }
}


static void
values_are_counted_without_being_read(void **state)
{
    size_t     i;
    fixture_t  f;

    static const struct {
        const char  *text;
        size_t       n;
    } rows[] = {
        { "", 0 },
        { "{}", 1 },
        { "[[],[{}]]", 5 },
        { "{'a':1,'b':[2,3],'c':{'d':null}}", 6 },

        /* nothing of a string counts */

        { "['[,{','\\',']", 2 },
        { "{'[':',','\\',[':'{'}", 2 },

        /* one that is not closed ends with its line, and so does its escape */

        { "['\n[,[,\n'", 5 },
        { "['\\\n[,", 3 },
        { "['", 1 },
        { "['\\", 1 }
    };

    (void) state;

    for (i = 0; i < test_n(rows); i++) {
        fixture_init(&f);
        assert_int_equal(pintag_body_values(body_text(&f,
                                                      test_str(rows[i].text))),
                         rows[i].n);
        fixture_free(&f);
    }
}


static void
separators_are_counted(void **state)
{
    size_t         i, n;
    pintag_str_t   slice;
    unsigned char  text[64];

    static const struct {
        const char  *text;
        size_t       n;
    } rows[] = {
        { "", 0 },
        { "=&;?#", 5 },
        { "%3D%3d%26%3B%3b%3F%3f%23", 8 },
        { "%25", 1 },
        { "%2525", 1 },
        { "%%25%", 1 },
        { "%2%3%", 0 },
        { "%20%24%27%2B%2f%3A%3c%3E%40%5b%7d", 0 },
        { "%53D%226", 0 },
        { "https://a.b/c?d=e&f=%26#g", 6 },
        { "a,b[c]{d}:e\"f\\g+h%i/j@k!l", 0 }
    };

    (void) state;

    /* wherever it is in what is looked at at a time, and at its end */

    for (i = 0; i < test_n(rows); i++) {
        for (n = 0; n + strlen(rows[i].text) <= sizeof(text); n++) {

            memset(text, 'a', sizeof(text));
            memcpy(text + n, rows[i].text, strlen(rows[i].text));

            slice.data = text;
            slice.len = sizeof(text);

            assert_int_equal(pintag_body_separators(slice), rows[i].n);

            slice.len = n + strlen(rows[i].text);

            assert_int_equal(pintag_body_separators(slice), rows[i].n);
        }
    }
}


/* as it is told where most bodies are not gone through by strings */

static void
a_body_is_complex_from_one_more(void **state)
{
    size_t         n;
    pintag_buf_t   text;
    test_memory_t  memory;

    static const char *const  values[] = {
        "1,", "[],", "{},", "\"a,b\",", "\"=&a\",", "\"%25\",", "\"%20?%3f#\","
    };

    (void) state;

    pintag_buf_init(&text, test_memory_init(&memory), 0);
    pintag_buf_add_char(&text, '[');

    /* beyond what a byte counts */

    for (n = 0; n < 42000; n++) {
        pintag_buf_add_text(&text, values[n % test_n(values)]);
    }

    pintag_buf_add_text(&text, "1]");

    /* the array, each comma, an array and an object; two, one and three */

    assert_int_equal(pintag_body_values(test_buf_str(&text)),
                     1 + 42000 + 2 * 6000);
    assert_int_equal(pintag_body_separators(test_buf_str(&text)), 6 * 6000);

    n = 1 + 42000 + 8 * 6000;

    assert_true(pintag_body_complex(test_buf_str(&text), n - 1));
    assert_false(pintag_body_complex(test_buf_str(&text), n));
    assert_false(pintag_body_complex(test_buf_str(&text), text.len));

    test_memory_free(&memory);
}


int
main(void)
{
    static const struct CMUnitTest  tests[] = {
        cmocka_unit_test(bodies_are_taken_apart),
        cmocka_unit_test(unusable_bodies_say_what_is_wrong),
        cmocka_unit_test(lines_say_where_they_are_wrong),
        cmocka_unit_test(unusable_pixels_say_the_remedy),
        cmocka_unit_test(no_more_events_than_allowed),
        cmocka_unit_test(a_batch_has_an_envelope),
        cmocka_unit_test(a_text_may_hold_any_bytes),
        cmocka_unit_test(hostile_bodies_cost_what_their_length_costs),
        cmocka_unit_test(any_allocation_may_fail),
        cmocka_unit_test(values_are_counted_without_being_read),
        cmocka_unit_test(separators_are_counted),
        cmocka_unit_test(a_body_is_complex_from_one_more)
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
