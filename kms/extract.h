/* SPDX-License-Identifier: Apache-2.0 */
/*
 * extract.h - the keys of users for one key period, made from the master
 * secrets and checked before anybody sees them (RFC 6507 clause 5.1, RFC 6508
 * clause 6.1, TS 33.180 clause F.2.1).
 */
#ifndef KMS_EXTRACT_H
#define KMS_EXTRACT_H

#include "base/rng.h"
#include "mcptt/uid.h"
#include "mikey/eccsi.h"
#include "mikey/sakke.h"

/* All borrowed for as long as keys are extracted. */
struct kms_extractor {
    struct span kms_uri;
    struct mcptt_period_rule rule;
    const struct mikey_sakke_secret *z;
    const struct mikey_eccsi_secret *ksak;
    const struct mikey_sakke_kms *sakke; /* of Z: for the pairing check */
    const struct mikey_eccsi_kms *eccsi; /* of KPAK */
    const struct mu_rng *rng;
    bool pair_all; /* the pairing check on all, not on one in 100 */
};

struct kms_extracted {
    struct mcptt_uid uid;
    struct mikey_rsk rsk;
    struct mikey_eccsi_pair pair;
};

/* Wipes the keys; for MU_CLEANUP. */
void kms_extracted_clear(struct kms_extracted *keys);

#define KMS_EXTRACT_MAX 16 /* users of one call */

/*
 * Extracts the keys of 1 <= n <= KMS_EXTRACT_MAX users for one period.
 *
 *   first  how many were extracted before in this run: every hundredth key,
 *          beginning with the very first, is checked as its user will check
 *          it, by the pairing; all by [a+z]K = P
 *   out    n of them; wiped on failure
 *
 * Returns MU_OK; MU_E_MALFORMED for an identity that no UID can be made of;
 * MU_E_CRYPTO when a check fails, which means a broken machine: nothing of
 * the batch is to be used; MU_E_NO_MEMORY.
 */
MU_MUST_CHECK enum mu_err kms_extract(const struct kms_extractor *extractor,
    uint64_t period, const struct span *users, size_t n, uint64_t first,
    struct kms_extracted *out);

#endif
