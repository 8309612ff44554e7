/* SPDX-License-Identifier: Apache-2.0 */
/*
 * proof.h - whether a receipt proves that its member opened a key
 * (mcptt/receipt.h; docs/receipts.md). The vault says yes or no, and nothing
 * else: no MAC leaves it.
 */
#ifndef GMS_VAULT_PROOF_H
#define GMS_VAULT_PROOF_H

#include "gms/vault/state.h"

/* How far a device's clock may be ahead of the vault's. */
#define GMS_PROOF_SKEW_MS 300000

/*
 * The receipt must be of that key and group, not from the future, by a member
 * of a KMS whose certificate is here, and hold.
 *
 * Returns GMS_REFUSED_NOT; GMS_REFUSED_SEALED_KEY; GMS_REFUSED_KMS;
 * GMS_REFUSED_NOT_READY in its place, where nothing is here yet that could be
 * missing; GMS_REFUSED_RECEIPT for everything else.
 */
enum gms_vault_refusal gms_proof_check(const struct gms_state *state,
    const struct gms_vault_receipt *asked, uint64_t now_ms);

#endif
