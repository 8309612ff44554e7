/* SPDX-License-Identifier: Apache-2.0 */
/*
 * settings.h - what a group wants otherwise than the configuration says: JSON
 * in its row (gms/store.h). One object; what is not in it is the default:
 *
 *     {"backward_secrecy": true, "hot_spare": false, "quorum": 90,
 *      "grace_s": 30, "overlap_s": 60, "lifetime_s": 86400,
 *      "media_entities": ["sip:mixer@example.org"],
 *      "shared_ids": ["sip:incident-video@example.org"]}
 *
 *     hidden_identities  messages name their ends by UID alone (TS 33.180
 *                     clause E.7), which every member's equipment must know
 *     media_entities  servers that get the keys as if they were members
 *     shared_ids      other MC group IDs that the same keys are for (TS 33.180
 *                     clause 5.7), in addition to the group's own
 *
 * Read by whoever accepts it and by whoever acts on it, with this one function.
 */
#ifndef GMS_SETTINGS_H
#define GMS_SETTINGS_H

#include "base/arena.h"
#include "gms/policy.h"

#define GMS_SETTINGS_MAX       8192 /* octets of JSON */
#define GMS_MEDIA_ENTITIES_MAX 8
#define GMS_SHARED_IDS_MAX     7 /* beside the group's own ones */

struct gms_uris {
    const struct span *at;
    size_t count;
};

struct gms_settings {
    struct gms_policy policy; /* the defaults, with the group's own */
    bool hidden_identities;
    struct gms_uris media_entities, shared_ids;
};

/*
 *   json      empty: nothing but defaults
 *   arena     holds the lists
 *   out       untouched on failure
 *   at_fault  set on failure: the member that is wrong, "" for the whole;
 *             in the arena
 *
 * Returns MU_OK; MU_E_MALFORMED for what is no JSON, no object, not a member
 * that there is, of another type, out of range, or said twice; the arena's
 * errors.
 */
MU_MUST_CHECK enum mu_err gms_settings_read(struct span json,
    const struct gms_policy *defaults, struct mu_arena *arena,
    struct gms_settings *out, const char **at_fault);

#endif
