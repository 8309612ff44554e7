/* SPDX-License-Identifier: Apache-2.0 */
/*
 * period.h - a member's keys of one key period, checked and ready to open
 * messages and to sign receipts (TS 33.180 clause 5.3; RFC 6508 clause 6.1.2).
 *
 * To make one takes two pairings' time, so workers do it; from then on it does
 * not change, and any thread may use it.
 */
#ifndef UE_PERIOD_H
#define UE_PERIOD_H

#include "kms-client/keyset.h"
#include "mcptt/period.h"

struct ue_period {
    uint64_t number;
    struct mcptt_interval interval; /* seconds since 1900 */
    struct mcptt_uid uid;
    struct mikey_sakke_user *user;
    struct mikey_eccsi_signer *signer;
    const struct kms_cert *cert; /* of the home KMS; borrowed */
};

/*
 * Unwraps the keys, checks each against its KMS and prepares it.
 *
 *   cert  of the home KMS; borrowed as long as *out, also by other threads
 *   in    from the member's kms_keyset, which checked the UID
 *
 * Returns MU_OK; MU_E_CRYPTO when they do not open or are not the user's;
 * MU_E_MALFORMED for a period beyond time; MU_E_NO_MEMORY.
 */
MU_MUST_CHECK enum mu_err ue_period_new(const struct kms_cert *cert,
    const struct mcptt_trk *trk, const struct kms_wrapped_keys *in,
    struct ue_period **out);
void ue_period_free(struct ue_period *period); /* wipes; NULL is fine */

#endif
