/* SPDX-License-Identifier: Apache-2.0 */
/*
 * case.h - one case of monitoring: whose messages of which key period an
 * investigator may read, why, and who approved it (TS 33.180 clause 10: only
 * the organisation itself, with its own KMS).
 *
 * The file D/cases/N is a text of lines (base/lines.h):
 *
 *     muster-case = 1
 *     number = N
 *     kms_uri = ...
 *     user_uri = ...
 *     period = number of the key period
 *     reason = one line
 *     investigator = X25519 key in hex
 *     opened = Unix time
 *     approval = OFFICER SIGNATURE        not there at first
 *
 * An approval is mu_sign(), label "muster case 1", of all lines before the
 * first approval: it names user, period and receiver, and another case has
 * another number.
 */
#ifndef KMS_CASE_H
#define KMS_CASE_H

#include "kms/import_key.h"
#include "kms/officers.h"
#include "mcptt/ident.h"

#define KMS_CASE_REASON_MAX 512
#define KMS_CASE_APPROVALS  2 /* of different officers, to extract */
#define KMS_CASE_TEXT_MAX   6144

struct kms_approval {
    char officer[KMS_OFFICER_NAME_MAX + 1];
    struct mu_signature sig;
};

struct kms_case {
    uint64_t number; /* from 1 */
    struct mcptt_id kms_uri, user_uri;
    uint64_t period;
    char reason[KMS_CASE_REASON_MAX + 1];
    struct kms_import_public investigator;
    uint64_t opened_s;
    struct kms_approval approvals[KMS_OFFICERS_MAX];
    size_t approval_count;
};

/* One line of printable text, not empty. MU_OK or MU_E_MALFORMED. */
MU_MUST_CHECK enum mu_err kms_case_reason_set(
    struct kms_case *c, struct span reason);

MU_MUST_CHECK enum mu_err kms_case_write(
    struct wr *w, const struct kms_case *c);

/* MU_OK; MU_E_MALFORMED; MU_E_UNSUPPORTED. Signatures are not checked. */
MU_MUST_CHECK enum mu_err kms_case_read(struct span text, struct kms_case *out);

/* The case of that number. MU_E_NOT_FOUND for none. */
MU_MUST_CHECK enum mu_err kms_case_load(
    const struct kms_dir *dir, uint64_t number, struct kms_case *out);

/*
 * A new case gets the next number; a known one replaces its file.
 *
 * Returns MU_OK; errors of files.
 */
MU_MUST_CHECK enum mu_err kms_case_add(
    const struct kms_dir *dir, struct kms_case *c);
MU_MUST_CHECK enum mu_err kms_case_save(
    const struct kms_dir *dir, const struct kms_case *c);

/*
 * Adds an officer's approval.
 *
 * Returns MU_OK; MU_E_STATE when he approved already; MU_E_NO_SPACE;
 * MU_E_CRYPTO.
 */
MU_MUST_CHECK enum mu_err kms_case_approve(struct kms_case *c,
    const struct kms_officer *officer, const struct mu_sign_key *key);

/*
 * Whether KMS_CASE_APPROVALS different officers approved exactly this case.
 *
 * Returns MU_OK; MU_E_DENIED for fewer; MU_E_CRYPTO for an approval that is not
 * the officer's, or of somebody who is none.
 */
MU_MUST_CHECK enum mu_err kms_case_check(
    const struct kms_case *c, const struct kms_officers *officers);

#endif
