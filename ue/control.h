/* SPDX-License-Identifier: Apache-2.0 */
/*
 * control.h - where a running mcue is asked how its members stand: a socket in
 * the file system, for its owner alone. Who connects sends one octet, 'j' for
 * JSON or 't' for text, and reads to the end; or 'f' and a fault (ue/order.h),
 * and reads nothing when that was done, or why not.
 */
#ifndef UE_CONTROL_H
#define UE_CONTROL_H

#include "base/buf.h"
#include "ue/crowd.h"

struct ue_control;

/*
 * Listens at a path where nothing is, or a socket that nobody listens at.
 *
 * Returns MU_OK; MU_E_NO_SPACE when the path is too long; MU_E_STATE when there
 * is something; MU_E_IO; MU_E_NO_MEMORY.
 */
MU_MUST_CHECK enum mu_err ue_control_new(const char *path,
    struct ue_crowd *crowd, struct event_base *base, struct ue_control **out);
void ue_control_free(struct ue_control *control); /* removes it; NULL is fine */

/* Asks one. Returns MU_OK; MU_E_NOT_FOUND when nobody listens; MU_E_NO_SPACE;
 * MU_E_IO; MU_E_NO_MEMORY. */
MU_MUST_CHECK enum mu_err ue_control_ask(
    const char *path, char form, struct buf *out);

/*
 * Orders a fault. Errors as above; MU_E_STATE when it was not done, and then
 * *why says why, without a NUL.
 */
MU_MUST_CHECK enum mu_err ue_control_order(
    const char *path, const struct ue_order *order, struct buf *why);

#endif
