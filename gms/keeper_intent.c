/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What was decided becomes a key: the spare if there is one, else a new one. It
 * is sent once it is wrapped for everybody; till then changes join it
 * (keeper_merge.c) and it can be taken back.
 */
#include "gms/keeper_in.h"

static bool is_wanted(struct keeper_look *look, struct mcptt_key_id id)
{
    for (size_t i = 0; i < look->intent_count; i++)
        if (look->intents[i].has_key && look->intents[i].key.v == id.v)
            return true;
    return false;
}

static struct gms_gmk *find_spare(struct keeper_look *look)
{
    for (size_t i = 0; i < look->gmk_count; i++) {
        struct gms_gmk *gmk = &look->gmks[i];

        if (gmk->state == GMS_GMK_SPARE && keeper_is_gmk(gmk) &&
            !is_wanted(look, gmk->id))
            return gmk;
    }
    return NULL;
}

static enum mu_err bind_key(struct keeper_look *look, struct gms_intent *intent,
    const struct gms_gmk *gmk)
{
    intent->key = gmk->id;
    intent->has_key = true;
    look->acted = true;
    TRY(gms_store_begin(look->k->config.store));
    return keeper_end(
        look->k, gms_store_set_intent(look->k->config.store, intent));
}

/* Whether everybody who can have an envelope has one: rows that wait for
 * better times do not keep the others. */
enum mu_err keeper_is_wrapped(
    struct keeper_look *look, const struct gms_gmk *gmk, bool *out)
{
    struct gms_delivery_query query = {.purpose = GMS_ISSUES,
        .key = gmk->id,
        .by_key = true,
        .states = 1U << GMS_DLV_QUEUED,
        .due_ms = look->now_ms,
        .most = 1,
        .bare = true};
    size_t counts[GMS_DLV_STATES], all = 0;
    struct mu_arena_list list;

    TRY(gms_store_deliveries(
        look->k->config.store, &query, look->arena, &list));
    TRY(gms_store_count_deliveries(look->k->config.store, gmk->id, counts));
    for (size_t i = 0; i < GMS_DLV_STATES; i++)
        all += counts[i];
    *out = list.len == 0 && all > 0 && look->g->in_flight == 0 &&
           look->g->rows_fine;
    return MU_OK;
}

static enum mu_err issue(struct keeper_look *look, struct gms_gmk *gmk,
    const struct gms_intent *intent)
{
    bool wrapped = false;

    TRY(keeper_is_wrapped(look, gmk, &wrapped));
    if (!wrapped)
        return MU_OK; /* the pump is at it */
    look->acted = true;
    TRY(gms_store_begin(look->k->config.store));
    TRY(keeper_end(look->k, keeper_key_issue(look, gmk, intent)));
    GMS_FAULT("keeper_intent.issued");
    keeper_changed(look->k, look->row.uri, (struct span){0});
    return MU_OK;
}

/* The key of an intent was thrown away (keeper_wrap.c): another one. */
static enum mu_err start_over(
    struct keeper_look *look, struct gms_intent *intent)
{
    intent->has_key = false;
    intent->key.v = 0;
    look->acted = true;
    TRY(gms_store_begin(look->k->config.store));
    return keeper_end(
        look->k, gms_store_set_intent(look->k->config.store, intent));
}

enum mu_err keeper_intent_step(struct keeper_look *look)
{
    struct gms_intent *intent = keeper_intent_of(look, GMS_ACT_NEW_GMK);
    struct gms_gmk *gmk;

    if (intent == NULL)
        return MU_OK;
    if (look->now_ms < intent->not_before_ms) {
        keeper_wish(look, intent->not_before_ms);
        return MU_OK;
    }
    if (!intent->has_key) {
        gmk = find_spare(look);
        if (gmk != NULL)
            return bind_key(look, intent, gmk);
        return keeper_draw(look, MCPTT_KIND_GMK,
            gms_trigger_name(intent->trigger), intent->id);
    }
    gmk = keeper_find_gmk(look, intent->key);
    if (gmk == NULL || gmk->state != GMS_GMK_SPARE)
        return start_over(look, intent);
    /* One rekey at a time: the clock brings the turn. */
    if (keeper_gmk_in(look, GMS_GMK_PENDING) != NULL)
        return MU_OK;
    return issue(look, gmk, intent);
}
