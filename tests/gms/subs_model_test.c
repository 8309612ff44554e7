/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Random lives of a few devices, against a model of what each may and must be
 * told. The model is as simple as it can be: a device knows of each thing on
 * its list what it was told last; whatever the server says has to be the truth
 * of that moment, as that subscriber may see it, and news; and when all is
 * quiet every device knows all of it.
 */
#include <stdio.h>
#include <string.h>

#include "gms/subs_inside.h"
#include "tests/gms/subs_world.h"
#include "tests/suites.h"
#include "xml/kms_krr.h"
#include "xml/xcap_node.h"

#define DEVICES    6
#define PEOPLE     3 /* members a, b, c */
#define THINGS     25
#define TRIES_MAX  6   /* then he is not there */
#define HEAD       600 /* octets of a NOTIFY beside its body, about */
#define NOTIFY_MAX 8192

/* --------------------------------------------------------------------- things
 */

enum kind {
    DOCUMENT,
    OWNED, /* the same by its address in the owner's tree */
    LIST,  /* a node of it, for full sight alone */
    KEYS,
    KEY_NODE,
    NOTHING
};

struct thing {
    enum kind kind;
    int group;
    char member;
    char sel[256];
};

static bool is_key(const struct thing *t)
{
    return t->kind == KEYS || t->kind == KEY_NODE;
}

static bool is_node(const struct thing *t)
{
    return t->kind == LIST || t->kind == KEY_NODE;
}

static void add_thing(struct thing *things, size_t *count, enum kind kind,
    int group, char member, const char *sel)
{
    struct thing *t = &things[(*count)++];

    CU_ASSERT_FATAL(*count <= THINGS);
    *t = (struct thing){.kind = kind, .group = group, .member = member};
    (void)snprintf(t->sel, sizeof(t->sel), "%s", sel);
}

static size_t make_things(struct thing *things)
{
    char node[300];
    size_t count = 0;

    for (int g = 0; g < SW_GROUPS; g++) {
        add_thing(things, &count, DOCUMENT, g, 0, sw_document(g));
        add_thing(things, &count, OWNED, g, 0, sw_owned(g));
        (void)snprintf(node, sizeof(node), "%s/~~/group/list-service/list",
            sw_document(g));
        add_thing(things, &count, LIST, g, 0, node);
        for (int i = 0; i < PEOPLE; i++) {
            char m = (char)('a' + i);

            add_thing(things, &count, KEYS, g, m, sw_keys(g, m));
            add_thing(things, &count, KEY_NODE, g, m, sw_key_node(g, m));
        }
    }
    add_thing(things, &count, NOTHING, 0, 0, "resource-lists/users/x/index");
    return count;
}

/* -------------------------------------------------------------------- devices
 */

struct device {
    struct sw_device sip;
    const char *who, *asserted, *address;
    bool sees_all; /* of groups; and no keys */
    bool live;     /* the server has its subscription */
    bool ending;   /* its last NOTIFY is due, or out */
    bool full;     /* it has subscribed, and nothing came since then */
    bool full_in_flight;
    bool stale;   /* what is on its way was asked for by another list */
    bool resumed; /* the server's process is another one since the last */
    struct fake_ask *flight;
    bool last, brings_keys; /* that one */
    unsigned tries;
    uint32_t cseq;
    uint64_t sent_ms, not_before_ms; /* monotonic */
    uint64_t expires_ms;             /* Unix */
    uint64_t token_s;                /* Unix; it is good until then */
    bool listed[THINGS];
    uint64_t told[THINGS], sent[THINGS]; /* 0: nothing there */
};

struct model {
    struct subs_world w;
    struct test_rng rng; /* of what happens */
    struct thing things[THINGS];
    size_t thing_count;
    struct device devices[DEVICES];
    bool exists[SW_GROUPS], in[SW_GROUPS][PEOPLE];
    unsigned dialogs;
    uint64_t octets, since_ms; /* sent by this process, since when */
};

static uint64_t below(struct model *m, uint64_t limit)
{
    return test_rng_below(&m->rng, limit);
}

static uint64_t mono_ms(const struct model *m)
{
    return m->w.keeper.now.mono_ms;
}

static uint64_t unix_ms(const struct model *m)
{
    return m->w.keeper.now.unix_ms;
}

/* What was told, as a number: FNV-1a. */
static uint64_t value_of(struct span text)
{
    uint64_t h = UINT64_C(14695981039346656037);

    for (size_t i = 0; i < text.len; i++)
        h = (h ^ text.p[i]) * UINT64_C(1099511628211);
    return text.len > 0 ? h : 0;
}

/* ---------------------------------------------------------------------- truth
 */

/* As who gets it in a NOTIFY reads it. */
static uint64_t content_value(struct model *m, struct span content)
{
    const struct xml_xcap_item item = {
        .kind = XML_XCAP_ELEMENT, .sel = span_str("x"), .content = content};
    const struct xml_xcap_diff in = {
        .root = span_str(SW_ROOT), .items = &item, .count = 1};
    static uint8_t room[NOTIFY_MAX];
    struct xml_xcap_diff out;
    struct span text = {NULL, 0};
    struct xml_fault fault;
    struct wr w;

    wr_init(&w, room, sizeof(room));
    CU_ASSERT_EQUAL_FATAL(xml_xcap_diff_write(&w, &in), MU_OK);
    CU_ASSERT_EQUAL_FATAL(wr_close(&w, &text), MU_OK);
    CU_ASSERT_EQUAL_FATAL(
        xml_xcap_diff_read(text, &m->w.arena, &fault, &out), MU_OK);
    return value_of(out.items[0].content);
}

static uint64_t node_value(
    struct model *m, struct span text, const struct thing *t)
{
    MU_CLEANUP(buf_clear) struct buf content = {0};
    struct gms_watched *w = NULL;

    CU_ASSERT_EQUAL_FATAL(
        gms_watched_read(span_str(t->sel), "", &m->w.gktp, &m->w.arena, &w),
        MU_OK);
    if (xml_xcap_node(text, &w->uri, &content) != MU_OK)
        return 0;
    return content_value(m, buf_span(&content));
}

static uint64_t key_value(
    struct model *m, const struct device *d, const struct thing *t)
{
    char etag[GMS_KEYDOC_ETAG];
    struct span text = {NULL, 0};

    if (d->sees_all || d->who[0] != t->member)
        return 0;
    if (gms_keydoc_make(m->w.keeper.store, span_str(sw_group(t->group)),
            kw_uri(t->member), &m->w.arena, &text, etag) != MU_OK)
        return 0;
    return is_node(t) ? node_value(m, text, t) : value_of(span_str(etag));
}

static uint64_t group_value(
    struct model *m, const struct device *d, const struct thing *t)
{
    struct gms_doc doc = {.version = 0};

    if (!m->exists[t->group])
        return 0;
    if (!d->sees_all && !m->in[t->group][d->who[0] - 'a'])
        return 0;
    CU_ASSERT_EQUAL_FATAL(gms_store_doc(m->w.keeper.store,
                              span_str(sw_group(t->group)), &m->w.arena, &doc),
        MU_OK);
    if (is_node(t))
        return d->sees_all ? node_value(m, doc.text, t) : 0;
    return value_of(d->sees_all ? doc.etag : doc.reduced_etag);
}

/* What a GET by that subscriber would say. */
static uint64_t truth(
    struct model *m, const struct device *d, const struct thing *t)
{
    if (t->kind == NOTHING)
        return 0;
    return is_key(t) ? key_value(m, d, t) : group_value(m, d, t);
}

/* --------------------------------------------------------------- what is said
 */

static struct device *device_of(struct model *m, struct span call_id)
{
    for (size_t i = 0; i < DEVICES; i++)
        if (span_eq(span_str(m->devices[i].sip.call_id), call_id))
            return &m->devices[i];
    return NULL;
}

static void check_dialog(
    struct model *m, struct device *d, const struct fake_ask *ask, bool over)
{
    const struct sip_dialog *dialog = &ask->ask.dialog;

    CU_ASSERT_FATAL(d->live); /* terminated was the last */
    CU_ASSERT_PTR_NULL_FATAL(d->flight);
    CU_ASSERT_STRING_EQUAL(ask->ask.method, "NOTIFY");
    CU_ASSERT(dialog->local_cseq > d->cseq);
    /* The first one comes in the turn of the answer to its SUBSCRIBE. */
    CU_ASSERT(d->sip.to_tag[0] == '\0' ||
              span_eq(dialog->local_tag, span_str(d->sip.to_tag)));
    CU_ASSERT(span_eq(dialog->remote_tag, span_str(d->sip.tag)));
    CU_ASSERT_EQUAL(sw_is(ask, over ? "terminated" : "active;expires="), true);
    CU_ASSERT(mono_ms(m) >= d->not_before_ms);
}

static void check_item(struct model *m, struct device *d, size_t i,
    const struct xml_xcap_item *item)
{
    const struct thing *t = &m->things[i];
    uint64_t now = value_of(is_node(t) ? item->content : item->new_etag);

    CU_ASSERT(d->listed[i]);
    CU_ASSERT_EQUAL(item->kind == XML_XCAP_DOCUMENT, !is_node(t));
    CU_ASSERT_EQUAL(now, truth(m, d, t));
    CU_ASSERT_NOT_EQUAL(now, d->told[i]); /* news */
    if (is_node(t)) {
        CU_ASSERT_EQUAL(item->gone, now == 0);
    } else {
        CU_ASSERT_EQUAL(value_of(item->previous_etag), d->told[i]);
    }
    d->sent[i] = now;
}

static size_t thing_of(const struct model *m, struct span sel)
{
    for (size_t i = 0; i < m->thing_count; i++)
        if (span_eq(span_str(m->things[i].sel), sel))
            return i;
    CU_FAIL_FATAL("a thing that nobody asked for");
    return 0;
}

/* All of what is news is said, and without any there is no NOTIFY, but after a
 * SUBSCRIBE and at the end. */
static void check_items(
    struct model *m, struct device *d, const struct xml_xcap_diff *diff)
{
    bool has_key = false, over = d->last;

    for (size_t i = 0; i < THINGS; i++)
        d->sent[i] = d->told[i];
    for (size_t i = 0; i < diff->count; i++) {
        size_t at = thing_of(m, diff->items[i].sel);

        check_item(m, d, at, &diff->items[i]);
        has_key |= is_key(&m->things[at]);
        d->brings_keys |= m->things[at].kind == KEY_NODE && d->sent[at] != 0;
    }
    for (size_t i = 0; i < m->thing_count; i++)
        if (d->listed[i])
            CU_ASSERT_EQUAL(d->sent[i], truth(m, d, &m->things[i]));
    CU_ASSERT(diff->count > 0 || d->full || over);
    if (!has_key && !d->full && !over && !d->resumed && d->sent_ms > 0)
        CU_ASSERT(mono_ms(m) >= d->sent_ms + m->w.conf.min_interval_ms);
}

static void on_ask(void *ctx, struct fake_ask *ask)
{
    struct model *m = ctx;
    struct device *d = device_of(m, ask->ask.dialog.call_id);
    struct xml_xcap_diff diff;

    CU_ASSERT_PTR_NOT_NULL_FATAL(d); /* of an old dialog */
    if (d == NULL)
        return;
    d->last = d->ending || d->expires_ms <= unix_ms(m);
    check_dialog(m, d, ask, d->last);
    d->brings_keys = false;
    sw_diff(ask, &diff);
    check_items(m, d, &diff);
    d->flight = ask;
    d->cseq = ask->ask.dialog.local_cseq;
    d->ending = d->last;
    d->full_in_flight = d->full;
    d->full = d->stale = d->resumed = false;
    d->sent_ms = mono_ms(m);
    m->octets += ask->ask.body.len + HEAD;
}

/* ------------------------------------------------------------ what is answered
 */

static void is_told(struct device *d)
{
    for (size_t i = 0; i < THINGS && !d->stale; i++)
        d->told[i] = d->sent[i];
    d->tries = 0;
    d->not_before_ms = 0;
    d->live = !d->last;
}

static void is_asked_again(
    struct model *m, struct device *d, uint32_t retry_after_s)
{
    d->tries++;
    d->full |= d->full_in_flight;
    d->not_before_ms = mono_ms(m) + (uint64_t)retry_after_s * 1000;
    d->live = !d->last && d->tries < TRIES_MAX;
}

static void give_outcome(
    struct model *m, struct device *d, const struct sip_outcome *outcome)
{
    struct fake_ask *ask = d->flight;

    d->flight = NULL;
    fake_agent_outcome_of(m->w.agent, ask, outcome);
    sw_run(&m->w);
    fake_agent_tidy(m->w.agent);
}

/* His KMS is another one: that of what the NOTIFY brought. */
static void redirect(struct model *m, struct device *d)
{
    const struct sip_outcome outcome = {.status = 488,
        .type = span_str(XML_KRR_TYPE),
        .body = span_str("<KRR/>")};

    if (d->brings_keys && !d->last)
        is_told(d);
    else
        d->live = false;
    give_outcome(m, d, &outcome);
}

static void refuse(struct model *m, struct device *d)
{
    static const struct sip_outcome outcomes[] = {{.status = 500},
        {.status = 503, .retry_after_s = 7}, {.status = 480},
        {.status = 503, .retry_after_s = 90},
        {.status = 408, .unanswered = true, .repeated = true}, {.status = 481},
        {.status = 404}};
    size_t i = below(m, sizeof(outcomes) / sizeof(outcomes[0]));

    if (i < 4)
        is_asked_again(m, d, outcomes[i].retry_after_s);
    else
        d->live = false;
    give_outcome(m, d, &outcomes[i]);
}

static void confirm(struct model *m, struct device *d)
{
    const struct sip_outcome outcome = {.status = 200};

    is_told(d);
    give_outcome(m, d, &outcome);
}

static void answer(struct model *m, struct device *d)
{
    if (d->flight == NULL)
        return;
    switch (below(m, 8)) {
    case 0:
        redirect(m, d);
        break;
    case 1:
    case 2:
        refuse(m, d);
        break;
    default:
        confirm(m, d);
    }
}

/* ------------------------------------------------------------------- SUBSCRIBE
 */

static void list_thing(struct model *m, struct device *d, const char *sel)
{
    d->listed[thing_of(m, span_str(sel))] = true;
}

/* An entry of the list, and what it makes the device hear of. */
static const char *draw_entry(struct model *m, struct device *d)
{
    size_t i = below(m, m->thing_count + 4);
    char member = (char)('a' + (int)below(m, PEOPLE));

    if (i < m->thing_count) {
        d->listed[i] = true;
        return m->things[i].sel;
    }
    for (int g = 0; g < SW_GROUPS; g++)
        if (i % 2 == 0)
            list_thing(m, d, sw_document(g));
        else
            list_thing(m, d, sw_keys(g, member));
    return i % 2 == 0 ? SW_ALL_GROUPS : sw_all_keys(member);
}

static void draw_list(struct model *m, struct device *d, struct sw_want *want)
{
    size_t count = 1 + below(m, 5);

    memset(d->listed, 0, sizeof(d->listed));
    memset(d->told, 0, sizeof(d->told));
    d->stale = d->flight != NULL;
    for (size_t i = 0; i < count; i++)
        want->uris[i] = draw_entry(m, d);
}

/* No longer than the token is good: that of now, or the one before. */
static void draw_time(struct model *m, struct device *d, struct sw_want *want)
{
    static const uint32_t times[] = {60, 90, 600, 3600, 3600, 3600, 3600, 0};
    uint64_t now_s = unix_ms(m) / 1000, lasts_s;

    want->has_expires = true;
    want->expires_s = times[below(m, 8)];
    if (want->who != NULL || want->asserted != NULL)
        d->token_s = now_s + 3600;
    lasts_s = d->token_s > now_s ? d->token_s - now_s : 0;
    if (d->asserted != NULL || lasts_s > want->expires_s)
        lasts_s = want->expires_s;
    d->expires_ms = unix_ms(m) + lasts_s * 1000;
    d->ending = lasts_s == 0;
}

static struct sw_want want_of(const struct device *d)
{
    return (struct sw_want){
        .who = d->who, .asserted = d->asserted, .address = d->address};
}

static void begin(struct model *m, struct device *d)
{
    struct sw_want want = want_of(d);

    sw_device(&d->sip, ++m->dialogs);
    draw_list(m, d, &want);
    draw_time(m, d, &want);
    d->live = d->full = true;
    d->resumed = d->full_in_flight = false;
    d->tries = 0;
    d->cseq = 0;
    d->sent_ms = d->not_before_ms = 0;
    CU_ASSERT_EQUAL_FATAL(sw_subscribe(&m->w, &d->sip, &want)->status, 200);
}

static void refresh(struct model *m, struct device *d)
{
    struct sw_want want = want_of(d);

    if (below(m, 2) == 0)
        draw_list(m, d, &want);
    if (below(m, 3) == 0)
        want.who = want.asserted = NULL; /* on the word of the first one */
    draw_time(m, d, &want);
    d->full = true;
    d->tries = 0;
    d->not_before_ms = 0;
    CU_ASSERT_EQUAL(sw_subscribe(&m->w, &d->sip, &want)->status, 200);
}

/* Nothing follows from what is refused. */
static void refresh_wrongly(struct model *m, struct device *d)
{
    struct sw_want want = want_of(d);
    uint32_t behind = 0;
    unsigned status = 400;

    switch (below(m, 3)) {
    case 0:
        want.list = "<resource-lists/>";
        break;
    case 1:
        want.who = d->sees_all ? "a" : SW_OWNER;
        want.asserted = NULL;
        status = 403;
        break;
    default:
        behind = 2;
        status = 500;
    }
    if (d->ending)
        status = 481;
    d->sip.cseq -= behind;
    CU_ASSERT_EQUAL(sw_subscribe(&m->w, &d->sip, &want)->status, status);
    d->sip.cseq += behind;
}

static void subscribe(struct model *m, struct device *d)
{
    if (!d->live)
        begin(m, d);
    else if (d->ending || below(m, 4) == 0)
        refresh_wrongly(m, d);
    else
        refresh(m, d);
}

/* --------------------------------------------------------- what happens beside
 */

static void edit(struct model *m)
{
    int group = (int)below(m, SW_GROUPS);
    char members[PEOPLE + 1];
    size_t count = 0;

    m->exists[group] = below(m, 8) > 0 || !m->exists[group];
    for (int i = 0; i < PEOPLE; i++) {
        m->in[group][i] = m->exists[group] && below(m, 3) > 0;
        if (m->in[group][i])
            members[count++] = (char)('a' + i);
    }
    members[count] = '\0';
    sw_put(&m->w, group, m->exists[group] ? members : NULL);
}

static void rekey(struct model *m)
{
    int group = (int)below(m, SW_GROUPS);

    if (m->exists[group])
        sw_rekey(
            &m->w, group, below(m, 2) == 0 ? GMS_STOP_HARD : GMS_STOP_SOFT);
}

/* What was on its way is lost, with all that was put off; who was to be told
 * that it is over hears nothing. */
static void restart(struct model *m)
{
    for (size_t i = 0; i < DEVICES; i++) {
        struct device *d = &m->devices[i];

        if (d->flight != NULL)
            d->full |= d->full_in_flight;
        d->flight = NULL;
        d->live = d->live && !d->ending;
        d->tries = 0;
        d->not_before_ms = 0;
        d->resumed = true;
    }
    m->octets = 0;
    m->since_ms = mono_ms(m);
    subs_world_restart(&m->w);
    sw_run(&m->w);
}

static void check_budget(const struct model *m)
{
    const struct gms_conf_sip *conf = &m->w.conf;
    uint64_t passed_ms = mono_ms(m) - m->since_ms;

    if (conf->octets_per_s > 0)
        CU_ASSERT(m->octets <= conf->burst + NOTIFY_MAX +
                                   conf->octets_per_s * passed_ms / 1000);
}

static void check(struct model *m)
{
    size_t live = 0;

    for (size_t i = 0; i < DEVICES; i++) {
        struct device *d = &m->devices[i];

        d->ending |= d->live && d->expires_ms <= unix_ms(m);
        live += d->live && !d->ending ? 1 : 0;
    }
    CU_ASSERT_EQUAL(sw_stored(&m->w), live);
    check_budget(m);
}

static void happen(struct model *m)
{
    struct device *d = &m->devices[below(m, DEVICES)];

    switch (below(m, 16)) {
    case 0:
    case 1:
    case 2:
        subscribe(m, d);
        break;
    case 3:
        edit(m);
        break;
    case 4:
        rekey(m);
        break;
    case 5:
        sw_wait(&m->w, below(m, 8000));
        break;
    case 6:
        sw_wait(&m->w, below(m, 100000));
        break;
    case 7:
        if (below(m, 3) == 0)
            restart(m);
        break;
    default:
        answer(m, d);
    }
}

/* ---------------------------------------------------------------------- quiet
 */

static bool confirm_all(struct model *m)
{
    bool any = false;

    for (size_t i = 0; i < DEVICES; i++)
        if (m->devices[i].flight != NULL) {
            confirm(m, &m->devices[i]);
            any = true;
        }
    return any;
}

/* All members fetch their keys: a key that nobody has is put off, and put off.
 */
static void fetch_all(struct model *m)
{
    for (int g = 0; g < SW_GROUPS; g++)
        for (int i = 0; i < PEOPLE; i++)
            if (m->in[g][i])
                CU_ASSERT_EQUAL(
                    gms_keeper_accepted(m->w.keeper.keeper,
                        span_str(sw_group(g)), kw_uri((char)('a' + i))),
                    MU_OK);
}

/* Whatever comes is accepted, until nothing comes for a while. */
static void settle(struct model *m)
{
    unsigned quiet = 0;

    for (unsigned turn = 0; quiet < 20 && turn < 400; turn++) {
        fetch_all(m);
        sw_wait(&m->w, 5000);
        quiet = confirm_all(m) ? 0 : quiet + 1;
        check(m);
    }
}

static void check_quiet(struct model *m)
{
    for (size_t i = 0; i < DEVICES; i++) {
        struct device *d = &m->devices[i];

        CU_ASSERT_PTR_NULL(d->flight);
        if (!d->live)
            continue;
        CU_ASSERT_FALSE(d->full);
        CU_ASSERT_FALSE(d->ending);
        for (size_t t = 0; t < m->thing_count; t++)
            if (d->listed[t])
                CU_ASSERT_EQUAL(d->told[t], truth(m, d, &m->things[t]));
    }
}

static void model_init(struct model *m, uint64_t seed)
{
    static const char *const who[DEVICES] = {
        "a", "b", "c", "a", SW_OWNER, NULL};

    memset(m, 0, sizeof(*m));
    test_rng_init(&m->rng, seed);
    subs_world_init(&m->w);
    m->thing_count = make_things(m->things);
    for (size_t i = 0; i < DEVICES; i++) {
        struct device *d = &m->devices[i];

        d->who = who[i];
        d->asserted = who[i] == NULL ? SW_SERVER : NULL;
        d->sees_all = who[i] == NULL || who[i][1] != '\0';
        d->address = i % 2 == 0 ? "10.1.1.1" : "10.2.2.2";
    }
    m->w.agent->on_ask = on_ask;
    m->w.agent->ctx = m;
}

static void play(uint64_t seed, uint64_t octets_per_s, unsigned rounds)
{
    static struct model m;

    model_init(&m, seed);
    if (octets_per_s > 0) {
        m.w.conf.octets_per_s = octets_per_s;
        m.w.conf.burst = 4000;
        restart(&m);
    }
    for (unsigned round = 0; round < rounds; round++) {
        happen(&m);
        check(&m);
        mu_arena_clear(&m.w.arena);
        mu_arena_init(&m.w.arena, 64U << 20);
    }
    settle(&m);
    check_quiet(&m);
    subs_world_clear(&m.w);
}

static void everybody_is_told_all_that_he_may_know_and_nothing_else(void)
{
    for (uint64_t seed = 1; seed <= 20; seed++)
        play(seed, 0, 100);
}

static void budgets_are_kept(void)
{
    for (uint64_t seed = 101; seed <= 110; seed++)
        play(seed, 2000, 60);
}

CU_TestInfo gms_subs_model_tests[] = {
    {"everybody is told all that he may know and nothing else",
        everybody_is_told_all_that_he_may_know_and_nothing_else},
    {"budgets are kept", budgets_are_kept},
    CU_TEST_INFO_NULL,
};
