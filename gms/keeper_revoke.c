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

/*
 * The envelope of the issue serves a revocation in the same period: it is the
 * costly half, and the same for both. Who was shut out has lost his; the vault
 * makes him another one that serves nothing else.
 */
static enum mu_err add_revocation(
    struct keeper_look *look, const struct gms_delivery *bare, uint64_t period)
{
    struct gms_delivery issue = {0}, row = {.key = bare->key,
                                         .group = bare->group,
                                         .member = bare->member,
                                         .kms = bare->kms,
                                         .period = period,
                                         .revocation = true,
                                         .class = look->class,
                                         .state = GMS_DLV_QUEUED,
                                         .next_ms = look->now_ms,
                                         .changed_ms = look->now_ms};
    enum mu_err err;

    if (bare->period == period && bare->guk_id.v != 0) {
        TRY(gms_store_delivery(
            look->k->config.store, bare->id, look->arena, &issue));
        row.envelope = issue.envelope;
        row.guk_id = issue.guk_id;
    }
    err = gms_store_add_delivery(look->k->config.store, &row);
    return err == MU_E_STATE ? MU_OK : err; /* it is there, for that period */
}

static enum mu_err tell_at(
    struct keeper_look *look, const struct gms_intent *intent, struct span kms)
{
    struct gms_store *store = look->k->config.store;
    struct gms_store_place place = {look->row.uri, intent->key, kms, 0};
    bool hard = gms_policy_row(intent->trigger)->hard;
    struct gms_period period;
    struct mu_arena_list list;
    const struct gms_delivery *rows;
    enum mu_err err = gms_domains_period(
        look->k->config.domains, kms, look->now_ms / 1000, &period);

    if (err == MU_E_NOT_FOUND)
        return MU_OK; /* without its certificate nobody can be told */
    TRY(err);
    place.period = period.number;
    /* Who was shut out by a hard stop hears of it; who left knows. */
    TRY(gms_store_unrevoked(
        store, &place, hard, KEEPER_CHUNK, look->arena, &list));
    if (list.len == 0)
        return MU_OK;
    rows = list.at;
    look->acted = true;
    TRY(gms_store_begin(store));
    for (size_t i = 0; err == MU_OK && i < list.len; i++)
        err = add_revocation(look, &rows[i], period.number);
    GMS_FAULT("keeper_revoke.added");
    return keeper_end(look->k, err);
}

static enum mu_err finish(
    struct keeper_look *look, const struct gms_intent *intent)
{
    look->acted = true;
    TRY(gms_store_begin(look->k->config.store));
    return keeper_end(
        look->k, gms_store_delete_intent(look->k->config.store, intent->id));
}

static enum mu_err tell_end(
    struct keeper_look *look, const struct gms_intent *intent)
{
    struct mu_arena_list kms;
    const struct span *uris;

    TRY(gms_store_kms_of_key(
        look->k->config.store, intent->key, look->arena, &kms));
    uris = kms.at;
    for (size_t i = 0; i < kms.len && !look->acted; i++)
        TRY(tell_at(look, intent, uris[i]));
    return look->acted ? MU_OK : finish(look, intent);
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
    return MU_OK;
}
