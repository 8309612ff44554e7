/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A new key from the vault. It has its epoch and its row before anything is
 * done with it; a key of which only the vault knows is as if it never was.
 */
#include "gms/keeper_in.h"

struct draw {
    struct keeper_ask ask;
    const char *reason; /* static */
    uint64_t intent_id; /* 0: none */
};

static enum mu_err bind_key(
    struct keeper_look *look, const struct draw *draw, struct mcptt_key_id key)
{
    for (size_t i = 0; i < look->intent_count; i++) {
        struct gms_intent *intent = &look->intents[i];

        if (intent->id != draw->intent_id)
            continue;
        intent->key = key;
        intent->has_key = true;
        return gms_store_set_intent(look->k->config.store, intent);
    }
    /* The change was taken back: then it is a spare. */
    return MU_OK;
}

static enum mu_err put(struct keeper_look *look, const struct draw *draw,
    const struct gms_sealed_key *key)
{
    struct gms_store *store = look->k->config.store;
    struct gms_gmk gmk = {.id = key->id,
        .group = look->row.uri,
        .epoch = key->epoch,
        .state = GMS_GMK_SPARE,
        .sealed = key->sealed,
        .made_ms = look->now_ms,
        .reason = span_str(draw->reason)};

    look->row.epoch = key->epoch;
    TRY(gms_store_put_group(store, &look->row));
    TRY(gms_store_add_gmk(store, &gmk));
    TRY(bind_key(look, draw, key->id));
    look->k->stats.keys_made++;
    return keeper_tell(look->k, GMS_AUDIT_MADE, look->row.uri,
        KEEPER_FIELDS(mu_log_hex32("gmk_id", key->id.v),
            mu_log_u64("epoch", key->epoch),
            mu_log_str("reason", draw->reason)));
}

static enum mu_err keep(
    const struct draw *draw, const struct gms_sealed_key *key)
{
    MU_CLEANUP(mu_arena_clear) struct mu_arena arena;
    struct gms_keeper *k = draw->ask.k;
    struct keeper_look look;
    bool used = false;

    mu_arena_init(&arena, KEEPER_ARENA_MAX);
    TRY(keeper_look_open(k, draw->ask.g, &arena, &look));
    TRY(gms_store_key_id_used(k->config.store, key->id, &used));
    if (used || key->epoch <= look.row.epoch) {
        /* TS 33.180 clause 5.2.2: no identifier twice. The next look draws
         * again, and this key never was. */
        mu_log(MU_LOG_WARNING, "keeper.key_id_used",
            mu_log_octets("group", draw->ask.g->uri),
            mu_log_hex32("gmk_id", key->id.v));
        return MU_OK;
    }
    TRY(gms_store_begin(k->config.store));
    GMS_FAULT("keeper_draw.answered");
    return keeper_end(k, put(&look, draw, key));
}

static void answered(void *ctx, const struct gms_vault_answer *answer)
{
    struct draw *draw = ctx;
    struct keeper_group *g = draw->ask.g;
    enum mu_err err = answer->err;

    if (!answer->last)
        return;
    if (err == MU_OK)
        err = keep(draw, &answer->key);
    if (err != MU_OK) {
        mu_log(MU_LOG_WARNING, "keeper.draw", mu_log_octets("group", g->uri),
            mu_log_err("err", err),
            mu_log_str("refusal", gms_vault_refusal_name(answer->refusal)));
        g->not_before_ms =
            keeper_back_off(draw->ask.k, keeper_now_ms(draw->ask.k));
    }
    g->drawing = false;
    g->rows_fine = false;
    keeper_touch(draw->ask.k, g);
    keeper_ask_free(&draw->ask);
}

enum mu_err keeper_draw(struct keeper_look *look, enum mcptt_key_kind kind,
    const char *reason, uint64_t intent_id)
{
    struct gms_vault_request request = {.op = GMS_VAULT_NEW_KEY,
        .new_key = {kind, look->row.uri, look->row.epoch + 1}};
    struct draw *draw;
    enum mu_err err;

    if (look->g->drawing || !gms_vault_link_is_up(look->k->config.vault))
        return MU_OK;
    if (look->now_ms < look->g->not_before_ms) {
        keeper_wish(look, look->g->not_before_ms);
        return MU_OK;
    }
    draw = keeper_ask_new(look, sizeof(*draw));
    if (draw == NULL)
        return MU_E_NO_MEMORY;
    draw->reason = reason;
    draw->intent_id = intent_id;
    look->g->drawing = true;
    GMS_FAULT("keeper_draw.ask");
    err = gms_vault_link_ask(look->k->config.vault, &request,
        look->class <= GMS_CLASS_EXCLUSION, answered, draw);
    if (err == MU_OK)
        return MU_OK;
    look->g->drawing = false;
    keeper_ask_free(&draw->ask);
    return err == MU_E_STATE ? MU_OK : err; /* on_up brings us back */
}
