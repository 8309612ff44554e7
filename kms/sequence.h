/* SPDX-License-Identifier: Apache-2.0 */
/*
 * sequence.h - number and hash of the last bundle: the file D/sequence, a text
 * of lines (base/lines.h). The next bundle carries them on (kms/bundle.h).
 */
#ifndef KMS_SEQUENCE_H
#define KMS_SEQUENCE_H

#include "kms/bundle.h"
#include "kms/dir.h"

struct kms_sequence {
    uint64_t last; /* 0: no bundle yet, hash all zero */
    uint8_t hash[KMS_BUNDLE_HASH_LEN];
};

/*
 * No file is no bundle. Returns MU_OK; MU_E_MALFORMED; MU_E_NO_MEMORY;
 * MU_E_IO.
 */
MU_MUST_CHECK enum mu_err kms_sequence_load(
    const struct kms_dir *dir, struct kms_sequence *out);

/* Replaces the file. MU_OK; MU_E_NO_SPACE; MU_E_IO. */
MU_MUST_CHECK enum mu_err kms_sequence_save(
    const struct kms_dir *dir, const struct kms_sequence *sequence);

#endif
