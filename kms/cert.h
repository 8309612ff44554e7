/* SPDX-License-Identifier: Apache-2.0 */
/*
 * cert.h - the certificates that a KMS signs: its own, and those of partner
 * domains as it vouches for them to its users (TS 33.180 annex D.3.2).
 */
#ifndef KMS_CERT_H
#define KMS_CERT_H

#include "base/buf.h"
#include "kms/master.h"
#include "xml/dsig.h"
#include "xml/kms_cert.h"

#define KMS_CERT_TEXT_MAX    16384 /* octets; ours */
#define KMS_CERT_TEST_ISSUER "INSECURE TEST KEY"

/*
 * Adds the signed root certificate, SignedKmsCertificate, of these facts.
 *
 * Returns MU_OK or errors of the XML writer and of the signature.
 */
MU_MUST_CHECK enum mu_err kms_cert_root(const struct kms_facts *facts,
    const struct xml_cert_key *key, struct buf *out);

/*
 * Adds a partner's certificate as our users will have it: checked against the
 * partner's key, its role made External, signed by us.
 *
 *   text     SignedKmsCertificate as the partner sent it
 *   partner  its certificate key, compared by other means than the file
 *   fault    set in every case
 *   kms_uri  set to the partner's KmsUri
 *
 * Returns MU_OK; MU_E_CRYPTO when the signature is not the partner's;
 * MU_E_DENIED for a certificate that is revoked or of a test KMS;
 * MU_E_MALFORMED, also for points that are none; MU_E_UNSUPPORTED.
 */
MU_MUST_CHECK enum mu_err kms_cert_external(struct span text,
    const struct xml_cert_point *partner, const struct xml_cert_key *key,
    struct xml_fault *fault, struct mcptt_id *kms_uri, struct buf *out);

#endif
