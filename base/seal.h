/* SPDX-License-Identifier: Apache-2.0 */
/*
 * seal.h - secrets at rest: AES-256-GCM envelopes under a KEK.
 *
 * A sealed object is, octet for octet:
 *
 *     | version = 1 (8) | KEK-ID (64) | salt (256) | ciphertext | tag (128) |
 *
 * The key and the nonce belong to this object alone, so that no counter has
 * to be kept and GCM's limits on one key do not matter:
 *
 *     key (256) | nonce (96) =
 *         HKDF-SHA256(IKM = KEK, salt, info = "muster seal 1", 44)
 *
 * GCM's additional data is everything that the plaintext is not:
 *
 *     | version | KEK-ID | salt | label length (8) | label | bound octets |
 *
 * so an object opens only for the purpose and the place it was made for. The
 * layout is fixed: it is in stores and backups. A change is another version.
 */
#ifndef BASE_SEAL_H
#define BASE_SEAL_H

#include "base/bytes.h"
#include "base/keyring.h"
#include "base/rng.h"

#define MU_SEAL_SALT_LEN 32
#define MU_SEAL_OVERHEAD (1 + MU_KEK_ID_LEN + MU_SEAL_SALT_LEN + 16)

/* The largest plaintext, and the most octets that can be bound to it. */
#define MU_SEAL_MAX       (1U << 24)
#define MU_SEAL_BOUND_MAX 4096
#define MU_SEAL_LABEL_MAX 64

/* Octets of the sealed form of len octets. */
#define MU_SEAL_LEN(len) ((len) + MU_SEAL_OVERHEAD)

/*
 * What an object is: the purpose, a constant of our own code such as
 * "gms gmk", 1..MU_SEAL_LABEL_MAX characters, and the octets that name the
 * one object (GMK-ID, group, epoch), unambiguous by the caller's layout. Not
 * stored: who opens the object says the same again.
 */
struct mu_seal_use {
    const char *label;
    struct span bound; /* borrowed; 0..MU_SEAL_BOUND_MAX octets */
};

/*
 * Seals plain under the ring's present KEK.
 *
 *   plain  0..MU_SEAL_MAX octets; read, not kept
 *   out    MU_SEAL_LEN(plain.len) octets, not overlapping plain; written on
 *          success, undefined but free of secrets on failure
 *
 * Returns MU_OK; MU_E_STATE for an empty ring; MU_E_NO_SPACE for a plaintext
 * or bound octets over the limit; MU_E_CRYPTO.
 */
MU_MUST_CHECK enum mu_err mu_seal(const struct mu_keyring *ring,
    const struct mu_seal_use *use, struct span plain, const struct mu_rng *rng,
    uint8_t *out);

/*
 * Opens a sealed object that holds exactly len octets into out, not
 * overlapping sealed. Who does not know the length takes it from
 * mu_seal_plain_len(). On failure out is wiped.
 *
 * Returns MU_OK; MU_E_MALFORMED when sealed is too short or holds another
 * number of octets; MU_E_UNSUPPORTED for another version; MU_E_NOT_FOUND
 * when the ring has no such KEK; MU_E_NO_SPACE as mu_seal(); MU_E_CRYPTO when
 * any octet was changed or the use is another.
 */
MU_MUST_CHECK enum mu_err mu_unseal(const struct mu_keyring *ring,
    const struct mu_seal_use *use, struct span sealed, uint8_t *out,
    size_t len);

/*
 * Seals an object again under the ring's present KEK, with a new salt.
 *
 *   out  sealed.len octets; may be sealed.p itself; untouched on failure
 *
 * Returns as mu_seal() and mu_unseal(), and MU_E_NO_MEMORY.
 */
MU_MUST_CHECK enum mu_err mu_reseal(const struct mu_keyring *ring,
    const struct mu_seal_use *use, struct span sealed, const struct mu_rng *rng,
    uint8_t *out);

/* Octets of plaintext in a sealed object; MU_E_MALFORMED when too short. */
MU_MUST_CHECK enum mu_err mu_seal_plain_len(struct span sealed, size_t *len);

/*
 * The KEK-ID in front of a sealed object, not yet authenticated.
 *
 * Returns MU_OK, MU_E_MALFORMED or MU_E_UNSUPPORTED as mu_unseal().
 */
MU_MUST_CHECK enum mu_err mu_seal_kek_id(
    struct span sealed, struct mu_kek_id *out);

#endif
