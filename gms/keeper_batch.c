/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What becomes of a batch that the vault did not do. A refusal is of the
 * whole request: when it may be about one of many recipients, batches become
 * smaller until he stands alone, and then it is about him.
 */
#include "gms/keeper_in.h"

#define GIVE_UP_MS 3600000 /* after so long a row has failed, for people */

/* Whom a refusal is about. */
enum about {
    ABOUT_NOW,  /* the vault, at present: the group waits */
    ABOUT_ROWS, /* all of these rows: they wait */
    ABOUT_ONE   /* one of them, as far as one can tell */
};

static enum about about(const struct gms_vault_answer *answer)
{
    switch (answer->refusal) {
    case GMS_REFUSED_NOT_READY:
    case GMS_REFUSED_LOG:
    case GMS_REFUSED_RATE:
        return ABOUT_NOW;
    case GMS_REFUSED_KMS:
    case GMS_REFUSED_PERIOD:
    case GMS_REFUSED_EPOCH:
    case GMS_REFUSED_SEALED_KEY:
    case GMS_REFUSED_ACTIVATION:
        return ABOUT_ROWS;
    case GMS_REFUSED_ENVELOPE:
    case GMS_REFUSED_EXCLUDED:
    case GMS_REFUSED_PURPOSE:
        return ABOUT_ONE;
    case GMS_REFUSED_NOT:
        return answer->err == MU_E_IO ? ABOUT_NOW : ABOUT_ONE;
    default:
        return ABOUT_ONE;
    }
}

static enum mu_err put_off(struct keeper_look *look, struct gms_delivery *row)
{
    bool late = look->now_ms > row->changed_ms + GIVE_UP_MS;

    if (row->state == GMS_DLV_QUEUED)
        TRY(gms_delivery_step(
            row, late ? GMS_DLV_EV_GIVE_UP : GMS_DLV_EV_RETRY));
    row->next_ms = keeper_back_off(look->k, row->changed_ms);
    return MU_OK;
}

/* He is a member, whatever the vault remembers of him. */
static enum mu_err admit(struct keeper_look *look, struct span member)
{
    struct gms_holder who = {.uri = member};
    struct gms_intent intent = {.group = look->row.uri,
        .kind = GMS_ACT_ADMIT,
        .trigger = GMS_TR_ADDED,
        .who = keeper_join(look->arena, &who, 1)};

    TRY(mu_arena_err(look->arena));
    gms_audit_members(look->k->config.audit, GMS_AUDIT_ADMITTED,
        KEEPER_FIELDS(mu_log_octets("group", look->row.uri),
            mu_log_u64(
                "epoch", keeper_next_epoch(look->gmks, look->gmk_count))),
        &member, 1);
    return gms_store_add_intent(look->k->config.store, &intent);
}

static enum mu_err fail_row(struct keeper_look *look,
    const struct gms_vault_answer *answer, struct gms_delivery *row)
{
    struct gms_store *store = look->k->config.store;
    bool was_queued = row->state == GMS_DLV_QUEUED;

    TRY(put_off(look, row));
    if (answer->refusal == GMS_REFUSED_ENVELOPE) {
        row->envelope = (struct span){0};
        row->guk_id.v = 0;
    }
    if (answer->refusal == GMS_REFUSED_EXCLUDED && !row->revocation)
        TRY(admit(look, row->member));
    TRY(gms_store_set_delivery(store, row));
    if (!was_queued || row->state != GMS_DLV_FAILED)
        return MU_OK;
    look->k->stats.failed++;
    return keeper_tell(look->k, GMS_AUDIT_FAILED, look->row.uri,
        KEEPER_FIELDS(mu_log_hex32("gmk_id", row->key.v),
            mu_log_octets("member", row->member),
            mu_log_u64("tries", row->tries),
            mu_log_str("why", gms_vault_refusal_name(answer->refusal))));
}

/* Of a key that is over, a refusal is no reason for another key. */
static bool is_in_force(
    const struct keeper_look *look, const struct keeper_batch *batch)
{
    for (size_t i = 0; i < look->gmk_count; i++)
        if (look->gmks[i].id.v == batch->key.v)
            return !batch->revocation &&
                   (look->gmks[i].state == GMS_GMK_PENDING ||
                       look->gmks[i].state == GMS_GMK_ACTIVE);
    return false;
}

static enum mu_err fail_rows(struct keeper_look *look,
    const struct keeper_batch *batch, const struct gms_vault_answer *answer)
{
    /* The vault knows of a later key than we do, as after a restore: only a new
     * one helps, and at once. */
    if (answer->refusal == GMS_REFUSED_EPOCH && look->live &&
        is_in_force(look, batch) &&
        keeper_intent_of(look, GMS_ACT_NEW_GMK) == NULL)
        TRY(keeper_want_key(
            look, GMS_TR_ASKED_HARD, span_str("gmsd"), (struct span){0}));
    for (size_t i = 0; i < batch->count; i++) {
        struct gms_delivery row;
        enum mu_err err = gms_store_delivery(
            look->k->config.store, batch->ids[i], look->arena, &row);

        if (err == MU_OK &&
            (row.state == GMS_DLV_QUEUED || row.state == GMS_DLV_FAILED))
            err = fail_row(look, answer, &row);
        if (err != MU_OK && err != MU_E_NOT_FOUND)
            return err;
    }
    return MU_OK;
}

static enum mu_err give_back(
    struct keeper_batch *batch, const struct gms_vault_answer *answer)
{
    MU_CLEANUP(mu_arena_clear) struct mu_arena arena;
    struct gms_keeper *k = batch->ask.k;
    struct keeper_look look;

    mu_arena_init(&arena, KEEPER_ARENA_MAX);
    TRY(keeper_look_open(k, batch->ask.g, &arena, &look));
    TRY(gms_store_begin(k->config.store));
    return keeper_end(k, fail_rows(&look, batch, answer));
}

static void fail(
    struct keeper_batch *batch, const struct gms_vault_answer *answer)
{
    struct keeper_group *g = batch->ask.g;
    enum about whom = about(answer);

    mu_log(MU_LOG_WARNING, "keeper.refused", mu_log_octets("group", g->uri),
        mu_log_hex32("gmk_id", batch->key.v), mu_log_err("err", answer->err),
        mu_log_str("refusal", gms_vault_refusal_name(answer->refusal)),
        mu_log_u64("rows", batch->count));
    if (whom == ABOUT_ONE && batch->count > 1)
        g->batch_most = batch->count / 2;
    else if (whom == ABOUT_NOW || give_back(batch, answer) != MU_OK)
        g->not_before_ms =
            keeper_back_off(batch->ask.k, keeper_now_ms(batch->ask.k));
    /* What was read is old now. */
    g->queue_at = g->queue_len = 0;
}

void keeper_batch_over(
    struct keeper_batch *batch, const struct gms_vault_answer *answer)
{
    struct gms_keeper *k = batch->ask.k;
    struct keeper_group *g = batch->ask.g;

    if (answer->err != MU_OK)
        fail(batch, answer);
    else if (g->batch_most < KEEPER_CHUNK)
        g->batch_most *= 2;
    keeper_ask_free(&batch->ask);
    keeper_touch(k, g);
}
