/* SPDX-License-Identifier: Apache-2.0 */
#include "gms/policy.h"

/*
 * The table of notes gms-protocol 2.6. What is not in it does nothing to keys:
 * a name, a timer, a priority, a member's display name.
 *
 * Without a quorum at its time, a key that shuts somebody out is in force all
 * the same: that he is out matters more than who is late. One that only
 * refreshes waits: nobody is worse off with the old one.
 */
/* clang-format off */
static const struct gms_policy_row table[GMS_TRIGGERS] = {
    /* new_gmk, issue, revoke, rebuild, hard, gather, class, no quorum */
    [GMS_TR_CREATED] = {true, false, false, false, false, false,
        GMS_CLASS_NORMAL, GMS_NO_QUORUM_ACTIVATE},
    [GMS_TR_ADDED] = {false, true, false, false, false, true,
        GMS_CLASS_NORMAL, GMS_NO_QUORUM_POSTPONE},
    [GMS_TR_REMOVED] = {true, false, false, false, false, true,
        GMS_CLASS_EXCLUSION, GMS_NO_QUORUM_ACTIVATE},
    [GMS_TR_EXPELLED] = {true, false, true, false, true, false,
        GMS_CLASS_EXCLUSION, GMS_NO_QUORUM_ACTIVATE},
    /* The newcomer talks at once, with what is in force until the new key is. */
    [GMS_TR_RETARGET] = {true, true, false, false, false, true,
        GMS_CLASS_EXCLUSION, GMS_NO_QUORUM_ACTIVATE},
    /* A new one even where an old one has not expired: whoever left while
     * nothing was protected has that one. */
    [GMS_TR_PROTECT_ON] = {true, false, false, false, false, false,
        GMS_CLASS_NORMAL, GMS_NO_QUORUM_ACTIVATE},
    [GMS_TR_PROTECT_OFF] = {false, false, false, false, false, false,
        GMS_CLASS_NORMAL, GMS_NO_QUORUM_ACTIVATE},
    [GMS_TR_IDS] = {false, false, false, true, false, false,
        GMS_CLASS_NORMAL, GMS_NO_QUORUM_ACTIVATE},
    [GMS_TR_DISABLED] = {false, false, true, false, false, false,
        GMS_CLASS_NORMAL, GMS_NO_QUORUM_ACTIVATE},
    [GMS_TR_ENABLED] = {true, false, false, false, false, false,
        GMS_CLASS_NORMAL, GMS_NO_QUORUM_ACTIVATE},
    [GMS_TR_DELETED] = {false, false, true, false, false, false,
        GMS_CLASS_NORMAL, GMS_NO_QUORUM_ACTIVATE},
    [GMS_TR_MOVED] = {false, false, false, true, false, false,
        GMS_CLASS_NORMAL, GMS_NO_QUORUM_ACTIVATE},
    [GMS_TR_LIFETIME] = {true, false, false, false, false, false,
        GMS_CLASS_NORMAL, GMS_NO_QUORUM_POSTPONE},
    [GMS_TR_ASKED] = {true, false, false, false, false, false,
        GMS_CLASS_NORMAL, GMS_NO_QUORUM_POSTPONE},
    [GMS_TR_ASKED_HARD] = {true, false, true, false, true, false,
        GMS_CLASS_EXCLUSION, GMS_NO_QUORUM_ACTIVATE},
};
/* clang-format on */

const char *gms_trigger_name(enum gms_trigger trigger)
{
    static const char *const names[GMS_TRIGGERS] = {
        [GMS_TR_CREATED] = "created",
        [GMS_TR_ADDED] = "added",
        [GMS_TR_REMOVED] = "removed",
        [GMS_TR_EXPELLED] = "expelled",
        [GMS_TR_RETARGET] = "retargeted",
        [GMS_TR_PROTECT_ON] = "protected",
        [GMS_TR_PROTECT_OFF] = "unprotected",
        [GMS_TR_IDS] = "ids",
        [GMS_TR_DISABLED] = "disabled",
        [GMS_TR_ENABLED] = "enabled",
        [GMS_TR_DELETED] = "deleted",
        [GMS_TR_MOVED] = "moved",
        [GMS_TR_LIFETIME] = "lifetime",
        [GMS_TR_ASKED] = "asked",
        [GMS_TR_ASKED_HARD] = "asked-hard",
    };

    return (unsigned)trigger < GMS_TRIGGERS ? names[trigger] : "unknown";
}

const struct gms_policy_row *gms_policy_row(enum gms_trigger trigger)
{
    return &table[trigger];
}
