/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The way `message` (gms/adapter.h): each message goes to its member as a SIP
 * MESSAGE (RFC 3428), by the next hop that the configuration names or to the
 * contact of a subscription of his. No standard says so: for tests with peers.
 *
 * What is to be sent is what the store says is SENT, so nothing is lost with
 * this process; what is here is only what waits for its turn or its answer. Who
 * is not there gets it at his next subscription.
 */
#include "gms/subs_inside.h"

#include <stdio.h>

#include "base/alloc.h"
#include "base/log.h"
#include "base/text.h"
#include "gms/adapter.h"
#include "gms/urgency.h"

#define POST_ROOM    (64U << 20)
#define MESSAGE_ROOM (1U << 20)
#define ID_OCTETS    16
#define WHY_MAX      64
#define WRITTEN_MS   1000

static uint64_t mono_ms(const struct gms_subs *subs)
{
    return mu_clock_mono_ms(subs->parts.clock);
}

static struct gms_parcel **place_of(struct gms_subs *subs, uint64_t id)
{
    struct gms_parcel **link =
        &subs->parcels[(size_t)id & (GMS_SUBS_BUCKETS - 1)];

    while (*link != NULL && (*link)->id != id)
        link = &(*link)->next;
    return link;
}

static void drop(struct gms_subs *subs, uint64_t id)
{
    struct gms_parcel **link = place_of(subs, id), *parcel = *link;

    if (parcel == NULL)
        return;
    *link = parcel->next;
    mu_free(parcel);
}

void gms_subs_post_clear(struct gms_subs *subs)
{
    for (size_t i = 0; i < GMS_SUBS_BUCKETS; i++)
        while (subs->parcels[i] != NULL)
            drop(subs, subs->parcels[i]->id);
}

/* -------------------------------------------------------------------- routes
 */

struct search {
    struct gms_sub *found;
};

static void prefer(struct gms_subs *subs, struct gms_sub *sub, void *ctx)
{
    struct search *search = ctx;

    (void)subs;
    if (sub->ending == NULL && !sub->caller.asserted &&
        (search->found == NULL || sub->id > search->found->id))
        search->found = sub;
}

/* His newest subscription; NULL: none. */
static struct gms_sub *sub_of(struct gms_subs *subs, struct span member)
{
    struct search search = {NULL};

    gms_subs_each(subs, member, prefer, &search);
    return search.found;
}

static uint64_t id_of(const struct gms_sub *sub)
{
    return sub != NULL ? sub->id : 0;
}

/* He has subscribed anew since it was sent, and so he is somewhere else: what
 * the device before said, or asked for, does not count for this one. */
static bool has_moved(
    const struct gms_parcel *parcel, const struct gms_sub *newest)
{
    return id_of(newest) > parcel->sub;
}

static bool has_proxy(const struct gms_subs *subs)
{
    return subs->parts.conf->message_proxy[0] != '\0';
}

/* A request of its own, outside of any dialog (RFC 3428 clause 5). False when
 * there is nowhere to send it. */
static bool set_route(struct gms_subs *subs, const struct gms_delivery *row,
    struct sip_dialog *dialog)
{
    const struct gms_sub *sub;

    dialog->remote_uri = row->member;
    dialog->local_uri = subs->parts.identity;
    dialog->local_cseq = 1;
    if (has_proxy(subs)) {
        dialog->target = row->member;
        dialog->routes[0] = span_str(subs->parts.conf->message_proxy);
        dialog->route_count = 1;
        return true;
    }
    sub = sub_of(subs, row->member);
    if (sub == NULL)
        return false;
    dialog->target = sub->dialog.target;
    dialog->route_count = sub->dialog.route_count;
    for (size_t i = 0; i < sub->dialog.route_count; i++)
        dialog->routes[i] = sub->dialog.routes[i];
    return true;
}

/* --------------------------------------------------------------------- queue
 */

static struct gms_attempt attempt_of(const struct gms_parcel *parcel)
{
    return (struct gms_attempt){parcel->urgency, parcel->tries, false};
}

static void queue(
    struct gms_subs *subs, struct gms_parcel *parcel, uint64_t not_before_ms)
{
    const struct gms_attempt next = attempt_of(parcel);
    const struct sip_entry entry = {.id = parcel->id,
        .urgency = gms_adapter_place(&next),
        .area = parcel->area,
        .octets = GMS_SUBS_KEY_COST,
        .not_before_ms = not_before_ms};

    if (sip_schedule_put(subs->schedule, &entry) != MU_OK) {
        drop(subs, parcel->id);
        return;
    }
    gms_subs_wake(subs, not_before_ms);
}

static void start_anew(
    struct gms_subs *subs, struct gms_parcel *parcel, const struct gms_sub *sub)
{
    parcel->tries = 0;
    parcel->area = sub->area;
    queue(subs, parcel, 0);
}

/* One that is under way is looked at when its answer is there. */
static void hasten(
    struct gms_subs *subs, struct gms_parcel *parcel, const struct gms_sub *sub)
{
    if (!parcel->in_flight && !parcel->came && has_moved(parcel, sub))
        start_anew(subs, parcel, sub);
}

static void add(struct gms_subs *subs, const struct gms_delivery *row)
{
    uint64_t id = row->id | GMS_PARCEL;
    struct gms_parcel **link = place_of(subs, id);
    struct gms_sub *sub = sub_of(subs, row->member);

    if (*link != NULL) {
        hasten(subs, *link, sub);
        return;
    }
    if (sub == NULL && !has_proxy(subs))
        return; /* nowhere to go */
    *link = mu_alloc(sizeof(**link));
    if (*link == NULL)
        return;
    (*link)->id = id;
    (*link)->sub = id_of(sub);
    (*link)->area = sub != NULL ? sub->area : 0;
    (*link)->urgency = gms_urgency_of(row->class, GMS_STANDING_MEMBER);
    queue(subs, *link, 0);
}

static bool is_members(struct mcptt_key_id id)
{
    unsigned kind = mcptt_key_id_tag(id);

    return kind == MCPTT_KIND_GMK || kind == MCPTT_KIND_MKFC;
}

void gms_subs_post(struct gms_subs *subs, struct span group, struct span member)
{
    MU_CLEANUP(mu_arena_clear) struct mu_arena arena;
    const struct gms_delivery_query query = {.group = group,
        .member = member,
        .states = 1U << GMS_DLV_SENT,
        .bare = true};
    struct mu_arena_list rows = {0};
    const struct gms_delivery *row;

    mu_arena_init(&arena, POST_ROOM);
    if (!gms_adapter_is_on(subs->parts.conf, GMS_ADAPTER_MESSAGE) ||
        subs->leaving)
        return;
    if (gms_store_deliveries(subs->parts.store, &query, &arena, &rows) != MU_OK)
        return; /* they are there at the next occasion */
    row = rows.at;
    for (size_t i = 0; i < rows.len; i++)
        if (is_members(row[i].key))
            add(subs, &row[i]);
}

/* ---------------------------------------------------------------------- send
 */

static enum mu_err ask(struct gms_subs *subs, const struct gms_parcel *parcel,
    const struct gms_delivery *row, struct sip_dialog *dialog)
{
    const struct gms_attempt attempt = attempt_of(parcel);
    char call_id[MU_HEX_LEN(ID_OCTETS)], tag[MU_HEX_LEN(ID_OCTETS)];
    uint8_t random[2][ID_OCTETS];
    struct sip_ask ask = {.id = parcel->id,
        .method = "MESSAGE",
        .type = gms_adapter_row(GMS_ADAPTER_MESSAGE)->unit,
        .body = row->message,
        .answer_ms = gms_adapter_answer_ms(subs->parts.conf, &attempt)};

    TRY(mu_rng_fill(subs->parts.rng, random[0], sizeof(random)));
    mu_hex_write(SPAN_OF(random[0]), call_id);
    mu_hex_write(SPAN_OF(random[1]), tag);
    dialog->call_id = span_str(call_id);
    dialog->local_tag = span_str(tag);
    ask.dialog = *dialog;
    return sip_agent_ask(subs->parts.agent, &ask);
}

static void later(struct gms_subs *subs, struct gms_parcel *parcel,
    const struct sip_outcome *outcome)
{
    const struct gms_attempt attempt = attempt_of(parcel);

    parcel->tries++;
    queue(subs, parcel, gms_subs_again_ms(subs, &attempt, outcome));
}

void gms_subs_post_send(struct gms_subs *subs, uint64_t id)
{
    MU_CLEANUP(mu_arena_clear) struct mu_arena arena;
    struct gms_parcel *parcel = *place_of(subs, id);
    struct sip_dialog dialog = {.route_count = 0};
    struct gms_delivery row;

    mu_arena_init(&arena, MESSAGE_ROOM);
    if (parcel == NULL || parcel->in_flight)
        return;
    /* He may have it by another way, or may not have it any more. */
    if (gms_store_delivery(subs->parts.store, id & ~GMS_PARCEL, &arena, &row) !=
            MU_OK ||
        row.state != GMS_DLV_SENT || !set_route(subs, &row, &dialog)) {
        /* The schedule charged it for what does not go out. */
        sip_schedule_correct(
            subs->schedule, parcel->area, GMS_SUBS_KEY_COST, 0);
        drop(subs, id);
        return;
    }
    parcel->came = false;
    parcel->sent_ms = gms_subs_now_ms(subs);
    parcel->sub = id_of(sub_of(subs, row.member));
    parcel->in_flight = ask(subs, parcel, &row, &dialog) == MU_OK;
    if (parcel->in_flight)
        subs->stats.messages++;
    else
        later(subs, parcel, &(struct sip_outcome){.status = 503});
}

/* -------------------------------------------------------------------- answer
 */

static enum mu_err conclude(struct gms_subs *subs,
    const struct gms_parcel *parcel, enum gms_fate fate,
    const struct sip_outcome *outcome)
{
    struct gms_keeper *keeper = subs->parts.keeper;
    const struct gms_brought what = {
        .row = parcel->id & ~GMS_PARCEL, .at_ms = parcel->sent_ms};
    char why[WHY_MAX];

    switch (fate) {
    case GMS_FATE_DONE:
        return gms_keeper_accepted_row(keeper, what.row, what.at_ms);
    case GMS_FATE_REFUSED:
        (void)snprintf(why, sizeof(why), "%s: %u",
            gms_adapter_row(GMS_ADAPTER_MESSAGE)->name, outcome->status);
        return gms_keeper_refused(keeper, &what, why);
    case GMS_FATE_REDIRECT:
        return gms_keeper_redirected(keeper, &what, outcome->body);
    case GMS_FATE_ABSENT:
        subs->stats.deferred++;
        return MU_OK;
    case GMS_FATE_AGAIN:
    case GMS_FATES:
        break;
    }
    return MU_OK;
}

/* The subscription to which the member has moved while it was under way; NULL:
 * he has not. */
static const struct gms_sub *moved_to(
    struct gms_subs *subs, const struct gms_parcel *parcel)
{
    MU_CLEANUP(mu_arena_clear) struct mu_arena arena;
    const struct gms_sub *sub;
    struct gms_delivery row;

    mu_arena_init(&arena, MESSAGE_ROOM);
    if (gms_store_delivery(
            subs->parts.store, parcel->id & ~GMS_PARCEL, &arena, &row) != MU_OK)
        return NULL;
    sub = sub_of(subs, row.member);
    return has_moved(parcel, sub) ? sub : NULL;
}

/* What keeps the parcel: true when there is nothing to conclude. */
static bool goes_again(struct gms_subs *subs, struct gms_parcel *parcel,
    enum gms_fate fate, const struct sip_outcome *outcome)
{
    const struct gms_sub *sub;

    if (fate == GMS_FATE_DONE || fate == GMS_FATE_REDIRECT)
        return false; /* these are the member's word, wherever he is */
    sub = moved_to(subs, parcel);
    if (sub != NULL)
        start_anew(subs, parcel, sub);
    else if (fate == GMS_FATE_AGAIN)
        later(subs, parcel, outcome);
    else
        return false;
    return true;
}

void gms_subs_posted(struct gms_subs *subs, const struct sip_outcome *outcome)
{
    struct gms_parcel *parcel = *place_of(subs, outcome->id), copy;
    struct gms_attempt attempt;
    enum gms_fate fate;
    enum mu_err err;

    if (parcel == NULL || !parcel->in_flight)
        return;
    parcel->in_flight = false;
    attempt = attempt_of(parcel);
    fate = gms_adapter_fate(GMS_CARRIER_MESSAGE, outcome, &attempt);
    if (goes_again(subs, parcel, fate, outcome))
        return;
    copy = *parcel;
    /* That it came is written in a moment: until then it is not to be posted
     * anew. What else follows may be. */
    parcel->came = fate == GMS_FATE_DONE;
    if (parcel->came)
        queue(subs, parcel, mono_ms(subs) + WRITTEN_MS);
    else
        drop(subs, outcome->id);
    err = conclude(subs, &copy, fate, outcome);
    if (err != MU_OK)
        mu_log(MU_LOG_WARNING, "gms.message_lost",
            mu_log_u64("row", copy.id & ~GMS_PARCEL), mu_log_err("why", err));
}
