/* SPDX-License-Identifier: Apache-2.0 */
/*
 * spawn.h - starts a program of ours with exactly the descriptors that it is to
 * have (gms/process.h).
 */
#ifndef GMS_SPAWN_H
#define GMS_SPAWN_H

#include "base/err.h"

#include <stddef.h>
#include <sys/types.h>

#define GMS_SPAWN_FDS_MAX 8

struct gms_spawn_fd {
    int from; /* ours; stays open here */
    int as;   /* its number there, 1 or more */
};

struct gms_spawn {
    const char *path;
    const char *const *argv; /* ends with NULL */
    const struct gms_spawn_fd *fds;
    size_t fds_len;
    const char *user; /* account to run under; empty: ours */
};

/*
 * Starts it. Besides fds it has standard output and error of ours and reads
 * nothing from its standard input. It can gain no privileges, and dies with us.
 * Of the environment it keeps all but what systemd told us.
 *
 * Only from a process of one thread.
 *
 * Returns MU_OK; MU_E_NOT_FOUND when there is no such program or account;
 * MU_E_DENIED when we may not become that user; MU_E_IO.
 */
MU_MUST_CHECK enum mu_err gms_spawn(const struct gms_spawn *what, pid_t *pid);

#endif
