/* SPDX-License-Identifier: Apache-2.0 */
#include "xml/kms_cert.h"

#include <assert.h>
#include <string.h>

#include "xml/kms_form.h"

static void put_key(struct xml_writer *x, const char *name, struct span octets)
{
    xml_kms_open_key(x, name, "KeyContentType");
    xml_hex(x, octets);
    xml_end(x);
}

static void put_domains(
    struct xml_writer *x, const struct xml_kms_cert_form *in)
{
    if (in->domain_count == 0)
        return;
    xml_open(x, "KmsDomainList");
    for (size_t i = 0; i < in->domain_count; i++)
        xml_leaf(x, "KmsDomain", in->domains[i]);
    xml_end(x);
}

/* In the order of the schema (33180 notes 6.1). */
static void put_cert(struct xml_writer *x, const struct xml_kms_cert *cert)
{
    const struct xml_kms_origin *origin = &cert->origin;

    xml_leaf_optional(x, "CertUri", origin->cert_uri);
    xml_leaf(x, "KmsUri", origin->kms_uri);
    xml_leaf_optional(x, "Issuer", origin->issuer);
    xml_kms_put_validity(x, origin);
    xml_kms_put_revoked(x, origin);
    xml_leaf_number(x, "UserIdFormat", 2);
    xml_leaf_number(x, "UserKeyPeriod", cert->rule.length_s);
    xml_leaf_number(x, "UserKeyOffset", cert->rule.offset_s);
    put_key(x, "PubEncKey", SPAN_OF(cert->z));
    put_key(x, "PubAuthKey", SPAN_OF(cert->kpak));
    xml_leaf_number(x, "ParameterSet", 1);
}

enum mu_err xml_kms_cert_write(struct wr *w, const struct xml_kms_cert_form *in)
{
    const struct xml_kms_cert *cert = in->cert;
    struct xml_writer x;

    assert(cert->role != XML_KMS_ROLE_NONE && xml_kms_id_fits(in->id));
    xml_writer_init(&x, w);
    xml_kms_open(&x, "KmsCertificate");
    xml_attribute_span(&x, "Id", in->id);
    if (cert->is_security_gateway)
        xml_attribute_text(&x, "IsSecurityGateway", "true");
    xml_attribute_text(
        &x, "Role", cert->role == XML_KMS_ROLE_ROOT ? "Root" : "External");
    xml_attribute_text(&x, "Version", "1.1.0");
    put_cert(&x, cert);
    put_domains(&x, in);
    xml_end(&x);
    return xml_writer_close(&x);
}

/* The fingerprint of a document's one certificate. */
struct printing {
    uint8_t hash[XML_SHA256_LEN];
};

static enum mu_err on_cert(void *to, const struct xml_element *e)
{
    MU_CLEANUP(xml_canonical_clear) struct xml_canonical c = {NULL, 0};
    struct printing *p = to;

    TRY(xml_canonical_of(e, &c));
    return xml_sha256(xml_canonical_span(&c), p->hash);
}

/* clang-format off */
static const struct xml_rule rules[] = {
    {NULL, "KmsCertificate",       NULL, 0, 1, NULL, on_cert},
    {NULL, "SignedKmsCertificate", NULL, 0, 1, NULL, NULL},
    {"SignedKmsCertificate", "KmsCertificate", NULL, 1, 1, NULL, on_cert},
};
/* clang-format on */

static const struct xml_table table = {
    .ns = XML_NS_KMS,
    .rules = rules,
    .count = sizeof(rules) / sizeof(rules[0]),
    .skip_foreign = true, /* ds:Signature */
    .limits = {.octets = 1U << 16, .elements = 1000, .depth = 16},
};

enum mu_err xml_kms_fingerprint(
    struct span text, struct xml_fault *fault, uint8_t out[XML_SHA256_LEN])
{
    struct printing p;

    TRY(xml_read(&table, text, &p, fault));
    memcpy(out, p.hash, sizeof(p.hash));
    return MU_OK;
}
