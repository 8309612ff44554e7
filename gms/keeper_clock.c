/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What time does to keys: a table of what each state waits for. The moment is
 * in the key's row, so that a keeper that was not there at the time acts when
 * it is back.
 */
#include "gms/keeper_in.h"

#define WAIT_FOR_LAST_MS 60000
#define POSTPONE_MOST_MS 3600000

/* Holders of the key now, and all for whom there is a row. */
struct tally {
    size_t held, all;
};

static enum mu_err count(
    struct keeper_look *look, const struct gms_gmk *gmk, struct tally *out)
{
    size_t counts[GMS_DLV_STATES];

    TRY(gms_store_count_deliveries(look->k->config.store, gmk->id, counts));
    out->held = counts[GMS_DLV_ACCEPTED] + counts[GMS_DLV_OPENED];
    out->all = out->held + counts[GMS_DLV_QUEUED] + counts[GMS_DLV_SENT] +
               counts[GMS_DLV_FAILED];
    return MU_OK;
}

/*
 * Whether a key without its quorum waits. Not when it would shut somebody out,
 * nor when another change already waits for it, nor when the one in force ends
 * before: a key that few hold is better than none; nor for ever.
 */
static bool may_postpone(
    struct keeper_look *look, const struct gms_gmk *gmk, uint64_t to_s)
{
    const struct gms_gmk *now = keeper_gmk_in(look, GMS_GMK_ACTIVE);

    return gms_policy_row(keeper_trigger_of(gmk))->no_quorum ==
               GMS_NO_QUORUM_POSTPONE &&
           look->now_ms < gmk->made_ms + POSTPONE_MOST_MS &&
           keeper_intent_of(look, GMS_ACT_NEW_GMK) == NULL && now != NULL &&
           (now->expiry_s == 0 || now->expiry_s > to_s);
}

static uint64_t margin_before(
    const struct keeper_look *look, uint64_t activation_s)
{
    uint64_t margin_s = look->settings.policy.quorum_margin_s;

    return (activation_s > margin_s ? activation_s - margin_s : 0) * 1000;
}

/* A later time for the same key: its messages are signed again. */
static enum mu_err postpone(struct keeper_look *look, struct gms_gmk *gmk,
    uint64_t to_s, const struct tally *tally)
{
    struct gms_intent again = {.group = gmk->group,
        .kind = GMS_ACT_REBUILD,
        .trigger = keeper_trigger_of(gmk),
        .key = gmk->id,
        .has_key = true};

    if (gmk->expiry_s > 0)
        gmk->expiry_s += to_s - gmk->activation_s;
    gmk->activation_s = to_s;
    gmk->due_ms = margin_before(look, to_s);
    TRY(gms_gmk_step(gmk, GMS_GMK_EV_POSTPONE));
    TRY(gms_store_set_gmk(look->k->config.store, gmk));
    TRY(gms_store_add_intent(look->k->config.store, &again));
    return keeper_tell(look->k, GMS_AUDIT_POSTPONED, gmk->group,
        KEEPER_FIELDS(mu_log_hex32("gmk_id", gmk->id.v),
            mu_log_u64("activation_s", to_s), mu_log_u64("held", tally->held),
            mu_log_u64("members", tally->all)));
}

/* Those who do not hold the key so late, by name. */
static enum mu_err name_missing(
    struct keeper_look *look, const struct gms_gmk *gmk)
{
    struct gms_delivery_query query = {.purpose = GMS_ISSUES,
        .key = gmk->id,
        .by_key = true,
        .states =
            1U << GMS_DLV_QUEUED | 1U << GMS_DLV_SENT | 1U << GMS_DLV_FAILED,
        .most = GMS_AUDIT_MEMBERS_MAX,
        .bare = true};
    struct mu_log_field fields[GMS_AUDIT_MEMBERS_MAX + 1];
    struct mu_arena_list list;
    const struct gms_delivery *rows;

    TRY(gms_store_deliveries(
        look->k->config.store, &query, look->arena, &list));
    rows = list.at;
    fields[0] = mu_log_hex32("gmk_id", gmk->id.v);
    for (size_t i = 0; i < list.len; i++)
        fields[i + 1] = mu_log_octets("member", rows[i].member);
    return list.len == 0 ? MU_OK
                         : keeper_event(look->k, "key.missing", gmk->group,
                               fields, list.len + 1);
}

/*
 * Till when it waits: as long again as it has waited, if that is more than its
 * grace. Each postponement tells everybody anew. A network that is too slow for
 * that in the time of grace would never have told all of the same time, and
 * would carry nothing else.
 */
static uint64_t later_s(
    const struct keeper_look *look, const struct gms_gmk *gmk)
{
    const struct gms_policy *policy = &look->settings.policy;
    uint64_t grace_s = policy->grace_s + policy->quorum_margin_s + 1;
    uint64_t waited_s =
        look->now_ms > gmk->made_ms ? (look->now_ms - gmk->made_ms) / 1000 : 0;

    return look->now_ms / 1000 + (waited_s > grace_s ? waited_s : grace_s);
}

static enum mu_err ask_quorum(struct keeper_look *look, struct gms_gmk *gmk)
{
    const struct gms_policy *policy = &look->settings.policy;
    uint64_t to_s = later_s(look, gmk);
    struct tally tally;

    TRY(count(look, gmk, &tally));
    TRY(name_missing(look, gmk));
    if (tally.held * 100 < tally.all * policy->quorum &&
        may_postpone(look, gmk, to_s))
        return postpone(look, gmk, to_s, &tally);
    gmk->due_ms = gmk->activation_s * 1000;
    return gms_store_set_gmk(look->k->config.store, gmk);
}

static enum mu_err activate(struct keeper_look *look, struct gms_gmk *gmk)
{
    for (size_t i = 0; i < look->gmk_count; i++) {
        struct gms_gmk *old = &look->gmks[i];

        if (old != gmk && old->state == GMS_GMK_ACTIVE &&
            mcptt_key_id_tag(old->id) == mcptt_key_id_tag(gmk->id))
            TRY(keeper_key_supersede(look, old));
    }
    return keeper_key_activate(look, gmk);
}

static enum mu_err on_pending(struct keeper_look *look, struct gms_gmk *gmk)
{
    if (look->now_ms >= gmk->activation_s * 1000)
        return activate(look, gmk);
    return ask_quorum(look, gmk);
}

/* First its successor is wanted, then it ends. */
static enum mu_err on_active(struct keeper_look *look, struct gms_gmk *gmk)
{
    if (look->now_ms >= gmk->expiry_s * 1000)
        /* Its messages said so; nobody has to be told. */
        return keeper_key_revoke(look, gmk, GMS_TR_LIFETIME, false);
    gmk->due_ms = gmk->expiry_s * 1000;
    TRY(gms_store_set_gmk(look->k->config.store, gmk));
    if (!look->live || !keeper_is_gmk(gmk))
        return MU_OK;
    return keeper_want_key(
        look, GMS_TR_LIFETIME, span_str("gmsd"), (struct span){0});
}

static enum mu_err on_superseded(struct keeper_look *look, struct gms_gmk *gmk)
{
    return keeper_key_revoke(look, gmk, keeper_trigger_of(gmk), true);
}

/* A key without which revocations could not be signed stays a little longer. */
static enum mu_err on_revoked(struct keeper_look *look, struct gms_gmk *gmk)
{
    struct gms_delivery_query query = {.purpose = GMS_REVOCATIONS,
        .key = gmk->id,
        .by_key = true,
        .states = 1U << GMS_DLV_QUEUED,
        .most = 1,
        .bare = true};
    struct mu_arena_list waiting;

    TRY(gms_store_deliveries(
        look->k->config.store, &query, look->arena, &waiting));
    if (waiting.len == 0)
        return keeper_key_destroy(look, gmk);
    gmk->due_ms = look->now_ms + WAIT_FOR_LAST_MS;
    return gms_store_set_gmk(look->k->config.store, gmk);
}

static enum mu_err (*const acts[GMS_GMK_STATES])(
    struct keeper_look *look, struct gms_gmk *gmk) = {
    [GMS_GMK_PENDING] = on_pending,
    [GMS_GMK_ACTIVE] = on_active,
    [GMS_GMK_SUPERSEDED] = on_superseded,
    [GMS_GMK_REVOKED] = on_revoked,
};

/* A quorum is asked for when all that is on its way has arrived: what is signed
 * meanwhile would say the earlier time. */
static bool may_act(struct keeper_look *look, const struct gms_gmk *gmk)
{
    bool early = gmk->state == GMS_GMK_PENDING &&
                 look->now_ms < gmk->activation_s * 1000;

    if (!early || look->g->in_flight == 0)
        return true;
    keeper_wish(look, gmk->activation_s * 1000); /* or when that has arrived */
    return false;
}

static enum mu_err act(struct keeper_look *look, struct gms_gmk *gmk)
{
    TRY(gms_store_begin(look->k->config.store));
    TRY(keeper_end(look->k, acts[gmk->state](look, gmk)));
    look->acted = true;
    keeper_changed(look->k, look->row.uri, (struct span){0});
    return MU_OK;
}

/* A group that is deleted goes when its last key is gone: till then its members
 * find their revocations. */
static enum mu_err bury(struct keeper_look *look)
{
    if (look->row.exists || look->intent_count > 0 || look->g->in_flight > 0 ||
        look->g->fencing || look->g->drawing)
        return MU_OK;
    for (size_t i = 0; i < look->gmk_count; i++)
        if (look->gmks[i].state != GMS_GMK_DESTROYED)
            return MU_OK;
    TRY(gms_store_begin(look->k->config.store));
    TRY(keeper_end(
        look->k, gms_store_delete_group(look->k->config.store, look->row.uri)));
    look->acted = true;
    return MU_OK;
}

enum mu_err keeper_clock_step(struct keeper_look *look)
{
    for (size_t i = 0; i < look->gmk_count && !look->acted; i++) {
        struct gms_gmk *gmk = &look->gmks[i];

        if (gmk->due_ms == 0 || acts[gmk->state] == NULL)
            continue;
        if (gmk->due_ms > look->now_ms)
            keeper_wish(look, gmk->due_ms);
        else if (may_act(look, gmk))
            TRY(act(look, gmk));
    }
    return look->acted ? MU_OK : bury(look);
}
