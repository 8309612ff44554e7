/* SPDX-License-Identifier: Apache-2.0 */
#include "gms/rekey.h"

#include <assert.h>
#include <string.h>

bool gms_view_is_live(
    const struct gms_view *view, const struct gms_policy *policy)
{
    return view->exists && view->keyed && view->count > 0 &&
           (!view->disabled || policy->keep_keys_when_disabled);
}

/* Octet for octet; a prefix comes first. */
static int compare(struct span a, struct span b)
{
    size_t len = a.len < b.len ? a.len : b.len;
    int order = len > 0 ? memcmp(a.p, b.p, len) : 0;

    if (order != 0)
        return order;
    return a.len < b.len ? -1 : a.len > b.len;
}

static bool people_init(
    struct gms_people *people, struct mu_arena *arena, size_t most)
{
    people->at = mu_arena_alloc(arena, most, sizeof(*people->at));
    people->count = 0;
    return people->at != NULL;
}

static void people_add(struct gms_people *people, const struct gms_holder *who)
{
    people->at[people->count++] = *who;
}

/* Which of two lists has the next one: below 0 the first alone, above 0 the
 * second alone, 0 both. */
static int next_in(
    const struct gms_view *a, size_t i, const struct gms_view *b, size_t k)
{
    if (i == a->count)
        return 1;
    if (k == b->count)
        return -1;
    return compare(a->holders[i].uri, b->holders[k].uri);
}

enum mu_err gms_view_diff(const struct gms_view *before,
    const struct gms_view *after, struct mu_arena *arena, struct gms_diff *out)
{
    struct gms_diff diff;
    size_t b = 0, a = 0;

    if (!people_init(&diff.gone, arena, before->count) ||
        !people_init(&diff.came, arena, after->count) ||
        !people_init(&diff.moved, arena, after->count))
        return mu_arena_err(arena);
    while (b < before->count || a < after->count) {
        int order = next_in(before, b, after, a);

        if (order < 0)
            people_add(&diff.gone, &before->holders[b]);
        else if (order > 0)
            people_add(&diff.came, &after->holders[a]);
        else if (!span_eq(before->holders[b].kms, after->holders[a].kms))
            people_add(&diff.moved, &after->holders[a]);
        b += order <= 0 ? 1 : 0;
        a += order >= 0 ? 1 : 0;
    }
    *out = diff;
    return MU_OK;
}

static bool same_ids(const struct gms_view *a, const struct gms_view *b)
{
    if (a->id_count != b->id_count)
        return false;
    for (size_t i = 0; i < a->id_count; i++)
        if (!span_eq(a->ids[i], b->ids[i]))
            return false;
    return true;
}

static void add(struct gms_actions *out, enum gms_action_kind kind,
    enum gms_trigger trigger, const struct gms_people *who)
{
    struct gms_action *action = &out->at[out->count++];

    assert(out->count <= GMS_ACTIONS_MAX);
    *action = (struct gms_action){.kind = kind, .trigger = trigger};
    if (who != NULL) {
        action->who = who->at;
        action->count = who->count;
    }
}

/* What a row says; for `who` where it concerns some and for all otherwise. */
static void follow(struct gms_actions *out, enum gms_trigger trigger,
    const struct gms_policy_row *row, const struct gms_people *who)
{
    if (row->revoke)
        add(out, GMS_ACT_REVOKE, trigger, NULL);
    if (row->issue)
        add(out, GMS_ACT_ISSUE, trigger, who);
    if (row->rebuild)
        add(out, GMS_ACT_REBUILD, trigger, who);
    if (row->new_gmk)
        add(out, GMS_ACT_NEW_GMK, trigger, NULL);
}

/* How those who are gone left. A retarget is one for one, or it is none; what
 * is compromised is not handed over, it is shut out. */
static enum gms_trigger leaving(
    const struct gms_change *change, const struct gms_diff *diff)
{
    if (change->stop == GMS_STOP_HARD)
        return GMS_TR_EXPELLED;
    if (change->retarget && diff->gone.count == 1 && diff->came.count == 1)
        return GMS_TR_RETARGET;
    return GMS_TR_REMOVED;
}

/*
 * Who left and who came are one change with one rekey. Newcomers have the
 * present key too, to talk until the new one is in force, unless what was said
 * before they came is to be kept from them, or that key ends this moment.
 */
static void membership(struct gms_actions *out, const struct gms_change *change,
    const struct gms_policy *policy, const struct gms_diff *diff)
{
    bool left = diff->gone.count > 0, came = diff->came.count > 0;
    enum gms_trigger trigger = left ? leaving(change, diff) : GMS_TR_ADDED;
    struct gms_policy_row row = *gms_policy_row(trigger);

    if (!left && !came)
        return;
    row.issue = came && !policy->backward_secrecy && !row.hard &&
                gms_policy_row(GMS_TR_ADDED)->issue;
    row.new_gmk = row.new_gmk || (came && policy->backward_secrecy);
    follow(out, trigger, &row, &diff->came);
}

/* A group that was in use and stays so. */
static void go_on(struct gms_actions *out, const struct gms_change *change,
    const struct gms_policy *policy, const struct gms_diff *diff)
{
    membership(out, change, policy, diff);
    /* A key that is revoked needs no other form. */
    if (diff->gone.count > 0 && change->stop == GMS_STOP_HARD)
        return;
    if (diff->moved.count > 0)
        follow(out, GMS_TR_MOVED, gms_policy_row(GMS_TR_MOVED), &diff->moved);
    if (!same_ids(&change->before, &change->after))
        follow(out, GMS_TR_IDS, gms_policy_row(GMS_TR_IDS), NULL);
}

static enum gms_trigger beginning(const struct gms_change *change)
{
    if (!change->before.exists)
        return GMS_TR_CREATED;
    if (!change->before.keyed)
        return GMS_TR_PROTECT_ON;
    if (change->before.disabled && !change->after.disabled)
        return GMS_TR_ENABLED;
    return GMS_TR_CREATED; /* it was empty */
}

static enum gms_trigger ending(const struct gms_change *change)
{
    if (!change->after.exists)
        return GMS_TR_DELETED;
    if (!change->after.keyed)
        return GMS_TR_PROTECT_OFF;
    if (change->after.disabled)
        return GMS_TR_DISABLED;
    return GMS_TR_DELETED; /* nobody is left in it */
}

/* A group that has no use for keys now. Nobody gets a new one; but one that
 * has not expired does not go on in the hands of who was expelled. */
static void go_without(struct gms_actions *out, const struct gms_change *change,
    bool was, const struct gms_diff *diff)
{
    enum gms_trigger trigger = was ? ending(change) : GMS_TR_EXPELLED;
    struct gms_policy_row row = {0};

    if (was)
        row = *gms_policy_row(trigger);
    if (diff->gone.count > 0 && change->stop == GMS_STOP_HARD)
        row.revoke = true;
    follow(out, trigger, &row, NULL);
}

/* A group deleted tells everybody by its revocations, so that no one is shut
 * out of those. */
static void fences(struct gms_actions *out, const struct gms_change *change,
    const struct gms_diff *diff)
{
    if (diff->gone.count > 0 && change->after.exists)
        add(out, GMS_ACT_EXCLUDE, leaving(change, diff), &diff->gone);
    if (diff->came.count > 0 && change->before.exists)
        add(out, GMS_ACT_ADMIT, GMS_TR_ADDED, &diff->came);
}

enum mu_err gms_rekey(const struct gms_change *change,
    const struct gms_policy *policy, struct mu_arena *arena,
    struct gms_actions *out)
{
    bool was = gms_view_is_live(&change->before, policy);
    bool is = gms_view_is_live(&change->after, policy);
    struct gms_actions actions = {0};
    enum gms_trigger trigger;
    struct gms_diff diff = {0};

    TRY(gms_view_diff(&change->before, &change->after, arena, &diff));
    fences(&actions, change, &diff);
    if (was && is) {
        go_on(&actions, change, policy, &diff);
    } else if (is) {
        trigger = beginning(change);
        follow(&actions, trigger, gms_policy_row(trigger), &diff.came);
    } else {
        go_without(&actions, change, was, &diff);
    }
    *out = actions;
    return MU_OK;
}
