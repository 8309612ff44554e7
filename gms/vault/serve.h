/* SPDX-License-Identifier: Apache-2.0 */
/*
 * serve.h - the vault's end of the line to the front: frames in, the desk's
 * word on each, work to the threads, answers out as they are ready.
 *
 * One thread runs it; that thread decides everything (gms/vault/desk.h).
 */
#ifndef GMS_VAULT_SERVE_H
#define GMS_VAULT_SERVE_H

#include "gms/vault/desk.h"

struct gms_serve;

/*
 * Makes the threads, so that no thread has to be made when the process is
 * confined.
 *
 *   link     SOCK_SEQPACKET; stays the caller's
 *   threads  0: one for each processor
 *
 * Returns MU_OK; errors of mu_pool_new(); MU_E_IO.
 */
MU_MUST_CHECK enum mu_err gms_serve_new(
    int link, struct gms_desk *desk, unsigned threads, struct gms_serve **out);
void gms_serve_free(struct gms_serve *serve); /* NULL is fine */

/* The descriptor of its threads, for a filter of system calls. */
int gms_serve_fd(const struct gms_serve *serve);

/*
 * Serves until the front goes.
 *
 * Returns MU_OK when the line has ended; MU_E_MALFORMED after a frame that does
 * not read, and nothing was answered since; MU_E_IO, MU_E_NO_MEMORY.
 */
MU_MUST_CHECK enum mu_err gms_serve_run(struct gms_serve *serve);

#endif
