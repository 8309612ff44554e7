/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Subscriptions on disk. All that changed in one turn of the loop is one
 * transaction, and a SUBSCRIBE is answered after it: who was told 200 is known
 * to the next process.
 */
#include "gms/subs_inside.h"

#include <stdio.h>

#include "base/log.h"
#include "base/text.h"

/* NOTIFYs that may have gone out after a dialog was written (sip/dialog.h): one
 * is on its way at a time, and tried again a few times, so this is more than
 * there can be. */
#define CSEQ_MARGIN 100
#define LOAD_ROOM   (256U << 20)

void gms_sub_keep(struct gms_subs *subs, struct gms_sub *sub)
{
    if (!sub->dirty) {
        sub->dirty = true;
        sub->next_dirty = subs->dirty;
        subs->dirty = sub;
    }
    gms_subs_wake(subs, 0);
}

struct rows {
    struct buf dialog, watch;
};

static void rows_clear(struct rows *rows)
{
    buf_clear(&rows->dialog);
    buf_clear(&rows->watch);
}

static enum mu_err write_one(struct gms_subs *subs, struct gms_sub *sub)
{
    MU_CLEANUP(rows_clear) struct rows rows = {{0}, {0}};
    struct gms_sub_row row = {.id = sub->id,
        .who = sub->caller.uri,
        .asserted = sub->caller.asserted,
        .token_expires_s = sub->caller.expires_s,
        .expires_ms = sub->expires_ms,
        .event_id = sub->event_id,
        .parts = sub->takes_parts,
        .area = sub->area};

    sip_dialog_write(&sub->dialog, &rows.dialog);
    sip_watch_write(sub->watch, &rows.watch);
    TRY(rows.dialog.err);
    TRY(rows.watch.err);
    row.dialog = buf_span(&rows.dialog);
    row.watch = buf_span(&rows.watch);
    return gms_store_put_sub(subs->parts.store, &row);
}

static enum mu_err write_all(struct gms_subs *subs)
{
    TRY(gms_store_begin(subs->parts.store));
    for (struct gms_sub *sub = subs->dirty; sub != NULL;
         sub = sub->next_dirty) {
        enum mu_err err = sub->ending != NULL
                              ? gms_store_delete_sub(subs->parts.store, sub->id)
                              : write_one(subs, sub);

        if (err != MU_OK) {
            gms_store_rollback(subs->parts.store);
            return err;
        }
    }
    return gms_store_commit(subs->parts.store);
}

static void answer(struct gms_subs *subs, struct gms_sub *sub, enum mu_err err)
{
    char tag[GMS_SUBS_TAG_MAX];
    struct sip_answer answer = {.status = err == MU_OK ? 200 : 500,
        .to_tag = tag,
        .has_expires = err == MU_OK,
        .expires_s = sub->answer_expires_s,
        .contact = err == MU_OK};

    if (sub->request == 0)
        return;
    (void)snprintf(tag, sizeof(tag), "%.*s", (int)sub->dialog.local_tag.len,
        sub->dialog.local_tag.p);
    gms_subs_answer(subs, sub->request, &answer);
    sub->request = 0;
}

void gms_subs_flush(struct gms_subs *subs)
{
    enum mu_err err;
    struct gms_sub *sub;

    if (subs->dirty == NULL)
        return;
    err = write_all(subs);
    if (err != MU_OK)
        mu_log(MU_LOG_ERROR, "gms.subs_lost", mu_log_err("why", err));
    while ((sub = subs->dirty) != NULL) {
        subs->dirty = sub->next_dirty;
        sub->dirty = false;
        sub->stored |= err == MU_OK;
        answer(subs, sub, err);
        if (sub->gone || !sub->stored) /* or his SUBSCRIBE has failed */
            gms_subs_remove(subs, sub);
        else
            gms_sub_due(subs, sub);
    }
}

/* ------------------------------------------------------------------- load */

static enum mu_err fill(
    struct gms_subs *subs, const struct gms_sub_row *row, struct gms_sub *sub)
{
    sub->id = row->id;
    sub->expires_ms = row->expires_ms;
    sub->caller =
        (struct gms_caller){.uri = mu_arena_copy(&sub->arena, row->who),
            .asserted = row->asserted,
            .expires_s = row->token_expires_s};
    sub->takes_parts = row->parts;
    sub->area = row->area;
    sub->event_id = mu_arena_copy(&sub->arena, row->event_id);
    TRY(mu_arena_err(&sub->arena));
    TRY(sip_dialog_read(row->dialog, &sub->arena, &sub->dialog));
    sub->dialog.local_cseq += CSEQ_MARGIN;
    sub->stored = true;
    return sip_watch_read(
        row->watch, subs->parts.conf->min_interval_ms, &sub->watch);
}

static enum mu_err read_entries(struct gms_subs *subs, struct gms_sub *sub)
{
    enum sip_watch_kind kind;
    struct span sel;

    for (size_t i = 0; sip_watch_entry(sub->watch, i, &sel, &kind); i++) {
        struct gms_watched *w;

        TRY(gms_watched_read(
            sel, "", subs->parts.gktp, &sub->watched_arena, &w));
        w->next = sub->watched;
        sub->watched = w;
    }
    return MU_OK;
}

static enum mu_err load_one(
    struct gms_subs *subs, const struct gms_sub_row *row)
{
    struct gms_sub *sub = gms_sub_new();
    enum mu_err err;

    if (sub == NULL)
        return MU_E_NO_MEMORY;
    err = fill(subs, row, sub);
    if (err == MU_OK)
        err = read_entries(subs, sub);
    if (err != MU_OK) {
        gms_sub_free(sub);
        return err;
    }
    gms_subs_enter(subs, sub);
    /* With its margin, or the next process would begin where this one does. */
    gms_sub_keep(subs, sub);
    gms_subs_mind_expiry(subs, sub);
    if (sub->id > subs->last_id)
        subs->last_id = sub->id;
    gms_sub_look(subs, sub, (struct span){NULL, 0}, (struct span){NULL, 0});
    return MU_OK;
}

enum mu_err gms_subs_load(struct gms_subs *subs)
{
    MU_CLEANUP(mu_arena_clear) struct mu_arena arena;
    struct mu_arena_list rows = {0};
    const struct gms_sub_row *row;

    mu_arena_init(&arena, LOAD_ROOM);
    TRY(gms_store_subs(subs->parts.store, &arena, &rows));
    row = rows.at;
    for (size_t i = 0; i < rows.len; i++) {
        enum mu_err err = load_one(subs, &row[i]);

        if (err == MU_E_NO_MEMORY)
            return err;
        /* One that this release cannot read: its subscriber finds out when he
         * refreshes it (481), and nobody else suffers. */
        if (err != MU_OK)
            mu_log(MU_LOG_WARNING, "gms.sub_unread",
                mu_log_u64("sub", row[i].id), mu_log_err("why", err));
    }
    mu_log(MU_LOG_INFO, "gms.subs_loaded", mu_log_u64("count", rows.len));
    return MU_OK;
}
