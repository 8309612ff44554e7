/* SPDX-License-Identifier: Apache-2.0 */
/*
 * kds_ink.h - what kdsd does with a user's InK: keep it sealed, and compute
 * HMAC-SHA-256 with it (TS 33.180 clause 9.3.5).
 *
 * An InK signs envelopes and requests and opens nothing. In clear it exists
 * for the time of one request.
 */
#ifndef KMS_KDS_INK_H
#define KMS_KDS_INK_H

#include "base/seal.h"
#include "mcptt/transport.h"

#define KDS_INK_SEALED_LEN MU_SEAL_LEN(MCPTT_INK_LEN)
#define KDS_MAC_LEN        32

/*
 * Seals and opens the InK of one user's enrolment (base/seal.h, label "kdsd
 * ink"), bound to | serial (64) | user URI |. uri has 1..255 octets.
 *
 * Errors as mu_seal() and mu_unseal(); *ink is untouched on failure.
 */
MU_MUST_CHECK enum mu_err kds_ink_seal(const struct mu_keyring *ring,
    struct span uri, uint64_t serial, const struct mcptt_ink *ink,
    const struct mu_rng *rng, uint8_t out[KDS_INK_SEALED_LEN]);
MU_MUST_CHECK enum mu_err kds_ink_open(const struct mu_keyring *ring,
    struct span uri, uint64_t serial, struct span sealed,
    struct mcptt_ink *ink);

/*
 * Whether mac, KDS_MAC_LEN octets, is the HMAC-SHA-256 of octets under ink.
 *
 * Returns MU_OK; MU_E_CRYPTO when it is not; MU_E_MALFORMED for another length.
 */
MU_MUST_CHECK enum mu_err kds_ink_check(
    const struct mcptt_ink *ink, struct span octets, struct span mac);

#endif
