/* SPDX-License-Identifier: Apache-2.0 */
#include "sip/watch.h"

#include <assert.h>
#include <string.h>

#include "base/alloc.h"

#define VERSION 3

struct tag {
    uint8_t len, body_len; /* body_len: all of it, or 0 for unknown */
    uint8_t b[SIP_WATCH_TAG_MAX];
    uint8_t body[SIP_WATCH_BODY];
};

struct thing {
    struct thing *next;
    enum sip_watch_kind kind;
    bool below; /* found in a collection, not in the list */
    bool is_key;
    bool forgotten; /* by a restart; added again, or gone with full() */
    bool taken;     /* by the NOTIFY on its way */
    struct tag now, told, sent;
    size_t sel_len;
    uint8_t sel[];
};

struct sip_watch {
    struct thing *things, **end;
    size_t count;
    uint64_t min_interval_ms;
    uint64_t sent_ms; /* when the last NOTIFY was begun */
    bool sent_any, in_flight;
    bool full, full_in_flight;
    bool rest; /* the last NOTIFY had no room for all */
};

static struct span tag_span(const struct tag *tag)
{
    return (struct span){tag->b, tag->len};
}

static bool tag_eq(const struct tag *a, const struct tag *b)
{
    return span_eq(tag_span(a), tag_span(b));
}

static void tag_set(struct tag *tag, struct span octets, struct span body)
{
    assert(octets.len <= SIP_WATCH_TAG_MAX);
    assert(body.len == SIP_WATCH_BODY || body.len == 0);
    tag->len = (uint8_t)octets.len;
    tag->body_len = (uint8_t)body.len;
    if (octets.len > 0)
        memcpy(tag->b, octets.p, octets.len);
    if (body.len > 0)
        memcpy(tag->body, body.p, body.len);
}

/* Of two that are there, whether they are known to be of one body. */
static bool same_body(const struct tag *a, const struct tag *b)
{
    return a->len > 0 && b->len > 0 && a->body_len > 0 && b->body_len > 0 &&
           memcmp(a->body, b->body, SIP_WATCH_BODY) == 0;
}

static struct span sel_of(const struct thing *t)
{
    return (struct span){t->sel, t->sel_len};
}

/* To be told. A collection itself is nothing that could change. */
static bool differs(const struct thing *t)
{
    return t->kind != SIP_WATCH_COLLECTION && !tag_eq(&t->now, &t->told);
}

static struct thing *find(const struct sip_watch *w, struct span sel)
{
    for (struct thing *t = w->things; t != NULL; t = t->next)
        if (span_eq(sel_of(t), sel))
            return t;
    return NULL;
}

static enum mu_err append(struct sip_watch *w, struct span sel,
    enum sip_watch_kind kind, struct thing **out)
{
    struct thing *t;

    if (sel.len == 0)
        return MU_E_MALFORMED;
    if (sel.len > SIP_WATCH_SEL_MAX || w->count == SIP_WATCH_THINGS_MAX)
        return MU_E_NO_SPACE;
    t = mu_alloc(sizeof(*t) + sel.len);
    if (t == NULL)
        return MU_E_NO_MEMORY;
    t->kind = kind;
    t->sel_len = sel.len;
    memcpy(t->sel, sel.p, sel.len);
    *w->end = t;
    w->end = &t->next;
    w->count++;
    *out = t;
    return MU_OK;
}

enum mu_err sip_watch_new(uint64_t min_interval_ms, struct sip_watch **out)
{
    struct sip_watch *w = mu_alloc(sizeof(*w));

    if (w == NULL)
        return MU_E_NO_MEMORY;
    w->min_interval_ms = min_interval_ms;
    w->end = &w->things;
    *out = w;
    return MU_OK;
}

void sip_watch_free(struct sip_watch *w)
{
    struct thing *t, *next;

    if (w == NULL)
        return;
    for (t = w->things; t != NULL; t = next) {
        next = t->next;
        mu_free(t);
    }
    mu_free(w);
}

enum mu_err sip_watch_add(
    struct sip_watch *w, struct span sel, enum sip_watch_kind kind)
{
    struct thing *t = find(w, sel);

    if (t == NULL)
        return append(w, sel, kind, &t);
    t->forgotten = t->below = false;
    t->kind = kind;
    return MU_OK;
}

bool sip_watch_entry(const struct sip_watch *w, size_t i, struct span *sel,
    enum sip_watch_kind *kind)
{
    for (const struct thing *t = w->things; t != NULL; t = t->next) {
        if (t->below || t->forgotten || i-- > 0)
            continue;
        *sel = sel_of(t);
        *kind = t->kind;
        return true;
    }
    return false;
}

/* Whether sel lies in a collection of the list, which ends with a slash. */
static bool is_below(const struct sip_watch *w, struct span sel)
{
    for (const struct thing *t = w->things; t != NULL; t = t->next)
        if (t->kind == SIP_WATCH_COLLECTION && !t->forgotten &&
            sel.len > t->sel_len && memcmp(sel.p, t->sel, t->sel_len) == 0)
            return true;
    return false;
}

enum mu_err sip_watch_see(
    struct sip_watch *w, struct span sel, const struct sip_watch_sight *sight)
{
    struct thing *t = find(w, sel);

    if (sight->tag.len > SIP_WATCH_TAG_MAX)
        return MU_E_NO_SPACE;
    if (t == NULL || t->forgotten) {
        if (!is_below(w, sel))
            return MU_E_NOT_FOUND;
        if (sight->tag.len == 0)
            return MU_OK;
        if (t == NULL)
            TRY(append(w, sel, SIP_WATCH_DOCUMENT, &t));
        t->below = true;
        t->forgotten = false;
    }
    tag_set(&t->now, sight->tag, sight->body);
    t->is_key = sight->is_key;
    return MU_OK;
}

/* Of what was forgotten nothing is told, not even that it is gone: he asked to
 * hear no more of it. */
static void drop_forgotten(struct sip_watch *w)
{
    struct thing **link = &w->things, *t;

    while ((t = *link) != NULL)
        if (t->forgotten) {
            *link = t->next;
            w->count--;
            mu_free(t);
        } else {
            link = &t->next;
        }
    w->end = link;
}

/* What a collection showed is seen again, if it is one of the new list. */
void sip_watch_restart(struct sip_watch *w)
{
    for (struct thing *t = w->things; t != NULL; t = t->next)
        t->forgotten = t->below;
    drop_forgotten(w);
    for (struct thing *t = w->things; t != NULL; t = t->next) {
        t->forgotten = true;
        t->told.len = t->sent.len = 0; /* an answer under way tells nothing */
    }
}

void sip_watch_full(struct sip_watch *w)
{
    drop_forgotten(w);
    w->full = true;
}

bool sip_watch_due(const struct sip_watch *w, uint64_t *at_ms)
{
    bool any = w->full, urgent = any;

    if (w->in_flight)
        return false;
    for (const struct thing *t = w->things; t != NULL; t = t->next)
        if (differs(t)) {
            any = true;
            urgent |= t->is_key;
        }
    if (!any)
        return false;
    urgent |= w->rest || !w->sent_any;
    *at_ms = urgent ? 0 : w->sent_ms + w->min_interval_ms;
    return true;
}

static enum mu_err tell(
    struct thing *t, struct mu_arena *arena, struct mu_arena_list *out)
{
    struct sip_watch_change *c = mu_arena_list_add(arena, out, sizeof(*c));

    if (c == NULL)
        return mu_arena_err(arena);
    c->kind = t->kind;
    c->is_key = t->is_key;
    c->sel = mu_arena_copy(arena, sel_of(t));
    c->previous = mu_arena_copy(arena, tag_span(&t->told));
    c->now = mu_arena_copy(arena, tag_span(&t->now));
    c->same_body = same_body(&t->told, &t->now);
    return mu_arena_err(arena);
}

/* Those that fit, and the first in any case. */
static void choose(struct sip_watch *w, bool keys, size_t *room, bool *any)
{
    for (struct thing *t = w->things; t != NULL; t = t->next) {
        size_t cost = SIP_WATCH_COST(t->sel_len);

        if (!differs(t) || t->is_key != keys)
            continue;
        t->taken = !*any || cost <= *room;
        w->rest |= !t->taken;
        *any = true;
        *room -= cost < *room ? cost : *room;
    }
}

enum mu_err sip_watch_take(struct sip_watch *w, uint64_t now_ms, size_t room,
    struct mu_arena *arena, struct mu_arena_list *out)
{
    bool any = false;

    if (w->in_flight)
        return MU_E_STATE;
    for (struct thing *t = w->things; t != NULL; t = t->next)
        t->taken = false;
    w->rest = false;
    choose(w, true, &room, &any);
    choose(w, false, &room, &any);
    for (struct thing *t = w->things; t != NULL; t = t->next)
        if (t->taken)
            TRY(tell(t, arena, out));
    for (struct thing *t = w->things; t != NULL; t = t->next)
        t->sent = t->taken ? t->now : t->told;
    w->in_flight = w->sent_any = true;
    w->full_in_flight = w->full;
    w->full = false;
    w->sent_ms = now_ms;
    return MU_OK;
}

/* A thing of a collection that is gone, and known to be, is nothing any more.
 */
static void forget_gone(struct sip_watch *w)
{
    for (struct thing *t = w->things; t != NULL; t = t->next)
        if (t->below && t->told.len == 0 && t->now.len == 0)
            t->forgotten = true;
    drop_forgotten(w);
}

void sip_watch_answered(struct sip_watch *w, bool ok)
{
    assert(w->in_flight);
    w->in_flight = false;
    w->full |= w->full_in_flight && !ok;
    w->full_in_flight = false;
    if (!ok)
        return;
    for (struct thing *t = w->things; t != NULL; t = t->next)
        t->told = t->sent;
    forget_gone(w);
}

static void put(struct buf *out, const uint8_t *octets, size_t len)
{
    buf_add(out, (struct span){octets, len});
}

static void put_u8(struct buf *out, size_t v)
{
    uint8_t octet = (uint8_t)v;

    put(out, &octet, 1);
}

static void put_u16(struct buf *out, size_t v)
{
    put_u8(out, v >> 8);
    put_u8(out, v & 0xff);
}

void sip_watch_write(const struct sip_watch *w, struct buf *out)
{
    put_u8(out, VERSION);
    put_u8(out, w->full || w->full_in_flight);
    put_u16(out, w->count);
    for (const struct thing *t = w->things; t != NULL; t = t->next) {
        put_u8(out, t->kind);
        put_u8(out, t->below);
        put_u16(out, t->sel_len);
        put(out, t->sel, t->sel_len);
        put_u8(out, t->told.len);
        put(out, t->told.b, t->told.len);
        put_u8(out, t->told.body_len);
        put(out, t->told.body, t->told.body_len);
    }
}

static enum mu_err read_thing(
    struct rd *r, uint8_t version, struct sip_watch *w)
{
    uint8_t kind = rd_u8(r, "kind"), below;
    struct span sel, told, body = {NULL, 0};
    struct thing *t;

    rd_check(r, kind <= SIP_WATCH_COLLECTION, MU_E_MALFORMED, "kind");
    below = rd_u8(r, "below");
    rd_check(r, below <= 1, MU_E_MALFORMED, "below");
    sel = rd_span(r, rd_u16(r, "sel length"), "sel");
    told = rd_span(r, rd_u8(r, "told length"), "told");
    rd_check(r, told.len <= SIP_WATCH_TAG_MAX, MU_E_MALFORMED, "told");
    if (version > 1)
        body = rd_span(r, rd_u8(r, "body length"), "body");
    rd_check(
        r, body.len == SIP_WATCH_BODY || body.len == 0, MU_E_MALFORMED, "body");
    TRY(rd_err(r));
    if (find(w, sel) != NULL)
        return MU_E_MALFORMED;
    TRY(append(w, sel, (enum sip_watch_kind)kind, &t));
    t->below = below == 1;
    tag_set(&t->told, told, body);
    return MU_OK;
}

static enum mu_err read_all(struct span octets, struct sip_watch *w)
{
    struct rd r;
    uint8_t version, full = 0;
    uint16_t count;

    rd_init(&r, octets);
    version = rd_u8(&r, "version");
    rd_check(
        &r, version >= 1 && version <= VERSION, MU_E_UNSUPPORTED, "version");
    if (version > 2)
        full = rd_u8(&r, "full");
    rd_check(&r, full <= 1, MU_E_MALFORMED, "full");
    count = rd_u16(&r, "count");
    TRY(rd_err(&r));
    w->full = full == 1;
    for (uint16_t i = 0; i < count; i++)
        TRY(read_thing(&r, version, w));
    return rd_close(&r);
}

enum mu_err sip_watch_read(
    struct span octets, uint64_t min_interval_ms, struct sip_watch **out)
{
    struct sip_watch *w;
    enum mu_err err;

    TRY(sip_watch_new(min_interval_ms, &w));
    err = read_all(octets, w);
    if (err == MU_OK)
        *out = w;
    else
        sip_watch_free(w);
    return err;
}
