/* SPDX-License-Identifier: Apache-2.0 */
/*
 * group.h - changes of group documents, from wherever they come: XCAP and the
 * JSON API both go through here, so that there is one place that validates,
 * decides who may, and hands on to the keeper.
 *
 * Documents over GMS_GROUP_INLINE_MAX octets are validated by the worker pool;
 * done() then comes later, from the loop.
 */
#ifndef GMS_GROUP_H
#define GMS_GROUP_H

#include "gms/access.h"
#include "gms/keeper.h"
#include "xml/group_doc.h"

#define GMS_GROUP_INLINE_MAX 65536

struct gms_groups;
struct mu_pool; /* base/pool.h */

struct gms_groups_config {
    struct gms_store *store;
    struct gms_keeper *keeper;
    struct gms_domains *domains;
    const struct gms_access *access;
    struct mu_pool *pool; /* NULL: everything inline */
    const struct mu_rng *rng;
    enum xml_group_unknown unknown;
    size_t members_max;
};
MU_MUST_CHECK enum mu_err gms_groups_new(
    const struct gms_groups_config *config, struct gms_groups **out);
void gms_groups_free(struct gms_groups *groups);

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
    GMS_GROUP_FAILED /* err says what; nothing has changed */
};

struct gms_group_result {
    enum gms_group_outcome outcome;
    enum mu_err err;
    struct xml_group_fault fault;
    struct gms_doc doc; /* as stored */
    struct span alt;
};
typedef void gms_group_done(void *ctx, const struct gms_group_result *result);

/* A whole new text for one address, or its deletion (text.p NULL). */
struct gms_group_put {
    struct gms_caller caller;
    struct span xui, name;   /* address in the users tree; or */
    struct span uri;         /* an existing group, wherever it lies */
    struct span text;        /* copied */
    struct span expect_etag; /* it must be this; empty: whatever */
    bool must_be_new;
    enum gms_stop stop;
    bool retarget;
    bool authorised; /* the caller checked a right beyond the owner's */
};
/* done() is called once, perhaps before this returns. */
void gms_group_put(struct gms_groups *groups, const struct gms_group_put *put,
    gms_group_done *done, void *ctx);

/* The view of a parsed document: what the keeper wants. KMSs are looked up.
 * MU_E_NOT_FOUND names the unknown member in *who. */
MU_MUST_CHECK enum mu_err gms_group_view(const struct gms_groups *groups,
    const struct xml_group *group, struct mu_arena *arena, struct gms_view *out,
    struct span *who);

/* Whether a caller may see the document, and in which form (notes 1.6). */
enum gms_sight {
    GMS_SIGHT_NONE,
    GMS_SIGHT_REDUCED, /* without its list, with an ETag of its own */
    GMS_SIGHT_FULL
};
enum gms_sight gms_group_sight(const struct gms_groups *groups,
    const struct gms_caller *caller, const struct xml_group *group);

#endif
