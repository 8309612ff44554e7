/* SPDX-License-Identifier: Apache-2.0 */
#include "mikey/nonce.h"

#include <openssl/core_names.h>
#include <openssl/evp.h>

#include "base/secret.h"

#define FRESH_LEN 32
#define WIDE_LEN  (2 * MIKEY_P256_SCALAR_LEN)

SECRET_TYPE(nonce_key, MIKEY_P256_SCALAR_LEN);
SECRET_TYPE(nonce_fresh, FRESH_LEN);
SECRET_TYPE(nonce_wide, WIDE_LEN);

static void mac_drop(EVP_MAC **mac)
{
    EVP_MAC_free(*mac);
}

static void mac_ctx_drop(EVP_MAC_CTX **ctx)
{
    EVP_MAC_CTX_free(*ctx);
}

static enum mu_err hmac_sha512(const struct nonce_key *key,
    const struct span *part, size_t parts, struct nonce_wide *out)
{
    char digest[] = "SHA512";
    const OSSL_PARAM params[] = {
        OSSL_PARAM_construct_utf8_string(OSSL_MAC_PARAM_DIGEST, digest, 0),
        OSSL_PARAM_construct_end(),
    };
    MU_CLEANUP(mac_drop) EVP_MAC *mac = EVP_MAC_fetch(NULL, "HMAC", NULL);
    MU_CLEANUP(mac_ctx_drop)
    EVP_MAC_CTX *ctx = mac != NULL ? EVP_MAC_CTX_new(mac) : NULL;
    size_t len = 0;
    bool ok =
        ctx != NULL && EVP_MAC_init(ctx, key->b, sizeof(key->b), params) == 1;

    for (size_t i = 0; i < parts && ok; i++)
        ok = EVP_MAC_update(ctx, part[i].p, part[i].len) == 1;
    ok = ok && EVP_MAC_final(ctx, out->b, &len, sizeof(out->b)) == 1;
    return ok && len == sizeof(out->b) ? MU_OK : MU_E_CRYPTO;
}

enum mu_err mikey_nonce_derive(const struct mikey_p256_scalar *key,
    enum mikey_nonce_purpose purpose, const struct mu_rng *rng,
    const struct span input[2], struct mikey_p256_scalar *out)
{
    MU_CLEANUP(nonce_key_clear) struct nonce_key octets = {0};
    MU_CLEANUP(nonce_fresh_clear) struct nonce_fresh fresh = {0};
    MU_CLEANUP(nonce_wide_clear) struct nonce_wide wide = {0};
    const uint8_t label = (uint8_t)purpose;
    const struct span part[] = {
        {&label, sizeof(label)},
        SPAN_OF(fresh.b),
        input[0],
        input[1],
    };

    TRY(mu_rng_fill(rng, fresh.b, sizeof(fresh.b)));
    mikey_p256_scalar_write(key, octets.b);
    TRY(hmac_sha512(&octets, part, sizeof(part) / sizeof(part[0]), &wide));
    mikey_p256_scalar_reduce_wide(wide.b, out);
    return MU_OK;
}
