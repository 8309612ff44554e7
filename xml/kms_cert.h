/* SPDX-License-Identifier: Apache-2.0 */
/*
 * kms_cert.h - writes certificates of a KMS, and takes their fingerprints (TS
 * 33.180 annex D.3.5).
 *
 * A certificate is an element that can stand by itself (xml/kms_form.h); it is
 * then signed, XML_SIGNED_CERT (xml/dsig.h).
 */
#ifndef XML_KMS_CERT_H
#define XML_KMS_CERT_H

#include "xml/c14n.h"
#include "xml/kms_xml.h"

/* A certificate and what xml_kms_read() does not keep of one. */
struct xml_kms_cert_form {
    const struct xml_kms_cert *cert; /* role not XML_KMS_ROLE_NONE */
    struct span id;                  /* passes xml_kms_id_fits() */
    const struct span *domains;      /* KmsDomainList; may be none */
    size_t domain_count;
};

/*
 * Writes KmsCertificate: UserIdFormat 2, ParameterSet 1, keys in hex. Absent
 * texts and times (xml/kms_xml.h) are left out.
 *
 * Returns MU_OK; MU_E_MALFORMED for a text that is no UTF-8; MU_E_NO_SPACE.
 */
MU_MUST_CHECK enum mu_err xml_kms_cert_write(
    struct wr *w, const struct xml_kms_cert_form *in);

/*
 * A certificate's fingerprint: SHA-256 of the canonical octets of the
 * KmsCertificate element, the root or in SignedKmsCertificate. Of what
 * xml_verify_ecdsa() hands out it is just the SHA-256.
 *
 * Returns MU_OK; errors of xml_read() and xml_canonical_of().
 */
MU_MUST_CHECK enum mu_err xml_kms_fingerprint(
    struct span text, struct xml_fault *fault, uint8_t out[XML_SHA256_LEN]);

#endif
