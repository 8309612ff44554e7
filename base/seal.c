/* SPDX-License-Identifier: Apache-2.0 */
#include "base/seal.h"

#include "base/alloc.h"
#include "base/hkdf.h"

#include <assert.h>
#include <openssl/evp.h>
#include <string.h>

#define VERSION    1
#define HEADER_LEN (1 + MU_KEK_ID_LEN + MU_SEAL_SALT_LEN)
#define TAG_LEN    16
#define KEY_LEN    32
#define NONCE_LEN  12

/* The key of one object and its nonce behind it. */
SECRET_TYPE(object_key, KEY_LEN + NONCE_LEN);

/* The additional data; the layout stands in the header. */
struct aad {
    uint8_t b[HEADER_LEN + 1 + MU_SEAL_LABEL_MAX + MU_SEAL_BOUND_MAX];
    size_t len;
};

/* The parts of a sealed object, borrowed from it. */
struct parts {
    struct span header;
    struct mu_kek_id id;
    struct span salt, ciphertext, tag;
};

static void cipher_free(EVP_CIPHER_CTX **p)
{
    EVP_CIPHER_CTX_free(*p);
}

static enum mu_err make_aad(
    const struct mu_seal_use *use, struct span header, struct aad *out)
{
    struct wr w;
    struct span done;

    assert(strlen(use->label) >= 1 && strlen(use->label) <= MU_SEAL_LABEL_MAX);
    wr_init(&w, out->b, sizeof(out->b));
    wr_span(&w, header);
    wr_u8(&w, (uint8_t)strlen(use->label));
    wr_span(&w, span_str(use->label));
    wr_span(&w, use->bound);
    TRY(wr_close(&w, &done));
    out->len = done.len;
    return use->bound.len <= MU_SEAL_BOUND_MAX ? MU_OK : MU_E_NO_SPACE;
}

static enum mu_err derive(
    const struct mu_kek *kek, struct span salt, struct object_key *out)
{
    return mu_hkdf(SPAN_OF(kek->b), salt, span_str("muster seal 1"), out->b,
        sizeof(out->b));
}

/* Begins GCM in one direction with the key, the nonce and the AAD. */
static enum mu_err start(EVP_CIPHER_CTX *ctx, const struct object_key *key,
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

/* in.len <= MU_SEAL_MAX, which fits an int. */
static enum mu_err run(EVP_CIPHER_CTX *ctx, struct span in, uint8_t *out)
{
    uint8_t none[1] = {0};
    int n;

    if (in.len > 0 && (EVP_CipherUpdate(ctx, out, &n, in.p, (int)in.len) != 1 ||
                          n != (int)in.len))
        return MU_E_CRYPTO;
    /* GCM checks the tag here and writes nothing more. */
    if (EVP_CipherFinal_ex(ctx, in.len > 0 ? out : none, &n) != 1)
        return MU_E_CRYPTO;
    return MU_OK;
}

static enum mu_err encrypt(const struct object_key *key, const struct aad *aad,
    struct span plain, uint8_t *out)
{
    MU_CLEANUP(cipher_free) EVP_CIPHER_CTX *ctx = EVP_CIPHER_CTX_new();

    TRY(start(ctx, key, aad, 1));
    TRY(run(ctx, plain, out));
    if (EVP_CIPHER_CTX_ctrl(
            ctx, EVP_CTRL_AEAD_GET_TAG, TAG_LEN, out + plain.len) != 1)
        return MU_E_CRYPTO;
    return MU_OK;
}

static enum mu_err decrypt(const struct object_key *key, const struct aad *aad,
    const struct parts *parts, uint8_t *out)
{
    MU_CLEANUP(cipher_free) EVP_CIPHER_CTX *ctx = EVP_CIPHER_CTX_new();
    uint8_t tag[TAG_LEN];

    memcpy(tag, parts->tag.p, TAG_LEN);
    TRY(start(ctx, key, aad, 0));
    if (EVP_CIPHER_CTX_ctrl(ctx, EVP_CTRL_AEAD_SET_TAG, TAG_LEN, tag) != 1)
        return MU_E_CRYPTO;
    return run(ctx, parts->ciphertext, out);
}

enum mu_err mu_seal(const struct mu_keyring *ring,
    const struct mu_seal_use *use, struct span plain, const struct mu_rng *rng,
    uint8_t *out)
{
    MU_CLEANUP(object_key_clear) struct object_key key = {0};
    const struct mu_kek_id *id = mu_keyring_current(ring);
    struct span salt = {out + 1 + MU_KEK_ID_LEN, MU_SEAL_SALT_LEN};
    struct aad aad;

    if (id == NULL)
        return MU_E_STATE;
    if (plain.len > MU_SEAL_MAX)
        return MU_E_NO_SPACE;
    out[0] = VERSION;
    memcpy(out + 1, id->b, sizeof(id->b));
    TRY(mu_rng_fill(rng, out + 1 + MU_KEK_ID_LEN, MU_SEAL_SALT_LEN));
    TRY(make_aad(use, (struct span){out, HEADER_LEN}, &aad));
    TRY(derive(mu_keyring_find(ring, id), salt, &key));
    return encrypt(&key, &aad, plain, out + HEADER_LEN);
}

enum mu_err mu_seal_plain_len(struct span sealed, size_t *len)
{
    if (sealed.len < MU_SEAL_OVERHEAD)
        return MU_E_MALFORMED;
    *len = sealed.len - MU_SEAL_OVERHEAD;
    return MU_OK;
}

static enum mu_err split(struct span sealed, struct parts *out)
{
    struct span id;
    struct rd r;
    size_t len;

    TRY(mu_seal_plain_len(sealed, &len));
    rd_init(&r, sealed);
    rd_check(&r, rd_u8(&r, "version") == VERSION, MU_E_UNSUPPORTED, "version");
    id = rd_span(&r, MU_KEK_ID_LEN, "KEK-ID");
    out->salt = rd_span(&r, MU_SEAL_SALT_LEN, "salt");
    out->ciphertext = rd_span(&r, len, "ciphertext");
    out->tag = rd_span(&r, TAG_LEN, "tag");
    TRY(rd_close(&r));
    out->header = (struct span){sealed.p, HEADER_LEN};
    memcpy(out->id.b, id.p, sizeof(out->id.b));
    return MU_OK;
}

enum mu_err mu_unseal(const struct mu_keyring *ring,
    const struct mu_seal_use *use, struct span sealed, uint8_t *out, size_t len)
{
    MU_CLEANUP(object_key_clear) struct object_key key = {0};
    const struct mu_kek *kek;
    struct parts parts;
    struct aad aad;
    enum mu_err err;

    mu_wipe(out, len);
    TRY(split(sealed, &parts));
    if (parts.ciphertext.len != len)
        return MU_E_MALFORMED;
    if (len > MU_SEAL_MAX)
        return MU_E_NO_SPACE;
    kek = mu_keyring_find(ring, &parts.id);
    if (kek == NULL)
        return MU_E_NOT_FOUND;
    TRY(make_aad(use, parts.header, &aad));
    TRY(derive(kek, parts.salt, &key));
    err = decrypt(&key, &aad, &parts, out);
    if (err != MU_OK)
        mu_wipe(out, len); /* GCM writes before it has checked */
    return err;
}

enum mu_err mu_seal_kek_id(struct span sealed, struct mu_kek_id *out)
{
    struct parts parts;

    TRY(split(sealed, &parts));
    *out = parts.id;
    return MU_OK;
}

/* Through room for one plaintext and one sealed object. */
static enum mu_err reseal_in(uint8_t *plain, const struct mu_keyring *ring,
    const struct mu_seal_use *use, struct span sealed, const struct mu_rng *rng)
{
    size_t len = sealed.len - MU_SEAL_OVERHEAD;

    TRY(mu_unseal(ring, use, sealed, plain, len));
    return mu_seal(ring, use, (struct span){plain, len}, rng, plain + len);
}

enum mu_err mu_reseal(const struct mu_keyring *ring,
    const struct mu_seal_use *use, struct span sealed, const struct mu_rng *rng,
    uint8_t *out)
{
    size_t len, room;
    enum mu_err err;
    uint8_t *temp;

    TRY(mu_seal_plain_len(sealed, &len));
    if (len > MU_SEAL_MAX)
        return MU_E_NO_SPACE;
    room = len + sealed.len;
    temp = mu_alloc(room);
    if (temp == NULL)
        return MU_E_NO_MEMORY;
    err = reseal_in(temp, ring, use, sealed, rng);
    if (err == MU_OK)
        memcpy(out, temp + len, sealed.len);
    mu_free_wiped(temp, room);
    return err;
}
