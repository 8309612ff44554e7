/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Who lacks a row gets one. Whatever makes somebody lack a row (a new key, a
 * member who came, another KMS, a key period that began) ends here, and nothing
 * of it has to be remembered: the store is asked who lacks one now.
 */
#include "gms/keeper_in.h"

/* Deferred delivery (RFC 6509 clause 2.5): so long before its end whoever has
 * not fetched a message gets one for the next period, too. */
#define PREBUILD_S        (2 * UINT64_C(86400))
#define NO_CERTIFICATE_MS 10000 /* until the KMS is asked for again */

static enum mu_err find_row(struct keeper_look *look,
    const struct gms_delivery *like, struct gms_delivery *out)
{
    struct gms_delivery_query query = {
        .purpose = like->revocation ? GMS_REVOCATIONS : GMS_ISSUES,
        .group = like->group,
        .member = like->member,
        .key = like->key,
        .by_key = true};
    struct mu_arena_list list;
    const struct gms_delivery *rows;

    TRY(gms_store_deliveries(
        look->k->config.store, &query, look->arena, &list));
    rows = list.at;
    for (size_t i = 0; i < list.len; i++)
        if (rows[i].period == like->period && span_eq(rows[i].kms, like->kms)) {
            *out = rows[i];
            return MU_OK;
        }
    return MU_E_NOT_FOUND;
}

/* He had been sent elsewhere, and is back. */
static enum mu_err readmit(
    struct keeper_look *look, const struct gms_delivery *wanted)
{
    struct gms_delivery row;

    TRY(find_row(look, wanted, &row));
    TRY(gms_delivery_step(&row, GMS_DLV_EV_ADMIT));
    row.class = wanted->class;
    row.next_ms = row.changed_ms = look->now_ms;
    return gms_store_set_delivery(look->k->config.store, &row);
}

static bool is_bound(struct keeper_look *look, const struct gms_gmk *gmk)
{
    for (size_t i = 0; i < look->intent_count; i++)
        if (look->intents[i].kind == GMS_ACT_NEW_GMK &&
            look->intents[i].has_key && look->intents[i].key.v == gmk->id.v)
            return true;
    return false;
}

static enum gms_class class_by_key(
    struct keeper_look *look, const struct gms_gmk *gmk)
{
    if (gmk->state == GMS_GMK_PENDING)
        return gms_policy_row(keeper_trigger_of(gmk))->class;
    if (gmk->state == GMS_GMK_SPARE)
        return is_bound(look, gmk) ? look->class : GMS_CLASS_BACKGROUND;
    return GMS_CLASS_NORMAL;
}

static enum mu_err class_of(struct keeper_look *look, const struct gms_gmk *gmk,
    struct span member, enum gms_class *out)
{
    enum gms_standing standing = GMS_STANDING_MEMBER;
    struct gms_urgency said;

    if (look->told)
        TRY(gms_store_urgency(
            look->k->config.store, look->row.uri, member, &said, &standing));
    *out =
        gms_urgency_class(class_by_key(look, gmk), look->condition, standing);
    return MU_OK;
}

enum mu_err keeper_row_add(struct keeper_look *look, const struct gms_gmk *gmk,
    const struct gms_holder *holder, uint64_t period)
{
    struct gms_delivery row = {.key = gmk->id,
        .group = gmk->group,
        .member = holder->uri,
        .kms = holder->kms,
        .period = period,
        .state = GMS_DLV_QUEUED,
        .next_ms = look->now_ms,
        .changed_ms = look->now_ms};
    enum mu_err err;

    TRY(class_of(look, gmk, holder->uri, &row.class));
    err = gms_store_add_delivery(look->k->config.store, &row);
    return err == MU_E_STATE ? readmit(look, &row) : err;
}

enum mu_err keeper_row_empty(struct keeper_look *look, struct gms_delivery *row,
    enum gms_delivery_event event)
{
    TRY(gms_delivery_step(row, event));
    row->bare = false;
    row->envelope = row->message = (struct span){0};
    row->guk_id.v = 0;
    row->next_ms = 0;
    row->changed_ms = look->now_ms;
    return gms_store_set_delivery(look->k->config.store, row);
}

/* Rows of periods that are over and that nobody took: no receiver can open
 * their messages any more. */
enum mu_err keeper_drop_past(
    struct keeper_look *look, const struct gms_store_place *place)
{
    struct gms_delivery_query query = {.key = place->key,
        .by_key = true,
        .kms = place->kms,
        .before_period = place->period,
        .states =
            1U << GMS_DLV_QUEUED | 1U << GMS_DLV_SENT | 1U << GMS_DLV_FAILED,
        .most = KEEPER_CHUNK,
        .bare = true};
    struct gms_store *store = look->k->config.store;
    struct mu_arena_list list;
    struct gms_delivery *rows;
    enum mu_err err = MU_OK;

    TRY(gms_store_deliveries(store, &query, look->arena, &list));
    if (list.len == 0)
        return MU_OK;
    rows = list.at;
    look->acted = true;
    TRY(gms_store_begin(store));
    for (size_t i = 0; err == MU_OK && i < list.len; i++)
        err = keeper_row_empty(look, &rows[i], GMS_DLV_EV_REDIRECT);
    return keeper_end(look->k, err);
}

static enum mu_err bring(struct keeper_look *look, const struct gms_gmk *gmk,
    const struct gms_store_place *place)
{
    struct gms_store *store = look->k->config.store;
    struct mu_arena_list list;
    const struct gms_holder *holders;
    enum mu_err err = MU_OK;

    TRY(gms_store_lacking(store, place, KEEPER_CHUNK, look->arena, &list));
    if (list.len == 0)
        return MU_OK;
    holders = list.at;
    look->acted = true;
    TRY(gms_store_begin(store));
    for (size_t i = 0; err == MU_OK && i < list.len; i++)
        err = keeper_row_add(look, gmk, &holders[i], place->period);
    GMS_FAULT("keeper_rows.added");
    return keeper_end(look->k, err);
}

/* What is checked here holds until then. */
static void until(struct keeper_look *look, uint64_t at_ms)
{
    if (at_ms < look->g->rows_until_ms)
        look->g->rows_until_ms = at_ms;
}

/* The periods to come. A spare needs none: it is not sent. */
static enum mu_err bring_ahead(struct keeper_look *look,
    const struct gms_gmk *gmk, struct gms_store_place *place,
    struct gms_period period)
{
    uint64_t begin_s =
        period.until_s > PREBUILD_S ? period.until_s - PREBUILD_S : 0;

    if (gmk->state == GMS_GMK_SPARE)
        return MU_OK;
    if (look->now_ms / 1000 < begin_s) {
        until(look, begin_s * 1000);
        return MU_OK;
    }
    for (unsigned n = 0;
         n < look->settings.policy.prebuild_periods && !look->acted; n++) {
        enum mu_err err = gms_domains_period(
            look->k->config.domains, place->kms, period.until_s, &period);

        if (err == MU_E_NOT_FOUND)
            return MU_OK;
        TRY(err);
        place->period = period.number;
        TRY(bring(look, gmk, place));
    }
    return MU_OK;
}

static enum mu_err spread_at(
    struct keeper_look *look, const struct gms_gmk *gmk, struct span kms)
{
    struct gms_store_place place = {look->row.uri, gmk->id, kms, 0};
    struct gms_period period;
    enum mu_err err = gms_domains_period(
        look->k->config.domains, kms, look->now_ms / 1000, &period);

    if (err == MU_E_NOT_FOUND) {
        mu_log(MU_LOG_WARNING, "keeper.no_certificate",
            mu_log_octets("group", look->row.uri), mu_log_octets("kms", kms));
        until(look, look->now_ms + NO_CERTIFICATE_MS);
        return MU_OK;
    }
    TRY(err);
    until(look, period.until_s * 1000);
    place.period = period.number;
    TRY(keeper_drop_past(look, &place));
    if (!look->acted)
        TRY(bring(look, gmk, &place));
    return look->acted ? MU_OK : bring_ahead(look, gmk, &place, period);
}

/* Not of a key that is over: nobody is to learn it any more; nor of one that
 * only servers need. */
static bool is_spread(const struct gms_gmk *gmk)
{
    unsigned kind = mcptt_key_id_tag(gmk->id);

    return (kind == MCPTT_KIND_GMK || kind == MCPTT_KIND_MKFC) &&
           (gmk->state == GMS_GMK_SPARE || gmk->state == GMS_GMK_PENDING ||
               gmk->state == GMS_GMK_ACTIVE);
}

static enum mu_err spread(struct keeper_look *look, struct mu_arena_list *kms)
{
    const struct span *uris = kms->at;

    for (size_t i = 0; i < look->gmk_count; i++)
        for (size_t j = 0; is_spread(&look->gmks[i]) && j < kms->len; j++) {
            TRY(spread_at(look, &look->gmks[i], uris[j]));
            if (look->acted)
                return MU_OK;
        }
    return MU_OK;
}

enum mu_err keeper_rows_step(struct keeper_look *look)
{
    struct keeper_group *g = look->g;
    struct mu_arena_list kms;

    if (!look->live)
        return MU_OK;
    if (g->rows_fine && look->now_ms < g->rows_until_ms) {
        keeper_wish(look, g->rows_until_ms);
        return MU_OK;
    }
    g->rows_until_ms = UINT64_MAX;
    TRY(gms_store_kms_of(
        look->k->config.store, look->row.uri, look->arena, &kms));
    TRY(spread(look, &kms));
    g->rows_fine = !look->acted;
    if (g->rows_fine)
        keeper_wish(look, g->rows_until_ms);
    return MU_OK;
}
