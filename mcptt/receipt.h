/* SPDX-License-Identifier: Apache-2.0 */
/*
 * receipt.h - a member's word that he opened a key message (ours, not the
 * standard's: TS 33.180 has no acknowledgement; docs/receipts.md).
 *
 *     | version = 1 (8) | key identifier (32) | time, Unix ms (64) |
 *     length (16) | group | length (16) | member | length (16) | member's KMS |
 *     SHA-256 of the message (256) | HMAC (256) | signature (1032)
 *
 *     HMAC       HMAC-SHA-256 under HKDF-SHA256(key, info "muster receipt 1")
 *                over CONTEXT and all before it: only who holds the key makes
 *                it, but so could every member
 *     signature  the member's ECCSI signature (RFC 6507) over CONTEXT and all
 *                before it: only the member makes it, but he need not hold
 *                the key
 *
 * Both together say that this member held this key. CONTEXT is the text
 * "muster receipt 1" and a NUL: what a MIKEY message begins with is 01, so that
 * neither is ever taken for the other.
 */
#ifndef MCPTT_RECEIPT_H
#define MCPTT_RECEIPT_H

#include "mcptt/key_id.h"
#include "mikey/eccsi.h"

#define MCPTT_RECEIPT_SHA256_LEN 32
/* Octets of any receipt. */
#define MCPTT_RECEIPT_MAX                                                      \
    (1 + 4 + 8 + 3 * (2 + MCPTT_ID_MAX) + 2 * MCPTT_RECEIPT_SHA256_LEN +       \
        MIKEY_SIG_LEN)

struct mcptt_receipt {
    struct mcptt_key_id key_id; /* of the key, not the member's GUK-ID */
    uint64_t time_ms;           /* when it was opened; says the period */
    struct span group, member, kms;
    struct span message_sha256; /* of the whole I_MESSAGE that was opened */
    /* Set by the reader. */
    struct span hmac, signature;
    struct span before_hmac, before_signature; /* what each covers */
};

/*
 * Writes a receipt.
 *
 *   in      without the last four
 *   key     that was opened
 *   signer  the member's, for the period of time_ms
 *   w       at its start
 *
 * Returns MU_OK; MU_E_MALFORMED for an identity or hash of another length;
 * MU_E_NO_SPACE; MU_E_CRYPTO. After a failure what w holds is of no use.
 */
MU_MUST_CHECK enum mu_err mcptt_receipt_write(struct wr *w,
    const struct mcptt_receipt *in, const struct mcptt_key *key,
    const struct mikey_eccsi_signer *signer, const struct mu_rng *rng);

/*
 * Reads one; believes nothing of it. Spans borrow from the octets.
 *
 * Returns MU_OK; MU_E_MALFORMED; MU_E_UNSUPPORTED for another version. *out is
 * untouched on failure; fault may be NULL.
 */
MU_MUST_CHECK enum mu_err mcptt_receipt_read(
    struct span octets, struct mcptt_receipt *out, struct rd_fault *fault);

/*
 * Checks both proofs.
 *
 *   key        that of receipt->key_id
 *   kms        of receipt->kms
 *   member_id  the member's identifier (mcptt/uid.h) in the period of time_ms
 *
 * Returns MU_OK, or MU_E_CRYPTO whichever fails. The time taken does not depend
 * on the key.
 */
MU_MUST_CHECK enum mu_err mcptt_receipt_check(
    const struct mcptt_receipt *receipt, const struct mcptt_key *key,
    const struct mikey_eccsi_kms *kms, struct span member_id);

#endif
