/* SPDX-License-Identifier: Apache-2.0 */
/*
 * kds_keys.h - the two key files of kdsd: the KEK and the import key, one line
 * of 64 hex digits each.
 *
 * A file that others may read is refused.
 */
#ifndef KMS_KDS_KEYS_H
#define KMS_KDS_KEYS_H

#include "base/keyring.h"
#include "kms/import_key.h"

/*
 * Reads the KEK into ring, and the import key.
 *
 * Return MU_OK; MU_E_NOT_FOUND when there is no such file; MU_E_DENIED when its
 * mode lets others in; MU_E_MALFORMED; MU_E_IO; MU_E_CRYPTO; MU_E_STATE when
 * the ring has it already.
 */
MU_MUST_CHECK enum mu_err kds_kek_load(
    const char *path, struct mu_keyring *ring);
MU_MUST_CHECK enum mu_err kds_import_key_load(
    const char *path, struct kms_import_key *out);

/*
 * Makes a new file of mode 0600 with a new key, durable on return. Either kind:
 * both are 32 random octets.
 *
 * Returns MU_OK; MU_E_STATE when there is one already; MU_E_IO; what rng
 * returned.
 */
MU_MUST_CHECK enum mu_err kds_key_file_make(
    const char *path, const struct mu_rng *rng);

#endif
