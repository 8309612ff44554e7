/* SPDX-License-Identifier: Apache-2.0 */
/*
 * handoff.h - from foreign threads to the loop: a bounded list of pointers, and
 * a descriptor that is readable while the list may have some.
 *
 * Libraries with threads of their own, and the worker pool (base/pool.h), put
 * what they have for the loop here; the loop watches the descriptor and takes.
 * Nobody waits: putting into a full list is refused, and what to do then is the
 * putter's to say at the call. Who must not lose anything has a limit on what
 * is under way that is not above the list's.
 *
 * Order is kept between the puts of one thread.
 */
#ifndef BASE_HANDOFF_H
#define BASE_HANDOFF_H

#include "base/err.h"

#include <stddef.h>

struct mu_handoff;

/*
 *   limit  items at once, 1 or more
 *
 * Returns MU_OK; MU_E_NO_MEMORY; MU_E_IO when there is no descriptor.
 */
MU_MUST_CHECK enum mu_err mu_handoff_new(size_t limit, struct mu_handoff **out);

/* When no thread puts any more. Items that nobody took are the owner's to take
 * before. NULL is fine. */
void mu_handoff_free(struct mu_handoff *handoff);

/* To be watched for reading; stays the handoff's. */
int mu_handoff_fd(const struct mu_handoff *handoff);

/*
 * Puts an item, not NULL, from any thread. What the putter wrote before is seen
 * by who takes it.
 *
 * Returns MU_OK; MU_E_NO_SPACE when the list is full, and the item is still
 * the caller's.
 */
MU_MUST_CHECK enum mu_err mu_handoff_put(
    struct mu_handoff *handoff, void *item);

/* The oldest item, or NULL when there is none; from one thread. With the last
 * one the descriptor rests. */
void *mu_handoff_take(struct mu_handoff *handoff);

#endif
