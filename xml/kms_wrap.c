/* SPDX-License-Identifier: Apache-2.0 */
#include "xml/kms_wrap.h"

#include <openssl/evp.h>
#include <string.h>

#include "xml/kms_form.h"

#define POINT_PREFIX 0x04 /* of an uncompressed point, in RSK and PVT */
#define KEY_MAX      MIKEY_POINT_LEN
#define KW_AES256    XML_NS_XENC "kw-aes256"
#define KW_AES256_PAD                                                          \
    "http://www.w3.org/2009/xmlenc11#kw-aes-256-pad" /* XML Encryption 1.1 */

_Static_assert(sizeof(struct mcptt_trk) == 32, "AES-256 takes the TrK");

static void ctx_free(EVP_CIPHER_CTX **ctx)
{
    EVP_CIPHER_CTX_free(*ctx);
}

/* A key on its way; cipher is the key wrap. */
struct wrapping {
    const EVP_CIPHER *cipher;
    const struct mcptt_trk *trk;
    int encrypt;
};

/* out holds in.len + 16 octets: EVP may use that much, whatever it yields. */
static enum mu_err run(
    const struct wrapping *how, struct span in, uint8_t *out, size_t *out_len)
{
    MU_CLEANUP(ctx_free) EVP_CIPHER_CTX *ctx = EVP_CIPHER_CTX_new();
    int len = 0;

    if (ctx == NULL || in.len > XML_WRAPPED_MAX)
        return MU_E_CRYPTO;
    EVP_CIPHER_CTX_set_flags(ctx, EVP_CIPHER_CTX_FLAG_WRAP_ALLOW);
    if (EVP_CipherInit_ex2(
            ctx, how->cipher, how->trk->b, NULL, how->encrypt, NULL) != 1 ||
        EVP_CipherUpdate(ctx, out, &len, in.p, (int)in.len) != 1 || len <= 0)
        return MU_E_CRYPTO;
    *out_len = (size_t)len;
    return MU_OK;
}

static enum mu_err wrap(const struct mcptt_trk *trk, enum trk_wrap how,
    struct span key, struct xml_wrapped *out)
{
    struct wrapping wrapping = {EVP_aes_256_wrap_pad(), trk, 1};
    uint8_t octets[XML_WRAPPED_MAX + 16];
    size_t len = 0;

    if (how == KW_STRIP_04) {
        wrapping.cipher = EVP_aes_256_wrap();
        if (key.len % 8 == 1) {
            if (key.p[0] != POINT_PREFIX)
                return MU_E_MALFORMED;
            key.p++;
            key.len--;
        }
    }
    TRY(run(&wrapping, key, octets, &len));
    memcpy(out->b, octets, len);
    out->len = len;
    return MU_OK;
}

/* Room for a key, what EVP may write besides, and the prefix before it. */
struct unwrapped {
    uint8_t b[1 + XML_WRAPPED_MAX + 16];
    size_t len;
};

static void unwrapped_clear(struct unwrapped *u)
{
    mu_wipe(u, sizeof(*u));
}

/* The prefix stands before what RFC 3394 yields, to be used or not. */
static enum mu_err unwrap(const struct mcptt_trk *trk, struct span wrapped,
    uint8_t *key, size_t key_len)
{
    MU_CLEANUP(unwrapped_clear) struct unwrapped u = {{POINT_PREFIX}, 0};
    struct wrapping strip = {EVP_aes_256_wrap(), trk, 0};
    struct wrapping pad = {EVP_aes_256_wrap_pad(), trk, 0};
    bool point = key_len % 8 == 1;

    if (run(&strip, wrapped, u.b + 1, &u.len) == MU_OK) {
        if (u.len + (point ? 1 : 0) != key_len)
            return MU_E_CRYPTO;
        memcpy(key, point ? u.b : u.b + 1, key_len);
        return MU_OK;
    }
    TRY(run(&pad, wrapped, u.b + 1, &u.len));
    if (u.len != key_len)
        return MU_E_CRYPTO;
    memcpy(key, u.b + 1, key_len);
    return MU_OK;
}

struct span xml_wrapped_span(const struct xml_wrapped *wrapped)
{
    return (struct span){wrapped->b, wrapped->len};
}

enum mu_err xml_wrap_rsk(const struct mcptt_trk *trk, enum trk_wrap how,
    const struct mikey_rsk *rsk, struct xml_wrapped *out)
{
    return wrap(trk, how, SPAN_OF(rsk->b), out);
}

enum mu_err xml_wrap_ssk(const struct mcptt_trk *trk, enum trk_wrap how,
    const struct mikey_ssk *ssk, struct xml_wrapped *out)
{
    return wrap(trk, how, SPAN_OF(ssk->b), out);
}

enum mu_err xml_wrap_pvt(const struct mcptt_trk *trk, enum trk_wrap how,
    const uint8_t pvt[MIKEY_PVT_LEN], struct xml_wrapped *out)
{
    return wrap(trk, how, (struct span){pvt, MIKEY_PVT_LEN}, out);
}

enum mu_err xml_unwrap_rsk(
    const struct mcptt_trk *trk, struct span wrapped, struct mikey_rsk *out)
{
    return unwrap(trk, wrapped, out->b, sizeof(out->b));
}

enum mu_err xml_unwrap_ssk(
    const struct mcptt_trk *trk, struct span wrapped, struct mikey_ssk *out)
{
    return unwrap(trk, wrapped, out->b, sizeof(out->b));
}

enum mu_err xml_unwrap_pvt(const struct mcptt_trk *trk, struct span wrapped,
    uint8_t out[MIKEY_PVT_LEN])
{
    return unwrap(trk, wrapped, out, MIKEY_PVT_LEN);
}

void xml_encrypted_key_write(
    struct xml_writer *x, const struct xml_encrypted_key *key)
{
    xml_open(x, "xenc:EncryptedKey");
    xml_attribute_text(x, "xmlns:xenc", XML_NS_XENC);
    xml_open(x, "xenc:EncryptionMethod");
    xml_attribute_text(x, "Algorithm", KW_AES256);
    xml_end(x);
    if (key->key_name.len > 0) {
        xml_open(x, "ds:KeyInfo");
        xml_attribute_text(x, "xmlns:ds", XML_NS_DS);
        xml_leaf(x, "ds:KeyName", key->key_name);
        xml_end(x);
    }
    xml_open(x, "xenc:CipherData");
    xml_open(x, "xenc:CipherValue");
    xml_base64(x, key->wrapped);
    xml_end(x);
    xml_end(x);
    xml_end(x);
}

bool xml_wrap_algorithm_known(struct span uri)
{
    return span_eq(uri, span_str(KW_AES256)) ||
           span_eq(uri, span_str(KW_AES256_PAD));
}
