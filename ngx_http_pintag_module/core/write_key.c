
/*
 * Copyright (C) the ngx_http_pintag_module authors
 */


#include <openssl/crypto.h>

#include "member.h"
#include "write_key.h"


unsigned
pintag_write_key_allowed(const pintag_json_t *own,
    const pintag_client_t *client, const pintag_list_t *keys)
{
    pintag_str_t   key;
    unsigned char  digits[PINTAG_NUMBER_LEN];

    if (!pintag_member_scalar(own, digits, &key) || pintag_member_blank(key)) {
        key = client->write_key;
    }

    return pintag_write_key_listed(key, keys);
}


unsigned
pintag_write_key_listed(pintag_str_t key, const pintag_list_t *keys)
{
    size_t    i;
    unsigned  listed;

    listed = 0;

    for (i = 0; i < keys->n; i++) {
        if (key.len != 0 && key.len == keys->elts[i].len) {
            listed |= CRYPTO_memcmp(key.data, keys->elts[i].data, key.len)
                      == 0;
        }
    }

    return listed;
}
