/* SPDX-License-Identifier: Apache-2.0 */
/*
 * work.h - what costs time: encapsulation and signatures, for some of the
 * recipients of an order; the opening of a CSK; sealing anew. Done by any
 * thread; it decides nothing.
 */
#ifndef GMS_VAULT_WORK_H
#define GMS_VAULT_WORK_H

#include "base/buf.h"
#include "gms/vault/order.h"

/* Recipients of one piece: two rounds of the batch engine (mikey/sakke.h).
 * Small enough for all threads to have some of a request. */
#define GMS_WORK_MAX 16

/* The results of one piece. Starts as {0}; for gms_work_clear(). */
struct gms_work {
    size_t first, count; /* of the order's recipients; set by the caller */
    struct gms_vault_envelope envelopes[GMS_WORK_MAX];
    struct span messages[GMS_WORK_MAX]; /* or objects, of RESEAL */
    struct buf octets;                  /* what they borrow */
    /* Of CSK. */
    enum gms_vault_refusal refusal;
    struct gms_vault_csk_opened csk;
};

void gms_work_clear(struct gms_work *work);

/*
 * Does the work that first and count say.
 *
 * Returns MU_OK; errors of mikey_sakke_encapsulate(), mcptt_message_build() and
 * mu_seal(); MU_E_NO_MEMORY.
 */
MU_MUST_CHECK enum mu_err gms_work_do(const struct gms_order *order,
    const struct mu_keyring *ring, const struct gms_identity *identity,
    const struct mu_rng *rng, struct gms_work *work);

#endif
