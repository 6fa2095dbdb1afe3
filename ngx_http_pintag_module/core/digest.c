
/*
 * Copyright (C) the ngx_http_pintag_module authors
 */


#include <openssl/evp.h>

#include "digest.h"


pintag_str_t
pintag_digest(pintag_digest_t *digest, pintag_str_t text,
    pintag_arena_t *arena)
{
    size_t          i;
    const EVP_MD   *type;
    pintag_str_t    hash = pintag_str_null;
    unsigned char  *dst, binary[PINTAG_DIGEST_HEX / 2];

    static const unsigned char  hex[] = "0123456789abcdef";

    dst = pintag_arena_bytes(arena, PINTAG_DIGEST_HEX);
    if (dst == NULL) {
        return hash;
    }

    type = NULL;

    if (digest->md == NULL) {

        digest->md = EVP_MD_CTX_new();
        if (digest->md == NULL) {
            return hash;
        }

        type = EVP_sha256();
    }

    if (!EVP_DigestInit_ex(digest->md, type, NULL)
        || !EVP_DigestUpdate(digest->md, text.data, text.len)
        || !EVP_DigestFinal_ex(digest->md, binary, NULL))
    {
        /* the next text begins anew */

        pintag_digest_free(digest);

        return hash;
    }

    hash.data = dst;
    hash.len = PINTAG_DIGEST_HEX;

    for (i = 0; i < sizeof(binary); i++) {
        dst[2 * i] = hex[binary[i] >> 4];
        dst[2 * i + 1] = hex[binary[i] & 0xf];
    }

    return hash;
}


void
pintag_digest_free(pintag_digest_t *digest)
{
    EVP_MD_CTX_free(digest->md);
    digest->md = NULL;
}
