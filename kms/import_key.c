/* SPDX-License-Identifier: Apache-2.0 */
#include "kms/import_key.h"

#include <openssl/evp.h>
#include <string.h>

#include "base/hkdf.h"

#define VERSION   1
#define TAG_LEN   16
#define KEY_LEN   32
#define NONCE_LEN 12
#define AAD_MAX   (1 + 2 * (2 + KMS_IMPORT_URI_MAX) + 8)

/* The key of one sealed InK and its nonce behind it. */
SECRET_TYPE(wrap_key, KEY_LEN + NONCE_LEN);

/* The additional data; the layout stands in the header. */
struct aad {
    uint8_t b[AAD_MAX];
    size_t len;
};

static void pkey_free(EVP_PKEY **p)
{
    EVP_PKEY_free(*p);
}

static void pkey_ctx_free(EVP_PKEY_CTX **p)
{
    EVP_PKEY_CTX_free(*p);
}

static void cipher_free(EVP_CIPHER_CTX **p)
{
    EVP_CIPHER_CTX_free(*p);
}

static EVP_PKEY *private_of(const struct kms_import_key *key)
{
    return EVP_PKEY_new_raw_private_key(
        EVP_PKEY_X25519, NULL, key->b, sizeof(key->b));
}

enum mu_err kms_import_key_make(
    const struct mu_rng *rng, struct kms_import_key *out)
{
    MU_CLEANUP(kms_import_key_clear) struct kms_import_key key = {0};

    TRY(mu_rng_fill(rng, key.b, sizeof(key.b)));
    *out = key;
    return MU_OK;
}

enum mu_err kms_import_key_public(
    const struct kms_import_key *key, struct kms_import_public *out)
{
    MU_CLEANUP(pkey_free) EVP_PKEY *pkey = private_of(key);
    struct kms_import_public got;
    size_t len = sizeof(got.b);

    if (pkey == NULL || EVP_PKEY_get_raw_public_key(pkey, got.b, &len) != 1)
        return MU_E_CRYPTO;
    *out = got;
    return MU_OK;
}

/* OpenSSL refuses the all-zero result, as RFC 7748 clause 6.1 advises. */
enum mu_err kms_import_agree(const struct kms_import_key *mine,
    const struct kms_import_public *theirs, struct kms_import_shared *out)
{
    MU_CLEANUP(pkey_free) EVP_PKEY *own = private_of(mine);
    MU_CLEANUP(pkey_free)
    EVP_PKEY *peer = EVP_PKEY_new_raw_public_key(
        EVP_PKEY_X25519, NULL, theirs->b, sizeof(theirs->b));
    MU_CLEANUP(pkey_ctx_free) EVP_PKEY_CTX *ctx = NULL;
    size_t len = sizeof(out->b);

    if (own == NULL || peer == NULL)
        return MU_E_CRYPTO;
    ctx = EVP_PKEY_CTX_new(own, NULL);
    if (ctx == NULL || EVP_PKEY_derive_init(ctx) != 1 ||
        EVP_PKEY_derive_set_peer(ctx, peer) != 1 ||
        EVP_PKEY_derive(ctx, out->b, &len) != 1)
        return MU_E_CRYPTO;
    return MU_OK;
}

static enum mu_err derive(const struct kms_import_shared *z,
    const struct kms_import_public *ephemeral,
    const struct kms_import_public *recipient, struct wrap_key *out)
{
    uint8_t salt[2 * KMS_IMPORT_KEY_LEN];

    memcpy(salt, ephemeral->b, KMS_IMPORT_KEY_LEN);
    memcpy(salt + KMS_IMPORT_KEY_LEN, recipient->b, KMS_IMPORT_KEY_LEN);
    return mu_hkdf(SPAN_OF(z->b), SPAN_OF(salt), span_str("muster ink 1"),
        out->b, sizeof(out->b));
}

static bool fits(struct span uri)
{
    return uri.len > 0 && uri.len <= KMS_IMPORT_URI_MAX;
}

static enum mu_err make_aad(const struct kms_import_use *use, struct aad *out)
{
    struct span done;
    struct wr w;

    if (!fits(use->kms_uri) || !fits(use->user_uri))
        return MU_E_MALFORMED;
    wr_init(&w, out->b, sizeof(out->b));
    wr_u8(&w, VERSION);
    wr_u16(&w, (uint16_t)use->kms_uri.len);
    wr_span(&w, use->kms_uri);
    wr_u16(&w, (uint16_t)use->user_uri.len);
    wr_span(&w, use->user_uri);
    wr_u64(&w, use->serial);
    TRY(wr_close(&w, &done));
    out->len = done.len;
    return MU_OK;
}

/* Begins GCM in one direction with the key, the nonce and the AAD. */
static enum mu_err start(EVP_CIPHER_CTX *ctx, const struct wrap_key *key,
    const struct aad *aad, int encrypt)
{
    int n;

    if (ctx == NULL ||
        EVP_CipherInit_ex(ctx, EVP_aes_256_gcm(), NULL, key->b,
            key->b + KEY_LEN, encrypt) != 1 ||
        EVP_CipherUpdate(ctx, NULL, &n, aad->b, (int)aad->len) != 1)
        return MU_E_CRYPTO;
    return MU_OK;
}

static enum mu_err encrypt(const struct wrap_key *key, const struct aad *aad,
    const struct mcptt_ink *ink, uint8_t *out)
{
    MU_CLEANUP(cipher_free) EVP_CIPHER_CTX *ctx = EVP_CIPHER_CTX_new();
    uint8_t none[TAG_LEN];
    int n;

    TRY(start(ctx, key, aad, 1));
    if (EVP_CipherUpdate(ctx, out, &n, ink->b, sizeof(ink->b)) != 1 ||
        EVP_CipherFinal_ex(ctx, none, &n) != 1 ||
        EVP_CIPHER_CTX_ctrl(
            ctx, EVP_CTRL_AEAD_GET_TAG, TAG_LEN, out + sizeof(ink->b)) != 1)
        return MU_E_CRYPTO;
    return MU_OK;
}

static enum mu_err decrypt(const struct wrap_key *key, const struct aad *aad,
    struct span ciphertext, struct span tag, struct mcptt_ink *out)
{
    MU_CLEANUP(cipher_free) EVP_CIPHER_CTX *ctx = EVP_CIPHER_CTX_new();
    uint8_t tag_copy[TAG_LEN], none[TAG_LEN];
    int n;

    memcpy(tag_copy, tag.p, TAG_LEN);
    TRY(start(ctx, key, aad, 0));
    if (EVP_CIPHER_CTX_ctrl(ctx, EVP_CTRL_AEAD_SET_TAG, TAG_LEN, tag_copy) !=
            1 ||
        EVP_CipherUpdate(ctx, out->b, &n, ciphertext.p, (int)ciphertext.len) !=
            1 ||
        EVP_CipherFinal_ex(ctx, none, &n) != 1)
        return MU_E_CRYPTO;
    return MU_OK;
}

enum mu_err kms_import_seal(const struct kms_import_public *to,
    const struct kms_import_use *use, const struct mcptt_ink *ink,
    const struct mu_rng *rng, uint8_t out[KMS_IMPORT_SEALED_LEN])
{
    MU_CLEANUP(kms_import_key_clear) struct kms_import_key once = {0};
    MU_CLEANUP(kms_import_shared_clear) struct kms_import_shared z = {0};
    MU_CLEANUP(wrap_key_clear) struct wrap_key key = {0};
    struct kms_import_public ephemeral;
    struct aad aad;

    TRY(make_aad(use, &aad));
    TRY(kms_import_key_make(rng, &once));
    TRY(kms_import_key_public(&once, &ephemeral));
    TRY(kms_import_agree(&once, to, &z));
    TRY(derive(&z, &ephemeral, to, &key));
    out[0] = VERSION;
    memcpy(out + 1, ephemeral.b, sizeof(ephemeral.b));
    return encrypt(&key, &aad, ink, out + 1 + sizeof(ephemeral.b));
}

enum mu_err kms_import_open(const struct kms_import_key *key,
    const struct kms_import_use *use, struct span sealed, struct mcptt_ink *out)
{
    MU_CLEANUP(kms_import_shared_clear) struct kms_import_shared z = {0};
    MU_CLEANUP(wrap_key_clear) struct wrap_key wrap = {0};
    MU_CLEANUP(mcptt_ink_clear) struct mcptt_ink ink = {0};
    struct kms_import_public ephemeral, own;
    struct span point, ciphertext, tag;
    struct aad aad;
    struct rd r;

    rd_init(&r, sealed);
    rd_check(&r, rd_u8(&r, "version") == VERSION, MU_E_UNSUPPORTED, "version");
    point = rd_span(&r, sizeof(ephemeral.b), "ephemeral");
    ciphertext = rd_span(&r, MCPTT_INK_LEN, "ciphertext");
    tag = rd_span(&r, TAG_LEN, "tag");
    TRY(rd_close(&r));
    memcpy(ephemeral.b, point.p, sizeof(ephemeral.b));
    TRY(make_aad(use, &aad));
    TRY(kms_import_key_public(key, &own));
    TRY(kms_import_agree(key, &ephemeral, &z));
    TRY(derive(&z, &ephemeral, &own, &wrap));
    TRY(decrypt(&wrap, &aad, ciphertext, tag, &ink));
    *out = ink;
    return MU_OK;
}
