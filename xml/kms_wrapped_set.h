/* SPDX-License-Identifier: Apache-2.0 */
/*
 * kms_wrapped_set.h - key sets as they leave the offline KMS and pass through
 * everybody else: the keys wrapped under the user's TrK (TS 33.180 annex
 * D.3.5). No secret here; xml/kms_wrap.h opens the keys.
 */
#ifndef XML_KMS_WRAPPED_SET_H
#define XML_KMS_WRAPPED_SET_H

#include "xml/kms_wrap.h"
#include "xml/kms_xml.h"

/* One user's keys of one period, wrapped; no secret in it. */
struct xml_kms_wrapped_set {
    struct xml_kms_origin origin; /* absent: as in xml/kms_xml.h */
    struct span user_uri;
    struct mcptt_uid uid;
    uint64_t period_no;
    struct xml_encrypted_key rsk, ssk, pvt;
};

/* How UserID is written: which one receivers expect is not settled. */
enum xml_uid_form {
    XML_UID_HEX,
    XML_UID_BASE64
};

/*
 * Writes KmsKeySet, an element that can stand by itself (xml/kms_form.h).
 * Absent texts and times are left out.
 *
 * Returns MU_OK; MU_E_MALFORMED for a text that is no UTF-8; MU_E_NO_SPACE.
 */
MU_MUST_CHECK enum mu_err xml_kms_wrapped_set_write(struct wr *w,
    const struct xml_kms_wrapped_set *in, enum xml_uid_form uid_form);

/*
 * Reads one KmsKeySet, the root, whose three keys are xenc:EncryptedKey. They
 * are not opened, so that who has no TrK can pass them on.
 *
 *   arena  holds all texts and octets of *out
 *   fault  set in every case
 *
 * Returns MU_OK; MU_E_MALFORMED; MU_E_UNSUPPORTED for keys in clear or another
 * algorithm; MU_E_NO_SPACE; MU_E_NO_MEMORY. The UID is what the set claims.
 */
MU_MUST_CHECK enum mu_err xml_kms_wrapped_set_read(struct span text,
    struct mu_arena *arena, struct xml_fault *fault,
    struct xml_kms_wrapped_set *out);

#endif
