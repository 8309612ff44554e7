/* SPDX-License-Identifier: Apache-2.0 */
/*
 * api_undo.h - what was taken out of a group's list lately, so that it can be
 * put back as it was, octet for octet (DESIGN section 5: undo of a soft stop).
 *
 * The last GMS_UNDO_MAX removals of a group are kept with the store. A hard
 * stop has no undo and is not among them.
 */
#ifndef GMS_API_UNDO_H
#define GMS_API_UNDO_H

#include "gms/store.h"

#define GMS_UNDO_MAX 16

/* Remembers an entry; of the same member the one before is forgotten. An empty
 * entry only forgets. Errors of the store. */
MU_MUST_CHECK enum mu_err gms_undo_keep(struct gms_store *store,
    struct span group, struct span member, struct span entry);

/* The entry in the arena; MU_E_NOT_FOUND; errors of the store. */
MU_MUST_CHECK enum mu_err gms_undo_find(struct gms_store *store,
    struct span group, struct span member, struct mu_arena *arena,
    struct span *out);

#endif
