/* SPDX-License-Identifier: Apache-2.0 */
/*
 * api_change.h - a change of one group's members by the API: the document as it
 * is now, edited, put back if nobody changed it meanwhile, else once more.
 */
#ifndef GMS_API_CHANGE_H
#define GMS_API_CHANGE_H

#include "gms/api_call.h"

#define GMS_CHANGE_TRIES 5 /* others kept changing the group */

struct gms_api_change;

/*
 * Edits the text of doc into *out, in the arena. MU_E_NOT_FOUND: who was to go
 * is no member; MU_E_STATE: there is nothing to change; others as
 * gms/api_edit.h.
 */
typedef enum mu_err gms_api_edit(struct gms_api_change *change,
    const struct gms_doc *doc, struct mu_arena *arena, struct span *out);

/* In the arena of the call. */
struct gms_api_change {
    struct gms_api_call *call;
    struct span group;
    enum gms_stop stop;
    bool retarget;
    gms_api_edit *edit;
    /* Once, perhaps before gms_api_change_run() returns. err MU_OK with a
     * result, STALE meaning that If-Match does not hold; MU_E_EXPIRED when
     * others were faster GMS_CHANGE_TRIES times; or what edit or the store
     * said. */
    void (*done)(struct gms_api_change *change, enum mu_err err,
        const struct gms_group_result *result);
    void *ctx;
    /* Inside. */
    unsigned tries;
    void (*again)(struct gms_api_change *change);
};

void gms_api_change_run(struct gms_api_change *change);

/* Answers the call for what is no success; true: it was none. */
bool gms_api_change_failed(struct gms_api_call *call, enum mu_err err,
    const struct gms_group_result *result);

/* Whether the call's If-Match lets a document of that tag be changed. */
bool gms_api_matches(const struct gms_api_call *call, struct span etag);

#endif
