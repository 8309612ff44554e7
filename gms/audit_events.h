/* SPDX-License-Identifier: Apache-2.0 */
/*
 * audit_events.h - what the audit log says, and in which words: a table of
 * events, each with its fields in their order. gms_audit_write() takes nothing
 * else, so that `gmsctl audit verify` (gms/verify.h) can rely on it.
 *
 * Records are written when a change is decided, before the vault is asked: what
 * the vault then did must follow from them. Fields that occur in many of them:
 *
 *   group   URI of the group
 *   by      who asked: URI of an MC user, server or operator; "gmsd" for what
 *           it does by itself
 *   member  URI of a holder; repeated, 1..GMS_AUDIT_MEMBERS_MAX of them in one
 *           record, as the last field. Longer lists are several records.
 */
#ifndef GMS_AUDIT_EVENTS_H
#define GMS_AUDIT_EVENTS_H

#include "gms/audit.h"

/* So many URIs fit a record however they are escaped. */
#define GMS_AUDIT_MEMBERS_MAX 30
#define GMS_AUDIT_FIELDS_MAX  7

/* Of the process. */
#define GMS_AUDIT_STARTED "service.started" /* version store */
#define GMS_AUDIT_STOPPED "service.stopped" /* why */
#define GMS_AUDIT_GAP     "audit.gap"       /* lost: so many records before */
/* Changes among those records did not happen: their numbers. */
#define GMS_AUDIT_UNDONE  "audit.undone"  /* first last */
#define GMS_AUDIT_VAULT   "vault.up"      /* identity log_head: a witness */
#define GMS_AUDIT_NOVAULT "vault.down"    /* why */
#define GMS_AUDIT_DENIED  "access.denied" /* by right group */
/* All is to be sealed under that KEK; it is, but for what did not open. */
#define GMS_AUDIT_RESEAL "kek.rotation" /* by kek */
#define GMS_AUDIT_RESEALED                                                     \
    "kek.rotated" /* kek keys envelopes dropped unreadable */

/* Of documents and members. Holders are those whom the keys are for: members
 * and media entities. They are added before anything is issued to them. */
#define GMS_AUDIT_CREATED  "group.created" /* group by version etag */
#define GMS_AUDIT_CHANGED  "group.changed"
#define GMS_AUDIT_DELETED  "group.deleted"  /* group by */
#define GMS_AUDIT_SETTINGS "group.settings" /* group by */
/* A call's condition is another: "normal", "imminent-peril", "emergency". */
#define GMS_AUDIT_URGENCY "group.urgency" /* group by condition until_ms */
#define GMS_AUDIT_SERVED                                                       \
    "group.fetched"                        /* group by version: a server has   \
                                              this text now */
#define GMS_AUDIT_ADDED   "holder.added"   /* group by member... */
#define GMS_AUDIT_REMOVED "holder.removed" /* group by stop member... */
/* The vault is to refuse them from that epoch on; to serve them again. */
#define GMS_AUDIT_EXCLUDED "holder.excluded" /* group epoch member... */
#define GMS_AUDIT_ADMITTED "holder.admitted" /* group epoch member... */

/* Of keys. Each begins with group and gmk_id, but for the first. */
#define GMS_AUDIT_ASKED      "key.asked"      /* group by stop why */
#define GMS_AUDIT_MADE       "key.made"       /* epoch reason */
#define GMS_AUDIT_ISSUED     "key.issued"     /* epoch activation_s expiry_s */
#define GMS_AUDIT_POSTPONED  "key.postponed"  /* activation_s held members */
#define GMS_AUDIT_ACTIVATED  "key.activated"  /* epoch held members */
#define GMS_AUDIT_SUPERSEDED "key.superseded" /* retire_ms */
#define GMS_AUDIT_REVOKED    "key.revoked"    /* reason */
#define GMS_AUDIT_DESTROYED  "key.destroyed"
#define GMS_AUDIT_GIVEN      "key.given" /* server by: it has the key itself */

/* Of one member's copy. */
#define GMS_AUDIT_FETCHED  "keys.fetched"      /* group by: his key document */
#define GMS_AUDIT_ACCEPTED "delivery.accepted" /* group gmk_id member tries */
#define GMS_AUDIT_OPENED   "delivery.opened"
#define GMS_AUDIT_FAILED   "delivery.failed" /* group gmk_id member tries why */
/* His KMS is another one: a message for that follows. */
#define GMS_AUDIT_REDIRECTED                                                   \
    "delivery.redirected" /* group gmk_id member from to */

struct gms_audit_event {
    const char *name;
    const char *fields[GMS_AUDIT_FIELDS_MAX]; /* NULL after the last */
    bool list;                                /* the last one is repeated */
};

/* All events; count of them to *count. Static storage. */
const struct gms_audit_event *gms_audit_events(size_t *count);

/* Whether it tells of a change of groups, holders or keys, which is told in a
 * transaction of the store. */
bool gms_audit_event_is_change(const struct gms_audit_event *event);

/* NULL for a name that is none. */
const struct gms_audit_event *gms_audit_event_find(struct span name);

/* How many fields it has, a list counted once. */
size_t gms_audit_event_width(const struct gms_audit_event *event);

/* Whether that is an event with exactly its fields. */
bool gms_audit_event_fits(
    const char *event, const struct mu_log_field *fields, size_t count);

/*
 * One event that lists members, in as many records as it takes; none for no
 * member.
 *
 *   head  the fields before the list
 */
void gms_audit_members(struct gms_audit *audit, const char *event,
    const struct mu_log_field *head, size_t head_count,
    const struct span *members, size_t count);

#endif
