/* SPDX-License-Identifier: Apache-2.0 */
#include "gms/subs.h"

#include <event2/event.h>

#include "base/alloc.h"
#include "base/log.h"
#include "base/text.h"
#include "gms/subs_inside.h"

#define SUB_ROOM   (32U << 10) /* octets of a dialog's and caller's texts */
#define EVENTS_MAX 256         /* of the agent in one turn of the loop */

uint64_t gms_subs_now_ms(const struct gms_subs *subs)
{
    return mu_clock_unix_ms(subs->parts.clock);
}

static uint64_t mono_ms(const struct gms_subs *subs)
{
    return mu_clock_mono_ms(subs->parts.clock);
}

/* FNV-1a from a secret start: for short names, and no stranger's choice. */
static size_t bucket_of(const struct gms_subs *subs, struct span octets)
{
    uint64_t h = subs->hash_key;

    for (size_t i = 0; i < octets.len; i++)
        h = (h ^ octets.p[i]) * UINT64_C(0x100000001b3);
    return (size_t)(h >> 20) & (GMS_SUBS_BUCKETS - 1);
}

static size_t id_bucket(uint64_t id)
{
    return (size_t)id & (GMS_SUBS_BUCKETS - 1);
}

struct gms_sub *gms_subs_find(const struct gms_subs *subs, uint64_t id)
{
    struct gms_sub *sub = subs->by_id[id_bucket(id)];

    while (sub != NULL && sub->id != id)
        sub = sub->next;
    return sub;
}

/* Our tag is the subscription's number and a random part: "12.9f3c...". */
struct gms_sub *gms_subs_find_dialog(
    const struct gms_subs *subs, const struct sip_request *request)
{
    struct span number = request->to_tag;
    struct gms_sub *sub;
    uint64_t id;

    for (size_t i = 0; i < number.len; i++)
        if (number.p[i] == '.')
            number.len = i;
    if (mu_text_u64(number, &id) != MU_OK)
        return NULL;
    sub = gms_subs_find(subs, id);
    if (sub == NULL || !sip_dialog_matches(&sub->dialog, request->call_id,
                           request->to_tag, request->from_tag))
        return NULL;
    return sub;
}

unsigned gms_subs_count_of(const struct gms_subs *subs, struct span who)
{
    unsigned count = 0;

    for (const struct gms_sub *sub = subs->by_who[bucket_of(subs, who)];
         sub != NULL; sub = sub->next_of_who)
        if (span_eq(sub->caller.uri, who))
            count++;
    return count;
}

struct gms_sub *gms_sub_new(void)
{
    struct gms_sub *sub = mu_alloc(sizeof(*sub));

    if (sub == NULL)
        return NULL;
    mu_arena_init(&sub->arena, SUB_ROOM);
    mu_arena_init(&sub->watched_arena, GMS_SUBS_LIST_ROOM);
    sub->urgency = SIP_URGENT_REGISTERED;
    return sub;
}

struct gms_watched *gms_sub_watched(const struct gms_sub *sub, struct span sel)
{
    struct gms_watched *w = sub->watched;

    while (w != NULL && !span_eq(w->sel, sel))
        w = w->next;
    return w;
}

/* In an arena anew: what each refresh added would fill the one there is. */
enum mu_err gms_sub_set_dialog(
    struct gms_sub *sub, const struct sip_dialog *dialog)
{
    MU_CLEANUP(mu_arena_clear) struct mu_arena arena;
    const struct mu_arena before = sub->arena;
    struct span uri, event_id;
    struct sip_dialog copy;

    mu_arena_init(&arena, SUB_ROOM);
    uri = mu_arena_copy(&arena, sub->caller.uri);
    event_id = mu_arena_copy(&arena, sub->event_id);
    TRY(sip_dialog_copy(dialog, &arena, &copy));
    sub->caller.uri = uri;
    sub->event_id = event_id;
    sub->dialog = copy;
    sub->arena = arena;
    arena = before;
    return MU_OK;
}

void gms_sub_free(struct gms_sub *sub)
{
    if (sub == NULL)
        return;
    sip_watch_free(sub->watch);
    gms_watched_clear(sub->watched);
    mu_arena_clear(&sub->watched_arena);
    mu_arena_clear(&sub->arena);
    mu_free(sub);
}

void gms_subs_enter(struct gms_subs *subs, struct gms_sub *sub)
{
    struct gms_sub **id = &subs->by_id[id_bucket(sub->id)];
    struct gms_sub **who = &subs->by_who[bucket_of(subs, sub->caller.uri)];

    sub->next = *id;
    *id = sub;
    sub->next_of_who = *who;
    *who = sub;
    subs->stats.active++;
}

static void leave(struct gms_subs *subs, struct gms_sub *sub)
{
    struct gms_sub **link = &subs->by_id[id_bucket(sub->id)];

    while (*link != sub)
        link = &(*link)->next;
    *link = sub->next;
    link = &subs->by_who[bucket_of(subs, sub->caller.uri)];
    while (*link != sub)
        link = &(*link)->next_of_who;
    *link = sub->next_of_who;
    subs->stats.active--;
}

static void forget_dirty(struct gms_subs *subs, const struct gms_sub *sub)
{
    struct gms_sub **link = &subs->dirty;

    while (*link != NULL && *link != sub)
        link = &(*link)->next_dirty;
    if (*link != NULL)
        *link = sub->next_dirty;
}

void gms_subs_remove(struct gms_subs *subs, struct gms_sub *sub)
{
    leave(subs, sub);
    forget_dirty(subs, sub);
    sip_schedule_drop(subs->schedule, sub->id);
    gms_sub_free(sub);
}

void gms_subs_each(struct gms_subs *subs, struct span who,
    void (*each)(struct gms_subs *subs, struct gms_sub *sub, void *ctx),
    void *ctx)
{
    struct gms_sub *sub, *next;

    if (who.len > 0) {
        for (sub = subs->by_who[bucket_of(subs, who)]; sub != NULL;
             sub = next) {
            next = sub->next_of_who;
            if (span_eq(sub->caller.uri, who))
                each(subs, sub, ctx);
        }
        return;
    }
    for (size_t i = 0; i < GMS_SUBS_BUCKETS; i++)
        for (sub = subs->by_id[i]; sub != NULL; sub = next) {
            next = sub->next;
            each(subs, sub, ctx);
        }
}

/* ------------------------------------------------------------------ time */

void gms_subs_wake(struct gms_subs *subs, uint64_t at_ms)
{
    uint64_t now = mono_ms(subs), wait = at_ms > now ? at_ms - now : 0;
    struct timeval tv = {.tv_sec = (time_t)(wait / 1000),
        .tv_usec = (suseconds_t)(wait % 1000 * 1000)};

    if (at_ms >= subs->wake_ms)
        return;
    subs->wake_ms = at_ms;
    (void)event_add(subs->on_time, &tv);
}

void gms_subs_mind_expiry(struct gms_subs *subs, const struct gms_sub *sub)
{
    if (sub->expires_ms < subs->next_expiry_ms)
        subs->next_expiry_ms = sub->expires_ms;
    gms_subs_wake(subs, 0);
}

struct overdue {
    uint64_t now_ms, next_ms;
};

static void check_time(struct gms_subs *subs, struct gms_sub *sub, void *ctx)
{
    struct overdue *o = ctx;

    if (sub->ending != NULL)
        return;
    if (sub->expires_ms <= o->now_ms) {
        subs->stats.expired++;
        gms_sub_end(subs, sub, "timeout");
    } else if (sub->expires_ms < o->next_ms) {
        o->next_ms = sub->expires_ms;
    }
}

/* Whose time is over is told so, not left to wonder (RFC 6665 clause 4.2.2). */
static void expire(struct gms_subs *subs)
{
    struct overdue o = {gms_subs_now_ms(subs), UINT64_MAX};

    if (o.now_ms >= subs->next_expiry_ms) {
        gms_subs_each(subs, (struct span){NULL, 0}, check_time, &o);
        subs->next_expiry_ms = o.next_ms;
    }
    if (subs->next_expiry_ms != UINT64_MAX)
        gms_subs_wake(subs, mono_ms(subs) + (subs->next_expiry_ms - o.now_ms));
}

static void on_time(evutil_socket_t fd, short what, void *ctx)
{
    struct gms_subs *subs = ctx;

    (void)fd;
    (void)what;
    subs->wake_ms = UINT64_MAX;
    gms_subs_csk_expire(subs);
    gms_subs_flush(subs);
    expire(subs);
    gms_subs_look_again(subs);
    gms_subs_tell(subs);
}

/* ----------------------------------------------------------------- agent */

void gms_subs_answer(
    struct gms_subs *subs, uint64_t request, const struct sip_answer *answer)
{
    enum mu_err err = sip_agent_answer(subs->parts.agent, request, answer);

    /* The peer hears nothing, and asks again. */
    if (err != MU_OK)
        mu_log(MU_LOG_ERROR, "gms.sip_unanswered", mu_log_err("why", err));
}

static void refuse_method(
    struct gms_subs *subs, const struct sip_request *request)
{
    const struct sip_answer answer = {
        .status = span_eq(request->method, span_str("OPTIONS")) ? 200 : 405,
        .allow = "SUBSCRIBE, OPTIONS",
        .allow_events = GMS_EVENT_PACKAGE};

    gms_subs_answer(subs, request->id, &answer);
}

static bool is_subscribe(const struct sip_event *event)
{
    return !event->is_outcome &&
           span_eq(event->request.method, span_str("SUBSCRIBE"));
}

static void take_event(struct gms_subs *subs, const struct sip_event *event)
{
    if (event->is_outcome && (event->outcome.id & GMS_PARCEL) != 0)
        gms_subs_posted(subs, &event->outcome);
    else if (event->is_outcome)
        gms_subs_told(subs, &event->outcome);
    else if (is_subscribe(event))
        gms_subs_take(subs, &event->request, (struct span){NULL, 0});
    else
        refuse_method(subs, &event->request);
}

void gms_subs_agent_ready(struct gms_subs *subs)
{
    struct sip_event *event;

    for (unsigned i = 0; i < EVENTS_MAX; i++) {
        event = sip_agent_next(subs->parts.agent);
        if (event == NULL)
            return;
        if (is_subscribe(event) && gms_subs_csk_begin(subs, event))
            continue;
        take_event(subs, event);
        sip_event_free(event);
    }
}

static void on_agent(evutil_socket_t fd, short what, void *ctx)
{
    (void)fd;
    (void)what;
    gms_subs_agent_ready(ctx);
}

/* ---------------------------------------------------------------- changes */

struct changed {
    struct span group, member;
};

static void look_again(struct gms_subs *subs, struct gms_sub *sub, void *ctx)
{
    const struct changed *c = ctx;

    gms_sub_look(subs, sub, c->group, c->member);
}

void gms_subs_changed(
    struct gms_subs *subs, struct span group, struct span member)
{
    struct changed c = {group, member};

    gms_subs_each(subs, member, look_again, &c);
    if (member.len > 0)
        gms_subs_post(subs, group, member);
}

static void deactivate(struct gms_subs *subs, struct gms_sub *sub, void *ctx)
{
    (void)ctx;
    gms_sub_end(subs, sub, "deactivated");
}

void gms_subs_deactivate(struct gms_subs *subs)
{
    subs->leaving = true;
    gms_subs_each(subs, (struct span){NULL, 0}, deactivate, NULL);
    gms_subs_flush(subs);
}

struct gms_subs_stats gms_subs_stats(const struct gms_subs *subs)
{
    struct gms_subs_stats stats = {0};

    if (subs == NULL)
        return stats;
    stats = subs->stats;
    stats.waiting = sip_schedule_count(subs->schedule);
    stats.csks = gms_csks_count(subs->csks);
    stats.agent = sip_agent_stats(subs->parts.agent);
    return stats;
}

/* ------------------------------------------------------------------ begin */

static enum mu_err make_events(struct gms_subs *subs)
{
    struct event_base *base = subs->parts.base;

    subs->on_agent = event_new(base, sip_agent_fd(subs->parts.agent),
        EV_READ | EV_PERSIST, on_agent, subs);
    subs->on_time = event_new(base, -1, 0, on_time, subs);
    if (subs->on_agent == NULL || subs->on_time == NULL)
        return MU_E_NO_MEMORY;
    return event_add(subs->on_agent, NULL) == 0 ? MU_OK : MU_E_NO_MEMORY;
}

static enum mu_err begin(struct gms_subs *subs)
{
    const struct gms_conf_sip *conf = subs->parts.conf;
    const struct sip_budget all = {conf->octets_per_s, conf->burst},
                            area = {conf->area_octets_per_s, conf->area_burst};

    TRY(mu_rng_fill(
        subs->parts.rng, (uint8_t *)&subs->hash_key, sizeof(subs->hash_key)));
    TRY(sip_schedule_new(&all, &area, mono_ms(subs), &subs->schedule));
    TRY(gms_subs_csk_init(subs));
    TRY(make_events(subs));
    TRY(gms_subs_load(subs));
    gms_subs_post(subs, (struct span){NULL, 0}, (struct span){NULL, 0});
    gms_subs_wake(subs, 0);
    return MU_OK;
}

static void subs_drop(struct gms_subs **subs)
{
    gms_subs_free(*subs);
}

enum mu_err gms_subs_new(
    const struct gms_subs_parts *parts, struct gms_subs **out)
{
    MU_CLEANUP(subs_drop) struct gms_subs *subs = mu_alloc(sizeof(*subs));

    if (subs == NULL)
        return MU_E_NO_MEMORY;
    subs->parts = *parts;
    subs->wake_ms = subs->next_expiry_ms = subs->look_ms = UINT64_MAX;
    TRY(begin(subs));
    *out = subs;
    subs = NULL;
    return MU_OK;
}

static void free_one(struct gms_subs *subs, struct gms_sub *sub, void *ctx)
{
    (void)subs;
    (void)ctx;
    gms_sub_free(sub);
}

void gms_subs_free(struct gms_subs *subs)
{
    if (subs == NULL)
        return;
    gms_subs_each(subs, (struct span){NULL, 0}, free_one, NULL);
    gms_subs_csk_clear(subs);
    gms_subs_post_clear(subs);
    sip_schedule_free(subs->schedule);
    if (subs->on_agent != NULL)
        event_free(subs->on_agent);
    if (subs->on_time != NULL)
        event_free(subs->on_time);
    mu_free(subs);
}
