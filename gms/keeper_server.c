/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Keys that servers need themselves, from the same engine: MuSiK for a server's
 * own signalling, MKFC for floor control, which the members get, too (TS 33.180
 * clauses 5.8 and 7.3). An intent lists the kind, then the servers that asked.
 */
#include "gms/keeper_in.h"

static bool is_of_kind(const struct gms_gmk *gmk, enum mcptt_key_kind kind)
{
    return mcptt_key_id_tag(gmk->id) == (unsigned)kind;
}

static bool kind_of(struct span name, enum mcptt_key_kind *out)
{
    for (int kind = 0; kind < MCPTT_KINDS; kind++)
        if (span_eq(name,
                span_str(mcptt_key_kind_name((enum mcptt_key_kind)kind)))) {
            *out = (enum mcptt_key_kind)kind;
            return true;
        }
    return false;
}

/* The one that is made, on its way or in force; NULL for none. */
static struct gms_gmk *find_key(
    struct keeper_look *look, enum mcptt_key_kind kind)
{
    for (size_t i = 0; i < look->gmk_count; i++) {
        struct gms_gmk *gmk = &look->gmks[i];

        if (is_of_kind(gmk, kind) &&
            (gmk->state == GMS_GMK_SPARE || gmk->state == GMS_GMK_PENDING ||
                gmk->state == GMS_GMK_ACTIVE))
            return gmk;
    }
    return NULL;
}

/* The server as a holder, and its KMS's present period. */
static enum mu_err locate(struct keeper_look *look, struct span server,
    struct gms_holder *holder, uint64_t *number)
{
    const struct gms_domains *domains = look->k->config.domains;
    struct gms_period period;

    holder->uri = server;
    TRY(gms_domains_kms_of(domains, server, &holder->kms));
    TRY(gms_domains_period(domains, holder->kms, look->now_ms / 1000, &period));
    *number = period.number;
    return MU_OK;
}

static enum mu_err find_row(struct keeper_look *look, const struct gms_gmk *gmk,
    struct span server, struct mu_arena *arena, struct gms_delivery *out)
{
    struct gms_delivery_query query = {.purpose = GMS_ISSUES,
        .group = look->row.uri,
        .member = server,
        .key = gmk->id,
        .by_key = true};
    const struct gms_delivery *rows;
    struct gms_holder holder;
    struct mu_arena_list list;
    uint64_t number;

    TRY(locate(look, server, &holder, &number));
    TRY(gms_store_deliveries(look->k->config.store, &query, arena, &list));
    rows = list.at;
    for (size_t i = 0; i < list.len; i++)
        if (rows[i].period == number && span_eq(rows[i].kms, holder.kms)) {
            *out = rows[i];
            return MU_OK;
        }
    return MU_E_NOT_FOUND;
}

static enum mu_err add_row(
    struct keeper_look *look, const struct gms_gmk *gmk, struct span server)
{
    struct gms_delivery row;
    struct gms_holder holder;
    uint64_t number;
    enum mu_err err = find_row(look, gmk, server, look->arena, &row);

    if (err != MU_E_NOT_FOUND)
        return err;
    TRY(locate(look, server, &holder, &number));
    TRY(keeper_row_add(look, gmk, &holder, number));
    return keeper_tell(look->k, GMS_AUDIT_GIVEN, look->row.uri,
        KEEPER_FIELDS(mu_log_hex32("gmk_id", gmk->id.v),
            mu_log_octets("server", server), mu_log_octets("by", server)));
}

/* Rows for the servers of an intent, once: then its key is known to it. */
static enum mu_err take_up(struct keeper_look *look, struct gms_intent *intent,
    const struct gms_gmk *gmk, struct span servers)
{
    struct span server;

    while (keeper_next_uri(&servers, &server))
        TRY(add_row(look, gmk, server));
    intent->key = gmk->id;
    intent->has_key = true;
    if (gmk->state != GMS_GMK_SPARE)
        return gms_store_delete_intent(look->k->config.store, intent->id);
    return gms_store_set_intent(look->k->config.store, intent);
}

static enum mu_err go_on(struct keeper_look *look, struct gms_intent *intent)
{
    struct gms_store *store = look->k->config.store;
    struct span list = intent->who, name = {0};
    enum mcptt_key_kind kind = MCPTT_KIND_MUSIK;
    struct gms_gmk *gmk;
    bool wrapped = false;

    (void)keeper_next_uri(&list, &name);
    if (!look->live || !kind_of(name, &kind)) {
        look->acted = true;
        TRY(gms_store_begin(store));
        return keeper_end(look->k, gms_store_delete_intent(store, intent->id));
    }
    gmk = find_key(look, kind);
    if (gmk == NULL)
        return keeper_draw(look, kind, "server", 0);
    if (intent->has_key && gmk->state == GMS_GMK_SPARE) {
        TRY(keeper_is_wrapped(look, gmk, &wrapped));
        if (!wrapped)
            return MU_OK; /* the pump is at it */
    }
    look->acted = true;
    TRY(gms_store_begin(store));
    return keeper_end(look->k, wrapped ? keeper_key_issue(look, gmk, intent)
                                       : take_up(look, intent, gmk, list));
}

enum mu_err keeper_server_step(struct keeper_look *look)
{
    for (size_t i = 0; i < look->intent_count && !look->acted; i++)
        if (look->intents[i].kind == GMS_ACT_SERVER)
            TRY(go_on(look, &look->intents[i]));
    return MU_OK;
}

/* ------------------------------------------------------------------ questions
 */

static struct gms_intent *find_intent(
    struct keeper_look *look, enum mcptt_key_kind kind)
{
    struct span wanted = span_str(mcptt_key_kind_name(kind));

    for (size_t i = 0; i < look->intent_count; i++) {
        struct span list = look->intents[i].who, name;

        if (look->intents[i].kind == GMS_ACT_SERVER &&
            keeper_next_uri(&list, &name) && span_eq(name, wanted))
            return &look->intents[i];
    }
    return NULL;
}

/* Asks for a key, or joins those who did. */
static enum mu_err want(
    struct keeper_look *look, enum mcptt_key_kind kind, struct span server)
{
    struct gms_store *store = look->k->config.store;
    const struct gms_holder names[] = {
        {.uri = span_str(mcptt_key_kind_name(kind))}, {.uri = server}};
    struct gms_intent intent = {.group = look->row.uri,
        .kind = GMS_ACT_SERVER,
        .trigger = GMS_TR_ASKED,
        .who = keeper_join(look->arena, names, 2),
        .actor = server};

    TRY(mu_arena_err(look->arena));
    TRY(gms_store_add_intent(store, &intent));
    return keeper_tell(look->k, GMS_AUDIT_ASKED, look->row.uri,
        KEEPER_FIELDS(mu_log_octets("by", server), mu_log_str("stop", "none"),
            mu_log_str("why", mcptt_key_kind_name(kind))));
}

static enum mu_err ask(
    struct keeper_look *look, enum mcptt_key_kind kind, struct span server)
{
    const struct gms_intent *intent = find_intent(look, kind);
    const struct gms_gmk *gmk = find_key(look, kind);
    enum mu_err err;

    if (intent != NULL && keeper_lists(intent->who, server))
        return MU_OK;
    TRY(gms_store_begin(look->k->config.store));
    err = gmk != NULL ? add_row(look, gmk, server) : want(look, kind, server);
    TRY(keeper_end(look->k, err));
    keeper_touch(look->k, look->g);
    return MU_OK;
}

enum mu_err gms_keeper_server_key(struct gms_keeper *k, struct span server,
    struct span group, enum mcptt_key_kind kind, struct mu_arena *arena,
    struct gms_delivery *out)
{
    struct keeper_group *g = keeper_group(k, group);
    struct keeper_look look;
    struct gms_holder holder;
    const struct gms_gmk *gmk;
    uint64_t number;

    if (kind != MCPTT_KIND_MUSIK && kind != MCPTT_KIND_MKFC)
        return MU_E_UNSUPPORTED;
    if (g == NULL)
        return MU_E_NO_MEMORY;
    TRY(keeper_look_open(k, g, arena, &look));
    if (!look.live)
        return MU_E_STATE;
    TRY(locate(&look, server, &holder, &number));
    gmk = find_key(&look, kind);
    if (gmk != NULL && gms_gmk_is_live(gmk->state)) {
        enum mu_err err = find_row(&look, gmk, server, arena, out);

        if (err == MU_OK && out->message.len > 0)
            return MU_OK;
        if (err != MU_OK && err != MU_E_NOT_FOUND)
            return err;
    }
    TRY(ask(&look, kind, server));
    return MU_E_EXPIRED;
}
