/* SPDX-License-Identifier: Apache-2.0 */
#include "xml/dsig.h"

#include <libxml/tree.h>
#include <string.h>

#include "base/secret.h"
#include "xml/dsig_form.h"
#include "xml/kms_form.h"
#include "xml/value.h"

/* What a document claims, collected before anything is believed. */
struct claim {
    enum xml_signed kind;
    const char *algorithm;
    struct xml_canonical element, signed_info;
    char id[XML_KMS_ID_MAX + 1];
    char reference[1 + XML_KMS_ID_MAX + 1];
    uint8_t digest[XML_SHA256_LEN];
    uint8_t value[XML_CERT_SIGNATURE_LEN];
    size_t value_len;
};

static void claim_clear(struct claim *c)
{
    xml_canonical_clear(&c->element);
    xml_canonical_clear(&c->signed_info);
}

static const xmlNode *next_node(const xmlNode *n)
{
    if (n->type == XML_ELEMENT_NODE && n->children != NULL)
        return n->children;
    while (n != NULL && n->next == NULL)
        n = n->parent;
    return n != NULL ? n->next : NULL;
}

/* Id, ID, id and xml:id alike: whatever another reader might take for one. */
static bool has_id(const xmlNode *n, const char *id)
{
    for (const xmlAttr *a = n->properties; a != NULL; a = a->next)
        if (xmlStrcasecmp(a->name, (const xmlChar *)"id") == 0 &&
            a->children != NULL &&
            strcmp((const char *)a->children->content, id) == 0)
            return true;
    return false;
}

static enum mu_err check_unique(const struct xml_element *e, const char *id)
{
    const xmlNode *own = xml_element_node(e);

    for (const xmlNode *n = xmlDocGetRootElement(own->doc); n != NULL;
         n = next_node(n))
        if (n != own && n->type == XML_ELEMENT_NODE && has_id(n, id))
            return xml_refuse(e, MU_E_MALFORMED, "has an Id that is not its");
    return MU_OK;
}

static enum mu_err on_element(
    struct claim *c, const struct xml_element *e, enum xml_signed kind)
{
    struct span id;

    if (c->kind != kind)
        return xml_refuse(e, MU_E_MALFORMED, "is not expected here");
    TRY(xml_kms_id(e, &id));
    memcpy(c->id, id.p, id.len); /* of claims that start as zero */
    TRY(check_unique(e, c->id));
    return xml_canonical_of(e, &c->element);
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

static enum mu_err on_signed_info(void *to, const struct xml_element *e)
{
    struct claim *c = to;

    return xml_canonical_of(e, &c->signed_info);
}

static enum mu_err check_algorithm(
    const struct xml_element *e, const char *expected)
{
    if (!span_eq(xml_attribute(e, NULL, "Algorithm"), span_str(expected)))
        return xml_refuse(e, MU_E_UNSUPPORTED, "names another algorithm");
    return MU_OK;
}

static enum mu_err on_c14n(void *to, const struct xml_element *e)
{
    (void)to;
    return check_algorithm(e, XML_ALG_C14N);
}

static enum mu_err on_method(void *to, const struct xml_element *e)
{
    const struct claim *c = to;

    return check_algorithm(e, c->algorithm);
}

/* Shorter ones are how HMACs are forged (CVE-2009-0217). */
static enum mu_err on_output_length(void *to, const struct xml_element *e)
{
    (void)to;
    if (!span_eq(xml_text(e), span_str("256")))
        return xml_refuse(e, MU_E_UNSUPPORTED, "is not 256");
    return MU_OK;
}

static enum mu_err on_reference(void *to, const struct xml_element *e)
{
    struct span uri = xml_attribute(e, NULL, "URI");
    struct claim *c = to;

    if (uri.len < 2 || uri.len >= sizeof(c->reference) || uri.p[0] != '#')
        return xml_refuse(e, MU_E_MALFORMED, "is not in this document");
    memcpy(c->reference, uri.p, uri.len);
    return MU_OK;
}

static enum mu_err on_digest_method(void *to, const struct xml_element *e)
{
    (void)to;
    return check_algorithm(e, XML_ALG_SHA256);
}

static enum mu_err on_digest(void *to, const struct xml_element *e)
{
    struct claim *c = to;
    size_t len = 0;

    TRY(xml_value_base64(e, c->digest, sizeof(c->digest), &len));
    if (len != sizeof(c->digest))
        return xml_refuse(e, MU_E_MALFORMED, "has not 32 octets");
    return MU_OK;
}

static enum mu_err on_value(void *to, const struct xml_element *e)
{
    struct claim *c = to;

    return xml_value_base64(e, c->value, sizeof(c->value), &c->value_len);
}

/* clang-format off */
static const struct xml_rule rules[] = {
    {NULL, "SignedKmsCertificate",                   NULL, 0, 1, NULL, NULL},
    {NULL, "SignedKmsRequest",                       NULL, 0, 1, NULL, NULL},
    {NULL, "SignedKmsResponse",                      NULL, 0, 1, NULL, NULL},
    {"SignedKmsCertificate", "KmsCertificate",       NULL, 1, 1, NULL, on_cert},
    {"SignedKmsRequest",     "KmsRequest",           NULL, 1, 1, NULL, on_request},
    {"SignedKmsResponse",    "KmsResponse",          NULL, 1, 1, NULL, on_response},
    {"SignedKmsCertificate", "Signature",            XML_NS_DS, 1, 1, NULL, NULL},
    {"SignedKmsRequest",     "Signature",            XML_NS_DS, 1, 1, NULL, NULL},
    {"SignedKmsResponse",    "Signature",            XML_NS_DS, 1, 1, NULL, NULL},

    {"Signature", "SignedInfo",                      XML_NS_DS, 1, 1, NULL, on_signed_info},
    {"Signature", "SignatureValue",                  XML_NS_DS, 1, 1, on_value, NULL},
    {"Signature", "KeyInfo",                         XML_NS_DS, 0, 1, NULL, NULL},

    {"SignedInfo", "CanonicalizationMethod",         XML_NS_DS, 1, 1, on_c14n, NULL},
    {"SignedInfo", "SignatureMethod",                XML_NS_DS, 1, 1, on_method, NULL},
    {"SignatureMethod", "HMACOutputLength",          XML_NS_DS, 0, 1, on_output_length, NULL},
    {"SignedInfo", "Reference",                      XML_NS_DS, 1, 1, on_reference, NULL},

    {"Reference", "Transforms",                      XML_NS_DS, 0, 1, NULL, NULL},
    {"Transforms", "Transform",                      XML_NS_DS, 1, 1, on_c14n, NULL},
    {"Reference", "DigestMethod",                    XML_NS_DS, 1, 1, on_digest_method, NULL},
    {"Reference", "DigestValue",                     XML_NS_DS, 1, 1, on_digest, NULL},
};
/* clang-format on */

static const struct xml_table table = {
    .ns = XML_NS_KMS,
    .rules = rules,
    .count = sizeof(rules) / sizeof(rules[0]),
    .limits = {.octets = 1U << 20, .elements = 10000, .depth = 16},
};

/* The form, and that the element is the one that was hashed. */
static enum mu_err read_claim(
    struct claim *c, struct span text, struct xml_fault *fault)
{
    uint8_t digest[XML_SHA256_LEN];

    TRY(xml_read(&table, text, c, fault));
    if (strcmp(c->reference + 1, c->id) != 0)
        return xml_fault_whole(
            fault, MU_E_MALFORMED, "signs something else", 0);
    TRY(xml_sha256(xml_canonical_span(&c->element), digest));
    if (!mu_ct_eq(digest, c->digest, sizeof(digest)))
        return xml_fault_whole(
            fault, MU_E_CRYPTO, "was changed after it was signed", 0);
    return MU_OK;
}

static enum mu_err not_by_this_key(struct xml_fault *fault)
{
    return xml_fault_whole(
        fault, MU_E_CRYPTO, "is not signed with this key", 0);
}

static void hand_out(struct claim *c, struct xml_canonical *out)
{
    *out = c->element;
    c->element = (struct xml_canonical){NULL, 0};
}

enum mu_err xml_verify_hmac(enum xml_signed kind, struct span text,
    const struct mcptt_ink *ink, struct xml_fault *fault,
    struct xml_canonical *out)
{
    MU_CLEANUP(claim_clear)
    struct claim c = {.kind = kind, .algorithm = XML_ALG_HMAC};
    uint8_t expected[XML_HMAC_LEN];

    TRY(read_claim(&c, text, fault));
    TRY(xml_ink_hmac(ink, xml_canonical_span(&c.signed_info), expected));
    if (c.value_len != sizeof(expected) ||
        !mu_ct_eq(expected, c.value, sizeof(expected)))
        return not_by_this_key(fault);
    hand_out(&c, out);
    return MU_OK;
}

enum mu_err xml_verify_ecdsa(enum xml_signed kind, struct span text,
    const struct xml_cert_point *key, struct xml_fault *fault,
    struct xml_canonical *out)
{
    MU_CLEANUP(claim_clear)
    struct claim c = {.kind = kind, .algorithm = XML_ALG_ECDSA};
    struct xml_cert_signature signature;

    TRY(read_claim(&c, text, fault));
    memcpy(signature.b, c.value, sizeof(signature.b));
    if (c.value_len != sizeof(signature.b) ||
        xml_cert_verify(key, xml_canonical_span(&c.signed_info), &signature) !=
            MU_OK)
        return not_by_this_key(fault);
    hand_out(&c, out);
    return MU_OK;
}
