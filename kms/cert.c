/* SPDX-License-Identifier: Apache-2.0 */
#include "kms/cert.h"

#include <string.h>

#define FORM_MAX (KMS_CERT_TEXT_MAX - XML_SIGN_OVERHEAD)

static void free_kms(struct xml_kms **kms)
{
    xml_kms_free(*kms);
}

static void free_sakke(struct mikey_sakke_kms **kms)
{
    mikey_sakke_kms_free(*kms);
}

static void free_eccsi(struct mikey_eccsi_kms **kms)
{
    mikey_eccsi_kms_free(*kms);
}

static enum mu_err write_form(
    const struct xml_kms_cert *cert, const char *id, struct buf *out)
{
    struct xml_kms_cert_form form = {.cert = cert, .id = span_str(id)};
    struct span element;
    struct wr w;

    if (!buf_reserve(out, FORM_MAX))
        return out->err;
    wr_init(&w, out->p, FORM_MAX);
    TRY(xml_kms_cert_write(&w, &form));
    TRY(wr_close(&w, &element));
    out->len = element.len;
    return MU_OK;
}

static enum mu_err sign(const struct xml_kms_cert *cert, const char *id,
    const struct xml_cert_key *key, struct buf *out)
{
    MU_CLEANUP(buf_clear) struct buf form = {.p = NULL};
    struct span text;
    struct wr w;

    TRY(write_form(cert, id, &form));
    if (!buf_reserve(out, KMS_CERT_TEXT_MAX))
        return out->err;
    wr_init(&w, out->p + out->len, KMS_CERT_TEXT_MAX);
    TRY(xml_sign_ecdsa(XML_SIGNED_CERT, buf_span(&form), key, &w));
    TRY(wr_close(&w, &text));
    out->len += text.len;
    return MU_OK;
}

enum mu_err kms_cert_root(const struct kms_facts *facts,
    const struct xml_cert_key *key, struct buf *out)
{
    struct xml_kms_cert cert = {
        .origin = {.kms_uri = mcptt_id_span(&facts->uri),
            .valid_from_s = facts->created_s,
            .valid_to_s = XML_KMS_FOREVER},
        .role = XML_KMS_ROLE_ROOT,
        .rule = facts->rule,
    };

    if (facts->test_key)
        cert.origin.issuer = span_str(KMS_CERT_TEST_ISSUER);
    memcpy(cert.z, facts->keys.z, sizeof(cert.z));
    memcpy(cert.kpak, facts->keys.kpak, sizeof(cert.kpak));
    return sign(&cert, "root", key, out);
}

/* Both public keys are checked as whoever uses them must (RFC 6507, 6508). */
static enum mu_err check_points(const struct xml_kms_cert *cert)
{
    MU_CLEANUP(free_sakke) struct mikey_sakke_kms *sakke = NULL;
    MU_CLEANUP(free_eccsi) struct mikey_eccsi_kms *eccsi = NULL;

    if (mikey_sakke_kms_new(SPAN_OF(cert->z), &sakke) == MU_E_CRYPTO)
        return MU_E_MALFORMED;
    return mikey_eccsi_kms_new(SPAN_OF(cert->kpak), &eccsi);
}

static enum mu_err check_partner(const struct xml_kms_cert *cert)
{
    if (cert == NULL || cert->role != XML_KMS_ROLE_ROOT)
        return MU_E_MALFORMED;
    if (cert->origin.revoked ||
        span_eq(cert->origin.issuer, span_str(KMS_CERT_TEST_ISSUER)))
        return MU_E_DENIED;
    return check_points(cert);
}

enum mu_err kms_cert_external(struct span text,
    const struct xml_cert_point *partner, const struct xml_cert_key *key,
    struct xml_fault *fault, struct mcptt_id *kms_uri, struct buf *out)
{
    MU_CLEANUP(xml_canonical_clear)
    struct xml_canonical signed_part = {NULL, 0};
    MU_CLEANUP(free_kms) struct xml_kms *kms = NULL;
    struct xml_kms_cert cert;

    TRY(xml_verify_ecdsa(XML_SIGNED_CERT, text, partner, fault, &signed_part));
    TRY(xml_kms_read(xml_canonical_span(&signed_part), fault, &kms));
    TRY(check_partner(kms->certs));
    TRY(mcptt_id_set(kms_uri, kms->certs->origin.kms_uri));
    cert = *kms->certs;
    cert.role = XML_KMS_ROLE_EXTERNAL;
    return sign(&cert, "external", key, out);
}
