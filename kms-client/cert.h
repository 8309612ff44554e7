/* SPDX-License-Identifier: Apache-2.0 */
/*
 * cert.h - a KMS certificate that may be believed (TS 33.180 annex D.3.2).
 *
 * Whoever runs the distribution server must not be able to give out a Z or
 * KPAK of his own, so a certificate counts only when the offline KMS signed
 * it, or when its fingerprint is the one that came by hand. A struct kms_cert
 * exists only when that holds and its keys are what they have to be: Z a point
 * of order q, KPAK on the curve.
 */
#ifndef KMS_CLIENT_CERT_H
#define KMS_CLIENT_CERT_H

#include "kms-client/enrol.h"
#include "xml/c14n.h"
#include "xml/cert_key.h"
#include "xml/kms_xml.h"

/* Whom a device believes; from its enrolment. */
struct kms_trust {
    struct xml_cert_point cert_key;
    uint8_t cert_sha256[KMS_ENROL_SHA256_LEN];
};

void kms_trust_of(const struct kms_enrolment *enrolment, struct kms_trust *out);

/* Counts its references; of one thread. Members are not to be changed. */
struct kms_cert {
    unsigned refs;
    struct span text;                /* the element, signature and all */
    uint8_t sha256[XML_SHA256_LEN];  /* of KmsCertificate, canonical */
    const struct xml_kms_cert *says; /* its fields */
    struct mikey_sakke_kms *sakke;   /* made of Z */
    struct mikey_eccsi_kms *eccsi;   /* made of KPAK */
    struct xml_kms *doc;             /* what says and text_octets hang on */
    uint8_t *text_octets;
};

/*
 * Reads and checks a KmsCertificate or SignedKmsCertificate.
 *
 *   text   borrowed during the call
 *   fault  names the element in case of failure, where there is one
 *   out    with one reference, for kms_cert_unref()
 *
 * Times are not looked at: kms_cert_check_time().
 *
 * Returns MU_OK; MU_E_DENIED when it is neither signed nor of the fingerprint;
 * MU_E_CRYPTO when the signature is false, or Z or KPAK no good; what
 * xml_kms_read() returns.
 */
MU_MUST_CHECK enum mu_err kms_cert_new(const struct kms_trust *trust,
    struct span text, struct xml_fault *fault, struct kms_cert **out);

/*
 * The same for one that reads the certificate of a KMS many times: when text
 * holds the very certificate that known is, its signature or fingerprint is
 * checked, but no object made: *out is another reference to known. known may
 * be NULL.
 */
MU_MUST_CHECK enum mu_err kms_cert_new_or(struct kms_cert *known,
    const struct kms_trust *trust, struct span text, struct xml_fault *fault,
    struct kms_cert **out);

struct kms_cert *kms_cert_ref(struct kms_cert *cert);
void kms_cert_unref(struct kms_cert *cert); /* NULL is fine */
void kms_cert_drop(struct kms_cert **cert); /* for MU_CLEANUP */

/*
 * Whether it is good at that time, in Unix seconds.
 *
 * Returns MU_OK; MU_E_EXPIRED after ValidTo and before ValidFrom; MU_E_DENIED
 * when it says that it is revoked.
 */
MU_MUST_CHECK enum mu_err kms_cert_check_time(
    const struct kms_cert *cert, uint64_t now_s);

/* The same public keys, periods and KMS. */
bool kms_cert_same_keys(const struct kms_cert *a, const struct kms_cert *b);

#endif
