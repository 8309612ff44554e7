/* SPDX-License-Identifier: Apache-2.0 */
/*
 * NOTIFY: what differs from what was told, in the mode without patches (RFC
 * 5875 clause 4.7; notes gms-protocol 2.2), as the schedule lets it go; and
 * what its answer means (RFC 6665 clause 4.2.2).
 */
#include "gms/subs_inside.h"

#include <stdio.h>

#include "base/alloc.h"
#include "base/log.h"
#include "gms/adapter.h"
#include "xml/xcap_diff.h"

#define NOTIFY_ROOM (2U << 20)
#define LIST_MAX    (256U << 10) /* of an xcap-diff: what it names */
#define CONTENT_MAX (128U << 10) /* and what it brings along */
#define BODY_MAX    (LIST_MAX + CONTENT_MAX + 4096U)
#define INLINE_MAX  (48U << 10) /* octets of a node; larger: fetch it */
#define HEAD_GUESS  600         /* of a NOTIFY, beside its body */
#define THING_GUESS 250         /* of one thing in it */
#define KEY_GUESS   2200        /* of one that brings a key along */
#define STATE_MAX   64

static uint64_t mono_ms(const struct gms_subs *subs)
{
    return mu_clock_mono_ms(subs->parts.clock);
}

/* --------------------------------------------------------------------- due */

static uint32_t guess(const struct gms_subs *subs, const struct gms_sub *sub)
{
    bool parts = gms_sub_has_parts(subs, sub);
    uint32_t octets = HEAD_GUESS;

    for (const struct gms_watched *w = sub->watched; w != NULL; w = w->next)
        octets += (w->content.len > 0 && !sub->bare) ||
                          (parts && w->what == GMS_WATCHED_KEYS)
                      ? KEY_GUESS
                      : THING_GUESS;
    return octets;
}

/* Not before the 200 of its SUBSCRIBE, and not half seen: what he may see may
 * be less than before. Who is not ready is due again when he is. */
static bool is_ready(const struct gms_sub *sub)
{
    return !sub->in_flight && sub->looking == 0 && sub->request == 0 &&
           !sub->gone;
}

void gms_sub_due(struct gms_subs *subs, struct gms_sub *sub)
{
    const struct gms_attempt next = {sub->urgency, sub->tries, sub->insistent};
    struct sip_entry entry = {.id = sub->id,
        .urgency = gms_adapter_place(&next),
        .area = sub->area,
        .octets = guess(subs, sub)};
    uint64_t at_ms;

    if (!is_ready(sub))
        return;
    if (sub->ending == NULL && !sip_watch_due(sub->watch, &at_ms)) {
        sip_schedule_drop(subs->schedule, sub->id); /* it is as it was told */
        return;
    }
    if (sub->ending != NULL)
        at_ms = 0;
    entry.not_before_ms =
        at_ms > sub->not_before_ms ? at_ms : sub->not_before_ms;
    if (sip_schedule_put(subs->schedule, &entry) != MU_OK)
        mu_log(MU_LOG_ERROR, "gms.sub_late", mu_log_u64("sub", sub->id));
    gms_subs_wake(subs, entry.not_before_ms);
}

/* ------------------------------------------------------------------ the body
 */

/* What a node takes in the body: an attribute's value may be all escapes. */
static size_t cost_of(const struct gms_watched *w)
{
    return w->uri.kind == XML_XCAP_AT_ATTRIBUTE ? 6 * w->content.len
                                                : w->content.len;
}

static void add_item(const struct gms_sub *sub,
    const struct sip_watch_change *change, size_t *room,
    struct xml_xcap_item *item)
{
    struct gms_watched *w = gms_sub_watched(sub, change->sel);

    item->sel = change->sel;
    if (change->kind != SIP_WATCH_ELEMENT || w == NULL) {
        item->kind = XML_XCAP_DOCUMENT;
        item->previous_etag = change->previous;
        item->new_etag = change->now;
        item->body_not_changed = change->same_body;
        return;
    }
    item->kind = w->uri.kind == XML_XCAP_AT_ATTRIBUTE ? XML_XCAP_ATTRIBUTE
                                                      : XML_XCAP_ELEMENT;
    item->gone = change->now.len == 0;
    if (!item->gone && !sub->bare && w->content.len <= INLINE_MAX &&
        cost_of(w) <= *room) {
        item->content = buf_span(&w->content);
        w->in_flight = true;
        *room -= cost_of(w);
    }
}

/* The xcap-diff. */
static enum mu_err make_body(
    struct gms_subs *subs, const struct gms_sub *sub, struct gms_sub_body *body)
{
    struct mu_arena *arena = &body->arena;
    struct xml_xcap_item *items =
        mu_arena_alloc(arena, body->changes.len, sizeof(*items));
    uint8_t *room = mu_arena_alloc(arena, BODY_MAX, 1);
    const struct sip_watch_change *change = body->changes.at;
    const struct xml_xcap_diff diff = {
        .root = span_str(subs->parts.conf->xcap_root),
        .items = items,
        .count = body->changes.len};
    size_t left = CONTENT_MAX;
    struct wr w;

    if (items == NULL || room == NULL)
        return mu_arena_err(arena);
    for (size_t i = 0; i < body->changes.len; i++)
        add_item(sub, &change[i], &left, &items[i]);
    wr_init(&w, room, BODY_MAX);
    TRY(xml_xcap_diff_write(&w, &diff));
    body->type = XML_XCAP_DIFF_TYPE;
    return wr_close(&w, &body->octets);
}

static void body_clear(struct gms_sub_body *body)
{
    mu_arena_clear(&body->arena);
    buf_clear(&body->room);
}

/* -------------------------------------------------------------------- send */

static struct gms_attempt attempt_of(const struct gms_sub *sub)
{
    return (struct gms_attempt){
        sub->sent_urgency, sub->tries, sub->sent_insistent};
}

static void state_of(
    const struct gms_subs *subs, const struct gms_sub *sub, char *out)
{
    uint64_t now_ms = gms_subs_now_ms(subs);
    uint64_t left_s =
        sub->expires_ms > now_ms ? (sub->expires_ms - now_ms) / 1000 : 0;

    if (sub->ending != NULL)
        (void)snprintf(out, STATE_MAX, "terminated;reason=%s", sub->ending);
    else
        (void)snprintf(
            out, STATE_MAX, "active;expires=%llu", (unsigned long long)left_s);
}

static enum mu_err send_notify(
    struct gms_subs *subs, struct gms_sub *sub, const struct gms_sub_body *body)
{
    char state[STATE_MAX], event[SIP_TEXT_MAX];
    const struct gms_attempt attempt = attempt_of(sub);
    struct sip_ask ask = {.id = sub->id,
        .method = "NOTIFY",
        .event = event,
        .state = state,
        .type = body->type,
        .body = body->octets};

    state_of(subs, sub, state);
    (void)snprintf(event, sizeof(event), "%s%s%.*s", GMS_EVENT_PACKAGE,
        sub->event_id.len > 0 ? ";id=" : "", (int)sub->event_id.len,
        sub->event_id.p);
    sub->dialog.local_cseq++;
    ask.dialog = sub->dialog;
    ask.answer_ms = gms_adapter_answer_ms(subs->parts.conf, &attempt);
    return sip_agent_ask(subs->parts.agent, &ask);
}

static void brings_nothing(struct gms_sub *sub)
{
    sub->brought_count = 0;
    for (struct gms_watched *w = sub->watched; w != NULL; w = w->next)
        w->in_flight = false;
}

/* Whether the NOTIFY in the making brings keys along. */
static bool has_keys(const struct gms_sub *sub)
{
    for (const struct gms_watched *w = sub->watched; w != NULL; w = w->next)
        if (w->in_flight && w->what == GMS_WATCHED_KEYS)
            return true;
    return sub->brought_count > 0;
}

/* *octets: of what went out, about. */
static enum mu_err notify(
    struct gms_subs *subs, struct gms_sub *sub, uint32_t *octets)
{
    MU_CLEANUP(body_clear) struct gms_sub_body body = {.type = NULL};

    mu_arena_init(&body.arena, NOTIFY_ROOM);
    TRY(sip_watch_take(
        sub->watch, mono_ms(subs), LIST_MAX, &body.arena, &body.changes));
    sub->in_flight = true;
    sub->heard = false;
    sub->sent_urgency = sub->urgency;
    sub->sent_insistent = sub->insistent;
    brings_nothing(sub);
    TRY(make_body(subs, sub, &body));
    if (gms_sub_has_parts(subs, sub))
        TRY(gms_sub_parts(subs, sub, &body));
    sub->brings_keys = has_keys(sub);
    TRY(send_notify(subs, sub, &body));
    *octets = HEAD_GUESS + (uint32_t)body.octets.len;
    sub->last_sent = sub->ending != NULL;
    sub->urgency = SIP_URGENT_REGISTERED;
    sub->insistent = false;
    subs->stats.notified++;
    return MU_OK;
}

uint64_t gms_subs_again_ms(const struct gms_subs *subs,
    const struct gms_attempt *attempt, const struct sip_outcome *outcome)
{
    const struct gms_conf_sip *conf = subs->parts.conf;

    /* What is urgent has waited by going without an answer. */
    if (outcome->status == 408 && outcome->unanswered &&
        gms_adapter_answer_ms(conf, attempt) > 0)
        return mono_ms(subs);
    return mono_ms(subs) + sip_backoff_ms(subs->parts.rng,
                               attempt->failures + 1, conf->retry_least_ms,
                               conf->retry_most_ms,
                               (uint64_t)outcome->retry_after_s * 1000);
}

/* It failed, and is no less urgent for that. */
static void retry_later(struct gms_subs *subs, struct gms_sub *sub,
    const struct sip_outcome *outcome)
{
    const struct gms_attempt attempt = attempt_of(sub);

    sub->not_before_ms = gms_subs_again_ms(subs, &attempt, outcome);
    sub->tries++;
    if (sub->sent_urgency < sub->urgency)
        sub->urgency = sub->sent_urgency;
    sub->insistent = sub->insistent || sub->sent_insistent;
    gms_sub_due(subs, sub);
}

/* Nothing went out: as if it had failed, to be tried again. */
static void not_sent(struct gms_subs *subs, struct gms_sub *sub)
{
    const struct sip_outcome none = {.status = 503};

    if (sub->in_flight)
        sip_watch_answered(sub->watch, false);
    sub->in_flight = false;
    retry_later(subs, sub, &none);
}

/* The schedule has charged what was guessed; a folder's list is longer. */
static void tell(
    struct gms_subs *subs, struct gms_sub *sub, const struct sip_entry *entry)
{
    uint32_t octets = 0;

    if (sub != NULL && is_ready(sub) && notify(subs, sub, &octets) != MU_OK)
        not_sent(subs, sub);
    if (octets == 0 || octets > entry->octets)
        sip_schedule_correct(
            subs->schedule, entry->area, entry->octets, octets);
}

void gms_subs_tell(struct gms_subs *subs)
{
    struct sip_entry entry;
    uint64_t again_ms;

    while (sip_schedule_next(subs->schedule, mono_ms(subs), &entry, &again_ms))
        if ((entry.id & GMS_PARCEL) != 0)
            gms_subs_post_send(subs, entry.id);
        else
            tell(subs, gms_subs_find(subs, entry.id), &entry);
    if (again_ms != UINT64_MAX)
        gms_subs_wake(subs, again_ms);
}

/* ------------------------------------------------------------------ outcome */

/* The last NOTIFY is sent once. */
static enum gms_fate fate_of(
    const struct gms_sub *sub, const struct sip_outcome *outcome)
{
    const struct gms_attempt attempt = attempt_of(sub);
    enum gms_fate fate =
        gms_adapter_fate(GMS_CARRIER_NOTIFY, outcome, &attempt);

    if (fate == GMS_FATE_REDIRECT && !sub->brings_keys)
        return GMS_FATE_ABSENT; /* there is nothing to redirect */
    if (fate == GMS_FATE_ABSENT && outcome->unanswered && sub->heard)
        fate = GMS_FATE_AGAIN; /* he is there, and perhaps elsewhere */
    return sub->last_sent && fate != GMS_FATE_DONE ? GMS_FATE_ABSENT : fate;
}

/* His 200 to a NOTIFY that had the keys in it or beside it: that is how the
 * ways `xcap-inline` and `mikey-part` know (gms/adapter.h). */
static void accept_parts(struct gms_subs *subs, struct gms_sub *sub)
{
    for (size_t i = 0; i < sub->brought_count; i++)
        if (gms_keeper_accepted_row(
                subs->parts.keeper, sub->brought[i], sub->brought_ms) != MU_OK)
            mu_log(MU_LOG_WARNING, "gms.accept_lost",
                mu_log_u64("row", sub->brought[i]));
    sub->brought_count = 0;
}

static void accept_inline(struct gms_subs *subs, const struct gms_sub *sub)
{
    for (struct gms_watched *w = sub->watched; w != NULL; w = w->next) {
        if (w->in_flight && w->what == GMS_WATCHED_KEYS && w->whole &&
            gms_keeper_accepted(subs->parts.keeper, w->group, w->member) !=
                MU_OK)
            mu_log(MU_LOG_WARNING, "gms.accept_lost",
                mu_log_octets("group", w->group),
                mu_log_octets("member", w->member));
        w->in_flight = false;
    }
}

/* Content or keys that went out with the NOTIFY whose answer this is. */
static bool had_content(const struct gms_sub *sub)
{
    if (sub->brought_count > 0)
        return true;
    for (const struct gms_watched *w = sub->watched; w != NULL; w = w->next)
        if (w->content.len > 0 && w->content.len <= INLINE_MAX)
            return !sub->bare;
    return false;
}

/*
 * A subscriber of UDP to whom content went by TCP, where nobody is. It must not
 * go in fragments of a datagram (RFC 3261 clause 18.1.1 would let it): so the
 * next NOTIFY says what changed, without it, as RFC 5875 clause 4.7 has it for
 * what is too large.
 */
static bool to_be_bare(
    const struct gms_sub *sub, const struct sip_outcome *outcome)
{
    return outcome->status == 503 && outcome->unanswered && had_content(sub) &&
           sip_dialog_by_datagram(&sub->dialog);
}

/* At once, and a last NOTIFY once more: what did not arrive was none. */
static void go_bare(struct gms_subs *subs, struct gms_sub *sub)
{
    mu_log(MU_LOG_INFO, "gms.sub_bare", mu_log_octets("who", sub->caller.uri));
    sub->bare = true;
    sub->last_sent = false;
    brings_nothing(sub);
    gms_sub_due(subs, sub);
}

static void redirect(struct gms_subs *subs, const struct gms_brought *what,
    const struct sip_outcome *outcome)
{
    if (gms_keeper_redirected(subs->parts.keeper, what, outcome->body) != MU_OK)
        mu_log(MU_LOG_WARNING, "gms.redirect_lost",
            mu_log_octets("member", what->member));
}

/*
 * 488 with a KMS redirect: the messages were for another KMS than his. They are
 * told, in so far as the same ones are not sent again; the subscription goes on
 * (RFC 5057 clause 5.1), and what follows comes by it.
 */
static void on_redirect(struct gms_subs *subs, struct gms_sub *sub,
    const struct sip_outcome *outcome)
{
    struct gms_brought what = {.at_ms = gms_subs_now_ms(subs)};
    size_t count = sub->brought_count;

    sub->tries = 0;
    sub->brought_count = 0;
    for (struct gms_watched *w = sub->watched; w != NULL; w = w->next) {
        if (!w->in_flight || w->what != GMS_WATCHED_KEYS)
            continue;
        w->in_flight = false;
        what.group = w->group;
        what.member = w->member;
        redirect(subs, &what, outcome);
    }
    what = (struct gms_brought){.at_ms = sub->brought_ms};
    for (size_t i = 0; i < count; i++) {
        what.row = sub->brought[i];
        redirect(subs, &what, outcome);
    }
    gms_sub_keep(subs, sub);
}

static void on_told(struct gms_subs *subs, struct gms_sub *sub)
{
    sub->tries = 0;
    sub->not_before_ms = 0;
    accept_inline(subs, sub);
    accept_parts(subs, sub);
    if (sub->ending == NULL)
        gms_sub_keep(subs, sub);
}

static void on_gone(struct gms_subs *subs, struct gms_sub *sub, unsigned status)
{
    subs->stats.failed++;
    mu_log(MU_LOG_INFO, "gms.sub_gone", mu_log_octets("who", sub->caller.uri),
        mu_log_u64("status", status));
    if (sub->request != 0) /* he was about to refresh it */
        gms_subs_answer(
            subs, sub->request, &(const struct sip_answer){.status = 481});
    sub->request = 0;
    sub->ending = "noresource"; /* nobody hears it: deletes the row */
    sub->gone = sub->last_sent = true;
    gms_sub_keep(subs, sub);
}

static void end_as(struct gms_subs *subs, struct gms_sub *sub,
    enum gms_fate fate, unsigned status)
{
    if (fate == GMS_FATE_DONE)
        gms_subs_remove(subs, sub);
    else
        on_gone(subs, sub, status);
}

void gms_subs_told(struct gms_subs *subs, const struct sip_outcome *outcome)
{
    struct gms_sub *sub = gms_subs_find(subs, outcome->id);
    enum gms_fate fate;
    bool was_last;

    if (sub == NULL || !sub->in_flight)
        return;
    fate = fate_of(sub, outcome);
    was_last = sub->last_sent;
    sub->in_flight = false;
    sip_watch_answered(
        sub->watch, fate == GMS_FATE_DONE || fate == GMS_FATE_REDIRECT);
    if (to_be_bare(sub, outcome)) {
        go_bare(subs, sub);
        return;
    }
    if (fate == GMS_FATE_DONE)
        on_told(subs, sub);
    if (was_last || fate == GMS_FATE_ABSENT) {
        end_as(subs, sub, fate, outcome->status);
        return;
    }
    if (fate == GMS_FATE_REDIRECT)
        on_redirect(subs, sub, outcome);
    if (fate == GMS_FATE_AGAIN)
        retry_later(subs, sub, outcome);
    else
        gms_sub_due(subs, sub);
}

void gms_sub_end(struct gms_subs *subs, struct gms_sub *sub, const char *reason)
{
    if (sub->ending != NULL)
        return;
    sub->ending = reason;
    gms_sub_keep(subs, sub);
    gms_sub_due(subs, sub);
}
