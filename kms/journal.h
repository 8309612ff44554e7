/* SPDX-License-Identifier: Apache-2.0 */
/*
 * journal.h - the log of a KMS: everything that was done with it, and what was
 * refused, signed and chained (base/chain.h), in its directory.
 *
 * The key that signs lies beside it, not under the shares, so that attempts
 * without the shares are recorded as well. Whoever has the directory can
 * therefore write another history from any point on; the witness is the head,
 * which every ceremony prints and every bundle carries.
 *
 * A record is an event of base/log.h without time and level:
 *
 *     event=user.add user=sip:alice@example.org serial=1
 */
#ifndef KMS_JOURNAL_H
#define KMS_JOURNAL_H

#include "base/chain_file.h"
#include "base/log.h"
#include "kms/dir.h"

#define KMS_JOURNAL_NAME "kms"

struct kms_journal;

/*
 * Begins the log of a new directory, with a new key.
 *
 *   key  set to what verifies the log, for kms/facts.h
 *
 * Returns MU_OK; MU_E_STATE when there is one; errors of files.
 */
MU_MUST_CHECK enum mu_err kms_journal_create(const struct kms_dir *dir,
    const struct mu_rng *rng, uint64_t unix_ms, struct mu_verify_key *key,
    struct kms_journal **out);

/*
 * Opens the log to go on with it; while it is open nobody else works on the
 * directory.
 *
 *   key     of the facts: a log of another key is refused
 *   report  as mu_chain_file_open(); may be NULL
 *
 * Returns MU_OK; MU_E_STATE when it is in use; MU_E_CRYPTO for a log that does
 * not verify; errors of files.
 */
MU_MUST_CHECK enum mu_err kms_journal_open(const struct kms_dir *dir,
    const struct mu_verify_key *key, struct mu_chain_report *report,
    struct kms_journal **out);

/* NULL is fine. */
void kms_journal_close(struct kms_journal *journal);

/*
 * Records an event, durably, before what it allows is done.
 *
 * Returns MU_OK, MU_E_NO_SPACE for fields that are too long, or as
 * mu_chain_file_append().
 */
MU_MUST_CHECK enum mu_err kms_journal_write(struct kms_journal *journal,
    uint64_t unix_ms, const char *event, const struct mu_log_field *fields,
    size_t count);

/* One event with one field or more. */
#define kms_journal_add(journal, unix_ms, event, ...)                          \
    kms_journal_write((journal), (unix_ms), (event),                           \
        (const struct mu_log_field[]){__VA_ARGS__},                            \
        sizeof((const struct mu_log_field[]){__VA_ARGS__}) /                   \
            sizeof(struct mu_log_field))

/* The head, borrowed until the next event. */
const struct mu_chain_head *kms_journal_head(const struct kms_journal *journal);

#endif
