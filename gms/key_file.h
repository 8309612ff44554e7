/* SPDX-License-Identifier: Apache-2.0 */
/*
 * key_file.h - files with secrets in clear: who may read one, and the key of
 * the audit log.
 */
#ifndef GMS_KEY_FILE_H
#define GMS_KEY_FILE_H

#include "base/buf.h"
#include "base/sign.h"

/*
 * Opens a file for reading that is a secret: a regular one, of root's or our
 * own, closed to everybody else.
 *
 * Returns MU_OK with a descriptor, which is the caller's; MU_E_NOT_FOUND;
 * MU_E_DENIED when others own it or may look in; MU_E_IO.
 */
MU_MUST_CHECK enum mu_err gms_key_file_open(const char *path, int *fd);

/* The same, and adds what is in it, at most max octets: also MU_E_NO_SPACE,
 * MU_E_NO_MEMORY. */
MU_MUST_CHECK enum mu_err gms_key_file_read(
    const char *path, size_t max, struct buf *out);

/*
 * The key of the audit log, 32 octets. _make() makes a new file; MU_E_STATE
 * when there is one. _load() also returns MU_E_MALFORMED.
 */
MU_MUST_CHECK enum mu_err gms_audit_key_make(
    const char *path, const struct mu_rng *rng);
MU_MUST_CHECK enum mu_err gms_audit_key_load(
    const char *path, struct mu_sign_key *out);

#endif
