/* SPDX-License-Identifier: Apache-2.0 */
#include "tests/issuer.h"

#include <openssl/bn.h>
#include <openssl/core_names.h>
#include <openssl/ecdsa.h>
#include <openssl/hmac.h>
#include <openssl/pem.h>
#include <openssl/rsa.h>
#include <stdio.h>
#include <string.h>

#include "base/text.h"

#define RSA_LEN 256 /* octets of a signature or modulus: 2048 bits */
#define EC_LEN  32

/* Base64url without padding (RFC 7515 clause 2). */
static void base64url(const uint8_t *in, size_t len, char *out)
{
    mu_base64_write((struct span){in, len}, out);
    for (char *c = out; *c != '\0'; c++) {
        if (*c == '+')
            *c = '-';
        else if (*c == '/')
            *c = '_';
        else if (*c == '=')
            *c = '\0';
    }
}

static bool number(const EVP_PKEY *key, const char *name, char *out, size_t len)
{
    uint8_t octets[RSA_LEN];
    BIGNUM *n = NULL;
    bool ok;

    ok = EVP_PKEY_get_bn_param(key, name, &n) == 1 &&
         BN_bn2binpad(n, octets, (int)len) == (int)len;
    BN_free(n);
    if (ok)
        base64url(octets, len, out);
    return ok;
}

bool test_issuer_make(struct test_issuer *issuer)
{
    char n[MU_BASE64_LEN(RSA_LEN)], x[MU_BASE64_LEN(EC_LEN)];
    char y[MU_BASE64_LEN(EC_LEN)];

    memset(issuer, 0, sizeof(*issuer));
    issuer->rsa = EVP_RSA_gen(8 * RSA_LEN);
    issuer->ec = EVP_EC_gen("P-256");
    if (issuer->rsa == NULL || issuer->ec == NULL ||
        !number(issuer->rsa, OSSL_PKEY_PARAM_RSA_N, n, RSA_LEN) ||
        !number(issuer->ec, OSSL_PKEY_PARAM_EC_PUB_X, x, EC_LEN) ||
        !number(issuer->ec, OSSL_PKEY_PARAM_EC_PUB_Y, y, EC_LEN))
        return false;
    (void)snprintf(issuer->jwks, sizeof(issuer->jwks),
        "{\"keys\":[{\"kty\":\"RSA\",\"kid\":\"rsa-1\",\"use\":\"sig\","
        "\"n\":\"%s\",\"e\":\"AQAB\"},{\"kty\":\"EC\",\"kid\":\"ec-1\","
        "\"alg\":\"ES256\",\"crv\":\"P-256\",\"x\":\"%s\",\"y\":\"%s\"}]}",
        n, x, y);
    return true;
}

void test_issuer_clear(struct test_issuer *issuer)
{
    EVP_PKEY_free(issuer->rsa);
    EVP_PKEY_free(issuer->ec);
}

static bool digest_sign(
    EVP_PKEY *key, const char *text, uint8_t *out, size_t *len)
{
    EVP_MD_CTX *ctx = EVP_MD_CTX_new();
    bool ok =
        ctx != NULL &&
        EVP_DigestSignInit(ctx, NULL, EVP_sha256(), NULL, key) == 1 &&
        EVP_DigestSign(ctx, out, len, (const uint8_t *)text, strlen(text)) == 1;

    EVP_MD_CTX_free(ctx);
    return ok;
}

/* JWS wants the two numbers side by side (RFC 7518 clause 3.4). */
static bool sign_es256(
    const struct test_issuer *issuer, const char *text, uint8_t *out)
{
    uint8_t der[80];
    const uint8_t *at = der;
    size_t len = sizeof(der);
    ECDSA_SIG *sig;
    bool ok;

    if (!digest_sign(issuer->ec, text, der, &len))
        return false;
    sig = d2i_ECDSA_SIG(NULL, &at, (long)len);
    ok = sig != NULL &&
         BN_bn2binpad(ECDSA_SIG_get0_r(sig), out, EC_LEN) == EC_LEN &&
         BN_bn2binpad(ECDSA_SIG_get0_s(sig), out + EC_LEN, EC_LEN) == EC_LEN;
    ECDSA_SIG_free(sig);
    return ok;
}

static bool sign_hs256(
    const struct test_issuer *issuer, const char *text, uint8_t *out)
{
    BIO *bio = BIO_new(BIO_s_mem());
    char *pem = NULL;
    long len;
    bool ok = false;

    if (bio != NULL && PEM_write_bio_PUBKEY(bio, issuer->rsa) == 1) {
        len = BIO_get_mem_data(bio, &pem);
        ok = HMAC(EVP_sha256(), pem, (int)len, (const uint8_t *)text,
                 strlen(text), out, NULL) != NULL;
    }
    BIO_free(bio);
    return ok;
}

static bool make_signature(const struct test_issuer *issuer,
    enum test_signature kind, const char *text, uint8_t out[RSA_LEN],
    size_t *len)
{
    switch (kind) {
    case TEST_RS256:
        *len = RSA_LEN;
        return digest_sign(issuer->rsa, text, out, len);
    case TEST_ES256:
        *len = sizeof(uint8_t[2 * EC_LEN]);
        return sign_es256(issuer, text, out);
    case TEST_HS256:
        *len = EC_LEN;
        return sign_hs256(issuer, text, out);
    case TEST_UNSIGNED:
        break;
    }
    *len = 0;
    return true;
}

bool test_issuer_sign(const struct test_issuer *issuer,
    enum test_signature kind, const char *header, const char *payload,
    char out[TEST_TOKEN_MAX])
{
    uint8_t signature[RSA_LEN];
    size_t len = 0, at;

    if (MU_BASE64_LEN(strlen(header)) + MU_BASE64_LEN(strlen(payload)) +
            MU_BASE64_LEN(RSA_LEN) >
        TEST_TOKEN_MAX)
        return false;
    base64url((const uint8_t *)header, strlen(header), out);
    at = strlen(out);
    out[at++] = '.';
    base64url((const uint8_t *)payload, strlen(payload), out + at);
    if (!make_signature(issuer, kind, out, signature, &len))
        return false;
    at = strlen(out);
    out[at++] = '.';
    base64url(signature, len, out + at);
    return true;
}

bool test_issuer_token(const struct test_issuer *issuer, const char *mcptt_id,
    const char *scope, unsigned long long exp, char out[TEST_TOKEN_MAX])
{
    char payload[1024];

    (void)snprintf(payload, sizeof(payload),
        "{\"iss\":\"" TEST_ISSUER "\",\"mcptt_id\":\"%s\","
        "\"scope\":\"openid %s\",\"exp\":%llu,\"client_id\":\"test\"}",
        mcptt_id, scope, exp);
    return test_issuer_sign(issuer, TEST_ES256,
        "{\"alg\":\"ES256\",\"kid\":\"ec-1\",\"typ\":\"JWT\"}", payload, out);
}
