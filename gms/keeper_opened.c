/* SPDX-License-Identifier: Apache-2.0 */
/*
 * OPENED: members proved that they hold a key, and the vault believed them
 * (mcptt/receipt.h). This state rests on receipts and on nothing else.
 *
 * A transaction and the sync of the audit log cost far more than what they
 * write, and after a rekey all members send their receipts: so those that come
 * within a moment, or while others are being written, are one transaction.
 * Nobody is answered before his is on the disk, so what is lost with this
 * process are receipts that will be sent again.
 */
#include "gms/keeper_in.h"

#define OPEN_PAUSE_US 5000 /* what comes within is one transaction */

static enum mu_err open_row(struct gms_keeper *k, struct span group,
    struct gms_delivery *row, size_t *count)
{
    if (row->state == GMS_DLV_OPENED)
        return MU_OK;
    TRY(gms_delivery_step(row, GMS_DLV_EV_RECEIPT));
    row->changed_ms = keeper_now_ms(k);
    TRY(gms_store_set_delivery(k->config.store, row));
    (*count)++;
    return keeper_tell(k, GMS_AUDIT_OPENED, group,
        KEEPER_FIELDS(mu_log_hex32("gmk_id", row->key.v),
            mu_log_octets("member", row->member),
            mu_log_u64("tries", row->tries)));
}

/* Whatever the row's key period: he has the key. */
static enum mu_err open_rows(struct gms_keeper *k,
    const struct gms_opened *what, struct mu_arena *arena, size_t *count)
{
    const struct gms_delivery_query query = {.group = what->group,
        .member = what->member,
        .purpose = GMS_ISSUES,
        .key = what->key,
        .by_key = true,
        .states = 1U << GMS_DLV_SENT | 1U << GMS_DLV_ACCEPTED |
                  1U << GMS_DLV_OPENED | 1U << GMS_DLV_FAILED,
        .bare = true};
    struct mu_arena_list list;
    struct gms_delivery *rows;

    TRY(gms_store_deliveries(k->config.store, &query, arena, &list));
    rows = list.at;
    if (list.len == 0)
        return MU_E_NOT_FOUND;
    for (size_t i = 0; i < list.len; i++)
        TRY(open_row(k, what->group, &rows[i], count));
    return MU_OK;
}

/* That one of them opened nothing is an answer to him, and no fault of the
 * others. */
static enum mu_err open_all(struct gms_keeper *k, struct gms_opened *first,
    struct mu_arena *arena, size_t *count)
{
    for (struct gms_opened *one = first; one != NULL; one = one->next) {
        one->err = open_rows(k, one, arena, count);
        if (one->err != MU_OK && one->err != MU_E_NOT_FOUND)
            return one->err;
        GMS_FAULT("keeper_opened.row");
    }
    return MU_OK;
}

static enum mu_err transact(struct gms_keeper *k, struct gms_opened *first)
{
    MU_CLEANUP(mu_arena_clear) struct mu_arena arena;
    size_t count = 0;

    mu_arena_init(&arena, KEEPER_ARENA_MAX);
    TRY(gms_store_begin(k->config.store));
    TRY(keeper_end(k, open_all(k, first, &arena, &count)));
    k->stats.opened += count;
    return MU_OK;
}

/* Users see it; no member's key document says it. */
static void tell(struct gms_keeper *k, const struct gms_opened *first)
{
    const struct gms_opened *told = NULL;

    if (k->config.on_opened == NULL)
        return;
    for (const struct gms_opened *one = first; one != NULL; one = one->next) {
        if (one->err != MU_OK ||
            (told != NULL && span_eq(told->group, one->group)))
            continue;
        k->config.on_opened(k->config.ctx, one->group);
        told = one;
    }
}

/* The first ones in line, taken out of it. */
static struct gms_opened *take_some(struct gms_keeper *k)
{
    struct gms_opened *first = k->opened, **at = &k->opened;

    for (size_t i = 0; i < KEEPER_CHUNK && *at != NULL; i++)
        at = &(*at)->next;
    k->opened = *at;
    *at = NULL;
    if (k->opened == NULL)
        k->opened_end = &k->opened;
    return first;
}

void keeper_on_opened(evutil_socket_t fd, short what, void *ctx)
{
    static const struct timeval at_once = {0, 0};
    struct gms_keeper *k = ctx;
    struct gms_opened *first = take_some(k), *next;
    enum mu_err err = transact(k, first);

    (void)fd;
    (void)what;
    if (k->opened != NULL)
        (void)evtimer_add(k->open_timer, &at_once);
    if (err == MU_OK)
        tell(k, first);
    else
        mu_log(MU_LOG_ERROR, "keeper.opened", mu_log_err("err", err));
    for (struct gms_opened *one = first; one != NULL; one = next) {
        next = one->next; /* it is the caller's again, who may free it */
        one->done(one->ctx, err != MU_OK ? err : one->err);
    }
}

void gms_keeper_opened(struct gms_keeper *k, struct gms_opened *what)
{
    static const struct timeval pause = {0, OPEN_PAUSE_US};

    if (k->opened == NULL)
        (void)evtimer_add(k->open_timer, &pause);
    what->next = NULL;
    *k->opened_end = what;
    k->opened_end = &what->next;
}
