/* SPDX-License-Identifier: Apache-2.0 */
/*
 * confine.h - what the vault's process cannot do, whoever has taken it.
 */
#ifndef GMS_VAULT_CONFINE_H
#define GMS_VAULT_CONFINE_H

#include <stddef.h>

#include "base/err.h"

/*
 * Before a secret is read: no core dump, not to be traced by others, no new
 * privileges, memory that stays out of swap where the limit allows all of it.
 *
 * Returns MU_OK; MU_E_UNSUPPORTED.
 */
MU_MUST_CHECK enum mu_err gms_confine_process(void);

/*
 * Memory for secrets: pages of their own, zero, locked, in no dump and in no
 * child. NULL when the system has none.
 */
void *gms_confine_pages(size_t len);

/* Wipes them and gives them back; NULL is fine. */
void gms_confine_pages_free(void *pages, size_t len);

/* The descriptors that the rest of the vault's life needs. */
struct gms_confine_fds {
    int link; /* receive and send */
    int done; /* of the threads: read and write */
    int log;  /* write, cut, sync */
};

/*
 * Before the first request and behind everything else, for all threads: a list
 * of the system calls that are left. No file is opened (EACCES: libraries
 * try), no socket, process or thread made, no memory executable, and the line
 * is the only descriptor to receive from and send to. Any other call ends the
 * process.
 *
 * Returns MU_OK; MU_E_UNSUPPORTED; MU_E_NO_MEMORY.
 */
MU_MUST_CHECK enum mu_err gms_confine_calls(const struct gms_confine_fds *fds);

#endif
