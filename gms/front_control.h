/* SPDX-License-Identifier: Apache-2.0 */
/*
 * front_control.h - the front's line to the monitor (gms/process.h): takes the
 * ends of vaults, says that the front is ready and alive.
 *
 * One loop, one thread.
 */
#ifndef GMS_FRONT_CONTROL_H
#define GMS_FRONT_CONTROL_H

#include "base/err.h"

struct event_base;
struct gms_control;

struct gms_control_config {
    struct event_base *base;
    int fd;                              /* GMS_FD_CONTROL; not closed here */
    void (*on_vault)(void *ctx, int fd); /* a new vault's end, now ctx's */
    void (*on_gone)(void *ctx);          /* the monitor is; at most once */
    void *ctx;
};

/*
 * Watches the line, and says by itself that the loop turns.
 *
 * Returns MU_OK; MU_E_IO when fd is no such line; MU_E_NO_MEMORY.
 */
MU_MUST_CHECK enum mu_err gms_control_new(
    const struct gms_control_config *config, struct gms_control **out);
void gms_control_free(struct gms_control *control); /* NULL is fine */

/* GMS_CONTROL_READY, GMS_CONTROL_RELOADED. */
void gms_control_say(struct gms_control *control, char what);

#endif
