/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Revocations on the wire, and messages that are said anew. A key that merely
 * vanished from a document would tell an equipment that was off nothing (notes
 * gms-protocol 2.6): whoever was sent it is sent a message of the same key and
 * identifier whose status says that it must not be used (TS 33.180 clause
 * E.6.9).
 */
#include "base/text.h"
#include "gms/keeper_in.h"

/* Its envelope is made anew, good for nothing but this: the vault signs no
 * message of a past epoch around an envelope that could bring a live key. */
static enum mu_err add_revocation(
    struct keeper_look *look, const struct gms_delivery *issue, uint64_t period)
{
    struct gms_delivery row = {.key = issue->key,
        .group = issue->group,
        .member = issue->member,
        .kms = issue->kms,
        .period = period,
        .revocation = true,
        .class = look->class,
        .state = GMS_DLV_QUEUED,
        .next_ms = look->now_ms,
        .changed_ms = look->now_ms};
    enum mu_err err = gms_store_add_delivery(look->k->config.store, &row);

    return err == MU_E_STATE ? MU_OK : err; /* it is there, for that period */
}

/* Rows for those at one KMS who have not been told. */
static enum mu_err tell_at(struct keeper_look *look,
    const struct gms_store_place *place, bool withdrawn)
{
    struct gms_store *store = look->k->config.store;
    struct mu_arena_list list;
    const struct gms_delivery *rows;
    enum mu_err err = MU_OK;

    TRY(gms_store_unrevoked(
        store, place, withdrawn, KEEPER_CHUNK, look->arena, &list));
    if (list.len == 0)
        return MU_OK;
    rows = list.at;
    look->acted = true;
    TRY(gms_store_begin(store));
    for (size_t i = 0; err == MU_OK && i < list.len; i++)
        err = add_revocation(look, &rows[i], place->period);
    GMS_FAULT("keeper_revoke.added");
    return keeper_end(look->k, err);
}

/* Wherever the key went. Messages of a period that is over are dropped for
 * those of the present one, where nobody took them. */
static enum mu_err tell_all(
    struct keeper_look *look, struct mcptt_key_id key, bool withdrawn)
{
    struct keeper_group *g = look->g;
    struct mu_arena_list list;
    const struct span *kms;

    TRY(gms_store_kms_of_key(look->k->config.store, key, look->arena, &list));
    kms = list.at;
    for (size_t i = 0; i < list.len && !look->acted; i++) {
        struct gms_store_place place = {look->row.uri, key, kms[i], 0};
        struct gms_period period;
        enum mu_err err = gms_domains_period(
            look->k->config.domains, kms[i], look->now_ms / 1000, &period);

        if (err == MU_E_NOT_FOUND)
            continue; /* without its certificate nobody can be told */
        TRY(err);
        place.period = period.number;
        if (period.until_s * 1000 < g->ends_until_ms)
            g->ends_until_ms = period.until_s * 1000;
        TRY(keeper_drop_past(look, &place));
        if (!look->acted)
            TRY(tell_at(look, &place, withdrawn));
    }
    return MU_OK;
}

static enum mu_err finish(
    struct keeper_look *look, const struct gms_intent *intent)
{
    look->acted = true;
    TRY(gms_store_begin(look->k->config.store));
    return keeper_end(
        look->k, gms_store_delete_intent(look->k->config.store, intent->id));
}

/* Who was shut out by a hard stop hears of it; who left knows. */
static enum mu_err tell_end(
    struct keeper_look *look, const struct gms_intent *intent)
{
    bool hard = gms_policy_row(intent->trigger)->hard;

    look->g->ends_until_ms = 0; /* to be seen to from now on */
    TRY(tell_all(look, intent->key, hard));
    return look->acted ? MU_OK : finish(look, intent);
}

/* A new key period, and there are still some who have not fetched it. */
static enum mu_err tell_again(struct keeper_look *look)
{
    struct keeper_group *g = look->g;

    if (look->now_ms < g->ends_until_ms) {
        keeper_wish(look, g->ends_until_ms);
        return MU_OK;
    }
    g->ends_until_ms = UINT64_MAX;
    for (size_t i = 0; i < look->gmk_count && !look->acted; i++)
        if (look->gmks[i].state == GMS_GMK_REVOKED)
            TRY(tell_all(look, look->gmks[i].id, false));
    if (look->acted)
        g->ends_until_ms = 0;
    else if (g->ends_until_ms != UINT64_MAX)
        keeper_wish(look, g->ends_until_ms);
    return MU_OK;
}

/* ---------------------------------------------------------------- rebuilding
 */

/* The row up to which a rebuild has come stands in its intent, as a number. */
static uint64_t cursor_of(const struct gms_intent *intent)
{
    uint64_t id = 0;

    if (intent->who.len > 0 && mu_text_u64(intent->who, &id) != MU_OK)
        id = 0;
    return id;
}

static enum mu_err move_cursor(
    struct keeper_look *look, struct gms_intent *intent, uint64_t id)
{
    uint8_t text[20];
    size_t at = sizeof(text);

    do {
        text[--at] = (uint8_t)('0' + id % 10);
        id /= 10;
    } while (id > 0);
    intent->who = (struct span){text + at, sizeof(text) - at};
    return gms_store_set_intent(look->k->config.store, intent);
}

static enum mu_err rebuild_rows(struct keeper_look *look,
    struct gms_intent *intent, struct gms_delivery *rows, size_t count)
{
    struct gms_store *store = look->k->config.store;

    for (size_t i = 0; i < count; i++) {
        TRY(gms_delivery_step(&rows[i], GMS_DLV_EV_REBUILD));
        rows[i].next_ms = look->now_ms;
        TRY(gms_store_set_delivery(store, &rows[i]));
    }
    return move_cursor(look, intent, rows[count - 1].id);
}

/* Messages that went out say something that is no longer so. They stay where
 * they are until the new ones are signed. */
static enum mu_err rebuild(struct keeper_look *look, struct gms_intent *intent)
{
    struct gms_store *store = look->k->config.store;
    struct gms_delivery_query query = {.purpose = GMS_ISSUES,
        .key = intent->key,
        .by_key = true,
        .states =
            1U << GMS_DLV_SENT | 1U << GMS_DLV_ACCEPTED | 1U << GMS_DLV_OPENED,
        .after_id = cursor_of(intent),
        .most = KEEPER_CHUNK,
        .bare = true,
        .by_id = true};
    struct mu_arena_list list;

    /* What is in flight says what is no longer so, and comes first. */
    if (look->g->in_flight > 0 && intent->who.len == 0)
        return MU_OK;
    TRY(gms_store_deliveries(store, &query, look->arena, &list));
    if (list.len == 0)
        return finish(look, intent);
    look->acted = true;
    TRY(gms_store_begin(store));
    return keeper_end(look->k, rebuild_rows(look, intent, list.at, list.len));
}

enum mu_err keeper_revoke_step(struct keeper_look *look)
{
    for (size_t i = 0; i < look->intent_count && !look->acted; i++) {
        struct gms_intent *intent = &look->intents[i];

        if (intent->kind == GMS_ACT_REVOKE)
            TRY(tell_end(look, intent));
        else if (intent->kind == GMS_ACT_REBUILD)
            TRY(rebuild(look, intent));
    }
    return look->acted ? MU_OK : tell_again(look);
}
