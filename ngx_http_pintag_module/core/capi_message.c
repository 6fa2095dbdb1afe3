
/*
 * Copyright (C) the ngx_http_pintag_module authors
 */


#include <string.h>

#include "capi_message.h"
#include "pii.h"
#include "utf8.h"


/* an MD5 in hex is the shortest of what is hidden */
#define PINTAG_CAPI_RUN  32

/* bytes of a text that are looked at, whatever its length */
#define PINTAG_CAPI_LOOK  (8 * PINTAG_CAPI_MESSAGE)


static const pintag_str_t  pintag_capi_mask = pintag_str("***");


static unsigned pintag_capi_hide(pintag_str_t text,
    const pintag_capi_secrets_t *secrets, pintag_arena_t *arena,
    pintag_buf_t *hidden);
static size_t pintag_capi_word(const unsigned char *p,
    const unsigned char *end);
static size_t pintag_capi_run(const unsigned char *p,
    const unsigned char *end);
static unsigned pintag_capi_control(uint32_t code);


int
pintag_capi_message(pintag_str_t text, pintag_capi_secrets_t *secrets,
    pintag_arena_t *arena, pintag_str_t *message)
{
    size_t                n, run;
    uint32_t              code;
    pintag_str_t          piece;
    pintag_buf_t          hidden;
    unsigned char        *dst;
    const unsigned char  *p, *end;

    static const pintag_str_t  space = pintag_str(" ");

    pintag_buf_init(&hidden, arena, text.len);

    dst = pintag_arena_bytes(arena, PINTAG_CAPI_MESSAGE);

    if (dst == NULL || !pintag_capi_secrets_read(secrets, arena)
        || !pintag_capi_hide(text, secrets, arena, &hidden))
    {
        return -1;
    }

    message->data = dst;
    message->len = 0;

    p = hidden.data;
    end = (hidden.len != 0) ? p + hidden.len : p;

    run = 0;

    for ( /* void */ ; p != end; p += n) {

        if (run == 0) {
            run = pintag_capi_run(p, end);
        }

        piece.data = p;
        piece.len = 1;
        n = 1;

        if (run >= PINTAG_CAPI_RUN) {
            piece = pintag_capi_mask;
            n = run;
            run = 0;

        } else if (run != 0) {
            run--;

        } else {
            n = pintag_utf8_decode(p, end, &code);

            if (n == 0) {
                n = 1;
                piece = space;

            } else if (pintag_capi_control(code)) {
                piece = space;

            } else {
                piece.len = n;
            }
        }

        if (piece.len > PINTAG_CAPI_MESSAGE - message->len) {
            break;
        }

        memcpy(dst + message->len, piece.data, piece.len);
        message->len += piece.len;
    }

    *message = pintag_str_trim(*message);

    return message->len != 0;
}


/* without secrets and addresses; 1, or 0 without memory */

static unsigned
pintag_capi_hide(pintag_str_t text, const pintag_capi_secrets_t *secrets,
    pintag_arena_t *arena, pintag_buf_t *hidden)
{
    int                   rc;
    size_t                len;
    unsigned              begins;
    pintag_str_t          word;
    const unsigned char  *p, *end;

    p = text.data;
    end = (text.len != 0) ? p + text.len : p;

    begins = 1;

    while (p != end && hidden->len < PINTAG_CAPI_LOOK) {

        len = pintag_capi_secret(secrets, p, end);

        if (len != 0) {
            pintag_buf_add_str(hidden, pintag_capi_mask);

            p += len;
            begins = 1;
            continue;
        }

        word.data = p;
        word.len = begins ? pintag_capi_word(p, end) : 0;

        if (word.len != 0) {
            rc = pintag_pii_email(word, arena);

            if (rc == -1) {
                return 0;
            }

            if (rc == 1) {
                pintag_buf_add_str(hidden, pintag_capi_mask);

                p += word.len;
                continue;
            }
        }

        pintag_buf_add_char(hidden, *p);

        begins = pintag_capi_word(p, p + 1) == 0;
        p++;
    }

    if (p != end && !hidden->failed) {

        /* what is cut off may be half a hash */

        while (hidden->len != 0
               && pintag_capi_run(hidden->data + hidden->len - 1,
                                  hidden->data + hidden->len) != 0)
        {
            hidden->len--;
        }

        pintag_buf_add_str(hidden, pintag_capi_mask);
    }

    return !hidden->failed;
}


/* the length of what may be an address with whatever stands close to it */

static size_t
pintag_capi_word(const unsigned char *p, const unsigned char *end)
{
    const unsigned char  *start;

    static const unsigned char  separators[] = "\"`<>()[]{},;:|=&?/\\";

    for (start = p; p != end; p++) {
        if (*p <= ' ' || *p == 0x7f
            || memchr(separators, *p, sizeof(separators) - 1))
        {
            break;
        }
    }

    return (size_t) (p - start);
}


/* the length of what may be a hash or a token, in hex or base64 */

static size_t
pintag_capi_run(const unsigned char *p, const unsigned char *end)
{
    const unsigned char  *start;

    for (start = p; p != end; p++) {
        if (!(*p >= '0' && *p <= '9')
            && !((*p | 0x20) >= 'a' && (*p | 0x20) <= 'z')
            && *p != '+' && *p != '/' && *p != '=' && *p != '_' && *p != '-')
        {
            break;
        }
    }

    return (size_t) (p - start);
}


/* what would end a line or move a terminal's cursor */

static unsigned
pintag_capi_control(uint32_t code)
{
    return code < 0x20 || (code >= 0x7f && code <= 0x9f) || code == 0x2028
           || code == 0x2029;
}
