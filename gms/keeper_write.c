/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The transaction of a change: the document, who holds the group's keys now,
 * and what follows from it for those keys, all or nothing. What then has to be
 * done is in the store, and the keeper's looks do it.
 */
#include <openssl/evp.h>
#include <stdlib.h>
#include <string.h>

#include "base/text.h"
#include "gms/keeper_in.h"

#define ETAG_OCTETS 16 /* of a SHA-256 */

struct change {
    const struct gms_write *write;
    struct gms_view before, after;
    struct keeper_change what;
};

/* --------------------------------------------------------------------- before
 */

static enum mu_err read_ids(
    struct mu_arena *arena, struct span list, struct gms_view *out)
{
    struct span uri;

    while (out->id_count < MCPTT_KEY_PARAMS_GROUPS_MAX &&
           keeper_next_uri(&list, &uri))
        out->ids[out->id_count++] = mu_arena_copy(arena, uri);
    return mu_arena_err(arena);
}

/* What the store has of the group; a new one is made up. */
static enum mu_err open_group(struct gms_keeper *k, struct span uri,
    struct mu_arena *arena, struct keeper_look *look)
{
    struct keeper_group *g = keeper_group(k, uri);
    struct gms_fence fence;
    enum mu_err err;

    if (g == NULL)
        return MU_E_NO_MEMORY;
    err = keeper_look_open(k, g, arena, look);
    if (err != MU_E_NOT_FOUND)
        return err;
    TRY(gms_store_fence(k->config.store, uri, &fence));
    look->row = (struct gms_group_row){.uri = g->uri, .epoch = fence.epoch};
    look->settings.policy = k->config.policy;
    return MU_OK;
}

static enum mu_err read_before(struct keeper_look *look, struct gms_view *out)
{
    struct mu_arena_list list;

    *out = (struct gms_view){.exists = look->row.exists,
        .keyed = look->row.keyed,
        .disabled = look->row.disabled};
    TRY(read_ids(look->arena, look->row.ids, out));
    TRY(gms_store_holders(
        look->k->config.store, look->row.uri, look->arena, &list));
    out->holders = list.at;
    out->count = list.len;
    return MU_OK;
}

/* ---------------------------------------------------------------------- after
 */

static int compare_holders(const void *a, const void *b)
{
    const struct span *x = &((const struct gms_holder *)a)->uri;
    const struct span *y = &((const struct gms_holder *)b)->uri;
    size_t len = x->len < y->len ? x->len : y->len;
    int order = len > 0 ? memcmp(x->p, y->p, len) : 0;

    if (order != 0)
        return order;
    return x->len < y->len ? -1 : x->len > y->len;
}

/* Sorted, and each once: a media entity may be a member as well. */
static enum mu_err sort_after(
    struct mu_arena *arena, const struct gms_view *given, struct gms_view *out)
{
    struct gms_holder *holders =
        mu_arena_alloc(arena, given->count, sizeof(*holders));
    size_t count = 0;

    if (holders == NULL)
        return mu_arena_err(arena);
    *out = *given;
    if (given->count > 0)
        memcpy(holders, given->holders, given->count * sizeof(*holders));
    qsort(holders, given->count, sizeof(*holders), compare_holders);
    for (size_t i = 0; i < given->count; i++)
        if (count == 0 || !span_eq(holders[count - 1].uri, holders[i].uri))
            holders[count++] = holders[i];
    out->holders = holders;
    out->count = count;
    return MU_OK;
}

static enum mu_err decide(struct keeper_look *look, struct change *change)
{
    struct gms_change between = {
        .stop = change->write->stop, .retarget = change->write->retarget};

    change->what.actor = change->write->actor;
    change->what.stop = change->write->stop;
    TRY(read_before(look, &change->before));
    if (change->write->doc != NULL)
        TRY(sort_after(look->arena, &change->write->view, &change->after));
    between.before = change->before;
    between.after = change->after;
    TRY(gms_view_diff(
        &change->before, &change->after, look->arena, &change->what.diff));
    return gms_rekey(
        &between, &look->settings.policy, look->arena, &change->what.actions);
}

/* -------------------------------------------------------------------- storing
 */

/* A function of the text and of its place in time: the same text written again
 * is another version. */
static enum mu_err make_etag(
    const struct gms_doc *doc, struct mu_arena *arena, struct span *out)
{
    char *hex = mu_arena_alloc(arena, MU_HEX_LEN(ETAG_OCTETS), 1);
    uint8_t number[8], hash[EVP_MAX_MD_SIZE];
    struct wr w;
    EVP_MD_CTX *md = EVP_MD_CTX_new();
    bool ok;

    wr_init(&w, number, sizeof(number));
    wr_u64(&w, doc->version);
    ok = md != NULL && hex != NULL && EVP_DigestInit(md, EVP_sha256()) == 1 &&
         EVP_DigestUpdate(md, number, sizeof(number)) == 1 &&
         EVP_DigestUpdate(md, doc->uri.p, doc->uri.len) == 1 &&
         EVP_DigestUpdate(md, doc->text.p, doc->text.len) == 1 &&
         EVP_DigestFinal(md, hash, NULL) == 1;
    EVP_MD_CTX_free(md);
    if (!ok)
        return hex == NULL ? MU_E_NO_MEMORY : MU_E_CRYPTO;
    mu_hex_write((struct span){hash, ETAG_OCTETS}, hex);
    *out = (struct span){(const uint8_t *)hex, 2 * (size_t)ETAG_OCTETS};
    return MU_OK;
}

static enum mu_err put_doc(
    struct keeper_look *look, const struct gms_doc *given, struct gms_doc *out)
{
    struct gms_store *store = look->k->config.store;
    struct gms_doc old = {0};
    struct gms_fence fence;
    enum mu_err err = gms_store_doc(store, given->uri, look->arena, &old);

    if (err != MU_OK && err != MU_E_NOT_FOUND)
        return err;
    TRY(gms_store_fence(store, given->uri, &fence));
    *out = *given;
    out->version = fence.version + 1;
    out->created_ms = err == MU_OK ? old.created_ms : look->now_ms;
    out->changed_ms = look->now_ms;
    TRY(make_etag(out, look->arena, &out->etag));
    if (out->reduced_etag.len == 0)
        out->reduced_etag = out->etag;
    return gms_store_put_doc(store, out);
}

static enum mu_err put_group(
    struct keeper_look *look, const struct gms_view *after)
{
    struct gms_holder ids[MCPTT_KEY_PARAMS_GROUPS_MAX] = {0};

    for (size_t i = 0; i < after->id_count; i++)
        ids[i].uri = after->ids[i];
    look->row.exists = after->exists;
    look->row.keyed = after->keyed;
    look->row.disabled = after->disabled;
    look->row.deleted_ms = after->exists ? 0 : look->now_ms;
    look->row.ids = keeper_join(look->arena, ids, after->id_count);
    TRY(mu_arena_err(look->arena));
    return gms_store_put_group(look->k->config.store, &look->row);
}

static enum mu_err put_holders(
    struct keeper_look *look, const struct gms_diff *diff)
{
    struct gms_store *store = look->k->config.store;
    struct span group = look->row.uri;

    for (size_t i = 0; i < diff->gone.count; i++)
        TRY(gms_store_delete_holder(store, group, diff->gone.at[i].uri));
    for (size_t i = 0; i < diff->came.count; i++)
        TRY(gms_store_put_holder(store, group, &diff->came.at[i]));
    for (size_t i = 0; i < diff->moved.count; i++)
        TRY(gms_store_put_holder(store, group, &diff->moved.at[i]));
    return MU_OK;
}

/* Nobody is waiting for a key any more. One that was made for it becomes a
 * spare, and that goes (keeper_spare.c). */
static enum mu_err drop_wishes(
    struct keeper_look *look, const struct gms_view *after)
{
    if (gms_view_is_live(after, &look->settings.policy))
        return MU_OK;
    for (size_t i = 0; i < look->intent_count; i++)
        if (look->intents[i].kind == GMS_ACT_NEW_GMK ||
            look->intents[i].kind == GMS_ACT_REBUILD)
            TRY(gms_store_delete_intent(
                look->k->config.store, look->intents[i].id));
    return MU_OK;
}

/* ---------------------------------------------------------------------- saying
 */

static void say_people(struct keeper_look *look, const char *event,
    const struct mu_log_field *head, size_t head_count,
    const struct gms_people *who)
{
    struct span *uris = mu_arena_alloc(look->arena, who->count, sizeof(*uris));

    for (size_t i = 0; uris != NULL && i < who->count; i++)
        uris[i] = who->at[i].uri;
    if (uris != NULL)
        gms_audit_members(
            look->k->config.audit, event, head, head_count, uris, who->count);
}

/* Who may get keys from here on, and who may not, before anything is done. */
static enum mu_err say(struct keeper_look *look, const struct change *change,
    const struct gms_doc *doc)
{
    const struct gms_diff *diff = &change->what.diff;
    struct span by = change->write->actor;
    const char *stop = change->write->stop == GMS_STOP_HARD ? "hard" : "soft";

    if (doc == NULL)
        TRY(keeper_tell(look->k, GMS_AUDIT_DELETED, look->row.uri,
            KEEPER_FIELDS(mu_log_octets("by", by))));
    else
        TRY(keeper_tell(look->k,
            change->before.exists ? GMS_AUDIT_CHANGED : GMS_AUDIT_CREATED,
            look->row.uri,
            KEEPER_FIELDS(mu_log_octets("by", by),
                mu_log_u64("version", doc->version),
                mu_log_octets("etag", doc->etag))));
    say_people(look, GMS_AUDIT_REMOVED,
        KEEPER_FIELDS(mu_log_octets("group", look->row.uri),
            mu_log_octets("by", by), mu_log_str("stop", stop)),
        &diff->gone);
    say_people(look, GMS_AUDIT_ADDED,
        KEEPER_FIELDS(
            mu_log_octets("group", look->row.uri), mu_log_octets("by", by)),
        &diff->came);
    return MU_OK;
}

static enum mu_err transact(
    struct keeper_look *look, struct change *change, struct gms_doc *doc)
{
    struct gms_store *store = look->k->config.store;
    bool deleted = change->write->doc == NULL;

    if (deleted)
        TRY(gms_store_delete_doc(store, look->row.uri));
    else
        TRY(put_doc(look, change->write->doc, doc));
    GMS_FAULT("keeper_write.document");
    TRY(put_group(look, &change->after));
    TRY(put_holders(look, &change->what.diff));
    TRY(say(look, change, deleted ? NULL : doc));
    TRY(drop_wishes(look, &change->after));
    TRY(keeper_change(look, &change->what));
    GMS_FAULT("keeper_write.decided");
    return MU_OK;
}

static enum mu_err copy_out(
    const struct gms_doc *doc, struct mu_arena *arena, struct gms_doc *out)
{
    *out = *doc;
    out->uri = mu_arena_copy(arena, doc->uri);
    out->xui = mu_arena_copy(arena, doc->xui);
    out->name = mu_arena_copy(arena, doc->name);
    out->text = mu_arena_copy(arena, doc->text);
    out->etag = mu_arena_copy(arena, doc->etag);
    out->reduced_etag = mu_arena_copy(arena, doc->reduced_etag);
    return mu_arena_err(arena);
}

/* Somebody was shut out, or it may be so: nothing comes before it. */
static void hurry(struct keeper_look *look)
{
    look->g->rows_fine = false;
    look->g->class = keeper_class(look, GMS_CLASS_EXCLUSION);
    keeper_touch(look->k, look->g);
}

enum mu_err gms_keeper_write(struct gms_keeper *k,
    const struct gms_write *write, struct mu_arena *arena, struct gms_doc *out)
{
    MU_CLEANUP(mu_arena_clear) struct mu_arena own;
    struct span uri = write->doc != NULL ? write->doc->uri : write->uri;
    struct change change = {.write = write};
    struct keeper_look look;
    struct gms_doc doc = {0};

    mu_arena_init(&own, KEEPER_ARENA_MAX);
    TRY(open_group(k, uri, &own, &look));
    if (write->doc == NULL && !look.row.exists)
        return MU_E_NOT_FOUND;
    TRY(decide(&look, &change));
    TRY(gms_store_begin(k->config.store));
    TRY(keeper_end(k, transact(&look, &change, &doc)));
    hurry(&look);
    if (out != NULL && write->doc != NULL)
        TRY(copy_out(&doc, arena, out));
    keeper_changed(k, uri, (struct span){0});
    return MU_OK;
}
