/* SPDX-License-Identifier: Apache-2.0 */
/*
 * group.h - changes of group documents, from wherever they come: XCAP and the
 * JSON API both go through here, so that there is one place that validates,
 * decides who may, and hands on to the keeper.
 *
 * Large documents are read by the worker pool (gms/document.h): results then
 * come later, from the loop.
 */
#ifndef GMS_GROUP_H
#define GMS_GROUP_H

#include "gms/access.h"
#include "gms/document.h"
#include "gms/keeper.h"

struct gms_groups;

struct gms_groups_config {
    struct gms_store *store;
    struct gms_keeper *keeper;
    struct gms_domains *domains;
    const struct gms_access *access;
    struct mu_pool *pool; /* NULL: everything inline */
    const struct mu_rng *rng;
    const struct gms_policy *policy; /* defaults of a group's own */
    enum xml_group_unknown unknown;
    size_t members_max;
    /* XUI in whose tree everybody who may create groups does so (TS 24.481
     * clause 6.3.2.2.1); "": only in his own. */
    const char *creation_xui;
};
MU_MUST_CHECK enum mu_err gms_groups_new(
    const struct gms_groups_config *config, struct gms_groups **out);
/* After the pool. */
void gms_groups_free(struct gms_groups *groups);

/* ------------------------------------------------------------------ reading */

/* Where a document lies: its address in the users tree; or, with uri, the
 * group's, wherever it lies. */
struct gms_group_at {
    struct span xui, name;
    struct span uri;
};

/*
 * MU_OK with the document, borrowed for the call (gms_document_ref() keeps
 * it); MU_E_NOT_FOUND; MU_E_STATE when there is too much to do; errors of the
 * store.
 */
typedef void gms_group_got(
    void *ctx, enum mu_err err, struct gms_document *document);

/* got() is called once, perhaps before this returns. */
void gms_group_get(struct gms_groups *groups, const struct gms_group_at *at,
    gms_group_got *got, void *ctx);

/* Whether a caller may see the document, and in which form (notes 1.6): its
 * owner, a role with GMS_MAY_READ_FULL, and whom its rules let have the list
 * see all of it, other members the reduced form. */
enum gms_sight {
    GMS_SIGHT_NONE,
    GMS_SIGHT_REDUCED, /* without its list, with an ETag of its own */
    GMS_SIGHT_FULL
};
enum gms_sight gms_group_sight(const struct gms_groups *groups,
    const struct gms_caller *caller, const struct gms_document *document);

/* ------------------------------------------------------------------ writing */

/*
 * Whether a caller may create, edit or delete (GMS_MAY_CREATE, _EDIT, _DELETE)
 * at an address: what is there is its owner's and of roles for that group; a
 * new one is made by a role, in his own tree or the one for creation. present
 * is NULL when there is none.
 */
bool gms_group_may(const struct gms_groups *groups,
    const struct gms_caller *caller, enum gms_right right, struct span xui,
    const struct gms_document *present);

enum gms_group_outcome {
    GMS_GROUP_CREATED,
    GMS_GROUP_REPLACED,
    GMS_GROUP_DELETED,
    GMS_GROUP_INVALID, /* fault says what of the document */
    GMS_GROUP_TAKEN,   /* the URI belongs to another address; alt is free */
    GMS_GROUP_DENIED,
    GMS_GROUP_STALE,          /* changed since, or precondition */
    GMS_GROUP_UNKNOWN_MEMBER, /* who is in alt */
    GMS_GROUP_ABSENT,
    GMS_GROUP_BUSY,  /* too much to do, or our KMS not known yet: 503 */
    GMS_GROUP_FAILED /* err says what; nothing has changed */
};

struct gms_group_result {
    enum gms_group_outcome outcome;
    enum mu_err err;
    struct xml_group_fault fault;
    struct gms_doc doc; /* as stored; of a deletion: as it was */
    struct span alt;
};
typedef void gms_group_done(void *ctx, const struct gms_group_result *result);

/* A whole new text for one address, or its deletion (text.p NULL). */
struct gms_group_put {
    struct gms_caller caller;
    struct gms_group_at at;  /* by uri: it must exist */
    struct span uri;         /* the text must be that group's; empty: any */
    struct span text;        /* copied, as all texts here */
    struct span expect_etag; /* it must be this; empty: whatever */
    bool must_be_new;
    enum gms_stop stop;
    bool retarget;
    bool authorised; /* the caller checked a right beyond the owner's */
};
/* done() is called once, perhaps before this returns; what it gets is borrowed
 * for the call. */
void gms_group_put(struct gms_groups *groups, const struct gms_group_put *put,
    gms_group_done *done, void *ctx);

/*
 * The view of a parsed document: what the keeper wants. Its holders are the
 * members and the media entities of the group's settings, its IDs the group's
 * own and those that share its keys; KMSs are looked up.
 *
 * MU_E_NOT_FOUND names the unknown holder in *who; MU_E_STATE before our KMS is
 * known.
 */
MU_MUST_CHECK enum mu_err gms_group_view(const struct gms_groups *groups,
    const struct xml_group *group, struct mu_arena *arena, struct gms_view *out,
    struct span *who);

#endif
