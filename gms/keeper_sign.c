/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Signing: the vault builds each message around its envelope, with the present
 * time, and signs it. From the commit of a row on, its message is where its
 * member gets it.
 */
#include "gms/keeper_in.h"

#define FRAME_MOST (GMS_VAULT_FRAME_MAX - 8192) /* for terms and the key */

static bool is_to_be_signed(const struct gms_delivery *row)
{
    return (row->state == GMS_DLV_QUEUED || row->state == GMS_DLV_FAILED) &&
           row->envelope.len > 0;
}

static enum mu_err gather(struct keeper_look *look, struct keeper_batch *batch,
    struct gms_vault_sign_item *items)
{
    size_t count = 0, octets = 0;

    for (size_t i = 0; i < batch->count; i++) {
        struct gms_delivery row;
        enum mu_err err = gms_store_delivery(
            look->k->config.store, batch->ids[i], look->arena, &row);

        if (err == MU_E_NOT_FOUND || (err == MU_OK && !is_to_be_signed(&row)))
            continue;
        TRY(err);
        octets += row.member.len + row.envelope.len + 16;
        if (octets > FRAME_MOST)
            break; /* the next load finds the others */
        batch->ids[count] = row.id;
        items[count++] = (struct gms_vault_sign_item){row.member, row.envelope};
    }
    batch->count = count;
    return count > 0 ? MU_OK : MU_E_NOT_FOUND;
}

/* Of a key period to come: its messages have a timestamp that is yet to be. */
static bool is_ahead(
    const struct keeper_look *look, const struct keeper_batch *batch)
{
    struct gms_period period;

    return gms_domains_period(look->k->config.domains, batch->kms,
               look->now_ms / 1000, &period) == MU_OK &&
           batch->period > period.number;
}

/*
 * What the messages say. A key that is in force says "now", which is the
 * message's own timestamp (TS 33.180 clause E.6.4): of a hard stop no clock
 * that goes slow may make a later moment. One that was superseded keeps its
 * time, or it would seem newer than its successor; and so does one in a message
 * of the next key period: its timestamp is later than the key, and perhaps than
 * the successor.
 */
static struct gms_sign_terms terms_of(struct keeper_look *look,
    const struct gms_gmk *gmk, const struct keeper_batch *batch)
{
    struct gms_sign_terms terms = {.revoked = batch->revocation,
        .hidden = look->settings.hidden_identities,
        .activation_s = gmk->activation_s,
        .expiry_s = gmk->expiry_s};
    struct span ids = look->row.ids;
    enum mcptt_key_kind kind = (enum mcptt_key_kind)mcptt_key_id_tag(gmk->id);

    if (!batch->revocation && gmk->state != GMS_GMK_SUPERSEDED &&
        gmk->activation_s * 1000 <= look->now_ms && !is_ahead(look, batch))
        terms.activation_s = 0;
    while (mcptt_key_kind_has_groups(kind) &&
           terms.group_count < MCPTT_KEY_PARAMS_GROUPS_MAX &&
           keeper_next_uri(&ids, &terms.groups[terms.group_count]))
        terms.group_count++;
    return terms;
}

enum mu_err keeper_sign_ask(struct keeper_look *look,
    struct keeper_batch *batch, const struct gms_gmk *gmk)
{
    struct gms_vault_sign_item items[GMS_VAULT_SIGN_MAX];
    struct gms_vault_request request = {.op = GMS_VAULT_SIGN,
        .sign = {.key = {gmk->id, gmk->group, gmk->epoch, gmk->sealed},
            .period = {batch->kms, batch->period},
            .terms = terms_of(look, gmk, batch),
            .items = items}};

    /* Its write-ahead is the issue (keeper_key_issue()): a spare is wrapped,
     * and never signed. */
    if (gmk->state == GMS_GMK_SPARE)
        return MU_E_NOT_FOUND;
    TRY(gather(look, batch, items));
    request.sign.count = batch->count;
    return gms_vault_link_ask(look->k->config.vault, &request,
        batch->class <= GMS_CLASS_EXCLUSION, keeper_sign_answered, batch);
}

static bool is_media_entity(const struct keeper_look *look, struct span uri)
{
    const struct gms_uris *servers = &look->settings.media_entities;

    for (size_t i = 0; i < servers->count; i++)
        if (span_eq(servers->at[i], uri))
            return true;
    return false;
}

static enum mu_err put(
    struct keeper_look *look, struct gms_delivery *row, struct span message)
{
    struct gms_keeper *k = look->k;

    if (row->state == GMS_DLV_FAILED)
        TRY(gms_delivery_step(row, GMS_DLV_EV_RETRY));
    TRY(gms_delivery_step(row, GMS_DLV_EV_SEND));
    row->message = message;
    row->tries++;
    row->next_ms = 0;
    row->changed_ms = look->now_ms;
    TRY(gms_store_set_delivery(k->config.store, row));
    k->stats.messages_signed++;
    if (row->revocation || !is_media_entity(look, row->member))
        return MU_OK;
    return keeper_tell(k, GMS_AUDIT_GIVEN, look->row.uri,
        KEEPER_FIELDS(mu_log_hex32("gmk_id", row->key.v),
            mu_log_octets("server", row->member), mu_log_str("by", "gmsd")));
}

struct signed_rows {
    struct span members[GMS_VAULT_SIGN_MAX];
    size_t count;
};

static enum mu_err put_all(struct keeper_look *look,
    const struct keeper_batch *batch, const struct gms_vault_answer *answer,
    struct signed_rows *out)
{
    for (size_t i = 0; i < answer->messages.count; i++) {
        size_t at = answer->messages.first + i;
        struct gms_delivery row;
        enum mu_err err;

        if (at >= batch->count)
            return MU_E_MALFORMED;
        err = gms_store_delivery(
            look->k->config.store, batch->ids[at], look->arena, &row);
        if (err == MU_E_NOT_FOUND || (err == MU_OK && !is_to_be_signed(&row)))
            continue; /* withdrawn while the vault was at it */
        TRY(err);
        TRY(put(look, &row, answer->messages.at[i]));
        out->members[out->count++] = row.member;
    }
    return keeper_event(look->k, batch->revocation ? "key.ended" : "key.sent",
        look->row.uri,
        KEEPER_FIELDS(mu_log_hex32("gmk_id", batch->key.v),
            mu_log_u64("members", out->count)));
}

static enum mu_err store(
    struct keeper_batch *batch, const struct gms_vault_answer *answer)
{
    MU_CLEANUP(mu_arena_clear) struct mu_arena arena;
    struct gms_keeper *k = batch->ask.k;
    struct signed_rows rows = {.count = 0};
    struct keeper_look look;

    mu_arena_init(&arena, KEEPER_ARENA_MAX);
    TRY(keeper_look_open(k, batch->ask.g, &arena, &look));
    TRY(gms_store_begin(k->config.store));
    GMS_FAULT("keeper_sign.answered");
    TRY(keeper_end(k, put_all(&look, batch, answer, &rows)));
    GMS_FAULT("keeper_sign.stored");
    for (size_t i = 0; i < rows.count; i++)
        keeper_changed(k, look.row.uri, rows.members[i]);
    return MU_OK;
}

void keeper_sign_answered(void *ctx, const struct gms_vault_answer *answer)
{
    struct keeper_batch *batch = ctx;
    enum mu_err err = MU_OK;

    if (answer->err == MU_OK && answer->messages.count > 0)
        err = store(batch, answer);
    if (err != MU_OK && err != MU_E_NOT_FOUND)
        mu_log(MU_LOG_ERROR, "keeper.sign",
            mu_log_octets("group", batch->ask.g->uri), mu_log_err("err", err));
    if (answer->last)
        keeper_batch_over(batch, answer);
}
