/* SPDX-License-Identifier: Apache-2.0 */
#include "gms/keeper.h"

#include <event2/event.h>
#include <search.h>
#include <string.h>

#include "base/alloc.h"
#include "gms/keeper_in.h"

#define PAUSE_MAX_MS   60000 /* the host's clock may be set */
#define RETRY_MIN_MS   1000
#define RETRY_MAX_MS   600000
#define FAILED_LOOK_MS 1000

/* What is looked at, in this order. Time comes first, so that nothing is sent
 * of a key that is over; fences come before all that goes to the vault. */
static keeper_step *const steps[] = {
    keeper_clock_step,
    keeper_revoke_step,
    keeper_rows_step,
    keeper_fence_step,
    keeper_intent_step,
    keeper_server_step,
    keeper_spare_step,
    keeper_pump_step,
};

uint64_t keeper_now_ms(const struct gms_keeper *k)
{
    return mu_clock_unix_ms(k->config.clock);
}

/* ------------------------------------------------------------------ groups */

static int compare_groups(const void *a, const void *b)
{
    const struct span *x = &((const struct keeper_group *)a)->uri;
    const struct span *y = &((const struct keeper_group *)b)->uri;

    if (x->len != y->len)
        return x->len < y->len ? -1 : 1;
    return memcmp(x->p, y->p, x->len);
}

static void free_groups(struct gms_keeper *k)
{
    while (k->all != NULL) {
        struct keeper_group *g = k->all;

        k->all = g->next;
        (void)tdelete(g, &k->tree, compare_groups);
        mu_arena_clear(&g->arena);
        mu_free(g->uri_octets);
        mu_free(g);
    }
}

static struct keeper_group *new_group(struct gms_keeper *k, struct span uri)
{
    struct keeper_group *g = mu_alloc(sizeof(*g));
    uint8_t *copy = mu_alloc(uri.len);

    if (g != NULL && copy != NULL) {
        memcpy(copy, uri.p, uri.len);
        g->uri_octets = copy;
        g->uri = (struct span){copy, uri.len};
        g->class = GMS_CLASS_NORMAL;
        g->item.owner = g->slot.owner = g;
        g->batch_most = KEEPER_CHUNK;
        mu_arena_init(&g->arena, KEEPER_ARENA_MAX);
        if (keeper_agenda_put(k->groups, &g->item, KEEPER_NOW(g->class)) ==
                MU_OK &&
            tsearch(g, &k->tree, compare_groups) != NULL) {
            g->next = k->all;
            k->all = g;
            return g;
        }
        keeper_agenda_take(k->groups, &g->item);
    }
    mu_free(copy);
    mu_free(g);
    return NULL;
}

struct keeper_group *keeper_group(struct gms_keeper *k, struct span uri)
{
    struct keeper_group wanted = {.uri = uri};
    struct keeper_group **found = tfind(&wanted, &k->tree, compare_groups);

    return found != NULL ? *found : new_group(k, uri);
}

/* ------------------------------------------------------------------- looks */

static void arm(struct gms_keeper *k)
{
    const struct keeper_agenda_item *first = keeper_agenda_first(k->groups);
    uint64_t now_ms = keeper_now_ms(k), pause_ms = PAUSE_MAX_MS;
    struct timeval pause;

    if (first != NULL && first->at_ms <= now_ms)
        pause_ms = 0;
    else if (first != NULL && first->at_ms - now_ms < pause_ms)
        pause_ms = first->at_ms - now_ms;
    pause.tv_sec = (time_t)(pause_ms / 1000);
    pause.tv_usec = (suseconds_t)(pause_ms % 1000 * 1000);
    (void)evtimer_add(k->timer, &pause);
}

static void put_off(
    struct gms_keeper *k, struct keeper_group *g, uint64_t at_ms)
{
    /* The heap has had room for it since it was made. */
    if (keeper_agenda_put(k->groups, &g->item, at_ms) != MU_OK)
        mu_log(MU_LOG_ERROR, "keeper.lost", mu_log_octets("group", g->uri));
}

void keeper_touch(struct gms_keeper *k, struct keeper_group *g)
{
    put_off(k, g, KEEPER_NOW(g->class));
    arm(k);
}

void keeper_wish(struct keeper_look *look, uint64_t at_ms)
{
    if (at_ms < look->next_ms)
        look->next_ms = at_ms;
}

enum mu_err keeper_look_open(struct gms_keeper *k, struct keeper_group *g,
    struct mu_arena *arena, struct keeper_look *out)
{
    *out = (struct keeper_look){.k = k,
        .g = g,
        .arena = arena,
        .now_ms = keeper_now_ms(k),
        .next_ms = UINT64_MAX};
    return keeper_read(out);
}

static enum mu_err take_steps(struct keeper_look *look)
{
    for (size_t i = 0; i < sizeof(steps) / sizeof(steps[0]); i++) {
        TRY(steps[i](look));
        if (look->acted || look->blocked)
            break;
    }
    return MU_OK;
}

/* When to look at the group again. */
static uint64_t again_at(const struct keeper_look *look, enum mu_err err)
{
    if (err == MU_E_NOT_FOUND)
        return UINT64_MAX; /* it is gone from the store */
    if (err != MU_OK)
        return look->now_ms + FAILED_LOOK_MS;
    if (look->acted)
        return KEEPER_NOW(look->g->class);
    if (look->next_ms == UINT64_MAX)
        return UINT64_MAX; /* something will happen first */
    return look->next_ms > look->now_ms ? look->next_ms : look->now_ms + 1;
}

static void look_at(struct gms_keeper *k, struct keeper_group *g)
{
    MU_CLEANUP(mu_arena_clear) struct mu_arena arena;
    struct keeper_look look;
    uint64_t again_ms;
    enum mu_err err;

    mu_arena_init(&arena, KEEPER_ARENA_MAX);
    /* Before the steps: an answer may want it sooner. */
    keeper_agenda_take(k->groups, &g->item);
    err = keeper_look_open(k, g, &arena, &look);
    if (err == MU_OK) {
        g->class = look.class;
        err = take_steps(&look);
    }
    if (err != MU_OK && err != MU_E_NOT_FOUND)
        mu_log(MU_LOG_ERROR, "keeper.failed", mu_log_octets("group", g->uri),
            mu_log_err("err", err));
    again_ms = again_at(&look, err);
    if (g->item.place == 0 && again_ms != UINT64_MAX)
        put_off(k, g, again_ms);
}

static void on_time(evutil_socket_t fd, short what, void *ctx)
{
    struct gms_keeper *k = ctx;
    const struct keeper_agenda_item *first = keeper_agenda_first(k->groups);

    (void)fd;
    (void)what;
    if (first != NULL && first->at_ms <= keeper_now_ms(k))
        look_at(k, first->owner);
    arm(k);
}

/* ------------------------------------------------------------- for the steps
 */

/* The audit log first: it may know of a change that then is none, and is told
 * so, but there is none that it does not know of. Keying goes on when its disk
 * is full. */
static enum mu_err commit(struct gms_keeper *k)
{
    TRY(keeper_told_keep(k));
    GMS_FAULT("keeper.before_commit");
    (void)gms_audit_flush(k->config.audit);
    GMS_FAULT("keeper.audited");
    TRY(gms_store_commit(k->config.store));
    GMS_FAULT("keeper.committed");
    return MU_OK;
}

enum mu_err keeper_end(struct gms_keeper *k, enum mu_err err)
{
    if (err == MU_OK)
        err = commit(k);
    if (err != MU_OK)
        gms_store_rollback(k->config.store);
    keeper_told_end(k, err);
    return err;
}

uint64_t keeper_back_off(const struct gms_keeper *k, uint64_t since_ms)
{
    uint64_t now_ms = keeper_now_ms(k);
    uint64_t pause_ms = now_ms > since_ms ? now_ms - since_ms : 0;
    uint8_t chance = 0;

    if (pause_ms < RETRY_MIN_MS)
        pause_ms = RETRY_MIN_MS;
    if (pause_ms > RETRY_MAX_MS)
        pause_ms = RETRY_MAX_MS;
    if (mu_rng_fill(k->config.rng, &chance, 1) != MU_OK)
        chance = 128;
    /* From three to five quarters of it: those who failed together do not come
     * back together. */
    return now_ms + pause_ms * 3 / 4 + pause_ms * chance / 512;
}

void *keeper_ask_new(struct keeper_look *look, size_t size)
{
    struct gms_keeper *k = look->k;
    struct keeper_ask *ask = mu_alloc(size);

    if (ask == NULL)
        return NULL;
    ask->k = k;
    ask->g = look->g;
    ask->next = k->asks;
    ask->prev = &k->asks;
    if (k->asks != NULL)
        k->asks->prev = &ask->next;
    k->asks = ask;
    k->in_flight++;
    return ask;
}

/* Whoever waits in the line for a place is looked at. */
static void call_next(struct gms_keeper *k)
{
    struct keeper_agenda_item *item = keeper_agenda_first(k->line);

    if (item == NULL)
        return;
    keeper_agenda_take(k->line, item);
    keeper_touch(k, item->owner);
}

void keeper_ask_free(struct keeper_ask *ask)
{
    struct gms_keeper *k = ask->k;

    *ask->prev = ask->next;
    if (ask->next != NULL)
        ask->next->prev = ask->prev;
    if (ask->drop != NULL)
        ask->drop(ask);
    mu_free(ask);
    k->in_flight--;
    call_next(k);
}

/* ------------------------------------------------------------ life and death
 */

static enum mu_err load_groups(struct gms_keeper *k)
{
    MU_CLEANUP(mu_arena_clear) struct mu_arena arena;
    struct mu_arena_list list;
    const struct gms_group_row *rows;

    mu_arena_init(&arena, SIZE_MAX);
    TRY(gms_store_groups(k->config.store, &arena, &list));
    rows = list.at;
    for (size_t i = 0; i < list.len; i++)
        if (keeper_group(k, rows[i].uri) == NULL)
            return MU_E_NO_MEMORY;
    return MU_OK;
}

static enum mu_err start(struct gms_keeper *k)
{
    TRY(keeper_agenda_new(&k->groups));
    TRY(keeper_agenda_new(&k->line));
    k->timer = evtimer_new(k->config.base, on_time, k);
    k->accept_timer = evtimer_new(k->config.base, keeper_on_accepted, k);
    k->open_timer = evtimer_new(k->config.base, keeper_on_opened, k);
    if (k->timer == NULL || k->accept_timer == NULL || k->open_timer == NULL)
        return MU_E_NO_MEMORY;
    TRY(keeper_told_check(k));
    TRY(keeper_redirects_load(k));
    TRY(load_groups(k));
    arm(k);
    return MU_OK;
}

enum mu_err gms_keeper_new(
    const struct gms_keeper_config *config, struct gms_keeper **out)
{
    struct gms_keeper *k = mu_alloc(sizeof(*k));
    enum mu_err err;

    if (k == NULL)
        return MU_E_NO_MEMORY;
    k->config = *config;
    mu_arena_init(&k->accepted_arena, KEEPER_ARENA_MAX);
    k->opened_end = &k->opened;
    err = start(k);
    if (err != MU_OK) {
        gms_keeper_free(k);
        return err;
    }
    *out = k;
    return MU_OK;
}

static void free_event(struct event *event)
{
    if (event != NULL)
        event_free(event);
}

void gms_keeper_free(struct gms_keeper *k)
{
    if (k == NULL)
        return;
    /* So that freeing a request calls nobody. */
    for (struct keeper_agenda_item *item;
         k->line != NULL && (item = keeper_agenda_first(k->line)) != NULL;)
        keeper_agenda_take(k->line, item);
    while (k->asks != NULL) {
        gms_vault_link_forget(k->config.vault, k->asks);
        keeper_ask_free(k->asks);
    }
    free_event(k->timer);
    free_event(k->accept_timer);
    free_event(k->open_timer);
    free_groups(k);
    keeper_agenda_free(k->groups);
    keeper_agenda_free(k->line);
    mu_arena_clear(&k->accepted_arena);
    mu_free(k);
}

void gms_keeper_wake(struct gms_keeper *k)
{
    for (struct keeper_group *g = k->all; g != NULL; g = g->next) {
        g->rows_fine = false; /* certificates may be others */
        g->not_before_ms = 0;
        put_off(k, g, KEEPER_NOW(g->class));
    }
    arm(k);
}
