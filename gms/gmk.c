/* SPDX-License-Identifier: Apache-2.0 */
#include "gms/gmk.h"

struct transition {
    bool allowed; /* an empty cell is an event that cannot be */
    enum gms_gmk_state next;
};

/*
 * The life of a key. It is a spare until the moment before its first message
 * is signed: that is the write-ahead, and the last moment at which it can be
 * dropped without a word to anybody. Whatever members may hold ends by
 * REVOKED, so that nobody who was away goes on with it.
 */
static const struct transition table[GMS_GMK_STATES][GMS_GMK_EVENTS] = {
    [GMS_GMK_SPARE] =
        {
            [GMS_GMK_EV_ISSUE] = {true, GMS_GMK_PENDING},
            [GMS_GMK_EV_DESTROY] = {true, GMS_GMK_DESTROYED},
        },
    [GMS_GMK_PENDING] =
        {
            [GMS_GMK_EV_POSTPONE] = {true, GMS_GMK_PENDING},
            [GMS_GMK_EV_ACTIVATE] = {true, GMS_GMK_ACTIVE},
            [GMS_GMK_EV_REVOKE] = {true, GMS_GMK_REVOKED},
        },
    [GMS_GMK_ACTIVE] =
        {
            [GMS_GMK_EV_SUPERSEDE] = {true, GMS_GMK_SUPERSEDED},
            [GMS_GMK_EV_REVOKE] = {true, GMS_GMK_REVOKED},
        },
    [GMS_GMK_SUPERSEDED] =
        {
            [GMS_GMK_EV_REVOKE] = {true, GMS_GMK_REVOKED},
        },
    [GMS_GMK_REVOKED] =
        {
            [GMS_GMK_EV_DESTROY] = {true, GMS_GMK_DESTROYED},
        },
};

const char *gms_gmk_state_name(enum gms_gmk_state state)
{
    static const char *const names[GMS_GMK_STATES] = {
        [GMS_GMK_SPARE] = "spare",
        [GMS_GMK_PENDING] = "pending",
        [GMS_GMK_ACTIVE] = "active",
        [GMS_GMK_SUPERSEDED] = "superseded",
        [GMS_GMK_REVOKED] = "revoked",
        [GMS_GMK_DESTROYED] = "destroyed",
    };

    return (unsigned)state < GMS_GMK_STATES ? names[state] : "unknown";
}

enum mu_err gms_gmk_step(struct gms_gmk *gmk, enum gms_gmk_event event)
{
    const struct transition *t = &table[gmk->state][event];

    if (!t->allowed)
        return MU_E_STATE;
    gmk->state = t->next;
    return MU_OK;
}

bool gms_gmk_is_live(enum gms_gmk_state state)
{
    return state == GMS_GMK_PENDING || state == GMS_GMK_ACTIVE ||
           state == GMS_GMK_SUPERSEDED;
}
