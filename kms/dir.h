/* SPDX-License-Identifier: Apache-2.0 */
/*
 * dir.h - the directory of a KMS: all that the offline tool keeps.
 *
 *     kms.conf       public facts (kms/facts.h)
 *     master.sealed  the master secrets, under the shared key (kms/master.h)
 *     cert.xml       the signed root certificate
 *     external/      signed certificates of partner domains
 *     users          users and their sealed transport keys (kms/users.h)
 *     log, log.key   what was done (kms/journal.h)
 *     officers       who may approve monitoring (kms/officers.h)
 *     bundle         the last bundle, to be carried again if it was lost
 *     sequence       its number and hash (kms/sequence.h)
 *     cases/         what was to be monitored, and who approved (kms/case.h)
 *
 * The directory is of mode 0700. Files are replaced as wholes, so that a crash
 * leaves the old one or the new one.
 */
#ifndef KMS_DIR_H
#define KMS_DIR_H

#include "base/file.h"

#define KMS_DIR_MAX      2048 /* octets of its path, NUL included */
#define KMS_DIR_FILE_MAX ((size_t)64 << 20)

#define KMS_DIR_CONF     "kms.conf"
#define KMS_DIR_MASTER   "master.sealed"
#define KMS_DIR_CERT     "cert.xml"
#define KMS_DIR_EXTERNAL "external"
#define KMS_DIR_USERS    "users"
#define KMS_DIR_LOG      "log"
#define KMS_DIR_LOG_KEY  "log.key"
#define KMS_DIR_OFFICERS "officers"
#define KMS_DIR_BUNDLE   "bundle"
#define KMS_DIR_CASES    "cases"
#define KMS_DIR_SEQUENCE "sequence"

struct kms_dir {
    char path[KMS_DIR_MAX];
};

/* Names a directory; looks at nothing. MU_OK, or MU_E_NO_SPACE. */
MU_MUST_CHECK enum mu_err kms_dir_set(struct kms_dir *dir, const char *path);

/*
 * Makes it, new and empty, with what lies in it.
 *
 * Returns MU_OK; MU_E_STATE when there is something of that name; MU_E_IO.
 */
MU_MUST_CHECK enum mu_err kms_dir_make(const struct kms_dir *dir);

/*
 * Removes it with the files above, as far as they are there: what a ceremony
 * that failed, or was a rehearsal, leaves. MU_OK, or MU_E_IO when something
 * else lies in it.
 */
MU_MUST_CHECK enum mu_err kms_dir_remove(const struct kms_dir *dir);

/* Its path with a name of at most 255 octets, which may have a '/'. */
void kms_dir_path(
    const struct kms_dir *dir, const char *name, char out[MU_PATH_MAX]);

/* As the functions of base/file.h; private files are of mode 0600. */
MU_MUST_CHECK enum mu_err kms_dir_read(
    const struct kms_dir *dir, const char *name, struct buf *out);
MU_MUST_CHECK enum mu_err kms_dir_create(
    const struct kms_dir *dir, const char *name, struct span octets);
MU_MUST_CHECK enum mu_err kms_dir_replace(
    const struct kms_dir *dir, const char *name, struct span octets);

#endif
