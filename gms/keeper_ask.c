/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What others ask of the keeper and tell it: a new key, the key in force, that
 * a removal was none, that a member has fetched his document.
 */
#include <string.h>

#include "gms/keeper_in.h"

#define ACCEPT_PAUSE_US 5000 /* what comes within is one transaction */

static enum mu_err open_look(struct gms_keeper *k, struct span group,
    struct mu_arena *arena, struct keeper_look *look)
{
    struct keeper_group *g = keeper_group(k, group);

    return g == NULL ? MU_E_NO_MEMORY : keeper_look_open(k, g, arena, look);
}

/* --------------------------------------------------------------- a new key */

static enum mu_err want(struct keeper_look *look, enum gms_trigger trigger,
    struct span actor, const char *why)
{
    const struct gms_policy_row *row = gms_policy_row(trigger);

    for (size_t i = 0; row->revoke && i < look->gmk_count; i++)
        if (gms_gmk_is_live(look->gmks[i].state))
            TRY(keeper_key_revoke(look, &look->gmks[i], trigger, true));
    TRY(keeper_want_key(look, trigger, actor, (struct span){0}));
    return keeper_tell(look->k, GMS_AUDIT_ASKED, look->row.uri,
        KEEPER_FIELDS(mu_log_octets("by", actor),
            mu_log_str("stop", row->hard ? "hard" : "soft"),
            mu_log_str("why", why)));
}

static enum mu_err ask(struct keeper_look *look, enum gms_trigger trigger,
    struct span actor, const char *why)
{
    TRY(gms_store_begin(look->k->config.store));
    TRY(keeper_end(look->k, want(look, trigger, actor, why)));
    look->g->class = keeper_class(look, gms_policy_row(trigger)->class);
    keeper_touch(look->k, look->g);
    keeper_changed(look->k, look->row.uri, (struct span){0});
    return MU_OK;
}

enum mu_err gms_keeper_rekey(struct gms_keeper *k, struct span actor,
    struct span group, enum gms_stop stop)
{
    MU_CLEANUP(mu_arena_clear) struct mu_arena arena;
    struct keeper_look look;

    mu_arena_init(&arena, KEEPER_ARENA_MAX);
    TRY(open_look(k, group, &arena, &look));
    if (!look.live)
        return MU_E_STATE;
    return ask(&look, stop == GMS_STOP_HARD ? GMS_TR_ASKED_HARD : GMS_TR_ASKED,
        actor, "rekey");
}

/* ------------------------------------------------------------------ the undo
 */

static enum mu_err without(struct mu_arena *arena, struct span list,
    struct span member, struct span *out)
{
    struct span uri;
    uint8_t *text = mu_arena_alloc(arena, list.len, 1);
    size_t len = 0;

    if (text == NULL)
        return mu_arena_err(arena);
    while (keeper_next_uri(&list, &uri)) {
        if (span_eq(uri, member))
            continue;
        memcpy(text + len, uri.p, uri.len);
        len += uri.len;
        text[len++] = '\n';
    }
    *out = (struct span){text, len};
    return MU_OK;
}

/* The rekey goes on for those who are still out; for nobody it does not. */
static enum mu_err take_back(struct keeper_look *look,
    struct gms_intent *intent, struct span actor, struct span member)
{
    struct gms_store *store = look->k->config.store;
    bool only_left =
        intent->trigger == GMS_TR_REMOVED || intent->trigger == GMS_TR_RETARGET;

    TRY(without(look->arena, intent->who, member, &intent->who));
    if (only_left && intent->who.len == 0)
        TRY(gms_store_delete_intent(store, intent->id));
    else
        TRY(gms_store_set_intent(store, intent));
    return keeper_tell(look->k, GMS_AUDIT_ASKED, look->row.uri,
        KEEPER_FIELDS(mu_log_octets("by", actor), mu_log_str("stop", "none"),
            mu_log_str("why", "undo")));
}

enum mu_err gms_keeper_cancel(struct gms_keeper *k, struct span actor,
    struct span group, struct span member, bool *cancelled)
{
    MU_CLEANUP(mu_arena_clear) struct mu_arena arena;
    struct keeper_look look;
    struct gms_intent *intent;

    mu_arena_init(&arena, KEEPER_ARENA_MAX);
    TRY(open_look(k, group, &arena, &look));
    intent = keeper_intent_of(&look, GMS_ACT_NEW_GMK);
    *cancelled = intent != NULL && keeper_lists(intent->who, member) &&
                 !gms_policy_row(intent->trigger)->hard;
    if (!*cancelled)
        return MU_OK; /* it is out: he has the pending key by his joining */
    TRY(gms_store_begin(k->config.store));
    TRY(keeper_end(k, take_back(&look, intent, actor, member)));
    keeper_touch(k, look.g);
    keeper_changed(k, group, (struct span){0});
    return MU_OK;
}

/* ---------------------------------------------------------- the key in force
 */

static bool ends_soon(const struct keeper_look *look, const struct gms_gmk *gmk)
{
    return gmk->expiry_s > 0 &&
           gmk->expiry_s <= look->now_ms / 1000 + look->settings.policy.renew_s;
}

static enum mu_err describe(struct keeper_look *look, const struct gms_gmk *gmk,
    struct gms_in_force *out)
{
    size_t counts[GMS_DLV_STATES];
    struct mu_arena_list holders;

    TRY(gms_store_count_deliveries(look->k->config.store, gmk->id, counts));
    TRY(gms_store_holders(
        look->k->config.store, look->row.uri, look->arena, &holders));
    out->gmk = *gmk;
    out->members = holders.len;
    out->held = counts[GMS_DLV_ACCEPTED] + counts[GMS_DLV_OPENED];
    return MU_OK;
}

enum mu_err gms_keeper_in_force(struct gms_keeper *k, struct span actor,
    struct span group, struct mu_arena *arena, struct gms_in_force *out)
{
    struct gms_in_force found = {.made = false};
    struct keeper_look look;
    const struct gms_gmk *gmk, *pending;

    TRY(open_look(k, group, arena, &look));
    if (!look.live)
        return MU_E_STATE;
    gmk = keeper_gmk_in(&look, GMS_GMK_ACTIVE);
    pending = keeper_gmk_in(&look, GMS_GMK_PENDING);
    if ((gmk == NULL || ends_soon(&look, gmk)) && pending == NULL &&
        keeper_intent_of(&look, GMS_ACT_NEW_GMK) == NULL) {
        TRY(ask(&look, GMS_TR_ASKED, actor, "key request"));
        found.made = true;
    }
    if (gmk == NULL)
        gmk = pending;
    if (gmk == NULL)
        return MU_E_EXPIRED;
    TRY(describe(&look, gmk, &found));
    *out = found;
    return MU_OK;
}

/* ------------------------------------------------------------------- settings
 */

static enum mu_err put_settings(struct keeper_look *look, struct span actor)
{
    TRY(gms_store_put_group(look->k->config.store, &look->row));
    return keeper_tell(look->k, GMS_AUDIT_SETTINGS, look->row.uri,
        KEEPER_FIELDS(mu_log_octets("by", actor)));
}

enum mu_err gms_keeper_set_settings(struct gms_keeper *k, struct span actor,
    struct span group, struct span json)
{
    MU_CLEANUP(mu_arena_clear) struct mu_arena arena;
    struct keeper_look look;

    mu_arena_init(&arena, KEEPER_ARENA_MAX);
    TRY(open_look(k, group, &arena, &look));
    look.row.settings = json;
    TRY(gms_store_begin(k->config.store));
    TRY(keeper_end(k, put_settings(&look, actor)));
    keeper_touch(k, look.g);
    keeper_changed(k, group, (struct span){0});
    return MU_OK;
}

/* ----------------------------------------------------------------- acceptance
 */

struct accepted {
    uint64_t row; /* 0: all of that group and member */
    struct span group, member;
    uint64_t at_ms; /* what came later he has not seen */
};

/* Of one that failed there may be a message still, in his document: it was
 * signed once. */
static bool can_have_come(const struct gms_delivery *row, uint64_t at_ms)
{
    return row->changed_ms <= at_ms &&
           (row->state == GMS_DLV_SENT ||
               (row->state == GMS_DLV_FAILED && row->tries > 0));
}

static enum mu_err accept_row(
    struct gms_keeper *k, const struct accepted *who, struct gms_delivery *row)
{
    if (!can_have_come(row, who->at_ms))
        return MU_OK;
    TRY(gms_delivery_step(row, GMS_DLV_EV_ACCEPT));
    row->next_ms = 0;
    row->changed_ms = keeper_now_ms(k);
    TRY(gms_store_set_delivery(k->config.store, row));
    k->stats.accepted++;
    return keeper_tell(k, GMS_AUDIT_ACCEPTED, row->group,
        KEEPER_FIELDS(mu_log_hex32("gmk_id", row->key.v),
            mu_log_octets("member", row->member),
            mu_log_u64("tries", row->tries)));
}

static enum mu_err accept_one(
    struct gms_keeper *k, struct accepted *who, struct mu_arena *arena)
{
    struct gms_delivery row;
    enum mu_err err =
        gms_store_delivery(k->config.store, who->row, arena, &row);

    if (err == MU_E_NOT_FOUND)
        return MU_OK; /* its group is gone */
    TRY(err);
    row.bare = true;
    who->group = row.group;
    who->member = row.member;
    return accept_row(k, who, &row);
}

static enum mu_err accept_rows(
    struct gms_keeper *k, struct accepted *who, struct mu_arena *arena)
{
    struct gms_delivery_query query = {.group = who->group,
        .member = who->member,
        .states = 1U << GMS_DLV_SENT | 1U << GMS_DLV_FAILED,
        .bare = true};
    struct mu_arena_list list;
    struct gms_delivery *rows;

    if (who->row != 0)
        return accept_one(k, who, arena);
    TRY(gms_store_deliveries(k->config.store, &query, arena, &list));
    rows = list.at;
    for (size_t i = 0; i < list.len; i++)
        TRY(accept_row(k, who, &rows[i]));
    return MU_OK;
}

static enum mu_err accept_all(struct gms_keeper *k, struct mu_arena *arena)
{
    struct accepted *all = k->accepted.at;

    for (size_t i = 0; i < k->accepted.len; i++)
        TRY(accept_rows(k, &all[i], arena));
    return MU_OK;
}

static void tell_accepted(struct gms_keeper *k)
{
    const struct accepted *all = k->accepted.at;

    for (size_t i = 0; i < k->accepted.len; i++)
        keeper_changed(k, all[i].group, all[i].member);
}

/*
 * One transaction for all who fetched in this turn: 2,000 members come at once
 * after a rekey. What is lost in a crash is only that they have it; they fetch
 * again, or hold it without our knowing.
 */
void keeper_on_accepted(evutil_socket_t fd, short what, void *ctx)
{
    MU_CLEANUP(mu_arena_clear) struct mu_arena arena;
    struct gms_keeper *k = ctx;
    enum mu_err err;

    (void)fd;
    (void)what;
    mu_arena_init(&arena, KEEPER_ARENA_MAX);
    err = gms_store_begin(k->config.store);
    if (err == MU_OK)
        err = keeper_end(k, accept_all(k, &arena));
    if (err == MU_OK)
        tell_accepted(k); /* texts of rows lie in the arena still */
    else
        mu_log(MU_LOG_ERROR, "keeper.accepted", mu_log_err("err", err));
    mu_arena_clear(&k->accepted_arena);
    mu_arena_init(&k->accepted_arena, KEEPER_ARENA_MAX);
    k->accepted = (struct mu_arena_list){0};
}

static enum mu_err accept_soon(
    struct gms_keeper *k, const struct accepted *what)
{
    const struct timeval pause = {0, ACCEPT_PAUSE_US};
    struct accepted *one =
        mu_arena_list_add(&k->accepted_arena, &k->accepted, sizeof(*one));

    if (one == NULL)
        return mu_arena_err(&k->accepted_arena);
    *one = *what;
    one->group = mu_arena_copy(&k->accepted_arena, what->group);
    one->member = mu_arena_copy(&k->accepted_arena, what->member);
    TRY(mu_arena_err(&k->accepted_arena));
    if (k->accepted.len == 1)
        (void)evtimer_add(k->accept_timer, &pause);
    return MU_OK;
}

enum mu_err gms_keeper_accepted(
    struct gms_keeper *k, struct span group, struct span member)
{
    const struct accepted all = {
        .group = group, .member = member, .at_ms = keeper_now_ms(k)};

    return accept_soon(k, &all);
}

enum mu_err gms_keeper_accepted_row(
    struct gms_keeper *k, uint64_t row, uint64_t at_ms)
{
    const struct accepted one = {.row = row, .at_ms = at_ms};

    return accept_soon(k, &one);
}

/* ------------------------------------------------------------------ statistics
 */

static void count_intents(struct gms_keeper *k, struct gms_keeper_stats *stats)
{
    MU_CLEANUP(mu_arena_clear) struct mu_arena arena;
    struct mu_arena_list list;
    const struct gms_intent *intents;
    uint64_t now_ms = keeper_now_ms(k);

    mu_arena_init(&arena, KEEPER_ARENA_MAX);
    if (gms_store_intents(k->config.store, (struct span){0}, &arena, &list) !=
        MU_OK)
        return;
    intents = list.at;
    stats->intents = list.len;
    for (size_t i = 0; i < list.len; i++) {
        uint64_t due_ms = intents[i].not_before_ms;

        if (due_ms > 0 && due_ms < now_ms && now_ms - due_ms > stats->oldest_ms)
            stats->oldest_ms = now_ms - due_ms;
    }
}

void gms_keeper_set_ready(struct gms_keeper *k, bool ready)
{
    k->vault_ready = ready;
}

struct gms_keeper_stats gms_keeper_stats(struct gms_keeper *k)
{
    struct gms_keeper_stats stats = k->stats;

    for (const struct keeper_group *g = k->all; g != NULL; g = g->next)
        stats.queued += g->queue_len - g->queue_at;
    count_intents(k, &stats);
    stats.vault_up = gms_vault_link_is_up(k->config.vault);
    stats.vault_ready = stats.vault_up && k->vault_ready;
    return stats;
}
