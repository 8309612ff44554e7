/* SPDX-License-Identifier: Apache-2.0 */
/*
 * seals.h - the two things that the vault gives out sealed, so that the front
 * may keep what it must not see: keys and envelopes (base/seal.h).
 */
#ifndef GMS_VAULT_SEALS_H
#define GMS_VAULT_SEALS_H

#include "gms/vault/proto.h"
#include "mcptt/message.h"

/* A key and its RAND, which are the same in all of its messages. */
struct gms_open_key {
    struct mcptt_key key; /* its kind is the tag of the identifier */
    uint8_t rand[MCPTT_RAND_LEN];
};

void gms_open_key_clear(struct gms_open_key *key); /* for MU_CLEANUP */

/*
 * Seals a key, bound to what *as says of it; as->sealed is not looked at.
 *
 * Returns MU_OK or errors of mu_seal().
 */
MU_MUST_CHECK enum mu_err gms_key_seal(const struct mu_keyring *ring,
    const struct gms_sealed_key *as, const struct gms_open_key *key,
    const struct mu_rng *rng, uint8_t out[GMS_SEALED_KEY_LEN]);

/* Returns MU_OK or errors of mu_unseal(); *out is wiped then. */
MU_MUST_CHECK enum mu_err gms_key_unseal(const struct mu_keyring *ring,
    const struct gms_sealed_key *as, struct gms_open_key *out);

/*
 * What an envelope is bound to. The digest of Z is there because a KMS may
 * change its keys and keep its name.
 */
struct gms_envelope_use {
    const struct gms_sealed_key *key;
    const struct gms_vault_period *period;
    const uint8_t *z_sha256; /* 32 octets, of the KMS's public key */
    struct mcptt_uid uid;    /* of the recipient in that period */
    bool revocation;
};

MU_MUST_CHECK enum mu_err gms_envelope_seal(const struct mu_keyring *ring,
    const struct gms_envelope_use *use, const uint8_t sed[MIKEY_SED_LEN],
    const struct mu_rng *rng, uint8_t out[GMS_ENVELOPE_LEN]);

/*
 * Seal them again under the ring's newest KEK, out being as long as what was
 * sealed: what was not bound to this is not opened.
 *
 * Return MU_OK or errors of mu_reseal(); *out is untouched then.
 */
MU_MUST_CHECK enum mu_err gms_key_reseal(const struct mu_keyring *ring,
    const struct gms_sealed_key *as, const struct mu_rng *rng,
    uint8_t out[GMS_SEALED_KEY_LEN]);
MU_MUST_CHECK enum mu_err gms_envelope_reseal(const struct mu_keyring *ring,
    const struct gms_envelope_use *use, struct span sealed,
    const struct mu_rng *rng, uint8_t out[GMS_ENVELOPE_LEN]);

MU_MUST_CHECK enum mu_err gms_envelope_unseal(const struct mu_keyring *ring,
    const struct gms_envelope_use *use, struct span sealed,
    uint8_t sed[MIKEY_SED_LEN]);

#endif
