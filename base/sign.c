/* SPDX-License-Identifier: Apache-2.0 */
#include "base/sign.h"

#include <assert.h>
#include <openssl/evp.h>
#include <string.h>

#define DIGEST_LEN 64

/* What Ed25519 signs; the layout stands in the header. */
struct preimage {
    uint8_t b[1 + MU_SIGN_LABEL_MAX + DIGEST_LEN];
    size_t len;
};

static void pkey_free(EVP_PKEY **p)
{
    EVP_PKEY_free(*p);
}

static void md_ctx_free(EVP_MD_CTX **p)
{
    EVP_MD_CTX_free(*p);
}

static enum mu_err make_preimage(
    const char *label, struct span message, struct preimage *out)
{
    size_t label_len = strlen(label);

    assert(label_len >= 1 && label_len <= MU_SIGN_LABEL_MAX);
    out->b[0] = (uint8_t)label_len;
    memcpy(out->b + 1, label, label_len);
    out->len = 1 + label_len + DIGEST_LEN;
    if (EVP_Digest(message.p, message.len, out->b + 1 + label_len, NULL,
            EVP_sha512(), NULL) != 1)
        return MU_E_CRYPTO;
    return MU_OK;
}

enum mu_err mu_sign_key_make(const struct mu_rng *rng, struct mu_sign_key *out)
{
    MU_CLEANUP(mu_sign_key_clear) struct mu_sign_key key = {0};

    TRY(mu_rng_fill(rng, key.b, sizeof(key.b)));
    *out = key;
    return MU_OK;
}

enum mu_err mu_sign_public(
    const struct mu_sign_key *key, struct mu_verify_key *out)
{
    MU_CLEANUP(pkey_free)
    EVP_PKEY *pkey = EVP_PKEY_new_raw_private_key(
        EVP_PKEY_ED25519, NULL, key->b, sizeof(key->b));
    struct mu_verify_key got;
    size_t len = sizeof(got.b);

    if (pkey == NULL || EVP_PKEY_get_raw_public_key(pkey, got.b, &len) != 1)
        return MU_E_CRYPTO;
    *out = got;
    return MU_OK;
}

enum mu_err mu_sign(const struct mu_sign_key *key, const char *label,
    struct span message, struct mu_signature *out)
{
    MU_CLEANUP(pkey_free)
    EVP_PKEY *pkey = EVP_PKEY_new_raw_private_key(
        EVP_PKEY_ED25519, NULL, key->b, sizeof(key->b));
    MU_CLEANUP(md_ctx_free) EVP_MD_CTX *ctx = EVP_MD_CTX_new();
    struct mu_signature sig;
    struct preimage in;
    size_t len = sizeof(sig.b);

    TRY(make_preimage(label, message, &in));
    if (pkey == NULL || ctx == NULL ||
        EVP_DigestSignInit(ctx, NULL, NULL, NULL, pkey) != 1 ||
        EVP_DigestSign(ctx, sig.b, &len, in.b, in.len) != 1)
        return MU_E_CRYPTO;
    *out = sig;
    return MU_OK;
}

enum mu_err mu_verify(const struct mu_verify_key *key, const char *label,
    struct span message, const struct mu_signature *sig)
{
    MU_CLEANUP(pkey_free)
    EVP_PKEY *pkey = EVP_PKEY_new_raw_public_key(
        EVP_PKEY_ED25519, NULL, key->b, sizeof(key->b));
    MU_CLEANUP(md_ctx_free) EVP_MD_CTX *ctx = EVP_MD_CTX_new();
    struct preimage in;

    TRY(make_preimage(label, message, &in));
    if (pkey == NULL || ctx == NULL ||
        EVP_DigestVerifyInit(ctx, NULL, NULL, NULL, pkey) != 1 ||
        EVP_DigestVerify(ctx, sig->b, sizeof(sig->b), in.b, in.len) != 1)
        return MU_E_CRYPTO;
    return MU_OK;
}
