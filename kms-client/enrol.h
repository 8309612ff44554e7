/* SPDX-License-Identifier: Apache-2.0 */
/*
 * enrol.h - the enrolment file: what a new device needs to trust its KMS and
 * to be trusted by it (TS 33.180 leaves this bootstrap to the operator).
 *
 * A text of lines "name = value", in this order, each once:
 *
 *     muster-enrolment = 1
 *     kms_uri = kms.example.org
 *     user_uri = sip:user@example.org
 *     serial = 12
 *     not_after = 1700000000
 *     kds_url = https://kds.example.org:8444
 *     trk = 64 hex digits
 *     ink = 64 hex digits
 *     cert_key = 130 hex digits
 *     cert_sha256 = 64 hex digits
 *     check = 64 hex digits: SHA-256 of all lines above, each with its LF
 *
 * It holds secrets in clear: it is for one device, travels by hand, is of mode
 * 0600 and is destroyed when it has been read into the device's sealed store.
 */
#ifndef KMS_CLIENT_ENROL_H
#define KMS_CLIENT_ENROL_H

#include "base/bytes.h"
#include "mcptt/ident.h"
#include "mcptt/transport.h"

#define KMS_ENROL_CERT_KEY_LEN 65
#define KMS_ENROL_SHA256_LEN   32
#define KMS_ENROL_URL_MAX      255

/* Enough for the text of any enrolment. */
#define KMS_ENROL_TEXT_MAX 2048

struct kms_enrolment {
    struct mcptt_id kms_uri, user_uri;
    uint64_t serial;      /* names TrK and InK: a new pair has a higher one */
    uint64_t not_after_s; /* Unix time; not to be used for enrolling after */
    char kds_url[KMS_ENROL_URL_MAX + 1]; /* of the distribution server */
    struct mcptt_trk trk;
    struct mcptt_ink ink;
    /* The P-256 point 04 | x | y that verifies KMS certificates, and the
     * SHA-256 of the root certificate, canonical (RFC 3076). */
    uint8_t cert_key[KMS_ENROL_CERT_KEY_LEN];
    uint8_t cert_sha256[KMS_ENROL_SHA256_LEN];
};

/* Wipes the keys; for MU_CLEANUP. */
void kms_enrolment_clear(struct kms_enrolment *enrolment);

/*
 * Writes the text, as long as it is, without a NUL. The caller wipes the
 * buffer.
 *
 * Returns MU_OK; MU_E_MALFORMED when an identity or the URL has characters
 * that a line cannot hold; MU_E_NO_SPACE; MU_E_CRYPTO.
 */
MU_MUST_CHECK enum mu_err kms_enrolment_write(
    struct wr *w, const struct kms_enrolment *in);

/*
 * Reads the text.
 *
 *   fault  set on failure: the line's name and its offset; may be NULL
 *
 * Returns MU_OK; MU_E_MALFORMED; MU_E_UNSUPPORTED for another version;
 * MU_E_CRYPTO at "check" when a character was changed. Whether it is still
 * valid is the caller's to see. *out is untouched on failure.
 */
MU_MUST_CHECK enum mu_err kms_enrolment_read(
    struct span text, struct kms_enrolment *out, struct rd_fault *fault);

#endif
