/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Wrapping: envelopes are stored as they come, so that a crash costs no more
 * than what was in flight.
 */
#include "gms/keeper_in.h"

#define FRAME_MOST                                                             \
    (GMS_VAULT_FRAME_MAX - 4096) /* for what all have in common */

static bool is_to_be_wrapped(const struct gms_delivery *row)
{
    return (row->state == GMS_DLV_QUEUED || row->state == GMS_DLV_FAILED) &&
           row->guk_id.v == 0;
}

/* Rows as they are now, in the order of the request; those that were withdrawn
 * meanwhile are left out. */
static enum mu_err gather(
    struct keeper_look *look, struct keeper_batch *batch, struct span *uris)
{
    size_t count = 0, octets = 0;

    for (size_t i = 0; i < batch->count; i++) {
        struct gms_delivery row;
        enum mu_err err = gms_store_delivery(
            look->k->config.store, batch->ids[i], look->arena, &row);

        if (err == MU_E_NOT_FOUND || (err == MU_OK && !is_to_be_wrapped(&row)))
            continue;
        TRY(err);
        octets += row.member.len + 8;
        if (octets > FRAME_MOST)
            break; /* the next load finds the others */
        batch->ids[count] = row.id;
        uris[count++] = row.member;
    }
    batch->count = count;
    return count > 0 ? MU_OK : MU_E_NOT_FOUND;
}

enum mu_err keeper_wrap_ask(struct keeper_look *look,
    struct keeper_batch *batch, const struct gms_gmk *gmk)
{
    struct span uris[GMS_VAULT_RECIPIENTS_MAX];
    struct gms_vault_request request = {.op = GMS_VAULT_WRAP,
        .wrap = {.key = {gmk->id, gmk->group, gmk->epoch, gmk->sealed},
            .period = {batch->kms, batch->period},
            .revocation = batch->revocation,
            .recipients = uris}};

    TRY(gather(look, batch, uris));
    request.wrap.count = batch->count;
    return gms_vault_link_ask(look->k->config.vault, &request,
        batch->class <= GMS_CLASS_EXCLUSION, keeper_wrap_answered, batch);
}

/* The identifier under which a member knows a key is 28 bits of a hash: it may
 * be that of another key of his (TS 33.180 clause 5.2.3). */
static enum mu_err put(struct keeper_look *look, const struct gms_gmk *gmk,
    struct gms_delivery *row, const struct gms_vault_envelope *envelope)
{
    struct gms_store *store = look->k->config.store;
    bool taken = false;

    if (keeper_is_gmk(gmk) && !row->revocation)
        TRY(gms_store_guk_id_taken(
            store, row->member, envelope->guk_id, gmk->id, &taken));
    if (taken || envelope->guk_id.v == 0)
        return MU_E_STATE;
    row->envelope = envelope->envelope;
    row->guk_id = envelope->guk_id;
    /* A spare rests until it is needed (gms_store_release()). */
    row->next_ms = gmk->state == GMS_GMK_SPARE ? 0 : look->now_ms;
    look->k->stats.wrapped++;
    return gms_store_set_delivery(store, row);
}

static enum mu_err put_all(struct keeper_look *look, const struct gms_gmk *gmk,
    const struct keeper_batch *batch, const struct gms_vault_answer *answer)
{
    for (size_t i = 0; i < answer->envelopes.count; i++) {
        size_t at = answer->envelopes.first + i;
        struct gms_delivery row;
        enum mu_err err;

        if (at >= batch->count)
            return MU_E_MALFORMED;
        err = gms_store_delivery(
            look->k->config.store, batch->ids[at], look->arena, &row);
        if (err == MU_E_NOT_FOUND || (err == MU_OK && !is_to_be_wrapped(&row)))
            continue; /* withdrawn while the vault was at it */
        TRY(err);
        TRY(put(look, gmk, &row, &answer->envelopes.at[i]));
    }
    return MU_OK;
}

/* A key that two members could not tell from another is thrown away, as long as
 * nobody has it; the intent draws again. One that is out is replaced. */
static enum mu_err collide(struct keeper_look *look, struct gms_gmk *gmk)
{
    TRY(gms_store_begin(look->k->config.store));
    mu_log(MU_LOG_WARNING, "keeper.guk_id_used",
        mu_log_octets("group", look->row.uri),
        mu_log_hex32("gmk_id", gmk->id.v));
    if (gmk->state == GMS_GMK_SPARE)
        return keeper_end(look->k, keeper_key_destroy(look, gmk));
    return keeper_end(look->k, keeper_want_key(look, GMS_TR_ASKED,
                                   span_str("gmsd"), (struct span){0}));
}

static enum mu_err store(
    struct keeper_batch *batch, const struct gms_vault_answer *answer)
{
    MU_CLEANUP(mu_arena_clear) struct mu_arena arena;
    struct gms_keeper *k = batch->ask.k;
    struct keeper_look look;
    struct gms_gmk *gmk;
    enum mu_err err;

    mu_arena_init(&arena, KEEPER_ARENA_MAX);
    TRY(keeper_look_open(k, batch->ask.g, &arena, &look));
    gmk = keeper_find_gmk(&look, batch->key);
    if (gmk == NULL || gmk->state == GMS_GMK_DESTROYED)
        return MU_OK; /* the key went meanwhile */
    TRY(gms_store_begin(k->config.store));
    GMS_FAULT("keeper_wrap.answered");
    err = keeper_end(k, put_all(&look, gmk, batch, answer));
    return err == MU_E_STATE ? collide(&look, gmk) : err;
}

void keeper_wrap_answered(void *ctx, const struct gms_vault_answer *answer)
{
    struct keeper_batch *batch = ctx;
    enum mu_err err = MU_OK;

    if (answer->err == MU_OK)
        err = store(batch, answer);
    if (err != MU_OK && err != MU_E_NOT_FOUND)
        mu_log(MU_LOG_ERROR, "keeper.wrap",
            mu_log_octets("group", batch->ask.g->uri), mu_log_err("err", err));
    if (answer->last)
        keeper_batch_over(batch, answer);
}
