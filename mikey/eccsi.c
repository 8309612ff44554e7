/* SPDX-License-Identifier: Apache-2.0 */
#include "mikey/eccsi.h"

#include <openssl/evp.h>
#include <string.h>

#include "base/alloc.h"
#include "base/ct.h"
#include "mikey/nonce.h"
#include "mikey/p256.h"

/* A signature is r || s || PVT. */
#define R_LEN      32
#define S_OFFSET   R_LEN
#define PVT_OFFSET (S_OFFSET + MIKEY_P256_SCALAR_LEN)

struct mikey_eccsi_kms {
    struct mikey_p256 *curve;
    uint8_t kpak[MIKEY_KPAK_LEN];
};

struct mikey_eccsi_signer {
    const struct mikey_eccsi_kms *kms;
    struct mikey_p256_scalar ssk;
    uint8_t hs[MIKEY_ECCSI_HASH_LEN];
    uint8_t pvt[MIKEY_PVT_LEN];
};

struct mikey_eccsi_verifier {
    const struct mikey_eccsi_kms *kms;
    uint8_t hs[MIKEY_ECCSI_HASH_LEN];
    uint8_t pvt[MIKEY_PVT_LEN];
    uint8_t y[MIKEY_P256_POINT_LEN];
};

/*
 * The part of a signature that the message has no say in: j, and r, the x
 * coordinate of [j]G. Such commitments can be made ahead; each is good for
 * one signature.
 */
struct commitment {
    struct mikey_p256_scalar j;
    uint8_t r[R_LEN];
};

static void commitment_clear(struct commitment *c)
{
    mu_wipe(c, sizeof(*c));
}

void mikey_eccsi_pair_clear(struct mikey_eccsi_pair *pair)
{
    mu_wipe(pair, sizeof(*pair));
}

static void curve_drop(struct mikey_p256 **curve)
{
    mikey_p256_free(*curve);
}

static void md_drop(EVP_MD_CTX **ctx)
{
    EVP_MD_CTX_free(*ctx);
}

static enum mu_err sha256(
    const struct span *part, size_t parts, uint8_t out[MIKEY_ECCSI_HASH_LEN])
{
    MU_CLEANUP(md_drop) EVP_MD_CTX *ctx = EVP_MD_CTX_new();
    bool ok = ctx != NULL && EVP_DigestInit_ex(ctx, EVP_sha256(), NULL) == 1;

    for (size_t i = 0; i < parts && ok; i++)
        ok = EVP_DigestUpdate(ctx, part[i].p, part[i].len) == 1;
    ok = ok && EVP_DigestFinal_ex(ctx, out, NULL) == 1;
    return ok ? MU_OK : MU_E_CRYPTO;
}

enum mu_err mikey_eccsi_hash_id(const struct mikey_eccsi_kms *kms,
    struct span id, const uint8_t pvt[MIKEY_PVT_LEN],
    uint8_t hs[MIKEY_ECCSI_HASH_LEN])
{
    /* RFC 6507 clause 5.1.1 step 3: G itself comes first. */
    const struct span part[] = {
        SPAN_OF(mikey_p256_base),
        SPAN_OF(kms->kpak),
        id,
        {pvt, MIKEY_PVT_LEN},
    };

    return sha256(part, sizeof(part) / sizeof(part[0]), hs);
}

enum mu_err mikey_eccsi_hash_message(const uint8_t hs[MIKEY_ECCSI_HASH_LEN],
    const uint8_t r[R_LEN], struct span msg, uint8_t he[MIKEY_ECCSI_HASH_LEN])
{
    const struct span part[] = {
        {hs, MIKEY_ECCSI_HASH_LEN},
        {r, R_LEN}, /* as sent, leading zeros included */
        msg,
    };

    return sha256(part, sizeof(part) / sizeof(part[0]), he);
}

enum mu_err mikey_eccsi_public(
    const struct mikey_eccsi_secret *ksak, uint8_t kpak[MIKEY_KPAK_LEN])
{
    MU_CLEANUP(mikey_p256_scalar_clear) struct mikey_p256_scalar k;
    MU_CLEANUP(curve_drop) struct mikey_p256 *curve = NULL;

    TRY(mikey_p256_scalar_read(ksak->b, &k));
    TRY(mikey_p256_new(&curve));
    return mikey_p256_mul_base(curve, &k, kpak);
}

enum mu_err mikey_eccsi_kms_new(struct span kpak, struct mikey_eccsi_kms **out)
{
    MU_CLEANUP(curve_drop) struct mikey_p256 *curve = NULL;
    struct mikey_eccsi_kms *kms;

    TRY(mikey_p256_new(&curve));
    TRY(mikey_p256_check(curve, kpak));
    kms = mu_alloc(sizeof(*kms));
    if (kms == NULL)
        return MU_E_NO_MEMORY;
    memcpy(kms->kpak, kpak.p, sizeof(kms->kpak));
    kms->curve = curve;
    curve = NULL;
    *out = kms;
    return MU_OK;
}

void mikey_eccsi_kms_free(struct mikey_eccsi_kms *kms)
{
    if (kms == NULL)
        return;
    mikey_p256_free(kms->curve);
    mu_free(kms);
}

/* Fills a verifier in the caller's memory: HS and Y = KPAK + [HS]PVT. */
static enum mu_err verifier_init(const struct mikey_eccsi_kms *kms,
    struct span id, struct span pvt, struct mikey_eccsi_verifier *out)
{
    struct mikey_p256_scalar hs;

    TRY(mikey_p256_check(kms->curve, pvt));
    out->kms = kms;
    memcpy(out->pvt, pvt.p, sizeof(out->pvt));
    TRY(mikey_eccsi_hash_id(kms, id, out->pvt, out->hs));
    mikey_p256_scalar_reduce(out->hs, &hs);
    return mikey_p256_add_mul(kms->curve, kms->kpak, &hs, out->pvt, out->y);
}

/* RFC 6507 clause 5.1.2: [SSK]G must be Y. Fills ssk and v on success. */
static enum mu_err check_pair(const struct mikey_eccsi_kms *kms, struct span id,
    const struct mikey_eccsi_pair *pair, struct mikey_p256_scalar *ssk,
    struct mikey_eccsi_verifier *v)
{
    uint8_t own[MIKEY_P256_POINT_LEN];

    if (mikey_p256_scalar_read(pair->ssk.b, ssk) != MU_OK ||
        verifier_init(kms, id, SPAN_OF(pair->pvt), v) != MU_OK)
        return MU_E_CRYPTO;
    TRY(mikey_p256_mul_base(kms->curve, ssk, own));
    return memcmp(own, v->y, sizeof(own)) == 0 ? MU_OK : MU_E_CRYPTO;
}

enum mu_err mikey_eccsi_validate(const struct mikey_eccsi_kms *kms,
    struct span id, const struct mikey_eccsi_pair *pair)
{
    MU_CLEANUP(mikey_p256_scalar_clear) struct mikey_p256_scalar ssk;
    struct mikey_eccsi_verifier v;

    return check_pair(kms, id, pair, &ssk, &v);
}

/* RFC 6507 clause 5.1.1 with v in hand. */
static enum mu_err extract(const struct mikey_eccsi_kms *kms,
    const struct mikey_p256_scalar *ksak, struct span id,
    const struct mikey_p256_scalar *v, struct mikey_eccsi_pair *out)
{
    MU_CLEANUP(mikey_eccsi_pair_clear) struct mikey_eccsi_pair pair;
    MU_CLEANUP(mikey_p256_scalar_clear) struct mikey_p256_scalar ssk;
    uint8_t octets[MIKEY_ECCSI_HASH_LEN];
    struct mikey_p256_scalar hs;

    TRY(mikey_p256_mul_base(kms->curve, v, pair.pvt));
    TRY(mikey_eccsi_hash_id(kms, id, pair.pvt, octets));
    mikey_p256_scalar_reduce(octets, &hs);
    mikey_p256_scalar_mul(&ssk, &hs, v);
    mikey_p256_scalar_add(&ssk, &ssk, ksak);
    mikey_p256_scalar_write(&ssk, pair.ssk.b);
    /* Step 5: neither may be 0. HS = 0 would hand out KSAK as an SSK. */
    if (mikey_p256_scalar_is_zero(&hs))
        return MU_E_CRYPTO;
    TRY(mikey_eccsi_validate(kms, id, &pair));
    *out = pair;
    return MU_OK;
}

enum mu_err mikey_eccsi_extract(const struct mikey_eccsi_kms *kms,
    const struct mikey_eccsi_secret *ksak, struct span id,
    const struct mu_rng *rng, struct mikey_eccsi_pair *out)
{
    MU_CLEANUP(mikey_p256_scalar_clear) struct mikey_p256_scalar k, v;
    const struct span input[2] = {{NULL, 0}, id};

    TRY(mikey_p256_scalar_read(ksak->b, &k));
    TRY(mikey_nonce_derive(&k, MIKEY_NONCE_V, rng, input, &v));
    return extract(kms, &k, id, &v, out);
}

enum mu_err mikey_eccsi_extract_with(const struct mikey_eccsi_kms *kms,
    const struct mikey_eccsi_secret *ksak, struct span id,
    const struct mikey_eccsi_nonce *v, struct mikey_eccsi_pair *out)
{
    MU_CLEANUP(mikey_p256_scalar_clear) struct mikey_p256_scalar k, n;

    TRY(mikey_p256_scalar_read(ksak->b, &k));
    TRY(mikey_p256_scalar_read(v->b, &n));
    return extract(kms, &k, id, &n, out);
}

enum mu_err mikey_eccsi_signer_new(const struct mikey_eccsi_kms *kms,
    struct span id, const struct mikey_eccsi_pair *pair,
    struct mikey_eccsi_signer **out)
{
    MU_CLEANUP(mikey_p256_scalar_clear) struct mikey_p256_scalar ssk;
    struct mikey_eccsi_verifier v;
    struct mikey_eccsi_signer *signer;

    TRY(check_pair(kms, id, pair, &ssk, &v));
    signer = mu_alloc(sizeof(*signer));
    if (signer == NULL)
        return MU_E_NO_MEMORY;
    signer->kms = kms;
    signer->ssk = ssk;
    memcpy(signer->hs, v.hs, sizeof(v.hs));
    memcpy(signer->pvt, v.pvt, sizeof(v.pvt));
    *out = signer;
    return MU_OK;
}

void mikey_eccsi_signer_free(struct mikey_eccsi_signer *signer)
{
    mu_free_wiped(signer, sizeof(*signer));
}

static enum mu_err commit(const struct mikey_p256 *curve,
    const struct mikey_p256_scalar *j, struct commitment *out)
{
    uint8_t point[MIKEY_P256_POINT_LEN];

    TRY(mikey_p256_mul_base(curve, j, point));
    out->j = *j;
    memcpy(out->r, point + 1, R_LEN);
    return MU_OK;
}

/* RFC 6507 clause 5.2.1 from step 3 on: s = j / (HE + r SSK). */
static enum mu_err sign_with(const struct mikey_eccsi_signer *signer,
    struct span msg, const struct commitment *c, uint8_t sig[MIKEY_SIG_LEN])
{
    MU_CLEANUP(mikey_p256_scalar_clear) struct mikey_p256_scalar s;
    struct mikey_p256_scalar he, r;
    uint8_t octets[MIKEY_ECCSI_HASH_LEN];

    TRY(mikey_eccsi_hash_message(signer->hs, c->r, msg, octets));
    mikey_p256_scalar_reduce(octets, &he);
    mikey_p256_scalar_reduce(c->r, &r);
    mikey_p256_scalar_mul(&s, &r, &signer->ssk);
    mikey_p256_scalar_add(&s, &s, &he);
    if (mikey_p256_scalar_is_zero(&s))
        return MU_E_CRYPTO;
    mikey_p256_scalar_inv(&s, &s);
    mikey_p256_scalar_mul(&s, &s, &c->j);
    memcpy(sig, c->r, R_LEN);
    mikey_p256_scalar_write(&s, sig + S_OFFSET);
    memcpy(sig + PVT_OFFSET, signer->pvt, MIKEY_PVT_LEN);
    /* A signature is public, which is what it is for. */
    MU_CT_DECLASSIFY(sig, MIKEY_SIG_LEN);
    return MU_OK;
}

enum mu_err mikey_eccsi_sign(const struct mikey_eccsi_signer *signer,
    struct span msg, const struct mu_rng *rng, uint8_t sig[MIKEY_SIG_LEN])
{
    MU_CLEANUP(mikey_p256_scalar_clear) struct mikey_p256_scalar j;
    MU_CLEANUP(commitment_clear) struct commitment c;
    const struct span input[2] = {SPAN_OF(signer->hs), msg};

    TRY(mikey_nonce_derive(&signer->ssk, MIKEY_NONCE_J, rng, input, &j));
    TRY(commit(signer->kms->curve, &j, &c));
    return sign_with(signer, msg, &c, sig);
}

enum mu_err mikey_eccsi_sign_with(const struct mikey_eccsi_signer *signer,
    struct span msg, const struct mikey_eccsi_nonce *j,
    uint8_t sig[MIKEY_SIG_LEN])
{
    MU_CLEANUP(mikey_p256_scalar_clear) struct mikey_p256_scalar n;
    MU_CLEANUP(commitment_clear) struct commitment c;

    TRY(mikey_p256_scalar_read(j->b, &n));
    TRY(commit(signer->kms->curve, &n, &c));
    return sign_with(signer, msg, &c, sig);
}

enum mu_err mikey_eccsi_verifier_new(const struct mikey_eccsi_kms *kms,
    struct span id, struct span pvt, struct mikey_eccsi_verifier **out)
{
    struct mikey_eccsi_verifier *v = mu_alloc(sizeof(*v));

    if (v == NULL)
        return MU_E_NO_MEMORY;
    if (verifier_init(kms, id, pvt, v) != MU_OK) {
        mu_free(v);
        return MU_E_CRYPTO;
    }
    *out = v;
    return MU_OK;
}

void mikey_eccsi_verifier_free(struct mikey_eccsi_verifier *verifier)
{
    mu_free(verifier);
}

/* RFC 6507 clause 5.2.2 from step 4 on: J = [s HE]G + [s r]Y. */
enum mu_err mikey_eccsi_verifier_check(
    const struct mikey_eccsi_verifier *verifier, struct span msg,
    struct span sig)
{
    const struct mikey_p256 *curve = verifier->kms->curve;
    uint8_t octets[MIKEY_ECCSI_HASH_LEN], j[MIKEY_P256_POINT_LEN];
    struct mikey_p256_scalar s, he, r;

    if (sig.len != MIKEY_SIG_LEN ||
        memcmp(sig.p + PVT_OFFSET, verifier->pvt, MIKEY_PVT_LEN) != 0 ||
        mikey_p256_scalar_read(sig.p + S_OFFSET, &s) != MU_OK)
        return MU_E_CRYPTO;
    TRY(mikey_eccsi_hash_message(verifier->hs, sig.p, msg, octets));
    mikey_p256_scalar_reduce(octets, &he);
    mikey_p256_scalar_reduce(sig.p, &r);
    mikey_p256_scalar_mul(&he, &he, &s);
    mikey_p256_scalar_mul(&r, &r, &s);
    TRY(mikey_p256_mul_two(curve, &he, &r, verifier->y, j));
    return mikey_p256_x_is(curve, j, sig.p) ? MU_OK : MU_E_CRYPTO;
}

enum mu_err mikey_eccsi_verify(const struct mikey_eccsi_kms *kms,
    struct span id, struct span msg, struct span sig)
{
    struct mikey_eccsi_verifier v;
    struct span pvt;

    if (sig.len != MIKEY_SIG_LEN)
        return MU_E_CRYPTO;
    pvt = (struct span){sig.p + PVT_OFFSET, MIKEY_PVT_LEN};
    if (verifier_init(kms, id, pvt, &v) != MU_OK)
        return MU_E_CRYPTO;
    return mikey_eccsi_verifier_check(&v, msg, sig);
}
