/* SPDX-License-Identifier: Apache-2.0 */
/*
 * sign.h - Ed25519 signatures of our own files: logs, bundles, approvals.
 *
 * A signature is Ed25519 (RFC 8032 clause 5.1) over these octets:
 *
 *     | label length (8) | label | SHA-512 of the message (512) |
 *
 * The label names the purpose, so that no signature made for one purpose
 * verifies for another; the digest lets a message of any size be signed in
 * one pass. Keys of the MIKEY messages are another matter (mikey/eccsi.h).
 */
#ifndef BASE_SIGN_H
#define BASE_SIGN_H

#include "base/bytes.h"
#include "base/rng.h"
#include "base/secret.h"

#define MU_SIGN_LABEL_MAX 64

SECRET_TYPE(mu_sign_key, 32); /* the seed of RFC 8032 clause 5.1.5 */

struct mu_verify_key {
    uint8_t b[32];
};

struct mu_signature {
    uint8_t b[64];
};

/* A new key. Returns MU_OK or what the rng returned. */
MU_MUST_CHECK enum mu_err mu_sign_key_make(
    const struct mu_rng *rng, struct mu_sign_key *out);

/* The public half of a key. Returns MU_OK or MU_E_CRYPTO. */
MU_MUST_CHECK enum mu_err mu_sign_public(
    const struct mu_sign_key *key, struct mu_verify_key *out);

/*
 * Signs message for the purpose label, 1..MU_SIGN_LABEL_MAX characters of our
 * own code. Deterministic: no randomness is needed.
 *
 * Returns MU_OK; MU_E_CRYPTO if OpenSSL fails.
 */
MU_MUST_CHECK enum mu_err mu_sign(const struct mu_sign_key *key,
    const char *label, struct span message, struct mu_signature *out);

/* Returns MU_OK, or MU_E_CRYPTO for everything else. */
MU_MUST_CHECK enum mu_err mu_verify(const struct mu_verify_key *key,
    const char *label, struct span message, const struct mu_signature *sig);

#endif
