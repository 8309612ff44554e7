/* SPDX-License-Identifier: Apache-2.0 */
/*
 * handout.h - gives the shares of a new sealing key to their keepers, and has
 * each one read back before anything is sealed under it.
 */
#ifndef KMS_HANDOUT_H
#define KMS_HANDOUT_H

#include "kms/shares.h"

/*
 * On the terminal: shows each share alone, wipes the screen, and asks until it
 * is typed back as it was shown.
 *
 * Returns MU_OK; MU_E_NOT_FOUND without a terminal; MU_E_IO.
 */
MU_MUST_CHECK enum mu_err kms_handout_typed(
    const struct kms_share *shares, size_t count);

/*
 * For automation: each into a new file folder/share-N.txt of mode 0600, which
 * is then read back. After a failure none of them is left.
 *
 * Returns MU_OK; MU_E_STATE when there is one already; MU_E_IO; MU_E_CRYPTO
 * when what was read is not what was written.
 */
MU_MUST_CHECK enum mu_err kms_handout_files(
    const char *folder, const struct kms_share *shares, size_t count);

/* Removes such files again: after a rehearsal. */
void kms_handout_remove(const char *folder, size_t count);

#endif
