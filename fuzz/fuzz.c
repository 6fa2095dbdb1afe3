
/*
 * Copyright (C) the ngx_http_pintag_module authors
 */


#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <jansson.h>
#include <openssl/rand.h>

#include "fuzz.h"
#include "pii.h"
#include "utf8.h"


static void *fuzz_alloc(void *data, size_t size);


/*
 * What is seeded by chance would make another run of the same input: this
 * stands in for libcrypto's.
 */

int
RAND_bytes(unsigned char *buf, int num)
{
    memset(buf, 0x5a, (size_t) num);

    return 1;
}


/* and so is jansson's, in the programs that read with it */

__attribute__((constructor))
static void
fuzz_seed(void)
{
    json_object_seed(1);
}


void
fuzz_fail(const char *what, const char *file, int line)
{
    fprintf(stderr, "%s:%d: not so: %s\n", file, line, what);
    abort();
}


pintag_arena_t *
fuzz_memory_init(fuzz_memory_t *memory, size_t *left)
{
    memset(memory, 0, sizeof(fuzz_memory_t));

    memory->left = left;
    pintag_arena_init(&memory->arena, fuzz_alloc, memory);

    return &memory->arena;
}


void
fuzz_memory_free(fuzz_memory_t *memory)
{
    while (memory->n != 0) {
        free(memory->blocks[--memory->n]);
    }

    free(memory->blocks);

    memory->blocks = NULL;
    memory->size = 0;
}


static void *
fuzz_alloc(void *data, size_t size)
{
    fuzz_memory_t *memory = data;

    void  *block;

    if (memory->left != NULL) {
        if (*memory->left == 0) {
            return NULL;
        }

        (*memory->left)--;
    }

    if (memory->n == memory->size) {
        memory->size = memory->size ? memory->size * 2 : 64;
        memory->blocks = realloc(memory->blocks,
                                 memory->size * sizeof(void *));
        fuzz_check(memory->blocks != NULL);
    }

    block = malloc(size ? size : 1);
    fuzz_check(block != NULL);

    /* what is not zeroed must not be taken for zero */
    memset(block, 0xa5, size);

    memory->blocks[memory->n++] = block;

    return block;
}


unsigned
fuzz_byte(fuzz_input_t *input)
{
    if (input->len == 0) {
        return 0;
    }

    input->len--;

    return *input->data++;
}


pintag_str_t
fuzz_text(fuzz_input_t *input)
{
    pintag_str_t    text;
    const uint8_t  *end;

    text.data = input->data;
    text.len = input->len;

    end = input->len ? memchr(input->data, 0xff, input->len) : NULL;

    if (end == NULL) {
        input->data += input->len;
        input->len = 0;

    } else {
        text.len = (size_t) (end - input->data);
        input->data += text.len + 1;
        input->len -= text.len + 1;
    }

    return text;
}


pintag_str_t
fuzz_rest(const fuzz_input_t *input)
{
    pintag_str_t  text;

    text.data = input->data;
    text.len = input->len;

    return text;
}


void
fuzz_check_shown(pintag_str_t text)
{
    size_t                n;
    uint32_t              code;
    const unsigned char  *p, *end;

    p = text.data;
    end = text.len ? p + text.len : p;

    for ( /* void */ ; p != end; p += n) {
        n = pintag_utf8_decode(p, end, &code);

        fuzz_check(n != 0);
        fuzz_check(code >= 0x20 && code != 0x7f);
    }
}


unsigned
fuzz_email(pintag_str_t text)
{
    int            rc;
    fuzz_memory_t  memory;

    rc = pintag_pii_email(text, fuzz_memory_init(&memory, NULL));
    fuzz_memory_free(&memory);

    fuzz_check(rc != -1);

    return rc == 1;
}
