/* SPDX-License-Identifier: Apache-2.0 */
/*
 * issue.h - a bundle made: keys extracted, checked, sealed to their users,
 * signed (kms/bundle.h).
 *
 * In it are the KMS's certificates, every user with his state, and for each
 * chosen user one KmsKeySet a period: RSK, SSK and PVT wrapped under his TrK
 * (TS 33.180 clause 9.3.4), and its HMAC under his InK. Nobody but the user
 * can open a key set, and no key stays behind in this process.
 */
#ifndef KMS_ISSUE_H
#define KMS_ISSUE_H

#include "base/buf.h"
#include "kms/bundle.h"
#include "kms/import_key.h"
#include "kms/master.h"
#include "kms/users.h"
#include "xml/kms_wrap.h"

#define KMS_ISSUE_PERIODS_MAX 32

struct kms_issue {
    const struct kms_facts *facts;
    const struct kms_master *master;
    const struct mu_rng *rng;
    struct kms_bundle_header header; /* all but kms_uri */
    struct span root;                /* SignedKmsCertificate */
    const struct span *external;     /* those of partners */
    size_t external_count;
    const struct kms_users *users;  /* all go in, with their state */
    struct kms_user *const *chosen; /* who gets keys; all active */
    size_t chosen_count;
    uint64_t first_period, last_period;     /* at most KMS_ISSUE_PERIODS_MAX */
    const struct kms_import_public *import; /* NULL: no InK goes along */
    enum trk_wrap wrap;
    bool pair_all;
    /* Told how far it is; may be NULL. */
    void (*progress)(void *ctx, uint64_t done, uint64_t total);
    void *ctx;
};

/*
 * Adds the bundle to out, empty before.
 *
 * Returns MU_OK; MU_E_STATE when a chosen user is revoked; MU_E_NO_SPACE for
 * too many periods; MU_E_CRYPTO when a user's record was changed or a check of
 * a key failed; MU_E_MALFORMED; MU_E_NO_MEMORY. On failure out is to be
 * cleared: no bundle is there.
 */
MU_MUST_CHECK enum mu_err kms_issue_write(
    const struct kms_issue *in, struct buf *out);

#endif
