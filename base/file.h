/* SPDX-License-Identifier: Apache-2.0 */
/*
 * file.h - whole files and descriptors, read and written.
 *
 * What is read may be a key: it goes to a struct buf, which is wiped. What is
 * written is durable when the call returns.
 */
#ifndef BASE_FILE_H
#define BASE_FILE_H

#include "base/buf.h"

#define MU_PATH_MAX 4096 /* octets of a path, its NUL included */

/*
 * Adds all that a descriptor still has.
 *
 * Returns MU_OK; MU_E_NO_SPACE past max octets; MU_E_IO; MU_E_NO_MEMORY.
 */
MU_MUST_CHECK enum mu_err mu_fd_read(int fd, size_t max, struct buf *out);

/* Writes all of it. MU_OK or MU_E_IO. */
MU_MUST_CHECK enum mu_err mu_fd_write(int fd, struct span octets);

/* Adds a whole file. As mu_fd_read(); MU_E_NOT_FOUND when there is none. */
MU_MUST_CHECK enum mu_err mu_file_read(
    const char *path, size_t max, struct buf *out);

/*
 * Makes a new file of these permission bits (0600, 0644), octets on disk and
 * its name, too. After a failure there is none.
 *
 * Returns MU_OK; MU_E_STATE when there is something of that name; MU_E_IO.
 */
MU_MUST_CHECK enum mu_err mu_file_create(
    const char *path, unsigned mode, struct span octets);

/*
 * The same, and takes the place of a file of that name: whoever opens it, at
 * whatever moment the machine fails, sees the old octets or the new ones. One
 * writer at a time: path.new is used on the way.
 *
 * Returns MU_OK; MU_E_NO_SPACE when the path is too long; MU_E_IO.
 */
MU_MUST_CHECK enum mu_err mu_file_replace(
    const char *path, unsigned mode, struct span octets);

#endif
