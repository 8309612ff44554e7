/* SPDX-License-Identifier: Apache-2.0 */
/*
 * gmk.h - one key of a group, from its making to its end (DESIGN sections 4
 * and 5; TS 33.180 clauses 5.7.1 and E.6).
 *
 * What is called GMK here may be any key of group scope that the vault makes:
 * the identifier's tag says which. The table in gmk.c is the life cycle.
 */
#ifndef GMS_GMK_H
#define GMS_GMK_H

#include "mcptt/key_id.h"

enum gms_gmk_state {
    GMS_GMK_SPARE,      /* made, perhaps wrapped, sent to nobody */
    GMS_GMK_PENDING,    /* being delivered, activates at activation_s */
    GMS_GMK_ACTIVE,     /* in force for sending */
    GMS_GMK_SUPERSEDED, /* good for receiving until due_ms */
    GMS_GMK_REVOKED,    /* said so on the wire; never again current */
    GMS_GMK_DESTROYED,  /* the sealed key is gone, its identifier stays */
    GMS_GMK_STATES
};

enum gms_gmk_event {
    GMS_GMK_EV_ISSUE,     /* the spare, or a new one, is sent out */
    GMS_GMK_EV_POSTPONE,  /* no quorum: a later activation, same key */
    GMS_GMK_EV_ACTIVATE,  /* its time has come */
    GMS_GMK_EV_SUPERSEDE, /* another one is in force */
    GMS_GMK_EV_REVOKE,
    GMS_GMK_EV_DESTROY,
    GMS_GMK_EVENTS
};

const char *gms_gmk_state_name(enum gms_gmk_state state);

/* A key's row. Spans lie in the arena of whoever read it. */
struct gms_gmk {
    struct mcptt_key_id id;
    struct span group;
    uint64_t epoch;
    enum gms_gmk_state state;
    struct span sealed;    /* GMS_SEALED_KEY_LEN; empty once destroyed */
    uint64_t made_ms;      /* or issued, once it is; Unix, as all here */
    uint64_t activation_s; /* of the present terms; 0 in a spare */
    uint64_t expiry_s;     /* 0: never */
    uint64_t due_ms;       /* when the clock acts on it next; 0: never. Of one
                            * PENDING: its quorum, then its activation;
                            * ACTIVE: its end; SUPERSEDED: its revocation;
                            * REVOKED: its destruction */
    struct span reason;    /* why it was made: "created", "removed"... */
};

/*
 * Takes the event: sets the state and nothing else.
 *
 * Returns MU_OK, or MU_E_STATE for a cell that is empty.
 */
MU_MUST_CHECK enum mu_err gms_gmk_step(
    struct gms_gmk *gmk, enum gms_gmk_event event);

/* Whether members may hold it: PENDING, ACTIVE, SUPERSEDED. */
bool gms_gmk_is_live(enum gms_gmk_state state);

#endif
