
/*
 * Copyright (C) the ngx_http_pintag_module authors
 */


#include <string.h>

#include <openssl/crypto.h>
#include <openssl/evp.h>

#include "digest.h"


pintag_str_t
pintag_digest(pintag_digest_t *digest, pintag_str_t text,
    pintag_arena_t *arena)
{
    size_t          i;
    const EVP_MD   *type;
    pintag_str_t    hash, none = pintag_str_null;
    unsigned char  *dst, binary[PINTAG_DIGEST_HEX / 2];

    static const unsigned char  hex[] = "0123456789abcdef";

    dst = pintag_arena_bytes(arena, PINTAG_DIGEST_HEX);
    if (dst == NULL) {
        return none;
    }

    hash.data = dst;
    hash.len = PINTAG_DIGEST_HEX;

    for (i = 0; i < 2 && text.len != 0; i++) {

        if (digest->last[i].len == text.len
            && memcmp(digest->last[i].text, text.data, text.len) == 0)
        {
            memcpy(dst, digest->last[i].hash, PINTAG_DIGEST_HEX);
            digest->older = !i;

            return hash;
        }
    }

    type = NULL;

    if (digest->md == NULL) {

        digest->md = EVP_MD_CTX_new();
        if (digest->md == NULL) {
            return none;
        }

        type = EVP_sha256();
    }

    if (!EVP_DigestInit_ex(digest->md, type, NULL)
        || !EVP_DigestUpdate(digest->md, text.data, text.len)
        || !EVP_DigestFinal_ex(digest->md, binary, NULL))
    {
        /* the next text begins anew */

        pintag_digest_free(digest);

        return none;
    }

    for (i = 0; i < sizeof(binary); i++) {
        dst[2 * i] = hex[binary[i] >> 4];
        dst[2 * i + 1] = hex[binary[i] & 0xf];
    }

    if (text.len != 0 && text.len <= sizeof(digest->last[0].text)) {
        i = digest->older;

        digest->last[i].len = text.len;
        memcpy(digest->last[i].text, text.data, text.len);
        memcpy(digest->last[i].hash, dst, PINTAG_DIGEST_HEX);

        digest->older = !i;
    }

    return hash;
}


void
pintag_digest_forget(pintag_digest_t *digest)
{
    size_t  i;

    for (i = 0; i < 2; i++) {
        OPENSSL_cleanse(digest->last[i].text, digest->last[i].len);
        digest->last[i].len = 0;
    }
}


void
pintag_digest_free(pintag_digest_t *digest)
{
    pintag_digest_forget(digest);

    EVP_MD_CTX_free(digest->md);
    digest->md = NULL;
}
