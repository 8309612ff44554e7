/* SPDX-License-Identifier: Apache-2.0 */
/*
 * csk.h - a client-server key for the group server: made by the member, sent as
 * an I_MESSAGE that only the server opens, and what of it encrypts the member's
 * XML (TS 33.180 clauses 5.4, 9.2.1.3 and 9.3.4).
 *
 * A new one for each subscription: a message is good once, and within the
 * server's window of time.
 */
#ifndef UE_CSK_H
#define UE_CSK_H

#include "ue/open.h"

#define UE_CSK_MESSAGE_MAX 2048

/* Starts as {0}. */
struct ue_csk {
    struct mcptt_key_id id;
    struct mcptt_sig_conf_key key; /* what encrypts; the CSK itself is gone */
    uint8_t octets[UE_CSK_MESSAGE_MAX];
    size_t len; /* of the message; 0: none */
};

void ue_csk_clear(struct ue_csk *csk); /* wipes; for MU_CLEANUP */

/* Encapsulation and a signature: a few milliseconds.
 *
 *   who  the member; who->gms is whom it is for
 *   kms  KmsUri of the group server's KMS; empty: the member's own
 *
 * Returns MU_OK; MU_E_NOT_FOUND without keys for this moment or a certificate
 * of that KMS; errors of mcptt_message_build() and rng.
 */
MU_MUST_CHECK enum mu_err ue_csk_make(const struct ue_identity *who,
    struct span kms, uint64_t unix_ms, const struct mu_rng *rng,
    struct ue_csk *out);

#endif
