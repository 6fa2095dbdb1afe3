
/*
 * Copyright (C) the ngx_http_pintag_module authors
 *
 * json.h on yyjson, 0.8 or later.  All memory is the arena's.
 *
 * yyjson reads more than json.h promises: a scalar at the top, any depth,
 * U+0000 in a key, and each of the members that have one key.  And it has
 * integers that int64 has not.
 */


#include <stdint.h>
#include <string.h>

#include <openssl/rand.h>
#include <yyjson.h>

#include "json.h"
#include "json_error.h"


const char  pintag_json_reader[] = "yyjson";


/* of more members the keys are hashed */
#define PINTAG_JSON_FEW  32


struct pintag_json_doc_s {
    yyjson_val  *root;
    unsigned     max_depth;
};


/* the keys of an object, each once, by number in the order of adding */

typedef struct {
    pintag_str_t    *keys;
    size_t           n;
    size_t           max;             /* that there is room for */
    uint32_t        *buckets;         /* a number + 1, 0 when it is free */
    size_t           mask;
} pintag_json_keys_t;


/* what is found in a document beside its values */

typedef struct {
    pintag_arena_t      *arena;
    pintag_json_keys_t   keys;        /* of one object after the other */
    unsigned             max_depth;
    unsigned             repeated;    /* an object has a key twice */
    unsigned             invalid;     /* too deep, or U+0000 in a key */
    unsigned             no_memory;
} pintag_json_check_t;


static void *pintag_json_malloc(void *arena, size_t size);
static void *pintag_json_realloc(void *arena, void *p, size_t old,
    size_t size);
static void pintag_json_release(void *arena, void *p);
static void pintag_json_check(pintag_json_check_t *check, yyjson_val *value,
    unsigned depth);
static inline void pintag_json_check_key(pintag_json_check_t *check,
    yyjson_val *key);
static inline void pintag_json_check_few(pintag_json_check_t *check,
    yyjson_val *first, yyjson_val *key, uint64_t seen[4]);
static void pintag_json_check_many(pintag_json_check_t *check,
    yyjson_val *object);
static yyjson_val *pintag_json_unique(yyjson_doc *doc, const yyjson_alc *alc,
    pintag_arena_t *arena);
static unsigned pintag_json_merge(yyjson_mut_val *value,
    pintag_arena_t *arena);
static unsigned pintag_json_keys_init(pintag_json_keys_t *keys, size_t n,
    pintag_arena_t *arena);
static size_t pintag_json_keys_add(pintag_json_keys_t *keys, const char *data,
    size_t len);
static uint64_t pintag_json_hash(const char *data, size_t len);
static uint64_t pintag_json_mix(uint64_t a, uint64_t b);


/* of this process, set when keys are hashed first */
static uint64_t  pintag_json_seed[3];


/* yyjson's functions take no const values, although these change nothing */
#define pintag_yyjson(value)  ((yyjson_val *) (value))


pintag_json_doc_t *
pintag_json_read(const unsigned char *data, size_t len, pintag_arena_t *arena,
    pintag_json_error_t *error)
{
    yyjson_alc            alc;
    yyjson_doc           *read;
    pintag_str_t          text;
    yyjson_read_err       failure;
    pintag_json_doc_t    *doc;
    pintag_json_check_t   check;

    memset(error, 0, sizeof(pintag_json_error_t));

    alc.malloc = pintag_json_malloc;
    alc.realloc = pintag_json_realloc;
    alc.free = pintag_json_release;
    alc.ctx = arena;

    text.data = data;
    text.len = len;

    doc = pintag_arena_alloc(arena, sizeof(pintag_json_doc_t));

    if (doc == NULL) {
        goto no_memory;
    }

    /* without a flag yyjson changes nothing of what it is given */

    read = yyjson_read_opts((char *) (uintptr_t) data, len, 0, &alc, &failure);

    if (read == NULL) {
        goto unreadable;
    }

    doc->root = yyjson_doc_get_root(read);

    if (!yyjson_is_ctn(doc->root)) {
        goto unreadable;
    }

    memset(&check, 0, sizeof(pintag_json_check_t));
    check.arena = arena;

    pintag_json_check(&check, doc->root, 1);

    if (check.no_memory) {
        goto no_memory;
    }

    if (check.invalid) {
        goto unreadable;
    }

    doc->max_depth = check.max_depth;

    if (check.repeated) {
        doc->root = pintag_json_unique(read, &alc, arena);

        if (doc->root == NULL) {
            goto no_memory;
        }
    }

    return doc;

unreadable:

    /* when nothing is wrong, memory was missing */

    if (pintag_json_explain(text, error)) {
        return NULL;
    }

no_memory:

    pintag_json_no_memory(error);

    return NULL;
}


void
pintag_json_free(pintag_json_doc_t *doc)
{
    (void) doc;
}


const pintag_json_t *
pintag_json_root(const pintag_json_doc_t *doc)
{
    return (const pintag_json_t *) doc->root;
}


unsigned
pintag_json_max_depth(const pintag_json_doc_t *doc)
{
    return doc->max_depth;
}


pintag_json_kind_e
pintag_json_kind(const pintag_json_t *value)
{
    /* by type and subtype; what is not here is PINTAG_JSON_NULL */

    static const unsigned char  kinds[] = {
        [YYJSON_TYPE_OBJ] = PINTAG_JSON_OBJECT,
        [YYJSON_TYPE_ARR] = PINTAG_JSON_ARRAY,
        [YYJSON_TYPE_STR | YYJSON_SUBTYPE_NONE] = PINTAG_JSON_STRING,
        [YYJSON_TYPE_STR | YYJSON_SUBTYPE_NOESC] = PINTAG_JSON_STRING,
        [YYJSON_TYPE_BOOL | YYJSON_SUBTYPE_TRUE] = PINTAG_JSON_TRUE,
        [YYJSON_TYPE_BOOL | YYJSON_SUBTYPE_FALSE] = PINTAG_JSON_FALSE,
        [YYJSON_TYPE_NUM | YYJSON_SUBTYPE_UINT] = PINTAG_JSON_INTEGER,
        [YYJSON_TYPE_NUM | YYJSON_SUBTYPE_SINT] = PINTAG_JSON_INTEGER,
        [YYJSON_TYPE_NUM | YYJSON_SUBTYPE_REAL] = PINTAG_JSON_REAL,
        [YYJSON_TYPE_MASK | YYJSON_SUBTYPE_MASK] = PINTAG_JSON_NULL
    };

    if (value == NULL) {
        return PINTAG_JSON_NULL;
    }

    return kinds[unsafe_yyjson_get_tag(pintag_yyjson(value))
                 & (YYJSON_TYPE_MASK | YYJSON_SUBTYPE_MASK)];
}


size_t
pintag_json_size(const pintag_json_t *value)
{
    return yyjson_is_ctn(pintag_yyjson(value))
           ? yyjson_get_len(pintag_yyjson(value)) : 0;
}


pintag_str_t
pintag_json_string(const pintag_json_t *value)
{
    pintag_str_t  s;

    s.data = (const unsigned char *) yyjson_get_str(pintag_yyjson(value));
    s.len = yyjson_get_len(pintag_yyjson(value));

    return s;
}


int64_t
pintag_json_integer(const pintag_json_t *value)
{
    return yyjson_get_sint(pintag_yyjson(value));
}


double
pintag_json_real(const pintag_json_t *value)
{
    return yyjson_get_real(pintag_yyjson(value));
}


/*
 * "cursor" is the key or element that comes next, "container" is set when it
 * is an object.
 */

void
pintag_json_each(const pintag_json_t *value, pintag_json_iter_t *it)
{
    it->key.data = NULL;
    it->key.len = 0;
    it->index = (size_t) -1;
    it->value = NULL;
    it->left = pintag_json_size(value);

    if (it->left != 0) {
        it->container = yyjson_is_obj(pintag_yyjson(value)) ? value : NULL;
        it->cursor = unsafe_yyjson_get_first(pintag_yyjson(value));
    }
}


unsigned
pintag_json_next(pintag_json_iter_t *it)
{
    yyjson_val  *value;

    if (it->left == 0) {
        return 0;
    }

    value = it->cursor;

    if (it->container != NULL) {
        it->key.data = (const unsigned char *) unsafe_yyjson_get_str(value);
        it->key.len = unsafe_yyjson_get_len(value);
        value++;
    }

    it->value = (const pintag_json_t *) value;
    it->index++;
    it->left--;

    /* behind the last it is no value, and not looked at */

    it->cursor = unsafe_yyjson_get_next(value);

    return 1;
}


static void *
pintag_json_malloc(void *arena, size_t size)
{
    return pintag_arena_alloc(arena, size);
}


static void *
pintag_json_realloc(void *arena, void *p, size_t old, size_t size)
{
    void  *new;

    if (size <= old) {
        return p;
    }

    new = pintag_arena_alloc(arena, size);

    if (new != NULL) {
        memcpy(new, p, old);
    }

    return new;
}


static void
pintag_json_release(void *arena, void *p)
{
    (void) arena;
    (void) p;
}


static void
pintag_json_check(pintag_json_check_t *check, yyjson_val *value,
    unsigned depth)
{
    size_t       n;
    uint64_t     seen[4];
    unsigned     object, few;
    yyjson_val  *first;

    n = unsafe_yyjson_get_len(value);

    if (n && depth == PINTAG_JSON_MAX_DEPTH) {
        check->invalid = 1;
        return;
    }

    if (depth > check->max_depth) {
        check->max_depth = depth;
    }

    object = unsafe_yyjson_is_obj(value);
    few = object && n <= PINTAG_JSON_FEW;

    if (object) {

        if (!few) {
            pintag_json_check_many(check, value);
        }

        seen[0] = seen[1] = seen[2] = seen[3] = 0;
    }

    first = unsafe_yyjson_get_first(value);

    for (value = first; n; n--) {

        if (object) {
            pintag_json_check_key(check, value);

            if (few) {
                pintag_json_check_few(check, first, value, seen);
            }

            value++;
        }

        if (unsafe_yyjson_is_ctn(value)) {
            pintag_json_check(check, value, depth + 1);

            if (check->invalid || check->no_memory) {
                return;
            }

        } else if (unsafe_yyjson_is_uint(value)
                   && unsafe_yyjson_get_uint(value) > INT64_MAX)
        {
            (void) yyjson_set_real(value,
                                   (double) unsafe_yyjson_get_uint(value));
        }

        value = unsafe_yyjson_get_next(value);
    }
}


/* only an escape makes a NUL */

static inline void
pintag_json_check_key(pintag_json_check_t *check, yyjson_val *key)
{
    if (yyjson_get_subtype(key) != YYJSON_SUBTYPE_NOESC
        && memchr(unsafe_yyjson_get_str(key), '\0',
                  unsafe_yyjson_get_len(key))
           != NULL)
    {
        check->invalid = 1;
    }
}


/*
 * Each key sets a bit of "seen" for what it looks like, and few objects set one
 * twice: only then are its keys compared.
 */

static inline void
pintag_json_check_few(pintag_json_check_t *check, yyjson_val *first,
    yyjson_val *key, uint64_t seen[4])
{
    size_t       len;
    uint64_t     bit;
    unsigned     look;
    const char  *data;

    data = unsafe_yyjson_get_str(key);
    len = unsafe_yyjson_get_len(key);

    /* the key ends with a NUL */

    look = (unsigned) len * 7 + (unsigned char) data[0]
           + (unsigned char) data[len / 2] * 5
           + (unsigned char) data[len ? len - 1 : 0] * 3;

    look %= 256;
    bit = (uint64_t) 1 << look % 64;

    if ((seen[look / 64] & bit) == 0) {
        seen[look / 64] |= bit;
        return;
    }

    for ( /* void */ ; first != key; first = unsafe_yyjson_get_next(first + 1))
    {
        if (unsafe_yyjson_get_len(first) == len
            && memcmp(unsafe_yyjson_get_str(first), data, len) == 0)
        {
            check->repeated = 1;
            return;
        }
    }
}


static void
pintag_json_check_many(pintag_json_check_t *check, yyjson_val *object)
{
    size_t       i, n;
    yyjson_val  *key;

    if (check->repeated) {
        return;
    }

    n = unsafe_yyjson_get_len(object);

    if (!pintag_json_keys_init(&check->keys, n, check->arena)) {
        check->no_memory = 1;
        return;
    }

    key = unsafe_yyjson_get_first(object);

    for (i = 0; i < n; i++) {

        if (pintag_json_keys_add(&check->keys, unsafe_yyjson_get_str(key),
                                 unsafe_yyjson_get_len(key))
            != i)
        {
            check->repeated = 1;
            return;
        }

        key = unsafe_yyjson_get_next(key + 1);
    }
}


/* the root of a copy in which each key is in its object once */

static yyjson_val *
pintag_json_unique(yyjson_doc *doc, const yyjson_alc *alc,
    pintag_arena_t *arena)
{
    yyjson_doc      *copy;
    yyjson_mut_doc  *changed;

    changed = yyjson_doc_mut_copy(doc, alc);

    if (changed == NULL
        || !pintag_json_merge(yyjson_mut_doc_get_root(changed), arena))
    {
        return NULL;
    }

    copy = yyjson_mut_doc_imut_copy(changed, alc);

    return copy ? yyjson_doc_get_root(copy) : NULL;
}


/* 1, or 0 without memory */

static unsigned
pintag_json_merge(yyjson_mut_val *value, pintag_arena_t *arena)
{
    size_t                i, n, k;
    yyjson_mut_val       *key, *child, **names, **values;
    pintag_json_keys_t    keys;
    yyjson_mut_arr_iter   elements;
    yyjson_mut_obj_iter   members;

    if (yyjson_mut_is_arr(value)) {

        yyjson_mut_arr_iter_init(value, &elements);

        while ((child = yyjson_mut_arr_iter_next(&elements)) != NULL) {
            if (!pintag_json_merge(child, arena)) {
                return 0;
            }
        }

        return 1;
    }

    n = yyjson_mut_obj_size(value);

    if (n == 0) {
        return 1;
    }

    memset(&keys, 0, sizeof(pintag_json_keys_t));

    names = pintag_arena_alloc(arena, 2 * n * sizeof(yyjson_mut_val *));

    if (names == NULL || !pintag_json_keys_init(&keys, n, arena)) {
        return 0;
    }

    values = names + n;

    yyjson_mut_obj_iter_init(value, &members);

    while ((key = yyjson_mut_obj_iter_next(&members)) != NULL) {

        k = keys.n;
        i = pintag_json_keys_add(&keys, yyjson_mut_get_str(key),
                                 yyjson_mut_get_len(key));
        if (i == k) {
            names[i] = key;
        }

        values[i] = yyjson_mut_obj_iter_get_val(key);
    }

    (void) yyjson_mut_obj_clear(value);

    for (i = 0; i < keys.n; i++) {

        if (!pintag_json_merge(values[i], arena)) {
            return 0;
        }

        (void) yyjson_mut_obj_add(value, names[i], values[i]);
    }

    return 1;
}


/*
 * For "n" keys, none so far, in the memory of those before when there is room.
 * 1, or 0 without memory.
 */

static unsigned
pintag_json_keys_init(pintag_json_keys_t *keys, size_t n,
    pintag_arena_t *arena)
{
    size_t  size;

    for (size = 4; size < 2 * n; size *= 2) { /* void */ }

    keys->n = 0;
    keys->mask = size - 1;

    if (n <= keys->max) {
        memset(keys->buckets, 0, size * sizeof(uint32_t));
        return 1;
    }

    if (n >= UINT32_MAX) {
        return 0;
    }

    if (pintag_json_seed[2] == 0) {

        if (RAND_bytes((unsigned char *) pintag_json_seed,
                       sizeof(pintag_json_seed))
            != 1)
        {
            return 0;
        }

        pintag_json_seed[2] |= 1;
    }

    keys->max = 0;
    keys->keys = pintag_arena_alloc(arena, size / 2 * sizeof(pintag_str_t));
    keys->buckets = pintag_arena_zalloc(arena, size * sizeof(uint32_t));

    if (keys->keys == NULL || keys->buckets == NULL) {
        return 0;
    }

    keys->max = size / 2;

    return 1;
}


/* the number of the key, which is "n" when it is new */

static size_t
pintag_json_keys_add(pintag_json_keys_t *keys, const char *data, size_t len)
{
    size_t        bucket;
    pintag_str_t  key;

    key.data = (const unsigned char *) data;
    key.len = len;

    bucket = pintag_json_hash(data, len) & keys->mask;

    while (keys->buckets[bucket] != 0) {

        if (pintag_str_eq(keys->keys[keys->buckets[bucket] - 1], key)) {
            return keys->buckets[bucket] - 1;
        }

        bucket = (bucket + 1) & keys->mask;
    }

    keys->keys[keys->n] = key;
    keys->buckets[bucket] = (uint32_t) ++keys->n;

    return keys->n - 1;
}


/*
 * Nobody who does not know the seed can make keys of one hash, which would
 * take time that is the square of their number.
 */

static uint64_t
pintag_json_hash(const char *data, size_t len)
{
    uint32_t  first, last;
    uint64_t  hash, word;

    hash = pintag_json_seed[0] ^ len;

    while (len > sizeof(word)) {
        memcpy(&word, data, sizeof(word));
        hash = pintag_json_mix(hash ^ word, pintag_json_seed[1]);

        data += sizeof(word);
        len -= sizeof(word);
    }

    /* what is left has a word of its own for each length */

    if (len >= sizeof(first)) {
        memcpy(&first, data, sizeof(first));
        memcpy(&last, data + len - sizeof(last), sizeof(last));
        word = (uint64_t) first << 32 | last;

    } else {
        word = len ? (uint64_t) (unsigned char) data[0] << 16
                     | (uint64_t) (unsigned char) data[len / 2] << 8
                     | (unsigned char) data[len - 1]
                   : 0;
    }

    return pintag_json_mix(hash ^ word, pintag_json_seed[2]);
}


/* the halves of the product of 128 bits, folded */

static uint64_t
pintag_json_mix(uint64_t a, uint64_t b)
{
    uint64_t  low, high, cross, other;

    low = (a & UINT32_MAX) * (b & UINT32_MAX);
    cross = (a >> 32) * (b & UINT32_MAX) + (low >> 32);
    other = (a & UINT32_MAX) * (b >> 32) + (cross & UINT32_MAX);
    high = (a >> 32) * (b >> 32) + (cross >> 32) + (other >> 32);

    return (a * b) ^ high;
}
