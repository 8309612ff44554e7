/* SPDX-License-Identifier: Apache-2.0 */
/*
 * keyring.h - the key-encryption keys (KEKs) under which secrets are sealed.
 *
 * A KEK is 32 random octets. Its KEK-ID is derived from it, so that a key
 * file needs no label and one of another system is noticed:
 *
 *     KEK-ID = HKDF-SHA256(IKM = KEK, salt = none, info = "muster kek id", 8)
 *
 * Several KEKs may be live while objects are sealed again under a new one;
 * the one added last seals, all of them open.
 */
#ifndef BASE_KEYRING_H
#define BASE_KEYRING_H

#include "base/bytes.h"
#include "base/secret.h"

#define MU_KEYRING_MAX 4
#define MU_KEK_ID_LEN  8

SECRET_TYPE(mu_kek, 32);

/* Public: it stands in front of every sealed object. */
struct mu_kek_id {
    uint8_t b[MU_KEK_ID_LEN];
};

/* Holds copies of the KEKs; starts as {0} and is wiped by its _clear. */
struct mu_keyring {
    size_t len;
    struct {
        struct mu_kek_id id;
        struct mu_kek kek;
    } slot[MU_KEYRING_MAX];
};

void mu_keyring_clear(struct mu_keyring *ring);

/* Returns MU_OK or MU_E_CRYPTO. */
MU_MUST_CHECK enum mu_err mu_kek_id(
    const struct mu_kek *kek, struct mu_kek_id *out);

/*
 * Adds a copy of a KEK, which from now on seals.
 *
 * Returns MU_OK; MU_E_STATE when the ring has it already; MU_E_NO_SPACE when
 * MU_KEYRING_MAX are in; MU_E_CRYPTO.
 */
MU_MUST_CHECK enum mu_err mu_keyring_add(
    struct mu_keyring *ring, const struct mu_kek *kek);

/*
 * Wipes and takes out the KEK of that id. Returns MU_OK or MU_E_NOT_FOUND;
 * MU_E_STATE for the one that seals.
 */
MU_MUST_CHECK enum mu_err mu_keyring_remove(
    struct mu_keyring *ring, const struct mu_kek_id *id);

/* The id of the KEK that seals; NULL for an empty ring. Borrowed. */
const struct mu_kek_id *mu_keyring_current(const struct mu_keyring *ring);

/* The KEK of that id, borrowed until the ring changes; NULL for none. */
const struct mu_kek *mu_keyring_find(
    const struct mu_keyring *ring, const struct mu_kek_id *id);

#endif
