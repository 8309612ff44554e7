/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The pump: takes queued rows in the order of their class and gives them to the
 * vault in batches of one key, KMS, period and purpose; first to be wrapped,
 * then to be signed. A row is in flight only in memory: what the vault did not
 * answer is queued as before.
 */
#include "base/alloc.h"
#include "gms/keeper_in.h"

#define LATER_MS 30000 /* rows that failed are looked for so often */

static bool has_work(const struct keeper_group *g)
{
    return g->queue_at < g->queue_len;
}

/* Requests that may be in flight while one of that class is added. */
static size_t flight_most(enum gms_class class)
{
    if (class <= GMS_CLASS_EXCLUSION)
        return KEEPER_FLIGHT_URGENT;
    return class == GMS_CLASS_BACKGROUND ? KEEPER_FLIGHT_MAX / 2
                                         : KEEPER_FLIGHT_MAX;
}

/* -------------------------------------------------------------------- loading
 */

/* Of a key that is over, its revocations; of one that goes on, its issues. One
 * that was superseded is brought to nobody any more: the vault would refuse. */
static bool purpose_of(const struct gms_gmk *gmk, enum gms_purpose *out)
{
    *out = gmk->state == GMS_GMK_REVOKED ? GMS_REVOCATIONS : GMS_ISSUES;
    return gmk->state != GMS_GMK_DESTROYED && gmk->state != GMS_GMK_SUPERSEDED;
}

static enum mu_err load_key(struct keeper_look *look, const struct gms_gmk *gmk)
{
    struct keeper_group *g = look->g;
    struct gms_delivery_query query = {.key = gmk->id,
        .by_key = true,
        .states = 1U << GMS_DLV_QUEUED | 1U << GMS_DLV_FAILED,
        .due_ms = look->now_ms,
        .most = KEEPER_LOAD,
        .bare = true};
    struct mu_arena_list list;

    if (!purpose_of(gmk, &query.purpose))
        return MU_OK;
    TRY(gms_store_deliveries(look->k->config.store, &query, &g->arena, &list));
    g->queue = list.at;
    for (size_t i = 0; i < list.len; i++)
        if (gmk->state != GMS_GMK_SPARE || g->queue[i].guk_id.v == 0)
            g->queue[g->queue_len++] = g->queue[i];
    return MU_OK;
}

/* The next rows: of the newest key first, so that in a hard stop the new key
 * goes out before the old one is revoked, and a spare last. */
static enum mu_err load(struct keeper_look *look)
{
    struct keeper_group *g = look->g;

    mu_arena_clear(&g->arena);
    mu_arena_init(&g->arena, KEEPER_ARENA_MAX);
    g->queue_at = g->queue_len = 0;
    for (int spares = 0; spares < 2; spares++)
        for (size_t i = 0; i < look->gmk_count && !has_work(g); i++) {
            bool spare = look->gmks[i].state == GMS_GMK_SPARE;

            if (spare == (spares == 1))
                TRY(load_key(look, &look->gmks[i]));
        }
    return MU_OK;
}

/* Rows that were put off have a time of their own. */
static enum mu_err wish_for_key(
    struct keeper_look *look, const struct gms_gmk *gmk)
{
    struct gms_delivery_query query = {.key = gmk->id,
        .by_key = true,
        .states = 1U << GMS_DLV_QUEUED | 1U << GMS_DLV_FAILED,
        .due_ms = INT64_MAX,
        .most = 1,
        .bare = true};
    const struct gms_delivery *row;
    struct mu_arena_list list;
    uint64_t at_ms = look->now_ms + LATER_MS;

    if (!purpose_of(gmk, &query.purpose))
        return MU_OK;
    TRY(gms_store_deliveries(
        look->k->config.store, &query, look->arena, &list));
    row = list.at;
    if (list.len > 0 && row->next_ms < at_ms)
        at_ms = row->next_ms;
    if (list.len > 0)
        keeper_wish(look, at_ms);
    return MU_OK;
}

static enum mu_err wish_for_later(struct keeper_look *look)
{
    for (size_t i = 0; i < look->gmk_count; i++)
        TRY(wish_for_key(look, &look->gmks[i]));
    return MU_OK;
}

/* -------------------------------------------------------------------- batches
 */

static void drop_batch(struct keeper_ask *ask)
{
    struct keeper_batch *batch = (struct keeper_batch *)ask;

    batch->ask.g->in_flight--;
    mu_arena_clear(&batch->arena);
}

static bool belongs(
    const struct keeper_batch *batch, const struct gms_delivery *row)
{
    return row->key.v == batch->key.v && row->period == batch->period &&
           row->revocation == batch->revocation &&
           (row->guk_id.v == 0) == batch->wrap && row->class == batch->class &&
           span_eq(row->kms, batch->kms);
}

static struct keeper_batch *begin_batch(
    struct keeper_look *look, const struct gms_delivery *first)
{
    struct keeper_batch *batch = keeper_ask_new(look, sizeof(*batch));

    if (batch == NULL)
        return NULL;
    mu_arena_init(&batch->arena, KEEPER_ARENA_MAX);
    batch->ask.drop = drop_batch;
    look->g->in_flight++;
    batch->key = first->key;
    batch->period = first->period;
    batch->revocation = first->revocation;
    batch->wrap = first->guk_id.v == 0;
    batch->class = first->class;
    batch->kms = mu_arena_copy(&batch->arena, first->kms);
    batch->ids = mu_arena_alloc(
        &batch->arena, GMS_VAULT_RECIPIENTS_MAX, sizeof(*batch->ids));
    if (batch->ids != NULL)
        return batch;
    keeper_ask_free(&batch->ask);
    return NULL;
}

/* The rows at the head of the queue that go together. The ones that do not fit
 * a request any more stay: count says how many were taken. */
static void fill_batch(struct keeper_group *g, struct keeper_batch *batch)
{
    size_t most = batch->wrap ? GMS_VAULT_RECIPIENTS_MAX : GMS_VAULT_SIGN_MAX;

    if (g->batch_most < most)
        most = g->batch_most;
    while (has_work(g) && batch->count < most &&
           belongs(batch, &g->queue[g->queue_at]))
        batch->ids[batch->count++] = g->queue[g->queue_at++].id;
}

/* MU_E_STATE: no vault. */
static enum mu_err ask(struct keeper_look *look, struct keeper_batch *batch)
{
    const struct gms_gmk *gmk = keeper_find_gmk(look, batch->key);
    enum mu_err err = MU_E_NOT_FOUND;

    fill_batch(look->g, batch);
    GMS_FAULT("keeper_pump.ask");
    if (gmk != NULL)
        err = batch->wrap ? keeper_wrap_ask(look, batch, gmk)
                          : keeper_sign_ask(look, batch, gmk);
    if (err == MU_E_NO_SPACE && look->g->batch_most > 1)
        look->g->batch_most /= 2;
    if (err != MU_OK)
        keeper_ask_free(&batch->ask);
    /* None of its rows is to be done any more. */
    return err == MU_E_NOT_FOUND ? MU_OK : err;
}

/* Waits in the line when too much is in flight. */
static bool has_place(struct keeper_look *look, enum gms_class class)
{
    struct gms_keeper *k = look->k;

    if (k->in_flight < flight_most(class))
        return true;
    if (keeper_agenda_put(k->line, &look->g->slot, KEEPER_NOW(class)) != MU_OK)
        keeper_wish(look, look->now_ms + 1000);
    return false;
}

static enum mu_err run(struct keeper_look *look)
{
    struct keeper_group *g = look->g;

    while (has_work(g)) {
        const struct gms_delivery *first = &g->queue[g->queue_at];
        struct keeper_batch *batch;

        if (!has_place(look, first->class))
            return MU_OK;
        batch = begin_batch(look, first);
        if (batch == NULL)
            return MU_E_NO_MEMORY;
        TRY(ask(look, batch));
    }
    return MU_OK;
}

static enum mu_err pump(struct keeper_look *look)
{
    struct keeper_group *g = look->g;

    TRY(run(look));
    /* Not while something is in flight: its rows are queued still. */
    if (has_work(g) || g->in_flight > 0)
        return MU_OK;
    TRY(load(look));
    if (!has_work(g))
        return wish_for_later(look);
    TRY(run(look));
    if (!has_work(g) && g->in_flight == 0)
        keeper_wish(look, look->now_ms); /* none of them was to be done */
    return MU_OK;
}

enum mu_err keeper_pump_step(struct keeper_look *look)
{
    enum mu_err err;

    if (!gms_vault_link_is_up(look->k->config.vault))
        return MU_OK; /* on_up brings us back */
    if (look->now_ms < look->g->not_before_ms) {
        keeper_wish(look, look->g->not_before_ms);
        return MU_OK;
    }
    err = pump(look);
    return err == MU_E_STATE ? MU_OK : err;
}
