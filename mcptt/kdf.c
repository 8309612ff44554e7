/* SPDX-License-Identifier: Apache-2.0 */
#include "mcptt/kdf.h"

#include <assert.h>
#include <openssl/evp.h>
#include <openssl/hmac.h>
#include <string.h>

/* TS 33.180 annex F.1: the values of FC. */
enum {
    FC_USER_SALT = 0x50,
    FC_SIG_CONFIDENTIALITY = 0x51,
    FC_SIG_INTEGRITY = 0x52,
    FC_DPCK = 0x53
};

#define KDF_LEN 32
#define S_MAX   (1 + MCPTT_ID_MAX + 2 + MCPTT_KEY_ID_LEN + 2)

SECRET_TYPE(mcptt_kdf_out, KDF_LEN);

/* TS 33.220 clause B.2: the parameter, then its length. */
static void add_parameter(struct wr *s, struct span p)
{
    assert(p.len <= UINT16_MAX);
    wr_span(s, p);
    wr_u16(s, (uint16_t)p.len);
}

static void add_key_id(struct wr *s, struct mcptt_key_id id)
{
    mcptt_key_id_write(s, id);
    wr_u16(s, MCPTT_KEY_ID_LEN);
}

/* The last len octets of KDF(key, s), as a key of less than 256 bits wants
 * (clause F.1.4). */
static enum mu_err kdf_last(const uint8_t key[MCPTT_KEY_LEN],
    const struct wr *s, uint8_t *out, size_t len)
{
    MU_CLEANUP(mcptt_kdf_out_clear) struct mcptt_kdf_out all;
    struct span text = {NULL, 0};
    unsigned all_len;

    TRY(wr_close(s, &text));
    if (HMAC(EVP_sha256(), key, MCPTT_KEY_LEN, text.p, text.len, all.b,
            &all_len) == NULL)
        return MU_E_CRYPTO;
    memcpy(out, all.b + KDF_LEN - len, len);
    return MU_OK;
}

static enum mu_err check_user(struct span user)
{
    return user.len > 0 && user.len <= MCPTT_ID_MAX ? MU_OK : MU_E_MALFORMED;
}

enum mu_err mcptt_kdf_user_salt(
    const struct mcptt_gmk *gmk, struct span user, uint32_t *salt)
{
    uint8_t buf[S_MAX], last[4];
    struct wr s;
    struct rd r;

    TRY(check_user(user));
    wr_init(&s, buf, sizeof(buf));
    wr_u8(&s, FC_USER_SALT);
    add_parameter(&s, user);
    TRY(kdf_last(gmk->b, &s, last, sizeof(last)));
    rd_init(&r, SPAN_OF(last));
    *salt = rd_u32(&r, "user salt") & 0x0fffffff;
    return MU_OK;
}

static enum mu_err signalling_key(
    uint8_t fc, const struct mcptt_xpk_use *use, uint8_t out[16])
{
    enum mcptt_key_kind kind = use->xpk->kind;
    uint8_t buf[S_MAX];
    struct wr s;

    if (kind != MCPTT_KIND_CSK && kind != MCPTT_KIND_SPK)
        return MU_E_STATE;
    TRY(check_user(use->user));
    wr_init(&s, buf, sizeof(buf));
    wr_u8(&s, fc);
    add_parameter(&s, use->user);
    add_key_id(&s, use->xpk_id);
    return kdf_last(use->xpk->b, &s, out, 16);
}

enum mu_err mcptt_kdf_sig_conf(
    const struct mcptt_xpk_use *use, struct mcptt_sig_conf_key *out)
{
    return signalling_key(FC_SIG_CONFIDENTIALITY, use, out->b);
}

enum mu_err mcptt_kdf_sig_int(
    const struct mcptt_xpk_use *use, struct mcptt_sig_int_key *out)
{
    return signalling_key(FC_SIG_INTEGRITY, use, out->b);
}

enum mu_err mcptt_kdf_dpck(const struct mcptt_key *dppk,
    struct mcptt_key_id dppk_id, struct mcptt_dpck *out)
{
    uint8_t buf[S_MAX];
    struct wr s;

    wr_init(&s, buf, sizeof(buf));
    wr_u8(&s, FC_DPCK);
    add_key_id(&s, dppk_id);
    return kdf_last(dppk->b, &s, out->b, sizeof(out->b));
}
