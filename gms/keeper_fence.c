/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Fences: before anything else of a changed group goes to the vault, it has to
 * know whom it must refuse from now on, and whom no more. Only then is the
 * vault a second pair of eyes, and not the first one's mirror.
 */
#include "gms/keeper_in.h"

#define FENCE_MOST   128   /* URIs in one request */
#define FENCE_OCTETS 32768 /* of them */

struct fence {
    struct keeper_ask ask;
    uint64_t intent_id;
    size_t count; /* URIs asked for: the first ones of the list */
};

/* The intent without its first `count` URIs, or without itself. */
static enum mu_err done(struct keeper_look *look, const struct fence *fence)
{
    struct gms_store *store = look->k->config.store;

    for (size_t i = 0; i < look->intent_count; i++) {
        struct gms_intent *intent = &look->intents[i];
        struct span uri;

        if (intent->id != fence->intent_id)
            continue;
        for (size_t n = 0; n < fence->count; n++)
            (void)keeper_next_uri(&intent->who, &uri);
        if (intent->who.len == 0)
            return gms_store_delete_intent(store, intent->id);
        return gms_store_set_intent(store, intent);
    }
    return MU_OK;
}

static enum mu_err note(const struct fence *fence)
{
    MU_CLEANUP(mu_arena_clear) struct mu_arena arena;
    struct gms_keeper *k = fence->ask.k;
    struct keeper_look look;

    mu_arena_init(&arena, KEEPER_ARENA_MAX);
    TRY(keeper_look_open(k, fence->ask.g, &arena, &look));
    TRY(gms_store_begin(k->config.store));
    GMS_FAULT("keeper_fence.answered");
    return keeper_end(k, done(&look, fence));
}

static void answered(void *ctx, const struct gms_vault_answer *answer)
{
    struct fence *fence = ctx;
    struct keeper_group *g = fence->ask.g;
    enum mu_err err = answer->err;

    if (!answer->last)
        return;
    if (err == MU_OK)
        err = note(fence);
    if (err != MU_OK) {
        mu_log(MU_LOG_WARNING, "keeper.fence", mu_log_octets("group", g->uri),
            mu_log_err("err", err),
            mu_log_str("refusal", gms_vault_refusal_name(answer->refusal)));
        g->not_before_ms =
            keeper_back_off(fence->ask.k, keeper_now_ms(fence->ask.k));
    }
    g->fencing = false;
    keeper_touch(fence->ask.k, g);
    keeper_ask_free(&fence->ask);
}

/* As many of the list as fit. */
static size_t take(struct span list, struct span uris[FENCE_MOST])
{
    size_t count = 0, octets = 0;

    while (count < FENCE_MOST && keeper_next_uri(&list, &uris[count])) {
        octets += uris[count].len + 8;
        if (octets > FENCE_OCTETS)
            break;
        count++;
    }
    return count;
}

static enum mu_err ask(
    struct keeper_look *look, const struct gms_intent *intent)
{
    struct span uris[FENCE_MOST];
    size_t count = take(intent->who, uris);
    struct gms_vault_request request = {.op = intent->kind == GMS_ACT_EXCLUDE
                                                  ? GMS_VAULT_EXCLUDE
                                                  : GMS_VAULT_ADMIT,
        .members = {.group = look->row.uri,
            .epoch = keeper_next_epoch(look->gmks, look->gmk_count),
            .uris = uris,
            .count = count}};
    struct fence *fence = keeper_ask_new(look, sizeof(*fence));
    enum mu_err err;

    if (fence == NULL)
        return MU_E_NO_MEMORY;
    fence->intent_id = intent->id;
    fence->count = count;
    look->g->fencing = true;
    GMS_FAULT("keeper_fence.ask");
    err = gms_vault_link_ask(
        look->k->config.vault, &request, true, answered, fence);
    if (err == MU_OK)
        return MU_OK;
    look->g->fencing = false;
    keeper_ask_free(&fence->ask);
    return err == MU_E_STATE ? MU_OK : err; /* on_up brings us back */
}

static const struct gms_intent *first_fence(const struct keeper_look *look)
{
    for (size_t i = 0; i < look->intent_count; i++)
        if (look->intents[i].kind == GMS_ACT_EXCLUDE ||
            look->intents[i].kind == GMS_ACT_ADMIT)
            return &look->intents[i];
    return NULL;
}

enum mu_err keeper_fence_step(struct keeper_look *look)
{
    const struct gms_intent *intent = first_fence(look);

    if (intent == NULL)
        return MU_OK;
    look->blocked = true;
    if (look->g->fencing || !gms_vault_link_is_up(look->k->config.vault))
        return MU_OK;
    if (look->now_ms < look->g->not_before_ms) {
        keeper_wish(look, look->g->not_before_ms);
        return MU_OK;
    }
    return ask(look, intent);
}
