/* SPDX-License-Identifier: Apache-2.0 */
/*
 * import_key.h - the way of an InK from the offline KMS to the distribution
 * server: sealed to a public key that the server made (`kdsd keygen`).
 *
 * A sealed InK is, octet for octet:
 *
 *     | version = 1 (8) | ephemeral X25519 (256) | ciphertext (256) |
 *     tag (128) |
 *
 * AES-256-GCM under the key and the nonce
 *
 *     key (256) | nonce (96) = HKDF-SHA256(IKM = X25519(ephemeral, recipient),
 *         salt = ephemeral | recipient, info = "muster ink 1", 44)
 *
 * both of which belong to this one InK, with the additional data
 *
 *     | version | KmsUri length (16) | KmsUri | user URI length (16) |
 *     user URI | serial (64) |
 *
 * so that it opens for that user, enrolment and KMS alone. Who sealed it is
 * not proven here but by the signature of the bundle that carries it.
 */
#ifndef KMS_IMPORT_KEY_H
#define KMS_IMPORT_KEY_H

#include "base/bytes.h"
#include "base/rng.h"
#include "mcptt/transport.h"

#define KMS_IMPORT_KEY_LEN    32
#define KMS_IMPORT_URI_MAX    255
#define KMS_IMPORT_SEALED_LEN (1 + 32 + MCPTT_INK_LEN + 16)

SECRET_TYPE(kms_import_key, KMS_IMPORT_KEY_LEN); /* an X25519 scalar */

SECRET_TYPE(kms_import_shared, KMS_IMPORT_KEY_LEN); /* the X25519 result */

struct kms_import_public {
    uint8_t b[KMS_IMPORT_KEY_LEN];
};

/* Whose InK it is; the URIs have 1..KMS_IMPORT_URI_MAX octets, verbatim. */
struct kms_import_use {
    struct span kms_uri;
    struct span user_uri;
    uint64_t serial; /* of the user's enrolment */
};

/* A new key. Returns MU_OK or what the rng returned. */
MU_MUST_CHECK enum mu_err kms_import_key_make(
    const struct mu_rng *rng, struct kms_import_key *out);

/* The public half. Returns MU_OK or MU_E_CRYPTO. */
MU_MUST_CHECK enum mu_err kms_import_key_public(
    const struct kms_import_key *key, struct kms_import_public *out);

/*
 * The secret that both holders compute (RFC 7748 clause 6.1), for keys to be
 * derived from.
 *
 * Returns MU_OK; MU_E_CRYPTO, also when theirs is a point of low order.
 */
MU_MUST_CHECK enum mu_err kms_import_agree(const struct kms_import_key *mine,
    const struct kms_import_public *theirs, struct kms_import_shared *out);

/*
 * Seals ink to the holder of the private half of `to`.
 *
 *   out  KMS_IMPORT_SEALED_LEN octets; written on success, free of secrets on
 *        failure
 *
 * Returns MU_OK; MU_E_MALFORMED for a URI of a wrong length; MU_E_CRYPTO, also
 * for a `to` that no key has (a point of small order).
 */
MU_MUST_CHECK enum mu_err kms_import_seal(const struct kms_import_public *to,
    const struct kms_import_use *use, const struct mcptt_ink *ink,
    const struct mu_rng *rng, uint8_t out[KMS_IMPORT_SEALED_LEN]);

/*
 * Opens a sealed InK; *out is untouched on failure.
 *
 * Returns MU_OK; MU_E_MALFORMED for another length of sealed or of a URI;
 * MU_E_UNSUPPORTED for another version; MU_E_CRYPTO when any octet was changed
 * or it was sealed for another user, enrolment, KMS or key.
 */
MU_MUST_CHECK enum mu_err kms_import_open(const struct kms_import_key *key,
    const struct kms_import_use *use, struct span sealed,
    struct mcptt_ink *out);

#endif
