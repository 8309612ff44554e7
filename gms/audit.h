/* SPDX-License-Identifier: Apache-2.0 */
/*
 * audit.h - the front's audit log, on base/chain, and the events that users see
 * (the same facts; one is signed, the other is read by machines).
 *
 * Keying goes on when the log cannot be written (a full disk): records wait in
 * memory up to a bound. What exceeds it is lost, and all that follows until
 * those that wait are written; then a record audit.gap says how many are
 * missing in its place. If the process ends while records wait, the next one
 * finds it in the store, and says it.
 */
#ifndef GMS_AUDIT_H
#define GMS_AUDIT_H

#include "base/chain_file.h"
#include "base/log.h"

struct gms_audit;

struct gms_audit_config {
    const char *path;              /* of the log; begun where there is none */
    const struct mu_sign_key *key; /* borrowed until gms_audit_close() */
    const struct mu_clock *clock;
    const struct mu_rng *rng;
};
/*
 * Returns MU_OK; MU_E_CRYPTO for a log that does not verify, MU_E_STATE for one
 * that somebody else writes; MU_E_IO; MU_E_NO_MEMORY.
 */
MU_MUST_CHECK enum mu_err gms_audit_open(
    const struct gms_audit_config *config, struct gms_audit **out);
void gms_audit_close(struct gms_audit *audit); /* writes what waits; NULL is
                                                  fine */

/*
 * One record: an event of gms/audit_events.h with its fields, as for mu_log(),
 * which is logged too, a list by its length. It is durable only after
 * gms_audit_flush(): one fsync for all that a change has to say.
 */
void gms_audit_write(struct gms_audit *audit, const char *event,
    const struct mu_log_field *fields, size_t count);
#define gms_audit_say(audit, event, ...)                                       \
    gms_audit_write((audit), (event),                                          \
        (const struct mu_log_field[]){__VA_ARGS__},                            \
        sizeof((const struct mu_log_field[]){__VA_ARGS__}) /                   \
            sizeof(struct mu_log_field))
/* Writes what waits. False while the log cannot be written. */
bool gms_audit_flush(struct gms_audit *audit);

/*
 * A change is told before it is committed, so that none goes untold; so one may
 * be told that then is none: its transaction was rolled back, or the process
 * died first. That has to be told, too.
 *
 * gms_audit_told() is the number that the last record has in the log, or will
 * have. A transaction keeps it in the store; who rolls back, or finds at the
 * start that the log knows of more than the store, says after which record
 * changes did not happen: a record audit.undone, unless there were none.
 */
uint64_t gms_audit_told(const struct gms_audit *audit);
void gms_audit_undo(struct gms_audit *audit, uint64_t after);

/* And who finds at the start that the store knows of more records than the log
 * has, says so: that many are missing, or more. A record audit.gap. */
void gms_audit_gap(struct gms_audit *audit, uint64_t lost);

/* The number of the last record of a change, of groups, holders or keys, in the
 * log when it was opened; 0 for none. */
uint64_t gms_audit_changed(const struct gms_audit *audit);

struct gms_audit_stats {
    uint64_t written; /* since it was opened */
    uint64_t waiting; /* in memory now */
    uint64_t lost;    /* said or found since it was opened */
    bool failing;     /* the last write did not succeed */
};
struct gms_audit_stats gms_audit_stats(const struct gms_audit *audit);
const struct mu_chain_head *gms_audit_head(const struct gms_audit *audit);

#endif
