/* SPDX-License-Identifier: Apache-2.0 */
#include "http/jwks.h"

#include <jansson.h>
#include <openssl/err.h>
#include <stdio.h>
#include <string.h>

#include "base/alloc.h"

#define RSA_BITS_MIN 2048

struct http_jwks {
    json_t *document; /* owns the kids */
    size_t len;
    struct http_jwk keys[HTTP_JWKS_MAX];
};

/* The kinds of key that we take, and the members that make one: no private
 * ones, and nothing that cjose would follow elsewhere. */
static const struct kind {
    const char *kty, *alg;
    const char *members[4];
} kinds[] = {
    {"RSA", "RS256", {"kty", "n", "e", NULL}},
    {"EC", "ES256", {"kty", "crv", "x", "y"}},
};

static const char *text_of(const json_t *object, const char *name)
{
    return json_string_value(json_object_get(object, name));
}

/* An absent member allows all. */
static bool allows(const json_t *jwk, const char *name, const char *value)
{
    const char *text = text_of(jwk, name);

    return json_object_get(jwk, name) == NULL ||
           (text != NULL && strcmp(text, value) == 0);
}

/* NULL for a key that is none of ours: not a fault. */
static const struct kind *kind_of(const json_t *jwk)
{
    const char *kty = text_of(jwk, "kty");

    for (size_t i = 0; kty != NULL && i < sizeof(kinds) / sizeof(kinds[0]); i++)
        if (strcmp(kinds[i].kty, kty) == 0)
            return text_of(jwk, "kid") != NULL && allows(jwk, "use", "sig") &&
                           allows(jwk, "alg", kinds[i].alg) &&
                           (strcmp(kty, "EC") != 0 ||
                               allows(jwk, "crv", "P-256"))
                       ? &kinds[i]
                       : NULL;
    return NULL;
}

static cjose_jwk_t *import(const json_t *jwk, const struct kind *kind)
{
    json_t *bare = json_object();
    cjose_jwk_t *key = NULL;
    cjose_err err;
    bool whole = bare != NULL;

    for (size_t i = 0; i < 4 && whole && kind->members[i] != NULL; i++) {
        const char *name = kind->members[i];
        json_t *member = json_object_get(jwk, name);

        whole =
            json_is_string(member) && json_object_set(bare, name, member) == 0;
    }
    if (whole)
        key = cjose_jwk_import_json(bare, &err);
    ERR_clear_error(); /* or the next TLS connection would find it */
    json_decref(bare);
    return key;
}

static enum mu_err add_key(struct http_jwks *keys, const json_t *jwk)
{
    const struct kind *kind = kind_of(jwk);
    struct http_jwk *at;
    cjose_err err;

    if (kind == NULL)
        return MU_OK;
    if (http_jwks_find(keys, span_str(text_of(jwk, "kid"))) != NULL)
        return MU_E_MALFORMED;
    if (keys->len == HTTP_JWKS_MAX)
        return MU_E_NO_SPACE;
    at = &keys->keys[keys->len];
    at->key = import(jwk, kind);
    if (at->key == NULL)
        return MU_E_MALFORMED;
    at->kid = text_of(jwk, "kid");
    at->alg = kind->alg;
    keys->len++;
    if (cjose_jwk_get_kty(at->key, &err) == CJOSE_JWK_KTY_RSA &&
        cjose_jwk_get_keysize(at->key, &err) < RSA_BITS_MIN) {
        (void)cjose_jwk_release(at->key);
        keys->len--;
    }
    return MU_OK;
}

static enum mu_err read_keys(struct http_jwks *keys, struct span document)
{
    const json_t *list;
    size_t count;

    keys->document = json_loadb(
        (const char *)document.p, document.len, JSON_REJECT_DUPLICATES, NULL);
    list = json_object_get(keys->document, "keys");
    if (!json_is_array(list))
        return MU_E_MALFORMED;
    count = json_array_size(list);
    for (size_t i = 0; i < count; i++)
        TRY(add_key(keys, json_array_get(list, i)));
    return keys->len > 0 ? MU_OK : MU_E_NOT_FOUND;
}

enum mu_err http_jwks_read(struct span document, struct http_jwks **out)
{
    MU_CLEANUP(http_jwks_drop) struct http_jwks *keys = NULL;

    if (document.len > HTTP_JWKS_DOC_MAX)
        return MU_E_NO_SPACE;
    keys = mu_alloc(sizeof(*keys));
    if (keys == NULL)
        return MU_E_NO_MEMORY;
    TRY(read_keys(keys, document));
    *out = keys;
    keys = NULL;
    return MU_OK;
}

static void bytes_free(uint8_t **bytes)
{
    mu_free(*bytes);
}

/* Up to one octet more than is allowed, so that a longer file is found out. */
static enum mu_err read_file(const char *file, uint8_t *out, size_t *len)
{
    FILE *f = fopen(file, "rbe");
    enum mu_err err;

    if (f == NULL)
        return MU_E_IO;
    *len = fread(out, 1, HTTP_JWKS_DOC_MAX + 1, f);
    err = ferror(f) == 0 ? MU_OK : MU_E_IO;
    (void)fclose(f);
    return err;
}

enum mu_err http_jwks_load(const char *file, struct http_jwks **out)
{
    MU_CLEANUP(bytes_free) uint8_t *text = mu_alloc(HTTP_JWKS_DOC_MAX + 1);
    size_t len = 0;

    if (text == NULL)
        return MU_E_NO_MEMORY;
    TRY(read_file(file, text, &len));
    return http_jwks_read((struct span){text, len}, out);
}

void http_jwks_free(struct http_jwks *keys)
{
    if (keys == NULL)
        return;
    for (size_t i = 0; i < keys->len; i++)
        (void)cjose_jwk_release(keys->keys[i].key);
    json_decref(keys->document);
    mu_free(keys);
}

void http_jwks_drop(struct http_jwks **keys)
{
    http_jwks_free(*keys);
}

const struct http_jwk *http_jwks_find(
    const struct http_jwks *keys, struct span kid)
{
    for (size_t i = 0; i < keys->len; i++)
        if (span_eq(span_str(keys->keys[i].kid), kid))
            return &keys->keys[i];
    return NULL;
}

size_t http_jwks_count(const struct http_jwks *keys)
{
    return keys->len;
}
