/* SPDX-License-Identifier: Apache-2.0 */
/*
 * identity.h - who a group management server is: the sealed identity file.
 *
 * `gmsd enrol` makes it of an enrolment, once; the vault alone opens it. It
 * holds what the vault must not be told by the front: the TrK that opens its
 * keys, whom to believe about KMS certificates, and the key of its log.
 *
 * The file is one object of base/seal.h with the label "gms identity", nothing
 * bound. Its plaintext:
 *
 *     | version = 1 (8) | KmsUri length (8) | KmsUri | URI length (8) | URI |
 *     | TrK (256) | cert_key (520) | cert_sha256 (256) | log seed (256) |
 *     | instance (128) |
 */
#ifndef GMS_IDENTITY_H
#define GMS_IDENTITY_H

#include "base/seal.h"
#include "base/sign.h"
#include "kms-client/enrol.h"

#define GMS_INSTANCE_LEN 16

/* Octets of the longest plaintext, and of the longest file. */
#define GMS_IDENTITY_PLAIN_MAX                                                 \
    (1 + 2 * (1 + MCPTT_ID_MAX) + MCPTT_TRK_LEN + KMS_ENROL_CERT_KEY_LEN +     \
        KMS_ENROL_SHA256_LEN + 32 + GMS_INSTANCE_LEN)
#define GMS_IDENTITY_MAX MU_SEAL_LEN(GMS_IDENTITY_PLAIN_MAX)

struct gms_identity {
    struct mcptt_id kms_uri;  /* of its home KMS */
    struct mcptt_id user_uri; /* that it signs as */
    struct mcptt_trk trk;
    /* The pinned trust (kms-client/cert.h: struct kms_trust). */
    uint8_t cert_key[KMS_ENROL_CERT_KEY_LEN];
    uint8_t cert_sha256[KMS_ENROL_SHA256_LEN];
    struct mu_sign_key log_key;         /* signs the vault's log */
    uint8_t instance[GMS_INSTANCE_LEN]; /* random; names this installation */
};

/* Wipes it; for MU_CLEANUP. */
void gms_identity_clear(struct gms_identity *identity);

/*
 * That of a new installation: the rest from rng.
 *
 * Returns MU_OK or the rng's error; *out is untouched on failure.
 */
MU_MUST_CHECK enum mu_err gms_identity_new(
    const struct kms_enrolment *enrolment, const struct mu_rng *rng,
    struct gms_identity *out);

/*
 * Writes the file's octets. Returns MU_OK; MU_E_NO_SPACE when w has not
 * GMS_IDENTITY_MAX left; errors of mu_seal().
 */
MU_MUST_CHECK enum mu_err gms_identity_seal(struct wr *w,
    const struct mu_keyring *ring, const struct gms_identity *in,
    const struct mu_rng *rng);

/*
 * Opens a file's octets.
 *
 * Returns MU_OK; MU_E_MALFORMED; MU_E_UNSUPPORTED for another version; errors
 * of mu_unseal(). *out is untouched on failure.
 */
MU_MUST_CHECK enum mu_err gms_identity_open(const struct mu_keyring *ring,
    struct span sealed, struct gms_identity *out);

#endif
