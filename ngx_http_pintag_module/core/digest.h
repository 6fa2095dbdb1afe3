
/*
 * Copyright (C) the ngx_http_pintag_module authors
 *
 * SHA-256 of texts, one after the other (OpenSSL's EVP).
 */


#ifndef PINTAG_DIGEST_H
#define PINTAG_DIGEST_H


#include "arena.h"
#include "text.h"


#define PINTAG_DIGEST_HEX  64


/*
 * Zeroed before its first use.  What it then keeps spares every text but the
 * first OpenSSL's look-up of the algorithm, which takes several times as long
 * as hashing.
 */

typedef struct {
    void              *md;

    /* the last two texts, of which one often comes again: a visitor's id */
    unsigned           older;
    struct {
        size_t         len;                          /* 0: none */
        unsigned char  text[PINTAG_DIGEST_HEX];
        unsigned char  hash[PINTAG_DIGEST_HEX];
    } last[2];
} pintag_digest_t;


/* 64 lower-case hex digits in the arena; NULL data: no memory */
pintag_str_t pintag_digest(pintag_digest_t *digest, pintag_str_t text,
    pintag_arena_t *arena);

/* forgets the last texts, which may be addresses */
void pintag_digest_forget(pintag_digest_t *digest);

void pintag_digest_free(pintag_digest_t *digest);


#endif /* PINTAG_DIGEST_H */
