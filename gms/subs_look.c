/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What a subscriber would see of each thing now, with his own eyes: the ETag
 * that a GET would give him, or nothing where it would refuse him (RFC 5875
 * clause 4.7; notes gms-protocol 1.6 and 2.3). Of a node, a digest of its text.
 */
#include "gms/subs_inside.h"

#include <assert.h>
#include <string.h>

#include "base/alloc.h"
#include "base/log.h"
#include "base/text.h"
#include "gms/keydoc.h"
#include "http/path.h"
#include "xml/c14n.h"
#include "xml/xcap_node.h"

#define LOOK_ROOM   (8U << 20)
#define PAGE        1024 /* groups at once */
#define FOLDER_ROOM (64U << 20)
#define TAG_OCTETS  16 /* of a digest, in hex */

static void see(struct gms_subs *subs, struct gms_sub *sub, struct span sel,
    const struct sip_watch_sight *sight)
{
    enum mu_err err = sip_watch_see(sub->watch, sel, sight);

    if (err != MU_OK && err != MU_E_NOT_FOUND)
        mu_log(MU_LOG_WARNING, "gms.sub_blind", mu_log_u64("sub", sub->id),
            mu_log_err("why", err));
    gms_sub_due(subs, sub);
}

/*
 * What the store does not say now it says later. Until then the subscriber has
 * been told what he has been told: that a thing is gone would be a lie, and
 * that it changed would never be said without another look.
 */
static void blinded(struct gms_subs *subs, struct gms_sub *sub)
{
    mu_log(MU_LOG_WARNING, "gms.sub_blind", mu_log_u64("sub", sub->id));
    sub->blind = true;
    if (subs->look_ms == UINT64_MAX)
        subs->look_ms = mu_clock_mono_ms(subs->parts.clock) +
                        subs->parts.conf->retry_least_ms;
    gms_subs_wake(subs, subs->look_ms);
}

static void look_if_blind(struct gms_subs *subs, struct gms_sub *sub, void *ctx)
{
    (void)ctx;
    if (!sub->blind)
        return;
    sub->blind = false;
    gms_sub_look(subs, sub, (struct span){NULL, 0}, (struct span){NULL, 0});
}

void gms_subs_look_again(struct gms_subs *subs)
{
    uint64_t now = mu_clock_mono_ms(subs->parts.clock);

    if (now < subs->look_ms) {
        gms_subs_wake(subs, subs->look_ms);
        return;
    }
    subs->look_ms = UINT64_MAX;
    gms_subs_each(subs, (struct span){NULL, 0}, look_if_blind, NULL);
}

static bool is_keys(const struct gms_watched *w)
{
    return w->what == GMS_WATCHED_KEYS || w->what == GMS_WATCHED_ALL_KEYS;
}

/* There is nothing to be brought along, then. */
static void see_nothing(struct gms_subs *subs, struct gms_sub *sub,
    struct gms_watched *w, struct span sel)
{
    const struct sip_watch_sight nothing = {.is_key = is_keys(w)};

    buf_clear(&w->content);
    w->in_flight = false;
    see(subs, sub, sel, &nothing);
}

/* How many messages stand in a key document, or a node of it (xml/gktp.h). */
static size_t messages_in(struct span text)
{
    static const char end[] = "</GKTP>";
    size_t count = 0;

    for (size_t i = 0; i + sizeof(end) - 1 <= text.len; i++)
        count += memcmp(text.p + i, end, sizeof(end) - 1) == 0 ? 1 : 0;
    return count;
}

/* What is to be brought along from now on. When it is not what is on its way,
 * the answer to that says nothing of it. MU_E_NO_MEMORY: it is as before. */
static enum mu_err renew_content(struct gms_watched *w, struct span text)
{
    struct buf content = {0};
    enum mu_err err = xml_xcap_node(text, &w->uri, &content);

    if (err != MU_OK)
        buf_clear(&content);
    if (err == MU_E_NO_MEMORY)
        return err;
    if (!span_eq(buf_span(&content), buf_span(&w->content)))
        w->in_flight = false;
    buf_clear(&w->content);
    w->content = content;
    w->whole = messages_in(buf_span(&content)) == messages_in(text);
    return MU_OK;
}

/* The node's content, and a digest of it as its tag; nothing where there is no
 * such node. */
static void see_node(struct gms_subs *subs, struct gms_sub *sub,
    struct gms_watched *w, struct span text)
{
    char tag[MU_HEX_LEN(TAG_OCTETS)];
    uint8_t digest[XML_SHA256_LEN];
    struct sip_watch_sight sight = {.is_key = w->what == GMS_WATCHED_KEYS};

    if (renew_content(w, text) != MU_OK) {
        blinded(subs, sub);
        return;
    }
    if (w->content.len == 0 ||
        xml_sha256(buf_span(&w->content), digest) != MU_OK) {
        see(subs, sub, w->sel, &sight);
        return;
    }
    mu_hex_write((struct span){digest, TAG_OCTETS}, tag);
    sight.tag = span_str(tag);
    see(subs, sub, w->sel, &sight);
}

/* ------------------------------------------------------------------- keys */

/* What was said of the group and of him in it, and holds still. */
struct said {
    enum gms_condition condition;
    enum gms_standing standing;
};

static struct said what_was_said(
    struct gms_subs *subs, const struct gms_sub *sub, struct span group)
{
    struct said said = {GMS_CONDITION_NORMAL, GMS_STANDING_MEMBER};
    struct gms_urgency urgency = {.until_ms = 0};

    if (gms_store_urgency(subs->parts.store, group, sub->caller.uri, &urgency,
            &said.standing) != MU_OK ||
        !gms_urgency_holds(&urgency, gms_subs_now_ms(subs)))
        said.standing = GMS_STANDING_MEMBER;
    said.condition = gms_urgency_condition(&urgency, gms_subs_now_ms(subs));
    return said;
}

/* How urgent the most urgent message is that waits for him in that document. */
static void raise_urgency(struct gms_subs *subs, struct gms_sub *sub,
    struct span group, struct mu_arena *arena)
{
    const struct gms_delivery_query query = {.group = group,
        .member = sub->caller.uri,
        .states = 1U << GMS_DLV_SENT,
        .most = 1,
        .bare = true};
    struct said said = what_was_said(subs, sub, group);
    struct mu_arena_list rows = {0};
    const struct gms_delivery *first;
    enum sip_urgency urgency;

    if (said.condition != GMS_CONDITION_NORMAL)
        sub->insistent = true;
    if (gms_store_deliveries(subs->parts.store, &query, arena, &rows) !=
            MU_OK ||
        rows.len == 0)
        return;
    first = rows.at; /* rows come by class */
    urgency = gms_urgency_of(first->class, said.standing);
    if (urgency < sub->urgency)
        sub->urgency = urgency;
}

static void look_keys(struct gms_subs *subs, struct gms_sub *sub,
    struct gms_watched *w, struct span group, struct span sel)
{
    MU_CLEANUP(mu_arena_clear) struct mu_arena arena;
    char etag[GMS_KEYDOC_ETAG];
    enum mu_err err = MU_E_NOT_FOUND;
    struct span text;

    mu_arena_init(&arena, LOOK_ROOM);
    /* The member himself, and no server (notes 2.3). */
    if (!sub->caller.asserted && span_eq(w->member, sub->caller.uri))
        err = gms_keydoc_make(
            subs->parts.store, group, w->member, &arena, &text, etag);
    if (err == MU_E_NOT_FOUND) {
        see_nothing(subs, sub, w, sel);
        return;
    }
    if (err != MU_OK)
        blinded(subs, sub);
    else if (w->kind == SIP_WATCH_ELEMENT)
        see_node(subs, sub, w, text);
    else
        see(subs, sub, sel,
            &(struct sip_watch_sight){.tag = span_str(etag), .is_key = true});
    raise_urgency(subs, sub, group, &arena);
}

/* sel and the group's URI as a segment behind it. */
static struct span below(
    const struct gms_watched *w, struct span group, uint8_t *room, size_t cap)
{
    struct span done = {NULL, 0};
    struct wr out;

    wr_init(&out, room, cap);
    wr_span(&out, w->sel);
    http_path_write_segment(&out, group);
    if (wr_close(&out, &done) != MU_OK)
        return (struct span){NULL, 0};
    return done;
}

static void look_keys_below(struct gms_subs *subs, struct gms_sub *sub,
    struct gms_watched *w, struct span group)
{
    uint8_t room[SIP_WATCH_SEL_MAX];
    struct span sel = below(w, group, room, sizeof(room));

    if (sel.len > 0)
        look_keys(subs, sub, w, group, sel);
}

static void look_all_keys(struct gms_subs *subs, struct gms_sub *sub,
    struct gms_watched *w, struct span group)
{
    MU_CLEANUP(mu_arena_clear) struct mu_arena arena;
    struct mu_arena_list groups = {0};
    const struct span *at;

    mu_arena_init(&arena, LOOK_ROOM);
    if (group.len > 0) {
        look_keys_below(subs, sub, w, group);
        return;
    }
    if (gms_store_groups_keyed(subs->parts.store, w->member, &arena, &groups) !=
        MU_OK) {
        blinded(subs, sub);
        return;
    }
    at = groups.at;
    for (size_t i = 0; i < groups.len; i++)
        look_keys_below(subs, sub, w, at[i]);
}

/* ----------------------------------------------------------------- groups */

/* A question to gms/group.h under way. It finds its subscription again by
 * number, since that may be gone when the answer comes. */
struct glance {
    struct gms_subs *subs;
    uint64_t id;
    size_t sel_len;
    uint8_t sel[SIP_WATCH_SEL_MAX]; /* what to see */
    size_t entry_len;
    uint8_t entry[]; /* the entry that asks for it */
};

/* The tag of the reduced text is a function of it: it never moves alone. */
static void see_document(struct gms_subs *subs, struct gms_sub *sub,
    const struct gms_document *document, bool full, struct span sel)
{
    struct sip_watch_sight sight = {.tag = span_str(document->reduced_etag)};

    if (full)
        sight = (struct sip_watch_sight){
            .tag = document->doc.etag, .body = SPAN_OF(document->digest)};
    see(subs, sub, sel, &sight);
}

static void see_group(struct gms_subs *subs, struct gms_sub *sub,
    struct gms_watched *w, const struct gms_document *document, struct span sel)
{
    enum gms_sight sight =
        gms_group_sight(subs->parts.groups, &sub->caller, document);
    bool full = sight == GMS_SIGHT_FULL;

    if (sight == GMS_SIGHT_NONE)
        see_nothing(subs, sub, w, sel);
    else if (w->kind == SIP_WATCH_ELEMENT)
        see_node(subs, sub, w, full ? document->doc.text : document->reduced);
    else
        see_document(subs, sub, document, full, sel);
}

static void on_group(void *ctx, enum mu_err err, struct gms_document *document)
{
    struct glance *g = ctx;
    struct gms_sub *sub = gms_subs_find(g->subs, g->id);
    const struct span sel = {g->sel, g->sel_len},
                      entry = {g->entry, g->entry_len};
    struct gms_watched *w = sub != NULL ? gms_sub_watched(sub, entry) : NULL;

    if (sub != NULL)
        sub->looking--;
    if (w != NULL && err == MU_OK)
        see_group(g->subs, sub, w, document, sel);
    else if (w != NULL && err == MU_E_NOT_FOUND)
        see_nothing(g->subs, sub, w, sel);
    else if (w != NULL)
        blinded(g->subs, sub);
    if (sub != NULL)
        gms_sub_due(g->subs, sub);
    mu_free(g);
}

static void ask_group(struct gms_subs *subs, struct gms_sub *sub,
    struct gms_watched *w, const struct gms_group_at *at, struct span sel)
{
    struct glance *g = mu_alloc(sizeof(*g) + w->sel.len);

    assert(sel.len <= sizeof(g->sel)); /* of the list, or made in one as long */
    if (g == NULL) {
        blinded(subs, sub);
        return;
    }
    g->subs = subs;
    g->id = sub->id;
    g->sel_len = sel.len;
    memcpy(g->sel, sel.p, sel.len);
    g->entry_len = w->sel.len;
    memcpy(g->entry, w->sel.p, w->sel.len);
    sub->looking++;
    gms_group_get(subs->parts.groups, at, on_group, g);
}

static void look_group(
    struct gms_subs *subs, struct gms_sub *sub, struct gms_watched *w)
{
    const struct gms_group_at at = {
        .xui = w->xui, .name = w->name, .uri = w->group};

    ask_group(subs, sub, w, &at, w->sel);
}

static void look_group_below(struct gms_subs *subs, struct gms_sub *sub,
    struct gms_watched *w, struct span group)
{
    const struct gms_group_at at = {.uri = group};
    uint8_t room[SIP_WATCH_SEL_MAX];
    struct span sel = below(w, group, room, sizeof(room));

    if (sel.len > 0)
        ask_group(subs, sub, w, &at, sel);
}

/* A page of them behind *after; false when there are no more. */
static bool look_page(struct gms_subs *subs, struct gms_sub *sub,
    struct gms_watched *w, struct mu_arena *arena, struct span *after)
{
    struct mu_arena_list uris = {0};
    const struct span *at;

    if (gms_store_doc_uris(subs->parts.store, *after, PAGE, arena, &uris) !=
        MU_OK) {
        blinded(subs, sub);
        return false;
    }
    at = uris.at;
    for (size_t i = 0; i < uris.len; i++)
        look_group_below(subs, sub, w, at[i]);
    if (uris.len > 0)
        *after = at[uris.len - 1];
    return uris.len == PAGE;
}

static void look_groups(struct gms_subs *subs, struct gms_sub *sub,
    struct gms_watched *w, struct span group)
{
    MU_CLEANUP(mu_arena_clear) struct mu_arena arena;
    struct span after = span_str("");

    mu_arena_init(&arena, FOLDER_ROOM);
    if (group.len > 0) {
        look_group_below(subs, sub, w, group);
        return;
    }
    while (look_page(subs, sub, w, &arena, &after))
        ;
}

/* ------------------------------------------------------------------- all */

/* Whether a change of group and member (empty: any) may have changed it. A
 * document in the users tree does not say which group it is. */
static bool concerns(
    const struct gms_watched *w, struct span group, struct span member)
{
    if (member.len > 0 && (!is_keys(w) || !span_eq(w->member, member)))
        return false;
    return group.len == 0 || w->group.len == 0 || span_eq(w->group, group);
}

static void look_at(struct gms_subs *subs, struct gms_sub *sub,
    struct gms_watched *w, struct span group)
{
    switch (w->what) {
    case GMS_WATCHED_NOTHING:
        break;
    case GMS_WATCHED_GROUP:
        look_group(subs, sub, w);
        break;
    case GMS_WATCHED_GROUPS:
        look_groups(subs, sub, w, group);
        break;
    case GMS_WATCHED_KEYS:
        look_keys(subs, sub, w, w->group, w->sel);
        break;
    case GMS_WATCHED_ALL_KEYS:
        look_all_keys(subs, sub, w, group);
        break;
    }
}

void gms_sub_look(struct gms_subs *subs, struct gms_sub *sub, struct span group,
    struct span member)
{
    if (sub->last_sent)
        return;
    sub->looking++; /* nothing is due until all is seen */
    for (struct gms_watched *w = sub->watched; w != NULL; w = w->next)
        if (concerns(w, group, member))
            look_at(subs, sub, w, group);
    sub->looking--;
    gms_sub_due(subs, sub);
}
