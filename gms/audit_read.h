/* SPDX-License-Identifier: Apache-2.0 */
/*
 * audit_read.h - reads the audit log's records back (gms/audit_events.h).
 */
#ifndef GMS_AUDIT_READ_H
#define GMS_AUDIT_READ_H

#include "base/arena.h"
#include "gms/audit_events.h"

struct gms_audit_record {
    const struct gms_audit_event *event;
    struct span values[GMS_AUDIT_FIELDS_MAX]; /* in the event's order; of a
                                                 list the last */
    const struct span *members;               /* of a list all */
    size_t count;                             /* of them; else 0 */
};

/*
 * Reads one payload; spans lie in the arena. It is read if and only if it is
 * what gms_audit_write() would write of it.
 *
 * Returns MU_OK; MU_E_MALFORMED; MU_E_UNSUPPORTED for an event of a later
 * release; MU_E_NOT_FOUND for record 0, which says whose log it is; the
 * arena's error. *out is untouched on failure.
 */
MU_MUST_CHECK enum mu_err gms_audit_record_read(
    struct span payload, struct mu_arena *arena, struct gms_audit_record *out);

/* Writes the payload of a record; w is empty. MU_OK or MU_E_NO_SPACE. */
MU_MUST_CHECK enum mu_err gms_audit_record_write(
    struct wr *w, const struct gms_audit_record *record);

/* A value as a number, decimal or 0x and eight digits. MU_OK or MU_E_MALFORMED.
 */
MU_MUST_CHECK enum mu_err gms_audit_number(struct span value, uint64_t *out);

#endif
