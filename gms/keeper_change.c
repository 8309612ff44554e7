/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What a change means for the rows of the store: the actions of gms/rekey.h,
 * each a function. All of it is the one transaction of the change, so that
 * nobody can be in the group and out of its keys, or the reverse.
 */
#include "gms/keeper_in.h"

/* --------------------------------------------------------------- one member */

static enum mu_err rows_of(
    struct keeper_look *look, struct span member, struct mu_arena_list *out)
{
    struct gms_delivery_query query = {
        .group = look->row.uri, .member = member, .bare = true};

    return gms_store_deliveries(
        look->k->config.store, &query, look->arena, out);
}

/* All that he has not fetched is gone, and so is his envelope of the spare: an
 * old store and his keys together open nothing. */
static enum mu_err withdraw(struct keeper_look *look, struct span member)
{
    struct mu_arena_list list;
    struct gms_delivery *rows;

    TRY(rows_of(look, member, &list));
    rows = list.at;
    for (size_t i = 0; i < list.len; i++)
        if (rows[i].state != GMS_DLV_REVOKED)
            TRY(keeper_row_empty(look, &rows[i], GMS_DLV_EV_REVOKE));
    return MU_OK;
}

/* What he was shut out of is his again; of it only what is still to come, when
 * what is in force is to be kept from him. */
static enum mu_err let_in(
    struct keeper_look *look, const struct gms_holder *who, bool present)
{
    struct mu_arena_list list;
    struct gms_delivery *rows;

    TRY(rows_of(look, who->uri, &list));
    rows = list.at;
    for (size_t i = 0; i < list.len; i++) {
        const struct gms_gmk *gmk = keeper_find_gmk(look, rows[i].key);
        bool due =
            gmk != NULL && (gmk->state == GMS_GMK_SPARE ||
                               (present && (gmk->state == GMS_GMK_PENDING ||
                                               gmk->state == GMS_GMK_ACTIVE)));

        if (!due || rows[i].state != GMS_DLV_REVOKED || rows[i].period == 0)
            continue;
        TRY(gms_delivery_step(&rows[i], GMS_DLV_EV_ADMIT));
        if (!span_eq(rows[i].kms, who->kms))
            TRY(gms_delivery_step(&rows[i], GMS_DLV_EV_REDIRECT));
        rows[i].next_ms = rows[i].changed_ms = look->now_ms;
        TRY(gms_store_set_delivery(look->k->config.store, &rows[i]));
    }
    return MU_OK;
}

/* He gets nothing of what is in force: a row says so that is withdrawn from the
 * beginning, for no period. */
static enum mu_err keep_from(
    struct keeper_look *look, const struct gms_holder *who)
{
    for (size_t i = 0; i < look->gmk_count; i++) {
        const struct gms_gmk *gmk = &look->gmks[i];
        struct gms_delivery row = {.key = gmk->id,
            .group = gmk->group,
            .member = who->uri,
            .kms = who->kms,
            .class = GMS_CLASS_NORMAL,
            .state = GMS_DLV_REVOKED,
            .changed_ms = look->now_ms};
        enum mu_err err;

        if (!gms_gmk_is_live(gmk->state))
            continue;
        err = gms_store_add_delivery(look->k->config.store, &row);
        if (err != MU_OK && err != MU_E_STATE)
            return err;
    }
    return MU_OK;
}

static enum mu_err move_row(
    struct keeper_look *look, struct gms_delivery *row, struct span to)
{
    TRY(keeper_row_empty(look, row, GMS_DLV_EV_REDIRECT));
    return keeper_tell(look->k, GMS_AUDIT_REDIRECTED, look->row.uri,
        KEEPER_FIELDS(mu_log_hex32("gmk_id", row->key.v),
            mu_log_octets("member", row->member),
            mu_log_octets("from", row->kms), mu_log_octets("to", to)));
}

/* His rows at another KMS than his present one; those follow by themselves. */
enum mu_err keeper_move(struct keeper_look *look, const struct gms_holder *who)
{
    struct mu_arena_list list;
    struct gms_delivery *rows;

    TRY(rows_of(look, who->uri, &list));
    rows = list.at;
    for (size_t i = 0; i < list.len; i++)
        if (rows[i].state != GMS_DLV_REVOKED &&
            rows[i].state != GMS_DLV_REDIRECTED &&
            !span_eq(rows[i].kms, who->kms))
            TRY(move_row(look, &rows[i], who->kms));
    return MU_OK;
}

/* -------------------------------------------------------------------- actions
 */

/* Tells the vault, as a fence (keeper_fence.c). */
static enum mu_err add_fence(
    struct keeper_look *look, const struct gms_action *action)
{
    struct gms_intent intent = {.group = look->row.uri,
        .kind = action->kind,
        .trigger = action->trigger,
        .who = keeper_join(look->arena, action->who, action->count)};
    struct span *uris =
        mu_arena_alloc(look->arena, action->count, sizeof(*uris));

    TRY(mu_arena_err(look->arena));
    for (size_t i = 0; i < action->count; i++)
        uris[i] = action->who[i].uri;
    gms_audit_members(look->k->config.audit,
        action->kind == GMS_ACT_EXCLUDE ? GMS_AUDIT_EXCLUDED
                                        : GMS_AUDIT_ADMITTED,
        KEEPER_FIELDS(mu_log_octets("group", look->row.uri),
            mu_log_u64(
                "epoch", keeper_next_epoch(look->gmks, look->gmk_count))),
        uris, action->count);
    return gms_store_add_intent(look->k->config.store, &intent);
}

static enum mu_err exclude(struct keeper_look *look,
    const struct keeper_change *change, const struct gms_action *action)
{
    (void)change;
    for (size_t i = 0; i < action->count; i++)
        TRY(withdraw(look, action->who[i].uri));
    return add_fence(look, action);
}

static enum mu_err admit(struct keeper_look *look,
    const struct keeper_change *change, const struct gms_action *action)
{
    bool present = false;

    for (size_t i = 0; i < change->actions.count; i++)
        if (change->actions.at[i].kind == GMS_ACT_ISSUE)
            present = true;
    for (size_t i = 0; i < action->count; i++) {
        TRY(let_in(look, &action->who[i], present));
        if (!present)
            TRY(keep_from(look, &action->who[i]));
    }
    return add_fence(look, action);
}

/* Rows follow by themselves: who lacks one gets one (keeper_rows.c). */
static enum mu_err issue(struct keeper_look *look,
    const struct keeper_change *change, const struct gms_action *action)
{
    (void)look;
    (void)change;
    (void)action;
    return MU_OK;
}

static enum mu_err revoke(struct keeper_look *look,
    const struct keeper_change *change, const struct gms_action *action)
{
    (void)change;
    for (size_t i = 0; i < look->gmk_count; i++)
        if (gms_gmk_is_live(look->gmks[i].state))
            TRY(keeper_key_revoke(look, &look->gmks[i], action->trigger, true));
    return MU_OK;
}

/* The floor control key is the members' as well; servers ask for another one.
 */
static enum mu_err end_floor_keys(
    struct keeper_look *look, enum gms_trigger trigger)
{
    for (size_t i = 0; i < look->gmk_count; i++)
        if (gms_gmk_is_live(look->gmks[i].state) &&
            mcptt_key_id_tag(look->gmks[i].id) == MCPTT_KIND_MKFC)
            TRY(keeper_key_revoke(look, &look->gmks[i], trigger, true));
    return MU_OK;
}

static enum mu_err new_key(struct keeper_look *look,
    const struct keeper_change *change, const struct gms_action *action)
{
    const struct gms_people *gone = &change->diff.gone;
    struct span leavers = keeper_join(look->arena, gone->at, gone->count);

    TRY(mu_arena_err(look->arena));
    if (gone->count > 0)
        TRY(end_floor_keys(look, action->trigger));
    return keeper_want_key(look, action->trigger, change->actor, leavers);
}

static enum mu_err rebuild_all(
    struct keeper_look *look, const struct gms_action *action)
{
    for (size_t i = 0; i < look->gmk_count; i++) {
        struct gms_intent intent = {.group = look->row.uri,
            .kind = GMS_ACT_REBUILD,
            .trigger = action->trigger,
            .key = look->gmks[i].id,
            .has_key = true};

        if (look->gmks[i].state == GMS_GMK_PENDING ||
            look->gmks[i].state == GMS_GMK_ACTIVE)
            TRY(gms_store_add_intent(look->k->config.store, &intent));
    }
    return MU_OK;
}

static enum mu_err rebuild(struct keeper_look *look,
    const struct keeper_change *change, const struct gms_action *action)
{
    (void)change;
    if (action->who == NULL)
        return rebuild_all(look, action);
    for (size_t i = 0; i < action->count; i++)
        TRY(keeper_move(look, &action->who[i]));
    return MU_OK;
}

enum mu_err keeper_change(
    struct keeper_look *look, const struct keeper_change *change)
{
    static enum mu_err (*const doing[GMS_ACTS])(struct keeper_look *,
        const struct keeper_change *, const struct gms_action *) = {
        [GMS_ACT_NEW_GMK] = new_key,
        [GMS_ACT_ISSUE] = issue,
        [GMS_ACT_REVOKE] = revoke,
        [GMS_ACT_EXCLUDE] = exclude,
        [GMS_ACT_ADMIT] = admit,
        [GMS_ACT_REBUILD] = rebuild,
    };

    for (size_t i = 0; i < change->actions.count; i++) {
        const struct gms_action *action = &change->actions.at[i];

        TRY(doing[action->kind](look, change, action));
    }
    return MU_OK;
}
