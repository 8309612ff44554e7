/* SPDX-License-Identifier: Apache-2.0 */
#include "mcptt/protected.h"

#include <assert.h>
#include <openssl/evp.h>
#include <string.h>

#include "mcptt/mcx_codes.h"

#define AAD_LEN (MCPTT_PROTECTED_OVERHEAD - 1 - 2 - MCPTT_PROTECTED_TAG_LEN)

/* The fields before the IEI, which are the additional data. */
static void read_head(struct rd *r, const struct mcptt_key_id *dppk_id,
    struct mcptt_protected *out)
{
    uint8_t flags;

    out->message_type = rd_u8(r, "message_type");
    flags = out->message_type & (MCX_TYPE_PROTECTED | MCX_TYPE_AUTHENTICATED);
    rd_rule(r, flags == MCX_TYPE_PROTECTED, MU_E_UNSUPPORTED, "message_type",
        "not a protected payload without authentication");
    out->date_time_s = rd_u40(r, "date_time");
    out->payload_id = rd_u32(r, "payload_id");
    out->sequence = rd_u8(r, "payload_sequence");
    out->algorithm = rd_u8(r, "payload_alg");
    rd_rule(r, out->algorithm == MCPTT_PROTECTED_AES_128_GCM, MU_E_UNSUPPORTED,
        "payload_alg", "not AEAD_AES_128_GCM");
    out->iv = rd_span(r, MCPTT_PROTECTED_IV_LEN, "iv");
    out->dppk_id = mcptt_key_id_read(r, "dppk_id");
    rd_rule(r, dppk_id == NULL || dppk_id->v == out->dppk_id.v, MU_E_MALFORMED,
        "dppk_id", "not the identifier of the key");
}

static void write_head(struct wr *w, const struct mcptt_protected *in)
{
    assert(in->iv.len == MCPTT_PROTECTED_IV_LEN);
    wr_u8(w, in->message_type);
    wr_u40(w, in->date_time_s);
    wr_u32(w, in->payload_id);
    wr_u8(w, in->sequence);
    wr_u8(w, in->algorithm);
    wr_span(w, in->iv);
    mcptt_key_id_write(w, in->dppk_id);
}

void mcptt_protected_read(struct rd *r, const struct mcptt_key_id *dppk_id,
    struct mcptt_protected *out)
{
    size_t head = rd_at(r), len;

    read_head(r, dppk_id, out);
    out->aad = rd_since(r, head);
    out->iei = rd_u8(r, "payload_iei");
    len = rd_u16(r, "payload_len");
    rd_rule(r, len >= MCPTT_PROTECTED_TAG_LEN, MU_E_MALFORMED, "payload_len",
        "no room for the tag");
    out->sealed_at = rd_at(r);
    out->sealed = rd_span(r, len, "payload");
}

void mcptt_protected_write(struct wr *w, const struct mcptt_protected *in)
{
    assert(in->sealed.len >= MCPTT_PROTECTED_TAG_LEN);
    assert(in->sealed.len <= UINT16_MAX);
    write_head(w, in);
    wr_u8(w, in->iei);
    wr_u16(w, (uint16_t)in->sealed.len);
    wr_span(w, in->sealed);
}

static void free_cipher(EVP_CIPHER_CTX **ctx)
{
    EVP_CIPHER_CTX_free(*ctx);
}

/* Sets key, IV and additional data; encrypt is 1 or 0. The IV is longer than
 * the 12 octets that GCM prefers, so it goes through GHASH (TS 33.180 clause
 * 8.5.4 has 16). */
static EVP_CIPHER_CTX *start(
    const struct mcptt_dpck *key, struct span iv, struct span aad, int encrypt)
{
    EVP_CIPHER_CTX *ctx = EVP_CIPHER_CTX_new();
    int n;

    if (ctx != NULL &&
        EVP_CipherInit_ex(ctx, EVP_aes_128_gcm(), NULL, NULL, NULL, encrypt) ==
            1 &&
        EVP_CIPHER_CTX_ctrl(ctx, EVP_CTRL_AEAD_SET_IVLEN, (int)iv.len, NULL) ==
            1 &&
        EVP_CipherInit_ex(ctx, NULL, NULL, key->b, iv.p, encrypt) == 1 &&
        EVP_CipherUpdate(ctx, NULL, &n, aad.p, (int)aad.len) == 1)
        return ctx;
    EVP_CIPHER_CTX_free(ctx);
    return NULL;
}

/* Encrypts plain into out, its tag behind it. */
static enum mu_err encrypt(const struct mcptt_dpck *key, struct span iv,
    struct span aad, struct span plain, uint8_t *out)
{
    MU_CLEANUP(free_cipher)
    EVP_CIPHER_CTX *ctx = start(key, iv, aad, 1);
    int n;

    if (ctx == NULL ||
        EVP_CipherUpdate(ctx, out, &n, plain.p, (int)plain.len) != 1 ||
        EVP_CipherFinal_ex(ctx, out + plain.len, &n) != 1 ||
        EVP_CIPHER_CTX_ctrl(ctx, EVP_CTRL_AEAD_GET_TAG, MCPTT_PROTECTED_TAG_LEN,
            out + plain.len) != 1)
        return MU_E_CRYPTO;
    return MU_OK;
}

enum mu_err mcptt_protected_seal(struct wr *w, const struct mcptt_protected *in,
    const struct mcptt_dpck *key, const struct mu_rng *rng, struct span plain)
{
    uint8_t sealed[MCPTT_PROTECTED_PLAIN_MAX + MCPTT_PROTECTED_TAG_LEN];
    uint8_t iv[MCPTT_PROTECTED_IV_LEN], aad[AAD_LEN];
    struct mcptt_protected all = *in;
    struct wr head;

    if (plain.len > MCPTT_PROTECTED_PLAIN_MAX)
        return MU_E_NO_SPACE;
    TRY(mu_rng_fill(rng, iv, sizeof(iv)));
    all.iv = SPAN_OF(iv);
    wr_init(&head, aad, sizeof(aad));
    write_head(&head, &all);
    TRY(wr_close(&head, &all.aad));
    TRY(encrypt(key, all.iv, all.aad, plain, sealed));
    all.sealed = (struct span){sealed, plain.len + MCPTT_PROTECTED_TAG_LEN};
    mcptt_protected_write(w, &all);
    return MU_OK;
}

enum mu_err mcptt_protected_open(const struct mcptt_protected *in,
    const struct mcptt_dpck *key, uint8_t *plain, size_t cap, size_t *len)
{
    MU_CLEANUP(free_cipher) EVP_CIPHER_CTX *ctx = NULL;
    size_t plain_len = in->sealed.len - MCPTT_PROTECTED_TAG_LEN;
    uint8_t tag[MCPTT_PROTECTED_TAG_LEN];
    int n;

    assert(in->sealed.len >= MCPTT_PROTECTED_TAG_LEN); /* the reader's rule */
    if (plain_len > cap)
        return MU_E_NO_SPACE;
    memcpy(tag, in->sealed.p + plain_len, sizeof(tag));
    ctx = start(key, in->iv, in->aad, 0);
    if (ctx == NULL ||
        EVP_CipherUpdate(ctx, plain, &n, in->sealed.p, (int)plain_len) != 1 ||
        EVP_CIPHER_CTX_ctrl(ctx, EVP_CTRL_AEAD_SET_TAG, sizeof(tag), tag) !=
            1 ||
        EVP_CipherFinal_ex(ctx, plain + plain_len, &n) != 1) {
        mu_wipe(plain, plain_len);
        return MU_E_CRYPTO;
    }
    *len = plain_len;
    return MU_OK;
}
