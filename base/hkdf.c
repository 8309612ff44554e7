/* SPDX-License-Identifier: Apache-2.0 */
#include "base/hkdf.h"

#include "base/secret.h"

#include <openssl/core_names.h>
#include <openssl/evp.h>
#include <openssl/kdf.h>
#include <openssl/params.h>

static void kdf_free(EVP_KDF **p)
{
    EVP_KDF_free(*p);
}

static void kdf_ctx_free(EVP_KDF_CTX **p)
{
    EVP_KDF_CTX_free(*p);
}

/* OpenSSL's parameters are not const, but these it only reads. */
static OSSL_PARAM octets(const char *name, struct span in)
{
    static const uint8_t none[1] = {0};
    union {
        const uint8_t *in;
        uint8_t *out;
    } p = {.in = in.len > 0 ? in.p : none};

    return OSSL_PARAM_construct_octet_string(name, p.out, in.len);
}

enum mu_err mu_hkdf(struct span ikm, struct span salt, struct span info,
    uint8_t *out, size_t len)
{
    char digest[] = "SHA256";
    const OSSL_PARAM params[] = {
        OSSL_PARAM_construct_utf8_string(OSSL_KDF_PARAM_DIGEST, digest, 0),
        octets(OSSL_KDF_PARAM_KEY, ikm),
        octets(OSSL_KDF_PARAM_SALT, salt),
        octets(OSSL_KDF_PARAM_INFO, info),
        OSSL_PARAM_construct_end(),
    };
    MU_CLEANUP(kdf_free) EVP_KDF *kdf = EVP_KDF_fetch(NULL, "HKDF", NULL);
    MU_CLEANUP(kdf_ctx_free)
    EVP_KDF_CTX *ctx = kdf != NULL ? EVP_KDF_CTX_new(kdf) : NULL;

    if (ctx != NULL && len > 0 && len <= MU_HKDF_MAX &&
        EVP_KDF_derive(ctx, out, len, params) == 1)
        return MU_OK;
    mu_wipe(out, len);
    return MU_E_CRYPTO;
}
