/* SPDX-License-Identifier: Apache-2.0 */
/*
 * receipt.h - members tell their GMS that they opened a key
 * (docs/receipts.md; mcptt/receipt.h).
 *
 * A receipt is signed by a worker as soon as the key is there, which is
 * forgotten here then. It goes out at a moment drawn at random: all members
 * open a key at once, and keying does not wait for receipts. A GMS that is busy
 * (429, 503) or not reached is asked again, later each time; any other answer
 * is the end of it. What became of it is an event: "receipt" or
 * "receipt_refused" (mcue(1)).
 */
#ifndef UE_RECEIPT_H
#define UE_RECEIPT_H

#include "ue/env.h"
#include "ue/faults.h"
#include "ue/keystore.h"
#include "ue/period.h"

struct ue_receipts;

/*
 *   env        borrowed as long
 *   spread_ms  over which those of one moment are spread
 *
 * Returns MU_OK; MU_E_NO_SPACE when the GMS's URL is too long; MU_E_NO_MEMORY.
 */
MU_MUST_CHECK enum mu_err ue_receipts_new(
    const struct ue_env *env, uint64_t spread_ms, struct ue_receipts **out);
/* After the pool, before members. What was not sent will not be. NULL is
 * fine. */
void ue_receipts_free(struct ue_receipts *receipts);

/* Who opened what. Copied, but for bearer, period and faults, which are
 * borrowed as long as the receipts live. */
struct ue_receipt_order {
    struct span member, group;      /* URIs */
    const char *bearer;             /* access token */
    const struct ue_period *period; /* of now_ms; NULL: he has no keys for it */
    const struct ue_key *key;
    struct span message_sha256;
    struct ue_faults *faults; /* the member's */
    uint64_t now_ms;          /* Unix time by the member's clock */
};

/* Once for each key. A failure is reported as all others are. */
void ue_receipts_send(
    struct ue_receipts *receipts, const struct ue_receipt_order *order);

/* The member was switched off before it sent what is still here. */
void ue_receipts_forget(struct ue_receipts *receipts, struct span member);

#endif
