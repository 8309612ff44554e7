/* SPDX-License-Identifier: Apache-2.0 */
#include "gms/reseal.h"

#include <event2/event.h>
#include <string.h>

#include "base/alloc.h"
#include "base/log.h"
#include "base/text.h"
#include "gms/audit_events.h"
#include "gms/fault.h"

/* The order, in the store: | KEK-ID (64) | who gave it |; empty: none. */
#define ORDER_BLOB "kek.rotation"

#define ARENA_MAX  (4U << 20)
#define FRAME_MOST (GMS_VAULT_FRAME_MAX - 64)
#define PAUSE_US   1000    /* between batches: others have their turn */
#define LATER_US   1000000 /* after a failure */

/* Where a rotation is. What comes before has been tried. */
struct cursor {
    struct mu_kek_id kek; /* that still seals */
    bool has_kek;
    bool envelopes; /* first its keys, then its envelopes */
    uint64_t after; /* identifier of the last one */
};

struct gms_reseal {
    struct gms_reseal_config config;
    struct event *timer;
    bool ready; /* the vault has its certificates */
    bool asking;
    struct gms_reseal_status status;
    struct cursor cursor;
    /* The batch, whose texts lie in the arena until it is answered. */
    struct mu_arena arena;
    struct gms_vault_object objects[GMS_VAULT_RESEAL_MAX];
    uint64_t ids[GMS_VAULT_RESEAL_MAX];
    size_t count;
};

static const struct mu_kek_id *newest(const struct gms_reseal *r)
{
    return &r->status.keks[r->status.kek_count - 1];
}

static bool same(const struct mu_kek_id *a, const struct mu_kek_id *b)
{
    return memcmp(a, b, sizeof(*a)) == 0;
}

static void plan(struct gms_reseal *r, long us)
{
    const struct timeval when = {us / 1000000, us % 1000000};

    (void)evtimer_add(r->timer, &when);
}

static void begin_again(struct gms_reseal *r)
{
    r->cursor = (struct cursor){.has_kek = false};
    r->status.unreadable = 0;
    plan(r, PAUSE_US);
}

static void arena_new(struct gms_reseal *r)
{
    mu_arena_clear(&r->arena);
    mu_arena_init(&r->arena, ARENA_MAX);
}

/* ------------------------------------------------------------------ batches */

static size_t room_of(const struct gms_vault_object *object)
{
    return 64 + object->key.group.len + object->key.sealed.len +
           object->envelope.len + object->period.kms.len +
           object->recipient.len;
}

/* False when the frame is full: the next batch begins with it. */
static bool add(struct gms_reseal *r, const struct gms_vault_object *object,
    uint64_t id, size_t *octets)
{
    *octets += room_of(object);
    if (*octets > FRAME_MOST)
        return false;
    r->objects[r->count] = *object;
    r->ids[r->count++] = id;
    return true;
}

static enum mu_err gather_keys(struct gms_reseal *r)
{
    struct mu_arena_list list;
    const struct gms_gmk *gmks;
    size_t octets = 0;

    TRY(gms_store_keys_under(r->config.store, &r->cursor.kek, r->cursor.after,
        GMS_VAULT_RESEAL_MAX, &r->arena, &list));
    gmks = list.at;
    for (size_t i = 0; i < list.len; i++) {
        const struct gms_vault_object object = {
            .key = {gmks[i].id, gmks[i].group, gmks[i].epoch, gmks[i].sealed}};

        if (!add(r, &object, gmks[i].id.v, &octets))
            break;
    }
    return MU_OK;
}

/* Rows of one key follow each other. */
static enum mu_err epoch_of(struct gms_reseal *r, struct mcptt_key_id key,
    struct gms_gmk *last, uint64_t *epoch)
{
    enum mu_err err = MU_OK;

    if (last->id.v != key.v)
        err = gms_store_gmk(r->config.store, key, &r->arena, last);
    if (err == MU_E_NOT_FOUND) {
        *epoch = 0; /* without its key it opens as nothing */
        return MU_OK;
    }
    *epoch = last->epoch;
    return err;
}

static enum mu_err gather_envelopes(struct gms_reseal *r)
{
    struct gms_gmk gmk = {.id = {0}};
    const struct gms_delivery *rows;
    struct mu_arena_list list;
    size_t octets = 0;

    TRY(gms_store_envelopes_under(r->config.store, &r->cursor.kek,
        r->cursor.after, GMS_VAULT_RESEAL_MAX, &r->arena, &list));
    rows = list.at;
    for (size_t i = 0; i < list.len; i++) {
        struct gms_vault_object object = {
            .key = {.id = rows[i].key, .group = rows[i].group},
            .envelope = rows[i].envelope,
            .period = {rows[i].kms, rows[i].period},
            .recipient = rows[i].member,
            .revocation = rows[i].revocation};

        TRY(epoch_of(r, rows[i].key, &gmk, &object.key.epoch));
        if (!add(r, &object, rows[i].id, &octets))
            break;
    }
    return MU_OK;
}

/* The next KEK that seals something and is not the newest; in order, for one
 * whose objects do not open must not keep the others from it. */
static enum mu_err next_kek(struct gms_reseal *r)
{
    const struct gms_store_kek *keks, *next = NULL;
    struct cursor *c = &r->cursor;
    struct mu_arena_list list;

    TRY(gms_store_keks(r->config.store, &r->arena, &list));
    keks = list.at;
    for (size_t i = 0; i < list.len; i++)
        if (!same(&keks[i].id, newest(r)) &&
            (!c->has_kek || memcmp(&keks[i].id, &c->kek, sizeof(c->kek)) > 0) &&
            (next == NULL ||
                memcmp(&keks[i].id, &next->id, sizeof(next->id)) < 0))
            next = &keks[i];
    if (next == NULL)
        return MU_E_NOT_FOUND;
    *c = (struct cursor){.kek = next->id, .has_kek = true};
    return MU_OK;
}

static enum mu_err gather_here(struct gms_reseal *r)
{
    if (!r->cursor.has_kek)
        return MU_OK;
    return r->cursor.envelopes ? gather_envelopes(r) : gather_keys(r);
}

static enum mu_err move_on(struct gms_reseal *r)
{
    struct cursor *c = &r->cursor;

    if (!c->has_kek || c->envelopes)
        return next_kek(r);
    c->envelopes = true;
    c->after = 0;
    return MU_OK;
}

/* MU_E_NOT_FOUND when nothing is left. */
static enum mu_err gather(struct gms_reseal *r)
{
    arena_new(r);
    r->count = 0;
    TRY(gather_here(r));
    while (r->count == 0) {
        TRY(move_on(r));
        TRY(gather_here(r));
    }
    return MU_OK;
}

/* ------------------------------------------------------ what the vault says */

static enum mu_err replace(struct gms_reseal *r, size_t i, struct span is)
{
    const struct gms_vault_object *object = &r->objects[i];
    bool envelope = object->envelope.len > 0;
    struct gms_reseal_status *s = &r->status;
    enum mu_err err;

    if (is.len == 0 && !envelope) {
        mu_log(MU_LOG_ERROR, "kek.unreadable",
            mu_log_octets("group", object->key.group),
            mu_log_hex32("gmk_id", object->key.id.v));
        s->unreadable++;
        return MU_OK;
    }
    if (envelope)
        err = gms_store_reseal_envelope(
            r->config.store, r->ids[i], object->envelope, is);
    else
        err = gms_store_reseal_key(
            r->config.store, object->key.id, object->key.sealed, is);
    if (err == MU_E_NOT_FOUND)
        return MU_OK; /* it was changed meanwhile, under the newest KEK */
    if (err == MU_OK)
        *(!envelope ? &s->keys : is.len > 0 ? &s->envelopes : &s->dropped) += 1;
    return err;
}

static enum mu_err store_some(
    struct gms_reseal *r, const struct gms_vault_answer *answer)
{
    enum mu_err err = MU_OK;

    if (answer->objects.first + answer->objects.count > r->count)
        return MU_E_MALFORMED;
    TRY(gms_store_begin(r->config.store));
    GMS_FAULT("reseal.answered");
    for (size_t i = 0; err == MU_OK && i < answer->objects.count; i++)
        err = replace(r, answer->objects.first + i, answer->objects.at[i]);
    if (err == MU_OK)
        err = gms_store_commit(r->config.store);
    else
        gms_store_rollback(r->config.store);
    GMS_FAULT("reseal.stored");
    return err;
}

/* What is wrong now may be right later: the log's disk is full, the vault is
 * gone. The batch is asked for again, from the store. */
static void put_off(struct gms_reseal *r, enum mu_err err, const char *why)
{
    mu_log(MU_LOG_WARNING, "kek.put_off", mu_log_err("err", err),
        mu_log_str("why", why));
    plan(r, LATER_US);
}

static void on_answer(void *ctx, const struct gms_vault_answer *answer)
{
    struct gms_reseal *r = ctx;
    enum mu_err err = answer->err;

    if (err == MU_OK)
        err = store_some(r, answer);
    if (err != MU_OK)
        r->count = 0; /* nothing more of this batch */
    if (answer->last)
        r->asking = false;
    if (err != MU_OK)
        put_off(r, err, gms_vault_refusal_name(answer->refusal));
    else if (answer->last) {
        r->cursor.after = r->ids[r->count - 1];
        plan(r, PAUSE_US);
    }
}

static enum mu_err ask(struct gms_reseal *r)
{
    struct gms_vault_request request = {
        .op = GMS_VAULT_RESEAL, .reseal = {r->objects, r->count}};

    GMS_FAULT("reseal.ask");
    TRY(gms_vault_link_ask(r->config.vault, &request, false, on_answer, r));
    r->asking = true;
    return MU_OK;
}

/* -------------------------------------------------------- beginning and end */

static void hex_of(const struct mu_kek_id *id, char out[MU_HEX_LEN(8)])
{
    mu_hex_write(SPAN_OF(id->b), out);
}

static enum mu_err put_order(struct gms_reseal *r, struct span order, bool wipe)
{
    enum mu_err err;

    TRY(gms_store_begin(r->config.store));
    if (wipe)
        gms_store_wipe(r->config.store);
    err = gms_store_put_blob(r->config.store, ORDER_BLOB, order);
    if (err == MU_OK)
        return gms_store_commit(r->config.store);
    gms_store_rollback(r->config.store);
    return err;
}

/* The last commit takes what was replaced out of the write-ahead log. */
static enum mu_err finish(struct gms_reseal *r)
{
    const struct gms_reseal_status *s = &r->status;
    char hex[MU_HEX_LEN(MU_KEK_ID_LEN)];

    GMS_FAULT("reseal.finish");
    TRY(put_order(r, (struct span){NULL, 0}, true));
    r->status.running = false;
    hex_of(newest(r), hex);
    gms_audit_say(r->config.audit, GMS_AUDIT_RESEALED, mu_log_str("kek", hex),
        mu_log_u64("keys", s->keys), mu_log_u64("envelopes", s->envelopes),
        mu_log_u64("dropped", s->dropped),
        mu_log_u64("unreadable", s->unreadable));
    return MU_OK;
}

static void on_timer(evutil_socket_t fd, short what, void *ctx)
{
    struct gms_reseal *r = ctx;
    enum mu_err err;

    (void)fd;
    (void)what;
    if (!r->status.running || !r->ready || r->asking)
        return; /* whoever changes that plans anew */
    err = gather(r);
    if (err == MU_OK)
        err = ask(r);
    else if (err == MU_E_NOT_FOUND)
        err = finish(r);
    if (err != MU_OK)
        put_off(r, err, "store or vault");
}

/* In the audit log before the vault is asked (gms/verify.h). */
static enum mu_err give_order(struct gms_reseal *r, struct span actor)
{
    char hex[MU_HEX_LEN(MU_KEK_ID_LEN)];
    struct span order = {NULL, 0};
    uint8_t *room;
    struct wr w;

    arena_new(r);
    room = mu_arena_alloc(&r->arena, MU_KEK_ID_LEN + actor.len, 1);
    if (room == NULL)
        return mu_arena_err(&r->arena);
    wr_init(&w, room, MU_KEK_ID_LEN + actor.len);
    wr_span(&w, SPAN_OF(newest(r)->b));
    wr_span(&w, actor);
    TRY(wr_close(&w, &order));
    hex_of(newest(r), hex);
    gms_audit_say(r->config.audit, GMS_AUDIT_RESEAL, mu_log_octets("by", actor),
        mu_log_str("kek", hex));
    (void)gms_audit_flush(r->config.audit);
    TRY(put_order(r, order, false));
    GMS_FAULT("reseal.ordered");
    return MU_OK;
}

static void start(struct gms_reseal *r)
{
    struct gms_reseal_status *s = &r->status;

    s->running = true;
    s->keys = s->envelopes = s->dropped = 0;
    begin_again(r);
}

enum mu_err gms_reseal_order(struct gms_reseal *r, struct span actor)
{
    if (r->status.running)
        return MU_OK;
    if (!r->ready || r->status.kek_count == 0)
        return MU_E_STATE;
    TRY(give_order(r, actor));
    start(r);
    return MU_OK;
}

/* One that a process before this one began. If there is another KEK since, it
 * is an order for that one. */
static enum mu_err resume(struct gms_reseal *r)
{
    MU_CLEANUP(mu_arena_clear) struct mu_arena arena;
    struct span order = {NULL, 0};
    enum mu_err err;

    mu_arena_init(&arena, ARENA_MAX);
    err = gms_store_blob(r->config.store, ORDER_BLOB, &arena, &order);
    if (err == MU_E_NOT_FOUND || (err == MU_OK && order.len <= MU_KEK_ID_LEN))
        return MU_OK;
    TRY(err);
    if (memcmp(order.p, newest(r)->b, MU_KEK_ID_LEN) != 0)
        TRY(give_order(r,
            (struct span){order.p + MU_KEK_ID_LEN, order.len - MU_KEK_ID_LEN}));
    start(r);
    return MU_OK;
}

/* -------------------------------------------------------------------- public
 */

enum mu_err gms_reseal_new(
    const struct gms_reseal_config *config, struct gms_reseal **out)
{
    struct gms_reseal *r = mu_alloc(sizeof(*r));

    if (r == NULL)
        return MU_E_NO_MEMORY;
    r->config = *config;
    mu_arena_init(&r->arena, ARENA_MAX);
    r->timer = evtimer_new(config->base, on_timer, r);
    if (r->timer == NULL) {
        gms_reseal_free(r);
        return MU_E_NO_MEMORY;
    }
    *out = r;
    return MU_OK;
}

void gms_reseal_free(struct gms_reseal *r)
{
    if (r == NULL)
        return;
    gms_vault_link_forget(r->config.vault, r);
    if (r->timer != NULL)
        event_free(r->timer);
    mu_arena_clear(&r->arena);
    mu_free(r);
}

void gms_reseal_vault_up(
    struct gms_reseal *r, const struct gms_vault_hello *hello)
{
    struct gms_reseal_status *s = &r->status;

    s->known = true;
    s->kek_count = hello->kek_count;
    memcpy(s->keks, hello->keks, sizeof(s->keks));
    s->identity = hello->identity_kek;
}

void gms_reseal_vault_ready(struct gms_reseal *r)
{
    enum mu_err err = MU_OK;

    if (r->ready || r->status.kek_count == 0)
        return;
    r->ready = true;
    if (r->status.running)
        begin_again(r); /* this vault may open what the one before did not */
    else
        err = resume(r);
    if (err != MU_OK)
        mu_log(MU_LOG_ERROR, "kek.rotation", mu_log_err("err", err));
}

void gms_reseal_vault_down(struct gms_reseal *r)
{
    r->ready = false;
}

static bool has(const struct gms_reseal_status *s, const struct mu_kek_id *id)
{
    for (size_t i = 0; i < s->kek_count; i++)
        if (same(&s->keks[i], id))
            return true;
    return false;
}

enum mu_err gms_reseal_missing(struct gms_reseal *r, struct gms_store_kek *out)
{
    MU_CLEANUP(mu_arena_clear) struct mu_arena arena;
    const struct gms_store_kek *keks;
    struct mu_arena_list list;

    mu_arena_init(&arena, ARENA_MAX);
    TRY(gms_store_keks(r->config.store, &arena, &list));
    keks = list.at;
    for (size_t i = 0; i < list.len; i++)
        if (!has(&r->status, &keks[i].id)) {
            *out = keks[i];
            return MU_OK;
        }
    return MU_E_NOT_FOUND;
}

struct gms_reseal_status gms_reseal_status(const struct gms_reseal *r)
{
    return r->status;
}
