/* SPDX-License-Identifier: Apache-2.0 */
/*
 * OPENED: a member proved that he holds a key, and the vault believed him
 * (mcptt/receipt.h). This state rests on receipts and on nothing else.
 */
#include "gms/keeper_in.h"

static enum mu_err open_row(
    struct gms_keeper *k, struct span group, struct gms_delivery *row)
{
    if (row->state == GMS_DLV_OPENED)
        return MU_OK;
    TRY(gms_delivery_step(row, GMS_DLV_EV_RECEIPT));
    row->changed_ms = keeper_now_ms(k);
    TRY(gms_store_set_delivery(k->config.store, row));
    k->stats.opened++;
    return keeper_tell(k, GMS_AUDIT_OPENED, group,
        KEEPER_FIELDS(mu_log_hex32("gmk_id", row->key.v),
            mu_log_octets("member", row->member),
            mu_log_u64("tries", row->tries)));
}

/* Whatever the row's key period: he has the key. */
static enum mu_err open_rows(struct gms_keeper *k,
    const struct gms_delivery_query *query, struct mu_arena *arena)
{
    struct mu_arena_list list;
    struct gms_delivery *rows;

    TRY(gms_store_deliveries(k->config.store, query, arena, &list));
    rows = list.at;
    if (list.len == 0)
        return MU_E_NOT_FOUND;
    for (size_t i = 0; i < list.len; i++)
        TRY(open_row(k, query->group, &rows[i]));
    return MU_OK;
}

enum mu_err gms_keeper_opened(struct gms_keeper *k, struct span group,
    struct span member, struct mcptt_key_id key)
{
    MU_CLEANUP(mu_arena_clear) struct mu_arena arena;
    const struct gms_delivery_query query = {.group = group,
        .member = member,
        .purpose = GMS_ISSUES,
        .key = key,
        .by_key = true,
        .states = 1U << GMS_DLV_SENT | 1U << GMS_DLV_ACCEPTED |
                  1U << GMS_DLV_OPENED | 1U << GMS_DLV_FAILED,
        .bare = true};

    mu_arena_init(&arena, KEEPER_ARENA_MAX);
    TRY(gms_store_begin(k->config.store));
    TRY(keeper_end(k, open_rows(k, &query, &arena)));
    keeper_changed(k, group, member);
    return MU_OK;
}
