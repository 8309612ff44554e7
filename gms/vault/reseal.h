/* SPDX-License-Identifier: Apache-2.0 */
/*
 * reseal.h - seals keys and envelopes under the newest KEK, so that an older
 * one can be destroyed (gmsd(8), "Another KEK").
 *
 * It gives the front nothing that it did not have: an object comes back bound
 * to what it was bound to, and opens only as that. Which of them did not open
 * is no more than signing tells; an exclusion or a newer epoch is asked for
 * when a key is wrapped or signed, whatever it is sealed under.
 */
#ifndef GMS_VAULT_RESEAL_H
#define GMS_VAULT_RESEAL_H

#include "gms/vault/order.h"
#include "gms/vault/record.h"

/*
 * Finds out what the envelopes of an order of GMS_VAULT_RESEAL are bound to,
 * which the vault takes from its certificates and not from the front.
 *
 *   record  to be logged; borrows from the state
 *
 * Returns MU_OK; MU_E_NO_MEMORY; MU_E_CRYPTO.
 */
MU_MUST_CHECK enum mu_err gms_reseal_allow(const struct gms_state *state,
    struct gms_order *order, struct gms_vault_record *record);

/*
 * One object, on any thread.
 *
 *   room  for GMS_ENVELOPE_LEN octets
 *   out   set to what of the room it takes; empty: it does not open
 *
 * Returns MU_OK or MU_E_NO_MEMORY.
 */
MU_MUST_CHECK enum mu_err gms_reseal_one(const struct gms_order *order,
    size_t i, const struct mu_keyring *ring, const struct mu_rng *rng,
    uint8_t *room, struct span *out);

#endif
