/* SPDX-License-Identifier: Apache-2.0 */
/*
 * rekey.h - from a change of a group to what its keys have to do: a pure
 * function over the policy table.
 */
#ifndef GMS_REKEY_H
#define GMS_REKEY_H

#include "base/arena.h"
#include "gms/policy.h"
#include "mcptt/key_params.h"

/* A member as his keys see him: who, and whose certificate to wrap under. */
struct gms_holder {
    struct span uri, kms;
};

/* A group as its keys see it. A document's other content is not here, so that
 * editing it, or a member's entry, cannot touch a key. */
struct gms_view {
    bool exists; /* there is a document */
    bool keyed;  /* MCPTT enabler, and something to protect (clause 7.2.8) */
    bool disabled;
    const struct gms_holder *holders; /* sorted by uri; media entities too */
    size_t count;
    struct span ids[MCPTT_KEY_PARAMS_GROUPS_MAX]; /* MC group IDs of the key */
    size_t id_count;
};

/* How members who are gone in `after` left. */
enum gms_stop {
    GMS_STOP_SOFT,
    GMS_STOP_HARD /* compromised */
};

/* Holders of one sort. */
struct gms_people {
    struct gms_holder *at;
    size_t count;
};

/* What differs between two lists of holders. */
struct gms_diff {
    struct gms_people gone, came;
    struct gms_people moved; /* to another KMS; as they are now */
};
/* Pure; lists lie in the arena. Returns MU_OK or the arena's error. */
MU_MUST_CHECK enum mu_err gms_view_diff(const struct gms_view *before,
    const struct gms_view *after, struct mu_arena *arena, struct gms_diff *out);

struct gms_change {
    struct gms_view before, after;
    enum gms_stop stop;
    bool retarget; /* one left and one came, as one change */
};

enum gms_action_kind {
    GMS_ACT_NEW_GMK, /* for all of `after`, under trigger's row */
    GMS_ACT_ISSUE,   /* live keys to `who` */
    GMS_ACT_REVOKE,  /* live keys, to everybody who had them */
    GMS_ACT_EXCLUDE, /* `who` gets nothing more; his rows are withdrawn */
    GMS_ACT_ADMIT,   /* `who` came (back): lifts an earlier EXCLUDE */
    GMS_ACT_REBUILD, /* `who`: messages anew; nobody: all */
    GMS_ACT_SERVER,  /* not of a change: a server asks for a key of its own */
    GMS_ACTS
};

struct gms_action {
    enum gms_action_kind kind;
    enum gms_trigger trigger;
    const struct gms_holder *who; /* where it is for some */
    size_t count;
};

#define GMS_ACTIONS_MAX 8

struct gms_actions {
    struct gms_action at[GMS_ACTIONS_MAX];
    size_t count;
};

/* Whether the group has to have a key: it is there, protected, somebody is in
 * it, and it is in use or keeps its keys. */
bool gms_view_is_live(
    const struct gms_view *view, const struct gms_policy *policy);

/*
 * Pure. Lists lie in the arena or are borrowed from the change. Fences come
 * first: EXCLUDE and ADMIT hold for all that follows.
 *
 * Returns MU_OK, perhaps with no action at all, or the arena's error.
 */
MU_MUST_CHECK enum mu_err gms_rekey(const struct gms_change *change,
    const struct gms_policy *policy, struct mu_arena *arena,
    struct gms_actions *out);

#endif
