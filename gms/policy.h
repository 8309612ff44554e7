/* SPDX-License-Identifier: Apache-2.0 */
/*
 * policy.h - what a group does about its keys, as data (notes gms-protocol 2.6;
 * DESIGN sections 4 and 5). Defaults come from the configuration, a group may
 * have its own.
 */
#ifndef GMS_POLICY_H
#define GMS_POLICY_H

#include "base/bytes.h"
#include "gms/delivery.h"

/* What happened to the group. */
enum gms_trigger {
    GMS_TR_CREATED,
    GMS_TR_ADDED,    /* members came */
    GMS_TR_REMOVED,  /* members left: soft stop */
    GMS_TR_EXPELLED, /* members are compromised: hard stop */
    GMS_TR_RETARGET, /* one member in the place of another, one change */
    GMS_TR_PROTECT_ON,
    GMS_TR_PROTECT_OFF,
    GMS_TR_IDS, /* the list of group IDs of the key changed */
    GMS_TR_DISABLED,
    GMS_TR_ENABLED,
    GMS_TR_DELETED,
    GMS_TR_MOVED,    /* a member's KMS or key period is another */
    GMS_TR_LIFETIME, /* expiry comes near */
    GMS_TR_ASKED,    /* a server needs a valid key, or an operator rekeys */
    GMS_TR_ASKED_HARD,
    GMS_TRIGGERS
};
const char *gms_trigger_name(enum gms_trigger trigger);

enum gms_no_quorum {
    GMS_NO_QUORUM_ACTIVATE,
    GMS_NO_QUORUM_POSTPONE
};

/* One row of the table of notes 2.6. */
struct gms_policy_row {
    bool new_gmk; /* a new key to all that remain */
    bool issue;   /* the present key to those who came */
    bool revoke;  /* the present key, at once, to all who had it */
    bool rebuild; /* messages anew, same key */
    bool hard;    /* no grace, no overlap, no quorum, not coalesced */
    bool gather;  /* others within coalesce_ms become one rekey with it */
    enum gms_class class;
    enum gms_no_quorum no_quorum;
};
const struct gms_policy_row *gms_policy_row(enum gms_trigger trigger);

/* The numbers; all of them options of the configuration. */
struct gms_policy {
    bool backward_secrecy; /* a join rekeys */
    bool keep_keys_when_disabled;
    bool hot_spare;
    uint64_t grace_s;         /* from sending to activation */
    uint64_t overlap_s;       /* from activation to revocation of the old one */
    uint64_t coalesce_ms;     /* soft stops within it become one rekey */
    uint64_t lifetime_s;      /* of a GMK; 0: no end */
    uint64_t renew_s;         /* a new one so long before that end */
    uint64_t quorum;          /* per cent of the members that must hold it */
    uint64_t quorum_margin_s; /* how long before activation it is asked */
    uint64_t prebuild_periods; /* 0..3 */
    uint64_t tombstone_s;      /* revocations stay readable so long */
};

#endif
