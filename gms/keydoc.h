/* SPDX-License-Identifier: Apache-2.0 */
/*
 * keydoc.h - a member's key document (GKTP; TS 24.481 clause 7.7, notes
 * gms-protocol 2.3): all messages that he should have of one group.
 *
 * Made of the delivery rows when it is asked for; signed when they change,
 * never on GET. Where it is addressed, and what @id says, is UNKNOWN in the
 * notes and stands in this module and the options gktp.* alone.
 */
#ifndef GMS_KEYDOC_H
#define GMS_KEYDOC_H

#include "gms/store.h"

#define GMS_KEYDOC_ETAG 33 /* 32 hex digits and a NUL */

/*
 * The document of a member for a group: text in the arena, and its ETag, a
 * function of its content.
 *
 * Returns MU_OK; MU_E_NOT_FOUND when there is nothing for him; errors of the
 * store.
 */
MU_MUST_CHECK enum mu_err gms_keydoc_make(struct gms_store *store,
    struct span group, struct span member, struct mu_arena *arena,
    struct span *text, char etag[GMS_KEYDOC_ETAG]);

/*
 * The rows whose messages it shows, in its order: list of struct gms_delivery.
 * For ways that bring messages without the document (gms/adapter.h). Errors are
 * the same.
 */
MU_MUST_CHECK enum mu_err gms_keydoc_rows(struct gms_store *store,
    struct span group, struct span member, struct mu_arena *arena,
    struct mu_arena_list *out);

#endif
