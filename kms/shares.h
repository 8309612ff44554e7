/* SPDX-License-Identifier: Apache-2.0 */
/*
 * shares.h - the sealing key of a KMS, split among its keepers.
 *
 * Shamir's scheme over GF(2^8) for each octet (libgfshare): any K of N shares
 * give the key back, fewer say nothing about it. The library computes with
 * tables indexed by key octets, so its time is not constant; it runs on a
 * machine without a network, for the length of a ceremony.
 *
 * A share is 40 octets:
 *
 *     | number (8) | threshold (8) | key tag (16) | share (256) | check (32) |
 *
 * The tag is the beginning of the KEK-ID (base/keyring.h) of the key and tells
 * shares of different KMSs apart; the check is the beginning of SHA-256 over
 * "muster share 1" and the octets before. On paper it is 16 groups of four
 * characters of this alphabet, five bits each, without I, L, O and U:
 *
 *     0123456789ABCDEFGHJKMNPQRSTVWXYZ
 *
 * Read back, case does not matter, white space and '-' are passed over, I and
 * L are read as 1, O as 0.
 */
#ifndef KMS_SHARES_H
#define KMS_SHARES_H

#include "base/bytes.h"
#include "base/rng.h"
#include "base/secret.h"

#define KMS_SHARES_MAX  16  /* keepers; ours, not the scheme's */
#define KMS_SHARE_TEXT  80  /* 16 groups of 4, blanks between, and NUL */
#define KMS_SHARE_TYPED 256 /* characters that reading takes at most */

SECRET_TYPE(kms_sealing_key, 32);
SECRET_TYPE(kms_share_value, 32);

struct kms_share {
    uint8_t number;    /* 1..KMS_SHARES_MAX */
    uint8_t threshold; /* how many are needed */
    uint16_t tag;      /* of the key that was split */
    struct kms_share_value value;
};

/* Wipes it; for MU_CLEANUP. */
void kms_share_clear(struct kms_share *share);

/*
 * 2 <= threshold <= shares <= KMS_SHARES_MAX: one share alone is never the key.
 *
 * Returns MU_OK or MU_E_MALFORMED.
 */
MU_MUST_CHECK enum mu_err kms_shares_check(uint64_t shares, uint64_t threshold);

/*
 * Splits key into count shares, numbered from 1, any threshold of which join.
 *
 * Returns MU_OK; MU_E_MALFORMED as kms_shares_check(); what rng returns;
 * MU_E_NO_MEMORY; MU_E_CRYPTO. On failure out is wiped.
 */
MU_MUST_CHECK enum mu_err kms_shares_split(const struct kms_sealing_key *key,
    uint8_t count, uint8_t threshold, const struct mu_rng *rng,
    struct kms_share *out);

/*
 * Joins shares.
 *
 * Returns MU_OK; MU_E_NOT_FOUND when there are fewer than the threshold they
 * name; MU_E_STATE when one number comes twice; MU_E_DENIED when they are not
 * shares of one key; MU_E_NO_MEMORY; MU_E_CRYPTO when the key is not the one
 * they were made of.
 */
MU_MUST_CHECK enum mu_err kms_shares_join(
    const struct kms_share *shares, size_t count, struct kms_sealing_key *out);

/* The share as text for paper; the caller wipes it. MU_OK or MU_E_CRYPTO. */
MU_MUST_CHECK enum mu_err kms_share_write(
    const struct kms_share *share, char out[KMS_SHARE_TEXT]);

/*
 * Reads what somebody typed.
 *
 * Returns MU_OK; MU_E_MALFORMED for other characters or another number of them,
 * or a threshold or number out of range; MU_E_CRYPTO when the check says that
 * a character is wrong. *out is untouched on failure.
 */
MU_MUST_CHECK enum mu_err kms_share_read(
    struct span typed, struct kms_share *out);

#endif
