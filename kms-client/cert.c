/* SPDX-License-Identifier: Apache-2.0 */
#include "kms-client/cert.h"

#include <string.h>

#include "base/alloc.h"
#include "xml/dsig.h"
#include "xml/kms_form.h"
#include "xml/reader.h"

void kms_trust_of(const struct kms_enrolment *enrolment, struct kms_trust *out)
{
    memcpy(out->cert_key.b, enrolment->cert_key, sizeof(out->cert_key.b));
    memcpy(out->cert_sha256, enrolment->cert_sha256, sizeof(out->cert_sha256));
}

static enum mu_err on_bare(void *to, const struct xml_element *e)
{
    return xml_canonical_of(e, to);
}

static const struct xml_rule bare_rules[] = {
    {NULL, "KmsCertificate", NULL, 0, 0, NULL, on_bare},
};

static const struct xml_table bare_table = {
    .ns = XML_NS_KMS,
    .rules = bare_rules,
    .count = sizeof(bare_rules) / sizeof(bare_rules[0]),
    .skip_foreign = true,
    .skip_unknown = true,
    .limits = {.octets = 1U << 16, .elements = 4096, .depth = 8},
};

/*
 * A certificate without a signature is the one whose fingerprint came by hand,
 * or it is a downgrade.
 */
static enum mu_err verify_bare(const struct kms_trust *trust, struct span text,
    struct xml_fault *fault, struct xml_canonical *out)
{
    MU_CLEANUP(xml_canonical_clear) struct xml_canonical c = {0};
    uint8_t is[XML_SHA256_LEN];

    TRY(xml_read(&bare_table, text, &c, fault));
    TRY(xml_sha256(xml_canonical_span(&c), is));
    if (!mu_ct_eq(is, trust->cert_sha256, sizeof(is)))
        return xml_fault_whole(fault, MU_E_DENIED, "is not signed", 0);
    *out = c;
    c = (struct xml_canonical){0};
    return MU_OK;
}

/* The octets that were signed, and are to be read. */
static enum mu_err verify(const struct kms_trust *trust, struct span text,
    struct xml_fault *fault, struct xml_canonical *out)
{
    struct xml_fault first;
    enum mu_err err =
        xml_verify_ecdsa(XML_SIGNED_CERT, text, &trust->cert_key, &first, out);
    enum mu_err bare;

    *fault = first;
    if (err != MU_E_MALFORMED)
        return err;
    bare = verify_bare(trust, text, fault, out);
    if (bare == MU_OK || bare == MU_E_DENIED)
        return bare;
    *fault = first;
    return err;
}

static enum mu_err fill(struct kms_cert *cert, struct span text,
    struct span canonical, struct xml_fault *fault)
{
    cert->text_octets = mu_alloc(text.len);
    if (cert->text_octets == NULL)
        return MU_E_NO_MEMORY;
    memcpy(cert->text_octets, text.p, text.len);
    cert->text = (struct span){cert->text_octets, text.len};
    TRY(xml_sha256(canonical, cert->sha256));
    TRY(xml_kms_read(canonical, fault, &cert->doc));
    cert->says = cert->doc->certs;
    if (cert->says == NULL)
        return xml_fault_whole(
            fault, MU_E_MALFORMED, "holds no KmsCertificate", 0);
    TRY(mikey_sakke_kms_new(SPAN_OF(cert->says->z), &cert->sakke));
    return mikey_eccsi_kms_new(SPAN_OF(cert->says->kpak), &cert->eccsi);
}

struct kms_cert *kms_cert_ref(struct kms_cert *cert)
{
    cert->refs++;
    return cert;
}

void kms_cert_unref(struct kms_cert *cert)
{
    if (cert == NULL || --cert->refs > 0)
        return;
    mikey_sakke_kms_free(cert->sakke);
    mikey_eccsi_kms_free(cert->eccsi);
    xml_kms_free(cert->doc);
    mu_free(cert->text_octets);
    mu_free(cert);
}

void kms_cert_drop(struct kms_cert **cert)
{
    kms_cert_unref(*cert);
}

static enum mu_err make(struct span text, struct span canonical,
    struct xml_fault *fault, struct kms_cert **out)
{
    MU_CLEANUP(kms_cert_drop) struct kms_cert *cert = NULL;

    cert = mu_alloc(sizeof(*cert));
    if (cert == NULL)
        return MU_E_NO_MEMORY;
    cert->refs = 1;
    TRY(fill(cert, text, canonical, fault));
    *out = cert;
    cert = NULL;
    return MU_OK;
}

enum mu_err kms_cert_new_or(struct kms_cert *known,
    const struct kms_trust *trust, struct span text, struct xml_fault *fault,
    struct kms_cert **out)
{
    MU_CLEANUP(xml_canonical_clear) struct xml_canonical canonical = {0};
    uint8_t is[XML_SHA256_LEN];

    TRY(verify(trust, text, fault, &canonical));
    TRY(xml_sha256(xml_canonical_span(&canonical), is));
    if (known == NULL || memcmp(known->sha256, is, sizeof(is)) != 0)
        return make(text, xml_canonical_span(&canonical), fault, out);
    *out = kms_cert_ref(known);
    return MU_OK;
}

enum mu_err kms_cert_new(const struct kms_trust *trust, struct span text,
    struct xml_fault *fault, struct kms_cert **out)
{
    return kms_cert_new_or(NULL, trust, text, fault, out);
}

enum mu_err kms_cert_check_time(const struct kms_cert *cert, uint64_t now_s)
{
    const struct xml_kms_origin *origin = &cert->says->origin;

    if (origin->revoked)
        return MU_E_DENIED;
    if (now_s < origin->valid_from_s || now_s >= origin->valid_to_s)
        return MU_E_EXPIRED;
    return MU_OK;
}

bool kms_cert_same_keys(const struct kms_cert *a, const struct kms_cert *b)
{
    const struct xml_kms_cert *x = a->says, *y = b->says;

    return span_eq(x->origin.kms_uri, y->origin.kms_uri) &&
           span_eq(SPAN_OF(x->z), SPAN_OF(y->z)) &&
           span_eq(SPAN_OF(x->kpak), SPAN_OF(y->kpak)) &&
           x->rule.length_s == y->rule.length_s &&
           x->rule.offset_s == y->rule.offset_s;
}
