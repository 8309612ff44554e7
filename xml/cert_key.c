/* SPDX-License-Identifier: Apache-2.0 */
#include "xml/cert_key.h"

#include <openssl/bn.h>
#include <openssl/core_names.h>
#include <openssl/ec.h>
#include <openssl/evp.h>
#include <openssl/param_build.h>

#include "mikey/p256.h"

#define DER_MAX 72 /* of a signature on P-256 */

static void bn_free(BIGNUM **bn)
{
    BN_clear_free(*bn);
}

static void build_free(OSSL_PARAM_BLD **build)
{
    OSSL_PARAM_BLD_free(*build);
}

static void params_free(OSSL_PARAM **params)
{
    OSSL_PARAM_free(*params);
}

static void pkey_ctx_free(EVP_PKEY_CTX **ctx)
{
    EVP_PKEY_CTX_free(*ctx);
}

static void pkey_free(EVP_PKEY **pkey)
{
    EVP_PKEY_free(*pkey);
}

static void md_ctx_free(EVP_MD_CTX **ctx)
{
    EVP_MD_CTX_free(*ctx);
}

static void sig_free(ECDSA_SIG **sig)
{
    ECDSA_SIG_free(*sig);
}

static void curve_free(struct mikey_p256 **curve)
{
    mikey_p256_free(*curve);
}

/* A candidate is out of range once in 2^32. */
enum mu_err xml_cert_key_make(
    const struct mu_rng *rng, struct xml_cert_key *out)
{
    MU_CLEANUP(mikey_p256_scalar_clear) struct mikey_p256_scalar k;
    MU_CLEANUP(xml_cert_key_clear) struct xml_cert_key key;

    do
        TRY(mu_rng_fill(rng, key.b, sizeof(key.b)));
    while (mikey_p256_scalar_read(key.b, &k) != MU_OK);
    *out = key;
    return MU_OK;
}

enum mu_err xml_cert_point_of(
    const struct xml_cert_key *key, struct xml_cert_point *out)
{
    MU_CLEANUP(mikey_p256_scalar_clear) struct mikey_p256_scalar k;
    MU_CLEANUP(curve_free) struct mikey_p256 *curve = NULL;

    TRY(mikey_p256_scalar_read(key->b, &k));
    TRY(mikey_p256_new(&curve));
    return mikey_p256_mul_base(curve, &k, out->b);
}

/* The parameters of a key; priv is NULL for a public one. */
static OSSL_PARAM *make_params(
    const struct xml_cert_point *point, const BIGNUM *priv)
{
    MU_CLEANUP(build_free) OSSL_PARAM_BLD *build = OSSL_PARAM_BLD_new();

    if (build == NULL ||
        OSSL_PARAM_BLD_push_utf8_string(
            build, OSSL_PKEY_PARAM_GROUP_NAME, "P-256", 0) != 1 ||
        OSSL_PARAM_BLD_push_octet_string(
            build, OSSL_PKEY_PARAM_PUB_KEY, point->b, sizeof(point->b)) != 1 ||
        (priv != NULL &&
            OSSL_PARAM_BLD_push_BN(build, OSSL_PKEY_PARAM_PRIV_KEY, priv) != 1))
        return NULL;
    return OSSL_PARAM_BLD_to_param(build);
}

static EVP_PKEY *make_pkey(
    const struct xml_cert_point *point, const struct xml_cert_key *key)
{
    MU_CLEANUP(pkey_ctx_free)
    EVP_PKEY_CTX *ctx = EVP_PKEY_CTX_new_from_name(NULL, "EC", NULL);
    MU_CLEANUP(params_free) OSSL_PARAM *params = NULL;
    MU_CLEANUP(bn_free) BIGNUM *priv = NULL;
    EVP_PKEY *pkey = NULL;

    if (key != NULL) {
        priv = BN_secure_new();
        if (priv == NULL || BN_bin2bn(key->b, sizeof(key->b), priv) == NULL)
            return NULL;
        BN_set_flags(priv, BN_FLG_CONSTTIME);
    }
    params = make_params(point, priv);
    if (ctx == NULL || params == NULL || EVP_PKEY_fromdata_init(ctx) != 1 ||
        EVP_PKEY_fromdata(ctx, &pkey,
            key != NULL ? EVP_PKEY_KEYPAIR : EVP_PKEY_PUBLIC_KEY, params) != 1)
        return NULL;
    return pkey;
}

/* From OpenSSL's DER to two integers of fixed length, and back. */
static enum mu_err from_der(struct span der, struct xml_cert_signature *out)
{
    MU_CLEANUP(sig_free) ECDSA_SIG *sig = NULL;
    const uint8_t *p = der.p;
    const int half = XML_CERT_SIGNATURE_LEN / 2;

    sig = d2i_ECDSA_SIG(NULL, &p, (long)der.len);
    if (sig == NULL ||
        BN_bn2binpad(ECDSA_SIG_get0_r(sig), out->b, half) != half ||
        BN_bn2binpad(ECDSA_SIG_get0_s(sig), out->b + half, half) != half)
        return MU_E_CRYPTO;
    return MU_OK;
}

static enum mu_err to_der(
    const struct xml_cert_signature *in, uint8_t der[DER_MAX], size_t *len)
{
    MU_CLEANUP(sig_free) ECDSA_SIG *sig = ECDSA_SIG_new();
    MU_CLEANUP(bn_free) BIGNUM *r = NULL;
    MU_CLEANUP(bn_free) BIGNUM *s = NULL;
    const int half = XML_CERT_SIGNATURE_LEN / 2;
    uint8_t *p = der;
    int used;

    r = BN_bin2bn(in->b, half, NULL);
    s = BN_bin2bn(in->b + half, half, NULL);
    if (sig == NULL || r == NULL || s == NULL || ECDSA_SIG_set0(sig, r, s) != 1)
        return MU_E_CRYPTO;
    r = s = NULL; /* sig's now */
    used = i2d_ECDSA_SIG(sig, &p);
    if (used <= 0)
        return MU_E_CRYPTO;
    *len = (size_t)used;
    return MU_OK;
}

enum mu_err xml_cert_sign(const struct xml_cert_key *key, struct span message,
    struct xml_cert_signature *out)
{
    MU_CLEANUP(md_ctx_free) EVP_MD_CTX *ctx = EVP_MD_CTX_new();
    MU_CLEANUP(pkey_free) EVP_PKEY *pkey = NULL;
    struct xml_cert_point point;
    uint8_t der[DER_MAX];
    size_t len = sizeof(der);

    TRY(xml_cert_point_of(key, &point));
    pkey = make_pkey(&point, key);
    if (ctx == NULL || pkey == NULL ||
        EVP_DigestSignInit(ctx, NULL, EVP_sha256(), NULL, pkey) != 1 ||
        EVP_DigestSign(ctx, der, &len, message.p, message.len) != 1)
        return MU_E_CRYPTO;
    return from_der((struct span){der, len}, out);
}

enum mu_err xml_cert_verify(const struct xml_cert_point *point,
    struct span message, const struct xml_cert_signature *signature)
{
    MU_CLEANUP(md_ctx_free) EVP_MD_CTX *ctx = EVP_MD_CTX_new();
    MU_CLEANUP(pkey_free) EVP_PKEY *pkey = make_pkey(point, NULL);
    uint8_t der[DER_MAX];
    size_t len = 0;

    TRY(to_der(signature, der, &len));
    if (ctx == NULL || pkey == NULL ||
        EVP_DigestVerifyInit(ctx, NULL, EVP_sha256(), NULL, pkey) != 1 ||
        EVP_DigestVerify(ctx, der, len, message.p, message.len) != 1)
        return MU_E_CRYPTO;
    return MU_OK;
}
