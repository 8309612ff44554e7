/* SPDX-License-Identifier: Apache-2.0 */
/*
 * enrol_file.h - the enrolment (kms-client/enrol.h) as a file that is used up:
 * read, and destroyed when its secrets are where they belong.
 */
#ifndef KMS_CLIENT_ENROL_FILE_H
#define KMS_CLIENT_ENROL_FILE_H

#include "kms-client/enrol.h"

/*
 *   fault  as kms_enrolment_read()'s; its field is NULL when the file could not
 *          be read at all
 *
 * Returns as mu_file_read() and kms_enrolment_read().
 */
MU_MUST_CHECK enum mu_err kms_enrol_file_read(
    const char *path, struct kms_enrolment *out, struct rd_fault *fault);

/* Overwrites the text, as far as the file system lets us, and removes it.
 * Returns MU_OK or MU_E_IO. */
MU_MUST_CHECK enum mu_err kms_enrol_file_destroy(const char *path);

#endif
