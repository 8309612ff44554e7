/* SPDX-License-Identifier: Apache-2.0 */
#include "mcptt/receipt.h"

#include <openssl/evp.h>
#include <openssl/hmac.h>
#include <string.h>

#include "base/hkdf.h"
#include "base/secret.h"

#define VERSION 1
#define SHA256  MCPTT_RECEIPT_SHA256_LEN

SECRET_TYPE(receipt_key, SHA256); /* of one key, for receipts alone */

static const char context[] = "muster receipt 1"; /* its NUL belongs to it */

/* CONTEXT and what is covered, side by side. */
struct covered {
    uint8_t b[sizeof(context) + MCPTT_RECEIPT_MAX];
    size_t len;
};

static void cover(struct covered *out, struct span octets)
{
    memcpy(out->b, context, sizeof(context));
    memcpy(out->b + sizeof(context), octets.p, octets.len);
    out->len = sizeof(context) + octets.len;
}

static enum mu_err hmac_of(
    const struct mcptt_key *key, struct span before, uint8_t out[SHA256])
{
    MU_CLEANUP(receipt_key_clear) struct receipt_key own = {{0}};
    struct covered covered;
    unsigned len = SHA256;

    cover(&covered, before);
    TRY(mu_hkdf((struct span){key->b, sizeof(key->b)}, (struct span){NULL, 0},
        span_str(context), own.b, sizeof(own.b)));
    if (HMAC(EVP_sha256(), own.b, sizeof(own.b), covered.b, covered.len, out,
            &len) == NULL)
        return MU_E_CRYPTO;
    return MU_OK;
}

static bool is_identity(struct span text)
{
    return mcptt_id_check(text) == MU_OK;
}

static void write_text(struct wr *w, struct span text)
{
    wr_u16(w, (uint16_t)text.len);
    wr_span(w, text);
}

enum mu_err mcptt_receipt_write(struct wr *w, const struct mcptt_receipt *in,
    const struct mcptt_key *key, const struct mikey_eccsi_signer *signer,
    const struct mu_rng *rng)
{
    uint8_t hmac[SHA256], sig[MIKEY_SIG_LEN];
    struct covered covered;

    if (!is_identity(in->group) || !is_identity(in->member) ||
        !is_identity(in->kms) || in->message_sha256.len != SHA256)
        return MU_E_MALFORMED;
    wr_u8(w, VERSION);
    mcptt_key_id_write(w, in->key_id);
    wr_u64(w, in->time_ms);
    write_text(w, in->group);
    write_text(w, in->member);
    write_text(w, in->kms);
    wr_span(w, in->message_sha256);
    TRY(w->err);
    TRY(hmac_of(key, wr_so_far(w), hmac));
    wr_span(w, SPAN_OF(hmac));
    TRY(w->err);
    cover(&covered, wr_so_far(w));
    TRY(mikey_eccsi_sign(
        signer, (struct span){covered.b, covered.len}, rng, sig));
    wr_span(w, SPAN_OF(sig));
    return w->err;
}

static struct span read_identity(struct rd *r, const char *field)
{
    size_t len = rd_u16(r, "length");
    struct span text = rd_span(r, len, field);

    rd_check(r, is_identity(text), MU_E_MALFORMED, field);
    return text;
}

enum mu_err mcptt_receipt_read(
    struct span octets, struct mcptt_receipt *out, struct rd_fault *fault)
{
    struct mcptt_receipt v = {.time_ms = 0};
    enum mu_err err;
    struct rd r;

    rd_init(&r, octets);
    rd_check(&r, rd_u8(&r, "version") == VERSION, MU_E_UNSUPPORTED, "version");
    v.key_id = mcptt_key_id_read(&r, "key_id");
    v.time_ms = rd_u64(&r, "time");
    v.group = read_identity(&r, "group");
    v.member = read_identity(&r, "member");
    v.kms = read_identity(&r, "kms");
    v.message_sha256 = rd_span(&r, SHA256, "message_sha256");
    v.before_hmac = rd_since(&r, 0);
    v.hmac = rd_span(&r, SHA256, "hmac");
    v.before_signature = rd_since(&r, 0);
    v.signature = rd_span(&r, MIKEY_SIG_LEN, "signature");
    err = rd_close(&r);
    if (err == MU_OK)
        *out = v;
    else if (fault != NULL)
        *fault = r.fault;
    return err;
}

enum mu_err mcptt_receipt_check(const struct mcptt_receipt *receipt,
    const struct mcptt_key *key, const struct mikey_eccsi_kms *kms,
    struct span member_id)
{
    struct covered covered;
    uint8_t hmac[SHA256];

    /* First the signature, which costs a stranger nothing to get wrong and us
     * no use of the key. */
    cover(&covered, receipt->before_signature);
    TRY(mikey_eccsi_verify(kms, member_id,
        (struct span){covered.b, covered.len}, receipt->signature));
    TRY(hmac_of(key, receipt->before_hmac, hmac));
    return mu_ct_eq(hmac, receipt->hmac.p, sizeof(hmac)) ? MU_OK : MU_E_CRYPTO;
}
