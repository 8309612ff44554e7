/* SPDX-License-Identifier: Apache-2.0 */
#include "xml/dsig.h"

#include <assert.h>
#include <openssl/evp.h>
#include <openssl/hmac.h>

#include "xml/dsig_form.h"
#include "xml/kms_form.h"

#define SIGNED_INFO_MAX 2048

/* The wrapper of each kind, and what it holds. */
static const struct form {
    const char *wrapper, *element;
} forms[] = {
    [XML_SIGNED_CERT] = {"SignedKmsCertificate", "KmsCertificate"},
    [XML_SIGNED_REQUEST] = {"SignedKmsRequest", "KmsRequest"},
    [XML_SIGNED_RESPONSE] = {"SignedKmsResponse", "KmsResponse"},
};

/* What is to be signed, once it is read. */
struct signing {
    enum xml_signed kind;
    struct xml_canonical element;
    char reference[1 + XML_KMS_ID_MAX + 1]; /* "#x" */
};

static void signing_clear(struct signing *s)
{
    xml_canonical_clear(&s->element);
}

static enum mu_err on_element(
    struct signing *s, const struct xml_element *e, enum xml_signed kind)
{
    struct span id;
    struct wr w;

    if (s->kind != kind || !xml_kms_stands_alone(e))
        return xml_refuse(e, MU_E_MALFORMED, "is not in the form to sign");
    TRY(xml_kms_id(e, &id));
    wr_init(&w, (uint8_t *)s->reference, sizeof(s->reference) - 1);
    wr_u8(&w, '#');
    wr_span(&w, id);
    assert(w.err == MU_OK);
    return xml_canonical_of(e, &s->element);
}

static enum mu_err on_cert(void *to, const struct xml_element *e)
{
    return on_element(to, e, XML_SIGNED_CERT);
}

static enum mu_err on_request(void *to, const struct xml_element *e)
{
    return on_element(to, e, XML_SIGNED_REQUEST);
}

static enum mu_err on_response(void *to, const struct xml_element *e)
{
    return on_element(to, e, XML_SIGNED_RESPONSE);
}

/* clang-format off */
static const struct xml_rule rules[] = {
    {NULL, "KmsCertificate", NULL, 0, 1, NULL, on_cert},
    {NULL, "KmsRequest",     NULL, 0, 1, NULL, on_request},
    {NULL, "KmsResponse",    NULL, 0, 1, NULL, on_response},
};
/* clang-format on */

static const struct xml_table table = {
    .ns = XML_NS_KMS,
    .rules = rules,
    .count = sizeof(rules) / sizeof(rules[0]),
    .limits = {.octets = 1U << 20, .elements = 10000, .depth = 16},
};

static void put_algorithm(
    struct xml_writer *x, const char *name, const char *algorithm)
{
    xml_open(x, name);
    xml_attribute_text(x, "Algorithm", algorithm);
    xml_end(x);
}

/* SignedInfo is written as it is signed: in its canonical form, with the
 * declarations in scope in its own tag, where they do no harm. */
static enum mu_err make_signed_info(
    const struct signing *s, const char *algorithm, struct wr *w)
{
    uint8_t digest[XML_SHA256_LEN];
    struct xml_writer x;

    TRY(xml_sha256(xml_canonical_span(&s->element), digest));
    xml_writer_init(&x, w);
    xml_open(&x, "ds:SignedInfo");
    xml_attribute_text(&x, "xmlns", XML_NS_KMS);
    xml_attribute_text(&x, "xmlns:ds", XML_NS_DS);
    xml_attribute_text(&x, "xmlns:xsi", XML_NS_XSI);
    put_algorithm(&x, "ds:CanonicalizationMethod", XML_ALG_C14N);
    put_algorithm(&x, "ds:SignatureMethod", algorithm);
    xml_open(&x, "ds:Reference");
    xml_attribute_text(&x, "URI", s->reference);
    xml_open(&x, "ds:Transforms");
    put_algorithm(&x, "ds:Transform", XML_ALG_C14N);
    xml_end(&x);
    put_algorithm(&x, "ds:DigestMethod", XML_ALG_SHA256);
    xml_open(&x, "ds:DigestValue");
    xml_base64(&x, SPAN_OF(digest));
    xml_end(&x);
    xml_end(&x);
    xml_end(&x);
    return xml_writer_close(&x);
}

/* What stands in the signature, all of it known. */
struct parts {
    struct span signed_info, value, key_name;
};

static enum mu_err put_all(
    const struct signing *s, const struct parts *parts, struct wr *out)
{
    struct xml_writer x;

    xml_writer_init(&x, out);
    xml_kms_open(&x, forms[s->kind].wrapper);
    xml_verbatim(&x, xml_canonical_span(&s->element));
    xml_open(&x, "ds:Signature");
    xml_attribute_text(&x, "xmlns:ds", XML_NS_DS);
    xml_verbatim(&x, parts->signed_info);
    xml_open(&x, "ds:SignatureValue");
    xml_base64(&x, parts->value);
    xml_end(&x);
    if (parts->key_name.len > 0) {
        xml_open(&x, "ds:KeyInfo");
        xml_leaf(&x, "ds:KeyName", parts->key_name);
        xml_end(&x);
    }
    xml_end(&x);
    xml_end(&x);
    return xml_writer_close(&x);
}

static enum mu_err start(
    struct span element, const char *algorithm, struct signing *s, struct wr *w)
{
    struct xml_fault fault;

    TRY(xml_read(&table, element, s, &fault));
    return make_signed_info(s, algorithm, w);
}

enum mu_err xml_ink_hmac(
    const struct mcptt_ink *ink, struct span message, uint8_t out[XML_HMAC_LEN])
{
    if (HMAC(EVP_sha256(), ink->b, sizeof(ink->b), message.p, message.len, out,
            NULL) == NULL)
        return MU_E_CRYPTO;
    return MU_OK;
}

enum mu_err xml_sign_hmac(enum xml_signed kind, struct span element,
    const struct mcptt_ink *ink, struct span key_name, struct wr *out)
{
    MU_CLEANUP(signing_clear) struct signing s = {.kind = kind};
    struct parts parts = {.key_name = key_name};
    uint8_t info[SIGNED_INFO_MAX], value[XML_HMAC_LEN];
    struct wr w;

    wr_init(&w, info, sizeof(info));
    TRY(start(element, XML_ALG_HMAC, &s, &w));
    parts.signed_info = wr_so_far(&w);
    TRY(xml_ink_hmac(ink, parts.signed_info, value));
    parts.value = SPAN_OF(value);
    return put_all(&s, &parts, out);
}

enum mu_err xml_sign_ecdsa(enum xml_signed kind, struct span element,
    const struct xml_cert_key *key, struct wr *out)
{
    MU_CLEANUP(signing_clear) struct signing s = {.kind = kind};
    struct parts parts = {.key_name = {NULL, 0}};
    struct xml_cert_signature value;
    uint8_t info[SIGNED_INFO_MAX];
    struct wr w;

    wr_init(&w, info, sizeof(info));
    TRY(start(element, XML_ALG_ECDSA, &s, &w));
    parts.signed_info = wr_so_far(&w);
    TRY(xml_cert_sign(key, parts.signed_info, &value));
    parts.value = SPAN_OF(value.b);
    return put_all(&s, &parts, out);
}
