/* SPDX-License-Identifier: Apache-2.0 */
/*
 * external.h - the signed certificates of partner domains that a KMS keeps in
 * D/external, one file each (kms/cert.h).
 */
#ifndef KMS_EXTERNAL_H
#define KMS_EXTERNAL_H

#include "kms/dir.h"

#define KMS_EXTERNAL_MAX 4096

/* Starts as {0}; given back by its _clear. */
struct kms_external {
    struct buf *text;
    struct span *certs; /* of text */
    size_t len;
};

void kms_external_clear(struct kms_external *external);

/*
 * Reads all files *.xml there, in the order of their names.
 *
 * Returns MU_OK; MU_E_NO_SPACE past KMS_EXTERNAL_MAX; MU_E_IO; MU_E_NO_MEMORY.
 */
MU_MUST_CHECK enum mu_err kms_external_load(
    const struct kms_dir *dir, struct kms_external *out);

#endif
